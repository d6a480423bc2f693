//! Faults that are found as the TLS stacks take them: what all accept is no error, and what one refuses is found.

use crate::bench::{Bench, HOST, both, ca, ca_draft, entry, key_entry, leaf, leaf_of, store, with};
use crate::certificate::{
    ALT_NAME, ANY_USAGE, AUTHORITY_KEY_ID, CLIENT_AUTH, Ca, Draft, Extension, alt_names, authority_key_id,
    extended_key_usage, name_constraints,
};
use crate::keys::Key;
use crate::{Fault, der};

const CERTIFICATE_POLICIES: &str = "2.5.29.32";
const CRL_DISTRIBUTION_POINTS: &str = "2.5.29.31";

pub(crate) fn faults() -> Vec<Fault> {
    [refusals(), dates(), names(), authorities(), constraints(), chains()].concat()
}

fn refusals() -> Vec<Fault> {
    vec![
        Fault::new("critical AKI", "refused-by-all", |b| b.leaf(&leaf().critical(AUTHORITY_KEY_ID, true))),
        Fault::new("critical CRL distribution points", "refused-by-java", |b| {
            let name = der::element(0xA0, &der::element(0xA0, &der::element(0x86, b"http://crl.example.com/")));
            let points = der::sequence(&[der::sequence(&[name])]);
            b.leaf(&leaf().with(Extension::new(CRL_DISTRIBUTION_POINTS, true, points)))
        }),
        Fault::new("critical policies", "refused-by-some", |b| {
            let policies = der::sequence(&[der::sequence(&[der::oid("1.2.3.4")])]);
            b.leaf(&leaf().with(Extension::new(CERTIFICATE_POLICIES, true, policies)))
        }),
        Fault::new("more extensions than anybody has", "chain-not-asked", |b| {
            let number = |at: usize| Extension::new(format!("1.2.3.{at}").leak(), false, der::sequence(&[]));
            b.leaf(&(0..120).fold(leaf(), |leaf, at| leaf.with(number(at))))
        }),
        Fault::new("open to others, and accepted", "file-others-read", |b| {
            let arguments = b.good();
            b.chmod("k.jks", 0o644);
            arguments
        }),
        Fault::new("open to others, and refused", "file-others-read refused-by-all", |b| {
            let arguments = b.leaf(&leaf().critical(AUTHORITY_KEY_ID, true));
            b.chmod("k.jks", 0o644);
            arguments
        }),
    ]
}

fn dates() -> Vec<Fault> {
    vec![
        Fault::new("CA expired, another in the truststore", "certificate-out-of-date-unused", |b| {
            let old = Ca::root(ca_draft("Old CA").valid(-300, -1));
            b.stores(&leaf().key, vec![ca().sign(&leaf())], &[ca().certificate, old.certificate])
        }),
        Fault::new("truststore alone, CA expired", "anchor-out-of-date", |b| {
            b.trust("t.jks", &[Ca::root(ca_draft("Kafka CA").valid(-300, -1)).certificate]);
            vec!["--truststore".to_owned(), "t.jks".to_owned()]
        }),
        Fault::new("intermediate expired", "certificate-expired certificate-outlives-issuer", |b| {
            let root = ca();
            let middle = Ca::below(middle(&root).valid(-300, -1), &root);
            let leaf = leaf_of(&middle);
            b.stores(&leaf.key, vec![middle.sign(&leaf), middle.certificate], &[root.certificate])
        }),
        Fault::new("expired twin of an intermediate", "certificate-out-of-date-unused chain-order", |b| {
            let root = ca();
            let old = Ca::below(middle(&root).valid(-300, -1).but(|draft| draft.serial = vec![5; 16]), &root);
            let good = Ca::below(middle(&root), &root);
            let leaf = leaf_of(&good);
            b.stores(&leaf.key, vec![good.sign(&leaf), good.certificate, old.certificate], &[root.certificate])
        }),
    ]
}

