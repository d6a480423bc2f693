//! Distinguished names: RFC 4514 text on one side, the exact DER on the other.
//!
//! `CN=broker1,OU=Kafka,O=Acme,C=US` is written with the most specific value first and encoded the other way round
//! (RFC 4514 §2.1), which is what makes Kafka's principal read as the user wrote it. Order and every value are kept: two
//! OUs, a chain of DCs, values of one RDN joined by `+`.

use std::fmt;

use const_oid::ObjectIdentifier;
use der::asn1::{Any, SetOfVec};
use der::{Decode, Encode, Tag, Tagged};
use x509_cert::attr::AttributeTypeAndValue;

use super::{MAX_COMMON_NAME, printable};

/// The most text that is taken as a DN; far more than any certificate holds.
const MAX_TEXT: usize = 4096;

/// What is wrong with a distinguished name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DnError {
    /// A control character in a value.
    ControlCharacter(String),
    /// `C` is not two letters (ISO 3166).
    Country(String),
    /// An attribute without a value.
    EmptyValue(String),
    /// A backslash that is followed by neither a special character nor two hexadecimal digits.
    Escape(String),
    /// More than 4096 bytes.
    Long,
    /// A part that is not `TYPE=VALUE`.
    Malformed(String),
    /// A value that its attribute's string type cannot hold.
    NotAscii(String, String),
    /// A value with more characters than X.520 allows.
    TooLong {
        /// The attribute type.
        kind: String,
        /// How many characters the value has.
        length: usize,
        /// How many it may have.
        limit: usize,
    },
    /// An attribute type that is not known.
    UnknownType(String),
}

impl fmt::Display for DnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ControlCharacter(kind) => write!(f, "the value of `{kind}` has a control character"),
            Self::Country(value) => write!(f, "`C={}` is not a country code of two letters", printable(value)),
            Self::EmptyValue(kind) => write!(f, "`{kind}` has no value"),
            Self::Escape(part) => {
                write!(f, "in `{}` a backslash stands before something that needs none", printable(part))
            }
            Self::Long => write!(f, "the distinguished name has more than {MAX_TEXT} bytes"),
            Self::Malformed(part) => write!(f, "`{}` is not TYPE=VALUE", printable(part)),
            Self::NotAscii(kind, value) => write!(f, "`{kind}={}` may only have ASCII characters", printable(value)),
            Self::TooLong { kind, length, limit } => {
                write!(f, "the value of `{kind}` has {length} characters, {limit} are allowed")
            }
            Self::UnknownType(kind) => write!(f, "`{}` is not an attribute type that is known here", printable(kind)),
        }
    }
}

impl std::error::Error for DnError {}

/// The ASN.1 string that a value is encoded as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StringType {
    Ia5,
    Printable,
    Utf8,
}

/// An attribute type of X.520, RFC 4519 or PKCS#9.
#[derive(Debug, PartialEq, Eq)]
struct AttributeType {
    keyword: &'static str,
    other_keyword: &'static str,
    oid: ObjectIdentifier,
    string: StringType,
    limit: usize,
}

const fn attribute(
    keyword: &'static str,
    other_keyword: &'static str,
    oid: &'static str,
    string: StringType,
    limit: usize,
) -> AttributeType {
    AttributeType { keyword, other_keyword, oid: ObjectIdentifier::new_unwrap(oid), string, limit }
}

/// The types that are known, with their upper bounds of RFC 5280 appendix A.1.
static ATTRIBUTE_TYPES: [AttributeType; 14] = [
    attribute("CN", "commonName", "2.5.4.3", StringType::Utf8, MAX_COMMON_NAME),
    attribute("OU", "organizationalUnitName", "2.5.4.11", StringType::Utf8, 64),
    attribute("O", "organizationName", "2.5.4.10", StringType::Utf8, 64),
    attribute("L", "localityName", "2.5.4.7", StringType::Utf8, 128),
    attribute("ST", "S", "2.5.4.8", StringType::Utf8, 128),
    attribute("C", "countryName", "2.5.4.6", StringType::Printable, 2),
    attribute("DC", "domainComponent", "0.9.2342.19200300.100.1.25", StringType::Ia5, 63),
    attribute("UID", "userId", "0.9.2342.19200300.100.1.1", StringType::Utf8, 256),
    attribute("STREET", "streetAddress", "2.5.4.9", StringType::Utf8, 128),
    attribute("SERIALNUMBER", "serialNumber", "2.5.4.5", StringType::Printable, 64),
    attribute("T", "TITLE", "2.5.4.12", StringType::Utf8, 64),
    attribute("GIVENNAME", "GN", "2.5.4.42", StringType::Utf8, 64),
    attribute("SURNAME", "SN", "2.5.4.4", StringType::Utf8, 64),
    attribute("EMAILADDRESS", "E", "1.2.840.113549.1.9.1", StringType::Ia5, 128),
];

