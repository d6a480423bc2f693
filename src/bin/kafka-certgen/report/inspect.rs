//! The page of `inspect`: what is in each file, in 80 columns.

mod certificate;
mod list;
mod page;
mod summary;

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use kafka_certgen::inspect::{
    ContentKind, EntryFacts, Format, Inspection, IntegrityState, KeyFacts, Opening, ProtectionFacts, StoreFacts,
};
use kafka_certgen::name::printable;
use serde::Serialize;

use super::{Terminal, day, json, quote_path};
use crate::problem::Failure;
use page::{Page, listed};

/// With more entries than these a file gets a line an entry, unless details are asked for.
const MANY: usize = 12;

/// A file that was looked into.
pub(crate) struct File<'p> {
    pub(crate) path: &'p Path,
    /// A password that was found and not named.
    pub(crate) beside: Option<Beside>,
    /// What is in it, or why that cannot be said.
    pub(crate) outcome: Result<Inspection, String>,
}

/// A file with a password beside the one that was looked into.
pub(crate) struct Beside {
    pub(crate) file: PathBuf,
    /// Whether it opens anything.
    pub(crate) fits: bool,
}

/// The JSON form of all files.
#[derive(Serialize)]
struct Document<'a> {
    files: Vec<FileFacts<'a>>,
}

/// The JSON form of a file.
#[derive(Serialize)]
struct FileFacts<'a> {
    file: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_file: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(flatten)]
    inspection: Option<&'a Inspection>,
}

impl<'a> FileFacts<'a> {
    fn of(file: &'a File<'_>) -> Self {
        let password_file =
            file.beside.as_ref().filter(|beside| beside.fits).map(|beside| beside.file.to_string_lossy());
        Self {
            file: file.path.to_string_lossy(),
            password_file,
            error: file.outcome.as_ref().err().map(String::as_str),
            inspection: file.outcome.as_ref().ok(),
        }
    }
}

/// All files of a call.
pub(crate) struct Report<'a> {
    pub(crate) files: &'a [File<'a>],
    /// Whether every detail is shown.
    pub(crate) is_detailed: bool,
}

impl File<'_> {
    /// Returns the name of the file as it can be shown.
    pub(crate) fn shown(&self) -> String {
        if self.path.as_os_str() == "-" {
            return "the standard input".to_owned();
        }
        quote_path(&printable(&self.path.to_string_lossy()))
    }
}

