//! From what was read to what is wrong with it.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use serde::Serialize;
use time::{Duration, OffsetDateTime};

use super::acceptance::{Acceptance, acceptances};
use super::chain::{self, Trust};
use super::material::{Case, NotLookedAt, Party, Purpose};
use super::reload::{self, Old};
use super::validity::Standing;
use super::{
    Finding, Severity, accepted, authority, bundle, configuration, extensions, files, key, names, password, properties,
    store, validity,
};
use crate::pki::DecodedCertificate;
use crate::spec::{ClientAuth, NodeRole, PemKey};

/// By what is judged.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// What time it is.
    pub now: OffsetDateTime,
    /// How long before its end a certificate is worth a warning.
    pub warn_before: Duration,
}

impl Terms {
    /// Returns those of a time, with a warning 30 days before an end.
    pub fn at(now: OffsetDateTime) -> Self {
        Self { now, warn_before: Duration::days(30) }
    }
}

/// All that was found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// How many files were looked at.
    pub files: usize,
    /// How many identities there are.
    pub identities: usize,
    /// What was found, by what it belongs to; nothing of what is clean.
    pub groups: Vec<Group>,
    /// Who accepts the identities.
    pub acceptance: Vec<Acceptance>,
    /// What could not be looked at.
    pub not_looked_at: Vec<NotLookedAt>,
    /// What was taken for granted.
    pub assumptions: Vec<String>,
}

/// What was found with one identity, or with what belongs to none.
#[derive(Debug, Serialize)]
pub struct Group {
    /// The identity's name, or `bundle`.
    pub name: String,
    /// The identity's role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<NodeRole>,
    /// What was found, errors first.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Returns everything that was found.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.groups.iter().flat_map(|group| &group.findings)
    }

    /// Counts what is as bad as this.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings().filter(|finding| finding.check.severity == severity).count()
    }
}

/// Judges all that was read; `old` are the stores that the same broker has loaded now.
pub fn judge(case: &Case, old: Option<&Old>, terms: Terms) -> Report {
    let trusts = chain::trusts(&case.parties);
    let file = || case.configurations.first().map_or("all", |file| file.label.as_str());
    let whole = if case.bundle.is_some() { "bundle" } else { file() };
    let mut groups = vec![Group { name: whole.to_owned(), role: None, findings: judge_common(case, terms) }];
    let mut taken = Vec::new();
    for party in &case.parties {
        let mut findings = judge_party(party, case, &trusts, terms);
        findings.extend(old.map_or_else(Vec::new, |old| reload::judge(party, old, old.allowed(case))));
        groups.push(Group { name: party.name.clone(), role: Some(party.role), findings });
    }
    for file in &case.configurations {
        let find = |owner: &String| case.parties.iter().position(|party| party.name == *owner);
        let owner = file.owner.as_ref().and_then(find).map_or(0, |at| at.saturating_add(1));
        taken.extend(properties::judge(file).into_iter().map(|finding| (owner, finding)));
    }
    for file in &case.files {
        let findings = files::judge(file);
        let owner = owner_of(case, &file.label);
        taken.extend(findings.into_iter().map(|finding| (owner, finding)));
    }
    for (owner, finding) in taken {
        if let Some(group) = groups.get_mut(owner) {
            group.findings.push(finding);
        }
    }
    for group in &mut groups {
        settle(&mut group.findings, case);
    }
    let acceptance = acceptances(case, terms.now);
    judge_acceptance(&acceptance, &mut groups);
    for group in &mut groups {
        bound(&mut group.findings);
    }
    groups.retain(|group| !group.findings.is_empty());
    Report {
        files: case.files.iter().filter(|file| file.kind != super::material::FileKind::Folder).count(),
        identities: case.parties.len(),
        groups,
        acceptance,
        not_looked_at: case.not_looked_at.clone(),
        assumptions: case.assumptions.clone(),
    }
}

/// Returns the errors in configurations and in whether their stores open: what keeps Kafka from starting, or from making a connection.
/// What is in the stores is not judged.
pub fn judge_start(case: &Case) -> Vec<Finding> {
    let mut findings: Vec<Finding> = case.configurations.iter().flat_map(properties::judge).collect();
    for store in case.parties.iter().flat_map(|party| party.keystores.iter().chain(&party.truststores)) {
        findings.extend(password::judge(store));
        findings.extend(store::judge(store));
    }
    findings.retain(|finding| finding.check.severity == Severity::Error);
    settle(&mut findings, case);
    bound(&mut findings);
    findings
}

/// Returns the group of a file: of the party that has a store of that label or in that folder, else the first.
fn owner_of(case: &Case, label: &str) -> usize {
    let is_of = |party: &Party| {
        let mut stores = party.keystores.iter().chain(&party.truststores);
        let folder = label.split_once('/').map_or(label, |(folder, _)| folder);
        stores.any(|store| store.label == label) || (case.bundle.is_some() && folder == party.name)
    };
    // The first group is that of the whole.
    case.parties.iter().position(is_of).map_or(0, |at| at.saturating_add(1))
}

