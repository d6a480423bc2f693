//! What is up to the person who asks for a configuration.

use std::net::IpAddr;
use std::path::Path;

use crate::secret::Password;
use crate::spec::StoreFormat;

/// What is up to the person who asks, beside for whom it is.
pub struct Choices<'a> {
    /// The format of the stores; the best that is there, if it is not said.
    pub format: Option<StoreFormat>,
    /// Where the files will lie; if it is not said, where the bundle was made for, or where it is.
    pub deploy_dir: Option<String>,
    /// The bundle's folder, absolute.
    pub bundle: &'a Path,
    /// What is done with passwords.
    pub passwords: Passwords,
    /// Hosts, ports and listeners.
    pub network: Network,
    /// How principals are named.
    pub principals: PrincipalForm,
}

/// What is done with passwords.
#[derive(Debug, Clone)]
pub enum Passwords {
    /// They are named, and stay where they are.
    ByReference {
        /// Whether the key has a password that is not the stores'.
        has_own_key_password: bool,
    },
    /// Those of all nodes are named, and stay where they are.
    OfNodes {
        /// Whether any key has a password that is not the stores'.
        have_own_key_passwords: bool,
        /// Whether all of them stand in properties as they are, with nothing to be escaped.
        are_plain: bool,
    },
    /// They stand in the document.
    Shown {
        /// The password of the stores.
        store: Password,
        /// The password of the key, if it is not the stores'.
        key: Option<Password>,
    },
}

/// Hosts, ports and listeners.
#[derive(Debug, Clone)]
pub struct Network {
    /// `HOST:PORT` of the brokers to connect to; all brokers of the bundle, if there is none.
    pub bootstrap_servers: Vec<String>,
    /// The name of the listener for clients and brokers.
    pub listener: String,
    /// The address that a node listens at; all of them, if it is not said.
    pub bind: Option<IpAddr>,
    /// The port of that listener.
    pub broker_port: u16,
    /// The port of the controllers' listener.
    pub controller_port: u16,
    /// The node's id, if it is not the one that follows from its name or place.
    pub node_id: Option<u32>,
}

impl Network {
    /// Returns the address to listen at as an URL has it; nothing for all of them.
    pub fn bind_host(&self) -> String {
        self.bind.map_or_else(String::new, |address| match address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        })
    }
}

impl Default for Network {
    /// Returns a listener `SSL` on port 9093, and controllers on port 9094.
    fn default() -> Self {
        Self {
            bootstrap_servers: Vec::new(),
            listener: "SSL".to_owned(),
            bind: None,
            broker_port: 9093,
            controller_port: 9094,
            node_id: None,
        }
    }
}

/// How principals are named, in `super.users` and by ACLs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalForm {
    /// By the whole distinguished name, as Kafka does without rules.
    DistinguishedName,
    /// By the common name alone, which `ssl.principal.mapping.rules` takes out of it.
    CommonName,
}
