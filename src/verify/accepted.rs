//! Refusals of TLS stacks as findings: what somebody refuses is never found clean, whatever it is refused for.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use super::acceptance::{Acceptance, Answer, Stack};
use super::{Check, Finding, Severity, authority, bundle, chain, checks, extensions, key, names, validity};

checks! {
    NOT_ASKED = Error "chain-not-asked": "TLS stacks refuse what is as large, and so it was not asked what they would say to it";
    BY_ALL = Error "refused-by-all": "no TLS stack that Kafka's brokers and clients are built on goes on with the handshake";
    BY_JAVA = Error "refused-by-java": "Kafka's brokers are Java, and so are most of its clients";
    BY_SOME = Warning "refused-by-some": "brokers and Java go on with the handshake, and clients that are built on another TLS stack do not";
}

/// Says what a certificate is refused for, if it is: an error among them explains a refusal.
fn explains(check: &Check) -> bool {
    let families = [
        validity::CHECKS,
        names::CHECKS,
        extensions::CHECKS,
        key::CHECKS,
        chain::CHECKS,
        authority::CHECKS,
        bundle::CHECKS,
    ];
    check.severity == Severity::Error && families.into_iter().flatten().any(|other| *other == check)
}

/// Judges who accepts an identity, unless an error that was `found` with it says more.
pub(super) fn judge<'f>(acceptance: &Acceptance, found: impl IntoIterator<Item = &'f Finding>) -> Option<Finding> {
    if found.into_iter().any(|finding| explains(finding.check)) {
        return None;
    }
    if let Some(why) = &acceptance.left_out {
        let fix = "take out of the stores what no connection needs";
        return Some(Finding::new(&NOT_ASKED, &acceptance.store, why, fix));
    }
    let refusals: Vec<(Stack, &Answer)> = acceptance.refusals().collect();
    let mut stacks: Vec<Stack> = refusals.iter().map(|(stack, _)| *stack).collect();
    stacks.dedup();
    let (first, Answer::Refused { message, .. }) = refusals.first()? else { return None };
    let check = if stacks.len() == Stack::ALL.len() {
        &BY_ALL
    } else if stacks.iter().any(|stack| matches!(stack, Stack::Java17 | Stack::JavaNewest)) {
        &BY_JAVA
    } else {
        &BY_SOME
    };
    let names: Vec<&str> = stacks.iter().map(|stack| stack.name()).collect();
    let found = match names.as_slice() {
        [_] => format!("{} refuses the certificate: `{message}`", names.join("")),
        _ => format!("{} refuse the certificate; {} says `{message}`", names.join(", "), first.name()),
    };
    let fix = "issue the certificate again without what is refused; the table says what each stack has against it";
    Some(Finding::new(check, &acceptance.store, found, fix))
}
