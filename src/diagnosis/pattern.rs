//! Templates of messages: words with gaps between them.
//!
//! A template matches where all its words stand on a line in their order. It is looked for from its longest words outwards, and each
//! further word is the nearest one, so that a gap is as short as it can be: no more than [`MAX_GAP`] bytes. A named gap has at least one
//! byte; one at an end of the template reaches as far as a name, a path or a number does.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::fmt;
use std::ops::Range;

use memchr::memmem;

/// The most bytes in a gap: the names of a certificate fit in.
pub(super) const MAX_GAP: usize = 2048;

/// The most bytes from the first word of a match to its last.
pub(super) const MAX_SPAN: usize = 16 * 1024;

/// The fewest bytes of the longest words: each place where they stand is looked at more closely.
const MIN_ANCHOR: usize = 6;

/// What is wrong with a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternError {
    /// Two gaps with nothing between them.
    AdjacentGaps,
    /// Two gaps with the same name.
    DuplicateName,
    /// A match could be longer than what is looked at at once.
    TooLong,
    /// No words in it that are long enough to be searched for.
    TooVague,
    /// It begins or ends with `…`, which says nothing there.
    UselessGap,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AdjacentGaps => "two gaps stand side by side",
            Self::DuplicateName => "two gaps have the same name",
            Self::TooLong => "it can match more than is looked at at once",
            Self::TooVague => "it has no words that are long enough",
            Self::UselessGap => "it begins or ends with a gap that is not kept",
        })
    }
}

impl std::error::Error for PatternError {}

