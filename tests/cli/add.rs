//! `add`: identities into a bundle that is there.

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
    assert_eq!(sandbox.inventory()["settings"], inventory["settings"]);
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
