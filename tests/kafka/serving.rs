//! A node with its broker's and its controller's listener, and the clients that call on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::broker::{Broker, tail};
use crate::certgen::{Bundle, Format, QUICK_KEYS};
use crate::command::Finished;
use crate::java::{Jdk, SHORT_LIVED, SOURCES};
use crate::scratch;

/// RSA keys, the default, are tried here, and quick keys in all other tests but the one about keys.
#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn a_broker_and_its_clients_run_on_jks() {
    serve_and_refuse(Format::Jks, &[]);
}

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn a_broker_and_its_clients_run_on_pkcs12() {
    serve_and_refuse(Format::Pkcs12, QUICK_KEYS);
}

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn a_broker_and_its_clients_run_on_pem() {
    serve_and_refuse(Format::Pem, QUICK_KEYS);
}

/// Starts one broker and lets everybody call on it.
fn serve_and_refuse(format: Format, keys: &[&str]) {
    let folder = scratch();
    let path = |name: &str| folder.path().join(name);
    let ours = Bundle::init(&path("ours"), format, keys);
    let theirs = Bundle::init(&path("theirs"), format, keys);
    let broker = started(Broker::start(&ours));

    // The first connection is by the broker's address, the others by the name that it advertises.
    let app1 = ours.client_properties();
    serves(&broker.at("127.0.0.1"), &app1, 10_000);

    // Java 25's broker says the latter.
    let no_certificate = &["Received fatal alert: bad_certificate", "Received fatal alert: certificate_required"];
    let refusals = [
        Refusal {
            who: "a client without a certificate",
            address: broker.at("localhost"),
            properties: ours.client_properties_without_key(path("nobody.properties")),
            client_says: no_certificate,
            broker_says: "Empty client certificate chain",
        },
        Refusal {
            who: "a client without a certificate, at the controller's listener",
            address: broker.controller_at("localhost"),
            properties: ours.anonymous_client_properties(),
            client_says: no_certificate,
            broker_says: "Empty client certificate chain",
        },
        Refusal {
            who: "a client of another CA",
            address: broker.at("localhost"),
            properties: theirs.client_properties_trusting(&ours, path("stranger.properties")),
            client_says: &["Received fatal alert: certificate_unknown"],
            broker_says: "Path does not chain with any of the trust anchors",
        },
        Refusal {
            who: "a client that trusts another CA",
            address: broker.at("localhost"),
            properties: ours.client_properties_trusting(&theirs, path("misled.properties")),
            client_says: &["Path does not chain with any of the trust anchors"],
            broker_says: "Received fatal alert: certificate_unknown",
        },
        Refusal {
            who: "a client that calls the broker by a name that is not in its certificate",
            address: broker.at("other.example.com"),
            properties: app1,
            client_says: &["No subject alternative DNS name matching other.example.com found"],
            broker_says: "Received fatal alert: certificate_unknown",
        },
        Refusal {
            who: "a client whose certificate has expired",
            address: broker.at("localhost"),
            properties: ours.client_properties_with_expired_certificate(format, &path("late")),
            // Java 25's broker says the latter.
            client_says: &["Received fatal alert: certificate_unknown", "Received fatal alert: certificate_expired"],
            broker_says: "CertificateExpiredException: NotAfter",
        },
    ];
    for refusal in refusals {
        refusal.check(&broker);
    }
}

/// Somebody whom a broker turns away, or who turns away from it.
struct Refusal<'a> {
    who: &'a str,
    /// Where he calls.
    address: String,
    properties: PathBuf,
    /// One of these.
    client_says: &'a [&'a str],
    broker_says: &'a str,
}

impl Refusal<'_> {
    fn check(&self, broker: &Broker) {
        let before = broker.log_length();
        let client = records(&Jdk::usual(), &self.address, &self.properties, 1);
        let log = broker.log_until(self.broker_says, before);
        let expected = client.status.code() == Some(1)
            && client.stderr.contains("SslAuthenticationException")
            && self.client_says.iter().any(|words| client.stderr.contains(words))
            && log.contains(self.broker_says);
        assert!(expected, "{}: {}\n{}{}", self.who, client.status, client.stdout, client.stderr);
    }
}

/// The node is its own client: it does not come as far as other clients, who would refuse it too.
#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn a_broker_whose_certificate_has_expired_does_not_start() {
    for format in Format::ALL {
        let folder = scratch();
        let expired = Bundle::expired(&folder.path().join("expired"), format);
        let Err(log) = Broker::start(&expired) else {
            panic!("a broker started on {format:?} whose certificate had expired");
        };
        let reason = "CertPathValidatorException: validity check failed for configuration A client SSLEngine created \
                      with the provided settings can't connect to a server SSLEngine created with those settings.";
        assert!(log.contains(reason), "{format:?}:\n{}", tail(&log));
        assert!(log.contains("CertificateExpiredException: NotAfter"), "{format:?}:\n{}", tail(&log));
    }
}

