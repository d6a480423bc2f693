//! Programs for the JVM.

mod connect;
mod frameworks;

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::certgen::QUICK_KEYS;
use crate::cluster::Cluster;
use crate::java::{Jdk, Programs, SHORT_LIVED};
use crate::{RECORDS, is_refused, proves, scratch};

/// How Java says that the broker has turned it away. Java 25's broker says the latter.
pub(crate) const NO_CERTIFICATE: [&str; 2] =
    ["Received fatal alert: bad_certificate", "Received fatal alert: certificate_required"];

const ONE_OF_EACH: &[&str] = &["--cn", "localhost", "--san", "127.0.0.1", "--client", "app1"];

const FORMATS: [&str; 3] = ["jks", "pkcs12", "pem"];

/// The program that ends others with the test.
const STANDARD_INPUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kafka/java/StandardInput.java");

static DEBEZIUM: Programs =
    Programs::in_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/java/debezium"), &[STANDARD_INPUT]);

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn kafka_clients() {
    let cluster = Cluster::shared();
    let folder = scratch();
    let file = folder.path().join("client.properties");
    for format in FORMATS {
        let config = cluster.config("java-client", &["--format", format]);
        proves(&mut records(&file, &config));
        is_refused(&mut records(&file, &without(&config, &["ssl.keystore.", "ssl.key."])), &NO_CERTIFICATE);
    }
}

/// A client of Kafka's own with these settings, which it finds in this file.
fn records(file: &Path, config: &str) -> Command {
    fs::write(file, config).expect("cannot write settings");
    let mut client = Jdk::usual().program("Records", &[SHORT_LIVED]);
    client.arg("").arg(file).arg(RECORDS);
    client
}

/// There is no database here: it is the part of a connector that the configuration is of.
#[test]
#[ignore = "needs Java and Debezium's Maven artifacts"]
fn schema_history_of_debezium() {
    let cluster = Cluster::shared();
    let folder = scratch();
    let file = folder.path().join("connector.json");
    let history = |config: &str| {
        fs::write(&file, config).expect("cannot write settings");
        let mut history = Jdk::usual().program_of(&DEBEZIUM, "SchemaHistory", &[SHORT_LIVED]);
        history.arg(&file).arg(RECORDS);
        history
    };
    for format in FORMATS {
        let config = cluster.config("debezium", &["--format", format]);
        proves(&mut history(&config));
        let keys = ["producer", "consumer"].map(|client| format!("  \"schema.history.internal.{client}.ssl.keystore."));
        is_refused(&mut history(&without(&config, &keys)), &NO_CERTIFICATE);
    }
}

/// Keys that another password opens than the stores, PEM keys that are encrypted, and a path in which everything is that has a meaning
/// anywhere.
#[test]
#[ignore = "needs Java and the Maven artifacts of Kafka, Spring Boot and Quarkus"]
fn keys_with_passwords_of_their_own() {
    let own = ["--keypass", "pass:made up, $for a \\test", "--pem-key", "pbes1-3des", "--format", "jks,pem"];
    let cluster = Cluster::start("it's ours: \\ $HOME ${x} %41 #ü?, *", &[ONE_OF_EACH, QUICK_KEYS, &own].concat());
    let folder = scratch();
    for format in ["jks", "pem"] {
        let config = cluster.config("java-client", &["--format", format, "--show-passwords"]);
        proves(&mut records(&folder.path().join("client.properties"), &config));
        for arguments in [&["--format", format][..], &["--format", format, "--show-passwords"]] {
            for kind in ["spring-boot", "spring-boot-classic"] {
                proves(&mut frameworks::spring_application(folder.path(), &cluster.config(kind, arguments)));
            }
            if format != "pem" {
                proves(&mut frameworks::quarkus_application(folder.path(), &cluster.config("quarkus", arguments)));
            }
        }
    }
}

/// Returns the lines that begin with none of these.
fn without(config: &str, starts: &[impl AsRef<str>]) -> String {
    let is_left_out = |line: &str| starts.iter().any(|start| line.starts_with(start.as_ref()));
    config.split_inclusive('\n').filter(|line| !is_left_out(line)).collect()
}
