//! Key pairs, made by AWS-LC or by others, and written as PKCS#8.

use std::fmt;

use der::asn1::{Any, AnyRef, ObjectIdentifier, UintRef};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use pkcs8::{AlgorithmIdentifierRef, PrivateKeyInfoRef};
use rcgen::{PublicKeyData, RsaKeySize, SigningKey};
use rustls_pki_types::PrivatePkcs8KeyDer;
use x509_cert::spki::{AlgorithmIdentifier, SubjectPublicKeyInfoRef};
use zeroize::{Zeroize, Zeroizing};

use super::PkiError;
use crate::spec::KeyAlgorithm;

/// The sizes of RSA keys that are taken: fewer bits are not safe, and more are not taken by AWS-LC.
const RSA_BITS: std::ops::RangeInclusive<u32> = 2048..=8192;

/// The public exponents that are taken: FIPS 186-5 §5.4 asks for odd ones above 2^16, AWS-LC takes no more than 33 bits.
const RSA_EXPONENTS: std::ops::RangeInclusive<u64> = 65_537..=(1 << 33) - 1;

pub(super) const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
pub(super) const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ID_ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_WITH_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
const SECP256R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const SECP521R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

/// The types of keys that are known by their algorithm or by their curve, and are not taken.
const OTHER_TYPES: [(&str, &str); 17] = [
    ("1.2.840.113549.1.1.7", "RSAES-OAEP"),
    ("1.2.840.113549.1.1.10", "RSASSA-PSS"),
    ("1.2.840.113549.1.3.1", "Diffie-Hellman"),
    ("1.2.840.10040.4.1", "DSA"),
    ("1.2.840.10045.3.1.1", "EC on the curve P-192"),
    ("1.3.101.110", "X25519"),
    ("1.3.101.111", "X448"),
    ("1.3.101.113", "Ed448"),
    ("1.3.132.0.10", "EC on the curve secp256k1"),
    ("1.3.132.0.33", "EC on the curve P-224"),
    ("1.3.36.3.3.2.8.1.1.7", "EC on the curve brainpoolP256r1"),
    ("1.3.36.3.3.2.8.1.1.11", "EC on the curve brainpoolP384r1"),
    ("1.3.36.3.3.2.8.1.1.13", "EC on the curve brainpoolP512r1"),
    ("1.2.156.10197.1.301", "EC on the curve SM2"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
];

/// Why a key of somebody is not taken. Never holds bytes of the key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// A point of an elliptic curve that is not written as its two coordinates: no JDK reads a compressed one.
    CompressedPoint,
    /// An RSA exponent that is even, too small or too large.
    Exponent,
    /// Parts that do not belong together, or are out of their range.
    Inconsistent(KeyType),
    /// No structure of a key, or bytes that follow it.
    Malformed,
    /// A key that no TLS stack takes, or that is not safe; the text says what it is.
    Unsupported(String),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CompressedPoint => write!(f, "the point of the EC key is compressed, and no JDK reads that"),
            Self::Exponent => {
                write!(f, "the public exponent of the RSA key is not sound; odd ones from 65537 to 2^33 are taken")
            }
            Self::Inconsistent(key_type) => write!(f, "the parts of the {key_type} key do not belong together"),
            Self::Malformed => write!(f, "the key is damaged, or is none"),
            Self::Unsupported(what) => write!(f, "the key is {what}, which is not supported"),
        }
    }
}

impl std::error::Error for KeyError {}

/// What a key is. Beside those that are made here ([`KeyAlgorithm`]) these are the keys of others that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyType {
    /// RSA.
    Rsa {
        /// The length of its modulus: 2048 to 8192.
        bits: u32,
    },
    /// ECDSA on NIST P-256.
    EcP256,
    /// ECDSA on NIST P-384.
    EcP384,
    /// ECDSA on NIST P-521.
    EcP521,
    /// Ed25519 (RFC 8032).
    Ed25519,
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "rsa-{bits}"),
            Self::EcP256 => f.write_str("ec-p256"),
            Self::EcP384 => f.write_str("ec-p384"),
            Self::EcP521 => f.write_str("ec-p521"),
            Self::Ed25519 => f.write_str("ed25519"),
        }
    }
}

