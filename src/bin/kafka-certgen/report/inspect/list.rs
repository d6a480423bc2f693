//! A line for each entry, where there are many, by the time that is left.

use kafka_certgen::inspect::{CertificateFacts, ContentKind, EntryFacts, Inspection, ValidityState};
use kafka_certgen::name::printable;

use super::page::{Page, WIDTH, cut};
use super::{kind_of, name_of};

/// How wide the column of the names is at most.
const NAMES: usize = 32;

pub(super) fn write(page: &mut Page, inspection: &Inspection) {
    let names: Vec<String> =
        inspection.entries.iter().map(|entry| name_of(entry, inspection.format).unwrap_or_default()).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).clamp(5, NAMES);
    page.line(&format!("  {:>9}  {:<10} {:width$} subject", "days left", "key", "entry"));
    let mut lines: Vec<(&EntryFacts, String)> = inspection.entries.iter().zip(names).collect();
    // What ends first is what one looks for; what has no end comes last.
    lines.sort_by_key(|(entry, _)| entry.certificates.first().map_or(i64::MAX, |first| first.validity.seconds_left));
    for (entry, name) in lines {
        let name = cut(&name, NAMES);
        let (days, key) = days_and_key(entry);
        let line = format!("  {days:>9}  {key:<10} {name:width$} {}", what(entry));
        page.line(&cut(line.trim_end(), WIDTH));
    }
}

/// Returns how many days are left, and the algorithm of the key.
fn days_and_key(entry: &EntryFacts) -> (String, String) {
    let certificate = entry.certificates.first();
    let list = entry.revocation_lists.first();
    let days = certificate.map(|certificate| certificate.validity).or_else(|| list.and_then(|list| list.validity));
    let days = days.map(|validity| match validity.state {
        ValidityState::Expired => "expired".to_owned(),
        ValidityState::NotYetValid => "not yet".to_owned(),
        ValidityState::Valid => validity.days_left.to_string(),
    });
    let key = certificate.map(|certificate| certificate.key_algorithm.clone());
    let key = key.or_else(|| entry.request.as_ref().map(|request| request.key_algorithm.clone()));
    let key = key.or_else(|| entry.key.as_ref().and_then(|key| key.algorithm.clone()));
    (days.unwrap_or_default(), cut(&printable(&key.unwrap_or_default()), 10))
}

/// Returns the kind, where it is another than nearly all have, and the subject.
fn what(entry: &EntryFacts) -> String {
    let subject = entry.certificates.first().map(|certificate: &CertificateFacts| certificate.subject.as_str());
    let subject = subject.or_else(|| entry.request.as_ref().map(|request| request.subject.as_str()));
    let subject = subject.or_else(|| entry.revocation_lists.first().map(|list| list.issuer.as_str()));
    let subject = subject.map(printable);
    let kind = match entry.kind {
        ContentKind::TrustedCertificate | ContentKind::Certificate if entry.is_seen_by_java != Some(false) => None,
        _ => Some(kind_of(entry)),
    };
    let fault = entry.fault.as_ref().map(|_| "damaged".to_owned());
    [kind, subject, fault].into_iter().flatten().collect::<Vec<_>>().join(": ")
}
