//! The codec as a whole, on stores that Java wrote.

use super::digest::store_digest;
use super::*;

const KEYTOOL: Fixture = Fixture {
    bytes: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/jks/keytool.jks")),
    password: "storepass",
};
const UNICODE: Fixture = Fixture {
    bytes: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/jks/unicode.jks")),
    password: "päss-€-🔒",
};
/// A trusted certificate `30 00` under `a`, of the first millisecond of 1970, in a store under `pä🔑`: made by a
/// script apart from this code.
const TINY: Fixture = Fixture {
    bytes: b"\xfe\xed\xfe\xed\x00\x00\x00\x02\x00\x00\x00\x01\
        \x00\x00\x00\x02\x00\x01a\x00\x00\x00\x00\x00\x00\x00\x01\x00\x05X.509\x00\x00\x00\x02\x30\x00\
        \x1e\x14\xdf\xd7\xfe\x93\xb1\xad\x8c\x18\x8f\x48\x53\xb7\xe2\x4e\xc5\x77\x07\x9a",
    password: "pä🔑",
};

struct Fixture {
    bytes: &'static [u8],
    password: &'static str,
}

impl Fixture {
    fn decode(&self) -> Jks {
        Jks::decode(self.bytes, Some(self.password)).unwrap()
    }
}

/// Puts the digest behind a body.
fn store(body: &[u8], password: &str) -> Vec<u8> {
    [body, &store_digest(password, body)].concat()
}

fn body(store: &[u8]) -> &[u8] {
    &store[..store.len() - 20]
}

fn entry(alias: &str) -> JksEntry {
    let content = JksContent::TrustedCertificate(vec![0x30, 0x00]);
    JksEntry { alias: alias.to_owned(), created_ms: 1, content }
}

fn find<'a>(store: &'a Jks, alias: &str) -> &'a JksContent {
    &store.entries.iter().find(|entry| entry.alias == alias).unwrap().content
}

#[test]
fn store_of_keytool_is_read() {
    let store = KEYTOOL.decode();
    assert_eq!(store.entries.len(), 4);
    let year_2020 = 1_577_836_800_000;
    assert!(store.entries.iter().all(|entry| entry.created_ms > year_2020));

    let JksContent::TrustedCertificate(ca) = find(&store, "caroot") else { panic!() };
    assert_eq!(find(&store, "zertifizierungsstelle-ü"), find(&store, "caroot"));
    let JksContent::PrivateKey { key, chain } = find(&store, "broker1") else { panic!() };
    assert_eq!(chain.len(), 2);
    assert_eq!(&chain[1], ca);
    assert_eq!(key.open("storepass").unwrap()[..2], [0x30, 0x82]);

    let JksContent::PrivateKey { key, chain } = find(&store, "client") else { panic!() };
    assert_eq!(chain.len(), 1);
    assert_eq!(key.open("storepass"), Err(JksError::WrongKeyPassword));
    assert_eq!(key.open("clientpass").unwrap()[0], 0x30);
}

#[test]
fn unicode_of_java_is_read() {
    let store = UNICODE.decode();
    let mut aliases: Vec<&str> = store.entries.iter().map(|entry| entry.alias.as_str()).collect();
    aliases.sort_unstable();
    let expected = ["\\u{5c}u{d83d} is text", "nul\0", "unpaired \\u{d83d} high", "unpaired \\u{dd11} low", "🔑 key"];
    assert_eq!(aliases, expected);

    let JksContent::PrivateKey { key, .. } = find(&store, "🔑 key") else { panic!() };
    let JksContent::PrivateKey { key: same, .. } = find(&KEYTOOL.decode(), "client").clone() else { panic!() };
    assert_eq!(key.open("schlüssel-🔑"), same.open("clientpass"));
}

#[test]
fn tiny_store_is_read() {
    assert_eq!(TINY.decode(), Jks { entries: vec![entry("a")] });
}

#[test]
fn what_is_decoded_is_encoded_to_the_same_bytes() {
    for fixture in [KEYTOOL, UNICODE, TINY] {
        assert_eq!(fixture.decode().encode(fixture.password).unwrap(), fixture.bytes);
    }
}

#[test]
fn new_password_leaves_the_entries_alone() {
    let changed = KEYTOOL.decode().encode("another").unwrap();
    assert_eq!(body(&changed), body(KEYTOOL.bytes));
    assert_eq!(Jks::decode(&changed, Some("storepass")), Err(JksError::WrongPasswordOrDamaged));
    assert_eq!(Jks::decode(&changed, Some("another")), Ok(KEYTOOL.decode()));
}

