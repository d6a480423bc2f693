//! A bundle that is read and not changed: its identities, their files as they were made, and their keys in the open.
//!
//! What an identity is, its own record says, as long as it has one; so a bundle whose last run was killed is read as it is. A file that is
//! not the one which was made is refused: what is exported shall be what was issued.

use std::fmt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::apply::recover::{CHEAPEST_FIRST, KeyAndCertificate, MAX_FILE, Passwords, keys_of, password};
use crate::bundle::inventory::{self, Identity, Inventory, InventoryError};
use crate::bundle::record::{self, IdentityRecord, RECORD, RecordError};
use crate::bundle::{INVENTORY, keystore_file, truststore_file};
use crate::export::{self, Purpose, Store};
use crate::name::{Alias, NodeName};
use crate::output::{BundleFolder, OutputError};
use crate::pki::{Certificate, read_certificates};
use crate::spec::{Layout, StoreFormat};

/// The file of a password.
const PASSWORD: &str = "password";

/// The files that are there to be added to.
const PROPERTIES: [&str; 2] = ["server.properties", "client.properties"];

/// Why a bundle cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The certificate of the CA is not there, is none, or is another one than the inventory's.
    CaCertificate(PathBuf),
    /// A file is not the one that was made.
    Changed(PathBuf),
    /// The inventory cannot be used.
    Inventory(PathBuf, InventoryError),
    /// A file that was made is not there.
    Missing(PathBuf),
    /// There is no bundle: nothing is there, or no inventory.
    NoBundle(PathBuf),
    /// None of an identity's keystores opens, or none has the key of its certificate.
    NoKey(NodeName),
    /// The password of an identity's stores cannot be read.
    NoPassword(PathBuf),
    /// An identity's certificate was issued by another CA than the one that the bundle has now.
    OtherIssuer(NodeName),
    /// The disk.
    Output(OutputError),
    /// The record of an identity cannot be used; none says that it is not there.
    Record(PathBuf, Option<RecordError>),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CaCertificate(path) => {
                write!(f, "`{}` does not hold the certificate of the bundle's CA", path.display())
            }
            Self::Changed(path) => write!(f, "`{}` is not as it was made", path.display()),
            Self::Inventory(path, error) => write!(f, "`{}` cannot be read: {error}", path.display()),
            Self::Missing(path) => write!(f, "`{}` was made and is not there any more", path.display()),
            Self::NoBundle(path) => write!(f, "there is no bundle in `{}`", path.display()),
            Self::NoKey(name) => {
                write!(f, "none of the keystores of `{name}` opens and has the key of its certificate")
            }
            Self::NoPassword(path) => write!(f, "`{}` does not hold a password", path.display()),
            Self::OtherIssuer(name) => {
                write!(f, "the certificate of `{name}` was issued by another CA than the bundle has now")
            }
            Self::Output(error) => error.fmt(f),
            Self::Record(path, None) => write!(f, "the record `{}` is not there", path.display()),
            Self::Record(path, Some(error)) => {
                write!(f, "the record `{}` cannot be used: {error}", path.display())
            }
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Output(error) => error.source(),
            _ => None,
        }
    }
}

impl From<OutputError> for ReadError {
    fn from(error: OutputError) -> Self {
        Self::Output(error)
    }
}

/// A bundle that is open to be read.
#[derive(Debug)]
pub struct ReadBundle {
    folder: BundleFolder,
    /// The folder as it was given, for messages.
    shown: PathBuf,
    inventory: Inventory,
    ca: Vec<Certificate>,
}

/// An identity as its own record, or in the script's layout the inventory, says it is.
#[derive(Debug)]
pub struct RecordedIdentity {
    /// What it is.
    pub identity: Identity,
    name: NodeName,
    record: Option<IdentityRecord>,
}

impl RecordedIdentity {
    /// Returns its name.
    pub fn name(&self) -> &NodeName {
        &self.name
    }
}

