//! What shall be done to a bundle, before it is done.

use std::fmt::Write as _;
use std::path::Path;

use kafka_certgen::bundle::plan::{Action, Change, Obstacle, Plan};
use kafka_certgen::spec::StoreFormat;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use super::progress::grouped;
use super::{SHOWN, Terminal, day, style};

/// How many reasons of a change are shown.
const REASONS: usize = 6;

/// The widest column of names; a longer one moves its line to the right.
const NAME_WIDTH: usize = 40;

/// What a plan was made from.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// The file of this name.
    File(&'a str),
    /// Formats, of which stores are added to what is there.
    Formats(&'a [StoreFormat]),
    /// The names of identities that are added.
    Identities,
}

impl<'a> Source<'a> {
    /// Returns the name of the file.
    pub(crate) fn file(self) -> Option<&'a str> {
        match self {
            Self::File(file) => Some(file),
            Self::Formats(_) | Self::Identities => None,
        }
    }
}

/// A plan as it is shown.
pub(crate) struct PlanReport<'a> {
    pub(crate) plan: &'a Plan,
    /// The folder of the bundle, as it was given.
    pub(crate) out: &'a Path,
    pub(crate) source: Source<'a>,
    /// Whether a CA is made, and not taken from elsewhere.
    pub(crate) makes_ca: bool,
}

impl PlanReport<'_> {
    /// Returns the plan as a person reads it.
    pub(crate) fn text(&self, terminal: &Terminal) -> String {
        let Self { plan, out, source, .. } = self;
        let out = kafka_certgen::name::printable(&out.to_string_lossy());
        let shown = if terminal.is_verbose() { usize::MAX } else { SHOWN };
        let mut text = String::new();
        // Writing to a String cannot fail; the results below are dropped for that reason.
        if plan.is_empty() {
            let source = match source {
                Source::File(file) => format!(" are as {file} says"),
                Source::Formats(formats) => {
                    let have = if plan.unchanged == 1 { "has" } else { "have" };
                    format!(" {have} {}", listed(formats))
                }
                Source::Identities => String::new(),
            };
            let _ = writeln!(text, "nothing to do: {}{source}", identities(plan.unchanged));
        } else {
            let bold = |text: &str| style(text, "1", terminal.colors());
            let _ = writeln!(text, "{} {out}: {}", bold("plan"), self.summary());
        }
        let names = plan.changes.iter().take(shown).map(|change| change.name.as_str().len());
        let width = names.max().unwrap_or_default().min(NAME_WIDTH);
        for change in plan.changes.iter().take(shown) {
            let _ = writeln!(
                text,
                "  {:7}  {:width$}  {}",
                change.action.name(),
                change.name.as_str(),
                reasons(change, terminal.is_verbose())
            );
            for refusal in &change.reload {
                let _ = writeln!(text, "  {:7}  {:width$}  {refusal}", "", "");
            }
        }
        if let Some(more @ 1..) = plan.changes.len().checked_sub(shown) {
            let _ = writeln!(text, "  … and {} more; -v shows all", grouped(more));
        }
        if let (Some(file), false) = (source.file(), plan.strangers.is_empty()) {
            let _ = writeln!(text, "{}", strangers(&plan.strangers, file, shown));
        }
        text
    }

    /// Returns how much of what is to be done: `2 to make, 1 to reissue, 997 unchanged`.
    fn summary(&self) -> String {
        let counts = Action::ALL.map(|action| (action, self.plan.count(action)));
        let mut parts = counted(&counts, self.makes_ca, to_do);
        if parts.is_empty() && self.plan.obstacles.is_empty() {
            parts.push("bundle.json to write anew".to_owned());
        }
        if !self.plan.obstacles.is_empty() {
            parts.push(format!("{} that cannot be changed", grouped(self.plan.obstacles.len())));
        }
        if self.plan.unchanged > 0 {
            parts.push(format!("{} unchanged", grouped(self.plan.unchanged)));
        }
        parts.join(", ")
    }

    /// Returns the facts that programs read.
    pub(crate) fn facts(&self) -> Value {
        let Plan { ca_differences, changes, obstacles, unchanged, strangers, writes_inventory, .. } = self.plan;
        let counts = Action::ALL.map(|action| (action.name().to_owned(), json!(self.plan.count(action))));
        json!({
            "is_empty": self.plan.is_empty(),
            "makes_ca": self.makes_ca,
            "ca_differences": ca_differences.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "counts": Value::Object(counts.into_iter().collect()),
            "unchanged": unchanged,
            "changes": changes.iter().map(change_facts).collect::<Vec<_>>(),
            "obstacles": obstacles.iter().map(obstacle_facts).collect::<Vec<_>>(),
            "strangers": strangers,
            "writes_inventory": writes_inventory,
        })
    }
}

/// Returns how many of each kind there are, in the words for each; a CA that is made comes first.
pub(super) fn counted(counts: &[(Action, usize)], has_ca: bool, word: fn(Action) -> &'static str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut ca = has_ca;
    for (action, count) in counts.iter().filter(|(_, count)| *count > 0) {
        let with_ca = if std::mem::take(&mut ca) { "a CA and " } else { "" };
        parts.push(format!("{with_ca}{} {}", grouped(*count), word(*action)));
    }
    if ca {
        parts.push(format!("a CA {}", word(Action::Make)));
    }
    parts
}

