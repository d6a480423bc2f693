//! Runs in which a call fails: a bad sector, a full disk, a quota, a signal.

use super::{Act, CASES, Case, IS_LONG, tell};
use crate::support::threads;

/// The calls through which a bundle comes to lie on the disk.
const OF_FILES: [&str; 25] = [
    "close",
    "fchmod",
    "fchown",
    "fcntl",
    "fgetxattr",
    "flock",
    "fremovexattr",
    "fsetxattr",
    "fsync",
    "getdents64",
    "link",
    "linkat",
    "mkdir",
    "mkdirat",
    "newfstatat",
    "openat",
    "read",
    "rename",
    "renameat",
    "renameat2",
    "syncfs",
    "statx",
    "unlink",
    "unlinkat",
    "write",
];

/// The calls that the short form makes fail.
const THAT_CHANGE: [&str; 8] = ["fsync", "linkat", "mkdirat", "renameat", "renameat2", "syncfs", "unlinkat", "write"];

/// A call that fails: its name, the error, and when.
type Failure<'c> = (&'c str, &'static str, String);

#[test]
#[ignore = "needs strace and root"]
fn battery_a_run_in_which_any_call_fails_loses_nothing_and_says_whether_it_is_done() {
    let mut total = 0;
    for case in CASES {
        let calls = Act::new(case).scene.calls();
        assert!(calls.iter().any(|(name, _)| name.starts_with("rename")), "{calls:?}");
        let failures: Vec<Failure<'_>> = calls.iter().flat_map(|(name, count)| failures(case, name, *count)).collect();
        let failed = threads::map(&failures, |(name, error, when)| {
            let act = Act::new(case);
            let run = act.scene.inject(name, &format!("error={error}"), when);
            assert!(run.status.code().is_some(), "{run}");
            act.judge(&run);
            act.judge_next(&run);
            !run.status.success()
        });
        let failed = failed.into_iter().filter(|has_failed| *has_failed).count();
        tell(&format!("{case:?}: {failed} of {} runs failed in which a call fails", failures.len()));
        total += failures.len();
        assert!(failed > failures.len() / 4, "{case:?}: only {failed} of {} runs failed", failures.len());
    }
    tell(&format!("{total} failures of calls"));
}

/// Returns what shall become of the calls of a name: each fails once, as with a bad sector, or from then on, as with a full disk.
fn failures(case: Case, name: &str, count: u32) -> impl Iterator<Item = Failure<'_>> {
    let errors: &[&str] = match *IS_LONG {
        _ if !OF_FILES.contains(&name) => &[],
        true => &["ENOSPC", "EIO", "EDQUOT", "EINTR"],
        false if THAT_CHANGE.contains(&name) => &["ENOSPC", "EINTR"],
        false => &["EIO"],
    };
    // Of the calls that change nothing, the short form takes some; all of those by which an old key's copy is kept until it may go.
    let is_whole = THAT_CHANGE.contains(&name) || (case == Case::Rekey && ["newfstatat", "openat"].contains(&name));
    let step = if *IS_LONG || is_whole { 1 } else { 10 };
    (1..=count).step_by(step).flat_map(move |n| {
        errors.iter().flat_map(move |error| {
            let once = (name, *error, n.to_string());
            // Interrupted for ever, a call is tried again for ever.
            let ever = (*error != "EINTR").then(|| (name, *error, format!("{n}+")));
            let is_wanted = move |at: usize| *IS_LONG || *error == "EINTR" || n % 2 == u32::from(at == 0);
            [Some(once), ever].into_iter().enumerate().filter(move |(at, _)| is_wanted(*at)).filter_map(|(_, one)| one)
        })
    })
}

#[test]
#[ignore = "needs strace and root"]
fn battery_a_run_whose_calls_are_interrupted_goes_on() {
    // Twice the same in short: calls that are tried again by themselves, and those that this program tries again.
    for (case, name) in
        [(Case::Change, "renameat2"), (Case::Change, "linkat"), (Case::Fresh, "mkdirat"), (Case::Prune, "renameat2")]
    {
        let act = Act::new(case);
        let run = act.scene.inject(name, "error=EINTR", "1+2").successfully();
        act.judge(&run);
        act.judge_next(&run);
    }
}
