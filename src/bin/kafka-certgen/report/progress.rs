//! How far a long run is, on a line of stderr that is written again and again.

use std::time::{Duration, Instant};

use super::{Terminal, line};

mod identities;

pub(crate) use identities::{IdentityProgress, grouped};

/// How often the line is written.
const PAUSE: Duration = Duration::from_millis(300);

/// What has been read of what there is.
pub(crate) struct Progress {
    is_shown: bool,
    /// How many bytes there are, if that is known.
    total: Option<u64>,
    done: u64,
    start: Instant,
    last: Option<Instant>,
}

impl Progress {
    pub(crate) fn new(total: Option<u64>, terminal: &Terminal) -> Self {
        Self { is_shown: terminal.is_watched(), total, done: 0, start: Instant::now(), last: None }
    }

    /// Says that so many bytes more were read.
    pub(crate) fn add(&mut self, bytes: usize) {
        self.done = self.done.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        let now = Instant::now();
        if self.is_shown && now.duration_since(self.last.unwrap_or(self.start)) >= PAUSE {
            self.last = Some(now);
            line::show(&text(self.done, self.total, now.duration_since(self.start)));
        }
    }
}

impl Drop for Progress {
    /// Takes the line away.
    fn drop(&mut self) {
        line::clear();
    }
}

fn text(done: u64, total: Option<u64>, elapsed: Duration) -> String {
    let rate = u128::from(done) * 1000 / elapsed.as_millis().max(1);
    let of_all = match total {
        Some(total) if total > 0 => {
            format!(" of {}, {} %", size(total), (u128::from(done) * 100 / u128::from(total)).min(100))
        }
        _ => String::new(),
    };
    format!("read {}{of_all}, {}/s", size(done), size(u64::try_from(rate).unwrap_or(u64::MAX)))
}

/// Returns a size as it is easy to read.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..10_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_much_of_what_and_how_fast() {
        let second = Duration::from_secs(1);
        assert_eq!(text(250_000_000, Some(1_000_000_000), second), "read 250 MB of 1000 MB, 25 %, 250 MB/s");
        assert_eq!(text(999, None, second), "read 999 bytes, 999 bytes/s");
        // A log grows while it is read.
        assert_eq!(text(4_000, Some(2_000), second), "read 4 kB of 2 kB, 100 %, 4 kB/s");
    }
}
