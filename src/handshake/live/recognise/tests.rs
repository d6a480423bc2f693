use std::collections::VecDeque;
use std::io::{Read, Write};

use super::*;

/// What Kafka 4.3.1 sent to `SaslHandshake`, with and without SASL.
const WITH_SASL: &[u8] = b"\0\0\0\x20\0\0\0\x07\0\x21\0\0\0\x02\0\x05PLAIN\0\x0dSCRAM-SHA-256";
const WITHOUT_SASL: &[u8] = b"\0\0\0\x0a\0\0\0\x07\0\x22\0\0\0\0";

fn api_versions() -> Vec<u8> {
    let api = api_versions::ApiVersion { api_key: api_versions::API_KEY, min_version: 0, max_version: 4 };
    api_versions::Response { correlation_id: CORRELATION_ID, error_code: 0, apis: vec![api] }.to_bytes()
}

/// A connection on which each request has its answer; after the last it is closed, or the time is over.
struct Line {
    answers: VecDeque<Vec<u8>>,
    now: VecDeque<u8>,
    is_silent: bool,
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let is_over = self.now.is_empty() && self.is_silent;
        if is_over { Err(io::ErrorKind::WouldBlock.into()) } else { self.now.read(buffer) }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.now.extend(self.answers.pop_front().unwrap_or_default());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Recognises what gives these answers, one list a connection, and must be asked for all of them.
fn recognised(answer: &Answer, connections: &[&[&[u8]]], is_silent: bool) -> Recognised {
    let mut left: VecDeque<_> = connections.iter().collect();
    let mut dial = || -> io::Result<Box<dyn Stream>> {
        let answers = left.pop_front().expect("one connection more than expected");
        let answers = answers.iter().map(|answer| answer.to_vec()).collect();
        Ok(Box::new(Line { answers, now: VecDeque::new(), is_silent }))
    };
    let recognised = recognise(answer, &mut dial).unwrap();
    assert_eq!(left.len(), 0, "{recognised:?}");
    recognised
}

fn kind(recognised: &Recognised) -> Option<ListenerKind> {
    recognised.listener.as_ref().map(|listener| listener.kind)
}

#[test]
fn kafka_without_tls_is_recognised_and_its_sasl() {
    for is_silent in [false, true] {
        let plain = recognised(&Answer::Closed, &[&[&api_versions(), WITHOUT_SASL]], is_silent);
        assert_eq!(kind(&plain), Some(ListenerKind::Plaintext));
        assert_eq!(plain.cause().unwrap().code, "listener-without-tls");
        let sasl = recognised(&Answer::Reset, &[&[&api_versions(), WITH_SASL]], is_silent);
        let listener = sasl.listener.unwrap();
        assert_eq!(listener.kind, ListenerKind::SaslPlaintext);
        assert_eq!(listener.sasl_mechanisms, ["PLAIN", "SCRAM-SHA-256"]);
        // One that is older than SaslHandshake.
        let old = recognised(&Answer::Closed, &[&[&api_versions()]], is_silent);
        assert_eq!(kind(&old), Some(ListenerKind::Plaintext));
    }
}

#[test]
fn others_are_known_by_their_first_words() {
    let of = |bytes: &[u8]| recognised(&Answer::NotTls(bytes.to_vec()), &[], false);
    for (bytes, name) in [
        (b"HTTP/1.1 400 Bad Request\r\n".as_slice(), "HTTP"),
        (b"<!DOCTYPE HTML>\n<html>", "HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
        (b"220 mail.example.com ESMTP\r\n", "SMTP or FTP"),
        (b"-ERR unknown command\r\n", "Redis"),
        (b"J\0\0\0\x0a8.0.36\0", "MySQL"),
        (b"E\0\0\0\x8aSFATAL\0", "PostgreSQL"),
    ] {
        let recognised = of(bytes);
        assert_eq!(recognised.protocol, Some(name));
        let is_http = kind(&recognised) == Some(ListenerKind::Http);
        assert_eq!(is_http, name == "HTTP", "{name}");
        assert_eq!(recognised.cause().unwrap().code, "listener-not-kafka");
    }
    assert_eq!(of(b"HTTP/1.1 400 Bad Request\r\nServer: x").to_string(), "it speaks HTTP: `HTTP/1.1 400 Bad Request`");
}

#[test]
fn foreign_bytes_are_shown_escaped_and_cut() {
    let bytes = [b"\r\n\x1b[31m\xff".as_slice(), &[b'x'; 5000]].concat();
    let recognised = recognised(&Answer::NotTls(bytes), &[], false);
    assert_eq!((kind(&recognised), recognised.protocol), (Some(ListenerKind::Other), None));
    assert!(recognised.seen.starts_with("\\x1b[31m\\xffxxx"), "{recognised}");
    assert!(recognised.seen.len() <= 4 * SHOWN && recognised.seen.is_ascii());
    let text = Recognised::by_bytes("\u{1b}[31m\u{202e}\u{fc}".as_bytes());
    assert_eq!(text.seen, "\\u{1b}[31m\\u{202e}\u{fc}");
}

#[test]
fn what_answers_in_clear_alone_is_recognised_by_that() {
    let postgresql = recognised(&Answer::Closed, &[&[b"E\0\0\0\x8aSFATAL\0"]], false);
    assert_eq!(postgresql.protocol, Some("PostgreSQL"));
    let http = recognised(&Answer::Silent, &[&[b""], &[b"HTTP/1.0 200 OK\r\n\r\n"]], true);
    assert_eq!(kind(&http), Some(ListenerKind::Http));
    let tls = recognised(&Answer::Closed, &[&[&[21, 3, 3, 0, 2, 2, 10]]], false);
    assert_eq!((kind(&tls), tls.cause()), (Some(ListenerKind::OtherTls), None));
    // The answer to another request than ours.
    let mut other = api_versions();
    other[7] = 8;
    assert_eq!(kind(&recognised(&Answer::Closed, &[&[&other]], false)), Some(ListenerKind::Other));
}

#[test]
fn what_says_nothing_is_not_recognised() {
    let nothing = recognised(&Answer::Closed, &[&[], &[]], false);
    assert_eq!((kind(&nothing), nothing.protocol), (None, None));
    assert_eq!(nothing.cause().unwrap().code, "connection-cut");
}
