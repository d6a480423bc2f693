//! `handshake`: the nine steps between stores of all kinds, and the step that each fault shows in.

use kafka_certgen::keystore::{Entry, EntryContent, KeyStore, PrivateKeyEntry, StoreContent, StoreFile};
use kafka_certgen::pipeline::{self, Environment};
use kafka_certgen::random::SystemRandom;
use kafka_certgen::secret::Password;
use kafka_certgen::spec::{CaSource, CaSpec, ClusterSpec, Days, KeyAlgorithm, NodeRole, NodeSpec};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::*;

const SERVER: &str = "kafka-certs/broker1/kafka.server";
const CLIENT: &str = "kafka-certs/app1/kafka.client";

impl Sandbox {
    /// A folder with a bundle of a broker and a client in `kafka-certs`.
    fn with_bundle(arguments: &[&str]) -> Self {
        let sandbox = Self::new();
        sandbox.init(&[&["--cn", "broker1", "--client", "app1"], arguments].concat()).success();
        sandbox
    }

    fn transcript(&self, arguments: &[&str]) -> Value {
        let run = self.run(&[&["handshake", "--json"], arguments].concat());
        assert!([0, 3].contains(&run.status), "{arguments:?}: {}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
    }

    /// Returns the step and the check that failed, as the document and the exit status say.
    #[track_caller]
    fn fault(&self, arguments: &[&str]) -> (u64, String) {
        let run = self.run(&[&["handshake"], arguments].concat());
        assert_eq!(run.status, 3, "{arguments:?}: {}{}", run.stdout, run.stderr);
        let transcript = self.transcript(arguments);
        let outcome = &transcript["outcome"];
        assert_eq!(outcome["status"], "failed");
        let step = outcome["step"].as_u64().unwrap();
        assert!(run.stderr.starts_with(&format!("error: step {step} failed: ")), "{}", run.stderr);
        assert!(run.stderr.contains("\n  hint: "), "{}", run.stderr);
        assert!(run.stdout.contains("FAILED: "), "{}", run.stdout);
        assert_eq!(transcript["steps"].as_array().unwrap().len() as u64, step);
        (step, outcome["check"].as_str().unwrap().to_owned())
    }
}

/// Returns the flags of the broker's stores in `kafka-certs`, and of a client's elsewhere.
fn with_client<'a>(keystore: &'a str, truststore: &'a str) -> Vec<&'a str> {
    let server = ["--keystore", "kafka-certs/broker1/kafka.server.keystore.jks"];
    let trust = ["--truststore", "kafka-certs/broker1/kafka.server.truststore.jks"];
    [server, trust, ["--client-keystore", keystore], ["--client-truststore", truststore]].concat()
}

#[test]
fn every_format_and_key_algorithm_shakes_hands_in_either_version() {
    for algorithm in KeyAlgorithm::NAMES {
        let formats = if *algorithm == "ed25519" { "jks,pkcs12" } else { "jks,pkcs12,pem" };
        let sandbox = Sandbox::with_bundle(&["--key-alg", algorithm, "--format", formats]);
        for format in formats.split(',') {
            for tls in ["1.2", "1.3"] {
                let transcript = sandbox.transcript(&["--format", format, "--tls", tls]);
                assert_eq!(transcript["outcome"], json!({"status": "succeeded"}), "{algorithm} {format} {tls}");
                assert_eq!(transcript["steps"][1]["details"]["version"], tls);
                assert_eq!(transcript["steps"].as_array().unwrap().len(), 9);
            }
        }
    }
}

#[test]
fn encrypted_pem_and_separate_key_passwords_are_opened() {
    let sandbox = Sandbox::with_bundle(&["--format", "pem", "--pem-key", "pbes2"]);
    sandbox.run(&["handshake"]).success();
    let sandbox = Sandbox::new();
    fs::write(sandbox.path().join("store"), "store-secret\n").unwrap();
    fs::write(sandbox.path().join("key"), "other-secret\n").unwrap();
    let passwords = ["--storepass", "file:store", "--keypass", "file:key"];
    let bundle = ["--cn", "broker1", "--client", "app1", "--format", "jks"];
    sandbox.init(&[&bundle[..], &passwords].concat()).success();
    let refused = sandbox.run(&["handshake"]);
    assert_eq!(refused.status, 1);
    assert!(refused.stderr.contains("--keypass file:PATH") && refused.stderr.contains("--client-keypass file:PATH"));
    let given = ["--keypass", "file:key", "--client-keypass", "file:key"];
    sandbox.run(&[&["handshake"], &given[..]].concat()).success();
    for secret in ["store-secret", "other-secret"] {
        let run = sandbox.run(&[&["handshake", "--verbose", "--json"], &given[..]].concat()).success();
        assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret));
    }
}

