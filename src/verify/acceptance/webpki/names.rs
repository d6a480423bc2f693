//! webpki's `subject_name`: hosts and name constraints.

use std::net::IpAddr;

use crate::pki::DecodedCertificate;
use crate::pki::decoded::{AltName, NameConstraints, Subtree};
use crate::verify::acceptance::budget::{Budget, Spent};
use crate::verify::acceptance::names::{is_in_range, strip_end, touches};

/// Returns what rustls says of a certificate that is not this host's.
pub(super) fn check_host(leaf: &DecodedCertificate, host: &str) -> Result<(), String> {
    let names = leaf.alt_names.as_ref().map(|names| names.names.as_slice()).unwrap_or_default();
    let is_for_host = match host.parse::<IpAddr>() {
        Ok(address) => names.contains(&AltName::Ip(address)),
        Err(_) => names.iter().any(|name| matches!(name, AltName::Dns(presented) if matches(presented, host))),
    };
    if is_for_host {
        return Ok(());
    }
    let presented: Vec<String> = names.iter().map(debug).collect();
    let valid = match presented.split_last() {
        None => "is not valid for any names (according to its subjectAltName extension)".to_owned(),
        Some((last, [])) => format!("is only valid for {last}"),
        Some((last, others)) => format!("is only valid for {} or {last}", others.join(", ")),
    };
    Err(format!("certificate not valid for name {host:?}; certificate {valid}"))
}

/// A name as webpki's `GeneralName` is printed.
fn debug(name: &AltName) -> String {
    match name {
        AltName::Dns(name) => format!("DnsName(\"{name}\")"),
        AltName::Ip(address) => format!("IpAddress({address})"),
        AltName::Uri(uri) => format!("UniformResourceIdentifier(\"{uri}\")"),
        AltName::Directory(_) => "DirectoryName".to_owned(),
        AltName::Email(_) => "Unsupported(0x01)".to_owned(),
        _ => "Unsupported(0x00)".to_owned(),
    }
}

/// `presented_id_matches_reference_id`.
fn matches(presented: &str, host: &str) -> bool {
    if !is_dns_id(presented) {
        return false;
    }
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let presented = presented.to_ascii_lowercase();
    match presented.strip_prefix("*.") {
        // A star is not for what begins with a dot, and is one whole label.
        Some(parent) => host.split_once('.').is_some_and(|(label, rest)| !label.is_empty() && rest == parent),
        None => host == presented,
    }
}

/// `is_valid_dns_id` of a presented name: absolute names are none, and a star needs two labels behind it.
fn is_dns_id(name: &str) -> bool {
    let (is_wildcard, rest) = name.strip_prefix("*.").map_or((false, name), |rest| (true, rest));
    let labels: Vec<&str> = rest.split('.').collect();
    let is_label = |label: &&str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let is_number = |label: &&str| label.chars().all(|c| c.is_ascii_digit());
    labels.iter().all(is_label) && !labels.last().is_some_and(is_number) && (!is_wildcard || labels.len() >= 2)
}

/// `check_presented_id_conforms_to_constraints`, for each name and the subject. Of directory names there is no comparison: what is
/// permitted never is theirs, and what is excluded always is.
pub(super) fn allows(
    constraints: &NameConstraints,
    certificate: &DecodedCertificate,
    budget: &Budget,
) -> Result<bool, Spent> {
    let is_directory = |subtree: &Subtree| matches!(subtree, Subtree::Directory(..));
    if constraints.permitted.iter().chain(&constraints.excluded).any(is_directory) {
        return Ok(false);
    }
    for name in certificate.alt_names.iter().flat_map(|names| &names.names) {
        let is_in = |subtree: &Subtree, is_permitted| -> Option<bool> {
            Some(match (name, subtree) {
                (AltName::Dns(name), Subtree::Dns(base)) => is_below(name, base, is_permitted),
                (AltName::Ip(address), Subtree::Ip(range)) => is_in_range(*address, range),
                // There is no comparison of these either.
                (AltName::Email(_), Subtree::Email(_)) | (AltName::Uri(_), Subtree::Uri(_)) => !is_permitted,
                _ => return None,
            })
        };
        if !budget.permits(&constraints.permitted, |subtree| is_in(subtree, true))?
            || budget.excludes(&constraints.excluded, |subtree| is_in(subtree, false))?.is_some()
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A base is a host and all below it, with a dot in front only what is below. A wildcard also touches what it could stand for,
/// where that is excluded.
fn is_below(name: &str, base: &str, is_permitted: bool) -> bool {
    let is_within = strip_end(name, base)
        .is_some_and(|rest| base.is_empty() || rest.is_empty() || rest.ends_with('.') || base.starts_with('.'));
    is_within || (!is_permitted && touches(name, base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_the_whole_first_label_of_three() {
        for (presented, host, expected) in [
            ("*.example.com", "broker1.example.com", true),
            ("*.example.com", "broker1.example.com.", true),
            ("*.com", "example.com", false),
            ("*.example.com", "a.b.example.com", false),
            ("broker*.example.com", "broker1.example.com", false),
            ("broker1.example.com.", "broker1.example.com.", false),
            ("kafka_1", "kafka_1", true),
        ] {
            assert_eq!(matches(presented, host), expected, "{presented} {host}");
        }
    }
}
