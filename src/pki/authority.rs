//! The certificate authority.

use std::fmt;

use time::OffsetDateTime;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::X509Name;

use super::certificate::{Draft, ca_extensions, key_id, leaf_extensions};
use super::constraints;
use super::lint::{self, LeafIntent};
use super::subject::comparable;
use super::{Certificate, KeyError, KeyPair, KeyType, PkiError, SerialNumber, VerifiedRequest, signature};
use crate::name::SubjectAltName;
use crate::random::Random;
use crate::spec::{CertificateProfile, Validity};

/// Why a certificate and a key are no CA to sign with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthorityError {
    /// It has ended.
    Expired(OffsetDateTime),
    /// The key is not the one in the certificate.
    KeyMismatch,
    /// It says CA:FALSE, or says nothing, as version 1 certificates do.
    NotACa,
    /// Its keyUsage does not have keyCertSign.
    NoKeyCertSign,
    /// It has not begun.
    NotYetValid(OffsetDateTime),
    /// Its public key is not a sound one.
    PublicKey(KeyError),
}

impl fmt::Display for AuthorityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired(at) => write!(f, "it has expired, on {}", at.date()),
            Self::KeyMismatch => write!(f, "the key is not the one in the certificate"),
            Self::NotACa => write!(f, "it is not the certificate of a CA: its basicConstraints do not say CA:TRUE"),
            Self::NoKeyCertSign => write!(f, "its keyUsage does not allow it to sign certificates"),
            Self::NotYetValid(at) => write!(f, "it is not valid before {}", at.date()),
            Self::PublicKey(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AuthorityError {}

/// A CA: its certificate, and the key that belongs to it.
#[derive(Debug)]
pub struct CertificateAuthority {
    certificate: Certificate,
    key: KeyPair,
    key_id: Vec<u8>,
}

impl CertificateAuthority {
    /// Takes anybody's CA, root or intermediate, if it can sign at the time `now`.
    pub fn new(certificate: Certificate, key: KeyPair, now: OffsetDateTime) -> Result<Self, PkiError> {
        let key_id = {
            let (_, parsed) = X509Certificate::from_der(certificate.as_der()).map_err(|_| PkiError::NotACertificate)?;
            check_ca(&parsed, &certificate, now).map_err(PkiError::Authority)?;
            let own = parsed.extensions().iter().find_map(|extension| match extension.parsed_extension() {
                ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
                _ => None,
            });
            // Whoever has no identifier is found by name; a certificate names its issuer's key all the same
            // (RFC 5280 §4.2.1.1).
            own.map_or_else(|| key_id(certificate.public_key_info()), Ok)?
        };
        if !certificate.is_of_key(&key) {
            return Err(PkiError::Authority(AuthorityError::KeyMismatch));
        }
        Ok(Self { certificate, key, key_id })
    }

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
        certificate.check_signature_by(&certificate)?;
        Ok(Self { key_id: key_id(&public_key_info)?, certificate, key })
    }

    /// Issues the certificate that `request` has proved its key for.
    ///
    /// The request decides the public key and the subject; `profile`, `alt_names` and `validity` decide the rest. Names that the
    /// CA's name constraints exclude are refused. The draft is linted before the CA key is used, and the signature is checked
    /// after. The serial number is random, and none that somebody who counts on from `counter` would come to.
    pub fn sign(
        &self,
        request: &VerifiedRequest,
        profile: CertificateProfile,
        alt_names: &[SubjectAltName],
        validity: Validity,
        counter: Option<&SerialNumber>,
        random: &dyn Random,
    ) -> Result<Certificate, PkiError> {
        constraints::check(&self.certificate, &request.subject, alt_names)?;
        let is_rsa = lint::is_rsa(&request.public_key_info);
        let draft = Draft {
            serial: serial_away_from(counter, random)?,
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
            is_self_signed: false,
        };
        let linted = lint::leaf(draft.to_der(&self.key)?, &intent)?;
        let certificate = draft.sign(&linted, &self.key)?;
        certificate.check_signature_by(&self.certificate)?;
        Ok(certificate)
    }

    /// Says whether a subject, in DER, is the CA's own name for those who compare as RFC 5280 §7.1 does.
    pub fn is_named(&self, subject: &[u8]) -> bool {
        let read = |name| X509Name::from_der(name).map(|(_, name)| comparable(&name));
        match (read(self.certificate.subject_der()), read(subject)) {
            (Ok(own), Ok(other)) => own == other,
            _ => self.certificate.subject_der() == subject,
        }
    }

    /// Says whether the CA's own extendedKeyUsage leaves room for a profile: OpenSSL, Go and Python apply it to what the CA signs.
    pub fn allows(&self, profile: CertificateProfile) -> bool {
        let Ok((_, parsed)) = X509Certificate::from_der(self.certificate.as_der()) else { return false };
        parsed.extended_key_usage().is_ok_and(|usage| {
            usage.is_none_or(|usage| {
                let usage = usage.value;
                let covers = |wanted: bool, has: bool| has || !wanted;
                usage.any
                    || (covers(profile.server_auth, usage.server_auth)
                        && covers(profile.client_auth, usage.client_auth))
            })
        })
    }

    /// Returns the CA's certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Returns the CA's key pair.
    pub fn key(&self) -> &KeyPair {
        &self.key
    }
}

