//! Private keys in PKCS#8: one that is taken is written so that it is taken again, and is the same.

#![no_main]

use kafka_certgen::pki::KeyPair;
use kafka_certgen::spec::KeyAlgorithm;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for &algorithm in KeyAlgorithm::ALL {
        let Ok(key) = KeyPair::from_pkcs8(bytes, algorithm) else { continue };
        let written = key.to_pkcs8().expect("what was read can be written");
        let again = KeyPair::from_pkcs8(&written, algorithm).expect("what was written can be read");
        assert_eq!(again.public_key_info(), key.public_key_info());
    }
});
