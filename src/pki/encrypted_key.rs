//! Encrypted private keys (`EncryptedPrivateKeyInfo`, RFC 5208 §6).

use der::asn1::{Any, ObjectIdentifier, OctetString};
use der::{Decode, Encode, Sequence};
use des::TdesEde3;
use des::cipher::block_padding::Pkcs7;
use des::cipher::{BlockModeEncrypt, KeyIvInit};
use pkcs5::pbes2;
use pkcs12::kdf::{Pkcs12KeyType, derive_key_utf8};
use x509_cert::spki::AlgorithmIdentifier;
use zeroize::Zeroizing;

use super::PkiError;
use crate::random::{self, Random};
use crate::secret::{ITERATIONS_MADE_PASSWORD, ITERATIONS_OWN_PASSWORD, Password};

/// `pbeWithSHAAnd3-KeyTripleDES-CBC` (RFC 7292 appendix C).
const PBE_SHA1_3DES: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3");

/// How a private key is encrypted under a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEncryption {
    /// PBES2 with PBKDF2-HMAC-SHA256 and AES-256-CBC (RFC 8018): what OpenSSL 3 writes. Kafka's PEM reader takes it from
    /// Java 21 on (JDK-8231581).
    Pbes2,
    /// PBES1 of PKCS#12 with SHA-1 and 3DES: what Kafka's PEM reader takes on Java 11 and 17.
    Pbes1TripleDes,
}

/// `EncryptedPrivateKeyInfo`.
#[derive(Sequence)]
struct EncryptedPrivateKeyInfo {
    encryption_algorithm: AlgorithmIdentifier<Any>,
    encrypted_data: OctetString,
}

/// `pkcs-12PbeParams`.
#[derive(Sequence)]
struct Pkcs12PbeParams {
    salt: OctetString,
    iterations: u32,
}

impl KeyEncryption {
    /// Returns the DER of the `EncryptedPrivateKeyInfo` of `pkcs8`.
    pub fn encrypt(self, pkcs8: &[u8], password: &Password, random: &dyn Random) -> Result<Vec<u8>, PkiError> {
        let iterations = if password.is_made() { ITERATIONS_MADE_PASSWORD } else { ITERATIONS_OWN_PASSWORD };
        match self {
            Self::Pbes2 => encrypt_pbes2(pkcs8, password, iterations, random),
            Self::Pbes1TripleDes => encrypt_pbes1(pkcs8, password, iterations, random),
        }
    }
}

fn encrypt_pbes2(pkcs8: &[u8], password: &Password, iterations: u32, random: &dyn Random) -> Result<Vec<u8>, PkiError> {
    let salt = random::bytes::<16>(random)?;
    let iv = random::bytes::<16>(random)?;
    let failed = |error: pkcs5::Error| PkiError::Encryption(error.to_string());
    let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(iterations, &salt, iv).map_err(failed)?;
    let encrypted = parameters.encrypt(password.expose(), pkcs8).map_err(failed)?;
    let info = EncryptedPrivateKeyInfo {
        encryption_algorithm: AlgorithmIdentifier {
            oid: pbes2::PBES2_OID,
            parameters: Some(Any::from_der(&parameters.to_der()?)?),
        },
        encrypted_data: OctetString::new(encrypted)?,
    };
    Ok(info.to_der()?)
}

fn encrypt_pbes1(pkcs8: &[u8], password: &Password, iterations: u32, random: &dyn Random) -> Result<Vec<u8>, PkiError> {
    let salt = random::bytes::<16>(random)?;
    let rounds = i32::try_from(iterations).map_err(|_| PkiError::Encryption("too many iterations".into()))?;
    let derive = |kind, length| {
        derive_key_utf8::<sha1::Sha1>(password.expose(), &salt, kind, rounds, length).map(Zeroizing::new)
    };
    let key = derive(Pkcs12KeyType::EncryptionKey, 24)?;
    let iv = derive(Pkcs12KeyType::Iv, 8)?;
    let cipher = cbc::Encryptor::<TdesEde3>::new_from_slices(&key, &iv)
        .map_err(|error| PkiError::Encryption(error.to_string()))?;
    let info = EncryptedPrivateKeyInfo {
        encryption_algorithm: AlgorithmIdentifier {
            oid: PBE_SHA1_3DES,
            parameters: Some(Any::encode_from(&Pkcs12PbeParams { salt: OctetString::new(salt)?, iterations })?),
        },
        encrypted_data: OctetString::new(cipher.encrypt_padded_vec::<Pkcs7>(pkcs8))?,
    };
    Ok(info.to_der()?)
}
