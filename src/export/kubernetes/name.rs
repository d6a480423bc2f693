//! Names as Kubernetes takes them.

use std::fmt;
use std::str::FromStr;

/// The longest name of an object (`DNS1123SubdomainMaxLength`), in bytes.
const MAX_NAME: usize = 253;

/// The longest name of a namespace (`DNS1123LabelMaxLength`), and the longest value of a label, in bytes.
const MAX_LABEL: usize = 63;

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectNameError {
    /// A character that it cannot have.
    Character(char),
    /// It, or a part of it between dots, is empty, or begins or ends with a hyphen.
    End,
    /// More bytes than there may be.
    TooLong {
        /// How many it has.
        length: usize,
        /// How many it may have.
        limit: usize,
    },
}

impl fmt::Display for ObjectNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(c) => {
                write!(f, "it has the character `{}`", crate::name::printable(&c.to_string()))
            }
            Self::End => write!(f, "it has to begin and end with a small letter or a digit, also between dots"),
            Self::TooLong { length, limit } => write!(f, "it has {length} characters, {limit} are the most"),
        }
    }
}

impl std::error::Error for ObjectNameError {}

/// The name of an object: a subdomain by RFC 1123, of 253 bytes at most.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectName(String);

impl ObjectName {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Makes a name out of that of an identity, which may have capital letters, `_` and `@`: small letters, and `-` for these two.
    pub fn mapped(text: &str) -> Result<Self, ObjectNameError> {
        let mapped = text.chars().map(|c| match c {
            '_' | '@' => '-',
            c => c.to_ascii_lowercase(),
        });
        mapped.collect::<String>().parse()
    }

    /// Returns the name with something behind it.
    pub(super) fn with(&self, suffix: &str) -> Result<Self, ObjectNameError> {
        format!("{}{suffix}", self.0).parse()
    }

    /// Says whether it can be the value of a label too.
    pub fn is_label_value(&self) -> bool {
        self.0.len() <= MAX_LABEL
    }
}

impl FromStr for ObjectName {
    type Err = ObjectNameError;

    fn from_str(text: &str) -> Result<Self, ObjectNameError> {
        check(text, MAX_NAME)?;
        text.split('.').try_for_each(check_ends)?;
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a namespace: a label by RFC 1123, of 63 bytes at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Namespace(String);

impl Namespace {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Namespace {
    type Err = ObjectNameError;

    fn from_str(text: &str) -> Result<Self, ObjectNameError> {
        check(text, MAX_LABEL)?;
        check_ends(text)?;
        match text.find('.') {
            Some(_) => Err(ObjectNameError::Character('.')),
            None => Ok(Self(text.to_owned())),
        }
    }
}

fn check(text: &str, limit: usize) -> Result<(), ObjectNameError> {
    let is_allowed = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    if let Some(c) = text.chars().find(|c| !is_allowed(c)) {
        return Err(ObjectNameError::Character(c));
    }
    if text.len() > limit { Err(ObjectNameError::TooLong { length: text.len(), limit }) } else { Ok(()) }
}

fn check_ends(part: &str) -> Result<(), ObjectNameError> {
    let is_sound = !part.is_empty() && !part.starts_with('-') && !part.ends_with('-');
    if is_sound { Ok(()) } else { Err(ObjectNameError::End) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_kubernetes_takes() {
        for name in ["a", "0", "broker1.example.com", "a-b.c-d", &"x".repeat(253)] {
            assert_eq!(name.parse::<ObjectName>().unwrap().as_str(), name);
        }
        for (name, error) in [
            ("", ObjectNameError::End),
            ("-a", ObjectNameError::End),
            ("a-", ObjectNameError::End),
            ("a..b", ObjectNameError::End),
            ("a-.b", ObjectNameError::End),
            (".a", ObjectNameError::End),
            ("a.", ObjectNameError::End),
            ("A", ObjectNameError::Character('A')),
            ("a_b", ObjectNameError::Character('_')),
            ("a b", ObjectNameError::Character(' ')),
            ("ä", ObjectNameError::Character('ä')),
            (&"x".repeat(254), ObjectNameError::TooLong { length: 254, limit: 253 }),
        ] {
            assert_eq!(name.parse::<ObjectName>(), Err(error), "{name}");
        }
        assert!("kafka".parse::<Namespace>().is_ok());
        assert_eq!("a.b".parse::<Namespace>(), Err(ObjectNameError::Character('.')));
        assert_eq!("x".repeat(64).parse::<Namespace>(), Err(ObjectNameError::TooLong { length: 64, limit: 63 }));
    }

    #[test]
    fn the_name_of_an_identity_becomes_one() {
        for (name, mapped) in
            [("Payments_Service", "payments-service"), ("alice@example.com", "alice-example.com"), ("b1", "b1")]
        {
            assert_eq!(ObjectName::mapped(name).unwrap().as_str(), mapped);
        }
        for name in ["a_", "a..b", "a_.b"] {
            assert_eq!(ObjectName::mapped(name), Err(ObjectNameError::End), "{name}");
        }
    }
}
