//! Checking keys and signatures, by the algorithm that the signer named and the key that it has.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1,
    ECDSA_P521_SHA512_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};
use x509_parser::signature_algorithm::SignatureAlgorithm;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

use super::PkiError;

const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";
const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
const ID_ED25519: &str = "1.3.101.112";
const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";
const P521: &str = "1.3.132.0.35";

/// Checks that `signature` over `message` was made by the key in `key_info`, with the algorithm that `identifier` names.
pub(super) fn verify(
    key_info: &SubjectPublicKeyInfo<'_>,
    identifier: &AlgorithmIdentifier<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), PkiError> {
    let algorithm = algorithm(key_info, identifier)
        .ok_or(PkiError::Signature("its algorithm does not fit the key, or is none of those that are safe"))?;
    UnparsedPublicKey::new(algorithm, &key_info.subject_public_key.data)
        .verify(message, signature)
        .map_err(|_| PkiError::Signature("it was not made by this key over these bytes"))
}

/// Returns the OID of an EC key's curve.
fn curve(key_info: &SubjectPublicKeyInfo<'_>) -> Option<String> {
    Some(key_info.algorithm.parameters.as_ref()?.as_oid().ok()?.to_id_string())
}

fn algorithm(
    key_info: &SubjectPublicKeyInfo<'_>,
    identifier: &AlgorithmIdentifier<'_>,
) -> Option<&'static dyn VerificationAlgorithm> {
    let key_oid = key_info.algorithm.algorithm.to_id_string();
    let signature_oid = identifier.algorithm.to_id_string();
    Some(match (key_oid.as_str(), curve(key_info).as_deref(), signature_oid.as_str()) {
        (RSA_ENCRYPTION, _, "1.2.840.113549.1.1.11") => &RSA_PKCS1_2048_8192_SHA256,
        (RSA_ENCRYPTION, _, "1.2.840.113549.1.1.12") => &RSA_PKCS1_2048_8192_SHA384,
        (RSA_ENCRYPTION, _, "1.2.840.113549.1.1.13") => &RSA_PKCS1_2048_8192_SHA512,
        (RSA_ENCRYPTION, _, RSASSA_PSS) => return pss(identifier),
        (EC_PUBLIC_KEY, Some(P256), "1.2.840.10045.4.3.2") => &ECDSA_P256_SHA256_ASN1,
        (EC_PUBLIC_KEY, Some(P256), "1.2.840.10045.4.3.3") => &ECDSA_P256_SHA384_ASN1,
        (EC_PUBLIC_KEY, Some(P256), "1.2.840.10045.4.3.4") => &ECDSA_P256_SHA512_ASN1,
        (EC_PUBLIC_KEY, Some(P384), "1.2.840.10045.4.3.2") => &ECDSA_P384_SHA256_ASN1,
        (EC_PUBLIC_KEY, Some(P384), "1.2.840.10045.4.3.3") => &ECDSA_P384_SHA384_ASN1,
        (EC_PUBLIC_KEY, Some(P384), "1.2.840.10045.4.3.4") => &ECDSA_P384_SHA512_ASN1,
        (EC_PUBLIC_KEY, Some(P521), "1.2.840.10045.4.3.2") => &ECDSA_P521_SHA256_ASN1,
        (EC_PUBLIC_KEY, Some(P521), "1.2.840.10045.4.3.3") => &ECDSA_P521_SHA384_ASN1,
        (EC_PUBLIC_KEY, Some(P521), "1.2.840.10045.4.3.4") => &ECDSA_P521_SHA512_ASN1,
        (ID_ED25519, _, ID_ED25519) => &ED25519,
        _ => return None,
    })
}

/// RSASSA-PSS (RFC 4055 §3.1), as far as AWS-LC has it: one hash for all, and a salt of its length.
fn pss(identifier: &AlgorithmIdentifier<'_>) -> Option<&'static dyn VerificationAlgorithm> {
    let SignatureAlgorithm::RSASSA_PSS(parameters) = SignatureAlgorithm::try_from(identifier).ok()? else {
        return None;
    };
    let hash = parameters.hash_algorithm_oid().to_id_string();
    let mask = parameters.mask_gen_algorithm().ok()?;
    if mask.hash.to_id_string() != hash || parameters.trailer_field() != 1 {
        return None;
    }
    Some(match (hash.as_str(), parameters.salt_length()) {
        ("2.16.840.1.101.3.4.2.1", 32) => &RSA_PSS_2048_8192_SHA256,
        ("2.16.840.1.101.3.4.2.2", 48) => &RSA_PSS_2048_8192_SHA384,
        ("2.16.840.1.101.3.4.2.3", 64) => &RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}
