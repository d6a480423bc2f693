//! From what was typed to a specification that holds together. Every mistake of a call is found before any of them is
//! reported; nothing is changed here.

use std::str::FromStr;

use kafka_certgen::name::printable;
use kafka_certgen::script::SecretReference;
use kafka_certgen::secret::{Password, SHORT_PASSWORD};
use kafka_certgen::spec::{StoreFormat, StoreSpec};

use crate::cli::{Global, Jobs};
use crate::problem::{Mistake, Problem};
use crate::secrets::Source;

mod add;
mod apply;
mod bundle;
mod ca_key;
mod config;
mod diagnose;
pub(crate) mod export;
mod handshake;
mod identities;
mod init;
mod inspect;
mod live;
mod man;
mod party;
mod steps;
mod verify;

pub(crate) use add::{add, add_formats, check_addition};
pub(crate) use apply::{Secret, Signer, apply};
pub(crate) use ca_key::{CaKeyPlace, ca_key};
pub(crate) use config::{PRINCIPALS, config};
pub(crate) use diagnose::{Diagnose, diagnose};
pub(crate) use export::{Destination, kubernetes, tar};
pub(crate) use handshake::{HandshakeCall, MemoryCall, STACKS, TLS_VERSIONS, handshake};
pub(crate) use init::{Init, init};
pub(crate) use inspect::{Inspect, inspect};
pub(crate) use live::LiveCall;
pub(crate) use man::{ManCall, man};
pub(crate) use steps::{Ca, Certreq, Genkey, ImportCall, STORE_FORMATS, StoreCall, ca, certreq, genkey, import, sign};
pub(crate) use verify::{SEVERITIES, verify};

/// The folder that `init` makes.
const BUNDLE: &str = "kafka-certs";

/// The most threads that make keys and stores.
const MAX_JOBS: usize = 256;

/// A call while it is converted: what was found so far.
#[derive(Default)]
struct Call {
    problems: Vec<Problem>,
    warnings: Vec<String>,
    /// The file that a password was found in which nobody has named.
    beside: Option<std::path::PathBuf>,
}

impl Call {
    fn keep<T, E: Mistake>(&mut self, flag: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|mistake| self.problems.push(Problem::of_flag(flag, &mistake))).ok()
    }

    fn value<T, E: Mistake>(&mut self, flag: &str, result: Result<T, E>, default: T) -> T {
        self.keep(flag, result).unwrap_or(default)
    }

    fn parse<T: FromStr<Err: Mistake>>(&mut self, flag: &str, text: &str, default: T) -> T {
        self.value(flag, text.parse(), default)
    }

    /// Returns how many keys and stores are made at once.
    fn jobs(&mut self, jobs: &Jobs) -> usize {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let Some(text) = &jobs.jobs else { return cores.min(MAX_JOBS) };
        if let Ok(jobs @ 1..=MAX_JOBS) = text.parse() {
            return jobs;
        }
        let error = anyhow::anyhow!("--jobs: `{}` is not a number from 1 to {MAX_JOBS}", printable(text));
        self.problems.push(Problem::usage(error, format!("use `--jobs {cores}`, or leave it out")));
        cores
    }

    /// Parses where a password comes from.
    fn source(&mut self, flag: &str, text: Option<&String>) -> Option<Source> {
        let source = text.and_then(|text| self.keep(flag, Source::parse(text)));
        if matches!(source, Some(Source::Pass(_))) {
            self.warnings
                .push(format!("{flag} pass:… can be read by every user of this machine; use file:PATH or env:NAME"));
        }
        source
    }

    /// Reads a password. Nobody is asked for one, and nothing is taken from the standard input, for a call that is not `sound`.
    fn secret(
        &mut self,
        flag: &str,
        what: &str,
        source: Option<Source>,
        sound: bool,
        global: &Global,
    ) -> (Option<Password>, SecretReference) {
        self.secret_at(flag, flag, what, source, sound, global)
    }

    /// Reads a password that something else than its flag may have named, such as a line of a file.
    fn secret_at(
        &mut self,
        label: &str,
        flag: &str,
        what: &str,
        source: Option<Source>,
        sound: bool,
        global: &Global,
    ) -> (Option<Password>, SecretReference) {
        let Some(source) = source else { return (None, SecretReference::Made) };
        let is_read = sound || !source.is_consumed();
        let keep = |mistake| self.problems.push(Problem::of_secret(label, flag, &mistake));
        let password = if is_read { source.read(what, global.batch).map_err(keep).ok() } else { None };
        (password, source.reference())
    }

    fn warn_of_short_passwords(&mut self, stores: &StoreSpec) {
        for (flag, password) in [("--storepass", &stores.store_password), ("--keypass", &stores.key_password)] {
            if stores.formats.contains(&StoreFormat::Jks) && password.as_ref().is_some_and(Password::is_short) {
                self.warnings.push(format!(
                    "{flag}: fewer than {SHORT_PASSWORD} characters, and a JKS store costs an attacker one SHA-1 a guess; leave it out to have one made"
                ));
            }
        }
    }
}
