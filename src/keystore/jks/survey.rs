//! A survey of a JKS or JCEKS store (`com.sun.crypto.provider.JceKeyStore`): the same layout with another magic number, keys under another
//! algorithm, and secret keys.

use std::collections::HashSet;
use std::sync::Arc;

use der::asn1::Any;
use x509_cert::spki::AlgorithmIdentifier;
use zeroize::Zeroizing;

use super::decode::{Decoder, SMALLEST_ENTRY};
use super::digest::{DIGEST_LENGTH, store_digest};
use super::reader::Reader;
use super::{
    JksContent, JksEntry, JksError, ProtectedKey, SECRET_KEY_TAG, VERSION_1, VERSION_2, is_jceks, sealed_object,
};
use crate::keystore::pkcs12::is_private_key_info;
use crate::keystore::survey::{
    Integrity, KeyState, Passwords, Protected, Protection, ReaderLimit, StoreSurvey, SurveyContent, SurveyEntry,
    SurveyError, SurveyFormat, Unseen, UnseenContent,
};

use crate::pbe::{EncryptedKey, JceksScheme, PBE_WITH_MD5_AND_TRIPLE_DES};

/// The most entries that are looked at, and the most certificates in all chains.
const MAX_ENTRIES: usize = 10_000;
/// The most bytes of all aliases.
const MAX_TEXT: usize = 1 << 20;

/// Reads a store.
pub(in crate::keystore) fn survey(bytes: &[u8], passwords: Passwords<'_>) -> Result<StoreSurvey, SurveyError> {
    let Some((body, digest)) = bytes.split_last_chunk::<DIGEST_LENGTH>() else {
        return Err(Reader::new(bytes).malformed("store", "too short for its digest").into());
    };
    let is_jceks = is_jceks(bytes);
    let Read { version, entries, unread } = read(body, is_jceks)?;
    let mut surveyor =
        Surveyor { passwords, work_left: passwords.most_work, protections: Vec::new(), has_opened: false };
    surveyor.protect(Protected::Whole, "SHA-1 digest", None);
    let (entries, unseen) = surveyor.entries(entries);
    let integrity = match passwords.store {
        None => Integrity::NotChecked,
        Some(password) if store_digest(password, body) == *digest => Integrity::Checked,
        Some(_) if surveyor.has_opened => return Err(SurveyError::Changed),
        Some(_) => return Err(SurveyError::WrongPasswordOrDamaged),
    };
    let format = if is_jceks { SurveyFormat::Jceks { version } } else { SurveyFormat::Jks { version } };
    Ok(StoreSurvey {
        format,
        integrity,
        protections: surveyor.protections,
        entries,
        unseen,
        closed: Vec::new(),
        unread_entries: unread,
        limits: vec![ReaderLimit::OnlyJava(format)],
    })
}

/// What a store holds.
struct Read {
    version: u32,
    entries: Vec<ReadEntry>,
    /// How many entries are behind one whose end was not found.
    unread: usize,
}

enum ReadEntry {
    Jks(JksEntry),
    Secret { alias: String, created_ms: i64 },
}

impl ReadEntry {
    fn alias(&self) -> &str {
        match self {
            Self::Jks(entry) => &entry.alias,
            Self::Secret { alias, .. } => alias,
        }
    }
}

fn read(body: &[u8], is_jceks: bool) -> Result<Read, JksError> {
    const COUNT: &str = "number of entries";
    let mut reader = Reader::new(body);
    reader.u32("magic number")?;
    let version = reader.u32("version")?;
    if !matches!(version, VERSION_1 | VERSION_2) {
        return Err(JksError::UnsupportedVersion { version });
    }
    let mut decoder = Decoder { reader, version, certificates_left: MAX_ENTRIES };
    let count = decoder.reader.count(SMALLEST_ENTRY, COUNT)?;
    if count > MAX_ENTRIES {
        return Err(JksError::TooLarge { what: COUNT, length: count });
    }
    let mut entries = Vec::new();
    let mut text: usize = 0;
    let mut is_lost = false;
    while entries.len() < count && !is_lost {
        let entry = match decoder.secret_key_head(is_jceks)? {
            Some((alias, created_ms)) => {
                is_lost = !sealed_object::skip(&mut decoder.reader)?;
                ReadEntry::Secret { alias, created_ms }
            }
            None => ReadEntry::Jks(decoder.entry()?),
        };
        text = text.saturating_add(entry.alias().len());
        if text > MAX_TEXT {
            return Err(JksError::TooLarge { what: "aliases", length: text });
        }
        entries.push(entry);
    }
    if !is_lost {
        decoder.reader.finish("last entry")?;
    }
    Ok(Read { version, unread: count.saturating_sub(entries.len()), entries })
}

