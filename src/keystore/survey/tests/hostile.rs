//! Files that somebody made to cost time, memory or a panic.

use const_oid::ObjectIdentifier;
use der::Encode;

use super::*;

const SEQUENCE: u8 = 0x30;
const OCTETS: u8 = 0x04;
const INTEGER: u8 = 0x02;
const EXPLICIT_0: u8 = 0xA0;

/// An element of DER.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let octets: Vec<u8> = length.into_iter().skip_while(|octet| *octet == 0).collect();
    let length = match octets.as_slice() {
        [] => vec![0],
        [short @ 0..=0x7F] => vec![*short],
        long => [&[0x80 | u8::try_from(long.len()).unwrap()], long].concat(),
    };
    [&[tag], length.as_slice(), &content].concat()
}

fn seq(parts: &[&[u8]]) -> Vec<u8> {
    tlv(SEQUENCE, parts)
}

fn oid(text: &str) -> Vec<u8> {
    ObjectIdentifier::new_unwrap(text).to_der().unwrap()
}

/// Integers that count something, and that no program should believe.
fn numbers() -> Vec<Vec<u8>> {
    let numbers: [&[u8]; 9] = [
        &[0],
        &[0x4C, 0x4B, 0x41],
        &[0x7F, 0xFF, 0xFF, 0xFF],
        &[0, 0x80, 0, 0, 0],
        &[0, 0xFF, 0xFF, 0xFF, 0xFF],
        &[0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        &[1, 0, 0, 0, 0, 0, 0, 0, 0],
        &[0xFF],
        &[],
    ];
    numbers.iter().map(|number| tlv(INTEGER, &[number])).collect()
}

fn data(octets: &[u8]) -> Vec<u8> {
    seq(&[&oid("1.2.840.113549.1.7.1"), &tlv(EXPLICIT_0, &[&tlv(OCTETS, &[octets])])])
}

fn pfx(contents: &[Vec<u8>], mac: &[u8]) -> Vec<u8> {
    let safe = seq(&contents.iter().map(Vec::as_slice).collect::<Vec<_>>());
    seq(&[&[2, 1, 3], &data(&safe), mac])
}

fn encrypted(algorithm: &[u8]) -> Vec<u8> {
    let info = seq(&[&oid("1.2.840.113549.1.7.1"), algorithm, &tlv(0x80, &[&[7; 32]])]);
    seq(&[&oid("1.2.840.113549.1.7.6"), &tlv(EXPLICIT_0, &[&seq(&[&[2, 1, 0], &info])])])
}

fn bag(kind: u32, value: &[u8], attributes: &[u8]) -> Vec<u8> {
    let attributes = if attributes.is_empty() { Vec::new() } else { tlv(0x31, &[attributes]) };
    seq(&[&oid(&format!("1.2.840.113549.1.12.10.1.{kind}")), &tlv(EXPLICIT_0, &[value]), &attributes])
}

fn key(algorithm: &[u8]) -> Vec<u8> {
    bag(2, &seq(&[algorithm, &tlv(OCTETS, &[&[7; 32]])]), &[])
}

fn name(units: &[u8]) -> Vec<u8> {
    seq(&[&oid("1.2.840.113549.1.9.20"), &tlv(0x31, &[&tlv(0x1E, &[units])])])
}

fn pbkdf2(salt: &[u8], iterations: &[u8], key_length: &[u8]) -> Vec<u8> {
    let prf = seq(&[&oid("1.2.840.113549.2.9"), &[5, 0]]);
    seq(&[&oid("1.2.840.113549.1.5.12"), &seq(&[&tlv(OCTETS, &[salt]), iterations, key_length, &prf])])
}

fn pbes2(salt: &[u8], iterations: &[u8], key_length: &[u8], iv: &[u8]) -> Vec<u8> {
    let cipher = seq(&[&oid("2.16.840.1.101.3.4.1.42"), &tlv(OCTETS, &[iv])]);
    seq(&[&oid("1.2.840.113549.1.5.13"), &seq(&[&pbkdf2(salt, iterations, key_length), &cipher])])
}

fn pbes1(iterations: &[u8]) -> Vec<u8> {
    seq(&[&oid("1.2.840.113549.1.12.1.6"), &seq(&[&tlv(OCTETS, &[&[7; 8]]), iterations])])
}

fn mac(salt: &[u8], iterations: &[u8]) -> Vec<u8> {
    let info = seq(&[&seq(&[&oid("2.16.840.1.101.3.4.2.1"), &[5, 0]]), &tlv(OCTETS, &[&[7; 32]])]);
    seq(&[&info, &tlv(OCTETS, &[salt]), iterations])
}

fn pbmac1(iterations: &[u8], key_length: &[u8], value: &[u8]) -> Vec<u8> {
    let hmac = seq(&[&oid("1.2.840.113549.2.9"), &[5, 0]]);
    let parameters = seq(&[&pbkdf2(&[7; 8], iterations, key_length), &hmac]);
    let info = seq(&[&seq(&[&oid("1.2.840.113549.1.5.14"), &parameters]), &tlv(OCTETS, &[value])]);
    seq(&[&info, &tlv(OCTETS, &[&[7; 8]]), &[2, 1, 1]])
}

const TEN: &[u8] = &[2, 1, 10];

fn pkcs12_with_numbers() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for number in numbers() {
        files.push(pfx(&[], &mac(&[7; 8], &number)));
        files.push(pfx(&[], &pbmac1(&number, &[2, 1, 32], &[7; 32])));
        files.push(pfx(&[], &pbmac1(TEN, &number, &[7; 32])));
        files.push(pfx(&[encrypted(&pbes2(&[7; 8], &number, &[], &[7; 16]))], &[]));
        files.push(pfx(&[encrypted(&pbes2(&[7; 8], TEN, &number, &[7; 16]))], &[]));
        files.push(pfx(&[encrypted(&pbes1(&number))], &[]));
        files.push(pfx(&[data(&seq(&[&key(&pbes2(&[7; 8], &number, &[], &[7; 16]))]))], &[]));
        files.push(pfx(&[data(&seq(&[&key(&pbes1(&number))]))], &[]));
    }
    files
}

