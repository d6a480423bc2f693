//! Keys and certificates that no store has put together: out of PEM and DER, and out of bags that Java does not see.

use std::cell::OnceCell;
use std::collections::HashSet;

use zeroize::Zeroizing;

use super::source::{SourceContent, SourceEntry, SourceError, Standing};
use crate::keystore::{CertificateIndex, KeyState};
use crate::name::Alias;
use crate::pbe::{EncryptedPrivateKeyInfo, KeyOpener};
use crate::pki::decoded::{DecodedPrivateKey, SignatureCheck};
use crate::pki::{
    Allowance, Certificate, CertificateChain, DecodedCertificate, FileContent, Part, PrivateKeyError, content_of_file,
    first_element, in_signed_data, pkcs8_of, readable_parts,
};
use crate::secret::Password;

/// The most private keys: each is compared with each certificate, and the signatures in its chain are checked.
const MAX_KEYS: usize = 100;

/// The most certificates.
const MAX_CERTIFICATES: usize = 1000;

/// The most certificates in a chain.
const MAX_CHAIN: usize = 100;

/// The most characters of an alias that is made out of a subject.
const MAX_MADE_ALIAS: usize = 64;

/// A private key, perhaps with the name that somebody has given it.
pub(super) struct LooseKey {
    pub(super) name: Option<String>,
    pub(super) key: KeyState,
}

impl LooseKey {
    /// Takes what should be PKCS#8.
    pub(super) fn open(name: Option<String>, der: &[u8]) -> Self {
        let key = pkcs8_of(der, None).map_or(KeyState::Damaged("private key"), KeyState::Open);
        Self { name, key }
    }
}

/// A certificate in DER, perhaps with the name that somebody has given it.
pub(super) struct LooseCertificate {
    pub(super) name: Option<String>,
    pub(super) der: Vec<u8>,
}

/// What is found in files while they are read.
pub(super) struct Loose<'p> {
    pub(super) keys: Vec<LooseKey>,
    pub(super) certificates: Vec<LooseCertificate>,
    /// What is neither.
    pub(super) left_out: Vec<String>,
    key_password: Option<&'p Password>,
    opener: KeyOpener,
    allowance: Allowance,
}

impl<'p> Loose<'p> {
    pub(super) fn new(key_password: Option<&'p Password>) -> Self {
        Self {
            keys: Vec::new(),
            certificates: Vec::new(),
            left_out: Vec::new(),
            key_password,
            opener: KeyOpener::patient(),
            allowance: Allowance::default(),
        }
    }

    /// Reads all parts of a file.
    pub(super) fn read(&mut self, file: &[u8]) -> Result<(), SourceError> {
        let parts = readable_parts(file)?.into_iter().collect::<Result<Vec<Part<'_>>, _>>()?;
        let before = (self.keys.len(), self.certificates.len());
        let mut ec_parameters: Option<Zeroizing<Vec<u8>>> = None;
        for part in &parts {
            match part.content {
                FileContent::Certificate | FileContent::Pkcs7 => self.read_certificates(part)?,
                FileContent::PrivateKey | FileContent::EncryptedPrivateKey => {
                    self.read_key(part, ec_parameters.as_ref().map(|der| der.as_slice()))?;
                }
                FileContent::Parameters if part.label == Some("EC PARAMETERS") => ec_parameters = Some(part.der()?),
                FileContent::Unknown | FileContent::Parameters => {}
                content => self.left_out.push(content.to_string()),
            }
        }
        if before == (self.keys.len(), self.certificates.len()) {
            return Err(SourceError::Nothing(content_of_file(file, &parts)));
        }
        Ok(())
    }

    fn read_certificates(&mut self, part: &Part<'_>) -> Result<(), SourceError> {
        let der = part.der()?;
        // Microsoft's CA writes PKCS#7 under CERTIFICATE too.
        if let Some(content) = in_signed_data(&der) {
            if !content.revocation_lists.is_empty() {
                self.left_out.push(FileContent::RevocationList.to_string());
            }
            return content.certificates.into_iter().try_for_each(|der| self.add(None, der));
        }
        if part.content == FileContent::Pkcs7 {
            return Err(SourceError::Malformed(FileContent::Pkcs7));
        }
        // Behind the certificate OpenSSL writes what it is trusted for (X509_CERT_AUX).
        let der = match part.label {
            Some("TRUSTED CERTIFICATE") => {
                self.left_out.push("what OpenSSL trusts a certificate for".to_owned());
                first_element(&der).unwrap_or_default().to_vec()
            }
            _ => der.to_vec(),
        };
        self.add(part.friendly_name().map(str::to_owned), der)
    }

