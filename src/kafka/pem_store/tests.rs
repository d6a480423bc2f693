use super::*;

const BROKER: &str = include_str!("../../../tests/fixtures/golden/rsa/broker.cert-signed");
const CA: &str = include_str!("../../../tests/fixtures/golden/rsa/ca-cert");
const KEY: &str = include_str!("../../../tests/fixtures/golden/rsa/broker.key");
const PBES2_KEY: &str = include_str!("../../../tests/fixtures/keys_foreign/openssl-rsa-pbes2.pem");
const KEYSTORE: &str = include_str!("../../../tests/fixtures/golden/rsa/broker.keystore.pem");
const REQUEST: &str = include_str!("../../../tests/fixtures/golden/rsa/broker.cert-file");

fn chain(text: &str) -> Result<PemKeyStore, PemStoreError> {
    PemKeyStore::read(KEY.as_bytes(), text.as_bytes(), None)
}

fn on_one_line(pem: &str) -> String {
    pem.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_file_holds_key_and_chain() {
    let store = PemKeyStore::read(KEYSTORE.as_bytes(), KEYSTORE.as_bytes(), None).unwrap();
    assert_eq!((store.chain.len(), store.key.encryption(), store.traps.as_slice()), (2, None, &[][..]));
    assert_eq!(store, chain(&format!("{BROKER}{CA}")).unwrap());
    assert!(!format!("{store:?}").contains(&format!("{:?}", &store.key.as_pkcs8()[..4])), "a key is shown");
}

#[test]
fn the_order_of_the_chain_is_that_of_the_text() {
    assert_eq!(chain(&format!("{CA}{BROKER}")), Err(PemStoreError::Chain(1)));
    assert_eq!(chain(&format!("{BROKER}{CA}{CA}")), Err(PemStoreError::Chain(3)));
    assert_eq!(PemTrustStore::read(format!("{BROKER}{CA}{CA}").as_bytes()).unwrap().certificates.len(), 3);
}

#[test]
fn what_kafka_finds_is_what_its_expression_finds() {
    let count = |text: &str| PemTrustStore::read(text.as_bytes()).map(|store| store.certificates.len());
    assert_eq!(count(&format!("subject=x\n{CA}Bag: y\n{BROKER}")), Ok(2));
    assert_eq!(count(CA.trim_end()), Ok(1));
    assert_eq!(count(&CA.replace('\n', "\r\n")), Ok(1));
    assert_eq!(count(&CA.replace("CERTIFICATE", "TRUSTED CERTIFICATE")), Ok(1));
    assert_eq!(count(&CA.replace("CERTIFICATE-----\n", "CERTIFICATE-----\nComment: a: b\n\n")), Ok(1));
    assert_eq!(count(&on_one_line(CA).replace("BEGIN ", "BEGIN  ")), Ok(1));
    // What a properties file makes of lines that end with a backslash.
    let none = Err(PemStoreError::NoEntries(PemName::Certificate));
    assert_eq!(count(&CA.replace('\n', "")), none);
    assert_eq!(count(KEY), none);
    assert_eq!(count(""), none);
}

#[test]
fn of_a_chain_on_one_line_the_last_is_left() {
    let store = PemTrustStore::read(on_one_line(&format!("{BROKER}{CA}")).as_bytes()).unwrap();
    assert_eq!(store.traps, [PemTrap::LostCertificates { written: 2, read: 1 }]);
    assert_eq!(store.certificates, PemTrustStore::read(CA.as_bytes()).unwrap().certificates);
}

#[test]
fn what_is_no_certificate_is_refused() {
    let request = REQUEST.replace("NEW CERTIFICATE", "CERTIFICATE");
    assert_eq!(PemTrustStore::read(request.as_bytes()), Err(PemStoreError::NotACertificate(1)));
    let text = "-----BEGIN CERTIFICATE-----\nab=c\n-----END CERTIFICATE-----\n";
    assert_eq!(PemTrustStore::read(text.as_bytes()), Err(PemStoreError::NotBase64(PemName::Certificate)));
    let text = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
    assert_eq!(PemTrustStore::read(text.as_bytes()), Err(PemStoreError::NotACertificate(1)));
}

#[test]
fn keys_are_pkcs8_and_as_encrypted_as_it_is_said() {
    let key =
        |text: &str, password| PemKeyStore::read(text.as_bytes(), BROKER.as_bytes(), password).map(|store| store.key);
    assert_eq!(key(&format!("{KEY}{KEY}"), None), Err(PemStoreError::SeveralKeys(2)));
    assert_eq!(key(BROKER, None), Err(PemStoreError::NoEntries(PemName::PrivateKey)));
    assert_eq!(key(KEY, Some("secret")), Err(PemStoreError::PlainKey));
    assert_eq!(key(PBES2_KEY, None), Err(PemStoreError::EncryptedKey));
    assert_eq!(key(PBES2_KEY, Some("wrong")), Err(PemStoreError::WrongPassword));
    let read = key(PBES2_KEY, Some("test1234")).unwrap();
    assert!(read.encryption().unwrap().starts_with("PBES2 "), "{read:?}");
}

#[test]
fn hostile_texts_end() {
    let begins = "-----BEGIN CERTIFICATE".repeat(MAX_STORE / 22);
    assert_eq!(PemTrustStore::read(begins.as_bytes()), Err(PemStoreError::TooComplex));
    let lines = format!("-----BEGIN CERTIFICATE-----\n{}", "a:b\n".repeat(200_000));
    assert!(PemTrustStore::read(lines.as_bytes()).is_err());
    assert_eq!(PemTrustStore::read(&vec![b'-'; MAX_STORE + 1]), Err(PemStoreError::TooLarge(MAX_STORE + 1)));
    let many = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n".repeat(MAX_CERTIFICATES + 1);
    assert_eq!(PemTrustStore::read(many.as_bytes()), Err(PemStoreError::TooMany(MAX_CERTIFICATES + 1)));
}
