//! `kafka-certgen inspect`.

use std::path::PathBuf;

use clap::Args;
use time::OffsetDateTime;

use super::Global;
use crate::convert;
use crate::problem::{Failure, Problem};
use crate::report::Terminal;
use crate::report::inspect::{File, Report};
use crate::run;

/// Show what is in stores, certificates, requests, revocation lists and keys.
///
/// Replaces `keytool -list -v`, `openssl x509 -text`, `openssl req -text` and `openssl pkcs12 -info`. Reads JKS, JCEKS, PKCS#12, PEM with any
/// mixture in one file, DER and PKCS#7, and finds out itself which it is. Without a password it shows what can be shown, and says which flag
/// opens the rest. No key is ever printed. Where there are many entries each gets a line; -v shows every detail.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The files; - is the standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Where the password of the stores comes from [default: the file FILE.password or `password` beside each]
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) storepass: Option<String>,
    /// Where the password of private keys comes from, if it is another one
    #[arg(long, visible_alias = "passin", help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) keypass: Option<String>,
    /// Print the facts as JSON
    #[arg(long, help_heading = "Output", display_order = 899)]
    pub(crate) json: bool,
}

const EXAMPLES: &str = with_secrets!(
    "\
Examples:
  kafka-certgen inspect kafka.server.keystore.jks --storepass file:pw
  kafka-certgen inspect kafka-certs/broker1/*
  openssl s_client -connect broker1:9093 -showcerts </dev/null | kafka-certgen inspect -
  kafka-certgen list --json truststore.p12 | jq '.files[].entries[].alias'"
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let now = OffsetDateTime::now_utc();
    let call = convert::inspect(arguments, global)?;
    run::begin(terminal, &call.warnings);
    let mut problems = Vec::new();
    let mut files = Vec::new();
    for path in &arguments.files {
        let file = match call.inspect(path, now) {
            Ok(file) => file,
            Err(problem) => {
                let error = problem.sentence();
                problems.push(problem);
                File { path, beside: None, outcome: Err(error) }
            }
        };
        problems.extend(problems_of(&file, &call));
        files.push(file);
    }
    let report = Report { files: &files, is_detailed: global.verbose };
    if arguments.json {
        Terminal::data(&report.json()?)?;
    } else if !global.quiet {
        Terminal::data(report.text(terminal).as_bytes())?;
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure(problems)) }
}

/// Returns what is wrong with parts of a file, or with the passwords that were named for it.
fn problems_of(file: &File<'_>, call: &convert::Inspect) -> Vec<Problem> {
    let Ok(inspection) = &file.outcome else { return Vec::new() };
    let faults = inspection.entries.iter().filter_map(|entry| {
        let fault = entry.fault.as_ref()?;
        Some(Problem::of_entry(&file.shown(), entry.alias.as_deref(), entry.number, fault))
    });
    let mut problems: Vec<Problem> = faults.collect();
    problems.extend(
        call.wrong_password(inspection)
            .map(|flag| Problem::of_wrong_password(&file.shown(), flag, inspection.wants_store_password())),
    );
    problems
}
