//! Stores, as a survey finds them.

use std::collections::HashMap;

use serde::Serialize;
use time::OffsetDateTime;

use super::budget::Budget;
use super::certificate::CertificateFacts;
use super::key::{Encryption, KeyFacts, Opening};
use super::parts::empty;
use super::{ContentKind, EntryFacts, Format, InspectError, Inspection, Passwords};
use crate::keystore::{
    ClosedPart, ClosedReason, EntryKind, Integrity, KeyState, Protected, Protection, StoreFile, StoreFileError,
    StoreSurvey, SurveyContent, SurveyEntry, SurveyError, SurveyFormat, Unseen, UnseenContent,
};
use crate::name::printable;

/// What is said of a store as a whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StoreFacts {
    /// The version of JKS or JCEKS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Whether the bytes are those that somebody wrote who knew the password.
    pub integrity: IntegrityState,
    /// Why it could not be checked, where there is more to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integrity_reason: Option<String>,
    /// How the whole, each encrypted content and each private key is protected, in the order of the file.
    pub protections: Vec<ProtectionFacts>,
    /// What stayed encrypted, but for private keys.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<ClosedFacts>,
    /// How many entries could not be read, because one before them has no end that could be found.
    pub unread_entries: usize,
    /// Who will not read it, or not all of it: sentences without an end.
    pub will_not_read: Vec<String>,
    /// What else one should know: sentences without an end.
    pub remarks: Vec<String>,
}

/// Whether a store was written by somebody who knew the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntegrityState {
    /// The digest or the MAC fits the password.
    Checked,
    /// The MAC is one under the empty password: it proves nothing.
    EmptyPassword,
    /// There is no MAC.
    NoMac,
    /// No password was given.
    NotChecked,
    /// It would take too long.
    TooMuchWork,
    /// It cannot be checked here.
    Unsupported,
    /// The password that was given is not the store's, or the store is damaged.
    WrongPassword,
}

/// How a part of a store is protected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProtectionFacts {
    /// `store`, `content` or `key`.
    pub what: &'static str,
    /// The alias of a key. Foreign text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// The algorithm by a name to show.
    pub algorithm: String,
    /// How often a password is hashed for it, where the algorithm has such a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iterations: Option<u64>,
}

/// A part of a store that stayed encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClosedFacts {
    /// How many bytes it has.
    pub bytes: usize,
    /// Why.
    pub reason: Opening,
    /// How it is encrypted.
    pub algorithm: String,
    /// How often a password is hashed for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iterations: Option<u64>,
}

/// Says whether a file begins as a store.
pub(super) fn is_store(file: &[u8]) -> bool {
    match StoreFile::recognise(file) {
        Ok(_) | Err(StoreFileError::Jceks | StoreFileError::Bks) => true,
        Err(_) => false,
    }
}

pub(super) fn inspect(file: &[u8], passwords: Passwords<'_>, budget: &mut Budget) -> Result<Inspection, InspectError> {
    let (survey, is_wrong) = match StoreSurvey::read(file, passwords.store, passwords.key) {
        Err(SurveyError::WrongPasswordOrDamaged) if passwords.store.is_some() => {
            (StoreSurvey::read(file, None, passwords.key), true)
        }
        result => (result, false),
    };
    let survey = survey.map_err(InspectError::Store)?;
    let of_keys = protections_of_keys(&survey);
    let mut entries = Vec::new();
    for entry in survey.entries() {
        let facts = EntryFacts { is_seen_by_java: Some(true), ..of_entry(&of_keys, entry, entries.len(), budget)? };
        entries.push(facts);
    }
    for unseen in survey.unseen() {
        let facts = EntryFacts { is_seen_by_java: Some(false), ..of_unseen(&of_keys, unseen, entries.len(), budget)? };
        entries.push(facts);
    }
    let format = match survey.format() {
        SurveyFormat::Jceks { .. } => Format::Jceks,
        SurveyFormat::Jks { .. } => Format::Jks,
        SurveyFormat::Pkcs12 => Format::Pkcs12,
    };
    Ok(Inspection { format, store: Some(facts(&survey, is_wrong)), entries })
}