fn names() -> Vec<Fault> {
    vec![
        Fault::new("underscore that nobody connects to", "", |b| {
            with(b.leaf(&leaf().with(alt_names(&["dns:broker1.example.com", "dns:kafka_1"]))), &["--host", HOST])
        }),
        Fault::new("underscore below a wildcard", "san-underscore", |b| {
            let leaf = leaf().with(alt_names(&["dns:*.example.com"]));
            with(b.leaf(&leaf), &["--host", "kafka_1.example.com"])
        }),
        Fault::new("underscore of a client", "", |b| {
            let leaf = leaf().with(alt_names(&["dns:app_1"])).with(extended_key_usage(&[CLIENT_AUTH]));
            with(b.leaf(&leaf), &["--role", "client"])
        }),
        Fault::new("blank in another name", "san-name-malformed", |b| {
            with(b.leaf(&leaf().with(alt_names(&["dns:broker1.example.com", "dns:broker 1"]))), &["--host", HOST])
        }),
        Fault::new("no subject, critical SAN", "subject-empty-principal", |b| {
            b.leaf(&leaf().critical(ALT_NAME, true).but(|draft| draft.subject = der::name("")))
        }),
        Fault::new("issuer in other letters", "issuer-name-encoded-otherwise refused-by-some", |b| {
            let ca = ca();
            let der = leaf().sign(&der::name("CN=KAFKA CA"), &ca.key);
            b.stores(&leaf().key, vec![der], &[ca.certificate])
        }),
        Fault::new("issuer in other strings", "issuer-name-encoded-otherwise refused-by-some", |b| {
            let ca = ca();
            let der = leaf().sign(&der::name_of(0x13, "CN=Kafka CA"), &ca.key);
            b.stores(&leaf().key, vec![der], &[ca.certificate])
        }),
    ]
}

fn authorities() -> Vec<Fault> {
    vec![
        Fault::new("CA for anything", "ca-purpose", |b| {
            b.ca(ca_draft("Kafka CA").with(extended_key_usage(&[ANY_USAGE])))
        }),
        Fault::new("root with another AKI", "authority-key-differs", |b| {
            b.ca(ca_draft("Kafka CA").with(authority_key_id(&[9; 20])))
        }),
        Fault::new("AKI with another serial number", "authority-key-differs", |b| {
            b.leaf(&leaf().with(issuer_and_serial(&[9])))
        }),
        Fault::new("AKI with the serial number", "", |b| {
            let serial = ca_draft("Kafka CA").serial;
            b.leaf(&leaf().with(issuer_and_serial(&serial)))
        }),
        Fault::new("intermediate alone is trusted", "anchor-intermediate refused-by-some", |b| {
            let root = ca();
            let middle = Ca::below(middle(&root), &root);
            let leaf = leaf_of(&middle);
            b.stores(&leaf.key, vec![middle.sign(&leaf)], &[middle.certificate])
        }),
        Fault::new("intermediate and root are trusted", "", |b| {
            let root = ca();
            let middle = Ca::below(middle(&root), &root);
            let leaf = leaf_of(&middle);
            b.stores(&leaf.key, vec![middle.sign(&leaf)], &[middle.certificate, root.certificate])
        }),
        Fault::new("new key of a CA, signed with the old one", "", |b| {
            let old = ca();
            let key = Key::named("new key");
            let draft = Draft { key: key.clone(), ..middle(&old) };
            let draft = Draft { subject: old.subject.clone(), ..draft };
            let new = Ca::below(draft.with(crate::certificate::subject_key_id(&key.identifier())), &old);
            let leaf = leaf_of(&new);
            b.stores(&leaf.key, vec![new.sign(&leaf), new.certificate], &[old.certificate])
        }),
    ]
}

/// Returns an intermediate as it should be, for a CA to sign.
fn middle(root: &Ca) -> Draft {
    ca_draft("Kafka Intermediate").with(authority_key_id(&root.key.identifier())).valid(-2, 3000)
}

