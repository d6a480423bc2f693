//! Why a broker refuses the hello of rustls: others are sent, which offer more than this program could do, and the answer is looked at.
//!
//! No handshake comes of it: a connection ends with the broker's `ServerHello` or alert, so that nothing here has a key or a secret.
//! The messages are those of RFC 5246 §7.4.1 and RFC 8446 §4.1, the numbers those of IANA.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::fmt;
use std::io::{self, Read, Write};
use std::net::IpAddr;

use rustls::crypto::CryptoProvider;
use rustls::{AlertDescription, CipherSuite, NamedGroup, ProtocolVersion};

use crate::diagnosis::cause::{self, Cause};
use crate::handshake::TlsVersion;
use crate::handshake::story::alert_name;
use crate::handshake::witness::{group_name, suite_name};

/// The most bytes of an answer that are read.
pub const MAX_ANSWER: usize = 64 << 10;

/// The most cipher suites that a broker is asked for, one connection each.
pub const MAX_SUITES: usize = 24;

/// Record types (RFC 8446 §5.1).
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

/// Handshake types (RFC 8446 §4).
const CLIENT_HELLO: u8 = 1;
const SERVER_HELLO: u8 = 2;

/// Extensions (RFC 8446 §4.2, RFC 8422 §5.1, RFC 7627 §5.1, RFC 5746 §3.2).
const SERVER_NAME: u16 = 0;
const SUPPORTED_GROUPS: u16 = 10;
const EC_POINT_FORMATS: u16 = 11;
const SIGNATURE_ALGORITHMS: u16 = 13;
const EXTENDED_MASTER_SECRET: u16 = 23;
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;
const RENEGOTIATION_INFO: u16 = 0xff01;

/// Groups that a broker could have: those of RFC 8446, some older curves, three of Brainpool, and one with ML-KEM.
const GROUPS: [u16; 17] = [
    0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x0016, 0x0015, 0x0013, 0x001a, 0x001b, 0x001c, 0x0100, 0x0101, 0x0102,
    0x0103, 0x0104, 0x11ec,
];

/// Signature schemes: those of RFC 8446, and those with SHA-1, SHA-224 and DSA.
const SIGNATURE_SCHEMES: [u16; 22] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601,
    0x0303, 0x0301, 0x0203, 0x0201, 0x0602, 0x0502, 0x0402, 0x0202,
];

/// The base point of X25519, which is a public key like any other.
const X25519_SHARE: [u8; 32] =
    [9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// A connection.
pub trait Stream: Read + Write {}

impl<T: Read + Write + ?Sized> Stream for T {}

/// Makes a new connection to the broker. Its reads and writes end with an error after some time, best of all together: what is read has
/// bounds, and may still come byte by byte.
pub type Dial<'a> = dyn FnMut() -> io::Result<Box<dyn Stream>> + 'a;

/// The first hello of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientHello {
    /// TLS 1.3 alone, or TLS 1.2 and whatever is older.
    pub version: TlsVersion,
    /// In order of preference.
    pub cipher_suites: Vec<CipherSuite>,
    /// In order of preference.
    pub groups: Vec<NamedGroup>,
}

/// What came back to a hello.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The broker's hello.
    Chosen(Chosen),
    /// It broke off.
    Alert(AlertDescription),
    /// Bytes that are neither: the first of them, as they came.
    NotTls(Vec<u8>),
    /// The connection was closed without a byte.
    Closed,
    /// The connection was reset without a byte.
    Reset,
    /// Nothing came in time.
    Silent,
}

/// What a broker has chosen of what a client offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// The version.
    pub version: ProtocolVersion,
    /// The cipher suite.
    pub cipher_suite: CipherSuite,
    /// The group, which is in the hello in TLS 1.3 alone.
    pub group: Option<NamedGroup>,
}

