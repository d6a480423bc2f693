//! Messages of Kafka: what is read of what a stranger sends is within bounds, and no part of a message is one.

#![no_main]

use kafka_certgen::kafka::{api_versions, metadata, sasl_handshake, wire};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Several messages may come at once.
    let mut rest = bytes;
    while let Ok(Some(length)) = wire::message_length(rest) {
        assert!((4..=wire::MAX_RESPONSE + 4).contains(&length));
        let Some((message, next)) = rest.split_at_checked(length) else { return };
        check(message);
        rest = next;
    }
});

fn check(message: &[u8]) {
    let part = &message[..message.len() - 1];
    if let Ok(correlation_id) = api_versions::read_request(message) {
        let ours = api_versions::request(correlation_id);
        assert!(ours.len() <= message.len() && api_versions::read_request(&ours) == Ok(correlation_id));
    }
    if let Ok(response) = api_versions::Response::read(message) {
        assert!(response.apis.len() <= api_versions::MAX_APIS);
        assert_eq!(response.to_bytes(), message);
        assert!(api_versions::Response::read(part).is_err());
    }
    if let Ok(response) = metadata::Response::read(message) {
        assert!(response.brokers.len() <= metadata::MAX_BROKERS);
        assert!(response.brokers.iter().all(|broker| broker.host.len() <= wire::MAX_STRING));
        assert!(metadata::Response::read(part).is_err());
    }
    if let Ok(response) = sasl_handshake::Response::read(message) {
        assert!(response.mechanisms.len() <= sasl_handshake::MAX_MECHANISMS);
        assert!(response.mechanisms.iter().all(|mechanism| mechanism.len() <= wire::MAX_STRING));
        assert!(sasl_handshake::Response::read(part).is_err());
    }
}
