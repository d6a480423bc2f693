//! Private keys in PKCS#8, and in all the forms of others: one that is taken is written so that it is taken again, and is the same.

#![no_main]

use std::sync::LazyLock;

use kafka_certgen::pki::{KeyPair, KeyType, PrivateKeyError, ReadPrivateKey, key_pem, read_private_key};
use kafka_certgen::secret::Password;
use libfuzzer_sys::fuzz_target;
use zeroize::Zeroizing;

/// The password of the encrypted keys in `tests/fixtures/keys_foreign`.
static PASSWORD: LazyLock<Password> =
    LazyLock::new(|| Password::new(Zeroizing::new("test1234".to_owned())).expect("a password"));

fuzz_target!(|bytes: &[u8]| {
    if let Ok(key) = KeyPair::from_pkcs8(bytes) {
        write_again(&key);
    }
    match read_private_key(bytes, None) {
        Ok(ReadPrivateKey { key, was_encrypted }) => {
            assert!(!was_encrypted);
            write_again(&key);
        }
        // Most of the time would go into the derivation of keys from a mutated count of iterations.
        Err(PrivateKeyError::NoPassword) if bytes.len() % 8 == 0 => {
            if let Ok(ReadPrivateKey { key, was_encrypted }) = read_private_key(bytes, Some(&PASSWORD)) {
                assert!(was_encrypted);
                write_again(&key);
            }
        }
        Err(_) => {}
    }
});

fn write_again(key: &KeyPair) {
    assert_eq!(KeyType::of(&key.public_key_info()), Ok(key.key_type()));
    let written = key.to_pkcs8().expect("what was read can be written");
    let again = KeyPair::from_pkcs8(&written).expect("what was written can be read");
    assert_eq!(again.public_key_info(), key.public_key_info());
    let pem = key_pem(&written).expect("what was written can be PEM");
    let again = read_private_key(&pem, None).expect("what was written can be read");
    assert_eq!(again.key.public_key_info(), key.public_key_info());
}
