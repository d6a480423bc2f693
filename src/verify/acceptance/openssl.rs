//! OpenSSL 3: `X509_verify_cert` in `crypto/x509/x509_vfy.c` and `X509_check_purpose` in `crypto/x509/v3_purp.c`, under the flags
//! that librdkafka, `CPython` and Node set.

mod fault;
mod names;

use super::{
    ALT_NAME, AUTHORITY_KEY_ID, BASIC_CONSTRAINTS, Budget, CERTIFICATE_POLICIES, CRL_DISTRIBUTION_POINTS,
    EXTENDED_KEY_USAGE, Extended, INHIBIT_ANY_POLICY, KEY_USAGE, NAME_CONSTRAINTS, NETSCAPE_CERT_TYPE, NETSCAPE_CLIENT,
    NETSCAPE_SERVER, POLICY_CONSTRAINTS, POLICY_MAPPINGS, Path, Question, Refusal, SUBJECT_KEY_ID, Side, Verdict,
    has_step_up, netscape_allows,
};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::{AltName, Curve, ExtendedKeyUsage, Hash, KeyKind, KeyUsage, SignatureCheck};

pub(super) use fault::Fault;

use names::HostRules;

/// What an application asks of OpenSSL.
#[derive(Debug, Clone, Copy)]
pub(super) struct Profile {
    /// `X509_V_FLAG_X509_STRICT`.
    pub(super) strict: bool,
    /// `X509_V_FLAG_PARTIAL_CHAIN`.
    pub(super) partial_chain: bool,
    /// `SSL_CTX_set_security_level`, which also is the level of certificates.
    pub(super) level: u8,
    /// What hosts are compared by, where OpenSSL does it.
    pub(super) host: Option<HostRules>,
}

/// Librdkafka compares hosts as `SSL_set1_host` does, without a dot at the end of the host.
const LIBRDKAFKA: Profile =
    Profile { strict: false, partial_chain: false, level: 2, host: Some(HostRules { partial_wildcards: true }) };

/// `CPython` sets `X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS`, and a list of ciphers that has `@SECLEVEL=2` in it.
const PYTHON: Profile =
    Profile { strict: true, partial_chain: true, level: 2, host: Some(HostRules { partial_wildcards: false }) };

/// Judges as librdkafka does; a broker is OpenSSL alone.
pub(super) fn judge<'a>(question: &Question<'a>) -> Verdict<'a> {
    let side = match question.side {
        // `rd_kafka_transport_ssl_set_endpoint_id` takes it off.
        Side::ServerFor { host } => Side::ServerFor { host: host.map(|host| host.strip_suffix('.').unwrap_or(host)) },
        Side::Client => Side::Client,
    };
    first_fault(LIBRDKAFKA, &Question { side, ..*question }).map_err(|fault| {
        let message = match side {
            Side::ServerFor { .. } => format!("SSL handshake failed: {VERIFY_FAILED}: {UNVERIFIED} ({})", fault.text()),
            Side::Client => format!("{VERIFY_FAILED} ({})", fault.text()),
        };
        Refusal::new(fault.reason(), message)
    })
}

const VERIFY_FAILED: &str = "error:0A000086:SSL routines::certificate verify failed";

/// What librdkafka adds, whatever the reason is.
const UNVERIFIED: &str = "broker certificate could not be verified, verify that ssl.ca.location is correctly configured or root CA \
                          certificates are installed (install ca-certificates package)";

pub(super) fn judge_as_python<'a>(question: &Question<'a>) -> Verdict<'a> {
    first_fault(PYTHON, question).map_err(|fault| {
        let host = match question.side {
            Side::ServerFor { host } => host.unwrap_or_default(),
            Side::Client => "",
        };
        // `_ssl__SSLError` words these two itself.
        let text = match fault {
            Fault::HostMismatch => format!("Hostname mismatch, certificate is not valid for '{host}'."),
            Fault::IpMismatch => format!("IP address mismatch, certificate is not valid for '{host}'."),
            _ => fault.text().to_owned(),
        };
        Refusal::new(fault.reason(), format!("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {text}"))
    })
}

