//! `kafka-certgen init`.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use kafka_certgen::name::NodeName;
use kafka_certgen::pipeline::{self, Environment, Step};
use kafka_certgen::random::SystemRandom;
use kafka_certgen::script;
use kafka_certgen::spec::{ClientAuth, Days, KeyAlgorithm, Layout, PemKey};
use time::OffsetDateTime;

use super::{Form, Global, Identities, Jobs, OneOf};
use crate::convert;
use crate::problem::Failure;
use crate::report::progress::IdentityProgress;
use crate::report::{self, Terminal};
use crate::run;
use crate::stop::Stop;

/// Make a CA and everything that brokers and clients need, in one folder.
///
/// What the keytool/openssl script does, in one process: a CA, and for each broker and client a key pair, a request, a signed
/// certificate, keystores, truststores and configuration. Nothing is ever overwritten; the folder is there as a whole or not at all.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) identities: Identities,
    /// For how many days the CA is valid
    #[arg(
        long,
        help_heading = "Certificates",
        value_name = "DAYS",
        allow_negative_numbers = true,
        default_value_t = Days::CA.to_string()
    )]
    pub(crate) ca_validity: String,
    /// The algorithm of the CA's key
    #[arg(long, help_heading = "Certificates", value_name = "ALG", default_value = KeyAlgorithm::CA.name(), value_parser = OneOf(KeyAlgorithm::NAMES))]
    pub(crate) ca_key_alg: String,
    /// The common name of the CA
    #[arg(long, help_heading = "Certificates", value_name = "NAME", default_value = kafka_certgen::spec::CA_COMMON_NAME)]
    pub(crate) ca_cn: String,
    /// The alias of the CA's certificate in each store
    #[arg(long, help_heading = "Stores", value_name = "ALIAS", default_value = kafka_certgen::spec::CA_ALIAS)]
    pub(crate) ca_alias: String,
    /// How private keys in PEM files are encrypted: pbes2 needs Java 21 in Kafka, pbes1-3des Java 11
    #[arg(long, help_heading = "Stores", value_name = "HOW", default_value = PemKey::Plain.name(), value_parser = OneOf(PemKey::NAMES))]
    pub(crate) pem_key: String,
    /// One folder for each identity, or one broker's files under exactly the script's names
    #[arg(long, help_heading = "Files", value_name = "LAYOUT", default_value = Layout::Nodes.name(), value_parser = OneOf(Layout::NAMES))]
    pub(crate) layout: String,
    /// The folder to make
    #[arg(long, help_heading = "Files", value_name = "DIR", default_value = "kafka-certs")]
    pub(crate) out: PathBuf,
    /// What brokers ask of their clients [default: required if there are clients, else none]
    #[arg(long, help_heading = "Files", value_name = "WHAT", value_parser = OneOf(ClientAuth::NAMES))]
    pub(crate) client_auth: Option<String>,
    /// The folder that the properties name, if an identity's files will live elsewhere
    #[arg(long, help_heading = "Files", value_name = "DIR")]
    pub(crate) deploy_dir: Option<String>,
    /// Where the password of all stores comes from; see below [default: one is made for each identity]
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) storepass: Option<String>,
    /// Where the password of the keys in JKS stores and encrypted PEM files comes from [default: the store's]
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) keypass: Option<String>,
    /// Where the password of the CA's key comes from [default: one is made, in a file beside it]
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) ca_pass: Option<String>,
    #[command(flatten)]
    pub(crate) jobs: Jobs,
    #[command(flatten)]
    pub(crate) form: Form,
}

const EXAMPLES: &str = with_secrets!(
    "\
Examples:
  kafka-certgen init --cn broker1
  kafka-certgen init --cn 'broker[1-3].example.com' --client app1 --dname O=Acme,C=US
  kafka-certgen init --cn broker1 --san broker1.example.com --san 10.0.0.1 --format pem
  kafka-certgen init --cn broker1 --layout script --storepass env:STOREPASS
  kafka-certgen init --cn broker1 --dry-run"
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let now = OffsetDateTime::now_utc();
    let convert::Init { spec, target, secrets, jobs, warnings } = convert::init(arguments, global, now)?;
    run::begin(terminal, &warnings);
    if arguments.form.dry_run {
        return Terminal::data(script::init(&spec, &secrets, &target.path()).as_bytes());
    }
    let stop = Stop::on_signals();
    let progress = IdentityProgress::start(spec.nodes.len(), &stop, terminal);
    let observe = |step: Step, node: Option<&NodeName>| {
        terminal.step(step, node);
        progress.observe(step, node);
    };
    let stopped = || stop.is_asked();
    let environment =
        Environment { jobs, observe: &observe, stopped: &stopped, ..Environment::new(now, &SystemRandom) };
    let (staged, inventory) = pipeline::init(&spec, target, &environment).map_err(Failure::from_pipeline)?;
    drop(progress);
    // The facts go out before the bundle is in its place, so that a report that could not be written is a failed run that
    // has changed nothing.
    let report = report::Made { out: &arguments.out, path: &staged.path(), inventory: &inventory };
    if arguments.form.json {
        Terminal::data(&report.json()?)?;
    } else if !global.quiet {
        Terminal::data(report.text(terminal).as_bytes())?;
    }
    staged.commit().map_err(|error| Failure::from_pipeline(pipeline::Error::Output(error)))?;
    Ok(())
}
