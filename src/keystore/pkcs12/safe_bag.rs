//! `SafeBag` (RFC 7292 §4.2): what it is, read out of bytes that are kept.

use std::fmt;

use const_oid::ObjectIdentifier;
use der::{Encode, Tag};
use zeroize::Zeroizing;

use super::element::{EXPLICIT_0, Element, Elements, element, oid};
use super::{MAX_TEXT, Pkcs12Error, Work};

const KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.1");
const SHROUDED_KEY_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.2");
const CERTIFICATE_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.3");
const SECRET_BAG: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.10.1.5");
/// `x509Certificate` (RFC 2985 §6.7).
const X509_CERTIFICATE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.22.1");
const FRIENDLY_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.20");
const LOCAL_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.21");
/// The attribute that makes a certificate a trusted entry (`PKCS12KeyStore.TrustedKeyUsage_OID`).
const TRUSTED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.113894.746875.1.1");
/// The value of that attribute: every use.
const ANY_EXTENDED_KEY_USAGE: ObjectIdentifier = const_oid::db::rfc5280::ANY_EXTENDED_KEY_USAGE;

const WHOLE: &str = "bag";
const ATTRIBUTE: &str = "attribute of a bag";

/// A bag: its bytes, and what was read out of them.
#[derive(Clone)]
pub(super) struct SafeBag {
    /// The whole `SafeBag` in DER. A plain key is in it, where the bag is one.
    pub(super) raw: Zeroizing<Vec<u8>>,
    pub(super) kind: BagKind,
    pub(super) friendly_name: Option<String>,
    pub(super) local_key_id: Option<Vec<u8>>,
    /// It has the attribute without which Java trusts no certificate.
    pub(super) is_trusted: bool,
}

/// What a bag holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BagKind {
    /// An X.509 certificate.
    Certificate,
    /// A plain `PrivateKeyInfo`, which Java does not read.
    Key,
    /// A CRL, or more bags, or something that nobody has defined yet, by its type.
    Other(ObjectIdentifier),
    /// A certificate that is not X.509, by its type.
    OtherCertificate(ObjectIdentifier),
    /// What Java keeps a secret key in.
    Secret,
    /// An `EncryptedPrivateKeyInfo`.
    ShroudedKey,
}

/// Nothing of the content.
impl fmt::Debug for SafeBag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SafeBag({} bytes)", self.raw.len())
    }
}

impl SafeBag {
    pub(super) fn read(bag: Element<'_>) -> Result<Self, Pkcs12Error> {
        let mut parts = bag.elements(WHOLE)?;
        let id = parts.oid()?;
        let kind = BagKind::of(id, parts.expect(EXPLICIT_0)?)?;
        let mut read = Self {
            raw: Zeroizing::new(bag.raw.to_vec()),
            kind,
            friendly_name: None,
            local_key_id: None,
            is_trusted: false,
        };
        if let Some(attributes) = parts.last(Tag::Set)? {
            let mut attributes = attributes.elements(ATTRIBUTE)?;
            while let Some((tag, attribute)) = attributes.next()? {
                if tag != Tag::Sequence {
                    return Err(Pkcs12Error::Malformed(ATTRIBUTE));
                }
                read.read_attribute(attribute)?;
            }
        }
        Ok(read)
    }

    fn read_attribute(&mut self, attribute: Element<'_>) -> Result<(), Pkcs12Error> {
        let mut parts = attribute.elements(ATTRIBUTE)?;
        let id = parts.oid()?;
        let mut values = parts.expect(Tag::Set)?.elements(ATTRIBUTE)?;
        parts.finish()?;
        match id {
            FRIENDLY_NAME => self.friendly_name = Some(bmp_text(values.expect(Tag::BmpString)?.value)?),
            LOCAL_KEY_ID => self.local_key_id = Some(values.expect(Tag::OctetString)?.value.to_vec()),
            TRUSTED_KEY_USAGE => self.is_trusted = true,
            _ => {}
        }
        Ok(())
    }

