//! From the disk to what is judged. Nothing is written, and no file is read that is larger than a store can be.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod configuration;
mod disk;
mod identity;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bundle::{BundleMaterial, CaKey};
use super::material::{Case, Content, FileKind, Key, Material, NotLookedAt, Party, PasswordFacts, Purpose};
use super::pem::PemFile;
use crate::bundle::INVENTORY;
use crate::bundle::inventory::{Inventory, InventoryError};
use crate::kafka::pem_store::PemStoreError;
use crate::keystore::{ClosedReason, Integrity, KeyState, StoreSurvey};
use crate::name::printable;
use crate::pbe::{KeyOpener, PbeError};
use crate::pki::{DecodedCertificate, PrivateKeyError, read_certificates, read_private_key_with};
use crate::secret::Password;
use crate::spec::NodeRole;

use disk::Folder;

pub use configuration::{configuration, connecting};

/// Why nothing can be judged.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The inventory of a bundle cannot be used.
    Inventory(PathBuf, InventoryError),
    /// The system does not let a file be read.
    Io(PathBuf, io::Error),
    /// There is no bundle in the folder.
    NoBundle(PathBuf),
    /// Something else than a file, such as a folder or a pipe.
    NotAFile(PathBuf),
    /// It has more bytes than are read.
    TooLarge(PathBuf),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |path: &Path| printable(&path.display().to_string());
        match self {
            Self::Inventory(path, _) => write!(f, "the inventory `{}` cannot be used", shown(path)),
            Self::Io(path, _) => write!(f, "`{}` cannot be read", shown(path)),
            Self::NoBundle(path) => write!(f, "there is no bundle in `{}`: it has no `{INVENTORY}`", shown(path)),
            Self::NotAFile(path) => write!(f, "`{}` is not a file", shown(path)),
            Self::TooLarge(path) => {
                write!(f, "`{}` has more than {} bytes, and is not read", shown(path), disk::MAX_FILE)
            }
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Inventory(_, error) => Some(error),
            Self::Io(_, error) => Some(error),
            Self::NoBundle(_) | Self::NotAFile(_) | Self::TooLarge(_) => None,
        }
    }
}

/// The passwords that were given.
#[derive(Debug, Clone, Default)]
pub struct Passwords {
    /// That of the keystore.
    pub store: Option<Password>,
    /// That of the key, if it is another one.
    pub key: Option<Password>,
    /// That of the truststore, if it is another one than the keystore's.
    pub truststore: Option<Password>,
}

/// Stores that somebody names.
#[derive(Debug, Clone, Default)]
pub struct Stores {
    /// The keystore.
    pub keystore: Option<PathBuf>,
    /// The truststore.
    pub truststore: Option<PathBuf>,
    /// Their passwords.
    pub passwords: Passwords,
    /// What they are for; guessed, if it is not said.
    pub role: Option<NodeRole>,
    /// The names that others connect to.
    pub hosts: Vec<String>,
}

/// Reads stores that somebody names.
pub fn stores(stores: &Stores) -> Result<Case, LoadError> {
    let mut case = Case::default();
    let Passwords { store, key, truststore } = &stores.passwords;
    let mut folder = Folder::of_files();
    let mut read = |path: &Option<PathBuf>, purpose, store: Option<&Password>, key: Option<&Password>| {
        let Some(path) = path else { return Ok(None) };
        let material = read_store(&mut folder, path, purpose, store, key)?;
        case.not_looked_at.extend(unopened(&material));
        Ok(Some(material))
    };
    let keystore = read(&stores.keystore, Purpose::Keystore, store.as_ref(), key.as_ref())?;
    let truststore = read(&stores.truststore, Purpose::Truststore, truststore.as_ref(), None)?;
    case.files = folder.facts;
    let name = stores.keystore.as_ref().or(stores.truststore.as_ref()).map(|path| path.display().to_string());
    let (role, reason) = role_of(stores, keystore.as_ref());
    case.assumptions.extend(reason);
    case.parties.push(Party {
        name: name.unwrap_or_default(),
        role,
        hosts: stores.hosts.clone(),
        keystores: keystore.into_iter().map(Arc::new).collect(),
        truststores: truststore.into_iter().map(Arc::new).collect(),
    });
    Ok(case)
}

