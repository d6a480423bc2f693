//! What a person or a program reads: facts on stdout, talk on stderr.

use std::fmt::{self, Write as _};
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use kafka_certgen::bundle::inventory::{Identity, Inventory};
use kafka_certgen::kafka::properties;
use kafka_certgen::name::{NodeName, printable};
use kafka_certgen::pipeline::Step;
use kafka_certgen::spec::{ClientAuth, KeyAlgorithm, NodeRole, PemKey};
use serde::Serialize;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::cli::{Color, Global};
use crate::problem::{Failure, Problem};

mod acceptance;
pub(crate) mod apply;
pub(crate) mod archive;
pub(crate) mod config;
pub(crate) mod diagnose;
pub(crate) mod export;
pub(crate) mod handshake;
pub(crate) mod inspect;
mod json;
mod line;
pub(crate) mod man;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod secrets;
pub(crate) mod steps;
mod table;
pub(crate) mod verify;
mod wrap;

pub(crate) use json::document;

/// How many identities a summary shows one by one.
pub(crate) const SHOWN: usize = 20;

/// How much is said on stderr beside errors.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Talk {
    Nothing,
    Warnings,
    Steps,
}

/// Where output goes, and how much of it.
pub(crate) struct Terminal {
    talk: Talk,
    stdout_colors: bool,
    stderr_colors: bool,
}

impl Terminal {
    pub(crate) fn new(global: &Global) -> Self {
        let colors = |is_terminal: bool| match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Self {
            talk: match (global.quiet, global.verbose) {
                (true, _) => Talk::Nothing,
                (false, false) => Talk::Warnings,
                (false, true) => Talk::Steps,
            },
            stdout_colors: colors(io::stdout().is_terminal()),
            stderr_colors: colors(io::stderr().is_terminal()),
        }
    }

    /// Returns how many columns a table may have: those of the terminal within reason, and 80 where there is none.
    pub(crate) fn width() -> usize {
        let stdout = io::stdout();
        let columns = if stdout.is_terminal() { rustix::termios::tcgetwinsize(&stdout).ok() } else { None };
        columns.map_or(80, |size| usize::from(size.ws_col)).clamp(72, 110)
    }

    /// Says something that the user should know, and that stops nothing.
    pub(crate) fn warn(&self, text: &str) {
        if self.talk != Talk::Nothing {
            line::say(&format!("{} {text}", style("warning:", "33", self.stderr_colors)));
        }
    }

    /// Says that a step is done.
    pub(crate) fn step(&self, step: Step, node: Option<&NodeName>) {
        if self.talk == Talk::Steps {
            line::say(&format!("{}: {step}: done", node.map_or("ca", NodeName::as_str)));
        }
    }

    /// Says whether somebody watches who may be told how far a long run is.
    pub(crate) fn is_watched(&self) -> bool {
        self.talk != Talk::Nothing && io::stderr().is_terminal()
    }

    /// Says whether facts are shown in colours.
    fn colors(&self) -> bool {
        self.stdout_colors
    }

    /// Says whether nothing is to be said but errors.
    pub(crate) fn is_quiet(&self) -> bool {
        self.talk == Talk::Nothing
    }

    /// Says whether every detail is wanted.
    pub(crate) fn is_verbose(&self) -> bool {
        self.talk == Talk::Steps
    }

    /// Says why nothing seems to happen.
    pub(crate) fn tell(&self, text: &str) {
        if self.talk != Talk::Nothing {
            line::say(text);
        }
    }

    /// Says that another run has to come to its end first.
    pub(crate) fn tell_waiting(&self, out: &Path) {
        self.tell(&format!("waiting for another run that is changing {}", printable(&out.to_string_lossy())));
    }

    /// Says what was found on the way.
    pub(crate) fn detail(&self, text: &str) {
        if self.talk == Talk::Steps {
            line::say(text);
        }
    }

