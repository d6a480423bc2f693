//! `kafka-certgen` as a person or a script runs it: what it makes, what it says, what it refuses. Needs nothing but the binary.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on shall fail")]

mod add;
mod advice;
mod algorithms;
mod apply;
mod bundle;
mod compose;
mod config;
mod diagnose;
mod export;
mod export_store;
mod handshake;
mod inspect;
mod live;
mod refusals;
mod secrets;
mod servers;
mod shell;
mod steps;
mod stops;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of its own for each test, and the binary run in it.
struct Sandbox(tempfile::TempDir);

/// What a run has left behind.
#[derive(Debug)]
struct Run {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Sandbox {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kafka-certgen"));
        command.args(arguments).current_dir(self.path()).env_clear().stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::from(self.command(arguments).output().unwrap())
    }

    /// Runs `init` with keys that are made in no time.
    fn init(&self, arguments: &[&str]) -> Run {
        self.run(&quick(arguments))
    }

    /// Every file and folder below this one, sorted.
    fn tree(&self) -> Vec<String> {
        tree(self.path())
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), bytes).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Run {
    #[track_caller]
    fn success(self) -> Self {
        assert_eq!(self.status, 0, "{}{}", self.stdout, self.stderr);
        self
    }
}

/// Asks for keys that are made in no time, where the test does not ask for others.
fn quick<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    let mut all = vec!["init"];
    for flag in ["--key-alg", "--ca-key-alg"] {
        if !arguments.contains(&flag) {
            all.extend([flag, "ec-p256"]);
        }
    }
    all.extend(arguments);
    all
}

fn tree(folder: &Path) -> Vec<String> {
    fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            found.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
            if path.is_dir() && !path.is_symlink() {
                walk(root, &path, found);
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.sort();
    found
}
