//! Which entries are converted, and under which aliases.

use std::collections::BTreeMap;
use std::fmt;

use time::OffsetDateTime;

use super::source::{Remark, Source, SourceContent, SourceEntry, Standing, quoted};
use crate::keystore::{Entry, EntryContent, KeyState, KeyStore, PrivateKeyEntry};
use crate::name::{Alias, NameError, printable};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::DecodedPrivateKey;

/// The entries that are to be written.
#[derive(Debug)]
pub struct Selection {
    pub(super) store: KeyStore,
    taken: Vec<Taken>,
    pub(super) remarks: Vec<Remark>,
    /// Keys had a password that was not that of their store.
    pub(super) had_key_password: bool,
    /// So many trusted entries have a date that is known.
    pub(super) trusted_dates: usize,
    /// All are entries that Java sees in the store that they come from.
    is_of_java: bool,
}

/// An entry that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Its alias in the source. Foreign text.
    pub from: String,
    /// Its alias in what is written.
    pub alias: Alias,
    /// The subject of its certificate, if it has one. Foreign text.
    pub subject: Option<String>,
    /// How many certificates its chain has; none for a trusted certificate.
    pub chain_length: Option<usize>,
}

/// Why entries cannot be taken out of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SelectionError {
    /// An alias that no store could have, and why.
    Alias(String, NameError),
    /// The entry of this alias holds a certificate that is none: no Java loads such a store.
    Certificate(String),
    /// Entries of these names would have one alias, since Java's are in lower case.
    Collision(Vec<String>),
    /// The private key of this alias is not open.
    KeyClosed(String, KeyState),
    /// The private key of this alias is not the one that its certificate is for.
    KeyMismatch(String),
    /// There is no entry of this name; those that there are.
    NoSuchAlias(String, Vec<String>),
    /// The source has no entry.
    Nothing,
    /// Symmetric keys of these aliases, which are not converted, and the aliases of all else.
    SecretKey(Vec<String>, Vec<String>),
    /// The entry of this name is asked for twice.
    Twice(String),
}

impl fmt::Display for SelectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias(alias, error) => {
                write!(f, "the entry `{}` cannot keep its alias: {error}", printable(alias))
            }
            Self::Certificate(alias) => {
                write!(f, "what should be a certificate of the entry `{}` is none", printable(alias))
            }
            Self::Collision(names) => write!(f, "{} would have one alias: Java's are in lower case", quoted(names)),
            Self::KeyClosed(alias, state) => {
                let alias = printable(alias);
                match state {
                    KeyState::NoPassword => {
                        write!(f, "the private key `{alias}` is encrypted, and no password was given")
                    }
                    KeyState::WrongPassword => {
                        write!(f, "the private key `{alias}` has another password, or it is damaged")
                    }
                    KeyState::TooMuchWork(count) => {
                        write!(f, "the private key `{alias}` asks for {count} iterations, too much work")
                    }
                    KeyState::Unsupported(how) => {
                        write!(
                            f,
                            "the private key `{alias}` is encrypted with {}, which is not supported",
                            printable(how)
                        )
                    }
                    KeyState::Damaged(_) | KeyState::Open(_) => write!(f, "the private key `{alias}` is damaged"),
                }
            }
            Self::KeyMismatch(alias) => {
                write!(f, "the private key `{}` is not the one that its certificate is for", printable(alias))
            }
            Self::NoSuchAlias(text, _) => write!(f, "there is no entry `{}`", printable(text)),
            Self::Nothing => write!(f, "there is no entry in it"),
            Self::SecretKey(aliases, _) if aliases.len() == 1 => {
                write!(f, "{} is a symmetric key, and those are not converted", quoted(aliases))
            }
            Self::SecretKey(aliases, _) => {
                write!(f, "{} are symmetric keys, and those are not converted", quoted(aliases))
            }
            Self::Twice(name) => write!(f, "the entry `{}` is asked for twice", printable(name)),
        }
    }
}

impl std::error::Error for SelectionError {}

