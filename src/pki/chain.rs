//! Certificate chains: from a leaf to a root, out of certificates in any order.

use std::fmt;

use super::{Certificate, PkiError};

/// The most certificates in a chain: Java takes no longer ones from a peer (`jdk.tls.server.maxInboundCertificateChainLength`,
/// `jdk.tls.client.maxInboundCertificateChainLength`).
const MAX_LENGTH: usize = 10;

/// A chain, leaf first, each certificate signed by the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateChain {
    certificates: Vec<Certificate>,
    is_trusted: bool,
}

/// Why there is no chain.
#[derive(Debug)]
#[non_exhaustive]
pub enum ChainError {
    /// A certificate names another one as its issuer which has not signed it.
    Signature(PkiError),
    /// It does not end.
    TooLong,
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signature(_) => {
                write!(f, "a certificate of the chain was not signed by the one that has the name of its issuer")
            }
            Self::TooLong => write!(f, "the chain has more than {MAX_LENGTH} certificates"),
        }
    }
}

impl std::error::Error for ChainError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Signature(error) => Some(error),
            Self::TooLong => None,
        }
    }
}

impl CertificateChain {
    /// Builds the chain of `leaf` as far as `others` and `trusted` lead, to a certificate that is its own issuer at best. It is
    /// trusted if it reaches one of `trusted`.
    pub fn build(leaf: Certificate, others: &[Certificate], trusted: &[Certificate]) -> Result<Self, ChainError> {
        let mut is_trusted = trusted.contains(&leaf);
        let mut certificates = vec![leaf];
        while let Some(last) = certificates.last().filter(|last| !last.is_self_issued()) {
            let candidates = trusted.iter().chain(others).filter(|other| other.subject_der() == last.issuer_der());
            let mut failure = None;
            let issuer = candidates.into_iter().find(|issuer| match last.check_signature_by(issuer) {
                Ok(()) => true,
                Err(error) => {
                    failure = Some(error);
                    false
                }
            });
            match (issuer, failure) {
                (Some(issuer), _) if certificates.len() < MAX_LENGTH && !certificates.contains(issuer) => {
                    is_trusted |= trusted.contains(issuer);
                    certificates.push(issuer.clone());
                }
                (Some(_), _) => return Err(ChainError::TooLong),
                (None, Some(error)) => return Err(ChainError::Signature(error)),
                (None, None) => break,
            }
        }
        Ok(Self { certificates, is_trusted })
    }

    /// Returns the certificates, the leaf first.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Says whether it reaches a certificate that is trusted.
    pub fn is_trusted(&self) -> bool {
        self.is_trusted
    }

    /// Says whether it ends in a certificate that is its own issuer.
    pub fn is_complete(&self) -> bool {
        self.certificates.last().is_some_and(Certificate::is_self_issued)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::name::dn::DistinguishedName;
    use crate::pki::{CertificateAuthority, CertificateSigningRequest, KeyPair};
    use crate::random::SystemRandom;
    use crate::spec::{CertificateProfile, Days, KeyAlgorithm, Validity};

    fn validity() -> Validity {
        Validity::starting(datetime!(2026-11-21 12:00 UTC), Days::new(10).unwrap()).unwrap()
    }

    fn name(text: &str) -> Vec<u8> {
        DistinguishedName::parse(text).unwrap().to_der().unwrap()
    }

    fn root(subject: &str) -> CertificateAuthority {
        let key = KeyPair::generate(KeyAlgorithm::EcP256).unwrap();
        CertificateAuthority::self_signed(key, &name(subject), validity(), &SystemRandom).unwrap()
    }

    fn leaf(ca: &CertificateAuthority) -> Certificate {
        let key = KeyPair::generate(KeyAlgorithm::EcP256).unwrap();
        let request = CertificateSigningRequest::new(&key, &name("CN=broker1"), &[]).unwrap().verify().unwrap();
        ca.sign(&request, CertificateProfile::BROKER, &[], validity(), None, &SystemRandom).unwrap()
    }

    #[test]
    fn a_chain_is_trusted_if_it_reaches_what_is_trusted() {
        let ca = root("CN=Kafka CA");
        let (leaf, root) = (leaf(&ca), ca.certificate().clone());
        let chain = CertificateChain::build(leaf.clone(), &[], std::slice::from_ref(&root)).unwrap();
        assert_eq!(chain.certificates(), [leaf.clone(), root.clone()]);
        assert!(chain.is_trusted() && chain.is_complete());
        let chain = CertificateChain::build(leaf.clone(), &[root], &[]).unwrap();
        assert!(!chain.is_trusted() && chain.is_complete());
        let chain = CertificateChain::build(leaf.clone(), &[], &[]).unwrap();
        assert_eq!(chain.certificates(), [leaf]);
        assert!(!chain.is_trusted() && !chain.is_complete());
    }

    #[test]
    fn of_two_cas_with_one_name_the_one_is_found_that_has_signed() {
        let (old, new) = (root("CN=Kafka CA"), root("CN=Kafka CA"));
        let trusted = [old.certificate().clone(), new.certificate().clone()];
        let leaf = leaf(&new);
        let chain = CertificateChain::build(leaf.clone(), &[], &trusted).unwrap();
        assert_eq!(chain.certificates(), [leaf.clone(), new.certificate().clone()]);
        let error = CertificateChain::build(leaf, &[], &trusted[..1]).unwrap_err();
        assert!(matches!(error, ChainError::Signature(_)), "{error}");
    }
}
