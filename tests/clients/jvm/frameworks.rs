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
    for format in FORMATS {
        let yaml = cluster.config(kind, &["--format", format]);
        proves(&mut spring_application(folder.path(), &yaml));
        is_refused(&mut spring_application(folder.path(), &without_certificate(&yaml)), &NO_CERTIFICATE);
    }
}

/// Returns an application of Spring Boot with this configuration, which it finds where it runs.
pub(super) fn spring_application(folder: &Path, yaml: &str) -> Command {
    fs::write(folder.join("application.yaml"), yaml).expect("cannot write settings");
    let mut java = Jdk::usual().program_of(&SPRING, "SpringRecords", &[SHORT_LIVED]);
    java.arg(RECORDS).arg("--spring.kafka.consumer.auto-offset-reset=earliest").current_dir(folder);
    java
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
    for format in FORMATS {
        let properties = cluster.config("quarkus", &["--format", format]);
        proves(&mut quarkus_application(folder.path(), &properties));
        let anonymous = without(&properties, &["quarkus.tls.kafka.key-store."]);
        is_refused(&mut quarkus_application(folder.path(), &anonymous), &NO_CERTIFICATE);
    }
}

/// Returns an application of Quarkus with this configuration, which it finds where it runs.
pub(super) fn quarkus_application(folder: &Path, properties: &str) -> Command {
    let settings = folder.join("config");
    fs::create_dir_all(&settings).expect("cannot make a folder");
    fs::write(settings.join("application.properties"), properties).expect("cannot write settings");
    let mut java = Jdk::usual().tool("java");
    java.args([SHORT_LIVED, "-jar"]).arg(built_quarkus().join("quarkus-run.jar")).arg(RECORDS).current_dir(folder);
    java
}

/// Returns the folder of the application, which Maven builds.
fn built_quarkus() -> PathBuf {
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
