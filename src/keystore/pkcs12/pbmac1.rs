//! PBMAC1 in a PKCS#12 store (RFC 9579): an HMAC under a key out of PBKDF2, as far as it is checked. Nobody here writes it.

use aws_lc_rs::hmac;
use const_oid::ObjectIdentifier;
use der::Tag;
use der::asn1::Any;
use x509_cert::spki::AlgorithmIdentifier;

use super::Pkcs12Error;
use super::element::Element;
use super::mac::{MAX_SALT, WHOLE};
use crate::pbe::{MAX_ITERATIONS, PbeError, Pbkdf2};

/// The lengths of a key, in bytes. The file says which: with one of a single byte, one of 256 forgeries would pass
/// (CVE-2026-34181).
const KEY_LENGTHS: std::ops::RangeInclusive<u64> = 20..=64;

/// RFC 8018 appendix B.1, as the HMAC itself.
const HMACS: [(ObjectIdentifier, hmac::Algorithm, &str); 5] = [
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.7"), hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, "SHA1"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.8"), hmac::HMAC_SHA224, "SHA224"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.9"), hmac::HMAC_SHA256, "SHA256"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.10"), hmac::HMAC_SHA384, "SHA384"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.11"), hmac::HMAC_SHA512, "SHA512"),
];

/// What can be said of a PBMAC1.
pub(super) struct Pbmac1 {
    pub(super) name: String,
    derivation: Pbkdf2,
    hmac: hmac::Algorithm,
}

impl Pbmac1 {
    /// Reads the `AlgorithmIdentifier`, with a name for what can be named.
    pub(super) fn read(algorithm: Element<'_>) -> Result<Self, Pkcs12Error> {
        let mut parts = algorithm.elements(WHOLE)?;
        parts.oid()?;
        let mut parameters = parts.expect(Tag::Sequence)?.elements(WHOLE)?;
        let derivation: AlgorithmIdentifier<Any> = parameters.expect(Tag::Sequence)?.decode(WHOLE)?;
        let hmac: AlgorithmIdentifier<Any> = parameters.expect(Tag::Sequence)?.decode(WHOLE)?;
        let derivation = Pbkdf2::from_algorithm(&derivation)?;
        let hmac = HMACS.iter().find(|(oid, ..)| *oid == hmac.oid).ok_or(Pkcs12Error::UnsupportedMac(hmac.oid))?;
        let name = format!("PBMAC1 with PBKDF2-HMAC-{} and HMAC-{}", derivation.prf_name(), hmac.2);
        Ok(Self { name, derivation, hmac: hmac.1 })
    }

    pub(super) fn iterations(&self) -> u64 {
        self.derivation.iterations
    }

    /// Returns the length of the key, if it may be used at all, and how much work the derivation is.
    pub(super) fn check(&self) -> Result<(usize, u64), PbeError> {
        let Pbkdf2 { salt, iterations, key_length, .. } = &self.derivation;
        if !(1..=u64::from(MAX_ITERATIONS)).contains(iterations) {
            return Err(PbeError::Iterations(*iterations));
        }
        if salt.is_empty() || salt.len() > MAX_SALT {
            return Err(PbeError::Parameters("its salt is empty or longer than 1024 bytes"));
        }
        let length = key_length.ok_or(PbeError::Parameters("PBMAC1 does not say how long its key is"))?;
        if !KEY_LENGTHS.contains(&length) {
            return Err(PbeError::Parameters("PBMAC1 has a key of less than 20 or more than 64 bytes"));
        }
        let length = usize::try_from(length).map_err(|_| PbeError::Parameters("too long a key"))?;
        Ok((length, self.derivation.work(length)))
    }

    /// Says whether this is the MAC of `data` under `password`, with a key of a length that [`Pbmac1::check`] has returned.
    pub(super) fn verifies(&self, data: &[u8], value: &[u8], password: &str, key_length: usize) -> bool {
        let key = self.derivation.derive(password, key_length);
        hmac::verify(&hmac::Key::new(self.hmac, &key), data, value).is_ok()
    }
}