impl Certificate {
    /// Makes the certificate that a key pair has until a CA signs one for it, as keytool does: signed by itself.
    pub fn self_signed(
        key: &KeyPair,
        subject: &[u8],
        profile: CertificateProfile,
        alt_names: &[SubjectAltName],
        validity: Validity,
        random: &dyn Random,
    ) -> Result<Self, PkiError> {
        let public_key_info = key.public_key_info();
        let key_id = key_id(&public_key_info)?;
        let is_rsa = lint::is_rsa(&public_key_info);
        let draft = Draft {
            serial: SerialNumber::random(random)?,
            issuer: subject,
            validity,
            subject,
            public_key_info: &public_key_info,
            extensions: leaf_extensions(profile, &public_key_info, is_rsa, alt_names, &key_id)?,
        };
        let intent = LeafIntent {
            subject,
            public_key_info: &public_key_info,
            validity,
            profile,
            alt_names,
            ca_subject: subject,
            ca_key_id: &key_id,
            ca_validity: validity,
            is_self_signed: true,
        };
        let linted = lint::leaf(draft.to_der(key)?, &intent)?;
        let certificate = draft.sign(&linted, key)?;
        certificate.check_signature_by(&certificate)?;
        Ok(certificate)
    }

    /// Checks that the key of `issuer` has signed this certificate.
    pub fn check_signature_by(&self, issuer: &Self) -> Result<(), PkiError> {
        let read = |certificate| X509Certificate::from_der(certificate).map_err(|_| PkiError::NotACertificate);
        let (_, issuer) = read(issuer.as_der())?;
        let (_, own) = read(self.as_der())?;
        let message = own.tbs_certificate.as_ref();
        signature::verify(issuer.public_key(), &own.signature_algorithm, message, &own.signature_value.data)
    }
}

fn check_ca(
    parsed: &X509Certificate<'_>,
    certificate: &Certificate,
    now: OffsetDateTime,
) -> Result<(), AuthorityError> {
    if !certificate.is_ca() {
        return Err(AuthorityError::NotACa);
    }
    // Without the extension every use is allowed (RFC 5280 §4.2.1.3); what cannot be read allows none.
    if !parsed.key_usage().is_ok_and(|usage| usage.is_none_or(|usage| usage.value.key_cert_sign())) {
        return Err(AuthorityError::NoKeyCertSign);
    }
    KeyType::of_sound(certificate.public_key_info()).map_err(AuthorityError::PublicKey)?;
    let Validity { not_before, not_after } = certificate.validity();
    if now > not_after {
        return Err(AuthorityError::Expired(not_after));
    }
    if now < not_before {
        return Err(AuthorityError::NotYetValid(not_before));
    }
    Ok(())
}

