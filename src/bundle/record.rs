//! The record of one identity, `identity.json` in its folder: what was made, with which settings, and the digests of its files.
//!
//! The folder of an identity says by itself what it is, so that it is whole or not whatever became of a run, and the inventory can be
//! written anew from the records. A record is a secret like the files that it is about: a digest of a file with a password lets
//! one try passwords.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::inventory::Identity;
use crate::name::{NodeName, printable};
use crate::spec::{ClientAuth, PemKey, StoreFormat};

/// The file name of a record.
pub const RECORD: &str = "identity.json";

/// The version of the form; it changes when a reader of the old form would misread the new one.
pub const VERSION: u32 = 1;

/// The most bytes of a record that are read.
pub const MAX_SIZE: usize = 1 << 20;

/// Why a record cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// It is no JSON, or not that of a record; where it stops being one.
    Form {
        /// The line, from 1 on.
        line: usize,
        /// The column, from 1 on.
        column: usize,
    },
    /// It is about another identity than the one whose folder it lies in.
    OtherIdentity(String),
    /// More than [`MAX_SIZE`] bytes.
    TooLarge(usize),
    /// Its form is one that this version does not know.
    Version(u32),
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form { line, column } => {
                write!(f, "it is not the record of an identity: see line {line}, column {column}")
            }
            Self::OtherIdentity(name) => write!(f, "it is the record of `{}`", printable(name)),
            Self::TooLarge(length) => write!(f, "it has {length} bytes, {MAX_SIZE} are the most that are read"),
            Self::Version(version) => {
                write!(f, "it has the form of version {version}, and this program knows version {VERSION}")
            }
        }
    }
}

impl std::error::Error for RecordError {}

impl From<serde_json::Error> for RecordError {
    fn from(error: serde_json::Error) -> Self {
        Self::Form { line: error.line(), column: error.column() }
    }
}

/// What was made of an identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityRecord {
    /// [`VERSION`].
    pub version: u32,
    /// What the inventory says of it.
    pub identity: Identity,
    /// The SHA-256 of the CA's certificate, as keytool prints it.
    pub issuer: String,
    /// The days that its certificate was asked for.
    pub days: u32,
    /// How its files were written.
    pub settings: FileSettings,
    /// The SHA-256 of each of its files but this one, in hexadecimal, by their names in the folder.
    pub sha256: BTreeMap<String, String>,
}

/// The settings that have an effect on the files of an identity, beside its certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSettings {
    /// The formats of its stores.
    pub formats: Vec<StoreFormat>,
    /// How the key in a PEM file is encrypted, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pem_key: Option<PemKey>,
    /// The alias of the CA's certificate.
    pub ca_alias: String,
    /// The value of `ssl.client.auth`, where it stands in its files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_auth: Option<ClientAuth>,
    /// The folder that its properties name.
    pub folder: String,
}

/// The one field that every version has.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

impl IdentityRecord {
    /// Reads the record that lies in the folder of an identity.
    pub fn from_json(bytes: &[u8], owner: &NodeName) -> Result<Self, RecordError> {
        if bytes.len() > MAX_SIZE {
            return Err(RecordError::TooLarge(bytes.len()));
        }
        let Versioned { version } = serde_json::from_slice(bytes)?;
        if version != VERSION {
            return Err(RecordError::Version(version));
        }
        let record: Self = serde_json::from_slice(bytes)?;
        let is_own = |file: &String| {
            let parts = file.split_once('/');
            parts.is_some_and(|(folder, name)| folder == owner.as_str() && is_file_name(name))
        };
        if record.identity.name != owner.as_str() || !record.identity.files.iter().all(is_own) {
            return Err(RecordError::OtherIdentity(record.identity.name));
        }
        Ok(record)
    }

    /// Returns the record as it stands in its file.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut json = serde_json::to_vec_pretty(self)?;
        json.push(b'\n');
        Ok(json)
    }
}

fn is_file_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['/', '\\', '\0']) && name != "." && name != ".."
}

