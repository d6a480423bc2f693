//! Key pairs, requests and certificates, in memory.
//!
//! The way of a certificate: a [`KeyPair`] signs a [`CertificateSigningRequest`]; the [`CertificateAuthority`] checks its
//! signature, drafts a certificate by the profile, lints the draft, and only then uses its key. From the request come the
//! public key and the subject, byte for byte; everything else is decided here.

mod allowance;
mod authority;
mod certificate;
mod certificate_file;
mod chain;
mod constraints;
pub mod decoded;
mod encrypted_key;
mod foreign;
mod key;
mod lint;
mod pem;
mod private_key;
mod request;
mod signature;
mod subject;

use std::fmt;

pub use allowance::Allowance;
pub use authority::{AuthorityError, CertificateAuthority};
pub use certificate::{Certificate, SerialNumber};
pub use certificate_file::{CertificateFileError, MAX_CERTIFICATES, read_certificates, read_request, read_request_der};
pub use chain::{CertificateChain, ChainError};
pub use constraints::NameConstraintError;
pub use decoded::{DecodedCertificate, DecodedName};
pub use encrypted_key::KeyEncryption;
pub use foreign::{FileContent, FileError, MAX_FILE};
pub use key::{KeyError, KeyPair, KeyType};
pub use lint::LintFault;
pub use pem::{certificate_pem, certificates_pem, encrypted_key_pem, key_pem, request_pem, sent_certificate_pem};
pub use private_key::{PrivateKeyError, ReadPrivateKey, read_private_key, read_private_key_with};
pub use request::{CertificateSigningRequest, RequestError, VerifiedRequest};

pub(crate) use certificate_file::{first_element, in_signed_data};
pub(crate) use foreign::{Part, content_of_file, readable_parts};
pub(crate) use private_key::pkcs8_of;

use crate::random::RandomError;

/// What can go wrong between a key pair and a certificate.
#[derive(Debug)]
#[non_exhaustive]
pub enum PkiError {
    /// A certificate and a key are no CA to sign with.
    Authority(AuthorityError),
    /// The certificate that would have been issued breaks the profile; the CA key was not used.
    Draft(Vec<LintFault>),
    /// A structure could not be written as DER.
    Encoding(der::Error),
    /// A private key could not be encrypted.
    Encryption(String),
    /// AWS-LC could not make or use a key.
    Key(rcgen::Error),
    /// A CA may not sign for a name.
    NameConstraint(NameConstraintError),
    /// The DER is not that of an X.509 certificate.
    NotACertificate,
    /// The DER is not that of a certificate revocation list.
    NotARevocationList,
    /// A key could not be written as PEM.
    Pem(String),
    /// A public key is weak, or of a kind that is not taken.
    PublicKey(KeyError),
    /// The system's random source has failed.
    Random(RandomError),
    /// A request cannot be signed.
    Request(RequestError),
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
            Self::Authority(_) => write!(f, "the CA cannot be used"),
            Self::NameConstraint(_) => write!(f, "the CA cannot be used for this request"),
            Self::NotACertificate => write!(f, "it is not an X.509 certificate"),
            Self::NotARevocationList => write!(f, "it is not a certificate revocation list"),
            Self::PublicKey(_) => write!(f, "the public key cannot be used"),
            Self::Pem(why) => write!(f, "a key could not be written as PEM: {why}"),
            Self::Random(error) => error.fmt(f),
            Self::Request(_) => write!(f, "the certificate request cannot be used"),
            Self::Signature(what) => write!(f, "the signature is not accepted: {what}"),
        }
    }
}

impl std::error::Error for PkiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Authority(error) => Some(error),
            Self::Encoding(error) => Some(error),
            Self::Key(error) => Some(error),
            Self::NameConstraint(error) => Some(error),
            Self::PublicKey(error) => Some(error),
            Self::Request(error) => Some(error),
            Self::Draft(_)
            | Self::Encryption(_)
            | Self::NotACertificate
            | Self::NotARevocationList
            | Self::Pem(_)
            | Self::Random(_)
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

impl From<NameConstraintError> for PkiError {
    fn from(error: NameConstraintError) -> Self {
        Self::NameConstraint(error)
    }
}

impl From<KeyError> for PkiError {
    fn from(error: KeyError) -> Self {
        Self::PublicKey(error)
    }
}

impl From<RequestError> for PkiError {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

/// Returns the name of a certificate's extension, as RFC 5280 has it, or its OID.
fn extension_name(oid: &str) -> String {
    let name = oid.parse().ok().and_then(|oid: der::asn1::ObjectIdentifier| const_oid::db::DB.by_oid(&oid));
    name.map_or(oid, |name| name.rsplit('-').next().unwrap_or(name)).to_owned()
}
