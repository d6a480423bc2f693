//! Runs that are killed: at each of their system calls, and at any time.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use super::{Act, CASES, Case, IS_LONG, short_or_long, tell};
use crate::support::command::Finished;
use crate::support::threads;

#[test]
#[ignore = "needs strace and root"]
fn battery_a_run_that_is_killed_at_any_call_loses_nothing_and_the_next_finishes_the_job() {
    for case in CASES {
        let calls = calls(case, &[]);
        let kills = kills(&calls);
        let killed = threads::map(&kills, |(name, n)| {
            let act = Act::new(case);
            let run = act.scene.inject(name, "signal=KILL", &n.to_string());
            act.judge(&run);
            act.judge_next(&run);
            run.status.code().is_none()
        });
        let killed = killed.into_iter().filter(|was_killed| *was_killed).count();
        tell(&format!("{case:?}: {killed} of {} runs killed, at one of {} calls each", kills.len(), calls.len()));
        assert!(killed + 5 > kills.len(), "only {killed} of {} runs were killed", kills.len());
    }
}

/// Where two folders cannot be exchanged, an old one has another name for a moment, and the next run brings it back.
#[test]
#[ignore = "needs strace and root"]
fn battery_a_run_that_is_killed_where_nothing_can_be_exchanged_loses_nothing() {
    let no_exchange = ["-e", "inject=renameat2:error=EINVAL"];
    for case in [Case::Change, Case::Rekey, Case::Prune] {
        let calls = calls(case, &no_exchange);
        assert!(calls.iter().any(|call| call.contains(".kafka-certgen-replaced-")) || case == Case::Prune);
        let kills: Vec<_> = kills(&calls).into_iter().filter(|(name, _)| *name != "renameat2").collect();
        let killed = threads::map(&kills, |(name, n)| {
            let act = Act::new(case);
            let [log, kill] = [act.scene.log().display().to_string(), format!("inject={name}:signal=KILL:when={n}")];
            let wrapper = [["strace", "-f", "-o", &log].as_slice(), &no_exchange, &["-e", &kill]].concat();
            let run = Finished::of(&mut act.scene.run_under(&wrapper));
            act.judge_moved(&run);
            act.judge_next(&run);
            run.status.code().is_none()
        });
        let killed = killed.into_iter().filter(|was_killed| *was_killed).count();
        tell(&format!("{case:?}: {killed} of {} runs killed where nothing can be exchanged", kills.len()));
        assert!(killed + 5 > kills.len(), "only {killed} of {} runs were killed", kills.len());
    }
}

/// Returns the calls at which a run is killed: names, and how many of each name there were up to it.
fn kills(calls: &[String]) -> Vec<(&str, u32)> {
    let mut counts = BTreeMap::new();
    let every: Vec<(&str, u32)> = calls.iter().map(|call| counted(call, &mut counts)).collect();
    // A kill before a call that changes nothing leaves what one before the next that does leaves.
    let is_chosen = |at: usize| *IS_LONG || at.is_multiple_of(40) || is_change(&calls[at]);
    (0..every.len()).filter(|at| is_chosen(*at)).map(|at| every[at]).collect()
}

#[test]
#[ignore = "needs strace and root"]
fn battery_a_run_with_many_threads_that_is_killed_at_any_time_loses_nothing() {
    let rounds: u32 = short_or_long(20, 1000);
    for case in CASES {
        let act = with_threads(case);
        let begin = Instant::now();
        Finished::of(&mut act.scene.run()).successfully();
        let whole = begin.elapsed();
        // Spread over the time that a run takes, by a step that comes by each part of it.
        let times: Vec<Duration> = (0..rounds / 5).map(|n| whole.mul_f64(f64::from(n) * 0.618_034 % 1.0)).collect();
        let killed = threads::map(&times, |time| {
            let act = with_threads(case);
            let run = killed_after(&act, *time);
            act.judge(&run);
            act.judge_next(&run);
            run.status.code().is_none()
        });
        let killed = killed.into_iter().filter(|was_killed| *was_killed).count();
        tell(&format!("{case:?}: {killed} of {} runs killed at any time", times.len()));
        assert!(killed > 0, "{case:?}: no run was killed");
    }
}

fn with_threads(case: Case) -> Act {
    let mut act = Act::new(case);
    for argument in &mut act.scene.arguments {
        if argument == "1" {
            *argument = "4".into();
        }
    }
    act
}

fn killed_after(act: &Act, time: Duration) -> Finished {
    // `timeout` says by its own end how the run has ended.
    let seconds = format!("{:.6}", time.as_secs_f64().max(0.000_001));
    Finished::of(&mut act.scene.run_under(&["timeout", "--signal=KILL", &seconds]))
}

/// Returns the system calls that a run makes, in their order.
pub(super) fn calls(case: Case, arguments: &[&str]) -> Vec<String> {
    let act = Act::new(case);
    let log = act.scene.log();
    Finished::of(
        &mut act.scene.run_under(&[["strace", "-f", "-o", log.to_str().unwrap()].as_slice(), arguments].concat()),
    )
    .successfully();
    let log = fs::read_to_string(log).unwrap();
    // The thread that shows how far a run is makes few calls, and fewer than were made before it began.
    let main = log.split(' ').next().unwrap();
    let calls = log.lines().filter_map(|line| Some(line.strip_prefix(main)?.trim_start().to_owned()));
    calls.filter(|call| !call.starts_with(['+', '-', '<'])).collect()
}

/// Returns the name of a call, and how many of this name there were up to it: strace counts each name by itself.
pub(super) fn counted<'c>(call: &'c str, counts: &mut BTreeMap<&'c str, u32>) -> (&'c str, u32) {
    let name = call.split('(').next().unwrap();
    let count = counts.entry(name).or_default();
    *count += 1;
    (name, *count)
}

/// Says whether a call changes what others find on the disk.
fn is_change(call: &str) -> bool {
    let name = call.split('(').next().unwrap();
    ["fsync", "linkat", "mkdirat", "renameat", "renameat2", "syncfs", "unlinkat", "write"].contains(&name)
}
