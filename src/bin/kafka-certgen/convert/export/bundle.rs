//! The calls of `export kubernetes` and `export tar`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use kafka_certgen::bundle::CaPaths;
use kafka_certgen::export::archive::{self, Form, Member};
use kafka_certgen::export::kubernetes::{Exporter, Layout, Namespace, ObjectName, Terms};
use kafka_certgen::name::Alias;
use kafka_certgen::output::{NewFile, Target};
use kafka_certgen::pipeline::read::{ReadBundle, RecordedIdentity};
use kafka_certgen::pki::{Certificate, certificates_pem, key_pem};
use kafka_certgen::spec::StoreFormat;
use zeroize::Zeroizing;

use crate::cli::export::{kubernetes, tar};
use crate::cli::{Chosen, Global};
use crate::convert::{CaKeyPlace, Call};
use crate::problem::{Failure, Problem};
use crate::run;

/// Where what is exported goes.
pub(crate) enum Destination<P> {
    /// Nowhere: it is only said what would be written.
    Nowhere,
    /// Into a file or folder that is made.
    Place(P),
    /// To the standard output.
    StandardOutput,
}

/// A call of `export kubernetes` that can be carried out.
pub(crate) struct Kubernetes {
    /// The folder of the bundle, as it was given.
    pub(crate) dir: PathBuf,
    pub(crate) bundle: ReadBundle,
    pub(crate) identities: Vec<RecordedIdentity>,
    pub(crate) exporter: Exporter,
    pub(crate) layout: Layout,
    pub(crate) namespace: Option<Namespace>,
    pub(crate) ca_alias: Alias,
    /// The CA's key in PEM, if it is exported.
    pub(crate) ca_key: Option<Zeroizing<Vec<u8>>>,
    pub(crate) destination: Destination<Target>,
    pub(crate) warnings: Vec<String>,
}

/// A call of `export tar` that can be carried out.
pub(crate) struct Tar {
    /// The folder of the bundle, as it was given.
    pub(crate) dir: PathBuf,
    pub(crate) bundle: ReadBundle,
    pub(crate) identities: Vec<RecordedIdentity>,
    pub(crate) form: Form,
    pub(crate) members: Vec<Member>,
    /// The certificates of the CA in PEM, and nothing else that may be in their file.
    pub(crate) ca: String,
    /// The inventory of what is exported.
    pub(crate) inventory: Vec<u8>,
    pub(crate) destination: Destination<NewFile>,
}

/// Converts the arguments of `export kubernetes`, and opens the bundle.
pub(crate) fn kubernetes(arguments: &kubernetes::Arguments, global: &Global) -> Result<Kubernetes, Failure> {
    let mut call = Call::default();
    let layout = call.parse("--layout", &arguments.layout, Layout::CertManager);
    call.refuse_strimzi_flags(arguments, layout);
    let formats: Vec<StoreFormat> =
        arguments.format.iter().filter_map(|text| call.keep("--format", text.parse())).collect();
    let namespace = arguments.namespace.as_ref().and_then(|text| call.keep("--namespace", text.parse::<Namespace>()));
    let name = arguments.name.as_ref().and_then(|text| call.keep("--name", text.parse::<ObjectName>()));
    let wanted = Wanted::new(arguments.out.as_deref(), arguments.dry_run, arguments.json, "kubectl apply -f -");
    let destination = call.destination(&wanted, |path| Target::new(path).map_err(Problem::from));
    let has_ca = layout == Layout::Strimzi && (arguments.chosen.is_all() || arguments.with_ca_key);
    let cluster = if has_ca { call.cluster(arguments) } else { None };
    let found = call.read_bundle(&arguments.chosen);
    let (Some((bundle, identities)), Some(destination), true) = (found, destination, call.problems.is_empty()) else {
        return Err(Failure(call.problems));
    };
    let terms = Terms {
        layout,
        prefix: arguments.prefix.clone().unwrap_or_default(),
        name,
        formats: (!formats.is_empty()).then_some(formats),
        cluster,
        has_ca_key: arguments.with_ca_key,
        ca_generation: arguments.ca_generation.unwrap_or(0),
    };
    let chosen: Vec<_> = identities.iter().map(|identity| (identity.name().clone(), identity.identity.role)).collect();
    let exporter = Exporter::new(terms, &chosen);
    let exporter = exporter.map_err(|faults| Failure(faults.iter().map(Problem::of_export).collect()))?;
    let ca_key = arguments.with_ca_key.then(|| call.exported_ca_key(&bundle, arguments, global)).transpose()?;
    let alias = bundle.inventory().settings.ca_alias.parse();
    Ok(Kubernetes {
        dir: arguments.chosen.dir.clone(),
        ca_alias: alias.unwrap_or_else(|_| Alias::ca_root()),
        bundle,
        identities,
        exporter,
        layout,
        namespace,
        ca_key,
        destination,
        warnings: call.warnings,
    })
}

