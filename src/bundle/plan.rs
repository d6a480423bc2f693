//! What has to be done so that a bundle becomes what a specification says: each change with its reasons. Nothing here touches the disk.

mod change;
mod compare;
mod reason;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;

use time::OffsetDateTime;

use super::record::IdentityRecord;
use crate::name::{NodeName, printable};
use crate::spec::{NodeRole, StoreFormat};

pub use change::{Action, Change, Obstacle, ReloadRefusal};
pub use compare::{Terms, decide};
pub use reason::Reason;

/// What there is of an identity.
#[derive(Debug, Clone)]
pub enum Found {
    /// Nothing, or an empty folder.
    Nothing,
    /// A folder as it was made.
    Whole(Box<IdentityRecord>),
    /// A folder that is not as its record says, or has none.
    Changed(Box<ChangedFolder>),
    /// A folder with files of which none is an identity's.
    Foreign,
}

/// A folder that somebody else has changed, and what could be made out of it.
#[derive(Debug, Clone)]
pub struct ChangedFolder {
    /// What was made, or what could be told of what is there; nothing if not even a certificate is left.
    pub record: Option<IdentityRecord>,
    /// Why it is not as it was made.
    pub reasons: Vec<Reason>,
    /// Whether the private key of the certificate in `record` could be read.
    pub has_key: bool,
    /// Whether files are there that would be replaced and are not as they were made.
    pub holds_changed_files: bool,
}

/// What is there of an identity of the specification, and what only those who know secrets can tell.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The folder.
    pub found: Found,
    /// Whether its password is another one than the specification's.
    pub other_store_password: bool,
    /// Whether the password of its key is another one than the specification's.
    pub other_key_password: bool,
}

/// What shall be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Whether a CA has to be made.
    pub makes_ca: bool,
    /// In what the CA that is there is another one than was asked for. It stays as it is.
    pub ca_differences: Vec<CaDifference>,
    /// What changes, in the order of the specification; what is moved aside comes last.
    pub changes: Vec<Change>,
    /// What stands in the way: nothing is done while there is anything here.
    pub obstacles: Vec<Obstacle>,
    /// How many identities stay as they are.
    pub unchanged: usize,
    /// Identities that are there and not in the specification, and are left alone.
    pub strangers: Vec<String>,
    /// Whether the inventory has to be written.
    pub writes_inventory: bool,
}

impl Plan {
    /// Says whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        !self.makes_ca && self.changes.is_empty() && self.obstacles.is_empty() && !self.writes_inventory
    }

    /// Says whether a certificate has to be signed, so that the CA's key is needed.
    pub fn needs_ca_key(&self) -> bool {
        self.changes.iter().any(|change| change.action.signs())
    }

    /// Counts the changes of a kind.
    pub fn count(&self, action: Action) -> usize {
        self.changes.iter().filter(|change| change.action == action).count()
    }
}

/// In what a CA that is there is another one than was asked for, or soon of no use.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaDifference {
    /// It ends before a certificate would that is issued now, and certificates end with it.
    Ends {
        /// The days that are left; fewer than none if it has ended.
        left: i64,
    },
    /// Its key is of another algorithm.
    KeyAlgorithm {
        /// The algorithm that it has.
        found: String,
        /// The algorithm that was asked for.
        wanted: &'static str,
    },
    /// It is valid for another time.
    Validity {
        /// The days that it is valid for.
        found: i64,
        /// The days that were asked for.
        wanted: u32,
    },
}

impl fmt::Display for CaDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ends { left } if *left < 0 => write!(f, "the CA has expired, and nothing can be issued"),
            Self::Ends { left } => {
                write!(f, "the CA ends in {left} days, and what is issued ends with it")
            }
            Self::KeyAlgorithm { found, wanted } => {
                write!(
                    f,
                    "the CA has a key of the algorithm {}, and {wanted} is asked for; it stays as it is",
                    printable(found)
                )
            }
            Self::Validity { found, wanted } => {
                write!(f, "the CA is valid for {found} days, and {wanted} are asked for; it stays as it is")
            }
        }
    }
}

/// Which identities are meant.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Their names; all, if it is empty.
    pub only: HashSet<NodeName>,
    /// Whether what is reissued gets a new key; what is named in `only` is reissued for that alone.
    pub rekey: bool,
    /// Whether identities that the specification does not have are moved aside.
    pub prune: bool,
    /// Formats that stores are added of, and nothing else is done: everything that is there stays, whoever has changed it since. The
    /// specification is that of the bundle ([`crate::pipeline::apply::OpenBundle::specification`]) with these formats. None: whatever
    /// the specification says is done.
    pub adds: Vec<StoreFormat>,
}

impl Scope {
    /// Says whether an identity is meant.
    pub fn has(&self, name: &NodeName) -> bool {
        self.only.is_empty() || self.only.contains(name)
    }
}

/// Returns the change that moves aside an identity that the specification does not have.
pub fn retire(name: NodeName, role: NodeRole, until: Option<OffsetDateTime>) -> Change {
    Change { name, role, action: Action::Retire, reasons: vec![Reason::NotWanted], reload: Vec::new(), until }
}
