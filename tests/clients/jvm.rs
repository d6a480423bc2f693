//! Programs for the JVM.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cluster::Cluster;
use crate::java::{Jdk, SHORT_LIVED};
use crate::{RECORDS, is_refused, proves, scratch};

/// How Java says that the broker has turned it away. Java 25's broker says the latter.
const NO_CERTIFICATE: [&str; 2] =
    ["Received fatal alert: bad_certificate", "Received fatal alert: certificate_required"];

const FORMATS: [&str; 3] = ["jks", "pkcs12", "pem"];

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

/// Returns the lines that begin with none of these.
fn without(config: &str, starts: &[&str]) -> String {
    config.split_inclusive('\n').filter(|line| !starts.iter().any(|start| line.starts_with(start))).collect()
}
