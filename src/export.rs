//! What a bundle holds, in the form in which it travels: Secrets of Kubernetes, and archives for a machine or a colleague.
//!
//! Nothing here touches the disk. The same identity gives the same bytes each time, also where a store has to be written anew: its salts
//! come of the private key.

pub mod archive;
mod identity;
pub mod kubernetes;
mod salts;

pub use identity::{Identity, Origin, Purpose, Store, StoreBytes};
