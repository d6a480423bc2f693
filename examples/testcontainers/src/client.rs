//! A client that shows its certificate, checks the broker's, and asks it one thing.

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::cluster::Cluster;

/// `ApiVersions`, version 0, with the correlation id 7 and no client id: what any client asks first.
const API_VERSIONS: [u8; 14] = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];

/// Connects to the broker with mutual TLS, and returns how many kinds of requests it knows.
///
/// In TLS 1.3 a client learns from the first answer only that the broker takes its certificate, which is why something is asked.
pub fn ask(cluster: &Cluster, config: ClientConfig) -> Result<usize, Box<dyn Error>> {
    let socket = TcpStream::connect(("127.0.0.1", cluster.port()))?;
    socket.set_read_timeout(Some(Duration::from_secs(30)))?;
    let connection = ClientConnection::new(Arc::new(config), "localhost".try_into()?)?;
    let mut stream = StreamOwned::new(connection, socket);
    stream.write_all(&API_VERSIONS)?;
    // Length, correlation id, error code, length of the list.
    let mut head = [0; 14];
    stream.read_exact(&mut head)?;
    let [.., 0, 0, 0, 7, 0, 0, _, _, high, low] = head else { return Err("this is no answer of a broker".into()) };
    Ok(usize::from(u16::from_be_bytes([high, low])))
}

/// Returns a client that trusts the bundle's CA and has a certificate of it.
pub fn trusted(cluster: &Cluster) -> Result<ClientConfig, Box<dyn Error>> {
    let file = cluster.client_file("kafka.client.keystore.pem").ok_or("there is no keystore")?;
    let chain = CertificateDer::pem_slice_iter(file).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(file)?;
    Ok(ClientConfig::builder().with_root_certificates(roots(cluster)?).with_client_auth_cert(chain, key)?)
}

/// Returns a client that trusts the bundle's CA and has no certificate: the broker refuses it.
pub fn anonymous(cluster: &Cluster) -> Result<ClientConfig, Box<dyn Error>> {
    Ok(ClientConfig::builder().with_root_certificates(roots(cluster)?).with_no_client_auth())
}

fn roots(cluster: &Cluster) -> Result<RootCertStore, Box<dyn Error>> {
    let file = cluster.client_file("kafka.client.truststore.pem").ok_or("there is no truststore")?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(file) {
        roots.add(certificate?)?;
    }
    Ok(roots)
}
