//! CAs: what they say of themselves, and what they allow.

use std::net::IpAddr;

use super::chain::{Path, has_issued, path};
use super::material::{KeyEntry, Material};
use super::{Finding, checks};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::{AltName, NameConstraints, SignatureCheck, Subtree};
use crate::spec::NodeRole;

checks! {
    SIGNATURE = Error "ca-signature": "a root that its own key has not signed was changed since it was made, or is not what it says";
    NO_CONSTRAINTS = Error "ca-constraints-missing": "Java and Go take a certificate for no CA that does not say CA:TRUE in basicConstraints";
    CONSTRAINTS_NOT_CRITICAL = Warning "ca-constraints-not-critical": "Python 3.13 and later refuse it: `Basic Constraints of CA cert not marked critical`";
    NO_USAGE = Warning "ca-usage-missing": "Python 3.13 and later refuse a CA without keyUsage";
    CANNOT_SIGN = Error "ca-cannot-sign": "a CA whose keyUsage lacks keyCertSign may not sign certificates, and every TLS stack says so";
    NO_SUBJECT_KEY = Warning "ca-subject-key-missing": "Python 3.13 and later refuse a CA without subjectKeyIdentifier, and others search longer for it";
    KEY_ID_DIFFERS = Error "authority-key-differs": "OpenSSL finds no issuer for a certificate whose authorityKeyIdentifier is another key's";
    PURPOSE = Error "ca-purpose": "OpenSSL, Node, Go and Python refuse a certificate for what its CA's extendedKeyUsage does not have";
    PATH_LENGTH = Error "ca-path-length": "more CAs stand below it than its basicConstraints allow, and every TLS stack but a few refuses the chain";
    ROOT_CONSTRAINTS = Warning "ca-root-name-constraints": "Java ignores name constraints of a root in a truststore, so that they protect no Java client or broker";
    OUTSIDE = Error "name-not-permitted": "OpenSSL, Go, Node and rustls refuse a certificate with a name that its CA may not sign for";
    LEAF_IS_CA = Error "leaf-is-ca": "whoever has this key can issue certificates for the whole cluster, and rustls refuses it as a leaf";
    OUTLIVES = Warning "certificate-outlives-issuer": "it is of no use after the last day of its CA, whatever date it says";
}

const REISSUE_CA: &str = "make a new CA certificate for the same key, and distribute it";

/// Judges a CA's certificate by itself.
pub(super) fn judge_ca(ca: &DecodedCertificate, place: &str) -> Vec<Finding> {
    let subject = &ca.subject.text;
    let mut findings = Vec::new();
    if ca.subject.is_same_as(&ca.issuer) && ca.is_signed_by(ca) == SignatureCheck::Invalid {
        let found = format!("`{subject}` says that it has signed itself, and has not");
        findings.push(Finding::new(&SIGNATURE, place, found, "restore the CA's certificate from where it was made"));
    }
    // Version 1 has no extensions, and is a finding of its own.
    if ca.version != 3 {
        return findings;
    }
    let mut add = |check, found: String| findings.push(Finding::new(check, place, found, REISSUE_CA));
    match &ca.basic_constraints {
        Some(constraints) if constraints.ca && !constraints.critical => {
            add(&CONSTRAINTS_NOT_CRITICAL, format!("the basicConstraints of `{subject}` are not critical"));
        }
        Some(constraints) if constraints.ca => {}
        _ => add(&NO_CONSTRAINTS, format!("the certificate of `{subject}` does not say CA:TRUE")),
    }
    match &ca.key_usage {
        None => add(&NO_USAGE, format!("the certificate of `{subject}` has no keyUsage")),
        Some(usage) if !usage.key_cert_sign() => {
            add(&CANNOT_SIGN, format!("the keyUsage of `{subject}` is {}", usage.names().join(", ")));
        }
        Some(_) => {}
    }
    if ca.subject_key_id.is_none() {
        add(&NO_SUBJECT_KEY, format!("the certificate of `{subject}` has no subjectKeyIdentifier"));
    }
    if ca.name_constraints.is_some() && ca.is_self_issued() {
        let found = format!("`{subject}` is a root with name constraints");
        let fix = "put them on an intermediate CA, which Java respects, or know that they bind others alone";
        findings.push(Finding::new(&ROOT_CONSTRAINTS, place, found, fix));
    }
    findings
}

/// Judges a leaf by itself: it shall be no CA.
pub(super) fn judge_leaf(leaf: &DecodedCertificate, place: &str) -> Option<Finding> {
    let found = format!("the certificate of `{}` says CA:TRUE", leaf.subject.text);
    leaf.is_ca().then(|| Finding::new(&LEAF_IS_CA, place, found, "issue the certificate again, as no CA"))
}

/// Judges a chain by what its CAs allow, up to the anchor.
pub(super) fn judge_chain(
    store: &Material,
    entry: &KeyEntry,
    role: NodeRole,
    anchors: &[&DecodedCertificate],
) -> Vec<Finding> {
    let Some(leaf) = entry.leaf() else { return Vec::new() };
    let others: Vec<_> = entry.chain.iter().skip(1).collect();
    let chain = match path(leaf, &others, anchors) {
        Path::Anchored(path) => path,
        _ => linked(leaf, &others),
    };
    let place = store.place(entry.alias.as_deref());
    let mut findings = Vec::new();
    for (index, pair) in chain.windows(2).enumerate() {
        let [certificate, issuer] = pair else { continue };
        findings.extend(judge_pair(certificate, issuer, &store.place_in_chain(entry, index)));
    }
    for (index, ca) in chain.iter().enumerate().skip(1) {
        findings.extend(judge_reach(&chain, ca, index, role, &place));
    }
    findings
}

