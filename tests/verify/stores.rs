//! Faults of stores, passwords, PEM files and reloads.

use aws_lc_rs::{digest, hmac, pbkdf2};
use kafka_certgen::keystore::EntryContent;
use kafka_certgen::keystore::jks::{Jks, JksContent, JksEntry, ProtectedKey};
use kafka_certgen::pbe::Scheme;
use kafka_certgen::pki::KeyEncryption;
use kafka_certgen::random::SystemRandom;

use crate::bench::{
    Bench, PASSWORD, both, ca, ca_draft, entry, fixture, key_entry, leaf, leaf_of, password, store, with, words,
};
use crate::certificate::{Ca, Draft, alt_names};
use crate::keys::Key;
use crate::{Fault, der};

pub(crate) fn faults() -> Vec<Fault> {
    [passwords(), contents(), aliases(), pkcs12(), pem(), reloads()].concat()
}

/// Returns a JKS store with a good key and the alias.
fn good_jks(store_password: &str, key_password: &str) -> Vec<u8> {
    let entries = vec![entry("broker1", key_entry(&leaf().key, vec![ca().sign(&leaf())]))];
    store(entries).to_jks(&password(store_password), &password(key_password), &SystemRandom).unwrap()
}

fn passwords() -> Vec<Fault> {
    vec![
        Fault::new("other store password", "store-password-wrong", |b| {
            b.good();
            b.write("k.jks.password", b"something else");
            both("k.jks", "t.jks")
        }),
        Fault::new("other password of PKCS#12", "store-password-wrong", |b| {
            b.good();
            b.write_pkcs12("k.p12", &good_store()).write("k.p12.password", b"something else");
            both("k.p12", "t.jks")
        }),
        Fault::new("key with a password of its own", "key-password-own", |b| {
            b.good();
            b.write_store("k.jks", &good_jks(PASSWORD, "another password"), PASSWORD);
            both("k.jks", "t.jks")
        }),
        Fault::new("key password that is said", "", |b| {
            b.good();
            b.write_store("k.jks", &good_jks(PASSWORD, "another password"), PASSWORD).write("key", b"another password");
            with(both("k.jks", "t.jks"), &["--keypass", "file:key"])
        }),
        Fault::new("other key password", "key-password-wrong", |b| {
            b.good();
            b.write_store("k.jks", &good_jks(PASSWORD, "another password"), PASSWORD).write("key", b"a third password");
            with(both("k.jks", "t.jks"), &["--keypass", "file:key"])
        }),
        Fault::new("key password that PKCS#12 has not", "key-password-wrong", |b| {
            b.good();
            b.write_pkcs12("k.p12", &good_store()).write("key", b"another password");
            with(both("k.p12", "t.jks"), &["--keypass", "file:key"])
        }),
        Fault::new("key password in PKCS#12", "key-password-pkcs12 store-without-mac", |b| {
            b.good();
            b.write_store("k.p12", &pfx(&[key_under("another password")], None), PASSWORD)
                .write("key", b"another password");
            with(both("k.p12", "t.jks"), &["--keypass", "file:key"])
        }),
        Fault::new("changeit", "password-well-known", |b| {
            b.good();
            b.write_store("k.jks", &good_jks("changeit", "changeit"), "changeit");
            both("k.jks", "t.jks")
        }),
        Fault::new("short", "password-short", |b| {
            b.good();
            b.write_store("k.jks", &good_jks("xk3,9_s", "xk3,9_s"), "xk3,9_s");
            both("k.jks", "t.jks")
        }),
    ]
}

fn good_store() -> kafka_certgen::keystore::KeyStore {
    store(vec![entry("broker1", key_entry(&leaf().key, vec![ca().sign(&leaf())]))])
}

fn trusted(alias: &str, certificate: Vec<u8>) -> kafka_certgen::keystore::Entry {
    entry(alias, EntryContent::TrustedCertificate(certificate))
}

