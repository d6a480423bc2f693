//! How certificates are signed, and whether by whom they say.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA1_ASN1, ECDSA_P521_SHA1_ASN1, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, UnparsedPublicKey,
    VerificationAlgorithm,
};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::key::{Curve, DecodedKey, KeyKind};
use crate::pki::PkiError;
use crate::pki::signature::verify;

/// The algorithm of a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureKind {
    /// The OID, dotted.
    pub oid: String,
    /// Its name as Java prints it, or the OID.
    pub name: String,
    /// The hash that it takes; none for Ed25519 and its like, RSASSA-PSS whose parameters cannot be read, and what is not known.
    pub hash: Option<Hash>,
}

/// A hash function under a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Hash {
    /// MD2.
    Md2,
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// Says whether two texts of one hash can be made: MD2, MD5, SHA-1.
    pub fn is_broken(self) -> bool {
        self <= Self::Sha1
    }
}

/// The algorithms that certificates are signed with.
const ALGORITHMS: [(&str, &str, Option<Hash>); 20] = [
    ("1.2.840.113549.1.1.2", "MD2withRSA", Some(Hash::Md2)),
    ("1.2.840.113549.1.1.4", "MD5withRSA", Some(Hash::Md5)),
    ("1.2.840.113549.1.1.5", "SHA1withRSA", Some(Hash::Sha1)),
    ("1.3.14.3.2.29", "SHA1withRSA", Some(Hash::Sha1)),
    ("1.2.840.113549.1.1.14", "SHA224withRSA", Some(Hash::Sha224)),
    ("1.2.840.113549.1.1.11", "SHA256withRSA", Some(Hash::Sha256)),
    ("1.2.840.113549.1.1.12", "SHA384withRSA", Some(Hash::Sha384)),
    ("1.2.840.113549.1.1.13", "SHA512withRSA", Some(Hash::Sha512)),
    ("1.2.840.10045.4.1", "SHA1withECDSA", Some(Hash::Sha1)),
    ("1.2.840.10045.4.3.1", "SHA224withECDSA", Some(Hash::Sha224)),
    ("1.2.840.10045.4.3.2", "SHA256withECDSA", Some(Hash::Sha256)),
    ("1.2.840.10045.4.3.3", "SHA384withECDSA", Some(Hash::Sha384)),
    ("1.2.840.10045.4.3.4", "SHA512withECDSA", Some(Hash::Sha512)),
    ("1.2.840.10040.4.3", "SHA1withDSA", Some(Hash::Sha1)),
    ("2.16.840.1.101.3.4.3.2", "SHA256withDSA", Some(Hash::Sha256)),
    ("1.3.101.112", "Ed25519", None),
    ("1.3.101.113", "Ed448", None),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44", None),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65", None),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87", None),
];

const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";

/// The hashes that RSASSA-PSS names.
const HASHES: [(&str, Hash); 5] = [
    ("1.3.14.3.2.26", Hash::Sha1),
    ("2.16.840.1.101.3.4.2.4", Hash::Sha224),
    ("2.16.840.1.101.3.4.2.1", Hash::Sha256),
    ("2.16.840.1.101.3.4.2.2", Hash::Sha384),
    ("2.16.840.1.101.3.4.2.3", Hash::Sha512),
];

/// What came of checking a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureCheck {
    /// The key has made it.
    Valid,
    /// The key has not made it, or over other bytes.
    Invalid,
    /// Its algorithm, or the key, is none that can be checked here.
    Unknown,
}

impl SignatureKind {
    pub(super) fn of(identifier: &AlgorithmIdentifier<'_>) -> Self {
        let oid = identifier.algorithm.to_id_string();
        if oid == RSASSA_PSS {
            return Self { oid, name: "RSASSA-PSS".to_owned(), hash: pss_hash(identifier) };
        }
        match ALGORITHMS.iter().find(|(known, ..)| *known == oid) {
            Some((_, name, hash)) => Self { oid, name: (*name).to_owned(), hash: *hash },
            None => Self { name: oid.clone(), oid, hash: None },
        }
    }
}

