//! A CA, a broker and a client, step by step as `pipeline::make` takes them, but of keys that are given.

use kafka_certgen::bundle::inventory::{self, Inventory, VERSION};
use kafka_certgen::kafka::principal::principal;
use kafka_certgen::kafka::properties::{self, Stores};
use kafka_certgen::keystore::{Entry, EntryContent, KeyStore, PrivateKeyEntry};
use kafka_certgen::name::dn::DistinguishedName;
use kafka_certgen::pki::{
    Certificate, CertificateAuthority, CertificateSigningRequest, KeyEncryption, KeyPair, certificate_pem,
    certificates_pem, encrypted_key_pem, key_pem, request_pem,
};
use kafka_certgen::spec::{ClientAuth, Days, KeyAlgorithm, Layout, NodeRole, PemKey, StoreFormat, Validity};

use crate::fixed::{Counting, NOW, key, password};
use crate::fixture::{check, check_binary, check_pem, dump, dump_path, read};

/// Keys that sign the same bytes always the same way: RSA with PKCS#1 v1.5, and Ed25519.
pub(crate) struct Family {
    folder: &'static str,
    ca: KeyAlgorithm,
    node: KeyAlgorithm,
    ca_days: u32,
}

pub(crate) const RSA: Family =
    Family { folder: "rsa", ca: KeyAlgorithm::Rsa3072, node: KeyAlgorithm::Rsa2048, ca_days: 3650 };

/// Its CA outlives 2049, the last year of `UTCTime`.
const ED25519: Family =
    Family { folder: "ed25519", ca: KeyAlgorithm::Ed25519, node: KeyAlgorithm::Ed25519, ca_days: 10_000 };

const PEM_FILES: [&str; 5] =
    ["ca-cert", "broker.cert-file", "broker.cert-signed", "client.cert-file", "client.cert-signed"];

pub(crate) struct Issued {
    pub(crate) ca: CertificateAuthority,
    pub(crate) broker: Identity,
    client: Identity,
}

pub(crate) struct Identity {
    pub(crate) key: KeyPair,
    request: CertificateSigningRequest,
    pub(crate) certificate: Certificate,
}

impl Family {
    fn path(&self, file: &str) -> String {
        format!("{}/{file}", self.folder)
    }

    pub(crate) fn issue(&self) -> Issued {
        let random = Counting::default();
        let validity = |days| Validity::starting(NOW, Days::new(days).unwrap()).unwrap();
        let subject = DistinguishedName::parse("CN=Kafka CA,O=Acme,C=US").unwrap().to_der().unwrap();
        let ca_key = key(&self.path("ca.key"), self.ca);
        let ca = CertificateAuthority::self_signed(ca_key, &subject, validity(self.ca_days), &random).unwrap();
        let issue = |role: NodeRole, subject, alt_names: &[&str]| {
            let key = key(&self.path(&format!("{role}.key")), self.node);
            let subject = DistinguishedName::parse(subject).unwrap().to_der().unwrap();
            let alt_names: Vec<_> = alt_names.iter().map(|name| name.parse().unwrap()).collect();
            let request = CertificateSigningRequest::new(&key, &subject, &alt_names).unwrap();
            let verified = request.verify().unwrap();
            let certificate = ca.sign(&verified, role.profile(), &alt_names, validity(365), None, &random).unwrap();
            Identity { key, request, certificate }
        };
        let broker = issue(
            NodeRole::Broker,
            "CN=broker1.example.com,OU=Kafka,OU=Streaming,O=Acme\\, Inc.,DC=example,DC=com",
            &["broker1.example.com", "*.brokers.example.com", "10.0.0.1", "2001:db8::1"],
        );
        let client = issue(NodeRole::Client, "CN=Zoë+UID=app1,O=Acme,C=US", &[]);
        Issued { ca, broker, client }
    }
}

impl Issued {
    /// The broker's keystore.
    pub(crate) fn keystore(&self) -> KeyStore {
        let chain = [&self.broker.certificate, self.ca.certificate()].map(|link| link.as_der().to_vec());
        let key = PrivateKeyEntry { key: self.broker.key.to_pkcs8().unwrap(), chain: chain.to_vec() };
        let mut store = self.truststore();
        let alias = "broker1".parse().unwrap();
        store.add(Entry { alias, created: NOW, content: EntryContent::PrivateKey(key) }).unwrap();
        store
    }

    pub(crate) fn truststore(&self) -> KeyStore {
        let content = EntryContent::TrustedCertificate(self.ca.certificate().as_der().to_vec());
        let mut store = KeyStore::new();
        store.add(Entry { alias: "CARoot".parse().unwrap(), created: NOW, content }).unwrap();
        store
    }
}

