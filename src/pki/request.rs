//! Certificate signing requests (PKCS#10, RFC 2986): ours, and those of anybody who wants a certificate.

use std::fmt;

use const_oid::db::rfc5912::ID_EXTENSION_REQ;
use der::asn1::{Any, BitString, ObjectIdentifier, SetOfVec};
use der::{Decode, Encode, Sequence};
use x509_cert::ext::Extension;
use x509_cert::spki::AlgorithmIdentifier;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::cri_attributes::{ParsedCriAttribute, X509CriAttribute};
use x509_parser::extensions::{GeneralName, ParsedExtension, X509Extension};
use x509_parser::prelude::FromDer;

use super::certificate::alt_names_extension;
use super::foreign::{self, FileContent};
use super::subject::{address, common_names, has_control_character};
use super::{Certificate, KeyPair, KeyType, PkiError, extension_name, signature};
use crate::name::{HostError, SubjectAltName, printable};

const SUBJECT_ALT_NAME: &str = "2.5.29.17";
const SUBJECT_KEY_IDENTIFIER: &str = "2.5.29.14";

/// The most attributes of a request, and the most extensions that it asks for.
const MAX_WISHES: usize = 100;

/// The most names that are taken from one request.
const MAX_ALT_NAMES: usize = 1000;

/// Why a request is not signed, whoever made it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// It asks for a DNS name or an address that no certificate may have.
    AltName(HostError),
    /// It asks to become a CA.
    AsksForCa,
    /// A value of its subject has a control character, which would reach logs and Kafka's principal as it is.
    ControlCharacter,
    /// It asks for an extension twice.
    DuplicateExtension(String),
    /// An extension that it asks for cannot be read.
    Extension(String),
    /// Not a `CertificationRequest`.
    NotPkcs10,
    /// It asks for more than a thousand names.
    TooManyNames(usize),
    /// It asks for more than a hundred extensions, or has more than a hundred attributes.
    TooManyWishes,
    /// Bytes follow it.
    TrailingBytes,
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AltName(error) => write!(f, "it asks for a name that is not valid: {error}"),
            Self::AsksForCa => write!(f, "it asks for CA:TRUE, and its owner could then sign for anybody"),
            Self::ControlCharacter => write!(f, "its subject has a control character"),
            Self::DuplicateExtension(name) => write!(f, "it asks for {name} twice"),
            Self::Extension(name) => write!(f, "the {name} that it asks for cannot be read"),
            Self::NotPkcs10 => write!(f, "it is not a PKCS#10 structure"),
            Self::TooManyNames(count) => write!(f, "it asks for {count} names, {MAX_ALT_NAMES} are the most"),
            Self::TooManyWishes => write!(f, "it asks for more than {MAX_WISHES} things"),
            Self::TrailingBytes => write!(f, "bytes follow it"),
        }
    }
}

