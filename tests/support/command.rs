//! Commands that run to their end.

use std::ffi::OsStr;
use std::process::{Command, ExitStatus, Stdio};

/// Returns a command with arguments, which finds nothing on its standard input.
pub(crate) fn command<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, arguments: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    command
}

/// What a command that has ended left behind.
#[derive(Debug)]
pub(crate) struct Finished {
    command: String,
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// Runs a command to its end.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
        Self {
            command: format!("{command:?}"),
            status: output.status,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Panics with all that the command printed unless it succeeded.
    pub(crate) fn successfully(self) -> Self {
        assert!(self.status.success(), "{self}");
        self
    }

    /// Panics with all that the command printed if it succeeded.
    pub(crate) fn in_vain(self) -> Self {
        assert!(!self.status.success(), "{self}");
        self
    }

    /// Panics with all that the command printed unless one of its outputs has these words.
    pub(crate) fn saying(self, words: &str) -> Self {
        assert!(self.stdout.contains(words) || self.stderr.contains(words), "no `{words}` in {self}");
        self
    }
}

impl std::fmt::Display for Finished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { command, status, stdout, stderr } = self;
        write!(f, "{command}: {status}\n{stdout}\n{stderr}")
    }
}
