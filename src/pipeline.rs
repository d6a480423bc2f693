//! The order of the steps, and the only place that knows the clock, the random source and the disk together.
//!
//! [`init`] is the script: keys, the CA's certificate, a request and a certificate for each identity, stores, configuration.
//! [`apply`] does the same to a bundle that is there, for what it lacks and for what has changed.
//! [`read`] looks into one and changes nothing, for what is exported.
//! [`steps`] has each line of the script on its own, for those who replace one at a time. All call the same functions.

use std::fmt;

use time::OffsetDateTime;

use crate::bundle::inventory::CertificateFacts;
use crate::kafka::principal::principal;
use crate::keystore::KeyStoreError;
use crate::name::NodeName;
use crate::output::OutputError;
use crate::pki::{Certificate, KeyError, KeyType, PkiError};
use crate::random::{Random, RandomError};
use crate::spec::{SpecError, Validity, ValidityError};

pub mod apply;
mod cluster;
mod identity;
mod parallel;
pub mod read;
pub mod steps;

pub use cluster::{Made, init, make};

/// What a run depends on beside its specification.
pub struct Environment<'a> {
    /// The time that certificates are issued at.
    pub now: OffsetDateTime,
    /// Where serials, salts and passwords come from.
    pub random: &'a dyn Random,
    /// How many threads make keys and stores.
    pub jobs: usize,
    /// Is told of each step that is done, for which identity (`None`: the CA), from any thread.
    pub observe: &'a (dyn Fn(Step, Option<&NodeName>) + Sync),
    /// Is asked, from any thread, whether to stop after what was begun.
    pub stopped: &'a (dyn Fn() -> bool + Sync),
}

impl<'a> Environment<'a> {
    /// Returns that of a run on one thread that nobody watches or stops.
    pub fn new(now: OffsetDateTime, random: &'a dyn Random) -> Self {
        Self { now, random, jobs: 1, observe: &|_, _| {}, stopped: &|| false }
    }
}

/// A step of the script, for a message that says where something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The CA's certificate.
    Ca,
    /// An identity's certificate.
    Certificate,
    /// The properties and the inventory.
    Configuration,
    /// Key generation.
    Key,
    /// A password.
    Password,
    /// An identity's request.
    Request,
    /// A keystore or truststore.
    Store,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ca => "make the CA certificate",
            Self::Certificate => "issue the certificate",
            Self::Configuration => "write the configuration",
            Self::Key => "make the key pair",
            Self::Password => "make the password",
            Self::Request => "make the certificate request",
            Self::Store => "write the stores",
        })
    }
}

/// Why there is no bundle.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The bundle that is there is not one to change like this.
    Bundle(apply::BundleError),
    /// Something has to be signed, and there is nothing to sign with.
    NoCaKey,
    /// The disk.
    Output(OutputError),
    /// The specification contradicts itself.
    Spec(Vec<SpecError>),
    /// A step failed, for an identity or for the CA (`None`).
    Step(Step, Option<NodeName>, Cause),
    /// The run was stopped, and has changed nothing.
    Stopped,
}

/// Why a step failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The inventory could not be written as JSON.
    Inventory(serde_json::Error),
    /// A store.
    KeyStore(KeyStoreError),
    /// A key, a request or a certificate.
    Pki(PkiError),
    /// The random source.
    Random(RandomError),
    /// A step that is one on its own too.
    Step(Box<steps::StepError>),
    /// A validity.
    Validity(ValidityError),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bundle(error) => error.fmt(f),
            Self::NoCaKey => write!(f, "a certificate has to be signed, and the CA's key is not there"),
            Self::Output(error) => error.fmt(f),
            Self::Spec(errors) => write!(f, "the specification has {} faults", errors.len()),
            Self::Step(step, Some(name), _) => write!(f, "cannot {step} of `{name}`"),
            Self::Step(step, None, _) => write!(f, "cannot {step} of the CA"),
            Self::Stopped => write!(f, "the run was stopped, and nothing was made"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bundle(error) => error.source(),
            Self::NoCaKey | Self::Stopped => None,
            Self::Output(error) => error.source(),
            Self::Spec(errors) => errors.first().map(|error| error as _),
            Self::Step(_, _, cause) => Some(match cause {
                Cause::KeyStore(error) => error,
                Cause::Pki(error) => error,
                Cause::Random(error) => error,
                Cause::Step(error) => error.as_ref(),
                Cause::Validity(error) => error,
                Cause::Inventory(error) => error,
            }),
        }
    }
}

impl From<KeyStoreError> for Cause {
    fn from(error: KeyStoreError) -> Self {
        Self::KeyStore(error)
    }
}

impl From<PkiError> for Cause {
    fn from(error: PkiError) -> Self {
        Self::Pki(error)
    }
}

impl From<steps::StepError> for Cause {
    fn from(error: steps::StepError) -> Self {
        match error {
            steps::StepError::Pki(error) => Self::Pki(error),
            steps::StepError::Random(error) => Self::Random(error),
            steps::StepError::Validity(error) => Self::Validity(error),
            error => Self::Step(Box::new(error)),
        }
    }
}

impl From<RandomError> for Cause {
    fn from(error: RandomError) -> Self {
        Self::Random(error)
    }
}

impl From<ValidityError> for Cause {
    fn from(error: ValidityError) -> Self {
        Self::Validity(error)
    }
}

impl From<der::Error> for Cause {
    fn from(error: der::Error) -> Self {
        Self::Pki(error.into())
    }
}

fn at<E: Into<Cause>>(step: Step, node: Option<&NodeName>) -> impl FnOnce(E) -> Error {
    let node = node.cloned();
    move |cause| Error::Step(step, node, cause.into())
}

/// Returns what a listing shows of a certificate, whoever has issued it.
pub fn certificate_facts(certificate: &Certificate) -> Result<CertificateFacts, PkiError> {
    let Validity { not_before, not_after } = certificate.validity();
    Ok(CertificateFacts {
        subject: principal(certificate.subject_der())?,
        serial: certificate.serial().to_string(),
        key_algorithm: match KeyType::of(certificate.public_key_info()) {
            Ok(key_type) => key_type.to_string(),
            Err(KeyError::Unsupported(what)) => what,
            Err(_) => "unknown".to_owned(),
        },
        not_before,
        not_after,
        sha256: certificate.fingerprint(),
    })
}
