//! Properties files, as `java.util.Properties.load(InputStream)` reads them.
//!
//! Kafka reads its files with nothing else (`Utils.loadProps`), so that what that method does with backslashes, blanks and letters
//! beyond ISO 8859-1 is what a setting means. Any value may be a password: none is shown, and all are wiped.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod providers;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::iter::Peekable;

use zeroize::Zeroizing;

/// The most bytes that a properties file may have. The largest, with every certificate of a cluster in it, have some 100,000.
pub const MAX_FILE: usize = 1024 * 1024;

const FORM_FEED: u8 = 0x0C;

/// Why a properties file cannot be read. Never holds what is in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PropertiesError {
    /// A `\u` without four hexadecimal digits, in the property that begins at this line.
    MalformedUnicode(usize),
    /// More than [`MAX_FILE`] bytes.
    TooLarge(usize),
}

impl fmt::Display for PropertiesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MalformedUnicode(line) => {
                write!(
                    f,
                    "the property at line {line} has a \\u without four hexadecimal digits: \
                     Java says \"Malformed \\uxxxx encoding.\""
                )
            }
            Self::TooLarge(length) => write!(f, "the file has {length} bytes, {MAX_FILE} are the most that are read"),
        }
    }
}

impl std::error::Error for PropertiesError {}

/// A property: a key, its value, and where they stand.
#[derive(Clone, PartialEq, Eq)]
pub struct Property {
    key: String,
    value: Zeroizing<String>,
    line: usize,
    earlier_lines: Vec<usize>,
    has_lost_backslash: bool,
}

impl Property {
    /// Returns the key, without its escapes. It is foreign text.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the value as Java has it: with the blanks at its end. It may be a password.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Returns the number of the line, counted from 1, on which the property begins.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the lines on which the same key stands before: what is said there has no effect.
    pub fn earlier_lines(&self) -> &[usize] {
        &self.earlier_lines
    }

    /// Says whether Java has taken a backslash out of the value that escapes nothing: `C:\kafka` is `C:kafka`.
    pub fn has_lost_backslash(&self) -> bool {
        self.has_lost_backslash
    }
}

impl fmt::Debug for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Property").field("key", &self.key).field("line", &self.line).finish_non_exhaustive()
    }
}

/// The properties of a file, each key once: the last of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertiesFile {
    properties: BTreeMap<String, Property>,
}

impl PropertiesFile {
    /// Reads the bytes of a file.
    pub fn read(file: &[u8]) -> Result<Self, PropertiesError> {
        if file.len() > MAX_FILE {
            return Err(PropertiesError::TooLarge(file.len()));
        }
        let mut properties = BTreeMap::<String, Property>::new();
        let mut lines = LogicalLines::new(file);
        while let Some(number) = lines.next_line() {
            let property = property(&lines.line, number).ok_or(PropertiesError::MalformedUnicode(number))?;
            match properties.entry(property.key.clone()) {
                Entry::Vacant(entry) => drop(entry.insert(property)),
                Entry::Occupied(mut entry) => {
                    let mut earlier = entry.insert(property);
                    earlier.earlier_lines.push(earlier.line);
                    entry.get_mut().earlier_lines = earlier.earlier_lines;
                }
            }
        }
        Ok(Self { properties })
    }

    /// Returns the property with this key.
    pub fn get(&self, key: &str) -> Option<&Property> {
        self.properties.get(key)
    }

    /// Returns all properties in the order of their lines.
    pub fn iter(&self) -> impl Iterator<Item = &Property> {
        let mut properties: Vec<&Property> = self.properties.values().collect();
        properties.sort_by_key(|property| property.line);
        properties.into_iter()
    }
}

/// Splits key and value of a logical line, and takes the escapes out of both (`Properties.load0`).
fn property(line: &[u8], number: usize) -> Option<Property> {
    let (key, rest) = line.split_at_checked(key_length(line))?;
    let (key, _) = unescaped(key)?;
    let (value, has_lost_backslash) = unescaped(without_separator(rest))?;
    Some(Property { key: key.as_str().to_owned(), value, line: number, earlier_lines: Vec::new(), has_lost_backslash })
}

/// Returns where the key ends: before the first separator that is not escaped.
fn key_length(line: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = line.iter().position(|character| {
        let is_end = !is_escaped && (matches!(character, b'=' | b':') || is_blank(*character));
        is_escaped = *character == b'\\' && !is_escaped;
        is_end
    });
    end.unwrap_or(line.len())
}

