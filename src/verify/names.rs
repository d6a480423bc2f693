//! Names of hosts in certificates, and names of subjects.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::net::IpAddr;

use super::{Finding, checks, listed};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::AltName;

checks! {
    NO_ALT_NAME = Error "san-missing": "Go and rustls look for the host in the alternative names alone, and refuse a certificate that has it only in its CN";
    HOST_MISSING = Error "san-host-missing": "clients that connect to this name refuse the broker: `No subject alternative DNS name matching … found`";
    ADDRESS_AS_NAME = Error "san-address-as-name": "an address counts as an address alone: `No subject alternative names matching IP address … found`";
    BAD_ADDRESS = Error "san-address-malformed": "an address has 4 octets or 16, and Java refuses a certificate with another";
    UNDERSCORE = Error "san-underscore": "Java takes no host name with an underscore: `Illegal given domain name`";
    TRAILING_DOT = Warning "san-trailing-dot": "hosts are compared without the dot at their end, and but for Node no stack matches a name that has one";
    WILDCARD = Error "san-wildcard": "a wildcard stands for one whole label at the left, as in `*.example.com`; others are ignored or refused";
    NAME_MALFORMED = Warning "san-name-malformed": "it is no host name (RFC 1123 §2.1), and whether a client connects to it depends on its TLS stack";
    LOOPBACK_ONLY = Warning "san-loopback-only": "no other machine connects to these names";
    EMPTY_SUBJECT = Error "subject-empty": "Java refuses a certificate without a subject whose alternative names are not critical, and Kafka's principal would be empty";
    EMPTY_PRINCIPAL = Warning "subject-empty-principal": "Kafka makes its principal of the subject, and access rules cannot tell apart who has none";
    CONTROL_CHARACTER = Error "subject-control-character": "Java prints it as it is, into Kafka's principal, its logs and its access rules";
    SEMICOLON = Warning "subject-semicolon": "Kafka splits super.users at each `;`, so that this principal cannot be a super user without a mapping rule";
}

/// Judges the names of a broker's certificate; `hosts` are what others connect to.
pub(super) fn judge_broker(leaf: &DecodedCertificate, place: &str, hosts: &[String]) -> Vec<Finding> {
    let reissue = "issue the certificate again with the host as an alternative name";
    let names = leaf.alt_names.as_ref().map(|alt_names| alt_names.names.as_slice()).unwrap_or_default();
    if !names.iter().any(|name| matches!(name, AltName::Dns(_) | AltName::Ip(_) | AltName::BadIp(_))) {
        let found = format!("the certificate of `{}` names no host", leaf.subject.text);
        return vec![Finding::new(&NO_ALT_NAME, place, found, reissue)];
    }
    let known = listed(names.iter().map(ToString::to_string), names.len(), " ");
    let missing = hosts.iter().filter(|host| !names.iter().any(|name| is_match(name, host)));
    let mut findings: Vec<_> = missing
        .map(|host| {
            let found = format!("`{host}` is none of the names in the certificate: {known}");
            Finding::new(&HOST_MISSING, place, found, reissue)
        })
        .collect();
    findings.extend(judge_underscores(place, names, hosts));
    let is_loopback = |name: &AltName| match name {
        AltName::Dns(name) => name.eq_ignore_ascii_case("localhost"),
        AltName::Ip(address) => address.is_loopback(),
        _ => true,
    };
    let is_meant = leaf.subject.common_names.iter().any(|name| name.eq_ignore_ascii_case("localhost"));
    if findings.is_empty() && names.iter().all(is_loopback) && !is_meant {
        let found = "the certificate names this machine alone";
        findings.push(Finding::new(&LOOPBACK_ONLY, place, found, reissue));
    }
    findings
}