/// Files in PEM, as OpenSSL's users name them.
#[derive(Debug, Clone, Default)]
pub struct PemFiles {
    /// The certificates that are trusted; DER is taken, too.
    pub authorities: Option<PathBuf>,
    /// The chain that is shown, the leaf first.
    pub certificates: Option<PathBuf>,
    /// Its private key, if that is in another file.
    pub key: Option<PathBuf>,
    /// The password of the key.
    pub password: Option<Password>,
}

/// Reads a client's files in PEM.
pub fn pem_files(files: &PemFiles) -> Result<Case, LoadError> {
    let mut folder = Folder::of_files();
    let opener = &mut KeyOpener::default();
    let mut party = Party {
        name: String::new(),
        role: NodeRole::Client,
        hosts: Vec::new(),
        keystores: Vec::new(),
        truststores: Vec::new(),
    };
    if let Some(path) = &files.authorities {
        let bytes = folder.read(path, FileKind::Public)?;
        let pem = PemFile::of_parts(&[], &bytes, Purpose::Truststore, None, opener);
        let label = folder.label(path);
        party.truststores.push(Material::of_pem(label, Purpose::Truststore, PasswordFacts::default(), pem).into());
    }
    if let Some(path) = &files.certificates {
        let key_path = files.key.as_ref().unwrap_or(path);
        let certificates = folder.read(path, FileKind::Public)?;
        let key = folder.read(key_path, FileKind::Secret)?;
        let pem = PemFile::of_parts(&key, &certificates, Purpose::Keystore, files.password.as_ref(), opener);
        // What can be wrong, but for there being no certificate, is wrong with the key.
        let label = folder.label(if pem.certificates.is_empty() { path } else { key_path });
        party.keystores.push(Material::of_pem(label, Purpose::Keystore, PasswordFacts::default(), pem).into());
    }
    Ok(Case { parties: vec![party], files: folder.facts, ..Case::default() })
}

/// Returns what stores are for, and how it was guessed if nobody said it.
fn role_of(stores: &Stores, keystore: Option<&Material>) -> (NodeRole, Option<String>) {
    if let Some(role) = stores.role {
        return (role, None);
    }
    if !stores.hosts.is_empty() {
        return (NodeRole::Broker, Some("a broker, since there is a host that others connect to".to_owned()));
    }
    role_by_usage(keystore)
}

/// Guesses what a keystore is for by what its certificate is for; a truststore alone is a client's.
fn role_by_usage(keystore: Option<&Material>) -> (NodeRole, Option<String>) {
    let Some(keystore) = keystore else { return (NodeRole::Client, None) };
    let leaves = || keystore.keys.iter().filter_map(|entry| entry.leaf());
    if leaves().next().is_none() {
        // Nothing was seen that a guess could be made by.
        return (NodeRole::Broker, None);
    }
    match leaves().find_map(|leaf| leaf.extended_key_usage.as_ref()) {
        Some(usage) if usage.client_auth && !usage.server_auth => {
            (NodeRole::Client, Some("a client, since the certificate is for clientAuth alone".to_owned()))
        }
        _ => (NodeRole::Broker, Some("a broker, since the certificate is not for clientAuth alone".to_owned())),
    }
}

fn read_store(
    folder: &mut Folder,
    path: &Path,
    purpose: Purpose,
    store: Option<&Password>,
    key: Option<&Password>,
) -> Result<Material, LoadError> {
    let bytes = folder.read(path, FileKind::Public)?;
    let label = folder.label(path);
    let is_pem = |bytes: &[u8]| bytes.first() != Some(&0x30) && !bytes.starts_with(&[0xFE, 0xED]);
    let read_pem = |key| if is_pem(&bytes) { PemFile::read(&bytes, purpose, key) } else { None };
    let pem = match read_pem(key) {
        // A store in PEM has no password: the one that was given for it is its key's.
        Some(PemFile { key: Some(Err(KeyState::NoPassword)), .. }) if store.is_some() => read_pem(store),
        pem => pem,
    };
    let material = if let Some(pem) = pem {
        Material::of_pem(label, purpose, PasswordFacts::default(), pem)
    } else {
        Material::of_survey(label, purpose, PasswordFacts::of(store, key), StoreSurvey::read(&bytes, store, key))
    };
    if purpose == Purpose::Keystore || !material.keys.is_empty() {
        folder.is_secret(path);
    }
    Ok(material)
}

