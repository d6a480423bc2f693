//! `ContentInfo` (RFC 5652 §3) in an `AuthenticatedSafe` (RFC 7292 §4.1): bags, in the clear or encrypted as one.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5911::{ID_DATA, ID_ENCRYPTED_DATA, ID_ENVELOPED_DATA, ID_SIGNED_DATA};
use der::asn1::Any;
use der::{Encode, Tag};
use x509_cert::spki::AlgorithmIdentifier;
use zeroize::Zeroizing;

use super::element::{EXPLICIT_0, Element, IMPLICIT_0, element, oid};
use super::safe_bag::{SafeBag, read_safe_contents, write_safe_contents};
use super::{Pkcs12Error, Work};
use crate::pbe::Scheme;
use crate::random::Random;

const WHOLE: &str = "content of the store";
const ENCRYPTED: &str = "encrypted content of the store";

/// A list of bags, with the bytes that it was read from.
#[derive(Clone)]
pub(super) struct Contents {
    /// The `ContentInfo` in DER, until the bags change.
    raw: Option<Zeroizing<Vec<u8>>>,
    /// How the list is encrypted, if it is.
    scheme: Option<Scheme>,
    pub(super) bags: Vec<SafeBag>,
}

impl Contents {
    pub(super) fn read(info: Element<'_>, password: &str, work: &mut Work) -> Result<Self, Pkcs12Error> {
        let (scheme, plain) = match Sealed::read(info)? {
            Sealed::Plain(octets) => (None, Zeroizing::new(octets.to_vec())),
            Sealed::Encrypted { algorithm, ciphertext } => {
                let scheme = Scheme::from_algorithm(&algorithm)?;
                work.spend(scheme.iterations())?;
                let plain = decrypt_contents(&scheme, ciphertext, password)?;
                (Some(scheme), plain)
            }
        };
        let bags = read_safe_contents(&plain, work)?;
        Ok(Self { raw: Some(Zeroizing::new(info.raw.to_vec())), scheme, bags })
    }

    /// Says whether the bags are encrypted as one.
    pub(super) fn is_encrypted(&self) -> bool {
        self.scheme.is_some()
    }

    /// Returns how many iterations it takes to decrypt the bags.
    pub(super) fn iterations(&self) -> u32 {
        self.scheme.as_ref().map_or(0, Scheme::iterations)
    }

    /// Replaces the bags.
    pub(super) fn set_bags(&mut self, bags: Vec<SafeBag>) {
        self.raw = None;
        self.bags = bags;
    }

    /// Adds bags behind the others.
    pub(super) fn extend(&mut self, bags: Vec<SafeBag>) {
        self.raw = None;
        self.bags.extend(bags);
    }

    /// Returns the `ContentInfo` in DER: the bytes that it was read from, or else the bags written anew, encrypted by the same
    /// scheme under a new salt.
    pub(super) fn write(&self, password: &str, random: &dyn Random) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
        if let Some(raw) = &self.raw {
            return Ok(raw.clone());
        }
        let plain = write_safe_contents(&self.bags)?;
        match &self.scheme {
            None => write_data(&plain).map(Zeroizing::new),
            Some(scheme) => {
                let scheme = scheme.renewed(random)?;
                write_encrypted_data(&scheme, &scheme.encrypt(&plain, password)?).map(Zeroizing::new)
            }
        }
    }
}

/// A list of bags as it stands in the file.
pub(super) enum Sealed<'a> {
    /// Under the password of the store.
    Encrypted { algorithm: AlgorithmIdentifier<Any>, ciphertext: &'a [u8] },
    /// The DER of the list.
    Plain(&'a [u8]),
}

impl<'a> Sealed<'a> {
    pub(super) fn read(info: Element<'a>) -> Result<Self, Pkcs12Error> {
        let (kind, content) = read_content_info(info, WHOLE)?;
        match kind {
            ID_DATA => Ok(Self::Plain(content.inner(Tag::OctetString, WHOLE)?.value)),
            ID_ENCRYPTED_DATA => read_encrypted_data(content),
            ID_ENVELOPED_DATA | ID_SIGNED_DATA => Err(Pkcs12Error::PublicKeyMode),
            _ => Err(Pkcs12Error::Malformed(WHOLE)),
        }
    }
}

/// Returns the DER of a list of bags.
pub(super) fn decrypt_contents(
    scheme: &Scheme,
    ciphertext: &[u8],
    password: &str,
) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let plain = scheme.decrypt(ciphertext, password)?;
    // With another password one plaintext of 256 comes out as something, but not as a list.
    match Element::only(&plain, Tag::Sequence, ENCRYPTED) {
        Ok(_) => Ok(plain),
        Err(_) => Err(Pkcs12Error::WrongPasswordOrDamaged),
    }
}

