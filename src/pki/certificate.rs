//! Certificates (RFC 5280): the draft that is linted, and the certificate that comes of it.

use std::fmt;
use std::net::IpAddr;

use aws_lc_rs::digest;
use const_oid::db::rfc5280::{ID_CE_EXT_KEY_USAGE, ID_CE_SUBJECT_KEY_IDENTIFIER, ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH};
use const_oid::db::rfc5912::{
    ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_BASIC_CONSTRAINTS, ID_CE_KEY_USAGE, ID_CE_SUBJECT_ALT_NAME,
};
use der::asn1::{Any, BitString, GeneralizedTime, Ia5String, Int, ObjectIdentifier, OctetString, UtcTime};
use der::flagset::FlagSet;
use der::{DateTime, Decode, Encode, Sequence};
use time::OffsetDateTime;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier};
use x509_cert::spki::AlgorithmIdentifier;
use x509_cert::time::Time;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::time::ASN1Time;

use super::lint::LintedDraft;
use super::subject::address;
use super::{KeyPair, KeyType, PkiError};
use crate::name::SubjectAltName;
use crate::random::{self, Random, RandomError};
use crate::spec::{CertificateProfile, Validity};

/// The last year that is written as `UTCTime` (RFC 5280 §4.1.2.5).
const LAST_UTC_TIME_YEAR: i32 = 2049;

/// A serial number: what is issued here has 128 random bits below a fixed first octet, so that it is positive and always of 17
/// octets.
#[derive(Clone, PartialEq, Eq)]
pub struct SerialNumber(Vec<u8>);

impl SerialNumber {
    /// Takes a serial number out of `random`.
    pub fn random(random: &dyn Random) -> Result<Self, RandomError> {
        let mut octets = vec![1; 17];
        octets[1..].copy_from_slice(&random::bytes::<16>(random)?);
        Ok(Self(octets))
    }

    /// Takes the number that a serial file of OpenSSL holds, in hexadecimal.
    pub fn from_hexadecimal(text: &str) -> Option<Self> {
        let digits = text.trim();
        let is_number = !digits.is_empty() && digits.len() <= 64 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let even = if digits.len().is_multiple_of(2) { digits.to_owned() } else { format!("0{digits}") };
        let octets = even.as_bytes().chunks(2).map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            u8::from_str_radix(pair, 16).ok()
        });
        if is_number { octets.collect::<Option<Vec<u8>>>().map(Self) } else { None }
    }

    /// Says whether somebody who counts on from `other` could come to this number: only their last eight octets differ.
    pub fn is_near(&self, other: &Self) -> bool {
        let significant = |serial: &Self| {
            let start = serial.0.iter().position(|octet| *octet != 0).unwrap_or(serial.0.len());
            serial.0[start..].to_vec()
        };
        let (one, other) = (significant(self), significant(other));
        one.len() == other.len() && one[..one.len().saturating_sub(8)] == other[..other.len().saturating_sub(8)]
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A certificate, issued here or by anybody, with the facts that a listing shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    /// The DER of the subject.
    subject: Vec<u8>,
    /// The DER of the issuer.
    issuer: Vec<u8>,
    /// The DER of the `SubjectPublicKeyInfo`.
    public_key_info: Vec<u8>,
    serial: SerialNumber,
    validity: Validity,
}

impl Certificate {
    /// Reads the DER of a certificate, with nothing behind it.
    pub fn from_der(der: Vec<u8>) -> Result<Self, PkiError> {
        let read = || -> Option<Self> {
            let ([], certificate) = X509Certificate::from_der(&der).ok()? else { return None };
            let time = |time: &ASN1Time| OffsetDateTime::from_unix_timestamp(time.timestamp()).ok();
            Some(Self {
                subject: certificate.subject().as_raw().to_vec(),
                issuer: certificate.issuer().as_raw().to_vec(),
                public_key_info: certificate.public_key().raw.to_vec(),
                serial: SerialNumber(certificate.raw_serial().to_vec()),
                validity: Validity {
                    not_before: time(&certificate.validity().not_before)?,
                    not_after: time(&certificate.validity().not_after)?,
                },
                der: Vec::new(),
            })
        };
        let certificate = read().ok_or(PkiError::NotACertificate)?;
        Ok(Self { der, ..certificate })
    }

