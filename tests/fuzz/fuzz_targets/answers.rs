//! Answers to the first bytes of a client: there is one for whatever comes, however it is cut, and what is shown of it is harmless.

#![no_main]

use kafka_certgen::handshake::live::hello::Answer;
use kafka_certgen::handshake::live::recognise::Recognised;
use kafka_certgen::name::printable;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // All beginnings are looked at, so the time grows with the square of this.
    let bytes = &bytes[..bytes.len().min(600)];
    let at_once = Answer::read(&mut &bytes[..]);
    let first = (0..=bytes.len()).find_map(|end| Answer::of(&bytes[..end]));
    match (&at_once, &first) {
        (Answer::NotTls(of), None | Some(Answer::NotTls(_))) => assert_eq!(of, bytes),
        (Answer::Closed, None) => assert!(bytes.is_empty()),
        // Neither a hello nor an alert changes with what follows it.
        (answer, first) => assert_eq!(Some(answer), first.as_ref()),
    }
    let recognised = Recognised::by_bytes(bytes);
    assert!(recognised.listener.is_some());
    assert_eq!(recognised.seen, printable(&recognised.seen));
    assert!(recognised.to_string().len() < 500);
});
