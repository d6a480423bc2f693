//! A bundle for every key algorithm, made once for all tests.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use kafka_certgen::spec::KeyAlgorithm;

use crate::support::bundle::Bundle;

/// The names in the broker's certificate, beside its own.
pub(crate) const HOSTS: [&str; 2] = ["broker1.example.com", "b7.brokers.example.com"];
pub(crate) const ADDRESSES: [&str; 2] = ["10.0.0.1", "2001:db8::1"];

/// One broker, `broker1`, and one client, `app1`, with stores of every format that the algorithm allows.
pub(crate) static BUNDLES: LazyLock<Vec<(KeyAlgorithm, Bundle)>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("algorithms");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir(&folder).unwrap();
    let make = |algorithm: KeyAlgorithm| {
        let formats = if algorithm == KeyAlgorithm::Ed25519 { "jks,pkcs12" } else { "jks,pkcs12,pem" };
        let mut arguments = vec!["--cn", "broker1", "--client", "app1", "--format", formats];
        arguments.extend(["--key-alg", algorithm.name(), "--ca-key-alg", algorithm.name()]);
        for name in ["broker1.example.com", "*.brokers.example.com"].iter().chain(&ADDRESSES) {
            arguments.extend(["--san", name]);
        }
        (algorithm, Bundle::init(&folder.join(algorithm.name()), &arguments))
    };
    KeyAlgorithm::ALL.iter().copied().map(make).collect()
});