/// Brings findings into their order, each once.
fn settle(findings: &mut Vec<Finding>, case: &Case) {
    if case.bundle.as_ref().is_some_and(|bundle| bundle.inventory.settings.pem_key == Some(PemKey::Pbes2)) {
        // It was asked for, and said.
        findings.retain(|finding| finding.check != &configuration::PBES2);
    }
    if case.bundle.as_ref().is_some_and(|bundle| bundle.inventory.settings.client_auth == ClientAuth::Requested) {
        findings.retain(|finding| finding.check != &configuration::CLIENT_AUTH_REQUESTED);
    }
    let mut seen = HashSet::new();
    findings.retain(|finding| seen.insert(finding.clone()));
}

/// Adds who refuses an identity where nothing that was found says why.
fn judge_acceptance(acceptances: &[Acceptance], groups: &mut [Group]) {
    for acceptance in acceptances {
        // What is wrong with the CA of a bundle is found with the whole.
        let is_near = |group: &Group| group.role.is_none() || group.name == acceptance.identity;
        let found = groups.iter().filter(|group| is_near(group)).flat_map(|group| &group.findings);
        let finding = accepted::judge(acceptance, found);
        let own = groups.iter_mut().find(|group| group.role.is_some() && group.name == acceptance.identity);
        if let (Some(group), Some(finding)) = (own, finding) {
            group.findings.push(finding);
        }
    }
}

/// How often one code is told of one store.
const MOST: usize = 20;

/// Sorts findings, errors first, and tells of many that are alike how many they are: there may be as many as a stranger likes.
fn bound(findings: &mut Vec<Finding>) {
    findings.sort_by_key(|finding| Reverse(finding.check.severity));
    let mut counts: HashMap<(&str, String), usize> = HashMap::new();
    let mut told = Vec::new();
    let mut first_beyond = Vec::new();
    for finding in findings.drain(..) {
        let store = finding.object.split_once(", ").map_or(finding.object.as_str(), |(store, _)| store).to_owned();
        let count = counts.entry((finding.check.code, store.clone())).or_default();
        *count = count.saturating_add(1);
        match count.checked_sub(MOST) {
            None | Some(0) => told.push(finding),
            Some(1) => first_beyond.push(Finding { object: store, ..finding }),
            Some(_) => {}
        }
    }
    for beyond in first_beyond {
        let count = counts.get(&(beyond.check.code, beyond.object.clone())).copied().unwrap_or_default();
        let after = told.iter().rposition(|finding| finding.check.severity == beyond.check.severity);
        let found = format!("and {} more like these", count.saturating_sub(MOST));
        told.insert(after.map_or(0, |at| at.saturating_add(1)), Finding { found, ..beyond });
    }
    *findings = told;
}

/// Judges what belongs to no single identity: the bundle, the CA, serial numbers.
fn judge_common(case: &Case, terms: Terms) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen: Vec<(&DecodedCertificate, &str)> = Vec::new();
    if let Some(bundle) = &case.bundle {
        findings.extend(bundle::judge(bundle));
        if let Ok(ca) = &bundle.ca_certificate {
            let place = &bundle.inventory.ca.certificate_file;
            findings.extend(judge_authority(ca, place, terms));
            seen.push((ca, place.as_str()));
        }
    }
    let places: Vec<_> = case.parties.iter().flat_map(certificates).collect();
    seen.extend(places.iter().map(|found| (found.certificate, found.place.as_str())));
    findings.extend(chain::judge_serials(&seen));
    findings
}

/// A certificate with where it was seen first.
struct Seen<'a> {
    certificate: &'a DecodedCertificate,
    place: String,
    /// Whether it is that of a private key.
    is_leaf: bool,
    /// Whether it is trusted, so that its own signature matters to nobody.
    is_anchor: bool,
}

/// Returns the certificates in the stores of a party, each once.
fn certificates(party: &Party) -> Vec<Seen<'_>> {
    let mut all: Vec<Seen<'_>> = Vec::new();
    let mut add = |certificate, place: String, is_leaf, is_anchor| {
        all.push(Seen { certificate, place, is_leaf, is_anchor });
    };
    for store in party.keystores.iter().chain(&party.truststores) {
        for entry in &store.keys {
            for (index, certificate) in entry.chain.iter().enumerate() {
                add(certificate, store.place_in_chain(entry, index), index == 0, false);
            }
        }
        for entry in &store.trusted {
            let is_anchor = store.purpose == Purpose::Truststore || entry.certificate.is_self_issued();
            add(&entry.certificate, store.place(entry.alias.as_deref()), false, is_anchor);
        }
    }
    let mut once: Vec<Seen<'_>> = Vec::new();
    let mut places = HashMap::new();
    for seen in all {
        let at = *places.entry(seen.certificate.as_der()).or_insert(once.len());
        match once.get_mut(at) {
            Some(other) => {
                other.is_leaf |= seen.is_leaf;
                other.is_anchor |= seen.is_anchor;
            }
            None => once.push(seen),
        }
    }
    once
}

