//! What test programs share: commands that run to their end, the JDKs of the machine, bundles made by the binary, threads.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod bundle;
pub(crate) mod command;
pub(crate) mod jdk;
pub(crate) mod threads;
