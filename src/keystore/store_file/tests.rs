//! Stores of keytool and OpenSSL, and of this program, read and changed.

use super::*;
use crate::keystore::PrivateKeyEntry;
use crate::random::SystemRandom;

macro_rules! fixture {
    ($file:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/", $file)).as_slice()
    };
}

const CA: &[u8] = fixture!("pkcs12/ca.der");
const BROKER: &[u8] = fixture!("pkcs12/broker1.der");
const BROKER_KEY: &[u8] = fixture!("pkcs12/broker1.key.der");
const RENEWED: &[u8] = fixture!("pkcs12/renewed.der");
const RENEWED_KEY: &[u8] = fixture!("pkcs12/renewed.key.der");
const JDK_17: &[u8] = fixture!("pkcs12/jdk17.p12");
const JDK_LEGACY: &[u8] = fixture!("pkcs12/jdk-legacy.p12");
const OPENSSL: &[u8] = fixture!("pkcs12/openssl.p12");
const OPENSSL_NOKEYS: &[u8] = fixture!("pkcs12/openssl-nokeys.p12");
const OPENSSL_NOMAC: &[u8] = fixture!("pkcs12/openssl-nomac.p12");
const OPENSSL_NONAME: &[u8] = fixture!("pkcs12/openssl-noname.p12");
const JKS: &[u8] = fixture!("jks/keytool.jks");

/// Those with an encrypted key, and the alias that it has for Java.
const KEYSTORES: [(&str, &[u8], &str); 8] = [
    ("jdk17", JDK_17, "broker1"),
    ("jdk25", fixture!("pkcs12/jdk25.p12"), "broker1"),
    ("jdk-legacy", JDK_LEGACY, "broker1"),
    ("openssl", OPENSSL, "broker1"),
    ("openssl-legacy", fixture!("pkcs12/openssl-legacy.p12"), "broker1"),
    ("openssl-nomac", OPENSSL_NOMAC, "broker1"),
    ("openssl-noname", OPENSSL_NONAME, "1"),
    ("openssl-sha512", fixture!("pkcs12/openssl-sha512.p12"), "broker1"),
];

fn password(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned())).unwrap()
}

fn open(bytes: &[u8]) -> StoreFile {
    StoreFile::open(bytes, &password("storepass")).unwrap()
}

fn refusal(bytes: &[u8]) -> String {
    StoreFile::open(bytes, &password("storepass")).unwrap_err().to_string()
}

/// Writes a store and opens it again.
fn again(store: &StoreFile) -> StoreFile {
    open(&store.to_bytes(&SystemRandom).unwrap())
}

/// Returns each entry with how many certificates it has.
fn listing(store: &StoreFile) -> Vec<(&str, EntryKind, usize)> {
    let certificates = |content: &StoreContent<'_>| match content {
        StoreContent::PrivateKey { chain } => chain.len(),
        StoreContent::SecretKey => 0,
        StoreContent::TrustedCertificate(_) => 1,
    };
    store.entries().into_iter().map(|e| (e.alias, e.content.kind(), certificates(&e.content))).collect()
}

fn chain<'a>(store: &'a StoreFile, alias: &str) -> Vec<&'a [u8]> {
    match store.entry(alias).unwrap().content {
        StoreContent::PrivateKey { chain } => chain,
        other => panic!("{other:?}"),
    }
}

fn trusted(alias: &str, certificate: &[u8]) -> Entry {
    let content = EntryContent::TrustedCertificate(certificate.to_vec());
    Entry { alias: alias.parse().unwrap(), created: OffsetDateTime::UNIX_EPOCH, content }
}

fn key(alias: &str, created_ms: i64) -> Entry {
    let key = Zeroizing::new(RENEWED_KEY.to_vec());
    let content = EntryContent::PrivateKey(PrivateKeyEntry { key, chain: vec![RENEWED.to_vec(), CA.to_vec()] });
    let created = OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(created_ms);
    Entry { alias: alias.parse().unwrap(), created, content }
}

fn remarks(store: &StoreFile) -> Vec<String> {
    store.remarks().iter().map(ToString::to_string).collect()
}

