//! What was found in logs.

use std::net::Ipv6Addr;

use serde::Serialize;

use super::{Cause, Entry, Printer};

/// What was found in all files.
#[derive(Debug)]
pub struct Diagnosis {
    /// The messages that say what is wrong, in the order of their first places; then those that say only that something has failed, where
    /// nothing says what.
    pub findings: Vec<Finding>,
    /// The messages that say only that something has failed, where another one says what.
    pub explained: Vec<Finding>,
    /// What was read.
    pub files: Vec<ReadFile>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadFile {
    /// Its name, as it was given.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// How many lines it has; one that has not ended counts too.
    pub lines: u64,
}

/// A message that was found. All texts in it are foreign; secrets are replaced.
#[derive(Debug)]
pub struct Finding {
    /// What it is in the catalogue.
    pub entry: &'static Entry,
    /// The message as it stands in its first place.
    pub message: String,
    /// On how many lines it stands.
    pub count: u64,
    /// Where, file by file.
    pub places: Vec<Place>,
    /// What varies in it.
    pub captures: Vec<Captured>,
}

/// Where in a file a message stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Which of [`Diagnosis::files`] it is, from 0.
    pub file: usize,
    /// On how many of its lines it stands.
    pub count: u64,
    /// The first of them, from 1.
    pub first_line: u64,
    /// The last of them.
    pub last_line: u64,
    /// The first line itself, or what of it is around the message. Kept for the first hundred files.
    pub text: Option<String>,
}

/// What stands in a gap of a message, by its name in the pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Captured {
    /// The name.
    pub name: &'static str,
    /// The values, the most frequent first. The first 32 different ones are kept.
    pub values: Vec<Value>,
    /// How many lines have still others.
    pub others: u64,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Value {
    /// It.
    pub text: String,
    /// On how many lines it stands.
    pub count: u64,
    /// What it says: who sends what Kafka takes for a size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub means: Option<String>,
}

/// A cause, with commands that are filled in as far as the message says enough.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Remedy {
    /// The code of the cause.
    pub code: &'static str,
    /// What is wrong.
    pub what: &'static str,
    /// How to see whether it is so.
    pub check: Vec<Step>,
    /// How to mend it.
    pub mend: Vec<Step>,
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Step {
    /// It, in a sentence without its full stop.
    pub say: &'static str,
    /// A command for it. Words in capitals are to be filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

impl Finding {
    /// Returns the likely causes, the likeliest first.
    pub fn remedies(&self) -> Vec<Remedy> {
        let broker = self.broker();
        self.entry.causes.iter().map(|cause| Remedy::of(cause, broker.as_deref())).collect()
    }

    /// Returns the broker that the message names, as `HOST:PORT`, where it names one alone. What it names cannot do anything in a shell.
    fn broker(&self) -> Option<String> {
        let only = |name: &str| {
            let captured = self.captures.iter().find(|captured| captured.name == name)?;
            match captured.values.as_slice() {
                [value] if captured.others == 0 => Some(value.text.as_str()),
                _ => None,
            }
        };
        // Whom a broker calls its peer is a client, which has no port that anybody could connect to.
        let is_broker = |peer: &&str| {
            self.entry.printers != [Printer::Broker] && peer.rsplit_once(':').is_some_and(|(_, port)| is_port(port))
        };
        let place = only("host").or_else(|| only("peer").filter(is_broker))?;
        // Java prints `name/address:port`.
        let (name, rest) = place.split_once('/').unwrap_or(("", place));
        let (host, port) = match rest.rsplit_once(':').filter(|(host, port)| is_port(port) && is_host(host)) {
            Some((host, port)) => (host, Some(port)),
            None => (rest, only("port").filter(|port| is_port(port))),
        };
        let host = if name.is_empty() { host } else { name };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let host = match host.parse::<Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) if is_name(host) => host.to_owned(),
            Err(_) => return None,
        };
        Some(format!("{host}:{}", port.unwrap_or("PORT")))
    }
}

/// Says whether a port can stand behind it: an IPv6 address has brackets there.
fn is_host(text: &str) -> bool {
    !text.contains(':') || text.ends_with(']')
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_name(host: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    !host.is_empty() && host.len() <= 253 && !host.starts_with('-') && host.bytes().all(is_plain)
}

impl Remedy {
    /// Returns what can be done about a cause; `HOST:PORT` is filled in with the broker if it is known.
    pub fn of(cause: &Cause, broker: Option<&str>) -> Self {
        let fill = |run: &str| match broker {
            // A shell would take brackets for a pattern.
            Some(broker) if broker.starts_with('[') => run.replace("HOST:PORT", &format!("'{broker}'")),
            Some(broker) => run.replace("HOST:PORT", broker),
            None => run.to_owned(),
        };
        let steps = |advice: &[super::Advice]| {
            let steps = advice
                .iter()
                .map(|advice| Step { say: advice.say, run: (!advice.run.is_empty()).then(|| fill(advice.run)) });
            steps.collect()
        };
        Self { code: cause.code, what: cause.what, check: steps(cause.check), mend: steps(cause.mend) }
    }
}
