//! What a properties file of Kafka says about TLS: for a client, and for each listener of a broker or controller.
//!
//! Nothing is copied out of the file: a setting is a property of it, as Kafka finds it (`ConfigDef.parseType`,
//! `AbstractConfig.valuesWithPrefixOverride`). What Kafka refuses is told in its own words.

// Foreign text comes in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

pub mod keys;
mod node;
mod store;
#[cfg(test)]
mod tests;

use std::fmt;

pub use node::{Endpoint, Listener, ListenerFault, MAX_LISTENERS, NodeSettings, Role};
pub use store::{StoreFault, StoreSource};

use super::properties_file::{PropertiesFile, Property};
use crate::spec::ClientAuth;

/// What the settings of a file are for.
#[derive(Debug, Clone)]
pub enum KafkaSettings<'a> {
    /// A producer, a consumer, an admin client, a Connect worker.
    Client(ClientSettings<'a>),
    /// A broker, a controller, or both in one.
    Node(Box<NodeSettings<'a>>),
    /// The TLS part of a file, of which one cannot see what it belongs to.
    Part(SslSettings<'a>),
}

/// What only nodes set.
const NODE_KEYS: [&str; 9] = [
    "process.roles",
    "node.id",
    "broker.id",
    "advertised.listeners",
    "listener.security.protocol.map",
    "controller.listener.names",
    "inter.broker.listener.name",
    "log.dirs",
    "zookeeper.connect",
];

/// What only clients set. A Connect worker has `listeners`, too: those of its REST interface.
const CLIENT_KEYS: [&str; 10] = [
    "security.protocol",
    "bootstrap.servers",
    "client.id",
    "group.id",
    "key.serializer",
    "key.deserializer",
    "key.converter",
    "config.storage.topic",
    "offset.storage.file.filename",
    "application.id",
];

impl<'a> KafkaSettings<'a> {
    /// Reads the settings of a file, and sees by its keys what they are for.
    pub fn of(file: &'a PropertiesFile) -> Self {
        let has = |key: &str| file.get(key).is_some();
        if NODE_KEYS.iter().any(|key| has(key)) {
            return Self::Node(Box::new(NodeSettings::of(file)));
        }
        if CLIENT_KEYS.iter().any(|key| has(key)) {
            return Self::Client(ClientSettings::of(file));
        }
        if file.get("listeners").is_some() {
            Self::Node(Box::new(NodeSettings::of(file)))
        } else {
            Self::Part(SslSettings::of(file))
        }
    }
}

/// How somebody connects to brokers, as the file says.
#[derive(Debug, Clone)]
pub struct Connecting<'a> {
    /// The listener whose settings count; none in the file of a client.
    pub listener: Option<String>,
    /// How it connects; none where the file does not say.
    pub protocol: Option<Result<SecurityProtocol, SettingError>>,
    /// Its TLS.
    pub ssl: SslSettings<'a>,
}

impl<'a> KafkaSettings<'a> {
    /// Returns how the owner of the file connects: a client, or a node, which connects to other brokers with the settings of the listener
    /// that they use among themselves (`ChannelBuilders.clientChannelBuilder` with a listener's name), else with that of the controllers.
    pub fn connecting(&self) -> Connecting<'a> {
        let node = match self {
            Self::Client(ClientSettings { security_protocol, ssl }) => {
                let protocol = ssl.get(SECURITY_PROTOCOL).map(|_| security_protocol.clone());
                return Connecting { listener: None, protocol, ssl: ssl.clone() };
            }
            Self::Part(ssl) => return Connecting { listener: None, protocol: None, ssl: ssl.clone() },
            Self::Node(node) => node,
        };
        let among_brokers = node.listeners.iter().find(|listener| listener.is_inter_broker);
        let in_order = || among_brokers.into_iter().chain(&node.controllers).chain(&node.listeners);
        match in_order().find(|listener| listener.protocol.uses_tls()).or(in_order().next()) {
            Some(listener) => Connecting {
                listener: Some(listener.name.clone()),
                protocol: Some(Ok(listener.protocol)),
                ssl: listener.ssl.clone(),
            },
            None => Connecting { listener: None, protocol: None, ssl: node.ssl.clone() },
        }
    }
}

const SECURITY_PROTOCOL: &str = "security.protocol";

/// The settings of a client.
#[derive(Debug, Clone)]
pub struct ClientSettings<'a> {
    /// How the client connects. Kafka's default has no TLS.
    pub security_protocol: Result<SecurityProtocol, SettingError>,
    /// Its TLS.
    pub ssl: SslSettings<'a>,
}

