//! `kafka-certgen man`.

use std::path::PathBuf;

use clap::Args;
use kafka_certgen::output::StagedFiles;

use super::{Global, Values};
use crate::convert::{self, ManCall};
use crate::problem::Failure;
use crate::report::Terminal;
use crate::run;

/// Print the manual pages.
///
/// They come from the definitions that the help comes from: one of the program, and one of each command. With --out all of them are
/// written, or none: nothing is ever overwritten.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The command whose page is printed, as `export tar` [default: the page of the program]
    #[arg(value_name = "COMMAND", num_args = 0..=2, conflicts_with = "out", add = Values::Commands)]
    pub(crate) command: Vec<String>,
    /// Write all pages into this folder, which is there: kafka-certgen.1, kafka-certgen-init.1, …
    #[arg(long, help_heading = "Files", value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  kafka-certgen man | man -l -
  kafka-certgen man export tar | man -l -
  mkdir -p ~/.local/share/man/man1 && kafka-certgen man --out ~/.local/share/man/man1
  kafka-certgen man --out /usr/local/share/man/man1";

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    match convert::man(arguments)? {
        ManCall::Print(page) => Terminal::data(&page.text),
        ManCall::Write(pages) => {
            let count = pages.len();
            let files = pages.into_iter().map(|(file, page)| (file, run::public(page.text))).collect();
            let staged = StagedFiles::of_new(files).map_err(|error| run::output(&error))?;
            staged.commit().map_err(|error| run::output(&error))?;
            if !global.quiet {
                terminal.tell(&format!("wrote {count} pages"));
            }
            Ok(())
        }
    }
}
