//! What has to be done so that a bundle becomes what a specification says: each change with its reasons. Nothing here touches the disk.

mod change;
mod compare;
mod reason;

use std::collections::HashSet;

use time::OffsetDateTime;

use super::record::IdentityRecord;
use crate::name::NodeName;
use crate::spec::{ClusterSpec, NodeRole};

pub use change::{Action, Change, Obstacle, ReloadRefusal};
pub use compare::Terms;
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

/// Which identities are meant.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Their names; all, if it is empty.
    pub only: HashSet<NodeName>,
    /// Whether what is reissued gets a new key; what is named in `only` is reissued for that alone.
    pub rekey: bool,
    /// Whether identities that the specification does not have are moved aside.
    pub prune: bool,
}

impl Scope {
    /// Says whether an identity is meant.
    pub fn has(&self, name: &NodeName) -> bool {
        self.only.is_empty() || self.only.contains(name)
    }
}

/// Decides what becomes of the identities of a specification: `surveys` has one for each that is in scope, in their order.
pub fn decide(spec: &ClusterSpec, surveys: &[Survey], terms: &Terms<'_>, scope: &Scope) -> Plan {
    let mut plan = Plan {
        makes_ca: false,
        changes: Vec::new(),
        obstacles: Vec::new(),
        unchanged: 0,
        strangers: Vec::new(),
        writes_inventory: false,
    };
    let nodes = spec.nodes.iter().filter(|node| scope.has(&node.name));
    for (node, survey) in nodes.zip(surveys) {
        match compare::identity(spec, node, survey, terms, scope) {
            Ok(None) => plan.unchanged = plan.unchanged.saturating_add(1),
            Ok(Some(change)) => plan.changes.push(change),
            Err(obstacle) => plan.obstacles.push(obstacle),
        }
    }
    plan
}

/// Returns the change that moves aside an identity that the specification does not have.
pub fn retire(name: NodeName, role: NodeRole, until: Option<OffsetDateTime>) -> Change {
    Change { name, role, action: Action::Retire, reasons: vec![Reason::NotWanted], reload: Vec::new(), until }
}
