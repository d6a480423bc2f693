//! One node with a listener for everything that can be wrong with one.

use std::fmt::Write;
use std::thread;
use std::time::{Duration, Instant};

use crate::bench::{ca, ca_draft, leaf, leaf_of, leaf_with, store};
use crate::broker::{Broker, tail};
use crate::certificate::{CLIENT_AUTH, Ca, Draft, KEY_ENCIPHERMENT, alt_names, extended_key_usage, key_usage};
use crate::java::Jdk;
use crate::lab::diagnosed;
use crate::lab::files::{Files, trusted};

/// A node that runs, and the names of its listeners.
pub(super) struct Node {
    broker: Broker,
    names: Vec<&'static str>,
}

/// A listener: its name in lower case, its protocol, and its own settings.
pub(super) struct Listener {
    name: &'static str,
    protocol: &'static str,
    lines: String,
}

impl Node {
    pub(super) fn start(jdk: &Jdk, listeners: &[Listener]) -> Self {
        let outcome = Broker::start_on(jdk, listeners.len(), &|ports, storage| {
            let storage = storage.display().to_string();
            settings(listeners, ports, &storage)
        });
        let broker = outcome.unwrap_or_else(|log| panic!("the broker did not start:\n{}", tail(&log)));
        Self { broker, names: listeners.iter().map(|listener| listener.name).collect() }
    }

    pub(super) fn port(&self, listener: &str) -> u16 {
        let at = self.names.iter().position(|name| *name == listener);
        self.broker.ports()[at.unwrap_or_else(|| panic!("no listener is called {listener}"))]
    }

