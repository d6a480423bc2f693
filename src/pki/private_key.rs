//! Private keys out of the files of others: PKCS#8, PKCS#1 (RFC 8017), SEC1 (RFC 5915), in PEM or DER.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::fmt;

use der::asn1::{AnyRef, BitStringRef, OctetStringRef};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use pkcs8::{AlgorithmIdentifierRef, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use super::foreign::{self, FileContent, FileError, Part};
use super::key::{EC_PUBLIC_KEY, RSA_ENCRYPTION};
use super::{KeyError, KeyPair};
use crate::pbe::{EncryptedPrivateKeyInfo, KeyOpener, PbeError};
use crate::secret::Password;

/// Why no private key could be read. Never holds bytes of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PrivateKeyError {
    /// It is encrypted in a way that is not supported, or whose parameters are out of bounds.
    Encryption(PbeError),
    /// The file is too large, ends too early or is damaged.
    File(FileError),
    /// A format of another program, by its name.
    Format(&'static str),
    /// The key in it is not taken.
    Key(KeyError),
    /// It is encrypted as before PKCS#8 (`Proc-Type: 4,ENCRYPTED`), with one MD5 between the password and the key.
    LegacyEncryption,
    /// It holds something else.
    NoKey(FileContent),
    /// It is encrypted, and no password was given.
    NoPassword,
    /// More than one key.
    Several(usize),
    /// The password is not the one that it was encrypted with, or the file is damaged.
    WrongPassword,
}

impl fmt::Display for PrivateKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encryption(error) => error.fmt(f),
            Self::File(error) => error.fmt(f),
            Self::Format(name) => write!(f, "the private key has the format of {name}, which is not supported"),
            Self::Key(error) => error.fmt(f),
            Self::LegacyEncryption => {
                write!(f, "the private key is encrypted as before PKCS#8 (Proc-Type: 4,ENCRYPTED), which is not safe")
            }
            Self::NoKey(content) => write!(f, "there is no private key in the file: it holds {content}"),
            Self::NoPassword => write!(f, "the private key is encrypted, and no password was given"),
            Self::Several(count) => write!(f, "there are {count} private keys in the file, one is allowed"),
            Self::WrongPassword => write!(f, "the password of the private key is wrong, or the key is damaged"),
        }
    }
}

impl std::error::Error for PrivateKeyError {}

impl From<FileError> for PrivateKeyError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<KeyError> for PrivateKeyError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

impl From<PbeError> for PrivateKeyError {
    fn from(error: PbeError) -> Self {
        match error {
            PbeError::Decrypt => Self::WrongPassword,
            error => Self::Encryption(error),
        }
    }
}

/// A private key out of a file.
#[derive(Debug)]
pub struct ReadPrivateKey {
    /// The key.
    pub key: KeyPair,
    /// Whether it was encrypted: if it was not, the password was not looked at.
    pub was_encrypted: bool,
}

/// Reads the one private key in a file: PEM with anything around it, or DER.
///
/// Certificates may be in the same file, as `openssl pkcs12` writes it, and `EC PARAMETERS` too, as `openssl ecparam` does.
pub fn read_private_key(file: &[u8], password: Option<&Password>) -> Result<ReadPrivateKey, PrivateKeyError> {
    read_private_key_with(file, password, &mut KeyOpener::patient())
}

/// Reads the one private key in a file as [`read_private_key`] does, and opens it with `opener`.
pub fn read_private_key_with(
    file: &[u8],
    password: Option<&Password>,
    opener: &mut KeyOpener,
) -> Result<ReadPrivateKey, PrivateKeyError> {
    let parts = foreign::parts(file)?;
    let is_key = |part: &&Part<'_>| matches!(part.content, FileContent::PrivateKey | FileContent::EncryptedPrivateKey);
    let keys: Vec<&Part<'_>> = parts.iter().filter(is_key).collect();
    let key = match keys.as_slice() {
        [key] => key,
        [] => return Err(PrivateKeyError::NoKey(foreign::content_of_file(file, &parts))),
        keys => return Err(PrivateKeyError::Several(keys.len())),
    };
    match key.label {
        Some("DSA PRIVATE KEY") => return Err(KeyError::Unsupported("DSA".to_owned()).into()),
        Some("OPENSSH PRIVATE KEY") => return Err(PrivateKeyError::Format("OpenSSH")),
        Some("PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" | "RSA PRIVATE KEY" | "EC PRIVATE KEY") | None => {}
        Some(_) => return Err(PrivateKeyError::Format("another program")),
    }
    if key.is_encrypted_by_header() {
        return Err(PrivateKeyError::LegacyEncryption);
    }
    let der = key.der()?;
    if EncryptedPrivateKeyInfo::is_one(&der) {
        return decrypt(&der, password, opener);
    }
    let parameters = parts.iter().find(|part| part.label == Some("EC PARAMETERS")).map(Part::der).transpose()?;
    let key = take(&der, parameters.as_ref().map(|parameters| parameters.as_slice()))?;
    Ok(ReadPrivateKey { key, was_encrypted: false })
}

