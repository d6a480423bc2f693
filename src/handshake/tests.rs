use std::sync::Arc;

use der::asn1::{Any, BitString};
use der::{Decode, Encode};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use x509_cert::Certificate as X509;
use zeroize::Zeroizing;

use super::*;
use crate::name::SubjectAltName;
use crate::name::dn::DistinguishedName;
use crate::pipeline::{Environment, steps};
use crate::pki::{CertificateAuthority, CertificateSigningRequest, DecodedCertificate, KeyPair};
use crate::random::SystemRandom;
use crate::spec::{CaSpec, CertificateProfile, ClientAuth, Days, KeyAlgorithm, Validity};
use crate::verify::acceptance::{Answer, Question, Reason, Stack};

pub(super) const NOW: OffsetDateTime = datetime!(2026-11-25 12:00 UTC);
pub(super) const SERVER_ONLY: CertificateProfile =
    CertificateProfile { name: "server", server_auth: true, client_auth: false };

/// Accepts everything, so that nothing but the handshake itself can fail.
#[derive(Debug, Clone, Copy)]
pub(super) struct Anything {
    pub(super) heeds_ca_names: bool,
}

impl Judge for Anything {
    fn name(&self) -> &'static str {
        "nobody"
    }

    fn judge(&self, question: &Question<'_>) -> Answer {
        Answer::Accepted { path: question.sent.to_vec() }
    }

    fn without_certificate(&self) -> &'static str {
        "no certificate"
    }

    fn heeds_ca_names(&self) -> bool {
        self.heeds_ca_names
    }

    fn offers(&self) -> Offers {
        Offers::of(Stack::Rustls)
    }
}

pub(super) fn authority(common_name: &str) -> CertificateAuthority {
    let subject = DistinguishedName::with_common_name(common_name, &DistinguishedName::default()).unwrap();
    let spec = CaSpec { subject, key_algorithm: KeyAlgorithm::EcP256, days: Days::CA, password: None };
    let environment = Environment::new(NOW, &SystemRandom);
    steps::ca(&spec, &environment).unwrap().0
}

pub(super) fn endpoint(
    name: &str,
    algorithm: KeyAlgorithm,
    profile: CertificateProfile,
    ca: &CertificateAuthority,
) -> Endpoint {
    let key = KeyPair::generate(algorithm).unwrap();
    let names: Vec<SubjectAltName> = vec![name.parse().unwrap()];
    let subject = DistinguishedName::with_common_name(name, &DistinguishedName::default()).unwrap();
    let request = CertificateSigningRequest::new(&key, &subject.to_der().unwrap(), &names).unwrap();
    let validity = Validity::starting(NOW, Days::new(100).unwrap()).unwrap();
    let certificate = ca.sign(&request.verify().unwrap(), profile, &names, validity, None, &SystemRandom).unwrap();
    let root = ca.certificate().as_der().to_vec();
    let chain = vec![certificate.as_der().to_vec(), root.clone()];
    Endpoint {
        name: name.to_owned(),
        identity: Some(Identity { chain, key: key.to_pkcs8().unwrap() }),
        anchors: vec![root],
    }
}

pub(super) fn pair(algorithm: KeyAlgorithm) -> [Endpoint; 2] {
    let ca = authority("Kafka CA");
    [
        endpoint("broker1", algorithm, CertificateProfile::BROKER, &ca),
        endpoint("app1", algorithm, CertificateProfile::CLIENT, &ca),
    ]
}

/// How the two meet.
pub(super) struct Meeting {
    tls: TlsVersion,
    host: &'static str,
    client_auth: ClientAuth,
    at: OffsetDateTime,
    judge: Arc<dyn Judge>,
    broker_judge: Arc<dyn Judge>,
    broker_versions: Vec<TlsVersion>,
}

impl Meeting {
    pub(super) fn over(tls: TlsVersion) -> Self {
        Self {
            tls,
            host: "broker1",
            client_auth: ClientAuth::Required,
            at: NOW,
            judge: Arc::new(Stack::JavaNewest),
            broker_judge: Arc::new(Stack::JavaNewest),
            broker_versions: TlsVersion::ALL.to_vec(),
        }
    }

