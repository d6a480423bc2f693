//! Names, parsed once and safe ever after: of identities, of hosts, of store entries.
//!
//! A [`NodeName`] becomes a folder, a common name and an alias, so it is narrower than each of them allows. A [`HostName`]
//! is what a TLS client compares with a certificate: letters, digits and hyphens (RFC 5280 §4.2.1.6, RFC 1123 §2.1).
//! [`pattern`] expands `broker[1-3]` into names.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

pub mod dn;
mod nearest;
pub mod pattern;

pub use nearest::nearest;

/// The longest common name that X.520 allows (`ub-common-name`, RFC 5280 appendix A.1), in characters.
pub const MAX_COMMON_NAME: usize = 64;

/// The longest host name in its text form (RFC 1035 §2.3.4), in bytes.
const MAX_HOST_NAME: usize = 253;

/// The longest label of a host name (RFC 1035 §2.3.4), in bytes.
const MAX_LABEL: usize = 63;

/// The longest alias that is taken from a person, in characters. Java has no limit; this one keeps listings readable.
const MAX_ALIAS: usize = 255;

/// The names that a bundle uses itself, beside the folders of the identities.
const RESERVED: [&str; 3] = ["ca", "bundle.json", "retired"];

/// What is wrong with a name; the text of each variant is the name as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameError {
    /// A control character, at the given position (in characters, from 0).
    ControlCharacter(String, usize),
    /// Nothing at all.
    Empty,
    /// Another character than a name may have.
    InvalidCharacter(String, char),
    /// A name that begins with a character that is not a letter or a digit, as `-x` and `.x` do.
    InvalidStart(String),
    /// A name that would lead out of the bundle's folder.
    PathLike(String),
    /// A name that a bundle uses for itself.
    Reserved(String),
    /// More characters than a common name or an alias may have.
    TooLong {
        /// The name.
        name: String,
        /// How many characters it has.
        length: usize,
        /// How many it may have.
        limit: usize,
    },
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ControlCharacter(name, at) => {
                write!(f, "the name `{}` has a control character at position {at}", printable(name))
            }
            Self::Empty => write!(f, "the name is empty"),
            Self::InvalidCharacter(name, character) => {
                write!(f, "the name `{}` has the character `{}`", printable(name), printable(&character.to_string()))
            }
            Self::InvalidStart(name) => {
                write!(f, "the name `{}` does not begin with a letter or a digit", printable(name))
            }
            Self::PathLike(name) => write!(f, "the name `{}` is a path", printable(name)),
            Self::Reserved(name) => write!(f, "the name `{name}` is reserved for the bundle itself"),
            Self::TooLong { name, length, limit } => {
                write!(f, "the name `{}` has {length} characters, {limit} are allowed", printable(name))
            }
        }
    }
}

impl std::error::Error for NameError {}

/// The name of a broker, controller or client: its folder in the bundle, its common name and, in lower case, its alias.
///
/// 1 to 64 characters out of `A-Z a-z 0-9 . - _ @`, the first a letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(String);

impl NodeName {
    /// Returns the name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name in lower case, as two names that a file system or Java could confuse have in common.
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl FromStr for NodeName {
    type Err = NameError;

    fn from_str(name: &str) -> Result<Self, NameError> {
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        refuse_control_characters(name)?;
        if name.contains(['/', '\\']) || name.chars().all(|c| c == '.') {
            return Err(NameError::PathLike(name.to_owned()));
        }
        refuse_length(name, MAX_COMMON_NAME)?;
        let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
        if let Some(character) = name.chars().find(|c| !allowed(c)) {
            return Err(NameError::InvalidCharacter(name.to_owned(), character));
        }
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(NameError::InvalidStart(name.to_owned()));
        }
        if RESERVED.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(NameError::Reserved(name.to_owned()));
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The alias of an entry in a store, in lower case as `java.security.KeyStore` keeps it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Alias(String);

impl Alias {
    /// Returns `caroot`, the alias of the CA's certificate in the script.
    pub fn ca_root() -> Self {
        Self("caroot".to_owned())
    }

    /// Returns the alias in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&NodeName> for Alias {
    fn from(name: &NodeName) -> Self {
        Self(name.folded())
    }
}

impl FromStr for Alias {
    type Err = NameError;

    fn from_str(alias: &str) -> Result<Self, NameError> {
        if alias.trim().is_empty() {
            return Err(NameError::Empty);
        }
        refuse_control_characters(alias)?;
        refuse_length(alias, MAX_ALIAS)?;
        // A PKCS#12 friendlyName is a BMPString: it cannot hold a supplementary character.
        if let Some(character) = alias.chars().find(|c| u32::from(*c) > 0xFFFF) {
            return Err(NameError::InvalidCharacter(alias.to_owned(), character));
        }
        Ok(Self(alias.to_lowercase()))
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.0))
    }
}

