//! Certificate requests (PKCS#10, RFC 2986), as they are.

use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::cri_attributes::ParsedCriAttribute;
use x509_parser::prelude::FromDer;

use super::extension::Extensions;
use super::signature::check_with;
use super::{
    AltNames, BasicConstraints, DecodedExtension, DecodedKey, DecodedName, ExtendedKeyUsage, KeyUsage, SignatureCheck,
    SignatureKind, whole_octets,
};
use crate::pki::PkiError;
use crate::pki::foreign::{FileContent, content_of_der};

/// A certificate request with all that it says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodedRequest {
    /// Who asks.
    pub subject: DecodedName,
    /// The key that a certificate is asked for.
    pub public_key: DecodedKey,
    /// How it was signed.
    pub signature: SignatureKind,
    /// Whether its own key has signed it.
    pub signature_check: SignatureCheck,
    /// All extensions that it asks for, in their order.
    pub extensions: Vec<DecodedExtension>,
    /// The `basicConstraints` that it asks for.
    pub basic_constraints: Option<BasicConstraints>,
    /// The `keyUsage` that it asks for.
    pub key_usage: Option<KeyUsage>,
    /// The `extKeyUsage` that it asks for.
    pub extended_key_usage: Option<ExtendedKeyUsage>,
    /// The `subjectAltName` that it asks for.
    pub alt_names: Option<AltNames>,
    /// Attributes beside the extensions, by name or OID. A challenge password is one, and its text is not kept.
    pub attributes: Vec<String>,
}

impl DecodedRequest {
    /// Reads the DER of a request, with nothing behind it. It fails only for what is none.
    pub fn from_der(der: &[u8]) -> Result<Self, PkiError> {
        let not_a_request = PkiError::Request(crate::pki::RequestError::NotPkcs10);
        // x509-parser takes attributes that do not end where they should for none.
        let Ok(([], request)) = X509CertificationRequest::from_der(der) else { return Err(not_a_request) };
        if content_of_der(der) != FileContent::Request {
            return Err(not_a_request);
        }
        let info = &request.certification_request_info;
        let public_key = DecodedKey::of(&info.subject_pki);
        let mut found = Extensions::default();
        let mut attributes = Vec::new();
        for attribute in info.attributes() {
            match attribute.parsed_attribute() {
                ParsedCriAttribute::ExtensionRequest(asked) => {
                    asked.extensions.iter().for_each(|extension| found.take(extension));
                }
                ParsedCriAttribute::ChallengePassword(_) => attributes.push("challengePassword".to_owned()),
                ParsedCriAttribute::UnsupportedAttribute => attributes.push(attribute.oid.to_id_string()),
            }
        }
        let value = whole_octets(&request.signature_value);
        Ok(Self {
            subject: DecodedName::of(&info.subject),
            signature: SignatureKind::of(&request.signature_algorithm),
            signature_check: check_with(&public_key, &request.signature_algorithm, info.raw, &value),
            public_key,
            extensions: found.all,
            basic_constraints: found.basic_constraints,
            key_usage: found.key_usage,
            extended_key_usage: found.extended_key_usage,
            alt_names: found.alt_names,
            attributes,
        })
    }
}
