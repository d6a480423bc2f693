//! The nine steps of a TLS connection between a Kafka client and a broker, out of a real handshake.
//!
//! [`run`] lets both ends meet in memory: rustls on either side, over two buffers, no socket. What happens is recorded by the
//! callbacks that rustls makes when it gets to see a certificate, a signature or a request for a certificate, and by counting the
//! TLS records on the line; the [`Transcript`] is told from that record alone. [`live::run`] does the same with a broker that runs.
//!
//! Who judges: brokers and most clients are Java, and Java takes certificates that webpki, the verifier of rustls, refuses (X.509 v1,
//! no alternative name), and the other way round. So rustls is given verifiers of its own through its `dangerous()` interface. They
//! accept nothing by themselves: they record what was sent, ask a [`Judge`], which is one of the stacks of [`crate::verify::acceptance`], and return its
//! answer, or, with a broker that runs, note it and go on; the signatures of the handshake,
//! by which a peer proves that it has the key of its certificate, are verified here, with the algorithms of aws-lc.
//! **This is for showing what happens. Nothing but the test of a connection shall use these verifiers.**
//!
//! Nothing here writes keys anywhere: there is no key log, and secrets of the session stay within rustls.

use std::fmt;

use zeroize::Zeroizing;

use crate::verify::acceptance;

mod certificate;
mod endpoint;
mod ends;
mod judge;
pub mod live;
mod memory;
mod offers;
mod record;
mod signature;
mod story;
mod transcript;
mod wire;
mod witness;

pub use certificate::SentCertificate;
pub use endpoint::EndpointError;
pub use judge::Judge;
pub use memory::{Settings, run};
pub use offers::Offers;
pub use record::Withheld;
pub use transcript::{
    Action, CertificateStatus, ClientCertificate, ConnectionState, Details, EncryptionKeys, FailedCheck, Failure,
    Hello, Message, Moment, Outcome, Status, Step, Transcript, Verification, When,
};
pub use wire::{Flow, Wire};

/// The most bytes of certificates that one end sends: rustls reads 64 KiB, Java 32 KiB unless told otherwise.
pub const MAX_CHAIN: usize = 1 << 20;

/// One of the two ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The broker, which waits for connections.
    Broker,
    /// The client, which makes one.
    Client,
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Broker => "broker",
            Self::Client => "client",
        })
    }
}

/// A version of TLS that Kafka speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}

impl TlsVersion {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Tls12, Self::Tls13];

    /// Returns its number: `1.3`.
    pub const fn number(self) -> &'static str {
        match self {
            Self::Tls12 => "1.2",
            Self::Tls13 => "1.3",
        }
    }
}

impl From<TlsVersion> for acceptance::TlsVersion {
    fn from(version: TlsVersion) -> Self {
        match version {
            TlsVersion::Tls12 => Self::V1_2,
            TlsVersion::Tls13 => Self::V1_3,
        }
    }
}

impl fmt::Display for TlsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TLS {}", self.number())
    }
}

impl serde::Serialize for TlsVersion {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.number())
    }
}

/// One end of a connection: what it has in its stores.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// What it is called when it is shown.
    pub name: String,
    /// Its key and certificates. A client may have none.
    pub identity: Option<Identity>,
    /// The certificates that it trusts, in DER.
    pub anchors: Vec<Vec<u8>>,
}

/// A private key with its chain.
#[derive(Clone)]
pub struct Identity {
    /// Certificates in DER, the leaf first, as they are sent.
    pub chain: Vec<Vec<u8>>,
    /// Unencrypted PKCS#8.
    pub key: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity(chain of {})", self.chain.len())
    }
}

/// Why there was no handshake at all.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum HandshakeError {
    /// An end has a chain of so many bytes, more than [`MAX_CHAIN`].
    ChainTooLarge(Party, usize),
    /// The client shall connect to this, which is no name and no address of a host.
    Host(String),
    /// TLS has no use for the private key of an end, or not with the algorithms here; what it is.
    Key(Party, String),
    /// The broker has no private key with a certificate.
    NoBrokerKey,
    /// An end speaks no version of TLS.
    NoVersion(Party),
    /// rustls could not be set up.
    Setup(rustls::Error),
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ChainTooLarge(party, length) => {
                write!(f, "the certificates of the {party} have {length} bytes, {MAX_CHAIN} are the most that are sent")
            }
            Self::Host(host) => {
                write!(f, "`{}` is neither the name nor the address of a host", crate::name::printable(host))
            }
            Self::Key(party, what) => {
                write!(f, "the private key of the {party} cannot be used here: {what}")
            }
            Self::NoBrokerKey => write!(f, "the broker has no private key with a certificate"),
            Self::NoVersion(party) => write!(f, "the {party} speaks no version of TLS"),
            Self::Setup(error) => write!(f, "the two ends cannot be set up: {error}"),
        }
    }
}

impl std::error::Error for HandshakeError {}

#[cfg(test)]
mod tests;