/// Says what stays in the dark for want of a password.
fn unopened(material: &Material) -> Vec<NotLookedAt> {
    let mut unopened = Vec::new();
    let mut add =
        |object: String, why: &str| unopened.push(NotLookedAt { object: printable(&object), why: why.to_owned() });
    if material.left_out > 0 {
        let why = format!("{} of its certificates are too large, or too many to be looked at", material.left_out);
        add(material.label.clone(), &why);
    }
    if let Content::Pem(PemFile { reading: Err(error), .. }) = &material.content
        && error.is_out_of_bounds()
        && !matches!(error, PemStoreError::TooMuchWork(_))
    {
        add(material.label.clone(), &error.to_string());
    }
    if let Some(survey) = material.survey() {
        if !material.password.is_given && !survey.closed().is_empty() {
            add(material.label.clone(), "it is encrypted, and no password was given");
            return unopened;
        }
        if !material.password.is_given && *survey.integrity() == Integrity::NotChecked {
            add(material.label.clone(), "whether it was changed since it was written: no password was given");
        }
        for part in survey.closed() {
            let why = match &part.reason {
                ClosedReason::Unsupported(how) => format!("a part of it is encrypted with {how}"),
                ClosedReason::TooMuchWork(count) => format!("a part of it asks for {count} iterations: too much work"),
                _ => continue,
            };
            add(material.label.clone(), &why);
        }
    }
    for entry in &material.keys {
        let place = material.place(entry.alias.as_deref());
        match &entry.key {
            Key::Closed(KeyState::NoPassword) => add(place, "the key is encrypted, and no password was given"),
            Key::Closed(KeyState::TooMuchWork(count)) => {
                add(place, &format!("the key asks for {count} iterations: too much work"));
            }
            Key::Closed(KeyState::Unsupported(how)) => add(place, &format!("the key cannot be opened here: {how}")),
            Key::Closed(KeyState::Damaged(_)) => add(place, "the key has not the form of one"),
            Key::Open { public_key: None } => {
                add(place, "whether the key is that of the certificate: it is of a kind that is not used here");
            }
            _ => {}
        }
    }
    unopened
}

/// Reads the inventory of a bundle, and nothing else of it.
pub fn inventory(path: &Path) -> Result<Inventory, LoadError> {
    read_inventory(&mut Folder::of_bundle(path), path)
}

fn read_inventory(folder: &mut Folder, path: &Path) -> Result<Inventory, LoadError> {
    let file = path.join(INVENTORY);
    let bytes = match folder.read(&file, FileKind::Public) {
        Err(LoadError::Io(_, error)) if error.kind() == io::ErrorKind::NotFound => {
            return Err(LoadError::NoBundle(path.to_owned()));
        }
        bytes => bytes?,
    };
    Inventory::from_json(&bytes).map_err(|error| LoadError::Inventory(file, error))
}

/// Reads a bundle. `ca_password` opens the CA's key, if its file is not there; `given` are passwords of stores that are not
/// in the bundle.
pub fn bundle(path: &Path, ca_password: Option<&Password>, given: &Passwords) -> Result<Case, LoadError> {
    let mut folder = Folder::of_bundle(path);
    let inventory = read_inventory(&mut folder, path)?;
    let mut case = Case::default();
    let mut material = BundleMaterial {
        ca_certificate: Err(String::new()),
        ca_chain: Vec::new(),
        ca_key: None,
        identities: Vec::new(),
        missing: Vec::new(),
        extra: Vec::new(),
        inventory,
    };
    read_ca(&mut folder, &mut case, &mut material, ca_password)?;
    for identity in &material.inventory.identities {
        let found = identity::read(&mut folder, &material.inventory, identity, given)?;
        case.not_looked_at
            .extend(found.party.keystores.iter().chain(&found.party.truststores).flat_map(|store| unopened(store)));
        case.configurations.extend(found.configurations);
        case.parties.push(found.party);
        material.identities.push(found.files);
    }
    folder.look_at_folders();
    material.extra = folder.others()?;
    case.files = folder.facts;
    case.bundle = Some(material);
    Ok(case)
}