/// Returns the type and the content of a `ContentInfo`, within its explicit tag.
pub(super) fn read_content_info<'a>(
    info: Element<'a>,
    reading: &'static str,
) -> Result<(ObjectIdentifier, Element<'a>), Pkcs12Error> {
    let mut parts = info.elements(reading)?;
    let kind = parts.oid()?;
    let content = parts.expect(EXPLICIT_0)?;
    parts.finish()?;
    Ok((kind, content))
}

/// Returns the DER of a `ContentInfo` of the type `data`.
pub(super) fn write_data(octets: &[u8]) -> Result<Vec<u8>, Pkcs12Error> {
    write_content_info(ID_DATA, &Zeroizing::new(element(Tag::OctetString, &[octets])?))
}

/// Returns the DER of a `ContentInfo` of the type `encryptedData`.
pub(super) fn write_encrypted_data(scheme: &Scheme, ciphertext: &[u8]) -> Result<Vec<u8>, Pkcs12Error> {
    let ciphertext = element(IMPLICIT_0, &[ciphertext])?;
    let algorithm = scheme.algorithm()?.to_der().map_err(|_| Pkcs12Error::TooLarge)?;
    let content = element(Tag::Sequence, &[&oid(ID_DATA)?, &algorithm, &ciphertext])?;
    let version = 0_u8.to_der().map_err(|_| Pkcs12Error::TooLarge)?;
    let encrypted = element(Tag::Sequence, &[&version, &content])?;
    write_content_info(ID_ENCRYPTED_DATA, &encrypted)
}

fn write_content_info(kind: ObjectIdentifier, content: &[u8]) -> Result<Vec<u8>, Pkcs12Error> {
    element(Tag::Sequence, &[&oid(kind)?, &Zeroizing::new(element(EXPLICIT_0, &[content])?)])
}

/// Reads an `EncryptedData` (RFC 5652 §8).
fn read_encrypted_data(content: Element<'_>) -> Result<Sealed<'_>, Pkcs12Error> {
    let mut parts = content.inner(Tag::Sequence, ENCRYPTED)?.elements(ENCRYPTED)?;
    let version: u8 = parts.expect(Tag::Integer)?.decode(ENCRYPTED)?;
    let mut info = parts.expect(Tag::Sequence)?.elements(ENCRYPTED)?;
    parts.finish()?;
    if version != 0 || info.oid()? != ID_DATA {
        return Err(Pkcs12Error::Malformed(ENCRYPTED));
    }
    let algorithm = info.expect(Tag::Sequence)?.decode(ENCRYPTED)?;
    let ciphertext = info.expect(IMPLICIT_0)?.value;
    info.finish()?;
    Ok(Sealed::Encrypted { algorithm, ciphertext })
}

/// Returns the DER of an `EncryptedPrivateKeyInfo` (RFC 5208 §6).
pub(super) fn write_encrypted_key(scheme: &Scheme, ciphertext: &[u8]) -> Result<Vec<u8>, Pkcs12Error> {
    let algorithm = scheme.algorithm()?.to_der().map_err(|_| Pkcs12Error::TooLarge)?;
    element(Tag::Sequence, &[&algorithm, &element(Tag::OctetString, &[ciphertext])?])
}

/// Reads an `EncryptedPrivateKeyInfo` (RFC 5208 §6).
pub(super) fn read_encrypted_key(der: &[u8]) -> Result<(AlgorithmIdentifier<Any>, &[u8]), Pkcs12Error> {
    const KEY: &str = "encrypted key";
    let mut parts = Element::only(der, Tag::Sequence, KEY)?.elements(KEY)?;
    let algorithm = parts.expect(Tag::Sequence)?.decode(KEY)?;
    let ciphertext = parts.expect(Tag::OctetString)?.value;
    parts.finish()?;
    Ok((algorithm, ciphertext))
}
