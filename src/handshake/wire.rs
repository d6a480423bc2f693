//! The TLS records on the line (RFC 8446 §5.1): a type, a version, a length, and so many bytes.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use serde::Serialize;

/// The bytes of a record before its content.
const HEADER: usize = 5;

/// How many bytes of a direction are kept to look for plaintext in them.
const KEPT: usize = 4 << 20;

/// What went over the line in both directions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Wire {
    /// What the client has sent.
    pub client: Flow,
    /// What the broker has sent.
    pub broker: Flow,
}

/// What went over the line in one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// TLS records.
    pub records: usize,
    /// Bytes, with the headers of the records.
    pub bytes: usize,
}

impl Flow {
    /// Returns what has come since an earlier moment.
    pub(super) fn since(self, earlier: Self) -> Self {
        Self { records: self.records.saturating_sub(earlier.records), bytes: self.bytes.saturating_sub(earlier.bytes) }
    }
}

/// One direction of the line, listened to.
#[derive(Debug, Default)]
pub(super) struct Tap {
    flow: Flow,
    seen: Vec<u8>,
    /// The start of a header that is not all there.
    header: Vec<u8>,
    /// How much is missing of the record that has begun.
    missing: usize,
}

impl Tap {
    /// Listens to bytes as they pass.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        self.flow.bytes = self.flow.bytes.saturating_add(bytes.len());
        let room = KEPT.saturating_sub(self.seen.len());
        self.seen.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        let mut rest = bytes;
        while !rest.is_empty() {
            let skipped = self.missing.min(rest.len());
            self.missing = self.missing.saturating_sub(skipped);
            rest = rest.get(skipped..).unwrap_or_default();
            let wanted = HEADER.saturating_sub(self.header.len()).min(rest.len());
            self.header.extend_from_slice(rest.get(..wanted).unwrap_or_default());
            rest = rest.get(wanted..).unwrap_or_default();
            if let [_, _, _, high, low] = *self.header.as_slice() {
                self.missing = u16::from_be_bytes([high, low]).into();
                self.flow.records = self.flow.records.saturating_add(1);
                self.header.clear();
            }
        }
    }

    /// Returns what has passed.
    pub(super) fn flow(&self) -> Flow {
        self.flow
    }

    /// Says whether these bytes can be read off the line.
    pub(super) fn shows(&self, plaintext: &[u8]) -> bool {
        !plaintext.is_empty() && self.seen.windows(plaintext.len()).any(|window| window == plaintext)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORDS: [u8; 17] = [22, 3, 1, 0, 4, 1, 2, 3, 4, 20, 3, 3, 0, 0, 21, 3, 3];

    #[test]
    fn records_are_counted_however_they_are_cut() {
        for size in 1..=RECORDS.len() {
            let mut tap = Tap::default();
            for part in RECORDS.chunks(size) {
                tap.pass(part);
            }
            assert_eq!(tap.flow(), Flow { records: 2, bytes: 17 }, "{size}");
            tap.pass(&[0, 1, 7]);
            assert_eq!(tap.flow(), Flow { records: 3, bytes: 20 }, "{size}");
        }
    }

    #[test]
    fn what_can_be_read_off_the_line_is_found() {
        let mut tap = Tap::default();
        tap.pass(&RECORDS);
        assert!(tap.shows(&[2, 3]));
        assert!(!tap.shows(&[2, 4]));
        assert!(!tap.shows(&[]));
    }
}
