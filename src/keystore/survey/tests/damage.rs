//! Our own stores, with every byte changed and at every length: nothing else passes as good.

use super::*;

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
