//! Java strings as `DataOutput.writeUTF` writes them, without the length in front.
//!
//! ```text
//! U+0001 to U+007F             0xxxxxxx
//! U+0000, U+0080 to U+07FF     110xxxxx 10xxxxxx
//! U+0800 to U+FFFF             1110xxxx 10xxxxxx 10xxxxxx
//! above                        its two surrogates, each in three bytes
//! ```
//!
//! Java reads more than it writes, such as ASCII in two bytes. That is refused here, for it would not be the same
//! bytes when written again, and no writer is known to need it.

use std::ops::RangeInclusive;

const BACKSLASH: u16 = 0x5C;
const SURROGATES: RangeInclusive<u16> = 0xD800..=0xDFFF;

/// Returns the text for these bytes, or nothing if Java would not have written them.
pub(super) fn decode(bytes: &[u8]) -> Option<String> {
    let units = units_from_bytes(bytes)?;
    let mut text = String::with_capacity(bytes.len());
    let mut rest = char::decode_utf16(units);
    while let Some(next) = rest.next() {
        match next {
            Ok('\\') if looks_like_escape(rest.clone()) => text.push_str(&escape(BACKSLASH)),
            Ok(character) => text.push(character),
            Err(unpaired) => text.push_str(&escape(unpaired.unpaired_surrogate())),
        }
    }
    Some(text)
}

/// Returns the bytes for this text, or nothing if it has a `\u{…}` that [`decode`] does not produce.
pub(super) fn encode(text: &str) -> Option<Vec<u8>> {
    let bytes = bytes_from_units(&units_from_text(text));
    // One text for one Java string: else two aliases that differ here could be the same in the file.
    (decode(&bytes)? == text).then_some(bytes)
}

/// Returns whether a backslash before these characters would be taken for the begin of an escape.
fn looks_like_escape<E>(mut rest: impl Iterator<Item = Result<char, E>>) -> bool {
    matches!((rest.next(), rest.next()), (Some(Ok('u')), Some(Ok('{'))))
}

fn escape(unit: u16) -> String {
    format!("\\u{{{unit:x}}}")
}

/// Splits off the code unit that an escape at the start of the text stands for.
fn split_escape(text: &str) -> Option<(u16, &str)> {
    let digits_on = text.strip_prefix("\\u{")?;
    if let Some(rest) = digits_on.strip_prefix("5c}") {
        return Some((BACKSLASH, rest));
    }
    let (digits, rest) = digits_on.split_at_checked(4)?;
    let unit = u16::from_str_radix(digits, 16).ok().filter(|unit| SURROGATES.contains(unit))?;
    Some((unit, rest.strip_prefix('}')?))
}

fn units_from_text(mut text: &str) -> Vec<u16> {
    let mut units = Vec::with_capacity(text.len());
    loop {
        if let Some((unit, rest)) = split_escape(text) {
            units.push(unit);
            text = rest;
        } else {
            let mut characters = text.chars();
            let Some(character) = characters.next() else {
                return units;
            };
            units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
            text = characters.as_str();
        }
    }
}

fn units_from_bytes(mut bytes: &[u8]) -> Option<Vec<u16>> {
    let mut units = Vec::with_capacity(bytes.len());
    loop {
        let (unit, rest) = match bytes {
            [] => return Some(units),
            [a @ 0x01..=0x7F, rest @ ..] => (u16::from(*a), rest),
            [a @ 0xC0, b @ 0x80, rest @ ..] | [a @ 0xC2..=0xDF, b @ 0x80..=0xBF, rest @ ..] => {
                (u16::from(a & 0x1F) << 6 | u16::from(b & 0x3F), rest)
            }
            [a @ 0xE0, b @ 0xA0..=0xBF, c @ 0x80..=0xBF, rest @ ..]
            | [a @ 0xE1..=0xEF, b @ 0x80..=0xBF, c @ 0x80..=0xBF, rest @ ..] => {
                (u16::from(a & 0x0F) << 12 | u16::from(b & 0x3F) << 6 | u16::from(c & 0x3F), rest)
            }
            _ => return None,
        };
        units.push(unit);
        bytes = rest;
    }
}

