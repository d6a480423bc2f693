use der::asn1::ObjectIdentifier;
use der::{Tag, Tagged};
use x509_cert::spki::AlgorithmIdentifier;

use super::*;
use crate::random::SystemRandom;

const PASSWORD: &str = "test1234";

/// An Ed25519 key, which is short.
const KEY: &str = "MC4CAQAwBQYDK2VwBCIEIMbKTRofd023Nuz48w5d/WhVG/MZs2ihpEwTS7nEHO0i";

/// That key out of `openssl pkcs8 -topk8` 3.0.22 with `-v1 PBE-SHA1-…`, `-v2 … -v2prf …`.
const OPENSSL: [(&str, &str); 12] = [
    (
        "PBES1 with SHA-1 and 3DES",
        "MFgwHAYKKoZIhvcNAQwBAzAOBAio1+9xx+8pvQICCAAEOMto8H6RuyoEeEpwJEwPe1lHQtTaHxGByQnkaAn4SozKb2D1PPZhr5g9ZtBV\
         MNXEEfjcmEAUrrZk",
    ),
    (
        "PBES1 with SHA-1 and two-key 3DES",
        "MFgwHAYKKoZIhvcNAQwBBDAOBAgxfsPrn2jj5wICCAAEOMl2sLPP23umRsInbw/uJBPdvkyMbvrd74hJQVboQaTUKrFl46CnaqNP57PM\
         R2cmPVw08sv10ciN",
    ),
    (
        "PBES1 with SHA-1 and 128-bit RC2",
        "MFgwHAYKKoZIhvcNAQwBBTAOBAh6Mot97fUM4AICCAAEOIFG0niniT9sVRU+NRW+P1WKqBkagV/T2bCqjOXVEljFSZTgJp40yuJi5CfL\
         XXlOHQcWSRLnKbhb",
    ),
    (
        "PBES1 with SHA-1 and 40-bit RC2",
        "MFgwHAYKKoZIhvcNAQwBBjAOBAjyqFzrpGcg2QICCAAEOEi+k7zB3bywQu5SaUQsoCTJ/4kK/8ed9vxUrUwPIZL5qEWa2CW/p/sde2Sc\
         wiPIcfsiXxcnBY8G",
    ),
    (
        "PBES2 with PBKDF2-HMAC-SHA1 and AES-256-CBC",
        "MIGNMEkGCSqGSIb3DQEFDTA8MBsGCSqGSIb3DQEFDDAOBAjDOrn1wb4pjgICCAAwHQYJYIZIAWUDBAEqBBBmtZwTUZtfxeQYA0njyAaQ\
         BECp0xj9rcNKWpf950wlqfBbWNb6jHmlSKnEiCM1KXwDUTBTt/wgjCmCxXbIqHGZCvZ7kQtaVE8kpVDDLE96rLH6",
    ),
    (
        "PBES2 with PBKDF2-HMAC-SHA224 and AES-256-CBC",
        "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjVC2Fy+w65OgICCAAwDAYIKoZIhvcNAggFADAdBglghkgBZQMEASoEEMPx\
         pDkxmVnRDCSCOLIEH0QEQOWMwAhuYjLUs1DBdk3iRzQu2ICfysGGkxdOwHhaV4lRErQ6JzBjXqbtkWRWrOCY75WX7WDHRSD7QZk/t0OF\
         6EA=",
    ),
    (
        "PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC",
        "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgX2nM34R0WegICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEF4u\
         986o/pVKbiuC38KGIi4EQB8gy0qNOORdTVA1QNlseqJ+jBYVYzX4Feyp6BwjMhSDXQBhR8x6a5zhC+YewQ1hap7WydYjDgfywetSwgD2\
         mJ0=",
    ),
    (
        "PBES2 with PBKDF2-HMAC-SHA384 and AES-256-CBC",
        "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiFyedpeLMIrAICCAAwDAYIKoZIhvcNAgoFADAdBglghkgBZQMEASoEEKJ+\
         ORAyYNaONDbJuon2bhkEQEO05NXHzbUzfhrX5VwvppMTHcrzEdIFBUM0Sk53pHtQgtFqoGj09WPIR8VI5X90FANMhJK96g2NZmJmudN9\
         tww=",
    ),
    (
        "PBES2 with PBKDF2-HMAC-SHA512 and AES-256-CBC",
        "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjAZiJWlFEvkgICCAAwDAYIKoZIhvcNAgsFADAdBglghkgBZQMEASoEENNC\
         GL2fR7FfoiVb+6vozTsEQNQxROZk8d04350wGinLPa9PFp8xjXlPP0uK9Mvp5LiMgh2GSExyYRlen4Gl4et4cdGJIAYoaYJRgR/tWa/y\
         1n8=",
    ),
    (
        "PBES2 with PBKDF2-HMAC-SHA256 and AES-128-CBC",
        "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjGctOHhwuEsAICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEAQIEEKnz\
         P0dWTpFsFqDK6SLSOrwEQLrCiRbYiF9qnFcyTFPyH8mRgfHiPv3Vn3a0i7ktFS5phQufoznV3Zw/aO/vANrZTtX6A2eFwrI6ZS7+1Kml\
         wso=",
    ),
    (
        "PBES2 with PBKDF2-HMAC-SHA256 and AES-192-CBC",
        "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAj6FrVbNsQenwICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEARYEEJnl\
         2v+FYnKqLdmTmgVv29MEQOVT4FsxM9XpoPjlmbCpVA9IL9Pbk+6YxL2ZZ5IR8N6nwPxCQOvq2jTMaxT2tylMlVulEWts+HRexLFGupLY\
         or0=",
    ),
    (
        "PBES2 with PBKDF2-HMAC-SHA256 and 3DES-CBC",
        "MIGKME4GCSqGSIb3DQEFDTBBMCkGCSqGSIb3DQEFDDAcBAgQ1Ck3NBPwWAICCAAwDAYIKoZIhvcNAgkFADAUBggqhkiG9w0DBwQIWlxl\
         IttDescEOK1TIPGHS+D3BtMgdgrDlh31VMY8oA7gAjWT0CR1FoSF+OE++Ev/EwJ+luOHAVoi2LZNXRmLm1cv",
    ),
];

