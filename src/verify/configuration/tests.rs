use std::collections::BTreeSet;

use super::*;

/// Two stores in files.
const STORES: &str = "ssl.keystore.type=PKCS12\nssl.keystore.location=/k.p12\nssl.keystore.password=secret
ssl.truststore.type=PKCS12\nssl.truststore.location=/t.p12\nssl.truststore.password=secret\n";

/// A broker with all that one should have.
const BROKER: &str =
    "process.roles=broker\nnode.id=1\nlisteners=SSL://:9093\nadvertised.listeners=SSL://b1.example.com:9093
listener.security.protocol.map=SSL:SSL,CTL:SSL\ninter.broker.listener.name=SSL\ncontroller.listener.names=CTL
controller.quorum.bootstrap.servers=c1.example.com:9094\nssl.client.auth=required\n";

const PEM: &str = include_str!("../../../tests/fixtures/golden/rsa/broker.keystore.pem");
const PBES2_KEY: &str = include_str!("../../../tests/fixtures/keys_foreign/openssl-rsa-pbes2.pem");

fn findings(text: &str) -> Vec<Finding> {
    let file = PropertiesFile::read(text.as_bytes()).unwrap();
    judge("it", &file, &KafkaSettings::of(&file), Surroundings { has_client_certificates: true })
}

fn codes(text: &str) -> Vec<&'static str> {
    findings(text).iter().map(|finding| finding.check.code).collect()
}

fn client(lines: &str) -> String {
    format!("security.protocol=SSL\n{STORES}{lines}\n")
}

fn broker(lines: &str) -> String {
    format!("{BROKER}{STORES}{lines}\n")
}

