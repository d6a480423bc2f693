//! What is judged: read already, typed, on no disk.
//!
//! A [`Case`] is all that one call looks at. Its [`Party`]s are the ends of connections, each with its stores; a store is a
//! [`Material`], whose certificates are decoded and whose private keys have become public ones.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use zeroize::Zeroizing;

use crate::kafka::pem_store::PemStoreError;
use crate::kafka::properties_file::{PropertiesError, PropertiesFile};
use crate::keystore::{KeyState, StoreSurvey, SurveyContent, SurveyEntry, SurveyError};
use crate::pki::{Allowance, DecodedCertificate, KeyPair};
use crate::secret::Password;
use crate::spec::NodeRole;

use super::configuration::Surroundings;
use super::pem::PemFile;

/// All that is looked at together.
#[derive(Debug, Default)]
pub struct Case {
    /// The ends of connections.
    pub parties: Vec<Party>,
    /// The bundle that they are of, if they are of one.
    pub bundle: Option<super::bundle::BundleMaterial>,
    /// Properties files of Kafka.
    pub configurations: Vec<Configuration>,
    /// What a broker's configuration allows to change when it is reloaded.
    pub allowed: super::reload::Allowed,
    /// Every file and folder that was looked at.
    pub files: Vec<FileFacts>,
    /// What could not be looked at.
    pub not_looked_at: Vec<NotLookedAt>,
    /// What was taken for granted, since nobody has said it.
    pub assumptions: Vec<String>,
}

/// A properties file of Kafka.
#[derive(Debug)]
pub struct Configuration {
    /// Where it is, as it is shown.
    pub label: String,
    /// What is in it.
    pub file: Result<PropertiesFile, PropertiesError>,
    /// What it does not say.
    pub surroundings: Surroundings,
    /// Stores that it names and that are not there: where, and which.
    pub missing: Vec<(String, String)>,
    /// Where it has another password than the stores.
    pub other_password: Option<String>,
    /// The party that it belongs to, if it belongs to one.
    pub owner: Option<String>,
}

/// Something that was there and could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotLookedAt {
    /// What it is.
    pub object: String,
    /// Why it was not looked at.
    pub why: String,
}

/// One end of connections.
#[derive(Debug)]
pub struct Party {
    /// What it is called.
    pub name: String,
    /// What it does.
    pub role: NodeRole,
    /// The names and addresses that others connect to; of a broker.
    pub hosts: Vec<String>,
    /// Its keystores: of the formats that it has, one each. Parties may share them.
    pub keystores: Vec<Arc<Material>>,
    /// Its truststores.
    pub truststores: Vec<Arc<Material>>,
}

/// What a store is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It holds the private key.
    Keystore,
    /// It holds what is trusted.
    Truststore,
}

/// A store with what is known of it.
#[derive(Debug)]
pub struct Material {
    /// Where it is: a path, or a line of a configuration. Foreign text.
    pub label: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The type that a configuration gives it.
    pub declared_type: Option<String>,
    /// What is known of its passwords.
    pub password: PasswordFacts,
    /// What is in it.
    pub content: Content,
    /// Its private keys.
    pub keys: Vec<KeyEntry>,
    /// The certificates that it trusts.
    pub trusted: Vec<TrustedEntry>,
    /// Entries whose certificate is none that can be read.
    pub unreadable: Vec<String>,
    /// How many certificates were not decoded, being too large or too many.
    pub left_out: usize,
}

/// What a store turned out to be.
#[derive(Debug)]
pub enum Content {
    /// Kafka's PEM.
    Pem(PemFile),
    /// JKS, JCEKS or PKCS#12.
    Store(Box<StoreSurvey>),
    /// Nothing that can be read.
    Unreadable(SurveyError),
}

/// What is known of passwords. The passwords are not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct PasswordFacts {
    /// Whether there was one for the store.
    pub is_given: bool,
    /// Whether there was another one for the key.
    pub is_key_given: bool,
    /// Whether it is one that everybody tries first.
    pub is_well_known: bool,
    /// Whether it has fewer characters than it should.
    pub is_short: bool,
}

/// Passwords that stand in tutorials.
const WELL_KNOWN: [&str; 12] = [
    "changeit",
    "changeme",
    "confluent",
    "password",
    "passw0rd",
    "secret",
    "kafka123",
    "test1234",
    "keystorepass",
    "truststorepass",
    "123456",
    "storepass",
];

impl PasswordFacts {
    /// Returns what there is to say of the passwords of a store.
    pub fn of(store: Option<&Password>, key: Option<&Password>) -> Self {
        let text = store.map(Password::expose);
        let is_key_given = matches!((key, text), (Some(key), text) if Some(key.expose()) != text);
        Self {
            is_given: store.is_some(),
            is_key_given,
            is_well_known: text.is_some_and(|text| WELL_KNOWN.iter().any(|known| text.eq_ignore_ascii_case(known))),
            is_short: store.is_some_and(Password::is_short),
        }
    }
}

