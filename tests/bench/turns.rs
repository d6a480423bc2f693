//! Contenders that take turns, so that a machine that gets slower gets slower for all; and what both benchmarks run.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_kafka-certgen");

/// The script of the seed, with its seven commands as they are.
pub(crate) const SCRIPT: &str = "
openssl req -new -x509 -keyout ca-key -out ca-cert -days 365 -passout pass:test1234 -subj /CN=broker1
keytool -genkey -keyalg RSA -keystore k.jks -validity 365 -storepass test1234 -keypass test1234 -alias b -dname CN=broker1
keytool -keystore t.jks -storepass test1234 -alias CARoot -import -file ca-cert -noprompt
keytool -keystore k.jks -certreq -file cert-file -alias b -storepass test1234 -keypass test1234
openssl x509 -req -CA ca-cert -CAkey ca-key -in cert-file -out cert-signed -days 365 -CAcreateserial -passin pass:test1234
keytool -keystore k.jks -alias CARoot -import -file ca-cert -storepass test1234 -keypass test1234 -noprompt
keytool -keystore k.jks -alias b -import -file cert-signed -storepass test1234 -keypass test1234 -noprompt
";

/// What is measured, and what it says beside its time.
pub(crate) struct Contender<T> {
    pub(crate) name: String,
    pub(crate) run: Box<dyn Fn() -> T>,
}

impl<T> Contender<T> {
    pub(crate) fn new(name: impl Into<String>, run: impl Fn() -> T + 'static) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }
}

/// The turns of one contender.
pub(crate) struct Row<T> {
    pub(crate) name: String,
    /// In the order of the rounds.
    pub(crate) turns: Vec<(Duration, T)>,
}

impl<T> Row<T> {
    /// Returns the times, the shortest first.
    pub(crate) fn times(&self) -> Vec<Duration> {
        let mut times: Vec<Duration> = self.turns.iter().map(|(time, _)| *time).collect();
        times.sort_unstable();
        times
    }

    pub(crate) fn median(&self) -> Duration {
        let times = self.times();
        times.get(times.len() / 2).copied().unwrap_or_default()
    }
}

/// Lets each run once a round, after as many rounds that only warm the caches up.
pub(crate) fn take_turns<T>(contenders: &[Contender<T>], warming: usize, rounds: usize) -> Vec<Row<T>> {
    let mut rows: Vec<Row<T>> =
        contenders.iter().map(|contender| Row { name: contender.name.clone(), turns: Vec::new() }).collect();
    for round in 0..warming + rounds {
        for (contender, row) in contenders.iter().zip(&mut rows) {
            let start = Instant::now();
            let said = (contender.run)();
            let time = start.elapsed();
            if round >= warming {
                row.turns.push((time, said));
            }
        }
    }
    rows
}

/// Returns a number that the environment sets, or else another.
pub(crate) fn number(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

pub(crate) fn has(tool: &str) -> bool {
    Command::new(tool).arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Runs commands of a shell in a folder of their own.
pub(crate) fn shell(script: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new("sh").args(["-e", "-c", script]).current_dir(folder.path()).output().expect("sh");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
