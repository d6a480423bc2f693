//! Handshakes in memory, through Kafka's own TLS code, between a broker and a client that the properties configure.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::certgen::{Bundle, Format, QUICK_KEYS};
use crate::command::Finished;
use crate::java::Jdk;
use crate::scratch;

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn every_key_algorithm_shakes_hands() {
    let folder = scratch();
    let mut handshakes = Vec::new();
    for format in Format::ALL {
        for algorithm in ["rsa-2048", "rsa-3072", "rsa-4096", "ec-p256", "ec-p384", "ec-p521", "ed25519"] {
            // Kafka's PEM reader knows no Ed25519 keys, and need not read the CA's.
            let key = if (format, algorithm) == (Format::Pem, "ed25519") { "ec-p256" } else { algorithm };
            let name = format!("{}-{algorithm}", format.name());
            let keys = ["--key-alg", key, "--ca-key-alg", algorithm];
            let bundle = Bundle::init(&folder.path().join(&name), format, &keys);
            handshakes.push(Handshake::between_ours(name, &bundle));
        }
    }
    shake_hands(folder.path(), &handshakes);
}

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn an_ed25519_key_in_pem_is_refused_up_front() {
    let folder = scratch();
    let out = folder.path().join("kafka-certs");
    for formats in ["pem", "jks,pkcs12,pem"] {
        let answer = Bundle::refused(&out, &["--format", formats, "--key-alg", "ed25519"]);
        assert_eq!(answer.status.code(), Some(2), "{}", answer.stderr);
        assert!(answer.stderr.to_lowercase().contains("ed25519"), "{}", answer.stderr);
        assert!(!out.exists(), "something was written");
    }
}

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn an_encrypted_pem_key_is_read_by_the_javas_that_init_names() {
    let folder = scratch();
    let mut bundles = Vec::new();
    for how in ["pbes2", "pbes1-3des"] {
        for (password, arguments) in [("made", &[] as &[_]), ("given", &["--keypass", "pass:t=h e\\k!y"])] {
            let name = format!("{how}, {password} password");
            let arguments = [QUICK_KEYS, &["--pem-key", how], arguments].concat();
            bundles.push((how, Bundle::init(&folder.path().join(&name), Format::Pem, &arguments), name));
        }
    }
    for jdk in [Jdk::usual(), Jdk::newer()] {
        let reads_pbes2 = jdk.version() >= 21;
        let handshake = |(how, bundle, name): &(&str, Bundle, String)| {
            let handshake = Handshake::between_ours(name.clone(), bundle);
            if *how == "pbes2" && !reads_pbes2 {
                let reason = &["Invalid PEM keystore configs", "PBES2 SecretKeyFactory not available"];
                Handshake { outcome: Outcome::Refused(reason), ..handshake }
            } else {
                handshake
            }
        };
        shake_hands_on(&jdk, folder.path(), &bundles.iter().map(handshake).collect::<Vec<_>>());
    }
}

/// Properties files have their own ideas of backslashes, leading blanks and letters beyond ASCII.
#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn odd_passwords_and_paths_reach_kafka_as_they_are() {
    let folder = scratch();
    let odd = folder.path().join(" a = b: #c\\d !\u{e9}\u{1f511}");
    fs::create_dir(&odd).expect("cannot make a folder");
    let mut handshakes = Vec::new();
    for format in Format::ALL {
        let passwords: &[&str] = match format {
            Format::Jks => &["--storepass", "pass:\\t=:#! odd\\", "--keypass", "pass:the\\u0041 key's"],
            Format::Pkcs12 => &["--storepass", "pass:\\t=:#! odd\\"],
            Format::Pem => &[],
        };
        let bundle = Bundle::init(&odd.join(format.name()), format, &[QUICK_KEYS, passwords].concat());
        handshakes.push(Handshake::between_ours(format.name().to_owned(), &bundle));
    }
    // Only JKS has passwords beyond ASCII.
    let passwords = ["--storepass", "pass:Größe🔑", "--keypass", "pass:ключ-ключ"];
    let bundle = Bundle::init(&odd.join("beyond ASCII"), Format::Jks, &[QUICK_KEYS, &passwords].concat());
    handshakes.push(Handshake::between_ours("beyond ASCII".to_owned(), &bundle));
    shake_hands(folder.path(), &handshakes);
}

