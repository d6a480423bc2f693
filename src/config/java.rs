//! What runs on Kafka's own clients and takes their properties (`org.apache.kafka.clients.CommonClientConfigs`,
//! `org.apache.kafka.common.config.SslConfigs`).

use super::{Deployment, Document};

/// A client's properties.
pub(super) fn client(deployment: &Deployment<'_>, document: &mut Document) {
    document.property("bootstrap.servers", &deployment.bootstrap_servers().join(","));
    providers(deployment, document);
    document.property("security.protocol", "SSL");
    ssl(deployment, document, "");
}

/// Writes what lets Kafka read passwords itself.
pub(super) fn providers(deployment: &Deployment<'_>, document: &mut Document) {
    for (key, value) in deployment.provider_properties() {
        document.property(key, &value);
    }
}

/// Writes the properties of the stores, each with something before its name.
pub(super) fn ssl(deployment: &Deployment<'_>, document: &mut Document, prefix: &str) {
    for (key, value) in deployment.ssl_properties() {
        document.property(&format!("{prefix}{key}"), &value);
    }
}
