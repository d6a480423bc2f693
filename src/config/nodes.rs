//! Brokers and controllers in KRaft mode (`org.apache.kafka.server.config`, `kafka.server.KafkaConfig`).
//!
//! Each listener has its settings under its own prefix, because Kafka reloads a keystore only for a listener that has it there
//! (`kafka.server.DynamicBrokerConfig`). Controllers are asked for by name and by certificate like brokers: their listener has TLS too, and
//! lets nobody in who has no certificate.

use super::java::{providers, ssl};
use super::{Deployment, Document, PrincipalForm};
use crate::bundle::inventory::Identity;
use crate::spec::{ClientAuth, NodeRole};

/// The name of the controllers' listener.
pub(super) const CONTROLLER: &str = "CONTROLLER";

/// The first id of controllers, so that a broker that is added does not change theirs.
const FIRST_CONTROLLER: u32 = 3000;

/// What asks the ACLs.
pub(super) const AUTHORIZER: &str = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";

/// The rule that makes the common name the principal (`org.apache.kafka.common.security.ssl.SslPrincipalMapper`).
pub(super) const COMMON_NAME_RULE: &str = "RULE:^CN=([^,]+).*$/$1/,DEFAULT";

/// Below so many brokers the topics of Kafka itself cannot have the replicas that they have by default.
const DEFAULT_REPLICAS: usize = 3;

/// What a node does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Process {
    Broker,
    Controller,
    Combined,
}

impl Process {
    /// Returns what a node of the bundle does. Without controllers in the bundle, the first broker, or the first three, are controllers
    /// too.
    pub(super) fn of(deployment: &Deployment<'_>, node: &Identity) -> Self {
        let is_in_quorum = quorum(deployment).iter().any(|member| member.name == node.name);
        match (node.role, is_in_quorum) {
            (NodeRole::Controller, _) => Self::Controller,
            (_, true) => Self::Combined,
            (_, false) => Self::Broker,
        }
    }

    pub(super) fn roles(self) -> &'static str {
        match self {
            Self::Broker => "broker",
            Self::Controller => "controller",
            Self::Combined => "broker,controller",
        }
    }

    pub(super) fn is_broker(self) -> bool {
        self != Self::Controller
    }

    pub(super) fn is_controller(self) -> bool {
        self != Self::Broker
    }
}

/// A broker's properties.
pub(super) fn broker(deployment: &Deployment<'_>, document: &mut Document) {
    let Some(own) = deployment.identity() else { return };
    node(deployment, own, Process::of(deployment, own), document);
}

/// A controller's properties.
pub(super) fn controller(deployment: &Deployment<'_>, document: &mut Document) {
    let Some(own) = deployment.identity() else { return };
    node(deployment, own, Process::Controller, document);
}

fn node(deployment: &Deployment<'_>, own: &Identity, process: Process, document: &mut Document) {
    let network = deployment.network();
    let id = own_id(deployment, own);
    how_to_format(deployment, own, process, document);
    document.property("process.roles", process.roles());
    document.comment("Never another one, once the node has been formatted with it; --node-id says which.");
    document.property("node.id", &id.to_string());
    document.comment("Where the records are; yours to say.");
    document.property("log.dirs", "/var/lib/kafka/data");
    document.blank();
    listeners(deployment, own, process, document);
    document.blank();
    providers(deployment, document);
    let auth = deployment.inventory().settings.client_auth;
    if process.is_broker() {
        let prefix = prefix(&network.listener);
        document.comment(&format!("TLS of {}: brokers and clients.", network.listener));
        ssl(deployment, document, &prefix);
        document.property(&format!("{prefix}ssl.client.auth"), auth.name());
    }
    document.comment(&format!("TLS of {CONTROLLER}: nodes alone, each with its certificate."));
    ssl(deployment, document, &prefix(CONTROLLER));
    document.property(&format!("{}ssl.client.auth", prefix(CONTROLLER)), ClientAuth::Required.name());
    document.blank();
    principals(deployment, document);
    if process.is_broker() {
        replicas(deployment, document);
    }
}

