//! Private keys, and what kind they are.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use super::material::{Content, Key, KeyEntry, Material};
use super::{Finding, checks};
use crate::keystore::KeyState;
use crate::pki::DecodedCertificate;
use crate::pki::decoded::{Curve, KeyKind};

checks! {
    MISMATCH = Error "key-mismatch": "the handshake is signed with a key that the certificate does not name, and every peer breaks it off";
    UNUSABLE = Error "key-unusable": "the handshake is signed with the key, and what cannot be read as the certificate's kind of key signs nothing";
    WEAK_RSA = Error "key-weak": "RSA keys below 2048 bits can be broken, and OpenSSL, Python and rustls refuse them";
    EXPONENT = Warning "key-exponent": "a public exponent below 65537 has made implementations forgeable, and some refuse it";
    ALGORITHM = Error "key-algorithm": "no cipher suite of TLS 1.3 takes such a key, and most stacks have none for TLS 1.2 either";
    CURVE = Error "key-curve": "TLS stacks agree on P-256, P-384 and P-521, and refuse other curves";
}

/// The least bits of RSA.
const MIN_RSA: usize = 2048;

/// The least public exponent (FIPS 186-5 §5.4).
const MIN_EXPONENT: u64 = 65_537;

/// Judges whether keys are those of their certificates.
pub(super) fn judge_store(store: &Material) -> Vec<Finding> {
    store.keys.iter().filter_map(|entry| judge_entry(store, entry)).collect()
}

fn judge_entry(store: &Material, entry: &KeyEntry) -> Option<Finding> {
    let leaf = entry.leaf()?;
    let (subject, kind) = (&leaf.subject.text, &leaf.public_key.kind);
    let place = store.place(entry.alias.as_deref());
    // What Kafka refuses in PEM was judged as Kafka reads it; what is encrypted as nobody does, with its store.
    let is_expected = match &store.content {
        Content::Pem(pem) => pem.reading.is_ok(),
        _ => !matches!(entry.key, Key::Closed(KeyState::Unsupported(_))),
    };
    match &entry.key {
        Key::Open { public_key: Some(public_key) } => (!leaf.is_of_public_key(public_key)).then(|| {
            let found = format!("the certificate of `{subject}` is for another key than the one beside it");
            let fix = "import the certificate that was issued for this key's request";
            Finding::new(&MISMATCH, &place, found, fix)
        }),
        Key::Open { public_key: None } | Key::Closed(KeyState::Damaged(_) | KeyState::Unsupported(_))
            if is_usual(kind) && is_expected =>
        {
            let found = format!("the private key of `{subject}` cannot be read as one for {kind}");
            Some(Finding::new(&UNUSABLE, &place, found, "restore the key, or make a new one and a certificate for it"))
        }
        // Why it is not open is said elsewhere.
        _ => None,
    }
}

/// Says whether keys of this kind are read here.
fn is_usual(kind: &KeyKind) -> bool {
    match kind {
        KeyKind::Rsa { bits, exponent } => {
            *bits >= MIN_RSA && exponent.is_some_and(|exponent| exponent >= MIN_EXPONENT)
        }
        KeyKind::Ec(Curve::P256 | Curve::P384 | Curve::P521) | KeyKind::Ed25519 => true,
        _ => false,
    }
}

/// Judges the public key of a certificate.
pub(super) fn judge_certificate(certificate: &DecodedCertificate, place: &str) -> Vec<Finding> {
    let key = &certificate.public_key.kind;
    let check = match key {
        KeyKind::Rsa { bits, .. } | KeyKind::RsaPss { bits } if *bits < MIN_RSA => &WEAK_RSA,
        KeyKind::Rsa { exponent: Some(exponent), .. } if *exponent < MIN_EXPONENT => &EXPONENT,
        KeyKind::Ec(Curve::Other(_) | Curve::Explicit) => &CURVE,
        KeyKind::Dsa | KeyKind::Ed448 | KeyKind::Other(_) => &ALGORITHM,
        _ => return Vec::new(),
    };
    let what = match key {
        KeyKind::Rsa { exponent: Some(exponent), .. } if *check == EXPONENT => {
            format!("the exponent {exponent}")
        }
        key => format!("{key}"),
    };
    let found = format!("the key of `{}` is {what}", certificate.subject.text);
    vec![Finding::new(
        check,
        place,
        found,
        "make a new key, RSA with 2048 bits or more or ECDSA on P-256, and a certificate for it",
    )]
}
