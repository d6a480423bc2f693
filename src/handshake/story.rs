//! From what was seen to what is told, whatever has lain between the two ends.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::time::Duration;

use rustls::{AlertDescription, Error, PeerIncompatible, SignatureScheme};

use super::certificate::{SentCertificate, subject};
use super::judge::Judge;
use super::record::{Presented, Proof, Record};
use super::transcript::{
    Action, CertificateStatus, ClientCertificate, ConnectionState, Details, EncryptionKeys, FailedCheck, Failure,
    Hello, Message, Moment, Outcome, Status, Step, Transcript, Verification, When,
};
use super::wire::Wire;
use super::witness::{has_issuer_among, scheme_name};
use super::{Endpoint, Party, TlsVersion};
use crate::kafka::principal::principal;
use crate::pki::DecodedCertificate;
use crate::spec::ClientAuth;
use crate::verify::acceptance::Answer;

/// What was seen of a connection.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) broker: String,
    pub(super) client: String,
    pub(super) host: String,
    /// What lay between the two.
    pub(super) transport: &'static str,
    pub(super) offered_versions: Vec<TlsVersion>,
    /// Empty if it is not known.
    pub(super) broker_versions: Vec<TlsVersion>,
    /// What the broker was told to ask, if that is known.
    pub(super) client_auth: Option<ClientAuth>,
    pub(super) client_view: View,
    pub(super) broker_view: View,
    pub(super) record: Record,
    pub(super) version: Option<TlsVersion>,
    pub(super) cipher_suite: Option<String>,
    pub(super) key_exchange_group: Option<String>,
    pub(super) broker_chain_readable: bool,
    pub(super) client_chain_readable: bool,
    pub(super) handshake: Wire,
    pub(super) data: Option<Data>,
    pub(super) closing: Option<Closing>,
    /// What failed, in the order of the steps: a client stops at the first.
    pub(super) failures: Vec<Failure>,
    /// The last step that was seen.
    pub(super) last: Action,
    /// How long each step took, where somebody has looked at a clock.
    pub(super) elapsed: Vec<(Action, Duration)>,
    /// Whether an issuer in the client's chain is among the CAs that the broker names.
    pub(super) issuer_is_named: Option<bool>,
}

/// How one end looks at the other.
#[derive(Debug)]
pub(super) struct View {
    /// What its stack is called.
    pub(super) stack: String,
    /// The subjects that it trusts.
    pub(super) anchors: Vec<String>,
    /// What it prints where a certificate is required and none came.
    pub(super) without_certificate: String,
}

impl View {
    pub(super) fn new(judge: &dyn Judge, end: &Endpoint) -> Self {
        Self {
            stack: judge.name().to_owned(),
            anchors: end.anchors.iter().map(|der| subject(der)).collect(),
            without_certificate: judge.without_certificate().to_owned(),
        }
    }

    /// That of an end of which nothing is known but what it has sent.
    pub(super) fn unknown() -> Self {
        Self { stack: String::new(), anchors: Vec::new(), without_certificate: String::new() }
    }
}

/// A part of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Handshake,
    Transfer,
    Close,
}

impl Phase {
    /// All of them, in their order.
    pub(super) const ALL: [Self; 3] = [Self::Handshake, Self::Transfer, Self::Close];
}

/// An end that has broken off.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) phase: Phase,
    pub(super) by: Party,
    pub(super) error: Error,
    /// What the other end was told.
    pub(super) alert: Option<AlertDescription>,
}

/// What was seen of the data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Data {
    pub(super) request: Message,
    pub(super) response: Message,
    pub(super) readable: bool,
}

/// What was seen of the end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closing {
    pub(super) by_client: bool,
    pub(super) by_broker: bool,
    pub(super) total: Wire,
}

/// Tells what was seen.
pub(super) fn tell(seen: &Seen) -> Transcript {
    let first = seen.failures.first();
    let actions = Action::ALL.into_iter().filter(|action| *action <= seen.last);
    Transcript {
        broker: seen.broker.clone(),
        client: seen.client.clone(),
        host: seen.host.clone(),
        steps: actions.map(|action| step(seen, action)).collect(),
        tracker: tracker(seen, first),
        outcome: first.cloned().map_or(Outcome::Succeeded, Outcome::Failed),
        later: seen.failures.get(1..).unwrap_or_default().to_vec(),
    }
}

