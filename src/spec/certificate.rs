//! What a certificate is to be: its key, its time, its profile.

use std::fmt;
use std::str::FromStr;

use time::{Duration, OffsetDateTime};

use super::named::{UnknownValue, named};

/// How far back `notBefore` lies, so that a node whose clock is a little slow accepts a new certificate.
const BACKDATED: Duration = Duration::minutes(5);

/// The last year that a certificate can name (RFC 5280 §4.1.2.5).
const LAST_YEAR: i32 = 9999;

named! {
    /// The algorithm of a key pair. Signatures use SHA-256, with P-384 and P-521 the hash of the curve's strength.
    KeyAlgorithm, "key algorithm", {
        /// RSA with 2048 bits: every reader takes it.
        Rsa2048 = "rsa-2048",
        /// RSA with 3072 bits.
        Rsa3072 = "rsa-3072",
        /// RSA with 4096 bits.
        Rsa4096 = "rsa-4096",
        /// ECDSA on NIST P-256.
        EcP256 = "ec-p256",
        /// ECDSA on NIST P-384.
        EcP384 = "ec-p384",
        /// ECDSA on NIST P-521.
        EcP521 = "ec-p521",
        /// Ed25519 (RFC 8032).
        Ed25519 = "ed25519",
    }
}

impl KeyAlgorithm {
    /// A node's default.
    pub const NODE: Self = Self::Rsa2048;

    /// The CA's default: as strong as ten years ask for.
    pub const CA: Self = Self::Rsa3072;

    /// Says whether it is RSA, whose key exchange in TLS 1.2 may encipher to the certificate's key.
    pub const fn is_rsa(self) -> bool {
        matches!(self, Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096)
    }
}

named! {
    /// What an identity does.
    NodeRole, "role", {
        /// A Kafka broker, or a node that is broker and controller.
        Broker = "broker",
        /// A KRaft controller that is no broker.
        Controller = "controller",
        /// A client of the cluster.
        Client = "client",
    }
}

impl NodeRole {
    /// Returns the profile of its certificate.
    pub const fn profile(self) -> CertificateProfile {
        match self {
            Self::Broker => CertificateProfile::BROKER,
            Self::Controller => CertificateProfile::CONTROLLER,
            Self::Client => CertificateProfile::CLIENT,
        }
    }

    /// Returns what its files begin with in the script: `kafka.server` or `kafka.client`.
    pub const fn file_prefix(self) -> &'static str {
        match self {
            Self::Broker | Self::Controller => "kafka.server",
            Self::Client => "kafka.client",
        }
    }

    /// Says whether others connect to it: it is a node of the cluster.
    pub const fn is_node(self) -> bool {
        matches!(self, Self::Broker | Self::Controller)
    }
}

/// What a leaf certificate may be used for. Everything else in it is the same for all (see [`crate::manual::defaults`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificateProfile {
    /// The name of the profile.
    pub name: &'static str,
    /// `id-kp-serverAuth`: the identity is connected to.
    pub server_auth: bool,
    /// `id-kp-clientAuth`: the identity connects.
    pub client_auth: bool,
}

impl CertificateProfile {
    /// A broker is connected to, and connects to other brokers and controllers; Kafka checks both when it starts
    /// (`SslFactory.SslEngineValidator`).
    pub const BROKER: Self = Self { name: "broker", server_auth: true, client_auth: true };

    /// A controller is connected to by brokers, and connects to other controllers.
    pub const CONTROLLER: Self = Self { name: "controller", server_auth: true, client_auth: true };

    /// A client only connects.
    pub const CLIENT: Self = Self { name: "client", server_auth: false, client_auth: true };

    /// All profiles.
    pub const ALL: [Self; 3] = [Self::BROKER, Self::CONTROLLER, Self::CLIENT];

    /// The names of all profiles.
    pub const NAMES: &'static [&'static str] = &[Self::BROKER.name, Self::CONTROLLER.name, Self::CLIENT.name];
}

impl FromStr for CertificateProfile {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        let found = Self::ALL.into_iter().find(|profile| profile.name.eq_ignore_ascii_case(text));
        found.ok_or_else(|| UnknownValue { what: "profile", value: text.to_owned(), known: Self::NAMES })
    }
}

/// A number of days, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Days(u32);

impl Days {
    /// A node's default: a year.
    pub const NODE: Self = Self(365);

    /// The CA's default: ten years, so that leaves are renewed often and the root seldom.
    pub const CA: Self = Self(3650);

    /// Takes a number of days.
    pub fn new(days: u32) -> Result<Self, DaysError> {
        if days == 0 { Err(DaysError::NotPositive) } else { Ok(Self(days)) }
    }

    /// Returns the number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl FromStr for Days {
    type Err = DaysError;

