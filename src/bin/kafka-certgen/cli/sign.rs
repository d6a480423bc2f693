//! `kafka-certgen sign`.

use std::path::PathBuf;

use clap::Args;
use kafka_certgen::output::StagedFiles;
use kafka_certgen::pipeline::steps;
use kafka_certgen::pki::certificate_pem;
use kafka_certgen::spec::CertificateProfile;
use time::OffsetDateTime;

use super::{Form, Global, OneOf};
use crate::convert;
use crate::problem::Failure;
use crate::report::Terminal;
use crate::report::steps as report;
use crate::run;

/// Sign somebody's certificate request with somebody's CA.
///
/// Replaces `openssl x509 -req -CA ca-cert -CAkey ca-key -in cert-file -out cert-signed`. The request decides the key, the subject and the
/// DNS and IP names; the profile decides everything else, and what the request asked for and did not get is said. A request whose
/// signature is broken, whose key is weak or that asks to be a CA is refused.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The CA's certificate; of several, the one that the key belongs to [default: ca-cert, or the one in the store of the key]
    #[arg(long, visible_alias = "CA", help_heading = "CA", value_name = "FILE")]
    pub(crate) ca_cert: Option<PathBuf>,
    /// The CA's key: PEM or DER, encrypted or not, or a JKS or PKCS#12 store
    #[arg(long, visible_alias = "CAkey", help_heading = "CA", value_name = "FILE", default_value = "ca-key")]
    pub(crate) ca_key: PathBuf,
    /// The alias of the CA's key, if it is in a store [default: the only one there is]
    #[arg(long, help_heading = "CA", value_name = "ALIAS")]
    pub(crate) ca_alias: Option<String>,
    /// Where the password of the CA's key comes from [default: the file KEY.password or `password` beside it]
    #[arg(long, visible_alias = "passin", help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) ca_pass: Option<String>,
    /// The request, PEM or DER; - is the standard input
    #[arg(
        long = "in",
        visible_alias = "file",
        help_heading = "Files",
        value_name = "FILE",
        default_value = "cert-file"
    )]
    pub(crate) request: PathBuf,
    /// The file for the certificate [default: the standard output]
    #[arg(long, help_heading = "Files", value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// What the certificate may be used for
    #[arg(long, help_heading = "Certificate", value_name = "PROFILE", default_value = CertificateProfile::BROKER.name, value_parser = OneOf(CertificateProfile::NAMES))]
    pub(crate) profile: String,
    /// The DNS names and IP addresses, instead of those that the request asks for; repeat it, or give a list
    #[arg(long, help_heading = "Certificate", value_name = "VALUE")]
    pub(crate) san: Vec<String>,
    /// For how many days the certificate is valid [default: 365, or until the CA ends]
    #[arg(
        long,
        visible_alias = "days",
        help_heading = "Certificate",
        value_name = "DAYS",
        allow_negative_numbers = true
    )]
    pub(crate) validity: Option<String>,
    #[command(flatten)]
    pub(crate) form: Form,
}

const EXAMPLES: &str = with_secrets!(
    "\
Examples:
  kafka-certgen sign --in cert-file --out cert-signed --ca-pass file:ca.pass
  kafka-certgen sign --ca-cert corp.pem --ca-key corp.p12 --in app.csr --out app.pem --profile client --validity 90
  kafka-certgen sign --in cert-file --out cert-signed --san broker1.example.com --san 10.0.0.1"
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let now = OffsetDateTime::now_utc();
    let call = convert::sign(arguments, global, now)?;
    run::begin(terminal, &call.warnings);
    let request = call.request.verify()?;
    terminal.detail("the request's signature is valid");
    let environment = run::environment(now);
    let signed = steps::sign(&call.ca, &request, &call.spec, call.serial.as_ref(), &environment)?;
    if !call.ca.allows(call.spec.profile) {
        terminal.warn("the CA's extendedKeyUsage does not have what this profile is for: OpenSSL, Go and Python will refuse the certificate");
    }
    if arguments.form.dry_run {
        return Terminal::data(call.script(arguments, &signed).as_bytes());
    }
    let pem = certificate_pem(&signed.certificate);
    let facts = report::sign(arguments, &call.spec, &call.ca, &signed, &pem)?;
    match call.out {
        None if arguments.form.json => facts.print(true, global, terminal),
        None => {
            // The certificate itself is what goes to the standard output; what it did not get is said all the same.
            for wish in &signed.not_granted {
                terminal.warn(&format!("asked for and not granted: {wish}"));
            }
            if signed.is_shortened {
                terminal.warn("the certificate ends earlier than that, with its CA");
            }
            Terminal::data(pem.as_bytes())
        }
        Some(file) => {
            let staged = StagedFiles::of_new(vec![(file, run::public(pem))]).map_err(|error| run::output(&error))?;
            facts.print(arguments.form.json, global, terminal)?;
            staged.commit().map_err(|error| run::output(&error))
        }
    }
}
