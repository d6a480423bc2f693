//! What the single steps report: facts, and the command that comes next in the script.

use std::fmt::Write;
use std::path::Path;

use kafka_certgen::bundle::inventory::CertificateFacts;
use kafka_certgen::kafka::principal::principal;
use kafka_certgen::name::{Alias, SubjectAltName, printable};
use kafka_certgen::pipeline::certificate_facts;
use kafka_certgen::pipeline::steps::{Import, Signed};
use kafka_certgen::pki::{Certificate, CertificateAuthority, VerifiedRequest};
use kafka_certgen::spec::{KeySpec, SigningSpec};
use serde_json::{Map, Value};
use time::OffsetDateTime;

use super::json::{self, unprintable};
use super::{Terminal, day, quote, quote_path, style};
use crate::cli::{self, Global};
use crate::problem::{Failure, Problem};
use crate::run::{OpenStore, password_path};

/// What a step has made or done.
pub(crate) struct Facts {
    /// What was done, as one word and its object.
    done: (&'static str, String),
    /// Labelled lines.
    lines: Vec<(&'static str, String)>,
    /// The commands that come next.
    next: Vec<String>,
    json: Map<String, Value>,
}

impl Facts {
    fn new(verb: &'static str, object: String) -> Self {
        Self { done: (verb, object), lines: Vec::new(), next: Vec::new(), json: Map::new() }
    }

    fn line(mut self, label: &'static str, text: impl Into<String>) -> Self {
        self.lines.push((label, text.into()));
        self
    }

    fn fact(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.json.insert(key.to_owned(), value.into());
        self
    }

    fn next(mut self, command: String) -> Self {
        self.next.push(command);
        self
    }

    /// Adds a certificate to both forms.
    fn certificate(self, facts: &CertificateFacts) -> Result<Self, Failure> {
        let json = serde_json::to_value(facts).map_err(unprintable)?;
        Ok(self
            .line("subject", printable(&facts.subject))
            .line("key", facts.key_algorithm.clone())
            .line("valid", format!("from {} until {}", day(facts.not_before), day(facts.not_after)))
            .line("serial", facts.serial.clone())
            .line("sha256", facts.sha256.clone())
            .fact("certificate", json))
    }

    fn alt_names(self, names: &[SubjectAltName]) -> Self {
        let typed = |name: &SubjectAltName| match name {
            SubjectAltName::Dns(name) => format!("dns:{name}"),
            SubjectAltName::Ip(address) => format!("ip:{address}"),
        };
        let names: Vec<String> = names.iter().map(typed).collect();
        let text = if names.is_empty() { "none".to_owned() } else { names.join(" ") };
        self.line("names", text).fact("alt_names", names)
    }

    fn file(self, label: &'static str, key: &str, path: &Path) -> Self {
        let shown = path.to_string_lossy();
        self.line(label, printable(&shown)).fact(key, shown.into_owned())
    }

    /// Prints the facts as a person or as a program reads them.
    pub(crate) fn print(&self, json: bool, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
        if json {
            let mut document = self.json.clone();
            document.insert("next".to_owned(), self.next.clone().into());
            return Terminal::data(&json::document(&document)?);
        }
        if global.quiet {
            return Ok(());
        }
        let bold = |text: &str| style(text, "1", terminal.stdout_colors);
        let mut out = format!("{} {}\n", bold(self.done.0), self.done.1);
        for (label, text) in &self.lines {
            // Writing to a String cannot fail.
            let _ = writeln!(out, "  {label:<11}{text}");
        }
        if !self.next.is_empty() {
            let _ = writeln!(out, "{}", bold("next:"));
            for command in &self.next {
                let _ = writeln!(out, "  {command}");
            }
        }
        Terminal::data(out.as_bytes())
    }
}

pub(crate) fn ca(
    arguments: &cli::ca::Arguments,
    ca: &CertificateAuthority,
    makes_password: bool,
) -> Result<Facts, Failure> {
    let facts = Facts::new("made", "a CA".to_owned())
        .certificate(&certificate_facts(ca.certificate()).map_err(Problem::from)?)?
        .file("file", "certificate_file", &arguments.cert)
        .file("key file", "key_file", &arguments.key);
    let facts =
        if makes_password { facts.file("password", "password_file", &password_path(&arguments.key)) } else { facts };
    let cert = quoted(&arguments.cert);
    Ok(facts
        .next(format!(
            "kafka-certgen import --truststore kafka.server.truststore.jks --alias CARoot --file {cert} --noprompt"
        ))
        .next("kafka-certgen genkey --keystore kafka.server.keystore.jks --cn BROKER".to_owned()))
}

pub(crate) fn genkey(
    arguments: &cli::genkey::Arguments,
    spec: &KeySpec,
    certificate: &Certificate,
    store: &OpenStore,
) -> Result<Facts, Failure> {
    let cli::Store { storepass, keypass, .. } = &arguments.store;
    let facts = Facts::new("made", format!("the key `{}`", spec.alias))
        .certificate(&certificate_facts(certificate).map_err(Problem::from)?)?
        .alt_names(&spec.alt_names)
        .fact("alias", spec.alias.as_str())
        .fact("profile", spec.profile.name);
    let (path, alias) = (quoted(store.path()), quote(spec.alias.as_str()));
    let pass = again("--storepass", storepass.as_deref()) + &again("--keypass", keypass.as_deref());
    Ok(of_store(facts, store)
        .next(format!("kafka-certgen certreq --keystore {path} --alias {alias} --file cert-file{pass}")))
}

pub(crate) fn certreq(
    arguments: &cli::certreq::Arguments,
    alias: &Alias,
    request: &VerifiedRequest,
    pem: &str,
) -> Result<Facts, Failure> {
    let subject =
        principal(request.subject_der()).map_err(|error| Problem::from(kafka_certgen::pki::PkiError::from(error)))?;
    let facts = Facts::new("made", format!("the request of `{alias}`"))
        .line("subject", printable(&subject))
        .fact("subject", subject)
        .alt_names(request.alt_names())
        .fact("alias", alias.as_str())
        .fact("keystore", arguments.store.keystore.to_string_lossy().into_owned());
    Ok(match &arguments.file {
        Some(file) => {
            let next = format!("kafka-certgen sign --in {} --out cert-signed", quoted(file));
            facts.file("file", "file", file).next(next)
        }
        None => facts.fact("pem", pem),
    })
}

pub(crate) fn sign(
    arguments: &cli::sign::Arguments,
    spec: &SigningSpec,
    ca: &CertificateAuthority,
    signed: &Signed,
    pem: &str,
) -> Result<Facts, Failure> {
    let issued = certificate_facts(&signed.certificate).map_err(Problem::from)?;
    let ca_name = certificate_facts(ca.certificate()).map_err(Problem::from)?.subject;
    let principal = format!("User:{}", issued.subject);
    let mut facts = Facts::new("signed", printable(&arguments.request.to_string_lossy()))
        .certificate(&issued)?
        .alt_names(&signed.certificate.alt_names())
        .line("profile", spec.profile.name)
        .fact("profile", spec.profile.name)
        .line("issuer", printable(&ca_name))
        .fact("issuer", ca_name)
        .line("principal", printable(&principal))
        .fact("principal", principal)
        .fact("not_granted", signed.not_granted.clone());
    if !signed.not_granted.is_empty() {
        facts =
            facts.line("not given", format!("{} (asked for, but the profile decides)", signed.not_granted.join(", ")));
    }
    if signed.is_shortened {
        facts = facts.line("note", "it ends with its CA");
    }
    facts = facts.fact("is_shortened", signed.is_shortened);
    Ok(match &arguments.out {
        Some(file) => {
            let ca_cert = arguments.ca_cert.as_deref().unwrap_or(Path::new("ca-cert"));
            let import = |alias: &str, file: &Path| {
                format!("kafka-certgen import --keystore KEYSTORE --alias {alias} --file {}", quoted(file))
            };
            facts
                .file("file", "file", file)
                .next(format!("{} --noprompt", import("CARoot", ca_cert)))
                .next(import("ALIAS", file))
        }
        None => facts.fact("pem", pem),
    })
}

pub(crate) fn import(alias: &Alias, import: &Import, store: &OpenStore) -> Result<Facts, Failure> {
    let facts = match import {
        Import::Reply(chain) => {
            let certificates = chain.certificates();
            let mut facts = Facts::new("imported", format!("the reply for the key `{alias}`"))
                .fact("kind", "reply")
                .fact("is_trusted", chain.is_trusted());
            if let Some(leaf) = certificates.first() {
                facts = facts.certificate(&certificate_facts(leaf).map_err(Problem::from)?)?;
            }
            let subjects = certificates.iter().skip(1).map(|certificate| Ok(certificate_facts(certificate)?.subject));
            let subjects = subjects.collect::<Result<Vec<_>, kafka_certgen::pki::PkiError>>().map_err(Problem::from)?;
            let names: Vec<String> = subjects.iter().map(|subject| printable(subject)).collect();
            let line = match names.as_slice() {
                [] => "the certificate alone".to_owned(),
                names => format!("{} certificates, below {}", certificates.len(), names.join(", ")),
            };
            facts.line("chain", line).fact("chain_length", certificates.len()).fact("issuers", subjects)
        }
        Import::Trusted { certificate, .. } => Facts::new("imported", format!("`{alias}`, which is trusted now"))
            .fact("kind", "trusted")
            .certificate(&certificate_facts(certificate).map_err(Problem::from)?)?,
    };
    Ok(of_store(facts.fact("alias", alias.as_str()), store))
}

fn of_store(facts: Facts, store: &OpenStore) -> Facts {
    let format = store.file.format();
    let path = store.path().to_string_lossy().into_owned();
    let state = if store.is_new() { ", new, only its owner can read it" } else { "" };
    let facts = facts
        .line("keystore", format!("{} ({}{state})", printable(&path), format.kafka_type()))
        .fact("keystore", path)
        .fact("format", format.name());
    match store.password_path() {
        Some(file) => facts.file("password", "password_file", &file),
        None => facts,
    }
}

/// Returns what is allowed but worth a word about what will be imported.
pub(crate) fn import_warnings(import: &Import, now: OffsetDateTime) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(certificate) = import.certificate() {
        let validity = certificate.validity();
        if now > validity.not_after {
            warnings.push(format!("the certificate has expired, on {}", day(validity.not_after)));
        } else if now < validity.not_before {
            warnings.push(format!("the certificate is not valid before {}", day(validity.not_before)));
        }
    }
    match import {
        Import::Reply(chain) if !chain.is_complete() => warnings.push(
            "the chain does not end in a root: import the CA's certificate first, or clients that lack an intermediate will refuse it".to_owned(),
        ),
        Import::Trusted { certificate, .. } if !certificate.is_ca() => warnings.push(
            "this is not the certificate of a CA: what it has signed will not be trusted, only itself".to_owned(),
        ),
        Import::Trusted { known_as: Some(alias), .. } => {
            warnings.push(format!("the store trusts this certificate already, as `{}`", printable(alias)));
        }
        _ => {}
    }
    warnings
}

/// Returns the question that keytool would ask.
pub(crate) fn confirmation(import: &Import) -> Result<String, Failure> {
    let certificates = match import {
        Import::Reply(chain) => chain.certificates().to_vec(),
        Import::Trusted { certificate, .. } => vec![certificate.clone()],
    };
    let mut text = String::new();
    for certificate in certificates {
        let facts = certificate_facts(&certificate).map_err(Problem::from)?;
        let _ = write!(
            text,
            "{}\n  until {}, {}\n  sha256 {}\n",
            printable(&facts.subject),
            day(facts.not_after),
            facts.key_algorithm,
            facts.sha256
        );
    }
    text.push_str(match import {
        Import::Reply(_) => "The store trusts none of those who have signed it. Import the reply all the same?",
        Import::Trusted { .. } => "Trust this certificate?",
    });
    Ok(text)
}

fn quoted(path: &Path) -> String {
    quote_path(&path.to_string_lossy())
}

/// Returns the option that says a password's source once more, if it is one that can be read again.
fn again(flag: &str, source: Option<&str>) -> String {
    match source {
        Some(source) if source.starts_with("file:") || source.starts_with("env:") => {
            format!(" {flag} {}", quote(source))
        }
        _ => String::new(),
    }
}
