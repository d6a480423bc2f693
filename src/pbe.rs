//! Password-based encryption of keys and stores: PBES2 (RFC 8018 §6.2) and the PBES1 schemes of PKCS#12 (RFC 7292
//! appendices B and C).
//!
//! What is read may be anybody's, so the parameters have bounds: nobody's file makes this program work for hours.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod algorithm;
mod cipher;
mod derivation;
mod jceks;
mod opener;
#[cfg(test)]
mod tests;

use std::fmt;

use der::asn1::{Any, OctetString};
use der::{Decode, Encode, Sequence};
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use x509_cert::spki::AlgorithmIdentifier;
use zeroize::Zeroizing;

use self::cipher::Cipher;
pub(crate) use self::derivation::{Derivation, DerivedKey, derive};
pub(crate) use self::jceks::{JceksScheme, PBE_WITH_MD5_AND_TRIPLE_DES};
pub use self::opener::{KeyOpener, MAX_WORK};
use crate::random::{self, Random, RandomError};

/// The most iterations that are done: the JDK's own cap (`sun.security.pkcs12.PKCS12KeyStore.MAX_ITERATION_COUNT`).
pub const MAX_ITERATIONS: u32 = 5_000_000;

/// The most bytes that a salt may have. Writers use 8 to 64.
const MAX_SALT: usize = 1024;

/// How many bytes a new salt has.
const NEW_SALT: usize = 16;

/// How many bytes a salt in a new store has.
pub(crate) const NEW_SALT_IN_STORE: usize = 32;

/// How much slower PBKDF2 is with SHA-512 than with SHA-256, for which processors have instructions.
const WORK_OF_SHA512: u64 = 5;

/// Why something could not be encrypted or decrypted. Never holds a password or what it protects.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PbeError {
    /// The password is not the one that it was encrypted with, or the ciphertext is damaged: nobody can tell.
    Decrypt,
    /// No iterations, or more than [`MAX_ITERATIONS`].
    Iterations(u64),
    /// Parameters that the algorithm does not have; the text says which.
    Parameters(&'static str),
    /// The system's random source has failed.
    Random(RandomError),
    /// It asks for so many iterations, and there is no time for them.
    TooMuchWork(u64),
    /// An algorithm that is not done here, by its name or its object identifier.
    Unsupported(String),
}

impl fmt::Display for PbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decrypt => write!(f, "the password is wrong, or what it encrypts is damaged"),
            Self::Iterations(count) => {
                write!(f, "the encryption has {count} iterations, 1 to {MAX_ITERATIONS} are allowed")
            }
            Self::Parameters(what) => write!(f, "the encryption cannot be used: {what}"),
            Self::Random(error) => error.fmt(f),
            Self::TooMuchWork(count) => write!(f, "the encryption asks for {count} iterations, which is too much work"),
            Self::Unsupported(name) => write!(f, "the encryption {name} is not supported"),
        }
    }
}

impl std::error::Error for PbeError {}

impl From<RandomError> for PbeError {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}

/// How something is encrypted under a password: the algorithm with its salt, its iterations and its IV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    kind: Kind,
    cipher: Cipher,
    salt: Vec<u8>,
    iterations: u32,
}

/// How key and IV come about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// The key out of PBKDF2 with this HMAC, the IV out of the parameters.
    Pbes2 { prf: Prf, iv: Vec<u8> },
    /// Both out of the derivation of RFC 7292 appendix B with SHA-1.
    Pbes1,
}

