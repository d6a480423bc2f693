//! What `init` and the step commands make in the hands of others: keytool and OpenSSL, other people's linters, a full disk, a killed
//! process. And what others make in the hands of `sign`.
//!
//! These tests need tools and run only when asked for: `cargo test --test interop -- --ignored`. A tool that is missing is a
//! failure.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by panicking")]

mod algorithms;
mod canary;
mod conversions;
mod dry_run;
mod dry_run_steps;
mod export;
mod faults;
mod foreign_stores;
mod handshakes;
mod inspect;
mod keytool;
mod lint;
mod manual_pages;
mod mixtures;
mod openssl;
mod paired_handshakes;
mod passwords;
mod properties;
mod recipes;
mod replies;
mod schema;
mod shells;
mod signing;
mod steps;
#[path = "../support/mod.rs"]
mod support;
mod surveys;
mod verify;
