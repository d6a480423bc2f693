//! Programs in Python, JavaScript, Go, Rust and C, on what `config` prints for their clients.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::certgen::{BINARY, QUICK_KEYS};
use crate::cluster::Cluster;
use crate::command::Finished;
use crate::{is_refused, proves, scratch};

mod go;
mod node;
mod python;
mod rust;
mod shell;

const KCAT: &[&str] = &["kcat"];
const PYTHON: &[&str] = &["librdkafka", "confluent-kafka-python", "kafka-python", "aiokafka"];
const NODE: &[&str] = &["kafkajs", "confluent-kafka-javascript", "node-rdkafka"];
const GO: &[&str] = &["franz-go", "sarama"];
const RUST: &[&str] = &["rdkafka", "rskafka"];
/// Its settings are read out of C#, which does not run here, and are tried with librdkafka, to which it hands them.
const DOTNET: &[&str] = &["dotnet"];

/// One broker `localhost` and one client `app1`.
const ONE_OF_EACH: &[&str] = &["--cn", "localhost", "--san", "127.0.0.1", "--client", "app1"];

/// How they say that the broker has turned them away: by TLS's alert `bad_certificate`, or with Java 25's broker `certificate_required`.
const NO_CERTIFICATE: [&str; 5] = [
    "alert bad certificate",
    "tls: bad certificate",
    "AlertReceived(BadCertificate)",
    "certificate required",
    "AlertReceived(CertificateRequired)",
];

#[test]
#[ignore = "needs Java, Kafka's Maven artifacts and kcat"]
fn kcat() {
    serve_and_refuse(&Cluster::shared(), KCAT);
}

#[test]
#[ignore = "needs Java, Kafka's Maven artifacts and Python"]
fn python_and_librdkafka() {
    let cluster = Cluster::shared();
    serve_and_refuse(&cluster, PYTHON);
    serve_and_refuse(&cluster, DOTNET);
}

#[test]
#[ignore = "needs Java, Kafka's Maven artifacts, Node and a C++ compiler"]
fn node() {
    serve_and_refuse(&Cluster::shared(), NODE);
}

#[test]
#[ignore = "needs Java, Kafka's Maven artifacts and Go"]
fn go() {
    serve_and_refuse(&Cluster::shared(), GO);
}

#[test]
#[ignore = "needs Java, Kafka's Maven artifacts, Node and a C++ compiler"]
fn rust() {
    serve_and_refuse(&Cluster::shared(), RUST);
}

/// What a path has in it is no part of any language.
#[test]
#[ignore = "needs Java, Kafka's Maven artifacts, kcat, Python, Node with a C++ compiler, and Go"]
fn paths_are_only_paths_and_keys_may_be_of_p256() {
    let cluster = Cluster::start(
        "it's \"ours\" \\ $HOME ${x} %s #ü",
        &[ONE_OF_EACH, QUICK_KEYS, &["--format", "pkcs12,pem"]].concat(),
    );
    for kind in [KCAT, PYTHON, DOTNET, NODE, GO, RUST].concat() {
        serves(&cluster, kind, &[]);
    }
}

/// The file `password` is read by the configuration.
#[test]
#[ignore = "needs Java, Kafka's Maven artifacts, kcat, Python, Node and a C++ compiler"]
fn encrypted_keys_are_opened_or_refused() {
    let arguments = [ONE_OF_EACH, QUICK_KEYS, &["--format", "pkcs12,pem", "--pem-key", "pbes2"]].concat();
    let cluster = Cluster::start("bundle", &arguments);
    let opening = [
        "confluent-kafka-python",
        "kafka-python",
        "aiokafka",
        "kafkajs",
        "confluent-kafka-javascript",
        "node-rdkafka",
        "rdkafka",
    ];
    for kind in opening {
        serves(&cluster, kind, &["--format", "pem"]);
    }
    for kind in ["kcat", "librdkafka", "dotnet"] {
        serves(&cluster, kind, &["--format", "pem", "--show-passwords"]);
    }
    for kind in ["kcat", "librdkafka"] {
        is_not_printed(&cluster, kind, &["--format", "pem"], "can be told a password only in its configuration");
    }
    for kind in ["franz-go", "sarama", "rskafka"] {
        is_not_printed(&cluster, kind, &[], "is encrypted");
    }
}

