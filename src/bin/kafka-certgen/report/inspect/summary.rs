//! The last line of the page.

use kafka_certgen::inspect::{CertificateFacts, ContentKind, EntryFacts, Inspection, Validity, ValidityState};

use super::certificate::remaining;
use super::has_closed_parts;
use super::page::listed;

/// The kinds of entries in the order in which they are counted.
const KINDS: [ContentKind; 10] = [
    ContentKind::PrivateKey,
    ContentKind::TrustedCertificate,
    ContentKind::Certificate,
    ContentKind::Request,
    ContentKind::RevocationList,
    ContentKind::Pkcs7,
    ContentKind::PublicKey,
    ContentKind::SecretKey,
    ContentKind::Parameters,
    ContentKind::Other,
];

/// Says what there is, and what expires first.
pub(super) fn of<'a>(inspections: impl Iterator<Item = &'a Inspection>) -> String {
    let inspections: Vec<&Inspection> = inspections.collect();
    let entries: Vec<&EntryFacts> = inspections.iter().flat_map(|inspection| &inspection.entries).collect();
    let files = match inspections.len() {
        0 => return "nothing could be read".to_owned(),
        1 => String::new(),
        count => format!("{count} files, "),
    };
    let counted = KINDS.iter().filter_map(|kind| {
        let count = entries.iter().filter(|entry| entry.kind == *kind).count();
        (count > 0).then(|| format!("{count} {}", kind.name(count)))
    });
    let entries_text = match entries.len() {
        0 if inspections.iter().any(|inspection| has_closed_parts(inspection)) => {
            return format!("{files}no entries that can be seen without the password");
        }
        0 => return format!("{files}no entries"),
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    };
    let certificates: Vec<&CertificateFacts> = entries.iter().flat_map(|entry| &entry.certificates).collect();
    let times = times(&certificates);
    format!("{files}{entries_text}: {}{times}", listed(counted))
}

/// Says how many certificates are not valid, and when the first of the others will not be.
fn times(certificates: &[&CertificateFacts]) -> String {
    // The same certificate stands in many chains.
    let mut known: Vec<&str> = Vec::new();
    let mut validities: Vec<Validity> = Vec::new();
    let mut sorted = certificates.to_vec();
    sorted.sort_by_key(|certificate| (certificate.not_after, &certificate.sha256));
    for certificate in sorted {
        if known.last() != Some(&certificate.sha256.as_str()) {
            known.push(&certificate.sha256);
            validities.push(certificate.validity);
        }
    }
    let count = |state| validities.iter().filter(|validity| validity.state == state).count();
    let has = |count: usize| if count == 1 { "has" } else { "have" };
    let expired = count(ValidityState::Expired);
    let expired = (expired > 0).then(|| format!("; {expired} {} expired", has(expired)));
    let future = count(ValidityState::NotYetValid);
    let future = (future > 0).then(|| format!("; {future} not valid yet"));
    let first = validities.iter().find(|validity| validity.state == ValidityState::Valid).map(|validity| {
        let which = match (&expired, validities.len()) {
            (_, 1) => "it",
            (Some(_), _) => "the next",
            (None, _) => "the first",
        };
        format!("; {which} {}", remaining(*validity))
    });
    [expired, future, first].into_iter().flatten().collect()
}
