//! Stores that somebody has made, in whichever format: read as Java reads them, and changed without touching the rest.

use std::fmt;

use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use super::jks::{Jks, JksContent, JksEntry, JksError, is_jceks, is_jks};
use super::pkcs12::{MAX_SIZE, Pkcs12, Pkcs12Error, ViewContent, ViewEntry};
use super::{Entry, EntryContent, KeyStore, KeyStoreError, local_key_id};
use crate::name::{Alias, printable};
use crate::random::Random;
use crate::secret::Password;
use crate::spec::StoreFormat;

#[cfg(test)]
mod tests;

/// What a BKS store begins with: version 1 or 2, and the length of its salt.
const BKS_STARTS: [[u8; 8]; 2] = [[0, 0, 0, 1, 0, 0, 0, 20], [0, 0, 0, 2, 0, 0, 0, 20]];

/// The tag of a SEQUENCE, with which PKCS#12 begins.
pub(super) const SEQUENCE: u8 = 0x30;

/// A keystore or truststore out of a file, open under its password.
///
/// What is not touched stays: in JKS every other entry byte for byte, in PKCS#12 every other bag, every encrypted key, every
/// `ContentInfo` that nothing in it has changed, and the whole file if nothing has.
#[derive(Debug)]
pub struct StoreFile {
    password: Password,
    store: Store,
}

#[derive(Debug)]
enum Store {
    Jks(Jks),
    /// A new PKCS#12 store, before its first entry.
    NewPkcs12,
    Pkcs12(Box<Pkcs12>),
}

/// An entry of a store, as Java sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreEntry<'a> {
    /// Foreign text. In PKCS#12 in lower case, since Java reads it so.
    pub alias: &'a str,
    /// When it was made, in milliseconds since 1970. PKCS#12 tells it only of keys, and only if Java made them.
    pub created: Option<i64>,
    /// What it holds.
    pub content: StoreContent<'a>,
}

/// What an entry of a store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreContent<'a> {
    /// A private key.
    PrivateKey {
        /// Certificates in DER, the leaf first; none if there is none for the key.
        chain: Vec<&'a [u8]>,
    },
    /// A symmetric key, which is kept and not looked at.
    SecretKey,
    /// A certificate in DER.
    TrustedCertificate(&'a [u8]),
}

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// `PrivateKeyEntry`.
    PrivateKey,
    /// `SecretKeyEntry`.
    SecretKey,
    /// `trustedCertEntry`.
    TrustedCertificate,
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PrivateKey => "private key",
            Self::SecretKey => "secret key",
            Self::TrustedCertificate => "trusted certificate",
        })
    }
}

impl StoreContent<'_> {
    /// Returns the kind of the entry.
    pub fn kind(&self) -> EntryKind {
        match self {
            Self::PrivateKey { .. } => EntryKind::PrivateKey,
            Self::SecretKey => EntryKind::SecretKey,
            Self::TrustedCertificate(_) => EntryKind::TrustedCertificate,
        }
    }
}

/// What one should know about a store that is otherwise sound.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreRemark {
    /// A private key without a certificate, by its alias.
    KeyWithoutCertificate(String),
    /// Nothing proves that whoever wrote the PKCS#12 store knew its password.
    NoMac,
    /// So many things in the PKCS#12 store are no certificates and no keys, and Java does not see them.
    UnseenBags(usize),
    /// So many certificates in the PKCS#12 store belong to no key and lack the attribute that makes them trusted: Java does
    /// not see them.
    UnseenCertificates(usize),
    /// So many private keys in the PKCS#12 store are not encrypted, or have nothing that tells which certificate is theirs:
    /// Java does not see them.
    UnseenKeys(usize),
    /// An alias in a JKS store with a capital letter: Java lists it, and does not find it, since it looks in lower case.
    UpperCaseAlias(String),
}

