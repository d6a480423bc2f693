//! The properties files: good ones, and each of the ways to get them wrong.

use std::fs;
use std::path::Path;

use super::{Case, Places, line};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// A node that is broker and controller.
const NODE: &str = "process.roles=broker,controller
node.id=1
listeners=SSL://127.0.0.1:9093,CONTROLLER://127.0.0.1:9094
advertised.listeners=SSL://localhost:9093
listener.security.protocol.map=SSL:SSL,CONTROLLER:SSL
inter.broker.listener.name=SSL
controller.listener.names=CONTROLLER
controller.quorum.voters=1@localhost:9094
";

pub(super) fn all(places: &Places) -> Vec<Case> {
    let mut cases = stores(places);
    cases.extend(inline(places));
    cases.extend(keys(places));
    cases.extend(values(places));
    cases.extend(listeners(places));
    cases
}

fn client(name: &str, text: impl AsRef<str>) -> Case {
    Case { name: name.to_owned(), kind: "client", text: format!("security.protocol=SSL\n{}", text.as_ref()) }
}

fn node(name: &str, text: impl AsRef<str>) -> Case {
    Case { name: name.to_owned(), kind: "node", text: format!("{NODE}{}", text.as_ref()) }
}

/// Returns the lines of a keystore or a truststore in a file.
fn store(places: &Places, which: &str, store_type: &str, file: &str) -> String {
    let key = |part| format!("ssl.{which}.{part}");
    let mut lines = line(&key("type"), store_type) + &line(&key("location"), &places.of_node(file));
    if store_type != "PEM" {
        lines += &line(&key("password"), &places.password);
    }
    lines
}

/// Returns the lines of both stores in a format.
fn both(places: &Places, store_type: &str, extension: &str) -> String {
    store(places, "keystore", store_type, &format!("kafka.server.keystore.{extension}"))
        + &store(places, "truststore", store_type, &format!("kafka.server.truststore.{extension}"))
}

fn stores(places: &Places) -> Vec<Case> {
    let (jks, p12, pem) = (both(places, "JKS", "jks"), both(places, "PKCS12", "p12"), both(places, "PEM", "pem"));
    let without = |text: &str, key: &str| {
        let lines = text.lines().filter(|line| !line.starts_with(&format!("{key}=")));
        lines.flat_map(|line| [line, "\n"]).collect::<String>()
    };
    let [keystore_password, truststore_password] = ["ssl.keystore.password", "ssl.truststore.password"];
    vec![
        client("nothing but TLS", ""),
        client("JKS", &jks),
        client("PKCS#12", &p12),
        client("PEM", &pem),
        client("types in lower case", p12.replace("PKCS12", "pkcs12")),
        client("JKS said to be PKCS#12", jks.replace("JKS", "PKCS12")),
        client("PKCS#12 said to be JKS", p12.replace("PKCS12", "JKS")),
        client("PKCS#12 without a type", without(&without(&p12, "ssl.keystore.type"), "ssl.truststore.type")),
        client("pem in lower case", pem.replace("=PEM", "=pem")),
        client(
            "only the truststore's pem in lower case",
            store(places, "truststore", "PEM", "kafka.server.truststore.pem").replace("=PEM", "=pem"),
        ),
        client("PEM without a type", without(&pem, "ssl.truststore.type").replace("ssl.keystore", "x.keystore")),
        client("PEM said to be JKS", jks.replace("kafka.server.truststore.jks", "kafka.server.truststore.pem")),
        client("JKS said to be PEM", pem.replace("truststore.pem", "truststore.jks")),
        client("an unknown type", p12.replace("PKCS12", "P12")),
        client("an empty type", "ssl.keystore.type=\n".to_owned() + &without(&jks, "ssl.keystore.type")),
        client("a keystore without a password", without(&jks, keystore_password)),
        client("a keystore without a location", without(&jks, "ssl.keystore.location")),
        client("a truststore without a password", without(&jks, truststore_password)),
        client("a truststore without a location", without(&jks, "ssl.truststore.location")),
        client("PEM with a password", format!("{pem}ssl.keystore.password=secret\n")),
        client("PEM with an empty password", format!("{pem}ssl.keystore.password=\n")),
        client("a PEM truststore with a password", format!("{pem}ssl.truststore.password=secret\n")),
        client("an empty location", jks.replace("ssl.truststore.location=", "ssl.truststore.location=\nx.y=")),
        client("a tabulator in the path", format!("{jks}ssl.truststore.location=/a\\truststore.jks\n")),
        client("a type with blanks behind it", jks.replace("type=JKS", "type=JKS  \t")),
        client(
            "a password with blanks behind it",
            format!("{}ssl.keystore.password={} \n", without(&jks, keystore_password), places.password),
        ),
        client("the same password for the key", format!("{p12}ssl.key.password={}\n", places.password)),
        client("a malformed escape", format!("{jks}ssl.provider=\\u00\n")),
        client(
            "keys that Kafka does not know",
            format!("{jks}ssl.keystore.pasword=x\nssl.client.authentication=required\n"),
        ),
        Case {
            name: "no TLS".into(),
            kind: "client",
            text: "security.protocol=PLAINTEXT\nssl.keystore.location=/nowhere\n".into(),
        },
        Case {
            name: "SASL_SSL in lower case".into(),
            kind: "client",
            text: format!("security.protocol=sasl_ssl\n{jks}"),
        },
        Case { name: "an unknown protocol".into(), kind: "client", text: format!("security.protocol=TLS\n{jks}") },
    ]
}

