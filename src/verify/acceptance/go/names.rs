//! `Certificate.VerifyHostname` in crypto/x509/verify.go, and crypto/x509/constraints.go.

use std::net::IpAddr;

use crate::pki::DecodedCertificate;
use crate::pki::decoded::{AltName, NameConstraints, Subtree};
use crate::verify::acceptance::budget::{Budget, Spent};
use crate::verify::acceptance::names::{is_in_range, strip_end, touches};

/// Returns what `HostnameError.Error` says.
pub(super) fn check_host(leaf: &DecodedCertificate, host: &str) -> Result<(), String> {
    let address = host.parse::<IpAddr>().ok();
    let is_for_host = match address {
        Some(address) => addresses(leaf).any(|one| one == address),
        None => dns_names(leaf).any(|pattern| matches(pattern, host)),
    };
    if is_for_host {
        return Ok(());
    }
    let common_name = leaf.subject.common_names.last().map(String::as_str).unwrap_or_default();
    if names(leaf).is_none() && matches_labels(common_name, host) {
        return Err("x509: certificate relies on legacy Common Name field, use SANs instead".to_owned());
    }
    let (valid, none) = match address {
        Some(_) => (
            addresses(leaf).map(|address| address.to_string()).collect::<Vec<_>>(),
            format!("x509: cannot validate certificate for {host} because it doesn't contain any IP SANs"),
        ),
        None => (
            dns_names(leaf).map(str::to_owned).collect(),
            format!("x509: certificate is not valid for any names, but wanted to match {host}"),
        ),
    };
    Err(if valid.is_empty() {
        none
    } else {
        format!("x509: certificate is valid for {}, not {host}", valid.join(", "))
    })
}

/// The names of version 3 only: extensions of others are not looked at.
fn names(certificate: &DecodedCertificate) -> Option<&[AltName]> {
    certificate.alt_names.as_ref().filter(|_| certificate.version >= 3).map(|names| names.names.as_slice())
}

fn addresses(certificate: &DecodedCertificate) -> impl Iterator<Item = IpAddr> {
    let names = names(certificate).unwrap_or_default().iter();
    names.filter_map(|name| if let AltName::Ip(address) = name { Some(*address) } else { None })
}

fn dns_names(certificate: &DecodedCertificate) -> impl Iterator<Item = &str> {
    let names = names(certificate).unwrap_or_default().iter();
    names.filter_map(|name| if let AltName::Dns(name) = name { Some(name.as_str()) } else { None })
}

fn matches(pattern: &str, host: &str) -> bool {
    if is_hostname(host.strip_suffix('.').unwrap_or(host), false) && is_hostname(pattern, true) {
        return matches_labels(pattern, host);
    }
    // `matchExactly`, for what is no name of a host.
    !pattern.is_empty() && pattern != "." && pattern.eq_ignore_ascii_case(host)
}

/// `matchHostnames`.
fn matches_labels(pattern: &str, host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let (patterns, labels): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), host.split('.').collect());
    let mut pairs = patterns.iter().zip(&labels).enumerate();
    !pattern.is_empty()
        && !host.is_empty()
        && patterns.len() == labels.len()
        && pairs.all(|(at, (pattern, label))| (at == 0 && *pattern == "*") || pattern.eq_ignore_ascii_case(label))
}

/// `validHostname`.
fn is_hostname(name: &str, is_pattern: bool) -> bool {
    let is_character = |(at, c): (usize, char)| c.is_ascii_alphanumeric() || c == '_' || (c == '-' && at > 0);
    let is_label = |(at, label): (usize, &str)| {
        (is_pattern && at == 0 && label == "*") || (!label.is_empty() && label.chars().enumerate().all(is_character))
    };
    name != "*" && name.split('.').enumerate().all(is_label)
}

/// `checkChainConstraints`: the constraints of each issuer, the root too, on the names in all subjectAltNames below.
pub(super) fn constraint_fault(chain: &[&DecodedCertificate], budget: &Budget) -> Option<String> {
    let above = chain.iter().enumerate().skip(1);
    above.filter_map(|(at, issuer)| Some((at, issuer.name_constraints.as_ref()?))).find_map(|(at, constraints)| {
        chain.iter().take(at).find_map(|one| {
            names(one)?
                .iter()
                .find_map(|name| fault(name, constraints, budget).unwrap_or_else(|Spent| Some(TOO_MANY.to_owned())))
        })
    })
}

