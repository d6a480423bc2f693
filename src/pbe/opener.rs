//! Private keys under a password, opened with an end to the work.

use std::fmt;

use zeroize::Zeroizing;

use super::{EncryptedPrivateKeyInfo, PbeError};

/// The work for one file, in iterations of PBKDF2 with HMAC-SHA256: less than a second.
pub const MAX_WORK: u64 = 3_000_000;

/// Opens private keys: each once, and no more of them than there is time for.
pub struct KeyOpener {
    work_left: u64,
    tried: Vec<Tried>,
}

/// A key with a password, and what came of it.
struct Tried {
    key: EncryptedPrivateKeyInfo,
    password: Zeroizing<String>,
    outcome: Result<Zeroizing<Vec<u8>>, PbeError>,
}

/// As much as there is time for in a file of anybody's.
impl Default for KeyOpener {
    fn default() -> Self {
        Self { work_left: MAX_WORK, tried: Vec::new() }
    }
}

/// Nothing of keys and passwords.
impl fmt::Debug for KeyOpener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyOpener").field("work_left", &self.work_left).finish_non_exhaustive()
    }
}

impl KeyOpener {
    /// Returns one that takes its time, for keys that somebody has asked to be used.
    pub fn patient() -> Self {
        Self { work_left: u64::MAX, tried: Vec::new() }
    }

    /// Returns what should be the DER of a PKCS#8 structure, unless it would take too long.
    pub fn open(&mut self, key: &EncryptedPrivateKeyInfo, password: &str) -> Result<Zeroizing<Vec<u8>>, PbeError> {
        if let Some(tried) = self.tried.iter().find(|tried| tried.key == *key && tried.password.as_str() == password) {
            return tried.outcome.clone();
        }
        let work_left = self.work_left.checked_sub(key.scheme.work());
        self.work_left = work_left.ok_or(PbeError::TooMuchWork(key.scheme.iterations().into()))?;
        let outcome = key.decrypt(password);
        let password = Zeroizing::new(password.to_owned());
        self.tried.push(Tried { key: key.clone(), password, outcome: outcome.clone() });
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pbe::Scheme;
    use crate::random::SystemRandom;

    fn key(iterations: u32) -> EncryptedPrivateKeyInfo {
        EncryptedPrivateKeyInfo::encrypt(b"key", Scheme::pbes2(iterations, &SystemRandom).unwrap(), "right").unwrap()
    }

    #[test]
    fn a_key_is_derived_once_for_each_password() {
        let (key, mut opener) = (key(1000), KeyOpener::default());
        for _ in 0..3 {
            assert_eq!(*opener.open(&key, "right").unwrap(), b"key");
            assert!(opener.open(&key, "wrong").is_err() || opener.open(&key, "wrong").is_ok_and(|key| *key != b"key"));
        }
        assert_eq!(opener.work_left, MAX_WORK - 2000);
        assert!(!format!("{opener:?}").contains("right"));
    }

    #[test]
    fn too_much_work_is_not_begun() {
        let mut key = key(1);
        key.scheme.iterations = 2_000_000;
        let mut opener = KeyOpener { work_left: 1_000_000, tried: Vec::new() };
        assert_eq!(opener.open(&key, "right"), Err(PbeError::TooMuchWork(2_000_000)));
        assert_eq!((opener.work_left, opener.tried.len()), (1_000_000, 0));
    }
}
