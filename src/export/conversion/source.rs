//! What is in the files that are converted.

use std::fmt;

use time::{Duration, OffsetDateTime};

use super::loose::{LooseCertificate, LooseKey, assemble};
use crate::keystore::{
    ClosedReason, Integrity, KeyState, StoreFile, StoreFileError, StoreSurvey, SurveyContent, SurveyEntry, SurveyError,
    SurveyFormat, Unseen, UnseenContent,
};
use crate::name::printable;
use crate::pki::{FileContent, FileError, PrivateKeyError};
use crate::secret::Password;

/// What is in a store, or in files of keys and certificates.
#[derive(Debug)]
pub struct Source {
    format: SourceFormat,
    pub(super) entries: Vec<SourceEntry>,
    pub(super) remarks: Vec<Remark>,
    has_key_password: bool,
}

/// The format of what is converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceFormat {
    /// A JKS, JCEKS or PKCS#12 store.
    Store(SurveyFormat),
    /// Keys and certificates in PEM or DER.
    Parts,
}

impl fmt::Display for SourceFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(format) => format.fmt(f),
            Self::Parts => f.write_str("PEM or DER"),
        }
    }
}

/// Something in it that may become an entry.
#[derive(Debug)]
pub(super) struct SourceEntry {
    /// Foreign text.
    pub(super) alias: String,
    /// When it was made, where that is said.
    pub(super) created: Option<OffsetDateTime>,
    pub(super) content: SourceContent,
    pub(super) standing: Standing,
    /// Java does not see it in the source, or there is no store for it to be in.
    pub(super) is_loose: bool,
}

#[derive(Debug)]
pub(super) enum SourceContent {
    Key { key: KeyState, chain: Vec<Vec<u8>> },
    SecretKey,
    Certificate(Vec<u8>),
}

/// What something is by itself, if nobody names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// An entry.
    Entry,
    /// A part of a chain, which is there with its key.
    InChain,
    /// A certificate that is in no chain, and nothing says that it is trusted.
    Unmarked,
}

/// What is not in the new form as it is in the old, or was not to be seen in the old one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remark {
    /// In PKCS#12 Java finds the chain of this key to have so many certificates more: the issuers are in the store.
    LongerChain(String, usize),
    /// The dates of so many trusted entries: PKCS#12 has none.
    Dates(usize),
    /// Names that PEM has no safe place for.
    Names(Vec<String>),
    /// Keys that had a password of their own have another one now: of these aliases.
    KeyPassword(Vec<String>),
    /// Something that is neither a private key nor a certificate, or that a later entry of its name hides.
    LeftOut(String),
    /// The other certificates of the chain of this key, so many: DER holds one in a file.
    RestOfChain(String, usize),
    /// The certificate of this alias is in the chain of a key, and PEM does not say that it is trusted.
    TrustIsNotSaid(String),
    /// Nothing in a store was marked as trusted, and it has no key: these are trusted in the new one.
    TrustedNow(Vec<String>),
    /// The end of the chain of the key of this alias stands for what is trusted.
    TrustedOfChain(String),
    /// Nothing shows that the store is as it was written; the text says why.
    Unchecked(String),
    /// A certificate that belongs to no key, and is not marked as trusted: its alias and its subject. It is left out.
    Unmarked(String, String),
}

