//! `MacData` (RFC 7292 §4): the HMAC over the authenticated safe, under a key derived as in appendix B.

use aws_lc_rs::hmac;
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::ID_SHA_256;
use der::{Encode, Tag};
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::Pkcs12Error;
use super::element::{Element, element, oid};
use crate::pbe::{Derivation, DerivedKey, MAX_ITERATIONS, PbeError};
use crate::random::Random;

pub(super) const WHOLE: &str = "MAC";
/// `id-PBMAC1` (RFC 9579).
pub(super) const PBMAC1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.14");
/// The most bytes that a salt may have. Writers use 8 to 20.
pub(super) const MAX_SALT: usize = 1024;
/// How many bytes a new salt has: what the JDK writes.
const NEW_SALT: usize = 20;
/// How many bytes the salt of a new store has.
const NEW_SALT_IN_STORE: usize = 8;

/// The MAC of a store.
#[derive(Clone, Debug)]
pub(super) struct MacData {
    digest: Digest,
    /// The `AlgorithmIdentifier` as it was read: with NULL for its parameters, or without any.
    algorithm: Vec<u8>,
    value: Vec<u8>,
    salt: Vec<u8>,
    iterations: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digest {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl MacData {
    pub(super) fn read(mac: Element<'_>) -> Result<Self, Pkcs12Error> {
        let mut parts = mac.elements(WHOLE)?;
        let mut info = parts.expect(Tag::Sequence)?.elements(WHOLE)?;
        let algorithm = info.expect(Tag::Sequence)?;
        let digest = Digest::of(algorithm.elements(WHOLE)?.oid()?)?;
        let value = info.expect(Tag::OctetString)?.value.to_vec();
        info.finish()?;
        let salt = parts.expect(Tag::OctetString)?.value.to_vec();
        let iterations = match parts.last(Tag::Integer)? {
            Some(count) => count.decode(WHOLE)?,
            None => 1,
        };
        if iterations > MAX_ITERATIONS {
            return Err(PbeError::Iterations(iterations.into()).into());
        }
        if iterations == 0 || salt.len() > MAX_SALT || value.len() != digest.length() {
            return Err(Pkcs12Error::Malformed(WHOLE));
        }
        Ok(Self { digest, algorithm: algorithm.raw.to_vec(), value, salt, iterations })
    }

    pub(super) fn iterations(&self) -> u32 {
        self.iterations
    }

    /// Returns how much work it is to check it, in iterations of PBKDF2 with HMAC-SHA256.
    pub(super) fn work(&self) -> u64 {
        let weight = if matches!(self.digest, Digest::Sha384 | Digest::Sha512) { 3 } else { 1 };
        u64::from(self.iterations).saturating_mul(weight)
    }

    pub(super) fn is_sha2(&self) -> bool {
        self.digest != Digest::Sha1
    }

    /// Says whether this is the MAC of `data` under `password`.
    pub(super) fn verifies(&self, data: &[u8], password: &str) -> bool {
        hmac::verify(&self.digest.key(password, &self.salt, self.iterations), data, &self.value).is_ok()
    }

    /// Returns the DER of the MAC of other data, with the same digest and as many iterations, under a new salt.
    pub(super) fn renewed(&self, data: &[u8], password: &str, random: &dyn Random) -> Result<Vec<u8>, Pkcs12Error> {
        let salt = crate::random::bytes::<NEW_SALT>(random)?;
        let value = hmac::sign(&self.digest.key(password, &salt, self.iterations), data);
        write(&self.algorithm, value.as_ref(), &salt, self.iterations)
    }
}

/// The MAC of a new store, with HMAC-SHA256.
#[derive(Clone, Copy)]
pub(super) struct NewMac {
    salt: [u8; NEW_SALT_IN_STORE],
    iterations: u32,
}

impl NewMac {
    /// Makes one, with the derivation of the key that [`NewMac::of`] takes.
    pub(super) fn new(iterations: u32, password: &str, random: &dyn Random) -> Result<(Self, Derivation), Pkcs12Error> {
        let salt = crate::random::bytes(random)?;
        let derivation = Derivation::pkcs12_mac(password, &salt, iterations);
        Ok((Self { salt, iterations }, derivation))
    }

    /// Returns the DER of the MAC of `data`.
    pub(super) fn of(&self, data: &[u8], key: &DerivedKey) -> Result<Vec<u8>, Pkcs12Error> {
        let value = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()), data);
        let algorithm = element(Tag::Sequence, &[&oid(ID_SHA_256)?])?;
        write(&algorithm, value.as_ref(), &self.salt, self.iterations)
    }
}

