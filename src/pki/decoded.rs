//! Certificates as they are: what each field says, whoever wrote it, for everything that looks at certificates and judges them.
//!
//! Nothing is refused for what it says. A certificate of version 1, a key of 512 bits, an extension that nobody knows: all
//! come out as facts.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod extension;
mod key;
mod private_key;
mod request;
mod revocation_list;
mod signature;

use aws_lc_rs::digest;
use der::{Decode, Tag, Tagged};
use time::OffsetDateTime;
use x509_cert::name::RdnSequence;
use x509_parser::asn1_rs::BitString;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

use super::PkiError;
use super::certificate::is_same_key;
use super::foreign::{children, elements};
use super::subject;

pub use self::extension::{
    AltName, AltNames, AuthorityKeyId, BasicConstraints, DecodedExtension, ExtendedKeyUsage, KeyUsage, NameConstraints,
    Subtree,
};
pub use self::key::{Curve, DecodedKey, KeyKind};
pub use self::private_key::{DecodedPrivateKey, PrivateKeyForm};
pub use self::request::DecodedRequest;
pub use self::revocation_list::{DecodedRevocationList, Revoked};
pub use self::signature::{Hash, SignatureCheck, SignatureKind};

pub(crate) use self::private_key::sha256_hex;

use self::extension::Extensions;

/// An X.509 certificate (RFC 5280 §4.1) with all that it says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodedCertificate {
    der: Vec<u8>,
    tbs: std::ops::Range<usize>,
    signature_value: Vec<u8>,
    /// 1, 2 or 3, as a person counts; whatever else it says.
    pub version: u32,
    /// The octets of the INTEGER: negative if the first has its high bit set.
    pub serial: Vec<u8>,
    /// Who has signed it.
    pub issuer: DecodedName,
    /// Whose it is.
    pub subject: DecodedName,
    /// The first second of its validity.
    pub not_before: OffsetDateTime,
    /// The last second of its validity.
    pub not_after: OffsetDateTime,
    /// The key that it is for.
    pub public_key: DecodedKey,
    /// How it was signed.
    pub signature: SignatureKind,
    /// Whether the algorithm inside of what was signed is another one than outside (RFC 5280 §4.1.1.2 wants them the same).
    pub inner_signature_differs: bool,
    /// All extensions in their order, understood or not.
    pub extensions: Vec<DecodedExtension>,
    /// `basicConstraints`, where it can be read.
    pub basic_constraints: Option<BasicConstraints>,
    /// `keyUsage`, where it can be read.
    pub key_usage: Option<KeyUsage>,
    /// `extKeyUsage`, where it can be read.
    pub extended_key_usage: Option<ExtendedKeyUsage>,
    /// `subjectAltName`, where it can be read.
    pub alt_names: Option<AltNames>,
    /// `subjectKeyIdentifier`, where it can be read.
    pub subject_key_id: Option<Vec<u8>>,
    /// `authorityKeyIdentifier`, where it can be read.
    pub authority_key_id: Option<AuthorityKeyId>,
    /// `nameConstraints`, where it can be read.
    pub name_constraints: Option<NameConstraints>,
    /// The addresses of revocation lists.
    pub crl_distribution_points: Vec<String>,
}

/// A name in a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodedName {
    /// The DER.
    pub der: Vec<u8>,
    /// RFC 4514 text, the last RDN first, as keytool prints it. Foreign text: escape it before it is shown.
    pub text: String,
    /// The common names, as far as they are text, in their order.
    pub common_names: Vec<String>,
    /// A digest of what it is compared by: names are compared far more often than read.
    comparable: [u8; 32],
}

impl DecodedName {
    fn of(name: &X509Name<'_>) -> Self {
        let der = name.as_raw().to_vec();
        let text = RdnSequence::from_der(&der).map_or_else(|_| name.to_string(), |name| name.to_string());
        Self {
            text,
            common_names: subject::common_names(name),
            comparable: subject::sha256(&subject::comparable(name).concat()),
            der,
        }
    }

    /// Says whether there is nothing in the name.
    pub fn is_empty(&self) -> bool {
        // SEQUENCE of no length.
        self.der == [0x30, 0x00]
    }

    /// Says whether two names are the same for RFC 5280 §7.1: without regard to case and to repeated blanks.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.comparable == other.comparable
    }

    /// Says whether the name begins with the RDNs of another, in DER, compared in the same way.
    pub fn begins_with(&self, base: &[u8]) -> bool {
        let comparable = |der| X509Name::from_der(der).map(|(_, name)| subject::comparable(&name)).ok();
        matches!((comparable(&self.der), comparable(base)), (Some(name), Some(base)) if name.starts_with(&base))
    }

    /// Says whether a value has a control character: Java prints it as it is, into logs and into Kafka's principal.
    pub fn has_control_character(&self) -> bool {
        X509Name::from_der(&self.der).is_ok_and(|(_, name)| subject::has_control_character(&name))
    }
}

