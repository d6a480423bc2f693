//! Certificate chains: from a leaf to a root, out of certificates in any order.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::fmt;

use x509_parser::prelude::{FromDer, X509Certificate};

use super::{Certificate, PkiError};

/// The most certificates in a chain: Java takes no longer ones from a peer (`jdk.tls.server.maxInboundCertificateChainLength`,
/// `jdk.tls.client.maxInboundCertificateChainLength`).
const MAX_LENGTH: usize = 10;

/// The most signatures that are checked to find a chain.
const MAX_CHECKS: usize = 200;

const BASIC_CONSTRAINTS: &str = "2.5.29.19";

/// Signature algorithms with MD2, MD5 and SHA-1, which are never checked: old roots have them.
const BROKEN_ALGORITHMS: [&str; 6] = [
    "1.2.840.113549.1.1.2",
    "1.2.840.113549.1.1.4",
    "1.2.840.113549.1.1.5",
    "1.2.840.10045.4.1",
    "1.2.840.10040.4.3",
    "1.3.14.3.2.29",
];

/// A chain, leaf first, each certificate signed by the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateChain {
    certificates: Vec<Certificate>,
    is_trusted: bool,
    is_complete: bool,
}

/// Why there is no chain.
#[derive(Debug)]
#[non_exhaustive]
pub enum ChainError {
    /// The certificate was signed by one that is not of a CA.
    NotACa,
    /// A certificate names another one as its issuer which has not signed it.
    Signature(PkiError),
    /// It does not end.
    TooLong,
}

impl fmt::Display for ChainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotACa => write!(f, "the certificate was signed by one that is not of a CA"),
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
            Self::NotACa | Self::TooLong => None,
        }
    }
}

impl CertificateChain {
    /// Builds the chain of `leaf` as far as `others` and `trusted` lead, whatever their order. Of several chains it is one that
    /// reaches a certificate of `trusted`, else one that ends in a root; the shortest of these, and the longest of any others.
    pub fn build(leaf: Certificate, others: &[Certificate], trusted: &[Certificate]) -> Result<Self, ChainError> {
        let mut seen = HashSet::new();
        let candidates = trusted.iter().chain(others).filter(|candidate| seen.insert(candidate.as_der())).collect();
        let mut search = Search { candidates, trusted, checks_left: MAX_CHECKS, is_too_long: false, best: None };
        search.extend(&mut vec![&leaf])?;
        match search.best {
            Some(best) => Ok(best),
            None if search.is_too_long => Err(ChainError::TooLong),
            None => Ok(Self { is_trusted: trusted.contains(&leaf), certificates: vec![leaf], is_complete: false }),
        }
    }

    /// Returns the certificates, the leaf first.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Says whether it reaches a certificate that is trusted.
    pub fn is_trusted(&self) -> bool {
        self.is_trusted
    }

    /// Says whether it ends in a root: a certificate that has signed itself.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Says whether it is to be preferred to `other`.
    fn is_better_than(&self, other: &Self) -> bool {
        let quality = |chain: &Self| (chain.is_trusted, chain.is_complete);
        let (length, other_length) = (self.certificates.len(), other.certificates.len());
        match quality(self).cmp(&quality(other)) {
            Ordering::Equal if self.is_trusted || self.is_complete => length < other_length,
            Ordering::Equal => length > other_length,
            order => order == Ordering::Greater,
        }
    }
}

/// The search for a chain, depth first.
struct Search<'a> {
    /// Each once, the trusted ones first.
    candidates: Vec<&'a Certificate>,
    trusted: &'a [Certificate],
    checks_left: usize,
    is_too_long: bool,
    best: Option<CertificateChain>,
}

impl<'a> Search<'a> {
    /// Follows every way on from the end of `path`. It fails only for the leaf's issuer: higher up a path merely ends.
    fn extend(&mut self, path: &mut Vec<&'a Certificate>) -> Result<(), ChainError> {
        let Some(&last) = path.last() else { return Ok(()) };
        if self.is_root(last) {
            self.keep(path, true);
            return Ok(());
        }
        let issuers = match self.issuers(path, last) {
            Err(error) if path.len() == 1 => return Err(error),
            issuers => issuers.unwrap_or_default(),
        };
        if path.len() >= MAX_LENGTH && !issuers.is_empty() {
            self.is_too_long = true;
            // What is trusted further down does not need the rest.
            if path.iter().any(|certificate| self.trusted.contains(certificate)) {
                self.keep(path, false);
            }
            return Ok(());
        }
        if issuers.is_empty() {
            self.keep(path, false);
        }
        for issuer in issuers {
            path.push(issuer);
            self.extend(path)?;
            path.pop();
        }
        Ok(())
    }