impl Source {
    /// Takes entries out: all, or those that are asked for, each by its alias or as `ALIAS=NEW`. What has no date is made `now`.
    ///
    /// An alias is found in any case, or as it is shown, but first as it is.
    pub fn select(self, choices: &[String], now: OffsetDateTime) -> Result<Selection, Vec<SelectionError>> {
        let had_key_password = self.has_key_password();
        let Self { entries, mut remarks, .. } = self;
        let mut errors = Vec::new();
        let chosen = if choices.is_empty() {
            all(&entries, &mut remarks, &mut errors)
        } else {
            named(&entries, choices, &mut errors)
        };
        let mut by_alias: BTreeMap<Alias, Vec<String>> = BTreeMap::new();
        let mut selection = Selection {
            store: KeyStore::new(),
            taken: Vec::new(),
            remarks,
            had_key_password,
            trusted_dates: 0,
            is_of_java: true,
        };
        let mut entries: Vec<Option<SourceEntry>> = entries.into_iter().map(Some).collect();
        for (at, new_name) in chosen {
            let Some(entry) = entries.get_mut(at).and_then(Option::take) else { continue };
            let from = entry.alias.clone();
            selection.is_of_java &= !entry.is_loose;
            match taken(entry, new_name.as_deref(), now, &mut selection.trusted_dates) {
                Ok((taken, entry)) => {
                    by_alias.entry(taken.alias.clone()).or_default().push(from);
                    // A second one of its alias is an error below.
                    drop(selection.store.add(entry));
                    selection.taken.push(taken);
                }
                Err(error) => errors.push(error),
            }
        }
        errors.extend(by_alias.into_values().filter(|names| names.len() > 1).map(SelectionError::Collision));
        if errors.is_empty() && selection.taken.is_empty() {
            errors.push(SelectionError::Nothing);
        }
        if errors.is_empty() { Ok(selection) } else { Err(errors) }
    }
}

/// Returns the places of all that is an entry by itself, and says what is not.
fn all(
    entries: &[SourceEntry],
    remarks: &mut Vec<Remark>,
    errors: &mut Vec<SelectionError>,
) -> Vec<(usize, Option<String>)> {
    let is_secret = |entry: &&SourceEntry| matches!(entry.content, SourceContent::SecretKey);
    let secret: Vec<String> = entries.iter().filter(is_secret).map(|entry| entry.alias.clone()).collect();
    if !secret.is_empty() {
        let others = entries.iter().filter(|entry| !is_secret(entry) && entry.standing == Standing::Entry);
        errors.push(SelectionError::SecretKey(secret, others.map(|entry| entry.alias.clone()).collect()));
    }
    for entry in entries.iter().filter(|entry| entry.standing == Standing::Unmarked) {
        let subject = entry.certificates().first().and_then(|der| subject(der)).unwrap_or_default();
        remarks.push(Remark::Unmarked(entry.alias.clone(), subject));
    }
    let is_taken = |entry: &SourceEntry| entry.standing == Standing::Entry && !is_secret(&entry);
    entries.iter().enumerate().filter(|(_, entry)| is_taken(entry)).map(|(at, _)| (at, None)).collect()
}

/// Returns the places of what is asked for, with the new names.
fn named(
    entries: &[SourceEntry],
    choices: &[String],
    errors: &mut Vec<SelectionError>,
) -> Vec<(usize, Option<String>)> {
    let find = |name: &str| {
        let exact = entries.iter().position(|entry| entry.alias == name);
        let lower = || entries.iter().position(|entry| entry.alias.to_lowercase() == name.to_lowercase());
        // One with control characters is typed as errors name it.
        exact.or_else(lower).or_else(|| entries.iter().position(|entry| printable(&entry.alias) == name))
    };
    let mut chosen: Vec<(usize, Option<String>)> = Vec::new();
    for choice in choices {
        // An alias may have `=` in it.
        let splits = choice.char_indices().filter(|(_, c)| *c == '=').filter_map(|(at, _)| choice.split_at_checked(at));
        let renamed =
            || splits.into_iter().find_map(|(old, new)| Some((find(old)?, new.strip_prefix('=')?.to_owned())));
        let found = find(choice).map(|at| (at, None)).or_else(|| renamed().map(|(at, new)| (at, Some(new))));
        match found {
            None => {
                let known = entries.iter().map(|entry| entry.alias.clone()).collect();
                errors.push(SelectionError::NoSuchAlias(choice.clone(), known));
            }
            Some((at, _)) if chosen.iter().any(|(other, _)| *other == at) => {
                errors.push(SelectionError::Twice(choice.clone()));
            }
            Some((at, _)) if matches!(entries.get(at), Some(SourceEntry { content: SourceContent::SecretKey, .. })) => {
                errors.push(SelectionError::SecretKey(vec![choice.clone()], Vec::new()));
            }
            Some(found) => chosen.push(found),
        }
    }
    chosen
}

