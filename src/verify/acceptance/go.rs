//! Go: crypto/tls, and crypto/x509 with parser.go, verify.go and constraints.go.

mod names;
mod parser;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{
    Budget, CERTIFICATE_POLICIES, Offer, POLICY_CONSTRAINTS, Path, Question, Reason, Refusal, STEPS, Side, Unoffered,
    Verdict, is_rsa_below,
};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::{ExtendedKeyUsage, Hash, KeyKind, SignatureCheck};

/// `signature_algorithms` and, newer, `signature_algorithms_cert`: SHA-1 is in the latter.
const OFFER: Offer<'static> = Offer {
    without_hashes: &[Hash::Md2, Hash::Md5, Hash::Sha224],
    without: &[Unoffered::Dsa, Unoffered::Ed448, Unoffered::PssKey],
};

pub(super) fn judge<'a>(question: &Question<'a>) -> Verdict<'a> {
    let Question { sent, side, .. } = question;
    let Some(leaf) = sent.first().filter(|leaf| OFFER.covers_key(leaf) && OFFER.covers_signature(leaf)) else {
        let message = match side {
            Side::ServerFor { .. } => "remote error: tls: handshake failure",
            Side::Client => "tls: client didn't provide a certificate",
        };
        return Err(Refusal::new(Reason::UnsupportedAlgorithm, message));
    };
    if let Some((reason, what)) = sent.iter().find_map(parser::fault) {
        let from = match side {
            Side::ServerFor { .. } => "failed to parse certificate from server",
            Side::Client => "failed to parse client certificate",
        };
        return Err(Refusal::new(reason, format!("tls: {from}: x509: {what}")));
    }
    let path = verify(question, leaf).map_err(|fault| {
        let Fault { reason, message } = fault;
        Refusal::new(reason, format!("tls: failed to verify certificate: {message}"))
    })?;
    // What comes with the handshake is verified with the key after the certificate is.
    if let KeyKind::Rsa { bits, .. } = leaf.public_key.kind
        && bits < LEAST_RSA
    {
        let whose = if *side == Side::Client { "client" } else { "server" };
        let message = format!("tls: invalid signature by the {whose} certificate: {}", short_key(bits));
        return Err(Refusal::new(Reason::WeakKey, message));
    }
    Ok(path)
}

/// crypto/rsa, unless `GODEBUG=rsa1024min=0`.
const LEAST_RSA: usize = 1024;

fn short_key(bits: usize) -> String {
    format!("crypto/rsa: {bits}-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)")
}

/// An error of crypto/x509.
#[derive(Debug, Clone)]
struct Fault {
    reason: Reason,
    message: String,
}

impl Fault {
    fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

/// `Certificate.Verify`.
fn verify<'a>(question: &Question<'a>, leaf: &'a DecodedCertificate) -> Result<Path<'a>, Fault> {
    check_valid(leaf, Role::Leaf, 0, question.at)?;
    if let Side::ServerFor { host: Some(host) } = question.side {
        names::check_host(leaf, host).map_err(|message| Fault::new(Reason::HostName, message))?;
    }
    // `CertPool.AppendCertsFromPEM` leaves out what it cannot parse.
    let roots: Path<'a> = question.anchors.iter().filter(|anchor| parser::fault(anchor).is_none()).collect();
    let candidates = if roots.iter().any(|root| root.as_der() == leaf.as_der()) {
        vec![vec![leaf]]
    } else {
        let mut builder = Builder { question, roots, signatures: 0, steps: 0 };
        builder.build(&vec![leaf])?
    };
    choose(candidates, question.side)
}

/// What `Certificate.Verify` does with the chains that it has found.
fn choose<'a>(candidates: Vec<Path<'a>>, side: Side<'_>) -> Result<Path<'a>, Fault> {
    let (mut without_policies, mut without_usage) = (0_usize, 0_usize);
    let mut constraint = None;
    let budget = Budget::new();
    for chain in candidates {
        if !are_policies_valid(&chain) {
            without_policies = without_policies.saturating_add(1);
        } else if !allows_usage(&chain, side) {
            without_usage = without_usage.saturating_add(1);
        } else if let Some(fault) = names::constraint_fault(&chain, &budget) {
            constraint = constraint.or(Some(fault));
        } else {
            return Ok(chain);
        }
    }
    Err(match constraint {
        Some(fault) => {
            let what = "x509: a root or intermediate certificate is not authorized to sign for this name";
            Fault::new(Reason::NameConstraints, format!("{what}: {fault}"))
        }
        None if without_policies == 0 => {
            Fault::new(Reason::ExtendedKeyUsage, "x509: certificate specifies an incompatible key usage")
        }
        None => {
            let usage = if without_usage > 0 {
                format!("{without_usage} candidate chains with incompatible key usage, ")
            } else {
                String::new()
            };
            let what = format!("{usage}{without_policies} candidate chains with invalid policies");
            Fault::new(Reason::Policies, format!("x509: no valid chains built: {what}"))
        }
    })
}

/// What a certificate is in a chain.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Leaf,
    Intermediate,
    Root,
}

