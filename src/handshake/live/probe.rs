//! More connections, where the first one has not come to a handshake: what listens there, and what it wants.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::hello::{self, Answer, Reason, Stream};
use super::recognise::{Recognised, recognise};
use super::{ListenerKind, Settings};
use crate::handshake::ends;
use crate::handshake::transcript::{FailedCheck, Failure};

/// How long one of these connections may last, if the client would wait longer.
const LONGEST: Duration = Duration::from_secs(3);

/// What more connections have shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Probed {
    /// What it is, without TLS.
    NotTls(Recognised),
    /// Why there is no handshake with it.
    Tls(Reason),
}

/// Asks why a hello was not answered with another one. Nothing comes of it where the other end does not let itself be connected to again.
pub(super) fn probe(
    host: &str,
    peer: SocketAddr,
    failure: &Failure,
    heard: &[u8],
    settings: &Settings<'_>,
) -> Option<Probed> {
    let timeout = settings.timeout.min(LONGEST);
    let mut dial = || -> io::Result<Box<dyn Stream>> {
        let stream = TcpStream::connect_timeout(&peer, timeout)?;
        let deadline = (settings.clock)().saturating_add(timeout);
        Ok(Box::new(Bounded { stream, deadline, clock: settings.clock }))
    };
    let answer = match failure.check {
        FailedCheck::NotTls => Answer::NotTls(heard.to_vec()),
        FailedCheck::HungUp if heard.is_empty() => Answer::Closed,
        FailedCheck::ConnectionReset if heard.is_empty() => Answer::Reset,
        FailedCheck::TimedOut if heard.is_empty() => Answer::Silent,
        FailedCheck::NoCommonProtocol | FailedCheck::NoCommonCipherSuite | FailedCheck::Alert => {
            return hello::why(host, settings.versions, &ends::provider(), &mut dial).ok().map(Probed::Tls);
        }
        _ => return None,
    };
    let recognised = recognise(&answer, &mut dial).ok()?;
    if recognised.listener.as_ref().is_some_and(|listener| listener.kind == ListenerKind::OtherTls) {
        return hello::why(host, settings.versions, &ends::provider(), &mut dial).ok().map(Probed::Tls);
    }
    Some(Probed::NotTls(recognised))
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
