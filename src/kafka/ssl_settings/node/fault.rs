//! Why Kafka does not start with what is said about listeners.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use super::{Endpoint, Listener, MAX_LISTENERS};
use crate::name::printable;

/// Why Kafka 4 does not start with what is said about listeners. The texts of the variants are foreign.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListenerFault {
    /// A name in `advertised.listeners` that `listeners` does not have.
    AdvertisedNotListened(String),
    /// `0.0.0.0`, to which nobody can connect, is advertised.
    AnyAddress,
    /// A broker that is no controller listens for controllers.
    ControllerListened,
    /// A name in `controller.listener.names` that `listeners` does not have, upper and lower case told apart.
    ControllerNotListened(String),
    /// A name in `controller.listener.names` without a protocol.
    ControllerNotMapped(String),
    /// `inter.broker.listener.name` is not advertised.
    InterBrokerNotAdvertised(String),
    /// `inter.broker.listener.name` has no protocol.
    InterBrokerNotMapped(String),
    /// Both `inter.broker.listener.name` and `security.inter.broker.protocol`.
    InterBrokerTwice,
    /// A controller that is no broker has listeners that are not of controllers.
    ListenersOfBroker,
    /// All listeners of a broker are those of controllers.
    NoBrokerListener,
    /// No `controller.listener.names`.
    NoControllerNames,
    /// Not `NAME://host:port`.
    NoEndpoint(String),
    /// Not `NAME:PROTOCOL`.
    NoMapEntry(String),
    /// A listener whose name is no protocol, and that `listener.security.protocol.map` does not have.
    NoProtocol(String),
    /// Neither `controller.quorum.bootstrap.servers` nor `controller.quorum.voters`.
    NoQuorum,
    /// Two listeners have one name.
    SameName(String),
    /// Two listeners have one port.
    SamePort,
    /// More listeners than are read.
    TooMany(&'static str),
    /// No security protocol has this name.
    UnknownProtocol(String),
    /// No security protocol has this name, in upper case.
    UnknownInterBrokerProtocol(String),
    /// Neither `broker` nor `controller`.
    UnknownRole(String),
}

impl ListenerFault {
    /// Returns the key that would have to be changed.
    pub fn key(&self) -> &'static str {
        match self {
            Self::AdvertisedNotListened(_) | Self::AnyAddress => super::ADVERTISED,
            Self::ControllerListened
            | Self::ControllerNotListened(_)
            | Self::NoBrokerListener
            | Self::NoControllerNames => super::CONTROLLER_NAMES,
            Self::InterBrokerNotAdvertised(_) | Self::InterBrokerNotMapped(_) | Self::InterBrokerTwice => {
                super::INTER_BROKER_NAME
            }
            Self::ListenersOfBroker | Self::NoEndpoint(_) | Self::SameName(_) | Self::SamePort => super::LISTENERS,
            Self::ControllerNotMapped(_) | Self::NoMapEntry(_) | Self::NoProtocol(_) | Self::UnknownProtocol(_) => {
                super::PROTOCOL_MAP
            }
            Self::NoQuorum => super::BOOTSTRAP_SERVERS,
            Self::TooMany(key) => key,
            Self::UnknownInterBrokerProtocol(_) => super::INTER_BROKER_PROTOCOL,
            Self::UnknownRole(_) => "process.roles",
        }
    }
}

impl fmt::Display for ListenerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AdvertisedNotListened(name) => {
                write!(f, "the listener `{}` is advertised and is not among the listeners", printable(name))
            }
            Self::AnyAddress => write!(f, "0.0.0.0 is advertised, and no client can connect to it"),
            Self::ControllerListened => write!(f, "a broker that is no controller listens for controllers"),
            Self::ControllerNotListened(name) => {
                write!(f, "the controllers' listener `{}` is not among the listeners", printable(name))
            }
            Self::ControllerNotMapped(name) => {
                write!(f, "the controllers' listener `{}` has no security protocol", printable(name))
            }
            Self::InterBrokerNotAdvertised(name) => {
                write!(f, "the listener `{}` for brokers among themselves is not advertised", printable(name))
            }
            Self::InterBrokerNotMapped(name) => {
                write!(f, "the listener `{}` for brokers among themselves has no security protocol", printable(name))
            }
            Self::InterBrokerTwice => {
                write!(f, "inter.broker.listener.name and security.inter.broker.protocol are both set")
            }
            Self::ListenersOfBroker => {
                write!(f, "a controller that is no broker has a listener that is not of controllers")
            }
            Self::NoBrokerListener => write!(f, "the broker has no listener for clients"),
            Self::NoControllerNames => write!(f, "no listener of the controllers is named"),
            Self::NoEndpoint(text) => write!(f, "`{}` is not NAME://host:port", printable(text)),
            Self::NoMapEntry(text) => write!(f, "`{}` is not NAME:PROTOCOL", printable(text)),
            Self::NoProtocol(name) => write!(f, "the listener `{}` has no security protocol", printable(name)),
            Self::NoQuorum => write!(f, "no controllers are named to connect to"),
            Self::SameName(name) => write!(f, "two listeners have the name `{}`", printable(name)),
            Self::SamePort => write!(f, "two listeners have the same port"),
            Self::TooMany(_) => write!(f, "there are more than {MAX_LISTENERS} listeners"),
            Self::UnknownProtocol(name) | Self::UnknownInterBrokerProtocol(name) => {
                write!(f, "no security protocol has the name `{}`", printable(name))
            }
            Self::UnknownRole(name) => write!(f, "`{}` is neither broker nor controller", printable(name)),
        }
    }
}

impl std::error::Error for ListenerFault {}

/// Says whether a port is taken twice: Kafka allows that to one IPv4 and one IPv6 address alone.
pub(super) fn have_same_port(listeners: &[Listener<'_>]) -> bool {
    let mut hosts: BTreeMap<u16, Vec<Option<&str>>> = BTreeMap::new();
    for Endpoint { host, port, .. } in listeners.iter().filter_map(|listener| listener.bound) {
        hosts.entry(port).or_default().push(host);
    }
    let address = |host: Option<&str>| host.and_then(|host| host.parse::<IpAddr>().ok());
    let is_pair = |hosts: &[Option<&str>]| {
        matches!(hosts, [one, other] if matches!(
            (address(*one), address(*other)),
            (Some(IpAddr::V4(_)), Some(IpAddr::V6(_))) | (Some(IpAddr::V6(_)), Some(IpAddr::V4(_)))
        ))
    };
    hosts.iter().any(|(port, hosts)| *port != 0 && hosts.len() > 1 && !is_pair(hosts))
}
