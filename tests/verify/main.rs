//! Everything that `verify` can find is made here, and found by the binary: that code, and no other. Needs nothing but the binary.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test that cannot go on shall fail")]

mod acceptance;
mod accepted;
mod bench;
mod bundles;
#[path = "../acceptance/certificate.rs"]
#[allow(dead_code, clippy::doc_markdown, reason = "the other test uses all of it")]
mod certificate;
mod certificates;
mod clean;
mod configurations;
#[path = "../acceptance/der.rs"]
#[allow(dead_code, clippy::doc_markdown, reason = "the other test uses all of it")]
mod der;
mod keys;
mod report;
mod stores;
mod tampering;
#[path = "../support/threads.rs"]
mod threads;

use std::collections::BTreeSet;
use std::process::Command;

use bench::Bench;

/// A fault, and what it is found as.
#[derive(Clone)]
pub(crate) struct Fault {
    name: &'static str,
    codes: BTreeSet<String>,
    make: fn(&Bench) -> Vec<String>,
}

impl Fault {
    /// `make` makes it, and returns the arguments of `verify`.
    pub(crate) fn new(name: &'static str, codes: &str, make: fn(&Bench) -> Vec<String>) -> Self {
        Self { name, codes: codes.split_whitespace().map(str::to_owned).collect(), make }
    }
}

#[test]
fn every_fault_is_found_as_what_it_is_and_every_check_finds_one() {
    let faults =
        [certificates::faults(), accepted::faults(), stores::faults(), bundles::faults(), configurations::faults()]
            .concat();
    let found = threads::map(&faults, |fault| {
        let bench = Bench::new();
        let arguments = (fault.make)(&bench);
        bench.verify(&arguments)
    });
    let wrong: Vec<String> = faults
        .iter()
        .zip(&found)
        .filter(|(fault, found)| fault.codes != **found)
        .map(|(fault, found)| format!("{}: {found:?} in place of {:?}", fault.name, fault.codes))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), faults.len(), wrong.join("\n"));
    let made: BTreeSet<String> = found.into_iter().flatten().collect();
    let never: Vec<String> = catalogue().into_iter().filter(|code| !made.contains(code)).collect();
    // Only root can give a file away: see `verify::files`.
    assert_eq!(never, ["file-owner"], "of `verify --list`");
}

/// Returns the codes that `verify --list` names, but for those of properties files alone, which are made in `verify::configuration`.
fn catalogue() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_kafka-certgen")).args(["verify", "--list", "--json"]).output();
    let list: serde_json::Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    let is_here = |check: &&serde_json::Value| !check["family"].as_str().unwrap().contains("as Kafka reads it");
    list.as_array().unwrap().iter().filter(is_here).map(|check| check["code"].as_str().unwrap().to_owned()).collect()
}
