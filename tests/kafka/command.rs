//! Commands that run to their end.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Beyond this a command hangs. The slowest, Maven's first download of Kafka, has taken minutes.
const LONGEST_RUN: Duration = Duration::from_secs(15 * 60);

/// What a command that has ended left behind.
pub(crate) struct Finished {
    command: String,
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// Runs the command to its end, with an empty standard input.
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::reading(command, Stdio::null())
    }

    /// Runs the command to its end, with this standard input.
    pub(crate) fn reading(command: &mut Command, stdin: impl Into<Stdio>) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        command.stdin(stdin);
        Self::try_of(command).unwrap_or_else(|error| panic!("cannot run `{name}`: {error}"))
    }

    fn try_of(command: &mut Command) -> io::Result<Self> {
        // A pipe would have to be emptied while the command runs.
        let (stdout, stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
        command.stdout(stdout.try_clone()?).stderr(stderr.try_clone()?);
        let mut running = command.spawn()?;
        let start = Instant::now();
        let status = loop {
            if let Some(status) = running.try_wait()? {
                break status;
            }
            if start.elapsed() > LONGEST_RUN {
                running.kill()?;
                break running.wait()?;
            }
            thread::sleep(Duration::from_millis(10));
        };
        let command = format!("{command:?}");
        Ok(Self { command, status, stdout: whole(stdout)?, stderr: whole(stderr)? })
    }

    /// Panics with all that the command printed unless it succeeded.
    pub(crate) fn successfully(self) -> Self {
        let Self { command, status, stdout, stderr } = &self;
        assert!(status.success(), "{command}\nended with {status}\n{stdout}\n{stderr}");
        self
    }
}

fn whole(mut file: File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