impl<'a> ClientSettings<'a> {
    /// Reads the settings of a client out of its file.
    pub fn of(file: &'a PropertiesFile) -> Self {
        let ssl = SslSettings::of(file);
        let protocol = ssl.get(SECURITY_PROTOCOL).map(|setting| {
            let refused = || SettingError::refused(&setting, "PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL");
            SecurityProtocol::of_name(setting.resolved()?).ok_or_else(refused)
        });
        Self { security_protocol: protocol.unwrap_or(Ok(SecurityProtocol::Plaintext)), ssl }
    }
}

/// How clients and servers talk (`org.apache.kafka.common.security.auth.SecurityProtocol`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecurityProtocol {
    /// Neither encrypted nor authenticated.
    Plaintext,
    /// TLS.
    Ssl,
    /// SASL without TLS.
    SaslPlaintext,
    /// SASL over TLS.
    SaslSsl,
}

impl SecurityProtocol {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Plaintext, Self::Ssl, Self::SaslPlaintext, Self::SaslSsl];

    /// Returns the name that Kafka has for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
        }
    }

    /// Returns the protocol of a name, in whatever case.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name().eq_ignore_ascii_case(name))
    }

    /// Says whether it uses TLS.
    pub fn uses_tls(self) -> bool {
        matches!(self, Self::Ssl | Self::SaslSsl)
    }
}

/// Why a setting has no value that can be used. Never holds the value of a password.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingError {
    /// Kafka knows other values only.
    Refused {
        /// The key as it is written.
        key: String,
        /// The line on which it stands.
        line: usize,
        /// The value, which is foreign text.
        value: String,
        /// What would be taken.
        allowed: &'static str,
    },
    /// The value comes from somewhere else when Kafka starts: `${file:/path:key}` with `config.providers`.
    Unresolved {
        /// The key as it is written.
        key: String,
        /// The line on which it stands.
        line: usize,
        /// The provider that would know the value.
        provider: String,
    },
}

impl SettingError {
    fn refused(setting: &Setting<'_>, allowed: &'static str) -> Self {
        let (key, line, value) = (setting.key().to_owned(), setting.line(), setting.text().to_owned());
        Self::Refused { key, line, value, allowed }
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::name::printable;
        match self {
            Self::Refused { key, line, value, allowed } => {
                let (key, value) = (printable(key), printable(value));
                write!(f, "`{key}` at line {line} is `{value}`; Kafka takes {allowed}")
            }
            Self::Unresolved { key, line, provider } => {
                let (key, provider) = (printable(key), printable(provider));
                write!(f, "the value of `{key}` at line {line} is known to Kafka's config provider `{provider}` alone")
            }
        }
    }
}

impl std::error::Error for SettingError {}

/// A setting, as Kafka takes it out of the file.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    property: &'a Property,
    /// The provider of config.providers that knows the value.
    provider: Option<&'a str>,
}

impl<'a> Setting<'a> {
    /// Returns the key as it is written, with the prefix of its listener. It is foreign text.
    pub fn key(&self) -> &'a str {
        self.property.key()
    }

    /// Returns the line on which it stands.
    pub fn line(&self) -> usize {
        self.property.line()
    }

    /// Returns the property.
    pub fn property(&self) -> &'a Property {
        self.property
    }

    /// Returns what is written, without the blanks around it that Kafka takes off. It may be a password.
    pub fn text(&self) -> &'a str {
        trimmed(self.property.value())
    }

    /// Returns the value, unless it comes from a config provider. It may be a password.
    pub fn resolved(&self) -> Result<&'a str, SettingError> {
        match self.provider {
            Some(provider) => Err(SettingError::Unresolved {
                key: self.key().to_owned(),
                line: self.line(),
                provider: provider.to_owned(),
            }),
            None => Ok(self.text()),
        }
    }
}

/// Returns text as `String.trim` does: without all that is U+0020 or less at either end.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}

/// Splits a value of the type LIST as `ConfigDef.parseType` does.
fn list(text: &str) -> Vec<&str> {
    let text = trimmed(text);
    if text.is_empty() {
        return Vec::new();
    }
    let is_blank = |c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}');
    text.split(',').map(|item| item.trim_matches(is_blank)).collect()
}

/// The `ssl.*` settings of a client or of a listener.
#[derive(Debug, Clone)]
pub struct SslSettings<'a> {
    file: &'a PropertiesFile,
    /// `listener.name.internal.`, or nothing.
    prefix: String,
    /// Whether `ssl.client.auth` counts without a prefix.
    has_global_client_auth: bool,
}

impl<'a> SslSettings<'a> {
    /// Returns the settings that have no prefix.
    pub fn of(file: &'a PropertiesFile) -> Self {
        Self { file, prefix: String::new(), has_global_client_auth: true }
    }

    /// Returns those of a listener: what has its prefix goes before what has none.
    pub fn of_listener(file: &'a PropertiesFile, name: &str, protocol: SecurityProtocol) -> Self {
        let prefix = format!("listener.name.{}.", name.to_lowercase());
        Self { file, prefix, has_global_client_auth: protocol != SecurityProtocol::SaslSsl }
    }

