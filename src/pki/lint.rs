//! The lint of a draft: what would be signed is read back by another parser than the one that wrote it, and compared with
//! what was wanted. Only a [`LintedDraft`] can be signed.
//!
//! The rules are those of RFC 5280 and the clean profile of [`crate::manual::defaults`].

use std::fmt;
use std::net::IpAddr;

use time::OffsetDateTime;
use x509_parser::certificate::TbsCertificate;
use x509_parser::extensions::{GeneralName, KeyUsage, ParsedExtension, X509Extension};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::time::ASN1Time;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::{PkiError, signature};
use crate::name::SubjectAltName;
use crate::spec::{CertificateProfile, Validity};

/// The smallest RSA modulus that every TLS stack accepts, in bits.
const MIN_RSA_BITS: usize = 2048;

/// A rule of the profile that a draft breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LintFault {
    /// authorityKeyIdentifier is not the CA's key identifier.
    AuthorityKeyIdentifier,
    /// basicConstraints is missing, not critical, or says the wrong thing.
    BasicConstraints,
    /// The same extension twice, or one that the profile does not have.
    Extensions,
    /// extendedKeyUsage is not what the role needs.
    ExtendedKeyUsage,
    /// The issuer is not the CA's subject, byte for byte.
    Issuer,
    /// keyUsage is missing, not critical, or says the wrong thing.
    KeyUsage,
    /// The public key is weak or of a kind that no TLS stack takes.
    PublicKey,
    /// The serial number is not positive or not of 16 to 20 octets.
    SerialNumber,
    /// The signature algorithm is not one of those that are safe.
    SignatureAlgorithm,
    /// The subject is empty, or the CA's own.
    Subject,
    /// The subjectAltNames are not the ones that were asked for.
    SubjectAltNames,
    /// subjectKeyIdentifier is missing or critical.
    SubjectKeyIdentifier,
    /// The draft is not a `TBSCertificate`.
    Unreadable,
    /// It ends before it begins, has the wrong type of time, or exceeds the CA's.
    Validity,
    /// Not X.509 version 3.
    Version,
}

impl fmt::Display for LintFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AuthorityKeyIdentifier => "the authorityKeyIdentifier is not the CA's key identifier",
            Self::BasicConstraints => "basicConstraints is missing, not critical or wrong",
            Self::Extensions => "it has an extension twice or one too many",
            Self::ExtendedKeyUsage => "extendedKeyUsage does not fit the role",
            Self::Issuer => "the issuer is not the CA's subject",
            Self::KeyUsage => "keyUsage is missing, not critical or wrong",
            Self::PublicKey => "the public key is weak or of an unknown kind",
            Self::SerialNumber => "the serial number is not a positive one of 16 to 20 octets",
            Self::SignatureAlgorithm => "the signature algorithm is not safe",
            Self::Subject => "the subject is empty or the CA's own",
            Self::SubjectAltNames => "the subjectAltNames are not the ones that were asked for",
            Self::SubjectKeyIdentifier => "subjectKeyIdentifier is missing or critical",
            Self::Unreadable => "it cannot be read back",
            Self::Validity => "its validity is empty, wrongly encoded or exceeds the CA's",
            Self::Version => "it is not an X.509 certificate of version 3",
        })
    }
}

/// The DER of a `TBSCertificate` that has passed.
pub(super) struct LintedDraft(Vec<u8>);

impl LintedDraft {
    pub(super) fn as_der(&self) -> &[u8] {
        &self.0
    }
}

/// What a leaf is meant to be.
pub(super) struct LeafIntent<'a> {
    pub(super) profile: CertificateProfile,
    pub(super) alt_names: &'a [SubjectAltName],
    pub(super) ca_subject: &'a [u8],
    pub(super) ca_key_id: &'a [u8],
    pub(super) ca_validity: Validity,
}

/// Lints the draft of a leaf.
pub(super) fn leaf(der: Vec<u8>, intent: &LeafIntent<'_>) -> Result<LintedDraft, PkiError> {
    let faults = read(&der).map_or_else(|fault| vec![fault], |tbs| leaf_faults(&tbs, intent));
    conclude(der, faults)
}