impl fmt::Display for StoreRemark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyWithoutCertificate(alias) => write!(f, "the key `{}` has no certificate", printable(alias)),
            Self::NoMac => write!(f, "the store has no MAC, so nothing proves that its content is as it was written"),
            Self::UnseenBags(1) => write!(f, "Java does not see 1 part of the store that is no certificate and no key"),
            Self::UnseenBags(count) => {
                write!(f, "Java does not see {count} parts of the store that are no certificates and no keys")
            }
            Self::UnseenCertificates(1) => write!(
                f,
                "Java does not see 1 certificate in the store: it belongs to no key and is not marked as trusted"
            ),
            Self::UnseenCertificates(count) => write!(
                f,
                "Java does not see {count} certificates in the store: they belong to no key and are not marked as trusted"
            ),
            Self::UnseenKeys(1) => {
                write!(f, "Java does not see 1 private key in the store: it is not encrypted, or names no certificate")
            }
            Self::UnseenKeys(count) => write!(
                f,
                "Java does not see {count} private keys in the store: they are not encrypted, or name no certificate"
            ),
            Self::UpperCaseAlias(alias) => {
                write!(f, "Java does not find the entry `{}`: it looks for aliases in lower case", printable(alias))
            }
        }
    }
}

/// Why a store can be neither read nor changed.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreFileError {
    /// An entry has the alias already, perhaps in other letters.
    AliasTaken {
        /// The alias as it stands in the store.
        alias: String,
        /// What has it.
        kind: EntryKind,
    },
    /// A store of Bouncy Castle.
    Bks,
    /// No bytes at all.
    Empty,
    /// A private key was to get no certificate.
    EmptyChain,
    /// A store of the JDK's JCE.
    Jceks,
    /// The JKS codec's own reason.
    Jks(JksError),
    /// A password for a key alone, in PKCS#12, where keys have the store's.
    KeyPassword,
    /// A new entry could not be encoded.
    KeyStore(KeyStoreError),
    /// No entry has the alias.
    NoSuchAlias(String),
    /// The entry is another thing than a private key.
    NotAPrivateKey {
        /// Its alias.
        alias: String,
        /// What it is.
        kind: EntryKind,
    },
    /// PEM, where a store was expected.
    Pem,
    /// The PKCS#12 codec's own reason.
    Pkcs12(Pkcs12Error),
    /// More bytes than are read.
    TooLarge(usize),
    /// Neither JKS nor PKCS#12.
    Unrecognised,
    /// The private key of this alias has another password.
    WrongKeyPassword(String),
    /// The password is another one, or bytes were changed: it cannot be told which.
    WrongPassword,
}

impl fmt::Display for StoreFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AliasTaken { alias, kind } => write!(f, "the store has a {kind} under `{}`", printable(alias)),
            Self::Bks => write!(f, "the store is of the type BKS, which Java alone does not read"),
            Self::Empty => write!(f, "the store is an empty file"),
            Self::EmptyChain => write!(f, "a private key needs a certificate"),
            Self::Jceks => write!(f, "the store is of the type JCEKS, which is not supported"),
            Self::Jks(_) => write!(f, "the JKS store cannot be used"),
            Self::KeyPassword => write!(f, "a key in a PKCS#12 store has no password but the store's"),
            Self::KeyStore(error) => error.fmt(f),
            Self::NoSuchAlias(alias) => write!(f, "the store has no entry under `{}`", printable(alias)),
            Self::NotAPrivateKey { alias, kind } => {
                write!(f, "the entry `{}` is a {kind} and not a private key", printable(alias))
            }
            Self::Pem => write!(f, "the file is PEM and no keystore"),
            Self::Pkcs12(_) => write!(f, "the PKCS#12 store cannot be used"),
            Self::TooLarge(length) => write!(f, "the store has {length} bytes, {MAX_SIZE} are the most that are read"),
            Self::Unrecognised => write!(f, "the file is neither a JKS nor a PKCS#12 store"),
            Self::WrongKeyPassword(alias) => {
                write!(f, "wrong password for the private key `{}`, or the key is damaged", printable(alias))
            }
            Self::WrongPassword => write!(f, "wrong password for the store, or the store is damaged"),
        }
    }
}

impl std::error::Error for StoreFileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Jks(error) => Some(error),
            Self::KeyStore(error) => error.source(),
            Self::Pkcs12(error) => Some(error),
            _ => None,
        }
    }
}

impl From<JksError> for StoreFileError {
    fn from(error: JksError) -> Self {
        match error {
            JksError::WrongPasswordOrDamaged => Self::WrongPassword,
            error => Self::Jks(error),
        }
    }
}

impl From<Pkcs12Error> for StoreFileError {
    fn from(error: Pkcs12Error) -> Self {
        match error {
            Pkcs12Error::NotPkcs12 => Self::Unrecognised,
            Pkcs12Error::WrongPasswordOrDamaged => Self::WrongPassword,
            error => Self::Pkcs12(error),
        }
    }
}

