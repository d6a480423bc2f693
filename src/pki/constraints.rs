//! The name constraints of a CA (RFC 5280 §4.2.1.10): a certificate with a name outside of them would be refused by Java below an
//! intermediate, and by OpenSSL and Go below any CA.

use std::fmt;
use std::net::IpAddr;

use x509_parser::extensions::{GeneralName, GeneralSubtree, NameConstraints};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::X509Name;

use super::subject::comparable;
use super::{Certificate, PkiError};
use crate::name::SubjectAltName;

const EMAIL_ADDRESS: &str = "1.2.840.113549.1.9.1";

/// A name that a CA may not sign for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameConstraintError {
    /// A DNS name or an address.
    AltName(SubjectAltName),
    /// The subject.
    Subject,
    /// The constraints cannot be read, so that nobody would accept what is signed.
    Unreadable,
}

impl fmt::Display for NameConstraintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AltName(name) => write!(f, "the name constraints of the CA do not allow `{name}`"),
            Self::Subject => write!(f, "the name constraints of the CA do not allow the subject"),
            Self::Unreadable => write!(f, "the name constraints of the CA cannot be read"),
        }
    }
}

impl std::error::Error for NameConstraintError {}

/// Checks that `ca` may sign for a subject, in DER, and these names.
pub(super) fn check(ca: &Certificate, subject: &[u8], alt_names: &[SubjectAltName]) -> Result<(), PkiError> {
    let (_, ca) = X509Certificate::from_der(ca.as_der()).map_err(|_| PkiError::NotACertificate)?;
    let constraints = ca.name_constraints().map_err(|_| NameConstraintError::Unreadable)?;
    match constraints {
        Some(extension) => Ok(check_against(extension.value, subject, alt_names)?),
        None => Ok(()),
    }
}

fn check_against(
    constraints: &NameConstraints<'_>,
    subject: &[u8],
    alt_names: &[SubjectAltName],
) -> Result<(), NameConstraintError> {
    let subtrees = [&constraints.permitted_subtrees, &constraints.excluded_subtrees];
    if !subtrees.into_iter().flatten().flatten().all(|subtree| is_readable(&subtree.base)) {
        return Err(NameConstraintError::Unreadable);
    }
    for name in alt_names {
        let is_allowed = match name {
            SubjectAltName::Dns(host) => allows(constraints, |base, list| match (base, list) {
                (GeneralName::DNSName(base), List::Permitted) => Some(is_below(host.as_str(), base)),
                (GeneralName::DNSName(base), List::Excluded) => Some(touches(host.as_str(), base)),
                _ => None,
            }),
            SubjectAltName::Ip(address) => allows(constraints, |base, _| match base {
                GeneralName::IPAddress(range) => Some(is_in_range(*address, range)),
                _ => None,
            }),
        };
        if !is_allowed {
            return Err(NameConstraintError::AltName(name.clone()));
        }
    }
    let (_, subject) = X509Name::from_der(subject).map_err(|_| NameConstraintError::Subject)?;
    let is_name_allowed = allows(constraints, |base, _| match base {
        GeneralName::DirectoryName(base) => Some(begins_with(&subject, base)),
        _ => None,
    });
    // They hold for addresses in the subject where no subjectAltName has one (RFC 5280 §4.2.1.10).
    let mut addresses = subject.iter_attributes().filter(|it| it.attr_type().to_id_string() == EMAIL_ADDRESS);
    let are_addresses_allowed = addresses.all(|address| {
        let mailbox = address.as_str().ok().and_then(mailbox);
        allows(constraints, |base, list| match base {
            // An address that cannot be read is not permitted, and it is excluded.
            GeneralName::RFC822Name(base) => {
                Some(mailbox.map_or(list == List::Excluded, |mailbox| is_mailbox_of(mailbox, base)))
            }
            _ => None,
        })
    });
    if is_name_allowed && are_addresses_allowed { Ok(()) } else { Err(NameConstraintError::Subject) }
}

/// The two lists of subtrees.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Permitted,
    Excluded,
}