fn step(seen: &Seen, action: Action) -> Step {
    let has_failed = seen.failures.iter().any(|failure| failure.step == action.number());
    let is_skipped = action == Action::ClientSendsCertificate && seen.record.client.chain.is_empty();
    let result = match (has_failed, is_skipped) {
        (true, _) => Status::Failed,
        (false, true) => Status::Skipped,
        (false, false) => Status::Done,
    };
    let elapsed = seen.elapsed.iter().find(|(of, _)| *of == action).map(|(_, elapsed)| *elapsed);
    Step { step: action.number(), action, details: details(seen, action), result, elapsed }
}

fn details(seen: &Seen, action: Action) -> Details {
    let record = &seen.record;
    match action {
        Action::ClientStarts => Details::Start { host: seen.host.clone(), transport: seen.transport },
        Action::HelloMessages => Details::Hello(hello(seen)),
        Action::BrokerSendsCertificate => Details::BrokerCertificate {
            certificates: record.broker.chain.iter().map(|der| SentCertificate::of_der(der)).collect(),
            readable_on_the_line: seen.broker_chain_readable,
        },
        Action::ClientVerifies => {
            Details::Verification(verification(&record.broker, &seen.client_view, Some(&seen.host)))
        }
        Action::ClientSendsCertificate => Details::ClientCertificate(client_certificate(seen)),
        Action::SecretGenerated => Details::Keys {
            key_exchange_group: seen.key_exchange_group.clone(),
            derivation: seen.version.zip(seen.cipher_suite.as_ref()).map(|(version, suite)| derivation(version, suite)),
            handshake_was_encrypted: seen.version == Some(TlsVersion::Tls13),
        },
        Action::ChannelEstablished => Details::Channel {
            version: seen.version,
            cipher_suite: seen.cipher_suite.clone(),
            handshake: seen.handshake,
        },
        Action::DataTransfer | Action::ConnectionClosed => end_details(seen, action),
    }
}

fn end_details(seen: &Seen, action: Action) -> Details {
    match (action, &seen.data, &seen.closing) {
        (Action::DataTransfer, Some(data), _) => {
            Details::Data { request: data.request, response: data.response, readable_on_the_line: data.readable }
        }
        (_, _, Some(closing)) => Details::Close {
            client_close_notify: closing.by_client,
            broker_close_notify: closing.by_broker,
            total: closing.total,
        },
        // The step failed before there was anything to tell.
        _ => Details::Channel {
            version: seen.version,
            cipher_suite: seen.cipher_suite.clone(),
            handshake: seen.handshake,
        },
    }
}

fn hello(seen: &Seen) -> Hello {
    let offer = seen.record.hello.clone().unwrap_or_default();
    Hello {
        server_name: offer.server_name,
        offered_versions: seen.offered_versions.clone(),
        broker_versions: seen.broker_versions.clone(),
        offered_cipher_suites: offer.cipher_suites,
        offered_groups: offer.groups,
        version: seen.version,
        cipher_suite: seen.cipher_suite.clone(),
        key_exchange_group: seen.key_exchange_group.clone(),
    }
}

/// Tells how one end has looked at what the other has presented.
fn verification(presented: &Presented, view: &View, host: Option<&str>) -> Verification {
    let names = presented.chain.first().and_then(|der| SentCertificate::of_der(der).facts);
    let path = match &presented.answer {
        Some(Answer::Accepted { path }) => path.iter().map(|found| subject(found.as_der())).collect(),
        _ => Vec::new(),
    };
    Verification {
        stack: view.stack.clone(),
        host: host.map(str::to_owned),
        names: names.map(|facts| facts.alt_names).unwrap_or_default(),
        path,
        anchors: view.anchors.clone(),
        signature_scheme: presented.signature.map(|(scheme, _)| scheme_name(scheme)),
        has_key: presented.signature.and_then(|(_, proof)| proof.has_key()),
    }
}

fn client_certificate(seen: &Seen) -> ClientCertificate {
    let record = &seen.record;
    let presented = &record.client;
    let ca_names = record.request.iter().flat_map(|request| &request.ca_names);
    let leaf = presented.chain.first().and_then(|der| DecodedCertificate::from_der(der).ok());
    ClientCertificate {
        client_auth: seen.client_auth,
        asked: record.request.is_some(),
        issuer_is_named: seen.issuer_is_named,
        ca_names: ca_names.map(|name| principal(name).unwrap_or_else(|_| "(unreadable name)".to_owned())).collect(),
        withheld: record.withheld,
        certificates: presented.chain.iter().map(|der| SentCertificate::of_der(der)).collect(),
        readable_on_the_line: seen.client_chain_readable,
        verification: presented.answer.is_some().then(|| verification(presented, &seen.broker_view, None)),
        principal: leaf.and_then(|leaf| principal(&leaf.subject.der).ok()).map(|name| format!("User:{name}")),
    }
}

