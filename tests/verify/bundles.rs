//! Faults of bundles and files.

use std::fs;
use std::os::unix::fs::symlink;

use kafka_certgen::pki::KeyPair;
use kafka_certgen::spec::KeyAlgorithm;

use crate::Fault;
use crate::bench::{Bench, both, words};

pub(crate) fn faults() -> Vec<Fault> {
    [files(), bundles(), authority()].concat()
}

fn files() -> Vec<Fault> {
    vec![
        Fault::new("keystore for everybody", "file-others-read", |b| {
            let arguments = b.good();
            b.chmod("k.jks", 0o644);
            arguments
        }),
        Fault::new("truststore for everybody", "", |b| {
            let arguments = b.good();
            b.chmod("t.jks", 0o644);
            arguments
        }),
        Fault::new("password for the group", "file-group-read", |b| {
            b.bundle(&[]);
            b.chmod("kafka-certs/broker1/password", 0o640);
            Vec::new()
        }),
        Fault::new("configuration for everybody", "file-others-read", |b| {
            b.bundle(&[]);
            b.chmod("kafka-certs/broker1/server.properties", 0o644);
            Vec::new()
        }),
        Fault::new("truststore of everybody", "file-others-write", |b| {
            let arguments = b.good();
            b.chmod("t.jks", 0o666);
            arguments
        }),
        Fault::new("folder of everybody", "file-others-write", |b| {
            b.bundle(&[]);
            b.chmod("kafka-certs/ca", 0o777);
            Vec::new()
        }),
        Fault::new("link", "file-link", |b| {
            b.good();
            fs::create_dir(b.path("in")).unwrap();
            symlink("../k.jks", b.path("in/k.jks")).unwrap();
            symlink("../k.jks.password", b.path("in/k.jks.password")).unwrap();
            both("in/k.jks", "t.jks")
        }),
        Fault::new("link beside", "", |b| {
            b.good();
            symlink("k.jks", b.path("link")).unwrap();
            fs::copy(b.path("k.jks.password"), b.path("link.password")).unwrap();
            both("link", "t.jks")
        }),
    ]
}

fn bundles() -> Vec<Fault> {
    vec![
        Fault::new("good bundle", "", |b| b.bundle(&["--client", "app1"])),
        Fault::new("file gone", "bundle-file-missing", |b| {
            b.bundle(&[]);
            fs::remove_file(b.path("kafka-certs/broker1/kafka.server.keystore.p12")).unwrap();
            Vec::new()
        }),
        Fault::new("file added", "bundle-file-extra", |b| {
            b.bundle(&[]);
            b.write("kafka-certs/broker1/notes", b"");
            Vec::new()
        }),
        Fault::new("no certificate in cert-signed", "bundle-file-unreadable", |b| {
            b.bundle(&[]);
            b.write("kafka-certs/broker1/cert-signed", b"nothing");
            Vec::new()
        }),
        Fault::new(
            "keystore of another run",
            "bundle-certificate-replaced bundle-request-differs properties-password-differs",
            |b| {
                b.bundle(&["--format", "jks", "--out", "other"]);
                b.bundle(&["--format", "jks"]);
                for file in ["kafka.server.keystore.jks", "password"] {
                    b.write(&format!("kafka-certs/broker1/{file}"), &b.read(&format!("other/broker1/{file}")));
                }
                b.write(
                    "kafka-certs/broker1/kafka.server.truststore.jks",
                    &b.read("other/broker1/kafka.server.truststore.jks"),
                );
                Vec::new()
            },
        ),
        Fault::new("certificate of another run", "bundle-certificate-replaced", |b| {
            b.bundle(&["--format", "jks", "--out", "other"]);
            b.bundle(&["--format", "jks"]);
            b.write("kafka-certs/broker1/cert-signed", &b.read("other/broker1/cert-signed"));
            Vec::new()
        }),
        Fault::new("request of another run", "bundle-request-differs", |b| {
            b.bundle(&["--out", "other"]);
            b.bundle(&[]);
            b.write("kafka-certs/broker1/cert-file", &b.read("other/broker1/cert-file"));
            Vec::new()
        }),
        Fault::new("password of another run", "properties-password-differs store-password-wrong", |b| {
            b.bundle(&["--out", "other"]);
            b.bundle(&[]);
            b.write("kafka-certs/broker1/password", &b.read("other/broker1/password"));
            Vec::new()
        }),
    ]
}

fn authority() -> Vec<Fault> {
    vec![
        Fault::new("CA key of another run", "ca-key-mismatch", |b| {
            b.bundle(&["--out", "other"]);
            b.bundle(&[]);
            for file in ["ca-key", "ca-key.password"] {
                b.write(&format!("kafka-certs/ca/{file}"), &b.read(&format!("other/ca/{file}")));
            }
            Vec::new()
        }),
        Fault::new("CA key in the open", "ca-key-mismatch ca-key-unencrypted", |b| {
            b.bundle(&[]);
            let key = KeyPair::generate(KeyAlgorithm::EcP256).unwrap().to_pkcs8().unwrap();
            b.write("kafka-certs/ca/ca-key", pem::encode(&pem::Pem::new("PRIVATE KEY", key.to_vec())).as_bytes());
            Vec::new()
        }),
        Fault::new("other CA password", "ca-key-password-wrong", |b| {
            b.bundle(&[]);
            b.write("ca", b"something else");
            words(&["--ca-pass", "file:ca"])
        }),
        Fault::new("CA key elsewhere", "", |b| {
            b.bundle(&[]);
            for file in ["ca-key", "ca-key.password"] {
                fs::rename(b.path(&format!("kafka-certs/ca/{file}")), b.path(file)).unwrap();
            }
            Vec::new()
        }),
    ]
}

#[test]
fn what_is_not_looked_at_is_said() {
    let bench = Bench::new();
    bench.bundle(&[]);
    fs::remove_file(bench.path("kafka-certs/ca/ca-key.password")).unwrap();
    let report = bench.report(&[]);
    assert_eq!(report["errors"], 0);
    assert_eq!(report["not_looked_at"][0]["object"], "ca/ca-key");
    let bench = Bench::new();
    bench.good();
    fs::remove_file(bench.path("k.jks.password")).unwrap();
    let report = bench.report(&words(&["--keystore", "k.jks"]));
    assert_eq!(report["not_looked_at"][0]["object"], "k.jks");
    assert_eq!(report["not_looked_at"][1]["why"], "the key is encrypted, and no password was given");
}
