//! The two ends as rustls has them: a configuration each, with the verifiers and the choosers of keys of [`super::witness`].

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection, SupportedProtocolVersion};

use super::record::Recorder;
use super::witness::{BrokerKey, BrokerSide, ClientKey, ClientSide, Court};
use super::{HandshakeError, Identity, MAX_CHAIN, Party, TlsVersion};
use crate::pki::DecodedCertificate;
use crate::spec::ClientAuth;

/// What a client is made of.
pub(super) struct ClientEnd<'a> {
    pub(super) court: Court,
    /// The name or address that it connects to.
    pub(super) host: &'a str,
    /// Whether the broker's certificate must be for that host.
    pub(super) checks_host: bool,
    pub(super) versions: &'a [TlsVersion],
    pub(super) identity: Option<&'a Identity>,
}

/// What a broker is made of.
pub(super) struct BrokerEnd<'a> {
    pub(super) court: Court,
    pub(super) client_auth: ClientAuth,
    pub(super) versions: &'a [TlsVersion],
    pub(super) identity: Option<&'a Identity>,
}

pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// Returns what a client makes its connections with. The key is taken as it is.
pub(super) fn client_config(end: ClientEnd<'_>) -> Result<ClientConfig, HandshakeError> {
    let ClientEnd { court, host, checks_host, versions, identity } = end;
    if versions.is_empty() {
        return Err(HandshakeError::NoVersion(Party::Client));
    }
    let key = identity.map(|identity| certified_key(Party::Client, identity)).transpose()?;
    let heeds_ca_names = court.judge.heeds_ca_names();
    let recorder: Arc<Recorder> = Arc::clone(&court.recorder);
    let host = checks_host.then(|| host.to_owned());
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&supported(versions))
        .map_err(HandshakeError::Setup)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(ClientSide { court, host }))
        .with_client_cert_resolver(Arc::new(ClientKey { key, heeds_ca_names, recorder }));
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
}

/// Returns a client that has not said anything yet.
pub(super) fn connect(end: ClientEnd<'_>) -> Result<ClientConnection, HandshakeError> {
    let name = server_name(end.host)?;
    ClientConnection::new(Arc::new(client_config(end)?), name).map_err(HandshakeError::Setup)
}

/// Returns a host as rustls has it.
pub(super) fn server_name(host: &str) -> Result<ServerName<'static>, HandshakeError> {
    ServerName::try_from(host.to_owned()).map_err(|_| HandshakeError::Host(host.to_owned()))
}

/// Returns a broker that waits for the client's hello.
pub(super) fn accept(end: BrokerEnd<'_>) -> Result<ServerConnection, HandshakeError> {
    let BrokerEnd { court, client_auth, versions, identity } = end;
    if versions.is_empty() {
        return Err(HandshakeError::NoVersion(Party::Broker));
    }
    let identity = identity.ok_or(HandshakeError::NoBrokerKey)?;
    let key = certified_key(Party::Broker, identity)?;
    let recorder: Arc<Recorder> = Arc::clone(&court.recorder);
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&supported(versions))
        .map_err(HandshakeError::Setup)?
        .with_client_cert_verifier(Arc::new(BrokerSide::new(court, client_auth, chain_length(identity))))
        .with_cert_resolver(Arc::new(BrokerKey { key, recorder }));
    // There is one connection, and none to resume.
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    ServerConnection::new(Arc::new(config)).map_err(HandshakeError::Setup)
}

fn supported(versions: &[TlsVersion]) -> Vec<&'static SupportedProtocolVersion> {
    let supported = versions.iter().map(|version| match version {
        TlsVersion::Tls12 => &TLS12,
        TlsVersion::Tls13 => &TLS13,
    });
    supported.collect()
}

pub(super) fn version_of(version: rustls::ProtocolVersion) -> Option<TlsVersion> {
    match version {
        rustls::ProtocolVersion::TLSv1_2 => Some(TlsVersion::Tls12),
        rustls::ProtocolVersion::TLSv1_3 => Some(TlsVersion::Tls13),
        _ => None,
    }
}

fn chain_length(identity: &Identity) -> usize {
    identity.chain.iter().map(Vec::len).fold(0, usize::saturating_add)
}

/// Takes a key and a chain as they are, whether they belong together or not: that is for the other end to find out.
fn certified_key(party: Party, identity: &Identity) -> Result<Arc<CertifiedKey>, HandshakeError> {
    let length = chain_length(identity);
    if length > MAX_CHAIN {
        return Err(HandshakeError::ChainTooLarge(party, length));
    }
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(identity.key.as_slice()));
    let key = aws_lc_rs::sign::any_supported_type(&key)
        .map_err(|_| HandshakeError::Key(party, unusable(identity.chain.first())))?;
    let chain = identity.chain.iter().map(|der| CertificateDer::from(der.clone())).collect();
    Ok(Arc::new(CertifiedKey::new(chain, key)))
}

/// Says what a key is that cannot be used, as far as its certificate tells.
fn unusable(leaf: Option<&Vec<u8>>) -> String {
    const USABLE: &str = "RSA from 2048 bits, P-256, P-384, P-521 and Ed25519 can";
    match leaf.and_then(|der| DecodedCertificate::from_der(der).ok()) {
        Some(leaf) => format!("its certificate is for {}; {USABLE}", leaf.public_key.kind),
        None => USABLE.to_owned(),
    }
}
