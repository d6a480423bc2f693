//! Why there is no configuration, with a hint.

use std::path::Path;

use anyhow::anyhow;
use kafka_certgen::bundle::inventory::Identity;
use kafka_certgen::config::{ConfigError, Kind, Party, UnknownKind};
use kafka_certgen::name::{nearest, printable};
use kafka_certgen::spec::{NodeRole, StoreFormat};
use kafka_certgen::verify::load::LoadError;

use super::Problem;
use crate::report::quote_path;

/// How many names stand in a hint.
const NAMED: usize = 5;

impl Problem {
    pub(crate) fn unknown_kind(error: &UnknownKind) -> Self {
        let names = Kind::NAMES.iter().copied();
        // A file or the word for a product is what people try first.
        let hint = match nearest(&error.0.to_ascii_lowercase(), names) {
            Some(near) => {
                format!("did you mean `kafka-certgen config {near}`? `kafka-certgen config --list` prints all")
            }
            None => "`kafka-certgen config --list` prints all".to_owned(),
        };
        Self::usage(anyhow!(error.clone()), hint)
    }

    /// A bundle that cannot be read.
    pub(crate) fn of_bundle_to_read(error: &LoadError) -> Self {
        let hint = match error {
            LoadError::NoBundle(_) => "name the folder of a bundle, or make one: `kafka-certgen init --cn broker1`",
            LoadError::Inventory(..) => {
                "restore it; `kafka-certgen apply -f cluster.yaml` writes it anew from the identities' records"
            }
            _ => "name the folder of a bundle that you can read",
        };
        let shown = match error {
            LoadError::Io(_, cause) => anyhow!(crate::secrets::reason(cause)).context(error.to_string()),
            LoadError::Inventory(_, cause) => anyhow!(cause.to_string()).context(error.to_string()),
            error => anyhow!(error.to_string()),
        };
        Self::failed(shown, Some(hint))
    }

    pub(crate) fn nobody(kind: &Kind, role: NodeRole, folder: &Path) -> Self {
        let folder = quote_path(&folder.to_string_lossy());
        let role = role.name();
        let error = anyhow!("`{}` is for a {role}, and there is none in {folder}", kind.name);
        let hint = match role {
            "client" => format!("add one: `kafka-certgen add --client app1 --out {folder}`; or use a broker's files: `--broker NAME`"),
            "broker" => format!("add one: `kafka-certgen add --cn broker1 --out {folder}`"),
            _ => "declare controllers in a cluster.yaml and use `kafka-certgen apply`; without them, brokers are controllers too: `kafka-certgen config broker`".to_owned(),
        };
        Self::usage(error, hint)
    }

    pub(crate) fn which(kind: &Kind, role: NodeRole, flag: &str, names: &[&str]) -> Self {
        let shown: Vec<&str> = names.iter().take(NAMED).copied().collect();
        let more = if names.len() > NAMED { ", …" } else { "" };
        let error = anyhow!(
            "`{}` is for one {}, and the bundle has {}: {}{more}",
            kind.name,
            role.name(),
            names.len(),
            shown.join(", ")
        );
        Self::usage(error, format!("name it: `{flag} {}`", names.first().copied().unwrap_or("NAME")))
    }

    pub(crate) fn no_password_to_show(identity: &Identity, folder: &Path) -> Self {
        let folder = quote_path(&folder.join(&identity.name).to_string_lossy());
        let error = anyhow!("no password of `{}` can be read in {folder}", printable(&identity.name));
        Self::failed(error, Some("run it as the user who made the bundle, or leave `--show-passwords` out"))
    }

