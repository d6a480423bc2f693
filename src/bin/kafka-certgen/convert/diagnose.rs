//! The call of `diagnose`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use kafka_certgen::diagnosis::{Entry, catalogue};

use super::Call;
use crate::cli;
use crate::problem::{Failure, Problem};
use crate::run;

/// A call of `diagnose` that can be carried out.
pub(crate) enum Diagnose {
    /// Print the catalogue.
    List,
    /// Print one message of it.
    Explain(&'static Entry),
    /// Read these.
    Read(Vec<PathBuf>),
}

/// Converts the arguments of `diagnose`.
pub(crate) fn diagnose(arguments: &cli::diagnose::Arguments) -> Result<Diagnose, Failure> {
    if arguments.list {
        return Ok(Diagnose::List);
    }
    if let Some(code) = &arguments.explain {
        let entry = catalogue::entries().find(|entry| entry.code == code);
        return Ok(Diagnose::Explain(entry.ok_or_else(|| Problem::unknown_message(code))?));
    }
    if arguments.files.is_empty() && std::io::stdin().is_terminal() {
        return Err(Problem::nothing_to_read().into());
    }
    let mut call = Call::default();
    if arguments.files.iter().filter(|file| run::named(file).is_none()).count() > 1 {
        let error = anyhow!("the standard input is named twice, and can be read once");
        call.problems.push(Problem::usage(error, "name `-` once"));
    }
    if !call.problems.is_empty() {
        return Err(Failure(call.problems));
    }
    let files = if arguments.files.is_empty() { vec![Path::new("-").to_owned()] } else { arguments.files.clone() };
    Ok(Diagnose::Read(files))
}
