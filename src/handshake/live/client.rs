//! Who connects, as its configuration says.

// Foreign text comes in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::fmt;
use std::sync::Arc;

use rustls::CipherSuite;

use super::{Finding, checks, findings, hello};
use crate::handshake::endpoint::{self, EndpointError};
use crate::handshake::{Endpoint, TlsVersion};
use crate::kafka::ssl_settings::{Connecting, KafkaSettings, SecurityProtocol, SslSettings, keys};
use crate::verify::material::{Case, Configuration, Material, Party};
use crate::verify::{self, judge_start};

/// A client, with what its configuration says of how it connects.
#[derive(Debug, Clone)]
pub struct Client {
    /// What it has in its stores, as far as they open.
    pub endpoint: Endpoint,
    /// The versions that it offers.
    pub versions: Vec<TlsVersion>,
    /// The cipher suites that it is configured with; those of its stack, if this is empty.
    pub cipher_suites: Vec<CipherSuite>,
    /// Whether it wants the host's name in the certificate.
    pub checks_host: bool,
    /// Whether it begins with SASL, if that is said.
    pub begins_with_sasl: Option<bool>,
    /// `bootstrap.servers`, as it is written. Foreign text.
    pub servers: Vec<String>,
    /// What keeps it from starting, or from using TLS.
    pub findings: Vec<Finding>,
    /// What was taken for granted, or left out.
    pub remarks: Vec<Remark>,
}

/// Something that was taken for granted, or left out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remark {
    /// These cipher suites are set, and others are offered here.
    CipherSuites(Vec<String>),
    /// Host names are not checked.
    HostsUnchecked,
    /// The settings of this listener are the ones that count. Foreign text.
    Listener(String),
    /// No truststore is named.
    NoTruststore,
    /// This could not be looked at, for this reason. The first is foreign text.
    NotLookedAt(String, String),
    /// Nothing says what the settings belong to; they are taken for a part of a broker's.
    PartOfBroker,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::name::printable;
        match self {
            Self::CipherSuites(suites) => {
                let suites = printable(&suites.join(","));
                write!(
                    f,
                    "ssl.cipher.suites is {suites}; the handshake here is with suites of this program's own, and it was asked whether the broker takes one of these"
                )
            }
            Self::HostsUnchecked => {
                write!(f, "ssl.endpoint.identification.algorithm is empty: no host name is checked")
            }
            Self::Listener(name) => write!(f, "it connects as the broker does, by its listener {}", printable(name)),
            Self::NoTruststore => {
                write!(
                    f,
                    "no truststore is set: Java trusts the public CAs of the JDK then, which are not looked at here"
                )
            }
            Self::NotLookedAt(what, why) => write!(f, "{} is not looked at: {}", printable(what), printable(why)),
            Self::PartOfBroker => {
                write!(f, "the settings are taken for a part of a broker's, which connects to others with them")
            }
        }
    }
}

impl Client {
    /// Returns the client of a configuration that was read with its stores ([`connecting`](crate::verify::load::connecting)); `alias` is that
    /// of its key, if the keystore has several. What Kafka would not start with is found, and gone on without; what Kafka reads and this
    /// program does not is an error.
    pub fn of_case(case: &Case, alias: Option<&str>) -> Result<Self, EndpointError> {
        let start = judge_start(case);
        let stores = |of: fn(&Party) -> &Vec<Arc<Material>>| case.parties.first().and_then(|party| of(party).first());
        let identity = taken(stores(|party| &party.keystores).map(|store| endpoint::identity(store, alias)), &start)?;
        let anchors = taken(stores(|party| &party.truststores).map(|store| endpoint::anchors(store)), &start)?;
        let name = case.configurations.first().map(|file| file.label.clone()).unwrap_or_default();
        let endpoint = Endpoint { name, identity, anchors: anchors.unwrap_or_default() };
        let found = start.into_iter().map(|finding| Finding { cause: findings::cause_of(finding.check.code), finding });
        let mut client = Self {
            endpoint,
            versions: TlsVersion::ALL.to_vec(),
            cipher_suites: Vec::new(),
            checks_host: true,
            begins_with_sasl: None,
            servers: Vec::new(),
            findings: found.collect(),
            remarks: Vec::new(),
        };
        let unseen = case.not_looked_at.iter();
        client.remarks.extend(unseen.map(|unseen| Remark::NotLookedAt(unseen.object.clone(), unseen.why.clone())));
        if let Some(configuration) = case.configurations.first() {
            client.take_settings(configuration);
        }
        Ok(client)
    }

