//! Properties files, read by us and by `java.util.Properties`.

use std::fmt::Write;

use kafka_certgen::kafka::properties_file::{PropertiesError, PropertiesFile, Property};

use crate::support::jdk::Jdk;

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/LoadProperties.java");

/// What Java's documentation names, and what its code does beside.
const BY_HAND: &[&[u8]] = &[
    b"",
    b"a",
    b"a=b",
    b"a = b",
    b"a:b",
    b"a b",
    b"a\tb",
    b"a\x0Cb",
    b"  a  =  b  ",
    b"a==b",
    b"a=:b",
    b"a := b",
    b"a\\=b=c",
    b"a\\:b:c",
    b"a\\ b c",
    b"=b",
    b":",
    b"# comment\na=b",
    b"! comment\na=b",
    b"  # comment\na=b",
    b"a=b # no comment",
    b"# comment \\\na=b",
    b"a=b\\\nc",
    b"a=b\\\n  c",
    b"a=b\\\r\n  c",
    b"a=b\\\r  c",
    b"a=b\\\n\nc=d",
    b"a=b\\\n#c\nd=e",
    b"a\\\nb=c",
    b"a=b\\",
    b"a=b\\\\",
    b"a=b\\\\\\",
    b"a=b\\\n",
    b"a=b\\\r\n",
    b"\\",
    b"\\\n",
    b"\\\r",
    b"\\\r\n",
    b"\\\n#a=b",
    b"\\\n  # a=b\nc=d",
    b"\\\na=b",
    b"\\\n\na=b",
    b"\n\n\\\n\n",
    b"a=\\t\\n\\r\\f\\\\\\\"\\'\\q",
    b"a=\\u0041\\u00e4\\u20AC",
    b"a=\\uD83D\\uDE00",
    b"a=\\uD83D",
    b"a=\\uDE00x",
    b"\\u0041=b",
    b"a=\\u004",
    b"a=\\u004\nb=c",
    b"a=\\u",
    b"a=\\uuu0041",
    b"a=\\u00G1",
    b"a=\\U0041",
    b"\\u004=1",
    b"a=\xE4\xFF\x80",
    b"\xEF\xBB\xBFa=b",
    b"a=b\na=c",
    b"a=1\n\\u0061=2",
    b"a=b\rc=d\r\ne=f\n\rg=h",
    b"a=C:\\kafka\\new\\truststore.jks",
    b"a=User:CN=b\\\\, c;User:d",
    b"a=\x00b",
    b"a\x0Bb=c",
    b"\x0B=c",
    b"a=b\x0C\n\x0C c=d",
    b"a = \\  b",
    b"a\\\t\\\x0C=b",
    b"#\\\na=b\n#",
    b"a=b\n!",
];

/// How many files are put together at random, of what a reader has to think about.
const GENERATED: usize = 3000;

const PARTS: &[&[u8]] = &[
    b"\\",
    b"\\",
    b"\\",
    b"\n",
    b"\r",
    b"\r\n",
    b" ",
    b"\t",
    b"\x0C",
    b"=",
    b":",
    b"#",
    b"!",
    b"a",
    b"b",
    b"u",
    b"\\u0041",
    b"\\uD83D\\uDE00",
    b"0041",
    b"n",
    b"\xE4",
    b"\\\n",
    b"\n#",
    b"key=value",
];

#[test]
#[ignore = "needs a JDK 17"]
fn properties_are_what_java_loads() {
    let files: Vec<Vec<u8>> = BY_HAND.iter().map(|file| file.to_vec()).chain(generated()).collect();
    let questions = files.iter().map(|file| hex(file) + "\n").collect();
    for (file, java) in files.iter().zip(Jdk::of_17().answers(PROGRAM, questions)) {
        // Half of a surrogate pair is no text, and ours has U+FFFD in its place.
        let java = if java.contains('=') { with_text_alone(&java) } else { java };
        assert_eq!(ours(file), java, "{:?}", String::from_utf8_lossy(file));
    }
}

fn ours(file: &[u8]) -> String {
    match PropertiesFile::read(file) {
        Ok(file) => {
            let entry = |property: &Property| format!("{}={}", units(property.key()), units(property.value()));
            let mut entries: Vec<String> = file.iter().map(entry).collect();
            entries.sort();
            entries.join(" ")
        }
        Err(PropertiesError::MalformedUnicode(_)) => "Malformed \\uxxxx encoding.".to_owned(),
        Err(error) => panic!("{error}"),
    }
}

fn with_text_alone(java: &str) -> String {
    let text = |hex: &str| {
        let units: Vec<u16> =
            (0..hex.len() / 4).map(|i| u16::from_str_radix(&hex[i * 4..i * 4 + 4], 16).unwrap()).collect();
        self::units(&String::from_utf16_lossy(&units))
    };
    let mut entries: Vec<String> = java
        .split(' ')
        .map(|entry| entry.split_once('=').unwrap())
        .map(|(key, value)| format!("{}={}", text(key), text(value)))
        .collect();
    entries.sort();
    entries.join(" ")
}

fn generated() -> impl Iterator<Item = Vec<u8>> {
    // Numbers of a linear congruential generator: the same files every time.
    let mut state = 7_u64;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    (0..GENERATED).map(move |_| {
        let count = next(16) + 1;
        (0..count).flat_map(|_| PARTS[next(PARTS.len())].to_vec()).collect()
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}

fn units(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |mut out, unit| {
        write!(out, "{unit:04x}").unwrap();
        out
    })
}
