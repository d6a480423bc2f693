//! What can be shown of a store that anybody has made, with or without its password.
//!
//! [`StoreFile`](super::StoreFile) opens a store to change it, and refuses what it could not write again. A survey changes nothing, so
//! it goes further: parts that stay closed are counted, what Java does not see is shown, and who will not read the store is said. It says
//! facts; whether they are faults is for others to judge.
//!
//! The work for one file is bounded by about a second, so that hostile files cost no more: what asks for more stays closed. Who means to
//! take everything out of a store has more patience: [`StoreSurvey::read_patiently`].

mod error;
mod reader_limit;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::jks::{self, is_jceks, is_jks};
use super::pkcs12;
use super::store_file::{SEQUENCE, remarks_on, unrecognised};
use super::{EntryKind, StoreRemark};
use crate::pbe::MAX_WORK;
use crate::secret::Password;

pub use error::SurveyError;
pub use reader_limit::ReaderLimit;

/// The most bytes of a file, of which no more than a few copies are held at a time.
pub(super) const MAX_SURVEY: usize = 8 << 20;

/// What could be seen of a store.
#[derive(Debug)]
pub struct StoreSurvey {
    pub(super) format: SurveyFormat,
    pub(super) integrity: Integrity,
    pub(super) protections: Vec<Protection>,
    pub(super) entries: Vec<SurveyEntry>,
    pub(super) unseen: Vec<Unseen>,
    pub(super) closed: Vec<ClosedPart>,
    pub(super) unread_entries: usize,
    pub(super) limits: Vec<ReaderLimit>,
}

/// The format of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SurveyFormat {
    /// `com.sun.crypto.provider.JceKeyStore`, and the version of the file.
    Jceks {
        /// 1 or 2.
        version: u32,
    },
    /// `sun.security.provider.JavaKeyStore$JKS`, and the version of the file.
    Jks {
        /// 1 or 2.
        version: u32,
    },
    /// RFC 7292.
    Pkcs12,
}

impl fmt::Display for SurveyFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jceks { .. } => "JCEKS",
            Self::Jks { .. } => "JKS",
            Self::Pkcs12 => "PKCS#12",
        })
    }
}

/// Whether the bytes are those that somebody wrote who knew the password.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Integrity {
    /// The digest or the MAC fits the password that was given.
    Checked,
    /// No password was given, and the MAC is one under the empty password: it proves nothing.
    EmptyPassword,
    /// There is no MAC.
    NoMac,
    /// No password was given.
    NotChecked,
    /// To check it would take so many iterations.
    TooMuchWork(u64),
    /// It cannot be checked here, whatever the password; the text says why.
    Unsupported(String),
}

/// How a part of a store is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protection {
    /// The part.
    pub what: Protected,
    /// The algorithm by a name to show, such as `PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC` or `HMAC-SHA256`.
    pub algorithm: String,
    /// How often a password is hashed for it, where the algorithm has such a number.
    pub iterations: Option<u64>,
}

/// A part of a store that something protects.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Protected {
    /// A list of entries of PKCS#12 that is encrypted as one, most often all certificates.
    Content,
    /// The private key of this alias; of none where nothing names it.
    Key(Option<String>),
    /// The whole, by a MAC or a digest.
    Whole,
}

/// An entry, as Java sees it.
#[derive(Debug)]
pub struct SurveyEntry {
    /// Foreign text. In PKCS#12 in lower case, since Java reads it so.
    pub alias: String,
    /// When it was made, in milliseconds since 1970. PKCS#12 tells it only of keys, and only if Java made them.
    pub created: Option<i64>,
    /// What it holds.
    pub content: SurveyContent,
}

/// What an entry holds.
pub enum SurveyContent {
    /// A private key.
    PrivateKey {
        /// Certificates in DER, the leaf first; none if there is none for the key, or none that could be seen.
        chain: Vec<Arc<[u8]>>,
        /// The key.
        key: KeyState,
    },
    /// A symmetric key, which is not looked at.
    SecretKey,
    /// A certificate in DER.
    TrustedCertificate(Arc<[u8]>),
}

impl SurveyContent {
    /// Returns the kind of the entry.
    pub fn kind(&self) -> EntryKind {
        match self {
            Self::PrivateKey { .. } => EntryKind::PrivateKey,
            Self::SecretKey => EntryKind::SecretKey,
            Self::TrustedCertificate(_) => EntryKind::TrustedCertificate,
        }
    }
}