    /// Returns the DER.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Returns the DER of the subject.
    pub fn subject_der(&self) -> &[u8] {
        &self.subject
    }

    /// Returns the DER of the issuer.
    pub fn issuer_der(&self) -> &[u8] {
        &self.issuer
    }

    /// Returns the DER of the `SubjectPublicKeyInfo`.
    pub fn public_key_info(&self) -> &[u8] {
        &self.public_key_info
    }

    /// Says whether subject and issuer are the same name, as in a root.
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// Says whether its basicConstraints say CA:TRUE.
    pub fn is_ca(&self) -> bool {
        X509Certificate::from_der(&self.der).is_ok_and(|(_, certificate)| {
            certificate.basic_constraints().ok().flatten().is_some_and(|constraints| constraints.value.ca)
        })
    }

    /// Says whether its key is RSA.
    pub fn has_rsa_key(&self) -> bool {
        KeyType::of(&self.public_key_info).is_ok_and(KeyType::is_rsa)
    }

    /// Says whether it is for this key.
    pub fn is_of_key(&self, key: &KeyPair) -> bool {
        self.is_of_public_key(&key.public_key_info())
    }

    /// Says whether it is for the key of this `SubjectPublicKeyInfo`, in DER.
    pub fn is_of_public_key(&self, public_key_info: &[u8]) -> bool {
        is_same_key(&self.public_key_info, public_key_info)
    }

    /// Returns the serial number.
    pub fn serial(&self) -> &SerialNumber {
        &self.serial
    }

    /// Returns the DNS names and addresses of the subjectAltName that are such as could be issued here, in their order.
    pub fn alt_names(&self) -> Vec<SubjectAltName> {
        let Ok((_, certificate)) = X509Certificate::from_der(&self.der) else { return Vec::new() };
        let names = certificate.subject_alternative_name().ok().flatten();
        let names = names.map(|extension| extension.value.general_names.as_slice()).unwrap_or_default();
        names.iter().filter_map(alt_name).collect()
    }

    /// Returns the OID, dotted, and the value of each extension.
    pub(super) fn extensions(&self) -> Vec<(String, Vec<u8>)> {
        let Ok((_, certificate)) = X509Certificate::from_der(&self.der) else { return Vec::new() };
        let extensions = certificate.extensions().iter();
        extensions.map(|extension| (extension.oid.to_id_string(), extension.value.to_vec())).collect()
    }

    /// Returns when it is valid.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// Returns the SHA-256 of the DER in upper-case hexadecimal with colons, as keytool and OpenSSL print it.
    pub fn fingerprint(&self) -> String {
        let digest = digest::digest(&digest::SHA256, &self.der);
        digest.as_ref().iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(":")
    }
}

/// `TBSCertificate`, version 3; names and the public key are the exact DER of where they come from.
#[derive(Sequence)]
struct TbsCertificate {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    version: u8,
    serial_number: Int,
    signature: AlgorithmIdentifier<Any>,
    issuer: Any,
    validity: TbsValidity,
    subject: Any,
    subject_public_key_info: Any,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    extensions: Vec<Extension>,
}

#[derive(Sequence)]
struct TbsValidity {
    not_before: Time,
    not_after: Time,
}

#[derive(Sequence)]
struct SignedCertificate {
    tbs_certificate: Any,
    signature_algorithm: AlgorithmIdentifier<Any>,
    signature_value: BitString,
}

/// What a certificate is to say.
pub(super) struct Draft<'a> {
    pub(super) serial: SerialNumber,
    /// DER.
    pub(super) issuer: &'a [u8],
    pub(super) validity: Validity,
    /// DER.
    pub(super) subject: &'a [u8],
    /// DER.
    pub(super) public_key_info: &'a [u8],
    pub(super) extensions: Vec<Extension>,
}

