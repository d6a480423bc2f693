//! The call of `add`: identities into a bundle that is there, or formats of the stores of those that it has.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use kafka_certgen::bundle::inventory::Inventory;
use kafka_certgen::name::{Alias, NodeName};
use kafka_certgen::pipeline::apply::OpenBundle;
use kafka_certgen::secret::Password;
use kafka_certgen::spec::{
    CaSource, ClientAuth, ClusterSpec, Days, KeyAlgorithm, NodeRole, PemKey, SpecError, StoreFormat,
};
use time::OffsetDateTime;

use super::Call;
use super::apply::{Secret, Signer};
use crate::cli::Global;
use crate::cli::add::Arguments;
use crate::problem::{Failure, Problem};
use crate::report::quote_path;

/// A call of `add` that can be carried out.
pub(crate) struct Add {
    pub(crate) spec: ClusterSpec,
    pub(crate) signer: Signer,
    pub(crate) jobs: usize,
    pub(crate) warnings: Vec<String>,
}

/// Converts the arguments of `add`; the settings are those of the bundle.
pub(crate) fn add(
    arguments: &Arguments,
    inventory: &Inventory,
    global: &Global,
    now: OffsetDateTime,
) -> Result<Add, Failure> {
    let mut call = Call::default();
    if !arguments.only.is_empty() {
        let error = anyhow::anyhow!("--only: it is for those that are there, and `--cn` and `--client` name others");
        call.problems.push(Problem::usage(error, "make two calls of it"));
    }
    let rest = call.dname(&arguments.identities);
    let mut spec = ClusterSpec::new(call.nodes(&arguments.identities, &rest));
    spec.ca = CaSource::Given;
    call.certificate_terms(&arguments.identities, Days::NODE, &mut spec.nodes);
    let jobs = call.jobs(&arguments.jobs);
    let settings = &inventory.settings;
    spec.layout = settings.layout;
    spec.client_auth = Some(settings.client_auth);
    spec.deploy_dir.clone_from(&settings.deploy_dir);
    spec.stores.formats.clone_from(&settings.formats);
    spec.stores.pem_key = settings.pem_key.unwrap_or(PemKey::Plain);
    if let Ok(alias) = settings.ca_alias.parse::<Alias>() {
        spec.stores.ca_alias = alias;
    }
    if let Some(formats) = call.formats(&arguments.identities) {
        for node in &mut spec.nodes {
            node.formats = Some(formats.clone());
        }
    }
    call.problems.extend(taken(&spec, inventory, &arguments.out));

    let given = [
        ("--storepass", "password of the stores", arguments.storepass.as_ref()),
        ("--keypass", "password of the keys", arguments.keypass.as_ref()),
    ];
    let sources = given.map(|(flag, what, text)| (flag, what, call.source(flag, text)));
    let password = call.source("--ca-pass", arguments.ca_pass.as_ref());
    let sound = call.problems.is_empty() && spec.faults(now).is_empty();
    let [store, key] = sources.map(|(flag, what, source)| call.secret(flag, what, source, sound, global).0);
    (spec.stores.store_password, spec.stores.key_password) = (store, key);
    // A name that could not be parsed is reported as such, and not again as missing.
    let named = !arguments.identities.is_empty();
    let faults = spec.faults(now).into_iter().filter(|fault| !(named && *fault == SpecError::NoNode));
    call.problems.extend(faults.map(Problem::of_addition));
    call.warn_of_short_passwords(&spec.stores);
    if !call.problems.is_empty() {
        return Err(Failure(call.problems));
    }
    if is_first_client(&spec, inventory) {
        call.warnings.push(
            "the brokers of this bundle ask their clients for no certificate: set ssl.client.auth=required in their server.properties, \
             or `client_auth: required` in cluster.yaml, for this client's to be asked for"
                .to_owned(),
        );
    }
    let password = password.map(|source| Secret { label: "--ca-pass".to_owned(), source });
    let signer = Signer { key: arguments.ca_key.clone(), password };
    Ok(Add { spec, signer, jobs, warnings: call.warnings })
}

/// A call of `add` that gives stores of more formats to what is there.
pub(crate) struct AddFormats {
    pub(crate) formats: Vec<StoreFormat>,
    pub(crate) only: HashSet<NodeName>,
    pub(crate) jobs: usize,
    pub(crate) warnings: Vec<String>,
    store_password: Option<Password>,
}

