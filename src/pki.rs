//! Key pairs, requests and certificates, in memory.
//!
//! The way of a certificate: a [`KeyPair`] signs a [`CertificateSigningRequest`]; the [`CertificateAuthority`] checks its
//! signature, drafts a certificate by the profile, lints the draft, and only then uses its key. From the request come the
//! public key and the subject, byte for byte; everything else is decided here.

mod authority;
mod certificate;
mod certificate_file;
mod encrypted_key;
mod foreign;
mod key;
mod lint;
mod pem;
mod private_key;
mod request;
mod signature;

use std::fmt;

pub use authority::CertificateAuthority;
pub use certificate::{Certificate, SerialNumber};
pub use certificate_file::{CertificateFileError, MAX_CERTIFICATES, read_certificates, read_request_der};
pub use encrypted_key::KeyEncryption;
pub use foreign::{FileContent, FileError, MAX_FILE};
pub use key::{KeyError, KeyPair, KeyType};
pub use lint::LintFault;
pub use pem::{certificate_pem, certificates_pem, encrypted_key_pem, key_pem, request_pem};
pub use private_key::{PrivateKeyError, ReadPrivateKey, read_private_key};
pub use request::{CertificateSigningRequest, VerifiedRequest};

use crate::random::RandomError;

/// What can go wrong between a key pair and a certificate.
#[derive(Debug)]
#[non_exhaustive]
pub enum PkiError {
    /// The certificate that would have been issued breaks the profile; the CA key was not used.
    Draft(Vec<LintFault>),
    /// A structure could not be written as DER.
    Encoding(der::Error),
    /// A private key could not be encrypted.
    Encryption(String),
    /// AWS-LC could not make or use a key.
    Key(rcgen::Error),
    /// A key could not be written as PEM.
    Pem(String),
    /// The system's random source has failed.
    Random(RandomError),
    /// A request could not be read.
    Request(&'static str),
    /// A signature does not belong to what it was to sign, or its algorithm is not known.
    Signature(&'static str),
}

impl fmt::Display for PkiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Draft(faults) => {
                write!(f, "the certificate would not be sound, so that the CA key was not used:")?;
                for (index, fault) in faults.iter().enumerate() {
                    write!(f, "{} {fault}", if index > 0 { ";" } else { "" })?;
                }
                Ok(())
            }
            Self::Encoding(_) => write!(f, "a structure could not be written as DER"),
            Self::Encryption(why) => write!(f, "a private key could not be encrypted: {why}"),
            Self::Key(_) => write!(f, "a key could not be made or used"),
            Self::Pem(why) => write!(f, "a key could not be written as PEM: {why}"),
            Self::Random(error) => error.fmt(f),
            Self::Request(what) => write!(f, "the certificate request cannot be used: {what}"),
            Self::Signature(what) => write!(f, "a signature is not valid: {what}"),
        }
    }
}

impl std::error::Error for PkiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Encoding(error) => Some(error),
            Self::Key(error) => Some(error),
            Self::Draft(_)
            | Self::Encryption(_)
            | Self::Pem(_)
            | Self::Random(_)
            | Self::Request(_)
            | Self::Signature(_) => None,
        }
    }
}

impl From<RandomError> for PkiError {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}

impl From<der::Error> for PkiError {
    fn from(error: der::Error) -> Self {
        Self::Encoding(error)
    }
}
