//! What is handed to the container, without one: the files belong to the variables, and both ends trust each other.

mod image;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::id;
use std::thread;

use kafka_certgen::keystore::StoreFile;
use kafka_certgen::pipeline::steps;
use kafka_certgen::secret::Password;
use kafka_certgen::verify::{judge_start, load};
use kafka_in_a_container::client;
use kafka_in_a_container::cluster::{Cluster, SECRETS};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

#[test]
fn a_broker_would_start_with_it() {
    let folder = std::env::temp_dir().join(format!("handed-over-{}", id()));
    fs::create_dir(&folder).unwrap();
    let cluster = Cluster::new(9093).unwrap();
    for (name, contents) in cluster.broker_files() {
        fs::write(folder.join(name), contents).unwrap();
    }
    let file: PathBuf = folder.join("server.properties");
    fs::write(&file, image::properties(&cluster.environment(), &folder)).unwrap();
    let case = load::configuration(&file, None, &[]).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(case.parties.len(), 1, "the keystore is not seen");
    assert_eq!(judge_start(&case), []);
}

#[test]
fn nothing_secret_is_in_the_environment() {
    let cluster = Cluster::new(9093).unwrap();
    let password = password(&cluster);
    assert!(cluster.environment().iter().all(|(_, value)| !value.contains(password.expose())));
    assert!(SECRETS.starts_with('/'));
}

#[test]
fn the_client_is_taken_with_its_certificate_and_refused_without() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let cluster = Cluster::new(listener.local_addr().unwrap().port()).unwrap();
    let config = std::sync::Arc::new(broker(&cluster));
    let broker = thread::spawn(move || {
        for _ in 0..2 {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(connection, listener.accept().unwrap().0);
            let mut request = [0; 14];
            if stream.read_exact(&mut request).is_ok() {
                stream.write_all(&[0, 0, 0, 10, 0, 0, 0, 7, 0, 0, 0, 0, 0, 60]).unwrap();
            }
        }
    });
    assert_eq!(client::ask(&cluster, client::trusted(&cluster).unwrap()).unwrap(), 60);
    assert!(client::ask(&cluster, client::anonymous(&cluster).unwrap()).is_err());
    broker.join().unwrap();
}

fn password(cluster: &Cluster) -> Password {
    let file = |wanted: &str| cluster.broker_files().find(|(name, _)| *name == wanted).unwrap().1;
    let password = String::from_utf8(file("password").to_vec()).unwrap();
    Password::new(password.trim_end().to_owned().into()).unwrap()
}

/// Stands in for the broker: rustls, with the key, the chain and the CA that Kafka would take from the same stores.
fn broker(cluster: &Cluster) -> ServerConfig {
    let password = password(cluster);
    let file = |wanted: &str| cluster.broker_files().find(|(name, _)| *name == wanted).unwrap().1;
    let keystore = StoreFile::open(file("kafka.server.keystore.p12"), &password).unwrap();
    let (key, chain) = steps::key_and_chain(&keystore, &steps::only_key(&keystore).unwrap(), None).unwrap();
    let der = |certificate: &kafka_certgen::pki::Certificate| CertificateDer::from(certificate.as_der().to_vec());
    let mut roots = RootCertStore::empty();
    roots.add(der(chain.last().unwrap())).unwrap();
    let verifier = WebPkiClientVerifier::builder(roots.into()).build().unwrap();
    let key = PrivateKeyDer::Pkcs8(key.to_pkcs8().unwrap().to_vec().into());
    let chain = chain.iter().map(der).collect();
    ServerConfig::builder().with_client_cert_verifier(verifier).with_single_cert(chain, key).unwrap()
}
