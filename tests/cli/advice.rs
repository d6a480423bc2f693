//! The commands that `diagnose` and `handshake` tell people to run.

use kafka_certgen::diagnosis::{Advice, cause};

use super::*;

/// What people fill in where a command has a word in capitals that is no name of a file.
const FILLED_IN: [(&str, &str); 3] =
    [("HOST:PORT", "broker1:9093"), ("HOST,ADDRESS", "broker1,10.0.0.1"), ("HOST", "broker1")];

fn commands() -> impl Iterator<Item = (&'static str, &'static str)> {
    let advice = |cause: &'static kafka_certgen::diagnosis::Cause| cause.check.iter().chain(cause.mend);
    cause::ALL.iter().flat_map(move |cause| advice(cause).map(|Advice { run, .. }| (cause.code, *run)))
}

fn words(command: &str) -> Vec<String> {
    let filled = FILLED_IN.iter().fold(command.to_owned(), |text, (word, value)| text.replace(word, value));
    let parts = filled.split('\'').enumerate();
    let mut words = Vec::new();
    for (at, part) in parts {
        if at % 2 == 1 { words.push(part.to_owned()) } else { words.extend(part.split_whitespace().map(str::to_owned)) }
    }
    words
}

/// `--help` is heard only behind arguments that are right.
#[test]
fn commands_are_those_that_there_are() {
    let sandbox = Sandbox::new();
    let mut seen = 0;
    for (code, command) in commands() {
        for command in command.split(['|', '&', ';']).map(str::trim) {
            let words = words(command);
            let Some((program, arguments)) = words.split_first() else { continue };
            if program != "kafka-certgen" {
                continue;
            }
            let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            arguments.push("--help");
            let run = sandbox.run(&arguments);
            assert_eq!(run.status, 0, "{code}: {command}\n{}", run.stderr);
            seen += 1;
        }
    }
    assert!(seen >= 50, "{seen} commands");
    assert_eq!(sandbox.run(&["inspect", "STORE", "--no-such-flag", "--help"]).status, 2);
}

/// What a broker's owner is told to do about a certificate that lacks a name, from the first command to the last.
#[test]
fn commands_that_issue_again_do_so() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.init(&["--cn", "broker1", "--format", "pkcs12"]).status, 0);
    let folder = sandbox.path().join("kafka-certs");
    for (name, from) in [
        ("KEYSTORE", "broker1/kafka.server.keystore.p12"),
        ("KEYSTORE.password", "broker1/password"),
        ("ca-cert", "ca/ca-cert"),
        ("ca-key", "ca/ca-key"),
        ("ca-key.password", "ca/ca-key.password"),
    ] {
        fs::copy(folder.join(from), sandbox.path().join(name)).unwrap();
    }
    let mend = cause::HOST_NOT_IN_CERTIFICATE.mend.iter().map(|advice| advice.run);
    let mut ran = 0;
    for command in mend.filter(|run| run.starts_with("kafka-certgen ")) {
        let words = words(&command.replace("ALIAS", "broker1"));
        let arguments: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        let run = sandbox.run(&arguments);
        assert_eq!(run.status, 0, "{command}\n{}", run.stderr);
        ran += 1;
    }
    assert_eq!(ran, 3);
    let shown = sandbox.run(&["inspect", "KEYSTORE"]);
    assert!(shown.stdout.contains("dns:broker1 ip:10.0.0.1"), "{}", shown.stdout);
}
