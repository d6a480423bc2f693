//! `add`: identities into a bundle that is there, and formats for those that it has.

use std::collections::BTreeMap;

use super::*;

const QUICK: [&str; 2] = ["--key-alg", "ec-p256"];

impl Sandbox {
    fn add(&self, arguments: &[&str]) -> Run {
        self.run(&[&["add"], &QUICK[..], arguments].concat())
    }
}

#[test]
fn what_is_added_is_like_the_others_and_these_are_not_touched() {
    let sandbox = Sandbox::new();
    let settings =
        ["--format", "pkcs12", "--ca-alias", "root", "--deploy-dir", "/etc/kafka/ssl", "--client-auth", "required"];
    sandbox.init(&[&["--cn", "broker1"], &settings[..]].concat()).success();
    let before = sandbox.files("kafka-certs/broker1");
    let dry = sandbox.add(&["--cn", "broker[2-3]", "--dry-run"]).says(0, &["plan kafka-certs: 2 to make"]);
    assert_eq!(dry.stderr, "");
    assert!(!sandbox.path().join("kafka-certs/broker2").exists());
    let run =
        sandbox.add(&["--cn", "broker[2-3]", "--san", "*=k.example.com", "--client", "app1", "--dname", "O=Acme"]);
    run.says(
        0,
        &[
            "added to kafka-certs: 3 identities",
            "User:CN=broker2,O=Acme",
            "dns:broker2 dns:k.example.com",
            "super.users=User:CN=broker1;",
            "next:",
        ],
    );
    assert_eq!(sandbox.files("kafka-certs/broker1"), before);
    let inventory = sandbox.inventory();
    let names: Vec<&str> =
        inventory["identities"].as_array().unwrap().iter().map(|i| i["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["broker1", "broker2", "broker3", "app1"]);
    assert_eq!(inventory["settings"]["formats"].to_string(), r#"["pkcs12"]"#);
    assert_eq!(sandbox.certificate("kafka-certs/broker2").alt_names().len(), 2);
    let properties = sandbox.read("kafka-certs/broker2/server.properties");
    assert!(properties.contains("/etc/kafka/ssl/kafka.server.keystore.p12"), "{properties}");
    assert!(properties.contains("ssl.client.auth=required"), "{properties}");
    sandbox.run(&["verify", "kafka-certs"]).success();

    sandbox.add(&["--cn", "broker4", "--format", "pem", "-q"]).success();
    assert!(sandbox.path().join("kafka-certs/broker4/kafka.server.keystore.pem").exists());
    let mut settings = inventory["settings"].clone();
    settings["pem_key"] = "plain".into();
    assert_eq!(sandbox.inventory()["settings"], settings);
}

#[test]
fn json_has_what_was_added() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--format", "pkcs12"]).success();
    let document = sandbox.add(&["--cn", "broker2", "--json"]).success().document();
    assert_eq!((&document["applied"], &document["done"]), (&true.into(), &1.into()));
    assert_eq!(document["identities"].as_array().unwrap().len(), 1);
    assert_eq!(document["identities"][0]["name"], "broker2");
    assert_eq!(document["super_users"], "User:CN=broker1;User:CN=broker2");
    let password = sandbox.read("kafka-certs/broker2/password");
    assert!(!document.to_string().contains(password.trim_end()));
}

#[test]
fn names_that_are_there_and_other_mistakes_are_told_at_once() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker[1-2]", "--format", "pkcs12"]).success();
    let before = sandbox.files("kafka-certs");
    let arguments = ["--cn", "broker[2-3]", "--cn", "Broker1", "--client", "x y", "--validity", "0", "--jobs", "none"];
    sandbox.add(&arguments).says(
        2,
        &[
            "there is a `broker2`",
            "there is a `broker1`",
            "`x y`",
            "one day at least",
            "--jobs: `none`",
            "kafka-certgen apply -f cluster.yaml",
        ],
    );
    sandbox.add(&[]).says(2, &["no broker and no client", "kafka-certgen add --cn broker4"]);
    sandbox.add(&["--cn", "caroot"]).says(2, &["alias `caroot`", "--alias"]);
    assert_eq!(sandbox.files("kafka-certs"), before);
}

#[test]
fn a_bundle_has_to_be_there_with_its_inventory() {
    let sandbox = Sandbox::new();
    sandbox
        .add(&["--cn", "broker1"])
        .says(1, &["there is no bundle in kafka-certs", "kafka-certgen init --cn broker1"]);
    assert_eq!(sandbox.tree(), [""; 0]);
    sandbox.init(&["--cn", "broker1", "--format", "pkcs12"]).success();
    sandbox.write("kafka-certs/bundle.json", "{");
    sandbox
        .add(&["--cn", "broker2"])
        .says(1, &["kafka-certs/bundle.json cannot be read", "kafka-certgen apply -f cluster.yaml"]);
    fs::remove_file(sandbox.path().join("kafka-certs/bundle.json")).unwrap();
    sandbox.add(&["--cn", "broker2"]).says(1, &["kafka-certs/bundle.json is not there"]);
    assert!(!sandbox.path().join("kafka-certs/broker2").exists());
}

#[test]
fn the_ca_key_is_asked_for_where_it_is() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--format", "pkcs12"]).success();
    fs::rename(sandbox.path().join("kafka-certs/ca/ca-key.password"), sandbox.path().join("pass")).unwrap();
    sandbox.add(&["--cn", "broker2"]).says(2, &["kafka-certs/ca/ca-key", "--ca-pass file:PATH"]);
    fs::rename(sandbox.path().join("kafka-certs/ca/ca-key"), sandbox.path().join("key")).unwrap();
    sandbox.add(&["--cn", "broker2"]).says(1, &["the CA's key is missing", "--ca-key FILE"]);
    assert!(!sandbox.path().join("kafka-certs/broker2").exists());
    sandbox.add(&["--cn", "broker2", "--ca-key", "key", "--ca-pass", "file:pass"]).success();
    sandbox.run(&["verify", "kafka-certs"]).success();
}

