//! TLS over a socket, as a client. Every wait has an end, and so has what is read.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rustls::server::Acceptor;
use rustls::{AlertDescription, ClientConnection, Error};

use super::dial::text_of;
use crate::handshake::record::Offer;
use crate::handshake::wire::{Flow, Tap, Wire};
use crate::handshake::witness;
use crate::kafka::wire::{MessageError, message_length};

/// The most bytes that a broker may send in one connection: a chain of 64 KiB, and a list of ten thousand brokers.
const MOST: usize = 4 << 20;

/// How much of what came is kept to say what it is: a whole record, of 16 KiB and a header.
const KEPT: usize = 20 << 10;

/// A connection to a broker.
#[derive(Debug)]
pub(super) struct Line {
    stream: TcpStream,
    pub(super) connection: ClientConnection,
    pub(super) to_broker: Tap,
    pub(super) to_client: Tap,
    /// The first bytes that came, and when.
    pub(super) heard: Vec<u8>,
    pub(super) first_heard: Option<Duration>,
    /// What the broker has sent in the channel and nobody has read yet.
    plaintext: Vec<u8>,
    /// Whether the broker has said that nothing follows.
    pub(super) is_closed: bool,
    clock: fn() -> Duration,
    timeout: Duration,
}

/// Why a connection does not go on.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Break {
    /// The broker has sent an alert.
    Alert(AlertDescription),
    /// The broker has closed.
    Closed,
    /// The connection was reset.
    Reset,
    /// Nothing came in time.
    TimedOut,
    /// More came than is read.
    TooMuch,
    /// What came is none of TLS, or none that fits.
    Tls(Error),
    /// What came in the channel is no message of Kafka's.
    Message(MessageError),
    /// The system says this.
    Io(String),
}

impl Line {
    pub(super) fn new(
        stream: TcpStream,
        connection: ClientConnection,
        clock: fn() -> Duration,
        timeout: Duration,
    ) -> Self {
        Self {
            stream,
            connection,
            to_broker: Tap::default(),
            to_client: Tap::default(),
            heard: Vec::new(),
            first_heard: None,
            plaintext: Vec::new(),
            is_closed: false,
            clock,
            timeout,
        }
    }

    /// Returns what has passed.
    pub(super) fn wire(&self) -> Wire {
        Wire { client: self.to_broker.flow(), broker: self.to_client.flow() }
    }

    /// Says whether the client is done with the handshake.
    pub(super) fn is_shaken(&self) -> bool {
        !self.connection.is_handshaking()
    }

    /// Sends the hello; returns what it asks for.
    pub(super) fn greet(&mut self) -> Result<Offer, Break> {
        let mut hello = Vec::new();
        self.take_records(&mut hello)?;
        let offer = offer_in(&hello);
        self.send_bytes(&hello, self.deadline(self.timeout))?;
        Ok(offer)
    }

    /// Goes through the handshake until the client is done.
    pub(super) fn shake_hands(&mut self) -> Result<(), Break> {
        let deadline = self.deadline(self.timeout);
        while self.connection.is_handshaking() {
            self.receive(deadline)?;
            self.flush(deadline)?;
        }
        Ok(())
    }

    /// Waits for the broker's first bytes after the handshake; says whether any came.
    pub(super) fn await_word(&mut self, at_most: Duration) -> Result<bool, Break> {
        let deadline = self.deadline(at_most.min(self.timeout));
        match self.receive(deadline) {
            Ok(()) if self.is_closed => Err(Break::Closed),
            Ok(()) => Ok(true),
            Err(Break::TimedOut) => Ok(false),
            Err(end) => Err(end),
        }
    }

    /// Sends a request of Kafka's; returns the answer, and what both took on the line.
    pub(super) fn ask(&mut self, request: &[u8]) -> Result<(Vec<u8>, Flow, Flow), Break> {
        let deadline = self.deadline(self.timeout);
        let before = self.wire();
        self.connection.writer().write_all(request).map_err(|error| Break::Io(text_of(&error)))?;
        self.flush(deadline)?;
        let sent = self.to_broker.flow().since(before.client);
        loop {
            match message_length(&self.plaintext).map_err(Break::Message)? {
                Some(length) if self.plaintext.len() >= length => {
                    let rest = self.plaintext.split_off(length);
                    let answer = std::mem::replace(&mut self.plaintext, rest);
                    return Ok((answer, sent, self.to_client.flow().since(before.broker)));
                }
                _ if self.is_closed => return Err(Break::Closed),
                _ => self.receive(deadline)?,
            }
        }
    }

