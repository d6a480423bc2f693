//! The two ends in one process: what one writes, the other reads, and nothing lies between but two buffers.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::{Connection, Error};
use time::OffsetDateTime;

use super::ends::{self, BrokerEnd, ClientEnd, version_of};
use super::judge::Judge;
use super::record::Recorder;
use super::story::{self, Closing, Data, Fault, Phase, Seen, View};
use super::transcript::{Action, Message, Transcript};
use super::wire::{Flow, Tap, Wire};
use super::witness::{self, Court};
use super::{Endpoint, HandshakeError, Party, TlsVersion};
use crate::kafka::api_versions::{self, ApiVersion, Response};
use crate::pki::DecodedCertificate;
use crate::spec::ClientAuth;

/// The number of the one request that is sent.
const CORRELATION_ID: i32 = 7;

/// What the two ends are told beside their keys and certificates.
#[derive(Debug, Clone)]
pub struct Settings<'a> {
    /// The name or address that the client connects to.
    pub host: &'a str,
    /// The versions that the client offers.
    pub client_versions: &'a [TlsVersion],
    /// The versions that the broker speaks, `ssl.enabled.protocols`.
    pub broker_versions: &'a [TlsVersion],
    /// What the broker asks of its clients.
    pub client_auth: ClientAuth,
    /// When the certificates must be valid.
    pub at: OffsetDateTime,
    /// The client's stack.
    pub client_judge: Arc<dyn Judge>,
    /// The broker's stack.
    pub broker_judge: Arc<dyn Judge>,
}

/// Lets a client connect to a broker, send a request, get an answer and close, and tells what happened, or how far it came.
///
/// Both draw on the system's random source through aws-lc: every handshake is another one.
pub fn run(broker: &Endpoint, client: &Endpoint, settings: &Settings<'_>) -> Result<Transcript, HandshakeError> {
    let mut line = Line::between(broker, client, settings)?;
    let fault = Phase::ALL.into_iter().try_for_each(|phase| line.go_through(phase)).err();
    Ok(line.tell(broker, client, settings, fault))
}

/// Both ends, what has passed between them, and what was seen of it.
struct Line {
    client: Connection,
    broker: Connection,
    to_broker: Tap,
    to_client: Tap,
    recorder: Arc<Recorder>,
    /// The part of the connection that they are in.
    phase: Phase,
    handshake: Wire,
    data: Option<Data>,
    closing: Option<Closing>,
}

impl Line {
    fn between(broker: &Endpoint, client: &Endpoint, settings: &Settings<'_>) -> Result<Self, HandshakeError> {
        let recorder = Arc::new(Recorder::default());
        Ok(Self {
            broker: ends::accept(BrokerEnd {
                court: court(&settings.broker_judge, &broker.anchors, settings, &recorder),
                client_auth: settings.client_auth,
                versions: settings.broker_versions,
                identity: broker.identity.as_ref(),
            })?
            .into(),
            client: ends::connect(ClientEnd {
                court: court(&settings.client_judge, &client.anchors, settings, &recorder),
                host: settings.host,
                checks_host: true,
                versions: settings.client_versions,
                identity: client.identity.as_ref(),
            })?
            .into(),
            to_broker: Tap::default(),
            to_client: Tap::default(),
            recorder,
            phase: Phase::Handshake,
            handshake: Wire::default(),
            data: None,
            closing: None,
        })
    }

    /// Goes through one part of the connection, and keeps what was seen whether it fails or not.
    fn go_through(&mut self, phase: Phase) -> Result<(), Fault> {
        self.phase = phase;
        match phase {
            Phase::Handshake => {
                let shaken = self.shake_hands();
                self.handshake = self.wire();
                shaken?;
            }
            Phase::Transfer => self.data = Some(self.transfer()?),
            Phase::Close => self.closing = Some(self.close()?),
        }
        Ok(())
    }

