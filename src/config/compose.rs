//! A whole cluster for Docker Compose (compose-spec): each broker and controller is a container with its folder of the bundle in
//! `/etc/kafka/secrets`, and all of them speak TLS.
//!
//! Two images are known, apache/kafka (`docker/resources/common-scripts/configure`, `kafka.docker.KafkaDockerWrapper`) and
//! confluentinc/cp-kafka (`kafka/include/etc/confluent/docker/configure`). Both make properties of the variables `KAFKA_…`, and write
//! them down as they are, so that a value has to be what `java.util.Properties` reads. Both put the stores' paths and passwords in by
//! themselves, from files whose names they are told, but only where an advertised listener is called `SSL` or `…SSL`; and not the
//! truststore, where clients need no certificate. Everywhere else Kafka reads the password itself.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::deployment::{PASSWORD, folder_of};
use super::nodes::{AUTHORIZER, COMMON_NAME_RULE, CONTROLLER, Process, node_id, quorum, replica_settings, super_users};
use super::{Deployment, Document, PrincipalForm};
use crate::bundle::inventory::Identity;
use crate::bundle::{keystore_file, truststore_file};
use crate::kafka::properties::escaped;
use crate::spec::ClientAuth;

/// Where both images look for stores and for the files with passwords.
const SECRETS: &str = "/etc/kafka/secrets";

/// Where both images keep records; the folder is their user's.
const DATA: &str = "/var/lib/kafka/data";

/// The settings that a bundle has for a node.
const SERVER_PROPERTIES: &str = "server.properties";

/// The user of both images.
const USER: u32 = 1000;

/// The longest name that a host can have in Linux.
const MAX_HOST_NAME: usize = 64;

/// A cluster of apache/kafka.
pub(super) fn apache_kafka(deployment: &Deployment<'_>, document: &mut Document) {
    cluster(deployment, document, "apache/kafka:4.3.1");
}

/// A cluster of confluentinc/cp-kafka.
pub(super) fn cp_kafka(deployment: &Deployment<'_>, document: &mut Document) {
    cluster(deployment, document, "confluentinc/cp-kafka:8.2.2");
}

fn cluster(deployment: &Deployment<'_>, document: &mut Document, image: &str) {
    let nodes: Vec<&Identity> = deployment.brokers().chain(deployment.controllers()).collect();
    what_to_do(deployment, document, &nodes);
    document.line("services:");
    for node in &nodes {
        service(deployment, document, node, image);
    }
    document.line("volumes:");
    for node in &nodes {
        document.entry("  ", &volume(node), ":");
    }
}

/// Says what has to be done that no file of Compose can do.
fn what_to_do(deployment: &Deployment<'_>, document: &mut Document, nodes: &[&Identity]) {
    document.comment(&format!("The image runs as user {USER}, and what is secret can be read by its owner alone. Hand it over, or a copy of it:"));
    let place = shell_quoted(deployment.folder());
    let owned: Vec<String> = nodes
        .iter()
        .flat_map(|node| match folder_of(node) {
            Some(folder) => vec![folder.to_owned()],
            None => files(deployment, node),
        })
        .map(|path| shell_quoted(&path))
        .collect();
    document.comment(&format!("  cd {place} && sudo chown -R {USER}:{USER} {}", owned.join(" ")));
    let named: Vec<String> = published(deployment)
        .filter(|(_, broker)| broker.name != "localhost")
        .map(|(address, broker)| format!("{address} {}", broker.name))
        .collect();
    if !named.is_empty() {
        document.comment(
            "Clients on this machine, outside of containers, use the same names, if these lines are in its /etc/hosts:",
        );
        for line in named {
            document.comment(&format!("  {line}"));
        }
    }
    let (_, impossible) = super_users(deployment);
    if deployment.inventory().settings.client_auth != ClientAuth::None {
        for principal in impossible {
            document.comment(&format!(
                "`{principal}` cannot be a super user, because it has a semicolon: use --principal cn."
            ));
        }
    }
    document.blank();
}

fn service(deployment: &Deployment<'_>, document: &mut Document, node: &Identity, image: &str) {
    let name = &node.name;
    document.entry("  ", name, ":");
    document.entry("    image: ", image, "");
    if name != "localhost" && name.len() <= MAX_HOST_NAME {
        document.entry("    hostname: ", name, "");
    }
    if let Some((address, _)) = published(deployment).find(|(_, broker)| broker.name == *name) {
        let port = deployment.network().broker_port;
        document.line("    ports:");
        document.entry("      - ", &format!("{address}:{port}:{port}"), "");
    }
    document.line("    volumes:");
    for (source, target) in mounts(deployment, node) {
        document.line("      - type: bind");
        document.entry("        source: ", &uninterpolated(&source), "");
        document.entry("        target: ", &target, "");
        document.line("        read_only: true");
        document.line("        bind:");
        document.line("          create_host_path: false");
    }
    document.entry("      - ", &format!("{}:{DATA}", volume(node)), "");
    document.line("    environment:");
    // Who has formatted the volumes under another ID says so in the variable.
    document.entry("      CLUSTER_ID: ", &format!("${{CLUSTER_ID:-{}}}", cluster_id(deployment)), "");
    for (variable, value) in environment(deployment, node) {
        document.entry(&format!("      {variable}: "), &uninterpolated(&value), "");
    }
}