/// The keywords, for a message that lists them.
pub fn known_types() -> impl Iterator<Item = &'static str> {
    ATTRIBUTE_TYPES.iter().map(|kind| kind.keyword)
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Attribute {
    kind: &'static AttributeType,
    value: String,
}

/// A distinguished name whose values are non-empty and within their bounds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DistinguishedName {
    /// In the order of the text, most specific first.
    rdns: Vec<Vec<Attribute>>,
}

impl DistinguishedName {
    /// Parses RFC 4514 text; spaces around `,`, `+` and `=` and quoted values are taken too, as keytool does. The principal of Kafka
    /// ([`crate::kafka::principal`]) is such text.
    ///
    /// An empty text is the empty name.
    pub fn parse(text: &str) -> Result<Self, DnError> {
        if text.len() > MAX_TEXT {
            return Err(DnError::Long);
        }
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let mut rdns = Vec::new();
        for rdn in split(text, &[',', ';']) {
            rdns.push(split(rdn, &['+']).into_iter().map(parse_attribute).collect::<Result<Vec<_>, _>>()?);
        }
        Ok(Self { rdns })
    }

    /// Returns `CN=common_name` followed by the values of `rest`.
    pub fn with_common_name(common_name: &str, rest: &Self) -> Result<Self, DnError> {
        let mut rdns = vec![vec![checked(&ATTRIBUTE_TYPES[0], common_name.to_owned())?]];
        rdns.extend(rest.rdns.iter().cloned());
        Ok(Self { rdns })
    }

    /// Returns `CN=common_name` for one that is known to be sound.
    pub(crate) fn of_sound_common_name(common_name: &str) -> Self {
        Self { rdns: vec![vec![Attribute { kind: &ATTRIBUTE_TYPES[0], value: common_name.to_owned() }]] }
    }

    /// Says whether the name has no value at all.
    pub fn is_empty(&self) -> bool {
        self.rdns.is_empty()
    }

    /// Says whether both are the same name for those who compare without regard to case (RFC 5280 §7.1).
    pub fn is_same_name(&self, other: &Self) -> bool {
        self.to_string().to_lowercase() == other.to_string().to_lowercase()
    }

    /// Says whether the name has a CN.
    pub fn has_common_name(&self) -> bool {
        self.rdns.iter().flatten().any(|attribute| attribute.kind.keyword == "CN")
    }

    /// Returns the keyword and the value of each attribute, RDN by RDN in the order of the text.
    pub fn rdns(&self) -> impl DoubleEndedIterator<Item = impl Iterator<Item = (&'static str, &str)>> {
        self.rdns.iter().map(|rdn| rdn.iter().map(|attribute| (attribute.kind.keyword, attribute.value.as_str())))
    }

    /// Returns the DER of the `Name`, the most general RDN first (RFC 5280 §4.1.2.4).
    pub fn to_der(&self) -> Result<Vec<u8>, der::Error> {
        let rdns = self.rdns.iter().rev().map(|rdn| {
            let mut set = SetOfVec::new();
            for attribute in rdn {
                set.insert(attribute.to_type_and_value()?)?;
            }
            Ok(set)
        });
        rdns.collect::<Result<Vec<_>, der::Error>>()?.to_der()
    }
}

impl fmt::Display for DistinguishedName {
    /// Writes RFC 4514 text that [`DistinguishedName::parse`] reads back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rdn) in self.rdns.iter().enumerate() {
            for (place, Attribute { kind, value }) in rdn.iter().enumerate() {
                let separator = if place > 0 { "+" } else { "," };
                let separator = if index + place > 0 { separator } else { "" };
                write!(f, "{separator}{}={}", kind.keyword, escape(value))?;
            }
        }
        Ok(())
    }
}

impl Attribute {
    fn to_type_and_value(&self) -> Result<AttributeTypeAndValue, der::Error> {
        let tag = match self.kind.string {
            StringType::Ia5 => Tag::Ia5String,
            StringType::Printable => Tag::PrintableString,
            StringType::Utf8 => Tag::Utf8String,
        };
        Ok(AttributeTypeAndValue { oid: self.kind.oid, value: Any::new(tag, self.value.as_bytes())? })
    }
}

