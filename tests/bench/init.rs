//! `cargo bench --bench init`: the script, the same with OpenSSL alone, bare key generation, and `init`, in one run.
//!
//! The contenders take turns. Prints a Markdown table; asserts nothing.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and stops when it cannot measure")]

mod turns;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::thread;

use kafka_certgen::bundle::{Artifact, Bundle};
use kafka_certgen::output::Target;
use kafka_certgen::pipeline::{self, Environment};
use kafka_certgen::pki::KeyPair;
use kafka_certgen::random::SystemRandom;
use kafka_certgen::spec::{CaSource, CaSpec, ClusterSpec, KeyAlgorithm, NodeRole, NodeSpec};
use time::OffsetDateTime;

use crate::turns::{BINARY, Contender, Row, SCRIPT, cores, has, milliseconds, number, shell, take_turns};

/// The same bundle without a JVM: OpenSSL writes the PKCS#12 stores.
const OPENSSL: &str = "
openssl req -new -x509 -newkey rsa:2048 -keyout ca-key -out ca-cert -days 365 -passout pass:test1234 -subj '/CN=Kafka CA'
openssl req -new -newkey rsa:2048 -nodes -keyout key -out cert-file -subj /CN=broker1
openssl x509 -req -CA ca-cert -CAkey ca-key -in cert-file -out cert-signed -days 365 -CAcreateserial -passin pass:test1234
openssl pkcs12 -export -inkey key -in cert-signed -certfile ca-cert -name b -out k.p12 -passout pass:test1234
openssl pkcs12 -export -nokeys -in ca-cert -out t.p12 -passout pass:test1234
";

fn main() {
    let rounds = number("ROUNDS", 11);
    let mut contenders = vec![
        Contender::new("bare generation of two RSA-2048 keys, side by side", bare_rsa),
        Contender::new("`init`, RSA-2048 for both keys", || init("rsa-2048")),
        Contender::new("`init`, P-256 for both keys", || init("ec-p256")),
        Contender::new("our share: all but keys and disk", own_share),
        Contender::new("waiting for the disk: stage, sync, rename", disk),
    ];
    if has("keytool") && has("openssl") {
        contenders.insert(0, Contender::new("the script (keytool and OpenSSL)", || shell(SCRIPT)));
    }
    if has("openssl") {
        contenders.insert(1.min(contenders.len()), Contender::new("OpenSSL alone", || shell(OPENSSL)));
    }
    println!("{}", table(&take_turns(&contenders, 1, rounds), rounds));
}

fn table(rows: &[Row<()>], rounds: usize) -> String {
    let cores = cores();
    let mut out =
        format!("{rounds} rounds, {cores} cores; milliseconds\n\n| | median | min | max |\n|---|---:|---:|---:|\n");
    for row in rows {
        let times = row.times();
        let ms = |at: usize| times.get(at).copied().map_or(0.0, milliseconds);
        let (median, min, max) = (milliseconds(row.median()), ms(0), ms(times.len().saturating_sub(1)));
        writeln!(out, "| {} | {median:.1} | {min:.1} | {max:.1} |", row.name).expect("writing to a String");
    }
    out
}

fn init(algorithm: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let status = Command::new(BINARY)
        .args(["init", "--quiet", "--cn", "broker1", "--key-alg", algorithm, "--ca-key-alg", algorithm])
        .current_dir(folder.path())
        .status();
    assert!(status.expect("the binary").success());
}

fn bare_rsa() {
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| KeyPair::generate(KeyAlgorithm::Rsa2048).expect("a key"));
        }
    });
}

/// P-256 keys take 16 microseconds each: what is left is requests, certificates, stores and configuration.
fn own_share() {
    let mut broker = NodeSpec::new("broker1".parse().expect("a name"), NodeRole::Broker);
    broker.key_algorithm = KeyAlgorithm::EcP256;
    let mut spec = ClusterSpec::new(vec![broker]);
    spec.ca = CaSource::Made(CaSpec { key_algorithm: KeyAlgorithm::EcP256, ..CaSpec::default() });
    let environment = Environment::new(OffsetDateTime::now_utc(), &SystemRandom);
    let made = pipeline::make(&spec, Path::new("/kafka-certs"), &environment).expect("a bundle");
    assert!(!made.bundle.artifacts.is_empty());
}

fn disk() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let artifacts = (0..12).map(|n| Artifact::public(format!("broker1/{n}").into(), vec![0; 3000])).collect();
    let target = Target::new(&folder.path().join("out")).expect("a target");
    target.stage(&Bundle { artifacts }).expect("staged").commit().expect("committed");
}