impl std::error::Error for RequestError {}

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
    /// Makes the request of `key` for `subject`, the DER of a name, and `alt_names`.
    pub fn new(key: &KeyPair, subject: &[u8], alt_names: &[SubjectAltName]) -> Result<Self, PkiError> {
        let mut attributes = SetOfVec::new();
        if !alt_names.is_empty() {
            let extensions: Vec<Extension> = vec![alt_names_extension(alt_names)?];
            let values = SetOfVec::from_iter([Any::from_der(&extensions.to_der()?)?])?;
            attributes.insert(RequestAttribute { kind: ID_EXTENSION_REQ, values })?;
        }
        let info = CertificationRequestInfo {
            version: 0,
            subject: Any::from_der(subject)?,
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

    /// Takes the DER of somebody's request. What is wrong with it is found by [`CertificateSigningRequest::verify`].
    pub fn from_der(der: Vec<u8>) -> Self {
        Self { der }
    }

    /// Returns the DER.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Reads the request as a stranger's, and checks that the key which it names is a sound one and has signed it.
    pub fn verify(&self) -> Result<VerifiedRequest, PkiError> {
        let (rest, request) = X509CertificationRequest::from_der(&self.der).map_err(|_| RequestError::NotPkcs10)?;
        if !rest.is_empty() {
            return Err(RequestError::TrailingBytes.into());
        }
        // x509-parser takes attributes that do not end where they should for none.
        if foreign::content_of_der(&self.der) != FileContent::Request {
            return Err(RequestError::NotPkcs10.into());
        }
        let info = &request.certification_request_info;
        KeyType::of_sound(info.subject_pki.raw)?;
        signature::verify(&info.subject_pki, &request.signature_algorithm, info.raw, &request.signature_value.data)?;
        if has_control_character(&info.subject) {
            return Err(RequestError::ControlCharacter.into());
        }
        let wishes = Wishes::read(info.attributes())?;
        Ok(VerifiedRequest {
            subject: info.subject.as_raw().to_vec(),
            public_key_info: info.subject_pki.raw.to_vec(),
            common_names: common_names(&info.subject),
            wishes,
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
    common_names: Vec<String>,
    wishes: Wishes,
}

impl VerifiedRequest {
    /// Returns the DER of the subject.
    pub fn subject_der(&self) -> &[u8] {
        &self.subject
    }

    /// Returns the DER of the `SubjectPublicKeyInfo`.
    pub fn public_key_info(&self) -> &[u8] {
        &self.public_key_info
    }

    /// Returns the DNS names and IP addresses that it asks for, each once and in its order.
    pub fn alt_names(&self) -> &[SubjectAltName] {
        &self.wishes.alt_names
    }

    /// Returns the common names of the subject that are names of hosts.
    pub fn host_names(&self) -> impl Iterator<Item = SubjectAltName> {
        self.common_names.iter().filter_map(|name| SubjectAltName::of_host(name))
    }

    /// Returns what the request asks for and `certificate` does not have, in the words of RFC 5280 and safe to be shown.
    ///
    /// A subjectKeyIdentifier is in every certificate; that keytool would compute another one is nobody's loss.
    pub fn not_granted(&self, certificate: &Certificate) -> Vec<String> {
        let issued = certificate.extensions();
        let granted = certificate.alt_names();
        let hosts: Vec<SubjectAltName> = self.host_names().collect();
        let wished =
            self.wishes.alt_names.iter().chain(hosts.iter().filter(|host| !self.wishes.alt_names.contains(host)));
        let names = wished.filter(|name| !granted.contains(name)).map(|name| match name {
            SubjectAltName::Dns(name) => format!("DNS name {name}"),
            SubjectAltName::Ip(address) => format!("IP address {address}"),
        });
        let extensions = self.wishes.extensions.iter().filter(|wish| {
            ![SUBJECT_ALT_NAME, SUBJECT_KEY_IDENTIFIER].contains(&wish.oid.as_str())
                && !issued.iter().any(|(oid, value)| *oid == wish.oid && *value == wish.value)
        });
        let others = extensions.map(|wish| extension_name(&wish.oid)).chain(self.wishes.others.iter().cloned());
        names.chain(others).collect::<Vec<_>>()
    }
}

/// What a request asks for beside a certificate for its key and subject.
#[derive(Debug, Clone, Default)]
struct Wishes {
    alt_names: Vec<SubjectAltName>,
    extensions: Vec<WishedExtension>,
    /// Names of other kinds, and attributes, as they can be shown.
    others: Vec<String>,
}

#[derive(Debug, Clone)]
struct WishedExtension {
    /// Dotted.
    oid: String,
    /// DER.
    value: Vec<u8>,
}

impl Wishes {
    fn read(attributes: &[X509CriAttribute<'_>]) -> Result<Self, RequestError> {
        let mut wishes = Self::default();
        if attributes.len() > MAX_WISHES {
            return Err(RequestError::TooManyWishes);
        }
        for attribute in attributes {
            match attribute.parsed_attribute() {
                // RFC 2986 §4.1 gives this attribute one value, and x509-parser looks at the first.
                ParsedCriAttribute::ExtensionRequest(_)
                    if foreign::children(attribute.value).is_none_or(|values| values.len() != 1) =>
                {
                    return Err(RequestError::Extension("extensionRequest".to_owned()));
                }
                ParsedCriAttribute::ExtensionRequest(request) => {
                    request.extensions.iter().try_for_each(|extension| wishes.add(extension))?;
                }
                ParsedCriAttribute::ChallengePassword(_) => wishes.others.push("challengePassword".to_owned()),
                ParsedCriAttribute::UnsupportedAttribute => wishes.others.push(format!("attribute {}", attribute.oid)),
            }
        }
        Ok(wishes)
    }

    fn add(&mut self, extension: &X509Extension<'_>) -> Result<(), RequestError> {
        let oid = extension.oid.to_id_string();
        let value = extension.value.to_vec();
        if self.extensions.len() >= MAX_WISHES {
            return Err(RequestError::TooManyWishes);
        }
        if self.extensions.iter().any(|other| other.oid == oid) {
            return Err(RequestError::DuplicateExtension(extension_name(&oid)));
        }
        match extension.parsed_extension() {
            ParsedExtension::SubjectAlternativeName(names) => self.add_names(&names.general_names)?,
            ParsedExtension::BasicConstraints(constraints) if constraints.ca => return Err(RequestError::AsksForCa),
            ParsedExtension::ParseError { .. } => return Err(RequestError::Extension(extension_name(&oid))),
            _ => {}
        }
        self.extensions.push(WishedExtension { oid, value });
        Ok(())
    }

    fn add_names(&mut self, names: &[GeneralName<'_>]) -> Result<(), RequestError> {
        if names.len() > MAX_ALT_NAMES {
            return Err(RequestError::TooManyNames(names.len()));
        }
        for name in names {
            let name = match name {
                GeneralName::DNSName(name) => name.parse().map(SubjectAltName::Dns).map_err(RequestError::AltName)?,
                GeneralName::IPAddress(octets) => ip_name(octets)?,
                GeneralName::RFC822Name(name) => {
                    self.others.push(format!("e-mail address {}", printable(name)));
                    continue;
                }
                GeneralName::URI(uri) => {
                    self.others.push(format!("URI {}", printable(uri)));
                    continue;
                }
                GeneralName::Invalid(..) => return Err(RequestError::Extension("subjectAltName".to_owned())),
                _ => {
                    self.others.push("subjectAltName of another kind".to_owned());
                    continue;
                }
            };
            if !self.alt_names.contains(&name) {
                self.alt_names.push(name);
            }
        }
        Ok(())
    }
}

fn ip_name(octets: &[u8]) -> Result<SubjectAltName, RequestError> {
    let address = address(octets).ok_or_else(|| RequestError::Extension("IP address".to_owned()))?;
    format!("ip:{address}").parse().map_err(RequestError::AltName)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::dn::DistinguishedName;
    use crate::spec::KeyAlgorithm;

    fn request() -> CertificateSigningRequest {
        let key = KeyPair::generate(KeyAlgorithm::EcP256).unwrap();
        let subject = DistinguishedName::parse("CN=broker1,OU=a,OU=b,DC=example,DC=com").unwrap().to_der().unwrap();
        let alt_names = ["broker1".parse().unwrap(), "::1".parse().unwrap()];
        CertificateSigningRequest::new(&key, &subject, &alt_names).unwrap()
    }

    /// Returns the request of somebody who asks for whatever extensions, and signs that.
    fn asking_for(extensions: &[(&str, &[u8])]) -> CertificateSigningRequest {
        let key = KeyPair::generate(KeyAlgorithm::EcP256).unwrap();
        let extensions: Vec<Extension> = extensions
            .iter()
            .map(|(oid, value)| Extension {
                extn_id: oid.parse().unwrap(),
                critical: false,
                extn_value: der::asn1::OctetString::new(*value).unwrap(),
            })
            .collect();
        signed(&key, vec![Any::from_der(&extensions.to_der().unwrap()).unwrap()])
    }

    /// Returns a request whose `extensionRequest` has these values.
    fn signed(key: &KeyPair, values: Vec<Any>) -> CertificateSigningRequest {
        let values = SetOfVec::from_iter(values).unwrap();
        let attributes = SetOfVec::from_iter([RequestAttribute { kind: ID_EXTENSION_REQ, values }]).unwrap();
        let subject = DistinguishedName::parse("CN=broker1").unwrap().to_der().unwrap();
        let info = CertificationRequestInfo {
            version: 0,
            subject: Any::from_der(&subject).unwrap(),
            subject_public_key_info: Any::from_der(&key.public_key_info()).unwrap(),
            attributes,
        };
        let info = info.to_der().unwrap();
        let request = CertificationRequest {
            info: Any::from_der(&info).unwrap(),
            signature_algorithm: key.signature_algorithm(),
            signature: BitString::from_bytes(&key.sign(&info).unwrap()).unwrap(),
        };
        CertificateSigningRequest { der: request.to_der().unwrap() }
    }

    fn refusal(extensions: &[(&str, &[u8])]) -> RequestError {
        match asking_for(extensions).verify().unwrap_err() {
            PkiError::Request(error) => error,
            error => panic!("{error}"),
        }
    }

    #[test]
    fn whoever_asks_to_be_a_ca_is_refused() {
        assert_eq!(refusal(&[("2.5.29.19", b"\x30\x03\x01\x01\xff")]), RequestError::AsksForCa);
        assert!(asking_for(&[("2.5.29.19", b"\x30\x00")]).verify().is_ok());
    }

    #[test]
    fn names_that_no_certificate_may_have_are_refused() {
        let alt_name = |name: &[u8]| {
            let length = u8::try_from(name.len()).unwrap();
            refusal(&[("2.5.29.17", &[&[0x30, length], name].concat())])
        };
        let invalid = HostError::InvalidCharacter("a b".into(), ' ');
        assert_eq!(alt_name(b"\x82\x03a b"), RequestError::AltName(invalid));
        assert_eq!(alt_name(b"\x82\x00"), RequestError::AltName(HostError::EmptyLabel(String::new())));
        assert_eq!(alt_name(b"\x82\x071.2.400"), RequestError::AltName(HostError::NumericTopLabel("1.2.400".into())));
        assert_eq!(alt_name(b"\x82\x071.2.3.4"), RequestError::AltName(HostError::AddressAsName("1.2.3.4".into())));
        assert_eq!(alt_name(b"\x87\x03\x0a\x00\x00"), RequestError::Extension("IP address".into()));
        assert_eq!(alt_name(b"\x82\x05a"), RequestError::Extension("subjectAltName".into()));
    }

    #[test]
    fn what_is_asked_for_twice_is_refused() {
        let one: (&str, &[u8]) = ("2.5.29.15", b"\x03\x02\x05\xa0");
        assert_eq!(refusal(&[one, one]), RequestError::DuplicateExtension("keyUsage".into()));
        let names: (&str, &[u8]) = ("2.5.29.17", b"\x30\x03\x82\x01a");
        assert_eq!(refusal(&[names, names]), RequestError::DuplicateExtension("subjectAltName".into()));
    }

    #[test]
    fn a_subject_with_a_control_character_is_refused_whatever_its_string_type() {
        let key = KeyPair::generate(KeyAlgorithm::EcP256).unwrap();
        // UTF8String, PrintableString, T61String, IA5String, VisibleString, GeneralString.
        for tag in [0x0c, 0x13, 0x14, 0x16, 0x1a, 0x1b] {
            let mut subject = b"\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03a\nb".to_vec();
            subject[11] = tag;
            let error = CertificateSigningRequest::new(&key, &subject, &[]).unwrap().verify().unwrap_err();
            assert!(matches!(error, PkiError::Request(RequestError::ControlCharacter)), "{tag}: {error}");
        }
    }

    #[test]
    fn a_second_list_of_wishes_and_a_long_one_are_refused() {
        let key = KeyPair::generate(KeyAlgorithm::EcP256).unwrap();
        let wish = |oid: String| Extension {
            extn_id: oid.parse().unwrap(),
            critical: false,
            extn_value: der::asn1::OctetString::new(*b"\x05\x00").unwrap(),
        };
        let list = |from: u32, to: u32| {
            let wishes: Vec<Extension> = (from..to).map(|at| wish(format!("1.2.3.{at}"))).collect();
            Any::from_der(&wishes.to_der().unwrap()).unwrap()
        };
        let refusal = |lists: Vec<Any>| match signed(&key, lists).verify() {
            Err(PkiError::Request(error)) => Some(error),
            Err(error) => panic!("{error}"),
            Ok(_) => None,
        };
        assert_eq!(refusal(vec![list(0, 100)]), None);
        assert_eq!(refusal(vec![list(0, 101)]), Some(RequestError::TooManyWishes));
        let twice = vec![list(0, 1), list(1, 2)];
        assert_eq!(refusal(twice), Some(RequestError::Extension("extensionRequest".into())));
    }

    #[test]
    fn a_request_keeps_its_subject_and_asks_for_its_names() {
        let subject = DistinguishedName::parse("CN=broker1,OU=a,OU=b,DC=example,DC=com").unwrap();
        let verified = request().verify().unwrap();
        assert_eq!(verified.subject, subject.to_der().unwrap());
        let names: Vec<String> = verified.alt_names().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["broker1", "::1"]);
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