/// Nothing of keys, and how many certificates.
impl fmt::Debug for SurveyContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PrivateKey { chain, key } => write!(f, "PrivateKey(chain of {}, {key:?})", chain.len()),
            Self::SecretKey => f.write_str("SecretKey"),
            Self::TrustedCertificate(der) => write!(f, "TrustedCertificate({} bytes)", der.len()),
        }
    }
}

/// What became of a private key.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyState {
    /// What it is encrypted as does not have the structure for it.
    Damaged(&'static str),
    /// No password was given for it.
    NoPassword,
    /// It is open: what should be PKCS#8.
    Open(Zeroizing<Vec<u8>>),
    /// To open it would take so many iterations.
    TooMuchWork(u64),
    /// It is encrypted in a way that is not done here; the text says which.
    Unsupported(String),
    /// It has another password than the one that was given for it, or it is damaged.
    WrongPassword,
}

/// Nothing of the key.
impl fmt::Debug for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(what) => write!(f, "Damaged({what:?})"),
            Self::NoPassword => f.write_str("NoPassword"),
            Self::Open(_) => f.write_str("Open(…)"),
            Self::TooMuchWork(iterations) => write!(f, "TooMuchWork({iterations})"),
            Self::Unsupported(name) => write!(f, "Unsupported({name:?})"),
            Self::WrongPassword => f.write_str("WrongPassword"),
        }
    }
}

/// Something in a store that is no entry for Java.
#[derive(Debug)]
pub struct Unseen {
    /// The name that it has. Foreign text.
    pub alias: Option<String>,
    /// What it is.
    pub content: UnseenContent,
}

/// What Java does not see.
#[non_exhaustive]
pub enum UnseenContent {
    /// A certificate in DER that belongs to no key and lacks the attribute by which Java trusts it.
    Certificate(Arc<[u8]>),
    /// A list of revoked certificates.
    Crl,
    /// An encrypted private key that names no certificate, where another key is the first.
    KeyWithoutId(KeyState),
    /// Something else, by its object identifier.
    Other(String),
    /// A certificate that is not X.509, by the object identifier of its type.
    OtherCertificate(String),
    /// A private key that is not encrypted: what should be PKCS#8.
    PlainKey(Zeroizing<Vec<u8>>),
    /// An entry in whose place Java keeps a later one of the same alias.
    Shadowed(SurveyContent),
}

/// Nothing of a key.
impl fmt::Debug for UnseenContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(der) => write!(f, "Certificate({} bytes)", der.len()),
            Self::Crl => f.write_str("Crl"),
            Self::KeyWithoutId(key) => write!(f, "KeyWithoutId({key:?})"),
            Self::Other(oid) => write!(f, "Other({oid})"),
            Self::OtherCertificate(oid) => write!(f, "OtherCertificate({oid})"),
            Self::PlainKey(_) => f.write_str("PlainKey(…)"),
            Self::Shadowed(content) => write!(f, "Shadowed({content:?})"),
        }
    }
}

/// A list of entries of PKCS#12 that stayed encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedPart {
    /// How it is encrypted.
    pub algorithm: String,
    /// How often a password is hashed for it, where that is known.
    pub iterations: Option<u64>,
    /// How many bytes it has.
    pub length: usize,
    /// Why it stayed closed.
    pub reason: ClosedReason,
}

/// Why a part of a store stayed encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClosedReason {
    /// No password was given.
    NoPassword,
    /// To open it would take so many iterations.
    TooMuchWork(u64),
    /// It is encrypted in a way that is not done here; the text says which.
    Unsupported(String),
    /// It has another password, or it is damaged.
    WrongPassword,
}

/// The passwords that were given.
#[derive(Clone, Copy)]
pub(super) struct Passwords<'p> {
    pub(super) store: Option<&'p str>,
    pub(super) own_key: Option<&'p str>,
    /// The most iterations, of PBKDF2 with HMAC-SHA256, that are done for the file.
    pub(super) most_work: u64,
}

impl<'p> Passwords<'p> {
    /// Returns the password for private keys.
    pub(super) fn key(&self) -> Option<&'p str> {
        self.own_key.or(self.store)
    }
}