#[test]
fn digest_is_checked_only_with_a_password() {
    assert_eq!(Jks::decode(KEYTOOL.bytes, None), Ok(KEYTOOL.decode()));
    for password in ["", "Storepass", "storepass ", "päss-€-🔒"] {
        assert_eq!(Jks::decode(KEYTOOL.bytes, Some(password)), Err(JksError::WrongPasswordOrDamaged));
    }
}

#[test]
fn digest_is_checked_before_the_structure() {
    let malformed = store(&[0xFE, 0xED, 0xFE, 0xED, 0xFF], "changeit");
    assert!(matches!(Jks::decode(&malformed, Some("changeit")), Err(JksError::Malformed { .. })));
    assert_eq!(Jks::decode(&malformed, Some("sesame")), Err(JksError::WrongPasswordOrDamaged));
}

#[test]
fn every_prefix_is_an_error() {
    for fixture in [KEYTOOL, UNICODE, TINY] {
        for end in 0..fixture.bytes.len() {
            let prefix = &fixture.bytes[..end];
            assert!(Jks::decode(prefix, Some(fixture.password)).is_err(), "{end}");
            assert!(Jks::decode(prefix, None).is_err(), "{end}");
        }
        for end in 0..body(fixture.bytes).len() {
            let resealed = store(&fixture.bytes[..end], fixture.password);
            assert!(Jks::decode(&resealed, Some(fixture.password)).is_err(), "{end}");
        }
    }
}

#[test]
fn no_bit_flip_decodes() {
    for fixture in [KEYTOOL, UNICODE, TINY] {
        for bit in 0..fixture.bytes.len() * 8 {
            let mut flipped = fixture.bytes.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(Jks::decode(&flipped, Some(fixture.password)).is_err(), "{bit}");
        }
    }
}

#[test]
fn what_decodes_without_digest_is_encoded_to_the_same_body() {
    for fixture in [UNICODE, TINY] {
        for bit in 64..body(fixture.bytes).len() * 8 {
            let mut flipped = fixture.bytes.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(decoded) = Jks::decode(&flipped, None) {
                assert_eq!(body(&decoded.encode("changeit").unwrap()), body(&flipped), "{bit}");
            }
        }
    }
}

#[test]
fn version_1_is_read_and_version_2_written() {
    let mut version_1 = Vec::new();
    let mut rest = body(KEYTOOL.bytes);
    while let Some((first, tail)) = rest.split_first() {
        if let Some(behind_type) = rest.strip_prefix(&CERTIFICATE_TYPE) {
            rest = behind_type;
        } else {
            version_1.push(*first);
            rest = tail;
        }
    }
    assert_eq!(body(KEYTOOL.bytes).len() - version_1.len(), 5 * CERTIFICATE_TYPE.len());
    version_1[7] = 1;

    let decoded = Jks::decode(&store(&version_1, "storepass"), Some("storepass")).unwrap();
    assert_eq!(decoded, KEYTOOL.decode());
    assert_eq!(decoded.encode("storepass").unwrap(), KEYTOOL.bytes);
}

#[test]
fn smallest_entry_is_read() {
    let mut body = b"\xfe\xed\xfe\xed\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x02".to_vec();
    body.extend_from_slice(&[0; 2 + 8 + 4]);
    let content = JksContent::TrustedCertificate(Vec::new());
    let expected = Jks { entries: vec![JksEntry { alias: String::new(), created_ms: 0, content }] };
    assert_eq!(Jks::decode(&store(&body, ""), Some("")), Ok(expected));
}

