//! A truststore that many identities have in common.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use super::{KeyStore, KeyStoreError};
use crate::random::Random;
use crate::secret::Password;

/// A truststore for all identities whose stores have the same password: each format is made when it is first asked for, and
/// its bytes are the same for all.
///
/// They are copies of one file, so that nobody learns anything from their salt being one: whoever guesses the password of one has
/// that of all, whatever the salts.
pub struct CommonTruststore {
    store: KeyStore,
    password: Password,
    jks: Mutex<Option<Zeroizing<Vec<u8>>>>,
    pkcs12: Mutex<Option<Zeroizing<Vec<u8>>>>,
}

/// Nothing of the password.
impl fmt::Debug for CommonTruststore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommonTruststore").field("store", &self.store).finish_non_exhaustive()
    }
}

impl CommonTruststore {
    /// Takes the entries and the password; nothing is written yet.
    pub fn new(store: KeyStore, password: Password) -> Self {
        Self { store, password, jks: Mutex::default(), pkcs12: Mutex::default() }
    }

    /// Returns the store as JKS.
    pub fn to_jks(&self, random: &dyn Random) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        // There is no key in it to have a password of its own.
        made_once(&self.jks, || self.store.to_jks(&self.password, &self.password, random))
    }

    /// Returns the store as PKCS#12.
    pub fn to_pkcs12(&self, random: &dyn Random) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
        made_once(&self.pkcs12, || self.store.to_pkcs12(&self.password, random))
    }
}

/// Returns what is there, or else makes it while the others wait.
fn made_once(
    place: &Mutex<Option<Zeroizing<Vec<u8>>>>,
    make: impl FnOnce() -> Result<Vec<u8>, KeyStoreError>,
) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    // Whoever panicked while it was held has put nothing there.
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(made) = place.as_ref() {
        return Ok(made.clone());
    }
    Ok(place.insert(Zeroizing::new(make()?)).clone())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use time::macros::datetime;

    use super::*;
    use crate::keystore::{Entry, EntryContent, StoreFile};
    use crate::random::{RandomError, SystemRandom};

    const CA: &[u8] = include_bytes!("../../tests/fixtures/pkcs12/ca.der");

    fn common() -> CommonTruststore {
        let mut store = KeyStore::new();
        let content = EntryContent::TrustedCertificate(CA.to_vec());
        store
            .add(Entry { alias: "CARoot".parse().unwrap(), created: datetime!(2026-01-01 00:00 UTC), content })
            .unwrap();
        CommonTruststore::new(store, Password::new(Zeroizing::new("storepass".to_owned())).unwrap())
    }

    /// Fails as often as it is told to, and counts how often it is asked.
    struct Failing {
        failures: usize,
        asked: AtomicUsize,
    }

    impl Random for Failing {
        fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
            if self.asked.fetch_add(1, Ordering::Relaxed) < self.failures {
                return Err(RandomError);
            }
            SystemRandom.fill(out)
        }
    }

    #[test]
    fn all_get_the_same_bytes_and_they_are_made_once() {
        let (common, random) = (common(), Failing { failures: 0, asked: AtomicUsize::new(0) });
        let stores: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| common.to_pkcs12(&random).unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(stores.windows(2).all(|pair| pair[0] == pair[1]));
        // Two salts and an initialization vector.
        assert_eq!(random.asked.load(Ordering::Relaxed), 3);
        for bytes in [stores[0].clone(), common.to_jks(&random).unwrap()] {
            let store = StoreFile::open(&bytes, &common.password).unwrap();
            assert_eq!(store.entries().len(), 1);
        }
    }

    #[test]
    fn what_failed_is_tried_again() {
        let (common, random) = (common(), Failing { failures: 1, asked: AtomicUsize::new(0) });
        assert!(common.to_pkcs12(&random).is_err());
        assert!(common.to_pkcs12(&random).is_ok());
    }
}
