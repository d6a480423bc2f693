//! What several stacks compare names by.

use std::net::IpAddr;

use der::Decode;
use der::asn1::AnyRef;

/// Says whether an address is in a range, which is an address and a mask of the same length.
pub(super) fn is_in_range(address: IpAddr, range: &[u8]) -> bool {
    let (v4, v6);
    let octets: &[u8] = match address {
        IpAddr::V4(address) => {
            v4 = address.octets();
            &v4
        }
        IpAddr::V6(address) => {
            v6 = address.octets();
            &v6
        }
    };
    let (network, mask) = range.split_at_checked(octets.len()).unwrap_or((&[], &[]));
    let mut triples = octets.iter().zip(network).zip(mask);
    mask.len() == octets.len() && triples.all(|((octet, network), mask)| octet & mask == network & mask)
}

/// Says whether a name, in DER, begins with the RDNs of another, without regard to the case of their letters.
pub(super) fn begins_with(name: &[u8], base: &[u8]) -> bool {
    let rdns = |der| AnyRef::from_der(der).map(AnyRef::value);
    match (rdns(name), rdns(base)) {
        (Ok(name), Ok(base)) => name.get(..base.len()).is_some_and(|start| start.eq_ignore_ascii_case(base)),
        _ => false,
    }
}

/// Returns what a name has in front of such an end, without regard to case.
pub(super) fn strip_end<'n>(name: &'n str, end: &str) -> Option<&'n str> {
    let (rest, there) = name.split_at_checked(name.len().checked_sub(end.len())?)?;
    there.eq_ignore_ascii_case(end).then_some(rest)
}

/// Says whether a wildcard could stand for a base.
pub(super) fn touches(name: &str, base: &str) -> bool {
    let parent = name.strip_prefix('*');
    parent.and_then(|parent| strip_end(base, parent)).is_some_and(|label| !label.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_begin_with_whole_rdns() {
        let name = |text: &str| {
            let name: x509_cert::name::RdnSequence = text.parse().unwrap();
            der::Encode::to_der(&name).unwrap()
        };
        let whole = name("CN=broker1,OU=Kafka,O=Acme");
        for (base, expected) in [("O=Acme", true), ("OU=kafka,O=ACME", true), ("O=Acm", false), ("OU=Kafka", false)] {
            assert_eq!(begins_with(&whole, &name(base)), expected, "{base}");
        }
        assert!(!begins_with(&name("O=Acme"), &whole) && begins_with(&whole, &[0x30, 0]));
    }

    #[test]
    fn ends_are_compared_without_case() {
        assert_eq!(strip_end("broker1.Example.com", "example.COM"), Some("broker1."));
        assert_eq!(strip_end("com", "example.com"), None);
        assert_eq!(strip_end("büc", "\u{bc}c"), None);
        assert!(touches("*.example.com", "broker1.Example.com") && !touches("*.example.com", "a.b.example.com"));
    }
}
