//! The messages, by who prints them.

use super::Entry;

mod java;

/// Returns every message, by family.
pub fn families() -> Vec<(&'static str, &'static [Entry])> {
    vec![("Java's TLS", java::ENTRIES)]
}

/// Returns every message.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    families().into_iter().flat_map(|(_, entries)| entries)
}
