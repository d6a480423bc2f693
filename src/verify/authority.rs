//! CAs: what they say of themselves, and what they allow.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::fmt;
use std::net::IpAddr;

use super::chain::{Path, TOO_LONG, Work, is_self_signed, linked, path};
use super::material::{KeyEntry, Material};
use super::{Finding, checks};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::{AltName, DecodedName, NameConstraints, SignatureCheck, Subtree};
use crate::spec::NodeRole;

checks! {
    SIGNATURE = Warning "ca-signature": "a root that its own key has not signed was changed since it was made, or is not what it says, and no TLS stack looks";
    NO_CONSTRAINTS = Error "ca-constraints-missing": "Java and Go take a certificate for no CA that does not say CA:TRUE in basicConstraints";
    CONSTRAINTS_NOT_CRITICAL = Warning "ca-constraints-not-critical": "Python 3.13 and later refuse it: `Basic Constraints of CA cert not marked critical`";
    NO_USAGE = Warning "ca-usage-missing": "Python 3.13 and later refuse a CA without keyUsage";
    CANNOT_SIGN = Error "ca-cannot-sign": "a CA whose keyUsage lacks keyCertSign may not sign certificates, and every TLS stack but rustls refuses what it signs";
    NO_SUBJECT_KEY = Warning "ca-subject-key-missing": "Python 3.13 and later refuse a CA without subjectKeyIdentifier, and others search longer for it";
    KEY_ID_DIFFERS = Error "authority-key-differs": "OpenSSL and Node find no issuer for a certificate whose authorityKeyIdentifier is another's";
    NAME_ENCODED = Warning "issuer-name-encoded-otherwise": "Go and rustls compare names octet by octet, and find no issuer for the certificate";
    TRUSTED_MIDWAY = Warning "anchor-intermediate": "librdkafka and Node go on to a root, and refuse a chain that ends at an intermediate CA";
    PURPOSE = Error "ca-purpose": "OpenSSL, Node, Go and Python refuse a certificate for what its CA's extendedKeyUsage does not have; but for Go anyExtendedKeyUsage does not count";
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
    if says_self_signed(ca) && ca.is_signed_by(ca) == SignatureCheck::Invalid {
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

/// Says whether a certificate names itself as its issuer: another of the same name may have another key.
fn says_self_signed(ca: &DecodedCertificate) -> bool {
    let named = ca.authority_key_id.as_ref().and_then(|id| id.key_id.as_ref());
    ca.is_self_issued() && named.is_none_or(|named| ca.subject_key_id.as_ref().is_none_or(|own| own == named))
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
    let work = Work::new();
    let place = store.place(entry.alias.as_deref());
    let mut findings = Vec::new();
    let chain = match path(leaf, &others, anchors, &work) {
        Path::Anchored(path) => {
            findings.extend(judge_end(&path, anchors, &place, &work));
            path
        }
        _ => linked(leaf, &others, &work),
    };
    for (index, pair) in chain.windows(2).enumerate() {
        let [certificate, issuer] = pair else { continue };
        findings.extend(judge_pair(certificate, issuer, &store.place_in_chain(entry, index)));
    }
    let mut comparisons = MAX_COMPARISONS;
    for (index, ca) in chain.iter().enumerate().skip(1) {
        findings.extend(judge_reach(&chain, ca, index, role, &place));
        findings.extend(judge_constraints(&chain, ca, index, &place, &mut comparisons));
    }
    findings
}

/// Judges what a leaf leads to.
fn judge_end(
    path: &[&DecodedCertificate],
    anchors: &[&DecodedCertificate],
    place: &str,
    work: &Work,
) -> Option<Finding> {
    let anchor = path.last()?;
    let (subject, is_leaf) = (&anchor.subject.text, path.len() == 1);
    if is_self_signed(anchor) {
        return if is_leaf { None } else { judge_key_id(anchor, anchor, place) };
    }
    let ends_at_root = linked(anchor, anchors, work).last().is_some_and(|last| last.is_self_issued());
    // A leaf that is trusted itself is a finding of its own.
    let found = format!("the truststore has `{subject}` without the root above it");
    (!is_leaf && !ends_at_root)
        .then(|| Finding::new(&TRUSTED_MIDWAY, place, found, "import the root's certificate into the truststore"))
}

/// Judges what a certificate says of its issuer's certificate.
fn judge_key_id(certificate: &DecodedCertificate, issuer: &DecodedCertificate, place: &str) -> Option<Finding> {
    let id = certificate.authority_key_id.as_ref()?;
    let is_other_key = matches!((&id.key_id, &issuer.subject_key_id), (Some(named), Some(own)) if named != own);
    let is_other_serial = id.serial.as_ref().is_some_and(|named| digits(named) != digits(&issuer.serial));
    let (subject, ca) = (&certificate.subject.text, &issuer.subject.text);
    let found = if is_other_key {
        format!("the authorityKeyIdentifier of `{subject}` is not the subjectKeyIdentifier of `{ca}`")
    } else if is_other_serial {
        format!("the authorityKeyIdentifier of `{subject}` has not the serial number of `{ca}`")
    } else {
        return None;
    };
    Some(Finding::new(&KEY_ID_DIFFERS, place, found, "issue the certificate again with the CA that is there"))
}

/// Returns a serial number without the octets that say nothing.
fn digits(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|octet| **octet == 0).count();
    serial.get(zeros..).unwrap_or_default()
}

fn judge_pair(certificate: &DecodedCertificate, issuer: &DecodedCertificate, place: &str) -> Vec<Finding> {
    let mut findings: Vec<_> = judge_key_id(certificate, issuer, place).into_iter().collect();
    let subject = &certificate.subject.text;
    if certificate.issuer.der != issuer.subject.der {
        let found = format!("the issuer of `{subject}` is written in other letters or strings than its CA's subject");
        let fix = "issue the certificate again, with the CA's subject as it is";
        findings.push(Finding::new(&NAME_ENCODED, place, found, fix));
    }
    if certificate.not_after > issuer.not_after {
        let (own, of_ca) = (certificate.not_after, issuer.not_after);
        let found = if own.date() == of_ca.date() {
            format!("the certificate of `{subject}` is valid until {own}, and its CA until {of_ca}")
        } else {
            format!("the certificate of `{subject}` is valid until {}, and its CA until {}", own.date(), of_ca.date())
        };
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
        let lacks = (role.is_node() && !usage.server_auth) || !usage.client_auth;
        if lacks {
            let found = format!("the extendedKeyUsage of the CA `{subject}` is {}", usage.names().join(", "));
            findings.push(Finding::new(&PURPOSE, place, found, "use a CA without extendedKeyUsage"));
        }
    }
    findings
}

/// Judges the names below a CA by its constraints.
fn judge_constraints(
    chain: &[&DecodedCertificate],
    ca: &DecodedCertificate,
    index: usize,
    place: &str,
    comparisons: &mut usize,
) -> Vec<Finding> {
    let Some(constraints) = &ca.name_constraints else { return Vec::new() };
    let subject = &ca.subject.text;
    let subtrees = constraints.permitted.len().saturating_add(constraints.excluded.len());
    let mut findings = Vec::new();
    let mut add = |check, found: String, fix: &str| findings.push(Finding::new(check, place, found, fix));
    let below = chain.get(..index).unwrap_or_default();
    for (at, certificate) in below.iter().enumerate() {
        // Of a CA that has issued to itself, under another key, the names do not count (RFC 5280 §6.1.3).
        if at > 0 && certificate.is_self_issued() {
            continue;
        }
        let alt_names = certificate.alt_names.iter().flat_map(|names| &names.names).map(Name::Alternative);
        let own = (!certificate.subject.is_empty()).then_some(Name::Subject(&certificate.subject));
        for name in own.into_iter().chain(alt_names) {
            let Some(left) = comparisons.checked_sub(subtrees.saturating_mul(name.weight())) else {
                add(&TOO_LONG, format!("`{subject}` has more constraints than are compared with names"), "use fewer");
                return findings;
            };
            *comparisons = left;
            if !is_permitted(constraints, &name) {
                let fix = "issue the certificate again without the name, or from another CA";
                add(&OUTSIDE, format!("`{subject}` may not sign for `{name}`"), fix);
            }
        }
    }
    findings
}

/// How many names are compared with constraints, at most, for one leaf. Go and rustls have the same limit.
const MAX_COMPARISONS: usize = 250_000;

/// A name that constraints are about.
enum Name<'a> {
    Subject(&'a DecodedName),
    Alternative(&'a AltName),
}

impl Name<'_> {
    /// How many comparisons one with it is worth.
    fn weight(&self) -> usize {
        match self {
            Self::Subject(name) => (name.der.len() / 8).saturating_add(1),
            Self::Alternative(_) => 1,
        }
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subject(name) => f.write_str(&name.text),
            Self::Alternative(name) => name.fmt(f),
        }
    }
}

