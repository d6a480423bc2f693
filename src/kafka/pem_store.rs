//! PEM stores, as Kafka reads them (`DefaultSslEngineFactory.PemStore`): a private key with its chain, or certificates to trust.
//!
//! Kafka's reader is its own and takes less than others do: one key, in PKCS#8, of the kinds RSA, DSA and EC; a chain in which each
//! certificate is issued by the next. What it refuses is an error here, and what it reads otherwise than it is meant is a
//! [`PemTrap`].

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod entries;
mod key;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use der::asn1::AnyRef;
use der::{Decode, Encode, SliceReader, Tag, Tagged};
use x509_parser::parse_x509_certificate;
use zeroize::Zeroizing;

pub use entries::PemName;
pub use key::{JAVA_WITH_PBES2, PemKey};

use super::principal::principal;
use crate::pbe::{KeyOpener, PbeError};

/// The most bytes that a PEM store may have.
pub const MAX_STORE: usize = 1024 * 1024;

/// The most certificates that are read.
pub const MAX_CERTIFICATES: usize = 1024;

/// Why Kafka does not take a PEM store. Never holds a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PemStoreError {
    /// A certificate that was not issued by the next one, counted from 1, or that is there twice.
    Chain(usize),
    /// The key is under a password that nobody has given: Kafka reads it as if it were not.
    EncryptedKey,
    /// The key is encrypted in a way that Java does not know for it.
    Encryption(PbeError),
    /// The key is of another kind than RSA, DSA and EC with a usual curve, by its name or object identifier.
    KeyAlgorithm(String),
    /// The key has the structure of another program than PKCS#8: PKCS#1 or SEC1.
    KeyFormat(&'static str),
    /// The key is damaged.
    KeyMalformed,
    /// The key is encrypted as before PKCS#8 (`Proc-Type: 4,ENCRYPTED`).
    LegacyEncryption,
    /// Nothing of this name in the text.
    NoEntries(PemName),
    /// What should be base64 is not.
    NotBase64(PemName),
    /// What is called a certificate is none: the count of it from 1. A request is one of these for Kafka.
    NotACertificate(usize),
    /// A password for the key is set, and the key is not encrypted.
    PlainKey,
    /// More than one private key.
    SeveralKeys(usize),
    /// So many words `CERTIFICATE` or `PRIVATE KEY` on one line that Java would search for very long.
    TooComplex,
    /// More than [`MAX_STORE`] bytes.
    TooLarge(usize),
    /// More than [`MAX_CERTIFICATES`] certificates.
    TooMany(usize),
    /// The key asks for so many iterations, and there is no time for them.
    TooMuchWork(u64),
    /// The key's password is another, or the key is damaged.
    WrongPassword,
}

impl fmt::Display for PemStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain(at) => {
                write!(
                    f,
                    "certificate {at} is not issued by the one after it: Java says \"Certificate chain is not valid\""
                )
            }
            Self::EncryptedKey => write!(f, "the private key is encrypted, and ssl.key.password is not set"),
            Self::Encryption(error) => write!(f, "Java cannot decrypt the private key: {error}"),
            Self::KeyAlgorithm(name) => {
                write!(f, "the private key is {name}; in PEM, Kafka reads RSA, DSA and EC with P-256, P-384 or P-521")
            }
            Self::KeyFormat(format) => {
                write!(
                    f,
                    "the private key is in {format} and not in PKCS#8: Java says \"algid parse error, not a sequence\""
                )
            }
            Self::KeyMalformed => write!(f, "the private key is damaged"),
            Self::LegacyEncryption => {
                write!(
                    f,
                    "the private key is encrypted as before PKCS#8 (Proc-Type: 4,ENCRYPTED), which Kafka does not read"
                )
            }
            Self::NoEntries(name) => write!(f, "Kafka says \"No matching {} entries in PEM file\"", name.as_str()),
            Self::NotBase64(name) => write!(f, "the PEM of a {} is damaged: it is not base64", name.as_str()),
            Self::NotACertificate(at) => write!(f, "what is called certificate {at} is not an X.509 certificate"),
            Self::PlainKey => write!(f, "ssl.key.password is set, and the private key is not encrypted"),
            Self::SeveralKeys(count) => write!(f, "Kafka says \"Expected one private key, but found {count}\""),
            Self::TooComplex => write!(f, "the PEM cannot be told apart into its entries: it has very long lines"),
            Self::TooLarge(length) => write!(f, "it has {length} bytes, {MAX_STORE} are the most that are read"),
            Self::TooMany(count) => {
                write!(f, "it has {count} certificates, {MAX_CERTIFICATES} are the most that are read")
            }
            Self::TooMuchWork(count) => write!(f, "the private key asks for {count} iterations: too much work"),
            Self::WrongPassword => {
                write!(f, "ssl.key.password is not the private key's password, or the key is damaged")
            }
        }
    }
}