/// Go compares without end. What takes longer than others have patience for is given up here.
const TOO_MANY: &str = "too many constraints";

fn fault(name: &AltName, constraints: &NameConstraints, budget: &Budget) -> Result<Option<String>, Spent> {
    let is_in = |subtree: &Subtree, is_permitted| -> Option<bool> {
        Some(match (name, subtree) {
            (AltName::Dns(name), Subtree::Dns(base)) => is_below(name, base, is_permitted),
            (AltName::Ip(address), Subtree::Ip(range)) => is_in_range(*address, range),
            (AltName::Email(address), Subtree::Email(base)) => is_mailbox_of(address, base),
            (AltName::Uri(uri), Subtree::Uri(base)) => {
                uri_host(uri).is_some_and(|host| is_below(host, base, is_permitted))
            }
            _ => return None,
        })
    };
    if let Some(base) = budget.excludes(&constraints.excluded, |subtree| is_in(subtree, false))? {
        return Ok(Some(format!("{} is excluded by constraint {:?}", described(name), base_text(base))));
    }
    let is_permitted = budget.permits(&constraints.permitted, |subtree| is_in(subtree, true))?;
    Ok((!is_permitted).then(|| format!("{} is not permitted by any constraint", described(name))))
}

/// A name as Go prints it.
fn described(name: &AltName) -> String {
    match name {
        AltName::Dns(name) => format!("DNS name {name:?}"),
        AltName::Ip(address) => format!("IP address {:?}", address.to_string()),
        AltName::Email(address) => format!("email address {address:?}"),
        AltName::Uri(uri) => format!("URI {uri:?}"),
        other => other.to_string(),
    }
}

/// A base as Go prints it: a range with the length of its prefix.
fn base_text(subtree: &Subtree) -> String {
    match subtree {
        Subtree::Ip(range) => {
            let (network, mask) = range.split_at(range.len() / 2);
            let address = <[u8; 4]>::try_from(network)
                .map(IpAddr::from)
                .or_else(|_| <[u8; 16]>::try_from(network).map(IpAddr::from));
            let length: u32 = mask.iter().map(|octet| octet.count_ones()).sum();
            address.map_or_else(|_| String::new(), |address| format!("{address}/{length}"))
        }
        Subtree::Dns(base)
        | Subtree::Email(base)
        | Subtree::Uri(base)
        | Subtree::Directory(_, base)
        | Subtree::Other(base) => base.clone(),
    }
}

/// A base is a host and all below it; a wildcard also touches what it could stand for, where that is excluded.
fn is_below(name: &str, base: &str, is_permitted: bool) -> bool {
    let domain = base.strip_prefix('.').unwrap_or(base);
    let is_within = || strip_end(name, domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    domain.is_empty() || is_within() || (!is_permitted && touches(name, base))
}

fn is_mailbox_of(address: &str, base: &str) -> bool {
    let Some((local, host)) = address.rsplit_once('@') else { return false };
    match base.rsplit_once('@') {
        Some((base_local, base_host)) => local == base_local && host.eq_ignore_ascii_case(base_host),
        None => is_below(host, base, true),
    }
}

fn uri_host(uri: &str) -> Option<&str> {
    uri.split_once("//")?.1.split(['/', ':']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_the_whole_first_label() {
        for (pattern, host, expected) in [
            ("*.example.com", "broker1.example.com", true),
            ("*.com", "example.com", true),
            ("*", "broker1", false),
            ("broker*.example.com", "broker1.example.com", false),
            ("broker1.example.com.", "broker1.example.com", false),
            ("broker1.example.com.", "broker1.example.com.", true),
            ("Broker1.example.com", "broker1.example.com.", true),
            ("kafka_1", "kafka_1", true),
        ] {
            assert_eq!(matches(pattern, host), expected, "{pattern} {host}");
        }
    }
}
