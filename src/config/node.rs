//! Clients in Node.js: modules that are the configuration, in a file whose name says that it is `CommonJS`, so that `require` and `import`
//! both take it. kafkajs hands its `ssl` to `tls.connect`; node-rdkafka and Confluent's kafka-javascript take what librdkafka takes.

use super::librdkafka::{Value, settings};
use super::program::{Password, Reading, key_password, store_password};
use super::{Deployment, Document};
use crate::spec::StoreFormat;

const READING: Reading =
    Reading { file: ("readFileSync(", ", \"utf8\").replace(/\\r?\\n$/, \"\")"), variable: ("process.env[", "]") };

const READS_FILES: &str = "const { readFileSync } = require(\"node:fs\");";

/// kafkajs.
pub(super) fn kafkajs(deployment: &Deployment<'_>, document: &mut Document) {
    document.comment("const config = require(\"./kafka-config.cjs\")");
    document.comment("new Kafka({ ...config, clientId: \"my-app\" })");
    document.blank();
    document.line(READS_FILES);
    document.blank();
    document.line("module.exports = {");
    document.list("  brokers: [", &deployment.bootstrap_servers(), "],");
    document.line("  ssl: {");
    document.entry("    ca: [readFileSync(", &deployment.ca_certificate(), ", \"utf8\")],");
    let mut password = None;
    if let Some(keystore) = deployment.keystore() {
        if deployment.format() == StoreFormat::Pem {
            document.entry("    cert: readFileSync(", &keystore, ", \"utf8\"),");
            document.entry("    key: readFileSync(", &keystore, ", \"utf8\"),");
            password = key_password(deployment);
        } else {
            document.entry("    pfx: readFileSync(", &keystore, "),");
            password = store_password(deployment);
        }
    }
    if let Some(password) = password {
        password.write(document, "    passphrase: ", &READING, ",");
    }
    document.line("  },");
    document.line("};");
}

/// node-rdkafka.
pub(super) fn rdkafka(deployment: &Deployment<'_>, document: &mut Document) {
    document.comment("const config = require(\"./kafka-config.cjs\")");
    document.comment("new Producer(config), AdminClient.create(config), new KafkaConsumer({ ...config, \"group.id\": \"my-group\" }, {})");
    librdkafka(deployment, document);
}

/// Confluent's kafka-javascript.
pub(super) fn confluent(deployment: &Deployment<'_>, document: &mut Document) {
    document.comment("const config = require(\"./kafka-config.cjs\")");
    document.comment("const kafka = new KafkaJS.Kafka(config), then kafka.consumer({ \"group.id\": \"my-group\" })");
    librdkafka(deployment, document);
}

fn librdkafka(deployment: &Deployment<'_>, document: &mut Document) {
    let settings = settings(deployment);
    document.blank();
    if settings.iter().any(|(_, value)| matches!(value, Value::Password(Password::File(_)))) {
        document.line(READS_FILES);
        document.blank();
    }
    document.line("module.exports = {");
    for (key, value) in settings {
        value.write(document, &format!("  \"{key}\": "), &READING, ",");
    }
    document.line("};");
}
