//! Why a store cannot be surveyed.

use std::fmt;

use super::MAX_SURVEY;
use crate::keystore::jks::JksError;
use crate::keystore::pkcs12::Pkcs12Error;
use crate::keystore::store_file::StoreFileError;

/// Why nothing can be said of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SurveyError {
    /// A store of Bouncy Castle.
    Bks,
    /// The password is the right one, for something in the store opens with it; yet the digest or MAC over the whole does not fit: bytes
    /// were changed.
    Changed,
    /// The file ends before what it says of its own length.
    CutShort {
        /// How many bytes it has.
        length: usize,
        /// How many it should have.
        expected: usize,
    },
    /// The bytes do not have the structure of a store, whatever the password.
    Damaged {
        /// What was being read.
        what: &'static str,
        /// Where in the file it begins, where that is known.
        at: Option<usize>,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// No bytes at all.
    Empty,
    /// BER with indefinite lengths, as old browsers have written it.
    NotDer,
    /// PEM, where a store was expected.
    Pem,
    /// The whole or a part is encrypted for a public key, or signed with a private one, and not with a password.
    PublicKeyMode,
    /// More bytes than are read.
    TooLarge(usize),
    /// More entries, names or certificates than are looked at.
    TooMany,
    /// None of JKS, JCEKS and PKCS#12.
    Unrecognised,
    /// A version of JKS or JCEKS that is neither 1 nor 2.
    UnsupportedVersion(u32),
    /// The structure is that of a store, but nothing fits the password: it is another one, or bytes were changed.
    WrongPasswordOrDamaged,
}

impl fmt::Display for SurveyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bks => write!(f, "the store is of the type BKS, which Java alone does not read"),
            Self::Changed => {
                write!(f, "the password is right, but the store has been changed since it was written under it")
            }
            Self::CutShort { length, expected } => {
                write!(f, "the store is damaged: it is cut short, {length} of its {expected} bytes are there")
            }
            Self::Damaged { what, at: Some(at), problem } => {
                write!(f, "the store is damaged: malformed {what} at byte {at}: {problem}")
            }
            Self::Damaged { what, at: None, problem } => write!(f, "the store is damaged: malformed {what}: {problem}"),
            Self::Empty => write!(f, "the store is an empty file"),
            Self::NotDer => write!(f, "the store is in BER with indefinite lengths, which is not supported"),
            Self::Pem => write!(f, "the file is PEM and no keystore"),
            Self::PublicKeyMode => write!(f, "the store is protected by a public key and not by a password"),
            Self::TooLarge(length) => {
                write!(f, "the store has {length} bytes, {MAX_SURVEY} are the most that are looked at")
            }
            Self::TooMany => write!(f, "the store has more entries, names or certificates than are looked at"),
            Self::Unrecognised => write!(f, "the file is neither a JKS, a JCEKS nor a PKCS#12 store"),
            Self::UnsupportedVersion(version) => write!(f, "version {version} of the store is neither 1 nor 2"),
            Self::WrongPasswordOrDamaged => write!(f, "wrong password for the store, or the store is damaged"),
        }
    }
}

impl std::error::Error for SurveyError {}

impl From<StoreFileError> for SurveyError {
    fn from(error: StoreFileError) -> Self {
        match error {
            StoreFileError::Bks => Self::Bks,
            StoreFileError::Empty => Self::Empty,
            StoreFileError::Pem => Self::Pem,
            StoreFileError::TooLarge(length) => Self::TooLarge(length),
            _ => Self::Unrecognised,
        }
    }
}

impl From<JksError> for SurveyError {
    fn from(error: JksError) -> Self {
        match error {
            JksError::Malformed { reading, offset, problem } => {
                Self::Damaged { what: reading, at: Some(offset), problem }
            }
            JksError::UnsupportedVersion { version } => Self::UnsupportedVersion(version),
            JksError::WrongPasswordOrDamaged | JksError::WrongKeyPassword => Self::WrongPasswordOrDamaged,
            JksError::TooLarge { .. } => Self::TooMany,
            _ => Self::Unrecognised,
        }
    }
}

impl From<Pkcs12Error> for SurveyError {
    fn from(error: Pkcs12Error) -> Self {
        const PROBLEM: &str = "its structure is another one";
        match error {
            Pkcs12Error::Malformed(what) => Self::Damaged { what, at: None, problem: PROBLEM },
            Pkcs12Error::NotDer => Self::NotDer,
            Pkcs12Error::NotPkcs12 => Self::Unrecognised,
            Pkcs12Error::PublicKeyMode => Self::PublicKeyMode,
            Pkcs12Error::TooLarge => Self::TooMany,
            Pkcs12Error::WrongPasswordOrDamaged => Self::WrongPasswordOrDamaged,
            _ => Self::Damaged { what: "PKCS#12 store", at: None, problem: PROBLEM },
        }
    }
}
