//! PEM (RFC 7468), in lines of 64 characters that end in LF.

use pem::{EncodeConfig, LineEnding, Pem, encode_config};
use zeroize::Zeroizing;

use super::{Certificate, CertificateSigningRequest, PkiError};

/// Returns the PEM of one certificate.
pub fn certificate_pem(certificate: &Certificate) -> String {
    encode("CERTIFICATE", certificate.as_der())
}

/// Returns the PEM of what somebody has sent as a certificate, whatever is in it.
pub fn sent_certificate_pem(der: &[u8]) -> String {
    encode("CERTIFICATE", der)
}

/// Returns the PEM of a chain, one certificate after the other.
pub fn certificates_pem(chain: &[&Certificate]) -> String {
    chain.iter().map(|certificate| certificate_pem(certificate)).collect()
}

/// Returns the PEM of a request.
pub fn request_pem(request: &CertificateSigningRequest) -> String {
    encode("CERTIFICATE REQUEST", request.as_der())
}

/// Returns the PEM of an unencrypted PKCS#8 key, in one buffer that is wiped: `pem` would leave copies behind.
pub fn key_pem(pkcs8: &[u8]) -> Result<Zeroizing<Vec<u8>>, PkiError> {
    const LABEL: &str = "PRIVATE KEY";
    let failed = |error: pem_rfc7468::Error| PkiError::Pem(error.to_string());
    let ending = pem_rfc7468::LineEnding::LF;
    let length = pem_rfc7468::encoded_len(LABEL, ending, pkcs8).map_err(failed)?;
    let mut out = Zeroizing::new(vec![0; length]);
    let written = pem_rfc7468::encode(LABEL, ending, pkcs8, &mut out).map_err(failed)?.len();
    out.truncate(written);
    Ok(out)
}

/// Returns the PEM of an `EncryptedPrivateKeyInfo`.
pub fn encrypted_key_pem(encrypted: &[u8]) -> String {
    encode("ENCRYPTED PRIVATE KEY", encrypted)
}

fn encode(label: &str, der: &[u8]) -> String {
    encode_config(&Pem::new(label, der), EncodeConfig::new().set_line_ending(LineEnding::LF))
}
