//! The kinds of configurations, and one that was written.

use std::fmt::Write;
use std::path::Path;

use kafka_certgen::config::{Deployment, Kind, Party};
use serde_json::{Value, json};

use super::table::{Cell, Table};
use super::{Terminal, json, quote_path};
use crate::problem::Failure;

/// Returns all kinds, as a table or as one JSON document.
pub(crate) fn list(kinds: &[Kind], as_json: bool, terminal: &Terminal) -> Result<Vec<u8>, Failure> {
    if as_json {
        let kinds: Vec<Value> = kinds.iter().map(facts).collect();
        return json::document(&json!({ "kinds": kinds }));
    }
    let name = kinds.iter().map(|kind| kind.name.len()).max().unwrap_or(0);
    let formats = 16;
    let about = Terminal::width().saturating_sub(name + formats + 4);
    let mut table = Table::new(&[name, formats, about], terminal.colors());
    table.row(&["kind", "formats", "for, its file, and its password"].map(|title| Cell::new(title).styled("1")));
    table.rule();
    for kind in kinds {
        let formats: Vec<&str> = kind.formats.iter().map(|format| format.name()).collect();
        let about = vec![kind.about.to_owned(), kind.file.to_owned(), kind.password.about().to_owned()];
        table.row(&[Cell::new(kind.name).styled("1"), Cell::new(formats.join(", ")), Cell::of_paragraphs(about)]);
    }
    let mut text = table.finish();
    text.push_str(
        "\nFormats: the best first. It takes what the bundle has; `kafka-certgen add --format pem` adds one to it.\n",
    );
    text.push_str("Print one: kafka-certgen config KIND [DIR] --client NAME, or --broker NAME\n");
    Ok(text.into_bytes())
}

fn facts(kind: &Kind) -> Value {
    json!({
        "kind": kind.name,
        "about": kind.about,
        "file": kind.file,
        "formats": kind.formats.iter().map(|format| format.name()).collect::<Vec<_>>(),
        "opens_encrypted_pem": kind.opens_encrypted_pem,
        "password": kind.password.about(),
        "for": match kind.party {
            Party::Broker => "broker",
            Party::Controller => "controller",
            Party::Client => "client",
            Party::Cluster => "cluster",
        },
    })
}

/// A configuration that was written.
pub(crate) struct Facts<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) deployment: &'a Deployment<'a>,
    pub(crate) document: &'a str,
    pub(crate) shows_passwords: bool,
    pub(crate) out: Option<&'a Path>,
}

impl Facts<'_> {
    /// Returns the facts as one JSON document. Passwords are not in it: what shows them is not shown.
    pub(crate) fn json(&self) -> Result<Vec<u8>, Failure> {
        let Self { kind, deployment, .. } = self;
        let document = (!self.shows_passwords).then_some(self.document);
        json::document(&json!({
            "kind": kind.name,
            "identity": deployment.identity().map(|identity| identity.name.as_str()),
            "format": deployment.format().name(),
            "folder": deployment.folder(),
            "files": deployment.files(),
            "password": kind.password.about(),
            "file": self.out.map_or_else(|| kind.file.to_owned(), |path| path.display().to_string()),
            "document": document,
        }))
    }

    /// Returns what is said of one that went into a file.
    pub(crate) fn written(&self) -> String {
        let mut text = String::new();
        let out = self.out.map(|path| quote_path(&path.to_string_lossy())).unwrap_or_default();
        let whom = self.deployment.identity().map(|identity| format!(" for {}", identity.name)).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{out}: {}{whom}", self.kind.about);
        let files = self.deployment.files();
        if !files.is_empty() {
            let _ = writeln!(text, "it needs, in {}: {}", self.deployment.folder(), files.join(", "));
        }
        text
    }
}
