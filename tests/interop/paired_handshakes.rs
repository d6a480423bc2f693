//! What `handshake` says of a broker and a client in Java is what two programs in Java say that really meet.

use std::path::Path;

use kafka_certgen::pipeline::{self, Environment};
use kafka_certgen::random::SystemRandom;
use kafka_certgen::secret::Password;
use kafka_certgen::spec::{CaSource, CaSpec, ClusterSpec, Days, KeyAlgorithm, NodeRole, NodeSpec};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::support::bundle::{BINARY, Bundle, QUICK_KEYS, scratch};
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;
use crate::support::threads;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/PairedHandshakes.java");
const PASSWORD: &str = "interop-secret";

/// Who meets whom: the stores of identities, by their folders below that of the test.
struct Pair {
    broker: &'static str,
    /// Nothing for a client without a key.
    client: Option<&'static str>,
    /// Whose truststore the client has.
    client_trusts: &'static str,
    host: &'static str,
    client_auth: &'static str,
}

const GOOD: Pair = Pair {
    broker: "own/broker1",
    client: Some("own/app1"),
    client_trusts: "own/app1",
    host: "broker1",
    client_auth: "required",
};

const PAIRS: [Pair; 14] = [
    GOOD,
    Pair { client_auth: "requested", ..GOOD },
    Pair { host: "10.0.0.1", ..GOOD },
    Pair { broker: "rsa/broker1", client: Some("rsa/app1"), client_trusts: "rsa/app1", ..GOOD },
    Pair { host: "broker2", ..GOOD },
    Pair { host: "10.0.0.2", ..GOOD },
    Pair { client_trusts: "other/app1", ..GOOD },
    Pair { client: None, ..GOOD },
    Pair { client: None, client_auth: "requested", ..GOOD },
    // Its CA is none of those that the broker names, so that it keeps its certificate to itself.
    Pair { client: Some("other/app1"), ..GOOD },
    Pair { client: Some("other/app1"), client_auth: "requested", ..GOOD },
    // Its CA has the name of one that the broker names, and another key.
    Pair { client: Some("namesake/app1"), ..GOOD },
    Pair { client: Some("namesake/app1"), client_auth: "requested", ..GOOD },
    Pair { broker: "old/broker1", client_trusts: "old/app1", ..GOOD },
];

#[test]
#[ignore = "needs two JDKs"]
fn what_is_told_of_java_is_what_java_does() {
    let folder = scratch();
    make_bundles(folder.path());
    let meetings: Vec<(&Pair, &str)> =
        ["1.2", "1.3"].iter().flat_map(|tls| PAIRS.iter().map(|pair| (pair, *tls))).collect();
    for (jdk, stack) in [(Jdk::of_17(), "java17"), (Jdk::newer(), "java")] {
        let questions = meetings.iter().map(|(pair, tls)| pair.question(folder.path(), tls)).collect();
        let answers = jdk.answers_with(PROGRAM, &[PASSWORD], questions);
        let told = threads::map(&meetings, |(pair, tls)| pair.told(folder.path(), stack, tls));
        for (((_, tls), answer), told) in meetings.iter().zip(answers).zip(told) {
            let (client, broker) = answer.split_once('\t').unwrap_or_else(|| panic!("{answer}"));
            compare(&told, client, broker, &format!("{stack}, TLS {tls}: {told:#}"));
        }
    }
}

impl Pair {
    fn question(&self, folder: &Path, tls: &str) -> String {
        let [keystore, truststore] = server_stores(self.broker);
        let file = |path: &str| folder.join(path).display().to_string();
        let client = self.client.map_or("-".to_owned(), |client| file(&format!("{client}/kafka.client.keystore.p12")));
        let trust = file(&format!("{}/kafka.client.truststore.p12", self.client_trusts));
        let (keystore, truststore) = (file(&keystore), file(&truststore));
        format!("{keystore}\t{truststore}\t{client}\t{trust}\t{}\tTLSv{tls}\t{}\n", self.host, self.client_auth)
    }

