//! What only the files of clients can have wrong.

use super::{ClientSettings, Configuration, Finding, checks};
use crate::kafka::ssl_settings::SettingError;

checks! {
    PROTOCOL = Error "client-protocol-unknown": "Kafka does not start a client with a security protocol that it does not know";
    WITHOUT_TLS = Warning "client-without-tls": "a client whose security.protocol has no TLS reads none of its ssl settings, and sends everything in the clear";
}

pub(super) fn protocol(configuration: &Configuration<'_>, client: &ClientSettings<'_>) -> Vec<Finding> {
    match &client.security_protocol {
        Err(error @ SettingError::Refused { line, .. }) => {
            let fix = "write security.protocol=SSL, or SASL_SSL with a password";
            vec![Finding::new(&PROTOCOL, &configuration.at(*line), error.to_string(), fix)]
        }
        _ => Vec::new(),
    }
}

pub(super) fn without_tls(configuration: &Configuration<'_>, client: &ClientSettings<'_>) -> Vec<Finding> {
    let Ok(protocol) = &client.security_protocol else { return Vec::new() };
    let Some(unused) = configuration.file.iter().find(|property| property.key().starts_with("ssl.")) else {
        return Vec::new();
    };
    if protocol.uses_tls() {
        return Vec::new();
    }
    let found = format!("security.protocol is {}, and `{}` has no effect", protocol.name(), unused.key());
    let fix = "write security.protocol=SSL, or SASL_SSL with a password";
    vec![Finding::new(&WITHOUT_TLS, &configuration.at_property(unused), found, fix)]
}
