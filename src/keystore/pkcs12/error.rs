//! What can be wrong with a PKCS#12 store.

use std::fmt;

use der::asn1::ObjectIdentifier;

use crate::name::printable;
use crate::pbe::PbeError;
use crate::random::RandomError;

/// Why a PKCS#12 store can be neither read nor changed. Never holds a password or a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pkcs12Error {
    /// The MAC matches the password, but a part is encrypted with another one.
    ContentPassword,
    /// Two entries have the same alias for Java, which would keep one of them.
    DuplicateAlias(String),
    /// An encryption that cannot be undone, whatever the password.
    Encryption(PbeError),
    /// A key, under this name or without one, is encrypted with another password than the store's. Java programs can make
    /// such a store, and Kafka cannot open it.
    KeyPassword(Option<String>),
    /// The bytes do not have the structure of a store: what was being read.
    Malformed(&'static str),
    /// BER with indefinite lengths, as old browsers have written it, where every JDK and OpenSSL write DER.
    NotDer,
    /// Not a PKCS#12 store at all.
    NotPkcs12,
    /// With the entry of this alias changed, Java would find another chain for it, or for another entry: the store has
    /// certificates of the same name between which Java chooses by their order.
    OtherChain(String),
    /// The MAC is PBMAC1 (RFC 9579), which no JDK before 26 can check.
    Pbmac1,
    /// The whole or a part is encrypted for a public key, or signed with a private one, and not with a password.
    PublicKeyMode,
    /// The system's random source has failed.
    Random(RandomError),
    /// More bytes, entries or certificates in a chain than are read.
    TooLarge,
    /// Its passwords would have to be hashed more often than is done for one file.
    TooMuchWork(u64),
    /// A kind of certificate that is not X.509.
    UnsupportedCertificate(ObjectIdentifier),
    /// A digest for the MAC that is not one of SHA-1, SHA-224, SHA-256, SHA-384, SHA-512.
    UnsupportedMac(ObjectIdentifier),
    /// The MAC does not match, or nothing can be decrypted: it cannot be told whether the password is another one or bytes
    /// were changed.
    WrongPasswordOrDamaged,
}

impl fmt::Display for Pkcs12Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ContentPassword => write!(f, "a part of the store is encrypted with another password than its MAC"),
            Self::DuplicateAlias(alias) => write!(f, "two entries have the alias `{}`", printable(alias)),
            Self::Encryption(error) => error.fmt(f),
            Self::KeyPassword(Some(alias)) => {
                write!(f, "the key `{}` is encrypted with another password than the store", printable(alias))
            }
            Self::KeyPassword(None) => write!(f, "a key is encrypted with another password than the store"),
            Self::Malformed(reading) => write!(f, "malformed {reading}"),
            Self::NotDer => write!(f, "the store is in BER with indefinite lengths, which is not supported"),
            Self::NotPkcs12 => write!(f, "not a PKCS#12 store"),
            Self::OtherChain(alias) => {
                write!(f, "with `{}` in the store Java would put together other certificate chains", printable(alias))
            }
            Self::Pbmac1 => write!(f, "the store's MAC is PBMAC1 (RFC 9579), which is not supported"),
            Self::PublicKeyMode => write!(f, "the store is protected by a public key and not by a password"),
            Self::Random(error) => error.fmt(f),
            Self::TooLarge => write!(f, "the store is larger than is read"),
            Self::TooMuchWork(iterations) => {
                write!(f, "the store asks for {iterations} iterations, {} are the most", super::MAX_TOTAL_ITERATIONS)
            }
            Self::UnsupportedCertificate(oid) => write!(f, "a certificate of the type {oid} is not supported"),
            Self::UnsupportedMac(oid) => write!(f, "a MAC with the digest {oid} is not supported"),
            Self::WrongPasswordOrDamaged => write!(f, "wrong password for the store, or the store is damaged"),
        }
    }
}

impl std::error::Error for Pkcs12Error {}

impl From<RandomError> for Pkcs12Error {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}

impl From<PbeError> for Pkcs12Error {
    fn from(error: PbeError) -> Self {
        match error {
            PbeError::Decrypt => Self::WrongPasswordOrDamaged,
            PbeError::Random(error) => Self::Random(error),
            error => Self::Encryption(error),
        }
    }
}
