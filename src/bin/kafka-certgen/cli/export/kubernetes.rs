//! `kafka-certgen export kubernetes`.

use std::path::PathBuf;

use clap::Args;
use kafka_certgen::bundle::Artifact;
use kafka_certgen::export::kubernetes::{Layout, Secret};
use kafka_certgen::spec::StoreFormat;

use crate::cli::{Chosen, Global, OneOf};
use crate::convert::{self, Destination, Kubernetes};
use crate::problem::{Failure, Problem};
use crate::report::Terminal;
use crate::report::secrets::Report;
use crate::run;

/// Print a bundle as Secrets of Kubernetes.
///
/// The keys are those that people mount already: cert-manager's, Strimzi's or those of Bitnami's chart. Stores are the bundle's own, byte for
/// byte, if they open with the password that goes with them; what a layout needs and the bundle lacks is written from the key, and is the
/// same each time. The Secrets go to the standard output for kubectl, or into a folder, one file each. They hold private keys in the open,
/// which is how Kubernetes takes them.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) chosen: Chosen,
    /// Whose Secrets they shall be like
    #[arg(long, help_heading = "Secrets", value_name = "LAYOUT", default_value = Layout::CertManager.name(), value_parser = OneOf(Layout::NAMES))]
    pub(crate) layout: String,
    /// The formats of the stores, comma separated; pem for none [default: the bundle's; pkcs12 with strimzi, jks with bitnami]
    #[arg(long, help_heading = "Secrets", value_name = "FORMATS", value_delimiter = ',', value_parser = OneOf(StoreFormat::NAMES))]
    pub(crate) format: Vec<String>,
    /// The namespace that they are for [default: none is said, and kubectl takes its own]
    #[arg(long, help_heading = "Secrets", value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// What to put before the name of an identity in that of its Secret
    #[arg(long, help_heading = "Secrets", value_name = "PREFIX")]
    pub(crate) prefix: Option<String>,
    /// The name of the Secret, if it is one; with bitnami that of the brokers [default there: kafka-tls]
    #[arg(long, help_heading = "Secrets", value_name = "NAME", conflicts_with = "prefix")]
    pub(crate) name: Option<String>,
    /// Strimzi: the name of the Kafka resource, which the CA's Secrets are called after
    #[arg(long, help_heading = "Strimzi", value_name = "NAME")]
    pub(crate) cluster: Option<String>,
    /// Strimzi: the generation of the CA; larger by one each time that its Secrets change
    #[arg(long, help_heading = "Strimzi", value_name = "N")]
    pub(crate) ca_generation: Option<u32>,
    /// Strimzi: add the CA's key in the open, with which the operator signs; whoever reads it can sign too
    #[arg(long, help_heading = "Strimzi")]
    pub(crate) with_ca_key: bool,
    /// Strimzi: where the CA's key is, if not in the bundle
    #[arg(long, help_heading = "Strimzi", value_name = "FILE", requires = "with_ca_key")]
    pub(crate) ca_key: Option<PathBuf>,
    /// Strimzi: where the password of the CA's key comes from [default: the file beside it]
    #[arg(long, help_heading = "Strimzi", value_name = "SOURCE", requires = "with_ca_key")]
    pub(crate) ca_pass: Option<String>,
    /// The folder to make, with a file for each Secret; - is the standard output [default: -, unless that is a terminal]
    #[arg(long, help_heading = "Output", display_order = 897, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
    /// Write nothing, and say what would be written
    #[arg(long, help_heading = "Output", display_order = 898)]
    pub(crate) dry_run: bool,
    /// Print the facts as JSON, without any secret; with --out or --dry-run
    #[arg(long, help_heading = "Output", display_order = 899)]
    pub(crate) json: bool,
}

