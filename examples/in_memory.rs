//! A bundle in memory: for a test that needs a broker with TLS, say. Nothing is written to the disk.
//!
//! ```console
//! $ cargo run --example in_memory
//! ```
//!
//! The package in `testcontainers` beside this file hands such a bundle to a broker in a container.
#![allow(clippy::print_stdout, reason = "an example shows what it has made")]

use std::error::Error;
use std::path::Path;

use kafka_certgen::pipeline::{self, Environment, Made};
use kafka_certgen::random::SystemRandom;
use kafka_certgen::spec::{ClusterSpec, KeyAlgorithm, NodeRole, NodeSpec};
use time::OffsetDateTime;

fn main() -> Result<(), Box<dyn Error>> {
    let made = bundle()?;
    for identity in &made.inventory.identities {
        println!("{} is {}, until {}", identity.name, identity.principal, identity.certificate.not_after.date());
        for file in made.files(&identity.name) {
            println!("{:>8} bytes  {}", file.contents().len(), file.name());
        }
    }
    let configuration = made.file("app1", "client.properties").ok_or("app1 has no configuration")?;
    println!("\nwhat app1 says to connect:");
    // The passwords of its stores are in there: this is a test's.
    println!("{}", String::from_utf8_lossy(configuration.contents()));
    Ok(())
}

/// Makes a CA, a broker on this machine and a client.
fn bundle() -> Result<Made, Box<dyn Error>> {
    let mut broker = NodeSpec::new("localhost".parse()?, NodeRole::Broker);
    broker.alt_names.push("127.0.0.1".parse()?);
    let client = NodeSpec::new("app1".parse()?, NodeRole::Client);
    let spec = ClusterSpec::new(vec![broker, client]).with_keys(KeyAlgorithm::EcP256);
    let environment = Environment::new(OffsetDateTime::now_utc(), &SystemRandom);
    // The properties name the files as they will be found by the broker.
    Ok(pipeline::make(&spec, Path::new("/etc/kafka/ssl"), &environment)?)
}

#[test]
fn it_does_what_it_says() {
    assert!(main().is_ok());
}
