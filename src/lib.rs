//! Certificates, keystores and truststores for Apache Kafka: the keytool/openssl script as a library.
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
//! | [`export`] | makes Secrets of Kubernetes and archives of what is in a bundle |
//! | [`output`] | writes a bundle or single files, all or nothing; changes a bundle, folder by folder |
//! | [`script`] | says the same in openssl and keytool |
//! | [`verify`] | judges what anybody has made |
//! | [`diagnosis`] | says what TLS errors mean, and what is behind them |
//! | [`handshake`] | lets a client and a broker shake hands, and tells what happened |
//! | [`pipeline`] | runs the steps in their order, for a new bundle or one that is there |
//! | [`manual`] | gives the reasons |
//!
//! Imports go down that list from the bottom, never up; `tests/architecture.rs` holds the line.

#![forbid(unsafe_code)]

pub mod bundle;
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
