//! A handshake as a person or a program reads it.

use std::fmt::Write;

use kafka_certgen::handshake::{
    ClientCertificate, Details, FailedCheck, Failure as StepFailure, Flow, Hello, Moment, Outcome, SentCertificate,
    Status, Step, TlsVersion, Transcript, Verification, When, Withheld,
};
use kafka_certgen::name::printable;
use kafka_certgen::spec::ClientAuth;

use super::table::{Cell, Table};
use super::wrap::wrap;
use super::{Terminal, counted, day, json, style};
use crate::problem::Failure;

pub(crate) mod live;
mod why;

/// How many certificates of a chain are shown one by one, and how many names in a row.
const SHOWN: usize = 4;

const BOLD: &str = "1";
const GREEN: &str = "32";
const YELLOW: &str = "33";
const RED: &str = "1;31";

/// Returns the facts as one JSON document.
pub(crate) fn json(transcript: &Transcript) -> Result<Vec<u8>, Failure> {
    json::document(transcript)
}

/// Returns the two tables, and on request the reasons.
pub(crate) fn text(transcript: &Transcript, explain: bool, terminal: &Terminal) -> String {
    let (width, colors) = (Terminal::width(), terminal.stdout_colors);
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "{}, {}: {}\n",
        ends(transcript, colors),
        version(transcript),
        match transcript.outcome {
            Outcome::Succeeded => style("all nine steps done", GREEN, colors),
            Outcome::Failed(ref failure) => style(&format!("step {} failed", failure.step), RED, colors),
        }
    );
    out.push_str(&steps(transcript, width, colors));
    out.push('\n');
    out.push_str(&tracker(transcript, width, colors));
    if explain {
        explain_all(&mut out, transcript, width, colors);
    }
    out
}

fn explain_all(out: &mut String, transcript: &Transcript, width: usize, colors: bool) {
    for (title, text) in why::of(transcript) {
        let _ = write!(out, "\n{}\n", style(&title, BOLD, colors));
        for line in wrap(&text, width) {
            let _ = writeln!(out, "{line}");
        }
    }
}

/// Returns what failed in a step; a live connection may be gone on with after the first.
fn failure_of<'t>(step: &Step, transcript: &'t Transcript) -> Option<&'t StepFailure> {
    let first = match &transcript.outcome {
        Outcome::Failed(failure) => Some(failure),
        Outcome::Succeeded => None,
    };
    first.into_iter().chain(&transcript.later).find(|failure| failure.step == step.step)
}

/// Names the two ends, which are one where a broker connects to itself, as Kafka's does when it starts.
fn ends(transcript: &Transcript, colors: bool) -> String {
    let bold = |text: &str| style(&printable(text), BOLD, colors);
    if transcript.client == transcript.broker {
        return format!("{} and itself", bold(&transcript.broker));
    }
    format!("{} and {}", bold(&transcript.client), bold(&transcript.broker))
}

fn version(transcript: &Transcript) -> String {
    negotiated(transcript).map_or_else(|| "no version of TLS".to_owned(), |version| version.to_string())
}

fn negotiated(transcript: &Transcript) -> Option<TlsVersion> {
    transcript.steps.iter().find_map(|step| match &step.details {
        Details::Hello(hello) => hello.version,
        _ => None,
    })
}

fn steps(transcript: &Transcript, width: usize, colors: bool) -> String {
    // The number, the action, the result, and three gaps.
    let details_width = width.saturating_sub(1 + 15 + 18 + 6);
    let mut table = Table::new(&[1, 15, details_width, 18], colors);
    let head = |text: &str| Cell::new(text).styled(BOLD);
    table.row(&[head("#"), head("action"), head("details"), head("result")]);
    table.rule();
    for step in &transcript.steps {
        table.row(&[
            Cell::new(step.step.to_string()),
            Cell::new(step.action.name()),
            Cell::of_paragraphs(details(step, transcript)),
            Cell::new(result(step, transcript)).styled(color(step.result)),
        ]);
    }
    table.finish()
}

fn color(result: Status) -> &'static str {
    match result {
        Status::Done => GREEN,
        Status::Skipped => YELLOW,
        Status::Failed => RED,
    }
}

