//! What is handed to the container: files and environment variables. No Docker in here.

use std::error::Error;
use std::path::Path;

use kafka_certgen::bundle::Artifact;
use kafka_certgen::pipeline::{self, Environment, Made};
use kafka_certgen::random::SystemRandom;
use kafka_certgen::spec::{ClusterSpec, KeyAlgorithm, NodeRole, NodeSpec, StoreFormat};
use time::OffsetDateTime;

/// Where the image looks for keystores and passwords.
pub const SECRETS: &str = "/etc/kafka/secrets";

/// The client's name, by which ACLs and `super.users` know it: `User:CN=app1`.
pub const CLIENT: &str = "app1";

/// The port of the controller, which nobody outside the container connects to.
const CONTROLLER_PORT: u16 = 29093;

/// A bundle for a broker, which is its own controller, and a client.
pub struct Cluster {
    made: Made,
    port: u16,
}

impl Cluster {
    /// Makes a bundle for a broker that clients reach as `localhost:port`.
    pub fn new(port: u16) -> Result<Self, Box<dyn Error>> {
        let mut broker = NodeSpec::new("localhost".parse()?, NodeRole::Broker);
        broker.alt_names.push("127.0.0.1".parse()?);
        broker.formats = Some(vec![StoreFormat::Pkcs12]);
        let mut client = NodeSpec::new(CLIENT.parse()?, NodeRole::Client);
        // For clients in Rust and C; a Java client takes pkcs12 or jks.
        client.formats = Some(vec![StoreFormat::Pem]);
        let spec = ClusterSpec::new(vec![broker, client]).with_keys(KeyAlgorithm::EcP256);
        let environment = Environment::new(OffsetDateTime::now_utc(), &SystemRandom);
        Ok(Self { made: pipeline::make(&spec, Path::new(SECRETS), &environment)?, port })
    }

    /// Returns the port of the broker.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the files of the broker, by their names in [`SECRETS`].
    pub fn broker_files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let wanted = ["kafka.server.keystore.p12", "kafka.server.truststore.p12", "password"];
        self.made
            .files("localhost")
            .filter(move |file| wanted.contains(&file.name()))
            .map(|file| (file.name(), file.contents()))
    }

    /// Returns a file of the client: `kafka.client.keystore.pem` has its key and chain, `kafka.client.truststore.pem` the CA.
    pub fn client_file(&self, name: &str) -> Option<&[u8]> {
        self.made.file(CLIENT, name).map(Artifact::contents)
    }

    /// Returns the environment variables of the image `apache/kafka`, which makes a property of each: `KAFKA_SSL_CLIENT_AUTH` is
    /// `ssl.client.auth`. The files are named as the image wants them, the passwords by the file that they are in.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let port = self.port;
        let text = |text: &str| text.to_owned();
        vec![
            ("KAFKA_NODE_ID", text("1")),
            ("KAFKA_PROCESS_ROLES", text("broker,controller")),
            ("KAFKA_CONTROLLER_QUORUM_VOTERS", format!("1@localhost:{CONTROLLER_PORT}")),
            ("KAFKA_CONTROLLER_LISTENER_NAMES", text("CONTROLLER")),
            ("KAFKA_INTER_BROKER_LISTENER_NAME", text("SSL")),
            ("KAFKA_LISTENERS", format!("SSL://:{port},CONTROLLER://:{CONTROLLER_PORT}")),
            // The image sets TLS up where it reads `SSL://` in here.
            ("KAFKA_ADVERTISED_LISTENERS", format!("SSL://localhost:{port}")),
            ("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", text("SSL:SSL,CONTROLLER:SSL")),
            ("KAFKA_SSL_CLIENT_AUTH", text("required")),
            ("KAFKA_SSL_KEYSTORE_TYPE", text("PKCS12")),
            ("KAFKA_SSL_KEYSTORE_FILENAME", text("kafka.server.keystore.p12")),
            ("KAFKA_SSL_KEYSTORE_CREDENTIALS", text("password")),
            ("KAFKA_SSL_KEY_CREDENTIALS", text("password")),
            ("KAFKA_SSL_TRUSTSTORE_TYPE", text("PKCS12")),
            ("KAFKA_SSL_TRUSTSTORE_FILENAME", text("kafka.server.truststore.p12")),
            ("KAFKA_SSL_TRUSTSTORE_CREDENTIALS", text("password")),
            // Topics of a cluster of one broker.
            ("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", text("1")),
            ("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", text("1")),
            ("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", text("1")),
            ("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", text("1")),
            ("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", text("1")),
            ("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", text("0")),
        ]
    }
}