impl Decoder<'_> {
    /// Reads the alias and the date of an entry if it is a secret key.
    fn secret_key_head(&mut self, is_jceks: bool) -> Result<Option<(String, i64)>, JksError> {
        let mut ahead = self.reader.clone();
        if !is_jceks || ahead.u32("entry tag")? != SECRET_KEY_TAG {
            return Ok(None);
        }
        self.reader = ahead;
        self.head().map(Some)
    }
}

struct Surveyor<'p> {
    passwords: Passwords<'p>,
    work_left: u64,
    protections: Vec<Protection>,
    /// A key has opened with the password of the store.
    has_opened: bool,
}

impl Surveyor<'_> {
    /// Returns the entries, and those in whose place Java keeps a later one.
    fn entries(&mut self, entries: Vec<ReadEntry>) -> (Vec<SurveyEntry>, Vec<Unseen>) {
        let mut seen = HashSet::new();
        let mut is_last: Vec<bool> = entries.iter().rev().map(|entry| seen.insert(entry.alias().to_owned())).collect();
        let (mut kept, mut unseen) = (Vec::new(), Vec::new());
        for entry in entries {
            let entry = self.entry(entry);
            if is_last.pop().unwrap_or(true) {
                kept.push(entry);
            } else {
                unseen.push(Unseen { alias: Some(entry.alias), content: UnseenContent::Shadowed(entry.content) });
            }
        }
        (kept, unseen)
    }

    fn entry(&mut self, entry: ReadEntry) -> SurveyEntry {
        match entry {
            ReadEntry::Secret { alias, created_ms } => {
                SurveyEntry { alias, created: Some(created_ms), content: SurveyContent::SecretKey }
            }
            ReadEntry::Jks(JksEntry { alias, created_ms, content }) => {
                let content = match content {
                    JksContent::PrivateKey { key, chain } => SurveyContent::PrivateKey {
                        key: self.key(&key, &alias),
                        chain: chain.into_iter().map(Arc::from).collect(),
                    },
                    JksContent::TrustedCertificate(der) => SurveyContent::TrustedCertificate(der.into()),
                };
                SurveyEntry { alias, created: Some(created_ms), content }
            }
        }
    }

    fn key(&mut self, key: &ProtectedKey, alias: &str) -> KeyState {
        match EncryptedKey::read(key.as_der()) {
            Some(EncryptedKey { algorithm, ciphertext }) if algorithm.oid == PBE_WITH_MD5_AND_TRIPLE_DES => {
                self.jceks_key(&algorithm, &ciphertext, alias)
            }
            _ => self.jks_key(key, alias),
        }
    }

    fn jks_key(&mut self, key: &ProtectedKey, alias: &str) -> KeyState {
        self.protect(Protected::Key(Some(alias.to_owned())), "JKS key protector (SHA-1)", None);
        let Some(password) = self.passwords.key() else { return KeyState::NoPassword };
        match key.open(password) {
            Ok(key) => self.opened(key, password),
            Err(JksError::WrongKeyPassword) => KeyState::WrongPassword,
            Err(_) => KeyState::Damaged("protected key"),
        }
    }

    fn jceks_key(&mut self, algorithm: &AlgorithmIdentifier<Any>, ciphertext: &[u8], alias: &str) -> KeyState {
        let scheme = JceksScheme::from_algorithm(algorithm);
        let iterations = scheme.as_ref().ok().map(JceksScheme::iterations);
        self.protect(Protected::Key(Some(alias.to_owned())), "PBEWithMD5AndTripleDES", iterations);
        let scheme = match scheme {
            Ok(scheme) => scheme,
            Err(error) => return KeyState::Unsupported(error.to_string()),
        };
        let Some(password) = self.passwords.key() else { return KeyState::NoPassword };
        // Two halves, each hashed so often; and bytes to decrypt.
        let bytes = u64::try_from(ciphertext.len().div_ceil(2)).unwrap_or(u64::MAX);
        match self.work_left.checked_sub(scheme.iterations().saturating_mul(2).saturating_add(bytes)) {
            Some(left) => self.work_left = left,
            None => return KeyState::TooMuchWork(scheme.iterations()),
        }
        match scheme.decrypt(ciphertext, password).ok().filter(|key| is_private_key_info(key)) {
            Some(key) => self.opened(key, password),
            None => KeyState::WrongPassword,
        }
    }

    fn opened(&mut self, key: Zeroizing<Vec<u8>>, password: &str) -> KeyState {
        self.has_opened |= self.passwords.store == Some(password);
        KeyState::Open(key)
    }

    fn protect(&mut self, what: Protected, algorithm: &str, iterations: Option<u64>) {
        self.protections.push(Protection { what, algorithm: algorithm.to_owned(), iterations });
    }
}