#[test]
fn malformed_store_is_refused() {
    let head = b"\xfe\xed\xfe\xed\x00\x00\x00\x02";
    let tiny = body(TINY.bytes);
    let patched = |at: usize, bytes: &[u8]| {
        let mut body = tiny.to_vec();
        body[at..at + bytes.len()].copy_from_slice(bytes);
        body
    };
    let key = b"\xfe\xed\xfe\xed\x00\x00\x00\x02\x00\x00\x00\x01\
        \x00\x00\x00\x01\x00\x01a\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01\x30";
    let cases = [
        (patched(0, &[0xCE, 0xCE, 0xCE, 0xCE]), "not a JKS store"),
        (head[..7].to_vec(), "malformed version at byte 4: cut short"),
        (patched(4, &[0, 0, 0, 0]), "JKS version 0 is neither 1 nor 2"),
        (patched(4, &[0, 0, 0, 3]), "JKS version 3 is neither 1 nor 2"),
        (head.to_vec(), "malformed number of entries at byte 8: cut short"),
        (patched(8, &[0xFF; 4]), "malformed number of entries at byte 8: count is negative"),
        (
            patched(8, &[0x7F, 0xFF, 0xFF, 0xFF]),
            "malformed number of entries at byte 8: more than what is left can hold",
        ),
        (patched(8, &[0, 0, 0, 2]), "malformed number of entries at byte 8: more than what is left can hold"),
        (patched(8, &[0, 0, 0, 0]), "malformed last entry at byte 12: followed by more bytes"),
        (patched(12, &[0, 0, 0, 0]), "malformed entry tag at byte 12: neither private key nor trusted certificate"),
        // JCEKS has secret keys.
        (patched(12, &[0, 0, 0, 3]), "malformed entry tag at byte 12: neither private key nor trusted certificate"),
        (patched(16, &[0xFF; 2]), "malformed alias at byte 16: longer than what is left"),
        (patched(18, &[0]), "malformed alias at byte 16: not in modified UTF-8"),
        (patched(29, b"Y"), "malformed certificate type at byte 27: not `X.509`"),
        (patched(28, &[6]), "malformed certificate type at byte 27: not `X.509`"),
        (patched(34, &[0xFF; 4]), "malformed certificate at byte 34: length is negative"),
        (patched(34, &[0x7F, 0xFF, 0xFF, 0xFF]), "malformed certificate at byte 34: longer than what is left"),
        (patched(34, &[0, 0, 0, 1]), "malformed last entry at byte 39: followed by more bytes"),
        ([tiny, &[0]].concat(), "malformed last entry at byte 40: followed by more bytes"),
        (key.to_vec(), "malformed number of certificates at byte 32: cut short"),
        ([&key[..], &[0xFF; 4]].concat(), "malformed number of certificates at byte 32: count is negative"),
        (
            [&key[..], &[0, 0, 0, 1]].concat(),
            "malformed number of certificates at byte 32: more than what is left can hold",
        ),
    ];
    for (body, message) in cases {
        let bytes = store(&body, "changeit");
        assert_eq!(Jks::decode(&bytes, Some("changeit")).unwrap_err().to_string(), message);
        assert_eq!(Jks::decode(&bytes, None).unwrap_err().to_string(), message);
    }
    let short = Jks::decode(&[0xFE, 0xED, 0xFE, 0xED, 0], None).unwrap_err();
    assert_eq!(short.to_string(), "malformed store at byte 0: too short for its digest");
}

#[test]
fn key_without_chain_is_read_and_written() {
    let key = ProtectedKey::seal(b"key", "changeit", [7; 20]).unwrap();
    let content = JksContent::PrivateKey { key, chain: Vec::new() };
    let store = Jks { entries: vec![JksEntry { alias: String::new(), created_ms: i64::MIN, content }] };
    assert_eq!(Jks::decode(&store.encode("").unwrap(), Some("")), Ok(store));
}

#[test]
fn same_alias_twice_is_refused() {
    let store = Jks { entries: vec![entry("a"), entry("b"), entry("a")] };
    let refusal = JksError::DuplicateAlias { alias: "a".to_owned() };
    assert_eq!(store.encode("changeit"), Err(refusal.clone()));

    let mut bytes = Jks { entries: vec![entry("a"), entry("b")] }.encode("changeit").unwrap();
    let b = bytes.iter().rposition(|byte| *byte == b'b').unwrap();
    bytes[b] = b'a';
    assert_eq!(Jks::decode(&bytes, None), Err(refusal));
}

#[test]
fn alias_that_the_format_cannot_hold_is_refused() {
    let encode = |alias: &str| Jks { entries: vec![entry(alias)] }.encode("changeit");
    let longest = "€".repeat(21_845);
    assert!(encode(&longest).is_ok());
    let alias = longest + "a";
    assert_eq!(encode(&alias), Err(JksError::AliasTooLong { alias, length: 65_536 }));
    let alias = "\\u{61}".to_owned();
    assert_eq!(encode(&alias), Err(JksError::InvalidAlias { alias }));
}

#[test]
fn error_shows_no_control_character() {
    let alias = "\x1b[31m\u{202e}".to_owned();
    let messages = [
        (JksError::DuplicateAlias { alias: alias.clone() }, "two entries have the alias `\\u{1b}[31m\\u{202e}`"),
        (
            JksError::InvalidAlias { alias: alias.clone() },
            "alias `\\u{1b}[31m\\u{202e}` has a `\\u{…}` that is no unpaired surrogate",
        ),
        (
            JksError::AliasTooLong { alias, length: 65_536 },
            "alias `\\u{1b}[31m\\u{202e}…` takes 65536 bytes, the most is 65535",
        ),
    ];
    for (error, message) in messages {
        assert_eq!(error.to_string(), message);
    }
}
