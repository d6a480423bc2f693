//! Faults of certificates, keys and chains.

use crate::bench::{Bench, HOST, ca, ca_draft, leaf, leaf_of, leaf_with, with};
use crate::certificate::{
    ALT_NAME, ANY_USAGE, AUTHORITY_KEY_ID, BASIC_CONSTRAINTS, CLIENT_AUTH, CRL_SIGN, Ca, DIGITAL_SIGNATURE, Draft,
    EXTENDED_KEY_USAGE, Extension, KEY_ENCIPHERMENT, KEY_USAGE, SERVER_AUTH, SUBJECT_KEY_ID, alt_names,
    authority_key_id, basic_constraints, extended_key_usage, key_usage, name_constraints,
};
use crate::keys::{Algorithm, Key};
use crate::{Fault, der};

const SHA1: &str = "1.2.840.10045.4.1";
const SHA224: &str = "1.2.840.10045.4.3.1";
const EC: &str = "1.2.840.10045.2.1";

pub(crate) fn faults() -> Vec<Fault> {
    [dates(), names(), extensions(), keys(), chains(), authorities()].concat()
}

fn dates() -> Vec<Fault> {
    vec![
        Fault::new("expired", "certificate-expired", |b| b.leaf(&leaf().valid(-300, -1))),
        Fault::new("last month", "certificate-expires-soon", |b| b.leaf(&leaf().valid(-300, 20))),
        Fault::new("warned earlier", "certificate-expires-soon", |b| with(b.good(), &["--warn-days", "400"])),
        Fault::new("future", "certificate-not-yet-valid", |b| b.leaf(&leaf().valid(1, 300))),
        Fault::new("CA expired", "anchor-out-of-date certificate-outlives-issuer", |b| {
            b.ca(ca_draft("Kafka CA").valid(-300, -1))
        }),
    ]
}

fn san(names: &[&str]) -> Draft {
    leaf().with(alt_names(names))
}

fn names() -> Vec<Fault> {
    vec![
        Fault::new("no SAN", "san-missing", |b| b.leaf(&leaf().without(ALT_NAME))),
        Fault::new("only an email address", "san-missing", |b| b.leaf(&san(&["email:a@example.com"]))),
        Fault::new("other host", "san-host-missing", |b| with(b.good(), &["--host", "broker2.example.com"])),
        Fault::new("this host, in capitals", "", |b| with(b.good(), &["--host", "BROKER1.example.com"])),
        Fault::new("below a wildcard", "", |b| {
            with(b.leaf(&san(&["dns:*.example.com", "ip:10.0.0.1"])), &["--host", HOST, "--host", "10.0.0.1"])
        }),
        Fault::new("two below a wildcard", "san-host-missing", |b| {
            with(b.leaf(&san(&["dns:*.example.com"])), &["--host", "a.b.example.com"])
        }),
        Fault::new("address as a name", "san-address-as-name", |b| b.leaf(&san(&["dns:10.0.0.1"]))),
        Fault::new("address as a name is no address", "san-address-as-name san-host-missing", |b| {
            with(b.leaf(&san(&["dns:10.0.0.1"])), &["--host", "10.0.0.1"])
        }),
        Fault::new("address of five octets", "san-address-malformed", |b| {
            let names = der::sequence(&[der::element(0x82, HOST.as_bytes()), der::element(0x87, &[1, 2, 3, 4, 5])]);
            b.leaf(&leaf().with(Extension::new(ALT_NAME, false, names)))
        }),
        Fault::new("underscore", "san-underscore", |b| b.leaf(&san(&["dns:kafka_broker_1"]))),
        Fault::new("dot at the end", "refused-by-java san-trailing-dot", |b| {
            b.leaf(&san(&["dns:broker1.example.com."]))
        }),
        Fault::new("wildcard within", "san-wildcard", |b| b.leaf(&san(&["dns:b*.example.com"]))),
        Fault::new("wildcard alone", "san-wildcard", |b| b.leaf(&san(&["dns:*.com"]))),
        Fault::new("blank in a name", "refused-by-java san-name-malformed", |b| b.leaf(&san(&["dns:broker 1"]))),
        Fault::new("localhost alone", "san-loopback-only", |b| b.leaf(&san(&["dns:localhost", "ip:127.0.0.1"]))),
        Fault::new("no subject", "subject-empty", |b| b.leaf(&leaf().but(|draft| draft.subject = der::name("")))),
        Fault::new("line in the subject", "subject-control-character", |b| {
            b.leaf(&leaf().but(|draft| draft.subject = der::name("CN=broker1\nadmin")))
        }),
        Fault::new("semicolon", "subject-semicolon", |b| {
            b.leaf(&leaf().but(|draft| draft.subject = der::name("CN=broker1,O=a;b")))
        }),
    ]
}

