//! The call of `verify`.

use std::path::{Path, PathBuf};

use kafka_certgen::secret::Password;
use kafka_certgen::spec::{NodeRole, UnknownValue};
use kafka_certgen::verify::Severity;
use kafka_certgen::verify::load::{self, Passwords, Stores};
use kafka_certgen::verify::material::Case;
use kafka_certgen::verify::reload::Old;
use time::Duration;

use super::party::{self, BROKER, PartyStores};
use super::{BUNDLE, Call};
use crate::cli::Global;
use crate::cli::verify::Arguments;
use crate::problem::{Failure, Problem};
use crate::secrets::Source;

/// What `--fail-on` knows.
pub(crate) const SEVERITIES: &[&str] = &["error", "warning"];

/// A call of `verify` that can be carried out.
pub(crate) struct VerifyCall {
    subject: Subject,
    old: Option<Subject>,
    pub(crate) warn_before: Duration,
    pub(crate) fail_on: Severity,
    pub(crate) warnings: Vec<String>,
}

/// What is looked at.
enum Subject {
    Bundle { folder: PathBuf, ca_password: Option<Password>, passwords: Passwords },
    Configuration { path: PathBuf, role: Option<NodeRole>, hosts: Vec<String> },
    Stores(Stores),
}

/// Converts the arguments of `verify`, and reads the passwords.
pub(crate) fn verify(arguments: &Arguments, global: &Global) -> Result<VerifyCall, Failure> {
    let mut call = Call::default();
    let role = arguments.role.as_ref().and_then(|text| call.keep("--role", text.parse::<NodeRole>()));
    let fail_on = call.keep("--fail-on", one_of("severity", &arguments.fail_on, SEVERITIES));
    let names_stores = arguments.keystore.is_some() || arguments.truststore.is_some();
    if !names_stores && arguments.config.is_none() && (role.is_some() || !arguments.host.is_empty()) {
        let error = anyhow::anyhow!("--host and --role belong to stores, and none is named");
        call.problems.push(Problem::usage(
            error,
            "name them with `--keystore FILE` and `--truststore FILE`, or in `--config server.properties`",
        ));
    }
    let stores = PartyStores {
        keystore: arguments.keystore.as_deref(),
        truststore: arguments.truststore.as_deref(),
        storepass: arguments.storepass.as_ref(),
        truststore_pass: arguments.truststore_pass.as_ref(),
        keypass: arguments.keypass.as_ref(),
    };
    let passwords = call.passwords(&BROKER, &stores, global).passwords;
    let subject = if let Some(path) = &arguments.config {
        Subject::Configuration { path: path.clone(), role, hosts: arguments.host.clone() }
    } else if names_stores {
        Subject::Stores(Stores {
            keystore: arguments.keystore.clone(),
            truststore: arguments.truststore.clone(),
            role,
            hosts: arguments.host.clone(),
            passwords: passwords.clone(),
        })
    } else {
        let source = call.source("--ca-pass", arguments.ca_pass.as_ref()).map(Source::known);
        let sound = call.problems.is_empty();
        let (ca_password, _) = call.secret("--ca-pass", "password of the CA key", source, sound, global);
        let folder = arguments.dir.clone().unwrap_or_else(|| BUNDLE.into());
        Subject::Bundle { folder, ca_password, passwords: passwords.clone() }
    };
    let old = arguments.against.as_ref().map(|path| call.old(path, arguments, passwords));
    if !call.problems.is_empty() {
        return Err(Failure(call.problems));
    }
    let fail_on = if fail_on.as_deref() == Some("error") { Severity::Error } else { Severity::Warning };
    let warn_before = Duration::days(i64::from(arguments.warn_days));
    Ok(VerifyCall { subject, old, warn_before, fail_on, warnings: call.warnings })
}

fn one_of(what: &'static str, text: &str, known: &'static [&'static str]) -> Result<String, UnknownValue> {
    let text = text.to_ascii_lowercase();
    let is_known = known.contains(&text.as_str());
    is_known.then(|| text.clone()).ok_or(UnknownValue { what, value: text, known })
}

impl Call {
    /// Returns the stores that a broker has now: each with the password beside it, or that of the new one.
    fn old(&mut self, path: &Path, arguments: &Arguments, passwords: Passwords) -> Subject {
        if path.is_dir() {
            return Subject::Bundle { folder: path.to_owned(), ca_password: None, passwords };
        }
        if path.extension().is_some_and(|extension| extension == "properties") {
            return Subject::Configuration { path: path.to_owned(), role: None, hosts: Vec::new() };
        }
        let store = party::beside(self, "--against", Some(path));
        let truststore = party::beside(self, "--against", arguments.against_truststore.as_deref());
        Subject::Stores(Stores {
            keystore: Some(path.to_owned()),
            truststore: arguments.against_truststore.clone(),
            role: Some(NodeRole::Broker),
            hosts: Vec::new(),
            passwords: Passwords {
                truststore: truststore.or(passwords.truststore),
                store: store.or(passwords.store),
                key: passwords.key,
            },
        })
    }
}

impl Subject {
    fn load(&self) -> Result<Case, Failure> {
        let loaded = match self {
            Self::Bundle { folder, ca_password, passwords } => load::bundle(folder, ca_password.as_ref(), passwords),
            Self::Configuration { path, role, hosts } => load::configuration(path, *role, hosts),
            Self::Stores(stores) => load::stores(stores),
        };
        loaded.map_err(|error| Problem::of_load("verify", &error).into())
    }
}

impl VerifyCall {
    /// Reads all that is to be judged.
    pub(crate) fn load(&self) -> Result<Case, Failure> {
        self.subject.load()
    }

    /// Reads what it is compared with.
    pub(crate) fn load_old(&self) -> Result<Option<Old>, Failure> {
        let Some(subject) = &self.old else { return Ok(None) };
        let knows_truststore = match subject {
            Subject::Bundle { .. } | Subject::Configuration { .. } => true,
            Subject::Stores(stores) => stores.truststore.is_some(),
        };
        Ok(Some(Old { case: subject.load()?, knows_truststore }))
    }

    /// Returns the folder that paths are shown without.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match &self.subject {
            Subject::Bundle { folder, .. } => Some(folder),
            Subject::Configuration { .. } | Subject::Stores(_) => None,
        }
    }
}