/// `Certificate.isValid`, with so many intermediates below.
fn check_valid(certificate: &DecodedCertificate, role: Role, below: usize, now: OffsetDateTime) -> Result<(), Fault> {
    if parser::has_unhandled_critical(certificate) {
        return Err(Fault::new(Reason::CriticalExtension, "x509: unhandled critical extension"));
    }
    let time = |at: OffsetDateTime| at.format(&Rfc3339).unwrap_or_default();
    let expired = |what: &str, at| {
        let now = time(now.replace_nanosecond(0).unwrap_or(now));
        format!("x509: certificate has expired or is not yet valid: current time {now} is {what} {}", time(at))
    };
    if now < certificate.not_before {
        return Err(Fault::new(Reason::NotYetValid, expired("before", certificate.not_before)));
    }
    if now > certificate.not_after {
        return Err(Fault::new(Reason::Expired, expired("after", certificate.not_after)));
    }
    if role == Role::Intermediate && !certificate.is_ca() {
        let message = "x509: certificate is not authorized to sign other certificates";
        return Err(Fault::new(Reason::BasicConstraints, message));
    }
    let limit = certificate.basic_constraints.as_ref().filter(|constraints| constraints.ca);
    let limit = limit.and_then(|constraints| constraints.path_length);
    if role != Role::Leaf && limit.is_some_and(|limit| below > usize::try_from(limit).unwrap_or(usize::MAX)) {
        return Err(Fault::new(Reason::PathLength, "x509: too many intermediates for path length constraint"));
    }
    Ok(())
}

/// `maxChainSignatureChecks`.
const MOST_SIGNATURES: usize = 100;

/// `Certificate.buildChains`.
struct Builder<'q, 'a> {
    question: &'q Question<'a>,
    roots: Path<'a>,
    signatures: usize,
    steps: usize,
}

/// What came of the candidates so far.
#[derive(Default)]
struct Found<'a> {
    chains: Vec<Path<'a>>,
    fault: Option<Fault>,
    /// The first refusal, and of whom.
    hint: Option<(Fault, &'a DecodedCertificate)>,
}

impl<'a> Builder<'_, 'a> {
    fn build(&mut self, chain: &Path<'a>) -> Result<Vec<Path<'a>>, Fault> {
        let mut found = Found::default();
        if let Some(last) = chain.last().copied() {
            let sent: Path<'a> = self.question.sent.iter().skip(1).collect();
            for root in potential_parents(last, &self.roots) {
                self.consider(root, Role::Root, chain, &mut found);
            }
            for intermediate in potential_parents(last, &sent) {
                self.consider(intermediate, Role::Intermediate, chain, &mut found);
            }
        }
        if !found.chains.is_empty() {
            return Ok(found.chains);
        }
        Err(found.fault.unwrap_or_else(|| unknown_authority(found.hint)))
    }

    fn consider(&mut self, candidate: &'a DecodedCertificate, role: Role, chain: &Path<'a>, found: &mut Found<'a>) {
        let Some(child) = chain.last().filter(|_| !is_in_chain(candidate, chain)) else { return };
        self.steps = self.steps.saturating_add(1);
        self.signatures = self.signatures.saturating_add(1);
        if self.signatures > MOST_SIGNATURES || self.steps > STEPS {
            let message = "x509: signature check attempts limit reached while verifying certificate chain";
            found.fault = Some(Fault::new(Reason::PathLength, message));
            return;
        }
        if let Err(fault) = check_signature_from(child, candidate) {
            found.hint.get_or_insert((fault, candidate));
            return;
        }
        if let Err(fault) = check_valid(candidate, role, chain.len().saturating_sub(1), self.question.at) {
            found.hint.get_or_insert((fault.clone(), candidate));
            found.fault = Some(fault);
            return;
        }
        found.fault = None;
        let longer = [chain.as_slice(), &[candidate]].concat();
        if role == Role::Root {
            found.chains.push(longer);
            return;
        }
        match self.build(&longer) {
            Ok(chains) => found.chains.extend(chains),
            Err(fault) => found.fault = Some(fault),
        }
    }
}

/// `UnknownAuthorityError.Error`.
fn unknown_authority(hint: Option<(Fault, &DecodedCertificate)>) -> Fault {
    let message = "x509: certificate signed by unknown authority".to_owned();
    let Some((Fault { reason, message: why }, whose)) = hint else {
        return Fault::new(Reason::UnknownAuthority, message);
    };
    let name = match whose.subject.common_names.last() {
        Some(name) => name.clone(),
        None => format!("serial:{}", whose.serial_hex()),
    };
    let hint = format!("(possibly because of {why:?} while trying to verify candidate authority certificate {name:?})");
    Fault::new(reason, format!("{message} {hint}"))
}

