//! Facts of the fixtures, and the bounds.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use time::macros::datetime;
use zeroize::Zeroizing;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-12-01 12:00 UTC);

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

fn password(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned())).unwrap()
}

fn closed(name: &str) -> Inspection {
    Inspection::of(&fixture(name), Passwords::default(), NOW).unwrap()
}

fn opened(name: &str, text: &str) -> Inspection {
    Inspection::of(&fixture(name), Passwords { store: Some(&password(text)), key: None }, NOW).unwrap()
}

fn refused(file: &[u8]) -> InspectError {
    Inspection::of(file, Passwords::default(), NOW).unwrap_err()
}

fn kinds(inspection: &Inspection) -> Vec<ContentKind> {
    inspection.entries.iter().map(|entry| entry.kind).collect()
}

#[test]
fn a_certificate_is_seen_as_openssl_prints_it() {
    let inspection = closed("golden/rsa/broker.cert-signed");
    assert_eq!((inspection.format, kinds(&inspection)), (Format::Pem, vec![ContentKind::Certificate]));
    let broker = &inspection.entries[0].certificates[0];
    assert_eq!(broker.serial, "01101112131415161718191a1b1c1d1e1f");
    assert_eq!((broker.key_algorithm.as_str(), broker.signature_algorithm.as_str()), ("RSA-2048", "SHA256withRSA"));
    let names = ["dns:broker1.example.com", "dns:*.brokers.example.com", "ip:10.0.0.1", "ip:2001:db8::1"];
    assert_eq!(broker.alt_names, names);
    assert_eq!(broker.key_usage, Some(vec!["digitalSignature", "keyEncipherment"]));
    assert_eq!(broker.extended_key_usage, Some(vec!["serverAuth".to_owned(), "clientAuth".to_owned()]));
    assert_eq!((broker.is_ca, broker.is_self_issued, broker.version), (Some(false), false, 3));
    assert!(broker.principal.as_ref().unwrap().starts_with("User:CN=broker1.example.com"));
    assert!(broker.sha256.starts_with("5A:A5:AB:5F:85:11:97:EA:"));
    assert_eq!((broker.sha256.len(), broker.sha1.len()), (95, 59));
}

#[test]
fn every_content_of_a_pem_or_der_file_is_recognised() {
    use ContentKind::*;
    for (name, format, expected) in [
        ("openssl-chain.pem", Format::Pem, vec![Certificate, Certificate]),
        ("openssl-pkcs12.pem", Format::Pem, vec![Certificate, Certificate, PrivateKey]),
        ("openssl-request-new.pem", Format::Pem, vec![Request]),
        ("openssl-request.der", Format::Der, vec![Request]),
        ("openssl.der", Format::Der, vec![Certificate]),
        ("openssl.p7b", Format::Der, vec![Pkcs7]),
        ("microsoft-p7b.pem", Format::Pem, vec![Pkcs7]),
        ("openssl-crl.pem", Format::Pem, vec![RevocationList]),
        ("openssl-crl-only.p7b.pem", Format::Pem, vec![Pkcs7]),
        ("openssl-public.pem", Format::Pem, vec![PublicKey]),
        ("openssl-trusted.pem", Format::Pem, vec![Certificate]),
        ("keytool-list.txt", Format::Pem, vec![Certificate]),
        ("keytool.jks", Format::Jks, vec![PrivateKey]),
    ] {
        let inspection = closed(&format!("certificates_foreign/{name}"));
        assert_eq!((inspection.format, kinds(&inspection)), (format, expected), "{name}");
        assert!(inspection.entries.iter().all(|entry| entry.fault.is_none()), "{name}");
    }
    let chain = &closed("certificates_foreign/openssl.p7b").entries[0];
    assert_eq!(chain.certificates.iter().map(|c| c.subject.as_str()).collect::<Vec<_>>(), ["CN=broker1", "CN=Root CA"]);
    assert_eq!(closed("certificates_foreign/openssl-crl-only.p7b.pem").entries[0].revocation_lists.len(), 1);
}

#[test]
fn requests_and_revocation_lists_say_what_is_in_them() {
    let request = closed("golden/rsa/broker.cert-file").entries.remove(0).request.unwrap();
    assert_eq!((request.signature, request.key_algorithm.as_str()), (SignatureState::Valid, "RSA-2048"));
    assert_eq!(request.alt_names, closed("golden/rsa/broker.cert-signed").entries[0].certificates[0].alt_names);
    let list = closed("certificates_foreign/openssl-crl.pem").entries.remove(0).revocation_lists.remove(0);
    assert_eq!((list.issuer.as_str(), list.revoked.len()), ("CN=Root CA", 0));
    assert_eq!(list.validity.unwrap().state, ValidityState::Valid);
    let mut broken = fixture("certificates_foreign/openssl-request.der");
    *broken.last_mut().unwrap() ^= 1;
    let broken = Inspection::of(&broken, Passwords::default(), NOW).unwrap();
    assert_eq!(broken.entries[0].request.as_ref().unwrap().signature, SignatureState::Invalid);
}

