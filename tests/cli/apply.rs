//! `apply`: what it makes, what it leaves alone, what it says and refuses.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::SystemTime;

use kafka_certgen::pki::{Certificate, read_certificates};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use serde_json::Value;

use super::*;

mod by_hand;

/// Three identities with keys that are made in no time.
const CLUSTER: &str = "\
ca: {key_algorithm: ec-p256}
defaults: {key_algorithm: ec-p256, formats: [pkcs12, pem]}
brokers:
  - name: broker[1-2].example.com
    sans: ['10.0.0.[1-2]']
clients: [app1]
";

const BROKER1: &str = "kafka-certs/broker1.example.com";
const BROKER2: &str = "kafka-certs/broker2.example.com";

/// What can be seen of a file without and with opening it.
type Files = BTreeMap<String, (SystemTime, u64, Vec<u8>)>;

impl Sandbox {
    fn with_cluster(text: &str) -> Self {
        let sandbox = Self::new();
        sandbox.write("cluster.yaml", text);
        sandbox
    }

    fn apply(&self, arguments: &[&str]) -> Run {
        self.run(&[&["apply", "-f", "cluster.yaml"], arguments].concat())
    }

    /// Changes the cluster file, and applies it.
    fn apply_changed(&self, from: &str, to: &str, arguments: &[&str]) -> Run {
        let text = self.read("cluster.yaml");
        assert!(text.contains(from), "no `{from}` in {text}");
        self.write("cluster.yaml", text.replace(from, to));
        self.apply(arguments)
    }

    pub(super) fn files(&self, folder: &str) -> Files {
        let root = self.path().join(folder);
        let facts = |path: String| {
            let full = root.join(&path);
            let metadata = fs::symlink_metadata(&full).unwrap();
            let bytes = if metadata.is_file() { fs::read(&full).unwrap() } else { Vec::new() };
            (path, (metadata.modified().unwrap(), metadata.ino(), bytes))
        };
        tree(&root).into_iter().map(facts).collect()
    }

    pub(super) fn certificate(&self, folder: &str) -> Certificate {
        let ders = read_certificates(&fs::read(self.path().join(folder).join("cert-signed")).unwrap()).unwrap();
        Certificate::from_der(ders.into_iter().next().unwrap()).unwrap()
    }

    fn public_key(&self, folder: &str) -> Vec<u8> {
        self.certificate(folder).public_key_info().to_vec()
    }

    pub(super) fn inventory(&self) -> Value {
        serde_json::from_str(&self.read("kafka-certs/bundle.json")).unwrap()
    }

