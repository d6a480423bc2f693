//! `cluster.yaml`: what shall exist, as a file that people write, review and apply.
//!
//! ```yaml
//! defaults:
//!   dname: O=Acme,C=US
//! brokers:
//!   - name: broker[1-3].example.com
//!     sans: ['10.0.0.[1-3]', '*.kafka.example.com']
//! clients:
//!   - app1
//! ```
//!
//! [`ClusterFile::read`] makes a [`ClusterSpec`] of its bytes, or tells everything that is wrong with it, each with line and
//! column. All keys stand in one table (`keys`), of which [`schema()`] makes what an editor completes the file by.
//!
//! Secrets are never in the file: it says where they come from, and who has read them puts them into the specification.
//! Then [`ClusterSpec::faults`] is asked once more, and [`ClusterFile::fault`] says where in the file each of them belongs.

use std::collections::HashMap;
use std::path::PathBuf;

use time::OffsetDateTime;

use super::{ClusterSpec, KeyAlgorithm, NodeSpec, SpecError, StoreFormat, WhichPassword};
use crate::name::NodeName;

mod fault;
mod identities;
mod keys;
mod reader;
mod schema;
#[cfg(test)]
mod tests;
mod yaml;

pub use fault::{Fault, FaultKind, FileFaults, Found, MAX_FAULTS, Position, SecretSourceError, Syntax, ValueError};
pub use schema::schema;

use fault::Faults;
use reader::Reader;

/// The largest file, in bytes. Ten thousand names that are listed one by one, with addresses, take about one MiB.
pub const MAX_FILE: usize = 4 << 20;

/// The most alternative names of one identity. Some TLS stacks refuse certificates far smaller than these would make.
pub const MAX_ALT_NAMES: usize = 250;

/// The most alternative names of all identities together, beside their own.
pub const MAX_ALT_NAMES_IN_ALL: usize = 500_000;

/// What a file says.
#[derive(Debug, Clone)]
pub struct ClusterFile {
    /// What shall exist; the secrets are not there yet.
    pub spec: ClusterSpec,
    /// The files of the CA, if it exists already.
    pub ca: Option<GivenCaFiles>,
    /// Where the secrets come from.
    pub secrets: SecretSources,
    positions: Positions,
}

/// The files of a CA that exists. Relative paths are relative to the folder of the cluster file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenCaFiles {
    /// Its certificate, with its chain if it is no root.
    pub certificate: Located<PathBuf>,
    /// Its private key; what opens that is [`SecretSources::ca`].
    pub key: Located<PathBuf>,
}

/// A value with the place where it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub position: Position,
}

/// Where the secrets come from; one is made where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecretSources {
    /// The password of the CA's key, whether it is made or exists.
    pub ca: Option<Located<SecretSource>>,
    /// The password of the stores.
    pub store: Option<Located<SecretSource>>,
    /// The password of the keys.
    pub key: Option<Located<SecretSource>>,
}

/// Where a secret comes from. It is never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// `env:NAME`: an environment variable.
    Environment(String),
    /// `fd:N`: an open file descriptor.
    FileDescriptor(u32),
    /// `file:PATH`: the only line of a file. A relative path is relative to the folder of the cluster file.
    File(PathBuf),
    /// `prompt`: a person at the terminal.
    Prompt,
    /// `stdin`: a line of the standard input.
    StandardInput,
}

/// Where the parts of the specification stand in the file.
#[derive(Debug, Clone, Default)]
struct Positions {
    /// The list of brokers.
    brokers: Option<Position>,
    ca: Option<Position>,
    ca_validity: Option<Position>,
    ca_alias: Option<Position>,
    /// The entries, in the order in which they stand.
    entries: Vec<EntryPositions>,
    /// The entry that each identity comes from.
    entry_of: HashMap<NodeName, usize>,
}

/// Where the parts of an entry stand, or what they are when it is silent.
#[derive(Debug, Clone, Copy)]
struct EntryPositions {
    name: Position,
    alias: Option<Position>,
    /// What the subject comes from.
    subject: Option<Position>,
    key_algorithm: Option<Position>,
    validity: Option<Position>,
}

