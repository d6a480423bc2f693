//! Nothing is found where nothing is wrong: on what `init` and the steps make, in every shape that they make it in.

use std::collections::BTreeSet;

use kafka_certgen::spec::KeyAlgorithm;

use crate::bench::{Bench, both, with};
use crate::threads;

/// Bundles that have to be found clean.
const SHAPES: [&str; 24] = [
    "--format jks",
    "--format pkcs12",
    "--format pem",
    "--format jks,pkcs12,pem",
    "--format jks,pem --pem-key pbes1-3des",
    "--format pem --pem-key pbes2",
    "--format jks,pkcs12,pem --pem-key pbes2",
    "--format pem --pem-key pbes1-3des --keypass env:KEY",
    "--format pem --pem-key pbes2 --keypass env:KEY",
    "--format jks --keypass env:KEY",
    "--format jks,pem --pem-key pbes2 --keypass env:KEY",
    "--storepass env:STORE",
    "--ca-pass env:STORE",
    "--layout script",
    "--layout script --format jks,pkcs12,pem",
    "--client-auth none",
    "--client-auth requested --client app1",
    "--client app1 --client app2 --cn broker2 --cn broker3.example.com",
    "--san 10.0.0.1 --san 2001:db8::1 --san *.brokers.example.com --san broker1.example.com",
    "--dname OU=Kafka,O=Acme\\,Inc.,C=US",
    "--deploy-dir /etc/kafka/secrets",
    "--cn localhost",
    "--ca-alias root",
    "--validity 3650 --ca-validity 3650",
];

#[test]
fn a_bundle_of_any_shape_is_clean() {
    let shapes = SHAPES.map(str::to_owned);
    let pairs = KeyAlgorithm::ALL.iter().flat_map(|key| KeyAlgorithm::ALL.iter().map(move |ca| (key, ca)));
    // RSA keys take their time: each once with a CA on P-256, and once as the CA.
    let p256 = KeyAlgorithm::EcP256;
    let quick = pairs.filter(|(key, ca)| !(key.is_rsa() || ca.is_rsa()) || **key == p256 || **ca == p256);
    let algorithms = quick.map(|(key, ca)| {
        let formats = if *key == KeyAlgorithm::Ed25519 { "jks,pkcs12" } else { "jks,pkcs12,pem" };
        format!("--key-alg {} --ca-key-alg {} --format {formats}", key.name(), ca.name())
    });
    let shapes: Vec<String> = shapes.into_iter().chain(algorithms).collect();
    let found = threads::map(&shapes, |shape| {
        let bench = Bench::new();
        let mut arguments = vec!["init", "-q", "--cn", "broker1"];
        for flag in ["--key-alg", "--ca-key-alg"] {
            if !shape.contains(&format!("{flag} ")) {
                arguments.extend([flag, "ec-p256"]);
            }
        }
        arguments.extend(shape.split(' '));
        let mut init = bench.command(&arguments);
        init.env("KEY", "the password of the key").env("STORE", "the password of the store");
        let made = init.output().unwrap();
        assert!(made.status.success(), "{shape}: {}", String::from_utf8_lossy(&made.stderr));
        bench.verify(&[])
    });
    let faults: Vec<_> = shapes.iter().zip(found).filter(|(_, codes)| !codes.is_empty()).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The script, step by step.
const STEPS: [&str; 7] = [
    "ca --cn Test-CA --key-alg KEY",
    "genkey --keystore k.EXT --storetype TYPE --cn broker1 --alias broker1 --key-alg KEY --san broker1.example.com",
    "certreq --keystore k.EXT --alias broker1 --file cert-file",
    "sign --in cert-file --out cert-signed",
    "import --keystore k.EXT --alias CARoot --file ca-cert --noprompt",
    "import --keystore k.EXT --alias broker1 --file cert-signed",
    "import --truststore t.EXT --storetype TYPE --alias CARoot --file ca-cert --noprompt",
];

#[test]
fn stores_that_the_steps_make_are_clean() {
    let kinds = [("jks", "jks"), ("p12", "pkcs12"), ("jks", "pkcs12")];
    let keys = ["ec-p256", "ed25519", "rsa-2048"];
    let runs: Vec<_> = kinds.iter().flat_map(|kind| keys.iter().map(move |key| (kind, key))).collect();
    let found = threads::map(&runs, |((extension, kind), key)| {
        let bench = Bench::new();
        for step in STEPS {
            let step = step.replace("KEY", key).replace("EXT", extension).replace("TYPE", kind);
            let arguments: Vec<&str> = step.split(' ').collect();
            let output = bench.command(&arguments).output().unwrap();
            assert!(output.status.success(), "{step}: {}", String::from_utf8_lossy(&output.stderr));
        }
        let stores = both(&format!("k.{extension}"), &format!("t.{extension}"));
        bench.verify(&with(stores, &["--host", "broker1.example.com", "--host", "broker1"]))
    });
    assert_eq!(found, vec![BTreeSet::new(); runs.len()]);
}
