//! Key pairs, made by AWS-LC and written as PKCS#8.

use std::fmt;

use der::asn1::{Any, ObjectIdentifier};
use der::{Decode, Encode};
use pkcs8::PrivateKeyInfoRef;
use rcgen::{PublicKeyData, RsaKeySize, SigningKey};
use rustls_pki_types::PrivatePkcs8KeyDer;
use x509_cert::spki::AlgorithmIdentifier;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;
use zeroize::{Zeroize, Zeroizing};

use super::PkiError;
use crate::spec::KeyAlgorithm;

/// A private key with its public half. Wiped when it goes.
pub struct KeyPair {
    inner: rcgen::KeyPair,
    algorithm: KeyAlgorithm,
}

impl KeyPair {
    /// Makes a key pair. RSA takes its time: 50 ms for 2048 bits, ten times that for 4096.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, PkiError> {
        let rsa = |size| rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size);
        let inner = match algorithm {
            KeyAlgorithm::Rsa2048 => rsa(RsaKeySize::_2048),
            KeyAlgorithm::Rsa3072 => rsa(RsaKeySize::_3072),
            KeyAlgorithm::Rsa4096 => rsa(RsaKeySize::_4096),
            KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384 | KeyAlgorithm::EcP521 | KeyAlgorithm::Ed25519 => {
                rcgen::KeyPair::generate_for(signature_algorithm(algorithm))
            }
        };
        Ok(Self { inner: inner.map_err(PkiError::Key)?, algorithm })
    }

    /// Takes a private key in unencrypted PKCS#8.
    pub fn from_pkcs8(pkcs8: &[u8], algorithm: KeyAlgorithm) -> Result<Self, PkiError> {
        // AWS-LC lets other bytes follow the key, which would then be written with it.
        PrivateKeyInfoRef::from_der(pkcs8).map_err(|_| PkiError::Key(rcgen::Error::CouldNotParseKeyPair))?;
        let key = PrivatePkcs8KeyDer::from(pkcs8);
        let inner = rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&key, signature_algorithm(algorithm));
        let inner = inner.map_err(PkiError::Key)?;
        // One signature algorithm is for RSA keys of all sizes.
        if algorithm.is_rsa() && rsa_name(&inner) != Some(algorithm.name().to_owned()) {
            return Err(PkiError::Key(rcgen::Error::CouldNotParseKeyPair));
        }
        Ok(Self { inner, algorithm })
    }

    /// Returns the algorithm.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// Returns the DER of the `SubjectPublicKeyInfo`.
    pub fn public_key_info(&self) -> Vec<u8> {
        self.inner.subject_public_key_info()
    }

    /// Returns the unencrypted PKCS#8, in version 1 (RFC 5208): OpenSSL 3.0 reads no version 2, which AWS-LC writes for
    /// Ed25519.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, PkiError> {
        let pkcs8 = self.inner.serialized_der();
        if self.algorithm != KeyAlgorithm::Ed25519 {
            return Ok(Zeroizing::new(pkcs8.to_vec()));
        }
        let mut info = PrivateKeyInfoRef::from_der(pkcs8)?;
        info.public_key = None;
        Ok(Zeroizing::new(info.to_der()?))
    }

    /// Signs `message` with the hash that belongs to the algorithm.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PkiError> {
        self.inner.sign(message).map_err(PkiError::Key)
    }

    /// Returns what [`KeyPair::sign`] signs with, as certificates name it.
    pub(super) fn signature_algorithm(&self) -> AlgorithmIdentifier<Any> {
        let (oid, parameters) = match self.algorithm {
            // RFC 4055 §5: the parameters of RSA signatures are NULL, those of the others are absent.
            KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => {
                ("1.2.840.113549.1.1.11", Some(Any::null()))
            }
            KeyAlgorithm::EcP256 => ("1.2.840.10045.4.3.2", None),
            KeyAlgorithm::EcP384 => ("1.2.840.10045.4.3.3", None),
            KeyAlgorithm::EcP521 => ("1.2.840.10045.4.3.4", None),
            KeyAlgorithm::Ed25519 => ("1.3.101.112", None),
        };
        AlgorithmIdentifier { oid: ObjectIdentifier::new_unwrap(oid), parameters }
    }
}

impl Drop for KeyPair {
    fn drop(&mut self) {
        self.inner.zeroize();
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({})", self.algorithm)
    }
}

/// Returns the name of an RSA key's algorithm, `rsa-2048`.
fn rsa_name(key: &rcgen::KeyPair) -> Option<String> {
    let info = key.subject_public_key_info();
    let (_, info) = SubjectPublicKeyInfo::from_der(&info).ok()?;
    match info.parsed() {
        Ok(PublicKey::RSA(key)) => Some(format!("rsa-{}", key.key_size())),
        _ => None,
    }
}

fn signature_algorithm(algorithm: KeyAlgorithm) -> &'static rcgen::SignatureAlgorithm {
    match algorithm {
        KeyAlgorithm::Rsa2048 | KeyAlgorithm::Rsa3072 | KeyAlgorithm::Rsa4096 => &rcgen::PKCS_RSA_SHA256,
        KeyAlgorithm::EcP256 => &rcgen::PKCS_ECDSA_P256_SHA256,
        KeyAlgorithm::EcP384 => &rcgen::PKCS_ECDSA_P384_SHA384,
        KeyAlgorithm::EcP521 => &rcgen::PKCS_ECDSA_P521_SHA512,
        KeyAlgorithm::Ed25519 => &rcgen::PKCS_ED25519,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_pkcs8_form_and_has_version_1() {
        for algorithm in [
            KeyAlgorithm::Rsa2048,
            KeyAlgorithm::EcP256,
            KeyAlgorithm::EcP384,
            KeyAlgorithm::EcP521,
            KeyAlgorithm::Ed25519,
        ] {
            let key = KeyPair::generate(algorithm).unwrap();
            let pkcs8 = key.to_pkcs8().unwrap();
            assert!(PrivateKeyInfoRef::from_der(&pkcs8).unwrap().public_key.is_none(), "{algorithm}");
            let again = KeyPair::from_pkcs8(&pkcs8, algorithm).unwrap();
            assert_eq!(again.public_key_info(), key.public_key_info(), "{algorithm}");
            assert!(KeyPair::from_pkcs8(&[&pkcs8, [0].as_slice()].concat(), algorithm).is_err(), "{algorithm}");
        }
    }

    #[test]
    fn a_key_is_of_the_algorithm_that_it_is_taken_for() {
        let rsa = KeyPair::generate(KeyAlgorithm::Rsa2048).unwrap().to_pkcs8().unwrap();
        for algorithm in KeyAlgorithm::ALL {
            let taken = KeyPair::from_pkcs8(&rsa, *algorithm);
            assert_eq!(taken.is_ok(), *algorithm == KeyAlgorithm::Rsa2048, "{algorithm}");
        }
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", KeyPair::generate(KeyAlgorithm::Ed25519).unwrap()), "KeyPair(ed25519)");
    }
}
