//! What stands in the way of a bundle that is to become another, with its hint.

use std::path::Path;

use anyhow::anyhow;
use kafka_certgen::bundle::inventory::InventoryError;
use kafka_certgen::bundle::plan::Obstacle;
use kafka_certgen::name::{NameError, printable};
use kafka_certgen::pipeline::apply::BundleError;
use kafka_certgen::pki::PrivateKeyError;
use kafka_certgen::spec::cluster_file::{Fault, FaultKind, FileFaults, ValueError};
use kafka_certgen::spec::{ClusterSpec, KeyAlgorithm, NodeSpec, SpecError};

use super::{FAULTS, Failure, Problem, USAGE, shown};
use crate::report::progress::grouped;
use crate::report::quote_path;

/// Returns a cluster file as it stands before what is wrong with it.
pub(crate) fn place_of(file: &Path) -> String {
    if file.as_os_str() == "-" { "standard input".to_owned() } else { printable(&file.to_string_lossy()) }
}

impl Failure {
    /// Says whether the run was asked to stop.
    pub(crate) fn is_stop(&self) -> bool {
        self.0.iter().any(Problem::is_stop)
    }

    /// Everything that is wrong with a cluster file.
    pub(crate) fn of_file(file: &Path, faults: &FileFaults) -> Self {
        let mut problems: Vec<Problem> = faults.faults.iter().map(|fault| Problem::of_fault(file, fault)).collect();
        if faults.left_out > 0 {
            let error = anyhow!("{}: {} more mistakes are not shown", place_of(file), faults.left_out);
            problems.push(Problem::usage(error, "mend the first of them: the others may come of these"));
        }
        Self(problems)
    }
}

impl Problem {
    /// A mistake in a cluster file.
    pub(crate) fn of_fault(file: &Path, fault: &Fault) -> Self {
        let hint = fault.hint().or_else(|| match &fault.kind {
            FaultKind::Spec(error) => spec_hint(error).map(str::to_owned),
            FaultKind::Value { error: ValueError::Name(NameError::Reserved(_)), .. } => {
                Some("give it another name".to_owned())
            }
            FaultKind::Value { error: ValueError::Name(_), .. } => {
                Some("use letters, digits, `.` and `-`, beginning with a letter or a digit".to_owned())
            }
            FaultKind::Value { error: ValueError::Host(_), .. } => {
                Some("use letters, digits and hyphens, with dots between, or an IP address".to_owned())
            }
            _ => None,
        });
        Self { error: anyhow!("{}:{fault}", place_of(file)), hint, status: USAGE }
    }

    /// What stands in the way of a change; `again` is the call, as it would be typed once more.
    pub(crate) fn of_obstacle(obstacle: &Obstacle, again: &str, out: &Path) -> Self {
        let folder = quote_path(&out.join(obstacle.name().as_str()).to_string_lossy());
        let rekey = format!("`{again} --rekey --only {}`", obstacle.name());
        let hint = match obstacle {
            Obstacle::Differs { name, .. } => {
                format!("`{again}` does that; or leave `{name}` out: name the others with `--only`")
            }
            Obstacle::KeyPasswordInPkcs12(name) => {
                format!("add another format, or leave `{name}` out: name the others with `--only`")
            }
            Obstacle::StorePassword(_) => {
                "leave `--storepass` out: stores that are added have the password of those that are there".to_owned()
            }
            Obstacle::Foreign(_) => format!(
                "move it out of the bundle: `mv {folder} {}`",
                quote_path(&format!("{}.moved", obstacle.name()))
            ),
            Obstacle::KeyAlgorithm { .. } => {
                format!("make a new key: {rekey}; the old one is kept in `retired`")
            }
            Obstacle::KeyNotReadable(_) => format!(
                "restore its keystore or its password in {folder}, or give the password with `--storepass file:PATH`; or make a new key: {rekey}, and what is there is kept in `retired`"
            ),
            _ => format!("look at {folder}"),
        };
        Self::with_hint(anyhow!("{obstacle}"), hint)
    }

    /// So many more of which the same is to be said.
    pub(crate) fn more_obstacles(count: usize) -> Self {
        Self::with_hint(anyhow!("{} more cannot be changed", grouped(count)), "see them all with `-v`")
    }

    /// The same, of a call that only looks.
    pub(crate) fn into_finding(self) -> Self {
        Self { status: FAULTS, ..self }
    }

    /// An inventory that cannot be read, where it has to be.
    pub(crate) fn of_inventory(path: &Path, fault: Option<&InventoryError>) -> Self {
        let file = shown(path);
        let hint = "have it written anew from what is there: `kafka-certgen apply -f cluster.yaml`";
        match fault {
            Some(fault) => Self::with_hint(anyhow!("{file} cannot be read: {fault}"), hint),
            None => Self::with_hint(anyhow!("{file} is not there"), hint),
        }
    }

    /// What is wrong with identities that a bundle shall have beside those that it has.
    pub(crate) fn of_addition(fault: SpecError) -> Self {
        let hint = match &fault {
            SpecError::NoNode => Some(
                "name what is new: `kafka-certgen add --cn broker4`; or a format for what is there: `kafka-certgen add --format pem`",
            ),
            SpecError::AliasOfCa(..) => Some("choose another one with `--alias`"),
            SpecError::KeyPasswordForPlainPem => Some("leave `--keypass` out"),
            _ => None,
        };
        let mut problem = Self::from(fault);
        if let Some(hint) = hint {
            problem.hint = Some(hint.to_owned());
        }
        problem
    }

