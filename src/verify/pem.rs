//! PEM files: read as Kafka's own reader takes them, to know what it refuses, and leniently, to judge what is in them all the same.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use zeroize::Zeroizing;

use crate::kafka::pem_store::{PemKeyStore, PemStoreError, PemTrap, PemTrustStore};
use crate::keystore::KeyState;
use crate::pki::{DecodedCertificate, PrivateKeyError, read_certificates, read_private_key};
use crate::secret::Password;

use super::material::Purpose;

/// A PEM file with what is in it.
#[derive(Debug)]
pub struct PemFile {
    /// Its certificates in their order.
    pub certificates: Vec<DecodedCertificate>,
    /// Its private key, unencrypted PKCS#8, or why it stayed closed; none, if there is none.
    pub key: Option<Result<Zeroizing<Vec<u8>>, KeyState>>,
    /// What came of reading it as Kafka does.
    pub reading: Result<Vec<PemTrap>, PemStoreError>,
}

impl PemFile {
    /// Reads a file; none, if it is no PEM.
    pub fn read(file: &[u8], purpose: Purpose, key_password: Option<&Password>) -> Option<Self> {
        Self::contains_pem(file).then(|| Self::of_parts(file, file, purpose, key_password))
    }

    /// Reads a key and certificates that may stand apart. Of a truststore the key is not looked at.
    pub fn of_parts(key: &[u8], certificates: &[u8], purpose: Purpose, key_password: Option<&Password>) -> Self {
        let password = key_password.map(Password::expose);
        let reading = match purpose {
            Purpose::Keystore => PemKeyStore::read(key, certificates, password).map(|store| store.traps),
            Purpose::Truststore => PemTrustStore::read(certificates).map(|store| store.traps),
        };
        let has_key = purpose == Purpose::Keystore && find(key, b"PRIVATE KEY-----");
        let ders = read_certificates(certificates).unwrap_or_default();
        Self {
            certificates: ders.iter().filter_map(|der| DecodedCertificate::from_der(der).ok()).collect(),
            key: has_key.then(|| self::key(key, key_password)),
            reading,
        }
    }

    fn contains_pem(file: &[u8]) -> bool {
        find(file, b"-----BEGIN ")
    }
}

fn find(text: &[u8], wanted: &[u8]) -> bool {
    text.windows(wanted.len()).any(|window| window == wanted)
}

fn key(file: &[u8], password: Option<&Password>) -> Result<Zeroizing<Vec<u8>>, KeyState> {
    match read_private_key(file, password) {
        Ok(read) => read.key.to_pkcs8().map_err(|_| KeyState::Damaged("private key")),
        Err(PrivateKeyError::NoPassword) => Err(KeyState::NoPassword),
        Err(PrivateKeyError::WrongPassword) => Err(KeyState::WrongPassword),
        Err(PrivateKeyError::Key(error)) => Err(KeyState::Unsupported(error.to_string())),
        Err(error @ PrivateKeyError::Encryption(_)) => Err(KeyState::Unsupported(error.to_string())),
        Err(_) => Err(KeyState::Damaged("private key")),
    }
}
