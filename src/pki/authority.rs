//! The certificate authority.

use x509_parser::prelude::{FromDer, X509Certificate};

use super::certificate::{Draft, ca_extensions, key_id, leaf_extensions};
use super::lint::{self, LeafIntent};
use super::{Certificate, KeyPair, PkiError, SerialNumber, VerifiedRequest, signature};
use crate::name::SubjectAltName;
use crate::random::Random;
use crate::spec::{CertificateProfile, Validity};

/// A CA: its certificate, and the key that belongs to it.
#[derive(Debug)]
pub struct CertificateAuthority {
    certificate: Certificate,
    key: KeyPair,
    key_id: Vec<u8>,
}

impl CertificateAuthority {
    /// Makes a root CA: `subject` is the DER of its name, which its own key signs.
    pub fn self_signed(
        key: KeyPair,
        subject: &[u8],
        validity: Validity,
        random: &dyn Random,
    ) -> Result<Self, PkiError> {
        let public_key_info = key.public_key_info();
        let draft = Draft {
            serial: SerialNumber::random(random)?,
            issuer: subject,
            validity,
            subject,
            public_key_info: &public_key_info,
            extensions: ca_extensions(&public_key_info)?,
        };
        let linted = lint::root(draft.to_der(&key)?)?;
        let certificate = draft.sign(&linted, &key)?;
        let authority = Self { key_id: key_id(&public_key_info)?, certificate, key };
        authority.check_signature_of(&authority.certificate)?;
        Ok(authority)
    }

    /// Issues the certificate that `request` has proved its key for.
    ///
    /// The request decides the public key and the subject; `profile`, `alt_names` and `validity` decide the rest. The draft is
    /// linted before the CA key is used, and the signature is checked after.
    pub fn sign(
        &self,
        request: &VerifiedRequest,
        profile: CertificateProfile,
        alt_names: &[SubjectAltName],
        validity: Validity,
        random: &dyn Random,
    ) -> Result<Certificate, PkiError> {
        let is_rsa = lint::is_rsa(&request.public_key_info);
        let draft = Draft {
            serial: SerialNumber::random(random)?,
            issuer: self.certificate.subject_der(),
            validity,
            subject: &request.subject,
            public_key_info: &request.public_key_info,
            extensions: leaf_extensions(profile, &request.public_key_info, is_rsa, alt_names, &self.key_id)?,
        };
        let intent = LeafIntent {
            subject: &request.subject,
            public_key_info: &request.public_key_info,
            validity,
            profile,
            alt_names,
            ca_subject: self.certificate.subject_der(),
            ca_key_id: &self.key_id,
            ca_validity: self.certificate.validity(),
        };
        let linted = lint::leaf(draft.to_der(&self.key)?, &intent)?;
        let certificate = draft.sign(&linted, &self.key)?;
        self.check_signature_of(&certificate)?;
        Ok(certificate)
    }

    /// Returns the CA's certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Returns the CA's key pair.
    pub fn key(&self) -> &KeyPair {
        &self.key
    }

    fn check_signature_of(&self, certificate: &Certificate) -> Result<(), PkiError> {
        const UNREADABLE: PkiError = PkiError::Signature("the certificate that was just made cannot be read");
        let (_, ca) = X509Certificate::from_der(self.certificate.as_der()).map_err(|_| UNREADABLE)?;
        let (_, issued) = X509Certificate::from_der(certificate.as_der()).map_err(|_| UNREADABLE)?;
        signature::verify(
            ca.public_key(),
            &issued.signature_algorithm.algorithm.to_id_string(),
            issued.tbs_certificate.as_ref(),
            &issued.signature_value.data,
        )
    }
}
