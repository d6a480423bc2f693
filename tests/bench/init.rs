//! `cargo bench --bench init`: the script, the same with OpenSSL alone, bare key generation, and `init`, in one run.
//!
//! The contenders take turns, so that a machine that gets slower gets slower for all. Prints a Markdown table; asserts nothing.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and stops when it cannot measure")]

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kafka_certgen::bundle::{Artifact, Bundle};
use kafka_certgen::output::Target;
use kafka_certgen::pipeline::{self, Environment};
use kafka_certgen::pki::KeyPair;
use kafka_certgen::random::SystemRandom;
use kafka_certgen::spec::{CaSource, CaSpec, ClusterSpec, KeyAlgorithm, NodeRole, NodeSpec};
use time::OffsetDateTime;

const BINARY: &str = env!("CARGO_BIN_EXE_kafka-certgen");

/// The script of the seed, with its seven commands as they are.
const SCRIPT: &str = "
openssl req -new -x509 -keyout ca-key -out ca-cert -days 365 -passout pass:test1234 -subj /CN=broker1
keytool -genkey -keyalg RSA -keystore k.jks -validity 365 -storepass test1234 -keypass test1234 -alias b -dname CN=broker1
keytool -keystore t.jks -storepass test1234 -alias CARoot -import -file ca-cert -noprompt
keytool -keystore k.jks -certreq -file cert-file -alias b -storepass test1234 -keypass test1234
openssl x509 -req -CA ca-cert -CAkey ca-key -in cert-file -out cert-signed -days 365 -CAcreateserial -passin pass:test1234
keytool -keystore k.jks -alias CARoot -import -file ca-cert -storepass test1234 -keypass test1234 -noprompt
keytool -keystore k.jks -alias b -import -file cert-signed -storepass test1234 -keypass test1234 -noprompt
";

/// The same bundle without a JVM: OpenSSL writes the PKCS#12 stores.
const OPENSSL: &str = "
openssl req -new -x509 -newkey rsa:2048 -keyout ca-key -out ca-cert -days 365 -passout pass:test1234 -subj '/CN=Kafka CA'
openssl req -new -newkey rsa:2048 -nodes -keyout key -out cert-file -subj /CN=broker1
openssl x509 -req -CA ca-cert -CAkey ca-key -in cert-file -out cert-signed -days 365 -CAcreateserial -passin pass:test1234
openssl pkcs12 -export -inkey key -in cert-signed -certfile ca-cert -name b -out k.p12 -passout pass:test1234
openssl pkcs12 -export -nokeys -in ca-cert -out t.p12 -passout pass:test1234
";

/// A name and what is measured under it.
type Contender = (&'static str, Box<dyn Fn()>);

struct Row {
    name: &'static str,
    times: Vec<Duration>,
}

fn main() {
    let rounds: usize = std::env::var("ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(11);
    let mut contenders: Vec<Contender> = vec![
        ("bare generation of two RSA-2048 keys, side by side", Box::new(bare_rsa)),
        ("`init`, RSA-2048 for both keys", Box::new(|| init("rsa-2048"))),
        ("`init`, P-256 for both keys", Box::new(|| init("ec-p256"))),
        ("our share: all but keys and disk", Box::new(own_share)),
        ("waiting for the disk: stage, sync, rename", Box::new(disk)),
    ];
    if has("keytool") && has("openssl") {
        contenders.insert(0, ("the script (keytool and OpenSSL)", Box::new(|| shell(SCRIPT))));
    }
    if has("openssl") {
        contenders.insert(1.min(contenders.len()), ("OpenSSL alone", Box::new(|| shell(OPENSSL))));
    }
    let mut rows: Vec<Row> = contenders.iter().map(|(name, _)| Row { name, times: Vec::new() }).collect();
    for round in 0..=rounds {
        for ((_, run), row) in contenders.iter().zip(&mut rows) {
            let start = Instant::now();
            run();
            // The first round warms the caches up.
            if round > 0 {
                row.times.push(start.elapsed());
            }
        }
    }
    println!("{}", table(&mut rows, rounds));
}

fn table(rows: &mut [Row], rounds: usize) -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut out =
        format!("{rounds} rounds, {cores} cores; milliseconds\n\n| | median | min | max |\n|---|---:|---:|---:|\n");
    for Row { name, times } in rows {
        times.sort_unstable();
        let ms = |at: usize| times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1000.0);
        let (median, min, max) = (ms(times.len() / 2), ms(0), ms(times.len().saturating_sub(1)));
        writeln!(out, "| {name} | {median:.1} | {min:.1} | {max:.1} |").expect("writing to a String");
    }
    out
}

fn has(tool: &str) -> bool {
    Command::new(tool).arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

fn shell(script: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new("sh").args(["-e", "-c", script]).current_dir(folder.path()).output().expect("sh");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
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
