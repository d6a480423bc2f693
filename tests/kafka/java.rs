//! The JVMs, and Kafka and the programs in `java/` to run on them.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use crate::command::Finished;
use crate::scratch;

/// Where this file stands, with the programs beside it.
pub(crate) const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kafka");

/// What is in `java/`, with the Kafka that it is compiled with.
static KAFKA: Programs = Programs::in_folder(SOURCES, &[]);

/// For programs that are done before the optimizing compiler has paid for itself: a client, a broker with few clients.
pub(crate) const SHORT_LIVED: &str = "-XX:TieredStopAtLevel=1";

/// A Java development kit.
#[derive(Clone)]
pub(crate) struct Jdk {
    /// None for the one on the path.
    home: Option<PathBuf>,
}

impl Jdk {
    /// The one that runs whatever Java this machine runs.
    pub(crate) fn usual() -> Self {
        Self { home: env::var_os("JAVA_HOME").map(PathBuf::from) }
    }

    /// The one that `KAFKA_CERTGEN_NEWER_JDK` names, or else the newest that is installed.
    pub(crate) fn newer() -> Self {
        let home = env::var_os("KAFKA_CERTGEN_NEWER_JDK").map(PathBuf::from).or_else(newest_installed);
        Self { home: Some(home.expect("no JDK newer than 17 was found: name one in KAFKA_CERTGEN_NEWER_JDK")) }
    }

    /// The 17 of 17.0.15.
    pub(crate) fn version(&self) -> u32 {
        let said = Finished::of(self.tool("java").arg("-version")).successfully().stderr;
        let version = said.split('"').nth(1).and_then(leading_number);
        version.unwrap_or_else(|| panic!("no version: {said}"))
    }

    pub(crate) fn tool(&self, name: &str) -> Command {
        Command::new(self.home.as_ref().map_or_else(|| PathBuf::from(name), |home| home.join("bin").join(name)))
    }

    /// A command that runs one of the programs in `java/`, to which its arguments can be added.
    pub(crate) fn program(&self, name: &str, options: &[&str]) -> Command {
        self.program_of(&KAFKA, name, options)
    }

    /// A command that runs one of these programs, to which its arguments can be added.
    pub(crate) fn program_of(&self, programs: &Programs, name: &str, options: &[&str]) -> Command {
        let mut java = self.tool("java");
        java.arg("-XX:+UseSerialGC").args(options).args(["-cp", programs.class_path(), name]);
        // Java finds no file with a name beyond ASCII in a locale without such letters.
        java.env("LC_ALL", "C.UTF-8");
        java
    }
}

fn newest_installed() -> Option<PathBuf> {
    let homes = fs::read_dir("/usr/lib/jvm").ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let newest = homes.filter_map(|home| Some((installed_version(&home)?, home))).max()?;
    (newest.0 > 17).then_some(newest.1)
}

/// The 25 of `JAVA_VERSION="25.0.3"`.
fn installed_version(home: &Path) -> Option<u32> {
    let release = fs::read_to_string(home.join("release")).ok()?;
    leading_number(release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION=\""))?)
}

fn leading_number(version: &str) -> Option<u32> {
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Programs of ours in Java, and the libraries that Maven brings them.
pub(crate) struct Programs {
    /// Has `pom.xml` and, in `java/`, the programs.
    folder: &'static str,
    /// Sources of another folder that they need too.
    others: &'static [&'static str],
    class_path: OnceLock<String>,
}

impl Programs {
    pub(crate) const fn in_folder(folder: &'static str, others: &'static [&'static str]) -> Self {
        Self { folder, others, class_path: OnceLock::new() }
    }

    /// The programs, compiled, and the libraries.
    pub(crate) fn class_path(&self) -> &str {
        self.class_path.get_or_init(|| {
            let mut hasher = DefaultHasher::new();
            for file in self.sources().iter().chain([&self.pom()]) {
                (file.file_name(), fs::read(file).expect("cannot read a program")).hash(&mut hasher);
            }
            let ready = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("java-{:016x}", hasher.finish()));
            prepared(&ready).unwrap_or_else(|| {
                self.prepare(&ready);
                prepared(&ready).expect("Maven named a library that it has not brought")
            })
        })
    }

    fn pom(&self) -> PathBuf {
        Path::new(self.folder).join("pom.xml")
    }

    fn sources(&self) -> Vec<PathBuf> {
        let folder = fs::read_dir(Path::new(self.folder).join("java")).expect("cannot read the folder of the programs");
        let own = folder.map(|entry| entry.expect("cannot read the folder of the programs").path());
        let mut sources: Vec<PathBuf> = own.chain(self.others.iter().map(PathBuf::from)).collect();
        sources.sort();
        sources
    }

    /// Fills a folder of its own and renames it, so that two runs at once do not meet.
    fn prepare(&self, ready: &Path) {
        let folder = scratch();
        self.resolve(&folder.path().join("class-path"));
        self.compile(folder.path());
        // This fails if another run was faster, which is as good, and if what is there names libraries that are gone.
        if fs::rename(folder.path(), ready).is_err() && prepared(ready).is_none() {
            fs::remove_dir_all(ready).expect("cannot remove a folder below target");
            fs::rename(folder.path(), ready).expect("cannot rename a folder below target");
        }
    }

    /// Asks Maven for the libraries, more than once because the network may fail.
    fn resolve(&self, file: &Path) {
        let mut maven = Command::new("mvn");
        maven.args(["--quiet", "--batch-mode", "--no-transfer-progress", "--file"]).arg(self.pom());
        maven.arg("dependency:build-classpath").arg(format!("-Dmdep.outputFile={}", file.display()));
        for pause in [5, 20, 60].map(Duration::from_secs) {
            if Finished::of(&mut maven).status.success() {
                return;
            }
            thread::sleep(pause);
        }
        Finished::of(&mut maven).successfully();
    }

    fn compile(&self, folder: &Path) {
        let libraries = fs::read_to_string(folder.join("class-path")).expect("Maven wrote no class path");
        let mut javac = Jdk::usual().tool("javac");
        javac.args(["--release", "17", "-Xlint:all", "-Werror", "-proc:none", "-cp", &libraries, "-d"]).arg(folder);
        Finished::of(javac.args(self.sources())).successfully();
    }
}

/// The class path that an earlier run prepared, if all that it names is still there.
fn prepared(ready: &Path) -> Option<String> {
    let libraries = fs::read_to_string(ready.join("class-path")).ok()?;
    let libraries = libraries.trim_end();
    env::split_paths(libraries).all(|library| library.exists()).then(|| format!("{}:{libraries}", ready.display()))
}
