//! Who a certificate is for Kafka: the rules that make names of subjects, and the names that may do everything.

use super::{Configuration, Finding, checks};
use crate::kafka::ssl_settings::keys;

checks! {
    RULES_REFUSED = Error "mapping-rules-refused": "Kafka does not start with rules that it cannot parse";
    RULES_NO_DEFAULT = Warning "mapping-rules-without-default": "a client whose subject fits no rule is turned away: `No rules apply to`";
    SUPER_USERS_SEPARATOR = Warning "super-users-separator": "super users stand between semicolons, and commas belong to their names";
    SUPER_USERS_TYPE = Warning "super-users-type": "Kafka compares a super user with `User:` and the name, letter by letter";
    SUPER_USERS_BLANK = Warning "super-users-blank": "Java writes no blank behind the comma of a subject, so that this super user is nobody";
    SUPER_USERS_ESCAPE = Warning "super-users-escape": "the properties file takes a single backslash away, and the name has it before a comma";
}

pub(super) fn mapping_rules(configuration: &Configuration<'_>) -> Vec<Finding> {
    let is_rules = |key: &str| {
        let of_listener = key.strip_prefix("listener.name.").and_then(|rest| rest.split_once('.')).map(|(_, key)| key);
        of_listener.unwrap_or(key) == keys::PRINCIPAL_MAPPING_RULES
    };
    let properties = configuration.file.iter().filter(|property| is_rules(property.key()));
    let findings = properties.filter_map(|property| {
        let at = configuration.at_property(property);
        let rules = match rules(property.value()) {
            Ok(rules) => rules,
            Err(rule) => {
                let found = format!("`{rule}` is no rule");
                let fix = "write rules as RULE:PATTERN/REPLACEMENT/ with L or U behind it, and DEFAULT at the end";
                return Some(Finding::new(&RULES_REFUSED, &at, found, fix));
            }
        };
        let is_last_for_all = rules.last().is_none_or(|rule| *rule == "DEFAULT");
        let found = "the last rule is not DEFAULT";
        (!is_last_for_all).then(|| Finding::new(&RULES_NO_DEFAULT, &at, found, "write `,DEFAULT` behind the last rule"))
    });
    findings.collect()
}

/// Splits rules as `SslPrincipalMapper` does, and hands back the first that it refuses.
fn rules(text: &str) -> Result<Vec<&str>, &str> {
    let mut rest = text.trim_matches(|c| c <= ' ');
    let mut rules = Vec::new();
    while !rest.is_empty() {
        let (rule, after) = split_rule(rest);
        if !rule.is_empty() {
            if !is_rule(rule) {
                return Err(rule);
            }
            rules.push(rule);
        }
        rest = after.trim_start();
    }
    Ok(rules)
}

/// Splits at the comma behind a rule; those in its pattern and its replacement belong to it.
fn split_rule(text: &str) -> (&str, &str) {
    let body = rule_body(text).unwrap_or(0);
    let (body, tail) = text.split_at_checked(body).unwrap_or((text, ""));
    let (end, after) = tail.find(',').map_or((tail.len(), ""), |at| (at, tail.get(at..).unwrap_or_default()));
    let rule = text.get(..body.len().saturating_add(end)).unwrap_or(text);
    (rule.trim(), after.strip_prefix(',').unwrap_or(after))
}

/// Returns the length of `RULE:PATTERN/REPLACEMENT/`.
fn rule_body(text: &str) -> Option<usize> {
    let mut slashes = 0_usize;
    let mut is_escaped = false;
    let body = text.strip_prefix("RULE:")?;
    for (at, c) in body.char_indices() {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if c == '/' {
            slashes = slashes.saturating_add(1);
            if slashes == 2 {
                return at.checked_add("RULE:/".len());
            }
        }
    }
    None
}

fn is_rule(rule: &str) -> bool {
    if rule == "DEFAULT" {
        return true;
    }
    let Some((body, case)) = rule_body(rule).and_then(|length| rule.split_at_checked(length)) else { return false };
    let pattern = body.strip_prefix("RULE:").unwrap_or(body);
    matches!(case, "" | "L" | "U") && is_balanced(pattern)
}

/// Says whether the brackets of a pattern fit, which is what is mostly wrong with one.
fn is_balanced(body: &str) -> bool {
    let (mut depth, mut is_escaped, mut is_class) = (0_i32, false, false);
    for c in body.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '/' => break,
            ']' if is_class => is_class = false,
            _ if is_class => {}
            '[' => is_class = true,
            '(' => depth = depth.saturating_add(1),
            ')' if depth == 0 => return false,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    depth == 0 && !is_class
}

pub(super) fn super_users(configuration: &Configuration<'_>) -> Vec<Finding> {
    let Some(property) = configuration.file.get("super.users") else { return Vec::new() };
    let at = configuration.at_property(property);
    let mut findings = Vec::new();
    if property.has_lost_backslash() {
        let found = "a backslash in super.users is gone";
        findings.push(Finding::new(&SUPER_USERS_ESCAPE, &at, found, "write `\\\\,` where the name has `\\,`"));
    }
    for user in property.value().split(';').map(str::trim).filter(|user| !user.is_empty()).take(1000) {
        let (check, found, fix) = if user.contains(",User:") || user.contains(", User:") {
            let found = format!("`{user}` is one name for Kafka");
            (&SUPER_USERS_SEPARATOR, found, "write a semicolon between two users")
        } else if !user.starts_with("User:") {
            (&SUPER_USERS_TYPE, format!("`{user}` does not begin with `User:`"), "write `User:` before the name")
        } else if has_blank_behind_comma(user) {
            let found = format!("`{user}` has a blank behind a comma");
            (&SUPER_USERS_BLANK, found, "write the subject as Java does, without blanks behind commas")
        } else {
            continue;
        };
        findings.push(Finding::new(check, &at, found, fix));
    }
    findings
}

/// Says whether a comma that is not escaped has a blank behind it, and then another part of a subject.
fn has_blank_behind_comma(user: &str) -> bool {
    user.match_indices(", ").any(|(at, _)| {
        let (before, after) = (user.get(..at).unwrap_or_default(), user.get(at..).unwrap_or_default());
        let next = after.trim_start_matches([',', ' ']).split([',', ' ']).next().unwrap_or_default();
        !before.ends_with('\\') && next.contains('=')
    })
}