impl std::error::Error for PemStoreError {}

impl PemStoreError {
    /// Says whether no more than that is known: it is beyond the bounds of this program, and Kafka may take it.
    pub fn is_out_of_bounds(&self) -> bool {
        matches!(self, Self::TooComplex | Self::TooLarge(_) | Self::TooMany(_) | Self::TooMuchWork(_))
    }
}

/// What Kafka takes, and somebody will be sorry for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PemTrap {
    /// Fewer certificates are read than were written: those before the last on one line are lost.
    LostCertificates {
        /// How many the text has.
        written: usize,
        /// How many Kafka reads.
        read: usize,
    },
    /// The key is encrypted with PBES2, which Kafka reads with Java [`JAVA_WITH_PBES2`] and later.
    Pbes2,
}

impl fmt::Display for PemTrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LostCertificates { written, read } => {
                write!(f, "Kafka reads {read} of the {written} certificates: the others share a line with them")
            }
            Self::Pbes2 => {
                write!(
                    f,
                    "the private key is encrypted with PBES2, which Kafka reads with Java {JAVA_WITH_PBES2} and later: \
                     before, it says \"PBES2 SecretKeyFactory not available\""
                )
            }
        }
    }
}

/// The one entry of a PEM keystore, under the alias `kafka`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PemKeyStore {
    /// The private key.
    pub key: PemKey,
    /// The DER of the certificates, in the order of the text; Java has checked no more than names.
    pub chain: Vec<Vec<u8>>,
    /// What is not as it was meant.
    pub traps: Vec<PemTrap>,
}

impl PemKeyStore {
    /// Reads a key and its chain. In a file, both texts are the file.
    pub fn read(key: &[u8], chain: &[u8], key_password: Option<&str>) -> Result<Self, PemStoreError> {
        Self::read_with(key, chain, key_password, &mut KeyOpener::default())
    }

    /// Reads a key, which is opened with `opener`, and its chain.
    pub fn read_with(
        key: &[u8],
        chain: &[u8],
        key_password: Option<&str>,
        opener: &mut KeyOpener,
    ) -> Result<Self, PemStoreError> {
        check_size(key)?;
        let key = key::read(key, key_password, opener);
        // What is wrong with the chain is known, whatever is in a key that stayed closed.
        let key = if matches!(key, Err(PemStoreError::TooMuchWork(_))) { key } else { Ok(key?) };
        let (chain, mut traps) = certificates(chain)?;
        check_chain(&chain)?;
        let key = key?;
        if key.is_pbes2() {
            traps.push(PemTrap::Pbes2);
        }
        Ok(Self { key, chain, traps })
    }
}

/// The entries of a PEM truststore, under the aliases `kafka0`, `kafka1` and so on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PemTrustStore {
    /// The DER of the certificates, in the order of the text.
    pub certificates: Vec<Vec<u8>>,
    /// What is not as it was meant.
    pub traps: Vec<PemTrap>,
}

