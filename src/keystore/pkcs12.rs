//! PKCS#12 stores of others (RFC 7292): read, changed, and otherwise kept as they are.
//!
//! A store is a list of `ContentInfo`s, and each a list of bags. A bag stays the bytes that it was read from, a `ContentInfo`
//! too unless a bag of it changes, and the whole file unless anything does: neither the JDK nor OpenSSL sorts a SET, so
//! nothing that was read could be encoded again as it was.
//!
//! ```text
//! PFX ── 3, ContentInfo data ── AuthenticatedSafe ──┬─ ContentInfo data ────────── SafeContents ── bag …
//!     └─ MacData                                    └─ ContentInfo encryptedData ─ SafeContents ── bag …
//! ```
//!
//! What Java makes of the bags is another matter: see [`java_view`].

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

mod certificate_index;
mod change;
mod content_info;
mod element;
mod error;
mod java_view;
mod mac;
mod mac_survey;
mod new_store;
mod pbmac1;
mod safe_bag;
mod survey;
#[cfg(test)]
mod tests;

use std::fmt;

use const_oid::db::rfc5911::{ID_DATA, ID_SIGNED_DATA};
use der::Tag;
use zeroize::Zeroizing;

use self::content_info::{Contents, read_content_info, read_encrypted_key, write_data};
use self::element::{Element, element};
use self::java_view::JavaView;
use self::mac::MacData;
use self::safe_bag::SafeBag;
use crate::pbe::Scheme;
use crate::random::Random;

pub(crate) use self::certificate_index::CertificateIndex;
pub use self::error::Pkcs12Error;
pub(super) use self::java_view::{ViewContent, ViewEntry};
pub use self::new_store::Pkcs12Keys;
pub(super) use self::new_store::write_legacy;
pub(super) use self::survey::survey;

/// The only version of a PFX that is left.
const VERSION: u8 = 3;
/// The most bytes of a file.
pub(super) const MAX_SIZE: usize = 16 << 20;
/// The most bags in a file, and the most `ContentInfo`s.
const MAX_BAGS: usize = 10_000;
/// The most bytes of all names and localKeyIds in a file: a name is kept several times.
const MAX_TEXT: usize = 1 << 20;
/// The most iterations of all the key derivations for one file, some seconds of work; the JDK allows 5,000,000 for each.
///
/// Every key is opened, so that this bounds how many keys there can be: 2,900 of a JDK since 16 (10,000 iterations each),
/// 590 of JDK 9 to 15 (50,000), 48 under a password that a person chose (600,000). No change is made that goes beyond it.
pub(super) const MAX_TOTAL_ITERATIONS: u64 = 30_000_000;

/// A store, decrypted but for its keys.
#[derive(Clone)]
pub(super) struct Pkcs12 {
    /// The file, until something changes.
    raw: Option<Zeroizing<Vec<u8>>>,
    contents: Vec<Contents>,
    mac: Option<MacData>,
    view: JavaView,
}

impl fmt::Debug for Pkcs12 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pkcs12({} entries)", self.view.entries.len())
    }
}

impl Pkcs12 {
    /// Reads a store. The MAC is checked before anything is decrypted, and every encrypted key is opened once.
    pub(super) fn open(bytes: &[u8], password: &str) -> Result<Self, Pkcs12Error> {
        if bytes.len() > MAX_SIZE {
            return Err(Pkcs12Error::TooLarge);
        }
        let (authenticated_safe, mac) = read_pfx(bytes)?;
        let mac = mac.map(MacData::read).transpose()?;
        let mut work = Work::default();
        if let Some(mac) = &mac {
            work.spend(mac.iterations())?;
            if !mac.verifies(authenticated_safe, password) {
                return Err(Pkcs12Error::WrongPasswordOrDamaged);
            }
        }
        let contents =
            read_authenticated_safe(authenticated_safe, password, &mut work).map_err(|error| match error {
                Pkcs12Error::WrongPasswordOrDamaged if mac.is_some() => Pkcs12Error::ContentPassword,
                error => error,
            })?;
        let is_proved = mac.is_some() || contents.iter().any(Contents::is_encrypted);
        refuse_other_certificates(&contents)?;
        let view = JavaView::of(bags_of(&contents))?.without_duplicates()?;
        let store = Self { raw: Some(Zeroizing::new(bytes.to_vec())), contents, mac, view };
        store.open_all_keys(password, is_proved, &mut work)?;
        Ok(store)
    }

    /// Says whether the bytes begin as a `PFX` does: a SEQUENCE whose first element is the number 3.
    pub(super) fn is_pfx(bytes: &[u8]) -> bool {
        let [0x30, length, rest @ ..] = bytes else { return false };
        // X.690 §8.1.3: more octets of the length follow, as many as the low bits of the first say.
        let more = if *length > 0x80 { usize::from(length & 0x7F) } else { 0 };
        rest.get(more..).is_some_and(|content| content.starts_with(&[0x02, 0x01, VERSION]))
    }

