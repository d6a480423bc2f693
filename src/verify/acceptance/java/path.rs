//! `PKIXValidator`: the chain as sent is validated if it is in order and ends at an anchor; otherwise `SunCertPathBuilder` looks for a
//! path.

use super::{Fault, Java, distinguished_name, is_short};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::{AltName, Curve, Hash, KeyKind, KeyUsage, NameConstraints, SignatureCheck, Subtree};
use crate::verify::acceptance::names::{begins_with, is_in_range, strip_end};
use crate::verify::acceptance::{
    ALT_NAME, BASIC_CONSTRAINTS, Budget, CERTIFICATE_POLICIES, EXTENDED_KEY_USAGE, Extended, INHIBIT_ANY_POLICY,
    KEY_USAGE, NAME_CONSTRAINTS, POLICY_CONSTRAINTS, POLICY_MAPPINGS, Path, Question, Reason, Side, Spent,
};

/// `PKIXValidator.engineValidate`.
pub(super) fn validate<'a>(java: Java, question: &Question<'a>) -> Result<Path<'a>, Fault> {
    let is_anchor = |one: &DecodedCertificate| question.anchors.iter().any(|anchor| anchor.as_der() == one.as_der());
    let Some((leaf, rest)) = question.sent.split_first() else {
        return Err(Fault::new(Reason::UnknownAuthority, "null or zero-length certificate chain"));
    };
    if is_anchor(leaf) {
        return Ok(vec![leaf]);
    }
    let budget = Budget::new();
    let mut path = vec![leaf];
    let mut last = leaf;
    for certificate in rest {
        if !certificate.subject.is_same_as(&last.issuer) {
            return build(java, question, leaf, &budget);
        }
        let is_twin = |anchor: &DecodedCertificate| {
            anchor.subject.is_same_as(&certificate.subject) && anchor.public_key.info == certificate.public_key.info
        };
        if is_anchor(certificate) || question.anchors.iter().any(is_twin) {
            return validate_path(java, question, &path, &budget);
        }
        path.push(certificate);
        last = certificate;
    }
    if question.anchors.iter().any(|anchor| anchor.subject.is_same_as(&last.issuer)) {
        validate_path(java, question, &path, &budget)
    } else {
        build(java, question, leaf, &budget)
    }
}

/// `doValidate`, with each anchor that may have signed the last certificate, until one will do.
fn validate_path<'a>(java: Java, question: &Question<'a>, path: &Path<'a>, budget: &Budget) -> Result<Path<'a>, Fault> {
    const FAILED: &str = "PKIX path validation failed: ";
    let validation = |fault: Fault| {
        let message = format!("{FAILED}java.security.cert.CertPathValidatorException: {}", fault.message);
        Fault { message, ..fault }
    };
    let mut last_fault = Fault::new(Reason::UnknownAuthority, "Path does not chain with any of the trust anchors");
    for anchor in question.anchors.iter().filter(|anchor| path.last().is_some_and(|last| is_worth_trying(last, anchor)))
    {
        match check_path(java, question, path, anchor, budget) {
            Ok(()) => return end_path(path, anchor).map_err(|fault| under(FAILED, fault)),
            Err(fault) => last_fault = fault,
        }
    }
    Err(validation(last_fault))
}

/// `PKIXCertPathValidator`: an `AdaptableX509CertSelector` of the issuer's name and the authority key identifier.
fn is_worth_trying(last: &DecodedCertificate, anchor: &DecodedCertificate) -> bool {
    let authority = last.authority_key_id.as_ref();
    let key = authority.and_then(|authority| authority.key_id.as_ref()).zip(anchor.subject_key_id.as_ref());
    let serial = authority.and_then(|authority| authority.serial.as_ref());
    anchor.subject.is_same_as(&last.issuer)
        && key.is_none_or(|(wanted, there)| wanted == there)
        && serial.is_none_or(|serial| *serial == anchor.serial)
}

/// `toArray` and `verifyTrustAnchor`.
fn end_path<'a>(path: &Path<'a>, anchor: &'a DecodedCertificate) -> Result<Path<'a>, Fault> {
    let fault = |reason, what: &str| {
        Err(Fault::new(reason, format!("TrustAnchor with subject \"{}\" {what}", distinguished_name(anchor))))
    };
    if anchor.version >= 3 && !anchor.is_ca() {
        return fault(Reason::BasicConstraints, "is not a CA certificate");
    }
    if anchor.version >= 3 && anchor.key_usage.as_ref().is_some_and(|usage| !usage.key_cert_sign()) {
        return fault(Reason::KeyUsage, "does not have keyCertSign bit set in KeyUsage extension");
    }
    Ok([path.as_slice(), &[anchor]].concat())
}