/// The hash of PBKDF2's HMAC (RFC 8018 appendix B.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prf {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Scheme {
    /// Reads a scheme out of an `AlgorithmIdentifier`.
    pub fn from_algorithm(algorithm: &AlgorithmIdentifier<Any>) -> Result<Self, PbeError> {
        algorithm::read(algorithm)
    }

    /// Makes a new scheme of PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC, which OpenSSL 3 and the JDK write.
    pub fn pbes2(iterations: u32, random: &dyn Random) -> Result<Self, PbeError> {
        Self::new(Some(Prf::Sha256), Cipher::Aes256, iterations, random)
    }

    /// Makes a scheme as [`Scheme::pbes2`] does, under a salt that is there already, for a part of a new store;
    /// [`Scheme::encrypt_under`] takes the key that was derived with that.
    pub(crate) fn in_store(
        iterations: u32,
        salt: [u8; NEW_SALT_IN_STORE],
        random: &dyn Random,
    ) -> Result<Self, PbeError> {
        Self::with_salt(Some(Prf::Sha256), Cipher::Aes256, salt.to_vec(), iterations, random)
    }

    /// Makes a new scheme of PBES1 with SHA-1 and 3DES (`pbeWithSHAAnd3-KeyTripleDES-CBC`), which old readers need.
    pub fn pbes1_triple_des(iterations: u32, random: &dyn Random) -> Result<Self, PbeError> {
        Self::new(None, Cipher::TripleDes, iterations, random)
    }

    /// Returns the same algorithm with as many iterations, under a new salt and a new IV.
    pub fn renewed(&self, random: &dyn Random) -> Result<Self, PbeError> {
        let prf = match self.kind {
            Kind::Pbes2 { prf, .. } => Some(prf),
            Kind::Pbes1 => None,
        };
        Self::new(prf, self.cipher, self.iterations, random)
    }

    fn new(prf: Option<Prf>, cipher: Cipher, iterations: u32, random: &dyn Random) -> Result<Self, PbeError> {
        let salt = random::bytes::<NEW_SALT>(random)?.to_vec();
        Self::with_salt(prf, cipher, salt, iterations, random)
    }

    fn with_salt(
        prf: Option<Prf>,
        cipher: Cipher,
        salt: Vec<u8>,
        iterations: u32,
        random: &dyn Random,
    ) -> Result<Self, PbeError> {
        let kind = match prf {
            Some(prf) => {
                let mut iv = vec![0; cipher.iv_length()];
                random.fill(&mut iv)?;
                Kind::Pbes2 { prf, iv }
            }
            None => Kind::Pbes1,
        };
        Self::checked(kind, cipher, salt, u64::from(iterations))
    }

    /// Holds every scheme to the bounds, whether it was read or made.
    fn checked(kind: Kind, cipher: Cipher, salt: Vec<u8>, iterations: u64) -> Result<Self, PbeError> {
        let in_bounds = u32::try_from(iterations).ok().filter(|count| (1..=MAX_ITERATIONS).contains(count));
        let iterations = in_bounds.ok_or(PbeError::Iterations(iterations))?;
        if !(1..=MAX_SALT).contains(&salt.len()) {
            return Err(PbeError::Parameters("its salt is empty or longer than 1024 bytes"));
        }
        match &kind {
            Kind::Pbes2 { iv, .. } if iv.len() != cipher.iv_length() => {
                Err(PbeError::Parameters("its initialization vector has another length than the cipher's blocks"))
            }
            _ => Ok(Self { kind, cipher, salt, iterations }),
        }
    }

    /// Returns the `AlgorithmIdentifier` that says all of this.
    pub fn algorithm(&self) -> Result<AlgorithmIdentifier<Any>, PbeError> {
        algorithm::write(self).map_err(|_| PbeError::Parameters("it cannot be written as DER"))
    }

    /// Returns how often the key derivation hashes.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Returns how much work the key derivation is, in iterations of PBKDF2 with HMAC-SHA256 for 32 bytes.
    pub(crate) fn work(&self) -> u64 {
        let iterations = u64::from(self.iterations);
        match &self.kind {
            Kind::Pbes2 { prf, .. } => iterations.saturating_mul(prf.work(self.cipher.key_length())),
            // Key and IV, but no HMAC.
            Kind::Pbes1 => iterations.saturating_mul(2),
        }
    }

    /// Returns a name to show: `PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC`, `PBES1 with SHA-1 and 40-bit RC2`.
    pub fn name(&self) -> String {
        scheme_name(&self.kind, self.cipher)
    }

    /// Returns what `ciphertext` was before [`Scheme::encrypt`].
    ///
    /// With a wrong password one of 256 padded plaintexts comes out as something all the same: what it is has to be
    /// checked by whoever knows what it should be.
    pub fn decrypt(&self, ciphertext: &[u8], password: &str) -> Result<Zeroizing<Vec<u8>>, PbeError> {
        let (key, iv) = self.derive(password);
        self.cipher.decrypt(&key, &iv, ciphertext).ok_or(PbeError::Decrypt)
    }

    /// Returns `plaintext` encrypted under `password`. A scheme is for one plaintext: see [`Scheme::renewed`].
    pub fn encrypt(&self, plaintext: &[u8], password: &str) -> Result<Vec<u8>, PbeError> {
        let (key, iv) = self.derive(password);
        self.cipher.encrypt(&key, &iv, plaintext).ok_or(PbeError::Parameters("its key does not fit its cipher"))
    }

    /// Returns `plaintext` encrypted under the key that was derived for a scheme out of [`Scheme::in_store`].
    pub(crate) fn encrypt_under(&self, key: &DerivedKey, plaintext: &[u8]) -> Result<Vec<u8>, PbeError> {
        let iv = match &self.kind {
            Kind::Pbes2 { iv, .. } => iv.as_slice(),
            Kind::Pbes1 => &[],
        };
        self.cipher
            .encrypt(key.as_slice(), iv, plaintext)
            .ok_or(PbeError::Parameters("its key does not fit its cipher"))
    }

    /// Returns the key and the IV.
    fn derive(&self, password: &str) -> (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>) {
        match &self.kind {
            Kind::Pbes2 { prf, iv } => {
                let mut key = Zeroizing::new(vec![0; self.cipher.key_length()]);
                prf.derive(password.as_bytes(), &self.salt, self.iterations, &mut key);
                (key, Zeroizing::new(iv.clone()))
            }
            Kind::Pbes1 => {
                let password = java_characters(password);
                let rounds = i32::try_from(self.iterations).unwrap_or(i32::MAX);
                let derive = |kind, length| {
                    Zeroizing::new(derive_key::<sha1::Sha1>(&password, &self.salt, kind, rounds, length))
                };
                let key = derive(Pkcs12KeyType::EncryptionKey, self.cipher.key_length());
                (key, derive(Pkcs12KeyType::Iv, self.cipher.iv_length()))
            }
        }
    }
}

