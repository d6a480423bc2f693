//! What a person reads, and what a script goes by.

use kafka_certgen::keystore::EntryContent;
use kafka_certgen::random::SystemRandom;

use crate::bench::{Bench, HOST, ca, entry, key_entry, leaf, password, store};

fn run(bench: &Bench, arguments: &[&str]) -> (i32, String, String) {
    let output = bench.command(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_report_is_read_at_80_columns_and_ends_with_its_sum() {
    let bench = Bench::new();
    bench.bundle(&["--client", "app1"]);
    bench.chmod("kafka-certs/broker1/password", 0o644);
    bench.write("kafka-certs/notes", b"");
    let (status, text, talk) = run(&bench, &["verify"]);
    assert_eq!((status, talk.as_str()), (3, ""));
    for part in ["bundle\n  warning bundle-file-extra\n", "broker1 (broker)\n  error   file-others-read\n"] {
        assert!(text.contains(part), "no `{part}` in\n{text}");
    }
    assert!(text.contains(" chmod 600 kafka-certs/broker1/password\n"), "{text}");
    assert_eq!(text.lines().last(), Some("checked 23 files of 2 identities: 1 error, 1 warning"));
    for text in [text, run(&bench, &["verify", "--list"]).1] {
        let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "{wide:#?}");
    }
}

#[test]
fn the_exit_status_says_what_was_found_and_whether_it_was_looked() {
    let bench = Bench::new();
    bench.leaf(&leaf().valid(-100, 20));
    let pair = ["--keystore", "k.jks", "--truststore", "t.jks"];
    let status = |more: &[&str]| run(&bench, &[&["verify"], &pair[..], more].concat()).0;
    assert_eq!(status(&[]), 3);
    assert_eq!(status(&["--fail-on", "error"]), 0);
    assert_eq!(status(&["--warn-days", "5"]), 0);
    assert_eq!(status(&["--fail-on", "never"]), 2);
    assert_eq!(run(&bench, &["verify", "--host", "broker1"]).0, 2);
    assert_eq!(run(&bench, &["verify", "--keystore", "nowhere.jks"]).0, 1);
    let (status, text, talk) = run(&bench, &["verify"]);
    assert_eq!((status, text.as_str()), (1, ""));
    assert!(talk.contains("there is no bundle in `kafka-certs`") && talk.contains("hint: name the folder"), "{talk}");
}

#[test]
fn no_password_is_shown() {
    let bench = Bench::new();
    bench.leaf(&leaf());
    for secret in ["the-first-secret", "the-second-secret"] {
        bench.write("k.jks.password", secret.as_bytes());
        for form in [&["verify", "--keystore", "k.jks"][..], &["verify", "--json", "--keystore", "k.jks"]] {
            let (_, text, talk) = run(&bench, form);
            assert!(!text.contains(secret) && !talk.contains(secret));
        }
    }
}

/// Stores that open, each with a password of its own, named by flags and by a configuration.
#[test]
fn no_password_is_shown_of_what_opens() {
    let bench = Bench::new();
    let (ca, leaf) = (ca(), leaf());
    let stores = store(vec![entry("broker1", key_entry(&leaf.key, vec![ca.sign(&leaf)]))]);
    let secrets = ["store-secret-1", "own-key-secret-2", "trust-secret-3"];
    let [store_secret, key_secret, trust_secret] = secrets;
    let jks = stores.to_jks(&password(store_secret), &password(key_secret), &SystemRandom).unwrap();
    let trusted = store(vec![entry("ca", EntryContent::TrustedCertificate(ca.certificate))]);
    let trust = trusted.to_jks(&password(trust_secret), &password(trust_secret), &SystemRandom).unwrap();
    bench.write("k.jks", &jks).write("t.jks", &trust).write("key-pass", key_secret.as_bytes());
    bench.write("k.jks.password", store_secret.as_bytes()).write("t.jks.password", trust_secret.as_bytes());
    let client = |more: &str| {
        format!(
            "security.protocol=SSL\nssl.keystore.type=JKS\nssl.keystore.location=k.jks\n\
             ssl.keystore.password={store_secret}\nssl.key.password={key_secret}\nssl.truststore.type=JKS\n\
             ssl.truststore.location=t.jks\nssl.truststore.password={trust_secret}\n{more}"
        )
    };
    bench.write("client.properties", client("").as_bytes());
    let variable = client("ssl.truststore.password=trust-${secret-3:abc}x\n");
    bench.write("variable.properties", variable.as_bytes());
    let flags = ["--keystore", "k.jks", "--truststore", "t.jks", "--keypass", "file:key-pass", "--host", HOST];
    for arguments in [&flags[..], &["--config", "client.properties"], &["--config", "variable.properties"]] {
        for form in [&["verify"][..], &["verify", "--json"]] {
            let (_, text, talk) = run(&bench, &[form, arguments].concat());
            assert!(!text.contains("key-password-wrong") && !text.contains("the key is encrypted"), "{text}{talk}");
            let is_shown = |secret: &str| text.contains(secret) || talk.contains(secret);
            assert!(!secrets.iter().any(|secret| is_shown(secret)) && !is_shown("secret-3"), "{text}{talk}");
        }
    }
    // They were opened: a certificate that will not do for another host is found.
    let other = run(&bench, &[&["verify"][..], &flags[..7], &["other.example.com"]].concat()).1;
    assert!(other.contains("san-host-missing"), "{other}");
}