impl Remark {
    /// Says whether it is so in every conversion, and no reason to be warned.
    pub fn is_usual(&self) -> bool {
        matches!(self, Self::Dates(_))
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dates(1) => write!(f, "the date of 1 trusted entry is not kept: PKCS#12 has dates of keys alone"),
            Self::Dates(count) => {
                write!(f, "the dates of {count} trusted entries are not kept: PKCS#12 has dates of keys alone")
            }
            Self::LongerChain(alias, more) => write!(
                f,
                "in PKCS#12 the chain of `{}` goes on, by {more}: Java finds the issuers among the trusted certificates",
                printable(alias)
            ),
            Self::Names(aliases) => {
                write!(f, "the aliases {} are not kept: PEM has no safe place for them", quoted(aliases))
            }
            Self::KeyPassword(aliases) => {
                write!(f, "{} had a password of its own, and has another one now", quoted(aliases))
            }
            Self::LeftOut(what) => write!(f, "left out: {what}"),
            Self::RestOfChain(alias, count) => write!(
                f,
                "left out: {count} more of the chain of `{}`, for DER holds one certificate in a file",
                printable(alias)
            ),
            Self::TrustIsNotSaid(alias) => write!(
                f,
                "`{}` is there as the end of a chain: the file does not say that it is trusted",
                printable(alias)
            ),
            Self::TrustedNow(aliases) => write!(
                f,
                "trusted now, and not marked so in the old store, where Java does not see this: {}",
                quoted(aliases)
            ),
            Self::TrustedOfChain(alias) => write!(
                f,
                "no entry is trusted: what is written as trusted is the end of the chain of `{}`",
                printable(alias)
            ),
            Self::Unchecked(why) => write!(f, "nothing shows that the store is as it was written: {why}"),
            Self::Unmarked(alias, subject) => write!(
                f,
                "left out: the certificate `{}` ({}), which belongs to no key, and which nothing marks as trusted",
                printable(alias),
                printable(subject)
            ),
        }
    }
}

/// The most aliases that a sentence names.
const MOST_NAMED: usize = 20;

/// Joins aliases for a sentence.
pub(super) fn quoted(aliases: &[String]) -> String {
    let named: Vec<String> = aliases.iter().take(MOST_NAMED).map(|alias| format!("`{}`", printable(alias))).collect();
    match aliases.len().saturating_sub(MOST_NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// Why nothing can be taken out of files. Never holds a password or a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceError {
    /// A certificate of a chain, that of the key of this alias, was not signed by the one that has the name of its issuer.
    Chain(String),
    /// A part of a PKCS#12 store stays encrypted.
    Closed(ClosedReason),
    /// The file is damaged, or too large.
    File(FileError),
    /// A private key cannot be read.
    Key(PrivateKeyError),
    /// What should be this is none, or is damaged.
    Malformed(FileContent),
    /// Neither a private key nor a certificate; the file holds something else.
    Nothing(FileContent),
    /// A store among several files: only keys and certificates in PEM or DER go together.
    StoreAmongOthers,
    /// The store cannot be read.
    Store(SurveyError),
    /// More keys and certificates than are taken from files.
    TooMany,
    /// So many entries of a JCEKS store stand behind one whose end was not found.
    UnreadEntries(usize),
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain(alias) => write!(
                f,
                "a certificate in the chain of `{}` was not signed by the one that has the name of its issuer",
                printable(alias)
            ),
            Self::Closed(ClosedReason::TooMuchWork(count)) => {
                write!(f, "a part of the store stays encrypted: to open it takes {count} iterations, too much work")
            }
            Self::Closed(ClosedReason::Unsupported(name)) => {
                write!(f, "a part of the store stays encrypted: {} is not supported", printable(name))
            }
            Self::Closed(_) => write!(f, "a part of the store is encrypted under another password than the store's"),
            Self::File(error) => error.fmt(f),
            Self::Key(error) => error.fmt(f),
            Self::Malformed(content) => write!(f, "what should be {content} is none, or is damaged"),
            Self::Nothing(FileContent::Unknown | FileContent::Empty) => {
                write!(f, "there is no store, key or certificate in it")
            }
            Self::Nothing(content) => write!(f, "there is no key and no certificate in it: it holds {content}"),
            Self::StoreAmongOthers => {
                write!(f, "it is a store, and only files of PEM or DER are converted together")
            }
            Self::Store(error) => error.fmt(f),
            Self::TooMany => write!(f, "there are more keys and certificates in it than are taken from one file"),
            Self::UnreadEntries(1) => write!(f, "1 entry behind a secret key could not be read"),
            Self::UnreadEntries(count) => write!(f, "{count} entries behind a secret key could not be read"),
        }
    }
}

impl std::error::Error for SourceError {}