#[test]
fn the_table_fits_into_80_columns_and_has_every_step_and_state() {
    let sandbox = Sandbox::with_bundle(&["--dname", "OU=Streaming Platform,O=A Company With a Long Name,C=US"]);
    for (arguments, steps) in [(&["--tls", "1.2"][..], 9), (&["--explain"], 9), (&["--host", "elsewhere"], 4)] {
        let run = sandbox.run(&[&["handshake"], arguments].concat());
        for line in run.stdout.lines() {
            assert!(line.chars().count() <= 80, "{line}");
            assert_eq!(line, line.trim_end());
        }
        for step in 1..=9 {
            let is_there = run.stdout.lines().any(|line| line.starts_with(&format!("{step}  ")));
            assert_eq!(is_there, step <= steps, "{step}: {}", run.stdout);
        }
        for state in ["connection  ", "certificate  ", "encryption  "] {
            assert!(run.stdout.lines().any(|line| line.starts_with(state)), "no {state} in {}", run.stdout);
        }
        assert!(!run.stdout.contains('\x1b'));
    }
    let colored = sandbox.run(&["handshake", "--color", "always"]).success();
    assert!(colored.stdout.contains("\x1b[32mHandshake started\x1b[0m"), "{}", colored.stdout);
}

#[test]
fn what_was_seen_is_in_the_document() {
    let sandbox = Sandbox::with_bundle(&["--dname", "O=Acme"]);
    let transcript = sandbox.transcript(&[]);
    let details = |step: usize| &transcript["steps"][step - 1]["details"];
    assert_eq!(details(2)["version"], "1.3");
    assert_eq!(details(3)["certificates"][0]["subject"], "CN=broker1,O=Acme");
    assert_eq!(details(4)["has_key"], true);
    assert_eq!(details(5)["ca_names"], json!(["CN=Kafka CA,O=Acme"]));
    assert_eq!(details(5)["principal"], "User:CN=app1,O=Acme");
    assert_eq!(details(8)["request"]["plaintext_bytes"], 14);
    assert_eq!(details(8)["readable_on_the_line"], false);
    assert_eq!(details(9)["client_close_notify"], true);
    let states: Vec<&str> =
        transcript["tracker"].as_array().unwrap().iter().map(|m| m["connection_state"].as_str().unwrap()).collect();
    let expected = [
        "Not connected",
        "Handshake started",
        "Certificate verified",
        "Secure channel established",
        "Connection closed",
    ];
    assert_eq!(states, expected);
}

#[test]
fn who_connects_is_a_client_or_another_broker_or_the_broker_itself() {
    let client_of = |arguments: &[&str]| {
        let sandbox = Sandbox::new();
        sandbox.init(arguments).success();
        sandbox.transcript(&[])["client"].as_str().unwrap().to_owned()
    };
    assert_eq!(client_of(&["--cn", "broker1", "--cn", "broker2", "--client", "app1"]), "app1");
    assert_eq!(client_of(&["--cn", "broker1", "--cn", "broker2"]), "broker2");
    assert_eq!(client_of(&["--cn", "broker1"]), "broker1");
}

#[test]
fn whether_a_certificate_is_asked_for_is_the_bundles_word_or_the_flags() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1"]).success();
    let asked = |arguments: &[&str]| {
        let transcript = sandbox.transcript(arguments);
        (transcript["steps"][4]["details"]["asked"].clone(), transcript["steps"][4]["result"].clone())
    };
    assert_eq!(asked(&[]), (json!(false), json!("skipped")));
    assert_eq!(asked(&["--client-auth", "required"]), (json!(true), json!("done")));
    assert_eq!(asked(&["--client-auth", "requested"]), (json!(true), json!("done")));
}