/// Returns the DER of a new MAC of `data` with HMAC-SHA1, as old readers know it: with NULL for the parameters of the digest.
pub(super) fn new_sha1_mac(
    iterations: u32,
    data: &[u8],
    password: &str,
    random: &dyn Random,
) -> Result<Vec<u8>, Pkcs12Error> {
    let salt = crate::random::bytes::<NEW_SALT>(random)?;
    let value = hmac::sign(&Digest::Sha1.key(password, &salt, iterations), data);
    let null = element(Tag::Null, &[])?;
    let algorithm = element(Tag::Sequence, &[&oid(const_oid::db::rfc5912::ID_SHA_1)?, &null])?;
    write(&algorithm, value.as_ref(), &salt, iterations)
}

/// Returns the DER of a `MacData`.
fn write(algorithm: &[u8], value: &[u8], salt: &[u8], iterations: u32) -> Result<Vec<u8>, Pkcs12Error> {
    let info = element(Tag::Sequence, &[algorithm, &element(Tag::OctetString, &[value])?])?;
    let mut parts = [info, element(Tag::OctetString, &[salt])?].concat();
    // DER leaves out what is the default.
    if iterations != 1 {
        parts.extend(iterations.to_der().map_err(|_| Pkcs12Error::TooLarge)?);
    }
    element(Tag::Sequence, &[&parts])
}

impl Digest {
    pub(super) fn of(oid: ObjectIdentifier) -> Result<Self, Pkcs12Error> {
        use const_oid::db::rfc5912::{ID_SHA_1, ID_SHA_224, ID_SHA_384, ID_SHA_512};
        match oid {
            ID_SHA_1 => Ok(Self::Sha1),
            ID_SHA_224 => Ok(Self::Sha224),
            ID_SHA_256 => Ok(Self::Sha256),
            ID_SHA_384 => Ok(Self::Sha384),
            ID_SHA_512 => Ok(Self::Sha512),
            PBMAC1 => Err(Pkcs12Error::Pbmac1),
            oid => Err(Pkcs12Error::UnsupportedMac(oid)),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha224 => "SHA224",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }

    fn length(self) -> usize {
        self.algorithm().digest_algorithm().output_len()
    }

    fn algorithm(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha224 => hmac::HMAC_SHA224,
            Self::Sha256 => hmac::HMAC_SHA256,
            Self::Sha384 => hmac::HMAC_SHA384,
            Self::Sha512 => hmac::HMAC_SHA512,
        }
    }

    fn key(self, password: &str, salt: &[u8], iterations: u32) -> hmac::Key {
        if self == Self::Sha256 {
            let key = Derivation::pkcs12_mac(password, salt, iterations).alone();
            return hmac::Key::new(self.algorithm(), key.as_slice());
        }
        let password = bmp_password(password);
        let rounds = i32::try_from(iterations).unwrap_or(i32::MAX);
        let derive = match self {
            Self::Sha1 => derive_key::<Sha1>,
            Self::Sha224 => derive_key::<Sha224>,
            Self::Sha256 => derive_key::<Sha256>,
            Self::Sha384 => derive_key::<Sha384>,
            Self::Sha512 => derive_key::<Sha512>,
        };
        let key = Zeroizing::new(derive(&password, salt, Pkcs12KeyType::Mac, rounds, self.length()));
        hmac::Key::new(self.algorithm(), &key)
    }
}

/// Returns a password as the derivation takes it: UTF-16, big-endian, with a NUL behind (RFC 7292 appendix B.1).
fn bmp_password(password: &str) -> Zeroizing<Vec<u8>> {
    // Never more than two bytes for one of UTF-8, so nothing is moved and left behind unwiped.
    let mut bytes = Zeroizing::new(Vec::with_capacity(password.len().saturating_mul(2).saturating_add(2)));
    for unit in password.encode_utf16().chain([0]) {
        bytes.extend_from_slice(&unit.to_be_bytes());
    }
    bytes
}
