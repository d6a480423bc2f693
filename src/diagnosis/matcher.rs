//! All messages of a catalogue, searched for at once.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, Input};
use memchr::memmem;

use super::Entry;
use super::pattern::{PatternError, Span, Template, Writing};
use super::secrets::Secrets;

/// How many times a message is looked at on one line.
const MOST_A_LINE: usize = 16;

/// Why messages cannot be searched for.
#[derive(Debug)]
#[non_exhaustive]
pub enum MatcherError {
    /// A pattern of the entry with this code.
    Pattern(&'static str, &'static str, PatternError),
    /// There are too many words.
    Words(BuildError),
}

impl fmt::Display for MatcherError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern(code, pattern, error) => write!(f, "{code}: the pattern `{pattern}`: {error}"),
            Self::Words(error) => write!(f, "the messages cannot be searched for: {error}"),
        }
    }
}

impl std::error::Error for MatcherError {}

/// What finds the messages of a catalogue on a line.
///
/// Each pattern is looked for by its longest words; where these stand on a line, the rest of it is looked for around them. Where two
/// messages claim the same words the one with more words is meant: `Received fatal alert: handshake_failure` is not also
/// `handshake_failure`. Messages beside each other are all meant, also one in a gap of another.
#[derive(Debug)]
pub struct Matcher {
    entries: Vec<&'static Entry>,
    words: AhoCorasick,
    /// The templates with the words that are searched for, by these.
    templates: Vec<Vec<(usize, Template)>>,
    pub(super) secrets: Secrets,
}

/// A message on a line.
#[derive(Debug)]
pub(super) struct Hit {
    /// Which entry it is.
    pub(super) entry: usize,
    pub(super) span: Span,
}

impl Matcher {
    /// Makes ready what is searched for.
    pub fn new(entries: impl IntoIterator<Item = &'static Entry>) -> Result<Self, MatcherError> {
        let entries: Vec<&'static Entry> = entries.into_iter().collect();
        let mut anchors: Vec<Vec<u8>> = Vec::new();
        let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
        let mut templates: Vec<Vec<(usize, Template)>> = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            for pattern in entry.patterns {
                let mut written: Vec<String> = Vec::new();
                for writing in Writing::ALL {
                    let text = writing.of(pattern);
                    if written.contains(&text) {
                        continue;
                    }
                    written.push(text);
                    let template = Template::new(pattern, writing)
                        .map_err(|error| MatcherError::Pattern(entry.code, pattern, error))?;
                    let place = *places.entry(template.anchor().to_vec()).or_insert(anchors.len());
                    if let Some(same) = templates.get_mut(place) {
                        same.push((at, template));
                    } else {
                        anchors.push(template.anchor().to_vec());
                        templates.push(vec![(at, template)]);
                    }
                }
            }
        }
        let words =
            AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(&anchors).map_err(MatcherError::Words)?;
        let secrets = Secrets::new().map_err(MatcherError::Words)?;
        Ok(Self { entries, words, templates, secrets })
    }

    /// Makes ready the whole catalogue.
    pub fn of_catalogue() -> Result<Self, MatcherError> {
        Self::new(super::catalogue::entries())
    }

    pub(super) fn entries(&self) -> &[&'static Entry] {
        &self.entries
    }

    /// Returns the next place, from a start on, where words of a message stand.
    pub(super) fn candidate(&self, text: &[u8], from: usize) -> Option<Range<usize>> {
        self.words.find(Input::new(text).range(from..)).map(|found| found.range())
    }

    /// Returns the messages on a line, in their order; where words are claimed twice, the longer message alone.
    pub(super) fn hits(&self, line: &[u8]) -> Vec<Hit> {
        let mut hits: Vec<Hit> = Vec::new();
        let mut counts: HashMap<usize, usize> = HashMap::new();
        for found in self.words.find_overlapping_iter(line) {
            for (entry, template) in self.templates.get(found.pattern().as_usize()).into_iter().flatten() {
                let count = counts.entry(*entry).or_insert(0);
                if *count >= MOST_A_LINE {
                    continue;
                }
                if let Some(span) = template.at(line, found.start()) {
                    *count = count.saturating_add(1);
                    hits.push(Hit { entry: *entry, span });
                }
            }
        }
        if hits.len() > 1 {
            hits.sort_by_key(|hit| hit.span.whole.start);
            let is_kept: Vec<bool> = (0..hits.len()).map(|at| !is_claimed(&hits, at)).collect();
            let mut kept = is_kept.into_iter();
            hits.retain(|_| kept.next().unwrap_or(true));
        }
        hits
    }
}

/// Says whether a longer message has words of this one; of two that are as long the first in the catalogue counts.
fn is_claimed(hits: &[Hit], at: usize) -> bool {
    let Some(hit) = hits.get(at) else { return false };
    let rank = |other: &Hit| (other.span.weight(), std::cmp::Reverse(other.entry));
    hits.iter().any(|other| {
        other.entry != hit.entry
            && other.span.whole.start < hit.span.whole.end
            && hit.span.whole.start < other.span.whole.end
            && rank(other) > rank(hit)
            && other.span.shares_words(&hit.span)
    })
}

/// Splits a line where a string of JSON in it goes on to a line of a stack trace: at `\n` with a tab, a blank or `Caused by` behind it.
pub(super) fn lines_within(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let (first, next) = match break_in(text) {
            Some(at) => (text.get(..at)?, text.get(at..)),
            None => (text, None),
        };
        rest = next;
        Some(first)
    })
}

/// Returns where the next line within a line begins.
fn break_in(text: &[u8]) -> Option<usize> {
    let next = |at: usize| {
        let end = at.checked_add(2)?;
        let behind = text.get(end..)?;
        let slashes = behind.iter().take_while(|byte| **byte == b'\\').count();
        let tail = behind.get(slashes..)?;
        let is_trace = (slashes > 0 && tail.starts_with(b"t"))
            || [b" ".as_slice(), b"\t", b"Caused by", b"... "].iter().any(|start| tail.starts_with(start));
        is_trace.then_some(end)
    };
    memmem::find_iter(text, b"\\n").find_map(next)
}
