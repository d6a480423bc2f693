//! What is in a file, whoever made it: stores, PEM, DER, as typed facts for a page or for `--json`.
//!
//! The format is recognised and never asked for. Nothing is judged here and nothing is left out: what stays closed without a password
//! is said to be closed. No key and no password is ever in these facts, and every time is beside the `now` that was given.
//!
//! # The JSON form
//!
//! `kafka-certgen inspect --json` prints one object; `files` has one object a file, in the order of the call: its `file`, and either
//! `error`, a sentence, or an [`Inspection`]. Names are those of the fields, a field that does not apply is absent, times are RFC 3339 in
//! UTC, octets are hexadecimal, days are whole and rounded towards the past. Fields may be added; those that are there keep their meaning.
//!
//! ```json
//! {"files": [{"file": "t.p12", "format": "pkcs12", "store": {"integrity": "checked", …},
//!   "entries": [{"number": 1, "kind": "trusted_certificate", "alias": "caroot", "certificates": [{"subject": "CN=Kafka CA", …}]}]}]}
//! ```

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod budget;
mod certificate;
mod key;
mod parts;
mod signed;
mod store;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::Serialize;
use time::OffsetDateTime;

pub use certificate::{CertificateFacts, ExtensionFacts, Validity, ValidityState};
pub use key::{Encryption, KeyFacts, Opening};
pub use signed::{RequestFacts, RevocationListFacts, RevokedFacts, SignatureState};
pub use store::{ClosedFacts, IntegrityState, ProtectionFacts, StoreFacts};

use crate::keystore::SurveyError;
use crate::pki::{FileContent, FileError, content_of_file};
use crate::secret::Password;

use budget::Budget;

/// The passwords that were given, if any.
#[derive(Clone, Copy, Default)]
pub struct Passwords<'p> {
    /// That of a store.
    pub store: Option<&'p Password>,
    /// That of private keys, where it is not the store's.
    pub key: Option<&'p Password>,
}

impl<'p> Passwords<'p> {
    /// Returns the password for private keys.
    fn for_keys(&self) -> Option<&'p Password> {
        self.key.or(self.store)
    }
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// What the file is.
    pub format: Format,
    /// What is said of a store as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreFacts>,
    /// What is in it, in the order of the file.
    pub entries: Vec<EntryFacts>,
}

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Format {
    /// A store of the JDK's JCE.
    Jceks,
    /// A store of the JDK.
    Jks,
    /// A store of RFC 7292.
    Pkcs12,
    /// Text with PEM blocks.
    Pem,
    /// One DER structure.
    Der,
    /// A Kafka properties file with PEM in its settings.
    Properties,
    /// Text without any.
    Text,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jceks => "JCEKS store",
            Self::Jks => "JKS store",
            Self::Pkcs12 => "PKCS#12 store",
            Self::Pem => "PEM",
            Self::Der => "DER",
            Self::Properties => "properties with PEM",
            Self::Text => "text",
        })
    }
}

/// An entry of a store, a PEM block, or all of a DER file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EntryFacts {
    /// Its place in the file, from 1.
    pub number: usize,
    /// What it is.
    pub kind: ContentKind,
    /// The alias that it has in a store. Foreign text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// When it was made, where a store says so.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub created: Option<OffsetDateTime>,
    /// The label of a PEM block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The setting that it is in, in a properties file. Foreign text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// Whether Java sees it, if it is in a store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_seen_by_java: Option<bool>,
    /// The key, private or public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyFacts>,
    /// The certificate, or the chain of a private key, the leaf first; of PKCS#7 all that are in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<CertificateFacts>,
    /// The certificate request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestFacts>,
    /// The revocation lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub revocation_lists: Vec<RevocationListFacts>,
    /// What one should know about it: sentences without an end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// Why nothing can be said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ContentKind {
    /// A private key, in a store with its chain.
    PrivateKey,
    /// A certificate that a store trusts.
    TrustedCertificate,
    /// A symmetric key, which is not looked at.
    SecretKey,
    /// A certificate.
    Certificate,
    /// Certificates and revocation lists in a PKCS#7 structure.
    Pkcs7,
    /// A certificate request.
    Request,
    /// A certificate revocation list.
    RevocationList,
    /// A public key without a certificate.
    PublicKey,
    /// The parameters of a key.
    Parameters,
    /// Anything else.
    Other,
}

