//! Reads logs as they come, in memory that does not grow with them.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use super::Entry;
use super::found::{Captured, Diagnosis, Finding, Place, ReadFile, Value};
use super::matcher::{Hit, Matcher, lines_within};
use super::pattern::MAX_SPAN;
use super::received::sender_of;

/// How much is looked at at once. A line that is longer is looked at in parts, which overlap by [`MAX_SPAN`].
const WINDOW: usize = 256 * 1024;

/// How many lines behind a message that says only that something has failed another one may say what: the longest stack traces of
/// Spring are as long.
const LINES_AFTER: u64 = 200;

/// How many lines before it, as librdkafka does it.
const LINES_BEFORE: u64 = 20;

/// The most different values that are kept of what varies in a message.
const MOST_VALUES: usize = 32;

/// The most characters of a value.
const MOST_OF_VALUE: usize = 256;

/// The most files of which the line itself is kept, for each message.
const MOST_TEXTS: usize = 100;

/// The most bytes of a line that are kept as they are, and what is kept around a message where there are more.
const MOST_OF_LINE: usize = 300;
const BEFORE: usize = 80;
const BEHIND: usize = 160;

/// The most bytes of a message itself.
const MOST_OF_MESSAGE: usize = 240;

/// What stands in place of a secret.
const HIDDEN: &str = "****";

/// Reads logs, one after the other: [`begin`](Self::begin), then [`feed`](Self::feed) with its bytes as they come, and so on, then
/// [`finish`](Self::finish).
///
/// A message that says only that something has failed ([`Entry::is_wrapper`]) is a finding of its own where no other message stands
/// on its line, within 200 lines behind it or 20 lines before it, in the same file. All others are findings wherever they stand.
#[derive(Debug)]
pub struct Scanner<'m> {
    matcher: &'m Matcher,
    files: Vec<ReadFile>,
    told: Vec<Option<Tally>>,
    explained: Vec<Option<Tally>>,
    file: State,
}

/// Where the scanner is in a file.
#[derive(Debug, Default)]
struct State {
    buffer: Vec<u8>,
    /// How many lines have ended before the buffer.
    lines: u64,
    bytes: u64,
    /// Whether the buffer begins within a line.
    is_within_line: bool,
    /// The last line that says what has failed.
    last_specific: Option<u64>,
    /// The last line of each message.
    last_lines: HashMap<usize, u64>,
    /// Messages that another one may still explain.
    pending: VecDeque<Sighting>,
}

/// A message on a line, with what is kept of it.
#[derive(Debug)]
struct Sighting {
    entry: usize,
    line: u64,
    captures: Vec<(&'static str, String)>,
    message: String,
    text: String,
}

/// What was seen of a message.
#[derive(Debug, Default)]
struct Tally {
    message: String,
    count: u64,
    places: Vec<Place>,
    captures: Vec<Captured>,
}

impl<'m> Scanner<'m> {
    /// Reads nothing yet.
    pub fn new(matcher: &'m Matcher) -> Self {
        let none = || matcher.entries().iter().map(|_| None).collect();
        Self { matcher, files: Vec::new(), told: none(), explained: none(), file: State::default() }
    }

    /// Begins a file; the one before it has ended.
    pub fn begin(&mut self, name: impl Into<String>) {
        self.end();
        self.files.push(ReadFile { name: name.into(), bytes: 0, lines: 0 });
        self.file = State { buffer: std::mem::take(&mut self.file.buffer), ..State::default() };
    }

    /// Reads the next bytes of the file. It makes no difference in what portions they come.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.files.is_empty() {
            self.begin("");
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let room = WINDOW.saturating_sub(self.file.buffer.len());
            let (head, tail) = rest.split_at(room.min(rest.len()));
            self.file.buffer.extend_from_slice(head);
            rest = tail;
            if self.file.buffer.len() >= WINDOW {
                self.look(false);
            }
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.file.bytes = self.file.bytes.saturating_add(length);
    }

    /// Returns what was found.
    pub fn finish(mut self) -> Diagnosis {
        self.end();
        let findings = |tallies: Vec<Option<Tally>>, entries: &[&'static Entry]| {
            let found = entries.iter().zip(tallies).filter_map(|(entry, tally)| Some(tally?.into_finding(entry)));
            let mut found: Vec<Finding> = found.collect();
            let first = |finding: &Finding| finding.places.first().map(|place| (place.file, place.first_line));
            found.sort_by_key(|finding| (finding.entry.is_wrapper, first(finding)));
            found
        };
        let entries = self.matcher.entries();
        Diagnosis {
            findings: findings(self.told, entries),
            explained: findings(self.explained, entries),
            files: self.files,
        }
    }

    fn end(&mut self) {
        if !self.file.buffer.is_empty() {
            self.look(true);
        }
        self.flush(u64::MAX);
        if let Some(file) = self.files.last_mut() {
            let open = u64::from(self.file.is_within_line);
            (file.bytes, file.lines) = (self.file.bytes, self.file.lines.saturating_add(open));
        }
        self.file.buffer.clear();
    }