impl From<FileError> for SourceError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl Source {
    /// Says whether a file begins as a store, whose passwords are needed.
    pub fn is_store(file: &[u8]) -> bool {
        match StoreFile::recognise(file) {
            Ok(_) | Err(StoreFileError::Jceks | StoreFileError::Bks) => true,
            Err(_) => false,
        }
    }

    /// Says whether all that is in a store is there to be seen without its password: a truststore in JKS, or one without encryption.
    pub fn is_open(file: &[u8]) -> bool {
        let is_seen = |entry: &SurveyEntry| match &entry.content {
            SurveyContent::PrivateKey { key, .. } => matches!(key, KeyState::Open(_)),
            SurveyContent::SecretKey | SurveyContent::TrustedCertificate(_) => true,
        };
        StoreSurvey::read_patiently(file, None, None)
            .is_ok_and(|survey| survey.closed().is_empty() && survey.entries().iter().all(is_seen))
    }

    /// Reads a store, of any of the formats of [`StoreSurvey`]. Keys have `key_password`, or else the store's.
    pub fn of_store(
        file: &[u8],
        store_password: Option<&Password>,
        key_password: Option<&Password>,
    ) -> Result<Self, SourceError> {
        let survey = StoreSurvey::read_patiently(file, store_password, key_password).map_err(SourceError::Store)?;
        if let Some(part) = survey.closed().first() {
            return Err(SourceError::Closed(part.reason.clone()));
        }
        if survey.unread_entries() > 0 {
            return Err(SourceError::UnreadEntries(survey.unread_entries()));
        }
        let mut remarks: Vec<Remark> = unchecked(survey.integrity()).into_iter().collect();
        // Some keys of a store may have its own password, whatever the others have.
        let other = key_password.filter(|_| survey.entries().iter().any(has_other_password));
        let other = other.and_then(|_| StoreSurvey::read_patiently(file, store_password, None).ok());
        let others = other.as_ref().map(StoreSurvey::entries).unwrap_or_default();
        let entries = survey.entries().iter().enumerate();
        let mut entries: Vec<SourceEntry> = entries.map(|(at, entry)| SourceEntry::of(entry, others.get(at))).collect();
        let (keys, certificates) = unseen(&survey, &mut remarks);
        let has_own = !entries.is_empty() || !keys.is_empty();
        let known: Vec<Vec<u8>> = entries.iter().flat_map(SourceEntry::certificates).map(<[u8]>::to_vec).collect();
        let loose = assemble(keys, certificates, &known, has_own)?;
        if !has_own && !loose.is_empty() {
            remarks.push(Remark::TrustedNow(loose.iter().map(|entry| entry.alias.clone()).collect()));
        }
        entries.extend(loose);
        let format = SourceFormat::Store(survey.format());
        let has_key_password = match (store_password, key_password) {
            (Some(store), Some(key)) => store.expose() != key.expose(),
            (None, key) => key.is_some(),
            _ => false,
        };
        Ok(Self { format, entries, remarks, has_key_password })
    }

    /// Reads keys and certificates out of files of PEM or DER, as they belong together: a key has the certificate that is for it, and the
    /// chain that leads on from there. If there is no key, each certificate is one to trust.
    ///
    /// An error names the file that it is of, by its place.
    pub fn of_parts(files: &[&[u8]], key_password: Option<&Password>) -> Result<Self, (usize, SourceError)> {
        let mut reader = super::loose::Loose::new(key_password);
        for (at, file) in files.iter().enumerate() {
            if Self::is_store(file) {
                return Err((at, SourceError::StoreAmongOthers));
            }
            reader.read(file).map_err(|error| (at, error))?;
        }
        let super::loose::Loose { keys, certificates, left_out, .. } = reader;
        let has_key = !keys.is_empty();
        let entries = assemble(keys, certificates, &[], has_key).map_err(|error| (0, error))?;
        let remarks = left_out.into_iter().map(Remark::LeftOut).collect();
        Ok(Self { format: SourceFormat::Parts, entries, remarks, has_key_password: false })
    }

    /// Returns the format.
    pub fn format(&self) -> SourceFormat {
        self.format
    }

