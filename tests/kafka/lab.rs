//! What really goes wrong between clients and a broker, what they print then, and whether `diagnose` and `handshake` name the cause.

use std::collections::{BTreeSet, HashMap};
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{Seek, Write as _};
use std::path::Path;
use std::process::Command;
use std::thread;

use serde_json::Value;

use crate::command::Finished;
use crate::java::Jdk;

mod clients;
mod expected;
mod files;
mod node;
mod scenarios;
mod strangers;

use clients::{Client, Program};
use expected::Expected;
use files::Files;
use node::Node;
use scenarios::{At, Scenario};
use strangers::Stranger;

#[test]
#[ignore = "needs Java, Kafka's Maven artifacts, Python, Node and Go"]
fn every_failure_is_named() {
    let lab = Lab::open();
    let scenarios = scenarios::all(&lab.files);
    let tried: BTreeSet<_> = scenarios.iter().map(Scenario::title).collect();
    let untried = expected::ROWS.iter().filter(|row| !tried.contains(&scenarios::title(row.0, row.1)));
    assert_eq!(untried.map(|row| row.0).collect::<Vec<_>>(), [""; 0], "nobody tries these");
    let entries = expected::ROWS.iter().flat_map(|row| [row.3, row.4]).filter(|entry| !entry.is_empty());
    assert!(entries.collect::<BTreeSet<_>>().len() >= 40);

    let said = lab.run(&scenarios);
    if let Some(folder) = env::var_os("KAFKA_CERTGEN_LAB") {
        lab.keep(Path::new(&folder), &scenarios, &said);
    }
    let faults: Vec<String> =
        scenarios.iter().flat_map(|scenario| lab.faults(scenario, &said[&scenario.title()])).collect();
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

struct Lab {
    files: Files,
    node: Node,
    newer: Node,
    http: Stranger,
    silent: Stranger,
}

impl Lab {
    fn open() -> Self {
        let files = Files::new();
        let listeners = node::listeners(&files);
        let (node, newer) = thread::scope(|scope| {
            let newer = scope.spawn(|| Node::start(&Jdk::newer(), &listeners));
            (Node::start(&Jdk::usual(), &listeners), newer.join().expect("no newer node"))
        });
        Self { files, node, newer, http: Stranger::http(), silent: Stranger::silent() }
    }

    fn node_of(&self, scenario: &Scenario) -> &Node {
        if scenario.client == Client::NewerJava { &self.newer } else { &self.node }
    }

    fn address(&self, scenario: &Scenario) -> String {
        match scenario.at {
            At::Listener(listener, host) => format!("{host}:{}", self.node_of(scenario).port(listener)),
            At::Http => format!("localhost:{}", self.http.port()),
            At::Silent => format!("localhost:{}", self.silent.port()),
            At::Elsewhere(address) => address.to_owned(),
            At::Nowhere => "localhost:9".to_owned(),
        }
    }

    /// Runs all scenarios, those of different programs at once, and returns what they have printed.
    fn run(&self, scenarios: &[Scenario]) -> HashMap<String, String> {
        let run = |program: Program| {
            let mut lines = String::new();
            for scenario in scenarios.iter().filter(|scenario| scenario.client.program() == program) {
                let title = scenario.title();
                let file = self.files.write(&format!("{title}.properties"), &scenario.settings);
                let address = self.address(scenario);
                writeln!(lines, "{title}\t{}\t{address}\t{file}", scenario.kind()).expect("a String takes all");
            }
            program.run(&lines)
        };
        thread::scope(|scope| {
            let running: Vec<_> = Program::ALL.map(|program| scope.spawn(move || run(program))).into_iter().collect();
            running.into_iter().flat_map(|program| program.join().expect("a program failed")).collect()
        })
    }

    /// Returns what is not as expected of a scenario in which this was printed.
    fn faults(&self, scenario: &Scenario, said: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let mut check = |what: &str, outcome: Result<(), String>| {
            faults.extend(outcome.err().map(|why| format!("{}, {what}: {why}", scenario.title())));
        };
        let handshake = || self.handshake(scenario);
        match scenario.expected() {
            None => {
                let is_fine = said.ends_with("nothing failed\n");
                check("client", if is_fine { Ok(()) } else { Err(said.to_owned()) });
                if scenario.client != Client::NewerJava {
                    let (status, report) = handshake();
                    check("handshake", if status == Some(0) { Ok(()) } else { Err(report) });
                }
            }
            Some(Expected { cause, client, broker }) => {
                if !client.is_empty() {
                    check("client", diagnosed(said, client, cause));
                }
                if let (At::Listener(listener, _), false) = (scenario.at, broker.is_empty()) {
                    check("broker", self.node_of(scenario).diagnosed(listener, broker, cause));
                }
                if scenario.is_for_handshake() {
                    let (status, report) = handshake();
                    let has_cause = report.contains(&format!("\"cause\": \"{cause}\""));
                    check("handshake", if status == Some(3) && has_cause { Ok(()) } else { Err(report) });
                }
            }
        }
        faults
    }

    /// Runs `handshake` with the client's own settings, and returns its status with what it printed.
    fn handshake(&self, scenario: &Scenario) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kafka-certgen"));
        command.args(["handshake", "--json", &self.address(scenario)]);
        if scenario.client == Client::Java {
            command.arg("--config").arg(self.files.path(&format!("{}.properties", scenario.title())));
        } else {
            for (flag, key) in
                [("--ca", "ssl.ca.location"), ("--cert", "ssl.certificate.location"), ("--key", "ssl.key.location")]
            {
                let value = scenario.settings.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
                command.args(value.iter().flat_map(|value| [flag, value]));
            }
        }
        let said = Finished::of(&mut command);
        (said.status.code(), said.stdout + &said.stderr)
    }

    /// Writes down what was printed, for who wants to read it.
    fn keep(&self, folder: &Path, scenarios: &[Scenario], said: &HashMap<String, String>) {
        for scenario in scenarios {
            let title = scenario.title();
            fs::write(folder.join(format!("{title}.log")), &said[&title]).expect("cannot write a log");
            if let At::Listener(listener, _) = scenario.at {
                let log = self.node_of(scenario).log_of(listener);
                fs::write(folder.join(format!("{title}.broker.log")), log).expect("cannot write a log");
            }
        }
    }
}

/// Tells whether `diagnose` finds this message in a log, with this cause among those behind it.
fn diagnosed(log: &str, entry: &str, cause: &str) -> Result<(), String> {
    let mut file = tempfile::tempfile().expect("no file for a log");
    file.write_all(log.as_bytes()).and_then(|()| file.rewind()).expect("cannot write a log");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kafka-certgen"));
    let said = Finished::reading(command.args(["diagnose", "--json"]), file);
    let report: Value = serde_json::from_str(&said.stdout).map_err(|error| format!("{error}: {}", said.stderr))?;
    let found = ["findings", "explained"].iter().filter_map(|list| report[list].as_array()).flatten();
    let code = |value: &Value| value["code"].as_str().unwrap_or_default().to_owned();
    let found: Vec<(String, Vec<String>)> =
        found.map(|one| (code(one), one["causes"].as_array().into_iter().flatten().map(code).collect())).collect();
    let is_named = found.iter().any(|(one, causes)| one == entry && causes.iter().any(|one| one == cause));
    if is_named { Ok(()) } else { Err(format!("no {entry} by {cause} in {found:#?}\n{log}")) }
}