#[test]
fn entries_are_those_that_java_finds() {
    use EntryKind::{PrivateKey, SecretKey, TrustedCertificate};
    for (name, bytes, alias) in KEYSTORES {
        let store = open(bytes);
        assert_eq!(store.format(), StoreFormat::Pkcs12, "{name}");
        let mut found = listing(&store);
        found.sort_by_key(|(alias, ..)| *alias);
        if name.starts_with("jdk") {
            let expected = [
                ("broker1", PrivateKey, 2),
                ("caroot", TrustedCertificate, 1),
                ("client", PrivateKey, 1),
                ("secret", SecretKey, 0),
            ];
            assert_eq!(found, expected, "{name}");
            let year_2020 = 1_577_836_800_000;
            assert!(store.entry(alias).unwrap().created.unwrap() > year_2020, "{name}");
        } else {
            assert_eq!(found, [(alias, PrivateKey, 2)], "{name}");
            assert_eq!(chain(&store, alias), [BROKER, CA], "{name}");
            assert_eq!(store.private_key(alias, None).unwrap().as_slice(), BROKER_KEY, "{name}");
            assert_eq!(store.entry(alias).unwrap().created, None, "{name}");
        }
    }
    assert_eq!(listing(&open(OPENSSL_NOKEYS)), []);
    assert_eq!(listing(&open(fixture!("pkcs12/openssl-plain.p12"))), []);
}

#[test]
fn what_java_does_not_see_is_remarked() {
    assert_eq!(remarks(&open(JDK_17)), [""; 0]);
    assert_eq!(remarks(&open(OPENSSL)), [""; 0]);
    assert_eq!(
        remarks(&open(OPENSSL_NOMAC)),
        ["the store has no MAC, so nothing proves that its content is as it was written"]
    );
    assert_eq!(
        remarks(&open(OPENSSL_NOKEYS)),
        ["Java does not see 2 certificates in the store: they belong to no key and are not marked as trusted",]
    );
    assert_eq!(
        remarks(&open(fixture!("pkcs12/openssl-plain.p12"))),
        [
            "Java does not see 2 certificates in the store: they belong to no key and are not marked as trusted",
            "Java does not see 1 private key in the store: it is not encrypted, or names no certificate",
        ]
    );
}

#[test]
fn a_store_that_is_not_changed_keeps_its_bytes() {
    for (name, bytes, _) in KEYSTORES {
        assert_eq!(open(bytes).to_bytes(&SystemRandom).unwrap(), bytes, "{name}");
    }
    assert_eq!(open(JKS).to_bytes(&SystemRandom).unwrap(), JKS);
}

#[test]
fn a_trusted_certificate_is_added_and_the_rest_stays() {
    for (name, bytes, alias) in KEYSTORES.into_iter().chain([("jks", JKS, "broker1")]) {
        let before = open(bytes);
        let mut store = open(bytes);
        store.add(trusted("Another", RENEWED), None, &SystemRandom).unwrap();
        let after = again(&store);
        assert_eq!(after.entries().len(), before.entries().len() + 1, "{name}");
        for entry in before.entries() {
            assert_eq!(after.entry(entry.alias).as_ref(), Some(&entry), "{name}");
        }
        assert_eq!(after.entry("another").unwrap().content, StoreContent::TrustedCertificate(RENEWED), "{name}");
        assert_eq!(after.private_key(alias, None).unwrap(), before.private_key(alias, None).unwrap(), "{name}");
        assert_eq!(after.remarks(), before.remarks(), "{name}");
    }
}

#[test]
fn the_encrypted_keys_stay_byte_for_byte() {
    for (name, bytes, alias) in KEYSTORES {
        let mut store = open(bytes);
        let before = encrypted_keys(&store);
        assert!(!before.is_empty(), "{name}");
        store.replace_chain(alias, vec![RENEWED.to_vec(), CA.to_vec()], &SystemRandom).unwrap();
        let changed = store.to_bytes(&SystemRandom).unwrap();
        assert_eq!(encrypted_keys(&open(&changed)), before, "{name}");
        // The content with the keys is not encrypted, so that its bytes can be seen.
        for key in before {
            assert!(changed.windows(key.len()).any(|window| window == key), "{name}");
        }
    }
}

fn encrypted_keys(store: &StoreFile) -> Vec<Vec<u8>> {
    match &store.store {
        Store::Pkcs12(store) => store.encrypted_keys(),
        Store::Jks(_) | Store::NewPkcs12 => Vec::new(),
    }
}

#[test]
fn a_chain_is_replaced_and_the_rest_stays() {
    for (name, bytes, alias) in KEYSTORES.into_iter().chain([("jks", JKS, "broker1")]) {
        let before = open(bytes);
        let mut store = open(bytes);
        store.replace_chain(&alias.to_uppercase(), vec![RENEWED.to_vec(), CA.to_vec()], &SystemRandom).unwrap();
        let after = again(&store);
        assert_eq!(chain(&after, alias), [RENEWED, CA], "{name}");
        assert_eq!(after.entry(alias).unwrap().created, before.entry(alias).unwrap().created, "{name}");
        assert_eq!(after.private_key(alias, None).unwrap(), before.private_key(alias, None).unwrap(), "{name}");
        assert_eq!(listing(&after), listing(&before), "{name}");
        for entry in before.entries().iter().filter(|entry| entry.alias != alias) {
            assert_eq!(after.entry(entry.alias).as_ref(), Some(entry), "{name}");
        }
        // Nothing of the old chain is left behind.
        assert_eq!(after.remarks(), before.remarks(), "{name}");
    }
}

