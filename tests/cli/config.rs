//! `config`: what every kind has in common, and what nodes and Java clients are told. Programs of others judge the rest in `tests/clients`.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use super::*;

const QUICK: [&str; 4] = ["--key-alg", "ec-p256", "--ca-key-alg", "ec-p256"];

impl Sandbox {
    fn bundle(&self, arguments: &[&str]) {
        self.init(&[&QUICK[..], arguments].concat()).success();
    }

    fn config(&self, arguments: &[&str]) -> Run {
        self.run(&[&["config"], arguments].concat())
    }

    fn kinds(&self) -> Vec<serde_json::Value> {
        let document = self.config(&["--list", "--json"]).success().document();
        document["kinds"].as_array().unwrap().clone()
    }
}

/// The flags that name somebody who can have a kind of configuration.
fn whom(kind: &serde_json::Value) -> &'static [&'static str] {
    match kind["for"].as_str().unwrap() {
        "broker" => &["--broker", "broker1"],
        "controller" => &["--controller", "controller1"],
        "client" => &["--client", "app1"],
        "cluster" => &[],
        other => panic!("nobody knows what a {other} is"),
    }
}

const CLUSTER: &str = "defaults: {key_algorithm: ec-p256, formats: [jks, pkcs12, pem]}
ca: {key_algorithm: ec-p256}
brokers: [broker1, broker2]
controllers: [controller1]
clients: [app1]
";

#[test]
fn every_kind_names_files_that_are_there_and_shows_no_password() {
    let sandbox = Sandbox::new();
    sandbox.write("cluster.yaml", CLUSTER);
    sandbox.run(&["apply", "-f", "cluster.yaml", "-q"]).success();
    let password = |name: &str| sandbox.read(&format!("kafka-certs/{name}/password")).trim().to_owned();
    let passwords = ["broker1", "broker2", "controller1", "app1"].map(password);
    let kinds = sandbox.kinds();
    assert_eq!(kinds.iter().map(|kind| kind["kind"].as_str().unwrap()).collect::<BTreeSet<_>>().len(), kinds.len());
    for kind in &kinds {
        let name = kind["kind"].as_str().unwrap();
        for format in kind["formats"].as_array().unwrap() {
            let call = [&[name, "--format", format.as_str().unwrap()], whom(kind)].concat();
            if kind["password"].as_str().unwrap().starts_with("none") && format != "pem" {
                let refused =
                    sandbox.config(&call).says(2, &["can be told a password only in its configuration itself"]);
                assert!(refused.stderr.contains("--show-passwords"), "{}", refused.stderr);
                continue;
            }
            let printed = sandbox.config(&call).success().stdout;
            assert!(printed.lines().count() > 3, "{name}: {printed}");
            assert!(!passwords.iter().any(|password| printed.contains(password)), "{name}: {printed}");
            let facts = sandbox.config(&[&call[..], &["--json"]].concat()).success().document();
            assert_eq!(facts["document"], printed, "{name}");
            let folder = Path::new(facts["folder"].as_str().unwrap());
            for file in facts["files"].as_array().unwrap() {
                let file = file.as_str().unwrap();
                let is_there =
                    folder.join(file).is_file() || (file == "ca-cert" && folder.join("../ca/ca-cert").is_file());
                assert!(is_there, "{name} names {file}, which is not in {}", folder.display());
                assert!(printed.contains(file), "{name} says that it needs {file}, and does not name it: {printed}");
            }

            let elsewhere = sandbox.config(&[&call[..], &["--deploy-dir", "/srv/kafka tls"]].concat()).success().stdout;
            assert!(!elsewhere.contains(sandbox.path().to_str().unwrap()), "{name}: {elsewhere}");
            let shown =
                sandbox.config(&[&call[..], &["--show-passwords", "--json", "--out", "shown"]].concat()).success();
            fs::remove_file(sandbox.path().join("shown")).unwrap();
            assert!(!passwords.iter().any(|password| shown.stdout.contains(password)), "{name}: {}", shown.stdout);
        }
    }
}

