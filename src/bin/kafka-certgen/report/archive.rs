//! What `export tar` has written, or would write. Never what is in it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use kafka_certgen::bundle::Sensitivity;
use kafka_certgen::export::archive::{Content, Form, Member};
use kafka_certgen::name::printable;
use serde::Serialize;

use super::{SHOWN, Terminal, counted, document, quote, quote_path, style, write_end};
use crate::cli::Global;
use crate::convert::export::Tar;
use crate::problem::Failure;
use crate::report::progress::grouped;

/// The facts, as a program reads them.
#[derive(Serialize)]
pub(crate) struct Report {
    path: Option<PathBuf>,
    /// The file as it was given.
    #[serde(skip)]
    out: Option<PathBuf>,
    form: &'static str,
    size: usize,
    members: Vec<MemberFacts>,
    notes: Vec<String>,
    next: Vec<String>,
    /// Where the properties name their files, if that is said.
    #[serde(skip)]
    deploy_dir: Option<String>,
    #[serde(skip)]
    is_flat: bool,
}

#[derive(Serialize)]
struct MemberFacts {
    path: String,
    #[serde(rename = "type")]
    kind: &'static str,
    mode: &'static str,
    size: usize,
}

impl Report {
    pub(crate) fn new(call: &Tar) -> Self {
        let is_flat = call.form == Form::Files;
        let deploy_dir = call.bundle.inventory().settings.deploy_dir.clone();
        let mut notes = Vec::new();
        if deploy_dir.is_none() {
            notes.push(
                "The properties name their files where this bundle lies: elsewhere, change the paths, or use what `kafka-certgen config --deploy-dir PATH` prints."
                    .to_owned(),
            );
        }
        if !is_flat {
            notes.push("The CA's key is not in it: what is signed has to be signed here.".to_owned());
        }
        let form = if is_flat { "files" } else { "bundle" };
        let (path, out) = (None, None);
        Self { path, out, form, size: 0, members: Vec::new(), notes, next: Vec::new(), deploy_dir, is_flat }
    }

    /// Keeps what is to be known of a member.
    pub(crate) fn add(&mut self, member: &Member, size: usize) {
        self.size += size;
        let (kind, mode) = match (&member.content, member.sensitivity) {
            (Content::Folder, _) => ("folder", "0700"),
            (_, Sensitivity::Public) => ("file", "0644"),
            (_, Sensitivity::Secret) => ("file", "0600"),
        };
        self.members.push(MemberFacts { path: member.path.clone(), kind, mode, size });
    }

    /// Says on stderr what goes with the archive that stdout has.
    pub(crate) fn say(&self, terminal: &Terminal) {
        for note in &self.notes {
            terminal.tell(note);
        }
    }

    /// Takes note of where it is.
    pub(crate) fn made(&mut self, out: Option<&Path>, path: PathBuf) {
        let out = out.unwrap_or(&path).to_owned();
        let file = quote_path(&out.to_string_lossy());
        let folder = self.deploy_dir.as_deref().filter(|_| self.is_flat).unwrap_or("FOLDER");
        self.next = vec![format!("tar xf {file} -C {}", quote(folder))];
        self.out = Some(out);
        self.path = Some(path);
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
        let files: Vec<&MemberFacts> = self.members.iter().filter(|member| member.kind == "file").collect();
        let what = format!("{}, {} bytes", counted(files.len(), "file"), grouped(self.size));
        // Writing to a String cannot fail; the results below are dropped for that reason.
        let _ = match &self.out {
            Some(path) => writeln!(out, "{} {}: {what}", bold("made"), printable(&path.to_string_lossy())),
            None => writeln!(out, "would make an archive of {what}; nothing was written"),
        };
        let _ = writeln!(out);
        let shown = if terminal.is_verbose() { usize::MAX } else { SHOWN };
        for member in files.iter().take(shown) {
            let _ = writeln!(out, "  {}  {:>7}  {}", member.mode, grouped(member.size), member.path);
        }
        if files.len() > shown {
            let _ = writeln!(out, "  … and {} more; `-v` or `--json` has them all", files.len() - shown);
        }
        let _ = writeln!(out);
        write_end(&mut out, &self.notes, &self.next, terminal);
        out
    }
}
