//! A whole bundle from nothing.

use std::path::Path;

use super::identity::{Authority, Kept, MadeIdentity, Maker, password_artifact, portable};
use super::{Cause, Environment, Error, Step, at, certificate_facts, parallel, steps};
use crate::bundle::inventory::{self, Identity, Inventory};
use crate::bundle::{self, Artifact, Bundle, CaPaths};
use crate::output::{Staged, Target};
use crate::pki::{Certificate, CertificateAuthority, KeyPair, PkiError, certificate_pem, certificates_pem};
use crate::secret::Password;
use crate::spec::{CaSpec, ClusterSpec, KeyAlgorithm, NodeSpec, StoreFormat};

/// A bundle in memory, with its inventory.
#[derive(Debug)]
pub struct Made {
    /// The files.
    pub bundle: Bundle,
    /// What they hold.
    pub inventory: Inventory,
}

impl Made {
    /// Returns the files of an identity, in the order in which they would be written; none, if there is no such identity.
    pub fn files<'m>(&'m self, identity: &str) -> impl Iterator<Item = &'m Artifact> {
        let found = self.inventory.identities.iter().find(|known| known.name == identity);
        let files: &[String] = found.map_or(&[], |identity| &identity.files);
        let is_own = |artifact: &&Artifact| files.iter().any(|file| Path::new(file) == artifact.path());
        self.bundle.artifacts.iter().filter(is_own)
    }

    /// Returns a file of an identity by its name, such as `kafka.server.keystore.p12`, `password` or `client.properties`.
    pub fn file(&self, identity: &str, name: &str) -> Option<&Artifact> {
        self.files(identity).find(|artifact| artifact.name() == name)
    }
}

/// Makes a bundle from nothing and stages it beside `target`, each identity as soon as it is made; [`Staged::commit`] puts it there.
pub fn init(spec: &ClusterSpec, target: Target, environment: &Environment<'_>) -> Result<(Staged, Inventory), Error> {
    check(spec, environment)?;
    let home = target.path();
    let mut staging = target.begin().map_err(Error::Output)?;
    let inventory = make_each(spec, &home, environment, |artifacts| {
        artifacts.iter().try_for_each(|artifact| staging.write(artifact)).map_err(Error::Output)
    })?;
    Ok((staging.finish().map_err(Error::Output)?, inventory))
}

/// Makes a bundle in memory. `home` is the folder that it will lie in, which the properties name unless the specification has a
/// deploy folder.
pub fn make(spec: &ClusterSpec, home: &Path, environment: &Environment<'_>) -> Result<Made, Error> {
    check(spec, environment)?;
    let mut bundle = Bundle::default();
    let inventory = make_each(spec, home, environment, |artifacts| {
        bundle.artifacts.extend(artifacts);
        Ok(())
    })?;
    Ok(Made { bundle, inventory })
}

pub(super) fn check(spec: &ClusterSpec, environment: &Environment<'_>) -> Result<(), Error> {
    let faults = spec.faults(environment.now);
    if faults.is_empty() { Ok(()) } else { Err(Error::Spec(faults)) }
}

/// Makes everything, and hands each piece to `take` as it comes to be: the CA first, the inventory last.
fn make_each(
    spec: &ClusterSpec,
    home: &Path,
    environment: &Environment<'_>,
    mut take: impl FnMut(Vec<Artifact>) -> Result<(), Error>,
) -> Result<Inventory, Error> {
    let Some(ca_spec) = spec.made_ca() else { return Err(Error::NoCaKey) };
    // The largest key is made first, and those of the first identities beside it.
    let first: Vec<&NodeSpec> = spec.nodes.iter().take(environment.jobs.max(1)).collect();
    let (ca_key, first_keys) = make_first_keys(ca_spec, &first, environment)?;
    let NewCa { ca, password, artifacts } = NewCa::of_key(spec, ca_spec, ca_key, environment)?;
    take(artifacts)?;
    let ca_facts = ca_facts(spec, ca.certificate(), password.is_made()).map_err(at(Step::Configuration, None))?;
    let Some(authority) = Authority::new(vec![ca.certificate().clone()], Some(ca)) else { return Err(Error::NoCaKey) };
    let maker = Maker::new(spec, home, environment, authority)?;
    let first_keys = first_keys.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
    let work: Vec<(usize, &NodeSpec, Option<KeyPair>)> =
        spec.nodes.iter().zip(first_keys).enumerate().map(|(at, (node, key))| (at, node, key)).collect();
    let mut identities: Vec<Option<Identity>> = vec![None; work.len()];
    let make = |(at, node, key)| Ok((at, maker.make(node, Kept { key, ..Kept::default() })?));
    parallel::stream(work, environment, make, |made: Result<(usize, MadeIdentity), Error>| {
        let (at, MadeIdentity { artifacts, record }) = made?;
        if let Some(place) = identities.get_mut(at) {
            *place = Some(record.identity);
        }
        take(artifacts)
    })?;
    if (environment.stopped)() {
        return Err(Error::Stopped);
    }
    let inventory = inventory(spec, ca_facts, identities.into_iter().flatten().collect(), environment);
    take(vec![inventory_artifact(&inventory).map_err(at(Step::Configuration, None))?])?;
    Ok(inventory)
}

