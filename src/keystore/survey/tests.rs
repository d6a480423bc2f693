//! Stores of keytool, OpenSSL and of our own, whole, damaged and hostile.

mod damage;
mod hostile;

use time::OffsetDateTime;

use super::*;
use crate::keystore::jks::Jks;
use crate::keystore::{Entry, EntryContent, KeyStore, PrivateKeyEntry, StoreContent, StoreFile};
use crate::random::SystemRandom;

macro_rules! fixture {
    ($file:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/", $file)).as_slice()
    };
}

const JDK17: &[u8] = fixture!("pkcs12/jdk17.p12");
const OPENSSL: &[u8] = fixture!("pkcs12/openssl.p12");
const CA: &[u8] = fixture!("pkcs12/ca.der");
const JCEKS: &[u8] = fixture!("jks/keytool.jceks");
const BROKER: &[u8] = fixture!("pkcs12/broker1.der");
const KEY: &[u8] = fixture!("pkcs12/broker1.key.der");

fn password(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned())).unwrap()
}

fn open(bytes: &[u8]) -> Result<StoreSurvey, SurveyError> {
    StoreSurvey::read(bytes, Some(&password("storepass")), None)
}

fn closed(bytes: &[u8]) -> Result<StoreSurvey, SurveyError> {
    StoreSurvey::read(bytes, None, None)
}

/// A key with a chain of two, and the CA: once as JKS, once as PKCS#12 with few iterations.
fn own_stores() -> [Vec<u8>; 2] {
    let mut store = KeyStore::new();
    let key = PrivateKeyEntry { key: Zeroizing::new(KEY.to_vec()), chain: vec![BROKER.to_vec(), CA.to_vec()] };
    let contents = [EntryContent::PrivateKey(key), EntryContent::TrustedCertificate(CA.to_vec())];
    for (alias, content) in ["broker1", "caroot"].into_iter().zip(contents) {
        let entry = Entry { alias: alias.parse().unwrap(), created: OffsetDateTime::UNIX_EPOCH, content };
        store.add(entry).unwrap();
    }
    let password = password("storepass");
    [store.to_jks(&password, &password, &SystemRandom).unwrap(), store.to_pkcs12(&password, &SystemRandom).unwrap()]
}

/// Returns the entries as `alias kind certificates state`.
fn lines(survey: &StoreSurvey) -> Vec<String> {
    let label = |der: &Arc<[u8]>| match &**der {
        CA => "ca",
        BROKER => "broker",
        _ => "other",
    };
    let text = |entry: &SurveyEntry| match &entry.content {
        SurveyContent::PrivateKey { chain, key } => {
            let chain: Vec<&str> = chain.iter().map(label).collect();
            format!("{}: key {key:?} {}", entry.alias, chain.join(" "))
        }
        SurveyContent::SecretKey => format!("{}: secret", entry.alias),
        SurveyContent::TrustedCertificate(der) => format!("{}: trusted {}", entry.alias, label(der)),
    };
    survey.entries().iter().map(text).collect()
}

#[test]
fn a_store_of_openssl_is_seen_whole() {
    let survey = open(OPENSSL).unwrap();
    assert_eq!(lines(&survey), ["broker1: key Open(…) broker ca"]);
    assert_eq!(*survey.integrity(), Integrity::Checked);
    let SurveyContent::PrivateKey { key: KeyState::Open(key), .. } = &survey.entries()[0].content else {
        panic!("{survey:?}")
    };
    assert_eq!(key.as_slice(), KEY);
    let algorithm = "PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC".to_owned();
    let of = |what, algorithm| Protection { what, algorithm, iterations: Some(10) };
    let expected = [
        of(Protected::Whole, "HMAC-SHA256".to_owned()),
        of(Protected::Content, algorithm.clone()),
        of(Protected::Key(Some("broker1".to_owned())), algorithm),
    ];
    assert_eq!(survey.protections(), expected);
    assert_eq!(survey.limits(), [ReaderLimit::OldJava, ReaderLimit::JavaWithoutPassword]);
}

