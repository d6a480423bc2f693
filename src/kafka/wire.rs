//! Messages on the line: a length and so many bytes, everything in network order.
//!
//! A request begins with `api_key, api_version, correlation_id, client_id`, a response with the `correlation_id` of its request
//! (Kafka: `RequestHeader.json` in version 1, `ResponseHeader.json` in version 0). Numbers are signed. A string is its length in an
//! `i16` and UTF-8, an array its count in an `i32` and its items; a length of -1 is null.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::fmt;

/// The most bytes of a response that are read, without its length.
pub const MAX_RESPONSE: usize = 1 << 20;

/// The most bytes of a string that are read: a host has 255 at most.
pub const MAX_STRING: usize = 4096;

/// A null string.
const NULL: i16 = -1;

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageError {
    /// It ends before or after its own length, or its fields do.
    Length,
    /// More than [`MAX_RESPONSE`] bytes, by its own length; that of a TLS record read as one is so too.
    TooLarge(u32),
    /// An array has so many items, more than are read, or a negative number of them.
    Count(i32),
    /// A string has so many bytes, more than [`MAX_STRING`], or a negative number of them.
    StringLength(i16),
    /// A string is not UTF-8.
    NotUtf8,
    /// It answers another request: that of this number.
    OtherAnswer(i32),
    /// Another request than this.
    OtherRequest {
        /// Its key.
        api_key: i16,
        /// Its version.
        version: i16,
    },
}

impl fmt::Display for MessageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => write!(f, "the message does not have the length that it says"),
            Self::TooLarge(length) if length.to_be_bytes() == *b"HTTP" => write!(f, "it begins with `HTTP`"),
            Self::TooLarge(length) => {
                write!(f, "the message would have {length} bytes, {MAX_RESPONSE} are the most that are read")
            }
            Self::Count(count) => write!(f, "the message has an array of {count} items"),
            Self::StringLength(length) => write!(f, "the message has a string of {length} bytes"),
            Self::NotUtf8 => write!(f, "the message has a string that is not UTF-8"),
            Self::OtherAnswer(number) => write!(f, "the message answers a request {number}, which was not made"),
            Self::OtherRequest { api_key, version } => {
                write!(f, "the message is a request of the API {api_key} in version {version}")
            }
        }
    }
}

impl std::error::Error for MessageError {}

/// Returns how many bytes a message has with its length, as soon as that is there.
pub fn message_length(start: &[u8]) -> Result<Option<usize>, MessageError> {
    let Some(length) = start.first_chunk::<4>() else { return Ok(None) };
    let length = u32::from_be_bytes(*length);
    match usize::try_from(length) {
        Ok(bytes) if bytes <= MAX_RESPONSE => Ok(Some(bytes.saturating_add(4))),
        _ => Err(MessageError::TooLarge(length)),
    }
}

/// Returns a request without a client id.
pub(super) fn request(api_key: i16, version: i16, correlation_id: i32, body: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    message.extend(api_key.to_be_bytes());
    message.extend(version.to_be_bytes());
    message.extend(correlation_id.to_be_bytes());
    message.extend(NULL.to_be_bytes());
    message.extend(body);
    framed(&message)
}

/// Returns a string, or null for one that no string of the protocol can be.
pub(super) fn string(text: &str) -> Vec<u8> {
    let length = i16::try_from(text.len());
    length.map_or_else(
        |_| NULL.to_be_bytes().to_vec(),
        |length| [length.to_be_bytes().as_slice(), text.as_bytes()].concat(),
    )
}

/// Frames what a message says.
pub(super) fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
    [length.as_slice(), body].concat()
}

/// What is left of a message.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn of(message: &'a [u8]) -> Result<Self, MessageError> {
        match message_length(message)? {
            Some(length) if length == message.len() => Ok(Self(message.get(4..).unwrap_or_default())),
            _ => Err(MessageError::Length),
        }
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], MessageError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(MessageError::Length)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn i16(&mut self) -> Result<i16, MessageError> {
        self.take(2)?.try_into().map(i16::from_be_bytes).map_err(|_| MessageError::Length)
    }

    pub(super) fn i32(&mut self) -> Result<i32, MessageError> {
        self.take(4)?.try_into().map(i32::from_be_bytes).map_err(|_| MessageError::Length)
    }

    pub(super) fn string(&mut self) -> Result<String, MessageError> {
        self.nullable_string()?.ok_or(MessageError::StringLength(NULL))
    }

    pub(super) fn nullable_string(&mut self) -> Result<Option<String>, MessageError> {
        let length = self.i16()?;
        if length == NULL {
            return Ok(None);
        }
        let count = usize::try_from(length).ok().filter(|count| *count <= MAX_STRING);
        let bytes = self.take(count.ok_or(MessageError::StringLength(length))?)?;
        std::str::from_utf8(bytes).map(|text| Some(text.to_owned())).map_err(|_| MessageError::NotUtf8)
    }

    /// Reads an array of at most so many items.
    pub(super) fn array<T>(
        &mut self,
        most: usize,
        mut item: impl FnMut(&mut Self) -> Result<T, MessageError>,
    ) -> Result<Vec<T>, MessageError> {
        let count = self.i32()?;
        let items = usize::try_from(count).ok().filter(|items| *items <= most).ok_or(MessageError::Count(count))?;
        (0..items).map(|_| item(self)).collect()
    }

    pub(super) fn end(&self) -> Result<(), MessageError> {
        if self.0.is_empty() { Ok(()) } else { Err(MessageError::Length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_arrays_have_bounds() {
        let read = |bytes: &[u8]| {
            let message = framed(bytes);
            let mut reader = Reader::of(&message)?;
            let texts = reader.array(2, Reader::nullable_string)?;
            reader.end().map(|()| texts)
        };
        assert_eq!(read(&[0, 0, 0, 2, 0xff, 0xff, 0, 1, b'a']), Ok(vec![None, Some("a".to_owned())]));
        assert_eq!(read(&[0, 0, 0, 3]), Err(MessageError::Count(3)));
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff]), Err(MessageError::Count(-1)));
        assert_eq!(read(&[0, 0, 0, 1, 0, 1, 0xff]), Err(MessageError::NotUtf8));
        assert_eq!(read(&[0, 0, 0, 1, 0xff, 0xfe]), Err(MessageError::StringLength(-2)));
        assert_eq!(read(&[0, 0, 0, 1, 0x7f, 0xff]), Err(MessageError::StringLength(0x7fff)));
        assert_eq!(read(&[0, 0, 0, 1, 0, 2, b'a']), Err(MessageError::Length));
    }

    #[test]
    fn a_tls_alert_read_as_a_message_is_too_large() {
        let alert = [0x15, 3, 3, 0, 2, 2, 40];
        assert_eq!(message_length(&alert), Err(MessageError::TooLarge(0x1503_0300)));
        assert_eq!(message_length(&[0, 0]), Ok(None));
        assert_eq!(message_length(b"HTTP/1.1").unwrap_err().to_string(), "it begins with `HTTP`");
    }
}
