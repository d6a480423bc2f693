//! rustls with AWS-LC: webpki, whose `verify_cert.rs` ranks what it finds, and rustls' own last words.

mod names;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{ID_KP_CLIENT_AUTH, ID_KP_SERVER_AUTH};
use der::Decode;
use time::macros::datetime;

use super::{
    ALT_NAME, BASIC_CONSTRAINTS, Budget, CRL_DISTRIBUTION_POINTS, EXTENDED_KEY_USAGE, Extended, KEY_USAGE,
    NAME_CONSTRAINTS, Offer, Path, Question, Reason, Refusal, Side, Spent, TlsVersion, Unoffered, Verdict,
    is_rsa_below,
};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::{Curve, Hash, KeyKind, SignatureCheck};

/// An error of webpki: what rustls prints, and how much it says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    reason: Reason,
    message: String,
    /// `Error::rank`: of two, the one with more survives.
    rank: u32,
    /// Whether it ends the search: the budget is spent.
    is_fatal: bool,
}

impl Fault {
    fn new(reason: Reason, message: impl Into<String>, rank: u32) -> Self {
        Self { reason, message: message.into(), rank, is_fatal: false }
    }

    /// Of those that rustls has no words for.
    fn other(reason: Reason, name: &str, rank: u32) -> Self {
        Self::new(reason, format!("Other(OtherError({name}))"), rank)
    }

    fn unknown_issuer() -> Self {
        Self::new(Reason::UnknownAuthority, "UnknownIssuer", 0)
    }

    /// Of those that end the search.
    fn fatal(reason: Reason, name: &str) -> Self {
        Self { is_fatal: true, ..Self::other(reason, name, 0) }
    }

    /// `most_specific`.
    fn or(self, other: Self) -> Self {
        if self.rank >= other.rank { self } else { other }
    }
}

pub(super) fn judge<'a>(question: &Question<'a>) -> Verdict<'a> {
    let Question { sent, side, tls, .. } = question;
    // In TLS 1.2 the curve of a server's key must be one that the client would agree on keys with.
    let without: &[Unoffered] = if *side != Side::Client && *tls == TlsVersion::V1_2 {
        &[Unoffered::PssKey, Unoffered::Ed448, Unoffered::P521]
    } else {
        &[Unoffered::PssKey, Unoffered::Ed448]
    };
    let offer = Offer { without_hashes: &[], without };
    let Some(leaf) = sent.first().filter(|leaf| offer.covers_key(leaf)) else {
        let message = match side {
            Side::ServerFor { .. } => "received fatal alert: HandshakeFailure",
            Side::Client => "peer sent no certificates",
        };
        return Err(Refusal::new(Reason::UnsupportedAlgorithm, message));
    };
    let refuse = |Fault { reason, message, .. }| Refusal::new(reason, format!("invalid peer certificate: {message}"));
    read(leaf).map_err(refuse)?;
    let path =
        Builder { question, budget: Budget::with_comparisons(MOST_COMPARISONS), signatures: 0, path: vec![leaf] }
            .build(0)
            .map_err(refuse)?;
    if let Side::ServerFor { host: Some(host) } = side {
        names::check_host(leaf, host).map_err(|message| refuse(Fault::new(Reason::HostName, message, 280)))?;
    }
    // What comes with the handshake is verified with the key after the certificate is.
    if is_rsa_below(&leaf.public_key.kind, LEAST_RSA) {
        return Err(refuse(Fault::new(Reason::WeakKey, "BadSignature", 260)));
    }
    Ok(path)
}

/// `RSA_PKCS1_2048_8192_SHA256` and its like.
const LEAST_RSA: usize = 2048;

/// `Cert::from_der`: what a certificate cannot be parsed for.
fn read(certificate: &DecodedCertificate) -> Result<(), Fault> {
    const UNDERSTOOD: [&str; 6] =
        [KEY_USAGE, ALT_NAME, BASIC_CONSTRAINTS, NAME_CONSTRAINTS, EXTENDED_KEY_USAGE, CRL_DISTRIBUTION_POINTS];
    let unreadable = || Err(Fault::new(Reason::Unreadable, "BadEncoding", 10));
    if certificate.version != 3 {
        return Err(Fault::other(Reason::Version, "UnsupportedCertVersion", 130));
    }
    if certificate.inner_signature_differs {
        return Err(Fault::other(Reason::Signature, "SignatureAlgorithmMismatch", 250));
    }
    if certificate.duplicate().is_some_and(|oid| UNDERSTOOD.contains(&oid)) {
        return Err(Fault::other(Reason::Unreadable, "ExtensionValueInvalid", 30));
    }
    if certificate.critical_beyond(&UNDERSTOOD) {
        return Err(Fault::other(Reason::CriticalExtension, "UnsupportedCriticalExtension", 130));
    }
    // The bits of keyUsage are not looked at.
    if UNDERSTOOD.iter().any(|oid| *oid != KEY_USAGE && certificate.is_malformed(oid)) {
        return unreadable();
    }
    Ok(())
}

