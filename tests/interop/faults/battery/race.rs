//! Many runs at once, and those of them that hold the lock killed.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::{Act, Case, STOCK, apply, judge, short_or_long, tell};
use crate::support::bundle::BINARY;
use crate::support::command::{Finished, command};

const RUNS: usize = 32;

/// A run among many.
struct Runner {
    child: Child,
    /// The identity that is there when it has done what it was asked to.
    makes: Option<String>,
    is_killed: bool,
}

#[test]
#[ignore = "needs strace and root"]
fn battery_of_many_runs_at_once_whose_lock_holders_are_killed_none_loses_anything() {
    let (mut done, mut killed, mut holders) = (0, 0, 0);
    let rounds = short_or_long(6, 500);
    for round in 0..rounds {
        let mut act = Act::new(Case::Change);
        let out = act.out();
        let mut runners: Vec<Runner> = (0..RUNS).map(|n| start(n, &out)).collect();
        for n in 0..8 {
            thread::sleep(Duration::from_millis(5 + (round * 7 + n * 13) % 30));
            if kill_holder(&out, &mut runners) {
                holders += 1;
            }
        }
        let mut made = Vec::new();
        for mut runner in runners {
            let code = runner.child.wait().unwrap().code();
            if runner.is_killed {
                killed += usize::from(code.is_none());
            } else {
                assert_eq!(code, Some(0), "a run failed that was not killed, in round {round}");
            }
            if code == Some(0) {
                made.extend(runner.makes);
                done += 1;
            }
        }
        let last = Finished::of(&mut act.scene.run()).successfully();
        for name in &made {
            judge::assert_identity(&out.join(name), &last);
        }
        for name in judge::names_below(&out).iter().filter(|name| name.starts_with("added")) {
            judge::assert_identity(&out.join(name), &last);
        }
        act.judge_keys(&last);
        let names = judge::names_below(&out);
        assert!(names.iter().all(|name| !name.starts_with('.')), "{names:?} after {last}");
        // All are in the inventory, whoever made them.
        let identities: Vec<&str> =
            names.iter().map(String::as_str).filter(|name| !["ca", "bundle.json", "retired"].contains(name)).collect();
        judge::assert_inventory_names(&out, &identities, &last);
        act.case = Case::Change;
        act.judge_idle(&last);
    }
    tell(&format!(
        "{rounds} rounds of {RUNS} runs at once: {done} done, {killed} killed, {holders} of them when they had the lock"
    ));
    assert!(holders > 0, "no run was killed that had the lock");
}

/// Starts one of a mixture: the same as the others, with a name of its own, or over a part.
fn start(n: usize, out: &Path) -> Runner {
    let own = format!("added{n}");
    let (arguments, makes): (Vec<OsString>, _) = match n % 4 {
        0 | 1 => {
            let words = ["add", "--cn", &own, "--key-alg", "ec-p256", "--out"].map(OsString::from);
            (words.into_iter().chain([out.into()]).collect(), Some(own))
        }
        2 => (apply("new.yaml", &STOCK, out), Some("broker5".to_owned())),
        _ => {
            let part = ["--only", "broker2"].map(OsString::from);
            (apply("new.yaml", &STOCK, out).into_iter().chain(part).collect(), Some("broker2".to_owned()))
        }
    };
    let child = quiet(&mut command(BINARY, arguments)).spawn().unwrap();
    Runner { child, makes, is_killed: false }
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::null()).stderr(Stdio::null())
}

/// Kills the run that has the lock of a bundle, if one has it.
fn kill_holder(out: &Path, runners: &mut [Runner]) -> bool {
    let inode = fs::metadata(out).unwrap().ino().to_string();
    let locks = fs::read_to_string("/proc/locks").unwrap();
    let held = locks.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let is_of_bundle = |lock: &Vec<&str>| {
        lock.get(1) == Some(&"FLOCK") && lock.get(5).is_some_and(|file| file.rsplit(':').next() == Some(&*inode))
    };
    let holder = held.filter(is_of_bundle).find_map(|lock| lock.get(4)?.parse::<u32>().ok());
    let Some(runner) = runners.iter_mut().find(|runner| Some(runner.child.id()) == holder) else { return false };
    runner.is_killed = true;
    runner.child.kill().is_ok()
}

#[test]
#[ignore = "needs strace and root"]
fn battery_of_many_runs_that_begin_with_nothing_one_bundle_comes() {
    for _ in 0..short_or_long(2, 50) {
        let act = Act::new(Case::Fresh);
        let start = |_| quiet(&mut act.scene.run()).spawn().unwrap();
        let runs: Vec<Child> = (0..RUNS).map(start).collect();
        let codes: Vec<_> = runs.into_iter().map(|mut run| run.wait().unwrap().code()).collect();
        // Who looked before there was a bundle, and came to make one when there was, says so.
        assert!(codes.contains(&Some(0)) && codes.iter().all(|code| matches!(code, Some(0 | 1))), "{codes:?}");
        let last = Finished::of(&mut act.scene.run()).successfully().saying("nothing to do");
        act.judge(&last);
        act.judge_next(&last);
    }
}
