//! `kafka-certgen handshake`.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use clap::{Args, ValueHint};
use kafka_certgen::handshake::{self, Outcome, Settings, live};
use kafka_certgen::spec::{ClientAuth, StoreFormat};
use time::OffsetDateTime;

use super::{Global, OneOf, Values};
use crate::convert::{self, HandshakeCall, LiveCall, MemoryCall};
use crate::problem::{Failure, Problem};
use crate::report::Terminal;
use crate::report::handshake as report;
use crate::run;

/// See the nine steps of a TLS connection: with a broker that runs, or in memory.
///
/// With HOST:PORT, connects to a broker or controller as a client would and tells what really happened in each step, everything that is
/// wrong and not only the first thing, and how to mend it. The client is that of --config, read as Kafka reads it, or of --keystore and
/// --truststore, --ca, --cert and --key, or --bundle. It sends nothing that is secret, changes nothing, and ends.
///
/// Without, a client and a broker of a bundle or of stores meet in memory, with their keys and certificates, in a real TLS handshake: no broker
/// runs, and nothing is sent over a network. It stops at the step that fails and says which check failed.
///
/// --show-chain prints what a broker sends, and nothing here ever makes a truststore of it: who trusts on first sight trusts whoever is in
/// between. Compare the fingerprint of the CA with its owner, and import the CA's file that you have from there.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Arguments {
    /// Brokers to connect to, as HOST:PORT or [ADDRESS]:PORT; or the folder of a bundle, for a handshake in memory [default: what --config
    /// has as bootstrap.servers, else kafka-certs in memory]
    #[arg(value_name = "TARGET", value_hint = ValueHint::DirPath)]
    pub(crate) targets: Vec<String>,
    /// The client's properties file, or a broker's, which connects as that broker does to others
    #[arg(long, help_heading = "Client of a broker that runs", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The certificates that the client trusts, in PEM
    #[arg(long, help_heading = "Client of a broker that runs", value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// The client's certificate with its chain, in PEM
    #[arg(long, help_heading = "Client of a broker that runs", value_name = "FILE")]
    pub(crate) cert: Option<PathBuf>,
    /// The client's private key in PEM, if it is not in the file of --cert
    #[arg(long, help_heading = "Client of a broker that runs", value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// The folder of a bundle that has the client [default: kafka-certs, if it is there and nothing else is named]
    #[arg(long, help_heading = "Client of a broker that runs", value_name = "DIR")]
    pub(crate) bundle: Option<PathBuf>,
    /// The broker in the bundle [default: the first]
    #[arg(long, help_heading = "Bundle", value_name = "NAME", add = Values::BROKERS)]
    pub(crate) broker: Option<String>,
    /// The client in the bundle, which may be a broker too [default: the first client; else another broker, or the broker itself]
    #[arg(long, help_heading = "Bundle", value_name = "NAME", add = Values::IDENTITIES)]
    pub(crate) client: Option<String>,
    /// Which stores of the bundle are used [default: pkcs12, else jks, else pem]
    #[arg(long, help_heading = "Bundle", value_name = "FORMAT", value_parser = OneOf(StoreFormat::NAMES))]
    pub(crate) format: Option<String>,
    /// The keystore: JKS, PKCS#12 or PEM; of the client where the broker runs, else of the broker
    #[arg(long, help_heading = "Stores", value_name = "FILE")]
    pub(crate) keystore: Option<PathBuf>,
    /// The truststore; of the client where the broker runs, else of the broker
    #[arg(long, help_heading = "Stores", value_name = "FILE")]
    pub(crate) truststore: Option<PathBuf>,
    /// The alias of the key, if the keystore has several
    #[arg(long, help_heading = "Stores", value_name = "ALIAS")]
    pub(crate) alias: Option<String>,
    /// In memory: the client's keystore, if it has one [default: without a client's truststore, the broker's]
    #[arg(long, help_heading = "Stores", value_name = "FILE", requires = "client_truststore")]
    pub(crate) client_keystore: Option<PathBuf>,
    /// In memory: the client's truststore
    #[arg(long, help_heading = "Stores", value_name = "FILE", requires = "keystore")]
    pub(crate) client_truststore: Option<PathBuf>,
    /// In memory: the alias of the client's key, if its keystore has several
    #[arg(long, help_heading = "Stores", value_name = "ALIAS", requires = "client_keystore")]
    pub(crate) client_alias: Option<String>,
    /// Where the password of the stores comes from [default: the file FILE.password or `password` beside each]
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) storepass: Option<String>,
    /// Where the password of the truststore comes from [default: as for --storepass]
    #[arg(long, visible_alias = "trustpass", help_heading = "Secrets", value_name = "SOURCE", requires = "truststore")]
    pub(crate) truststore_pass: Option<String>,
    /// Where the password of the key comes from, if it is another one; JKS and encrypted PEM only
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) keypass: Option<String>,
    /// In memory: where the password of the client's stores comes from
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) client_storepass: Option<String>,
    /// In memory: where the password of the client's truststore comes from [default: as for --client-storepass]
    #[arg(
        long,
        visible_alias = "client-trustpass",
        help_heading = "Secrets",
        value_name = "SOURCE",
        requires = "client_truststore"
    )]
    pub(crate) client_truststore_pass: Option<String>,
    /// In memory: where the password of the client's key comes from, if it is another one
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) client_keypass: Option<String>,
    /// The versions of TLS that the client offers [default: 1.3 in memory; else what --config says, or both]
    #[arg(long, help_heading = "Connection", value_name = "VERSIONS", value_delimiter = ',', value_parser = OneOf(convert::TLS_VERSIONS))]
    pub(crate) tls: Vec<String>,
    /// The TLS stack of the client, which decides as that does: java is the newest; openssl is librdkafka too
    #[arg(long = "as", help_heading = "Connection", value_name = "STACK", default_value = "java", value_parser = OneOf(convert::STACKS))]
    pub(crate) stack: String,
    /// How many seconds to wait for a name, a connection, a handshake and each answer [default: 10]
    #[arg(long, help_heading = "Connection", value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) timeout: Option<u16>,
    /// Go through the steps with each listener that the broker advertises
    #[arg(long, help_heading = "Connection")]
    pub(crate) all: bool,
    /// In memory: the name or address that the client connects to [default: a name in the broker's certificate]
    #[arg(long, help_heading = "Connection", value_name = "HOST")]
    pub(crate) host: Option<String>,
    /// In memory: the versions that the broker speaks, as in `ssl.enabled.protocols` [default: 1.2,1.3]
    #[arg(long, help_heading = "Connection", value_name = "VERSIONS", value_delimiter = ',', value_parser = OneOf(convert::TLS_VERSIONS))]
    pub(crate) broker_tls: Vec<String>,
    /// In memory: what the broker asks of its clients, as `ssl.client.auth` [default: as the bundle says; for stores required if the
    /// client has a key]
    #[arg(long, help_heading = "Connection", value_name = "WHAT", value_parser = OneOf(ClientAuth::NAMES))]
    pub(crate) client_auth: Option<String>,
    /// Print the certificates as the broker sends them, in PEM, and nothing else
    #[arg(long, help_heading = "Output", display_order = 896, conflicts_with_all = ["explain", "json"])]
    pub(crate) show_chain: bool,
    /// Say why each step is there, and what happens if it fails
    #[arg(long, help_heading = "Output", display_order = 897)]
    pub(crate) explain: bool,
    /// Print the facts as JSON
    #[arg(long, help_heading = "Output", display_order = 899, conflicts_with = "explain")]
    pub(crate) json: bool,
}

