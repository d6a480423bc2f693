//! What a running broker refuses when it is told to load its stores again (`SslFactory.createNewSslEngineFactory`,
//! `SslFactory.CertificateEntries.ensureCompatible`): old stores against new ones.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::collections::HashMap;

use super::chain::{Path, Work, path};
use super::material::{Case, Content, Material, Party};
use super::{Finding, checks};
use crate::kafka::principal::principal;
use crate::keystore::{EntryKind, SurveyFormat};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::AltName;

checks! {
    STORE = Error "reload-store": "a running broker neither gets a keystore or truststore that it had not, nor loses its keystore";
    ENTRIES = Error "reload-entries": "Kafka refuses the reload: `Keystore entries do not match`";
    SUBJECT = Error "reload-subject": "Kafka refuses the reload unless ssl.allow.dn.changes is set: `Keystore DistinguishedName does not match`";
    NAMES = Error "reload-names": "Kafka refuses the reload unless ssl.allow.san.changes is set: `Keystore SubjectAltNames do not match`";
    TRUST = Error "reload-trust": "on the inter-broker listener the old and the new stores must accept each other, since other brokers still have the old ones";
}

/// What a broker's configuration allows to change (KIP-978).
#[derive(Debug, Clone, Copy, Default)]
pub struct Allowed {
    /// `ssl.allow.dn.changes`
    pub subjects: bool,
    /// `ssl.allow.san.changes`
    pub names: bool,
}

/// What a broker has loaded now.
#[derive(Debug)]
pub struct Old {
    /// Its stores.
    pub case: Case,
    /// Whether it is known which truststore it has, or that it has none.
    pub knows_truststore: bool,
}

impl Old {
    /// Returns what may change: what the broker was started with, if that is known, else what the new configuration says.
    pub(super) fn allowed(&self, new: &Case) -> Allowed {
        if self.case.configurations.is_empty() { new.allowed } else { self.case.allowed }
    }

    /// Returns the stores that a party had; there is one alone, or one of the same name.
    fn of(&self, party: &Party) -> Option<&Party> {
        match self.case.parties.as_slice() {
            [only] => Some(only),
            several => several.iter().find(|other| other.name == party.name),
        }
    }
}

/// Judges new stores against the old ones of the same broker.
pub(super) fn judge(new: &Party, old: &Old, allowed: Allowed) -> Vec<Finding> {
    let mut findings = Vec::new();
    let knows_truststore = old.knows_truststore;
    let Some(old) = old.of(new) else { return findings };
    let (new_key, old_key) = (new.keystores.first().map(AsRef::as_ref), old.keystores.first().map(AsRef::as_ref));
    let (new_trust, old_trust) =
        (new.truststores.first().map(AsRef::as_ref), old.truststores.first().map(AsRef::as_ref));
    match (new_key, old_key) {
        (Some(new), Some(old)) if new.is_open() && old.is_open() => findings.extend(judge_entries(new, old, allowed)),
        (Some(new), None) => findings.push(store(&new.label, "a keystore that was not there before")),
        (None, Some(old)) => findings.push(store(&old.label, "the keystore is gone")),
        _ => {}
    }
    if let (Some(new), None, true) = (new_trust, old_trust, knows_truststore) {
        findings.push(store(&new.label, "a truststore that was not there before"));
    }
    if let (Some(new_key), Some(old_key)) = (new_key, old_key) {
        findings.extend(meets(new_key, old_trust.or(new_trust), "the old truststore"));
        findings.extend(meets(old_key, new_trust.or(old_trust), "the new truststore"));
    }
    findings
}

fn store(label: &str, found: &str) -> Finding {
    Finding::new(&STORE, label, found, "restart the broker instead")
}

/// Judges whether those who have `trust` accept the certificate in a keystore.
fn meets(keystore: &Material, trust: Option<&Material>, whose: &str) -> Option<Finding> {
    let trust = trust.filter(|trust| trust.is_open() && keystore.is_open())?;
    let entry = keystore.keys.first()?;
    let others: Vec<_> = entry.chain.iter().skip(1).collect();
    let last = match path(entry.leaf()?, &others, &trust.anchors(), &Work::new()) {
        Path::Anchored(_) => return None,
        Path::Broken(last) | Path::Open(last) | Path::Root(last) | Path::Endless(last) => last,
    };
    let found = format!("the chain ends at `{}`, and {whose}, {}, does not lead on", last.subject.text, trust.label);
    let fix =
        "add the new CA to all truststores first and load them, then the keystores, and take the old CA away last";
    Some(Finding::new(&TRUST, &keystore.place(entry.alias.as_deref()), found, fix))
}

fn judge_entries(new: &Material, old: &Material, allowed: Allowed) -> Vec<Finding> {
    if allowed.subjects && allowed.names {
        return Vec::new();
    }
    let (new_entries, old_entries) = (entries(new), entries(old));
    if new_entries.len() != old_entries.len() {
        let found =
            format!("it has {} entries, and the old one, {}, {}", new_entries.len(), old.label, old_entries.len());
        let fix = "write the new keystore with the same entries, a CA beside the key if the old one has it";
        return vec![Finding::new(&ENTRIES, &new.label, found, fix)];
    }
    let pairs = new_entries.iter().zip(&old_entries);
    pairs
        .flat_map(|((alias, new_one), (_, old_one))| judge_pair(&new.place(Some(alias)), new_one, old_one, allowed))
        .collect()
}

