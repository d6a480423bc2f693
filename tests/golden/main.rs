//! What comes out is the same to the byte, as long as the clock, the random source and the keys are; and the bundle's own bytes are good
//! for a TLS handshake.
//!
//! `KAFKA_CERTGEN_BLESS=1 cargo test --test golden` writes the fixtures anew; see `tests/fixtures/golden/README.md`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails with a panic, also below its helpers")]

mod fixed;
mod fixture;
mod handshake;
mod issued;
mod pkcs12;