/// Words a fault of the anchor, which is a `ValidatorException` within another.
fn under(prefix: &str, Fault { reason, message, alert }: Fault) -> Fault {
    let message = format!("{prefix}sun.security.validator.ValidatorException: {message}");
    Fault { reason, message, alert }
}

/// `PKIXMasterCertPathValidator`: from the anchor down, each certificate before all checkers.
fn check_path(
    java: Java,
    question: &Question<'_>,
    path: &Path<'_>,
    anchor: &DecodedCertificate,
    budget: &Budget,
) -> Result<(), Fault> {
    let mut issuer = anchor;
    let mut policies = Policies::new(path.len());
    let mut path_length = path.len();
    let mut constraints: Vec<&NameConstraints> = Vec::new();
    for (at, certificate) in path.iter().enumerate().rev() {
        let is_leaf = at == 0;
        if !budget.step() {
            return Err(Fault::new(Reason::UnknownAuthority, "Path does not chain with any of the trust anchors"));
        }
        check_algorithms(java, certificate, issuer)?;
        if !is_leaf && certificate.key_usage.as_ref().is_some_and(|usage| !usage.key_cert_sign()) {
            return Err(Fault::new(Reason::KeyUsage, "CA key usage check failed: keyCertSign bit is not set"));
        }
        if !is_leaf {
            path_length = check_basic_constraints(certificate, path_length, at.saturating_add(1) == path.len())?;
        }
        if (is_leaf || !certificate.is_self_issued()) && !constraints.iter().all(|one| allows(one, certificate, budget))
        {
            return Err(Fault::new(Reason::NameConstraints, "name constraints check failed"));
        }
        constraints.extend(&certificate.name_constraints);
        policies.check(certificate, is_leaf)?;
        check_dates(certificate, question)?;
        if certificate.is_signed_by(issuer) == SignatureCheck::Invalid || is_unknown_curve(issuer) {
            return Err(Fault::new(Reason::Signature, "signature check failed").with("bad_certificate"));
        }
        check_offered(java, certificate, question.side)?;
        check_critical_extensions(certificate)?;
        issuer = certificate;
    }
    Ok(())
}

/// `AlgorithmChecker`, with `jdk.certpath.disabledAlgorithms`.
fn check_algorithms(java: Java, certificate: &DecodedCertificate, issuer: &DecodedCertificate) -> Result<(), Fault> {
    let failed = |reason, what: String| {
        Err(Fault::new(reason, format!("Algorithm constraints check failed on {what}")).with("unsupported_certificate"))
    };
    if let Some(bits) = is_short(&issuer.public_key.kind) {
        let what = if java.names_short_keys_of_issuers() {
            format!("keysize limits: RSA {bits} bit key.")
        } else {
            format!("signature algorithm: {}", certificate.signature.name)
        };
        return failed(Reason::WeakKey, what);
    }
    // The bits from digitalSignature to cRLSign stand for what the key is used for.
    if certificate.key_usage.as_ref().is_some_and(|usage| usage.bits.trailing_zeros() >= 7) {
        return Err(Fault::new(Reason::KeyUsage, "incorrect KeyUsage extension bits"));
    }
    if let Some(bits) = is_short(&certificate.public_key.kind) {
        let name = distinguished_name(certificate);
        return failed(Reason::WeakKey, format!("keysize limits: RSA {bits} bit key used with certificate: {name}"));
    }
    match certificate.signature.hash {
        Some(hash @ (Hash::Md2 | Hash::Md5)) => {
            let hash = if hash == Hash::Md2 { "MD2" } else { "MD5" };
            failed(
                Reason::WeakAlgorithm,
                format!("disabled algorithm: {hash} used with certificate: {}", distinguished_name(certificate)),
            )
        }
        _ => Ok(()),
    }
}

/// `ConstraintsChecker.checkBasicConstraints`. Returns how many more certificates may follow. The anchor's are not looked at.
fn check_basic_constraints(certificate: &DecodedCertificate, left: usize, is_first: bool) -> Result<usize, Fault> {
    const FAILED: &str = "basic constraints check failed: ";
    let is_self_issued = certificate.is_self_issued();
    let limit = match &certificate.basic_constraints {
        None if certificate.version < 3 && is_first && is_self_issued => usize::MAX,
        Some(constraints) if certificate.version >= 3 && constraints.ca => {
            constraints.path_length.map_or(usize::MAX, |length| usize::try_from(length).unwrap_or(usize::MAX))
        }
        _ => return Err(Fault::new(Reason::BasicConstraints, format!("{FAILED}this is not a CA certificate"))),
    };
    if is_self_issued {
        return Ok(left.min(limit));
    }
    let Some(left) = left.checked_sub(1) else {
        let what = "pathLenConstraint violated - this cert must be the last cert in the certification path";
        return Err(Fault::new(Reason::PathLength, format!("{FAILED}{what}")));
    };
    Ok(left.min(limit))
}

