//! What can be wrong with a store.

use std::error::Error;
use std::fmt;

/// Why a store or a key in it can be neither read nor written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JksError {
    /// The alias takes more than the 65,535 bytes that its length field can count.
    AliasTooLong {
        /// The alias.
        alias: String,
        /// What it takes in modified UTF-8.
        length: usize,
    },
    /// Two entries have the same alias.
    DuplicateAlias {
        /// The alias of both.
        alias: String,
    },
    /// The alias contains `\u{…}`, but not as an unpaired surrogate is written (see the documentation of the module).
    InvalidAlias {
        /// The alias.
        alias: String,
    },
    /// The bytes do not have the structure of a store, or those of a key not that of a key.
    Malformed {
        /// What was being read.
        reading: &'static str,
        /// Where it begins: in the store, or in [`ProtectedKey::as_der`](super::ProtectedKey::as_der) for
        /// parts of a protected key.
        offset: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The bytes do not begin as a store does.
    NotJks,
    /// Something is longer, or there is more of it, than a Java `int` can count.
    TooLarge {
        /// What it is.
        what: &'static str,
        /// Its size.
        length: usize,
    },
    /// The version of the store is neither 1 nor 2.
    UnsupportedVersion {
        /// The version that the store claims.
        version: u32,
    },
    /// The key was sealed with another password, or its bytes were changed since.
    WrongKeyPassword,
    /// The digest over the store does not match: it cannot be told whether the password is another one or bytes were
    /// changed.
    WrongPasswordOrDamaged,
}

impl fmt::Display for JksError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // Aliases come out of foreign files: no control character of theirs may reach a terminal.
            Self::AliasTooLong { alias, length } => {
                let start: String = alias.chars().take(32).collect();
                write!(f, "alias `{}…` takes {length} bytes, the most is {}", start.escape_debug(), u16::MAX)
            }
            Self::DuplicateAlias { alias } => write!(f, "two entries have the alias `{}`", alias.escape_debug()),
            Self::InvalidAlias { alias } => {
                write!(f, "alias `{}` has a `\\u{{…}}` that is no unpaired surrogate", alias.escape_debug())
            }
            Self::Malformed { reading, offset, problem } => {
                write!(f, "malformed {reading} at byte {offset}: {problem}")
            }
            Self::NotJks => f.write_str("not a JKS store"),
            Self::TooLarge { what, length } => write!(f, "{what} of {length} is more than JKS can hold"),
            Self::UnsupportedVersion { version } => write!(f, "JKS version {version} is neither 1 nor 2"),
            Self::WrongKeyPassword => f.write_str("wrong password for the private key, or the key is damaged"),
            Self::WrongPasswordOrDamaged => f.write_str("wrong password for the store, or the store is damaged"),
        }
    }
}

impl Error for JksError {}