fn contents() -> Vec<Fault> {
    vec![
        Fault::new("good PKCS#12", "", |b| {
            b.write_pkcs12("k.p12", &good_store());
            b.write_pkcs12("t.p12", &store(vec![trusted("ca", ca().certificate)]));
            both("k.p12", "t.p12")
        }),
        Fault::new("CA beside the key", "", |b| {
            b.good();
            let key = entry("broker1", key_entry(&leaf().key, vec![ca().sign(&leaf())]));
            b.write_jks("k.jks", &store(vec![trusted("caroot", ca().certificate), key]));
            both("k.jks", "t.jks")
        }),
        Fault::new("no store", "store-unreadable", |b| {
            b.good();
            b.write("k.jks", b"this is no store");
            both("k.jks", "t.jks")
        }),
        Fault::new("cut short", "store-unreadable", |b| {
            b.write_pkcs12("k.p12", &good_store());
            let bytes = b.read("k.p12");
            b.write("k.p12", &bytes[..bytes.len() - 100]);
            words(&["--keystore", "k.p12"])
        }),
        Fault::new("nothing trusted", "truststore-empty", |b| {
            b.good();
            b.write_jks("t.jks", &store(Vec::new()));
            both("k.jks", "t.jks")
        }),
        Fault::new("trusted by OpenSSL alone", "truststore-unmarked password-well-known", |b| {
            b.good();
            b.write_store("t.p12", &fixture("pkcs12/openssl-nokeys.p12"), "storepass");
            both("k.jks", "t.p12")
        }),
        Fault::new("no key", "keystore-without-key", |b| {
            b.good();
            b.write_jks("k.jks", &store(vec![trusted("ca", ca().certificate)]));
            both("k.jks", "t.jks")
        }),
        Fault::new("two keys", "keystore-several-keys", |b| {
            b.good();
            let other = leaf().but(|draft| draft.serial = vec![7; 16]);
            let keys = [("broker1", leaf()), ("broker2", other)];
            let entries = keys.map(|(alias, leaf)| entry(alias, key_entry(&leaf.key, vec![ca().sign(&leaf)])));
            b.write_jks("k.jks", &store(entries.into()));
            both("k.jks", "t.jks")
        }),
        Fault::new("key among what is trusted", "truststore-has-key", |b| {
            let der = ca().sign(&leaf());
            b.stores(&leaf().key, vec![der.clone()], &[]);
            let key = entry("broker1", key_entry(&leaf().key, vec![der]));
            b.write_jks("t.jks", &store(vec![trusted("ca", ca().certificate), key]));
            both("k.jks", "t.jks")
        }),
        Fault::new("leaf among what is trusted", "truststore-has-leaf", |b| {
            let der = ca().sign(&leaf());
            b.stores(&leaf().key, vec![der.clone()], &[]);
            b.write_jks("t.jks", &store(vec![trusted("ca", ca().certificate), trusted("b1", der)]));
            both("k.jks", "t.jks")
        }),
        Fault::new("no certificate", "certificate-unreadable", |b| {
            b.good();
            b.write_jks("t.jks", &store(vec![trusted("ca", ca().certificate), trusted("x", der::null())]));
            both("k.jks", "t.jks")
        }),
        Fault::new("unencrypted key", "store-key-unseen password-well-known", |b| {
            b.good();
            b.write_store("k.p12", &fixture("pkcs12/openssl-plain.p12"), "storepass");
            both("k.p12", "t.jks")
        }),
    ]
}

fn raw_key(alias: &str) -> JksEntry {
    let key = ProtectedKey::seal(&leaf().key.pkcs8, PASSWORD, [7; 20]).unwrap();
    let content = JksContent::PrivateKey { key, chain: vec![ca().sign(&leaf())] };
    JksEntry { alias: alias.to_owned(), created_ms: 0, content }
}

