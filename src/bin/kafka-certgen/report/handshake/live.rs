//! What was seen of brokers that run.

use std::cmp::Reverse;
use std::fmt::Write;

use kafka_certgen::diagnosis::{Advice, Cause};
use kafka_certgen::handshake::live::{Advertised, Attempt, Finding, ListenerKind, Report, Target, Verdict};
use kafka_certgen::handshake::{Outcome, SentCertificate, Step, TlsVersion};
use kafka_certgen::name::printable;
use kafka_certgen::pki::sent_certificate_pem;
use kafka_certgen::verify::Severity;
use serde_json::{Value, json};

use super::super::json::{self, unprintable};
use super::super::table::{Cell, Table};
use super::super::verify::{INDENT, LABEL, counts, severity, write_lines, write_wrapped};
use super::super::{Terminal, quote, style};
use super::{BOLD, GREEN, RED, SHOWN, YELLOW};
use crate::convert::LiveCall;
use crate::problem::Failure;

/// How many advertised listeners are shown.
const MOST_ADVERTISED: usize = 50;

/// The check of a handshake that this program cannot do.
const NOT_SPOKEN: &str = "handshake-not-spoken";

/// How many findings are shown.
const MOST_FINDINGS: usize = 50;

/// How many addresses of a name are shown.
const MOST_ATTEMPTS: usize = 8;

/// Says who connects, and what is wrong with its configuration.
pub(crate) fn client(call: &LiveCall, terminal: &Terminal) -> String {
    let mut out = String::new();
    let colors = terminal.stdout_colors;
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}", style("client", BOLD, colors));
    let versions: Vec<String> = call.versions.iter().map(ToString::to_string).collect();
    let from = call.from.as_ref().map_or_else(|| "without stores".to_owned(), |from| format!("made of {from}"));
    write_lines(&mut out, &format!("{from}, as {}, offers {}", call.judge.name(), versions.join(" and ")));
    for note in &call.notes {
        write_lines(&mut out, &format!("note: {note}"));
    }
    for finding in &call.findings {
        write_finding(&mut out, finding, None, terminal);
    }
    out.push('\n');
    out
}

/// Returns the page of a broker.
pub(crate) fn host(report: &Report, explain: bool, terminal: &Terminal) -> String {
    let (width, colors) = (Terminal::width(), terminal.stdout_colors);
    let transcript = &report.transcript;
    let mut out = String::new();
    let outcome = match &transcript.outcome {
        Outcome::Succeeded => style("all nine steps done", GREEN, colors),
        Outcome::Failed(failure) => style(&format!("step {} failed", failure.step), RED, colors),
    };
    let _ = writeln!(out, "{}, {}: {outcome}\n", super::ends(transcript, colors), super::version(transcript));
    out.push_str(&steps(report, width, colors));
    let last = transcript.steps.last().map_or(0, |step| step.step);
    if let Outcome::Failed(failure) = &transcript.outcome
        && failure.step < last
    {
        let text = format!("A client stops at step {}; it was gone on to see what else is wrong.", failure.step);
        let _ = writeln!(out, "{}", style(&text, YELLOW, colors));
    }
    if last > 2 {
        out.push('\n');
        out.push_str(&super::tracker(transcript, width, colors));
    }
    out.push('\n');
    write_listener(&mut out, report, terminal);
    let mut found: Vec<&Finding> = report.findings.iter().chain(advertised_findings(report)).collect();
    found.sort_by_key(|finding| Reverse(finding.finding.check.severity));
    if !found.is_empty() {
        let _ = writeln!(out, "{}", style("what is wrong", BOLD, colors));
        for finding in found.iter().take(MOST_FINDINGS) {
            write_finding(&mut out, finding, Some(&report.target), terminal);
        }
        if let Some(more @ 1..) = found.len().checked_sub(MOST_FINDINGS) {
            let _ = writeln!(out, "… and {more} more; `--json` has them all");
        }
        out.push('\n');
    }
    if explain {
        super::explain_all(&mut out, transcript, width, colors);
        out.push('\n');
    }
    if terminal.is_verbose() {
        for other in report.advertised.iter().filter_map(|listener| listener.report.as_deref()) {
            out.push_str(&host(other, false, terminal));
        }
    }
    out
}

/// Returns what was found with advertised listeners and not with the target, each once.
fn advertised_findings(report: &Report) -> impl Iterator<Item = &Finding> {
    let mut seen: Vec<&Finding> = report.findings.iter().collect();
    report.advertised.iter().flat_map(faults).filter(move |finding| {
        let is_new = !seen.contains(finding);
        seen.push(finding);
        is_new
    })
}

fn faults(listener: &Advertised) -> &[Finding] {
    match &listener.verdict {
        Verdict::Faulty(findings) => findings,
        Verdict::NotTried | Verdict::Sound => &[],
    }
}