/// How the key of each alias is protected.
type OfKeys<'s> = HashMap<&'s str, &'s Protection>;

fn protections_of_keys(survey: &StoreSurvey) -> OfKeys<'_> {
    let mut of_keys = HashMap::new();
    for protection in survey.protections() {
        if let Protected::Key(Some(alias)) = &protection.what {
            of_keys.entry(alias.as_str()).or_insert(protection);
        }
    }
    of_keys
}

fn facts(survey: &StoreSurvey, is_wrong: bool) -> StoreFacts {
    let (integrity, integrity_reason) = match survey.integrity() {
        _ if is_wrong => (IntegrityState::WrongPassword, None),
        Integrity::Checked => (IntegrityState::Checked, None),
        Integrity::EmptyPassword => (IntegrityState::EmptyPassword, None),
        Integrity::NoMac => (IntegrityState::NoMac, None),
        Integrity::TooMuchWork(count) => (IntegrityState::TooMuchWork, Some(format!("it takes {count} iterations"))),
        Integrity::Unsupported(why) => (IntegrityState::Unsupported, Some(why.clone())),
        _ => (IntegrityState::NotChecked, None),
    };
    let colliding = survey.colliding_aliases().into_iter().map(|aliases| {
        let aliases: Vec<String> = aliases.iter().map(|alias| format!("`{}`", printable(alias))).collect();
        format!("Java finds one entry of {}, which are the same in lower case", aliases.join(", "))
    });
    StoreFacts {
        version: match survey.format() {
            SurveyFormat::Jceks { version } | SurveyFormat::Jks { version } => Some(version),
            SurveyFormat::Pkcs12 => None,
        },
        integrity,
        integrity_reason,
        protections: survey.protections().iter().map(protection).collect(),
        closed: survey.closed().iter().map(closed).collect(),
        unread_entries: survey.unread_entries(),
        will_not_read: survey.limits().iter().map(ToString::to_string).collect(),
        remarks: survey.remarks().iter().map(ToString::to_string).chain(colliding).collect(),
    }
}

fn protection(protection: &Protection) -> ProtectionFacts {
    let (what, alias) = match &protection.what {
        Protected::Content => ("content", None),
        Protected::Key(alias) => ("key", alias.clone()),
        Protected::Whole => ("store", None),
    };
    ProtectionFacts { what, alias, algorithm: protection.algorithm.clone(), iterations: protection.iterations }
}

fn closed(part: &ClosedPart) -> ClosedFacts {
    let reason = match part.reason {
        ClosedReason::NoPassword => Opening::NoPassword,
        ClosedReason::TooMuchWork(_) => Opening::TooMuchWork,
        ClosedReason::Unsupported(_) => Opening::Unsupported,
        _ => Opening::WrongPassword,
    };
    ClosedFacts { bytes: part.length, reason, algorithm: part.algorithm.clone(), iterations: part.iterations }
}

fn of_entry(
    of_keys: &OfKeys<'_>,
    entry: &SurveyEntry,
    before: usize,
    budget: &mut Budget,
) -> Result<EntryFacts, InspectError> {
    let facts = of_content(of_keys, &entry.alias, &entry.content, before, budget)?;
    Ok(EntryFacts { created: entry.created.and_then(date), ..facts })
}

