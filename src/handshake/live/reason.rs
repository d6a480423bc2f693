//! Why a connection does not go on, in words.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::time::Duration;

use rustls::{AlertDescription, Error, PeerIncompatible};

use super::Settings;
use super::hello::Reason;
use super::line::Break;
use super::probe::Probed;
use super::recognise::Recognised;
use crate::handshake::Party;
use crate::handshake::story;
use crate::handshake::transcript::{Action, FailedCheck};

/// Says who has ended a connection at a step, on what, and why; `heard` is what came first.
pub(super) fn reason(action: Action, end: &Break, heard: &[u8], timeout: Duration) -> (Party, FailedCheck, String) {
    let is_hello = action == Action::HelloMessages;
    if is_hello && !heard.is_empty() && !is_tls(heard) {
        let message = format!("the answer to the client's hello is none of TLS: {}", excerpt(heard));
        return (Party::Client, FailedCheck::NotTls, message);
    }
    let timeout = timeout.as_millis();
    match end {
        Break::Alert(AlertDescription::ProtocolVersion) if is_hello => (
            Party::Broker,
            FailedCheck::NoCommonProtocol,
            "the broker speaks none of the versions that the client offers".to_owned(),
        ),
        Break::Alert(AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity) if is_hello => {
            let message = "the broker finds nothing in the client's offer that it can use, or has no key to show";
            (Party::Broker, FailedCheck::NoCommonCipherSuite, message.to_owned())
        }
        // In TLS 1.3 Java says hello before it looks for a key (`CertificateMessage`: `No available authentication scheme`).
        Break::Alert(AlertDescription::HandshakeFailure) if action == Action::BrokerSendsCertificate => {
            let message = "the broker has sent the alert handshake_failure where its certificate should come: it has no \
                           key to show one for, or none of a kind that the client takes";
            (Party::Broker, FailedCheck::NoBrokerCertificate, message.to_owned())
        }
        Break::Alert(alert) => {
            (Party::Broker, FailedCheck::Alert, format!("the broker has sent the alert {}", story::alert_name(*alert)))
        }
        Break::Closed => {
            (Party::Broker, FailedCheck::HungUp, "the broker has closed the connection without a word".to_owned())
        }
        Break::Reset => (Party::Broker, FailedCheck::ConnectionReset, "the connection was reset".to_owned()),
        Break::TimedOut => (Party::Client, FailedCheck::TimedOut, format!("no whole answer came in {timeout} ms")),
        Break::TooMuch => (Party::Client, FailedCheck::TooMuch, "the broker sends more than is read of it".to_owned()),
        Break::Tls(error) => tls_reason(action, error),
        Break::Message(error) => (
            Party::Client,
            FailedCheck::NotKafka,
            format!("what came in the channel is no message of Kafka's: {error}"),
        ),
        Break::Io(text) => (Party::Client, FailedCheck::Protocol, text.clone()),
    }
}

fn tls_reason(action: Action, error: &Error) -> (Party, FailedCheck, String) {
    use PeerIncompatible as P;
    let check = match error {
        Error::PeerIncompatible(
            P::ServerDoesNotSupportTls12Or13
            | P::ServerTlsVersionIsDisabledByOurConfig
            | P::Tls12NotOffered
            | P::Tls12NotOfferedOrEnabled,
        ) => FailedCheck::NoCommonProtocol,
        Error::PeerIncompatible(_) if action == Action::HelloMessages => FailedCheck::NoCommonCipherSuite,
        Error::NoCertificatesPresented => FailedCheck::NoBrokerCertificate,
        _ => FailedCheck::Protocol,
    };
    let message = match check {
        FailedCheck::NoCommonProtocol => "the broker chooses a version that the client does not offer".to_owned(),
        FailedCheck::NoBrokerCertificate => "the broker presents no certificate".to_owned(),
        _ => story::what_rustls_says(error),
    };
    (Party::Client, check, message)
}

/// Says what more connections have shown, if it is more than the first one has.
pub(super) fn told(probed: &Probed, settings: &Settings<'_>) -> Option<(FailedCheck, String)> {
    let versions = settings.versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    let (check, why) = match probed {
        Probed::NotTls(Recognised { listener: None, .. }) | Probed::Tls(Reason::Other(_)) => return None,
        Probed::NotTls(recognised) => {
            return Some((FailedCheck::NotTls, format!("the listener does not answer in TLS: {recognised}")));
        }
        Probed::Tls(reason @ Reason::Version(_)) => (FailedCheck::NoCommonProtocol, reason),
        Probed::Tls(reason @ (Reason::CipherSuites(..) | Reason::Groups(..))) => {
            (FailedCheck::NoCommonCipherSuite, reason)
        }
        Probed::NotSpoken(reason) => {
            let stack = settings.judge.name();
            let message = format!("the broker speaks what {stack} does and this program does not: {reason}");
            return Some((FailedCheck::NotSpoken, message));
        }
        Probed::Tls(reason @ Reason::NoCertificate(_)) => (FailedCheck::NoBrokerCertificate, reason),
    };
    Some((check, format!("the broker takes nothing of what the client offers in {versions}: {why}")))
}

/// Says whether a broker that does not take a client's certificate ends a connection like this.
pub(super) fn is_refusal(end: &Break) -> bool {
    matches!(end, Break::Alert(_) | Break::Closed | Break::Reset)
}

/// Says whether an alert is about a certificate, or the want of one (RFC 8446 §6.2).
pub(super) fn is_about_certificate(end: &Break) -> bool {
    use AlertDescription as A;
    let Break::Alert(alert) = end else { return false };
    matches!(
        alert,
        A::BadCertificate
            | A::UnsupportedCertificate
            | A::CertificateRevoked
            | A::CertificateExpired
            | A::CertificateUnknown
            | A::CertificateRequired
            | A::UnknownCA
            | A::AccessDenied
            | A::DecryptError
    )
}

/// Says whether bytes begin like a record of TLS: a type from 20 to 24, and a version that begins with 3.
fn is_tls(heard: &[u8]) -> bool {
    match heard {
        [kind] | [kind, 3, ..] => (20..=24).contains(kind),
        _ => false,
    }
}

/// Returns the first line of what came, as far as it can be shown.
fn excerpt(heard: &[u8]) -> String {
    const MOST: usize = 40;
    let start = heard.get(..MOST).unwrap_or(heard);
    let line = start.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    match std::str::from_utf8(line) {
        Ok(text) if !text.is_empty() && !text.contains(char::is_control) => format!("`{text}`"),
        _ => {
            let octets = heard.iter().take(8).map(|octet| format!("{octet:02x}"));
            format!("{} …", octets.collect::<Vec<_>>().join(" "))
        }
    }
}
