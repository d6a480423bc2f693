//! The listeners of a broker or controller: which of them use TLS, and by which names they are reached.
//!
//! What is refused here is what `KafkaConfig` and `SocketServerConfigs` of Kafka 4 refuse, as far as it is about listeners.

mod endpoint;
mod fault;

use std::collections::{BTreeMap, BTreeSet};

pub use endpoint::Endpoint;
pub use fault::ListenerFault;

use super::{SecurityProtocol, Setting, SslSettings, list};
use crate::kafka::properties_file::PropertiesFile;

/// The most listeners that a node may have here. Kafka has no limit; a node has some five.
pub const MAX_LISTENERS: usize = 256;

/// What a node does (`process.roles`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It stores records and talks to clients.
    Broker,
    /// It is a voter for the metadata.
    Controller,
}

/// The settings of a broker, a controller, or both in one.
#[derive(Debug, Clone)]
pub struct NodeSettings<'a> {
    /// What the node does. Empty where the file does not say: a broker with ZooKeeper, or a part of a file.
    pub roles: Vec<Role>,
    /// Where the node listens, in the order of the file.
    pub listeners: Vec<Listener<'a>>,
    /// The listener of the controllers that the node connects to: the first of `controller.listener.names`.
    pub controllers: Option<Listener<'a>>,
    /// How the controllers are reached: `controller.quorum.bootstrap.servers` and `controller.quorum.voters`.
    pub quorum: Vec<Endpoint<'a>>,
    /// What of the quorum is this node, as far as that can be told.
    own_in_quorum: Vec<Endpoint<'a>>,
    /// Why Kafka does not start with what is said about listeners.
    pub faults: Vec<ListenerFault>,
    /// The settings without a prefix.
    pub ssl: SslSettings<'a>,
}

/// A listener.
#[derive(Debug, Clone)]
pub struct Listener<'a> {
    /// Its name, in upper case as Kafka has it. It is foreign text.
    pub name: String,
    /// How one talks on it.
    pub protocol: SecurityProtocol,
    /// Where it listens; nowhere, if it is that of other nodes.
    pub bound: Option<Endpoint<'a>>,
    /// The address that clients are told to connect to; none, if it is that of other nodes.
    pub advertised: Option<Endpoint<'a>>,
    /// Whether brokers use it among themselves. Kafka makes sure that the node's keystore and truststore fit each other.
    pub is_inter_broker: bool,
    /// Whether it is one of controllers.
    pub is_controller: bool,
    /// Its TLS.
    pub ssl: SslSettings<'a>,
}

impl<'a> NodeSettings<'a> {
    /// Reads the settings of a node out of its file.
    pub fn of(file: &'a PropertiesFile) -> Self {
        let mut reader = Reader::new(file);
        let roles = reader.roles();
        let listeners = reader.listeners(&roles);
        let controllers = reader.controllers();
        reader.check(&roles, &listeners);
        let (voters, servers) = (reader.voters(), reader.servers());
        let own_in_quorum = reader.own_in_quorum(&voters, &servers);
        let quorum = servers.into_iter().chain(voters.into_iter().map(|(_, endpoint)| endpoint)).collect();
        Self { roles, listeners, controllers, quorum, own_in_quorum, faults: reader.faults, ssl: reader.ssl }
    }