/// All of it on a newer Java, with the defaults of `init` but for the keys.
#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn without_clients_of_its_own_a_broker_serves_anybody_who_trusts_its_ca() {
    let folder = scratch();
    let (bundle, _) = Bundle::init_of(&folder.path().join("ours"), &[&["--cn", "localhost"], QUICK_KEYS].concat());
    let broker = started(Broker::start_with(&Jdk::newer(), &bundle, ""));
    for jdk in [Jdk::usual(), Jdk::newer()] {
        let client = records(&jdk, &broker.at("localhost"), &bundle.anonymous_client_properties(), 100);
        assert_eq!(client.successfully().stdout, "100 records read back as written\n");
    }
}

/// A name with everything in it that has a meaning in a DN or in a properties file, and with letters beyond ASCII.
const INTRICATE: &[&str] =
    &["--dname", r#"OU=Kraft\, Saft,OU=a\=b: c#d!,O=Käse \+ Br\C3\B6tchen\\u00e4 \"🔑\",DC=example,DC=com"#];

/// Who the broker takes itself and its callers for is what `init` said.
#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn an_authorizer_knows_everybody_by_the_principal_that_init_printed() {
    let folder = scratch();
    let (bundle, said) = Bundle::init_of(&folder.path().join("ours"), &[TWO_BROKERS, QUICK_KEYS, INTRICATE].concat());
    let listed = fs::read(bundle.identity("").join("bundle.json")).expect("cannot read the inventory");
    let listed: Value = serde_json::from_slice(&listed).expect("the inventory is no JSON");
    let app1 = listed["identities"][2]["principal"].as_str().expect("app1 has no principal");
    assert!(app1.starts_with("User:CN=app1,"), "{app1}");
    brokers_are_super_users(&bundle, &line_to_paste(&said, "super.users="), app1);
}

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn principals_with_semicolons_become_super_users_by_the_rule_that_init_printed() {
    let folder = scratch();
    let semicolon = &["--dname", r"OU=Kafka,O=a\;b"];
    let (bundle, said) = Bundle::init_of(&folder.path().join("ours"), &[TWO_BROKERS, QUICK_KEYS, semicolon].concat());
    let rule = line_to_paste(&said, "ssl.principal.mapping.rules=");
    brokers_are_super_users(&bundle, &format!("{rule}\nsuper.users=User:localhost;User:broker2"), "User:app1");
}

const TWO_BROKERS: &[&str] = &["--cn", "localhost", "--cn", "broker2", "--client", "app1"];

/// The line of the summary that starts so.
fn line_to_paste(said: &Finished, start: &str) -> String {
    let mut lines = said.stdout.lines().map(str::trim_start);
    let line = lines.find(|line| line.starts_with(start));
    line.unwrap_or_else(|| panic!("nothing to paste that starts with {start}\n{}", said.stdout)).to_owned()
}

/// Starts an authorizer with these lines, by which both brokers may do everything, and `app1` may not.
fn brokers_are_super_users(bundle: &Bundle, lines: &str, app1: &str) {
    let folder = scratch();
    let authorizer = "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer";
    // No node comes up that may not act as a broker.
    let broker = started(Broker::start_with(&Jdk::usual(), bundle, &format!("{authorizer}\n{lines}")));
    let before = broker.log_length();
    serves(
        &broker.at("localhost"),
        &bundle.client_properties_of_broker("broker2", folder.path().join("broker2.properties")),
        100,
    );

    let denied = records(&Jdk::usual(), &broker.at("localhost"), &bundle.client_properties(), 1);
    assert_eq!(denied.status.code(), Some(1), "{}", denied.stderr);
    assert!(denied.stderr.contains("AuthorizationException"), "{}", denied.stderr);
    let line = format!("Principal = {app1} is Denied");
    let log = broker.log_until(&line, before);
    assert!(log.contains(&line), "{app1}");
}

fn started(outcome: Result<Broker, String>) -> Broker {
    outcome.unwrap_or_else(|log| panic!("the broker did not start:\n{}", tail(&log)))
}

fn serves(address: &str, properties: &Path, count: u32) {
    let client = records(&Jdk::usual(), address, properties, count).successfully();
    assert_eq!(client.stdout, format!("{count} records read back as written\n"));
}

/// Lets a client with these settings write so many records and read them back.
fn records(jdk: &Jdk, address: &str, properties: &Path, count: u32) -> Finished {
    let hosts = format!("-Djdk.net.hosts.file={SOURCES}/hosts");
    let mut client = jdk.program("Records", &[SHORT_LIVED, &hosts]);
    client.arg(address).arg(properties).arg(count.to_string());
    // The client ends with this pipe.
    Finished::reading(&mut client, Stdio::piped())
}
