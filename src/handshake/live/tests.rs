use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use rustls::{ServerConnection, StreamOwned};

use super::*;
use crate::diagnosis::cause;
use crate::handshake::ends::{self, BrokerEnd};
use crate::handshake::record::Recorder;
use crate::handshake::tests::{NOW, SERVER_ONLY, authority, endpoint, with_key_of};
use crate::handshake::witness::Court;
use crate::handshake::{Action, Details, FailedCheck, Outcome, Party, Status};
use crate::kafka::wire::message_length;
use crate::kafka::{api_versions, metadata, sasl_handshake};
use crate::pki::DecodedCertificate;
use crate::spec::{CertificateProfile, ClientAuth, KeyAlgorithm};
use crate::verify::acceptance::{Reason, Stack};

const HOST: &str = "127.0.0.1";

fn clock() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// Something that listens on a port of its own, until it is dropped.
struct Server {
    port: u16,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn new(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self::on(listener, serve)
    }

    fn on(listener: TcpListener, serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let port = listener.local_addr().unwrap().port();
        let is_over = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&is_over);
        let thread = thread::spawn(move || {
            thread::scope(|scope| {
                for stream in listener.incoming() {
                    if flag.load(Ordering::SeqCst) {
                        break;
                    }
                    let stream = stream.unwrap();
                    // Whatever a test does wrong, nobody waits for ever.
                    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                    stream.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
                    let serve = &serve;
                    scope.spawn(move || serve(stream));
                }
            });
        });
        Self { port, is_over, thread: Some(thread) }
    }

    fn target(&self) -> Target {
        Target { host: HOST.to_owned(), port: self.port }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
        drop(self.thread.take().unwrap().join());
    }
}

/// What a broker does beside TLS.
#[derive(Clone)]
struct Broker {
    end: Endpoint,
    client_auth: ClientAuth,
    versions: Vec<TlsVersion>,
    is_controller: bool,
    mechanisms: Option<Vec<&'static str>>,
    /// Where the brokers are, by their numbers; port 0 is its own.
    advertised: Vec<(i32, String, i32)>,
}

impl Broker {
    fn of(end: &Endpoint) -> Self {
        Self {
            end: end.clone(),
            client_auth: ClientAuth::Required,
            versions: TlsVersion::ALL.to_vec(),
            is_controller: false,
            mechanisms: None,
            advertised: vec![(1, HOST.to_owned(), 0)],
        }
    }

    fn start(self) -> Server {
        Server::new(move |stream| self.serve(stream))
    }

    fn accept(&self) -> ServerConnection {
        let court = Court {
            judge: Arc::new(Stack::JavaNewest),
            anchors: self.end.anchors.iter().filter_map(|der| DecodedCertificate::from_der(der).ok()).collect(),
            at: NOW,
            tls: TlsVersion::Tls13.into(),
            algorithms: ends::provider().signature_verification_algorithms,
            recorder: Arc::new(Recorder::default()),
            goes_on: false,
            clock: None,
        };
        let identity = self.end.identity.as_ref();
        ends::accept(BrokerEnd { court, client_auth: self.client_auth, versions: &self.versions, identity }).unwrap()
    }

    /// Serves as a broker does: until the client closes, or anything goes wrong.
    fn serve(&self, stream: TcpStream) {
        let port = i32::from(stream.local_addr().unwrap().port());
        let mut stream = StreamOwned::new(self.accept(), stream);
        while let Ok(request) = read_message(&mut stream) {
            let number = i32::from_be_bytes(request[8..12].try_into().unwrap());
            let Some(answer) = self.answer(i16::from_be_bytes([request[4], request[5]]), number, port) else { break };
            stream.write_all(&answer).unwrap();
            stream.flush().unwrap();
        }
    }

    fn answer(&self, api_key: i16, number: i32, own_port: i32) -> Option<Vec<u8>> {
        match api_key {
            api_versions::API_KEY => Some(versions_answer(number, self.is_controller)),
            sasl_handshake::API_KEY => {
                let mechanisms = self.mechanisms.clone().unwrap_or_default();
                let code = if self.mechanisms.is_some() { 33_i16 } else { 34 };
                let count = i32::try_from(mechanisms.len()).unwrap();
                let mut body = [number.to_be_bytes().as_slice(), &code.to_be_bytes(), &count.to_be_bytes()].concat();
                body.extend(mechanisms.iter().flat_map(|mechanism| string(mechanism)));
                Some(framed(&body))
            }
            metadata::API_KEY if self.mechanisms.is_none() && !self.is_controller => {
                let count = i32::try_from(self.advertised.len()).unwrap();
                let mut body = [number.to_be_bytes(), count.to_be_bytes()].concat();
                for (node_id, host, port) in &self.advertised {
                    body.extend(node_id.to_be_bytes());
                    body.extend(string(host));
                    body.extend(if *port == 0 { own_port } else { *port }.to_be_bytes());
                    body.extend((-1_i16).to_be_bytes());
                }
                body.extend([1_i32.to_be_bytes(), 0_i32.to_be_bytes()].concat());
                Some(framed(&body))
            }
            _ => None,
        }
    }
}

