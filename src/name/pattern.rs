//! Ranges in names: `broker[1-3].example.com` is three names, `broker[01-12].{eu,us}.example.com` is 24.
//!
//! The leftmost range varies slowest, so that the order is the one in which a person would have typed the names.

use std::fmt;

use super::printable;

/// The most names that one pattern may stand for. A cluster is far smaller.
pub const MAX_EXPANSION: usize = 100_000;

/// The longest pattern, in bytes. With [`MAX_EXPANSION`] it bounds the memory that an expansion takes.
const MAX_PATTERN: usize = 512;

/// The most digits of a number in a range: those of the largest `u64`.
const MAX_DIGITS: usize = 20;

/// What is wrong with a pattern; the text is the pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternError {
    /// `[3-1]`: the first number is larger than the last.
    Backwards(String),
    /// More than 512 bytes.
    Long,
    /// Brackets that do not hold `FIRST-LAST` in digits, braces without an alternative, or one of a pair alone.
    Malformed(String),
    /// More than [`MAX_EXPANSION`] names.
    TooMany(String),
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Backwards(text) => write!(f, "the range in `{}` runs backwards", printable(text)),
            Self::Long => write!(f, "a range of more than {MAX_PATTERN} bytes is not taken"),
            Self::Malformed(text) => {
                write!(f, "the range in `{}` is neither `[FIRST-LAST]` in digits nor `{{one,other}}`", printable(text))
            }
            Self::TooMany(text) => {
                write!(f, "the range in `{}` stands for more than {MAX_EXPANSION} names", printable(text))
            }
        }
    }
}

impl std::error::Error for PatternError {}

/// Returns the names that `pattern` stands for: itself, if it has no range.
pub fn expand(pattern: &str) -> Result<Vec<String>, PatternError> {
    if !pattern.contains(['[', ']', '{', '}']) {
        return Ok(vec![pattern.to_owned()]);
    }
    if pattern.len() > MAX_PATTERN {
        return Err(PatternError::Long);
    }
    let mut names = vec![String::new()];
    let mut rest = pattern;
    while let Some(at) = rest.find(['[', ']', '{', '}']) {
        let (literal, tail) = rest.split_at(at);
        let (alternatives, after) = alternatives(pattern, tail)?;
        if names.len().saturating_mul(alternatives.len()) > MAX_EXPANSION {
            return Err(PatternError::TooMany(pattern.to_owned()));
        }
        names = names
            .iter()
            .flat_map(|name| alternatives.iter().map(move |alternative| format!("{name}{literal}{alternative}")))
            .collect();
        rest = after;
    }
    for name in &mut names {
        name.push_str(rest);
    }
    Ok(names)
}

/// Reads the range that `tail` begins with, and returns what it stands for and what comes behind it.
fn alternatives<'a>(pattern: &str, tail: &'a str) -> Result<(Vec<String>, &'a str), PatternError> {
    let malformed = || PatternError::Malformed(pattern.to_owned());
    if let Some(inner) = tail.strip_prefix('[') {
        let (range, after) = inner.split_once(']').ok_or_else(malformed)?;
        return Ok((numbers(pattern, range)?, after));
    }
    let inner = tail.strip_prefix('{').ok_or_else(malformed)?;
    let (list, after) = inner.split_once('}').ok_or_else(malformed)?;
    if list.contains(['{', '[', ']']) || list.split(',').any(str::is_empty) {
        return Err(malformed());
    }
    Ok((list.split(',').map(str::to_owned).collect(), after))
}

/// Reads `01-12`; a leading zero keeps the width.
fn numbers(pattern: &str, range: &str) -> Result<Vec<String>, PatternError> {
    let malformed = || PatternError::Malformed(pattern.to_owned());
    let digits = |text: &str| (1..=MAX_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let (first, last) = range.split_once('-').filter(|(a, b)| digits(a) && digits(b)).ok_or_else(malformed)?;
    let width = if first.starts_with('0') { first.len() } else { 0 };
    let first: u64 = first.parse().map_err(|_| malformed())?;
    let last: u64 = last.parse().map_err(|_| malformed())?;
    if first > last {
        return Err(PatternError::Backwards(pattern.to_owned()));
    }
    if last - first >= MAX_EXPANSION as u64 {
        return Err(PatternError::TooMany(pattern.to_owned()));
    }
    Ok((first..=last).map(|number| format!("{number:0width$}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_name_stands_for_itself() {
        assert_eq!(expand("broker1").unwrap(), ["broker1"]);
        assert_eq!(expand("").unwrap(), [""]);
    }

    #[test]
    fn ranges_expand_in_reading_order() {
        assert_eq!(expand("b[1-3].x").unwrap(), ["b1.x", "b2.x", "b3.x"]);
        assert_eq!(expand("b[08-10]").unwrap(), ["b08", "b09", "b10"]);
        assert_eq!(expand("b[1-2].{eu,us}").unwrap(), ["b1.eu", "b1.us", "b2.eu", "b2.us"]);
        assert_eq!(expand("b[7-7]").unwrap(), ["b7"]);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for pattern in
            ["b[1]", "b[a-c]", "b[1-", "b]", "b[1-2", "b{}", "b{a,}", "b{a", "b}", "b[-1-2]", "b{[1-2]}", "[::1]"]
        {
            assert_eq!(expand(pattern), Err(PatternError::Malformed(pattern.into())), "{pattern}");
        }
        assert_eq!(expand("b[3-1]"), Err(PatternError::Backwards("b[3-1]".into())));
    }

    #[test]
    fn expansion_is_bounded() {
        assert_eq!(expand(&format!("b[{}-1]", "0".repeat(70_000))), Err(PatternError::Long));
        let wide = format!("b[{}-1]", "0".repeat(21));
        assert_eq!(expand(&wide), Err(PatternError::Malformed(wide)));
        assert_eq!(expand(&"x".repeat(1000)).unwrap(), ["x".repeat(1000)]);
        for pattern in
            ["b[0-99999999]", "b[0-18446744073709551615]", "[1-999][1-999]", "[0-9][0-9][0-9][0-9][0-9][0-9]"]
        {
            assert_eq!(expand(pattern), Err(PatternError::TooMany(pattern.into())), "{pattern}");
        }
    }
}
