//! `HostnameChecker` for TLS.

use std::net::IpAddr;

use super::{Fault, Java, name_fault};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::AltName;
use crate::verify::acceptance::Reason;

pub(super) fn check(java: Java, leaf: &DecodedCertificate, host: &str) -> Result<(), Fault> {
    // `X509TrustManagerImpl.checkIdentity`.
    let host = host.strip_suffix('.').unwrap_or(host);
    let address = host.parse::<IpAddr>();
    if address.is_err() && !is_domain_name(host) {
        return Err(Fault::new(Reason::HostName, format!("Illegal given domain name: {host}")));
    }
    let fault = name_fault(leaf);
    if let Some(message) = fault.as_ref().filter(|_| java.asks_for_readable_extensions()) {
        return Err(Fault::new(Reason::Unreadable, message));
    }
    let names = leaf.alt_names.as_ref().filter(|_| fault.is_none()).map(|names| names.names.as_slice());
    let message = match address {
        Ok(address) => match_ip(names, address, host),
        Err(_) => match_dns(java, names, leaf, host),
    };
    message.map_or(Ok(()), |message| Err(Fault::new(Reason::HostName, message)))
}

fn match_ip(names: Option<&[AltName]>, address: IpAddr, host: &str) -> Option<String> {
    let Some(names) = names else { return Some("No subject alternative names present".to_owned()) };
    let is_there = names.contains(&AltName::Ip(address));
    (!is_there).then(|| format!("No subject alternative names matching IP address {host} found"))
}

fn match_dns(java: Java, names: Option<&[AltName]>, leaf: &DecodedCertificate, host: &str) -> Option<String> {
    let dns = |name: &AltName| if let AltName::Dns(name) = name { Some(name.clone()) } else { None };
    let dns: Vec<String> = names.unwrap_or_default().iter().filter_map(dns).collect();
    if !dns.is_empty() {
        let is_there = dns.iter().any(|template| is_matched(java, host, template));
        return (!is_there).then(|| format!("No subject alternative DNS name matching {host} found."));
    }
    // The most specific one is the last.
    let is_there = leaf.subject.common_names.last().is_some_and(|template| is_matched(java, host, template));
    (!is_there).then(|| format!("No name matching {host} found"))
}

fn is_matched(java: Java, host: &str, template: &str) -> bool {
    let (host, template) = (host.to_ascii_lowercase(), template.to_ascii_lowercase());
    let has_dot_behind_star = template.rsplit_once('*').is_none_or(|(_, rest)| rest.contains('.') && template != "*.");
    if !has_dot_behind_star || !is_domain_name(&template.replace('*', "z")) {
        return false;
    }
    let (templates, labels): (Vec<&str>, Vec<&str>) = (template.split('.').collect(), host.split('.').collect());
    let mut pairs = labels.iter().zip(&templates).enumerate();
    labels.len() == templates.len()
        && pairs.all(|(at, (label, template))| {
            if at > 0 && java.takes_leftmost_wildcards_only() { label == template } else { matches(label, template) }
        })
}

/// `matchWildCards`: a star stands for anything within a label.
fn matches(label: &str, template: &str) -> bool {
    let Some((prefix, rest)) = template.split_once('*') else { return label == template };
    let Some(mut label) = label.strip_prefix(prefix) else { return false };
    let parts: Vec<&str> = rest.split('*').collect();
    let Some((last, middle)) = parts.split_last() else { return true };
    for part in middle {
        let Some((_, after)) = label.split_once(part) else { return false };
        label = after;
    }
    label.ends_with(last)
}

/// `SNIHostName`, which takes letters, digits and hyphens only, and no dot at the end.
pub(super) fn is_domain_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_a_part_of_a_label() {
        for (template, host, in_17, in_25) in [
            ("*.example.com", "broker1.example.com", true, true),
            ("*.com", "example.com", true, true),
            ("broker*.example.com", "broker1.example.com", true, true),
            ("b*o*1.example.com", "broker1.example.com", true, true),
            ("broker1.*.com", "broker1.example.com", true, false),
            ("*.*.example.com", "a.b.example.com", true, false),
            ("*", "broker1", false, false),
            ("broker1.example.com.", "broker1.example.com", false, false),
            ("kafka_1.example.com", "kafka_1.example.com", false, false),
        ] {
            assert_eq!(is_matched(Java { major: 17 }, host, template), in_17, "{template} {host}");
            assert_eq!(is_matched(Java { major: 25 }, host, template), in_25, "{template} {host}");
        }
    }
}
