//! Who decides whether an end trusts the certificates of the other: a TLS stack as [`crate::verify::acceptance`] models it.

use std::fmt;

use super::offers::Offers;
use crate::verify::acceptance::{Answer, Question, Stack, judge};

/// A TLS stack, as far as it decides on certificates.
pub trait Judge: fmt::Debug + Send + Sync {
    /// Returns what the stack is called.
    fn name(&self) -> &str;

    /// Decides whether the certificates are accepted.
    fn judge(&self, question: &Question<'_>) -> Answer;

    /// Says whether the stack, as a client, keeps its certificate to itself where the broker has named CAs and none of them is an
    /// issuer in its chain.
    fn heeds_ca_names(&self) -> bool;

    /// Returns what the stack offers as a client unless it is configured.
    fn offers(&self) -> Offers;

    /// Returns what the stack prints, as a broker, where a certificate is required and none came.
    fn without_certificate(&self) -> &str;
}

impl Judge for Stack {
    fn name(&self) -> &str {
        Stack::name(*self)
    }

    fn judge(&self, question: &Question<'_>) -> Answer {
        judge(*self, question)
    }

    /// Java's key manager (`sun.security.ssl.SunX509KeyManagerImpl`), Go's `CertificateRequestInfo.SupportsCertificate` and librdkafka
    /// since 2.8 look for an issuer, anywhere in the chain, among the names.
    fn heeds_ca_names(&self) -> bool {
        matches!(self, Self::Java17 | Self::JavaNewest | Self::OpenSsl | Self::Go)
    }

    fn offers(&self) -> Offers {
        Offers::of(*self)
    }

    fn without_certificate(&self) -> &'static str {
        match self {
            Self::Java17 | Self::JavaNewest => "Empty client certificate chain",
            _ => "there is no certificate in the client's answer",
        }
    }
}
