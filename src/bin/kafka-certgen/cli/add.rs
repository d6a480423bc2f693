//! `kafka-certgen add`.

use std::path::PathBuf;

use clap::Args;
use kafka_certgen::bundle::INVENTORY;
use kafka_certgen::bundle::inventory::Inventory;
use kafka_certgen::bundle::plan::Scope;
use kafka_certgen::pipeline::apply::OpenBundle;
use time::OffsetDateTime;

use super::{Global, Identities, Jobs, Values};
use crate::change::{Change, Look};
use crate::convert::{self, Signer};
use crate::problem::{Failure, Problem};
use crate::report::plan::Source;
use crate::report::{Terminal, quote_path};
use crate::run;

/// Add brokers and clients to a bundle that is there, or formats to the stores of those that it has.
///
/// With --cn or --client: what is new has the CA, the formats of the stores and the folder that the properties name in common with what
/// is there. With --format alone: what is there gets stores of these formats too, with the key, the certificate and the password that it
/// has; nothing is issued, and the CA's key is not needed. Its properties name the best of its stores, as those of a new bundle do. All
/// other files stay as they are. Where a cluster.yaml says what there shall be, write it there and use `apply`.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
#[command(mut_arg("format", |arg| arg.help("The formats of the stores, comma separated [default: those of the bundle]; without --cn and --client, formats that are added to what is there")))]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) identities: Identities,
    /// Add the formats to these alone; repeat it, or give a range
    #[arg(long, help_heading = "Stores", value_name = "NAME", add = Values::IDENTITIES)]
    pub(crate) only: Vec<String>,
    /// The folder of the bundle
    #[arg(long, help_heading = "Files", value_name = "DIR", default_value = "kafka-certs")]
    pub(crate) out: PathBuf,
    /// Where the CA's key is, if not in the bundle
    #[arg(long, help_heading = "Files", value_name = "FILE")]
    pub(crate) ca_key: Option<PathBuf>,
    /// Where the password of their stores comes from; see below [default: one is made for each, and what is there keeps its own]
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) storepass: Option<String>,
    /// Where the password of the keys in JKS stores and encrypted PEM files comes from [default: the store's]
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) keypass: Option<String>,
    /// Where the password of the CA's key comes from [default: the file beside it]
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) ca_pass: Option<String>,
    #[command(flatten)]
    pub(crate) jobs: Jobs,
    /// Change nothing, and print what would be done
    #[arg(long, help_heading = "Output", display_order = 898)]
    pub(crate) dry_run: bool,
    /// Print the facts as JSON
    #[arg(long, help_heading = "Output", display_order = 899)]
    pub(crate) json: bool,
}

const EXAMPLES: &str = with_secrets!(
    "\
Examples:
  kafka-certgen add --cn broker4
  kafka-certgen add --cn 'broker[4-6].example.com' --client app2 --dname O=Acme,C=US
  kafka-certgen add --client app2 --ca-key /media/usb/ca-key --ca-pass prompt
  kafka-certgen add --format pem
  kafka-certgen add --format pem --only app1 --dry-run"
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let now = OffsetDateTime::now_utc();
    if arguments.identities.is_empty() && !(arguments.identities.format.is_empty() && arguments.only.is_empty()) {
        return run_for_formats(arguments, now, global, terminal);
    }
    // Nobody waits for the lock while a person is asked for a password.
    let looked = OpenBundle::look(&arguments.out).map_err(Failure::from_pipeline)?;
    let inventory = inventory(&looked, arguments)?;
    let call = convert::add(arguments, inventory, global, now)?;
    run::warn(terminal, &call.warnings);
    let (look, bundle) = if arguments.dry_run {
        (Look::DryRun, looked)
    } else {
        let waiting = || terminal.tell_waiting(&arguments.out);
        let bundle = OpenBundle::lock(&arguments.out, &waiting).map_err(Failure::from_pipeline)?;
        convert::check_addition(&call.spec, self::inventory(&bundle, arguments)?, &arguments.out)?;
        (Look::No, bundle)
    };
    let only = call.spec.nodes.iter().map(|node| node.name.clone()).collect();
    let change = Change {
        spec: call.spec,
        given_ca: None,
        signer: call.signer,
        scope: Scope { only, ..Scope::default() },
        jobs: call.jobs,
        now,
        out: &arguments.out,
        source: Source::Identities,
        again: &arguments.apply(),
        look,
        json: arguments.json,
    };
    change.run(bundle, global, terminal)
}

/// Gives stores of more formats to what is there.
fn run_for_formats(
    arguments: &Arguments,
    now: OffsetDateTime,
    global: &Global,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let looked = OpenBundle::look(&arguments.out).map_err(Failure::from_pipeline)?;
    inventory(&looked, arguments)?;
    let call = convert::add_formats(arguments, &looked, global, now)?;
    run::warn(terminal, &call.warnings);
    let (look, bundle) = if arguments.dry_run {
        (Look::DryRun, looked)
    } else {
        let waiting = || terminal.tell_waiting(&arguments.out);
        (Look::No, OpenBundle::lock(&arguments.out, &waiting).map_err(Failure::from_pipeline)?)
    };
    inventory(&bundle, arguments)?;
    let change = Change {
        spec: call.spec(&bundle)?,
        given_ca: None,
        signer: Signer { key: None, password: None },
        scope: Scope { only: call.only, adds: call.formats.clone(), ..Scope::default() },
        jobs: call.jobs,
        now,
        out: &arguments.out,
        source: Source::Formats(&call.formats),
        again: &arguments.apply(),
        look,
        json: arguments.json,
    };
    change.run(bundle, global, terminal)
}

impl Arguments {
    /// Returns the call of `apply` on the same bundle.
    fn apply(&self) -> String {
        let out = self.out.to_string_lossy();
        let out = if out == "kafka-certs" { String::new() } else { format!(" --out {}", quote_path(&out)) };
        format!("kafka-certgen apply -f cluster.yaml{out}")
    }
}

/// Returns the inventory, without which nothing is known of the bundle's settings.
fn inventory<'b>(bundle: &'b OpenBundle, arguments: &Arguments) -> Result<&'b Inventory, Failure> {
    if bundle.is_new() {
        return Err(Problem::no_bundle(&arguments.out).into());
    }
    let missing = || Problem::of_inventory(&arguments.out.join(INVENTORY), bundle.inventory_fault());
    Ok(bundle.inventory().ok_or_else(missing)?)
}