/// Says what came of a step.
fn result(step: &Step, transcript: &Transcript) -> String {
    match (step.result, failure_of(step, transcript), &step.details) {
        (Status::Failed, Some(failure), _) => format!("FAILED: {}", failure.check.name()),
        (Status::Skipped, _, Details::ClientCertificate(facts)) if !facts.asked => "Skipped: not asked for".to_owned(),
        (Status::Skipped, ..) => "Skipped: none sent".to_owned(),
        _ => match step.step {
            1 => "Connection request sent",
            2 => "Handshake started",
            3 => "Certificate received by client",
            4 => "Certificate verified",
            5 if !is_client_accepted(transcript) => "Certificate sent",
            5 => "Certificate sent and verified",
            6 => "Session keys generated",
            7 => "Secure channel established",
            8 => "Data transmitted encrypted",
            _ => "Connection closed, session keys discarded",
        }
        .to_owned(),
    }
}

/// Says what was seen in a step, in paragraphs.
fn details(step: &Step, transcript: &Transcript) -> Vec<String> {
    let mut lines = match &step.details {
        // Which addresses were tried is known to who has dialled.
        Details::Start { .. } if is_live(transcript) => Vec::new(),
        Details::Start { host, .. } => vec![format!(
            "{} connects to the host {}; both ends are in memory, nothing goes over a network",
            printable(&transcript.client),
            printable(host)
        )],
        Details::Hello(hello) => hello_lines(hello),
        Details::BrokerCertificate { certificates, readable_on_the_line } => {
            chain_lines(certificates, *readable_on_the_line)
        }
        Details::Verification(facts) => verification_lines(facts, "client", step.result == Status::Done),
        Details::ClientCertificate(facts) => {
            client_lines(facts, step.result == Status::Done && is_client_accepted(transcript))
        }
        Details::Keys { key_exchange_group, derivation, handshake_was_encrypted } => {
            key_lines(key_exchange_group.as_deref(), derivation.as_deref(), *handshake_was_encrypted)
        }
        Details::Channel { version, cipher_suite, handshake } => {
            let suite = cipher_suite.as_deref().unwrap_or("no cipher suite");
            let version = version.map_or_else(String::new, |version| format!("{version}, "));
            vec![
                format!("{version}{suite}"),
                format!("the handshake took {}", flows(handshake.client, handshake.broker)),
            ]
        }
        Details::Data { request, response, readable_on_the_line } => vec![
            format!(
                "client: ApiVersions request, {} bytes, sent as {}",
                request.plaintext_bytes,
                flow(request.encrypted)
            ),
            format!("broker: answer, {} bytes, sent as {}", response.plaintext_bytes, flow(response.encrypted)),
            if *readable_on_the_line { "READABLE on the line" } else { "neither can be read on the line" }.to_owned(),
        ],
        Details::Close { client_close_notify, broker_close_notify, total } => vec![
            format!("close_notify from {}", closers(*client_close_notify, *broker_close_notify)),
            format!("in all {}", flows(total.client, total.broker)),
        ],
    };
    if step.step > 7 && matches!(step.details, Details::Channel { .. }) {
        // It failed before there was anything to tell of it.
        lines.clear();
    }
    if let Some(failure) = failure_of(step, transcript).filter(|_| step.result == Status::Failed) {
        lines.push(match failure.check {
            FailedCheck::Certificate(_) => format!("{} says: {}", failure.by, printable(&failure.message)),
            _ if is_live(transcript) => printable(&failure.message),
            _ => format!("{} says: {}", failure.by, printable(&failure.message)),
        });
        if let Some(alert) = failure.alert.as_ref().filter(|_| is_of_java(step, failure, transcript)) {
            lines.push(format!("it breaks off, with the alert {alert}"));
        }
    }
    lines
}

/// Says whether the alert that rustls has sent is also the one that Java sends: other stacks have others, and without a certificate
/// Java sends another in TLS 1.2.
fn is_of_java(step: &Step, failure: &StepFailure, transcript: &Transcript) -> bool {
    let is_java = |facts: &Verification| facts.stack.starts_with("Java");
    match (failure.check, &step.details) {
        (FailedCheck::NoCommonProtocol, _) => true,
        (FailedCheck::NoClientCertificate, _) => negotiated(transcript) == Some(TlsVersion::Tls13),
        (_, Details::Verification(facts)) => is_java(facts),
        (_, Details::ClientCertificate(facts)) => facts.verification.as_ref().is_some_and(is_java),
        _ => false,
    }
}