    /// Says whether keys in it have a password that is not that of the store.
    pub(super) fn has_key_password(&self) -> bool {
        self.has_key_password
    }
}

impl SourceEntry {
    fn of(entry: &SurveyEntry, other: Option<&SurveyEntry>) -> Self {
        let content = match &entry.content {
            SurveyContent::PrivateKey { chain, key } => {
                let other = other.and_then(|other| match &other.content {
                    SurveyContent::PrivateKey { key: key @ KeyState::Open(_), .. } => Some(key),
                    _ => None,
                });
                let key = if matches!(key, KeyState::Open(_)) { key } else { other.unwrap_or(key) };
                SourceContent::Key { key: key.clone(), chain: chain.iter().map(|der| der.to_vec()).collect() }
            }
            SurveyContent::SecretKey => SourceContent::SecretKey,
            SurveyContent::TrustedCertificate(der) => SourceContent::Certificate(der.to_vec()),
        };
        let created = entry.created.and_then(date);
        Self { alias: entry.alias.clone(), created, content, standing: Standing::Entry, is_loose: false }
    }

    /// Returns the certificates of the entry.
    pub(super) fn certificates(&self) -> Vec<&[u8]> {
        match &self.content {
            SourceContent::Key { chain, .. } => chain.iter().map(Vec::as_slice).collect(),
            SourceContent::SecretKey => Vec::new(),
            SourceContent::Certificate(der) => vec![der],
        }
    }
}

fn has_other_password(entry: &SurveyEntry) -> bool {
    matches!(&entry.content, SurveyContent::PrivateKey { key: KeyState::WrongPassword, .. })
}

/// Returns a time that a store says in milliseconds since 1970, unless it is one that nobody can have meant.
fn date(milliseconds: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::UNIX_EPOCH.checked_add(Duration::milliseconds(milliseconds))
}

fn unchecked(integrity: &Integrity) -> Option<Remark> {
    let why = match integrity {
        Integrity::Checked => return None,
        Integrity::EmptyPassword => "its MAC is one under the empty password".to_owned(),
        Integrity::NoMac => "it has no MAC".to_owned(),
        Integrity::NotChecked => "its password is not given".to_owned(),
        Integrity::TooMuchWork(count) => format!("to check it takes {count} iterations, too much work"),
        Integrity::Unsupported(why) => why.clone(),
    };
    Some(Remark::Unchecked(why))
}

/// Returns the keys and certificates that Java does not see, and says of all else that it is left out.
fn unseen(survey: &StoreSurvey, remarks: &mut Vec<Remark>) -> (Vec<LooseKey>, Vec<LooseCertificate>) {
    let (mut keys, mut certificates) = (Vec::new(), Vec::new());
    let mut left_out: Vec<(String, usize)> = Vec::new();
    let mut leave_out = |what: String| match left_out.last_mut() {
        Some((last, count)) if *last == what => *count = count.saturating_add(1),
        _ => left_out.push((what, 1)),
    };
    for Unseen { alias, content } in survey.unseen() {
        let name = alias.clone();
        match content {
            UnseenContent::Certificate(der) => certificates.push(LooseCertificate { name, der: der.to_vec() }),
            UnseenContent::PlainKey(pkcs8) => keys.push(LooseKey::open(name, pkcs8)),
            UnseenContent::KeyWithoutId(key) => keys.push(LooseKey { name, key: key.clone() }),
            UnseenContent::Crl => leave_out("a revocation list".to_owned()),
            UnseenContent::Other(oid) => leave_out(format!("something of the type {oid}")),
            UnseenContent::OtherCertificate(oid) => {
                leave_out(format!("a certificate that is not X.509, of the type {oid}"));
            }
            UnseenContent::Shadowed(content) => leave_out(format!(
                "a {} under `{}`, in whose place Java sees a later entry of that alias",
                content.kind(),
                printable(name.as_deref().unwrap_or_default())
            )),
        }
    }
    remarks.extend(left_out.into_iter().map(|(what, count)| match count {
        1 => Remark::LeftOut(what),
        _ => Remark::LeftOut(format!("{what}, {count} times")),
    }));
    (keys, certificates)
}
