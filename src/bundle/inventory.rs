//! The inventory of a bundle, `bundle.json`: what was issued to whom and until when. No secret is in it.
//!
//! Who reads one trusts nothing that it says: [`Inventory::from_json`] bounds its size, and takes no path that leads out of the
//! bundle's folder.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::collections::HashSet;
use std::fmt;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::name::{NodeName, SubjectAltName, printable};
use crate::spec::{CertificateProfile, ClientAuth, Layout, NodeRole, PemKey, StoreFormat};

/// The version of the form; it changes when a reader of the old form would misread the new one.
pub const VERSION: u32 = 1;

/// The most bytes of an inventory that are read: an identity takes about thirteen hundred, so that forty thousand of them fit.
pub const MAX_SIZE: usize = 64 << 20;

/// Why an inventory cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum InventoryError {
    /// Two identities have the same name.
    DuplicateIdentity(String),
    /// It is JSON, and not an inventory; where it stops being one.
    Form {
        /// The line, from 1 on.
        line: usize,
        /// The column, from 1 on.
        column: usize,
    },
    /// An identity has a name that none can have.
    Name(String),
    /// It is not JSON; where it stops being that.
    NotJson {
        /// The line, from 1 on.
        line: usize,
        /// The column, from 1 on.
        column: usize,
    },
    /// A path that leads out of the bundle's folder, or to no file.
    Path(String),
    /// More than [`MAX_SIZE`] bytes.
    TooLarge(usize),
    /// Its form is one that this version does not know.
    Version(u32),
}

impl fmt::Display for InventoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateIdentity(name) => write!(f, "the inventory has two identities called `{}`", printable(name)),
            Self::Form { line, column } => {
                write!(f, "the file is not the inventory of a bundle: see line {line}, column {column}")
            }
            Self::Name(name) => {
                write!(f, "the inventory has an identity called `{}`, which is no name of one", printable(name))
            }
            Self::NotJson { line, column } => write!(f, "the inventory is not JSON: see line {line}, column {column}"),
            Self::Path(path) => {
                write!(f, "the inventory names `{}`, which is no file in the bundle's folder", printable(path))
            }
            Self::TooLarge(length) => {
                write!(f, "the inventory has {length} bytes, {MAX_SIZE} are the most that are read")
            }
            Self::Version(version) => {
                write!(f, "the inventory has the form of version {version}, and this program knows version {VERSION}")
            }
        }
    }
}

impl std::error::Error for InventoryError {}

impl From<serde_json::Error> for InventoryError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        if error.is_data() { Self::Form { line, column } } else { Self::NotJson { line, column } }
    }
}

/// Everything that a bundle holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// [`VERSION`].
    pub version: u32,
    /// When the bundle was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created: OffsetDateTime,
    /// How its stores are written.
    pub settings: Settings,
    /// The CA.
    pub ca: Ca,
    /// The identities, in the order in which they were named.
    pub identities: Vec<Identity>,
}

/// The one field that every version has.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl Inventory {
    /// Reads an inventory. Fields that it has beside those here are passed over.
    pub fn from_json(bytes: &[u8]) -> Result<Self, InventoryError> {
        if bytes.len() > MAX_SIZE {
            return Err(InventoryError::TooLarge(bytes.len()));
        }
        let Versioned { version } = serde_json::from_slice(bytes)?;
        if version != VERSION {
            return Err(InventoryError::Version(version));
        }
        let inventory: Self = serde_json::from_slice(bytes)?;
        inventory.check()?;
        Ok(inventory)
    }

    fn check(&self) -> Result<(), InventoryError> {
        let Ca { certificate_file, key_file, password_file, .. } = &self.ca;
        let of_ca = [certificate_file].into_iter().chain(key_file).chain(password_file);
        let of_identities = self.identities.iter().flat_map(|identity| &identity.files);
        if let Some(path) = of_ca.chain(of_identities).find(|path| !is_within(path)) {
            return Err(InventoryError::Path(path.clone()));
        }
        let mut names = HashSet::new();
        for Identity { name, .. } in &self.identities {
            match name.parse::<NodeName>() {
                Ok(parsed) if !names.insert(parsed.folded()) => {
                    return Err(InventoryError::DuplicateIdentity(name.clone()));
                }
                Ok(_) => {}
                Err(_) => return Err(InventoryError::Name(name.clone())),
            }
        }
        Ok(())
    }
}

impl Identity {
    /// Says whether its certificate was issued for a server too.
    pub fn can_serve(&self) -> bool {
        let named = self.profile.as_deref().and_then(|name| name.parse::<CertificateProfile>().ok());
        named.unwrap_or(self.role.profile()).server_auth
    }

    /// Returns the path of the file of this name, below the bundle's folder.
    pub fn file(&self, name: &str) -> Option<&str> {
        self.files.iter().map(String::as_str).find(|file| Path::new(file).file_name().is_some_and(|own| own == name))
    }
}

/// Returns an alternative name with its type, as it stands in [`Identity::alt_names`].
pub fn typed_name(name: &SubjectAltName) -> String {
    match name {
        SubjectAltName::Dns(name) => format!("dns:{name}"),
        SubjectAltName::Ip(address) => format!("ip:{address}"),
    }
}

/// Says whether a path leads to something below the folder that it starts from, whatever is there.
fn is_within(path: &str) -> bool {
    !path.is_empty()
        && !path.contains(['\0', '\\'])
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// How the stores of a bundle are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Where its files lie.
    pub layout: Layout,
    /// The formats of the stores.
    pub formats: Vec<StoreFormat>,
    /// How keys in PEM files are encrypted, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pem_key: Option<PemKey>,
    /// The alias of the CA's certificate.
    pub ca_alias: String,
    /// The value of `ssl.client.auth`.
    pub client_auth: ClientAuth,
    /// The folder that the properties name, if it is not the bundle's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deploy_dir: Option<String>,
}

