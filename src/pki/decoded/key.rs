//! Public keys, of any kind and size.

use std::fmt;

use x509_parser::asn1_rs::Tag;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::pki::foreign::elements;

/// A public key with what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodedKey {
    /// The DER of the `SubjectPublicKeyInfo`.
    pub info: Vec<u8>,
    /// What it is.
    pub kind: KeyKind,
}

/// What a public key is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyKind {
    /// RSA for encryption and signatures (RFC 3279 §2.3.1).
    Rsa {
        /// The length of the modulus.
        bits: usize,
        /// The public exponent, unless it has more than 64 bits.
        exponent: Option<u64>,
    },
    /// RSA for PSS signatures alone (RFC 4055 §1.2).
    RsaPss {
        /// The length of the modulus.
        bits: usize,
    },
    /// DSA.
    Dsa,
    /// An elliptic curve.
    Ec(Curve),
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// Ed448 (RFC 8032).
    Ed448,
    /// Anything else, or a key that cannot be read, by the OID of its algorithm.
    Other(String),
}

/// An elliptic curve.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Curve {
    /// NIST P-256, `secp256r1`.
    P256,
    /// NIST P-384, `secp384r1`.
    P384,
    /// NIST P-521, `secp521r1`.
    P521,
    /// One that few TLS stacks know, by its OID.
    Other(String),
    /// One that is not named but written out, which no TLS stack takes.
    Explicit,
}

/// Names of curves that are met now and then.
const OTHER_CURVES: [(&str, &str); 7] = [
    ("1.2.840.10045.3.1.1", "P-192"),
    ("1.3.132.0.33", "P-224"),
    ("1.3.132.0.10", "secp256k1"),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
    ("1.2.156.10197.1.301", "SM2"),
];

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::P256 => f.write_str("P-256"),
            Self::P384 => f.write_str("P-384"),
            Self::P521 => f.write_str("P-521"),
            Self::Other(oid) => {
                let name = OTHER_CURVES.iter().find(|(known, _)| known == oid).map(|(_, name)| *name);
                write!(f, "EC {}", name.unwrap_or(oid))
            }
            Self::Explicit => f.write_str("EC with explicit parameters"),
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits, .. } => write!(f, "RSA-{bits}"),
            Self::RsaPss { bits } => write!(f, "RSASSA-PSS-{bits}"),
            Self::Dsa => f.write_str("DSA"),
            Self::Ec(curve) => curve.fmt(f),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Ed448 => f.write_str("Ed448"),
            Self::Other(oid) => match oid.as_str() {
                "1.3.101.110" => f.write_str("X25519"),
                "1.3.101.111" => f.write_str("X448"),
                "2.16.840.1.101.3.4.3.17" => f.write_str("ML-DSA-44"),
                "2.16.840.1.101.3.4.3.18" => f.write_str("ML-DSA-65"),
                "2.16.840.1.101.3.4.3.19" => f.write_str("ML-DSA-87"),
                oid => write!(f, "key of the algorithm {oid}"),
            },
        }
    }
}

impl DecodedKey {
    pub(super) fn of(info: &SubjectPublicKeyInfo<'_>) -> Self {
        Self { info: info.raw.to_vec(), kind: kind(info) }
    }
}

fn kind(info: &SubjectPublicKeyInfo<'_>) -> KeyKind {
    let oid = info.algorithm.algorithm.to_id_string();
    match oid.as_str() {
        "1.2.840.113549.1.1.1" => match info.parsed() {
            Ok(PublicKey::RSA(key)) => KeyKind::Rsa { bits: bits(key.modulus), exponent: key.try_exponent().ok() },
            _ => KeyKind::Other(oid),
        },
        "1.2.840.113549.1.1.10" => match rsa_modulus_bits(info) {
            Some(bits) => KeyKind::RsaPss { bits },
            None => KeyKind::Other(oid),
        },
        "1.2.840.10040.4.1" => KeyKind::Dsa,
        "1.2.840.10045.2.1" => KeyKind::Ec(curve(info)),
        "1.3.101.112" => KeyKind::Ed25519,
        "1.3.101.113" => KeyKind::Ed448,
        _ => KeyKind::Other(oid),
    }
}

/// Returns the length of the modulus in an `RSAPublicKey` (RFC 8017 appendix A.1.1), whatever algorithm it is for.
fn rsa_modulus_bits(info: &SubjectPublicKeyInfo<'_>) -> Option<usize> {
    let parts = elements(&info.subject_public_key.data)?;
    Some(bits(parts.first()?.value()))
}

/// Returns the length of a number in bits.
fn bits(octets: &[u8]) -> usize {
    let significant = octets.iter().position(|octet| *octet != 0).and_then(|at| octets.get(at..)).unwrap_or_default();
    let unused = significant.first().map_or(0, |first| first.leading_zeros());
    significant.len().saturating_mul(8).saturating_sub(usize::try_from(unused).unwrap_or(0))
}

fn curve(info: &SubjectPublicKeyInfo<'_>) -> Curve {
    // Whatever the tag, asn1-rs takes the octets for an OID.
    let parameters = info.algorithm.parameters.as_ref().filter(|parameters| parameters.tag() == Tag::Oid);
    let Some(oid) = parameters.and_then(|parameters| parameters.as_oid().ok()) else {
        return Curve::Explicit;
    };
    match oid.to_id_string().as_str() {
        "1.2.840.10045.3.1.7" => Curve::P256,
        "1.3.132.0.34" => Curve::P384,
        "1.3.132.0.35" => Curve::P521,
        other => Curve::Other(other.to_owned()),
    }
}
