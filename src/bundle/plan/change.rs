//! What is done to an identity, and what stands in the way.

use std::fmt;

use serde::Serialize;
use time::OffsetDateTime;

use super::Reason;
use crate::name::{NodeName, printable};
use crate::spec::NodeRole;

/// What is done to an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is made.
    Make,
    /// It gets a new certificate for the key that it has.
    Reissue,
    /// It gets a new key and a new certificate.
    Rekey,
    /// Its files are written anew, with the key and the certificate that it has.
    Rewrite,
    /// It is moved aside.
    Retire,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Make, Self::Reissue, Self::Rekey, Self::Rewrite, Self::Retire];

    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Make => "make",
            Self::Reissue => "reissue",
            Self::Rekey => "rekey",
            Self::Rewrite => "rewrite",
            Self::Retire => "retire",
        }
    }

    /// Says whether the CA signs something.
    pub const fn signs(self) -> bool {
        matches!(self, Self::Make | Self::Reissue | Self::Rekey)
    }
}

/// A change of an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub name: NodeName,
    /// What it does.
    pub role: NodeRole,
    /// What is done.
    pub action: Action,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What makes a running broker refuse to load its new keystore.
    pub reload: Vec<ReloadRefusal>,
    /// The end of its certificate, afterwards.
    pub until: Option<OffsetDateTime>,
}

/// What makes a running broker refuse a new keystore (`SslFactory.CertificateEntries.ensureCompatible`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReloadRefusal {
    /// The subject changes, and `ssl.allow.dn.changes` is not set.
    Subject,
    /// A name goes away, and `ssl.allow.san.changes` is not set.
    AltNames,
}

impl fmt::Display for ReloadRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subject => "the subject changes: a running broker takes the keystore only with ssl.allow.dn.changes=true, else restart it",
            Self::AltNames => "a name goes away: a running broker takes the keystore only with ssl.allow.san.changes=true, else restart it",
        })
    }
}

/// What stands in the way of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obstacle {
    /// Stores of a format would be added, and it is not what its record and the bundle say in other things.
    Differs {
        /// The identity.
        name: NodeName,
        /// In what.
        reasons: Vec<Reason>,
    },
    /// A folder of its name is there, and holds nothing of an identity.
    Foreign(NodeName),
    /// Its key would have to be another one, and that was not asked for.
    KeyAlgorithm {
        /// The identity.
        name: NodeName,
        /// The algorithm that its key has.
        from: String,
        /// The algorithm that the key shall have.
        to: &'static str,
    },
    /// Its private key cannot be read from any of its stores.
    KeyNotReadable(NodeName),
    /// PKCS#12 stores would be added, and its key has another password than its stores.
    KeyPasswordInPkcs12(NodeName),
    /// Stores would be added, and those that are there have another password than the one that is given.
    StorePassword(NodeName),
}

impl Obstacle {
    /// Returns the identity that cannot be changed.
    pub fn name(&self) -> &NodeName {
        match self {
            Self::Foreign(name)
            | Self::KeyNotReadable(name)
            | Self::KeyPasswordInPkcs12(name)
            | Self::StorePassword(name)
            | Self::Differs { name, .. }
            | Self::KeyAlgorithm { name, .. } => name,
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Differs { name, reasons } => {
                write!(f, "`{name}` is to be changed in other things first")?;
                reasons
                    .iter()
                    .enumerate()
                    .try_for_each(|(at, reason)| write!(f, "{} {reason}", if at == 0 { ":" } else { "," }))
            }
            Self::Foreign(name) => {
                write!(f, "the folder `{name}` is there, and what it holds was not made for an identity")
            }
            Self::KeyAlgorithm { name, from, to } => {
                write!(f, "the key of `{name}` is {}, and {to} is asked for: that is a new key", printable(from))
            }
            Self::KeyNotReadable(name) => {
                write!(f, "the private key of `{name}` cannot be read from any of its keystores")
            }
            Self::KeyPasswordInPkcs12(name) => write!(
                f,
                "the key of `{name}` has another password than its stores, and neither Java nor Kafka reads such a key in PKCS#12"
            ),
            Self::StorePassword(name) => {
                write!(f, "the stores of `{name}` have another password than the one that is given")
            }
        }
    }
}

impl std::error::Error for Obstacle {}
