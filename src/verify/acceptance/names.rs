//! What several stacks compare names by.

use std::net::IpAddr;

use der::{Decode, Encode};
use x509_cert::name::RdnSequence;

/// Says whether an address is in a range, which is an address and a mask of the same length.
pub(super) fn is_in_range(address: IpAddr, range: &[u8]) -> bool {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let (network, mask) = range.split_at_checked(octets.len()).unwrap_or((&[], &[]));
    let mut triples = octets.iter().zip(network).zip(mask);
    mask.len() == octets.len() && triples.all(|((octet, network), mask)| octet & mask == network & mask)
}

/// Says whether a name, in DER, begins with the RDNs of another.
pub(super) fn begins_with(name: &[u8], base: &[u8]) -> bool {
    let rdns = |der| -> Option<Vec<Vec<u8>>> {
        let rdns = RdnSequence::from_der(der).ok()?;
        rdns.iter().map(|rdn| rdn.to_der().ok().map(|der| der.to_ascii_lowercase())).collect()
    };
    match (rdns(name), rdns(base)) {
        (Some(name), Some(base)) => name.starts_with(&base),
        _ => false,
    }
}
