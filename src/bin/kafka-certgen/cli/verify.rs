//! `kafka-certgen verify`.

use std::path::PathBuf;

use clap::Args;
use kafka_certgen::spec::NodeRole;
use kafka_certgen::verify::{self, Report, Severity, Terms};
use time::OffsetDateTime;

use super::{Global, OneOf};
use crate::convert;
use crate::problem::Failure;
use crate::report::Terminal;
use crate::report::verify as report;
use crate::run;

/// Judge a bundle, or stores that anybody has made.
///
/// Everything that is wrong is told before a broker or a client stumbles over it: what was found, why it matters, how to mend it. A
/// bundle is judged as a whole; stores of others with --keystore and --truststore. Nothing is changed. With --against, what a running
/// broker would refuse if it were told to load these stores in place of older ones. A table says who accepts the certificates: Java,
/// OpenSSL, Python, Node, Go and rustls, each as a client of this broker and as a broker of this client, with the message of who does not.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The folder of a bundle that `init` has made [default: kafka-certs, unless stores are named]
    #[arg(value_name = "DIR", conflicts_with_all = STORES)]
    pub(crate) dir: Option<PathBuf>,
    /// A keystore: JKS, PKCS#12 or PEM
    #[arg(long, help_heading = "Stores", value_name = "FILE")]
    pub(crate) keystore: Option<PathBuf>,
    /// A truststore: JKS, PKCS#12 or PEM
    #[arg(long, help_heading = "Stores", value_name = "FILE")]
    pub(crate) truststore: Option<PathBuf>,
    /// A properties file of a broker or a client, with the stores that it names
    #[arg(long, help_heading = "Stores", value_name = "FILE", conflicts_with_all = ["keystore", "truststore"])]
    pub(crate) config: Option<PathBuf>,
    /// A name or address that others connect to; repeat it
    #[arg(long, help_heading = "Stores", value_name = "HOST")]
    pub(crate) host: Vec<String>,
    /// What the stores are for [default: a broker, unless the certificate is for clientAuth alone]
    #[arg(long, help_heading = "Stores", value_name = "ROLE", value_parser = OneOf(NodeRole::NAMES))]
    pub(crate) role: Option<String>,
    /// What a running broker has loaded now: a keystore, a bundle or a .properties file
    #[arg(long, help_heading = "Reload", value_name = "OLD")]
    pub(crate) against: Option<PathBuf>,
    /// The truststore that it has loaded now, if OLD is a keystore
    #[arg(long, help_heading = "Reload", value_name = "FILE", requires = "against")]
    pub(crate) against_truststore: Option<PathBuf>,
    /// Where the password of the keystore comes from [default: the file FILE.password or `password` beside it]
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) storepass: Option<String>,
    /// Where the password of the key comes from, if it is another one
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) keypass: Option<String>,
    /// Where the password of the truststore comes from [default: a file beside it, else as for --storepass]
    #[arg(long, visible_alias = "trustpass", help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) truststore_pass: Option<String>,
    /// Where the password of the CA's key comes from [default: its file in the bundle]
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE", conflicts_with_all = STORES)]
    pub(crate) ca_pass: Option<String>,
    /// How many days before its end a certificate is worth a warning
    #[arg(long, help_heading = "Verdict", value_name = "DAYS", default_value_t = 30)]
    pub(crate) warn_days: u32,
    /// From which severity on the exit status is 3
    #[arg(long, help_heading = "Verdict", value_name = "SEVERITY", default_value = "warning", value_parser = OneOf(convert::SEVERITIES))]
    pub(crate) fail_on: String,
    /// Print all checks there are, with their reasons, and look at nothing
    #[arg(long, help_heading = "Output", display_order = 897)]
    pub(crate) list: bool,
    /// Print the facts as JSON
    #[arg(long, help_heading = "Output", display_order = 899)]
    pub(crate) json: bool,
}

/// What names stores rather than a bundle.
const STORES: [&str; 5] = ["config", "keystore", "truststore", "host", "role"];

const EXAMPLES: &str = with_secrets!(
    "\
Examples:
  kafka-certgen verify
  kafka-certgen verify --keystore server.jks --truststore trust.jks --host broker1.example.com --storepass file:pw
  kafka-certgen verify --config server.properties
  kafka-certgen verify --keystore new.p12 --against old.p12
  kafka-certgen verify --json | jq -r '.findings[] | [.severity, .code, .object] | @tsv'

JSON: files, identities, errors, warnings; findings, each with identity, code, severity, object, found, why, fix;
  acceptance, each with identity, role, store, hosts, by_own_root, left_out (why nobody was asked), rows (stack; as_client
  and as_broker, each with accepted and path, or check and message); not_looked_at, each with object and why; assumptions.

Exit status: 0 nothing was found; 3 something was; 1 it could not be looked at; 2 wrong usage."
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    if arguments.list {
        return Terminal::data(&report::catalogue(arguments.json, terminal)?);
    }
    let call = convert::verify(arguments, global)?;
    run::begin(terminal, &call.warnings);
    let case = call.load()?;
    let old = call.load_old()?;
    let terms = Terms { now: OffsetDateTime::now_utc(), warn_before: call.warn_before };
    let found = verify::judge(&case, old.as_ref(), terms);
    if arguments.json {
        Terminal::data(&report::json(&found)?)?;
    } else if !global.quiet {
        Terminal::data(report::text(&found, call.folder(), terminal).as_bytes())?;
    }
    if is_faulty(&found, call.fail_on) { Err(Failure::found()) } else { Ok(()) }
}

fn is_faulty(report: &Report, fail_on: Severity) -> bool {
    report.findings().any(|finding| finding.check.severity >= fail_on)
}
