use std::collections::VecDeque;

use rustls::crypto::aws_lc_rs;
use rustls::server::Acceptor;

use super::*;

/// What Kafka 4.3.1 on Java 17 answered to a hello in TLS 1.3.
const OF_JAVA: &[u8] =
    b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03\xf4\xd5\x23\xdb\x8e\xce\xd9\x60\x3e\xd5\x8c\x8d\xf9\x43\x81\x3e\x75\
    \x20\x9b\x8e\x09\x4e\x63\x21\x17\xf3\x0b\x70\x37\xb8\x0c\xfb\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\
    \x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x13\x02\x00\x00\x2e\x00\x2b\x00\
    \x02\x03\x04\x00\x33\x00\x24\x00\x1d\x00\x20\x20\x95\xf0\xb4\xa2\x5f\x71\x0b\xb1\xde\x96\x67\x99\x24\x73\x0e\x70\
    \xa5\x78\x15\xa2\xbb\x99\x3e\x01\x6b\xea\xa6\x73\xce\x8a\x49";

const GCM: u16 = 0xc02f;
const CBC: u16 = 0xc013;
const STATIC_RSA: u16 = 0x002f;
const PROTOCOL_VERSION: &[u8] = &[21, 3, 3, 0, 2, 2, 70];
const HANDSHAKE_FAILURE: &[u8] = &[21, 3, 3, 0, 2, 2, 40];
const BOTH: &[TlsVersion] = &TlsVersion::ALL;

/// A `ServerHello` up to TLS 1.2, without extensions.
fn hello(version: u16, suite: u16) -> Vec<u8> {
    let body = [version.to_be_bytes().as_slice(), &[7; 32], &[0], &suite.to_be_bytes(), &[0]].concat();
    let message = [&[SERVER_HELLO, 0, 0, 38], body.as_slice()].concat();
    [&[HANDSHAKE, 3, 3], vector16(&message).as_slice()].concat()
}

/// A `ServerHello` or `HelloRetryRequest` of TLS 1.3 with that group.
fn hello_13(suite: u16, group: u16) -> Vec<u8> {
    let extensions = [numbers([SUPPORTED_VERSIONS, 2, 0x0304, KEY_SHARE, 2, group])].concat();
    let body = [&[3, 3], [7; 32].as_slice(), &[0], &suite.to_be_bytes(), &[0], &vector16(&extensions)].concat();
    let length = u8::try_from(body.len()).unwrap();
    let message = [&[SERVER_HELLO, 0, 0, length], body.as_slice()].concat();
    [&[HANDSHAKE, 3, 3], vector16(&message).as_slice()].concat()
}

/// A connection that gives one answer and takes everything.
struct Line(VecDeque<u8>);

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Asks a broker that gives these answers, one a connection, and must be asked for all of them.
fn reason(offered: &[TlsVersion], answers: &[&[u8]]) -> Reason {
    let mut left: VecDeque<&[u8]> = answers.iter().copied().collect();
    let mut dial = || -> io::Result<Box<dyn Stream>> {
        let answer = left.pop_front().expect("one connection more than expected");
        Ok(Box::new(Line(answer.iter().copied().collect())))
    };
    let reason = why("localhost", offered, &aws_lc_rs::default_provider(), &mut dial).unwrap();
    assert_eq!(left.len(), 0, "{reason:?}");
    reason
}

