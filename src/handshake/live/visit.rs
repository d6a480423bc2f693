//! One connection: what was seen of it, step by step.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::{AlertDescription, Error};

use super::dial::{self, Unreached};
use super::hello::{Answer, Reason};
use super::line::{Break, Line};
use super::probe::{Probed, probe, takes_configured};
use super::reason::{is_about_certificate, is_refusal, reason, told};
use super::{Attempt, Listener, ListenerKind, Settings, Target};
use crate::handshake::ends::{self, ClientEnd, version_of};
use crate::handshake::record::{Proof, Record, Recorder, Withheld};
use crate::handshake::story::{self, Closing, Data, Seen, View};
use crate::handshake::transcript::{Action, FailedCheck, Failure, Message, Transcript};
use crate::handshake::wire::Wire;
use crate::handshake::witness::{self, Court};
use crate::handshake::{HandshakeError, Party, TlsVersion};
use crate::kafka::wire::MessageError;
use crate::kafka::{api_versions, metadata, sasl_handshake};
use crate::pki::DecodedCertificate;
use crate::verify::acceptance;

/// How long the broker has for its first word after a handshake of TLS 1.3 in which it has asked for a certificate: an alert is lost
/// where data reaches a socket that is closed already.
const FIRST_WORD: Duration = Duration::from_millis(250);

/// How long the broker has to close.
const FAREWELL: Duration = Duration::from_secs(1);

/// The number of the first request.
const CORRELATION_ID: i32 = 7;

/// How far a connection is gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Until it is known whether both trust each other.
    Trust,
    /// To its end.
    Whole,
}

/// What was seen.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) attempts: Vec<Attempt>,
    /// The address that was connected to.
    pub(super) peer: Option<SocketAddr>,
    pub(super) record: Record,
    pub(super) version: Option<TlsVersion>,
    /// The versions that the broker speaks, as far as they were asked for.
    pub(super) broker_versions: Vec<TlsVersion>,
    pub(super) failures: Vec<Failure>,
    pub(super) listener: Option<Listener>,
    /// The brokers of the cluster with where they are to be found.
    pub(super) brokers: Vec<metadata::Broker>,
    /// Why they are not known, where a broker was asked for them.
    pub(super) brokers_unread: Option<String>,
    /// The first bytes that came.
    pub(super) heard: Vec<u8>,
    pub(super) issuer_is_named: Option<bool>,
    /// What more connections have shown, where the hello was not answered with one.
    pub(super) probed: Option<Probed>,
    cipher_suite: Option<String>,
    key_exchange_group: Option<String>,
    chains_readable: [bool; 2],
    handshake: Wire,
    data: Option<Data>,
    closing: Option<Closing>,
    last: Action,
    marks: Vec<(Action, Duration)>,
    start: Duration,
    /// What was spent on questions that no client asks.
    aside: Duration,
}

impl Visit {
    /// Connects, and goes as far as it gets.
    pub(super) fn pay(target: &Target, settings: &Settings<'_>, depth: Depth) -> Result<Self, HandshakeError> {
        let recorder = Arc::new(Recorder::default());
        let clock = settings.clock;
        // What cannot be used is told before anybody is bothered.
        let connection = ends::connect(ClientEnd {
            court: court(settings, &recorder),
            host: &target.host,
            checks_host: settings.checks_host,
            versions: settings.versions,
            identity: settings.client.identity.as_ref(),
        })?;
        let mut visit = Self::starting(clock());
        let dialled = dial::dial(target, settings.timeout);
        visit.attempts = dialled.attempts;
        visit.mark(Action::ClientStarts, clock());
        match dialled.result {
            Err(Unreached { check, message }) => {
                visit.fail(Action::ClientStarts, Party::Client, check, message, None);
            }
            Ok(stream) => {
                visit.peer = stream.peer_addr().ok();
                let mut line = Line::new(stream, connection, clock, settings.timeout);
                let mut guest = Guest { visit: &mut visit, line: &mut line, recorder: &recorder, settings };
                guest.go(depth);
            }
        }
        visit.ask_again(target, settings);
        visit.ask_as_configured(target, settings);
        visit.failures.sort_by_key(|failure| failure.step);
        Ok(visit)
    }

