//! What `export` reports.

pub(crate) mod store;