impl Report<'_> {
    /// Returns the facts as one JSON document.
    pub(crate) fn json(&self) -> Result<Vec<u8>, Failure> {
        json::document(&Document { files: self.files.iter().map(FileFacts::of).collect() })
    }

    /// Returns the facts as a person reads them.
    pub(crate) fn text(&self, terminal: &Terminal) -> String {
        let mut page = Page::new(terminal.stdout_colors, self.is_detailed);
        for file in self.files {
            if let Ok(inspection) = &file.outcome {
                page.blank_line();
                self.write_file(&mut page, file, inspection);
            }
        }
        page.blank_line();
        page.line(&summary::of(self.files.iter().filter_map(|file| file.outcome.as_ref().ok())));
        page.into_text()
    }

    fn write_file(&self, page: &mut Page, file: &File<'_>, inspection: &Inspection) {
        let count = inspection.entries.len();
        let entries = match (inspection.format, count) {
            (Format::Text, _) => " without certificates or keys".to_owned(),
            (Format::Der, _) => {
                inspection.entries.first().map(|only| format!(", {}", kind_of(only))).unwrap_or_default()
            }
            (Format::Pem | Format::Properties, 1) => ", 1 block".to_owned(),
            (Format::Pem | Format::Properties, count) => format!(", {count} blocks"),
            (_, 0) if has_closed_parts(inspection) => ", closed".to_owned(),
            (_, 1) => ", 1 entry".to_owned(),
            (_, count) => format!(", {count} entries"),
        };
        page.heading(&file.shown(), &format!(": {}{entries}", inspection.format));
        if let Some(beside) = &file.beside {
            let what = if beside.fits { "found in" } else { "not the one in" };
            page.field("password", &format!("{what} {}", quote_path(&printable(&beside.file.to_string_lossy()))));
        }
        if let Some(store) = &inspection.store {
            write_store(page, inspection.format, store, self.is_detailed);
        }
        if count > MANY && !self.is_detailed {
            if inspection.wants_key_password() {
                page.field("closed", "private keys are encrypted: `--keypass SOURCE` opens them");
            }
            page.blank_line();
            list::write(page, inspection);
            page.field("", "-v shows every detail of each");
            return;
        }
        for entry in &inspection.entries {
            if inspection.format != Format::Der {
                page.blank_line();
            }
            self.write_entry(page, inspection, entry);
        }
    }

    fn write_entry(&self, page: &mut Page, inspection: &Inspection, entry: &EntryFacts) {
        let name = name_of(entry, inspection.format);
        let created = entry.created.map(|created| format!(", made {}", day(created))).unwrap_or_default();
        let unseen = if entry.is_seen_by_java == Some(false) { ", which Java does not see" } else { "" };
        let what = kind_of(entry);
        let setting = entry.setting.as_ref().map(|setting| format!(" in {}", printable(setting))).unwrap_or_default();
        if let Some(name) = name {
            page.heading(&name, &format!(": {what}{setting}{created}{unseen}"));
        }
        if let Some(key) = &entry.key {
            write_key(page, key, inspection, self.is_detailed);
        }
        let chain = entry.certificates.len();
        if chain > 1 {
            match entry.kind {
                ContentKind::PrivateKey => page.field("chain", &format!("{chain} certificates, the key's first")),
                _ => page.field("holds", &format!("{chain} certificates")),
            }
        }
        for (at, certificate) in entry.certificates.iter().enumerate() {
            if chain > 1 {
                page.blank_line();
                page.item(&format!("certificate {} of {chain}", at + 1));
            }
            certificate::write(page, certificate, self.is_detailed);
        }
        if let Some(request) = &entry.request {
            certificate::write_request(page, request, self.is_detailed);
        }
        for list in &entry.revocation_lists {
            certificate::write_revocation_list(page, list, self.is_detailed);
        }
        for remark in &entry.remarks {
            page.field("note", remark);
        }
        if let Some(fault) = &entry.fault {
            page.field("error", fault);
        }
    }
}

/// Returns the name of an entry: the alias, or the place in the file.
fn name_of(entry: &EntryFacts, format: Format) -> Option<String> {
    match (&entry.alias, format) {
        (Some(alias), _) => Some(printable(alias)),
        (None, Format::Der) => None,
        (None, _) => Some(format!("#{}", entry.number)),
    }
}

fn kind_of(entry: &EntryFacts) -> String {
    match (entry.kind, &entry.label) {
        (ContentKind::Other | ContentKind::Parameters, Some(label)) => {
            format!("a block of {label}, which is not looked into")
        }
        (kind, _) => kind.to_string(),
    }
}

fn write_store(page: &mut Page, format: Format, store: &StoreFacts, is_detailed: bool) {
    let reason = store.integrity_reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let integrity = match store.integrity {
        IntegrityState::Checked => "checked with the password".to_owned(),
        IntegrityState::EmptyPassword => "checked with the empty password, which proves nothing".to_owned(),
        IntegrityState::NoMac => "nothing to check: the store has no MAC".to_owned(),
        IntegrityState::NotChecked => "not checked: `--storepass SOURCE` does".to_owned(),
        IntegrityState::TooMuchWork => format!("not checked{reason}"),
        IntegrityState::WrongPassword => "not checked: the password is wrong, or the store damaged".to_owned(),
        _ => format!("cannot be checked here{reason}"),
    };
    page.field("integrity", &integrity);
    let most = if is_detailed { usize::MAX } else { 8 };
    for (protection, count) in counted(&store.protections).into_iter().take(most) {
        let text = format!("{}{}", printable(&protection.algorithm), iterations(protection.iterations));
        let times = if count > 1 { format!(" ({count} times)") } else { String::new() };
        let label = match protection.what {
            "store" if format == Format::Pkcs12 => "MAC",
            "store" => "digest",
            "key" => "keys",
            what => what,
        };
        page.field(label, &format!("{text}{times}"));
    }
    for closed in &store.closed {
        let why = match closed.reason {
            Opening::NoPassword => "`--storepass SOURCE` opens them",
            Opening::TooMuchWork => "to open them takes too long",
            Opening::Unsupported => "they are encrypted in a way that is not supported",
            _ => "they have another password than the store",
        };
        page.field("closed", &format!("{} bytes are encrypted: {why}", closed.bytes));
    }
    if store.unread_entries > 0 {
        let why = "one before them is of a kind that has no known end";
        page.field("closed", &format!("{} entries could not be read: {why}", store.unread_entries));
    }
    for limit in store.will_not_read.iter().chain(&store.remarks) {
        page.field("note", limit);
    }
}