#[test]
fn passwords_are_shown_when_they_are_asked_for_and_a_file_with_them_is_its_owners() {
    let sandbox = Sandbox::new();
    sandbox.bundle(&["--cn", "broker1", "--client", "app1"]);
    let password = sandbox.read("kafka-certs/app1/password").trim().to_owned();
    let shown = sandbox.config(&["java-client", "--show-passwords"]).success().stdout;
    assert!(shown.contains(&format!("ssl.keystore.password={password}\n")), "{shown}");
    assert!(!shown.contains("config.providers"), "{shown}");
    assert_eq!(sandbox.config(&["java-client", "--show-passwords", "--out", "-"]).success().stdout, shown);

    let run = sandbox.config(&["java-client", "--show-passwords", "--out", "client.properties"]).success();
    assert!(run.stdout.contains("it needs, in "), "{}", run.stdout);
    let mode = |file: &str| fs::metadata(sandbox.path().join(file)).unwrap().permissions().mode() & 0o777;
    assert_eq!((sandbox.read("client.properties"), mode("client.properties")), (shown, 0o600));
    sandbox.config(&["java-client", "--out", "other.properties", "-q"]).success();
    assert_eq!(mode("other.properties") & 0o600, 0o600);
    let before = sandbox.read("other.properties");
    sandbox.config(&["java-client", "--out", "other.properties"]).says(1, &["other.properties"]);
    assert_eq!(sandbox.read("other.properties"), before);
}

#[test]
fn without_clients_nobody_needs_a_certificate_and_the_ca_is_trusted() {
    let sandbox = Sandbox::new();
    sandbox.bundle(&["--cn", "broker1"]);
    let printed = sandbox.config(&["java-client"]).success().stdout;
    assert!(printed.contains("ssl.truststore.type=PEM\n"), "{printed}");
    assert!(printed.contains("/kafka-certs/ca/ca-cert\n"), "{printed}");
    assert!(!printed.contains("keystore"), "{printed}");
    // A node's certificate is one of a client too.
    let of_broker = sandbox.config(&["java-client", "--broker", "broker1"]).success().stdout;
    assert!(of_broker.contains("kafka.server.keystore.p12"), "{of_broker}");
    let broker = sandbox.config(&["broker"]).success().stdout;
    assert!(broker.contains("listener.name.ssl.ssl.client.auth=none\n"), "{broker}");
    assert!(broker.contains("listener.name.controller.ssl.client.auth=required\n"), "{broker}");
    assert!(!broker.contains("super.users="), "{broker}");
}

#[test]
fn nodes_are_told_the_whole_cluster() {
    let sandbox = Sandbox::new();
    sandbox.write("cluster.yaml", CLUSTER.replace("broker1, broker2", "'k[7-9].eu', 'k10.eu'"));
    sandbox.run(&["apply", "-f", "cluster.yaml", "-q"]).success();
    let broker =
        sandbox.config(&["broker", "--broker", "k9.eu", "--listener", "internal", "--bind", "::1", "--port", "9192"]);
    let broker = broker.success().stdout;
    for line in [
        "process.roles=broker",
        "node.id=9",
        "listeners=INTERNAL://[::1]:9192",
        "advertised.listeners=INTERNAL://k9.eu:9192",
        "listener.security.protocol.map=INTERNAL:SSL,CONTROLLER:SSL",
        "inter.broker.listener.name=INTERNAL",
        "controller.quorum.bootstrap.servers=controller1:9094",
        "super.users=User:CN=k7.eu;User:CN=k8.eu;User:CN=k9.eu;User:CN=k10.eu;User:CN=controller1",
    ] {
        assert!(broker.lines().any(|own| own == line), "{line}: {broker}");
    }
    assert!(broker.contains("listener.name.internal.ssl.keystore.location="), "{broker}");
    assert!(!broker.contains("replication.factor"), "{broker}");
    let controller = sandbox.config(&["controller", "--node-id", "5", "--principal", "cn"]).success().stdout;
    for line in [
        "process.roles=controller",
        "node.id=5",
        "listeners=CONTROLLER://:9094",
        "ssl.principal.mapping.rules=RULE:^CN=([^,]+).*$/$1/,DEFAULT",
        "super.users=User:k7.eu;User:k8.eu;User:k9.eu;User:k10.eu;User:controller1",
    ] {
        assert!(controller.lines().any(|own| own == line), "{line}: {controller}");
    }
    let by_place = sandbox.config(&["controller"]).success().stdout;
    assert!(by_place.contains("node.id=3001\n"), "{by_place}");
}

