//! Logs of any kind: in whatever portions they come the same is found, and what is kept has bounds.

#![no_main]

use std::sync::LazyLock;

use kafka_certgen::diagnosis::{Diagnosis, Matcher, Scanner};
use libfuzzer_sys::fuzz_target;

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| Matcher::of_catalogue().expect("a catalogue"));

fuzz_target!(|bytes: &[u8]| {
    let whole = read(&[bytes]);
    let size = usize::from(*bytes.first().unwrap_or(&0)) + 1;
    let portions: Vec<&[u8]> = bytes.chunks(size).collect();
    assert_eq!(format!("{:?}", read(&portions)), format!("{whole:?}"));
    let lines = whole.files[0].lines;
    assert!(lines <= bytes.len() as u64);
    for finding in whole.findings.iter().chain(&whole.explained) {
        assert!((1..=lines).contains(&finding.count));
        assert!(finding.message.chars().count() <= 300);
        for place in &finding.places {
            assert!(place.first_line >= 1 && place.first_line <= place.last_line && place.last_line <= lines);
            assert!(place.text.as_ref().is_some_and(|text| text.chars().count() <= 1000));
        }
        assert!(finding.captures.iter().all(|captured| captured.values.len() <= 32));
        assert_eq!(finding.remedies().len(), finding.entry.causes.len());
    }
});

fn read(portions: &[&[u8]]) -> Diagnosis {
    let mut scanner = Scanner::new(&MATCHER);
    scanner.begin("log");
    portions.iter().for_each(|portion| scanner.feed(portion));
    scanner.finish()
}
