//! One identity of a bundle, read.

use std::fmt;

use zeroize::Zeroizing;

use super::salts::Salts;
use crate::keystore::{Entry, EntryContent, KeyStore, KeyStoreError, PrivateKeyEntry, StoreContent, StoreFile};
use crate::name::{Alias, NodeName};
use crate::pki::{Certificate, PkiError, certificates_pem, key_pem};
use crate::random::Random;
use crate::secret::Password;
use crate::spec::{NodeRole, StoreFormat};

/// An identity of a bundle, with its key in the open.
pub struct Identity {
    /// Its name.
    pub name: NodeName,
    /// What it does.
    pub role: NodeRole,
    /// Its principal, as ACLs name it: `User:CN=app1`.
    pub principal: String,
    /// The alias of its key.
    pub alias: Alias,
    /// The alias of the CA's certificate.
    pub ca_alias: Alias,
    /// Its private key, in unencrypted PKCS#8.
    pub key: Zeroizing<Vec<u8>>,
    /// Its certificate and those above it, the root last.
    pub chain: Vec<Certificate>,
    /// The password of its stores.
    pub password: Password,
    /// Whether its key has another password in its stores, where a format allows it.
    pub has_key_password: bool,
    /// The stores that it has.
    pub stores: Vec<Store>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({}, {})", self.name, self.role)
    }
}

/// What a store is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It holds the private key.
    Keystore,
    /// It holds the CA's certificate.
    Truststore,
}

/// A store as a bundle has it.
pub struct Store {
    /// What it is for.
    pub purpose: Purpose,
    /// Its format.
    pub format: StoreFormat,
    /// Its bytes.
    pub contents: Zeroizing<Vec<u8>>,
    /// Whether a digest says that it is what was made with the bundle; then it is not opened to see whether its password fits.
    pub is_as_made: bool,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({:?}, {}, {} bytes)", self.purpose, self.format, self.contents.len())
    }
}

/// Where bytes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// They stand in the bundle as they are.
    Bundle,
    /// They were written anew from what is in the bundle.
    Made,
}

impl Origin {
    /// Returns its name: `bundle` or `made`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bundle => "bundle",
            Self::Made => "made",
        }
    }
}

/// A store that opens with one password, that of its keys too.
pub struct StoreBytes {
    /// Its bytes.
    pub contents: Zeroizing<Vec<u8>>,
    /// Where they come from.
    pub origin: Origin,
}

impl fmt::Debug for StoreBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreBytes({} bytes, {})", self.contents.len(), self.origin.name())
    }
}

impl Identity {
    /// Returns its store of a format, JKS or PKCS#12, which opens with a password: as the bundle has it, if that opens with it and its key
    /// does; else written anew.
    ///
    /// A keystore that is written anew has what the bundle's have: the key with its full chain, and the CA beside it.
    pub fn store(
        &self,
        purpose: Purpose,
        format: StoreFormat,
        password: &Password,
    ) -> Result<StoreBytes, KeyStoreError> {
        let is_wanted = |store: &&Store| store.purpose == purpose && store.format == format;
        if let Some(store) = self.stores.iter().find(is_wanted).filter(|store| self.opens(store, password)) {
            return Ok(StoreBytes { contents: store.contents.clone(), origin: Origin::Bundle });
        }
        let (leaf, root) = (self.leaf_der(), self.anchor_der());
        let kind: &[u8] = if purpose == Purpose::Keystore { b"keystore" } else { b"truststore" };
        let salts = Salts::new(&self.key, &[kind, format.name().as_bytes(), leaf, root]);
        let mut store = self.trusting()?;
        if purpose == Purpose::Keystore {
            let chain = self.chain.iter().map(|certificate| certificate.as_der().to_vec()).collect();
            let content = EntryContent::PrivateKey(PrivateKeyEntry { key: self.key.clone(), chain });
            store.add(Entry { alias: self.alias.clone(), created: self.created(), content })?;
        }
        Ok(StoreBytes { contents: write(&store, format, password, &salts)?, origin: Origin::Made })
    }

