//! rustls, with the provider that it has by default.

use std::collections::HashMap;
use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, Stream};

use crate::cases::Case;

const PATIENCE: Duration = Duration::from_secs(60);

/// All clients are waited for at once, and come one after another.
const PATIENCE_IN_QUEUE: Duration = Duration::from_secs(600);

/// Between two looks whether a client has come.
const PAUSE: Duration = Duration::from_millis(20);

/// Judges the server at the port of each case.
pub(super) fn judge_servers(cases: &[Case], ports: &HashMap<String, u16>) -> Vec<(String, String)> {
    cases
        .iter()
        .map(|case| (case.name.clone(), judge_server(case, ports[&case.name]).err().unwrap_or_default()))
        .collect()
}

fn judge_server(case: &Case, port: u16) -> Result<(), String> {
    let host = ServerName::try_from(case.host.clone()).map_err(|error| error.to_string())?;
    let config = ClientConfig::builder().with_root_certificates(anchors(case)?).with_no_client_auth();
    let mut connection = ClientConnection::new(Arc::new(config), host).map_err(|error| error.to_string())?;
    let mut plain = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    plain.set_read_timeout(Some(PATIENCE)).unwrap();
    Stream::new(&mut connection, &mut plain).write_all(b"x").map_err(|error| error.to_string())
}

/// Adds each anchor that can be: others are left out, as by most who read such a file.
fn anchors(case: &Case) -> Result<Arc<RootCertStore>, String> {
    let mut store = RootCertStore::empty();
    let (added, _) = store.add_parsable_certificates(case.anchors.iter().cloned().map(CertificateDer::from));
    if added == 0 { Err("no anchor can be read".to_owned()) } else { Ok(Arc::new(store)) }
}

/// A server that judges one client.
pub(super) struct Listener {
    pub(super) name: String,
    pub(super) port: u16,
    thread: JoinHandle<String>,
}

impl Listener {
    /// Waits for the client, and returns the name of the case with the verdict.
    pub(super) fn verdict(self) -> (String, String) {
        (self.name, self.thread.join().unwrap())
    }
}

/// Listens for the client of each case.
pub(super) fn listen(cases: &[Case], own: &[PathBuf; 2]) -> Vec<Listener> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(&own[0]).unwrap().map(Result::unwrap).collect();
    let key = fs::read(&own[1]).unwrap();
    let listen = |case: &Case| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (anchors, chain) = (anchors(case), chain.clone());
        let key = PrivateKeyDer::from_pem_slice(&key).unwrap();
        let thread = thread::spawn(move || {
            let verdict = anchors.and_then(|anchors| judge_client(&listener, anchors, chain, key));
            verdict.err().unwrap_or_default()
        });
        Listener { name: case.name.clone(), port, thread }
    };
    cases.iter().map(listen).collect()
}

fn judge_client(
    listener: &TcpListener,
    anchors: Arc<RootCertStore>,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<(), String> {
    let verifier = WebPkiClientVerifier::builder(anchors).build().map_err(|error| error.to_string())?;
    let config = ServerConfig::builder().with_client_cert_verifier(verifier).with_single_cert(chain, key).unwrap();
    let mut plain = accept(listener)?;
    plain.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
    Stream::new(&mut connection, &mut plain).read_exact(&mut [0]).map_err(|error| error.to_string())
}

/// Waits for a client, and not for ever.
fn accept(listener: &TcpListener) -> Result<TcpStream, String> {
    let end = Instant::now() + PATIENCE_IN_QUEUE;
    listener.set_nonblocking(true).unwrap();
    loop {
        match listener.accept() {
            Ok((plain, _)) => {
                plain.set_nonblocking(false).unwrap();
                return Ok(plain);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock && Instant::now() < end => thread::sleep(PAUSE),
            Err(error) => return Err(format!("no client has come: {error}")),
        }
    }
}