/// What is wrong with a host name or an address; the text is what was given.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostError {
    /// An IP address where a DNS name is asked for.
    AddressAsName(String),
    /// Two dots in a row, a dot at an end, or nothing at all.
    EmptyLabel(String),
    /// A label that begins or ends with a hyphen.
    HyphenAtEdge(String),
    /// Another character than a letter, a digit or a hyphen.
    InvalidCharacter(String, char),
    /// Not an IP address, although it was said to be one.
    NotAnAddress(String),
    /// All of the last label are digits: neither an IP address nor a name.
    NumericTopLabel(String),
    /// More than 253 bytes, or a label of more than 63.
    TooLong(String),
    /// An underscore: legal in DNS, refused as a host name by Java.
    Underscore(String),
    /// `0.0.0.0` or `::`, which a server listens on and no client connects to.
    UnspecifiedAddress(String),
    /// A `*` that is not the whole leftmost label, or one above a single label.
    Wildcard(String),
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddressAsName(text) => write!(f, "`{text}` is an IP address and not a DNS name"),
            Self::EmptyLabel(text) if text.is_empty() => write!(f, "the host name is empty"),
            Self::EmptyLabel(text) => {
                write!(f, "the host name `{}` begins or ends with a dot or has two in a row", printable(text))
            }
            Self::HyphenAtEdge(text) => {
                write!(f, "the host name `{text}` has a label that begins or ends with a hyphen")
            }
            Self::InvalidCharacter(text, character) => {
                let (text, character) = (printable(text), printable(&character.to_string()));
                write!(f, "the host name `{text}` has the character `{character}`")
            }
            Self::NotAnAddress(text) => write!(f, "`{}` is not an IP address", printable(text)),
            Self::NumericTopLabel(text) => {
                write!(f, "`{text}` is neither an IP address nor a host name: its last label is a number")
            }
            Self::TooLong(text) => write!(
                f,
                "the host name `{}` is too long: {MAX_LABEL} bytes a label and {MAX_HOST_NAME} in all are allowed",
                printable(text)
            ),
            Self::Underscore(text) => {
                write!(
                    f,
                    "the host name `{}` has an underscore, and Java refuses to connect to such a name",
                    printable(text)
                )
            }
            Self::UnspecifiedAddress(text) => {
                write!(f, "`{text}` is an address to listen on; no client connects to it")
            }
            Self::Wildcard(text) => write!(
                f,
                "the host name `{}` has its `*` in the wrong place: it stands for one whole leftmost label, above two or more",
                printable(text)
            ),
        }
    }
}

impl std::error::Error for HostError {}

/// A DNS name in lower case, without a trailing dot, that every TLS stack accepts in a certificate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

impl HostName {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, HostError> {
        let error = |variant: fn(String) -> HostError| Err(variant(text.to_owned()));
        if text.parse::<IpAddr>().is_ok() {
            return error(HostError::AddressAsName);
        }
        if text.len() > MAX_HOST_NAME || text.split('.').any(|label| label.len() > MAX_LABEL) {
            return error(HostError::TooLong);
        }
        if text.contains('_') {
            return error(HostError::Underscore);
        }
        if let Some(character) = text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '*'))) {
            return Err(HostError::InvalidCharacter(text.to_owned(), character));
        }
        let labels: Vec<&str> = text.split('.').collect();
        if labels.iter().any(|label| label.is_empty()) {
            return error(HostError::EmptyLabel);
        }
        if text.contains('*') && !(text.starts_with("*.") && text.matches('*').count() == 1 && labels.len() > 2) {
            return error(HostError::Wildcard);
        }
        if labels.iter().any(|label| label.starts_with('-') || label.ends_with('-')) {
            return error(HostError::HyphenAtEdge);
        }
        if labels.last().is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit())) {
            return error(HostError::NumericTopLabel);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name in a certificate's subjectAltName extension: what clients compare with the host that they connect to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectAltName {
    /// `dNSName`, possibly with a wildcard as its leftmost label.
    Dns(HostName),
    /// `iPAddress`.
    Ip(IpAddr),
}