/// A part of a pattern, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What stands there letter by letter.
    Words(&'static str),
    /// What varies, and its name if it is kept.
    Gap(Option<&'static str>),
}

/// Splits a pattern: `{name}` and `…` are gaps, everything else is words. A brace that holds no name is a brace.
pub fn parts(pattern: &'static str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    let mut words = 0;
    loop {
        let (head, tail) = rest.split_at(words);
        let gap = match tail.chars().next() {
            Some('…') => Some((None, '…'.len_utf8())),
            Some('{') => name_in(tail).map(|name| (Some(name), name.len().saturating_add(2))),
            None => {
                if !head.is_empty() {
                    parts.push(Part::Words(head));
                }
                return parts;
            }
            Some(_) => None,
        };
        if let Some((name, length)) = gap {
            if !head.is_empty() {
                parts.push(Part::Words(head));
            }
            parts.push(Part::Gap(name));
            rest = tail.get(length..).unwrap_or_default();
            words = 0;
        } else {
            words = words.saturating_add(tail.chars().next().map_or(1, char::len_utf8));
        }
    }
}

/// Returns the name in the braces that a text begins with.
fn name_in(text: &'static str) -> Option<&'static str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_name.then_some(name)
}

/// Where a template stands on a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// All of it, with what is kept.
    pub(super) whole: Range<usize>,
    /// Its words.
    pub(super) words: Vec<Range<usize>>,
    /// What is kept.
    pub(super) captures: Vec<(&'static str, Range<usize>)>,
}

impl Span {
    /// Returns how much of it is words.
    pub(super) fn weight(&self) -> usize {
        self.words.iter().fold(0, |sum, words| sum.saturating_add(words.len()))
    }

    /// Says whether a word of it is a word of another one too.
    pub(super) fn shares_words(&self, other: &Self) -> bool {
        let overlap = |a: &Range<usize>, b: &Range<usize>| a.start < b.end && b.start < a.end;
        self.words.iter().any(|words| other.words.iter().any(|others| overlap(words, others)))
    }
}

/// A template that is ready to be looked for.
#[derive(Debug)]
pub(super) struct Template {
    before: Option<Gap>,
    /// The words before the anchor, the nearest first, each with the gap behind it.
    left: Vec<(Vec<u8>, Gap)>,
    anchor: Vec<u8>,
    /// The words behind the anchor, each with the gap before it.
    right: Vec<(Gap, memmem::Finder<'static>)>,
    after: Option<Gap>,
}

#[derive(Debug, Clone, Copy)]
struct Gap(Option<&'static str>);

impl Gap {
    fn least(self) -> usize {
        usize::from(self.0.is_some())
    }
}

/// How a log writes what was said, as far as the words of messages are changed by it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Writing {
    Plain,
    /// A string of JSON.
    Json,
    /// A string of JSON as Gson and Go's encoder write it, which may stand in HTML.
    JsonForHtml,
    /// JSON in a string of JSON, as Docker keeps it.
    JsonTwice,
}

impl Writing {
    pub(super) const ALL: [Self; 4] = [Self::Plain, Self::Json, Self::JsonForHtml, Self::JsonTwice];

    pub(super) fn of(self, words: &str) -> String {
        let json = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        match self {
            Self::Plain => words.to_owned(),
            Self::Json => json(words),
            Self::JsonTwice => json(&json(words)),
            Self::JsonForHtml => ['<', '>', '&', '=', '\'']
                .iter()
                .fold(json(words), |text, c| text.replace(*c, &format!("\\u{:04x}", u32::from(*c)))),
        }
    }
}

impl Template {
    pub(super) fn new(pattern: &'static str, writing: Writing) -> Result<Self, PatternError> {
        let mut parts = parts(pattern);
        let mut names: Vec<&str> =
            parts.iter().filter_map(|part| if let Part::Gap(name) = part { *name } else { None }).collect();
        names.sort_unstable();
        if names.iter().zip(names.iter().skip(1)).any(|(one, next)| one == next) {
            return Err(PatternError::DuplicateName);
        }
        let mut edge = |at_end: bool| {
            let gap = match if at_end { parts.last() } else { parts.first() } {
                Some(Part::Gap(None)) => return Err(PatternError::UselessGap),
                Some(Part::Gap(name)) => Gap(*name),
                _ => return Ok(None),
            };
            if at_end {
                parts.pop();
            } else {
                parts.remove(0);
            }
            Ok(Some(gap))
        };
        let (before, after) = (edge(false)?, edge(true)?);
        let mut words = Vec::new();
        let mut gaps = Vec::new();
        for part in parts {
            match part {
                Part::Words(text) => words.push(writing.of(text).into_bytes()),
                Part::Gap(name) => gaps.push(Gap(name)),
            }
            if gaps.len() > words.len() {
                return Err(PatternError::AdjacentGaps);
            }
        }
        if gaps.len() >= words.len() {
            return Err(if words.is_empty() { PatternError::TooVague } else { PatternError::AdjacentGaps });
        }
        let most = words.iter().map(Vec::len).fold(0, usize::saturating_add);
        if most.saturating_add(gaps.len().saturating_add(2).saturating_mul(MAX_GAP)) > MAX_SPAN {
            return Err(PatternError::TooLong);
        }
        let place = (0..words.len()).max_by_key(|at| words.get(*at).map_or(0, Vec::len)).unwrap_or(0);
        let behind = words.split_off(place.saturating_add(1));
        let gaps_behind = gaps.split_off(place);
        let anchor = words.pop().filter(|anchor| anchor.len() >= MIN_ANCHOR).ok_or(PatternError::TooVague)?;
        Ok(Self {
            before,
            left: words.into_iter().zip(gaps).rev().collect(),
            anchor,
            right: gaps_behind
                .into_iter()
                .zip(behind)
                .map(|(gap, words)| (gap, memmem::Finder::new(&words).into_owned()))
                .collect(),
            after,
        })
    }

    /// Returns the words that are searched for.
    pub(super) fn anchor(&self) -> &[u8] {
        &self.anchor
    }

    /// Looks on a line around the place where the anchor stands.
    pub(super) fn at(&self, line: &[u8], anchor_at: usize) -> Option<Span> {
        let anchor = anchor_at..anchor_at.checked_add(self.anchor.len())?;
        let mut span = Span { whole: anchor.clone(), words: vec![anchor], captures: Vec::new() };
        for (words, gap) in &self.left {
            let end = span.whole.start.checked_sub(gap.least())?;
            let start = end.saturating_sub(MAX_GAP.saturating_add(words.len()));
            let found = start.checked_add(memmem::rfind(line.get(start..end)?, words)?)?;
            let words = found..found.checked_add(words.len())?;
            span.keep(*gap, words.end..span.whole.start);
            span.whole.start = found;
            span.words.push(words);
        }
        for (gap, finder) in &self.right {
            let length = finder.needle().len();
            let start = span.whole.end.checked_add(gap.least())?;
            let end = line.len().min(start.saturating_add(MAX_GAP).saturating_add(length));
            let found = start.checked_add(finder.find(line.get(start..end)?)?)?;
            let words = found..found.checked_add(length)?;
            span.keep(*gap, span.whole.end..found);
            span.whole.end = words.end;
            span.words.push(words);
        }
        if let Some(gap) = self.before {
            let start = span.whole.start.saturating_sub(MAX_GAP);
            let text = line.get(start..span.whole.start)?;
            let length = text.iter().rev().take_while(|byte| !ends_token(**byte)).count();
            let kept = span.whole.start.checked_sub(length)?..span.whole.start;
            span.keep(gap, (!kept.is_empty()).then_some(kept.clone())?);
            span.whole.start = kept.start;
        }
        if let Some(gap) = self.after {
            let end = line.len().min(span.whole.end.saturating_add(MAX_GAP));
            let text = line.get(span.whole.end..end)?;
            let token = text.split(|byte| ends_token(*byte)).next()?;
            // What ends a sentence is no part of a name.
            let length = token.iter().rposition(|byte| !b".:!?".contains(byte))?.checked_add(1)?;
            let kept = span.whole.end..span.whole.end.checked_add(length)?;
            span.keep(gap, kept.clone());
            span.whole.end = kept.end;
        }
        Some(span)
    }
}

impl Span {
    fn keep(&mut self, gap: Gap, range: Range<usize>) {
        if let Some(name) = gap.0 {
            self.captures.push((name, range));
        }
    }
}

/// Says whether a name, a path or a number ends here.
fn ends_token(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"\"'`,;()[]{}<>\\\0".contains(&byte)
}