fn serial_away_from(counter: Option<&SerialNumber>, random: &dyn Random) -> Result<SerialNumber, PkiError> {
    loop {
        let serial = SerialNumber::random(random)?;
        if !counter.is_some_and(|counter| serial.is_near(counter)) {
            return Ok(serial);
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::name::dn::DistinguishedName;
    use crate::pki::CertificateSigningRequest;
    use crate::random::SystemRandom;
    use crate::spec::{Days, KeyAlgorithm};

    const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

    fn days(number: u32) -> Validity {
        Validity::starting(NOW, Days::new(number).unwrap()).unwrap()
    }

    fn name(text: &str) -> Vec<u8> {
        DistinguishedName::parse(text).unwrap().to_der().unwrap()
    }

    fn key() -> KeyPair {
        KeyPair::generate(KeyAlgorithm::EcP256).unwrap()
    }

    fn copy(key: &KeyPair) -> KeyPair {
        KeyPair::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap()
    }

    fn root() -> CertificateAuthority {
        CertificateAuthority::self_signed(key(), &name("CN=Kafka CA"), days(3650), &SystemRandom).unwrap()
    }

    fn refusal(certificate: &Certificate, key: &KeyPair, now: OffsetDateTime) -> AuthorityError {
        match CertificateAuthority::new(certificate.clone(), copy(key), now).unwrap_err() {
            PkiError::Authority(error) => error,
            error => panic!("{error}"),
        }
    }

    #[test]
    fn a_ca_that_was_read_back_signs_as_before() {
        let CertificateAuthority { certificate, key, .. } = root();
        let again = Certificate::from_der(certificate.as_der().to_vec()).unwrap();
        assert_eq!(again, certificate);
        let ca = CertificateAuthority::new(again, key, NOW).unwrap();
        let request = CertificateSigningRequest::new(&self::key(), &name("CN=broker1,OU=a,OU=b"), &[]).unwrap();
        let names = ["broker1".parse().unwrap()];
        let verified = request.verify().unwrap();
        let issued = ca.sign(&verified, CertificateProfile::BROKER, &names, days(365), None, &SystemRandom).unwrap();
        assert_eq!(issued.issuer_der(), certificate.subject_der());
        assert_eq!(issued.alt_names(), names);
        assert!(issued.check_signature_by(&certificate).is_ok());
    }

    #[test]
    fn what_is_no_ca_is_refused() {
        let CertificateAuthority { certificate, key, .. } = root();
        assert_eq!(refusal(&certificate, &self::key(), NOW), AuthorityError::KeyMismatch);
        let Validity { not_before, not_after } = certificate.validity();
        assert_eq!(refusal(&certificate, &key, not_after + time::Duration::SECOND), AuthorityError::Expired(not_after));
        let before = not_before - time::Duration::SECOND;
        assert_eq!(refusal(&certificate, &key, before), AuthorityError::NotYetValid(not_before));
        let (subject, profile) = (name("CN=broker1"), CertificateProfile::BROKER);
        let leaf = Certificate::self_signed(&key, &subject, profile, &[], days(10), &SystemRandom).unwrap();
        assert_eq!(refusal(&leaf, &key, NOW), AuthorityError::NotACa);
    }

    #[test]
    fn a_serial_number_keeps_away_from_a_counter() {
        let counter = SerialNumber::from_hexadecimal("01000102030405060708FFFFFFFFFFFFFF00\n").unwrap();
        let near = SerialNumber::from_hexadecimal("01000102030405060708FFFFFFFFFFFFFFFF").unwrap();
        let far = SerialNumber::from_hexadecimal("01000102030405060709FFFFFFFFFFFFFF00").unwrap();
        assert!(counter.is_near(&near) && !counter.is_near(&far));
        assert!(SerialNumber::from_hexadecimal("0").is_some());
        for text in ["", "\n", "xyz", "+1", &"1".repeat(65)] {
            assert!(SerialNumber::from_hexadecimal(text).is_none(), "{text}");
        }
        let ca = root();
        let request = CertificateSigningRequest::new(&key(), &name("CN=a"), &[]).unwrap().verify().unwrap();
        let issued =
            ca.sign(&request, CertificateProfile::CLIENT, &[], days(1), Some(&counter), &SystemRandom).unwrap();
        assert!(!issued.serial().is_near(&counter));
    }
}
