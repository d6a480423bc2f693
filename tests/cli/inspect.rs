//! What `inspect` shows of files of every format, sound, damaged and hostile.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;

impl Sandbox {
    /// Returns the files in the JSON of a run, whatever its exit status.
    fn inspected(&self, arguments: &[&str]) -> Vec<Value> {
        let run = self.run(&[&["inspect", "--json"], arguments].concat());
        let document: Value =
            serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr));
        document["files"].as_array().unwrap().clone()
    }

    /// Inspects what cannot be read, or not wholly.
    #[track_caller]
    fn fails(&self, arguments: &[&str], texts: &[&str]) -> Run {
        let run = self.run(&[&["inspect"], arguments].concat());
        assert_eq!(run.status, 1, "{arguments:?}: {}{}", run.stdout, run.stderr);
        for text in texts {
            assert!(run.stderr.contains(text), "{arguments:?}: no `{text}` in\n{}", run.stderr);
        }
        assert_eq!(run.stderr.matches("error: ").count(), run.stderr.matches("hint: ").count(), "{}", run.stderr);
        run
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Every file below a folder of fixtures.
fn fixtures(folder: &str) -> Vec<String> {
    let root = fixture(folder);
    let files = tree(&root).into_iter().map(|file| root.join(file)).filter(|file| file.is_file());
    files.map(|file| file.to_str().unwrap().to_owned()).collect()
}

/// Checks that nothing on a page would make a terminal do something, and that no line is too long.
#[track_caller]
fn assert_readable(page: &str) {
    let odd = page.chars().find(|c| c.is_control() && *c != '\n');
    assert_eq!(odd, None, "{page}");
    let long = page.lines().find(|line| line.chars().count() > 80);
    assert_eq!(long, None, "{page}");
}

#[test]
fn every_fixture_is_inspected() {
    let sandbox = Sandbox::new();
    let mut seen = Vec::new();
    for folder in ["certificates_foreign", "golden", "jks", "keys", "keys_foreign", "pkcs12"] {
        for file in fixtures(folder) {
            let run = sandbox.run(&["inspect", "-v", &file]).success();
            // A path of a checkout may be longer than a line.
            assert_readable(&run.stdout.replace(&file, "file"));
            let [facts] = sandbox.inspected(&[&file]).try_into().unwrap();
            seen.push(facts["format"].as_str().unwrap().to_owned());
            let name = Path::new(&file).file_name().unwrap().to_str().unwrap();
            let ends = [".txt", ".md", ".java", ".sh", ".json", ".properties", ".p12"];
            let may_be_empty = ends.iter().any(|end| name.ends_with(end));
            assert!(may_be_empty || facts["entries"] != json!([]), "{file}");
        }
    }
    for format in ["der", "jks", "pem", "pkcs12", "properties", "text"] {
        assert!(seen.iter().any(|other| other == format), "{format}: {seen:?}");
    }
}

#[test]
fn a_bundle_is_shown_whole_with_the_passwords_beside_it() {
    let sandbox = Sandbox::new();
    for algorithm in ["rsa-2048", "ec-p256", "ec-p384", "ec-p521", "ed25519"] {
        let formats = if algorithm == "ed25519" { "jks,pkcs12" } else { "jks,pkcs12,pem" };
        let made = ["init", "--cn", "broker1", "--client", "app1", "--format", formats, "--out", algorithm];
        sandbox.run(&[made.as_slice(), &["--key-alg", algorithm, "--ca-key-alg", "ec-p256"]].concat()).success();
        let files: Vec<String> = sandbox.tree().into_iter().filter(|file| file.starts_with(algorithm)).collect();
        let files: Vec<&str> =
            files.iter().map(String::as_str).filter(|file| sandbox.path().join(file).is_file()).collect();
        let run = sandbox.run(&[&["inspect"], files.as_slice()].concat()).success();
        assert_readable(&run.stdout);
        let mut keys = 0;
        for file in sandbox.inspected(&files) {
            if let Some(store) = file.get("store") {
                assert_eq!(store["integrity"], "checked", "{file:#}");
                assert!(file["password_file"].as_str().unwrap().ends_with("/password"), "{file:#}");
            }
            let entries = file["entries"].as_array().unwrap();
            for key in entries.iter().filter(|entry| entry["kind"] == "private_key").map(|entry| &entry["key"]) {
                assert!(["opened", "not_encrypted"].contains(&key["opening"].as_str().unwrap()), "{file:#}");
                assert!(key["matches_certificate"] != json!(false), "{file:#}");
                keys += 1;
            }
        }
        // One in each format and identity, and the CA's.
        assert_eq!(keys, if algorithm == "ed25519" { 5 } else { 7 }, "{algorithm}");
    }
}

#[test]
fn what_a_certificate_says_is_what_the_inventory_says() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--san", "10.0.0.1", "--dname", "O=Acme"]).success();
    let inventory: Value = serde_json::from_str(&sandbox.read("kafka-certs/bundle.json")).unwrap();
    let identity = &inventory["identities"][0];
    for file in ["kafka.server.keystore.jks", "kafka.server.keystore.p12", "cert-signed"] {
        let [file] = sandbox.inspected(&[&format!("kafka-certs/broker1/{file}")]).try_into().unwrap();
        let entries = file["entries"].as_array().unwrap();
        let of_leaf = |entry: &&Value| entry["certificates"][0]["alt_names"] != json!([]);
        let certificate = &entries.iter().find(of_leaf).unwrap()["certificates"][0];
        for field in ["subject", "serial", "not_before", "not_after", "sha256"] {
            assert_eq!(certificate[field], identity["certificate"][field], "{field}");
        }
        assert_eq!(certificate["alt_names"], identity["alt_names"]);
        assert_eq!(certificate["principal"], identity["principal"]);
        assert_eq!((&certificate["validity"]["state"], &certificate["is_ca"]), (&json!("valid"), &json!(false)));
    }
}

