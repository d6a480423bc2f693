//! A bundle in memory: for a test that starts a broker in a container, say, and mounts what it needs.
//!
//! ```console
//! $ cargo run --example in_memory
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it has made")]

use std::error::Error;
use std::path::Path;

use kafka_certgen::pipeline::{self, Environment};
use kafka_certgen::random::SystemRandom;
use kafka_certgen::spec::{CaSource, CaSpec, ClusterSpec, KeyAlgorithm, NodeRole, NodeSpec};
use time::OffsetDateTime;

fn main() -> Result<(), Box<dyn Error>> {
    let mut broker = NodeSpec::new("localhost".parse()?, NodeRole::Broker);
    broker.alt_names.push("127.0.0.1".parse()?);
    let client = NodeSpec::new("app1".parse()?, NodeRole::Client);
    let mut spec = ClusterSpec::new(vec![broker, client]);
    // Keys that are made in microseconds.
    spec.ca = CaSource::Made(CaSpec { key_algorithm: KeyAlgorithm::EcP256, ..CaSpec::default() });
    for node in &mut spec.nodes {
        node.key_algorithm = KeyAlgorithm::EcP256;
    }

    let environment = Environment::new(OffsetDateTime::now_utc(), &SystemRandom);
    // The properties name the files as they will be found in the container.
    let made = pipeline::make(&spec, Path::new("/etc/kafka/ssl"), &environment)?;

    for artifact in &made.bundle.artifacts {
        println!("{:>6} bytes  {}", artifact.contents().len(), artifact.path().display());
    }
    for identity in &made.inventory.identities {
        println!("{} is {}, until {}", identity.name, identity.principal, identity.certificate.not_after.date());
    }
    Ok(())
}
