//! Versions of TLS, cipher suites, and the check of host names.

use super::{Finding, Tls, checks};
use crate::kafka::ssl_settings::{SettingError, keys};

checks! {
    VALUE = Error "setting-refused": "Kafka does not start with a value that it does not know";
    OLD = Warning "protocol-old": "SSLv3, TLS 1.0 and TLS 1.1 are broken, and Java does not speak them unless it was told to";
    UNKNOWN = Error "protocol-unknown": "Java has no such version of TLS, and no connection is made";
    NONE = Error "protocol-none": "Java speaks none of the versions that are left: `No appropriate protocol`";
    CONTEXT_UNKNOWN = Error "ssl-protocol-unknown": "Kafka does not start with an ssl.protocol that Java does not know";
    SUITE_UNKNOWN = Error "cipher-suite-unknown": "Java has no cipher suite of this name, and no connection is made";
    SUITE_WEAK = Warning "cipher-suite-weak": "such a cipher suite is broken or without forward secrecy, and newer Java does not use it";
    SUITE_NONE = Error "cipher-suite-none": "no cipher suite fits a version of TLS that is spoken: `No appropriate protocol`";
    SUITE_TLS13 = Warning "cipher-suite-without-tls13": "TLS 1.3 has cipher suites of its own, and without one of them it is not spoken";
    HOST_CHECK_OFF = Warning "endpoint-identification-off": "without it every certificate of the CA passes for every host, so that any client can play the broker";
    HOST_CHECK_UNKNOWN = Error "endpoint-identification-unknown": "Java checks host names as HTTPS or LDAPS, and refuses every certificate otherwise";
}

/// What Java speaks unless it was told otherwise (`jdk.tls.disabledAlgorithms`).
const CURRENT: [&str; 2] = ["TLSv1.2", "TLSv1.3"];
const OLD_VERSIONS: [&str; 4] = ["TLSv1.1", "TLSv1", "SSLv3", "SSLv2Hello"];

/// The cipher suites of TLS 1.3.
const OF_TLS13: [&str; 3] = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];

/// The other cipher suites of Java 17.
const OF_TLS12: [&str; 34] = [
    "TLS_DHE_DSS_WITH_AES_128_CBC_SHA",
    "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256",
    "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256",
    "TLS_DHE_DSS_WITH_AES_256_CBC_SHA",
    "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256",
    "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384",
    "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_EMPTY_RENEGOTIATION_INFO_SCSV",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
];

/// Parts of the names of what Java knows and does not use.
const WEAK: [&str; 7] = ["_NULL_", "_anon_", "_DES_", "_3DES_", "_RC4_", "_EXPORT_", "_DES40_"];

pub(super) fn values(tls: &Tls<'_>) -> Vec<Finding> {
    let errors = [tls.ssl.allow_dn_changes().err(), tls.ssl.allow_san_changes().err()];
    let refused = errors.into_iter().flatten().filter_map(|error| match &error {
        SettingError::Refused { line, .. } => Some((*line, error)),
        SettingError::Unresolved { .. } => None,
    });
    refused
        .filter(|_| !tls.is_client)
        .map(|(line, error)| {
            Finding::new(&VALUE, &tls.configuration.at(line), error.to_string(), "write true or false")
        })
        .collect()
}

