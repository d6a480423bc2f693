//! Programs for the JVM.

mod connect;
mod frameworks;

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cluster::Cluster;
use crate::java::{Jdk, Programs, SHORT_LIVED};
use crate::{RECORDS, is_refused, proves, scratch};

/// How Java says that the broker has turned it away. Java 25's broker says the latter.
const NO_CERTIFICATE: [&str; 2] =
    ["Received fatal alert: bad_certificate", "Received fatal alert: certificate_required"];

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

/// Returns the lines that begin with none of these.
fn without(config: &str, starts: &[impl AsRef<str>]) -> String {
    let is_left_out = |line: &str| starts.iter().any(|start| line.starts_with(start.as_ref()));
    config.split_inclusive('\n').filter(|line| !is_left_out(line)).collect()
}
