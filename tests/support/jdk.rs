//! The Java development kits of the machine.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, thread};

/// keytool is done before the optimizing compiler has paid for itself; and it speaks English.
const KEYTOOL_OPTIONS: [&str; 4] =
    ["-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-J-Duser.language=en", "-J-Duser.country=US"];

/// A Java development kit.
#[derive(Clone, Debug)]
pub(crate) struct Jdk {
    home: PathBuf,
}

impl Jdk {
    /// Java 17, which most brokers run on.
    pub(crate) fn of_17() -> Self {
        let home = installed().find(|(version, _)| *version == 17).expect("there is no JDK 17").1;
        Self { home }
    }

    /// The one that `KAFKA_CERTGEN_NEWER_JDK` names, or else the newest that is installed.
    pub(crate) fn newer() -> Self {
        let newest = || installed().filter(|(version, _)| *version > 17).max().map(|(_, home)| home);
        let home = env::var_os("KAFKA_CERTGEN_NEWER_JDK").map(PathBuf::from).or_else(newest);
        Self { home: home.expect("no JDK newer than 17 was found: name one in KAFKA_CERTGEN_NEWER_JDK") }
    }

    /// Returns the folder of its programs.
    pub(crate) fn programs(&self) -> PathBuf {
        self.home.join("bin")
    }

    /// Returns keytool.
    pub(crate) fn keytool(&self) -> Command {
        let mut keytool = self.tool("keytool");
        keytool.args(KEYTOOL_OPTIONS);
        keytool
    }

    /// Returns java.
    pub(crate) fn java(&self) -> Command {
        self.tool("java")
    }

    /// Runs a program of one source file, and returns the line that it answers to each line.
    pub(crate) fn answers(&self, program: &str, questions: String) -> Vec<String> {
        self.answers_with(program, &[], questions)
    }

    /// Runs a program of one source file with arguments, and returns the line that it answers to each line.
    pub(crate) fn answers_with(&self, program: &str, arguments: &[&str], questions: String) -> Vec<String> {
        let count = questions.lines().count();
        let mut java = self.java();
        let mut java = java
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("cannot run java");
        let mut lines = java.stdin.take().expect("java has no standard input");
        // A program that answers as it reads must not wait for one that does not listen yet. If it has died, answers are missing.
        let writer = thread::spawn(move || lines.write_all(questions.as_bytes()));
        let output = java.wait_with_output().expect("cannot wait for java");
        drop(writer.join().expect("cannot write to java"));
        let answers: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
        assert_eq!(answers.len(), count, "{self:?} {program} {:?}", answers.last());
        answers
    }

    fn tool(&self, name: &str) -> Command {
        let mut tool = Command::new(self.programs().join(name));
        // Java finds no file with a name beyond ASCII in a locale without such letters.
        tool.env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        tool
    }
}

/// Returns the installed JDKs with their versions.
fn installed() -> impl Iterator<Item = (u32, PathBuf)> {
    let homes = fs::read_dir("/usr/lib/jvm").expect("no JDK is installed");
    homes.filter_map(|entry| {
        let home = entry.ok()?.path();
        Some((version(&home)?, home))
    })
}

/// Returns the 25 of `JAVA_VERSION="25.0.3"`.
fn version(home: &Path) -> Option<u32> {
    let release = fs::read_to_string(home.join("release")).ok()?;
    let version = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION=\""))?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