/// Says whether a name is in one of the permitted subtrees of its kind, if there are any, and in none of those excluded.
/// `is_in` returns nothing for a base of another kind.
fn allows(constraints: &NameConstraints<'_>, is_in: impl Fn(&GeneralName<'_>, List) -> Option<bool>) -> bool {
    let matches = |subtrees: &Option<Vec<GeneralSubtree<'_>>>, list| -> Vec<bool> {
        subtrees.iter().flatten().filter_map(|subtree| is_in(&subtree.base, list)).collect()
    };
    let permitted = matches(&constraints.permitted_subtrees, List::Permitted);
    let excluded = matches(&constraints.excluded_subtrees, List::Excluded);
    (permitted.is_empty() || permitted.contains(&true)) && !excluded.contains(&true)
}

/// Says whether a base is what RFC 5280 §4.2.1.10 says of its kind: a range is an address and a mask.
fn is_readable(base: &GeneralName<'_>) -> bool {
    match base {
        GeneralName::Invalid(..) => false,
        GeneralName::IPAddress(range) => matches!(range.len(), 8 | 32),
        _ => true,
    }
}

/// Says whether a host, or all that a wildcard stands for, is the base or below it (RFC 5280 §4.2.1.10). A base with a dot in
/// front, which is not in the RFC, stands for the names below only, as in OpenSSL and Go.
fn is_below(host: &str, base: &str) -> bool {
    let base = base.to_ascii_lowercase();
    if base.is_empty() || host == base && !base.starts_with('.') {
        return true;
    }
    let domain = base.strip_prefix('.').unwrap_or(&base);
    host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}

/// Says whether a host, or any that a wildcard stands for, is the base or below it.
fn touches(host: &str, base: &str) -> bool {
    let is_one_of_wildcard = host.strip_prefix('*').is_some_and(|parent| {
        let base = base.to_ascii_lowercase();
        base.strip_suffix(parent).is_some_and(|label| !label.is_empty() && !label.contains('.'))
    });
    is_below(host, base) || is_one_of_wildcard
}

/// Splits an address in its local part and its host.
fn mailbox(address: &str) -> Option<(&str, &str)> {
    let (local, host) = address.split_once('@')?;
    let is_one = !local.is_empty() && !host.is_empty() && !host.contains('@') && !local.contains('"');
    is_one.then_some((local, host))
}

/// Says whether a mailbox is the base, at the host that the base is, or below the domain (RFC 5280 §4.2.1.10). Local parts are
/// compared as they are (§7.5).
fn is_mailbox_of((local, host): (&str, &str), base: &str) -> bool {
    let host = host.to_ascii_lowercase();
    match base.rsplit_once('@') {
        Some((base_local, base_host)) => local == base_local && host == base_host.to_ascii_lowercase(),
        None if base.is_empty() || base.starts_with('.') => is_below(&host, base),
        None => host == base.to_ascii_lowercase(),
    }
}

/// Says whether an address is in a range, which is an address and a mask of the same length.
fn is_in_range(address: IpAddr, range: &[u8]) -> bool {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let (network, mask) = range.split_at(range.len() / 2);
    let mut pairs = octets.iter().zip(network).zip(mask);
    range.len() == 2 * octets.len() && pairs.all(|((octet, network), mask)| octet & mask == network & mask)
}

