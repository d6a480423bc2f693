//! A Kafka node, broker and controller in one, that lives as long as its handle.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use tempfile::TempDir;

use crate::certgen::Bundle;
use crate::java::{Jdk, SHORT_LIVED, SOURCES};
use crate::scratch;
use crate::service::Service;
pub(crate) use crate::service::tail;

pub(crate) struct Broker {
    node: Service,
    ports: Vec<u16>,
    /// Holds the log and the node's storage.
    _folder: TempDir,
}

impl Broker {
    /// Starts a node on the bundle's `server.properties`, or hands back the log of one that ended instead.
    pub(crate) fn start(bundle: &Bundle) -> Result<Self, String> {
        Self::start_with(&Jdk::usual(), bundle, "")
    }

    /// Starts a node on the bundle's `server.properties` and these lines.
    pub(crate) fn start_with(jdk: &Jdk, bundle: &Bundle, lines: &str) -> Result<Self, String> {
        Self::start_on(jdk, 2, &|ports, storage| settings(bundle, lines, ports, storage))
    }

    /// Starts a node on the settings that are made of so many free ports and of where to store.
    ///
    /// The first port is the broker's, the second the controller's.
    pub(crate) fn start_on(
        jdk: &Jdk,
        ports: usize,
        settings: &dyn Fn(&[u16], &Path) -> String,
    ) -> Result<Self, String> {
        Self::start_formatted(jdk, ports, &[], settings)
    }

    /// Starts a node whose storage is formatted with these flags.
    pub(crate) fn start_formatted(
        jdk: &Jdk,
        ports: usize,
        flags: &[&str],
        settings: &dyn Fn(&[u16], &Path) -> String,
    ) -> Result<Self, String> {
        let mut outcome = Self::start_on_free_ports(jdk, ports, flags, settings);
        for _ in 0..5 {
            // A port can be taken between the moment it was found free and the node's start.
            if !matches!(&outcome, Err(log) if log.contains("Address already in use")) {
                break;
            }
            outcome = Self::start_on_free_ports(jdk, ports, flags, settings);
        }
        outcome
    }

    fn start_on_free_ports(
        jdk: &Jdk,
        ports: usize,
        flags: &[&str],
        settings: &dyn Fn(&[u16], &Path) -> String,
    ) -> Result<Self, String> {
        let folder = scratch();
        let ports = free_ports(ports);
        let server_properties = folder.path().join("server.properties");
        fs::write(&server_properties, settings(&ports, &folder.path().join("storage"))).expect("cannot write settings");

        let logging = format!("-Dlog4j2.configurationFile={SOURCES}/log4j2.properties");
        let mut java = jdk.program("Broker", &[SHORT_LIVED, "-Xmx512m", &logging]);
        java.arg(server_properties).args(flags);
        let node = Service::start("broker", &mut java, &folder.path().join("log"), "Kafka Server started")?;
        Ok(Self { node, ports, _folder: folder })
    }

    /// The address of the broker's listener, with any name that leads there.
    pub(crate) fn at(&self, host: &str) -> String {
        format!("{host}:{}", self.ports[0])
    }

    /// The address of the controller's listener.
    pub(crate) fn controller_at(&self, host: &str) -> String {
        format!("{host}:{}", self.ports[1])
    }

    /// The ports of all listeners.
    pub(crate) fn ports(&self) -> &[u16] {
        &self.ports
    }

    pub(crate) fn log_length(&self) -> usize {
        self.node.log_length()
    }

    /// What the node has said since its log had that length.
    pub(crate) fn log_since(&self, length: usize) -> String {
        self.node.log_since(length)
    }

    /// What the node has said since its log had that length, with these words in it if they come at all.
    pub(crate) fn log_until(&self, words: &str, length: usize) -> String {
        self.node.log_until(words, length)
    }
}

/// The bundle's own settings of TLS, and what else a node needs.
fn settings(bundle: &Bundle, lines: &str, ports: &[u16], storage: &Path) -> String {
    let tls = fs::read_to_string(bundle.server_properties()).expect("cannot read settings");
    let (broker, controller) = (ports[0], ports[1]);
    format!(
        "{tls}
{lines}
process.roles=broker,controller
node.id=1
listeners=SSL://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SSL://localhost:{broker}
listener.security.protocol.map=SSL:SSL,CONTROLLER:SSL
inter.broker.listener.name=SSL
controller.listener.names=CONTROLLER
controller.quorum.voters=1@localhost:{controller}
log.dirs={storage}
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
",
        storage = storage.display(),
    )
}

/// Ports that nobody listens on: all are bound before the first is let go.
pub(crate) fn free_ports(count: usize) -> Vec<u16> {
    let bind = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("no port is free");
    let bound: Vec<TcpListener> = (0..count).map(bind).collect();
    let port = |listener: &TcpListener| listener.local_addr().expect("a bound port has an address").port();
    bound.iter().map(port).collect()
}
