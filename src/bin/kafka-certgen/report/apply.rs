//! What was done to a bundle.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;

use kafka_certgen::bundle::RETIRED;
use kafka_certgen::bundle::inventory::{Identity, Inventory};
use kafka_certgen::bundle::plan::{Action, Change, Reason};
use kafka_certgen::spec::{NodeRole, StoreFormat};
use serde_json::{Map, Value, json};

use super::plan::{PlanReport, counted, identities};
use super::{Made, SHOWN, Terminal, json as document, quote, style};
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