/// Returns what follows the blanks and the one `=` or `:` behind a key.
fn without_separator(rest: &[u8]) -> &[u8] {
    match without_blanks(rest) {
        [b'=' | b':', value @ ..] => without_blanks(value),
        value => value,
    }
}

fn without_blanks(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|character| !is_blank(*character)).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}

fn is_blank(character: u8) -> bool {
    matches!(character, b' ' | b'\t' | FORM_FEED)
}

/// Takes the escapes out (`Properties.loadConvert`), and says whether a backslash is gone that escaped nothing.
///
/// Java's strings are UTF-16. Half of a surrogate pair is no text, and stands as U+FFFD here.
fn unescaped(text: &[u8]) -> Option<(Zeroizing<String>, bool)> {
    let mut units = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut has_lost_backslash = false;
    let mut characters = text.iter();
    while let Some(character) = characters.next() {
        if *character != b'\\' {
            units.push(u16::from(*character));
            continue;
        }
        units.push(match characters.next()? {
            b'u' => hexadecimal(&mut characters)?,
            b't' => u16::from(b'\t'),
            b'n' => u16::from(b'\n'),
            b'r' => u16::from(b'\r'),
            b'f' => u16::from(FORM_FEED),
            other => {
                has_lost_backslash |= !(is_blank(*other) || b"\\=:#!".contains(other));
                u16::from(*other)
            }
        });
    }
    // A unit becomes three bytes at most, so that no buffer grows and leaves a copy behind.
    let mut out = Zeroizing::new(String::with_capacity(units.len().saturating_mul(3)));
    out.extend(char::decode_utf16(units.iter().copied()).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    Some((out, has_lost_backslash))
}

/// Takes four hexadecimal digits.
fn hexadecimal(characters: &mut std::slice::Iter<'_, u8>) -> Option<u16> {
    (0..4).try_fold(0_u16, |value, _| {
        let digit = char::from(*characters.next()?).to_digit(16)?;
        value.checked_mul(16)?.checked_add(u16::try_from(digit).ok()?)
    })
}

/// The logical lines of a file that are neither blank nor comments (`Properties.LineReader`): natural lines, joined where one
/// ends with a backslash. Their characters are those of ISO 8859-1.
struct LogicalLines<'a> {
    file: Peekable<std::slice::Iter<'a, u8>>,
    /// The line that was found last.
    line: Zeroizing<Vec<u8>>,
    number: usize,
}

impl<'a> LogicalLines<'a> {
    fn new(file: &'a [u8]) -> Self {
        // No line is longer, so that the buffer does not grow and leave a copy behind.
        let line = Zeroizing::new(Vec::with_capacity(file.len()));
        Self { file: file.iter().peekable(), line, number: 1 }
    }

    /// Finds the next logical line, and returns the number of the natural line on which it begins.
    fn next_line(&mut self) -> Option<usize> {
        self.line.clear();
        let mut start = self.number;
        let (mut skips_blanks, mut is_continued, mut is_escaped) = (true, false, false);
        loop {
            let number = self.number;
            let is_last = self.file.len() == 1;
            let Some(character) = self.next_character() else { break };
            if skips_blanks && (is_blank(character) || (!is_continued && character == b'\n')) {
                continue;
            }
            (skips_blanks, is_continued) = (false, false);
            match character {
                // A continued line of which there is nothing yet may be a comment, too.
                b'#' | b'!' if self.line.is_empty() => {
                    self.skip_comment();
                    skips_blanks = true;
                }
                b'\n' if self.line.is_empty() => skips_blanks = true,
                // Nothing is left to continue with: the line ends as it would without the line break.
                b'\n' if is_escaped && is_last => break,
                b'\n' if is_escaped => {
                    self.line.pop();
                    (skips_blanks, is_continued, is_escaped) = (true, true, false);
                }
                b'\n' => return Some(start),
                character => {
                    if self.line.is_empty() {
                        start = number;
                    }
                    self.line.push(character);
                    is_escaped = character == b'\\' && !is_escaped;
                }
            }
        }
        if is_escaped {
            // Java makes a property without key and value of a backslash alone.
            self.line.pop();
            return Some(start);
        }
        (!self.line.is_empty()).then_some(start)
    }

    /// Takes the next character, and a CR or a CR LF as a LF.
    fn next_character(&mut self) -> Option<u8> {
        let mut character = *self.file.next()?;
        if character == b'\r' {
            self.file.next_if_eq(&&b'\n');
            character = b'\n';
        }
        if character == b'\n' {
            self.number = self.number.saturating_add(1);
        }
        Some(character)
    }

    fn skip_comment(&mut self) {
        while self.next_character().is_some_and(|character| character != b'\n') {}
    }
}