/// The CA and its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ca {
    /// Its certificate.
    pub certificate: CertificateFacts,
    /// The certificate's file.
    pub certificate_file: String,
    /// The key's file, unless it is kept elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_file: Option<String>,
    /// The file with the key's password, if one was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<String>,
}

/// An identity and its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Its name.
    pub name: String,
    /// What it does.
    pub role: NodeRole,
    /// The profile of its certificate, if it is not that of its role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Its principal, as `super.users` and ACLs name it.
    pub principal: String,
    /// The alias of its key.
    pub alias: String,
    /// The names in its certificate, each with its type: `dns:broker1`, `ip:10.0.0.1`.
    pub alt_names: Vec<String>,
    /// Its certificate.
    pub certificate: CertificateFacts,
    /// Its files, below the bundle's folder.
    pub files: Vec<String>,
}

/// What a listing shows of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateFacts {
    /// The subject, in RFC 4514 text.
    pub subject: String,
    /// The serial number, in hexadecimal.
    pub serial: String,
    /// The algorithm of its key.
    pub key_algorithm: String,
    /// The first second of its validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    /// The last second of its validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
    /// The SHA-256 of its DER, as keytool prints it.
    pub sha256: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"{
      "version": 1, "created": "2026-11-21T12:00:00Z",
      "settings": {"layout": "nodes", "formats": ["jks", "pem"], "pem_key": "plain", "ca_alias": "caroot", "client_auth": "required"},
      "ca": {"certificate": CERTIFICATE, "certificate_file": "ca/ca-cert", "key_file": "ca/ca-key"},
      "identities": [{"name": "broker1", "role": "broker", "principal": "User:CN=broker1", "alias": "broker1",
        "alt_names": ["dns:broker1"], "certificate": CERTIFICATE, "files": ["broker1/cert-signed", "broker1/password"]}]
    }"#;

    const CERTIFICATE: &str = r#"{"subject": "CN=x", "serial": "01", "key_algorithm": "rsa-2048",
      "not_before": "2026-11-21T11:55:00Z", "not_after": "2036-11-18T12:00:00Z", "sha256": "58:80"}"#;

    fn example() -> String {
        EXAMPLE.replace("CERTIFICATE", CERTIFICATE)
    }

    fn read(text: &str) -> Result<Inventory, InventoryError> {
        Inventory::from_json(text.as_bytes())
    }

    #[test]
    fn what_was_written_is_read() {
        let inventory = read(&example()).unwrap();
        assert_eq!(inventory.settings.client_auth, ClientAuth::Required);
        assert_eq!(inventory.identities[0].role, NodeRole::Broker);
        assert_eq!(inventory.identities[0].file("password"), Some("broker1/password"));
        assert_eq!(inventory.identities[0].file("word"), None);
        assert_eq!(read(&serde_json::to_string(&inventory).unwrap()), Ok(inventory));
    }

    #[test]
    fn fields_of_later_versions_are_passed_over_and_later_forms_are_not_read() {
        assert!(read(&example().replace(r#""version": 1"#, r#""version": 1, "crl": ["x"]"#)).is_ok());
        assert_eq!(read(r#"{"version": 2, "all": "else"}"#), Err(InventoryError::Version(2)));
    }

    #[test]
    fn a_path_out_of_the_folder_is_refused() {
        for path in ["../../etc/shadow", "/etc/shadow", "broker1/../../x", "", ".", "..\\\\x"] {
            let refused = read(&example().replace("broker1/password", path));
            assert_eq!(refused, Err(InventoryError::Path(path.replace("\\\\", "\\"))), "{path}");
            assert!(matches!(read(&example().replace("ca/ca-key", path)), Err(InventoryError::Path(_))), "{path}");
        }
    }

    #[test]
    fn what_is_no_inventory_is_refused_with_its_place() {
        assert_eq!(read(""), Err(InventoryError::NotJson { line: 1, column: 0 }));
        assert_eq!(read("{"), Err(InventoryError::NotJson { line: 1, column: 1 }));
        assert!(matches!(read(r#"{"version": "1"}"#), Err(InventoryError::Form { line: 1, .. })));
        assert!(matches!(read("[]"), Err(InventoryError::Form { .. })));
        assert!(matches!(read(&example().replace("required", "perhaps")), Err(InventoryError::Form { line: 3, .. })));
        assert_eq!(read(&" ".repeat(MAX_SIZE + 1)), Err(InventoryError::TooLarge(MAX_SIZE + 1)));
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(read(&deep).is_err());
    }

    #[test]
    fn identities_are_told_apart_by_names_that_can_be_folders() {
        let identity = serde_json::to_string(&read(&example()).unwrap().identities[0]).unwrap();
        let with = |other: &str| read(&example().replace("\"identities\": [", &format!("\"identities\": [{other},")));
        assert_eq!(with(&identity), Err(InventoryError::DuplicateIdentity("broker1".to_owned())));
        let other_case = identity.replace("\"name\":\"broker1\"", "\"name\":\"Broker1\"");
        assert_eq!(with(&other_case), Err(InventoryError::DuplicateIdentity("broker1".to_owned())));
        let outside = identity.replace("\"name\":\"broker1\"", "\"name\":\"..\"");
        assert_eq!(with(&outside), Err(InventoryError::Name("..".to_owned())));
    }

    #[test]
    fn no_prefix_and_no_single_byte_makes_it_panic() {
        let text = example();
        for end in 0..text.len() {
            assert!(read(&text[..end]).is_err());
        }
        for at in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 0x15;
            drop(Inventory::from_json(&bytes));
        }
    }
}