/// Of the bundle that everybody has, where the CA's certificate lies in a folder of its own.
#[test]
#[ignore = "needs Java, Kafka's Maven artifacts, kcat, Python, Node and a C++ compiler"]
fn pkcs12_is_enough_for_openssl() {
    let cluster = Cluster::start("bundle", &[ONE_OF_EACH, QUICK_KEYS].concat());
    for kind in ["confluent-kafka-python", "kafkajs", "confluent-kafka-javascript", "node-rdkafka", "rdkafka"] {
        serves_and_refuses(&cluster, kind, &[]);
    }
    for kind in ["kcat", "dotnet"] {
        serves(&cluster, kind, &["--show-passwords"]);
    }
    for kind in ["kafka-python", "aiokafka", "franz-go", "sarama", "rskafka"] {
        is_not_printed(&cluster, kind, &[], "needs a store in pem");
    }
}

/// With brokers that ask for none, and the CA's certificate alone.
#[test]
#[ignore = "needs Java, Kafka's Maven artifacts, kcat, Python, Node with a C++ compiler, and Go"]
fn whoever_needs_no_certificate_is_told_none() {
    let cluster = Cluster::start("bundle", &[&["--cn", "localhost"], QUICK_KEYS].concat());
    for kind in ["kcat", "confluent-kafka-python", "kafka-python", "aiokafka", "kafkajs", "franz-go", "rskafka"] {
        serves(&cluster, kind, &[]);
    }
}

fn serve_and_refuse(cluster: &Cluster, kinds: &[&str]) {
    for kind in kinds {
        serves_and_refuses(cluster, kind, &[]);
    }
}

fn serves_and_refuses(cluster: &Cluster, kind: &str, arguments: &[&str]) {
    let folder = scratch();
    let program = program(cluster, kind, arguments, folder.path());
    proves(program().arg(topic(kind)));
    is_refused(program().arg(topic(kind)).arg("without-certificate"), &NO_CERTIFICATE);
}

fn serves(cluster: &Cluster, kind: &str, arguments: &[&str]) {
    let folder = scratch();
    proves(program(cluster, kind, arguments, folder.path())().arg(topic(kind)));
}

/// Makes the program of a kind in a folder, with the configuration that is printed for it.
fn program(cluster: &Cluster, kind: &str, arguments: &[&str], folder: &Path) -> Box<dyn Fn() -> Command> {
    let address = cluster.address();
    let document =
        config(cluster, kind, &[&["--bootstrap-server", &address], arguments].concat()).successfully().stdout;
    match kind {
        "kcat" => shell::kcat(&document, folder),
        "librdkafka" => python::plain(&document, "librdkafka.conf", folder),
        "dotnet" => python::plain(&document, "KafkaTls.cs", folder),
        "confluent-kafka-python" => python::program("confluent.py", &document, folder),
        "kafka-python" => python::program("kafka_python.py", &document, folder),
        "aiokafka" => python::program("aio.py", &document, folder),
        "kafkajs" => node::program("kafkajs.js", &document, folder),
        "confluent-kafka-javascript" => node::program("confluent.js", &document, folder),
        "node-rdkafka" => node::program("rdkafka.js", &document, folder),
        "franz-go" => go::program("franz", &document, folder),
        "sarama" => go::program("sarama", &document, folder),
        "rdkafka" | "rskafka" => rust::program(kind, &document, folder),
        _ => panic!("nobody has a program for `{kind}`"),
    }
}

/// A topic, and a group, that nobody else has.
fn topic(kind: &str) -> String {
    static TOPICS: AtomicUsize = AtomicUsize::new(0);
    format!("{kind}-{}", TOPICS.fetch_add(1, Ordering::Relaxed))
}

/// Panics unless there is no such configuration, for this reason.
fn is_not_printed(cluster: &Cluster, kind: &str, arguments: &[&str], reason: &str) {
    let said = config(cluster, kind, arguments);
    assert_eq!(said.status.code(), Some(2), "{kind}: {}\n{}", said.stdout, said.stderr);
    assert!(said.stdout.is_empty() && said.stderr.contains(reason), "{kind}: no `{reason}` in {}", said.stderr);
}

/// Asks for a configuration of `app1`, or of nobody where the bundle has no clients.
fn config(cluster: &Cluster, kind: &str, arguments: &[&str]) -> Finished {
    let mut config = Command::new(BINARY);
    config.args(["config", kind]).arg(cluster.bundle()).args(arguments);
    if cluster.bundle().join("app1").exists() {
        config.args(["--client", "app1"]);
    }
    Finished::of(&mut config)
}
