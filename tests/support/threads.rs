//! Many short runs of other programs, several at a time.

use std::thread;

/// More than there are cores: most of the time such a run waits for the disk.
const THREADS: usize = 6;

/// Returns `f` of each item, in the order of the items.
pub(crate) fn map<'t, T: Sync, R: Send>(items: &'t [T], f: impl Fn(&'t T) -> R + Sync) -> Vec<R> {
    let share = items.len().div_ceil(THREADS).max(1);
    thread::scope(|scope| {
        let threads: Vec<_> =
            items.chunks(share).map(|items| scope.spawn(|| items.iter().map(&f).collect::<Vec<_>>())).collect();
        let joined =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.flatten().collect()
    })
}
