//! What one step of the script shall do, on its own.

use super::{CertificateProfile, Days, KeyAlgorithm};
use crate::name::dn::DistinguishedName;
use crate::name::{Alias, SubjectAltName};

/// A key pair that shall be made in a store, with a certificate that is signed by itself: the script's `keytool -genkey`.
#[derive(Debug, Clone)]
pub struct KeySpec {
    /// The alias of the entry.
    pub alias: Alias,
    /// The subject of the certificate, and of the request that will follow.
    pub subject: DistinguishedName,
    /// The names in the certificate, and in that request.
    pub alt_names: Vec<SubjectAltName>,
    /// What the certificate may be used for.
    pub profile: CertificateProfile,
    /// The algorithm of the key.
    pub key_algorithm: KeyAlgorithm,
    /// How long the certificate is valid.
    pub days: Days,
}

/// How a request shall be signed: the script's `openssl x509 -req`.
#[derive(Debug, Clone)]
pub struct SigningSpec {
    /// What the certificate may be used for.
    pub profile: CertificateProfile,
    /// The names in the certificate, if they are not those that the request asks for.
    pub alt_names: Option<Vec<SubjectAltName>>,
    /// How long the certificate is valid; a year, or until its CA ends, if it is not said.
    pub days: Option<Days>,
}

impl SigningSpec {
    /// Returns what signs for the names that a request asks for, for a year or until the CA ends.
    pub fn new(profile: CertificateProfile) -> Self {
        Self { profile, alt_names: None, days: None }
    }
}
