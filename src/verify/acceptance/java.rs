//! Java: `X509TrustManagerImpl` over `PKIXValidator`, as Kafka sets both up, with the security properties of the JDK.

mod hosts;
mod path;

use super::{
    ALT_NAME, Extended, NETSCAPE_CLIENT, NETSCAPE_SERVER, Offer, Path, Question, Reason, Refusal, Side, TlsVersion,
    Unoffered, Verdict, has_step_up, netscape_allows,
};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::{AltName, ExtendedKeyUsage, Hash, KeyKind};

/// A JDK.
#[derive(Debug, Clone, Copy)]
pub(super) struct Java {
    pub(super) major: u32,
}

impl Java {
    /// Newer ones put the alert in front of each message.
    fn names_alerts(self) -> bool {
        self.major > 17
    }

    /// Newer ones do not take a non-critical subjectAltName or extKeyUsage that cannot be read for one that is not there.
    fn asks_for_readable_extensions(self) -> bool {
        self.major > 17
    }

    /// Newer ones take a wildcard in the first label only, as RFC 9525 says.
    fn takes_leftmost_wildcards_only(self) -> bool {
        self.major > 17
    }

    /// Newer ones check the key that has made a signature by its length, before its algorithm.
    fn names_short_keys_of_issuers(self) -> bool {
        self.major > 17
    }

    /// `jdk.tls.maxServerCertificateChainLength` and `jdk.tls.maxClientCertificateChainLength`.
    fn longest_chain(self, side: Side<'_>) -> usize {
        if self.major > 17 && side == Side::Client { 8 } else { 10 }
    }
}

/// `signature_algorithms_cert` of a client, and of a server, which has neither hashes of 224 bits nor DSA in it.
const OFFER_OF_CLIENT: Offer<'static> = Offer { without_hashes: &[Hash::Md2, Hash::Md5], without: &[] };
const OFFER_OF_SERVER: Offer<'static> =
    Offer { without_hashes: &[Hash::Md2, Hash::Md5, Hash::Sha224], without: &[Unoffered::Dsa] };

/// What is wrong, with the alert that newer JDKs send and print.
#[derive(Debug, Clone)]
struct Fault {
    reason: Reason,
    message: String,
    alert: &'static str,
}

impl Fault {
    fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), alert: "certificate_unknown" }
    }

    fn with(self, alert: &'static str) -> Self {
        Self { alert, ..self }
    }
}

pub(super) fn judge<'a>(java: Java, question: &Question<'a>) -> Verdict<'a> {
    read(java, question)?;
    let verdict = check(java, question);
    verdict.map_err(|fault| {
        // A server answers every `CertificateException` alike: `CertificateMessage.getCertificateAlert` is for clients.
        let alert = if question.side == Side::Client { "certificate_unknown" } else { fault.alert };
        let message = if java.names_alerts() { format!("({alert}) {}", fault.message) } else { fault.message };
        Refusal::new(fault.reason, message)
    })
}

/// What comes before anything is judged: the anchors are loaded, the two find an algorithm, and the certificates are parsed.
fn read(java: Java, question: &Question<'_>) -> Result<(), Refusal> {
    let Question { sent, anchors, side, .. } = question;
    // `X509CertInfo.parse`, and so the truststore cannot be loaded.
    if anchors.iter().any(|anchor| anchor.issuer.is_empty()) {
        return Err(Refusal::new(Reason::Subject, "Empty issuer DN not allowed in X509Certificates"));
    }
    let alert = |alert, message: &str| {
        if java.names_alerts() { format!("({alert}) {message}") } else { message.to_owned() }
    };
    let offer = if *side == Side::Client { OFFER_OF_SERVER } else { OFFER_OF_CLIENT };
    if !sent.first().is_none_or(|leaf| offer.covers_key(leaf) && offer.covers_signature(leaf)) {
        let message = match side {
            Side::ServerFor { .. } => alert("handshake_failure", "Received fatal alert: handshake_failure"),
            Side::Client if question.tls == TlsVersion::V1_2 => {
                alert("handshake_failure", "Empty client certificate chain")
            }
            Side::Client => alert("certificate_required", "Empty client certificate chain"),
        };
        return Err(Refusal::new(Reason::UnsupportedAlgorithm, message));
    }
    let longest = java.longest_chain(*side);
    if sent.len() > longest {
        // It counts until there is one too many.
        let count = longest.saturating_add(1);
        let message = format!("The certificate chain length ({count}) exceeds the maximum allowed length ({longest})");
        return Err(Refusal::new(Reason::PathLength, message));
    }
    if let Some(reason) = sent.iter().find_map(unreadable) {
        let whose = if *side == Side::Client { "client" } else { "server" };
        let message = alert("bad_certificate", &format!("Failed to parse {whose} certificates"));
        return Err(Refusal::new(reason, message));
    }
    Ok(())
}