fn decrypt(der: &[u8], password: Option<&Password>, opener: &mut KeyOpener) -> Result<ReadPrivateKey, PrivateKeyError> {
    // What cannot be decrypted anyway needs no password.
    let encrypted = EncryptedPrivateKeyInfo::from_der(der)?;
    let pkcs8 = opener.open(&encrypted, password.ok_or(PrivateKeyError::NoPassword)?.expose())?;
    match KeyPair::from_pkcs8(&pkcs8) {
        Ok(key) => Ok(ReadPrivateKey { key, was_encrypted: true }),
        // The padding can be right by chance, a structure cannot.
        Err(KeyError::Malformed) => Err(PrivateKeyError::WrongPassword),
        Err(error) => Err(error.into()),
    }
}

/// `ECPrivateKey` (RFC 5915 §3).
#[derive(Sequence)]
struct EcPrivateKey<'a> {
    version: u8,
    private_key: &'a OctetStringRef,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    parameters: Option<AnyRef<'a>>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    public_key: Option<BitStringRef<'a>>,
}

/// Takes an unencrypted key by its structure, whatever its label says: some programs write PKCS#1 under `PRIVATE KEY`.
pub(super) fn take(der: &[u8], ec_parameters: Option<&[u8]>) -> Result<KeyPair, KeyError> {
    KeyPair::from_pkcs8(&to_pkcs8(der, ec_parameters)?)
}

/// Returns the PKCS#8 of an unencrypted key of any algorithm, of version 1 where the key is one that is known here; PKCS#1 and SEC1 become
/// PKCS#8. `ec_parameters` is the DER of the curve that OpenSSL writes before a SEC1 key.
pub(crate) fn pkcs8_of(der: &[u8], ec_parameters: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let pkcs8 = to_pkcs8(der, ec_parameters)?;
    if PrivateKeyInfoRef::from_der(&pkcs8).is_err() {
        return Err(KeyError::Malformed);
    }
    let version_1 = KeyPair::from_pkcs8(&pkcs8).ok().and_then(|key| key.to_pkcs8().ok());
    // What is weak or unknown is somebody's key all the same.
    Ok(version_1.unwrap_or(pkcs8))
}

fn to_pkcs8(der: &[u8], ec_parameters: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let elements = foreign::elements(der).ok_or(KeyError::Malformed)?;
    let tags: Vec<Tag> = elements.iter().map(Tagged::tag).collect();
    match tags.as_slice() {
        [Tag::Integer, Tag::Sequence, ..] => Ok(Zeroizing::new(der.to_vec())),
        [Tag::Integer, Tag::OctetString, ..] => sec1_as_pkcs8(der, ec_parameters),
        // version, p, q, g, y, x
        [Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer] => {
            Err(KeyError::Unsupported("DSA".to_owned()))
        }
        [Tag::Integer, Tag::Integer, ..] => pkcs1_as_pkcs8(der),
        _ => Err(KeyError::Malformed),
    }
}

fn pkcs1_as_pkcs8(pkcs1: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    as_pkcs8(AlgorithmIdentifierRef { oid: RSA_ENCRYPTION, parameters: Some(AnyRef::NULL) }, pkcs1)
}

/// The curve goes from the key, or from the block before it, to where PKCS#8 has it.
fn sec1_as_pkcs8(sec1: &[u8], ec_parameters: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut key = EcPrivateKey::from_der(sec1).map_err(|_| KeyError::Malformed)?;
    let beside = ec_parameters.map(AnyRef::from_der).transpose().map_err(|_| KeyError::Malformed)?;
    let parameters = key.parameters.take().or(beside);
    let parameters = parameters.ok_or_else(|| KeyError::Unsupported("EC without the name of its curve".to_owned()))?;
    let key = Zeroizing::new(key.to_der().map_err(|_| KeyError::Malformed)?);
    as_pkcs8(AlgorithmIdentifierRef { oid: EC_PUBLIC_KEY, parameters: Some(parameters) }, &key)
}

fn as_pkcs8(algorithm: AlgorithmIdentifierRef<'_>, key: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let key = OctetStringRef::new(key).map_err(|_| KeyError::Malformed)?;
    PrivateKeyInfoRef::new(algorithm, key).to_der().map(Zeroizing::new).map_err(|_| KeyError::Malformed)
}

#[cfg(test)]
mod tests;