/// Reads a message with its length.
fn read_message(from: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut message = vec![0; 4];
    from.read_exact(&mut message)?;
    let length = message_length(&message).map_err(std::io::Error::other)?.unwrap();
    message.resize(length, 0);
    from.read_exact(&mut message[4..])?;
    Ok(message)
}

fn versions_answer(number: i32, is_controller: bool) -> Vec<u8> {
    let api = |api_key, max_version| api_versions::ApiVersion { api_key, min_version: 0, max_version };
    // A controller takes BrokerRegistration.
    let own = if is_controller { api(62, 4) } else { api(metadata::API_KEY, 13) };
    let apis = vec![own, api(sasl_handshake::API_KEY, 1), api(api_versions::API_KEY, 4)];
    api_versions::Response { correlation_id: number, error_code: 0, apis }.to_bytes()
}

fn string(text: &str) -> Vec<u8> {
    [&i16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat()
}

fn framed(body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len()).unwrap().to_be_bytes(), body].concat()
}

/// A client's call.
struct Call {
    client: Endpoint,
    versions: Vec<TlsVersion>,
    cipher_suites: Vec<CipherSuite>,
    stack: Stack,
    checks_host: bool,
    timeout: Duration,
    all_advertised: bool,
}

impl Call {
    fn of(client: &Endpoint) -> Self {
        Self {
            client: client.clone(),
            versions: TlsVersion::ALL.to_vec(),
            cipher_suites: Vec::new(),
            stack: Stack::JavaNewest,
            checks_host: true,
            timeout: Duration::from_secs(20),
            all_advertised: false,
        }
    }

    fn over(self, tls: TlsVersion) -> Self {
        Self { versions: vec![tls], ..self }
    }

    /// For what must take its time.
    fn in_haste(self) -> Self {
        Self { timeout: Duration::from_millis(300), ..self }
    }

    fn to(&self, target: &Target) -> Report {
        let settings = Settings {
            client: &self.client,
            versions: &self.versions,
            cipher_suites: &self.cipher_suites,
            judge: Arc::new(self.stack),
            checks_host: self.checks_host,
            begins_with_sasl: None,
            at: NOW,
            timeout: self.timeout,
            all_advertised: self.all_advertised,
            clock,
        };
        run(target, &settings).unwrap()
    }
}

fn parties() -> [Endpoint; 2] {
    let ca = authority("Kafka CA");
    [
        endpoint(HOST, KeyAlgorithm::EcP256, CertificateProfile::BROKER, &ca),
        endpoint("app1", KeyAlgorithm::EcP256, CertificateProfile::CLIENT, &ca),
    ]
}

fn nobody(client: &Endpoint) -> Endpoint {
    Endpoint { identity: None, ..client.clone() }
}

/// Returns step and check of what failed, the first first.
fn failed(report: &Report) -> Vec<(u8, FailedCheck)> {
    let first = match &report.transcript.outcome {
        Outcome::Failed(failure) => Some(failure),
        Outcome::Succeeded => None,
    };
    first.into_iter().chain(&report.transcript.later).map(|failure| (failure.step, failure.check)).collect()
}

fn errors(report: &Report) -> Vec<&'static str> {
    codes_of(&report.findings, verify::Severity::Error)
}

fn warnings(report: &Report) -> Vec<&'static str> {
    codes_of(&report.findings, verify::Severity::Warning)
}

fn codes_of(findings: &[Finding], severity: verify::Severity) -> Vec<&'static str> {
    let of_severity = findings.iter().filter(|finding| finding.finding.check.severity == severity);
    of_severity.map(|finding| finding.finding.check.code).collect()
}

fn causes(report: &Report) -> Vec<&'static str> {
    report.findings.iter().filter_map(|finding| finding.cause).map(|cause| cause.code).collect()
}

