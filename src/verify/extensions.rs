//! What a certificate says beside names, dates and key: version, extensions, serial number, signature algorithm.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::collections::HashSet;

use super::{Finding, checks};
use crate::pki::DecodedCertificate;
use crate::pki::decoded::{Hash, KeyKind};
use crate::spec::NodeRole;

checks! {
    VERSION = Error "certificate-version": "a certificate of version 1 has no extensions: Go and rustls refuse it, and it can name no host";
    UNKNOWN_CRITICAL = Error "extension-unknown-critical": "who does not know a critical extension must refuse the certificate";
    MALFORMED = Error "extension-malformed": "Java and others refuse a certificate with an extension that they cannot read";
    TWICE = Error "extension-twice": "an extension may be there once, and most stacks refuse a certificate where it is there twice";
    NO_AUTHORITY_KEY = Warning "authority-key-missing": "Python 3.13 and later refuse it: `Missing Authority Key Identifier`";
    NO_DIGITAL_SIGNATURE = Error "key-usage-signature": "a key that may not sign cannot take part in a handshake: `KeyUsage does not allow digital signatures`";
    EC_ENCIPHERMENT = Warning "key-usage-encipherment": "nothing is enciphered to an elliptic curve key, and strict readers refuse who says so (RFC 8813 §3)";
    NO_SERVER = Error "usage-server-missing": "clients refuse the certificate of a broker that is not for serverAuth";
    NO_CLIENT = Error "usage-client-missing": "brokers refuse the certificate of a client that is not for clientAuth, and brokers are clients of each other";
    ANY_ONLY = Error "usage-any": "OpenSSL, Node and rustls do not take anyExtendedKeyUsage for serverAuth or clientAuth";
    NO_USAGE = Warning "usage-missing": "without extendedKeyUsage the certificate is good for everything, so that a client's key can pose as a broker";
    CLIENT_AS_SERVER = Warning "usage-client-as-server": "whoever has the client's key can pose as a broker to those who connect to a name in its certificate";
    SERIAL_SIGN = Warning "serial-not-positive": "a serial number is positive (RFC 5280 §4.1.2.2), and strict readers refuse others";
    SERIAL_LONG = Warning "serial-too-long": "a serial number has 20 octets at most (RFC 5280 §4.1.2.2), and who reads it need not have room for more";
    BROKEN_HASH = Error "signature-broken-hash": "another certificate with the same signature can be made, and OpenSSL, Go, Node and rustls refuse it";
    SHORT_HASH = Warning "signature-short-hash": "SHA-224 is not among the signature schemes of TLS 1.3, and rustls refuses it";
    INNER_DIFFERS = Error "signature-algorithms-differ": "every TLS stack refuses a certificate that names two signature algorithms";
}

/// Judges what every certificate has to be like, a CA's too; `is_anchor` means that its own signature convinces nobody anyway.
pub(super) fn judge_certificate(certificate: &DecodedCertificate, place: &str, is_anchor: bool) -> Vec<Finding> {
    let mut findings = judge_form(certificate, place);
    if !is_anchor {
        findings.extend(judge_signature(certificate, place));
    }
    findings.extend(judge_serial(certificate, place));
    findings
}

const REISSUE: &str = "issue the certificate again";

fn judge_form(certificate: &DecodedCertificate, place: &str) -> Vec<Finding> {
    let subject = &certificate.subject.text;
    let mut findings = Vec::new();
    let mut add = |check, found: String| findings.push(Finding::new(check, place, found, REISSUE));
    if certificate.version != 3 {
        add(&VERSION, format!("the certificate of `{subject}` has version {}", certificate.version));
    }
    let mut seen = HashSet::new();
    for extension in &certificate.extensions {
        let name = &extension.name;
        if !seen.insert(extension.oid.as_str()) {
            add(&TWICE, format!("the certificate of `{subject}` has the extension {name} twice"));
        } else if extension.is_malformed {
            add(&MALFORMED, format!("the extension {name} in the certificate of `{subject}` cannot be read"));
        } else if extension.critical && !extension.is_understood {
            add(&UNKNOWN_CRITICAL, format!("the certificate of `{subject}` has the critical extension {name}"));
        }
    }
    findings
}

