//! Other people's programs on what `kafka-certgen config` prints, each against a real broker that asks for a certificate.
//!
//! Each takes nothing but what `config` printed and the files of the bundle, creates a topic, writes 1,000 records, reads them back as
//! written, and is turned away without its certificate. They run only when asked for: `cargo test --test clients -- --ignored`.

#![expect(clippy::expect_used, clippy::panic, reason = "a test says what is wrong by panicking")]

#[path = "../kafka/broker.rs"]
#[allow(dead_code, reason = "another test uses all of it")]
mod broker;
#[path = "../kafka/certgen.rs"]
#[allow(dead_code, reason = "another test uses all of it")]
mod certgen;
mod cluster;
#[path = "../kafka/command.rs"]
#[allow(dead_code, reason = "another test uses all of it")]
mod command;
mod compose;
#[path = "../kafka/java.rs"]
#[allow(dead_code, reason = "another test uses all of it")]
mod java;
mod jvm;
mod languages;
mod platforms;
#[path = "../support/prepared.rs"]
mod prepared;
#[path = "../kafka/service.rs"]
#[allow(dead_code, reason = "another test uses all of it")]
mod service;

use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::command::Finished;

/// How many records each program writes and reads back.
const RECORDS: &str = "1000";

/// A folder that goes away with its handle, below `target`.
fn scratch() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("cannot make a folder below target")
}

/// Panics unless a program says that all records came back as they were written.
///
/// Its standard input is a pipe with which it may end, for when the test is killed.
fn proves(program: &mut Command) {
    let said = Finished::reading(program, Stdio::piped()).successfully();
    let expected = format!("{RECORDS} records read back as written");
    assert!(said.stdout.contains(&expected), "{program:?} did not say `{expected}`:\n{}\n{}", said.stdout, said.stderr);
}

/// Panics unless a program fails, and says one of these.
///
/// It is for a program without its certificate: what it says shall tell that the broker has turned it away, and not that something else
/// was amiss.
fn is_refused(program: &mut Command, says: &[&str]) {
    let said = Finished::reading(program, Stdio::piped());
    let all = format!("{program:?}: {}\n{}\n{}", said.status, said.stdout, said.stderr);
    assert!(!said.status.success(), "it was served\n{all}");
    assert!(says.iter().any(|words| all.contains(words)), "none of {says:?} in\n{all}");
}