    fn told(&self, folder: &Path, stack: &str, tls: &str) -> Value {
        let [keystore, truststore] = server_stores(self.broker);
        let mut handshake = command(BINARY, ["handshake", "--json", "--as", stack, "--tls", tls]);
        handshake.current_dir(folder).args(["--keystore", &keystore, "--truststore", &truststore, "--host", self.host]);
        handshake.args(["--client-truststore", &format!("{}/kafka.client.truststore.p12", self.client_trusts)]);
        handshake.args(["--client-auth", self.client_auth]);
        if let Some(client) = self.client {
            handshake.args(["--client-keystore", &format!("{client}/kafka.client.keystore.p12")]);
        }
        let told = Finished::of(&mut handshake);
        serde_json::from_str(&told.stdout).unwrap_or_else(|error| panic!("{error}: {told}"))
    }
}

/// Compares what was told with what either side has said.
fn compare(told: &Value, client: &str, broker: &str, of: &str) {
    let outcome = &told["outcome"];
    if outcome["status"] == "succeeded" {
        let sent = told["steps"][4]["details"]["certificates"].as_array().unwrap().len();
        assert_eq!((client, broker), (format!("ok {sent}").as_str(), "ok"), "{of}");
        return;
    }
    let message = outcome["message"].as_str().unwrap();
    // Newer JDKs put the alert before it.
    let message =
        message.split_once(") ").filter(|(alert, _)| alert.starts_with('(')).map_or(message, |(_, said)| said);
    let says = if outcome["by"] == "client" { client } else { broker };
    assert_eq!(message, says, "{of}: {client} | {broker}");
    // What the other one says is that the connection is gone; in TLS 1.3 the client may think that all is well until it reads.
    assert!(![client, broker].iter().all(|side| side.starts_with("ok")), "{of}");
    let step = outcome["step"].as_u64().unwrap();
    assert_eq!(step, if outcome["by"] == "client" { 4 } else { 5 }, "{of}");
}

fn server_stores(broker: &str) -> [String; 2] {
    ["keystore", "truststore"].map(|store| format!("{broker}/kafka.server.{store}.p12"))
}

fn make_bundles(folder: &Path) {
    let password = format!("pass:{PASSWORD}");
    let common = ["--cn", "broker1", "--client", "app1", "--san", "broker1=10.0.0.1", "--storepass", &password];
    let bundle = |name: &str, more: &[&str]| Bundle::init(&folder.join(name), &[&common[..], more].concat());
    bundle("own", &QUICK_KEYS);
    bundle("namesake", &QUICK_KEYS);
    bundle("other", &[&QUICK_KEYS[..], &["--ca-cn", "Other CA"]].concat());
    bundle("rsa", &["--key-alg", "rsa-2048", "--ca-key-alg", "rsa-2048"]);
    make_expired(&folder.join("old"));
}

/// Makes a bundle three days ago whose certificates were valid for one.
fn make_expired(out: &Path) {
    let node = |name: &str, role| {
        let mut node = NodeSpec::new(name.parse().unwrap(), role);
        (node.key_algorithm, node.days) = (KeyAlgorithm::EcP256, Days::new(1).unwrap());
        node
    };
    let mut spec = ClusterSpec::new(vec![node("broker1", NodeRole::Broker), node("app1", NodeRole::Client)]);
    spec.ca = CaSource::Made(CaSpec { key_algorithm: KeyAlgorithm::EcP256, ..CaSpec::default() });
    spec.stores.store_password = Some(Password::new(PASSWORD.to_owned().into()).unwrap());
    let now = OffsetDateTime::now_utc() - Duration::days(3);
    let environment = Environment::new(now, &SystemRandom);
    for artifact in pipeline::make(&spec, out, &environment).unwrap().bundle.artifacts {
        let path = out.join(artifact.path());
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, artifact.contents()).unwrap();
    }
}
