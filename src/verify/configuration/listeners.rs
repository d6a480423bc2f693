//! Listeners: what Kafka refuses, what is open, and whom it asks for a certificate.

use std::net::IpAddr;

use super::{Configuration, Finding, Listener, NodeSettings, Tls, checks};
use crate::kafka::ssl_settings::{KafkaSettings, SecurityProtocol, SettingError, keys};
use crate::spec::ClientAuth;

checks! {
    REFUSED = Error "listener-refused": "Kafka does not start with such listeners";
    PLAINTEXT = Warning "listener-plaintext": "what goes over a listener without TLS can be read and changed by everybody on the way";
    CONTROLLER_PLAINTEXT = Warning "listener-controller-plaintext": "who reaches the controllers' listener can change every topic, right and password of the cluster";
    PREFIX_CASE = Warning "listener-prefix-case": "Kafka looks for the settings of a listener under its name in lower case alone";
    PREFIX_UNKNOWN = Warning "listener-prefix-unknown": "settings of a listener that does not exist have no effect";
    ADVERTISED_LOCAL = Warning "advertised-host-local": "clients on other machines are told to connect to themselves";
    ADVERTISED_ANY = Warning "advertised-host-any": "an address to listen on is none to connect to";
    ADVERTISED_UNDERSCORE = Error "advertised-host-underscore": "Java refuses to check a certificate against a host name with an underscore";
    CLIENT_AUTH_REFUSED = Error "client-auth-unknown": "Kafka does not start with a value of ssl.client.auth that it does not know";
    CLIENT_AUTH_NONE = Warning "client-auth-none": "clients have certificates and are not asked for them, so that each of them is User:ANONYMOUS";
    CLIENT_AUTH_REQUESTED = Warning "client-auth-requested": "who shows no certificate is let in as User:ANONYMOUS";
    CLIENT_AUTH_IGNORED = Warning "client-auth-ignored": "a SASL_SSL listener does not hear ssl.client.auth without its own prefix, and asks for no certificate";
}

pub(super) fn refused(configuration: &Configuration<'_>, node: &NodeSettings<'_>) -> Vec<Finding> {
    let findings = node.faults.iter().map(|fault| {
        let key = fault.key();
        let at = configuration.file.get(key).map(|property| configuration.at_property(property));
        let at = at.unwrap_or_else(|| configuration.name.to_owned());
        Finding::new(&REFUSED, &at, fault.to_string(), format!("change `{key}`"))
    });
    findings.collect()
}

/// Returns where a listener is said.
fn place(configuration: &Configuration<'_>, listener: &Listener<'_>) -> String {
    let setting = listener.bound.and_then(|bound| bound.setting);
    setting.map_or_else(|| configuration.name.to_owned(), |setting| configuration.at(setting.line()))
}

pub(super) fn plaintext(configuration: &Configuration<'_>, node: &NodeSettings<'_>) -> Vec<Finding> {
    let open = node.listeners.iter().filter(|listener| !listener.protocol.uses_tls());
    let findings = open.map(|listener| {
        let check = if listener.is_controller { &CONTROLLER_PLAINTEXT } else { &PLAINTEXT };
        let found = format!("the listener `{}` is {}", listener.name, listener.protocol.name());
        let fix = format!("map it to SSL or SASL_SSL in `{}`", "listener.security.protocol.map");
        Finding::new(check, &place(configuration, listener), found, fix)
    });
    findings.collect()
}