impl DecodedCertificate {
    /// Reads the DER of a certificate, with nothing behind it. It fails only for what is none.
    pub fn from_der(der: &[u8]) -> Result<Self, PkiError> {
        let Ok(([], certificate)) = X509Certificate::from_der(der) else { return Err(PkiError::NotACertificate) };
        let time = |time: &ASN1Time| {
            OffsetDateTime::from_unix_timestamp(time.timestamp()).map_err(|_| PkiError::NotACertificate)
        };
        let tbs = range_of(der, certificate.tbs_certificate.as_ref()).ok_or(PkiError::NotACertificate)?;
        let found = Extensions::of(certificate.extensions());
        Ok(Self {
            tbs,
            signature_value: whole_octets(&certificate.signature_value),
            version: certificate.version().0.saturating_add(1),
            serial: certificate.raw_serial().to_vec(),
            issuer: DecodedName::of(certificate.issuer()),
            subject: DecodedName::of(certificate.subject()),
            not_before: time(&certificate.validity().not_before)?,
            not_after: time(&certificate.validity().not_after)?,
            public_key: DecodedKey::of(certificate.public_key()),
            signature: SignatureKind::of(&certificate.signature_algorithm),
            inner_signature_differs: !has_one_algorithm(der),
            extensions: found.all,
            basic_constraints: found.basic_constraints,
            key_usage: found.key_usage,
            extended_key_usage: found.extended_key_usage,
            alt_names: found.alt_names,
            subject_key_id: found.subject_key_id,
            authority_key_id: found.authority_key_id,
            name_constraints: found.name_constraints,
            crl_distribution_points: found.crl_distribution_points,
            der: der.to_vec(),
        })
    }

    /// Returns the DER.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Says whether subject and issuer are the same name, which two encodings of one text are: keytool and OpenSSL write it with
    /// different types of strings.
    pub fn is_self_issued(&self) -> bool {
        self.subject.is_same_as(&self.issuer)
    }

    /// Says whether its basicConstraints say CA:TRUE.
    pub fn is_ca(&self) -> bool {
        self.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca)
    }

    /// Returns the SHA-256 of the DER in upper-case hexadecimal with colons, as keytool and OpenSSL print it.
    pub fn fingerprint(&self) -> String {
        let digest = digest::digest(&digest::SHA256, &self.der);
        digest.as_ref().iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>().join(":")
    }

    /// Returns the serial number in hexadecimal, without the octet that only keeps it positive.
    pub fn serial_hex(&self) -> String {
        let octets = match self.serial.as_slice() {
            [0, rest @ ..] if !rest.is_empty() => rest,
            octets => octets,
        };
        octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().concat()
    }

    /// Says whether it is for the key of this `SubjectPublicKeyInfo`, in DER.
    pub fn is_of_public_key(&self, public_key_info: &[u8]) -> bool {
        is_same_key(&self.public_key.info, public_key_info)
    }

    /// Returns an extension by its dotted OID.
    pub fn extension(&self, oid: &str) -> Option<&DecodedExtension> {
        self.extensions.iter().find(|extension| extension.oid == oid)
    }

    /// Checks whether the key of `issuer` has signed it, with old algorithms and short keys too. Names are not compared.
    ///
    /// A signature whose algorithm is another inside than outside is invalid, as it is for everybody.
    pub fn is_signed_by(&self, issuer: &Self) -> SignatureCheck {
        if self.inner_signature_differs {
            return SignatureCheck::Invalid;
        }
        let tbs = self.der.get(self.tbs.clone()).unwrap_or_default();
        signature::check(&issuer.public_key, &self.der, tbs, &self.signature_value)
    }
}

/// Says whether the algorithm of the signature is the same octets inside of what is signed and outside.
fn has_one_algorithm(der: &[u8]) -> bool {
    let read = || {
        let certificate = elements(der)?;
        let [tbs, outer, _] = certificate.as_slice() else { return None };
        let tbs = children(tbs.value())?;
        // After the version, which may be left out, and the serial number.
        let inner = tbs.iter().find(|element| element.tag() == Tag::Sequence)?;
        Some(inner == outer)
    };
    read().unwrap_or(false)
}

/// Returns a signature; nothing, if it is no number of whole octets.
fn whole_octets(bits: &BitString<'_>) -> Vec<u8> {
    if bits.unused_bits == 0 { bits.data.to_vec() } else { Vec::new() }
}

/// Returns where `part` lies in `whole`, of which it is a slice.
fn range_of(whole: &[u8], part: &[u8]) -> Option<std::ops::Range<usize>> {
    let start = (part.as_ptr().addr()).checked_sub(whole.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then_some(start..end)
}

#[cfg(test)]
mod tests;