fn extensions() -> Vec<Fault> {
    vec![
        Fault::new("version 1", "certificate-version san-missing", |b| b.leaf(&leaf().version_1())),
        Fault::new("unknown critical extension", "extension-unknown-critical", |b| {
            b.leaf(&leaf().with(Extension::new("1.2.3.4.5", true, der::null())))
        }),
        Fault::new("unknown extension", "", |b| b.leaf(&leaf().with(Extension::new("1.2.3.4.5", false, der::null())))),
        Fault::new("malformed keyUsage", "extension-malformed", |b| {
            b.leaf(&leaf().with(Extension::new(KEY_USAGE, true, b"\x04\x01x".to_vec())))
        }),
        Fault::new("two SANs", "extension-twice", |b| b.leaf(&leaf().with_another(alt_names(&["dns:other"])))),
        Fault::new("no AKI", "authority-key-missing refused-by-some", |b| b.leaf(&leaf().without(AUTHORITY_KEY_ID))),
        Fault::new("no SKI in a leaf", "", |b| b.leaf(&leaf().without(SUBJECT_KEY_ID))),
        Fault::new("may not sign", "key-usage-signature", |b| b.leaf(&leaf().with(key_usage(&[CRL_SIGN])))),
        Fault::new("EC with keyEncipherment", "key-usage-encipherment", |b| {
            b.leaf(&leaf().with(key_usage(&[DIGITAL_SIGNATURE, KEY_ENCIPHERMENT])))
        }),
        Fault::new("no serverAuth", "usage-server-missing", |b| {
            with(b.leaf(&leaf().with(extended_key_usage(&[CLIENT_AUTH]))), &["--role", "broker"])
        }),
        Fault::new("no clientAuth", "usage-client-missing", |b| {
            b.leaf(&leaf().with(extended_key_usage(&[SERVER_AUTH])))
        }),
        Fault::new("client without clientAuth", "usage-client-missing", |b| {
            with(b.leaf(&leaf().with(extended_key_usage(&[SERVER_AUTH]))), &["--role", "client"])
        }),
        Fault::new("anything", "usage-any", |b| b.leaf(&leaf().with(extended_key_usage(&[ANY_USAGE])))),
        Fault::new("no EKU", "usage-missing", |b| b.leaf(&leaf().without(EXTENDED_KEY_USAGE))),
        Fault::new("client that can be a broker", "usage-client-as-server", |b| with(b.good(), &["--role", "client"])),
        Fault::new("client", "", |b| b.leaf(&leaf().without(ALT_NAME).with(extended_key_usage(&[CLIENT_AUTH])))),
        Fault::new("serial 0", "serial-not-positive", |b| b.leaf(&leaf().but(|draft| draft.serial = vec![0]))),
        Fault::new("negative serial", "refused-by-some serial-not-positive", |b| {
            b.leaf(&leaf().but(|draft| draft.serial = vec![0x81, 2]))
        }),
        Fault::new("serial of 21 octets", "serial-too-long", |b| {
            b.leaf(&leaf().but(|draft| draft.serial = vec![1; 21]))
        }),
        Fault::new("SHA-1", "signature-broken-hash", |b| unchecked(b, SHA1)),
        Fault::new("SHA-224", "refused-by-java signature-short-hash", |b| unchecked(b, SHA224)),
        Fault::new("two algorithms", "chain-signature signature-algorithms-differ", |b| {
            b.leaf(&leaf().but(|draft| draft.inner_algorithm = Some(Algorithm::Named(SHA1))))
        }),
    ]
}

/// Writes a leaf whose signature cannot be checked: by a CA on a curve for which there is no such hash here.
fn unchecked(bench: &Bench, algorithm: &'static str) -> Vec<String> {
    let key = Key::public(&[der::oid(EC), der::oid("1.3.132.0.34")], &[4; 97]);
    let draft = ca_draft("Kafka CA").but(|draft| draft.key = key);
    let draft = draft.with(crate::certificate::subject_key_id(&[7; 20]));
    let ca = Ca::root(draft);
    let leaf = leaf_of(&ca).with(authority_key_id(&[7; 20])).signed_with(Algorithm::Named(algorithm));
    bench.stores(&leaf.key, vec![ca.sign(&leaf)], &[ca.certificate])
}

