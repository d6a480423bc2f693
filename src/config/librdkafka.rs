//! librdkafka, and what hands its settings on to it (`CONFIGURATION.md` of librdkafka): kcat, confluent-kafka-python, node-rdkafka,
//! Confluent's kafka-javascript, the Rust crate rdkafka, and Confluent.Kafka for .NET.
//!
//! A certificate with its chain and the key may lie in the same PEM file. Of a PKCS#12 store it takes the key and the chain, and not whom
//! to trust: the CA's certificate is always a PEM file.

use super::program::{Password, Reading, key_password, store_password};
use super::{Deployment, Document};
use crate::spec::StoreFormat;

/// The value of a setting.
pub(super) enum Value<'d> {
    /// It stands in the document.
    Text(String),
    /// It is found by the program.
    Password(Password<'d>),
}

impl Value<'_> {
    /// Writes the expression that is the value.
    pub(super) fn write(&self, document: &mut Document, before: &str, reading: &Reading, after: &str) {
        match self {
            Self::Text(text) => document.entry(before, text, after),
            Self::Password(password) => password.write(document, before, reading, after),
        }
    }
}

/// Returns the settings of a client.
pub(super) fn settings<'d>(deployment: &'d Deployment<'_>) -> Vec<(&'static str, Value<'d>)> {
    let text = |text: &str| Value::Text(text.to_owned());
    let mut settings = vec![
        ("bootstrap.servers", Value::Text(deployment.bootstrap_servers().join(","))),
        ("security.protocol", text("ssl")),
        // The default since librdkafka 2.0. Those before look at no name.
        ("ssl.endpoint.identification.algorithm", text("https")),
        ("ssl.ca.location", Value::Text(deployment.ca_certificate())),
    ];
    let Some(keystore) = deployment.keystore() else { return settings };
    if deployment.format() == StoreFormat::Pem {
        settings.push(("ssl.certificate.location", text(&keystore)));
        settings.push(("ssl.key.location", Value::Text(keystore)));
        settings.extend(key_password(deployment).map(|password| ("ssl.key.password", Value::Password(password))));
    } else {
        settings.push(("ssl.keystore.location", Value::Text(keystore)));
        // Its key has the password of the store.
        settings
            .extend(store_password(deployment).map(|password| ("ssl.keystore.password", Value::Password(password))));
    }
    settings
}

/// Lines as kcat reads them, and many programs on librdkafka.
pub(super) fn plain(deployment: &Deployment<'_>, document: &mut Document) {
    for (key, value) in settings(deployment) {
        match &value {
            Value::Text(text) => document.property(key, text),
            Value::Password(Password::Shown(password)) => document.property(key, password),
            // There is no way to name one, so that such a deployment is refused before.
            Value::Password(_) => {}
        }
    }
}