#[test]
fn a_name_that_is_not_in_the_certificate_fails_in_step_4() {
    let sandbox = Sandbox::with_bundle(&["--san", "broker1=10.0.0.1"]);
    for tls in ["1.2", "1.3"] {
        for host in ["broker2", "10.0.0.2", "::1"] {
            assert_eq!(sandbox.fault(&["--host", host, "--tls", tls]), (4, "host-name".to_owned()));
        }
        for host in ["broker1", "BROKER1", "10.0.0.1"] {
            sandbox.run(&["handshake", "--host", host, "--tls", tls]).success();
        }
    }
}

#[test]
fn a_ca_that_is_not_trusted_fails_where_it_is_missed() {
    let sandbox = Sandbox::with_bundle(&[]);
    sandbox.init(&["--cn", "broker1", "--client", "app1", "--out", "other"]).success();
    let (own, other) = (format!("{CLIENT}.keystore.p12"), "other/app1/kafka.client.keystore.p12");
    let (own_trust, other_trust) = (format!("{CLIENT}.truststore.p12"), "other/app1/kafka.client.truststore.p12");
    for tls in ["1.2", "1.3"] {
        let over = |stores: Vec<&str>| sandbox.fault(&[&stores[..], &["--tls", tls]].concat());
        assert_eq!(over(with_client(&own, other_trust)), (4, "unknown-authority".to_owned()));
        // The CAs have the same name, so that a Java client sends its certificate.
        assert_eq!(over(with_client(other, &own_trust)), (5, "unknown-authority".to_owned()));
    }
}

#[test]
fn the_clients_stack_decides_what_it_sends_and_what_it_takes() {
    let sandbox = Sandbox::with_bundle(&[]);
    let other = ["--cn", "broker1", "--client", "app1", "--out", "other", "--ca-cn", "Other CA"];
    sandbox.init(&other).success();
    let trust = format!("{CLIENT}.truststore.p12");
    let stores = with_client("other/app1/kafka.client.keystore.p12", &trust);
    for stack in ["java", "java17", "openssl", "python", "node", "go", "rustls"] {
        for tls in ["1.2", "1.3"] {
            let transcript = sandbox.transcript(&["--as", stack, "--tls", tls]);
            assert_eq!(transcript["outcome"]["status"], "succeeded", "{stack} {tls}");
            let sends = ["python", "node", "rustls"].contains(&stack);
            let check = if sends { "unknown-authority" } else { "client-certificate" };
            let stranger = [&stores[..], &["--as", stack, "--tls", tls]].concat();
            assert_eq!(sandbox.fault(&stranger), (5, check.to_owned()), "{stack} {tls}");
        }
    }
    let unknown = sandbox.run(&["handshake", "--as", "perl"]);
    assert_eq!(unknown.status, 2);
    assert!(unknown.stderr.contains("use one of java, java17, openssl"), "{}", unknown.stderr);
}

#[test]
fn a_client_without_a_certificate_fails_in_step_5_if_one_is_required() {
    let sandbox = Sandbox::with_bundle(&[]);
    let [keystore, truststore] = ["keystore", "truststore"].map(|store| format!("{SERVER}.{store}.jks"));
    let client = format!("{CLIENT}.truststore.jks");
    let stores = ["--keystore", &keystore, "--truststore", &truststore, "--client-truststore", &client];
    for tls in ["1.2", "1.3"] {
        let required = [&stores[..], &["--client-auth", "required", "--tls", tls]].concat();
        assert_eq!(sandbox.fault(&required), (5, "client-certificate".to_owned()));
        let requested = [&["handshake", "--client-auth", "requested", "--tls", tls], &stores[..]].concat();
        assert!(sandbox.run(&requested).success().stdout.contains("User:ANONYMOUS"));
        sandbox.run(&[&["handshake", "--tls", tls], &stores[..]].concat()).success();
    }
}