#[test]
fn without_a_password_what_is_encrypted_is_counted() {
    let survey = closed(JDK17).unwrap();
    assert_eq!(lines(&survey), ["broker1: key NoPassword ", "client: key NoPassword ", "secret: secret"]);
    assert_eq!(*survey.integrity(), Integrity::NotChecked);
    let [part] = survey.closed() else { panic!("{survey:?}") };
    assert_eq!(part.reason, ClosedReason::NoPassword);
    assert_eq!(survey.remarks(), []);
}

#[test]
fn a_store_is_seen_as_a_file_that_was_opened() {
    let stores = [
        fixture!("pkcs12/jdk17.p12"),
        fixture!("pkcs12/jdk25.p12"),
        fixture!("pkcs12/openssl-noname.p12"),
        fixture!("pkcs12/openssl-nomac.p12"),
        fixture!("pkcs12/openssl-nokeys.p12"),
        fixture!("pkcs12/openssl-plain.p12"),
        fixture!("jks/keytool.jks"),
    ];
    for bytes in stores {
        let survey = open(bytes).unwrap();
        let file = StoreFile::open(bytes, &password("storepass")).unwrap();
        assert_eq!(survey.remarks(), file.remarks());
        assert_eq!(survey.entries().len(), file.entries().len());
        for (seen, entry) in survey.entries().iter().zip(file.entries()) {
            assert_eq!((seen.alias.as_str(), seen.created), (entry.alias, entry.created));
            match (&seen.content, &entry.content) {
                (SurveyContent::PrivateKey { chain, key }, StoreContent::PrivateKey { chain: expected }) => {
                    assert_eq!(chain.iter().map(|der| &**der).collect::<Vec<_>>(), *expected);
                    let opened = file.private_key(entry.alias, None).ok();
                    assert_eq!(opened.map_or(KeyState::WrongPassword, KeyState::Open), *key);
                }
                (SurveyContent::TrustedCertificate(der), StoreContent::TrustedCertificate(expected)) => {
                    assert_eq!(**der, **expected);
                }
                (seen, entry) => assert_eq!(seen.kind(), entry.kind()),
            }
        }
    }
}

#[test]
fn a_key_with_a_password_of_its_own_opens_with_it() {
    let of_client = |survey: &StoreSurvey| {
        let entry = survey.entries().iter().find(|entry| entry.alias == "client").unwrap();
        let SurveyContent::PrivateKey { key, .. } = &entry.content else { panic!("{entry:?}") };
        key.clone()
    };
    for bytes in [fixture!("jks/keytool.jks"), JCEKS] {
        assert_eq!(of_client(&closed(bytes).unwrap()), KeyState::NoPassword);
        assert_eq!(of_client(&open(bytes).unwrap()), KeyState::WrongPassword);
        for store_password in [None, Some(password("storepass"))] {
            let survey = StoreSurvey::read(bytes, store_password.as_ref(), Some(&password("clientpass"))).unwrap();
            assert!(matches!(of_client(&survey), KeyState::Open(_)), "{survey:?}");
        }
    }
}

#[test]
fn a_jks_store_is_seen_without_a_password() {
    let survey = closed(fixture!("jks/keytool.jks")).unwrap();
    assert_eq!((survey.format(), survey.integrity()), (SurveyFormat::Jks { version: 2 }, &Integrity::NotChecked));
    let seen: Vec<_> = survey.entries().iter().map(|entry| (entry.alias.as_str(), entry.content.kind())).collect();
    let opened = open(fixture!("jks/keytool.jks")).unwrap();
    assert_eq!(
        seen,
        opened.entries().iter().map(|entry| (entry.alias.as_str(), entry.content.kind())).collect::<Vec<_>>()
    );
    assert_eq!(seen.len(), 4);
    assert_eq!(survey.limits(), [ReaderLimit::OnlyJava(SurveyFormat::Jks { version: 2 })]);
    assert_eq!(survey.protections()[0].algorithm, "SHA-1 digest");
}

