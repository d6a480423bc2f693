//! TLS handshakes in memory, of a stack that is not Java's, with the keys and certificates of a bundle's own stores.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kafka_certgen::keystore::jks::{Jks, JksContent};
use kafka_certgen::name::dn::DistinguishedName;
use kafka_certgen::name::{Alias, NodeName};
use kafka_certgen::pipeline::{self, Environment, Made};
use kafka_certgen::random::SystemRandom;
use kafka_certgen::spec::{
    CaSource, CaSpec, ClusterSpec, Days, KeyAlgorithm, Layout, NodeRole, NodeSpec, PemKey, StoreFormat, StoreSpec,
};
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::time_provider::TimeProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, Connection, Error, RootCertStore, ServerConfig, ServerConnection,
    SupportedProtocolVersion,
};

use crate::fixed::NOW;

const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

/// For how many days the certificates of nodes are valid here.
const DAYS: u32 = 10;

#[test]
fn broker_and_client_trust_each_other_with_every_key_algorithm() {
    for algorithm in KeyAlgorithm::ALL.iter().copied() {
        let [broker, client] = parties(algorithm);
        for version in VERSIONS {
            for host in ["broker1", "broker1.example.com", "b7.brokers.example.com", "10.0.0.1", "2001:db8::1"] {
                Meeting { version, host, day: 0 }.of(&broker, &client).unwrap_or_else(|error| {
                    panic!("{algorithm}, {host}: {error}");
                });
            }
        }
    }
}

#[test]
fn a_name_that_is_not_in_the_certificate_is_refused() {
    let [broker, client] = parties(KeyAlgorithm::EcP256);
    for version in VERSIONS {
        for host in ["broker2", "app1", "example.com", "a.b.brokers.example.com", "10.0.0.2", "::1"] {
            let refused = Meeting { version, host, day: 0 }.of(&broker, &client);
            let is_expected = |error: &Error| {
                matches!(error, Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. }))
            };
            assert!(refused.as_ref().is_err_and(is_expected), "{host}: {refused:?}");
        }
    }
}

#[test]
fn a_client_without_a_certificate_is_refused() {
    let [broker, mut client] = parties(KeyAlgorithm::EcP256);
    client.identity = None;
    for version in VERSIONS {
        assert_eq!(
            Meeting { version, host: "broker1", day: 0 }.of(&broker, &client),
            Err(Error::NoCertificatesPresented)
        );
    }
}

#[test]
fn a_stranger_of_the_same_name_is_refused_on_either_side() {
    let [broker, client] = parties(KeyAlgorithm::EcP256);
    let [strange_broker, strange_client] = parties(KeyAlgorithm::EcP256);
    let trusting = |trusted: &Party, party: &Party| Party { ca: trusted.ca.clone(), identity: party.identity.clone() };
    let pairs = [(&broker, &trusting(&broker, &strange_client)), (&trusting(&client, &strange_broker), &client)];
    for (broker, client) in pairs {
        for version in VERSIONS {
            let refused = Meeting { version, host: "broker1", day: 0 }.of(broker, client);
            assert_eq!(refused, Err(Error::InvalidCertificate(CertificateError::BadSignature)));
        }
    }
}

#[test]
fn a_client_certificate_is_no_servers() {
    let [_, client] = parties(KeyAlgorithm::EcP256);
    for version in VERSIONS {
        let refused = Meeting { version, host: "app1", day: 0 }.of(&client, &client);
        let is_expected =
            |error: &Error| matches!(error, Error::InvalidCertificate(CertificateError::InvalidPurposeContext { .. }));
        assert!(refused.as_ref().is_err_and(is_expected), "{refused:?}");
    }
}

#[test]
fn a_certificate_is_valid_in_its_days_and_in_no_other() {
    let [broker, client] = parties(KeyAlgorithm::EcP256);
    for version in VERSIONS {
        let on = |day: i32| Meeting { version, host: "broker1", day }.of(&broker, &client);
        assert_eq!([on(0), on(9), on(10)], [Ok(()), Ok(()), Ok(())]);
        let (before, after) = (on(-1), on(11));
        assert!(
            matches!(before, Err(Error::InvalidCertificate(CertificateError::NotValidYetContext { .. }))),
            "{before:?}"
        );
        assert!(matches!(after, Err(Error::InvalidCertificate(CertificateError::ExpiredContext { .. }))), "{after:?}");
    }
}

/// What one side of a connection has in its stores.
struct Party {
    ca: CertificateDer<'static>,
    identity: Option<Identity>,
}

#[derive(Clone)]
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    pkcs8: Vec<u8>,
}