#[test]
fn the_first_client_of_brokers_that_ask_for_none_is_told_of() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--format", "pkcs12"]).success();
    let text = "warning: the brokers of this bundle ask their clients for no certificate";
    sandbox.add(&["--client", "app1"]).says(0, &[text, "ssl.client.auth=required"]);
    let second = sandbox.add(&["--client", "app2"]).success();
    assert_eq!(second.stderr, "");
}

impl Sandbox {
    /// Every file without its times.
    fn contents(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        self.files(folder).into_iter().map(|(path, (.., bytes))| (path, bytes)).collect()
    }

    fn add_format(&self, arguments: &[&str]) -> Run {
        self.run(&[&["add", "--format"], arguments].concat())
    }
}

/// Returns what was there before and is other bytes now, and what is new; records and the inventory are left out.
fn changes(before: &BTreeMap<String, Vec<u8>>, after: &BTreeMap<String, Vec<u8>>) -> [Vec<String>; 2] {
    let is_of_us = |path: &&String| !path.ends_with("identity.json") && *path != "bundle.json";
    let changed = before.iter().filter(|(path, bytes)| after.get(*path) != Some(bytes)).map(|(path, _)| path);
    let new = after.keys().filter(|path| !before.contains_key(*path));
    [changed.filter(is_of_us).cloned().collect(), new.filter(is_of_us).cloned().collect()]
}

