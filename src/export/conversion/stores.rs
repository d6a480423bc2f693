//! Writing a selection as a store, and reading it again as a stranger would.

use std::fmt;

use zeroize::Zeroizing;

use super::readers::{self, Reader};
use super::selection::Selection;
use super::source::{Remark, quoted};
use crate::keystore::{EntryContent, KeyState, KeyStoreError, ReaderLimit, StoreSurvey, SurveyContent, SurveyError};
use crate::name::printable;
use crate::random::Random;
use crate::secret::Password;
use crate::spec::Pkcs12Profile;

/// A store that was written, in memory.
pub struct Written {
    /// The file.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Who can open it, and who cannot.
    pub readers: Vec<Reader>,
    /// Who will not read it, as the bytes say.
    pub limits: Vec<ReaderLimit>,
    /// What is not as it was.
    pub remarks: Vec<Remark>,
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Written({} bytes, {:?})", self.bytes.len(), self.remarks)
    }
}

/// Why a selection cannot be a store.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreMisfit {
    /// An alias with half of a character, as Java's strings may have: PKCS#12 is not written with it.
    Alias(String),
    /// Private keys without a certificate, which no keystore of Java has.
    KeyWithoutCertificate(Vec<String>),
    /// What was written could not be read again.
    NotAsWritten(SurveyError),
    /// For the key of this alias, Java would find another chain in PKCS#12: several certificates of the store have the name of an issuer.
    OtherChain(String),
    /// The codec's own reason.
    Store(KeyStoreError),
}

impl fmt::Display for StoreMisfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias(alias) => {
                write!(
                    f,
                    "the alias `{}` has half of a character in it, which PKCS#12 is not written with",
                    printable(alias)
                )
            }
            Self::KeyWithoutCertificate(aliases) if aliases.len() == 1 => {
                write!(
                    f,
                    "the private key {} has no certificate, and no keystore of Java holds one without",
                    quoted(aliases)
                )
            }
            Self::KeyWithoutCertificate(aliases) => write!(
                f,
                "the private keys {} have no certificates, and no keystore of Java holds one without",
                quoted(aliases)
            ),
            Self::NotAsWritten(_) => write!(f, "the new store cannot be read again"),
            Self::OtherChain(alias) => write!(
                f,
                "in PKCS#12, Java would find another chain for `{}`: several certificates have the name of an issuer",
                printable(alias)
            ),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for StoreMisfit {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NotAsWritten(error) => Some(error),
            Self::Store(error) => error.source(),
            _ => None,
        }
    }
}

impl Selection {
    /// Writes a JKS store, its keys under `key_password`.
    pub fn to_jks(
        &self,
        password: &Password,
        key_password: &Password,
        random: &dyn Random,
    ) -> Result<Written, StoreMisfit> {
        self.check_chains()?;
        let bytes = self.store.to_jks(password, key_password, random).map_err(StoreMisfit::Store)?;
        self.read_again(bytes, password, key_password, readers::of_jks(self))
    }

    /// Writes a PKCS#12 store, whose keys have its password.
    pub fn to_pkcs12(
        &self,
        profile: Pkcs12Profile,
        password: &Password,
        random: &dyn Random,
    ) -> Result<Written, StoreMisfit> {
        self.check_chains()?;
        // So the half of a character is written in a text here.
        if let Some(entry) = self.store.entries().iter().find(|entry| entry.alias.as_str().contains("\\u{")) {
            return Err(StoreMisfit::Alias(entry.alias.as_str().to_owned()));
        }
        let bytes = match profile {
            Pkcs12Profile::Legacy => self.store.to_legacy_pkcs12(password, random),
            Pkcs12Profile::Modern => self.store.to_pkcs12(password, random),
        };
        let bytes = bytes.map_err(StoreMisfit::Store)?;
        let mut written = self.read_again(bytes, password, password, readers::of_pkcs12(self, profile))?;
        written.remarks.extend((self.trusted_dates > 0).then_some(Remark::Dates(self.trusted_dates)));
        Ok(written)
    }

    /// Returns what to say if keys had a password of their own and get another one.
    pub fn key_password_remark(&self) -> Option<Remark> {
        let aliases: Vec<String> = self.keys().iter().map(|(alias, _)| alias.as_str().to_owned()).collect();
        (self.had_key_password && !aliases.is_empty()).then_some(Remark::KeyPassword(aliases))
    }

    /// Refuses keys without a certificate.
    fn check_chains(&self) -> Result<(), StoreMisfit> {
        let lacking = self.keys().into_iter().filter(|(_, key)| key.chain.is_empty());
        let lacking: Vec<String> = lacking.map(|(alias, _)| alias.as_str().to_owned()).collect();
        if lacking.is_empty() { Ok(()) } else { Err(StoreMisfit::KeyWithoutCertificate(lacking)) }
    }

    /// Reads a new store as anybody would, and compares each entry.
    fn read_again(
        &self,
        bytes: Vec<u8>,
        password: &Password,
        key_password: &Password,
        readers: Vec<Reader>,
    ) -> Result<Written, StoreMisfit> {
        let bytes = Zeroizing::new(bytes);
        let survey = StoreSurvey::read_patiently(&bytes, Some(password), Some(key_password));
        let survey = survey.map_err(StoreMisfit::NotAsWritten)?;
        let mut remarks = Vec::new();
        for entry in self.store.entries() {
            let alias = entry.alias.as_str();
            let found = survey.entries().iter().find(|found| found.alias == alias).map(|found| &found.content);
            let is_same = match (&entry.content, found) {
                (
                    EntryContent::PrivateKey(own),
                    Some(SurveyContent::PrivateKey { chain, key: KeyState::Open(key) }),
                ) => {
                    // Java goes on to whatever certificate of the store is the issuer's.
                    let more = chain.len().saturating_sub(own.chain.len());
                    remarks.extend((more > 0).then(|| Remark::LongerChain(alias.to_owned(), more)));
                    *key == own.key && starts_with(chain, &own.chain)
                }
                (EntryContent::TrustedCertificate(own), Some(SurveyContent::TrustedCertificate(der))) => **der == **own,
                _ => false,
            };
            if !is_same {
                return Err(StoreMisfit::OtherChain(alias.to_owned()));
            }
        }
        Ok(Written { bytes, readers, limits: survey.limits().to_vec(), remarks })
    }
}

fn starts_with<D: AsRef<[u8]>>(chain: &[D], start: &[Vec<u8>]) -> bool {
    chain.len() >= start.len() && chain.iter().zip(start).all(|(one, other)| one.as_ref() == other.as_slice())
}
