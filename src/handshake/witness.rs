//! What stands between rustls and the certificates: verifiers that record and delegate, and choosers of keys that record.
//!
//! rustls calls this interface `dangerous`, since a verifier of one's own can accept everything. These return what the judge has said
//! and nothing else, but for a live connection that goes on to see more of it: there, what the judge has said is in the record alone.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, PeerMisbehaved, SignatureScheme,
};
use time::OffsetDateTime;

use super::TlsVersion;
use super::judge::Judge;
use super::record::{CertificateRequest, Offer, Presented, Proof, Record, Recorder, Times, Withheld};
use super::signature;
use crate::pki::DecodedCertificate;
use crate::spec::ClientAuth;
use crate::verify::acceptance::{self, Answer, Question, Reason, Side};

/// The most bytes of CA names and certificates that a broker sends. A list of names may have 65,535 bytes (RFC 5246 §7.4.4, RFC 8446
/// §4.2.4), and so may, in TLS 1.3, all extensions together; rustls reads no more at once than that with whatever comes beside it. This
/// leaves room for the rest.
pub(super) const MAX_FLIGHT: usize = 0xFFFF - 2048;

/// The bytes of the length before each name.
pub(super) const NAME_LENGTH: usize = 2;

/// What both verifiers need.
pub(super) struct Court {
    pub(super) judge: Arc<dyn Judge>,
    pub(super) anchors: Vec<DecodedCertificate>,
    pub(super) at: OffsetDateTime,
    pub(super) tls: acceptance::TlsVersion,
    pub(super) algorithms: WebPkiSupportedAlgorithms,
    pub(super) recorder: Arc<Recorder>,
    /// Whether the connection goes on where it should be broken off, so that more is seen of it. What was found is in the record.
    pub(super) goes_on: bool,
    /// The time since some moment, if anybody wants to know.
    pub(super) clock: Option<fn() -> Duration>,
}

impl fmt::Debug for Court {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Court({:?}, {} anchors)", self.judge, self.anchors.len())
    }
}

/// The judge has refused certificates; what it has said is in the record. rustls sends the alert `certificate_unknown` for it, as Java does.
#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the certificates were refused")
    }
}

impl std::error::Error for Refused {}

impl Court {
    fn decide(
        &self,
        leaf: &CertificateDer<'_>,
        rest: &[CertificateDer<'_>],
        side: Side<'_>,
        of: fn(&mut Record) -> &mut Presented,
    ) -> Result<(), Error> {
        let came = self.clock.map(|clock| clock());
        let chain: Vec<Vec<u8>> = [leaf].into_iter().chain(rest).map(|der| der.to_vec()).collect();
        let answer = self.answer(&chain, side);
        let is_accepted = matches!(answer, Answer::Accepted { .. });
        let judged = self.clock.map(|clock| clock());
        self.recorder.note(|record| {
            let presented = of(record);
            presented.chain = chain;
            presented.answer = Some(answer);
            presented.times = Times { came, judged };
        });
        if is_accepted || self.goes_on {
            Ok(())
        } else {
            Err(Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(Refused)))))
        }
    }

    fn answer(&self, chain: &[Vec<u8>], side: Side<'_>) -> Answer {
        let sent: Result<Vec<_>, _> = chain.iter().map(|der| DecodedCertificate::from_der(der)).collect();
        let Ok(sent) = sent else {
            let message = "a certificate that was sent is no X.509 certificate".to_owned();
            return Answer::Refused { check: Reason::Unreadable, message };
        };
        let anchors = &self.anchors;
        self.judge.judge(&Question { sent: &sent, anchors, side, tls: self.tls, at: self.at })
    }

    fn check_signature(
        &self,
        version: TlsVersion,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
        of: fn(&mut Record) -> &mut Presented,
    ) -> Result<HandshakeSignatureValid, Error> {
        if !self.algorithms.supported_schemes().contains(&signed.scheme) {
            return Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into());
        }
        let proof = signature::prove(leaf, version, message, signed, &self.algorithms);
        let judged = self.clock.map(|clock| clock());
        self.recorder.note(|record| {
            let presented = of(record);
            presented.signature = Some((signed.scheme, proof));
            presented.times.judged = judged;
        });
        if proof == Proof::Valid || self.goes_on {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            #[allow(deprecated, reason = "it is what rustls itself answers, and the alert is decrypt_error")]
            Err(Error::InvalidCertificate(CertificateError::BadSignature))
        }
    }
}

fn of_broker(record: &mut Record) -> &mut Presented {
    &mut record.broker
}

fn of_client(record: &mut Record) -> &mut Presented {
    &mut record.client
}

/// The client's view of the broker.
#[derive(Debug)]
pub(super) struct ClientSide {
    pub(super) court: Court,
    /// The host that the certificate must be for; none, if any will do.
    pub(super) host: Option<String>,
}

impl ServerCertVerifier for ClientSide {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let side = Side::ServerFor { host: self.host.as_deref() };
        self.court.decide(end_entity, intermediates, side, of_broker).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.court.check_signature(TlsVersion::Tls12, message, cert, dss, of_broker)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.court.check_signature(TlsVersion::Tls13, message, cert, dss, of_broker)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.court.algorithms.supported_schemes()
    }
}

