//! PEM files as Kafka's own reader takes them (`DefaultSslEngineFactory.PemStore`): one private key and its chain, or trusted
//! certificates.

use zeroize::Zeroizing;

use crate::keystore::KeyState;
use crate::pki::{DecodedCertificate, PrivateKeyError, read_certificates, read_private_key};
use crate::secret::Password;

/// A PEM file with what is in it.
#[derive(Debug)]
pub struct PemFile {
    /// Its certificates in their order.
    pub certificates: Vec<DecodedCertificate>,
    /// How many certificates cannot be read.
    pub unreadable: usize,
    /// Its private key, unencrypted PKCS#8, or why it stayed closed; none, if there is none.
    pub key: Option<Result<Zeroizing<Vec<u8>>, KeyState>>,
    /// How many private keys there are.
    pub key_count: usize,
    /// Whether the key is encrypted.
    pub is_encrypted: bool,
    /// What Kafka's reader stops at.
    pub traps: Vec<PemTrap>,
}

/// What OpenSSL reads, and Kafka does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PemTrap {
    /// `BEGIN RSA PRIVATE KEY`.
    Pkcs1,
    /// `BEGIN EC PRIVATE KEY`.
    Sec1,
    /// `Proc-Type: 4,ENCRYPTED`.
    LegacyEncryption,
    /// PBES2, which Java before 21 has not.
    Pbes2,
}

/// The object identifier of PBES2 (RFC 8018, appendix A.4) in DER.
const PBES2: [u8; 11] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x05, 0x0D];

impl PemFile {
    /// Reads a file; none, if it is no PEM.
    pub fn read(file: &[u8], key_password: Option<&Password>) -> Option<Self> {
        let text = String::from_utf8_lossy(file);
        if !text.contains("-----BEGIN ") {
            return None;
        }
        let ders = read_certificates(file).unwrap_or_default();
        let certificates: Vec<_> = ders.iter().filter_map(|der| DecodedCertificate::from_der(der).ok()).collect();
        let labels: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("-----BEGIN ")).collect();
        let keys: Vec<&&str> = labels.iter().filter(|label| label.contains("PRIVATE KEY")).collect();
        let declared = labels.iter().filter(|label| label.contains("CERTIFICATE-")).count();
        let is_legacy = text.contains("Proc-Type: 4,ENCRYPTED");
        let is_encrypted = is_legacy || keys.iter().any(|label| label.starts_with("ENCRYPTED"));
        Some(Self {
            unreadable: declared.saturating_sub(certificates.len()),
            certificates,
            key: (!keys.is_empty()).then(|| key(file, key_password)),
            key_count: keys.len(),
            is_encrypted,
            traps: traps(&text, &keys, is_legacy),
        })
    }
}

fn traps(text: &str, keys: &[&&str], is_legacy: bool) -> Vec<PemTrap> {
    let is_pbes2 = || {
        let body = text.split("-----BEGIN ENCRYPTED PRIVATE KEY-----").nth(1)?;
        let body: String = body.split("-----END").next()?.split_whitespace().collect();
        let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body).ok()?;
        Some(der.windows(PBES2.len()).take(32).any(|window| window == PBES2))
    };
    let found = [
        (keys.iter().any(|label| label.starts_with("RSA ")), PemTrap::Pkcs1),
        (keys.iter().any(|label| label.starts_with("EC ")), PemTrap::Sec1),
        (is_legacy, PemTrap::LegacyEncryption),
        (is_pbes2().unwrap_or(false), PemTrap::Pbes2),
    ];
    found.into_iter().filter(|(is_there, _)| *is_there).map(|(_, trap)| trap).collect()
}

fn key(file: &[u8], password: Option<&Password>) -> Result<Zeroizing<Vec<u8>>, KeyState> {
    match read_private_key(file, password) {
        Ok(read) => read.key.to_pkcs8().map_err(|_| KeyState::Damaged("private key")),
        Err(PrivateKeyError::NoPassword) => Err(KeyState::NoPassword),
        Err(PrivateKeyError::WrongPassword) => Err(KeyState::WrongPassword),
        Err(PrivateKeyError::Key(error)) => Err(KeyState::Unsupported(error.to_string())),
        Err(error @ PrivateKeyError::Encryption(_)) => Err(KeyState::Unsupported(error.to_string())),
        Err(_) => Err(KeyState::Damaged("private key")),
    }
}