/// The same from algorithms that are not done here.
const OPENSSL_OTHERS: [(&str, &str); 4] = [
    (
        "PBES1 with MD5 and DES",
        "MFcwGwYJKoZIhvcNAQUDMA4ECNnjfUcbOqzVAgIIAAQ4DMTWMvZDlB8d5xc3B/ZhkBfXBmNcWzQnoc2G4QqO5hwtpj7O3Gar1tsX97mC\
         vSB/S7tKtAvIz78=",
    ),
    (
        "PBES1 with SHA-1 and 128-bit RC4",
        "MFAwHAYKKoZIhvcNAQwBATAOBAjDjqA5jth/BAICCAAEMICpvoqmT2/f0xFZGbohhzD/GSbkJw+HkTDkCdOi99ce2ieeu/AEmG07+zb5\
         mrMo2A==",
    ),
    (
        "PBES2 with DES",
        "MIGHMEsGCSqGSIb3DQEFDTA+MCkGCSqGSIb3DQEFDDAcBAjtJODpn5ve0AICCAAwDAYIKoZIhvcNAgkFADARBgUrDgMCBwQIJg9+ep8x\
         UmgEOEOro0S0fAxeWHsjhgtZFrCDWHezujBZ/HnO+fQgzojWy1F4BOkiR6qjs4jkV9i5HnzZ77R3sqAG",
    ),
    (
        "PBES2 with scrypt",
        "MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAgv8uXsjp2jjgICQAACAQgCAQEwHQYJYIZIAWUDBAEqBBAkgTb7bxEfdpFS\
         FSTxrL6dBEANaG3gMBpXnkg0+pZstqcPZtHK5ovuLyvGmts9+2h9QDNCI3++/ERAjo4PXEJSbyOT2UM/UnD2Jfjg0YXPmBDU",
    ),
];

/// A key with a certificate out of `openssl pkcs12 -export -legacy`.
const OPENSSL_LEGACY: &[u8] = include_bytes!("../../tests/fixtures/pbe/openssl-legacy.p12");

fn base64(text: &str) -> Vec<u8> {
    pem::parse(format!("-----BEGIN X-----\n{text}\n-----END X-----\n")).unwrap().into_contents()
}

fn algorithm(oid: &str, parameters: Option<&[u8]>) -> AlgorithmIdentifier<Any> {
    AlgorithmIdentifier { oid: oid.parse().unwrap(), parameters: parameters.map(|der| Any::from_der(der).unwrap()) }
}

fn element(tag: Tag, content: &[&[u8]]) -> Vec<u8> {
    Any::new(tag, content.concat()).unwrap().to_der().unwrap()
}

fn sequence(content: &[&[u8]]) -> Vec<u8> {
    element(Tag::Sequence, content)
}

fn octets(content: &[u8]) -> Vec<u8> {
    element(Tag::OctetString, &[content])
}

fn number(number: u64) -> Vec<u8> {
    number.to_der().unwrap()
}

fn identified(oid: &str, parameters: &[u8]) -> Vec<u8> {
    sequence(&[&oid.parse::<ObjectIdentifier>().unwrap().to_der().unwrap(), parameters])
}

