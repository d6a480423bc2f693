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
        text.lines()
            .filter(|line| !line.starts_with(&format!("{key}=")))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
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

fn inline(places: &Places) -> Vec<Case> {
    let pem = places.pem("kafka.server.keystore.pem");
    let (key, chain) = pem.split_at(pem.find("-----BEGIN CERTIFICATE").expect("there is no certificate"));
    let ca = places.pem("kafka.server.truststore.pem");
    let leaf = chain.split_at(chain.len() - ca.trim_start().len()).0;
    let with = |key: &str, chain: &str| {
        "ssl.keystore.type=PEM\n".to_owned()
            + &line("ssl.keystore.key", key)
            + &line("ssl.keystore.certificate.chain", chain)
    };
    let trusting = |ca: &str| "ssl.truststore.type=PEM\n".to_owned() + &line("ssl.truststore.certificates", ca);
    let on_one_line = |pem: &str| pem.split_whitespace().collect::<Vec<_>>().join(" ");
    let request = places.pem("cert-file").replace("NEW CERTIFICATE", "CERTIFICATE");
    let good = with(key, chain) + &trusting(&ca);
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
        client("all of a keystore in both", with(&pem, &pem)),
        client("two keys", with(&format!("{key}{key}"), chain)),
        client("no key", with(chain, chain)),
        client("no certificate", with(key, key)),
        client("the chain the wrong way round", with(key, &format!("{ca}{leaf}"))),
        client("the leaf alone", with(key, leaf)),
        client("the CA twice", with(key, &format!("{chain}{ca}"))),
        client("a certificate that does not belong", with(key, &format!("{leaf}{leaf}"))),
        client("trust in two certificates", trusting(&format!("{leaf}{ca}"))),
        client("trust in the same twice", trusting(&format!("{ca}{ca}"))),
        client("one certificate on one line", trusting(&on_one_line(&ca))),
        client("two certificates on one line", trusting(&on_one_line(&format!("{leaf}{ca}")))),
        client("a chain on one line", with(key, &on_one_line(chain))),
        client("everything on one line", with(&on_one_line(&pem), &on_one_line(&pem))),
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
    let golden = Path::new(FIXTURES).join("golden/rsa");
    for name in ["broker.pbes2", "broker.pbes1-3des"] {
        let key = read(&golden.join(format!("{name}.key")));
        cases.extend([None, Some("wrong"), Some("k\u{e9}y \u{1f511}")].map(|password| case(name, &key, password)));
    }
    cases
}