/// Why client and broker do not come together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The broker speaks none of the versions that the client offers: the newest that it speaks, if it speaks any.
    Version(Option<ProtocolVersion>),
    /// It has none of the client's cipher suites in that version: those that it has, [`MAX_SUITES`] at most.
    CipherSuites(ProtocolVersion, Vec<CipherSuite>),
    /// It has none of the client's groups in that version: the one that it would take, if that is known.
    Groups(ProtocolVersion, Option<NamedGroup>),
    /// It has no certificate that it could show: all that it takes is this cipher suite without one, or nothing at all.
    NoCertificate(Option<CipherSuite>),
    /// Something else: what came back to the widest offer.
    Other(Answer),
}

impl Reason {
    /// Returns what is behind it, if that is known.
    pub fn cause(&self) -> Option<&'static Cause> {
        match self {
            Self::Version(_) => Some(&cause::PROTOCOL_MISMATCH),
            Self::CipherSuites(..) | Self::Groups(..) => Some(&cause::CIPHER_SUITE_MISMATCH),
            Self::NoCertificate(_) => Some(&cause::BROKER_KEY_MISSING),
            Self::Other(_) => None,
        }
    }
}

/// A sentence about the broker, without its full stop.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(Some(newest)) => write!(f, "the newest version that it speaks is {}", version_name(*newest)),
            Self::Version(None) => write!(f, "it refuses all versions of TLS from 1.0 to 1.3"),
            Self::CipherSuites(version, suites) => {
                let names: Vec<String> = suites.iter().copied().map(suite_name).collect();
                write!(f, "in {} it has these cipher suites alone: {}", version_name(*version), names.join(", "))
            }
            Self::Groups(version, Some(group)) => {
                write!(f, "in {} it wants to exchange keys in {}", version_name(*version), group_name(*group))
            }
            Self::Groups(version, None) => {
                write!(f, "in {} it exchanges keys in none of the groups that are offered", version_name(*version))
            }
            Self::NoCertificate(Some(suite)) => {
                write!(f, "it has no certificate to show: {} is all that it takes", suite_name(*suite))
            }
            Self::NoCertificate(None) => write!(f, "it has no certificate to show: it takes no cipher suite at all"),
            Self::Other(Answer::Chosen(_)) => write!(f, "it takes what is offered"),
            Self::Other(Answer::Alert(alert)) => {
                write!(f, "it refuses whatever is offered, with the alert `{}`", alert_name(*alert))
            }
            Self::Other(Answer::NotTls(_)) => write!(f, "it does not speak TLS"),
            Self::Other(Answer::Closed | Answer::Reset) => write!(f, "it cuts the connection whatever is offered"),
            Self::Other(Answer::Silent) => write!(f, "it does not answer"),
        }
    }
}

impl ClientHello {
    /// Returns it in one record, with the name of the host unless that is an address.
    ///
    /// Nothing in it is random, so it is of no use for a handshake.
    pub fn to_bytes(&self, host: &str) -> Vec<u8> {
        let is_13 = self.version == TlsVersion::Tls13;
        let mut body = vec![3, 3];
        body.extend(b"a probe without any secret in it");
        // In TLS 1.3 it is there for boxes in between that know TLS 1.2 alone (RFC 8446 §D.4).
        body.extend(vector8(if is_13 { &[0x20; 32] } else { &[] }));
        body.extend(vector16(&numbers(self.cipher_suites.iter().map(|suite| u16::from(*suite)))));
        body.extend(vector8(&[0]));
        body.extend(vector16(&self.extensions(host, is_13)));
        let [_, length @ ..] = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
        let message = [[CLIENT_HELLO].as_slice(), &length, &body].concat();
        [[HANDSHAKE, 3, 1].as_slice(), &vector16(&message)].concat()
    }

