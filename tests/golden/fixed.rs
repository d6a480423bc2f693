//! The clock, the random source and the keys, each the same in every run.

use std::sync::atomic::{AtomicU8, Ordering};

use kafka_certgen::pki::{KeyPair, KeyType};
use kafka_certgen::random::{Random, RandomError};
use kafka_certgen::secret::Password;
use kafka_certgen::spec::KeyAlgorithm;
use time::OffsetDateTime;
use time::macros::datetime;
use zeroize::Zeroizing;

use crate::fixture;

/// Not a whole second: certificates have seconds, JKS has milliseconds.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-21 12:00:00.123456789 UTC);

/// Gives 0, 1, 2, … and so shows in a dump what is random and in which order it was taken.
#[derive(Default)]
pub(crate) struct Counting(AtomicU8);

impl Random for Counting {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        out.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

/// Reads a key from the fixtures.
pub(crate) fn key(path: &str, algorithm: KeyAlgorithm) -> KeyPair {
    let pem = pem::parse(fixture::read(path)).unwrap();
    assert_eq!(pem.tag(), "PRIVATE KEY");
    let key = KeyPair::from_pkcs8(pem.contents()).unwrap();
    assert_eq!(key.key_type(), KeyType::from(algorithm));
    key
}

pub(crate) fn password(text: &str) -> Password {
    Password::new(Zeroizing::new(text.to_owned())).unwrap()
}