    /// What is wrong with the formats that a bundle would have.
    pub(crate) fn of_formats(fault: SpecError, spec: &ClusterSpec) -> Self {
        let hint = match &fault {
            SpecError::Ed25519InPem => {
                let is_other = |node: &&NodeSpec| node.key_algorithm != KeyAlgorithm::Ed25519;
                match spec.nodes.iter().find(is_other) {
                    Some(other) => format!("name the others, as in `--only {}`, or use `--format pkcs12`", other.name),
                    None => "use `--format pkcs12`".to_owned(),
                }
            }
            SpecError::Password(..) => "leave `--storepass` out: it only opens what is there".to_owned(),
            _ => "make it what it shall be first: `kafka-certgen apply -f cluster.yaml`".to_owned(),
        };
        Self::usage(fault, hint)
    }

    /// A bundle that is not there.
    pub(crate) fn no_bundle(out: &Path) -> Self {
        let error = anyhow!("there is no bundle in {}", shown(out));
        Self::with_hint(
            error,
            "name the folder of one with `--out DIR`, or make one: `kafka-certgen init --cn broker1`",
        )
    }

    /// A key of a CA that is to be made.
    pub(crate) fn no_ca_yet() -> Self {
        let error = anyhow!("--ca-key: there is no bundle yet, and its CA is to be made with it");
        Self::usage(
            error,
            "leave `--ca-key` out; or name a CA that exists in the file: ca: {certificate: ca-cert, key: ca-key}",
        )
    }

    /// Something has to be signed, and the CA's key is not where it should be.
    pub(crate) fn no_ca_key(path: Option<&Path>) -> Self {
        let place = path.map_or_else(String::new, |path| format!(": there is no file {}", shown(path)));
        let error = anyhow!("a certificate has to be signed, and the CA's key is missing{place}");
        Self::with_hint(error, "bring it here for this run, and say where it is: `--ca-key FILE`")
    }

    pub(super) fn of_bundle(error: &BundleError) -> Self {
        let hint = match error {
            BundleError::CaCertificate(path) | BundleError::NoCaCertificate(path) => {
                format!("restore {} from any truststore of the bundle, or from a backup", shown(path))
            }
            BundleError::CaDiffers { .. } => {
                "a bundle keeps its CA: say the one that it has, or name another folder with `--out DIR`".to_owned()
            }
            BundleError::CaKey(_, PrivateKeyError::NoPassword | PrivateKeyError::WrongPassword) => {
                "give its password with `--ca-pass file:PATH` or `--ca-pass env:NAME`".to_owned()
            }
            BundleError::CaKey(..) => "restore it, or say where it is: `--ca-key FILE`".to_owned(),
            BundleError::KeyNotReadable(name) => format!("use `--rekey --only {name}` for a new key"),
            BundleError::NoBundle(_) => "name another folder with `--out DIR`, or move this one away".to_owned(),
            BundleError::NoInventory(_) | BundleError::Record(..) | BundleError::RecordValue { .. } => {
                "have it written anew from what is there: `kafka-certgen apply -f cluster.yaml`".to_owned()
            }
            BundleError::ScriptLayout(_) => {
                "make a bundle elsewhere: `kafka-certgen init --cn broker1 --out DIR`, without `--layout script`"
                    .to_owned()
            }
            _ => "see `kafka-certgen apply --help`".to_owned(),
        };
        let shown = match std::error::Error::source(error) {
            Some(cause) => anyhow!(cause.to_string()).context(error.to_string()),
            None => anyhow!(error.to_string()),
        };
        Self::with_hint(shown, hint)
    }
}

/// Says what can be done in the file about what is wrong between its parts.
fn spec_hint(error: &SpecError) -> Option<&'static str> {
    Some(match error {
        SpecError::AliasOfCa(..) => "give another `alias`, or another `ca_alias` under `stores`",
        SpecError::BrokerName(..) => "use letters, digits and hyphens, with dots between, as in broker1.example.com",
        SpecError::CaValidity(_) => "give fewer days, as in `validity: 3650`",
        SpecError::CaseCollision(..) => "give one of them another name",
        SpecError::Duplicate(_) => "name it once",
        SpecError::Ed25519InPem => "use `key_algorithm: ec-p256`, or `formats: [pkcs12]`",
        SpecError::KeyPasswordForPlainPem => "use `pem_key: pbes2` (Java 21 and later), or leave `key_password` out",
        SpecError::KeyPasswordInPkcs12 => "use `formats: [jks]`, or leave `key_password` out",
        SpecError::NoNode => "name a broker: brokers: [broker1.example.com]",
        SpecError::OutlivesCa { .. } => "give fewer days to `validity`, or more to that of `ca`",
        SpecError::Password(..) | SpecError::PemPassword(..) => "give another one, or leave it out to have one made",
        SpecError::SubjectOfCa(_) => "give the CA another name with `cn` under `ca`",
        _ => return None,
    })
}
