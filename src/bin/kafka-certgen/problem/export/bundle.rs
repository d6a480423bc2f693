//! Why nothing was exported.

use std::path::Path;

use anyhow::anyhow;
use kafka_certgen::bundle::inventory::Identity;
use kafka_certgen::export::archive::StrangeFile;
use kafka_certgen::export::kubernetes::{ExportError, ObjectNameError, ObjectNameFault};
use kafka_certgen::keystore::KeyStoreError;
use kafka_certgen::output::OutputError;
use kafka_certgen::pipeline::read::{ReadBundle, ReadError};
use kafka_certgen::spec::{Layout, NodeRole};

use super::super::{Failure, Mistake, Problem, shown};
use crate::report::{SHOWN, quote};

/// Returns what makes files of a bundle anew that are not as they were made.
fn apply(dir: &Path) -> String {
    let is_default = dir.as_os_str() == "kafka-certs";
    let out = if is_default { String::new() } else { format!(" --out {}", shown(dir)) };
    format!("kafka-certgen apply -f cluster.yaml{out}")
}

impl Mistake for ObjectNameError {
    fn hint(&self, flag: &str) -> String {
        format!("use small letters, digits and hyphens, as in `{flag} kafka`")
    }
}

impl Problem {
    /// Something of a bundle that is open cannot be read as it was made.
    pub(crate) fn of_open(bundle: &ReadBundle, dir: &Path, error: &ReadError) -> Self {
        match error {
            // `apply` does nothing in the script's layout.
            ReadError::Missing(_) | ReadError::NoKey(_) | ReadError::OtherIssuer(_) | ReadError::NoPassword(_)
                if bundle.inventory().settings.layout == Layout::Script =>
            {
                let hint = "restore it from a backup, or make it anew in another folder: `kafka-certgen init --cn broker1 --layout script --out DIR`";
                Self::with_hint(anyhow!("{error}"), hint)
            }
            _ => Self::of_read(dir, error),
        }
    }

    /// A bundle that cannot be read as it was made.
    pub(crate) fn of_read(dir: &Path, error: &ReadError) -> Self {
        let apply = apply(dir);
        let hint = match error {
            ReadError::CaCertificate(_) => "restore it from any truststore of the bundle, or from a backup".to_owned(),
            ReadError::Changed(_) | ReadError::Missing(_) | ReadError::Record(..) => {
                format!("have it made again: `{apply}`, which says before what else has changed")
            }
            ReadError::Inventory(..) => {
                format!("have it written anew from what is there: `{apply}`")
            }
            ReadError::NoBundle(_) => {
                "name the folder of one, or make one: `kafka-certgen init --cn broker1`".to_owned()
            }
            ReadError::NoKey(name) | ReadError::OtherIssuer(name) => {
                format!("have it issued again: `{apply} --only {name}`")
            }
            ReadError::NoPassword(_) => format!("have it made again: `{apply}`"),
            ReadError::Output(error) => return Self::of_bundle_file(error),
            _ => "see `kafka-certgen verify`".to_owned(),
        };
        Self::with_hint(anyhow!("{error}"), hint)
    }

    /// What the disk has said about a file of a bundle that is read.
    fn of_bundle_file(error: &OutputError) -> Self {
        let hint = match error {
            OutputError::Changed(_) => "run it again".to_owned(),
            OutputError::LinkInside(path) => format!("put what it leads to in its place: {}", shown(path)),
            OutputError::NotAFile(path) | OutputError::TooLarge(path, _) => {
                format!("move it out of the bundle: {}", shown(path))
            }
            OutputError::Io { path, .. } => {
                format!("run it as somebody who can read it: `ls -l {}`", shown(path))
            }
            _ => "name the folder of a bundle".to_owned(),
        };
        Self::with_hint(super::super::readable(error), hint)
    }

