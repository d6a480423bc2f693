//! `Metadata` in version 1: which brokers there are, and where they tell clients to connect to.
//!
//! The request is an array of topics: an empty one asks for none, and a null one for all. The response is an array of brokers `node_id,
//! host, port, rack`, the `controller_id`, and an array of topics (Kafka: `MetadataRequest.json`, `MetadataResponse.json`).
//!
//! A broker names of each broker the one endpoint that goes with the listener it was asked on, and needs no permission for it (Kafka:
//! `KafkaApis.handleTopicMetadataRequest`). Kafka 4.3.1 takes versions 0 to 13; on a listener with SASL, it closes the connection
//! unless SASL was before (`SaslServerAuthenticator.handleKafkaRequest`), and on a controller's it always does.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use super::wire::{self, MessageError, Reader};

/// The key of `Metadata`.
pub const API_KEY: i16 = 3;

/// The version that is spoken here.
pub const VERSION: i16 = 1;

/// The most brokers that are read.
pub const MAX_BROKERS: usize = 10_000;

/// The most topics, partitions of a topic, or replicas of a partition that are passed over. Nobody has asked for any.
const MAX_PASSED_OVER: usize = 10_000;

/// A broker, as clients shall see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// Its number.
    pub node_id: i32,
    /// Where clients find it: a name or an address, without brackets. Foreign text.
    pub host: String,
    /// Its port, as it is sent.
    pub port: i32,
    /// Its rack, if it has one. Foreign text.
    pub rack: Option<String>,
}

/// What a broker answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The number of the request.
    pub correlation_id: i32,
    /// All brokers that run.
    pub brokers: Vec<Broker>,
    /// The number of the broker that clients take for the controller, or -1.
    pub controller_id: i32,
}

/// Returns the request for no topic: 18 bytes.
pub fn request(correlation_id: i32) -> Vec<u8> {
    wire::request(API_KEY, VERSION, correlation_id, &0_i32.to_be_bytes())
}

impl Response {
    /// Reads a response, the whole message with its length.
    pub fn read(message: &[u8]) -> Result<Self, MessageError> {
        let mut reader = Reader::of(message)?;
        let correlation_id = reader.i32()?;
        let brokers = reader.array(MAX_BROKERS, |broker| {
            let (node_id, host) = (broker.i32()?, broker.string()?);
            let (port, rack) = (broker.i32()?, broker.nullable_string()?);
            Ok(Broker { node_id, host, port, rack })
        })?;
        let controller_id = reader.i32()?;
        reader.array(MAX_PASSED_OVER, pass_over_topic)?;
        reader.end()?;
        Ok(Self { correlation_id, brokers, controller_id })
    }
}

/// `error_code, name, is_internal`, and an array of partitions `error_code, partition_index, leader_id, replica_nodes, isr_nodes`.
fn pass_over_topic(topic: &mut Reader<'_>) -> Result<(), MessageError> {
    topic.i16()?;
    topic.string()?;
    topic.take(1)?;
    topic.array(MAX_PASSED_OVER, |partition| {
        partition.take(10)?;
        partition.array(MAX_PASSED_OVER, Reader::i32)?;
        partition.array(MAX_PASSED_OVER, Reader::i32)?;
        Ok(())
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Kafka 4.3.1 sent.
    const ANSWER: &[u8] =
        b"\0\0\0\x2b\0\0\0\x02\0\0\0\x01\0\0\0\x01\0\x09localhost\0\0\x98\xb5\0\x06rack-1\0\0\0\x01\0\0\0\0";

    #[test]
    fn the_request_is_the_one_that_brokers_answered() {
        assert_eq!(request(2), [0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 2, 0xff, 0xff, 0, 0, 0, 0]);
    }

    #[test]
    fn the_answer_of_a_broker_is_read_and_no_part_of_it_is_one() {
        let broker = Broker { node_id: 1, host: "localhost".to_owned(), port: 39093, rack: Some("rack-1".to_owned()) };
        let expected = Response { correlation_id: 2, brokers: vec![broker], controller_id: 1 };
        assert_eq!(Response::read(ANSWER), Ok(expected));
        for end in 0..ANSWER.len() {
            assert_eq!(Response::read(&ANSWER[..end]), Err(MessageError::Length), "{end}");
            if let Some(cut) = ANSWER.get(4..end) {
                assert_eq!(Response::read(&wire::framed(cut)), Err(MessageError::Length), "{end}");
            }
        }
        assert_eq!(Response::read(&wire::framed(&[&ANSWER[4..], &[0]].concat())), Err(MessageError::Length));
    }

    #[test]
    fn topics_are_passed_over() {
        let partition = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0];
        let topic = [b"\0\0\0\x01t\0\0\0\0\x01".as_slice(), &partition].concat();
        let body = [&ANSWER[4..ANSWER.len() - 4], &[0, 0, 0, 1], &topic].concat();
        assert_eq!(Response::read(&wire::framed(&body)), Response::read(ANSWER));
        assert_eq!(Response::read(&wire::framed(&body[..body.len() - 1])), Err(MessageError::Length));
    }

    #[test]
    fn brokers_are_counted_before_they_are_read() {
        for (count, error) in [
            (i32::MAX, MessageError::Count(i32::MAX)),
            (-1, MessageError::Count(-1)),
            (10_001, MessageError::Count(10_001)),
            (9_999, MessageError::Length),
        ] {
            let mut bytes = ANSWER.to_vec();
            bytes[8..12].copy_from_slice(&count.to_be_bytes());
            // What follows the first broker read as a second one is a string without its end.
            assert_eq!(Response::read(&bytes), Err(error), "{count}");
        }
        let mut nameless = ANSWER.to_vec();
        nameless[16..18].copy_from_slice(&[0xff, 0xff]);
        assert_eq!(Response::read(&nameless), Err(MessageError::StringLength(-1)));
    }
}
