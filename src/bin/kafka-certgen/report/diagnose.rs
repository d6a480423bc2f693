//! What `diagnose` has found in logs, and the catalogue of what it looks for.

use std::collections::HashSet;
use std::fmt::Write;

use kafka_certgen::diagnosis::{Captured, Diagnosis, Entry, Finding, Place, ReadFile, Remedy, Step, catalogue};
use kafka_certgen::name::printable;
use serde_json::{Value, json};

use super::json::{self, unprintable};
use super::wrap::{wrap, wrap_words};
use super::{Terminal, counted, quote_path, style};
use crate::problem::Failure;

/// How far text stands from the left: behind its label.
const INDENT: usize = 10;

/// The most causes whose checks and remedies are shown without details.
const LIKELY: usize = 3;

/// The most files, and the most values, that are shown without details.
const SHOWN: usize = 4;

/// What was found in all files of a call.
pub(crate) struct Report<'a> {
    pub(crate) diagnosis: &'a Diagnosis,
    /// Why a file could not be read, for each of them.
    pub(crate) errors: &'a [Option<String>],
}

impl Report<'_> {
    /// Returns the facts as one JSON document.
    pub(crate) fn json(&self) -> Result<Vec<u8>, Failure> {
        let files = self.diagnosis.files.iter().zip(self.errors).map(|(file, error)| {
            let mut value = serde_json::to_value(file)?;
            if let (Some(object), Some(error)) = (value.as_object_mut(), error) {
                object.insert("error".to_owned(), error.as_str().into());
            }
            Ok(value)
        });
        let files = files.collect::<Result<Vec<Value>, serde_json::Error>>().map_err(unprintable)?;
        json::document(&json!({
            "files": files,
            "findings": self.facts(&self.diagnosis.findings),
            "explained": self.facts(&self.diagnosis.explained),
        }))
    }

    fn facts(&self, findings: &[Finding]) -> Vec<Value> {
        let name = |file: usize| self.diagnosis.files.get(file).map(|file| file.name.as_str());
        let place = |place: &Place| {
            json!({
                "file": name(place.file),
                "count": place.count,
                "first_line": place.first_line,
                "last_line": place.last_line,
                "text": place.text,
            })
        };
        let facts = findings.iter().map(|finding| {
            json!({
                "code": finding.entry.code,
                "message": finding.message,
                "is_wrapper": finding.entry.is_wrapper,
                "meaning": finding.entry.meaning,
                "printers": finding.entry.printers,
                "count": finding.count,
                "places": finding.places.iter().map(place).collect::<Vec<Value>>(),
                "captures": finding.captures,
                "causes": finding.remedies(),
                "source": finding.entry.source,
            })
        });
        facts.collect()
    }

    /// Returns the facts as a person reads them.
    pub(crate) fn text(&self, terminal: &Terminal) -> String {
        let mut page = Page::new(terminal);
        let mut told = HashSet::new();
        for finding in &self.diagnosis.findings {
            self.write(&mut page, finding, &mut told);
        }
        if terminal.is_verbose() && !self.diagnosis.explained.is_empty() {
            page.title("said beside these, and explained by them");
            for finding in &self.diagnosis.explained {
                page.field("", &format!("`{}`, {}", printable(&finding.message), lines(finding.count)));
            }
            page.out.push('\n');
        }
        page.paragraph(&self.summary());
        page.out
    }

    fn write(&self, page: &mut Page<'_>, finding: &Finding, told: &mut HashSet<Remedy>) {
        page.title(&printable(&finding.message));
        page.field("code", finding.entry.code);
        page.field("means", finding.entry.meaning);
        let most = if page.terminal.is_verbose() { usize::MAX } else { SHOWN };
        for (at, place) in finding.places.iter().take(most).enumerate() {
            if let Some(file) = self.diagnosis.files.get(place.file) {
                page.field(if at == 0 { "where" } else { "" }, &place_of(place, file));
            }
            if let Some(text) = place.text.as_ref().filter(|_| at == 0 || page.terminal.is_verbose()) {
                page.quoted(&printable(text));
            }
        }
        if let Some(others) = finding.places.get(most..).filter(|others| !others.is_empty()) {
            page.field("", &format!("and in {} more: -v shows them", counted(others.len(), "file")));
        }
        for captured in &finding.captures {
            page.field(&label(captured.name), &values(captured, most));
        }
        let (remedies, likely) = (finding.remedies(), if page.terminal.is_verbose() { usize::MAX } else { LIKELY });
        page.remedies(&remedies, likely, told);
        if remedies.len() > likely {
            page.field("", &format!("for the others: `kafka-certgen diagnose --explain {}`", finding.entry.code));
        }
        if page.terminal.is_verbose() {
            page.field("source", finding.entry.source);
        }
        page.out.push('\n');
    }

    fn summary(&self) -> String {
        let files: Vec<&ReadFile> = self
            .diagnosis
            .files
            .iter()
            .zip(self.errors)
            .filter(|(_, error)| error.is_none())
            .map(|(file, _)| file)
            .collect();
        let count = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.lines));
        let what = match files.as_slice() {
            [only] if only.name == "-" => "the standard input".to_owned(),
            files => counted(files.len(), "file"),
        };
        let read = format!("read {what}, {}", lines_of(count));
        match self.diagnosis.findings.len() {
            0 => format!(
                "{read}: none of the {} messages of the catalogue is there; `kafka-certgen diagnose --list` shows them",
                catalogue::entries().count()
            ),
            1 => format!("{read}: one message found"),
            count => format!("{read}: {count} different messages found"),
        }
    }
}