/// A private key in a store.
#[derive(Debug)]
pub struct KeyEntry {
    /// Its alias; none in PEM. Foreign text.
    pub alias: Option<String>,
    /// Its chain, the leaf first; what cannot be read is left out.
    pub chain: Vec<DecodedCertificate>,
    /// What became of the key.
    pub key: Key,
}

/// What became of a private key.
#[derive(Debug)]
pub enum Key {
    /// It could not be opened.
    Closed(KeyState),
    /// It is open.
    Open {
        /// The DER of its public key, if it is of a kind that can be used here.
        public_key: Option<Vec<u8>>,
    },
}

/// A private key as it is in a store. It is the secret itself, and is not shown.
pub struct StoredKey<'a> {
    /// Its alias; none in PEM. Foreign text.
    pub alias: Option<&'a str>,
    /// Its certificates in DER, the leaf first.
    pub chain: Vec<&'a [u8]>,
    /// What should be PKCS#8, or why it stayed closed.
    pub key: Result<&'a Zeroizing<Vec<u8>>, &'a KeyState>,
}

/// Nothing of the key.
impl fmt::Debug for StoredKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredKey({:?}, chain of {}, ", self.alias, self.chain.len())?;
        match self.key {
            Ok(_) => f.write_str("open)"),
            Err(state) => write!(f, "{state:?})"),
        }
    }
}

impl<'a> StoredKey<'a> {
    fn of_entry(entry: &'a SurveyEntry) -> Option<Self> {
        let SurveyContent::PrivateKey { chain, key } = &entry.content else { return None };
        let key = match key {
            KeyState::Open(pkcs8) => Ok(pkcs8),
            closed => Err(closed),
        };
        Some(Self { alias: Some(&entry.alias), chain: chain.iter().map(AsRef::as_ref).collect(), key })
    }
}

/// A certificate that a store trusts.
#[derive(Debug)]
pub struct TrustedEntry {
    /// Its alias; none in PEM. Foreign text.
    pub alias: Option<String>,
    /// The certificate.
    pub certificate: DecodedCertificate,
}

/// A file or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Where it is, as it is shown. Foreign text.
    pub label: String,
    /// What is in it.
    pub kind: FileKind,
    /// The bits of its mode.
    pub mode: u32,
    /// Who owns it.
    pub owner: u32,
    /// Who owns the folder that it was looked for in.
    pub folder_owner: u32,
    /// Where it really is, if a symbolic link leads out of the folder that it was looked for in.
    pub leads_to: Option<PathBuf>,
}

/// What is in a file, as far as its mode matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A folder.
    Folder,
    /// Nothing that others may not read.
    Public,
    /// A key or a password.
    Secret,
}

impl KeyEntry {
    /// Returns the certificate of the key.
    pub fn leaf(&self) -> Option<&DecodedCertificate> {
        self.chain.first()
    }
}

impl Key {
    /// Returns what became of a key that is open: what should be PKCS#8.
    pub fn of_pkcs8(pkcs8: &Zeroizing<Vec<u8>>) -> Self {
        Self::Open { public_key: KeyPair::from_pkcs8(pkcs8).ok().map(|key| key.public_key_info()) }
    }
}

impl Material {
    /// Returns a store that was read, or why it was not.
    pub fn of_survey(
        label: String,
        purpose: Purpose,
        password: PasswordFacts,
        survey: Result<StoreSurvey, SurveyError>,
    ) -> Self {
        let mut material = Self {
            label,
            purpose,
            declared_type: None,
            password,
            content: Content::Unreadable(SurveyError::Empty),
            keys: Vec::new(),
            trusted: Vec::new(),
            unreadable: Vec::new(),
            left_out: 0,
        };
        material.content = match survey {
            Ok(survey) => {
                material.take_entries(&survey);
                Content::Store(Box::new(survey))
            }
            Err(error) => Content::Unreadable(error),
        };
        material
    }

    /// Returns a store in PEM.
    pub fn of_pem(label: String, purpose: Purpose, password: PasswordFacts, pem: PemFile) -> Self {
        let chain = pem.certificates.clone();
        let (keys, trusted) = match purpose {
            Purpose::Keystore => {
                let key = pem.key.as_ref().map(|key| match key {
                    Ok(pkcs8) => Key::of_pkcs8(pkcs8),
                    Err(state) => Key::Closed(state.clone()),
                });
                (key.map(|key| KeyEntry { alias: None, chain, key }).into_iter().collect(), Vec::new())
            }
            Purpose::Truststore => {
                let entry = |certificate| TrustedEntry { alias: None, certificate };
                (Vec::new(), chain.into_iter().map(entry).collect())
            }
        };
        let (declared_type, unreadable, left_out) = (None, Vec::new(), pem.left_out);
        Self {
            label,
            purpose,
            declared_type,
            password,
            content: Content::Pem(pem),
            keys,
            trusted,
            unreadable,
            left_out,
        }
    }

