//! The call of `inspect`.

use std::path::{Path, PathBuf};

use kafka_certgen::inspect::{Format, Inspection, IntegrityState, Opening, Passwords};
use kafka_certgen::secret::Password;
use time::OffsetDateTime;

use super::Call;
use crate::cli::{self, Global};
use crate::problem::{Failure, Problem};
use crate::report::inspect::{Beside, File};
use crate::run::{self, password_beside};
use crate::secrets::Source;

/// A call of `inspect` that can be carried out.
pub(crate) struct Inspect {
    store_password: Option<Password>,
    key_password: Option<Password>,
    pub(crate) warnings: Vec<String>,
}

/// Converts the arguments of `inspect`.
pub(crate) fn inspect(arguments: &cli::inspect::Arguments, global: &Global) -> Result<Inspect, Failure> {
    let mut call = Call::default();
    for file in &arguments.files {
        call.refuse_two_inputs("FILE", file, &[&arguments.storepass, &arguments.keypass]);
    }
    if arguments.files.iter().filter(|file| run::named(file).is_none()).count() > 1 {
        let error = anyhow::anyhow!("the standard input is named twice, and can be read once");
        call.problems.push(Problem::usage(error, "name `-` once"));
    }
    // Who opens something that is there does not choose its password, and is asked for it once.
    let store_source = call.source("--storepass", arguments.storepass.as_ref()).map(Source::known);
    let key_source = call.source("--keypass", arguments.keypass.as_ref()).map(Source::known);
    let sound = call.problems.is_empty();
    let (store_password, _) = call.secret("--storepass", "password of the stores", store_source, sound, global);
    let (key_password, _) = call.secret("--keypass", "password of the private keys", key_source, sound, global);
    if !call.problems.is_empty() {
        return Err(Failure(call.problems));
    }
    Ok(Inspect { store_password, key_password, warnings: call.warnings })
}

impl Inspect {
    /// Looks into a file, with the passwords that were named, or with the one beside it.
    pub(crate) fn inspect<'p>(&self, path: &'p Path, now: OffsetDateTime) -> Result<File<'p>, Problem> {
        let bytes = run::read_any(path)?;
        let look = |store: Option<&Password>| {
            Inspection::of(&bytes, Passwords { store, key: self.key_password.as_ref() }, now)
        };
        let first = look(self.store_password.as_ref()).map_err(|error| Problem::of_inspection(path, &error))?;
        let file = |beside, inspection| Ok(File { path, beside, outcome: Ok(inspection) });
        let wants_more = first.wants_store_password() || first.wants_key_password();
        match beside(path).filter(|_| self.store_password.is_none() && wants_more) {
            None => file(None, first),
            Some((found, password)) => match look(Some(&password)) {
                Ok(opened) if is_opened(&opened) => file(Some(Beside { file: found, fits: true }), opened),
                // It is the password of something else.
                _ => file(Some(Beside { file: found, fits: false }), first),
            },
        }
    }

    /// Returns the flag of a password that was named and opens nothing in the file.
    pub(crate) fn wrong_password(&self, inspection: &Inspection) -> Option<&'static str> {
        let is_wrong_for_store = inspection.store.as_ref().map(|store| store.integrity);
        if self.store_password.is_some() && is_wrong_for_store == Some(IntegrityState::WrongPassword) {
            return Some("--storepass");
        }
        let states: Vec<Opening> = inspection.keys().map(|key| key.opening).collect();
        let opens_none = states.contains(&Opening::WrongPassword) && !states.contains(&Opening::Opened);
        let is_pem = matches!(inspection.format, Format::Pem | Format::Der);
        let is_named = self.key_password.is_some() || (is_pem && self.store_password.is_some());
        (opens_none && is_named).then_some(if self.key_password.is_some() { "--keypass" } else { "--storepass" })
    }
}

/// Says whether a password has opened something.
fn is_opened(inspection: &Inspection) -> bool {
    let of_store = inspection.store.as_ref().map(|store| store.integrity);
    match of_store {
        Some(integrity) => integrity != IntegrityState::WrongPassword,
        None => inspection.keys().any(|key| key.opening == Opening::Opened),
    }
}

/// Finds a password that was made for a file, or the one of its bundle.
fn beside(path: &Path) -> Option<(PathBuf, Password)> {
    run::named(path)?;
    let file = password_beside(path)?;
    let password = Source::File(file.clone()).read("password", true).ok()?;
    Some((file, password))
}
