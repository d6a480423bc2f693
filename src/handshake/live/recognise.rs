//! What listens where TLS was not answered with TLS.
//!
//! Kafka without TLS takes a hello for the length of a message, finds that too large, and closes the connection without a word (Kafka:
//! `NetworkReceive.readFrom`, `InvalidReceiveException`); so `ApiVersions` is sent in clear over a new one. There is no secret in what is
//! sent.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::fmt;
use std::io;

use super::hello::{Answer, Dial, Stream};
use super::{Listener, ListenerKind};
use crate::diagnosis::cause::{self, Cause};
use crate::kafka::{api_versions, sasl_handshake, wire};
use crate::name::printable;

/// The most bytes of an answer that are shown.
const SHOWN: usize = 60;

/// The most bytes of an answer that are read.
const MAX_ANSWER: usize = 64 << 10;

const CORRELATION_ID: i32 = 7;

/// A mechanism that most brokers with SASL have: one that they lack they log as a failure.
const MECHANISM: &str = "PLAIN";

/// What was found out about a listener without TLS.
///
/// It is shown as a sentence without its full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// What it is, if it has said anything.
    pub listener: Option<Listener>,
    /// What it speaks, if that is known, such as `HTTP` or `Kafka`.
    pub protocol: Option<&'static str>,
    /// The start of the first line that came back, escaped: nothing that a terminal obeys.
    pub seen: String,
}

impl fmt::Display for Recognised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listener, protocol, seen } = self;
        match (listener.as_ref().map(|listener| listener.kind), protocol) {
            (Some(ListenerKind::SaslPlaintext), _) => write!(f, "it speaks Kafka with SASL and without TLS"),
            (Some(ListenerKind::Plaintext), _) => write!(f, "it speaks Kafka without TLS"),
            (Some(ListenerKind::OtherTls), _) => write!(f, "it speaks TLS"),
            (Some(_), Some(protocol)) => write!(f, "it speaks {protocol}: `{seen}`"),
            (Some(_), None) => write!(f, "it answers with something that is not TLS: `{seen}`"),
            (None, _) => write!(f, "it answers neither TLS nor Kafka nor HTTP"),
        }
    }
}

/// Finds out what has given an answer to a hello that is not TLS, or none.
///
/// This makes up to 2 connections. An error is that of a connection which could not be made.
pub fn recognise(answer: &Answer, dial: &mut Dial<'_>) -> io::Result<Recognised> {
    if let Some(recognised) = Recognised::by(answer) {
        return Ok(recognised);
    }
    if let Some(recognised) = by_kafka(&mut *dial()?) {
        return Ok(recognised);
    }
    // Some servers of HTTP answer nothing but a request that they can read.
    let answer = say(&mut *dial()?, b"GET / HTTP/1.0\r\n\r\n", |bytes| bytes.len() >= 8);
    Ok(Recognised::by(&answer).unwrap_or_else(|| Recognised { listener: None, protocol: None, seen: String::new() }))
}

impl Recognised {
    /// Returns what is behind it that a client with TLS got no further, if that is known.
    pub fn cause(&self) -> Option<&'static Cause> {
        match self.listener.as_ref().map(|listener| listener.kind) {
            Some(ListenerKind::Plaintext | ListenerKind::SaslPlaintext) => Some(&cause::LISTENER_WITHOUT_TLS),
            Some(ListenerKind::Http | ListenerKind::Other) => Some(&cause::LISTENER_NOT_KAFKA),
            None => Some(&cause::CONNECTION_CUT),
            Some(_) => None,
        }
    }

    fn of(kind: ListenerKind, protocol: Option<&'static str>, bytes: &[u8]) -> Self {
        let listener = Some(Listener { kind, sasl_mechanisms: Vec::new() });
        Self { listener, protocol, seen: shown(bytes) }
    }

    /// Tells by what came back, if anything has.
    fn by(answer: &Answer) -> Option<Self> {
        match answer {
            Answer::NotTls(bytes) => Some(Self::by_bytes(bytes)),
            Answer::Chosen(_) | Answer::Alert(_) => Some(Self::of(ListenerKind::OtherTls, Some("TLS"), &[])),
            Answer::Closed | Answer::Reset | Answer::Silent => None,
        }
    }

    /// Tells by the first bytes that came.
    pub fn by_bytes(bytes: &[u8]) -> Self {
        match protocol(bytes) {
            Some(HTTP) => Self::of(ListenerKind::Http, Some(HTTP), bytes),
            protocol => Self::of(ListenerKind::Other, protocol, bytes),
        }
    }
}

