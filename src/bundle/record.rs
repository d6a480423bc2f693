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
