//! Every system call is the last one of a run, and every one that concerns files fails.

use std::path::Path;
use std::process::Command;

use super::Scene;
use crate::support::command::Finished;
use crate::support::threads;

/// The calls through which a bundle comes to lie on the disk.
const OF_FILES: [&str; 15] = [
    "access",
    "close",
    "flock",
    "fstat",
    "fsync",
    "getdents64",
    "mkdirat",
    "newfstatat",
    "openat",
    "renameat",
    "renameat2",
    "statx",
    "syncfs",
    "unlinkat",
    "write",
];

#[test]
#[ignore = "needs strace and root"]
fn a_run_that_is_killed_at_any_call_leaves_a_whole_bundle_or_none() {
    let calls: Vec<(String, u32)> =
        calls().into_iter().flat_map(|(name, count)| (1..=count).map(move |n| (name.clone(), n))).collect();
    let killed = threads::map(&calls, |(name, n)| {
        let scene = Scene::new();
        let run = scene.inject(name, "signal=KILL", &n.to_string());
        scene.judge(&run);
        scene.judge_next(&run);
        run.status.code().is_none()
    });
    let killed = killed.into_iter().filter(|was_killed| *was_killed).count();
    // Other threads share some of the calls, so that a few runs come to their end.
    assert!(killed > calls.len() * 3 / 4, "only {killed} of {} runs were killed", calls.len());
}

#[test]
#[ignore = "needs strace and root"]
fn a_run_in_which_any_call_fails_leaves_a_whole_bundle_or_none() {
    let calls = calls().into_iter().filter(|(name, _)| OF_FILES.contains(&name.as_str()));
    let failures: Vec<(String, &str, String)> = calls
        .flat_map(|(name, count)| {
            (1..=count).flat_map(move |n| {
                let name = name.clone();
                // Once, and from then on: a bad sector, and a full disk.
                [("EIO", n.to_string()), ("ENOSPC", format!("{n}+"))].map(|(error, when)| (name.clone(), error, when))
            })
        })
        .collect();
    let failed = threads::map(&failures, |(name, error, when)| {
        let scene = Scene::new();
        let run = scene.inject(name, &format!("error={error}"), when);
        assert!(run.status.code().is_some(), "{run}");
        scene.judge(&run);
        scene.judge_next(&run);
        !run.status.success()
    });
    let failed = failed.into_iter().filter(|has_failed| *has_failed).count();
    assert!(failed > failures.len() / 2, "only {failed} of {} runs failed", failures.len());
}

fn calls() -> Vec<(String, u32)> {
    let calls = Scene::new().calls();
    assert!(calls.iter().any(|(name, _)| name == "renameat"), "{calls:?}");
    calls
}

/// Returns which system calls a run makes, and how often.
pub(super) fn count(log: &Path, run_under: impl Fn(&[&str]) -> Command) -> Vec<(String, u32)> {
    Finished::of(&mut run_under(&["strace", "-f", "-c", "-o", log.to_str().unwrap()])).successfully();
    let table = std::fs::read_to_string(log).unwrap();
    let rows = table.lines().filter_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [_, _, _, calls, .., name] = columns.as_slice() else { return None };
        Some(((*name).to_owned(), calls.parse().ok()?))
    });
    rows.filter(|(name, _)| name != "total").collect()
}
