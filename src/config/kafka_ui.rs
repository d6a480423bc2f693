//! Kafka UI, kafbat/kafka-ui as well as provectus/kafka-ui (`ClustersProperties`, `AdminClientServiceImpl`): a Spring Boot application,
//! which gives the `properties` of a cluster to Kafka's own clients as they are, after those that it makes of `ssl`.

use super::frameworks::spring_import;
use super::{Deployment, Document};

/// A file of Kafka UI's configuration.
pub(super) fn clusters(deployment: &Deployment<'_>, document: &mut Document) {
    document.comment(
        "Kafka UI is told where its configuration is in the environment, with this file wherever it is mounted:",
    );
    document.comment("  SPRING_CONFIG_ADDITIONAL_LOCATION=/etc/kafkaui/kafka-ui.yml");
    if deployment.imported_file().is_some() {
        document.line("spring:");
        spring_import(deployment, document);
    }
    document.line("kafka:");
    document.line("  clusters:");
    document.line("    - name: kafka");
    document.entry("      bootstrapServers: ", &deployment.bootstrap_servers().join(","), "");
    document.line("      properties:");
    document.line("        security.protocol: SSL");
    for (key, value) in deployment.ssl_properties() {
        document.entry(&format!("        {key}: "), &value, "");
    }
}
