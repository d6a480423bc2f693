//! The flags, as they are typed. Nothing is checked here that a person could get wrong in more than one place: mistakes are
//! found together, in `convert`.

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) mod init;

/// Certificates, keystores and truststores for Apache Kafka, without a JVM.
#[derive(Parser)]
#[command(name = "kafka-certgen", version, max_term_width = 100, propagate_version = true)]
#[command(after_help = "Exit status: 0 done; 1 failed, and nothing was changed; 2 wrong usage, and nothing was done.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Init(init::Arguments),
}

/// What every command takes.
#[derive(Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Global {
    /// Print nothing but errors
    #[arg(short, long, global = true, display_order = 900, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say each step as it is done
    #[arg(short, long, global = true, display_order = 901)]
    pub(crate) verbose: bool,
    /// Whether to use colours
    #[arg(long, global = true, display_order = 902, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Never ask for anything
    #[arg(long, global = true, display_order = 903)]
    pub(crate) batch: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// A value that is one of a few, named in the help and in completions. Another one passes: it is reported together with all
/// other mistakes of the call, and clap would stop at it.
#[derive(Clone)]
pub(crate) struct OneOf(pub(crate) &'static [&'static str]);

impl TypedValueParser for OneOf {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().copied().map(PossibleValue::new)))
    }
}