/// Judges the names that Java does not take as a host: those that clients connect to, which are all if nobody has said them.
fn judge_underscores(place: &str, names: &[AltName], hosts: &[String]) -> Vec<Finding> {
    let own = names.iter().filter_map(|name| match name {
        AltName::Dns(name) if hosts.is_empty() => Some(name),
        _ => None,
    });
    let is_met = |host: &&String| names.iter().any(|name| is_match(name, host));
    let asked =
        hosts.iter().filter(|host| host.contains('_')).filter(is_met).chain(own.filter(|name| name.contains('_')));
    let fix = "give the host a name without it, and issue the certificate again";
    asked.map(|host| Finding::new(&UNDERSCORE, place, format!("clients connect to `{host}`"), fix)).collect()
}

/// Judges the form of the names in a certificate.
pub(super) fn judge_form(certificate: &DecodedCertificate, place: &str) -> Vec<Finding> {
    let names = certificate.alt_names.iter().flat_map(|alt_names| &alt_names.names);
    names
        .filter_map(|name| {
            let (check, fix) = match name {
                AltName::BadIp(_) => (&BAD_ADDRESS, "give the address as one of type IP"),
                AltName::Dns(name) => fault_of_name(name)?,
                _ => return None,
            };
            Some(Finding::new(
                check,
                place,
                format!("the certificate has the name `{name}`"),
                format!("issue the certificate again: {fix}"),
            ))
        })
        .collect()
}

fn fault_of_name(name: &str) -> Option<(&'static super::Check, &'static str)> {
    let body = name.strip_prefix("*.").unwrap_or(name);
    if name.parse::<IpAddr>().is_ok() {
        Some((&ADDRESS_AS_NAME, "give the address as one of type IP"))
    } else if body.contains('*') || (name != body && !body.contains('.')) {
        Some((&WILDCARD, "put the wildcard alone before the first dot of a name with two labels or more"))
    } else if name.ends_with('.') && name.len() > 1 {
        Some((&TRAILING_DOT, "write the name without a dot at its end"))
    } else if !is_host_name(body) {
        Some((&NAME_MALFORMED, "use letters, digits and hyphens, with dots between"))
    } else {
        None
    }
}

fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            // An underscore is judged where somebody connects to it.
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

/// Says whether a name in a certificate is that of a host (RFC 9525 §6.3): a wildcard stands for the first label.
fn is_match(name: &AltName, host: &str) -> bool {
    match (name, host.parse::<IpAddr>()) {
        (AltName::Ip(address), Ok(wanted)) => *address == wanted,
        (AltName::Dns(name), Err(_)) => {
            let host = host.strip_suffix('.').unwrap_or(host);
            let rest = |name: &str| name.split_once('.').map(|(_, rest)| rest.to_ascii_lowercase());
            name.eq_ignore_ascii_case(host)
                || name
                    .strip_prefix("*.")
                    .is_some_and(|base| rest(host).is_some_and(|rest| rest == base.to_ascii_lowercase()))
        }
        _ => false,
    }
}

/// Judges the subject of a leaf.
pub(super) fn judge_subject(leaf: &DecodedCertificate, place: &str) -> Vec<Finding> {
    let subject = &leaf.subject;
    let reissue = "issue the certificate again with another subject";
    let mut findings = Vec::new();
    if subject.is_empty() {
        let is_critical = leaf.alt_names.as_ref().is_some_and(|names| names.critical);
        let check = if is_critical { &EMPTY_PRINCIPAL } else { &EMPTY_SUBJECT };
        findings.push(Finding::new(check, place, "the certificate has no subject", reissue));
    }
    if subject.has_control_character() {
        let found = format!("the subject `{}` has a control character", subject.text);
        findings.push(Finding::new(&CONTROL_CHARACTER, place, found, reissue));
    }
    if subject.text.contains(';') {
        let fix = "set ssl.principal.mapping.rules, or issue the certificate again without it";
        findings.push(Finding::new(&SEMICOLON, place, format!("the subject `{}` has a `;`", subject.text), fix));
    }
    findings
}