impl StoreSurvey {
    /// Reads a store, whose format its content tells. Without a password it shows what can be shown.
    ///
    /// Private keys have `key_password`, or without one the store's.
    ///
    /// ```
    /// use kafka_certgen::keystore::jks::Jks;
    /// use kafka_certgen::keystore::{Integrity, StoreSurvey, SurveyFormat};
    ///
    /// let bytes = Jks::default().encode("changeit")?;
    /// let survey = StoreSurvey::read(&bytes, None, None)?;
    /// assert_eq!(survey.format(), SurveyFormat::Jks { version: 2 });
    /// assert_eq!(*survey.integrity(), Integrity::NotChecked);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(
        bytes: &[u8],
        store_password: Option<&Password>,
        key_password: Option<&Password>,
    ) -> Result<Self, SurveyError> {
        Self::read_with(bytes, store_password, key_password, MAX_WORK)
    }

    /// Reads a store as [`StoreSurvey::read`] does, and takes as much time as [`StoreFile::open`](super::StoreFile::open) would: some
    /// seconds at most.
    pub fn read_patiently(
        bytes: &[u8],
        store_password: Option<&Password>,
        key_password: Option<&Password>,
    ) -> Result<Self, SurveyError> {
        Self::read_with(bytes, store_password, key_password, pkcs12::MAX_TOTAL_ITERATIONS)
    }

    fn read_with(
        bytes: &[u8],
        store_password: Option<&Password>,
        key_password: Option<&Password>,
        most_work: u64,
    ) -> Result<Self, SurveyError> {
        let store = store_password.map(Password::expose);
        let passwords = Passwords { store, own_key: key_password.map(Password::expose), most_work };
        if bytes.len() > MAX_SURVEY {
            Err(SurveyError::TooLarge(bytes.len()))
        } else if is_jks(bytes) || is_jceks(bytes) {
            jks::survey(bytes, passwords)
        } else if bytes.first() == Some(&SEQUENCE) {
            pkcs12::survey(bytes, passwords)
        } else {
            Err(unrecognised(bytes).into())
        }
    }

    /// Returns the format.
    pub fn format(&self) -> SurveyFormat {
        self.format
    }

    /// Returns whether the content is what somebody wrote who knew the password.
    pub fn integrity(&self) -> &Integrity {
        &self.integrity
    }

    /// Returns how the whole, each encrypted content and each private key is protected, in the order of the file.
    pub fn protections(&self) -> &[Protection] {
        &self.protections
    }

    /// Returns the entries as Java sees them, in the order of the file: those of what could be read.
    pub fn entries(&self) -> &[SurveyEntry] {
        &self.entries
    }

    /// Returns what is there, and no entry for Java.
    pub fn unseen(&self) -> &[Unseen] {
        &self.unseen
    }

    /// Returns what stayed encrypted, but for private keys: see [`KeyState`].
    pub fn closed(&self) -> &[ClosedPart] {
        &self.closed
    }

    /// Returns how many entries were not read: in JCEKS those behind a secret key that has no end that could be found.
    pub fn unread_entries(&self) -> usize {
        self.unread_entries
    }

    /// Returns the aliases that are the same in lower case, in groups: Java finds one entry of each.
    pub fn colliding_aliases(&self) -> Vec<Vec<&str>> {
        let shadowed = self.unseen.iter().filter(|unseen| matches!(unseen.content, UnseenContent::Shadowed(_)));
        let shadowed = shadowed.filter_map(|unseen| unseen.alias.as_deref());
        let mut groups: Vec<Vec<&str>> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for alias in self.entries.iter().map(|entry| entry.alias.as_str()).chain(shadowed) {
            let next = groups.len();
            let place = *places.entry(alias.to_lowercase()).or_insert(next);
            match groups.get_mut(place) {
                Some(group) => group.push(alias),
                None => groups.push(vec![alias]),
            }
        }
        groups.retain(|group| group.len() > 1);
        groups
    }

    /// Returns who will not read the store, or not all of it.
    pub fn limits(&self) -> &[ReaderLimit] {
        &self.limits
    }

    /// Returns what one should know about the store, as [`StoreFile::remarks`](super::StoreFile::remarks) does.
    pub fn remarks(&self) -> Vec<StoreRemark> {
        let count = |is_wanted: fn(&UnseenContent) -> bool| {
            self.unseen.iter().filter(|unseen| is_wanted(&unseen.content)).count()
        };
        let unseen = [
            count(|content| matches!(content, UnseenContent::Certificate(_))),
            count(|content| matches!(content, UnseenContent::PlainKey(_) | UnseenContent::KeyWithoutId(_))),
            count(|content| {
                matches!(content, UnseenContent::Crl | UnseenContent::Other(_) | UnseenContent::OtherCertificate(_))
            }),
        ];
        // A certificate that stayed encrypted may be the key's.
        let is_all_seen = self.closed.is_empty();
        let entries = self.entries.iter().map(|entry| {
            let has_none = matches!(&entry.content, SurveyContent::PrivateKey { chain, .. } if chain.is_empty());
            (entry.alias.as_str(), has_none && is_all_seen)
        });
        remarks_on(self.integrity == Integrity::NoMac, unseen, entries)
    }
}
