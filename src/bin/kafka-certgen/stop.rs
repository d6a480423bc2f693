//! Ctrl-C and its like: a run ends between two pieces of work, and leaves what it shall leave.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// How long another signal is taken for the same one: programs that run others, as `timeout` does, send it twice.
pub(crate) const ECHO: Duration = Duration::from_millis(500);

/// Whether the run was asked to stop.
#[derive(Clone, Default)]
pub(crate) struct Stop {
    is_asked: Arc<AtomicBool>,
    /// Whether a signal ends the process, as it does in other programs.
    is_final: Arc<AtomicBool>,
}

impl Stop {
    /// Takes over the signals that ask a program to stop: they are remembered, until [`Stop::give_back`] is called.
    ///
    /// Who calls this has to look at [`Stop::is_asked`] from then on. A signal that was ignored when the run began stays so, as
    /// `nohup` wants it.
    pub(crate) fn on_signals() -> Self {
        let stop = Self::default();
        let ignored = ignored_signals();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            if ignored >> (signal - 1) & 1 == 1 {
                continue;
            }
            let ends = flag::register_conditional_default(signal, Arc::clone(&stop.is_final));
            // A signal that cannot be taken over ends the process at once, as it always did.
            drop(ends.and_then(|_| flag::register(signal, Arc::clone(&stop.is_asked))));
        }
        stop
    }

    /// Lets the next signal end the process.
    pub(crate) fn give_back(&self) {
        self.is_final.store(true, Ordering::Relaxed);
    }

    /// Says whether the run was asked to stop.
    pub(crate) fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::Relaxed)
    }
}

/// Returns the signals that are ignored, bit by bit from 1 on; none where the system does not tell.
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored_in(&status)
}

fn ignored_in(status: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_those_that_linux_tells() {
        assert_eq!(ignored_in("Name:\tx\nSigIgn:\t0000000000001001\nSigCgt:\t01\n"), 0x1001);
        assert_eq!(ignored_in("Name:\tx\n"), 0);
        assert_eq!(ignored_in("SigIgn:\tx\n"), 0);
    }

    #[test]
    fn nobody_has_asked_at_first() {
        assert!(!Stop::default().is_asked());
    }
}
