//! What `verify` has found, and what it looks for.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

use kafka_certgen::name::printable;
use kafka_certgen::verify::{self, Finding, Group, Report, Severity};
use serde_json::Value;

use super::json::{self, unprintable};
use super::wrap::wrap_words;
use super::{Terminal, acceptance, counted, quote_path, style};
use crate::problem::Failure;

/// How wide a line may be.
pub(super) const WIDTH: usize = 80;

/// How far the text of a finding stands from the left.
pub(super) const INDENT: usize = 9;

/// How far it stands from there where it has a label: `found`, between two blanks.
pub(super) const LABEL: usize = 7;

/// Returns the facts as one JSON document.
pub(crate) fn json(report: &Report) -> Result<Vec<u8>, Failure> {
    let mut findings = Vec::new();
    for group in &report.groups {
        for finding in &group.findings {
            let mut value = serde_json::to_value(finding).map_err(unprintable)?;
            if let Some(object) = value.as_object_mut() {
                object.insert("identity".to_owned(), group.role.is_some().then(|| group.name.clone()).into());
            }
            findings.push(value);
        }
    }
    let document = serde_json::json!({
        "files": report.files,
        "identities": report.identities,
        "errors": report.count(Severity::Error),
        "warnings": report.count(Severity::Warning),
        "findings": findings,
        "acceptance": report.acceptance,
        "not_looked_at": report.not_looked_at,
        "assumptions": report.assumptions,
    });
    json::document(&document)
}

/// Returns all checks.
pub(crate) fn catalogue(as_json: bool, terminal: &Terminal) -> Result<Vec<u8>, Failure> {
    if as_json {
        let checks = verify::families().into_iter().flat_map(|(family, checks)| {
            checks.into_iter().map(move |check| {
                let mut value = serde_json::to_value(check)?;
                if let Some(object) = value.as_object_mut() {
                    object.insert("family".to_owned(), family.into());
                }
                Ok(value)
            })
        });
        let checks = checks.collect::<Result<Vec<Value>, serde_json::Error>>().map_err(unprintable)?;
        return json::document(&checks);
    }
    let mut out = String::new();
    for (family, checks) in verify::families() {
        let _ = writeln!(out, "{}", style(family, "1", terminal.stdout_colors));
        for check in checks {
            let _ = writeln!(out, "  {} {}", severity(check.severity, terminal), check.code);
            write_wrapped(&mut out, "", check.why);
        }
        out.push('\n');
    }
    let count = |wanted| verify::catalogue().filter(|check| check.severity == wanted).count();
    let [errors, warnings] = [(Severity::Error, "error"), (Severity::Warning, "warning")]
        .map(|(severity, what)| counted(count(severity), what));
    write_lines(
        &mut out,
        &format!("{errors}: a broker does not start, a connection fails, or a secret is open to others"),
    );
    write_lines(
        &mut out,
        &format!("{warnings}: it works, and somebody will be sorry: soon, with another client, or after a theft"),
    );
    Ok(out.into_bytes())
}

/// Returns the facts as a person reads them; paths in a bundle are shown without its folder.
pub(crate) fn text(report: &Report, folder: Option<&Path>, terminal: &Terminal) -> String {
    let mut out = String::new();
    for group in &report.groups {
        write_group(&mut out, group, folder, terminal);
    }
    acceptance::write(&mut out, &report.acceptance, folder.is_none() || terminal.is_verbose(), terminal);
    if !report.not_looked_at.is_empty() {
        let _ = writeln!(out, "{}", style("not looked at", "1", terminal.stdout_colors));
        for unseen in &report.not_looked_at {
            let _ = writeln!(out, "  {}", printable(&unseen.object));
            write_wrapped(&mut out, "", &unseen.why);
        }
        out.push('\n');
    }
    for assumption in &report.assumptions {
        write_lines(&mut out, &format!("taken for {assumption}; --role says what it is"));
    }
    let _ = writeln!(
        out,
        "checked {} of {}: {}",
        counted(report.files, "file"),
        identities(report.identities),
        verdict(report)
    );
    out
}

fn verdict(report: &Report) -> String {
    counts(report.count(Severity::Error), report.count(Severity::Warning))
}

