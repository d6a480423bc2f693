//! The JKS format, as `sun.security.provider.JavaKeyStore$JKS` of the JDK reads and writes it.
//!
//! [`Jks`] is the file: a list of entries, each a private key with its certificate chain or a trusted certificate.
//! Certificates are bytes here and nobody looks into them. Private keys stay the encrypted blobs that they are in
//! the file until [`ProtectedKey::open`]: each may have a password of its own, and a store whose one entry changes
//! keeps the others byte for byte.
//!
//! # Layout
//!
//! Numbers are big-endian; `utf` is a `u16` count of bytes and as many bytes of modified UTF-8, `bytes` a `u32` count
//! and as many bytes. Java reads each `u32` as a signed `int`, so none exceeds 2³¹ - 1.
//!
//! ```text
//! store    u32 magic      0xFEEDFEED
//!          u32 version    1 or 2; 2 is what has been written since JDK 1.2
//!          u32 count      of entries
//!          entry …
//!          [20] digest    SHA-1(password in UTF-16BE, "Mighty Aphrodite", all the bytes before)
//!
//! entry    u32 tag        1: private key, 2: trusted certificate
//!          utf alias
//!          i64 created    milliseconds since 1970
//!          1: bytes key   EncryptedPrivateKeyInfo, see `ProtectedKey`
//!             u32 count   of certificates
//!             certificate …, the leaf first
//!          2: certificate
//!
//! certificate
//!          utf type       "X.509"; absent in version 1
//!          bytes          DER
//! ```
//!
//! # Aliases
//!
//! An alias is a Java string: any sequence of UTF-16 code units, in modified UTF-8 (`java.io.DataInput`). The one thing
//! that a [`String`] cannot hold, a surrogate without its other half, stands in [`JksEntry::alias`] as `\u{d83d}`,
//! always four lower-case digits. For this to be unambiguous, a backslash that is followed by `u{` in the Java string
//! stands there as `\u{5c}`. All else stands for itself, other backslashes too.
//!
//! Java lower-cases an alias when it creates an entry and when it looks for one, not when it reads a file. So whoever
//! creates entries lower-cases, and this module changes no alias.
//!
//! # How much it protects
//!
//! The digest and the key protection are SHA-1 without iterations: the format's own and beyond repair. What guards a
//! JKS file is a long random password and the file mode.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod decode;
mod digest;
mod encode;
mod error;
mod key_protector;
mod modified_utf8;
mod reader;
mod sealed_object;
mod survey;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

pub use error::JksError;
pub use key_protector::ProtectedKey;
pub(super) use survey::survey;

/// The first four bytes of a store.
const MAGIC: [u8; 4] = 0xFEED_FEED_u32.to_be_bytes();
/// The first four bytes of a JCEKS store (`com.sun.crypto.provider.JceKeyStore`).
const JCEKS_MAGIC: [u8; 4] = 0xCECE_CECE_u32.to_be_bytes();
/// The version whose certificates have no type.
const VERSION_1: u32 = 1;
/// The version that Java has written since.
const VERSION_2: u32 = 2;
const PRIVATE_KEY_TAG: u32 = 1;
const TRUSTED_CERTIFICATE_TAG: u32 = 2;
/// In JCEKS: a secret key, as a serialized Java object without a length.
const SECRET_KEY_TAG: u32 = 3;
/// What errors call it.
const SECRET_KEY: &str = "secret key";
/// The name under which `java.security.cert.CertificateFactory` finds X.509, behind its length.
const CERTIFICATE_TYPE: [u8; 7] = *b"\0\x05X.509";

/// A store: its entries in the order of the file.
///
/// Java's order is that of a hash table and means nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jks {
    /// The entries, no two of the same alias.
    pub entries: Vec<JksEntry>,
}

impl Jks {
    /// Reads a store of version 1 or 2.
    ///
    /// With a password the digest is checked before anything is parsed. With `None` it is not: then the content may be
    /// anybody's, as with `keytool -list` without a password.
    ///
    /// Two entries of the same alias are refused, of which Java silently keeps the last.
    ///
    /// ```
    /// use kafka_certgen::keystore::jks::{Jks, JksError};
    ///
    /// let bytes = Jks::default().encode("changeit")?;
    /// assert_eq!(Jks::decode(&bytes, Some("changeit"))?, Jks::default());
    /// assert_eq!(Jks::decode(&bytes, Some("sesame")), Err(JksError::WrongPasswordOrDamaged));
    /// # Ok::<(), JksError>(())
    /// ```
    pub fn decode(bytes: &[u8], password: Option<&str>) -> Result<Self, JksError> {
        decode::decode(bytes, password)
    }

    /// Returns the bytes of a version 2 store under this password.
    ///
    /// The keys keep the passwords that they were sealed with. A Kafka broker and most Java programs expect that each
    /// is the store's password unless they are told otherwise.
    pub fn encode(&self, password: &str) -> Result<Vec<u8>, JksError> {
        encode::encode(self, password)
    }

    fn refuse_duplicate_aliases(&self) -> Result<(), JksError> {
        let mut seen = HashSet::new();
        match self.entries.iter().find(|entry| !seen.insert(entry.alias.as_str())) {
            Some(entry) => Err(JksError::DuplicateAlias { alias: entry.alias.clone() }),
            None => Ok(()),
        }
    }
}

/// An entry of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JksEntry {
    /// The name of the entry, with unpaired surrogates written as the module's documentation says.
    pub alias: String,
    /// When the entry was created, in milliseconds since 1970.
    pub created_ms: i64,
    /// What the entry holds.
    pub content: JksContent,
}

/// What an entry of a store holds.
///
/// The format has these two kinds of entries and will not get another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JksContent {
    /// A private key and the certificates that belong to it.
    PrivateKey {
        /// The key under its own password.
        key: ProtectedKey,
        /// Certificates in DER, the leaf first. Java writes an empty chain for a key that was stored without one.
        chain: Vec<Vec<u8>>,
    },
    /// A certificate in DER that the owner of the store trusts.
    TrustedCertificate(Vec<u8>),
}

/// Returns whether these bytes begin as a JKS file does.
///
/// Files named `.jks` often do not: the default type of keytool is PKCS#12 since JDK 9.
///
/// ```
/// use kafka_certgen::keystore::jks::is_jks;
///
/// assert!(is_jks(&[0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2]));
/// assert!(!is_jks(&[0x30, 0x82, 0x09, 0x2E]));
/// ```
pub fn is_jks(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Returns whether these bytes begin as a JCEKS file does.
pub(super) fn is_jceks(bytes: &[u8]) -> bool {
    bytes.starts_with(&JCEKS_MAGIC)
}
