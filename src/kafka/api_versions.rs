//! `ApiVersions` in version 0: the one request that every listener answers, also before SASL has authenticated anybody.
//!
//! The request is a header and nothing else, the response `correlation_id, error_code`, and an array of `api_key, min_version,
//! max_version` (Kafka: `ApiVersionsRequest.json`, `ApiVersionsResponse.json`).
//!
//! Kafka 4.3.1 lists the same on a broker's listener whatever that is, 75 APIs with `Metadata` 0 to 13 and `SaslHandshake` 0 to 1; on a
//! controller's, 41 APIs without `Metadata` (Kafka: `listeners` in the definitions of the requests). With SASL it answers before
//! `SaslHandshake`, and not after it (Kafka: `SaslServerAuthenticator.handleKafkaRequest`).

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use super::wire::{self, MessageError, Reader};

/// The key of `ApiVersions`.
pub const API_KEY: i16 = 18;

/// The most APIs that are read: Kafka has some hundred.
pub const MAX_APIS: usize = 10_000;

/// The key of `BrokerRegistration`, by which a broker makes itself known to a controller.
const BROKER_REGISTRATION: i16 = 62;

/// The versions in which a broker takes a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiVersion {
    /// Which request.
    pub api_key: i16,
    /// The first version.
    pub min_version: i16,
    /// The last version.
    pub max_version: i16,
}

/// What a broker answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The number of the request.
    pub correlation_id: i32,
    /// 0, or why there is no list; 35 for a version of the request that is not known.
    pub error_code: i16,
    /// What it takes.
    pub apis: Vec<ApiVersion>,
}

/// Returns the request: 14 bytes.
pub fn request(correlation_id: i32) -> Vec<u8> {
    wire::request(API_KEY, 0, correlation_id, &[])
}

/// Reads a request and returns its number, as a broker does.
pub fn read_request(message: &[u8]) -> Result<i32, MessageError> {
    let mut reader = Reader::of(message)?;
    let (api_key, version) = (reader.i16()?, reader.i16()?);
    if (api_key, version) != (API_KEY, 0) {
        return Err(MessageError::OtherRequest { api_key, version });
    }
    let correlation_id = reader.i32()?;
    let client_id = usize::try_from(reader.i16()?.max(0)).unwrap_or(0);
    reader.take(client_id)?;
    reader.end()?;
    Ok(correlation_id)
}

impl Response {
    /// Says whether a request is taken in that version.
    pub fn takes(&self, api_key: i16, version: i16) -> bool {
        self.apis.iter().any(|api| api.api_key == api_key && (api.min_version..=api.max_version).contains(&version))
    }

    /// Says whether this is the list of a controller: it takes the registration of brokers, and no request for metadata.
    pub fn is_of_controller(&self) -> bool {
        let has = |key| self.apis.iter().any(|api| api.api_key == key);
        has(BROKER_REGISTRATION) && !has(super::metadata::API_KEY)
    }

    /// Returns the response as it goes over the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut body = Vec::new();
        body.extend(self.correlation_id.to_be_bytes());
        body.extend(self.error_code.to_be_bytes());
        let count = self.apis.len().min(MAX_APIS);
        body.extend(i32::try_from(count).unwrap_or(0).to_be_bytes());
        for api in self.apis.iter().take(count) {
            body.extend([api.api_key, api.min_version, api.max_version].iter().flat_map(|number| number.to_be_bytes()));
        }
        wire::framed(&body)
    }

    /// Reads a response, the whole message with its length.
    pub fn read(message: &[u8]) -> Result<Self, MessageError> {
        let mut reader = Reader::of(message)?;
        let (correlation_id, error_code) = (reader.i32()?, reader.i16()?);
        let apis = reader.array(MAX_APIS, |api| {
            let (api_key, min_version, max_version) = (api.i16()?, api.i16()?, api.i16()?);
            Ok(ApiVersion { api_key, min_version, max_version })
        })?;
        reader.end()?;
        Ok(Self { correlation_id, error_code, apis })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Response {
        let api = |api_key, max_version| ApiVersion { api_key, min_version: 0, max_version };
        Response { correlation_id: 7, error_code: 0, apis: vec![api(API_KEY, 4), api(3, 12)] }
    }

    #[test]
    fn the_request_is_the_one_that_brokers_answered() {
        let bytes = [0, 0, 0, 0x0a, 0, 0x12, 0, 0, 0, 0, 0, 7, 0xff, 0xff];
        assert_eq!(request(7), bytes);
        assert_eq!(read_request(&bytes), Ok(7));
    }

    #[test]
    fn a_request_of_another_kind_is_told() {
        let mut metadata = request(7);
        metadata[5] = 3;
        assert_eq!(read_request(&metadata), Err(MessageError::OtherRequest { api_key: 3, version: 0 }));
    }

    #[test]
    fn a_response_is_read_as_it_was_written_and_no_part_of_it_is_one() {
        let bytes = example().to_bytes();
        assert_eq!(Response::read(&bytes), Ok(example()));
        for end in 0..bytes.len() {
            assert_eq!(Response::read(&bytes[..end]), Err(MessageError::Length), "{end}");
        }
        assert_eq!(Response::read(&[bytes.as_slice(), &[0]].concat()), Err(MessageError::Length));
    }

    #[test]
    fn a_count_beyond_the_message_is_no_memory() {
        let mut bytes = example().to_bytes();
        for (count, error) in
            [(i32::MAX, MessageError::Count(i32::MAX)), (-1, MessageError::Count(-1)), (3, MessageError::Length)]
        {
            bytes[10..14].copy_from_slice(&count.to_be_bytes());
            assert_eq!(Response::read(&bytes), Err(error));
        }
    }

    #[test]
    fn a_controller_shows_in_what_it_takes() {
        let of = |keys: &[i16]| {
            let apis = keys.iter().map(|&api_key| ApiVersion { api_key, min_version: 0, max_version: 4 }).collect();
            Response { correlation_id: 7, error_code: 0, apis }
        };
        assert!(!of(&[1, 3, 17, 18, 60]).is_of_controller());
        assert!(of(&[1, 17, 18, 52, 60, 62]).is_of_controller());
        assert!(example().takes(3, 12) && !example().takes(3, 13) && !example().takes(17, 0));
    }
}