    /// Makes the bag of a certificate. The leaf of a chain has the id of its key, and its name; the others have neither.
    pub(super) fn of_certificate(
        der: &[u8],
        friendly_name: Option<&str>,
        local_key_id: Option<&[u8]>,
    ) -> Result<Self, Pkcs12Error> {
        let bag = certificate_bag(der, &Attributes { friendly_name, local_key_id, is_trusted: false })?;
        Self::read(Element::only(&bag, Tag::Sequence, WHOLE)?)
    }

    /// Returns what the bag holds, in DER: a certificate, or a key in its structure.
    pub(super) fn content(&self) -> Option<&[u8]> {
        let mut parts = Element::only(&self.raw, Tag::Sequence, WHOLE).ok()?.elements(WHOLE).ok()?;
        parts.oid().ok()?;
        let value = parts.expect(EXPLICIT_0).ok()?;
        match self.kind {
            BagKind::Certificate => read_certificate_bag(value).ok()?.ok(),
            _ => Some(value.value),
        }
    }

    /// Returns the certificate that the bag holds, in DER.
    pub(super) fn certificate(&self) -> Option<&[u8]> {
        if self.kind == BagKind::Certificate { self.content() } else { None }
    }

    /// Returns the `EncryptedPrivateKeyInfo` that the bag holds, in DER.
    pub(super) fn shrouded_key(&self) -> Option<&[u8]> {
        if self.kind == BagKind::ShroudedKey { self.content() } else { None }
    }

    /// Returns the type of a certificate that is not X.509.
    pub(super) fn other_certificate(&self) -> Option<ObjectIdentifier> {
        match self.kind {
            BagKind::OtherCertificate(kind) => Some(kind),
            _ => None,
        }
    }

    /// Says whether the bag holds an encrypted private key.
    pub(super) fn is_shrouded_key(&self) -> bool {
        self.kind == BagKind::ShroudedKey
    }

    /// Returns how many bytes of names and ids were copied out of the bag.
    fn text_length(&self) -> usize {
        let name = self.friendly_name.as_ref().map_or(0, String::len);
        name.saturating_add(self.local_key_id.as_ref().map_or(0, Vec::len))
    }
}

impl BagKind {
    fn of(id: ObjectIdentifier, value: Element<'_>) -> Result<Self, Pkcs12Error> {
        Ok(match id {
            CERTIFICATE_BAG => match read_certificate_bag(value)? {
                Ok(_) => Self::Certificate,
                Err(kind) => Self::OtherCertificate(kind),
            },
            KEY_BAG => Self::Key,
            SECRET_BAG => Self::Secret,
            SHROUDED_KEY_BAG => {
                value.inner(Tag::Sequence, "encrypted key")?;
                Self::ShroudedKey
            }
            id => Self::Other(id),
        })
    }
}

/// Returns the DER of a `CertBag`, or else the type of a certificate that is not X.509.
fn read_certificate_bag(value: Element<'_>) -> Result<Result<&[u8], ObjectIdentifier>, Pkcs12Error> {
    const BAG: &str = "certificate bag";
    let mut parts = value.inner(Tag::Sequence, BAG)?.elements(BAG)?;
    let kind = parts.oid()?;
    if kind != X509_CERTIFICATE {
        return Ok(Err(kind));
    }
    let der = parts.expect(EXPLICIT_0)?.inner(Tag::OctetString, BAG)?;
    parts.finish()?;
    Ok(Ok(der.value))
}

/// Reads a `SafeContents`, as far as its bags are not too many.
pub(super) fn read_safe_contents(der: &[u8], work: &mut Work) -> Result<Vec<SafeBag>, Pkcs12Error> {
    const CONTENTS: &str = "list of bags";
    let mut elements: Elements<'_> = Element::only(der, Tag::Sequence, CONTENTS)?.elements(CONTENTS)?;
    let mut bags = Vec::new();
    while let Some((tag, bag)) = elements.next()? {
        if tag != Tag::Sequence {
            return Err(Pkcs12Error::Malformed(CONTENTS));
        }
        work.take_bags(1)?;
        let bag = SafeBag::read(bag)?;
        work.take_text(bag.text_length())?;
        bags.push(bag);
    }
    Ok(bags)
}