    fn extensions(&self, host: &str, is_13: bool) -> Vec<u8> {
        let mut all = Vec::new();
        let mut add = |number: u16, body: &[u8]| {
            all.extend(number.to_be_bytes());
            all.extend(vector16(body));
        };
        let host = host.trim_end_matches('.');
        if host.parse::<IpAddr>().is_err() && host.is_ascii() && (1..=255).contains(&host.len()) {
            let name = [[0].as_slice(), &vector16(host.as_bytes())].concat();
            add(SERVER_NAME, &vector16(&name));
        }
        add(SUPPORTED_GROUPS, &vector16(&numbers(self.groups.iter().map(|group| u16::from(*group)))));
        add(SIGNATURE_ALGORITHMS, &vector16(&numbers(SIGNATURE_SCHEMES)));
        if is_13 {
            add(SUPPORTED_VERSIONS, &vector8(&numbers([ProtocolVersion::TLSv1_3.into()])));
            // A broker that wants another group asks for it (RFC 8446 §4.1.4), which is as good.
            let share = [numbers([NamedGroup::X25519.into()]), vector16(&X25519_SHARE)].concat();
            add(KEY_SHARE, &vector16(if self.groups.contains(&NamedGroup::X25519) { &share } else { &[] }));
        } else {
            add(EC_POINT_FORMATS, &vector8(&[0]));
            add(EXTENDED_MASTER_SECRET, &[]);
            add(RENEGOTIATION_INFO, &vector8(&[]));
        }
        all
    }

    /// Sends it and returns what comes back.
    fn ask(&self, host: &str, dial: &mut Dial<'_>) -> io::Result<Answer> {
        let mut stream = dial()?;
        // Whoever has closed already may have said why before.
        let sent = stream.write_all(&self.to_bytes(host)).and_then(|()| stream.flush());
        Ok(match (sent, Answer::read(&mut *stream)) {
            (Err(error), Answer::Closed) if !is_timeout(&error) => Answer::Reset,
            (_, answer) => answer,
        })
    }
}

