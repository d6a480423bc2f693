//! Runs that are killed: at each of their system calls, and at any time.

use std::fs;
use std::time::{Duration, Instant};

use super::{Act, CASES, Case, short_or_long, sites, tell};
use crate::support::command::Finished;
use crate::support::threads;

#[test]
#[ignore = "needs strace and root"]
fn battery_a_run_that_is_killed_at_any_call_loses_nothing_and_the_next_finishes_the_job() {
    for case in CASES {
        let calls = calls(case);
        let first = calls.iter().position(|call| is_change(call)).unwrap();
        let placing = calls.iter().position(|call| call.starts_with("syncfs(") || call.contains("\"retired\""));
        let placing = u32::try_from(placing.unwrap_or(first)).unwrap();
        let count = u32::try_from(calls.len()).unwrap();
        // Before the first change of the disk there is little that could go wrong.
        let kills: Vec<u32> = sites(count, 10, placing).collect();
        let killed = threads::map(&kills, |n| {
            let act = Act::new(case);
            let run = act.scene.inject("all", "signal=KILL", &n.to_string());
            act.judge(&run);
            act.judge_next(&run);
            run.status.code().is_none()
        });
        let killed = killed.into_iter().filter(|was_killed| *was_killed).count();
        tell(&format!("{case:?}: {killed} of {} runs killed, at one of {count} calls each", kills.len()));
        assert!(killed + 5 > kills.len(), "only {killed} of {} runs were killed", kills.len());
    }
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
fn calls(case: Case) -> Vec<String> {
    let act = Act::new(case);
    let log = act.scene.log();
    Finished::of(&mut act.scene.run_under(&["strace", "-f", "-o", log.to_str().unwrap()])).successfully();
    let log = fs::read_to_string(log).unwrap();
    let mut threads: Vec<&str> = log.lines().filter_map(|line| line.split_whitespace().next()).collect();
    threads.dedup();
    assert_eq!(threads.len(), 1, "a run with one job has more than one thread");
    let calls = log.lines().filter_map(|line| Some(line.split_once(' ')?.1.trim_start().to_owned()));
    calls.filter(|call| !call.starts_with("+++") && !call.starts_with("---")).collect()
}

/// Says whether a call changes something on the disk.
fn is_change(call: &str) -> bool {
    let name = call.split('(').next().unwrap_or_default();
    ["mkdir", "mkdirat", "rename", "renameat", "renameat2", "linkat", "unlinkat"].contains(&name) || call.contains("O_CREAT")
}
