//! Programs for the JVM.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cluster::Cluster;
use crate::java::{Jdk, SHORT_LIVED};
use crate::{RECORDS, is_refused, proves, scratch};

/// How Java says that the broker has turned it away. Java 25's broker says the latter.
pub(crate) const NO_CERTIFICATE: [&str; 2] =
    ["Received fatal alert: bad_certificate", "Received fatal alert: certificate_required"];

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn kafka_clients() {
    let cluster = Cluster::shared();
    let folder = scratch();
    let file = folder.path().join("client.properties");
    let config = cluster.client_properties();
    fs::write(&file, &config).expect("cannot write settings");
    proves(&mut records(&cluster.address(), &file));
    let anonymous: Vec<&str> = config.lines().filter(|line| !is_certificate(line)).collect();
    fs::write(&file, anonymous.join("\n")).expect("cannot write settings");
    is_refused(&mut records(&cluster.address(), &file), &NO_CERTIFICATE);
}

/// Whether this line of a properties file is about the certificate to show.
fn is_certificate(line: &str) -> bool {
    line.starts_with("ssl.keystore.") || line.starts_with("ssl.key.")
}

/// A client with these settings that writes and reads.
fn records(address: &str, properties: &Path) -> Command {
    let mut client = Jdk::usual().program("Records", &[SHORT_LIVED]);
    client.arg(address).arg(properties).arg(RECORDS);
    client
}