#[test]
fn private_keys_of_every_kind_say_what_they_are() {
    for (name, algorithm, form) in [
        ("go-rsa-pkcs1.pem", "RSA-2048", "PKCS#1"),
        ("go-ec-p384-sec1.pem", "P-384", "SEC1"),
        ("openssl-ec-p521-sec1.pem", "P-521", "SEC1"),
        ("java-25-ec-p384-version-2.pem", "P-384", "PKCS#8"),
        ("openssl-ed25519.pem", "Ed25519", "PKCS#8"),
        ("openssl-ed448.pem", "Ed448", "PKCS#8"),
        ("openssl-x25519.pem", "X25519", "PKCS#8"),
        ("openssl-rsa-1024.pem", "RSA-1024", "PKCS#8"),
        ("openssl-rsa-pss.pem", "RSASSA-PSS-2048", "PKCS#8"),
        ("openssl-rsa-3-primes.pem", "RSA-2048", "PKCS#8"),
        ("openssl-dsa.pem", "DSA", "PKCS#8"),
        ("openssl-dsa-traditional.pem", "DSA", "OpenSSL's DSA form"),
        ("openssl-brainpool.pem", "EC brainpoolP256r1", "SEC1"),
        ("openssl-secp256k1.pem", "EC secp256k1", "SEC1"),
        ("openssl-ec-explicit.pem", "EC with explicit parameters", "SEC1"),
    ] {
        let inspection = closed(&format!("keys_foreign/{name}"));
        let key = inspection.keys().next().unwrap();
        assert_eq!((key.algorithm.as_deref(), key.form), (Some(algorithm), Some(form)), "{name}");
        assert_eq!(key.opening, Opening::NotEncrypted, "{name}");
    }
}

#[test]
fn an_encrypted_key_says_how_and_opens_with_its_password() {
    for (name, encryption, algorithm) in [
        ("openssl-rsa-pbes2.pem", "PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC", "RSA-2048"),
        ("keytool-17-ec-p256.p8", "PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC", "P-256"),
    ] {
        let name = format!("keys_foreign/{name}");
        let inspection = closed(&name);
        let key = inspection.keys().next().unwrap().clone();
        assert_eq!((key.opening, key.algorithm), (Opening::NoPassword, None), "{name}");
        assert_eq!(key.encryption.unwrap().algorithm, encryption);
        assert!(inspection.wants_key_password() && !inspection.wants_store_password());
        let inspection = opened(&name, "test1234");
        let key = inspection.keys().next().unwrap();
        assert_eq!((key.opening, key.algorithm.as_deref()), (Opening::Opened, Some(algorithm)), "{name}");
        let wrong = opened(&name, "another password");
        assert_eq!(wrong.keys().next().unwrap().opening, Opening::WrongPassword, "{name}");
    }
    let traditional = closed("keys_foreign/openssl-rsa-traditional-encrypted.pem");
    let key = traditional.keys().next().unwrap();
    assert_eq!((key.opening, key.algorithm.as_deref()), (Opening::Unsupported, Some("RSA")));
    assert_eq!(key.encryption.as_ref().unwrap().algorithm, "one MD5 and AES-256-CBC, as before PKCS#8");
}

#[test]
fn a_key_finds_its_certificate_in_the_file() {
    let inspection = closed("certificates_foreign/openssl-pkcs12.pem");
    let key = inspection.keys().next().unwrap();
    assert_eq!((key.matches_certificate, key.certificate_number), (Some(true), Some(1)));
    let other = [fixture("keys_foreign/go-rsa-pkcs8.pem"), fixture("certificates_foreign/openssl-chain.pem")].concat();
    let inspection = Inspection::of(&other, Passwords::default(), NOW).unwrap();
    let key = inspection.keys().next().unwrap();
    assert_eq!((key.matches_certificate, key.certificate_number), (Some(false), None));
}

