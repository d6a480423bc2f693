//! Extensions of certificates (RFC 5280 §4.2).

use std::net::IpAddr;

use der::Decode;
use x509_cert::name::RdnSequence;
use x509_parser::asn1_rs::Oid;
use x509_parser::extensions::{
    self as parsed, DistributionPointName, GeneralName, GeneralSubtree, ParsedExtension, X509Extension,
};

use crate::pki::extension_name;
use crate::pki::subject::address;

/// An extension, understood or not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodedExtension {
    /// The OID, dotted.
    pub oid: String,
    /// Its name in RFC 5280, or the OID.
    pub name: String,
    /// Whether who does not understand it must refuse the certificate.
    pub critical: bool,
    /// The octets of its value.
    pub value: Vec<u8>,
    /// Whether it is one of RFC 5280's that can be read.
    pub is_understood: bool,
    /// Whether it is one of RFC 5280's whose value is not what it should be.
    pub is_malformed: bool,
}

/// `basicConstraints` (RFC 5280 §4.2.1.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the extension is critical.
    pub critical: bool,
    /// Whether it is a CA.
    pub ca: bool,
    /// How many CAs may stand between it and a leaf.
    pub path_length: Option<u32>,
}

/// `keyUsage` (RFC 5280 §4.2.1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUsage {
    /// Whether the extension is critical.
    pub critical: bool,
    /// The bits, that of `digitalSignature` the lowest.
    pub bits: u16,
}

/// The names of the bits of `keyUsage`, from the lowest.
const KEY_USAGES: [&str; 9] = [
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
    "encipherOnly",
    "decipherOnly",
];

impl KeyUsage {
    /// Returns the usages by their names.
    pub fn names(&self) -> Vec<&'static str> {
        KEY_USAGES.iter().enumerate().filter(|(at, _)| self.has(*at)).map(|(_, name)| *name).collect()
    }

    /// Says whether the key may sign handshakes.
    pub fn digital_signature(&self) -> bool {
        self.has(0)
    }

    /// Says whether keys may be enciphered to it, as in TLS 1.2 without forward secrecy.
    pub fn key_encipherment(&self) -> bool {
        self.has(2)
    }

    /// Says whether it may agree on keys, as in static ECDH.
    pub fn key_agreement(&self) -> bool {
        self.has(4)
    }

    /// Says whether it may sign certificates.
    pub fn key_cert_sign(&self) -> bool {
        self.has(5)
    }

    /// Says whether it may sign revocation lists.
    pub fn crl_sign(&self) -> bool {
        self.has(6)
    }

    fn has(&self, bit: usize) -> bool {
        u32::try_from(bit).ok().and_then(|bit| self.bits.checked_shr(bit)).is_some_and(|bits| bits & 1 == 1)
    }
}

/// `extKeyUsage` (RFC 5280 §4.2.1.12).
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a purpose of its own, there or not")]
pub struct ExtendedKeyUsage {
    /// Whether the extension is critical.
    pub critical: bool,
    /// `serverAuth`.
    pub server_auth: bool,
    /// `clientAuth`.
    pub client_auth: bool,
    /// `anyExtendedKeyUsage`.
    pub any: bool,
    /// What else it says, by name or OID.
    pub other: Vec<String>,
}

impl ExtendedKeyUsage {
    /// Returns the purposes by their names, or OIDs.
    pub fn names(&self) -> Vec<String> {
        let known =
            [(self.server_auth, "serverAuth"), (self.client_auth, "clientAuth"), (self.any, "anyExtendedKeyUsage")];
        let known = known.into_iter().filter(|(is_there, _)| *is_there).map(|(_, name)| name.to_owned());
        known.chain(self.other.iter().cloned()).collect()
    }
}

/// `subjectAltName` (RFC 5280 §4.2.1.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AltNames {
    /// Whether the extension is critical.
    pub critical: bool,
    /// The names, in their order.
    pub names: Vec<AltName>,
}

