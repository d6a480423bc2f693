//! From what was seen of a connection to what is wrong.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::cmp::Reverse;
use std::sync::Arc;

use super::checks;
use super::hello;
use super::probe::Probed;
use super::visit::Visit;
use super::{Finding, ListenerKind, Settings, Target};
use rustls::ProtocolVersion;

use crate::diagnosis::{Cause, cause};
use crate::handshake::record::{Proof, Withheld};
use crate::handshake::transcript::{FailedCheck, Failure};
use crate::handshake::witness::scheme_name;
use crate::handshake::{Identity, Party};
use crate::kafka::principal::principal;
use crate::pki::decoded::SignatureCheck;
use crate::pki::{Allowance, DecodedCertificate};
use crate::spec::NodeRole;
use crate::verify::acceptance::Reason;
use crate::verify::material::{
    Case, Content, Key, KeyEntry, Material, Party as End, PasswordFacts, Purpose, TrustedEntry,
};
use crate::verify::pem::PemFile;
use crate::verify::{self, Check, Severity, Terms};

/// How long before its end a certificate is worth a warning.
const WARN_BEFORE: time::Duration = time::Duration::days(30);

/// The families of `verify`'s checks that concern a connection: not stores, passwords and files.
const FAMILIES: [&str; 6] = [
    "certificates: dates",
    "certificates: names",
    "certificates: version, usages, serial number, signature",
    "keys",
    "chains",
    "CAs",
];

/// How many names of CAs are listed.
const LISTED: usize = 5;

/// Returns what is wrong, errors first.
pub(super) fn of(target: &Target, visit: &Visit, settings: &Settings<'_>) -> Vec<Finding> {
    let place = target.to_string();
    let of_broker = of_broker_chain(&place, visit, settings);
    let mut findings: Vec<Finding> =
        visit.failures.iter().filter_map(|failure| of_failure(&place, failure, visit, settings, &of_broker)).collect();
    findings.extend(of_broker);
    if visit.record.request.is_some() {
        findings.extend(of_client_chain(settings));
    }
    findings.extend(of_sasl(&place, visit, settings));
    findings.extend(beside(&place, visit, settings));
    findings.sort_by_key(|finding| Reverse(finding.finding.check.severity));
    findings
}

/// Makes a finding, with the cause that the catalogue has for its check.
pub(super) fn finding(check: &'static Check, object: &str, found: impl AsRef<str>, fix: &str) -> Finding {
    with_cause(check, object, found, fix, cause_of(check.code))
}

fn with_cause(
    check: &'static Check,
    object: &str,
    found: impl AsRef<str>,
    fix: &str,
    cause: Option<&'static Cause>,
) -> Finding {
    Finding { finding: verify::Finding::new(check, object, found, fix), cause }
}

pub(super) fn cause_of(code: &str) -> Option<&'static Cause> {
    cause::ALL.iter().find(|cause| cause.checks.contains(&code)).copied()
}

/// Judges the chain as it was sent, as a store that clients have to trust.
fn of_broker_chain(place: &str, visit: &Visit, settings: &Settings<'_>) -> Vec<Finding> {
    let chain = &visit.record.broker.chain;
    if chain.is_empty() {
        return Vec::new();
    }
    let anchors: Vec<Vec<u8>> = settings.client.anchors.clone();
    let truststore = material("the client's truststore", Purpose::Truststore, &anchors, None);
    let hosts = if settings.checks_host { vec![visit_host(place)] } else { Vec::new() };
    let broker = end(place, NodeRole::Broker, hosts, vec![material(place, Purpose::Keystore, chain, None)], Vec::new());
    let client = end(&settings.client.name, NodeRole::Client, Vec::new(), Vec::new(), vec![truststore]);
    let is_of_connection = |finding: &verify::Finding| {
        let code = finding.check.code;
        // A broker that is no client of another needs no clientAuth.
        let is_of_others = ["usage-client-missing", "san-loopback-only"].contains(&code);
        let is_of_host = ["san-missing", "san-host-missing", "san-underscore"].contains(&code);
        !is_of_others && (settings.checks_host || !is_of_host)
    };
    let found = judged(vec![broker, client], NodeRole::Broker, settings);
    let kept = found.into_iter().filter(is_of_connection);
    let is_led_on = chain.len() > 1;
    kept.map(|finding| {
        // Who sends the CAs above its leaf leaves out the root at most, and that is for the truststore.
        let cause = match cause_of(finding.check.code) {
            Some(found) if *found == cause::INTERMEDIATE_MISSING && is_led_on => Some(&cause::BROKER_CA_UNKNOWN),
            found => found,
        };
        Finding { finding, cause }
    })
    .collect()
}

