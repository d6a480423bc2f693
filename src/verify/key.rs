//! Private keys, and what kind they are.

use super::material::{Key, Material};
use super::{Finding, checks};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::{Curve, KeyKind};

checks! {
    MISMATCH = Error "key-mismatch": "the handshake is signed with a key that the certificate does not name, and every peer breaks it off";
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
    let mismatch = |entry: &super::material::KeyEntry| {
        let (Key::Open { public_key: Some(public_key) }, Some(leaf)) = (&entry.key, entry.leaf()) else { return None };
        (!leaf.is_of_public_key(public_key)).then(|| {
            let found = format!("the certificate of `{}` is for another key than the one beside it", leaf.subject.text);
            let fix = "import the certificate that was issued for this key's request";
            Finding::new(&MISMATCH, &store.place(entry.alias.as_deref()), found, fix)
        })
    };
    store.keys.iter().filter_map(mismatch).collect()
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
