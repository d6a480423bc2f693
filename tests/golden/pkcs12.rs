//! PKCS#12 stores: their bytes, which p12-keystore reads as a stranger, and for people their structure.

use std::fmt::Write;

use der::{AnyRef, Decode, Reader, SliceReader, Tag, Tagged};
use kafka_certgen::keystore::KeyStore;
use p12_keystore::Pkcs12Archive;

use crate::fixed::{Counting, NOW, password};
use crate::fixture::check;
use crate::issued::RSA;

const PASSWORD: &str = "storepass";

#[test]
fn a_keystore_holds_one_key_with_its_chain_and_the_trusted_ca() {
    let issued = RSA.issue();
    let Pkcs12Archive { keys, certs, secrets } = read(&issued.keystore());
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    assert_eq!(key.friendly_name.as_deref(), Some("broker1"));
    // Java shows it as the date of the entry.
    let id = format!("Time {}", NOW.unix_timestamp_nanos() / 1_000_000);
    assert_eq!(key.local_key_id.as_ref().unwrap().as_ref(), id.as_bytes());
    assert_eq!(key.key.as_der(), issued.broker.key.to_pkcs8().unwrap().as_slice());

    let (leaf, ca) = (issued.broker.certificate.as_der(), issued.ca.certificate().as_der());
    let mut roles: Vec<_> = certs
        .iter()
        .map(|bag| {
            let belongs_to_key = bag.local_key_id.as_deref() == Some(id.as_bytes());
            let alias = bag.friendly_name.as_deref().filter(|_| bag.trusted);
            (bag.cert.as_der() == leaf, bag.cert.as_der() == ca, belongs_to_key, alias)
        })
        .collect();
    roles.sort_unstable();
    // The CA stands in the chain, and beside it as a certificate that is trusted.
    assert_eq!(roles, [(false, true, false, None), (false, true, false, Some("caroot")), (true, false, true, None)]);
    assert!(secrets.is_empty());
}

#[test]
fn a_truststore_holds_the_trusted_ca() {
    let issued = RSA.issue();
    let Pkcs12Archive { keys, certs, secrets } = read(&issued.truststore());
    assert!(keys.is_empty() && secrets.is_empty());
    let [bag] = certs.as_slice() else { panic!("{certs:?}") };
    assert_eq!(bag.cert.as_der(), issued.ca.certificate().as_der());
    // Without this attribute Java leaves the certificate out.
    assert!(bag.trusted);
    assert_eq!(bag.friendly_name.as_deref(), Some("caroot"));
}

#[test]
fn bytes_and_their_structure_are_what_they_were() {
    let issued = RSA.issue();
    for (file, store) in [("keystore", issued.keystore()), ("truststore", issued.truststore())] {
        let mut dump = String::new();
        let bytes = write(&store);
        write_structure(&bytes, 0, &mut dump);
        check(&format!("rsa/broker.{file}.p12"), &bytes);
        check(&format!("rsa/broker.{file}.p12.txt"), dump.as_bytes());
    }
}

fn write(store: &KeyStore) -> Vec<u8> {
    store.to_pkcs12(&password(PASSWORD), &Counting::default()).unwrap()
}

fn read(store: &KeyStore) -> Pkcs12Archive {
    let archive = Pkcs12Archive::from_pkcs12(&write(store), "another password");
    assert!(archive.is_err(), "the password does not matter");
    Pkcs12Archive::from_pkcs12(&write(store), PASSWORD).unwrap()
}

/// Writes the structure of DER, also of DER within octet strings. Of those that hold anything else the length is written: they
/// are salts, digests and what is encrypted.
fn write_structure(der: &[u8], depth: usize, out: &mut String) {
    let mut reader = SliceReader::new(der).unwrap();
    while !reader.is_finished() {
        let any = AnyRef::decode(&mut reader).unwrap();
        let is_der = AnyRef::from_der(any.value()).is_ok_and(|inner| inner.tag() == Tag::Sequence);
        let value = match any.tag() {
            tag if tag.is_constructed() => String::new(),
            Tag::OctetString if is_der => String::new(),
            Tag::ObjectIdentifier => any.decode_as::<der::asn1::ObjectIdentifier>().unwrap().to_string(),
            Tag::Integer => any.decode_as::<u32>().unwrap().to_string(),
            Tag::BmpString => any.decode_as::<der::asn1::BmpString>().unwrap().to_string(),
            _ => format!("{} bytes", any.value().len()),
        };
        writeln!(out, "{}{}", "  ".repeat(depth), format!("{} {value}", any.tag()).trim_end()).unwrap();
        if value.is_empty() {
            write_structure(any.value(), depth + 1, out);
        }
    }
}
