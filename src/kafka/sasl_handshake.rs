//! `SaslHandshake` in version 1: whether a listener wants SASL, and by which mechanisms. No secret is in it.
//!
//! The request is a `mechanism`, the response `error_code` and an array of `mechanisms` (Kafka: `SaslHandshakeRequest.json`,
//! `SaslHandshakeResponse.json`).
//!
//! Kafka 4.3.1 takes versions 0 and 1, and answers the same on listeners with and without TLS, of brokers and controllers, as the first
//! request or after `ApiVersions`:
//!
//! - Without SASL, error 34 and no mechanism, whichever was named. The connection goes on
//!   (Kafka: `KafkaApis.handleSaslHandshakeRequest`, `ControllerApis.handleSaslHandshakeRequest`).
//! - With SASL, all mechanisms: with error 0 if the one named is among them, and the broker waits for its first token, so that another
//!   request ends the connection; with error 33 if not, and the broker closes the connection and notes a failed authentication in its
//!   log (Kafka: `SaslServerAuthenticator.handleHandshakeRequest`).

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use super::wire::{self, MessageError, Reader};

/// The key of `SaslHandshake`.
pub const API_KEY: i16 = 17;

/// The version that is spoken here.
pub const VERSION: i16 = 1;

/// The error of a mechanism that is not enabled (Kafka: `Errors.UNSUPPORTED_SASL_MECHANISM`).
pub const UNSUPPORTED_MECHANISM: i16 = 33;

/// The error of a listener that wants no SASL, or not now (Kafka: `Errors.ILLEGAL_SASL_STATE`).
pub const ILLEGAL_STATE: i16 = 34;

/// The most mechanisms that are read: Kafka has 5.
pub const MAX_MECHANISMS: usize = 100;

/// What a broker answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The number of the request.
    pub correlation_id: i32,
    /// 0, or what is the matter.
    pub error_code: i16,
    /// The mechanisms that are enabled. Foreign text.
    pub mechanisms: Vec<String>,
}

/// Returns the request for a mechanism such as `PLAIN`.
pub fn request(correlation_id: i32, mechanism: &str) -> Vec<u8> {
    wire::request(API_KEY, VERSION, correlation_id, &wire::string(mechanism))
}

impl Response {
    /// Reads a response, the whole message with its length.
    pub fn read(message: &[u8]) -> Result<Self, MessageError> {
        let mut reader = Reader::of(message)?;
        let (correlation_id, error_code) = (reader.i32()?, reader.i16()?);
        let mechanisms = reader.array(MAX_MECHANISMS, Reader::string)?;
        reader.end()?;
        Ok(Self { correlation_id, error_code, mechanisms })
    }

    /// Says whether the listener wants SASL, if the answer says so.
    pub fn wants_sasl(&self) -> Option<bool> {
        match self.error_code {
            0 | UNSUPPORTED_MECHANISM => Some(true),
            ILLEGAL_STATE => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // What Kafka 4.3.1 sent.
    const WITHOUT_SASL: &[u8] = b"\0\0\0\x0a\0\0\0\x03\0\x22\0\0\0\0";
    const WITH_SASL: &[u8] = b"\0\0\0\x20\0\0\0\x03\0\x21\0\0\0\x02\0\x05PLAIN\0\x0dSCRAM-SHA-256";

    #[test]
    fn the_request_is_the_one_that_brokers_answered() {
        assert_eq!(request(3, "PLAIN"), b"\0\0\0\x11\0\x11\0\x01\0\0\0\x03\xff\xff\0\x05PLAIN");
    }

    #[test]
    fn the_answers_of_brokers_are_read_and_no_part_of_them_is_one() {
        let none = Response { correlation_id: 3, error_code: ILLEGAL_STATE, mechanisms: Vec::new() };
        let mechanisms = ["PLAIN", "SCRAM-SHA-256"].map(str::to_owned).to_vec();
        let some = Response { correlation_id: 3, error_code: UNSUPPORTED_MECHANISM, mechanisms };
        assert_eq!((none.wants_sasl(), some.wants_sasl()), (Some(false), Some(true)));
        for (bytes, expected) in [(WITHOUT_SASL, none), (WITH_SASL, some)] {
            assert_eq!(Response::read(bytes), Ok(expected));
            for end in 4..bytes.len() {
                assert_eq!(Response::read(&bytes[..end]), Err(MessageError::Length), "{end}");
                assert_eq!(Response::read(&wire::framed(&bytes[4..end])), Err(MessageError::Length), "{end}");
            }
        }
    }

    #[test]
    fn counts_have_bounds_and_another_error_says_nothing() {
        let mut bytes = WITHOUT_SASL.to_vec();
        bytes[9] = 35;
        assert_eq!(Response::read(&bytes).unwrap().wants_sasl(), None);
        for count in [-1, 101, i32::MAX] {
            bytes[10..14].copy_from_slice(&count.to_be_bytes());
            assert_eq!(Response::read(&bytes), Err(MessageError::Count(count)));
        }
    }
}