fn first_fault<'a>(profile: Profile, question: &Question<'a>) -> Result<Path<'a>, Fault> {
    let run = verify(profile, question, true);
    run.faults.first().map_or(Ok(run.chain), |fault| Err(*fault))
}

/// Returns all faults in their order, and the chain as far as it was built: a callback may let OpenSSL go on.
pub(super) fn all_faults<'a>(profile: Profile, question: &Question<'a>) -> (Path<'a>, Vec<Fault>) {
    let run = verify(profile, question, false);
    (run.chain, run.faults)
}

fn verify<'q, 'a>(profile: Profile, question: &'q Question<'a>, stops: bool) -> Run<'q, 'a> {
    let mut run = Run {
        profile,
        question,
        stops,
        chain: question.sent.iter().take(1).collect(),
        untrusted: 1,
        faults: Vec::new(),
        budget: Budget::new(),
    };
    let _: Option<()> = run.verify();
    run
}

/// One call of `X509_verify_cert`.
struct Run<'q, 'a> {
    profile: Profile,
    question: &'q Question<'a>,
    /// Whether the first fault ends it.
    stops: bool,
    chain: Path<'a>,
    /// How many of the chain were sent.
    untrusted: usize,
    faults: Vec<Fault>,
    budget: Budget,
}

/// A depth of 100 is the default of `SSL_CTX`.
const DEPTH: usize = 100;