/// `Budget::default`.
const MOST_SIGNATURES: usize = 100;
const MOST_COMPARISONS: usize = 250_000;

/// `MAX_SUB_CA_COUNT`.
const MOST_INTERMEDIATES: usize = 6;

/// `ChainOptions::build_chain_inner`.
struct Builder<'q, 'a> {
    question: &'q Question<'a>,
    budget: Budget,
    signatures: usize,
    path: Path<'a>,
}

impl<'a> Builder<'_, 'a> {
    fn build(&mut self, ca_count: usize) -> Result<Path<'a>, Fault> {
        let Some(head) = self.path.last().copied() else { return Err(Fault::unknown_issuer()) };
        let is_leaf = self.path.len() == 1;
        self.check_alone(head, is_leaf, ca_count)?;
        let mut fault = Fault::unknown_issuer();
        for anchor in self.question.anchors.iter().filter(|anchor| anchor.subject.der == head.issuer.der) {
            if !self.budget.step() {
                break;
            }
            match self.check_with(anchor) {
                Ok(()) => return Ok([self.path.as_slice(), &[anchor]].concat()),
                Err(other) if other.is_fatal => return Err(other),
                Err(other) => fault = fault.or(other),
            }
        }
        for issuer in self.question.sent.iter().skip(1).filter(|issuer| issuer.subject.der == head.issuer.der) {
            if let Err(other) = read(issuer) {
                fault = fault.or(other);
                continue;
            }
            let is_loop = |one: &&DecodedCertificate| -> bool {
                one.public_key.info == issuer.public_key.info && one.subject.der == issuer.subject.der
            };
            if self.path.iter().any(is_loop) || !self.budget.step() {
                continue;
            }
            if self.path.len() > MOST_INTERMEDIATES {
                fault = fault.or(Fault::other(Reason::PathLength, "MaximumPathDepthExceeded", 61));
                continue;
            }
            self.path.push(issuer);
            let count = if is_leaf { ca_count } else { ca_count.saturating_add(1) };
            match self.build(count) {
                Ok(path) => return Ok(path),
                Err(other) if other.is_fatal => return Err(other),
                Err(other) => fault = fault.or(other),
            }
            self.path.pop();
        }
        Err(fault)
    }

    /// `check_issuer_independent_properties`.
    fn check_alone(&self, certificate: &DecodedCertificate, is_leaf: bool, ca_count: usize) -> Result<(), Fault> {
        let DecodedCertificate { not_before, not_after, .. } = certificate;
        let at = self.question.at;
        // `UnixTime` begins in 1970.
        if *not_before < datetime!(1970-01-01 0:00 UTC) {
            return Err(Fault::new(Reason::Unreadable, "BadEncoding", 20));
        }
        if not_before > not_after {
            return Err(Fault::new(Reason::Expired, "Expired", 190));
        }
        let (now, first, last) = (at.unix_timestamp(), not_before.unix_timestamp(), not_after.unix_timestamp());
        if now < first {
            let message = format!(
                "certificate not valid yet: verification time {now} (UNIX), but certificate is not valid before {first} ({} seconds \
                 in future)",
                first.saturating_sub(now)
            );
            return Err(Fault::new(Reason::NotYetValid, message, 290));
        }
        if now > last {
            let message = format!(
                "certificate expired: verification time {now} (UNIX), but certificate is not valid after {last} ({} seconds ago)",
                now.saturating_sub(last)
            );
            return Err(Fault::new(Reason::Expired, message, 290));
        }
        match &certificate.basic_constraints {
            Some(constraints) if constraints.ca && is_leaf => {
                return Err(Fault::other(Reason::BasicConstraints, "CaUsedAsEndEntity", 210));
            }
            Some(constraints) if constraints.ca => {
                let limit = constraints.path_length.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
                if limit.is_some_and(|limit| ca_count > limit) {
                    return Err(Fault::other(Reason::PathLength, "PathLenConstraintViolated", 220));
                }
            }
            _ if !is_leaf => return Err(Fault::other(Reason::BasicConstraints, "EndEntityUsedAsCa", 210)),
            _ => {}
        }
        check_usage(certificate, self.question.side)
    }

    /// `check_signed_chain` and `check_signed_chain_name_constraints`.
    fn check_with(&mut self, anchor: &DecodedCertificate) -> Result<(), Fault> {
        let mut issuer = anchor;
        for certificate in self.path.iter().rev() {
            self.signatures = self.signatures.saturating_add(1);
            if self.signatures > MOST_SIGNATURES {
                return Err(Fault::fatal(Reason::PathLength, "MaximumSignatureChecksExceeded"));
            }
            check_signature(certificate, issuer)?;
            issuer = certificate;
        }
        let mut above = anchor;
        for (at, certificate) in self.path.iter().enumerate().rev() {
            if let Some(constraints) = &above.name_constraints {
                for one in self.path.iter().take(at.saturating_add(1)) {
                    match names::allows(constraints, one, &self.budget) {
                        Ok(true) => {}
                        Ok(false) => return Err(Fault::other(Reason::NameConstraints, "NameConstraintViolation", 230)),
                        Err(Spent) => {
                            return Err(Fault::fatal(
                                Reason::NameConstraints,
                                "MaximumNameConstraintComparisonsExceeded",
                            ));
                        }
                    }
                }
            }
            above = certificate;
        }
        Ok(())
    }
}

