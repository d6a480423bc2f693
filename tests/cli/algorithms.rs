//! Every key algorithm, for the CA and for a node.

use x509_parser::pem::parse_x509_pem;
use x509_parser::public_key::PublicKey;

use super::*;

/// Returns what an outsider sees of the key in a certificate.
fn key_of(pem: &str) -> String {
    let (_, pem) = parse_x509_pem(pem.as_bytes()).unwrap();
    let certificate = pem.parse_x509().unwrap();
    let info = certificate.public_key();
    let curve = info.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok()).map(|oid| oid.to_id_string());
    match (info.parsed().unwrap(), curve.as_deref()) {
        (PublicKey::RSA(key), _) => format!("rsa-{}", key.key_size()),
        (PublicKey::EC(_), Some("1.2.840.10045.3.1.7")) => "ec-p256".into(),
        (PublicKey::EC(_), Some("1.3.132.0.34")) => "ec-p384".into(),
        (PublicKey::EC(_), Some("1.3.132.0.35")) => "ec-p521".into(),
        _ if info.algorithm.algorithm.to_id_string() == "1.3.101.112" => "ed25519".into(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_algorithm_makes_a_bundle() {
    let sandbox = Sandbox::new();
    let algorithms = ["rsa-2048", "rsa-3072", "rsa-4096", "ec-p256", "ec-p384", "ec-p521", "ed25519"];
    for (index, algorithm) in algorithms.into_iter().enumerate() {
        let ca_algorithm = algorithms[(index + 3) % algorithms.len()];
        let arguments =
            ["--cn", "b", "--key-alg", algorithm, "--ca-key-alg", ca_algorithm, "--out", algorithm, "--json"];
        let document: serde_json::Value = serde_json::from_str(&sandbox.init(&arguments).success().stdout).unwrap();
        assert_eq!(document["identities"][0]["certificate"]["key_algorithm"], algorithm);
        assert_eq!(document["ca"]["certificate"]["key_algorithm"], ca_algorithm);
        assert_eq!(key_of(&sandbox.read(&format!("{algorithm}/b/cert-signed"))), algorithm);
        assert_eq!(key_of(&sandbox.read(&format!("{algorithm}/ca/ca-cert"))), ca_algorithm);
    }
}
