//! The acceptance table against the stacks that it speaks of: each case is presented to each of them on loopback, as a broker's
//! certificate and as a client's, and what they say is what `verify::acceptance` has said before.
//!
//! These tests need tools and run only when asked for: `cargo test --test acceptance -- --ignored`. A tool that is missing is a
//! failure.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by panicking")]

mod cases;
mod certificate;
mod der;
mod keys;
mod stacks;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

#[test]
#[ignore = "needs a JDK 17 and a newer one, OpenSSL, Python, Node and Go"]
fn the_stacks_do_as_predicted() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("acceptance");
    fs::remove_dir_all(&folder)
        .or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
        .unwrap();
    fs::create_dir_all(&folder).unwrap();
    let cases = cases::Cases::all(&folder);
    let verdicts = stacks::judge_all(&cases, &folder);
    let lines: String = verdicts
        .iter()
        .map(|((judge, side, name), message)| format!("{judge:?}\t{side:?}\t{name}\t{message}\n"))
        .collect();
    fs::write(folder.join("measured.tsv"), lines).unwrap();
    assert!(cases.len() >= 80);
}