fn pkcs12_with_lengths() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for length in [0, 1, 7, 8, 15, 17, 1025] {
        files.push(pfx(&[encrypted(&pbes2(&[7; 8], TEN, &[], &vec![7; length]))], &[]));
        files.push(pfx(&[encrypted(&pbes2(&vec![7; length], TEN, &[], &[7; 16]))], &[]));
        files.push(pfx(&[], &mac(&vec![7; length], TEN)));
        files.push(pfx(&[], &pbmac1(TEN, &[2, 1, 32], &vec![7; length])));
    }
    for length in [1, 19, 65, 127] {
        files.push(pfx(&[], &pbmac1(TEN, &[2, 1, length], &[7; 32])));
    }
    for head in [[0x84, 0xFF, 0xFF, 0xFF, 0xFF], [0x84, 0x7F, 0xFF, 0xFF, 0xFF], [0x80, 2, 1, 3, 0], [0x88, 2, 1, 3, 0]]
    {
        files.push([&[SEQUENCE], head.as_slice(), &[2, 1, 3]].concat());
        files.push([&[SEQUENCE, 0x0C, 2, 1, 3, SEQUENCE], head.as_slice(), &[6, 1, 42]].concat());
    }
    files
}

fn pkcs12_with_structures() -> Vec<Vec<u8>> {
    let deep = (0..10_000).fold(seq(&[]), |inner, _| seq(&[&inner]));
    let deep_bags = (0..1_000).fold(seq(&[]), |inner, _| seq(&[&bag(6, &inner, &[])]));
    let many = |one: &[u8], count: usize| one.repeat(count);
    let long = vec![0x41; 100_000];
    let (first, second) = (certificate("a", "b"), certificate("b", "a"));
    let certificate_bag = |der: &[u8], attributes: &[u8]| {
        let value = seq(&[&oid("1.2.840.113549.1.9.22.1"), &tlv(EXPLICIT_0, &[&tlv(OCTETS, &[der])])]);
        bag(3, &value, attributes)
    };
    let id = seq(&[&oid("1.2.840.113549.1.9.21"), &tlv(0x31, &[&tlv(OCTETS, &[b"1"])])]);
    let shrouded = bag(2, &seq(&[&pbes2(&[7; 8], TEN, &[], &[7; 16]), &tlv(OCTETS, &[&[7; 32]])]), &id);
    let cycle = seq(&[&shrouded, &certificate_bag(&first, &id), &certificate_bag(&second, &[])]);
    let shared = seq(&[&many(&shrouded, 3_000), &certificate_bag(&first, &id), &certificate_bag(&second, &[])]);
    let lists = [
        deep_bags,
        seq(&[&many(&bag(4, &seq(&[]), &[]), 10_001)]),
        seq(&[&bag(3, &deep, &[])]),
        seq(&[&bag(1, &deep, &[])]),
        seq(&[&bag(4, &seq(&[]), &name(&long))]),
        seq(&[&bag(4, &seq(&[]), &name(&[0x41]))]),
        seq(&[&bag(4, &seq(&[]), &many(&name(&[0xD8, 0]), 1_000))]),
        seq(&[&many(&bag(4, &seq(&[]), &name(&long[..60_000])), 40)]),
        seq(&[&many(&certificate_bag(&deep, &[]), 100)]),
        seq(&[&many(&key(&deep), 10)]),
        cycle,
        shared,
        deep.clone(),
        vec![],
    ];
    let mut files: Vec<Vec<u8>> = lists.iter().map(|list| pfx(&[data(list)], &[])).collect();
    files.push(pfx(&[encrypted(&deep)], &[]));
    files.push(pfx(&vec![data(&seq(&[])); 10_001], &[]));
    files.push(pfx(&vec![encrypted(&pbes1(&[2, 3, 0x1E, 0x84, 0x80])); 100], &[]));
    files.push(pfx(&[], &deep));
    files.push(deep);
    files
}

