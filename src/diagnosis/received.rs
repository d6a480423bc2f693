//! What the size of a message says that is none: Kafka takes the first four bytes of whatever comes for a length.

/// Says what sent the bytes that were taken for a length, where they are known: a decimal number as Java prints an `int`.
pub fn sender_of(size: &str) -> Option<String> {
    let number: i64 = size.trim().parse().ok()?;
    let bytes = i32::try_from(number).ok()?.to_be_bytes();
    let [first, second, third, fourth] = bytes;
    let hex = format!("{first:02x} {second:02x} {third:02x} {fourth:02x}");
    let record = match (first, second, third) {
        (0x14, 3, 0..=4) => Some("a record of TLS, which ends a handshake"),
        (0x15, 3, 0..=4) => Some("an alert of TLS: the other end speaks TLS"),
        (0x16, 3, 0..=4) => Some("the start of a TLS handshake: the other end speaks TLS"),
        (0x17, 3, 0..=4) => Some("data of TLS: the other end speaks TLS"),
        // A hello of SSL 2.0, which old clients of TLS 1.0 send too: a length with its highest bit set, then 1.
        (0x80..=0xff, _, 1) => Some("a hello of SSL 2.0: the other end is very old"),
        _ => None,
    };
    if let Some(record) = record {
        return Some(format!("{hex}, {record}"));
    }
    let text = std::str::from_utf8(&bytes).ok().filter(|text| text.bytes().all(|byte| (0x20..0x7f).contains(&byte)))?;
    Some(match text {
        "HTTP" => format!("{hex}, the text \"{text}\": the answer of a web server"),
        "GET " | "POST" | "PUT " | "HEAD" | "OPTI" | "DELE" | "CONN" | "PATC" => {
            format!("{hex}, the text \"{text}\": the request of a web client, such as a health check")
        }
        "SSH-" => format!("{hex}, the text \"{text}\": SSH"),
        _ => format!("{hex}, the text \"{text}\""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_bytes_tell_who_has_sent_them() {
        let says = |size: &str, words: &str| sender_of(size).is_some_and(|text| text.contains(words));
        assert!(says("369295616", "16 03 01 00, the start of a TLS handshake"));
        assert!(says("369296129", "16 03 03 01"));
        assert!(says("352518912", "15 03 03 00, an alert of TLS"));
        assert!(says("1213486160", "\"HTTP\": the answer of a web server"));
        assert!(says("1195725856", "\"GET \": the request"));
        assert!(says("-2147352319", "80 02 01 01, a hello of SSL 2.0"));
        for size in ["104857601", "-1", "99999999999", "x", ""] {
            assert_eq!(sender_of(size), None, "{size}");
        }
    }
}