    /// Returns the prefix of the listener's own settings: `listener.name.internal.`, or nothing.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Returns the setting with this key, with the listener's prefix or else without.
    pub fn get(&self, key: &str) -> Option<Setting<'a>> {
        self.own(key).or_else(|| self.found(key))
    }

    /// Returns the setting with this key that is the listener's own.
    pub fn own(&self, key: &str) -> Option<Setting<'a>> {
        if self.prefix.is_empty() { None } else { self.found(&format!("{}{key}", self.prefix)) }
    }

    fn found(&self, key: &str) -> Option<Setting<'a>> {
        let property = self.file.get(key)?;
        Some(Setting { property, provider: provider(self.file, property.value()) })
    }

    /// Returns the certificate to show and its key, or why Kafka does not start with what is said about them.
    pub fn keystore(&self) -> Result<Option<StoreSource<'a>>, StoreFault> {
        store::keystore(self)
    }

    /// Returns the certificates to trust, or why Kafka does not start with what is said about them. Without any, Java's own
    /// are trusted.
    pub fn truststore(&self) -> Result<Option<StoreSource<'a>>, StoreFault> {
        store::truststore(self)
    }

    /// Returns the key's password, where it is not the store's.
    pub fn key_password(&self) -> Option<Setting<'a>> {
        self.get(keys::KEY_PASSWORD)
    }

    /// Returns whether clients are asked for a certificate.
    pub fn client_auth(&self) -> Result<ClientAuth, SettingError> {
        let global = || self.get(keys::CLIENT_AUTH).filter(|_| self.has_global_client_auth);
        let Some(setting) = self.own(keys::CLIENT_AUTH).or_else(global) else { return Ok(ClientAuth::None) };
        match setting.resolved()? {
            "required" => Ok(ClientAuth::Required),
            "requested" => Ok(ClientAuth::Requested),
            "none" => Ok(ClientAuth::None),
            _ => Err(SettingError::refused(&setting, "required, requested, none")),
        }
    }

    /// Returns how host names are checked. Nothing is checked where this is empty.
    pub fn endpoint_identification(&self) -> Result<&'a str, SettingError> {
        self.get(keys::ENDPOINT_IDENTIFICATION).map_or(Ok("https"), |setting| setting.resolved())
    }

    /// Returns the versions of TLS that are spoken. None is said where this is empty: those of Java.
    pub fn enabled_protocols(&self) -> Result<Vec<&'a str>, SettingError> {
        self.list(keys::ENABLED_PROTOCOLS, &["TLSv1.2", "TLSv1.3"])
    }

    /// Returns the cipher suites. None is said where this is empty: those of Java.
    pub fn cipher_suites(&self) -> Result<Vec<&'a str>, SettingError> {
        self.list(keys::CIPHER_SUITES, &[])
    }

    fn list(&self, key: &str, default: &[&'a str]) -> Result<Vec<&'a str>, SettingError> {
        self.get(key).map_or(Ok(default.to_vec()), |setting| setting.resolved().map(list))
    }

    /// Returns whether a reload may change the subject of a certificate.
    pub fn allow_dn_changes(&self) -> Result<bool, SettingError> {
        self.boolean(keys::ALLOW_DN_CHANGES)
    }

    /// Returns whether a reload may take alternative names away from a certificate.
    pub fn allow_san_changes(&self) -> Result<bool, SettingError> {
        self.boolean(keys::ALLOW_SAN_CHANGES)
    }

    fn boolean(&self, key: &str) -> Result<bool, SettingError> {
        let Some(setting) = self.get(key) else { return Ok(false) };
        match setting.resolved()? {
            value if value.eq_ignore_ascii_case("true") => Ok(true),
            value if value.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(SettingError::refused(&setting, "true, false")),
        }
    }

    /// Returns the rules that make a principal of a subject.
    pub fn principal_mapping_rules(&self) -> Result<&'a str, SettingError> {
        self.get(keys::PRINCIPAL_MAPPING_RULES).map_or(Ok("DEFAULT"), |setting| setting.resolved())
    }
}

/// Returns the config provider that knows a value, if the file names it (`ConfigTransformer`).
fn provider<'a>(file: &'a PropertiesFile, value: &'a str) -> Option<&'a str> {
    let provider = variable_provider(value)?;
    let providers = file.get("config.providers")?;
    list(providers.value()).contains(&provider).then_some(provider)
}

/// Returns the `file` of a `${file:/path:key}` anywhere in a value.
pub fn variable_provider(value: &str) -> Option<&str> {
    let (_, variable) = value.split_once("${")?;
    let (variable, _) = variable.split_once('}')?;
    variable.split_once(':').map(|(provider, _)| provider)
}