#[test]
fn a_jceks_store_is_seen_with_what_is_behind_its_secret_keys() {
    let survey = open(JCEKS).unwrap();
    assert_eq!(
        lines(&survey),
        [
            "secret: secret",
            "client: key WrongPassword other",
            "caroot: trusted other",
            "broker1: key Open(…) other",
            "mac: secret"
        ]
    );
    assert_eq!((survey.unread_entries(), survey.integrity()), (0, &Integrity::Checked));
    let key = Protected::Key(Some("broker1".to_owned()));
    let algorithm = "PBEWithMD5AndTripleDES".to_owned();
    assert!(survey.protections().contains(&Protection { what: key, algorithm, iterations: Some(10_000) }));
}

#[test]
fn entries_behind_a_secret_key_without_an_end_are_counted() {
    let mut bytes = JCEKS.to_vec();
    let class = bytes.windows(8).position(|window| window == b"sun.cryp").unwrap();
    // A flag that is not `SC_SERIALIZABLE` alone: a class that writes what it likes.
    let flags = class + "sun.crypto.provider.SealedObjectForKeyProtector".len() + 8;
    assert_eq!(bytes[flags..flags + 3], [2, 0, 0]);
    bytes[flags] = 3;
    let survey = closed(&bytes).unwrap();
    assert_eq!(lines(&survey), ["secret: secret"]);
    assert_eq!(survey.unread_entries(), 4);
}

#[test]
fn a_wrong_password_is_told_from_damage() {
    let wrong = |bytes: &[u8]| StoreSurvey::read(bytes, Some(&password("sesame")), None).unwrap_err();
    for bytes in [OPENSSL, fixture!("jks/keytool.jks"), JCEKS] {
        assert_eq!(wrong(bytes), SurveyError::WrongPasswordOrDamaged);
        let cut = wrong(&bytes[..bytes.len() - 30]);
        assert!(matches!(cut, SurveyError::CutShort { .. } | SurveyError::Damaged { .. }), "{cut}");
    }
    let expected = SurveyError::CutShort { length: 500, expected: OPENSSL.len() };
    assert_eq!(open(&OPENSSL[..500]).unwrap_err(), expected);
    // The right one opens a key, so it is the content that is another one.
    let mut changed = fixture!("jks/keytool.jks").to_vec();
    let last = changed.len() - 1;
    changed[last] ^= 1;
    assert_eq!(open(&changed).unwrap_err(), SurveyError::Changed);
    let mut changed = OPENSSL.to_vec();
    let mac = changed.windows(9).rposition(|window| window == [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1]).unwrap();
    changed[mac + 13] ^= 1;
    assert_eq!(open(&changed).unwrap_err(), SurveyError::Changed);
}

#[test]
fn what_else_a_file_is_is_said() {
    let cases: [(&[u8], SurveyError); 6] = [
        (b"", SurveyError::Empty),
        (b"-----BEGIN CERTIFICATE-----", SurveyError::Pem),
        (&[0, 0, 0, 2, 0, 0, 0, 20, 1, 2, 3], SurveyError::Bks),
        (b"PK\x03\x04", SurveyError::Unrecognised),
        (CA, SurveyError::Unrecognised),
        (KEY, SurveyError::Unrecognised),
    ];
    for (bytes, error) in cases {
        assert_eq!(closed(bytes).unwrap_err(), error);
    }
    let large = vec![0x30; MAX_SURVEY + 1];
    assert_eq!(closed(&large).unwrap_err(), SurveyError::TooLarge(MAX_SURVEY + 1));
}

#[test]
fn what_java_does_not_see_is_shown() {
    let survey = open(fixture!("pkcs12/openssl-nokeys.p12")).unwrap();
    assert_eq!(lines(&survey), [""; 0]);
    let seen: Vec<_> = survey.unseen().iter().map(|unseen| format!("{:?}", unseen.content)).collect();
    assert_eq!(seen, [format!("Certificate({} bytes)", CA.len()), format!("Certificate({} bytes)", BROKER.len())]);
    assert!(survey.limits().contains(&ReaderLimit::JavaSeesNothing));

    let survey = closed(fixture!("pkcs12/openssl-plain.p12")).unwrap();
    let keys = survey
        .unseen()
        .iter()
        .filter(|unseen| matches!(&unseen.content, UnseenContent::PlainKey(key) if key.as_slice() == KEY));
    assert_eq!(keys.count(), 1, "{survey:?}");
    assert_eq!(survey.closed(), []);
}

