//! Reads numbers and byte strings, and knows where it is.

use super::JksError;

const TOO_LONG: &str = "longer than what is left";

/// What is left of the input.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    /// Where `rest` ends in the whole input.
    end: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, end: bytes.len() }
    }

    pub(super) fn offset(&self) -> usize {
        self.end.saturating_sub(self.rest.len())
    }

    pub(super) fn remaining(&self) -> &'a [u8] {
        self.rest
    }

    /// Returns the error for what begins here.
    pub(super) fn malformed(&self, reading: &'static str, problem: &'static str) -> JksError {
        JksError::Malformed { reading, offset: self.offset(), problem }
    }

    pub(super) fn array<const N: usize>(&mut self, reading: &'static str) -> Result<[u8; N], JksError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(|| self.malformed(reading, "cut short"))?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self, reading: &'static str) -> Result<u8, JksError> {
        self.array(reading).map(u8::from_be_bytes)
    }

    pub(super) fn u32(&mut self, reading: &'static str) -> Result<u32, JksError> {
        self.array(reading).map(u32::from_be_bytes)
    }

    pub(super) fn i64(&mut self, reading: &'static str) -> Result<i64, JksError> {
        self.array(reading).map(i64::from_be_bytes)
    }

    /// Reads bytes behind their `u16` length.
    pub(super) fn short_bytes(&mut self, reading: &'static str) -> Result<&'a [u8], JksError> {
        let before = self.clone();
        let length = self.array(reading).map(u16::from_be_bytes)?;
        self.split_off(usize::from(length)).ok_or_else(|| before.malformed(reading, TOO_LONG))
    }

    /// Reads bytes behind their `u32` length.
    pub(super) fn long_bytes(&mut self, reading: &'static str) -> Result<&'a [u8], JksError> {
        let before = self.clone();
        let length = self.u32(reading)?;
        let length = int_as_length(length).ok_or_else(|| before.malformed(reading, "length is negative"))?;
        self.split_off(length).ok_or_else(|| before.malformed(reading, TOO_LONG))
    }

    /// Reads how many items follow, none of which can be smaller than `smallest` bytes.
    pub(super) fn count(&mut self, smallest: usize, reading: &'static str) -> Result<usize, JksError> {
        let before = self.clone();
        let count = self.u32(reading)?;
        let count = int_as_length(count).ok_or_else(|| before.malformed(reading, "count is negative"))?;
        if count.checked_mul(smallest).is_none_or(|needed| needed > self.rest.len()) {
            return Err(before.malformed(reading, "more than what is left can hold"));
        }
        Ok(count)
    }

    /// Reads one DER element of this tag and returns its content, whose offsets count on.
    pub(super) fn der(&mut self, tag: u8, reading: &'static str) -> Result<Self, JksError> {
        let before = self.clone();
        if self.u8(reading)? != tag {
            return Err(before.malformed(reading, "another DER tag than expected"));
        }
        let length = self.der_length(reading)?;
        let rest = self.split_off(length).ok_or_else(|| before.malformed(reading, TOO_LONG))?;
        Ok(Self { rest, end: self.offset() })
    }

    fn split_off(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn der_length(&mut self, reading: &'static str) -> Result<usize, JksError> {
        let before = self.clone();
        let (length, shortest) = match self.u8(reading)? {
            short @ 0..=0x7F => (u32::from(short), 0),
            0x81 => (u32::from(self.u8(reading)?), 0x80),
            0x82 => (self.array(reading).map(|[a, b]| u32::from_be_bytes([0, 0, a, b]))?, 0x100),
            0x83 => (self.array(reading).map(|[a, b, c]| u32::from_be_bytes([0, a, b, c]))?, 0x1_0000),
            0x84 => (self.u32(reading)?, 0x100_0000),
            _ => return Err(before.malformed(reading, "no DER length")),
        };
        let length = int_as_length(length).filter(|_| length >= shortest);
        length.ok_or_else(|| before.malformed(reading, "no DER length"))
    }

    /// Refuses to leave anything unread.
    pub(super) fn finish(self, reading: &'static str) -> Result<(), JksError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.malformed(reading, "followed by more bytes")) }
    }
}

/// Returns the length or count that a Java `int` with these bits is, unless it is negative.
fn int_as_length(bits: u32) -> Option<usize> {
    i32::try_from(bits).ok()?;
    usize::try_from(bits).ok()
}