impl Answer {
    /// Reads the answer to a hello, and not much more.
    pub fn read(from: &mut (impl Read + ?Sized)) -> Self {
        let mut bytes = Vec::new();
        let mut part = [0; 4096];
        let ended = loop {
            match from.read(&mut part) {
                Ok(0) => break Self::Closed,
                Ok(count) => {
                    bytes.extend_from_slice(part.get(..count).unwrap_or_default());
                    if let Some(answer) = Self::of(&bytes) {
                        return answer;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if is_timeout(&error) => break Self::Silent,
                Err(_) => break Self::Reset,
            }
        };
        if bytes.is_empty() { ended } else { Self::NotTls(bytes) }
    }

    /// Returns what these bytes are, as soon as that is clear: with [`MAX_ANSWER`] bytes it is.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let not_tls = || Some(Self::NotTls(bytes.to_vec()));
        let [content_type, rest @ ..] = bytes else { return None };
        let is_tls = matches!(*content_type, ALERT | HANDSHAKE) && rest.first().is_none_or(|major| *major == 3);
        if !is_tls {
            // The start of a banner tells more than its first byte.
            return if bytes.len() >= 8 { not_tls() } else { None };
        }
        let mut content = Vec::new();
        let mut records = bytes;
        while let Some((of, fragment, next)) = record(records) {
            if of != *content_type {
                return not_tls();
            }
            content.extend_from_slice(fragment);
            records = next;
            if *content_type == ALERT {
                if let [_, description, ..] = *content.as_slice() {
                    return Some(Self::Alert(description.into()));
                }
            } else {
                match server_hello(&content) {
                    Ok(None) => {}
                    Ok(Some(chosen)) => return Some(Self::Chosen(chosen)),
                    Err(NoHello) => return not_tls(),
                }
            }
        }
        if bytes.len() >= MAX_ANSWER { not_tls() } else { None }
    }

    /// Says whether it is a refusal, with or without a word.
    fn refuses(&self) -> bool {
        matches!(self, Self::Alert(_) | Self::Closed | Self::Reset)
    }
}

/// Finds out why a broker does not take what rustls offers in these versions with that provider.
///
/// A broker on Java 17 that speaks TLS 1.3 alone and has no key takes the hello, and sends the alert `handshake_failure` where its
/// certificate should come, which is encrypted; that is [`Reason::Other`] here, and a handshake by rustls gets to see the alert. One on
/// OpenSSL 3.0 refuses TLS 1.3 in that case as if it did not speak it.
///
/// This makes 1 to some 30 connections, mostly 3. An error is that of a connection which could not be made.
pub fn why(host: &str, offered: &[TlsVersion], ours: &CryptoProvider, dial: &mut Dial<'_>) -> io::Result<Reason> {
    let mut asking = Asking { host, ours, dial };
    let old = asking.about(TlsVersion::Tls12, is_certified)?;
    if !matches!(old, Answer::Chosen(_)) && !old.refuses() {
        return Ok(Reason::Other(old));
    }
    let new = asking.about(TlsVersion::Tls13, is_certified)?;
    let spoken: Vec<Chosen> = [&new, &old].into_iter().filter_map(Answer::chosen).collect();
    let common = [TlsVersion::Tls13, TlsVersion::Tls12].into_iter().filter(|version| offered.contains(version));
    let common: Vec<(TlsVersion, Chosen)> = common
        .filter_map(|version| Some((version, *spoken.iter().find(|chosen| chosen.version == version.into())?)))
        .collect();
    for (version, chosen) in &common {
        if let Some(reason) = asking.what_is_missing(*version, *chosen)? {
            return Ok(reason);
        }
    }
    if let (Some(newest), []) = (spoken.first(), common.as_slice()) {
        return Ok(Reason::Version(Some(newest.version)));
    }
    let protocol_version = Answer::Alert(AlertDescription::ProtocolVersion);
    let handshake_failure = Answer::Alert(AlertDescription::HandshakeFailure);
    if old == protocol_version && new == protocol_version {
        return Ok(Reason::Version(None));
    }
    // Java picks version and group in TLS 1.3 before it looks for a certificate, and so shows in TLS 1.2 alone that it has none.
    if old == handshake_failure || new == handshake_failure {
        return asking.without_certificate();
    }
    Ok(Reason::Other(if spoken.is_empty() || new.chosen().is_none() { old } else { new }))
}

/// Says whether a broker answers a client that offers this in these versions with a hello of its own; nothing where it says nothing.
///
/// This makes a connection for each version.
pub fn takes(
    host: &str,
    versions: &[TlsVersion],
    cipher_suites: &[CipherSuite],
    groups: &[NamedGroup],
    dial: &mut Dial<'_>,
) -> io::Result<Option<bool>> {
    let mut has_refused = false;
    for version in versions {
        let of_version: Vec<CipherSuite> =
            cipher_suites.iter().copied().filter(|suite| is_of_version(*suite, *version)).collect();
        if of_version.is_empty() {
            has_refused = true;
            continue;
        }
        let hello = ClientHello { version: *version, cipher_suites: of_version, groups: groups.to_vec() };
        let answer = hello.ask(host, dial)?;
        has_refused |= answer.refuses();
        if let Answer::Chosen(chosen) = answer {
            let is_offered = hello.cipher_suites.contains(&chosen.cipher_suite)
                && chosen.group.is_none_or(|group| groups.contains(&group));
            match chosen.version == (*version).into() && is_offered {
                true => return Ok(Some(true)),
                false => has_refused = true,
            }
        }
    }
    Ok(has_refused.then_some(false))
}

/// Returns the cipher suite of a name, as IANA and Java write it.
pub fn suite_of(name: &str) -> Option<CipherSuite> {
    (1..=0xd0ff).map(CipherSuite::from).find(|suite| suite.as_str().is_some() && suite_name(*suite) == name)
}

fn is_of_version(suite: CipherSuite, version: TlsVersion) -> bool {
    (u16::from(suite) >> 8 == 0x13) == (version == TlsVersion::Tls13)
}

impl Answer {
    fn chosen(&self) -> Option<Chosen> {
        match self {
            Self::Chosen(chosen) => Some(*chosen),
            _ => None,
        }
    }
}

struct Asking<'a, 'd> {
    host: &'a str,
    ours: &'a CryptoProvider,
    dial: &'a mut Dial<'d>,
}

impl Asking<'_, '_> {
    fn about(&mut self, version: TlsVersion, which: fn(CipherSuite) -> bool) -> io::Result<Answer> {
        self.ask(version, self.cipher_suites(version, which), all_groups())
    }

