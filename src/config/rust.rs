//! Clients in Rust: modules with a function that makes the client's configuration. rdkafka hands its own to librdkafka, rskafka is given one
//! of rustls, which reads no encrypted key.

use super::librdkafka::{Value, settings};
use super::program::Password;
use super::{Deployment, Document};

/// rdkafka (`rdkafka::ClientConfig`).
pub(super) fn rdkafka(deployment: &Deployment<'_>, document: &mut Document) {
    document.comment(
        "Its feature `ssl` or `ssl-vendored` has to be on: rdkafka = { version = \"0.39\", features = [\"ssl\"] }",
    );
    document.blank();
    document.line("use std::error::Error;");
    document.blank();
    document.line("use rdkafka::ClientConfig;");
    document.blank();
    document.line("/// What producers, consumers and admin clients are created from.");
    document.line("pub fn config() -> Result<ClientConfig, Box<dyn Error>> {");
    document.line("    let mut config = ClientConfig::new();");
    for (key, value) in settings(deployment) {
        let set = format!("    config.set(\"{key}\", ");
        match value {
            Value::Text(text) => document.entry(&set, &text, ");"),
            Value::Password(Password::Shown(password)) => document.entry(&set, password, ");"),
            Value::Password(Password::File(path)) => {
                document.entry("    let password = std::fs::read_to_string(", &path, ")?;");
                document.line(&format!("{set}password.trim_end_matches(['\\r', '\\n']));"));
            }
            Value::Password(Password::Variable(name)) => {
                document.entry(&format!("{set}std::env::var("), name, ")?);");
            }
        }
    }
    document.line("    Ok(config)");
    document.line("}");
}

/// rskafka (`rskafka::client::ClientBuilder::tls_config`).
///
/// The provider is named: rskafka brings ring, and rustls with its default features aws-lc-rs too, so that there is no default one.
pub(super) fn rskafka(deployment: &Deployment<'_>, document: &mut Document) {
    let keystore = deployment.keystore();
    document.comment("rskafka = { version = \"0.6\", features = [\"transport-tls\"] }");
    document.comment(
        "rustls = { version = \"0.23\", default-features = false, features = [\"ring\", \"std\", \"tls12\"] }",
    );
    document.blank();
    document.lines(&[
        "use std::error::Error;",
        "use std::sync::Arc;",
        "",
        "use rustls::crypto::ring;",
        "use rustls::pki_types::pem::PemObject;",
    ]);
    document.line(if keystore.is_some() {
        "use rustls::pki_types::{CertificateDer, PrivateKeyDer};"
    } else {
        "use rustls::pki_types::CertificateDer;"
    });
    document.line("use rustls::{ClientConfig, RootCertStore};");
    document.blank();
    document.line("/// The addresses to connect to.");
    document.list("pub const BROKERS: &[&str] = &[", &deployment.bootstrap_servers(), "];");
    document.blank();
    document.line("/// Whom to trust.");
    document.entry("const CA: &str = ", &deployment.ca_certificate(), ";");
    if let Some(keystore) = &keystore {
        document.line("/// The certificate with its chain, and the key.");
        document.entry("const IDENTITY: &str = ", keystore, ";");
    }
    document.blank();
    document.lines(&[
        "/// What `ClientBuilder::tls_config` takes.",
        "pub fn tls() -> Result<Arc<ClientConfig>, Box<dyn Error>> {",
        "    let mut roots = RootCertStore::empty();",
        "    for certificate in CertificateDer::pem_file_iter(CA)? {",
        "        roots.add(certificate?)?;",
        "    }",
        "    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))",
        "        .with_safe_default_protocol_versions()?",
        "        .with_root_certificates(roots)",
    ]);
    let rest: &[&str] = if keystore.is_some() {
        &[
            "        .with_client_auth_cert(",
            "            CertificateDer::pem_file_iter(IDENTITY)?.collect::<Result<_, _>>()?,",
            "            PrivateKeyDer::from_pem_file(IDENTITY)?,",
            "        )?;",
        ]
    } else {
        &["        .with_no_client_auth();"]
    };
    document.lines(rest);
    document.lines(&["    Ok(Arc::new(config))", "}"]);
}