    fn tell(self, broker: &Endpoint, client: &Endpoint, settings: &Settings<'_>, fault: Option<Fault>) -> Transcript {
        let record = self.recorder.so_far();
        let first = |chain: &[Vec<u8>]| chain.first().cloned().unwrap_or_default();
        let suite = self.client.negotiated_cipher_suite().or(self.broker.negotiated_cipher_suite());
        let group = self.client.negotiated_key_exchange_group().or(self.broker.negotiated_key_exchange_group());
        let own = client.identity.as_ref().map(|identity| identity.chain.as_slice());
        let issuer_is_named = story::issuer_is_named(&record, own);
        let mut seen = Seen {
            broker: broker.name.clone(),
            client: client.name.clone(),
            host: settings.host.to_owned(),
            transport: "memory",
            offered_versions: settings.client_versions.to_vec(),
            broker_versions: settings.broker_versions.to_vec(),
            client_auth: Some(settings.client_auth),
            client_view: View::new(&*settings.client_judge, client),
            broker_view: View::new(&*settings.broker_judge, broker),
            version: self.broker.protocol_version().and_then(version_of),
            cipher_suite: suite.map(|suite| witness::suite_name(suite.suite())),
            key_exchange_group: group.map(|group| witness::group_name(group.name())),
            broker_chain_readable: self.to_client.shows(&first(&record.broker.chain)),
            client_chain_readable: self.to_broker.shows(&first(&record.client.chain)),
            record,
            handshake: self.handshake,
            data: self.data,
            closing: self.closing,
            failures: Vec::new(),
            last: Action::ConnectionClosed,
            elapsed: Vec::new(),
            issuer_is_named,
        };
        if let Some(fault) = fault {
            let (action, failure) = story::failure(&seen, &fault);
            seen.last = action;
            seen.failures.push(failure);
        }
        story::tell(&seen)
    }

    fn wire(&self) -> Wire {
        Wire { client: self.to_broker.flow(), broker: self.to_client.flow() }
    }

    fn fault(&self, by: Party, error: Error) -> Fault {
        Fault { phase: self.phase, by, error, alert: None }
    }

    fn shake_hands(&mut self) -> Result<(), Fault> {
        while self.client.is_handshaking() || self.broker.is_handshaking() {
            let before = self.wire();
            self.deliver_all()?;
            if self.wire() == before {
                return Err(self.fault(Party::Broker, Error::HandshakeNotComplete));
            }
        }
        self.deliver_all()
    }

    /// Brings what both ends have to say to the other.
    fn deliver_all(&mut self) -> Result<(), Fault> {
        self.deliver(Party::Client)?;
        self.deliver(Party::Broker)
    }

    /// Brings what one end has to say to the other, and if that breaks off, its alert back.
    fn deliver(&mut self, from: Party) -> Result<(), Fault> {
        let phase = self.phase;
        let (sender, receiver, there, back, by) = match from {
            Party::Client => {
                (&mut self.client, &mut self.broker, &mut self.to_broker, &mut self.to_client, Party::Broker)
            }
            Party::Broker => {
                (&mut self.broker, &mut self.client, &mut self.to_client, &mut self.to_broker, Party::Client)
            }
        };
        hand_over(sender, receiver, there).map_err(|error| {
            let alert = match hand_over(receiver, sender, back) {
                Err(Error::AlertReceived(alert)) => Some(alert),
                _ => None,
            };
            Fault { phase, by, error, alert }
        })
    }

    /// Sends the request there and the answer back.
    fn transfer(&mut self) -> Result<Data, Fault> {
        let request = api_versions::request(CORRELATION_ID);
        let (arrived, request_flow) = self.send(Party::Client, &request)?;
        let correlation_id = api_versions::read_request(&arrived)
            .map_err(|error| self.fault(Party::Broker, Error::General(error.to_string())))?;
        let api = ApiVersion { api_key: api_versions::API_KEY, min_version: 0, max_version: 4 };
        let response = Response { correlation_id, error_code: 0, apis: vec![api] }.to_bytes();
        let (arrived, response_flow) = self.send(Party::Broker, &response)?;
        let answer =
            Response::read(&arrived).map_err(|error| self.fault(Party::Client, Error::General(error.to_string())))?;
        if answer.correlation_id != CORRELATION_ID {
            return Err(self.fault(Party::Client, Error::General("the answer is to another request".to_owned())));
        }
        Ok(Data {
            request: Message { plaintext_bytes: request.len(), encrypted: request_flow },
            response: Message { plaintext_bytes: response.len(), encrypted: response_flow },
            readable: self.to_broker.shows(&request) || self.to_client.shows(&response),
        })
    }

    /// Sends data from one end to the other; returns what arrived and what it took.
    fn send(&mut self, from: Party, data: &[u8]) -> Result<(Vec<u8>, Flow), Fault> {
        let flow = |line: &Self| match from {
            Party::Client => line.to_broker.flow(),
            Party::Broker => line.to_client.flow(),
        };
        let before = flow(self);
        let (sender, to) = match from {
            Party::Client => (&mut self.client, Party::Broker),
            Party::Broker => (&mut self.broker, Party::Client),
        };
        let of_io = |error: io::Error| Error::General(error.to_string());
        sender.writer().write_all(data).map_err(of_io).map_err(|error| self.fault(from, error))?;
        self.deliver(from)?;
        let receiver = match from {
            Party::Client => &mut self.broker,
            Party::Broker => &mut self.client,
        };
        let mut arrived = vec![0; data.len()];
        receiver.reader().read_exact(&mut arrived).map_err(of_io).map_err(|error| self.fault(to, error))?;
        Ok((arrived, flow(self).since(before)))
    }