fn aliases() -> Vec<Fault> {
    vec![
        Fault::new("capitals", "alias-upper-case", |b| {
            b.good();
            b.write_raw_jks("k.jks", &Jks { entries: vec![raw_key("Broker1")] });
            both("k.jks", "t.jks")
        }),
        Fault::new("two in lower case", "alias-collision", |b| {
            b.good();
            let content = JksContent::TrustedCertificate(ca().certificate);
            let other = JksEntry { alias: "CA".to_owned(), created_ms: 0, content };
            let one = JksEntry { alias: "ca".to_owned(), ..other.clone() };
            b.write_raw_jks("t.jks", &Jks { entries: vec![one, other] });
            both("k.jks", "t.jks")
        }),
        Fault::new("JCEKS", "store-jceks", |b| {
            b.good();
            let bytes = b.read("t.jks");
            let content = [&[0xCE; 4], &bytes[4..bytes.len() - 20]].concat();
            let password: Vec<u8> = PASSWORD.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let digested = [password.as_slice(), b"Mighty Aphrodite", content.as_slice()].concat();
            let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &digested);
            b.write("t.jks", &[content.as_slice(), digest.as_ref()].concat());
            both("k.jks", "t.jks")
        }),
    ]
}

const DATA: &str = "1.2.840.113549.1.7.1";

/// Returns a PFX (RFC 7292 §4) with these parts and this MAC.
fn pfx(parts: &[Vec<u8>], mac: Option<Vec<u8>>) -> Vec<u8> {
    let safe = der::sequence(&[der::oid(DATA), der::element(0xA0, &der::octet_string(&der::sequence(parts)))]);
    der::sequence(&[der::integer(&[3]), safe, mac.unwrap_or_default()])
}

fn mac(algorithm: Vec<u8>, digest: &[u8], iterations: &[u8]) -> Vec<u8> {
    let digest = der::sequence(&[algorithm, der::octet_string(digest)]);
    der::sequence(&[digest, der::octet_string(&[2; 8]), der::integer(iterations)])
}

/// Returns an encrypted part (RFC 5652 §8) under PBES2 with 3DES, which Java has only in PBES1.
fn encrypted() -> Vec<u8> {
    let hmac = der::sequence(&[der::oid("1.2.840.113549.2.9"), der::null()]);
    let kdf = der::sequence(&[der::octet_string(&[2; 8]), der::integer(&[0x08, 0]), hmac]);
    let kdf = der::sequence(&[der::oid("1.2.840.113549.1.5.12"), kdf]);
    let cipher = der::sequence(&[der::oid("1.2.840.113549.3.7"), der::octet_string(&[3; 8])]);
    let algorithm = der::sequence(&[der::oid("1.2.840.113549.1.5.13"), der::sequence(&[kdf, cipher])]);
    let scheme = Scheme::from_algorithm(&::der::Decode::from_der(&algorithm).unwrap()).unwrap();
    let ciphertext = scheme.encrypt(&der::sequence(&[]), PASSWORD).unwrap();
    let content = der::sequence(&[der::oid(DATA), algorithm, der::element(0x80, &ciphertext)]);
    let data = der::sequence(&[der::integer(&[0]), content]);
    der::sequence(&[der::oid("1.2.840.113549.1.7.6"), der::element(0xA0, &data)])
}

/// Returns a part with a key under a password, and its certificate (RFC 7292 §4.2).
fn key_under(key_password: &str) -> Vec<u8> {
    let bag = |kind: &str, value: &[u8]| {
        let id = der::sequence(&[der::oid("1.2.840.113549.1.9.21"), der::element(0x31, &der::octet_string(&[1]))]);
        der::sequence(&[der::oid(kind), der::element(0xA0, value), der::element(0x31, &id)])
    };
    let key = KeyEncryption::Pbes2.encrypt(&leaf().key.pkcs8, &password(key_password), &SystemRandom).unwrap();
    let certificate = der::element(0xA0, &der::octet_string(&ca().sign(&leaf())));
    let certificate = der::sequence(&[der::oid("1.2.840.113549.1.9.22.1"), certificate]);
    let bags = [bag("1.2.840.113549.1.12.10.1.2", &key), bag("1.2.840.113549.1.12.10.1.3", &certificate)];
    der::sequence(&[der::oid(DATA), der::element(0xA0, &der::octet_string(&der::sequence(&bags)))])
}

