//! A bundle that becomes what a specification says: what is missing is made, what is another is issued again, and everything else stays as
//! it is, to the byte.
//!
//! Each identity's folder is put in its place as a whole, and says by itself what it is ([`crate::bundle::record`]). Whatever ends a run,
//! the next one goes on from what it finds.

mod carry_out;
mod keep;
pub(super) mod recover;
mod specification;
mod survey;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::cluster::check;
use super::{Environment, Error, Step, at, parallel};
use crate::bundle::inventory::{Identity, Inventory, InventoryError};
use crate::bundle::plan::{self, CaDifference, Obstacle, Plan, Scope, Terms};
use crate::bundle::record::{RECORD, RecordError};
use crate::bundle::{self, CaPaths, inventory};
use crate::kafka::principal::principal;
use crate::name::{NodeName, printable};
use crate::output::{BundleFolder, OutputError, Target};
use crate::pki::{
    Certificate, CertificateAuthority, KeyError, KeyType, PrivateKeyError, read_certificates, read_private_key,
};
use crate::secret::Password;
use crate::spec::{CaSource, ClusterSpec, Layout, NodeSpec};

use survey::{Pending, Surveyor, Verdict};

/// The most that is read of a CA's file.
const MAX_CA_FILE: u64 = 1 << 20;

/// Why a bundle that is there cannot be changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum BundleError {
    /// The file with the CA's certificate holds none.
    CaCertificate(PathBuf),
    /// The CA is another one than was asked for; the text says which.
    CaDiffers {
        /// The CA that the bundle has.
        found: String,
        /// The CA that was asked for.
        wanted: String,
    },
    /// The CA's key cannot be read.
    CaKey(PathBuf, PrivateKeyError),
    /// The CA's certificate is not there.
    NoCaCertificate(PathBuf),
    /// The key of an identity cannot be read any more, although it could.
    KeyNotReadable(NodeName),
    /// The folder holds something, and no bundle.
    NoBundle(PathBuf),
    /// The inventory is not there, or cannot be read.
    NoInventory(PathBuf),
    /// Something stands in the way of what was planned.
    Obstacle(Obstacle),
    /// The record of an identity is not there (`None`), or cannot be used.
    Record(NodeName, Option<RecordError>),
    /// The record of an identity says what this program makes none of.
    RecordValue {
        /// The identity.
        name: NodeName,
        /// What it says.
        value: String,
    },
    /// The files lie flat, as the script leaves them.
    ScriptLayout(PathBuf),
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CaCertificate(path) => write!(f, "there is no certificate of a CA in `{}`", path.display()),
            Self::CaDiffers { found, wanted } => {
                write!(f, "the bundle's CA is {}, and {} is asked for", printable(found), printable(wanted))
            }
            Self::CaKey(path, _) => write!(f, "the CA's key in `{}` cannot be used", path.display()),
            Self::KeyNotReadable(name) => {
                write!(f, "the private key of `{name}` cannot be read from any of its keystores")
            }
            Self::NoBundle(path) => {
                write!(f, "the folder `{}` holds something, and it is not a bundle", path.display())
            }
            Self::NoCaCertificate(path) => write!(f, "the CA's certificate `{}` is not there", path.display()),
            Self::NoInventory(path) => {
                write!(f, "the inventory `{}` is not there, or cannot be read", path.display())
            }
            Self::Obstacle(obstacle) => obstacle.fmt(f),
            Self::Record(name, None) => write!(f, "the record of `{name}`, `{name}/{RECORD}`, is not there"),
            Self::Record(name, Some(_)) => {
                write!(f, "the record of `{name}`, `{name}/{RECORD}`, cannot be used")
            }
            Self::RecordValue { name, value } => {
                write!(f, "the record of `{name}`, `{name}/{RECORD}`, says `{}`, which is not known", printable(value))
            }
            Self::ScriptLayout(path) => {
                write!(f, "the bundle in `{}` has the script's layout, which holds one broker for good", path.display())
            }
        }
    }
}

impl std::error::Error for BundleError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::CaKey(_, error) => Some(error),
            Self::Record(_, Some(error)) => Some(error),
            _ => None,
        }
    }
}

impl From<BundleError> for Error {
    fn from(error: BundleError) -> Self {
        Self::Bundle(error)
    }
}

/// A bundle that is there, or the place of one that shall be.
#[derive(Debug)]
pub struct OpenBundle {
    place: Place,
    inventory: Option<Inventory>,
    inventory_fault: Option<InventoryError>,
    /// The CA's certificate and those above it.
    ca: Vec<Certificate>,
}

#[derive(Debug)]
enum Place {
    Bundle(BundleFolder),
    Nothing(Target),
}