    fn starting(start: Duration) -> Self {
        Self {
            attempts: Vec::new(),
            peer: None,
            record: Record::default(),
            version: None,
            broker_versions: Vec::new(),
            failures: Vec::new(),
            listener: None,
            brokers: Vec::new(),
            brokers_unread: None,
            heard: Vec::new(),
            issuer_is_named: None,
            probed: None,
            cipher_suite: None,
            key_exchange_group: None,
            chains_readable: [false; 2],
            handshake: Wire::default(),
            data: None,
            closing: None,
            last: Action::ClientStarts,
            marks: Vec::new(),
            start,
            aside: Duration::ZERO,
        }
    }

    fn mark(&mut self, action: Action, at: Duration) {
        self.last = self.last.max(action);
        self.marks.push((action, at));
    }

    fn fail(
        &mut self,
        action: Action,
        by: Party,
        check: FailedCheck,
        message: String,
        alert: Option<AlertDescription>,
    ) {
        self.last = self.last.max(action);
        let alert = alert.map(story::alert_name);
        self.failures.push(Failure { step: action.number(), by, check, message, alert });
    }

    /// Where the hello was not answered with another one, finds out why.
    fn ask_again(&mut self, target: &Target, settings: &Settings<'_>) {
        let Some(failure) = self.failures.iter_mut().find(|failure| failure.step == Action::HelloMessages.number())
        else {
            return;
        };
        let Some(peer) = self.peer else { return };
        self.probed = probe(&target.host, peer, failure, &self.heard, settings);
        let Some((check, message)) = self.probed.as_ref().and_then(|probed| told(probed, settings)) else { return };
        failure.check = check;
        failure.message = message;
        match &self.probed {
            Some(Probed::NotTls(recognised)) => self.listener.clone_from(&recognised.listener),
            Some(Probed::Tls(Reason::Version(Some(newest)))) => self.broker_versions.extend(version_of(*newest)),
            _ => {}
        }
    }

    /// Where the handshake was with a cipher suite that the client is configured not to have, finds out whether the broker has one of its.
    fn ask_as_configured(&mut self, target: &Target, settings: &Settings<'_>) {
        let (Some(peer), Some(negotiated)) = (self.peer, &self.cipher_suite) else { return };
        let mut own = settings.cipher_suites.iter().copied().map(witness::suite_name);
        if own.len() == 0 || own.any(|suite| suite == *negotiated) {
            return;
        }
        if takes_configured(&target.host, peer, settings) == Some(false) {
            let message = "the broker takes none of the cipher suites in the client's ssl.cipher.suites".to_owned();
            let check = FailedCheck::NoCommonCipherSuite;
            self.failures.push(Failure {
                step: Action::HelloMessages.number(),
                by: Party::Broker,
                check,
                message,
                alert: None,
            });
        }
    }

    /// Returns the failure of a step.
    pub(super) fn failure_of(&self, action: Action) -> Option<&Failure> {
        self.failures.iter().find(|failure| failure.step == action.number())
    }

    /// Says whether the client trusts the broker.
    pub(super) fn is_trusting(&self) -> bool {
        matches!(self.record.broker.answer, Some(acceptance::Answer::Accepted { .. }))
            && self.failure_of(Action::ClientVerifies).is_none()
    }

    /// Tells it.
    pub(super) fn tell(&self, target: &Target, settings: &Settings<'_>) -> Transcript {
        let [broker_chain_readable, client_chain_readable] = self.chains_readable;
        story::tell(&Seen {
            broker: target.to_string(),
            client: settings.client.name.clone(),
            host: target.host.clone(),
            transport: "TCP",
            offered_versions: settings.versions.to_vec(),
            broker_versions: self.broker_versions.clone(),
            client_auth: None,
            client_view: View::new(&*settings.judge, settings.client),
            broker_view: View::unknown(),
            record: self.record.clone(),
            version: self.version,
            cipher_suite: self.cipher_suite.clone(),
            key_exchange_group: self.key_exchange_group.clone(),
            broker_chain_readable,
            client_chain_readable,
            handshake: self.handshake,
            data: self.data,
            closing: self.closing,
            failures: self.failures.clone(),
            last: self.last,
            elapsed: self.elapsed(),
            issuer_is_named: self.issuer_is_named,
        })
    }

