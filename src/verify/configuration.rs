//! The checks of a properties file of Kafka.
//!
//! A check is a function from what the file says to findings, in a table; the file itself is read in [`crate::kafka`]. An error
//! is what keeps Kafka from starting or a connection from being made; a warning is what works and is not what was meant.
//! Stores are looked at elsewhere; of PEM, what only Kafka refuses is judged here.

mod clients;
mod keys;
mod listeners;
mod pem;
mod principals;
mod protocols;
mod stores;
#[cfg(test)]
mod tests;

use super::{Check, Finding, checks};
use crate::kafka::properties_file::{PropertiesFile, Property};
use crate::kafka::ssl_settings::{ClientSettings, KafkaSettings, Listener, NodeSettings, Setting, SslSettings};

/// What the file does not say and the judge knows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings {
    /// Whether there are clients with certificates of their own.
    pub has_client_certificates: bool,
}

/// A file with what it says.
struct Configuration<'a> {
    name: &'a str,
    file: &'a PropertiesFile,
    settings: &'a KafkaSettings<'a>,
    surroundings: Surroundings,
}

/// The TLS of a client, of a listener, or of a file that is only a part.
struct Tls<'a> {
    configuration: &'a Configuration<'a>,
    ssl: &'a SslSettings<'a>,
    /// None where the file is not of a node.
    listener: Option<&'a Listener<'a>>,
    is_client: bool,
}

/// What looks at the file as a whole.
const OF_FILE: &[fn(&Configuration<'_>) -> Vec<Finding>] = &[
    keys::none_of_kafka,
    keys::unknown,
    keys::duplicate,
    keys::variable,
    keys::lost_backslash,
    keys::blanks,
    listeners::prefixes,
    principals::mapping_rules,
    principals::super_users,
];

/// What looks at the file of a client.
const OF_CLIENT: &[fn(&Configuration<'_>, &ClientSettings<'_>) -> Vec<Finding>] =
    &[clients::protocol, clients::without_tls];

/// What looks at the file of a node.
const OF_NODE: &[fn(&Configuration<'_>, &NodeSettings<'_>) -> Vec<Finding>] =
    &[listeners::refused, listeners::plaintext, listeners::advertised];

/// What looks at each use of TLS.
const OF_TLS: &[fn(&Tls<'_>) -> Vec<Finding>] = &[
    stores::refused,
    stores::types,
    stores::locations,
    stores::passwords,
    stores::missing,
    pem::inline,
    protocols::values,
    protocols::context,
    protocols::versions,
    protocols::cipher_suites,
    protocols::endpoint_identification,
    listeners::client_auth,
];

/// Judges a properties file; `name` is what to call it.
pub fn judge(
    name: &str,
    file: &PropertiesFile,
    settings: &KafkaSettings<'_>,
    surroundings: Surroundings,
) -> Vec<Finding> {
    let configuration = Configuration { name, file, settings, surroundings };
    let mut findings: Vec<Finding> = OF_FILE.iter().flat_map(|check| check(&configuration)).collect();
    match settings {
        KafkaSettings::Client(client) => {
            findings.extend(OF_CLIENT.iter().flat_map(|check| check(&configuration, client)));
        }
        KafkaSettings::Node(node) => findings.extend(OF_NODE.iter().flat_map(|check| check(&configuration, node))),
        KafkaSettings::Part(_) => {}
    }
    for tls in configuration.uses_of_tls() {
        for finding in OF_TLS.iter().flat_map(|check| check(&tls)) {
            // Listeners share what has no prefix.
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    findings
}

pub(super) use listeners::CLIENT_AUTH_REQUESTED;
pub(super) use pem::{PBES2, judge_reading, judge_type};
pub use pem::{judge_store, judge_store_content};

/// Returns every check of a properties file, in the order of the catalogue.
pub(super) fn catalogue() -> impl Iterator<Item = &'static Check> {
    let lists = [
        keys::CHECKS,
        clients::CHECKS,
        listeners::CHECKS,
        stores::CHECKS,
        pem::CHECKS,
        protocols::CHECKS,
        principals::CHECKS,
    ];
    lists.into_iter().flatten().copied()
}

impl<'a> Configuration<'a> {
    fn uses_of_tls(&'a self) -> Vec<Tls<'a>> {
        let tls = |ssl, listener, is_client| Tls { configuration: self, ssl, listener, is_client };
        match self.settings {
            KafkaSettings::Client(client) if client.security_protocol.as_ref().is_ok_and(|p| p.uses_tls()) => {
                vec![tls(&client.ssl, None, true)]
            }
            KafkaSettings::Client(_) => Vec::new(),
            KafkaSettings::Part(ssl) => vec![tls(ssl, None, false)],
            KafkaSettings::Node(node) => {
                let is_elsewhere =
                    |listener: &&Listener<'_>| node.listeners.iter().all(|own| own.name != listener.name);
                let controllers = node.controllers.iter().filter(is_elsewhere);
                let listeners =
                    node.listeners.iter().chain(controllers).filter(|listener| listener.protocol.uses_tls());
                listeners.map(|listener| tls(&listener.ssl, Some(listener), listener.bound.is_none())).collect()
            }
        }
    }

    /// Names a place in the file.
    fn at(&self, line: usize) -> String {
        format!("{}, line {line}", self.name)
    }

    fn at_property(&self, property: &Property) -> String {
        self.at(property.line())
    }
}

impl Tls<'_> {
    fn at(&self, setting: &Setting<'_>) -> String {
        self.configuration.at(setting.line())
    }

    /// Names the place of a key, or what the settings are for if it has none.
    fn at_key(&self, key: &str) -> String {
        self.ssl.get(key).map_or_else(|| self.object(), |setting| self.at(&setting))
    }

    fn object(&self) -> String {
        match self.listener {
            Some(listener) => format!("{}, listener {}", self.configuration.name, listener.name),
            None => self.configuration.name.to_owned(),
        }
    }
}