    /// Returns the hosts by which a listener's clients reach it; none is for the name that the machine has for itself.
    ///
    /// The other nodes reach a controller by what the quorum says of it: the voter with its `node.id`. Bootstrap servers have no ids, so
    /// that only a single one is known to be this node.
    pub fn hosts(&self, listener: &Listener<'a>) -> Vec<Option<&'a str>> {
        let quorum = self.own_in_quorum.iter().filter(|_| listener.is_controller);
        let mut hosts: Vec<Option<&str>> =
            listener.advertised.iter().chain(quorum).map(|endpoint| endpoint.host).collect();
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }

    /// Says whether the node has this role.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// What is known of a file while its listeners are read.
struct Reader<'a> {
    file: &'a PropertiesFile,
    ssl: SslSettings<'a>,
    protocols: BTreeMap<String, SecurityProtocol>,
    controller_names: Vec<&'a str>,
    inter_broker: Option<String>,
    advertised: Vec<(String, Endpoint<'a>)>,
    faults: Vec<ListenerFault>,
}

const LISTENERS: &str = "listeners";
const ADVERTISED: &str = "advertised.listeners";
const PROTOCOL_MAP: &str = "listener.security.protocol.map";
const CONTROLLER_NAMES: &str = "controller.listener.names";
const INTER_BROKER_NAME: &str = "inter.broker.listener.name";
const INTER_BROKER_PROTOCOL: &str = "security.inter.broker.protocol";
const BOOTSTRAP_SERVERS: &str = "controller.quorum.bootstrap.servers";
const VOTERS: &str = "controller.quorum.voters";

impl<'a> Reader<'a> {
    fn new(file: &'a PropertiesFile) -> Self {
        let ssl = SslSettings::of(file);
        let controller_names = ssl.get(CONTROLLER_NAMES).map(|names| list(names.text())).unwrap_or_default();
        let (protocols, inter_broker, advertised) = (BTreeMap::new(), None, Vec::new());
        let mut reader = Self { file, ssl, protocols, controller_names, inter_broker, advertised, faults: Vec::new() };
        reader.controller_names.truncate(MAX_LISTENERS);
        reader.protocols = reader.protocols();
        reader.inter_broker = reader.inter_broker();
        reader
    }

    /// Returns the items of a list with the setting that they are from, and a fault if they are too many.
    fn items(&mut self, key: &'static str) -> Vec<(Setting<'a>, &'a str)> {
        let Some(setting) = self.ssl.get(key) else { return Vec::new() };
        let mut items = list(setting.text());
        if key == PROTOCOL_MAP {
            // Its type is no LIST: String.split leaves out what is empty at the end.
            items.truncate(items.iter().rposition(|item| !item.is_empty()).map_or(0, |last| last.saturating_add(1)));
        }
        if items.len() > MAX_LISTENERS {
            self.faults.push(ListenerFault::TooMany(key));
        }
        items.into_iter().take(MAX_LISTENERS).map(|item| (setting, item)).collect()
    }

    fn roles(&mut self) -> Vec<Role> {
        let mut roles = Vec::new();
        for (_, role) in self.items("process.roles") {
            match role {
                "broker" => roles.push(Role::Broker),
                "controller" => roles.push(Role::Controller),
                other => self.faults.push(ListenerFault::UnknownRole(other.to_owned())),
            }
        }
        roles
    }

    /// Returns `AbstractKafkaConfig.effectiveListenerSecurityProtocolMap`.
    fn protocols(&mut self) -> BTreeMap<String, SecurityProtocol> {
        if self.file.get(PROTOCOL_MAP).is_none() {
            return self.default_protocols();
        }
        let mut protocols = BTreeMap::new();
        for (_, entry) in self.items(PROTOCOL_MAP) {
            let Some((name, protocol)) = entry.rsplit_once(':') else {
                self.faults.push(ListenerFault::NoMapEntry(entry.to_owned()));
                continue;
            };
            match SecurityProtocol::of_name(protocol.trim()) {
                Some(protocol) => drop(protocols.insert(name.trim().to_uppercase(), protocol)),
                None => self.faults.push(ListenerFault::UnknownProtocol(protocol.to_owned())),
            }
        }
        protocols
    }

    /// Each protocol is a name of a listener, and a listener of controllers is PLAINTEXT where nothing is secure.
    fn default_protocols(&self) -> BTreeMap<String, SecurityProtocol> {
        let is_secure = |name: &str| SecurityProtocol::of_name(name).is_some_and(|p| p != SecurityProtocol::Plaintext);
        let mut protocols: BTreeMap<String, SecurityProtocol> =
            SecurityProtocol::ALL.into_iter().map(|protocol| (protocol.name().to_owned(), protocol)).collect();
        let listeners = self.ssl.get(LISTENERS).map(|setting| list(setting.text())).unwrap_or_default();
        let mut names = listeners.iter().map(|listener| listener.split(':').next().unwrap_or_default());
        if !self.controller_names.iter().any(|name| is_secure(name)) && !names.any(is_secure) {
            let controllers =
                self.controller_names.iter().map(|name| ((*name).to_owned(), SecurityProtocol::Plaintext));
            protocols.extend(controllers);
        }
        protocols
    }

    fn inter_broker(&mut self) -> Option<String> {
        let (name, protocol) = (self.ssl.get(INTER_BROKER_NAME), self.ssl.get(INTER_BROKER_PROTOCOL));
        match (name, protocol) {
            (Some(_), Some(_)) => {
                self.faults.push(ListenerFault::InterBrokerTwice);
                None
            }
            (Some(name), None) => {
                let name = name.text().to_uppercase();
                if !self.protocols.contains_key(&name) {
                    self.faults.push(ListenerFault::InterBrokerNotMapped(name.clone()));
                }
                Some(name)
            }
            (None, Some(protocol)) if SecurityProtocol::ALL.iter().any(|known| known.name() == protocol.text()) => {
                Some(protocol.text().to_owned())
            }
            (None, Some(protocol)) => {
                self.faults.push(ListenerFault::UnknownInterBrokerProtocol(protocol.text().to_owned()));
                None
            }
            (None, None) => Some(SecurityProtocol::Plaintext.name().to_owned()),
        }
    }

    /// Returns `host:port` out of the bootstrap servers.
    fn servers(&mut self) -> Vec<Endpoint<'a>> {
        let items = self.items(BOOTSTRAP_SERVERS).into_iter();
        items.filter_map(|(setting, address)| Endpoint::of_address(setting, address)).collect()
    }

    /// Returns `id@host:port` out of the voters.
    fn voters(&mut self) -> Vec<(&'a str, Endpoint<'a>)> {
        let voter = |(setting, voter): (Setting<'a>, &'a str)| {
            let (id, address) = voter.split_once('@')?;
            Some((id, Endpoint::of_address(setting, address)?))
        };
        self.items(VOTERS).into_iter().filter_map(voter).collect()
    }

    fn own_in_quorum(&self, voters: &[(&'a str, Endpoint<'a>)], servers: &[Endpoint<'a>]) -> Vec<Endpoint<'a>> {
        let id = self.ssl.get("node.id").map(|setting| setting.text());
        let own = voters.iter().filter(|(voter, _)| Some(*voter) == id).map(|(_, endpoint)| *endpoint);
        let only = if let [only] = servers { Some(*only) } else { None };
        own.chain(only).collect()
    }

    /// Reads `NAME://host:port` items into names and endpoints.
    fn endpoints(&mut self, key: &'static str) -> Vec<(String, Endpoint<'a>)> {
        let (mut endpoints, mut names) = (Vec::new(), BTreeSet::new());
        for (setting, item) in self.items(key) {
            let Some((name, endpoint)) = Endpoint::of_listener(setting, item) else {
                self.faults.push(ListenerFault::NoEndpoint(item.to_owned()));
                continue;
            };
            let name = name.to_uppercase();
            if !self.protocols.contains_key(&name) {
                self.faults.push(ListenerFault::NoProtocol(name.clone()));
            }
            if !names.insert(name.clone()) {
                self.faults.push(ListenerFault::SameName(name.clone()));
            }
            endpoints.push((name, endpoint));
        }
        endpoints
    }

    fn listeners(&mut self, roles: &[Role]) -> Vec<Listener<'a>> {
        let mut bound = self.endpoints(LISTENERS);
        if bound.is_empty() && self.file.get(LISTENERS).is_none() && roles.contains(&Role::Broker) {
            bound.push((SecurityProtocol::Plaintext.name().to_owned(), Endpoint::default_listener()));
        }
        let has_advertised = self.file.get(ADVERTISED).is_some();
        self.advertised = if has_advertised { self.endpoints(ADVERTISED) } else { bound.clone() };
        let mut listeners = Vec::new();
        for (name, endpoint) in bound {
            let Some(protocol) = self.protocols.get(&name).copied() else { continue };
            let mut listener = self.listener(name, protocol);
            let advertised = self.advertised.iter().find(|(name, _)| *name == listener.name);
            let advertised = advertised.map(|(_, advertised)| *advertised);
            // Controllers are told where they listen, if nothing else is said.
            listener.advertised = advertised.or(Some(endpoint).filter(|_| listener.is_controller));
            listener.bound = Some(endpoint);
            listeners.push(listener);
        }
        listeners
    }

    fn listener(&self, name: String, protocol: SecurityProtocol) -> Listener<'a> {
        Listener {
            is_inter_broker: self.inter_broker.as_ref() == Some(&name),
            is_controller: self.controller_names.contains(&name.as_str()),
            ssl: SslSettings::of_listener(self.file, &name, protocol),
            bound: None,
            advertised: None,
            name,
            protocol,
        }
    }

    fn controllers(&self) -> Option<Listener<'a>> {
        let name = self.controller_names.first()?.to_uppercase();
        let protocol = *self.protocols.get(&name)?;
        Some(Listener { is_controller: true, ..self.listener(name, protocol) })
    }