/// Converts the arguments of `export tar`, and opens the bundle.
pub(crate) fn tar(arguments: &tar::Arguments) -> Result<Tar, Failure> {
    let mut call = Call::default();
    let wanted = Wanted::new(arguments.out.as_deref(), arguments.dry_run, arguments.json, "tar tvf -");
    let destination = call.destination(&wanted, |path| NewFile::new(path).map_err(|error| Problem::of_file(&error)));
    let found = call.read_bundle(&arguments.chosen);
    let (Some((bundle, identities)), Some(destination), true) = (found, destination, call.problems.is_empty()) else {
        return Err(Failure(call.problems));
    };
    let form = if identities.len() == 1 && !arguments.chosen.is_all() { Form::Files } else { Form::Bundle };
    let own: Vec<_> = identities.iter().map(|identity| identity.identity.clone()).collect();
    let members = archive::members(bundle.inventory(), &own, form).map_err(|file| Problem::of_strange_file(&file))?;
    let mut inventory =
        serde_json::to_vec_pretty(&archive::inventory_of(bundle.inventory(), &own)).map_err(std::io::Error::from)?;
    inventory.push(b'\n');
    let ca = certificates_pem(&bundle.ca().iter().collect::<Vec<&Certificate>>());
    Ok(Tar { dir: arguments.chosen.dir.clone(), bundle, identities, form, members, ca, inventory, destination })
}

/// What was said of where it goes.
struct Wanted<'a> {
    /// The path; none for the standard output.
    out: Option<&'a Path>,
    dry_run: bool,
    json: bool,
    /// A command that reads it.
    reader: &'static str,
}

impl<'a> Wanted<'a> {
    fn new(out: Option<&'a Path>, dry_run: bool, json: bool, reader: &'static str) -> Self {
        Self { out: out.and_then(run::named), dry_run, json, reader }
    }
}

impl Call {
    /// Finds out where what is exported goes; no terminal is to show keys.
    fn destination<P>(
        &mut self,
        wanted: &Wanted<'_>,
        place: impl FnOnce(&Path) -> Result<P, Problem>,
    ) -> Option<Destination<P>> {
        let found = match wanted.out {
            // What the real call would refuse, this one does too.
            Some(path) if wanted.dry_run => place(path).map(|_| Destination::Nowhere),
            None if wanted.dry_run => Ok(Destination::Nowhere),
            Some(path) => place(path).map(Destination::Place),
            None if wanted.json => Err(Problem::no_room_for_json()),
            None if std::io::stdout().is_terminal() => Err(Problem::keys_on_terminal(wanted.reader)),
            None => Ok(Destination::StandardOutput),
        };
        found.map_err(|problem| self.problems.push(problem)).ok()
    }

    fn refuse_strimzi_flags(&mut self, arguments: &kubernetes::Arguments, layout: Layout) {
        let flags = [
            ("--cluster", arguments.cluster.is_some()),
            ("--ca-generation", arguments.ca_generation.is_some()),
            ("--with-ca-key", arguments.with_ca_key),
        ];
        for (flag, _) in flags.into_iter().filter(|(_, is_given)| *is_given && layout != Layout::Strimzi) {
            let error = anyhow::anyhow!("{flag} is about Strimzi's Secrets, and the layout is {}", layout.name());
            self.problems.push(Problem::usage(error, format!("leave `{flag}` out, or add `--layout strimzi`")));
        }
    }

    /// Returns the name of the Kafka resource, which is also the value of a label.
    fn cluster(&mut self, arguments: &kubernetes::Arguments) -> Option<ObjectName> {
        let Some(text) = &arguments.cluster else {
            let error =
                anyhow::anyhow!("the Secrets of the CA are called after the Kafka resource, and it is not said");
            self.problems.push(Problem::usage(
                error,
                "say it, as in `--cluster my-cluster`; or leave the CA out, and name identities with `--client NAME`",
            ));
            return None;
        };
        let cluster = self.keep("--cluster", text.parse::<ObjectName>())?;
        if !cluster.is_label_value() {
            let error =
                anyhow::anyhow!("--cluster: `{cluster}` has more than 63 characters, and is the value of a label");
            self.problems
                .push(Problem::usage(error, "give the name of the Kafka resource, as in `--cluster my-cluster`"));
            return None;
        }
        Some(cluster)
    }

    /// Reads the CA's key, and returns it in PEM, not encrypted.
    fn exported_ca_key(
        &mut self,
        bundle: &ReadBundle,
        arguments: &kubernetes::Arguments,
        global: &Global,
    ) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let password = self.source("--ca-pass", arguments.ca_pass.as_ref());
        if !self.problems.is_empty() {
            return Err(Failure(std::mem::take(&mut self.problems)));
        }
        let path = arguments.ca_key.clone().unwrap_or_else(|| ca_key_path(bundle, &arguments.chosen));
        if !path.exists() {
            return Err(Problem::no_exported_ca_key(&path).into());
        }
        let place = CaKeyPlace {
            label: "--ca-pass",
            path: &path,
            is_named: arguments.ca_key.is_some(),
            alias: None,
            is_password_given: arguments.ca_pass.is_some(),
            password,
        };
        let (key, warnings) = crate::convert::ca_key(place, global)?;
        self.warnings.extend(warnings);
        if !bundle.ca().first().is_some_and(|ca| ca.is_of_key(&key)) {
            return Err(Problem::other_ca_key(&path).into());
        }
        self.warnings.push(
            "the CA's key goes out in the open: whoever can read those Secrets can sign for the cluster".to_owned(),
        );
        let pem = key.to_pkcs8().and_then(|pkcs8| key_pem(&pkcs8));
        Ok(pem.map_err(|error| Problem::other_ca_key(&path).caused_by(&error))?)
    }
}

/// Returns where a bundle has the key of its CA.
fn ca_key_path(bundle: &ReadBundle, chosen: &Chosen) -> PathBuf {
    let inventory = bundle.inventory();
    let recorded = inventory.ca.key_file.as_ref().map(PathBuf::from);
    chosen.dir.join(recorded.unwrap_or_else(|| CaPaths::new(inventory.settings.layout).key))
}
