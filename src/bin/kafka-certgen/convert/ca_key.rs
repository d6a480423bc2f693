//! The key of a CA, wherever it lies.

use std::path::Path;

use kafka_certgen::keystore::{StoreFile, StoreFileError};
use kafka_certgen::name::Alias;
use kafka_certgen::pipeline::steps;
use kafka_certgen::pki::{Certificate, KeyPair, PrivateKeyError, read_private_key};
use kafka_certgen::script::SecretReference;
use kafka_certgen::secret::Password;

use super::Call;
use crate::cli::Global;
use crate::problem::{Failure, Problem};
use crate::run;
use crate::secrets::Source;

/// Where the key of a CA lies.
pub(crate) struct CaKeyPlace<'a> {
    /// What has named its password, as it stands before what is wrong with that.
    pub(crate) label: &'a str,
    /// The file: PEM or DER, or a store.
    pub(crate) path: &'a Path,
    /// Whether somebody has named the file; else it is where a bundle has it.
    pub(crate) is_named: bool,
    /// Its alias, if it is in a store.
    pub(crate) alias: Option<&'a String>,
    /// Whether somebody has said where its password comes from.
    pub(crate) is_password_given: bool,
    /// Where that is, if it could be read.
    pub(crate) password: Option<Source>,
}

/// The key of a CA.
pub(super) struct CaKey {
    pub(super) key: KeyPair,
    pub(super) reference: Option<SecretReference>,
    /// The chain that a store has for it.
    pub(super) chain: Option<Vec<Certificate>>,
}

/// Reads the key of a CA, and returns it with what is worth a word.
pub(crate) fn ca_key(place: CaKeyPlace<'_>, global: &Global) -> Result<(KeyPair, Vec<String>), Failure> {
    let mut call = Call::default();
    match call.ca_key(place, global) {
        Some(CaKey { key, .. }) => Ok((key, call.warnings)),
        None => Err(Failure(call.problems)),
    }
}

impl Call {
    pub(super) fn ca_key(&mut self, place: CaKeyPlace<'_>, global: &Global) -> Option<CaKey> {
        let (path, is_named) = (place.path, place.is_named);
        let read = if place.is_named { run::read("--ca-key", path) } else { run::read_any(path) };
        let bytes = read.map_err(|problem| self.problems.push(problem)).ok()?;
        if matches!(StoreFile::recognise(&bytes), Ok(_) | Err(StoreFileError::Jceks)) {
            return self.ca_key_in_store(place, &bytes, global);
        }
        let first = read_private_key(&bytes, None);
        if let Err(PrivateKeyError::NoPassword) = first {
            let (password, reference) = self.ca_password(place, global);
            let read = read_private_key(&bytes, Some(&password?));
            return match read {
                Ok(read) => Some(CaKey { key: read.key, reference: Some(reference), chain: None }),
                Err(error) => {
                    let problem = Problem::of_ca_key(path, is_named, &error).of_password_in(self.beside.as_deref());
                    self.problems.push(problem);
                    None
                }
            };
        }
        if place.is_password_given {
            self.warnings.push(format!(
                "{}: the key in `{}` is not encrypted, and no password was read",
                place.label,
                path.display()
            ));
        }
        match first {
            Ok(read) => Some(CaKey { key: read.key, reference: None, chain: None }),
            Err(error) => {
                self.problems.push(Problem::of_ca_key(path, is_named, &error));
                None
            }
        }
    }

    fn ca_key_in_store(&mut self, place: CaKeyPlace<'_>, bytes: &[u8], global: &Global) -> Option<CaKey> {
        let path = place.path;
        let alias = place.alias.map(|alias| self.keep("--ca-alias", alias.parse::<Alias>()));
        let (password, reference) = self.ca_password(place, global);
        let password = password?;
        let beside = self.beside.clone();
        let read = || -> Result<CaKey, Problem> {
            let store = StoreFile::open(bytes, &password)
                .map_err(|error| Problem::of_store(path, "--ca-pass", error).of_password_in(beside.as_deref()))?;
            let alias = match alias {
                Some(alias) => alias.ok_or_else(|| Problem::no_store(path))?,
                None => steps::only_key(&store).map_err(Problem::of_ca_store)?,
            };
            let (key, chain) = steps::key_and_chain(&store, &alias, None).map_err(Problem::of_ca_store)?;
            Ok(CaKey { key, reference: Some(reference), chain: Some(chain) })
        };
        read().map_err(|problem| self.problems.push(problem)).ok()
    }

    fn ca_password(&mut self, place: CaKeyPlace<'_>, global: &Global) -> (Option<Password>, SecretReference) {
        let source =
            if place.is_password_given { place.password } else { self.source_beside(place.path, "--ca-pass", global) };
        let sound = self.problems.is_empty();
        let known = source.map(Source::known);
        self.secret_at(place.label, "--ca-pass", "password of the CA key", known, sound, global)
    }
}