    fn retired(&self) -> Vec<String> {
        let folder = self.path().join("kafka-certs/retired");
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Run {
    #[track_caller]
    pub(super) fn says(self, status: i32, texts: &[&str]) -> Self {
        assert_eq!(self.status, status, "{}{}", self.stdout, self.stderr);
        for text in texts {
            assert!(
                self.stdout.contains(text) || self.stderr.contains(text),
                "no `{text}` in\n{}{}",
                self.stdout,
                self.stderr
            );
        }
        self
    }

    pub(super) fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

#[test]
fn a_bundle_comes_to_be_and_the_second_run_does_nothing() {
    let sandbox = Sandbox::with_cluster(CLUSTER);
    let plan = sandbox.apply(&["--dry-run"]).says(0, &["plan kafka-certs: a CA and 3 to make", "app1"]);
    assert_eq!(sandbox.tree(), ["cluster.yaml"]);
    let first = sandbox.apply(&[]).says(0, &["done kafka-certs: a CA and 3 made", "next:"]);
    assert!(first.stdout.starts_with(&plan.stdout), "{}", first.stdout);
    assert_eq!(first.stderr, "");
    let names: Vec<Value> =
        sandbox.inventory()["identities"].as_array().unwrap().iter().map(|i| i["name"].clone()).collect();
    assert_eq!(names, ["broker1.example.com", "broker2.example.com", "app1"]);
    assert_eq!(sandbox.inventory()["settings"]["client_auth"], "required");
    let before = sandbox.files("kafka-certs");
    for (path, _) in before.iter().filter(|(path, _)| path.ends_with("password") || path.ends_with("identity.json")) {
        let mode = fs::metadata(sandbox.path().join("kafka-certs").join(path)).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600, "{path}");
    }

    let second = sandbox.apply(&[]);
    assert_eq!(second.stdout, "nothing to do: 3 identities are as cluster.yaml says\n");
    assert_eq!((second.status, second.stderr.as_str()), (0, ""));
    sandbox.apply(&["--check", "-q"]).says(0, &[]);
    sandbox.apply(&["--jobs", "1"]).says(0, &["nothing to do"]);
    assert_eq!(sandbox.files("kafka-certs"), before);
}

#[test]
fn a_name_that_is_added_is_a_new_certificate_for_the_same_key_and_nothing_else() {
    let sandbox = Sandbox::with_cluster(CLUSTER);
    sandbox.apply(&["-q"]).success();
    let (others, key) = ([sandbox.files(BROKER2), sandbox.files("kafka-certs/ca")], sandbox.public_key(BROKER1));
    let certificate = sandbox.certificate(BROKER1);
    let password = sandbox.read(&format!("{BROKER1}/password"));
    let entry = "  - name: broker[1-2].example.com\n    sans: ['10.0.0.[1-2]']\n";
    let apart =
        "  - {name: broker1.example.com, sans: [10.0.0.1, k1.eu]}\n  - {name: broker2.example.com, sans: [10.0.0.2]}\n";
    let run = sandbox.apply_changed(entry, apart, &[]).says(
        0,
        &[
            "1 to reissue, 2 unchanged",
            "SAN dns:k1.eu added; until ",
            "done kafka-certs: 1 reissued",
            "without a restart",
        ],
    );
    assert!(!run.stdout.contains("broker2"), "{}", run.stdout);
    assert_eq!(sandbox.public_key(BROKER1), key);
    assert_ne!(sandbox.certificate(BROKER1), certificate);
    assert_eq!(sandbox.read(&format!("{BROKER1}/password")), password);
    let facts = &sandbox.inventory()["identities"][0];
    assert_eq!(facts["alt_names"].to_string(), r#"["dns:broker1.example.com","ip:10.0.0.1","dns:k1.eu"]"#);
    assert_eq!([sandbox.files(BROKER2), sandbox.files("kafka-certs/ca")], others);
    sandbox.run(&["verify", "kafka-certs"]).success();

    // A name that goes away is one that a running broker does not let go.
    sandbox.apply_changed(", k1.eu", "", &[]).says(0, &["SAN dns:k1.eu removed", "ssl.allow.san.changes=true"]);
    assert_eq!(sandbox.public_key(BROKER1), key);
}

#[test]
fn what_would_be_done_is_told_by_the_status_and_as_json() {
    let sandbox = Sandbox::with_cluster(CLUSTER);
    let fresh = sandbox.apply(&["--check", "--json"]).says(3, &[]).document();
    assert_eq!((&fresh["plan"]["makes_ca"], &fresh["plan"]["counts"]["make"]), (&Value::from(true), &Value::from(3)));
    assert_eq!(
        (&fresh["applied"], &fresh["stopped"], &fresh["done"]),
        (&Value::from(false), &Value::from(false), &0.into())
    );
    sandbox.apply(&["--check"]).says(3, &["a CA and 3 to make"]);
    assert_eq!(sandbox.tree(), ["cluster.yaml"]);

    let made = sandbox.apply(&["--json"]).success().document();
    assert_eq!((&made["applied"], &made["done"]), (&Value::from(true), &Value::from(3)));
    // Each run has its own second, and so another end of what it issues.
    assert_eq!(made["plan"]["counts"], fresh["plan"]["counts"]);
    let before = sandbox.files("kafka-certs");
    let text = sandbox.read("cluster.yaml").replace("10.0.0.[1-2]", "10.0.1.[1-2]") + "controllers: [quorum1]\n";
    sandbox.write("cluster.yaml", &text);
    for (arguments, status) in [(["--dry-run"], 0), (["--check"], 3)] {
        let document = sandbox.apply(&[&arguments[..], &["--json"]].concat()).says(status, &[]).document();
        let change = &document["plan"]["changes"][0];
        assert_eq!(
            (&change["name"], &change["role"], &change["action"]),
            (&"broker1.example.com".into(), &"broker".into(), &"reissue".into())
        );
        let reasons = r#"[{"kind":"san-added","name":"ip:10.0.1.1"},{"kind":"san-removed","name":"ip:10.0.0.1"}]"#;
        assert_eq!(change["reasons"].to_string(), reasons);
        assert_eq!(change["reload"].to_string(), r#"["alt-names"]"#);
        assert_eq!(document["plan"]["unchanged"], 1);
        assert_eq!(document["plan"]["is_empty"], false);
    }
    assert_eq!(sandbox.files("kafka-certs"), before);
    sandbox.apply(&["--check", "--dry-run"]).says(2, &["cannot be used with"]);
}

#[test]
fn what_is_not_in_the_file_is_named_and_moved_aside_if_asked_for() {
    let sandbox = Sandbox::with_cluster(CLUSTER);
    sandbox.apply(&["-q"]).success();
    let before = sandbox.files(BROKER2);
    let text = sandbox.read("cluster.yaml").replace("[1-2]", "1");
    sandbox.write("cluster.yaml", text);
    sandbox.apply(&[]).says(0, &["left alone: broker2.example.com"]);
    let left = sandbox.apply(&[]).success();
    let line = "not in cluster.yaml, left alone: broker2.example.com; --prune moves it aside";
    assert_eq!(left.stdout, format!("nothing to do: 2 identities are as cluster.yaml says\n{line}\n"));
    assert_eq!(sandbox.inventory()["identities"].as_array().unwrap().len(), 3);

    sandbox.apply(&["--prune", "--check"]).says(3, &["1 to move aside, 2 unchanged", "retire"]);
    sandbox.apply(&["--prune"]).says(0, &["done kafka-certs: 1 moved aside", "kafka-certs/retired"]);
    let [retired] = &sandbox.retired()[..] else { panic!("{:?}", sandbox.retired()) };
    assert!(retired.starts_with("broker2.example.com-2"), "{retired}");
    let bytes = |files: Files| files.into_iter().map(|(path, (.., bytes))| (path, bytes)).collect::<Vec<_>>();
    assert_eq!(bytes(sandbox.files(&format!("kafka-certs/retired/{retired}"))), bytes(before));
    assert_eq!(sandbox.inventory()["identities"].as_array().unwrap().len(), 2);
    sandbox.apply(&["--prune"]).says(0, &["nothing to do: 2 identities"]);
}

#[test]
fn only_some_are_looked_at_and_a_new_key_is_made_where_it_is_asked_for() {
    let sandbox = Sandbox::with_cluster(CLUSTER);
    sandbox.apply(&["-q"]).success();
    let others = [sandbox.files(BROKER2), sandbox.files("kafka-certs/app1")];
    let (key, old) = (sandbox.public_key(BROKER1), sandbox.certificate(BROKER1));
    // Without a name, only what is issued again anyway gets a new key.
    sandbox.apply(&["--rekey"]).says(0, &["nothing to do"]);
    sandbox
        .apply(&["--rekey", "--only", "broker1.example.com"])
        .says(0, &["1 to rekey", "new key", "done kafka-certs: 1 rekeyed", "kafka-certs/retired"]);
    assert_ne!(sandbox.public_key(BROKER1), key);
    let kept = format!("kafka-certs/retired/{}", sandbox.retired()[0]);
    assert_eq!(sandbox.certificate(&kept), old);
    assert_eq!([sandbox.files(BROKER2), sandbox.files("kafka-certs/app1")], others);

    let changed = sandbox.apply_changed("10.0.0.[1-2]", "10.0.1.[1-2]", &["--only", "broker[2-2].example.com"]);
    changed.says(0, &["1 to reissue", "broker2"]);
    sandbox.apply(&["--check"]).says(3, &["1 to reissue, 2 unchanged", "broker1"]);
    let names = ["--only", "broker3.example.com", "--only", "x[1-5]", "--only", "a b"];
    sandbox.apply(&names).says(
        2,
        &[
            "`broker3.example.com` is not in cluster.yaml",
            "did you mean `--only broker",
            "`x1` is not in cluster.yaml (and 4 more",
        ],
    );
    sandbox.apply(&["--only", "app1", "--prune"]).says(2, &["cannot be used with"]);
}

#[test]
fn another_key_algorithm_is_a_new_key_and_not_made_unasked() {
    let sandbox = Sandbox::with_cluster(CLUSTER);
    sandbox.apply(&["-q"]).success();
    let before = sandbox.files("kafka-certs");
    let hint = "`kafka-certgen apply -f cluster.yaml --rekey --only app1`";
    sandbox
        .apply_changed("defaults: {key_algorithm: ec-p256", "defaults: {key_algorithm: ec-p384", &[])
        .says(1, &["the key of `app1` is ec-p256, and ec-p384 is asked for", hint, "3 that cannot be changed"]);
    let check = sandbox.apply(&["--check", "--json"]).says(3, &[hint]).document();
    assert_eq!(check["plan"]["obstacles"][2]["kind"], "key-algorithm");
    sandbox.apply(&["--dry-run"]).says(1, &[hint]);
    assert_eq!(sandbox.files("kafka-certs"), before);
    sandbox.apply(&["--rekey"]).says(0, &["3 to rekey", "key ec-p256 → ec-p384"]);
    assert_eq!(sandbox.retired().len(), 3);
}

#[test]
fn what_was_changed_by_hand_is_noticed_and_mended() {
    let sandbox = Sandbox::with_cluster(CLUSTER);
    sandbox.apply(&["-q"]).success();
    let (key, certificate) = (sandbox.public_key(BROKER1), sandbox.certificate(BROKER1));
    let inventory = sandbox.read("kafka-certs/bundle.json");
    let untouched = sandbox.files("kafka-certs/app1");
    sandbox.write("kafka-certs/bundle.json", "{");
    fs::remove_file(sandbox.path().join(BROKER1).join("kafka.server.keystore.p12")).unwrap();
    let foreign = format!("{BROKER2}/kafka.server.truststore.p12");
    sandbox.write(&foreign, "not a store");
    sandbox.write(&format!("{BROKER2}/notes.txt"), "mine");
    sandbox.apply(&[]).says(
        0,
        &[
            "warning: bundle.json cannot be read, and is written anew",
            "2 to rewrite, 1 unchanged",
            "kafka.server.keystore.p12 is missing",
            "kafka.server.truststore.p12 was changed by hand",
            "done kafka-certs: 2 rewritten",
            "What was moved aside or replaced is kept in kafka-certs/retired.",
        ],
    );
    assert_eq!((sandbox.public_key(BROKER1), sandbox.certificate(BROKER1)), (key, certificate));
    assert_eq!(sandbox.files("kafka-certs/app1"), untouched);
    assert_eq!(sandbox.read(&format!("{BROKER2}/notes.txt")), "mine");
    fs::remove_file(sandbox.path().join(BROKER2).join("notes.txt")).unwrap();
    // What somebody has put in the place of a file is not lost.
    let kept = format!("kafka-certs/retired/{}/kafka.server.truststore.p12", sandbox.retired()[0]);
    assert_eq!(sandbox.read(&kept), "not a store");
    let without_time = |text: &str| {
        let mut value: Value = serde_json::from_str(text).unwrap();
        value.as_object_mut().unwrap().remove("created");
        value
    };
    assert_eq!(without_time(&sandbox.read("kafka-certs/bundle.json")), without_time(&inventory));
    sandbox.run(&["verify", "kafka-certs"]).success();
    sandbox.apply(&[]).says(0, &["nothing to do"]);

    fs::remove_file(sandbox.path().join("kafka-certs/bundle.json")).unwrap();
    sandbox
        .apply(&[])
        .says(0, &["bundle.json is missing", "bundle.json to write anew, 3 unchanged", "bundle.json written anew"]);
    sandbox.apply(&[]).says(0, &["nothing to do"]);
}

#[test]
fn a_key_that_cannot_be_read_is_never_replaced_unasked() {
    let sandbox = Sandbox::with_cluster(CLUSTER);
    sandbox.apply(&["-q"]).success();
    for store in ["p12", "pem"] {
        sandbox.write(&format!("{BROKER1}/kafka.server.keystore.{store}"), "gone");
    }
    fs::create_dir(sandbox.path().join("kafka-certs/web")).unwrap();
    sandbox.write("kafka-certs/web/index.html", "mine");
    let run = sandbox.apply_changed("[app1]", "[app1, web]", &[]);
    let rekey = "--rekey --only broker1.example.com`";
    run.says(
        1,
        &[
            "the private key of `broker1.example.com` cannot be read",
            rekey,
            "the folder `web` is there",
            "mv kafka-certs/web web.moved",
        ],
    );
    fs::rename(sandbox.path().join("kafka-certs/web"), sandbox.path().join("web")).unwrap();
    sandbox.apply(&["--rekey", "--only", "broker1.example.com"]).says(0, &["1 to rekey"]);
    sandbox.apply(&[]).says(0, &["1 to make, 3 unchanged"]);
    sandbox.run(&["verify", "kafka-certs"]).success();
}

#[test]
fn a_ca_that_exists_signs_and_is_needed_only_to_sign() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path().join("corp")).unwrap();
    let ca = [
        "ca",
        "--key",
        "corp/ca-key",
        "--cert",
        "corp/ca-cert",
        "--dname",
        "CN=Corp CA",
        "--key-alg",
        "ec-p256",
        "--pass",
        "env:CA",
    ];
    Run::from(sandbox.command(&ca).env("CA", "correct horse").output().unwrap()).success();
    // Paths are relative to the folder of the file.
    let text = CLUSTER.replace("{key_algorithm: ec-p256}\n", "{certificate: ca-cert, key: ca-key, password: env:CA}\n");
    sandbox.write("corp/cluster.yaml", &text);
    let apply = ["apply", "-f", "corp/cluster.yaml"];
    sandbox
        .run(&apply)
        .says(2, &["corp/cluster.yaml:1:", "variable `CA` is not set", "export CA, or use `--ca-pass file:PATH`"]);
    assert_eq!(fs::read_dir(sandbox.path()).unwrap().count(), 1);
    let wrong = Run::from(sandbox.command(&apply).env("CA", "another one").output().unwrap());
    wrong.says(1, &["corp/ca-key", "--ca-pass"]);
    assert_eq!(fs::read_dir(sandbox.path()).unwrap().count(), 1);
    sandbox.write("pass", "correct horse\n");
    sandbox.run(&[&apply[..], &["--ca-pass", "file:pass"]].concat()).says(0, &["plan kafka-certs: 3 to make", "done"]);
    assert!(!sandbox.path().join("kafka-certs/ca/ca-key").exists());
    assert_eq!(sandbox.read("kafka-certs/ca/ca-cert"), sandbox.read("corp/ca-cert"));
    sandbox.run(&["verify", "kafka-certs"]).success();

    // Nothing is signed, and so nothing is read of the key.
    fs::rename(sandbox.path().join("corp/ca-key"), sandbox.path().join("moved")).unwrap();
    sandbox.run(&apply).says(0, &["nothing to do"]);
    sandbox.write("corp/cluster.yaml", text.replace("[app1]", "[app1, app2]"));
    sandbox.run(&[&apply[..], &["--check"]].concat()).says(3, &["1 to make, 3 unchanged"]);
    sandbox.run(&apply).says(1, &["the CA's key is missing", "corp/ca-key", "--ca-key FILE"]);
    sandbox
        .run(&[&apply[..], &["--ca-key", "moved", "--ca-pass", "file:pass"]].concat())
        .says(0, &["1 to make, 3 unchanged", "done kafka-certs: 1 made"]);

    let other = ["ca", "--key", "k", "--cert", "c", "--dname", "CN=Other CA", "--key-alg", "ec-p256"];
    sandbox.run(&other).success();
    sandbox
        .write("corp/cluster.yaml", text.replace("certificate: ca-cert, key: ca-key", "certificate: ../c, key: ../k"));
    sandbox.run(&apply).says(1, &["Corp CA", "Other CA", "a bundle keeps its CA"]);
}

#[test]
fn the_key_of_the_ca_may_be_kept_elsewhere() {
    let sandbox = Sandbox::with_cluster(CLUSTER);
    sandbox.apply(&["-q"]).success();
    for file in ["ca-key", "ca-key.password"] {
        fs::rename(sandbox.path().join("kafka-certs/ca").join(file), sandbox.path().join(file)).unwrap();
    }
    sandbox.apply(&[]).says(0, &["nothing to do"]);
    sandbox.apply_changed("[app1]", "[app1, app2]", &[]).says(1, &["the CA's key is missing", "--ca-key FILE"]);
    sandbox.apply(&["--ca-key", "ca-key"]).says(0, &["done kafka-certs: 1 made"]);
    sandbox.apply(&["--ca-key", "ca-key", "--out", "new"]).says(2, &["--ca-key: there is no bundle yet"]);
    assert!(!sandbox.path().join("new").exists());
}

#[test]
fn passwords_come_from_where_the_file_says_and_flags_win() {
    let text = CLUSTER.to_owned() + "stores: {store_password: file:store.pass}\n";
    let sandbox = Sandbox::with_cluster(&text);
    sandbox.apply(&[]).says(2, &["cluster.yaml:7:", "the file `store.pass` cannot be read", "--storepass file:PATH"]);
    sandbox.write("store.pass", "from the file\n");
    sandbox.write("other.pass", "from the flag\n");
    sandbox.write("short.pass", "short\n");
    sandbox.apply(&["--storepass", "file:short.pass"]).says(2, &["6 are the least"]);
    let run = sandbox.apply(&["-v"]).success();
    assert!(!run.stdout.contains("from the") && !run.stderr.contains("from the"));
    assert_eq!(sandbox.read(&format!("{BROKER1}/password")), "from the file\n");
    sandbox.apply(&[]).says(0, &["nothing to do"]);
    sandbox.apply(&["--storepass", "file:other.pass"]).says(0, &["3 to rewrite", "another store password"]);
    assert_eq!(sandbox.read(&format!("{BROKER1}/password")), "from the flag\n");
    sandbox.run(&["verify", "kafka-certs"]).success();
    sandbox
        .apply_changed("file:store.pass", "pass:hunter22", &[])
        .says(2, &["cluster.yaml:7:", "does not stand in this file"]);
}

#[test]
fn all_mistakes_are_told_at_once_with_their_places() {
    let text = "\
defaults: {validty: 10, key_algorithm: rsa-1024}
brokers: [broker1, Broker1, 'b[3-1]', bad_name]
clients: [app1]
";
    let sandbox = Sandbox::with_cluster(text);
    let run = sandbox.apply(&["--jobs", "0", "--storepass", "x"]).says(
        2,
        &[
            "error: cluster.yaml:1:12: ",
            "did you mean `validity`?",
            "cluster.yaml:1:",
            "`rsa-1024`",
            "cluster.yaml:2:",
            "runs backwards",
            "underscore",
            "differs only in case",
            "--jobs: `0`",
            "--storepass: a password is given by its source",
        ],
    );
    assert_eq!(run.stdout, "");
    assert_eq!(sandbox.tree(), ["cluster.yaml"]);
    sandbox.run(&["apply", "-f", "nothing.yaml"]).says(2, &["nothing.yaml", "--file FILE"]);
    sandbox.run(&["apply"]).says(2, &["--file <FILE>"]);
}

#[test]
fn the_file_may_come_from_the_standard_input() {
    use std::io::Write;
    let sandbox = Sandbox::new();
    let feed = |text: &str| {
        let mut child = sandbox
            .command(&["apply", "-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        Run::from(child.wait_with_output().unwrap())
    };
    feed("brokers: [").says(2, &["error: standard input:2:1: "]);
    feed(&(CLUSTER.to_owned() + "stores: {store_password: stdin}\n")).says(2, &["cannot be this file and a password"]);
    feed(CLUSTER).success();
    feed(CLUSTER).says(0, &["nothing to do: 3 identities are as standard input says"]);
}

#[test]
fn a_plan_that_cannot_be_shown_is_not_carried_out() {
    let sandbox = Sandbox::with_cluster(CLUSTER);
    for arguments in [&["apply", "-f", "cluster.yaml"][..], &["apply", "-f", "cluster.yaml", "--json"]] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let run = Run::from(sandbox.command(arguments).stdout(full).output().unwrap());
        run.says(1, &["the result cannot be printed"]);
        assert_eq!(sandbox.tree(), ["cluster.yaml"]);
    }
}

#[test]
fn folders_that_are_no_bundle_are_refused() {
    let sandbox = Sandbox::with_cluster(CLUSTER);
    fs::create_dir(sandbox.path().join("other")).unwrap();
    sandbox.write("other/file", "x");
    sandbox.apply(&["--out", "other"]).says(1, &["holds something, and it is not a bundle", "--out DIR"]);
    sandbox.apply(&["--out", "no/such/folder"]).says(1, &["hint: "]);
    sandbox.init(&["--cn", "broker1", "--layout", "script", "--out", "flat"]).success();
    sandbox.apply(&["--out", "flat"]).says(1, &["script's layout"]);
    assert_eq!(sandbox.read("other/file"), "x");
}

#[test]
fn a_bundle_of_init_is_taken_up() {
    let sandbox = Sandbox::with_cluster(CLUSTER);
    let names =
        ["--cn", "broker[1-2].example.com", "--client", "app1", "--san", "broker[1-2].example.com=10.0.0.[1-2]"];
    sandbox.init(&[&names[..], &["--format", "pkcs12,pem", "--jobs", "2"]].concat()).success();
    let before = sandbox.files("kafka-certs");
    sandbox.apply(&["--check"]).says(0, &["nothing to do: 3 identities"]);
    assert_eq!(sandbox.files("kafka-certs"), before);
}

#[test]
fn twenty_changes_are_shown_and_all_of_them_if_asked_for() {
    let sandbox = Sandbox::with_cluster("brokers: ['b[1-25]']\n");
    let run = sandbox.apply(&["--dry-run"]).says(0, &["a CA and 25 to make", "… and 5 more; -v shows all"]);
    assert_eq!(run.stdout.lines().count(), 22);
    assert_eq!(sandbox.apply(&["--dry-run", "-v"]).success().stdout.lines().count(), 26);
    assert_eq!(sandbox.apply(&["--dry-run", "-q"]).success().stdout, "");
}

#[test]
fn the_schema_is_printed() {
    let sandbox = Sandbox::new();
    let schema = sandbox.run(&["apply", "--schema"]).success().document();
    assert!(schema["properties"]["brokers"].is_object(), "{schema}");
}

#[test]
fn what_was_finished_before_a_failure_is_kept_and_told() {
    let sandbox = Sandbox::with_cluster(CLUSTER);
    sandbox.apply(&["-q"]).success();
    // What is moved aside has no place to go to.
    sandbox.write("kafka-certs/retired", "mine");
    sandbox.apply_changed("clients: [app1]", "clients: [app2]", &["--prune"]).says(
        1,
        &["what was finished before this failure is kept; when it is mended, the same command goes on from there"],
    );
    fs::remove_file(sandbox.path().join("kafka-certs/retired")).unwrap();
    sandbox.apply(&["--prune"]).says(0, &["1 to move aside, 3 unchanged", "1 moved aside"]);
}

/// Writes the certificates of an intermediate CA and its root into `chain`, and its key into `key`.
pub(super) fn write_intermediate_ca(sandbox: &Sandbox) {
    let draft = |name: &str| {
        let mut draft = CertificateParams::default();
        draft.distinguished_name.push(DnType::CommonName, name);
        draft.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        draft.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        draft
    };
    let (root_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let root = draft("Corp Root");
    let root_pem = pem::encode(&pem::Pem::new("CERTIFICATE", root.self_signed(&root_key).unwrap().der().to_vec()));
    let issuing = draft("Corp Issuing").signed_by(&key, &Issuer::new(root, root_key)).unwrap();
    let issuing = pem::encode(&pem::Pem::new("CERTIFICATE", issuing.der().to_vec()));
    sandbox.write("chain", format!("{issuing}{root_pem}"));
    sandbox.write("key", pem::encode(&pem::Pem::new("PRIVATE KEY", key.serialize_der())));
}

#[test]
fn a_bundle_of_an_intermediate_ca_is_sound() {
    let sandbox = Sandbox::new();
    write_intermediate_ca(&sandbox);
    sandbox.write("cluster.yaml", CLUSTER.replace("{key_algorithm: ec-p256}\n", "{certificate: chain, key: key}\n"));
    sandbox.apply(&["-q"]).success();
    let found = sandbox.run(&["verify", "kafka-certs"]);
    assert!(!found.stdout.contains("bundle-"), "{}", found.stdout);
}
