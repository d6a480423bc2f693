//! Certificates, requests and revocation lists on the page.

use kafka_certgen::inspect::{
    CertificateFacts, ExtensionFacts, RequestFacts, RevocationListFacts, SignatureState, Validity, ValidityState,
};
use kafka_certgen::name::printable;

use super::super::day;
use super::page::{Page, listed};

/// How many names, and how many revoked certificates, are shown without details.
const SHOWN: usize = 20;

const SECONDS_OF_A_DAY: i64 = 86_400;

/// 16 octets with their colons.
const HALF_FINGERPRINT: usize = 48;

pub(super) fn write(page: &mut Page, certificate: &CertificateFacts, is_detailed: bool) {
    page.field("subject", &name(&certificate.subject));
    let issuer = if certificate.is_self_issued { "the same: it is self-issued" } else { &name(&certificate.issuer) };
    page.field("issuer", issuer);
    write_names(page, &certificate.alt_names, is_detailed);
    let exponent = certificate.key_exponent.map(|exponent| format!(" with the exponent {exponent}"));
    // Nobody checks the signature of a root that is trusted.
    let is_broken = certificate.is_signature_broken && !certificate.is_self_issued;
    let broken = if is_broken { ", which is broken" } else { "" };
    let key = format!("{}{}", printable(&certificate.key_algorithm), exponent.unwrap_or_default());
    page.field("key", &format!("{key}, signed with {}{broken}", printable(&certificate.signature_algorithm)));
    page.field("usages", &usages(certificate));
    page.field("valid", &validity(certificate));
    page.field("serial", &certificate.serial);
    page.field_of_width("sha256", &certificate.sha256, HALF_FINGERPRINT);
    // A CA connects to nobody.
    let is_shown = is_detailed || certificate.is_ca != Some(true);
    if let Some(principal) = certificate.principal.as_ref().filter(|_| is_shown) {
        page.field("principal", &printable(principal));
    }
    if is_detailed {
        write_details(page, certificate);
    }
}

fn write_details(page: &mut Page, certificate: &CertificateFacts) {
    page.field("sha1", &certificate.sha1);
    page.field("public key", &format!("SHA-256 {}", certificate.public_key_sha256));
    if let Some(id) = &certificate.subject_key_id {
        page.field("subject id", id);
    }
    if let Some(id) = &certificate.authority_key_id {
        page.field("issuer id", id);
    }
    for constraint in &certificate.name_constraints {
        page.field("constraint", &printable(constraint));
    }
    for address in &certificate.crl_distribution_points {
        page.field("CRL at", &printable(address));
    }
    page.field("version", &certificate.version.to_string());
    write_extensions(page, &certificate.extensions);
}

fn write_extensions(page: &mut Page, extensions: &[ExtensionFacts]) {
    let text = |extension: &ExtensionFacts| {
        let critical = if extension.critical { " (critical)" } else { "" };
        let malformed = if extension.is_malformed { " (malformed)" } else { "" };
        format!("{}{critical}{malformed}", extension.name)
    };
    let all = extensions.iter().map(text);
    page.field("extensions", &if extensions.is_empty() { "none".to_owned() } else { listed(all) });
}

fn write_names(page: &mut Page, names: &[String], is_detailed: bool) {
    let shown = if is_detailed { names.len() } else { SHOWN };
    let mut text: Vec<String> = names.iter().take(shown).map(|name| printable(name)).collect();
    if names.len() > shown {
        text.push(format!("and {} more", names.len() - shown));
    }
    if !text.is_empty() {
        page.field("names", &text.join(" "));
    }
}

fn name(text: &str) -> String {
    if text.is_empty() { "(empty)".to_owned() } else { printable(text) }
}

/// Returns what a certificate may be used for, as far as it says so.
fn usages(certificate: &CertificateFacts) -> String {
    let ca = match (certificate.is_ca, certificate.path_length) {
        (Some(true), Some(length)) => Some(format!("CA, path length {length}")),
        (Some(true), None) => Some("CA".to_owned()),
        (None, _) if certificate.version < 3 => Some(format!("not said: X.509 version {}", certificate.version)),
        _ => None,
    };
    let key_usage = certificate.key_usage.as_ref().map(|usages| usages.join(" "));
    let extended = certificate.extended_key_usage.as_ref().map(|usages| printable(&usages.join(" ")));
    let parts: Vec<String> = [ca, key_usage, extended].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "not said: for everything but a CA".to_owned() } else { parts.join("; ") }
}

