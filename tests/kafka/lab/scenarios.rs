//! What goes wrong, and for whom.

use std::process::Command;

use crate::bench::{PASSWORD, ca, entry, key_entry, leaf, store};
use crate::certificate::{CLIENT_AUTH, Ca, Draft, SERVER_AUTH, alt_names, extended_key_usage};
use crate::command::Finished;
use crate::der;
use crate::keys::Key;
use crate::lab::clients::Client;
use crate::lab::expected::{self, Expected};
use crate::lab::files::{Files, jks_with_key_password, lines, trusted};
use crate::lab::node::{SASL_PASSWORD, SASL_USER, good, intermediate, other};

/// Where a client calls.
#[derive(Clone, Copy, Debug)]
pub(super) enum At {
    /// A listener of the node, by a name or an address.
    Listener(&'static str, &'static str),
    /// What answers in HTTP.
    Http,
    /// What hangs up.
    Silent,
    /// Somewhere else.
    Elsewhere(&'static str),
    /// Nowhere: there is nothing to connect to.
    Nowhere,
}

pub(super) struct Scenario {
    pub(super) name: &'static str,
    pub(super) client: Client,
    pub(super) kind: &'static str,
    pub(super) at: At,
    pub(super) settings: String,
}

/// What clients have in their stores.
struct Clients<'a> {
    files: &'a Files,
    /// The lines by which Java trusts the usual CA.
    trust: String,
    /// The lines of Java's keystore.
    identity: String,
    ca: String,
    certificate: String,
    key: String,
}

pub(super) fn all(files: &Files) -> Vec<Scenario> {
    let app = app();
    let clients = Clients {
        files,
        trust: files.trust("app-trust", &[&ca()]),
        identity: files.identity("app", &app.key, vec![ca().sign(&app)]),
        ca: files.pem("ca", "CERTIFICATE", &[&ca().certificate]),
        certificate: files.pem("app", "CERTIFICATE", &[&ca().sign(&app)]),
        key: files.pem("app-key", "PRIVATE KEY", &[&app.key.pkcs8]),
    };
    let mut all = clients.java();
    all.extend(clients.stores());
    all.extend(clients.nodes());
    all.extend(clients.newer());
    all.extend(clients.librdkafka());
    all.extend(clients.kafkajs());
    all.extend(clients.go());
    all.retain(|scenario| scenario.expected().is_some() || scenario.is_good());
    all
}

fn app() -> Draft {
    app_of(&ca())
}

fn app_of(ca: &Ca) -> Draft {
    let key = Key::named("app1");
    crate::bench::leaf_with(&key, ca)
        .with(alt_names(&["dns:app1.example.com"]))
        .but(|draft| draft.subject = der::name("CN=app1"))
}

const LOCALHOST: &str = "localhost";
const ADDRESS: &str = "127.0.0.1";

