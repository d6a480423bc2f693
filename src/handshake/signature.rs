//! The signature over the handshake, by which an end proves that it has the key of its certificate: `CertificateVerify` in TLS 1.3 and
//! of clients, `ServerKeyExchange` of brokers in TLS 1.2.
//!
//! It is checked against the public key alone: webpki would have to read the whole certificate, and does not read what Java does.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::ops::RangeInclusive;

use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};
use rustls::DigitallySignedStruct;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::SignatureVerificationAlgorithm;
use x509_cert::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use super::TlsVersion;
use super::record::Proof;
use crate::pki::DecodedCertificate;
use crate::pki::decoded::{Curve, KeyKind};

/// `id-ecPublicKey` (RFC 5480 §2.1.1), whose parameters are the curve.
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// The RSA keys that aws-lc verifies signatures with, in bits.
const RSA: RangeInclusive<usize> = 2048..=8192;

/// Says whether a signature over the handshake was made with the key of a certificate.
pub(super) fn prove(
    certificate: &[u8],
    version: TlsVersion,
    message: &[u8],
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Proof {
    let mut mapping = algorithms.mapping.iter();
    let Some((_, candidates)) = mapping.find(|(scheme, _)| *scheme == signed.scheme) else { return Proof::NotChecked };
    // In TLS 1.3 a scheme is for one curve, in TLS 1.2 for all of them (RFC 8446 §4.2.3); and there is no PKCS#1 v1.5.
    let candidates = match version {
        TlsVersion::Tls12 => candidates,
        TlsVersion::Tls13 if is_pkcs1(signed.scheme) => return Proof::Invalid,
        TlsVersion::Tls13 => candidates.get(..1).unwrap_or_default(),
    };
    let Ok(certificate) = DecodedCertificate::from_der(certificate) else { return Proof::NotChecked };
    match &certificate.public_key.kind {
        KeyKind::Rsa { bits, .. } if !RSA.contains(bits) => return Proof::NotChecked,
        KeyKind::RsaPss { .. }
        | KeyKind::Ed448
        | KeyKind::Dsa
        | KeyKind::Other(_)
        | KeyKind::Ec(Curve::Other(_) | Curve::Explicit) => return Proof::NotChecked,
        _ => {}
    }
    match verify(&certificate.public_key.info, candidates, message, signed.signature()) {
        Some(()) => Proof::Valid,
        None => Proof::Invalid,
    }
}

fn is_pkcs1(scheme: rustls::SignatureScheme) -> bool {
    use rustls::SignatureScheme as S;
    matches!(scheme, S::RSA_PKCS1_SHA1 | S::RSA_PKCS1_SHA256 | S::RSA_PKCS1_SHA384 | S::RSA_PKCS1_SHA512)
}

/// Verifies with the algorithm that is for this kind of key.
fn verify(
    public_key_info: &[u8],
    candidates: &[&dyn SignatureVerificationAlgorithm],
    message: &[u8],
    signature: &[u8],
) -> Option<()> {
    let info = SubjectPublicKeyInfoRef::from_der(public_key_info).ok()?;
    let key = info.subject_public_key.as_bytes()?;
    let mut candidates = candidates.iter();
    let candidate = candidates.find(|candidate| is_for(candidate.public_key_alg_id().as_ref(), &info.algorithm))?;
    candidate.verify_signature(key, message, signature).ok()
}

/// Says whether an algorithm, which has the content of the SEQUENCE, is for a key. The parameters of RSA are NULL, and left out by some
/// who make certificates; Java and OpenSSL do not mind.
fn is_for(algorithm: &[u8], key: &AlgorithmIdentifierRef<'_>) -> bool {
    let Ok((oid, parameters)) = ObjectIdentifier::from_der_partial(algorithm) else { return false };
    let has_parameters = || key.parameters.is_some_and(|own| own.to_der().is_ok_and(|own| own == parameters));
    oid == key.oid && (oid != EC || has_parameters())
}