    /// A configuration that there is not.
    pub(crate) fn of_config(error: &ConfigError, kind: &Kind, identity: Option<&Identity>, folder: &Path) -> Self {
        let out = quote_path(&folder.to_string_lossy());
        let name = identity.map_or("NAME", |identity| identity.name.as_str());
        let adds = |format: StoreFormat| {
            // A kind that is for no identity is for all nodes, or has what it needs.
            let only = identity.map(|identity| format!(" --only {}", identity.name)).unwrap_or_default();
            format!("add it to what there is: `kafka-certgen add --format {}{only} --out {out}`", format.name())
        };
        let hint = match error {
            ConfigError::EncryptedPem(_) => format!(
                "use another store with `--format`, or write the key unencrypted: `kafka-certgen export --keystore {out}/{name}/{} --format pem --out KEYSTORE.pem`",
                keystore_of(identity, StoreFormat::Pem)
            ),
            ConfigError::Folder(_) => {
                "name another folder with `--deploy-dir PATH`, or use `--show-passwords`".to_owned()
            }
            ConfigError::FormatMissing { .. } if identity.is_none() && kind.party == Party::Client => format!(
                "without a certificate there is the CA's own file alone: leave `--format` out; or add a client: `kafka-certgen add --client app1 --out {out}`"
            ),
            ConfigError::FormatMissing { .. } if identity.is_some_and(is_flat) => format!(
                "the script's layout stays as it is: make a bundle elsewhere, with `kafka-certgen init --cn {name} --format jks,pkcs12,pem --out DIR`"
            ),
            ConfigError::FormatMissing { takes, .. } => adds(takes.first().copied().unwrap_or(StoreFormat::Pem)),
            ConfigError::FormatNotTaken { takes, .. } => {
                format!("use `--format {}`, or leave it out", takes.first().map_or("pem", |format| format.name()))
            }
            ConfigError::NoBroker => "name them: `--bootstrap-server broker1:9093,broker2:9093`".to_owned(),
            ConfigError::NoFolder(_) | ConfigError::Placeholder { is_password: false, .. } => {
                "name another folder, as in `--deploy-dir /etc/kafka/ssl`".to_owned()
            }
            ConfigError::RelativeFolder(_) => {
                "name the whole path, as in `--deploy-dir /etc/kafka/ssl`, or use `--show-passwords`".to_owned()
            }
            ConfigError::Placeholder { is_password: true, .. } => "leave `--show-passwords` out".to_owned(),
            ConfigError::NoIdentity(_) => "name it with `--broker NAME` or `--controller NAME`".to_owned(),
            ConfigError::NotAService(_) => {
                "run it on machines: `kafka-certgen config broker`; or make a bundle of nodes with host names: `kafka-certgen init --cn broker1`"
                    .to_owned()
            }
            ConfigError::PasswordInText { format, .. } => {
                let has_pem = identity.is_some_and(|identity| identity.file(&keystore_of(Some(identity), StoreFormat::Pem)).is_some());
                let shows = format!("`--show-passwords --out {}`", kind.file);
                match format {
                    StoreFormat::Pem => format!("write it into a file of its owner's alone: {shows}"),
                    _ if has_pem => format!("use PEM, which needs none: `--format pem`; or {shows}"),
                    _ => format!("use PEM, which needs none: {}; or {shows}", adds(StoreFormat::Pem)),
                }
            }
            ConfigError::Principal(_) => "leave `--principal cn` out".to_owned(),
            ConfigError::Role { role, .. } if role.is_node() => {
                format!("use `kafka-certgen config {} {out} --{} {name}`", role.name(), role.name())
            }
            ConfigError::Role { .. } => {
                format!(
                    "for a client there is `kafka-certgen config java-client {out} --client {name}`, and others: `--list`"
                )
            }
            _ => "see `kafka-certgen config --list`".to_owned(),
        };
        Self::usage(anyhow!(error.clone()), hint)
    }
}

/// Says whether the bundle has the script's layout, in which nothing lies in a folder.
fn is_flat(identity: &Identity) -> bool {
    identity.files.iter().all(|file| !file.contains('/'))
}

fn keystore_of(identity: Option<&Identity>, format: StoreFormat) -> String {
    let role = identity.map_or(NodeRole::Client, |identity| identity.role);
    kafka_certgen::bundle::keystore_file(role, format)
}
