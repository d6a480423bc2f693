//! PEM, with any mixture in one file, and DER.

use zeroize::Zeroizing;

use super::budget::Budget;
use super::certificate::CertificateFacts;
use super::key::{Encryption, KeyFacts, Opening};
use super::signed::{RequestFacts, RevocationListFacts};
use super::{ContentKind, EntryFacts, Format, InspectError, Inspection};
use crate::kafka::properties_file::{PropertiesFile, Property};
use crate::pbe::EncryptedPrivateKeyInfo;
use crate::pki::decoded::DecodedKey;
use crate::pki::{
    DecodedCertificate, FileContent, FileError, MAX_FILE, Part, first_element, in_signed_data, readable_parts,
};
use crate::secret::Password;

/// The most PEM blocks of a file.
const MAX_PARTS: usize = 5000;

/// What an OpenSSH key begins with (`PROTOCOL.key`).
const OPENSSH_MAGIC: &[u8] = b"openssh-key-v1\0";

/// What the names of Kafka's settings end in whose values are PEM.
const PEM_SETTINGS: [&str; 3] = ["ssl.keystore.key", "ssl.keystore.certificate.chain", "ssl.truststore.certificates"];

/// Says what is in a file that is no store: no entries, if there is nothing that is known.
pub(super) fn inspect(
    file: &[u8],
    password: Option<&Password>,
    budget: &mut Budget,
) -> Result<Inspection, InspectError> {
    let mut reader = Reader { password, budget, ec_parameters: None, certificates: Vec::new(), entries: Vec::new() };
    let settings = pem_settings(file);
    let format = if settings.is_empty() {
        reader.read_all(file, None)?
    } else {
        for (setting, pem) in &settings {
            reader.read_all(pem.as_bytes(), Some(setting))?;
        }
        Format::Properties
    };
    let Reader { mut entries, certificates, .. } = reader;
    pair(&mut entries, &certificates);
    Ok(Inspection { format, store: None, entries })
}

/// Returns the settings of a Kafka properties file that have PEM in them.
fn pem_settings(file: &[u8]) -> Vec<(String, Zeroizing<String>)> {
    let is_setting = |property: &&Property| {
        let is_pem = PEM_SETTINGS.iter().any(|name| property.key().ends_with(name));
        is_pem && property.value().trim_start().starts_with("-----BEGIN ")
    };
    // Only what is text can be one; most files that are not are large.
    let is_likely = file.len() <= MAX_FILE && file.windows(4).any(|window| window == b"ssl.");
    let properties = is_likely.then(|| PropertiesFile::read(file).ok()).flatten();
    let properties = properties.iter().flat_map(PropertiesFile::iter).filter(is_setting);
    properties.map(|property| (property.key().to_owned(), Zeroizing::new(property.value().to_owned()))).collect()
}

/// Reads one part after the other.
struct Reader<'r> {
    password: Option<&'r Password>,
    budget: &'r mut Budget,
    /// The curve that OpenSSL has written before a key.
    ec_parameters: Option<Zeroizing<Vec<u8>>>,
    /// The certificates with the number of their entries.
    certificates: Vec<(usize, DecodedCertificate)>,
    entries: Vec<EntryFacts>,
}

