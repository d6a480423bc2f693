//! `kafka-certgen export`.

use clap::{Args, Subcommand};

use super::Global;
use crate::problem::Failure;
use crate::report::Terminal;

pub(crate) mod kubernetes;
pub(crate) mod tar;

/// Bring what a bundle holds into the form in which it travels.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Subcommand)]
pub(crate) enum What {
    Kubernetes(Box<kubernetes::Arguments>),
    Tar(Box<tar::Arguments>),
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    match &arguments.what {
        What::Kubernetes(arguments) => kubernetes::run(arguments, global, terminal),
        What::Tar(arguments) => tar::run(arguments, global, terminal),
    }
}