/// Asks as a client of Kafka without TLS does; nothing if nothing comes back.
fn by_kafka(stream: &mut dyn Stream) -> Option<Recognised> {
    let answer = say(stream, &api_versions::request(CORRELATION_ID), is_whole);
    let Answer::NotTls(bytes) = &answer else { return Recognised::by(&answer) };
    if !api_versions::Response::read(bytes).is_ok_and(|response| response.correlation_id == CORRELATION_ID) {
        return Recognised::by(&answer);
    }
    let mut recognised = Recognised::of(ListenerKind::Plaintext, Some("Kafka"), bytes);
    let answer = say(stream, &sasl_handshake::request(CORRELATION_ID, MECHANISM), is_whole);
    if let Answer::NotTls(bytes) = answer
        && let Ok(response) = sasl_handshake::Response::read(&bytes)
        && response.wants_sasl() == Some(true)
    {
        let sasl_mechanisms = response.mechanisms;
        recognised.listener = Some(Listener { kind: ListenerKind::SaslPlaintext, sasl_mechanisms });
    }
    Some(recognised)
}

/// Says whether a message of Kafka is all there, or what is there is none.
fn is_whole(bytes: &[u8]) -> bool {
    wire::message_length(bytes).map_or(true, |length| length.is_some_and(|length| bytes.len() >= length))
}

/// Says something and returns what comes back, until that is enough.
fn say(stream: &mut dyn Stream, words: &[u8], is_enough: fn(&[u8]) -> bool) -> Answer {
    // Whoever has closed already may have said why before.
    drop(stream.write_all(words).and_then(|()| stream.flush()));
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    while bytes.len() < MAX_ANSWER {
        let ended = match stream.read(&mut part) {
            Ok(0) => Answer::Closed,
            Ok(count) => {
                bytes.extend_from_slice(part.get(..count).unwrap_or_default());
                match Answer::of(&bytes) {
                    Some(answer @ (Answer::Alert(_) | Answer::Chosen(_))) => return answer,
                    _ if is_enough(&bytes) => break,
                    _ => continue,
                }
            }
            Err(error) => match error.kind() {
                io::ErrorKind::Interrupted => continue,
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Answer::Silent,
                _ => Answer::Reset,
            },
        };
        if bytes.is_empty() {
            return ended;
        }
        break;
    }
    Answer::NotTls(bytes)
}

const HTTP: &str = "HTTP";

/// Returns what is spoken by whoever begins so.
fn protocol(bytes: &[u8]) -> Option<&'static str> {
    const BEGINNINGS: [(&[u8], &str); 12] = [
        (b"HTTP/", HTTP),
        // HTTP/0.9 has no status line, and Python's server takes a hello for a request of that version.
        (b"<!DOCTYPE HTML", HTTP),
        (b"<html", HTTP),
        (b"SSH-", "SSH"),
        (b"220 ", "SMTP or FTP"),
        (b"220-", "SMTP or FTP"),
        (b"+OK", "POP3"),
        (b"* OK", "IMAP"),
        (b"-ERR", "Redis"),
        (b"-DENIED", "Redis"),
        (b"AMQP", "AMQP"),
        (b"INFO {", "NATS"),
    ];
    // Less than a whole beginning may have come so far.
    let begins = |beginning: &[u8]| {
        let length = beginning.len().min(8);
        bytes.get(..length).is_some_and(|start| beginning.get(..length).is_some_and(|b| start.eq_ignore_ascii_case(b)))
    };
    if let Some((_, name)) = BEGINNINGS.iter().find(|(beginning, _)| begins(beginning)) {
        return Some(name);
    }
    match bytes {
        // A message of type E, its length, and the field S of an error.
        [b'E', 0, 0, _, _, b'S', ..] => Some("PostgreSQL"),
        // The length of the packet, its number, the version of the protocol, and that of the server.
        [_, 0, 0, 0, 10, b'0'..=b'9', ..] => Some("MySQL"),
        _ => None,
    }
}

/// The first line of what came, escaped.
fn shown(bytes: &[u8]) -> String {
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).find(|line| !line.is_empty()).unwrap_or_default();
    let start = line.get(..SHOWN).unwrap_or(line);
    // Text is escaped as it is everywhere, and what is none byte by byte.
    std::str::from_utf8(start).map_or_else(|_| start.escape_ascii().to_string(), printable)
}

#[cfg(test)]
mod tests;