fn keys() -> Vec<Fault> {
    vec![
        Fault::new("other key", "key-mismatch", |b| {
            b.stores(&Key::named("another"), vec![ca().sign(&leaf())], &[ca().certificate])
        }),
        Fault::new("no key", "key-unusable", |b| {
            let key = Key { pkcs8: b"no key".to_vec(), ..leaf().key };
            b.stores(&key, vec![ca().sign(&leaf())], &[ca().certificate])
        }),
        Fault::new("RSA-1024", "key-weak", |b| b.leaf(&leaf_with(&Key::rsa(128, &[1, 0, 1]), &ca()))),
        Fault::new("exponent 3", "key-exponent", |b| b.leaf(&leaf_with(&Key::rsa(256, &[3]), &ca()))),
        Fault::new("DSA", "key-algorithm", |b| {
            let key = Key::public(&[der::oid("1.2.840.10040.4.1")], &der::integer(&[5; 128]));
            b.leaf(&leaf_with(&key, &ca()))
        }),
        Fault::new("brainpool", "key-curve", |b| {
            let key = Key::public(&[der::oid(EC), der::oid("1.3.36.3.3.2.8.1.1.7")], &[4; 65]);
            b.leaf(&leaf_with(&key, &ca()))
        }),
        Fault::new("curve that is written out", "key-curve", |b| {
            let key = Key::public(&[der::oid(EC), der::sequence(&[der::integer(&[1])])], &[4; 65]);
            b.leaf(&leaf_with(&key, &ca()))
        }),
    ]
}

/// Returns an intermediate as it should be, for a CA to sign.
fn middle_draft(root: &Ca) -> Draft {
    ca_draft("Kafka Intermediate").with(authority_key_id(&root.key.identifier())).valid(-2, 3000)
}

fn intermediate() -> (Ca, Ca) {
    let root = ca();
    let draft = middle_draft(&root);
    let intermediate = Ca::below(draft, &root);
    (root, intermediate)
}

fn chains() -> Vec<Fault> {
    vec![
        Fault::new("good", "", Bench::good),
        Fault::new("root in the chain", "", |b| {
            b.stores(&leaf().key, vec![ca().sign(&leaf()), ca().certificate], &[ca().certificate])
        }),
        Fault::new("intermediate in the chain", "", |b| {
            let (root, middle) = intermediate();
            let leaf = leaf_of(&middle);
            b.stores(&leaf.key, vec![middle.sign(&leaf), middle.certificate], &[root.certificate])
        }),
        Fault::new("no certificate", "chain-missing", |b| b.stores(&leaf().key, Vec::new(), &[ca().certificate])),
        Fault::new("wrong order", "chain-order", |b| {
            let (root, middle) = intermediate();
            let leaf = leaf_of(&middle);
            b.stores(
                &leaf.key,
                vec![middle.sign(&leaf), root.certificate.clone(), middle.certificate],
                &[root.certificate],
            )
        }),
        Fault::new("stranger", "chain-stranger", |b| {
            let other = Ca::root(ca_draft("Another CA"));
            b.stores(&leaf().key, vec![ca().sign(&leaf()), other.certificate], &[ca().certificate])
        }),
        Fault::new("twice", "chain-duplicate", |b| {
            let ca = ca();
            b.stores(
                &leaf().key,
                vec![ca.sign(&leaf()), ca.certificate.clone(), ca.certificate.clone()],
                &[ca.certificate],
            )
        }),
        Fault::new("broken signature", "chain-signature", |b| {
            b.leaf(&leaf().but(|draft| draft.is_signature_broken = true))
        }),
        Fault::new("CA of the same name", "chain-signature", |b| {
            let other = Ca::root(ca_draft("Kafka CA 2").but(|draft| draft.subject = der::name("CN=Kafka CA")));
            b.stores(&leaf().key, vec![ca().sign(&leaf())], &[other.certificate])
        }),
        Fault::new("no intermediate", "chain-incomplete", |b| {
            let (root, middle) = intermediate();
            let leaf = leaf_of(&middle);
            b.stores(&leaf.key, vec![middle.sign(&leaf)], &[root.certificate])
        }),
        Fault::new("not its own CA", "chain-not-anchored", |b| {
            let other = Ca::root(ca_draft("Another CA"));
            b.stores(&leaf().key, vec![ca().sign(&leaf()), ca().certificate], &[other.certificate])
        }),
        Fault::new("client of another CA", "bundle-certificate-replaced chain-not-trusted", |b| {
            b.bundle(&["--client", "app1", "--format", "jks"]);
            let other = Ca::root(ca_draft("Another CA"));
            let password = String::from_utf8(b.read("kafka-certs/app1/password")).unwrap();
            let entry = crate::bench::entry(
                "caroot",
                kafka_certgen::keystore::EntryContent::TrustedCertificate(other.certificate),
            );
            let password = crate::bench::password(password.trim_end());
            let random = kafka_certgen::random::SystemRandom;
            let store = crate::bench::store(vec![entry]).to_jks(&password, &password, &random).unwrap();
            b.write("kafka-certs/app1/kafka.client.truststore.jks", &store);
            Vec::new()
        }),
        Fault::new("named as its CA", "leaf-named-as-ca", |b| {
            b.leaf(&leaf().but(|draft| draft.subject = der::name("CN=Kafka CA")))
        }),
        Fault::new("self-signed", "refused-by-some leaf-self-signed truststore-has-leaf", |b| {
            let draft = leaf();
            let der = draft.sign(&draft.subject, &draft.key);
            b.stores(&draft.key, vec![der.clone()], &[der])
        }),
        Fault::new("one serial for two", "serial-twice", |b| {
            let ca = Ca::root(ca_draft("Kafka CA").but(|draft| draft.serial = vec![1]));
            let leaf = leaf_of(&ca).but(|draft| draft.serial = vec![1]);
            b.stores(&leaf.key, vec![ca.sign(&leaf)], &[ca.certificate])
        }),
    ]
}

