//! From bytes to entries: `JavaKeyStore.engineLoad`, but strict.

use super::digest::{DIGEST_LENGTH, store_digest};
use super::reader::Reader;
use super::{
    CERTIFICATE_TYPE, Jks, JksContent, JksEntry, JksError, PRIVATE_KEY_TAG, ProtectedKey, TRUSTED_CERTIFICATE_TAG,
    VERSION_1, VERSION_2, is_jks, modified_utf8,
};

/// A version 1 certificate of no bytes: its length.
const SMALLEST_CERTIFICATE: usize = 4;
/// A trusted certificate under an empty alias: tag, length of the alias, date, certificate.
pub(super) const SMALLEST_ENTRY: usize = 4 + 2 + 8 + SMALLEST_CERTIFICATE;

pub(super) fn decode(bytes: &[u8], password: Option<&str>) -> Result<Jks, JksError> {
    if !is_jks(bytes) {
        return Err(JksError::NotJks);
    }
    let Some((body, digest)) = bytes.split_last_chunk::<DIGEST_LENGTH>() else {
        return Err(Reader::new(bytes).malformed("store", "too short for its digest"));
    };
    if password.is_some_and(|password| store_digest(password, body) != *digest) {
        return Err(JksError::WrongPasswordOrDamaged);
    }
    decode_body(body)
}

fn decode_body(body: &[u8]) -> Result<Jks, JksError> {
    let mut reader = Reader::new(body);
    reader.u32("magic number")?;
    let version = reader.u32("version")?;
    if !matches!(version, VERSION_1 | VERSION_2) {
        return Err(JksError::UnsupportedVersion { version });
    }
    let mut decoder = Decoder { reader, version, certificates_left: usize::MAX };
    let count = decoder.reader.count(SMALLEST_ENTRY, "number of entries")?;
    let entries = (0..count).map(|_| decoder.entry()).collect::<Result<_, _>>()?;
    decoder.reader.finish("last entry")?;

    let store = Jks { entries };
    store.refuse_duplicate_aliases()?;
    Ok(store)
}

pub(super) struct Decoder<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) version: u32,
    /// How many certificates are read.
    pub(super) certificates_left: usize,
}

impl Decoder<'_> {
    pub(super) fn entry(&mut self) -> Result<JksEntry, JksError> {
        let before = self.reader.clone();
        let tag = self.reader.u32("entry tag")?;
        if !matches!(tag, PRIVATE_KEY_TAG | TRUSTED_CERTIFICATE_TAG) {
            return Err(before.malformed("entry tag", "neither private key nor trusted certificate"));
        }
        let (alias, created_ms) = self.head()?;
        let content = if tag == PRIVATE_KEY_TAG {
            let key = ProtectedKey::from_der(self.reader.long_bytes("protected key")?);
            JksContent::PrivateKey { key, chain: self.chain()? }
        } else {
            JksContent::TrustedCertificate(self.certificate()?)
        };
        Ok(JksEntry { alias, created_ms, content })
    }

    /// Reads the alias and the date.
    pub(super) fn head(&mut self) -> Result<(String, i64), JksError> {
        Ok((self.alias()?, self.reader.i64("creation date")?))
    }

    fn alias(&mut self) -> Result<String, JksError> {
        let before = self.reader.clone();
        let bytes = self.reader.short_bytes("alias")?;
        modified_utf8::decode(bytes).ok_or_else(|| before.malformed("alias", "not in modified UTF-8"))
    }

    fn chain(&mut self) -> Result<Vec<Vec<u8>>, JksError> {
        const COUNT: &str = "number of certificates";
        let count = self.reader.count(SMALLEST_CERTIFICATE, COUNT)?;
        let left = self.certificates_left.checked_sub(count);
        self.certificates_left = left.ok_or(JksError::TooLarge { what: COUNT, length: count })?;
        (0..count).map(|_| self.certificate()).collect()
    }

    fn certificate(&mut self) -> Result<Vec<u8>, JksError> {
        if self.version != VERSION_1 {
            let before = self.reader.clone();
            if self.reader.array("certificate type")? != CERTIFICATE_TYPE {
                return Err(before.malformed("certificate type", "not `X.509`"));
            }
        }
        self.reader.long_bytes("certificate").map(<[u8]>::to_vec)
    }
}