#[test]
fn without_controllers_the_first_three_brokers_are_the_quorum() {
    let sandbox = Sandbox::new();
    sandbox.bundle(&["--cn", "broker[1-4]", "--client", "app1"]);
    let of = |name: &str| sandbox.config(&["broker", "--broker", name]).success().stdout;
    assert!(of("broker3").contains("process.roles=broker,controller\n"));
    assert!(of("broker4").contains("process.roles=broker\n"));
    assert!(of("broker4").contains("controller.quorum.bootstrap.servers=broker1:9094,broker2:9094,broker3:9094\n"));
    assert!(of("broker1").contains("--initial-controllers MEMBERS"));
    assert!(of("broker1").contains("#   1@broker1:9094:UUID,2@broker2:9094:UUID,3@broker3:9094:UUID\n"));
}

#[test]
fn a_node_is_in_its_quorum_with_the_id_that_it_is_given() {
    let sandbox = Sandbox::new();
    sandbox.bundle(&["--cn", "broker[1-3]", "--client", "app1"]);
    let broker = sandbox.config(&["broker", "--broker", "broker2", "--node-id", "7"]).success().stdout;
    assert!(broker.contains("node.id=7\n"), "{broker}");
    assert!(broker.contains("#   1@broker1:9094:UUID,7@broker2:9094:UUID,3@broker3:9094:UUID\n"), "{broker}");
}

#[test]
fn who_has_no_certificate_is_among_everybody_where_none_is_required() {
    let sandbox = Sandbox::new();
    sandbox.bundle(&["--cn", "broker1", "--client", "app1", "--client-auth", "requested"]);
    let broker = sandbox.config(&["broker"]).success().stdout;
    assert!(broker.contains("open to everybody, with a certificate or without"), "{broker}");
}

/// A bundle's folder, and the one that its inventory says, can have any name.
#[test]
fn a_folder_that_ends_a_line_is_in_no_document() {
    let sandbox = Sandbox::new();
    sandbox.bundle(&["--cn", "broker1", "--client", "app1", "--format", "pkcs12,pem"]);
    let folder = "x\nssl.endpoint.identification.algorithm=none";
    fs::create_dir(sandbox.path().join(folder)).unwrap();
    fs::rename(sandbox.path().join("kafka-certs"), sandbox.path().join(folder).join("kafka-certs")).unwrap();
    let bundle = format!("{folder}/kafka-certs");
    sandbox.config(&["kcat", &bundle]).says(2, &["x\\u{a}ssl", "--deploy-dir /etc/kafka/ssl"]);
    let moved = sandbox.config(&["kcat", &bundle, "--deploy-dir", "/etc/kafka/ssl"]).success().stdout;
    assert!(!moved.contains("=none"), "{moved}");

    let inventory = format!("{bundle}/bundle.json");
    let mut document: serde_json::Value = serde_json::from_str(&sandbox.read(&inventory)).unwrap();
    document["settings"]["deploy_dir"] = "/x\nssl.ca.location=/y".into();
    sandbox.write(&inventory, document.to_string());
    sandbox.config(&["kcat", &bundle]).says(2, &["--deploy-dir /etc/kafka/ssl"]);
}

#[test]
fn a_shown_password_is_refused_where_it_would_become_another() {
    let sandbox = Sandbox::new();
    sandbox.write("pw", "change${HOME}it\n");
    let named = ["--cn", "broker1", "--client", "app1", "--out", "one", "--storepass", "file:pw"];
    sandbox.bundle(&[&named[..], &["--format", "pkcs12,pem"]].concat());
    for kind in ["spring-boot", "spring-boot-classic", "akhq", "kafka-ui"] {
        let refused = sandbox.config(&[kind, "one", "--format", "pkcs12", "--show-passwords"]);
        let refused = refused.says(2, &["`${`", "leave `--show-passwords` out"]);
        assert!(!refused.stderr.contains("${HOME}"), "{}", refused.stderr);
        sandbox.config(&[kind, "one", "--format", "pkcs12"]).success();
    }
    let quarkus = sandbox.config(&["quarkus", "one", "--format", "pkcs12", "--show-passwords"]).success().stdout;
    assert!(quarkus.contains("password=change$${HOME}it\n"), "{quarkus}");
}

#[test]
fn a_name_with_commas_is_a_super_user_as_java_reads_it() {
    let sandbox = Sandbox::new();
    sandbox.bundle(&["--cn", "broker1", "--client", "app1", "--dname", "O=Acme\\, Inc."]);
    let broker = sandbox.config(&["broker"]).success().stdout;
    assert!(broker.contains("super.users=User:CN=broker1,O=Acme\\\\, Inc.\n"), "{broker}");
    sandbox.write("server.properties", &broker);
    let judged = sandbox.run(&["verify", "--config", "server.properties"]);
    assert!(!judged.stdout.contains("super-users"), "{}", judged.stdout);
}

