//! Certificates as they were sent.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use serde::Serialize;
use time::OffsetDateTime;

use crate::pki::DecodedCertificate;

/// A certificate that one end has sent. Its texts are foreign: escape them before they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SentCertificate {
    /// How many bytes it has.
    pub bytes: usize,
    /// What is in it, unless it is no X.509 certificate.
    #[serde(flatten)]
    pub facts: Option<CertificateFacts>,
}

/// What is shown of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateFacts {
    /// The subject, as RFC 4514 text.
    pub subject: String,
    /// The issuer, as RFC 4514 text.
    pub issuer: String,
    /// Its key.
    pub key: String,
    /// The names that it is for.
    pub alt_names: Vec<String>,
    /// The first second of its validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    /// The last second of its validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
    /// The SHA-256 of its DER.
    pub sha256: String,
}

impl SentCertificate {
    /// Returns what is to be shown of what was sent as a certificate.
    pub fn of_der(der: &[u8]) -> Self {
        let facts = DecodedCertificate::from_der(der).ok().map(|certificate| CertificateFacts {
            subject: certificate.subject.text.clone(),
            issuer: certificate.issuer.text.clone(),
            key: certificate.public_key.kind.to_string(),
            alt_names: certificate.alt_names.iter().flat_map(|names| &names.names).map(ToString::to_string).collect(),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            sha256: certificate.fingerprint(),
        });
        Self { bytes: der.len(), facts }
    }

    /// Returns what it is called.
    pub fn subject(&self) -> &str {
        match &self.facts {
            Some(facts) if facts.subject.is_empty() => "(empty subject)",
            Some(facts) => &facts.subject,
            None => "(no X.509 certificate)",
        }
    }
}

/// Returns the subject of a certificate in DER, as it is shown.
pub(super) fn subject(der: &[u8]) -> String {
    SentCertificate::of_der(der).subject().to_owned()
}
