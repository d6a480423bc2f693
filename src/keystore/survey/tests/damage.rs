//! Our own stores, with every byte changed and at every length: nothing else passes as good.

use time::OffsetDateTime;

use super::*;
use crate::keystore::{Entry, EntryContent, KeyStore, PrivateKeyEntry};
use crate::random::SystemRandom;

/// An alias, an open key and certificates.
type Content = (String, Option<Vec<u8>>, Vec<Arc<[u8]>>);

/// What is in a store.
fn content(survey: &StoreSurvey) -> Vec<Content> {
    let certificates = |entry: &SurveyEntry| match &entry.content {
        SurveyContent::PrivateKey { chain, key: KeyState::Open(key) } => (Some(key.to_vec()), chain.clone()),
        SurveyContent::PrivateKey { chain, .. } => (None, chain.clone()),
        SurveyContent::SecretKey => (None, Vec::new()),
        SurveyContent::TrustedCertificate(der) => (None, vec![Arc::clone(der)]),
    };
    let of = |entry: &SurveyEntry| {
        let (key, chain) = certificates(entry);
        (entry.alias.clone(), key, chain)
    };
    survey.entries().iter().map(of).collect()
}

/// A key with a chain of two, and the CA: once as JKS, once as PKCS#12 with few iterations.
fn own_stores() -> [Vec<u8>; 2] {
    let mut store = KeyStore::new();
    let key = PrivateKeyEntry { key: Zeroizing::new(KEY.to_vec()), chain: vec![BROKER.to_vec(), CA.to_vec()] };
    let contents = [EntryContent::PrivateKey(key), EntryContent::TrustedCertificate(CA.to_vec())];
    for (alias, content) in ["broker1", "caroot"].into_iter().zip(contents) {
        let entry = Entry { alias: alias.parse().unwrap(), created: OffsetDateTime::UNIX_EPOCH, content };
        store.add(entry).unwrap();
    }
    let password = password("storepass");
    [store.to_jks(&password, &password, &SystemRandom).unwrap(), store.to_pkcs12(&password).unwrap()]
}

#[test]
fn no_flipped_byte_makes_other_content_pass_as_good() {
    // PKCS#12 with its 10,000 iterations takes a while.
    for (bytes, step) in own_stores().into_iter().zip([1, 61]) {
        let survey = open(&bytes).unwrap();
        let expected = content(&survey);
        assert_eq!((survey.integrity(), expected.len()), (&Integrity::Checked, 2));
        for at in (0..bytes.len()).step_by(step) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0xFF;
            if let Ok(survey) = open(&flipped) {
                assert!(*survey.integrity() != Integrity::Checked || content(&survey) == expected, "{at}: {survey:?}");
            }
            if let Ok(survey) = closed(&flipped) {
                assert_ne!(*survey.integrity(), Integrity::Checked, "{at}");
            }
        }
    }
}

#[test]
fn no_flipped_bit_makes_other_content_pass_as_good() {
    // 10 iterations, where our own has 10,000.
    let expected = content(&open(OPENSSL).unwrap());
    for bit in 0..OPENSSL.len() * 8 {
        let mut flipped = OPENSSL.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(survey) = open(&flipped) {
            assert!(*survey.integrity() != Integrity::Checked || content(&survey) == expected, "{bit}: {survey:?}");
        }
        if let Ok(survey) = closed(&flipped) {
            assert_ne!(*survey.integrity(), Integrity::Checked, "{bit}");
        }
    }
}

#[test]
fn no_shortened_store_is_read() {
    for bytes in own_stores().iter().map(Vec::as_slice).chain([OPENSSL, JCEKS]) {
        for end in 0..bytes.len() {
            let error = open(&bytes[..end]).unwrap_err();
            assert_ne!(error, SurveyError::WrongPasswordOrDamaged, "{end}");
            assert!(closed(&bytes[..end]).is_err(), "{end}");
        }
    }
}
