//! `kafka-certgen import`.

use std::path::PathBuf;

use clap::Args;
use kafka_certgen::pipeline::steps::Import;
use kafka_certgen::script;
use time::OffsetDateTime;

use super::{Form, Global, OneOf, Store};
use crate::convert;
use crate::problem::{Failure, Problem};
use crate::report::Terminal;
use crate::report::steps as report;
use crate::run;

/// Import a certificate into a keystore or truststore.
///
/// Replaces `keytool -import -keystore K -alias A -file F`. Where the alias has a private key, the file is the reply to its request:
/// it must be for that key, and its chain is completed from the file and the store. Else the certificate becomes one that the store
/// trusts, and a store that is not there is made. A chain that reaches no certificate that the store trusts is confirmed at the
/// terminal, or with --noprompt.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) store: Store,
    /// The format of a new store [default: jks if its name ends so, else pkcs12]
    #[arg(long, help_heading = "Store", value_name = "FORMAT", value_parser = OneOf(convert::STORE_FORMATS))]
    pub(crate) storetype: Option<String>,
    /// The alias of the key that it is the reply for, or that the trusted certificate gets
    #[arg(long, help_heading = "Store", value_name = "ALIAS")]
    pub(crate) alias: Option<String>,
    /// The certificate or its chain: PEM, DER or PKCS#7; - is the standard input
    #[arg(long, help_heading = "Files", value_name = "FILE", default_value = "-")]
    pub(crate) file: PathBuf,
    /// Ask for no confirmation: whatever the file holds is trusted
    #[arg(long, help_heading = "Import")]
    pub(crate) noprompt: bool,
    #[command(flatten)]
    pub(crate) form: Form,
}

const EXAMPLES: &str = with_secrets!(
    "\
Examples:
  kafka-certgen import --truststore kafka.server.truststore.jks --alias CARoot --file ca-cert --noprompt
  kafka-certgen import --keystore kafka.server.keystore.jks --alias CARoot --file ca-cert --noprompt
  kafka-certgen import --keystore kafka.server.keystore.jks --alias broker1 --file cert-signed"
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let now = OffsetDateTime::now_utc();
    let convert::ImportCall { store, alias, certificates, warnings } = convert::import(arguments, global)?;
    run::begin(terminal, &warnings);
    let mut opened = run::OpenStore::open(store, terminal)?;
    let import = Import::plan(&opened.file, &alias, opened.key_password(), &certificates)?;
    if import.needs_confirmation() && !arguments.noprompt {
        confirm(&import, global, arguments)?;
    }
    for warning in report::import_warnings(&import, now) {
        terminal.warn(&warning);
    }
    if arguments.form.dry_run {
        let text = script::import(&alias, &opened.reference(), run::named(&arguments.file), arguments.noprompt);
        return Terminal::data(text.as_bytes());
    }
    import.apply(&mut opened.file, &alias, &run::environment(now))?;
    let facts = report::import(&alias, &import, &opened)?;
    opened.write(&facts, arguments.form.json, global, terminal)
}

/// Asks the person at the terminal whether the certificate shall be trusted, as keytool does.
fn confirm(import: &Import, global: &Global, arguments: &Arguments) -> Result<(), Failure> {
    let question = report::confirmation(import)?;
    if run::can_ask(global) && arguments.file.as_os_str() != "-" {
        return if run::ask(&question)? { Ok(()) } else { Err(Problem::not_confirmed().into()) };
    }
    Err(Problem::unconfirmed(import, &arguments.store.keystore).into())
}