#[test]
fn mistakes_are_told_with_what_mends_them() {
    let sandbox = Sandbox::new();
    sandbox.config(&["java-client"]).says(1, &["kafka-certgen init --cn broker1"]);
    sandbox.bundle(&["--cn", "broker[1-2]", "--client", "app[1-2]", "--format", "jks"]);
    for (call, hint) in [
        (&["brokr"][..], "did you mean `kafka-certgen config broker`?"),
        (&["zookeeper"], "--list"),
        (&["broker"], "name it: `--broker broker1`"),
        (&["java-client"], "name it: `--client app1`"),
        (&["java-client", "--client", "ap1"], "did you mean `--client app1`?"),
        (&["java-client", "--client", "broker1"], "use `--broker broker1`"),
        (&["broker", "--client", "app1"], "kafka-certgen config java-client"),
        (&["java-client", "--client", "app1", "--format", "pem"], "kafka-certgen add --format pem --only app1"),
        (&["controller"], "brokers are controllers too"),
        (&["broker", "--broker", "broker1", "--port", "0"], "--port 9093"),
        (&["broker", "--broker", "broker1", "--port", "9094"], "give another one"),
        (&["broker", "--broker", "broker1", "--listener", "controller"], "--listener SSL"),
        (&["broker", "--broker", "broker1", "--listener", "a b"], "--listener INTERNAL"),
        (&["broker", "--broker", "broker1", "--bind", "localhost"], "--bind 10.0.0.1"),
        (&["broker", "--broker", "broker1", "--node-id", "-1"], "--node-id"),
        (&["broker", "--broker", "broker1", "--principal", "uid"], "use one of dn, cn"),
        (&["java-client", "--client", "app1", "--deploy-dir", "/a:b"], "--deploy-dir PATH"),
        (&["java-client", "--client", "app1", "--deploy-dir", ""], "--deploy-dir /etc/kafka/ssl"),
        (&["java-client", "--client", "app1", "--deploy-dir", "/"], "--deploy-dir /etc/kafka/ssl"),
        (&["java-client", "--client", "app1", "--deploy-dir", "ssl"], "--deploy-dir /etc/kafka/ssl"),
        (&["akhq", "--client", "app1", "--deploy-dir", "/a${HOME}"], "--deploy-dir /etc/kafka/ssl"),
        (&["kafka-ui", "--client", "app1", "--deploy-dir", "/a${HOME}"], "--deploy-dir /etc/kafka/ssl"),
        (&["java-client", "--client", "app1", "--bootstrap-server", "b1"], "broker1:9093,broker2:9093"),
        (&["java-client", "--client", "app1", "--broker", "broker1"], "cannot be used with"),
        (&["java-client", "--client", "app1", "--json", "--show-passwords"], "add `--out FILE`"),
        (&["java-client", "--client", "x"], "there are: app1, app2"),
        (&["java-client", "--broker", "x"], "there are: broker1, broker2"),
    ] {
        let run = sandbox.config(call);
        assert!(run.status == 2 && run.stderr.contains(hint) && run.stdout.is_empty(), "{call:?}: {run:?}");
    }
    sandbox.bundle(&["--cn", "broker1", "--out", "alone"]);
    let run = sandbox.config(&["java-client", "alone", "--format", "jks"]);
    assert!(run.status == 2 && run.stderr.contains("kafka-certgen add --client app1 --out alone"), "{run:?}");
    sandbox.bundle(&["--cn", "broker1", "--layout", "script", "--out", "flat"]);
    let run = sandbox.config(&["kcat", "flat", "--broker", "broker1"]);
    assert!(run.status == 2 && run.stderr.contains("init --cn broker1 --format jks,pkcs12,pem"), "{run:?}");
    // All of them at once.
    let run = sandbox.config(&["brokr", "--port", "x", "--format", "cer"]);
    assert_eq!(run.stderr.matches("error:").count(), 3, "{}", run.stderr);
}

#[test]
fn a_password_of_the_key_alone_is_found_in_the_bundles_own_properties() {
    let sandbox = Sandbox::new();
    sandbox.write("pw", "changeit-changeit\n");
    sandbox.write("kp", "another-password\n");
    let given = ["--storepass", "file:pw", "--keypass", "file:kp", "--format", "jks"];
    sandbox.bundle(&[&["--cn", "broker1", "--client", "app1"], &given[..]].concat());
    let printed = sandbox.config(&["java-client"]).success().stdout;
    assert!(printed.contains("config.providers=directory,file\n"), "{printed}");
    assert!(printed.contains("/kafka-certs/app1:password}\n"), "{printed}");
    assert!(printed.contains("/client.properties:ssl.key.password}\n"), "{printed}");
    let shown = sandbox.config(&["java-client", "--show-passwords"]).success().stdout;
    assert!(shown.contains("ssl.key.password=another-password\n"), "{shown}");
}

