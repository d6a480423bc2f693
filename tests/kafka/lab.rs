//! What really goes wrong between clients and a broker, what they print then, and whether `diagnose` and `handshake` name the cause.

use std::collections::HashMap;
use std::env;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::thread;

use crate::java::Jdk;

mod clients;
mod files;
mod node;
mod scenarios;
mod strangers;

use clients::Program;
use files::Files;
use node::Node;
use scenarios::{At, Scenario};
use strangers::Stranger;

#[test]
#[ignore = "needs Java, Kafka's Maven artifacts, Python, Node and Go"]
fn every_failure_is_named() {
    let lab = Lab::open();
    let scenarios = scenarios::all(&lab.files);
    let said = lab.run(&scenarios);
    if let Some(folder) = env::var_os("KAFKA_CERTGEN_LAB") {
        lab.keep(Path::new(&folder), &scenarios, &said);
    }
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
        if scenario.client == clients::Client::NewerJava { &self.newer } else { &self.node }
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
