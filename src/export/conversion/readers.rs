//! Who can open what is written.
//!
//! What is said of Java 17 and 25, Kafka, OpenSSL 3, librdkafka, Python, Node, Go and rustls is what they do; of older ones it is what their
//! sources and the notes of their releases say.

use serde::Serialize;

use super::parts::{Form, Part, chain_pem};
use super::selection::Selection;
use crate::kafka::pem_store::{JAVA_WITH_PBES2, PemKeyStore, PemTrustStore};
use crate::pki::KeyEncryption;
use crate::pki::decoded::{DecodedPrivateKey, KeyKind};
use crate::secret::Password;
use crate::spec::Pkcs12Profile;

/// A program or library, and whether it opens a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reader {
    /// Its name.
    pub program: &'static str,
    /// Whether it opens the file.
    pub reads: bool,
    /// Since when and how it does, or why it does not: a part of a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Reader {
    fn reads(program: &'static str, note: impl Into<String>) -> Self {
        Self { program, reads: true, note: Some(note.into()).filter(|note| !note.is_empty()) }
    }

    fn refuses(program: &'static str, why: impl Into<String>) -> Self {
        Self { reads: false, ..Self::reads(program, why) }
    }
}

const JAVA: &str = "Java";
const KAFKA: &str = "Kafka";
const OPENSSL_3: &str = "OpenSSL 3";
const OPENSSL_1: &str = "OpenSSL 1";
const LIBRDKAFKA: &str = "librdkafka";
const PYTHON: &str = "Python";
const NODE: &str = "Node";
const GO: &str = "Go";
const RUSTLS: &str = "rustls";

const GO_PKCS12: &str = "with software.sslmate.com/src/go-pkcs12";

const PEM_ALONE: &str = "its TLS takes PEM";

pub(super) fn of_jks(selection: &Selection) -> Vec<Reader> {
    const NO_JKS: &str = "JKS is Java's alone";
    let java = if selection.has_ed25519() { "since 15, the first that knows Ed25519" } else { "every release" };
    let mut readers =
        vec![Reader::reads(JAVA, java), Reader::reads(KAFKA, format!("{}=JKS", selection.kafka_setting()))];
    readers
        .extend([OPENSSL_3, OPENSSL_1, LIBRDKAFKA, PYTHON, NODE, GO, RUSTLS].map(|name| Reader::refuses(name, NO_JKS)));
    readers
}

pub(super) fn of_pkcs12(selection: &Selection, profile: Pkcs12Profile) -> Vec<Reader> {
    let is_legacy = profile == Pkcs12Profile::Legacy;
    let java = match (is_legacy, selection.has_ed25519(), selection.trusted().is_empty()) {
        (_, true, _) => "since 15, the first that knows Ed25519",
        (true, false, true) => "every release",
        (true, false, false) => "since 8; before, it sees no trusted certificates in PKCS#12",
        (false, false, _) => "since 8u301 and 11.0.12",
    };
    let keys = selection.keys().len();
    // PKCS12_parse of OpenSSL, and what is made of it, has one key.
    let of_several = |note: &'static str| match keys {
        0 => Reader::refuses("", "it takes a key with its certificate from PKCS#12, and there is no key in it"),
        1 => Reader::reads("", note),
        _ => Reader::reads(
            "",
            format!("{}one key of the {keys}", if note.is_empty() { String::new() } else { format!("{note}; ") }),
        ),
    };
    let named = |program: &'static str, reader: Reader| Reader { program, ..reader };
    let go = match (is_legacy, keys) {
        (_, 0) => Reader::reads(GO, format!("{GO_PKCS12}, DecodeTrustStore; crypto/tls takes PEM")),
        (_, 1) => Reader::reads(GO, format!("{GO_PKCS12}, DecodeChain; crypto/tls takes PEM")),
        (true, _) => Reader::reads(GO, "with golang.org/x/crypto/pkcs12, ToPEM; crypto/tls takes PEM"),
        (false, _) => Reader::refuses(GO, "software.sslmate.com/src/go-pkcs12 takes one key, and crypto/tls takes PEM"),
    };
    let python = match keys {
        0 => Reader::reads(PYTHON, "with the package cryptography; ssl takes PEM"),
        _ => named(PYTHON, of_several("with the package cryptography; ssl takes PEM")),
    };
    vec![
        Reader::reads(JAVA, java),
        Reader::reads(KAFKA, format!("{}=PKCS12, on such a Java", selection.kafka_setting())),
        Reader::reads(OPENSSL_3, ""),
        Reader::reads(OPENSSL_1, if is_legacy { "every release" } else { "since 1.1.1" }),
        named(LIBRDKAFKA, of_several("ssl.keystore.location")),
        python,
        named(NODE, of_several("pfx")),
        go,
        Reader::refuses(RUSTLS, "it takes PEM and DER"),
    ]
}

pub(super) fn of_part(selection: &Selection, part: Part, form: Form<'_>, bytes: &[u8]) -> Vec<Reader> {
    let has_key = match part {
        Part::All => !selection.keys().is_empty(),
        Part::Key => true,
        Part::Certificates | Part::Trusted => false,
    };
    match form {
        Form::Der => of_der(has_key),
        Form::Pem(key) => of_pem(selection, part, has_key, key.filter(|_| has_key), bytes),
    }
}