#[test]
fn a_store_shows_what_it_can_without_and_all_with_its_password() {
    for (name, format) in
        [("golden/rsa/broker.keystore.jks", Format::Jks), ("golden/ed25519/broker.keystore.jks", Format::Jks)]
    {
        let inspection = closed(name);
        assert_eq!((inspection.format, inspection.entries.len()), (format, 2));
        assert_eq!(inspection.store.as_ref().unwrap().integrity, IntegrityState::NotChecked);
        assert!(inspection.wants_store_password());
        assert_eq!(inspection.keys().next().unwrap().opening, Opening::NoPassword);
    }
    let jks = closed("certificates_foreign/keytool.jks");
    assert_eq!(jks.entries[0].certificates[0].subject, "CN=broker1");
    let wrong = opened("certificates_foreign/keytool.jks", "another password");
    assert_eq!(wrong.store.as_ref().unwrap().integrity, IntegrityState::WrongPassword);
    assert_eq!(wrong.entries[0].certificates, jks.entries[0].certificates);
    let p12 = opened("pkcs12/jdk17.p12", "storepass");
    assert_eq!(p12.store.as_ref().unwrap().integrity, IntegrityState::Checked);
    let keys: Vec<&KeyFacts> = p12.keys().collect();
    assert!(!keys.is_empty() && keys.iter().all(|key| key.matches_certificate == Some(true)), "{keys:?}");
    assert!(!p12.wants_store_password() && !p12.wants_key_password());
    let hidden = closed("pkcs12/jdk17.p12");
    assert!(hidden.entries.iter().all(|entry| entry.certificates.is_empty()));
    assert!(!hidden.store.unwrap().closed.is_empty());
}

#[test]
fn validity_is_told_from_the_given_time() {
    let at = |now| {
        let inspection = Inspection::of(&fixture("certificates_foreign/openssl.der"), Passwords::default(), now);
        inspection.unwrap().entries[0].certificates[0].clone()
    };
    let certificate = at(NOW);
    assert_eq!(certificate.validity.state, ValidityState::Valid);
    let (begin, end) = (certificate.not_before, certificate.not_after);
    let second = time::Duration::SECOND;
    for (now, state, days_left) in [
        (begin - second, ValidityState::NotYetValid, 3650),
        (begin, ValidityState::Valid, 3650),
        (end - second, ValidityState::Valid, 0),
        (end, ValidityState::Valid, 0),
        (end + second, ValidityState::Expired, -1),
        (end + time::Duration::days(3), ValidityState::Expired, -3),
    ] {
        let validity = at(now).validity;
        assert_eq!((validity.state, validity.days_left), (state, days_left), "{now}");
    }
}

#[test]
fn one_damaged_block_does_not_hide_the_others() {
    let certificate = String::from_utf8(fixture("certificates_foreign/openssl-text.pem")).unwrap();
    let damaged = certificate.replacen("MII", "M!I", 1);
    let cut = "-----BEGIN CERTIFICATE-----\nMIIB\n";
    let file = format!("{damaged}{cut}{certificate}-----BEGIN NEW THING-----\nAAAA\n-----END NEW THING-----\n");
    let inspection = Inspection::of(file.as_bytes(), Passwords::default(), NOW).unwrap();
    let faults: Vec<bool> = inspection.entries.iter().map(|entry| entry.fault.is_some()).collect();
    assert_eq!(faults, [true, true, false, false]);
    assert_eq!(inspection.entries[2].certificates[0].subject, "CN=Root CA");
    assert_eq!(inspection.entries[3].label.as_deref(), Some("NEW THING"));
}

#[test]
fn pem_in_the_settings_of_kafka_is_found() {
    let inspection = closed("golden/rsa/anonymous.client.properties");
    assert_eq!((inspection.format, kinds(&inspection)), (Format::Properties, vec![ContentKind::Certificate]));
    assert_eq!(inspection.entries[0].setting.as_deref(), Some("ssl.truststore.certificates"));
    assert_eq!(inspection.entries[0].certificates, closed("golden/rsa/ca-cert").entries[0].certificates);
    assert_eq!(closed("golden/rsa/server.properties").format, Format::Text);
}

#[test]
fn what_is_nothing_is_said_to_be_nothing() {
    let text = Inspection::of("Grüße\r\n".as_bytes(), Passwords::default(), NOW).unwrap();
    assert_eq!((text.format, text.entries.len()), (Format::Text, 0));
    assert_eq!(refused(b""), InspectError::Empty);
    assert_eq!(refused(b"\xff\xfe-\0-\0"), InspectError::Utf16);
    assert_eq!(refused(b"\x7fELF\0\x01"), InspectError::Unrecognised);
    assert_eq!(refused(b"\x1b[2J"), InspectError::Unrecognised);
    assert_eq!(refused(b"\x30\x03\x02\x01\x05"), InspectError::UnknownDer);
    let mut cut = fixture("certificates_foreign/openssl.der");
    cut.pop();
    assert_eq!(refused(&cut), InspectError::File(FileError::DerLength));
    assert!(matches!(refused(&fixture("certificates_foreign/keytool.jks")[..100]), InspectError::Store(_)));
    assert_eq!(refused(&vec![b'a'; 2 << 20]), InspectError::File(FileError::TooLarge(2 << 20)));
}