impl Draft<'_> {
    /// Returns the DER of the `TBSCertificate` that `signer` would sign.
    pub(super) fn to_der(&self, signer: &KeyPair) -> Result<Vec<u8>, PkiError> {
        let tbs = TbsCertificate {
            version: 2,
            serial_number: Int::new(&self.serial.0)?,
            signature: signer.signature_algorithm(),
            issuer: Any::from_der(self.issuer)?,
            validity: TbsValidity {
                not_before: time(self.validity.not_before)?,
                not_after: time(self.validity.not_after)?,
            },
            subject: Any::from_der(self.subject)?,
            subject_public_key_info: Any::from_der(self.public_key_info)?,
            extensions: self.extensions.clone(),
        };
        Ok(tbs.to_der()?)
    }

    /// Signs the draft, which must have been linted.
    pub(super) fn sign(&self, linted: &LintedDraft, signer: &KeyPair) -> Result<Certificate, PkiError> {
        let certificate = SignedCertificate {
            tbs_certificate: Any::from_der(linted.as_der())?,
            signature_algorithm: signer.signature_algorithm(),
            signature_value: BitString::from_bytes(&signer.sign(linted.as_der())?)?,
        };
        Ok(Certificate {
            der: certificate.to_der()?,
            subject: self.subject.to_vec(),
            issuer: self.issuer.to_vec(),
            public_key_info: self.public_key_info.to_vec(),
            serial: self.serial.clone(),
            validity: self.validity,
        })
    }
}

/// Returns a leaf's extensions, each decided here and none by a request.
pub(super) fn leaf_extensions(
    profile: CertificateProfile,
    public_key_info: &[u8],
    is_rsa: bool,
    alt_names: &[SubjectAltName],
    authority_key_id: &[u8],
) -> Result<Vec<Extension>, PkiError> {
    let mut usages: FlagSet<KeyUsages> = KeyUsages::DigitalSignature.into();
    // Only a server with an RSA key is ever sent a secret that is enciphered to it (RFC 5246 §7.4.2).
    if is_rsa && profile.server_auth {
        usages |= KeyUsages::KeyEncipherment;
    }
    let mut purposes = Vec::new();
    if profile.server_auth {
        purposes.push(ID_KP_SERVER_AUTH);
    }
    if profile.client_auth {
        purposes.push(ID_KP_CLIENT_AUTH);
    }
    let mut extensions = vec![
        extension(ID_CE_BASIC_CONSTRAINTS, true, &BasicConstraints { ca: false, path_len_constraint: None })?,
        extension(ID_CE_KEY_USAGE, true, &KeyUsage(usages))?,
        extension(ID_CE_EXT_KEY_USAGE, false, &purposes)?,
        extension(
            ID_CE_SUBJECT_KEY_IDENTIFIER,
            false,
            &SubjectKeyIdentifier(OctetString::new(key_id(public_key_info)?)?),
        )?,
        authority_key_identifier(authority_key_id)?,
    ];
    if !alt_names.is_empty() {
        extensions.push(alt_names_extension(alt_names)?);
    }
    Ok(extensions)
}

/// Returns a root CA's extensions.
pub(super) fn ca_extensions(public_key_info: &[u8]) -> Result<Vec<Extension>, PkiError> {
    let key_id = key_id(public_key_info)?;
    Ok(vec![
        extension(ID_CE_BASIC_CONSTRAINTS, true, &BasicConstraints { ca: true, path_len_constraint: None })?,
        extension(ID_CE_KEY_USAGE, true, &KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign))?,
        extension(ID_CE_SUBJECT_KEY_IDENTIFIER, false, &SubjectKeyIdentifier(OctetString::new(key_id.clone())?))?,
        authority_key_identifier(&key_id)?,
    ])
}

