//! The documents that programs read.

use std::io;

use kafka_certgen::name::printable;
use serde::Serialize;

use crate::problem::{Failure, Problem};

/// Returns facts as one JSON document, which a terminal may show.
pub(crate) fn document(facts: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let text = serde_json::to_string_pretty(facts).map_err(unprintable)?;
    Ok(escaped(text + "\n").into_bytes())
}

pub(super) fn unprintable(error: serde_json::Error) -> Problem {
    Problem::from(io::Error::from(error))
}

/// Escapes in a JSON document the characters that a terminal would act on; those below U+0020 are escaped already.
fn escaped(document: String) -> String {
    let is_odd =
        |c: char| (!c.is_ascii() || c == '\u{7f}') && printable(c.encode_utf8(&mut [0; 4])).len() != c.len_utf8();
    if !document.contains(is_odd) {
        return document;
    }
    let mut out = String::with_capacity(document.len());
    for c in document.chars() {
        if is_odd(c) {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}
