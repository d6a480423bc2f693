//! `kafka-certgen genkey`.

use clap::Args;
use kafka_certgen::pipeline::steps;
use kafka_certgen::script;
use kafka_certgen::spec::{CertificateProfile, KeyAlgorithm};
use time::OffsetDateTime;

use super::{Form, Global, OneOf, Store};
use crate::convert;
use crate::problem::Failure;
use crate::report::Terminal;
use crate::report::steps as report;
use crate::run;

/// Make a key pair in a keystore, new or not.
///
/// Replaces `keytool -genkeypair -keystore K -alias A -dname …`. Like keytool's, its certificate is signed by itself until `import`
/// brings the one that a CA has signed; unlike keytool's, it has the names of the host, and `certreq` asks for them.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) store: Store,
    /// The format of a new store [default: jks if its name ends so, else pkcs12]
    #[arg(long, help_heading = "Store", value_name = "FORMAT", value_parser = OneOf(convert::STORE_FORMATS))]
    pub(crate) storetype: Option<String>,
    /// The alias of the key [default: the common name in lower case]
    #[arg(long, help_heading = "Store", value_name = "ALIAS")]
    pub(crate) alias: Option<String>,
    /// The common name, which for a broker is the name of its host
    #[arg(long, help_heading = "Certificate", value_name = "NAME")]
    pub(crate) cn: Option<String>,
    /// The distinguished name: 'CN=broker1,OU=Kafka,O=Acme', or what follows --cn
    #[arg(long, help_heading = "Certificate", value_name = "DN")]
    pub(crate) dname: Option<String>,
    /// Another DNS name or IP address; repeat it, or give a list: 'dns:b1.example.com,ip:10.0.0.1'
    #[arg(long, help_heading = "Certificate", value_name = "VALUE")]
    pub(crate) san: Vec<String>,
    /// What the key is for
    #[arg(long, help_heading = "Certificate", value_name = "PROFILE", default_value = CertificateProfile::BROKER.name, value_parser = OneOf(CertificateProfile::NAMES))]
    pub(crate) profile: String,
    /// The algorithm of the key
    #[arg(long, help_heading = "Certificate", value_name = "ALG", default_value = KeyAlgorithm::NODE.name(), value_parser = OneOf(KeyAlgorithm::NAMES))]
    pub(crate) key_alg: String,
    /// For how many days its own certificate is valid
    #[arg(
        long,
        help_heading = "Certificate",
        value_name = "DAYS",
        allow_negative_numbers = true,
        default_value = "365"
    )]
    pub(crate) validity: String,
    #[command(flatten)]
    pub(crate) form: Form,
}

const EXAMPLES: &str = with_secrets!(
    "\
Examples:
  kafka-certgen genkey --keystore kafka.server.keystore.jks --cn broker1.example.com
  kafka-certgen genkey --keystore k.p12 --alias broker1 --dname CN=broker1,O=Acme --san 10.0.0.1 --storepass env:STOREPASS"
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let now = OffsetDateTime::now_utc();
    let convert::Genkey { spec, store, warnings } = convert::genkey(arguments, global)?;
    run::begin(terminal, &warnings);
    let mut opened = run::OpenStore::open(store, terminal)?;
    opened.refuse_taken(&spec.alias)?;
    if arguments.form.dry_run {
        return Terminal::data(script::genkey(&spec, &opened.reference()).as_bytes());
    }
    let environment = run::environment(now);
    let key_password = opened.key_password().cloned();
    let certificate = steps::genkey(&spec, &mut opened.file, key_password.as_ref(), &environment)?;
    let facts = report::genkey(arguments, &spec, &certificate, &opened)?;
    opened.write(&facts, arguments.form.json, global, terminal)
}