/// Returns where in a file a message stands.
fn place_of(place: &Place, file: &ReadFile) -> String {
    let first = match file.name.as_str() {
        "-" => format!("line {} of the standard input", place.first_line),
        name => format!("{}:{}", quote_path(&printable(name)), place.first_line),
    };
    match place.count {
        1 => first,
        count => format!("{first}, the first of {count} lines up to {}", place.last_line),
    }
}

fn lines(count: u64) -> String {
    format!("on {}", lines_of(count))
}

fn lines_of(count: u64) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{count} lines") }
}

/// Returns the name of what was captured as it can stand before it.
fn label(name: &str) -> String {
    name.replace('_', " ")
}

fn values(captured: &Captured, most: usize) -> String {
    let shown = captured.values.iter().take(most).map(|value| {
        let means = value.means.as_ref().map(|means| format!(": {}", printable(means))).unwrap_or_default();
        let times = if captured.values.len() > 1 { format!(" ({})", lines_of(value.count)) } else { String::new() };
        format!("{}{means}{times}", printable(&value.text))
    });
    let mut text = shown.collect::<Vec<String>>().join(", ");
    let hidden = captured.values.len().saturating_sub(most);
    if captured.others > 0 {
        text.push_str(" and many others");
    } else if hidden > 0 {
        let _ = write!(text, " and {hidden} more: -v shows them");
    }
    text
}

/// Returns all messages that are known.
pub(crate) fn catalogue(as_json: bool, terminal: &Terminal) -> Result<Vec<u8>, Failure> {
    if as_json {
        let entries = catalogue::families()
            .into_iter()
            .flat_map(|(family, entries)| entries.iter().map(move |entry| facts(family, entry)));
        return json::document(&entries.collect::<Vec<Value>>());
    }
    let mut page = Page::new(terminal);
    for (family, entries) in catalogue::families() {
        page.title(family);
        page.out.push('\n');
        for entry in entries {
            page.entry(entry);
            page.remedies(&remedies(entry), 0, &mut HashSet::new());
            page.field("source", entry.source);
            page.out.push('\n');
        }
    }
    let count = catalogue::entries().count();
    page.paragraph(&format!(
        "{}; `kafka-certgen diagnose --explain CODE` says how to check and mend the causes of one",
        counted(count, "message")
    ));
    Ok(page.out.into_bytes())
}

/// Returns what is known of one message.
pub(crate) fn explain(entry: &'static Entry, as_json: bool, terminal: &Terminal) -> Result<Vec<u8>, Failure> {
    if as_json {
        let family =
            catalogue::families().into_iter().find(|(_, entries)| entries.iter().any(|other| other.code == entry.code));
        return json::document(&facts(family.map_or("", |(family, _)| family), entry));
    }
    let mut page = Page::new(terminal);
    page.entry(entry);
    page.remedies(&remedies(entry), usize::MAX, &mut HashSet::new());
    page.field("source", entry.source);
    Ok(page.out.into_bytes())
}

