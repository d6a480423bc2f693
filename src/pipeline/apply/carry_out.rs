//! What was planned is done: identities are made side by side, and put in their places as they come.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use time::OffsetDateTime;
use time::macros::format_description;

use super::survey::Pending;
use super::{Applied, BundleError, OpenBundle, Place, Planned, keep};
use crate::bundle::CaPaths;
use crate::bundle::inventory::{self, Identity, Inventory};
use crate::bundle::plan::{Action, Change};
use crate::output::{BundleChange, BundleFolder, FolderFacts, NewFolder, Staged, Target};
use crate::pipeline::cluster::{self, NewCa, given_ca_artifact, inventory_artifact};
use crate::pipeline::identity::{Authority, MadeIdentity, Maker};
use crate::pipeline::{Environment, Error, Step, at, certificate_facts, parallel};
use crate::pki::{Certificate, CertificateAuthority};
use crate::spec::{ClusterSpec, NodeSpec};

/// How many identities are synced and put in place at once, at least and at most: a sync costs as much as writing some of them, and a run
/// that is killed loses those that were not.
const BATCH: [usize; 2] = [32, 256];

/// A piece of work.
struct Work<'a> {
    node: &'a NodeSpec,
    pending: Pending,
}

/// A piece of work that is done, but for the disk.
struct Done {
    made: MadeIdentity,
    change: Change,
    facts: Option<FolderFacts>,
    dropped: Vec<String>,
    is_retired: bool,
}

impl OpenBundle {
    /// Does what was planned. `signer` is what signs: none where nothing has to be signed, or where the CA is made.
    ///
    /// Each identity that is done stays, whatever comes after it.
    pub fn carry_out(
        self,
        spec: &ClusterSpec,
        planned: Planned,
        signer: Option<CertificateAuthority>,
        environment: &Environment<'_>,
    ) -> Result<Applied, Error> {
        if let Some(obstacle) = planned.plan.obstacles.first() {
            return Err(BundleError::Obstacle(obstacle.clone()).into());
        }
        match self.place {
            Place::Bundle(_) => self.carry_out_there(spec, planned, signer, environment),
            Place::Nothing(target) => {
                let (bundle, ca, signer) = Self::found(spec, target, &planned.ca, signer, environment)?;
                bundle.carry_out_there(spec, Planned { ca, ..planned }, signer, environment)
            }
        }
    }

    /// Makes the folder of a bundle with a CA and nothing else.
    fn found(
        spec: &ClusterSpec,
        target: Target,
        given: &[Certificate],
        signer: Option<CertificateAuthority>,
        environment: &Environment<'_>,
    ) -> Result<(Self, Vec<Certificate>, Option<CertificateAuthority>), Error> {
        let mut staging = target.begin().map_err(Error::Output)?;
        let (artifacts, chain, signer, has_password) = match spec.made_ca() {
            Some(ca) => {
                let NewCa { ca, password, artifacts } = NewCa::make(spec, ca, environment)?;
                (artifacts, vec![ca.certificate().clone()], Some(ca), password.is_made())
            }
            None => (vec![given_ca_artifact(spec, given)], given.to_vec(), signer, false),
        };
        let Some(issuer) = chain.first() else { return Err(Error::NoCaKey) };
        let facts = cluster::ca_facts(spec, issuer, has_password).map_err(at(Step::Configuration, None))?;
        let inventory = cluster::inventory(spec, facts, Vec::new(), environment);
        for artifact in artifacts {
            staging.write(&artifact).map_err(Error::Output)?;
        }
        staging
            .write(&inventory_artifact(&inventory).map_err(at(Step::Configuration, None))?)
            .map_err(Error::Output)?;
        let path = staging.finish().and_then(Staged::commit).map_err(Error::Output)?;
        let folder = BundleFolder::lock(&path, &|| {}).map_err(Error::Output)?;
        let bundle =
            Self { place: Place::Bundle(folder), inventory: Some(inventory), inventory_fault: None, ca: chain.clone() };
        Ok((bundle, chain, signer))
    }

