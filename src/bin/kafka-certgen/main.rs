//! The command line: parse, convert, run, report.

mod change;
mod cli;
mod complete;
mod convert;
mod problem;
mod report;
mod run;
mod secrets;
mod stop;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

fn main() -> ExitCode {
    restrict_umask();
    forbid_core_dumps();
    let cli = Cli::parse();
    let terminal = report::Terminal::new(&cli.global);
    let outcome = match &cli.command {
        Command::Init(arguments) => cli::init::run(arguments, &cli.global, &terminal),
        Command::Apply(arguments) => cli::apply::run(arguments, &cli.global, &terminal),
        Command::Add(arguments) => cli::add::run(arguments, &cli.global, &terminal),
        Command::Ca(arguments) => cli::ca::run(arguments, &cli.global, &terminal),
        Command::Genkey(arguments) => cli::genkey::run(arguments, &cli.global, &terminal),
        Command::Config(arguments) => cli::config::run(arguments, &cli.global, &terminal),
        Command::Certreq(arguments) => cli::certreq::run(arguments, &cli.global, &terminal),
        Command::Sign(arguments) => cli::sign::run(arguments, &cli.global, &terminal),
        Command::Completions(arguments) => cli::completions::run(arguments),
        Command::Diagnose(arguments) => cli::diagnose::run(arguments, &cli.global, &terminal),
        Command::Export(arguments) => cli::export::run(arguments, &cli.global, &terminal),
        Command::Handshake(arguments) => cli::handshake::run(arguments, &cli.global, &terminal),
        Command::Import(arguments) => cli::import::run(arguments, &cli.global, &terminal),
        Command::Inspect(arguments) => cli::inspect::run(arguments, &cli.global, &terminal),
        Command::Man(arguments) => cli::man::run(arguments, &cli.global, &terminal),
        Command::Verify(arguments) => cli::verify::run(arguments, &cli.global, &terminal),
    };
    terminal.conclude(outcome)
}

/// Modes are given when files are created. A umask that takes away the owner's own bits would make folders that nothing can be
/// written into; what it takes from others is respected.
fn restrict_umask() {
    use rustix::fs::Mode;
    let inherited = rustix::process::umask(Mode::RWXG | Mode::RWXO);
    rustix::process::umask(inherited & (Mode::RWXG | Mode::RWXO));
}

/// A core dump would hold every key and password of the run.
fn forbid_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // Where this is not allowed, the run is no worse off than any other program.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}