const EXAMPLES: &str = with_secrets!(
    "\
Examples:
  kafka-certgen handshake broker1:9093 --config client.properties
  kafka-certgen handshake broker1:9093 broker2:9093 --truststore trust.p12 --keystore app1.p12 --storepass file:pw
  kafka-certgen handshake broker1:9093 --ca ca-cert --cert app1.pem --key app1.key --all
  kafka-certgen handshake broker1:9093 --show-chain | kafka-certgen inspect -
  kafka-certgen handshake --config client.properties --json | jq '.hosts[].findings[].code'
  kafka-certgen handshake kafka-certs --broker broker1 --client app1 --tls 1.2
  kafka-certgen handshake --keystore kafka.server.keystore.jks --truststore kafka.server.truststore.jks \\
      --host broker1.example.com --storepass file:pw

JSON of brokers that run: client, with stores, stack, offers, checks_host, notes, findings; hosts, each with target, attempts
  (address, error), transcript (steps, each with step, action, details, result, elapsed_ms; tracker; outcome; later), listener
  (kind, sasl_mechanisms), advertised (node_id, host, port, verdict), findings (code, severity, object, found, why, fix, cause,
  commands), errors, warnings; errors, warnings. In memory: a transcript.

Exit status: 0 nothing is wrong, but for warnings; 3 something is; 1 own files cannot be read; 2 wrong usage."
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    match convert::handshake(arguments, global)? {
        HandshakeCall::Memory(call) => run_in_memory(*call, arguments, global, terminal),
        HandshakeCall::Live(call) => run_live(&call, arguments, global, terminal),
    }
}

fn run_in_memory(call: MemoryCall, arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
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

/// Goes to one broker after the other. A page is printed as soon as its broker is through.
fn run_live(call: &LiveCall, arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    run::begin(terminal, &call.warnings);
    let is_page = !arguments.json && !arguments.show_chain && !global.quiet;
    if is_page {
        Terminal::data(report::live::client(call, terminal).as_bytes())?;
    }
    let settings = live::Settings {
        client: &call.client,
        versions: &call.versions,
        cipher_suites: &call.cipher_suites,
        judge: call.judge.clone(),
        checks_host: call.checks_host,
        begins_with_sasl: call.begins_with_sasl,
        at: OffsetDateTime::now_utc(),
        timeout: call.timeout,
        all_advertised: arguments.all,
        clock,
    };
    let mut reports = Vec::new();
    for target in &call.targets {
        let seen = live::run(target, &settings).map_err(|error| Problem::of_live(target, error))?;
        if arguments.show_chain {
            Terminal::data(report::live::chain(&seen, call.targets.len() > 1).as_bytes())?;
        } else if is_page {
            let explain = arguments.explain && reports.is_empty();
            Terminal::data(report::live::host(&seen, explain, terminal).as_bytes())?;
        }
        reports.push(seen);
    }
    if arguments.json {
        Terminal::data(&report::live::json(call, &reports)?)?;
    } else if is_page {
        Terminal::data(report::live::summary(call, &reports).as_bytes())?;
    }
    let problems = report::live::errors(call, &reports).map(|(object, finding)| Problem::of_finding(&object, finding));
    let problems: Vec<Problem> = problems.collect();
    match problems.is_empty() {
        true => Ok(()),
        false if arguments.show_chain || global.quiet => Err(Failure(problems)),
        // They were shown.
        false => Err(Failure::found()),
    }
}

/// Returns the time since the first call.
fn clock() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}