/// Returns the name of the volume that a node's records are in.
fn volume(node: &Identity) -> String {
    format!("{}-data", node.name)
}

/// Returns what is mounted where: the node's folder, or its files, where all files of the bundle are in one folder and the CA's key is
/// among them.
fn mounts(deployment: &Deployment<'_>, node: &Identity) -> Vec<(String, String)> {
    let bundle = deployment.folder();
    if let Some(folder) = folder_of(node) {
        return vec![(format!("{bundle}/{folder}"), SECRETS.to_owned())];
    }
    let files = files(deployment, node);
    files.iter().map(|file| (format!("{bundle}/{file}"), format!("{SECRETS}/{file}"))).collect()
}

/// Returns the files that a node needs.
fn files(deployment: &Deployment<'_>, node: &Identity) -> Vec<String> {
    let format = deployment.format();
    let mut files = vec![keystore_file(node.role, format), truststore_file(node.role, format), PASSWORD.to_owned()];
    if deployment.has_own_key_password() {
        files.push(SERVER_PROPERTIES.to_owned());
    }
    files
}

/// Returns the variables of a node, in the order of a configuration.
fn environment(deployment: &Deployment<'_>, node: &Identity) -> Vec<(String, String)> {
    let network = deployment.network();
    let listener = listener(deployment);
    let process = Process::of(deployment, node);
    let auth = deployment.inventory().settings.client_auth;
    let mut settings = Settings::default();

    settings.property("process.roles", process.roles());
    settings.property("node.id", &node_id(deployment, node).to_string());
    settings.property("log.dirs", DATA);
    let mut listeners = Vec::new();
    let mut protocols = Vec::new();
    if process.is_broker() {
        listeners.push(format!("{listener}://:{}", network.broker_port));
        protocols.push(format!("{listener}:SSL"));
    }
    if process.is_controller() {
        listeners.push(format!("{CONTROLLER}://:{}", network.controller_port));
    }
    protocols.push(format!("{CONTROLLER}:SSL"));
    settings.property("listeners", &listeners.join(","));
    if process.is_broker() {
        let advertised = format!("{listener}://{}:{}", node.name, network.broker_port);
        settings.property("advertised.listeners", &advertised);
        settings.property("inter.broker.listener.name", listener);
    }
    settings.property("listener.security.protocol.map", &protocols.join(","));
    settings.property("controller.listener.names", CONTROLLER);
    // The images format storage for static voters, and refuse to without them (`KafkaDockerWrapper`).
    let voters: Vec<String> = quorum(deployment)
        .iter()
        .map(|voter| format!("{}@{}:{}", node_id(deployment, voter), voter.name, network.controller_port))
        .collect();
    settings.property("controller.quorum.voters", &voters.join(","));

    stores(deployment, node, process, &mut settings);
    settings.property("ssl.client.auth", if process.is_broker() { auth } else { ClientAuth::Required }.name());
    if process == Process::Combined && auth != ClientAuth::Required {
        let key = format!("listener.name.{}.ssl.client.auth", CONTROLLER.to_ascii_lowercase());
        settings.property(&key, ClientAuth::Required.name());
    }
    if deployment.principals() == PrincipalForm::CommonName {
        settings.property("ssl.principal.mapping.rules", COMMON_NAME_RULE);
    }
    if auth != ClientAuth::None {
        settings.property("authorizer.class.name", AUTHORIZER);
        settings.property("super.users", &super_users(deployment).0);
        settings.property("allow.everyone.if.no.acl.found", "true");
    }
    if process.is_broker() {
        for (key, value) in replica_settings(deployment) {
            settings.property(key, &value);
        }
    }
    settings.0
}

