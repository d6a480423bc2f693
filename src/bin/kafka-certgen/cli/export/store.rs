//! `kafka-certgen export --format`: a store in another format.

use std::path::PathBuf;

use clap::Args;
use kafka_certgen::output::StagedFiles;
use kafka_certgen::spec::{ExportFormat, PemKey, Pkcs12Profile};
use time::OffsetDateTime;

use crate::cli::{Global, OneOf};
use crate::convert;
use crate::problem::Failure;
use crate::report::Terminal;
use crate::report::export::store as report;
use crate::run;

/// What the command takes beside its subcommands, which have a group of their own of this name.
#[derive(Args)]
#[group(skip)]
pub(crate) struct Arguments {
    /// The store, recognised by its content; or PEM or DER: repeat it for a key, its certificate and CAs in files of their own
    #[arg(long, visible_alias = "truststore", help_heading = "Source", value_name = "FILE", required = true)]
    pub(crate) keystore: Vec<PathBuf>,
    /// Take only this entry; ALIAS=NEW gives it another alias; repeat it
    #[arg(long, help_heading = "Source", value_name = "ALIAS[=NEW]")]
    pub(crate) alias: Vec<String>,
    /// The format to write
    #[arg(long, help_heading = "Result", value_name = "FORMAT", required = true, value_parser = OneOf(ExportFormat::NAMES))]
    pub(crate) format: Option<String>,
    /// The file to write: a store; or in PEM the key with its chain, as Kafka has it, or without a key all that is trusted
    #[arg(long, help_heading = "Result", value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write the certificate with its chain to a file of its own (tls.crt); in DER the certificate alone
    #[arg(long, help_heading = "Result", value_name = "FILE")]
    pub(crate) out_cert: Option<PathBuf>,
    /// Write the private key to a file of its own (tls.key), in PKCS#8
    #[arg(long, help_heading = "Result", value_name = "FILE")]
    pub(crate) out_key: Option<PathBuf>,
    /// Write what is trusted to a file of its own (ca.crt); if no entry is, the end of the key's chain
    #[arg(long, help_heading = "Result", value_name = "FILE")]
    pub(crate) out_ca: Option<PathBuf>,
    /// For whom PKCS#12 is: modern has AES-256 and SHA-256; legacy has 3DES and SHA-1, for Java before 8u301 and old tools [default: modern]
    #[arg(long, help_heading = "Result", value_name = "PROFILE", value_parser = OneOf(Pkcs12Profile::NAMES))]
    pub(crate) profile: Option<String>,
    /// How the key stands in PEM; Kafka reads pbes2 on Java 21 and later, pbes1-3des on 11 and later [default: plain]
    #[arg(long, help_heading = "Result", value_name = "HOW", value_parser = OneOf(PemKey::NAMES))]
    pub(crate) pem_key: Option<String>,
    /// Where the password of the store comes from [default: the file FILE.password or `password` beside it]
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) storepass: Option<String>,
    /// Where the password of the private keys comes from, if it is another one
    #[arg(long, visible_alias = "passin", help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) keypass: Option<String>,
    /// Where the password of the new store comes from [default: it stays the same; if there was none, one is made, in OUT.password]
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) out_storepass: Option<String>,
    /// Where the new password of the key comes from: in JKS [default: the store's], or in PEM that is encrypted [default: as it was, or one is made]
    #[arg(long, visible_alias = "passout", help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) out_keypass: Option<String>,
    /// Write nothing; say what would be written, for whom, and what keytool or openssl would be told
    #[arg(long, help_heading = "Output", display_order = 898)]
    pub(crate) dry_run: bool,
    /// Print the facts as JSON
    #[arg(long, help_heading = "Output", display_order = 899)]
    pub(crate) json: bool,
}

pub(crate) const EXAMPLES: &str = with_secrets!(
    "\
Examples:
  kafka-certgen export --keystore kafka.server.keystore.jks --format pkcs12 --out broker1.p12
  kafka-certgen export --keystore kafka.server.keystore.jks --format pkcs12 --profile legacy --out broker1-java8.p12
  kafka-certgen export --keystore tls.key --keystore tls.crt --keystore ca.crt --alias broker1.example.com=broker1 --format jks --out k.jks
  kafka-certgen export --keystore app1.p12 --format pem --out-cert tls.crt --out-key tls.key --out-ca ca.crt
  kafka-certgen export --truststore kafka.client.truststore.jks --alias caroot --format der --out ca.der"
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let now = OffsetDateTime::now_utc();
    let export = convert::export::store(arguments, global, now)?;
    run::begin(terminal, &export.warnings);
    let (facts, files) = export.write()?;
    let report = report::Report { arguments, export: &export, facts: &facts };
    for warning in report.warnings() {
        terminal.warn(&warning);
    }
    if arguments.dry_run {
        return report.print(global, terminal);
    }
    let staged = StagedFiles::of_new(files).map_err(|error| run::output(&error))?;
    report.print(global, terminal)?;
    staged.commit().map_err(|error| run::output(&error))
}
