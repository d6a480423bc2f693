//! What a file is that holds no text as it stands.

/// A form that has to be turned into text first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// What bzip2 makes.
    Bzip2,
    /// What gzip makes (RFC 1952), as most rotated logs are.
    Gzip,
    /// Text in UTF-16, as Windows writes it.
    Utf16,
    /// What xz makes.
    Xz,
    /// An archive of ZIP.
    Zip,
    /// What zstd makes (RFC 8878).
    Zstd,
}

impl Form {
    /// Recognises a form by the first bytes of a file; a few hundred are enough. Text in one byte a character, and whatever else can be
    /// read line by line, has none.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let magic: [(&[u8], Self); 7] = [
            (b"\x1f\x8b", Self::Gzip),
            (b"BZh", Self::Bzip2),
            (b"\xfd7zXZ\0", Self::Xz),
            (b"\x28\xb5\x2f\xfd", Self::Zstd),
            (b"PK\x03\x04", Self::Zip),
            (b"\xff\xfe", Self::Utf16),
            (b"\xfe\xff", Self::Utf16),
        ];
        let found = magic.into_iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, form)| form);
        found.or_else(|| is_utf16_without_mark(bytes).then_some(Self::Utf16))
    }
}

/// Says whether every other byte is zero and the ones between are text.
fn is_utf16_without_mark(bytes: &[u8]) -> bool {
    let head = bytes.get(..64).unwrap_or_default();
    let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    let even = || head.iter().step_by(2);
    let odd = || head.iter().skip(1).step_by(2);
    !head.is_empty()
        && ((even().all(is_text) && odd().all(|byte| *byte == 0))
            || (odd().all(is_text) && even().all(|byte| *byte == 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_known_by_their_first_bytes() {
        assert_eq!(Form::of(b"\x1f\x8b\x08\0\0\0"), Some(Form::Gzip));
        assert_eq!(Form::of(b"\xff\xfe[\x002\x00"), Some(Form::Utf16));
        let line = "[2026-11-28 12:00:00,000] ERROR SSL handshake failed";
        let utf16: Vec<u8> = line.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(Form::of(&utf16), Some(Form::Utf16));
        assert_eq!(Form::of(line.as_bytes()), None);
        assert_eq!(Form::of(b""), None);
        assert_eq!(Form::of(&[0; 100]), None);
    }
}
