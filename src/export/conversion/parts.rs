//! Writing a selection as files of PEM and DER: all in one, or the key, its certificates and what is trusted each in a file of its own.

use std::fmt;

use zeroize::Zeroizing;

use super::readers::{self, Reader};
use super::selection::Selection;
use super::source::{Remark, quoted};
use crate::keystore::PrivateKeyEntry;
use crate::name::{Alias, printable};
use crate::pki::{KeyEncryption, PkiError, encrypted_key_pem, key_pem, sent_certificate_pem};
use crate::random::Random;
use crate::secret::Password;
use crate::spec::PemKey;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A private key with its chain, as Kafka has a PEM keystore; or, if there is no key, what is trusted. In DER the one thing there is.
    All,
    /// The chain of the private key, the leaf first; in DER the leaf.
    Certificates,
    /// The private key.
    Key,
    /// What is trusted; if nothing is said to be, the end of the chain of the private key.
    Trusted,
}

/// In which form a part is written.
#[derive(Debug, Clone, Copy)]
pub enum Form<'p> {
    /// DER; the key is not encrypted.
    Der,
    /// PEM, with the key in the clear or under a password.
    Pem(Option<(KeyEncryption, &'p Password)>),
}

impl<'p> Form<'p> {
    /// Returns PEM with the key as `pem_key` says; `password` is for one that is encrypted.
    pub fn pem(pem_key: PemKey, password: Option<&'p Password>) -> Self {
        let how = match pem_key {
            PemKey::Plain => None,
            PemKey::Pbes2 => Some(KeyEncryption::Pbes2),
            PemKey::Pbes1 => Some(KeyEncryption::Pbes1TripleDes),
        };
        Self::Pem(how.zip(password))
    }
}

/// A file in memory.
pub struct PartFile {
    /// What it holds.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Whether a private key is in it.
    pub is_secret: bool,
    /// Who can open it, and who cannot.
    pub readers: Vec<Reader>,
    /// What is not as it was, or is left out.
    pub remarks: Vec<Remark>,
}

impl fmt::Debug for PartFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartFile({} bytes, {:?})", self.bytes.len(), self.remarks)
    }
}

/// Why there is no such file.
#[derive(Debug)]
#[non_exhaustive]
pub enum PartError {
    /// The private key of this alias has no certificate.
    NoCertificate(String),
    /// There is no private key.
    NoKey,
    /// Nothing is trusted, and no chain ends in what could be.
    NoTrusted,
    /// The codec's own reason.
    Pki(PkiError),
    /// Several private keys of these aliases, where a file holds one.
    SeveralKeys(Vec<String>),
    /// Several things of these aliases, where DER holds one.
    SeveralThings(Vec<String>),
    /// Trusted certificates of these aliases, beside the private key of this one and not in its chain: one file of PEM cannot say so.
    TrustedBesideKey(Vec<String>, String),
}

impl fmt::Display for PartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCertificate(alias) => write!(f, "the private key `{}` has no certificate", printable(alias)),
            Self::NoKey => write!(f, "there is no private key among the entries"),
            Self::NoTrusted => write!(f, "there is no trusted certificate among the entries"),
            Self::Pki(error) => error.fmt(f),
            Self::SeveralKeys(aliases) => {
                write!(f, "there are several private keys, {}, and a file is for one", quoted(aliases))
            }
            Self::SeveralThings(aliases) => {
                write!(f, "there is more than one thing to write, {}, and a file of DER holds one", quoted(aliases))
            }
            Self::TrustedBesideKey(aliases, key) => write!(
                f,
                "{} would stand behind the chain of `{}`, where Kafka refuses it and others take it for a part of the chain",
                quoted(aliases),
                printable(key)
            ),
        }
    }
}

impl std::error::Error for PartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Pki(error) => error.source(),
            _ => None,
        }
    }
}

impl From<PkiError> for PartError {
    fn from(error: PkiError) -> Self {
        Self::Pki(error)
    }
}

