//! Certificate signing requests (PKCS#10, RFC 2986).

use const_oid::db::rfc5912::ID_EXTENSION_REQ;
use der::asn1::{Any, BitString, ObjectIdentifier, SetOfVec};
use der::{Decode, Encode, Sequence};
use x509_cert::ext::Extension;
use x509_cert::spki::AlgorithmIdentifier;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

use super::certificate::alt_names_extension;
use super::{KeyPair, PkiError, signature};
use crate::name::SubjectAltName;
use crate::name::dn::DistinguishedName;

/// `CertificationRequest`, without the parts that were already DER.
#[derive(Sequence)]
struct CertificationRequest {
    info: Any,
    signature_algorithm: AlgorithmIdentifier<Any>,
    signature: BitString,
}

/// `CertificationRequestInfo`.
#[derive(Sequence)]
struct CertificationRequestInfo {
    version: u8,
    subject: Any,
    subject_public_key_info: Any,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    attributes: SetOfVec<RequestAttribute>,
}

#[derive(Clone, PartialEq, Eq, Sequence, der::ValueOrd)]
struct RequestAttribute {
    kind: ObjectIdentifier,
    values: SetOfVec<Any>,
}

/// A request in DER, signed by the key that it is for, and not yet trusted.
#[derive(Debug, Clone)]
pub struct CertificateSigningRequest {
    der: Vec<u8>,
}

impl CertificateSigningRequest {
    /// Makes the request of `key` for `subject` and `alt_names`.
    pub fn new(key: &KeyPair, subject: &DistinguishedName, alt_names: &[SubjectAltName]) -> Result<Self, PkiError> {
        let mut attributes = SetOfVec::new();
        if !alt_names.is_empty() {
            let extensions: Vec<Extension> = vec![alt_names_extension(alt_names)?];
            let values = SetOfVec::from_iter([Any::from_der(&extensions.to_der()?)?])?;
            attributes.insert(RequestAttribute { kind: ID_EXTENSION_REQ, values })?;
        }
        let info = CertificationRequestInfo {
            version: 0,
            subject: Any::from_der(&subject.to_der()?)?,
            subject_public_key_info: Any::from_der(&key.public_key_info())?,
            attributes,
        }
        .to_der()?;
        let signature = BitString::from_bytes(&key.sign(&info)?)?;
        let request = CertificationRequest {
            info: Any::from_der(&info)?,
            signature_algorithm: key.signature_algorithm(),
            signature,
        };
        Ok(Self { der: request.to_der()? })
    }

    /// Returns the DER.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Reads the request as a stranger's and checks that the key which it names has signed it.
    pub fn verify(&self) -> Result<VerifiedRequest, PkiError> {
        let (rest, request) = X509CertificationRequest::from_der(&self.der)
            .map_err(|_| PkiError::Request("it is not a PKCS#10 structure"))?;
        if !rest.is_empty() {
            return Err(PkiError::Request("bytes follow it"));
        }
        let info = &request.certification_request_info;
        signature::verify(
            &info.subject_pki,
            &request.signature_algorithm.algorithm.to_id_string(),
            info.raw,
            &request.signature_value.data,
        )?;
        Ok(VerifiedRequest {
            subject: info.subject.as_raw().to_vec(),
            public_key_info: info.subject_pki.raw.to_vec(),
            asks_for_names: request.requested_extensions().is_some_and(|mut extensions| {
                extensions.any(|e| matches!(e, x509_parser::extensions::ParsedExtension::SubjectAlternativeName(_)))
            }),
        })
    }
}

/// A request whose signature was checked: whoever made it has the private key.
#[derive(Debug, Clone)]
pub struct VerifiedRequest {
    /// The DER of the subject, exactly as it stands in the request.
    pub(super) subject: Vec<u8>,
    /// The DER of the `SubjectPublicKeyInfo`.
    pub(super) public_key_info: Vec<u8>,
    /// Whether it asks for a subjectAltName extension.
    asks_for_names: bool,
}

impl VerifiedRequest {
    /// Says whether the request itself asks for a subjectAltName extension.
    pub fn asks_for_names(&self) -> bool {
        self.asks_for_names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::KeyAlgorithm;

    fn request() -> CertificateSigningRequest {
        let key = KeyPair::generate(KeyAlgorithm::EcP256).unwrap();
        let subject = DistinguishedName::parse("CN=broker1,OU=a,OU=b,DC=example,DC=com").unwrap();
        CertificateSigningRequest::new(&key, &subject, &["broker1".parse().unwrap(), "::1".parse().unwrap()]).unwrap()
    }

    #[test]
    fn a_request_keeps_its_subject_and_asks_for_its_names() {
        let subject = DistinguishedName::parse("CN=broker1,OU=a,OU=b,DC=example,DC=com").unwrap();
        let verified = request().verify().unwrap();
        assert_eq!(verified.subject, subject.to_der().unwrap());
        assert!(verified.asks_for_names());
    }

    #[test]
    fn no_changed_bit_makes_another_subject_or_key_pass() {
        let request = request();
        let sound = request.verify().unwrap();
        let mut refused = 0;
        for bit in 0..request.der.len() * 8 {
            let mut der = request.der.clone();
            der[bit / 8] ^= 1 << (bit % 8);
            match (CertificateSigningRequest { der }).verify() {
                Ok(verified) => {
                    assert_eq!(verified.subject, sound.subject, "bit {bit}");
                    assert_eq!(verified.public_key_info, sound.public_key_info, "bit {bit}");
                }
                Err(_) => refused += 1,
            }
        }
        // What passes is the lenient reading of the outermost tag and of bits that no signature covers.
        assert!(refused > request.der.len() * 8 - 32, "only {refused} of {} bits matter", request.der.len() * 8);
    }
}
