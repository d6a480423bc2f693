//! New stores, with the JDK's parameters, or with those of old readers.
//!
//! What takes the time is to derive keys from a password, so that it is done once for all stores under that password. The salts are the
//! same in all of them then; each part has an IV of its own. Whoever guesses the password of one has that of all, whatever the salts.

use std::collections::HashSet;
use std::fmt;

use der::Tag;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::content_info::{write_data, write_encrypted_data, write_encrypted_key};
use super::element::element;
use super::mac::{NewMac, new_sha1_mac};
use super::safe_bag::{Attributes, certificate_bag, shrouded_key_bag};
use super::{Pkcs12Error, is_private_key_info, write_pfx};
use crate::keystore::{Entry, EntryContent, KeyStore, KeyStoreError, PrivateKeyEntry, local_key_id};
use crate::pbe::{Derivation, DerivedKey, NEW_SALT_IN_STORE, Scheme, derive};
use crate::random::{self, Random};
use crate::secret::Password;

/// The iterations of each derivation (`keystore.pkcs12.certPbeIterationCount` and its like in the JDK's `java.security`).
const ITERATIONS: u32 = 10_000;

/// The keys that new stores under one password are encrypted and authenticated with.
pub struct Pkcs12Keys {
    salt: [u8; NEW_SALT_IN_STORE],
    key: DerivedKey,
    mac: NewMac,
    mac_key: DerivedKey,
}

/// Nothing of the keys.
impl fmt::Debug for Pkcs12Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pkcs12Keys").finish_non_exhaustive()
    }
}

impl Pkcs12Keys {
    /// Derives the keys, under new salts, from a password that each reader of PKCS#12 can use.
    pub fn derive(password: &Password, random: &dyn Random) -> Result<Self, KeyStoreError> {
        password.check_pkcs12().map_err(KeyStoreError::Password)?;
        let salt = random::bytes(random).map_err(KeyStoreError::Random)?;
        let key = Derivation::pbkdf2(password.expose().as_bytes(), &salt, ITERATIONS, 1);
        let (mac, mac_key) = NewMac::new(ITERATIONS, password.expose(), random).map_err(KeyStoreError::Pkcs12)?;
        let [key, mac_key] = derive([key, mac_key]);
        Ok(Self { salt, key, mac, mac_key })
    }

    /// Writes a store.
    pub(in crate::keystore) fn write(&self, store: &KeyStore, random: &dyn Random) -> Result<Vec<u8>, Pkcs12Error> {
        write(store, &Sealer { how: How::Modern(self), random })
    }
}

/// Writes a store for old readers, under a password that each reader of PKCS#12 can use.
pub(in crate::keystore) fn write_legacy(
    store: &KeyStore,
    password: &Password,
    random: &dyn Random,
) -> Result<Vec<u8>, KeyStoreError> {
    password.check_pkcs12().map_err(KeyStoreError::Password)?;
    write(store, &Sealer { how: How::Legacy(password.expose()), random }).map_err(KeyStoreError::Pkcs12)
}

/// How the parts of a new store are encrypted and authenticated.
enum How<'k> {
    /// Under a password. IVs come out of the password and the salt, so that each part has a salt of its own.
    Legacy(&'k str),
    /// Under keys that were derived before.
    Modern(&'k Pkcs12Keys),
}

struct Sealer<'k> {
    how: How<'k>,
    random: &'k dyn Random,
}