/// Says whether an issuer in the client's own chain is among the CAs that the broker has named.
pub(super) fn issuer_is_named(record: &Record, chain: Option<&[Vec<u8>]>) -> Option<bool> {
    let names = record.request.as_ref().map(|request| &request.ca_names).filter(|names| !names.is_empty())?;
    chain.map(|chain| has_issuer_among(chain, names))
}

/// Returns what makes keys of the shared secret. The name of a cipher suite ends in its hash.
fn derivation(version: TlsVersion, cipher_suite: &str) -> String {
    let hash = match cipher_suite.rsplit('_').next() {
        Some("SHA384") => "SHA-384",
        _ => "SHA-256",
    };
    match version {
        TlsVersion::Tls12 => format!("the PRF of TLS 1.2 with {hash}"),
        TlsVersion::Tls13 => format!("HKDF with {hash}"),
    }
}

/// Finds the step that failed, and the check.
pub(super) fn failure(seen: &Seen, fault: &Fault) -> (Action, Failure) {
    let (step, check, message) = match fault.phase {
        Phase::Handshake => handshake_failure(seen, fault),
        Phase::Transfer => (Action::DataTransfer, FailedCheck::Protocol, None),
        Phase::Close => (Action::ConnectionClosed, FailedCheck::Protocol, None),
    };
    let failure = Failure {
        step: step.number(),
        by: fault.by,
        check,
        message: message.unwrap_or_else(|| reason(seen, check, &fault.error)),
        alert: fault.alert.map(alert_name),
    };
    (step, failure)
}

fn handshake_failure(seen: &Seen, fault: &Fault) -> (Action, FailedCheck, Option<String>) {
    let record = &seen.record;
    match fault.by {
        Party::Broker if record.hello.is_none() => (Action::HelloMessages, hello_check(seen, &fault.error), None),
        Party::Broker if is_of_scheme(&fault.error) && record.broker.chain.is_empty() => {
            (Action::BrokerSendsCertificate, FailedCheck::NoCommonSignatureScheme, None)
        }
        Party::Broker if record.broker.chain.is_empty() => {
            (Action::HelloMessages, hello_check(seen, &fault.error), None)
        }
        Party::Client if record.broker.answer.is_none() => {
            (Action::BrokerSendsCertificate, FailedCheck::Protocol, None)
        }
        Party::Client => presented_failure(Action::ClientVerifies, &record.broker),
        Party::Broker if fault.error == Error::NoCertificatesPresented => {
            (Action::ClientSendsCertificate, FailedCheck::NoClientCertificate, None)
        }
        Party::Broker => presented_failure(Action::ClientSendsCertificate, &record.client),
    }
}

/// Finds what was wrong with the certificates of an end, or else with what came after them.
fn presented_failure(step: Action, presented: &Presented) -> (Action, FailedCheck, Option<String>) {
    match (&presented.answer, presented.signature) {
        (Some(Answer::Refused { check, message }), _) => {
            (step, FailedCheck::Certificate(*check), Some(message.clone()))
        }
        (_, Some((scheme, Proof::Invalid))) => (step, FailedCheck::HandshakeSignature, Some(not_of_key(scheme))),
        (_, Some((scheme, Proof::NotChecked))) => {
            let name = scheme_name(scheme);
            let message = format!("the signature over the handshake ({name}) is by a key that cannot be checked here");
            (step, FailedCheck::SignatureNotChecked, Some(message))
        }
        _ => (Action::SecretGenerated, FailedCheck::Protocol, None),
    }
}

/// Says that a signature over the handshake is none of the certificate's key.
pub(super) fn not_of_key(scheme: SignatureScheme) -> String {
    format!("the signature over the handshake ({}) is not of the certificate's key", scheme_name(scheme))
}

fn hello_check(seen: &Seen, error: &Error) -> FailedCheck {
    let Seen { offered_versions, broker_versions, .. } = seen;
    if !broker_versions.is_empty() && !offered_versions.iter().any(|version| broker_versions.contains(version)) {
        return FailedCheck::NoCommonProtocol;
    }
    match error {
        Error::PeerIncompatible(_) => FailedCheck::NoCommonCipherSuite,
        _ => FailedCheck::Protocol,
    }
}