/// Returns a digest as a record has it.
pub fn digest(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Says whether `text` is that of a digest.
pub fn is_digest(digest: &[u8; 32], text: &str) -> bool {
    let nibble = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks_exact(2);
    let value = |pair: &[u8]| match pair {
        [high, low] => Some(nibble(*high)? << 4 | nibble(*low)?),
        _ => None,
    };
    text.len() == 64 && pairs.zip(digest).all(|(pair, byte)| value(pair) == Some(u32::from(*byte)))
}

/// Returns the text of a digest.
pub fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(digest.len().saturating_mul(2)), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"{"version": 1,
      "identity": {"name": "broker1", "role": "broker", "principal": "User:CN=broker1", "alias": "broker1",
        "alt_names": ["dns:broker1"], "files": ["broker1/cert-signed", "broker1/identity.json"],
        "certificate": {"subject": "CN=broker1", "serial": "01", "key_algorithm": "rsa-2048",
          "not_before": "2026-11-21T11:55:00Z", "not_after": "2027-11-21T12:00:00Z", "sha256": "58:80"}},
      "issuer": "AA:BB", "days": 365,
      "settings": {"formats": ["jks", "pem"], "pem_key": "plain", "ca_alias": "caroot", "client_auth": "none", "folder": "/ssl"},
      "sha256": {"cert-signed": "00"}}"#;

    fn read(text: &str) -> Result<IdentityRecord, RecordError> {
        IdentityRecord::from_json(text.as_bytes(), &"broker1".parse().unwrap())
    }

    #[test]
    fn what_was_written_is_read() {
        let record = read(EXAMPLE).unwrap();
        assert_eq!((record.days, record.settings.client_auth), (365, Some(ClientAuth::None)));
        let written = record.to_json().unwrap();
        assert_eq!(written.last(), Some(&b'\n'));
        assert_eq!(read(std::str::from_utf8(&written).unwrap()), Ok(record));
        assert!(read(&EXAMPLE.replace(r#""days": 365"#, r#""days": 365, "later": []"#)).is_ok());
    }

    #[test]
    fn a_record_is_of_the_folder_that_it_lies_in() {
        let other = IdentityRecord::from_json(EXAMPLE.as_bytes(), &"broker2".parse().unwrap());
        assert_eq!(other, Err(RecordError::OtherIdentity("broker1".to_owned())));
        for path in ["broker2/cert-signed", "cert-signed", "broker1/../x", "broker1/", "broker1/..", "/broker1/x"] {
            let refused = read(&EXAMPLE.replace("broker1/cert-signed", path));
            assert_eq!(refused, Err(RecordError::OtherIdentity("broker1".to_owned())), "{path}");
        }
    }

    #[test]
    fn what_is_no_record_is_refused() {
        assert_eq!(read(&EXAMPLE.replace(r#""version": 1"#, r#""version": 2"#)), Err(RecordError::Version(2)));
        assert!(matches!(read(""), Err(RecordError::Form { line: 1, column: 0 })));
        assert!(matches!(read(&EXAMPLE.replace("365", "-1")), Err(RecordError::Form { .. })));
        assert_eq!(read(&" ".repeat(MAX_SIZE + 1)), Err(RecordError::TooLarge(MAX_SIZE + 1)));
        assert!(read(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn no_prefix_and_no_single_byte_makes_it_panic() {
        for end in 0..EXAMPLE.len() {
            assert!(read(&EXAMPLE[..end]).is_err());
        }
        for at in 0..EXAMPLE.len() {
            let mut bytes = EXAMPLE.as_bytes().to_vec();
            bytes[at] ^= 0x15;
            drop(IdentityRecord::from_json(&bytes, &"broker1".parse().unwrap()));
        }
    }

    #[test]
    fn a_digest_is_the_text_of_its_bytes_and_no_other() {
        let bytes: [u8; 32] = Sha256::digest(b"abc").into();
        let text = digest(b"abc");
        assert_eq!(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert!(is_digest(&bytes, &text));
        for other in [&text[1..], "", &text.replace('b', "c"), &text.replace('b', "ü"), &format!("{text}00")] {
            assert!(!is_digest(&bytes, other), "{other}");
        }
    }
}