/// Returns a MAC of PBMAC1 (RFC 9579) over no parts at all.
fn pbmac1() -> Vec<u8> {
    let hmac = || der::sequence(&[der::oid("1.2.840.113549.2.9"), der::null()]);
    let kdf = der::sequence(&[der::octet_string(&[2; 8]), der::integer(&[0x08, 0]), der::integer(&[32]), hmac()]);
    let kdf = der::sequence(&[der::oid("1.2.840.113549.1.5.12"), kdf]);
    let algorithm = der::sequence(&[der::oid("1.2.840.113549.1.5.14"), der::sequence(&[kdf, hmac()])]);
    let mut key = [0; 32];
    let count = std::num::NonZeroU32::new(2048).unwrap();
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, count, &[2; 8], PASSWORD.as_bytes(), &mut key);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &der::sequence(&[]));
    mac(algorithm, tag.as_ref(), &[1])
}

fn crafted(bench: &Bench, pfx: &[u8]) -> Vec<String> {
    bench.write_store("k.p12", pfx, PASSWORD);
    words(&["--keystore", "k.p12"])
}

fn pkcs12() -> Vec<Fault> {
    vec![
        // The certificates of the fixtures are of version 1, as the script's are.
        Fault::new(
            "RC2-40",
            "store-rc2 password-well-known ca-usage-missing certificate-version truststore-has-key usage-missing",
            |b| {
                b.write_store("t.p12", &fixture("pkcs12/jdk-legacy.p12"), "storepass");
                words(&["--truststore", "t.p12"])
            },
        ),
        Fault::new("PBMAC1", "store-pbmac1 keystore-without-key", |b| crafted(b, &pfx(&[], Some(pbmac1())))),
        Fault::new("iterations", "store-iterations keystore-without-key", |b| {
            let sha256 = der::sequence(&[der::oid("2.16.840.1.101.3.4.2.1"), der::null()]);
            crafted(b, &pfx(&[], Some(mac(sha256, &[1; 32], &[0x7F, 0xFF, 0xFF, 0xFF]))))
        }),
        Fault::new("unknown cipher", "store-java-refuses store-without-mac keystore-without-key", |b| {
            crafted(b, &pfx(&[encrypted()], None))
        }),
        Fault::new("no MAC", "store-without-mac keystore-without-key", |b| crafted(b, &pfx(&[], None))),
        Fault::new("password beyond ASCII", "password-not-ascii store-without-mac", |b| {
            let foreign = "p\u{e4}sswort geheim";
            b.good();
            b.write_store("k.p12", &pfx(&[key_under(foreign)], None), foreign);
            both("k.p12", "t.jks")
        }),
        Fault::new("password beyond ASCII that opens nothing", "keystore-without-key store-without-mac", |b| {
            b.write_store("k.p12", &pfx(&[], None), "p\u{e4}sswort geheim");
            words(&["--keystore", "k.p12"])
        }),
    ]
}

fn certificate_pem(der: &[u8]) -> String {
    pem::encode(&pem::Pem::new("CERTIFICATE", der.to_vec()))
}

/// Writes a PEM keystore, and what it trusts.
fn pem_pair(bench: &Bench, key: &str, leaf: &Draft) -> Vec<String> {
    let ca = ca();
    bench.write("k.pem", format!("{key}{}", certificate_pem(&ca.sign(leaf))).as_bytes());
    bench.write("t.pem", certificate_pem(&ca.certificate).as_bytes());
    both("k.pem", "t.pem")
}

fn pkcs8_pem() -> String {
    pem::encode(&pem::Pem::new("PRIVATE KEY", leaf().key.pkcs8))
}

/// Returns a key of the fixtures with a leaf for it.
fn foreign(bench: &Bench, file: &str) -> Vec<String> {
    let text = String::from_utf8(fixture(&format!("keys_foreign/{file}"))).unwrap();
    let read = kafka_certgen::pki::read_private_key(text.as_bytes(), Some(&password("test1234"))).ok();
    let key = match read {
        Some(read) => Key { info: read.key.public_key_info(), ..Key::rsa(256, &[1, 0, 1]) },
        None => Key::rsa(256, &[1, 0, 1]),
    };
    pem_pair(bench, &text, &crate::bench::leaf_with(&key, &ca()))
}