impl<'a> Run<'_, 'a> {
    /// Notes a fault if there is one, and says whether to go on.
    fn fail_if(&mut self, is_fault: bool, fault: Fault) -> Option<()> {
        if is_fault {
            self.faults.push(fault);
        }
        (!is_fault || !self.stops).then_some(())
    }

    fn verify(&mut self) -> Option<()> {
        let leaf = *self.chain.first()?;
        self.fail_if(!self.is_key_long_enough(leaf), Fault::LeafKeyTooSmall)?;
        self.build_chain()?;
        self.check_extensions()?;
        self.check_level()?;
        self.check_host()?;
        self.check_signatures()?;
        names::constraint_fault(&self.chain, &self.budget).map_or(Some(()), |fault| self.fail_if(true, fault))
    }

    /// `build_chain`, trusted certificates first.
    fn build_chain(&mut self) -> Option<()> {
        let mut pool: Path<'a> = self.question.sent.iter().skip(1).collect();
        let mut is_trusted = false;
        while let Some(current) = self.chain.last().copied() {
            if self.chain.len() > DEPTH || !self.budget.step() {
                break;
            }
            if let Some(issuer) = self.best_issuer(self.question.anchors.iter(), current)
                && self.trust(current, issuer)
            {
                is_trusted = self.profile.partial_chain
                    || self.chain.iter().skip(self.untrusted).any(|certificate| is_self_signed(certificate));
                if is_trusted || is_self_signed(issuer) {
                    break;
                }
                continue;
            }
            // Once it has met a trusted certificate, it looks at nothing else.
            if self.untrusted < self.chain.len() || is_self_signed(current) {
                break;
            }
            let Some(issuer) = self.best_issuer(pool.iter().copied(), current) else { break };
            pool.retain(|one| !std::ptr::eq(*one, issuer));
            self.chain.push(issuer);
            self.untrusted = self.chain.len();
        }
        is_trusted = is_trusted || self.is_leaf_pinned();
        if is_trusted {
            return Some(());
        }
        let fault = self.build_fault();
        self.fail_if(true, fault)
    }

    /// Adds a trusted issuer to the chain, or puts it in the place of the certificate that it is.
    fn trust(&mut self, current: &DecodedCertificate, issuer: &'a DecodedCertificate) -> bool {
        if !is_self_signed(current) {
            self.chain.push(issuer);
        } else if self.untrusted == self.chain.len() {
            if current.as_der() != issuer.as_der() {
                return false;
            }
            self.chain.pop();
            self.untrusted = self.chain.len();
            self.chain.push(issuer);
        } else {
            return false;
        }
        true
    }

    /// The last resort of a partial chain: the leaf is an anchor.
    fn is_leaf_pinned(&mut self) -> bool {
        let Some(leaf) = self.chain.first().copied() else { return false };
        let is_pinned = self.profile.partial_chain
            && self.untrusted == self.chain.len()
            && self.question.anchors.iter().any(|anchor| anchor.as_der() == leaf.as_der());
        if is_pinned {
            self.untrusted = 0;
        }
        is_pinned
    }

    fn build_fault(&self) -> Fault {
        let length = self.chain.len();
        match self.chain.last() {
            _ if length > DEPTH => Fault::TooLong,
            Some(top) if is_self_signed(top) && length == 1 => Fault::SelfSigned,
            Some(top) if is_self_signed(top) => Fault::SelfSignedInChain,
            _ if self.untrusted < length => Fault::UnableToGetIssuer,
            _ => Fault::UnableToGetIssuerLocally,
        }
    }

    /// Returns the first issuer that is valid now, or the one that is valid longest.
    fn best_issuer(
        &self,
        candidates: impl Iterator<Item = &'a DecodedCertificate>,
        of: &DecodedCertificate,
    ) -> Option<&'a DecodedCertificate> {
        let mut best: Option<&'a DecodedCertificate> = None;
        let namesakes = candidates.filter(|candidate| candidate.subject.is_same_as(&of.issuer));
        for issuer in namesakes.take_while(|_| self.budget.candidate()).filter(|candidate| is_issued(of, candidate)) {
            if issuer.not_before <= self.question.at && self.question.at <= issuer.not_after {
                return Some(issuer);
            }
            best = best.filter(|best| best.not_after >= issuer.not_after).or(Some(issuer));
        }
        best
    }

    fn check_extensions(&mut self) -> Option<()> {
        let mut length = 0_usize;
        for (at, certificate) in self.chain.clone().into_iter().enumerate() {
            self.fail_if(has_unhandled_critical(certificate), Fault::CriticalExtension)?;
            let (ca, is_top) = (check_ca(certificate), at.saturating_add(1) == self.chain.len());
            let is_refused = if at == 0 {
                self.profile.strict && ca != Ca::Yes && ca != Ca::No
            } else {
                ca == Ca::No || ((!is_top || self.profile.strict) && ca != Ca::Yes)
            };
            self.fail_if(is_refused, Fault::InvalidCa)?;
            if self.profile.strict && self.chain.len() > 1 {
                self.check_strictly(certificate, is_top)?;
            }
            self.fail_if(!self.is_fit(certificate, at > 0), Fault::Purpose)?;
            let limit = certificate.basic_constraints.as_ref().and_then(|constraints| constraints.path_length);
            let is_too_long = limit.is_some_and(|limit| length > usize::try_from(limit).unwrap_or(usize::MAX));
            self.fail_if(at > 1 && is_too_long, Fault::PathLength)?;
            if at > 0 && !certificate.is_self_issued() {
                length = length.saturating_add(1);
            }
        }
        Some(())
    }

    /// What `X509_V_FLAG_X509_STRICT` adds.
    fn check_strictly(&mut self, certificate: &DecodedCertificate, is_top: bool) -> Option<()> {
        let constraints = certificate.basic_constraints.as_ref();
        let usage = certificate.key_usage.as_ref();
        let is_ca = certificate.is_ca();
        let signs = usage.is_some_and(KeyUsage::key_cert_sign);
        let alt_names = certificate.alt_names.as_ref();
        if constraints.is_some_and(|constraints| constraints.path_length.is_some()) {
            self.fail_if(!is_ca, Fault::PathLengthOfNonCa)?;
            self.fail_if(!signs, Fault::PathLengthWithoutCertSign)?;
        }
        let is_critical = constraints.is_some_and(|constraints| constraints.critical);
        self.fail_if(is_ca && !is_critical, Fault::NotCriticalConstraints)?;
        self.fail_if(is_ca && usage.is_none(), Fault::NoKeyUsageOfCa)?;
        self.fail_if(!is_ca && signs, Fault::CertSignOfNonCa)?;
        self.fail_if(certificate.issuer.is_empty(), Fault::EmptyIssuer)?;
        let needs_subject = is_ca || usage.is_some_and(KeyUsage::crl_sign) || alt_names.is_none();
        let is_nameless = certificate.subject.is_empty();
        self.fail_if(needs_subject && is_nameless, Fault::EmptySubject)?;
        let is_uncritical = alt_names.is_some_and(|names| !names.critical);
        self.fail_if(is_nameless && is_uncritical, Fault::EmptySubjectAltNameNotCritical)?;
        self.fail_if(alt_names.is_some_and(|names| names.names.is_empty()), Fault::EmptyAltName)?;
        self.fail_if(certificate.inner_signature_differs, Fault::AlgorithmMismatch)?;
        let is_critical = |oid| certificate.extension(oid).is_some_and(|extension| extension.critical);
        self.fail_if(is_critical(AUTHORITY_KEY_ID), Fault::CriticalAuthorityKeyId)?;
        self.fail_if(is_critical(SUBJECT_KEY_ID), Fault::CriticalSubjectKeyId)?;
        if certificate.version < 3 {
            return self.fail_if(!certificate.extensions.is_empty(), Fault::ExtensionsWithoutVersion3);
        }
        let has_authority = certificate.authority_key_id.as_ref().is_some_and(|authority| authority.key_id.is_some());
        self.fail_if(!is_top && !has_authority, Fault::NoAuthorityKeyId)?;
        self.fail_if(is_ca && certificate.subject_key_id.is_none(), Fault::NoSubjectKeyId)
    }

    /// `X509_check_purpose` for `X509_PURPOSE_SSL_CLIENT` and `X509_PURPOSE_SSL_SERVER`. It has no opinion of what it cannot read.
    fn is_fit(&self, certificate: &DecodedCertificate, is_issuer: bool) -> bool {
        if is_invalid(certificate) {
            return !self.profile.strict;
        }
        let is_for_server = self.question.side != Side::Client;
        let usages = certificate.extended_key_usage.as_ref();
        if !usages.is_none_or(|usages| if is_for_server { has_server_auth(usages) } else { usages.client_auth }) {
            return false;
        }
        if is_issuer {
            return check_ca(certificate) != Ca::No;
        }
        let is_usage_fit = certificate.key_usage.as_ref().is_none_or(|usage| {
            usage.digital_signature() || usage.key_agreement() || (is_for_server && usage.key_encipherment())
        });
        is_usage_fit && netscape_allows(certificate, if is_for_server { NETSCAPE_SERVER } else { NETSCAPE_CLIENT })
    }

    /// `check_auth_level`.
    fn check_level(&mut self) -> Option<()> {
        let top = self.chain.len().saturating_sub(1);
        for (at, certificate) in self.chain.clone().into_iter().enumerate() {
            self.fail_if(at > 0 && !self.is_key_long_enough(certificate), Fault::CaKeyTooSmall)?;
            let is_weak = signature_bits(certificate) < self.least_bits();
            self.fail_if(at < top && is_weak, Fault::DigestTooWeak)?;
        }
        Some(())
    }

    fn is_key_long_enough(&self, certificate: &DecodedCertificate) -> bool {
        key_bits(&certificate.public_key.kind) >= self.least_bits()
    }

    /// `minbits_table` of `crypto/x509/x509_vfy.c`.
    fn least_bits(&self) -> usize {
        if self.profile.level >= 2 { 112 } else { 80 }
    }

    fn check_host(&mut self) -> Option<()> {
        let (Some(rules), Side::ServerFor { host: Some(host) }, Some(leaf)) =
            (self.profile.host, self.question.side, self.chain.first().copied())
        else {
            return Some(());
        };
        match host.parse() {
            Ok(address) => self.fail_if(!names::is_for_address(leaf, address), Fault::IpMismatch),
            Err(_) => self.fail_if(!rules.is_for_host(leaf, host), Fault::HostMismatch),
        }
    }

    /// `internal_verify`: from the top down, signatures and dates.
    fn check_signatures(&mut self) -> Option<()> {
        let (top, rest) = { self.chain.clone().split_last().map(|(top, rest)| (*top, rest.to_vec()))? };
        let is_own_issuer = is_issued(top, top);
        if !is_own_issuer && !self.profile.partial_chain && rest.is_empty() {
            self.fail_if(true, Fault::UnableToVerifyLeaf)?;
        }
        // The signature of a self-signed certificate is not checked, and its dates are.
        if is_own_issuer || self.profile.partial_chain || rest.is_empty() {
            self.check_dates(top)?;
        }
        let mut issuer = top;
        for subject in rest.into_iter().rev() {
            let signs = issuer.key_usage.as_ref().is_none_or(KeyUsage::key_cert_sign);
            self.fail_if(!signs, Fault::KeyUsageNoCertSign)?;
            let is_signed = subject.is_signed_by(issuer) != SignatureCheck::Invalid;
            self.fail_if(!is_signed, Fault::SignatureFailure)?;
            self.check_dates(subject)?;
            issuer = subject;
        }
        Some(())
    }

    fn check_dates(&mut self, certificate: &DecodedCertificate) -> Option<()> {
        self.fail_if(certificate.not_before > self.question.at, Fault::NotYetValid)?;
        self.fail_if(certificate.not_after < self.question.at, Fault::Expired)
    }
}