#[test]
fn nine_steps_are_done_and_timed_in_either_version() {
    let [broker, client] = parties();
    for tls in TlsVersion::ALL {
        let server = Broker::of(&broker).start();
        let report = Call::of(&client).over(tls).to(&server.target());
        assert_eq!(report.transcript.outcome, Outcome::Succeeded, "{tls}");
        let steps = &report.transcript.steps;
        assert_eq!(steps.iter().map(|step| step.step).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert!(steps.iter().all(|step| step.result == Status::Done && step.elapsed.is_some()), "{steps:?}");
        assert_eq!(report.findings, []);
        assert_eq!(report.listener, Some(Listener { kind: ListenerKind::BrokerTls, sasl_mechanisms: Vec::new() }));
        assert_eq!(report.chain, broker.identity.as_ref().unwrap().chain);
        let [advertised] = report.advertised.as_slice() else { panic!("{:?}", report.advertised) };
        assert_eq!((advertised.node_id, advertised.host.as_str(), &advertised.verdict), (1, HOST, &Verdict::Sound));
        for step in steps {
            match &step.details {
                Details::Start { transport, .. } => assert_eq!(*transport, "TCP"),
                Details::Hello(hello) => {
                    assert_eq!((hello.version, &hello.offered_versions[..]), (Some(tls), &[tls][..]));
                    assert!(hello.offered_cipher_suites.contains(hello.cipher_suite.as_ref().unwrap()));
                }
                Details::ClientCertificate(facts) => {
                    assert_eq!(
                        (facts.ca_names.as_slice(), facts.issuer_is_named),
                        (&["CN=Kafka CA".to_owned()][..], Some(true))
                    );
                    assert_eq!((facts.certificates.len(), facts.withheld), (2, None));
                }
                Details::Data { request, .. } => assert_eq!(request.plaintext_bytes, 14),
                Details::Close { client_close_notify, .. } => assert!(client_close_notify),
                _ => {}
            }
        }
        let json = serde_json::to_value(&report).unwrap();
        assert!(json["transcript"]["steps"][0]["elapsed_ms"].is_f64(), "{json}");
    }
}

#[test]
fn a_listener_is_told_by_what_it_takes() {
    let [broker, client] = parties();
    for (is_controller, mechanisms, kind) in [
        (false, Some(vec!["SCRAM-SHA-512", "PLAIN"]), ListenerKind::BrokerSaslTls),
        (true, None, ListenerKind::ControllerTls),
        (true, Some(vec!["PLAIN"]), ListenerKind::ControllerSaslTls),
    ] {
        let server = Broker { is_controller, mechanisms: mechanisms.clone(), ..Broker::of(&broker) }.start();
        let report = Call::of(&client).to(&server.target());
        assert_eq!(failed(&report), []);
        let listener = report.listener.unwrap();
        assert_eq!(
            (listener.kind, listener.sasl_mechanisms),
            (kind, mechanisms.unwrap_or_default().into_iter().map(str::to_owned).collect())
        );
        assert_eq!(report.advertised, []);
    }
}

#[test]
fn a_client_that_does_not_trust_the_broker_goes_on_and_sees_the_rest() {
    use Status::{Done, Failed, Skipped};
    let [broker, _] = parties();
    let stranger = endpoint("app1", KeyAlgorithm::EcP256, CertificateProfile::CLIENT, &authority("Other CA"));
    for tls in TlsVersion::ALL {
        let server = Broker { client_auth: ClientAuth::None, ..Broker::of(&broker) }.start();
        let report = Call::of(&stranger).over(tls).to(&server.target());
        assert_eq!(failed(&report), [(4, FailedCheck::Certificate(Reason::UnknownAuthority))], "{tls}");
        let statuses: Vec<Status> = report.transcript.steps.iter().map(|step| step.result).collect();
        assert_eq!(statuses, [Done, Done, Done, Failed, Skipped, Done, Done, Done, Done]);
        // A client stops there.
        assert_eq!(report.transcript.tracker.len(), 3);
        assert_eq!((errors(&report), causes(&report)), (vec!["chain-not-trusted"], vec!["broker-ca-unknown"]));
        assert_eq!(report.advertised[0].verdict, Verdict::Faulty(report.findings.clone()));
        // Both do not trust each other.
        let server = Broker::of(&broker).start();
        let report = Call { stack: Stack::Node, ..Call::of(&stranger) }.over(tls).to(&server.target());
        let expected =
            [(4, FailedCheck::Certificate(Reason::UnknownAuthority)), (5, FailedCheck::ClientCertificateRefused)];
        assert_eq!(failed(&report), expected, "{tls}");
        assert_eq!(report.transcript.steps.len(), 5);
        assert_eq!(warnings(&report), ["client-issuer-not-named"]);
    }
}

#[test]
fn what_is_wrong_with_the_chain_is_found_with_its_cause() {
    let ca = authority("Kafka CA");
    let client = endpoint("app1", KeyAlgorithm::EcP256, CertificateProfile::CLIENT, &ca);
    let elsewhere = endpoint("broker1", KeyAlgorithm::EcP256, CertificateProfile::BROKER, &ca);
    let as_client = endpoint(HOST, KeyAlgorithm::EcP256, CertificateProfile::CLIENT, &ca);
    let good = endpoint(HOST, KeyAlgorithm::EcP256, CertificateProfile::BROKER, &ca);
    let mut short = good.clone();
    short.identity.as_mut().unwrap().chain.truncate(1);
    let other = Endpoint {
        anchors: endpoint("x", KeyAlgorithm::EcP256, CertificateProfile::CLIENT, &authority("Other CA")).anchors,
        ..client.clone()
    };
    let empty = Endpoint { anchors: Vec::new(), ..client.clone() };
    let certificate = FailedCheck::Certificate;
    for (broker, client, check, code, cause) in [
        (&elsewhere, &client, certificate(Reason::HostName), "san-host-missing", &cause::HOST_NOT_IN_CERTIFICATE),
        (
            &as_client,
            &client,
            certificate(Reason::ExtendedKeyUsage),
            "usage-server-missing",
            &cause::SERVER_USAGE_MISSING,
        ),
        (&good, &other, certificate(Reason::UnknownAuthority), "chain-not-trusted", &cause::BROKER_CA_UNKNOWN),
        (&good, &empty, certificate(Reason::UnknownAuthority), "broker-not-trusted", &cause::TRUSTSTORE_EMPTY),
    ] {
        let server = Broker::of(broker).start();
        let report = Call::of(client).to(&server.target());
        assert_eq!(failed(&report), [(4, check)], "{code}");
        assert_eq!((errors(&report), causes(&report)), (vec![code], vec![cause.code]));
    }
    // A leaf alone: what lacks its issuer, the truststore or the chain, nobody can see.
    let server = Broker::of(&short).start();
    let report = Call::of(&other).to(&server.target());
    assert_eq!(errors(&report), ["broker-not-trusted", "chain-incomplete"]);
    assert_eq!(causes(&report), [cause::BROKER_CA_UNKNOWN.code, cause::INTERMEDIATE_MISSING.code]);
    let server = Broker::of(&elsewhere).start();
    let report = Call { checks_host: false, ..Call::of(&client) }.to(&server.target());
    assert_eq!((failed(&report), report.findings), (vec![], vec![]));
}

#[test]
fn a_broker_without_the_key_of_its_certificate_is_found() {
    let [broker, client] = parties();
    for tls in TlsVersion::ALL {
        let server = Broker::of(&with_key_of(&broker, &client)).start();
        let report = Call::of(&client).over(tls).to(&server.target());
        assert_eq!(failed(&report), [(4, FailedCheck::HandshakeSignature)], "{tls}");
        assert_eq!(
            (errors(&report), causes(&report)),
            (vec!["key-not-of-certificate"], vec!["key-not-of-certificate"])
        );
        assert_eq!(report.transcript.steps.len(), 9);
    }
}

#[test]
fn the_broker_refuses_at_step_5_in_either_version() {
    let ca = authority("Kafka CA");
    let broker = endpoint(HOST, KeyAlgorithm::EcP256, CertificateProfile::BROKER, &ca);
    let client = endpoint("app1", KeyAlgorithm::EcP256, CertificateProfile::CLIENT, &ca);
    let server_only = endpoint("app1", KeyAlgorithm::EcP256, SERVER_ONLY, &ca);
    let stranger = Endpoint {
        anchors: broker.anchors.clone(),
        ..endpoint("app1", KeyAlgorithm::EcP256, CertificateProfile::CLIENT, &authority("Other CA"))
    };
    for tls in TlsVersion::ALL {
        for (client, check, code, alert) in [
            (&nobody(&client), FailedCheck::NoClientCertificate, "client-certificate-missing", None),
            (&stranger, FailedCheck::NoClientCertificate, "client-certificate-withheld", None),
            (
                &server_only,
                FailedCheck::ClientCertificateRefused,
                "client-certificate-refused",
                Some("certificate_unknown"),
            ),
        ] {
            let server = Broker::of(&broker).start();
            let report = Call::of(client).over(tls).to(&server.target());
            assert_eq!(failed(&report), [(5, check)], "{tls}, {code}");
            let Outcome::Failed(failure) = &report.transcript.outcome else { panic!() };
            assert_eq!((failure.by, report.transcript.steps.len()), (Party::Broker, 5));
            assert!(failure.alert.is_some() && (alert.is_none() || failure.alert.as_deref() == alert), "{failure:?}");
            assert!(errors(&report).contains(&code), "{:?}", report.findings);
        }
        let server = Broker { client_auth: ClientAuth::Requested, ..Broker::of(&broker) }.start();
        let report = Call::of(&stranger).over(tls).to(&server.target());
        assert_eq!((failed(&report), warnings(&report)), (vec![], vec!["client-certificate-not-sent"]));
    }
}

/// Speaks TLS, and closes or resets without a word as soon as the client is done.
#[test]
fn a_broker_that_says_nothing_after_the_handshake_refuses_at_step_5_if_it_has_asked() {
    let [broker, client] = parties();
    for (client_auth, expected) in [
        (ClientAuth::Required, (5, FailedCheck::ClientCertificateRefused)),
        (ClientAuth::None, (8, FailedCheck::HungUp)),
    ] {
        let end = Broker { client_auth, ..Broker::of(&broker) };
        let server = Server::new(move |mut stream| {
            let mut connection = end.accept();
            connection.complete_io(&mut stream).unwrap();
            if end.client_auth == ClientAuth::None {
                // So that it is no reset that ends it.
                stream.shutdown(std::net::Shutdown::Write).unwrap();
                while !matches!(stream.read(&mut [0; 1024]), Ok(0) | Err(_)) {}
            }
        });
        let report = Call::of(&client).to(&server.target());
        assert_eq!(failed(&report), [expected]);
    }
}

#[test]
fn what_cannot_be_reached_fails_at_step_1() {
    let [_, client] = parties();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let refused = Call::of(&client).to(&Target { host: HOST.to_owned(), port });
    assert_eq!(failed(&refused), [(1, FailedCheck::ConnectionRefused)]);
    assert_eq!((refused.attempts.len(), refused.transcript.steps.len()), (1, 1));
    assert!(refused.attempts[0].error.is_some());
    assert_eq!((errors(&refused), causes(&refused)), (vec!["connection-refused"], vec!["connection-refused"]));
    // No name of a host ends so (RFC 6761 §6.4).
    let unresolved = Call::of(&client).to(&Target { host: "broker1.invalid".to_owned(), port });
    assert_eq!(failed(&unresolved), [(1, FailedCheck::HostUnresolved)]);
    assert_eq!((errors(&unresolved), unresolved.attempts), (vec!["host-unresolved"], vec![]));
}

#[test]
fn who_does_not_answer_with_tls_is_recognised() {
    type Serve = fn(TcpStream);
    let [_, client] = parties();
    let hang_up: Serve = |_| {};
    let listen: Serve = |mut stream| drop(stream.read(&mut [0; 4096]));
    let http: Serve = |mut stream| {
        drop(stream.read(&mut [0; 4096]));
        drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n"));
    };
    let garbage: Serve = |mut stream| drop(stream.write_all(&[0xFF; 4000]));
    let plain: Serve = |mut stream| {
        while let Ok(request) = read_message(&mut stream) {
            let number = i32::from_be_bytes(request[8..12].try_into().unwrap());
            let answer = match i16::from_be_bytes([request[4], request[5]]) {
                api_versions::API_KEY => versions_answer(number, false),
                _ => framed(&[number.to_be_bytes().as_slice(), &34_i16.to_be_bytes(), &0_i32.to_be_bytes()].concat()),
            };
            stream.write_all(&answer).unwrap();
        }
    };
    let silent: Serve = |mut stream| while !matches!(stream.read(&mut [0; 4096]), Ok(0) | Err(_)) {};
    for (serve, check, code, kind) in [
        (hang_up, FailedCheck::HungUp, "handshake-cut", None),
        (listen, FailedCheck::HungUp, "handshake-cut", None),
        (http, FailedCheck::NotTls, "answer-http", Some(ListenerKind::Http)),
        (garbage, FailedCheck::NotTls, "answer-not-tls", Some(ListenerKind::Other)),
        (plain, FailedCheck::NotTls, "answer-plaintext", Some(ListenerKind::Plaintext)),
        (silent, FailedCheck::TimedOut, "handshake-unanswered", None),
    ] {
        let server = Server::new(serve);
        let report = Call::of(&client).in_haste().to(&server.target());
        let [(step, found)] = failed(&report)[..] else { panic!("{code}: {:?}", failed(&report)) };
        // Who closes with bytes unread resets the connection.
        let is_cut = |check| matches!(check, FailedCheck::HungUp | FailedCheck::ConnectionReset);
        assert!(step == 2 && (found == check || (is_cut(found) && is_cut(check))), "{code}: {found:?}");
        assert_eq!((errors(&report), report.listener.map(|listener| listener.kind)), (vec![code], kind));
    }
}

#[test]
fn a_broker_that_speaks_tls_1_0_alone_is_told() {
    let [_, client] = parties();
    let server = Server::new(|mut stream| {
        // A ServerHello of TLS 1.0 with TLS_RSA_WITH_AES_128_CBC_SHA.
        let body = [[2, 0, 0, 38, 3, 1].as_slice(), &[7; 32], &[0, 0, 0x2f, 0]].concat();
        drop(stream.read(&mut [0; 4096]));
        drop(stream.write_all(&[&[22, 3, 1, 0, 42], body.as_slice()].concat()));
        drop(stream.read(&mut [0; 4096]));
    });
    let report = Call::of(&client).in_haste().to(&server.target());
    assert_eq!(failed(&report), [(2, FailedCheck::NoCommonProtocol)]);
    assert_eq!((errors(&report), causes(&report)), (vec!["protocol-legacy"], vec!["protocol-mismatch"]));
}

/// Answers hellos of TLS 1.2 that offer `TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA`, and refuses all others.
fn with_one_old_suite(mut stream: TcpStream) {
    let mut header = [0; 5];
    stream.read_exact(&mut header).unwrap();
    let mut hello = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    stream.read_exact(&mut hello).unwrap();
    let suites = &hello[39 + usize::from(hello[38])..];
    let count = usize::from(u16::from_be_bytes([suites[0], suites[1]])) / 2;
    let is_offered = suites[2..].chunks(2).take(count).any(|suite| suite == [0xC0, 0x09]);
    let body = [[2, 0, 0, 38, 3, 3].as_slice(), &[7; 32], &[0, 0xC0, 0x09, 0]].concat();
    let answer = if is_offered { [&[22, 3, 3, 0, 42], body.as_slice()].concat() } else { vec![21, 3, 3, 0, 2, 2, 40] };
    drop(stream.write_all(&answer));
    drop(stream.read(&mut [0; 4096]));
}

#[test]
fn a_suite_that_the_client_has_and_this_program_has_not_is_no_fault_of_the_client() {
    let [_, client] = parties();
    let server = Server::new(with_one_old_suite);
    let seen_by = |stack, cipher_suites: &[CipherSuite]| {
        Call { stack, cipher_suites: cipher_suites.to_vec(), ..Call::of(&client).in_haste() }.to(&server.target())
    };
    let old = CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA;
    for (stack, configured) in
        [(Stack::Java17, None), (Stack::JavaNewest, None), (Stack::Go, None), (Stack::Rustls, Some(old))]
    {
        let report = seen_by(stack, configured.as_slice());
        assert_eq!(failed(&report), [(2, FailedCheck::NotSpoken)], "{stack:?}");
        let codes: Vec<&str> = report.findings.iter().map(|finding| finding.finding.check.code).collect();
        assert_eq!((codes, errors(&report)), (vec!["handshake-not-spoken"], vec![]), "{stack:?}");
    }
    for (stack, configured) in [
        (Stack::Rustls, None),
        (Stack::Python, None),
        (Stack::JavaNewest, Some(CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA)),
        (Stack::JavaNewest, Some(CipherSuite::TLS13_AES_128_GCM_SHA256)),
    ] {
        let report = seen_by(stack, configured.as_slice());
        assert_eq!(failed(&report), [(2, FailedCheck::NoCommonCipherSuite)], "{stack:?}");
        assert_eq!(errors(&report), ["cipher-suite-not-common"], "{stack:?}");
    }
}

#[test]
fn a_client_that_is_configured_without_the_brokers_suites_does_not_connect() {
    let [broker, client] = parties();
    let server = Broker::of(&broker).start();
    let seen_with = |cipher_suites: &[CipherSuite]| {
        Call { cipher_suites: cipher_suites.to_vec(), ..Call::of(&client) }.to(&server.target())
    };
    let report = seen_with(&[CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA]);
    assert_eq!(failed(&report), [(2, FailedCheck::NoCommonCipherSuite)]);
    assert_eq!(errors(&report), ["cipher-suite-not-common"]);
    assert_eq!(report.transcript.steps.len(), 9, "what else is wrong is seen all the same");
    // Neither the one of the handshake nor another that the broker has is a fault.
    for suite in [CipherSuite::TLS13_AES_256_GCM_SHA384, CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256] {
        assert_eq!(seen_with(&[suite]).transcript.outcome, Outcome::Succeeded, "{suite:?}");
    }
}

#[test]
fn what_has_no_end_is_not_read_to_its_end() {
    let [broker, client] = parties();
    // Records of a handshake message that is never complete.
    let endless = Server::new(|mut stream| {
        drop(stream.read(&mut [0; 4096]));
        let record = [[22, 3, 3, 0x40, 0].as_slice(), &[2, 0xFF, 0xFF, 0xFF], &[0; 0x3FFC]].concat();
        while stream.write_all(&record).is_ok() {}
    });
    let report = Call::of(&client).to(&endless.target());
    let [(2, FailedCheck::Protocol | FailedCheck::TooMuch)] = failed(&report)[..] else {
        panic!("{:?}", failed(&report))
    };
    // A message of Kafka's without an end, and what is none.
    for (answer, check) in [
        ([0x7F, 0xFF, 0xFF, 0xFF].to_vec(), FailedCheck::NotKafka),
        ([0, 0, 0, 2, 7, 7].to_vec(), FailedCheck::NotKafka),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), FailedCheck::NotKafka),
    ] {
        let end = Broker { client_auth: ClientAuth::None, ..Broker::of(&broker) };
        let server = Server::new(move |stream| {
            let mut stream = StreamOwned::new(end.accept(), stream);
            drop(read_message(&mut stream));
            drop(stream.write_all(&answer).and_then(|()| stream.flush()));
            drop(stream.read(&mut [0; 64]));
        });
        let report = Call::of(&client).to(&server.target());
        assert_eq!(failed(&report), [(8, check)]);
        assert_eq!(errors(&report), ["listener-not-kafka"]);
    }
}