impl From<KeyAlgorithm> for KeyType {
    fn from(algorithm: KeyAlgorithm) -> Self {
        match algorithm {
            KeyAlgorithm::Rsa2048 => Self::Rsa { bits: 2048 },
            KeyAlgorithm::Rsa3072 => Self::Rsa { bits: 3072 },
            KeyAlgorithm::Rsa4096 => Self::Rsa { bits: 4096 },
            KeyAlgorithm::EcP256 => Self::EcP256,
            KeyAlgorithm::EcP384 => Self::EcP384,
            KeyAlgorithm::EcP521 => Self::EcP521,
            KeyAlgorithm::Ed25519 => Self::Ed25519,
        }
    }
}

/// `RSAPublicKey` (RFC 8017 appendix A.1.1).
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
}

/// `RSAPrivateKey` (RFC 8017 appendix A.1.2).
#[derive(Sequence)]
struct RsaPrivateKey<'a> {
    version: u8,
    modulus: UintRef<'a>,
    public_exponent: UintRef<'a>,
    private_exponent: UintRef<'a>,
    prime1: UintRef<'a>,
    prime2: UintRef<'a>,
    exponent1: UintRef<'a>,
    exponent2: UintRef<'a>,
    coefficient: UintRef<'a>,
    other_primes: Option<AnyRef<'a>>,
}

impl KeyType {
    /// Says what the key in the DER of a `SubjectPublicKeyInfo` is.
    pub fn of(public_key_info: &[u8]) -> Result<Self, KeyError> {
        let info = SubjectPublicKeyInfoRef::from_der(public_key_info).map_err(|_| KeyError::Malformed)?;
        Self::find(&info.algorithm, || {
            let key = info.subject_public_key.as_bytes().ok_or(KeyError::Malformed)?;
            Ok(RsaPublicKey::from_der(key).map_err(|_| KeyError::Malformed)?.modulus)
        })
    }

    /// Says what the key in the DER of a `SubjectPublicKeyInfo` is, and checks that every TLS stack can use it.
    pub(super) fn of_sound(public_key_info: &[u8]) -> Result<Self, KeyError> {
        let key_type = Self::of(public_key_info)?;
        let info = SubjectPublicKeyInfoRef::from_der(public_key_info).map_err(|_| KeyError::Malformed)?;
        let key = info.subject_public_key.as_bytes().ok_or(KeyError::Malformed)?;
        // SEC 1 §2.3.3: 4, and the coordinates; 2 or 3, and one of them.
        let point = match key_type {
            Self::Rsa { .. } | Self::Ed25519 => None,
            Self::EcP256 => Some(65),
            Self::EcP384 => Some(97),
            Self::EcP521 => Some(133),
        };
        if point.is_some_and(|length| key.len() != length || key.first() != Some(&4)) {
            return Err(if matches!(key, [2 | 3, ..]) { KeyError::CompressedPoint } else { KeyError::Malformed });
        }
        if key_type.is_rsa() {
            let key = RsaPublicKey::from_der(key).map_err(|_| KeyError::Malformed)?;
            let exponent = key.public_exponent.as_bytes();
            let exponent =
                exponent.iter().try_fold(0_u64, |number, octet| Some(number.checked_mul(256)? | u64::from(*octet)));
            exponent.filter(|number| RSA_EXPONENTS.contains(number) && number % 2 == 1).ok_or(KeyError::Exponent)?;
        }
        Ok(key_type)
    }