impl Clients<'_> {
    /// A client in Java that trusts the usual CA.
    fn tls(&self) -> String {
        format!("security.protocol=SSL\n{}", self.trust)
    }

    fn mutual(&self) -> String {
        self.tls() + &self.identity
    }

    fn shows(&self, name: &str, draft: &Draft, issuer: &Ca) -> String {
        self.tls() + &self.files.identity(name, &draft.key, vec![issuer.sign(draft)])
    }

    fn java(&self) -> Vec<Scenario> {
        let with = |name, listener, settings: String| {
            scenario(name, Client::Java, At::Listener(listener, LOCALHOST), settings)
        };
        let tls = |name, listener| with(name, listener, self.tls());
        let sasl = |protocol: &str| {
            format!(
                "security.protocol={protocol}\n{}sasl.mechanism=PLAIN\n\
                 sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
                 username=\"{SASL_USER}\" password=\"{SASL_PASSWORD}\";\n",
                self.trust
            )
        };
        let other = other();
        vec![
            with("good", "ssl", self.tls()),
            with("good-mutual", "mutual", self.mutual()),
            with("good-sasl", "sasl_ssl", sasl("SASL_SSL")),
            with("good-controller", "controller", self.mutual()).of_kind("controller"),
            tls("unknown-ca", "foreign"),
            tls("unknown-root-sent", "root_sent"),
            tls("incomplete-chain", "incomplete"),
            tls("issuer-is-no-ca", "no_ca"),
            tls("expired", "expired"),
            tls("not-yet-valid", "future"),
            tls("cn-only", "cn_only").at(ADDRESS),
            tls("other-host", "other_host"),
            tls("address-not-in-san", "no_address").at(ADDRESS),
            tls("name-for-address", "other_host").at(ADDRESS),
            tls("client-usage-only", "client_usage"),
            tls("key-usage", "key_usage"),
            tls("weak-key", "weak"),
            tls("self-signed", "self_signed"),
            tls("no-client-certificate", "no_certificate"),
            tls("no-client-certificate-tls12", "tls12_no_certificate"),
            with("client-expired", "expired_client", self.shows("client-expired", &app().valid(-30, -1), &ca())),
            with("client-not-yet-valid", "future_client", self.shows("client-future", &app().valid(10, 30), &ca())),
            with(
                "client-usage",
                "server_usage_client",
                self.shows("client-usage", &app().with(extended_key_usage(&[SERVER_AUTH])), &ca()),
            ),
            with(
                "client-incomplete-chain",
                "incomplete_client",
                self.shows("client-incomplete", &app_of(&intermediate()), &intermediate()),
            ),
            with("client-foreign", "foreign_client", self.shows("client-foreign", &app_of(&other), &other)),
            with("truststore-of-others", "empty_trust_client", self.mutual()),
            with("tls13-to-tls12", "tls12", self.tls() + "ssl.enabled.protocols=TLSv1.3\n"),
            with("tls12-to-tls13", "tls13", self.tls() + "ssl.enabled.protocols=TLSv1.2\nssl.protocol=TLSv1.2\n"),
            with("cipher", "one_cipher", self.tls() + "ssl.cipher.suites=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n"),
            tls("no-keystore", "no_keystore"),
            tls("no-private-key", "no_key"),
            with(
                "no-private-key-tls12",
                "no_key",
                self.tls() + "ssl.enabled.protocols=TLSv1.2\nssl.protocol=TLSv1.2\n",
            ),
            tls("tls-to-plaintext", "plaintext"),
            tls("tls-to-sasl-plaintext", "sasl_plaintext"),
            with("sasl-tls-to-sasl-plaintext", "sasl_plaintext", sasl("SASL_SSL")),
            with("plaintext-to-tls", "ssl", "security.protocol=PLAINTEXT\n".to_owned()),
            with("sasl-plaintext-to-sasl-tls", "sasl_ssl", sasl("SASL_PLAINTEXT")),
            tls("no-sasl", "sasl_ssl"),
            with("sasl-where-none", "ssl", sasl("SASL_SSL")),
            scenario("http", Client::Java, At::Http, self.tls()),
            scenario("hangs-up", Client::Java, At::Silent, self.tls()),
            scenario("refused", Client::Java, At::Elsewhere("127.0.0.1:1"), self.tls()),
            scenario("unresolved", Client::Java, At::Elsewhere("broker.invalid:9093"), self.tls()),
            tls("underscore", "ssl").at("kafka_broker_1"),
            with(
                "reload-dn",
                "ssl",
                self.mutual()
                    + &self.reload("reload_dn", &good().but(|draft| draft.subject = der::name("CN=broker2,O=Acme"))),
            )
            .of_kind("reload"),
            with(
                "reload-san",
                "ssl",
                self.mutual() + &self.reload("reload_san", &leaf().with(alt_names(&["dns:localhost"]))),
            )
            .of_kind("reload"),
        ]
    }

    fn reload(&self, listener: &str, draft: &Draft) -> String {
        let keystore = self.files.identity(&format!("{listener}-new"), &draft.key, vec![ca().sign(draft)]);
        keystore.lines().flat_map(|line| ["listener.name.", listener, ".", line, "\n"]).collect()
    }

    /// Stores that no client can read.
    fn stores(&self) -> Vec<Scenario> {
        let fails = |name, settings: String| {
            scenario(name, Client::Java, At::Nowhere, format!("security.protocol=SSL\n{settings}"))
        };
        let connects = |name, settings| fails(name, settings).to(At::Listener("ssl", LOCALHOST));
        let app = app();
        let own = || store(vec![entry("app1", key_entry(&app.key, vec![ca().sign(&app)]))]);
        let jks = self.files.jks("keystore", "store", &own());
        let p12 = self.files.pkcs12("keystore", "store", &own());
        let trust_jks = self.files.jks("truststore", "trust", &store(vec![trusted("ca", &ca())]));
        let other_key = self.files.write("other-key.jks", jks_with_key_password(&own(), "another password"));
        let (certificate, key) = (self.files.read("app.pem"), self.files.read("app-key.pem"));
        let pem = |name: &str, kind: &str, text: String| {
            lines("keystore", kind, &self.files.write(&format!("{name}.pem"), text), None)
        };
        let sec1 = self.openssl("sec1.pem", &["ec", "-in", "app-key.pem"]);
        let pbes2 = self.openssl("pbes2.pem", &["pkcs8", "-topk8", "-in", "app-key.pem", "-passout", "pass:changeit"]);
        let wrong = |lines: &str| lines.replace(PASSWORD, "wrong password");
        let passwordless = |lines: &str| {
            lines.lines().filter(|line| !line.contains(".password=")).flat_map(|line| [line, "\n"]).collect::<String>()
        };
        let pem_trust =
            |name: &str, text: &str| lines("truststore", "PEM", &self.files.write(&format!("{name}.pem"), text), None);
        let nokeys = self.openssl_nokeys("nokeys.p12");
        vec![
            fails("password-jks", wrong(&jks)),
            fails("password-pkcs12", wrong(&p12)),
            fails("password-truststore", wrong(&trust_jks)),
            fails("password-none", passwordless(&jks)),
            fails("key-password-jks", lines("keystore", "JKS", &other_key, Some(PASSWORD))),
            fails("key-password-pkcs12", p12.clone() + "ssl.key.password=another password\n"),
            fails("store-missing", jks.replace("store.jks", "nowhere.jks")),
            connects("truststore-without-password", passwordless(&self.trust)),
            connects("truststore-empty", self.files.jks("truststore", "empty", &store(Vec::new()))),
            connects("truststore-of-openssl", lines("truststore", "PKCS12", &nokeys, Some(PASSWORD))),
            fails("pem-as-jks", lines("truststore", "JKS", &self.ca, Some(PASSWORD))),
            fails("pem-as-pkcs12", lines("truststore", "PKCS12", &self.ca, Some(PASSWORD))),
            fails(
                "jks-as-pem",
                trust_jks
                    .replace("type=JKS", "type=PEM")
                    .lines()
                    .filter(|line| !line.contains("password"))
                    .flat_map(|line| [line, "\n"])
                    .collect(),
            ),
            fails("pem-in-lower-case", pem("lower", "pem", format!("{key}{certificate}"))),
            fails("pem-sec1", pem("sec1-store", "PEM", format!("{sec1}{certificate}"))),
            fails(
                "pem-pbes2",
                pem("pbes2-store", "PEM", format!("{pbes2}{certificate}")) + "ssl.key.password=changeit\n",
            ),
            fails(
                "pem-password-for-plain-key",
                pem("plain-store", "PEM", format!("{key}{certificate}")) + "ssl.key.password=changeit\n",
            ),
            fails("pem-without-key", pem("no-key-store", "PEM", certificate.clone())),
            fails(
                "pem-with-store-password",
                pem("pw-store", "PEM", format!("{key}{certificate}")) + "ssl.keystore.password=changeit\n",
            ),
            fails(
                "pem-malformed",
                pem_trust("malformed", "-----BEGIN CERTIFICATE-----MIIB-----END CERTIFICATE-----\n"),
            ),
            fails("pem-empty", pem_trust("empty", "nothing\n")),
            fails(
                "pem-inline-halves",
                format!("ssl.keystore.type=PEM\nssl.keystore.certificate.chain={}\n", certificate.replace('\n', "\\n")),
            ),
            fails("cipher-unknown", self.trust.clone() + "ssl.cipher.suites=TLS_NONE\n"),
            fails("protocol-unknown", self.trust.clone() + "ssl.enabled.protocols=TLSv1.4\n"),
            fails("protocol-old", self.trust.clone() + "ssl.enabled.protocols=TLSv1\nssl.protocol=TLSv1\n"),
        ]
    }

    fn openssl(&self, out: &str, arguments: &[&str]) -> String {
        let mut openssl = Command::new("openssl");
        openssl.args(arguments).arg("-out").arg(out).current_dir(self.files.path(""));
        Finished::of(&mut openssl).successfully();
        self.files.read(out)
    }

    fn openssl_p12(&self, out: &str, arguments: &[&str]) -> String {
        let mut openssl = Command::new("openssl");
        openssl.args([
            "pkcs12",
            "-export",
            "-in",
            "app.pem",
            "-inkey",
            "app-key.pem",
            "-passout",
            &format!("pass:{PASSWORD}"),
            "-out",
            out,
        ]);
        openssl.args(arguments).current_dir(self.files.path(""));
        Finished::of(&mut openssl).successfully();
        self.files.path(out).display().to_string()
    }

    fn openssl_nokeys(&self, out: &str) -> String {
        let mut openssl = Command::new("openssl");
        openssl.args([
            "pkcs12",
            "-export",
            "-nokeys",
            "-in",
            "ca.pem",
            "-passout",
            &format!("pass:{PASSWORD}"),
            "-out",
            out,
        ]);
        openssl.current_dir(self.files.path(""));
        Finished::of(&mut openssl).successfully();
        self.files.path(out).display().to_string()
    }

    /// Nodes that do not start.
    fn nodes(&self) -> Vec<Scenario> {
        let trust = &self.trust;
        let fails = |name, settings: String| scenario(name, Client::Java, At::Nowhere, settings).of_kind("node");
        let shows = |name: &str, draft: &Draft| self.files.identity(name, &draft.key, vec![ca().sign(draft)]) + trust;
        let requires = "ssl.client.auth=required\n";
        vec![
            fails(
                "node-server-usage",
                shows("node-usage", &good().with(extended_key_usage(&[SERVER_AUTH]))) + requires,
            ),
            fails(
                "node-client-usage",
                shows("node-usage-2", &good().with(extended_key_usage(&[CLIENT_AUTH]))) + requires,
            ),
            fails(
                "node-without-key",
                self.files.pkcs12("keystore", "node-no-key", &store(vec![trusted("ca", &ca())])) + trust,
            ),
            fails(
                "node-without-key-tls12",
                self.files.pkcs12("keystore", "node-no-key", &store(vec![trusted("ca", &ca())]))
                    + trust
                    + "ssl.enabled.protocols=TLSv1.2\nssl.protocol=TLSv1.2\n",
            ),
            fails(
                "node-not-trusting-itself",
                shows("node-self", &good()).replace("app-trust", "node-other-trust") + requires,
            ),
            fails("node-expired", shows("node-expired", &good().valid(-30, -1))),
        ]
    }

    /// What a newer Java prints for the same, where it is not the same or might not be.
    fn newer(&self) -> Vec<Scenario> {
        let java = self.java().into_iter().chain(self.stores()).chain(self.nodes());
        java.map(|scenario| Scenario { client: Client::NewerJava, ..scenario }).collect()
    }

    /// The settings of librdkafka, whose names the others read here.
    fn pem(&self) -> String {
        format!("security.protocol=ssl\nssl.ca.location={}\n", self.ca)
    }

    fn pem_mutual(&self) -> String {
        format!("{}ssl.certificate.location={}\nssl.key.location={}\n", self.pem(), self.certificate, self.key)
    }

    fn pem_shows(&self, name: &str, draft: &Draft, issuer: &Ca) -> String {
        let certificate = self.files.pem(name, "CERTIFICATE", &[&issuer.sign(draft)]);
        format!("{}ssl.certificate.location={certificate}\nssl.key.location={}\n", self.pem(), self.key)
    }

    /// What all clients with PEM are tried with.
    fn common(&self, client: Client) -> Vec<Scenario> {
        let with =
            |name, listener, settings: String| scenario(name, client, At::Listener(listener, LOCALHOST), settings);
        let tls = |name, listener| with(name, listener, self.pem());
        let other = other();
        vec![
            tls("good", "ssl"),
            with("good-mutual", "mutual", self.pem_mutual()),
            tls("unknown-ca", "foreign"),
            tls("unknown-root-sent", "root_sent"),
            tls("incomplete-chain", "incomplete"),
            tls("self-signed", "self_signed"),
            tls("issuer-is-no-ca", "no_ca"),
            tls("expired", "expired"),
            tls("not-yet-valid", "future"),
            tls("cn-only", "cn_only"),
            tls("other-host", "other_host"),
            tls("address-not-in-san", "no_address").at(ADDRESS),
            tls("client-usage-only", "client_usage"),
            tls("short-key", "short"),
            tls("no-client-certificate", "no_certificate"),
            with("client-expired", "expired_client", self.pem_shows("pem-expired", &app().valid(-30, -1), &ca())),
            with(
                "client-usage",
                "server_usage_client",
                self.pem_shows("pem-usage", &app().with(extended_key_usage(&[SERVER_AUTH])), &ca()),
            ),
            with("client-foreign", "foreign_client", self.pem_shows("pem-foreign", &app_of(&other), &other)),
            tls("no-keystore", "no_keystore"),
            tls("tls-to-plaintext", "plaintext"),
            tls("tls-to-sasl-plaintext", "sasl_plaintext"),
            with("plaintext-to-tls", "ssl", "security.protocol=plaintext\n".to_owned()),
            tls("no-sasl", "sasl_ssl"),
            scenario("http", client, At::Http, self.pem()),
            scenario("hangs-up", client, At::Silent, self.pem()),
            scenario("refused", client, At::Elsewhere("127.0.0.1:1"), self.pem()),
            scenario("unresolved", client, At::Elsewhere("broker.invalid:9093"), self.pem()),
        ]
    }

    fn librdkafka(&self) -> Vec<Scenario> {
        let client = Client::Librdkafka;
        let with =
            |name, listener, settings: String| scenario(name, client, At::Listener(listener, LOCALHOST), settings);
        let fails = |name, settings: String| scenario(name, client, At::Nowhere, settings);
        let mut all = self.common(client);
        let old = self.openssl_p12(
            "old2.p12",
            &["-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-RC2-40", "-macalg", "sha1", "-legacy"],
        );
        let new = self.openssl_p12("new.p12", &[]);
        all.extend([
            with("truststore-of-others", "empty_trust_client", self.pem_mutual()),
            with("cipher", "one_cipher", self.pem() + "ssl.cipher.suites=ECDHE-ECDSA-AES128-GCM-SHA256\n"),
            fails("ca-missing", "security.protocol=ssl\nssl.ca.location=/nowhere/ca.pem\n".to_owned()),
            fails(
                "pkcs12-old",
                self.pem() + &format!("ssl.keystore.location={old}\nssl.keystore.password={PASSWORD}\n"),
            ),
            fails(
                "pkcs12-password",
                self.pem() + &format!("ssl.keystore.location={new}\nssl.keystore.password=wrong\n"),
            ),
            fails("key-of-other", self.pem_mutual().replace("app-key.pem", "sec1-other.pem")),
            fails("certificate-missing", self.pem_mutual().replace("app.pem", "nowhere.pem")),
        ]);
        all
    }

    fn kafkajs(&self) -> Vec<Scenario> {
        self.common(Client::KafkaJs)
    }

    fn go(&self) -> Vec<Scenario> {
        [Client::FranzGo, Client::KafkaGo, Client::Sarama].into_iter().flat_map(|client| self.common(client)).collect()
    }
}

