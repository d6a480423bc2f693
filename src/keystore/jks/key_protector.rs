//! Private keys under a password: `sun.security.provider.KeyProtector`.

use std::fmt;

use zeroize::Zeroizing;

use super::JksError;
use super::digest::{DIGEST_LENGTH, PasswordBytes};
use super::reader::Reader;

/// The salt takes the place of a first digest, hence its length.
const SALT_LENGTH: usize = DIGEST_LENGTH;

/// 1.3.6.1.4.1.42.2.17.1.1, Sun's own, in DER.
const KEY_PROTECTOR_OID: [u8; 12] = [0x06, 0x0A, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x2A, 0x02, 0x11, 0x01, 0x01];
const NULL: &[u8] = &[0x05, 0x00];

const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;

/// A private key under a password, as it stands in the store.
///
/// ```text
/// EncryptedPrivateKeyInfo ::= SEQUENCE {                       RFC 5208
///     SEQUENCE { 1.3.6.1.4.1.42.2.17.1.1, NULL },
///     OCTET STRING {
///         [20] salt
///         [..] key       PKCS#8, XOR the digests d1, d2, … where
///                        d1 = SHA-1(password, salt), d2 = SHA-1(password, d1), …
///         [20] digest    SHA-1(password, PKCS#8)
///     }
/// }
/// ```
///
/// The bytes are kept as they are and first looked at by [`open`](Self::open).
#[derive(Clone, PartialEq, Eq)]
pub struct ProtectedKey(Vec<u8>);

impl ProtectedKey {
    pub(super) fn from_der(der: &[u8]) -> Self {
        Self(der.to_vec())
    }

    /// Puts a key, in PKCS#8, under a password.
    ///
    /// The salt has to be random: two keys under the same password and salt give each other away.
    pub fn seal(pkcs8: &[u8], password: &str, salt: [u8; SALT_LENGTH]) -> Result<Self, JksError> {
        let password = PasswordBytes::new(password);
        let mut key = Zeroizing::new(pkcs8.to_vec());
        apply_key_stream(&mut key, &password, salt);

        let protected = [&salt, key.as_slice(), &password.digest_with(pkcs8)].concat();
        let algorithm = der(SEQUENCE, &[&KEY_PROTECTOR_OID, NULL])?;
        let protected = der(OCTET_STRING, &[&protected])?;
        der(SEQUENCE, &[&algorithm, &protected]).map(Self)
    }

    /// Returns the key in PKCS#8.
    ///
    /// Nothing is known about these bytes but that they were sealed with this password: whether they are a key is for
    /// the caller to find out.
    ///
    /// ```
    /// use kafka_certgen::keystore::jks::{JksError, ProtectedKey};
    ///
    /// let sealed = ProtectedKey::seal(b"not really PKCS#8", "changeit", [7; 20])?;
    /// assert_eq!(sealed.open("changeit")?.as_slice(), b"not really PKCS#8");
    /// assert_eq!(sealed.open("sesame"), Err(JksError::WrongKeyPassword));
    /// # Ok::<(), JksError>(())
    /// ```
    pub fn open(&self, password: &str) -> Result<Zeroizing<Vec<u8>>, JksError> {
        let (salt, key, digest) = parse(&self.0)?;
        let password = PasswordBytes::new(password);
        let mut key = Zeroizing::new(key.to_vec());
        apply_key_stream(&mut key, &password, *salt);
        if password.digest_with(&key) == *digest { Ok(key) } else { Err(JksError::WrongKeyPassword) }
    }

    /// Returns the DER of the `EncryptedPrivateKeyInfo`.
    pub fn as_der(&self) -> &[u8] {
        &self.0
    }
}

/// Nothing but the length: a guess at the password needs no more than these bytes.
impl fmt::Debug for ProtectedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProtectedKey({} bytes)", self.0.len())
    }
}

/// Seals what is open, and opens what is sealed.
fn apply_key_stream(key: &mut [u8], password: &PasswordBytes, salt: [u8; SALT_LENGTH]) {
    let mut digest = Zeroizing::new(salt);
    for chunk in key.chunks_mut(DIGEST_LENGTH) {
        *digest = password.digest_with(digest.as_slice());
        for (byte, mask) in chunk.iter_mut().zip(digest.iter()) {
            *byte ^= mask;
        }
    }
}

