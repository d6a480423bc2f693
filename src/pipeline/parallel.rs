//! Work spread over threads, results in the order of the work.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_work() {
        let expected: Vec<usize> = (0..100).map(|n| n * n).collect();
        for jobs in [0, 1, 2, 7, 1000] {
            assert_eq!(map((0..100).collect(), jobs, |n: usize| n * n), expected);
        }
        assert!(map(Vec::new(), 4, |n: usize| n).is_empty());
    }
}
