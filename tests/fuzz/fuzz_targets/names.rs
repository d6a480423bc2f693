//! Names, aliases, hosts, addresses and ranges: what is parsed is safe for what it is for, and is parsed again as the same.

#![no_main]

use std::net::IpAddr;
use std::path::{Component, Path};

use kafka_certgen::name::pattern::{MAX_EXPANSION, expand};
use kafka_certgen::name::{Alias, HostName, MAX_COMMON_NAME, NodeName, SubjectAltName, printable};
use kafka_certgen::spec::{Days, KeyAlgorithm};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(name) = text.parse::<NodeName>() {
        check_node_name(&name, text);
    }
    if let Ok(alias) = text.parse::<Alias>() {
        assert_eq!(alias.as_str().to_lowercase(), alias.as_str());
        assert!(!alias.as_str().chars().any(char::is_control));
    }
    if let Ok(host) = text.parse::<HostName>() {
        check_host(&host);
    }
    if let Ok(name) = text.parse::<SubjectAltName>() {
        assert_eq!(name.to_string().parse(), Ok(name.clone()));
        assert!(!matches!(name, SubjectAltName::Ip(address) if address.is_unspecified()));
    }
    if let Ok(names) = expand(text) {
        assert!((1..=MAX_EXPANSION).contains(&names.len()));
        assert!(names.iter().all(|name| !name.contains(['[', ']', '{', '}'])));
    }
    if let Ok(days) = text.parse::<Days>() {
        assert!(days.get() > 0);
    }
    if let Ok(algorithm) = text.parse::<KeyAlgorithm>() {
        assert!(algorithm.name().eq_ignore_ascii_case(text));
    }
    assert!(!printable(text).chars().any(char::is_control));
});

/// It becomes a folder, a common name and an argument of other programs.
fn check_node_name(name: &NodeName, text: &str) {
    assert_eq!(name.as_str(), text);
    assert!((1..=MAX_COMMON_NAME).contains(&text.len()) && text.is_ascii());
    assert_eq!(Path::new(text).components().collect::<Vec<_>>(), [Component::Normal(text.as_ref())]);
    assert!(text.starts_with(|c: char| c.is_ascii_alphanumeric()));
    assert_eq!(Alias::from(name).as_str(), name.folded());
}

/// It becomes a dNSName (RFC 5280 §4.2.1.6).
fn check_host(host: &HostName) {
    let text = host.as_str();
    assert_eq!(text.parse().as_ref(), Ok(host));
    assert!(text.len() <= 253 && text.parse::<IpAddr>().is_err());
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    let labels = text.strip_prefix("*.").unwrap_or(text);
    assert!(labels.split('.').all(is_label), "{text}");
}
