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

use super::{KeyType, PkiError};
use crate::name::SubjectAltName;
use crate::spec::{CertificateProfile, Validity};

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
    /// The public key is not the one that was asked for, weak, or of a kind that no TLS stack takes.
    PublicKey,
    /// The serial number is not positive or not of 16 to 20 octets.
    SerialNumber,
    /// The signature algorithm is not one of those that are safe.
    SignatureAlgorithm,
    /// The subject is empty, the CA's own, or not the one that was asked for.
    Subject,
    /// The subjectAltNames are not the ones that were asked for.
    SubjectAltNames,
    /// subjectKeyIdentifier is missing or critical.
    SubjectKeyIdentifier,
    /// The draft is not a `TBSCertificate`.
    Unreadable,
    /// It is not the one that was asked for, ends before it begins, has the wrong type of time, or exceeds the CA's.
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
            Self::PublicKey => "the public key is another one, weak or of an unknown kind",
            Self::SerialNumber => "the serial number is not a positive one of 16 to 20 octets",
            Self::SignatureAlgorithm => "the signature algorithm is not safe",
            Self::Subject => "the subject is empty, the CA's own or another one",
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
    /// DER.
    pub(super) subject: &'a [u8],
    /// DER.
    pub(super) public_key_info: &'a [u8],
    pub(super) validity: Validity,
    pub(super) profile: CertificateProfile,
    pub(super) alt_names: &'a [SubjectAltName],
    pub(super) ca_subject: &'a [u8],
    pub(super) ca_key_id: &'a [u8],
    pub(super) ca_validity: Validity,
    /// Whether there is no CA: the certificate that a key pair gets before anybody has signed one for it.
    pub(super) is_self_signed: bool,
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
    let subject = tbs.subject.as_raw();
    let is_distinct = intent.is_self_signed || subject != intent.ca_subject;
    require(subject == intent.subject && is_distinct, LintFault::Subject);
    require(tbs.subject_pki.raw == intent.public_key_info, LintFault::PublicKey);
    let Validity { not_before, not_after } = intent.validity;
    let wanted = tbs.validity.not_before.timestamp() == not_before.unix_timestamp()
        && tbs.validity.not_after.timestamp() == not_after.unix_timestamp();
    require(wanted && intent.validity.is_within(&intent.ca_validity), LintFault::Validity);
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
        (KeyType::of_sound(tbs.subject_pki.raw).is_ok(), LintFault::PublicKey),
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

#[cfg(test)]
mod tests {
    use der::asn1::OctetString;
    use der::{Decode, Encode};
    use time::Duration;
    use time::macros::datetime;
    use x509_cert::ext::Extension;

    use super::super::certificate::{Draft, ca_extensions, key_id, leaf_extensions};
    use super::super::{KeyPair, SerialNumber};
    use super::*;
    use crate::name::dn::DistinguishedName;
    use crate::random::SystemRandom;
    use crate::spec::{Days, KeyAlgorithm};

    const BASIC_CONSTRAINTS: &str = "2.5.29.19";
    const KEY_USAGE: &str = "2.5.29.15";
    const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
    const SUBJECT_KEY_ID: &str = "2.5.29.14";
    const AUTHORITY_KEY_ID: &str = "2.5.29.35";
    const SUBJECT_ALT_NAME: &str = "2.5.29.17";