    /// What is wrong with Secrets.
    pub(crate) fn of_export(error: &ExportError) -> Self {
        let hint = match error {
            ExportError::Collision { .. } => {
                "export one of them alone, and name its Secret with `--name NAME`".to_owned()
            }
            ExportError::Format(layout, _) => {
                let known: Vec<&str> = layout.formats().iter().map(|format| format.name()).collect();
                format!("use one of {}, or leave `--format` out", known.join(", "))
            }
            ExportError::KeyStore(_, KeyStoreError::Password(_)) => {
                "leave PKCS#12 out, as with `--format jks`; or give it another password: `kafka-certgen apply -f cluster.yaml --storepass file:PATH`".to_owned()
            }
            ExportError::Name(ObjectNameError { fault: ObjectNameFault::TooLong { .. }, .. }) => {
                "give it a shorter one with `--name NAME`, or a shorter `--prefix`".to_owned()
            }
            ExportError::Name(_) => "export that identity alone, and name its Secret with `--name NAME`".to_owned(),
            ExportError::Prefix(_) => {
                "use small letters, digits, hyphens and dots, as in `--prefix kafka-`".to_owned()
            }
            ExportError::Nothing => "name brokers or clients; or export the CA too, with `--cluster NAME`".to_owned(),
            ExportError::OnePod { .. } => "name one of them with `--broker` or `--controller`, and leave the other out".to_owned(),
            ExportError::SeveralNames(_) => {
                "name one identity with `--client` or `--broker`, or use `--prefix PREFIX`".to_owned()
            }
            ExportError::TooLarge { .. } => {
                "export fewer formats, as with `--format pem`, or fewer identities, as with `--broker 'broker[1-50]'`".to_owned()
            }
            _ => "this should not happen: please report it, with the command line but without any secret".to_owned(),
        };
        let text = error.to_string();
        let shown = match std::error::Error::source(error) {
            Some(cause) => anyhow!(cause.to_string()).context(text),
            None => anyhow!(text),
        };
        match error {
            ExportError::KeyStore(..) | ExportError::Pki(..) | ExportError::TooLarge { .. } => {
                Self::with_hint(shown, hint)
            }
            _ => Self::usage(shown, hint),
        }
    }

    /// An inventory that names what is no identity's.
    pub(crate) fn of_strange_file(file: &StrangeFile) -> Self {
        Self::with_hint(anyhow!("{file}"), "somebody has changed it: see `kafka-certgen verify`")
    }

    /// An identity that is there, and is something else than its flag says.
    pub(crate) fn other_role(flag: &str, identity: &Identity) -> Self {
        let Identity { name, role, .. } = identity;
        Self::usage(anyhow!("{flag}: `{name}` is a {role}"), format!("use `--{role} {name}`"))
    }

    /// An identity that a bundle does not have.
    pub(crate) fn no_identity<'n>(
        flag: &str,
        role: NodeRole,
        name: &str,
        near: Option<&str>,
        names: impl Iterator<Item = &'n str>,
        dir: &Path,
    ) -> Self {
        let error = anyhow!("{flag}: there is no {role} `{name}` in {}", shown(dir));
        let names: Vec<&str> = names.collect();
        let hint = match (near, names.as_slice()) {
            (Some(near), _) => format!("did you mean `{flag} {}`?", quote(near)),
            (None, []) => format!("leave `{flag}` out: there is none"),
            (None, names) => {
                let more = if names.len() > SHOWN { ", …" } else { "" };
                let shown: Vec<&str> = names.iter().copied().take(SHOWN).collect();
                format!("there are: {}{more}", shown.join(", "))
            }
        };
        Self::usage(error, hint)
    }

    /// Facts and data cannot both go to the standard output.
    pub(crate) fn no_room_for_json() -> Self {
        let error = anyhow!("--json: what is exported goes to the standard output, where the facts would go");
        Self::usage(error, "add `--out PATH`, or `--dry-run`")
    }

    /// Keys would be shown on a terminal.
    pub(crate) fn keys_on_terminal(reader: &str) -> Self {
        let error = anyhow!("private keys would be shown on this terminal");
        Self::usage(error, format!("add `--out PATH`, or `| {reader}`; or look first, with `--dry-run`"))
    }

    /// The CA's key is to be exported, and is not there.
    pub(crate) fn no_exported_ca_key(path: &Path) -> Self {
        let error = anyhow!("--with-ca-key: there is no file {}", shown(path));
        Self::usage(error, "say where it is: `--ca-key FILE`; or leave `--with-ca-key` out")
    }

    /// The key that is to be exported as the CA's is another.
    pub(crate) fn other_ca_key(path: &Path) -> Self {
        let error = anyhow!("the key in {} is not that of the bundle's CA", shown(path));
        Self::with_hint(error, "say where that is: `--ca-key FILE`")
    }

    /// The same, for a reason.
    pub(crate) fn caused_by(self, cause: &dyn std::error::Error) -> Self {
        Self { error: anyhow!(cause.to_string()).context(self.error.to_string()), ..self }
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Problem::of_file(&error).into()
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Problem::from(error).into()
    }
}
