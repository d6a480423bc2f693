//! Files of any kind: what is in them is said within bounds, as JSON that is read again, and with a password no entry is lost.

#![no_main]

use std::sync::LazyLock;

use kafka_certgen::inspect::{Inspection, Passwords};
use kafka_certgen::secret::Password;
use libfuzzer_sys::fuzz_target;
use time::macros::datetime;
use zeroize::Zeroizing;

/// The password of the stores and keys in `tests/fixtures`.
static PASSWORDS: LazyLock<[Password; 2]> = LazyLock::new(|| {
    ["storepass", "test1234"].map(|text| Password::new(Zeroizing::new(text.to_owned())).expect("a password"))
});

fuzz_target!(|bytes: &[u8]| {
    let now = datetime!(2026-12-01 12:00 UTC);
    let look = |passwords| Inspection::of(bytes, passwords, now);
    let closed = look(Passwords::default());
    if let Ok(inspection) = &closed {
        render(inspection);
    }
    // Most of the time would go into the derivation of keys from a mutated count of iterations.
    if bytes.len() % 8 != 0 {
        return;
    }
    let opened = look(Passwords { store: Some(&PASSWORDS[0]), key: Some(&PASSWORDS[1]) });
    if let Ok(inspection) = &opened {
        render(inspection);
        assert!(closed.is_ok(), "the password was needed to see that it is something");
    }
});

fn render(inspection: &Inspection) {
    let json = serde_json::to_string(inspection).expect("what was found can be written");
    let read: serde_json::Value = serde_json::from_str(&json).expect("what was written can be read");
    assert_eq!(read["entries"].as_array().map(Vec::len), Some(inspection.entries.len()));
    for (at, entry) in inspection.entries.iter().enumerate() {
        assert_eq!(entry.number, at + 1);
    }
}