/// The salt, the key, and the digest of a protected key.
type Parts<'a> = (&'a [u8; SALT_LENGTH], &'a [u8], &'a [u8; DIGEST_LENGTH]);

fn parse(der: &[u8]) -> Result<Parts<'_>, JksError> {
    const WHOLE: &str = "protected key";
    const ALGORITHM: &str = "algorithm of the protected key";

    let mut reader = Reader::new(der);
    let mut info = reader.der(SEQUENCE, WHOLE)?;
    reader.finish(WHOLE)?;

    let algorithm = info.der(SEQUENCE, ALGORITHM)?;
    match algorithm.remaining().strip_prefix(&KEY_PROTECTOR_OID) {
        Some([] | NULL) => {}
        Some(_) => return Err(algorithm.malformed(ALGORITHM, "parameters other than NULL")),
        None => return Err(algorithm.malformed(ALGORITHM, "not 1.3.6.1.4.1.42.2.17.1.1")),
    }

    let protected = info.der(OCTET_STRING, WHOLE)?;
    info.finish(WHOLE)?;
    let (salt, rest) = protected.remaining().split_first_chunk().ok_or_else(|| too_short(&protected))?;
    let (key, digest) = rest.split_last_chunk().ok_or_else(|| too_short(&protected))?;
    Ok((salt, key, digest))
}

fn too_short(protected: &Reader<'_>) -> JksError {
    protected.malformed("protected key", "too short for its salt and digest")
}