    /// Does what `KafkaConfig.validateValues` does about listeners.
    fn check(&mut self, roles: &[Role], listeners: &[Listener<'a>]) {
        let names: Vec<&str> = listeners.iter().map(|listener| listener.name.as_str()).collect();
        if fault::have_same_port(listeners) {
            self.faults.push(ListenerFault::SamePort);
        }
        self.faults
            .extend(self.advertised.iter().find(|(_, a)| a.host == Some("0.0.0.0")).map(|_| ListenerFault::AnyAddress));
        if roles.is_empty() {
            return;
        }
        if self.file.get(BOOTSTRAP_SERVERS).is_none() && self.file.get(VOTERS).is_none() {
            self.faults.push(ListenerFault::NoQuorum);
        }
        if roles.contains(&Role::Controller) {
            self.check_controller(roles, &names);
        } else {
            self.check_broker_alone(&names);
        }
        if roles.contains(&Role::Broker) {
            self.check_broker(&names);
        }
    }

    fn check_controller(&mut self, roles: &[Role], names: &[&str]) {
        let strays: Vec<&str> = self.controller_names.iter().filter(|name| !names.contains(name)).copied().collect();
        self.faults.extend(strays.first().map(|name| ListenerFault::ControllerNotListened((*name).to_owned())));
        if self.controller_names.is_empty() {
            self.faults.push(ListenerFault::NoControllerNames);
        }
        if roles == [Role::Controller] && names.iter().any(|name| !self.controller_names.contains(name)) {
            self.faults.push(ListenerFault::ListenersOfBroker);
        }
    }

    fn check_broker_alone(&mut self, names: &[&str]) {
        if self.controller_names.is_empty() {
            self.faults.push(ListenerFault::NoControllerNames);
        }
        if self.controller_names.iter().any(|name| names.contains(name)) {
            self.faults.push(ListenerFault::ControllerListened);
        }
        let unmapped = self.controller_names.iter().find(|name| !self.protocols.contains_key(&name.to_uppercase()));
        self.faults.extend(unmapped.map(|name| ListenerFault::ControllerNotMapped((*name).to_owned())));
    }

    fn check_broker(&mut self, names: &[&str]) {
        let is_broker = |name: &&String| !self.controller_names.contains(&name.as_str());
        let advertised: Vec<&String> = self.advertised.iter().map(|(name, _)| name).filter(is_broker).collect();
        let mut faults = Vec::new();
        if advertised.is_empty() {
            faults.push(ListenerFault::NoBrokerListener);
        }
        if let Some(name) = self.inter_broker.as_ref().filter(|name| !advertised.contains(name)) {
            faults.push(ListenerFault::InterBrokerNotAdvertised(name.clone()));
        }
        let stray = advertised.iter().find(|name| !names.contains(&name.as_str()));
        faults.extend(stray.map(|name| ListenerFault::AdvertisedNotListened((*name).clone())));
        self.faults.extend(faults);
    }
}
