//! Keys, and signatures with them: of P-256 real ones, of what nobody should use any more such as only look so.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use kafka_certgen::pki::KeyPair;
use kafka_certgen::spec::KeyAlgorithm;

use crate::der;

/// What a certificate is signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// ECDSA with SHA-256, by the key.
    Sound,
    /// An algorithm by its OID, and a signature of zeros: what cannot be checked is not refused.
    Named(&'static str),
}

impl Algorithm {
    pub(crate) fn identifier(self) -> Vec<u8> {
        let oid = match self {
            Self::Sound => "1.2.840.10045.4.3.2",
            Self::Named(oid) => oid,
        };
        der::sequence(&[der::oid(oid)])
    }
}

/// A key pair; one of another kind than P-256 has no private half.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) info: Vec<u8>,
    pub(crate) algorithm: Algorithm,
    pub(crate) pkcs8: Vec<u8>,
}

static MADE: LazyLock<Mutex<HashMap<String, Key>>> = LazyLock::new(Mutex::default);

impl Key {
    /// Returns the P-256 key of this name.
    pub(crate) fn named(name: &str) -> Self {
        let make = || {
            let key = KeyPair::generate(KeyAlgorithm::EcP256).unwrap();
            Self { info: key.public_key_info(), algorithm: Algorithm::Sound, pkcs8: key.to_pkcs8().unwrap().to_vec() }
        };
        MADE.lock().unwrap().entry(name.to_owned()).or_insert_with(make).clone()
    }

    /// Returns a public key alone: the algorithm with its parameters, and the bits.
    pub(crate) fn public(algorithm: &[Vec<u8>], bits: &[u8]) -> Self {
        let info = der::sequence(&[der::sequence(algorithm), der::bit_string(bits)]);
        // Signatures by such a key are none that can be checked.
        Self { info, algorithm: Algorithm::Named("2.16.840.1.101.3.4.3.17"), pkcs8: b"no key".to_vec() }
    }

    /// Returns an RSA key whose modulus has as many bits as the octets say.
    pub(crate) fn rsa(octets: usize, exponent: &[u8]) -> Self {
        let modulus = [vec![0], vec![0xC3; octets]].concat();
        let bits = der::sequence(&[der::integer(&modulus), der::integer(exponent)]);
        Self::public(&[der::oid("1.2.840.113549.1.1.1"), der::null()], &bits)
    }

    pub(crate) fn identifier(&self) -> Vec<u8> {
        aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &self.info).as_ref().to_vec()
    }

    pub(crate) fn sign(&self, algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
        if algorithm != Algorithm::Sound || self.algorithm != Algorithm::Sound {
            return vec![0; 64];
        }
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &self.pkcs8).unwrap();
        key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
    }
}
