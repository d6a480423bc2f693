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
    assert!(cases.len() >= 80);
    let predictor = Predictor::new(&cases, OffsetDateTime::now_utc());
    let verdicts = stacks::judge_all(&cases, &folder);
    // For those who look into it.
    let lines =
        verdicts.iter().map(|((judge, side, name), message)| format!("{judge:?}\t{side:?}\t{name}\t{message}\n"));
    fs::write(folder.join("measured"), lines.collect::<String>()).unwrap();
    let disagreements: Vec<_> =
        verdicts.iter().filter_map(|(question, said)| predictor.disagreement(question, said)).collect();
    let (count, of) = (disagreements.len(), verdicts.len());
    assert!(disagreements.is_empty(), "{count} of {of} predictions are wrong:\n{}", sorted(disagreements).join("\n"));
    println!("{of} predictions for {} cases hold", cases.len());
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

#[test]
#[ignore = "offline"]
fn offline() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("acceptance");
    let pems = |file: &str| -> Vec<Vec<u8>> {
        pem::parse_many(fs::read(file).unwrap()).unwrap().into_iter().map(|p| p.contents().to_vec()).collect()
    };
    let keys = keys::Keys::new(folder.join("offline"));
    let key = keys.get("p256 x");
    let cases: Vec<cases::Case> = fs::read_to_string(folder.join("cases"))
        .unwrap()
        .lines()
        .map(|line| {
            let f: Vec<&str> = line.split('\t').collect();
            cases::Case {
                name: f[0].into(),
                host: f[1].into(),
                sent: pems(f[3]),
                key: key.clone(),
                anchors: pems(f[5]),
                is_tls_1_2: f[2] == "1.2",
                is_raw: false,
            }
        })
        .collect();
    let predictor = Predictor::new(&cases, OffsetDateTime::now_utc());
    let mut out = Vec::new();
    for line in fs::read_to_string(folder.join("measured")).unwrap().lines() {
        let f: Vec<&str> = line.splitn(4, '\t').collect();
        let judge = stacks::Judge::ALL.into_iter().find(|j| format!("{j:?}") == f[0]).unwrap();
        let side = if f[1] == "Client" { stacks::Side::Client } else { stacks::Side::Server };
        let said = if f[0].starts_with("Java") {
            f[3].split_once("Exception: ").filter(|(c, _)| !c.contains(' ')).map_or(f[3], |x| x.1)
        } else {
            f[3]
        };
        out.extend(predictor.disagreement(&(judge, side, f[2].to_owned()), said));
    }
    out.sort();
    println!("{}\n{}", out.join("\n"), out.len());
}
