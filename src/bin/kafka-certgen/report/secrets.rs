//! What `export kubernetes` has written, or would write. Never what is in it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use kafka_certgen::export::Origin;
use kafka_certgen::export::kubernetes::{Entry, KUBECTL_APPLY_LIMIT, Layout, ObjectName, Secret, SecretType};
use kafka_certgen::name::printable;
use kafka_certgen::spec::NodeRole;
use serde::Serialize;

use super::{SHOWN, Terminal, counted, document, quote, quote_path, style, write_end};
use crate::cli::Global;
use crate::convert::export::Kubernetes;
use crate::problem::Failure;
use crate::report::progress::grouped;

/// What the keys of stores end in.
const STORES: [&str; 2] = [".jks", ".p12"];

/// The facts, as a program reads them.
#[derive(Serialize)]
pub(crate) struct Report {
    layout: &'static str,
    namespace: Option<String>,
    path: Option<PathBuf>,
    /// The folder as it was given.
    #[serde(skip)]
    out: Option<PathBuf>,
    secrets: Vec<SecretFacts>,
    pods: BTreeMap<String, String>,
    left_out: Vec<String>,
    notes: Vec<String>,
    next: Vec<String>,
    #[serde(skip)]
    kind: Layout,
    #[serde(skip)]
    has_clients: bool,
    #[serde(skip)]
    too_large_to_apply: Vec<String>,
}

#[derive(Serialize)]
struct SecretFacts {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    identity: Option<String>,
    size: usize,
    data: Vec<EntryFacts>,
}

#[derive(Serialize)]
struct EntryFacts {
    key: String,
    size: usize,
    from: &'static str,
}

impl Report {
    pub(crate) fn new(call: &Kubernetes) -> Self {
        let mut report = Self {
            layout: call.layout.name(),
            namespace: call.namespace.as_ref().map(|namespace| namespace.as_str().to_owned()),
            path: None,
            out: None,
            secrets: Vec::new(),
            pods: call.exporter.pods().clone(),
            left_out: call.exporter.left_out().to_vec(),
            notes: Vec::new(),
            next: Vec::new(),
            kind: call.layout,
            has_clients: call.identities.iter().any(|identity| identity.identity.role == NodeRole::Client),
            too_large_to_apply: Vec::new(),
        };
        report.note_names(call);
        report.note_principals(call);
        report
    }

    /// Keeps what is to be known of a Secret.
    pub(crate) fn add(&mut self, secret: &Secret) {
        let entry =
            |entry: &Entry| EntryFacts { key: entry.key.clone(), size: entry.value.len(), from: entry.origin.name() };
        // The copy that kubectl keeps has the values in base64.
        if secret.size().div_ceil(3) * 4 > KUBECTL_APPLY_LIMIT {
            self.too_large_to_apply.push(secret.name.to_string());
        }
        self.secrets.push(SecretFacts {
            name: secret.name.to_string(),
            kind: secret.kind.name(),
            identity: secret.identity.clone(),
            size: secret.size(),
            data: secret.data.iter().map(entry).collect(),
        });
    }

    /// Says what should be known before it is used.
    pub(crate) fn warn(&mut self, terminal: &Terminal) {
        for name in &self.too_large_to_apply {
            terminal.warn(&format!(
                "`kubectl apply` keeps a copy of each manifest in an annotation, and {name} is too large for that: use `kubectl apply --server-side`"
            ));
        }
        self.note_made();
    }

    /// Says on stderr what goes with the Secrets that stdout has.
    pub(crate) fn say(&self, terminal: &Terminal) {
        for note in &self.notes {
            terminal.tell(note);
        }
    }

    /// Takes note of where they are.
    pub(crate) fn made(&mut self, out: Option<&Path>, path: PathBuf) {
        self.out = Some(out.unwrap_or(&path).to_owned());
        self.path = Some(path);
        self.next = self.next_steps();
    }

    /// Prints the facts.
    pub(crate) fn print(&self, json: bool, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
        if json {
            return Terminal::data(&document(self)?);
        }
        if global.quiet { Ok(()) } else { Terminal::data(self.text(terminal).as_bytes()) }
    }

    fn text(&self, terminal: &Terminal) -> String {
        let mut out = String::new();
        let bold = |text: &str| style(text, "1", terminal.colors());
        let count = counted(self.secrets.len(), "Secret");
        // Writing to a String cannot fail; the results below are dropped for that reason.
        let _ = match &self.out {
            Some(path) => writeln!(
                out,
                "{} {}: {count} in the layout of {}",
                bold("made"),
                printable(&path.to_string_lossy()),
                self.layout
            ),
            None => writeln!(out, "would make {count} in the layout of {}; nothing was written", self.layout),
        };
        let _ = writeln!(out);
        let shown = if terminal.is_verbose() { usize::MAX } else { SHOWN };
        for secret in self.secrets.iter().take(shown) {
            let _ = writeln!(out, "{}  {}, {} bytes", bold(&secret.name), secret.kind, grouped(secret.size));
            let keys: Vec<&str> = secret.data.iter().map(|entry| entry.key.as_str()).take(shown).collect();
            let more = secret.data.len().saturating_sub(shown);
            let more = if more > 0 { format!(" … and {more} more") } else { String::new() };
            let _ = writeln!(out, "  {}{more}", keys.join(" "));
        }
        if self.secrets.len() > shown {
            let _ = writeln!(out, "… and {} more; `-v` or `--json` has them all", self.secrets.len() - shown);
        }
        if !self.notes.is_empty() || !self.next.is_empty() {
            let _ = writeln!(out);
        }
        write_end(&mut out, &self.notes, &self.next, terminal);
        out
    }

