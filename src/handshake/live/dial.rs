//! Step 1: from a name to a connection.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::{Attempt, Target};
use crate::handshake::FailedCheck;

/// How many addresses of one name are tried.
const MAX_ADDRESSES: usize = 16;

/// What came of it.
#[derive(Debug)]
pub(super) struct Dialled {
    /// The addresses that were tried.
    pub(super) attempts: Vec<Attempt>,
    /// A connection, or why there is none.
    pub(super) result: Result<TcpStream, Unreached>,
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unreached {
    pub(super) check: FailedCheck,
    pub(super) message: String,
}

/// Connects to the first address of a name that lets itself be connected to.
pub(super) fn dial(target: &Target, timeout: Duration) -> Dialled {
    let addresses = match addresses(target, timeout) {
        Ok(addresses) => addresses,
        Err(unreached) => return Dialled { attempts: Vec::new(), result: Err(unreached) },
    };
    let mut attempts = Vec::new();
    let mut checks = Vec::new();
    for address in addresses {
        match TcpStream::connect_timeout(&address, timeout.max(Duration::from_millis(1))) {
            Ok(stream) => {
                // A request is one small packet, and the answer to it is waited for.
                drop(stream.set_nodelay(true));
                attempts.push(Attempt { address, error: None });
                return Dialled { attempts, result: Ok(stream) };
            }
            Err(error) => {
                checks.push(check_of(&error));
                attempts.push(Attempt { address, error: Some(text_of(&error)) });
            }
        }
    }
    // Who refuses is there, and says more than one who is not.
    let order = [FailedCheck::ConnectionRefused, FailedCheck::TimedOut, FailedCheck::Unreachable];
    let check = order.into_iter().find(|check| checks.contains(check)).unwrap_or(FailedCheck::Unreachable);
    let tried =
        attempts.iter().map(|Attempt { address, error }| format!("{address}: {}", error.as_deref().unwrap_or("")));
    let message = tried.collect::<Vec<_>>().join("; ");
    Dialled { attempts, result: Err(Unreached { check, message }) }
}

/// Returns the addresses of a name. Nobody can call back who asks for them: a thread that waits too long is left alone.
fn addresses(target: &Target, timeout: Duration) -> Result<Vec<SocketAddr>, Unreached> {
    if let Ok(address) = target.host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, target.port)]);
    }
    let unresolved = |message: String| Unreached { check: FailedCheck::HostUnresolved, message };
    let (sender, receiver) = mpsc::channel();
    let (host, port) = (target.host.clone(), target.port);
    let resolve = move || {
        let found = (host.as_str(), port).to_socket_addrs().map(|found| found.take(MAX_ADDRESSES).collect::<Vec<_>>());
        // Nobody may wait for it any longer.
        drop(sender.send(found));
    };
    thread::Builder::new().spawn(resolve).map_err(|error| unresolved(text_of(&error)))?;
    match receiver.recv_timeout(timeout) {
        Ok(Ok(found)) if found.is_empty() => Err(unresolved("the name has no address".to_owned())),
        Ok(Ok(found)) => Ok(found),
        Ok(Err(error)) => Err(unresolved(text_of(&error))),
        Err(RecvTimeoutError::Timeout) => Err(unresolved(format!("no answer in {} ms", timeout.as_millis()))),
        Err(RecvTimeoutError::Disconnected) => Err(unresolved("the name cannot be looked up".to_owned())),
    }
}

fn check_of(error: &io::Error) -> FailedCheck {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => FailedCheck::ConnectionRefused,
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => FailedCheck::TimedOut,
        _ => FailedCheck::Unreachable,
    }
}

/// Returns what the system says, without its number.
pub(super) fn text_of(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    text.strip_prefix("failed to lookup address information: ").unwrap_or(text).to_owned()
}
