//! `cargo bench --bench scale`: many identities, beside the script and bare key generation.
//!
//! The contenders take turns. Prints a Markdown table; asserts nothing. It can be told more with variables of the environment:
//! `N`, how many brokers have RSA-2048 keys (100; 1000 for the long form), `IDENTITIES`, the numbers of those with P-256 keys
//! (`100,1000,10000`), and `ROUNDS` (3).
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints, and stops when it cannot measure")]

mod turns;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use kafka_certgen::pki::KeyPair;
use kafka_certgen::spec::KeyAlgorithm;
use tempfile::TempDir;

use crate::turns::{BINARY, Contender, Row, SCRIPT, cores, has, milliseconds, number, shell, take_turns};

/// How often a running program is asked for its memory: the highest that it had until then is what it says.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// What a run says beside its time: the most memory, in KiB, of a program.
type Peak = Option<u64>;

/// A contender, with how many nodes it makes.
struct Measured {
    nodes: usize,
    contender: Contender<Peak>,
}

fn main() {
    let (brokers, rounds) = (number("N", 100), number("ROUNDS", 3));
    let identities = std::env::var("IDENTITIES").unwrap_or_else(|_| "100,1000,10000".to_owned());
    let identities: Vec<usize> = identities.split(',').filter_map(|count| count.trim().parse().ok()).collect();

    // What is made stays for all rounds. To remove it is no part of the work, and ext4 is slow to make files for some minutes after many
    // were removed.
    let kept = TempDir::new().expect("a temporary folder");
    let place = kept.path().to_owned();

    let mut all = Vec::new();
    if has("keytool") && has("openssl") {
        all.push(measured(1, "the script (keytool and OpenSSL)", || {
            shell(SCRIPT);
            None
        }));
    }
    let bare = all.len();
    all.push(measured(brokers, "bare generation of the keys: an RSA-3072 for the CA, RSA-2048", move || {
        bare_rsa(brokers);
        None
    }));
    all.push(measured(brokers, "`init` with its defaults: such keys, JKS and PKCS#12", {
        let place = place.clone();
        move || init(&place, brokers, &[])
    }));
    for count in identities.iter().copied() {
        let place = place.clone();
        let run = move || {
            let formats = ["--format", "jks,pkcs12,pem"];
            init(&place, count, &[&["--key-alg", "ec-p256", "--ca-key-alg", "ec-p256"], &formats[..]].concat())
        };
        all.push(measured(count, "`init`, P-256, JKS, PKCS#12 and PEM", run));
    }
    if has_apply() {
        for count in identities.iter().copied() {
            let (file, bundle) = (kept.path().join(format!("{count}.yaml")), kept.path().join(count.to_string()));
            fs::write(&file, cluster_file(count)).expect("a file of a cluster");
            peak_of(apply(&file, &bundle));
            let run = move || peak_of(apply(&file, &bundle));
            all.push(measured(count, "`apply` where nothing is to be done, the same", run));
        }
    }

    let nodes: Vec<usize> = all.iter().map(|one| one.nodes).collect();
    let contenders: Vec<Contender<Peak>> = all.into_iter().map(|one| one.contender).collect();
    let rows = take_turns(&contenders, 0, rounds);
    println!("{}", table(&rows, &nodes, bare, rounds));
}

fn measured(nodes: usize, name: &str, run: impl Fn() -> Peak + 'static) -> Measured {
    Measured { nodes, contender: Contender::new(name, run) }
}

fn table(rows: &[Row<Peak>], nodes: &[usize], bare: usize, rounds: usize) -> String {
    let mut out = format!("median of {rounds} rounds, {} cores\n\n", cores());
    out.push_str(
        "| | nodes | seconds | ms a node | times bare generation | peak MiB |\n|---|---:|---:|---:|---:|---:|\n",
    );
    let bare_time = rows.get(bare).map(Row::median).unwrap_or_default();
    for (index, (row, nodes)) in rows.iter().zip(nodes).enumerate() {
        let time = row.median();
        let each = milliseconds(time) / f64::from(u32::try_from(*nodes).expect("a number of nodes"));
        // Beside the other that makes as many keys of the same kind.
        let ratio = if index == bare || index == bare + 1 {
            format!("{:.3}", time.as_secs_f64() / bare_time.as_secs_f64())
        } else {
            String::new()
        };
        let peak = row.turns.iter().filter_map(|(_, peak)| *peak).max();
        let peak = peak.map_or(String::new(), |kib| format!("{}", kib.div_ceil(1024)));
        let seconds = time.as_secs_f64();
        writeln!(out, "| {} | {nodes} | {seconds:.2} | {each:.2} | {ratio} | {peak} |", row.name)
            .expect("writing to a String");
    }
    out
}

/// Makes the keys of a CA and of so many brokers on all cores.
fn bare_rsa(brokers: usize) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..cores() {
            scope.spawn(|| {
                loop {
                    let algorithm = match next.fetch_add(1, Ordering::Relaxed) {
                        0 => KeyAlgorithm::CA,
                        taken if taken <= brokers => KeyAlgorithm::Rsa2048,
                        _ => break,
                    };
                    KeyPair::generate(algorithm).expect("a key");
                }
            });
        }
    });
}

fn init(place: &Path, brokers: usize, flags: &[&str]) -> Peak {
    let folder = TempDir::new_in(place).expect("a temporary folder").keep();
    let mut command = Command::new(BINARY);
    command.args(["init", "--quiet", "--cn", &names(brokers)]).args(flags).current_dir(folder);
    peak_of(command)
}

fn has_apply() -> bool {
    let status = Command::new(BINARY).args(["apply", "--help"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn apply(file: &Path, bundle: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.args(["apply", "--quiet", "-f"]).arg(file).arg("--out").arg(bundle).stdout(Stdio::null());
    command
}

fn cluster_file(brokers: usize) -> String {
    let names = names(brokers);
    format!(
        "ca:\n  key_algorithm: ec-p256\ndefaults:\n  key_algorithm: ec-p256\n  formats: [jks, pkcs12, pem]\n\
         brokers:\n  - {names}\n"
    )
}

fn names(count: usize) -> String {
    format!("broker[00001-{count:05}]")
}

/// Runs a program to its end, and returns the most memory that it was seen to have.
fn peak_of(mut command: Command) -> Peak {
    let mut child = command.spawn().expect("the binary");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    loop {
        // Gone as soon as the program has ended, and absent where there is no /proc.
        peak = peak.max(fs::read_to_string(&status).ok().as_deref().and_then(high_water));
        if let Some(status) = child.try_wait().expect("the program's end") {
            assert!(status.success(), "{command:?}: {status}");
            return peak;
        }
        thread::sleep(BETWEEN_LOOKS);
    }
}

/// Returns the highest resident set so far, in KiB (`proc_pid_status(5)`).
fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