/// Escapes a value for RFC 4514 §2.4 text.
fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for (at, c) in value.char_indices() {
        let first = at == 0;
        let last = at + c.len_utf8() == value.len();
        if matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';') || (c == ' ' && (first || last)) || (c == '#' && first)
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Splits at separators that are neither escaped nor quoted.
fn split<'a>(text: &'a str, separators: &[char]) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped, mut quoted) = (0, false, false);
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == '"' {
            quoted = !quoted;
        } else if !quoted && separators.contains(&c) {
            parts.push(&text[start..at]);
            start = at + c.len_utf8();
        }
    }
    parts.push(&text[start..]);
    parts
}

fn parse_attribute(part: &str) -> Result<Attribute, DnError> {
    let (keyword, value) = part.split_once('=').ok_or_else(|| DnError::Malformed(part.trim().to_owned()))?;
    let keyword = keyword.trim();
    if keyword.is_empty() {
        return Err(DnError::Malformed(part.trim().to_owned()));
    }
    let named = |kind: &&AttributeType| {
        kind.keyword.eq_ignore_ascii_case(keyword)
            || kind.other_keyword.eq_ignore_ascii_case(keyword)
            || kind.oid.to_string() == keyword
    };
    let kind = ATTRIBUTE_TYPES.iter().find(named).ok_or_else(|| DnError::UnknownType(keyword.to_owned()))?;
    checked(kind, unescape(part, value)?)
}

/// Takes the quotes, the escapes and the spaces around it off a value.
fn unescape(part: &str, value: &str) -> Result<String, DnError> {
    let malformed = || DnError::Malformed(part.trim().to_owned());
    let mut value = value.trim_start_matches(' ');
    if let Some(inner) = value.trim_end_matches(' ').strip_prefix('"') {
        value = inner.strip_suffix('"').ok_or_else(malformed)?;
    } else {
        value = trim_unescaped_end(value);
        if let Some(digits) = value.strip_prefix('#') {
            return hexadecimal(digits).ok_or_else(malformed);
        }
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c != '\\' {
            bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let escape_error = || DnError::Escape(part.trim().to_owned());
        let pair = rest.get(..2).filter(|pair| pair.bytes().all(|b| b.is_ascii_hexdigit()));
        if let Some(byte) = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            bytes.push(byte);
            rest = &rest[2..];
        } else {
            let special = |c: &char| matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | ' ' | '#' | '=');
            let c = rest.chars().next().filter(special).ok_or_else(escape_error)?;
            bytes.push(u8::try_from(c).map_err(|_| escape_error())?);
            rest = &rest[1..];
        }
    }
    String::from_utf8(bytes).map_err(|_| malformed())
}

/// Reads the hexadecimal form of a value, its DER (RFC 4514 §2.4). Nobody types it, but Java writes all values so whose types have no
/// keyword in RFC 2253.
fn hexadecimal(digits: &str) -> Option<String> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) || !digits.len().is_multiple_of(2) {
        return None;
    }
    let der: Vec<u8> = digits.as_bytes().chunks_exact(2).map(pair).collect::<Option<_>>()?;
    let value = Any::from_der(&der).ok()?;
    let is_text = matches!(value.tag(), Tag::Ia5String | Tag::PrintableString | Tag::Utf8String);
    if is_text { String::from_utf8(value.value().to_vec()).ok() } else { None }
}

/// Takes the spaces off the end, but not one that a backslash protects.
fn trim_unescaped_end(value: &str) -> &str {
    let trimmed = value.trim_end_matches(' ');
    let backslashes = trimmed.bytes().rev().take_while(|b| *b == b'\\').count();
    if backslashes % 2 == 1 && trimmed.len() < value.len() { &value[..=trimmed.len()] } else { trimmed }
}