/// What `check_ca` returns, as far as it makes a difference.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ca {
    No,
    Yes,
    /// Version 1 and self-signed, or with a key usage that says so: the codes 3 to 5.
    Tolerated,
}

fn check_ca(certificate: &DecodedCertificate) -> Ca {
    if is_invalid(certificate) {
        return Ca::No;
    }
    let usage = certificate.key_usage.as_ref();
    if usage.is_some_and(|usage| !usage.key_cert_sign()) {
        return Ca::No;
    }
    match &certificate.basic_constraints {
        Some(constraints) if constraints.ca => Ca::Yes,
        None if usage.is_some() || (certificate.version == 1 && is_self_signed(certificate)) => Ca::Tolerated,
        _ => Ca::No,
    }
}

/// `ossl_x509_likely_issued`.
fn is_issued(subject: &DecodedCertificate, issuer: &DecodedCertificate) -> bool {
    issuer.subject.is_same_as(&subject.issuer)
        && !is_invalid(issuer)
        && !is_invalid(subject)
        && matches_authority_key_id(subject, issuer)
        && does_algorithm_fit(subject, issuer)
}

/// `X509_check_akid`.
fn matches_authority_key_id(subject: &DecodedCertificate, issuer: &DecodedCertificate) -> bool {
    let Some(authority) = &subject.authority_key_id else { return true };
    let is_key = match (&authority.key_id, &issuer.subject_key_id) {
        (Some(wanted), Some(there)) => wanted == there,
        _ => true,
    };
    let is_serial = authority.serial.as_ref().is_none_or(|serial| *serial == issuer.serial);
    let directory = authority.issuer.iter().find_map(|name| match name {
        AltName::Directory(text) => Some(text),
        _ => None,
    });
    is_key && is_serial && directory.is_none_or(|text| *text == issuer.issuer.text)
}