    fn judged_by(self, judge: impl Judge + Copy + 'static) -> Self {
        Self { judge: Arc::new(judge), broker_judge: Arc::new(judge), ..self }
    }

    pub(super) fn settings(&self) -> Settings<'_> {
        Settings {
            host: self.host,
            client_versions: std::slice::from_ref(&self.tls),
            broker_versions: &self.broker_versions,
            client_auth: self.client_auth,
            at: self.at,
            client_judge: Arc::clone(&self.judge),
            broker_judge: Arc::clone(&self.broker_judge),
        }
    }

    fn of(&self, broker: &Endpoint, client: &Endpoint) -> Transcript {
        run(broker, client, &self.settings()).unwrap()
    }

    /// Returns the step and the check that failed.
    fn fault(&self, broker: &Endpoint, client: &Endpoint) -> (u8, FailedCheck) {
        let transcript = self.of(broker, client);
        match &transcript.outcome {
            Outcome::Succeeded => panic!("nothing failed"),
            Outcome::Failed(failure) => {
                assert_eq!(transcript.steps.len(), usize::from(failure.step));
                assert_eq!(transcript.steps.last().unwrap().result, Status::Failed);
                assert!(!failure.message.is_empty());
                (failure.step, failure.check)
            }
        }
    }
}

#[test]
fn nine_steps_are_done_with_every_key_algorithm_in_either_version() {
    for algorithm in KeyAlgorithm::ALL.iter().copied() {
        let [broker, client] = pair(algorithm);
        for tls in TlsVersion::ALL {
            let transcript = Meeting::over(tls).of(&broker, &client);
            assert_eq!(transcript.outcome, Outcome::Succeeded, "{algorithm}, {tls}");
            assert_eq!(transcript.steps.iter().map(|step| step.step).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
            assert!(transcript.steps.iter().all(|step| step.result == Status::Done));
            assert_eq!(transcript.tracker.len(), 5);
        }
    }
}

#[test]
fn what_is_told_is_what_was_sent() {
    let [broker, client] = pair(KeyAlgorithm::EcP256);
    for tls in TlsVersion::ALL {
        let transcript = Meeting::over(tls).of(&broker, &client);
        let in_the_clear = tls == TlsVersion::Tls12;
        for step in &transcript.steps {
            match &step.details {
                Details::Start { host, .. } => assert_eq!(host, "broker1"),
                Details::Hello(hello) => {
                    assert_eq!((hello.version, hello.server_name.as_deref()), (Some(tls), Some("broker1")));
                    assert_eq!(hello.offered_versions, [tls]);
                    assert!(hello.offered_cipher_suites.contains(hello.cipher_suite.as_ref().unwrap()));
                    assert!(hello.offered_groups.contains(hello.key_exchange_group.as_ref().unwrap()));
                }
                Details::BrokerCertificate { certificates, readable_on_the_line } => {
                    let subjects: Vec<&str> = certificates.iter().map(SentCertificate::subject).collect();
                    assert_eq!(subjects, ["CN=broker1", "CN=Kafka CA"]);
                    assert_eq!(*readable_on_the_line, in_the_clear);
                }
                Details::Verification(facts) => {
                    assert_eq!(facts.host.as_deref(), Some("broker1"));
                    assert_eq!((facts.has_key, &facts.anchors[..]), (Some(true), &["CN=Kafka CA".to_owned()][..]));
                }
                Details::ClientCertificate(facts) => {
                    assert!(facts.asked);
                    assert_eq!(facts.ca_names, ["CN=Kafka CA"]);
                    assert_eq!(facts.principal.as_deref(), Some("User:CN=app1"));
                    assert_eq!(facts.readable_on_the_line, in_the_clear);
                    assert_eq!(facts.verification.as_ref().unwrap().has_key, Some(true));
                }
                Details::Keys { handshake_was_encrypted, .. } => assert_eq!(*handshake_was_encrypted, !in_the_clear),
                Details::Channel { version, handshake, .. } => {
                    assert_eq!(*version, Some(tls));
                    assert!(handshake.client.bytes > 500 && handshake.broker.bytes > 500, "{handshake:?}");
                }
                Details::Data { request, response, readable_on_the_line } => {
                    assert_eq!((request.plaintext_bytes, response.plaintext_bytes), (14, 20));
                    // A header of 5 bytes, a tag of 16, and the type of the content, or the explicit nonce of TLS 1.2.
                    let overhead = if in_the_clear { 5 + 16 + 8 } else { 5 + 16 + 1 };
                    assert_eq!(request.encrypted, Flow { records: 1, bytes: 14 + overhead });
                    assert_eq!(response.encrypted, Flow { records: 1, bytes: 20 + overhead });
                    assert!(!readable_on_the_line);
                }
                Details::Close { client_close_notify, broker_close_notify, .. } => {
                    assert!(client_close_notify & broker_close_notify);
                }
            }
        }
    }
}

#[test]
fn the_tracker_tells_the_versions_apart() {
    use EncryptionKeys::{Discarded, Handshake, None, Session};
    let [broker, client] = pair(KeyAlgorithm::EcP256);
    let keys = |tls| -> Vec<EncryptionKeys> {
        Meeting::over(tls).of(&broker, &client).tracker.iter().map(|moment| moment.encryption_keys).collect()
    };
    assert_eq!(keys(TlsVersion::Tls12), [None, None, None, Session, Discarded]);
    assert_eq!(keys(TlsVersion::Tls13), [None, Handshake, Handshake, Session, Discarded]);
}

#[test]
fn the_client_refuses_in_step_4() {
    let [broker, client] = pair(KeyAlgorithm::EcP256);
    let other = endpoint("broker1", KeyAlgorithm::EcP256, CertificateProfile::BROKER, &authority("Other CA"));
    for tls in TlsVersion::ALL {
        let refused = |meeting: Meeting, broker| meeting.fault(broker, &client);
        let certificate = FailedCheck::Certificate;
        assert_eq!(
            refused(Meeting { host: "broker2", ..Meeting::over(tls) }, &broker),
            (4, certificate(Reason::HostName))
        );
        let later = Meeting { at: NOW + Duration::days(101), ..Meeting::over(tls) };
        assert_eq!(refused(later, &broker), (4, certificate(Reason::Expired)));
        let earlier = Meeting { at: NOW - Duration::days(1), ..Meeting::over(tls) };
        assert_eq!(refused(earlier, &broker), (4, certificate(Reason::NotYetValid)));
        assert_eq!(refused(Meeting::over(tls), &other), (4, certificate(Reason::UnknownAuthority)));
        let as_broker = Meeting { host: "app1", ..Meeting::over(tls) };
        assert_eq!(refused(as_broker, &client), (4, certificate(Reason::ExtendedKeyUsage)));
    }
}

#[test]
fn the_broker_refuses_in_step_5_and_the_client_is_told() {
    let ca = authority("Kafka CA");
    let broker = endpoint("broker1", KeyAlgorithm::EcP256, CertificateProfile::BROKER, &ca);
    let server_only = endpoint("app1", KeyAlgorithm::EcP256, SERVER_ONLY, &ca);
    let stranger = Endpoint {
        anchors: broker.anchors.clone(),
        ..endpoint("app1", KeyAlgorithm::EcP256, CertificateProfile::CLIENT, &authority("Other CA"))
    };
    let nobody = Endpoint { identity: None, ..stranger.clone() };
    for tls in TlsVersion::ALL {
        let certificate = FailedCheck::Certificate;
        let refused = |client| Meeting::over(tls).fault(&broker, client);
        assert_eq!(refused(&server_only), (5, certificate(Reason::ExtendedKeyUsage)));
        // Java has kept its certificate to itself, since the broker has not named its CA.
        assert_eq!(refused(&stranger), (5, FailedCheck::NoClientCertificate));
        assert_eq!(refused(&nobody), (5, FailedCheck::NoClientCertificate));
        let of_node = Meeting { judge: Arc::new(Stack::Node), ..Meeting::over(tls) };
        assert_eq!(of_node.fault(&broker, &stranger), (5, certificate(Reason::UnknownAuthority)));
        let Outcome::Failed(failure) = of_node.of(&broker, &stranger).outcome else { panic!() };
        assert_eq!((failure.by, failure.alert.as_deref()), (Party::Broker, Some("certificate_unknown")));
    }
}

#[test]
fn a_client_that_heeds_ca_names_sends_nothing_to_a_broker_that_does_not_know_its_ca() {
    let [broker, _] = pair(KeyAlgorithm::EcP256);
    let stranger = endpoint("app1", KeyAlgorithm::EcP256, CertificateProfile::CLIENT, &authority("Other CA"));
    for tls in TlsVersion::ALL {
        let heeding = Meeting::over(tls).judged_by(Anything { heeds_ca_names: true });
        assert_eq!(heeding.fault(&broker, &stranger), (5, FailedCheck::NoClientCertificate));
        let transcript = heeding.of(&broker, &stranger);
        let Details::ClientCertificate(facts) = &transcript.steps[4].details else { panic!() };
        assert_eq!(facts.withheld, Some(Withheld::NoNamedIssuer));
        let optional = Meeting { client_auth: ClientAuth::Requested, ..heeding };
        assert_eq!(optional.of(&broker, &stranger).steps[4].result, Status::Skipped);
        let heedless = Meeting::over(tls).judged_by(Anything { heeds_ca_names: false });
        assert_eq!(heedless.of(&broker, &stranger).outcome, Outcome::Succeeded);
    }
}

#[test]
fn a_broker_names_as_many_cas_as_fit_and_else_none() {
    use super::witness::{MAX_FLIGHT, NAME_LENGTH};
    let [broker, client] = pair(KeyAlgorithm::EcP256);
    let [root] = broker.anchors.as_slice() else { panic!() };
    let name = DecodedCertificate::from_der(root).unwrap().subject.der.len();
    let chain: usize = broker.identity.as_ref().unwrap().chain.iter().map(Vec::len).sum();
    let most = (MAX_FLIGHT - chain) / (name + NAME_LENGTH);
    for tls in TlsVersion::ALL {
        for (count, named) in [(most, most), (most + 1, 0)] {
            let broker = Endpoint { anchors: vec![root.clone(); count], ..broker.clone() };
            let meeting = Meeting::over(tls).judged_by(Anything { heeds_ca_names: true });
            let transcript = meeting.of(&broker, &client);
            assert_eq!(transcript.outcome, Outcome::Succeeded, "{tls}, {count}");
            let Details::ClientCertificate(facts) = &transcript.steps[4].details else { panic!() };
            assert_eq!((facts.ca_names.len(), facts.certificates.len()), (named, 2));
        }
    }
}

#[test]
fn a_broker_that_asks_for_nothing_gets_nothing() {
    let [broker, client] = pair(KeyAlgorithm::EcP256);
    for tls in TlsVersion::ALL {
        let transcript = Meeting { client_auth: ClientAuth::None, ..Meeting::over(tls) }.of(&broker, &client);
        assert_eq!(transcript.outcome, Outcome::Succeeded);
        assert_eq!(transcript.steps[4].result, Status::Skipped);
        let Details::ClientCertificate(facts) = &transcript.steps[4].details else { panic!() };
        assert!(!facts.asked && facts.certificates.is_empty() && facts.principal.is_none());
    }
}

/// The judge accepts everything here: it is the signature alone that shows who has the key.
#[test]
fn a_key_that_is_not_the_certificates_is_found_by_the_signature() {
    let [of_p256, _] = pair(KeyAlgorithm::EcP256);
    for algorithm in KeyAlgorithm::ALL.iter().copied() {
        let [broker, client] = pair(algorithm);
        // One key of the same algorithm, and one of another or, for P-256, a third.
        for [of_broker, of_client] in [[&client, &broker], [&of_p256, &of_p256]] {
            for tls in TlsVersion::ALL {
                let meeting = Meeting::over(tls).judged_by(Anything { heeds_ca_names: false });
                let found = meeting.fault(&with_key_of(&broker, of_broker), &client);
                assert_eq!(found, (4, FailedCheck::HandshakeSignature), "{algorithm}, {tls}");
                let found = meeting.fault(&broker, &with_key_of(&client, of_client));
                assert_eq!(found, (5, FailedCheck::HandshakeSignature), "{algorithm}, {tls}");
            }
        }
    }
}

pub(super) fn with_key_of(party: &Endpoint, other: &Endpoint) -> Endpoint {
    let (own, other) = (party.identity.clone().unwrap(), other.identity.clone().unwrap());
    Endpoint { identity: Some(Identity { chain: own.chain, key: other.key }), ..party.clone() }
}

/// The script's certificates are of this version; webpki does not read them, and the key in them counts all the same.
#[test]
fn a_certificate_of_version_1_is_taken_if_its_judge_takes_it() {
    let [broker, client] = pair(KeyAlgorithm::EcP256).map(|party| with_leaf(party, without_extensions));
    for tls in TlsVersion::ALL {
        let meeting = Meeting::over(tls).judged_by(Anything { heeds_ca_names: true });
        assert_eq!(meeting.of(&broker, &client).outcome, Outcome::Succeeded, "{tls}");
        let rustls = Meeting::over(tls).judged_by(Stack::Rustls);
        assert_eq!(rustls.fault(&broker, &client).0, 4, "{tls}");
    }
}

/// Some certificates leave out the NULL that stands for the parameters of an RSA key.
#[test]
fn a_signature_is_of_an_rsa_key_without_parameters_too() {
    let [broker, client] = pair(KeyAlgorithm::Rsa2048).map(|party| with_leaf(party, without_null));
    let [_, stranger] = pair(KeyAlgorithm::Rsa2048);
    for tls in TlsVersion::ALL {
        let meeting = Meeting::over(tls).judged_by(Anything { heeds_ca_names: true });
        assert_eq!(meeting.of(&broker, &client).outcome, Outcome::Succeeded, "{tls}");
        let found = meeting.fault(&with_key_of(&broker, &stranger), &client);
        assert_eq!(found, (4, FailedCheck::HandshakeSignature), "{tls}");
    }
}

fn with_leaf(mut party: Endpoint, change: impl Fn(&[u8]) -> Vec<u8>) -> Endpoint {
    let [leaf, ..] = party.identity.as_mut().unwrap().chain.as_mut_slice() else { panic!() };
    *leaf = change(leaf);
    party
}

/// Returns a certificate in version 1: the same fields, and no extension. Its signature is no longer right.
fn without_extensions(der: &[u8]) -> Vec<u8> {
    // [0] is the version, [3] are the extensions.
    with_fields(der, |field| if [0xA0, 0xA3].contains(&field[0]) { Vec::new() } else { field })
}

/// Returns a certificate whose key has an algorithm without parameters.
fn without_null(der: &[u8]) -> Vec<u8> {
    let certificate = X509::from_der(der).unwrap();
    let mut info = certificate.tbs_certificate().subject_public_key_info().clone();
    let before = info.to_der().unwrap();
    assert_eq!(info.algorithm.parameters.take(), Some(Any::null()));
    with_fields(der, |field| if field == before { info.to_der().unwrap() } else { field })
}

/// Returns a certificate whose fields are changed. Its signature is no longer right.
fn with_fields(der: &[u8], change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let certificate = X509::from_der(der).unwrap();
    let tbs = Any::from_der(&certificate.tbs_certificate().to_der().unwrap()).unwrap();
    let mut content = tbs.value();
    let mut fields = Vec::new();
    while !content.is_empty() {
        let (field, rest) = Any::from_der_partial(content).unwrap();
        fields.extend(change(field.to_der().unwrap()));
        content = rest;
    }
    let tbs = Any::new(der::Tag::Sequence, fields).unwrap();
    let algorithm = certificate.signature_algorithm().to_der().unwrap();
    let signature = BitString::from_bytes(&[1, 2, 3]).unwrap().to_der().unwrap();
    let body = [tbs.to_der().unwrap(), algorithm, signature].concat();
    Any::new(der::Tag::Sequence, body).unwrap().to_der().unwrap()
}

#[test]
fn ends_without_a_version_in_common_part_in_step_2() {
    let [broker, client] = pair(KeyAlgorithm::EcP256);
    for tls in TlsVersion::ALL {
        let others = TlsVersion::ALL.into_iter().filter(|other| *other != tls).collect();
        let meeting = Meeting { broker_versions: others, ..Meeting::over(tls) };
        assert_eq!(meeting.fault(&broker, &client), (2, FailedCheck::NoCommonProtocol));
        let Outcome::Failed(failure) = meeting.of(&broker, &client).outcome else { panic!() };
        assert_eq!((failure.by, failure.alert.as_deref()), (Party::Broker, Some("protocol_version")));
    }
}

#[test]
fn a_chain_that_is_too_large_is_refused_by_who_reads_it_or_not_sent_at_all() {
    let [mut broker, client] = pair(KeyAlgorithm::EcP256);
    let add = |party: &mut Endpoint, count: usize| {
        let chain = &mut party.identity.as_mut().unwrap().chain;
        let root = chain[1].clone();
        chain.extend(vec![root; count]);
    };
    add(&mut broker, 200);
    assert_eq!(Meeting::over(TlsVersion::Tls13).fault(&broker, &client), (3, FailedCheck::Protocol));
    add(&mut broker, 4000);
    let meeting = Meeting::over(TlsVersion::Tls13);
    let settings = Settings {
        host: "broker1",
        client_versions: &[TlsVersion::Tls13],
        broker_versions: &[TlsVersion::Tls13],
        client_auth: ClientAuth::None,
        at: NOW,
        client_judge: Arc::clone(&meeting.judge),
        broker_judge: meeting.judge,
    };
    assert!(matches!(run(&broker, &client, &settings), Err(HandshakeError::ChainTooLarge(Party::Broker, _))));
}

#[test]
fn what_is_no_key_and_what_is_no_host_is_told_before_anything_is_sent() {
    let [broker, client] = pair(KeyAlgorithm::EcP256);
    let judge: Arc<dyn Judge> = Arc::new(Stack::JavaNewest);
    let attempt = |broker: &Endpoint, host: &str| {
        let settings = Settings {
            host,
            client_versions: &TlsVersion::ALL,
            broker_versions: &TlsVersion::ALL,
            client_auth: ClientAuth::None,
            at: NOW,
            client_judge: Arc::clone(&judge),
            broker_judge: Arc::clone(&judge),
        };
        run(broker, &client, &settings).map(|transcript| transcript.outcome)
    };
    assert_eq!(attempt(&broker, "broker1"), Ok(Outcome::Succeeded));
    assert_eq!(attempt(&broker, "a b"), Err(HandshakeError::Host("a b".to_owned())));
    let mut faulty = broker.clone();
    faulty.identity.as_mut().unwrap().key = Zeroizing::new(b"no key".to_vec());
    let Err(HandshakeError::Key(Party::Broker, what)) = attempt(&faulty, "broker1") else { panic!() };
    assert!(what.contains("P-256"), "{what}");
    assert_eq!(attempt(&Endpoint { identity: None, ..broker }, "broker1"), Err(HandshakeError::NoBrokerKey));
}

#[test]
fn certificates_that_are_none_are_refused_and_end_no_program() {
    let [broker, client] = pair(KeyAlgorithm::EcP256);
    let leaf = broker.identity.as_ref().unwrap().chain[0].clone();
    let hostile = [vec![], vec![0x30], vec![0xFF; 300], leaf[..leaf.len() / 2].to_vec()];
    for der in hostile {
        let mut faulty = broker.clone();
        faulty.identity.as_mut().unwrap().chain[0] = der;
        for tls in TlsVersion::ALL {
            let meeting = Meeting::over(tls).judged_by(Anything { heeds_ca_names: true });
            assert!(matches!(meeting.fault(&faulty, &client).0, 3 | 4));
        }
    }
}
