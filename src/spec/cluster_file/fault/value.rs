//! What is wrong with a single value.

use std::fmt;

use crate::name::dn::DnError;
use crate::name::pattern::PatternError;
use crate::name::{HostError, NameError, nearest};
use crate::spec::{DaysError, UnknownValue};

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueError {
    /// With a distinguished name.
    Dn(DnError),
    /// With a number of days.
    Days(DaysError),
    /// With the path of a folder or file.
    Path,
    /// With a host name or an address.
    Host(HostError),
    /// With an identity's name or an alias.
    Name(NameError),
    /// With a range.
    Pattern(PatternError),
    /// With the source of a secret.
    Secret(SecretSourceError),
    /// None of the words that are known.
    Unknown(UnknownValue),
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dn(error) => write!(f, "{error}"),
            Self::Days(error) => write!(f, "{error}"),
            Self::Path => write!(f, "this is not a path: it is empty, or has a control character or a blank at an end"),
            Self::Host(error) => write!(f, "{error}"),
            Self::Name(error) => write!(f, "{error}"),
            Self::Pattern(error) => write!(f, "{error}"),
            Self::Secret(error) => write!(f, "{error}"),
            Self::Unknown(error) => write!(f, "{error}"),
        }
    }
}

impl ValueError {
    pub(super) fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Days(_) => "give a whole number of days, as in 365".to_owned(),
            Self::Secret(_) => {
                "say where it comes from: env:NAME, file:PATH, fd:N, stdin or prompt; leave it out to have one made"
                    .to_owned()
            }
            Self::Pattern(_) => "a range is [1-3], [01-12] or {eu,us}".to_owned(),
            Self::Dn(DnError::Malformed(_) | DnError::UnknownType(_)) => {
                "write TYPE=VALUE with commas between, as in OU=Kafka,O=Acme,C=US".to_owned()
            }
            Self::Host(HostError::Underscore(_)) => "use a hyphen in place of the underscore".to_owned(),
            Self::Unknown(UnknownValue { value, known, .. }) => {
                match nearest(&value.to_lowercase(), known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`? It is one of {}", known.join(", ")),
                    None => format!("it is one of {}", known.join(", ")),
                }
            }
            Self::Dn(_) | Self::Host(_) | Self::Name(_) | Self::Path => return None,
        })
    }
}

/// Why a text is not the source of a secret. The text may be the secret itself, so it is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretSourceError {
    /// `pass:`: the secret itself.
    ByValue,
    /// `env:` and what is no name of an environment variable.
    Environment,
    /// `fd:` and what is no number.
    FileDescriptor,
    /// None of the sources that are known; perhaps the secret itself.
    Unknown,
}

impl fmt::Display for SecretSourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByValue => "a secret does not stand in this file itself",
            Self::Environment => "`env:` is not followed by the name of an environment variable",
            Self::FileDescriptor => "`fd:` is not followed by a number",
            Self::Unknown => "a secret is given by its source, and this is none",
        })
    }
}

impl std::error::Error for SecretSourceError {}