/// What `SSLContext.getInstance` takes, in whatever case.
const CONTEXTS: [&str; 11] =
    ["TLS", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3", "SSL", "SSLv3", "Default", "DTLS", "DTLSv1.0", "DTLSv1.2"];

pub(super) fn context(tls: &Tls<'_>) -> Vec<Finding> {
    let Some(setting) = tls.ssl.get(keys::PROTOCOL) else { return Vec::new() };
    let is_known = |name: &str| CONTEXTS.iter().any(|known| known.eq_ignore_ascii_case(name));
    match setting.resolved() {
        Ok(name) if !is_known(name) && tls.ssl.get("ssl.provider").is_none() => {
            let found = format!("`{}` is `{name}`", setting.key());
            vec![Finding::new(&CONTEXT_UNKNOWN, &tls.at(&setting), found, "take the line out")]
        }
        _ => Vec::new(),
    }
}

pub(super) fn versions(tls: &Tls<'_>) -> Vec<Finding> {
    let Ok(versions) = tls.ssl.enabled_protocols() else { return Vec::new() };
    let at = tls.at_key(keys::ENABLED_PROTOCOLS);
    let fix = "write ssl.enabled.protocols=TLSv1.2,TLSv1.3, or take the line out";
    let mut findings = Vec::new();
    let unknown = versions.iter().find(|version| !CURRENT.contains(version) && !OLD_VERSIONS.contains(version));
    if let Some(version) = unknown {
        findings.push(Finding::new(&UNKNOWN, &at, format!("`{version}` is no version of TLS"), fix));
    }
    let old: Vec<&str> = versions.iter().filter(|version| OLD_VERSIONS.contains(version)).copied().collect();
    if !old.is_empty() && old.len() == versions.len() {
        findings.push(Finding::new(&NONE, &at, format!("only {} is enabled", old.join(", ")), fix));
    } else if !old.is_empty() {
        findings.push(Finding::new(&OLD, &at, format!("{} is enabled", old.join(", ")), fix));
    }
    findings
}

pub(super) fn cipher_suites(tls: &Tls<'_>) -> Vec<Finding> {
    let (Ok(suites), Ok(versions)) = (tls.ssl.cipher_suites(), tls.ssl.enabled_protocols()) else { return Vec::new() };
    if suites.is_empty() {
        return Vec::new();
    }
    let at = tls.at_key(keys::CIPHER_SUITES);
    let fix = "take the line out: Java's own cipher suites are good ones";
    let finding = |check, found: String| Finding::new(check, &at, found, fix);
    let is_weak = |suite: &str| suite.starts_with("TLS_RSA_") || WEAK.iter().any(|part| suite.contains(part));
    let is_known = |suite: &str| OF_TLS13.contains(&suite) || OF_TLS12.contains(&suite) || is_weak(suite);
    let mut findings = Vec::new();
    if let Some(suite) = suites.iter().find(|suite| !is_known(suite)) {
        findings.push(finding(&SUITE_UNKNOWN, format!("`{suite}` is no cipher suite of Java")));
        return findings;
    }
    if let Some(suite) = suites.iter().find(|suite| is_weak(suite)) {
        findings.push(finding(&SUITE_WEAK, format!("`{suite}` is enabled")));
    }
    let speaks = |version: &str| versions.is_empty() || versions.contains(&version);
    let has_tls13 = suites.iter().any(|suite| OF_TLS13.contains(suite));
    let has_tls12 =
        suites.iter().any(|suite| OF_TLS12.contains(suite) && *suite != "TLS_EMPTY_RENEGOTIATION_INFO_SCSV");
    let (fits_tls13, fits_tls12) = (has_tls13 && speaks("TLSv1.3"), has_tls12 && speaks("TLSv1.2"));
    if !fits_tls13 && !fits_tls12 {
        findings.push(finding(&SUITE_NONE, "none of the cipher suites fits an enabled version of TLS".to_owned()));
    } else if !has_tls13 && speaks("TLSv1.3") {
        findings.push(finding(&SUITE_TLS13, "TLS 1.3 is enabled, and none of its cipher suites".to_owned()));
    }
    findings
}

pub(super) fn endpoint_identification(tls: &Tls<'_>) -> Vec<Finding> {
    // A part of a file may be a broker's, and brokers connect to each other.
    let Ok(algorithm) = tls.ssl.endpoint_identification() else { return Vec::new() };
    let at = tls.at_key(keys::ENDPOINT_IDENTIFICATION);
    let fix = format!("take `{}` out", keys::ENDPOINT_IDENTIFICATION);
    if algorithm.is_empty() {
        vec![Finding::new(&HOST_CHECK_OFF, &at, "host names are not checked", fix)]
    } else if !["HTTPS", "LDAPS"].iter().any(|known| known.eq_ignore_ascii_case(algorithm)) {
        let found = format!("`{algorithm}` is no way to check host names");
        vec![Finding::new(&HOST_CHECK_UNKNOWN, &at, found, fix)]
    } else {
        Vec::new()
    }
}
