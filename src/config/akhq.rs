//! AKHQ (tchiotludo/akhq, `application.example.yml`): a Micronaut application, which gives the properties of a connection to Kafka's own
//! clients as they are (`org.akhq.configs.Connection`), and puts in for `${NAME}` what any of its files says.

use super::{Deployment, Document};

/// AKHQ's `application.yml`.
pub(super) fn application(deployment: &Deployment<'_>, document: &mut Document) {
    document
        .comment("AKHQ is told where its configuration is in the environment, with this file wherever it is mounted:");
    let passwords = deployment.imported_file().map(|file| format!(",{file}")).unwrap_or_default();
    document.comment(&format!("  MICRONAUT_CONFIG_FILES=/app/application.yml{passwords}"));
    document.line("akhq:");
    document.line("  connections:");
    document.comment_at(4, "What AKHQ calls the cluster, in its pages and their addresses: without a dot.");
    document.line("    kafka:");
    document.line("      properties:");
    document.entry("        bootstrap.servers: ", &deployment.bootstrap_servers().join(","), "");
    document.line("        security.protocol: SSL");
    for (key, value) in deployment.ssl_properties() {
        document.entry(&format!("        {key}: "), &value, "");
    }
}