    /// Says whether a MAC proves that whoever wrote the store knew the password.
    pub(super) fn has_mac(&self) -> bool {
        self.mac.is_some()
    }

    /// Returns what Java makes of the bags.
    pub(super) fn view(&self) -> &JavaView {
        &self.view
    }

    /// Returns the certificate in a bag that the view names.
    pub(super) fn certificate(&self, bag: BagAt) -> &[u8] {
        self.bag(bag).and_then(SafeBag::certificate).unwrap_or_default()
    }

    /// Returns the plain PKCS#8 of the key in a bag that the view names.
    pub(super) fn private_key(&self, bag: BagAt, password: &str) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
        match self.bag(bag).and_then(SafeBag::shrouded_key) {
            Some(der) => open_key(der, password, &mut Work::default()),
            None => Err(Pkcs12Error::Malformed("encrypted key")),
        }
    }

    /// Returns the bytes of the store: those that it was read from, if nothing has changed.
    pub(super) fn to_bytes(&self, password: &str, random: &dyn Random) -> Result<Vec<u8>, Pkcs12Error> {
        if let Some(raw) = &self.raw {
            return Ok(raw.to_vec());
        }
        self.check_work()?;
        let contents = self.contents.iter().map(|contents| contents.write(password, random));
        let contents = contents.collect::<Result<Vec<_>, _>>()?;
        let contents: Vec<&[u8]> = contents.iter().map(|contents| contents.as_slice()).collect();
        let bytes = write_pfx(&contents, |authenticated_safe| match &self.mac {
            Some(mac) => mac.renewed(authenticated_safe, password, random),
            None => Ok(Vec::new()),
        })?;
        if bytes.len() > MAX_SIZE { Err(Pkcs12Error::TooLarge) } else { Ok(bytes) }
    }

    /// Returns the keys as they stand in the file.
    #[cfg(test)]
    pub(super) fn encrypted_keys(&self) -> Vec<Vec<u8>> {
        self.bags().filter_map(|(_, bag)| bag.shrouded_key().map(<[u8]>::to_vec)).collect()
    }

    fn bag(&self, at: BagAt) -> Option<&SafeBag> {
        self.contents.get(at.contents)?.bags.get(at.bag)
    }

    /// Returns all bags with their places.
    fn bags(&self) -> impl Iterator<Item = (BagAt, &SafeBag)> {
        bags_of(&self.contents)
    }

    /// Refuses a store of more work or more bags than [`Pkcs12::open`] would do and read: what is written is to be read again.
    fn check_work(&self) -> Result<(), Pkcs12Error> {
        let mut work = Work::default();
        if let Some(mac) = &self.mac {
            work.spend(mac.iterations())?;
        }
        for contents in &self.contents {
            work.take_bags(1)?;
            work.spend(contents.iterations())?;
            work.take_bags(contents.bags.len())?;
        }
        for (_, bag) in self.bags() {
            if let Some(der) = bag.shrouded_key() {
                work.spend(Scheme::from_algorithm(&read_encrypted_key(der)?.0)?.iterations())?;
            }
        }
        Ok(())
    }

    fn open_all_keys(&self, password: &str, is_proved: bool, work: &mut Work) -> Result<(), Pkcs12Error> {
        let mut is_proved = is_proved;
        for (_, bag) in self.bags() {
            let Some(der) = bag.shrouded_key() else { continue };
            match open_key(der, password, work) {
                Ok(_) => is_proved = true,
                Err(Pkcs12Error::WrongPasswordOrDamaged) if is_proved => {
                    return Err(Pkcs12Error::KeyPassword(bag.friendly_name.clone()));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The place of a bag: in which `ContentInfo`, and where in there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct BagAt {
    contents: usize,
    bag: usize,
}

/// What reading a file may still cost.
#[derive(Debug)]
struct Work {
    iterations: u64,
    most_iterations: u64,
    bags_left: usize,
    text_left: usize,
}

impl Default for Work {
    fn default() -> Self {
        Self { iterations: 0, most_iterations: MAX_TOTAL_ITERATIONS, bags_left: MAX_BAGS, text_left: MAX_TEXT }
    }
}

impl Work {
    fn of(most_iterations: u64) -> Self {
        Self { most_iterations, ..Self::default() }
    }

    /// Counts the iterations of a key derivation that is to be done, unless there are too many.
    fn spend(&mut self, iterations: impl Into<u64>) -> Result<(), Pkcs12Error> {
        let total = self.iterations.saturating_add(iterations.into());
        if total > self.most_iterations {
            return Err(Pkcs12Error::TooMuchWork(total));
        }
        self.iterations = total;
        Ok(())
    }

    fn take_bags(&mut self, count: usize) -> Result<(), Pkcs12Error> {
        self.bags_left = self.bags_left.checked_sub(count).ok_or(Pkcs12Error::TooLarge)?;
        Ok(())
    }

    /// Counts bytes of names and ids.
    fn take_text(&mut self, length: usize) -> Result<(), Pkcs12Error> {
        self.text_left = self.text_left.checked_sub(length).ok_or(Pkcs12Error::TooLarge)?;
        Ok(())
    }
}

/// Returns the DER of a store with these `ContentInfo`s, and with the `MacData` that `mac` makes over all of them.
fn write_pfx(
    contents: &[&[u8]],
    mac: impl FnOnce(&[u8]) -> Result<Vec<u8>, Pkcs12Error>,
) -> Result<Vec<u8>, Pkcs12Error> {
    let authenticated_safe = Zeroizing::new(element(Tag::Sequence, contents)?);
    let mac = mac(&authenticated_safe)?;
    let safe = Zeroizing::new(write_data(&authenticated_safe)?);
    let version = element(Tag::Integer, &[&[VERSION]])?;
    element(Tag::Sequence, &[&version, &safe, &mac])
}

/// Returns the DER of the `AuthenticatedSafe`, and the `MacData` over it.
fn read_pfx(bytes: &[u8]) -> Result<(&[u8], Option<Element<'_>>), Pkcs12Error> {
    const PFX: &str = "PKCS#12 store";
    let pfx = Element::only(bytes, Tag::Sequence, PFX)?;
    let mut parts = pfx.elements(PFX)?;
    // A certificate or a private key is a SEQUENCE too.
    match parts.next()? {
        Some((Tag::Integer, version)) if version.value == [VERSION] => {}
        _ => return Err(Pkcs12Error::NotPkcs12),
    }
    let (kind, content) = read_content_info(parts.expect(Tag::Sequence)?, PFX)?;
    match kind {
        ID_DATA => {}
        ID_SIGNED_DATA => return Err(Pkcs12Error::PublicKeyMode),
        _ => return Err(Pkcs12Error::NotPkcs12),
    }
    let authenticated_safe = content.inner(Tag::OctetString, PFX)?.value;
    Ok((authenticated_safe, parts.last(Tag::Sequence)?))
}

fn read_authenticated_safe(der: &[u8], password: &str, work: &mut Work) -> Result<Vec<Contents>, Pkcs12Error> {
    content_infos(der, work)?.into_iter().map(|info| Contents::read(info, password, work)).collect()
}

/// Returns the `ContentInfo`s of an `AuthenticatedSafe`.
fn content_infos<'a>(der: &'a [u8], work: &mut Work) -> Result<Vec<Element<'a>>, Pkcs12Error> {
    const SAFE: &str = "list of the store's contents";
    let mut elements = Element::only(der, Tag::Sequence, SAFE)?.elements(SAFE)?;
    let mut infos = Vec::new();
    while let Some((tag, info)) = elements.next()? {
        if tag != Tag::Sequence {
            return Err(Pkcs12Error::Malformed(SAFE));
        }
        // An empty one counts as well.
        work.take_bags(1)?;
        infos.push(info);
    }
    Ok(infos)
}

/// Refuses certificates that are not X.509, of which nobody knows what they are to Java.
fn refuse_other_certificates(contents: &[Contents]) -> Result<(), Pkcs12Error> {
    let other = bags_of(contents).find_map(|(_, bag)| bag.other_certificate());
    other.map_or(Ok(()), |kind| Err(Pkcs12Error::UnsupportedCertificate(kind)))
}

fn bags_of(contents: &[Contents]) -> impl Iterator<Item = (BagAt, &SafeBag)> {
    contents.iter().enumerate().flat_map(|(contents, of)| {
        of.bags.iter().enumerate().map(move |(bag, safe_bag)| (BagAt { contents, bag }, safe_bag))
    })
}

/// Returns the plain PKCS#8 of an `EncryptedPrivateKeyInfo`.
fn open_key(der: &[u8], password: &str, work: &mut Work) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let (algorithm, ciphertext) = read_encrypted_key(der)?;
    let scheme = Scheme::from_algorithm(&algorithm)?;
    work.spend(scheme.iterations())?;
    decrypt_key(&scheme, ciphertext, password)
}

fn decrypt_key(scheme: &Scheme, ciphertext: &[u8], password: &str) -> Result<Zeroizing<Vec<u8>>, Pkcs12Error> {
    let key = scheme.decrypt(ciphertext, password)?;
    // With another password one plaintext of 256 comes out as something, but not as a key.
    if is_private_key_info(&key) { Ok(key) } else { Err(Pkcs12Error::WrongPasswordOrDamaged) }
}

/// Says whether bytes have the structure of a `PrivateKeyInfo` (RFC 5208 §5), and are no more.
pub(super) fn is_private_key_info(der: &[u8]) -> bool {
    const KEY: &str = "private key";
    let read = || {
        let mut parts = Element::only(der, Tag::Sequence, KEY)?.elements(KEY)?;
        parts.expect(Tag::Integer)?;
        parts.expect(Tag::Sequence)?.elements(KEY)?.oid()?;
        parts.expect(Tag::OctetString)
    };
    read().is_ok()
}