#[test]
fn a_file_of_many_things_is_refused_before_it_takes_memory() {
    let certificate = fixture("certificates_foreign/openssl-text.pem");
    let many = b"-----BEGIN A-----\n-----END A-----\n".repeat(5001);
    assert_eq!(refused(&many), InspectError::TooMany);
    let same = Inspection::of(&certificate.repeat(100), Passwords::default(), NOW).unwrap();
    assert_eq!(same.entries.len(), 100);
    let mut budget = Budget::new(NOW);
    assert_eq!(budget.decode(&vec![0; 256 * 1024 + 1]), Err(InspectError::TooMany));
    assert!((0..16).all(|_| budget.decode(&vec![0; 256 * 1024]).is_ok()));
    assert_eq!(budget.decode(&[0]), Err(InspectError::TooMany));
    assert_eq!((budget.keep(100_000), budget.keep(1)), (Ok(()), Err(InspectError::TooMany)));
}

/// Returns a JKS store of so many keys, each under an alias of its own, none of which opens.
fn many_keys(count: u32) -> Vec<u8> {
    let key =
        [&b"\x30\x4e\x30\x0e\x06\x0a\x2b\x06\x01\x04\x01\x2a\x02\x11\x01\x01\x05\x00\x04\x3c"[..], &[7; 60]].concat();
    let mut store = [&0xFEED_FEED_u32.to_be_bytes()[..], &[0, 0, 0, 2], &count.to_be_bytes()].concat();
    for at in 0..count {
        store.extend([0, 0, 0, 1, 0, 95]);
        store.extend(format!("{}{at:05}", "a".repeat(90)).bytes());
        store.extend([0; 8]);
        store.extend(u32::try_from(key.len()).unwrap().to_be_bytes());
        store.extend(&key);
        store.extend([0; 4]);
    }
    store.extend([0; 20]);
    store
}

/// To compare each alias with all others takes a hundred times as long.
#[test]
fn many_distinct_keys_take_no_longer_than_their_bytes() {
    let file = many_keys(9000);
    let start = Instant::now();
    let inspection = Inspection::of(&file, Passwords::default(), NOW).unwrap();
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    let is_told = |entry: &EntryFacts| entry.key.as_ref().is_some_and(|key| key.encryption.is_some());
    assert_eq!(
        (inspection.entries.len(), inspection.entries.iter().filter(|entry| is_told(entry)).count()),
        (9000, 9000)
    );
}

#[test]
fn no_key_is_in_the_facts_whatever_form_they_take() {
    for (name, text) in [("openssl-rsa-pkcs8.pem", None), ("openssl-rsa-pbes2.pem", Some("test1234"))] {
        let file = fixture(&format!("keys_foreign/{name}"));
        let given = text.map(password);
        let inspection = Inspection::of(&file, Passwords { store: given.as_ref(), key: None }, NOW).unwrap();
        let secret = crate::pki::read_private_key(&file, given.as_ref()).unwrap().key.to_pkcs8().unwrap();
        let shown = format!("{inspection:?}{}", serde_json::to_string(&inspection).unwrap());
        // The primes are the second half of the structure.
        for window in secret[secret.len() / 2..].chunks_exact(8) {
            let hex: Vec<String> = window.iter().map(|octet| format!("{octet:02x}")).collect();
            let decimal: Vec<String> = window.iter().map(u8::to_string).collect();
            assert!(!shown.contains(&hex.concat()) && !shown.contains(&decimal.join(", ")), "{name}");
        }
    }
}

/// Every file of the fixtures, cut and changed in a thousand places: whatever comes out, it can be written.
#[test]
fn no_changed_byte_ends_in_a_panic() {
    let mut random = 0x9e37_79b9_u32;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        usize::try_from(random).unwrap()
    };
    let (mut shown, mut looked_at) = (0, 0);
    for folder in ["certificates_foreign", "jks", "keys", "keys_foreign", "pkcs12"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
        for entry in fs::read_dir(path).unwrap() {
            let sound = fs::read(entry.unwrap().path()).unwrap();
            for _ in 0..10 {
                let mut file = sound.clone();
                file.truncate(next() % (2 * sound.len()) + 1);
                for _ in 0..next() % 4 {
                    let at = next() % file.len();
                    file[at] = u8::try_from(next() % 256).unwrap();
                }
                looked_at += 1;
                if let Ok(inspection) = Inspection::of(&file, Passwords::default(), NOW) {
                    shown += usize::from(!serde_json::to_string(&inspection).unwrap().is_empty());
                }
            }
        }
    }
    assert!(looked_at > 900 && shown > looked_at / 4, "{shown} of {looked_at}");
}
