//! The table for each identity that is judged: what its keystore presents, against what its truststore trusts.

use std::collections::HashSet;

use serde::Serialize;
use time::OffsetDateTime;

use super::{AcceptanceTable, Answer, Presented, Row, Stack, table};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::AltName;
use crate::spec::NodeRole;
use crate::verify::material::{Case, KeyEntry, Material, Party};

/// How many names of one broker are asked for.
const MAX_HOSTS: usize = 20;

/// Who accepts an identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acceptance {
    /// Whose certificates they are.
    pub identity: String,
    /// What it does.
    pub role: NodeRole,
    /// The store that holds them; stores that hold the same are named once.
    pub store: String,
    /// The names that clients connect to it by: each was asked for, and the first refusal counts.
    pub hosts: Vec<String>,
    /// Whether the root of its own chain stands for the truststore of the others, since no truststore was looked at.
    pub by_own_root: bool,
    /// What each stack does.
    #[serde(flatten)]
    pub table: AcceptanceTable,
}

impl Acceptance {
    /// Returns the refusals.
    pub fn refusals(&self) -> impl Iterator<Item = (Stack, &Answer)> {
        let answers =
            self.table.rows.iter().flat_map(|row| [&row.as_client, &row.as_broker].map(|answer| (row.stack, answer)));
        answers
            .filter_map(|(stack, answer)| Some((stack, answer.as_ref()?)))
            .filter(|(_, answer)| !answer.is_accepted())
    }
}

/// Asks every stack of every identity that has a certificate. Who is no broker is asked of as a client alone.
pub fn acceptances(case: &Case, at: OffsetDateTime) -> Vec<Acceptance> {
    case.parties.iter().flat_map(|party| of_party(party, at)).collect()
}

fn of_party(party: &Party, at: OffsetDateTime) -> Vec<Acceptance> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for (index, keystore) in party.keystores.iter().enumerate() {
        let Some(entry) = keystore.keys.iter().find(|entry| !entry.chain.is_empty()) else { continue };
        // A party has its stores in the same formats, in the same order.
        let truststore = party.truststores.get(index).or(party.truststores.first()).map(AsRef::as_ref);
        let (anchors, by_own_root) = anchors(keystore, entry, truststore);
        let ders = |certificates: &[DecodedCertificate]| -> Vec<Vec<u8>> {
            certificates.iter().map(|certificate| certificate.as_der().to_vec()).collect()
        };
        let mut trusted = ders(&anchors);
        trusted.sort_unstable();
        if !anchors.is_empty() && seen.insert((ders(&entry.chain), trusted)) {
            found.push(of_chain(party, keystore, entry, &anchors, by_own_root, at));
        }
    }
    found
}

fn of_chain(
    party: &Party,
    keystore: &Material,
    entry: &KeyEntry,
    anchors: &[DecodedCertificate],
    by_own_root: bool,
    at: OffsetDateTime,
) -> Acceptance {
    let presented = Presented { sent: &entry.chain, anchors };
    let hosts = if party.role == NodeRole::Client { Vec::new() } else { hosts(party, entry) };
    let mut rows = table(None, Some(&presented), at).rows;
    for host in &hosts {
        let asked = table(Some((&presented, host)), None, at).rows;
        rows.iter_mut().zip(asked).for_each(|(row, asked)| keep_first_refusal(row, asked.as_client));
    }
    Acceptance {
        identity: party.name.clone(),
        role: party.role,
        store: keystore.label.clone(),
        hosts,
        by_own_root,
        table: AcceptanceTable { rows },
    }
}

fn keep_first_refusal(row: &mut Row, answer: Option<Answer>) {
    if row.as_client.as_ref().is_none_or(Answer::is_accepted) {
        row.as_client = answer;
    }
}

/// Returns what the others trust: the truststore, which is the same on both sides where there is one CA, or else the root that the
/// chain or the keystore brings with it.
fn anchors(keystore: &Material, entry: &KeyEntry, truststore: Option<&Material>) -> (Vec<DecodedCertificate>, bool) {
    if let Some(truststore) = truststore {
        return (truststore.trusted.iter().map(|entry| entry.certificate.clone()).collect(), false);
    }
    let roots = entry.chain.iter().skip(1).filter(|certificate| certificate.is_self_issued());
    let trusted = keystore.trusted.iter().map(|entry| &entry.certificate);
    (roots.chain(trusted).cloned().collect(), true)
}

/// Returns the names that clients connect by: those that were said, or else those of the certificate.
fn hosts(party: &Party, entry: &KeyEntry) -> Vec<String> {
    if !party.hosts.is_empty() {
        return party.hosts.iter().take(MAX_HOSTS).cloned().collect();
    }
    let Some(leaf) = entry.leaf() else { return Vec::new() };
    let names = leaf.alt_names.iter().flat_map(|names| &names.names).filter_map(|name| match name {
        AltName::Dns(name) if !name.contains('*') => Some(name.clone()),
        AltName::Ip(address) => Some(address.to_string()),
        _ => None,
    });
    let mut hosts: Vec<String> = names.take(MAX_HOSTS).collect();
    if hosts.is_empty() {
        // Without an alternative name it is the common name that some stacks take.
        hosts.extend(leaf.subject.common_names.last().cloned());
    }
    hosts
}
