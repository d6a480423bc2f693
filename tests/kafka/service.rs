//! A program that serves others, and lives as long as its handle.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const LONGEST_START: Duration = Duration::from_secs(300);
const LONGEST_WAIT_FOR_LOG: Duration = Duration::from_secs(60);

pub(crate) struct Service {
    name: &'static str,
    process: Child,
    log: PathBuf,
}

impl Service {
    /// Starts a program and waits until it says that it is ready, or hands back the log of one that ended instead.
    ///
    /// Its standard input is a pipe that ends with the handle, and with a test that is killed.
    pub(crate) fn start(name: &'static str, command: &mut Command, log: &Path, ready: &str) -> Result<Self, String> {
        let stdout = File::create(log).expect("cannot make the log");
        let stderr = stdout.try_clone().expect("cannot share the log");
        command.stdin(Stdio::piped()).stdout(stdout).stderr(stderr);
        let process = command.spawn().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));

        let mut service = Self { name, process, log: log.to_owned() };
        let start = Instant::now();
        while !service.log_since(0).contains(ready) {
            if service.process.try_wait().expect("cannot look after a program").is_some() {
                return Err(service.log_since(0));
            }
            assert!(start.elapsed() < LONGEST_START, "the {name} neither started nor ended");
            thread::sleep(Duration::from_millis(100));
        }
        Ok(service)
    }

    pub(crate) fn log_length(&self) -> usize {
        self.log_bytes().len()
    }

    /// What the program has said since its log had that length.
    pub(crate) fn log_since(&self, length: usize) -> String {
        String::from_utf8_lossy(&self.log_bytes()[length..]).into_owned()
    }

    /// What the program has said since its log had that length, with these words in it if they come at all.
    pub(crate) fn log_until(&self, words: &str, length: usize) -> String {
        let start = Instant::now();
        loop {
            let log = self.log_since(length);
            if log.contains(words) || start.elapsed() > LONGEST_WAIT_FOR_LOG {
                return log;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn log_bytes(&self) -> Vec<u8> {
        fs::read(&self.log).expect("cannot read the log")
    }
}

impl Drop for Service {
    #[expect(clippy::print_stderr, reason = "only the log tells why a test failed, and it goes away with the service")]
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the end of the {}'s log:\n{}", self.name, tail(&self.log_since(0)));
        }
        // Either fails only if the program has ended already.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The last lines of a log, as many as anybody reads.
pub(crate) fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(80)..].join("\n")
}