impl Sealer<'_> {
    /// Returns how one part is encrypted, and the part after that.
    fn seal(&self, plain: &[u8]) -> Result<(Scheme, Vec<u8>), Pkcs12Error> {
        match self.how {
            How::Legacy(password) => {
                let scheme = Scheme::pbes1_triple_des(ITERATIONS, self.random)?;
                let sealed = scheme.encrypt(plain, password)?;
                Ok((scheme, sealed))
            }
            How::Modern(keys) => {
                let scheme = Scheme::in_store(ITERATIONS, keys.salt, self.random)?;
                let sealed = scheme.encrypt_under(&keys.key, plain)?;
                Ok((scheme, sealed))
            }
        }
    }

    fn mac(&self, authenticated_safe: &[u8]) -> Result<Vec<u8>, Pkcs12Error> {
        match self.how {
            How::Legacy(password) => new_sha1_mac(ITERATIONS, authenticated_safe, password, self.random),
            How::Modern(keys) => keys.mac.of(authenticated_safe, &keys.mac_key),
        }
    }

    fn key_bag(
        &self,
        entry: &Entry,
        PrivateKeyEntry { key, .. }: &PrivateKeyEntry,
        id: &str,
    ) -> Result<Vec<u8>, Pkcs12Error> {
        if !is_private_key_info(key) {
            return Err(Pkcs12Error::Malformed("private key"));
        }
        let (scheme, sealed) = self.seal(key)?;
        let encrypted = write_encrypted_key(&scheme, &sealed)?;
        let friendly_name = Some(entry.alias.as_str());
        let local_key_id = Some(id.as_bytes());
        shrouded_key_bag(&encrypted, &Attributes { friendly_name, local_key_id, is_trusted: false })
    }
}

fn write(store: &KeyStore, sealer: &Sealer<'_>) -> Result<Vec<u8>, Pkcs12Error> {
    let (mut trusted, mut chains, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    let mut ids = HashSet::new();
    for entry in store.entries() {
        match &entry.content {
            EntryContent::PrivateKey(entry_content) => {
                // Java pairs key and certificate by this id and shows it as the entry's date: it must be unique.
                let mut date = entry.created_ms();
                while !ids.insert(date) {
                    date = date.wrapping_add(1);
                }
                let id = local_key_id(date);
                chains.extend(chain_bags(&entry_content.chain, &id)?);
                keys.extend(sealer.key_bag(entry, entry_content, &id)?);
            }
            EntryContent::TrustedCertificate(der) => trusted.extend(trusted_bag(entry, der)?),
        }
    }
    let certificates = element(Tag::Sequence, &[&trusted, &chains])?;
    let (scheme, ciphertext) = sealer.seal(&certificates)?;
    let certificates = write_encrypted_data(&scheme, &ciphertext)?;
    let mut contents = vec![certificates];
    // Java writes no list of keys where there is none, and Go's DecodeTrustStore takes no truststore that has one.
    if !keys.is_empty() {
        contents.push(write_data(&element(Tag::Sequence, &[&keys])?)?);
    }
    let contents: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
    write_pfx(&contents, |authenticated_safe| sealer.mac(authenticated_safe))
}

fn trusted_bag(entry: &Entry, der: &[u8]) -> Result<Vec<u8>, Pkcs12Error> {
    let alias = Some(entry.alias.as_str());
    // Read as it is in a chain: nobody's store holds what is no certificate.
    subject(der)?;
    certificate_bag(der, &Attributes { friendly_name: alias, local_key_id: None, is_trusted: true })
}

/// Returns the bags of a key's chain, one behind the other: the first has the id of the key.
fn chain_bags(chain: &[Vec<u8>], id: &str) -> Result<Vec<u8>, Pkcs12Error> {
    let mut bags = Vec::new();
    for (at, der) in chain.iter().enumerate() {
        let subject = subject(der)?;
        // A BMPString has no characters beyond the first 65,536, and the name is for people alone.
        let friendly_name = Some(subject.as_str()).filter(|name| name.chars().all(|c| u32::from(c) <= 0xFFFF));
        let local_key_id = (at == 0).then_some(id.as_bytes());
        bags.extend(certificate_bag(der, &Attributes { friendly_name, local_key_id, is_trusted: false })?);
    }
    Ok(bags)
}

/// Returns the subject of a certificate as text.
fn subject(der: &[u8]) -> Result<String, Pkcs12Error> {
    let (_, certificate) = X509Certificate::from_der(der).map_err(|_| Pkcs12Error::Malformed("certificate"))?;
    Ok(certificate.subject().to_string())
}