    /// Returns how long each step took: until its mark, from that of the step before.
    fn elapsed(&self) -> Vec<(Action, Duration)> {
        let mut from = self.start;
        let mut elapsed = Vec::new();
        for action in Action::ALL.into_iter().filter(|action| *action <= self.last) {
            if action == Action::ConnectionClosed {
                from = from.saturating_add(self.aside);
            }
            let marks = self.marks.iter().filter(|(of, _)| *of == action).map(|(_, at)| *at);
            let at = marks.max().unwrap_or(from).max(from);
            elapsed.push((action, at.saturating_sub(from)));
            from = at;
        }
        elapsed
    }
}

/// Who goes through a connection and notes what happens.
struct Guest<'a, 's> {
    visit: &'a mut Visit,
    line: &'a mut Line,
    recorder: &'a Recorder,
    settings: &'a Settings<'s>,
}

impl Guest<'_, '_> {
    fn go(&mut self, depth: Depth) {
        let clock = self.settings.clock;
        let shaken = self.line.greet().and_then(|offer| {
            self.recorder.note(|record| record.hello = Some(offer));
            self.line.shake_hands()
        });
        self.look_back();
        if let Err(end) = shaken {
            self.break_off(&end);
            return;
        }
        let now = clock();
        self.visit.mark(Action::SecretGenerated, now);
        self.visit.mark(Action::ChannelEstablished, now);
        let mut is_accepted = true;
        if self.is_judged_late() {
            match self.line.await_word(FIRST_WORD) {
                Ok(has_come) => is_accepted = has_come,
                Err(end) => return self.refuse(&end),
            }
            // Who waits for a verdict is at step 5, though the keys are there.
            self.visit.mark(Action::ClientSendsCertificate, clock());
        }
        if depth == Depth::Whole
            && let Err(end) = self.transfer()
        {
            self.visit.mark(Action::DataTransfer, clock());
            // Where nothing has come before, this is the verdict on the client's certificate.
            let is_verdict = if is_accepted { is_about_certificate(&end) } else { is_refusal(&end) };
            if self.is_judged_late() && self.visit.data.is_none() && is_verdict {
                self.refuse(&end);
            } else {
                self.stop(Action::DataTransfer, &end);
            }
            return;
        }
        let (by_client, by_broker) = self.line.close(FAREWELL);
        if depth == Depth::Whole {
            self.visit.mark(Action::ConnectionClosed, clock());
            self.visit.closing = Some(Closing { by_client, by_broker, total: self.line.wire() });
        }
    }

    /// Notes what the handshake has shown, whether it was done or not.
    fn look_back(&mut self) {
        let line = &*self.line;
        let mut record = self.recorder.so_far();
        let version = line.connection.protocol_version().and_then(version_of);
        // In TLS 1.2 the certificate goes out as soon as it is chosen, in TLS 1.3 at the end.
        let has_sent = record.request.is_some() && (version == Some(TlsVersion::Tls12) || line.is_shaken());
        let own = self.settings.client.identity.as_ref().map(|identity| identity.chain.as_slice());
        self.visit.issuer_is_named = story::issuer_is_named(&record, own);
        if let Some(chain) = own.filter(|_| has_sent && record.withheld.is_none()) {
            record.client.chain = chain.to_vec();
        }
        let first = |chain: &[Vec<u8>]| chain.first().cloned().unwrap_or_default();
        self.visit.chains_readable =
            [line.to_client.shows(&first(&record.broker.chain)), line.to_broker.shows(&first(&record.client.chain))];
        let suite = line.connection.negotiated_cipher_suite();
        let group = line.connection.negotiated_key_exchange_group();
        self.visit.cipher_suite = suite.map(|suite| witness::suite_name(suite.suite()));
        self.visit.key_exchange_group = group.map(|group| witness::group_name(group.name()));
        self.visit.version = version;
        self.visit.handshake = line.wire();
        self.visit.heard.clone_from(&line.heard);
        let marks = [
            (Action::HelloMessages, line.first_heard),
            (Action::BrokerSendsCertificate, record.broker.times.came),
            (Action::ClientVerifies, record.broker.times.judged),
        ];
        for (action, at) in marks {
            if let Some(at) = at {
                self.visit.mark(action, at);
            }
        }
        if has_sent {
            self.visit.mark(Action::ClientSendsCertificate, (self.settings.clock)());
        }
        self.visit.record = record;
        self.judge();
    }