impl Selection {
    /// Writes a part. `parts` are all that are written together with it.
    pub fn part(&self, part: Part, parts: &[Part], form: Form<'_>, random: &dyn Random) -> Result<PartFile, PartError> {
        let draft = match (part, self.keys().is_empty()) {
            (Part::All, true) | (Part::Trusted, _) => self.trusted_part(part, form)?,
            (Part::All, false) => self.all(parts, form, random)?,
            (Part::Certificates, _) => self.certificates_part(parts, form)?,
            (Part::Key, _) => {
                let (_, key) = self.only_key()?;
                Draft { bytes: key_bytes(key, form, random)?, is_secret: true, remarks: Vec::new() }
            }
        };
        let readers = readers::of_part(self, part, form, &draft.bytes);
        Ok(PartFile { bytes: draft.bytes, is_secret: draft.is_secret, readers, remarks: draft.remarks })
    }

    /// Returns the one private key.
    fn only_key(&self) -> Result<(&Alias, &PrivateKeyEntry), PartError> {
        let keys = self.keys();
        match keys.as_slice() {
            [] => Err(PartError::NoKey),
            [key] => Ok(*key),
            keys => Err(PartError::SeveralKeys(names(keys.iter().map(|(alias, _)| *alias)))),
        }
    }

    /// Returns the one private key, which has a certificate.
    fn only_chain(&self) -> Result<(&Alias, &PrivateKeyEntry), PartError> {
        let (alias, key) = self.only_key()?;
        if key.chain.is_empty() { Err(PartError::NoCertificate(alias.as_str().to_owned())) } else { Ok((alias, key)) }
    }

    /// Writes the key with its chain.
    fn all(&self, parts: &[Part], form: Form<'_>, random: &dyn Random) -> Result<Draft, PartError> {
        let (alias, key) = self.only_chain()?;
        if matches!(form, Form::Der) {
            return Err(PartError::SeveralThings(names(self.store.entries().iter().map(|entry| &entry.alias))));
        }
        let mut remarks = Vec::new();
        if !parts.contains(&Part::Trusted) {
            let is_in_chain = |der: &[u8]| key.chain.iter().any(|other| other == der);
            let (inside, beside): (Vec<_>, Vec<_>) = self.trusted().into_iter().partition(|(_, der)| is_in_chain(der));
            if !beside.is_empty() {
                let beside = names(beside.into_iter().map(|(alias, _)| alias));
                return Err(PartError::TrustedBesideKey(beside, alias.as_str().to_owned()));
            }
            remarks.extend(inside.iter().map(|(alias, _)| Remark::TrustIsNotSaid(alias.as_str().to_owned())));
        }
        let name = named(alias, &mut remarks);
        let key_bytes = key_bytes(key, form, random)?;
        let chain = chain_pem(key);
        let parts = [name.as_bytes(), &key_bytes, name.as_bytes(), chain.as_bytes()];
        let mut bytes = Zeroizing::new(Vec::with_capacity(parts.iter().map(|part| part.len()).sum()));
        for part in parts {
            bytes.extend_from_slice(part);
        }
        Ok(Draft { bytes, is_secret: true, remarks })
    }

    fn certificates_part(&self, parts: &[Part], form: Form<'_>) -> Result<Draft, PartError> {
        let (alias, key) = self.only_chain()?;
        let mut remarks = Vec::new();
        let bytes = match form {
            Form::Pem(_) => chain_pem(key).into_bytes(),
            Form::Der => {
                let rest = key.chain.get(1..).unwrap_or_default();
                let trusted = self.trusted_or_end().map(|(trusted, _)| trusted).unwrap_or_default();
                let is_elsewhere = |der: &Vec<u8>| {
                    parts.contains(&Part::Trusted) && trusted.iter().any(|(_, other)| *other == der.as_slice())
                };
                let lost = rest.iter().filter(|der| !is_elsewhere(der)).count();
                remarks.extend((lost > 0).then(|| Remark::RestOfChain(alias.as_str().to_owned(), lost)));
                key.chain.first().cloned().unwrap_or_default()
            }
        };
        Ok(Draft { bytes: bytes.into(), is_secret: false, remarks })
    }

