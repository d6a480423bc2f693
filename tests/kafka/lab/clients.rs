//! The programs of clients, and what they print.

use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::Finished;
use crate::java::{Jdk, SHORT_LIVED, SOURCES};
use crate::prepared::{persistently, prepared, python};
use crate::scratch;

/// A client of Kafka.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Client {
    Java,
    NewerJava,
    Librdkafka,
    KafkaJs,
    FranzGo,
    KafkaGo,
    Sarama,
}

/// A program, which may hold several clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Program {
    Java,
    NewerJava,
    Python,
    Node,
    Go,
}

impl Client {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Java => "java",
            Self::NewerJava => "newer-java",
            Self::Librdkafka => "librdkafka",
            Self::KafkaJs => "kafkajs",
            Self::FranzGo => "franz-go",
            Self::KafkaGo => "kafka-go",
            Self::Sarama => "sarama",
        }
    }

    pub(super) fn program(self) -> Program {
        match self {
            Self::Java => Program::Java,
            Self::NewerJava => Program::NewerJava,
            Self::Librdkafka => Program::Python,
            Self::KafkaJs => Program::Node,
            Self::FranzGo | Self::KafkaGo | Self::Sarama => Program::Go,
        }
    }
}

impl Program {
    pub(super) const ALL: [Self; 5] = [Self::Java, Self::NewerJava, Self::Python, Self::Node, Self::Go];

    /// Runs it with these lines, and returns what it has printed for each name.
    pub(super) fn run(self, lines: &str) -> HashMap<String, String> {
        let folder = scratch();
        let questions = folder.path().join("questions");
        fs::write(&questions, lines).expect("cannot write the questions");
        let stdin = File::open(&questions).expect("cannot read the questions");
        let said = Finished::reading(&mut self.command(), stdin).successfully();
        let answers = sections(&said.stdout);
        assert_eq!(answers.len(), lines.lines().count(), "{self:?}\n{}\n{}", said.stdout, said.stderr);
        answers
    }

    fn command(self) -> Command {
        match self {
            Self::Java => java(&Jdk::usual()),
            Self::NewerJava => java(&Jdk::newer()),
            Self::Python => {
                let mut program = Command::new(python());
                program.arg(source("librdkafka.py"));
                program
            }
            Self::Node => {
                let mut node = Command::new("node");
                node.arg(prepared("node", NODE, &prepare_node).join("clients.js"));
                node
            }
            Self::Go => Command::new(prepared("go", GO, &prepare_go).join("clients")),
        }
    }
}

const NODE: &[&str] = &[include_str!("../clients/node/package.json"), include_str!("../clients/node/clients.js")];
const GO: &[&str] = &[
    include_str!("../clients/go/go.mod"),
    include_str!("../clients/go/go.sum"),
    include_str!("../clients/go/main.go"),
];

fn source(name: &str) -> PathBuf {
    Path::new(SOURCES).join("clients").join(name)
}

/// The heap is what is given to a small client, or a big container: too small for what is no length.
fn java(jdk: &Jdk) -> Command {
    let hosts = format!("-Djdk.net.hosts.file={SOURCES}/hosts");
    let logging = format!("-Dlog4j2.configurationFile={SOURCES}/log4j2.properties");
    jdk.program("Clients", &[SHORT_LIVED, "-Xmx256m", &hosts, &logging, "-Dtls.level=INFO"])
}

fn prepare_node(folder: &Path) {
    for file in ["package.json", "clients.js"] {
        fs::copy(source("node").join(file), folder.join(file)).expect("cannot copy a program");
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(folder);
    persistently(&mut npm);
}

fn prepare_go(folder: &Path) {
    let mut download = Command::new("go");
    persistently(download.args(["mod", "download"]).current_dir(source("go")));
    let mut build = Command::new("go");
    build.args(["build", "-o"]).arg(folder.join("clients")).arg(".").current_dir(source("go"));
    Finished::of(&mut build).successfully();
}

/// Returns what stands between the lines `begin NAME` and `end NAME`.
fn sections(text: &str) -> HashMap<String, String> {
    let mut sections = HashMap::new();
    let mut open: Option<(&str, String)> = None;
    for line in text.lines() {
        match &mut open {
            None => open = line.strip_prefix("begin ").map(|name| (name, String::new())),
            Some((name, said)) if line.strip_prefix("end ") == Some(*name) => {
                sections.insert((*name).to_owned(), std::mem::take(said));
                open = None;
            }
            Some((_, said)) => {
                said.push_str(line);
                said.push('\n');
            }
        }
    }
    sections
}