/// Lints the draft of a root CA.
pub(super) fn root(der: Vec<u8>) -> Result<LintedDraft, PkiError> {
    let faults = read(&der).map_or_else(|fault| vec![fault], |tbs| root_faults(&tbs));
    conclude(der, faults)
}

/// Says whether a public key is RSA.
pub(super) fn is_rsa(public_key_info: &[u8]) -> bool {
    SubjectPublicKeyInfo::from_der(public_key_info)
        .is_ok_and(|(_, info)| matches!(info.parsed(), Ok(PublicKey::RSA(_))))
}

fn conclude(der: Vec<u8>, faults: Vec<LintFault>) -> Result<LintedDraft, PkiError> {
    if faults.is_empty() { Ok(LintedDraft(der)) } else { Err(PkiError::Draft(faults)) }
}

fn read(der: &[u8]) -> Result<TbsCertificate<'_>, LintFault> {
    match TbsCertificate::from_der(der) {
        Ok(([], tbs)) => Ok(tbs),
        _ => Err(LintFault::Unreadable),
    }
}

fn leaf_faults(tbs: &TbsCertificate<'_>, intent: &LeafIntent<'_>) -> Vec<LintFault> {
    let mut faults = common_faults(tbs);
    let mut require = |holds: bool, fault: LintFault| {
        if !holds {
            faults.push(fault);
        }
    };
    require(tbs.issuer.as_raw() == intent.ca_subject, LintFault::Issuer);
    require(tbs.subject.as_raw() != intent.ca_subject, LintFault::Subject);
    let within = |time: &ASN1Time| {
        let range = intent.ca_validity.not_before.unix_timestamp()..=intent.ca_validity.not_after.unix_timestamp();
        range.contains(&time.timestamp())
    };
    require(within(&tbs.validity.not_before) && within(&tbs.validity.not_after), LintFault::Validity);
    require(constrains(tbs, false), LintFault::BasicConstraints);
    let enciphers = intent.profile.server_auth && matches!(tbs.subject_pki.parsed(), Ok(PublicKey::RSA(_)));
    let usage = |usage: &KeyUsage| usage.flags == if enciphers { 0b101 } else { 0b1 };
    require(has_key_usage(tbs, usage), LintFault::KeyUsage);
    require(has_extended_key_usage(tbs, intent.profile), LintFault::ExtendedKeyUsage);
    require(names_authority(tbs, intent.ca_key_id), LintFault::AuthorityKeyIdentifier);
    require(has_alt_names(tbs, intent.alt_names), LintFault::SubjectAltNames);
    // Basic constraints, two usages, two identifiers, and the names if there are any.
    require(tbs.extensions().len() == 5 + usize::from(!intent.alt_names.is_empty()), LintFault::Extensions);
    faults
}

fn root_faults(tbs: &TbsCertificate<'_>) -> Vec<LintFault> {
    let mut faults = common_faults(tbs);
    let mut require = |holds: bool, fault: LintFault| {
        if !holds {
            faults.push(fault);
        }
    };
    require(tbs.issuer.as_raw() == tbs.subject.as_raw(), LintFault::Issuer);
    require(constrains(tbs, true), LintFault::BasicConstraints);
    require(has_key_usage(tbs, |usage| usage.flags == 0b110_0000), LintFault::KeyUsage);
    let key_id = find(tbs, |extension| match extension.parsed_extension() {
        ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0),
        _ => None,
    });
    require(key_id.is_some_and(|id| names_authority(tbs, id)), LintFault::AuthorityKeyIdentifier);
    require(tbs.extensions().len() == 4, LintFault::Extensions);
    faults
}

/// Finds what is wrong with any certificate, a leaf's or a CA's.
fn common_faults(tbs: &TbsCertificate<'_>) -> Vec<LintFault> {
    let serial = tbs.raw_serial();
    let safe_signatures =
        ["1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4", "1.3.101.112"];
    let rules = [
        (tbs.version.0 == 2, LintFault::Version),
        ((16..=20).contains(&serial.len()) && (1..0x80).contains(&serial[0]), LintFault::SerialNumber),
        (safe_signatures.contains(&tbs.signature.algorithm.to_id_string().as_str()), LintFault::SignatureAlgorithm),
        (tbs.subject.iter_rdn().next().is_some(), LintFault::Subject),
        (has_sound_validity(tbs), LintFault::Validity),
        (has_sound_key(&tbs.subject_pki), LintFault::PublicKey),
        (tbs.extensions_map().is_ok(), LintFault::Extensions),
        (has_subject_key_id(tbs), LintFault::SubjectKeyIdentifier),
    ];
    rules.into_iter().filter(|(holds, _)| !holds).map(|(_, fault)| fault).collect()
}

