//! Frameworks on the JVM with a configuration of TLS that is their own.
//!
//! Both read passwords out of the properties file that the bundle has for the identity, by the names that they have there. A shown one
//! with Spring's placeholders in it is refused before ([`ConfigError::Placeholder`](super::ConfigError::Placeholder)).

use std::fmt::Write;

use zeroize::Zeroizing;

use super::{Deployment, Document};
use crate::spec::StoreFormat;

/// Spring Boot from 3.1 on, with a bundle (`org.springframework.boot.autoconfigure.ssl.SslProperties`,
/// `org.springframework.boot.autoconfigure.kafka.KafkaProperties`).
pub(super) fn spring(deployment: &Deployment<'_>, document: &mut Document) {
    document.line("spring:");
    spring_import(deployment, document);
    document.line("  kafka:");
    document.entry("    bootstrap-servers: ", &deployment.bootstrap_servers().join(","), "");
    document.line("    security:");
    document.line("      protocol: SSL");
    document.line("    ssl:");
    document.line("      bundle: kafka");
    document.line("  ssl:");
    document.line("    bundle:");
    let is_pem = deployment.format() == StoreFormat::Pem;
    document.line(if is_pem { "      pem:" } else { "      jks:" });
    document.line("        kafka:");
    if is_pem {
        if let Some(keystore) = deployment.keystore() {
            document.line("          keystore:");
            document.comment_at(12, "One file has both.");
            document.entry("            certificate: ", &url(&keystore), "");
            document.entry("            private-key: ", &url(&keystore), "");
            if let Some(password) = deployment.key_password() {
                document.entry("            private-key-password: ", &password, "");
            }
        }
        document.line("          truststore:");
        document.entry("            certificate: ", &url(&deployment.truststore()), "");
        return;
    }
    if let Some(password) = deployment.key_password() {
        document.line("          key:");
        document.entry("            password: ", &password, "");
    }
    let stores = [("keystore", deployment.keystore()), ("truststore", Some(deployment.truststore()))];
    for (store, location) in stores.into_iter().filter_map(|(store, location)| Some((store, location?))) {
        document.line(&format!("          {store}:"));
        document.line(&format!("            type: {}", deployment.format().kafka_type()));
        document.entry("            location: ", &url(&location), "");
        if let Some(password) = deployment.store_password() {
            document.entry("            password: ", &password, "");
        }
    }
}

/// Spring Boot of any version, with what it hands to Kafka's clients (`org.springframework.boot.autoconfigure.kafka.KafkaProperties`).
pub(super) fn spring_classic(deployment: &Deployment<'_>, document: &mut Document) {
    document.line("spring:");
    spring_import(deployment, document);
    document.line("  kafka:");
    document.entry("    bootstrap-servers: ", &deployment.bootstrap_servers().join(","), "");
    document.line("    security:");
    document.line("      protocol: SSL");
    document.line("    ssl:");
    let stores = [("key-store", deployment.keystore()), ("trust-store", Some(deployment.truststore()))];
    for (store, location) in stores.into_iter().filter_map(|(store, location)| Some((store, location?))) {
        document.line(&format!("      {store}-type: {}", deployment.format().kafka_type()));
        document.entry(&format!("      {store}-location: "), &url(&location), "");
        if let Some(password) = deployment.store_password() {
            document.entry(&format!("      {store}-password: "), &password, "");
        }
    }
    if let Some(password) = deployment.key_password() {
        document.entry("      key-password: ", &password, "");
    }
}

/// Writes what lets Spring read passwords (`org.springframework.boot.context.config.ConfigDataEnvironment`).
pub(super) fn spring_import(deployment: &Deployment<'_>, document: &mut Document) {
    if let Some(file) = deployment.imported_file() {
        document.line("  config:");
        document.comment_at(4, "It has the passwords.");
        document.entry("    import: ", &url(&file), "");
    }
}

/// Returns the URL of a file. What has a meaning in a URL, or in Spring's placeholders, lists and patterns, is in hexadecimal.
fn url(path: &str) -> String {
    let mut url = "file:".to_owned();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            url.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}

/// Returns a value in which Quarkus sees no expression (`io.smallrye.config.ExpressionConfigSourceInterceptor`).
fn quarkus_literal(value: &str) -> Zeroizing<String> {
    Zeroizing::new(value.replace('$', "$$"))
}

/// Returns a password as it stands in Quarkus' properties: a reference, or itself as a literal.
fn password_for_quarkus(deployment: &Deployment<'_>, password: Option<Zeroizing<String>>) -> Option<Zeroizing<String>> {
    let is_shown = deployment.shown_passwords().is_some();
    password.map(|password| if is_shown { quarkus_literal(&password) } else { password })
}

/// Quarkus from 3.16 on, with its TLS registry (`io.quarkus.tls.runtime.config.TlsBucketConfig`,
/// `io.quarkus.kafka.client.tls.QuarkusKafkaSslEngineFactory`).
pub(super) fn quarkus(deployment: &Deployment<'_>, document: &mut Document) {
    document.property("kafka.bootstrap.servers", &deployment.bootstrap_servers().join(","));
    document.property("kafka.security.protocol", "SSL");
    document.property("kafka.tls-configuration-name", "kafka");
    if let Some(file) = deployment.imported_file() {
        document.comment("It has the passwords.");
        document.property("quarkus.config.locations", &url(&file));
    }
    let stores = [("key-store", deployment.keystore()), ("trust-store", Some(deployment.truststore()))];
    for (store, location) in stores.into_iter().filter_map(|(store, location)| Some((store, location?))) {
        let prefix = format!("quarkus.tls.kafka.{store}.");
        let location = quarkus_literal(&location);
        let format = match deployment.format() {
            StoreFormat::Jks => "jks",
            StoreFormat::Pkcs12 => "p12",
            StoreFormat::Pem if store == "key-store" => {
                document.comment("One file has both.");
                document.property(&format!("{prefix}pem.0.cert"), &location);
                document.property(&format!("{prefix}pem.0.key"), &location);
                continue;
            }
            StoreFormat::Pem => {
                // It is a list.
                let one = location.replace('\\', "\\\\").replace(',', "\\,");
                document.property(&format!("{prefix}pem.certs"), &one);
                continue;
            }
        };
        document.property(&format!("{prefix}{format}.path"), &location);
        if let Some(password) = password_for_quarkus(deployment, deployment.store_password()) {
            document.property(&format!("{prefix}{format}.password"), &password);
        }
        if store == "key-store"
            && let Some(password) = password_for_quarkus(deployment, deployment.key_password())
        {
            document.property(&format!("{prefix}{format}.alias-password"), &password);
        }
    }
}