/// Converts the arguments of `add` where no new identity is named.
pub(crate) fn add_formats(
    arguments: &Arguments,
    bundle: &OpenBundle,
    global: &Global,
    now: OffsetDateTime,
) -> Result<AddFormats, Failure> {
    let mut call = Call::default();
    let is_there = bundle.specification().map_err(Failure::from_pipeline)?;
    let formats = call.formats(&arguments.identities);
    if formats.is_none() {
        let error = anyhow::anyhow!("--only: it is not said which format is to be added");
        call.problems.push(Problem::usage(error, "say it, as in `--format pem`"));
    }
    let place = quote_path(&arguments.out.to_string_lossy());
    let only = call.only(&arguments.only, &is_there.nodes, &place);
    call.refuse_terms_of_certificates(arguments);
    let jobs = call.jobs(&arguments.jobs);
    let source = call.source("--storepass", arguments.storepass.as_ref());
    let sound = call.problems.is_empty();
    let store_password = call.secret("--storepass", "password of the stores", source, sound, global).0;
    let mut add = AddFormats { formats: formats.unwrap_or_default(), only, jobs, warnings: Vec::new(), store_password };
    let spec = add.to(is_there);
    call.problems.extend(spec.faults(now).into_iter().map(|fault| Problem::of_formats(fault, &spec)));
    add.warnings = call.warnings;
    if call.problems.is_empty() { Ok(add) } else { Err(Failure(call.problems)) }
}

impl AddFormats {
    /// Returns what the bundle shall be.
    pub(crate) fn spec(&self, bundle: &OpenBundle) -> Result<ClusterSpec, Failure> {
        Ok(self.to(bundle.specification().map_err(Failure::from_pipeline)?))
    }

    /// Adds the formats to a specification: those that all have in the end are also those of identities that come later.
    fn to(&self, mut spec: ClusterSpec) -> ClusterSpec {
        let is_meant = |name: &NodeName| self.only.is_empty() || self.only.contains(name);
        for format in &self.formats {
            let mut is_added = false;
            for node in spec.nodes.iter_mut().filter(|node| is_meant(&node.name)) {
                let formats = node.formats.get_or_insert_default();
                if !formats.contains(format) {
                    formats.push(*format);
                    is_added = true;
                }
            }
            let have_all = spec.nodes.iter().all(|node| spec.formats(node).contains(format));
            if is_added && have_all && !spec.stores.formats.contains(format) {
                spec.stores.formats.push(*format);
            }
        }
        spec.stores.store_password.clone_from(&self.store_password);
        spec
    }
}

impl Call {
    /// Refuses what is about certificates that are issued.
    fn refuse_terms_of_certificates(&mut self, arguments: &Arguments) {
        let Arguments { identities, .. } = arguments;
        let given = [
            ("--san", !identities.san.is_empty()),
            ("--dname", identities.dname.is_some()),
            ("--validity", identities.validity.is_some()),
            ("--key-alg", identities.key_alg != KeyAlgorithm::NODE.name()),
            ("--alias", identities.alias.is_some()),
            ("--keypass", arguments.keypass.is_some()),
            ("--ca-key", arguments.ca_key.is_some()),
            ("--ca-pass", arguments.ca_pass.is_some()),
        ];
        let flags: Vec<&str> = given.into_iter().filter_map(|(flag, is_given)| is_given.then_some(flag)).collect();
        if !flags.is_empty() {
            let flags = flags.join(", ");
            let error = anyhow::anyhow!("{flags}: where formats are added to what is there, nothing is issued");
            let hint = format!("leave {flags} out; or name what is to be issued with `--cn` or `--client`");
            self.problems.push(Problem::usage(error, hint));
        }
    }
}

/// Checks once more what another run may have changed since a call was converted.
pub(crate) fn check_addition(spec: &ClusterSpec, inventory: &Inventory, out: &Path) -> Result<(), Failure> {
    let problems = taken(spec, inventory, out);
    if problems.is_empty() { Ok(()) } else { Err(Failure(problems)) }
}

/// Finds the names that the bundle has already, in the same letters or in others.
fn taken(spec: &ClusterSpec, inventory: &Inventory, out: &Path) -> Vec<Problem> {
    let there: HashMap<String, &str> = inventory
        .identities
        .iter()
        .map(|identity| (identity.name.to_ascii_lowercase(), identity.name.as_str()))
        .collect();
    let taken = spec.nodes.iter().filter_map(|node| there.get(&node.name.as_str().to_ascii_lowercase()));
    let problem = |name: &&str| {
        let error = anyhow::anyhow!("there is a `{name}` in {} already", quote_path(&out.to_string_lossy()));
        Problem::usage(error, "give another name; what is there is changed by `kafka-certgen apply -f cluster.yaml`")
    };
    taken.map(problem).collect()
}

fn is_first_client(spec: &ClusterSpec, inventory: &Inventory) -> bool {
    let adds = spec.nodes.iter().any(|node| node.role == NodeRole::Client);
    let has = inventory.identities.iter().any(|identity| identity.role == NodeRole::Client);
    adds && !has && inventory.settings.client_auth == ClientAuth::None
}