    fn trusted_part(&self, part: Part, form: Form<'_>) -> Result<Draft, PartError> {
        let (trusted, of_chain) = self.trusted_or_end()?;
        let mut remarks: Vec<Remark> = of_chain.into_iter().map(Remark::TrustedOfChain).collect();
        let bytes = match (form, trusted.as_slice()) {
            (Form::Der, [(_, der)]) => der.to_vec(),
            (Form::Der, several) => {
                return Err(PartError::SeveralThings(names(several.iter().map(|(alias, _)| *alias))));
            }
            (Form::Pem(_), trusted) => {
                let mut text = String::new();
                for (alias, der) in trusted {
                    if part == Part::All {
                        text.push_str(&named(alias, &mut remarks));
                    }
                    text.push_str(&sent_certificate_pem(der));
                }
                text.into_bytes()
            }
        };
        Ok(Draft { bytes: bytes.into(), is_secret: false, remarks: merged(remarks) })
    }

    /// Returns what is trusted, or the end of the chain of the one key, with the alias of that key.
    fn trusted_or_end(&self) -> Result<(Vec<Named<'_>>, Option<String>), PartError> {
        let trusted = self.trusted();
        if !trusted.is_empty() {
            return Ok((trusted, None));
        }
        let (alias, key) = self.only_key().map_err(|error| match error {
            PartError::NoKey => PartError::NoTrusted,
            error => error,
        })?;
        let end = key.chain.last().ok_or(PartError::NoTrusted)?;
        Ok((vec![(alias, end.as_slice())], Some(alias.as_str().to_owned())))
    }
}

/// A certificate in DER, with its alias.
type Named<'s> = (&'s Alias, &'s [u8]);

/// A file without its readers.
struct Draft {
    bytes: Zeroizing<Vec<u8>>,
    is_secret: bool,
    remarks: Vec<Remark>,
}

/// Returns the chain of a key in PEM.
pub(super) fn chain_pem(key: &PrivateKeyEntry) -> String {
    key.chain.iter().map(|der| sent_certificate_pem(der)).collect()
}

fn key_bytes(key: &PrivateKeyEntry, form: Form<'_>, random: &dyn Random) -> Result<Zeroizing<Vec<u8>>, PartError> {
    Ok(match form {
        Form::Der => key.key.clone(),
        Form::Pem(None) => key_pem(&key.key)?,
        Form::Pem(Some((how, password))) => {
            encrypted_key_pem(&how.encrypt(&key.key, password, random)?).into_bytes().into()
        }
    })
}

/// Returns the lines that `openssl pkcs12` writes before what has a name; none for a name that some reader could take for PEM.
fn named(alias: &Alias, remarks: &mut Vec<Remark>) -> String {
    let text = alias.as_str();
    let is_plain = |c: char| c.is_alphanumeric() || " ._@-".contains(c);
    if text.chars().all(is_plain) && !text.contains("--") && text.trim() == text {
        return format!("Bag Attributes\n    friendlyName: {text}\n");
    }
    remarks.push(Remark::Names(vec![text.to_owned()]));
    String::new()
}

/// Puts the names that are not kept together.
fn merged(remarks: Vec<Remark>) -> Vec<Remark> {
    let (mut merged, mut aliases) = (Vec::new(), Vec::new());
    for remark in remarks {
        match remark {
            Remark::Names(names) => aliases.extend(names),
            remark => merged.push(remark),
        }
    }
    merged.extend((!aliases.is_empty()).then_some(Remark::Names(aliases)));
    merged
}

fn names<'a>(aliases: impl Iterator<Item = &'a Alias>) -> Vec<String> {
    aliases.map(|alias| alias.as_str().to_owned()).collect()
}
