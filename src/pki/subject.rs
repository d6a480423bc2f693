//! What is read out of the names of others.

use std::net::IpAddr;

use aws_lc_rs::digest;
use x509_parser::asn1_rs::Tag;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

/// 2.5.4.3 in DER.
const COMMON_NAME: [u8; 3] = [0x55, 0x04, 0x03];

/// Returns the common names, as far as they are text.
pub(super) fn common_names(name: &X509Name<'_>) -> Vec<String> {
    let is_common_name = |attribute: &&AttributeTypeAndValue<'_>| attribute.attr_type().as_bytes() == COMMON_NAME;
    name.iter_attributes().filter(is_common_name).filter_map(text).collect()
}

/// Says whether a value has a control character: Java prints it as it is, into logs and into Kafka's principal.
pub(super) fn has_control_character(name: &X509Name<'_>) -> bool {
    let has_one = |attribute: &AttributeTypeAndValue<'_>| match text(attribute) {
        Some(value) => value.chars().any(char::is_control),
        // Java takes other types for text too, as GeneralString.
        None => attribute.attr_value().data.iter().any(u8::is_ascii_control),
    };
    name.iter_attributes().any(has_one)
}

/// Returns a digest of each RDN of a name, so that those which are the same for RFC 5280 §7.1 are equal: text without regard to case
/// and to repeated blanks, anything else octet by octet.
pub(super) fn comparable(name: &X509Name<'_>) -> Vec<[u8; 32]> {
    let attribute = |attribute: &AttributeTypeAndValue<'_>| {
        let (is_text, value) = match text(attribute) {
            Some(text) => (1, text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ").into_bytes()),
            None => (0, attribute.attr_value().data.to_vec()),
        };
        [sha256(attribute.attr_type().as_bytes()).as_slice(), &[is_text], &sha256(&value)].concat()
    };
    let rdns = name.iter_rdn().map(|rdn| {
        // Of a SET, the order says nothing.
        let mut rdn: Vec<_> = rdn.iter().map(attribute).collect();
        rdn.sort_unstable();
        sha256(&rdn.concat())
    });
    rdns.collect()
}

pub(super) fn sha256(octets: &[u8]) -> [u8; 32] {
    let mut found = [0; 32];
    found.copy_from_slice(digest::digest(&digest::SHA256, octets).as_ref());
    found
}

/// Returns the address that an `iPAddress` holds (RFC 5280 §4.2.1.6).
pub(super) fn address(octets: &[u8]) -> Option<IpAddr> {
    match octets.len() {
        4 => <[u8; 4]>::try_from(octets).map(IpAddr::from).ok(),
        _ => <[u8; 16]>::try_from(octets).map(IpAddr::from).ok(),
    }
}

/// Returns a value as text, if its type is one of X.520's `DirectoryString`, `IA5String` or `NumericString`.
fn text(attribute: &AttributeTypeAndValue<'_>) -> Option<String> {
    let value = attribute.attr_value();
    let bytes = value.data;
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
        // Everybody reads it as Latin-1.
        Tag::T61String => Some(bytes.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let units: Vec<u16> =
                bytes.chunks(2).map(|pair| pair.iter().fold(0, |unit, b| unit << 8 | u16::from(*b))).collect();
            Some(String::from_utf16_lossy(&units))
        }
        Tag::UniversalString => {
            let unit = |unit: &[u8]| unit.iter().fold(0, |unit, b| unit << 8 | u32::from(*b));
            Some(
                bytes
                    .chunks(4)
                    .map(|chunk| char::from_u32(unit(chunk)).unwrap_or(char::REPLACEMENT_CHARACTER))
                    .collect(),
            )
        }
        _ => None,
    }
}