pub(super) fn prefixes(configuration: &Configuration<'_>) -> Vec<Finding> {
    let KafkaSettings::Node(node) = configuration.settings else { return Vec::new() };
    let names: Vec<String> =
        node.listeners.iter().chain(&node.controllers).map(|listener| listener.name.to_lowercase()).collect();
    let findings = configuration.file.iter().filter_map(|property| {
        let name = property.key().strip_prefix("listener.name.")?.split('.').next()?;
        let at = configuration.at_property(property);
        if name != name.to_lowercase() {
            let found = format!("`{}` has the listener in upper case, and has no effect", property.key());
            Some(Finding::new(&PREFIX_CASE, &at, found, "write the name of the listener in lower case"))
        } else if names.is_empty() || names.iter().any(|known| known == name) {
            None
        } else {
            let found = format!("`{}` is for the listener `{name}`, which is not there", property.key());
            Some(Finding::new(&PREFIX_UNKNOWN, &at, found, "write the name of a listener, or take the line out"))
        }
    });
    findings.take(1000).collect()
}

pub(super) fn advertised(configuration: &Configuration<'_>, node: &NodeSettings<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for listener in node.listeners.iter().filter(|listener| listener.protocol.uses_tls()) {
        for host in node.hosts(listener).into_iter().flatten() {
            let Some((check, what)) = host_fault(host) else { continue };
            let found = format!("clients of the listener `{}` are told to connect to `{host}`, {what}", listener.name);
            let setting = listener.advertised.and_then(|advertised| advertised.setting);
            let at = setting.map_or_else(|| configuration.name.to_owned(), |setting| configuration.at(setting.line()));
            let fix = "advertise the name by which clients reach this machine, which is in its certificate";
            findings.push(Finding::new(check, &at, found, fix));
        }
    }
    findings
}

fn host_fault(host: &str) -> Option<(&'static super::Check, &'static str)> {
    match host.parse::<IpAddr>() {
        // Kafka itself refuses 0.0.0.0.
        Ok(IpAddr::V6(address)) if address.is_unspecified() => Some((&ADVERTISED_ANY, "an address to listen on")),
        Ok(address) if address.is_loopback() => Some((&ADVERTISED_LOCAL, "which is their own machine")),
        Err(_) if host.eq_ignore_ascii_case("localhost") => Some((&ADVERTISED_LOCAL, "which is their own machine")),
        Err(_) if host.contains('_') => Some((&ADVERTISED_UNDERSCORE, "a name with an underscore")),
        _ => None,
    }
}

pub(super) fn client_auth(tls: &Tls<'_>) -> Vec<Finding> {
    // A part of a file may be a client's, which asks nobody.
    let is_server = tls.listener.is_some() || tls.ssl.get(keys::CLIENT_AUTH).is_some();
    if tls.is_client || !is_server {
        return Vec::new();
    }
    let at = tls.at_key(keys::CLIENT_AUTH);
    let is_sasl = tls.listener.is_some_and(|listener| listener.protocol == SecurityProtocol::SaslSsl);
    let global = tls.ssl.get(keys::CLIENT_AUTH).filter(|_| tls.ssl.own(keys::CLIENT_AUTH).is_none());
    if let Some(setting) = global.filter(|setting| is_sasl && setting.text() != "none") {
        let found = format!("the listener does not hear `{}={}`", setting.key(), setting.text());
        let fix = format!("write `{}{}` if it shall ask for certificates", tls.ssl.prefix(), keys::CLIENT_AUTH);
        return vec![Finding::new(&CLIENT_AUTH_IGNORED, &tls.object(), found, fix)];
    }
    let fix = "write ssl.client.auth=required";
    match tls.ssl.client_auth() {
        Err(error @ SettingError::Refused { .. }) => {
            vec![Finding::new(&CLIENT_AUTH_REFUSED, &at, error.to_string(), fix)]
        }
        Ok(ClientAuth::Requested) => {
            vec![Finding::new(&CLIENT_AUTH_REQUESTED, &at, "ssl.client.auth is requested", fix)]
        }
        Ok(ClientAuth::None) if tls.configuration.surroundings.has_client_certificates && !is_sasl => {
            vec![Finding::new(&CLIENT_AUTH_NONE, &at, "clients are not asked for a certificate", fix)]
        }
        _ => Vec::new(),
    }
}