/// What `init --json` calls an identity is what Java calls it, and Kafka by `DefaultKafkaPrincipalBuilder`.
#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn principals_are_those_that_kafka_sees() {
    let folder = scratch();
    let names = [
        r"OU=Kafka,OU=Brokers,O=Acme\, Inc.,L=San Francisco,ST=CA,C=US",
        "OU=one,DC=example,DC=com",
        "O=Größe & Söhne,OU=日本語,C=DE",
        r#"O=a\+b \"c\" \<d\> \; e\=f\\g"#,
        r"O=\#1,OU=\ leading,L=trailing\ ,ST=two  blanks",
        "OU=b+O=a,UID=u1,STREET=s",
        "EMAILADDRESS=x@y.z,SERIALNUMBER=5,O=🔑",
    ];
    let mut handshakes = Vec::new();
    for (number, name) in names.into_iter().enumerate() {
        let arguments = ["--cn", "localhost", "--client", "app1", "--json", "--dname", name];
        let out = folder.path().join(number.to_string());
        let (bundle, said) = Bundle::init_of(&out, &[&arguments, QUICK_KEYS].concat());
        let facts: Value = serde_json::from_str(&said.stdout).expect("--json is no JSON");
        let principal = |identity: usize| {
            let principal = facts["identities"][identity]["principal"].as_str();
            principal.and_then(|user| user.strip_prefix("User:")).expect("no principal").to_owned()
        };
        // Kafka splits `super.users` at each semicolon.
        let super_user = if name.contains(';') { String::new() } else { format!("User:{}", principal(0)) };
        assert_eq!(facts["super_users"], super_user);
        let outcome = Outcome::Met { broker: principal(0), client: principal(1) };
        handshakes.push(Handshake { outcome, ..Handshake::between_ours(name.to_owned(), &bundle) });
    }
    shake_hands(folder.path(), &handshakes);
}

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn files_work_where_the_properties_say_that_they_are() {
    let folder = scratch();
    let mut handshakes = Vec::new();
    for format in Format::ALL {
        let name = format.name();
        let deployed = folder.path().join(format!("{name}-deployed"));
        let deploy_dir = deployed.to_str().expect("target's path is beyond Unicode");
        let arguments = [QUICK_KEYS, &["--deploy-dir", deploy_dir]].concat();
        let bundle = Bundle::init(&folder.path().join(name), format, &arguments);
        let mut handshake = Handshake::between_ours(format!("{name}, deployed"), &bundle);
        fs::create_dir(&deployed).expect("cannot make a folder");
        let settings = [("localhost", &mut handshake.server_properties), ("app1", &mut handshake.client_properties)];
        for (identity, properties) in settings {
            let kept = folder.path().join(format!("{name}-{identity}.properties"));
            fs::rename(&*properties, &kept).expect("cannot move the settings");
            *properties = kept;
            for file in fs::read_dir(bundle.identity(identity)).expect("cannot read a folder") {
                let file = file.expect("cannot read a folder");
                fs::rename(file.path(), deployed.join(file.file_name())).expect("cannot move a file");
            }
        }
        handshakes.push(handshake);
    }

    // The script's layout, and the other defaults.
    let out = folder.path().join("script");
    let (bundle, _) = Bundle::init_of(&out, &["--cn", "localhost", "--layout", "script"]);
    handshakes.push(Handshake {
        name: "the script's layout".to_owned(),
        server_properties: bundle.identity("").join("server.properties"),
        client_properties: bundle.identity("").join("client.properties"),
        host: "localhost",
        outcome: Outcome::Met { broker: "CN=localhost".to_owned(), client: NOBODY.to_owned() },
    });
    shake_hands(folder.path(), &handshakes);
}

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn brokers_ask_of_clients_what_they_were_told_to() {
    let folder = scratch();
    let mut handshakes = Vec::new();
    for format in Format::ALL {
        for client_auth in ["required", "requested", "none"] {
            let name = format!("{}-{client_auth}", format.name());
            let arguments = [QUICK_KEYS, &["--client-auth", client_auth]].concat();
            let bundle = Bundle::init(&folder.path().join(&name), format, &arguments);
            let broker = "CN=localhost".to_owned();
            let known = if client_auth == "none" { NOBODY } else { "CN=app1" };
            let with_certificate = Outcome::Met { broker: broker.clone(), client: known.to_owned() };
            let without = match client_auth {
                "required" => Outcome::Refused(&["refused by the broker", "Empty client certificate chain"]),
                _ => Outcome::Met { broker, client: NOBODY.to_owned() },
            };
            let anonymous = Handshake {
                client_properties: bundle.anonymous_client_properties(),
                outcome: without,
                ..Handshake::between_ours(format!("{name}, no certificate"), &bundle)
            };
            handshakes.push(anonymous);
            handshakes.push(Handshake { outcome: with_certificate, ..Handshake::between_ours(name, &bundle) });
        }
    }
    shake_hands(folder.path(), &handshakes);
}

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn clients_go_by_the_names_in_the_certificate() {
    let folder = scratch();
    let mut handshakes = Vec::new();
    for format in Format::ALL {
        let path = folder.path().join(format.name());
        let names = ["--san", "::1", "--san", "*.wild.example.com", "--san", "Broker1.Example.COM"];
        let bundle = Bundle::init(&path, format, &[QUICK_KEYS, &names].concat());
        for host in ["localhost", "127.0.0.1", "::1", "b7.wild.example.com", "broker1.example.com"] {
            let handshake = Handshake::between_ours(format!("{} by {host}", format.name()), &bundle);
            handshakes.push(Handshake { host, ..handshake });
        }
        let strangers: [(_, &[_]); 4] = [
            ("other.example.com", &["No subject alternative DNS name matching other.example.com found"]),
            ("a.b.wild.example.com", &["No subject alternative DNS name matching a.b.wild.example.com found"]),
            ("127.0.0.2", &["No subject alternative names matching IP address 127.0.0.2 found"]),
            ("::2", &["No subject alternative names matching IP address ::2 found"]),
        ];
        for (host, reason) in strangers {
            let handshake = Handshake::between_ours(format!("{} by {host}", format.name()), &bundle);
            handshakes.push(Handshake { host, outcome: Outcome::Refused(reason), ..handshake });
        }
    }
    shake_hands(folder.path(), &handshakes);
}

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn both_ends_refuse_whom_they_cannot_trust() {
    let folder = scratch();
    let mut handshakes = Vec::new();
    for format in Format::ALL {
        let path = |name: &str| folder.path().join(format!("{}-{name}", format.name()));
        let ours = Bundle::init(&path("ours"), format, QUICK_KEYS);
        let namesake = Bundle::init(&path("namesake"), format, QUICK_KEYS);
        let other = Bundle::init(&path("other"), format, &[QUICK_KEYS, &["--ca-cn", "Another CA"]].concat());
        let expired = Bundle::expired(&path("expired"), format);
        let mut add = |who: &str, broker, client_properties, reason| {
            let handshake = Handshake::between_ours(format!("{}, {who}", format.name()), broker);
            handshakes.push(Handshake { client_properties, outcome: Outcome::Refused(reason), ..handshake });
        };

        let reason = &["refused by the client", "CertificateExpiredException: NotAfter"];
        add("a broker's expired certificate", &expired, expired.client_properties(), reason);
        let late = ours.client_properties_with_expired_certificate(format, &path("late"));
        let reason = &["refused by the broker", "CertificateExpiredException: NotAfter"];
        add("a client's expired certificate", &ours, late, reason);

        let nobody = ours.client_properties_without_key(path("nobody.properties"));
        let reason = &["refused by the broker", "Empty client certificate chain"];
        add("no certificate", &ours, nobody, reason);
        let client = namesake.client_properties_trusting(&ours, path("namesake.properties"));
        let reason = &["refused by the broker", "Path does not chain with any of the trust anchors"];
        add("a client of a CA with our CA's name", &ours, client, reason);
        let client = other.client_properties_trusting(&ours, path("other.properties"));
        // Java has a certificate to send only if its issuer is among those that the broker names.
        let reason = &["refused by the broker", "Empty client certificate chain"];
        add("a client of a CA with another name", &ours, client, reason);

        let client = ours.client_properties_trusting(&namesake, path("mistaken.properties"));
        let reason = &["refused by the client", "Path does not chain with any of the trust anchors"];
        add("a client that trusts a CA with our CA's name", &ours, client, reason);
        let client = ours.client_properties_trusting(&other, path("misled.properties"));
        let reason = &["refused by the client", "PKIX path building failed"];
        add("a client that trusts another CA", &ours, client, reason);
    }
    shake_hands(folder.path(), &handshakes);
}

