//! The Java development kits of the machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

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

    fn tool(&self, name: &str) -> Command {
        let mut tool = Command::new(self.home.join("bin").join(name));
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