#[test]
fn what_is_printed_is_sound_and_its_passwords_are_found() {
    let sandbox = Sandbox::new();
    sandbox.write("cluster.yaml", CLUSTER);
    sandbox.run(&["apply", "-f", "cluster.yaml", "-q"]).success();
    for format in ["jks", "pkcs12", "pem"] {
        for (kind, whom) in [
            ("broker", "--broker=broker1"),
            ("controller", "--controller=controller1"),
            ("java-client", "--client=app1"),
        ] {
            let file = format!("{kind}-{format}.properties");
            sandbox.config(&[kind, whom, "--format", format, "--out", &file, "-q"]).success();
            let judged = sandbox.run(&["verify", "--config", &file, "--json"]).success().document();
            assert_eq!(judged["findings"].as_array().unwrap().len(), 0, "{kind} {format}: {judged}");
            assert_eq!(judged["not_looked_at"].as_array().unwrap().len(), 0, "{kind} {format}: {judged}");
        }
    }
    // A password that fits nothing is one that was read.
    sandbox.write("kafka-certs/app1/password", "another one\n");
    sandbox.run(&["verify", "--config", "java-client-jks.properties"]).says(3, &["password"]);
}

#[test]
fn the_cas_certificate_is_named_where_it_is() {
    let sandbox = Sandbox::new();
    sandbox.bundle(&["--cn", "broker1", "--client", "app1"]);
    sandbox.bundle(&["--cn", "broker1", "--layout", "script", "--format", "pkcs12", "--out", "flat"]);
    sandbox.bundle(&["--cn", "broker1", "--client", "app1", "--deploy-dir", "/srv/tls", "--out", "elsewhere"]);
    let bundle = |name: &str| sandbox.path().canonicalize().unwrap().join(name);
    for (call, path) in [
        (&["kafkajs", "--client", "app1"][..], bundle("kafka-certs/ca/ca-cert")),
        (&["confluent-kafka-python", "flat", "--broker", "broker1"], bundle("flat/ca-cert")),
        (&["kafkajs", "flat"], bundle("flat/ca-cert")),
    ] {
        let printed = sandbox.config(call).success().stdout;
        assert!(path.is_file() && printed.contains(&format!("\"{}\"", path.display())), "{call:?}: {printed}");
        assert!(!printed.contains("copy it there"), "{printed}");
    }
    let printed = sandbox.config(&["kafkajs", "elsewhere"]).success().stdout;
    assert!(printed.contains("\"/srv/tls/ca-cert\"") && printed.contains("copy it there from ca/"), "{printed}");
    // What a bundle was made for is the folder of one node on its machine.
    let composed = sandbox.config(&["compose-apache-kafka", "elsewhere"]).success().stdout;
    assert!(composed.contains(&format!("source: \"{}\"", bundle("elsewhere/broker1").display())), "{composed}");
}

#[test]
fn a_hyphen_is_the_standard_output() {
    let sandbox = Sandbox::new();
    sandbox.bundle(&["--cn", "broker1", "--client", "app1"]);
    let printed = sandbox.config(&["java-client"]).success().stdout;
    assert_eq!(sandbox.config(&["java-client", "--out", "-"]).success().stdout, printed);
    assert!(!sandbox.path().join("-").exists());
}

#[test]
fn a_client_that_serves_as_it_is_told_to_is_no_fault() {
    let sandbox = Sandbox::new();
    let keys = "ca: { key_algorithm: ec-p256 }\ndefaults: { key_algorithm: ec-p256 }\n";
    let clients = "clients: [{ name: connect1, profile: broker }]\n";
    sandbox.write("cluster.yaml", format!("{keys}brokers: [broker1]\n{clients}"));
    sandbox.run(&["apply", "-f", "cluster.yaml"]).success();
    let printed = sandbox.config(&["connect"]).success().stdout;
    assert!(printed.contains("listeners=https://:8083\n"), "{printed}");
    sandbox.run(&["verify", "kafka-certs"]).says(0, &["nothing found"]);
}