impl Reader<'_> {
    /// Reads all parts of a file, or of a setting in one.
    fn read_all(&mut self, file: &[u8], setting: Option<&str>) -> Result<Format, InspectError> {
        let parts = readable_parts(file)?;
        for part in &parts {
            let number = self.entries.len().saturating_add(1);
            if number > MAX_PARTS {
                return Err(InspectError::TooMany);
            }
            let entry = match part {
                // A DER file is nothing but this.
                Ok(part) if part.label.is_none() => {
                    self.read(empty(number, kind_of(part.content)), part, &part.der()?)?
                }
                Ok(part) => self.entry(number, part)?,
                Err(error) => damaged(number, *error),
            };
            self.entries.push(EntryFacts { setting: setting.map(str::to_owned), ..entry });
        }
        Ok(match parts.first() {
            None => Format::Text,
            Some(Ok(part)) if part.label.is_none() => Format::Der,
            Some(_) => Format::Pem,
        })
    }

    fn entry(&mut self, number: usize, part: &Part<'_>) -> Result<EntryFacts, InspectError> {
        let entry = EntryFacts { label: part.label.map(str::to_owned), ..empty(number, kind_of(part.content)) };
        let result = match part.der() {
            Ok(der) => self.read(entry.clone(), part, &der),
            Err(error) if part.content != FileContent::Unknown => Err(error.into()),
            Err(_) => Ok(entry.clone()),
        };
        match result {
            Err(InspectError::TooMany) => Err(InspectError::TooMany),
            Err(error) => Ok(EntryFacts { fault: Some(error.to_string()), ..entry }),
            Ok(entry) => Ok(entry),
        }
    }

    fn read(&mut self, entry: EntryFacts, part: &Part<'_>, der: &[u8]) -> Result<EntryFacts, InspectError> {
        match part.content {
            FileContent::Certificate | FileContent::Pkcs7 => self.certificates(entry, part, der),
            FileContent::Request => Ok(EntryFacts { request: Some(RequestFacts::of_der(der, self.budget)?), ..entry }),
            FileContent::RevocationList => {
                let list = RevocationListFacts::of_der(der, self.budget)?;
                Ok(EntryFacts { revocation_lists: vec![list], ..entry })
            }
            FileContent::PrivateKey | FileContent::EncryptedPrivateKey => {
                let entry = self.private_key(entry, part, der);
                match entry.fault {
                    Some(_) if part.label.is_none() => Err(InspectError::Malformed(part.content)),
                    _ => Ok(entry),
                }
            }
            FileContent::PublicKey => {
                let key = DecodedKey::from_der(der).or_else(|| DecodedKey::from_rsa_public_key(der));
                let key = key.ok_or(InspectError::Malformed(part.content))?;
                Ok(EntryFacts { key: Some(KeyFacts::public(key)), ..entry })
            }
            FileContent::Parameters => {
                if part.label == Some("EC PARAMETERS") {
                    self.ec_parameters = Some(Zeroizing::new(der.to_vec()));
                }
                Ok(entry)
            }
            FileContent::Unknown if part.label.is_none() => Err(InspectError::UnknownDer),
            content if part.label.is_none() => Err(InspectError::Malformed(content)),
            _ => Ok(entry),
        }
    }

    fn certificates(&mut self, mut entry: EntryFacts, part: &Part<'_>, der: &[u8]) -> Result<EntryFacts, InspectError> {
        let number = entry.number;
        // Microsoft's CA writes PKCS#7 under CERTIFICATE too.
        if let Some(content) = in_signed_data(der) {
            entry.kind = ContentKind::Pkcs7;
            for der in &content.certificates {
                entry.certificates.push(self.certificate(number, der)?);
            }
            for der in &content.revocation_lists {
                entry.revocation_lists.push(RevocationListFacts::of_der(der, self.budget)?);
            }
            return Ok(entry);
        }
        if part.content == FileContent::Pkcs7 {
            return Err(InspectError::Malformed(FileContent::Pkcs7));
        }
        // Behind the certificate OpenSSL writes what it is trusted for (X509_CERT_AUX).
        let is_trusted = part.label == Some("TRUSTED CERTIFICATE");
        let der = if is_trusted { first_element(der).unwrap_or_default() } else { der };
        entry.certificates.push(self.certificate(number, der)?);
        if is_trusted {
            entry.remarks.push("nothing but OpenSSL reads a TRUSTED CERTIFICATE".to_owned());
        }
        Ok(entry)
    }

    fn certificate(&mut self, number: usize, der: &[u8]) -> Result<CertificateFacts, InspectError> {
        let (certificate, facts) = CertificateFacts::of_der(der, self.budget)?;
        self.certificates.push((number, certificate));
        Ok(facts)
    }

    fn private_key(&mut self, mut entry: EntryFacts, part: &Part<'_>, der: &[u8]) -> EntryFacts {
        let key = if let Some(cipher) = part.header_encryption() {
            let algorithm = format!("one MD5 and {cipher}, as before PKCS#8");
            let algorithm_of_key = part.label.and_then(|label| label.strip_suffix(" PRIVATE KEY"));
            KeyFacts {
                algorithm: algorithm_of_key.map(str::to_owned),
                encryption: Some(Encryption { algorithm, iterations: None }),
                ..KeyFacts::closed(Opening::Unsupported)
            }
        } else if part.label == Some("OPENSSH PRIVATE KEY") {
            openssh(der)
        } else if EncryptedPrivateKeyInfo::is_one(der) {
            KeyFacts::of_encrypted(der, self.password, self.budget)
        } else {
            let ec_parameters = self.ec_parameters.as_ref().map(|der| der.as_slice());
            KeyFacts::of_private(der, ec_parameters, Opening::NotEncrypted)
        };
        if key.opening == Opening::Damaged && key.encryption.is_none() {
            entry.fault = Some(InspectError::Malformed(part.content).to_string());
        }
        if part.label.is_some() {
            entry.remarks.extend(kafka_remark(&key));
        }
        entry.key = Some(key);
        entry
    }
}