/// A `GeneralName` (RFC 5280 §4.2.1.6). Foreign text: escape it before it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AltName {
    /// `dNSName`.
    Dns(String),
    /// `iPAddress`.
    Ip(IpAddr),
    /// `iPAddress` of another length than an address has.
    BadIp(Vec<u8>),
    /// `rfc822Name`.
    Email(String),
    /// `uniformResourceIdentifier`.
    Uri(String),
    /// `directoryName`, as RFC 4514 text.
    Directory(String),
    /// Anything else, by the name of its choice.
    Other(String),
}

impl std::fmt::Display for AltName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "dns:{name}"),
            Self::Ip(address) => write!(f, "ip:{address}"),
            Self::BadIp(octets) => write!(f, "ip:({} octets)", octets.len()),
            Self::Email(address) => write!(f, "email:{address}"),
            Self::Uri(uri) => write!(f, "uri:{uri}"),
            Self::Directory(name) => write!(f, "dirname:{name}"),
            Self::Other(choice) => f.write_str(choice),
        }
    }
}

/// `authorityKeyIdentifier` (RFC 5280 §4.2.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorityKeyId {
    /// The identifier of the issuer's key.
    pub key_id: Option<Vec<u8>>,
    /// The names of the issuer's issuer.
    pub issuer: Vec<AltName>,
    /// The serial number of the issuer's certificate.
    pub serial: Option<Vec<u8>>,
}

/// `nameConstraints` (RFC 5280 §4.2.1.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameConstraints {
    /// Whether the extension is critical.
    pub critical: bool,
    /// Within which names must be, of each kind that is named.
    pub permitted: Vec<Subtree>,
    /// Within which no name may be.
    pub excluded: Vec<Subtree>,
}

/// A `GeneralSubtree` (RFC 5280 §4.2.1.10).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subtree {
    /// A host and all below it.
    Dns(String),
    /// Addresses: network and mask, 8 octets or 32.
    Ip(Vec<u8>),
    /// A name that others begin with: DER, and RFC 4514 text.
    Directory(Vec<u8>, String),
    /// Mailboxes.
    Email(String),
    /// Hosts of URIs.
    Uri(String),
    /// Anything else, by the name of its choice.
    Other(String),
}

/// The extensions of a certificate, each in its place. Of one that is there twice the first counts.
#[derive(Default)]
pub(super) struct Extensions {
    pub(super) all: Vec<DecodedExtension>,
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) extended_key_usage: Option<ExtendedKeyUsage>,
    pub(super) alt_names: Option<AltNames>,
    pub(super) subject_key_id: Option<Vec<u8>>,
    pub(super) authority_key_id: Option<AuthorityKeyId>,
    pub(super) name_constraints: Option<NameConstraints>,
    pub(super) crl_distribution_points: Vec<String>,
}

impl Extensions {
    pub(super) fn of(extensions: &[X509Extension<'_>]) -> Self {
        let mut found = Self::default();
        for extension in extensions {
            found.take(extension);
        }
        found
    }

    pub(super) fn take(&mut self, extension: &X509Extension<'_>) {
        let critical = extension.critical;
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(constraints) => {
                self.basic_constraints.get_or_insert(BasicConstraints {
                    critical,
                    ca: constraints.ca,
                    path_length: constraints.path_len_constraint,
                });
            }
            ParsedExtension::KeyUsage(usage) => {
                self.key_usage.get_or_insert(KeyUsage { critical, bits: usage.flags });
            }
            ParsedExtension::ExtendedKeyUsage(usage) => {
                self.extended_key_usage.get_or_insert_with(|| extended_key_usage(critical, usage));
            }
            ParsedExtension::SubjectAlternativeName(names) => {
                let names = names.general_names.iter().map(alt_name);
                self.alt_names.get_or_insert_with(|| AltNames { critical, names: names.collect() });
            }
            ParsedExtension::SubjectKeyIdentifier(id) => {
                self.subject_key_id.get_or_insert_with(|| id.0.to_vec());
            }
            ParsedExtension::AuthorityKeyIdentifier(authority) => {
                self.authority_key_id.get_or_insert_with(|| AuthorityKeyId {
                    key_id: authority.key_identifier.as_ref().map(|id| id.0.to_vec()),
                    issuer: authority.authority_cert_issuer.iter().flatten().map(alt_name).collect(),
                    serial: authority.authority_cert_serial.map(<[u8]>::to_vec),
                });
            }
            ParsedExtension::NameConstraints(constraints) => {
                let subtrees = |trees: &Option<Vec<GeneralSubtree<'_>>>| trees.iter().flatten().map(subtree).collect();
                self.name_constraints.get_or_insert_with(|| NameConstraints {
                    critical,
                    permitted: subtrees(&constraints.permitted_subtrees),
                    excluded: subtrees(&constraints.excluded_subtrees),
                });
            }
            ParsedExtension::CRLDistributionPoints(points) => self.crl_distribution_points.extend(crl_urls(points)),
            _ => {}
        }
        self.all.push(decoded(extension));
    }
}

