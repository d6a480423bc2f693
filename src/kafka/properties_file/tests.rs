use super::*;

fn read(file: &str) -> Vec<(String, String, usize)> {
    let file = PropertiesFile::read(file.as_bytes()).unwrap();
    file.iter().map(|p| (p.key().to_owned(), p.value().to_owned(), p.line())).collect()
}

fn property(key: &str, value: &str, line: usize) -> (String, String, usize) {
    (key.to_owned(), value.to_owned(), line)
}

#[test]
fn keys_values_and_lines_are_found() {
    let text = "# comment\n\n! another\r\n  a = b \nc:d\re f\n=g\nh\n";
    let wanted = [
        property("a", "b ", 4),
        property("c", "d", 5),
        property("e", "f", 6),
        property("", "g", 7),
        property("h", "", 8),
    ];
    assert_eq!(read(text), wanted);
}

#[test]
fn a_backslash_continues_a_line_and_escapes_a_character() {
    assert_eq!(read("a=b\\\n   c\\\r\n\td\nx=y"), [property("a", "bcd", 1), property("x", "y", 4)]);
    assert_eq!(read("a\\ b\\=c\\:=d\\te\\u00E4\\uD83D\\uDE00"), [property("a b=c:", "d\te\u{e4}\u{1f600}", 1)]);
    assert_eq!(read("a=b\\\\\nc=d"), [property("a", "b\\", 1), property("c", "d", 2)]);
    assert_eq!(read("a=b\\"), [property("a", "b", 1)]);
    assert_eq!(read("a=\\uD800"), [property("a", "\u{FFFD}", 1)]);
}

#[test]
fn bytes_are_latin_1() {
    let file = PropertiesFile::read(b"a=\xE4").unwrap();
    assert_eq!(file.get("a").unwrap().value(), "\u{e4}");
    assert_eq!(read("a=\u{e4}"), [property("a", "\u{c3}\u{a4}", 1)]);
}

#[test]
fn the_last_of_a_key_wins_and_the_others_are_known() {
    let file = PropertiesFile::read(b"a=1\nb=2\na=3\na=4").unwrap();
    let a = file.get("a").unwrap();
    assert_eq!((a.value(), a.line(), a.earlier_lines()), ("4", 4, &[1, 3][..]));
    assert_eq!(file.iter().map(Property::key).collect::<Vec<_>>(), ["b", "a"]);
}

#[test]
fn a_lost_backslash_is_noticed() {
    let is_lost = |text: &str| PropertiesFile::read(text.as_bytes()).unwrap().get("a").unwrap().has_lost_backslash();
    assert!(is_lost("a=C:\\kafka"));
    assert!(is_lost("a=User:CN=b\\, c"));
    assert!(!is_lost("a=C\\:\\\\kafka\\ \\#\\!\\=\\n\\u0041\\\n"));
}

#[test]
fn a_malformed_escape_is_refused_with_its_line() {
    for text in ["\n\na=\\u12", "\n\na=\\u12G4", "\n\n\\u12=4567", "\n\na=b\\\n \\u123"] {
        assert_eq!(PropertiesFile::read(text.as_bytes()), Err(PropertiesError::MalformedUnicode(3)), "{text}");
    }
}

#[test]
fn a_file_has_bounds_and_shows_no_value() {
    let large = vec![b'a'; MAX_FILE + 1];
    assert_eq!(PropertiesFile::read(&large), Err(PropertiesError::TooLarge(MAX_FILE + 1)));
    let many = "k=v\n".repeat(MAX_FILE / 4);
    assert_eq!(PropertiesFile::read(many.as_bytes()).unwrap().get("k").unwrap().line(), MAX_FILE / 4);
    let shown = format!("{:?}", PropertiesFile::read(b"ssl.key.password=hunter22").unwrap());
    assert!(!shown.contains("hunter22") && shown.contains("ssl.key.password"), "{shown}");
}

#[test]
fn any_bytes_are_read_or_refused() {
    let alphabet = b"\\\\\\u0aF=: \t\x0C\r\n#!xyz\xFF";
    let mut state = 1_u64;
    for _ in 0..20_000 {
        let mut file = Vec::new();
        for _ in 0..(state % 24) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            file.push(alphabet[usize::try_from(state >> 33).unwrap() % alphabet.len()]);
        }
        state = state.wrapping_add(0x9E37_79B9);
        let lines = file.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
        if let Ok(read) = PropertiesFile::read(&file) {
            assert!(read.iter().all(|property| (1..=lines).contains(&property.line())), "{file:?}");
        }
    }
}