    fn close(&mut self) -> Result<Closing, Fault> {
        self.client.send_close_notify();
        self.deliver(Party::Client)?;
        let by_client = has_ended(&mut self.broker);
        self.broker.send_close_notify();
        self.deliver(Party::Broker)?;
        let by_broker = has_ended(&mut self.client);
        Ok(Closing { by_client, by_broker, total: self.wire() })
    }
}

/// Says whether an end knows that the other has closed properly: a connection that is merely cut is an error to rustls.
fn has_ended(end: &mut Connection) -> bool {
    matches!(end.reader().read(&mut [0]), Ok(0))
}

fn hand_over(sender: &mut Connection, receiver: &mut Connection, tap: &mut Tap) -> Result<(), Error> {
    let of_io = |error: io::Error| Error::General(error.to_string());
    let mut bytes = Vec::new();
    while sender.wants_write() {
        sender.write_tls(&mut bytes).map_err(of_io)?;
    }
    tap.pass(&bytes);
    let mut bytes = bytes.as_slice();
    while !bytes.is_empty() {
        receiver.read_tls(&mut bytes).map_err(of_io)?;
        receiver.process_new_packets()?;
    }
    Ok(())
}

fn court(judge: &Arc<dyn Judge>, anchors: &[Vec<u8>], settings: &Settings<'_>, recorder: &Arc<Recorder>) -> Court {
    let common = |version: &&TlsVersion| settings.broker_versions.contains(version);
    Court {
        judge: Arc::clone(judge),
        anchors: anchors.iter().filter_map(|der| DecodedCertificate::from_der(der).ok()).collect(),
        at: settings.at,
        tls: settings.client_versions.iter().filter(common).max().copied().map(Into::into).unwrap_or_default(),
        algorithms: ends::provider().signature_verification_algorithms,
        recorder: Arc::clone(recorder),
        goes_on: false,
        clock: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::tests::{Meeting, pair};
    use crate::handshake::{Action, Details, FailedCheck, Outcome, Status};
    use crate::spec::KeyAlgorithm;

    /// A record of data that was made with no key.
    const FORGED: [u8; 45] = {
        let mut record = [7; 45];
        [record[0], record[1], record[2], record[3], record[4]] = [23, 3, 3, 0, 40];
        record
    };

    /// Lets bytes come to an end that the other has not sent, before a part of the connection.
    fn forged_before(phase: Phase, to: Party, tls: TlsVersion) -> Transcript {
        let [broker, client] = pair(KeyAlgorithm::EcP256);
        let meeting = Meeting::over(tls);
        let versions = [tls];
        let settings = Settings { client_versions: &versions, ..meeting.settings() };
        let mut line = Line::between(&broker, &client, &settings).unwrap();
        for passed in Phase::ALL.into_iter().take_while(|passed| *passed != phase) {
            line.go_through(passed).unwrap();
        }
        let end = match to {
            Party::Broker => &mut line.broker,
            Party::Client => &mut line.client,
        };
        end.read_tls(&mut &FORGED[..]).unwrap();
        let fault = line.go_through(phase).unwrap_err();
        line.tell(&broker, &client, &settings, Some(fault))
    }

    #[test]
    fn a_fault_is_told_of_the_step_that_it_is_in_and_what_came_before_is_kept() {
        for tls in TlsVersion::ALL {
            // The client closes first, and says nothing more.
            for (phase, by, action) in [
                (Phase::Transfer, Party::Broker, Action::DataTransfer),
                (Phase::Transfer, Party::Client, Action::DataTransfer),
                (Phase::Close, Party::Broker, Action::ConnectionClosed),
            ] {
                let transcript = forged_before(phase, by, tls);
                let Outcome::Failed(failure) = &transcript.outcome else { panic!("{phase:?}") };
                assert_eq!((failure.step, failure.by), (action.number(), by), "{tls}");
                assert_eq!(failure.check, FailedCheck::Protocol);
                assert_eq!(failure.alert.as_deref(), Some("bad_record_mac"));
                let (last, before) = transcript.steps.split_last().unwrap();
                assert_eq!((last.action, last.result), (action, Status::Failed));
                assert!(before.iter().all(|step| step.result == Status::Done));
                let has_data = before.iter().any(|step| matches!(step.details, Details::Data { .. }));
                assert_eq!(has_data, phase == Phase::Close);
            }
        }
    }
}