impl ContentKind {
    /// Returns its name, for one or for several.
    pub fn name(self, count: usize) -> &'static str {
        let (one, several) = match self {
            Self::PrivateKey => ("private key", "private keys"),
            Self::TrustedCertificate => ("trusted certificate", "trusted certificates"),
            Self::SecretKey => ("secret key", "secret keys"),
            Self::Certificate => ("certificate", "certificates"),
            Self::Pkcs7 => ("PKCS#7 structure", "PKCS#7 structures"),
            Self::Request => ("certificate request", "certificate requests"),
            Self::RevocationList => ("revocation list", "revocation lists"),
            Self::PublicKey => ("public key", "public keys"),
            Self::Parameters => ("parameters of a key", "parameters of keys"),
            Self::Other => ("other thing", "other things"),
        };
        if count == 1 { one } else { several }
    }
}

impl fmt::Display for ContentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name(1))
    }
}

/// Why nothing can be said of a file. Never holds what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InspectError {
    /// No byte at all.
    Empty,
    /// It begins as something that it is not, or is too large.
    File(FileError),
    /// What should be this is none.
    Malformed(FileContent),
    /// A store that cannot be read, whatever the password.
    Store(SurveyError),
    /// More certificates or names than are looked at in one file.
    TooMany,
    /// DER of something else.
    UnknownDer,
    /// None of the formats that are known.
    Unrecognised,
    /// Text in UTF-16.
    Utf16,
}

impl fmt::Display for InspectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the file is empty"),
            Self::File(error) => error.fmt(f),
            Self::Malformed(content) => write!(f, "what should be {content} is none, or is damaged"),
            Self::Store(error) => error.fmt(f),
            Self::TooMany => write!(f, "the file has more certificates or names than are looked at"),
            Self::UnknownDer => {
                write!(f, "the file is DER, and no certificate, request, revocation list, key or store that is known")
            }
            Self::Unrecognised => {
                write!(f, "the file is no store, certificate, request, revocation list or key, and no text either")
            }
            Self::Utf16 => write!(f, "the file is text in UTF-16, in which nobody finds certificates or keys"),
        }
    }
}

impl std::error::Error for InspectError {}

impl From<FileError> for InspectError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl Inspection {
    /// Says what is in a file at the time `now`.
    ///
    /// A password that does not open a store is no error: what can be shown without it is shown, and its integrity is
    /// [`IntegrityState::WrongPassword`].
    pub fn of(file: &[u8], passwords: Passwords<'_>, now: OffsetDateTime) -> Result<Self, InspectError> {
        let mut budget = Budget::new(now);
        if store::is_store(file) {
            return store::inspect(file, passwords, &mut budget);
        }
        let inspection = parts::inspect(file, passwords.for_keys(), &mut budget)?;
        if !inspection.entries.is_empty() {
            return Ok(inspection);
        }
        match content_of_file(file, &[]) {
            FileContent::Empty => Err(InspectError::Empty),
            FileContent::Utf16 => Err(InspectError::Utf16),
            _ if is_text(file) => Ok(inspection),
            _ => Err(InspectError::Unrecognised),
        }
    }

    /// Returns the keys of all entries.
    pub fn keys(&self) -> impl Iterator<Item = &KeyFacts> {
        self.entries.iter().filter_map(|entry| entry.key.as_ref())
    }

    /// Says whether the password of the store would show more.
    pub fn wants_store_password(&self) -> bool {
        let is_closed = |part: &ClosedFacts| matches!(part.reason, Opening::NoPassword | Opening::WrongPassword);
        let wants = |store: &StoreFacts| match store.integrity {
            IntegrityState::NotChecked | IntegrityState::WrongPassword => true,
            IntegrityState::Checked => false,
            _ => store.closed.iter().any(is_closed),
        };
        self.store.as_ref().is_some_and(wants)
    }

    /// Says whether a password for private keys would show more.
    pub fn wants_key_password(&self) -> bool {
        let is_closed = |key: &KeyFacts| matches!(key.opening, Opening::NoPassword | Opening::WrongPassword);
        !self.wants_store_password() && self.keys().any(is_closed)
    }
}

/// Says whether a file is text: UTF-8 or ASCII, and no control character but those that move on.
fn is_text(file: &[u8]) -> bool {
    let is_odd = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}');
    std::str::from_utf8(file).is_ok_and(|text| !text.contains(is_odd))
}