    fn carry_out_there(
        mut self,
        spec: &ClusterSpec,
        mut planned: Planned,
        signer: Option<CertificateAuthority>,
        environment: &Environment<'_>,
    ) -> Result<Applied, Error> {
        let home = self.path();
        let pending = std::mem::take(&mut planned.pending);
        if signer.is_none() && pending.iter().any(|pending| pending.change.action.signs()) {
            return Err(Error::NoCaKey);
        }
        let Some(authority) = Authority::new(planned.ca.clone(), signer) else { return Err(Error::NoCaKey) };
        let maker = Maker::new(spec, &home, environment, authority)?;
        self.keep_known(&pending, &mut planned);
        let nodes: HashMap<&str, &NodeSpec> = spec.nodes.iter().map(|node| (node.name.as_str(), node)).collect();
        let (mut work, mut retired) = (Vec::new(), Vec::new());
        for pending in pending {
            match nodes.get(pending.change.name.as_str()) {
                Some(node) if pending.change.action != Action::Retire => work.push(Work { node, pending }),
                _ => retired.push(pending),
            }
        }
        // What has been done is in the inventory also when the rest fails.
        let outcome = self.change_all(&maker, work, retired, &mut planned, environment);
        let inventory = self.inventory_of(spec, &planned, environment)?;
        let written = self.write_inventory(&inventory);
        let done = outcome?;
        written?;
        Ok(Applied { inventory, done, is_stopped: (environment.stopped)() })
    }

    /// Has what is there stay in the inventory until it is changed: what this run does not come to is as it was.
    fn keep_known(&self, pending: &[Pending], planned: &mut Planned) {
        let known = self.inventory.iter().flat_map(|known| &known.identities);
        let known: HashMap<&str, &Identity> = known.map(|identity| (identity.name.as_str(), identity)).collect();
        for Pending { change, record, .. } in pending {
            let name = change.name.as_str();
            let recorded = record.as_ref().map(|record| &record.identity);
            if let Some(identity) = recorded.or_else(|| known.get(name).copied()) {
                planned.unchanged.entry(name.to_owned()).or_insert_with(|| identity.clone());
            }
        }
    }

    fn change_all(
        &mut self,
        maker: &Maker<'_>,
        work: Vec<Work<'_>>,
        retired: Vec<Pending>,
        planned: &mut Planned,
        environment: &Environment<'_>,
    ) -> Result<Vec<String>, Error> {
        let Place::Bundle(folder) = &mut self.place else { return Ok(Vec::new()) };
        if work.is_empty() && retired.is_empty() {
            return Ok(Vec::new());
        }
        let stamp = stamp(environment.now);
        let reader = BundleFolder::look(folder.path()).map_err(Error::Output)?;
        let mut change = folder.change().map_err(Error::Output)?;
        let mut batch = Batch { staged: HashMap::new(), done: Vec::new() };
        let make = |work: Work<'_>| work.make(maker, &reader);
        let outcome = parallel::stream(work, environment, make, |done: Result<Done, Error>| {
            let Done { made, change: Change { name, .. }, facts, dropped, is_retired } = done?;
            let MadeIdentity { artifacts, record } = made;
            change
                .stage(NewFolder {
                    name: name.as_str().to_owned(),
                    artifacts,
                    dropped,
                    old: facts,
                    retire_as: is_retired.then(|| format!("{name}-{stamp}")),
                })
                .map_err(Error::Output)?;
            drop(batch.staged.insert(name.as_str().to_owned(), record.identity));
            if batch.is_full() { batch.commit(&mut change, planned) } else { Ok(()) }
        });
        // What is whole is put in place, also when something else has failed.
        let committed = batch.commit(&mut change, planned);
        outcome?;
        committed?;
        if !(environment.stopped)() {
            for Pending { change: Change { name, .. }, facts, .. } in retired {
                if let Some(facts) = facts {
                    change.move_aside(name.as_str(), &facts, &format!("{name}-{stamp}")).map_err(Error::Output)?;
                }
                drop(planned.unchanged.remove(name.as_str()));
                batch.done.push(name.as_str().to_owned());
            }
        }
        Ok(batch.done)
    }

    fn write_inventory(&mut self, inventory: &Inventory) -> Result<(), Error> {
        if self.is_known(inventory) {
            return Ok(());
        }
        let artifact = inventory_artifact(inventory).map_err(at(Step::Configuration, None))?;
        let Place::Bundle(folder) = &mut self.place else { return Ok(()) };
        folder.change().and_then(|mut change| change.write_root_file(&artifact)).map_err(Error::Output)
    }

