//! AKHQ (tchiotludo/akhq, `application.example.yml`): a Micronaut application, which hands the properties of a connection to Kafka's own
//! clients as they are (`org.akhq.configs.Connection`), and replaces `${NAME}` by what is in its environment.

use super::{Deployment, Document};

/// AKHQ's `application.yml`.
pub(super) fn application(deployment: &Deployment<'_>, document: &mut Document) {
    document.comment("Mount it and say where it is: MICRONAUT_CONFIG_FILES=/app/application.yml");
    document.line("akhq:");
    document.line("  connections:");
    document.line("    # What AKHQ calls the cluster, in its pages and their addresses: without a dot.");
    document.line("    kafka:");
    document.line("      properties:");
    document.entry("        bootstrap.servers: ", &deployment.bootstrap_servers().join(","), "");
    document.entry("        security.protocol: ", "SSL", "");
    for (key, value) in deployment.ssl_properties() {
        document.entry(&format!("        {key}: "), &value, "");
    }
}
