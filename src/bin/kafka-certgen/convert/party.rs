//! One end of a connection out of its stores, by the loader that `verify` has; and where their passwords come from.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use kafka_certgen::handshake::{Endpoint, EndpointError};
use kafka_certgen::keystore::{ClosedReason, KeyState, SurveyError};
use kafka_certgen::secret::Password;
use kafka_certgen::spec::NodeRole;
use kafka_certgen::verify::load::{self, Passwords, Stores};

use super::Call;
use crate::cli::Global;
use crate::problem::Problem;
use crate::run::{self, password_beside};
use crate::secrets::Source;

/// The flags that the stores of an end are named by.
pub(crate) struct PartyFlags {
    pub(crate) alias: &'static str,
    pub(crate) storepass: &'static str,
    pub(crate) truststore_pass: &'static str,
    pub(crate) keypass: &'static str,
}

/// The flags of a broker, and of the only end where there is one.
pub(crate) const BROKER: PartyFlags = PartyFlags {
    alias: "--alias",
    storepass: "--storepass",
    truststore_pass: "--truststore-pass",
    keypass: "--keypass",
};

/// The flags of a client beside a broker.
pub(crate) const CLIENT: PartyFlags = PartyFlags {
    alias: "--client-alias",
    storepass: "--client-storepass",
    truststore_pass: "--client-truststore-pass",
    keypass: "--client-keypass",
};

/// What is said of the stores of an end.
#[derive(Clone, Copy, Default)]
pub(crate) struct PartyStores<'a> {
    pub(crate) keystore: Option<&'a Path>,
    pub(crate) truststore: Option<&'a Path>,
    pub(crate) storepass: Option<&'a String>,
    pub(crate) truststore_pass: Option<&'a String>,
    pub(crate) keypass: Option<&'a String>,
}

/// The passwords of an end, and the files that they were found in, where nobody has named them.
#[derive(Default)]
pub(super) struct FoundPasswords {
    pub(super) passwords: Passwords,
    beside_keystore: Option<PathBuf>,
    beside_truststore: Option<PathBuf>,
}

impl Call {
    /// Reads the passwords of an end's stores: what was given, else what lies beside them, else what a person types.
    pub(super) fn passwords(
        &mut self,
        flags: &PartyFlags,
        stores: &PartyStores<'_>,
        global: &Global,
    ) -> FoundPasswords {
        let sound = self.problems.is_empty();
        let read = |call: &mut Self, flag, what, given: Option<&String>, path: Option<&Path>| {
            let source = match given {
                Some(_) => call.source(flag, given).map(Source::known),
                None => path.and_then(|path| found_source(path, global)),
            };
            let beside = match &source {
                Some(Source::File(file)) if given.is_none() => Some(file.clone()),
                _ => None,
            };
            (call.secret(flag, what, source, sound, global).0, beside)
        };
        let (store, beside_keystore) =
            read(self, flags.storepass, "password of the keystore", stores.storepass, stores.keystore);
        let (key, _) = read(self, flags.keypass, "password of the key", stores.keypass, None);
        let path = stores.truststore.filter(|path| store.is_none() || password_beside(path).is_some());
        let (truststore, beside_truststore) =
            read(self, flags.truststore_pass, "password of the truststore", stores.truststore_pass, path);
        let passwords = Passwords { truststore: truststore.or_else(|| store.clone()), store, key };
        FoundPasswords { passwords, beside_keystore, beside_truststore }
    }

    /// Reads what an end has in its stores. What is wrong with them is a problem of the call.
    pub(super) fn endpoint(
        &mut self,
        flags: &PartyFlags,
        name: &str,
        alias: Option<&str>,
        stores: &PartyStores<'_>,
        global: &Global,
    ) -> Option<Endpoint> {
        let known = self.problems.len();
        let found = self.passwords(flags, stores, global);
        if self.problems.len() > known {
            return None;
        }
        let FoundPasswords { passwords, .. } = &found;
        let [keystore, truststore] = [stores.keystore, stores.truststore].map(|path| path.map(Path::to_owned));
        // The role is asked for by nobody here; said, it is not guessed.
        let role = Some(NodeRole::Broker);
        let named = Stores { keystore, truststore, passwords: passwords.clone(), role, hosts: Vec::new() };
        let case = load::stores(&named).map_err(|error| Problem::of_load("handshake", &error));
        let party = case.map_err(|problem| self.problems.push(problem)).ok()?.parties.into_iter().next()?;
        let end = Endpoint::of_party(&party, alias).map_err(|error| problem_of(&error, flags, stores, &found));
        let end = end.map_err(|problem| self.problems.push(problem)).ok()?;
        Some(Endpoint { name: name.to_owned(), ..end })
    }
}

/// Says what is wrong with the stores of an end by the flags that they, or their passwords, were given with.
fn problem_of(error: &EndpointError, flags: &PartyFlags, stores: &PartyStores<'_>, found: &FoundPasswords) -> Problem {
    let label = |path: &Path| path.display().to_string();
    let keystore = stores.keystore.filter(|path| label(path) == error.store());
    let path = keystore.or(stores.truststore).unwrap_or(Path::new(error.store()));
    let (flag, beside) = if keystore.is_some() {
        (flags.storepass, &found.beside_keystore)
    } else if stores.truststore_pass.is_some() {
        (flags.truststore_pass, &None)
    } else {
        // The keystore's is tried on the truststore, too.
        (
            flags.storepass,
            if found.beside_truststore.is_some() { &found.beside_truststore } else { &found.beside_keystore },
        )
    };
    match error {
        EndpointError::Closed { reason: ClosedReason::NoPassword, .. } => Problem::no_password(path, flag),
        // A store in PEM has no password of its own.
        EndpointError::KeyClosed { state: KeyState::NoPassword, .. } => {
            Problem::no_password(path, if is_store(path) { flag } else { flags.keypass })
        }
        EndpointError::Unreadable { error: SurveyError::WrongPasswordOrDamaged, .. }
        | EndpointError::Closed { reason: ClosedReason::WrongPassword, .. } => {
            Problem::of_endpoint(error, path, flags.alias, flag).of_password_in(beside.as_deref())
        }
        _ => Problem::of_endpoint(error, path, flags.alias, flags.keypass),
    }
}

/// Finds the password of a store: in the file that was made for it, in that of its bundle, or at the terminal.
fn found_source(path: &Path, global: &Global) -> Option<Source> {
    match password_beside(path) {
        Some(file) => Some(Source::File(file)),
        // PEM needs none.
        None if run::can_ask(global) && is_store(path) => Some(Source::Prompt { twice: false }),
        None => None,
    }
}

/// Says whether a file begins as a store and not as text.
fn is_store(path: &Path) -> bool {
    let mut first = [0];
    let is_read = path.is_file() && File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok();
    is_read && matches!(first, [0x30 | 0xFE | 0xCE])
}

/// Reads the password that lies beside a file.
pub(super) fn beside(call: &mut Call, flag: &str, path: Option<&Path>) -> Option<Password> {
    let source = path.and_then(password_beside).map(Source::File)?;
    call.keep(flag, source.read("password", true))
}
