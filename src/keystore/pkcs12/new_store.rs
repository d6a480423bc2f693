//! New stores, with the JDK's parameters.
//!
//! What is encrypted under a password depends on nothing but the password and a salt, so that the derivations for all parts of all
//! stores that are written at once run side by side.

use std::vec;

use der::Tag;
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

use super::content_info::{write_data, write_encrypted_data, write_encrypted_key};
use super::element::element;
use super::mac::NewMac;
use super::safe_bag::{Attributes, certificate_bag, shrouded_key_bag};
use super::{Pkcs12Error, is_private_key_info, write_pfx};
use crate::keystore::{Entry, EntryContent, KeyStore, PrivateKeyEntry, local_key_id};
use crate::pbe::{Derivation, DerivedKey, Scheme, derive};
use crate::random::Random;

/// The iterations of each derivation (`keystore.pkcs12.certPbeIterationCount` and its like in the JDK's `java.security`).
const ITERATIONS: u32 = 10_000;

/// Writes stores under one password, which each reader of PKCS#12 can use.
pub(in crate::keystore) fn write_new<const N: usize>(
    stores: [&KeyStore; N],
    password: &str,
    random: &dyn Random,
) -> Result<[Vec<u8>; N], Pkcs12Error> {
    let mut derivations = Vec::new();
    let drafts = stores.map(|store| Draft::new(store, password, random, &mut derivations));
    let mut keys = derive(derivations).into_iter();
    let mut written = [const { Vec::new() }; N];
    for (store, draft) in written.iter_mut().zip(drafts) {
        *store = draft?.seal(&mut keys)?;
    }
    Ok(written)
}

/// A store whose parts have their salts, and no keys yet.
struct Draft {
    /// The bags of all certificates.
    certificates: Vec<u8>,
    certificates_scheme: Scheme,
    keys: Vec<DraftKey>,
    mac: NewMac,
}

/// A private key that waits for the key that encrypts it.
struct DraftKey {
    /// Unencrypted PKCS#8.
    pkcs8: Zeroizing<Vec<u8>>,
    scheme: Scheme,
    alias: String,
    local_key_id: String,
}

impl Draft {
    /// Drafts a store. Its derivations come to the others in the order in which [`Draft::seal`] takes their keys.
    fn new(
        store: &KeyStore,
        password: &str,
        random: &dyn Random,
        derivations: &mut Vec<Derivation>,
    ) -> Result<Self, Pkcs12Error> {
        let mut scheme = || -> Result<Scheme, Pkcs12Error> {
            let (scheme, derivation) = Scheme::in_store(ITERATIONS, password, random)?;
            derivations.push(derivation);
            Ok(scheme)
        };
        let certificates_scheme = scheme()?;
        let (mut trusted, mut chains, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        let mut last_id = i64::MIN;
        for entry in store.entries() {
            match &entry.content {
                EntryContent::PrivateKey(PrivateKeyEntry { key, chain }) => {
                    if !is_private_key_info(key) {
                        return Err(Pkcs12Error::Malformed("private key"));
                    }
                    // Java pairs key and certificate by this id and shows it as the entry's date: it must be unique.
                    last_id = entry.created_ms().max(last_id.saturating_add(1));
                    let id = local_key_id(last_id);
                    chains.extend(chain_bags(chain, &id)?);
                    let alias = entry.alias.as_str().to_owned();
                    keys.push(DraftKey { pkcs8: key.clone(), scheme: scheme()?, alias, local_key_id: id });
                }
                EntryContent::TrustedCertificate(der) => trusted.extend(trusted_bag(entry, der)?),
            }
        }
        let certificates = element(Tag::Sequence, &[&trusted, &chains])?;
        let (mac, derivation) = NewMac::new(ITERATIONS, password, random)?;
        derivations.push(derivation);
        Ok(Self { certificates, certificates_scheme, keys, mac })
    }

    fn seal(self, keys: &mut vec::IntoIter<DerivedKey>) -> Result<Vec<u8>, Pkcs12Error> {
        // There is one for each derivation.
        let mut next = || keys.next().ok_or(Pkcs12Error::Malformed("list of keys"));
        let ciphertext = self.certificates_scheme.encrypt_under(&next()?, &self.certificates)?;
        let certificates = write_encrypted_data(&self.certificates_scheme, &ciphertext)?;
        let mut bags = Vec::new();
        for DraftKey { pkcs8, scheme, alias, local_key_id } in &self.keys {
            let key = write_encrypted_key(scheme, &scheme.encrypt_under(&next()?, pkcs8)?)?;
            let local_key_id = Some(local_key_id.as_bytes());
            let attributes = Attributes { friendly_name: Some(alias), local_key_id, is_trusted: false };
            bags.extend(shrouded_key_bag(&key, &attributes)?);
        }
        let keys = write_data(&element(Tag::Sequence, &[&bags])?)?;
        let mac_key = next()?;
        write_pfx(&[&certificates, &keys], |authenticated_safe| self.mac.of(authenticated_safe, &mac_key))
    }
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