impl ReadBundle {
    /// Opens a bundle; takes no lock, and changes nothing.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let folder = match BundleFolder::look(path) {
            Ok(folder) => folder,
            Err(OutputError::NoParent(_) | OutputError::NotAFolder(_)) => {
                return Err(ReadError::NoBundle(path.to_owned()));
            }
            Err(error) => return Err(error.into()),
        };
        let json = folder.read(Path::new(INVENTORY), inventory::MAX_SIZE as u64)?;
        let json = json.ok_or_else(|| ReadError::NoBundle(path.to_owned()))?;
        let inventory =
            Inventory::from_json(&json).map_err(|error| ReadError::Inventory(path.join(INVENTORY), error))?;
        let ca = read_ca(&folder, path, &inventory)?;
        Ok(Self { folder, shown: path.to_owned(), inventory, ca })
    }

    /// Returns the absolute path of the bundle.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the inventory.
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// Returns the certificate of the CA and those above it, the root last.
    pub fn ca(&self) -> &[Certificate] {
        &self.ca
    }

    /// Returns an identity of the inventory as its own record says it is.
    pub fn identity(&self, identity: &Identity) -> Result<RecordedIdentity, ReadError> {
        let no_name = |_| ReadError::Inventory(self.shown.join(INVENTORY), InventoryError::Name(identity.name.clone()));
        let name: NodeName = identity.name.parse().map_err(no_name)?;
        if self.inventory.settings.layout == Layout::Script {
            return Ok(RecordedIdentity { identity: identity.clone(), name, record: None });
        }
        let path = Path::new(name.as_str()).join(RECORD);
        let failed = |error| ReadError::Record(self.shown.join(&path), error);
        let json = self.folder.read(&path, record::MAX_SIZE as u64)?.ok_or_else(|| failed(None))?;
        let record = IdentityRecord::from_json(&json, &name).map_err(|error| failed(Some(error)))?;
        Ok(RecordedIdentity { identity: record.identity.clone(), name, record: Some(record) })
    }

    /// Reads a file of an identity, by its path below the bundle's folder, and looks whether it is the one that was made. To a properties
    /// file lines may have been added: it is taken as it is.
    pub fn file(&self, identity: &RecordedIdentity, file: &str) -> Result<Zeroizing<Vec<u8>>, ReadError> {
        let path = Path::new(file);
        let shown = || self.shown.join(path);
        let bytes = self.folder.read(path, MAX_FILE)?.ok_or_else(|| ReadError::Missing(shown()))?;
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_as_made = match &identity.record {
            // The record itself was read for what it says.
            Some(record) if name != RECORD && !PROPERTIES.contains(&name) => {
                record.sha256.get(name) == Some(&record::digest(&bytes))
            }
            _ => true,
        };
        if is_as_made { Ok(bytes) } else { Err(ReadError::Changed(shown())) }
    }

    /// Reads an identity's stores and opens its key.
    pub fn open_identity(&self, identity: &RecordedIdentity) -> Result<export::Identity, ReadError> {
        let own = &identity.identity;
        let mut stores = Vec::new();
        for format in StoreFormat::ALL {
            for (purpose, name) in [
                (Purpose::Keystore, keystore_file(own.role, *format)),
                (Purpose::Truststore, truststore_file(own.role, *format)),
            ] {
                let Some(file) = own.file(&name) else { continue };
                let contents = self.file(identity, file)?;
                let is_as_made = identity.record.is_some();
                stores.push(Store { purpose, format: *format, contents, is_as_made });
            }
        }
        let passwords = self.passwords(identity)?;
        let key = key_of(&stores, &own.certificate.sha256, &passwords);
        let key = key.ok_or_else(|| ReadError::NoKey(identity.name.clone()))?;
        let no_password = || ReadError::NoPassword(self.shown.join(own.file(PASSWORD).unwrap_or(PASSWORD)));
        let store_password = passwords.beside.clone().ok_or_else(no_password)?;
        let is_own = self.ca.first().is_some_and(|ca| key.certificate.check_signature_by(ca).is_ok());
        if !is_own {
            return Err(ReadError::OtherIssuer(identity.name.clone()));
        }
        let is_other = |key: &crate::secret::Password| key.expose() != store_password.expose();
        let unusable = |_| ReadError::NoKey(identity.name.clone());
        Ok(export::Identity {
            name: identity.name.clone(),
            role: own.role,
            principal: own.principal.clone(),
            alias: own.alias.parse().map_err(unusable)?,
            ca_alias: self.ca_alias(identity),
            key: key.key.to_pkcs8().map_err(|_| ReadError::NoKey(identity.name.clone()))?,
            has_key_password: key.key_password.as_ref().is_some_and(is_other) || passwords.keys.iter().any(is_other),
            chain: std::iter::once(key.certificate).chain(self.ca.iter().cloned()).collect(),
            password: store_password,
            stores,
        })
    }

    /// Returns the alias of the CA's certificate in the stores of an identity.
    fn ca_alias(&self, identity: &RecordedIdentity) -> Alias {
        let settings = identity.record.as_ref().map(|record| &record.settings.ca_alias);
        let text = settings.unwrap_or(&self.inventory.settings.ca_alias);
        text.parse().unwrap_or_else(|_| Alias::ca_root())
    }

    /// Reads the passwords of an identity: that of its stores, which has to be as it was made, and those that its properties name, where
    /// somebody may have added lines.
    fn passwords(&self, identity: &RecordedIdentity) -> Result<Passwords, ReadError> {
        let own = &identity.identity;
        let mut passwords = Passwords::default();
        if let Some(file) = own.file(PASSWORD) {
            passwords.beside = password(&self.file(identity, file)?);
            passwords.stores.extend(passwords.beside.clone());
        }
        for name in PROPERTIES {
            let Some(file) = own.file(name) else { continue };
            if let Some(bytes) = self.folder.read(Path::new(file), MAX_FILE)? {
                passwords.add_properties(&bytes);
            }
        }
        Ok(passwords)
    }
}

/// Returns the key of a certificate, out of the first keystore that has it.
fn key_of(stores: &[Store], fingerprint: &str, passwords: &Passwords) -> Option<KeyAndCertificate> {
    let keystores = |format: StoreFormat| {
        stores.iter().filter(move |store| store.purpose == Purpose::Keystore && store.format == format)
    };
    let mut keys = CHEAPEST_FIRST
        .into_iter()
        .flat_map(keystores)
        .flat_map(|store| keys_of(&store.contents, store.format, passwords));
    keys.find(|found| found.certificate.fingerprint() == fingerprint)
}

fn read_ca(folder: &BundleFolder, shown: &Path, inventory: &Inventory) -> Result<Vec<Certificate>, ReadError> {
    let path = Path::new(&inventory.ca.certificate_file);
    let no_certificate = || ReadError::CaCertificate(shown.join(path));
    let bytes = folder.read(path, MAX_FILE)?.ok_or_else(no_certificate)?;
    let ders = read_certificates(&bytes).map_err(|_| no_certificate())?;
    let chain: Result<Vec<Certificate>, _> = ders.into_iter().map(Certificate::from_der).collect();
    let chain = chain.map_err(|_| no_certificate())?;
    let is_own = chain.first().is_some_and(|ca| ca.fingerprint() == inventory.ca.certificate.sha256);
    if is_own { Ok(chain) } else { Err(no_certificate()) }
}
