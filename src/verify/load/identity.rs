//! The files of one identity of a bundle.

use std::path::Path;

use zeroize::Zeroizing;

use super::disk::{self, Folder};
use super::{LoadError, Passwords, one_certificate, read_store};
use crate::bundle::inventory::{Identity, Inventory};
use crate::bundle::record::RECORD;
use crate::kafka::properties_file::{PropertiesFile, Property};
use crate::pki::{CertificateSigningRequest, read_request_der};
use crate::secret::Password;
use crate::spec::{ClientAuth, NodeRole, PemKey, StoreFormat};
use crate::verify::bundle::IdentityFiles;
use crate::verify::configuration::Surroundings;
use crate::verify::material::{Configuration, FileKind, Party, Purpose};

/// An identity as it was found.
pub(super) struct Found {
    pub(super) party: Party,
    pub(super) files: IdentityFiles,
    pub(super) configurations: Vec<Configuration>,
}

/// The settings with passwords.
const PASSWORDS: [&str; 4] =
    ["ssl.keystore.password", "ssl.key.password", "ssl.truststore.password", "ssl.keystore.key"];

pub(super) fn read(
    folder: &mut Folder,
    inventory: &Inventory,
    identity: &Identity,
    given: &Passwords,
) -> Result<Found, LoadError> {
    let mut found = Found {
        party: Party {
            name: identity.name.clone(),
            role: identity.role,
            hosts: hosts(identity),
            keystores: Vec::new(),
            truststores: Vec::new(),
        },
        files: IdentityFiles { name: identity.name.clone(), certificate: None, request: None, missing: Vec::new() },
        configurations: Vec::new(),
    };
    let passwords = passwords(folder, inventory, identity, given, &mut found)?;
    for file in &identity.files {
        let path = folder.path(file);
        if !path.exists() {
            found.files.missing.push(file.clone());
            continue;
        }
        match Path::new(file).file_name().and_then(|name| name.to_str()).unwrap_or_default() {
            name if name.contains(".keystore.") => {
                let is_pem = is_pem(&path);
                let is_plain = inventory.settings.pem_key == Some(PemKey::Plain);
                let (store, key) = match (passwords.store.as_ref(), passwords.key.as_ref()) {
                    _ if is_pem && is_plain => (None, None),
                    (store, key) if is_pem => (None, key.or(store)),
                    passwords => passwords,
                };
                found.party.keystores.push(read_store(folder, &path, Purpose::Keystore, store, key)?.into());
            }
            name if name.contains(".truststore.") => {
                let store = passwords.store.as_ref().filter(|_| !is_pem(&path));
                found.party.truststores.push(read_store(folder, &path, Purpose::Truststore, store, None)?.into());
            }
            "cert-signed" => {
                let bytes = folder.read(&path, FileKind::Public)?;
                found.files.certificate = Some((file.clone(), one_certificate(&bytes)));
            }
            "cert-file" => {
                let bytes = folder.read(&path, FileKind::Public)?;
                found.files.request = Some((file.clone(), request(&bytes)));
            }
            RECORD => drop(folder.read(&path, FileKind::Secret)?),
            // They were read for the passwords.
            "password" | "server.properties" | "client.properties" => {}
            _ => drop(folder.read(&path, FileKind::Public)?),
        }
    }
    Ok(found)
}

fn is_pem(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == StoreFormat::Pem.extension())
}

/// Returns the names that others connect to.
fn hosts(identity: &Identity) -> Vec<String> {
    let names = identity.alt_names.iter().filter_map(|name| Some(name.split_once(':')?.1));
    names.filter(|name| !name.contains('*')).map(str::to_owned).collect()
}

fn request(file: &[u8]) -> Result<Vec<u8>, String> {
    let der = read_request_der(file).map_err(|error| error.to_string())?;
    let verified = CertificateSigningRequest::from_der(der).verify().map_err(|error| error.to_string())?;
    Ok(verified.public_key_info().to_vec())
}

/// Returns the passwords of an identity: given, else in its files. Its properties files are read on the way.
fn passwords(
    folder: &mut Folder,
    inventory: &Inventory,
    identity: &Identity,
    given: &Passwords,
    found: &mut Found,
) -> Result<Passwords, LoadError> {
    let mut passwords = given.clone();
    let mut beside = None;
    if let Some(file) = identity.file("password")
        && let Some(bytes) = folder.read_if_there(file, FileKind::Secret)?
    {
        beside = disk::password(&bytes);
        passwords.store = passwords.store.or_else(|| beside.clone());
    }
    for name in ["server.properties", "client.properties"] {
        let Some(file) = identity.file(name) else { continue };
        let Some(bytes) = folder.read_if_there(file, FileKind::Public)? else { continue };
        let properties = PropertiesFile::read(&bytes);
        let mut other_password = None;
        if let Ok(properties) = &properties {
            if PASSWORDS.iter().any(|key| properties.get(key).is_some()) {
                folder.is_secret(&folder.path(file));
            }
            let value = |key: &str| Password::new(Zeroizing::new(properties.get(key)?.value().to_owned())).ok();
            let own = value("ssl.keystore.password");
            if let (Some(own), Some(beside)) = (&own, &beside)
                && own.expose() != beside.expose()
            {
                let line = properties.get("ssl.keystore.password").map_or(0, Property::line);
                other_password = Some(format!("{file}, line {line}"));
            }
            passwords.store = passwords.store.or(own);
            passwords.key = passwords.key.or_else(|| value("ssl.key.password"));
        }
        found.configurations.push(Configuration {
            label: file.to_owned(),
            file: properties,
            surroundings: surroundings(inventory),
            missing: Vec::new(),
            other_password,
            owner: Some(identity.name.clone()),
        });
    }
    Ok(passwords)
}

/// Clients that have certificates and are not asked for them are what `init` was told to make.
fn surroundings(inventory: &Inventory) -> Surroundings {
    let is_client = |identity: &Identity| identity.role == NodeRole::Client;
    let is_asked = inventory.settings.client_auth != ClientAuth::None;
    let has_client_certificates = is_asked && inventory.identities.iter().any(is_client);
    Surroundings { has_client_certificates, are_stores_read: false }
}
