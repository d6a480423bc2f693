//! Passwords of stores and keys.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use super::material::{Content, Key, KeyEntry, Material};
use super::{Finding, checks};
use crate::keystore::{Integrity, KeyState, ReaderLimit, SurveyError, SurveyFormat};

checks! {
    STORE_WRONG = Error "store-password-wrong": "Kafka does not start: `Keystore was tampered with, or password was incorrect`";
    KEY_WRONG = Error "key-password-wrong": "Kafka does not start: `Cannot recover key`, or for PKCS#12 `Get Key failed`";
    KEY_OWN = Error "key-password-own": "Kafka opens the key with the store's password unless ssl.key.password says otherwise: `Cannot recover key`";
    KEY_IN_PKCS12 = Error "key-password-pkcs12": "Java opens a key in PKCS#12 with the store's password, whatever else it is told: `Given final block not properly padded`";
    WELL_KNOWN = Warning "password-well-known": "it is among the first that a thief of the file tries";
    SHORT = Warning "password-short": "a guess at the password of a JKS store costs one SHA-1, so that a short one is found";
    NOT_ASCII = Error "password-not-ascii": "Java 17 opens no PKCS#12 store whose password has other characters than printable ASCII; Java 25 does";
}

/// Judges the passwords of a store.
pub(super) fn judge(store: &Material) -> Vec<Finding> {
    let mut findings: Vec<Finding> = judge_opening(store).into_iter().collect();
    findings.extend(store.keys.iter().filter_map(|entry| judge_key(store, entry)));
    findings.extend(judge_strength(store));
    findings
}

fn judge_opening(store: &Material) -> Option<Finding> {
    let error = match &store.content {
        Content::Unreadable(error) => error,
        Content::Store(survey) if *survey.integrity() == Integrity::NotChecked && store.password.is_given => {
            &SurveyError::WrongPasswordOrDamaged
        }
        _ => return None,
    };
    (*error == SurveyError::WrongPasswordOrDamaged).then(|| {
        let found = "the password does not open the store, or the store is damaged";
        Finding::new(
            &STORE_WRONG,
            &store.label,
            found,
            "give the password that the store was written with, or restore the file",
        )
    })
}

fn judge_key(store: &Material, entry: &KeyEntry) -> Option<Finding> {
    let place = store.place(entry.alias.as_deref());
    // Of PEM it was judged as Kafka reads it.
    if matches!(store.content, Content::Pem(_)) {
        return None;
    }
    let is_pkcs12 = store.survey().is_some_and(|survey| survey.format() == SurveyFormat::Pkcs12);
    match (&entry.key, store.password.is_key_given) {
        (Key::Closed(KeyState::WrongPassword), true) => {
            let found = "the key's password does not open the key, or the key is damaged";
            Some(Finding::new(&KEY_WRONG, &place, found, "give the password that the key was written with"))
        }
        (Key::Closed(KeyState::WrongPassword), false) => {
            let found = "the store's password opens the store, and does not open the key in it";
            let fix = "set ssl.key.password, or give the key the store's password with `keytool -keypasswd`";
            Some(Finding::new(&KEY_OWN, &place, found, fix))
        }
        (Key::Open { .. }, true) if is_pkcs12 => {
            let found = "the key has another password than the store";
            Some(Finding::new(&KEY_IN_PKCS12, &place, found, "write the store again with one password for both"))
        }
        _ => None,
    }
}

fn judge_strength(store: &Material) -> Vec<Finding> {
    let Some(survey) = store.survey() else { return Vec::new() };
    let is_pkcs12 = survey.format() == SurveyFormat::Pkcs12;
    let facts = store.password;
    let mut findings = Vec::new();
    let mut add = |check, found: &str, fix: &str| findings.push(Finding::new(check, &store.label, found, fix));
    if facts.is_well_known {
        add(
            &WELL_KNOWN,
            "its password stands in tutorials",
            "write the store again under a password of 128 random bits",
        );
    } else if facts.is_short && !is_pkcs12 && !store.keys.is_empty() {
        add(&SHORT, "its password has fewer than 12 characters", "write the store again under a longer password");
    }
    if survey.limits().contains(&ReaderLimit::Java17Password) {
        add(
            &NOT_ASCII,
            "its password has characters outside printable ASCII",
            "write the store again under another password",
        );
    }
    findings
}
