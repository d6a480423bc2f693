//! Names as Kubernetes takes them.

use std::fmt;
use std::str::FromStr;

use crate::name::printable;

/// The longest name of an object (`DNS1123SubdomainMaxLength`), in bytes.
const MAX_NAME: usize = 253;

/// The longest name of a namespace (`DNS1123LabelMaxLength`), and the longest value of a label, in bytes.
const MAX_LABEL: usize = 63;

/// A name that Kubernetes does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectNameError {
    /// The name as it was given.
    pub name: String,
    /// What is wrong with it.
    pub fault: ObjectNameFault,
}

/// What is wrong with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectNameFault {
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
        write!(f, "Kubernetes takes no name `{}`: ", printable(&self.name))?;
        match self.fault {
            ObjectNameFault::Character(c) => write!(f, "it has the character `{}`", printable(&c.to_string())),
            ObjectNameFault::End => {
                write!(f, "it has to begin and end with a small letter or a digit, also between dots")
            }
            ObjectNameFault::TooLong { length, limit } => {
                write!(f, "it has {length} characters, {limit} are the most")
            }
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
        check(text, '.', MAX_NAME).map(Self)
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
        check(text, '-', MAX_LABEL).map(Self)
    }
}

/// Returns a name of small letters, digits, `-` and the character that may stand between two parts of it.
fn check(text: &str, between: char, limit: usize) -> Result<String, ObjectNameError> {
    let is_allowed = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-' || *c == between;
    let is_sound = |part: &str| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-');
    let fault = match text.chars().find(|c| !is_allowed(c)) {
        Some(c) => ObjectNameFault::Character(c),
        None if text.len() > limit => ObjectNameFault::TooLong { length: text.len(), limit },
        None if !text.split('.').all(is_sound) => ObjectNameFault::End,
        None => return Ok(text.to_owned()),
    };
    Err(ObjectNameError { name: text.to_owned(), fault })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(name: &str) -> ObjectNameFault {
        name.parse::<ObjectName>().unwrap_err().fault
    }

    #[test]
    fn names_are_those_that_kubernetes_takes() {
        for name in ["a", "0", "broker1.example.com", "a-b.c-d", "a--b", &"x".repeat(253)] {
            assert_eq!(name.parse::<ObjectName>().unwrap().as_str(), name);
        }
        for name in ["", "-a", "a-", "a..b", "a-.b", "a.-b", ".a", "a."] {
            assert_eq!(fault(name), ObjectNameFault::End, "{name}");
        }
        for (name, c) in [("A", 'A'), ("a_b", '_'), ("a b", ' '), ("ä", 'ä'), ("a/b", '/'), ("a\n", '\n')] {
            assert_eq!(fault(name), ObjectNameFault::Character(c), "{name}");
        }
        assert_eq!(fault(&"x".repeat(254)), ObjectNameFault::TooLong { length: 254, limit: 253 });
    }

    #[test]
    fn a_namespace_has_no_dots() {
        let fault = |name: &str| name.parse::<Namespace>().map(drop).map_err(|error| error.fault);
        assert_eq!(fault("kafka-1"), Ok(()));
        assert_eq!(fault("a.b"), Err(ObjectNameFault::Character('.')));
        assert_eq!(fault("a-"), Err(ObjectNameFault::End));
        assert_eq!(fault(&"x".repeat(64)), Err(ObjectNameFault::TooLong { length: 64, limit: 63 }));
    }

    #[test]
    fn the_name_of_an_identity_becomes_one() {
        for (name, mapped) in
            [("Payments_Service", "payments-service"), ("alice@example.com", "alice-example.com"), ("b1", "b1")]
        {
            assert_eq!(ObjectName::mapped(name).unwrap().as_str(), mapped);
        }
        for name in ["a_", "a..b", "a_.b"] {
            assert_eq!(ObjectName::mapped(name).unwrap_err().fault, ObjectNameFault::End, "{name}");
        }
    }

    #[test]
    fn a_wrong_name_is_shown_so_that_it_does_nothing_to_a_terminal() {
        let error = "a\u{1b}[2J".parse::<ObjectName>().unwrap_err().to_string();
        assert_eq!(error, "Kubernetes takes no name `a\\u{1b}[2J`: it has the character `\\u{1b}`");
    }
}