#[test]
fn what_is_sound_has_no_findings() {
    for text in [client(""), broker(""), format!("{STORES}ssl.client.auth=required")] {
        assert_eq!(findings(&text), [], "{text}");
    }
    for own in ["server.properties", "client.properties", "anonymous.client.properties"] {
        let path = format!("{}/tests/fixtures/golden/rsa/{own}", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(findings(&std::fs::read_to_string(path).unwrap()), [], "{own}");
    }
}

#[test]
fn a_worker_is_no_broker() {
    let worker =
        "bootstrap.servers=b:9093\nkey.converter=c\nlisteners=https://:8443\nlisteners.https.ssl.client.auth=required
producer.security.protocol=SSL\nproducer.ssl.truststore.type=PKCS12\n";
    assert_eq!(codes(&format!("{worker}{}", client(""))), [""; 0]);
    assert_eq!(codes(&format!("{worker}producer.ssl.trustore.type=JKS\n{}", client(""))), ["setting-unknown"]);
}

/// Lines that are added to a client's file, and what is found then.
const OF_CLIENT: &[(&str, &str)] = &[
    ("ssl.keystore.pasword=x", "setting-unknown"),
    ("ssl.trust.store.location=/t", "setting-unknown"),
    ("ssl.nonsense=1", "setting-unknown"),
    ("ssl.keystore.type=JKS", "setting-duplicate"),
    ("config.providers=file\nssl.key.password=${file:/s:k}", "setting-from-provider"),
    ("ssl.key.password=${file:/s:k}", "setting-without-provider"),
    ("ssl.truststore.location=C:\\kafka.jks", "setting-lost-backslash"),
    ("ssl.truststore.password=secret ", "setting-blanks"),
    ("security.protocol=TLS", "client-protocol-unknown"),
    ("security.protocol=PLAINTEXT", "client-without-tls"),
    ("ssl.keystore.type=PEM", "store-password-with-pem"),
    ("ssl.truststore.certificates=x", "store-inline-not-pem"),
    ("ssl.truststore.type=Pem", "store-type-case"),
    ("ssl.truststore.type=PFX", "store-type-unknown"),
    ("ssl.truststore.location=/ca.pem", "store-type-by-name"),
    ("ssl.truststore.location=C:\\truststore.jks", "store-location-damaged"),
    ("ssl.truststore.location=", "store-location-empty"),
    ("ssl.key.password=another", "key-password-differs"),
    ("ssl.enabled.protocols=TLSv1.1,TLSv1.2", "protocol-old"),
    ("ssl.enabled.protocols=TLS1.2", "protocol-unknown"),
    ("ssl.enabled.protocols=TLSv1", "protocol-none"),
    ("ssl.protocol=TLSv1.4", "ssl-protocol-unknown"),
    ("ssl.cipher.suites=ECDHE-RSA-AES128-GCM-SHA256", "cipher-suite-unknown"),
    ("ssl.cipher.suites=TLS_AES_128_GCM_SHA256,SSL_RSA_WITH_3DES_EDE_CBC_SHA", "cipher-suite-weak"),
    ("ssl.cipher.suites=TLS_RSA_WITH_NULL_SHA256", "cipher-suite-none"),
    ("ssl.cipher.suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "cipher-suite-without-tls13"),
    ("ssl.endpoint.identification.algorithm=", "endpoint-identification-off"),
    ("ssl.endpoint.identification.algorithm=none", "endpoint-identification-unknown"),
];

/// Lines that are added to a broker's file, and what is found then.
const OF_BROKER: &[(&str, &str)] = &[
    ("listeners=SSL://:9093,CTL://:9094", "listener-refused"),
    ("advertised.listener=SSL://:9093", "setting-unknown"),
    (
        "listeners=SSL://:9093,PLAINTEXT://:9092\nlistener.security.protocol.map=SSL:SSL,CTL:SSL,PLAINTEXT:PLAINTEXT",
        "listener-plaintext",
    ),
    (
        "process.roles=broker,controller\nlisteners=SSL://:9093,CTL://:9094\nlistener.security.protocol.map=SSL:SSL,CTL:PLAINTEXT",
        "listener-controller-plaintext",
    ),
    ("listener.name.SSL.ssl.keystore.type=JKS", "listener-prefix-case"),
    ("listener.name.sll.ssl.keystore.type=JKS", "listener-prefix-unknown"),
    ("advertised.listeners=SSL://localhost:9093", "advertised-host-local"),
    ("advertised.listeners=SSL://[::]:9093", "advertised-host-any"),
    ("advertised.listeners=SSL://kafka_broker_1:9093", "advertised-host-underscore"),
    ("ssl.client.auth=true", "client-auth-unknown"),
    ("ssl.client.auth=none", "client-auth-none"),
    ("ssl.client.auth=requested", "client-auth-requested"),
    ("listener.security.protocol.map=SSL:SASL_SSL,CTL:SSL", "client-auth-ignored"),
    ("ssl.allow.dn.changes=yes", "setting-refused"),
    ("ssl.principal.mapping.rules=RULE:^CN=(.*)$", "mapping-rules-refused"),
    ("ssl.principal.mapping.rules=RULE:^CN=([^,]+),.*$/$1/L", "mapping-rules-without-default"),
    ("super.users=User:CN=a,User:CN=b", "super-users-separator"),
    ("super.users=CN=a", "super-users-type"),
    ("super.users=User:CN=a, O=b", "super-users-blank"),
    ("super.users=User:CN=a,O=b\\, c", "super-users-escape"),
];

/// Whole files, and what is found in them.
const WHOLE: &[(&str, &str)] = &[
    ("", "configuration-not-of-kafka"),
    ("{ \"name\": \"not one of Kafka's\" }", "configuration-not-of-kafka"),
    ("ssl.truststore.location=trust/t.jks", "store-location-relative"),
    ("security.protocol=SSL\nssl.keystore.location=/k", "keystore-password-missing"),
    ("security.protocol=SSL\nssl.truststore.password=x", "store-location-missing"),
    ("ssl.truststore.type=PEM\nssl.truststore.location=/t\nssl.truststore.certificates=x", "store-in-two-places"),
    ("ssl.keystore.type=PEM\nssl.keystore.key=x", "keystore-half-inline"),
    ("security.protocol=SSL\nssl.truststore.location=/t.p12\nssl.truststore.password=x", "store-type-missing"),
    ("security.protocol=SSL\nssl.truststore.type=PKCS12\nssl.truststore.location=/t", "truststore-password-missing"),
    ("security.protocol=SSL", "truststore-missing"),
    ("node.id=1\nlisteners=SSL://:9093", "keystore-missing"),
    ("ssl.truststore.type=PEM\nssl.truststore.certificates=x", "pem-refused"),
];

/// Returns the text of each case, with the code that must be found.
fn cases() -> Vec<(String, &'static str)> {
    let clients = OF_CLIENT.iter().map(|(lines, code)| (client(lines), *code));
    let brokers = OF_BROKER.iter().map(|(lines, code)| (broker(lines), *code));
    let whole = WHOLE.iter().map(|(text, code)| ((*text).to_owned(), *code));
    clients.chain(brokers).chain(whole).chain(of_pem()).collect()
}

fn of_pem() -> Vec<(String, &'static str)> {
    let (key, chain) = PEM.split_at(PEM.find("-----BEGIN CERTIFICATE").unwrap());
    let ca = &chain[chain.rfind("-----BEGIN").unwrap()..];
    let with = |key: &str, chain: &str, more: &str| {
        let text = |value: &str| value.replace('\n', "\\n");
        format!(
            "ssl.keystore.type=PEM\nssl.keystore.key={}\nssl.keystore.certificate.chain={}\n{more}",
            text(key),
            text(chain)
        )
    };
    let on_one_line: Vec<&str> = chain.split_whitespace().collect();
    let pkcs1 = include_str!("../../../tests/fixtures/keys_foreign/openssl-rsa-pkcs1.pem");
    let ed25519 = include_str!("../../../tests/fixtures/keys_foreign/openssl-ed25519.pem");
    vec![
        (with(PBES2_KEY, chain, ""), "pem-key-encrypted"),
        (with(key, chain, "ssl.key.password=x"), "pem-key-not-encrypted"),
        (with(pkcs1, chain, ""), "pem-key-format"),
        (with(PBES2_KEY, chain, "ssl.key.password=x"), "pem-key-password"),
        (with(PBES2_KEY, chain, "ssl.key.password=test1234"), "pem-key-pbes2"),
        (with(ed25519, chain, ""), "pem-key-kind"),
        (with(key, &format!("{ca}{chain}"), ""), "pem-chain-order"),
        (with(key, &on_one_line.join(" "), ""), "pem-certificates-lost"),
    ]
}

#[test]
fn each_fault_is_found() {
    for (text, code) in cases() {
        assert!(codes(&text).contains(&code), "{code} {:?}\n{text}", codes(&text));
    }
}

#[test]
fn each_check_has_a_case() {
    let mut found: BTreeSet<&str> = cases().iter().flat_map(|(text, _)| codes(text)).collect();
    found.insert(judge_store_content("JKS", "it", PEM.as_bytes()).unwrap().check.code);
    let all: BTreeSet<&str> = catalogue().map(|check| check.code).collect();
    assert_eq!(found, all);
}

#[test]
fn a_finding_names_its_line_and_the_way_out() {
    let found = findings(&broker("listener.name.internal.ssl.keystore.pasword=x"));
    let unknown = found.iter().find(|finding| finding.check.code == "setting-unknown").unwrap();
    assert_eq!(unknown.object, "it, line 16");
    assert_eq!(unknown.fix, "write `listener.name.internal.ssl.keystore.password`");
}

#[test]
fn no_finding_shows_a_secret() {
    for (text, _) in cases() {
        let text = text.replace("secret", "hunter22");
        assert!(!format!("{:?}", findings(&text)).contains("hunter22"), "{text}");
    }
}

#[test]
fn stores_are_told_by_their_first_bytes() {
    let code = |store_type, file: &[u8]| judge_store_content(store_type, "it", file).map(|finding| finding.found);
    assert_eq!(code("JKS", &[0x30, 0x82]), None);
    assert_eq!(code("pkcs12", &[0xFE, 0xED, 0xFE, 0xED]), None);
    assert_eq!(code("JKS", PEM.as_bytes()).unwrap(), "the type is JKS, and the file is PEM");
    assert_eq!(code("PEM", &[0x30, 0x82]).unwrap(), "the type is PEM, and the file is PKCS12");
    assert_eq!(code("JCEKS", &[0x30, 0x82]).unwrap(), "the type is JCEKS, and the file is PKCS12");
    assert_eq!(code("BCFKS", &[0x30, 0x82]), None);
}

#[test]
fn rules_with_commas_in_them_are_one_rule() {
    let is_refused = |rules: &str| {
        codes(&broker(&format!("ssl.principal.mapping.rules={rules}"))).contains(&"mapping-rules-refused")
    };
    assert!(!is_refused("RULE:^CN=(.*?),OU=(.*?)$/$1@$2/U , DEFAULT"));
    assert!(!is_refused("RULE:a\\\\/b,[)]/c/,DEFAULT,"));
    assert!(is_refused("RULE:a/b/L DEFAULT"));
    assert!(is_refused("RULE:(a/b/,DEFAULT"));
}