/// Returns the host that a place is named after.
fn visit_host(place: &str) -> String {
    place.parse::<Target>().map_or_else(|_| place.to_owned(), |target| target.host)
}

/// Judges what the client has for a broker that asks for it, whether it was sent or not.
fn of_client_chain(settings: &Settings<'_>) -> Vec<Finding> {
    let Some(Identity { chain, key }) = &settings.client.identity else { return Vec::new() };
    let name = &settings.client.name;
    let keystore = material(name, Purpose::Keystore, chain, Some(Key::of_pkcs8(key)));
    let client = end(name, NodeRole::Client, Vec::new(), vec![keystore], Vec::new());
    let found = judged(vec![client], NodeRole::Client, settings);
    // What else the client's certificate is good for does not concern this connection, and brokers connect, too.
    let kept = found.into_iter().filter(|finding| finding.check.code != "usage-client-as-server");
    kept.map(|finding| Finding { cause: cause_of(finding.check.code), finding }).collect()
}

fn end(
    name: &str,
    role: NodeRole,
    hosts: Vec<String>,
    keystores: Vec<Arc<Material>>,
    truststores: Vec<Arc<Material>>,
) -> End {
    End { name: name.to_owned(), role, hosts, keystores, truststores }
}

/// Returns certificates as a store has them. Of a broker's key its signature tells, and not this.
fn material(label: &str, purpose: Purpose, ders: &[Vec<u8>], key: Option<Key>) -> Arc<Material> {
    let mut allowance = Allowance::default();
    let allowed: Vec<&Vec<u8>> = ders.iter().filter(|der| allowance.take(der)).collect();
    let decoded: Vec<DecodedCertificate> =
        allowed.iter().filter_map(|der| DecodedCertificate::from_der(der).ok()).collect();
    let is_unreadable = decoded.len() < allowed.len() && purpose == Purpose::Keystore;
    let (keys, trusted) = match purpose {
        Purpose::Keystore => {
            let public_key = decoded.first().map(|leaf| leaf.public_key.info.clone());
            let key = key.unwrap_or(Key::Open { public_key });
            (vec![KeyEntry { alias: None, chain: decoded, key }], Vec::new())
        }
        Purpose::Truststore => {
            (Vec::new(), decoded.into_iter().map(|certificate| TrustedEntry { alias: None, certificate }).collect())
        }
    };
    let left_out = ders.len().saturating_sub(allowed.len());
    let pem = PemFile { certificates: Vec::new(), key: None, reading: Ok(Vec::new()), left_out };
    Arc::new(Material {
        label: label.to_owned(),
        purpose,
        declared_type: None,
        password: PasswordFacts::default(),
        content: Content::Pem(pem),
        keys,
        trusted,
        unreadable: if is_unreadable { vec!["chain".to_owned()] } else { Vec::new() },
        left_out,
    })
}

