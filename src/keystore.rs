//! Keystores and truststores, in Java's terms: entries under aliases, a private key with its chain or a trusted certificate.
//!
//! [`KeyStore`] is the model that knows no format; [`KeyStore::to_jks`] and [`KeyStore::to_pkcs12`] write it. [`jks`] is our
//! own codec of the JDK's format. [`StoreFile`] is a store that somebody has made, of either format: it is read and changed, and
//! keeps what is not touched. [`StoreSurvey`] is what can be seen of any store, with or without its password.

use std::fmt;

use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::name::Alias;
use crate::random::{self, Random, RandomError};
use crate::secret::{Password, PasswordError};

pub mod jks;
mod pkcs12;
mod store_file;
mod survey;

pub(crate) use pkcs12::CertificateIndex;
pub use pkcs12::{Pkcs12Error, Pkcs12Keys};
pub use store_file::{EntryKind, StoreContent, StoreEntry, StoreFile, StoreFileError, StoreRemark};
pub use survey::{
    ClosedPart, ClosedReason, Integrity, KeyState, Protected, Protection, ReaderLimit, StoreSurvey, SurveyContent,
    SurveyEntry, SurveyError, SurveyFormat, Unseen, UnseenContent,
};

use jks::{Jks, JksContent, JksEntry, JksError, ProtectedKey};

/// Entries under aliases, in the order in which they were added.
#[derive(Debug, Default)]
pub struct KeyStore {
    entries: Vec<Entry>,
}

/// An entry with its alias and the time of its creation.
#[derive(Debug)]
pub struct Entry {
    /// The alias, unique in its store.
    pub alias: Alias,
    /// When the entry was made; stores keep milliseconds.
    pub created: OffsetDateTime,
    /// What it holds.
    pub content: EntryContent,
}

/// What an entry holds.
#[derive(Debug)]
pub enum EntryContent {
    /// `PrivateKeyEntry`: a private key, and the chain that ends in a root, leaf first.
    PrivateKey(PrivateKeyEntry),
    /// `trustedCertEntry`: a certificate in DER.
    TrustedCertificate(Vec<u8>),
}

/// A private key with its chain.
pub struct PrivateKeyEntry {
    /// Unencrypted PKCS#8.
    pub key: Zeroizing<Vec<u8>>,
    /// Certificates in DER, the leaf first.
    pub chain: Vec<Vec<u8>>,
}

impl fmt::Debug for PrivateKeyEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKeyEntry(chain of {})", self.chain.len())
    }
}

/// A store that could not be written.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyStoreError {
    /// Two entries have the same alias.
    DuplicateAlias(Alias),
    /// The JKS codec's own reason.
    Jks(JksError),
    /// A password that a reader of the format could not use.
    Password(PasswordError),
    /// The PKCS#12 codec's own reason.
    Pkcs12(Pkcs12Error),
    /// The system's random source has failed.
    Random(RandomError),
}

impl fmt::Display for KeyStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateAlias(alias) => write!(f, "two entries have the alias `{alias}`"),
            Self::Jks(_) => write!(f, "the JKS store cannot be written"),
            Self::Password(_) => write!(f, "the store's password cannot be used"),
            Self::Pkcs12(_) => write!(f, "the PKCS#12 store cannot be written"),
            Self::Random(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for KeyStoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Jks(error) => Some(error),
            Self::Password(error) => Some(error),
            Self::Pkcs12(error) => Some(error),
            Self::DuplicateAlias(_) | Self::Random(_) => None,
        }
    }
}

impl KeyStore {
    /// Returns a store without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the entries in their order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds an entry under an alias that is not taken.
    pub fn add(&mut self, entry: Entry) -> Result<(), KeyStoreError> {
        if self.entries.iter().any(|other| other.alias == entry.alias) {
            return Err(KeyStoreError::DuplicateAlias(entry.alias));
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Returns the store as JKS, its keys protected by `key_password`.
    pub fn to_jks(
        &self,
        store_password: &Password,
        key_password: &Password,
        random: &dyn Random,
    ) -> Result<Vec<u8>, KeyStoreError> {
        let entries = self.entries.iter().map(|entry| entry.to_jks(key_password, random));
        let jks = Jks { entries: entries.collect::<Result<_, KeyStoreError>>()? };
        jks.encode(store_password.expose()).map_err(KeyStoreError::Jks)
    }

    /// Returns the store as PKCS#12 with the JDK's parameters: PBES2 with AES-256-CBC, a MAC of HMAC-SHA256, 10,000 iterations
    /// each, and the attribute without which Java does not trust a certificate (2.16.840.1.113894.746875.1.1).
    ///
    /// Keys have no password of their own: Java reads none (`sun.security.pkcs12.PKCS12KeyStore`).
    pub fn to_pkcs12(&self, password: &Password, random: &dyn Random) -> Result<Vec<u8>, KeyStoreError> {
        self.to_pkcs12_with(&Pkcs12Keys::derive(password, random)?, random)
    }

    /// Returns the store as PKCS#12 for old readers: PBES1 with SHA-1 and 3DES for keys and certificates, a MAC of HMAC-SHA1, 10,000
    /// iterations each; all else as [`KeyStore::to_pkcs12`] has it.
    pub fn to_legacy_pkcs12(&self, password: &Password, random: &dyn Random) -> Result<Vec<u8>, KeyStoreError> {
        pkcs12::write_legacy(self, password, random)
    }

    /// Returns the store as PKCS#12, as [`KeyStore::to_pkcs12`] does, with keys that were derived from its password before: most of the
    /// time goes into that.
    pub fn to_pkcs12_with(&self, keys: &Pkcs12Keys, random: &dyn Random) -> Result<Vec<u8>, KeyStoreError> {
        keys.write(self, random).map_err(KeyStoreError::Pkcs12)
    }
}

impl Entry {
    /// Returns the entry as it stands in a JKS store, its key under a password.
    fn to_jks(&self, key_password: &Password, random: &dyn Random) -> Result<JksEntry, KeyStoreError> {
        let content = match &self.content {
            EntryContent::PrivateKey(PrivateKeyEntry { key, chain }) => {
                let salt = random::bytes(random).map_err(KeyStoreError::Random)?;
                let key = ProtectedKey::seal(key, key_password.expose(), salt).map_err(KeyStoreError::Jks)?;
                JksContent::PrivateKey { key, chain: chain.clone() }
            }
            EntryContent::TrustedCertificate(certificate) => JksContent::TrustedCertificate(certificate.clone()),
        };
        Ok(JksEntry { alias: self.alias.as_str().to_owned(), created_ms: self.created_ms(), content })
    }

    /// Returns the certificates of the entry: the chain of a key, or the only one.
    fn certificates(&self) -> Vec<Vec<u8>> {
        match &self.content {
            EntryContent::PrivateKey(key) => key.chain.clone(),
            EntryContent::TrustedCertificate(certificate) => vec![certificate.clone()],
        }
    }

    fn created_ms(&self) -> i64 {
        self.created.unix_timestamp().saturating_mul(1000).saturating_add(self.created.millisecond().into())
    }
}

/// Returns the localKeyId that Java gives to a key made at this time, in milliseconds since 1970.
fn local_key_id(created_ms: i64) -> String {
    format!("Time {created_ms}")
}