    /// Names that Kubernetes does not take as they are, pods, and what was left out.
    fn note_names(&mut self, call: &Kubernetes) {
        let names = call.exporter.names();
        let other: Vec<String> = names
            .filter(|(identity, name)| {
                identity.parse::<ObjectName>().is_err() && name.as_str().ends_with(mapped(identity).as_str())
            })
            .map(|(identity, name)| format!("{identity} → {name}"))
            .collect();
        if !other.is_empty() {
            self.notes.push(format!("Kubernetes takes small letters, digits, - and . in names: {}.", listed(&other)));
        }
        if !self.pods.is_empty() {
            let pods: Vec<String> = call
                .identities
                .iter()
                .filter_map(|identity| {
                    let name = identity.name().as_str();
                    Some(format!("{name} → {}", self.pods.get(name)?))
                })
                .collect();
            self.notes.push(format!("Which pod each is for: {}.", listed(&pods)));
        }
        if !self.left_out.is_empty() {
            let text = format!(
                "Left out, since Strimzi issues the certificates of its controllers itself: {}.",
                listed(&self.left_out)
            );
            self.notes.push(text);
        }
    }

    /// A `KafkaUser` stands for `CN=NAME` and no other principal.
    fn note_principals(&mut self, call: &Kubernetes) {
        if self.kind != Layout::Strimzi {
            return;
        }
        let clients = call.identities.iter().map(|identity| &identity.identity);
        let others: Vec<String> = clients
            .filter(|own| own.role == NodeRole::Client && own.principal != format!("User:CN={}", own.name))
            .map(|own| printable(&own.principal))
            .collect();
        if !others.is_empty() {
            let text = format!(
                "The ACLs of a KafkaUser are for User:CN=NAME alone; these have a longer principal, and need ACLs of their own: {}.",
                listed(&others)
            );
            self.notes.push(text);
        }
    }

    /// Stores that the bundle does not have as they are needed.
    fn note_made(&mut self) {
        let is_made = |entry: &&EntryFacts| {
            entry.from == Origin::Made.name() && STORES.iter().any(|end| entry.key.ends_with(end))
        };
        let secrets = self.secrets.iter().filter(|secret| secret.identity.is_some() || self.kind == Layout::Bitnami);
        let count = secrets.flat_map(|secret| &secret.data).filter(is_made).count();
        if count > 0 {
            let stores = counted(count, "store");
            let (were, under) = if count == 1 { ("was", "its") } else { ("were", "their") };
            self.notes.push(format!(
                "{stores} {were} written from the keys: the bundle has none of the format under {under} password."
            ));
        }
    }

    /// What is done with the folder.
    fn next_steps(&self) -> Vec<String> {
        let folder = self.out.as_deref().map(|path| quote_path(&path.to_string_lossy())).unwrap_or_default();
        let server_side = if self.too_large_to_apply.is_empty() { "" } else { "--server-side " };
        let mut next = vec![format!("kubectl apply {server_side}-f {folder}")];
        let of_kind = |kind: SecretType| {
            let mut found = self.secrets.iter().filter(move |secret| secret.kind == kind.name());
            found.next()
        };
        match self.kind {
            Layout::CertManager => {}
            Layout::Strimzi => {
                if self.secrets.iter().any(|secret| secret.name.ends_with("-cluster-ca")) {
                    next.push("in the Kafka resource: clusterCa: {generateCertificateAuthority: false}, clientsCa: {generateCertificateAuthority: false}".to_owned());
                }
                if let Some(listener) = of_kind(SecretType::Tls) {
                    next.push(format!(
                        "in a listener: configuration: {{brokerCertChainAndKey: {{secretName: {}, certificate: tls.crt, key: tls.key}}}}",
                        listener.name
                    ));
                }
                if self.has_clients {
                    next.push("for ACLs: a KafkaUser called like the certificate's common name, and not like its Secret (--prefix), with authentication: {type: tls-external}".to_owned());
                }
            }
            Layout::Bitnami => {
                let pods = self.secrets.iter().find(|secret| secret.identity.is_none());
                let passwords = self.secrets.iter().filter(|secret| secret.identity.is_none()).nth(1);
                match (pods, passwords) {
                    (Some(pods), Some(passwords)) => next.push(format!(
                        "helm upgrade … --set tls.type=JKS,tls.existingSecret={},tls.passwordsSecret={}",
                        quote(&pods.name),
                        quote(&passwords.name)
                    )),
                    (Some(pods), None) => {
                        next.push(format!(
                            "helm upgrade … --set tls.type=PEM,tls.existingSecret={}",
                            quote(&pods.name)
                        ));
                    }
                    (None, _) => {}
                }
            }
        }
        next
    }
}

/// Returns the name of an identity as Kubernetes takes it; nothing, if it cannot.
fn mapped(identity: &str) -> String {
    ObjectName::mapped(identity).map(|name| name.to_string()).unwrap_or_default()
}

/// Returns a list that stays short.
fn listed(items: &[String]) -> String {
    let shown = items.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