/// Reads a PBES2 scheme with AES-256, whose parameters are these.
fn pbes2(pbkdf2: &[&[u8]], iv: &[u8]) -> Result<Scheme, PbeError> {
    let derivation = identified("1.2.840.113549.1.5.12", &sequence(pbkdf2));
    let encryption = identified("2.16.840.1.101.3.4.1.42", iv);
    Scheme::from_algorithm(&algorithm("1.2.840.113549.1.5.13", Some(&sequence(&[&derivation, &encryption]))))
}

/// Reads a PBES1 scheme with 3DES, whose parameters are these.
fn pbes1(parameters: &[&[u8]]) -> Result<Scheme, PbeError> {
    Scheme::from_algorithm(&algorithm("1.2.840.113549.1.12.1.3", Some(&sequence(parameters))))
}

#[test]
fn keys_of_openssl_are_read_in_every_scheme() {
    for (name, encrypted) in OPENSSL {
        let info = EncryptedPrivateKeyInfo::from_der(&base64(encrypted)).unwrap();
        assert_eq!((info.scheme.name().as_str(), info.scheme.iterations()), (name, 2048));
        assert_eq!(info.decrypt(PASSWORD).unwrap().as_slice(), base64(KEY), "{name}");
        assert_eq!(info.to_der().unwrap(), base64(encrypted), "{name}");
    }
}

#[test]
fn the_certificate_in_an_old_store_of_openssl_is_read() {
    let prefix = [0x30, 0x1C, 0x06, 0x0A, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x0C, 0x01, 0x06];
    let at = OPENSSL_LEGACY.windows(prefix.len()).position(|window| window == prefix).unwrap();
    let (algorithm, rest) = OPENSSL_LEGACY[at..].split_at(0x1E);
    let scheme = Scheme::from_algorithm(&AlgorithmIdentifier::from_der(algorithm).unwrap()).unwrap();
    assert_eq!(scheme.name(), "PBES1 with SHA-1 and 40-bit RC2");
    // encryptedContent [0] IMPLICIT OCTET STRING
    assert_eq!(rest[..4], [0x80, 0x82, 0x01, 0x90]);
    let bags = scheme.decrypt(&rest[4..4 + 0x190], PASSWORD).unwrap();
    assert_eq!(Any::from_der(&bags).unwrap().tag(), Tag::Sequence);
    // The UTF8String of CN=x.
    assert!(bags.windows(3).any(|window| window == b"\x0C\x01x"));
}

#[test]
fn what_is_encrypted_anew_has_the_algorithm_but_not_the_salt() {
    for (name, encrypted) in OPENSSL {
        let old = EncryptedPrivateKeyInfo::from_der(&base64(encrypted)).unwrap();
        let scheme = old.scheme.renewed(&SystemRandom).unwrap();
        assert_eq!((scheme.name().as_str(), scheme.iterations()), (name, 2048));
        assert_ne!(scheme.salt, old.scheme.salt, "{name}");
        assert_eq!(scheme.kind == old.scheme.kind, scheme.kind == Kind::Pbes1, "the IV is new: {name}");
        for plaintext in [b"".as_slice(), b"1234567", b"12345678", b"0123456789abcdef", &[7; 5000]] {
            let ciphertext = scheme.encrypt(plaintext, "p\u{e4}ss \u{1f511}").unwrap();
            assert_eq!(scheme.decrypt(&ciphertext, "p\u{e4}ss \u{1f511}").unwrap().as_slice(), plaintext, "{name}");
        }
        assert_eq!(Scheme::from_algorithm(&scheme.algorithm().unwrap()), Ok(scheme), "{name}");
    }
}

#[test]
fn the_schemes_that_are_written_are_these_two() {
    let name = |scheme: Result<Scheme, PbeError>| scheme.unwrap().to_string();
    assert_eq!(name(Scheme::pbes2(10_000, &SystemRandom)), "PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC");
    assert_eq!(name(Scheme::pbes1_triple_des(10_000, &SystemRandom)), "PBES1 with SHA-1 and 3DES");
    assert_eq!(Scheme::pbes2(0, &SystemRandom), Err(PbeError::Iterations(0)));
    assert_eq!(Scheme::pbes1_triple_des(5_000_001, &SystemRandom), Err(PbeError::Iterations(5_000_001)));
}

#[test]
fn a_wrong_password_and_damage_are_one_error() {
    for (name, encrypted) in OPENSSL {
        let mut info = EncryptedPrivateKeyInfo::from_der(&base64(encrypted)).unwrap();
        // One wrong password of 256 leaves something that looks padded.
        let refused = (0..8).filter(|n| info.decrypt(&format!("wrong {n}")) == Err(PbeError::Decrypt)).count();
        assert!(refused >= 6, "{name}");
        info.ciphertext.pop();
        assert_eq!(info.decrypt(PASSWORD), Err(PbeError::Decrypt), "{name}");
        info.ciphertext.clear();
        assert_eq!(info.decrypt(PASSWORD), Err(PbeError::Decrypt), "{name}");
    }
}