/// What was planned, with what has to be known to do it.
pub struct Planned {
    /// What shall be done.
    pub plan: Plan,
    pending: Vec<Pending>,
    /// The identities that stay, by their names.
    unchanged: HashMap<String, Identity>,
    /// The chain of the CA, if it is there or given.
    ca: Vec<Certificate>,
    /// Whether it is about all identities, and not about some of them.
    is_whole: bool,
}

/// What was done.
#[derive(Debug)]
pub struct Applied {
    /// What the bundle holds now.
    pub inventory: Inventory,
    /// The identities that were changed.
    pub done: Vec<String>,
    /// Whether the run was stopped before its end.
    pub is_stopped: bool,
}

impl OpenBundle {
    /// Opens a bundle to look at it; changes nothing, and takes no lock. Where nothing is, a bundle may come to be.
    pub fn look(path: &Path) -> Result<Self, Error> {
        Self::open(path, BundleFolder::look)
    }

    /// Opens a bundle to change it, when nobody else does; `waiting` is called if that is not at once.
    pub fn lock(path: &Path, waiting: &dyn Fn()) -> Result<Self, Error> {
        Self::open(path, |path| BundleFolder::lock(path, waiting))
    }

    fn open(path: &Path, open: impl FnOnce(&Path) -> Result<BundleFolder, OutputError>) -> Result<Self, Error> {
        match Target::new(path) {
            Ok(target) => {
                let place = Place::Nothing(target);
                return Ok(Self { place, inventory: None, inventory_fault: None, ca: Vec::new() });
            }
            // A bundle that is there may lie behind a link.
            Err(OutputError::NotEmpty(_) | OutputError::SymbolicLink(_)) => {}
            Err(error) => return Err(Error::Output(error)),
        }
        let folder = open(path).map_err(Error::Output)?;
        let json = folder.read(Path::new(bundle::INVENTORY), inventory::MAX_SIZE as u64).map_err(Error::Output)?;
        let (inventory, inventory_fault) = match json.as_deref().map(|json| Inventory::from_json(json)) {
            Some(Ok(inventory)) => (Some(inventory), None),
            Some(Err(fault)) => (None, Some(fault)),
            None => (None, None),
        };
        if inventory.as_ref().is_some_and(|inventory| inventory.settings.layout == Layout::Script) {
            return Err(BundleError::ScriptLayout(folder.path().to_owned()).into());
        }
        let ca = read_ca(&folder, inventory.as_ref(), json.is_some())?;
        Ok(Self { place: Place::Bundle(folder), inventory, inventory_fault, ca })
    }

    /// Returns the absolute path of the bundle.
    pub fn path(&self) -> PathBuf {
        match &self.place {
            Place::Bundle(folder) => folder.path().to_owned(),
            Place::Nothing(target) => target.path(),
        }
    }

    /// Says whether there is nothing yet.
    pub fn is_new(&self) -> bool {
        matches!(self.place, Place::Nothing(_))
    }

    /// Returns the inventory, if there is one that can be read.
    pub fn inventory(&self) -> Option<&Inventory> {
        self.inventory.as_ref()
    }

    /// Returns why the inventory that is there cannot be read; it is written anew.
    pub fn inventory_fault(&self) -> Option<&InventoryError> {
        self.inventory_fault.as_ref()
    }

    /// Returns the certificate of the CA, and those above it; none where there is no bundle yet.
    pub fn ca(&self) -> &[Certificate] {
        &self.ca
    }

    /// Returns where the CA's key lies in a bundle.
    pub fn ca_key_path(&self) -> PathBuf {
        let recorded = self.inventory.as_ref().and_then(|inventory| inventory.ca.key_file.as_ref());
        self.path().join(recorded.map_or_else(|| CaPaths::new(Layout::Nodes).key, PathBuf::from))
    }

    /// Reads the CA's key in the bundle, with the password that is given or the one beside it; none if it is not there.
    pub fn authority(
        &self,
        password: Option<&Password>,
        environment: &Environment<'_>,
    ) -> Result<Option<CertificateAuthority>, Error> {
        let (Place::Bundle(folder), Some(certificate)) = (&self.place, self.ca.first()) else { return Ok(None) };
        let path = self.ca_key_path();
        let relative = path.strip_prefix(folder.path()).unwrap_or(&path);
        let Some(file) = folder.read(relative, MAX_CA_FILE).map_err(Error::Output)? else { return Ok(None) };
        let mut beside = None;
        if password.is_none() {
            let mut file = relative.as_os_str().to_owned();
            file.push(".password");
            let line = folder.read(Path::new(&file), MAX_CA_FILE).map_err(Error::Output)?;
            beside = line.and_then(|line| recover::password(&line));
        }
        let read = read_private_key(&file, password.or(beside.as_ref()))
            .map_err(|error| BundleError::CaKey(path.clone(), error))?;
        let ca = CertificateAuthority::new(certificate.clone(), read.key, environment.now);
        Ok(Some(ca.map_err(at(Step::Ca, None))?))
    }