    /// A test's names and keys live as long as the test run, so that a draft can be changed to any of them.
    fn name(text: &str) -> &'static [u8] {
        DistinguishedName::parse(text).unwrap().to_der().unwrap().leak()
    }

    fn public_key_info(key: &KeyPair) -> &'static [u8] {
        key.public_key_info().leak()
    }

    fn days(number: u32) -> Validity {
        Validity::starting(datetime!(2026-11-21 12:00 UTC), Days::new(number).unwrap()).unwrap()
    }

    /// Returns what the lint finds in a broker's draft that `change` was done to.
    fn leaf_faults_after(change: impl FnOnce(&mut Draft<'static>)) -> Vec<LintFault> {
        let ca = KeyPair::generate(KeyAlgorithm::EcP256).unwrap();
        let node = public_key_info(&KeyPair::generate(KeyAlgorithm::EcP256).unwrap());
        let (subject, ca_subject) = (name("CN=broker1"), name("CN=Kafka CA"));
        let ca_key_id = key_id(&ca.public_key_info()).unwrap();
        let (profile, alt_names) = (CertificateProfile::BROKER, ["broker1".parse().unwrap()]);
        let mut draft = Draft {
            serial: SerialNumber::random(&SystemRandom).unwrap(),
            issuer: ca_subject,
            validity: days(365),
            subject,
            public_key_info: node,
            extensions: leaf_extensions(profile, node, false, &alt_names, &ca_key_id).unwrap(),
        };
        change(&mut draft);
        let intent = LeafIntent {
            subject,
            public_key_info: node,
            validity: days(365),
            profile,
            alt_names: &alt_names,
            ca_subject,
            ca_key_id: &ca_key_id,
            ca_validity: days(3650),
            is_self_signed: false,
        };
        faults(leaf(draft.to_der(&ca).unwrap(), &intent))
    }

    fn root_faults_after(change: impl FnOnce(&mut Draft<'static>)) -> Vec<LintFault> {
        let key = KeyPair::generate(KeyAlgorithm::EcP256).unwrap();
        let (subject, info) = (name("CN=Kafka CA"), public_key_info(&key));
        let mut draft = Draft {
            serial: SerialNumber::random(&SystemRandom).unwrap(),
            issuer: subject,
            validity: days(3650),
            subject,
            public_key_info: info,
            extensions: ca_extensions(info).unwrap(),
        };
        change(&mut draft);
        faults(root(draft.to_der(&key).unwrap()))
    }

    fn faults(linted: Result<LintedDraft, PkiError>) -> Vec<LintFault> {
        match linted {
            Ok(_) => Vec::new(),
            Err(PkiError::Draft(faults)) => faults,
            Err(error) => panic!("{error}"),
        }
    }

    fn extension<'d>(draft: &'d mut Draft<'_>, oid: &str) -> &'d mut Extension {
        draft.extensions.iter_mut().find(|extension| extension.extn_id.to_string() == oid).unwrap()
    }

    fn set(draft: &mut Draft<'_>, oid: &str, value: &[u8]) {
        extension(draft, oid).extn_value = OctetString::new(value).unwrap();
    }

    #[test]
    fn sound_drafts_have_no_fault() {
        assert_eq!(leaf_faults_after(|_| {}), []);
        assert_eq!(root_faults_after(|_| {}), []);
    }

    #[test]
    fn names_keys_and_dates_are_those_that_were_wanted() {
        let (other, ca, empty) = (name("CN=other"), name("CN=Kafka CA"), name(""));
        let weak = rsa_1024();
        let p256 = public_key_info(&KeyPair::generate(KeyAlgorithm::EcP256).unwrap());
        assert_eq!(leaf_faults_after(|draft| draft.issuer = other), [LintFault::Issuer]);
        assert_eq!(leaf_faults_after(|draft| draft.subject = other), [LintFault::Subject]);
        assert_eq!(leaf_faults_after(|draft| draft.subject = ca), [LintFault::Subject]);
        assert_eq!(leaf_faults_after(|draft| draft.subject = empty), [LintFault::Subject, LintFault::Subject]);
        assert_eq!(leaf_faults_after(|draft| draft.public_key_info = p256), [LintFault::PublicKey]);
        assert!(leaf_faults_after(|draft| draft.public_key_info = weak).starts_with(&[LintFault::PublicKey; 2]));
        assert_eq!(leaf_faults_after(|draft| draft.validity = days(364)), [LintFault::Validity]);
        let reversed =
            |draft: &mut Draft<'static>| draft.validity.not_after = draft.validity.not_before - Duration::days(1);
        assert_eq!(leaf_faults_after(reversed), [LintFault::Validity, LintFault::Validity]);
        assert_eq!(root_faults_after(|draft| draft.issuer = other), [LintFault::Issuer]);
    }

    #[test]
    fn every_extension_of_a_leaf_is_as_the_profile_says() {
        let value = |oid: &'static str, value: &'static [u8]| leaf_faults_after(move |draft| set(draft, oid, value));
        let critical = |oid: &'static str| {
            leaf_faults_after(move |draft| {
                let extension = extension(draft, oid);
                extension.critical = !extension.critical;
            })
        };
        assert_eq!(value(BASIC_CONSTRAINTS, b"\x30\x03\x01\x01\xff"), [LintFault::BasicConstraints]);
        assert_eq!(critical(BASIC_CONSTRAINTS), [LintFault::BasicConstraints]);
        // keyEncipherment, for an EC key; keyCertSign.
        assert_eq!(value(KEY_USAGE, b"\x03\x02\x05\xa0"), [LintFault::KeyUsage]);
        assert_eq!(value(KEY_USAGE, b"\x03\x02\x02\x84"), [LintFault::KeyUsage]);
        assert_eq!(critical(KEY_USAGE), [LintFault::KeyUsage]);
        // clientAuth alone.
        let client_auth = b"\x30\x0a\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02";
        assert_eq!(value(EXTENDED_KEY_USAGE, client_auth), [LintFault::ExtendedKeyUsage]);
        assert_eq!(critical(EXTENDED_KEY_USAGE), [LintFault::ExtendedKeyUsage]);
        assert_eq!(critical(SUBJECT_KEY_ID), [LintFault::SubjectKeyIdentifier]);
        assert_eq!(value(AUTHORITY_KEY_ID, b"\x30\x06\x80\x04abcd"), [LintFault::AuthorityKeyIdentifier]);
        assert_eq!(value(SUBJECT_ALT_NAME, b"\x30\x09\x82\x07broker2"), [LintFault::SubjectAltNames]);
        assert_eq!(critical(SUBJECT_ALT_NAME), [LintFault::SubjectAltNames]);
    }

    #[test]
    fn an_extension_too_few_or_too_many_is_a_fault() {
        for (index, fault) in [
            LintFault::BasicConstraints,
            LintFault::KeyUsage,
            LintFault::ExtendedKeyUsage,
            LintFault::SubjectKeyIdentifier,
            LintFault::AuthorityKeyIdentifier,
            LintFault::SubjectAltNames,
        ]
        .into_iter()
        .enumerate()
        {
            let found = leaf_faults_after(|draft| drop(draft.extensions.remove(index)));
            assert_eq!(found, [fault, LintFault::Extensions]);
        }
        let twice = leaf_faults_after(|draft| draft.extensions.push(draft.extensions[0].clone()));
        assert!(twice.contains(&LintFault::Extensions), "{twice:?}");
        let unknown = leaf_faults_after(|draft| {
            let mut extension = draft.extensions[0].clone();
            extension.extn_id = der::asn1::ObjectIdentifier::new_unwrap("1.2.3.4");
            draft.extensions.push(extension);
        });
        assert_eq!(unknown, [LintFault::Extensions]);
    }

    #[test]
    fn a_root_without_its_powers_is_a_fault() {
        let not_a_ca = |draft: &mut Draft<'static>| set(draft, BASIC_CONSTRAINTS, b"\x30\x00");
        assert_eq!(root_faults_after(not_a_ca), [LintFault::BasicConstraints]);
        let signs_no_lists = |draft: &mut Draft<'static>| set(draft, KEY_USAGE, b"\x03\x02\x02\x04");
        assert_eq!(root_faults_after(signs_no_lists), [LintFault::KeyUsage]);
        let other_authority = |draft: &mut Draft<'static>| set(draft, AUTHORITY_KEY_ID, b"\x30\x06\x80\x04abcd");
        assert_eq!(root_faults_after(other_authority), [LintFault::AuthorityKeyIdentifier]);
    }

    #[test]
    fn what_is_no_draft_is_a_fault() {
        assert_eq!(faults(root(vec![0x30, 0x00])), [LintFault::Unreadable]);
        assert_eq!(faults(root(Vec::new())), [LintFault::Unreadable]);
    }

    /// Returns the public key info of an RSA key of 1024 bits, which no key pair here can have.
    fn rsa_1024() -> &'static [u8] {
        let mut modulus = vec![0x02, 0x81, 0x81, 0x00];
        modulus.extend([0xc3; 128]);
        let mut key = vec![0x30, 0x81, 0x89];
        key.extend(&modulus);
        key.extend([0x02, 0x03, 0x01, 0x00, 0x01]);
        let bits = der::asn1::BitString::from_bytes(&key).unwrap().to_der().unwrap();
        let algorithm = [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
        let mut info = vec![0x30, 0x81, u8::try_from(algorithm.len() + bits.len()).unwrap()];
        info.extend(algorithm);
        info.extend(bits);
        assert!(der::Any::from_der(&info).is_ok());
        info.leak()
    }
}
