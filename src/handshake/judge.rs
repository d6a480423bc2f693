//! Who decides whether an end trusts the certificates of the other.

use std::fmt;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::{CertificateError, Error, RootCertStore};
use serde::Serialize;
use std::sync::Arc;
use time::OffsetDateTime;

use super::TlsVersion;

/// A TLS stack, as far as it decides on certificates.
pub trait Judge: fmt::Debug + Send + Sync {
    /// Returns what the stack is called.
    fn name(&self) -> &str;

    /// Decides whether the certificates are accepted.
    fn judge(&self, question: &Question<'_>) -> Verdict;

    /// Says whether the stack, as a client, keeps its certificate to itself where the broker has named CAs and none of them is an
    /// issuer in its chain.
    fn heeds_ca_names(&self) -> bool;
}

/// What a stack decides on.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The certificates as they were sent, in DER, the leaf first.
    pub sent: &'a [Vec<u8>],
    /// The certificates that are trusted.
    pub anchors: &'a [Vec<u8>],
    /// On which side the judge is.
    pub side: Side<'a>,
    /// The version of TLS, if it is known.
    pub tls: Option<TlsVersion>,
    /// When it is.
    pub at: OffsetDateTime,
}

/// On which side a judge is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side<'a> {
    /// It is a client, and judges the server that it has connected to under this name or address.
    ServerFor {
        /// What the client connects to.
        host: &'a str,
    },
    /// It is a broker, and judges a client.
    Client,
}

/// What a judge says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The certificates are accepted; the path from the leaf to the anchor, in DER, if the judge tells it.
    Accepted {
        /// Certificates in DER.
        path: Vec<Vec<u8>>,
    },
    /// They are not.
    Refused {
        /// What is wrong.
        check: Check,
        /// What the stack prints.
        message: String,
    },
}

/// What a certificate is refused for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Check {
    /// No path to a trusted certificate.
    UnknownAuthority,
    /// None of its names is the host's.
    HostName,
    /// It is no longer valid.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It is not for this side of a connection.
    ExtendedKeyUsage,
    /// A signature is not the issuer's.
    Signature,
    /// It is no certificate that the stack reads.
    Unreadable,
    /// Something else.
    Other,
}

impl Check {
    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownAuthority => "unknown authority",
            Self::HostName => "host name",
            Self::Expired => "expired",
            Self::NotYetValid => "not yet valid",
            Self::ExtendedKeyUsage => "extended key usage",
            Self::Signature => "signature",
            Self::Unreadable => "unreadable",
            Self::Other => "certificate",
        }
    }
}

/// The verifier of rustls itself.
#[derive(Debug)]
pub struct WebPki;

impl Judge for WebPki {
    fn name(&self) -> &'static str {
        "rustls"
    }

    fn judge(&self, question: &Question<'_>) -> Verdict {
        match judge(question) {
            Ok(()) => Verdict::Accepted { path: Vec::new() },
            Err(error) => Verdict::Refused { check: check(&error), message: error.to_string() },
        }
    }

    fn heeds_ca_names(&self) -> bool {
        false
    }
}

fn judge(question: &Question<'_>) -> Result<(), Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(question.anchors.iter().map(|der| CertificateDer::from(der.as_slice())));
    let (roots, provider) = (Arc::new(roots), Arc::new(aws_lc_rs::default_provider()));
    let sent: Vec<CertificateDer<'_>> = question.sent.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let (leaf, rest) = sent.split_first().ok_or(Error::NoCertificatesPresented)?;
    let seconds = u64::try_from(question.at.unix_timestamp()).unwrap_or(0);
    let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let no_roots = |_| Error::InvalidCertificate(CertificateError::UnknownIssuer);
    match question.side {
        Side::ServerFor { host } => {
            let name = ServerName::try_from(host).map_err(|_| Error::UnsupportedNameType)?;
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider).build().map_err(no_roots)?;
            verifier.verify_server_cert(leaf, rest, &name, &[], now).map(drop)
        }
        Side::Client => {
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider).build().map_err(no_roots)?;
            verifier.verify_client_cert(leaf, rest, now).map(drop)
        }
    }
}

fn check(error: &Error) -> Check {
    let Error::InvalidCertificate(error) = error else { return Check::Other };
    match error {
        CertificateError::UnknownIssuer => Check::UnknownAuthority,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Check::HostName,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Check::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Check::NotYetValid,
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => Check::ExtendedKeyUsage,
        CertificateError::BadSignature => Check::Signature,
        CertificateError::BadEncoding => Check::Unreadable,
        _ => Check::Other,
    }
}