const EXAMPLES: &str = with_secrets!(
    "\
Examples:
  kafka-certgen export kubernetes | kubectl apply -f -
  kafka-certgen export kubernetes --client app1 --name app1-kafka --namespace shop | kubectl apply -f -
  kafka-certgen export kubernetes --layout strimzi --cluster my-cluster --with-ca-key --out secrets
  kafka-certgen export kubernetes --layout bitnami --out secrets
  kafka-certgen export kubernetes --dry-run --json | jq -r '.secrets[] | [.name, .type, .size] | @tsv'

Layouts:
  cert-manager  for each identity a Secret with tls.crt, tls.key, ca.crt, and by format keystore.jks, truststore.jks, keystore.p12,
                truststore.p12; and another, NAME-password, with the key password
  strimzi       CLUSTER-cluster-ca-cert and CLUSTER-clients-ca-cert with ca.crt, ca.p12, ca.password, unless identities are named;
                with --with-ca-key CLUSTER-cluster-ca and CLUSTER-clients-ca with ca.key; for each client ca.crt, user.crt, user.key,
                user.p12, user.password; for each broker tls.crt, tls.key, ca.crt, to name in brokerCertChainAndKey of a listener.
                A KafkaUser owns the Secret of its own name: give clients that have one (tls-external) another with --prefix
  bitnami       kafka-tls with kafka-ROLE-N.keystore.jks for each pod and kafka.truststore.jks, all under one password, which is in
                kafka-tls-passwords (keystore-password, truststore-password); for charts since 24. Brokers are broker 0, 1 … in their
                order, controllers controller 0, 1 …, unless a name ends so itself, as kafka-broker-2; without controllers in the
                bundle, brokers are both, which the chart calls controller. Clients as with cert-manager, but for the passwords

JSON: layout, namespace, path (none with --dry-run), secrets (name, type, identity, size, data with key, size, from: bundle or made),
  pods, left_out, notes, next. Sizes are in bytes, before base64."
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let mut call = convert::kubernetes(arguments, global)?;
    run::begin(terminal, &call.warnings);
    let mut report = Report::new(&call);
    let namespace = call.namespace.clone();
    match std::mem::replace(&mut call.destination, Destination::Nowhere) {
        Destination::Nowhere => {
            each_secret(&mut call, &mut |secret| Ok(report.add(secret)))?;
            report.warn(terminal);
            report.print(arguments.json, global, terminal)
        }
        // Nothing is printed before everything is known to be in order: kubectl acts on what it has read so far.
        Destination::StandardOutput => {
            each_secret(&mut call, &mut |secret| Ok(report.add(secret)))?;
            report.warn(terminal);
            report.say(terminal);
            each_secret(&mut call, &mut |secret| Terminal::data(&secret.manifest(namespace.as_ref())))
        }
        Destination::Place(target) => {
            let mut staging = target.begin().map_err(Problem::from)?;
            each_secret(&mut call, &mut |secret| {
                report.add(secret);
                let path = PathBuf::from(format!("{}.yaml", secret.name));
                let file = Artifact::secret(path, secret.manifest(namespace.as_ref()));
                Ok(staging.write(&file).map_err(Problem::from)?)
            })?;
            let staged = staging.finish().map_err(Problem::from)?;
            report.warn(terminal);
            report.made(arguments.out.as_deref(), staged.path());
            report.print(arguments.json, global, terminal)?;
            staged.commit().map_err(Problem::from)?;
            Ok(())
        }
    }
}

/// Makes one Secret after the other, so that no more than one identity is in memory.
fn each_secret(call: &mut Kubernetes, take: &mut dyn FnMut(&Secret) -> Result<(), Failure>) -> Result<(), Failure> {
    let key = call.ca_key.as_ref().map(|key| key.as_slice());
    let authority = call.exporter.authority(call.bundle.ca(), &call.ca_alias, key);
    authority.map_err(|error| Problem::of_export(&error))?.iter().try_for_each(&mut *take)?;
    for identity in &call.identities {
        if call.exporter.wants(identity.name()) {
            let opened = call.bundle.open_identity(identity).map_err(|error| Problem::of_read(&error))?;
            let secrets = call.exporter.identity(&opened).map_err(|error| Problem::of_export(&error))?;
            secrets.iter().try_for_each(&mut *take)?;
        }
    }
    call.exporter.finish().map_err(|error| Problem::of_export(&error))?.iter().try_for_each(take)
}