    /// Closes, and waits until the broker has done so too; says whether each has said it.
    pub(super) fn close(&mut self, at_most: Duration) -> (bool, bool) {
        let deadline = self.deadline(at_most.min(self.timeout));
        self.connection.send_close_notify();
        let has_said = self.flush(deadline).is_ok();
        while !self.is_closed {
            self.plaintext.clear();
            if self.receive(deadline).is_err() {
                break;
            }
        }
        (has_said, self.is_closed)
    }

    fn deadline(&self, wait: Duration) -> Duration {
        (self.clock)().saturating_add(wait)
    }

    fn left(&self, deadline: Duration) -> Result<Duration, Break> {
        let left = deadline.saturating_sub((self.clock)());
        if left.is_zero() { Err(Break::TimedOut) } else { Ok(left.max(Duration::from_millis(1))) }
    }

    /// Reads what is there, or waits for it.
    fn receive(&mut self, deadline: Duration) -> Result<(), Break> {
        let left = self.left(deadline)?;
        self.stream.set_read_timeout(Some(left)).map_err(|error| break_of(&error))?;
        let mut buffer = [0; 16 << 10];
        let count = match self.stream.read(&mut buffer) {
            Ok(0) => return Err(Break::Closed),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            Err(error) => return Err(break_of(&error)),
        };
        self.first_heard.get_or_insert_with(self.clock);
        let taken = self.take_in(buffer.get(..count).unwrap_or_default());
        if taken.is_err() {
            // The broker is told, as far as it listens.
            let mut alert = Vec::new();
            drop(self.take_records(&mut alert).and_then(|()| self.send_bytes(&alert, deadline)));
        }
        taken
    }

    fn take_in(&mut self, bytes: &[u8]) -> Result<(), Break> {
        self.to_client.pass(bytes);
        let room = KEPT.saturating_sub(self.heard.len());
        self.heard.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        if self.to_client.flow().bytes > MOST {
            return Err(Break::TooMuch);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            // A broker that goes on after its `close_notify` is not listened to.
            if self.connection.read_tls(&mut rest).map_err(|_| Break::TooMuch)? == 0 {
                break;
            }
            self.connection.process_new_packets().map_err(|error| match error {
                Error::AlertReceived(alert) => Break::Alert(alert),
                error => Break::Tls(error),
            })?;
            self.take_plaintext()?;
        }
        Ok(())
    }

    fn take_plaintext(&mut self) -> Result<(), Break> {
        let mut buffer = [0; 4096];
        loop {
            match self.connection.reader().read(&mut buffer) {
                Ok(0) => {
                    self.is_closed = true;
                    return Ok(());
                }
                Ok(count) => self.plaintext.extend_from_slice(buffer.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(Break::Io(text_of(&error))),
            }
        }
    }

    /// Sends what rustls has to say. Where the broker listens no longer, what it has said before is read first: it may be an alert.
    fn flush(&mut self, deadline: Duration) -> Result<(), Break> {
        let mut bytes = Vec::new();
        self.take_records(&mut bytes)?;
        if bytes.is_empty() {
            return Ok(());
        }
        match self.send_bytes(&bytes, deadline) {
            Err(Break::Reset) => loop {
                self.receive(deadline)?;
            },
            sent => sent,
        }
    }

    fn take_records(&mut self, bytes: &mut Vec<u8>) -> Result<(), Break> {
        while self.connection.wants_write() {
            self.connection.write_tls(bytes).map_err(|error| Break::Io(text_of(&error)))?;
        }
        Ok(())
    }

    fn send_bytes(&mut self, bytes: &[u8], deadline: Duration) -> Result<(), Break> {
        let left = self.left(deadline)?;
        self.stream.set_write_timeout(Some(left)).map_err(|error| break_of(&error))?;
        self.stream.write_all(bytes).map_err(|error| break_of(&error))?;
        self.to_broker.pass(bytes);
        Ok(())
    }
}

fn break_of(error: &io::Error) -> Break {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Break::TimedOut,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => Break::Reset,
        io::ErrorKind::UnexpectedEof => Break::Closed,
        _ => Break::Io(text_of(error)),
    }
}

/// Reads a hello as a broker does.
fn offer_in(mut hello: &[u8]) -> Offer {
    let mut acceptor = Acceptor::default();
    let is_read = acceptor.read_tls(&mut hello).is_ok();
    match acceptor.accept() {
        Ok(Some(accepted)) if is_read => witness::offer(&accepted.client_hello()),
        _ => Offer::default(),
    }
}