fn values(places: &Places) -> Vec<Case> {
    let jks = both(places, "JKS", "jks");
    let of_client = [
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
    let of_node = [
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
    let clients = of_client.map(|lines| client(lines, format!("{jks}{lines}\n")));
    let nodes = of_node.map(|lines| node(lines, format!("{jks}{lines}\n")));
    clients.into_iter().chain(nodes).collect()
}

fn listeners(places: &Places) -> Vec<Case> {
    let jks = both(places, "JKS", "jks");
    let case = |name: &str, changes: &[(&str, &str)]| {
        let mut lines: Vec<String> = NODE.lines().map(str::to_owned).collect();
        for (key, value) in changes {
            lines.retain(|line| !line.starts_with(&format!("{key}=")));
            if !value.is_empty() {
                lines.push(format!("{key}={value}"));
            }
        }
        Case { name: name.to_owned(), kind: "node", text: format!("{}\n{jks}", lines.join("\n")) }
    };
    let (listeners, advertised, map) = ("listeners", "advertised.listeners", "listener.security.protocol.map");
    let (inter, controllers, roles) = ("inter.broker.listener.name", "controller.listener.names", "process.roles");
    let broker = [(roles, "broker"), (listeners, "SSL://:9093"), ("controller.quorum.voters", "2@c:9094")];
    let controller = [(roles, "controller"), (listeners, "CONTROLLER://:9094"), (advertised, ""), (inter, "")];
    vec![
        case("a node", &[]),
        case("a broker alone", &broker),
        case("a controller alone", &controller),
        case(
            "a controller with bootstrap servers",
            &[&controller[..], &[("controller.quorum.voters", ""), ("controller.quorum.bootstrap.servers", "c:9094")]]
                .concat(),
        ),
        case("no quorum", &[("controller.quorum.voters", "")]),
        case(
            "a broker that listens for controllers",
            &[&broker[..], &[(listeners, "SSL://:9093,CONTROLLER://:9094")]].concat(),
        ),
        case(
            "a controller that listens for clients",
            &[&controller[..], &[(listeners, "CONTROLLER://:9094,SSL://:9093")]].concat(),
        ),
        case("a broker whose controllers have no protocol", &[&broker[..], &[(map, "SSL:SSL")]].concat()),
        case("a listener without a protocol", &[(listeners, "SSL://:9093,CONTROLLER://:9094,X://:9095")]),
        case("a listener in lower case", &[(listeners, "ssl://:9093,controller://:9094")]),
        case("controllers in lower case", &[(controllers, "controller")]),
        case("the map in lower case", &[(map, "ssl:ssl,controller:ssl")]),
        case("an unknown protocol in the map", &[(map, "SSL:TLS,CONTROLLER:SSL")]),
        case("no colon in the map", &[(map, "SSL,CONTROLLER:SSL")]),
        case("an empty map entry", &[(map, "SSL:SSL,CONTROLLER:SSL,")]),
        case("no map", &[(map, "")]),
        case("no port", &[(listeners, "SSL://localhost,CONTROLLER://:9094")]),
        case("no slashes", &[(listeners, "SSL:localhost:9093,CONTROLLER://:9094")]),
        case("a path behind the port", &[(listeners, "SSL://localhost:9093/x,CONTROLLER://:9094")]),
        case("the same port", &[(listeners, "SSL://:9093,CONTROLLER://:9093")]),
        case("the same port on IPv4 and IPv6", &[(listeners, "SSL://127.0.0.1:9093,CONTROLLER://[::1]:9093")]),
        case("the same name", &[(listeners, "SSL://:9093,SSL://:9095,CONTROLLER://:9094")]),
        case("0.0.0.0 advertised", &[(advertised, "SSL://0.0.0.0:9093")]),
        case("0.0.0.0 listened on", &[(listeners, "SSL://0.0.0.0:9093,CONTROLLER://:9094")]),
        case(
            "0.0.0.0 advertised by listening",
            &[(advertised, ""), (listeners, "SSL://0.0.0.0:9093,CONTROLLER://:9094")],
        ),
        case(
            "advertised and not listened on",
            &[(advertised, "SSL://localhost:9093,X://localhost:9095"), (map, "SSL:SSL,CONTROLLER:SSL,X:SSL")],
        ),
        case("brokers among themselves nowhere", &[(inter, "X")]),
        case(
            "brokers among themselves on a listener not advertised",
            &[(inter, "X"), (map, "SSL:SSL,CONTROLLER:SSL,X:SSL")],
        ),
        case("brokers among themselves on the controllers'", &[(inter, "CONTROLLER")]),
        case("brokers among themselves by protocol", &[(inter, ""), ("security.inter.broker.protocol", "SSL")]),
        case("brokers among themselves by name and by protocol", &[("security.inter.broker.protocol", "SSL")]),
        case("brokers among themselves by nothing", &[(inter, "")]),
        case("a protocol in lower case for brokers", &[(inter, ""), ("security.inter.broker.protocol", "ssl")]),
        case("an unknown role", &[(roles, "broker,control")]),
        case("no controllers' listener", &[(controllers, "")]),
        case("controllers that are not listened for", &[(controllers, "CONTROLLER,X")]),
        case(
            "SASL_SSL with the global ssl.client.auth",
            &[
                (map, "SSL:SASL_SSL,CONTROLLER:SSL"),
                (inter, "CONTROL"),
                (inter, "X"),
                (listeners, "SSL://:9093,X://:9095,CONTROLLER://:9094"),
                (advertised, "SSL://h:9093,X://h:9095"),
                (map, "SSL:SASL_SSL,X:SSL,CONTROLLER:SSL"),
                ("ssl.client.auth", "required"),
            ],
        ),
        case(
            "SASL_SSL with its own ssl.client.auth",
            &[
                (inter, "X"),
                (listeners, "SSL://:9093,X://:9095,CONTROLLER://:9094"),
                (advertised, "SSL://h:9093,X://h:9095"),
                (map, "SSL:SASL_SSL,X:SSL,CONTROLLER:SSL"),
                ("listener.name.ssl.ssl.client.auth", "required"),
            ],
        ),
        case("a listener with its own keystore type", &[("listener.name.ssl.ssl.keystore.type", "pem")]),
        Case { name: "no keystore".into(), kind: "node", text: NODE.to_owned() },
        Case { name: "a node without TLS".into(), kind: "node", text: NODE.replace(":SSL", ":PLAINTEXT") },
    ]
}
