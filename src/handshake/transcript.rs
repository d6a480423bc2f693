//! What is told of a connection: its steps, its state after some of them, and how it ended.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::certificate::SentCertificate;
use super::record::Withheld;
use super::wire::{Flow, Wire};
use super::{Party, TlsVersion};
use crate::spec::ClientAuth;
use crate::verify::acceptance::Reason;

/// A connection from its start to its end, or to the step that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transcript {
    /// What the broker is called.
    pub broker: String,
    /// What the client is called.
    pub client: String,
    /// The host that the client has connected to.
    pub host: String,
    /// The steps that were done, and the one that failed.
    pub steps: Vec<Step>,
    /// The state at the start, after steps 3, 4 and 6 as far as they were reached, and at the end.
    pub tracker: Vec<Moment>,
    /// How it ended: with the first step that failed, where a client stops.
    pub outcome: Outcome,
    /// What failed after it, where a live connection was carried on all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub later: Vec<Failure>,
}

/// One of the nine steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// 1.
    ClientStarts,
    /// 2.
    HelloMessages,
    /// 3.
    BrokerSendsCertificate,
    /// 4.
    ClientVerifies,
    /// 5.
    ClientSendsCertificate,
    /// 6.
    SecretGenerated,
    /// 7.
    ChannelEstablished,
    /// 8.
    DataTransfer,
    /// 9.
    ConnectionClosed,
}

impl Action {
    /// All of them, in their order.
    pub const ALL: [Self; 9] = [
        Self::ClientStarts,
        Self::HelloMessages,
        Self::BrokerSendsCertificate,
        Self::ClientVerifies,
        Self::ClientSendsCertificate,
        Self::SecretGenerated,
        Self::ChannelEstablished,
        Self::DataTransfer,
        Self::ConnectionClosed,
    ];

    /// Returns the number of the step.
    pub const fn number(self) -> u8 {
        self as u8 + 1
    }

    /// Returns what is done.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientStarts => "Client starts connection",
            Self::HelloMessages => "TLS handshake begins",
            Self::BrokerSendsCertificate => "Broker sends certificate",
            Self::ClientVerifies => "Client verifies certificate",
            Self::ClientSendsCertificate => "Client sends certificate",
            Self::SecretGenerated => "Shared secret generated",
            Self::ChannelEstablished => "Encrypted channel established",
            Self::DataTransfer => "Data transfer",
            Self::ConnectionClosed => "Connection closed",
        }
    }
}

impl Serialize for Action {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A step that was done, or that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its number, 1 to 9.
    pub step: u8,
    /// What is done.
    pub action: Action,
    /// What was seen.
    pub details: Details,
    /// What came of it.
    pub result: Status,
    /// How long it took; not told in memory. In JSON in milliseconds, with fractions.
    #[serde(rename = "elapsed_ms", skip_serializing_if = "Option::is_none", serialize_with = "milliseconds")]
    pub elapsed: Option<Duration>,
}

#[allow(clippy::ref_option, reason = "serde asks for this form")]
fn milliseconds<S: Serializer>(elapsed: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    // Whole microseconds: 0.13, not 0.13072499999999998.
    elapsed.map(|elapsed| (elapsed.as_secs_f64() * 1e6).round() / 1e3).serialize(serializer)
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It was done.
    Done,
    /// There was nothing to do.
    Skipped,
    /// It failed, and the connection with it.
    Failed,
}

/// What was seen in a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Details {
    /// Step 1.
    Start {
        /// What the client connects to.
        host: String,
        /// What lies between the two: `memory` or `TCP`.
        transport: &'static str,
    },
    /// Step 2.
    Hello(Hello),
    /// Step 3.
    BrokerCertificate {
        /// As they were sent, the leaf first.
        certificates: Vec<SentCertificate>,
        /// Whether who listens on the line can read them.
        readable_on_the_line: bool,
    },
    /// Step 4.
    Verification(Verification),
    /// Step 5.
    ClientCertificate(ClientCertificate),
    /// Step 6.
    Keys {
        /// The group of the Diffie-Hellman exchange.
        key_exchange_group: Option<String>,
        /// What derives the keys from its result.
        derivation: Option<String>,
        /// Whether the handshake itself was encrypted, with keys of its own, from the second message on.
        handshake_was_encrypted: bool,
    },
    /// Step 7.
    Channel {
        /// The version.
        version: Option<TlsVersion>,
        /// The cipher suite.
        cipher_suite: Option<String>,
        /// What the handshake took.
        handshake: Wire,
    },
    /// Step 8.
    Data {
        /// What the client has sent: an `ApiVersions` request.
        request: Message,
        /// What the broker has answered.
        response: Message,
        /// Whether any of it can be read off the line.
        readable_on_the_line: bool,
    },
    /// Step 9.
    Close {
        /// Whether the broker got a `close_notify` from the client.
        client_close_notify: bool,
        /// Whether the client got one from the broker.
        broker_close_notify: bool,
        /// What the whole connection took.
        total: Wire,
    },
}

