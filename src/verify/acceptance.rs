//! Who accepts a certificate chain: each TLS stack that Kafka's clients and brokers are built on, and what it says if it does not.
//!
//! Every stack is modelled as it is: it builds a path in its own way, checks in its own order and stops at its own first
//! complaint. What RFC 5280 would have is of no account here. The models are held against the real stacks by
//! `tests/acceptance`, case by case and message by message.
//!
//! A model does not build more than [`STEPS`] steps of paths, and does not compare names without end, whatever it is given.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod budget;
mod go;
mod identity;
mod java;
mod limits;
mod names;
mod node;
mod openssl;
mod table;
mod webpki;

use serde::Serialize;
use time::OffsetDateTime;

use crate::name::printable;
use crate::pki::DecodedCertificate;
use crate::pki::decoded::{Curve, ExtendedKeyUsage, Hash, KeyKind};

use budget::{Budget, Spent};

pub use identity::{Acceptance, acceptances};
pub use table::{AcceptanceTable, Presented, Row, table};

/// How many certificates a model looks at for one path, at most: chains come from strangers.
pub const STEPS: usize = 200;

/// A TLS stack, as Kafka's clients or brokers use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Stack {
    /// The JDK that most brokers run on.
    Java17,
    /// The newest JDK whose behaviour is known here: 25.
    JavaNewest,
    /// OpenSSL as librdkafka uses it, security level 2; as a broker, OpenSSL alone.
    OpenSsl,
    /// `CPython` 3.13 and newer with `ssl.create_default_context`, as aiokafka has it.
    Python,
    /// Node, as kafkajs uses it.
    Node,
    /// Go's crypto/tls, as sarama, franz-go and kafka-go use it.
    Go,
    /// rustls with its default provider, as rskafka uses it.
    Rustls,
}

impl Stack {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 7] =
        [Self::Java17, Self::JavaNewest, Self::OpenSsl, Self::Python, Self::Node, Self::Go, Self::Rustls];

    /// Returns what a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Java17 => "Java 17",
            Self::JavaNewest => "Java 25",
            Self::OpenSsl => "OpenSSL/librdkafka",
            Self::Python => "Python 3.13 strict",
            Self::Node => "Node",
            Self::Go => "Go",
            Self::Rustls => "rustls",
        }
    }
}

/// What the stack is, and so whom it judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side<'a> {
    /// A client, which judges a broker that it has connected to by this name or address.
    ServerFor {
        /// The name or address; none, if the client does not care.
        host: Option<&'a str>,
    },
    /// A broker, which judges a client.
    Client,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TlsVersion {
    /// TLS 1.2.
    V1_2,
    /// TLS 1.3, which all stacks prefer.
    #[default]
    V1_3,
}

/// A chain that is presented, and what it is measured against.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The leaf first, as sent.
    pub sent: &'a [DecodedCertificate],
    /// What the stack trusts.
    pub anchors: &'a [DecodedCertificate],
    /// What the stack is.
    pub side: Side<'a>,
    /// What the two agree on.
    pub tls: TlsVersion,
    /// When.
    pub at: OffsetDateTime,
}

/// What a stack does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It goes on with the handshake.
    Accepted {
        /// From the leaf to the anchor; the leaf alone, if it is an anchor itself.
        path: Vec<DecodedCertificate>,
    },
    /// It ends the handshake.
    Refused {
        /// What the reason is about.
        check: Reason,
        /// What it prints. Foreign text is escaped.
        message: String,
    },
}

impl Answer {
    /// Says whether it goes on.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted { .. })
    }
}

/// What a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// basicConstraints do not allow what the certificate is used for.
    BasicConstraints,
    /// An extension is critical that is not known, or that should not be.
    CriticalExtension,
    /// A certificate has expired.
    Expired,
    /// extKeyUsage does not allow it.
    ExtendedKeyUsage,
    /// It is not the certificate of this host.
    HostName,
    /// Key identifiers are missing or do not match.
    Identifiers,
    /// keyUsage does not allow it.
    KeyUsage,
    /// A name is outside of what a CA may sign for.
    NameConstraints,
    /// A certificate is not valid yet.
    NotYetValid,
    /// There are too many certificates in the chain.
    PathLength,
    /// Certificate policies are wanted that are not there.
    Policies,
    /// A signature is not its issuer's.
    Signature,
    /// The subject or the issuer is not what it must be.
    Subject,
    /// No anchor ends the chain.
    UnknownAuthority,
    /// The certificate cannot be read.
    Unreadable,
    /// The two have no algorithm in common.
    UnsupportedAlgorithm,
    /// The version of X.509 is too old, or does not exist.
    Version,
    /// The algorithm of a signature is too weak.
    WeakAlgorithm,
    /// A key is too short.
    WeakKey,
}

/// Returns what a stack says to a chain.
pub fn judge(stack: Stack, question: &Question<'_>) -> Answer {
    let verdict = match stack {
        Stack::Java17 => java::judge(java::Java { major: 17 }, question),
        Stack::JavaNewest => java::judge(java::Java { major: 25 }, question),
        Stack::OpenSsl => openssl::judge(question),
        Stack::Python => openssl::judge_as_python(question),
        Stack::Node => node::judge(question),
        Stack::Go => go::judge(question),
        Stack::Rustls => webpki::judge(question),
    };
    match verdict {
        Ok(path) => Answer::Accepted { path: path.into_iter().cloned().collect() },
        Err(Refusal { reason, message }) => Answer::Refused { check: reason, message: printable(&message) },
    }
}