/// In TLS 1.2 the broker judges before the client is done.
#[test]
fn a_broker_that_cuts_a_handshake_of_tls_1_2_after_the_clients_certificate_refuses_at_step_5() {
    let [broker, client] = parties();
    for (client, check) in
        [(&client, FailedCheck::ClientCertificateRefused), (&nobody(&client), FailedCheck::NoClientCertificate)]
    {
        let end = Broker { versions: vec![TlsVersion::Tls12], ..Broker::of(&broker) };
        let server = Server::new(move |mut stream| {
            let mut connection = end.accept();
            while connection.wants_read() && !connection.wants_write() {
                connection.read_tls(&mut stream).unwrap();
                connection.process_new_packets().unwrap();
            }
            while connection.wants_write() {
                connection.write_tls(&mut stream).unwrap();
            }
            assert!(stream.read(&mut [0; 1 << 14]).unwrap() > 0);
        });
        let report = Call::of(client).to(&server.target());
        assert_eq!(failed(&report), [(5, check)]);
        let Outcome::Failed(failure) = &report.transcript.outcome else { panic!() };
        assert_eq!((failure.by, &failure.alert), (Party::Broker, &None));
    }
}

#[test]
fn a_chain_that_is_too_large_is_not_read() {
    let [mut broker, client] = parties();
    let chain = &mut broker.identity.as_mut().unwrap().chain;
    let root = chain[1].clone();
    chain.extend(vec![root; 200]);
    for tls in TlsVersion::ALL {
        let server = Broker::of(&broker).start();
        let report = Call::of(&client).over(tls).to(&server.target());
        assert_eq!(
            (failed(&report), errors(&report)),
            (vec![(3, FailedCheck::Protocol)], vec!["handshake-faulty"]),
            "{tls}"
        );
    }
}

