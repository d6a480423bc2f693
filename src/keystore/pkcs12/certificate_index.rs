//! Finds the issuer of a certificate as `PKCS12KeyStore.findIssuer` of the JDK does, without going through all of them.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};
use x509_parser::asn1_rs::Tag;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::X509Name;

/// All certificates of a store, in their order.
pub(crate) struct CertificateIndex {
    links: Vec<Link>,
}

struct Link {
    /// Certificates of the same bytes have the same number.
    identity: usize,
    /// The next certificate of a chain, if there is one and this one is not self-signed.
    issuer: Option<usize>,
}

/// The most bytes of a certificate that is linked to others: to parse one takes many times its size.
const MAX_CERTIFICATE: usize = 256 << 10;

/// What links a certificate to others: names and key identifiers as digests, so that it takes no more of a long one.
struct Names {
    subject: Digest,
    issuer: Digest,
    subject_key_id: Option<Digest>,
    authority_key_id: Option<Digest>,
}

type Digest = [u8; 32];

/// Certificates by what their subordinates say of them.
#[derive(Default)]
struct Issuers<'n> {
    /// The first certificate of each subject.
    by_subject: HashMap<&'n Digest, usize>,
    /// The first certificate of each subject and subjectKeyIdentifier.
    by_key_id: HashMap<(&'n Digest, &'n Digest), usize>,
    /// The last certificate of each subject that has no subjectKeyIdentifier.
    without_key_id: HashMap<&'n Digest, usize>,
}

impl CertificateIndex {
    pub(crate) fn of<'a>(certificates: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut numbers: HashMap<&[u8], usize> = HashMap::new();
        let (identities, names): (Vec<usize>, Vec<Option<Names>>) = certificates
            .into_iter()
            .enumerate()
            .map(|(at, der)| (*numbers.entry(der).or_insert(at), Names::of(der)))
            .unzip();
        let issuers = Issuers::of(&names);
        let issuer_of = |names: &Names| if names.is_self_signed() { None } else { issuers.find(names) };
        let link =
            |(identity, names): (usize, &Option<Names>)| Link { identity, issuer: names.as_ref().and_then(issuer_of) };
        Self { links: identities.into_iter().zip(&names).map(link).collect() }
    }

    /// Returns a number that only certificates of the same bytes share.
    pub(super) fn identity(&self, at: usize) -> Option<usize> {
        self.links.get(at).map(|link| link.identity)
    }

    /// Returns the chain that begins with a certificate: up to a self-signed one, to one whose issuer is not there, or to one
    /// that would be there twice. `None` if it is longer than `most`.
    pub(crate) fn chain(&self, leaf: usize, most: usize) -> Option<Vec<usize>> {
        let mut chain = Vec::new();
        let mut identities = Vec::new();
        let mut next = Some(leaf);
        while let Some((at, link)) = next.and_then(|at| Some((at, self.links.get(at)?))) {
            if identities.contains(&link.identity) {
                break;
            }
            if chain.len() >= most {
                return None;
            }
            chain.push(at);
            identities.push(link.identity);
            next = link.issuer;
        }
        Some(chain)
    }
}

impl<'n> Issuers<'n> {
    fn of(names: &'n [Option<Names>]) -> Self {
        let mut issuers = Self::default();
        for (at, names) in names.iter().enumerate() {
            // What cannot be parsed is linked to nothing.
            let Some(Names { subject, subject_key_id, .. }) = names else { continue };
            issuers.by_subject.entry(subject).or_insert(at);
            if let Some(id) = subject_key_id {
                issuers.by_key_id.entry((subject, id)).or_insert(at);
            } else {
                issuers.without_key_id.insert(subject, at);
            }
        }
        issuers
    }

    fn find(&self, names: &Names) -> Option<usize> {
        let issuer = &names.issuer;
        let found = match &names.authority_key_id {
            Some(id) => self.by_key_id.get(&(issuer, id)).or_else(|| self.without_key_id.get(issuer)),
            None => self.by_subject.get(issuer),
        };
        found.copied()
    }
}

impl Names {
    fn of(der: &[u8]) -> Option<Self> {
        if der.len() > MAX_CERTIFICATE {
            return None;
        }
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let key_id = |wanted: fn(&ParsedExtension<'_>) -> Option<Digest>| {
            certificate.extensions().iter().find_map(|extension| wanted(extension.parsed_extension()))
        };
        Some(Self {
            subject: digest(&canonical(certificate.subject())),
            issuer: digest(&canonical(certificate.issuer())),
            subject_key_id: key_id(|extension| match extension {
                ParsedExtension::SubjectKeyIdentifier(id) => Some(digest(id.0)),
                _ => None,
            }),
            authority_key_id: key_id(|extension| match extension {
                ParsedExtension::AuthorityKeyIdentifier(id) => id.key_identifier.as_ref().map(|id| digest(id.0)),
                _ => None,
            }),
        })
    }

    /// Says whether the certificate is its own issuer, by its names and key identifiers; Java tries the signature.
    fn is_self_signed(&self) -> bool {
        let has_other_key =
            matches!((&self.subject_key_id, &self.authority_key_id), (Some(own), Some(issuers)) if own != issuers);
        self.subject == self.issuer && !has_other_key
    }
}

/// Returns bytes that are equal for names which Java takes for the same: text without regard to case, outer and repeated
/// spaces, and the ASN.1 type (`X500Name.canonicalize`).
fn canonical(name: &X509Name<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for rdn in name.iter() {
        let mut attributes: Vec<Vec<u8>> = rdn
            .iter()
            .map(|attribute| {
                let value = attribute.attr_value();
                let is_text = matches!(value.tag(), Tag::Utf8String | Tag::PrintableString | Tag::Ia5String);
                let text = if is_text { std::str::from_utf8(value.data).ok() } else { None };
                let (tag, value) = match text {
                    Some(text) => {
                        let words: Vec<&str> = text.split_whitespace().collect();
                        (Tag::Utf8String, words.join(" ").to_lowercase().into_bytes())
                    }
                    None => (value.tag(), value.data.to_vec()),
                };
                let mut part = Vec::new();
                put(&mut part, attribute.attr_type().as_bytes());
                put(&mut part, &tag.0.to_be_bytes());
                put(&mut part, &value);
                part
            })
            .collect();
        attributes.sort_unstable();
        put(&mut bytes, &attributes.concat());
    }
    bytes
}

fn digest(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

/// Appends a part behind its length, so that no two lists of parts are the same bytes.
fn put(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend_from_slice(&part.len().to_be_bytes());
    bytes.extend_from_slice(part);
}
