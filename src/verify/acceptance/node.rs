//! Node: OpenSSL, whose callback lets it go on to the end, so that the last fault counts; and `tls.checkServerIdentity` in lib/tls.js.

use std::net::IpAddr;

use super::openssl::{self, Fault, Profile};
use super::{Question, Reason, Refusal, Side, Verdict};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::AltName;

/// Node leaves the level of OpenSSL 3.0 as it is, and compares hosts itself.
const NODE: Profile = Profile { strict: false, partial_chain: false, level: 1, host: None };

pub(super) fn judge<'a>(question: &Question<'a>) -> Verdict<'a> {
    let (path, faults) = openssl::all_faults(NODE, question);
    match (faults.last(), question.side) {
        (Some(fault), Side::ServerFor { .. }) => Err(Refusal::new(fault.reason(), fault.text())),
        (Some(fault), Side::Client) => Err(Refusal::new(fault.reason(), code(*fault))),
        (None, Side::ServerFor { host: Some(host) }) => {
            match question.sent.first().and_then(|leaf| mismatch(leaf, host)) {
                Some(reason) => {
                    let message = format!("Hostname/IP does not match certificate's altnames: {reason}");
                    Err(Refusal::new(Reason::HostName, message))
                }
                None => Ok(path),
            }
        }
        (None, Side::Client | Side::ServerFor { host: None }) => Ok(path),
    }
}

/// `X509ErrorCode` of `src/crypto/crypto_common.cc`, which a server has in `authorizationError`.
fn code(fault: Fault) -> &'static str {
    match fault {
        Fault::UnableToGetIssuer => "UNABLE_TO_GET_ISSUER_CERT",
        Fault::NotYetValid => "CERT_NOT_YET_VALID",
        Fault::Expired => "CERT_HAS_EXPIRED",
        Fault::SelfSigned => "DEPTH_ZERO_SELF_SIGNED_CERT",
        Fault::SelfSignedInChain => "SELF_SIGNED_CERT_IN_CHAIN",
        Fault::UnableToGetIssuerLocally => "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        Fault::UnableToVerifyLeaf => "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        Fault::SignatureFailure => "CERT_SIGNATURE_FAILURE",
        Fault::InvalidCa => "INVALID_CA",
        Fault::PathLength => "PATH_LENGTH_EXCEEDED",
        Fault::Purpose => "INVALID_PURPOSE",
        Fault::TooLong => "CERT_CHAIN_TOO_LONG",
        _ => "UNSPECIFIED",
    }
}

/// Returns why a certificate is not this host's.
fn mismatch(leaf: &DecodedCertificate, host: &str) -> Option<String> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let names = || leaf.alt_names.iter().flat_map(|names| &names.names);
    if let Ok(address) = host.parse::<IpAddr>() {
        let addresses: Vec<IpAddr> =
            names().filter_map(|name| if let AltName::Ip(ip) = name { Some(*ip) } else { None }).collect();
        let list = addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", ");
        return (!addresses.contains(&address)).then(|| format!("IP: {host} is not in the cert's list: {list}"));
    }
    let dns: Vec<&str> =
        names().filter_map(|name| if let AltName::Dns(name) = name { Some(name.as_str()) } else { None }).collect();
    let common_names = &leaf.subject.common_names;
    if !dns.is_empty() {
        let list = names().map(in_list).collect::<Vec<_>>().join(", ");
        let is_for_host = dns.into_iter().any(|pattern| matches(pattern, host));
        (!is_for_host).then(|| format!("Host: {host}. is not in the cert's altnames: {list}"))
    } else if !common_names.is_empty() {
        let is_for_host = common_names.iter().any(|pattern| matches(pattern, host));
        (!is_for_host).then(|| format!("Host: {host}. is not cert's CN: {}", common_names.join(",")))
    } else {
        Some("Cert does not contain a DNS name".to_owned())
    }
}

/// What `subjectaltname` calls a name.
fn in_list(name: &AltName) -> String {
    match name {
        AltName::Dns(name) => format!("DNS:{name}"),
        AltName::Ip(address) => format!("IP Address:{address}"),
        AltName::Email(address) => format!("email:{address}"),
        AltName::Uri(uri) => format!("URI:{uri}"),
        AltName::Directory(name) => format!("DirName:{name}"),
        other => other.to_string(),
    }
}

/// `check` of lib/tls.js.
fn matches(pattern: &str, host: &str) -> bool {
    let lower = |name: &str| name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let (pattern, host) = (lower(pattern), lower(host));
    let (patterns, labels): (Vec<&str>, Vec<&str>) = (pattern.split('.').collect(), host.split('.').collect());
    let is_text = |label: &&str| !label.is_empty() && label.chars().all(|c| ('\u{21}'..='\u{7F}').contains(&c));
    let (Some((first_pattern, patterns_left)), Some((first, labels_left))) =
        (patterns.split_first(), labels.split_first())
    else {
        return false;
    };
    if !patterns.iter().all(is_text) || patterns_left != labels_left {
        return false;
    }
    let Some((prefix, suffix)) = first_pattern.split_once('*').filter(|_| !first_pattern.contains("xn--")) else {
        return first == first_pattern;
    };
    // More than one star is always wrong, and so is `*.com`.
    let is_allowed = !suffix.contains('*') && patterns.len() > 2;
    is_allowed && first.strip_prefix(prefix).is_some_and(|rest| rest.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_a_part_of_the_first_label() {
        for (pattern, host, expected) in [
            ("*.example.com", "broker1.example.com", true),
            ("broker*.example.com", "broker1.example.com", true),
            ("b*r1.example.com", "broker1.example.com", true),
            ("*.example.com", "kafka_1.example.com", true),
            ("*.*.com", "broker1.example.com", false),
            ("*.com", "example.com", false),
            ("broker1.example.com.", "BROKER1.example.com", true),
            ("bücher.example.com", "bücher.example.com", false),
        ] {
            assert_eq!(matches(pattern, host), expected, "{pattern} {host}");
        }
    }
}
