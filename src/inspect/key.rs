//! What is said of a key: never a byte of it.

use serde::Serialize;

use super::budget::Budget;
use crate::pbe::{EncryptedPrivateKeyInfo, PbeError};
use crate::pki::decoded::{DecodedKey, DecodedPrivateKey, PrivateKeyForm, sha256_hex};
use crate::secret::Password;

/// A key, private or public.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct KeyFacts {
    /// What it is; absent while it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    /// How it is written: `PKCS#8`, `PKCS#1`, `SEC1`, `OpenSSH`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<&'static str>,
    /// Whether it could be looked into.
    pub opening: Opening,
    /// How it is encrypted, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
    /// Whether the certificate is the key's: in a store the first of its chain, in another file any. Absent where there is none, or where
    /// it cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches_certificate: Option<bool>,
    /// The number of the entry with the key's certificate, in a file that is no store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_number: Option<usize>,
    /// The SHA-256 of the `SubjectPublicKeyInfo` that belongs to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key_sha256: Option<String>,
    #[serde(skip)]
    pub(super) public_key_info: Option<Vec<u8>>,
}

/// How a private key is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Encryption {
    /// The algorithm by a name to show.
    pub algorithm: String,
    /// How often the password is hashed, where the algorithm has such a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iterations: Option<u64>,
}

/// What became of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Opening {
    /// A public key.
    Public,
    /// A private key that is not encrypted.
    NotEncrypted,
    /// It was opened with the password.
    Opened,
    /// No password was given.
    NoPassword,
    /// It has another password than the one that was given, or it is damaged.
    WrongPassword,
    /// To open it would take too long.
    TooMuchWork,
    /// It is encrypted in a way that is not done here.
    Unsupported,
    /// It is not what a key should be.
    Damaged,
}

impl KeyFacts {
    pub(super) fn closed(opening: Opening) -> Self {
        Self {
            algorithm: None,
            form: None,
            opening,
            encryption: None,
            matches_certificate: None,
            certificate_number: None,
            public_key_sha256: None,
            public_key_info: None,
        }
    }

    pub(super) fn public(key: DecodedKey) -> Self {
        Self {
            algorithm: Some(key.kind.to_string()),
            public_key_sha256: Some(key.sha256()),
            public_key_info: Some(key.info),
            ..Self::closed(Opening::Public)
        }
    }

    /// Says what a private key is that is not encrypted, or no longer.
    pub(super) fn of_private(der: &[u8], ec_parameters: Option<&[u8]>, opening: Opening) -> Self {
        match DecodedPrivateKey::from_der(der, ec_parameters) {
            Some(key) => Self::of_decoded(key, opening),
            None => Self::closed(Opening::Damaged),
        }
    }

    fn of_decoded(key: DecodedPrivateKey, opening: Opening) -> Self {
        Self {
            algorithm: Some(key.kind.to_string()),
            form: Some(key.form.name()),
            public_key_sha256: key.public_key_info.as_deref().map(sha256_hex),
            public_key_info: key.public_key_info,
            ..Self::closed(opening)
        }
    }

    /// Opens an `EncryptedPrivateKeyInfo`, if a password for it was given.
    pub(super) fn of_encrypted(der: &[u8], password: Option<&Password>, budget: &mut Budget) -> Self {
        let form = Some(PrivateKeyForm::Pkcs8.name());
        let encrypted = match EncryptedPrivateKeyInfo::from_der(der) {
            Ok(encrypted) => encrypted,
            Err(error) => {
                let encryption = named(&error);
                return Self { form, encryption, ..Self::closed(of_error(&error)) };
            }
        };
        let iterations = encrypted.scheme.iterations();
        let encryption = Some(Encryption { algorithm: encrypted.scheme.name(), iterations: Some(iterations.into()) });
        let closed = |opening| Self { form, encryption: encryption.clone(), ..Self::closed(opening) };
        let Some(password) = password else { return closed(Opening::NoPassword) };
        let pkcs8 = match budget.opener.open(&encrypted, password.expose()) {
            Ok(pkcs8) => pkcs8,
            Err(PbeError::TooMuchWork(_)) => return closed(Opening::TooMuchWork),
            Err(_) => return closed(Opening::WrongPassword),
        };
        match DecodedPrivateKey::from_der(&pkcs8, None) {
            Some(key) if key.form == PrivateKeyForm::Pkcs8 => {
                Self { encryption, ..Self::of_decoded(key, Opening::Opened) }
            }
            // The padding can be right by chance, a structure cannot.
            _ => closed(Opening::WrongPassword),
        }
    }
}

fn of_error(error: &PbeError) -> Opening {
    match error {
        PbeError::Unsupported(_) => Opening::Unsupported,
        PbeError::Iterations(0) => Opening::Damaged,
        PbeError::Iterations(_) => Opening::TooMuchWork,
        _ => Opening::Damaged,
    }
}

fn named(error: &PbeError) -> Option<Encryption> {
    match error {
        PbeError::Unsupported(name) => Some(Encryption { algorithm: name.clone(), iterations: None }),
        PbeError::Iterations(count) => {
            Some(Encryption { algorithm: "password-based".to_owned(), iterations: Some(*count) })
        }
        _ => None,
    }
}