fn validity(certificate: &CertificateFacts) -> String {
    let (from, until) = (day(certificate.not_before), day(certificate.not_after));
    format!("{from} to {until}, {}", remaining(certificate.validity))
}

/// Says how long something is still valid, or since when it is not.
pub(super) fn remaining(validity: Validity) -> String {
    match validity.state {
        ValidityState::Valid => format!("expires in {}", span(validity.seconds_left)),
        ValidityState::Expired => format!("expired {} ago", span(validity.seconds_left.saturating_neg())),
        ValidityState::NotYetValid => format!("valid only in {}", span(validity.seconds_to_begin)),
    }
}

/// Returns a time in days, or in the hours of less than two.
fn span(seconds: i64) -> String {
    match seconds / SECONDS_OF_A_DAY {
        0 | 1 => match seconds / 3600 {
            0 => "less than an hour".to_owned(),
            1 => "1 hour".to_owned(),
            hours => format!("{hours} hours"),
        },
        days => format!("{days} days"),
    }
}

pub(super) fn write_request(page: &mut Page, request: &RequestFacts, is_detailed: bool) {
    page.field("subject", &name(&request.subject));
    write_names(page, &request.alt_names, is_detailed);
    let signature = match request.signature {
        SignatureState::Valid => "signed by it",
        SignatureState::Invalid => "NOT SIGNED BY IT",
        SignatureState::NotChecked => "signed in a way that is not checked here",
    };
    let algorithm = printable(&request.signature_algorithm);
    page.field("key", &format!("{}, {signature} with {algorithm}", printable(&request.key_algorithm)));
    let ca = request.is_ca.filter(|is_ca| *is_ca).map(|_| "CA".to_owned());
    let key_usage = request.key_usage.as_ref().map(|usages| usages.join(" "));
    let extended = request.extended_key_usage.as_ref().map(|usages| printable(&usages.join(" ")));
    let asked: Vec<String> = [ca, key_usage, extended].into_iter().flatten().collect();
    if !asked.is_empty() {
        page.field("usages", &asked.join("; "));
    }
    if let Some(principal) = &request.principal {
        page.field("principal", &printable(principal));
    }
    if is_detailed {
        page.field("public key", &format!("SHA-256 {}", request.public_key_sha256));
        write_extensions(page, &request.extensions);
        if !request.attributes.is_empty() {
            page.field("attributes", &listed(request.attributes.iter().cloned()));
        }
    }
}

pub(super) fn write_revocation_list(page: &mut Page, list: &RevocationListFacts, is_detailed: bool) {
    page.field("issuer", &name(&list.issuer));
    page.field("signed", &format!("with {}", printable(&list.signature_algorithm)));
    let next = match (list.next_update, list.validity) {
        (Some(next), Some(validity)) => {
            let due = match validity.state {
                ValidityState::Expired => format!("was due {} ago", span(validity.seconds_left.saturating_neg())),
                _ => format!("due in {}", span(validity.seconds_left)),
            };
            format!("the next one {}, {due}", day(next))
        }
        _ => "the next one is not announced".to_owned(),
    };
    page.field("made", &format!("{}; {next}", day(list.this_update)));
    if let Some(number) = &list.number {
        page.field("number", number);
    }
    let revoked = match list.revoked.len() {
        0 => "none".to_owned(),
        1 => "1 certificate".to_owned(),
        count => format!("{count} certificates"),
    };
    page.field("revoked", &revoked);
    let shown = if is_detailed { list.revoked.len() } else { SHOWN };
    for revoked in list.revoked.iter().take(shown) {
        page.field("", &format!("{} since {}", revoked.serial, day(revoked.date)));
    }
    if list.revoked.len() > shown {
        page.field("", &format!("and {} more", list.revoked.len() - shown));
    }
    if let Some(id) = list.authority_key_id.as_ref().filter(|_| is_detailed) {
        page.field("issuer id", id);
    }
}
