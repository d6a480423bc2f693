//! JKS stores: whatever is read is written again as the same bytes, a survey sees the same, and nothing panics.

#![no_main]

use kafka_certgen::keystore::jks::{Jks, JksContent, JksEntry, JksError, ProtectedKey};
use kafka_certgen::keystore::{Integrity, StoreSurvey, SurveyContent};
use kafka_certgen::secret::Password;
use libfuzzer_sys::fuzz_target;
use zeroize::Zeroizing;

/// The password of `tests/fixtures/jks/keytool.jks`.
const PASSWORD: &str = "storepass";
/// The length of the digest at the end of a store.
const DIGEST: usize = 20;

fuzz_target!(|bytes: &[u8]| {
    survey(bytes);
    let checked = Jks::decode(bytes, Some(PASSWORD));
    // Without a password, or a mutation would get no further than the digest.
    let unchecked = Jks::decode(bytes, None);
    if let Ok(store) = &checked {
        assert_eq!(checked, unchecked, "the digest changes what is read");
        assert!(is_version_1(bytes) || store.encode(PASSWORD).as_deref() == Ok(bytes));
    }
    if let Ok(store) = &unchecked {
        write_again(store, bytes);
        open_keys(store);
    }
    seal_and_open(bytes);
    write_alias(bytes);
});

/// What is surveyed as good is what is read, and without a password nothing is good. JCEKS comes in here too.
fn survey(bytes: &[u8]) {
    let password = Password::new(Zeroizing::new(PASSWORD.to_owned())).expect("this is a password");
    if let Ok(survey) = StoreSurvey::read(bytes, None, Some(&password)) {
        assert_ne!(*survey.integrity(), Integrity::Checked);
        drop((survey.remarks(), survey.colliding_aliases()));
    }
    let Ok(survey) = StoreSurvey::read(bytes, Some(&password), None) else { return };
    if let (Integrity::Checked, Ok(store)) = (survey.integrity(), Jks::decode(bytes, Some(PASSWORD))) {
        assert_eq!(survey.entries().len(), store.entries.len());
        for (seen, entry) in survey.entries().iter().zip(&store.entries) {
            assert_eq!(seen.alias, entry.alias);
            match (&seen.content, &entry.content) {
                (SurveyContent::PrivateKey { chain: seen, .. }, JksContent::PrivateKey { chain, .. }) => {
                    assert!(seen.iter().map(|der| &**der).eq(chain.iter().map(Vec::as_slice)));
                }
                (SurveyContent::TrustedCertificate(seen), JksContent::TrustedCertificate(der)) => {
                    assert_eq!(**seen, **der);
                }
                _ => panic!("another kind of entry"),
            }
        }
    }
}

fn is_version_1(bytes: &[u8]) -> bool {
    bytes[4..8] == [0, 0, 0, 1]
}

fn write_again(store: &Jks, bytes: &[u8]) {
    let written = store.encode(PASSWORD).expect("what was read can be written");
    assert_eq!(Jks::decode(&written, Some(PASSWORD)).as_ref(), Ok(store));
    if !is_version_1(bytes) {
        assert_eq!(written[..written.len() - DIGEST], bytes[..bytes.len() - DIGEST]);
    }
}

fn open_keys(store: &Jks) {
    for entry in &store.entries {
        if let JksContent::PrivateKey { key, .. } = &entry.content {
            // Its digest holds, so it was sealed by somebody who knew the password.
            if let Ok(plain) = key.open(PASSWORD) {
                let salt = [0; 20];
                let again = ProtectedKey::seal(&plain, PASSWORD, salt).expect("what was opened can be sealed");
                assert_eq!(again.open(PASSWORD).as_ref(), Ok(&plain));
            }
        }
    }
}

fn seal_and_open(bytes: &[u8]) {
    let (salt, key) = bytes.split_first_chunk().unwrap_or((&[0; 20], bytes));
    // What happens to a longer key has happened by then, and takes most of the time.
    let key = &key[..key.len().min(200)];
    let sealed = ProtectedKey::seal(key, PASSWORD, *salt).expect("a short key can be sealed");
    assert_eq!(sealed.open(PASSWORD).expect("what was sealed can be opened").as_slice(), key);
    assert_eq!(sealed.open("another"), Err(JksError::WrongKeyPassword));
}

/// The input as the alias of an entry.
fn write_alias(bytes: &[u8]) {
    let Ok(alias) = std::str::from_utf8(bytes) else { return };
    let content = JksContent::TrustedCertificate(Vec::new());
    let store = Jks { entries: vec![JksEntry { alias: alias.to_owned(), created_ms: 0, content }] };
    if let Ok(written) = store.encode(PASSWORD) {
        assert_eq!(Jks::decode(&written, Some(PASSWORD)), Ok(store));
    }
}
