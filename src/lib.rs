//! Certificates, keystores and truststores for Apache Kafka: the keytool/openssl script as a library.
//!
//! A bundle in memory, for a test that starts a broker:
//!
//! ```
//! use kafka_certgen::pipeline::{self, Environment};
//! use kafka_certgen::random::SystemRandom;
//! use kafka_certgen::spec::{ClusterSpec, KeyAlgorithm, NodeRole, NodeSpec};
//!
//! let broker = NodeSpec::new("localhost".parse()?, NodeRole::Broker);
//! let client = NodeSpec::new("app1".parse()?, NodeRole::Client);
//! let spec = ClusterSpec::new(vec![broker, client]).with_keys(KeyAlgorithm::EcP256);
//! let environment = Environment::new(time::OffsetDateTime::now_utc(), &SystemRandom);
//! // The folder is the one that the files will lie in, which the properties name.
//! let made = pipeline::make(&spec, "/etc/kafka/ssl".as_ref(), &environment)?;
//! for file in made.files("localhost") {
//!     println!("{}: {} bytes", file.name(), file.contents().len());
//! }
//! # assert!(made.file("app1", "client.properties").is_some());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A CA that signs the requests of others, and says what they asked for and did not get:
//!
//! ```
//! use kafka_certgen::pipeline::{Environment, steps};
//! use kafka_certgen::pki::{certificate_pem, read_request};
//! use kafka_certgen::random::SystemRandom;
//! use kafka_certgen::spec::{CaSpec, CertificateProfile, SigningSpec};
//!
//! # use kafka_certgen::{name::dn::DistinguishedName, pki::*, spec::KeyAlgorithm};
//! # let key = KeyPair::generate(KeyAlgorithm::EcP256)?;
//! # let subject = DistinguishedName::parse("CN=broker1")?.to_der()?;
//! # let file = request_pem(&CertificateSigningRequest::new(&key, &subject, &[])?).into_bytes();
//! let environment = Environment::new(time::OffsetDateTime::now_utc(), &SystemRandom);
//! let (ca, _password) = steps::ca(&CaSpec::default(), &environment)?;
//! let request = read_request(&file)?.verify()?;
//! let signed = steps::sign(&ca, &request, &SigningSpec::new(CertificateProfile::BROKER), None, &environment)?;
//! println!("{}not granted: {:?}", certificate_pem(&signed.certificate), signed.not_granted);
//! # assert!(signed.not_granted.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A verdict on stores that anybody has made:
//!
//! ```no_run
//! use kafka_certgen::verify::load::{self, Stores};
//! use kafka_certgen::verify::{self, Terms};
//!
//! let stores = Stores { keystore: Some("server.p12".into()), ..Stores::default() };
//! let report = verify::judge(&load::stores(&stores)?, None, Terms::at(time::OffsetDateTime::now_utc()));
//! for finding in report.findings() {
//!     println!("{}: {}; {}", finding.object, finding.found, finding.fix);
//! }
//! # Ok::<(), load::LoadError>(())
//! ```
//!
//! `examples/` has each as a program, and a package that hands a bundle to a broker in a container. `default-features = false` leaves
//! out what only the command line needs.
//!
//! ```text
//! ClusterSpec ─► KeyPair ─► CertificateSigningRequest ─► CertificateAuthority::sign ─► Certificate
//!                                                                                         │
//!              output::Staged::commit ◄─ Bundle ◄─ Artifact ◄─ KeyStore (JKS, PKCS#12), PEM, properties
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | [`name`] | parses names of nodes, hosts, entries, and DNs |
//! | [`secret`], [`random`] | holds passwords; gives randomness |
//! | [`pbe`] | encrypts under passwords, as keys and stores are |
//! | [`spec`] | states what shall exist |
//! | [`pki`] | makes keys, requests and certificates in memory |
//! | [`keystore`] | writes, reads and changes stores |
//! | [`kafka`] | writes Kafka's properties and principals |
//! | [`inspect`] | says what is in a file, whoever made it |
//! | [`bundle`] | says which bytes belong at which path, and what has to change |
//! | [`export`] | turns stores into other formats; makes Secrets of Kubernetes and archives of what is in a bundle |
//! | [`output`] | writes a bundle or single files, all or nothing; changes a bundle, folder by folder |
//! | [`script`] | says the same in openssl and keytool |
//! | [`config`] | writes the configuration of everything that connects to Kafka, or is Kafka |
//! | [`verify`] | judges what anybody has made |
//! | [`diagnosis`] | says what TLS errors mean, and what is behind them |
//! | [`handshake`] | lets a client and a broker shake hands, and tells what happened |
//! | [`pipeline`] | runs the steps in their order, for a new bundle or one that is there |
//! | [`manual`] | gives the reasons |
//!
//! Imports go down that list from the bottom, never up; `tests/architecture.rs` holds the line.

#![forbid(unsafe_code)]

pub mod bundle;
pub mod config;
pub mod diagnosis;
pub mod export;
pub mod handshake;
pub mod inspect;
pub mod kafka;
pub mod keystore;
pub mod manual;
pub mod name;
pub mod output;
pub mod pbe;
pub mod pipeline;
pub mod pki;
pub mod random;
pub mod script;
pub mod secret;
pub mod spec;
pub mod verify;
