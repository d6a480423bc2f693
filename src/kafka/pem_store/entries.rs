//! The entries of a PEM text, as the regular expression of Kafka finds them (`DefaultSslEngineFactory.PemParser`):
//!
//! ```text
//! -+BEGIN\s*.*NAME[^-]*-+\s+ (?:\s*[^\r\n]*:[^\r\n]*[\r\n]+)* ([a-zA-Z0-9/+=\s]*) -+END\s*.*NAME[^-]*-+\s+
//! ```
//!
//! Its `.*` takes as much of a line as it can, so that a chain on one line is its last certificate alone. What Java does by
//! backtracking is done here in the same order, with an end to it.

use zeroize::Zeroizing;

use super::PemStoreError;

/// What the entries of a PEM text are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PemName {
    /// `CERTIFICATE`, and whatever stands on the line with it.
    Certificate,
    /// `PRIVATE KEY`, and whatever stands on the line with it.
    PrivateKey,
}

impl PemName {
    /// Returns the name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "CERTIFICATE",
            Self::PrivateKey => "PRIVATE KEY",
        }
    }

    /// Returns where the name ends that begins here: any blanks are as good as one.
    fn end(self, text: &[u8], start: usize) -> Option<usize> {
        let mut at = start;
        for (index, word) in self.as_str().split(' ').enumerate() {
            let blanks_end = skip(text, at, is_space);
            if index > 0 && blanks_end == at {
                return None;
            }
            at = if index > 0 { blanks_end } else { at };
            let end = at.checked_add(word.len())?;
            if text.get(at..end)? != word.as_bytes() {
                return None;
            }
            at = end;
        }
        Some(at)
    }
}

/// The most bytes that are looked at: Java, too, would look for a very long time.
const MAX_WORK: usize = 16 * 1024 * 1024;

/// Returns the base64 of each entry, with the blanks in it.
pub(super) fn entries(text: &[u8], name: PemName) -> Result<Vec<Zeroizing<Vec<u8>>>, PemStoreError> {
    // Kafka, too, adds the line break that a value may lack.
    let mut with_end = Zeroizing::new(Vec::with_capacity(text.len().saturating_add(1)));
    with_end.extend_from_slice(text);
    with_end.push(b'\n');
    let mut matcher = Matcher { text: &with_end, name, work: 0 };
    let mut entries = Vec::new();
    let mut from = 0;
    while let Some(begin) = find(&with_end, from, b"-BEGIN") {
        let after = begin.saturating_add(b"-BEGIN".len());
        from = match matcher.entry(after)? {
            Some(entry) => {
                let base64 = with_end.get(entry.base64).unwrap_or_default();
                entries.push(Zeroizing::new(base64.to_vec()));
                entry.end
            }
            None => after,
        };
    }
    if entries.is_empty() { Err(PemStoreError::NoEntries(name)) } else { Ok(entries) }
}

/// Returns how many entries a reader of PEM would expect.
pub(super) fn count_written(text: &[u8], name: PemName) -> usize {
    let (mut count, mut from) = (0_usize, 0);
    while let Some(at) = find(text, from, b"-----BEGIN ") {
        from = at.saturating_add(b"-----BEGIN ".len());
        let label = text.get(from..).unwrap_or_default();
        let label = label.get(..find(label, 0, b"-----").unwrap_or(0).min(64)).unwrap_or_default();
        count = count.saturating_add(usize::from(label.ends_with(name.as_str().as_bytes())));
    }
    count
}

struct Matcher<'t> {
    text: &'t [u8],
    name: PemName,
    work: usize,
}

struct Entry {
    base64: std::ops::Range<usize>,
    end: usize,
}

impl Matcher<'_> {
    /// Matches what follows a `BEGIN`.
    fn entry(&mut self, after_begin: usize) -> Result<Option<Entry>, PemStoreError> {
        for start in self.boundary_ends(after_begin)? {
            // Kafka's expression takes as many headers as it can, and fewer if it does not get on.
            for body in self.header_ends(start)?.into_iter().rev() {
                let base64_end = skip(self.text, body, is_base64);
                self.spend(base64_end.saturating_sub(body))?;
                let dashes_end = skip(self.text, base64_end, is_dash);
                let is_end =
                    dashes_end > base64_end && self.text.get(dashes_end..).unwrap_or_default().starts_with(b"END");
                if !is_end {
                    continue;
                }
                let ends = self.boundary_ends(dashes_end.saturating_add(b"END".len()))?;
                if let Some(end) = ends.first() {
                    return Ok(Some(Entry { base64: body..base64_end, end: *end }));
                }
            }
        }
        Ok(None)
    }

    /// Returns each place where `\s*.*NAME[^-]*-+\s+` can end, in the order in which Java tries them.
    fn boundary_ends(&mut self, from: usize) -> Result<Vec<usize>, PemStoreError> {
        let line_start = skip(self.text, from, is_space);
        let line_end = skip(self.text, line_start, |byte| !is_line_end(byte));
        self.spend(line_end.saturating_sub(from))?;
        let mut ends = Vec::new();
        let first_letter = self.name.as_str().as_bytes().first();
        for start in (line_start..line_end).rev() {
            if self.text.get(start) != first_letter {
                continue;
            }
            let Some(name_end) = self.name.end(self.text, start) else { continue };
            let dashes = skip(self.text, name_end, |byte| !is_dash(byte));
            let dashes_end = skip(self.text, dashes, is_dash);
            let end = skip(self.text, dashes_end, is_space);
            self.spend(end.saturating_sub(name_end))?;
            if dashes_end > dashes && end > dashes_end {
                ends.push(end);
            }
        }
        Ok(ends)
    }

    /// Returns where the lines with a colon end that follow: after none of them, after one, and so on.
    fn header_ends(&mut self, start: usize) -> Result<Vec<usize>, PemStoreError> {
        let mut ends = vec![start];
        let mut at = start;
        loop {
            let line = skip(self.text, at, is_space);
            let line_end = skip(self.text, line, |byte| !matches!(byte, b'\r' | b'\n'));
            self.spend(line_end.saturating_sub(at))?;
            let end = skip(self.text, line_end, |byte| matches!(byte, b'\r' | b'\n'));
            if end == line_end || !self.text.get(line..line_end).unwrap_or_default().contains(&b':') {
                return Ok(ends);
            }
            ends.push(end);
            at = end;
        }
    }

    fn spend(&mut self, bytes: usize) -> Result<(), PemStoreError> {
        self.work = self.work.saturating_add(bytes).saturating_add(1);
        if self.work > MAX_WORK { Err(PemStoreError::TooComplex) } else { Ok(()) }
    }
}

/// `\s` of Java.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0B | 0x0C | b'\r')
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

fn is_dash(byte: u8) -> bool {
    byte == b'-'
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+' | b'=') || is_space(byte)
}

/// Returns the first place from here on whose byte is another.
fn skip(text: &[u8], from: usize, is_skipped: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let length = rest.iter().position(|byte| !is_skipped(*byte)).unwrap_or(rest.len());
    from.saturating_add(length)
}

fn find(text: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.windows(wanted.len()).position(|window| window == wanted)?.checked_add(from)
}
