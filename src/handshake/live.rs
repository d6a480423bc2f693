//! The nine steps with a broker that runs: over a socket, with what it really sends.
//!
//! The client is this program, with somebody's keys and certificates; whether it would trust the broker says a [`Judge`], as in memory.
//! Where a client would break off since it does not trust the broker, this one notes it and goes on, to find all that is wrong and not
//! only the first; no secret is sent before or after, but for the proof that the client has its key, which is of no use to anybody else.
//!
//! [`Judge`]: super::Judge

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

pub use rustls::CipherSuite;
use serde::Serialize;
use time::OffsetDateTime;

mod advertised;
mod checks;
mod client;
mod dial;
mod findings;
mod line;
mod probe;
mod reason;
mod visit;

pub use self::client::{Client, Remark};
use self::visit::{Depth, Visit};
use super::ends;
use super::judge::Judge;
use super::{Endpoint, HandshakeError, TlsVersion, Transcript};
use crate::diagnosis::Cause;
use crate::verify;

pub mod hello;
pub mod recognise;

/// What is connected to: `broker1:9093`, `192.0.2.1:9093`, `[2001:db8::1]:9093`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Target {
    /// A name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

/// Why a text names no [`Target`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TargetError {
    /// There is no host in it.
    NoHost(String),
    /// There is no port in it, from 1 to 65535.
    NoPort(String),
    /// What stands before the port cannot be the name or the address of a host.
    NotHost(String),
}

/// How a connection is made.
#[derive(Debug, Clone)]
pub struct Settings<'a> {
    /// What the client has in its stores.
    pub client: &'a Endpoint,
    /// The versions that it offers.
    pub versions: &'a [TlsVersion],
    /// The cipher suites that it is configured with; those of its stack, if this is empty.
    pub cipher_suites: &'a [CipherSuite],
    /// Its stack, which decides whether the broker is trusted.
    pub judge: Arc<dyn Judge>,
    /// Whether the broker's certificate must have the host's name, as `ssl.endpoint.identification.algorithm` says.
    pub checks_host: bool,
    /// Whether the client begins with SASL, if that is known.
    pub begins_with_sasl: Option<bool>,
    /// When the certificates must be valid.
    pub at: OffsetDateTime,
    /// How long each wait may last: for a name, for a connection, for the handshake, for each answer.
    pub timeout: Duration,
    /// Whether every advertised listener is gone through as the target is, its report kept, and that also where the target is not
    /// trusted. Without it, 32 of them are tried, and only until it is known whether both trust each other.
    pub all_advertised: bool,
    /// Returns the time since some moment; it never goes back.
    pub clock: fn() -> Duration,
}

/// All that was seen of a broker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was connected to.
    pub target: Target,
    /// The addresses of the name, as far as they were tried.
    pub attempts: Vec<Attempt>,
    /// The steps.
    pub transcript: Transcript,
    /// What listens there, as far as it was seen.
    pub listener: Option<Listener>,
    /// What the broker advertises, if it says so.
    pub advertised: Vec<Advertised>,
    /// What is wrong, errors first.
    pub findings: Vec<Finding>,
    /// The chain as the broker has sent it, in DER.
    #[serde(skip)]
    pub chain: Vec<Vec<u8>>,
}

/// A try to reach an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// The address.
    pub address: SocketAddr,
    /// Why it was in vain, if it was.
    pub error: Option<String>,
}

/// What listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listener {
    /// What it is.
    pub kind: ListenerKind,
    /// The mechanisms of SASL that it takes, where it wants SASL.
    pub sasl_mechanisms: Vec<String>,
}

/// What a listener is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ListenerKind {
    /// A broker's, with TLS.
    BrokerTls,
    /// A broker's, with SASL over TLS.
    BrokerSaslTls,
    /// A controller's, with TLS.
    ControllerTls,
    /// A controller's, with SASL over TLS.
    ControllerSaslTls,
    /// One of Kafka without TLS.
    Plaintext,
    /// One of Kafka with SASL and without TLS.
    SaslPlaintext,
    /// One of HTTP.
    Http,
    /// One of TLS, and not of Kafka as far as was seen.
    OtherTls,
    /// Something else, without TLS.
    Other,
}

/// A listener that the broker tells its clients to connect to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advertised {
    /// The number of the broker.
    pub node_id: i32,
    /// Where it is. Foreign text.
    pub host: String,
    /// Its port.
    pub port: i32,
    /// What was found out about it.
    pub verdict: Verdict,
    /// All that was seen of it, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Box<Report>>,
}

/// What was found out about an advertised listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", content = "findings", rename_all = "snake_case")]
pub enum Verdict {
    /// It was not connected to.
    NotTried,
    /// Clients that trust this broker connect to it, too.
    Sound,
    /// They do not: why.
    Faulty(Vec<Finding>),
}

/// Something that is wrong, and what is behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub finding: verify::Finding,
    /// What is behind it, if the catalogue of causes has it.
    pub cause: Option<&'static Cause>,
}

/// In JSON the cause is its code.
impl Serialize for Finding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Form<'a> {
            #[serde(flatten)]
            finding: &'a verify::Finding,
            cause: Option<&'static str>,
        }
        Form { finding: &self.finding, cause: self.cause.map(|cause| cause.code) }.serialize(serializer)
    }
}

/// Connects to a broker, goes through the nine steps as far as they come, and finds what is wrong.
///
/// What the broker does is no error, but told. A name that cannot be one of a host is an error, and so is a key that cannot be used.
///
/// Nothing is written anywhere. Each name is looked up in a thread of its own, which is left alone where that takes longer than
/// [`Settings::timeout`]: nobody can call it back. What is wrong with an advertised listener stands with it in
/// [`Report::advertised`], and not in [`Report::findings`].
pub fn run(target: &Target, settings: &Settings<'_>) -> Result<Report, HandshakeError> {
    let visit = Visit::pay(target, settings, Depth::Whole)?;
    let mut report = report(target, &visit, settings);
    report.advertised = advertised::look_at(&visit, &report, settings);
    Ok(report)
}

/// Returns the checks that only a live connection shows, in the order of the steps.
pub fn checks() -> &'static [&'static verify::Check] {
    checks::CHECKS
}

/// Tells what was seen of one connection.
fn report(target: &Target, visit: &Visit, settings: &Settings<'_>) -> Report {
    Report {
        target: target.clone(),
        attempts: visit.attempts.clone(),
        transcript: visit.tell(target, settings),
        listener: visit.listener.clone(),
        findings: findings::of(target, visit, settings),
        advertised: Vec::new(),
        chain: visit.record.broker.chain.clone(),
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let (host, port) = text.rsplit_once(':').ok_or_else(|| TargetError::NoPort(text.to_owned()))?;
        let port = port.parse().ok().filter(|port| *port > 0).ok_or_else(|| TargetError::NoPort(text.to_owned()))?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if host.is_empty() {
            return Err(TargetError::NoHost(text.to_owned()));
        }
        ends::server_name(host).map_err(|_| TargetError::NotHost(host.to_owned()))?;
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

impl Serialize for Target {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::name::printable;
        match self {
            Self::NoHost(text) => write!(f, "`{}` names no host", printable(text)),
            Self::NotHost(host) => write!(f, "`{}` is neither the name nor the address of a host", printable(host)),
            Self::NoPort(text) => write!(f, "`{}` has no port at its end", printable(text)),
        }
    }
}

impl std::error::Error for TargetError {}

#[cfg(test)]
mod tests;