    fn take_entries(&mut self, survey: &StoreSurvey) {
        let mut allowance = Allowance::default();
        for entry in survey.entries() {
            let alias = Some(entry.alias.clone());
            match &entry.content {
                SurveyContent::PrivateKey { chain, key } => {
                    let allowed: Vec<_> = chain.iter().filter(|der| allowance.take(der)).collect();
                    self.left_out = self.left_out.saturating_add(chain.len().saturating_sub(allowed.len()));
                    let decoded: Vec<_> =
                        allowed.iter().filter_map(|der| DecodedCertificate::from_der(der).ok()).collect();
                    if decoded.len() < allowed.len() {
                        self.unreadable.push(entry.alias.clone());
                    }
                    let key = match key {
                        KeyState::Open(pkcs8) => Key::of_pkcs8(pkcs8),
                        closed => Key::Closed(closed.clone()),
                    };
                    self.keys.push(KeyEntry { alias, chain: decoded, key });
                }
                SurveyContent::TrustedCertificate(der) if !allowance.take(der) => {
                    self.left_out = self.left_out.saturating_add(1);
                }
                SurveyContent::TrustedCertificate(der) => match DecodedCertificate::from_der(der) {
                    Ok(certificate) => self.trusted.push(TrustedEntry { alias, certificate }),
                    Err(_) => self.unreadable.push(entry.alias.clone()),
                },
                SurveyContent::SecretKey => {}
            }
        }
    }

    /// Returns where an entry is, to be shown.
    pub fn place(&self, alias: Option<&str>) -> String {
        match alias {
            Some(alias) => format!("{}, entry `{alias}`", self.label),
            None => self.label.clone(),
        }
    }

    /// Returns where a certificate of a chain is, to be shown: the leaf is 0.
    pub fn place_in_chain(&self, entry: &KeyEntry, index: usize) -> String {
        let place = self.place(entry.alias.as_deref());
        if index == 0 { place } else { format!("{place}, certificate {} of the chain", index.saturating_add(1)) }
    }

    /// Returns the private keys as who opens the store gets them.
    pub fn private_keys(&self) -> Vec<StoredKey<'_>> {
        match &self.content {
            Content::Store(survey) => survey.entries().iter().filter_map(StoredKey::of_entry).collect(),
            Content::Pem(pem) if self.purpose == Purpose::Keystore => {
                let chain = pem.certificates.iter().map(DecodedCertificate::as_der).collect();
                pem.key.as_ref().map(|key| StoredKey { alias: None, chain, key: key.as_ref() }).into_iter().collect()
            }
            Content::Pem(_) | Content::Unreadable(_) => Vec::new(),
        }
    }

    /// Returns what Java trusts that has this as its truststore, in DER: the leaf of a private key, too
    /// (`sun.security.validator.TrustStoreUtil`).
    pub fn trusted_by_java(&self) -> Vec<&[u8]> {
        match &self.content {
            Content::Store(survey) => {
                let trusted = survey.entries().iter().filter_map(|entry| match &entry.content {
                    SurveyContent::TrustedCertificate(der) => Some(der.as_ref()),
                    SurveyContent::PrivateKey { chain, .. } => chain.first().map(AsRef::as_ref),
                    SurveyContent::SecretKey => None,
                });
                trusted.collect()
            }
            Content::Pem(pem) => pem.certificates.iter().map(DecodedCertificate::as_der).collect(),
            Content::Unreadable(_) => Vec::new(),
        }
    }

    /// Returns the survey, if it is a store.
    pub fn survey(&self) -> Option<&StoreSurvey> {
        match &self.content {
            Content::Store(survey) => Some(survey),
            Content::Pem(_) | Content::Unreadable(_) => None,
        }
    }

    /// Says whether its content could be seen: a store that stayed closed, or is too large, says nothing about what is in it.
    pub fn is_open(&self) -> bool {
        match &self.content {
            _ if self.left_out > 0 => false,
            Content::Store(survey) => survey.closed().is_empty(),
            Content::Pem(pem) => match &pem.reading {
                Err(PemStoreError::TooMuchWork(_)) | Ok(_) => true,
                Err(error) => !error.is_out_of_bounds(),
            },
            Content::Unreadable(_) => false,
        }
    }

    /// Returns the certificates that it trusts.
    pub fn anchors(&self) -> Vec<&DecodedCertificate> {
        self.trusted.iter().map(|entry| &entry.certificate).collect()
    }

    /// Returns the certificates that it trusts, in an order that does not depend on the store.
    pub fn anchor_set(&self) -> Vec<&[u8]> {
        let mut ders: Vec<&[u8]> = self.trusted.iter().map(|entry| entry.certificate.as_der()).collect();
        ders.sort_unstable();
        ders
    }
}
