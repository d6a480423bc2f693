//! What was seen of a handshake.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustls::SignatureScheme;
use serde::Serialize;

use crate::verify::acceptance::Answer;

/// What the callbacks of rustls have seen so far, on either side. A connection to a live broker fills the client's part alone.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    /// What the client's hello asks for.
    pub(super) hello: Option<Offer>,
    /// The broker's certificates as the client got them, and what became of them.
    pub(super) broker: Presented,
    /// What the broker's request for a certificate says, as the client got it.
    pub(super) request: Option<CertificateRequest>,
    /// Why the client sent no certificate, if it was asked for one and has none to send.
    pub(super) withheld: Option<Withheld>,
    /// The client's certificates as the broker got them, and what became of them.
    pub(super) client: Presented,
}

/// What a client offers in its hello.
#[derive(Debug, Clone, Default)]
pub(super) struct Offer {
    pub(super) server_name: Option<String>,
    pub(super) cipher_suites: Vec<String>,
    pub(super) groups: Vec<String>,
}

/// Certificates that one end got from the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Presented {
    /// In DER, the leaf first; nothing if none came.
    pub(super) chain: Vec<Vec<u8>>,
    pub(super) answer: Option<Answer>,
    /// By which scheme the handshake was signed, and what the signature proves.
    pub(super) signature: Option<(SignatureScheme, Proof)>,
    /// When they came, and when all had been said about them; by the clock of a live connection.
    pub(super) times: Times,
}

/// What a signature over the handshake proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// The other end has the key of its certificate.
    Valid,
    /// It does not.
    Invalid,
    /// The key is of a kind, or a length, with which nothing is verified here.
    NotChecked,
}

impl Proof {
    /// Says whether the other end has the key, if that is known.
    pub(super) fn has_key(self) -> Option<bool> {
        match self {
            Self::Valid => Some(true),
            Self::Invalid => Some(false),
            Self::NotChecked => None,
        }
    }
}

/// When certificates were looked at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Times {
    pub(super) came: Option<Duration>,
    pub(super) judged: Option<Duration>,
}

/// A broker's request for a certificate.
#[derive(Debug, Clone, Default)]
pub(super) struct CertificateRequest {
    /// The names of the CAs that it trusts, in DER.
    pub(super) ca_names: Vec<Vec<u8>>,
}

/// Why a client that was asked for a certificate sent none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Withheld {
    /// It has no private key with a certificate.
    NoKey,
    /// No certificate in its chain was issued by a CA that the broker has named.
    NoNamedIssuer,
    /// The broker takes no signature that its key could make.
    NoSignatureScheme,
}

/// A record that both ends write to.
#[derive(Debug, Default)]
pub(super) struct Recorder(Mutex<Record>);

impl Recorder {
    pub(super) fn note(&self, change: impl FnOnce(&mut Record)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Returns what was seen up to now.
    pub(super) fn so_far(&self) -> Record {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