/// Makes the entry of what is taken.
fn taken(
    SourceEntry { alias: from, created, content, .. }: SourceEntry,
    new_name: Option<&str>,
    now: OffsetDateTime,
    trusted_dates: &mut usize,
) -> Result<(Taken, Entry), SelectionError> {
    let alias: Alias = new_name.unwrap_or(&from).parse().map_err(|error| SelectionError::Alias(from.clone(), error))?;
    let (content, subject, chain_length) = match content {
        SourceContent::Key { key: KeyState::Open(key), chain } => {
            chain.iter().try_for_each(|der| check_certificate(&from, der))?;
            check_pair(&from, &key, &chain)?;
            let (subject, length) = (chain.first().and_then(|leaf| subject(leaf)), chain.len());
            (EntryContent::PrivateKey(PrivateKeyEntry { key, chain }), subject, Some(length))
        }
        SourceContent::Key { key, .. } => return Err(SelectionError::KeyClosed(from, key)),
        SourceContent::SecretKey => return Err(SelectionError::SecretKey(vec![from], Vec::new())),
        SourceContent::Certificate(der) => {
            check_certificate(&from, &der)?;
            *trusted_dates = trusted_dates.saturating_add(usize::from(created.is_some()));
            let subject = subject(&der);
            (EntryContent::TrustedCertificate(der), subject, None)
        }
    };
    let entry = Entry { alias: alias.clone(), created: created.unwrap_or(now), content };
    Ok((Taken { from, alias, subject, chain_length }, entry))
}

/// Checks that a certificate is one: stores of Java are read without looking into it.
fn check_certificate(alias: &str, der: &[u8]) -> Result<(), SelectionError> {
    DecodedCertificate::from_der(der).map(drop).map_err(|_| SelectionError::Certificate(alias.to_owned()))
}

/// Checks that a key and its certificate belong together, as far as that can be told.
fn check_pair(alias: &str, key: &[u8], chain: &[Vec<u8>]) -> Result<(), SelectionError> {
    let public_key = DecodedPrivateKey::from_der(key, None).and_then(|key| key.public_key_info);
    let leaf = chain.first().and_then(|leaf| DecodedCertificate::from_der(leaf).ok());
    match (public_key, leaf) {
        (Some(key), Some(leaf)) if !leaf.is_of_public_key(&key) => Err(SelectionError::KeyMismatch(alias.to_owned())),
        _ => Ok(()),
    }
}

/// Returns the subject of a certificate as text.
pub(super) fn subject(der: &[u8]) -> Option<String> {
    DecodedCertificate::from_der(der).ok().map(|certificate| certificate.subject.text)
}

impl Selection {
    /// Returns what is to be written.
    pub fn taken(&self) -> &[Taken] {
        &self.taken
    }

    /// Returns what is not as it was, or is left out, so far as that does not depend on the new form.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Says whether all are entries that Java sees in the store that they come from, so that keytool finds them.
    pub fn is_of_java(&self) -> bool {
        self.is_of_java
    }

    /// Returns the private keys.
    pub(super) fn keys(&self) -> Vec<(&Alias, &PrivateKeyEntry)> {
        let keys = self.store.entries().iter().filter_map(|entry| match &entry.content {
            EntryContent::PrivateKey(key) => Some((&entry.alias, key)),
            EntryContent::TrustedCertificate(_) => None,
        });
        keys.collect()
    }

    /// Returns the trusted certificates.
    pub(super) fn trusted(&self) -> Vec<(&Alias, &[u8])> {
        let trusted = self.store.entries().iter().filter_map(|entry| match &entry.content {
            EntryContent::PrivateKey(_) => None,
            EntryContent::TrustedCertificate(der) => Some((&entry.alias, der.as_slice())),
        });
        trusted.collect()
    }
}