/// A certificate of nobody, with nothing but its names.
fn certificate(subject: &str, issuer: &str) -> Vec<u8> {
    let name = |text: &str| seq(&[&tlv(0x31, &[&seq(&[&oid("2.5.4.3"), &tlv(0x0C, &[text.as_bytes()])])])]);
    let algorithm = seq(&[&oid("1.2.840.10045.4.3.2")]);
    let time = tlv(0x17, &[b"250101000000Z"]);
    let bits = tlv(0x03, &[&[0, 4]]);
    let key = seq(&[&algorithm, &bits]);
    let body = seq(&[&[2, 1, 1], &algorithm, &name(issuer), &seq(&[&time, &time]), &name(subject), &key]);
    seq(&[&body, &algorithm, &bits])
}

const COUNTS: [u32; 6] = [1, 0xFFFF, 0x00FF_FFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF];

/// A store with these bytes behind its version.
fn java_store(magic: u32, version: u32, rest: &[&[u8]]) -> Vec<u8> {
    [magic.to_be_bytes().as_slice(), &version.to_be_bytes(), &rest.concat(), &[7; 20]].concat()
}

fn java_stores() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    let zeros = vec![0; 60_000];
    let (one, date) = ([0, 0, 0, 1], [0; 8]);
    for magic in [0xFEED_FEED, 0xCECE_CECE] {
        for version in [0, 3, 0x7FFF_FFFF, 0xFFFF_FFFF] {
            files.push(java_store(magic, version, &[&[0; 4]]));
        }
        for count in COUNTS.map(u32::to_be_bytes) {
            files.push(java_store(magic, 2, &[&count]));
            files.push(java_store(magic, 1, &[&count, &zeros]));
            files.push(java_store(magic, 2, &[&one, &count, &[0, 1, b'a'], &date]));
            files.push(java_store(magic, 2, &[&one, &one, &[0, 1, b'a'], &date, &count]));
            files.push(java_store(magic, 2, &[&one, &one, &[0, 1, b'a'], &date, &[0; 4], &count]));
            files.push(java_store(magic, 1, &[&one, &one, &[0, 1, b'a'], &date, &[0; 4], &count, &zeros]));
            files.push(java_store(magic, 2, &[&one, &[0, 0, 0, 2], &[0, 1, b'a'], &date, b"\0\x05X.509", &count]));
        }
        let empty = [[0, 0, 0, 2].as_slice(), &[0, 0], &date, &[0; 4]].concat();
        files.push(java_store(magic, 1, &[&10_001_u32.to_be_bytes(), &empty.repeat(10_001)]));
        files.push(java_store(magic, 1, &[&10_000_u32.to_be_bytes(), &empty.repeat(10_000)]));
        files.push(java_store(magic, 2, &[&one, &one, &[0xFF, 0xFF], &vec![b'a'; 0xFFFF], &date]));
        for number in numbers() {
            let parameters = seq(&[&tlv(OCTETS, &[&[1, 2, 3, 4, 5, 6, 7, 8]]), &number]);
            let algorithm = seq(&[&oid("1.3.6.1.4.1.42.2.19.1"), &parameters]);
            let key = seq(&[&algorithm, &tlv(OCTETS, &[&[7; 32]])]);
            let length = u32::try_from(key.len()).unwrap().to_be_bytes();
            files.push(java_store(magic, 2, &[&one, &one, &[0, 1, b'a'], &date, &length, &key, &[0; 4]]));
        }
    }
    files
}