/// Returns the id of the node whose properties they are: the one that was said, or else the one that follows.
fn own_id(deployment: &Deployment<'_>, own: &Identity) -> u32 {
    deployment.network().node_id.unwrap_or_else(|| node_id(deployment, own))
}

fn listeners(deployment: &Deployment<'_>, own: &Identity, process: Process, document: &mut Document) {
    let network = deployment.network();
    let at = |listener: &str, host: &str, port: u16| format!("{listener}://{host}:{port}");
    let bind = network.bind_host();
    let mut own_listeners = Vec::new();
    if process.is_broker() {
        own_listeners.push((network.listener.as_str(), network.broker_port));
    }
    if process.is_controller() {
        own_listeners.push((CONTROLLER, network.controller_port));
    }
    let all = |host: &str| {
        own_listeners.iter().map(|(listener, port)| at(listener, host, *port)).collect::<Vec<_>>().join(",")
    };
    document.property("listeners", &all(&bind));
    document.comment("The names that others connect to, which are those in the certificate.");
    document.property("advertised.listeners", &all(&own.name));
    let map = if process.is_broker() {
        format!("{}:SSL,{CONTROLLER}:SSL", network.listener)
    } else {
        format!("{CONTROLLER}:SSL")
    };
    document.property("listener.security.protocol.map", &map);
    if process.is_broker() {
        document.property("inter.broker.listener.name", &network.listener);
    }
    document.property("controller.listener.names", CONTROLLER);
    let members: Vec<String> =
        quorum(deployment).iter().map(|member| format!("{}:{}", member.name, network.controller_port)).collect();
    document.property("controller.quorum.bootstrap.servers", &members.join(","));
}

/// Writes who may do everything, where clients are known by their certificates.
fn principals(deployment: &Deployment<'_>, document: &mut Document) {
    if deployment.principals() == PrincipalForm::CommonName {
        document.comment("A principal is the common name alone. All nodes need the same rules.");
        document.property("ssl.principal.mapping.rules", COMMON_NAME_RULE);
    }
    if deployment.inventory().settings.client_auth == ClientAuth::None {
        document.comment("Clients are asked for no certificate (ssl.client.auth=none), so that nobody is known, and there are no ACLs.");
        return;
    }
    let (users, impossible) = super_users(deployment);
    let everybody = match deployment.inventory().settings.client_auth {
        ClientAuth::Required => "everybody with a certificate",
        ClientAuth::Requested | ClientAuth::None => "everybody, with a certificate or without",
    };
    document.comment(&format!(
        "Nodes may do everything, whatever ACLs say. What no ACL is about is open to {everybody}: say false"
    ));
    document.comment("when there are ACLs for all that clients need.");
    document.property("authorizer.class.name", AUTHORIZER);
    document.property("super.users", &users);
    for principal in impossible {
        document
            .comment(&format!("`{principal}` cannot be a super user, because it has a semicolon: use --principal cn."));
    }
    document.property("allow.everyone.if.no.acl.found", "true");
}

/// Returns `super.users`, which are all nodes, and the principals of those that cannot stand there.
pub(super) fn super_users<'a>(deployment: &Deployment<'a>) -> (String, Vec<&'a str>) {
    let nodes = deployment.brokers().chain(deployment.controllers());
    // Kafka splits at each semicolon (`StandardAuthorizer.getConfiguredSuperUsers`).
    let (possible, impossible): (Vec<&str>, Vec<&str>) =
        nodes.map(|node| deployment.principal_of(node)).partition(|principal| !principal.contains(';'));
    let users: Vec<String> = possible.iter().map(|principal| format!("User:{principal}")).collect();
    (users.join(";"), impossible)
}

/// Writes how many replicas Kafka's own topics have, where the brokers are fewer than its defaults ask for.
fn replicas(deployment: &Deployment<'_>, document: &mut Document) {
    let settings = replica_settings(deployment);
    if settings.is_empty() {
        return;
    }
    document.blank();
    document.comment(&format!(
        "Kafka's own topics have {DEFAULT_REPLICAS} replicas by default, and there are fewer brokers."
    ));
    for (key, value) in settings {
        document.property(key, &value);
    }
}