/// `X509CertImpl` and `X509CertInfo`: what a certificate cannot be parsed for.
fn unreadable(certificate: &DecodedCertificate) -> Option<Reason> {
    let has_extensions = !certificate.extensions.is_empty();
    let is_nameless = certificate.subject.is_empty();
    let is_named_critically = certificate.alt_names.as_ref().is_some_and(|names| names.critical);
    if certificate.version > 3 || (certificate.version < 3 && has_extensions) {
        Some(Reason::Version)
    } else if certificate.issuer.is_empty() || (is_nameless && !certificate.is_ca() && !is_named_critically) {
        Some(Reason::Subject)
    } else if certificate.inner_signature_differs {
        Some(Reason::Signature)
    } else if certificate.duplicate().is_some()
        || certificate.extensions.iter().any(|extension| extension.critical && extension.is_malformed)
        || (is_named_critically && name_fault(certificate).is_some())
    {
        Some(Reason::Unreadable)
    } else {
        None
    }
}

/// `X509TrustManagerImpl.checkTrusted`.
fn check<'a>(java: Java, question: &Question<'a>) -> Result<Path<'a>, Fault> {
    let path = path::validate(java, question)?;
    // `Validator.validate`: a leaf that is trusted itself is good for everything.
    if let [leaf, _, ..] = path.as_slice() {
        check_end_entity(java, leaf, question.side)?;
    }
    if let (Side::ServerFor { host: Some(host) }, Some(leaf)) = (question.side, path.first()) {
        hosts::check(java, leaf, host)?;
    }
    Ok(path)
}

/// `EndEntityChecker.checkTLSServer` and `checkTLSClient`.
fn check_end_entity(java: Java, leaf: &DecodedCertificate, side: Side<'_>) -> Result<(), Fault> {
    if leaf.key_usage.as_ref().is_some_and(|usage| !usage.digital_signature()) {
        return Err(Fault::new(Reason::KeyUsage, "KeyUsage does not allow digital signatures"));
    }
    if java.asks_for_readable_extensions() && leaf.is_malformed(super::EXTENDED_KEY_USAGE) {
        return Err(Fault::new(Reason::Unreadable, NOT_ENOUGH));
    }
    let (whose, bit) = if side == Side::Client { ("client", NETSCAPE_CLIENT) } else { ("server", NETSCAPE_SERVER) };
    let allows = |usages: &ExtendedKeyUsage| {
        usages.any || if side == Side::Client { usages.client_auth } else { usages.server_auth || has_step_up(usages) }
    };
    if !leaf.extended_key_usage.as_ref().is_none_or(allows) {
        let message = format!("Extended key usage does not permit use for TLS {whose} authentication");
        return Err(Fault::new(Reason::ExtendedKeyUsage, message));
    }
    if !netscape_allows(leaf, bit) {
        let message = format!("Netscape cert type does not permit use for SSL {whose}");
        return Err(Fault::new(Reason::ExtendedKeyUsage, message));
    }
    Ok(())
}

/// What `DerInputStream` says of an element that ends too early.
const NOT_ENOUGH: &str = "not enough content";

/// Returns what `SubjectAlternativeNameExtension` cannot be parsed for.
fn name_fault(certificate: &DecodedCertificate) -> Option<String> {
    if certificate.is_malformed(ALT_NAME) {
        return Some(NOT_ENOUGH.to_owned());
    }
    let names = &certificate.alt_names.as_ref()?.names;
    if names.is_empty() {
        return Some("No data available in passed DER encoded value.".to_owned());
    }
    names.iter().find_map(|name| match name {
        AltName::BadIp(_) => Some("Invalid IPAddressName".to_owned()),
        AltName::Uri(uri) if !uri.contains(':') => Some(format!("URI name must include scheme:{uri}")),
        _ => None,
    })
}

/// `X500Name.toString`.
fn distinguished_name(certificate: &DecodedCertificate) -> String {
    let mut text = String::new();
    let mut is_escaped = false;
    for c in certificate.subject.text.chars() {
        text.push(c);
        if c == ',' && !is_escaped {
            text.push(' ');
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    text
}

/// Says what `jdk.certpath.disabledAlgorithms` has against the length of a key.
fn is_short(key: &KeyKind) -> Option<usize> {
    match key {
        KeyKind::Rsa { bits, .. } | KeyKind::RsaPss { bits } if *bits < 1024 => Some(*bits),
        _ => None,
    }
}
