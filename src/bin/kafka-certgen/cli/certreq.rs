//! `kafka-certgen certreq`.

use std::path::PathBuf;

use clap::Args;
use kafka_certgen::output::StagedFiles;
use kafka_certgen::pipeline::steps;
use kafka_certgen::pki::request_pem;
use kafka_certgen::script;

use super::{Form, Global, Store};
use crate::convert;
use crate::problem::Failure;
use crate::report::Terminal;
use crate::report::steps as report;
use crate::run;

/// Make the certificate request of a key in a keystore.
///
/// Replaces `keytool -certreq -keystore K -alias A -file cert-file`. It asks for the names that the key's certificate has, or for
/// those of --san; the subject is that of the certificate, octet by octet. The keystore is not changed.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) store: Store,
    /// The alias of the key [default: the only one there is]
    #[arg(long, help_heading = "Store", value_name = "ALIAS")]
    pub(crate) alias: Option<String>,
    /// The file for the request [default: the standard output]
    #[arg(long, visible_alias = "out", help_heading = "Files", value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Another subject than that of the key's certificate
    #[arg(long, help_heading = "Request", value_name = "DN")]
    pub(crate) dname: Option<String>,
    /// Other names than those of the key's certificate; repeat it, or give a list
    #[arg(long, help_heading = "Request", value_name = "VALUE")]
    pub(crate) san: Vec<String>,
    #[command(flatten)]
    pub(crate) form: Form,
}

const EXAMPLES: &str = with_secrets!(
    "\
Examples:
  kafka-certgen certreq --keystore kafka.server.keystore.jks --file cert-file
  kafka-certgen certreq --keystore k.p12 --alias broker1 --san broker1.internal,10.0.0.1 --storepass file:password"
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let convert::Certreq { store, alias, subject, alt_names, file, warnings } = convert::certreq(arguments, global)?;
    run::begin(terminal, &warnings);
    let opened = run::ReadStore::open(store, terminal)?;
    let alias = match alias {
        Some(alias) => alias,
        None => steps::only_key(&opened.file)?,
    };
    let (subject, alt_names) = (subject.as_ref(), alt_names.as_deref());
    let request = steps::certreq(&opened.file, &alias, opened.key_password(), subject, alt_names)?;
    let verified = request.verify()?;
    if arguments.form.dry_run {
        let names = verified.alt_names();
        let text = script::certreq(&alias, &opened.reference(), subject, names, arguments.file.as_deref());
        return Terminal::data(text.as_bytes());
    }
    let pem = request_pem(&request);
    let facts = report::certreq(arguments, &alias, &verified, &pem)?;
    match file {
        None if arguments.form.json => facts.print(true, global, terminal),
        None => Terminal::data(pem.as_bytes()),
        Some(file) => {
            let staged = StagedFiles::of_new(vec![(file, run::public(pem))]).map_err(|error| run::output(&error))?;
            facts.print(arguments.form.json, global, terminal)?;
            staged.commit().map_err(|error| run::output(&error))
        }
    }
}
