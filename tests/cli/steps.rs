//! The script's steps, one command each, from the CA to the imported reply.

use std::os::unix::fs::PermissionsExt;

use super::*;

const KEYSTORE: &str = "kafka.server.keystore.jks";
const TRUSTSTORE: &str = "kafka.server.truststore.jks";

impl Sandbox {
    /// Makes a CA with keys that are made in no time.
    fn ca(&self) -> Run {
        self.run(&["ca", "--key-alg", "ec-p256"]).success()
    }

    fn genkey(&self, keystore: &str, more: &[&str]) -> Run {
        self.run(&[&["genkey", "--key-alg", "ec-p256", "--keystore", keystore], more].concat())
    }

    pub(super) fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let run = self.run(&[arguments, &["--json"]].concat()).success();
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
    }

    pub(super) fn mode(&self, path: &str) -> u32 {
        fs::metadata(self.path().join(path)).unwrap().permissions().mode() & 0o7777
    }

    /// Runs what fails, with a hint, and changes nothing.
    #[track_caller]
    pub(super) fn refused(&self, arguments: &[&str], status: i32, texts: &[&str]) {
        let state = || self.tree().into_iter().map(|path| fs::read(self.path().join(path)).ok()).collect::<Vec<_>>();
        let before = (self.tree(), state());
        let run = self.run(arguments);
        assert_eq!(run.status, status, "{arguments:?}: {}{}", run.stdout, run.stderr);
        assert_eq!(run.stdout, "", "{arguments:?}");
        for text in texts {
            assert!(run.stderr.contains(text), "{arguments:?}: no `{text}` in\n{}", run.stderr);
        }
        assert!(run.stderr.contains("hint: "), "{arguments:?}: no hint in\n{}", run.stderr);
        assert_eq!(before, (self.tree(), state()), "{arguments:?}");
    }
}

#[test]
fn the_seven_steps_lead_from_one_to_the_next() {
    let sandbox = Sandbox::new();
    let made = sandbox.ca();
    assert!(made.stdout.starts_with("made a CA\n") && made.stderr.is_empty(), "{}{}", made.stdout, made.stderr);
    assert_eq!(sandbox.tree(), ["ca-cert", "ca-key", "ca-key.password"]);
    assert_eq!(["ca-key", "ca-key.password"].map(|file| sandbox.mode(file)), [0o600; 2]);

    sandbox.genkey(KEYSTORE, &["--cn", "broker1.example.com", "--san", "10.0.0.1"]).success();
    let import_ca = |store| ["import", "--keystore", store, "--alias", "CARoot", "--file", "ca-cert", "--noprompt"];
    sandbox.run(&import_ca(TRUSTSTORE)).success();
    let certreq = ["certreq", "--keystore", KEYSTORE, "--file", "cert-file"];
    sandbox.run(&certreq).success();
    let signed = sandbox.json(&["sign", "--in", "cert-file", "--out", "cert-signed"]);
    assert_eq!(signed["alt_names"], serde_json::json!(["dns:broker1.example.com", "ip:10.0.0.1"]));
    assert_eq!(signed["principal"], "User:CN=broker1.example.com");
    assert_eq!(signed["not_granted"], serde_json::json!([]));
    sandbox.run(&import_ca(KEYSTORE)).success();
    let reply = ["import", "--keystore", KEYSTORE, "--alias", "broker1.example.com", "--file", "cert-signed"];
    let imported = sandbox.json(&reply);
    assert_eq!((&imported["kind"], &imported["chain_length"]), (&"reply".into(), &2.into()));
    assert_eq!(imported["is_trusted"], true);
    let mut files = vec!["ca-cert", "ca-key", "ca-key.password", "cert-file", "cert-signed"];
    let stores = [KEYSTORE, TRUSTSTORE].map(|store| [store.to_owned(), format!("{store}.password")]).concat();
    files.extend(stores.iter().map(String::as_str));
    files.sort_unstable();
    assert_eq!(sandbox.tree(), files);
    assert!(stores.iter().all(|file| sandbox.mode(file) == 0o600));
}

#[test]
fn what_a_step_names_as_the_next_one_can_be_run() {
    let sandbox = Sandbox::new();
    let ca = sandbox.ca();
    let next: Vec<&str> = ca.stdout.lines().skip_while(|line| *line != "next:").skip(1).collect();
    assert_eq!(next.len(), 2, "{}", ca.stdout);
    for command in next {
        let command = command.replace("BROKER", "broker1");
        let words: Vec<&str> = command.split_whitespace().skip(1).collect();
        sandbox.run(&words).success();
    }
    assert!([KEYSTORE, TRUSTSTORE].iter().all(|store| sandbox.path().join(store).is_file()), "{:?}", sandbox.tree());
}

