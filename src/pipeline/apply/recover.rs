//! The key and the certificate of an identity, out of whichever of its stores still opens.

use std::path::Path;

use zeroize::Zeroizing;

use crate::bundle::{keystore_file, record, truststore_file};
use crate::kafka::properties_file::PropertiesFile;
use crate::keystore::{EntryKind, StoreFile};
use crate::name::{Alias, NodeName};
use crate::output::{BundleFolder, FolderFacts, OutputError};
use crate::pbe::KeyOpener;
use crate::pipeline::steps;
use crate::pki::{Certificate, KeyPair, read_certificates, read_private_key_with};
use crate::secret::Password;
use crate::spec::{NodeRole, StoreFormat, StoreSpec};

/// The most that is read of one file.
pub(in crate::pipeline) const MAX_FILE: u64 = 16 << 20;

/// The settings that hold a password.
const STORE_PASSWORD: &str = "ssl.keystore.password";
const KEY_PASSWORD: &str = "ssl.key.password";

/// The passwords of an identity, as its own files and the specification have them.
#[derive(Default)]
pub(in crate::pipeline) struct Passwords {
    /// The one in the file `password`.
    pub(in crate::pipeline) beside: Option<Password>,
    /// Those that may open a store, the likeliest first.
    pub(in crate::pipeline) stores: Vec<Password>,
    /// Those that may open a key, if the one of its store does not.
    pub(in crate::pipeline) keys: Vec<Password>,
}

impl Passwords {
    /// Adds those that stand in a properties file.
    pub(in crate::pipeline) fn add_properties(&mut self, file: &[u8]) {
        let Ok(properties) = PropertiesFile::read(file) else { return };
        let value = |key: &str| Password::new(Zeroizing::new(properties.get(key)?.value().to_owned())).ok();
        self.stores.extend(value(STORE_PASSWORD));
        self.keys.extend(value(KEY_PASSWORD));
    }
}

/// A key with its certificate, as a keystore has them.
pub(in crate::pipeline) struct KeyAndCertificate {
    pub(in crate::pipeline) key: KeyPair,
    pub(in crate::pipeline) certificate: Certificate,
    /// The alias of the key; PEM has none.
    pub(super) alias: Option<String>,
    /// What opened its store.
    pub(super) store_password: Option<Password>,
    /// What opened the key, if that was another password.
    pub(in crate::pipeline) key_password: Option<Password>,
}

/// The folder of an identity that is read.
pub(super) struct Folder<'a> {
    pub(super) bundle: &'a BundleFolder,
    pub(super) name: &'a NodeName,
    pub(super) facts: &'a FolderFacts,
}

