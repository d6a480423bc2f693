//! The call of `add`: identities into a bundle that is there.

use std::collections::HashMap;
use std::path::Path;

use kafka_certgen::bundle::inventory::Inventory;
use kafka_certgen::name::Alias;
use kafka_certgen::spec::{CaSource, ClientAuth, ClusterSpec, Days, NodeRole, PemKey, SpecError};
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
