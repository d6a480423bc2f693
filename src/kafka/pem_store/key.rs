//! The private key of a PEM store (`DefaultSslEngineFactory.PemStore.privateKey`).

use std::fmt;

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Reader, SliceReader, Tag, Tagged};
use pkcs8::PrivateKeyInfoRef;
use zeroize::Zeroizing;

use super::entries::{self, PemName};
use super::{PemStoreError, decoded};
use crate::pbe::{EncryptedPrivateKeyInfo, KeyOpener, PbeError, Scheme};

/// The first Java whose `SecretKeyFactory` knows PBES2 (JDK-8231581).
pub const JAVA_WITH_PBES2: u32 = 21;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const DSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// The curves of Java 17 and later: P-256, P-384, P-521.
const CURVES: [ObjectIdentifier; 3] = [
    ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
    ObjectIdentifier::new_unwrap("1.3.132.0.34"),
    ObjectIdentifier::new_unwrap("1.3.132.0.35"),
];

const NAMES: [(&str, &str); 3] =
    [("1.3.101.112", "Ed25519"), ("1.3.101.113", "Ed448"), ("1.2.840.113549.1.1.10", "RSASSA-PSS")];

/// A private key that Kafka has read.
#[derive(Clone, PartialEq, Eq)]
pub struct PemKey {
    pkcs8: Zeroizing<Vec<u8>>,
    encryption: Option<String>,
}

impl PemKey {
    /// Returns the DER of the PKCS#8 structure, decrypted.
    pub fn as_pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// Returns the name of the encryption that the key was under.
    pub fn encryption(&self) -> Option<&str> {
        self.encryption.as_deref()
    }

    pub(super) fn is_pbes2(&self) -> bool {
        self.encryption().is_some_and(|name| name.starts_with("PBES2"))
    }
}

impl fmt::Debug for PemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PemKey").field("encryption", &self.encryption).finish_non_exhaustive()
    }
}

/// Reads the one private key of a text.
pub(super) fn read(text: &[u8], password: Option<&str>, opener: &mut KeyOpener) -> Result<PemKey, PemStoreError> {
    let entries = entries::entries(text, PemName::PrivateKey)?;
    let [entry] = entries.as_slice() else { return Err(PemStoreError::SeveralKeys(entries.len())) };
    let der = decoded(entry, PemName::PrivateKey)?;
    let is_legacy = text.windows(b"4,ENCRYPTED".len()).any(|window| window == b"4,ENCRYPTED");
    let key = match password {
        Some(password) => decrypted(&der, password, opener),
        None => check(&der).map(|()| PemKey { pkcs8: der, encryption: None }),
    };
    key.map_err(|error| if is_legacy { PemStoreError::LegacyEncryption } else { error })
}

fn decrypted(der: &[u8], password: &str, opener: &mut KeyOpener) -> Result<PemKey, PemStoreError> {
    if !EncryptedPrivateKeyInfo::is_one(der) {
        return Err(match check(der) {
            Ok(()) => PemStoreError::PlainKey,
            Err(error) => error,
        });
    }
    let info = EncryptedPrivateKeyInfo::from_der(der).map_err(|error| match error {
        // Java takes any number of them.
        PbeError::Iterations(count) if count > 0 => PemStoreError::TooMuchWork(count),
        error => PemStoreError::Encryption(error),
    })?;
    check_scheme(&info.scheme)?;
    let pkcs8 = opener.open(&info, password).map_err(|error| match error {
        PbeError::TooMuchWork(count) => PemStoreError::TooMuchWork(count),
        _ => PemStoreError::WrongPassword,
    })?;
    match check(&pkcs8) {
        Ok(()) => Ok(PemKey { pkcs8, encryption: Some(info.scheme.name()) }),
        // The padding can be right by chance, a structure cannot.
        Err(PemStoreError::KeyMalformed) => Err(PemStoreError::WrongPassword),
        Err(error) => Err(error),
    }
}

/// Java has ciphers of PBES2 under its own names, and those are AES-128 and AES-256 alone.
fn check_scheme(scheme: &Scheme) -> Result<(), PemStoreError> {
    let name = scheme.name();
    let is_known = !name.starts_with("PBES2") || name.contains("AES-128") || name.contains("AES-256");
    let is_known = is_known && !name.contains("two-key");
    if is_known { Ok(()) } else { Err(PemStoreError::Encryption(PbeError::Unsupported(name))) }
}

/// Checks that a key is PKCS#8 of a kind for which Kafka has a `KeyFactory`.
fn check(der: &[u8]) -> Result<(), PemStoreError> {
    let tags = tags(der).ok_or(PemStoreError::KeyMalformed)?;
    match tags.as_slice() {
        [Tag::Integer, Tag::Sequence, ..] => {}
        [Tag::Sequence, Tag::OctetString] => return Err(PemStoreError::EncryptedKey),
        [Tag::Integer, Tag::OctetString, ..] => return Err(PemStoreError::KeyFormat("SEC1")),
        [Tag::Integer, Tag::Integer, ..] => return Err(PemStoreError::KeyFormat("PKCS#1")),
        _ => return Err(PemStoreError::KeyMalformed),
    }
    let info = PrivateKeyInfoRef::from_der(der).map_err(|_| PemStoreError::KeyMalformed)?;
    let algorithm = info.algorithm.oid;
    if algorithm == EC {
        let curve = info.algorithm.parameters_oid().ok().filter(|curve| CURVES.contains(curve));
        return curve.map(|_| ()).ok_or_else(|| PemStoreError::KeyAlgorithm("EC on another curve".to_owned()));
    }
    if algorithm == RSA && !has_two_primes(info.private_key.as_bytes()) {
        return Err(PemStoreError::KeyAlgorithm("RSA with more than two primes".to_owned()));
    }
    if [RSA, DSA].contains(&algorithm) {
        return Ok(());
    }
    let oid = algorithm.to_string();
    let name = NAMES.iter().find(|(known, _)| *known == oid).map(|(_, name)| (*name).to_owned());
    Err(PemStoreError::KeyAlgorithm(name.unwrap_or(oid)))
}

/// Says whether the version of an `RSAPrivateKey` (RFC 8017 appendix A.1.2) is 0.
fn has_two_primes(key: &[u8]) -> bool {
    let Ok(key) = AnyRef::from_der(key) else { return false };
    let version = SliceReader::new(key.value()).and_then(|mut reader| u8::decode(&mut reader));
    version == Ok(0)
}

/// Returns the tags of what is in a SEQUENCE.
fn tags(der: &[u8]) -> Option<Vec<Tag>> {
    let sequence = AnyRef::from_der(der).ok().filter(|sequence| sequence.tag() == Tag::Sequence)?;
    let mut reader = SliceReader::new(sequence.value()).ok()?;
    let mut tags = Vec::new();
    while !reader.is_finished() {
        tags.push(AnyRef::decode(&mut reader).ok()?.tag());
    }
    Some(tags)
}
