//! Who will not read a store.

use std::fmt;

use super::{Protected, SurveyFormat};
use crate::name::printable;

/// A program that will not read a store, or not all of it. Only what is certain is said.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReaderLimit {
    /// Java 17 opens no PKCS#12 store with a password that has other characters than those of printable ASCII; Java 25 does.
    Java17Password,
    /// Java refuses a store whose content is encrypted with another password than its MAC is made with.
    JavaContentPassword,
    /// Java does more than 5,000,000 iterations for nothing (`PKCS12KeyStore.MAX_ITERATION_COUNT`).
    JavaIterations {
        /// For what they are asked.
        what: Protected,
        /// How many.
        iterations: u64,
    },
    /// Java sees no entries at all: no certificate has the attribute by which it trusts it.
    JavaSeesNothing,
    /// Java does not decrypt this.
    JavaUnknownCipher {
        /// What is encrypted.
        what: Protected,
        /// How.
        algorithm: String,
    },
    /// Java sees nothing of what is encrypted if it is given no password, as by a truststore without one in Kafka.
    JavaWithoutPassword,
    /// Nothing but Java reads the format.
    OnlyJava(SurveyFormat),
    /// No JDK before 8u301 and 11.0.12 reads PBES2, or a MAC with SHA-2, in a PKCS#12 store.
    OldJava,
    /// OpenSSL opens all keys with the password of the store, and this one has another.
    OpenSslKeyPassword(String),
    /// OpenSSL 3 decrypts this with its legacy provider only.
    OpenSslLegacy(String),
    /// A MAC of PBMAC1 (RFC 9579): Java before 26 and OpenSSL before 3.4 refuse the store.
    Pbmac1,
}

impl fmt::Display for ReaderLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Java17Password => {
                write!(f, "Java 17 does not open it: the password has characters outside printable ASCII")
            }
            Self::JavaContentPassword => {
                write!(f, "Java does not open it: a part is encrypted with another password than the store's")
            }
            Self::JavaIterations { what, iterations } => {
                write!(f, "Java does not open {what}: {iterations} iterations, 5000000 are the most that it does")
            }
            Self::JavaSeesNothing => {
                write!(f, "Java sees 0 entries: the certificates lack the attribute by which it trusts them")
            }
            Self::JavaUnknownCipher { what, algorithm } => write!(f, "Java does not decrypt {what}: {algorithm}"),
            Self::JavaWithoutPassword => write!(f, "Java without a password sees nothing of what is encrypted"),
            Self::OnlyJava(format) => write!(f, "nothing but Java reads {format}"),
            Self::OldJava => write!(f, "no JDK before 8u301 and 11.0.12 reads its encryption or its MAC"),
            Self::OpenSslKeyPassword(alias) => {
                write!(f, "OpenSSL does not open the key `{}`: it has a password of its own", printable(alias))
            }
            Self::OpenSslLegacy(algorithm) => {
                write!(f, "OpenSSL 3 without its legacy provider does not decrypt it: {algorithm}")
            }
            Self::Pbmac1 => write!(f, "Java before 26 and OpenSSL before 3.4 do not open it: its MAC is PBMAC1"),
        }
    }
}

impl fmt::Display for Protected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Content => f.write_str("the content"),
            Self::Key(Some(alias)) => write!(f, "the key `{}`", printable(alias)),
            Self::Key(None) => f.write_str("a key"),
            Self::Whole => f.write_str("the store"),
        }
    }
}
