//! The flags, as they are typed. Nothing is checked here that a person could get wrong in more than one place: mistakes are
//! found together, in `convert`.

use std::path::PathBuf;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use kafka_certgen::spec::{KeyAlgorithm, StoreFormat};

/// Puts what is said of secrets below the examples of a command.
macro_rules! with_secrets {
    ($examples:literal) => {
        concat!(
            $examples,
            "

Secrets:
  file:PATH  the file's only line       env:NAME    an environment variable
  fd:N       an open file descriptor    stdin       the next line of the standard input
  prompt     asked for at the terminal  pass:VALUE  the value itself, which every user can read"
        )
    };
}

pub(crate) mod add;
pub(crate) mod apply;
pub(crate) mod ca;
pub(crate) mod certreq;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod diagnose;
pub(crate) mod export;
pub(crate) mod genkey;
pub(crate) mod handshake;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod man;
pub(crate) mod sign;
pub(crate) mod values;
pub(crate) mod verify;

pub(crate) use values::Values;

/// Certificates, keystores and truststores for Apache Kafka, without a JVM.
#[derive(Parser)]
#[command(name = "kafka-certgen", version, max_term_width = 100, propagate_version = true)]
#[command(
    after_help = "Exit status: 0 done; 1 failed, and nothing was changed but what `apply` and `add` had finished; 2 wrong usage, and nothing was done; 3 looked, and found faults, or with `apply --check` something to do; 130 stopped by Ctrl-C."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Init(Box<init::Arguments>),
    Apply(Box<apply::Arguments>),
    Add(Box<add::Arguments>),
    Ca(Box<ca::Arguments>),
    Genkey(Box<genkey::Arguments>),
    Certreq(Box<certreq::Arguments>),
    Sign(Box<sign::Arguments>),
    Import(Box<import::Arguments>),
    Handshake(Box<handshake::Arguments>),
    Diagnose(Box<diagnose::Arguments>),
    #[command(visible_alias = "list")]
    Inspect(Box<inspect::Arguments>),
    Verify(Box<verify::Arguments>),
    Config(Box<config::Arguments>),
    Export(Box<export::Arguments>),
    Completions(completions::Arguments),
    Man(man::Arguments),
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

/// The identities that a command makes, and what their certificates and stores are like.
#[derive(Args)]
pub(crate) struct Identities {
    /// The host name of a broker; repeat it, or give a range: 'broker[1-3].example.com'
    #[arg(long, help_heading = "Identities", value_name = "NAME")]
    pub(crate) cn: Vec<String>,
    /// The name of a client that gets a certificate; repeat it, or give a range
    #[arg(long, help_heading = "Identities", value_name = "NAME")]
    pub(crate) client: Vec<String>,
    /// Another DNS name or IP address of a broker; NODE=VALUE with several brokers, '*=VALUE' for all of them
    #[arg(long, help_heading = "Identities", value_name = "[NODE=]VALUE")]
    pub(crate) san: Vec<String>,
    /// The rest of the distinguished name, after the CN: OU=Kafka,O=Acme,C=US
    #[arg(long, help_heading = "Identities", value_name = "DN")]
    pub(crate) dname: Option<String>,
    /// For how many days certificates are valid [default: 365, or the CA's if those are fewer]
    #[arg(long, help_heading = "Certificates", value_name = "DAYS", allow_negative_numbers = true)]
    pub(crate) validity: Option<String>,
    /// The algorithm of the keys
    #[arg(long, help_heading = "Certificates", value_name = "ALG", default_value = KeyAlgorithm::NODE.name(), value_parser = OneOf(KeyAlgorithm::NAMES))]
    pub(crate) key_alg: String,
    /// The alias of the key in each keystore [default: the name in lower case]
    #[arg(long, help_heading = "Stores", value_name = "ALIAS")]
    pub(crate) alias: Option<String>,
    /// The formats of the stores, comma separated [default: jks,pkcs12; jks with --layout script]
    #[arg(long, help_heading = "Stores", value_name = "FORMATS", value_delimiter = ',', value_parser = OneOf(StoreFormat::NAMES))]
    pub(crate) format: Vec<String>,
}

impl Identities {
    /// Says whether none is named.
    pub(crate) fn is_empty(&self) -> bool {
        self.cn.is_empty() && self.client.is_empty()
    }
}

/// The bundle that a command reads, and the identities that it takes of it.
#[derive(Args)]
pub(crate) struct Chosen {
    /// The folder of the bundle
    #[arg(value_name = "DIR", default_value = "kafka-certs")]
    pub(crate) dir: PathBuf,
    /// A broker; repeat it, or give a range: 'broker[1-3].example.com' [default: all identities]
    #[arg(long, help_heading = "Identities", value_name = "NAME", add = Values::BROKERS)]
    pub(crate) broker: Vec<String>,
    /// A controller; repeat it, or give a range
    #[arg(long, help_heading = "Identities", value_name = "NAME", add = Values::CONTROLLERS)]
    pub(crate) controller: Vec<String>,
    /// A client; repeat it, or give a range
    #[arg(long, help_heading = "Identities", value_name = "NAME", add = Values::CLIENTS)]
    pub(crate) client: Vec<String>,
}

impl Chosen {
    /// Says whether none is named, and so all are meant.
    pub(crate) fn is_all(&self) -> bool {
        self.broker.is_empty() && self.controller.is_empty() && self.client.is_empty()
    }
}

/// How much is done at once.
#[derive(Args)]
#[command(next_help_heading = "Work")]
pub(crate) struct Jobs {
    /// How many keys and stores are made at once; what is made does not depend on it [default: one for each core]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) jobs: Option<String>,
}

/// In which form a command says what it does, or would do.
#[derive(Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Form {
    /// Write nothing; print the openssl and keytool commands that do the same
    #[arg(long, display_order = 898)]
    pub(crate) dry_run: bool,
    /// Print the facts as JSON
    #[arg(long, display_order = 899, conflicts_with = "dry_run")]
    pub(crate) json: bool,
}

/// The store that a step works on.
#[derive(Args)]
pub(crate) struct Store {
    /// The store; it is recognised by its content, JKS or PKCS#12
    #[arg(long, visible_alias = "truststore", help_heading = "Store", value_name = "FILE")]
    pub(crate) keystore: PathBuf,
    /// Where the password of the store comes from [default: the file FILE.password or `password` beside it]
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) storepass: Option<String>,
    /// Where the password of the key comes from, if it is another one; JKS only
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) keypass: Option<String>,
}