#[test]
fn our_hellos_are_read_by_rustls() {
    let ours = aws_lc_rs::default_provider();
    let mut dial = || -> io::Result<Box<dyn Stream>> { Err(io::ErrorKind::Unsupported.into()) };
    let asking = Asking { host: "localhost", ours: &ours, dial: &mut dial };
    for version in TlsVersion::ALL {
        let cipher_suites = asking.cipher_suites(version, is_certified);
        let names: Vec<&str> = cipher_suites.iter().filter_map(CipherSuite::as_str).collect();
        let java = if version == TlsVersion::Tls13 {
            ["TLS13_AES_128_GCM_SHA256", "TLS13_AES_128_CCM_8_SHA256"]
        } else {
            ["TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256"]
        };
        assert!(java.iter().all(|name| names.contains(name)), "{names:?}");
        let first = cipher_suites[0];
        assert!(asking.is_ours(first), "{first:?}");
        let hello = ClientHello { version, cipher_suites: cipher_suites.clone(), groups: all_groups() };
        for (host, name) in [("broker1.example.com.", Some("broker1.example.com")), ("127.0.0.1", None), ("::1", None)]
        {
            let mut acceptor = Acceptor::default();
            let bytes = hello.to_bytes(host);
            assert_eq!(acceptor.read_tls(&mut bytes.as_slice()).unwrap(), bytes.len());
            let accepted = acceptor.accept().map_err(|(error, _)| error).unwrap().expect("it is a whole hello");
            let read = accepted.client_hello();
            assert_eq!(read.server_name(), name);
            assert_eq!(read.cipher_suites(), cipher_suites);
            assert_eq!(read.named_groups().unwrap(), all_groups());
        }
    }
}

#[test]
fn the_hello_of_java_is_read_however_it_is_cut_and_no_part_of_it_is_one() {
    let expected = Answer::Chosen(Chosen {
        version: ProtocolVersion::TLSv1_3,
        cipher_suite: CipherSuite::TLS13_AES_256_GCM_SHA384,
        group: Some(NamedGroup::X25519),
    });
    assert_eq!(Answer::of(OF_JAVA), Some(expected.clone()));
    for end in 0..OF_JAVA.len() {
        assert_eq!(Answer::of(&OF_JAVA[..end]), None, "{end}");
    }
    for size in 1..50 {
        let records: Vec<u8> = OF_JAVA[5..]
            .chunks(size)
            .flat_map(|part| [&[HANDSHAKE, 3, 3], vector16(part).as_slice()].concat())
            .collect();
        assert_eq!(Answer::read(&mut records.as_slice()), expected, "{size}");
    }
}

#[test]
fn whatever_comes_is_an_answer() {
    for at in 0..OF_JAVA.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut bytes = OF_JAVA.to_vec();
            bytes[at] = value;
            let answer = Answer::read(&mut bytes.as_slice());
            assert!(matches!(answer, Answer::Chosen(_) | Answer::NotTls(_)), "{at}: {answer:?}");
        }
    }
    let endless = [[HANDSHAKE, 3, 3, 0xff, 0xff].as_slice(), &vec![0; MAX_ANSWER]].concat();
    assert!(matches!(Answer::of(&endless), Some(Answer::NotTls(_))));
    assert_eq!(Answer::read(&mut [].as_slice()), Answer::Closed);
    assert_eq!(Answer::of(&[21, 3, 3, 0, 2, 2, 40, 0]), Some(Answer::Alert(AlertDescription::HandshakeFailure)));
    assert_eq!(Answer::of(b"\x16\x04garbage"), Some(Answer::NotTls(b"\x16\x04garbage".to_vec())));
    assert_eq!(Answer::read(&mut b"-ERR".as_slice()), Answer::NotTls(b"-ERR".to_vec()));
}

#[test]
fn an_old_version_is_told() {
    let old = hello(0x0302, CBC);
    let reason_of = |offered| reason(offered, &[&old, PROTOCOL_VERSION]);
    assert_eq!(reason_of(BOTH), Reason::Version(Some(ProtocolVersion::TLSv1_1)));
    assert_eq!(reason_of(BOTH).to_string(), "the newest version that it speaks is TLS 1.1");
    assert_eq!(reason(BOTH, &[PROTOCOL_VERSION, PROTOCOL_VERSION]), Reason::Version(None));
}

#[test]
fn a_version_that_is_not_offered_is_told() {
    let (old, new) = (hello(0x0303, GCM), hello_13(0x1301, 0x001d));
    let of_12 = reason(&[TlsVersion::Tls13], &[&old, PROTOCOL_VERSION]);
    assert_eq!(of_12, Reason::Version(Some(ProtocolVersion::TLSv1_2)));
    let of_13 = reason(&[TlsVersion::Tls12], &[PROTOCOL_VERSION, &new]);
    assert_eq!(of_13, Reason::Version(Some(ProtocolVersion::TLSv1_3)));
    assert_eq!(of_13.cause().unwrap().code, "protocol-mismatch");
}

