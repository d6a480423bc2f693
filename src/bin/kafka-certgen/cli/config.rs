//! `kafka-certgen config`.

use std::path::PathBuf;

use clap::Args;
use kafka_certgen::bundle::INVENTORY;
use kafka_certgen::config::Kind;
use kafka_certgen::output::StagedFiles;
use kafka_certgen::spec::StoreFormat;

use super::values::Values;
use super::{Global, OneOf};
use crate::convert;
use crate::problem::Failure;
use crate::report::Terminal;
use crate::report::config as report;
use crate::run;

/// Print the configuration of a program that uses the bundle.
///
/// Complete and ready to paste, for a broker, a controller, or one of thirty kinds of clients: `config --list` names them. Paths are those of
/// the deployed files. Passwords are named where the program finds them, in the file `password` or in its environment, and are not in the output.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// For what; see --list
    #[arg(value_name = "KIND", required_unless_present = "list", value_parser = OneOf(Kind::NAMES))]
    pub(crate) kind: Option<String>,
    /// The folder of the bundle
    #[arg(value_name = "DIR", default_value = "kafka-certs")]
    pub(crate) dir: PathBuf,
    /// The client whose files are used
    #[arg(long, help_heading = "For whom", value_name = "NAME", group = "who", add = Values::CLIENTS)]
    pub(crate) client: Option<String>,
    /// The broker whose files are used
    #[arg(long, help_heading = "For whom", value_name = "NAME", group = "who", add = Values::BROKERS)]
    pub(crate) broker: Option<String>,
    /// The controller whose files are used
    #[arg(long, help_heading = "For whom", value_name = "NAME", group = "who", add = Values::CONTROLLERS)]
    pub(crate) controller: Option<String>,
    /// The folder that the files will lie in [default: the one that the bundle was made for, or where they are]
    #[arg(long, help_heading = "Files", value_name = "PATH")]
    pub(crate) deploy_dir: Option<String>,
    /// The format of the stores [default: the best for the program that the bundle has]
    #[arg(long, help_heading = "Files", value_name = "FORMAT", value_parser = OneOf(StoreFormat::NAMES))]
    pub(crate) format: Option<String>,
    /// The brokers to connect to, HOST:PORT, comma separated [default: all of the bundle]
    #[arg(long, help_heading = "Network", value_name = "SERVERS", value_delimiter = ',')]
    pub(crate) bootstrap_server: Vec<String>,
    /// The port of the brokers
    #[arg(long, help_heading = "Network", value_name = "PORT", allow_negative_numbers = true, default_value = "9093")]
    pub(crate) port: String,
    /// The port of the controllers
    #[arg(long, help_heading = "Network", value_name = "PORT", allow_negative_numbers = true, default_value = "9094")]
    pub(crate) controller_port: String,
    /// The name of the listener for brokers and clients
    #[arg(long, help_heading = "Network", value_name = "NAME", default_value = "SSL")]
    pub(crate) listener: String,
    /// The address that a node listens at [default: all]
    #[arg(long, help_heading = "Network", value_name = "ADDRESS")]
    pub(crate) bind: Option<String>,
    /// The node's id [default: the number in its name, or its place in the bundle; controllers from 3001]
    #[arg(long, help_heading = "Network", value_name = "N", allow_negative_numbers = true)]
    pub(crate) node_id: Option<String>,
    /// How principals are named: by the whole distinguished name, or by the common name alone
    #[arg(long, help_heading = "Network", value_name = "FORM", default_value = "dn", value_parser = OneOf(convert::PRINCIPALS))]
    pub(crate) principal: String,
    /// Let the passwords themselves stand in the configuration
    #[arg(long, help_heading = "Output", display_order = 895)]
    pub(crate) show_passwords: bool,
    /// Write it to a file that is not there yet; one with passwords is its owner's alone
    #[arg(long, help_heading = "Output", display_order = 896, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Print all kinds, what each is for, and what it needs
    #[arg(long, help_heading = "Output", display_order = 897)]
    pub(crate) list: bool,
    /// Print the facts as JSON
    #[arg(long, help_heading = "Output", display_order = 899)]
    pub(crate) json: bool,
}

const EXAMPLES: &str = "\
Examples:
  kafka-certgen config --list
  kafka-certgen config broker --broker broker1.example.com --deploy-dir /etc/kafka/ssl
  kafka-certgen config spring-boot --client app1 --out application.yaml
  kafka-certgen config kcat --client app1 >~/.config/kcat.conf
  kafka-certgen config kafka-python --client app1 --bootstrap-server broker1.example.com:9093";

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    if arguments.list {
        return Terminal::data(&report::list(Kind::ALL, arguments.json, terminal)?);
    }
    let call = convert::config(arguments, global)?;
    run::begin(terminal, &call.warnings);
    let deployment = call.deployment(&arguments.dir.join(INVENTORY))?;
    let document = call.kind.write(&deployment);
    let staged = call.file(&document)?.map(|file| StagedFiles::of_new(vec![file])).transpose();
    let staged = staged.map_err(|error| run::output(&error))?;
    let facts = report::Facts {
        kind: call.kind,
        deployment: &deployment,
        document: &document,
        shows_passwords: arguments.show_passwords,
        out: arguments.out.as_deref().and_then(run::named),
    };
    if arguments.json {
        Terminal::data(&facts.json()?)?;
    } else if staged.is_none() {
        Terminal::data(document.as_bytes())?;
    } else if !global.quiet {
        Terminal::data(facts.written().as_bytes())?;
    }
    match staged {
        Some(staged) => staged.commit().map_err(|error| run::output(&error)),
        None => Ok(()),
    }
}