fn to_do(action: Action) -> &'static str {
    match action {
        Action::Make => "to make",
        Action::Reissue => "to reissue",
        Action::Rekey => "to rekey",
        Action::Rewrite => "to rewrite",
        Action::Retire => "to move aside",
    }
}

/// Returns so many identities in words.
pub(super) fn identities(count: usize) -> String {
    format!("{} {}", grouped(count), if count == 1 { "identity" } else { "identities" })
}

/// Returns formats in words: `jks, pem`.
pub(super) fn listed(formats: &[StoreFormat]) -> String {
    formats.iter().map(|format| format.name()).collect::<Vec<_>>().join(", ")
}

/// Returns why an identity changes, and until when its new certificate is valid.
fn reasons(change: &Change, all: bool) -> String {
    let shown = if all { usize::MAX } else { REASONS };
    let mut reasons: Vec<String> = change.reasons.iter().take(shown).map(ToString::to_string).collect();
    if let Some(more @ 1..) = change.reasons.len().checked_sub(shown) {
        reasons.push(format!("and {more} more"));
    }
    let until = change.until.filter(|_| change.action.signs());
    let until = until.map_or(String::new(), |until| format!("; until {}", day(until)));
    format!("{}{until}", reasons.join(", "))
}

fn strangers(names: &[String], file: &str, shown: usize) -> String {
    let mut listed: Vec<&str> = names.iter().take(shown).map(String::as_str).collect();
    let more = match names.len().checked_sub(shown) {
        Some(more @ 1..) => format!("{} more", grouped(more)),
        _ => String::new(),
    };
    if !more.is_empty() {
        listed.push(&more);
    }
    let them = if names.len() == 1 { "it" } else { "them" };
    format!("not in {file}, left alone: {}; --prune moves {them} aside", listed.join(", "))
}

fn change_facts(change: &Change) -> Value {
    let Change { name, role, action, reasons, reload, until } = change;
    json!({
        "name": name.as_str(),
        "role": role,
        "action": action,
        "reasons": reasons,
        "reload": reload,
        "until": until.and_then(|until| until.format(&Rfc3339).ok()),
    })
}

fn obstacle_facts(obstacle: &Obstacle) -> Value {
    let kind = match obstacle {
        Obstacle::Differs { .. } => "differs",
        Obstacle::Foreign(_) => "foreign",
        Obstacle::KeyAlgorithm { .. } => "key-algorithm",
        Obstacle::KeyNotReadable(_) => "key-not-readable",
        Obstacle::KeyPasswordInPkcs12(_) => "key-password-in-pkcs12",
        Obstacle::StorePassword(_) => "store-password",
        _ => "other",
    };
    json!({ "name": obstacle.name().as_str(), "kind": kind, "text": obstacle.to_string() })
}

#[cfg(test)]
mod tests {
    use kafka_certgen::bundle::plan::Reason;
    use kafka_certgen::spec::NodeRole;
    use time::macros::datetime;

    use super::*;

    fn change(action: Action, reasons: Vec<Reason>) -> Change {
        let until = Some(datetime!(2027-11-29 00:00 UTC));
        let name = "broker1".parse().unwrap_or_else(|error| panic!("{error}"));
        Change { name, role: NodeRole::Broker, action, reasons, reload: Vec::new(), until }
    }

    #[test]
    fn counts_are_in_words() {
        let counts = [(Action::Make, 2), (Action::Reissue, 1_000), (Action::Rekey, 0)];
        assert_eq!(counted(&counts, false, to_do), ["2 to make", "1,000 to reissue"]);
        assert_eq!(counted(&counts, true, to_do), ["a CA and 2 to make", "1,000 to reissue"]);
        assert_eq!(counted(&[], true, to_do), ["a CA to make"]);
        assert_eq!((identities(1), identities(2)), ("1 identity".to_owned(), "2 identities".to_owned()));
    }

    #[test]
    fn reasons_are_few_unless_all_are_wanted() {
        let added = |number| Reason::SanAdded { name: format!("dns:n{number}") };
        let few = change(Action::Reissue, vec![added(1), Reason::Expires { days: 12 }]);
        assert_eq!(reasons(&few, false), "SAN dns:n1 added, expires in 12 days; until 2027-11-29");
        let many = change(Action::Rewrite, (0..9).map(added).collect());
        assert!(reasons(&many, false).ends_with("SAN dns:n5 added, and 3 more"));
        assert!(reasons(&many, true).ends_with("SAN dns:n8 added"));
    }

    #[test]
    fn strangers_are_named() {
        let names: Vec<String> = (1..=3).map(|number| format!("broker{number}")).collect();
        let text = strangers(&names[..1], "c.yaml", 2);
        assert_eq!(text, "not in c.yaml, left alone: broker1; --prune moves it aside");
        let text = strangers(&names, "c.yaml", 2);
        assert_eq!(text, "not in c.yaml, left alone: broker1, broker2, 1 more; --prune moves them aside");
    }
}
