use std::fs;
use std::path::Path;

use der::Encode;
use sha2::{Digest, Sha256};
use x509_parser::prelude::FromDer;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};
use zeroize::Zeroizing;

use super::*;
use crate::pki::{KeyType, encrypted_key_pem, signature};
use crate::random::SystemRandom;

/// Each key that is taken, with the SHA-256 of the public key that OpenSSL finds in it.
const PUBLIC_KEYS: &str = include_str!("../../../tests/fixtures/keys_foreign/public-keys.txt");

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/keys_foreign").join(name)).unwrap()
}

fn password(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned())).unwrap()
}

fn read(name: &str) -> Result<ReadPrivateKey, PrivateKeyError> {
    read_private_key(&fixture(name), Some(&password("test1234")))
}

fn refusal(file: &[u8]) -> PrivateKeyError {
    read_private_key(file, None).unwrap_err()
}

#[test]
fn keys_of_java_openssl_and_go_are_read() {
    let mut count = 0;
    for line in PUBLIC_KEYS.lines() {
        let (name, expected) = line.split_once(' ').unwrap();
        let read = read(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let digest: Vec<String> =
            Sha256::digest(read.key.public_key_info()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest.concat(), expected, "{name}");
        assert_eq!(KeyType::of(&read.key.public_key_info()), Ok(read.key.key_type()), "{name}");
        let stem = name.split_once('-').unwrap().1;
        let key_type = read.key.key_type().to_string();
        assert!(stem.contains(&key_type) || (stem.contains("rsa") && key_type == "rsa-2048"), "{name}: {key_type}");
        let is_encrypted = ["keytool", "openssl-rsa-pbes2", "openssl-pkcs12-encrypted"];
        let is_encrypted = is_encrypted.iter().any(|start| name.starts_with(start));
        assert_eq!(read.was_encrypted, is_encrypted, "{name}");
        // What is written is PKCS#8 that is taken again.
        let again = KeyPair::from_pkcs8(&read.key.to_pkcs8().unwrap()).unwrap();
        assert_eq!(again.public_key_info(), read.key.public_key_info(), "{name}");
        // A signature shows that the private half is the one to the public half.
        let info = read.key.public_key_info();
        let (_, info) = SubjectPublicKeyInfo::from_der(&info).unwrap();
        let algorithm = read.key.signature_algorithm().to_der().unwrap();
        let (_, algorithm) = AlgorithmIdentifier::from_der(&algorithm).unwrap();
        let signature = read.key.sign(b"message").unwrap();
        assert!(signature::verify(&info, &algorithm, b"message", &signature).is_ok(), "{name}");
        count += 1;
    }
    assert_eq!(count, 43);
}

#[test]
fn keys_that_are_not_taken_say_what_they_are() {
    let unsupported = |what: &str| PrivateKeyError::Key(KeyError::Unsupported(what.to_owned()));
    for (name, expected) in [
        ("openssl-rsa-1024.pem", unsupported("RSA with 1024 bits")),
        ("openssl-rsa-pss.pem", unsupported("RSASSA-PSS")),
        ("openssl-rsa-3-primes.pem", unsupported("RSA with more than two primes")),
        ("openssl-dsa.pem", unsupported("DSA")),
        ("openssl-dsa-traditional.pem", unsupported("DSA")),
        ("openssl-secp256k1.pem", unsupported("EC on the curve secp256k1")),
        ("openssl-brainpool.pem", unsupported("EC on the curve brainpoolP256r1")),
        ("openssl-ec-explicit.pem", unsupported("EC with the parameters of its curve in place of its name")),
        ("openssl-x25519.pem", unsupported("X25519")),
        ("openssl-ed448.pem", unsupported("Ed448")),
        ("openssh.pem", PrivateKeyError::Format("OpenSSH")),
        ("openssl-rsa-traditional-encrypted.pem", PrivateKeyError::LegacyEncryption),
    ] {
        assert_eq!(read(name).unwrap_err(), expected, "{name}");
    }
}

#[test]
fn a_password_is_asked_for_and_a_wrong_one_is_refused() {
    for name in ["keytool-25-ed25519.p8", "openssl-rsa-pbes2.pem", "openssl-pkcs12-encrypted-ed25519.pem"] {
        let file = fixture(name);
        assert_eq!(refusal(&file), PrivateKeyError::NoPassword, "{name}");
        for wrong in ["test12345", "Test1234"] {
            let refused = read_private_key(&file, Some(&password(wrong)));
            assert_eq!(refused.unwrap_err(), PrivateKeyError::WrongPassword, "{name}");
        }
    }
}

#[test]
fn an_encryption_that_is_not_supported_is_named_before_a_password_is_asked_for() {
    // openssl pkcs8 -topk8 -scrypt
    let scrypt = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n\
        MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAgv8uXsjp2jjgICQAACAQgCAQEwHQYJYIZIAWUDBAEqBBAkgTb7bxEfdpFSFSTxrL6d\n\
        BEANaG3gMBpXnkg0+pZstqcPZtHK5ovuLyvGmts9+2h9QDNCI3++/ERAjo4PXEJSbyOT2UM/UnD2Jfjg0YXPmBDU\n\
        -----END ENCRYPTED PRIVATE KEY-----\n";
    let unsupported = PbeError::Unsupported("PBES2 with scrypt".to_owned());
    assert_eq!(refusal(scrypt.as_bytes()), PrivateKeyError::Encryption(unsupported));
}

#[test]
fn an_encrypted_key_of_a_kind_that_is_not_taken_says_so() {
    let x25519 = foreign::parts(&fixture("openssl-x25519.pem")).unwrap()[0].der().unwrap();
    let encrypted = crate::pki::KeyEncryption::Pbes1TripleDes;
    let encrypted = encrypted.encrypt(&x25519, &Password::make(&SystemRandom).unwrap(), &SystemRandom).unwrap();
    assert_eq!(refusal(encrypted_key_pem(&encrypted).as_bytes()), PrivateKeyError::NoPassword);
    let password = password("test1234");
    let encrypted = crate::pki::KeyEncryption::Pbes2.encrypt(&x25519, &password, &SystemRandom).unwrap();
    let refused = read_private_key(encrypted_key_pem(&encrypted).as_bytes(), Some(&password)).unwrap_err();
    assert_eq!(refused, PrivateKeyError::Key(KeyError::Unsupported("X25519".to_owned())));
}

#[test]
fn text_around_a_key_and_the_line_ends_do_not_matter() {
    let plain = String::from_utf8(fixture("go-ed25519.pem")).unwrap();
    let expected = read_private_key(plain.as_bytes(), None).unwrap().key.public_key_info();
    let windows = plain.replace('\n', "\r\n");
    for file in [
        format!("\u{feff}{plain}"),
        format!("\u{feff}{windows}"),
        format!("Bag Attributes\r\n    friendlyName: -----x-----\r\n{windows}after\r\n"),
        plain.replace('\n', "\r"),
        plain.replace('\n', " "),
        plain.replace('\n', "\n    "),
        plain.trim_end().to_owned(),
        plain.replacen('\n', "\nComment: mine\n\n", 1),
        format!("-----BEGIN lower case-----\n-----BEGIN \n{plain}"),
    ] {
        let read = read_private_key(file.as_bytes(), None).unwrap_or_else(|error| panic!("{file:?}: {error}"));
        assert_eq!(read.key.public_key_info(), expected, "{file:?}");
    }
}

#[test]
fn a_sec1_key_gets_its_curve_from_the_block_before_it() {
    let file = String::from_utf8(fixture("openssl-ec-p384-sec1.pem")).unwrap();
    assert!(file.contains("BEGIN EC PARAMETERS"));
    let expected = read_private_key(file.as_bytes(), None).unwrap().key.public_key_info();
    let parts = foreign::parts(file.as_bytes()).unwrap();
    let (parameters, sec1) = (parts[0].der().unwrap(), parts[1].der().unwrap());
    let mut key = EcPrivateKey::from_der(&sec1).unwrap();
    key.parameters = None;
    let without = key.to_der().unwrap();
    assert_eq!(take(&without, Some(&parameters)).unwrap().public_key_info(), expected);
    let refused = take(&without, None).unwrap_err();
    assert_eq!(refused, KeyError::Unsupported("EC without the name of its curve".to_owned()));
    // The curve of the block does not overrule the key's own.
    let p256 = foreign::parts(&fixture("openssl-ec-p256-sec1.pem")).unwrap()[0].der().unwrap();
    assert_eq!(take(&sec1, Some(&p256)).unwrap().public_key_info(), expected);
    assert_eq!(take(&without, Some(&p256)).unwrap_err(), KeyError::Inconsistent(KeyType::EcP256));
}

#[test]
fn a_file_without_a_key_says_what_it_holds() {
    let certificates = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/certificates_foreign");
    for (name, content) in [
        ("openssl.der", FileContent::Certificate),
        ("openssl-chain.pem", FileContent::Certificate),
        ("openssl.p7b", FileContent::Pkcs7),
        ("openssl.p12", FileContent::Pkcs12),
        ("openssl-request.der", FileContent::Request),
        ("openssl-public.pem", FileContent::PublicKey),
        ("openssl-crl.pem", FileContent::RevocationList),
        ("keytool.jks", FileContent::Jks),
    ] {
        assert_eq!(refusal(&fs::read(certificates.join(name)).unwrap()), PrivateKeyError::NoKey(content), "{name}");
    }
    assert_eq!(refusal(b""), PrivateKeyError::NoKey(FileContent::Empty));
    assert_eq!(refusal(b"hello\n"), PrivateKeyError::NoKey(FileContent::Unknown));
    assert_eq!(refusal(b"\xFF\xFE-\0-\0"), PrivateKeyError::NoKey(FileContent::Utf16));
}

#[test]
fn several_keys_and_damaged_files_are_refused_without_a_byte_of_the_key() {
    let pem = String::from_utf8(fixture("go-ed25519.pem")).unwrap();
    let base64 = pem.lines().nth(1).unwrap();
    let end = "-----END PRIVATE KEY-----";
    let refused = |file: &str| {
        let error = refusal(file.as_bytes());
        let shown = format!("{error} {error:?}");
        assert!(!base64.as_bytes().chunks(6).any(|part| shown.contains(std::str::from_utf8(part).unwrap())), "{shown}");
        error
    };
    let truncated = PrivateKeyError::File(FileError::Truncated(FileContent::PrivateKey));
    assert_eq!(refused(&pem.repeat(3)), PrivateKeyError::Several(3));
    assert_eq!(refused(pem.split(end).next().unwrap()), truncated);
    assert_eq!(refused(&pem.replace(end, "-----END RSA PRIVATE KEY-----")), truncated);
    assert_eq!(refused(&pem.replace(end, &pem)), truncated);
    assert_eq!(refused(&pem.replacen("-----\n", "\n", 1)), PrivateKeyError::NoKey(FileContent::Unknown));
    let not_base64 = PrivateKeyError::File(FileError::NotBase64(FileContent::PrivateKey));
    assert_eq!(refused(&pem.replace(base64, &format!("{base64}*"))), not_base64);
    assert_eq!(refused(&pem.replace(base64, &base64[..base64.len() - 1])), not_base64);
    let malformed = PrivateKeyError::Key(KeyError::Malformed);
    assert_eq!(refused(&pem.replace(base64, &base64[..base64.len() - 4])), malformed);
    assert_eq!(refused(&pem.replace(base64, "")), malformed);
    assert_eq!(refusal(&vec![b' '; 1024 * 1024 + 1]), PrivateKeyError::File(FileError::TooLarge(1024 * 1024 + 1)));
    let encrypted = pem.replacen('\n', "\nProc-Type: 4,ENCRYPTED\n\n", 1);
    assert_eq!(refused(&encrypted), PrivateKeyError::LegacyEncryption);
    let mut followed = fixture("openssl-rsa-pkcs1.der");
    followed.push(0);
    assert_eq!(refusal(&followed), PrivateKeyError::File(FileError::DerLength));
    for name in ["openssl-ec-p256-sec1.der", "openssl-rsa-pkcs1.der"] {
        let der = fixture(name);
        for length in (0..der.len()).step_by(5) {
            assert!(read_private_key(&der[..length], None).is_err(), "{name} {length}");
        }
        let followed = [&der, [0].as_slice()].concat();
        assert!(read_private_key(&followed, None).is_err(), "{name}");
    }
}