fn make_first_keys(
    ca: &CaSpec,
    nodes: &[&NodeSpec],
    environment: &Environment<'_>,
) -> Result<(KeyPair, Vec<KeyPair>), Error> {
    let mut work: Vec<(Option<&NodeSpec>, KeyAlgorithm)> = vec![(None, ca.key_algorithm)];
    work.extend(nodes.iter().map(|node| (Some(*node), node.key_algorithm)));
    let keys = parallel::map(work, environment.jobs, |(node, algorithm)| {
        let name = node.map(|node| &node.name);
        let key = KeyPair::generate(algorithm).map_err(at::<PkiError>(Step::Key, name))?;
        (environment.observe)(Step::Key, name);
        Ok(key)
    });
    let mut keys = keys.into_iter().collect::<Result<Vec<_>, Error>>()?;
    // There is one result for each piece of work, and the CA's is the first.
    let ca = keys.remove(0);
    Ok((ca, keys))
}

/// A CA that was made, with its files.
pub(super) struct NewCa {
    pub(super) ca: CertificateAuthority,
    pub(super) password: Password,
    pub(super) artifacts: Vec<Artifact>,
}

impl NewCa {
    /// Makes a CA of a new key.
    pub(super) fn make(spec: &ClusterSpec, ca: &CaSpec, environment: &Environment<'_>) -> Result<Self, Error> {
        let key = KeyPair::generate(ca.key_algorithm).map_err(at::<PkiError>(Step::Key, None))?;
        (environment.observe)(Step::Key, None);
        Self::of_key(spec, ca, key, environment)
    }

    fn of_key(spec: &ClusterSpec, ca: &CaSpec, key: KeyPair, environment: &Environment<'_>) -> Result<Self, Error> {
        let (ca, password) = steps::ca_of_key(ca, key, environment).map_err(at(Step::Ca, None))?;
        (environment.observe)(Step::Ca, None);
        let paths = CaPaths::new(spec.layout);
        let key = steps::ca_key_file(&ca, &password, environment).map_err(at(Step::Ca, None))?;
        let mut artifacts = vec![
            Artifact::public(paths.certificate, certificate_pem(ca.certificate())),
            Artifact::secret(paths.key, key),
        ];
        if password.is_made() {
            artifacts.push(password_artifact(paths.password, &password));
        }
        Ok(Self { ca, password, artifacts })
    }
}

/// Returns the file of a CA whose key is kept elsewhere: its certificate, and those above it.
pub(super) fn given_ca_artifact(spec: &ClusterSpec, chain: &[Certificate]) -> Artifact {
    Artifact::public(CaPaths::new(spec.layout).certificate, certificates_pem(&chain.iter().collect::<Vec<_>>()))
}

/// Returns what the inventory says of a CA that was made with the bundle.
pub(super) fn ca_facts(
    spec: &ClusterSpec,
    certificate: &Certificate,
    has_password_file: bool,
) -> Result<inventory::Ca, Cause> {
    let paths = CaPaths::new(spec.layout);
    let is_made = spec.made_ca().is_some();
    Ok(inventory::Ca {
        certificate: certificate_facts(certificate)?,
        certificate_file: portable(&paths.certificate),
        key_file: is_made.then(|| portable(&paths.key)),
        password_file: has_password_file.then(|| portable(&paths.password)),
    })
}

/// Returns the inventory of a new bundle.
pub(super) fn inventory(
    spec: &ClusterSpec,
    ca: inventory::Ca,
    identities: Vec<Identity>,
    environment: &Environment<'_>,
) -> Inventory {
    let ClusterSpec { stores, layout, deploy_dir, .. } = spec;
    let has_pem = std::iter::once(&stores.formats)
        .chain(spec.nodes.iter().filter_map(|node| node.formats.as_ref()))
        .any(|formats| formats.contains(&StoreFormat::Pem));
    Inventory {
        version: inventory::VERSION,
        created: environment.now.replace_nanosecond(0).unwrap_or(environment.now),
        settings: inventory::Settings {
            layout: *layout,
            formats: stores.formats.clone(),
            pem_key: has_pem.then_some(stores.pem_key),
            ca_alias: stores.ca_alias.as_str().to_owned(),
            client_auth: spec.effective_client_auth(),
            deploy_dir: deploy_dir.clone(),
        },
        ca,
        identities,
    }
}

pub(super) fn inventory_artifact(inventory: &Inventory) -> Result<Artifact, Cause> {
    let mut json = serde_json::to_vec_pretty(inventory).map_err(Cause::Inventory)?;
    json.push(b'\n');
    Ok(Artifact::public(bundle::INVENTORY.into(), json))
}