/// `BasicChecker.verifyValidity`.
fn check_dates(certificate: &DecodedCertificate, question: &Question<'_>) -> Result<(), Fault> {
    const FAILED: &str = "validity check failed";
    if question.at < certificate.not_before {
        return Err(Fault::new(Reason::NotYetValid, FAILED).with("bad_certificate"));
    }
    if question.at > certificate.not_after {
        return Err(Fault::new(Reason::Expired, FAILED).with("certificate_expired"));
    }
    Ok(())
}

/// The algorithms of the session, which the handshake adds: newer JDKs hold the signatures of servers' chains against them.
fn check_offered(java: Java, certificate: &DecodedCertificate, side: Side<'_>) -> Result<(), Fault> {
    let signature = &certificate.signature;
    let is_old = signature.hash == Some(Hash::Sha224) || signature.name.ends_with("withDSA");
    if java.major > 17 && side != Side::Client && is_old {
        let message = format!("Algorithm constraints check failed on signature algorithm: {}", signature.name);
        return Err(Fault::new(Reason::WeakAlgorithm, message).with("unsupported_certificate"));
    }
    Ok(())
}

/// What no checker has taken off the list.
fn check_critical_extensions(certificate: &DecodedCertificate) -> Result<(), Fault> {
    const SUPPORTED: [&str; 9] = [
        KEY_USAGE,
        EXTENDED_KEY_USAGE,
        ALT_NAME,
        BASIC_CONSTRAINTS,
        NAME_CONSTRAINTS,
        CERTIFICATE_POLICIES,
        POLICY_MAPPINGS,
        POLICY_CONSTRAINTS,
        INHIBIT_ANY_POLICY,
    ];
    if certificate.critical_beyond(&SUPPORTED) {
        return Err(Fault::new(Reason::CriticalExtension, "unrecognized critical extension(s)"));
    }
    Ok(())
}

/// `SunEC` has no curves but the three of NIST since Java 16.
fn is_unknown_curve(issuer: &DecodedCertificate) -> bool {
    matches!(issuer.public_key.kind, KeyKind::Ec(Curve::Other(_) | Curve::Explicit))
}

/// `PolicyChecker`, as far as it can refuse without policies being asked for: where a certificate wants policies explicit, all must
/// have one.
struct Policies {
    /// After how many certificates the tree must not be empty.
    explicit: usize,
    is_tree_empty: bool,
}

impl Policies {
    fn new(length: usize) -> Self {
        Self { explicit: length.saturating_add(1), is_tree_empty: false }
    }

    fn check(&mut self, certificate: &DecodedCertificate, is_leaf: bool) -> Result<(), Fault> {
        self.is_tree_empty |= certificate.extension(CERTIFICATE_POLICIES).is_none_or(|policies| policies.is_malformed);
        let missing = || Err(Fault::new(Reason::Policies, "non-null policy tree required and policy tree is null"));
        if self.explicit == 0 && self.is_tree_empty {
            return missing();
        }
        if is_leaf || !certificate.is_self_issued() {
            self.explicit = self.explicit.saturating_sub(1);
        }
        if let Some(required) = required_explicit_policy(certificate) {
            self.explicit = if is_leaf && required > 0 { self.explicit } else { self.explicit.min(required) };
        }
        if is_leaf && self.explicit == 0 && self.is_tree_empty { missing() } else { Ok(()) }
    }
}

/// Reads `requireExplicitPolicy` out of policyConstraints (RFC 5280 §4.2.1.11).
fn required_explicit_policy(certificate: &DecodedCertificate) -> Option<usize> {
    match certificate.extension(POLICY_CONSTRAINTS)?.value.as_slice() {
        [0x30, _, 0x80, 1, count, ..] => Some(usize::from(*count)),
        _ => None,
    }
}