#[test]
fn a_store_without_a_mac_is_not_checked() {
    let survey = open(fixture!("pkcs12/openssl-nomac.p12")).unwrap();
    assert_eq!(*survey.integrity(), Integrity::NoMac);
    assert_eq!(survey.remarks(), [StoreRemark::NoMac]);
}

#[test]
fn old_encryption_is_for_openssl_with_its_legacy_provider() {
    let survey = open(fixture!("pkcs12/openssl-legacy.p12")).unwrap();
    let algorithm = "PBES1 with SHA-1 and 40-bit RC2".to_owned();
    assert_eq!(survey.limits(), [ReaderLimit::OpenSslLegacy(algorithm), ReaderLimit::JavaWithoutPassword]);
}

#[test]
fn a_mac_of_pbmac1_is_checked() {
    let bytes = fixture!("pkcs12/rfc9579-a1.p12");
    let survey = StoreSurvey::read(bytes, Some(&password("1234")), None).unwrap();
    assert_eq!(*survey.integrity(), Integrity::Checked);
    assert_eq!(survey.limits()[0], ReaderLimit::Pbmac1);
    let mac = Protection {
        what: Protected::Whole,
        algorithm: "PBMAC1 with PBKDF2-HMAC-SHA256 and HMAC-SHA256".to_owned(),
        iterations: Some(2048),
    };
    assert_eq!(survey.protections()[0], mac);
    assert_eq!(open(bytes).unwrap_err(), SurveyError::WrongPasswordOrDamaged);
    // Appendix A.4: the iterations are not those of the MAC.
    let mut other = bytes.to_vec();
    let salt = other.windows(8).rposition(|window| window == [0x6F, 0x47, 0x3C, 0x38, 0xB0, 0x2E, 0x31, 0x73]).unwrap();
    assert_eq!(other[salt + 8..salt + 12], [2, 2, 8, 0]);
    other[salt + 11] = 1;
    assert_eq!(StoreSurvey::read(&other, Some(&password("1234")), None).unwrap_err(), SurveyError::Changed);
}

#[test]
fn aliases_that_java_confuses_are_found() {
    let content = || jks::JksContent::TrustedCertificate(CA.to_vec());
    let entry = |alias: &str| jks::JksEntry { alias: alias.to_owned(), created_ms: 7, content: content() };
    let store = Jks { entries: ["one", "Two", "ONE", "three", "tWO"].map(entry).into() };
    let mut bytes = store.encode("storepass").unwrap();
    assert_eq!(open(&bytes).unwrap().colliding_aliases(), [["one", "ONE"], ["Two", "tWO"]]);
    // Java keeps the last of the same alias.
    let at = bytes.windows(3).position(|window| window == b"ONE").unwrap();
    bytes[at..at + 3].copy_from_slice(b"one");
    let survey = closed(&bytes).unwrap();
    assert_eq!(
        survey.entries().iter().map(|entry| entry.alias.as_str()).collect::<Vec<_>>(),
        ["Two", "one", "three", "tWO"]
    );
    let [unseen] = survey.unseen() else { panic!("{survey:?}") };
    assert_eq!(unseen.alias.as_deref(), Some("one"));
    assert!(matches!(&unseen.content, UnseenContent::Shadowed(SurveyContent::TrustedCertificate(_))));
    assert_eq!(survey.colliding_aliases().len(), 2);
}

#[test]
fn a_survey_does_not_print_what_it_knows() {
    for bytes in [OPENSSL, fixture!("jks/keytool.jks"), JCEKS, fixture!("pkcs12/openssl-plain.p12")] {
        let text = format!("{:?}", open(bytes).unwrap());
        let start = text.find("Open(").or_else(|| text.find("PlainKey(")).unwrap();
        assert!(text[start..].starts_with("Open(…)") || text[start..].starts_with("PlainKey(…)"), "{text}");
        assert!(!text.contains("storepass"));
    }
}
