//! What TLS errors in logs mean: a catalogue of what Kafka, the JVM and the clients print, and what is behind it.
//!
//! An [`Entry`] is one message that somebody prints, as data: the words by which it is known, what it means, and the likely
//! [`Cause`]s in their order. A cause is what is really wrong; [`crate::handshake`] finds the same ones by asking the broker.

pub mod catalogue;
pub mod cause;
mod entry;

pub use cause::{Advice, Cause};
pub use entry::{Entry, Printer};