/// `check_sig_alg_match`: the kind of the signature is the kind of the key.
fn does_algorithm_fit(subject: &DecodedCertificate, issuer: &DecodedCertificate) -> bool {
    let name = subject.signature.name.as_str();
    match &issuer.public_key.kind {
        KeyKind::Rsa { .. } => name.ends_with("RSA") || name == "RSASSA-PSS",
        KeyKind::RsaPss { .. } => name == "RSASSA-PSS",
        KeyKind::Dsa => name.ends_with("withDSA"),
        KeyKind::Ec(_) => name.ends_with("ECDSA"),
        KeyKind::Ed25519 => name == "Ed25519",
        KeyKind::Ed448 => name == "Ed448",
        KeyKind::Other(_) => false,
    }
}

/// `EXFLAG_SS`.
fn is_self_signed(certificate: &DecodedCertificate) -> bool {
    is_issued(certificate, certificate)
}

/// `EXFLAG_INVALID`: an extension that `ossl_x509v3_cache_extensions` reads cannot be read or is there twice, or a keyUsage of nothing.
fn is_invalid(certificate: &DecodedCertificate) -> bool {
    const CACHED: [&str; 9] = [
        BASIC_CONSTRAINTS,
        KEY_USAGE,
        EXTENDED_KEY_USAGE,
        SUBJECT_KEY_ID,
        AUTHORITY_KEY_ID,
        ALT_NAME,
        NAME_CONSTRAINTS,
        CRL_DISTRIBUTION_POINTS,
        NETSCAPE_CERT_TYPE,
    ];
    let has_no_usage = certificate.key_usage.as_ref().is_some_and(|usage| usage.bits == 0);
    CACHED.iter().any(|oid| certificate.is_malformed(oid)) || certificate.duplicate().is_some() || has_no_usage
}

