//! Salts that are the same each time.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::hmac;

use crate::random::{Random, RandomError};

/// Salts and initialization vectors of one store that is written anew: HMAC-SHA-256 under a secret, which nobody who does not know it
/// can tell from random bytes. What the store is goes into them, so that no two stores with one secret share any.
pub(super) struct Salts {
    key: hmac::Key,
    count: AtomicU64,
}

impl Salts {
    /// Returns the salts of a store; `parts` say which one it is, and whose.
    pub(super) fn new(secret: &[u8], parts: &[&[u8]]) -> Self {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
        for part in parts {
            // A length before each part, so that no two lists of parts are one text.
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, context.sign().as_ref()), count: AtomicU64::new(0) }
    }
}

impl Random for Salts {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        for chunk in out.chunks_mut(32) {
            let number = self.count.fetch_add(1, Ordering::Relaxed);
            let block = hmac::sign(&self.key, &number.to_be_bytes());
            for (byte, made) in chunk.iter_mut().zip(block.as_ref()) {
                *byte = *made;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(secret: &[u8], parts: &[&[u8]]) -> [u8; 40] {
        crate::random::bytes(&Salts::new(secret, parts)).unwrap()
    }

    #[test]
    fn the_same_store_has_the_same_salts_and_no_other_has() {
        let known = first(b"key", &[b"keystore", b"jks"]);
        assert_eq!(first(b"key", &[b"keystore", b"jks"]), known);
        for other in [
            first(b"kez", &[b"keystore", b"jks"]),
            first(b"key", &[b"keystore", b"p12"]),
            first(b"key", &[b"keystorej", b"ks"]),
            first(b"key", &[b"keystore", b"jks", b""]),
        ] {
            assert_ne!(other, known);
        }
        let salts = Salts::new(b"key", &[]);
        let [one, other]: [[u8; 16]; 2] = [(); 2].map(|()| crate::random::bytes(&salts).unwrap());
        assert_ne!(one, other);
    }
}
