//! Stores put together bag by bag, as no tool and every attacker makes them.

use std::fmt::Write as _;

use const_oid::ObjectIdentifier;
use der::Encode;

use super::element::{EXPLICIT_0, IMPLICIT_0, oid};
use super::safe_bag::write_safe_contents;
use super::*;
use crate::pbe::{PbeError, Scheme};
use crate::random::SystemRandom;

macro_rules! fixture {
    ($file:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pkcs12/", $file)).as_slice()
    };
}

const PASSWORD: &str = "storepass";
const CA: &[u8] = fixture!("ca.der");
const BROKER: &[u8] = fixture!("broker1.der");
const RENEWED: &[u8] = fixture!("renewed.der");
const KEY: &[u8] = fixture!("broker1.key.der");
const OPENSSL: &[u8] = fixture!("openssl.p12");
const OPENSSL_NOMAC: &[u8] = fixture!("openssl-nomac.p12");

fn seq(parts: &[&[u8]]) -> Vec<u8> {
    element(Tag::Sequence, parts).unwrap()
}

fn name(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

/// A bag by the last arc of its type.
fn bag(kind: u32, value: &[u8], attributes: &[u8]) -> SafeBag {
    let id = oid(name(&format!("1.2.840.113549.1.12.10.1.{kind}"))).unwrap();
    let attributes = if attributes.is_empty() { Vec::new() } else { element(Tag::Set, &[attributes]).unwrap() };
    let raw = seq(&[&id, &element(EXPLICIT_0, &[value]).unwrap(), &attributes]);
    SafeBag::read(Element::only(&raw, Tag::Sequence, "bag").unwrap()).unwrap()
}

fn attribute(id: &str, value: &[u8]) -> Vec<u8> {
    seq(&[&oid(name(id)).unwrap(), &element(Tag::Set, &[value]).unwrap()])
}

fn friendly_name(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    attribute("1.2.840.113549.1.9.20", &element(Tag::BmpString, &[&units]).unwrap())
}

fn key_id(id: &[u8]) -> Vec<u8> {
    attribute("1.2.840.113549.1.9.21", &element(Tag::OctetString, &[id]).unwrap())
}

fn trusted() -> Vec<u8> {
    attribute("2.16.840.1.113894.746875.1.1", &oid(name("2.5.29.37.0")).unwrap())
}

fn shrouded_key(password: &str, attributes: &[u8]) -> SafeBag {
    let scheme = Scheme::pbes2(1, &SystemRandom).unwrap();
    let ciphertext = scheme.encrypt(KEY, password).unwrap();
    let octets = element(Tag::OctetString, &[&ciphertext]).unwrap();
    bag(2, &seq(&[&scheme.algorithm().unwrap().to_der().unwrap(), &octets]), attributes)
}

fn certificate(der: &[u8], name: Option<&str>, id: Option<&[u8]>) -> SafeBag {
    SafeBag::of_certificate(der, name, id).unwrap()
}

fn trusted_certificate(der: &[u8], attributes: &[u8]) -> SafeBag {
    let octets = element(Tag::OctetString, &[der]).unwrap();
    let kind = oid(name("1.2.840.113549.1.9.22.1")).unwrap();
    let attributes = [attributes, &trusted()].concat();
    bag(3, &seq(&[&kind, &element(EXPLICIT_0, &[&octets]).unwrap()]), &attributes)
}

/// A list of bags in the clear.
fn plain(bags: &[SafeBag]) -> Vec<u8> {
    write_data(&write_safe_contents(bags).unwrap()).unwrap()
}

/// A list of bags under a password.
fn encrypted(bags: &[SafeBag], password: &str) -> Vec<u8> {
    let scheme = Scheme::pbes2(1, &SystemRandom).unwrap();
    let ciphertext = scheme.encrypt(&write_safe_contents(bags).unwrap(), password).unwrap();
    let ciphertext = element(IMPLICIT_0, &[&ciphertext]).unwrap();
    let content = seq(&[&oid(ID_DATA).unwrap(), &scheme.algorithm().unwrap().to_der().unwrap(), &ciphertext]);
    let data = seq(&[&[2, 1, 0], &content]);
    let id = oid(name("1.2.840.113549.1.7.6")).unwrap();
    seq(&[&id, &element(EXPLICIT_0, &[&data]).unwrap()])
}

fn pfx(contents: &[Vec<u8>]) -> Vec<u8> {
    let safe = seq(&contents.iter().map(Vec::as_slice).collect::<Vec<_>>());
    seq(&[&[2, 1, 3], &write_data(&safe).unwrap()])
}

fn pfx_with_mac(contents: &[Vec<u8>]) -> Vec<u8> {
    let safe = seq(&contents.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let mac = Pkcs12::open(OPENSSL, PASSWORD).unwrap().mac.unwrap().renewed(&safe, PASSWORD, &SystemRandom).unwrap();
    seq(&[&[2, 1, 3], &write_data(&safe).unwrap(), &mac])
}

fn open(bytes: &[u8]) -> Result<Pkcs12, Pkcs12Error> {
    Pkcs12::open(bytes, PASSWORD)
}

/// Returns the entries of a store of these lists: `alias: certificate, …`.
fn view(lists: &[&[SafeBag]]) -> Vec<String> {
    let lists: Vec<Vec<u8>> = lists.iter().map(|bags| plain(bags)).collect();
    let store = open(&pfx(&lists)).unwrap();
    let label = |at: &BagAt| match store.certificate(*at) {
        CA => "ca",
        BROKER => "broker",
        RENEWED => "renewed",
        _ => "other",
    };
    let text = |entry: &ViewEntry| {
        let certificates = match &entry.content {
            ViewContent::TrustedCertificate(at) => format!("trusted {}", label(at)),
            ViewContent::SecretKey(_) => "secret".to_owned(),
            ViewContent::PrivateKey { chain, .. } => chain.iter().map(label).collect::<Vec<_>>().join(" "),
        };
        format!("{}: {certificates}", entry.alias)
    };
    store.view().entries.iter().map(text).collect()
}

#[test]
fn a_key_is_paired_by_id_then_by_name() {
    let keys = [
        shrouded_key(PASSWORD, &[friendly_name("One"), key_id(b"1")].concat()),
        shrouded_key(PASSWORD, &[friendly_name("Two"), key_id(b"2")].concat()),
        shrouded_key(PASSWORD, &[friendly_name("Three"), key_id(b"3")].concat()),
    ];
    let certificates = [
        certificate(CA, Some("two"), Some(b"1")),
        certificate(BROKER, Some("ONE"), Some(b"1")),
        certificate(RENEWED, Some("two"), None),
        certificate(RENEWED, None, Some(b"1")),
    ];
    assert_eq!(view(&[&keys, &certificates]), ["one: broker ca", "two: renewed ca", "three: "]);
    // The last one with the id, where no name tells.
    let certificates = [certificate(BROKER, None, Some(b"1")), certificate(CA, None, Some(b"1"))];
    assert_eq!(view(&[&keys[..1], &certificates]), ["one: ca"]);
}

#[test]
fn an_only_key_without_an_id_has_the_first_certificate_behind_it() {
    let key = || shrouded_key(PASSWORD, &[]);
    let certificates = [certificate(BROKER, None, None), certificate(CA, None, None)];
    assert_eq!(view(&[&[key()], &certificates]), ["1: broker ca"]);
    assert_eq!(view(&[&certificates, &[key()]]), ["1: "]);
    // A second one is nothing.
    assert_eq!(view(&[&[key(), key()], &certificates]), ["1: "]);
    let store = open(&pfx(&[plain(&[key(), key()])])).unwrap();
    assert_eq!(store.view().unseen_keys.len(), 1);
}

#[test]
fn entries_without_a_name_are_counted() {
    let bags = [
        trusted_certificate(CA, &[]),
        certificate(RENEWED, None, None),
        bag(5, &seq(&[]), &[]),
        trusted_certificate(BROKER, &friendly_name("Named")),
        shrouded_key(PASSWORD, &key_id(b"Time 1700000000123")),
        bag(4, &seq(&[]), &[]),
        bag(6, &seq(&[]), &[]),
        bag(1, KEY, &[]),
    ];
    assert_eq!(view(&[&bags]), ["1: trusted ca", "2: secret", "named: trusted broker", "3: "]);
    let store = open(&pfx(&[plain(&bags)])).unwrap();
    let view = store.view();
    assert_eq!([&view.unseen_certificates, &view.unseen_keys, &view.unseen_bags].map(Vec::len), [1, 1, 2]);
    assert_eq!(view.entries[3].created, Some(1_700_000_000_123));
}

#[test]
fn two_entries_of_one_name_are_refused() {
    let bags = [trusted_certificate(CA, &friendly_name("Ca")), trusted_certificate(BROKER, &friendly_name("cA"))];
    assert_eq!(open(&pfx(&[plain(&bags)])).err(), Some(Pkcs12Error::DuplicateAlias("ca".to_owned())));
}

#[test]
fn a_key_under_another_password_is_refused() {
    let own = || shrouded_key("another", &[friendly_name("own"), key_id(b"1")].concat());
    let error = Some(Pkcs12Error::KeyPassword(Some("own".to_owned())));
    assert_eq!(open(&pfx_with_mac(&[plain(&[own()])])).err(), error);
    assert_eq!(open(&pfx(&[plain(&[shrouded_key(PASSWORD, &[]), own()])])).err(), error);
    assert_eq!(open(&pfx(&[encrypted(&[], PASSWORD), plain(&[own()])])).err(), error);
    // Where nothing tells what the password of the store is, this one may be wrong.
    assert_eq!(open(&pfx(&[plain(&[own()])])).err(), Some(Pkcs12Error::WrongPasswordOrDamaged));
}

#[test]
fn contents_under_another_password_are_refused() {
    let contents = [encrypted(&[certificate(CA, None, None)], "another")];
    assert_eq!(open(&pfx_with_mac(&contents)).err(), Some(Pkcs12Error::ContentPassword));
    assert_eq!(open(&pfx(&contents)).err(), Some(Pkcs12Error::WrongPasswordOrDamaged));
}

#[test]
fn keys_in_encrypted_contents_stay_as_they_are() {
    let bags = [shrouded_key(PASSWORD, &key_id(b"1")), certificate(BROKER, None, Some(b"1")), bag(1, KEY, &[])];
    let mut store = open(&pfx_with_mac(&[encrypted(&bags, PASSWORD)])).unwrap();
    let no_list = || -> Result<Pkcs12, Pkcs12Error> { panic!("there is a list of certificates") };
    store.replace_chain("1", &[RENEWED.to_vec(), CA.to_vec()], no_list).unwrap();
    let changed = open(&store.to_bytes(PASSWORD, &SystemRandom).unwrap()).unwrap();
    let raw: Vec<_> = changed.bags().map(|(_, bag)| bag.raw.clone()).collect();
    assert_eq!([&raw[0], &raw[3]], [&bags[0].raw, &bags[2].raw]);
    assert_eq!(changed.private_key(changed.bags().next().unwrap().0, PASSWORD).unwrap().as_slice(), KEY);
}

#[test]
fn a_chain_that_java_would_not_find_is_refused() {
    let bags = [shrouded_key(PASSWORD, &key_id(b"1")), certificate(BROKER, None, Some(b"1"))];
    let mut store = open(&pfx(&[plain(&bags)])).unwrap();
    let before = store.to_bytes(PASSWORD, &SystemRandom).unwrap();
    let chain = [CA.to_vec(), BROKER.to_vec()];
    let error = store.replace_chain("1", &chain, || Err(Pkcs12Error::NotDer)).unwrap_err();
    assert_eq!(error, Pkcs12Error::OtherChain("1".to_owned()));
    assert_eq!(store.to_bytes(PASSWORD, &SystemRandom).unwrap(), before);
}

#[test]
fn what_is_not_changed_is_not_sorted() {
    // The JDK writes attributes in the order in which it has them, DER would have the shorter ones first.
    let unsorted = [attribute("1.3.6.1.4.1.99999", &[4, 1, 0xFF]), friendly_name("z"), key_id(b"1")].concat();
    let key = shrouded_key(PASSWORD, &unsorted);
    let keys = plain(std::slice::from_ref(&key));
    let mut store = open(&pfx(&[keys.clone(), encrypted(&[certificate(BROKER, None, Some(b"1"))], PASSWORD)])).unwrap();
    store.replace_chain("z", &[RENEWED.to_vec()], || Err(Pkcs12Error::NotDer)).unwrap();
    let changed = store.to_bytes(PASSWORD, &SystemRandom).unwrap();
    assert!(changed.windows(keys.len()).any(|window| window == keys));
}

#[test]
fn no_mac_is_added_and_none_is_lost() {
    for (bytes, has_mac) in [(OPENSSL, true), (OPENSSL_NOMAC, false)] {
        let mut store = open(bytes).unwrap();
        store.replace_chain("broker1", &[RENEWED.to_vec()], || Err(Pkcs12Error::NotDer)).unwrap();
        let changed = store.to_bytes(PASSWORD, &SystemRandom).unwrap();
        let changed = open(&changed).unwrap();
        assert_eq!(changed.has_mac(), has_mac);
        assert_eq!(changed.mac.as_ref().map(MacData::iterations), store.mac.as_ref().map(MacData::iterations));
        assert_ne!(format!("{:?}", changed.mac), format!("{:?}", Some(&store.mac)), "the salt is another one");
    }
}

#[test]
fn what_cannot_be_checked_or_decrypted_is_refused_by_name() {
    let mac = |digest: &str| {
        let info = seq(&[&seq(&[&oid(name(digest)).unwrap()]), &element(Tag::OctetString, &[&[0; 32]]).unwrap()]);
        let safe = write_data(&seq(&[])).unwrap();
        seq(&[&[2, 1, 3], &safe, &seq(&[&info, &[4, 1, 7], &[2, 1, 1]])])
    };
    let content = |kind: &str| seq(&[&oid(name(kind)).unwrap(), &element(EXPLICIT_0, &[&seq(&[])]).unwrap()]);
    let (enveloped, signed) = ("1.2.840.113549.1.7.3", "1.2.840.113549.1.7.2");
    let cases = [
        (mac("1.2.840.113549.1.5.14"), "the store's MAC is PBMAC1 (RFC 9579), which is not supported"),
        (mac("1.2.840.113549.2.5"), "a MAC with the digest 1.2.840.113549.2.5 is not supported"),
        (pfx(&[content(enveloped)]), "the store is protected by a public key and not by a password"),
        (seq(&[&[2, 1, 3], &content(signed)]), "the store is protected by a public key and not by a password"),
        (pfx(&[content("1.2.3")]), "malformed content of the store"),
        (
            [[0x30, 0x80].as_slice(), &pfx(&[])[2..], &[0, 0]].concat(),
            "the store is in BER with indefinite lengths, which is not supported",
        ),
        ([pfx(&[]), vec![0]].concat(), "malformed PKCS#12 store"),
        (seq(&[&[2, 1, 4], &write_data(&seq(&[])).unwrap()]), "not a PKCS#12 store"),
    ];
    for (bytes, message) in cases {
        assert_eq!(open(&bytes).unwrap_err().to_string(), message);
    }
}

#[test]
fn the_iterations_of_all_derivations_are_bounded() {
    let mut work = Work::default();
    for _ in 0..600 {
        assert_eq!(work.spend(50_000_u32), Ok(()));
    }
    assert_eq!(work.spend(1_u32), Err(Pkcs12Error::TooMuchWork(30_000_001)));

    let iterations = 5_000_001_u32.to_der().unwrap();
    let info = seq(&[
        &seq(&[&oid(const_oid::db::rfc5912::ID_SHA_256).unwrap()]),
        &element(Tag::OctetString, &[&[0; 32]]).unwrap(),
    ]);
    let bytes = seq(&[&[2, 1, 3], &write_data(&seq(&[])).unwrap(), &seq(&[&info, &[4, 1, 7], &iterations])]);
    assert_eq!(open(&bytes).err(), Some(Pkcs12Error::Encryption(PbeError::Iterations(5_000_001))));
}

#[test]
fn no_change_makes_a_store_that_would_not_be_opened() {
    let bags = [shrouded_key(PASSWORD, &key_id(b"1")), certificate(BROKER, None, Some(b"1"))];
    let mut store = open(&pfx(&[plain(&bags)])).unwrap();
    let scheme = Scheme::pbes2(5_000_000, &SystemRandom).unwrap().algorithm().unwrap().to_der().unwrap();
    let costly = seq(&[&scheme, &element(Tag::OctetString, &[&[0; 16]]).unwrap()]);
    let mut new = store.clone();
    new.contents[0].set_bags(vec![bag(2, &costly, &[friendly_name("new"), key_id(b"2")].concat()); 6]);
    let before = store.to_bytes(PASSWORD, &SystemRandom).unwrap();
    assert_eq!(store.add(new.clone(), "new", &[]), Err(Pkcs12Error::TooMuchWork(30_000_001)));
    assert_eq!(store.to_bytes(PASSWORD, &SystemRandom).unwrap(), before);
    store.contents[0].extend(std::mem::take(&mut new.contents[0].bags));
    store.raw = None;
    assert_eq!(store.to_bytes(PASSWORD, &SystemRandom), Err(Pkcs12Error::TooMuchWork(30_000_001)));
}

#[test]
fn many_keys_with_one_long_chain_are_refused_at_once() {
    let chain = |at: u32| certificate_of(&at.to_string(), &(at + 1).to_string(), at);
    let leaf = certificate(&chain(0), None, Some(b"1"));
    let issuers = (1..100).map(|at| certificate(&chain(at), None, None));
    let certificates: Vec<SafeBag> = std::iter::once(leaf).chain(issuers).collect();
    for (keys, is_read) in [(200, true), (201, false)] {
        let mut bags = vec![shrouded_key(PASSWORD, &key_id(b"1")); keys];
        bags.extend(certificates.iter().cloned());
        let opened = open(&pfx(&[plain(&bags)]));
        assert_eq!(opened.err(), if is_read { None } else { Some(Pkcs12Error::TooLarge) }, "{keys}");
    }
}

#[test]
fn many_bags_take_a_moment_and_more_are_refused() {
    // Each is the issuer of each, by its name.
    let many: Vec<SafeBag> = (0..9_000_u32).map(|n| certificate(&certificate_of("a", "a2", n), None, None)).collect();
    let key = || shrouded_key(PASSWORD, &key_id(b"1"));
    let mut bags = vec![key(), certificate(&certificate_of("a2", "a", 1), None, Some(b"1"))];
    bags.extend(many);
    let store = open(&pfx(&[plain(&bags)])).unwrap();
    assert_eq!(store.view().entries[0].chain().len(), 2, "the chain ends where it would begin again");
    assert_eq!(store.view().unseen_certificates.len(), 8_999);

    let empty = vec![plain(&[]); MAX_BAGS + 1];
    assert_eq!(open(&pfx(&empty)).err(), Some(Pkcs12Error::TooLarge));
    let bags = vec![bag(4, &seq(&[]), &[]); MAX_BAGS + 1];
    assert_eq!(open(&pfx(&[plain(&bags)])).err(), Some(Pkcs12Error::TooLarge));
}

#[test]
fn a_chain_of_a_hundred_is_read_and_no_longer_one() {
    for (length, is_read) in [(100, true), (101, false)] {
        let mut bags = vec![shrouded_key(PASSWORD, &key_id(b"1"))];
        bags.push(certificate(&certificate_of("0", "1", 0), None, Some(b"1")));
        let issuers =
            (1..length).map(|n| certificate(&certificate_of(&n.to_string(), &(n + 1).to_string(), n), None, None));
        bags.extend(issuers);
        assert_eq!(open(&pfx(&[plain(&bags)])).is_ok(), is_read, "{length}");
    }
}

#[test]
fn an_issuer_is_found_by_a_name_in_other_letters() {
    let leaf = certificate(&certificate_of("leaf", "The  CA", 1), None, Some(b"1"));
    let issuer = certificate(&certificate_of("the ca", "the ca", 2), None, None);
    let store = open(&pfx(&[plain(&[shrouded_key(PASSWORD, &key_id(b"1")), leaf, issuer])])).unwrap();
    assert_eq!(store.view().entries[0].chain().len(), 2);
}

/// A certificate without a key or a signature that anybody could use.
fn certificate_of(subject: &str, issuer: &str, serial: u32) -> Vec<u8> {
    let name_of = |text: &str| {
        let value = element(Tag::Utf8String, &[text.as_bytes()]).unwrap();
        seq(&[&element(Tag::Set, &[&seq(&[&oid(name("2.5.4.3")).unwrap(), &value])]).unwrap()])
    };
    let algorithm = seq(&[&oid(name("1.2.840.10045.4.3.2")).unwrap()]);
    let time = element(Tag::UtcTime, &[b"250101000000Z"]).unwrap();
    let bits = element(Tag::BitString, &[&[0, 4]]).unwrap();
    let body = seq(&[
        &serial.to_der().unwrap(),
        &algorithm,
        &name_of(issuer),
        &seq(&[&time, &time]),
        &name_of(subject),
        &seq(&[&algorithm, &bits]),
    ]);
    seq(&[&body, &algorithm, &bits])
}

#[test]
fn every_prefix_is_refused() {
    for bytes in [OPENSSL, OPENSSL_NOMAC, fixture!("openssl-plain.p12")] {
        for end in 0..bytes.len() {
            assert!(open(&bytes[..end]).is_err(), "{end}");
        }
    }
}

#[test]
fn no_bit_flip_changes_what_a_store_with_a_mac_says() {
    let expected = summary(&open(OPENSSL).unwrap());
    for bit in 0..OPENSSL.len() * 8 {
        let mut flipped = OPENSSL.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        // A flip that turns 10 iterations into millions is refused for the MAC, or takes its time.
        if let Ok(store) = open(&flipped) {
            assert_eq!(summary(&store), expected, "{bit}");
        }
    }
}

#[test]
fn no_bit_flip_in_a_store_without_a_mac_is_a_panic() {
    for bytes in [OPENSSL_NOMAC, fixture!("openssl-plain.p12")] {
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(store) = open(&flipped) {
                assert_eq!(store.to_bytes(PASSWORD, &SystemRandom).unwrap(), flipped, "{bit}");
            }
        }
    }
}

fn summary(store: &Pkcs12) -> String {
    let mut text = String::new();
    for (at, bag) in store.bags() {
        write!(text, "{at:?} {:02x?};", bag.raw.as_slice()).unwrap();
    }
    text
}