#[test]
fn a_format_is_added_to_what_is_there_and_nothing_else_changes() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker[1-2]", "--client", "app1"]).success();
    // No key of the CA is needed.
    fs::remove_file(sandbox.path().join("kafka-certs/ca/ca-key")).unwrap();
    let before = sandbox.contents("kafka-certs");
    let dry =
        sandbox.add_format(&["pem", "--dry-run"]).says(0, &["plan kafka-certs: 3 to rewrite", "format pem added"]);
    assert_eq!((dry.stderr.as_str(), sandbox.contents("kafka-certs") == before), ("", true));

    let one = sandbox.add_format(&["pem", "--only", "app1"]).says(
        0,
        &[
            "added pem to kafka-certs: 1 identity",
            "app1  kafka-certs/app1: kafka.client.keystore.pem kafka.client.truststore.pem",
            "all other files are as they were",
            "not encrypted",
            "`formats: [jks, pkcs12, pem]` for app1",
            "kafka-certgen verify kafka-certs",
        ],
    );
    assert_eq!(one.stderr, "");
    let of_app1 = ["app1/kafka.client.keystore.pem", "app1/kafka.client.truststore.pem"];
    assert_eq!(changes(&before, &sandbox.contents("kafka-certs")), [vec![], of_app1.map(str::to_owned).to_vec()]);
    assert_eq!(sandbox.mode("kafka-certs/app1/kafka.client.keystore.pem"), 0o600);
    assert_eq!(sandbox.inventory()["settings"]["formats"].to_string(), r#"["jks","pkcs12"]"#);
    let brokers = sandbox.files("kafka-certs/broker1");
    sandbox.run(&["verify", "kafka-certs"]).success();

    let settled = sandbox.files("kafka-certs");
    let again = sandbox.add_format(&["pem", "--only", "app1"]).says(0, &[]);
    assert_eq!(again.stdout, "nothing to do: 1 identity has pem\n");
    assert_eq!((sandbox.files("kafka-certs"), sandbox.files("kafka-certs/broker1")), (settled, brokers));

    sandbox.add_format(&["pem"]).says(0, &["2 identities", "`formats: [jks, pkcs12, pem]` under `defaults`"]);
    let [changed, new] = changes(&before, &sandbox.contents("kafka-certs"));
    assert_eq!((changed, new.len()), (vec![], 6));
    for broker in ["broker1", "broker2"] {
        assert_eq!(sandbox.mode(&format!("kafka-certs/{broker}/kafka.server.keystore.pem")), 0o600);
    }
    sandbox.run(&["verify", "kafka-certs"]).success();
    let settled = sandbox.files("kafka-certs");
    sandbox.add_format(&["pem,jks"]).says(0, &["nothing to do: 3 identities have pem, jks\n"]);
    assert_eq!(sandbox.files("kafka-certs"), settled);
    // All have it, and so has what comes later.
    let settings = sandbox.inventory()["settings"].clone();
    assert_eq!(
        (settings["formats"].to_string(), &settings["pem_key"]),
        (r#"["jks","pkcs12","pem"]"#.to_owned(), &"plain".into())
    );
}

#[test]
fn what_is_new_has_the_formats_that_all_have() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker[1-2]", "--format", "pkcs12"]).success();
    let document = sandbox.add_format(&["pem", "--json", "--only", "broker1"]).success().document();
    assert_eq!((&document["applied"], &document["done"]), (&true.into(), &1.into()));
    assert_eq!(document["plan"]["changes"][0]["reasons"].to_string(), r#"[{"format":"pem","kind":"format-added"}]"#);
    assert_eq!(document["identities"][0]["name"], "broker1");
    sandbox.add(&["--cn", "broker3", "-q"]).success();
    assert!(!sandbox.path().join("kafka-certs/broker3/kafka.server.keystore.pem").exists());
    sandbox.add_format(&["pem", "--only", "broker[2-3]", "-q"]).success();
    sandbox.add(&["--cn", "broker4", "-q"]).success();
    assert!(sandbox.path().join("kafka-certs/broker4/kafka.server.keystore.pem").exists());
    sandbox.run(&["verify", "kafka-certs"]).success();
}

#[test]
fn what_a_run_that_fails_does_not_come_to_stays_in_the_inventory() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--client", "app1", "--format", "jks", "-q"]).success();
    let place = sandbox.path().join("kafka-certs/app1/kafka.client.keystore.pem");
    fs::create_dir(&place).unwrap();
    sandbox.add_format(&["pem"]).says(1, &["is not a regular file", "move ", "out of the bundle"]);
    let inventory = sandbox.read("kafka-certs/bundle.json");
    assert!(inventory.contains("app1/kafka.client.keystore.jks"), "{inventory}");
    assert!(!inventory.contains("app1/kafka.client.keystore.pem"), "{inventory}");
    // The same command goes on from there.
    fs::remove_dir(&place).unwrap();
    sandbox.add_format(&["pem"]).success();
    sandbox.run(&["verify", "kafka-certs"]).success();
    assert!(sandbox.read("kafka-certs/bundle.json").contains("app1/kafka.client.keystore.pem"));
}

