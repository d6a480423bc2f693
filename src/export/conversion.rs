//! Any store, ours or foreign, in another format.
//!
//! ```text
//! file ─► Source ─► Selection ─► JKS, PKCS#12, PEM, DER
//!           │           │             └─ Reader: who can open it
//!           └───────────┴─ Remark: what is not as it was, or is left out
//! ```
//!
//! [`Source`] is what is in a JKS, JCEKS or PKCS#12 store, as Java sees it, or in files of PEM and DER, as it belongs together. A
//! [`Selection`] of its entries is what is written; whatever a format cannot hold is said before, as an error or as a [`Remark`].

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod loose;
mod parts;
mod readers;
mod selection;
mod source;
mod stores;
#[cfg(test)]
mod tests;

pub use parts::{Form, Part, PartError, PartFile};
pub use readers::Reader;
pub use selection::{Selection, SelectionError, Taken};
pub use source::{Remark, Source, SourceError, SourceFormat};
pub use stores::{StoreMisfit, Written};
