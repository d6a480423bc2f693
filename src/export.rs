//! What is there already, in the forms in which it travels: stores in another format.
//!
//! [`conversion`] turns any store, and keys and certificates out of PEM files, into another store, or into PEM or DER.

pub mod conversion;
