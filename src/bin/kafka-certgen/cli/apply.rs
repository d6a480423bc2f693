//! `kafka-certgen apply`.

use std::path::{Path, PathBuf};

use clap::Args;
use kafka_certgen::pipeline::apply::OpenBundle;
use kafka_certgen::spec::cluster_file;
use time::OffsetDateTime;

use super::{Global, Jobs, Values};
use crate::change::{Change, Look};
use crate::convert;
use crate::problem::{Failure, place_of};
use crate::report::plan::Source;
use crate::report::{self, Terminal, quote_path};
use crate::run;

/// Make a bundle what a file says: issue what is missing or has changed, and leave everything else alone.
///
/// The file says the CA, brokers, controllers and clients. What is missing is made, what has changed is issued again with its reasons
/// told before, and what is as the file says is not touched. A new certificate is for the key that is there, unless --rekey asks for
/// a new one. Identities that are no longer in the file are named, and moved aside with --prune; nothing is ever deleted. A run that
/// was stopped or killed is finished by the next.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct Arguments {
    /// The file that says what there shall be; - is the standard input
    #[arg(short, long, help_heading = "Files", value_name = "FILE", required_unless_present = "schema")]
    file: Option<PathBuf>,
    /// The folder of the bundle
    #[arg(long, help_heading = "Files", value_name = "DIR", default_value = "kafka-certs")]
    pub(crate) out: PathBuf,
    /// Where the CA's key is, if not in the bundle or where the file says
    #[arg(long, help_heading = "Files", value_name = "FILE")]
    pub(crate) ca_key: Option<PathBuf>,
    /// Look at these identities alone; repeat it, or give a range
    #[arg(long, help_heading = "Changes", value_name = "NAME", conflicts_with = "prune", add = Values::IDENTITIES)]
    pub(crate) only: Vec<String>,
    /// Give what is issued again a new key too; what --only names is issued again for that alone
    #[arg(long, help_heading = "Changes")]
    pub(crate) rekey: bool,
    /// Move what is not in the file aside, into the folder `retired` of the bundle
    #[arg(long, help_heading = "Changes")]
    pub(crate) prune: bool,
    /// Where the password of all stores comes from, whatever the file says
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) storepass: Option<String>,
    /// Where the password of the keys comes from, whatever the file says
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) keypass: Option<String>,
    /// Where the password of the CA's key comes from, whatever the file says; read only if something is signed
    #[arg(long, help_heading = "Secrets", value_name = "SOURCE")]
    pub(crate) ca_pass: Option<String>,
    #[command(flatten)]
    pub(crate) jobs: Jobs,
    /// Change nothing, and exit with 3 if there is something to do
    #[arg(long, help_heading = "Output", display_order = 896, conflicts_with = "dry_run")]
    pub(crate) check: bool,
    /// Print the JSON schema of the file, by which an editor completes it, and read nothing
    #[arg(long, help_heading = "Output", display_order = 897)]
    pub(crate) schema: bool,
    /// Change nothing, and print what would be done
    #[arg(long, help_heading = "Output", display_order = 898)]
    pub(crate) dry_run: bool,
    /// Print the facts as JSON
    #[arg(long, help_heading = "Output", display_order = 899)]
    pub(crate) json: bool,
}

impl Arguments {
    /// Returns the path of the file, which is given wherever it is needed.
    pub(crate) fn file(&self) -> &Path {
        self.file.as_deref().unwrap_or(Path::new("-"))
    }

    /// Returns the call as it would be typed again.
    fn again(&self) -> String {
        let mut call = format!("kafka-certgen apply -f {}", quote_path(&self.file().to_string_lossy()));
        if self.out.as_os_str() != "kafka-certs" {
            call.push_str(" --out ");
            call.push_str(&quote_path(&self.out.to_string_lossy()));
        }
        call
    }
}

const EXAMPLES: &str = with_secrets!(
    "\
Examples:
  kafka-certgen apply -f cluster.yaml --dry-run
  kafka-certgen apply -f cluster.yaml
  kafka-certgen apply -f cluster.yaml --check || echo 'certificates are not as cluster.yaml says'
  kafka-certgen apply -f cluster.yaml --rekey --only 'broker[1-3].example.com'
  kafka-certgen apply -f cluster.yaml --ca-key /media/usb/ca-key --ca-pass prompt
  kafka-certgen apply --schema > cluster.schema.json

JSON: bundle, the folder; plan, with is_empty, makes_ca, writes_inventory, ca_differences, counts, unchanged, changes (name, role, action,
  reasons, reload, until), obstacles (name, kind, text), strangers; applied, stopped, and done, the number of identities that were changed, unless it failed.

Exit status: 0 done, or nothing to do; 1 failed; 2 wrong usage or a wrong file, and nothing was done; 3 --check found something to
  do; 130 stopped by Ctrl-C, and what was done stays: the same command goes on from there."
);

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    if arguments.schema {
        return Terminal::data(&report::document(&cluster_file::schema())?);
    }
    let now = OffsetDateTime::now_utc();
    let call = convert::apply(arguments, global, now)?;
    run::warn(terminal, &call.warnings);
    let look = match (arguments.dry_run, arguments.check) {
        (true, _) => Look::DryRun,
        (false, true) => Look::Check,
        (false, false) => Look::No,
    };
    let bundle = match look {
        Look::No => OpenBundle::lock(&arguments.out, &|| terminal.tell_waiting(&arguments.out)),
        _ => OpenBundle::look(&arguments.out),
    };
    let bundle = bundle.map_err(Failure::from_pipeline)?;
    if let Some(fault) = bundle.inventory_fault() {
        terminal.warn(&format!("bundle.json cannot be read, and is written anew from what is there: {fault}"));
    }
    if bundle.inventory().is_none() && bundle.inventory_fault().is_none() && !bundle.is_new() {
        terminal.warn("bundle.json is missing, and is written anew from what is there");
    }
    let place = place_of(arguments.file());
    let file = Path::new(&place).file_name().map_or(place.as_str().into(), |name| name.to_string_lossy());
    let change = Change {
        spec: call.spec,
        given_ca: call.given_ca,
        signer: call.signer,
        scope: call.scope,
        jobs: call.jobs,
        now,
        out: &arguments.out,
        source: Source::File(&file),
        again: &arguments.again(),
        look,
        json: arguments.json,
    };
    change.run(bundle, global, terminal)
}