    /// Returns the CAs that have signed `last`, the end of `path`, and are not in the path already, by name and key.
    fn issuers(&mut self, path: &[&Certificate], last: &Certificate) -> Result<Vec<&'a Certificate>, ChainError> {
        let is_in_path = |candidate: &Certificate| {
            path.iter().any(|known| {
                *known == candidate
                    || known.subject_der() == candidate.subject_der()
                        && known.is_of_public_key(candidate.public_key_info())
            })
        };
        let named: Vec<&Certificate> =
            self.candidates.iter().copied().filter(|other| other.subject_der() == last.issuer_der()).collect();
        let (mut issuers, mut failure, mut is_signed_by_other) = (Vec::new(), None, false);
        for candidate in named.into_iter().filter(|candidate| !is_in_path(candidate)) {
            match self.check(last, candidate) {
                Some(Ok(())) if self.is_ca(candidate) => issuers.push(candidate),
                Some(Ok(())) => is_signed_by_other = true,
                Some(Err(error)) => failure = Some(error),
                None => break,
            }
        }
        match failure {
            _ if !issuers.is_empty() => Ok(issuers),
            _ if is_signed_by_other => Err(ChainError::NotACa),
            Some(error) => Err(ChainError::Signature(error)),
            None => Ok(issuers),
        }
    }

    /// Checks a signature, unless too many have been checked.
    fn check(&mut self, certificate: &Certificate, issuer: &Certificate) -> Option<Result<(), PkiError>> {
        self.checks_left = self.checks_left.checked_sub(1)?;
        Some(certificate.check_signature_by(issuer))
    }

    /// Says whether a certificate is of a CA. A trusted root may be so old that it has no basicConstraints.
    fn is_ca(&self, certificate: &Certificate) -> bool {
        let says_nothing = || !certificate.extensions().iter().any(|(oid, _)| oid == BASIC_CONSTRAINTS);
        certificate.is_ca() || certificate.is_self_issued() && self.trusted.contains(certificate) && says_nothing()
    }

    /// Says whether a certificate has signed itself. What is self-issued only was signed by an earlier key of its CA.
    fn is_root(&mut self, certificate: &Certificate) -> bool {
        certificate.is_self_issued()
            && (self.trusted.contains(certificate) && has_broken_algorithm(certificate)
                || self.check(certificate, certificate).is_some_and(|result| result.is_ok()))
    }

    fn keep(&mut self, path: &[&Certificate], is_complete: bool) {
        let is_trusted = path.iter().any(|certificate| self.trusted.contains(certificate));
        let certificates = path.iter().map(|certificate| (*certificate).clone()).collect();
        let chain = CertificateChain { certificates, is_trusted, is_complete };
        if self.best.as_ref().is_none_or(|best| chain.is_better_than(best)) {
            self.best = Some(chain);
        }
    }
}

fn has_broken_algorithm(certificate: &Certificate) -> bool {
    X509Certificate::from_der(certificate.as_der()).is_ok_and(|(_, parsed)| {
        let algorithm = parsed.signature_algorithm.algorithm.to_id_string();
        BROKEN_ALGORITHMS.contains(&algorithm.as_str())
    })
}

#[cfg(test)]
mod tests {
    use der::asn1::{Any, BitString};
    use der::{Decode, Encode, Sequence};
    use time::macros::datetime;
    use x509_cert::spki::AlgorithmIdentifier;

    use super::*;
    use crate::name::dn::DistinguishedName;
    use crate::pki::certificate::{Draft, ca_extensions};
    use crate::pki::{CertificateAuthority, CertificateSigningRequest, KeyPair, SerialNumber};
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

    #[derive(Sequence)]
    struct Signed {
        tbs: Any,
        algorithm: AlgorithmIdentifier<Any>,
        signature: BitString,
    }

    fn key() -> KeyPair {
        KeyPair::generate(KeyAlgorithm::EcP256).unwrap()
    }

    /// What `signer` says of `key`: a certificate of a CA, or one of version 3 that does not say whether it is one.
    fn certificate(subject: &str, key: &KeyPair, issuer: &str, signer: &KeyPair, is_ca: bool) -> Certificate {
        let public_key_info = key.public_key_info();
        let mut extensions = ca_extensions(&public_key_info).unwrap();
        if !is_ca {
            extensions.remove(0);
        }
        let (subject, issuer) = (name(subject), name(issuer));
        let draft = Draft {
            serial: SerialNumber::random(&SystemRandom).unwrap(),
            issuer: &issuer,
            validity: validity(),
            subject: &subject,
            public_key_info: &public_key_info,
            extensions,
        };
        let tbs = draft.to_der(signer).unwrap();
        let signature = BitString::from_bytes(&signer.sign(&tbs).unwrap()).unwrap();
        let tbs = Any::from_der(&tbs).unwrap();
        let whole = Signed { tbs, algorithm: signer.signature_algorithm(), signature };
        Certificate::from_der(whole.to_der().unwrap()).unwrap()
    }

