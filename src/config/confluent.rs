//! Confluent's Schema Registry and REST Proxy (`io.confluent.kafka.schemaregistry.rest.SchemaRegistryConfig`,
//! `io.confluent.kafkarest.KafkaRestConfig`). Their own HTTPS is of `io.confluent.rest.RestConfig`, which opens JKS and PKCS#12 alone.

use super::java::{providers, ssl};
use super::{Deployment, Document};
use crate::spec::StoreFormat;

/// Schema Registry.
pub(super) fn schema_registry(deployment: &Deployment<'_>, document: &mut Document) {
    document.property("kafkastore.bootstrap.servers", &servers(deployment));
    document.property("kafkastore.topic", "_schemas");
    let brokers = deployment.brokers().count();
    if (1..3).contains(&brokers) {
        document.property("kafkastore.topic.replication.factor", &brokers.to_string());
    }
    document.blank();
    providers(deployment, document);
    document.property("kafkastore.security.protocol", "SSL");
    ssl(deployment, document, "kafkastore.");
    document.blank();
    if let Some(name) = https(deployment, document, 8081) {
        document.comment("How the other registries reach it, which is a name in its certificate.");
        document.property("host.name", name);
        document.property("inter.instance.protocol", "https");
        // `KafkaSchemaRegistry.getHostnameVerifier`, and `io.confluent.rest.SslFactory`, which has the same setting for its server.
        document.comment("Registries take each other's certificates whatever name is in them. ssl.endpoint.identification.algorithm=https");
        document.comment(
            "makes them look, and refuses callers too whose certificates do not have the name that they call from.",
        );
    }
}

/// REST Proxy.
pub(super) fn rest_proxy(deployment: &Deployment<'_>, document: &mut Document) {
    document.property("bootstrap.servers", &servers(deployment));
    document.blank();
    providers(deployment, document);
    document.property("client.security.protocol", "SSL");
    ssl(deployment, document, "client.");
    document.blank();
    if let Some(name) = https(deployment, document, 8082) {
        document.property("host.name", name);
    }
}

/// Returns the brokers with the protocol before each, as these programs take them.
fn servers(deployment: &Deployment<'_>) -> String {
    deployment.bootstrap_servers().iter().map(|server| format!("SSL://{server}")).collect::<Vec<_>>().join(",")
}

/// Writes what callers come to: HTTPS for those with a certificate, where its own is a server's. Returns its name then.
fn https<'a>(deployment: &Deployment<'a>, document: &mut Document, port: u16) -> Option<&'a str> {
    let served = deployment.served_name();
    if served.is_none() || deployment.format() == StoreFormat::Pem {
        document.comment("What callers come to, on this machine alone, because it has no TLS:");
        document.comment(match served {
            Some(_) => "it opens no store in PEM; --format chooses another one.",
            None => "the certificate is not one of a server; `profile: broker` in cluster.yaml makes it one.",
        });
        document.property("listeners", &format!("http://localhost:{port}"));
        return None;
    }
    let bind = match deployment.network().bind_host() {
        all if all.is_empty() => "0.0.0.0".to_owned(),
        address => address,
    };
    document.comment("What callers come to: with a certificate, each by a name in this one's.");
    document.property("listeners", &format!("https://{bind}:{port}"));
    ssl(deployment, document, "");
    document.property("ssl.client.authentication", "REQUIRED");
    served
}