/// Says in a sentence what an end has found, where that was not about certificates.
fn reason(seen: &Seen, check: FailedCheck, error: &Error) -> String {
    let listed = |versions: &[TlsVersion]| versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    match (check, error) {
        (FailedCheck::NoCommonProtocol, _) => format!(
            "the client offers {}, and the broker speaks {}",
            listed(&seen.offered_versions),
            listed(&seen.broker_versions)
        ),
        (FailedCheck::NoClientCertificate, _) => seen.broker_view.without_certificate.clone(),
        (FailedCheck::NoCommonSignatureScheme | FailedCheck::NoCommonCipherSuite, _) => {
            "the broker's key fits none of the cipher suites and signatures that the client offers".to_owned()
        }
        (_, error) => what_rustls_says(error),
    }
}

/// Says what rustls has found, in a sentence.
pub(super) fn what_rustls_says(error: &Error) -> String {
    match error {
        Error::InvalidMessage(_) => "a message of the other end is too large, or is none of TLS".to_owned(),
        Error::AlertReceived(alert) => format!("the other end has sent the alert {}", alert_name(*alert)),
        Error::General(what) => what.clone(),
        error => format!("the TLS library says: {error}"),
    }
}

fn is_of_scheme(error: &Error) -> bool {
    matches!(error, Error::PeerIncompatible(PeerIncompatible::NoSignatureSchemesInCommon))
}

/// Returns the name of an alert as RFC 8446 §6 writes it.
pub(super) fn alert_name(alert: AlertDescription) -> String {
    let name = format!("{alert:?}");
    let mut out = String::new();
    let mut is_after_lower = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && is_after_lower {
            out.push('_');
        }
        is_after_lower = c.is_ascii_lowercase();
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// Tells the state as far as the steps came.
fn tracker(seen: &Seen, failure: Option<&Failure>) -> Vec<Moment> {
    let reached = |step: u8| failure.is_none_or(|failure| failure.step > step);
    // TLS 1.3 encrypts the certificates; the keys for it come from the hellos (RFC 8446 §7.1).
    let early = match seen.version {
        Some(TlsVersion::Tls13) => EncryptionKeys::Handshake,
        _ => EncryptionKeys::None,
    };
    let moment = |when, connection_state, certificate_status, encryption_keys| Moment {
        when,
        connection_state,
        certificate_status,
        encryption_keys,
    };
    let mut moments =
        vec![moment(When::Start, ConnectionState::NotConnected, CertificateStatus::None, EncryptionKeys::None)];
    if reached(3) {
        moments.push(moment(
            When::AfterStep3,
            ConnectionState::HandshakeStarted,
            CertificateStatus::ReceivedBroker,
            early,
        ));
    }
    if reached(4) {
        moments.push(moment(
            When::AfterStep4,
            ConnectionState::CertificateVerified,
            CertificateStatus::VerifiedBroker,
            early,
        ));
    }
    let certificates =
        if seen.record.client.chain.is_empty() { CertificateStatus::BrokerOnly } else { CertificateStatus::Mutual };
    if reached(6) {
        moments.push(moment(When::AfterStep6, ConnectionState::SecureChannel, certificates, EncryptionKeys::Session));
    }
    moments.push(match failure {
        None => {
            moment(When::Final, ConnectionState::Closed, CertificateStatus::NotApplicable, EncryptionKeys::Discarded)
        }
        Some(failure) if failure.step == 1 => {
            moment(When::Final, ConnectionState::NotConnected, CertificateStatus::None, EncryptionKeys::None)
        }
        Some(failure) => {
            moment(When::Final, ConnectionState::Aborted, status_at(seen, failure), keys_after(early, failure))
        }
    });
    moments
}

/// What is known of the certificates when a step has failed.
fn status_at(seen: &Seen, failure: &Failure) -> CertificateStatus {
    let requires = seen.client_auth == Some(ClientAuth::Required) || failure.check == FailedCheck::NoClientCertificate;
    match failure.step {
        1..=3 => CertificateStatus::None,
        4 => CertificateStatus::RefusedBroker,
        5 if seen.record.client.chain.is_empty() && requires => CertificateStatus::MissingClient,
        5 => CertificateStatus::RefusedClient,
        _ => CertificateStatus::NotApplicable,
    }
}

/// What became of the keys when a step has failed.
fn keys_after(early: EncryptionKeys, failure: &Failure) -> EncryptionKeys {
    match (failure.step, early) {
        (1 | 2, _) | (3..=6, EncryptionKeys::None) => EncryptionKeys::None,
        (3..=6, _) => EncryptionKeys::HandshakeDiscarded,
        _ => EncryptionKeys::Discarded,
    }
}