    /// Notes what a client would have broken off for.
    fn judge(&mut self) {
        let presented = self.visit.record.broker.clone();
        if let Some(acceptance::Answer::Refused { check, message }) = presented.answer {
            let check = FailedCheck::Certificate(check);
            self.visit.fail(Action::ClientVerifies, Party::Client, check, message, None);
        }
        if let Some((scheme, Proof::Invalid)) = presented.signature {
            let message = story::not_of_key(scheme);
            self.visit.fail(Action::ClientVerifies, Party::Client, FailedCheck::HandshakeSignature, message, None);
        }
    }

    /// Says whether the broker judges the client's certificate after the client is done.
    fn is_judged_late(&self) -> bool {
        self.visit.version == Some(TlsVersion::Tls13) && self.visit.record.request.is_some()
    }

    /// Notes where a handshake has ended.
    fn break_off(&mut self, end: &Break) {
        // What is too large is refused before the hello in front of it is looked at.
        if let (None, Break::Tls(Error::InvalidMessage(_)), Some(Answer::Chosen(chosen))) =
            (self.visit.version, end, Answer::of(&self.visit.heard))
        {
            self.visit.version = version_of(chosen.version).filter(|version| self.settings.versions.contains(version));
        }
        let record = &self.visit.record;
        let action = if self.visit.version.is_none() {
            Action::HelloMessages
        } else if record.broker.chain.is_empty() {
            Action::BrokerSendsCertificate
        } else if self.visit.version == Some(TlsVersion::Tls12) && record.request.is_some() && is_refusal(end) {
            return self.refuse(end);
        } else if record.broker.signature.is_none() {
            Action::ClientVerifies
        } else {
            Action::SecretGenerated
        };
        self.stop(action, end);
    }

    /// Notes that the broker does not take what the client has sent, or not.
    fn refuse(&mut self, end: &Break) {
        let has_sent = !self.visit.record.client.chain.is_empty();
        let check = if has_sent { FailedCheck::ClientCertificateRefused } else { FailedCheck::NoClientCertificate };
        let how = match end {
            Break::Alert(alert) => format!("with the alert {}", story::alert_name(*alert)),
            Break::Reset => "by a reset".to_owned(),
            _ => "without a word".to_owned(),
        };
        let message = match (has_sent, self.visit.record.withheld) {
            (true, _) => format!("the broker ends the connection after it got the client's certificate, {how}"),
            (false, Some(Withheld::NoNamedIssuer)) => {
                format!("the broker ends the connection, {how}; the client has kept its certificate to itself")
            }
            (false, _) => format!("the broker ends the connection, {how}; the client has sent no certificate"),
        };
        let alert = match end {
            Break::Alert(alert) => Some(*alert),
            _ => None,
        };
        self.visit.mark(Action::ClientSendsCertificate, (self.settings.clock)());
        self.visit.last = Action::ClientSendsCertificate;
        self.visit.listener = None;
        self.visit.fail(Action::ClientSendsCertificate, Party::Broker, check, message, alert);
    }

    /// Notes that nothing comes after a step.
    fn stop(&mut self, action: Action, end: &Break) {
        let (by, check, message) = reason(action, end, &self.visit.heard, self.settings.timeout);
        let alert = match end {
            Break::Alert(alert) => Some(*alert),
            _ => None,
        };
        self.visit.mark(action, (self.settings.clock)());
        self.visit.fail(action, by, check, message, alert);
    }

