//! The name constraints of a CA (RFC 5280 §4.2.1.10): a certificate with a name outside of them would be refused by Java below an
//! intermediate, and by OpenSSL and Go below any CA.

use std::fmt;
use std::net::IpAddr;

use x509_parser::extensions::{GeneralName, GeneralSubtree};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::X509Name;

use super::subject::comparable;
use super::{Certificate, PkiError};
use crate::name::SubjectAltName;

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
    let Some(constraints) = constraints.map(|extension| extension.value) else { return Ok(()) };
    let allows = |kind: &dyn Fn(&GeneralName<'_>) -> Option<bool>| {
        let matches = |subtrees: &Option<Vec<GeneralSubtree<'_>>>| -> Vec<bool> {
            subtrees.iter().flatten().filter_map(|subtree| kind(&subtree.base)).collect()
        };
        let permitted = matches(&constraints.permitted_subtrees);
        let excluded = matches(&constraints.excluded_subtrees);
        (permitted.is_empty() || permitted.contains(&true)) && !excluded.contains(&true)
    };
    for name in alt_names {
        let is_allowed = match name {
            SubjectAltName::Dns(host) => allows(&|base| match base {
                GeneralName::DNSName(base) => Some(is_below(host.as_str(), base)),
                _ => None,
            }),
            SubjectAltName::Ip(address) => allows(&|base| match base {
                GeneralName::IPAddress(range) => Some(is_in_range(*address, range)),
                _ => None,
            }),
        };
        if !is_allowed {
            return Err(NameConstraintError::AltName(name.clone()).into());
        }
    }
    let (_, subject) = X509Name::from_der(subject).map_err(|_| NameConstraintError::Subject)?;
    let is_allowed = allows(&|base| match base {
        GeneralName::DirectoryName(base) => Some(begins_with(&subject, base)),
        _ => None,
    });
    if is_allowed { Ok(()) } else { Err(NameConstraintError::Subject.into()) }
}

/// Says whether a host is the base or below it. A wildcard is where the names are that it stands for.
fn is_below(host: &str, base: &str) -> bool {
    let host = host.strip_prefix("*.").unwrap_or(host);
    let base = base.to_ascii_lowercase();
    let base = base.trim_start_matches('.');
    base.is_empty() || host == base || host.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'))
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
    use super::*;

    #[test]
    fn a_host_is_below_its_domain_and_not_below_what_only_ends_alike() {
        assert!(is_below("b.example.com", "example.com"));
        assert!(is_below("b.example.com", ".Example.com"));
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