fn secret_keys() -> Vec<Vec<u8>> {
    let class = |name: &[u8], fields: &[u8], parent: &[u8]| {
        let length = u16::try_from(name.len()).unwrap().to_be_bytes();
        [&[0x72], length.as_slice(), name, &[0; 8], &[2], fields, &[0x78], parent].concat()
    };
    let none: &[u8] = &[0, 0];
    let null: &[u8] = &[0x70];
    let array = |size: u32| [&[0x75], class(b"[B", none, null).as_slice(), &size.to_be_bytes()].concat();
    let itself = [&[0, 1, b'L', 0, 1, b'x'], [0x71, 0, 0x7E, 0, 0].as_slice()].concat();
    let objects = [
        vec![],
        vec![0x70],
        vec![0x73; 60_000],
        array(0x7FFF_FFFF),
        array(0xFFFF_FFFF),
        array(0),
        vec![0x71, 0, 0x7E, 0, 0],
        vec![0x71, 0xFF, 0xFF, 0xFF, 0xFF],
        vec![0x74, 0xFF, 0xFF],
        [&[0x73], class(b"a", &[0xFF, 0xFF], null).as_slice()].concat(),
        [&[0x73], class(b"a", &itself, null).as_slice(), &[0x73, 0x71, 0, 0x7E, 0, 0].repeat(10_000)].concat(),
        [&[0x73], class(b"a", none, &[0x71, 0, 0x7E, 0, 0]).as_slice()].concat(),
        (0..10_000).fold(vec![0x73], |bytes, _| [bytes.as_slice(), &class(b"a", none, &[])].concat()),
        [&[0x73], class(b"a", &[0, 1, b'Q', 0, 0], null).as_slice()].concat(),
        [&[0x73, 0x7D], [0xFF; 100].as_slice()].concat(),
    ];
    let head = [[0, 0, 0, 2].as_slice(), &[0, 0, 0, 3], &[0, 1, b'a'], &[0; 8]].concat();
    let file = |object: &Vec<u8>| java_store(0xCECE_CECE, 2, &[&head, &[0xAC, 0xED, 0, 5], object, &[0; 60]]);
    objects.iter().map(file).collect()
}