#[test]
fn the_properties_name_the_better_stores_when_these_are_added() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--format", "pem", "--deploy-dir", "/ssl"]).success();
    let before = sandbox.contents("kafka-certs");
    sandbox.add_format(&["pkcs12,jks"]).says(0, &["name the PKCS12 stores from now on"]);
    let [changed, new] = changes(&before, &sandbox.contents("kafka-certs"));
    assert_eq!((changed, new.len()), (vec!["broker1/server.properties".to_owned()], 4));
    assert!(sandbox.read("kafka-certs/broker1/server.properties").contains("/ssl/kafka.server.keystore.p12"));
    sandbox.run(&["verify", "kafka-certs"]).success();

    // Unless somebody has changed them.
    let sandbox = Sandbox::new();
    sandbox.init(&["--client", "app1", "--format", "jks"]).success();
    let properties = sandbox.read("kafka-certs/app1/client.properties") + "retries=5\n";
    sandbox.write("kafka-certs/app1/client.properties", &properties);
    sandbox.add_format(&["pkcs12"]).says(0, &["but those changed by hand, name the PKCS12 stores"]);
    assert_eq!(sandbox.read("kafka-certs/app1/client.properties"), properties);

    // A bundle that was moved names the place where it is.
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--out", "old", "--format", "pkcs12"]).success();
    fs::rename(sandbox.path().join("old"), sandbox.path().join("new")).unwrap();
    sandbox.add_format(&["pem", "--out", "new"]).says(0, &["name where the bundle is now: folder", "/old/broker1 → "]);
    sandbox.run(&["verify", "new"]).success();
}

#[test]
fn a_file_of_the_cluster_that_says_the_formats_finds_nothing_to_do() {
    let sandbox = Sandbox::new();
    let text =
        "defaults: {key_algorithm: ec-p256, formats: [pkcs12]}\nca: {key_algorithm: ec-p256}\nbrokers: [broker1]\n";
    sandbox.write("cluster.yaml", text);
    let apply = ["apply", "-f", "cluster.yaml"];
    sandbox.run(&apply).success();
    sandbox.add_format(&["pem"]).says(0, &["`formats: [pkcs12, pem]` under `defaults`"]);
    sandbox.run(&apply).says(0, &["format pem removed"]);
    assert!(!sandbox.path().join("kafka-certs/broker1/kafka.server.keystore.pem").exists());
    sandbox.add_format(&["pem", "-q"]).success();
    sandbox.write("cluster.yaml", text.replace("[pkcs12]", "[pkcs12, pem]"));
    sandbox.run(&apply).says(0, &["nothing to do: 1 identity"]);
}

