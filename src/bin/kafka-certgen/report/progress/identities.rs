//! How many identities are done: a bar on a terminal, lines in a log.

use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use kafka_certgen::name::NodeName;
use kafka_certgen::pipeline::Step;

use super::super::{Terminal, line};
use crate::stop::{ECHO, Stop};

/// How often the bar is written, and how soon a stop is told.
const PAUSE: Duration = Duration::from_millis(100);

/// What is done sooner than this needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often a line goes into a log.
const LOG_PAUSE: Duration = Duration::from_secs(10);

/// The most characters of the bar.
const MAX_BAR: usize = 40;

/// The least: a shorter one says nothing.
const MIN_BAR: usize = 8;

/// Shows how far a run is, until it is dropped.
pub(crate) struct IdentityProgress {
    done: Arc<AtomicUsize>,
    /// Ends the thread when it goes away.
    end: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Where it is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// On a line of the terminal that is written again and again.
    Bar,
    /// In lines of a log.
    Log,
    /// Steps are told one by one instead, or nothing is.
    Nowhere {
        /// Whether it is said that the run is going to stop.
        is_stop_told: bool,
    },
}

impl IdentityProgress {
    /// Begins to show how many of `total` identities are done, and says so when `stop` is asked for. After that, or when it is
    /// dropped, a signal ends the process again.
    pub(crate) fn start(total: usize, stop: &Stop, terminal: &Terminal) -> Self {
        let done = Arc::new(AtomicUsize::new(0));
        let place = match (terminal.is_quiet(), terminal.is_verbose(), io::stderr().is_terminal()) {
            (true, ..) => Place::Nowhere { is_stop_told: false },
            (_, true, _) => Place::Nowhere { is_stop_told: true },
            (_, _, true) => Place::Bar,
            (_, _, false) => Place::Log,
        };
        let (end, ended) = mpsc::channel();
        let watch = Watch { place, total, done: Arc::clone(&done), start: Instant::now(), stop: stop.clone() };
        let thread = thread::Builder::new().spawn(move || watch.run(&ended)).ok();
        if thread.is_none() {
            // A run without a bar is a run all the same.
            stop.give_back();
        }
        Self { done, end: Some(end), thread }
    }

