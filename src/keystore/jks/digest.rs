//! The two uses of SHA-1: over a store with its password, and over a password with a part of a key.

use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

pub(super) const DIGEST_LENGTH: usize = 20;

/// What `JavaKeyStore.getPreKeyedHash` puts between the password and the store.
const WHITENER: &[u8] = b"Mighty Aphrodite";

/// A password as the format digests it: the UTF-16 code units of the Java string, big-endian.
pub(super) struct PasswordBytes(Zeroizing<Vec<u8>>);

impl PasswordBytes {
    pub(super) fn new(password: &str) -> Self {
        // Never more than two bytes for one of UTF-8, so nothing is moved and left behind unwiped.
        let mut bytes = Zeroizing::new(Vec::with_capacity(password.len().saturating_mul(2)));
        for unit in password.encode_utf16() {
            bytes.extend_from_slice(&unit.to_be_bytes());
        }
        Self(bytes)
    }

    /// Returns the digest over the password and one more thing, as `KeyProtector` uses it.
    pub(super) fn digest_with(&self, part: &[u8]) -> [u8; DIGEST_LENGTH] {
        Sha1::new().chain_update(self.0.as_slice()).chain_update(part).finalize().into()
    }
}

/// Returns the digest that stands at the end of a store with this body.
pub(super) fn store_digest(password: &str, body: &[u8]) -> [u8; DIGEST_LENGTH] {
    let password = PasswordBytes::new(password);
    Sha1::new().chain_update(password.0.as_slice()).chain_update(WHITENER).chain_update(body).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_is_utf16_big_endian() {
        let cases: [(&str, &[u8]); 4] = [
            ("", &[]),
            ("az", &[0, b'a', 0, b'z']),
            ("ä€", &[0x00, 0xE4, 0x20, 0xAC]),
            ("🔑", &[0xD8, 0x3D, 0xDD, 0x11]),
        ];
        for (password, expected) in cases {
            assert_eq!(PasswordBytes::new(password).0.as_slice(), expected, "{password}");
        }
    }

    #[test]
    fn password_bytes_are_never_reallocated() {
        for password in ["", "a", "ä", "€", "🔑", "aä€🔑", &"€".repeat(1000)] {
            let capacity = Vec::<u8>::with_capacity(password.len() * 2).capacity();
            assert_eq!(PasswordBytes::new(password).0.capacity(), capacity, "{password}");
        }
    }
}