    fn add(&mut self, name: Option<String>, der: Vec<u8>) -> Result<(), SourceError> {
        if !self.allowance.take(&der) || self.certificates.len() >= MAX_CERTIFICATES {
            return Err(SourceError::TooMany);
        }
        DecodedCertificate::from_der(&der).map_err(|_| SourceError::Malformed(FileContent::Certificate))?;
        self.certificates.push(LooseCertificate { name, der });
        Ok(())
    }

    fn read_key(&mut self, part: &Part<'_>, ec_parameters: Option<&[u8]>) -> Result<(), SourceError> {
        if self.keys.len() >= MAX_KEYS {
            return Err(SourceError::TooMany);
        }
        if part.header_encryption().is_some() {
            return Err(SourceError::Key(PrivateKeyError::LegacyEncryption));
        }
        if part.label == Some("OPENSSH PRIVATE KEY") {
            return Err(SourceError::Key(PrivateKeyError::Format("OpenSSH")));
        }
        let der = part.der()?;
        let pkcs8 = if EncryptedPrivateKeyInfo::is_one(&der) {
            let opened = self.opened(&der).map_err(SourceError::Key)?;
            // The padding can be right by chance, a structure cannot.
            pkcs8_of(&opened, None).map_err(|_| SourceError::Key(PrivateKeyError::WrongPassword))?
        } else {
            pkcs8_of(&der, ec_parameters).map_err(|error| SourceError::Key(error.into()))?
        };
        let name = part.friendly_name().map(str::to_owned);
        self.keys.push(LooseKey { name, key: KeyState::Open(pkcs8) });
        Ok(())
    }

    fn opened(&mut self, der: &[u8]) -> Result<Zeroizing<Vec<u8>>, PrivateKeyError> {
        let key = EncryptedPrivateKeyInfo::from_der(der)?;
        let password = self.key_password.ok_or(PrivateKeyError::NoPassword)?;
        Ok(self.opener.open(&key, password.expose())?)
    }
}

/// Puts keys together with their certificates, and these to chains.
///
/// Others may be in the chains: `known` is what the entries of the store hold. Where `has_own` says that there are entries or keys, a
/// certificate in no chain is not trusted by itself.
pub(super) fn assemble(
    keys: Vec<LooseKey>,
    certificates: Vec<LooseCertificate>,
    known: &[Vec<u8>],
    has_own: bool,
) -> Result<Vec<SourceEntry>, SourceError> {
    if keys.len() > MAX_KEYS {
        return Err(SourceError::TooMany);
    }
    let mut seen = HashSet::new();
    let certificates: Vec<LooseCertificate> =
        certificates.into_iter().filter(|certificate| seen.insert(certificate.der.clone())).collect();
    let all: Vec<&[u8]> = certificates
        .iter()
        .map(|certificate| certificate.der.as_slice())
        .chain(known.iter().map(Vec::as_slice))
        .collect();
    let decoded: Vec<Option<DecodedCertificate>> =
        all.iter().map(|der| DecodedCertificate::from_der(der).ok()).collect();
    let pool = Pool { index: CertificateIndex::of(all.iter().copied()), decoded: &decoded, typed: OnceCell::new() };
    let mut names = Names::default();
    let mut entries = Vec::new();
    let (mut leaves, mut in_chain) = (HashSet::new(), HashSet::new());
    for LooseKey { name, key } in keys {
        let leaf = pool.leaf_of(&key);
        let of_leaf = leaf.and_then(|at| certificates.get(at)).and_then(|leaf| leaf.name.clone());
        let alias = names.take(name.or(of_leaf), leaf.and_then(|at| pool.certificate(at)), "key");
        let chain = leaf.map_or(Ok(Vec::new()), |leaf| pool.chain(leaf, &alias))?;
        leaves.extend(leaf);
        in_chain.extend(chain.iter().cloned());
        let content = SourceContent::Key { key, chain };
        entries.push(SourceEntry { alias, created: None, content, standing: Standing::Entry, is_loose: true });
    }
    for (at, LooseCertificate { name, der }) in certificates.into_iter().enumerate() {
        if leaves.contains(&at) {
            continue;
        }
        let alias = names.take(name, pool.certificate(at), "certificate");
        let standing = match () {
            () if in_chain.contains(&der) => Standing::InChain,
            () if has_own => Standing::Unmarked,
            () => Standing::Entry,
        };
        entries.push(SourceEntry {
            alias,
            created: None,
            content: SourceContent::Certificate(der),
            standing,
            is_loose: true,
        });
    }
    Ok(entries)
}

