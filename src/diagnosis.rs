//! What TLS errors in logs mean: a catalogue of what Kafka, the JVM and the clients print, and what is behind it.
//!
//! An [`Entry`] is one message that somebody prints, as data: the words by which it is known, what it means, and the likely
//! [`Cause`]s in their order. A cause is what is really wrong; [`crate::handshake`] finds the same ones by asking the broker.
//!
//! A [`Matcher`] knows the words of all messages, and a [`Scanner`] reads logs with it: gigabytes of them as they come, in bounded memory,
//! and whatever they are, with lines that never end and bytes that are no text.
//!
//! ```
//! use kafka_certgen::diagnosis::{Matcher, MatcherError, Scanner};
//!
//! let matcher = Matcher::of_catalogue()?;
//! let mut scanner = Scanner::new(&matcher);
//! scanner.begin("server.log");
//! scanner.feed(b"ERROR ... PKIX path building failed: ... unable to find valid certification path to requested target\n");
//! let diagnosis = scanner.finish();
//! assert_eq!(diagnosis.findings[0].entry.causes[0].code, "broker-ca-unknown");
//! assert_eq!(diagnosis.findings[0].places[0].first_line, 1);
//! # Ok::<(), MatcherError>(())
//! ```

pub mod catalogue;
pub mod cause;
mod entry;
mod form;
mod found;
mod matcher;
mod pattern;
mod received;
mod scan;
mod secrets;
#[cfg(test)]
mod tests;

pub use cause::{Advice, Cause};
pub use entry::{Entry, Printer};
pub use form::Form;
pub use found::{Captured, Diagnosis, Finding, Place, ReadFile, Remedy, Step, Value};
pub use matcher::{Matcher, MatcherError};
pub use pattern::{Part, PatternError, parts};
pub use received::sender_of;
pub use scan::Scanner;