    /// Returns the PEM of its private key: PKCS#8, not encrypted.
    pub fn key_pem(&self) -> Result<Zeroizing<Vec<u8>>, PkiError> {
        key_pem(&self.key)
    }

    /// Returns the PEM of its certificate and of those between it and the root, which whoever connects has to have anyway.
    pub fn chain_pem(&self) -> String {
        let shown = match self.chain.split_last() {
            Some((root, rest)) if !rest.is_empty() && root.is_self_issued() => rest,
            _ => self.chain.as_slice(),
        };
        certificates_pem(&shown.iter().collect::<Vec<_>>())
    }

    /// Returns the PEM of the certificate that is trusted: the root.
    pub fn anchor_pem(&self) -> String {
        certificates_pem(&self.chain.last().into_iter().collect::<Vec<_>>())
    }

    /// Says whether a store of the bundle opens with a password, and its key with the same.
    fn opens(&self, store: &Store, password: &Password) -> bool {
        let is_own = password.expose() == self.password.expose();
        let has_other = self.has_key_password && store.purpose == Purpose::Keystore && store.format == StoreFormat::Jks;
        if store.is_as_made {
            return is_own && !has_other;
        }
        let Ok(open) = StoreFile::open(&store.contents, password) else { return false };
        let is_same_key = || {
            let chain = open.entry(self.alias.as_str()).map(|entry| entry.content);
            matches!(chain, Some(StoreContent::PrivateKey { chain }) if chain.first() == Some(&self.leaf_der()))
                && open.private_key(self.alias.as_str(), None).is_ok()
        };
        match store.purpose {
            Purpose::Keystore => is_same_key(),
            Purpose::Truststore => open.entries().iter().any(
                |entry| matches!(entry.content, StoreContent::TrustedCertificate(der) if der == self.anchor_der()),
            ),
        }
    }

    fn trusting(&self) -> Result<KeyStore, KeyStoreError> {
        let mut store = KeyStore::new();
        let content = EntryContent::TrustedCertificate(self.anchor_der().to_vec());
        store.add(Entry { alias: self.ca_alias.clone(), created: self.created(), content })?;
        Ok(store)
    }

    fn leaf_der(&self) -> &[u8] {
        self.chain.first().map(Certificate::as_der).unwrap_or_default()
    }

    fn anchor_der(&self) -> &[u8] {
        self.chain.last().map(Certificate::as_der).unwrap_or_default()
    }

    /// The date of the entries of a store that is written anew: nothing of the moment goes into it.
    fn created(&self) -> time::OffsetDateTime {
        let begin = |leaf: &Certificate| leaf.validity().not_before;
        self.chain.first().map_or(time::OffsetDateTime::UNIX_EPOCH, begin)
    }
}

/// Returns a truststore in PKCS#12 with one certificate that anybody may know, the same each time: there is nothing in it that its
/// password keeps.
pub(super) fn public_truststore(
    alias: &Alias,
    certificate: &Certificate,
    password: &Password,
) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    let mut store = KeyStore::new();
    store.add(Entry {
        alias: alias.clone(),
        created: certificate.validity().not_before,
        content: EntryContent::TrustedCertificate(certificate.as_der().to_vec()),
    })?;
    write(&store, StoreFormat::Pkcs12, password, &Salts::new(certificate.as_der(), &[b"public truststore"]))
}

fn write(
    store: &KeyStore,
    format: StoreFormat,
    password: &Password,
    random: &dyn Random,
) -> Result<Zeroizing<Vec<u8>>, KeyStoreError> {
    let bytes = match format {
        StoreFormat::Jks => store.to_jks(password, password, random)?,
        StoreFormat::Pkcs12 | StoreFormat::Pem => store.to_pkcs12(password, random)?,
    };
    Ok(bytes.into())
}