/// The node's PEM, in parts.
struct Parts {
    all: String,
    key: String,
    chain: String,
    leaf: String,
    ca: String,
}

impl Parts {
    fn of(places: &Places) -> Self {
        let all = places.pem("kafka.server.keystore.pem");
        let ca = places.pem("kafka.server.truststore.pem");
        let (key, chain) = all.split_at(all.find("-----BEGIN CERTIFICATE").expect("there is no certificate"));
        let (leaf, _) = chain.split_at(chain.len() - ca.trim_start().len());
        Self { key: key.to_owned(), chain: chain.to_owned(), leaf: leaf.to_owned(), ca, all }
    }
}

fn inline(places: &Places) -> Vec<Case> {
    let parts = Parts::of(places);
    let mut cases = inline_settings(places, &parts);
    cases.extend(inline_keystores(&parts));
    cases.extend(inline_truststores(places, &parts));
    cases
}

fn keystore(key: &str, chain: &str) -> String {
    "ssl.keystore.type=PEM\n".to_owned()
        + &line("ssl.keystore.key", key)
        + &line("ssl.keystore.certificate.chain", chain)
}

fn trusting(ca: &str) -> String {
    "ssl.truststore.type=PEM\n".to_owned() + &line("ssl.truststore.certificates", ca)
}

