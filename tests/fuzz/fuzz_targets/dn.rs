//! Distinguished names: what is parsed is written as text that says the same, and as DER of which Kafka's principal is read.

#![no_main]

use kafka_certgen::kafka::principal::principal;
use kafka_certgen::name::dn::DistinguishedName;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // A subject out of somebody's certificate.
    drop(principal(bytes));
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(name) = DistinguishedName::parse(text) else { return };
    let der = name.to_der().expect("what was parsed can be written");
    let written = name.to_string();
    let again = DistinguishedName::parse(&written).expect("what was written can be parsed");
    assert_eq!(again, name, "{written}");
    let principal = principal(&der).expect("what was written has a principal");
    assert_eq!(principal.is_empty(), name.is_empty());
    if let Ok(with) = DistinguishedName::with_common_name("broker1", &name) {
        assert!(with.has_common_name() && with.to_string().starts_with("CN=broker1"));
    }
});
