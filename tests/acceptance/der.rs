//! A writer of DER that stops at nothing: certificates that no issuer should make are what this test is about.

/// Returns an element.
pub(crate) fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut element = vec![tag];
    let length = content.len().to_be_bytes();
    let length = &length[length.iter().position(|octet| *octet != 0).unwrap_or(length.len() - 1)..];
    if content.len() >= 0x80 {
        element.push(0x80 | u8::try_from(length.len()).unwrap());
    }
    element.extend(length);
    element.extend(content);
    element
}

pub(crate) fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

/// Returns an INTEGER of these octets, whatever they are.
pub(crate) fn integer(octets: &[u8]) -> Vec<u8> {
    element(0x02, octets)
}

pub(crate) fn boolean(value: bool) -> Vec<u8> {
    element(0x01, &[if value { 0xFF } else { 0 }])
}

pub(crate) fn octet_string(content: &[u8]) -> Vec<u8> {
    element(0x04, content)
}

/// Returns a BIT STRING of whole octets.
pub(crate) fn bit_string(content: &[u8]) -> Vec<u8> {
    element(0x03, &[&[0], content].concat())
}

pub(crate) fn null() -> Vec<u8> {
    element(0x05, &[])
}

/// Returns an OBJECT IDENTIFIER, written as `2.5.29.15`.
pub(crate) fn oid(text: &str) -> Vec<u8> {
    let arcs: Vec<u64> = text.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut content = Vec::new();
    for arc in std::iter::once(arcs[0] * 40 + arcs[1]).chain(arcs[2..].iter().copied()) {
        let digits = (0..10).rev().map(|digit| u8::try_from((arc >> (7 * digit)) & 0x7F).unwrap());
        let digits: Vec<u8> = digits.skip_while(|digit| *digit == 0).collect();
        let digits = if digits.is_empty() { vec![0] } else { digits };
        let last = digits.len() - 1;
        content.extend(digits.iter().enumerate().map(|(at, digit)| if at < last { digit | 0x80 } else { *digit }));
    }
    element(0x06, &content)
}

/// Returns a name of attributes such as `CN=broker1,O=Acme`, an RDN each, in this order, as `UTF8String`.
pub(crate) fn name(text: &str) -> Vec<u8> {
    name_of(0x0C, text)
}

/// Returns a name with strings of another type.
pub(crate) fn name_of(string: u8, text: &str) -> Vec<u8> {
    let rdns = text.split(',').filter(|rdn| !rdn.is_empty()).map(|rdn| {
        let (kind, value) = rdn.split_once('=').unwrap();
        let kind = match kind {
            "CN" => "2.5.4.3",
            "C" => "2.5.4.6",
            "O" => "2.5.4.10",
            "OU" => "2.5.4.11",
            _ => unreachable!("{kind}"),
        };
        element(0x31, &sequence(&[oid(kind), element(string, value.as_bytes())]))
    });
    sequence(&rdns.collect::<Vec<_>>())
}