/// Puts in where the stores are and what opens them.
fn stores(deployment: &Deployment<'_>, node: &Identity, process: Process, settings: &mut Settings) {
    let format = deployment.format();
    let keystore = keystore_file(node.role, format);
    let truststore = truststore_file(node.role, format);
    let password = format!("${{directory:{SECRETS}:{PASSWORD}}}");
    let is_image_concerned = process.is_broker() && concerns_image(listener(deployment));
    let is_truststore_its_concern =
        is_image_concerned && deployment.inventory().settings.client_auth != ClientAuth::None;
    if !is_truststore_its_concern {
        providers(deployment, settings);
    }
    settings.property("ssl.keystore.type", format.kafka_type());
    if is_image_concerned {
        settings.variable("KAFKA_SSL_KEYSTORE_FILENAME", &keystore);
        settings.variable("KAFKA_SSL_KEYSTORE_CREDENTIALS", PASSWORD);
        settings.variable("KAFKA_SSL_KEY_CREDENTIALS", PASSWORD);
    } else {
        settings.property("ssl.keystore.location", &format!("{SECRETS}/{keystore}"));
        settings.property("ssl.keystore.password", &password);
        if deployment.has_own_key_password() {
            settings.property("ssl.key.password", &format!("${{file:{SECRETS}/{SERVER_PROPERTIES}:ssl.key.password}}"));
        }
    }
    settings.property("ssl.truststore.type", format.kafka_type());
    if is_truststore_its_concern {
        settings.variable("KAFKA_SSL_TRUSTSTORE_FILENAME", &truststore);
        settings.variable("KAFKA_SSL_TRUSTSTORE_CREDENTIALS", PASSWORD);
    } else {
        settings.property("ssl.truststore.location", &format!("{SECRETS}/{truststore}"));
        settings.property("ssl.truststore.password", &password);
    }
}

/// Lets Kafka read passwords itself, and nothing beside them.
fn providers(deployment: &Deployment<'_>, settings: &mut Settings) {
    let mut classes = vec![("directory", "org.apache.kafka.common.config.provider.DirectoryConfigProvider")];
    if deployment.has_own_key_password() {
        classes.push(("file", "org.apache.kafka.common.config.provider.FileConfigProvider"));
    }
    let names: Vec<&str> = classes.iter().map(|(name, _)| *name).collect();
    settings.property("config.providers", &names.join(","));
    for (name, class) in classes {
        settings.property(&format!("config.providers.{name}.class"), class);
        settings.property(&format!("config.providers.{name}.param.allowed.paths"), SECRETS);
    }
}

/// Returns the name of the brokers' listener: the one that is asked for, unless the image would then ask for a file with the key's
/// password, which there is not, or make properties of a password that is not one in them. Nobody but the nodes knows the name.
fn listener<'d>(deployment: &'d Deployment<'_>) -> &'d str {
    let asked = deployment.network().listener.as_str();
    let is_fit = deployment.are_passwords_plain() && !deployment.has_own_key_password();
    if concerns_image(asked) && !is_fit { "TLS" } else { asked }
}

/// Says whether an image takes care of the stores of who advertises such a listener: it looks for `SSL://`.
fn concerns_image(listener: &str) -> bool {
    listener.ends_with("SSL")
}

/// Variables with their values.
#[derive(Default)]
struct Settings(Vec<(String, String)>);

impl Settings {
    /// Adds a variable that the image itself looks at.
    fn variable(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    /// Adds the variable that the image makes this property of.
    fn property(&mut self, key: &str, value: &str) {
        self.variable(&variable_of(key), &escaped(value));
    }
}

/// Returns the variable of a property, as both images say it.
fn variable_of(key: &str) -> String {
    let mut name = "KAFKA_".to_owned();
    for c in key.chars() {
        match c {
            '.' => name.push('_'),
            '_' => name.push_str("__"),
            '-' => name.push_str("___"),
            c => name.push(c.to_ascii_uppercase()),
        }
    }
    name
}

/// Returns a value so that Compose puts nothing in.
fn uninterpolated(value: &str) -> String {
    value.replace('$', "$$")
}

/// Returns the brokers with the addresses of this host at which they can be reached: each has one of its own, so that all have the same
/// port inside and outside.
fn published<'a>(deployment: &Deployment<'a>) -> impl Iterator<Item = (String, &'a Identity)> {
    (1..=u8::MAX).map(|last| format!("127.0.0.{last}")).zip(deployment.brokers())
}

/// Returns an ID for the cluster: 16 bytes in Base64, of the hash of the CA's fingerprint, so that it is the same whenever it is asked
/// for. The version and the variant are those of a random UUID (`org.apache.kafka.common.Uuid`), and the first bit is none, because an
/// ID that begins with `-` would be taken for a flag.
fn cluster_id(deployment: &Deployment<'_>) -> String {
    let hash = Sha256::digest(deployment.inventory().ca.certificate.sha256.as_bytes());
    let mut id = [0; 16];
    id.iter_mut().zip(hash).for_each(|(byte, hashed)| *byte = hashed);
    id[0] &= 0x7f;
    id[6] = id[6] & 0x0f | 0x40;
    id[8] = id[8] & 0x3f | 0x80;
    URL_SAFE_NO_PAD.encode(id)
}

/// Returns a word for a shell.
fn shell_quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-@+=".contains(c);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_has_its_variable() {
        assert_eq!(variable_of("ssl.client.auth"), "KAFKA_SSL_CLIENT_AUTH");
        assert_eq!(variable_of("abc-def_g"), "KAFKA_ABC___DEF__G");
    }
}