fn read_ca(
    folder: &mut Folder,
    case: &mut Case,
    material: &mut BundleMaterial,
    password: Option<&Password>,
) -> Result<(), LoadError> {
    let ca = &material.inventory.ca;
    match folder.read_if_there(&ca.certificate_file, FileKind::Public)? {
        None => material.missing.push(ca.certificate_file.clone()),
        Some(bytes) => match chain(&bytes) {
            Ok((certificate, issuers)) => {
                material.ca_certificate = Ok(certificate);
                material.ca_chain = issuers;
            }
            Err(error) => material.ca_certificate = Err(error),
        },
    }
    let mut own = None;
    if let Some(file) = &ca.password_file {
        // Whoever keeps it elsewhere does well.
        own = folder.read_if_there(file, FileKind::Secret)?.and_then(|bytes| disk::password(&bytes));
    }
    let mut not_looked_at =
        |object: &String, why: String| case.not_looked_at.push(NotLookedAt { object: object.clone(), why });
    let Some(key_file) = &ca.key_file else {
        not_looked_at(&ca.certificate_file, "the CA's key is kept elsewhere".to_owned());
        return Ok(());
    };
    let Some(bytes) = folder.read_if_there(key_file, FileKind::Secret)? else {
        // It is kept off the brokers, as it should be.
        not_looked_at(key_file, "the CA's key is not in the bundle".to_owned());
        return Ok(());
    };
    let read = read_private_key_with(&bytes, password.or(own.as_ref()), &mut KeyOpener::default());
    let key = match &read {
        Ok(read) => Key::Open { public_key: Some(read.key.public_key_info()) },
        Err(PrivateKeyError::NoPassword) => {
            not_looked_at(key_file, "it is encrypted, and its password is not in the bundle".to_owned());
            Key::Closed(KeyState::NoPassword)
        }
        Err(PrivateKeyError::WrongPassword) => Key::Closed(KeyState::WrongPassword),
        Err(PrivateKeyError::Encryption(PbeError::Iterations(count) | PbeError::TooMuchWork(count))) => {
            not_looked_at(key_file, format!("it asks for {count} iterations: too much work"));
            Key::Closed(KeyState::TooMuchWork(*count))
        }
        Err(_) => Key::Closed(KeyState::Damaged("private key")),
    };
    let is_encrypted = read.map_or(true, |read| read.was_encrypted);
    material.ca_key = Some(CaKey { key, is_encrypted });
    Ok(())
}

/// Reads a file with a certificate, and those of its issuers behind it.
fn chain(file: &[u8]) -> Result<(DecodedCertificate, Vec<DecodedCertificate>), String> {
    let ders = read_certificates(file).map_err(|error| error.to_string())?;
    let decoded = ders.iter().map(|der| DecodedCertificate::from_der(der)).collect::<Result<Vec<_>, _>>();
    let mut certificates = decoded.map_err(|error| error.to_string())?.into_iter();
    let first = certificates.next().ok_or("there is no certificate in it")?;
    Ok((first, certificates.collect()))
}

/// Reads a file with one certificate.
fn one_certificate(file: &[u8]) -> Result<DecodedCertificate, String> {
    let ders = read_certificates(file).map_err(|error| error.to_string())?;
    match ders.as_slice() {
        [der] => DecodedCertificate::from_der(der).map_err(|error| error.to_string()),
        [] => Err("there is no certificate in it".to_owned()),
        several => Err(format!("there are {} certificates in it", several.len())),
    }
}
