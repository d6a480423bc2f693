//! `config compose-…`: what is in the file. Docker Compose's own library and Kafka judge it in `tests/clients`.

use super::*;

const KINDS: [&str; 2] = ["compose-apache-kafka", "compose-cp-kafka"];

impl Sandbox {
    fn composed(&self, arguments: &[&str]) -> String {
        self.run(&[&["config", "compose-apache-kafka"], arguments].concat()).success().stdout
    }
}

/// The values of a variable, in the order of the services.
fn values<'a>(file: &'a str, variable: &str) -> Vec<&'a str> {
    let prefix = format!("      {variable}: \"");
    file.lines().filter_map(|line| line.strip_prefix(&prefix)?.strip_suffix('"')).collect()
}

#[test]
fn a_cluster_has_one_id_that_stays() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker[1-4]", "--client", "app1"]).success();
    let file = sandbox.composed(&[]);
    assert_eq!(file, sandbox.composed(&[]));
    let ids = values(&file, "CLUSTER_ID");
    assert_eq!(ids.len(), 4);
    assert!(ids.iter().all(|id| id == &ids[0]), "{ids:?}");
    let id = ids[0].strip_prefix("${CLUSTER_ID:-").and_then(|id| id.strip_suffix('}')).unwrap();
    assert!(id.len() == 22 && id.starts_with(|c: char| c.is_ascii_alphanumeric()), "{id}");
    assert_eq!(
        values(&file, "KAFKA_PROCESS_ROLES"),
        ["broker,controller", "broker,controller", "broker,controller", "broker"]
    );
    let voters = "1@broker1:9094,2@broker2:9094,3@broker3:9094";
    assert_eq!(values(&file, "KAFKA_CONTROLLER_QUORUM_VOTERS"), [voters; 4]);
    assert!(file.contains("- \"127.0.0.4:9093:9093\"\n"), "{file}");
    assert!(!file.contains("REPLICATION_FACTOR"), "{file}");

    sandbox.init(&["--cn", "broker1", "--out", "other"]).success();
    assert!(!sandbox.composed(&["other"]).contains(id), "another CA has the same id");
}

#[test]
fn the_image_puts_in_the_password_where_it_can() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--client", "app1"]).success();
    for kind in KINDS {
        let file = sandbox.run(&["config", kind]).success().stdout;
        assert_eq!(values(&file, "KAFKA_ADVERTISED_LISTENERS"), ["SSL://broker1:9093"]);
        for credentials in ["KEYSTORE", "KEY", "TRUSTSTORE"] {
            assert_eq!(values(&file, &format!("KAFKA_SSL_{credentials}_CREDENTIALS")), ["password"]);
        }
        assert!(!file.contains("KAFKA_CONFIG_PROVIDERS"), "{file}");
    }
    // The images do not look at a listener of another name.
    let file = sandbox.composed(&["--listener", "internal", "--port", "9192", "--controller-port", "9292"]);
    assert_eq!(values(&file, "KAFKA_LISTENERS"), ["INTERNAL://:9192,CONTROLLER://:9292"]);
    assert_eq!(values(&file, "KAFKA_SSL_KEYSTORE_PASSWORD"), ["$${directory:/etc/kafka/secrets:password}"]);
    assert_eq!(values(&file, "KAFKA_CONFIG_PROVIDERS_DIRECTORY_PARAM_ALLOWED_PATHS"), ["/etc/kafka/secrets"]);
    assert!(!file.contains("CREDENTIALS"), "{file}");
}

#[test]
fn what_the_image_would_spoil_is_left_to_kafka() {
    let sandbox = Sandbox::new();
    for (out, flag, password) in [("backslash", "--storepass", r"back\slash"), ("own", "--keypass", "key-password")] {
        let arguments = ["--cn", "broker1", "--client", "app1", "--format", "jks", "--out", out, flag, "env:PASSWORD"];
        let init = sandbox.command(&quick(&arguments)).env("PASSWORD", password).output().unwrap();
        Run::from(init).success();
        let file = sandbox.composed(&[out]);
        assert_eq!(values(&file, "KAFKA_ADVERTISED_LISTENERS"), ["TLS://broker1:9093"], "{out}");
        assert!(!file.contains(password) && !file.contains("CREDENTIALS"), "{file}");
        let of_key = values(&file, "KAFKA_SSL_KEY_PASSWORD");
        let own: &[&str] = &["$${file:/etc/kafka/secrets/server.properties:ssl.key.password}"];
        assert_eq!(of_key, if out == "own" { own } else { &[] });
    }
}

#[test]
fn no_file_of_another_identity_is_in_a_container() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker[1-2]", "--out", "a $bundle"]).success();
    let bundle = sandbox.path().canonicalize().unwrap().join("a $$bundle");
    let file = sandbox.composed(&["a $bundle"]);
    for broker in ["broker1", "broker2"] {
        assert!(file.contains(&format!("source: \"{}/{broker}\"\n", bundle.display())), "{file}");
    }
    sandbox.init(&["--cn", "broker1", "--layout", "script", "--out", "flat"]).success();
    let file = sandbox.composed(&["flat"]);
    let mounted = file.lines().filter_map(|line| line.trim().strip_prefix("target: "));
    let files = ["kafka.server.keystore.jks", "kafka.server.truststore.jks", "password"];
    assert!(mounted.eq(files.map(|file| format!("\"/etc/kafka/secrets/{file}\""))), "{file}");
    assert_eq!(sandbox.composed(&["flat", "--deploy-dir", "/srv/tls"]).matches("source: \"/srv/tls/").count(), 3);
}

#[test]
fn what_cannot_be_a_cluster_of_containers_is_refused_with_a_way_out() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--format", "pem", "--out", "pem"]).success();
    sandbox.init(&["--cn", "10.0.0.1", "--out", "address"]).success();
    sandbox.init(&["--cn", "broker1"]).success();
    for kind in KINDS {
        let add = "`kafka-certgen add --format pkcs12 --out pem`";
        sandbox.run(&["config", kind, "pem"]).says(2, &["needs a store in pkcs12 or jks", add]);
        sandbox.run(&["config", kind, "--format", "pem"]).says(2, &["cannot use pem"]);
        sandbox.run(&["config", kind, "address"]).says(2, &["`10.0.0.1` is none", "config broker"]);
        sandbox.run(&["config", kind, "--broker", "broker1"]).says(2, &["leave `--broker` out"]);
    }
}
