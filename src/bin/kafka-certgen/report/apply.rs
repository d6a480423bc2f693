//! What was done to a bundle.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;

use kafka_certgen::bundle::inventory::{Identity, Inventory};
use kafka_certgen::bundle::plan::{Action, Change, Reason};
use kafka_certgen::bundle::{RETIRED, keystore_file, truststore_file};
use kafka_certgen::spec::{NodeRole, StoreFormat};
use serde_json::{Map, Value, json};

use super::plan::{PlanReport, counted, identities, listed};
use super::progress::grouped;
use super::{Made, SHOWN, Terminal, json as document, quote, quote_path, style};
use crate::problem::Failure;

/// What was done of a plan.
pub(crate) struct Done<'a> {
    pub(crate) plan: &'a PlanReport<'a>,
    pub(crate) made: Made<'a>,
    /// The identities that were changed.
    pub(crate) names: &'a [String],
}

impl Done<'_> {
    /// Returns what was done, where it is and what comes next, as a person reads it.
    pub(crate) fn text(&self, terminal: &Terminal) -> String {
        let bold = |text: &str| style(text, "1", terminal.colors());
        let mut out = String::new();
        let done = self.changes();
        let counts = Action::ALL.map(|action| (action, done.iter().filter(|change| change.action == action).count()));
        let mut parts = counted(&counts, self.plan.makes_ca, past);
        if parts.is_empty() {
            parts.push("bundle.json written anew".to_owned());
        }
        // Writing to a String cannot fail; the results below are dropped for that reason.
        let _ = writeln!(out, "{} {}: {}", bold("done"), self.made.shown(""), parts.join(", "));
        let files = self.made.shown("NAME");
        if done.iter().any(|change| change.action != Action::Retire) {
            let _ = writeln!(out, "The files of each identity are in {files}.");
        }
        if done.iter().any(|change| is_kept(change)) {
            let _ = writeln!(out, "What was moved aside or replaced is kept in {}.", self.made.shown(RETIRED));
        }
        if self.plan.makes_ca {
            self.made.write_notes(&mut out);
        }
        if self.plan.plan.makes_ca {
            let _ = writeln!(out, "{}", bold("next:"));
            for command in self.made.next() {
                let _ = writeln!(out, "  {command}");
            }
        } else if let Some(command) = self.reload(&done) {
            let _ =
                writeln!(out, "A running broker loads its new keystore without a restart, when it is in its place:");
            let _ = writeln!(out, "  {command}");
        }
        out
    }

    fn changes(&self) -> Vec<&Change> {
        let done: HashSet<&str> = self.names.iter().map(String::as_str).collect();
        self.plan.plan.changes.iter().filter(|change| done.contains(change.name.as_str())).collect()
    }

    /// Returns the command that makes a running broker load its new keystore, if one of those that were issued again would.
    fn reload(&self, done: &[&Change]) -> Option<String> {
        let is_loaded = |change: &&&Change| {
            change.role == NodeRole::Broker
                && matches!(change.action, Action::Reissue | Action::Rekey)
                && change.reload.is_empty()
        };
        let name = done.iter().find(is_loaded)?.name.as_str();
        let identity = self.made.inventory.identities.iter().find(|identity| identity.name == name)?;
        let keystore = quote(&self.keystore(identity, self.made.inventory.settings.deploy_dir.as_deref()));
        Some(format!(
            "kafka-configs.sh --bootstrap-server {name}:9093 --command-config admin.properties --alter --entity-type brokers \
             --entity-name ID --add-config listener.name.LISTENER.ssl.keystore.location={keystore}"
        ))
    }

    /// Returns the path of the keystore that a broker's properties name.
    fn keystore(&self, identity: &Identity, folder: Option<&str>) -> String {
        let extensions = [StoreFormat::Pkcs12, StoreFormat::Jks, StoreFormat::Pem].map(StoreFormat::extension);
        let names = extensions.map(|extension| format!("kafka.server.keystore.{extension}"));
        let file = names.iter().find_map(|name| identity.file(name)).unwrap_or_default();
        match folder {
            Some(folder) => {
                let name = file.rsplit('/').next().unwrap_or(file);
                format!("{}/{name}", folder.trim_end_matches('/'))
            }
            None => self.made.path.join(file).to_string_lossy().into_owned(),
        }
    }

    /// Returns what was added to a bundle, as a person reads it.
    pub(crate) fn added(&self, terminal: &Terminal) -> String {
        let bold = |text: &str| style(text, "1", terminal.colors());
        let inventory = self.added_inventory();
        let added = Made { inventory: &inventory, ..self.made };
        let count = inventory.identities.len();
        let mut out = String::new();
        let _ = writeln!(out, "{} {}: {}", bold("added to"), added.shown(""), identities(count));
        let _ = writeln!(out);
        for identity in inventory.identities.iter().take(SHOWN) {
            added.write_identity(&mut out, identity, &bold(&identity.name));
        }
        if count > SHOWN {
            let _ = writeln!(out, "… and {} more; `bundle.json` has them all", count - SHOWN);
        }
        let _ = writeln!(out);
        if inventory.identities.iter().any(|identity| identity.role.is_node()) {
            self.made.write_super_users(&mut out);
            let _ = writeln!(out);
        }
        let _ = writeln!(out, "{}", bold("next:"));
        for command in added.next() {
            let _ = writeln!(out, "  {command}");
        }
        out
    }

    /// Returns which stores were added to what was there, as a person reads it.
    pub(crate) fn added_formats(&self, formats: &[StoreFormat], terminal: &Terminal) -> String {
        let bold = |text: &str| style(text, "1", terminal.colors());
        let done = self.changes();
        let mut out = String::new();
        let added = bold(&format!("added {} to", listed(formats)));
        let _ = writeln!(out, "{added} {}: {}", self.made.shown(""), identities(done.len()));
        let _ = writeln!(out);
        for change in done.iter().take(SHOWN) {
            let name = change.name.as_str();
            let _ = writeln!(out, "{}  {}: {}", bold(name), self.made.shown(name), added_files(change).join(" "));
        }
        if let Some(more @ 1..) = done.len().checked_sub(SHOWN) {
            let _ = writeln!(out, "… and {} more; `bundle.json` has them all", grouped(more));
        }
        let _ = writeln!(out);
        self.write_what_else(&done, &mut out);
        if formats.contains(&StoreFormat::Pem) {
            self.made.write_pem_key(&mut out);
        }
        let _ = writeln!(out, "{}", self.in_cluster_file(&done, formats));
        let _ = writeln!(out);
        let folder = quote_path(&self.made.out.to_string_lossy());
        let _ = writeln!(out, "{}", bold("next:"));
        let _ = writeln!(out, "  kafka-certgen verify {folder}");
        let _ = writeln!(out, "  kafka-certgen config --list");
        out
    }

    /// Says what became of the other files.
    fn write_what_else(&self, done: &[&Change], out: &mut String) {
        let is_moved = |reason: &&Reason| matches!(reason, Reason::Folder { .. });
        let moved = done.iter().find_map(|change| Some((change, change.reasons.iter().find(is_moved)?)));
        let preferred = done.iter().find_map(|change| self.newly_preferred(change));
        if let Some(format) = preferred {
            let _ = writeln!(
                out,
                "The properties beside them, but those changed by hand, name the {} stores from now on.",
                format.kafka_type()
            );
        }
        if let Some((change, reason)) = moved {
            let name = &change.name;
            let _ = writeln!(
                out,
                "The properties beside them, but those changed by hand, name where the bundle is now: {reason} for {name}."
            );
        }
        let rest = if preferred.is_none() && moved.is_none() { "all other files" } else { "everything else" };
        let _ = writeln!(out, "Keys, certificates, passwords and {rest} are as they were.");
    }

    /// Returns the format that the properties of an identity name now, if that is another one than before.
    fn newly_preferred(&self, change: &Change) -> Option<StoreFormat> {
        let now = self.formats(change);
        let is_old = |format: &StoreFormat| !change.reasons.contains(&Reason::FormatAdded { format: format.name() });
        let before: Vec<StoreFormat> = now.iter().copied().filter(is_old).collect();
        let format = StoreFormat::preferred(&now);
        (StoreFormat::preferred(&before) != format).then_some(format)
    }

    /// Returns the formats that an identity has now.
    fn formats(&self, change: &Change) -> Vec<StoreFormat> {
        let identities = &self.made.inventory.identities;
        let identity = identities.iter().find(|identity| identity.name == change.name.as_str());
        identity.map(formats_of).unwrap_or_default()
    }

    /// Says what a file has to say, so that the next `apply` does not take away what was added.
    fn in_cluster_file(&self, done: &[&Change], added: &[StoreFormat]) -> String {
        let all: HashSet<Vec<StoreFormat>> = self.made.inventory.identities.iter().map(formats_of).collect();
        let changed: HashSet<Vec<StoreFormat>> = done.iter().map(|change| self.formats(change)).collect();
        let what = match (all.len(), changed.iter().next(), done) {
            (1, Some(formats), _) => format!("`formats: [{}]` under `defaults`", listed(formats)),
            (_, Some(formats), [only]) => format!("`formats: [{}]` for {}", listed(formats), only.name),
            (_, Some(formats), _) if changed.len() == 1 => format!("`formats: [{}]` for these", listed(formats)),
            _ => format!("{} among the `formats` of each", listed(added)),
        };
        format!("If you have a cluster.yaml, say {what} in it too, or the next `apply` takes these stores away.")
    }

    /// Returns what was added, as programs read it.
    pub(crate) fn added_facts(&self) -> Result<Map<String, Value>, Failure> {
        let inventory = self.added_inventory();
        let added = serde_json::to_value(inventory.identities).map_err(document::unprintable)?;
        let facts = [("identities", added), ("super_users", self.made.super_users().into())];
        Ok(facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Returns the inventory with what was added alone.
    fn added_inventory(&self) -> Inventory {
        let done: HashSet<&str> = self.names.iter().map(String::as_str).collect();
        let mut part = self.made.inventory.clone();
        part.identities.retain(|identity| done.contains(identity.name.as_str()));
        part
    }
}

/// Returns the formats of which an identity has keystores.
fn formats_of(identity: &Identity) -> Vec<StoreFormat> {
    let has = |format: &StoreFormat| identity.file(&keystore_file(identity.role, *format)).is_some();
    StoreFormat::ALL.iter().copied().filter(has).collect()
}

/// Returns the names of the stores that a change has added.
fn added_files(change: &Change) -> Vec<String> {
    let of_reason = |reason: &Reason| match reason {
        Reason::FormatAdded { format } => {
            let stores = |format| vec![keystore_file(change.role, format), truststore_file(change.role, format)];
            format.parse().map(stores).unwrap_or_default()
        }
        Reason::FileMissing { file } => vec![file.clone()],
        _ => Vec::new(),
    };
    change.reasons.iter().flat_map(of_reason).collect()
}

/// Says whether something of what was there is in `retired` now.
fn is_kept(change: &Change) -> bool {
    matches!(change.action, Action::Retire | Action::Rekey)
        || change.reasons.iter().any(|reason| matches!(reason, Reason::FileChanged { .. }))
}

fn past(action: Action) -> &'static str {
    match action {
        Action::Make => "made",
        Action::Reissue => "reissued",
        Action::Rekey => "rekeyed",
        Action::Rewrite => "rewritten",
        Action::Retire => "moved aside",
    }
}

/// Writes the first part of a document, with the plan: it goes out before anything is done, so that a report that cannot be written is a
/// failed run that has changed nothing.
pub(crate) fn begin_document(bundle: &Path, plan: &PlanReport<'_>) -> Result<(), Failure> {
    let facts = json!({ "bundle": bundle.to_string_lossy(), "plan": plan.facts() });
    let text = document::document(&facts)?;
    let head = text.strip_suffix(b"\n}\n").unwrap_or(&text);
    Terminal::data(&[head, b",\n"].concat())
}

/// Writes the rest of the document, with what was done.
pub(crate) fn end_document(facts: &Map<String, Value>) -> Result<(), Failure> {
    let text = document::document(facts)?;
    Terminal::data(text.strip_prefix(b"{\n").unwrap_or(&text))
}

/// Returns what became of a plan.
pub(crate) fn outcome(is_applied: bool, is_stopped: bool, done: Option<usize>) -> Map<String, Value> {
    let facts = [("applied", json!(is_applied)), ("stopped", json!(is_stopped)), ("done", json!(done))];
    facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
