//! The files of one identity of a bundle.

use std::path::Path;

use zeroize::Zeroizing;

use super::disk::{self, Folder};
use super::{LoadError, Passwords, one_certificate, read_store};
use crate::bundle::inventory::{Identity, Inventory};
use crate::kafka::properties_file::PropertiesFile;
use crate::pki::{CertificateSigningRequest, read_request_der};
use crate::secret::Password;
use crate::verify::bundle::IdentityFiles;
use crate::verify::material::{FileKind, Party, Purpose};

/// An identity as it was found.
pub(super) struct Found {
    pub(super) party: Party,
    pub(super) files: IdentityFiles,
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
    };
    let passwords = passwords(folder, identity, given)?;
    for file in &identity.files {
        let path = folder.path(file);
        if !path.exists() {
            found.files.missing.push(file.clone());
            continue;
        }
        match Path::new(file).file_name().and_then(|name| name.to_str()).unwrap_or_default() {
            name if name.contains(".keystore.") => {
                let is_plain = name.ends_with(".pem") && inventory.settings.pem_key == Some(crate::spec::PemKey::Plain);
                let (store, key) =
                    if is_plain { (None, None) } else { (passwords.store.as_ref(), passwords.key.as_ref()) };
                found.party.keystores.push(read_store(folder, &path, Purpose::Keystore, store, key)?);
            }
            name if name.contains(".truststore.") => {
                let store = passwords.store.as_ref().filter(|_| !name.ends_with(".pem"));
                found.party.truststores.push(read_store(folder, &path, Purpose::Truststore, store, None)?);
            }
            "cert-signed" => {
                let bytes = folder.read(&path, FileKind::Public)?;
                found.files.certificate = Some((file.clone(), one_certificate(&bytes)));
            }
            "cert-file" => {
                let bytes = folder.read(&path, FileKind::Public)?;
                found.files.request = Some((file.clone(), request(&bytes)));
            }
            // They were read for the passwords.
            "password" | "server.properties" | "client.properties" => {}
            _ => drop(folder.read(&path, FileKind::Public)?),
        }
    }
    Ok(found)
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

/// Returns the passwords of an identity: given, else in its files.
fn passwords(folder: &mut Folder, identity: &Identity, given: &Passwords) -> Result<Passwords, LoadError> {
    let mut passwords = given.clone();
    if let Some(file) = identity.file("password")
        && let Some(bytes) = folder.read_if_there(file, FileKind::Secret)?
    {
        passwords.store = passwords.store.or_else(|| disk::password(&bytes));
    }
    for name in ["server.properties", "client.properties"] {
        let Some(file) = identity.file(name) else { continue };
        let Some(bytes) = folder.read_if_there(file, FileKind::Public)? else { continue };
        let Ok(properties) = PropertiesFile::read(&bytes) else { continue };
        if PASSWORDS.iter().any(|key| properties.get(key).is_some()) {
            folder.is_secret(&folder.path(file));
        }
        let value = |key: &str| Password::new(Zeroizing::new(properties.get(key)?.value().to_owned())).ok();
        passwords.store = passwords.store.or_else(|| value("ssl.keystore.password"));
        passwords.key = passwords.key.or_else(|| value("ssl.key.password"));
    }
    Ok(passwords)
}
