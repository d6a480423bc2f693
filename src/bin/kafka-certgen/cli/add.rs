//! `kafka-certgen add`.

use std::path::PathBuf;

use clap::Args;
use kafka_certgen::bundle::INVENTORY;
use kafka_certgen::bundle::inventory::Inventory;
use kafka_certgen::bundle::plan::Scope;
use kafka_certgen::pipeline::apply::OpenBundle;
use time::OffsetDateTime;

use super::{Global, Identities, Jobs};
use crate::change::{Change, Look};
use crate::convert;
use crate::problem::{Failure, Problem};
use crate::report::Terminal;
use crate::run;

/// Add brokers and clients to a bundle that is there.
///
/// What they have in common with the others, as the CA, the formats of the stores and the folder that the properties name, is as the
/// bundle has it. What is there is not touched. Where a cluster.yaml says what there shall be, write them into it and use `apply`.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) identities: Identities,
    /// The folder of the bundle
    #[arg(long, help_heading = "Files", value_name = "DIR", default_value = "kafka-certs")]
    pub(crate) out: PathBuf,
    /// Where the CA's key is, if not in the bundle
    #[arg(long, help_heading = "Files", value_name = "FILE")]
    pub(crate) ca_key: Option<PathBuf>,
    /// Where the password of their stores comes from; see below [default: one is made for each]
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
  kafka-certgen add --client app2 --ca-key /media/usb/ca-key --ca-pass prompt"
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    let now = OffsetDateTime::now_utc();
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
        file: None,
        again: "kafka-certgen apply -f cluster.yaml",
        look,
        json: arguments.json,
    };
    change.run(bundle, global, terminal)
}

/// Returns the inventory, without which nothing is known of the bundle's settings.
fn inventory<'b>(bundle: &'b OpenBundle, arguments: &Arguments) -> Result<&'b Inventory, Failure> {
    if bundle.is_new() {
        return Err(Problem::no_bundle(&arguments.out).into());
    }
    let missing = || Problem::of_inventory(&arguments.out.join(INVENTORY), bundle.inventory_fault());
    Ok(bundle.inventory().ok_or_else(missing)?)
}
