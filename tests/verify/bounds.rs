//! What would cost time or memory: it is looked at once, or not at all, and that is said.

use std::fmt::Write;
use std::time::{Duration, Instant};

use kafka_certgen::pbe::{EncryptedPrivateKeyInfo, Scheme};
use kafka_certgen::pki::{Certificate, certificate_pem, encrypted_key_pem};
use kafka_certgen::random::SystemRandom;
use serde_json::Value;

use crate::bench::{Bench, PASSWORD, ca, words};

/// Writes the configuration of a broker with so many listeners, which share what `lines` say.
fn listeners(bench: &Bench, count: usize, lines: &str) -> Vec<String> {
    let names: Vec<String> = (0..count).map(|at| format!("L{at}")).collect();
    let joined = |of: &dyn Fn(usize, &str) -> String| {
        names.iter().enumerate().map(|(at, name)| of(at, name)).collect::<Vec<_>>().join(",")
    };
    let mut text = String::from("process.roles=broker\nnode.id=1\n");
    writeln!(text, "listeners={}", joined(&|at, name| format!("{name}://:{}", 10_000 + at))).unwrap();
    writeln!(text, "listener.security.protocol.map={}", joined(&|_, name| format!("{name}:SSL"))).unwrap();
    writeln!(text, "inter.broker.listener.name=L0\nssl.client.auth=required\n{lines}").unwrap();
    bench.write("server.properties", text.as_bytes());
    words(&["--config", "server.properties"])
}

fn not_looked_at(report: &Value) -> Vec<&str> {
    report["not_looked_at"].as_array().unwrap().iter().map(|left_out| left_out["why"].as_str().unwrap()).collect()
}

fn codes(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

/// A key of nobody that asks for 4,900,000 iterations.
fn costly_key() -> String {
    let scheme = Scheme::pbes2(4_900_000, &SystemRandom).unwrap();
    let der = EncryptedPrivateKeyInfo { scheme, ciphertext: vec![7; 64] }.to_der().unwrap();
    encrypted_key_pem(&der)
}

#[test]
fn what_listeners_share_is_one_store_and_one_file() {
    let bench = Bench::new();
    bench.good();
    let lines = format!(
        "ssl.keystore.type=JKS\nssl.keystore.location=k.jks\nssl.keystore.password={PASSWORD}\n\
         ssl.truststore.type=JKS\nssl.truststore.location=t.jks\nssl.truststore.password={PASSWORD}"
    );
    listeners(&bench, 40, &lines);
    let output = bench.command(&["verify", "--config", "server.properties"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.lines().last().unwrap().starts_with("checked 3 files of 1 identity"), "{text}");
}

#[test]
fn a_store_under_ever_other_passwords_is_read_a_few_times() {
    let bench = Bench::new();
    bench.good();
    let mut lines = "ssl.keystore.type=JKS\nssl.keystore.location=k.jks\n".to_owned();
    for at in 0..40 {
        writeln!(lines, "listener.name.l{at}.ssl.keystore.password=password number {at}").unwrap();
    }
    let report = bench.report(&listeners(&bench, 40, &lines));
    assert_eq!(codes(&report).iter().filter(|code| **code == "store-password-wrong").count(), 4);
    assert_eq!(not_looked_at(&report), ["it is named with more passwords than are tried"]);
}

#[test]
fn a_key_that_asks_for_too_much_work_is_left_alone_wherever_it_stands() {
    let bench = Bench::new();
    let start = Instant::now();
    let certificate = certificate_pem(&Certificate::from_der(ca().certificate).unwrap());
    let key = costly_key();
    bench.write("k.pem", format!("{key}{certificate}").as_bytes());
    let in_file = "ssl.keystore.type=PEM\nssl.keystore.location=k.pem\nssl.key.password=some password".to_owned();
    let line = |text: &str| text.replace('\n', "\\n");
    let inline = format!(
        "ssl.keystore.type=PEM\nssl.keystore.key={}\nssl.keystore.certificate.chain={}\nssl.key.password=some password",
        line(&key),
        line(&certificate)
    );
    for lines in [in_file, inline] {
        let report = bench.report(&listeners(&bench, 200, &lines));
        assert_eq!(not_looked_at(&report), ["the key asks for 4900000 iterations: too much work"]);
        assert!(!codes(&report).iter().any(|code| code.starts_with("pem-")), "{report}");
    }
    // Two derivations for each of 400 listeners would be hours.
    assert!(start.elapsed() < Duration::from_secs(100), "{:?}", start.elapsed());
}

#[test]
fn certificates_beyond_the_bounds_are_left_out_and_it_is_said() {
    let bench = Bench::new();
    bench.trust("t.jks", &vec![ca().certificate; 5002]);
    let report = bench.report(&words(&["--truststore", "t.jks"]));
    assert_eq!(not_looked_at(&report), ["2 of its certificates are too large, or too many to be looked at"]);
}