fn remedies(entry: &Entry) -> Vec<Remedy> {
    entry.causes.iter().map(|cause| Remedy::of(cause, None)).collect()
}

/// Returns an entry of the catalogue for a program.
fn facts(family: &str, entry: &Entry) -> Value {
    json!({
        "family": family,
        "code": entry.code,
        "patterns": entry.patterns,
        "is_wrapper": entry.is_wrapper,
        "meaning": entry.meaning,
        "printers": entry.printers,
        "causes": remedies(entry),
        "source": entry.source,
    })
}

/// A page while it is written: labels in one column, texts in the other.
struct Page<'t> {
    out: String,
    terminal: &'t Terminal,
    width: usize,
}

impl<'t> Page<'t> {
    fn new(terminal: &'t Terminal) -> Self {
        Self { out: String::new(), terminal, width: Terminal::width() }
    }

    fn bold(&self, text: &str) -> String {
        style(text, "1", self.terminal.stdout_colors)
    }

    fn title(&mut self, text: &str) {
        for line in wrap(text, self.width) {
            let line = self.bold(&line);
            self.line(0, "", &line);
        }
    }

    fn paragraph(&mut self, text: &str) {
        for line in wrap_words(text, self.width) {
            self.line(0, "", &line);
        }
    }

    /// Writes a line, with something before the text of it.
    fn line(&mut self, indent: usize, start: &str, text: &str) {
        let line = format!("{start:indent$}{text}");
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// Writes words with a label before them.
    fn field(&mut self, label: &str, text: &str) {
        self.labelled(INDENT, &format!("  {label} "), text);
    }

    fn labelled(&mut self, indent: usize, start: &str, text: &str) {
        for (at, line) in wrap(text, self.width.saturating_sub(indent)).iter().enumerate() {
            self.line(indent, if at == 0 { start } else { "" }, line);
        }
    }

    /// Writes a line of a log, or what was kept of it.
    fn quoted(&mut self, text: &str) {
        for line in wrap(&text.replace("\\u{9}", " "), self.width.saturating_sub(INDENT + 2)) {
            self.line(INDENT, "", &format!("| {line}"));
        }
    }

    /// Writes a message as it is known.
    fn entry(&mut self, entry: &Entry) {
        let code = self.bold(entry.code);
        self.line(0, "", &code);
        for (at, pattern) in entry.patterns.iter().enumerate() {
            self.field(if at == 0 { "message" } else { "or" }, pattern);
        }
        let printers: Vec<String> = entry.printers.iter().map(ToString::to_string).collect();
        self.field("from", &printers.join(", "));
        self.field("means", entry.meaning);
        if entry.is_wrapper {
            self.field("", "it says no more than that; another line beside it says why");
        }
    }

    /// Writes causes, those up to a number with what to do; where that was said already, without it.
    fn remedies(&mut self, remedies: &[Remedy], most: usize, told: &mut HashSet<Remedy>) {
        for (at, remedy) in remedies.iter().enumerate() {
            let start = format!("{:<INDENT$}{}. ", if at == 0 { "  causes" } else { "" }, at + 1);
            let indent = start.len();
            self.labelled(indent, &start, remedy.what);
            if at >= most {
                continue;
            }
            if told.insert(remedy.clone()) {
                self.steps(indent, "check", &remedy.check);
                self.steps(indent, "mend", &remedy.mend);
            } else {
                self.labelled(indent, &" ".repeat(indent), "how to check and mend it stands above");
            }
        }
    }

    fn steps(&mut self, indent: usize, label: &str, steps: &[Step]) {
        let deeper = indent + 6;
        for (at, step) in steps.iter().enumerate() {
            let start = format!("{:indent$}{:<6}", "", if at == 0 { label } else { "" });
            self.labelled(deeper, &start, step.say);
            if let Some(run) = &step.run {
                // A command is for copying, and stays in one piece.
                self.line(deeper + 2, "", run);
            }
        }
    }
}
