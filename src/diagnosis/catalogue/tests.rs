use std::collections::HashSet;

use super::*;
use crate::diagnosis::cause;
use crate::{handshake, verify};

fn is_code(code: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    code.contains('-') && code.split('-').all(is_word)
}

#[test]
fn codes_are_unique_and_look_alike() {
    let mut seen = HashSet::new();
    for entry in entries() {
        assert!(seen.insert(entry.code), "{} is there twice", entry.code);
        assert!(is_code(entry.code), "{}", entry.code);
    }
    assert!(seen.len() >= 90, "{} messages", seen.len());
    let mut seen = HashSet::new();
    for cause in cause::ALL {
        assert!(seen.insert(cause.code), "{} is there twice", cause.code);
        assert!(is_code(cause.code), "{}", cause.code);
    }
}

#[test]
fn every_entry_says_what_it_is() {
    for entry in entries() {
        let code = entry.code;
        assert!(!entry.patterns.is_empty() && !entry.printers.is_empty() && !entry.causes.is_empty(), "{code}");
        assert!(!entry.source.is_empty(), "{code}");
        for text in [entry.meaning, entry.source] {
            assert!(!text.ends_with('.') && text.trim() == text && !text.contains("  "), "{code}: {text}");
            // A line of the page has 80 columns.
            assert!(text.split(' ').all(|word| word.len() <= 66), "{code}: {text}");
        }
        let causes: HashSet<_> = entry.causes.iter().map(|cause| cause.code).collect();
        assert_eq!(causes.len(), entry.causes.len(), "{code} has a cause twice");
    }
}

#[test]
fn every_template_is_of_one_entry_and_stands_on_one_line() {
    let mut seen = HashSet::new();
    for entry in entries() {
        for pattern in entry.patterns {
            assert!(seen.insert(*pattern), "{}: {pattern} is there twice", entry.code);
            assert!(!pattern.contains('\n'), "{}: {pattern}", entry.code);
        }
    }
}

#[test]
fn every_cause_says_what_to_do_and_is_used() {
    let used: HashSet<_> = entries().flat_map(|entry| entry.causes).map(|cause| cause.code).collect();
    let live = handshake::live::checks().iter().copied();
    let checks: HashSet<_> = verify::catalogue().chain(live).map(|check| check.code).collect();
    let mut shown = HashSet::new();
    for cause in cause::ALL {
        assert!(used.contains(cause.code), "{} is the cause of nothing", cause.code);
        assert!(!cause.check.is_empty() && !cause.mend.is_empty(), "{}", cause.code);
        for advice in cause.check.iter().chain(cause.mend) {
            assert!(!advice.say.is_empty() && !advice.say.ends_with('.'), "{}: {}", cause.code, advice.say);
            assert!(!advice.say.contains("  ") && !advice.run.contains("  "), "{}: {advice:?}", cause.code);
        }
        for check in cause.checks {
            assert!(checks.contains(check), "{}: there is no check {check}", cause.code);
            assert!(shown.insert(check), "{}: {check} shows another cause too", cause.code);
        }
    }
}

/// What people ask about most, and which entries answer it.
#[test]
fn the_messages_that_are_asked_about_most_are_there() {
    let codes: HashSet<_> = entries().map(|entry| entry.code).collect();
    for (message, answers) in [
        ("SslAuthenticationException: SSL handshake failed", &["client-handshake-failed"][..]),
        ("PKIX path building failed", &["java-path-building"]),
        ("PKIX path validation failed", &["java-path-validation", "java-validity", "java-certificate-expired"]),
        ("No subject alternative names present", &["java-alt-names-missing"]),
        ("No subject alternative DNS name matching HOST found.", &["java-host-name"]),
        ("No subject alternative names matching IP address X found", &["java-host-address"]),
        ("Failed to process post-handshake messages", &["client-post-handshake", "alert-bad-certificate"]),
        ("Received fatal alert: certificate_unknown", &["alert-certificate-unknown"]),
        ("Received fatal alert: certificate_required", &["alert-certificate-required", "alert-handshake-failure"]),
        ("Received fatal alert: handshake_failure", &["alert-handshake-failure"]),
        ("General SSLEngine problem", &["java-general-engine-problem"]),
        ("Unrecognized SSL message, plaintext connection?", &["java-plaintext-connection"]),
        ("terminated during authentication", &["client-terminated-in-authentication"]),
        ("Invalid receive", &["broker-tls-on-plaintext", "broker-http", "broker-sasl-receive-size"]),
        ("OutOfMemoryError: Java heap space", &["client-heap-space"]),
        ("unexpected EOF", &["kafka-go-expects-tls", "sarama-unexpected-eof"]),
        ("connecting to a PLAINTEXT broker listener?", &["librdkafka-plaintext-listener"]),
        ("certificate verify failed", &["librdkafka-broker-unverified", "openssl-local-issuer"]),
        ("No matching issuer found", &["librdkafka-no-matching-issuer"]),
        ("digital envelope routines::unsupported", &["openssl-unsupported"]),
        ("Keystore was tampered with", &["store-load-failed", "store-tampered"]),
        ("keystore password was incorrect", &["store-password-incorrect"]),
        ("Cannot recover key", &["key-not-recovered"]),
        ("Get Key failed", &["key-padding"]),
        ("the trustAnchors parameter must be non-empty", &["java-trust-anchors-empty"]),
        ("Algorithm HmacPBESHA256 not available", &["store-mac-unknown", "store-parameters-unknown"]),
        ("algid parse error, not a sequence", &["pem-configuration-invalid", "pem-key-not-pkcs8"]),
        ("PBES2 SecretKeyFactory not available", &["pem-key-encryption-unknown"]),
        ("A client SSLEngine created with the provided settings", &["broker-own-handshake", "java-client-usage"]),
        ("No available authentication scheme", &["java-no-authentication-scheme"]),
        ("no cipher suites in common", &["java-no-cipher-suites"]),
        ("Illegal given domain name", &["java-host-malformed"]),
        ("Keystore DistinguishedName does not match", &["broker-reload-subject", "broker-reload-names"]),
        ("Missing Authority Key Identifier", &["python-authority-key-missing", "python-ca-not-strict"]),
        ("certificate relies on legacy Common Name field", &["go-common-name"]),
        ("certificate signed by unknown authority", &["go-unknown-authority"]),
        (
            "unable to verify the first certificate",
            &["node-leaf-signature", "openssl-self-signed-in-chain", "node-host-name"],
        ),
        ("Client network socket disconnected", &["node-disconnected-before-tls"]),
        ("TOPIC_AUTHORIZATION_FAILED", &["client-topic-denied", "client-cluster-denied", "broker-authorizer-denied"]),
        ("environment variable not set", &["image-variable-missing"]),
    ] {
        for code in answers {
            assert!(codes.contains(code), "{message}: there is no {code}");
        }
    }
}