#[test]
fn hostile_files_end_in_a_survey_or_an_error() {
    let mut files = pkcs12_with_numbers();
    files.extend(pkcs12_with_lengths());
    files.extend(pkcs12_with_structures());
    files.extend(java_stores());
    files.extend(secret_keys());
    assert!(files.len() >= 100, "{}", files.len());
    let mut refused = 0;
    for (at, bytes) in files.iter().enumerate() {
        for survey in [closed(bytes), open(bytes)] {
            match survey {
                Ok(survey) => assert_ne!(*survey.integrity(), Integrity::Checked, "{at}: {survey:?}"),
                Err(error) => {
                    assert!(!error.to_string().is_empty());
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > files.len() / 2, "{refused} of {}", files.len());
}

#[test]
fn a_short_key_of_pbmac1_checks_nothing() {
    for length in [0, 1, 19, 65, 127] {
        let survey = open(&pfx(&[], &pbmac1(TEN, &[2, 1, length], &[7; 32]))).unwrap();
        let Integrity::Unsupported(reason) = survey.integrity() else { panic!("{length}: {survey:?}") };
        assert!(reason.contains("less than 20 or more than 64"), "{reason}");
        assert_eq!(survey.limits(), [ReaderLimit::Pbmac1]);
    }
    let missing = open(&pfx(&[], &pbmac1(TEN, &[], &[7; 32]))).unwrap();
    assert!(matches!(missing.integrity(), Integrity::Unsupported(_)));
    assert_eq!(open(&pfx(&[], &pbmac1(TEN, &[2, 1, 20], &[7; 32]))).unwrap_err(), SurveyError::WrongPasswordOrDamaged);
}

#[test]
fn too_much_work_is_said_and_the_rest_is_shown() {
    let millions = [2, 4, 0x7F, 0xFF, 0xFF, 0xFF];
    let plain = data(&seq(&[&bag(1, KEY, &[])]));
    let costly = encrypted(&pbes2(&[7; 8], &millions, &[], &[7; 16]));
    let survey = open(&pfx(&[costly, plain], &mac(&[7; 8], &millions))).unwrap();
    assert_eq!(*survey.integrity(), Integrity::TooMuchWork(0x7FFF_FFFF));
    assert_eq!(survey.closed()[0].reason, ClosedReason::TooMuchWork(0x7FFF_FFFF));
    assert_eq!(survey.unseen().len(), 1);
    let what = |what| ReaderLimit::JavaIterations { what, iterations: 0x7FFF_FFFF };
    assert!(survey.limits().contains(&what(Protected::Whole)) && survey.limits().contains(&what(Protected::Content)));
}

/// Returns a JKS store of so many keys, each under an alias of its own, none of which opens.
fn many_keys(count: u32) -> Vec<u8> {
    let key = seq(&[&seq(&[&oid("1.3.6.1.4.1.42.2.17.1.1"), &[5, 0]]), &tlv(OCTETS, &[&[7; 60]])]);
    let length = u32::try_from(key.len()).unwrap().to_be_bytes();
    let entry = |at: u32| {
        let alias = format!("{}{at:05}", "a".repeat(90));
        let alias_length = u16::try_from(alias.len()).unwrap().to_be_bytes();
        let head = [&[0, 0, 0, 1], alias_length.as_slice(), alias.as_bytes(), &[0; 8]].concat();
        [&head, length.as_slice(), &key, &[0; 4]].concat()
    };
    java_store(0xFEED_FEED, 2, &[&count.to_be_bytes(), &(0..count).flat_map(entry).collect::<Vec<_>>()])
}

/// Each has a limit, a protection and an alias that no other has, and none of them is to be looked for in a list.
#[test]
fn many_distinct_keys_take_no_longer_than_their_bytes() {
    let bags: Vec<u8> = (0..9_000_u32)
        .flat_map(|at| {
            let iterations = (0x7F00_0000 + at).to_be_bytes();
            let value =
                seq(&[&pbes2(&[7; 8], &tlv(INTEGER, &[&iterations]), &[], &[7; 16]), &tlv(OCTETS, &[&[7; 32]])]);
            let alias: Vec<u8> = format!("{at:05}").bytes().flat_map(|byte| [0, byte]).collect();
            let id = seq(&[&oid("1.2.840.113549.1.9.21"), &tlv(0x31, &[&tlv(OCTETS, &[&at.to_be_bytes()])])]);
            bag(2, &value, &[name(&alias), id].concat())
        })
        .collect();
    let survey = open(&pfx(&[data(&seq(&[&bags]))], &[])).unwrap();
    let of_keys = survey.limits().iter().filter(|limit| matches!(limit, ReaderLimit::JavaIterations { .. })).count();
    assert_eq!((survey.entries().len(), survey.protections().len(), of_keys), (9_000, 9_000, 9_000));
    assert_eq!(survey.colliding_aliases().len(), 0);
    let survey = closed(&many_keys(9_000)).unwrap();
    assert_eq!((survey.entries().len(), survey.protections().len()), (9_000, 9_001));
}