/// Says whether constraints permit a name (RFC 5280 §4.2.1.10). Of names that TLS does not look at nothing is said.
fn is_permitted(constraints: &NameConstraints, name: &Name<'_>) -> bool {
    let within = |tree: &Subtree| is_within(tree, name);
    if constraints.excluded.iter().any(|tree| within(tree) == Some(true)) {
        return false;
    }
    let mut of_kind = constraints.permitted.iter().filter_map(within).peekable();
    of_kind.peek().is_none() || of_kind.any(|is_within| is_within)
}

/// Says whether a name is in a subtree, or nothing if they are of different kinds.
fn is_within(tree: &Subtree, name: &Name<'_>) -> Option<bool> {
    match (tree, name) {
        (Subtree::Directory(base, _), Name::Subject(name)) => Some(name.begins_with(base)),
        (Subtree::Dns(base), Name::Alternative(AltName::Dns(name))) => {
            Some(is_below(name.as_bytes(), base.trim_start_matches('.').as_bytes()))
        }
        (Subtree::Email(base), Name::Alternative(AltName::Email(address))) => {
            let host = address.rsplit('@').next().unwrap_or_default();
            Some(match base.strip_prefix('.') {
                Some(base) => host.len() > base.len() && is_below(host.as_bytes(), base.as_bytes()),
                None if base.contains('@') => address.eq_ignore_ascii_case(base),
                None => host.eq_ignore_ascii_case(base),
            })
        }
        (Subtree::Ip(range), Name::Alternative(AltName::Ip(address))) => Some(is_in_range(range, *address)),
        _ => None,
    }
}

