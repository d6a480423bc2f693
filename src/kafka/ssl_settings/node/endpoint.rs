//! Where a node listens, and where it is reached.

use super::super::Setting;

/// An address out of a list of listeners or controllers.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint<'a> {
    /// The host, without the brackets of an IPv6 address. None is every address to listen on, and the name that the machine
    /// has for itself (`InetAddress.getLocalHost().getCanonicalHostName()`) to connect to. It is foreign text.
    pub host: Option<&'a str>,
    /// The port.
    pub port: u16,
    /// Where it stands; nowhere, if it is Kafka's default.
    pub setting: Option<Setting<'a>>,
}

impl<'a> Endpoint<'a> {
    /// Returns `PLAINTEXT://:9092`.
    pub(super) fn default_listener() -> Self {
        Self { host: None, port: 9092, setting: None }
    }

    /// Reads `NAME://host:port`, in which the host may be empty (`SocketServerConfigs.URI_PARSE_REGEXP`).
    pub(super) fn of_listener(setting: Setting<'a>, text: &'a str) -> Option<(&'a str, Self)> {
        let (name, address) = text.rsplit_once("://")?;
        Self::of_address(setting, address).map(|endpoint| (name, endpoint))
    }

    /// Reads `host:port`.
    pub(super) fn of_address(setting: Setting<'a>, address: &'a str) -> Option<Self> {
        let is_of_host = |c: char| c.is_ascii_alphanumeric() || "-%._:".contains(c);
        let (host, port) = address.rsplit_once(':')?;
        let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.parse().ok().filter(|_| is_number)?;
        let host = host.strip_prefix('[').unwrap_or(host);
        let host = host.strip_suffix(']').unwrap_or(host);
        let host = Some(host).filter(|host| host.chars().all(is_of_host))?;
        Some(Self { host: Some(host).filter(|host| !host.is_empty()), port, setting: Some(setting) })
    }
}