#[test]
fn without_a_password_the_page_says_which_flag_opens_the_rest() {
    let sandbox = Sandbox::new();
    let jks = fixture("golden/rsa/broker.keystore.jks");
    let jks = jks.to_str().unwrap();
    let run = sandbox.run(&["inspect", jks]).success();
    assert!(run.stdout.contains("not checked: `--storepass SOURCE` does"), "{}", run.stdout);
    assert!(run.stdout.contains("closed: `--storepass SOURCE` opens it"), "{}", run.stdout);
    assert!(run.stdout.contains("CN=broker1.example.com"), "{}", run.stdout);
    let p12 = fixture("pkcs12/openssl.p12");
    let p12 = p12.to_str().unwrap();
    let run = sandbox.run(&["list", p12]).success();
    assert!(run.stdout.contains("bytes are encrypted: `--storepass SOURCE` opens them"), "{}", run.stdout);
    sandbox.write("pass", "storepass\n");
    for store in [jks, p12] {
        let run = sandbox.run(&["inspect", store, "--storepass", "file:pass"]).success();
        assert!(!run.stdout.contains("closed"), "{}", run.stdout);
        assert!(run.stdout.contains("it belongs to the certificate"), "{}", run.stdout);
    }
    // A key under a password of its own.
    let own = fixture("golden/rsa/broker.keystore-keypass.jks");
    let own = own.to_str().unwrap();
    let run = sandbox.run(&["inspect", own, "--storepass", "file:pass"]).success();
    assert!(run.stdout.contains("a password of its own, for `--keypass SOURCE`"), "{}", run.stdout);
    sandbox.write("keypass", "schlüssel-🔑");
    let both = ["inspect", own, "--storepass", "file:pass", "--keypass", "file:keypass"];
    assert!(sandbox.run(&both).success().stdout.contains("opened with the password"));
}

#[test]
fn a_wrong_password_is_said_and_hides_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("wrong", "not the password");
    let jks = fixture("golden/rsa/broker.keystore.jks");
    let jks = jks.to_str().unwrap();
    let run = sandbox.fails(&[jks, "--storepass", "file:wrong"], &["wrong password", "--storepass file:PATH"]);
    assert!(run.stdout.contains("CN=broker1.example.com"), "{}", run.stdout);
    let p12 = fixture("pkcs12/jdk17.p12");
    sandbox.fails(&[p12.to_str().unwrap(), "--storepass", "file:wrong"], &["wrong password"]);
    let key = fixture("keys_foreign/openssl-rsa-pbes2.pem");
    let key = key.to_str().unwrap();
    sandbox.fails(&[key, "--keypass", "file:wrong"], &["wrong password for its private keys", "--keypass file:PATH"]);
    sandbox.fails(&[key, "--storepass", "file:wrong"], &["wrong password for its private keys"]);
    // One that lies beside it by chance is no mistake of the caller.
    fs::copy(jks, sandbox.path().join("k.jks")).unwrap();
    sandbox.write("password", "of something else");
    let run = sandbox.run(&["inspect", "k.jks"]).success();
    assert!(run.stdout.contains("not the one in password"), "{}", run.stdout);
    sandbox.write("k.jks.password", "storepass\n");
    let run = sandbox.run(&["inspect", "k.jks"]).success();
    assert!(run.stdout.contains("found in k.jks.password"), "{}", run.stdout);
}

