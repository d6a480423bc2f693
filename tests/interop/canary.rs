//! Passwords go into files that only their owner can read, and nowhere else.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::bundle::{BINARY, Bundle, QUICK_KEYS, scratch};
use crate::support::command::{Finished, command};
use crate::support::threads;

const STORE: &str = "canary-store-8f14e45f";
const KEY: &str = "canary-key-c9f0f895";
const CA: &str = "canary-ca-45c48cce";

/// The values of `--storepass`, `--keypass` and `--ca-pass`.
const SOURCES: [[&str; 3]; 4] = [
    ["file:store", "file:key", "file:ca"],
    ["env:STORE", "env:KEY", "env:CA"],
    ["stdin", "stdin", "stdin"],
    ["fd:0", "file:key", "file:ca"],
];

const REPORTS: [&[&str]; 3] = [&[], &["--json"], &["--verbose"]];

/// What makes a call fail, each at another stage.
const MISTAKES: [&[&str]; 6] = [
    &["--out", "out"],
    &["--out", "absent/out"],
    &["--out", "other", "--cn", "a b"],
    &["--out", "other", "--format", "pkcs12"],
    &["--out", "other", "--storepass", STORE],
    &["--out", "other", "--unknown"],
];

#[test]
#[ignore = "needs strace and root"]
fn passwords_are_in_files_of_their_owner_and_nowhere_else() {
    let calls: Vec<_> = SOURCES.iter().flat_map(|sources| REPORTS.map(|report| (sources, report))).collect();
    threads::map(&calls, |([store, key, ca], report)| {
        let folder = scratch();
        let passwords = [["--storepass", store, "--keypass", key, "--ca-pass", ca].as_slice(), report].concat();
        assert_silent(
            &run(folder.path(), &[&passwords, ["--out", "out"].as_slice()].concat()).successfully(),
            &[STORE, KEY, CA],
        );
        assert_eq!(Bundle(folder.path().join("out")).password("broker1"), STORE);
        assert_secret(&folder.path().join("out"), &[STORE, KEY, CA]);
        for mistake in MISTAKES {
            assert_silent(&run(folder.path(), &[&passwords, mistake].concat()).in_vain(), &[STORE, KEY, CA]);
        }
    });
}

#[test]
#[ignore = "needs strace and root"]
fn made_passwords_are_in_files_of_their_owner_and_nowhere_else() {
    for report in REPORTS {
        let folder = scratch();
        let made = run(folder.path(), &[report, &["--client", "app1", "--out", "out"]].concat()).successfully();
        let bundle = Bundle(folder.path().join("out"));
        let ca_password = bundle.read("ca/ca-key.password");
        let passwords = [bundle.password("broker1"), bundle.password("app1"), ca_password.trim_end().to_owned()];
        let passwords = passwords.each_ref().map(String::as_str);
        assert!(passwords.iter().all(|password| password.len() >= 26));
        assert_silent(&made, &passwords);
        assert_secret(&bundle.0, &passwords);
    }
}

/// Runs `init`, which must not start any other program: that one's arguments could be read by everybody.
fn run(folder: &Path, arguments: &[&str]) -> Finished {
    for (name, password) in [("store", STORE), ("key", KEY), ("ca", CA)] {
        fs::write(folder.join(name), password).unwrap();
    }
    fs::write(folder.join("lines"), format!("{STORE}\n{KEY}\n{CA}\n")).unwrap();
    let stdin = if arguments.contains(&"stdin") { "lines" } else { "store" };
    let mut strace = command("strace", ["-f", "-o", "log", "-e", "trace=execve", BINARY, "init", "--cn", "broker1"]);
    strace.args(["--format", "jks,pem", "--pem-key", "pbes2"]).args(QUICK_KEYS).args(arguments);
    strace.current_dir(folder).envs([("STORE", STORE), ("KEY", KEY), ("CA", CA)]);
    let run = Finished::of(strace.stdin(File::open(folder.join(stdin)).unwrap()));
    let log = fs::read_to_string(folder.join("log")).unwrap();
    assert_eq!(log.matches("execve(").count(), 1, "{log}");
    run
}

fn assert_silent(run: &Finished, passwords: &[&str]) {
    for password in passwords {
        assert!(!run.stdout.contains(password) && !run.stderr.contains(password), "{run}");
    }
}

/// Checks that whatever holds a password can be read by its owner alone.
fn assert_secret(folder: &Path, passwords: &[&str]) {
    let mut grep = command("grep", ["--recursive", "--files-with-matches", "--fixed-strings"]);
    grep.args(passwords.iter().flat_map(|password| ["-e", password])).arg(folder);
    let found = Finished::of(&mut grep).successfully().stdout;
    for file in found.lines() {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
    }
}