impl StoreFile {
    /// Opens a store, whose format its content tells: files named `.jks` are PKCS#12 since JDK 9.
    ///
    /// Every key in a PKCS#12 store is tried: a store that this module cannot write whole is refused before it is changed.
    pub fn open(bytes: &[u8], password: &Password) -> Result<Self, StoreFileError> {
        if bytes.len() > MAX_SIZE {
            return Err(StoreFileError::TooLarge(bytes.len()));
        }
        let store = if is_jks(bytes) {
            Store::Jks(Jks::decode(bytes, Some(password.expose()))?)
        } else if bytes.first() == Some(&SEQUENCE) {
            Store::Pkcs12(Box::new(Pkcs12::open(bytes, password.expose())?))
        } else {
            return Err(unrecognised(bytes));
        };
        Ok(Self { password: password.clone(), store })
    }

    /// Returns a new JKS store without entries.
    pub fn new_jks(password: Password) -> Self {
        Self { password, store: Store::Jks(Jks::default()) }
    }

    /// Returns a new PKCS#12 store without entries. It cannot be written before it has one.
    pub fn new_pkcs12(password: Password) -> Self {
        Self { password, store: Store::NewPkcs12 }
    }

    /// Says in which format a store is, before its password is known: by its first bytes.
    pub fn recognise(bytes: &[u8]) -> Result<StoreFormat, StoreFileError> {
        if is_jks(bytes) {
            Ok(StoreFormat::Jks)
        } else if Pkcs12::is_pfx(bytes) {
            Ok(StoreFormat::Pkcs12)
        } else {
            Err(unrecognised(bytes))
        }
    }

    /// Returns the format.
    pub fn format(&self) -> StoreFormat {
        match &self.store {
            Store::Jks(_) => StoreFormat::Jks,
            Store::NewPkcs12 | Store::Pkcs12(_) => StoreFormat::Pkcs12,
        }
    }