#[test]
fn a_certificate_for_clients_is_no_brokers() {
    let sandbox = Sandbox::with_bundle(&[]);
    let [keystore, truststore] = ["keystore", "truststore"].map(|store| format!("{CLIENT}.{store}.jks"));
    let stores = ["--keystore", &keystore, "--truststore", &truststore];
    assert_eq!(sandbox.fault(&stores), (4, "extended-key-usage".to_owned()));
}

#[test]
fn ends_without_a_version_in_common_fail_in_step_2() {
    let sandbox = Sandbox::with_bundle(&[]);
    for [client, broker] in [["1.2", "1.3"], ["1.3", "1.2"]] {
        let found = sandbox.fault(&["--tls", client, "--broker-tls", broker]);
        assert_eq!(found, (2, "common-protocol".to_owned()));
    }
}

#[test]
fn what_has_expired_fails_in_step_4() {
    let sandbox = Sandbox::new();
    let node = |name: &str, role| {
        let mut node = NodeSpec::new(name.parse().unwrap(), role);
        (node.key_algorithm, node.days) = (KeyAlgorithm::EcP256, Days::new(1).unwrap());
        node
    };
    let mut spec = ClusterSpec::new(vec![node("broker1", NodeRole::Broker), node("app1", NodeRole::Client)]);
    spec.ca = CaSource::Made(CaSpec { key_algorithm: KeyAlgorithm::EcP256, ..CaSpec::default() });
    let now = OffsetDateTime::now_utc() - Duration::days(3);
    let environment = Environment::new(now, &SystemRandom);
    let made = pipeline::make(&spec, sandbox.path(), &environment).unwrap();
    for artifact in made.bundle.artifacts {
        let path = sandbox.path().join("kafka-certs").join(artifact.path());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, artifact.contents()).unwrap();
    }
    assert_eq!(sandbox.fault(&[]), (4, "expired".to_owned()));
}

#[test]
fn a_key_that_is_not_the_certificates_fails_where_it_signs() {
    let sandbox = Sandbox::with_bundle(&[]);
    sandbox.init(&["--cn", "broker1", "--client", "app1", "--out", "other"]).success();
    let [broker, client] = [("broker1", "server"), ("app1", "client")].map(|(name, side)| mixed(&sandbox, name, side));
    let trust = format!("{SERVER}.truststore.jks");
    for tls in ["1.2", "1.3"] {
        let stores = ["--keystore", &broker, "--truststore", &trust, "--tls", tls];
        assert_eq!(sandbox.fault(&stores), (4, "handshake-signature".to_owned()));
        let stores = [&with_client(&client, &trust)[..], &["--tls", tls]].concat();
        assert_eq!(sandbox.fault(&stores), (5, "handshake-signature".to_owned()));
    }
}

/// Writes a keystore with a certificate of `kafka-certs` and a key of `other`, and returns its path.
fn mixed(sandbox: &Sandbox, name: &str, side: &str) -> String {
    let open = |bundle: &str| {
        let folder = sandbox.path().join(bundle).join(name);
        let password = fs::read_to_string(folder.join("password")).unwrap();
        let password = Password::new(password.trim_end().to_owned().into()).unwrap();
        let bytes = fs::read(folder.join(format!("kafka.{side}.keystore.jks"))).unwrap();
        (StoreFile::open(&bytes, &password).unwrap(), password)
    };
    let ((own, password), (other, _)) = (open("kafka-certs"), open("other"));
    let StoreContent::PrivateKey { chain } = own.entry(name).unwrap().content else { panic!("no key") };
    let chain = chain.into_iter().map(<[u8]>::to_vec).collect();
    let mut store = KeyStore::new();
    let key = PrivateKeyEntry { key: other.private_key(name, None).unwrap(), chain };
    let (alias, created) = (name.parse().unwrap(), OffsetDateTime::UNIX_EPOCH);
    store.add(Entry { alias, created, content: EntryContent::PrivateKey(key) }).unwrap();
    let path = format!("kafka-certs/{name}/mixed.jks");
    fs::write(sandbox.path().join(&path), store.to_jks(&password, &password, &SystemRandom).unwrap()).unwrap();
    path
}