/// Returns how many replicas Kafka's own topics have; nothing, where its defaults will do.
pub(super) fn replica_settings(deployment: &Deployment<'_>) -> Vec<(&'static str, String)> {
    let brokers = deployment.brokers().count();
    if brokers >= DEFAULT_REPLICAS {
        return Vec::new();
    }
    let (all, one) = (brokers.to_string(), "1".to_owned());
    vec![
        ("offsets.topic.replication.factor", all.clone()),
        ("transaction.state.log.replication.factor", all.clone()),
        ("transaction.state.log.min.isr", one.clone()),
        ("share.coordinator.state.topic.replication.factor", all),
        ("share.coordinator.state.topic.min.isr", one),
    ]
}

/// Says how the storage is made, once (`kafka.tools.StorageTool`).
fn how_to_format(deployment: &Deployment<'_>, own: &Identity, process: Process, document: &mut Document) {
    let members = quorum(deployment);
    let file = if process.is_broker() { "server.properties" } else { "controller.properties" };
    let flag = match (process.is_controller(), members.as_slice()) {
        (false, _) => "",
        (true, [_]) => " --standalone",
        (true, _) => " --initial-controllers MEMBERS",
    };
    document.comment("Once, before the first start, with the same ID on all nodes (`kafka-storage.sh random-uuid`):");
    document.comment(&format!("  kafka-storage.sh format --cluster-id ID --config {file}{flag}"));
    if flag.ends_with("MEMBERS") {
        let port = deployment.network().controller_port;
        let members: Vec<String> = members
            .iter()
            .map(|member| {
                let id = if member.name == own.name { own_id(deployment, own) } else { node_id(deployment, member) };
                format!("{id}@{}:{port}:UUID", member.name)
            })
            .collect();
        document.comment(
            "MEMBERS are the same on all controllers, each with a UUID of its own (`kafka-storage.sh random-uuid`):",
        );
        document.comment(&format!("  {}", members.join(",")));
    }
}

/// Returns the prefix of a listener's settings.
fn prefix(listener: &str) -> String {
    format!("listener.name.{}.", listener.to_ascii_lowercase())
}

/// Returns the members of the quorum: the controllers, or else the first three brokers, or the first, if there are no three.
pub(super) fn quorum<'a>(deployment: &Deployment<'a>) -> Vec<&'a Identity> {
    let controllers: Vec<&Identity> = deployment.controllers().collect();
    if !controllers.is_empty() {
        return controllers;
    }
    let brokers: Vec<&Identity> = deployment.brokers().collect();
    let count = if brokers.len() >= 3 { 3 } else { 1 };
    brokers.into_iter().take(count).collect()
}

/// Returns the id of a node: the number at the end of its host's first label, if each node of its role has another one, or else its place.
/// Those of controllers follow 3000.
pub(super) fn node_id(deployment: &Deployment<'_>, own: &Identity) -> u32 {
    let peers: Vec<&Identity> = match own.role {
        NodeRole::Controller => deployment.controllers().collect(),
        NodeRole::Broker | NodeRole::Client => deployment.brokers().collect(),
    };
    let mut numbers: Vec<u32> = peers.iter().filter_map(|peer| number(&peer.name)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let by_name = if numbers.len() == peers.len() { number(&own.name) } else { None };
    let place = || peers.iter().position(|peer| peer.name == own.name).unwrap_or(0);
    let number = by_name.unwrap_or_else(|| u32::try_from(place()).unwrap_or(0).saturating_add(1));
    if own.role == NodeRole::Controller { FIRST_CONTROLLER.saturating_add(number) } else { number }
}

/// Returns the number at the end of a host's first label, if it is a small one.
fn number(name: &str) -> Option<u32> {
    let label = name.split('.').next()?;
    let digits = label.len() - label.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let number: u32 = label.get(label.len() - digits..)?.parse().ok()?;
    (number < FIRST_CONTROLLER).then_some(number)
}
