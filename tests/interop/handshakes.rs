//! A Java server and a Java client meet with the stores that they are given.

use std::path::PathBuf;

use crate::support::jdk::Jdk;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/MutualHandshakes.java");

/// What both sides are given.
#[derive(Clone)]
pub(crate) struct Stores {
    /// As in Kafka's `ssl.keystore.type`.
    pub(crate) store_type: &'static str,
    pub(crate) keystore: PathBuf,
    pub(crate) truststore: PathBuf,
    /// The file with the password of both.
    pub(crate) password: PathBuf,
    /// The file with the password of the key.
    pub(crate) key_password: PathBuf,
    /// What the client takes the server for.
    pub(crate) host: &'static str,
}

/// Lets both sides meet, once for each of several stores, and returns what they have to say.
pub(crate) fn meet(jdk: &Jdk, stores: &[Stores]) -> Vec<String> {
    let questions = stores.iter().map(|Stores { store_type, keystore, truststore, password, key_password, host }| {
        let files = [keystore, truststore, password, key_password].map(|file| file.display().to_string());
        format!("{store_type}\t{}\t{host}\n", files.join("\t"))
    });
    jdk.answers(PROGRAM, questions.collect())
}

/// Returns what they say if all went well: `subject` as Java writes it, `names` such as `DNS:localhost, IP:127.0.0.1`.
pub(crate) fn success(subject: &str, names: &str) -> String {
    let trusts = format!("trusts {subject} in a chain of 2 with the names [{names}]");
    format!("client {trusts}; server {trusts}")
}