/// `ExtendedKeyUsage::check`: anyExtendedKeyUsage is one like any other.
fn check_usage(certificate: &DecodedCertificate, side: Side<'_>) -> Result<(), Fault> {
    let Some(usages) = certificate.extension(EXTENDED_KEY_USAGE) else { return Ok(()) };
    let purposes = Vec::<ObjectIdentifier>::from_der(&usages.value).unwrap_or_default();
    if purposes.is_empty() {
        return Err(Fault::other(Reason::ExtendedKeyUsage, "EmptyEkuExtension", 245));
    }
    let (wanted, name) =
        if side == Side::Client { (ID_KP_CLIENT_AUTH, "client") } else { (ID_KP_SERVER_AUTH, "server") };
    if purposes.contains(&wanted) {
        return Ok(());
    }
    let purposes = purposes.into_iter().map(purpose).collect::<Vec<_>>().join(", ");
    let message = format!("certificate does not allow extended key usage for {name} authentication, allows {purposes}");
    Err(Fault::new(Reason::ExtendedKeyUsage, message, 240))
}

/// A purpose as rustls prints it: one that it does not know as its arcs.
fn purpose(purpose: ObjectIdentifier) -> String {
    match purpose {
        ID_KP_CLIENT_AUTH => "client authentication".to_owned(),
        ID_KP_SERVER_AUTH => "server authentication".to_owned(),
        _ => purpose.to_string().split('.').map(arc).collect::<Vec<_>>().join(", "),
    }
}

/// webpki puts the seven bits of each octet eight bits apart, so that 128 comes out as 256.
fn arc(text: &str) -> String {
    let Ok(arc) = text.parse::<u32>() else { return text.to_owned() };
    let digit = |shift: u32| u64::from(arc.checked_shr(shift).unwrap_or(0) & 0x7F);
    (0..5).fold(0, |sum: u64, at| sum | digit(7_u32.saturating_mul(at)) << 8_u32.saturating_mul(at)).to_string()
}

/// `verify_signed_data`, with the algorithms of rustls' provider.
fn check_signature(certificate: &DecodedCertificate, issuer: &DecodedCertificate) -> Result<(), Fault> {
    let signature = &certificate.signature;
    let is_known = match signature.name.as_str() {
        "Ed25519" => true,
        "RSASSA-PSS" => signature.hash >= Some(Hash::Sha256),
        name if name.ends_with("withRSA") || name.ends_with("withECDSA") => signature.hash >= Some(Hash::Sha256),
        name => name.starts_with("ML-DSA"),
    };
    if !is_known {
        return Err(Fault::new(Reason::UnsupportedAlgorithm, "UnsupportedSignatureAlgorithmContext", 140));
    }
    let name = signature.name.as_str();
    let fits = match &issuer.public_key.kind {
        KeyKind::Rsa { .. } => name.ends_with("withRSA") || name == "RSASSA-PSS",
        KeyKind::Ec(Curve::P256 | Curve::P384 | Curve::P521) => name.ends_with("withECDSA"),
        KeyKind::Ed25519 => name == "Ed25519",
        KeyKind::Other(_) => name.starts_with("ML-DSA"),
        _ => false,
    };
    if !fits {
        return Err(Fault::new(Reason::UnsupportedAlgorithm, "UnsupportedSignatureAlgorithmForPublicKeyContext", 150));
    }
    if is_rsa_below(&issuer.public_key.kind, LEAST_RSA) {
        return Err(Fault::new(Reason::WeakKey, "BadSignature", 260));
    }
    match certificate.is_signed_by(issuer) {
        SignatureCheck::Invalid => Err(Fault::new(Reason::Signature, "BadSignature", 260)),
        _ => Ok(()),
    }
}