fn scheme_name(kind: &Kind, cipher: Cipher) -> String {
    match kind {
        Kind::Pbes2 { prf, .. } => format!("PBES2 with PBKDF2-HMAC-{} and {}-CBC", prf.name(), cipher.name()),
        Kind::Pbes1 => format!("PBES1 with SHA-1 and {}", cipher.name()),
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// What an `AlgorithmIdentifier` says of an encryption, whether or not it can be undone here, and whatever its bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeOutline {
    /// A name to show, or the object identifier where there is none.
    pub name: String,
    /// How often the key derivation hashes, where that is known.
    pub iterations: Option<u64>,
    /// It is PBES2 (RFC 8018), which old readers do not know.
    pub is_pbes2: bool,
    /// OpenSSL 3 decrypts it with its legacy provider only.
    pub needs_openssl_legacy: bool,
    /// No JDK decrypts it.
    pub is_unknown_to_java: bool,
}

impl SchemeOutline {
    /// Reads what can be read of an `AlgorithmIdentifier`.
    pub fn of(algorithm: &AlgorithmIdentifier<Any>) -> Self {
        algorithm::outline(algorithm)
    }
}

/// PBKDF2 (RFC 8018 §5.2) with its parameters as they were read, not held to any bounds.
pub(crate) struct Pbkdf2 {
    prf: Prf,
    pub(crate) salt: Vec<u8>,
    pub(crate) iterations: u64,
    /// In bytes.
    pub(crate) key_length: Option<u64>,
}

impl Pbkdf2 {
    pub(crate) fn from_algorithm(algorithm: &AlgorithmIdentifier<Any>) -> Result<Self, PbeError> {
        algorithm::read_pbkdf2(algorithm)
    }

    /// Returns the name of its HMAC, such as `SHA256`.
    pub(crate) fn prf_name(&self) -> &'static str {
        self.prf.name()
    }

    /// Returns how much work it is, as [`Scheme::work`] does.
    pub(crate) fn work(&self, length: usize) -> u64 {
        self.iterations.saturating_mul(self.prf.work(length))
    }

    /// Returns a key of this length. Whoever asks for it has to know that the iterations are few enough.
    pub(crate) fn derive(&self, password: &str, length: usize) -> Zeroizing<Vec<u8>> {
        let mut key = Zeroizing::new(vec![0; length]);
        let iterations = u32::try_from(self.iterations).unwrap_or(u32::MAX);
        self.prf.derive(password.as_bytes(), &self.salt, iterations, &mut key);
        key
    }
}

impl Prf {
    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha224 => "SHA224",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }

    /// Returns how much work an iteration for a key of this length is, with one of SHA-256 for 32 bytes as one.
    fn work(self, key_length: usize) -> u64 {
        let (length, weight) = match self {
            Self::Sha1 => (20, 1),
            Self::Sha224 => (28, 1),
            Self::Sha256 => (32, 1),
            Self::Sha384 => (48, WORK_OF_SHA512),
            Self::Sha512 => (64, WORK_OF_SHA512),
        };
        u64::try_from(key_length.div_ceil(length)).unwrap_or(u64::MAX).saturating_mul(weight)
    }

    fn derive(self, password: &[u8], salt: &[u8], iterations: u32, key: &mut [u8]) {
        match self {
            Self::Sha1 => pbkdf2::pbkdf2_hmac::<sha1::Sha1>(password, salt, iterations, key),
            Self::Sha224 => pbkdf2::pbkdf2_hmac::<sha2::Sha224>(password, salt, iterations, key),
            Self::Sha256 => derive_sha256(password, salt, iterations, key),
            Self::Sha384 => pbkdf2::pbkdf2_hmac::<sha2::Sha384>(password, salt, iterations, key),
            Self::Sha512 => pbkdf2::pbkdf2_hmac::<sha2::Sha512>(password, salt, iterations, key),
        }
    }
}

