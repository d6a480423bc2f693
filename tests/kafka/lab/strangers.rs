//! What answers where a broker should, and is none.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A server that says the same to everybody and hangs up, as long as its handle lives.
pub(super) struct Stranger {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
}

impl Stranger {
    /// Returns a server that answers in HTTP, whatever it is asked.
    pub(super) fn http() -> Self {
        Self::saying(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }

    /// Returns a server that hangs up without a word, as proxies do that have nobody to pass it on to.
    pub(super) fn silent() -> Self {
        Self::saying(b"")
    }

    fn saying(words: &'static [u8]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("no port is free");
        let address = listener.local_addr().expect("a bound port has an address");
        let is_over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&is_over);
        let server = thread::spawn(move || {
            for caller in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // Who has hung up has not waited for an answer.
                drop(caller.and_then(|caller| answer(caller, words)));
            }
        });
        Self { address, is_over, server: Some(server) }
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }
}

fn answer(mut caller: TcpStream, words: &[u8]) -> std::io::Result<()> {
    caller.set_read_timeout(Some(Duration::from_secs(10)))?;
    // What stays unread makes the end of the connection a reset.
    let mut asked = vec![0; 1 << 16];
    let _ = caller.read(&mut asked)?;
    caller.write_all(words)
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // This wakes it.
        drop(TcpStream::connect(self.address));
        drop(self.server.take().map(JoinHandle::join));
    }
}
