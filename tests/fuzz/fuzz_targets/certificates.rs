//! Certificates and requests of others: what is read is read again as the same.

#![no_main]

use kafka_certgen::pki::{MAX_CERTIFICATES, read_certificates, read_request_der};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(certificates) = read_certificates(bytes) {
        assert!((1..=MAX_CERTIFICATES).contains(&certificates.len()));
        for (index, certificate) in certificates.iter().enumerate() {
            assert!(!certificates[..index].contains(certificate), "it is there twice");
            assert_eq!(read_certificates(certificate), Ok(vec![certificate.clone()]));
        }
    }
    if let Ok(request) = read_request_der(bytes) {
        assert_eq!(read_request_der(&request), Ok(request.clone()));
    }
});