/// Makes a bundle, and returns its broker and its client.
fn parties(algorithm: KeyAlgorithm) -> [Party; 2] {
    let node = |name: &str, role, alt_names: &[&str]| {
        let name: NodeName = name.parse().unwrap();
        NodeSpec {
            role,
            profile: role.profile(),
            subject: DistinguishedName::with_common_name(name.as_str(), &DistinguishedName::default()).unwrap(),
            alt_names: alt_names.iter().map(|name| name.parse().unwrap()).collect(),
            alias: Alias::from(&name),
            key_algorithm: algorithm,
            days: Days::new(DAYS).unwrap(),
            formats: None,
            renew_before: None,
            name,
        }
    };
    let names = ["broker1", "broker1.example.com", "*.brokers.example.com", "10.0.0.1", "2001:db8::1"];
    let spec = ClusterSpec {
        ca: CaSource::Made(CaSpec {
            subject: DistinguishedName::parse("CN=Kafka CA").unwrap(),
            key_algorithm: algorithm,
            days: Days::new(100).unwrap(),
            password: None,
        }),
        nodes: vec![node("broker1", NodeRole::Broker, &names), node("app1", NodeRole::Client, &["app1"])],
        stores: StoreSpec {
            formats: vec![StoreFormat::Jks],
            ca_alias: "CARoot".parse().unwrap(),
            store_password: None,
            key_password: None,
            pem_key: PemKey::Plain,
        },
        layout: Layout::Nodes,
        client_auth: None,
        deploy_dir: None,
    };
    let environment = Environment { jobs: 2, ..Environment::new(NOW, &SystemRandom) };
    let made = pipeline::make(&spec, Path::new("/etc/kafka"), &environment).unwrap();
    [Party::of(&made, "broker1", "server"), Party::of(&made, "app1", "client")]
}

impl Party {
    /// Opens the stores of an identity.
    fn of(made: &Made, name: &str, side: &str) -> Self {
        let file = |file: &str| {
            let path = format!("{name}/{file}");
            let is_it = |artifact: &&kafka_certgen::bundle::Artifact| artifact.path() == Path::new(&path);
            made.bundle.artifacts.iter().find(is_it).unwrap_or_else(|| panic!("no {path}")).contents()
        };
        let password = std::str::from_utf8(file("password")).unwrap().trim_end();
        let contents = |store: &str| {
            let jks = Jks::decode(file(&format!("kafka.{side}.{store}.jks")), Some(password)).unwrap();
            jks.entries.into_iter().map(|entry| entry.content)
        };
        let ca = contents("truststore").find_map(|content| match content {
            JksContent::TrustedCertificate(der) => Some(CertificateDer::from(der)),
            JksContent::PrivateKey { .. } => None,
        });
        let identity = contents("keystore").find_map(|content| match content {
            JksContent::PrivateKey { key, chain } => Some(Identity {
                chain: chain.into_iter().map(CertificateDer::from).collect(),
                pkcs8: key.open(password).unwrap().to_vec(),
            }),
            JksContent::TrustedCertificate(_) => None,
        });
        assert!(identity.is_some());
        Self { ca: ca.unwrap(), identity }
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.ca.clone()).unwrap();
        Arc::new(roots)
    }
}

impl Identity {
    fn key(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.pkcs8.clone()).into()
    }
}

/// A connection to a host, so many days after the certificates were made.
struct Meeting {
    version: &'static SupportedProtocolVersion,
    host: &'static str,
    day: i32,
}

impl Meeting {
    /// Shakes hands, and returns the first error of either side.
    fn of(&self, server: &Party, client: &Party) -> Result<(), Error> {
        let name = ServerName::try_from(self.host).unwrap();
        let mut client_end = Connection::from(ClientConnection::new(Arc::new(self.client(client)), name)?);
        let mut server_end = Connection::from(ServerConnection::new(Arc::new(self.server(server)))?);
        while client_end.is_handshaking() || server_end.is_handshaking() {
            deliver(&mut client_end, &mut server_end)?;
            deliver(&mut server_end, &mut client_end)?;
        }
        let chain = |party: &Party| party.identity.as_ref().map(|identity| identity.chain.clone());
        assert_eq!(server_end.peer_certificates().map(<[_]>::to_vec), chain(client));
        assert_eq!(client_end.peer_certificates().map(<[_]>::to_vec), chain(server));
        assert_eq!(client_end.protocol_version(), Some(self.version.version));
        Ok(())
    }

    fn server(&self, party: &Party) -> ServerConfig {
        let verifier = WebPkiClientVerifier::builder_with_provider(party.roots(), provider()).build().unwrap();
        let identity = party.identity.as_ref().unwrap();
        ServerConfig::builder_with_details(provider(), Arc::new(self.clock()))
            .with_protocol_versions(&[self.version])
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(identity.chain.clone(), identity.key())
            .unwrap()
    }

    fn client(&self, party: &Party) -> ClientConfig {
        let verifier = WebPkiServerVerifier::builder_with_provider(party.roots(), provider()).build().unwrap();
        let config = ClientConfig::builder_with_details(provider(), Arc::new(self.clock()))
            .with_protocol_versions(&[self.version])
            .unwrap()
            .with_webpki_verifier(verifier);
        match &party.identity {
            Some(identity) => config.with_client_auth_cert(identity.chain.clone(), identity.key()).unwrap(),
            None => config.with_no_client_auth(),
        }
    }

    fn clock(&self) -> Stopped {
        let seconds = NOW.unix_timestamp() + i64::from(self.day) * 24 * 60 * 60;
        Stopped(UnixTime::since_unix_epoch(Duration::from_secs(seconds.try_into().unwrap())))
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// Hands over what one end has to say, and lets the other read it.
fn deliver(from: &mut Connection, to: &mut Connection) -> Result<(), Error> {
    let mut bytes = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut bytes).unwrap();
    }
    let mut bytes = bytes.as_slice();
    while !bytes.is_empty() {
        to.read_tls(&mut bytes).unwrap();
        to.process_new_packets()?;
    }
    Ok(())
}

#[derive(Debug)]
struct Stopped(UnixTime);

impl TimeProvider for Stopped {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}