/// Says whether there was a network between the two, and not this program alone.
fn is_live(transcript: &Transcript) -> bool {
    let is_start = |step: &Step| matches!(step.details, Details::Start { transport: "TCP", .. });
    transcript.steps.iter().any(is_start)
}

/// Says whether the broker has taken the client's certificate: over a network, its first answer shows that.
fn is_client_accepted(transcript: &Transcript) -> bool {
    !is_live(transcript) || transcript.steps.iter().any(|step| matches!(step.details, Details::Data { .. }))
}

fn closers(client: bool, broker: bool) -> &'static str {
    match (client, broker) {
        (true, true) => "client and broker: nothing was cut off",
        (true, false) => "the client alone",
        (false, true) => "the broker alone",
        (false, false) => "nobody",
    }
}

fn hello_lines(hello: &Hello) -> Vec<String> {
    let versions: Vec<String> = hello.offered_versions.iter().map(ToString::to_string).collect();
    let mut offer = format!("client offers {}", versions.join(" and "));
    if !hello.offered_cipher_suites.is_empty() {
        // The one that says that renegotiation is safe is no suite.
        let suites = hello.offered_cipher_suites.iter().filter(|suite| !suite.ends_with("SCSV")).count();
        let _ = write!(
            offer,
            ", {}, {}",
            counted(suites, "cipher suite"),
            counted(hello.offered_groups.len(), "key exchange group")
        );
    }
    let choice = if let (Some(version), Some(suite)) = (&hello.version, &hello.cipher_suite) {
        let group = hello.key_exchange_group.as_deref().unwrap_or("no group");
        format!("broker chooses {version}, {suite}, {group}")
    } else if hello.broker_versions.is_empty() {
        return vec![offer];
    } else {
        let spoken: Vec<String> = hello.broker_versions.iter().map(ToString::to_string).collect();
        format!("broker speaks {}", spoken.join(" and "))
    };
    vec![offer, choice]
}

fn chain_lines(certificates: &[SentCertificate], readable: bool) -> Vec<String> {
    let mut lines: Vec<String> = certificates.iter().take(SHOWN).map(certificate_line).collect();
    if certificates.len() > SHOWN {
        lines.push(format!("… and {} more", certificates.len() - SHOWN));
    }
    if !certificates.is_empty() {
        let how = if readable { "sent in the clear: anyone on the line can read it" } else { "sent encrypted" };
        lines.push(how.to_owned());
    }
    lines
}

fn certificate_line(certificate: &SentCertificate) -> String {
    let subject = printable(certificate.subject());
    match &certificate.facts {
        Some(facts) => format!("{subject}, {}, until {}", facts.key, day(facts.not_after)),
        None => subject,
    }
}

fn verification_lines(facts: &Verification, verifier: &str, accepted: bool) -> Vec<String> {
    let mut lines = Vec::new();
    if accepted {
        lines.push(format!("{verifier}, as {}: {}", facts.stack, path_line(facts)));
        if let Some(host) = &facts.host {
            lines.push(match facts.names.as_slice() {
                [] => format!("{} is its common name; it has no other", printable(host)),
                names => format!("{} is among its names: {}", printable(host), listed(names)),
            });
        }
    } else if facts.host.is_some() {
        // Of a broker the names that it sends say as much.
        lines.push(format!("{verifier} has in its truststore: {}", listed(&facts.anchors)));
        lines.push(format!("names in the certificate: {}", listed(&facts.names)));
    }
    if let (Some(scheme), Some(true)) = (&facts.signature_scheme, facts.has_key) {
        lines.push(format!("a signature, {scheme}, proves that it has the key"));
    }
    lines
}

/// Says how the certificate leads to one that is trusted.
fn path_line(facts: &Verification) -> String {
    let path: Vec<String> = facts.path.iter().map(|subject| printable(subject)).collect();
    match path.as_slice() {
        [] => format!("it leads to what the truststore has: {}", listed(&facts.anchors)),
        [leaf] => format!("{leaf} itself is in the truststore"),
        path => format!("{}, which is in the truststore", path.join(", signed by ")),
    }
}