    fn from_str(text: &str) -> Result<Self, DaysError> {
        let number = text.strip_prefix('-').unwrap_or(text);
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(DaysError::NotANumber(text.to_owned()));
        }
        if text.starts_with('-') {
            return Err(DaysError::NotPositive);
        }
        Self::new(number.parse().map_err(|_| DaysError::TooMany(text.to_owned()))?)
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Not a number of days.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DaysError {
    /// Not a whole number.
    NotANumber(String),
    /// Zero or less.
    NotPositive,
    /// More than fit into 32 bits, which is beyond the year 9999 in any case.
    TooMany(String),
}

impl fmt::Display for DaysError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber(text) => write!(f, "`{}` is not a whole number of days", crate::name::printable(text)),
            Self::NotPositive => write!(f, "a certificate is valid for one day at least"),
            Self::TooMany(text) => write!(f, "{text} days end beyond the year {LAST_YEAR}"),
        }
    }
}

impl std::error::Error for DaysError {}

/// The time in which a certificate is valid, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub not_before: OffsetDateTime,
    /// The last second.
    pub not_after: OffsetDateTime,
}

/// A validity that a certificate cannot express.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValidityError {
    /// It would begin before 1970.
    BeforeEpoch,
    /// It would end after the year 9999.
    BeyondYear9999,
}

impl fmt::Display for ValidityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeforeEpoch => write!(f, "the clock of this machine says a time before 1970"),
            Self::BeyondYear9999 => write!(f, "a certificate cannot say a year beyond {LAST_YEAR}"),
        }
    }
}

impl std::error::Error for ValidityError {}

impl Validity {
    /// Returns the validity of `days` days from `now`, begun five minutes ago.
    pub fn starting(now: OffsetDateTime, days: Days) -> Result<Self, ValidityError> {
        let now = now.replace_nanosecond(0).unwrap_or(now);
        let not_before = now.checked_sub(BACKDATED).filter(|time| time.unix_timestamp() >= 0);
        let not_before = not_before.ok_or(ValidityError::BeforeEpoch)?;
        let not_after = now.checked_add(Duration::days(days.0.into())).filter(|time| time.year() <= LAST_YEAR);
        Ok(Self { not_before, not_after: not_after.ok_or(ValidityError::BeyondYear9999)? })
    }

    /// Returns the part of it that lies within `other`, in which it must begin.
    #[must_use]
    pub fn limited_to(&self, other: &Self) -> Self {
        Self { not_before: self.not_before.max(other.not_before), not_after: self.not_after.min(other.not_after) }
    }

    /// Says whether it lies within `other`.
    pub fn is_within(&self, other: &Self) -> bool {
        self.not_before >= other.not_before && self.not_after <= other.not_after
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_key_algorithm_is_read_by_its_name() {
        for name in KeyAlgorithm::NAMES {
            assert_eq!(name.parse::<KeyAlgorithm>().unwrap().name(), *name);
        }
        assert_eq!("RSA-4096".parse(), Ok(KeyAlgorithm::Rsa4096));
        assert_eq!("rsa-1024".parse::<KeyAlgorithm>().unwrap_err().to_string(), "`rsa-1024` is not a key algorithm");
    }

    #[test]
    fn days_are_a_positive_number() {
        assert_eq!("365".parse(), Days::new(365));
        assert_eq!("0".parse::<Days>(), Err(DaysError::NotPositive));
        assert_eq!("-5".parse::<Days>(), Err(DaysError::NotPositive));
        for text in ["", "-", "1y", "1.5", "+3", " 3"] {
            assert_eq!(text.parse::<Days>(), Err(DaysError::NotANumber(text.into())));
        }
        assert_eq!("99999999999".parse::<Days>(), Err(DaysError::TooMany("99999999999".into())));
    }

    #[test]
    fn a_validity_begins_five_minutes_ago_and_has_whole_seconds() {
        let validity = Validity::starting(datetime!(2026-11-21 12:00:00.75 UTC), Days::new(365).unwrap()).unwrap();
        assert_eq!(validity.not_before, datetime!(2026-11-21 11:55 UTC));
        assert_eq!(validity.not_after, datetime!(2027-11-21 12:00 UTC));
    }

    #[test]
    fn a_validity_that_cannot_be_written_is_refused() {
        let one = Days::new(1).unwrap();
        let at = |now| Validity::starting(now, one);
        assert!(at(datetime!(9999-12-30 23:59:59 UTC)).is_ok());
        assert_eq!(at(datetime!(9999-12-31 0:00 UTC)), Err(ValidityError::BeyondYear9999));
        assert_eq!(at(datetime!(1970-01-01 0:00 UTC)), Err(ValidityError::BeforeEpoch));
        let forever = Validity::starting(datetime!(2026-11-21 12:00 UTC), Days::new(u32::MAX).unwrap());
        assert_eq!(forever, Err(ValidityError::BeyondYear9999));
    }
}
