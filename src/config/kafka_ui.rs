//! Kafka UI, kafbat/kafka-ui as well as provectus/kafka-ui (`ClustersProperties`, `AdminClientServiceImpl`): a Spring Boot application,
//! which hands `properties` to Kafka's own clients as they are, after those that it makes of `ssl`; and replaces `${NAME}` by what is in
//! its environment.

use super::{Deployment, Document};

/// A file of Kafka UI's configuration.
pub(super) fn clusters(deployment: &Deployment<'_>, document: &mut Document) {
    document.comment("Mount it and say where it is: SPRING_CONFIG_ADDITIONAL_LOCATION=/etc/kafkaui/kafka-ui.yml");
    document.line("kafka:");
    document.line("  clusters:");
    document.line("    - name: kafka");
    document.entry("      bootstrapServers: ", &deployment.bootstrap_servers().join(","), "");
    document.line("      properties:");
    document.entry("        security.protocol: ", "SSL", "");
    for (key, value) in deployment.ssl_properties() {
        document.entry(&format!("        {key}: "), &value, "");
    }
}
