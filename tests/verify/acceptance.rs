//! Who accepts: the table, through the binary. Whether it is right is judged in `tests/acceptance`.

use serde_json::Value;

use crate::bench::{Bench, HOST, leaf};

const STACKS: [&str; 7] = ["Java 17", "Java 25", "OpenSSL/librdkafka", "Python 3.13 strict", "Node", "Go", "rustls"];

const PAIR: [&str; 5] = ["verify", "--keystore", "k.jks", "--truststore", "t.jks"];

fn printed(bench: &Bench, arguments: &[&str]) -> String {
    String::from_utf8(bench.command(arguments).output().unwrap().stdout).unwrap()
}

/// Returns the rows of the only identity.
fn rows(bench: &Bench, more: &[&str]) -> Vec<Value> {
    let text = printed(bench, &[&PAIR[..], &["--json"], more].concat());
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["acceptance"].as_array().unwrap().len(), 1, "{text}");
    document["acceptance"][0]["rows"].as_array().unwrap().clone()
}

#[test]
fn a_sound_certificate_is_accepted_by_all() {
    let bench = Bench::new();
    bench.leaf(&leaf());
    let rows = rows(&bench, &["--host", HOST]);
    assert_eq!(rows.len(), STACKS.len());
    for row in rows {
        for column in ["as_client", "as_broker"] {
            assert_eq!(row[column]["accepted"], true, "{row}");
            assert_eq!(row[column]["path"].as_array().unwrap().len(), 2, "{row}");
        }
    }
    let text = printed(&bench, &[&PAIR[..], &["--host", HOST]].concat());
    for stack in STACKS {
        let line = text.lines().find(|line| line.starts_with(stack)).unwrap();
        assert_eq!(line[stack.len()..].split_whitespace().collect::<Vec<_>>(), ["yes", "yes"], "{text}");
    }
}

#[test]
fn a_wrong_host_is_refused_by_clients_in_the_words_of_each() {
    let bench = Bench::new();
    bench.leaf(&leaf());
    for (row, words) in rows(&bench, &["--host", "other.example.com"]).iter().zip([
        "No subject alternative DNS name matching other.example.com found.",
        "(certificate_unknown) No subject alternative DNS name matching other.example.com found.",
        "(hostname mismatch)",
        "Hostname mismatch, certificate is not valid for 'other.example.com'.",
        "Host: other.example.com. is not in the cert's altnames: DNS:broker1.example.com",
        "x509: certificate is valid for broker1.example.com, not other.example.com",
        "certificate not valid for name \"other.example.com\"",
    ]) {
        let message = row["as_client"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
        assert_eq!((&row["as_client"]["check"], &row["as_broker"]["accepted"]), (&"host-name".into(), &true.into()));
    }
    let text = printed(&bench, &[&PAIR[..], &["--host", "other.example.com"]].concat());
    assert!(text.contains("as a broker that clients connect to by other.example.com\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn a_bundle_is_told_in_a_line_and_with_v_in_tables() {
    let bench = Bench::new();
    bench.bundle(&["--client", "app1"]);
    let line = format!("accepted by {}: broker1, app1", STACKS.join(", "));
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = printed(&bench, &["verify"]);
    assert!(words(&text).contains(&line) && !text.contains("who accepts"), "{text}");
    let text = printed(&bench, &["verify", "-v"]);
    for name in ["broker1", "app1"] {
        assert!(text.contains(&format!("who accepts {name}\n")), "{text}");
    }
}