/// Follows a chain that leads to nothing that is trusted.
fn linked<'a>(leaf: &'a DecodedCertificate, others: &[&'a DecodedCertificate]) -> Vec<&'a DecodedCertificate> {
    let mut chain = vec![leaf];
    let mut last = leaf;
    while let Some(next) =
        others.iter().find(|other| has_issued(other, last) && chain.iter().all(|seen| seen.as_der() != other.as_der()))
    {
        chain.push(next);
        last = next;
    }
    chain
}

fn judge_pair(certificate: &DecodedCertificate, issuer: &DecodedCertificate, place: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (subject, ca) = (&certificate.subject.text, &issuer.subject.text);
    let named = certificate.authority_key_id.as_ref().and_then(|id| id.key_id.as_ref());
    if let (Some(named), Some(own)) = (named, &issuer.subject_key_id)
        && named != own
    {
        let found = format!("the authorityKeyIdentifier of `{subject}` is not the subjectKeyIdentifier of `{ca}`");
        findings.push(Finding::new(
            &KEY_ID_DIFFERS,
            place,
            found,
            "issue the certificate again with the CA that is there",
        ));
    }
    if certificate.not_after > issuer.not_after {
        let found = format!(
            "the certificate of `{subject}` is valid until {}, and its CA until {}",
            certificate.not_after.date(),
            issuer.not_after.date()
        );
        findings.push(Finding::new(&OUTLIVES, place, found, "renew the CA, and issue the certificate again"));
    }
    findings
}

/// Judges what a CA in a chain says of all that is below it.
fn judge_reach(
    chain: &[&DecodedCertificate],
    ca: &DecodedCertificate,
    index: usize,
    role: NodeRole,
    place: &str,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let subject = &ca.subject.text;
    let below = chain.get(..index).unwrap_or_default();
    let intermediates = below.iter().skip(1).filter(|certificate| !certificate.is_self_issued()).count();
    let limit = ca.basic_constraints.as_ref().and_then(|constraints| constraints.path_length);
    if let Some(limit) = limit
        && intermediates > usize::try_from(limit).unwrap_or(usize::MAX)
    {
        let found = format!("`{subject}` allows {limit} CAs below it, and the chain has {intermediates}");
        findings.push(Finding::new(&PATH_LENGTH, place, found, "issue the certificate from a CA further up"));
    }
    if let Some(usage) = &ca.extended_key_usage {
        let lacks = (role == NodeRole::Broker && !usage.server_auth) || !usage.client_auth;
        if lacks && !usage.any {
            let found = format!("the extendedKeyUsage of the CA `{subject}` is {}", usage.names().join(", "));
            findings.push(Finding::new(&PURPOSE, place, found, "use a CA without extendedKeyUsage"));
        }
    }
    if let Some(constraints) = &ca.name_constraints {
        for name in below.iter().flat_map(|certificate| certificate.alt_names.iter().flat_map(|names| &names.names)) {
            if !is_permitted(constraints, name) {
                let found = format!("`{subject}` may not sign for `{name}`");
                findings.push(Finding::new(
                    &OUTSIDE,
                    place,
                    found,
                    "issue the certificate again without the name, or from another CA",
                ));
            }
        }
    }
    findings
}

/// Says whether constraints permit a name (RFC 5280 §4.2.1.10). Of names that TLS does not look at nothing is said.
fn is_permitted(constraints: &NameConstraints, name: &AltName) -> bool {
    let within = |tree: &Subtree| is_within(tree, name);
    if constraints.excluded.iter().any(|tree| within(tree) == Some(true)) {
        return false;
    }
    let mut of_kind = constraints.permitted.iter().filter_map(within).peekable();
    of_kind.peek().is_none() || of_kind.any(|is_within| is_within)
}

/// Says whether a name is in a subtree, or nothing if they are of different kinds.
fn is_within(tree: &Subtree, name: &AltName) -> Option<bool> {
    match (tree, name) {
        (Subtree::Dns(base), AltName::Dns(name)) => {
            let (base, name) = (base.trim_start_matches('.').to_ascii_lowercase(), name.to_ascii_lowercase());
            let rest = name.strip_suffix(base.as_str());
            Some(base.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
        }
        (Subtree::Ip(range), AltName::Ip(address)) => Some(is_in_range(range, *address)),
        _ => None,
    }
}

fn is_in_range(range: &[u8], address: IpAddr) -> bool {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let Some((network, mask)) = range.split_at_checked(octets.len()) else { return false };
    mask.len() == octets.len()
        && octets.iter().zip(network).zip(mask).all(|((octet, network), mask)| octet & mask == network & mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_permitted_as_rfc_5280_says() {
        let constraints = NameConstraints {
            critical: true,
            permitted: vec![Subtree::Dns("example.com".to_owned()), Subtree::Ip(vec![10, 0, 0, 0, 255, 0, 0, 0])],
            excluded: vec![Subtree::Dns("secret.example.com".to_owned())],
        };
        let is = |name: &str| {
            let name = name.parse().map_or_else(|_| AltName::Dns(name.to_owned()), AltName::Ip);
            is_permitted(&constraints, &name)
        };
        assert!(is("example.com") && is("b1.Example.com") && is("10.1.2.3"));
        assert!(!is("example.org") && !is("badexample.com") && !is("a.secret.example.com"));
        assert!(!is("11.0.0.1") && !is("::1"));
        assert!(is_permitted(&constraints, &AltName::Email("a@b".to_owned())));
    }
}