fn bytes_from_units(units: &[u16]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(units.len());
    for unit in units {
        let [high, low] = unit.to_be_bytes();
        match unit {
            0x0001..=0x007F => bytes.push(low),
            0x0000 | 0x0080..=0x07FF => bytes.extend_from_slice(&[0xC0 | high << 2 | low >> 6, 0x80 | low & 0x3F]),
            0x0800..=0xFFFF => {
                bytes.extend_from_slice(&[0xE0 | high >> 4, 0x80 | (high & 0x0F) << 2 | low >> 6, 0x80 | low & 0x3F]);
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_strings_are_read_and_written() {
        let cases: [(&str, &[u8]); 15] = [
            ("", b""),
            ("broker1", b"broker1"),
            ("\u{1}\u{7f}", b"\x01\x7f"),
            ("\0", b"\xc0\x80"),
            ("\u{80}\u{7ff}", b"\xc2\x80\xdf\xbf"),
            ("\u{800}\u{ffff}", b"\xe0\xa0\x80\xef\xbf\xbf"),
            ("\u{d7ff}\u{e000}", b"\xed\x9f\xbf\xee\x80\x80"),
            ("\u{10000}\u{10ffff}", b"\xed\xa0\x80\xed\xb0\x80\xed\xaf\xbf\xed\xbf\xbf"),
            ("a\\u{d83d}", b"a\xed\xa0\xbd"),
            ("\\u{dd11}\\u{d83d}", b"\xed\xb4\x91\xed\xa0\xbd"),
            ("\\u{d83d}🔑", b"\xed\xa0\xbd\xed\xa0\xbd\xed\xb4\x91"),
            ("\\u{5c}u{d83d}", b"\\u{d83d}"),
            ("\\\\u{5c}u{", b"\\\\u{"),
            ("domain\\user\\", b"domain\\user\\"),
            ("\\\\u{d83d}u{", b"\\\xed\xa0\xbdu{"),
        ];
        for (text, bytes) in cases {
            assert_eq!(decode(bytes).as_deref(), Some(text), "{bytes:02x?}");
            assert_eq!(encode(text).as_deref(), Some(bytes), "{text}");
        }
    }

    #[test]
    fn every_code_unit_survives() {
        for unit in 0..=u16::MAX {
            let bytes = bytes_from_units(&[unit]);
            assert_eq!(units_from_bytes(&bytes), Some(vec![unit]));
            assert_eq!(encode(&decode(&bytes).unwrap()), Some(bytes));
        }
    }

    #[test]
    fn what_java_does_not_write_is_refused() {
        let cases: [&[u8]; 12] = [
            b"\0",
            b"\x80",
            b"\xc1\x81",
            b"\xc0\x81",
            b"\xc3",
            b"\xc3\x41",
            b"\xe0\x80\x80",
            b"\xe0\x9f\xbf",
            b"\xe2\x82",
            b"\xe2\x82\x41",
            b"\xf0\x9f\x94\x91",
            b"\xff",
        ];
        for bytes in cases {
            assert_eq!(decode(bytes), None, "{bytes:02x?}");
        }
    }

    #[test]
    fn text_has_one_spelling() {
        let cases = [
            "\\u{}",
            "\\u{5c}",
            "\\u{5c}n",
            "\\u{5C}u{",
            "\\u{005c}u{",
            "\\u{61}",
            "\\u{D83D}",
            "\\u{+83d}",
            "\\u{d83d",
            "\\u{d83d}\\u{dd11}",
            "\\u{dééé}",
        ];
        for text in cases {
            assert_eq!(encode(text), None, "{text}");
        }
    }
}
