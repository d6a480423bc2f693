//! More connections, where the first one has not come to a handshake: what listens there, and what it wants.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use rustls::{CipherSuite, NamedGroup};

use super::hello::{self, Answer, Dial, Reason, Stream};
use super::recognise::{Recognised, recognise};
use super::{ListenerKind, Settings};
use crate::handshake::transcript::{FailedCheck, Failure};
use crate::handshake::{Offers, ends};

/// How long one of these connections may last, if the client would wait longer.
const LONGEST: Duration = Duration::from_secs(3);

/// What more connections have shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Probed {
    /// What it is, without TLS.
    NotTls(Recognised),
    /// Why there is no handshake with it.
    Tls(Reason),
    /// Why this program has no handshake with it, where the client would have one.
    NotSpoken(Reason),
}

/// Asks why a hello was not answered with another one. Nothing comes of it where the other end does not let itself be connected to again.
pub(super) fn probe(
    host: &str,
    peer: SocketAddr,
    failure: &Failure,
    heard: &[u8],
    settings: &Settings<'_>,
) -> Option<Probed> {
    let mut dial = dialler(peer, settings);
    let answer = match failure.check {
        FailedCheck::NotTls => Answer::NotTls(heard.to_vec()),
        FailedCheck::HungUp if heard.is_empty() => Answer::Closed,
        FailedCheck::ConnectionReset if heard.is_empty() => Answer::Reset,
        FailedCheck::TimedOut if heard.is_empty() => Answer::Silent,
        FailedCheck::NoCommonProtocol | FailedCheck::NoCommonCipherSuite | FailedCheck::Alert => {
            return why(host, settings, &mut dial);
        }
        _ => return None,
    };
    let recognised = recognise(&answer, &mut dial).ok()?;
    if recognised.listener.as_ref().is_some_and(|listener| listener.kind == ListenerKind::OtherTls) {
        return why(host, settings, &mut dial);
    }
    Some(Probed::NotTls(recognised))
}

/// Finds out why this program's hello is refused, and whether the client's would be.
fn why(host: &str, settings: &Settings<'_>, dial: &mut Dial<'_>) -> Option<Probed> {
    let reason = hello::why(host, settings.versions, &ends::provider(), dial).ok()?;
    let is_of_offer = matches!(reason, Reason::CipherSuites(..) | Reason::Groups(..));
    match is_of_offer && takes(host, settings, dial) == Some(true) {
        true => Some(Probed::NotSpoken(reason)),
        false => Some(Probed::Tls(reason)),
    }
}

/// Says whether the broker answers the hello of the client, as its stack sends it and as it is configured, with its own.
fn takes(host: &str, settings: &Settings<'_>, dial: &mut Dial<'_>) -> Option<bool> {
    let Offers { cipher_suites, groups } = settings.judge.offers();
    let suites = match settings.cipher_suites {
        [] => cipher_suites.iter().copied().map(CipherSuite::from).collect(),
        configured => configured.to_vec(),
    };
    let groups: Vec<NamedGroup> = groups.iter().copied().map(NamedGroup::from).collect();
    hello::takes(host, settings.versions, &suites, &groups, dial).ok().flatten()
}

/// Says whether a broker that was connected to takes a cipher suite of those that the client is configured with.
pub(super) fn takes_configured(host: &str, peer: SocketAddr, settings: &Settings<'_>) -> Option<bool> {
    takes(host, settings, &mut dialler(peer, settings))
}

/// Returns what makes connections to an address.
fn dialler<'a>(peer: SocketAddr, settings: &'a Settings<'_>) -> impl FnMut() -> io::Result<Box<dyn Stream>> + 'a {
    let timeout = settings.timeout.min(LONGEST);
    move || {
        let stream = TcpStream::connect_timeout(&peer, timeout)?;
        let deadline = (settings.clock)().saturating_add(timeout);
        Ok(Box::new(Bounded { stream, deadline, clock: settings.clock }))
    }
}

/// A connection with an end.
struct Bounded {
    stream: TcpStream,
    deadline: Duration,
    clock: fn() -> Duration,
}

impl Bounded {
    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.deadline.saturating_sub((self.clock)());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left.max(Duration::from_millis(1)))) }
    }
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        self.stream.read(buffer)
    }
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
