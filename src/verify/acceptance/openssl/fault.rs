//! What `X509_verify_cert` can come to.

use crate::verify::acceptance::Reason;

/// What `X509_V_ERR_…` is called where it matters, by its text and what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::verify::acceptance) enum Fault {
    UnableToGetIssuer,
    NotYetValid,
    Expired,
    SelfSigned,
    SelfSignedInChain,
    UnableToGetIssuerLocally,
    UnableToVerifyLeaf,
    SignatureFailure,
    InvalidCa,
    PathLength,
    Purpose,
    KeyUsageNoCertSign,
    CriticalExtension,
    PermittedViolation,
    ExcludedViolation,
    HostMismatch,
    IpMismatch,
    LeafKeyTooSmall,
    CaKeyTooSmall,
    DigestTooWeak,
    PathLengthOfNonCa,
    PathLengthWithoutCertSign,
    CertSignOfNonCa,
    EmptyIssuer,
    EmptySubject,
    NoAuthorityKeyId,
    NoSubjectKeyId,
    EmptyAltName,
    NotCriticalConstraints,
    EmptySubjectAltNameNotCritical,
    CriticalAuthorityKeyId,
    CriticalSubjectKeyId,
    NoKeyUsageOfCa,
    ExtensionsWithoutVersion3,
    AlgorithmMismatch,
    TooLong,
    Unspecified,
}

impl Fault {
    /// Returns what `X509_verify_cert_error_string` says.
    pub(in crate::verify::acceptance) fn text(self) -> &'static str {
        match self {
            Self::UnableToGetIssuer => "unable to get issuer certificate",
            Self::NotYetValid => "certificate is not yet valid",
            Self::Expired => "certificate has expired",
            Self::SelfSigned => "self-signed certificate",
            Self::SelfSignedInChain => "self-signed certificate in certificate chain",
            Self::UnableToGetIssuerLocally => "unable to get local issuer certificate",
            Self::UnableToVerifyLeaf => "unable to verify the first certificate",
            Self::SignatureFailure => "certificate signature failure",
            Self::InvalidCa => "invalid CA certificate",
            Self::PathLength => "path length constraint exceeded",
            Self::Purpose => "unsuitable certificate purpose",
            Self::KeyUsageNoCertSign => "key usage does not include certificate signing",
            Self::CriticalExtension => "unhandled critical extension",
            Self::PermittedViolation => "permitted subtree violation",
            Self::ExcludedViolation => "excluded subtree violation",
            Self::HostMismatch => "hostname mismatch",
            Self::IpMismatch => "IP address mismatch",
            Self::LeafKeyTooSmall => "EE certificate key too weak",
            Self::CaKeyTooSmall => "CA certificate key too weak",
            Self::DigestTooWeak => "CA signature digest algorithm too weak",
            Self::PathLengthOfNonCa => "Path length invalid for non-CA cert",
            Self::PathLengthWithoutCertSign => "Path length given without key usage keyCertSign",
            Self::CertSignOfNonCa => "Key usage keyCertSign invalid for non-CA cert",
            Self::EmptyIssuer => "Issuer name empty",
            Self::EmptySubject => "Subject name empty",
            Self::NoAuthorityKeyId => "Missing Authority Key Identifier",
            Self::NoSubjectKeyId => "Missing Subject Key Identifier",
            Self::EmptyAltName => "Empty Subject Alternative Name extension",
            Self::NotCriticalConstraints => "Basic Constraints of CA cert not marked critical",
            Self::EmptySubjectAltNameNotCritical => "Subject empty and Subject Alt Name extension not critical",
            Self::CriticalAuthorityKeyId => "Authority Key Identifier marked critical",
            Self::CriticalSubjectKeyId => "Subject Key Identifier marked critical",
            Self::NoKeyUsageOfCa => "CA cert does not include key usage extension",
            Self::ExtensionsWithoutVersion3 => "Using cert extension requires at least X509v3",
            Self::AlgorithmMismatch => "cert info signature and signature algorithm mismatch",
            Self::TooLong => "certificate chain too long",
            Self::Unspecified => "unspecified certificate verification error",
        }
    }

    pub(in crate::verify::acceptance) fn reason(self) -> Reason {
        match self {
            Self::UnableToGetIssuer
            | Self::SelfSigned
            | Self::SelfSignedInChain
            | Self::UnableToGetIssuerLocally
            | Self::UnableToVerifyLeaf => Reason::UnknownAuthority,
            Self::NotYetValid => Reason::NotYetValid,
            Self::Expired => Reason::Expired,
            Self::SignatureFailure | Self::AlgorithmMismatch => Reason::Signature,
            Self::InvalidCa | Self::NotCriticalConstraints | Self::PathLengthOfNonCa => Reason::BasicConstraints,
            Self::PathLength | Self::TooLong => Reason::PathLength,
            Self::Purpose => Reason::ExtendedKeyUsage,
            Self::KeyUsageNoCertSign
            | Self::CertSignOfNonCa
            | Self::NoKeyUsageOfCa
            | Self::PathLengthWithoutCertSign => Reason::KeyUsage,
            Self::CriticalExtension => Reason::CriticalExtension,
            Self::PermittedViolation | Self::ExcludedViolation | Self::Unspecified => Reason::NameConstraints,
            Self::HostMismatch | Self::IpMismatch | Self::EmptyAltName => Reason::HostName,
            Self::LeafKeyTooSmall | Self::CaKeyTooSmall => Reason::WeakKey,
            Self::DigestTooWeak => Reason::WeakAlgorithm,
            Self::EmptyIssuer | Self::EmptySubject | Self::EmptySubjectAltNameNotCritical => Reason::Subject,
            Self::NoAuthorityKeyId
            | Self::NoSubjectKeyId
            | Self::CriticalAuthorityKeyId
            | Self::CriticalSubjectKeyId => Reason::Identifiers,
            Self::ExtensionsWithoutVersion3 => Reason::Version,
        }
    }
}