    /// Returns the entries as Java sees them, in the order of the file.
    pub fn entries(&self) -> Vec<StoreEntry<'_>> {
        match &self.store {
            Store::Jks(store) => store.entries.iter().map(StoreEntry::of_jks).collect(),
            Store::NewPkcs12 => Vec::new(),
            Store::Pkcs12(store) => {
                store.view().entries.iter().map(|entry| StoreEntry::of_pkcs12(store, entry)).collect()
            }
        }
    }

    /// Finds the entry of an alias, whatever its case.
    pub fn entry(&self, alias: &str) -> Option<StoreEntry<'_>> {
        match &self.store {
            Store::Jks(store) => find_jks(store, alias).and_then(|at| store.entries.get(at)).map(StoreEntry::of_jks),
            Store::NewPkcs12 => None,
            Store::Pkcs12(store) => store.view().find(alias).map(|entry| StoreEntry::of_pkcs12(store, entry)),
        }
    }

    /// Returns what one should know about the store.
    pub fn remarks(&self) -> Vec<StoreRemark> {
        let (has_no_mac, unseen) = match &self.store {
            Store::Pkcs12(store) => {
                let view = store.view();
                let unseen = [&view.unseen_certificates, &view.unseen_keys, &view.unseen_bags].map(Vec::len);
                (!store.has_mac(), unseen)
            }
            Store::Jks(_) | Store::NewPkcs12 => (false, [0; 3]),
        };
        let entries = self.entries();
        let lacks_certificate =
            |entry: &StoreEntry<'_>| matches!(&entry.content, StoreContent::PrivateKey { chain } if chain.is_empty());
        remarks_on(has_no_mac, unseen, entries.iter().map(|entry| (entry.alias, lacks_certificate(entry))))
    }

    /// Returns a private key in PKCS#8. In JKS it may have a password of its own; without one it has the store's.
    ///
    /// Nothing is known about these bytes but that they were encrypted with this password.
    pub fn private_key(
        &self,
        alias: &str,
        key_password: Option<&Password>,
    ) -> Result<Zeroizing<Vec<u8>>, StoreFileError> {
        match &self.store {
            Store::Jks(store) => {
                let entry = find_jks(store, alias).and_then(|at| store.entries.get(at));
                let Some(JksEntry { alias, content: JksContent::PrivateKey { key, .. }, .. }) = entry else {
                    return Err(self.no_private_key(alias));
                };
                key.open(key_password.unwrap_or(&self.password).expose()).map_err(|error| match error {
                    JksError::WrongKeyPassword => StoreFileError::WrongKeyPassword(alias.clone()),
                    error => StoreFileError::Jks(error),
                })
            }
            Store::NewPkcs12 => Err(self.no_private_key(alias)),
            Store::Pkcs12(store) => {
                refuse_other_password(key_password, &self.password)?;
                let Some(ViewContent::PrivateKey { key, .. }) = store.view().find(alias).map(|entry| &entry.content)
                else {
                    return Err(self.no_private_key(alias));
                };
                Ok(store.private_key(*key, self.password.expose())?)
            }
        }
    }

    /// Adds an entry, as a new store would hold it. A private key gets the store's password, or in JKS another.
    pub fn add(
        &mut self,
        entry: Entry,
        key_password: Option<&Password>,
        random: &dyn Random,
    ) -> Result<(), StoreFileError> {
        if let Some(other) = self.entry(entry.alias.as_str()) {
            return Err(StoreFileError::AliasTaken { alias: other.alias.to_owned(), kind: other.content.kind() });
        }
        match &mut self.store {
            Store::Jks(store) => {
                let key_password = key_password.unwrap_or(&self.password);
                store.entries.push(entry.to_jks(key_password, random).map_err(StoreFileError::KeyStore)?);
                Ok(())
            }
            Store::NewPkcs12 => {
                refuse_other_password(key_password, &self.password)?;
                self.store = Store::Pkcs12(Box::new(new_pkcs12(entry, &self.password, random)?));
                Ok(())
            }
            Store::Pkcs12(store) => {
                refuse_other_password(key_password, &self.password)?;
                add_to_pkcs12(store, entry, &self.password, random)
            }
        }
    }

    /// Gives a private key another chain, the leaf first, as a certificate reply does. The key stays byte for byte.
    ///
    /// Whether the leaf is the key's is for the caller to check.
    pub fn replace_chain(
        &mut self,
        alias: &str,
        chain: Vec<Vec<u8>>,
        random: &dyn Random,
    ) -> Result<(), StoreFileError> {
        let Some(leaf) = chain.first() else { return Err(StoreFileError::EmptyChain) };
        if self.entry(alias).is_none_or(|entry| entry.content.kind() != EntryKind::PrivateKey) {
            return Err(self.no_private_key(alias));
        }
        match &mut self.store {
            Store::Jks(store) => {
                let entry = find_jks(store, alias).and_then(|at| store.entries.get_mut(at));
                if let Some(JksContent::PrivateKey { chain: old, .. }) = entry.map(|entry| &mut entry.content) {
                    *old = chain;
                }
                Ok(())
            }
            Store::NewPkcs12 => Err(StoreFileError::NoSuchAlias(alias.to_owned())),
            Store::Pkcs12(store) => {
                store.replace_chain(alias, &chain, || certificate_list(leaf, &self.password, random))
            }
        }
    }

    /// Returns the bytes of the store, under the password that it was opened with: in PKCS#12 the very same if nothing has
    /// changed.
    pub fn to_bytes(&self, random: &dyn Random) -> Result<Vec<u8>, StoreFileError> {
        match &self.store {
            Store::Jks(store) => Ok(store.encode(self.password.expose())?),
            Store::NewPkcs12 => Err(StoreFileError::Empty),
            Store::Pkcs12(store) => Ok(store.to_bytes(self.password.expose(), random)?),
        }
    }
}

impl StoreFile {
    /// Returns the error for an alias that has no private key.
    fn no_private_key(&self, alias: &str) -> StoreFileError {
        match self.entry(alias) {
            Some(entry) => StoreFileError::NotAPrivateKey { alias: entry.alias.to_owned(), kind: entry.content.kind() },
            None => StoreFileError::NoSuchAlias(alias.to_owned()),
        }
    }
}

impl<'a> StoreEntry<'a> {
    fn of_jks(entry: &'a JksEntry) -> Self {
        let content = match &entry.content {
            JksContent::PrivateKey { chain, .. } => {
                StoreContent::PrivateKey { chain: chain.iter().map(Vec::as_slice).collect() }
            }
            JksContent::TrustedCertificate(certificate) => StoreContent::TrustedCertificate(certificate),
        };
        Self { alias: &entry.alias, created: Some(entry.created_ms), content }
    }

