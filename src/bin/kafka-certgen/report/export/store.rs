//! What has become of a store in another format.

use std::fmt::Write;
use std::path::Path;

use kafka_certgen::export::conversion::{Part, Reader, Taken};
use kafka_certgen::name::printable;
use kafka_certgen::spec::{ExportFormat, PemKey, Pkcs12Profile, StoreFormat};
use serde_json::{Map, Value, json};

use crate::cli::Global;
use crate::cli::export::store::Arguments;
use crate::convert::export::{Export, ExportFacts, FileFacts, Origin, Target};
use crate::problem::Failure;
use crate::report::wrap::wrap_words;
use crate::report::{Terminal, document, quote, quote_path, style};

/// How wide the page is, and the column of its labels.
const WIDTH: usize = 80;
const LABELS: usize = 11;

/// How wide the column of the readers' names is.
const NAMES: usize = 12;

/// How many entries are shown one by one.
const SHOWN: usize = 20;

pub(crate) struct Report<'a> {
    pub(crate) arguments: &'a Arguments,
    pub(crate) export: &'a Export,
    pub(crate) facts: &'a ExportFacts,
}

impl Report<'_> {
    /// Returns what is not as it was, and for whom it will not do.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let remarks = self.facts.remarks.iter().filter(|remark| !remark.is_usual());
        let mut warnings: Vec<String> = remarks.map(ToString::to_string).collect();
        if matches!(self.export.target, Target::Parts { is_pem: true, .. }) {
            for file in &self.facts.files {
                let kafka = file.readers.iter().find(|reader| reader.program == "Kafka" && !reader.reads);
                let why = kafka.and_then(|reader| reader.note.as_deref());
                warnings.extend(why.map(|why| format!("Kafka does not read {}: {why}", shown(&file.path))));
            }
        }
        warnings
    }

    /// Prints the facts as a person or as a program reads them.
    pub(crate) fn print(&self, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
        if self.arguments.json {
            return Terminal::data(&document(&self.json())?);
        }
        if global.quiet && !self.arguments.dry_run {
            return Ok(());
        }
        Terminal::data(self.text(terminal).as_bytes())
    }

    fn text(&self, terminal: &Terminal) -> String {
        let mut page = Page { out: String::new(), colors: terminal.colors() };
        let verb = if self.arguments.dry_run { "would write" } else { "wrote" };
        let files: Vec<String> = self.facts.files.iter().map(|file| shown(&file.path)).collect();
        let sources: Vec<String> = self.export.sources().iter().map(|source| shown(source)).collect();
        page.heading(
            verb,
            &format!("{}, out of {} ({})", files.join(", "), sources.join(", "), self.export.source_format),
        );
        let taken = self.export.selection.taken();
        for taken in taken.iter().take(SHOWN) {
            page.field("entry", &entry(taken));
        }
        if taken.len() > SHOWN {
            page.field("", &format!("and {} more", taken.len() - SHOWN));
        }
        self.write_passwords(&mut page);
        for remark in self.facts.remarks.iter().filter(|remark| remark.is_usual()) {
            page.field("note", &remark.to_string());
        }
        for file in &self.facts.files {
            self.write_file(&mut page, file);
        }
        if let Some(script) = self.facts.script.as_ref().filter(|_| self.arguments.dry_run) {
            page.title("the same by others:");
            page.out.push_str(script);
        } else if self.arguments.dry_run {
            page.title("the same by others:");
            page.out.push_str("# no one command of keytool or openssl does the same\n");
        } else {
            page.title("next:");
            let _ = writeln!(page.out, "  {}", self.next());
        }
        page.out
    }

    fn write_passwords(&self, page: &mut Page) {
        let source = self.export.sources().first().map(|source| shown(source)).unwrap_or_default();
        let said = |origin: &Origin, flag: &str| match origin {
            Origin::Given => format!("the one of {flag}"),
            Origin::Kept => format!("as it was, that of {source}"),
            Origin::Made(path) => {
                let verb = if self.arguments.dry_run { "to be made" } else { "made" };
                format!("{verb}, in {}", shown(path))
            }
        };
        match &self.export.target {
            Target::Store { password, key_password, .. } => {
                page.field("password", &said(&password.origin, "--out-storepass"));
                if let Some(key) = key_password {
                    page.field("key", &said(&key.origin, "--out-keypass"));
                }
            }
            Target::Parts { key_password: Some(key), .. } => page.field("key", &said(&key.origin, "--out-keypass")),
            Target::Parts { .. } => {}
        }
    }

    fn write_file(&self, page: &mut Page, file: &FileFacts) {
        let mode = if file.is_secret { "mode 0600" } else { "mode 0644" };
        page.item(&format!("{}:", shown(&file.path)), &format!("{}; {mode}", self.what(file)));
        for (mut label, reads) in [("opened by", true), ("not by", false)] {
            let readers: Vec<&Reader> = file.readers.iter().filter(|reader| reader.reads == reads).collect();
            for group in readers.chunk_by(|one, other| one.note == other.note) {
                let note = group.first().and_then(|reader| reader.note.as_deref());
                match (group, note) {
                    ([only], note) => page.row(label, only.program, note.unwrap_or_default()),
                    (several, note) => {
                        let names: Vec<&str> = several.iter().map(|reader| reader.program).collect();
                        let note = note.map_or_else(String::new, |note| format!(": {note}"));
                        page.field(label, &format!("{}{note}", names.join(", ")));
                    }
                }
                label = "";
            }
        }
        for limit in &file.limits {
            page.field("note", limit);
        }
    }

    /// Says what a file is.
    fn what(&self, file: &FileFacts) -> String {
        let taken = self.export.selection.taken();
        let has_key = taken.iter().any(|taken| taken.chain_length.is_some());
        match (&self.export.target, file.part) {
            (Target::Store { format: StoreFormat::Jks, .. }, _) => "JKS".to_owned(),
            (Target::Store { profile, .. }, _) => match profile {
                Pkcs12Profile::Modern => "PKCS#12, AES-256 with a MAC of HMAC-SHA256".to_owned(),
                Pkcs12Profile::Legacy => "PKCS#12 for old readers, 3DES with a MAC of HMAC-SHA1".to_owned(),
            },
            (Target::Parts { is_pem, pem_key, .. }, Some(part)) => {
                let form = if *is_pem { "PEM" } else { "DER" };
                let key = match pem_key {
                    PemKey::Plain => "in PKCS#8, not encrypted",
                    PemKey::Pbes2 => "in PKCS#8, encrypted with PBES2 and AES-256",
                    PemKey::Pbes1 => "in PKCS#8, encrypted with PBES1 and 3DES",
                };
                match part {
                    Part::All if has_key => format!("{form}, the private key {key}, and its chain"),
                    Part::All | Part::Trusted => format!("{form}, what is trusted"),
                    Part::Certificates if *is_pem => format!("{form}, the certificate with its chain"),
                    Part::Certificates => format!("{form}, the certificate"),
                    Part::Key => format!("{form}, the private key {key}"),
                }
            }
            (Target::Parts { .. }, None) => String::new(),
        }
    }

    /// Returns the command that shows what was written.
    fn next(&self) -> String {
        let files: Vec<String> = self.facts.files.iter().map(|file| quote_path(&file.path.to_string_lossy())).collect();
        let again = |flag: &str, source: Option<&String>| match source {
            Some(source) if source.starts_with("file:") || source.starts_with("env:") => {
                format!(" {flag} {}", quote(source))
            }
            _ => String::new(),
        };
        let Arguments { keypass, out_storepass, out_keypass, .. } = self.arguments;
        let beside = self.export.beside().map(|file| format!("file:{}", file.display()));
        let storepass = self.arguments.storepass.as_ref().or(beside.as_ref());
        let password = match &self.export.target {
            Target::Store { password, key_password, .. } => {
                let source = if password.origin == Origin::Kept {
                    storepass.or(keypass.as_ref())
                } else {
                    out_storepass.as_ref()
                };
                again("--storepass", source)
                    + &again("--keypass", out_keypass.as_ref().filter(|_| key_password.is_some()))
            }
            Target::Parts { key_password: Some(key), .. } => {
                let source =
                    if key.origin == Origin::Kept { keypass.as_ref().or(storepass) } else { out_keypass.as_ref() };
                again("--keypass", source)
            }
            Target::Parts { .. } => String::new(),
        };
        format!("kafka-certgen inspect {}{password}", files.join(" "))
    }

    fn json(&self) -> Value {
        let mut facts = Map::new();
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let sources: Vec<String> = self.export.sources().iter().map(|source| text(source)).collect();
        facts.insert("sources".into(), sources.into());
        facts.insert("source_format".into(), self.export.source_format.to_string().into());
        let entries = self.export.selection.taken().iter().map(|taken| {
            let kind = if taken.chain_length.is_some() { "private_key" } else { "trusted_certificate" };
            json!({
                "alias": taken.alias.as_str(), "from": taken.from, "kind": kind,
                "subject": taken.subject, "chain_length": taken.chain_length,
            })
        });
        facts.insert("entries".into(), entries.collect::<Vec<_>>().into());
        let format = match &self.export.target {
            Target::Store { format, profile, password, key_password, .. } => {
                facts.insert("password".into(), origin(&password.origin));
                if let Some(key) = key_password {
                    facts.insert("key_password".into(), origin(&key.origin));
                }
                if *format == StoreFormat::Pkcs12 {
                    facts.insert("profile".into(), profile.name().into());
                }
                if *format == StoreFormat::Jks { ExportFormat::Jks } else { ExportFormat::Pkcs12 }
            }
            Target::Parts { is_pem, pem_key, key_password, .. } => {
                if let Some(key) = key_password {
                    facts.insert("key_password".into(), origin(&key.origin));
                }
                if *is_pem {
                    facts.insert("pem_key".into(), pem_key.name().into());
                }
                if *is_pem { ExportFormat::Pem } else { ExportFormat::Der }
            }
        };
        facts.insert("format".into(), format.name().into());
        let files = self.facts.files.iter().map(|file| {
            let part = match file.part {
                None => "store",
                Some(Part::All) => "all",
                Some(Part::Certificates) => "certificates",
                Some(Part::Key) => "key",
                Some(Part::Trusted) => "trusted",
            };
            json!({
                "file": text(&file.path), "holds": part, "is_secret": file.is_secret,
                "readers": file.readers, "will_not_read": file.limits,
            })
        });
        facts.insert("files".into(), files.collect::<Vec<_>>().into());
        let usual = self.facts.remarks.iter().filter(|remark| remark.is_usual()).map(ToString::to_string);
        facts.insert("notes".into(), usual.collect::<Vec<_>>().into());
        facts.insert("warnings".into(), self.warnings().into());
        facts.insert("is_dry_run".into(), self.arguments.dry_run.into());
        if self.arguments.dry_run {
            facts.insert("script".into(), self.facts.script.clone().into());
        }
        Value::Object(facts)
    }
}