fn has_sound_validity(tbs: &TbsCertificate<'_>) -> bool {
    let sound = |time: &ASN1Time| {
        let year = OffsetDateTime::from_unix_timestamp(time.timestamp()).map_or(0, OffsetDateTime::year);
        time.is_utctime() == (year < 2050)
    };
    let (start, end) = (&tbs.validity.not_before, &tbs.validity.not_after);
    start.timestamp() < end.timestamp() && sound(start) && sound(end)
}

fn has_sound_key(key_info: &SubjectPublicKeyInfo<'_>) -> bool {
    match key_info.parsed() {
        Ok(PublicKey::RSA(key)) => key.key_size() >= MIN_RSA_BITS && key.try_exponent() == Ok(65_537),
        Ok(PublicKey::EC(_)) => signature::is_known_curve(key_info),
        _ => key_info.algorithm.algorithm.to_id_string() == "1.3.101.112",
    }
}

fn has_subject_key_id(tbs: &TbsCertificate<'_>) -> bool {
    find(tbs, |extension| match extension.parsed_extension() {
        ParsedExtension::SubjectKeyIdentifier(id) => Some(!extension.critical && id.0.len() == 20),
        _ => None,
    })
    .unwrap_or(false)
}

fn constrains(tbs: &TbsCertificate<'_>, ca: bool) -> bool {
    find(tbs, |extension| match extension.parsed_extension() {
        ParsedExtension::BasicConstraints(constraints) => Some(extension.critical && constraints.ca == ca),
        _ => None,
    })
    .unwrap_or(false)
}

fn has_key_usage(tbs: &TbsCertificate<'_>, expected: impl Fn(&KeyUsage) -> bool) -> bool {
    find(tbs, |extension| match extension.parsed_extension() {
        ParsedExtension::KeyUsage(usage) => Some(extension.critical && expected(usage)),
        _ => None,
    })
    .unwrap_or(false)
}

fn has_extended_key_usage(tbs: &TbsCertificate<'_>, profile: CertificateProfile) -> bool {
    find(tbs, |extension| match extension.parsed_extension() {
        ParsedExtension::ExtendedKeyUsage(usage) => Some(
            !extension.critical
                && usage.server_auth == profile.server_auth
                && usage.client_auth == profile.client_auth
                && !usage.any
                && usage.other.is_empty(),
        ),
        _ => None,
    })
    .unwrap_or(false)
}

fn names_authority(tbs: &TbsCertificate<'_>, key_id: &[u8]) -> bool {
    find(tbs, |extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(authority) => {
            Some(!extension.critical && authority.key_identifier.as_ref().is_some_and(|id| id.0 == key_id))
        }
        _ => None,
    })
    .unwrap_or(false)
}

fn has_alt_names(tbs: &TbsCertificate<'_>, expected: &[SubjectAltName]) -> bool {
    let found = find(tbs, |extension| match extension.parsed_extension() {
        ParsedExtension::SubjectAlternativeName(names) if !extension.critical => Some(&names.general_names),
        _ => None,
    });
    let Some(found) = found else { return expected.is_empty() };
    let same = |(found, expected): (&GeneralName<'_>, &SubjectAltName)| match (found, expected) {
        (GeneralName::DNSName(found), SubjectAltName::Dns(name)) => *found == name.as_str(),
        (GeneralName::IPAddress(found), SubjectAltName::Ip(IpAddr::V4(address))) => *found == address.octets(),
        (GeneralName::IPAddress(found), SubjectAltName::Ip(IpAddr::V6(address))) => *found == address.octets(),
        _ => false,
    };
    found.len() == expected.len() && found.iter().zip(expected).all(same)
}

fn find<'a, T>(tbs: &'a TbsCertificate<'_>, pick: impl Fn(&'a X509Extension<'_>) -> Option<T>) -> Option<T> {
    tbs.extensions().iter().find_map(pick)
}
