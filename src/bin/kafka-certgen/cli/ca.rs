//! `kafka-certgen ca`.

use std::path::PathBuf;

use clap::Args;
use kafka_certgen::output::StagedFiles;
use kafka_certgen::pipeline::steps;
use kafka_certgen::script;
use kafka_certgen::spec::{Days, KeyAlgorithm};
use time::OffsetDateTime;

use super::{Form, Global, OneOf};
use crate::convert;
use crate::problem::Failure;
use crate::report::Terminal;
use crate::report::steps as report;
use crate::run;

/// Make a CA: its key and its certificate.
///
/// Replaces `openssl req -new -x509 -keyout ca-key -out ca-cert`. The key is encrypted PKCS#8, the certificate that of a root CA with
/// basicConstraints and keyUsage. Neither file may exist.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The file for the key
    #[arg(long, visible_alias = "keyout", help_heading = "Files", value_name = "FILE", default_value = "ca-key")]
    pub(crate) key: PathBuf,
    /// The file for the certificate
    #[arg(long, visible_alias = "out", help_heading = "Files", value_name = "FILE", default_value = "ca-cert")]
    pub(crate) cert: PathBuf,
    /// The common name [default: Kafka CA, unless --dname has one]
    #[arg(long, help_heading = "Certificate", value_name = "NAME")]
    pub(crate) cn: Option<String>,
    /// The distinguished name: 'CN=Kafka CA,O=Acme,C=US'
    #[arg(long, help_heading = "Certificate", value_name = "DN")]
    pub(crate) dname: Option<String>,
    /// For how many days the CA is valid
    #[arg(long, visible_alias = "days", help_heading = "Certificate", value_name = "DAYS", allow_negative_numbers = true, default_value_t = Days::CA.to_string())]
    pub(crate) validity: String,
    /// The algorithm of the key
    #[arg(long, help_heading = "Certificate", value_name = "ALG", default_value = KeyAlgorithm::CA.name(), value_parser = OneOf(KeyAlgorithm::NAMES))]
    pub(crate) key_alg: String,
    /// Where the password of the key comes from [default: one is made, in a file beside it]
    #[arg(long, visible_alias = "passout", help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) pass: Option<String>,
    #[command(flatten)]
    pub(crate) form: Form,
}

const EXAMPLES: &str = with_secrets!(
    "\
Examples:
  kafka-certgen ca
  kafka-certgen ca --key ca-key --cert ca-cert --dname 'CN=Kafka CA,O=Acme,C=US' --validity 3650 --pass file:ca.pass"
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let now = OffsetDateTime::now_utc();
    let convert::Ca { spec, key, certificate, password_file, secret, warnings } = convert::ca(arguments, global, now)?;
    run::begin(terminal, &warnings);
    if arguments.form.dry_run {
        return Terminal::data(script::ca(&spec, &arguments.key, &arguments.cert, &secret).as_bytes());
    }
    let environment = run::environment(now);
    let (ca, password) = steps::ca(&spec, &environment)?;
    let mut files = Vec::new();
    if let Some(file) = password_file {
        files.push(run::password_file(file, &password));
    }
    files.push((key, run::secret(steps::ca_key_file(&ca, &password, &environment)?)));
    files.push((certificate, run::public(kafka_certgen::pki::certificate_pem(ca.certificate()))));
    let staged = StagedFiles::of_new(files).map_err(|error| run::output(&error))?;
    report::ca(arguments, &ca, password.is_made())?.print(arguments.form.json, global, terminal)?;
    staged.commit().map_err(|error| run::output(&error))
}