/// A path from the leaf to an anchor.
type Path<'a> = Vec<&'a DecodedCertificate>;

/// What a model comes to.
type Verdict<'a> = Result<Path<'a>, Refusal>;

/// The first complaint of a stack, or the last one of a stack that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    reason: Reason,
    message: String,
}

impl Refusal {
    fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

/// What is asked of certificates with extensions.
trait Extended {
    /// Says whether an extension of this kind is there and cannot be read.
    fn is_malformed(&self, oid: &str) -> bool;

    /// Says whether an extension is there twice.
    fn duplicate(&self) -> Option<&str>;

    /// Returns the critical extensions that are not among those known.
    fn critical_beyond(&self, known: &[&str]) -> bool;
}

impl Extended for DecodedCertificate {
    fn is_malformed(&self, oid: &str) -> bool {
        self.extensions.iter().any(|extension| extension.oid == oid && extension.is_malformed)
    }

    fn duplicate(&self) -> Option<&str> {
        let mut seen = std::collections::HashSet::new();
        self.extensions.iter().map(|extension| extension.oid.as_str()).find(|oid| !seen.insert(*oid))
    }

    fn critical_beyond(&self, known: &[&str]) -> bool {
        self.extensions.iter().any(|extension| extension.critical && !known.contains(&extension.oid.as_str()))
    }
}

const BASIC_CONSTRAINTS: &str = "2.5.29.19";
const KEY_USAGE: &str = "2.5.29.15";
const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
const ALT_NAME: &str = "2.5.29.17";
const SUBJECT_KEY_ID: &str = "2.5.29.14";
const AUTHORITY_KEY_ID: &str = "2.5.29.35";
const NAME_CONSTRAINTS: &str = "2.5.29.30";
const CERTIFICATE_POLICIES: &str = "2.5.29.32";
const POLICY_MAPPINGS: &str = "2.5.29.33";
const POLICY_CONSTRAINTS: &str = "2.5.29.36";
const INHIBIT_ANY_POLICY: &str = "2.5.29.54";
const CRL_DISTRIBUTION_POINTS: &str = "2.5.29.31";
const NETSCAPE_CERT_TYPE: &str = "2.16.840.1.113730.1.1";

/// The bits of `netscape-cert-type`: what the first octet of its BIT STRING begins with.
const NETSCAPE_CLIENT: u8 = 0x80;
const NETSCAPE_SERVER: u8 = 0x40;

/// Says whether `netscape-cert-type` is not there, or has a bit.
fn netscape_allows(certificate: &DecodedCertificate, bit: u8) -> bool {
    certificate.extension(NETSCAPE_CERT_TYPE).is_none_or(|extension| match extension.value.as_slice() {
        [0x03, _, _, octet, ..] => octet & bit != 0,
        _ => false,
    })
}

/// Says whether there is one of the two purposes from before serverAuth, of Microsoft and of Netscape.
fn has_step_up(usages: &ExtendedKeyUsage) -> bool {
    const STEP_UP: [&str; 2] = ["1.3.6.1.4.1.311.10.3.3", "2.16.840.1.113730.4.1"];
    usages.other.iter().any(|other| STEP_UP.contains(&other.as_str()))
}

/// Says whether the key is RSA of fewer bits.
fn is_rsa_below(key: &KeyKind, least: usize) -> bool {
    matches!(key, KeyKind::Rsa { bits, .. } | KeyKind::RsaPss { bits } if *bits < least)
}

/// What a stack does not offer for the signatures of certificates and handshakes: who presents a chain keeps to the offer, or keeps it
/// to itself.
struct Offer<'o> {
    without_hashes: &'o [Hash],
    without: &'o [Unoffered],
}

/// What is not offered by all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unoffered {
    /// Signatures of DSA.
    Dsa,
    /// Ed448.
    Ed448,
    /// ECDSA with P-521.
    P521,
    /// RSASSA-PSS with keys that are for it alone.
    PssKey,
}

impl Offer<'_> {
    /// Says whether the leaf's key can make a signature that is offered.
    fn covers_key(&self, leaf: &DecodedCertificate) -> bool {
        match &leaf.public_key.kind {
            KeyKind::RsaPss { .. } => self.has(Unoffered::PssKey),
            KeyKind::Ed448 => self.has(Unoffered::Ed448),
            KeyKind::Ec(Curve::P521) => self.has(Unoffered::P521),
            KeyKind::Ec(Curve::Other(_) | Curve::Explicit) | KeyKind::Dsa | KeyKind::Other(_) => false,
            _ => true,
        }
    }

    /// Says whether the leaf's own signature is offered.
    fn covers_signature(&self, leaf: &DecodedCertificate) -> bool {
        let signature = &leaf.signature;
        signature.hash.is_none_or(|hash| !self.without_hashes.contains(&hash))
            && (self.has(Unoffered::Dsa) || !signature.name.ends_with("withDSA"))
            && (self.has(Unoffered::Ed448) || signature.name != "Ed448")
    }

    fn has(&self, what: Unoffered) -> bool {
        !self.without.contains(&what)
    }
}
