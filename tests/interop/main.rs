//! What `init` makes in the hands of others: keytool and OpenSSL, other people's linters, a full disk, a killed process.
//!
//! These tests need tools and run only when asked for: `cargo test --test interop -- --ignored`. A tool that is missing is a
//! failure.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by panicking")]

mod algorithms;
mod canary;
mod dry_run;
mod faults;
mod foreign_stores;
mod keytool;
mod lint;
mod openssl;
mod passwords;
#[path = "../support/mod.rs"]
mod support;