#[test]
fn who_drips_has_no_more_time_than_others() {
    let [_, client] = parties();
    let server = Server::new(|mut stream| {
        drop(stream.write_all(&[22, 3, 3, 0x40, 0]));
        while stream.write_all(&[2]).is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let report = Call::of(&client).in_haste().to(&server.target());
    assert_eq!((failed(&report), errors(&report)), (vec![(2, FailedCheck::TimedOut)], vec!["handshake-unanswered"]));
}

#[test]
fn a_client_whose_key_is_not_that_of_its_certificate_is_found() {
    let [broker, client] = parties();
    for tls in TlsVersion::ALL {
        let server = Broker::of(&broker).start();
        let report = Call::of(&with_key_of(&client, &broker)).over(tls).to(&server.target());
        assert_eq!(failed(&report), [(5, FailedCheck::ClientCertificateRefused)], "{tls}");
        assert_eq!(errors(&report), ["client-certificate-refused", "key-mismatch"]);
        assert_eq!(causes(&report), ["key-not-of-certificate"; 2]);
    }
}

#[test]
fn a_ca_that_was_made_again_is_another_one() {
    let [broker, _] = parties();
    let again = endpoint("app1", KeyAlgorithm::EcP256, CertificateProfile::CLIENT, &authority("Kafka CA"));
    let client = Endpoint { anchors: broker.anchors.clone(), ..again };
    let server = Broker::of(&broker).start();
    let report = Call::of(&client).to(&server.target());
    assert_eq!(failed(&report), [(5, FailedCheck::ClientCertificateRefused)]);
    assert_eq!((errors(&report), causes(&report)), (vec!["client-certificate-refused"], vec!["client-ca-unknown"]));
    let anew = endpoint(HOST, KeyAlgorithm::EcP256, CertificateProfile::BROKER, &authority("Kafka CA"));
    let server = Broker { client_auth: ClientAuth::None, ..Broker::of(&anew) }.start();
    let report = Call::of(&client).to(&server.target());
    assert_eq!((errors(&report), causes(&report)), (vec!["chain-not-trusted"], vec!["broker-ca-unknown"]));
    assert!(report.findings[0].finding.found.contains("another certificate of that name"), "{:?}", report.findings);
}

#[test]
fn advertised_listeners_are_gone_to_and_judged() {
    let ca = authority("Kafka CA");
    let broker = endpoint(HOST, KeyAlgorithm::EcP256, CertificateProfile::BROKER, &ca);
    let client = endpoint("app1", KeyAlgorithm::EcP256, CertificateProfile::CLIENT, &ca);
    let other = endpoint("broker2", KeyAlgorithm::EcP256, CertificateProfile::BROKER, &ca);
    let second = Broker::of(&broker).start();
    let third = Broker::of(&other).start();
    let listed = |node_id, host: &str, port: u16| (node_id, host.to_owned(), i32::from(port));
    let advertised = vec![
        listed(1, HOST, 0),
        listed(2, HOST, second.port),
        listed(3, HOST, third.port),
        listed(4, "broker4.invalid", 9093),
        listed(5, "0.0.0.0", 9093),
        (6, "broker6".to_owned(), 70_000),
        listed(7, "broker7.invalid", 9093),
        listed(8, "broker7.invalid", 9093),
    ];
    let server = Broker { advertised, ..Broker::of(&broker) }.start();
    let report = Call::of(&client).to(&server.target());
    assert_eq!((failed(&report), report.advertised.len()), (vec![], 8));
    let verdicts: Vec<Vec<&str>> = report
        .advertised
        .iter()
        .map(|advertised| match &advertised.verdict {
            Verdict::Sound => vec![],
            Verdict::NotTried => vec!["not tried"],
            Verdict::Faulty(findings) => codes_of(findings, verify::Severity::Error),
        })
        .collect();
    let expected: [&[&str]; 8] = [
        &[],
        &[],
        &["advertised-host-not-in-certificate"],
        &["advertised-host-unresolved"],
        &["advertised-any-address"],
        &["advertised-port-invalid"],
        &["advertised-twice", "advertised-host-unresolved"],
        &["advertised-twice", "advertised-host-unresolved"],
    ];
    for (found, expected) in verdicts.iter().zip(expected) {
        assert!(
            expected.iter().all(|code| found.contains(code)) && (expected.is_empty() == found.is_empty()),
            "{verdicts:?}"
        );
    }
    assert!(report.advertised.iter().all(|advertised| advertised.report.is_none()));
}

#[test]
fn a_broker_that_is_not_trusted_sends_nobody_anywhere_unless_that_is_asked_for() {
    let [broker, _] = parties();
    let stranger = endpoint("app1", KeyAlgorithm::EcP256, CertificateProfile::CLIENT, &authority("Other CA"));
    let end = Broker { client_auth: ClientAuth::None, ..Broker::of(&broker) };
    let second = end.clone().start();
    let advertised = vec![(1, HOST.to_owned(), 0), (2, HOST.to_owned(), i32::from(second.port))];
    let server = Broker { advertised, ..end }.start();
    let report = Call::of(&stranger).to(&server.target());
    assert_eq!(report.advertised[1].verdict, Verdict::NotTried);
    let report = Call { all_advertised: true, ..Call::of(&stranger) }.to(&server.target());
    let there = &report.advertised[1];
    assert!(matches!(there.verdict, Verdict::Faulty(_)));
    let there = there.report.as_ref().unwrap();
    assert_eq!((failed(there), there.transcript.steps.len()), (failed(&report), 9));
    assert_eq!(there.advertised, []);
}

#[test]
fn a_broker_that_breaks_off_where_its_certificate_should_come_has_no_key() {
    let [broker, client] = parties();
    let server = Server::new(move |mut stream| {
        let mut connection = Broker::of(&broker).accept();
        drop(connection.read_tls(&mut stream));
        drop(connection.process_new_packets());
        // The ServerHello is the first record; what the broker would say of itself is left out.
        let mut flight = Vec::new();
        drop(connection.write_tls(&mut flight));
        let end = 5 + usize::from(u16::from_be_bytes([flight[3], flight[4]]));
        drop(stream.write_all(&[&flight[..end], &[21, 3, 3, 0, 2, 2, 40]].concat()));
        drop(stream.read(&mut [0; 4096]));
    });
    let report = Call::of(&client).over(TlsVersion::Tls13).in_haste().to(&server.target());
    assert_eq!(failed(&report), [(3, FailedCheck::NoBrokerCertificate)]);
    assert_eq!((errors(&report), causes(&report)), (vec!["broker-certificate-missing"], vec!["broker-key-missing"]));
}

#[test]
fn a_broker_that_names_no_broker_or_more_than_is_read_is_told() {
    let [broker, client] = parties();
    let long = vec![(1, "h".repeat(5000), 9093)];
    for advertised in [Vec::new(), long] {
        let server = Broker { advertised, ..Broker::of(&broker) }.start();
        let report = Call::of(&client).to(&server.target());
        let codes: Vec<&str> = report.findings.iter().map(|finding| finding.finding.check.code).collect();
        assert!(codes.contains(&"brokers-not-listed"), "{codes:?}");
        assert_eq!((failed(&report), errors(&report), report.advertised), (vec![], vec![], vec![]));
    }
}

#[test]
fn every_live_check_has_one_cause_or_none_on_purpose() {
    let without = [
        // The reason says which it is.
        "broker-not-trusted",
        // The broker's log says more.
        "handshake-refused",
        "handshake-faulty",
        // The client has no fault, and no more was seen.
        "handshake-not-spoken",
        // Nobody has an idea.
        "brokers-not-listed",
        // Nothing fails.
        "address-unreachable",
        "key-not-checked",
        "client-certificate-not-sent",
    ];
    let known: Vec<&str> = verify::catalogue().chain(checks().iter().copied()).map(|check| check.code).collect();
    for check in checks() {
        let causes = cause::ALL.iter().filter(|cause| cause.checks.contains(&check.code)).count();
        assert_eq!(causes, usize::from(!without.contains(&check.code)), "{}", check.code);
        assert_eq!(known.iter().filter(|code| **code == check.code).count(), 1, "{}", check.code);
        assert!(check.why.len() > 20 && !check.why.ends_with('.'), "{}", check.code);
    }
    for cause in cause::ALL {
        assert!(cause.checks.iter().all(|code| known.contains(code)), "{}: {:?}", cause.code, cause.checks);
    }
}

#[test]
fn a_target_is_a_host_and_a_port() {
    for (text, host, port) in [
        ("broker1:9093", "broker1", 9093),
        ("192.0.2.1:1", "192.0.2.1", 1),
        ("[2001:db8::1]:9093", "2001:db8::1", 9093),
    ] {
        let target: Target = text.parse().unwrap();
        assert_eq!((target.host.as_str(), target.port, target.to_string().as_str()), (host, port, text));
    }
    for text in [
        "broker1",
        "broker1:",
        "broker1:0",
        "broker1:70000",
        "broker1:x",
        ":9093",
        "[]:9093",
        "a..b:1",
        "b\u{fc}cher:1",
        "a:1:1",
    ] {
        assert!(text.parse::<Target>().is_err(), "{text}");
    }
}

#[test]
fn steps_before_the_failure_keep_their_numbers() {
    let [broker, client] = parties();
    let server = Broker { versions: vec![TlsVersion::Tls12], ..Broker::of(&broker) }.start();
    let report = Call::of(&client).over(TlsVersion::Tls13).to(&server.target());
    assert_eq!(failed(&report), [(2, FailedCheck::NoCommonProtocol)]);
    let actions: Vec<Action> = report.transcript.steps.iter().map(|step| step.action).collect();
    assert_eq!(actions, Action::ALL[..2]);
    let Details::Hello(hello) = &report.transcript.steps[1].details else { panic!() };
    assert_eq!(hello.broker_versions, [TlsVersion::Tls12]);
    assert_eq!((errors(&report), causes(&report)), (vec!["protocol-not-common"], vec!["protocol-mismatch"]));
}