#[test]
fn one_file_that_fails_does_not_hide_the_others() {
    let sandbox = Sandbox::new();
    sandbox.write("empty", "");
    sandbox.write("utf16", b"\xff\xfe-\0-\0-\0");
    sandbox.write("binary", b"\x00\x01\x02\x03");
    sandbox.write("ber", b"\x30\x80\x02\x01\x03\x00\x00");
    sandbox.write("magic", b"\xfe\xed\xfe\xed\x00\x00\x00\x02\xff\xff\xff\xff");
    sandbox.write("bks", b"\x00\x00\x00\x02\x00\x00\x00\x14and more");
    sandbox.write("text", "hello\n");
    fs::create_dir(sandbox.path().join("folder")).unwrap();
    let certificate = fs::read(fixture("certificates_foreign/openssl.der")).unwrap();
    sandbox.write("cut.der", &certificate[..certificate.len() - 1]);
    let pem = fs::read_to_string(fixture("certificates_foreign/openssl-text.pem")).unwrap();
    sandbox.write("cut.pem", &pem[..pem.len() - 10]);
    let good = fixture("certificates_foreign/openssl-chain.pem");
    let good = good.to_str().unwrap();
    let bad = ["empty", "utf16", "binary", "ber", "magic", "bks", "folder", "cut.der", "cut.pem", "missing"];
    let run = sandbox.fails(
        &[bad.as_slice(), &["text", good]].concat(),
        &[
            "empty: the file is empty",
            "iconv -f UTF-16",
            "binary: the file is no store",
            "folder cannot be read: it is a folder",
            "bks: the store is of the type BKS",
            "cut.pem: #1: the PEM of a certificate has no end line",
            "missing cannot be read: no such file or directory",
        ],
    );
    assert_eq!(run.stderr.matches("error: ").count(), bad.len(), "{}", run.stderr);
    assert!(run.stdout.contains("text: text without certificates or keys\n"), "{}", run.stdout);
    assert!(run.stdout.contains("CN=broker1"), "{}", run.stdout);
    let facts = sandbox.inspected(&[bad.as_slice(), &["text", good]].concat());
    assert_eq!(facts.len(), bad.len() + 2);
    let errors = facts.iter().filter(|file| file.get("error").is_some()).count();
    // The block that is cut is a fault of its entry.
    assert_eq!(errors, bad.len() - 1);
}

#[test]
fn a_pipe_that_nobody_writes_into_is_not_waited_for() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1"]).success();
    assert!(Command::new("mkfifo").arg(sandbox.path().join("pipe")).status().unwrap().success());
    let truststore = "kafka-certs/broker1/kafka.server.truststore.jks";
    let shell = "neither a file nor a pipe of this shell";
    let calls: [(&[&str], &str); 5] = [
        (&["inspect", "pipe"], shell),
        (&["handshake", "--keystore", "pipe", "--truststore", truststore], "`pipe` is not a file"),
        (
            &["handshake", "--keystore", "kafka-certs/broker1/kafka.server.keystore.jks", "--truststore", "pipe"],
            "`pipe` is not a file",
        ),
        (&["import", "--truststore", truststore, "--alias", "other", "--file", "pipe", "--noprompt"], shell),
        (&["sign", "--ca-key", "pipe", "--ca-cert", "kafka-certs/ca/ca-cert", "--in", "pipe"], shell),
    ];
    for (call, words) in calls {
        refuses_pipe(&sandbox, call, words);
    }
}

#[track_caller]
fn refuses_pipe(sandbox: &Sandbox, arguments: &[&str], words: &str) {
    let mut child = sandbox.command(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let ended = (0..600).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        child.try_wait().unwrap().is_some()
    });
    child.kill().ok();
    let output = child.wait_with_output().unwrap();
    assert!(ended, "it waits");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains(words) && stderr.contains("  hint: "), "{stderr}");
}

