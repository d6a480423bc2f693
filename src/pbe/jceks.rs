//! Private keys in a JCEKS store: `PBEWithMD5AndTripleDES` of the JDK (`com.sun.crypto.provider.PBES1Core`), read only.

use der::asn1::{Any, ObjectIdentifier};
use md5::{Digest, Md5};
use x509_cert::spki::AlgorithmIdentifier;
use zeroize::Zeroizing;

use super::algorithm::read_pbe_params;
use super::cipher::Cipher;
use super::{MAX_ITERATIONS, PbeError};

/// `PBEWithMD5AndTripleDES`, Sun's own.
pub(crate) const PBE_WITH_MD5_AND_TRIPLE_DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.42.2.19.1");

/// The length of a half of the salt.
const HALF: usize = 4;
/// The length of a 3DES key; the IV follows it.
const KEY: usize = 24;

/// The parameters of the algorithm.
pub(crate) struct JceksScheme {
    halves: [[u8; HALF]; 2],
    iterations: u64,
}

impl JceksScheme {
    /// Reads the parameters of [`PBE_WITH_MD5_AND_TRIPLE_DES`].
    pub(crate) fn from_algorithm(algorithm: &AlgorithmIdentifier<Any>) -> Result<Self, PbeError> {
        let (salt, iterations) = read_pbe_params(algorithm)?;
        let (halves, []) = salt.as_chunks() else { return Err(PbeError::Parameters("its salt is not of 8 bytes")) };
        // The JDK turns one half around, in its own way. A random salt is never such a one.
        match halves {
            [first, second] if first != second => Ok(Self { halves: [*first, *second], iterations }),
            _ => Err(PbeError::Parameters("its salt is not of 8 bytes, or of two halves that are the same")),
        }
    }

    /// Returns how often it hashes for each half.
    pub(crate) fn iterations(&self) -> u64 {
        self.iterations
    }

    /// Returns what `ciphertext` was. Whoever asks for it has to know that the iterations are few enough.
    pub(crate) fn decrypt(&self, ciphertext: &[u8], password: &str) -> Result<Zeroizing<Vec<u8>>, PbeError> {
        if !(1..=u64::from(MAX_ITERATIONS)).contains(&self.iterations) {
            return Err(PbeError::Iterations(self.iterations));
        }
        let mut derived = Zeroizing::new(Vec::with_capacity(2 * 16));
        for half in &self.halves {
            derived.extend_from_slice(self.digest(half, password).as_slice());
        }
        let (key, iv) = derived.split_at_checked(KEY).ok_or(PbeError::Decrypt)?;
        Cipher::TripleDes.decrypt(key, iv, ciphertext).ok_or(PbeError::Decrypt)
    }

    fn digest(&self, half: &[u8], password: &str) -> Zeroizing<[u8; 16]> {
        let first = Md5::new().chain_update(half).chain_update(password).finalize();
        let mut digest = Zeroizing::new(<[u8; 16]>::from(first));
        for _ in 1..self.iterations {
            *digest = Md5::new().chain_update(digest.as_slice()).chain_update(password).finalize().into();
        }
        digest
    }
}