impl SubjectAltName {
    /// Returns a common name as the name or address of a host, if it is one.
    pub fn of_host(name: &str) -> Option<Self> {
        match name.parse::<IpAddr>() {
            Ok(address) => specified(address, name).map(Self::Ip).ok(),
            Err(_) => name.parse().map(Self::Dns).ok(),
        }
    }
}

impl FromStr for SubjectAltName {
    type Err = HostError;

    /// Parses `broker1.example.com`, `10.0.0.1`, `::1`, or either with keytool's prefix: `dns:NAME`, `ip:ADDRESS`.
    fn from_str(text: &str) -> Result<Self, HostError> {
        if let Some(name) = strip_prefix_ignore_case(text, "dns:") {
            return name.parse().map(Self::Dns);
        }
        if let Some(address) = strip_prefix_ignore_case(text, "ip:") {
            return match address.parse() {
                Ok(address) => specified(address, text).map(Self::Ip),
                Err(_) => Err(HostError::NotAnAddress(address.to_owned())),
            };
        }
        match text.parse::<IpAddr>() {
            Ok(address) => specified(address, text).map(Self::Ip),
            // A colon is in no host name, so the writer meant an IPv6 address.
            Err(_) if text.contains(':') => Err(HostError::NotAnAddress(text.to_owned())),
            Err(_) => text.parse().map(Self::Dns),
        }
    }
}

impl fmt::Display for SubjectAltName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "{name}"),
            Self::Ip(address) => write!(f, "{address}"),
        }
    }
}

/// Returns `text` with every control and direction-changing character escaped, so that it can be shown on a terminal.
pub fn printable(text: &str) -> String {
    let deceptive = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    };
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if deceptive(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
        out
    })
}

fn refuse_control_characters(name: &str) -> Result<(), NameError> {
    match name.chars().position(char::is_control) {
        Some(at) => Err(NameError::ControlCharacter(name.to_owned(), at)),
        None => Ok(()),
    }
}

fn refuse_length(name: &str, limit: usize) -> Result<(), NameError> {
    match name.chars().count() {
        length if length > limit => Err(NameError::TooLong { name: name.to_owned(), length, limit }),
        _ => Ok(()),
    }
}

fn specified(address: IpAddr, text: &str) -> Result<IpAddr, HostError> {
    if address.is_unspecified() { Err(HostError::UnspecifiedAddress(text.to_owned())) } else { Ok(address) }
}

fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_names_that_are_safe_are_kept_as_they_are() {
        for name in
            ["broker1", "Broker-1.example.com", "10.0.0.1", "payments_service", "alice@example.com", &"x".repeat(64)]
        {
            assert_eq!(name.parse::<NodeName>().unwrap().as_str(), name);
        }
    }

    #[test]
    fn node_names_that_are_not_safe_are_refused_for_what_is_wrong_with_them() {
        let given = |name: &str| name.parse::<NodeName>().unwrap_err();
        assert_eq!(given(""), NameError::Empty);
        assert_eq!(given("."), NameError::PathLike(".".into()));
        assert_eq!(given(".."), NameError::PathLike("..".into()));
        assert_eq!(given("../x"), NameError::PathLike("../x".into()));
        assert_eq!(given("a/b"), NameError::PathLike("a/b".into()));
        assert_eq!(given("a\\b"), NameError::PathLike("a\\b".into()));
        assert_eq!(given("-x"), NameError::InvalidStart("-x".into()));
        assert_eq!(given(".x"), NameError::InvalidStart(".x".into()));
        assert_eq!(given("a\nb"), NameError::ControlCharacter("a\nb".into(), 1));
        assert_eq!(given("a\0"), NameError::ControlCharacter("a\0".into(), 1));
        assert_eq!(given("a b"), NameError::InvalidCharacter("a b".into(), ' '));
        assert_eq!(given("a*"), NameError::InvalidCharacter("a*".into(), '*'));
        assert_eq!(given("brök"), NameError::InvalidCharacter("brök".into(), 'ö'));
        assert_eq!(given("CA"), NameError::Reserved("CA".into()));
        assert_eq!(given("Bundle.JSON"), NameError::Reserved("Bundle.JSON".into()));
        let long = "x".repeat(65);
        assert_eq!(given(&long), NameError::TooLong { name: long, length: 65, limit: 64 });
    }

    #[test]
    fn aliases_are_kept_in_lower_case() {
        assert_eq!("CARoot".parse::<Alias>().unwrap().as_str(), "caroot");
        assert_eq!("Ünicode alias".parse::<Alias>().unwrap().as_str(), "ünicode alias");
        assert!(" ".parse::<Alias>().is_err());
        assert!("a\tb".parse::<Alias>().is_err());
        assert!("key😀".parse::<Alias>().is_err());
    }

    #[test]
    fn alternative_names_get_the_type_that_clients_compare() {
        let parsed = |text: &str| text.parse::<SubjectAltName>().unwrap();
        assert_eq!(parsed("Broker1.Example.com").to_string(), "broker1.example.com");
        assert_eq!(parsed("10.0.0.1"), SubjectAltName::Ip([10, 0, 0, 1].into()));
        assert_eq!(parsed("IP:::1"), SubjectAltName::Ip("::1".parse().unwrap()));
        assert_eq!(parsed("dns:a.b"), SubjectAltName::Dns("a.b".parse().unwrap()));
        assert_eq!(parsed("*.example.com").to_string(), "*.example.com");
        assert_eq!(parsed("xn--brkr-5qa.example"), SubjectAltName::Dns("xn--brkr-5qa.example".parse().unwrap()));
    }

    #[test]
    fn alternative_names_that_some_stack_refuses_are_refused() {
        let given = |text: &str| text.parse::<SubjectAltName>().unwrap_err();
        assert!(matches!(given(""), HostError::EmptyLabel(_)));
        assert!(matches!(given("a..b"), HostError::EmptyLabel(_)));
        assert!(matches!(given("a.b."), HostError::EmptyLabel(_)));
        assert!(matches!(given("kafka_broker_1"), HostError::Underscore(_)));
        assert!(matches!(given("dns:10.0.0.1"), HostError::AddressAsName(_)));
        assert!(matches!(given("256.1.1.1"), HostError::NumericTopLabel(_)));
        assert!(matches!(given("10.0.0"), HostError::NumericTopLabel(_)));
        assert!(matches!(given("ip:broker1"), HostError::NotAnAddress(_)));
        assert!(matches!(given("[::1]"), HostError::NotAnAddress(_)));
        assert!(matches!(given("0.0.0.0"), HostError::UnspecifiedAddress(_)));
        assert!(matches!(given("::"), HostError::UnspecifiedAddress(_)));
        assert!(matches!(given("*"), HostError::Wildcard(_)));
        assert!(matches!(given("*.com"), HostError::Wildcard(_)));
        assert!(matches!(given("a.*.com"), HostError::Wildcard(_)));
        assert!(matches!(given("b*.example.com"), HostError::Wildcard(_)));
        assert!(matches!(given("*.*.example.com"), HostError::Wildcard(_)));
        assert!(matches!(given("-a.b"), HostError::HyphenAtEdge(_)));
        assert!(matches!(given("a b"), HostError::InvalidCharacter(_, ' ')));
        assert!(matches!(given("bröker"), HostError::InvalidCharacter(_, 'ö')));
        assert!(matches!(given(&"a".repeat(64)), HostError::TooLong(_)));
        assert!(matches!(given(&format!("{}b", "a.".repeat(130))), HostError::TooLong(_)));
    }

    #[test]
    fn foreign_text_cannot_move_the_cursor() {
        assert_eq!(printable("a\x1b[2Jb\nc\u{202E}d"), "a\\u{1b}[2Jb\\u{a}c\\u{202e}d");
        assert_eq!(printable("Ünïcode"), "Ünïcode");
    }
}