/// The broker's view of the client.
#[derive(Debug)]
pub(super) struct BrokerSide {
    court: Court,
    client_auth: ClientAuth,
    ca_names: Vec<DistinguishedName>,
}

impl BrokerSide {
    pub(super) fn new(court: Court, client_auth: ClientAuth, chain_length: usize) -> Self {
        let names: Vec<Vec<u8>> = court.anchors.iter().map(|anchor| anchor.subject.der.clone()).collect();
        // Java names none where there are too many (`CertificateAuthoritiesExtension`).
        let lengths = names.iter().map(|name| name.len().saturating_add(NAME_LENGTH));
        let fits = lengths.fold(chain_length, usize::saturating_add) <= MAX_FLIGHT;
        let ca_names = if fits { names.into_iter().map(DistinguishedName::from).collect() } else { Vec::new() };
        Self { court, client_auth, ca_names }
    }
}

impl ClientCertVerifier for BrokerSide {
    fn offer_client_auth(&self) -> bool {
        self.client_auth != ClientAuth::None
    }

    fn client_auth_mandatory(&self) -> bool {
        self.client_auth == ClientAuth::Required
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.ca_names
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.court.decide(end_entity, intermediates, Side::Client, of_client).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.court.check_signature(TlsVersion::Tls12, message, cert, dss, of_client)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.court.check_signature(TlsVersion::Tls13, message, cert, dss, of_client)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.court.algorithms.supported_schemes()
    }
}

/// The broker's key, which it has whatever a client asks for.
#[derive(Debug)]
pub(super) struct BrokerKey {
    pub(super) key: Arc<CertifiedKey>,
    pub(super) recorder: Arc<Recorder>,
}

impl ResolvesServerCert for BrokerKey {
    fn resolve(&self, client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let offer = offer(&client_hello);
        self.recorder.note(|record| record.hello = Some(offer));
        Some(Arc::clone(&self.key))
    }
}

/// Returns what a client asks for in its hello.
pub(super) fn offer(hello: &ClientHello<'_>) -> Offer {
    let groups = hello.named_groups().unwrap_or_default();
    Offer {
        server_name: hello.server_name().map(str::to_owned),
        cipher_suites: hello.cipher_suites().iter().map(|suite| suite_name(*suite)).collect(),
        groups: groups.iter().map(|group| group_name(*group)).collect(),
    }
}

/// The client's key, if it has one.
#[derive(Debug)]
pub(super) struct ClientKey {
    pub(super) key: Option<Arc<CertifiedKey>>,
    pub(super) heeds_ca_names: bool,
    pub(super) recorder: Arc<Recorder>,
}

impl ResolvesClientCert for ClientKey {
    fn resolve(&self, root_hint_subjects: &[&[u8]], sigschemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let chosen = self.choose(root_hint_subjects, sigschemes);
        let ca_names = root_hint_subjects.iter().map(|name| name.to_vec()).collect();
        self.recorder.note(|record| {
            record.request = Some(CertificateRequest { ca_names });
            record.withheld = chosen.as_ref().err().copied();
        });
        chosen.ok()
    }

    fn has_certs(&self) -> bool {
        self.key.is_some()
    }
}

impl ClientKey {
    fn choose(&self, ca_names: &[&[u8]], schemes: &[SignatureScheme]) -> Result<Arc<CertifiedKey>, Withheld> {
        let key = self.key.as_ref().ok_or(Withheld::NoKey)?;
        if self.heeds_ca_names && !ca_names.is_empty() && !has_issuer_among(&key.cert, ca_names) {
            return Err(Withheld::NoNamedIssuer);
        }
        if key.key.choose_scheme(schemes).is_none() {
            return Err(Withheld::NoSignatureScheme);
        }
        Ok(Arc::clone(key))
    }
}

/// Says whether a certificate in a chain was issued by one of these.
pub(super) fn has_issuer_among<C: AsRef<[u8]>, N: AsRef<[u8]>>(chain: &[C], names: &[N]) -> bool {
    chain
        .iter()
        .filter_map(|der| DecodedCertificate::from_der(der.as_ref()).ok())
        .any(|certificate| names.iter().any(|name| name.as_ref() == certificate.issuer.der))
}

pub(super) fn suite_name(suite: rustls::CipherSuite) -> String {
    // rustls writes TLS13_ where IANA and Java write TLS_.
    suite.as_str().map_or_else(|| format!("{suite:?}"), |name| name.replacen("TLS13_", "TLS_", 1))
}

pub(super) fn group_name(group: rustls::NamedGroup) -> String {
    // rustls writes X25519 where IANA and Java write x25519.
    group.as_str().map_or_else(
        || format!("{group:?}"),
        |name| name.replace("X25519", "x25519").replace("x25519MLKEM", "X25519MLKEM"),
    )
}

pub(super) fn scheme_name(scheme: SignatureScheme) -> String {
    // As IANA writes them: ecdsa_secp256r1_sha256.
    let name = scheme.as_str().map_or_else(|| format!("{scheme:?}"), str::to_owned);
    name.replace("NISTP256", "SECP256R1")
        .replace("NISTP384", "SECP384R1")
        .replace("NISTP521", "SECP521R1")
        .replace("RSA_PSS_SHA", "RSA_PSS_RSAE_SHA")
        .to_ascii_lowercase()
}
