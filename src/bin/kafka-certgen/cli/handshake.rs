//! `kafka-certgen handshake`.

use std::path::PathBuf;

use clap::Args;
use kafka_certgen::handshake::{self, Outcome, Settings};
use kafka_certgen::spec::{ClientAuth, StoreFormat};
use time::OffsetDateTime;

use super::{Global, OneOf};
use crate::convert;
use crate::problem::{Failure, Problem};
use crate::report::Terminal;
use crate::report::handshake as report;
use crate::run;

/// Let a client and a broker shake hands, and see the nine steps.
///
/// Both ends meet in memory, with the keys and certificates of their stores, in a real TLS handshake: no broker runs, and nothing is
/// sent over a network. What is shown is what happened: versions, cipher suite, certificates, who verified what, the bytes on the line.
/// It stops at the step that fails and says which check failed.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The folder of a bundle that `init` has made [default: kafka-certs, unless stores are named]
    #[arg(value_name = "DIR", conflicts_with_all = STORES)]
    pub(crate) dir: Option<PathBuf>,
    /// The broker in the bundle [default: the first]
    #[arg(long, help_heading = "Bundle", value_name = "NAME", conflicts_with_all = STORES)]
    pub(crate) broker: Option<String>,
    /// The client in the bundle, which may be a broker too [default: the first client, else another broker, else the broker itself]
    #[arg(long, help_heading = "Bundle", value_name = "NAME", conflicts_with_all = STORES)]
    pub(crate) client: Option<String>,
    /// Which stores of the bundle are used [default: pkcs12, else jks, else pem]
    #[arg(long, help_heading = "Bundle", value_name = "FORMAT", value_parser = OneOf(StoreFormat::NAMES), conflicts_with_all = STORES)]
    pub(crate) format: Option<String>,
    /// The broker's keystore: JKS, PKCS#12 or PEM
    #[arg(long, help_heading = "Stores", value_name = "FILE", requires = "truststore")]
    pub(crate) keystore: Option<PathBuf>,
    /// The broker's truststore
    #[arg(long, help_heading = "Stores", value_name = "FILE", requires = "keystore")]
    pub(crate) truststore: Option<PathBuf>,
    /// The alias of the broker's key, if its keystore has several
    #[arg(long, help_heading = "Stores", value_name = "ALIAS", requires = "keystore")]
    pub(crate) alias: Option<String>,
    /// The client's keystore, if it has one [default: without a client's truststore, the broker's]
    #[arg(long, help_heading = "Stores", value_name = "FILE", requires = "client_truststore")]
    pub(crate) client_keystore: Option<PathBuf>,
    /// The client's truststore
    #[arg(long, help_heading = "Stores", value_name = "FILE", requires = "keystore")]
    pub(crate) client_truststore: Option<PathBuf>,
    /// The alias of the client's key, if its keystore has several
    #[arg(long, help_heading = "Stores", value_name = "ALIAS", requires = "client_keystore")]
    pub(crate) client_alias: Option<String>,
    /// Where the password of the broker's stores comes from [default: the file FILE.password or `password` beside each]
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) storepass: Option<String>,
    /// Where the password of the broker's truststore comes from [default: as for --storepass]
    #[arg(long, visible_alias = "trustpass", help_heading = "Secrets", value_name = "SOURCE", requires = "truststore")]
    pub(crate) truststore_pass: Option<String>,
    /// Where the password of the broker's key comes from, if it is another one; JKS and encrypted PEM only
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) keypass: Option<String>,
    /// Where the password of the client's stores comes from
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) client_storepass: Option<String>,
    /// Where the password of the client's truststore comes from [default: as for --client-storepass]
    #[arg(
        long,
        visible_alias = "client-trustpass",
        help_heading = "Secrets",
        value_name = "SOURCE",
        requires = "client_truststore"
    )]
    pub(crate) client_truststore_pass: Option<String>,
    /// Where the password of the client's key comes from, if it is another one
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) client_keypass: Option<String>,
    /// The name or address that the client connects to [default: a name in the broker's certificate]
    #[arg(long, help_heading = "Connection", value_name = "HOST")]
    pub(crate) host: Option<String>,
    /// The version of TLS that the client offers
    #[arg(long, help_heading = "Connection", value_name = "VERSION", default_value = "1.3", value_parser = OneOf(convert::TLS_VERSIONS))]
    pub(crate) tls: String,
    /// The versions that the broker speaks, as in `ssl.enabled.protocols`
    #[arg(long, help_heading = "Connection", value_name = "VERSIONS", default_value = "1.2,1.3", value_delimiter = ',', value_parser = OneOf(convert::TLS_VERSIONS))]
    pub(crate) broker_tls: Vec<String>,
    /// The TLS stack of the client, which decides as that does: java is the newest; openssl is librdkafka too. The broker is always Java
    #[arg(long = "as", help_heading = "Connection", value_name = "STACK", default_value = "java", value_parser = OneOf(convert::STACKS))]
    pub(crate) stack: String,
    /// What the broker asks of its clients, as `ssl.client.auth` [default: as the bundle says; for stores required if the client has a key]
    #[arg(long, help_heading = "Connection", value_name = "WHAT", value_parser = OneOf(ClientAuth::NAMES))]
    pub(crate) client_auth: Option<String>,
    /// Say why each step is there, and what happens if it fails
    #[arg(long, help_heading = "Output", display_order = 897)]
    pub(crate) explain: bool,
    /// Print the facts as JSON
    #[arg(long, help_heading = "Output", display_order = 899, conflicts_with = "explain")]
    pub(crate) json: bool,
}

/// What names stores rather than a bundle.
const STORES: [&str; 4] = ["keystore", "truststore", "client_keystore", "client_truststore"];

const EXAMPLES: &str = with_secrets!(
    "\
Examples:
  kafka-certgen handshake
  kafka-certgen handshake kafka-certs --broker broker1 --client app1 --tls 1.2
  kafka-certgen handshake --as python --explain
  kafka-certgen handshake --keystore kafka.server.keystore.jks --truststore kafka.server.truststore.jks \\
      --host broker1.example.com --storepass file:pw

Exit status: 0 all nine steps were done; 3 a step failed."
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let call = convert::handshake(arguments, global)?;
    run::begin(terminal, &call.warnings);
    let settings = Settings {
        host: &call.host,
        client_versions: &call.client_versions,
        broker_versions: &call.broker_versions,
        client_auth: call.client_auth,
        at: OffsetDateTime::now_utc(),
        client_judge: call.client_judge,
        broker_judge: call.broker_judge,
    };
    let transcript = handshake::run(&call.broker, &call.client, &settings)?;
    if arguments.json {
        Terminal::data(&report::json(&transcript)?)?;
    } else if !global.quiet {
        Terminal::data(report::text(&transcript, arguments.explain, terminal).as_bytes())?;
    }
    match &transcript.outcome {
        Outcome::Succeeded => Ok(()),
        Outcome::Failed(failure) => Err(Problem::of_step(failure, &transcript).into()),
    }
}