#[test]
fn a_key_is_added_and_paired_with_its_own_certificate() {
    for (name, bytes, alias) in KEYSTORES.into_iter().chain([("jks", JKS, "broker1")]) {
        let before = open(bytes);
        // As if made in the very millisecond in which another key was.
        let created = before.entry(alias).unwrap().created.unwrap_or(1);
        let mut store = open(bytes);
        store.add(key("broker2", created), None, &SystemRandom).unwrap();
        store.add(key("broker3", created), None, &SystemRandom).unwrap();
        let after = again(&store);
        for entry in before.entries() {
            assert_eq!(after.entry(entry.alias).as_ref(), Some(&entry), "{name}");
        }
        for added in ["broker2", "broker3"] {
            assert_eq!(chain(&after, added), [RENEWED, CA], "{name}");
            assert_eq!(after.private_key(added, None).unwrap().as_slice(), RENEWED_KEY, "{name}");
        }
        assert_eq!(after.remarks(), before.remarks(), "{name}");
    }
}

#[test]
fn an_entry_is_added_to_a_store_without_any_like_it() {
    let mut store = open(OPENSSL_NOKEYS);
    store.add(key("broker2", 1), None, &SystemRandom).unwrap();
    store.add(trusted("caroot", CA), None, &SystemRandom).unwrap();
    let mut after = again(&store);
    assert_eq!(chain(&after, "broker2"), [RENEWED, CA]);
    // The CA is in the chain now; the other certificate belongs to nothing still.
    assert_eq!(after.remarks(), [StoreRemark::UnseenCertificates(1)]);

    after.replace_chain("broker2", vec![BROKER.to_vec()], &SystemRandom).unwrap();
    assert_eq!(chain(&again(&after), "broker2"), [BROKER, CA], "Java goes on to the issuer that is in the file");

    let empty = KeyStore::new().to_pkcs12(&password("storepass"), &SystemRandom).unwrap();
    let mut store = open(&empty);
    store.add(trusted("caroot", CA), None, &SystemRandom).unwrap();
    store.add(key("broker2", 1), None, &SystemRandom).unwrap();
    assert_eq!(again(&store).entries().len(), 2);
}

#[test]
fn a_chain_that_another_key_needs_stays() {
    let jdk = open(JDK_17);
    let self_signed = chain(&jdk, "client")[0];
    let mut store = open(OPENSSL);
    store.add(key("broker2", 1), None, &SystemRandom).unwrap();
    store.replace_chain("broker2", vec![self_signed.to_vec()], &SystemRandom).unwrap();
    let after = again(&store);
    assert_eq!(chain(&after, "broker1"), [BROKER, CA]);
    assert_eq!(chain(&after, "broker2"), [self_signed]);
    assert_eq!(after.remarks(), []);
}

#[test]
fn an_alias_that_is_taken_is_refused_in_any_case() {
    for bytes in [JDK_17, JKS] {
        let mut store = open(bytes);
        let error = store.add(trusted("BROKER1", CA), None, &SystemRandom).unwrap_err();
        assert_eq!(error.to_string(), "the store has a private key under `broker1`");
        let error = store.add(key("CaRoot", 1), None, &SystemRandom).unwrap_err();
        assert_eq!(error.to_string(), "the store has a trusted certificate under `caroot`");
        assert_eq!(store.to_bytes(&SystemRandom).unwrap(), bytes);
    }
}

#[test]
fn what_is_no_private_key_has_none_and_no_chain() {
    for bytes in [JDK_17, JKS] {
        let mut store = open(bytes);
        for (alias, message) in [
            ("CARoot", "the entry `caroot` is a trusted certificate and not a private key"),
            ("nobody\u{1b}", "the store has no entry under `nobody\\u{1b}`"),
        ] {
            assert_eq!(store.private_key(alias, None).unwrap_err().to_string(), message);
            assert_eq!(store.replace_chain(alias, vec![CA.to_vec()], &SystemRandom).unwrap_err().to_string(), message);
        }
        let error = store.replace_chain("broker1", Vec::new(), &SystemRandom).unwrap_err();
        assert_eq!(error.to_string(), "a private key needs a certificate");
    }
    let error = open(JDK_17).private_key("secret", None).unwrap_err();
    assert_eq!(error.to_string(), "the entry `secret` is a secret key and not a private key");
}