#[test]
fn what_somebody_has_changed_or_taken_away_stays_so() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--client", "app1", "--format", "jks,pkcs12"]).success();
    let properties = "kafka-certs/broker1/server.properties";
    sandbox.write(properties, format!("{}listeners=SSL://:9093\n", sandbox.read(properties)));
    for file in ["broker1/password", "app1/kafka.client.truststore.jks", "app1/client.properties"] {
        fs::remove_file(sandbox.path().join("kafka-certs").join(file)).unwrap();
    }
    sandbox.write("kafka-certs/app1/kafka.client.truststore.p12", "mine");
    sandbox.write("kafka-certs/app1/notes", "mine");
    sandbox.write("kafka-certs/app1/kafka.client.keystore.pem", "mine too");
    let before = sandbox.contents("kafka-certs");
    sandbox.add_format(&["pem"]).says(0, &["2 identities"]);
    let after = sandbox.contents("kafka-certs");
    let [changed, new] = changes(&before, &after);
    assert_eq!(changed, ["app1/kafka.client.keystore.pem"]);
    let new: Vec<String> = new.into_iter().filter(|path| !path.starts_with("retired")).collect();
    assert_eq!(
        new,
        [
            "app1/kafka.client.truststore.pem",
            "broker1/kafka.server.keystore.pem",
            "broker1/kafka.server.truststore.pem"
        ]
    );
    // A file that only had the name of a store is kept aside.
    assert!(after.iter().any(|(path, bytes)| path.starts_with("retired/app1-") && bytes == b"mine too"));
    sandbox.add_format(&["pem"]).says(0, &["nothing to do"]);
    // The stores that are asked for are made where they are missing.
    sandbox.add_format(&["jks"]).says(0, &["kafka-certs/app1: kafka.client.truststore.jks\n"]);
    let [changed, new] = changes(&after, &sandbox.contents("kafka-certs"));
    assert_eq!((changed, new), (vec![], vec!["app1/kafka.client.truststore.jks".to_owned()]));
}

#[test]
fn a_password_that_is_nowhere_is_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.write("pass", "a-password-of-mine\n");
    sandbox.write("wrong", "another-password\n");
    sandbox.init(&["--cn", "broker1", "--client", "app1", "--storepass", "file:pass"]).success();
    for file in ["broker1/password", "broker1/server.properties", "app1/password"] {
        fs::remove_file(sandbox.path().join("kafka-certs").join(file)).unwrap();
    }
    // That of app1 is in its properties.
    sandbox.add_format(&["pem", "--only", "app1", "-q"]).success();
    let before = sandbox.contents("kafka-certs");
    let run = sandbox.add_format(&["pem"]);
    run.says(1, &["private key of `broker1` cannot be read", "--storepass file:PATH"]);
    let only = ["pem", "--only", "broker1", "--storepass"];
    sandbox.add_format(&[&only[..], &["file:wrong"]].concat()).says(1, &["private key of `broker1` cannot be read"]);
    let wrong = ["pkcs12,pem,jks", "--storepass", "file:wrong"];
    fs::remove_file(sandbox.path().join("kafka-certs/app1/kafka.client.truststore.jks")).unwrap();
    sandbox.add_format(&wrong).says(1, &["the stores of `app1` have another password", "leave `--storepass` out"]);
    sandbox.add_format(&[&only[..], &["file:pass"]].concat()).says(0, &["1 identity"]);
    let [changed, new] = changes(&before, &sandbox.contents("kafka-certs"));
    assert_eq!((changed, new.len()), (vec!["app1/kafka.client.truststore.jks".to_owned()], 2));
}

#[test]
fn a_password_that_is_made_is_written_beside_the_stores() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--format", "pem"]).success();
    fs::remove_file(sandbox.path().join("kafka-certs/broker1/password")).unwrap();
    sandbox.add_format(&["pkcs12"]).success();
    assert_eq!(sandbox.mode("kafka-certs/broker1/password"), 0o600);
    sandbox.run(&["verify", "kafka-certs"]).success();
}

