//! What no stack is asked of: chains that no handshake carries, and truststores that nobody has.

use super::Presented;
use crate::pki::DecodedCertificate;
use crate::pki::decoded::{AltName, Subtree};

/// How many certificates are sent, at most.
const SENT: usize = 100;

/// How many octets they have: `SSL_MAX_CERT_LIST_DEFAULT` of OpenSSL. Java takes a third of it.
const SENT_OCTETS: usize = 100 << 10;

/// How many anchors there are: the CAs of the Web are fewer than 200.
const ANCHORS: usize = 5_000;

/// How many octets they have.
const ANCHOR_OCTETS: usize = 4 << 20;

/// How many extensions a certificate has.
const EXTENSIONS: usize = 100;

/// How many names a leaf has, a long one counting for several.
const NAMES: usize = 10_000;

/// How many comparisons of names with subtrees of name constraints there are, a long one counting for several.
const COMPARISONS: usize = 100_000;

/// Returns why nobody is asked, in a sentence without its full stop, if a chain and its anchors are too much.
pub(super) fn excess(presented: &Presented<'_>) -> Option<String> {
    let Presented { sent, anchors } = *presented;
    let all = || sent.iter().chain(anchors);
    let octets = |certificates: &[DecodedCertificate]| certificates.iter().map(|one| one.as_der().len()).sum();
    let extensions = all().map(|one| one.extensions.len()).max().unwrap_or(0);
    let leaf_names = sent.first().map_or(0, names);
    let (all_names, subtrees): (usize, usize) = (sent.iter().map(names).sum(), all().map(subtrees).sum());
    let counts = [
        (sent.len(), SENT, "certificates are in the chain"),
        (octets(sent), SENT_OCTETS, "bytes are in the chain, more than a handshake carries"),
        (anchors.len(), ANCHORS, "certificates are trusted"),
        (octets(anchors), ANCHOR_OCTETS, "bytes of certificates are trusted"),
        (extensions, EXTENSIONS, "extensions are in one certificate"),
        (leaf_names, NAMES, "names are in the certificate"),
        (all_names.saturating_mul(subtrees), COMPARISONS, "names would have to be compared with name constraints"),
    ];
    let (_, most, what) = counts.into_iter().find(|(count, most, _)| count > most)?;
    Some(format!("more than {most} {what}"))
}

/// A text counts once for each 32 octets, and once for what is left: what comparing it costs.
fn weight(length: usize) -> usize {
    (length >> 5).saturating_add(1)
}

fn names(certificate: &DecodedCertificate) -> usize {
    let names = certificate.alt_names.iter().flat_map(|names| &names.names).map(|name| match name {
        AltName::Dns(text) | AltName::Email(text) | AltName::Uri(text) => weight(text.len()),
        _ => 1,
    });
    let common_names = certificate.subject.common_names.iter().map(|name| weight(name.len()));
    names.chain(common_names).fold(weight(certificate.subject.der.len()), usize::saturating_add)
}

fn subtrees(certificate: &DecodedCertificate) -> usize {
    let constraints = certificate.name_constraints.as_ref();
    let subtrees = constraints.into_iter().flat_map(|it| it.permitted.iter().chain(&it.excluded));
    let weights = subtrees.map(|subtree| match subtree {
        Subtree::Dns(text) | Subtree::Email(text) | Subtree::Uri(text) => weight(text.len()),
        Subtree::Ip(octets) | Subtree::Directory(octets, _) => weight(octets.len()),
        Subtree::Other(_) => 1,
    });
    weights.fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::decoded::{AltNames, NameConstraints};
    use crate::verify::acceptance::{Answer, Question, Side, Stack, TlsVersion, judge};

    fn golden(pem: &[u8]) -> DecodedCertificate {
        DecodedCertificate::from_der(&crate::pki::read_certificates(pem).unwrap()[0]).unwrap()
    }

    fn ca() -> DecodedCertificate {
        golden(include_bytes!("../../../tests/fixtures/golden/rsa/ca-cert"))
    }

    fn leaf() -> DecodedCertificate {
        golden(include_bytes!("../../../tests/fixtures/golden/rsa/broker.cert-signed"))
    }

    /// A leaf of so many names, under a CA that excludes so many others.
    fn constrained(count: usize) -> (DecodedCertificate, DecodedCertificate) {
        let (mut leaf, mut ca) = (leaf(), ca());
        let names = (0..count).map(|at| AltName::Dns(format!("a{at}.b"))).collect();
        leaf.alt_names = Some(AltNames { critical: false, names });
        let excluded = (0..count).map(|at| Subtree::Dns(format!("z{at}.c"))).collect();
        ca.name_constraints = Some(NameConstraints { critical: true, permitted: Vec::new(), excluded });
        (leaf, ca)
    }

    fn excess_of(sent: &[DecodedCertificate], anchors: &[DecodedCertificate]) -> Option<String> {
        excess(&Presented { sent, anchors })
    }

    #[test]
    fn what_nobody_has_is_left_out() {
        let (leaf, ca) = (leaf(), ca());
        assert_eq!(excess_of(std::slice::from_ref(&leaf), &vec![ca.clone(); 300]), None);
        let too_many = |reason: Option<String>, what: &str| {
            assert!(reason.as_ref().is_some_and(|reason| reason.contains(what)), "{reason:?}");
        };
        too_many(excess_of(&vec![leaf.clone(); 101], &[]), "100 certificates are in the chain");
        too_many(excess_of(std::slice::from_ref(&leaf), &vec![ca.clone(); 5_001]), "5000 certificates are trusted");
        let mut extended = ca.clone();
        extended.extensions = ca.extensions.iter().cycle().take(101).cloned().collect();
        too_many(excess_of(std::slice::from_ref(&leaf), &[extended]), "100 extensions");
        let (many_names, subtrees) = constrained(400);
        too_many(excess_of(&[many_names], &[subtrees]), "compared");
        let (many_names, _) = constrained(10_000);
        too_many(excess_of(&[many_names], &[]), "10000 names");
        let (some_names, some_subtrees) = constrained(200);
        assert_eq!(excess_of(&[some_names], &[some_subtrees]), None);
    }

    #[test]
    fn every_stack_ends_though_it_is_asked() {
        let (leaf, ca) = constrained(2_000);
        let (sent, anchors) = ([leaf], [ca]);
        let (side, tls, at) = (Side::ServerFor { host: Some("a1.b") }, TlsVersion::default(), sent[0].not_after);
        let question = Question { sent: &sent, anchors: &anchors, side, tls, at };
        let said = |stack| match judge(stack, &question) {
            Answer::Refused { message, .. } => message,
            Answer::Accepted { .. } => panic!("{stack:?}"),
        };
        assert!(said(Stack::Python).ends_with("unspecified certificate verification error"));
        assert!(said(Stack::OpenSsl).contains("(unspecified certificate verification error)"));
        assert!(said(Stack::Rustls).contains("MaximumNameConstraintComparisonsExceeded"));
        assert!(said(Stack::Go).contains("too many constraints"));
        // The constraints of an anchor are none to Java.
        assert!(judge(Stack::Java17, &question).is_accepted());
    }
}