/// Returns where a password comes from, never itself.
fn origin(origin: &Origin) -> Value {
    match origin {
        Origin::Given => json!({"origin": "given"}),
        Origin::Kept => json!({"origin": "kept"}),
        Origin::Made(path) => json!({"origin": "made", "file": path.to_string_lossy()}),
    }
}

/// Lines of at most 80 columns.
struct Page {
    out: String,
    colors: bool,
}

impl Page {
    fn heading(&mut self, verb: &str, rest: &str) {
        self.item(verb, rest);
    }

    /// Writes what stands out, and what is said of it.
    fn item(&mut self, name: &str, rest: &str) {
        let mut lines = wrap_words(&format!("{name} {rest}"), WIDTH).into_iter();
        let first = lines.next().unwrap_or_default();
        let first = match first.strip_prefix(name) {
            Some(rest) => style(name, "1", self.colors) + rest,
            None => first,
        };
        // Writing to a String cannot fail.
        let _ = writeln!(self.out, "{first}");
        for line in lines {
            let _ = writeln!(self.out, "  {line}");
        }
    }

    fn title(&mut self, text: &str) {
        let _ = writeln!(self.out, "{}", style(text, "1", self.colors));
    }

    /// Writes a name, and what is said of it.
    fn row(&mut self, label: &str, name: &str, text: &str) {
        for (at, line) in wrap_words(text, WIDTH - LABELS - NAMES - 2).iter().enumerate() {
            let (label, name) = if at == 0 { (label, name) } else { ("", "") };
            let _ = writeln!(self.out, "{}", format!("  {label:<LABELS$}{name:<NAMES$}{line}").trim_end());
        }
    }

    fn field(&mut self, label: &str, text: &str) {
        for (at, line) in wrap_words(text, WIDTH - LABELS - 2).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let _ = writeln!(self.out, "  {label:<LABELS$}{line}");
        }
    }
}

fn entry(taken: &Taken) -> String {
    let from =
        if taken.from == taken.alias.as_str() { String::new() } else { format!(" (was `{}`)", printable(&taken.from)) };
    let kind = match taken.chain_length {
        None => "trusted certificate".to_owned(),
        Some(0) => "private key without a certificate".to_owned(),
        Some(1) => "private key, its certificate alone".to_owned(),
        Some(length) => format!("private key, chain of {length}"),
    };
    let subject = taken.subject.as_ref().map_or_else(String::new, |subject| format!(", {}", printable(subject)));
    format!("`{}`{from}: {kind}{subject}", taken.alias)
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}
