//! Leaves and CAs with keys of many kinds and lengths.

use super::Cases;
use crate::certificate::Ca;

pub(super) fn add(cases: &mut Cases) {
    let ca = cases.ca();
    for (name, kind) in [
        ("rsa1024", "rsa-1024"),
        ("rsa768", "rsa-768"),
        ("rsa1536", "rsa-1536"),
        ("rsa2048", "rsa-2048"),
        ("rsa4096", "rsa-4096"),
        ("rsa8192", "rsa-8192"),
        ("rsa_exponent_3", "rsa-e3"),
        ("rsa_pss_key", "pss"),
        ("p384", "p384"),
        ("p521", "p521"),
        ("ed25519", "ed25519"),
        ("ed448", "ed448"),
    ] {
        let leaf = cases.leaf_with(kind, &ca);
        cases.add_leaf(name, &leaf);
    }
    for (name, kind) in [
        ("rsa512_tls12", "rsa-512"),
        ("rsa1024_tls12", "rsa-1024"),
        ("p521_tls12", "p521"),
        ("ed25519_tls12", "ed25519"),
    ] {
        let leaf = cases.leaf_with(kind, &ca);
        cases.add_leaf(name, &leaf).is_tls_1_2 = true;
    }
    for (name, kind) in [
        ("ca_rsa512", "rsa-512"),
        ("ca_rsa768", "rsa-768"),
        ("ca_rsa1024", "rsa-1024"),
        ("ca_rsa1536", "rsa-1536"),
        ("ca_rsa2048", "rsa-2048"),
        ("ca_rsa4096", "rsa-4096"),
        ("ca_rsa8192", "rsa-8192"),
        ("ca_rsa_exponent_3", "rsa-e3"),
        ("ca_rsa_pss_key", "pss"),
        ("ca_p224", "p224"),
        ("ca_p384", "p384"),
        ("ca_p521", "p521"),
        ("ca_secp256k1", "secp256k1"),
        ("ca_ed25519", "ed25519"),
        ("ca_ed448", "ed448"),
        ("ca_dsa", "dsa"),
    ] {
        let ca = cases.ca_draft(kind);
        cases.add_ca(name, ca);
    }
    let root = cases.ca();
    for (name, kind) in [("inter_rsa1024", "rsa-1024"), ("inter_p521", "p521"), ("inter_secp256k1", "secp256k1")] {
        let draft = cases.intermediate_draft(&root);
        let key = cases.keys.get(&format!("{kind} intermediate"));
        let draft = draft.with(crate::certificate::subject_key_id(&key.identifier())).but(|draft| draft.key = key);
        let intermediate = Ca::below(draft, &root);
        let leaf = cases.leaf_of(&intermediate);
        cases.add(name, &leaf, &[&intermediate], &intermediate, &[&root]);
    }
}
