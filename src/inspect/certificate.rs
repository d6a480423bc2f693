//! What is said of a certificate.

use aws_lc_rs::digest;
use serde::Serialize;
use time::OffsetDateTime;

use super::InspectError;
use super::budget::Budget;
use crate::kafka::principal::principal;
use crate::pki::decoded::{
    AltName, DecodedExtension, ExtendedKeyUsage, Hash, KeyKind, KeyUsage, NameConstraints, Subtree,
};
use crate::pki::{DecodedCertificate, FileContent};

/// A certificate. All texts out of it are foreign.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CertificateFacts {
    /// 1, 2 or 3.
    pub version: u32,
    /// The subject, in RFC 4514 text, the last RDN first.
    pub subject: String,
    /// The issuer.
    pub issuer: String,
    /// The serial number.
    pub serial: String,
    /// The first second of its validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    /// The last second of its validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
    /// Whether it is valid now.
    pub validity: Validity,
    /// The algorithm of its key.
    pub key_algorithm: String,
    /// The public exponent of an RSA key, where it is another than 65537.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_exponent: Option<u64>,
    /// The SHA-256 of its `SubjectPublicKeyInfo`: the same for the key and its requests.
    pub public_key_sha256: String,
    /// How it was signed, as Java names it.
    pub signature_algorithm: String,
    /// Whether the hash in the signature is one under which two texts of one hash can be made.
    pub is_signature_broken: bool,
    /// Whether subject and issuer are the same.
    pub is_self_issued: bool,
    /// Whether its basicConstraints say CA:TRUE; absent without them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_ca: Option<bool>,
    /// How many CAs may stand between it and a leaf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_length: Option<u32>,
    /// The names of its subjectAltName, each with its type: `dns:broker1`, `ip:10.0.0.1`.
    pub alt_names: Vec<String>,
    /// keyUsage; absent without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_usage: Option<Vec<&'static str>>,
    /// extKeyUsage; absent without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extended_key_usage: Option<Vec<String>>,
    /// Names within which those of its issued certificates must be: `permitted dns:example.com`, `excluded ip:10.0.0.0/255.0.0.0`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub name_constraints: Vec<String>,
    /// subjectKeyIdentifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_key_id: Option<String>,
    /// The key identifier in authorityKeyIdentifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority_key_id: Option<String>,
    /// The addresses of revocation lists.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub crl_distribution_points: Vec<String>,
    /// All extensions in their order.
    pub extensions: Vec<ExtensionFacts>,
    /// Kafka's principal, without mapping rules; absent if the subject cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// The SHA-256 of its DER, as keytool prints it.
    pub sha256: String,
    /// The SHA-1 of its DER, as keytool prints it.
    pub sha1: String,
}

/// An extension of a certificate or a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExtensionFacts {
    /// The OID, dotted.
    pub oid: String,
    /// Its name in RFC 5280, or the OID.
    pub name: String,
    /// Whether who does not understand it must refuse the certificate.
    pub critical: bool,
    /// Whether its value is not what it should be.
    pub is_malformed: bool,
}

/// Whether something is valid now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Validity {
    /// Whether it is.
    pub state: ValidityState,
    /// How many whole seconds from now to its end; negative after it. Not in the JSON, which would be another one each second.
    #[serde(skip)]
    pub seconds_left: i64,
    /// How many whole days from now to its end; negative after it.
    pub days_left: i64,
    /// How many whole seconds from now to its begin; negative after it.
    #[serde(skip)]
    pub seconds_to_begin: i64,
}

/// Where `now` is in a time of validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ValidityState {
    /// Before its begin.
    NotYetValid,
    /// Within.
    Valid,
    /// After its end.
    Expired,
}

const SECONDS_OF_A_DAY: i64 = 86_400;

impl Validity {
    pub(super) fn of(begin: OffsetDateTime, end: OffsetDateTime, now: OffsetDateTime) -> Self {
        let now = now.unix_timestamp();
        let seconds_left = end.unix_timestamp().saturating_sub(now);
        let seconds_to_begin = begin.unix_timestamp().saturating_sub(now);
        let state = match (seconds_to_begin > 0, seconds_left < 0) {
            (_, true) => ValidityState::Expired,
            (true, false) => ValidityState::NotYetValid,
            (false, false) => ValidityState::Valid,
        };
        Self { state, seconds_left, days_left: seconds_left.div_euclid(SECONDS_OF_A_DAY), seconds_to_begin }
    }
}

impl ExtensionFacts {
    pub(super) fn of(extension: &DecodedExtension) -> Self {
        let DecodedExtension { oid, name, critical, is_malformed, .. } = extension;
        Self { oid: oid.clone(), name: name.clone(), critical: *critical, is_malformed: *is_malformed }
    }
}

