//! AKHQ, Kafka UI and Redpanda Console: what they read is read as they do it, with their own libraries, and given to their own clients.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cluster::Cluster;
use crate::command::Finished;
use crate::java::{Jdk, Programs, SHORT_LIVED};
use crate::jvm::NO_CERTIFICATE;
use crate::prepared::{persistently, prepared};
use crate::{RECORDS, is_refused, proves, scratch};

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/platforms");

/// What AKHQ and Kafka UI read their configuration with.
static READERS: Programs = Programs::in_folder(SOURCES, &[]);

#[test]
#[ignore = "needs Java, and Micronaut's and Kafka's Maven artifacts"]
fn akhq() {
    gives_its_clients_what_they_need("akhq", "Akhq", "MICRONAUT_CONFIG_FILES");
}

#[test]
#[ignore = "needs Java, and Spring Boot's and Kafka's Maven artifacts"]
fn kafka_ui() {
    gives_its_clients_what_they_need("kafka-ui", "KafkaUi", "SPRING_CONFIG_ADDITIONAL_LOCATION");
}

/// Reads what is printed for it with a program that writes down what it would give to Kafka's clients, and calls on the broker with that.
fn gives_its_clients_what_they_need(kind: &str, reader: &str, variable: &str) {
    let cluster = Cluster::shared();
    let folder = scratch();
    let password = fs::read_to_string(cluster.bundle().join("app1/password")).expect("cannot read the password");
    for (at, arguments) in [
        &["--format", "pkcs12"][..],
        &["--format", "jks"],
        &["--format", "pem"],
        &["--format", "jks", "--show-passwords"],
    ]
    .iter()
    .enumerate()
    {
        let config = folder.path().join(format!("{at}.yml"));
        let address = cluster.address();
        let printed = cluster.config(kind, arguments);
        assert_eq!(printed.contains(password.trim_end()), arguments.contains(&"--show-passwords"), "{arguments:?}");
        fs::write(&config, &printed).expect("cannot write settings");
        let given = folder.path().join(format!("{at}.properties"));
        let mut java = Jdk::usual().program_of(&READERS, reader, &[SHORT_LIVED]);
        java.arg(&given).env(variable, located(&printed, variable, &config));
        Finished::of(&mut java).successfully();

        let text = fs::read_to_string(&given).expect("cannot read what was given");
        let line = text.lines().find_map(|line| line.strip_prefix("bootstrap.servers="));
        assert_eq!(line.map(|value| value.replace('\\', "")), Some(address.clone()), "{text}");
        proves(&mut records(&address, &given));
        let anonymous: Vec<&str> = text.lines().filter(|line| !line.starts_with("ssl.key")).collect();
        fs::write(&given, anonymous.join("\n")).expect("cannot write settings");
        is_refused(&mut records(&address, &given), &NO_CERTIFICATE);
    }
}

/// The variable's value as the configuration says it, with its own path in it.
fn located(printed: &str, variable: &str, config: &Path) -> String {
    let prefix = format!("#   {variable}=");
    let said = printed.lines().find_map(|line| line.strip_prefix(&prefix)).expect("it does not say how it is found");
    let mut files: Vec<&str> = said.split(',').collect();
    files[0] = config.to_str().expect("a path is no text");
    files.join(",")
}

/// A client with these settings that writes and reads.
fn records(address: &str, properties: &Path) -> Command {
    let mut client = Jdk::usual().program("Records", &[SHORT_LIVED]);
    client.arg(address).arg(properties).arg(RECORDS);
    client
}

#[test]
#[ignore = "needs Go"]
fn redpanda_console() {
    let cluster = Cluster::shared();
    let folder = scratch();
    let config = folder.path().join("console.yaml");
    let printed = cluster.config("redpanda-console", &[]);
    fs::write(&config, &printed).expect("cannot write settings");
    proves(&mut console(&config));
    let anonymous: Vec<&str> =
        printed.lines().filter(|line| !line.contains("certFile") && !line.contains("keyFile")).collect();
    fs::write(&config, anonymous.join("\n")).expect("cannot write settings");
    is_refused(&mut console(&config), &["tls: certificate required", "tls: bad certificate"]);
    fs::write(&config, printed.replace("caFilepath", "caFile")).expect("cannot write settings");
    is_refused(&mut console(&config), &["field caFile not found"]);
}

fn console(config: &Path) -> Command {
    const SOURCES: [&str; 3] = [
        include_str!("platforms/console/go.mod"),
        include_str!("platforms/console/go.sum"),
        include_str!("platforms/console/main.go"),
    ];
    let mut program = Command::new(built("console", &SOURCES));
    program.arg(config).arg(RECORDS);
    program
}

/// Returns the program in Go that is in a folder of that name.
pub(crate) fn built(name: &str, sources: &[&str]) -> PathBuf {
    let folder = prepared(name, sources, &|folder| {
        let source = Path::new(SOURCES).join(name);
        persistently(Command::new("go").args(["mod", "download"]).current_dir(&source));
        let mut build = Command::new("go");
        build.args(["build", "-o"]).arg(folder.join(name)).arg(".").current_dir(&source);
        Finished::of(&mut build).successfully();
    });
    folder.join(name)
}