/// Returns what `verify` finds with the chains of a role, as far as it concerns a connection.
fn judged(parties: Vec<End>, role: NodeRole, settings: &Settings<'_>) -> Vec<verify::Finding> {
    let labels: Vec<String> = parties
        .iter()
        .filter(|party| party.role == role)
        .flat_map(|party| &party.keystores)
        .map(|store| crate::name::printable(&store.label))
        .collect();
    let case = Case { parties, ..Case::default() };
    let report = verify::judge(&case, None, Terms { now: settings.at, warn_before: WARN_BEFORE });
    let families: Vec<&'static Check> = verify::families()
        .into_iter()
        .filter(|(family, _)| FAMILIES.contains(family))
        .flat_map(|(_, checks)| checks)
        .collect();
    let is_of_chain = |finding: &verify::Finding| {
        labels.iter().any(|label| {
            finding.object.strip_prefix(label.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(", "))
        })
    };
    let is_kept = |finding: &verify::Finding| {
        (families.contains(&finding.check) || finding.check.code == "certificate-unreadable") && is_of_chain(finding)
    };
    let groups = report.groups.into_iter().filter(|group| group.role == Some(role));
    groups.flat_map(|group| group.findings).filter(is_kept).collect()
}

/// Says what is behind a step that failed.
fn of_failure(
    place: &str,
    failure: &Failure,
    visit: &Visit,
    settings: &Settings<'_>,
    of_broker: &[Finding],
) -> Option<Finding> {
    let (check, fix) = match failure.check {
        FailedCheck::Certificate(reason) => {
            let cause = cause_of_reason(reason, place, settings);
            return (!explains(of_broker, cause)).then(|| {
                let fix = "let the broker have a certificate that this client takes, or the client what it takes to trust this one";
                with_cause(&checks::NOT_TRUSTED, place, &failure.message, fix, cause)
            });
        }
        FailedCheck::HostUnresolved => (&checks::HOST_UNRESOLVED, "mend the name, or DNS"),
        FailedCheck::ConnectionRefused => {
            (&checks::PORT_REFUSED, "see that the broker runs, and which address and port its `listeners` have")
        }
        FailedCheck::Unreachable => (&checks::UNREACHABLE, "see which network leads to it"),
        FailedCheck::TimedOut if failure.step == 1 => (&checks::TIMED_OUT, "open the port between client and broker"),
        FailedCheck::NotTls => (check_of_listener(visit), "connect to the port of a listener with SSL or SASL_SSL"),
        FailedCheck::NoCommonProtocol if is_legacy(visit) => {
            (&checks::LEGACY_TLS, "set ssl.enabled.protocols of the broker to TLSv1.2,TLSv1.3")
        }
        FailedCheck::NoCommonProtocol => (&checks::NO_PROTOCOL, "set ssl.enabled.protocols of both to TLSv1.2,TLSv1.3"),
        FailedCheck::NoCommonCipherSuite | FailedCheck::NoCommonSignatureScheme => {
            (&checks::NO_SUITE, "take ssl.cipher.suites away, and see that the broker's keystore has a key")
        }
        FailedCheck::NotSpoken => (
            &checks::NOT_SPOKEN,
            "let the broker have a suite with AES-GCM and the group x25519 or secp256r1, which is what this program and all stacks have",
        ),
        FailedCheck::NoBrokerCertificate => (
            &checks::NO_CERTIFICATE,
            "set ssl.keystore.location of the listener to a keystore with a private key and its chain",
        ),
        FailedCheck::HandshakeSignature => {
            (&checks::KEY_FOREIGN, "import the certificate into the keystore whose key it was requested for")
        }
        FailedCheck::NoClientCertificate if visit.record.withheld == Some(Withheld::NoKey) => {
            (&checks::CLIENT_NONE, "give the client a keystore whose certificate is of a CA that the broker names")
        }
        FailedCheck::NoClientCertificate if visit.record.withheld == Some(Withheld::NoSignatureScheme) => (
            &checks::CLIENT_WITHHELD,
            "make another key for the client, RSA with 2048 bits or ECDSA on P-256, and a certificate for it",
        ),
        FailedCheck::NoClientCertificate => {
            (&checks::CLIENT_WITHHELD, "import the CA of the client's certificate into the broker's truststore")
        }
        FailedCheck::ClientCertificateRefused => return Some(of_refusal(place, failure, visit, settings)),
        FailedCheck::NotKafka => (&checks::NOT_KAFKA, "connect to the port of a broker"),
        _ => of_end(failure),
    };
    let found = match failure.check {
        FailedCheck::NoClientCertificate => without_certificate(failure, visit),
        _ => failure.message.clone(),
    };
    Some(finding(check, place, found, fix))
}