    fn of_pkcs12(store: &'a Pkcs12, entry: &'a ViewEntry) -> Self {
        let content = match &entry.content {
            ViewContent::PrivateKey { chain, .. } => {
                StoreContent::PrivateKey { chain: chain.iter().map(|at| store.certificate(*at)).collect() }
            }
            ViewContent::SecretKey(_) => StoreContent::SecretKey,
            ViewContent::TrustedCertificate(at) => StoreContent::TrustedCertificate(store.certificate(*at)),
        };
        Self { alias: &entry.alias, created: entry.created, content }
    }
}

/// Returns the remarks on a store of which Java does not see so many certificates, keys and other bags, and on its entries: each an alias,
/// and whether it is that of a key without a certificate.
pub(super) fn remarks_on<'a>(
    has_no_mac: bool,
    unseen: [usize; 3],
    entries: impl Iterator<Item = (&'a str, bool)>,
) -> Vec<StoreRemark> {
    let mut remarks = Vec::from_iter(has_no_mac.then_some(StoreRemark::NoMac));
    let kinds = [StoreRemark::UnseenCertificates, StoreRemark::UnseenKeys, StoreRemark::UnseenBags];
    remarks.extend(unseen.into_iter().zip(kinds).filter(|(count, _)| *count > 0).map(|(count, remark)| remark(count)));
    for (alias, lacks_certificate) in entries {
        if lacks_certificate {
            remarks.push(StoreRemark::KeyWithoutCertificate(alias.to_owned()));
        }
        if alias != alias.to_lowercase() {
            remarks.push(StoreRemark::UpperCaseAlias(alias.to_owned()));
        }
    }
    remarks
}

/// Says what else the bytes are, if that can be told.
pub(super) fn unrecognised(bytes: &[u8]) -> StoreFileError {
    const PEM: &[u8] = b"-----BEGIN ";
    if bytes.is_empty() {
        StoreFileError::Empty
    } else if is_jceks(bytes) {
        StoreFileError::Jceks
    } else if BKS_STARTS.iter().any(|start| bytes.starts_with(start)) {
        StoreFileError::Bks
    } else if bytes.windows(PEM.len()).any(|window| window == PEM) {
        StoreFileError::Pem
    } else {
        StoreFileError::Unrecognised
    }
}

/// Returns the place of an alias: of the very same one, or else of one that differs in case only.
fn find_jks(store: &Jks, alias: &str) -> Option<usize> {
    let folded = alias.to_lowercase();
    let position = |is_wanted: &dyn Fn(&JksEntry) -> bool| store.entries.iter().position(is_wanted);
    position(&|entry| entry.alias == alias).or_else(|| position(&|entry| entry.alias.to_lowercase() == folded))
}

fn refuse_other_password(key_password: Option<&Password>, store_password: &Password) -> Result<(), StoreFileError> {
    match key_password {
        Some(password) if password.expose() != store_password.expose() => Err(StoreFileError::KeyPassword),
        _ => Ok(()),
    }
}

/// Takes over the bags of a new store with this one entry.
fn add_to_pkcs12(
    store: &mut Pkcs12,
    mut entry: Entry,
    password: &Password,
    random: &dyn Random,
) -> Result<(), StoreFileError> {
    let ids = store.local_key_ids();
    for _ in 0..ids.len() {
        if !ids.contains(local_key_id(entry.created_ms()).as_bytes()) {
            break;
        }
        entry.created = entry.created.saturating_add(Duration::MILLISECOND);
    }
    let (alias, chain) = (entry.alias.clone(), entry.certificates());
    store.add(new_pkcs12(entry, password, random)?, alias.as_str(), &chain)?;
    Ok(())
}

/// Returns a new list of certificates, encrypted as in a new store, with one in it to be replaced.
fn certificate_list(certificate: &[u8], password: &Password, random: &dyn Random) -> Result<Pkcs12, StoreFileError> {
    let content = EntryContent::TrustedCertificate(certificate.to_vec());
    new_pkcs12(Entry { alias: Alias::ca_root(), created: OffsetDateTime::UNIX_EPOCH, content }, password, random)
}

/// Returns a new store with one entry.
fn new_pkcs12(entry: Entry, password: &Password, random: &dyn Random) -> Result<Pkcs12, StoreFileError> {
    let bytes = KeyStore { entries: vec![entry] }.to_pkcs12(password, random).map_err(StoreFileError::KeyStore)?;
    Ok(Pkcs12::open(&bytes, password.expose())?)
}