fn pss_hash(identifier: &AlgorithmIdentifier<'_>) -> Option<Hash> {
    use x509_parser::signature_algorithm::SignatureAlgorithm;
    let Ok(SignatureAlgorithm::RSASSA_PSS(parameters)) = SignatureAlgorithm::try_from(identifier) else { return None };
    let oid = parameters.hash_algorithm_oid().to_id_string();
    HASHES.iter().find(|(known, _)| *known == oid).map(|(_, hash)| *hash)
}

/// Checks the signature of the certificate `der` over its part `tbs`.
pub(super) fn check(issuer: &DecodedKey, der: &[u8], tbs: &[u8], value: &[u8]) -> SignatureCheck {
    match X509Certificate::from_der(der) {
        Ok((_, certificate)) => check_with(issuer, &certificate.signature_algorithm, tbs, value),
        Err(_) => SignatureCheck::Unknown,
    }
}

/// Checks a signature over `tbs` with the algorithm that `identifier` names.
pub(super) fn check_with(
    issuer: &DecodedKey,
    identifier: &AlgorithmIdentifier<'_>,
    tbs: &[u8],
    value: &[u8],
) -> SignatureCheck {
    let Ok((_, key_info)) = SubjectPublicKeyInfo::from_der(&issuer.info) else { return SignatureCheck::Unknown };
    let result = match legacy_algorithm(&issuer.kind, &SignatureKind::of(identifier)) {
        Some(algorithm) => UnparsedPublicKey::new(algorithm, &key_info.subject_public_key.data)
            .verify(tbs, value)
            .map_err(|_| SignatureCheck::Invalid),
        None => verify(&key_info, identifier, tbs, value).map_err(|error| match error {
            PkiError::Signature(_) if is_checked(&issuer.kind, &SignatureKind::of(identifier)) => {
                SignatureCheck::Invalid
            }
            _ => SignatureCheck::Unknown,
        }),
    };
    result.map_or_else(|check| check, |()| SignatureCheck::Valid)
}

/// Says whether [`verify`] has an algorithm for this key and this signature, so that its refusal means something.
fn is_checked(key: &KeyKind, signature: &SignatureKind) -> bool {
    let is_sha2 = signature.hash.is_some_and(|hash| hash >= Hash::Sha256);
    match key {
        KeyKind::Rsa { bits, .. } => {
            (2048..=8192).contains(bits) && is_sha2 && (signature.name.ends_with("RSA") || signature.oid == RSASSA_PSS)
        }
        KeyKind::Ec(Curve::P256 | Curve::P384 | Curve::P521) => is_sha2 && signature.name.ends_with("ECDSA"),
        KeyKind::Ed25519 => signature.name == "Ed25519",
        _ => false,
    }
}

/// Returns what checks signatures that nobody should make any more.
fn legacy_algorithm(key: &KeyKind, signature: &SignatureKind) -> Option<&'static dyn VerificationAlgorithm> {
    let is = |suffix: &str| signature.name.ends_with(suffix);
    Some(match (key, signature.hash?) {
        (KeyKind::Rsa { bits: 1024..=8192, .. }, Hash::Sha1) if is("withRSA") => {
            &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY
        }
        (KeyKind::Rsa { bits: 1024..2048, .. }, Hash::Sha256) if is("withRSA") => {
            &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY
        }
        (KeyKind::Rsa { bits: 1024..2048, .. }, Hash::Sha512) if is("withRSA") => {
            &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY
        }
        (KeyKind::Ec(Curve::P256), Hash::Sha1) if is("withECDSA") => &ECDSA_P256_SHA1_ASN1,
        (KeyKind::Ec(Curve::P521), Hash::Sha1) if is("withECDSA") => &ECDSA_P521_SHA1_ASN1,
        _ => return None,
    })
}