    /// Looks at the lines in the buffer that have ended, at all of it where nothing follows, or at part of a line that is longer.
    fn look(&mut self, is_end: bool) {
        let buffer = std::mem::take(&mut self.file.buffer);
        let ended = memchr::memrchr(b'\n', &buffer).map_or(0, |at| at.saturating_add(1));
        // What begins behind this is looked at again with what follows.
        let until = match (is_end, ended) {
            (true, _) => buffer.len(),
            (false, 0) => buffer.len().saturating_sub(MAX_SPAN),
            (false, ended) => ended,
        };
        let seen = if ended == 0 { buffer.len() } else { until };
        self.look_at(buffer.get(..seen).unwrap_or_default(), until);
        if ended > 0 {
            self.file.is_within_line = is_end && ended < buffer.len();
        } else {
            self.file.is_within_line = true;
        }
        self.file.buffer = buffer;
        self.file.buffer.drain(..until);
    }

    /// Looks at text that ends with a line, or else is part of one, for messages that begin before a place in it.
    fn look_at(&mut self, text: &[u8], until: usize) {
        let matcher = self.matcher;
        let mut at = 0;
        let mut counted = 0;
        let mut is_cut = self.file.is_within_line;
        while let Some(found) = matcher.candidate(text, at) {
            let start = text.get(at..found.start).and_then(|before| memchr::memrchr(b'\n', before));
            let start = start.map_or(at, |offset| at.saturating_add(offset).saturating_add(1));
            let end = text.get(found.end..).and_then(|behind| memchr::memchr(b'\n', behind));
            let end = end.map_or(text.len(), |offset| found.end.saturating_add(offset));
            self.file.lines = self.file.lines.saturating_add(line_ends(text.get(counted..start)));
            counted = start;
            let number = self.file.lines.saturating_add(1);
            let line = text.get(start..end).unwrap_or_default();
            self.look_at_line(line, number, until.saturating_sub(start), is_cut && start == 0);
            is_cut = false;
            at = end.saturating_add(1);
            if at >= text.len() {
                break;
            }
        }
        self.file.lines = self.file.lines.saturating_add(line_ends(text.get(counted..)));
    }

    fn look_at_line(&mut self, line: &[u8], number: u64, until: usize, is_cut: bool) {
        let mut begin = 0_usize;
        let mut sightings = Vec::new();
        for part in lines_within(line) {
            let mut hits = self.matcher.hits(part);
            hits.retain(|hit| begin.saturating_add(hit.span.whole.start) < until);
            if !hits.is_empty() {
                let mut secrets = self.matcher.secrets.find(part);
                if is_cut && begin == 0 {
                    // What it is the rest of may be one.
                    let end = part.iter().position(|byte| byte.is_ascii_whitespace() || b"\"'".contains(byte));
                    secrets.insert(0, 0..end.unwrap_or(part.len()));
                }
                for hit in hits {
                    sightings.extend(self.sight(part, number, &hit, &secrets));
                }
            }
            begin = begin.saturating_add(part.len());
        }
        self.judge(sightings, number);
    }

    /// Keeps what is worth it of a message, unless this line has shown it already.
    fn sight(&mut self, line: &[u8], number: u64, hit: &Hit, secrets: &[Range<usize>]) -> Option<Sighting> {
        if self.file.last_lines.insert(hit.entry, number) == Some(number) {
            return None;
        }
        let captures =
            hit.span.captures.iter().map(|(name, range)| (*name, shown(line, range, MOST_OF_VALUE, secrets)));
        let captures = captures.collect();
        let is_wrapper = self.matcher.entries().get(hit.entry).is_some_and(|entry| entry.is_wrapper);
        let file = self.files.len().saturating_sub(1);
        let is_new = |tally: &Option<Tally>| tally.as_ref().is_none_or(|tally| tally.wants_text(file));
        let wants_text = self.told.get(hit.entry).is_none_or(is_new)
            || (is_wrapper && self.explained.get(hit.entry).is_none_or(is_new));
        let (message, text) = if wants_text {
            (shown(line, &hit.span.whole, MOST_OF_MESSAGE, secrets), excerpt(line, &hit.span.whole, secrets))
        } else {
            (String::new(), String::new())
        };
        Some(Sighting { entry: hit.entry, line: number, captures, message, text })
    }

    /// Decides what of a line explains what, and what explains it.
    fn judge(&mut self, sightings: Vec<Sighting>, number: u64) {
        self.flush(number);
        let is_wrapper =
            |sighting: &Sighting| self.matcher.entries().get(sighting.entry).is_some_and(|entry| entry.is_wrapper);
        let (wrappers, specific): (Vec<Sighting>, Vec<Sighting>) = sightings.into_iter().partition(is_wrapper);
        let file = self.files.len().saturating_sub(1);
        if !specific.is_empty() {
            self.file.last_specific = Some(number);
            for sighting in std::mem::take(&mut self.file.pending) {
                add(&mut self.explained, file, sighting);
            }
        }
        let is_explained = self.file.last_specific.is_some_and(|line| number.saturating_sub(line) <= LINES_BEFORE);
        for sighting in wrappers {
            if is_explained {
                add(&mut self.explained, file, sighting);
            } else {
                self.file.pending.push_back(sighting);
            }
        }
        for sighting in specific {
            add(&mut self.told, file, sighting);
        }
    }