fn checked(kind: &'static AttributeType, value: String) -> Result<Attribute, DnError> {
    let keyword = || kind.keyword.to_owned();
    if value.is_empty() {
        return Err(DnError::EmptyValue(keyword()));
    }
    if value.chars().any(char::is_control) {
        return Err(DnError::ControlCharacter(keyword()));
    }
    if kind.keyword == "C" && !(value.len() == 2 && value.bytes().all(|b| b.is_ascii_alphabetic())) {
        return Err(DnError::Country(value));
    }
    let length = value.chars().count();
    if length > kind.limit {
        return Err(DnError::TooLong { kind: keyword(), length, limit: kind.limit });
    }
    let fits = match kind.string {
        StringType::Ia5 => value.is_ascii(),
        StringType::Printable => value.bytes().all(|b| b.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&b)),
        StringType::Utf8 => true,
    };
    if fits { Ok(Attribute { kind, value }) } else { Err(DnError::NotAscii(keyword(), value)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(dn: &str) -> String {
        DistinguishedName::parse(dn).unwrap().to_string()
    }

    #[test]
    fn order_and_every_value_are_kept() {
        for dn in [
            "OU=Kafka,O=Acme,C=US",
            "OU=a,OU=b,DC=example,DC=com",
            "CN=n1+OU=m1,O=Acme\\, Inc.",
            "O=\\#1 \\\"best\\\" \\\\ a\\+b\\<c\\>\\;d,L=\\ x\\ ",
            "CN=Ünïcode,UID=u1,STREET=Main St. 1,SERIALNUMBER=42,EMAILADDRESS=a@b.c",
        ] {
            assert_eq!(text(dn), dn);
        }
    }

    #[test]
    fn what_keytool_users_type_is_taken() {
        assert_eq!(
            text("cn = broker1, ou=Kafka ; o=\"Acme, Inc.\" , ST=CA"),
            "CN=broker1,OU=Kafka,O=Acme\\, Inc.,ST=CA"
        );
        assert_eq!(text("S=x,E=a@b,2.5.4.10=o"), "ST=x,EMAILADDRESS=a@b,O=o");
        assert_eq!(text("O=L\\C3\\BCbeck"), "O=Lübeck");
        assert_eq!(text("O=x\\ "), "O=x\\ ");
        assert_eq!(text("O=x\\\\ "), "O=x\\\\");
        assert_eq!(text("1.2.840.113549.1.9.1=#16057840792E7a , CN=q"), "EMAILADDRESS=x@y.z,CN=q");
        assert_eq!(text("2.5.4.5=#130135+O=#0c03C3BC78"), "SERIALNUMBER=5+O=üx");
        assert_eq!(text("  "), "");
    }

    #[test]
    fn the_der_has_the_most_general_value_first() {
        let der = DistinguishedName::parse("CN=b,C=US").unwrap().to_der().unwrap();
        let expected = [
            0x30, 0x19, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03, 0x55, 0x04, 0x06, 0x13, 0x02, b'U', b'S', 0x31, 0x0a, 0x30,
            0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, b'b',
        ];
        assert_eq!(der, expected);
    }

    #[test]
    fn what_would_lose_or_change_a_value_is_refused() {
        let refused = |dn: &str| DistinguishedName::parse(dn).unwrap_err();
        assert_eq!(refused("Acme"), DnError::Malformed("Acme".into()));
        assert_eq!(refused("O=a,,C=US"), DnError::Malformed(String::new()));
        assert_eq!(refused("=a"), DnError::Malformed("=a".into()));
        assert_eq!(refused("X=a"), DnError::UnknownType("X".into()));
        assert_eq!(refused("O="), DnError::EmptyValue("O".into()));
        assert_eq!(refused("O=a\\z"), DnError::Escape("O=a\\z".into()));
        assert_eq!(refused("O=a\\"), DnError::Escape("O=a\\".into()));
        assert_eq!(refused("O=#0401"), DnError::Malformed("O=#0401".into()));
        for value in ["", "0c", "0c0", "0c01", "0c01ff", "0c0141ff", "04014b", "0cü", "0 c0141", "0x0c0141"] {
            assert_eq!(refused(&format!("O=#{value}")), DnError::Malformed(format!("O=#{value}")));
        }
        assert_eq!(refused("O=#0c010a"), DnError::ControlCharacter("O".into()));
        assert_eq!(refused("O=\"a"), DnError::Malformed("O=\"a".into()));
        assert_eq!(refused("O=\\FF"), DnError::Malformed("O=\\FF".into()));
        assert_eq!(refused("O=x\\\u{3000}"), DnError::Escape("O=x\\".into()));
        assert_eq!(refused("O=a\u{7}"), DnError::ControlCharacter("O".into()));
        assert_eq!(refused("O=a\\0A"), DnError::ControlCharacter("O".into()));
        assert_eq!(refused("C=USA"), DnError::Country("USA".into()));
        assert_eq!(refused("DC=ä"), DnError::NotAscii("DC".into(), "ä".into()));
        assert_eq!(refused("SERIALNUMBER=a_b"), DnError::NotAscii("SERIALNUMBER".into(), "a_b".into()));
        let long = format!("OU={}", "x".repeat(65));
        assert_eq!(refused(&long), DnError::TooLong { kind: "OU".into(), length: 65, limit: 64 });
        assert_eq!(refused(&"O=a,".repeat(2000)), DnError::Long);
    }
}