#[test]
fn the_password_of_a_truststore_has_one_name_and_an_alias_in_all_commands() {
    let sandbox = Sandbox::with_bundle(&["--format", "jks"]);
    let [keystore, truststore] = ["keystore", "truststore"].map(|store| format!("{SERVER}.{store}.jks"));
    let password = "file:kafka-certs/broker1/password";
    fs::write(sandbox.path().join("wrong"), "not-the-password\n").unwrap();
    let own = ["--keystore", &keystore, "--truststore", &truststore];
    let client = ["--client-truststore", &truststore];
    for flag in ["--truststore-pass", "--trustpass"] {
        let verify = [&["verify"], own.as_slice(), &[flag, password]].concat();
        sandbox.run(&verify).success();
        let of_client = format!("--client-{}", &flag[2..]);
        let both = [own.as_slice(), &client, &[flag, password, &of_client, password, "--client-auth", "none"]].concat();
        sandbox.run(&[&["handshake"], both.as_slice()].concat()).success();
        for (wrong, named) in [(flag, "--truststore-pass"), (&of_client, "--client-truststore-pass")] {
            let run = sandbox.run(&[&["handshake"], own.as_slice(), &client, &[wrong, "file:wrong"]].concat());
            assert_eq!(run.status, 1, "{}", run.stderr);
            assert!(run.stderr.contains("wrong password") && run.stderr.contains(named), "{}", run.stderr);
        }
    }
}

#[test]
fn a_role_belongs_to_stores_or_to_a_configuration() {
    let run = Sandbox::new().run(&["verify", "--role", "broker"]);
    assert_eq!(run.status, 2, "{}", run.stderr);
    for flag in ["`--keystore FILE`", "`--truststore FILE`", "`--config server.properties`"] {
        assert!(run.stderr.contains(flag), "{}", run.stderr);
    }
}

#[test]
fn calls_that_lead_nowhere_are_refused_with_a_way_out() {
    let sandbox = Sandbox::with_bundle(&["--format", "jks"]);
    fs::write(sandbox.path().join("wrong"), "not-the-password\n").unwrap();
    fs::create_dir(sandbox.path().join("broken")).unwrap();
    fs::write(sandbox.path().join("broken/bundle.json"), r#"{"version": 9}"#).unwrap();
    let truststore = format!("{SERVER}.truststore.jks");
    let keystore = format!("{SERVER}.keystore.jks");
    fs::create_dir(sandbox.path().join("elsewhere")).unwrap();
    fs::copy(sandbox.path().join(&keystore), sandbox.path().join("elsewhere/keystore.jks")).unwrap();
    let cases: [(&[&str], i32, &str); 12] = [
        (&["nowhere"], 2, "`kafka-certgen handshake nowhere:9093`"),
        (&["--keystore", "no.jks", "--truststore", &truststore], 1, "`no.jks` cannot be read"),
        (&["--keystore", "elsewhere/keystore.jks", "--truststore", &truststore], 2, "use `--storepass file:PATH`"),
        (&["broken"], 1, "the form of version 9"),
        (&["--broker", "broker9"], 2, "use `--broker broker1`; there are: broker1, app1"),
        (&["--client", "app9"], 2, "use `--client app1`; there are: app1, broker1"),
        (&["--format", "pem"], 2, "has no PEM keystore"),
        (&["--tls", "1.1"], 2, "use one of 1.2, 1.3"),
        (&["--host", "a b"], 2, "neither the name nor the address of a host"),
        (&["--storepass", "file:wrong"], 1, "wrong password"),
        (&["--keystore", &truststore, "--truststore", &truststore], 1, "has no private key"),
        (
            &["--keystore", "broken/bundle.json", "--truststore", &truststore],
            1,
            "neither a JKS, a JCEKS nor a PKCS#12 store",
        ),
    ];
    for (arguments, status, text) in cases {
        let run = sandbox.run(&[&["handshake"], arguments].concat());
        assert_eq!((run.status, run.stdout.as_str()), (status, ""), "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.contains(text) && run.stderr.contains("hint: "), "{arguments:?}: {}", run.stderr);
    }
}
