//! What is there already, in the form in which it travels: stores in other formats, Secrets of Kubernetes, and archives for a machine or a
//! colleague.
//!
//! [`conversion`] turns any store, and keys and certificates out of PEM files, into another store, or into PEM or DER. [`kubernetes`] and
//! [`archive`] are about bundles. Nothing here touches the disk. The same identity gives the same Secrets and archives each time, also where a
//! store has to be written anew: its salts come of the private key.

pub mod archive;
pub mod conversion;
mod identity;
pub mod kubernetes;
mod salts;

pub use identity::{Identity, Origin, Purpose, Store, StoreBytes};