impl PemTrustStore {
    /// Reads certificates to trust.
    pub fn read(text: &[u8]) -> Result<Self, PemStoreError> {
        let (certificates, traps) = certificates(text)?;
        Ok(Self { certificates, traps })
    }
}

fn check_size(text: &[u8]) -> Result<(), PemStoreError> {
    if text.len() > MAX_STORE { Err(PemStoreError::TooLarge(text.len())) } else { Ok(()) }
}

fn certificates(text: &[u8]) -> Result<(Vec<Vec<u8>>, Vec<PemTrap>), PemStoreError> {
    check_size(text)?;
    let entries = entries::entries(text, PemName::Certificate)?;
    let read = entries.len();
    if read > MAX_CERTIFICATES {
        return Err(PemStoreError::TooMany(read));
    }
    let written = entries::count_written(text, PemName::Certificate);
    let trap = (written > read).then_some(PemTrap::LostCertificates { written, read });
    let certificates = entries.iter().zip(1..).map(|(entry, at)| {
        let der = decoded(entry, PemName::Certificate)?;
        first_element(&der).ok_or(PemStoreError::NotACertificate(at))
    });
    Ok((certificates.collect::<Result<_, _>>()?, trap.into_iter().collect()))
}

/// Decodes base64 as `java.util.Base64.getDecoder()` does: padding may be absent, and may not be incomplete.
fn decoded(base64: &[u8], name: PemName) -> Result<Zeroizing<Vec<u8>>, PemStoreError> {
    const ENGINE: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let mut text = Zeroizing::new(Vec::with_capacity(base64.len()));
    text.extend(base64.iter().filter(|byte| !entries::is_space(**byte)));
    if text.last() == Some(&b'=') && !text.len().is_multiple_of(4) {
        return Err(PemStoreError::NotBase64(name));
    }
    let mut der = Zeroizing::new(vec![0; base64::decoded_len_estimate(text.len())]);
    let length = ENGINE.decode_slice(text.as_slice(), &mut der).map_err(|_| PemStoreError::NotBase64(name))?;
    der.truncate(length);
    Ok(der)
}

/// Returns the certificate that a block begins with. Java's `CertificateFactory` does not look at what follows it.
fn first_element(der: &[u8]) -> Option<Vec<u8>> {
    let mut reader = SliceReader::new(der).ok()?;
    let element = AnyRef::decode(&mut reader).ok().filter(|element| element.tag() == Tag::Sequence)?;
    let certificate = element.to_der().ok()?;
    let (rest, _) = parse_x509_certificate(&certificate).ok()?;
    rest.is_empty().then_some(())?;
    Some(certificate)
}

/// Does what `PKCS12KeyStore.validateChain` does when the entry is made.
fn check_chain(chain: &[Vec<u8>]) -> Result<(), PemStoreError> {
    let names: Vec<(Vec<u8>, Vec<u8>)> = chain.iter().filter_map(|certificate| names(certificate)).collect();
    let breaks =
        names.iter().zip(names.iter().skip(1)).position(|((_, issuer), (subject, _))| !is_same_name(issuer, subject));
    if let Some(at) = breaks {
        return Err(PemStoreError::Chain(at.saturating_add(1)));
    }
    let mut seen = BTreeSet::new();
    match chain.iter().position(|certificate| !seen.insert(certificate)) {
        Some(at) => Err(PemStoreError::Chain(at.saturating_add(1))),
        None => Ok(()),
    }
}

/// Returns subject and issuer.
fn names(certificate: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let (_, certificate) = parse_x509_certificate(certificate).ok()?;
    Some((certificate.subject().as_raw().to_vec(), certificate.issuer().as_raw().to_vec()))
}

/// Compares as `X500Principal.equals` does: letters in either case are the same, and blanks are one.
fn is_same_name(one: &[u8], other: &[u8]) -> bool {
    let folded = |name: &[u8]| {
        let text = principal(name).ok()?.to_lowercase();
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    one == other || folded(one).is_some_and(|one| Some(one) == folded(other))
}