fn of_content(
    of_keys: &OfKeys<'_>,
    alias: &str,
    content: &SurveyContent,
    before: usize,
    budget: &mut Budget,
) -> Result<EntryFacts, InspectError> {
    let kind = match content.kind() {
        EntryKind::PrivateKey => ContentKind::PrivateKey,
        EntryKind::SecretKey => ContentKind::SecretKey,
        EntryKind::TrustedCertificate => ContentKind::TrustedCertificate,
    };
    let mut facts = EntryFacts { alias: Some(alias.to_owned()), ..empty(before.saturating_add(1), kind) };
    match content {
        SurveyContent::PrivateKey { chain, key } => {
            let mut key = of_key(of_keys, alias, key);
            for (at, der) in chain.iter().enumerate() {
                let Some((certificate, of_certificate)) = certificate(&mut facts, der, budget)? else { continue };
                if at == 0
                    && let Some(info) = &key.public_key_info
                {
                    key.matches_certificate = Some(certificate.is_of_public_key(info));
                }
                facts.certificates.push(of_certificate);
            }
            facts.key = Some(key);
        }
        SurveyContent::TrustedCertificate(der) => {
            let found = certificate(&mut facts, der, budget)?;
            facts.certificates.extend(found.map(|(_, certificate)| certificate));
        }
        SurveyContent::SecretKey => {}
    }
    Ok(facts)
}

/// Decodes a certificate; one that is none is the entry's fault, and the others are shown all the same.
fn certificate(
    entry: &mut EntryFacts,
    der: &[u8],
    budget: &mut Budget,
) -> Result<Option<(crate::pki::DecodedCertificate, CertificateFacts)>, InspectError> {
    match CertificateFacts::of_der(der, budget) {
        Ok(found) => Ok(Some(found)),
        Err(InspectError::TooMany) => Err(InspectError::TooMany),
        Err(error) => {
            entry.fault = Some(error.to_string());
            Ok(None)
        }
    }
}

fn of_key(of_keys: &OfKeys<'_>, alias: &str, state: &KeyState) -> KeyFacts {
    let encryption = of_keys
        .get(alias)
        .map(|protection| Encryption { algorithm: protection.algorithm.clone(), iterations: protection.iterations });
    let key = match state {
        KeyState::Open(pkcs8) => KeyFacts::of_private(pkcs8, None, Opening::Opened),
        KeyState::NoPassword => KeyFacts::closed(Opening::NoPassword),
        KeyState::TooMuchWork(_) => KeyFacts::closed(Opening::TooMuchWork),
        KeyState::Unsupported(_) => KeyFacts::closed(Opening::Unsupported),
        KeyState::WrongPassword => KeyFacts::closed(Opening::WrongPassword),
        _ => KeyFacts::closed(Opening::Damaged),
    };
    KeyFacts { encryption, ..key }
}

fn of_unseen(
    of_keys: &OfKeys<'_>,
    unseen: &Unseen,
    before: usize,
    budget: &mut Budget,
) -> Result<EntryFacts, InspectError> {
    let of_kind = |kind| EntryFacts { alias: unseen.alias.clone(), ..empty(before.saturating_add(1), kind) };
    let mut facts = match &unseen.content {
        UnseenContent::Shadowed(content) => {
            let alias = unseen.alias.as_deref().unwrap_or_default();
            return of_content(of_keys, alias, content, before, budget);
        }
        UnseenContent::Certificate(_) | UnseenContent::OtherCertificate(_) => of_kind(ContentKind::Certificate),
        UnseenContent::Crl => of_kind(ContentKind::RevocationList),
        UnseenContent::KeyWithoutId(_) | UnseenContent::PlainKey(_) => of_kind(ContentKind::PrivateKey),
        _ => of_kind(ContentKind::Other),
    };
    match &unseen.content {
        UnseenContent::Certificate(der) => {
            let found = certificate(&mut facts, der, budget)?;
            facts.certificates.extend(found.map(|(_, certificate)| certificate));
        }
        UnseenContent::PlainKey(pkcs8) => {
            facts.key = Some(KeyFacts::of_private(pkcs8, None, Opening::NotEncrypted));
        }
        UnseenContent::KeyWithoutId(_) => facts.remarks.push("it names no certificate".to_owned()),
        UnseenContent::OtherCertificate(oid) => facts.remarks.push(format!("it is no X.509, and of the type {oid}")),
        UnseenContent::Other(oid) => facts.remarks.push(format!("it is of the type {oid}")),
        _ => {}
    }
    Ok(facts)
}

/// Returns a time in milliseconds since 1970, if it is one that can be written.
fn date(milliseconds: i64) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(milliseconds.div_euclid(1000)).ok()
}