fn issuer_and_serial(serial: &[u8]) -> Extension {
    let issuer = der::element(0xA1, &der::element(0xA4, &der::name("CN=Kafka CA")));
    let key = der::element(0x80, &ca().key.identifier());
    Extension::new(AUTHORITY_KEY_ID, false, der::sequence(&[key, issuer, der::element(0x82, serial)]))
}

fn below(bench: &Bench, constraints: Extension, leaf: impl Fn(Draft) -> Draft) -> Vec<String> {
    let root = ca();
    let middle = Ca::below(middle(&root).with(constraints), &root);
    let leaf = leaf(leaf_of(&middle));
    bench.stores(&leaf.key, vec![middle.sign(&leaf), middle.certificate], &[root.certificate])
}

fn constraints() -> Vec<Fault> {
    vec![
        Fault::new("subject outside", "name-not-permitted", |b| {
            below(b, name_constraints(&["dn:CN=another"], &[]), |leaf| leaf)
        }),
        Fault::new("subject excluded", "name-not-permitted", |b| {
            below(b, name_constraints(&[], &["dn:CN=broker1"]), |leaf| leaf)
        }),
        // Go and rustls know no constraints of directory names.
        Fault::new("subject within", "refused-by-some", |b| {
            below(b, name_constraints(&["dn:CN=broker1"], &[]), |leaf| leaf)
        }),
        Fault::new("mailbox excluded", "name-not-permitted", |b| {
            let names = alt_names(&["dns:broker1.example.com", "email:a@example.org"]);
            below(b, name_constraints(&[], &["email:example.org"]), move |leaf| leaf.with(names.clone()))
        }),
    ]
}

fn chains() -> Vec<Fault> {
    vec![
        Fault::new("chain of strangers", "chain-too-long chain-stranger", |b| {
            let mut chain = vec![ca().sign(&leaf())];
            chain.extend((0..120).map(|at| Ca::root(ca_draft(&format!("CA {at}"))).certificate));
            b.stores(&leaf().key, chain, &[ca().certificate])
        }),
        Fault::new("many CAs of one name", "ca-signature chain-too-long", |b| {
            let one = ca_draft("Kafka CA");
            let twin = |at: u8| {
                let draft = one.clone().but(|draft| draft.serial = vec![1, at]);
                draft.but(|draft| draft.key = Key::named("twin")).sign(&one.subject, &one.key)
            };
            let leaf = leaf().but(|draft| draft.is_signature_broken = true);
            let twins: Vec<_> = (0..250).map(twin).collect();
            b.stores(&leaf.key, vec![ca().sign(&leaf)], &twins)
        }),
        Fault::new("many keys", "keystore-several-keys", |b| {
            b.good();
            let keys = (0..30).map(|at| {
                let leaf = leaf().but(|draft| draft.serial = vec![7, at]);
                entry(&format!("broker{at}"), key_entry(&leaf.key, vec![ca().sign(&leaf)]))
            });
            b.write_jks("k.jks", &store(keys.collect()));
            both("k.jks", "t.jks")
        }),
    ]
}

/// Each of many names that are wrong would be told.
#[test]
fn many_findings_of_one_kind_are_counted() {
    let bench = Bench::new();
    let names: Vec<String> = (0..50).map(|at| format!("dns:broker {at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let arguments = bench.leaf(&leaf().with(alt_names(&names)));
    let report = bench.report(&with(arguments, &["--host", HOST]));
    let of = |code: &str| -> Vec<&str> {
        let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == code);
        findings.map(|finding| finding["found"].as_str().unwrap()).collect()
    };
    let malformed = of("san-name-malformed");
    assert_eq!((malformed.len(), malformed.last()), (21, Some(&"and 30 more like these")), "{malformed:#?}");
    let missing = of("san-host-missing");
    assert!(missing.len() == 1 && missing[0].ends_with("dns:broker 9 and 40 more"), "{missing:?}");
}
