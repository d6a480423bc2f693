//! What Kafka reads: property files, PEM stores, principals, and the few messages of its protocol that a probe needs.

pub mod api_versions;
pub mod metadata;
pub mod pem_store;
pub mod principal;
pub mod properties;
pub mod properties_file;
pub mod sasl_handshake;
pub mod ssl_settings;
pub mod wire;