impl Folder<'_> {
    /// Reads a file, if there is one.
    pub(super) fn read(&self, file: &str) -> Result<Option<Zeroizing<Vec<u8>>>, OutputError> {
        if !self.facts.files.contains_key(file) {
            return Ok(None);
        }
        self.bundle.read(&Path::new(self.name.as_str()).join(file), MAX_FILE)
    }

    /// Collects the passwords that may open its stores.
    pub(super) fn passwords(&self, given: &StoreSpec) -> Result<Passwords, OutputError> {
        let mut passwords = Passwords { beside: self.password_beside()?, ..Passwords::default() };
        passwords.stores.extend(passwords.beside.clone());
        passwords.stores.extend(given.store_password.clone());
        passwords.keys.extend(given.key_password.clone());
        for file in ["server.properties", "client.properties"] {
            let Some(bytes) = self.read(file)? else { continue };
            passwords.add_properties(&bytes);
        }
        passwords.stores.dedup_by(|one, other| one.expose() == other.expose());
        passwords.keys.dedup_by(|one, other| one.expose() == other.expose());
        Ok(passwords)
    }

    /// Reads the password that lies beside the stores: one line.
    pub(super) fn password_beside(&self) -> Result<Option<Password>, OutputError> {
        Ok(self.read("password")?.and_then(|file| password(&file)))
    }

    /// Returns the first password that opens one of its stores.
    pub(super) fn opening_password(&self, passwords: &Passwords) -> Result<Option<Password>, OutputError> {
        for (role, format) in stores().filter(|(_, format)| *format != StoreFormat::Pem) {
            for file in [keystore_file(role, format), truststore_file(role, format)] {
                let Some(bytes) = self.read(&file)? else { continue };
                let opens = |password: &&Password| StoreFile::open(&bytes, password).is_ok();
                if let Some(password) = passwords.stores.iter().find(opens) {
                    return Ok(Some(password.clone()));
                }
            }
        }
        Ok(None)
    }

    /// Returns the key of a certificate, out of the first keystore that has it: the cheapest to open come first.
    pub(super) fn key_of(
        &self,
        fingerprint: &str,
        passwords: &Passwords,
    ) -> Result<Option<KeyAndCertificate>, OutputError> {
        for (role, format) in stores() {
            let found = self.keys_in(&keystore_file(role, format), format, passwords)?;
            let found = found.into_iter().find(|found| found.certificate.fingerprint() == fingerprint);
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Returns all keys that can be read, each once a store.
    pub(super) fn all_keys(&self, passwords: &Passwords) -> Result<Vec<KeyAndCertificate>, OutputError> {
        let mut found = Vec::new();
        for (role, format) in stores() {
            found.extend(self.keys_in(&keystore_file(role, format), format, passwords)?);
        }
        Ok(found)
    }

    /// Says whether there is a file that only an identity has.
    pub(super) fn has_own_files(&self) -> bool {
        let keystores = stores().map(|(role, format)| keystore_file(role, format));
        let others = ["cert-signed", record::RECORD].map(str::to_owned);
        keystores.chain(others).any(|file| self.facts.files.contains_key(&file))
    }

    /// Returns the certificate that lies beside the stores.
    pub(super) fn certificate_beside(&self) -> Result<Option<Certificate>, OutputError> {
        let Some(bytes) = self.read("cert-signed")? else { return Ok(None) };
        let ders = read_certificates(&bytes).unwrap_or_default();
        Ok(ders.into_iter().next().and_then(|der| Certificate::from_der(der).ok()))
    }

    /// Returns the role that its files have, and the formats of its keystores.
    pub(super) fn kinds(&self) -> (Option<NodeRole>, Vec<StoreFormat>) {
        let there = stores().filter(|(role, format)| self.facts.files.contains_key(&keystore_file(*role, *format)));
        let there: Vec<(NodeRole, StoreFormat)> = there.collect();
        let role = there.first().map(|(role, _)| *role);
        (role, there.into_iter().filter(|(own, _)| Some(*own) == role).map(|(_, format)| format).collect())
    }

    fn keys_in(
        &self,
        file: &str,
        format: StoreFormat,
        passwords: &Passwords,
    ) -> Result<Vec<KeyAndCertificate>, OutputError> {
        let Some(bytes) = self.read(file)? else { return Ok(Vec::new()) };
        Ok(keys_of(&bytes, format, passwords))
    }
}

/// Returns the keys in a keystore that the passwords open.
pub(in crate::pipeline) fn keys_of(bytes: &[u8], format: StoreFormat, passwords: &Passwords) -> Vec<KeyAndCertificate> {
    match format {
        StoreFormat::Pem => in_pem(bytes, passwords).into_iter().collect(),
        StoreFormat::Jks | StoreFormat::Pkcs12 => in_store(bytes, passwords),
    }
}

/// Reads the file of a password: one line.
pub(in crate::pipeline) fn password(file: &[u8]) -> Option<Password> {
    let line = file.strip_suffix(b"\n").unwrap_or(file);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = Zeroizing::new(std::str::from_utf8(line).ok()?.to_owned());
    Password::new(text).ok()
}

/// The formats of keystores by the work that it takes to open them.
pub(in crate::pipeline) const CHEAPEST_FIRST: [StoreFormat; 3] =
    [StoreFormat::Jks, StoreFormat::Pem, StoreFormat::Pkcs12];

fn stores() -> impl Iterator<Item = (NodeRole, StoreFormat)> {
    CHEAPEST_FIRST.into_iter().flat_map(|format| [(NodeRole::Broker, format), (NodeRole::Client, format)])
}

fn in_store(bytes: &[u8], passwords: &Passwords) -> Vec<KeyAndCertificate> {
    let opened = passwords.stores.iter().find_map(|password| Some((StoreFile::open(bytes, password).ok()?, password)));
    let Some((store, password)) = opened else { return Vec::new() };
    let entries = store.entries();
    let keys = entries.iter().filter(|entry| entry.content.kind() == EntryKind::PrivateKey);
    let aliases: Vec<Alias> = keys.filter_map(|entry| entry.alias.parse().ok()).collect();
    let mut found = Vec::new();
    for alias in aliases {
        let own = std::iter::once(None).chain(passwords.keys.iter().map(Some));
        let opened = own.into_iter().find_map(|key| Some((steps::key_and_chain(&store, &alias, key).ok()?, key)));
        let Some(((key, chain), key_password)) = opened else { continue };
        let Some(certificate) = chain.into_iter().next().filter(|leaf| leaf.is_of_key(&key)) else { continue };
        found.push(KeyAndCertificate {
            key,
            certificate,
            alias: Some(alias.as_str().to_owned()),
            store_password: Some(password.clone()),
            key_password: key_password.cloned(),
        });
    }
    found
}

fn in_pem(bytes: &[u8], passwords: &Passwords) -> Option<KeyAndCertificate> {
    let opener = &mut KeyOpener::default();
    let candidates = std::iter::once(None).chain(passwords.keys.iter().chain(&passwords.stores).map(Some));
    let (read, password) = candidates
        .into_iter()
        .find_map(|password| Some((read_private_key_with(bytes, password, opener).ok()?, password)))?;
    let leaf = read_certificates(bytes).ok()?.into_iter().next()?;
    let certificate = Certificate::from_der(leaf).ok().filter(|leaf| leaf.is_of_key(&read.key))?;
    let key_password = password.filter(|_| read.was_encrypted).cloned();
    Some(KeyAndCertificate { key: read.key, certificate, alias: None, store_password: None, key_password })
}