#[test]
fn what_is_not_supported_is_named() {
    for (name, encrypted) in OPENSSL_OTHERS {
        let refused = EncryptedPrivateKeyInfo::from_der(&base64(encrypted));
        assert_eq!(refused, Err(PbeError::Unsupported(name.to_owned())));
    }
    let unknown = algorithm("1.2.3.4.5", None);
    assert_eq!(Scheme::from_algorithm(&unknown), Err(PbeError::Unsupported("1.2.3.4.5".to_owned())));
}

#[test]
fn parameters_have_bounds() {
    let (salt, iv) = (octets(&[7; 8]), octets(&[9; 16]));
    assert!(pbes2(&[&salt, &number(1)], &iv).is_ok());
    assert!(pbes2(&[&salt, &number(5_000_000), &number(32)], &iv).is_ok());
    assert!(pbes2(&[&octets(&[7; 1024]), &number(1)], &iv).is_ok());
    for iterations in [0, 5_000_001, 1 << 31, 1 << 32, u64::MAX] {
        let refused = Err(PbeError::Iterations(iterations));
        assert_eq!(pbes2(&[&salt, &number(iterations)], &iv), refused);
        assert_eq!(pbes1(&[&salt, &number(iterations)]), refused);
    }
    for salt in [octets(&[]), octets(&[7; 1025])] {
        assert!(matches!(pbes2(&[&salt, &number(1)], &iv), Err(PbeError::Parameters(_))));
        assert!(matches!(pbes1(&[&salt, &number(1)]), Err(PbeError::Parameters(_))));
    }
    for length in [0, 1, 31, 33, 1 << 32, u64::MAX] {
        let refused = pbes2(&[&salt, &number(1), &number(length)], &iv);
        assert!(matches!(refused, Err(PbeError::Parameters(_))), "{length}");
    }
    for length in [0, 8, 15, 17, 32] {
        let refused = pbes2(&[&salt, &number(1)], &octets(&vec![9; length]));
        assert!(matches!(refused, Err(PbeError::Parameters(_))), "{length}");
    }
}

#[test]
fn what_is_no_parameters_is_refused() {
    let (salt, iv) = (octets(&[7; 8]), octets(&[9; 16]));
    let negative = [0x02, 0x01, 0xFF];
    let huge = element(Tag::Integer, &[&[0x7F; 100]]);
    let is_refused = |scheme: Result<Scheme, PbeError>| matches!(scheme, Err(PbeError::Parameters(_)));
    for iterations in [negative.as_slice(), &huge, &[0x05, 0x00], &[]] {
        assert!(is_refused(pbes2(&[&salt, iterations], &iv)), "{iterations:02X?}");
        assert!(is_refused(pbes1(&[&salt, iterations])), "{iterations:02X?}");
    }
    assert!(is_refused(pbes1(&[&salt, &number(1), &number(1)])));
    assert!(is_refused(pbes2(&[&salt, &number(1)], &number(1))));
    // A salt from elsewhere, and a hash with parameters.
    assert!(is_refused(pbes2(&[&identified("1.2.3", &[]), &number(1)], &iv)));
    assert!(is_refused(pbes2(&[&salt, &number(1), &identified("1.2.840.113549.2.9", &number(1))], &iv)));
    assert_eq!(
        pbes2(&[&salt, &number(1), &identified("1.2.840.113549.2.12", &[0x05, 0x00])], &iv),
        Err(PbeError::Unsupported("PBES2 with PBKDF2-HMAC-SHA512/224".to_owned()))
    );
    for oid in ["1.2.840.113549.1.5.13", "1.2.840.113549.1.12.1.6"] {
        assert!(is_refused(Scheme::from_algorithm(&algorithm(oid, None))), "{oid}");
        assert!(is_refused(Scheme::from_algorithm(&algorithm(oid, Some(&[0x05, 0x00])))), "{oid}");
    }
    let key = base64(OPENSSL[0].1);
    assert!(EncryptedPrivateKeyInfo::is_one(&key) && !EncryptedPrivateKeyInfo::is_one(&base64(KEY)));
    for length in 0..key.len() {
        assert!(EncryptedPrivateKeyInfo::from_der(&key[..length]).is_err(), "{length}");
    }
    assert!(EncryptedPrivateKeyInfo::from_der(&[&key, [0].as_slice()].concat()).is_err());
}
