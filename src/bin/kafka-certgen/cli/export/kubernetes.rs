//! `kafka-certgen export kubernetes`.

use std::path::PathBuf;

use clap::Args;
use kafka_certgen::bundle::Artifact;
use kafka_certgen::export::kubernetes::{Layout, Secret};
use kafka_certgen::spec::StoreFormat;

use crate::cli::{Chosen, Global, OneOf};
use crate::convert::export::Kubernetes;
use crate::convert::{self, Destination};
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
    #[arg(long, help_heading = "Layout", value_name = "LAYOUT", default_value = Layout::CertManager.name(), value_parser = OneOf(Layout::NAMES))]
    pub(crate) layout: String,
    /// The formats of the stores, comma separated; pem alone for none [default: the bundle's; pkcs12 with strimzi, jks with bitnami]
    #[arg(long, help_heading = "Layout", value_name = "FORMATS", value_delimiter = ',', value_parser = OneOf(StoreFormat::NAMES))]
    pub(crate) format: Vec<String>,
    /// The namespace that they are for [default: none is said, and kubectl takes its own]
    #[arg(long, help_heading = "Layout", value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// What to put before the name of an identity in that of its Secret
    #[arg(long, help_heading = "Layout", value_name = "PREFIX")]
    pub(crate) prefix: Option<String>,
    /// The name of the Secret, if it is one; with bitnami that of the brokers [default there: kafka-tls]
    #[arg(long, help_heading = "Layout", value_name = "NAME", conflicts_with = "prefix")]
    pub(crate) name: Option<String>,
    /// The name of the Kafka resource, which the CA's Secrets are called after
    #[arg(long, help_heading = "Strimzi", value_name = "NAME")]
    pub(crate) cluster: Option<String>,
    /// The generation of the CA; larger by one each time that its Secrets change
    #[arg(long, help_heading = "Strimzi", value_name = "N")]
    pub(crate) ca_generation: Option<u32>,
    /// Add the CA's key in the open, with which the operator signs; whoever reads it can sign too
    #[arg(long, help_heading = "Strimzi")]
    pub(crate) with_ca_key: bool,
    /// Where the CA's key is, if not in the bundle
    #[arg(long, help_heading = "Strimzi", value_name = "FILE", requires = "with_ca_key")]
    pub(crate) ca_key: Option<PathBuf>,
    /// Where the password of the CA's key comes from [default: the file beside it]
    #[arg(long, help_heading = "Strimzi", value_name = "SOURCE", requires = "with_ca_key")]
    pub(crate) ca_pass: Option<String>,
    /// The folder to make, with a file for each Secret; - is the standard output [default: -, which must not be a terminal]
    #[arg(long, help_heading = "Output", display_order = 897, value_name = "DIR")]
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
  kafka-certgen export kubernetes --client app1 --name app1-kafka | kubectl apply -n shop -f -
  kafka-certgen export kubernetes --layout strimzi --cluster my-cluster --with-ca-key --out secrets
  kafka-certgen export kubernetes --layout bitnami --out secrets
  kafka-certgen export kubernetes --dry-run --json | jq '.secrets[].name'

cert-manager, for each identity:
  NAME               tls.crt, tls.key, ca.crt, and by format keystore.jks, truststore.jks,
                     keystore.p12, truststore.p12
  NAME-password      password

strimzi:
  CLUSTER-cluster-ca-cert, CLUSTER-clients-ca-cert
                     ca.crt, ca.p12, ca.password; unless identities are named
  CLUSTER-cluster-ca, CLUSTER-clients-ca
                     ca.key; only --with-ca-key
  NAME of a client   ca.crt, user.crt, user.key, user.p12, user.password. A KafkaUser owns the
                     Secret of its own name: call these otherwise, with --prefix
  NAME of a broker   tls.crt, tls.key, ca.crt, for brokerCertChainAndKey of a listener

bitnami, for the chart 24 and later:
  kafka-tls          kafka-broker-0.keystore.jks, kafka-controller-0.keystore.jks, … and
                     kafka.truststore.jks; with --format pem .crt, .key and ca.crt.
                     Brokers and controllers are counted in their order, unless a name ends
                     in its pod, as kafka-broker-2. Without controllers in the bundle brokers
                     are both, which the chart calls controller
  kafka-tls-passwords
                     keystore-password, truststore-password: one for all
  NAME of a client, and NAME-passwords
                     tls.crt, tls.key, ca.crt, keystore.jks, truststore.jks, and the passwords

JSON: layout, namespace, path, secrets (name, type, identity, size; data, each with key, size,
  from: bundle or made), pods, left_out, notes, next. Sizes are in bytes, before base64."
);

/// The most bytes of manifests that are kept in memory until all are known to be in order: some thousand identities.
const MAX_KEPT: usize = 32 << 20;

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let mut call = convert::kubernetes(arguments, global)?;
    run::begin(terminal, &call.warnings);
    let mut report = Report::new(&call);
    let namespace = call.namespace.clone();
    match std::mem::replace(&mut call.destination, Destination::Nowhere) {
        Destination::Nowhere => {
            look(&mut call, &mut report)?;
            report.warn(terminal);
            report.print(arguments.json, global, terminal)
        }
        // Nothing is printed before everything is known to be in order: kubectl acts on what it has read so far.
        Destination::StandardOutput => {
            let mut kept = Some(Vec::new());
            let mut size = 0;
            each_secret(&mut call, &mut |secret| {
                report.add(secret);
                let manifest = secret.manifest(namespace.as_ref());
                size += manifest.len();
                // What is more is made once more, and is the same then.
                if size > MAX_KEPT {
                    kept = None;
                }
                if let Some(kept) = &mut kept {
                    kept.push(manifest);
                }
                Ok(())
            })?;
            report.warn(terminal);
            report.say(terminal);
            match kept {
                Some(kept) => kept.iter().try_for_each(|manifest| Terminal::data(manifest)),
                None => each_secret(&mut call, &mut |secret| Terminal::data(&secret.manifest(namespace.as_ref()))),
            }
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

/// Makes all Secrets, and keeps what is to be known of them.
fn look(call: &mut Kubernetes, report: &mut Report) -> Result<(), Failure> {
    each_secret(call, &mut |secret| {
        report.add(secret);
        Ok(())
    })
}

/// Makes one Secret after the other, so that no more than one identity is in memory.
fn each_secret(call: &mut Kubernetes, take: &mut dyn FnMut(&Secret) -> Result<(), Failure>) -> Result<(), Failure> {
    let key = call.ca_key.as_ref().map(|key| key.as_slice());
    let authority = call.exporter.authority(call.bundle.ca(), &call.ca_alias, key);
    authority.map_err(|error| Problem::of_export(&error))?.iter().try_for_each(&mut *take)?;
    for identity in &call.identities {
        if call.exporter.wants(identity.name()) {
            let opened = call
                .bundle
                .open_identity(identity)
                .map_err(|error| Problem::of_open(&call.bundle, &call.dir, &error))?;
            let secrets = call.exporter.identity(&opened).map_err(|error| Problem::of_export(&error))?;
            secrets.iter().try_for_each(&mut *take)?;
        }
    }
    call.exporter.finish().map_err(|error| Problem::of_export(&error))?.iter().try_for_each(take)
}
