//! PEM files: read as Kafka's own reader takes them, to know what it refuses, and leniently, to judge what is in them all the same.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use zeroize::Zeroizing;

use crate::kafka::pem_store::{PemKeyStore, PemStoreError, PemTrap, PemTrustStore};
use crate::keystore::KeyState;
use crate::pbe::{KeyOpener, PbeError};
use crate::pki::{Allowance, DecodedCertificate, PrivateKeyError, read_certificates, read_private_key_with};
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
    /// How many certificates were not decoded, being too large or too many.
    pub left_out: usize,
}

impl PemFile {
    /// Reads a file; none, if it is no PEM.
    pub fn read(file: &[u8], purpose: Purpose, key_password: Option<&Password>) -> Option<Self> {
        let opener = &mut KeyOpener::default();
        Self::contains_pem(file).then(|| Self::of_parts(file, file, purpose, key_password, opener))
    }

    /// Reads a key, which is opened with `opener`, and certificates that may stand apart. Of a truststore the key is not looked at.
    pub fn of_parts(
        key: &[u8],
        certificates: &[u8],
        purpose: Purpose,
        key_password: Option<&Password>,
        opener: &mut KeyOpener,
    ) -> Self {
        let password = key_password.map(Password::expose);
        let reading = match purpose {
            Purpose::Keystore => PemKeyStore::read_with(key, certificates, password, opener).map(|store| store.traps),
            Purpose::Truststore => PemTrustStore::read(certificates).map(|store| store.traps),
        };
        let has_key = purpose == Purpose::Keystore && find(key, b"PRIVATE KEY-----");
        let ders = read_certificates(certificates).unwrap_or_default();
        let mut allowance = Allowance::default();
        let allowed: Vec<_> = ders.iter().filter(|der| allowance.take(der)).collect();
        Self {
            left_out: ders.len().saturating_sub(allowed.len()),
            certificates: allowed.into_iter().filter_map(|der| DecodedCertificate::from_der(der).ok()).collect(),
            key: has_key.then(|| self::key(key, key_password, opener)),
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

fn key(file: &[u8], password: Option<&Password>, opener: &mut KeyOpener) -> Result<Zeroizing<Vec<u8>>, KeyState> {
    match read_private_key_with(file, password, opener) {
        Ok(read) => read.key.to_pkcs8().map_err(|_| KeyState::Damaged("private key")),
        Err(PrivateKeyError::NoPassword) => Err(KeyState::NoPassword),
        Err(PrivateKeyError::WrongPassword) => Err(KeyState::WrongPassword),
        Err(PrivateKeyError::Key(error)) => Err(KeyState::Unsupported(error.to_string())),
        Err(PrivateKeyError::Encryption(PbeError::Iterations(count) | PbeError::TooMuchWork(count))) => {
            Err(KeyState::TooMuchWork(count))
        }
        Err(error @ PrivateKeyError::Encryption(_)) => Err(KeyState::Unsupported(error.to_string())),
        Err(_) => Err(KeyState::Damaged("private key")),
    }
}
