//! What `verify` finds, beside what the stacks have said: nobody is refused with a clean report, and nobody is warned off what all
//! accept.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use kafka_certgen::spec::NodeRole;
use kafka_certgen::verify::load::{self, Stores};
use kafka_certgen::verify::{self, Finding, Severity, Terms};
use time::{Duration, OffsetDateTime};

use crate::cases::{self, Case};
use crate::stacks::{Judge, Verdicts};

/// Cases for which it does not hold, each with the reason.
const EXCEPTIONS: [(&str, &str); 1] =
    [("p521_tls12", "rustls has no P-521 in TLS 1.2 alone, and `verify` asks in TLS 1.3, which all of them prefer")];

/// Who has refused a case.
#[derive(Default)]
struct Refusals {
    any: bool,
    java: bool,
}

/// Returns a line for each case of which `verify` says something else than the stacks do.
pub(crate) fn contradictions<'c>(
    cases: &'c [Case],
    verdicts: &Verdicts,
    folder: &Path,
    now: OffsetDateTime,
) -> Vec<String> {
    let mut refusals: HashMap<&str, Refusals> = HashMap::new();
    for ((judge, _, name), _) in verdicts.iter().filter(|(_, message)| !message.is_empty()) {
        let refusals = refusals.entry(name).or_default();
        refusals.any = true;
        refusals.java |= matches!(judge, Judge::Java17 | Judge::JavaNewest);
    }
    let mut contradiction = |case: &'c Case| {
        let found = findings(case, folder, now);
        let Refusals { any, java } = refusals.remove(case.name.as_str()).unwrap_or_default();
        let is_error = found.iter().any(|finding| finding.check.severity == Severity::Error);
        let what = match (java, any) {
            (true, _) if !is_error => "Java refuses it, and there is no error",
            (_, true) if found.is_empty() => "it is refused, and nothing is found",
            (false, false) if is_error => "all accept it, and there is an error",
            _ => return None,
        };
        let codes: Vec<_> = found.iter().map(|finding| finding.check.code).collect();
        Some((case.name.as_str(), format!("{}: {what}: {}", case.name, codes.join(", "))))
    };
    let found: Vec<(&str, String)> = cases.iter().filter_map(&mut contradiction).collect();
    for (name, why) in EXCEPTIONS {
        assert!(found.iter().any(|(found, _)| *found == name), "{name} is no exception any more: {why}");
    }
    let is_exception = |name: &str| EXCEPTIONS.iter().any(|(exception, _)| *exception == name);
    found.into_iter().filter(|(name, _)| !is_exception(name)).map(|(_, line)| line).collect()
}

/// Judges a case as the stores of a broker.
fn findings(case: &Case, folder: &Path, now: OffsetDateTime) -> Vec<Finding> {
    let [keystore, truststore] =
        ["keystore.pem", "truststore.pem"].map(|file| folder.join(&case.name).with_extension(file));
    cases::write_certificates(&truststore, &case.anchors);
    cases::write_certificates(&keystore, &case.sent);
    let chain = fs::read(&keystore).unwrap();
    fs::remove_file(&keystore).unwrap();
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&keystore).unwrap();
    file.write_all(&[fs::read(&case.key.file).unwrap(), chain].concat()).unwrap();
    let stores = Stores {
        keystore: Some(keystore),
        truststore: Some(truststore),
        role: Some(NodeRole::Broker),
        hosts: vec![case.host.clone()],
        ..Stores::default()
    };
    let terms = Terms { now, warn_before: Duration::days(30) };
    let report = verify::judge(&load::stores(&stores).unwrap(), None, terms);
    // Kafka reads no PEM here: the stacks are given the chain as it is.
    report.findings().filter(|finding| !finding.check.code.starts_with("pem-")).cloned().collect()
}