/// Returns the subjectAltName extension, not critical because the subject is never empty (RFC 5280 §4.2.1.6).
pub(super) fn alt_names_extension(alt_names: &[SubjectAltName]) -> Result<Extension, PkiError> {
    let names = alt_names.iter().map(|name| {
        Ok(match name {
            SubjectAltName::Dns(name) => GeneralName::DnsName(Ia5String::new(name.as_str())?),
            SubjectAltName::Ip(IpAddr::V4(address)) => GeneralName::IpAddress(OctetString::new(address.octets())?),
            SubjectAltName::Ip(IpAddr::V6(address)) => GeneralName::IpAddress(OctetString::new(address.octets())?),
        })
    });
    extension(ID_CE_SUBJECT_ALT_NAME, false, &names.collect::<Result<Vec<_>, der::Error>>()?)
}

/// Returns the identifier of a key: the first 160 bits of the SHA-256 of its bit string (RFC 7093 §2, method 1).
pub(super) fn key_id(public_key_info: &[u8]) -> Result<Vec<u8>, PkiError> {
    let info = x509_cert::spki::SubjectPublicKeyInfoRef::from_der(public_key_info)?;
    let digest = digest::digest(&digest::SHA256, info.subject_public_key.raw_bytes());
    Ok(digest.as_ref()[..20].to_vec())
}

/// Compares the keys themselves: the parameters of RSA shall be NULL (RFC 3279 §2.3.1), and are absent in some certificates.
pub(super) fn is_same_key(one: &[u8], other: &[u8]) -> bool {
    use x509_cert::spki::SubjectPublicKeyInfoRef;
    match (SubjectPublicKeyInfoRef::from_der(one), SubjectPublicKeyInfoRef::from_der(other)) {
        (Ok(one), Ok(other)) => {
            one.algorithm.oid == other.algorithm.oid && one.subject_public_key == other.subject_public_key
        }
        _ => false,
    }
}

fn alt_name(name: &x509_parser::extensions::GeneralName<'_>) -> Option<SubjectAltName> {
    use x509_parser::extensions::GeneralName;
    match name {
        GeneralName::DNSName(name) => name.parse().map(SubjectAltName::Dns).ok(),
        GeneralName::IPAddress(octets) => address(octets).map(SubjectAltName::Ip),
        _ => None,
    }
}

fn authority_key_identifier(key_id: &[u8]) -> Result<Extension, PkiError> {
    let identifier = AuthorityKeyIdentifier { key_identifier: Some(OctetString::new(key_id)?), ..Default::default() };
    extension(ID_CE_AUTHORITY_KEY_IDENTIFIER, false, &identifier)
}

fn extension(extn_id: ObjectIdentifier, critical: bool, value: &impl Encode) -> Result<Extension, PkiError> {
    Ok(Extension { extn_id, critical, extn_value: OctetString::new(value.to_der()?)? })
}

fn time(time: OffsetDateTime) -> Result<Time, der::Error> {
    let since_epoch = u64::try_from(time.unix_timestamp()).map_err(|_| der::ErrorKind::DateTime)?;
    let date_time = DateTime::from_unix_duration(std::time::Duration::from_secs(since_epoch))?;
    Ok(if time.year() <= LAST_UTC_TIME_YEAR {
        Time::UtcTime(UtcTime::from_date_time(date_time)?)
    } else {
        Time::GeneralTime(GeneralizedTime::from_date_time(date_time))
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn serials_are_positive_distinct_and_of_17_octets() {
        let serials: std::collections::HashSet<String> =
            (0..10_000).map(|_| SerialNumber::random(&SystemRandom).unwrap().to_string()).collect();
        assert_eq!(serials.len(), 10_000);
        assert!(serials.iter().all(|serial| serial.len() == 34 && serial.starts_with("01")));
    }

    #[test]
    fn the_type_of_a_time_changes_with_the_year_2050() {
        let tag = |at: OffsetDateTime| time(at).unwrap().to_der().unwrap();
        assert_eq!(tag(datetime!(2049-12-31 23:59:59 UTC)), b"\x17\x0d491231235959Z");
        assert_eq!(tag(datetime!(2050-01-01 0:00 UTC)), b"\x18\x0f20500101000000Z");
        assert_eq!(tag(datetime!(2028-02-29 12:00 UTC)), b"\x17\x0d280229120000Z");
        assert_eq!(tag(datetime!(9999-12-31 23:59:59 UTC)), b"\x18\x0f99991231235959Z");
    }
}
