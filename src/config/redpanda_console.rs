//! Redpanda Console (redpanda-data/console, `docs/config/console.yaml`, `backend/pkg/config/tls.go`): PEM alone, the key not encrypted.

use super::{Deployment, Document};

/// Redpanda Console's configuration.
pub(super) fn console(deployment: &Deployment<'_>, document: &mut Document) {
    document.comment("Redpanda Console is told where its configuration is in the environment, with this file wherever it is mounted:");
    document.comment("  CONFIG_FILEPATH=/etc/redpanda/console.yaml");
    document.line("kafka:");
    document.line("  brokers:");
    for server in deployment.bootstrap_servers() {
        document.entry("    - ", &server, "");
    }
    document.line("  tls:");
    document.line("    enabled: true");
    document.entry("    caFilepath: ", &deployment.truststore(), "");
    // Each is looked for in its file by the label of its PEM (Go's `tls.LoadX509KeyPair`), and one file has both.
    if let Some(keystore) = deployment.keystore() {
        document.entry("    certFilepath: ", &keystore, "");
        document.entry("    keyFilepath: ", &keystore, "");
    }
}