    /// Tells whether `diagnose` finds a message in what the node says of a listener, as soon as it says so.
    pub(super) fn diagnosed(&self, listener: &str, entry: &str, cause: &str) -> Result<(), String> {
        let start = Instant::now();
        loop {
            let outcome = diagnosed(&self.log_of(listener), entry, cause);
            if outcome.is_ok() || start.elapsed() > LONGEST_WAIT_FOR_LOG {
                return outcome;
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Returns the records of its log that speak of a listener.
    pub(super) fn log_of(&self, listener: &str) -> String {
        // Of a channel it gives the listener's address first.
        let (port, key) = (format!("127.0.0.1:{}-", self.port(listener)), format!("listener.name.{listener}."));
        let log = self.broker.log_since(0);
        let mut kept = String::new();
        let mut is_kept = false;
        for line in log.lines() {
            // What does not begin with a date belongs to what does.
            if line.starts_with("20") {
                is_kept = line.contains(&port) || line.contains(&key);
            }
            if is_kept {
                kept.push_str(line);
                kept.push('\n');
            }
        }
        kept
    }
}

/// By then all is written: the clients have ended.
const LONGEST_WAIT_FOR_LOG: Duration = Duration::from_secs(10);

pub(super) const SASL_USER: &str = "app1";
pub(super) const SASL_PASSWORD: &str = "made-up";

fn settings(listeners: &[Listener], ports: &[u16], storage: &str) -> String {
    let all = |of: &dyn Fn(&Listener, u16) -> Option<String>| -> String {
        let of_each = listeners.iter().zip(ports).filter_map(|(listener, port)| of(listener, *port));
        of_each.collect::<Vec<_>>().join(",")
    };
    let upper = |listener: &Listener| listener.name.to_uppercase();
    let mut text = format!(
        "process.roles=broker,controller
node.id=1
listeners={}
advertised.listeners={}
listener.security.protocol.map={}
inter.broker.listener.name=SSL
controller.listener.names=CONTROLLER
controller.quorum.voters=1@localhost:{}
log.dirs={storage}
num.network.threads=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
",
        all(&|listener, port| Some(format!("{}://127.0.0.1:{port}", upper(listener)))),
        all(&|listener, port| {
            (listener.name != "controller").then(|| format!("{}://localhost:{port}", upper(listener)))
        }),
        all(&|listener, _| Some(format!("{}:{}", upper(listener), listener.protocol))),
        ports[1],
    );
    for listener in listeners {
        for line in listener.lines.lines() {
            writeln!(text, "listener.name.{}.{line}", listener.name).expect("a String takes all");
        }
    }
    text
}

/// Returns a broker's certificate as it should be, for `localhost` by name and by address.
pub(super) fn good() -> Draft {
    for_localhost(leaf())
}

fn for_localhost(draft: Draft) -> Draft {
    draft.with(alt_names(&["dns:localhost", "ip:127.0.0.1"]))
}

/// A CA between the usual one and a leaf.
pub(super) fn intermediate() -> Ca {
    Ca::below(ca_draft("Issuing CA"), &ca())
}

/// Somebody else's CA.
pub(super) fn other() -> Ca {
    Ca::root(ca_draft("Another CA"))
}

pub(super) fn listeners(files: &Files) -> Vec<Listener> {
    let trust = files.trust("node-trust", &[&ca()]);
    let shows = |name: &str, draft: &Draft| files.identity(name, &draft.key, vec![ca().sign(draft)]);
    let good_lines = shows("node-good", &good()) + &trust;
    let requires = "ssl.client.auth=required\n";
    let mechanism = format!(
        "sasl.enabled.mechanisms=PLAIN\nplain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule \
         required user_{SASL_USER}=\"{SASL_PASSWORD}\";\n"
    );

    let tls = |name, lines: &str| Listener { name, protocol: "SSL", lines: lines.to_owned() };
    let bad = |name, draft: Draft| tls(name, &shows(name, &draft));
    let asks = |name| tls(name, &(good_lines.clone() + requires));
    let other_ca = other();
    let below = for_localhost(leaf_of(&intermediate()));
    // Kafka looks at the usages of who is no CA, and Java at the constraint of who has issued something.
    let no_ca = Ca::below(ca_draft("No CA").without(crate::certificate::BASIC_CONSTRAINTS), &ca());
    let below_no_ca = for_localhost(leaf_of(&no_ca));
    let foreign = for_localhost(leaf_of(&other_ca));
    vec![
        tls("ssl", &(good_lines.clone() + "ssl.client.auth=requested\n")),
        tls("controller", &(good_lines.clone() + requires)),
        Listener { name: "plaintext", protocol: "PLAINTEXT", lines: String::new() },
        Listener { name: "sasl_ssl", protocol: "SASL_SSL", lines: good_lines.clone() + &mechanism },
        Listener { name: "sasl_plaintext", protocol: "SASL_PLAINTEXT", lines: mechanism },
        bad("expired", good().valid(-30, -1)),
        bad("future", good().valid(10, 30)),
        bad(
            "cn_only",
            leaf().without(crate::certificate::ALT_NAME).but(|draft| draft.subject = crate::der::name("CN=localhost")),
        ),
        bad("other_host", leaf().with(alt_names(&["dns:other.example.com"]))),
        bad("no_address", leaf().with(alt_names(&["dns:localhost", "ip:192.0.2.1"]))),
        bad("client_usage", good().with(extended_key_usage(&[CLIENT_AUTH]))),
        bad("key_usage", good().with(key_usage(&[KEY_ENCIPHERMENT]))),
        tls("foreign", &files.identity("foreign", &foreign.key, vec![other_ca.sign(&foreign)])),
        tls("incomplete", &files.identity("incomplete", &below.key, vec![intermediate().sign(&below)])),
        tls("no_ca", &files.identity("no_ca", &below_no_ca.key, vec![no_ca.sign(&below_no_ca), no_ca.certificate])),
        bad("weak", for_localhost(leaf_with(&files.rsa(768), &ca()))),
        bad("short", for_localhost(leaf_with(&files.rsa(1024), &ca()))),
        tls(
            "self_signed",
            &files.identity("self_signed", &good().key, vec![good().sign(&good().subject, &good().key)]),
        ),
        tls(
            "root_sent",
            &files.identity("root_sent", &foreign.key, vec![other_ca.sign(&foreign), other_ca.certificate.clone()]),
        ),
        tls("tls12", &(good_lines.clone() + "ssl.enabled.protocols=TLSv1.2\nssl.protocol=TLSv1.2\n")),
        tls("tls13", &(good_lines.clone() + "ssl.enabled.protocols=TLSv1.3\n")),
        tls(
            "one_cipher",
            &(good_lines.clone()
                + "ssl.enabled.protocols=TLSv1.2\nssl.protocol=TLSv1.2\nssl.cipher.suites=TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384\n"),
        ),
        tls("no_keystore", &trust),
        tls("no_key", &(files.pkcs12("keystore", "no_key", &store(vec![trusted("ca", &ca())])) + &trust)),
        asks("mutual"),
        asks("no_certificate"),
        asks("expired_client"),
        asks("future_client"),
        asks("server_usage_client"),
        asks("incomplete_client"),
        asks("foreign_client"),
        // It names no CA, so that clients send what they have.
        tls(
            "empty_trust_client",
            &(shows("node-other", &good()) + &files.trust("node-other-trust", &[&other_ca]) + requires),
        ),
        tls("reload_dn", &good_lines),
        tls("reload_san", &good_lines),
        asks("tls12_no_certificate").with("ssl.enabled.protocols=TLSv1.2\nssl.protocol=TLSv1.2\n"),
    ]
}

impl Listener {
    fn with(mut self, lines: &str) -> Self {
        self.lines += lines;
        self
    }
}