fn steps(report: &Report, width: usize, colors: bool) -> String {
    // The number, the action, the result, the time, and four gaps.
    let details_width = width.saturating_sub(1 + 13 + 16 + 7 + 8);
    let mut table = Table::new(&[1, 13, details_width, 16, 7], colors);
    let head = |text: &str| Cell::new(text).styled(BOLD);
    table.row(&[head("#"), head("action"), head("details"), head("result"), head("   time")]);
    table.rule();
    for step in &report.transcript.steps {
        let mut details = super::details(step, &report.transcript);
        if step.step == 1 {
            let tried = attempts(report);
            // Where addresses were tried, why in vain stands at each.
            details.retain(|line| !tried.iter().any(|attempt| attempt == line));
            details.splice(0..0, tried);
        }
        table.row(&[
            Cell::new(step.step.to_string()),
            Cell::new(step.action.name()),
            Cell::of_paragraphs(details),
            Cell::new(super::result(step, &report.transcript)).styled(super::color(step.result)),
            Cell::new(time(step)),
        ]);
    }
    table.finish()
}

/// Says which addresses of the name were tried.
fn attempts(report: &Report) -> Vec<String> {
    let mut lines = vec![format!("client connects to {}", printable(&report.target.to_string()))];
    let line = |Attempt { address, error }: &Attempt| match error {
        None => format!("{address}: connected"),
        Some(error) => format!("{address}: {}", printable(error)),
    };
    lines.extend(report.attempts.iter().take(MOST_ATTEMPTS).map(line));
    if let Some(more @ 1..) = report.attempts.len().checked_sub(MOST_ATTEMPTS) {
        lines.push(format!("… and {more} more addresses"));
    }
    lines
}

/// Returns how long a step took, flush right: `0.4 ms`, `12 ms`, `1.2 s`.
fn time(step: &Step) -> String {
    let Some(elapsed) = step.elapsed else { return String::new() };
    let text = match elapsed.as_secs_f64() * 1000.0 {
        milliseconds if milliseconds < 10.0 => format!("{milliseconds:.1} ms"),
        milliseconds if milliseconds < 1000.0 => format!("{milliseconds:.0} ms"),
        milliseconds => format!("{:.1} s", milliseconds / 1000.0),
    };
    format!("{text:>7}")
}

fn write_listener(out: &mut String, report: &Report, terminal: &Terminal) {
    let colors = terminal.stdout_colors;
    if let Some(listener) = &report.listener {
        let mechanisms: Vec<String> = listener.sasl_mechanisms.iter().map(|name| printable(name)).collect();
        let mechanisms =
            if mechanisms.is_empty() { String::new() } else { format!(", mechanisms {}", mechanisms.join(", ")) };
        let _ = writeln!(out, "{}", style("what listens", BOLD, colors));
        write_lines(out, &format!("{}{mechanisms}", kind(listener.kind)));
        out.push('\n');
    }
    if report.advertised.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", style("where it sends its clients", BOLD, colors));
    for listener in report.advertised.iter().take(MOST_ADVERTISED) {
        let Advertised { node_id, host, port, .. } = listener;
        let place = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let text = format!("node {node_id}, {place}: {}", verdict(listener));
        let color = match listener.verdict {
            Verdict::Sound => GREEN,
            Verdict::NotTried => YELLOW,
            Verdict::Faulty(_) => RED,
        };
        for line in super::wrap(&printable(&text), super::super::verify::WIDTH) {
            let _ = writeln!(out, "{}", style(&line, color, colors));
        }
    }
    if let Some(more @ 1..) = report.advertised.len().checked_sub(MOST_ADVERTISED) {
        let _ = writeln!(out, "… and {more} more; `--json` has them all");
    }
    out.push('\n');
}

fn kind(kind: ListenerKind) -> &'static str {
    match kind {
        ListenerKind::BrokerTls => "a broker, SSL",
        ListenerKind::BrokerSaslTls => "a broker, SASL_SSL",
        ListenerKind::ControllerTls => "a controller, SSL",
        ListenerKind::ControllerSaslTls => "a controller, SASL_SSL",
        ListenerKind::Plaintext => "Kafka without TLS, PLAINTEXT",
        ListenerKind::SaslPlaintext => "Kafka without TLS, SASL_PLAINTEXT",
        ListenerKind::Http => "HTTP, and not Kafka",
        ListenerKind::OtherTls => "TLS, and not Kafka as far as was seen",
        _ => "neither TLS nor Kafka",
    }
}

fn verdict(listener: &Advertised) -> String {
    match &listener.verdict {
        Verdict::Sound => "clients connect there, too".to_owned(),
        Verdict::NotTried => "not tried; `--all` does".to_owned(),
        Verdict::Faulty(findings) => {
            let codes: Vec<&str> = findings.iter().take(SHOWN).map(|finding| finding.finding.check.code).collect();
            codes.join(", ")
        }
    }
}

/// Writes a finding, as `verify` does, with what is behind it and what to run.
fn write_finding(out: &mut String, finding: &Finding, target: Option<&Target>, terminal: &Terminal) {
    let found = &finding.finding;
    let _ = writeln!(out, "  {} {}", severity(found.check.severity, terminal), found.check.code);
    write_wrapped(out, "in", &found.object);
    write_wrapped(out, "found", &found.found);
    write_wrapped(out, "why", found.check.why);
    if let Some(cause) = finding.cause {
        write_wrapped(out, "cause", cause.what);
    }
    write_wrapped(out, "fix", &found.fix);
    for command in commands(finding.cause, target) {
        // A command is for copying, and stays in one piece.
        let _ = writeln!(out, "{:1$}{command}", "", INDENT + LABEL);
    }
}

