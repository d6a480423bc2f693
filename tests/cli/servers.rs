//! `config` of programs that others connect to: Connect's workers, which `tests/clients` runs, and Confluent's, whose libraries are not where
//! those of everybody else are, so that the keys are compared with what its documentation lists.

use std::collections::BTreeMap;

use super::*;

/// Two workers' certificates: one of a client, and one that is a server's too.
const CLUSTER: &str = "defaults: {key_algorithm: ec-p256, formats: [pkcs12, pem]}
ca: {key_algorithm: ec-p256}
brokers: [broker1]
clients:
  - app1
  - {name: service1, profile: broker, sans: [service1.example.com]}
  - {name: service2, cn: service2.example.com, profile: broker}
";

/// The options of Schema Registry in its documentation, as far as they have to do with TLS, and those of its own listener
/// (`SchemaRegistryConfig`, `RestConfig`).
const SCHEMA_REGISTRY: &[&str] = &[
    "kafkastore.bootstrap.servers",
    "kafkastore.topic",
    "kafkastore.topic.replication.factor",
    "kafkastore.security.protocol",
    "kafkastore.ssl.keystore.type",
    "kafkastore.ssl.keystore.location",
    "kafkastore.ssl.keystore.password",
    "kafkastore.ssl.key.password",
    "kafkastore.ssl.truststore.type",
    "kafkastore.ssl.truststore.location",
    "kafkastore.ssl.truststore.password",
    "inter.instance.protocol",
];

/// The same of REST Proxy, which hands to its clients what begins with `client.` (`KafkaRestConfig`).
const REST_PROXY: &[&str] = &[
    "bootstrap.servers",
    "client.security.protocol",
    "client.ssl.keystore.type",
    "client.ssl.keystore.location",
    "client.ssl.keystore.password",
    "client.ssl.key.password",
    "client.ssl.truststore.type",
    "client.ssl.truststore.location",
    "client.ssl.truststore.password",
];

/// What both have of `RestConfig`, and of every configuration of Kafka.
const BOTH: &[&str] = &[
    "listeners",
    "host.name",
    "ssl.keystore.type",
    "ssl.keystore.location",
    "ssl.keystore.password",
    "ssl.key.password",
    "ssl.truststore.type",
    "ssl.truststore.location",
    "ssl.truststore.password",
    "ssl.client.authentication",
    "config.providers",
    "config.providers.directory.class",
    "config.providers.directory.param.allowed.paths",
];

fn cluster() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("cluster.yaml", CLUSTER);
    sandbox.run(&["apply", "-f", "cluster.yaml", "-q"]).success();
    sandbox
}

/// Returns the settings that are printed, by their keys. None stands there twice.
fn settings(sandbox: &Sandbox, arguments: &[&str]) -> BTreeMap<String, String> {
    let text = sandbox.run(&[&["config"], arguments].concat()).success().stdout;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut settings = BTreeMap::new();
    for (key, value) in lines.map(|line| line.split_once('=').unwrap()) {
        assert_eq!(settings.insert(key.to_owned(), value.to_owned()), None, "{key} in {arguments:?}");
    }
    settings
}

#[test]
fn confluents_keys_are_those_that_it_documents() {
    let sandbox = cluster();
    for (kind, documented) in [("schema-registry", SCHEMA_REGISTRY), ("rest-proxy", REST_PROXY)] {
        for client in ["app1", "service1"] {
            for format in ["pkcs12", "pem"] {
                let printed = settings(&sandbox, &[kind, "--client", client, "--format", format]);
                for key in printed.keys() {
                    assert!(documented.contains(&&**key) || BOTH.contains(&&**key), "{kind} has no {key}");
                }
            }
        }
    }
    let printed = settings(&sandbox, &["rest-proxy", "--client", "app1"]);
    assert_eq!(printed["bootstrap.servers"], "SSL://broker1:9093");
}

#[test]
fn who_is_no_server_is_called_on_its_own_machine_alone() {
    let sandbox = cluster();
    for (kind, port) in [("connect", 8083), ("schema-registry", 8081), ("rest-proxy", 8082)] {
        let here = format!("http://localhost:{port}");
        // No certificate of a server, or a store that their HTTPS does not open.
        for who in [&["app1"][..], &["service1", "--format", "pem"]] {
            assert_eq!(settings(&sandbox, &[&[kind, "--client"], who].concat())["listeners"], here, "{kind} {who:?}");
        }
        let served = settings(&sandbox, &[kind, "--client", "service1", "--bind", "10.0.0.1"]);
        assert_eq!(served["listeners"], format!("https://10.0.0.1:{port}"));
    }
}

#[test]
fn a_server_is_called_by_a_name_that_its_certificate_has() {
    let sandbox = cluster();
    for (client, name) in [("service1", "service1"), ("service2", "service2.example.com")] {
        let names = [
            settings(&sandbox, &["connect", "--client", client])["rest.advertised.host.name"].clone(),
            settings(&sandbox, &["schema-registry", "--client", client])["host.name"].clone(),
            settings(&sandbox, &["rest-proxy", "--client", client])["host.name"].clone(),
        ];
        assert_eq!(names, [name; 3]);
    }
}