fn on_one_line(pem: &str) -> String {
    pem.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn inline_settings(places: &Places, parts: &Parts) -> Vec<Case> {
    let good = keystore(&parts.key, &parts.chain) + &trusting(&parts.ca);
    vec![
        client("PEM in the properties", &good),
        node("PEM in a node's properties", &good),
        client("a key alone", good.replace("ssl.keystore.certificate.chain", "x.y")),
        client("a chain alone", good.replace("ssl.keystore.key", "x.y")),
        client("PEM in the properties said to be JKS", good.replace("=PEM", "=JKS")),
        client("PEM in the properties without a type", good.replace("ssl.keystore.type", "x.y")),
        client("PEM to trust without a type", good.replace("ssl.truststore.type", "x.y")),
        client(
            "PEM in two places",
            format!("{good}{}", line("ssl.keystore.location", &places.of_node("kafka.server.keystore.pem"))),
        ),
        client(
            "trust in two places",
            format!("{good}{}", line("ssl.truststore.location", &places.of_node("kafka.server.truststore.pem"))),
        ),
        client("a password beside PEM", format!("{good}ssl.keystore.password=x\n")),
        client("a password beside trust", format!("{good}ssl.truststore.password=x\n")),
        client("a password for a plain key", format!("{good}ssl.key.password=secret\n")),
        client("an empty password for a plain key", format!("{good}ssl.key.password=\n")),
    ]
}

fn inline_keystores(parts: &Parts) -> Vec<Case> {
    let Parts { all, key, chain, leaf, ca } = parts;
    vec![
        client("all of a keystore in both", keystore(all, all)),
        client("two keys", keystore(&format!("{key}{key}"), chain)),
        client("no key", keystore(chain, chain)),
        client("no certificate", keystore(key, key)),
        client("the chain the wrong way round", keystore(key, &format!("{ca}{leaf}"))),
        client("the leaf alone", keystore(key, leaf)),
        client("the CA twice", keystore(key, &format!("{chain}{ca}"))),
        client("a certificate that does not belong", keystore(key, &format!("{leaf}{leaf}"))),
        client("a chain on one line", keystore(key, &on_one_line(chain))),
        client("everything on one line", keystore(&on_one_line(all), &on_one_line(all))),
    ]
}

fn inline_truststores(places: &Places, parts: &Parts) -> Vec<Case> {
    let Parts { leaf, ca, .. } = parts;
    let request = places.pem("cert-file").replace("NEW CERTIFICATE", "CERTIFICATE");
    vec![
        client("trust in two certificates", trusting(&format!("{leaf}{ca}"))),
        client("trust in the same twice", trusting(&format!("{ca}{ca}"))),
        client("one certificate on one line", trusting(&on_one_line(ca))),
        client("two certificates on one line", trusting(&on_one_line(&format!("{leaf}{ca}")))),
        client("no blanks at all", trusting(&ca.replace('\n', ""))),
        client(
            "lines continued by backslashes",
            format!("ssl.truststore.type=PEM\nssl.truststore.certificates={}", ca.trim_end().replace('\n', "\\\n")),
        ),
        client(
            "lines with \\n and continued",
            format!("ssl.truststore.type=PEM\nssl.truststore.certificates={}", ca.trim_end().replace('\n', "\\n\\\n")),
        ),
        client("CR LF", trusting(&ca.replace('\n', "\r\n"))),
        client("text around", trusting(&format!("subject=x: y\n\n{ca}\nBag Attributes\n  a: b\n{leaf}end"))),
        client("headers within", trusting(&ca.replace("CERTIFICATE-----\n", "CERTIFICATE-----\nA: b\nC: d\n\n"))),
        client(
            "a comment behind the end",
            trusting(&ca.replace("-----END CERTIFICATE-----", "-----END CERTIFICATE----- # a: b")),
        ),
        client("TRUSTED CERTIFICATE", trusting(&ca.replace("CERTIFICATE", "TRUSTED CERTIFICATE"))),
        client("a request as a certificate", trusting(&request)),
        client("not base64", trusting("-----BEGIN CERTIFICATE-----\nMII=A\n-----END CERTIFICATE-----")),
        client(
            "base64 without its padding",
            trusting(&ca.replace("=\n-----END", "\n-----END").replace("=\n-----END", "\n-----END")),
        ),
        client("nothing in it", trusting("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----")),
        client("no dashes at the end", trusting(ca.trim_end().trim_end_matches('-'))),
        client("one dash is enough", trusting(&ca.replace("-----", "-"))),
        client("labels that differ", trusting(&ca.replace("END CERTIFICATE", "END MY CERTIFICATE THING"))),
        client("an empty value", "ssl.truststore.type=PEM\nssl.truststore.certificates=\n"),
    ]
}

/// Keys of all kinds, each with the same chain: Kafka does not look whether they belong to each other.
fn keys(places: &Places) -> Vec<Case> {
    let keystore = places.pem("kafka.server.keystore.pem");
    let chain = &keystore[keystore.find("-----BEGIN CERTIFICATE").expect("there is no certificate")..];
    let foreign = Path::new(FIXTURES).join("keys_foreign");
    let names = [
        "openssl-rsa-pkcs8",
        "openssl-rsa-pkcs1",
        "openssl-rsa-pss",
        "openssl-dsa",
        "openssl-dsa-traditional",
        "openssl-ec-p256-pkcs8",
        "openssl-ec-p384-pkcs8",
        "openssl-ec-p521-pkcs8",
        "openssl-ec-p256-sec1",
        "openssl-ec-p256-pkcs8-nopub",
        "openssl-ed25519",
        "openssl-ed448",
        "openssl-x25519",
        "openssl-secp256k1",
        "openssl-brainpool",
        "openssl-ec-explicit",
        "openssl-rsa-traditional-encrypted",
        "openssl-rsa-pbes2",
        "openssh",
        "go-ec-p521-sec1",
        "go-ed25519",
        "java-25-ec-p384-version-2",
        "openssl-rsa-3-primes",
        "openssl-ec-p256-compressed",
        "openssl-pkcs12-ec-p256",
    ];
    let read = |path: &Path| fs::read_to_string(path).expect("cannot read a key");
    let case = |name: &str, key: &str, password: Option<&str>| {
        let file = places.write(&format!("{name}.pem"), &format!("{key}{chain}"));
        let mut text = "ssl.keystore.type=PEM\n".to_owned() + &line("ssl.keystore.location", &file);
        text.extend(password.map(|password| line("ssl.key.password", password)));
        let with = if password.is_some() { ", with a password" } else { "" };
        client(&format!("the key {name}{with}"), text)
    };
    let mut cases = Vec::new();
    for name in names {
        let key = read(&foreign.join(format!("{name}.pem")));
        // What holds certificates of its own brings a chain that is none.
        let key = key.split("-----BEGIN CERTIFICATE").next().unwrap_or_default();
        cases.push(case(name, key, None));
        cases.push(case(name, key, Some("secret")));
    }
    for (name, password) in
        [("keys_foreign/openssl-rsa-pbes2.pem", "test1234"), ("golden/rsa/broker.pbes1-3des.key", "storepass")]
    {
        let key = read(&Path::new(FIXTURES).join(name));
        let name = name.replace('/', " ");
        cases.extend([None, Some(password)].map(|password| case(&name, &key, password)));
    }
    cases
}

/// Lines that are added to a client's file.
const OF_CLIENT: &[&str] = &[
    "ssl.enabled.protocols=TLSv1.2",
    "ssl.enabled.protocols=TLSv1.3",
    "ssl.enabled.protocols=",
    "ssl.enabled.protocols=TLSv1.2 , TLSv1.3",
    "ssl.enabled.protocols=TLSv1,TLSv1.1,TLSv1.2",
    "ssl.enabled.protocols=TLSv1,TLSv1.1",
    "ssl.enabled.protocols=SSLv3",
    "ssl.enabled.protocols=TLS1.2",
    "ssl.enabled.protocols=tlsv1.2",
    "ssl.enabled.protocols=TLSv1.2,",
    "ssl.enabled.protocols=TLSv1.2,TLSv1.2",
    "ssl.cipher.suites=",
    "ssl.cipher.suites=TLS_AES_128_GCM_SHA256",
    "ssl.cipher.suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "ssl.cipher.suites=ECDHE-RSA-AES128-GCM-SHA256",
    "ssl.cipher.suites=TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384",
    "ssl.cipher.suites=TLS_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_128_CBC_SHA",
    "ssl.cipher.suites=SSL_RSA_WITH_3DES_EDE_CBC_SHA",
    "ssl.cipher.suites=TLS_RSA_WITH_NULL_SHA256",
    "ssl.enabled.protocols=TLSv1.3\nssl.cipher.suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "ssl.enabled.protocols=TLSv1.2\nssl.cipher.suites=TLS_AES_128_GCM_SHA256",
    "ssl.cipher.suites=TLS_EMPTY_RENEGOTIATION_INFO_SCSV",
    "ssl.endpoint.identification.algorithm=",
    "ssl.endpoint.identification.algorithm=HTTPS",
    "ssl.protocol=TLSv1.2",
    "ssl.protocol=TLS",
    "ssl.protocol=TLSv1.4",
    "ssl.protocol=",
    "ssl.keymanager.algorithm=PKIX",
    "ssl.provider=SunJSSE",
];

/// Lines that are added to a node's file.
const OF_NODE: &[&str] = &[
    "ssl.client.auth=required",
    "ssl.client.auth=requested",
    "ssl.client.auth=none",
    "ssl.client.auth=REQUIRED",
    "ssl.client.auth=true",
    "ssl.client.auth=",
    "ssl.allow.dn.changes=true",
    "ssl.allow.dn.changes=True",
    "ssl.allow.san.changes=yes",
    "ssl.principal.mapping.rules=DEFAULT",
    "ssl.principal.mapping.rules=",
    "ssl.principal.mapping.rules=default",
    "ssl.principal.mapping.rules=RULE:^CN=([^,]+).*$/$1/L,DEFAULT",
    "ssl.principal.mapping.rules=RULE:^CN=(.*?),OU=(.*?)$/$1@$2/ , DEFAULT",
    "ssl.principal.mapping.rules=RULE:^CN=(.*)$",
    "ssl.principal.mapping.rules=RULE:^CN=(.*)$/$1",
    "ssl.principal.mapping.rules=RULE:^CN=(.*)$/$1/X,DEFAULT",
    "ssl.principal.mapping.rules=RULE:^CN=(.*$/$1/,DEFAULT",
    "ssl.principal.mapping.rules=RULE:^CN=([^,]*$/$1/,DEFAULT",
    "ssl.principal.mapping.rules=RULE:a/b/L DEFAULT",
    "ssl.principal.mapping.rules=DEFAULT,DEFAULT,",
    "ssl.principal.mapping.rules=RULE:a\\\\/b/c/,DEFAULT",
    "super.users=User:CN=a\\\\, b;CN=c",
    "listener.name.SSL.ssl.client.auth=nonsense",
    "listener.name.ssl.ssl.client.auth=nonsense",
    "listener.name.nowhere.ssl.keystore.type=nonsense",
    "listener.name.controller.ssl.enabled.protocols=SSLv3",
];

fn values(places: &Places) -> Vec<Case> {
    let jks = both(places, "JKS", "jks");
    let clients = OF_CLIENT.iter().map(|lines| client(lines, format!("{jks}{lines}\n")));
    let nodes = OF_NODE.iter().map(|lines| node(lines, format!("{jks}{lines}\n")));
    clients.chain(nodes).collect()
}

const LISTENERS: &str = "listeners";
const ADVERTISED: &str = "advertised.listeners";
const MAP: &str = "listener.security.protocol.map";
const INTER: &str = "inter.broker.listener.name";
const CONTROLLERS: &str = "controller.listener.names";
const ROLES: &str = "process.roles";
const VOTERS: &str = "controller.quorum.voters";

/// What is changed in [`NODE`], or taken out where it is empty.
const CHANGES: &[(&str, &[(&str, &str)])] = &[
    ("a node", &[]),
    ("a broker alone", &[(ROLES, "broker"), (LISTENERS, "SSL://:9093"), (VOTERS, "2@c:9094")]),
    ("a controller alone", &[(ROLES, "controller"), (LISTENERS, "CONTROLLER://:9094"), (ADVERTISED, ""), (INTER, "")]),
    (
        "a controller with bootstrap servers",
        &[
            (ROLES, "controller"),
            (LISTENERS, "CONTROLLER://:9094"),
            (ADVERTISED, ""),
            (INTER, ""),
            (VOTERS, ""),
            ("controller.quorum.bootstrap.servers", "c:9094"),
        ],
    ),
    ("no quorum", &[(VOTERS, "")]),
    (
        "a broker that listens for controllers",
        &[
            (ROLES, "broker"),
            (LISTENERS, "SSL://:9093"),
            (VOTERS, "2@c:9094"),
            (LISTENERS, "SSL://:9093,CONTROLLER://:9094"),
        ],
    ),
    (
        "a controller that listens for clients",
        &[
            (ROLES, "controller"),
            (LISTENERS, "CONTROLLER://:9094"),
            (ADVERTISED, ""),
            (INTER, ""),
            (LISTENERS, "CONTROLLER://:9094,SSL://:9093"),
        ],
    ),
    (
        "a broker whose controllers have no protocol",
        &[(ROLES, "broker"), (LISTENERS, "SSL://:9093"), (VOTERS, "2@c:9094"), (MAP, "SSL:SSL")],
    ),
    ("a listener without a protocol", &[(LISTENERS, "SSL://:9093,CONTROLLER://:9094,X://:9095")]),
    ("a listener in lower case", &[(LISTENERS, "ssl://:9093,controller://:9094")]),
    ("controllers in lower case", &[(CONTROLLERS, "controller")]),
    ("the map in lower case", &[(MAP, "ssl:ssl,controller:ssl")]),
    ("an unknown protocol in the map", &[(MAP, "SSL:TLS,CONTROLLER:SSL")]),
    ("no colon in the map", &[(MAP, "SSL,CONTROLLER:SSL")]),
    ("an empty map entry", &[(MAP, "SSL:SSL,CONTROLLER:SSL,")]),
    ("no map", &[(MAP, "")]),
    ("no port", &[(LISTENERS, "SSL://localhost,CONTROLLER://:9094")]),
    ("no slashes", &[(LISTENERS, "SSL:localhost:9093,CONTROLLER://:9094")]),
    ("a path behind the port", &[(LISTENERS, "SSL://localhost:9093/x,CONTROLLER://:9094")]),
    ("the same port", &[(LISTENERS, "SSL://:9093,CONTROLLER://:9093")]),
    ("the same port on IPv4 and IPv6", &[(LISTENERS, "SSL://127.0.0.1:9093,CONTROLLER://[::1]:9093")]),
    ("the same name", &[(LISTENERS, "SSL://:9093,SSL://:9095,CONTROLLER://:9094")]),
    ("0.0.0.0 advertised", &[(ADVERTISED, "SSL://0.0.0.0:9093")]),
    ("0.0.0.0 listened on", &[(LISTENERS, "SSL://0.0.0.0:9093,CONTROLLER://:9094")]),
    ("0.0.0.0 advertised by listening", &[(ADVERTISED, ""), (LISTENERS, "SSL://0.0.0.0:9093,CONTROLLER://:9094")]),
    (
        "advertised and not listened on",
        &[(ADVERTISED, "SSL://localhost:9093,X://localhost:9095"), (MAP, "SSL:SSL,CONTROLLER:SSL,X:SSL")],
    ),
    ("brokers among themselves nowhere", &[(INTER, "X")]),
    ("brokers among themselves on a listener not advertised", &[(INTER, "X"), (MAP, "SSL:SSL,CONTROLLER:SSL,X:SSL")]),
    ("brokers among themselves on the controllers'", &[(INTER, "CONTROLLER")]),
    ("brokers among themselves by protocol", &[(INTER, ""), ("security.inter.broker.protocol", "SSL")]),
    ("brokers among themselves by name and by protocol", &[("security.inter.broker.protocol", "SSL")]),
    ("brokers among themselves by nothing", &[(INTER, "")]),
    ("a protocol in lower case for brokers", &[(INTER, ""), ("security.inter.broker.protocol", "ssl")]),
    ("an unknown role", &[(ROLES, "broker,control")]),
    ("no controllers' listener", &[(CONTROLLERS, "")]),
    ("controllers that are not listened for", &[(CONTROLLERS, "CONTROLLER,X")]),
    (
        "SASL_SSL with the global ssl.client.auth",
        &[
            (INTER, "X"),
            (LISTENERS, "SSL://:9093,X://:9095,CONTROLLER://:9094"),
            (ADVERTISED, "SSL://h:9093,X://h:9095"),
            (MAP, "SSL:SASL_SSL,X:SSL,CONTROLLER:SSL"),
            ("ssl.client.auth", "required"),
        ],
    ),
    (
        "SASL_SSL with its own ssl.client.auth",
        &[
            (INTER, "X"),
            (LISTENERS, "SSL://:9093,X://:9095,CONTROLLER://:9094"),
            (ADVERTISED, "SSL://h:9093,X://h:9095"),
            (MAP, "SSL:SASL_SSL,X:SSL,CONTROLLER:SSL"),
            ("listener.name.ssl.ssl.client.auth", "required"),
        ],
    ),
    ("a listener with its own keystore type", &[("listener.name.ssl.ssl.keystore.type", "pem")]),
];

fn listeners(places: &Places) -> Vec<Case> {
    let jks = both(places, "JKS", "jks");
    let case = |(name, changes): &(&str, &[(&str, &str)])| {
        let mut lines: Vec<String> = NODE.lines().map(str::to_owned).collect();
        for (key, value) in *changes {
            lines.retain(|line| !line.starts_with(&format!("{key}=")));
            if !value.is_empty() {
                lines.push(format!("{key}={value}"));
            }
        }
        Case { name: (*name).to_owned(), kind: "node", text: format!("{}\n{jks}", lines.join("\n")) }
    };
    let without_tls = NODE.replace(":SSL", ":PLAINTEXT");
    let more = [("no keystore", NODE.to_owned()), ("a node without TLS", without_tls)];
    let more = more.map(|(name, text)| Case { name: name.to_owned(), kind: "node", text });
    CHANGES.iter().map(case).chain(more).collect()
}