fn scenario(name: &'static str, client: Client, at: At, settings: String) -> Scenario {
    Scenario { name, client, kind: "client", at, settings }
}

impl Scenario {
    fn at(self, host: &'static str) -> Self {
        let at = match self.at {
            At::Listener(listener, _) => At::Listener(listener, host),
            other => other,
        };
        Self { at, ..self }
    }

    fn to(self, at: At) -> Self {
        Self { at, ..self }
    }

    fn of_kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    /// Kafka's clients in Go are in one program.
    pub(super) fn kind(&self) -> &'static str {
        match self.client {
            Client::FranzGo | Client::KafkaGo | Client::Sarama => self.client.name(),
            _ => self.kind,
        }
    }

    /// Whether nothing is wrong.
    pub(super) fn is_good(&self) -> bool {
        self.name.starts_with("good")
    }

    pub(super) fn expected(&self) -> Option<Expected> {
        expected::of(self.name, self.client)
    }

    pub(super) fn title(&self) -> String {
        title(self.name, self.client)
    }

    /// Whether `handshake` can find out more than the client: each connection of a kind is tried once.
    pub(super) fn is_for_handshake(&self) -> bool {
        let is_own = matches!(self.client, Client::Java | Client::Librdkafka);
        let is_reachable = !matches!(self.at, At::Nowhere | At::Listener(_, "kafka_broker_1"));
        is_own && is_reachable && self.kind == "client" && !UNTOLD.contains(&self.title().as_str())
    }
}

/// What `handshake` does not tell as it was built in.
const UNTOLD: [&str; 5] = [
    // Flags with PEM files say nothing of cipher suites and SASL.
    "cipher.librdkafka",
    "no-sasl.librdkafka",
    // With TLS 1.2 alone it asks in which version the broker would answer, and without a key that is TLS 1.3.
    "no-private-key-tls12.java",
    // It does not read the store without its password.
    "truststore-without-password.java",
    // PEM files without a protocol are for TLS.
    "plaintext-to-tls.librdkafka",
];

pub(super) fn title(scenario: &str, client: Client) -> String {
    format!("{scenario}.{}", client.name())
}