/// The two hello messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Hello {
    /// The name in the client's hello (SNI); addresses are not sent.
    pub server_name: Option<String>,
    /// The versions that the client offers.
    pub offered_versions: Vec<TlsVersion>,
    /// The versions that the broker speaks.
    pub broker_versions: Vec<TlsVersion>,
    /// The cipher suites that the client offers.
    pub offered_cipher_suites: Vec<String>,
    /// The key exchange groups that the client offers.
    pub offered_groups: Vec<String>,
    /// The version that the broker has chosen.
    pub version: Option<TlsVersion>,
    /// The cipher suite that it has chosen.
    pub cipher_suite: Option<String>,
    /// The group that it has chosen.
    pub key_exchange_group: Option<String>,
}

/// How one end has verified the certificates of the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// The stack that has decided.
    pub stack: String,
    /// The host that the certificate must be for; a broker looks for no name in a client's.
    pub host: Option<String>,
    /// The names in the certificate.
    pub names: Vec<String>,
    /// The subjects from the leaf to the anchor, if the certificates were accepted.
    pub path: Vec<String>,
    /// The subjects that are trusted.
    pub anchors: Vec<String>,
    /// The scheme of the signature over the handshake.
    pub signature_scheme: Option<String>,
    /// Whether that signature proves that the other end has the key.
    pub has_key: Option<bool>,
}

/// Whether the client was asked for a certificate, and what it sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientCertificate {
    /// `ssl.client.auth` of the broker, if it is known.
    pub client_auth: Option<ClientAuth>,
    /// Whether the broker has asked for a certificate.
    pub asked: bool,
    /// The CAs that the broker has named when it asked.
    pub ca_names: Vec<String>,
    /// Whether an issuer in the client's chain is among them; not known without a chain, or where none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer_is_named: Option<bool>,
    /// Why the client has sent none, if it was asked.
    pub withheld: Option<Withheld>,
    /// As they were sent, the leaf first.
    pub certificates: Vec<SentCertificate>,
    /// Whether who listens on the line can read them.
    pub readable_on_the_line: bool,
    /// How the broker has verified them.
    pub verification: Option<Verification>,
    /// Who the client is for Kafka, without mapping rules.
    pub principal: Option<String>,
}

/// A message of the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Its bytes.
    pub plaintext_bytes: usize,
    /// What went over the line for it.
    pub encrypted: Flow,
}

/// How a connection ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Outcome {
    /// All nine steps were done.
    Succeeded,
    /// A step failed.
    Failed(Failure),
}

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The step.
    pub step: u8,
    /// Who has broken off.
    pub by: Party,
    /// The check that failed.
    pub check: FailedCheck,
    /// What the stack prints for it, or what rustls says. Foreign text may be in it.
    pub message: String,
    /// The alert that the other end got.
    pub alert: Option<String>,
}

/// The check that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailedCheck {
    /// The certificates.
    Certificate(Reason),
    /// The signature over the handshake: who sent the certificate does not have its key.
    HandshakeSignature,
    /// The signature over the handshake is of a kind that cannot be checked here: nothing is known of the key.
    SignatureNotChecked,
    /// The name of the host does not resolve.
    HostUnresolved,
    /// Nothing listens on the port.
    ConnectionRefused,
    /// There is no way to the address.
    Unreachable,
    /// Nothing came in time.
    TimedOut,
    /// What came is no TLS.
    NotTls,
    /// The other end has closed without a word.
    HungUp,
    /// The connection was reset.
    ConnectionReset,
    /// The other end has broken off with an alert.
    Alert,
    /// More came than anybody has to say.
    TooMuch,
    /// What came is no answer of Kafka's.
    NotKafka,
    /// No cipher suite or key exchange group that both ends have.
    NoCommonCipherSuite,
    /// The client has what the broker takes, and this program does not: no more is seen of the connection.
    NotSpoken,
    /// No version that both ends speak.
    NoCommonProtocol,
    /// The client has no signature that the broker's key could make.
    NoCommonSignatureScheme,
    /// A certificate is required, and none was sent.
    NoClientCertificate,
    /// The broker has refused the client's certificate; why stands in its log.
    ClientCertificateRefused,
    /// The broker presents no certificate.
    NoBrokerCertificate,
    /// Anything else.
    Protocol,
}

