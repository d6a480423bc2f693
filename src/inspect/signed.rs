//! What is said of certificate requests and revocation lists.

use serde::Serialize;
use time::OffsetDateTime;

use super::InspectError;
use super::budget::Budget;
use super::certificate::{ExtensionFacts, Validity, hex};
use crate::kafka::principal::principal;
use crate::pki::FileContent;
use crate::pki::decoded::{AltName, DecodedRequest, DecodedRevocationList, ExtendedKeyUsage, KeyUsage, SignatureCheck};

/// A certificate request. All texts out of it are foreign.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RequestFacts {
    /// The subject, in RFC 4514 text, the last RDN first.
    pub subject: String,
    /// The algorithm of the key.
    pub key_algorithm: String,
    /// The SHA-256 of the `SubjectPublicKeyInfo`.
    pub public_key_sha256: String,
    /// How it was signed, as Java names it.
    pub signature_algorithm: String,
    /// Whether its own key has signed it.
    pub signature: SignatureState,
    /// The names that it asks for.
    pub alt_names: Vec<String>,
    /// Whether it asks to be a CA; absent without basicConstraints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_ca: Option<bool>,
    /// How many CAs it asks to have between itself and a leaf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_length: Option<u32>,
    /// The keyUsage that it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_usage: Option<Vec<&'static str>>,
    /// The extKeyUsage that it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended_key_usage: Option<Vec<String>>,
    /// All extensions that it asks for.
    pub extensions: Vec<ExtensionFacts>,
    /// Attributes beside them, by name or OID.
    pub attributes: Vec<String>,
    /// Kafka's principal of a certificate with this subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
}

/// What came of checking a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureState {
    /// The key has made it.
    Valid,
    /// The key has not made it.
    Invalid,
    /// It cannot be checked here.
    NotChecked,
}

impl From<SignatureCheck> for SignatureState {
    fn from(check: SignatureCheck) -> Self {
        match check {
            SignatureCheck::Valid => Self::Valid,
            SignatureCheck::Invalid => Self::Invalid,
            SignatureCheck::Unknown => Self::NotChecked,
        }
    }
}

impl RequestFacts {
    pub(super) fn of_der(der: &[u8], budget: &mut Budget) -> Result<Self, InspectError> {
        budget.decode(der)?;
        let request = DecodedRequest::from_der(der).map_err(|_| InspectError::Malformed(FileContent::Request))?;
        let alt_names = request.alt_names.as_ref().map(|names| names.names.as_slice()).unwrap_or_default();
        let usages = request.extended_key_usage.as_ref().map_or(0, |usage| usage.other.len());
        let items = [alt_names.len(), usages, request.extensions.len(), request.attributes.len()];
        budget.keep(items.iter().sum())?;
        Ok(Self {
            key_algorithm: request.public_key.kind.to_string(),
            public_key_sha256: request.public_key.sha256(),
            signature: request.signature_check.into(),
            alt_names: alt_names.iter().map(AltName::to_string).collect(),
            is_ca: request.basic_constraints.as_ref().map(|constraints| constraints.ca),
            path_length: request.basic_constraints.as_ref().and_then(|constraints| constraints.path_length),
            key_usage: request.key_usage.as_ref().map(KeyUsage::names),
            extended_key_usage: request.extended_key_usage.as_ref().map(ExtendedKeyUsage::names),
            extensions: request.extensions.iter().map(ExtensionFacts::of).collect(),
            principal: principal(&request.subject.der).ok().map(|name| format!("User:{name}")),
            signature_algorithm: request.signature.name,
            attributes: request.attributes,
            subject: request.subject.text,
        })
    }
}

/// A certificate revocation list.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RevocationListFacts {
    /// 1 or 2.
    pub version: u32,
    /// Who has signed it. Foreign text.
    pub issuer: String,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub this_update: OffsetDateTime,
    /// When the next one is due, if it says so.
    #[serde(with = "time::serde::rfc3339::option", skip_serializing_if = "Option::is_none")]
    pub next_update: Option<OffsetDateTime>,
    /// Whether the next one is due already; absent if it does not say when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validity: Option<Validity>,
    /// How it was signed, as Java names it.
    pub signature_algorithm: String,
    /// cRLNumber.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The key identifier in authorityKeyIdentifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority_key_id: Option<String>,
    /// The revoked certificates, in their order.
    pub revoked: Vec<RevokedFacts>,
}

/// A revoked certificate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RevokedFacts {
    /// Its serial number.
    pub serial: String,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    pub date: OffsetDateTime,
}

impl RevocationListFacts {
    /// A list is as long as its CA's history, and has no other bound than its file.
    pub(super) fn of_der(der: &[u8], budget: &mut Budget) -> Result<Self, InspectError> {
        let list =
            DecodedRevocationList::from_der(der).map_err(|_| InspectError::Malformed(FileContent::RevocationList))?;
        budget.keep(list.revoked.len())?;
        let next = list.next_update;
        Ok(Self {
            version: list.version,
            issuer: list.issuer.text,
            this_update: list.this_update,
            next_update: next,
            validity: next.map(|next| Validity::of(list.this_update, next, budget.now)),
            signature_algorithm: list.signature.name,
            number: list.number.as_deref().map(hex),
            authority_key_id: list.authority_key_id.as_deref().map(hex),
            revoked: list
                .revoked
                .iter()
                .map(|revoked| RevokedFacts { serial: serial(&revoked.serial), date: revoked.date })
                .collect(),
        })
    }
}

/// Returns a serial number without the octet that only keeps it positive.
fn serial(octets: &[u8]) -> String {
    match octets {
        [0, rest @ ..] if !rest.is_empty() => hex(rest),
        octets => hex(octets),
    }
}