fn check_of_listener(visit: &Visit) -> &'static Check {
    match visit.listener.as_ref().map(|listener| listener.kind) {
        Some(ListenerKind::Plaintext) => &checks::PLAINTEXT,
        Some(ListenerKind::SaslPlaintext) => &checks::SASL_PLAINTEXT,
        Some(ListenerKind::Http) => &checks::HTTP,
        _ => &checks::NOT_TLS,
    }
}

/// Says whether the broker speaks nothing but versions that nobody should.
fn is_legacy(visit: &Visit) -> bool {
    matches!(
        visit.probed,
        Some(Probed::Tls(hello::Reason::Version(Some(
            ProtocolVersion::SSLv3 | ProtocolVersion::TLSv1_0 | ProtocolVersion::TLSv1_1
        ))))
    )
}

/// Says what is behind a connection that has ended, by how far it came.
fn of_end(failure: &Failure) -> (&'static Check, &'static str) {
    match (failure.step, failure.check) {
        (8.., _) => (&checks::DATA_CUT, "see the broker's log"),
        (_, FailedCheck::TimedOut) => {
            (&checks::NO_ANSWER, "see that the port is that of a listener with TLS, and that the broker is not stuck")
        }
        (_, FailedCheck::HungUp | FailedCheck::ConnectionReset) => {
            (&checks::CUT, "see that the port is that of a listener with TLS, and what lies between")
        }
        (_, FailedCheck::Alert) => (&checks::REFUSED, "see the broker's log"),
        _ => (&checks::FAULTY, "see what answers on this port"),
    }
}

/// Says why no certificate was sent.
fn without_certificate(failure: &Failure, visit: &Visit) -> String {
    let named: &[Vec<u8>] =
        visit.record.request.as_ref().map(|request| request.ca_names.as_slice()).unwrap_or_default();
    let why = match visit.record.withheld {
        Some(Withheld::NoNamedIssuer) => format!("no issuer in the client's chain is among them: {}", names(named)),
        Some(Withheld::NoSignatureScheme) => "the broker takes no signature of the client's key".to_owned(),
        _ => return failure.message.clone(),
    };
    format!("{}; {why}", failure.message)
}

/// Lists the names of CAs.
fn names(named: &[Vec<u8>]) -> String {
    let shown =
        named.iter().take(LISTED).map(|name| principal(name).unwrap_or_else(|_| "(unreadable name)".to_owned()));
    let shown = shown.collect::<Vec<_>>().join("; ");
    match named.len().checked_sub(LISTED) {
        Some(more @ 1..) => format!("{shown} and {more} more"),
        _ => shown,
    }
}

/// Says what is behind a client's certificate that was refused. Java does not say more than `certificate_unknown`; others do.
fn of_refusal(place: &str, failure: &Failure, visit: &Visit, settings: &Settings<'_>) -> Finding {
    if let Some(issuer) = namesake(visit, settings) {
        let found = format!(
            "{}; `{issuer}` has issued it, and another CA of that name is what the broker's side has",
            failure.message
        );
        let fix = "let the CA that the broker trusts sign the client's certificate, or import the other one into the broker's truststore";
        return with_cause(&checks::CLIENT_REFUSED, place, found, fix, Some(&cause::CLIENT_CA_UNKNOWN));
    }
    let (cause, fix) = match failure.alert.as_deref() {
        Some("unknown_ca") => {
            (&cause::CLIENT_CA_UNKNOWN, "import the CA of the client's certificate into the broker's truststore")
        }
        Some("certificate_expired") => (&cause::CERTIFICATE_EXPIRED, "issue the client's certificate again"),
        Some("decrypt_error") => {
            (&cause::KEY_NOT_OF_CERTIFICATE, "import the certificate into the keystore whose key it was requested for")
        }
        _ => (&cause::CLIENT_CERTIFICATE_REFUSED, "see the broker's log for what it has against the certificate"),
    };
    with_cause(&checks::CLIENT_REFUSED, place, &failure.message, fix, Some(cause))
}