/// `EXFLAG_CRITICAL`, by the list of `X509_supported_extension`.
fn has_unhandled_critical(certificate: &DecodedCertificate) -> bool {
    const SUPPORTED: [&str; 11] = [
        NETSCAPE_CERT_TYPE,
        KEY_USAGE,
        ALT_NAME,
        BASIC_CONSTRAINTS,
        CERTIFICATE_POLICIES,
        CRL_DISTRIBUTION_POINTS,
        EXTENDED_KEY_USAGE,
        POLICY_CONSTRAINTS,
        NAME_CONSTRAINTS,
        POLICY_MAPPINGS,
        INHIBIT_ANY_POLICY,
    ];
    certificate.critical_beyond(&SUPPORTED)
}

/// `XKU_SSL_SERVER | XKU_SGC`: the two old purposes count.
fn has_server_auth(usages: &ExtendedKeyUsage) -> bool {
    usages.server_auth || has_step_up(usages)
}

/// `EVP_PKEY_get_security_bits`, after NIST SP 800-57.
fn key_bits(key: &KeyKind) -> usize {
    match key {
        KeyKind::Rsa { bits, .. } | KeyKind::RsaPss { bits } => match *bits {
            0..1024 => 64,
            1024..2048 => 80,
            2048..3072 => 112,
            _ => 128,
        },
        KeyKind::Ec(Curve::Other(oid)) if oid == "1.2.840.10045.3.1.1" => 96,
        KeyKind::Dsa | KeyKind::Ec(Curve::Other(_)) => 112,
        KeyKind::Ec(_) | KeyKind::Ed25519 | KeyKind::Ed448 => 128,
        KeyKind::Other(_) => 0,
    }
}

/// `X509_get_signature_info`: what a collision costs.
fn signature_bits(certificate: &DecodedCertificate) -> usize {
    match certificate.signature.hash {
        Some(Hash::Md2 | Hash::Md5) => 39,
        Some(Hash::Sha1) => 63,
        Some(Hash::Sha224) => 112,
        _ => 128,
    }
}
