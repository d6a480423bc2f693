//! `kafka-certgen diagnose`.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use kafka_certgen::diagnosis::{Form, Matcher, Scanner};

use super::{Global, Values};
use crate::convert::{self, Diagnose};
use crate::problem::{Failure, Problem};
use crate::report::Terminal;
use crate::report::diagnose as report;
use crate::report::diagnose::Report;
use crate::report::progress::Progress;
use crate::run;

/// How much is read at once.
const PORTION: usize = 256 * 1024;

/// Say what TLS errors in logs mean, what is likely to be behind them, and how to check and mend it.
///
/// Reads logs, or a pasted message, of brokers, Java clients, Spring, Connect, librdkafka, Python, Node.js, Go and .NET. For each message
/// that is known: where it stands and how often, what it means, the likely causes in their order, and the commands that check and mend
/// them. What says no more than `SSL handshake failed` is told only where no other message stands near it. Reads gigabytes as a stream.
/// Passwords in what is quoted are left out. Nothing is changed, and nobody is connected to.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The logs; - is the standard input, and so is no file at all
    #[arg(value_name = "FILE", conflicts_with_all = ["list", "explain"])]
    pub(crate) files: Vec<PathBuf>,
    /// Print all messages that are known, with their meanings and causes, and read nothing
    #[arg(long, help_heading = "Output", display_order = 896, conflicts_with = "explain")]
    pub(crate) list: bool,
    /// Print what is known of one message, by its code, and read nothing
    #[arg(long, help_heading = "Output", display_order = 897, value_name = "CODE", add = Values::Messages)]
    pub(crate) explain: Option<String>,
    /// Print the facts as JSON
    #[arg(long, help_heading = "Output", display_order = 899)]
    pub(crate) json: bool,
}

const EXAMPLES: &str = "\
Examples:
  kafka-certgen diagnose /var/log/kafka/server.log
  kubectl logs broker-0 | kafka-certgen diagnose
  zcat server.log.*.gz | kafka-certgen diagnose
  kafka-certgen diagnose --json *.log | jq -r '.findings[] | [.count, .code, .causes[0].what] | @tsv'

JSON: files, each with name, bytes, lines, and error if it could not be read; findings, each with code, message, is_wrapper,
  meaning, printers, count, source; places, each with file, count, first_line, last_line, text; captures, each with name,
  others and values (text, count, means); causes, each with code, what, check and mend (say, run); explained, the same for
  messages that say only that something has failed, where a finding says what.

Exit status: 0 no message was found; 3 one was; 1 a file could not be read; 2 wrong usage.";

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let files = match convert::diagnose(arguments)? {
        Diagnose::List => return Terminal::data(&report::catalogue(arguments.json, terminal)?),
        Diagnose::Explain(entry) => return Terminal::data(&report::explain(entry, arguments.json, terminal)?),
        Diagnose::Read(files) => files,
    };
    let matcher = Matcher::of_catalogue().map_err(Problem::from)?;
    let mut scanner = Scanner::new(&matcher);
    let mut problems = Vec::new();
    let mut errors = Vec::new();
    let mut progress = Progress::new(total(&files), terminal);
    for path in &files {
        scanner.begin(path.to_string_lossy());
        let outcome = read(path, &mut scanner, &mut progress);
        errors.push(outcome.as_ref().err().map(Problem::sentence));
        problems.extend(outcome.err());
    }
    drop(progress);
    let diagnosis = scanner.finish();
    let report = Report { diagnosis: &diagnosis, errors: &errors };
    if arguments.json {
        Terminal::data(&report.json()?)?;
    } else if !global.quiet {
        Terminal::data(report.text(terminal).as_bytes())?;
    }
    match (problems.is_empty(), diagnosis.findings.is_empty()) {
        (true, true) => Ok(()),
        (true, false) => Err(Failure::found()),
        (false, _) => Err(Failure(problems)),
    }
}

/// Returns how many bytes there are, if all of them are in files.
fn total(files: &[PathBuf]) -> Option<u64> {
    let sizes = files.iter().map(|path| {
        let metadata = std::fs::metadata(run::named(path)?).ok()?;
        metadata.is_file().then_some(metadata.len())
    });
    sizes.sum()
}

/// Reads a log to its end, or as far as it can be read.
fn read(path: &Path, scanner: &mut Scanner<'_>, progress: &mut Progress) -> Result<(), Problem> {
    if run::named(path).is_none() {
        return read_from(io::stdin().lock(), path, scanner, progress);
    }
    let file = run::open_file(path).map_err(|error| Problem::not_readable(path, &error))?;
    read_from(file, path, scanner, progress)
}

fn read_from(
    mut source: impl Read,
    path: &Path,
    scanner: &mut Scanner<'_>,
    progress: &mut Progress,
) -> Result<(), Problem> {
    let unreadable = |error: &io::Error| Problem::not_readable(path, error);
    // A pipe gives its first bytes in any portions; a file is recognised by a few hundred of them.
    let mut head = Vec::new();
    source.by_ref().take(512).read_to_end(&mut head).map_err(|error| unreadable(&error))?;
    if let Some(form) = Form::of(&head) {
        return Err(Problem::of_form(path, form));
    }
    scanner.feed(&head);
    progress.add(head.len());
    let mut portion = vec![0; PORTION];
    loop {
        match source.read(&mut portion) {
            Ok(0) => return Ok(()),
            Ok(length) => {
                scanner.feed(portion.get(..length).unwrap_or_default());
                progress.add(length);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(&error)),
        }
    }
}