fn derive_sha256(password: &[u8], salt: &[u8], iterations: u32, key: &mut [u8]) {
    for (index, part) in (1..).zip(key.chunks_mut(32)) {
        let block = Derivation::pbkdf2(password, salt, iterations, index).alone();
        part.iter_mut().zip(block.iter()).for_each(|(place, byte)| *place = *byte);
    }
}

/// Returns a password as RFC 7292 appendix B.1 wants it: UTF-16 with a NUL at the end.
fn java_characters(password: &str) -> Zeroizing<Vec<u8>> {
    // UTF-16 has no more units than UTF-8 has bytes, so that nothing is left behind by a buffer that grows.
    let length = password.len().saturating_add(1).saturating_mul(2);
    let mut characters = Zeroizing::new(Vec::with_capacity(length));
    for unit in password.encode_utf16().chain([0]) {
        characters.extend_from_slice(&unit.to_be_bytes());
    }
    characters
}

/// A private key under a password (`EncryptedPrivateKeyInfo`, RFC 5208 §6): a file of its own, and the content of a
/// `pkcs8ShroudedKeyBag` of PKCS#12.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncryptedPrivateKeyInfo {
    /// How it is encrypted.
    pub scheme: Scheme,
    /// The PKCS#8 after that.
    pub ciphertext: Vec<u8>,
}

/// [`EncryptedPrivateKeyInfo`] as it is written.
#[derive(Sequence)]
struct EncryptedPrivateKeyInfoDer {
    encryption_algorithm: AlgorithmIdentifier<Any>,
    encrypted_data: OctetString,
}

impl EncryptedPrivateKeyInfo {
    /// Encrypts the DER of a PKCS#8 structure.
    pub fn encrypt(pkcs8: &[u8], scheme: Scheme, password: &str) -> Result<Self, PbeError> {
        let ciphertext = scheme.encrypt(pkcs8, password)?;
        Ok(Self { scheme, ciphertext })
    }

    /// Returns what should be the DER of a PKCS#8 structure.
    pub fn decrypt(&self, password: &str) -> Result<Zeroizing<Vec<u8>>, PbeError> {
        self.scheme.decrypt(&self.ciphertext, password)
    }

    /// Returns whether these bytes have the structure, whatever the algorithm.
    pub fn is_one(der: &[u8]) -> bool {
        EncryptedPrivateKeyInfoDer::from_der(der).is_ok()
    }

    /// Reads the structure, after which nothing may follow.
    pub fn from_der(der: &[u8]) -> Result<Self, PbeError> {
        let info = EncryptedPrivateKeyInfoDer::from_der(der)
            .map_err(|_| PbeError::Parameters("it is not an EncryptedPrivateKeyInfo"))?;
        let scheme = Scheme::from_algorithm(&info.encryption_algorithm)?;
        Ok(Self { scheme, ciphertext: info.encrypted_data.into_bytes().into() })
    }

    /// Returns the DER.
    pub fn to_der(&self) -> Result<Vec<u8>, PbeError> {
        let encrypted_data = OctetString::new(self.ciphertext.as_slice());
        let der = encrypted_data.map_err(|_| ()).and_then(|encrypted_data| {
            let encryption_algorithm = self.scheme.algorithm().map_err(|_| ())?;
            EncryptedPrivateKeyInfoDer { encryption_algorithm, encrypted_data }.to_der().map_err(|_| ())
        });
        der.map_err(|()| PbeError::Parameters("it cannot be written as DER"))
    }
}

/// An `EncryptedPrivateKeyInfo` of any algorithm.
pub(crate) struct EncryptedKey {
    pub(crate) algorithm: AlgorithmIdentifier<Any>,
    pub(crate) ciphertext: Vec<u8>,
}

impl EncryptedKey {
    /// Reads the structure, after which nothing may follow.
    pub(crate) fn read(der: &[u8]) -> Option<Self> {
        let info = EncryptedPrivateKeyInfoDer::from_der(der).ok()?;
        Some(Self { algorithm: info.encryption_algorithm, ciphertext: info.encrypted_data.into_bytes().into() })
    }
}