    /// Takes note of a step that is done: an identity's last one is that of its stores.
    pub(crate) fn observe(&self, step: Step, node: Option<&NodeName>) {
        if step == Step::Store && node.is_some() {
            self.done.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for IdentityProgress {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// What the thread that writes looks at.
struct Watch {
    place: Place,
    total: usize,
    done: Arc<AtomicUsize>,
    start: Instant,
    stop: Stop,
}

impl Watch {
    fn run(&self, ended: &mpsc::Receiver<()>) {
        let mut asked = None;
        let mut logged = Duration::ZERO;
        while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
            if self.stop.is_asked() && asked.is_none() {
                asked = Some(Instant::now());
                if self.place != (Place::Nowhere { is_stop_told: false }) {
                    line::say("stopping: what is being made is finished; again to stop at once");
                }
            }
            if asked.is_some_and(|asked| asked.elapsed() >= ECHO) {
                self.stop.give_back();
            }
            let (done, elapsed) = (self.done.load(Ordering::Relaxed), self.start.elapsed());
            match self.place {
                Place::Bar if elapsed >= PATIENCE => line::show(&bar(done, self.total, elapsed, columns())),
                Place::Log if elapsed.saturating_sub(logged) >= LOG_PAUSE => {
                    logged = elapsed;
                    line::say(&log(done, self.total, elapsed));
                }
                _ => {}
            }
        }
        self.stop.give_back();
        line::clear();
    }
}

/// Returns how many characters the line on stderr may have. The last column stays free, where some terminals begin a new line.
fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(io::stderr()).ok();
    let columns = size.map_or(80, |size| usize::from(size.ws_col));
    (if columns == 0 { 80 } else { columns }).saturating_sub(1)
}

/// Returns the bar and its numbers, in as many characters as there are.
fn bar(done: usize, total: usize, elapsed: Duration, width: usize) -> String {
    let count = format!("{} of {}", grouped(done), grouped(total));
    let mut numbers = vec![count];
    numbers.extend(rate(done, elapsed));
    numbers.extend(left(done, total, elapsed));
    let text = numbers.join(", ");
    let room = width.saturating_sub(text.chars().count() + 1).min(MAX_BAR);
    if room >= MIN_BAR {
        let filled = (room * done).checked_div(total).unwrap_or(room).min(room);
        return format!("{}{} {text}", "━".repeat(filled), "─".repeat(room - filled));
    }
    while numbers.len() > 1 && numbers.join(", ").chars().count() > width {
        numbers.pop();
    }
    numbers.join(", ").chars().take(width).collect()
}

/// Returns the line of a log.
fn log(done: usize, total: usize, elapsed: Duration) -> String {
    let mut text = format!("{} of {} identities", grouped(done), grouped(total));
    for number in rate(done, elapsed).into_iter().chain(left(done, total, elapsed)) {
        // Writing to a String cannot fail.
        let _ = write!(text, ", {number}");
    }
    text
}

/// Returns how many are done in a second, if any is.
fn rate(done: usize, elapsed: Duration) -> Option<String> {
    let tenths = done as u128 * 10_000 / elapsed.as_millis().max(1);
    match tenths {
        0 => None,
        1..100 => Some(format!("{}.{}/s", tenths / 10, tenths % 10)),
        _ => Some(format!("{}/s", grouped(usize::try_from(tenths / 10).unwrap_or(usize::MAX)))),
    }
}

/// Returns how long the rest takes if it goes on like this.
fn left(done: usize, total: usize, elapsed: Duration) -> Option<String> {
    if done == 0 || done >= total {
        return None;
    }
    let millis = elapsed.as_millis() * (total - done) as u128 / done as u128;
    let seconds = millis.div_ceil(1000);
    Some(match seconds {
        0..120 => format!("{seconds} s left"),
        120..7200 => format!("{} min left", seconds.div_ceil(60)),
        _ => format!("{} h left", seconds.div_ceil(3600)),
    })
}

/// Returns a number with a comma at each thousand.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECONDS: Duration = Duration::from_secs(10);

    #[test]
    fn the_bar_says_how_many_of_what_how_fast_and_how_long_yet() {
        let line = bar(412, 1000, SECONDS, 79);
        assert_eq!(line, format!("{}{} 412 of 1,000, 41/s, 15 s left", "━".repeat(16), "─".repeat(24)));
        assert_eq!(bar(1000, 1000, SECONDS, 79), format!("{} 1,000 of 1,000, 100/s", "━".repeat(40)));
        assert_eq!(bar(0, 12_000, SECONDS, 79), format!("{} 0 of 12,000", "─".repeat(40)));
        assert_eq!(bar(0, 0, Duration::ZERO, 20), format!("{} 0 of 0", "━".repeat(13)));
    }

    #[test]
    fn the_bar_fits_the_width_whatever_that_is() {
        for width in 0..120 {
            for (done, total) in [(0, 1), (1, 3), (412, 1000), (99_999, 100_000), (7, 5)] {
                let line = bar(done, total, SECONDS, width);
                assert!(line.chars().count() <= width, "{width}: {line}");
            }
        }
        assert_eq!(bar(412, 1000, SECONDS, 30), "412 of 1,000, 41/s, 15 s left");
        assert_eq!(bar(412, 1000, SECONDS, 20), "412 of 1,000, 41/s");
        assert_eq!(bar(412, 1000, SECONDS, 12), "412 of 1,000");
    }

    #[test]
    fn a_log_has_the_numbers_alone() {
        assert_eq!(log(412, 1000, SECONDS), "412 of 1,000 identities, 41/s, 15 s left");
        assert_eq!(log(0, 1000, SECONDS), "0 of 1,000 identities");
        assert_eq!(log(3, 1000, SECONDS), "3 of 1,000 identities, 0.3/s, 56 min left");
        assert_eq!(log(1, 1000, SECONDS), "1 of 1,000 identities, 0.1/s, 3 h left");
    }

    #[test]
    fn numbers_have_a_comma_at_each_thousand() {
        let grouped: Vec<String> = [0, 7, 999, 1000, 123_456, 1_000_000].into_iter().map(grouped).collect();
        assert_eq!(grouped, ["0", "7", "999", "1,000", "123,456", "1,000,000"]);
    }
}