fn client_lines(facts: &ClientCertificate, accepted: bool) -> Vec<String> {
    if !facts.asked {
        let setting = facts.client_auth.map(|value| format!(", with ssl.client.auth={value}")).unwrap_or_default();
        return vec![format!("broker asks for no certificate{setting}")];
    }
    let named = match facts.ca_names.as_slice() {
        [] => "names no CA".to_owned(),
        names => format!("names {}: {}", counted(names.len(), "CA"), listed(names)),
    };
    let asks = if facts.client_auth == Some(ClientAuth::Required) { "requires" } else { "asks for" };
    let mut lines = vec![format!("broker {asks} a certificate, and {named}")];
    match facts.issuer_is_named {
        Some(true) => lines.push("who has issued the client's certificate is among them".to_owned()),
        Some(false) => lines.push("who has issued the client's certificate is NOT among them".to_owned()),
        None => {}
    }
    if let Some(withheld) = facts.withheld {
        lines.push(match withheld {
            Withheld::NoKey => "client has none".to_owned(),
            Withheld::NoNamedIssuer => "client sends none: no CA that is named has signed its own".to_owned(),
            Withheld::NoSignatureScheme => "client sends none: the broker takes no signature of its key".to_owned(),
            _ => "client sends none".to_owned(),
        });
    }
    lines.extend(chain_lines(&facts.certificates, facts.readable_on_the_line));
    if let Some(verification) = &facts.verification {
        lines.extend(verification_lines(verification, "broker", accepted));
    }
    if let Some(principal) = facts.principal.as_ref().filter(|_| accepted) {
        lines.push(format!("for Kafka it is {}", printable(principal)));
    }
    if facts.withheld.is_some() && facts.client_auth == Some(ClientAuth::Requested) {
        lines.push("for Kafka it is User:ANONYMOUS".to_owned());
    }
    lines
}

fn key_lines(group: Option<&str>, derivation: Option<&str>, handshake_was_encrypted: bool) -> Vec<String> {
    let mut lines = vec![format!(
        "{} has given both the same secret, and {} makes the keys of it",
        group.unwrap_or("the key exchange"),
        derivation.unwrap_or("a hash")
    )];
    if handshake_was_encrypted {
        lines.push("other keys, from the same secret, have encrypted the handshake since step 2".to_owned());
    }
    lines
}

fn flows(client: Flow, broker: Flow) -> String {
    format!("{} from the client, {} from the broker", flow(client), flow(broker))
}

fn flow(flow: Flow) -> String {
    format!("{} in {}", counted(flow.bytes, "byte"), counted(flow.records, "record"))
}

/// Returns foreign texts in a row.
fn listed(texts: &[String]) -> String {
    let mut shown: Vec<String> = texts.iter().take(SHOWN).map(|text| printable(text)).collect();
    if texts.len() > SHOWN {
        shown.push(format!("and {} more", texts.len() - SHOWN));
    }
    if shown.is_empty() { "none".to_owned() } else { shown.join("; ") }
}

fn tracker(transcript: &Transcript, width: usize, colors: bool) -> String {
    const TIMES: [When; 5] = [When::Start, When::AfterStep3, When::AfterStep4, When::AfterStep6, When::Final];
    let label = 11;
    let column = (width.saturating_sub(label + 10) / 5).max(11);
    let mut table = Table::new(&[label, column, column, column, column, column], colors);
    // `after step 3` in two lines of its own, not where it happens to wrap.
    let title = |when: &When| {
        let text = when.to_string().to_lowercase();
        let lines = text.strip_prefix("after ").map_or(vec![text.clone()], |step| vec!["after".into(), step.into()]);
        Cell::of_paragraphs(lines).styled(BOLD)
    };
    table.row(&[Cell::new("state").styled(BOLD)].into_iter().chain(TIMES.iter().map(title)).collect::<Vec<_>>());
    table.rule();
    let mut row = |name: &str, text: &dyn Fn(&Moment) -> String| {
        let cells = TIMES.iter().map(|when| {
            let moment = transcript.tracker.iter().find(|moment| moment.when == *when);
            Cell::new(moment.map_or_else(|| "–".to_owned(), text))
        });
        table.row(&[Cell::new(name)].into_iter().chain(cells).collect::<Vec<_>>());
    };
    row("connection state", &|moment| moment.connection_state.to_string());
    row("certificate status", &|moment| moment.certificate_status.to_string());
    row("encryption keys", &|moment| moment.encryption_keys.to_string());
    table.finish()
}
