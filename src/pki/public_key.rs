//! Which public keys are taken: those that every TLS stack of a cluster can use.

use std::fmt;

use x509_parser::public_key::{PublicKey, RSAPublicKey};
use x509_parser::x509::SubjectPublicKeyInfo;

use super::signature;
use crate::name::printable;

/// The sizes of RSA moduli that AWS-LC verifies with, in bits. What is smaller is refused by OpenSSL, Python and rustls.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The smallest and the largest public exponent: FIPS 186-5 §5.4 asks for more than 2^16, AWS-LC takes no more than 33 bits.
const RSA_EXPONENTS: std::ops::RangeInclusive<u64> = 65_537..=(1 << 33) - 1;

/// Why a public key is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublicKeyError {
    /// Another curve than P-256, P-384 and P-521, by its OID.
    Curve(String),
    /// An RSA exponent that is even, too small or too large.
    Exponent,
    /// Neither RSA nor ECDSA nor Ed25519, by its OID.
    Kind(String),
    /// An RSA modulus of another size, in bits.
    RsaSize(usize),
    /// Not a public key of the kind that it says it is.
    Unreadable,
}

impl fmt::Display for PublicKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Curve(oid) => {
                write!(f, "the key is on the curve {}; P-256, P-384 and P-521 are taken", printable(oid))
            }
            Self::Exponent => {
                write!(f, "the public exponent of the RSA key is not sound: odd ones from 65537 on are taken")
            }
            Self::Kind(oid) => {
                write!(f, "the key is of the kind {}; RSA, ECDSA and Ed25519 are taken", printable(oid))
            }
            Self::RsaSize(bits) => {
                write!(f, "the RSA key has {bits} bits; {} to {} are taken", RSA_BITS.start(), RSA_BITS.end())
            }
            Self::Unreadable => write!(f, "the public key cannot be read"),
        }
    }
}

impl std::error::Error for PublicKeyError {}

/// Checks that a key is of a kind that TLS uses, and strong enough.
pub(super) fn check(info: &SubjectPublicKeyInfo<'_>) -> Result<(), PublicKeyError> {
    let kind = info.algorithm.algorithm.to_id_string();
    match (kind.as_str(), info.parsed()) {
        (signature::RSA_ENCRYPTION, Ok(PublicKey::RSA(key))) => check_rsa(&key),
        (signature::EC_PUBLIC_KEY, Ok(PublicKey::EC(_))) if signature::is_known_curve(info) => Ok(()),
        (signature::EC_PUBLIC_KEY, Ok(PublicKey::EC(_))) => {
            Err(signature::curve(info).map_or(PublicKeyError::Unreadable, PublicKeyError::Curve))
        }
        (signature::ID_ED25519, _) => Ok(()),
        (signature::RSA_ENCRYPTION | signature::EC_PUBLIC_KEY, _) => Err(PublicKeyError::Unreadable),
        _ => Err(PublicKeyError::Kind(kind)),
    }
}

fn check_rsa(key: &RSAPublicKey<'_>) -> Result<(), PublicKeyError> {
    let bits = bits(key.modulus);
    if !RSA_BITS.contains(&bits) {
        return Err(PublicKeyError::RsaSize(bits));
    }
    let exponent = key.try_exponent().map_err(|_| PublicKeyError::Exponent)?;
    if RSA_EXPONENTS.contains(&exponent) && exponent % 2 == 1 { Ok(()) } else { Err(PublicKeyError::Exponent) }
}

/// Returns the size of a positive number.
fn bits(number: &[u8]) -> usize {
    let significant = number.iter().position(|octet| *octet != 0).map_or(&[][..], |start| &number[start..]);
    significant.len() * 8 - significant.first().map_or(0, |octet| octet.leading_zeros() as usize)
}
