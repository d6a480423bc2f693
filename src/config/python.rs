//! Clients in Python: modules with a `config` that a client is made with. kafka-python (`kafka.KafkaProducer`), aiokafka
//! (`aiokafka.helpers.create_ssl_context`), confluent-kafka.

use super::librdkafka::{Value, settings};
use super::program::{Password, Reading, key_password};
use super::{Deployment, Document};

const READING: Reading =
    Reading { file: ("Path(", ").read_text(encoding=\"utf-8\").rstrip(\"\\r\\n\")"), variable: ("os.environ[", "]") };

/// confluent-kafka, which takes what librdkafka takes.
pub(super) fn confluent(deployment: &Deployment<'_>, document: &mut Document) {
    let settings = settings(deployment);
    document.comment("Producer(config), AdminClient(config), Consumer({**config, \"group.id\": \"my-group\"})");
    document.blank();
    imports(
        document,
        settings.iter().find_map(|(_, value)| match value {
            Value::Text(_) => None,
            Value::Password(password) => Some(password),
        }),
    );
    document.line("config = {");
    for (key, value) in settings {
        value.write(document, &format!("    \"{key}\": "), &READING, ",");
    }
    document.line("}");
}

/// kafka-python.
pub(super) fn kafka_python(deployment: &Deployment<'_>, document: &mut Document) {
    let password = key_password(deployment);
    document.comment("KafkaProducer(**config), KafkaAdminClient(**config), KafkaConsumer(\"my-topic\", **config)");
    document.blank();
    imports(document, password.as_ref());
    head(deployment, document);
    document.line("    \"ssl_check_hostname\": True,");
    document.entry("    \"ssl_cafile\": ", &deployment.ca_certificate(), ",");
    if let Some(keystore) = deployment.keystore() {
        document.entry("    \"ssl_certfile\": ", &keystore, ",");
        document.entry("    \"ssl_keyfile\": ", &keystore, ",");
    }
    if let Some(password) = password {
        password.write(document, "    \"ssl_password\": ", &READING, ",");
    }
    document.line("}");
}

/// aiokafka.
pub(super) fn aiokafka(deployment: &Deployment<'_>, document: &mut Document) {
    let password = key_password(deployment);
    document
        .comment("AIOKafkaProducer(**config), AIOKafkaAdminClient(**config), AIOKafkaConsumer(\"my-topic\", **config)");
    document.blank();
    imports(document, password.as_ref());
    document.line("from aiokafka.helpers import create_ssl_context");
    document.blank();
    head(deployment, document);
    document.line("    \"ssl_context\": create_ssl_context(");
    document.entry("        cafile=", &deployment.ca_certificate(), ",");
    if let Some(keystore) = deployment.keystore() {
        document.entry("        certfile=", &keystore, ",");
        document.entry("        keyfile=", &keystore, ",");
    }
    if let Some(password) = password {
        password.write(document, "        password=", &READING, ",");
    }
    document.line("    ),");
    document.line("}");
}

/// Writes how both of those begin.
fn head(deployment: &Deployment<'_>, document: &mut Document) {
    document.line("config = {");
    document.list("    \"bootstrap_servers\": [", &deployment.bootstrap_servers(), "],");
    document.line("    \"security_protocol\": \"SSL\",");
}

/// Writes what a password is read with.
fn imports(document: &mut Document, password: Option<&Password<'_>>) {
    match password {
        Some(Password::File(_)) => document.line("from pathlib import Path"),
        Some(Password::Variable(_)) => document.line("import os"),
        Some(Password::Shown(_)) | None => return,
    }
    document.blank();
}
