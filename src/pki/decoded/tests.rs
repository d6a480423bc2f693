use std::net::IpAddr;

use super::*;
use crate::pki::read_certificates;

fn fixture(file: &[u8]) -> DecodedCertificate {
    DecodedCertificate::from_der(&read_certificates(file).unwrap()[0]).unwrap()
}

fn golden(file: &'static str) -> DecodedCertificate {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/golden/");
    fixture(&std::fs::read(format!("{root}{file}")).unwrap())
}

/// What OpenSSL prints of the same files.
#[test]
fn all_fields_of_a_certificate_are_decoded() {
    let broker = golden("rsa/broker.cert-signed");
    assert_eq!((broker.version, broker.serial_hex().as_str()), (3, "01101112131415161718191a1b1c1d1e1f"));
    assert!(broker.fingerprint().starts_with("5A:A5:AB:5F:85:11:97:EA"));
    assert_eq!(broker.public_key.kind, KeyKind::Rsa { bits: 2048, exponent: Some(65_537) });
    assert_eq!((broker.signature.name.as_str(), broker.signature.hash), ("SHA256withRSA", Some(Hash::Sha256)));
    assert_eq!(broker.key_usage.as_ref().unwrap().names(), ["digitalSignature", "keyEncipherment"]);
    assert!(broker.key_usage.as_ref().unwrap().critical && !broker.inner_signature_differs);
    assert_eq!(broker.extended_key_usage.as_ref().unwrap().names(), ["serverAuth", "clientAuth"]);
    assert_eq!(broker.basic_constraints, Some(BasicConstraints { critical: true, ca: false, path_length: None }));
    let address = |text: &str| AltName::Ip(text.parse::<IpAddr>().unwrap());
    let names = [
        AltName::Dns("broker1.example.com".to_owned()),
        AltName::Dns("*.brokers.example.com".to_owned()),
        address("10.0.0.1"),
        address("2001:db8::1"),
    ];
    assert_eq!(broker.alt_names, Some(AltNames { critical: false, names: names.to_vec() }));
    let ca = golden("rsa/ca-cert");
    assert!(ca.is_ca() && ca.is_self_issued() && !broker.is_self_issued());
    assert_eq!(broker.authority_key_id.as_ref().unwrap().key_id, ca.subject_key_id);
    assert!(broker.extensions.iter().all(|extension| extension.is_understood));
    assert_eq!(ca.key_usage.as_ref().unwrap().names(), ["keyCertSign", "cRLSign"]);
}

#[test]
fn old_and_odd_certificates_are_facts_too() {
    let script = fixture(include_bytes!("../../../tests/fixtures/certificates_foreign/openssl.der"));
    assert_eq!((script.version, script.extensions.len()), (1, 0));
    assert_eq!(script.public_key.kind, KeyKind::Ed25519);
    assert_eq!((script.subject.text.as_str(), script.issuer.text.as_str()), ("CN=broker1", "CN=Root CA"));
    let keytool = fixture(include_bytes!("../../../tests/fixtures/certificates_foreign/keytool.der"));
    assert_eq!(keytool.serial_hex(), "a430360eb124ce25");
    assert_eq!(keytool.public_key.kind, KeyKind::Ec(Curve::P256));
    assert_eq!(keytool.subject.common_names, ["broker1"]);
    assert_eq!(keytool.is_signed_by(&keytool), SignatureCheck::Valid);
    assert_eq!(script.is_signed_by(&keytool), SignatureCheck::Invalid);
}

#[test]
fn a_signature_is_that_of_its_issuer_alone() {
    let (ca, broker, client) =
        (golden("rsa/ca-cert"), golden("rsa/broker.cert-signed"), golden("rsa/client.cert-signed"));
    assert_eq!(broker.is_signed_by(&ca), SignatureCheck::Valid);
    assert_eq!(client.is_signed_by(&ca), SignatureCheck::Valid);
    assert_eq!(ca.is_signed_by(&ca), SignatureCheck::Valid);
    assert_eq!(ca.is_signed_by(&broker), SignatureCheck::Invalid);
    let ed25519 = golden("ed25519/broker.cert-signed");
    assert_eq!(ed25519.is_signed_by(&golden("ed25519/ca-cert")), SignatureCheck::Valid);
    // An RSA signature and an Ed25519 key: nothing that can be checked.
    assert_eq!(broker.is_signed_by(&ed25519), SignatureCheck::Unknown);
}

#[test]
fn no_changed_byte_passes_as_signed() {
    let ca = golden("ed25519/ca-cert");
    let der = golden("ed25519/broker.cert-signed").as_der().to_vec();
    for at in 0..der.len() {
        let mut changed = der.clone();
        changed[at] ^= 0x01;
        if let Ok(certificate) = DecodedCertificate::from_der(&changed) {
            assert_ne!(certificate.is_signed_by(&ca), SignatureCheck::Valid, "byte {at}");
        }
        assert!(DecodedCertificate::from_der(&der[..at]).is_err());
    }
}

#[test]
fn names_are_compared_as_rfc_5280_does() {
    let name = |text: &str| {
        let der = crate::name::dn::DistinguishedName::parse(text).unwrap().to_der().unwrap();
        DecodedName::of(&X509Name::from_der(&der).unwrap().1)
    };
    assert!(name("CN=Kafka CA,O=Acme").is_same_as(&name("CN=kafka  ca,O=ACME")));
    assert!(!name("CN=Kafka CA,O=Acme").is_same_as(&name("O=Acme,CN=Kafka CA")));
    assert!(name("").is_empty() && !name("CN=a").is_empty());
}