#[test]
fn a_suite_is_found_by_the_name_that_java_has_for_it() {
    let suites = ["TLS_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"].map(|name| suite_of(name).unwrap());
    assert_eq!(suites, [CipherSuite::TLS13_AES_256_GCM_SHA384, CBC.into()]);
    assert_eq!(suite_of("ECDHE-RSA-AES128-SHA"), None);
}

#[test]
fn cipher_suites_are_asked_for_until_there_are_no_more() {
    let (first, second) = (hello(0x0303, CBC), hello(0x0303, STATIC_RSA));
    let answers = [&first, PROTOCOL_VERSION, &second, HANDSHAKE_FAILURE];
    let found = reason(BOTH, &answers);
    let suites = [CBC, STATIC_RSA].map(CipherSuite::from).to_vec();
    assert_eq!(found, Reason::CipherSuites(ProtocolVersion::TLSv1_2, suites));
    assert_eq!(
        found.to_string(),
        "in TLS 1.2 it has these cipher suites alone: TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_128_CBC_SHA"
    );
}

#[test]
fn a_broker_that_chooses_what_is_not_offered_is_asked_no_further() {
    let first = hello(0x0303, CBC);
    let found = reason(BOTH, &[&first, PROTOCOL_VERSION, &first]);
    assert_eq!(found, Reason::CipherSuites(ProtocolVersion::TLSv1_2, vec![CBC.into()]));
}

#[test]
fn one_of_ours_behind_others_is_no_reason() {
    let (first, ours) = (hello(0x0303, CBC), hello(0x0303, GCM));
    let found = reason(BOTH, &[&first, PROTOCOL_VERSION, &ours, &ours]);
    assert!(matches!(found, Reason::Other(Answer::Chosen(_))), "{found:?}");
    assert_eq!(found.cause(), None);
}

#[test]
fn groups_are_told() {
    let secp521r1 = hello_13(0x1301, 0x0019);
    let found = reason(BOTH, &[PROTOCOL_VERSION, &secp521r1]);
    assert_eq!(found, Reason::Groups(ProtocolVersion::TLSv1_3, Some(NamedGroup::secp521r1)));
    let old = hello(0x0303, GCM);
    let found = reason(BOTH, &[&old, PROTOCOL_VERSION, HANDSHAKE_FAILURE]);
    assert_eq!(found, Reason::Groups(ProtocolVersion::TLSv1_2, None));
}

#[test]
fn a_broker_without_a_certificate_is_told() {
    let anonymous = hello(0x0303, 0x0034);
    let found = reason(BOTH, &[HANDSHAKE_FAILURE, HANDSHAKE_FAILURE, &anonymous]);
    assert_eq!(found, Reason::NoCertificate(Some(CipherSuite::TLS_DH_anon_WITH_AES_128_CBC_SHA)));
    let found = reason(BOTH, &[HANDSHAKE_FAILURE, HANDSHAKE_FAILURE, HANDSHAKE_FAILURE]);
    assert_eq!(found, Reason::NoCertificate(None));
    // Java, whose hello in TLS 1.3 comes before it looks for a key.
    let found = reason(BOTH, &[HANDSHAKE_FAILURE, OF_JAVA, OF_JAVA, HANDSHAKE_FAILURE]);
    assert_eq!(found, Reason::NoCertificate(None));
    let null = hello(0x0303, 0x003b);
    let found = reason(BOTH, &[HANDSHAKE_FAILURE, HANDSHAKE_FAILURE, &null]);
    assert_eq!(found, Reason::CipherSuites(ProtocolVersion::TLSv1_2, vec![CipherSuite::TLS_RSA_WITH_NULL_SHA256]));
}

#[test]
fn what_is_no_tls_is_not_asked_again() {
    let found = reason(BOTH, &[b"HTTP/1.1 400 Bad Request\r\n\r\n"]);
    assert!(matches!(found, Reason::Other(Answer::NotTls(_))), "{found:?}");
    assert_eq!(reason(BOTH, &[b"", b""]), Reason::Other(Answer::Closed));
}