/// Returns protections that differ, but for the alias, with how many there are of each.
fn counted(protections: &[ProtectionFacts]) -> Vec<(&ProtectionFacts, usize)> {
    let mut counted: Vec<(&ProtectionFacts, usize)> = Vec::new();
    let mut places = HashMap::new();
    for protection in protections {
        let next = counted.len();
        let key = (protection.what, protection.algorithm.as_str(), protection.iterations);
        match counted.get_mut(*places.entry(key).or_insert(next)) {
            Some((_, count)) => *count += 1,
            None => counted.push((protection, 1)),
        }
    }
    counted
}

fn iterations(iterations: Option<u64>) -> String {
    match iterations {
        Some(1) => ", 1 iteration".to_owned(),
        Some(count) => format!(", {count} iterations"),
        None => String::new(),
    }
}

/// Says whether there may be more in a store than its entries.
fn has_closed_parts(inspection: &Inspection) -> bool {
    inspection.store.as_ref().is_some_and(|store| !store.closed.is_empty())
}

fn write_key(page: &mut Page, key: &KeyFacts, inspection: &Inspection, is_detailed: bool) {
    let is_store = inspection.store.is_some();
    let state = match key.opening {
        Opening::Public => None,
        Opening::NotEncrypted => Some("not encrypted".to_owned()),
        Opening::Opened => Some("opened with the password".to_owned()),
        Opening::NoPassword if is_store => Some("closed: `--storepass SOURCE` opens it".to_owned()),
        Opening::NoPassword => Some("closed: `--keypass SOURCE` opens it".to_owned()),
        Opening::WrongPassword if is_store => {
            Some("closed: it has a password of its own, for `--keypass SOURCE`".to_owned())
        }
        Opening::WrongPassword => Some("closed: it has another password, for `--keypass SOURCE`".to_owned()),
        Opening::TooMuchWork => Some("closed: to open it takes too long".to_owned()),
        Opening::Unsupported => Some("closed: it is encrypted in a way that is not opened here".to_owned()),
        _ => Some("damaged".to_owned()),
    };
    let form = key.form.filter(|form| *form != "PKCS#8" || !is_store).map(str::to_owned);
    let label = if key.opening == Opening::Public { "key" } else { "private key" };
    page.field(label, &listed(key.algorithm.clone().into_iter().chain(form).chain(state)));
    let pair = match (key.matches_certificate, key.certificate_number, is_store) {
        (Some(true), Some(number), _) => Some(format!("its certificate is #{number}")),
        (Some(true), ..) => Some("it belongs to the certificate".to_owned()),
        (Some(false), _, true) => Some("IT IS ANOTHER KEY than the certificate's".to_owned()),
        (Some(false), ..) => Some("no certificate in this file is its".to_owned()),
        (None, ..) => None,
    };
    if let Some(pair) = pair {
        page.field("pair", &pair);
    }
    if let Some(encryption) = key.encryption.as_ref().filter(|_| is_detailed || !is_store) {
        page.field("encrypted", &format!("{}{}", printable(&encryption.algorithm), iterations(encryption.iterations)));
    }
    if let Some(sha256) = key.public_key_sha256.as_ref().filter(|_| is_detailed) {
        page.field("public key", &format!("SHA-256 {sha256}"));
    }
}
