//! Hosts and name constraints as OpenSSL sees them: `X509_check_host` in `crypto/x509/v3_utl.c`, and
//! `crypto/x509/v3_ncons.c`.

use std::net::IpAddr;

use der::Decode;
use x509_cert::name::{RdnSequence, RelativeDistinguishedName};

use super::Fault;
use crate::pki::DecodedCertificate;
use crate::pki::decoded::{AltName, NameConstraints, Subtree};
use crate::verify::acceptance::budget::{Budget, COMPARISONS, Spent};
use crate::verify::acceptance::names::{begins_with, is_in_range, strip_end};

/// How hosts are compared.
#[derive(Debug, Clone, Copy)]
pub(in crate::verify::acceptance) struct HostRules {
    /// Whether `broker*.example.com` stands for anything: not under `X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS`.
    pub(super) partial_wildcards: bool,
}

/// `X509_check_ip`.
pub(super) fn is_for_address(leaf: &DecodedCertificate, address: IpAddr) -> bool {
    leaf.alt_names.iter().flat_map(|names| &names.names).any(|name| *name == AltName::Ip(address))
}

impl HostRules {
    /// `do_x509_check` for a DNS name: the common names count if the subjectAltName has no DNS name.
    pub(super) fn is_for_host(self, leaf: &DecodedCertificate, host: &str) -> bool {
        let dns: Vec<&str> = dns_names(leaf).collect();
        if !dns.is_empty() {
            return dns.into_iter().any(|pattern| self.matches(pattern, host));
        }
        leaf.subject.common_names.iter().any(|pattern| self.matches(pattern, host))
    }

    /// `equal_wildcard`.
    fn matches(self, pattern: &str, host: &str) -> bool {
        match self.valid_star(pattern) {
            Some((prefix, suffix)) => matches_wildcard(prefix, suffix, host),
            None => pattern.eq_ignore_ascii_case(host),
        }
    }

    /// `valid_star`: splits a pattern at its star, if that is one wildcard in the first of at least three labels.
    fn valid_star(self, pattern: &str) -> Option<(&str, &str)> {
        let labels: Vec<&str> = pattern.split('.').collect();
        let (first, rest) = labels.split_first()?;
        let is_label = |label: &&str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '*')
        };
        let is_idna = first.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"));
        let stars = pattern.matches('*').count();
        let is_full = *first == "*";
        let is_at_end = first.starts_with('*') || first.ends_with('*');
        let is_good = stars == 1 && rest.len() >= 2 && labels.iter().all(is_label) && !is_idna && is_at_end;
        (is_good && (is_full || self.partial_wildcards) && first.contains('*')).then(|| pattern.split_once('*'))?
    }
}

/// `wildcard_match`: a star stands for letters, digits and hyphens of one label.
fn matches_wildcard(prefix: &str, suffix: &str, host: &str) -> bool {
    let (host, prefix, suffix) = (host.to_ascii_lowercase(), prefix.to_ascii_lowercase(), suffix.to_ascii_lowercase());
    let Some(star) = host.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(&suffix)) else { return false };
    // A star alone stands for something, and may stand for an A-label.
    let is_whole_label = prefix.is_empty() && suffix.starts_with('.');
    if is_whole_label && star.is_empty() || !is_whole_label && star.starts_with("xn--") {
        return false;
    }
    star == "*" || star.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn dns_names(certificate: &DecodedCertificate) -> impl Iterator<Item = &str> {
    let names = certificate.alt_names.iter().flat_map(|names| &names.names);
    names.filter_map(|name| if let AltName::Dns(name) = name { Some(name.as_str()) } else { None })
}

/// `check_name_constraints`: those of every certificate above, the anchor's too.
pub(super) fn constraint_fault(chain: &[&DecodedCertificate], budget: &Budget) -> Option<Fault> {
    for (at, certificate) in chain.iter().enumerate().rev() {
        if at != 0 && certificate.is_self_issued() {
            continue;
        }
        for above in chain.iter().skip(at.saturating_add(1)).rev() {
            let fault = above
                .name_constraints
                .as_ref()
                .and_then(|constraints| check(certificate, constraints, at == 0, budget));
            if fault.is_some() {
                return fault;
            }
        }
    }
    None
}

/// `NAME_CONSTRAINTS_check` and, for a leaf without a DNS name, `NAME_CONSTRAINTS_check_CN`.
fn check(
    certificate: &DecodedCertificate,
    constraints: &NameConstraints,
    is_leaf: bool,
    budget: &Budget,
) -> Option<Fault> {
    if comparisons(certificate, constraints) > COMPARISONS {
        return Some(Fault::Unspecified);
    }
    let subject = (!certificate.subject.is_empty()).then_some(Name::Directory(&certificate.subject.der));
    let alt_names = certificate.alt_names.iter().flat_map(|names| &names.names).filter_map(Name::of);
    let common_names =
        certificate.subject.common_names.iter().filter(|name| is_dns_like(name)).map(|name| Name::Dns(name));
    let common_names = common_names.filter(|_| is_leaf && dns_names(certificate).next().is_none());
    subject
        .into_iter()
        .chain(alt_names)
        .chain(common_names)
        .find_map(|name| name.fault(constraints, budget).unwrap_or(Some(Fault::Unspecified)))
}