    fn ask(&mut self, version: TlsVersion, suites: Vec<CipherSuite>, groups: Vec<NamedGroup>) -> io::Result<Answer> {
        ClientHello { version, cipher_suites: suites, groups }.ask(self.host, self.dial)
    }

    /// All of a version that have a name, ours first, so that a broker that follows the client takes one of them.
    fn cipher_suites(&self, version: TlsVersion, which: fn(CipherSuite) -> bool) -> Vec<CipherSuite> {
        let all = (1..=0xd0ff).map(CipherSuite::from);
        let mut all: Vec<CipherSuite> =
            all.filter(|suite| is_of_version(*suite, version) && is_known(*suite) && which(*suite)).collect();
        all.sort_by_key(|suite| (!self.is_ours(*suite), is_broken(*suite)));
        all
    }

    fn is_ours(&self, suite: CipherSuite) -> bool {
        self.ours.cipher_suites.iter().any(|ours| ours.suite() == suite)
    }

    /// Says what the client lacks for a version that both speak, if anything.
    fn what_is_missing(&mut self, version: TlsVersion, mut chosen: Chosen) -> io::Result<Option<Reason>> {
        let groups: Vec<NamedGroup> = self.ours.kx_groups.iter().map(|group| group.name()).collect();
        let mut left = self.cipher_suites(version, is_certified);
        let mut found = Vec::new();
        while !self.is_ours(chosen.cipher_suite) {
            let before = left.len();
            left.retain(|suite| *suite != chosen.cipher_suite);
            // A broker that chooses what is not offered would be asked for ever.
            let is_new = left.len() < before || found.is_empty();
            if is_new {
                found.push(chosen.cipher_suite);
            }
            let is_useful = is_new && found.len() < MAX_SUITES;
            let next = if is_useful { self.ask(version, left.clone(), all_groups())?.chosen() } else { None };
            match next.filter(|next| next.version == chosen.version) {
                Some(next) => chosen = next,
                None => return Ok(Some(Reason::CipherSuites(chosen.version, found))),
            }
        }
        if let Some(group) = chosen.group
            && !groups.contains(&group)
        {
            return Ok(Some(Reason::Groups(chosen.version, Some(group))));
        }
        let ours = self.cipher_suites(version, is_certified).into_iter().filter(|suite| self.is_ours(*suite)).collect();
        let refuses = self.ask(version, ours, groups)?.refuses();
        Ok(refuses.then_some(Reason::Groups(chosen.version, None)))
    }

    /// Looks whether a broker that refuses everything else takes what needs no certificate, or encrypts nothing.
    fn without_certificate(&mut self) -> io::Result<Reason> {
        let answer = self.about(TlsVersion::Tls12, |suite| !is_certified(suite))?;
        Ok(match answer.chosen() {
            Some(chosen) if !is_anonymous(chosen.cipher_suite) => {
                Reason::CipherSuites(chosen.version, vec![chosen.cipher_suite])
            }
            chosen => Reason::NoCertificate(chosen.map(|chosen| chosen.cipher_suite)),
        })
    }
}

impl From<TlsVersion> for ProtocolVersion {
    fn from(version: TlsVersion) -> Self {
        match version {
            TlsVersion::Tls12 => Self::TLSv1_2,
            TlsVersion::Tls13 => Self::TLSv1_3,
        }
    }
}

/// Returns the name that people use: `TLS 1.1`.
pub fn version_name(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::SSLv3 => "SSL 3.0".to_owned(),
        ProtocolVersion::TLSv1_0 => "TLS 1.0".to_owned(),
        ProtocolVersion::TLSv1_1 => "TLS 1.1".to_owned(),
        ProtocolVersion::TLSv1_2 => "TLS 1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLS 1.3".to_owned(),
        other => format!("version {:#06x}", u16::from(other)),
    }
}

fn all_groups() -> Vec<NamedGroup> {
    GROUPS.map(NamedGroup::from).to_vec()
}

