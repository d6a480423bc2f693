//! The table for each identity that is judged: what its keystore presents, against what its truststore trusts.

use std::collections::HashSet;

use serde::Serialize;
use time::OffsetDateTime;

use super::{AcceptanceTable, Answer, Presented, Question, Side, Stack, TlsVersion, judge, limits, table};
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
    /// Why no stack was asked, if none was: the certificates are more than a handshake carries, or than anybody trusts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
    /// What each stack does; no rows, if none was asked.
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
    let left_out = limits::excess(&presented);
    let table = if left_out.is_none() { ask(&presented, &hosts, at) } else { AcceptanceTable { rows: Vec::new() } };
    Acceptance {
        identity: party.name.clone(),
        role: party.role,
        store: keystore.label.clone(),
        hosts,
        by_own_root,
        left_out,
        table,
    }
}

fn ask(presented: &Presented<'_>, hosts: &[String], at: OffsetDateTime) -> AcceptanceTable {
    let first = hosts.first().map(|host| (presented, host.as_str()));
    let mut table = table(first, Some(presented), at);
    for row in &mut table.rows {
        for host in hosts.iter().skip(1) {
            // No stack looks for another path because of the host: the one that it has found is all that it needs.
            let Some(Answer::Accepted { path }) = &row.as_client else { break };
            let (sent, anchors) = match path.split_last() {
                Some((anchor, [])) => (std::slice::from_ref(anchor), std::slice::from_ref(anchor)),
                Some((anchor, sent)) => (sent, std::slice::from_ref(anchor)),
                None => break,
            };
            let side = Side::ServerFor { host: Some(host) };
            row.as_client = Some(judge(row.stack, &Question { sent, anchors, side, tls: TlsVersion::default(), at }));
        }
    }
    table
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

#[cfg(test)]
mod tests {
    use super::*;

    fn golden(pem: &[u8]) -> DecodedCertificate {
        DecodedCertificate::from_der(&crate::pki::read_certificates(pem).unwrap()[0]).unwrap()
    }

    fn pair() -> (DecodedCertificate, DecodedCertificate) {
        (
            golden(include_bytes!("../../../tests/fixtures/golden/rsa/broker.cert-signed")),
            golden(include_bytes!("../../../tests/fixtures/golden/rsa/ca-cert")),
        )
    }

    /// Each name is asked for with the path of the first, and what comes out is what the whole question comes to.
    #[test]
    fn the_first_refusal_counts() {
        let (leaf, ca) = pair();
        let at = leaf.not_after;
        // A path of a CA, and one of the leaf alone, which is trusted itself.
        for anchors in [vec![ca.clone()], vec![leaf.clone()], vec![ca, leaf.clone()]] {
            let presented = Presented { sent: std::slice::from_ref(&leaf), anchors: &anchors };
            let whole = |host| table(Some((&presented, host)), Some(&presented), at);
            for (hosts, decisive) in [
                (&["broker1.example.com", "10.0.0.1"][..], "10.0.0.1"),
                (&["broker1.example.com", "10.0.0.1", "stranger", "other"], "stranger"),
                (&["stranger", "broker1.example.com"], "stranger"),
            ] {
                let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
                assert_eq!(ask(&presented, &hosts, at), whole(decisive), "{hosts:?}");
            }
        }
    }

    /// Every certificate could be the issuer of every other, none is.
    #[test]
    fn a_hostile_store_ends() {
        let (leaf, ca) = pair();
        let twin = |serial: u32| {
            let mut twin = ca.clone();
            twin.serial = serial.to_be_bytes().to_vec();
            twin.public_key.clone_from(&leaf.public_key);
            twin.public_key.info.extend(serial.to_be_bytes());
            twin
        };
        let twins: Vec<_> = (0..3_000).map(twin).collect();
        let sent: Vec<_> = std::iter::once(leaf.clone()).chain(twins.iter().take(80).cloned()).collect();
        let presented = Presented { sent: &sent, anchors: &twins };
        assert_eq!(limits::excess(&presented), None);
        let hosts: Vec<String> = (0..MAX_HOSTS).map(|at| format!("broker{at}")).collect();
        for row in ask(&presented, &hosts, leaf.not_after).rows {
            let is_refused = |answer: &Option<Answer>| answer.as_ref().is_some_and(|answer| !answer.is_accepted());
            assert!(is_refused(&row.as_client) && is_refused(&row.as_broker), "{row:?}");
        }
    }
}
