//! Kafka Connect, and what runs on it: `MirrorMaker` 2 and Debezium's connectors.
//!
//! A worker is three clients beside itself, and takes settings for each under a prefix (`org.apache.kafka.connect.runtime.WorkerConfig`,
//! `org.apache.kafka.connect.runtime.distributed.DistributedConfig`). Its REST interface is Jetty's, which opens no store in PEM
//! (`org.apache.kafka.connect.runtime.rest.util.SSLUtils`).

use super::java::{providers, ssl};
use super::{Deployment, Document};
use crate::spec::StoreFormat;

/// The clients that a worker makes for its connectors, by their prefixes.
const CLIENTS: [&str; 3] = ["producer.", "consumer.", "admin."];

/// The port of a worker's REST interface.
const REST_PORT: u16 = 8083;

/// Topics have so many replicas unless it is said.
const DEFAULT_REPLICAS: usize = 3;

/// A worker in distributed mode.
pub(super) fn worker(deployment: &Deployment<'_>, document: &mut Document) {
    document.property("bootstrap.servers", &deployment.bootstrap_servers().join(","));
    document.comment(
        "Workers with the same group and topics share their work. The names are yours to say, as are the converters.",
    );
    document.property("group.id", "connect-cluster");
    for (topic, name) in [
        ("config.storage.topic", "connect-configs"),
        ("offset.storage.topic", "connect-offsets"),
        ("status.storage.topic", "connect-status"),
    ] {
        document.property(topic, name);
    }
    replicas(
        deployment,
        document,
        &[
            "config.storage.replication.factor",
            "offset.storage.replication.factor",
            "status.storage.replication.factor",
        ],
    );
    document.property("key.converter", "org.apache.kafka.connect.json.JsonConverter");
    document.property("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    document.comment("The folder with the connectors: plugin.path=/usr/local/share/kafka/plugins");
    document.blank();
    let providers = deployment.provider_properties();
    if !providers.is_empty() {
        document.comment(
            "What a connector's configuration may name too: other folders are added to the paths, after a comma.",
        );
    }
    for (key, value) in providers {
        document.property(key, &value);
    }
    document.comment("The worker itself.");
    tls(deployment, document, "");
    document.comment(
        "The clients of its connectors. One with a certificate of its own has it in its own configuration, as",
    );
    document.comment("producer.override.ssl.keystore.location and so on.");
    for prefix in CLIENTS {
        tls(deployment, document, prefix);
    }
    document.blank();
    rest(deployment, document);
}

/// The worker's REST interface: over HTTPS for those with a certificate, where its own is a server's.
fn rest(deployment: &Deployment<'_>, document: &mut Document) {
    let bind = deployment.network().bind_host();
    match deployment.served_name() {
        Some(name) if deployment.format() != StoreFormat::Pem => {
            document.comment("The REST interface. Who creates a connector has all rights of the worker: nobody gets in without a certificate.");
            document.comment("admin.listeners takes the part for administrators to another address.");
            document.property("listeners", &format!("https://{bind}:{REST_PORT}"));
            document.comment("How the other workers reach it, which is a name in its certificate.");
            document.property("rest.advertised.listener", "https");
            document.property("rest.advertised.host.name", name);
            let prefix = "listeners.https.";
            ssl(deployment, document, prefix);
            document.property(&format!("{prefix}ssl.client.auth"), "required");
        }
        served => {
            document.comment("The REST interface, for this machine alone, because it has no TLS:");
            document.comment(match served {
                Some(_) => "it opens no store in PEM; --format chooses another one.",
                None => "the certificate is not one of a server; `profile: broker` in cluster.yaml makes it one.",
            });
            document.property("listeners", &format!("http://localhost:{REST_PORT}"));
        }
    }
}

/// `MirrorMaker` 2 as a program of its own (`org.apache.kafka.connect.mirror.MirrorMakerConfig`).
pub(super) fn mirror_maker(deployment: &Deployment<'_>, document: &mut Document) {
    let servers = deployment.bootstrap_servers().join(",");
    document.comment("The bundle's cluster is `target`, which is copied to. The other one is yours to say.");
    document.property("clusters", "source, target");
    document.property("target.bootstrap.servers", &servers);
    document.property("source.bootstrap.servers", "source-broker1.example.com:9093");
    document.property("source->target.enabled", "true");
    document.property("source->target.topics", ".*");
    document.property("target->source.enabled", "false");
    replicas(
        deployment,
        document,
        &[
            "replication.factor",
            "checkpoints.topic.replication.factor",
            "heartbeats.topic.replication.factor",
            "offset-syncs.topic.replication.factor",
            "config.storage.replication.factor",
            "offset.storage.replication.factor",
            "status.storage.replication.factor",
        ],
    );
    document.blank();
    providers(deployment, document);
    document.comment("The bundle's cluster.");
    tls(deployment, document, "target.");
    document.comment(
        "The other one. If it has another CA, its files lie elsewhere: in a folder that is added to the paths above.",
    );
    tls(deployment, document, "source.");
}

/// What Debezium's connectors add for the topic with the history of a database's schema
/// (`io.debezium.storage.kafka.history.KafkaSchemaHistory`).
pub(super) fn debezium(deployment: &Deployment<'_>, document: &mut Document) {
    let prefix = "schema.history.internal.";
    let mut settings = vec![(
        format!("{prefix}kafka.bootstrap.servers"),
        zeroize::Zeroizing::new(deployment.bootstrap_servers().join(",")),
    )];
    for client in ["producer.", "consumer."] {
        settings.push((format!("{prefix}{client}security.protocol"), zeroize::Zeroizing::new("SSL".to_owned())));
        let stores = deployment.ssl_properties();
        settings.extend(stores.into_iter().map(|(key, value)| (format!("{prefix}{client}{key}"), value)));
    }
    document.line("{");
    let last = settings.len().saturating_sub(1);
    for (at, (key, value)) in settings.iter().enumerate() {
        document.entry(&format!("  \"{key}\": "), value, if at == last { "" } else { "," });
    }
    document.line("}");
}

fn tls(deployment: &Deployment<'_>, document: &mut Document, prefix: &str) {
    document.property(&format!("{prefix}security.protocol"), "SSL");
    ssl(deployment, document, prefix);
}

/// Writes how many replicas topics have, where the brokers are fewer than the defaults ask for.
fn replicas(deployment: &Deployment<'_>, document: &mut Document, keys: &[&str]) {
    let brokers = deployment.brokers().count();
    if brokers == 0 || brokers >= DEFAULT_REPLICAS {
        return;
    }
    for key in keys {
        document.property(key, &brokers.to_string());
    }
}
