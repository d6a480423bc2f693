//! `export --format`: what is written, for whom, and what is refused before anything is.

use serde_json::{Value, json};

use super::*;

const JKS: &str = "kafka-certs/broker1/kafka.server.keystore.jks";
const P12: &str = "kafka-certs/broker1/kafka.server.keystore.p12";
const TRUSTSTORE: &str = "kafka-certs/broker1/kafka.server.truststore.jks";

impl Sandbox {
    /// Makes a bundle, and a file with another password.
    fn with_stores() -> Self {
        let sandbox = Self::new();
        sandbox.init(&["--cn", "broker1", "--client", "app1", "--format", "jks,pkcs12,pem", "-q"]).success();
        sandbox.write("new", "another password\n");
        sandbox
    }

    /// Returns the entries of a store, by the binary itself: alias, kind, and the fingerprints of the certificates.
    fn entries(&self, file: &str, storepass: &str) -> Vec<Value> {
        let document = self.json(&["inspect", file, "--storepass", storepass]);
        let entries = document["files"][0]["entries"].as_array().unwrap().clone();
        let mut entries: Vec<Value> = entries
            .iter()
            .map(|entry| {
                let certificates = entry["certificates"].as_array().unwrap();
                let sha256: Vec<&Value> = certificates.iter().map(|certificate| &certificate["sha256"]).collect();
                json!([entry["alias"], entry["kind"], entry["key"]["matches_certificate"], sha256])
            })
            .collect();
        entries.sort_by_key(ToString::to_string);
        entries
    }
}

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_store_goes_from_format_to_format_with_its_password() {
    let sandbox = Sandbox::with_stores();
    let bundle = "file:kafka-certs/broker1/password";
    let expected = sandbox.entries(JKS, bundle);
    assert_eq!(expected.len(), 2);
    let run = sandbox.export(&["--keystore", JKS, "--format", "pkcs12", "--out", "k.p12"]).success();
    for text in
        ["wrote k.p12, out of", "as it was, that of", "since 8u301 and 11.0.12", "--storepass file:kafka-certs/"]
    {
        assert!(run.stdout.contains(text), "no `{text}` in {}", run.stdout);
    }
    assert_eq!(run.stderr, "");
    assert_eq!(sandbox.entries("k.p12", bundle), expected);
    let legacy =
        ["--keystore", "k.p12", "--storepass", bundle, "--format", "pkcs12", "--profile", "legacy", "--out", "8.p12"];
    let facts = sandbox.json(&[&["export", "--out-storepass", "file:new"], legacy.as_slice()].concat());
    assert_eq!((&facts["profile"], &facts["password"]["origin"]), (&json!("legacy"), &json!("given")));
    assert_eq!(sandbox.entries("8.p12", "file:new"), expected);
    sandbox.export(&["--keystore", "8.p12", "--storepass", "file:new", "--format", "jks", "--out", "k.jks"]).success();
    assert_eq!(sandbox.entries("k.jks", "file:new"), expected);
    for file in ["k.p12", "8.p12", "k.jks"] {
        assert_eq!(sandbox.mode(file), 0o600, "{file}");
    }
    // The command that is printed works.
    let next = run.stdout.lines().last().unwrap().trim().split(' ').skip(1).collect::<Vec<_>>();
    assert!(sandbox.run(&next).success().stdout.contains("checked with the password"));
}

#[test]
fn files_that_are_mounted_go_out_and_come_back() {
    let sandbox = Sandbox::with_stores();
    let parts = ["--out-cert", "tls.crt", "--out-key", "tls.key", "--out-ca", "ca.crt"];
    let call = [&["--keystore", P12, "--format", "pem"], parts.as_slice()].concat();
    let run = sandbox.export(&call).success();
    assert!(run.stdout.contains("tls.key: PEM, the private key in PKCS#8, not encrypted; mode 0600"));
    assert_eq!(["tls.crt", "tls.key", "ca.crt"].map(|file| sandbox.mode(file)), [0o644, 0o600, 0o644]);
    assert_eq!(sandbox.read("ca.crt"), sandbox.read("kafka-certs/ca/ca-cert"));
    assert!(sandbox.read("tls.crt").starts_with(&sandbox.read("kafka-certs/broker1/cert-signed")));
    // Without a password to keep, one is made.
    let files = ["--keystore", "tls.key", "--keystore", "tls.crt", "--keystore", "ca.crt"];
    let back = [
        files.as_slice(),
        &["--alias", "broker1", "--alias", "kafka-ca=caroot", "--format", "pkcs12", "--out", "back.p12"],
    ];
    let facts = sandbox.json(&[&["export"], back.concat().as_slice()].concat());
    assert_eq!(facts["password"], json!({"origin": "made", "file": "back.p12.password"}));
    assert_eq!(sandbox.mode("back.p12.password"), 0o600);
    let bundle = "file:kafka-certs/broker1/password";
    assert_eq!(sandbox.entries("back.p12", "file:back.p12.password"), sandbox.entries(P12, bundle));
    // In one file, as Kafka has it.
    let run = sandbox.export(&["--keystore", "back.p12", "--format", "pem", "--out", "k.pem"]).success();
    assert!(run.stderr.contains("`caroot` is there as the end of a chain"), "{}", run.stderr);
    assert_eq!(sandbox.mode("k.pem"), 0o600);
    let plain = |text: String| text.replace("Bag Attributes\n    friendlyName: broker1\n", "");
    assert_eq!(plain(sandbox.read("k.pem")), sandbox.read("kafka-certs/broker1/kafka.server.keystore.pem"));
}