/// Returns what to run: what mends it, and what shows more than this command has shown.
fn commands(cause: Option<&Cause>, target: Option<&Target>) -> Vec<String> {
    let Some(cause) = cause else { return Vec::new() };
    let is_this =
        |advice: &&Advice| advice.run.starts_with("kafka-certgen handshake") && !advice.run.contains("--show-chain");
    let advice = cause.mend.iter().chain(cause.check).filter(|advice| !advice.run.is_empty() && !is_this(advice));
    let filled = advice.map(|advice| match target {
        Some(target) => advice.run.replace("HOST:PORT", &quote(&printable(&target.to_string()))),
        None => advice.run.to_owned(),
    });
    filled.collect()
}

/// Returns the last lines: how much was found.
pub(crate) fn summary(call: &LiveCall, reports: &[Report]) -> String {
    let mut out = String::new();
    if !call.findings.is_empty() {
        let _ = writeln!(
            out,
            "{}: {}",
            printable(call.from.as_deref().unwrap_or("client")),
            verdict_of(call.findings.iter())
        );
    }
    for report in reports {
        let _ = writeln!(out, "{}: {}", printable(&report.target.to_string()), verdict_of(all_findings(report)));
    }
    out
}

fn verdict_of<'f>(findings: impl Iterator<Item = &'f Finding>) -> String {
    let (errors, warnings) = count(findings);
    counts(errors, warnings)
}

fn count<'f>(findings: impl Iterator<Item = &'f Finding>) -> (usize, usize) {
    findings.fold((0, 0), |(errors, warnings), finding| match finding.finding.check.severity {
        Severity::Error => (errors + 1, warnings),
        Severity::Warning => (errors, warnings + 1),
    })
}

fn all_findings(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().chain(advertised_findings(report))
}

/// Returns the errors, each with what it is an error of; and where a handshake was not seen to its end, what is to be known of that.
pub(crate) fn errors<'r>(call: &'r LiveCall, reports: &'r [Report]) -> impl Iterator<Item = (String, &'r Finding)> {
    let own = call.findings.iter().map(|finding| (finding.finding.object.clone(), finding));
    let of_hosts =
        reports.iter().flat_map(|report| all_findings(report).map(|finding| (report.target.to_string(), finding)));
    own.chain(of_hosts).filter(|(_, finding)| {
        finding.finding.check.severity == Severity::Error || finding.finding.check.code == NOT_SPOKEN
    })
}

/// Returns the certificates as they were sent, in PEM, each below what it is.
pub(crate) fn chain(report: &Report, is_one_of_several: bool) -> String {
    let mut out = String::new();
    if is_one_of_several {
        let _ = writeln!(
            out,
            "# {}: {}",
            printable(&report.target.to_string()),
            super::counted(report.chain.len(), "certificate")
        );
    }
    for der in &report.chain {
        let certificate = SentCertificate::of_der(der);
        let _ = writeln!(out, "# subject: {}", printable(certificate.subject()));
        if let Some(facts) = &certificate.facts {
            let _ = writeln!(out, "# issuer: {}", printable(&facts.issuer));
            let _ = writeln!(out, "# SHA-256: {}", facts.sha256);
        }
        out.push_str(&sent_certificate_pem(der));
    }
    out
}

/// Returns the facts of all brokers as one document.
pub(crate) fn json(call: &LiveCall, reports: &[Report]) -> Result<Vec<u8>, Failure> {
    let mut hosts = Vec::new();
    for report in reports {
        let mut value = serde_json::to_value(report).map_err(unprintable)?;
        let (errors, warnings) = count(all_findings(report));
        if let Some(object) = value.as_object_mut() {
            object.insert("findings".to_owned(), findings(&report.findings, Some(&report.target))?);
            object.insert("errors".to_owned(), errors.into());
            object.insert("warnings".to_owned(), warnings.into());
        }
        hosts.push(value);
    }
    let (errors, warnings) = count(call.findings.iter().chain(reports.iter().flat_map(all_findings)));
    let document = json!({
        "client": {
            "stores": call.from,
            "stack": call.judge.name(),
            "offers": call.versions.iter().map(|version| TlsVersion::number(*version)).collect::<Vec<_>>(),
            "checks_host": call.checks_host,
            "notes": call.notes,
            "findings": findings(&call.findings, None)?,
        },
        "hosts": hosts,
        "errors": errors,
        "warnings": warnings,
    });
    json::document(&document)
}

fn findings(findings: &[Finding], target: Option<&Target>) -> Result<Value, Failure> {
    let mut values = Vec::new();
    for finding in findings {
        let mut value = serde_json::to_value(finding).map_err(unprintable)?;
        if let Some(object) = value.as_object_mut() {
            object.insert("commands".to_owned(), commands(finding.cause, target).into());
        }
        values.push(value);
    }
    Ok(values.into())
}