#[test]
fn certificates_and_requests_are_what_they_were() {
    for family in [RSA, ED25519] {
        let Issued { ca, broker, client } = family.issue();
        let texts = [
            certificate_pem(ca.certificate()),
            request_pem(&broker.request),
            certificate_pem(&broker.certificate),
            request_pem(&client.request),
            certificate_pem(&client.certificate),
        ];
        for (file, text) in PEM_FILES.into_iter().zip(texts) {
            check_pem(&family.path(file), &text);
        }
    }
}

#[test]
#[ignore = "needs OpenSSL"]
fn dumps_are_what_openssl_says() {
    for family in [RSA, ED25519] {
        for file in PEM_FILES.map(|file| family.path(file)) {
            assert_eq!(String::from_utf8(read(&dump_path(&file))).unwrap(), dump(&file), "{file}");
        }
    }
}

#[test]
fn jks_stores_are_what_they_were() {
    for family in [RSA, ED25519] {
        let issued = family.issue();
        let (store, other) = (password("storepass"), password("schlüssel-🔑"));
        let jks = |keystore: KeyStore, key| keystore.to_jks(&store, key, &Counting::default()).unwrap();
        check_binary(&family.path("broker.keystore.jks"), &jks(issued.keystore(), &store));
        check_binary(&family.path("broker.keystore-keypass.jks"), &jks(issued.keystore(), &other));
        check_binary(&family.path("broker.truststore.jks"), &jks(issued.truststore(), &store));
    }
}

#[test]
fn keys_in_pem_are_what_they_were() {
    let Issued { ca, broker, .. } = RSA.issue();
    let pkcs8 = broker.key.to_pkcs8().unwrap();
    let keystore = String::from_utf8(key_pem(&pkcs8).unwrap().to_vec()).unwrap()
        + &certificates_pem(&[&broker.certificate, ca.certificate()]);
    check("rsa/broker.keystore.pem", keystore.as_bytes());
    for (file, how) in [("pbes2", KeyEncryption::Pbes2), ("pbes1-3des", KeyEncryption::Pbes1TripleDes)] {
        let key = how.encrypt(&pkcs8, &password("storepass"), &Counting::default()).unwrap();
        check(&format!("rsa/broker.{file}.key"), encrypted_key_pem(&key).as_bytes());
    }
}

#[test]
fn properties_are_what_they_were() {
    let (store_password, key_password) = (password("#stäre = pass\\word"), password("kéy 🔑"));
    let stores = Stores {
        format: StoreFormat::Jks,
        keystore: "/etc/kafka/ssl/kafka.server.keystore.jks",
        truststore: "/etc/kafka/ssl/kafka.server.truststore.jks",
        store_password: &store_password,
        key_password: Some(&key_password),
    };
    let ca = certificate_pem(RSA.issue().ca.certificate());
    check("rsa/server.properties", properties::server(&stores, ClientAuth::Required).as_bytes());
    check("rsa/client.properties", properties::client(&stores).as_bytes());
    check("rsa/anonymous.client.properties", properties::anonymous_client(&ca, ClientAuth::Requested).as_bytes());
}

/// The form of `bundle.json`, which later versions must be able to read.
#[test]
fn the_inventory_is_what_it_was() {
    let Issued { ca, broker, .. } = RSA.issue();
    let facts = |certificate: &Certificate, algorithm: KeyAlgorithm| inventory::CertificateFacts {
        subject: principal(certificate.subject_der()).unwrap(),
        serial: certificate.serial().to_string(),
        key_algorithm: algorithm.name().to_owned(),
        not_before: certificate.validity().not_before,
        not_after: certificate.validity().not_after,
        sha256: certificate.fingerprint(),
    };
    let inventory = Inventory {
        version: VERSION,
        created: NOW.replace_nanosecond(0).unwrap(),
        settings: inventory::Settings {
            layout: Layout::Nodes,
            formats: vec![StoreFormat::Jks, StoreFormat::Pem],
            pem_key: Some(PemKey::Plain),
            ca_alias: "caroot".into(),
            client_auth: ClientAuth::Required,
            deploy_dir: Some("/etc/kafka/ssl".into()),
        },
        ca: inventory::Ca {
            certificate: facts(ca.certificate(), RSA.ca),
            certificate_file: "ca/ca-cert".into(),
            key_file: Some("ca/ca-key".into()),
            password_file: Some("ca/ca-key.password".into()),
        },
        identities: vec![inventory::Identity {
            name: "broker1".into(),
            profile: None,
            role: NodeRole::Broker,
            principal: format!("User:{}", principal(broker.certificate.subject_der()).unwrap()),
            alias: "broker1".into(),
            alt_names: vec!["dns:broker1.example.com".into(), "ip:10.0.0.1".into()],
            certificate: facts(&broker.certificate, RSA.node),
            files: vec!["broker1/cert-signed".into()],
        }],
    };
    check("rsa/bundle.json", &serde_json::to_vec_pretty(&inventory).unwrap());
}