/// Says whether a name begins with the RDNs of another, compared as RFC 5280 §7.1 does.
fn begins_with(name: &X509Name<'_>, base: &X509Name<'_>) -> bool {
    let (name, base) = (comparable(name), comparable(base));
    name.len() >= base.len() && name.iter().zip(&base).all(|(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    use x509_parser::asn1_rs::Tag;

    use super::*;
    use crate::name::dn::DistinguishedName;

    fn refusal(
        permitted: &[GeneralName<'static>],
        excluded: &[GeneralName<'static>],
        subject: &str,
        alt_names: &[&str],
    ) -> Option<NameConstraintError> {
        let subtrees = |bases: &[GeneralName<'static>]| {
            (!bases.is_empty()).then(|| bases.iter().cloned().map(|base| GeneralSubtree { base }).collect())
        };
        let constraints =
            NameConstraints { permitted_subtrees: subtrees(permitted), excluded_subtrees: subtrees(excluded) };
        let subject = DistinguishedName::parse(subject).unwrap().to_der().unwrap();
        let alt_names: Vec<SubjectAltName> = alt_names.iter().map(|name| name.parse().unwrap()).collect();
        check_against(&constraints, &subject, &alt_names).err()
    }

    #[test]
    fn a_wildcard_that_stands_for_an_excluded_name_is_refused() {
        let excluded = [GeneralName::DNSName("Secret.example.com")];
        for name in ["*.example.com", "secret.example.com", "a.secret.example.com", "*.secret.example.com"] {
            let refusal = refusal(&[], &excluded, "CN=a", &[name]);
            assert!(matches!(refusal, Some(NameConstraintError::AltName(_))), "{name}");
        }
        for name in ["b.example.com", "example.com", "*.b.example.com", "*.org.example"] {
            assert_eq!(refusal(&[], &excluded, "CN=a", &[name]), None, "{name}");
        }
        assert!(!touches("*.example.com", "a.secret.example.com"));
    }

    #[test]
    fn an_address_in_the_subject_is_checked() {
        let evil = "emailAddress=a@evil.com,CN=a";
        for (base, is_allowed) in [
            ("Evil.com", true),
            ("a@evil.com", true),
            ("A@evil.com", false),
            (".evil.com", false),
            ("example.com", false),
        ] {
            let base = [GeneralName::RFC822Name(base)];
            let expected = (!is_allowed).then_some(NameConstraintError::Subject);
            assert_eq!(refusal(&base, &[], evil, &[]), expected, "{base:?}");
            assert_eq!(refusal(&[], &base, evil, &[]).is_some(), is_allowed, "{base:?}");
            assert_eq!(refusal(&base, &[], "CN=a", &[]), None);
        }
        assert_eq!(refusal(&[GeneralName::RFC822Name(".evil.com")], &[], "emailAddress=a@b.evil.com", &[]), None);
        let base = [GeneralName::RFC822Name("evil.com")];
        for unclear in ["emailAddress=evil.com", "emailAddress=a@b@evil.com"] {
            assert!(refusal(&base, &[], unclear, &[]).is_some() && refusal(&[], &base, unclear, &[]).is_some());
        }
    }

    #[test]
    fn what_cannot_be_read_allows_nothing() {
        for base in [GeneralName::Invalid(Tag(2), &[0xFF]), GeneralName::IPAddress(&[10, 0, 0, 0, 255, 0, 0])] {
            let base = [base];
            assert_eq!(refusal(&base, &[], "CN=a", &[]), Some(NameConstraintError::Unreadable));
            assert_eq!(refusal(&[], &base, "CN=a", &[]), Some(NameConstraintError::Unreadable));
        }
    }

    #[test]
    fn a_host_is_below_its_domain_and_not_below_what_only_ends_alike() {
        assert!(is_below("b.example.com", "example.com"));
        assert!(is_below("b.example.com", ".Example.com"));
        assert!(!is_below("example.com", ".example.com"));
        assert!(is_below("example.com", "example.com"));
        assert!(is_below("*.example.com", "example.com"));
        assert!(is_below("anything", ""));
        assert!(!is_below("badexample.com", "example.com"));
        assert!(!is_below("example.org", "example.com"));
    }

    #[test]
    fn an_address_is_in_the_range_of_its_own_family() {
        let range = [10, 1, 0, 0, 255, 255, 0, 0];
        assert!(is_in_range("10.1.2.3".parse().unwrap(), &range));
        assert!(!is_in_range("10.2.2.3".parse().unwrap(), &range));
        assert!(!is_in_range("::1".parse().unwrap(), &range));
        assert!(!is_in_range("10.1.2.3".parse().unwrap(), &range[..7]));
    }
}