#[test]
fn a_key_in_jks_may_have_a_password_of_its_own() {
    let mut store = open(JKS);
    let own = password("clientpass");
    assert!(store.private_key("client", Some(&own)).is_ok());
    for wrong in [None, Some(&password("sesame"))] {
        let error = store.private_key("client", wrong).unwrap_err();
        assert_eq!(error.to_string(), "wrong password for the private key `client`, or the key is damaged");
    }
    store.add(key("broker2", 1), Some(&own), &SystemRandom).unwrap();
    let after = again(&store);
    assert!(after.private_key("broker2", None).is_err());
    assert_eq!(after.private_key("broker2", Some(&own)).unwrap().as_slice(), RENEWED_KEY);
}

#[test]
fn a_key_in_pkcs12_has_the_password_of_the_store() {
    let mut store = open(JDK_17);
    let (own, same) = (password("clientpass"), password("storepass"));
    let message = "a key in a PKCS#12 store has no password but the store's";
    assert_eq!(store.private_key("client", Some(&own)).unwrap_err().to_string(), message);
    assert_eq!(store.add(key("broker2", 1), Some(&own), &SystemRandom).unwrap_err().to_string(), message);
    assert!(store.private_key("client", Some(&same)).is_ok());
    assert!(store.add(key("broker2", 1), Some(&same), &SystemRandom).is_ok());
}

#[test]
fn an_alias_of_jks_is_found_whatever_its_case() {
    let content = || JksContent::TrustedCertificate(CA.to_vec());
    let entry = |alias: &str, created_ms| JksEntry { alias: alias.to_owned(), created_ms, content: content() };
    let jks = Jks { entries: vec![entry("CARoot", 1), entry("caroot", 2), entry("Other", 3)] };
    let store = open(&jks.encode("storepass").unwrap());
    let created = |alias: &str| store.entry(alias).unwrap().created.unwrap();
    assert_eq!([created("CARoot"), created("caroot"), created("CAROOT"), created("other")], [1, 2, 1, 3]);
    assert_eq!(
        remarks(&store),
        ["CARoot", "Other"]
            .map(|alias| format!("Java does not find the entry `{alias}`: it looks for aliases in lower case"))
    );
}

#[test]
fn a_wrong_password_is_told_apart_from_another_format() {
    for (name, bytes, _) in KEYSTORES.into_iter().chain([("jks", JKS, ""), ("nokeys", OPENSSL_NOKEYS, "")]) {
        let error = StoreFile::open(bytes, &password("sesame")).unwrap_err();
        assert!(matches!(error, StoreFileError::WrongPassword), "{name}: {error:?}");
    }
    let cases: [(&[u8], &str); 10] = [
        (b"", "the store is an empty file"),
        (b"\xce\xce\xce\xce\0\0\0\x02", "the store is of the type JCEKS, which is not supported"),
        (b"\0\0\0\x02\0\0\0\x14salt", "the store is of the type BKS, which Java alone does not read"),
        (b"Bag Attributes\n-----BEGIN CERTIFICATE-----\n", "the file is PEM and no keystore"),
        (b"keystore", "the file is neither a JKS nor a PKCS#12 store"),
        (CA, "the file is neither a JKS nor a PKCS#12 store"),
        (RENEWED_KEY, "the file is neither a JKS nor a PKCS#12 store"),
        (b"\x30\x80\x02\x01\x03", "the PKCS#12 store cannot be used"),
        (&OPENSSL[..OPENSSL.len() - 1], "the PKCS#12 store cannot be used"),
        (&JKS[..JKS.len() - 1], "wrong password for the store, or the store is damaged"),
    ];
    for (bytes, message) in cases {
        assert_eq!(refusal(bytes), message);
    }
    assert_eq!(refusal(&vec![0x30; MAX_SIZE + 1]), "the store has 16777217 bytes, 16777216 are the most that are read");
}

#[test]
fn stores_of_this_program_are_read() {
    let mut new = KeyStore::new();
    new.add(key("broker2", 1_700_000_000_123)).unwrap();
    new.add(trusted("caroot", CA)).unwrap();
    let password = password("storepass");
    let jks = new.to_jks(&password, &password, &SystemRandom).unwrap();
    for bytes in [new.to_pkcs12(&password, &SystemRandom).unwrap(), jks] {
        let store = open(&bytes);
        assert_eq!(chain(&store, "broker2"), [RENEWED, CA]);
        assert_eq!(store.entry("broker2").unwrap().created, Some(1_700_000_000_123));
        assert_eq!(store.entry("caroot").unwrap().content, StoreContent::TrustedCertificate(CA));
        assert_eq!(store.remarks(), []);
    }
}
