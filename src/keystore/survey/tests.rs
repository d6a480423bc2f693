//! Stores of keytool, OpenSSL and of our own, whole, damaged and hostile.

use super::*;

macro_rules! fixture {
    ($file:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/", $file)).as_slice()
    };
}

const JDK17: &[u8] = fixture!("pkcs12/jdk17.p12");
const OPENSSL: &[u8] = fixture!("pkcs12/openssl.p12");
const CA: &[u8] = fixture!("pkcs12/ca.der");
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
