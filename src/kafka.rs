//! What Kafka reads: property files, principals, and the one request of its protocol that a probe needs.

pub mod api_versions;
pub mod principal;
pub mod properties;