/// `CertPool.findPotentialParents`: names octet by octet, and those first whose key identifier is the one that is wanted.
fn potential_parents<'a>(child: &DecodedCertificate, pool: &Path<'a>) -> Path<'a> {
    let mut parents: Path<'a> = pool.iter().copied().filter(|one| one.subject.der == child.issuer.der).collect();
    let wanted = child.authority_key_id.as_ref().and_then(|authority| authority.key_id.as_ref());
    parents.sort_by_key(|parent| match (&parent.subject_key_id, wanted) {
        (Some(there), Some(wanted)) if there != wanted => 2,
        (Some(_), None) | (None, Some(_)) => 1,
        _ => 0,
    });
    parents
}

/// `alreadyInChain`.
fn is_in_chain(candidate: &DecodedCertificate, chain: &Path<'_>) -> bool {
    chain.iter().any(|one| {
        one.subject.der == candidate.subject.der
            && one.public_key.info == candidate.public_key.info
            && one.alt_names == candidate.alt_names
    })
}

/// `Certificate.CheckSignatureFrom`.
fn check_signature_from(child: &DecodedCertificate, parent: &DecodedCertificate) -> Result<(), Fault> {
    let is_ca = match &parent.basic_constraints {
        Some(constraints) if parent.version == 3 => constraints.ca,
        _ => parent.version != 3,
    };
    let signs = parent.key_usage.as_ref().is_none_or(|usage| usage.bits == 0 || usage.key_cert_sign());
    if !is_ca || !signs {
        let message = "x509: invalid signature: parent certificate cannot sign this kind of certificate";
        return Err(Fault::new(if is_ca { Reason::KeyUsage } else { Reason::BasicConstraints }, message));
    }
    let signature = &child.signature;
    let unimplemented = "x509: cannot verify signature: algorithm unimplemented";
    match (signature.hash, &parent.public_key.kind) {
        (Some(Hash::Md2 | Hash::Md5 | Hash::Sha1), _) => {
            let message = format!("x509: cannot verify signature: insecure algorithm {}", algorithm_name(child));
            return Err(Fault::new(Reason::WeakAlgorithm, message));
        }
        (Some(Hash::Sha224), _) | (_, KeyKind::Dsa | KeyKind::Ed448 | KeyKind::RsaPss { .. } | KeyKind::Other(_)) => {
            return Err(Fault::new(Reason::UnsupportedAlgorithm, unimplemented));
        }
        (_, KeyKind::Rsa { bits, .. }) if is_rsa_below(&parent.public_key.kind, LEAST_RSA) => {
            return Err(Fault::new(Reason::WeakKey, short_key(*bits)));
        }
        _ => {}
    }
    if child.is_signed_by(parent) == SignatureCheck::Invalid {
        let message = match parent.public_key.kind {
            KeyKind::Rsa { .. } => "crypto/rsa: verification error",
            KeyKind::Ed25519 => "x509: Ed25519 verification failure",
            _ => "x509: ECDSA verification failure",
        };
        return Err(Fault::new(Reason::Signature, message));
    }
    Ok(())
}

/// `SignatureAlgorithm.String`.
fn algorithm_name(certificate: &DecodedCertificate) -> String {
    match certificate.signature.name.split_once("with") {
        Some((hash, "ECDSA")) => format!("ECDSA-{hash}"),
        Some((hash, kind)) => format!("{hash}-{kind}"),
        None => certificate.signature.name.clone(),
    }
}

/// `checkChainForKeyUsage`: what every certificate of a chain allows, the root too.
fn allows_usage(chain: &Path<'_>, side: Side<'_>) -> bool {
    let allows = |usages: &ExtendedKeyUsage| {
        let is_wanted = if side == Side::Client { usages.client_auth } else { usages.server_auth };
        usages.any || is_wanted || usages.names().is_empty()
    };
    chain.iter().all(|one| one.version < 3 || one.extended_key_usage.as_ref().is_none_or(allows))
}

/// `policiesValid`, as far as it can refuse without policies being asked for.
fn are_policies_valid(chain: &Path<'_>) -> bool {
    let below_root = chain.split_last().map(|(_, below)| below).unwrap_or_default();
    let wants = |one: &&DecodedCertificate| {
        one.extension(POLICY_CONSTRAINTS)
            .is_some_and(|extension| matches!(extension.value.as_slice(), [_, _, 0x80, 1, 0, ..]))
    };
    let has = |one: &&DecodedCertificate| one.extension(CERTIFICATE_POLICIES).is_some();
    !below_root.iter().any(wants) || below_root.iter().all(has)
}
