//! Stores of all kinds to all formats and back: nothing is lost that is not said.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use time::OffsetDateTime;
use time::macros::datetime;

use super::*;
use crate::kafka::pem_store::{PemKeyStore, PemTrustStore};
use crate::keystore::{Entry, EntryContent, KeyState, KeyStore, PrivateKeyEntry, Protected, ReaderLimit, StoreSurvey};
use crate::pki::{DecodedCertificate, KeyPair, PrivateKeyError};
use crate::random::SystemRandom;
use crate::secret::Password;
use crate::spec::{KeyAlgorithm, PemKey, Pkcs12Profile};

const NOW: OffsetDateTime = datetime!(2026-11-29 12:00 UTC);

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn password(text: &str) -> Password {
    Password::new(text.to_owned().into()).unwrap()
}

fn new_password() -> Password {
    password("a new password")
}

fn store(name: &str, text: &str) -> Source {
    Source::of_store(&fixture(name), Some(&password(text)), None).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn take(source: Source, choices: &[&str]) -> Selection {
    let choices: Vec<String> = choices.iter().map(|choice| (*choice).to_owned()).collect();
    source.select(&choices, NOW).unwrap()
}

fn refused(source: Source, choices: &[&str]) -> Vec<SelectionError> {
    let choices: Vec<String> = choices.iter().map(|choice| (*choice).to_owned()).collect();
    source.select(&choices, NOW).unwrap_err()
}

fn parts(files: &[&str]) -> Source {
    let files: Vec<Vec<u8>> = files.iter().map(|file| fixture(file)).collect();
    let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
    Source::of_parts(&files, None).unwrap()
}

/// What an entry holds: its key if it is one, and its certificates.
type Content = (Option<Vec<u8>>, Vec<Vec<u8>>);

fn contents(selection: &Selection) -> BTreeMap<String, Content> {
    let entries = selection.store.entries().iter().map(|entry| {
        let content = match &entry.content {
            EntryContent::PrivateKey(key) => (Some(key.key.to_vec()), key.chain.clone()),
            EntryContent::TrustedCertificate(der) => (None, vec![der.clone()]),
        };
        (entry.alias.as_str().to_owned(), content)
    });
    entries.collect()
}

fn dates(selection: &Selection, of_keys: bool) -> Vec<OffsetDateTime> {
    let is_key = |entry: &&Entry| matches!(entry.content, EntryContent::PrivateKey(_));
    selection.store.entries().iter().filter(|entry| is_key(entry) == of_keys).map(|entry| entry.created).collect()
}

fn again(bytes: &[u8]) -> Selection {
    take(Source::of_store(bytes, Some(&new_password()), None).unwrap(), &[])
}

/// Each in another format, with what has to be left alone.
fn samples() -> Vec<(&'static str, Selection)> {
    let store = |name, choices: &[&str]| (name, take(store(name, "storepass"), choices));
    let keyless = ["caroot", "broker1", "client"];
    vec![
        store("pkcs12/jdk17.p12", &keyless),
        store("pkcs12/jdk25.p12", &keyless),
        store("pkcs12/jdk-legacy.p12", &keyless),
        store("pkcs12/openssl.p12", &[]),
        store("pkcs12/openssl-legacy.p12", &[]),
        store("pkcs12/openssl-noname.p12", &[]),
        store("pkcs12/openssl-nomac.p12", &[]),
        store("pkcs12/openssl-plain.p12", &[]),
        store("pkcs12/openssl-sha512.p12", &[]),
        store("pkcs12/openssl-nokeys.p12", &[]),
        store("jks/keytool.jks", &["broker1", "caroot", "zertifizierungsstelle-ü"]),
        store("jks/keytool.jceks", &["broker1", "caroot"]),
        ("openssl-pkcs12.pem", take(parts(&["certificates_foreign/openssl-pkcs12.pem"]), &[])),
        ("openssl-chain.pem", take(parts(&["certificates_foreign/openssl-chain.pem"]), &[])),
    ]
}

#[test]
fn every_store_goes_into_every_store_and_back() {
    let (first, second) = (new_password(), password("the password of the keys"));
    for (name, selection) in samples() {
        let expected = contents(&selection);
        assert!(!expected.is_empty(), "{name}");
        let jks = selection.to_jks(&first, &second, &SystemRandom).unwrap();
        let of_jks = Source::of_store(&jks.bytes, Some(&first), Some(&second)).unwrap();
        let of_jks = take(of_jks, &[]);
        assert_eq!(contents(&of_jks), expected, "{name}");
        assert_eq!([dates(&of_jks, true), dates(&of_jks, false)], [true, false].map(|keys| dates(&selection, keys)));
        for profile in [Pkcs12Profile::Modern, Pkcs12Profile::Legacy] {
            let written = of_jks.to_pkcs12(profile, &first, &SystemRandom).unwrap();
            let back = again(&written.bytes);
            assert_eq!(contents(&back), expected, "{name} {profile}");
            assert_eq!(dates(&back, true), dates(&selection, true), "{name} {profile}");
            let trusted = dates(&of_jks, false).len();
            assert_eq!(written.remarks, Vec::from_iter((trusted > 0).then_some(Remark::Dates(trusted))), "{name}");
        }
    }
}

#[test]
fn keys_keep_their_dates_in_any_order() {
    let file = fixture("jks/keytool.jks");
    let source = Source::of_store(&file, Some(&password("storepass")), Some(&password("clientpass"))).unwrap();
    let selection = take(source, &["client", "broker1"]);
    let expected = dates(&selection, true);
    assert!(expected[0] > expected[1], "{expected:?}");
    let written = selection.to_pkcs12(Pkcs12Profile::Modern, &new_password(), &SystemRandom).unwrap();
    assert_eq!(dates(&again(&written.bytes), true), expected);
    // Java takes the same date of two keys for one key.
    let mut made = KeyStore::new();
    for (alias, text) in [("one", "go-ec-p256-pkcs8.pem"), ("two", "go-ec-p384-pkcs8.pem"), ("three", "go-ed25519.pem")]
    {
        let key = crate::pki::read_private_key(&fixture(&format!("keys_foreign/{text}")), None).unwrap();
        let key = PrivateKeyEntry { key: key.key.to_pkcs8().unwrap(), chain: Vec::new() };
        let content = EntryContent::PrivateKey(key);
        made.add(Entry { alias: alias.parse().unwrap(), created: NOW, content }).unwrap();
    }
    let back = again(&made.to_pkcs12(&new_password(), &SystemRandom).unwrap());
    let milliseconds: Vec<i128> = dates(&back, true).iter().map(|date| (*date - NOW).whole_milliseconds()).collect();
    assert_eq!(milliseconds, [0, 1, 2]);
}

#[test]
fn the_profile_for_old_readers_has_nothing_that_they_do_not_know() {
    let selection = take(store("pkcs12/jdk17.p12", "storepass"), &["broker1", "client", "caroot"]);
    let written = selection.to_pkcs12(Pkcs12Profile::Legacy, &new_password(), &SystemRandom).unwrap();
    let survey = StoreSurvey::read(&written.bytes, Some(&new_password()), None).unwrap();
    let mut seen = 0;
    for protection in survey.protections() {
        let expected = if protection.what == Protected::Whole { "HMAC-SHA1" } else { "PBES1 with SHA-1 and 3DES" };
        assert_eq!((protection.algorithm.as_str(), protection.iterations), (expected, Some(10_000)));
        seen += 1;
    }
    assert_eq!(seen, 4);
    assert_eq!(survey.limits(), [ReaderLimit::JavaWithoutPassword]);
    // Parts under one salt would have one key and one IV.
    let modern = selection.to_pkcs12(Pkcs12Profile::Modern, &new_password(), &SystemRandom).unwrap();
    assert!(modern.limits.contains(&ReaderLimit::OldJava) && !written.limits.contains(&ReaderLimit::OldJava));
}

#[test]
fn an_entry_is_named_and_renamed_in_any_case() {
    let source = || store("pkcs12/jdk17.p12", "storepass");
    let selection = take(source(), &["Broker1=Kafka", "caroot"]);
    let names: Vec<(&str, &str)> =
        selection.taken().iter().map(|taken| (taken.from.as_str(), taken.alias.as_str())).collect();
    assert_eq!(names, [("broker1", "kafka"), ("caroot", "caroot")]);
    assert_eq!(refused(source(), &["nobody"]).len(), 1);
    assert_eq!(refused(source(), &["broker1", "BROKER1=x"]), [SelectionError::Twice("BROKER1=x".to_owned())]);
    assert_eq!(
        refused(source(), &["broker1=one", "client=ONE"]),
        [SelectionError::Collision(vec!["broker1".to_owned(), "client".to_owned()])]
    );
    assert!(matches!(refused(source(), &["broker1= "]).as_slice(), [SelectionError::Alias(..)]));
}

#[test]
fn an_alias_may_have_an_equals_sign() {
    let mut made = KeyStore::new();
    for alias in ["a=b", "a", "b"] {
        let content = EntryContent::TrustedCertificate(fixture("pkcs12/ca.der"));
        made.add(Entry { alias: alias.parse().unwrap(), created: NOW, content }).unwrap();
    }
    let bytes = made.to_jks(&new_password(), &new_password(), &SystemRandom).unwrap();
    let names = |choice: &str| {
        let source = Source::of_store(&bytes, Some(&new_password()), None).unwrap();
        let taken = take(source, &[choice]).taken().to_vec();
        (taken[0].from.clone(), taken[0].alias.as_str().to_owned())
    };
    assert_eq!(names("a=b"), ("a=b".to_owned(), "a=b".to_owned()));
    assert_eq!(names("a=c"), ("a".to_owned(), "c".to_owned()));
    assert_eq!(names("a=b=c"), ("a".to_owned(), "b=c".to_owned()));
}

#[test]
fn symmetric_keys_are_refused_with_the_names_of_the_others() {
    let errors = refused(store("pkcs12/jdk17.p12", "storepass"), &[]);
    let [SelectionError::SecretKey(secret, others)] = errors.as_slice() else { panic!("{errors:?}") };
    assert_eq!(secret, &["secret"]);
    let mut others = others.clone();
    others.sort();
    assert_eq!(others, ["broker1", "caroot", "client"]);
    assert!(matches!(refused(store("jks/keytool.jceks", "storepass"), &["mac"])[..], [SelectionError::SecretKey(..)]));
}

#[test]
fn keys_open_with_their_own_password_or_the_stores() {
    let file = fixture("jks/keytool.jks");
    let errors = refused(Source::of_store(&file, Some(&password("storepass")), None).unwrap(), &[]);
    assert_eq!(errors, [SelectionError::KeyClosed("client".to_owned(), KeyState::WrongPassword)]);
    let source = Source::of_store(&file, Some(&password("storepass")), Some(&password("clientpass"))).unwrap();
    let selection = take(source, &[]);
    assert_eq!(selection.taken().len(), 4);
    assert!(matches!(selection.key_password_remark(), Some(Remark::KeyPassword(aliases)) if aliases.len() == 2));
    assert_eq!(take(store("jks/keytool.jks", "storepass"), &["broker1"]).key_password_remark(), None);
}

#[test]
fn aliases_of_java_that_others_cannot_have_are_refused() {
    let file = fixture("jks/unicode.jks");
    let (store, key) = (password("päss-€-🔒"), password("schlüssel-🔑"));
    let source = || Source::of_store(&file, Some(&store), Some(&key)).unwrap();
    let errors = refused(source(), &[]);
    // A key, and a NUL; halves of characters are Java's alone.
    assert_eq!(errors.iter().filter(|error| matches!(error, SelectionError::Alias(..))).count(), 2, "{errors:?}");
    let half =
        source().entries.iter().map(|entry| entry.alias.clone()).find(|alias| alias.contains("\\u{d83d}")).unwrap();
    let selection = take(source(), &["🔑 key=key", &half]);
    // What an error names can be typed.
    let is_nul = |error: &SelectionError| matches!(error, SelectionError::Alias(alias, _) if alias.contains('\0'));
    let Some(SelectionError::Alias(nul, _)) = errors.iter().find(|error| is_nul(error)) else { panic!("{errors:?}") };
    let renamed = take(source(), &[&format!("{}=new", crate::name::printable(nul))]);
    assert_eq!(renamed.taken()[0].from, *nul);
    let jks = selection.to_jks(&new_password(), &new_password(), &SystemRandom).unwrap();
    assert_eq!(contents(&again(&jks.bytes)), contents(&selection));
    let error = selection.to_pkcs12(Pkcs12Profile::Modern, &new_password(), &SystemRandom).unwrap_err();
    assert!(matches!(error, StoreMisfit::Alias(_)), "{error}");
}

#[test]
fn aliases_that_are_one_in_lower_case_are_refused_until_they_are_renamed() {
    let ca = fixture("pkcs12/ca.der");
    let entry = |alias: &str| crate::keystore::jks::JksEntry {
        alias: alias.to_owned(),
        created_ms: 0,
        content: crate::keystore::jks::JksContent::TrustedCertificate(ca.clone()),
    };
    let bytes = crate::keystore::jks::Jks { entries: vec![entry("Ä"), entry("ä")] }.encode("storepass").unwrap();
    let source = || Source::of_store(&bytes, Some(&password("storepass")), None).unwrap();
    assert_eq!(refused(source(), &[]), [SelectionError::Collision(vec!["Ä".to_owned(), "ä".to_owned()])]);
    let selection = take(source(), &["Ä=upper", "ä"]);
    assert_eq!(contents(&selection).into_keys().collect::<Vec<_>>(), ["upper", "ä"]);
}

#[test]
fn files_of_pem_are_put_together() {
    let files = ["keys_foreign/go-rsa-pkcs8.pem", "certificates_foreign/openssl-chain.pem"];
    // The certificate is for another key: nothing is taken for what it is not.
    let selection = take(parts(&files), &[]);
    assert_eq!(selection.taken().len(), 1);
    assert_eq!(selection.taken()[0].chain_length, Some(0));
    let unmarked = selection.remarks().iter().filter(|remark| matches!(remark, Remark::Unmarked(..))).count();
    assert_eq!(unmarked, 2);
    let golden = ["golden/rsa/broker.key", "golden/rsa/broker.cert-signed", "golden/rsa/ca-cert"];
    let selection = take(parts(&golden), &[]);
    let [taken] = selection.taken() else { panic!("{selection:?}") };
    assert_eq!((taken.chain_length, selection.remarks()), (Some(2), [].as_slice()));
    // What is in the chain can be trusted too, if somebody says so.
    let names: Vec<String> = parts(&golden).entries.iter().map(|entry| entry.alias.clone()).collect();
    let [key, ca] = names.as_slice() else { panic!("{names:?}") };
    let both = take(parts(&golden), &[key, ca]);
    assert_eq!(both.taken().iter().map(|taken| taken.chain_length).collect::<Vec<_>>(), [Some(2), None]);
}

#[test]
fn keys_of_other_forms_become_pkcs8() {
    for file in ["go-rsa-pkcs1.pem", "go-ec-p384-sec1.pem", "openssl-ec-p521-sec1.pem", "java-25-ec-p384-version-2.pem"]
    {
        let selection = take(parts(&[&format!("keys_foreign/{file}")]), &[]);
        let file = selection.part(Part::Key, &[Part::Key], Form::Pem(None), &SystemRandom).unwrap();
        assert!(file.is_secret && file.bytes.starts_with(b"-----BEGIN PRIVATE KEY-----\n"));
        assert!(crate::pki::read_private_key(&file.bytes, None).is_ok());
    }
    // What this program would not use is somebody's key all the same.
    for file in ["openssl-rsa-1024.pem", "openssl-dsa.pem", "openssl-secp256k1.pem", "openssl-ed448.pem"] {
        let selection = take(parts(&[&format!("keys_foreign/{file}")]), &[]);
        assert!(selection.part(Part::Key, &[Part::Key], Form::Der, &SystemRandom).unwrap().is_secret, "{file}");
    }
    let encrypted = fixture("keys_foreign/openssl-rsa-traditional-encrypted.pem");
    let error = Source::of_parts(&[&encrypted], Some(&new_password())).unwrap_err();
    assert_eq!(error, (0, SourceError::Key(PrivateKeyError::LegacyEncryption)));
}

#[test]
fn an_encrypted_key_wants_its_password() {
    let file = fixture("keys_foreign/openssl-rsa-pbes2.pem");
    let read = |text: Option<&str>| Source::of_parts(&[&file], text.map(password).as_ref());
    assert_eq!(read(None).unwrap_err(), (0, SourceError::Key(PrivateKeyError::NoPassword)));
    assert_eq!(read(Some("another")).unwrap_err(), (0, SourceError::Key(PrivateKeyError::WrongPassword)));
    assert_eq!(take(read(Some("test1234")).unwrap(), &[]).taken().len(), 1);
}

#[test]
fn kafka_reads_the_pem_that_is_written() {
    let selection = take(store("pkcs12/jdk17.p12", "storepass"), &["broker1", "caroot"]);
    let expected = contents(&selection);
    for how in [PemKey::Plain, PemKey::Pbes2, PemKey::Pbes1] {
        let key_password = password("under a password");
        let form = Form::pem(how, Some(&key_password));
        let file = selection.part(Part::All, &[Part::All], form, &SystemRandom).unwrap();
        let given = (how != PemKey::Plain).then_some(key_password.expose());
        let read = PemKeyStore::read(&file.bytes, &file.bytes, given).unwrap();
        assert_eq!((Some(read.key.as_pkcs8().to_vec()), read.chain), expected["broker1"]);
        assert_eq!(file.remarks, [Remark::TrustIsNotSaid("caroot".to_owned())]);
        // With its alias, it comes back as it was.
        let back = Source::of_parts(&[&file.bytes], Some(&key_password)).unwrap();
        assert_eq!(contents(&take(back, &[]))["broker1"], expected["broker1"]);
    }
    let trusted = take(store("pkcs12/jdk17.p12", "storepass"), &["caroot=ca of all"]);
    let file = trusted.part(Part::All, &[Part::All], Form::Pem(None), &SystemRandom).unwrap();
    assert!(!file.is_secret);
    assert_eq!(PemTrustStore::read(&file.bytes).unwrap().certificates, expected["caroot"].1);
    assert_eq!(contents(&take(Source::of_parts(&[&file.bytes], None).unwrap(), &[])), contents(&trusted));
}

#[test]
fn a_name_that_looks_like_pem_is_not_written() {
    for alias in ["x-----begin private key-----", "a:b", "--", "ends "] {
        let selection = take(store("pkcs12/jdk17.p12", "storepass"), &[&format!("caroot={alias}")]);
        let file = selection.part(Part::All, &[Part::All], Form::Pem(None), &SystemRandom).unwrap();
        assert!(file.bytes.starts_with(b"-----BEGIN CERTIFICATE-----\n"), "{alias}");
        assert_eq!(file.remarks, [Remark::Names(vec![alias.to_owned()])]);
    }
}

#[test]
fn what_one_file_cannot_hold_is_refused() {
    let both = take(store("pkcs12/jdk17.p12", "storepass"), &["broker1", "client", "caroot"]);
    let part = |selection: &Selection, part, form: Form<'_>| selection.part(part, &[part], form, &SystemRandom);
    for part_of in [Part::All, Part::Certificates, Part::Key] {
        assert!(matches!(part(&both, part_of, Form::Pem(None)), Err(PartError::SeveralKeys(keys)) if keys.len() == 2));
    }
    // The CA is not in the chain of a certificate that has signed itself.
    let beside = take(store("pkcs12/jdk17.p12", "storepass"), &["client", "caroot"]);
    assert!(matches!(part(&beside, Part::All, Form::Pem(None)), Err(PartError::TrustedBesideKey(..))));
    let parts = [Part::All, Part::Trusted];
    assert!(beside.part(Part::All, &parts, Form::Pem(None), &SystemRandom).is_ok());
    assert!(matches!(part(&beside, Part::All, Form::Der), Err(PartError::SeveralThings(_))));
    let trusted = take(store("pkcs12/jdk17.p12", "storepass"), &["caroot"]);
    assert!(matches!(part(&trusted, Part::Key, Form::Der), Err(PartError::NoKey)));
    assert_eq!(*part(&trusted, Part::All, Form::Der).unwrap().bytes, contents(&trusted)["caroot"].1[0]);
    let key = take(parts_of_key(), &[]);
    assert!(matches!(part(&key, Part::All, Form::Pem(None)), Err(PartError::NoCertificate(_))));
    assert!(matches!(part(&key, Part::Trusted, Form::Pem(None)), Err(PartError::NoTrusted)));
    for error in [
        key.to_jks(&new_password(), &new_password(), &SystemRandom).unwrap_err(),
        key.to_pkcs12(Pkcs12Profile::Modern, &new_password(), &SystemRandom).unwrap_err(),
    ] {
        assert!(matches!(error, StoreMisfit::KeyWithoutCertificate(_)), "{error}");
    }
}

fn parts_of_key() -> Source {
    parts(&["keys_foreign/go-ec-p256-pkcs8.pem"])
}

#[test]
fn der_says_what_of_a_chain_it_leaves_out() {
    let selection = take(store("pkcs12/openssl.p12", "storepass"), &[]);
    let remarks = |parts: &[Part]| selection.part(Part::Certificates, parts, Form::Der, &SystemRandom).unwrap().remarks;
    assert_eq!(remarks(&[Part::Certificates]), [Remark::RestOfChain("broker1".to_owned(), 1)]);
    assert_eq!(remarks(&[Part::Certificates, Part::Trusted]), []);
    let trusted = selection.part(Part::Trusted, &[Part::Trusted], Form::Der, &SystemRandom).unwrap();
    assert_eq!(trusted.remarks, [Remark::TrustedOfChain("broker1".to_owned())]);
    assert_eq!(*trusted.bytes, fixture("pkcs12/ca.der"));
}

#[test]
fn what_openssl_does_not_mark_is_trusted_only_if_there_is_nothing_else() {
    let selection = take(store("pkcs12/openssl-nokeys.p12", "storepass"), &[]);
    assert_eq!(selection.taken().len(), 2);
    assert!(matches!(selection.remarks(), [Remark::TrustedNow(aliases)] if aliases.len() == 2));
    assert!(!selection.is_of_java());
    let plain = take(store("pkcs12/openssl-plain.p12", "storepass"), &[]);
    assert_eq!(plain.taken().iter().map(|taken| taken.chain_length).collect::<Vec<_>>(), [Some(2)]);
    let nomac = take(store("pkcs12/openssl-nomac.p12", "storepass"), &[]);
    assert!(matches!(nomac.remarks(), [Remark::Unchecked(_)]));
}

#[test]
fn a_key_that_is_not_its_certificates_is_refused() {
    let key = KeyPair::generate(KeyAlgorithm::EcP256).unwrap().to_pkcs8().unwrap();
    let mut made = KeyStore::new();
    let content = EntryContent::PrivateKey(PrivateKeyEntry { key, chain: vec![fixture("pkcs12/broker1.der")] });
    made.add(Entry { alias: "broker1".parse().unwrap(), created: NOW, content }).unwrap();
    let bytes = made.to_pkcs12(&new_password(), &SystemRandom).unwrap();
    let errors = refused(Source::of_store(&bytes, Some(&new_password()), None).unwrap(), &[]);
    assert_eq!(errors, [SelectionError::KeyMismatch("broker1".to_owned())]);
}

#[test]
fn a_chain_that_java_would_find_longer_is_said() {
    let mut made = KeyStore::new();
    let ca = EntryContent::TrustedCertificate(fixture("pkcs12/ca.der"));
    made.add(Entry { alias: "ca".parse().unwrap(), created: NOW, content: ca }).unwrap();
    let key = crate::pki::read_private_key(&fixture("pkcs12/broker1.key.der"), None).unwrap().key.to_pkcs8().unwrap();
    let content = EntryContent::PrivateKey(PrivateKeyEntry { key, chain: vec![fixture("pkcs12/broker1.der")] });
    made.add(Entry { alias: "broker1".parse().unwrap(), created: NOW, content }).unwrap();
    let jks = made.to_jks(&new_password(), &new_password(), &SystemRandom).unwrap();
    let written = again(&jks).to_pkcs12(Pkcs12Profile::Modern, &new_password(), &SystemRandom).unwrap();
    assert!(written.remarks.contains(&Remark::LongerChain("broker1".to_owned(), 1)), "{:?}", written.remarks);
}

#[test]
fn stores_that_stay_closed_are_refused() {
    let p12 = fixture("pkcs12/jdk17.p12");
    let error = Source::of_store(&p12, Some(&new_password()), None).unwrap_err();
    assert!(matches!(error, SourceError::Store(crate::keystore::SurveyError::WrongPasswordOrDamaged)), "{error}");
    assert!(matches!(Source::of_store(&p12, None, None), Err(SourceError::Closed(_))));
    assert!(!Source::is_open(&p12) && Source::is_open(&fixture("golden/rsa/broker.truststore.jks")));
    let open = Source::of_store(&fixture("golden/rsa/broker.truststore.jks"), None, None).unwrap();
    assert!(matches!(take(open, &[]).remarks(), [Remark::Unchecked(_)]));
    assert_eq!(Source::of_parts(&[b"nothing", &p12], None).unwrap_err().0, 0);
    let pem = fixture("golden/rsa/ca-cert");
    assert_eq!(Source::of_parts(&[&pem, &p12], None).unwrap_err(), (1, SourceError::StoreAmongOthers));
}

#[test]
fn readers_are_told_for_what_is_written() {
    let notes = |readers: &[Reader], program: &str| {
        let reader = readers.iter().find(|reader| reader.program == program).unwrap().clone();
        (reader.reads, reader.note.unwrap_or_default())
    };
    let rsa = take(store("pkcs12/jdk17.p12", "storepass"), &["broker1"]);
    let key_password = new_password();
    let readers = |pem_key| {
        let form = Form::pem(pem_key, Some(&key_password));
        rsa.part(Part::All, &[Part::All], form, &SystemRandom).unwrap().readers
    };
    assert!(notes(&readers(PemKey::Plain), "Go").0);
    assert_eq!(notes(&readers(PemKey::Pbes2), "Kafka").1, "since 2.7, ssl.keystore.type=PEM, on Java 21 and later");
    assert_eq!(notes(&readers(PemKey::Pbes1), "Kafka").1, "since 2.7, ssl.keystore.type=PEM, on Java 11 and later");
    assert!(!notes(&readers(PemKey::Pbes1), "rustls").0);
    let ed25519 = Source::of_store(&fixture("golden/ed25519/broker.keystore.jks"), None, None);
    assert!(ed25519.is_ok());
    let selection = take(parts(&["golden/ed25519/broker.key", "golden/ed25519/broker.cert-signed"]), &[]);
    for part in [Part::All, Part::Key] {
        let file = selection.part(part, &[part], Form::Pem(None), &SystemRandom).unwrap();
        assert!(!notes(&file.readers, "Kafka").0 && notes(&file.readers, "OpenSSL 3").0);
    }
    let p12 = selection.to_pkcs12(Pkcs12Profile::Legacy, &new_password(), &SystemRandom).unwrap();
    assert_eq!(notes(&p12.readers, "Java").1, "since 15, the first that knows Ed25519");
    let several = take(store("pkcs12/jdk17.p12", "storepass"), &["broker1", "client"]);
    let p12 = several.to_pkcs12(Pkcs12Profile::Modern, &new_password(), &SystemRandom).unwrap();
    assert_eq!(notes(&p12.readers, "Node").1, "pfx; one key of the 2");
}

#[test]
fn no_key_is_shown() {
    let selection = take(store("pkcs12/jdk17.p12", "storepass"), &["broker1", "client"]);
    let key = contents(&selection)["broker1"].0.clone().unwrap();
    let file = selection.part(Part::Key, &[Part::Key], Form::Der, &SystemRandom);
    assert!(file.is_err());
    let source = store("pkcs12/openssl-plain.p12", "storepass");
    let shown = format!("{selection:?}{source:?}{:?}", refused(store("jks/keytool.jks", "storepass"), &[]));
    let bytes: Vec<String> = key[key.len() - 8..].iter().map(u8::to_string).collect();
    assert!(!shown.contains(&bytes.join(", ")));
    // Not because of what a release of zeroize shows.
    let file = take(parts(&["pkcs12/broker1.key.der"]), &[]).part(Part::Key, &[], Form::Der, &SystemRandom).unwrap();
    assert_eq!(format!("{file:?}"), format!("PartFile({} bytes, [])", file.bytes.len()));
    let written = selection.to_jks(&new_password(), &new_password(), &SystemRandom).unwrap();
    assert!(format!("{written:?}").starts_with("Written("), "{written:?}");
}

#[test]
fn so_many_loose_keys_are_put_together_and_no_more() {
    let keys = |count: usize| (0..count).map(|_| loose::LooseKey::open(None, &[])).collect::<Vec<_>>();
    let assembled = |count| loose::assemble(keys(count), Vec::new(), &[], false).map(|entries| entries.len());
    assert_eq!(assembled(100), Ok(100));
    assert_eq!(assembled(101), Err(SourceError::TooMany));
}

#[test]
fn many_aliases_make_no_long_sentence() {
    let aliases: Vec<String> = (0..5000).map(|at| format!("alias{at}")).collect();
    let error = SelectionError::Collision(aliases[..20].to_vec()).to_string();
    assert!(error.starts_with("`alias0`, ") && error.contains("`alias19` would"), "{error}");
    let error = SelectionError::Collision(aliases).to_string();
    assert!(error.contains("`alias19` and 4980 more would"), "{error}");
}

#[test]
fn what_is_left_out_many_times_is_said_once() {
    let ca = fixture("pkcs12/ca.der");
    let text = |text: &str| [&u16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat();
    let number = |number: u32| number.to_be_bytes().to_vec();
    let length = u32::try_from(ca.len()).unwrap();
    let entry = [number(2), text("same"), vec![0; 8], text("X.509"), number(length), ca].concat();
    let jks = [number(0xFEED_FEED), number(2), number(4), entry.repeat(4), vec![0; 20]].concat();
    let selection = take(Source::of_store(&jks, None, None).unwrap(), &[]);
    let left_out: Vec<String> = selection.remarks().iter().map(ToString::to_string).collect();
    let said = left_out.iter().filter(|text| text.starts_with("left out: ")).collect::<Vec<_>>();
    assert!(matches!(said.as_slice(), [one] if one.ends_with(", 3 times")), "{left_out:?}");
}

#[test]
fn what_is_no_certificate_is_refused() {
    let mut made = KeyStore::new();
    let content = EntryContent::TrustedCertificate(vec![0x30, 0]);
    made.add(Entry { alias: "a".parse().unwrap(), created: NOW, content }).unwrap();
    let bytes = made.to_jks(&new_password(), &new_password(), &SystemRandom).unwrap();
    let errors = refused(Source::of_store(&bytes, Some(&new_password()), None).unwrap(), &[]);
    assert_eq!(errors, [SelectionError::Certificate("a".to_owned())]);
}

#[test]
fn a_chain_whose_signature_is_wrong_is_refused() {
    let renewed = fixture("pkcs12/renewed.der");
    let certificate = DecodedCertificate::from_der(&renewed).unwrap();
    let mut other = renewed.clone();
    *other.last_mut().unwrap() ^= 1;
    assert_eq!(DecodedCertificate::from_der(&other).unwrap().subject, certificate.subject);
    let pem = |label: &str, der: &[u8]| pem_rfc7468::encode_string(label, pem_rfc7468::LineEnding::LF, der).unwrap();
    let key = crate::pki::read_private_key(&fixture("pkcs12/renewed.key.der"), None).unwrap().key.to_pkcs8().unwrap();
    let file = pem("PRIVATE KEY", &key) + &pem("CERTIFICATE", &other) + &pem("CERTIFICATE", &fixture("pkcs12/ca.der"));
    assert!(matches!(Source::of_parts(&[file.as_bytes()], None), Err((0, SourceError::Chain(_)))));
}
