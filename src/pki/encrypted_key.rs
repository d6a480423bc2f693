//! Encrypted private keys (`EncryptedPrivateKeyInfo`, RFC 5208 §6).

use super::PkiError;
use crate::pbe::{EncryptedPrivateKeyInfo, PbeError, Scheme};
use crate::random::Random;
use crate::secret::{ITERATIONS_MADE_PASSWORD, ITERATIONS_OWN_PASSWORD, Password};

/// How a private key is encrypted under a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEncryption {
    /// PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018): what OpenSSL 3 writes. Kafka's PEM reader takes it from
    /// Java 21 on (JDK-8231581).
    Pbes2,
    /// PBES1 of PKCS#12 with SHA-1 and 3DES: what Kafka's PEM reader takes on Java 11 and 17.
    Pbes1TripleDes,
}

impl KeyEncryption {
    /// Returns the DER of the `EncryptedPrivateKeyInfo` of `pkcs8`.
    pub fn encrypt(self, pkcs8: &[u8], password: &Password, random: &dyn Random) -> Result<Vec<u8>, PkiError> {
        let iterations = if password.is_made() { ITERATIONS_MADE_PASSWORD } else { ITERATIONS_OWN_PASSWORD };
        let scheme = match self {
            Self::Pbes2 => Scheme::pbes2(iterations, random),
            Self::Pbes1TripleDes => Scheme::pbes1_triple_des(iterations, random),
        };
        Ok(EncryptedPrivateKeyInfo::encrypt(pkcs8, scheme?, password.expose())?.to_der()?)
    }
}

impl From<PbeError> for PkiError {
    fn from(error: PbeError) -> Self {
        match error {
            PbeError::Random(error) => Self::Random(error),
            error => Self::Encryption(error.to_string()),
        }
    }
}