    /// Writes facts to stdout. A reader that has gone away has read enough.
    pub(crate) fn data(bytes: &[u8]) -> Result<(), Failure> {
        line::clear();
        let mut stdout = io::stdout().lock();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Problem::from(error).into()),
            _ => Ok(()),
        }
    }

    /// Reports what went wrong, if anything, and returns the exit status.
    pub(crate) fn conclude(&self, outcome: Result<(), Failure>) -> ExitCode {
        let Err(failure) = outcome else { return ExitCode::SUCCESS };
        for problem in &failure.0 {
            // Who has stopped a run knows that it is not done.
            let label = if problem.is_stop() {
                String::new()
            } else {
                format!("{} ", style("error:", "1;31", self.stderr_colors))
            };
            line::say(&format!("{label}{}", problem.error));
            for cause in problem.error.chain().skip(1) {
                line::say(&format!("  caused by: {cause}"));
            }
            if let Some(hint) = &problem.hint {
                line::say(&format!("  {} {hint}", style("hint:", "36", self.stderr_colors)));
            }
        }
        ExitCode::from(failure.status())
    }
}

/// The result of `init`.
#[derive(Serialize)]
pub(crate) struct Made<'a> {
    #[serde(skip)]
    pub(crate) out: &'a Path,
    pub(crate) path: &'a Path,
    #[serde(flatten)]
    pub(crate) inventory: &'a Inventory,
}