    /// Decides what has to be done. `given` is the chain of a CA that is kept elsewhere, for a specification that says so.
    pub fn plan(
        &self,
        spec: &ClusterSpec,
        given: Option<&[Certificate]>,
        scope: &Scope,
        environment: &Environment<'_>,
    ) -> Result<Planned, Error> {
        check(spec, environment)?;
        let mut ca_differences = self.check_ca(spec, given)?;
        let ca: Vec<Certificate> =
            if self.ca.is_empty() { given.unwrap_or_default().to_vec() } else { self.ca.clone() };
        let adds_stores = !scope.adds.is_empty();
        if !adds_stores {
            ca_differences.extend(ca.first().and_then(|ca| ending(ca, spec, environment.now)));
        }
        let home = self.path();
        let terms = Terms { now: environment.now, ca: ca.first(), home: &home };
        let bundle = match &self.place {
            Place::Bundle(folder) => Some(folder),
            Place::Nothing(_) => None,
        };
        let surveyor = Surveyor { bundle, spec, terms, scope };
        let nodes: Vec<&NodeSpec> = spec.nodes.iter().filter(|node| scope.has(&node.name)).collect();
        let verdicts = parallel::map(nodes, environment.jobs, |node| surveyor.verdict(node));
        let mut planned = Planned {
            plan: Plan {
                makes_ca: self.is_new(),
                ca_differences,
                changes: Vec::new(),
                obstacles: Vec::new(),
                unchanged: 0,
                strangers: Vec::new(),
                writes_inventory: false,
            },
            pending: Vec::new(),
            unchanged: HashMap::new(),
            ca,
            is_whole: scope.only.is_empty() || adds_stores,
        };
        for verdict in verdicts {
            match verdict.map_err(Error::Output)? {
                Verdict::Unchanged(identity) => {
                    planned.plan.unchanged += 1;
                    planned.unchanged.insert(identity.name.clone(), *identity);
                }
                Verdict::Change(pending) => planned.pending.push(*pending),
                Verdict::Obstacle(obstacle) => planned.plan.obstacles.push(obstacle),
            }
        }
        self.add_others(spec, scope, environment, bundle, &mut planned)?;
        planned.plan.changes = planned.pending.iter().map(|pending| pending.change.clone()).collect();
        if planned.pending.is_empty() && !self.is_new() {
            let inventory = self.inventory_of(spec, &planned, environment)?;
            planned.plan.writes_inventory = !self.is_known(&inventory);
        } else {
            planned.plan.writes_inventory = true;
        }
        Ok(planned)
    }

    /// Finds the identities that are there and are not looked at: out of scope, or not in the specification.
    fn add_others(
        &self,
        spec: &ClusterSpec,
        scope: &Scope,
        environment: &Environment<'_>,
        bundle: Option<&BundleFolder>,
        planned: &mut Planned,
    ) -> Result<(), Error> {
        let Some(bundle) = bundle else { return Ok(()) };
        let looked_at: HashSet<&str> =
            spec.nodes.iter().filter(|node| scope.has(&node.name)).map(|node| node.name.as_str()).collect();
        let own: HashSet<&str> = spec.nodes.iter().map(|node| node.name.as_str()).collect();
        let entries = bundle.entries().map_err(Error::Output)?;
        let names = entries.iter().filter(|entry| entry.is_folder).filter_map(|entry| entry.name.parse().ok());
        let names: Vec<NodeName> = names.filter(|name: &NodeName| !looked_at.contains(name.as_str())).collect();
        let recorded = parallel::map(names, environment.jobs, |name| (survey::recorded(bundle, &name), name));
        for (identity, name) in recorded {
            let identity = identity.map_err(Error::Output)?.or_else(|| self.in_inventory(&name).cloned());
            let Some(identity) = identity else { continue };
            let is_stranger = scope.only.is_empty() && !own.contains(name.as_str());
            if is_stranger && scope.prune {
                let until = Some(identity.certificate.not_after);
                let change = plan::retire(name.clone(), identity.role, until);
                let facts = bundle.survey(name.as_str()).map_err(Error::Output)?;
                planned.pending.push(Pending {
                    change,
                    facts,
                    record: None,
                    holds_changed_files: false,
                    is_addition: false,
                });
                continue;
            }
            if is_stranger {
                planned.plan.strangers.push(identity.name.clone());
            }
            planned.unchanged.insert(identity.name.clone(), identity);
        }
        planned.plan.strangers.sort_unstable();
        Ok(())
    }