impl CertificateFacts {
    /// Decodes the DER of a certificate, and returns both what it is and what is said of it.
    pub(super) fn of_der(der: &[u8], budget: &mut Budget) -> Result<(DecodedCertificate, Self), InspectError> {
        budget.decode(der)?;
        let malformed = InspectError::Malformed(FileContent::Certificate);
        let certificate = DecodedCertificate::from_der(der).map_err(|_| malformed)?;
        let facts = Self::of(&certificate, budget)?;
        Ok((certificate, facts))
    }

    fn of(certificate: &DecodedCertificate, budget: &mut Budget) -> Result<Self, InspectError> {
        let alt_names = certificate.alt_names.as_ref().map(|names| names.names.as_slice()).unwrap_or_default();
        let usages = certificate.extended_key_usage.as_ref().map_or(0, |usage| usage.other.len());
        let constraints = certificate.name_constraints.as_ref();
        let constrained = constraints.map_or(0, |names| names.permitted.len().saturating_add(names.excluded.len()));
        let items = [alt_names.len(), usages, constrained, certificate.extensions.len()];
        budget.keep(items.iter().sum())?;
        budget.keep(certificate.crl_distribution_points.len())?;
        let constraints_of = certificate.basic_constraints.as_ref();
        Ok(Self {
            version: certificate.version,
            subject: certificate.subject.text.clone(),
            issuer: certificate.issuer.text.clone(),
            serial: certificate.serial_hex(),
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            validity: Validity::of(certificate.not_before, certificate.not_after, budget.now),
            key_algorithm: certificate.public_key.kind.to_string(),
            key_exponent: odd_exponent(&certificate.public_key.kind),
            public_key_sha256: certificate.public_key.sha256(),
            signature_algorithm: certificate.signature.name.clone(),
            is_signature_broken: certificate.signature.hash.is_some_and(Hash::is_broken),
            is_self_issued: certificate.is_self_issued(),
            is_ca: constraints_of.map(|constraints| constraints.ca),
            path_length: constraints_of.and_then(|constraints| constraints.path_length),
            alt_names: alt_names.iter().map(AltName::to_string).collect(),
            key_usage: certificate.key_usage.as_ref().map(KeyUsage::names),
            extended_key_usage: certificate.extended_key_usage.as_ref().map(ExtendedKeyUsage::names),
            name_constraints: constraints.map(constraint_texts).unwrap_or_default(),
            subject_key_id: certificate.subject_key_id.as_deref().map(hex),
            authority_key_id: certificate.authority_key_id.as_ref().and_then(|id| id.key_id.as_deref()).map(hex),
            crl_distribution_points: certificate.crl_distribution_points.clone(),
            extensions: certificate.extensions.iter().map(ExtensionFacts::of).collect(),
            principal: principal(&certificate.subject.der).ok().map(|name| format!("User:{name}")),
            sha256: certificate.fingerprint(),
            sha1: fingerprint(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate.as_der()),
        })
    }
}

fn odd_exponent(key: &KeyKind) -> Option<u64> {
    match key {
        KeyKind::Rsa { exponent: Some(exponent), .. } if *exponent != 65_537 => Some(*exponent),
        _ => None,
    }
}

fn constraint_texts(constraints: &NameConstraints) -> Vec<String> {
    let text = |tree: &Subtree| match tree {
        Subtree::Dns(name) => format!("dns:{name}"),
        Subtree::Ip(octets) => ip_constraint(octets),
        Subtree::Directory(_, name) => format!("dirname:{name}"),
        Subtree::Email(address) => format!("email:{address}"),
        Subtree::Uri(uri) => format!("uri:{uri}"),
        Subtree::Other(choice) => choice.clone(),
    };
    let permitted = constraints.permitted.iter().map(|tree| format!("permitted {}", text(tree)));
    permitted.chain(constraints.excluded.iter().map(|tree| format!("excluded {}", text(tree)))).collect()
}

/// Returns network and mask as text.
fn ip_constraint(octets: &[u8]) -> String {
    let address = |octets: &[u8]| match <[u8; 4]>::try_from(octets) {
        Ok(octets) => Some(std::net::IpAddr::from(octets)),
        Err(_) => <[u8; 16]>::try_from(octets).ok().map(std::net::IpAddr::from),
    };
    let (network, mask) = octets.split_at(octets.len() / 2);
    match (address(network), address(mask)) {
        (Some(network), Some(mask)) => format!("ip:{network}/{mask}"),
        _ => format!("ip:({} octets)", octets.len()),
    }
}

/// Returns octets in lower-case hexadecimal.
pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().concat()
}

/// Returns a digest in upper-case hexadecimal with colons.
fn fingerprint(algorithm: &'static digest::Algorithm, der: &[u8]) -> String {
    let digest = digest::digest(algorithm, der);
    digest.as_ref().iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(":")
}