    fn take_settings(&mut self, configuration: &Configuration) {
        let Ok(file) = &configuration.file else { return };
        let settings = KafkaSettings::of(file);
        let Connecting { listener, protocol, ssl } = settings.connecting();
        self.remarks.extend(listener.map(Remark::Listener));
        let is_of_broker = matches!(settings, KafkaSettings::Part(_)) && ssl.get(keys::CLIENT_AUTH).is_some();
        match protocol {
            None if is_of_broker => self.remarks.push(Remark::PartOfBroker),
            None => self.note_plaintext(&configuration.label, "security.protocol is not set, which is PLAINTEXT"),
            Some(Ok(protocol)) if !protocol.uses_tls() => self.note_protocol(&configuration.label, protocol),
            Some(Ok(protocol)) => self.begins_with_sasl = Some(protocol == SecurityProtocol::SaslSsl),
            // What is no protocol is found where the file is judged.
            Some(Err(_)) => {}
        }
        self.versions = versions(&ssl);
        self.checks_host = ssl.endpoint_identification().is_ok_and(|algorithm| !algorithm.is_empty());
        if !self.checks_host {
            self.remarks.push(Remark::HostsUnchecked);
        }
        let suites: Vec<String> = ssl.cipher_suites().unwrap_or_default().into_iter().map(str::to_owned).collect();
        self.cipher_suites = suites.iter().filter_map(|name| hello::suite_of(name)).collect();
        if !suites.is_empty() {
            self.remarks.push(Remark::CipherSuites(suites));
        }
        if matches!(ssl.truststore(), Ok(None)) {
            self.remarks.push(Remark::NoTruststore);
        }
        let servers = ssl.get("bootstrap.servers").and_then(|setting| setting.resolved().ok()).unwrap_or_default();
        let servers = servers.split(',').map(str::trim).filter(|server| !server.is_empty());
        self.servers = servers.map(str::to_owned).collect();
    }

    fn note_protocol(&mut self, label: &str, protocol: SecurityProtocol) {
        self.note_plaintext(label, &format!("the client connects by {}", protocol.name()));
    }

    fn note_plaintext(&mut self, label: &str, found: &str) {
        let fix = "write security.protocol=SSL, or SASL_SSL where the listener wants SASL";
        self.findings.insert(0, findings::finding(&checks::CLIENT_PLAINTEXT, label, found, fix));
    }
}

/// Returns what a store has; nothing, where it is found already that Kafka does not start with it.
fn taken<T>(read: Option<Result<T, EndpointError>>, start: &[verify::Finding]) -> Result<Option<T>, EndpointError> {
    match read.transpose() {
        Err(error) => {
            let store = crate::name::printable(error.store());
            let is_found = start.iter().any(|finding| finding.object.starts_with(&store));
            if is_found { Ok(None) } else { Err(error) }
        }
        read => read,
    }
}

/// Returns the versions that Java offers of those that are spoken here. What is enabled goes before the context that it is in, which
/// counts where nothing is (`DefaultSslEngineFactory.createSSLContext`). Where none is left that is found elsewhere, and all are offered.
fn versions(ssl: &SslSettings<'_>) -> Vec<TlsVersion> {
    let enabled = ssl.enabled_protocols().unwrap_or_default();
    let context = ssl.get(keys::PROTOCOL).and_then(|setting| setting.resolved().ok());
    let is_offered = |version: &TlsVersion| {
        let name = match version {
            TlsVersion::Tls12 => "TLSv1.2",
            TlsVersion::Tls13 => "TLSv1.3",
        };
        let is_in_context =
            *version == TlsVersion::Tls12 || context.is_none_or(|context| !context.eq_ignore_ascii_case("TLSv1.2"));
        if enabled.is_empty() { is_in_context } else { enabled.contains(&name) }
    };
    let offered: Vec<TlsVersion> = TlsVersion::ALL.into_iter().filter(is_offered).collect();
    if offered.is_empty() { TlsVersion::ALL.to_vec() } else { offered }
}