    /// Says whether the inventory that is there says the same, in whatever order.
    fn is_known(&self, inventory: &Inventory) -> bool {
        let Some(Inventory { version, created, settings, ca, identities }) = &self.inventory else { return false };
        let mut known: Vec<&Identity> = identities.iter().collect();
        let mut found: Vec<&Identity> = inventory.identities.iter().collect();
        for identities in [&mut known, &mut found] {
            identities.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        }
        (*version, *created, settings, ca) == (inventory.version, inventory.created, &inventory.settings, &inventory.ca)
            && known == found
    }

    fn in_inventory(&self, name: &NodeName) -> Option<&Identity> {
        self.inventory.as_ref()?.identities.iter().find(|identity| identity.name == name.as_str())
    }

    /// Looks whether the CA is the one that is asked for: one that is there is never replaced here.
    fn check_ca(&self, spec: &ClusterSpec, given: Option<&[Certificate]>) -> Result<Vec<CaDifference>, Error> {
        let name = |certificate: &Certificate| principal(certificate.subject_der()).unwrap_or_default();
        let Some(found) = self.ca.first() else { return Ok(Vec::new()) };
        match &spec.ca {
            CaSource::Given => {
                let Some(wanted) = given.and_then(<[Certificate]>::first) else { return Ok(Vec::new()) };
                if wanted == found {
                    return Ok(Vec::new());
                }
                let text = |certificate: &Certificate| {
                    format!("`{}` with serial number {}", name(certificate), certificate.serial())
                };
                Err(BundleError::CaDiffers { found: text(found), wanted: text(wanted) }.into())
            }
            CaSource::Made(ca) => {
                let wanted = ca.subject.to_der().and_then(|der| principal(&der)).map_err(at(Step::Ca, None))?;
                if wanted != name(found) {
                    let (found, wanted) = (format!("`{}`", name(found)), format!("`{wanted}`"));
                    return Err(BundleError::CaDiffers { found, wanted }.into());
                }
                let mut differences = Vec::new();
                let algorithm = match KeyType::of(found.public_key_info()) {
                    Ok(key_type) => key_type.to_string(),
                    Err(KeyError::Unsupported(what)) => what,
                    Err(_) => String::new(),
                };
                if algorithm != ca.key_algorithm.name() {
                    let wanted = ca.key_algorithm.name();
                    differences.push(CaDifference::KeyAlgorithm { found: algorithm, wanted });
                }
                let validity = found.validity();
                let days = (validity.not_after - validity.not_before).whole_days();
                if days != i64::from(ca.days.get()) {
                    differences.push(CaDifference::Validity { found: days, wanted: ca.days.get() });
                }
                Ok(differences)
            }
        }
    }
}

/// Says whether the CA ends before something that it issues now would.
fn ending(ca: &Certificate, spec: &ClusterSpec, now: OffsetDateTime) -> Option<CaDifference> {
    let left = (ca.validity().not_after - now).whole_days();
    let wanted = spec.nodes.iter().map(|node| i64::from(node.days.get())).max().unwrap_or_default();
    let has_ended = ca.validity().not_after < now;
    // Nobody minds the day on which a CA of as many days was made.
    (has_ended || left.saturating_add(1) < wanted)
        .then_some(CaDifference::Ends { left: if has_ended { -1 } else { left } })
}

/// Reads the certificate of the CA, and those above it.
fn read_ca(
    folder: &BundleFolder,
    inventory: Option<&Inventory>,
    has_inventory: bool,
) -> Result<Vec<Certificate>, Error> {
    let path = inventory.map_or_else(
        || CaPaths::new(Layout::Nodes).certificate,
        |inventory| PathBuf::from(&inventory.ca.certificate_file),
    );
    let full = folder.path().join(&path);
    let Some(file) = folder.read(&path, MAX_CA_FILE).map_err(Error::Output)? else {
        return Err(if has_inventory {
            BundleError::NoCaCertificate(full)
        } else {
            BundleError::NoBundle(folder.path().to_owned())
        }
        .into());
    };
    let ders = read_certificates(&file).unwrap_or_default();
    let chain: Result<Vec<Certificate>, _> = ders.into_iter().map(Certificate::from_der).collect();
    match chain {
        Ok(chain) if chain.first().is_some_and(Certificate::is_ca) => Ok(chain),
        _ => Err(BundleError::CaCertificate(full).into()),
    }
}
