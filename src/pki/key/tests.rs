use super::*;

#[test]
fn a_key_survives_its_pkcs8_form_and_has_version_1() {
    for algorithm in
        [KeyAlgorithm::Rsa2048, KeyAlgorithm::EcP256, KeyAlgorithm::EcP384, KeyAlgorithm::EcP521, KeyAlgorithm::Ed25519]
    {
        let key = KeyPair::generate(algorithm).unwrap();
        let pkcs8 = key.to_pkcs8().unwrap();
        assert!(PrivateKeyInfoRef::from_der(&pkcs8).unwrap().public_key.is_none(), "{algorithm}");
        let again = KeyPair::from_pkcs8(&pkcs8).unwrap();
        assert_eq!(again.public_key_info(), key.public_key_info(), "{algorithm}");
        assert_eq!(again.to_pkcs8().unwrap(), pkcs8, "{algorithm}");
        assert_eq!(again.key_type().to_string(), algorithm.name());
        assert_eq!(KeyType::of(&key.public_key_info()), Ok(key.key_type()));
        let followed = KeyPair::from_pkcs8(&[&pkcs8, [0].as_slice()].concat());
        assert_eq!(followed.unwrap_err(), KeyError::Malformed, "{algorithm}");
    }
}

#[test]
fn a_key_of_version_2_is_the_same_without_its_public_half() {
    let key = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap();
    let other = KeyPair::generate(KeyAlgorithm::Ed25519).unwrap();
    let version_2 = key.inner.serialized_der();
    assert!(PrivateKeyInfoRef::from_der(version_2).unwrap().public_key.is_some());
    let again = KeyPair::from_pkcs8(version_2).unwrap();
    assert_eq!(again.public_key_info(), key.public_key_info());
    assert_eq!(again.to_pkcs8().unwrap(), key.to_pkcs8().unwrap());

    let mut mixed = PrivateKeyInfoRef::from_der(version_2).unwrap();
    mixed.public_key = PrivateKeyInfoRef::from_der(other.inner.serialized_der()).unwrap().public_key;
    let mixed = KeyPair::from_pkcs8(&mixed.to_der().unwrap());
    assert_eq!(mixed.unwrap_err(), KeyError::Inconsistent(KeyType::Ed25519));
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    for algorithm in [KeyAlgorithm::Rsa2048, KeyAlgorithm::EcP256, KeyAlgorithm::EcP521] {
        let pkcs8 = KeyPair::generate(algorithm).unwrap().to_pkcs8().unwrap();
        // The middle of RSA is a prime or an exponent, the end of EC its public key.
        let at = if algorithm.is_rsa() { pkcs8.len() / 2 } else { pkcs8.len() - 3 };
        let mut changed = pkcs8.clone();
        changed[at] ^= 1;
        let refused = KeyPair::from_pkcs8(&changed).unwrap_err();
        assert_eq!(refused, KeyError::Inconsistent(KeyType::from(algorithm)));
        for length in (0..pkcs8.len()).step_by(7) {
            assert_eq!(KeyPair::from_pkcs8(&pkcs8[..length]).unwrap_err(), KeyError::Malformed, "{length}");
        }
    }
}

#[test]
fn a_key_does_not_show_itself() {
    assert_eq!(format!("{:?}", KeyPair::generate(KeyAlgorithm::Ed25519).unwrap()), "KeyPair(ed25519)");
}

#[test]
fn a_compressed_point_is_refused_where_a_key_shall_be_sound() {
    for algorithm in [KeyAlgorithm::EcP256, KeyAlgorithm::EcP384, KeyAlgorithm::EcP521] {
        let sound = KeyPair::generate(algorithm).unwrap().public_key_info();
        assert_eq!(KeyType::of_sound(&sound), Ok(KeyType::from(algorithm)));
        let info = SubjectPublicKeyInfoRef::from_der(&sound).unwrap();
        let point = info.subject_public_key.as_bytes().unwrap();
        let x = &point[1..=point.len() / 2];
        let compressed = [&[2 + point[point.len() - 1] % 2], x].concat();
        let info = SubjectPublicKeyInfoRef {
            algorithm: info.algorithm,
            subject_public_key: der::asn1::BitStringRef::from_bytes(&compressed).unwrap(),
        };
        assert_eq!(KeyType::of_sound(&info.to_der().unwrap()), Err(KeyError::CompressedPoint));
    }
}
