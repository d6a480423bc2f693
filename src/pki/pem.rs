//! PEM (RFC 7468), in lines of 64 characters that end in LF.

use pem::{EncodeConfig, LineEnding, Pem, encode_config};
use zeroize::Zeroizing;

use super::{Certificate, CertificateSigningRequest};

/// Returns the PEM of one certificate.
pub fn certificate_pem(certificate: &Certificate) -> String {
    encode("CERTIFICATE", certificate.as_der())
}

/// Returns the PEM of a chain, one certificate after the other.
pub fn certificates_pem(chain: &[&Certificate]) -> String {
    chain.iter().map(|certificate| certificate_pem(certificate)).collect()
}

/// Returns the PEM of a request.
pub fn request_pem(request: &CertificateSigningRequest) -> String {
    encode("CERTIFICATE REQUEST", request.as_der())
}

/// Returns the PEM of an unencrypted PKCS#8 key.
pub fn key_pem(pkcs8: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(encode("PRIVATE KEY", pkcs8))
}

/// Returns the PEM of an `EncryptedPrivateKeyInfo`.
pub fn encrypted_key_pem(encrypted: &[u8]) -> String {
    encode("ENCRYPTED PRIVATE KEY", encrypted)
}

fn encode(label: &str, der: &[u8]) -> String {
    encode_config(&Pem::new(label, der), EncodeConfig::new().set_line_ending(LineEnding::LF))
}