fn judge_authority(ca: &DecodedCertificate, place: &str, terms: Terms) -> Vec<Finding> {
    let mut findings = extensions::judge_certificate(ca, place, ca.is_self_issued());
    findings.extend(validity::judge(ca, Standing::Anchor, place, terms.now, terms.warn_before));
    findings.extend(key::judge_certificate(ca, place));
    findings.extend(authority::judge_ca(ca, place));
    findings
}

fn judge_party(party: &Party, case: &Case, trusts: &[Trust<'_>], terms: Terms) -> Vec<Finding> {
    let mut findings = Vec::new();
    for material in party.keystores.iter().chain(&party.truststores) {
        findings.extend(password::judge(material));
        findings.extend(store::judge(material));
        findings.extend(key::judge_store(material));
    }
    let is_judged = |seen: &Seen<'_>| match case.bundle.as_ref().map(|bundle| &bundle.ca_certificate) {
        // It was judged with the bundle.
        Some(Ok(ca)) => seen.is_leaf || ca.as_der() != seen.certificate.as_der(),
        _ => true,
    };
    let needed = needed(party, terms.now);
    for seen in certificates(party).into_iter().filter(is_judged) {
        findings.extend(judge_certificate(&seen, party, &needed, terms));
    }
    findings.extend(chain::judge_keystores(party));
    findings.extend(chain::judge_trust(party, trusts));
    findings.extend(judge_reach(party));
    findings.extend(case.bundle.as_ref().map_or_else(Vec::new, |bundle| bundle::judge_party(bundle, party)));
    let serves = |finding: &Finding| finding.check.code == extensions::CLIENT_AS_SERVER.code;
    if findings.iter().any(serves) && case.bundle.as_ref().is_some_and(|bundle| bundle::is_told_to_serve(bundle, party))
    {
        findings.retain(|finding| !serves(finding));
    }
    findings
}

/// Returns the certificates that the leaves of a party need, by DER; all that it trusts if it has no leaf.
fn needed(party: &Party, now: OffsetDateTime) -> HashSet<&[u8]> {
    let anchors: Vec<_> = party.truststores.iter().flat_map(|store| store.anchors()).collect();
    let is_refused = |certificate: &DecodedCertificate| now < certificate.not_before || now > certificate.not_after;
    let mut needed = HashSet::new();
    let entries = party.keystores.iter().flat_map(|store| store.keys.iter().take(chain::MAX_KEYS));
    for entry in entries {
        let Some(leaf) = entry.leaf() else { continue };
        let others: Vec<_> = entry.chain.iter().skip(1).collect();
        needed.extend(chain::needed(leaf, &others, &anchors, is_refused));
    }
    if needed.is_empty() {
        needed.extend(anchors.into_iter().map(DecodedCertificate::as_der));
    }
    needed
}

/// Judges what the CAs above the leaves of a party allow.
fn judge_reach(party: &Party) -> Vec<Finding> {
    let anchors: Vec<_> = party.truststores.iter().flat_map(|store| store.anchors()).collect();
    let entries = party
        .keystores
        .iter()
        .flat_map(|store| store.keys.iter().take(chain::MAX_KEYS).map(move |entry| (store, entry)));
    let mut seen = HashSet::new();
    let mut findings = Vec::new();
    for (store, entry) in entries {
        let chain: Vec<_> = entry.chain.iter().map(DecodedCertificate::as_der).collect();
        if seen.insert(chain) {
            findings.extend(authority::judge_chain(store, entry, party.role, &anchors));
        }
    }
    findings
}

fn judge_certificate(seen: &Seen<'_>, party: &Party, needed: &HashSet<&[u8]>, terms: Terms) -> Vec<Finding> {
    let Seen { certificate, place, is_leaf, is_anchor } = seen;
    let is_root = *is_anchor || (!is_leaf && certificate.is_self_issued());
    let mut findings = extensions::judge_certificate(certificate, place, is_root);
    let standing = match needed.contains(certificate.as_der()) {
        _ if *is_leaf => Standing::Needed,
        true if is_root => Standing::Anchor,
        true => Standing::Needed,
        false => Standing::Unused,
    };
    findings.extend(validity::judge(certificate, standing, place, terms.now, terms.warn_before));
    findings.extend(key::judge_certificate(certificate, place));
    if *is_leaf {
        findings.extend(extensions::judge_leaf(certificate, place, party.role));
        findings.extend(names::judge_form(certificate, place));
        findings.extend(names::judge_subject(certificate, place));
        findings.extend(authority::judge_leaf(certificate, place));
        if party.role.is_node() {
            findings.extend(names::judge_broker(certificate, place, &party.hosts));
        }
    } else if certificate.is_ca() || certificate.is_self_issued() || !is_anchor {
        // What is trusted and is no CA was found already.
        findings.extend(authority::judge_ca(certificate, place));
    }
    findings
}