fn judge_signature(certificate: &DecodedCertificate, place: &str) -> Option<Finding> {
    let signature = &certificate.signature;
    if certificate.inner_signature_differs {
        let found =
            format!("the certificate of `{}` names another algorithm inside than outside", certificate.subject.text);
        return Some(Finding::new(&INNER_DIFFERS, place, found, REISSUE));
    }
    let check = match signature.hash? {
        hash if hash.is_broken() => &BROKEN_HASH,
        Hash::Sha224 => &SHORT_HASH,
        _ => return None,
    };
    let found = format!("the certificate of `{}` is signed with {}", certificate.subject.text, signature.name);
    Some(Finding::new(check, place, found, "issue the certificate again, with SHA-256"))
}

fn judge_serial(certificate: &DecodedCertificate, place: &str) -> Option<Finding> {
    let serial = certificate.serial.as_slice();
    let is_negative = serial.first().is_some_and(|octet| *octet >= 0x80);
    let check = if is_negative || serial.iter().all(|octet| *octet == 0) {
        &SERIAL_SIGN
    } else if serial.len() > 20 {
        &SERIAL_LONG
    } else {
        return None;
    };
    let found = format!("the serial number of `{}` is {}", certificate.subject.text, certificate.serial_hex());
    Some(Finding::new(check, place, found, REISSUE))
}

/// Judges the usages of a leaf by what it is for.
pub(super) fn judge_leaf(leaf: &DecodedCertificate, place: &str, role: NodeRole) -> Vec<Finding> {
    // A certificate of version 1 is a finding already, and all that follows from it.
    if leaf.version != 3 {
        return Vec::new();
    }
    let mut findings: Vec<Finding> = judge_purposes(leaf, role)
        .map(|(check, found, fix)| Finding::new(check, place, found, fix))
        .into_iter()
        .collect();
    let mut add = |check, found: String| findings.push(Finding::new(check, place, found, REISSUE));
    let subject = &leaf.subject.text;
    let is_own_issuer = leaf.is_self_issued();
    if leaf.authority_key_id.as_ref().is_none_or(|id| id.key_id.is_none()) && !is_own_issuer {
        add(&NO_AUTHORITY_KEY, format!("the certificate of `{subject}` has no authorityKeyIdentifier"));
    }
    if let Some(usage) = &leaf.key_usage {
        if !usage.digital_signature() {
            add(&NO_DIGITAL_SIGNATURE, format!("the keyUsage of `{subject}` is {}", usage.names().join(", ")));
        }
        if usage.key_encipherment() && !matches!(leaf.public_key.kind, KeyKind::Rsa { .. } | KeyKind::RsaPss { .. }) {
            add(&EC_ENCIPHERMENT, format!("the keyUsage of `{subject}` is {}", usage.names().join(", ")));
        }
    }
    findings
}

fn judge_purposes(leaf: &DecodedCertificate, role: NodeRole) -> Option<(&'static super::Check, String, &'static str)> {
    let subject = &leaf.subject.text;
    let Some(usage) = &leaf.extended_key_usage else {
        // One that cannot be read is a finding of its own.
        let is_absent = leaf.extension("2.5.29.37").is_none();
        let found = format!("the certificate of `{subject}` has no extendedKeyUsage");
        return is_absent.then_some((&NO_USAGE, found, "issue the certificate again, for its role"));
    };
    let found = format!("the extendedKeyUsage of `{subject}` is {}", usage.names().join(", "));
    let fix = match role {
        NodeRole::Broker | NodeRole::Controller => "issue the certificate again, for serverAuth and clientAuth",
        NodeRole::Client => "issue the certificate again, for clientAuth alone",
    };
    let check = match role {
        _ if usage.any && !usage.server_auth && !usage.client_auth => &ANY_ONLY,
        NodeRole::Broker | NodeRole::Controller if !usage.server_auth => &NO_SERVER,
        _ if !usage.client_auth => &NO_CLIENT,
        NodeRole::Client if usage.server_auth => &CLIENT_AS_SERVER,
        _ => return None,
    };
    Some((check, found, fix))
}
