//! The messages, by who prints them.
//!
//! To add one, write it into the family of who prints it, as it is printed, and say where the words come from. Where two entries fit one
//! line, the wrapper says less than the other.

use super::Entry;

mod alerts;
mod brokers;
mod clients;
mod containers;
mod dotnet;
mod go;
mod java;
mod node;
mod openssl;
mod python;
mod spring;
mod stores;

/// Declares `ENTRIES`: each a message, or a wrapper, which says only that something has failed.
macro_rules! messages {
    ($($kind:ident $code:literal:
        says [$($pattern:literal),+ $(,)?],
        by [$($printer:ident),+ $(,)?],
        means $meaning:literal,
        causes [$($cause:ident),* $(,)?],
        source $source:literal;)+) => {
        /// The messages of this family.
        pub(super) static ENTRIES: &[$crate::diagnosis::Entry] = &[$(
            $crate::diagnosis::Entry {
                code: $code,
                patterns: &[$($pattern),+],
                printers: &[$($crate::diagnosis::Printer::$printer),+],
                is_wrapper: $crate::diagnosis::catalogue::is_wrapper!($kind),
                meaning: $meaning,
                causes: &[$(&$crate::diagnosis::cause::$cause),*],
                source: $source,
            }
        ),+];
    };
}

macro_rules! is_wrapper {
    (message) => {
        false
    };
    (wrapper) => {
        true
    };
}

use {is_wrapper, messages};

/// Returns every message, by family.
pub fn families() -> Vec<(&'static str, &'static [Entry])> {
    vec![
        ("Java's TLS", java::ENTRIES),
        ("alerts of TLS, in Java", alerts::ENTRIES),
        ("stores and keys, in Java", stores::ENTRIES),
        ("brokers and controllers", brokers::ENTRIES),
        ("Java clients and Connect", clients::ENTRIES),
        ("librdkafka and OpenSSL", openssl::ENTRIES),
        ("Python", python::ENTRIES),
        ("Node.js", node::ENTRIES),
        ("Go", go::ENTRIES),
        (".NET", dotnet::ENTRIES),
        ("Spring", spring::ENTRIES),
        ("images of containers", containers::ENTRIES),
    ]
}

/// Returns every message.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    families().into_iter().flat_map(|(_, entries)| entries)
}

#[cfg(test)]
mod tests;
