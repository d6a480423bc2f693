//! A verdict on stores, certificates and configuration, whoever made them.
//!
//! What is judged was read again as a stranger would read it: this module shares nothing with what issues but the decoders. A
//! [`Check`] is one thing that can be wrong, with a code that stays; a [`Finding`] says where it was found. Checks are data, in
//! the module of what they look at, each at one place.
//!
//! Time is an argument.

pub mod acceptance;
mod accepted;
mod authority;
pub mod bundle;
mod chain;
mod check;
pub mod configuration;
mod extensions;
mod files;
mod key;
pub mod load;
pub mod material;
mod names;
mod password;
pub mod pem;
mod properties;
pub mod reload;
mod report;
mod store;
mod validity;

use serde::Serialize;

use crate::name::printable;

pub use check::{Check, Severity};
pub use report::{Group, Report, Terms, judge, judge_start};

use check::checks;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Finding {
    /// What is wrong in general.
    pub check: &'static Check,
    /// What it is wrong with: a file, an entry of a store, a line of a configuration. Foreign text is escaped.
    pub object: String,
    /// What was found there, in a sentence without its full stop. Foreign text is escaped, and nothing in it is a secret.
    pub found: String,
    /// How to mend it, in a sentence without its full stop.
    pub fix: String,
}

impl Finding {
    /// Makes a finding; foreign text in its parts is escaped here.
    pub fn new(check: &'static Check, object: &str, found: impl AsRef<str>, fix: impl Into<String>) -> Self {
        Self { check, object: printable(object), found: printable(found.as_ref()), fix: fix.into() }
    }
}

impl Serialize for Finding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            code: &'static str,
            severity: Severity,
            object: &'a str,
            found: &'a str,
            why: &'static str,
            fix: &'a str,
        }
        let Self { check, object, found, fix } = self;
        Form { code: check.code, severity: check.severity, object, found, why: check.why, fix }.serialize(serializer)
    }
}

/// How many of a list are named.
const LISTED: usize = 10;

/// Names the first of a list of so many, and counts the rest.
fn listed<T: AsRef<str>>(items: impl Iterator<Item = T>, count: usize, separator: &str) -> String {
    let mut text = String::new();
    for (at, item) in items.take(LISTED).enumerate() {
        text.push_str(if at == 0 { "" } else { separator });
        text.push_str(item.as_ref());
    }
    match count.checked_sub(LISTED) {
        Some(more @ 1..) => format!("{text} and {more} more"),
        _ => text,
    }
}

/// Returns the checks by what they look at, in the order of the catalogue.
pub fn families() -> Vec<(&'static str, Vec<&'static Check>)> {
    let own: [(&str, &[&Check]); 13] = [
        ("certificates: dates", validity::CHECKS),
        ("certificates: names", names::CHECKS),
        ("certificates: version, usages, serial number, signature", extensions::CHECKS),
        ("keys", key::CHECKS),
        ("chains", chain::CHECKS),
        ("CAs", authority::CHECKS),
        ("acceptance by TLS stacks", accepted::CHECKS),
        ("stores", store::CHECKS),
        ("passwords", password::CHECKS),
        ("files", files::CHECKS),
        ("bundles", bundle::CHECKS),
        ("properties files, with their stores", properties::CHECKS),
        ("reload: new stores against old ones", reload::CHECKS),
    ];
    let own = own.into_iter().map(|(family, checks)| (family, checks.to_vec()));
    own.chain([("properties files of Kafka, and PEM as Kafka reads it", configuration::catalogue().collect())])
        .collect()
}

/// Returns every check there is, in the order of the catalogue.
pub fn catalogue() -> impl Iterator<Item = &'static Check> {
    families().into_iter().flat_map(|(_, checks)| checks)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_look_alike() {
        let mut seen = HashSet::new();
        for check in catalogue() {
            assert!(seen.insert(check.code), "{} is there twice", check.code);
            let is_code = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(check.code.chars().all(is_code) && check.code.contains('-'), "{}", check.code);
            assert!(check.why.len() > 20 && !check.why.ends_with('.'), "{}", check.code);
        }
        assert!(!seen.is_empty());
    }
}