impl Made<'_> {
    /// Returns the facts as one JSON document.
    pub(crate) fn json(&self) -> Result<Vec<u8>, Failure> {
        let mut document = serde_json::to_value(self).map_err(json::unprintable)?;
        if let Some(object) = document.as_object_mut() {
            object.insert("super_users".into(), self.super_users().into());
            object.insert("next".into(), self.next().into());
        }
        json::document(&document)
    }

    /// Returns the facts as a person reads them.
    pub(crate) fn text(&self, terminal: &Terminal) -> String {
        let Inventory { ca, identities, .. } = self.inventory;
        let mut out = String::new();
        let bold = |text: &str| style(text, "1", terminal.stdout_colors);
        // Writing to a String cannot fail; the results below are dropped for that reason.
        let _ = writeln!(out, "{} {}: {}", bold("made"), self.out.display(), self.count());
        let _ = writeln!(out);
        let _ = writeln!(
            out,
            "{}  {}, {}, until {}",
            bold("ca"),
            printable(&ca.certificate.subject),
            ca.certificate.key_algorithm,
            day(ca.certificate.not_after)
        );
        for identity in identities.iter().take(SHOWN) {
            self.write_identity(&mut out, identity, &bold(&identity.name));
        }
        if identities.len() > SHOWN {
            let _ = writeln!(out, "… and {} more; `bundle.json` has them all", identities.len() - SHOWN);
        }
        let _ = writeln!(out);
        self.write_notes(&mut out);
        let _ = writeln!(out, "{}", bold("next:"));
        for command in self.next() {
            let _ = writeln!(out, "  {command}");
        }
        let _ = writeln!(out, "whole configurations, of nodes, clients and platforms:");
        let _ = writeln!(out, "  kafka-certgen config --list");
        out
    }

    fn count(&self) -> String {
        let identities = &self.inventory.identities;
        let of_role = |role: NodeRole| identities.iter().filter(|identity| identity.role == role).count();
        let plural = |count: usize, what: &str| match count {
            0 => String::new(),
            _ => format!(", {}", counted(count, what)),
        };
        let counts = NodeRole::ALL.iter().map(|role| plural(of_role(*role), role.name()));
        format!("a CA{}", counts.collect::<String>())
    }

    fn write_identity(&self, out: &mut String, identity: &Identity, name: &str) {
        let names = match identity.alt_names.as_slice() {
            [] => "no alternative name".to_owned(),
            names => names.join(" "),
        };
        let certificate = &identity.certificate;
        let _ = writeln!(
            out,
            "{name}  {}, {}, until {}\n  names      {names}\n  principal  {}",
            identity.role,
            certificate.key_algorithm,
            day(certificate.not_after),
            printable(&identity.principal)
        );
        let folder = identity.files.first().and_then(|file| Path::new(file).parent()).unwrap_or(Path::new(""));
        let names = identity.files.iter().filter_map(|file| Path::new(file).file_name());
        let names: Vec<_> = names.map(|name| name.to_string_lossy()).collect();
        let _ = writeln!(out, "  files      {}: {}", self.shown(&folder.to_string_lossy()), names.join(" "));
    }

    fn write_notes(&self, out: &mut String) {
        let Inventory { ca, settings, identities, .. } = self.inventory;
        if identities.iter().any(|identity| !fits_super_users(&identity.principal)) {
            let _ = writeln!(
                out,
                "A principal with `;`, or a blank at its end, cannot be a super user as it is; Kafka needs this line, and then `User:NAME`:"
            );
            let _ = writeln!(out, "  ssl.principal.mapping.rules=RULE:^CN=([^,]+).*$/$1/,DEFAULT");
        }
        self.write_super_users(out);
        if let Some(file) = &ca.password_file {
            let _ = writeln!(out, "The password of the CA's key was made; it is in {}.", self.shown(file));
        }
        if let Some(key) = &ca.key_file {
            let key = self.shown(key);
            let _ = writeln!(
                out,
                "Whoever has {key} and its password can sign for this cluster: keep them off the brokers."
            );
        }
        let keys = identities
            .iter()
            .map(|identity| &identity.certificate.key_algorithm)
            .chain([&ca.certificate.key_algorithm]);
        if keys.into_iter().any(|algorithm| algorithm == KeyAlgorithm::EcP521.name()) {
            let _ = writeln!(out, "P-521: Java, OpenSSL, Go and Node take it; rustls with ring does not.");
        }
        if !matches!(settings.pem_key, None | Some(PemKey::Plain)) {
            self.write_pem_key(out);
        }
        let _ = writeln!(out);
    }

    /// Says who can read the keys in PEM files.
    fn write_pem_key(&self, out: &mut String) {
        let _ = match self.inventory.settings.pem_key {
            Some(PemKey::Pbes2) => {
                writeln!(out, "PEM keys are encrypted with PBES2: Kafka reads them on Java 21 and later, not on 17.")
            }
            Some(PemKey::Pbes1) => {
                writeln!(out, "PEM keys are encrypted with 3DES, an old cipher: Kafka reads them on Java 11 and later.")
            }
            Some(PemKey::Plain) | None => {
                writeln!(
                    out,
                    "The key in a PEM keystore is not encrypted: what protects it is the mode of the file, 0600."
                )
            }
        };
    }

    fn write_super_users(&self, out: &mut String) {
        let super_users = self.super_users();
        if !super_users.is_empty() {
            let _ = writeln!(out, "Where an authorizer decides, brokers are super users; in server.properties:");
            let _ = writeln!(out, "  super.users={}", properties::escaped(&super_users));
        }
    }

    /// Returns the value of `super.users`: the principals of the brokers and controllers that can stand there.
    fn super_users(&self) -> String {
        let nodes = self.inventory.identities.iter().filter(|identity| identity.role.is_node());
        let principals =
            nodes.map(|identity| identity.principal.as_str()).filter(|principal| fits_super_users(principal));
        principals.collect::<Vec<_>>().join(";")
    }

    /// Returns the next two commands: bring the files to where they are used, or use them here.
    fn next(&self) -> Vec<String> {
        let identities = &self.inventory.identities;
        let of_role = |role: NodeRole| identities.iter().find(|identity| identity.role == role);
        let (broker, client) = (of_role(NodeRole::Broker), of_role(NodeRole::Client));
        let address = broker.map_or("BROKER", |broker| broker.name.as_str());
        let mut commands = Vec::new();
        if let Some(folder) = &self.inventory.settings.deploy_dir {
            let hosts = [(broker, address), (client, "CLIENT_HOST")];
            let copies = hosts.into_iter().filter_map(|(identity, host)| Some(self.copy(identity?, host, folder)));
            commands.extend(copies);
        } else if broker.is_some() {
            // Passwords are in it from now on.
            let lines = quote(&self.file(broker, "server.properties"));
            commands.push(format!("cat {lines} >> server.properties && chmod 600 server.properties"));
        }
        if commands.len() < 2 {
            commands.push(self.attempt(address, broker, client));
        }
        commands
    }

    /// Returns the command that brings an identity's files to the folder that its properties name.
    fn copy(&self, identity: &Identity, host: &str, folder: &str) -> String {
        let certificate = self.file(Some(identity), "cert-signed");
        let from = Path::new(&certificate).parent().unwrap_or(self.out).to_string_lossy().into_owned();
        format!("scp -p {}/* {host}:{}/", quote(&from), quote(folder.trim_end_matches('/')))
    }

    /// Returns the command that connects to a broker, as a client or, if it takes only clients with a certificate and there is none,
    /// as far as its own certificate.
    fn attempt(&self, address: &str, broker: Option<&Identity>, client: Option<&Identity>) -> String {
        let asks = self.inventory.settings.client_auth == ClientAuth::Required;
        if asks && client.is_none() {
            let ca = quote(&self.file(None, "ca-cert"));
            return format!("openssl s_client -connect {address}:9093 -CAfile {ca} </dev/null");
        }
        let configuration = match &self.inventory.settings.deploy_dir {
            Some(folder) => format!("{}/client.properties", folder.trim_end_matches('/')),
            None => self.file(client.or(broker), "client.properties"),
        };
        let configuration = quote(&configuration);
        format!("kafka-topics.sh --bootstrap-server {address}:9093 --command-config {configuration} --list")
    }

    /// Returns the path of an identity's file, or of one of the CA's.
    fn file(&self, identity: Option<&Identity>, name: &str) -> String {
        let files =
            identity.map_or(std::slice::from_ref(&self.inventory.ca.certificate_file), |identity| &identity.files);
        let found = files.iter().find(|file| file.ends_with(name)).map_or(name, String::as_str);
        self.out.join(found).to_string_lossy().into_owned()
    }

    /// Returns a path of the bundle as it can be shown.
    fn shown(&self, path: &str) -> String {
        let path = if path.is_empty() { self.out.to_owned() } else { self.out.join(path) };
        printable(&path.to_string_lossy())
    }
}

/// Says whether a principal survives in `super.users`, which Kafka splits at each `;`, and whose parts it trims
/// (`StandardAuthorizer.getConfiguredSuperUsers`).
fn fits_super_users(principal: &str) -> bool {
    !principal.contains(';') && principal.trim() == principal
}

/// Quotes an argument for a POSIX shell, where it needs it.
pub(crate) fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-@+:".contains(c);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// Quotes the path of a file, so that it is not taken for an option.
pub(crate) fn quote_path(path: &str) -> String {
    if path.starts_with('-') { quote(&format!("./{path}")) } else { quote(path) }
}

/// Returns so many of what has a plural in `s`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Writes what is to be known beside the facts, and the commands that follow.
fn write_end(out: &mut String, notes: &[impl fmt::Display], next: &[String], terminal: &Terminal) {
    // Writing to a String cannot fail.
    for note in notes {
        let _ = writeln!(out, "{note}");
    }
    if !next.is_empty() {
        let _ = writeln!(out, "{}", style("next:", "1", terminal.colors()));
    }
    for command in next {
        let _ = writeln!(out, "  {command}");
    }
}

fn day(time: OffsetDateTime) -> String {
    time.format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
}

fn style(text: &str, code: &str, colors: bool) -> String {
    if colors { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}
