//! Small applications of Spring Boot and Quarkus, whose whole configuration is what `config` printed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{FORMATS, NO_CERTIFICATE, STANDARD_INPUT, without};
use crate::cluster::Cluster;
use crate::java::{Jdk, Programs, SHORT_LIVED};
use crate::prepared::{persistently, prepared};
use crate::{RECORDS, is_refused, proves, scratch};

static SPRING: Programs =
    Programs::in_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/java/spring"), &[STANDARD_INPUT]);

/// What an application of Quarkus is built of, by its paths.
const QUARKUS: [(&str, &str); 2] = [
    ("pom.xml", include_str!("../java/quarkus/pom.xml")),
    ("src/main/java/QuarkusRecords.java", include_str!("../java/quarkus/src/main/java/QuarkusRecords.java")),
];

#[test]
#[ignore = "needs Java and Spring Boot's Maven artifacts"]
fn spring_boot_with_a_bundle() {
    spring("spring-boot", |yaml| without_part(yaml, "          keystore:"));
}

#[test]
#[ignore = "needs Java and Spring Boot's Maven artifacts"]
fn spring_boot_without_a_bundle() {
    spring("spring-boot-classic", |yaml| without(yaml, &["      key-store", "      key-password"]));
}

fn spring(kind: &str, without_certificate: impl Fn(&str) -> String) {
    let cluster = Cluster::shared();
    let folder = scratch();
    let file = folder.path().join("application.yaml");
    let application = |yaml: &str| {
        fs::write(&file, yaml).expect("cannot write settings");
        let mut java = Jdk::usual().program_of(&SPRING, "SpringRecords", &[SHORT_LIVED]);
        // It finds the file where it runs, as it does anywhere.
        java.arg(RECORDS).arg("--spring.kafka.consumer.auto-offset-reset=earliest").current_dir(folder.path());
        java
    };
    for format in FORMATS {
        let yaml = cluster.config(kind, &["--format", format]);
        proves(&mut application(&yaml));
        is_refused(&mut application(&without_certificate(&yaml)), &NO_CERTIFICATE);
    }
}

/// Returns a YAML document without this line and those that belong to it.
fn without_part(yaml: &str, first: &str) -> String {
    let indent = first.len() - first.trim_start().len();
    let mut is_in_it = false;
    let is_left_out = |line: &&str| {
        is_in_it = line.starts_with(first) || is_in_it && line.len() - line.trim_start().len() > indent;
        !is_in_it
    };
    yaml.split_inclusive('\n').filter(is_left_out).collect()
}

#[test]
#[ignore = "needs Java and Quarkus' Maven artifacts"]
fn quarkus() {
    let cluster = Cluster::shared();
    let folder = scratch();
    let file = folder.path().join("config/application.properties");
    fs::create_dir(folder.path().join("config")).expect("cannot make a folder");
    let built = quarkus_application();
    let application = |properties: &str| {
        fs::write(&file, properties).expect("cannot write settings");
        let mut java = Jdk::usual().tool("java");
        java.args([SHORT_LIVED, "-jar"]).arg(built.join("quarkus-run.jar")).arg(RECORDS).current_dir(folder.path());
        java
    };
    for format in FORMATS {
        let properties = cluster.config("quarkus", &["--format", format]);
        proves(&mut application(&properties));
        is_refused(&mut application(&without(&properties, &["quarkus.tls.kafka.key-store."])), &NO_CERTIFICATE);
    }
}

/// Returns the folder of the application, which Maven builds.
fn quarkus_application() -> PathBuf {
    let built = prepared("quarkus", &QUARKUS.map(|(_, text)| text), &|folder: &Path| {
        for (file, text) in QUARKUS {
            let file = folder.join(file);
            fs::create_dir_all(file.parent().expect("a file has a folder")).expect("cannot make a folder");
            fs::write(file, text).expect("cannot write a program");
        }
        let mut maven = Command::new("mvn");
        maven.args(["--quiet", "--batch-mode", "--no-transfer-progress", "-Dmaven.test.skip=true", "--file"]);
        persistently(maven.arg(folder.join("pom.xml")).arg("package"));
    });
    built.join("target/quarkus-app")
}
