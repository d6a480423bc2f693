//! A Kafka broker in a container for a test, with mutual TLS on every listener and certificates that are made for this one run.
//!
//! Nothing is written to this machine's disk: the bundle is made in memory and copied into the container. `tests/broker.rs` starts
//! it; that needs Docker:
//!
//! ```console
//! $ cargo test -- --ignored
//! ```

use std::error::Error;
use std::net::TcpListener;
use std::time::Duration;

use testcontainers::core::{IntoContainerPort, WaitFor};
use testcontainers::runners::SyncRunner;
use testcontainers::{Container, CopyTargetOptions, GenericImage, ImageExt};

pub mod client;
pub mod cluster;

use cluster::{Cluster, SECRETS};

/// A broker that runs as long as this value lives.
pub struct Broker {
    /// What it and its clients have.
    pub cluster: Cluster,
    _container: Container<GenericImage>,
}

impl Broker {
    /// Starts a broker, and returns when clients can connect to it.
    pub fn start() -> Result<Self, Box<dyn Error>> {
        let cluster = Cluster::new(free_port()?)?;
        let port = cluster.port().tcp();
        let image = GenericImage::new("apache/kafka", "4.1.0")
            .with_exposed_port(port)
            .with_wait_for(WaitFor::message_on_stdout("Kafka Server started"));
        // A client is sent to the advertised port: it is the same inside and outside.
        let mut request = image.with_mapped_port(cluster.port(), port).with_startup_timeout(Duration::from_secs(120));
        for (name, value) in cluster.environment() {
            request = request.with_env_var(name, value);
        }
        for (name, contents) in cluster.broker_files() {
            // The image's user is not root, and Docker makes files that are: in a container that lives for one test all may read them.
            let target = CopyTargetOptions::new(format!("{SECRETS}/{name}")).with_mode(0o644);
            request = request.with_copy_to(target, contents.to_vec());
        }
        Ok(Self { _container: request.start()?, cluster })
    }
}

/// Finds a port that nothing listens on.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