    /// Says what the key in a PKCS#8 structure is.
    fn of_private_key(info: &PrivateKeyInfoRef<'_>) -> Result<Self, KeyError> {
        Self::find(&info.algorithm, || {
            let key = RsaPrivateKey::from_der(info.private_key.as_bytes()).map_err(|_| KeyError::Malformed)?;
            match key.other_primes {
                None => Ok(key.modulus),
                Some(_) => Err(KeyError::Unsupported("RSA with more than two primes".to_owned())),
            }
        })
    }

    fn find<'a>(
        algorithm: &AlgorithmIdentifierRef<'a>,
        modulus: impl FnOnce() -> Result<UintRef<'a>, KeyError>,
    ) -> Result<Self, KeyError> {
        match (algorithm.oid, algorithm.parameters) {
            // RFC 3279 §2.3.1 asks for NULL, and some writers leave it out.
            (RSA_ENCRYPTION, parameters) if parameters.is_none_or(AnyRef::is_null) => Self::rsa(&modulus()?),
            (EC_PUBLIC_KEY, Some(parameters)) => Self::on_curve(parameters),
            (ID_ED25519, None) => Ok(Self::Ed25519),
            (RSA_ENCRYPTION | EC_PUBLIC_KEY | ID_ED25519, _) => Err(KeyError::Malformed),
            (other, _) => Err(unsupported(&other)),
        }
    }

    fn rsa(modulus: &UintRef<'_>) -> Result<Self, KeyError> {
        let bytes = modulus.as_bytes();
        let unused = bytes.first().map_or(0, |byte| byte.leading_zeros());
        let bits = u32::try_from(bytes.len()).ok().and_then(|length| length.checked_mul(8)?.checked_sub(unused));
        match bits {
            Some(bits) if RSA_BITS.contains(&bits) => Ok(Self::Rsa { bits }),
            Some(bits) => Err(KeyError::Unsupported(format!("RSA with {bits} bits"))),
            None => Err(KeyError::Malformed),
        }
    }

    fn on_curve(parameters: AnyRef<'_>) -> Result<Self, KeyError> {
        if parameters.tag() == Tag::Sequence {
            return Err(KeyError::Unsupported("EC with the parameters of its curve in place of its name".to_owned()));
        }
        let curve: ObjectIdentifier = parameters.decode_as().map_err(|_| KeyError::Malformed)?;
        match curve {
            SECP256R1 => Ok(Self::EcP256),
            SECP384R1 => Ok(Self::EcP384),
            SECP521R1 => Ok(Self::EcP521),
            _ => Err(unsupported(&curve)),
        }
    }

    /// Says whether it is RSA, whose key exchange in TLS 1.2 may encipher to the certificate's key.
    pub const fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa { .. })
    }

    /// Returns openssl's name of the hash in its signatures; Ed25519 has its own.
    pub const fn digest(self) -> Option<&'static str> {
        match self {
            Self::Rsa { .. } | Self::EcP256 => Some("sha256"),
            Self::EcP384 => Some("sha384"),
            Self::EcP521 => Some("sha512"),
            Self::Ed25519 => None,
        }
    }

    /// What [`KeyPair::sign`] signs with, for AWS-LC.
    fn signing(self) -> &'static rcgen::SignatureAlgorithm {
        match self {
            Self::Rsa { .. } => &rcgen::PKCS_RSA_SHA256,
            Self::EcP256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            Self::EcP384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            Self::EcP521 => &rcgen::PKCS_ECDSA_P521_SHA512,
            Self::Ed25519 => &rcgen::PKCS_ED25519,
        }
    }
}

/// A private key with its public half. Wiped when it goes.
pub struct KeyPair {
    inner: rcgen::KeyPair,
    key_type: KeyType,
}