#[test]
fn the_standard_input_is_a_file_too() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["inspect", "-"]);
    command.stdin(fs::File::open(fixture("certificates_foreign/openssl-chain.pem")).unwrap());
    let run = Run::from(command.output().unwrap()).success();
    assert!(run.stdout.starts_with("the standard input: PEM, 2 blocks\n"), "{}", run.stdout);
    let run = sandbox.run(&["inspect", "-", "--storepass", "stdin"]);
    assert_eq!((run.status, run.stderr.contains("cannot be this file and a password")), (2, true), "{}", run.stderr);
    assert_eq!(sandbox.run(&["inspect", "-", "-"]).status, 2);
    assert_eq!(sandbox.run(&["inspect"]).status, 2);
}

#[test]
fn quiet_prints_nothing_but_errors() {
    let sandbox = Sandbox::new();
    let good = fixture("certificates_foreign/openssl.der");
    let run = sandbox.run(&["inspect", "-q", good.to_str().unwrap()]).success();
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    let run = sandbox.fails(&["-q", "missing", good.to_str().unwrap()], &["missing cannot be read"]);
    assert_eq!(run.stdout, "");
}

#[test]
fn foreign_text_is_escaped_wherever_it_is_shown() {
    use kafka_certgen::keystore::jks::{Jks, JksContent, JksEntry};
    let sandbox = Sandbox::new();
    // A name of RFC 5280 with ESC, BEL, a line feed, C1's CSI and a right-to-left override in it.
    let certificate = fs::read(fixture("certificates_foreign/openssl.der")).unwrap();
    let evil = "\u{1b}[2J\u{7}";
    let at = certificate.windows(7).rposition(|window| window == b"broker1").unwrap();
    let mut certificate = certificate;
    certificate[at..at + 7].copy_from_slice(b"\x1b]0;x\x07\n");
    let entry = JksEntry {
        alias: format!("{evil}\u{9b}31m\u{202e}\n"),
        created_ms: 0,
        content: JksContent::TrustedCertificate(certificate.clone()),
    };
    sandbox.write("evil.jks", Jks { entries: vec![entry] }.encode("storepass").unwrap());
    sandbox.write("evil.der", &certificate);
    sandbox.write("evil\u{1b}[31m", "text");
    let files = ["evil.jks", "evil.der", "evil\u{1b}[31m", "no\u{9b}such"];
    for mode in [vec![], vec!["-v"], vec!["--json"]] {
        let run = sandbox.run(&[&["inspect"], mode.as_slice(), &files].concat());
        assert_eq!(run.status, 1);
        for text in [&run.stdout, &run.stderr] {
            let is_odd = |c: &char| (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
            assert_eq!(text.chars().find(is_odd), None, "{mode:?} {text:?}");
        }
    }
    let found = sandbox.inspected(&files);
    assert_eq!(found[0]["entries"][0]["alias"], format!("{evil}\u{9b}31m\u{202e}\n"));
    assert_eq!(found[1]["entries"][0]["certificates"][0]["principal"], "User:CN=\u{1b}]0\\;x\u{7}\n");
}

/// Every document is written by the same writer.
#[test]
fn foreign_text_is_escaped_in_the_documents_of_all_commands() {
    use kafka_certgen::keystore::jks::{Jks, JksContent, JksEntry};
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1"]).success();
    let mut certificate = fs::read(fixture("certificates_foreign/openssl.der")).unwrap();
    let at = certificate.windows(7).rposition(|window| window == b"broker1").unwrap();
    certificate[at..at + 7].copy_from_slice("\u{202e}\u{9b}1m".as_bytes());
    sandbox.write("evil.der", &certificate);
    let content = JksContent::TrustedCertificate(certificate);
    let entry = JksEntry { alias: "\u{202e}\u{9b}1m".to_owned(), created_ms: 0, content };
    // Its name is foreign too.
    let store = "evil\u{202e}\u{9b}1m.jks";
    sandbox.write(store, Jks { entries: vec![entry] }.encode("storepass").unwrap());
    sandbox.write("pw", "storepass");
    let server = "kafka-certs/broker1/kafka.server";
    let [keystore, truststore] = ["keystore", "truststore"].map(|store| format!("{server}.{store}.jks"));
    let calls: [&[&str]; 3] = [
        &["verify", "--truststore", store, "--truststore-pass", "file:pw"],
        &[
            ["handshake", "--keystore", &keystore, "--truststore", &truststore].as_slice(),
            &["--client-truststore", store, "--client-truststore-pass", "file:pw"],
        ]
        .concat(),
        &["import", "--truststore", &truststore, "--alias", "evil", "--file", "evil.der", "--noprompt"],
    ];
    let is_odd = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    for call in calls {
        let shown = sandbox.run(&[call, if call[0] == "import" { &["--dry-run"] } else { &[] }].concat());
        assert!(!shown.stdout.contains(is_odd) && !shown.stderr.contains(is_odd), "{call:?} {shown:?}");
        assert!(call[0] == "import" || shown.stdout.contains(r"\u{202e}\u{9b}1m"), "{call:?} {shown:?}");
        let run = sandbox.run(&[call, &["--json"]].concat());
        assert!(
            run.stdout.is_ascii() && run.stdout.contains("\\u202e\\u009b1m"),
            "{call:?} {}{}",
            run.stdout,
            run.stderr
        );
        assert!(serde_json::from_str::<Value>(&run.stdout).unwrap().is_object(), "{call:?}");
    }
    let folder = "\u{202e}\u{9b}1m";
    sandbox.init(&["--cn", "broker1", "--out", folder]).success();
    let password = sandbox.path().join(folder).join("broker1/password");
    fs::set_permissions(password, fs::Permissions::from_mode(0o644)).unwrap();
    let shown = sandbox.run(&["verify", folder]);
    assert!(shown.stdout.contains("chmod 600 ") && !shown.stdout.contains(is_odd), "{shown:?}");
}

#[test]
fn many_entries_get_a_line_each_and_what_ends_first_comes_first() {
    let sandbox = Sandbox::new();
    let certificates =
        ["golden/rsa/ca-cert", "certificates_foreign/openssl-chain.pem", "golden/rsa/client.cert-signed"];
    let file: String = certificates.iter().map(|file| fs::read_to_string(fixture(file)).unwrap()).collect();
    sandbox.write("many.pem", file.repeat(10));
    let run = sandbox.run(&["inspect", "many.pem"]).success();
    assert_readable(&run.stdout);
    assert!(run.stdout.lines().count() < 50, "{}", run.stdout);
    assert!(run.stdout.contains("-v shows every detail of each"), "{}", run.stdout);
    assert!(run.stdout.contains("\n40 entries: 40 certificates; "), "{}", run.stdout);
    let days = |line: &str| line.split_whitespace().next()?.parse::<i64>().ok();
    let days: Vec<i64> = run.stdout.lines().filter(|line| line.contains('#')).filter_map(days).collect();
    assert!(days.len() >= 20 && days.is_sorted(), "{days:?}");
    let detailed = sandbox.run(&["inspect", "-v", "many.pem"]).success();
    assert_eq!(detailed.stdout.matches("sha256 ").count(), 40);
}

#[test]
fn bold_is_for_terminals() {
    let sandbox = Sandbox::new();
    let file = fixture("certificates_foreign/openssl.der");
    let run = |color| sandbox.run(&["inspect", "--color", color, file.to_str().unwrap()]).success().stdout;
    assert!(!run("auto").contains('\u{1b}') && !run("never").contains('\u{1b}'));
    assert_eq!(run("always").matches("\u{1b}[1m").count(), 1);
}

#[test]
fn no_key_and_no_password_is_shown() {
    let sandbox = Sandbox::new();
    let secret = "canary-a3f09c";
    sandbox.write("secret", secret);
    let made =
        ["--cn", "broker1", "--format", "jks,pkcs12,pem", "--storepass", "file:secret", "--ca-pass", "file:secret"];
    sandbox.init(&made).success();
    let pem = sandbox.read("kafka-certs/broker1/kafka.server.keystore.pem");
    let key: String = pem.lines().skip(1).take_while(|line| !line.starts_with("-----END")).collect();
    let der = pem::parse(&pem).unwrap().into_contents();
    let files: Vec<String> = sandbox.tree().into_iter().filter(|file| sandbox.path().join(file).is_file()).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    // The scalar of a P-256 key in PKCS#8: 32 octets behind the 36 of its header.
    let scalar = &der[36..68];
    let hex = scalar.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().concat();
    for mode in [vec![], vec!["-v"], vec!["--json"], vec!["--storepass", "file:secret", "-v"]] {
        let run = sandbox.run(&[&["inspect"], mode.as_slice(), files.as_slice()].concat()).success();
        for text in [run.stdout, run.stderr] {
            assert!(!text.contains(secret), "{mode:?}");
            assert!(!text.to_lowercase().contains(&hex[..16]), "{mode:?}");
            assert!(
                !key.as_bytes()
                    .chunks(16)
                    .skip(3)
                    .take(2)
                    .any(|part| text.contains(std::str::from_utf8(part).unwrap())),
                "{mode:?}"
            );
        }
    }
}
