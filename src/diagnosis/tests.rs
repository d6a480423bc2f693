use super::pattern::{MAX_GAP, Template, Writing};
use super::*;

/// Reads one file.
fn read(text: impl AsRef<[u8]>) -> Diagnosis {
    let matcher = Matcher::of_catalogue().unwrap();
    let mut scanner = Scanner::new(&matcher);
    scanner.begin("log");
    scanner.feed(text.as_ref());
    scanner.finish()
}

fn codes(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.entry.code).collect()
}

fn entry(code: &'static str, patterns: &'static [&'static str], is_wrapper: bool) -> &'static Entry {
    let printers = &[Printer::Java];
    let entry = Entry { code, patterns, printers, is_wrapper, meaning: "it is so", causes: &[], source: "a test" };
    Box::leak(Box::new(entry))
}

fn read_with(entries: &[&'static Entry], text: &[u8]) -> Diagnosis {
    let matcher = Matcher::new(entries.iter().copied()).unwrap();
    let mut scanner = Scanner::new(&matcher);
    scanner.feed(text);
    scanner.finish()
}

/// The captures of the only template of an entry.
fn captured(pattern: &'static str, line: &str) -> Option<Vec<(&'static str, String)>> {
    let found = read_with(&[entry("test-entry", Vec::leak(vec![pattern]), false)], line.as_bytes());
    let finding = found.findings.into_iter().next()?;
    Some(finding.captures.into_iter().map(|captured| (captured.name, captured.values[0].text.clone())).collect())
}

#[test]
fn what_varies_is_kept_under_its_name() {
    let one = |pattern, line| captured(pattern, line).map(|all| all[0].1.clone());
    assert_eq!(one("no name {host} found.", "x: no name b1.example.com found."), Some("b1.example.com".to_owned()));
    // At an end as far as a name reaches.
    assert_eq!(one("certificate is not for {host}", "certificate is not for b1:9093, and"), Some("b1:9093".to_owned()));
    assert_eq!(one("certificate is not for {host}", r#"{"m":"certificate is not for b1."}"#), Some("b1".to_owned()));
    assert_eq!(one("{host} is not reachable", "to 'b1' or [b2 is not reachable"), Some("b2".to_owned()));
    assert_eq!(one("{host} is not reachable", "[ is not reachable"), None);
    assert_eq!(one("certificate is not for {host}", "certificate is not for "), None);
    assert_eq!(one("size = {size} larger", "size =  larger"), None);
    let both = captured("Failed to load {path} of type {type}", "Failed to load /a b/c.jks of type JKS (x)").unwrap();
    assert_eq!(both, [("path", "/a b/c.jks".to_owned()), ("type", "JKS".to_owned())]);
    // Each gap is as short as it can be.
    assert_eq!(one("open {path} failed to", "open a, then open b failed to"), Some("b".to_owned()));
}

#[test]
fn a_gap_has_an_end() {
    let line = |gap: usize| format!("the beginning {} the end", "x".repeat(gap));
    assert!(captured("the beginning … the end", &line(MAX_GAP + 1)).is_none());
    assert_eq!(captured("the beginning … the end", &line(MAX_GAP)), Some(Vec::new()));
    assert_eq!(captured("the beginning … the end", "the beginning\n the end"), None);
    assert_eq!(captured("the beginning … the end", "the end the beginning"), None);
}

#[test]
fn templates_that_cannot_be_looked_for_are_refused() {
    let fault = |pattern| Template::new(pattern, Writing::Plain).err();
    assert_eq!(fault("{host}"), Some(PatternError::TooVague));
    assert_eq!(fault("short"), Some(PatternError::TooVague));
    assert_eq!(fault("the words …"), Some(PatternError::UselessGap));
    assert_eq!(fault("… the words"), Some(PatternError::UselessGap));
    assert_eq!(fault("the words {one}{two} go on"), Some(PatternError::AdjacentGaps));
    assert_eq!(fault("the words {one} go on {one}"), Some(PatternError::DuplicateName));
    assert_eq!(fault(""), Some(PatternError::TooVague));
    assert_eq!(fault("the words {one} … {two} … {three} … {four} a"), Some(PatternError::TooLong));
    assert_eq!(fault("the words {One} and {} and {"), None);
    assert_eq!(parts("{One} {}…{a_b}"), [Part::Words("{One} {}"), Part::Gap(None), Part::Gap(Some("a_b"))]);
}

#[test]
fn of_two_messages_with_the_same_words_the_longer_one_is_meant() {
    let general = entry("the-general", &["handshake_failure"], false);
    let specific = entry("the-specific", &["fatal alert: handshake_failure"], false);
    let other = entry("the-other", &["no cipher suites"], false);
    let around = entry("the-one-around", &["engine … cannot connect"], false);
    let all = [general, specific, other, around];
    let found = |text: &str| codes(&read_with(&all, text.as_bytes()).findings);
    assert_eq!(found("handshake_failure"), ["the-general"]);
    assert_eq!(found("Received fatal alert: handshake_failure"), ["the-specific"]);
    // Both are there where each stands for itself, also in the gap of another.
    assert_eq!(found("fatal alert: handshake_failure, handshake_failure").len(), 2);
    assert_eq!(found("engine says no cipher suites and cannot connect"), ["the-other", "the-one-around"]);
}

#[test]
fn a_line_counts_once_and_places_are_told() {
    let word = entry("the-word", &["failed for {host}"], false);
    let matcher = Matcher::new([word]).unwrap();
    let mut scanner = Scanner::new(&matcher);
    scanner.begin("one");
    scanner.feed(b"\nfailed for a, failed for b\r\nnothing\nfailed for a\n");
    scanner.begin("two");
    scanner.feed(b"nothing");
    scanner.begin("three");
    scanner.feed(b"x failed for c");
    let found = scanner.finish();
    let [finding] = found.findings.as_slice() else { panic!("{found:?}") };
    assert_eq!((finding.count, finding.message.as_str()), (3, "failed for a"));
    let places: Vec<_> =
        finding.places.iter().map(|place| (place.file, place.count, place.first_line, place.last_line)).collect();
    assert_eq!(places, [(0, 2, 2, 4), (2, 1, 1, 1)]);
    assert_eq!(finding.places[0].text.as_deref(), Some("failed for a, failed for b"));
    assert_eq!(found.files.iter().map(|file| file.lines).collect::<Vec<_>>(), [4, 1, 1]);
    let values: Vec<_> = finding.captures[0].values.iter().map(|value| (value.text.as_str(), value.count)).collect();
    assert_eq!(values, [("a", 2), ("c", 1)]);
}

#[test]
fn who_says_only_that_it_failed_is_told_where_nobody_says_why() {
    let wrapper = entry("the-wrapper", &["SSL handshake failed"], true);
    let reason = entry("the-reason", &["Caused by: it is so"], false);
    let found = |before: usize, between: usize, after: usize| {
        let text = format!(
            "{}SSL handshake failed\n{}{}",
            if before > 0 { format!("Caused by: it is so\n{}", "\n".repeat(before - 1)) } else { String::new() },
            "\tat a.stack.Trace\n".repeat(between),
            if after > 0 { "Caused by: it is so\n" } else { "" }
        );
        let found = read_with(&[wrapper, reason], text.as_bytes());
        (codes(&found.findings), codes(&found.explained))
    };
    assert_eq!(found(0, 0, 0), (vec!["the-wrapper"], vec![]));
    assert_eq!(found(0, 100, 1), (vec!["the-reason"], vec!["the-wrapper"]));
    assert_eq!(found(0, 199, 1), (vec!["the-reason"], vec!["the-wrapper"]));
    assert_eq!(found(0, 200, 1), (vec!["the-reason", "the-wrapper"], vec![]));
    assert_eq!(found(60, 0, 0), (vec!["the-reason"], vec!["the-wrapper"]));
    assert_eq!(found(61, 0, 0), (vec!["the-reason", "the-wrapper"], vec![]));
    // A line of JSON holds a whole trace.
    let json = br#"{"m":"SSL handshake failed\n\tat x.Y\nCaused by: it is so\n\tat x.Z"}"#;
    let found = read_with(&[wrapper, reason], json);
    assert_eq!((codes(&found.findings), codes(&found.explained)), (vec!["the-reason"], vec!["the-wrapper"]));
    // What stands in another file explains nothing.
    let matcher = Matcher::new([wrapper, reason]).unwrap();
    let mut scanner = Scanner::new(&matcher);
    scanner.begin("one");
    scanner.feed(b"SSL handshake failed\n");
    scanner.begin("two");
    scanner.feed(b"Caused by: it is so\n");
    assert_eq!(codes(&scanner.finish().findings), ["the-reason", "the-wrapper"]);
}

#[test]
fn json_is_read_through_its_escapes() {
    let quoted = entry("the-quoted", &[r#"the host "{host}" isn't <known>"#], false);
    let found = |text: &str| {
        let found = read_with(&[quoted], text.as_bytes());
        found.findings.first().map(|finding| finding.captures[0].values[0].text.clone())
    };
    for line in [
        r#"the host "b1" isn't <known>"#,
        r#"{"m":"the host \"b1\" isn't <known>"}"#,
        r#"{"m":"the host \"b1\" isn\u0027t \u003cknown\u003e"}"#,
        r#"{"log":"{\"m\":\"the host \\\"b1\\\" isn't <known>\"}"}"#,
    ] {
        assert_eq!(found(line).as_deref(), Some("b1"), "{line}");
    }
    // A template does not reach into the next line of a trace.
    let two = entry("the-two", &["the first … the second"], false);
    assert!(read_with(&[two], br"the first\n\tat x the second").findings.is_empty());
    assert_eq!(read_with(&[two], br"the first C:\new\x the second").findings.len(), 1);
}

#[test]
fn lines_that_never_end_are_read_without_a_gap() {
    let word = entry("the-word", &["number {count} has failed"], false);
    let mut line = Vec::new();
    // Many times the window, with messages at all distances from its edges.
    let mut number = 0;
    while line.len() < 3_000_000 {
        line.extend_from_slice(format!("number {number} has failed{}", " ".repeat(number % 977)).as_bytes());
        number += 1;
    }
    let found = read_with(&[word], &line);
    assert_eq!((found.findings[0].count, found.files[0].lines), (1, 1));
    // Each part is looked at, so that one in the middle is found.
    for at in (0..2_000_000).step_by(61_001) {
        let mut line = vec![b'x'; 2_100_000];
        line[at..at + 20].copy_from_slice(b" number 7 has failed");
        line.extend_from_slice(b"\nnumber 8 has failed");
        let found = read_with(&[word], &line);
        let finding = &found.findings[0];
        assert_eq!((finding.count, finding.places[0].first_line, finding.places[0].last_line), (2, 1, 2), "{at}");
        assert_eq!((found.files[0].lines, finding.message.as_str()), (2, "number 7 has failed"));
    }
}

#[test]
fn portions_make_no_difference_and_garbage_does_no_harm() {
    let matcher = Matcher::of_catalogue().unwrap();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let patterns: Vec<&str> = catalogue::entries().flat_map(|entry| entry.patterns).copied().collect();
    for round in 0..40 {
        let mut bytes = Vec::new();
        for _ in 0..200 {
            match random() % 6 {
                0 => bytes.extend(random().to_le_bytes()),
                1 => bytes.extend_from_slice(b"\\n\\tat \xe2\x80\xae \0 password=\"\\\""),
                2 => bytes.push(b'\n'),
                3 => bytes.extend(std::iter::repeat_n(b' ', (random() % 5000).try_into().unwrap())),
                _ => {
                    let pattern = patterns[usize::try_from(random()).unwrap() % patterns.len()];
                    let end = usize::try_from(random()).unwrap() % (pattern.len() + 1);
                    bytes.extend_from_slice(&pattern.as_bytes()[..if round % 2 == 0 { pattern.len() } else { end }]);
                }
            }
        }
        let whole = read(&bytes);
        let mut scanner = Scanner::new(&matcher);
        scanner.begin("log");
        for portion in bytes.chunks(usize::try_from(random() % 5000).unwrap() + 1) {
            scanner.feed(portion);
        }
        assert_eq!(format!("{:?}", scanner.finish()), format!("{whole:?}"));
        assert_eq!(whole.files[0].bytes, u64::try_from(bytes.len()).unwrap());
    }
}

#[test]
fn what_is_kept_has_bounds() {
    use std::fmt::Write;
    let word = entry("the-word", &["failed for {host} at last"], false);
    let mut text = String::new();
    for number in 0..1000 {
        writeln!(text, "failed for {}{number} at last", "ü".repeat(700)).unwrap();
    }
    for number in 0..1000 {
        writeln!(text, "failed for host{number} at last{}", "ü".repeat(5000)).unwrap();
    }
    let found = read_with(&[word], text.as_bytes());
    let finding = &found.findings[0];
    assert_eq!(finding.count, 2000);
    let captured = &finding.captures[0];
    // The first thousand look alike as far as they are kept.
    assert_eq!((captured.values.len(), captured.values[0].count, captured.others), (32, 1000, 969));
    assert!(captured.values[0].text.chars().count() < 260 && captured.values[0].text.ends_with('…'));
    assert!(finding.message.len() < 300 && !finding.message.contains('\u{fffd}'), "{}", finding.message);
    let line = finding.places[0].text.as_ref().unwrap();
    assert!(line.len() < 600 && line.ends_with('…') && !line.contains('\u{fffd}'), "{line}");
}

#[test]
fn passwords_are_not_kept() {
    let word = entry("the-word", &["failed with {setting} at last"], false);
    let secret = "canary-a3f09c";
    let long = format!("{}\"password\": \"{}{secret} failed with x at last\"", "x".repeat(70), "y ".repeat(60));
    for line in [
        format!("ssl.key.password={secret}, failed with x at last"),
        format!("failed with password={secret} at last"),
        format!("failed with x at last; keytool -storepass {secret}"),
        format!("x sasl.jaas.config=Plain user=\"u\" password=\"{secret}\"; failed with x at last"),
        long,
    ] {
        let found = read_with(&[word], line.as_bytes());
        assert_eq!(found.findings.len(), 1, "{line}");
        assert!(!format!("{found:?}").contains(secret), "{found:?}");
        assert!(format!("{found:?}").contains("****"), "{found:?}");
    }
    // The name of a secret may lie before what is looked at.
    let line = format!("password={}{secret} failed with x at last", "y".repeat(600_000));
    assert!(!format!("{:?}", read_with(&[word], line.as_bytes())).contains(secret));
}

#[test]
fn commands_are_filled_in_with_the_only_broker_that_is_named() {
    static CAUSE: &Cause = &Cause {
        code: "the-cause",
        what: "it is so",
        check: &[Advice { say: "look", run: "look at HOST:PORT" }],
        mend: &[],
        checks: &[],
    };
    let run_of = |printers: &'static [Printer], pattern: &'static str, text: &str| {
        let patterns = Vec::leak(vec![pattern]);
        let entry = Entry {
            code: "the-word",
            patterns,
            printers,
            is_wrapper: false,
            meaning: "it is so",
            causes: Vec::leak(vec![CAUSE]),
            source: "a test",
        };
        let found = read_with(&[Box::leak(Box::new(entry))], text.as_bytes());
        found.findings[0].remedies()[0].check[0].run.clone().unwrap()
    };
    let run = |pattern, text| run_of(&[Printer::Java], pattern, text);
    let host = "no name {host} found";
    assert_eq!(run(host, "no name b1.example.com found"), "look at b1.example.com:PORT");
    assert_eq!(run(host, "no name b1 found\nno name b2 found"), "look at HOST:PORT");
    assert_eq!(run(host, "no name $(id) found"), "look at HOST:PORT");
    assert_eq!(run(host, "no name -x found"), "look at HOST:PORT");
    assert_eq!(run(host, "no name 2001:db8::1 found"), "look at '[2001:db8::1]:PORT'");
    assert_eq!(run(host, "no name b1:9093 found"), "look at b1:9093");
    assert_eq!(run(host, "no name b1/10.0.0.1:9093 found"), "look at b1:9093");
    assert_eq!(run(host, "no name /10.0.0.1:9093 found"), "look at 10.0.0.1:9093");
    assert_eq!(run(host, "no name [::1]:9093 found"), "look at '[::1]:9093'");
    assert_eq!(run("no name {host}:{port} found", "no name b1:9093 found"), "look at b1:9093");
    let peer = "peer {peer} has failed";
    assert_eq!(run(peer, "peer b1/10.0.0.1:9093 has failed"), "look at b1:9093");
    // Whoever connects to a broker is none.
    assert_eq!(run_of(&[Printer::Broker], peer, "peer /10.0.0.1:53211 has failed"), "look at HOST:PORT");
}

/// Puts something into the gaps of a pattern.
fn example(pattern: &'static str) -> String {
    let filled = parts(pattern).into_iter().map(|part| match part {
        Part::Words(words) => words,
        Part::Gap(Some("size")) => "204857600",
        Part::Gap(Some(_)) => "b1",
        Part::Gap(None) => "",
    });
    filled.collect()
}

/// Its own words may be the more special message of another entry, or stand beside one.
#[test]
fn every_pattern_finds_its_own_words() {
    let matcher = Matcher::of_catalogue().unwrap();
    for entry in catalogue::entries() {
        for pattern in entry.patterns {
            for writing in Writing::ALL {
                let text = writing.of(&example(pattern));
                let mut scanner = Scanner::new(&matcher);
                scanner.feed(format!("[2026-11-28 12:00:00,000] ERROR {text} (x.Y)\n").as_bytes());
                let found = scanner.finish();
                let all = [codes(&found.findings), codes(&found.explained)].concat();
                assert!(all.contains(&entry.code), "{}: {text}: {all:?}", entry.code);
            }
        }
    }
}