/// Says whether a host is another or below it. Bases are without a dot before them.
fn is_below(name: &[u8], base: &[u8]) -> bool {
    let rest = name.len().checked_sub(base.len()).and_then(|length| name.split_at_checked(length));
    rest.is_some_and(|(rest, end)| {
        end.eq_ignore_ascii_case(base) && (base.is_empty() || rest.is_empty() || rest.ends_with(b"."))
    })
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
            is_permitted(&constraints, &Name::Alternative(&name))
        };
        assert!(is("example.com") && is("b1.Example.com") && is("10.1.2.3"));
        assert!(!is("example.org") && !is("badexample.com") && !is("a.secret.example.com"));
        assert!(!is("11.0.0.1") && !is("::1"));
        assert!(is_permitted(&constraints, &Name::Alternative(&AltName::Email("a@b".to_owned()))));
    }

    #[test]
    fn mailboxes_are_permitted_by_address_host_and_domain() {
        let is = |base: &str, address: &str| {
            is_within(&Subtree::Email(base.to_owned()), &Name::Alternative(&AltName::Email(address.to_owned())))
        };
        for (base, within, without) in [
            ("a@example.com", "a@Example.com", "b@example.com"),
            ("example.com", "b@example.com", "b@mail.example.com"),
            (".example.com", "b@mail.example.com", "b@example.com"),
        ] {
            assert_eq!((is(base, within), is(base, without)), (Some(true), Some(false)), "{base}");
        }
    }
}