/// All certificates, with what is read of them.
struct Pool<'c> {
    index: CertificateIndex,
    decoded: &'c [Option<DecodedCertificate>],
    /// The same for chains of CAs that share a name, read when there is the first of them.
    typed: OnceCell<Vec<Certificate>>,
}

impl Pool<'_> {
    fn certificate(&self, at: usize) -> Option<&DecodedCertificate> {
        self.decoded.get(at)?.as_ref()
    }

    /// Returns the place of the certificate that is for a key; of several, of the one that was made last.
    fn leaf_of(&self, key: &KeyState) -> Option<usize> {
        let KeyState::Open(pkcs8) = key else { return None };
        let public_key = DecodedPrivateKey::from_der(pkcs8, None)?.public_key_info?;
        let of_key = self.decoded.iter().enumerate().filter_map(|(at, certificate)| Some((at, certificate.as_ref()?)));
        let of_key = of_key.filter(|(_, certificate)| certificate.is_of_public_key(&public_key));
        // Of two that were made in the same second, the first.
        of_key.max_by_key(|(at, certificate)| (certificate.not_before, std::cmp::Reverse(*at))).map(|(at, _)| at)
    }

    /// Returns the chain of a leaf in DER, as Java finds it, but with the signatures checked.
    fn chain(&self, leaf: usize, alias: &str) -> Result<Vec<Vec<u8>>, SourceError> {
        let found = self.index.chain(leaf, MAX_CHAIN).ok_or(SourceError::TooMany)?;
        let found: Vec<&DecodedCertificate> = found.into_iter().filter_map(|at| self.certificate(at)).collect();
        let is_sound = found.iter().zip(found.iter().skip(1)).all(|(certificate, issuer)| {
            // What cannot be checked here may be good all the same.
            certificate.is_signed_by(issuer) != SignatureCheck::Invalid
        });
        if is_sound {
            return Ok(found.iter().map(|certificate| certificate.as_der().to_vec()).collect());
        }
        // Of CAs with one name, only one has signed it.
        let typed = |certificate: &DecodedCertificate| Certificate::from_der(certificate.as_der().to_vec()).ok();
        let others = self.typed.get_or_init(|| self.decoded.iter().flatten().filter_map(typed).collect());
        let leaf = self.certificate(leaf).and_then(typed);
        let chain = leaf.and_then(|leaf| CertificateChain::build(leaf, others, &[]).ok());
        let chain = chain.ok_or_else(|| SourceError::Chain(alias.to_owned()))?;
        Ok(chain.certificates().iter().map(|certificate| certificate.as_der().to_vec()).collect())
    }
}

/// The aliases that were given to what had none.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// Returns a name that nothing else has: the one that was given, or one out of the subject.
    fn take(&mut self, given: Option<String>, certificate: Option<&DecodedCertificate>, kind: &str) -> String {
        let subject = || certificate.and_then(|certificate| certificate.subject.common_names.last());
        let given = given.filter(|name| name.parse::<Alias>().is_ok());
        let made = given.or_else(|| subject().and_then(|name| made_alias(name)));
        let name = made.unwrap_or_else(|| kind.to_owned()).to_lowercase();
        let mut free = name.clone();
        let mut number: usize = 1;
        while !self.0.insert(free.clone()) {
            number = number.saturating_add(1);
            free = format!("{name}-{number}");
        }
        free
    }
}

/// Makes an alias that can be typed out of a common name: `Kafka CA` becomes `kafka-ca`.
fn made_alias(name: &str) -> Option<String> {
    let mut alias = String::new();
    for c in name.chars().take(MAX_MADE_ALIAS) {
        if c.is_alphanumeric() || ".-_@".contains(c) {
            alias.extend(c.to_lowercase());
        } else if !alias.ends_with('-') {
            alias.push('-');
        }
    }
    let alias = alias.trim_matches('-');
    alias.parse::<Alias>().is_ok().then(|| alias.to_owned())
}