fn authorities() -> Vec<Fault> {
    vec![
        Fault::new("CA that was changed", "ca-signature", |b| {
            b.ca(ca_draft("Kafka CA").but(|draft| draft.is_signature_broken = true))
        }),
        Fault::new("no basicConstraints", "ca-constraints-missing", |b| {
            b.ca(ca_draft("Kafka CA").without(BASIC_CONSTRAINTS))
        }),
        Fault::new("basicConstraints not critical", "refused-by-some ca-constraints-not-critical", |b| {
            b.ca(ca_draft("Kafka CA").critical(BASIC_CONSTRAINTS, false))
        }),
        Fault::new("CA without keyUsage", "refused-by-some ca-usage-missing", |b| {
            b.ca(ca_draft("Kafka CA").without(KEY_USAGE))
        }),
        Fault::new("no keyCertSign", "ca-cannot-sign", |b| b.ca(ca_draft("Kafka CA").with(key_usage(&[CRL_SIGN])))),
        Fault::new("CA without SKI", "refused-by-some ca-subject-key-missing", |b| {
            b.ca(ca_draft("Kafka CA").without(SUBJECT_KEY_ID))
        }),
        Fault::new("other AKI", "authority-key-differs", |b| b.leaf(&leaf().with(authority_key_id(&[9; 20])))),
        Fault::new("CA for clients", "ca-purpose", |b| {
            b.ca(ca_draft("Kafka CA").with(extended_key_usage(&[CLIENT_AUTH])))
        }),
        Fault::new("CA for both", "", |b| {
            b.ca(ca_draft("Kafka CA").with(extended_key_usage(&[CLIENT_AUTH, SERVER_AUTH])))
        }),
        Fault::new("pathLen 0", "ca-path-length", |b| {
            let root = Ca::root(ca_draft("Kafka CA").with(basic_constraints(true, Some(0))));
            let middle = Ca::below(middle_draft(&root), &root);
            let leaf = leaf_of(&middle);
            b.stores(&leaf.key, vec![middle.sign(&leaf), middle.certificate], &[root.certificate])
        }),
        Fault::new("constraints on the root", "ca-root-name-constraints", |b| {
            b.ca(ca_draft("Kafka CA").with(name_constraints(&["dns:example.com"], &[])))
        }),
        Fault::new("name outside", "name-not-permitted", |b| {
            let root = ca();
            let middle = middle_draft(&root).with(name_constraints(&["dns:example.org"], &[]));
            let middle = Ca::below(middle, &root);
            let leaf = leaf_of(&middle);
            b.stores(&leaf.key, vec![middle.sign(&leaf), middle.certificate], &[root.certificate])
        }),
        Fault::new("leaf that is a CA", "leaf-is-ca", |b| b.leaf(&leaf().with(basic_constraints(true, None)))),
        Fault::new("beyond its CA", "certificate-outlives-issuer", |b| b.leaf(&leaf().valid(-1, 4000))),
    ]
}