#[test]
fn a_new_store_has_the_format_of_its_name_or_the_one_that_is_asked_for() {
    let sandbox = Sandbox::new();
    for (name, more, magic) in [
        ("a.jks", None, [0xFE, 0xED]),
        ("a.p12", None, [0x30, 0x82]),
        ("a", None, [0x30, 0x82]),
        ("b.jks", Some("pkcs12"), [0x30, 0x82]),
        ("b.p12", Some("jks"), [0xFE, 0xED]),
    ] {
        let storetype = more.map_or_else(Vec::new, |format| vec!["--storetype", format]);
        sandbox.genkey(name, &[&["--cn", "b"], storetype.as_slice()].concat()).success();
        assert_eq!(fs::read(sandbox.path().join(name)).unwrap()[..2], magic, "{name}");
    }
    sandbox.refused(&["genkey", "--keystore", "a.jks", "--cn", "c", "--storetype", "pkcs12"], 2, &["a JKS store"]);
}

#[test]
fn a_store_keeps_its_mode_and_what_is_in_it() {
    let sandbox = Sandbox::new();
    for store in ["k.jks", "k.p12"] {
        sandbox.genkey(store, &["--cn", "b1"]).success();
        fs::set_permissions(sandbox.path().join(store), fs::Permissions::from_mode(0o640)).unwrap();
        sandbox.genkey(store, &["--cn", "b2"]).success();
        assert_eq!(sandbox.mode(store), 0o640);
        sandbox.refused(&["certreq", "--keystore", store], 1, &["2 private keys", "--alias b1"]);
        for alias in ["b1", "B2"] {
            let request = sandbox.run(&["certreq", "--keystore", store, "--alias", alias]).success();
            assert!(request.stdout.starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"), "{}", request.stdout);
        }
        sandbox.refused(&["genkey", "--keystore", store, "--cn", "B1"], 1, &["`b1` is taken", "--alias"]);
    }
}

#[test]
fn a_request_and_a_certificate_go_through_a_pipe() {
    let sandbox = Sandbox::new();
    sandbox.ca();
    sandbox.genkey("k.p12", &["--cn", "b1"]).success();
    let request = sandbox.run(&["certreq", "--keystore", "k.p12"]).success().stdout;
    let piped = |arguments: &[&str], input: &str| {
        fs::write(sandbox.path().join("input"), input).unwrap();
        let mut command = sandbox.command(arguments);
        command.stdin(fs::File::open(sandbox.path().join("input")).unwrap());
        Run::from(command.output().unwrap()).success()
    };
    let certificate = piped(&["sign", "--in", "-"], &request);
    assert!(certificate.stdout.starts_with("-----BEGIN CERTIFICATE-----\n"), "{}", certificate.stdout);
    sandbox.run(&["import", "--keystore", "k.p12", "--alias", "ca", "--file", "ca-cert", "--noprompt"]).success();
    piped(&["import", "--keystore", "k.p12", "--alias", "b1"], &certificate.stdout);
}

#[test]
fn what_nobody_has_confirmed_is_not_imported() {
    let sandbox = Sandbox::new();
    sandbox.ca();
    let import = ["import", "--keystore", "t.p12", "--alias", "CARoot", "--file", "ca-cert"];
    sandbox.refused(&import, 1, &["nobody is there to confirm it", "SHA-256", "--noprompt"]);
    sandbox.genkey("k.jks", &["--cn", "b1"]).success();
    sandbox.run(&["certreq", "--keystore", "k.jks", "--file", "r"]).success();
    sandbox.run(&["sign", "--in", "r", "--out", "c"]).success();
    let reply = ["import", "--keystore", "k.jks", "--alias", "b1", "--file", "c"];
    let alone = ["the issuer `CN=Kafka CA` of the reply is neither in its file nor in the store", "--alias CARoot"];
    sandbox.refused(&reply, 1, &alone);
    sandbox.refused(&[reply.as_slice(), &["--noprompt"]].concat(), 1, &alone);
    // With its CA behind it the chain is whole, and it takes somebody's word that the CA is a good one.
    fs::write(sandbox.path().join("both"), sandbox.read("c") + &sandbox.read("ca-cert")).unwrap();
    let whole = ["import", "--keystore", "k.jks", "--alias", "b1", "--file", "both"];
    sandbox.refused(&whole, 1, &["reaches no certificate that the store trusts", "--noprompt"]);
    let forced = sandbox.json(&[whole.as_slice(), &["--noprompt"]].concat());
    assert_eq!((&forced["chain_length"], &forced["is_trusted"]), (&2.into(), &false.into()));
    sandbox.run(&["genkey", "--keystore", "k.jks", "--cn", "b2", "--key-alg", "ec-p256"]).success();
    sandbox.run(&["certreq", "--keystore", "k.jks", "--alias", "b2", "--file", "r2"]).success();
    sandbox.run(&["sign", "--in", "r2", "--out", "c2"]).success();
    let reply = ["import", "--keystore", "k.jks", "--alias", "b2", "--file", "c2"];
    // Once the CA is there, a reply alone makes the chain whole, and needs nobody's word.
    let ca = ["import", "--keystore", "k.jks", "--alias", "CARoot", "--file", "ca-cert", "--noprompt"];
    sandbox.run(&ca).success();
    assert_eq!(sandbox.json(&reply)["chain_length"], 2);
    sandbox.refused(&reply, 1, &["has this very chain already"]);
    sandbox.refused(&ca, 1, &["`caroot` is taken"]);
}

#[test]
fn a_reply_is_for_the_key_and_from_the_ca_of_the_store() {
    let sandbox = Sandbox::new();
    sandbox.ca();
    for (store, alias) in [("one.jks", "b1"), ("other.p12", "b2")] {
        sandbox.genkey(store, &["--cn", alias]).success();
        let ca = ["import", "--keystore", store, "--alias", "CARoot", "--file", "ca-cert", "--noprompt"];
        sandbox.run(&ca).success();
    }
    sandbox.run(&["certreq", "--keystore", "one.jks", "--file", "r"]).success();
    sandbox.run(&["sign", "--in", "r", "--out", "c"]).success();
    let import = |store, alias, file| ["import", "--keystore", store, "--alias", alias, "--file", file, "--noprompt"];
    sandbox.refused(&import("other.p12", "b2", "c"), 1, &["not for the key of `b2`"]);
    // A CA of the same name with another key.
    sandbox.run(&["ca", "--key-alg", "ec-p256", "--key", "k2", "--cert", "c2"]).success();
    let sign = ["sign", "--in", "r", "--out", "foreign", "--ca-key", "k2", "--ca-cert", "c2"];
    sandbox.run(&sign).success();
    sandbox.refused(&import("one.jks", "b1", "foreign"), 1, &["chain cannot be built", "another key"]);
    sandbox.run(&import("one.jks", "b1", "c")).success();
}

#[test]
fn a_dry_run_writes_nothing_and_prints_the_original() {
    let sandbox = Sandbox::new();
    sandbox.ca();
    sandbox.genkey("k.jks", &["--cn", "b1"]).success();
    sandbox.run(&["certreq", "--keystore", "k.jks", "--file", "r"]).success();
    let before = sandbox.tree();
    let steps: [(&[&str], &str); 5] = [
        (&["ca", "--key", "x", "--cert", "y"], "openssl req -new -x509"),
        (&["genkey", "--keystore", "x.jks", "--cn", "b1"], "keytool -genkeypair"),
        (&["certreq", "--keystore", "k.jks", "--file", "x"], "-certreq"),
        (&["sign", "--in", "r", "--out", "x"], "openssl x509 -req"),
        (&["import", "--keystore", "k.jks", "--alias", "ca", "--file", "ca-cert", "--noprompt"], "-import"),
    ];
    for (step, original) in steps {
        let run = sandbox.run(&[step, &["--dry-run"]].concat()).success();
        assert!(run.stdout.contains(original), "{step:?}: {}", run.stdout);
        assert_eq!(sandbox.tree(), before, "{step:?}");
    }
}

#[test]
fn nothing_is_overwritten() {
    let sandbox = Sandbox::new();
    sandbox.ca();
    sandbox.refused(&["ca"], 1, &["/ca-key` exists", "/ca-cert` exists", "/ca-key.password` exists"]);
    sandbox.genkey("k.p12", &["--cn", "b1"]).success();
    sandbox.refused(&["certreq", "--keystore", "k.p12", "--file", "ca-cert"], 1, &["exists", "mv"]);
    sandbox.run(&["certreq", "--keystore", "k.p12", "--file", "r"]).success();
    sandbox.refused(&["sign", "--in", "r", "--out", "r"], 1, &["exists"]);
    std::os::unix::fs::symlink("nowhere", sandbox.path().join("link")).unwrap();
    sandbox.refused(&["certreq", "--keystore", "k.p12", "--file", "link"], 1, &["hint"]);
    sandbox.refused(&["genkey", "--keystore", "link", "--cn", "b"], 1, &["leads nowhere"]);
}

#[test]
fn what_cannot_be_done_is_said_with_a_hint() {
    let sandbox = Sandbox::new();
    sandbox.ca();
    sandbox.genkey("k.p12", &["--cn", "b1"]).success();
    sandbox.run(&["certreq", "--keystore", "k.p12", "--file", "r"]).success();
    fs::write(sandbox.path().join("wrong"), "not the password").unwrap();
    fs::write(sandbox.path().join("empty"), "").unwrap();
    fs::write(sandbox.path().join("jceks"), [0xCE, 0xCE, 0xCE, 0xCE, 0, 0, 0, 2]).unwrap();
    let sign = |more: &[&'static str]| [&["sign", "--in", "r", "--out", "x"], more].concat();
    sandbox.refused(&["genkey", "--keystore", "x"], 2, &["whose key", "--cn broker1"]);
    sandbox.refused(&["genkey", "--keystore", "x", "--cn", "a", "--dname", "CN=b"], 2, &["said twice"]);
    sandbox.refused(
        &["genkey", "--keystore", "x", "--cn", "a", "--san", "a_b", "--validity", "0"],
        2,
        &["underscore", "one day"],
    );
    sandbox.refused(&["genkey", "--keystore", "x", "--cn", "a", "--storetype", "pem"], 2, &["jks, pkcs12"]);
    sandbox.refused(&["genkey", "--keystore", "x", "--cn", "a", "--storepass", "pass:short"], 2, &["5 characters"]);
    let separate = [
        "genkey",
        "--keystore",
        "x",
        "--cn",
        "a",
        "--storepass",
        "pass:store-password",
        "--keypass",
        "pass:key-password",
    ];
    sandbox.refused(&separate, 2, &["--storetype jks"]);
    sandbox.refused(&["certreq", "--keystore", "absent"], 2, &["no file", "genkey"]);
    sandbox.refused(
        &["certreq", "--keystore", "k.p12", "--storepass", "file:wrong"],
        1,
        &["wrong password", "--storepass"],
    );
    sandbox.refused(&["certreq", "--keystore", "empty", "--storepass", "file:wrong"], 1, &["empty file"]);
    sandbox.refused(
        &["certreq", "--keystore", "jceks", "--storepass", "file:wrong"],
        1,
        &["JCEKS", "keytool -importkeystore"],
    );
    sandbox.refused(&["certreq", "--keystore", "ca-cert", "--storepass", "file:wrong"], 1, &["PEM"]);
    sandbox.refused(&["certreq", "--keystore", "empty"], 1, &["empty file"]);
    sandbox.refused(&["certreq", "--keystore", "."], 1, &["not a regular file"]);
    fs::rename(sandbox.path().join("k.p12.password"), sandbox.path().join("kept")).unwrap();
    sandbox.refused(&["certreq", "--keystore", "k.p12"], 2, &["the password of k.p12 is not given"]);
    fs::rename(sandbox.path().join("kept"), sandbox.path().join("k.p12.password")).unwrap();
    sandbox.refused(&sign(&["--ca-pass", "file:wrong"]), 1, &["password", "--ca-pass"]);
    sandbox.refused(&sign(&["--ca-key", "r"]), 1, &["ca-key: r"]);
    sandbox.refused(&sign(&["--ca-cert", "ca-key"]), 1, &["ca-cert: ca-key"]);
    sandbox.refused(&sign(&["--validity", "9999"]), 1, &["outlive its CA", "--validity 3649"]);
    sandbox.refused(&sign(&["--profile", "admin"]), 2, &["broker, controller, client"]);
    sandbox.refused(&["sign", "--in", "ca-cert", "--out", "x"], 1, &["--in: ca-cert"]);
    sandbox.refused(&["sign", "--in", "absent"], 2, &["cannot be read"]);
    sandbox.refused(&["sign", "--in", "-", "--ca-pass", "stdin"], 2, &["cannot be this file and a password"]);
    sandbox.refused(&["import", "--keystore", "k.p12", "--file", "ca-cert"], 2, &["--alias CARoot"]);
    sandbox.refused(&["import", "--keystore", "k.p12", "--alias", "x", "--file", "r"], 1, &["--file: r"]);
}

#[test]
fn no_password_is_shown() {
    let sandbox = Sandbox::new();
    let secret = "correct horse battery";
    fs::write(sandbox.path().join("secret"), secret).unwrap();
    let steps: [&[&str]; 6] = [
        &["ca", "--key-alg", "ec-p256", "--pass", "file:secret"],
        &["genkey", "--keystore", "k.jks", "--cn", "b1", "--storepass", "file:secret", "--json"],
        &["certreq", "--keystore", "k.jks", "--file", "r", "--storepass", "file:secret", "-v"],
        &["sign", "--in", "r", "--out", "c", "--ca-pass", "file:secret"],
        &[
            "import",
            "--keystore",
            "k.jks",
            "--alias",
            "ca",
            "--file",
            "ca-cert",
            "--noprompt",
            "--storepass",
            "file:secret",
        ],
        &["import", "--keystore", "k.jks", "--alias", "b1", "--file", "c", "--storepass", "file:secret", "--dry-run"],
    ];
    for step in steps {
        let run = sandbox.run(step).success();
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{step:?}");
    }
    assert_eq!(sandbox.tree(), ["c", "ca-cert", "ca-key", "k.jks", "r", "secret"]);
}
