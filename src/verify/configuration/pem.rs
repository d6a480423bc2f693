//! Stores in PEM, as Kafka alone reads them, and stores that are not of the type that is said.

use std::collections::HashSet;

use super::{Configuration, Finding, Setting, checks};
use crate::kafka::pem_store::{PemKeyStore, PemStoreError, PemTrap, PemTrustStore};
use crate::kafka::ssl_settings::{SslSettings, StoreSource};
use crate::pbe::KeyOpener;

checks! {
    KEY_ENCRYPTED = Error "pem-key-encrypted": "Kafka decrypts a key only if ssl.key.password is set";
    KEY_PLAIN = Error "pem-key-not-encrypted": "with ssl.key.password Kafka takes every key for an encrypted one";
    KEY_FORMAT = Error "pem-key-format": "Kafka reads keys in PKCS#8 alone: `algid parse error, not a sequence`";
    KEY_PASSWORD = Error "pem-key-password": "a key that cannot be decrypted is no key";
    KEY_KIND = Error "pem-key-kind": "in PEM, Kafka reads RSA, DSA and EC keys alone";
    CHAIN = Error "pem-chain-order": "Java takes a chain only if each certificate is issued by the next one";
    REFUSED = Error "pem-refused": "Kafka does not start with a PEM store that it cannot read";
    LOST = Warning "pem-certificates-lost": "of certificates on one line Kafka reads the last one alone";
    PBES2 = Warning "pem-key-pbes2": "Kafka reads a key under PBES2 with Java 21 and later: before, `PBES2 SecretKeyFactory not available`";
    TYPE_DIFFERS = Error "store-type-differs": "Kafka reads a store as the type that is said, and as nothing else";
}

/// Judges the PEM that stands in the properties themselves. Listeners share what has no prefix.
pub(super) fn inline(configuration: &Configuration<'_>) -> Vec<Finding> {
    let mut opener = KeyOpener::default();
    let mut seen = HashSet::new();
    let mut findings = Vec::new();
    for tls in configuration.uses_of_tls() {
        // Those of listeners elsewhere are nobody's stores here.
        if configuration.surroundings.are_stores_read && tls.listener.is_none_or(|listener| listener.bound.is_some()) {
            continue;
        }
        for source in [tls.ssl.keystore(), tls.ssl.truststore()].into_iter().filter_map(|store| store.ok().flatten()) {
            let StoreSource::PemInline { key, certificates } = source else { continue };
            let Ok(text) = certificates.resolved() else { continue };
            let line = |setting: Option<Setting<'_>>| setting.map(|setting| setting.line());
            if !seen.insert((line(key), certificates.line(), line(tls.ssl.key_password()))) {
                continue;
            }
            let key = key.map(|key| key.resolved()).transpose();
            let (Ok(key), Ok(password)) = (key, key_password(tls.ssl)) else { continue };
            let key = key.map(str::as_bytes);
            findings.extend(judge_pem(&tls.at(&certificates), key, text.as_bytes(), password, &mut opener));
        }
    }
    findings
}

/// Returns the key's password, unless it is known to a config provider alone.
fn key_password<'a>(ssl: &SslSettings<'a>) -> Result<Option<&'a str>, ()> {
    ssl.key_password().map(|password| password.resolved().map_err(drop)).transpose()
}

/// Judges the file that a keystore or a truststore is in: whether it is of the type that is said, and if that is PEM, whether
/// Kafka can read it. `object` is what to call it.
pub fn judge_store(
    object: &str,
    source: &StoreSource<'_>,
    ssl: &SslSettings<'_>,
    is_keystore: bool,
    file: &[u8],
) -> Vec<Finding> {
    match source {
        StoreSource::PemFile { .. } => match key_password(ssl) {
            Ok(password) => {
                let mut findings: Vec<Finding> = judge_store_content("PEM", object, file).into_iter().collect();
                if findings.is_empty() {
                    let key = Some(file).filter(|_| is_keystore);
                    let password = password.filter(|_| is_keystore);
                    findings.extend(judge_pem(object, key, file, password, &mut KeyOpener::default()));
                }
                findings
            }
            Err(()) => Vec::new(),
        },
        StoreSource::File { store_type, .. } => judge_store_content(store_type, object, file).into_iter().collect(),
        StoreSource::PemInline { .. } => Vec::new(),
    }
}

