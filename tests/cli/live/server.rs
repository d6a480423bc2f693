//! What listens in the tests: a broker that speaks TLS and the little of Kafka's protocol that is asked for, and what is none.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use kafka_certgen::kafka::api_versions::{self, ApiVersion, Response};
use kafka_certgen::kafka::{metadata, sasl_handshake};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// Something that listens on a port of its own, until it is dropped.
pub(super) struct Server {
    port: u16,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Lets every connection be served, each by a thread of its own.
    pub(super) fn new(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_over = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&is_over);
        let thread = thread::spawn(move || {
            thread::scope(|scope| {
                for stream in listener.incoming() {
                    if flag.load(Ordering::SeqCst) {
                        break;
                    }
                    let stream = stream.unwrap();
                    // Whatever a test does wrong, nobody waits for ever.
                    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                    stream.set_write_timeout(Some(Duration::from_secs(30))).unwrap();
                    let serve = &serve;
                    scope.spawn(move || serve(stream));
                }
            });
        });
        Self { port, is_over, thread: Some(thread) }
    }

    /// What answers every connection with the same bytes.
    pub(super) fn saying(answer: &'static [u8]) -> Self {
        Self::new(move |mut stream| {
            let mut heard = [0; 1024];
            if stream.read(&mut heard).is_ok() {
                drop(stream.write_all(answer));
            }
        })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn at(&self, host: &str) -> String {
        format!("{host}:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
        drop(self.thread.take().unwrap().join());
    }
}

/// A broker with the PEM files of an identity of a bundle.
pub(super) struct Broker {
    config: Arc<ServerConfig>,
    /// Where the brokers are, by their numbers; port 0 is its own.
    pub(super) advertised: Vec<(i32, &'static str, i32)>,
    /// The mechanisms of SASL, if it wants SASL.
    pub(super) mechanisms: Option<Vec<&'static str>>,
}

impl Broker {
    /// A broker of a bundle, which asks for a certificate of the same bundle if it `asks`.
    pub(super) fn of(bundle: &Path, asks: bool) -> Self {
        let keystore = bundle.join("broker1/kafka.server.keystore.pem");
        let ca = CertificateDer::from_pem_file(bundle.join("ca/ca-cert")).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
        let builder = if asks {
            let mut roots = RootCertStore::empty();
            roots.add(ca).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let chain = CertificateDer::pem_file_iter(&keystore).unwrap().map(Result::unwrap).collect();
        let key = PrivateKeyDer::from_pem_file(&keystore).unwrap();
        let config = Arc::new(builder.with_single_cert(chain, key).unwrap());
        Self { config, advertised: vec![(1, "localhost", 0)], mechanisms: None }
    }

    pub(super) fn start(self) -> Server {
        Server::new(move |stream| self.serve(stream))
    }

    /// Serves until the client closes, or anything goes wrong.
    fn serve(&self, stream: TcpStream) {
        let port = i32::from(stream.local_addr().unwrap().port());
        let connection = ServerConnection::new(Arc::clone(&self.config)).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        while let Ok(request) = read_message(&mut stream) {
            let number = i32::from_be_bytes(request[4..8].try_into().unwrap());
            let Some(answer) = self.answer(i16::from_be_bytes([request[0], request[1]]), number, port) else { break };
            if stream.write_all(&answer).and_then(|()| stream.flush()).is_err() {
                break;
            }
        }
    }

    fn answer(&self, api_key: i16, number: i32, own_port: i32) -> Option<Vec<u8>> {
        match api_key {
            api_versions::API_KEY => {
                let apis = [(metadata::API_KEY, 13), (sasl_handshake::API_KEY, 1), (api_versions::API_KEY, 4)];
                let api = |(api_key, max_version)| ApiVersion { api_key, min_version: 0, max_version };
                let apis = apis.into_iter().map(api).collect();
                Some(Response { correlation_id: number, error_code: 0, apis }.to_bytes())
            }
            sasl_handshake::API_KEY => {
                let mechanisms = self.mechanisms.clone().unwrap_or_default();
                let code = match self.mechanisms {
                    Some(_) => sasl_handshake::UNSUPPORTED_MECHANISM,
                    None => sasl_handshake::ILLEGAL_STATE,
                };
                let count = i32::try_from(mechanisms.len()).unwrap();
                let mut body = [number.to_be_bytes().as_slice(), &code.to_be_bytes(), &count.to_be_bytes()].concat();
                body.extend(mechanisms.iter().flat_map(|mechanism| string(mechanism)));
                Some(framed(&body))
            }
            metadata::API_KEY if self.mechanisms.is_none() => {
                let count = i32::try_from(self.advertised.len()).unwrap();
                let mut body = [number.to_be_bytes(), count.to_be_bytes()].concat();
                for (node_id, host, port) in &self.advertised {
                    body.extend(node_id.to_be_bytes());
                    body.extend(string(host));
                    body.extend(if *port == 0 { own_port } else { *port }.to_be_bytes());
                    body.extend((-1_i16).to_be_bytes());
                }
                body.extend([1_i32.to_be_bytes(), 0_i32.to_be_bytes()].concat());
                Some(framed(&body))
            }
            _ => None,
        }
    }
}

/// Reads a message without its length.
fn read_message(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap();
    if !(10..1 << 16).contains(&length) {
        return Err(io::Error::other("no request"));
    }
    let mut message = vec![0; length];
    from.read_exact(&mut message)?;
    Ok(message)
}

fn string(text: &str) -> Vec<u8> {
    [&i16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat()
}

fn framed(body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len()).unwrap().to_be_bytes(), body].concat()
}