impl FailedCheck {
    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Certificate(reason) => reason_name(reason),
            Self::HandshakeSignature => "handshake signature",
            Self::SignatureNotChecked => "handshake signature not checked",
            Self::HostUnresolved => "host unresolved",
            Self::ConnectionRefused => "connection refused",
            Self::Unreachable => "unreachable",
            Self::TimedOut => "timed out",
            Self::NotTls => "not TLS",
            Self::HungUp => "hung up",
            Self::ConnectionReset => "connection reset",
            Self::Alert => "alert",
            Self::TooMuch => "too much data",
            Self::NotKafka => "not Kafka",
            Self::NoCommonCipherSuite => "common cipher suite",
            Self::NotSpoken => "not spoken here",
            Self::NoCommonProtocol => "common protocol",
            Self::NoCommonSignatureScheme => "common signature scheme",
            Self::NoClientCertificate => "client certificate",
            Self::ClientCertificateRefused => "client certificate refused",
            Self::NoBrokerCertificate => "broker certificate",
            Self::Protocol => "protocol",
        }
    }
}

/// Returns what a certificate is refused for, in words.
const fn reason_name(reason: Reason) -> &'static str {
    match reason {
        Reason::BasicConstraints => "basic constraints",
        Reason::CriticalExtension => "critical extension",
        Reason::Expired => "expired",
        Reason::ExtendedKeyUsage => "extended key usage",
        Reason::HostName => "host name",
        Reason::Identifiers => "identifiers",
        Reason::KeyUsage => "key usage",
        Reason::NameConstraints => "name constraints",
        Reason::NotYetValid => "not yet valid",
        Reason::PathLength => "path length",
        Reason::Policies => "policies",
        Reason::Signature => "signature",
        Reason::Subject => "subject",
        Reason::UnknownAuthority => "unknown authority",
        Reason::Unreadable => "unreadable",
        Reason::UnsupportedAlgorithm => "unsupported algorithm",
        Reason::Version => "version",
        Reason::WeakAlgorithm => "weak algorithm",
        Reason::WeakKey => "weak key",
    }
}

impl Serialize for FailedCheck {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name().to_lowercase().replace(' ', "-"))
    }
}

/// The state of a connection at some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// The time.
    pub when: When,
    /// The connection.
    pub connection_state: ConnectionState,
    /// The certificates.
    pub certificate_status: CertificateStatus,
    /// The keys that encrypt data.
    pub encryption_keys: EncryptionKeys,
}

/// Declares an enum that is shown and written with a text for each value.
macro_rules! texts {
    ($(#[$attribute:meta])* $name:ident { $($(#[$variant_attribute:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_attribute])* $variant,)+
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => $text,)+
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    };
}

texts! {
    /// A time at which the state is told.
    When {
        /// Before anything.
        Start = "Start",
        /// The broker's certificates have come.
        AfterStep3 = "After step 3",
        /// The client trusts the broker.
        AfterStep4 = "After step 4",
        /// There are session keys.
        AfterStep6 = "After step 6",
        /// After everything, or after the failure.
        Final = "Final",
    }
}

texts! {
    /// The state of the connection.
    ConnectionState {
        /// There is none.
        NotConnected = "Not connected",
        /// The hellos are exchanged.
        HandshakeStarted = "Handshake started",
        /// The client trusts the broker.
        CertificateVerified = "Certificate verified",
        /// Data can be sent.
        SecureChannel = "Secure channel established",
        /// Closed, as both know.
        Closed = "Connection closed",
        /// Broken off in the handshake.
        Aborted = "Handshake aborted",
    }
}

texts! {
    /// What is known of the certificates.
    CertificateStatus {
        /// Nothing.
        None = "None",
        /// The client has the broker's.
        ReceivedBroker = "Received broker certificate",
        /// The client trusts the broker's.
        VerifiedBroker = "Verified broker certificate",
        /// And the broker trusts the client's.
        Mutual = "Both verified",
        /// The client has sent none, and needs none.
        BrokerOnly = "Verified broker certificate only",
        /// The connection is over.
        NotApplicable = "N/A",
        /// The client does not trust the broker's.
        RefusedBroker = "Broker certificate refused",
        /// The broker does not trust the client's.
        RefusedClient = "Client certificate refused",
        /// The client has sent none, and needs one.
        MissingClient = "Client certificate missing",
    }
}

texts! {
    /// What keys there are.
    EncryptionKeys {
        /// None.
        None = "None",
        /// TLS 1.3: those of the handshake, which encrypt certificates and no data.
        Handshake = "Handshake keys only",
        /// Those that encrypt data.
        Session = "Session keys generated",
        /// Those that were there are forgotten.
        Discarded = "Session keys discarded",
        /// Those of a handshake that failed are forgotten.
        HandshakeDiscarded = "Handshake keys discarded",
    }
}
