//! A real Kafka broker and real Java clients on what `kafka-certgen init` writes.
//!
//! Needs a JDK 17, a newer one, Maven, OpenSSL and `faketime`, and the lab Python, Node with npm, and Go, so that these tests run only when asked for:
//! `cargo test --test kafka -- --ignored`. What is expected of Kafka and of Java here was read off them.

#![expect(clippy::expect_used, clippy::panic, reason = "a test says what is wrong by panicking")]

mod applied;
#[path = "../verify/bench.rs"]
#[allow(dead_code, clippy::doc_markdown, clippy::unwrap_used, reason = "another test uses all of it")]
mod bench;
mod broker;
mod certgen;
#[path = "../acceptance/certificate.rs"]
#[allow(dead_code, clippy::doc_markdown, clippy::unwrap_used, reason = "another test uses all of it")]
mod certificate;
#[path = "../../examples/testcontainers/src/client.rs"]
#[allow(unreachable_pub, reason = "a package of its own has it")]
mod client;
#[path = "../../examples/testcontainers/src/cluster.rs"]
#[allow(dead_code, unreachable_pub, reason = "a package of its own has it, and uses all of it")]
mod cluster;
mod command;
mod configurations;
mod container;
#[path = "../acceptance/der.rs"]
#[allow(dead_code, clippy::doc_markdown, clippy::unwrap_used, reason = "another test uses all of it")]
mod der;
mod handshakes;
#[path = "../../examples/testcontainers/tests/image/mod.rs"]
#[allow(unreachable_pub, reason = "a package of its own has it")]
mod image;
mod java;
#[path = "../verify/keys.rs"]
#[allow(dead_code, clippy::doc_markdown, clippy::unwrap_used, reason = "another test uses all of it")]
mod keys;
mod lab;
#[path = "../support/prepared.rs"]
mod prepared;
mod reloads;
mod service;
mod serving;

use tempfile::TempDir;

/// A folder that goes away with its handle, below `target`.
fn scratch() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("cannot make a folder below target")
}
