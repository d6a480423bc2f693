//! Private keys, of any kind and size: what they are, and which public key is theirs.

use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, UintRef};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use pkcs8::{AlgorithmIdentifierRef, PrivateKeyInfoRef};
use x509_cert::spki::SubjectPublicKeyInfoRef;
use x509_parser::prelude::FromDer;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::DecodedKey;
use super::key::KeyKind;
use crate::pki::foreign::elements;
use crate::pki::key::{EC_PUBLIC_KEY, RSA_ENCRYPTION};
use crate::pki::private_key::take;

const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const DSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");

/// The bits of RSA keys whose parts AWS-LC checks.
const CHECKED_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// What a private key is. Nothing of the key itself is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodedPrivateKey {
    /// What it is.
    pub kind: KeyKind,
    /// How it is written.
    pub form: PrivateKeyForm,
    /// The DER of the `SubjectPublicKeyInfo` that belongs to it, where that can be told.
    pub public_key_info: Option<Vec<u8>>,
}

/// How a private key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateKeyForm {
    /// PKCS#8 (RFC 5208), which Java and Kafka read.
    Pkcs8,
    /// PKCS#1, for RSA alone (RFC 8017 appendix A.1.2).
    Pkcs1,
    /// SEC1, for elliptic curves alone (RFC 5915).
    Sec1,
    /// OpenSSL's own, for DSA alone.
    Dsa,
}

impl PrivateKeyForm {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pkcs8 => "PKCS#8",
            Self::Pkcs1 => "PKCS#1",
            Self::Sec1 => "SEC1",
            Self::Dsa => "OpenSSL's DSA form",
        }
    }
}

/// `RSAPublicKey` (RFC 8017 appendix A.1.1).
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
}

impl DecodedPrivateKey {
    /// Reads the DER of a key that is not encrypted, in any of its forms; nothing, if it is none.
    ///
    /// `ec_parameters` is the DER of the curve that OpenSSL writes before a SEC1 key.
    pub fn from_der(der: &[u8], ec_parameters: Option<&[u8]>) -> Option<Self> {
        let elements = elements(der)?;
        let tags: Vec<Tag> = elements.iter().map(Tagged::tag).collect();
        let (form, info) = match tags.as_slice() {
            [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => (PrivateKeyForm::Pkcs8, of_pkcs8(der)?),
            [Tag::Integer, Tag::OctetString, ..] => (PrivateKeyForm::Sec1, of_sec1(&elements, ec_parameters)?),
            // version, p, q, g, y, x
            [Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer] => {
                (PrivateKeyForm::Dsa, of_algorithm(AlgorithmIdentifierRef { oid: DSA, parameters: None }, &[])?)
            }
            [Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer, ..] => {
                (PrivateKeyForm::Pkcs1, of_rsa(der, rsa_algorithm())?)
            }
            _ => return None,
        };
        let DecodedKey { kind, info } = info;
        let has_number = match kind {
            KeyKind::Rsa { bits, .. } => !CHECKED_BITS.contains(&bits),
            KeyKind::RsaPss { .. } => true,
            _ => false,
        };
        let public_key_info = match take(der, ec_parameters) {
            Ok(key) => Some(key.public_key_info()),
            // The modulus is the key: nobody else's has it.
            Err(_) if has_number => Some(info),
            Err(_) => None,
        };
        Some(Self { kind, form, public_key_info })
    }
}

/// Returns what is known of the public key of a PKCS#8 structure: of RSA all, of others the algorithm.
fn of_pkcs8(der: &[u8]) -> Option<DecodedKey> {
    let info = PrivateKeyInfoRef::from_der(der).ok()?;
    match info.algorithm.oid {
        RSA_ENCRYPTION => of_rsa(info.private_key.as_bytes(), rsa_algorithm()),
        RSASSA_PSS => of_rsa(info.private_key.as_bytes(), info.algorithm),
        _ => of_algorithm(info.algorithm, &[]),
    }
}

fn of_rsa(pkcs1: &[u8], algorithm: AlgorithmIdentifierRef<'_>) -> Option<DecodedKey> {
    let elements = elements(pkcs1)?;
    let [_, modulus, public_exponent, ..] = elements.as_slice() else { return None };
    let (modulus, public_exponent) = (modulus.decode_as().ok()?, public_exponent.decode_as().ok()?);
    let public_key = RsaPublicKey { modulus, public_exponent }.to_der().ok()?;
    of_algorithm(algorithm, &public_key)
}

fn rsa_algorithm() -> AlgorithmIdentifierRef<'static> {
    AlgorithmIdentifierRef { oid: RSA_ENCRYPTION, parameters: Some(AnyRef::NULL) }
}

/// Returns what is known of a SEC1 key: its curve, from the key or from beside it.
fn of_sec1(elements: &[AnyRef<'_>], beside: Option<&[u8]>) -> Option<DecodedKey> {
    let of_key = elements.iter().find(|element| element.tag().is_context_specific());
    let parameters = match of_key.filter(|element| element.tag().number().value() == 0) {
        Some(parameters) => AnyRef::from_der(parameters.value()).ok(),
        None => beside.and_then(|parameters| AnyRef::from_der(parameters).ok()),
    };
    of_algorithm(AlgorithmIdentifierRef { oid: EC_PUBLIC_KEY, parameters }, &[])
}

fn of_algorithm(algorithm: AlgorithmIdentifierRef<'_>, public_key: &[u8]) -> Option<DecodedKey> {
    let subject_public_key = BitStringRef::from_bytes(public_key).ok()?;
    let info = SubjectPublicKeyInfoRef { algorithm, subject_public_key }.to_der().ok()?;
    DecodedKey::from_der(&info)
}

impl DecodedKey {
    /// Reads the DER of a `SubjectPublicKeyInfo`; nothing, if it is none.
    pub fn from_der(info: &[u8]) -> Option<Self> {
        match SubjectPublicKeyInfo::from_der(info) {
            Ok(([], info)) => Some(Self::of(&info)),
            _ => None,
        }
    }

    /// Reads the DER of an `RSAPublicKey`, as `openssl rsa -RSAPublicKey_out` writes it; nothing, if it is none.
    pub fn from_rsa_public_key(der: &[u8]) -> Option<Self> {
        RsaPublicKey::from_der(der).ok()?;
        of_algorithm(rsa_algorithm(), der)
    }

    /// Returns the SHA-256 of the `SubjectPublicKeyInfo` in lower-case hexadecimal, which is the same for a key, its requests and
    /// its certificates.
    pub fn sha256(&self) -> String {
        sha256_hex(&self.info)
    }
}

/// Returns a SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest.as_ref().iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().concat()
}
