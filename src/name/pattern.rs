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
    let Ranges { parts, tail, .. } = Ranges::parse(pattern)?;
    let mut names = vec![String::new()];
    for (literal, range) in parts {
        let alternatives = range.alternatives();
        names = names
            .iter()
            .flat_map(|name| alternatives.iter().map(move |alternative| format!("{name}{literal}{alternative}")))
            .collect();
    }
    for name in &mut names {
        name.push_str(tail);
    }
    Ok(names)
}

/// Returns how many names `pattern` stands for, without making them.
pub fn count(pattern: &str) -> Result<usize, PatternError> {
    Ranges::parse(pattern).map(|ranges| ranges.count)
}

/// Expands a host name or an IP address with ranges, either with keytool's prefix: `dns:b[1-3].example.com`, `10.0.0.[1-3]`.
///
/// What has a colon of its own is an IPv6 address, and its brackets are no range.
pub fn expand_host(value: &str) -> Result<Vec<String>, PatternError> {
    if is_ipv6(value) { Ok(vec![value.to_owned()]) } else { expand(value) }
}

/// Returns how many host names or addresses `value` stands for, as [`expand_host`] would return them.
pub fn count_hosts(value: &str) -> Result<usize, PatternError> {
    if is_ipv6(value) { Ok(1) } else { count(value) }
}

fn is_ipv6(value: &str) -> bool {
    let name = value.split_once(':').map_or(value, |(prefix, name)| match prefix.to_ascii_lowercase().as_str() {
        "dns" | "ip" => name,
        _ => value,
    });
    name.contains(':')
}

/// How values that a pattern stands for go to the names that another one stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// The only name takes all values.
    AllToOne,
    /// The only value goes to all names.
    OneToAll,
    /// The first value goes to the first name, and so on.
    OneToOne,
}

impl Pairing {
    /// Returns how `values` values go to `names` names, if they can: where neither is one there must be as many of both.
    pub fn of(names: usize, values: usize) -> Option<Self> {
        match (names, values) {
            (_, 1) => Some(Self::OneToAll),
            (1, _) => Some(Self::AllToOne),
            (names, values) if names == values => Some(Self::OneToOne),
            _ => None,
        }
    }

    /// Returns the values that the name at `index` gets.
    pub fn values_for<T>(self, index: usize, values: &[T]) -> &[T] {
        match self {
            Self::AllToOne | Self::OneToAll => values,
            Self::OneToOne => values.get(index..=index).unwrap_or_default(),
        }
    }
}

/// A pattern that was taken apart.
struct Ranges<'a> {
    /// Each range with what stands before it.
    parts: Vec<(&'a str, Range<'a>)>,
    /// What stands behind the last.
    tail: &'a str,
    /// How many names it stands for, [`MAX_EXPANSION`] at most.
    count: usize,
}

impl<'a> Ranges<'a> {
    fn parse(pattern: &'a str) -> Result<Self, PatternError> {
        let mut ranges = Self { parts: Vec::new(), tail: pattern, count: 1 };
        if pattern.contains(['[', ']', '{', '}']) && pattern.len() > MAX_PATTERN {
            return Err(PatternError::Long);
        }
        while let Some(at) = ranges.tail.find(['[', ']', '{', '}']) {
            let (literal, tail) = ranges.tail.split_at(at);
            let (range, after) = Range::parse(pattern, tail)?;
            ranges.count = ranges.count.saturating_mul(range.count());
            if ranges.count > MAX_EXPANSION {
                return Err(PatternError::TooMany(pattern.to_owned()));
            }
            ranges.parts.push((literal, range));
            ranges.tail = after;
        }
        Ok(ranges)
    }
}

enum Range<'a> {
    /// `{one,other}`.
    List(&'a str),
    /// `[01-12]`; a leading zero keeps the width.
    Numbers { first: u64, last: u64, width: usize },
}

impl<'a> Range<'a> {
    /// Reads the range that `tail` begins with, and returns what comes behind it.
    fn parse(pattern: &str, tail: &'a str) -> Result<(Self, &'a str), PatternError> {
        let malformed = || PatternError::Malformed(pattern.to_owned());
        if let Some(inner) = tail.strip_prefix('[') {
            let (range, after) = inner.split_once(']').ok_or_else(malformed)?;
            return Ok((Self::numbers(pattern, range)?, after));
        }
        let inner = tail.strip_prefix('{').ok_or_else(malformed)?;
        let (list, after) = inner.split_once('}').ok_or_else(malformed)?;
        if list.contains(['{', '[', ']']) || list.split(',').any(str::is_empty) {
            return Err(malformed());
        }
        Ok((Self::List(list), after))
    }

    fn numbers(pattern: &str, range: &str) -> Result<Self, PatternError> {
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
        Ok(Self::Numbers { first, last, width })
    }

    fn count(&self) -> usize {
        match self {
            Self::List(list) => list.split(',').count(),
            Self::Numbers { first, last, .. } => usize::try_from(last - first).map_or(usize::MAX, |more| more + 1),
        }
    }

    fn alternatives(&self) -> Vec<String> {
        match self {
            Self::List(list) => list.split(',').map(str::to_owned).collect(),
            Self::Numbers { first, last, width } => {
                (*first..=*last).map(|number| format!("{number:0width$}", width = *width)).collect()
            }
        }
    }
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

    #[test]
    fn names_are_counted_without_being_made() {
        for pattern in ["broker1", "", "b[1-3].x", "b[08-10]", "b[1-2].{eu,us}", "b[7-7]", "b[0-99999]"] {
            assert_eq!(count(pattern).unwrap(), expand(pattern).unwrap().len(), "{pattern}");
        }
        assert_eq!(count("b[1]"), Err(PatternError::Malformed("b[1]".into())));
        assert_eq!(count("b[0-99999]{a,b}"), Err(PatternError::TooMany("b[0-99999]{a,b}".into())));
    }

    #[test]
    fn an_ipv6_address_has_no_range() {
        assert_eq!(expand_host("dns:b[1-2]").unwrap(), ["dns:b1", "dns:b2"]);
        assert_eq!(expand_host("10.0.0.[1-2]").unwrap(), ["10.0.0.1", "10.0.0.2"]);
        for address in ["::1", "[::1]", "ip:fe80::1", "IP:[fe80::1-2]"] {
            assert_eq!(expand_host(address).unwrap(), [address]);
            assert_eq!(count_hosts(address), Ok(1));
        }
        assert_eq!(count_hosts("ip:10.0.0.[1-2]"), Ok(2));
    }

    #[test]
    fn values_are_paired_with_names() {
        let values = ["a", "b", "c"];
        assert_eq!(Pairing::of(3, 3).unwrap().values_for(1, &values), ["b"]);
        assert_eq!(Pairing::of(3, 1).unwrap().values_for(2, &values[..1]), ["a"]);
        assert_eq!(Pairing::of(1, 3).unwrap().values_for(0, &values), ["a", "b", "c"]);
        assert_eq!(Pairing::of(1, 1).unwrap().values_for(0, &values[..1]), ["a"]);
        assert_eq!((Pairing::of(2, 3), Pairing::of(3, 2)), (None, None));
    }
}