    /// Tells what nothing has explained up to a line.
    fn flush(&mut self, number: u64) {
        let file = self.files.len().saturating_sub(1);
        let is_over = |sighting: &Sighting| number.saturating_sub(sighting.line) > LINES_AFTER;
        while self.file.pending.front().is_some_and(is_over) {
            if let Some(sighting) = self.file.pending.pop_front() {
                add(&mut self.told, file, sighting);
            }
        }
    }
}

fn add(tallies: &mut [Option<Tally>], file: usize, sighting: Sighting) {
    if let Some(tally) = tallies.get_mut(sighting.entry) {
        tally.get_or_insert_default().add(file, sighting);
    }
}

fn line_ends(text: Option<&[u8]>) -> u64 {
    u64::try_from(memchr::memchr_iter(b'\n', text.unwrap_or_default()).count()).unwrap_or(u64::MAX)
}

impl Tally {
    /// Says whether the line is kept of a message that is seen in a file.
    fn wants_text(&self, file: usize) -> bool {
        self.places.len() < MOST_TEXTS && self.places.last().is_none_or(|place| place.file != file)
    }

    fn add(&mut self, file: usize, sighting: Sighting) {
        self.count = self.count.saturating_add(1);
        let wants_text = self.wants_text(file);
        if let Some(place) = self.places.last_mut().filter(|place| place.file == file) {
            place.count = place.count.saturating_add(1);
            place.last_line = sighting.line;
        } else {
            let text = wants_text.then_some(sighting.text);
            self.places.push(Place { file, count: 1, first_line: sighting.line, last_line: sighting.line, text });
        }
        if self.message.is_empty() {
            self.message = sighting.message;
        }
        for (name, value) in sighting.captures {
            self.keep(name, value);
        }
    }

    fn keep(&mut self, name: &'static str, text: String) {
        if !self.captures.iter().any(|captured| captured.name == name) {
            self.captures.push(Captured { name, values: Vec::new(), others: 0 });
        }
        let Some(captured) = self.captures.iter_mut().find(|captured| captured.name == name) else { return };
        if let Some(value) = captured.values.iter_mut().find(|value| value.text == text) {
            value.count = value.count.saturating_add(1);
        } else if captured.values.len() < MOST_VALUES {
            let means = if name == "size" { sender_of(&text) } else { None };
            captured.values.push(Value { text, count: 1, means });
        } else {
            captured.others = captured.others.saturating_add(1);
        }
    }

    fn into_finding(self, entry: &'static Entry) -> Finding {
        let Self { message, count, places, mut captures } = self;
        for captured in &mut captures {
            captured.values.sort_by_key(|value| Reverse(value.count));
        }
        Finding { entry, message, count, places, captures }
    }
}

/// Returns part of a line without secrets, and no more of it than the limit.
fn shown(line: &[u8], range: &Range<usize>, most: usize, secrets: &[Range<usize>]) -> String {
    let end = range.end.min(range.start.saturating_add(most));
    let mut text = without_secrets(line, range.start..end, secrets);
    if end < range.end {
        text.push('…');
    }
    text
}

/// Returns a line, or what of it is around a message.
fn excerpt(line: &[u8], message: &Range<usize>, secrets: &[Range<usize>]) -> String {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() <= MOST_OF_LINE {
        return without_secrets(line, 0..line.len(), secrets);
    }
    let start = message.start.saturating_sub(BEFORE);
    let end = message.end.min(message.start.saturating_add(MOST_OF_MESSAGE)).saturating_add(BEHIND).min(line.len());
    let text = without_secrets(line, start..end, secrets);
    let [before, behind] = [start > 0, end < line.len()].map(|is_cut| if is_cut { "…" } else { "" });
    format!("{before}{text}{behind}")
}

/// Returns part of a line as text, with something else in place of secrets. Half a character at an end is left out.
fn without_secrets(line: &[u8], range: Range<usize>, secrets: &[Range<usize>]) -> String {
    let goes_on = |byte: Option<&u8>| byte.is_some_and(|byte| (0x80..0xc0).contains(byte));
    let [mut start, mut end] = [range.start, range.end.min(line.len())];
    for _ in 0..3 {
        if start > 0 && start < end && goes_on(line.get(start)) {
            start = start.saturating_add(1);
        }
        if end < line.len() && end > start && goes_on(line.get(end)) {
            end = end.saturating_sub(1);
        }
    }
    let mut out = String::new();
    let mut at = start;
    for secret in secrets.iter().filter(|secret| secret.end > start && secret.start < end) {
        if let Some(text) = line.get(at..secret.start) {
            out.push_str(&String::from_utf8_lossy(text));
        }
        if secret.end > at {
            out.push_str(HIDDEN);
        }
        at = at.max(secret.end);
    }
    out.push_str(&String::from_utf8_lossy(line.get(at..end).unwrap_or_default()));
    out
}