fn pem() -> Vec<Fault> {
    vec![
        Fault::new("good PEM", "", |b| pem_pair(b, &pkcs8_pem(), &leaf())),
        Fault::new("PKCS#1", "pem-key-format", |b| foreign(b, "openssl-rsa-pkcs1.pem")),
        Fault::new("SEC1", "pem-key-format", |b| foreign(b, "openssl-ec-p256-sec1.pem")),
        Fault::new("as before PKCS#8", "pem-key-format", |b| {
            b.write("key", b"test1234");
            with(foreign(b, "openssl-rsa-traditional-encrypted.pem"), &["--keypass", "file:key"])
        }),
        Fault::new("PBES2", "pem-key-pbes2", |b| {
            b.write("key", b"test1234");
            with(foreign(b, "openssl-rsa-pbes2.pem"), &["--keypass", "file:key"])
        }),
        Fault::new("encrypted, no password", "pem-key-encrypted", |b| foreign(b, "openssl-rsa-pbes2.pem")),
        Fault::new("encrypted, other password", "pem-key-password", |b| {
            b.write("key", b"test12345");
            with(foreign(b, "openssl-rsa-pbes2.pem"), &["--keypass", "file:key"])
        }),
        Fault::new("not encrypted, a password", "pem-key-not-encrypted", |b| {
            b.write("key", b"test1234");
            with(pem_pair(b, &pkcs8_pem(), &leaf()), &["--keypass", "file:key"])
        }),
        Fault::new("Ed25519", "pem-key-kind", |b| foreign(b, "openssl-ed25519.pem")),
        Fault::new("two keys in PEM", "pem-refused", |b| {
            pem_pair(b, &format!("{}{}", pkcs8_pem(), pkcs8_pem()), &leaf())
        }),
    ]
}

/// Writes new stores as `k.jks` and `t.jks`, and old ones beside them.
fn reload(bench: &Bench, old: Vec<kafka_certgen::keystore::Entry>, trusted: &[Vec<u8>]) -> Vec<String> {
    bench.write_jks("old.jks", &store(old)).trust("old-trust.jks", trusted);
    with(bench.good(), &["--against", "old.jks", "--against-truststore", "old-trust.jks"])
}

fn old_leaf(leaf: &Draft) -> Vec<kafka_certgen::keystore::Entry> {
    vec![entry("broker1", key_entry(&leaf.key, vec![ca().sign(leaf)]))]
}

fn reloads() -> Vec<Fault> {
    vec![
        Fault::new("the same again", "", |b| reload(b, old_leaf(&leaf()), &[ca().certificate])),
        Fault::new("subject in other letters", "", |b| {
            let old = leaf().but(|draft| draft.subject = der::name("CN=BROKER1,O=acme"));
            reload(b, old_leaf(&old), &[ca().certificate])
        }),
        Fault::new("fewer entries", "reload-entries", |b| {
            let mut old = old_leaf(&leaf());
            old.push(trusted("caroot", ca().certificate));
            reload(b, old, &[ca().certificate])
        }),
        Fault::new("other subject", "reload-subject", |b| {
            let old = leaf().but(|draft| draft.subject = der::name("CN=broker2,O=Acme"));
            reload(b, old_leaf(&old), &[ca().certificate])
        }),
        Fault::new("name lost", "reload-names", |b| {
            let old = leaf().with(alt_names(&["dns:broker1.example.com", "dns:old.example.com"]));
            reload(b, old_leaf(&old), &[ca().certificate])
        }),
        Fault::new("new CA at once", "reload-trust", |b| {
            let other = Ca::root(ca_draft("Another CA"));
            let leaf = leaf_of(&other);
            let old = vec![entry("broker1", key_entry(&leaf.key, vec![other.sign(&leaf)]))];
            reload(b, old, &[other.certificate])
        }),
        Fault::new("no keystore any more", "reload-store", |b| {
            let old = reload(b, old_leaf(&leaf()), &[ca().certificate]);
            old.into_iter().skip(2).collect()
        }),
    ]
}