    /// Returns the inventory of the bundle as it is by now: what is in the specification first, in its order.
    pub(super) fn inventory_of(
        &self,
        spec: &ClusterSpec,
        planned: &Planned,
        environment: &Environment<'_>,
    ) -> Result<Inventory, Error> {
        let known = self.inventory.as_ref();
        let Some(issuer) = planned.ca.first() else { return Err(Error::NoCaKey) };
        let of_ca = certificate_facts(issuer).map_err(at(Step::Configuration, None))?;
        let facts = match known {
            Some(known) if known.ca.certificate == of_ca => known.ca.clone(),
            // The inventory is gone, or about another CA; what it shall say can be told from what is there.
            _ => self.ca_facts(spec, issuer)?,
        };
        let by_name: HashMap<&str, &Identity> =
            planned.unchanged.iter().map(|(name, identity)| (name.as_str(), identity)).collect();
        let own: HashSet<&str> = spec.nodes.iter().map(|node| node.name.as_str()).collect();
        let is_part = !planned.is_whole;
        let known_names = known.iter().flat_map(|known| &known.identities).map(|identity| identity.name.as_str());
        let mut order: Vec<&str> = Vec::with_capacity(by_name.len());
        let spec_names = spec.nodes.iter().map(|node| node.name.as_str());
        // A run over a part leaves the others where they stand.
        if is_part {
            order.extend(known_names.clone());
            order.extend(spec_names);
        } else {
            order.extend(spec_names);
            order.extend(known_names.filter(|name| !own.contains(name)));
        }
        let mut rest: Vec<&str> = by_name.keys().copied().collect();
        rest.sort_unstable();
        order.extend(rest);
        let mut seen = HashSet::new();
        let identities =
            order.into_iter().filter(|name| seen.insert(*name)).filter_map(|name| by_name.get(name).copied().cloned());
        let mut inventory = cluster::inventory(spec, facts, identities.collect(), environment);
        if let Some(known) = known {
            inventory.created = known.created;
            if is_part {
                let pem_key = known.settings.pem_key.or(inventory.settings.pem_key);
                inventory.settings = inventory::Settings { pem_key, ..known.settings.clone() };
            }
        }
        Ok(inventory)
    }

    fn ca_facts(&self, spec: &ClusterSpec, issuer: &Certificate) -> Result<inventory::Ca, Error> {
        let Place::Bundle(folder) = &self.place else { return Err(Error::NoCaKey) };
        let paths = CaPaths::new(spec.layout);
        let is_there =
            |path: &Path| folder.read(path, super::MAX_CA_FILE).map(|file| file.is_some()).map_err(Error::Output);
        let has_password = is_there(&paths.password)?;
        let mut facts = cluster::ca_facts(spec, issuer, has_password).map_err(at(Step::Configuration, None))?;
        if spec.made_ca().is_none() && is_there(&paths.key)? {
            facts.key_file = Some(paths.key.to_string_lossy().into_owned());
        }
        Ok(facts)
    }
}

/// Identities that are staged and not in their places yet.
struct Batch {
    staged: HashMap<String, Identity>,
    done: Vec<String>,
}

impl Batch {
    /// The more is done, the less of it a batch is.
    fn is_full(&self) -> bool {
        let [least, most] = BATCH;
        self.staged.len() >= (self.done.len() / 8).clamp(least, most)
    }

    fn commit(&mut self, change: &mut BundleChange<'_>, planned: &mut Planned) -> Result<(), Error> {
        let outcome = change.commit();
        // Also of a commit that failed, some are in their places.
        for name in change.committed().iter().skip(self.done.len()) {
            if let Some(identity) = self.staged.remove(name) {
                drop(planned.unchanged.insert(name.clone(), identity));
            }
            self.done.push(name.clone());
        }
        outcome.map(drop).map_err(Error::Output)
    }
}

impl Work<'_> {
    fn make(self, maker: &Maker<'_>, bundle: &BundleFolder) -> Result<Done, Error> {
        let Self { node, pending } = self;
        let kept = keep::what_stays(node, &pending, maker.spec, bundle)?;
        let mut dropped = keep::own_files(&pending);
        let made = maker.make(node, kept)?;
        // What stays is carried over, and what is made replaces what was there.
        dropped.retain(|file| !made.record.sha256.contains_key(file));
        let replaces_foreign = keep::replaces_foreign(&made.artifacts, &pending);
        let Pending { change, facts, holds_changed_files, .. } = pending;
        let is_rekeyed = change.action == Action::Rekey;
        let is_retired = facts.is_some() && (is_rekeyed || holds_changed_files || replaces_foreign);
        Ok(Done { made, change, facts, dropped, is_retired })
    }
}

/// Returns a time as it stands in the names of what is moved aside.
fn stamp(now: OffsetDateTime) -> String {
    now.format(format_description!("[year][month][day]T[hour][minute][second]Z")).unwrap_or_default()
}
