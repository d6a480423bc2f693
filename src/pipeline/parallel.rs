//! Work spread over threads, results in the order of the work.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

use super::Environment;

/// Returns `f` of each piece of work. Threads take the next piece as they get free, since RSA keys take very different times.
pub(super) fn map<T: Send, R: Send>(work: Vec<T>, jobs: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    let jobs = jobs.min(work.len());
    if jobs <= 1 {
        return work.into_iter().map(f).collect();
    }
    let slots: Vec<Mutex<(Option<T>, Option<R>)>> =
        work.into_iter().map(|item| Mutex::new((Some(item), None))).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        while let Some(slot) = slots.get(next.fetch_add(1, Ordering::Relaxed)) {
            // Nobody else takes this slot, so the lock is free and held for no time.
            let item = slot.lock().map_or(None, |mut slot| slot.0.take());
            let result = item.map(&f);
            if let Ok(mut slot) = slot.lock() {
                slot.1 = result;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..jobs {
            scope.spawn(run);
        }
        run();
    });
    slots.into_iter().filter_map(|slot| slot.into_inner().ok().and_then(|(_, result)| result)).collect()
}

/// Hands `f` of each piece of work to `take`, on the caller's thread and in the order in which the pieces are done, so that no more of them
/// are in memory than there are threads, twice over. Stops early if the run is stopped, after what was begun is done; or if `take` fails.
pub(super) fn stream<T: Send, R: Send, E>(
    work: Vec<T>,
    environment: &Environment<'_>,
    f: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let jobs = environment.jobs.min(work.len());
    if jobs <= 1 {
        return work.into_iter().take_while(|_| !(environment.stopped)()).map(f).try_for_each(take);
    }
    let work = Mutex::new(work.into_iter());
    let has_failed = AtomicBool::new(false);
    let (sender, receiver) = sync_channel(jobs);
    thread::scope(|scope| {
        for _ in 0..jobs {
            let sender = sender.clone();
            scope.spawn(|| {
                let sender = sender;
                while !has_failed.load(Ordering::Relaxed) && !(environment.stopped)() {
                    let item = work.lock().map_or(None, |mut work| work.next());
                    let Some(item) = item else { break };
                    if sender.send(f(item)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut outcome = Ok(());
        for result in &receiver {
            // What was begun is waited for, and dropped.
            if outcome.is_ok() {
                outcome = take(result);
                has_failed.store(outcome.is_err(), Ordering::Relaxed);
            }
        }
        outcome
    })
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use super::*;
    use crate::random::SystemRandom;

    #[test]
    fn a_stream_hands_over_everything_once_and_stops_when_it_is_told_to() {
        for jobs in [0, 1, 2, 7, 1000] {
            let stopped = AtomicBool::new(false);
            let is_stopped = || stopped.load(Ordering::Relaxed);
            let environment = Environment {
                jobs,
                stopped: &is_stopped,
                ..Environment::new(OffsetDateTime::UNIX_EPOCH, &SystemRandom)
            };
            let mut seen = Vec::new();
            let all = stream(
                (0..100).collect(),
                &environment,
                |n: usize| n * n,
                |square| {
                    seen.push(square);
                    Ok::<(), ()>(())
                },
            );
            seen.sort_unstable();
            assert_eq!((all, seen), (Ok(()), (0..100).map(|n| n * n).collect()));

            let mut count = 0;
            let failed = stream(
                (0..100).collect(),
                &environment,
                |n: usize| n,
                |_| {
                    count += 1;
                    if count == 3 { Err("full") } else { Ok(()) }
                },
            );
            assert_eq!((failed, count), (Err("full"), 3));

            let mut count = 0;
            let partly = stream(
                (0..100_000).collect(),
                &environment,
                |n: usize| n,
                |_| {
                    count += 1;
                    stopped.store(true, Ordering::Relaxed);
                    Ok::<(), ()>(())
                },
            );
            assert_eq!(partly, Ok(()));
            assert!((1..100_000).contains(&count), "{count} with {jobs} jobs");
        }
    }

    #[test]
    fn results_stand_in_the_order_of_the_work() {
        let expected: Vec<usize> = (0..100).map(|n| n * n).collect();
        for jobs in [0, 1, 2, 7, 1000] {
            assert_eq!(map((0..100).collect(), jobs, |n: usize| n * n), expected);
        }
        assert!(map(Vec::new(), 4, |n: usize| n).is_empty());
    }
}