    /// Asks what listens, and where the other brokers are.
    fn transfer(&mut self) -> Result<(), Break> {
        self.visit.listener = Some(Listener { kind: ListenerKind::OtherTls, sasl_mechanisms: Vec::new() });
        let request = api_versions::request(CORRELATION_ID);
        let (answer, sent, came) = self.line.ask(&request)?;
        let readable = self.line.to_broker.shows(&request) || self.line.to_client.shows(&answer);
        self.visit.data = Some(Data {
            request: Message { plaintext_bytes: request.len(), encrypted: sent },
            response: Message { plaintext_bytes: answer.len(), encrypted: came },
            readable,
        });
        let apis = api_versions::Response::read(&answer).map_err(Break::Message)?;
        if apis.correlation_id != CORRELATION_ID {
            return Err(Break::Message(MessageError::OtherAnswer(apis.correlation_id)));
        }
        let answered = (self.settings.clock)();
        self.visit.mark(Action::DataTransfer, answered);
        self.identify(&apis);
        self.visit.aside = (self.settings.clock)().saturating_sub(answered);
        Ok(())
    }

    /// Finds out what a listener of Kafka's is. What it does not answer stays unknown; the connection has shown what it shall.
    fn identify(&mut self, apis: &api_versions::Response) {
        let is_controller = apis.is_of_controller();
        let wants_sasl =
            apis.takes(sasl_handshake::API_KEY, sasl_handshake::VERSION).then(|| self.ask_for_sasl()).flatten();
        let (wants_sasl, sasl_mechanisms) = wants_sasl.unwrap_or_default();
        let kind = match (is_controller, wants_sasl) {
            (false, false) => ListenerKind::BrokerTls,
            (false, true) => ListenerKind::BrokerSaslTls,
            (true, false) => ListenerKind::ControllerTls,
            (true, true) => ListenerKind::ControllerSaslTls,
        };
        self.visit.listener = Some(Listener { kind, sasl_mechanisms });
        if kind == ListenerKind::BrokerTls && apis.takes(metadata::API_KEY, metadata::VERSION) {
            let number = CORRELATION_ID.saturating_add(2);
            match self.ask_for_brokers(number) {
                Ok(brokers) => self.visit.brokers = brokers,
                Err(why) => self.visit.brokers_unread = Some(why),
            }
        }
    }

    /// Asks where the brokers are; an error says why that is not known.
    fn ask_for_brokers(&mut self, number: i32) -> Result<Vec<metadata::Broker>, String> {
        let answer = self.line.ask(&metadata::request(number)).map_err(|end| match end {
            Break::Message(error) => error.to_string(),
            Break::TimedOut => "no whole answer came in time".to_owned(),
            _ => "the broker ends the connection".to_owned(),
        });
        let answer = metadata::Response::read(&answer?.0).map_err(|error| error.to_string())?;
        match (answer.correlation_id == number, answer.brokers) {
            (false, _) => Err(MessageError::OtherAnswer(answer.correlation_id).to_string()),
            (true, brokers) if brokers.is_empty() => Err("there is no broker in it".to_owned()),
            (true, brokers) => Ok(brokers),
        }
    }

    /// Asks whether the listener wants SASL, and with which mechanisms.
    fn ask_for_sasl(&mut self) -> Option<(bool, Vec<String>)> {
        let number = CORRELATION_ID.saturating_add(1);
        let (answer, ..) = self.line.ask(&sasl_handshake::request(number, "PLAIN")).ok()?;
        let answer = sasl_handshake::Response::read(&answer).ok()?;
        let wants_sasl = answer.wants_sasl().filter(|_| answer.correlation_id == number)?;
        Some((wants_sasl, answer.mechanisms))
    }
}

fn court(settings: &Settings<'_>, recorder: &Arc<Recorder>) -> Court {
    Court {
        judge: Arc::clone(&settings.judge),
        anchors: settings.client.anchors.iter().filter_map(|der| DecodedCertificate::from_der(der).ok()).collect(),
        at: settings.at,
        tls: settings.versions.iter().max().copied().map(Into::into).unwrap_or_default(),
        algorithms: ends::provider().signature_verification_algorithms,
        recorder: Arc::clone(recorder),
        goes_on: true,
        clock: Some(settings.clock),
    }
}