/// What `NAME_CHECK_MAX` bounds: the parts of the subject and the names, each against every subtree.
fn comparisons(certificate: &DecodedCertificate, constraints: &NameConstraints) -> usize {
    let subject = RdnSequence::from_der(&certificate.subject.der);
    let parts: usize = subject.map_or(0, |subject| subject.iter().map(RelativeDistinguishedName::len).sum());
    let names = certificate.alt_names.as_ref().map_or(0, |names| names.names.len());
    let subtrees = constraints.permitted.len().saturating_add(constraints.excluded.len());
    parts.saturating_add(names).saturating_mul(subtrees)
}

/// `cn2dnsid`: what could be a host of at least two labels.
fn is_dns_like(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    name.contains('.') && name.split('.').all(is_label)
}

/// A name that constraints can be about.
enum Name<'n> {
    Directory(&'n [u8]),
    Dns(&'n str),
    Email(&'n str),
    Ip(IpAddr),
    Uri(&'n str),
}

impl<'n> Name<'n> {
    fn of(name: &'n AltName) -> Option<Self> {
        Some(match name {
            AltName::Dns(name) => Self::Dns(name),
            AltName::Email(address) => Self::Email(address),
            AltName::Ip(address) => Self::Ip(*address),
            AltName::Uri(uri) => Self::Uri(uri),
            _ => return None,
        })
    }

    /// `nc_match`: in one of the permitted subtrees of its kind, if there are any, and in none of those excluded.
    fn fault(&self, constraints: &NameConstraints, budget: &Budget) -> Result<Option<Fault>, Spent> {
        if !budget.permits(&constraints.permitted, |subtree| self.is_in(subtree))? {
            return Ok(Some(Fault::PermittedViolation));
        }
        let excluded = budget.excludes(&constraints.excluded, |subtree| self.is_in(subtree))?;
        Ok(excluded.map(|_| Fault::ExcludedViolation))
    }

    /// `nc_match_single`. Returns nothing for a subtree of another kind.
    fn is_in(&self, subtree: &Subtree) -> Option<bool> {
        Some(match (self, subtree) {
            (Self::Directory(name), Subtree::Directory(base, _)) => begins_with(name, base),
            (Self::Dns(name), Subtree::Dns(base)) => is_below(name, base),
            (Self::Email(address), Subtree::Email(base)) => is_mailbox_of(address, base),
            (Self::Ip(address), Subtree::Ip(range)) => is_in_range(*address, range),
            (Self::Uri(uri), Subtree::Uri(base)) => is_uri_of(uri, base),
            _ => return None,
        })
    }
}

/// `nc_dns`.
fn is_below(name: &str, base: &str) -> bool {
    strip_end(name, base)
        .is_some_and(|rest| base.is_empty() || rest.is_empty() || base.starts_with('.') || rest.ends_with('.'))
}

/// `nc_email`.
fn is_mailbox_of(address: &str, base: &str) -> bool {
    let Some((local, host)) = address.rsplit_once('@') else { return false };
    match base.rsplit_once('@') {
        Some((base_local, base_host)) => {
            (base_local.is_empty() || base_local == local) && host.eq_ignore_ascii_case(base_host)
        }
        None if base.starts_with('.') => is_below(host, base),
        None => host.eq_ignore_ascii_case(base),
    }
}

/// `nc_uri`.
fn is_uri_of(uri: &str, base: &str) -> bool {
    let Some((_, rest)) = uri.split_once("//") else { return false };
    let host = rest.split([':', '/']).next().unwrap_or_default();
    if base.starts_with('.') { is_below(host, base) } else { host.eq_ignore_ascii_case(base) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_are_whole_first_labels_unless_partial_ones_are_allowed() {
        for (pattern, host, whole, partial) in [
            ("*.example.com", "broker1.example.com", true, true),
            ("*.example.com", "a.b.example.com", false, false),
            ("*.example.com", "kafka_1.example.com", false, false),
            ("*.example.com", "xn--bcher-kva.example.com", true, true),
            ("*.com", "example.com", false, false),
            ("broker*.example.com", "broker1.example.com", false, true),
            ("*1.example.com", "broker1.example.com", false, true),
            ("b*1.example.com", "broker1.example.com", false, false),
            ("*.*.com", "broker1.example.com", false, false),
            ("Broker1.example.com", "broker1.EXAMPLE.com", true, true),
        ] {
            for (partial_wildcards, expected) in [(false, whole), (true, partial)] {
                assert_eq!(HostRules { partial_wildcards }.matches(pattern, host), expected, "{pattern} {host}");
            }
        }
    }

    #[test]
    fn a_base_is_a_host_and_all_below() {
        assert!(is_below("broker1.example.com", "EXAMPLE.com") && is_below("example.com", "example.com"));
        assert!(is_below("a.example.com", ".example.com") && !is_below("example.com", ".example.com"));
        assert!(!is_below("badexample.com", "example.com"));
    }
}