/// Returns the DER of a `SafeContents`.
pub(super) fn write_safe_contents(bags: &[SafeBag]) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let raw: Vec<&[u8]> = bags.iter().map(|bag| bag.raw.as_slice()).collect();
    element(Tag::Sequence, &raw).map(Zeroizing::new)
}

/// What is said of a bag beside its content.
#[derive(Default)]
pub(super) struct Attributes<'a> {
    pub(super) friendly_name: Option<&'a str>,
    pub(super) local_key_id: Option<&'a [u8]>,
    /// It is a certificate that Java shall trust.
    pub(super) is_trusted: bool,
}

impl Attributes<'_> {
    /// Returns the DER of the SET, if there is anything in it.
    fn to_der(&self) -> Result<Option<Vec<u8>>, Pkcs12Error> {
        let mut attributes = Vec::new();
        if let Some(name) = self.friendly_name {
            let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
            attributes.push(attribute(FRIENDLY_NAME, &element(Tag::BmpString, &[&units])?)?);
        }
        if let Some(id) = self.local_key_id {
            attributes.push(attribute(LOCAL_KEY_ID, &element(Tag::OctetString, &[id])?)?);
        }
        if self.is_trusted {
            attributes.push(attribute(TRUSTED_KEY_USAGE, &oid(ANY_EXTENDED_KEY_USAGE)?)?);
        }
        // X.690 §11.6: the encodings in ascending order.
        attributes.sort_unstable();
        if attributes.is_empty() { Ok(None) } else { element(Tag::Set, &[&attributes.concat()]).map(Some) }
    }
}

/// Returns the DER of the bag of a certificate.
pub(super) fn certificate_bag(der: &[u8], attributes: &Attributes<'_>) -> Result<Vec<u8>, Pkcs12Error> {
    let octets = element(Tag::OctetString, &[der])?;
    let value = element(Tag::Sequence, &[&oid(X509_CERTIFICATE)?, &element(EXPLICIT_0, &[&octets])?])?;
    bag(CERTIFICATE_BAG, &value, attributes)
}

/// Returns the DER of the bag of a key, of which this is the `EncryptedPrivateKeyInfo` in DER.
pub(super) fn shrouded_key_bag(der: &[u8], attributes: &Attributes<'_>) -> Result<Vec<u8>, Pkcs12Error> {
    bag(SHROUDED_KEY_BAG, der, attributes)
}

fn bag(kind: ObjectIdentifier, value: &[u8], attributes: &Attributes<'_>) -> Result<Vec<u8>, Pkcs12Error> {
    let attributes = attributes.to_der()?.unwrap_or_default();
    element(Tag::Sequence, &[&oid(kind)?, &element(EXPLICIT_0, &[value])?, &attributes])
}

fn attribute(id: ObjectIdentifier, value: &[u8]) -> Result<Vec<u8>, Pkcs12Error> {
    let id = id.to_der().map_err(|_| Pkcs12Error::TooLarge)?;
    element(Tag::Sequence, &[&id, &element(Tag::Set, &[value])?])
}

/// Returns the text of a `BMPString` as Java does: what is no text becomes U+FFFD.
fn bmp_text(bytes: &[u8]) -> Result<String, Pkcs12Error> {
    if bytes.len() > MAX_TEXT {
        return Err(Pkcs12Error::TooLarge);
    }
    let (units, rest) = bytes.as_chunks();
    if !rest.is_empty() {
        return Err(Pkcs12Error::Malformed(ATTRIBUTE));
    }
    let units: Vec<u16> = units.iter().map(|unit| u16::from_be_bytes(*unit)).collect();
    Ok(String::from_utf16_lossy(&units))
}
