//! What Kafka reads: property files and principals.

pub mod pem_store;
pub mod principal;
pub mod properties;
pub mod properties_file;
pub mod ssl_settings;
