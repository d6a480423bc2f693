//! What is read out of the names of others.

use std::net::IpAddr;

use aws_lc_rs::digest;
use x509_parser::asn1_rs::Tag;
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

const COMMON_NAME: &str = "2.5.4.3";

/// Returns the common names, as far as they are text.
pub(super) fn common_names(name: &X509Name<'_>) -> Vec<String> {
    let is_common_name = |attribute: &&AttributeTypeAndValue<'_>| attribute.attr_type().to_id_string() == COMMON_NAME;
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

/// Returns the RDNs of a name, so that those which are the same for RFC 5280 §7.1 are equal: text without regard to case and to
/// repeated blanks, anything else octet by octet.
pub(super) fn comparable(name: &X509Name<'_>) -> Vec<Vec<(String, String)>> {
    let value = |attribute: &AttributeTypeAndValue<'_>| {
        text(attribute).map_or_else(
            || format!("#{:02x?}", attribute.attr_value().data),
            |text| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" "),
        )
    };
    let rdns = name.iter_rdn().map(|rdn| {
        let mut rdn: Vec<_> =
            rdn.iter().map(|attribute| (attribute.attr_type().to_id_string(), value(attribute))).collect();
        rdn.sort();
        rdn
    });
    rdns.collect()
}

/// Returns the SHA-256 of what names are compared by.
pub(super) fn comparable_hash(name: &X509Name<'_>) -> [u8; 32] {
    let mut hash = digest::Context::new(&digest::SHA256);
    let mut add = |part: &[u8]| {
        // Where a part ends is hashed too, so that no two names are one string.
        hash.update(&part.len().to_be_bytes());
        hash.update(part);
    };
    for rdn in comparable(name) {
        add(&rdn.len().to_be_bytes());
        for (kind, value) in rdn {
            add(kind.as_bytes());
            add(value.as_bytes());
        }
    }
    let mut digest = [0; 32];
    digest.iter_mut().zip(hash.finish().as_ref()).for_each(|(to, from)| *to = *from);
    digest
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