/// A handshake between a broker and a client, and what is to come of it.
struct Handshake {
    name: String,
    server_properties: PathBuf,
    client_properties: PathBuf,
    /// What the client calls the broker.
    host: &'static str,
    outcome: Outcome,
}

/// What a broker calls a client without a certificate.
const NOBODY: &str = "nobody";

enum Outcome {
    /// Each has seen the other's certificate, with these subjects.
    Met { broker: String, client: String },
    /// One of them has said no, with all of these words.
    Refused(&'static [&'static str]),
}

impl Handshake {
    /// One between the bundle's broker and its client, who accept each other.
    fn between_ours(name: String, bundle: &Bundle) -> Self {
        Self {
            name,
            server_properties: bundle.server_properties(),
            client_properties: bundle.client_properties(),
            host: "localhost",
            outcome: Outcome::Met { broker: "CN=localhost".to_owned(), client: "CN=app1".to_owned() },
        }
    }

    /// Looks for what came of it, with this version of TLS, in the report of the program.
    fn check(&self, version: &str, report: &str) {
        let start = format!("{}\t{version}\t", self.name);
        let found = report.lines().find_map(|line| line.strip_prefix(&start));
        let found = found.unwrap_or_else(|| panic!("no word of {start}:\n{report}"));
        match &self.outcome {
            Outcome::Met { broker, client } => {
                assert_eq!(found, format!("the client met {broker}, the broker met {client}"), "{start}");
            }
            Outcome::Refused(reason) => {
                assert!(reason.iter().all(|words| found.contains(words)), "{start}{found}\nexpected: {reason:?}");
            }
        }
    }
}

/// Performs the handshakes on an old and on a new Java.
fn shake_hands(folder: &Path, handshakes: &[Handshake]) {
    for jdk in [Jdk::usual(), Jdk::newer()] {
        shake_hands_on(&jdk, folder, handshakes);
    }
}

/// Performs the handshakes on one Java, with TLS 1.2 and with TLS 1.3.
fn shake_hands_on(jdk: &Jdk, folder: &Path, handshakes: &[Handshake]) {
    let cases = folder.join("handshakes");
    let line = |h: &Handshake| {
        let (server, client) = (h.server_properties.display(), h.client_properties.display());
        format!("{}\t{server}\t{client}\t{}\n", h.name, h.host)
    };
    fs::write(&cases, handshakes.iter().map(line).collect::<String>()).expect("cannot write the handshakes");
    let stdin = File::open(&cases).expect("cannot read the handshakes");
    let report = Finished::reading(&mut jdk.program("Handshakes", &[]), stdin).successfully().stdout;
    for handshake in handshakes {
        for version in ["TLSv1.3", "TLSv1.2"] {
            handshake.check(version, &report);
        }
    }
}