#[test]
fn formats_that_cannot_be_added_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.write("key.pass", "the-password-of-the-key\n");
    let own_key = ["--cn", "broker1", "--format", "jks", "--keypass", "file:key.pass", "--out", "own-key"];
    sandbox.init(&own_key).success();
    sandbox
        .add_format(&["pkcs12", "--out", "own-key"])
        .says(1, &["the key of `broker1` has another password", "add another format"]);
    sandbox.add_format(&["pem", "--out", "own-key", "-q"]).success();

    sandbox.init(&["--cn", "broker1", "--key-alg", "ed25519", "--out", "ed"]).success();
    sandbox
        .add_format(&["pem", "--out", "ed"])
        .says(2, &["Ed25519 key cannot go into a PEM file", "`--format pkcs12`"]);
    sandbox.add(&["--cn", "broker2", "--out", "ed"]).success();
    sandbox.add_format(&["pem", "--out", "ed"]).says(2, &["as in `--only broker2`"]);
    sandbox.add_format(&["pem", "--out", "ed", "--only", "broker2"]).success();

    sandbox.init(&["--cn", "broker1", "--layout", "script", "--out", "script"]).success();
    sandbox.add_format(&["pem", "--out", "script"]).says(1, &["the script's layout"]);
    sandbox.add_format(&["pem", "--out", "none"]).says(1, &["there is no bundle in none"]);

    sandbox.init(&["--cn", "broker[1-2]", "--format", "pkcs12", "--out", "broken"]).success();
    fs::remove_file(sandbox.path().join("broken/broker2/identity.json")).unwrap();
    sandbox
        .add_format(&["pem", "--out", "broken"])
        .says(1, &["`broker2/identity.json`, is not there", "kafka-certgen apply -f cluster.yaml"]);
    sandbox.write("broken/broker2/identity.json", "{}");
    sandbox
        .add_format(&["pem", "--out", "broken"])
        .says(1, &["`broker2/identity.json`, cannot be used", "caused by: "]);
}

#[test]
fn a_newer_certificate_that_somebody_has_brought_is_not_passed_over() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker[1-2]", "--format", "pkcs12,jks"]).success();
    // A step that people do by themselves: a certificate for the same key, some time later, into one of the stores.
    let store = "kafka-certs/broker1/kafka.server.keystore.jks";
    std::thread::sleep(std::time::Duration::from_millis(1100));
    sandbox.run(&["certreq", "--keystore", store, "--alias", "broker1", "--file", "request"]).success();
    let ca = ["--ca-cert", "kafka-certs/ca/ca-cert", "--ca-key", "kafka-certs/ca/ca-key"];
    sandbox.run(&[&["sign", "--in", "request", "--out", "signed"], &ca[..]].concat()).success();
    sandbox.run(&["import", "--keystore", store, "--alias", "broker1", "--file", "signed"]).success();
    let before = sandbox.contents("kafka-certs");
    sandbox.add_format(&["pem"]).says(
        1,
        &[
            "`broker1` is to be changed in other things first: its keystore has a newer certificate",
            "apply -f cluster.yaml",
        ],
    );
    assert_eq!(sandbox.contents("kafka-certs"), before);
    sandbox.add_format(&["pem", "--only", "broker2", "-q"]).success();
}

#[test]
fn what_is_said_of_formats_and_of_new_identities_is_not_mixed() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--client", "app1", "--format", "pkcs12"]).success();
    let before = sandbox.files("kafka-certs");
    sandbox.add(&["--only", "app1", "--cn", "broker2", "--format", "pem"]).says(2, &["--only", "make two calls"]);
    sandbox.run(&["add", "--only", "app1"]).says(2, &["not said which format", "`--format pem`"]);
    sandbox
        .run(&["add"])
        .says(2, &["no broker and no client", "`kafka-certgen add --cn broker4`", "`kafka-certgen add --format pem`"]);
    let certificate = ["--validity", "3", "--san", "x", "--alias", "a", "--dname", "O=x", "--key-alg", "ec-p256"];
    let others = ["--ca-key", "x", "--ca-pass", "file:x", "--keypass", "file:x", "--jobs", "0", "--only", "ap1"];
    sandbox.add_format(&[&["pam"], &certificate[..], &others[..]].concat()).says(
        2,
        &[
            "`pam` is not a store format",
            "--san, --dname, --validity, --key-alg, --alias, --keypass, --ca-key, --ca-pass",
            "nothing is issued",
            "--jobs: `0`",
            "`ap1` is not in kafka-certs",
            "did you mean `--only app1`?",
        ],
    );
    assert_eq!(sandbox.files("kafka-certs"), before);
}