    #[test]
    fn a_cross_signed_root_leads_to_what_is_trusted_in_any_order() {
        let (r, x, leaf) = (key(), key(), key());
        let leaf = certificate("CN=b", &leaf, "CN=R", &r, false);
        let own = certificate("CN=R", &r, "CN=R", &r, true);
        let cross = certificate("CN=R", &r, "CN=X", &x, true);
        let trusted = [certificate("CN=X", &x, "CN=X", &x, true)];
        for others in [[own.clone(), cross.clone()], [cross.clone(), own.clone()]] {
            let chain = CertificateChain::build(leaf.clone(), &others, &trusted).unwrap();
            assert_eq!(chain.certificates(), [leaf.clone(), cross.clone(), trusted[0].clone()]);
            assert!(chain.is_trusted() && chain.is_complete());
            let chain = CertificateChain::build(leaf.clone(), &others, &[]).unwrap();
            assert_eq!(chain.certificates(), [leaf.clone(), own.clone()]);
            assert!(!chain.is_trusted() && chain.is_complete());
        }
    }

    #[test]
    fn what_is_no_ca_is_no_issuer_unless_it_is_a_trusted_root_that_says_nothing() {
        let (root, client) = (key(), key());
        let ca = certificate("CN=R", &root, "CN=R", &root, true);
        let between = certificate("CN=client", &client, "CN=R", &root, false);
        let leaf = certificate("CN=b", &key(), "CN=client", &client, false);
        let error = CertificateChain::build(leaf, &[between], &[ca]).unwrap_err();
        assert!(matches!(error, ChainError::NotACa), "{error}");
        let old = certificate("CN=R", &root, "CN=R", &root, false);
        let leaf = certificate("CN=b", &key(), "CN=R", &root, false);
        assert!(CertificateChain::build(leaf.clone(), &[], std::slice::from_ref(&old)).unwrap().is_trusted());
        assert!(matches!(CertificateChain::build(leaf, &[old], &[]), Err(ChainError::NotACa)));
    }

    #[test]
    fn a_self_issued_certificate_is_a_root_only_if_it_has_signed_itself() {
        let (old, new) = (key(), key());
        let old_root = certificate("CN=R", &old, "CN=R", &old, true);
        let rollover = certificate("CN=R", &new, "CN=R", &old, true);
        let leaf = certificate("CN=b", &key(), "CN=R", &new, false);
        let others = [rollover.clone()];
        let chain = CertificateChain::build(leaf.clone(), &others, std::slice::from_ref(&old_root)).unwrap();
        assert_eq!(chain.certificates(), [leaf.clone(), rollover, old_root]);
        assert!(chain.is_trusted() && chain.is_complete());
        let chain = CertificateChain::build(leaf, &others, &[]).unwrap();
        assert_eq!(chain.certificates().len(), 2);
        assert!(!chain.is_complete());
    }

    #[test]
    fn a_trusted_root_with_a_broken_algorithm_is_the_end() {
        let key = key();
        let mut signed = Signed::from_der(certificate("CN=R", &key, "CN=R", &key, true).as_der()).unwrap();
        signed.algorithm.oid = der::asn1::ObjectIdentifier::new_unwrap("1.2.840.10045.4.1");
        let root = Certificate::from_der(signed.to_der().unwrap()).unwrap();
        let leaf = certificate("CN=b", &self::key(), "CN=R", &key, false);
        let chain = CertificateChain::build(leaf.clone(), &[], std::slice::from_ref(&root)).unwrap();
        assert!(chain.is_trusted() && chain.is_complete());
        assert!(!CertificateChain::build(leaf, &[root], &[]).unwrap().is_complete());
    }

    #[test]
    fn loops_are_not_followed_and_the_work_is_bounded() {
        let (a, b) = (key(), key());
        let loops = [certificate("CN=A", &a, "CN=B", &b, true), certificate("CN=B", &b, "CN=A", &a, true)];
        let leaf = certificate("CN=b", &key(), "CN=A", &a, false);
        let chain = CertificateChain::build(leaf, &loops, &[]).unwrap();
        assert_eq!(chain.certificates().len(), 3);
        assert!(!chain.is_complete());
        let keys: Vec<KeyPair> = (0..=MAX_LENGTH).map(|_| key()).collect();
        let path: Vec<Certificate> = (0..MAX_LENGTH)
            .map(|at| certificate(&format!("CN={at}"), &keys[at], &format!("CN={}", at + 1), &keys[at + 1], true))
            .collect();
        assert_eq!(CertificateChain::build(path[0].clone(), &path[1..], &[]).unwrap().certificates().len(), MAX_LENGTH);
        let end = format!("CN={MAX_LENGTH}");
        let mut path = path;
        path.push(certificate(&end, &keys[MAX_LENGTH], &end, &keys[MAX_LENGTH], true));
        assert!(matches!(CertificateChain::build(path[0].clone(), &path[1..], &[]), Err(ChainError::TooLong)));
    }
}