fn decoded(extension: &X509Extension<'_>) -> DecodedExtension {
    let oid = extension.oid.to_id_string();
    let parsed = extension.parsed_extension();
    let is_malformed = matches!(parsed, ParsedExtension::ParseError { .. });
    DecodedExtension {
        name: extension_name(&oid),
        critical: extension.critical,
        value: extension.value.to_vec(),
        is_understood: !is_malformed && !parsed.unsupported() && *parsed != ParsedExtension::Unparsed,
        is_malformed,
        oid,
    }
}

fn extended_key_usage(critical: bool, usage: &parsed::ExtendedKeyUsage<'_>) -> ExtendedKeyUsage {
    let named = [
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let named = named.into_iter().filter(|(is_there, _)| *is_there).map(|(_, name)| name.to_owned());
    ExtendedKeyUsage {
        critical,
        server_auth: usage.server_auth,
        client_auth: usage.client_auth,
        any: usage.any,
        other: named.chain(usage.other.iter().map(Oid::to_id_string)).collect(),
    }
}

fn alt_name(name: &GeneralName<'_>) -> AltName {
    match name {
        GeneralName::DNSName(name) => AltName::Dns((*name).to_owned()),
        GeneralName::IPAddress(octets) => address(octets).map_or_else(|| AltName::BadIp(octets.to_vec()), AltName::Ip),
        GeneralName::RFC822Name(address) => AltName::Email((*address).to_owned()),
        GeneralName::URI(uri) => AltName::Uri((*uri).to_owned()),
        GeneralName::DirectoryName(name) => AltName::Directory(name_text(name.as_raw())),
        other => AltName::Other(choice(other)),
    }
}

fn subtree(tree: &GeneralSubtree<'_>) -> Subtree {
    match &tree.base {
        GeneralName::DNSName(name) => Subtree::Dns((*name).to_owned()),
        GeneralName::IPAddress(octets) => Subtree::Ip(octets.to_vec()),
        GeneralName::DirectoryName(name) => Subtree::Directory(name.as_raw().to_vec(), name_text(name.as_raw())),
        GeneralName::RFC822Name(address) => Subtree::Email((*address).to_owned()),
        GeneralName::URI(uri) => Subtree::Uri((*uri).to_owned()),
        other => Subtree::Other(choice(other)),
    }
}

/// Returns what a general name is that TLS does not look at.
fn choice(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::OtherName(oid, _) => format!("otherName {}", oid.to_id_string()),
        GeneralName::X400Address(_) => "x400Address".to_owned(),
        GeneralName::EDIPartyName(_) => "ediPartyName".to_owned(),
        GeneralName::RegisteredID(oid) => format!("registeredID {}", oid.to_id_string()),
        _ => "a name that cannot be read".to_owned(),
    }
}

fn name_text(der: &[u8]) -> String {
    RdnSequence::from_der(der).map_or_else(|_| "a name that cannot be read".to_owned(), |name| name.to_string())
}

fn crl_urls(points: &parsed::CRLDistributionPoints<'_>) -> Vec<String> {
    let names = points.points.iter().filter_map(|point| match &point.distribution_point {
        Some(DistributionPointName::FullName(names)) => Some(names),
        _ => None,
    });
    let uri = |name: &GeneralName<'_>| match name {
        GeneralName::URI(uri) => Some((*uri).to_owned()),
        _ => None,
    };
    names.flatten().filter_map(uri).collect()
}
