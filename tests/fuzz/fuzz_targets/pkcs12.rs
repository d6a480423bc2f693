//! PKCS#12 stores: what is opened is written again as the same bytes, a change keeps the rest, a survey sees the same, and nothing panics.

#![no_main]

use kafka_certgen::keystore::{Entry, EntryContent, EntryKind, Integrity, StoreContent, StoreFile, StoreSurvey};
use kafka_certgen::name::Alias;
use kafka_certgen::random::{Random, RandomError};
use kafka_certgen::secret::Password;
use libfuzzer_sys::fuzz_target;
use zeroize::Zeroizing;

/// The password of `tests/fixtures/pkcs12`.
const PASSWORD: &str = "storepass";
const CERTIFICATE: &[u8] = include_bytes!("../../fixtures/pkcs12/ca.der");

/// The same bytes each time, so that a failure is found again.
struct Fixed;

impl Random for Fixed {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        out.fill(7);
        Ok(())
    }
}

/// What opens whole is surveyed as it is, and without a password nothing is good.
fn survey(bytes: &[u8], password: &Password) {
    if let Ok(survey) = StoreSurvey::read(bytes, None, None) {
        assert_ne!(*survey.integrity(), Integrity::Checked);
        drop((survey.remarks(), survey.colliding_aliases()));
    }
    let Ok(survey) = StoreSurvey::read(bytes, Some(password), None) else { return };
    if let Ok(store) = StoreFile::open(bytes, password) {
        assert_eq!(survey.entries().len(), store.entries().len());
        for (seen, entry) in survey.entries().iter().zip(store.entries()) {
            assert_eq!((seen.alias.as_str(), seen.content.kind()), (entry.alias, entry.content.kind()));
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let password = Password::new(Zeroizing::new(PASSWORD.to_owned())).expect("this is a password");
    survey(bytes, &password);
    let Ok(mut store) = StoreFile::open(bytes, &password) else { return };
    let Ok(before) = StoreFile::open(bytes, &password) else { panic!("it was open a moment ago") };
    drop(store.remarks());
    if bytes.first() == Some(&0x30) {
        assert_eq!(store.to_bytes(&Fixed).as_deref().ok(), Some(bytes));
    }

    let alias = Alias::ca_root();
    let content = EntryContent::TrustedCertificate(CERTIFICATE.to_vec());
    let entry = Entry { alias: alias.clone(), created: time::OffsetDateTime::UNIX_EPOCH, content };
    let is_added = store.add(entry, None, &Fixed).is_ok();
    let keys = before.entries().into_iter().filter(|entry| entry.content.kind() == EntryKind::PrivateKey);
    let key = keys.map(|entry| entry.alias.to_owned()).next();
    let is_replaced = key.as_ref().is_some_and(|key| store.replace_chain(key, vec![CERTIFICATE.to_vec()], &Fixed).is_ok());

    let written = store.to_bytes(&Fixed).expect("what was read can be written");
    let Ok(after) = StoreFile::open(&written, &password) else { panic!("what was written can be read") };
    assert_eq!(after.entries().len(), before.entries().len() + usize::from(is_added));
    for entry in before.entries().iter().filter(|entry| !(is_replaced && Some(entry.alias) == key.as_deref())) {
        let found = after.entry(entry.alias).expect("no entry is lost");
        assert_eq!(found.created, entry.created);
        match (&found.content, &entry.content) {
            // The issuer may have been added.
            (StoreContent::PrivateKey { chain: found }, StoreContent::PrivateKey { chain }) => {
                assert!(found.starts_with(chain));
            }
            (found, content) => assert_eq!(found, content),
        }
    }
    if let Some(key) = key.as_deref() {
        let opened = |store: &StoreFile| store.private_key(key, None).ok();
        assert!(opened(&before).is_none() || opened(&before) == opened(&after));
    }
});