/// Says whether a broker could have it without a key shared before, a password or a ticket of Kerberos.
fn is_known(suite: CipherSuite) -> bool {
    let others = ["PSK", "SRP", "KRB5", "draft", "FORTEZZA", "EMPTY", "FALLBACK", "TLS_NULL", "EXPORT1024"];
    suite.as_str().is_some_and(|name| name.starts_with("TLS") && !others.iter().any(|other| name.contains(other)))
}

/// Says whether the broker shows a certificate and then encrypts.
fn is_certified(suite: CipherSuite) -> bool {
    !is_anonymous(suite) && !suite.as_str().is_some_and(|name| name.contains("_NULL_"))
}

fn is_anonymous(suite: CipherSuite) -> bool {
    suite.as_str().is_some_and(|name| name.contains("_anon_"))
}

/// Says whether a broker would take it only if it has nothing better.
fn is_broken(suite: CipherSuite) -> bool {
    let broken = ["EXPORT", "_DES_", "_RC4_", "_RC2_"];
    suite.as_str().is_some_and(|name| broken.iter().any(|part| name.contains(part)))
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

fn numbers(of: impl IntoIterator<Item = u16>) -> Vec<u8> {
    of.into_iter().flat_map(u16::to_be_bytes).collect()
}

fn vector8(body: &[u8]) -> Vec<u8> {
    [[u8::try_from(body.len()).unwrap_or(u8::MAX)].as_slice(), body].concat()
}

fn vector16(body: &[u8]) -> Vec<u8> {
    [u16::try_from(body.len()).unwrap_or(u16::MAX).to_be_bytes().as_slice(), body].concat()
}

/// Returns the type and the content of the first record, if it is all there, and what follows.
fn record(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let ([content_type, _, _, high, low], rest) = bytes.split_first_chunk()?;
    let (content, rest) = rest.split_at_checked(u16::from_be_bytes([*high, *low]).into())?;
    Some((*content_type, content, rest))
}

/// A message that is no `ServerHello`.
struct NoHello;

/// Reads the first message of a handshake, if it is all there.
fn server_hello(content: &[u8]) -> Result<Option<Chosen>, NoHello> {
    let Some(([message, high, middle, low], rest)) = content.split_first_chunk() else { return Ok(None) };
    let length = usize::try_from(u32::from_be_bytes([0, *high, *middle, *low])).map_err(|_| NoHello)?;
    if *message != SERVER_HELLO || length > MAX_ANSWER {
        return Err(NoHello);
    }
    rest.get(..length).map(|body| chosen(body).ok_or(NoHello)).transpose()
}

/// Reads the body of a `ServerHello`, or of a `HelloRetryRequest`, which has the same form (RFC 8446 §4.1.4).
fn chosen(body: &[u8]) -> Option<Chosen> {
    let mut rest = body;
    let version = u16_of(&mut rest)?;
    take(&mut rest, 32)?;
    let session_id = take(&mut rest, 1)?.first().copied()?;
    take(&mut rest, session_id.into())?;
    let cipher_suite = u16_of(&mut rest)?.into();
    take(&mut rest, 1)?;
    let mut chosen = Chosen { version: version.into(), cipher_suite, group: None };
    if rest.is_empty() {
        return Some(chosen);
    }
    let length = u16_of(&mut rest)?;
    let mut extensions = take(&mut rest, length.into())?;
    while !extensions.is_empty() {
        let (number, length) = (u16_of(&mut extensions)?, u16_of(&mut extensions)?);
        let mut extension = take(&mut extensions, length.into())?;
        match number {
            SUPPORTED_VERSIONS => chosen.version = u16_of(&mut extension)?.into(),
            KEY_SHARE => chosen.group = Some(u16_of(&mut extension)?.into()),
            _ => {}
        }
    }
    rest.is_empty().then_some(chosen)
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

fn u16_of(rest: &mut &[u8]) -> Option<u16> {
    take(rest, 2)?.try_into().ok().map(u16::from_be_bytes)
}

#[cfg(test)]
mod tests;