/// Says how much was found.
pub(super) fn counts(errors: usize, warnings: usize) -> String {
    match (errors, warnings) {
        (0, 0) => "nothing found".to_owned(),
        (errors, 0) => counted(errors, "error"),
        (0, warnings) => counted(warnings, "warning"),
        (errors, warnings) => format!("{}, {}", counted(errors, "error"), counted(warnings, "warning")),
    }
}

fn identities(count: usize) -> String {
    if count == 1 { "1 identity".to_owned() } else { format!("{count} identities") }
}

pub(super) fn severity(severity: Severity, terminal: &Terminal) -> String {
    let color = if severity == Severity::Error { "1;31" } else { "33" };
    style(&format!("{:<7}", severity.to_string()), color, terminal.stdout_colors)
}

fn write_group(out: &mut String, group: &Group, folder: Option<&Path>, terminal: &Terminal) {
    let role = group.role.map(|role| format!(" ({role})")).unwrap_or_default();
    let title = format!("{}{role}", printable(&group.name));
    let _ = writeln!(out, "{}", style(&title, "1", terminal.stdout_colors));
    let mut all: Vec<Vec<&Finding>> = Vec::new();
    let mut places = HashMap::new();
    for finding in &group.findings {
        let at = *places.entry((finding.check.code, &finding.found)).or_insert(all.len());
        match all.get_mut(at) {
            Some(same) => same.push(finding),
            None => all.push(vec![finding]),
        }
    }
    for same in all {
        write_finding(out, &same, folder, terminal);
    }
    out.push('\n');
}

/// Writes what was found in one place or in several.
fn write_finding(out: &mut String, same: &[&Finding], folder: Option<&Path>, terminal: &Terminal) {
    let Some(first) = same.first() else { return };
    let _ = writeln!(out, "  {} {}", severity(first.check.severity, terminal), first.check.code);
    for finding in same {
        write_wrapped(out, "in", &finding.object);
    }
    write_wrapped(out, "found", &first.found);
    write_wrapped(out, "why", first.check.why);
    write_wrapped(out, "fix", &first.fix);
    for command in same.iter().filter_map(|finding| command(finding, folder)) {
        // A command is for copying, and stays in one piece.
        let _ = writeln!(out, "{:1$}{command}", "", INDENT + LABEL);
    }
}

/// Writes text below a finding, with a label before its first line.
pub(super) fn write_wrapped(out: &mut String, label: &str, text: &str) {
    let indent = INDENT + if label.is_empty() { 1 } else { LABEL };
    write_words(out, &format!("{:INDENT$} {label}", ""), indent, text);
}

/// Writes text from the left.
pub(super) fn write_lines(out: &mut String, text: &str) {
    write_words(out, "", 0, text);
}

/// Writes words after a start and at a distance from the left, in lines that are not wider than a terminal.
fn write_words(out: &mut String, start: &str, indent: usize, text: &str) {
    for (at, line) in wrap_words(&printable(text), WIDTH - indent).iter().enumerate() {
        let start = if at == 0 { start } else { "" };
        let _ = writeln!(out, "{start:indent$}{line}");
    }
}

/// Returns the command that mends a fault, where there is one.
fn command(finding: &Finding, folder: Option<&Path>) -> Option<String> {
    let (file, alias) = match finding.object.split_once(", entry `") {
        Some((file, rest)) => (file, rest.split('`').next()),
        None => (finding.object.as_str(), None),
    };
    let path = folder.map_or_else(|| file.to_owned(), |folder| folder.join(file).to_string_lossy().into_owned());
    let path = quote_path(&printable(&path));
    match finding.check.code {
        "file-others-read" | "file-group-read" => Some(format!("chmod 600 {path}")),
        "file-others-write" => Some(format!("chmod go-w {path}")),
        "truststore-empty" => {
            Some(format!("kafka-certgen import --truststore {path} --alias CARoot --file ca-cert --noprompt"))
        }
        "chain-missing" => {
            Some(format!("kafka-certgen import --keystore {path} --alias {} --file cert-signed", quote_path(alias?)))
        }
        "key-mismatch" => Some(format!("kafka-certgen certreq --keystore {path} --alias {}", quote_path(alias?))),
        _ => None,
    }
}
