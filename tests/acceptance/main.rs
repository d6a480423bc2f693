//! The acceptance table against the stacks that it speaks of: each case is presented to each of them on loopback, as a broker's
//! certificate and as a client's, and what they say is what `verify::acceptance` has said before.
//!
//! These tests need tools and run only when asked for: `cargo test --test acceptance -- --ignored`. A tool that is missing is a
//! failure.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by panicking")]

mod cases;
mod certificate;
mod der;
mod findings;
mod keys;
mod prediction;
mod stacks;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use time::OffsetDateTime;

use prediction::Predictor;

#[test]
#[ignore = "needs a JDK 17 and a newer one, OpenSSL, Python, Node and Go"]
fn the_stacks_do_as_predicted() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("acceptance");
    if let Err(error) = fs::remove_dir_all(&folder) {
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    fs::create_dir_all(&folder).unwrap();
    let cases = cases::Cases::all(&folder);
    assert!(cases.len() >= 400);
    let now = OffsetDateTime::now_utc();
    let predictor = Predictor::new(&cases, now);
    let verdicts = stacks::judge_all(&cases, &folder);
    // For those who look into it.
    let lines =
        verdicts.iter().map(|((judge, side, name), message)| format!("{judge:?}\t{side:?}\t{name}\t{message}\n"));
    fs::write(folder.join("measured"), lines.collect::<String>()).unwrap();
    let disagreements: Vec<_> =
        verdicts.iter().filter_map(|(question, said)| predictor.disagreement(question, said)).collect();
    let (count, of) = (disagreements.len(), verdicts.len());
    assert!(disagreements.is_empty(), "{count} of {of} predictions are wrong:\n{}", sorted(disagreements).join("\n"));
    let contradictions = findings::contradictions(&cases, &verdicts, &folder, now);
    let count = contradictions.len();
    assert!(
        contradictions.is_empty(),
        "`verify` contradicts the stacks in {count} cases:\n{}",
        contradictions.join("\n")
    );
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}