/// Says whether Kafka's PEM reader takes a key (`DefaultSslEngineFactory.PemStore`).
fn kafka_remark(key: &KeyFacts) -> Option<String> {
    let algorithm = key.algorithm.as_deref().unwrap_or_default();
    let encryption = key.encryption.as_ref().map(|encryption| encryption.algorithm.as_str());
    Some(match (key.form, encryption) {
        (Some("PKCS#8"), _) if algorithm.starts_with("Ed") => {
            "Kafka reads RSA, DSA and EC keys from PEM, and not this one; from PKCS#12 and JKS it does".to_owned()
        }
        (Some("PKCS#8"), None) => return None,
        (Some("PKCS#8"), Some(algorithm)) if is_pbes2_of_java(algorithm) => {
            "Kafka reads it on Java 21 and later: older ones have no PBES2".to_owned()
        }
        (Some("PKCS#8"), Some(algorithm)) if algorithm.starts_with("PBES1") => return None,
        (Some("PKCS#8"), Some(_)) => "Kafka does not read a PEM key that is encrypted so".to_owned(),
        _ => "Kafka reads PEM keys in PKCS#8 only".to_owned(),
    })
}

/// Says whether a newer Java decrypts it: PBKDF2 with AES of 128 or 256 bits.
fn is_pbes2_of_java(algorithm: &str) -> bool {
    algorithm.starts_with("PBES2 with PBKDF2")
        && (algorithm.ends_with("AES-128-CBC") || algorithm.ends_with("AES-256-CBC"))
}

/// Says of a key of OpenSSH whether it is encrypted: the name of its cipher follows the magic.
fn openssh(key: &[u8]) -> KeyFacts {
    let cipher = key.strip_prefix(OPENSSH_MAGIC).and_then(|after| {
        let (length, rest) = after.split_first_chunk::<4>()?;
        let name = rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok().filter(|length| *length <= 40)?)?;
        std::str::from_utf8(name).ok().filter(|name| name.chars().all(|c| c.is_ascii_graphic()))
    });
    let facts = match cipher {
        Some("none") => KeyFacts::closed(Opening::NotEncrypted),
        Some(cipher) => {
            let encryption = Some(Encryption { algorithm: format!("bcrypt and {cipher}"), iterations: None });
            KeyFacts { encryption, ..KeyFacts::closed(Opening::Unsupported) }
        }
        None => return KeyFacts::closed(Opening::Damaged),
    };
    KeyFacts { form: Some("OpenSSH"), ..facts }
}

/// Finds out which certificate of the file belongs to which key of it.
fn pair(entries: &mut [EntryFacts], certificates: &[(usize, DecodedCertificate)]) {
    if certificates.is_empty() {
        return;
    }
    for entry in entries {
        let number = entry.number;
        let Some(key) = entry.key.as_mut() else { continue };
        let Some(info) = &key.public_key_info else { continue };
        let found = certificates.iter().find(|(of, certificate)| *of != number && certificate.is_of_public_key(info));
        key.matches_certificate = Some(found.is_some());
        key.certificate_number = found.map(|(number, _)| *number);
    }
}

fn damaged(number: usize, error: FileError) -> EntryFacts {
    let (FileError::Truncated(content) | FileError::NotBase64(content)) = error else {
        return EntryFacts { fault: Some(error.to_string()), ..empty(number, ContentKind::Other) };
    };
    EntryFacts { fault: Some(error.to_string()), ..empty(number, kind_of(content)) }
}

pub(super) fn empty(number: usize, kind: ContentKind) -> EntryFacts {
    EntryFacts {
        number,
        kind,
        alias: None,
        created: None,
        label: None,
        setting: None,
        is_seen_by_java: None,
        key: None,
        certificates: Vec::new(),
        request: None,
        revocation_lists: Vec::new(),
        remarks: Vec::new(),
        fault: None,
    }
}

fn kind_of(content: FileContent) -> ContentKind {
    match content {
        FileContent::Certificate => ContentKind::Certificate,
        FileContent::Pkcs7 => ContentKind::Pkcs7,
        FileContent::Request => ContentKind::Request,
        FileContent::PrivateKey | FileContent::EncryptedPrivateKey => ContentKind::PrivateKey,
        FileContent::PublicKey => ContentKind::PublicKey,
        FileContent::RevocationList => ContentKind::RevocationList,
        FileContent::Parameters => ContentKind::Parameters,
        _ => ContentKind::Other,
    }
}