/// Compares the content of a file with the type that is said about it.
pub fn judge_store_content(store_type: &str, object: &str, file: &[u8]) -> Option<Finding> {
    judge_type(store_type, object, content_of(file)?)
}

/// Says what a file is, in the words for types of stores.
fn content_of(file: &[u8]) -> Option<&'static str> {
    Some(match file {
        [0xFE, 0xED, 0xFE, 0xED, ..] => "JKS",
        [0xCE, 0xCE, 0xCE, 0xCE, ..] => "JCEKS",
        [0x30, ..] => "PKCS12",
        _ if file.windows(b"-----BEGIN ".len()).any(|window| window == b"-----BEGIN ") => "PEM",
        _ => return None,
    })
}

/// Compares what a store is with the type that is said about it.
pub(in crate::verify) fn judge_type(store_type: &str, object: &str, content: &str) -> Option<Finding> {
    let is = |name: &str| store_type.eq_ignore_ascii_case(name);
    // Java reads either of the two under the name of the other (keystore.type.compat).
    let is_read = match content {
        "JKS" | "PKCS12" => is("JKS") || is("PKCS12") || (content == "JKS" && is("JCEKS")),
        content => is(content),
    };
    if is_read || !["JKS", "PKCS12", "JCEKS", "PEM"].iter().any(|known| is(known)) {
        return None;
    }
    let found = format!("the type is {store_type}, and the file is {content}");
    Some(Finding::new(&TYPE_DIFFERS, object, found, format!("write the type {content}, or convert the file")))
}

/// Judges what Kafka would read.
fn judge_pem(
    object: &str,
    key: Option<&[u8]>,
    certificates: &[u8],
    password: Option<&str>,
    opener: &mut KeyOpener,
) -> Vec<Finding> {
    let traps = match key {
        Some(key) => PemKeyStore::read_with(key, certificates, password, opener).map(|store| store.traps),
        None => PemTrustStore::read(certificates).map(|store| store.traps),
    };
    judge_reading(object, &traps)
}

/// Judges what came of reading a store as Kafka does.
pub(in crate::verify) fn judge_reading(object: &str, reading: &Result<Vec<PemTrap>, PemStoreError>) -> Vec<Finding> {
    match reading {
        Err(error) if error.is_out_of_bounds() => Vec::new(),
        Err(error) => {
            let (check, fix) = cure(error);
            vec![Finding::new(check, object, error.to_string(), fix)]
        }
        Ok(traps) => traps
            .iter()
            .map(|trap| {
                let (check, fix) = match trap {
                    PemTrap::LostCertificates { .. } => {
                        (&LOST, "put each line of the PEM on its own line: \\n in a properties file")
                    }
                    PemTrap::Pbes2 => (
                        &PBES2,
                        "run Kafka on Java 21 or later, or convert it: `openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES`",
                    ),
                };
                Finding::new(check, object, trap.to_string(), fix)
            })
            .collect(),
    }
}

fn cure(error: &PemStoreError) -> (&'static super::Check, &'static str) {
    match error {
        PemStoreError::EncryptedKey => (&KEY_ENCRYPTED, "write `ssl.key.password`"),
        PemStoreError::PlainKey => (&KEY_PLAIN, "take `ssl.key.password` out, or encrypt the key"),
        PemStoreError::KeyFormat(_) | PemStoreError::LegacyEncryption => {
            (&KEY_FORMAT, "convert it: `openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.pkcs8`")
        }
        PemStoreError::WrongPassword => (&KEY_PASSWORD, "write the password of the key into `ssl.key.password`"),
        PemStoreError::KeyAlgorithm(_) => (&KEY_KIND, "keep such a key in PKCS#12, or make another"),
        PemStoreError::Encryption(_) => (&KEY_KIND, "encrypt it with AES-256 (Java 21) or PBE-SHA1-3DES"),
        PemStoreError::Chain(_) => (&CHAIN, "put the certificates into their order, the node's first, each once"),
        PemStoreError::NoEntries(_) => {
            (&REFUSED, "write whole PEM blocks, each line on its own line: \\n in a properties file")
        }
        _ => (&REFUSED, "make the store again"),
    }
}