impl KeyPair {
    /// Makes a key pair. RSA takes its time: 50 ms for 2048 bits, ten times that for 4096.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, PkiError> {
        let key_type = KeyType::from(algorithm);
        let rsa = |size| rcgen::KeyPair::generate_rsa_for(key_type.signing(), size);
        let inner = match algorithm {
            KeyAlgorithm::Rsa2048 => rsa(RsaKeySize::_2048),
            KeyAlgorithm::Rsa3072 => rsa(RsaKeySize::_3072),
            KeyAlgorithm::Rsa4096 => rsa(RsaKeySize::_4096),
            KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384 | KeyAlgorithm::EcP521 | KeyAlgorithm::Ed25519 => {
                rcgen::KeyPair::generate_for(key_type.signing())
            }
        };
        Ok(Self { inner: inner.map_err(PkiError::Key)?, key_type })
    }

    /// Takes a private key in unencrypted PKCS#8, of version 1 (RFC 5208) or 2 (RFC 5958), and finds out what it is.
    ///
    /// Whether its parts belong together is checked. Attributes and the public key of version 2 are not kept.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, KeyError> {
        // AWS-LC lets other bytes follow the key, which would then be written with it.
        let mut info = PrivateKeyInfoRef::from_der(pkcs8).map_err(|_| KeyError::Malformed)?;
        let key_type = KeyType::of_private_key(&info)?;
        let public_key = info.public_key.take();
        let version_1 = Zeroizing::new(info.to_der().map_err(|_| KeyError::Malformed)?);
        let key = PrivatePkcs8KeyDer::from(version_1.as_slice());
        let inner = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&key, key_type.signing());
        let key = Self { inner: inner.map_err(|_| KeyError::Inconsistent(key_type))?, key_type };
        if public_key.is_some_and(|public| public.as_bytes() != Some(key.inner.der_bytes())) {
            return Err(KeyError::Inconsistent(key_type));
        }
        Ok(key)
    }

    /// Returns what the key is.
    pub fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// Returns the DER of the `SubjectPublicKeyInfo`.
    pub fn public_key_info(&self) -> Vec<u8> {
        self.inner.subject_public_key_info()
    }

    /// Returns the unencrypted PKCS#8, in version 1 (RFC 5208): OpenSSL 3.0 reads no version 2, which AWS-LC writes for
    /// Ed25519.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, PkiError> {
        let pkcs8 = self.inner.serialized_der();
        if self.key_type != KeyType::Ed25519 {
            return Ok(Zeroizing::new(pkcs8.to_vec()));
        }
        let mut info = PrivateKeyInfoRef::from_der(pkcs8)?;
        info.public_key = None;
        Ok(Zeroizing::new(info.to_der()?))
    }

    /// Signs `message` with the hash that belongs to its type: SHA-256, or with P-384 and P-521 the one of the curve's strength.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PkiError> {
        self.inner.sign(message).map_err(PkiError::Key)
    }

    /// Returns what [`KeyPair::sign`] signs with, as certificates name it.
    pub(super) fn signature_algorithm(&self) -> AlgorithmIdentifier<Any> {
        let (oid, parameters) = match self.key_type {
            // RFC 4055 §5: the parameters of RSA signatures are NULL, those of the others are absent.
            KeyType::Rsa { .. } => (SHA256_WITH_RSA, Some(Any::null())),
            KeyType::EcP256 => (ECDSA_WITH_SHA256, None),
            KeyType::EcP384 => (ECDSA_WITH_SHA384, None),
            KeyType::EcP521 => (ECDSA_WITH_SHA512, None),
            KeyType::Ed25519 => (ID_ED25519, None),
        };
        AlgorithmIdentifier { oid, parameters }
    }
}

impl Drop for KeyPair {
    fn drop(&mut self) {
        self.inner.zeroize();
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({})", self.key_type)
    }
}

fn unsupported(oid: &ObjectIdentifier) -> KeyError {
    let oid = oid.to_string();
    let name = OTHER_TYPES.iter().find(|(known, _)| *known == oid).map(|(_, name)| (*name).to_owned());
    KeyError::Unsupported(name.unwrap_or_else(|| format!("of the algorithm {oid}")))
}

#[cfg(test)]
mod tests;
