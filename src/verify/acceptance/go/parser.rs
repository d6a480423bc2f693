//! crypto/x509/parser.go: what a certificate cannot be parsed for, in the order in which it is found.

use crate::pki::DecodedCertificate;
use crate::pki::decoded::{AltName, Curve, KeyKind, Subtree};
use crate::verify::acceptance::{
    ALT_NAME, AUTHORITY_KEY_ID, BASIC_CONSTRAINTS, CERTIFICATE_POLICIES, CRL_DISTRIBUTION_POINTS, EXTENDED_KEY_USAGE,
    Extended, INHIBIT_ANY_POLICY, KEY_USAGE, NAME_CONSTRAINTS, POLICY_CONSTRAINTS, POLICY_MAPPINGS, Reason,
    SUBJECT_KEY_ID,
};

/// Returns what `parseCertificate` says.
pub(super) fn fault(certificate: &DecodedCertificate) -> Option<(Reason, String)> {
    let fault = |reason, what: &str| Some((reason, what.to_owned()));
    if certificate.version > 3 {
        return fault(Reason::Version, "invalid version");
    }
    if certificate.serial.first().is_some_and(|first| first & 0x80 != 0) {
        return fault(Reason::Unreadable, "negative serial number");
    }
    if certificate.inner_signature_differs {
        return fault(Reason::Signature, "inner and outer signature algorithm identifiers don't match");
    }
    match &certificate.public_key.kind {
        KeyKind::Ec(Curve::Other(oid)) if oid != P_224 => {
            return fault(Reason::UnsupportedAlgorithm, "unsupported elliptic curve");
        }
        KeyKind::Ec(Curve::Explicit) => return fault(Reason::Unreadable, "invalid ECDSA parameters"),
        KeyKind::RsaPss { .. } => return fault(Reason::UnsupportedAlgorithm, "RSA key missing NULL parameters"),
        _ => {}
    }
    if certificate.version < 3 {
        return None;
    }
    if let Some(oid) = certificate.duplicate() {
        return Some((Reason::Unreadable, format!("certificate contains duplicate extension with OID \"{oid}\"")));
    }
    certificate.extensions.iter().find_map(|extension| extension_fault(certificate, &extension.oid, extension.critical))
}

/// The only curve beside those of TLS that Go has.
const P_224: &str = "1.3.132.0.33";

/// `processExtensions`.
fn extension_fault(certificate: &DecodedCertificate, oid: &str, is_critical: bool) -> Option<(Reason, String)> {
    let unreadable = [
        (KEY_USAGE, "invalid key usage"),
        (BASIC_CONSTRAINTS, "invalid basic constraints"),
        (ALT_NAME, "invalid subject alternative names"),
        (NAME_CONSTRAINTS, "invalid NameConstraints extension"),
        (CRL_DISTRIBUTION_POINTS, "invalid CRL distribution points"),
        (AUTHORITY_KEY_ID, "invalid authority key identifier"),
        (EXTENDED_KEY_USAGE, "invalid extended key usages"),
        (SUBJECT_KEY_ID, "invalid subject key identifier"),
        (CERTIFICATE_POLICIES, "invalid certificate policies"),
    ];
    if is_critical && oid == AUTHORITY_KEY_ID {
        return Some((Reason::Identifiers, "authority key identifier incorrectly marked critical".to_owned()));
    }
    if is_critical && oid == SUBJECT_KEY_ID {
        return Some((Reason::Identifiers, "subject key identifier incorrectly marked critical".to_owned()));
    }
    if certificate.is_malformed(oid) {
        let what = unreadable.iter().find(|(known, _)| *known == oid)?.1;
        return Some((Reason::Unreadable, what.to_owned()));
    }
    if oid == ALT_NAME { certificate.alt_names.as_ref()?.names.iter().find_map(name_fault) } else { None }
}

/// `parseSANExtension`.
fn name_fault(name: &AltName) -> Option<(Reason, String)> {
    let malformed = |what: &str| Some((Reason::Unreadable, format!("SAN {what} is malformed")));
    match name {
        AltName::Dns(name) if !name.is_ascii() => malformed("dNSName"),
        AltName::Email(address) if !address.is_ascii() => malformed("rfc822Name"),
        AltName::Uri(uri) if !uri.is_ascii() => malformed("uniformResourceIdentifier"),
        AltName::BadIp(octets) => {
            Some((Reason::Unreadable, format!("cannot parse IP address of length {}", octets.len())))
        }
        _ => None,
    }
}

/// `UnhandledCriticalExtensions`.
pub(super) fn has_unhandled_critical(certificate: &DecodedCertificate) -> bool {
    const HANDLED: [&str; 12] = [
        KEY_USAGE,
        BASIC_CONSTRAINTS,
        ALT_NAME,
        NAME_CONSTRAINTS,
        CRL_DISTRIBUTION_POINTS,
        AUTHORITY_KEY_ID,
        EXTENDED_KEY_USAGE,
        SUBJECT_KEY_ID,
        CERTIFICATE_POLICIES,
        POLICY_MAPPINGS,
        POLICY_CONSTRAINTS,
        INHIBIT_ANY_POLICY,
    ];
    // A name constraint of a kind that is not known is handled if it may be left out.
    let has_unknown_subtree = certificate.name_constraints.as_ref().is_some_and(|constraints| {
        let mut subtrees = constraints.permitted.iter().chain(&constraints.excluded);
        constraints.critical && subtrees.any(|subtree| matches!(subtree, Subtree::Directory(..) | Subtree::Other(_)))
    });
    // A subjectAltName without a name of a kind that is known is none, as RFC 5280 §4.2.1.6 has it.
    let has_unknown_names = certificate.alt_names.as_ref().is_some_and(|names| {
        let is_known = |name: &AltName| !matches!(name, AltName::Directory(_) | AltName::Other(_));
        names.critical && !names.names.iter().any(is_known)
    });
    certificate.version >= 3 && (certificate.critical_beyond(&HANDLED) || has_unknown_subtree || has_unknown_names)
}