fn of_der(has_key: bool) -> Vec<Reader> {
    let java = if has_key { "PKCS8EncodedKeySpec; keytool imports no key" } else { "keytool -importcert" };
    let go = if has_key { "x509.ParsePKCS8PrivateKey" } else { "x509.ParseCertificate" };
    vec![
        Reader::reads(JAVA, java),
        Reader::refuses(KAFKA, "it takes JKS, PKCS#12 and PEM"),
        Reader::reads(OPENSSL_3, "-inform DER"),
        Reader::reads(OPENSSL_1, "-inform DER"),
        Reader::refuses(LIBRDKAFKA, "it takes PEM and PKCS#12"),
        Reader::reads(PYTHON, "with the package cryptography; ssl takes PEM"),
        Reader::refuses(NODE, PEM_ALONE),
        Reader::reads(GO, go),
        Reader::reads(RUSTLS, ""),
    ]
}

fn of_pem(
    selection: &Selection,
    part: Part,
    has_key: bool,
    encryption: Option<(KeyEncryption, &Password)>,
    bytes: &[u8],
) -> Vec<Reader> {
    let password = encryption.map(|(_, password)| password.expose());
    let is_encrypted = encryption.is_some();
    let java = match (part, has_key) {
        (Part::Key, _) => Reader::refuses(JAVA, "keytool imports no key; Kafka's own reader does"),
        (_, true) => Reader::refuses(JAVA, "it has no keystore of PEM; Kafka has its own reader"),
        (_, false) => Reader::reads(JAVA, "keytool -importcert, one certificate at a time"),
    };
    let no_decryption = |program, how| {
        if is_encrypted { Reader::refuses(program, "its TLS decrypts no key") } else { Reader::reads(program, how) }
    };
    let (librdkafka, python, node, go) = match part {
        Part::All if has_key => (
            "ssl.certificate.location and ssl.key.location, both",
            "load_cert_chain",
            "cert and key, both",
            "tls.LoadX509KeyPair, twice the file",
        ),
        Part::Certificates => (
            "ssl.certificate.location",
            "load_cert_chain, with the key's file",
            "cert",
            "tls.LoadX509KeyPair, with the key's file",
        ),
        Part::Key => (
            "ssl.key.location",
            "load_cert_chain, with the certificate's file",
            "key",
            "tls.LoadX509KeyPair, with the certificate's file",
        ),
        Part::All | Part::Trusted => ("ssl.ca.location", "load_verify_locations", "ca", "x509.CertPool"),
    };
    let mut readers = vec![
        java,
        of_kafka(selection, part, has_key, password, bytes),
        Reader::reads(OPENSSL_3, ""),
        Reader::reads(OPENSSL_1, ""),
    ];
    readers.extend([Reader::reads(LIBRDKAFKA, librdkafka), Reader::reads(PYTHON, python), Reader::reads(NODE, node)]);
    readers.extend([no_decryption(GO, go), no_decryption(RUSTLS, "")]);
    readers
}

/// Judges PEM as Kafka reads it.
fn of_kafka(selection: &Selection, part: Part, has_key: bool, password: Option<&str>, bytes: &[u8]) -> Reader {
    let is_read = |how: &str, encryption: Option<&str>| match encryption {
        Some(name) if name.starts_with("PBES2") => {
            Reader::reads(KAFKA, format!("since 2.7, {how}, on Java {JAVA_WITH_PBES2} and later"))
        }
        Some(_) => Reader::reads(KAFKA, format!("since 2.7, {how}, on Java 11 and later")),
        None => Reader::reads(KAFKA, format!("since 2.7, {how}")),
    };
    let (how, result) = match part {
        Part::Certificates => return is_read("as the text of ssl.keystore.certificate.chain", None),
        Part::Key => {
            let chain = selection.keys().first().map(|(_, key)| chain_pem(key)).unwrap_or_default();
            // Without a certificate there is nothing else to read the key by.
            let chain =
                if chain.is_empty() { return Reader::refuses(KAFKA, "the key has no certificate") } else { chain };
            ("as the text of ssl.keystore.key", PemKeyStore::read(bytes, chain.as_bytes(), password))
        }
        Part::All if has_key => ("ssl.keystore.type=PEM", PemKeyStore::read(bytes, bytes, password)),
        Part::All | Part::Trusted => {
            return match PemTrustStore::read(bytes) {
                Ok(_) => is_read("ssl.truststore.type=PEM", None),
                Err(error) => Reader::refuses(KAFKA, error.to_string()),
            };
        }
    };
    match result {
        Ok(store) => is_read(how, store.key.encryption()),
        Err(error) => Reader::refuses(KAFKA, error.to_string()),
    }
}

impl Selection {
    /// Returns the setting that says what kind of store it is.
    fn kafka_setting(&self) -> &'static str {
        if self.keys().is_empty() { "ssl.truststore.type" } else { "ssl.keystore.type" }
    }

    fn has_ed25519(&self) -> bool {
        let is_ed25519 =
            |key: &[u8]| DecodedPrivateKey::from_der(key, None).is_some_and(|key| matches!(key.kind, KeyKind::Ed25519));
        self.keys().iter().any(|(_, key)| is_ed25519(&key.key))
    }
}
