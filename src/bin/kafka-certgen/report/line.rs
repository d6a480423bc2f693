//! The line of stderr that is written again and again while a run is long. Whatever else is said takes it away first.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many characters the line has that stands there.
static SHOWN: Mutex<usize> = Mutex::new(0);

/// Writes the line in the place of the one that stands there.
pub(super) fn show(line: &str) {
    let mut shown = lock();
    write(&mut shown, line);
}

/// Takes the line away.
pub(super) fn clear() {
    let mut shown = lock();
    if *shown > 0 {
        write(&mut shown, "");
    }
}

/// Takes the line away, and writes something that stays. If nobody can hear it, the exit status still says what happened.
pub(super) fn say(text: &str) {
    let mut shown = lock();
    if *shown > 0 {
        write(&mut shown, "");
    }
    drop(writeln!(io::stderr().lock(), "{text}"));
}

fn write(shown: &mut MutexGuard<'_, usize>, line: &str) {
    let length = line.chars().count();
    let width = length.max(**shown);
    **shown = length;
    let mut stderr = io::stderr().lock();
    drop(write!(stderr, "\r{line:width$}\r").and_then(|()| stderr.flush()));
}

fn lock() -> MutexGuard<'static, usize> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}
