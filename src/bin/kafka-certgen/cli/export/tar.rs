//! `kafka-certgen export tar`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use kafka_certgen::export::archive::{Archive, Content, Member};
use kafka_certgen::output::{OutputError, StagedFiles};

use crate::cli::{Chosen, Global};
use crate::convert::export::Tar;
use crate::convert::{self, Destination};
use crate::problem::{Failure, Problem};
use crate::report::Terminal;
use crate::report::archive::Report;
use crate::run;

/// Put a bundle, or identities of one, into a tar archive.
///
/// For a machine or a colleague: never with the CA's key, nor with what was retired. One identity that is named lies flat with ca-cert, so
/// that it is unpacked where its properties name its files. Several, or all, lie as a bundle, which can be looked into where it is
/// unpacked. The same bundle gives the same bytes: files are sorted, belong to root, have the dates of their certificates and the modes
/// that they were made with. They hold private keys.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) chosen: Chosen,
    /// The file to make; - is the standard output [default: -, which must not be a terminal]
    #[arg(long, help_heading = "Output", display_order = 897, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write nothing, and say what would be written
    #[arg(long, help_heading = "Output", display_order = 898)]
    pub(crate) dry_run: bool,
    /// Print the facts as JSON, without any secret; with --out or --dry-run
    #[arg(long, help_heading = "Output", display_order = 899)]
    pub(crate) json: bool,
}

const EXAMPLES: &str = "\
Examples:
  kafka-certgen export tar --broker broker1 | ssh broker1 tar xf - -C /etc/kafka/ssl
  kafka-certgen export tar --client app1 --out app1.tar
  kafka-certgen export tar | gzip -n > bundle.tar.gz
  kafka-certgen export tar --broker broker1 | age -r RECIPIENT > broker1.tar.age

JSON: path, form (files or bundle), size, members (path, type, mode, size), notes, next. Sizes are
  in bytes.";

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let mut call = convert::tar(arguments)?;
    run::begin(terminal, &[]);
    // All is read before anything is written: what is unpacked while it comes shall be whole.
    let mut report = Report::new(&call);
    each_member(&call, |member, contents| {
        report.add(member, contents.len());
        Ok(())
    })?;
    match std::mem::replace(&mut call.destination, Destination::Nowhere) {
        Destination::Nowhere => report.print(arguments.json, global, terminal),
        Destination::StandardOutput => {
            report.say(terminal);
            let printed = write(&call, &mut std::io::stdout().lock(), |error| match error.kind() {
                // A reader that has gone away has read enough.
                std::io::ErrorKind::BrokenPipe => Failure(Vec::new()),
                _ => Problem::from(error).into(),
            });
            match printed {
                Err(Failure(problems)) if problems.is_empty() => Ok(()),
                printed => printed,
            }
        }
        Destination::Place(file) => {
            let staged = StagedFiles::of_filled(&file, |path, out| {
                write(&call, out, |source| {
                    let error = OutputError::Io { action: "write", path: path.to_owned(), source };
                    Problem::of_file(&error).into()
                })
            })?;
            report.made(arguments.out.as_deref(), file.path());
            report.print(arguments.json, global, terminal)?;
            Ok(staged.commit().map_err(|error| Problem::of_file(&error))?)
        }
    }
}

/// Writes the archive; what cannot be written is made a failure of.
fn write(call: &Tar, out: &mut dyn Write, failed: impl Fn(std::io::Error) -> Failure) -> Result<(), Failure> {
    let mut archive = Archive::new(out);
    each_member(call, |member, contents| archive.add(member, contents).map_err(&failed))?;
    archive.finish().and_then(Write::flush).map_err(failed)
}

/// Reads one member after the other, so that no more than one is in memory.
fn each_member(call: &Tar, mut take: impl FnMut(&Member, &[u8]) -> Result<(), Failure>) -> Result<(), Failure> {
    for member in &call.members {
        match &member.content {
            Content::CaCertificate => take(member, call.ca.as_bytes())?,
            Content::File(at, file) => {
                let Some(identity) = call.identities.get(*at) else { continue };
                let contents = call
                    .bundle
                    .file(identity, file)
                    .map_err(|error| Problem::of_open(&call.bundle, &call.dir, &error))?;
                take(member, &contents)?;
            }
            Content::Folder => take(member, &[])?,
            Content::Inventory => take(member, &call.inventory)?,
        }
    }
    Ok(())
}