/// Returns the DER of an element with these parts as its content.
fn der(tag: u8, parts: &[&[u8]]) -> Result<Vec<u8>, JksError> {
    let content = parts.concat();
    let length = i32::try_from(content.len())
        .map_err(|_| JksError::TooLarge { what: "protected key", length: content.len() })?;
    let mut der = match length.to_be_bytes() {
        [0, 0, 0, d @ 0..=0x7F] => vec![tag, d],
        [0, 0, 0, d] => vec![tag, 0x81, d],
        [0, 0, c, d] => vec![tag, 0x82, c, d],
        [0, b, c, d] => vec![tag, 0x83, b, c, d],
        [a, b, c, d] => vec![tag, 0x84, a, b, c, d],
    };
    der.extend_from_slice(&content);
    Ok(der)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes 0 to 44 under `pä🔑` with the salt 100 to 119, computed by a script apart from this code.
    const SEALED: &[u8] = b"\x30\x67\x30\x0e\x06\x0a\x2b\x06\x01\x04\x01\x2a\x02\x11\x01\x01\x05\x00\x04\x55\
        \x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f\x70\x71\x72\x73\x74\x75\x76\x77\
        \x2c\xe4\x3a\xa2\x24\x7d\xd9\x5b\x3f\xb5\x78\x85\x11\x69\x12\x16\x2f\x39\xba\x6b\
        \x3f\x6a\xce\xbf\x22\xb6\xfa\xa2\xc0\xfb\xd7\x6e\xf8\x70\x86\xf8\x38\x12\x1b\x9b\
        \xc8\x0c\xd5\xd0\x4e\x1f\xc0\xe2\x79\xab\x06\x77\xb0\x2b\xd9\xdb\x8a\xfc\x8c\xf6\
        \x64\x88\x26\xdf\x24";

    fn open(der: &[u8], password: &str) -> Result<Vec<u8>, JksError> {
        ProtectedKey::from_der(der).open(password).map(|key| key.to_vec())
    }

    #[test]
    fn known_key_is_sealed_and_opened() {
        let key: Vec<u8> = (0..45).collect();
        let salt = std::array::from_fn(|i| 100 + u8::try_from(i).unwrap());
        assert_eq!(ProtectedKey::seal(&key, "pä🔑", salt).unwrap().as_der(), SEALED);
        assert_eq!(open(SEALED, "pä🔑").unwrap(), key);
    }

    #[test]
    fn every_length_of_length_is_opened_again() {
        for length in [0, 1, 19, 20, 21, 40, 87, 88, 200, 215, 216, 1218, 65_475, 65_496, 70_000] {
            let key = vec![0xA5; length];
            let sealed = ProtectedKey::seal(&key, "changeit", [7; SALT_LENGTH]).unwrap();
            assert_eq!(sealed.open("changeit").unwrap().as_slice(), key, "{length}");
            assert_eq!(sealed.open("changeIt"), Err(JksError::WrongKeyPassword), "{length}");
        }
    }

    #[test]
    fn prefix_and_bit_flip_are_errors() {
        for end in 0..SEALED.len() {
            assert!(matches!(open(&SEALED[..end], "pä🔑"), Err(JksError::Malformed { .. })), "{end}");
        }
        for bit in 0..SEALED.len() * 8 {
            let mut flipped = SEALED.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&flipped, "pä🔑").is_err(), "{bit}");
        }
    }

    #[test]
    fn malformed_key_is_refused() {
        let algorithm = &SEALED[2..18];
        let without_parameters = b"\x30\x0c\x06\x0a\x2b\x06\x01\x04\x01\x2a\x02\x11\x01\x01";
        let other_parameters = b"\x30\x0f\x06\x0a\x2b\x06\x01\x04\x01\x2a\x02\x11\x01\x01\x02\x01\x00";
        // JCEKS: PBEWithMD5AndTripleDES.
        let other_algorithm = b"\x30\x0b\x06\x09\x2b\x06\x01\x04\x01\x2a\x02\x13\x01";
        let octets = |length: usize| der(OCTET_STRING, &[&vec![0; length]]).unwrap();
        let info = |parts: &[&[u8]]| der(SEQUENCE, parts).unwrap();
        let cases = [
            (vec![], "malformed protected key at byte 0: cut short"),
            (vec![0x04, 0x00], "malformed protected key at byte 0: another DER tag than expected"),
            (vec![0x30, 0x80, 0x00, 0x00], "malformed protected key at byte 1: no DER length"),
            (vec![0x30, 0x81, 0x01, 0x00], "malformed protected key at byte 1: no DER length"),
            (vec![0x30, 0x81, 0x7F], "malformed protected key at byte 1: no DER length"),
            (vec![0x30, 0x82, 0x00, 0xFF], "malformed protected key at byte 1: no DER length"),
            (vec![0x30, 0x83, 0x00, 0xFF, 0xFF], "malformed protected key at byte 1: no DER length"),
            (vec![0x30, 0x84, 0x00, 0xFF, 0xFF, 0xFF], "malformed protected key at byte 1: no DER length"),
            (vec![0x30, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00], "malformed protected key at byte 1: no DER length"),
            (vec![0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], "malformed protected key at byte 1: no DER length"),
            (vec![0x30, 0x02, 0x00], "malformed protected key at byte 0: longer than what is left"),
            (vec![0x30, 0x84, 0x01, 0, 0, 0], "malformed protected key at byte 0: longer than what is left"),
            (info(&[]), "malformed algorithm of the protected key at byte 2: cut short"),
            (
                info(&[other_algorithm, &octets(40)]),
                "malformed algorithm of the protected key at byte 4: not 1.3.6.1.4.1.42.2.17.1.1",
            ),
            (
                info(&[other_parameters, &octets(40)]),
                "malformed algorithm of the protected key at byte 4: parameters other than NULL",
            ),
            (info(&[algorithm, &octets(39)]), "malformed protected key at byte 20: too short for its salt and digest"),
            (info(&[algorithm, &octets(0)]), "malformed protected key at byte 20: too short for its salt and digest"),
            (info(&[algorithm, &octets(40), &[0]]), "malformed protected key at byte 60: followed by more bytes"),
            ([SEALED, &[0]].concat(), "malformed protected key at byte 105: followed by more bytes"),
        ];
        for (der, message) in cases {
            assert_eq!(open(&der, "changeit").unwrap_err().to_string(), message);
        }
        assert_eq!(open(&info(&[without_parameters, &octets(40)]), "changeit"), Err(JksError::WrongKeyPassword));
    }

    #[test]
    fn debug_shows_no_bytes() {
        assert_eq!(format!("{:?}", ProtectedKey::from_der(SEALED)), "ProtectedKey(105 bytes)");
    }
}