impl ClusterFile {
    /// Reads a file.
    ///
    /// It takes time in proportion to its size, however hostile it is. What is wrong between the parts
    /// ([`ClusterSpec::faults`]) is told in the same list, except for what only the secrets will show; a certificate that could
    /// not be valid from `now` on is among it.
    pub fn read(bytes: &[u8], now: OffsetDateTime) -> Result<Self, FileFaults> {
        let mut faults = Faults::default();
        let mut reader = Reader::new(&mut faults);
        let file = reader.file(bytes);
        let has_entries = reader.has_entries;
        if let Some(file) = &file {
            file.find_spec_faults(has_entries, now, &mut faults);
        }
        match file {
            Some(file) if faults.is_empty() => Ok(file),
            _ => Err(faults.into_error()),
        }
    }

    /// Returns the place where an identity is named.
    pub fn position(&self, name: &NodeName) -> Option<Position> {
        self.entry(name).map(|entry| entry.name)
    }

    /// Returns a fault of the specification with the place where it belongs; the beginning of the file if that is nowhere.
    pub fn fault(&self, error: SpecError) -> Fault {
        let position = self.position_of(&error).unwrap_or(Position::START);
        Fault { position, kind: FaultKind::Spec(error), more: 0 }
    }

    fn entry(&self, name: &NodeName) -> Option<&EntryPositions> {
        self.positions.entries.get(*self.positions.entry_of.get(name)?)
    }

    fn position_of(&self, error: &SpecError) -> Option<Position> {
        let Positions { brokers, ca, ca_validity, ca_alias, .. } = &self.positions;
        let secret = |source: &Option<Located<SecretSource>>| source.as_ref().map(|source| source.position);
        match error {
            SpecError::AliasOfCa(name, _) => {
                self.entry(name).map(|entry| entry.alias.unwrap_or(entry.name)).or(*ca_alias)
            }
            SpecError::BrokerName(name, _)
            | SpecError::CaseCollision(_, name)
            | SpecError::Duplicate(name)
            | SpecError::NameNotInCertificate(name) => self.position(name),
            SpecError::CaValidity(_) => ca_validity.or(*ca),
            SpecError::Ed25519InPem => self
                .first_entry(|node| {
                    node.key_algorithm == KeyAlgorithm::Ed25519 && self.spec.formats(node).contains(&StoreFormat::Pem)
                })
                .map(|entry| entry.key_algorithm.unwrap_or(entry.name)),
            SpecError::KeyPasswordForPlainPem | SpecError::KeyPasswordInPkcs12 => secret(&self.secrets.key),
            SpecError::NoNode => *brokers,
            SpecError::OutlivesCa { days, .. } => {
                self.first_entry(|node| node.days == *days).and_then(|entry| entry.validity).or(*ca_validity)
            }
            SpecError::Password(which, _) | SpecError::PemPassword(which, _) => secret(match which {
                WhichPassword::Ca => &self.secrets.ca,
                WhichPassword::Key => &self.secrets.key,
                WhichPassword::Store => &self.secrets.store,
            }),
            SpecError::ScriptLayout(_) => None,
            SpecError::SubjectOfCa(name) => self.entry(name).map(|entry| entry.subject.unwrap_or(entry.name)),
        }
    }

    fn first_entry(&self, is_meant: impl Fn(&NodeSpec) -> bool) -> Option<&EntryPositions> {
        self.spec.nodes.iter().find(|node| is_meant(node)).and_then(|node| self.entry(&node.name))
    }

    /// Finds what is wrong between the parts; what is wrong with several names of one entry is told once.
    fn find_spec_faults(&self, has_entries: bool, now: OffsetDateTime, faults: &mut Faults) {
        let mut told: HashMap<(Position, std::mem::Discriminant<SpecError>), usize> = HashMap::new();
        let mut grouped: Vec<Fault> = Vec::new();
        for error in self.spec.faults(now) {
            // An entry that could not be read has been reported as such.
            if error == SpecError::NoNode && has_entries {
                continue;
            }
            let kind = std::mem::discriminant(&error);
            let fault = self.fault(error);
            let place = *told.entry((fault.position, kind)).or_insert(grouped.len());
            if let Some(first) = grouped.get_mut(place) {
                first.more += 1;
            } else {
                grouped.push(fault);
            }
        }
        faults.extend(grouped);
    }
}