#[test]
fn keys_are_encrypted_where_it_is_asked_for() {
    let sandbox = Sandbox::with_stores();
    let pem = |how: &'static str, out: &'static str| {
        ["--keystore", P12, "--format", "pem", "--pem-key", how, "--out-key", out]
    };
    let kept = sandbox.json(&[&["export"], pem("pbes2", "kept.key").as_slice()].concat());
    assert_eq!(kept["key_password"]["origin"], "kept");
    sandbox.export(&[&pem("pbes1-3des", "old.key")[..], &["--out-keypass", "file:new"]].concat()).success();
    for (file, source) in [("kept.key", "file:kafka-certs/broker1/password"), ("old.key", "file:new")] {
        assert!(sandbox.read(file).starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        sandbox.run(&["inspect", file, "--keypass", source]).success();
    }
    // A password that lies beside it opens it here too.
    sandbox.write("old.key.password", "another password\n");
    let run = sandbox.export(&["--keystore", "old.key", "--format", "der", "--out-key", "old.der"]).success();
    assert!(run.stdout.contains("not encrypted"));
    let jks = ["--keystore", JKS, "--format", "jks", "--out", "k.jks", "--out-keypass", "file:new"];
    let facts = sandbox.json(&[&["export"], jks.as_slice()].concat());
    assert_eq!((&facts["password"]["origin"], &facts["key_password"]["origin"]), (&json!("kept"), &json!("given")));
    let keep = [
        "--keystore",
        "k.jks",
        "--storepass",
        "file:kafka-certs/broker1/password",
        "--format",
        "pkcs12",
        "--out",
        "x.p12",
    ];
    sandbox.refused(&[&["export"], keep.as_slice()].concat(), 1, &["`broker1` has another password", "--keypass"]);
    let run = sandbox.export(&[keep.as_slice(), &["--keypass", "file:new"]].concat()).success();
    assert!(run.stderr.contains("`broker1` had a password of its own"), "{}", run.stderr);
}

#[test]
fn der_has_one_thing_in_a_file() {
    let sandbox = Sandbox::with_stores();
    sandbox.export(&["--truststore", TRUSTSTORE, "--format", "der", "--out", "ca.der"]).success();
    let inspected = sandbox.json(&["inspect", "ca.der"]);
    assert_eq!(inspected["files"][0]["entries"][0]["certificates"][0]["subject"], "CN=Kafka CA");
    let run =
        sandbox.export(&["--keystore", P12, "--format", "der", "--out-cert", "c.der", "--out-key", "k.der"]).success();
    assert!(run.stderr.contains("left out: 1 more of the chain of `broker1`"), "{}", run.stderr);
    assert_eq!(["c.der", "k.der"].map(|file| sandbox.mode(file)), [0o644, 0o600]);
    let call = ["export", "--keystore", P12, "--format", "der", "--out", "x.der"];
    sandbox.refused(&call, 1, &["a file of DER holds one", "--out-cert"]);
}

#[test]
fn a_dry_run_writes_nothing_and_says_for_whom_and_how_others_do_it() {
    let sandbox = Sandbox::with_stores();
    sandbox.export(&["--keystore", P12, "--format", "pem", "--out-cert", "c", "--out-key", "k"]).success();
    let before = sandbox.tree();
    let cases: [(&[&str], &str); 5] = [
        (&["--keystore", JKS, "--format", "pkcs12", "--out", "x"], "keytool -importkeystore"),
        (&["--keystore", P12, "--format", "pkcs12", "--profile", "legacy", "--out", "x"], "PBEWithSHA1AndDESede"),
        (&["--keystore", "k", "--keystore", "c", "--format", "pkcs12", "--out", "x"], "openssl pkcs12 -export"),
        (&["--keystore", TRUSTSTORE, "--format", "pem", "--out", "x"], "keytool -exportcert -rfc"),
        (&["--keystore", P12, "--format", "pem", "--out-key", "x"], "# no one command"),
    ];
    for (arguments, original) in cases {
        let run = sandbox.export(&[arguments, &["--dry-run"]].concat()).success();
        for text in ["would write x", "opened by", original] {
            assert!(run.stdout.contains(text), "{arguments:?}: no `{text}` in {}", run.stdout);
        }
        let facts = sandbox.json(&[&["export", "--dry-run"], arguments].concat());
        assert_eq!(facts["is_dry_run"], true);
        assert_eq!(facts["script"].is_string(), !original.starts_with('#'), "{arguments:?}");
        assert_eq!(sandbox.tree(), before, "{arguments:?}");
    }
}

#[test]
fn nothing_is_overwritten_and_all_or_nothing_is_written() {
    let sandbox = Sandbox::with_stores();
    let call = |more: &[&'static str]| [&["export", "--keystore", P12, "--format"], more].concat();
    sandbox.refused(&call(&["jks", "--out", P12]), 1, &["exists", "hint"]);
    let parts = call(&["pem", "--out-cert", "tls.crt", "--out-key", "new"]);
    sandbox.refused(&parts, 1, &["/new` exists"]);
    let twice = call(&["pem", "--out-cert", "same", "--out-key", "same"]);
    sandbox.refused(&twice, 1, &["two files"]);
    sandbox.write("made.p12.password", "x");
    let files = ["export", "--keystore", &fixture("golden/rsa/ca-cert"), "--format", "pkcs12", "--out", "made.p12"];
    sandbox.refused(&files, 1, &["made.p12.password` exists"]);
    sandbox.refused(&call(&["jks", "--out", "nowhere/k.jks"]), 1, &["does not exist", "mkdir"]);
}

#[test]
fn what_makes_no_sense_together_is_told_at_once() {
    let sandbox = Sandbox::with_stores();
    let refused = |more: &[&'static str], texts: &[&str]| {
        sandbox.refused(&[&["export", "--keystore", P12], more].concat(), 2, texts);
    };
    refused(&["--format", "zip", "--out", "x"], &["`zip` is not a format to export", "jks, pkcs12, pem, der"]);
    refused(&["--format", "jks"], &["which file to write", "--out FILE"]);
    refused(&["--format", "pem", "--out-key", "-"], &["--out-key: what is converted", "--out-key FILE"]);
    refused(&["--format", "pem"], &["--out-cert"]);
    refused(&["--format", "jks", "--out", "x", "--out-ca", "y"], &["--out-ca: a store is one file"]);
    refused(&["--format", "pkcs12", "--out", "x", "--out-keypass", "file:new"], &["has the password of its store"]);
    refused(&["--format", "pem", "--out", "x", "--out-keypass", "file:new"], &["--pem-key pbes2"]);
    refused(&["--format", "der", "--out-key", "x", "--out-storepass", "file:new"], &["no stores and have no password"]);
    refused(
        &["--format", "jks", "--out", "x", "--profile", "legacy", "--pem-key", "pbes2"],
        &["--profile", "--pem-key"],
    );
    refused(&["--format", "jks", "--out", "x", "--out-storepass", "pass:short"], &["5 characters", "--out-storepass"]);
    refused(&["--format", "jks", "--out", "x", "--alias", "nobody"], &["no entry `nobody`", "`broker1`"]);
    refused(&["--format", "jks", "--out", "x", "--storepass", "secret"], &["--storepass"]);
    let missing = sandbox.export(&["--format", "jks", "--out", "x"]);
    assert_eq!(missing.status, 2);
    assert!(missing.stderr.contains("--keystore <FILE>"), "{}", missing.stderr);
    // The standard output is none of its files.
    let run = sandbox.run(&["export", "--keystore", JKS, "--format", "pem", "--out", "-"]);
    assert!(run.status == 2 && run.stderr.contains("--out ./-"), "{run:?}");
    assert!(!sandbox.path().join("-").exists());
}

#[test]
fn what_a_format_cannot_hold_is_said_before_anything_is_written() {
    let sandbox = Sandbox::with_stores();
    sandbox.write("pw", "storepass");
    let [jdk, openssl, jks, unicode] =
        ["pkcs12/jdk17.p12", "pkcs12/openssl-nokeys.p12", "jks/keytool.jks", "jks/unicode.jks"].map(fixture);
    let call = |file: &'static str, more: &[&'static str]| -> Vec<String> {
        let file = [&jdk, &openssl, &jks, &unicode].into_iter().find(|path| path.ends_with(file)).unwrap();
        let fixed = ["export", "--storepass", "file:pw", "--keystore", file.as_str()];
        fixed.iter().chain(more).map(|text| (*text).to_owned()).collect()
    };
    let refused = |file, more: &[&'static str], texts: &[&str]| {
        let call = call(file, more);
        sandbox.refused(&call.iter().map(String::as_str).collect::<Vec<_>>(), 1, texts);
    };
    let out = ["--format", "pem", "--out", "x"];
    refused("jdk17.p12", &out, &["`secret` is a symmetric key", "--alias broker1"]);
    let keys = [&out[..], &["--alias", "broker1", "--alias", "client"]].concat();
    refused("jdk17.p12", &keys, &["several private keys", "--alias broker1"]);
    let beside = [&out[..], &["--alias", "client", "--alias", "caroot"]].concat();
    refused("jdk17.p12", &beside, &["behind the chain of `client`", "--out-ca"]);
    refused("jdk17.p12", &["--format", "der", "--out-key", "x", "--alias", "caroot"], &["no private key"]);
    refused("keytool.jks", &["--format", "pkcs12", "--out", "x"], &["`client` has another password", "--keypass"]);
    // What OpenSSL does not mark is said to be trusted now, and Java sees it.
    let call = call("openssl-nokeys.p12", &["--format", "jks", "--out", "trust.jks"]);
    let run = sandbox.run(&call.iter().map(String::as_str).collect::<Vec<_>>()).success();
    assert!(run.stderr.contains("trusted now, and not marked so in the old store"), "{}", run.stderr);
    assert_eq!(sandbox.entries("trust.jks", "file:pw").len(), 2);
    let ed25519 = ["golden/ed25519/broker.key", "golden/ed25519/broker.cert-signed"].map(fixture);
    let pem = ["--keystore", &ed25519[0], "--keystore", &ed25519[1], "--format", "pem", "--out", "ed.pem"];
    let run = sandbox.export(&pem).success();
    assert!(run.stderr.contains("Kafka does not read ed.pem: the private key is Ed25519"), "{}", run.stderr);
    let key = fixture("keys_foreign/go-ec-p256-pkcs8.pem");
    let alone = ["export", "--keystore", &key, "--format", "pkcs12", "--out", "x"];
    sandbox.refused(&alone, 1, &["`key` has no certificate", "--out-key FILE"]);
    let old = fixture("keys_foreign/openssl-rsa-traditional-encrypted.pem");
    let old = ["export", "--keystore", &old, "--format", "pem", "--out-key", "x"];
    sandbox.refused(&old, 1, &["Proc-Type", "openssl pkcs8 -topk8"]);
}

#[test]
fn a_store_without_its_password_is_refused_unless_it_is_open() {
    let sandbox = Sandbox::with_stores();
    for file in [JKS, P12, TRUSTSTORE] {
        fs::copy(sandbox.path().join(file), sandbox.path().join(Path::new(file).file_name().unwrap())).unwrap();
    }
    let call = |file: &'static str| ["export", "--keystore", file, "--format", "pem", "--out", "x"];
    sandbox.refused(&call("kafka.server.keystore.p12"), 2, &["is not given", "--storepass"]);
    let run = sandbox.run(&call("kafka.server.truststore.jks")).success();
    assert!(run.stderr.contains("nothing shows that the store is as it was written: its password is not given"));
    let wrong = ["export", "--keystore", P12, "--storepass", "file:new", "--format", "pem", "--out", "y"];
    sandbox.refused(&wrong, 1, &["wrong password", "--storepass file:PATH"]);
    fs::copy(sandbox.path().join("new"), sandbox.path().join("kafka.server.keystore.p12.password")).unwrap();
    let beside = ["export", "--keystore", "kafka.server.keystore.p12", "--format", "jks", "--out", "y"];
    sandbox.refused(&beside, 1, &["taken from kafka.server.keystore.p12.password"]);
}

#[test]
fn no_secret_is_printed() {
    let sandbox = Sandbox::with_stores();
    let secrets = [sandbox.read("kafka-certs/broker1/password"), "another password".to_owned()];
    let calls: [&[&str]; 4] = [
        &["--format", "pkcs12", "--out", "1", "--json"],
        &["--format", "jks", "--out", "2", "--out-storepass", "file:new", "-v"],
        &["--format", "pem", "--pem-key", "pbes2", "--out", "3", "--out-keypass", "file:new", "--json"],
        &["--format", "pkcs12", "--out", "4", "--dry-run", "--json"],
    ];
    for call in calls {
        let run = sandbox.export(&[&["--keystore", P12], call].concat()).success();
        for secret in &secrets {
            let shown = run.stdout.contains(secret.trim()) || run.stderr.contains(secret.trim());
            assert!(!shown, "{call:?}: {}{}", run.stdout, run.stderr);
        }
        assert!(!run.stdout.contains("BEGIN"), "{call:?}");
    }
    let quiet = sandbox.export(&["--keystore", P12, "--format", "jks", "--out", "5", "-q"]).success();
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}