fn judge_pair(place: &str, new: &DecodedCertificate, old: &DecodedCertificate, allowed: Allowed) -> Vec<Finding> {
    let mut findings = Vec::new();
    let java_name =
        |certificate: &DecodedCertificate| principal(&certificate.subject.der).unwrap_or_default().to_lowercase();
    if !allowed.subjects && !new.subject.is_same_as(&old.subject) && java_name(new) != java_name(old) {
        let found = format!("the subject is `{}`, and was `{}`", new.subject.text, old.subject.text);
        findings.push(Finding::new(
            &SUBJECT,
            place,
            found,
            "issue the certificate again with the old subject, or set ssl.allow.dn.changes=true",
        ));
    }
    let names =
        |certificate: &DecodedCertificate| certificate.alt_names.clone().map(|names| names.names).unwrap_or_default();
    let new_names = names(new);
    // Java compares what it cannot name, such as otherName, by where it lies in memory.
    let is_kept = |name: &AltName| !matches!(name, AltName::Other(_)) && new_names.contains(name);
    let lost: Vec<_> = names(old).iter().filter(|name| !is_kept(name)).map(ToString::to_string).collect();
    if !allowed.names && !lost.is_empty() {
        let found = format!("the certificate no longer has {}", lost.join(" "));
        findings.push(Finding::new(
            &NAMES,
            place,
            found,
            "issue the certificate again with these names too, or set ssl.allow.san.changes=true",
        ));
    }
    findings
}

/// Returns the certificates of a keystore by their aliases, in the order in which Java lists them: that of a hash table.
fn entries(store: &Material) -> Vec<(String, &DecodedCertificate)> {
    let (format, order) = match &store.content {
        Content::Store(survey) => {
            let is_one = |kind: EntryKind| kind != EntryKind::SecretKey;
            let entries = survey.entries().iter().filter(|entry| is_one(entry.content.kind()));
            (Some(survey.format()), entries.map(|entry| entry.alias.clone()).collect::<Vec<_>>())
        }
        // Kafka's PEM reader has one entry.
        _ => return store.keys.iter().filter_map(|entry| Some(("kafka".to_owned(), entry.leaf()?))).collect(),
    };
    let order = match format {
        Some(SurveyFormat::Jks { .. } | SurveyFormat::Jceks { .. }) => hashtable_order(&order),
        _ => hash_set_order(&order),
    };
    let keys = store.keys.iter().filter_map(|entry| Some((entry.alias.as_deref()?, entry.leaf()?)));
    let trusted = store.trusted.iter().filter_map(|entry| Some((entry.alias.as_deref()?, &entry.certificate)));
    let mut certificates = HashMap::new();
    for (alias, certificate) in keys.chain(trusted) {
        certificates.entry(alias).or_insert(certificate);
    }
    order.into_iter().filter_map(|alias| Some((alias.clone(), *certificates.get(alias.as_str())?))).collect()
}

/// `java.lang.String.hashCode`.
fn hash(text: &str) -> u32 {
    text.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)))
}

/// The order of `java.util.Hashtable.keys`: JKS keeps its entries in one.
fn hashtable_order(aliases: &[String]) -> Vec<String> {
    let mut buckets: Vec<Vec<String>> = vec![Vec::new(); 11];
    let place = |alias: &str, length: usize| {
        usize::try_from(hash(alias) & 0x7FFF_FFFF).unwrap_or_default().checked_rem(length).unwrap_or_default()
    };
    for (count, alias) in aliases.iter().enumerate() {
        let length = buckets.len();
        if count >= length.saturating_mul(3) / 4 {
            let mut grown: Vec<Vec<String>> = vec![Vec::new(); length.saturating_mul(2).saturating_add(1)];
            for old in buckets.iter().rev().flatten() {
                let at = place(old, grown.len());
                if let Some(bucket) = grown.get_mut(at) {
                    bucket.insert(0, old.clone());
                }
            }
            buckets = grown;
        }
        let at = place(alias, buckets.len());
        if let Some(bucket) = buckets.get_mut(at) {
            bucket.insert(0, alias.clone());
        }
    }
    buckets.into_iter().rev().flatten().collect()
}

/// The order of `java.util.HashSet`: PKCS#12 lists its aliases through one.
fn hash_set_order(aliases: &[String]) -> Vec<String> {
    // `new HashSet<>(collection)` asks for room for its elements at a load of three quarters, and the next power of two is taken.
    let asked = aliases.len().saturating_mul(4) / 3;
    let length = asked.saturating_add(1).max(16).next_power_of_two();
    let spread = |alias: &str| {
        let hash = hash(alias);
        usize::try_from(hash ^ (hash >> 16)).unwrap_or_default() & length.saturating_sub(1)
    };
    let mut ordered: Vec<String> = aliases.to_vec();
    ordered.sort_by_key(|alias| spread(alias));
    ordered
}