/// `NameConstraintsExtension.verify`: in one of the permitted subtrees of its kind, if there are any, and in none of those excluded.
/// Java compares without end; what takes longer than others have patience for is not allowed here.
fn allows(constraints: &NameConstraints, certificate: &DecodedCertificate, budget: &Budget) -> bool {
    let is_allowed = |is_in: &dyn Fn(&Subtree) -> Option<bool>| -> Result<bool, Spent> {
        let is_excluded = budget.excludes(&constraints.excluded, is_in)?.is_some();
        Ok(!is_excluded && budget.permits(&constraints.permitted, is_in)?)
    };
    let is_allowed = |is_in: &dyn Fn(&Subtree) -> Option<bool>| is_allowed(is_in).unwrap_or(false);
    let is_dns_allowed = |name: &str| {
        is_allowed(&|subtree| if let Subtree::Dns(base) = subtree { Some(is_below(name, base)) } else { None })
    };
    let is_subject_allowed = certificate.subject.is_empty()
        || is_allowed(&|subtree| match subtree {
            Subtree::Directory(base, _) => Some(begins_with(&certificate.subject.der, base)),
            _ => None,
        });
    let is_name_allowed = |name: &AltName| match name {
        AltName::Dns(name) => is_dns_allowed(name),
        AltName::Ip(address) => is_allowed(&|subtree| match subtree {
            Subtree::Ip(range) => Some(is_in_range(*address, range)),
            _ => None,
        }),
        AltName::Email(address) => is_allowed(&|subtree| match subtree {
            Subtree::Email(base) => Some(is_mailbox_of(address, base)),
            _ => None,
        }),
        _ => true,
    };
    let common_name = certificate.subject.common_names.last();
    is_subject_allowed
        && match &certificate.alt_names {
            Some(names) => names.names.iter().all(is_name_allowed),
            // The common name stands for the names that are not there.
            None => common_name.is_none_or(|name| !super::hosts::is_domain_name(name) || is_dns_allowed(name)),
        }
}

/// `DNSName.constrains`.
fn is_below(name: &str, base: &str) -> bool {
    let domain = base.strip_prefix('.').unwrap_or(base);
    domain.is_empty() || strip_end(name, domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// `RFC822Name.constrains`.
fn is_mailbox_of(address: &str, base: &str) -> bool {
    match address.split_once('@') {
        _ if base.contains('@') => address.eq_ignore_ascii_case(base),
        Some((_, host)) if base.starts_with('.') => strip_end(host, base).is_some(),
        Some((_, host)) => host.eq_ignore_ascii_case(base),
        None => false,
    }
}

/// `PKIXBuilderParameters.getMaxPathLength`.
const LONGEST_BUILT_PATH: usize = 5;

/// `doBuild`. Whatever stands against the paths that there may be, it only says that there is none.
fn build<'a>(
    java: Java,
    question: &Question<'a>,
    leaf: &'a DecodedCertificate,
    budget: &Budget,
) -> Result<Path<'a>, Fault> {
    const FAILED: &str = "PKIX path building failed: ";
    const NOT_FOUND: &str = "sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to \
                             requested target";
    let mut search = Search { java, question, budget, path: vec![leaf] };
    match search.run() {
        Some((path, anchor)) => end_path(&path, anchor).map_err(|fault| under(FAILED, fault)),
        None => Err(Fault::new(Reason::UnknownAuthority, format!("{FAILED}{NOT_FOUND}"))),
    }
}

/// `SunCertPathBuilder.depthFirstSearchForward`.
struct Search<'q, 'a> {
    java: Java,
    question: &'q Question<'a>,
    budget: &'q Budget,
    path: Path<'a>,
}

impl<'a> Search<'_, 'a> {
    fn run(&mut self) -> Option<(Path<'a>, &'a DecodedCertificate)> {
        let last = *self.path.last()?;
        if !self.budget.step() {
            return None;
        }
        let issues = |candidate: &&DecodedCertificate| candidate.subject.is_same_as(&last.issuer);
        for anchor in self.question.anchors.iter().filter(issues) {
            if check_path(self.java, self.question, &self.path, anchor, self.budget).is_ok() {
                return Some((self.path.clone(), anchor));
            }
        }
        if self.path.len() > LONGEST_BUILT_PATH {
            return None;
        }
        for issuer in self.question.sent.iter().filter(issues) {
            let signs = issuer.key_usage.as_ref().is_none_or(KeyUsage::key_cert_sign);
            if !issuer.is_ca() || !signs || self.path.iter().any(|one| one.as_der() == issuer.as_der()) {
                continue;
            }
            self.path.push(issuer);
            if let Some(found) = self.run() {
                return Some(found);
            }
            self.path.pop();
        }
        None
    }
}