/// Returns the name of the client's CA, if the broker's has the same one and another key: a CA that was made again.
fn namesake(visit: &Visit, settings: &Settings<'_>) -> Option<String> {
    let decoded = |ders: &[Vec<u8>]| -> Vec<DecodedCertificate> {
        ders.iter().filter_map(|der| DecodedCertificate::from_der(der).ok()).collect()
    };
    let (theirs, ours) = (decoded(&visit.record.broker.chain), decoded(&visit.record.client.chain));
    let known: Vec<DecodedCertificate> = theirs.into_iter().chain(decoded(&settings.client.anchors)).collect();
    let is_foreign = |certificate: &&DecodedCertificate| {
        let mut named = known.iter().filter(|ca| ca.subject.is_same_as(&certificate.issuer)).peekable();
        named.peek().is_some() && named.all(|ca| certificate.is_signed_by(ca) == SignatureCheck::Invalid)
    };
    ours.first().filter(is_foreign).map(|leaf| leaf.issuer.text.clone())
}

/// Returns what is behind a refusal.
fn cause_of_reason(reason: Reason, place: &str, settings: &Settings<'_>) -> Option<&'static Cause> {
    Some(match reason {
        Reason::BasicConstraints | Reason::NameConstraints | Reason::PathLength | Reason::Policies => {
            &cause::CERTIFICATE_AUTHORITY_INVALID
        }
        Reason::Expired => &cause::CERTIFICATE_EXPIRED,
        Reason::NotYetValid => &cause::CERTIFICATE_NOT_YET_VALID,
        Reason::ExtendedKeyUsage => &cause::SERVER_USAGE_MISSING,
        Reason::HostName if visit_host(place).contains('_') => &cause::HOST_NAME_INVALID,
        Reason::HostName => &cause::HOST_NOT_IN_CERTIFICATE,
        Reason::Identifiers | Reason::Version => &cause::CERTIFICATE_NOT_STRICT,
        Reason::UnknownAuthority if settings.client.anchors.is_empty() => &cause::TRUSTSTORE_EMPTY,
        Reason::UnknownAuthority | Reason::Signature => &cause::BROKER_CA_UNKNOWN,
        Reason::CriticalExtension | Reason::Subject | Reason::Unreadable => &cause::CERTIFICATE_UNREADABLE,
        Reason::UnsupportedAlgorithm | Reason::WeakAlgorithm | Reason::WeakKey => &cause::CERTIFICATE_WEAK,
        Reason::KeyUsage => return None,
    })
}

/// Says whether an error that was found with the chain tells why it was refused.
fn explains(findings: &[Finding], cause: Option<&'static Cause>) -> bool {
    const KIN: [[&Cause; 2]; 1] = [[&cause::HOST_NOT_IN_CERTIFICATE, &cause::ALT_NAME_MISSING]];
    let is_kin = |one: &Cause, other: &Cause| KIN.iter().any(|pair| pair.contains(&one) && pair.contains(&other));
    let mut errors = findings.iter().filter(|finding| finding.finding.check.severity == Severity::Error);
    errors.any(|finding| match (finding.cause, cause) {
        (Some(found), Some(cause)) => found == cause || is_kin(found, cause),
        // Of all refusals, that for keyUsage has no cause.
        (_, None) => ["key-usage-signature", "ca-cannot-sign"].contains(&finding.finding.check.code),
        (None, Some(_)) => false,
    })
}

/// Says whether the listener and the client agree on SASL.
fn of_sasl(place: &str, visit: &Visit, settings: &Settings<'_>) -> Option<Finding> {
    let wants_sasl = match visit.listener.as_ref()?.kind {
        ListenerKind::BrokerSaslTls | ListenerKind::ControllerSaslTls => true,
        ListenerKind::BrokerTls | ListenerKind::ControllerTls => false,
        _ => return None,
    };
    match (wants_sasl, settings.begins_with_sasl?) {
        (true, false) => {
            let fix = "set security.protocol=SASL_SSL and the client's SASL, or connect to the port of an SSL listener";
            Some(finding(&checks::SASL_WANTED, place, "the listener wants SASL, and the client begins without", fix))
        }
        (false, true) => {
            let fix = "set security.protocol=SSL, or connect to the port of a SASL_SSL listener";
            Some(finding(&checks::SASL_UNWANTED, place, "the client begins with SASL, and the listener has none", fix))
        }
        _ => None,
    }
}

/// Says what is worth knowing, and has stopped nobody.
fn beside(place: &str, visit: &Visit, settings: &Settings<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Of localhost it is known that its other address may have no listener.
    let is_elsewhere = visit.peer.is_some_and(|peer| !peer.ip().is_loopback());
    for attempt in visit.attempts.iter().filter(|_| is_elsewhere) {
        if let Some(error) = &attempt.error {
            let found = format!("{}: {error}", attempt.address);
            let fix = "take the address out of DNS, or let something listen there";
            findings.push(finding(&checks::ADDRESS_DEAD, place, found, fix));
        }
    }
    if let Some((scheme, Proof::NotChecked)) = visit.record.broker.signature {
        let found = format!(
            "the signature over the handshake ({}) is by a key that cannot be checked here",
            scheme_name(scheme)
        );
        findings.push(finding(
            &checks::KEY_UNPROVEN,
            place,
            found,
            "make a new key, RSA with 2048 bits or more or ECDSA on P-256",
        ));
    }
    if let Some(why) = &visit.brokers_unread {
        let found = format!("the answer to Metadata is not read: {why}");
        findings.push(finding(&checks::BROKERS_UNKNOWN, place, found, "see the broker's log"));
    }
    let has_failed = visit.failures.iter().any(|failure| failure.by == Party::Broker && failure.step == 5);
    let named: &[Vec<u8>] =
        visit.record.request.as_ref().map(|request| request.ca_names.as_slice()).unwrap_or_default();
    match visit.record.withheld {
        Some(why @ (Withheld::NoNamedIssuer | Withheld::NoSignatureScheme)) if !has_failed => {
            let why = match why {
                Withheld::NoNamedIssuer => {
                    format!("no issuer in its chain is among the CAs that the broker names: {}", names(named))
                }
                _ => "the broker takes no signature of its key".to_owned(),
            };
            let found = format!("the client has a certificate and does not send it: {why}");
            let fix = "import the CA of the client's certificate into the broker's truststore";
            findings.push(finding(&checks::CLIENT_ANONYMOUS, place, found, fix));
        }
        None if visit.issuer_is_named == Some(false) && !visit.record.client.chain.is_empty() => {
            let found = format!(
                "{} sends a certificate of none of the CAs that the broker names: {}",
                settings.judge.name(),
                names(named)
            );
            let fix = "import the CA of the client's certificate into the broker's truststore";
            findings.push(finding(&checks::ISSUER_NOT_NAMED, place, found, fix));
        }
        _ => {}
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_families_that_are_kept_are_there() {
        let known: Vec<&str> = verify::families().into_iter().map(|(family, _)| family).collect();
        assert!(FAMILIES.iter().all(|family| known.contains(family)));
    }
}
