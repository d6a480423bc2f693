//! Bash text: lines, and words that bash takes as they are.

use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

use crate::name::printable;

/// Bytes of which a word needs no quotes anywhere, not at its start and not behind a `=`.
const PLAIN: &[u8] = b"%+,-./:=@_";

/// Returns the word that bash reads as exactly `text`, whatever is in it, except for a NUL, which bash cannot hold.
///
/// What is not UTF-8, or would not be seen as what it is, stands as its bytes, so that a person can review it.
pub(super) fn quote(text: impl AsRef<OsStr>) -> String {
    let bytes = text.as_ref().as_bytes();
    if !bytes.is_empty() && bytes.iter().all(|b| b.is_ascii_alphanumeric() || PLAIN.contains(b)) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) if printable(text) == text => format!("'{}'", text.replace('\'', r"'\''")),
        _ => quote_bytes(bytes),
    }
}

/// Writes `$'…'`, in which bytes can be said by their numbers.
fn quote_bytes(bytes: &[u8]) -> String {
    let mut out = String::from("$'");
    let push_hex = |out: &mut String, bytes: &[u8]| {
        for byte in bytes {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
    };
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let mut buffer = [0; 4];
            let text = c.encode_utf8(&mut buffer);
            if matches!(c, '\'' | '\\') || printable(text) != *text {
                push_hex(&mut out, text.as_bytes());
            } else {
                out.push(c);
            }
        }
        push_hex(&mut out, chunk.invalid());
    }
    out.push('\'');
    out
}

/// A script that grows line by line.
#[derive(Default)]
pub(super) struct Text {
    text: String,
    indent: &'static str,
}

impl Text {
    pub(super) fn into_string(self) -> String {
        self.text
    }

    /// Writes the lines that follow within a function.
    pub(super) fn indent(&mut self, indented: bool) {
        self.indent = if indented { "  " } else { "" };
    }

    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(self.indent);
        self.block(line);
    }

    /// Writes lines that cannot be indented, as those of a here-document.
    pub(super) fn block(&mut self, lines: &str) {
        self.text.push_str(lines);
        self.text.push('\n');
    }

    pub(super) fn comment(&mut self, text: &str) {
        self.line(&format!("# {text}"));
    }

    /// Writes a command over several lines.
    pub(super) fn command(&mut self, parts: &[&str]) {
        let separator = format!(" \\\n{}  ", self.indent);
        self.line(&parts.join(&separator));
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn plain_words_stay_plain() {
        for word in ["broker1", "/etc/kafka/ssl", "CN=broker1,O=Acme", "DNS:a.b", "a@b", "-x"] {
            assert_eq!(quote(word), word);
        }
        assert_eq!(quote(""), "''");
        assert_eq!(quote("~/x"), "'~/x'");
        assert_eq!(quote("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quote("a\nb"), r"$'a\x0ab'");
        assert_eq!(quote("a\u{202e}b'"), r"$'a\xe2\x80\xaeb\x27'");
    }

    #[test]
    fn bash_reads_back_what_was_quoted() {
        let every_byte: Vec<u8> = (1..=255).collect();
        let every_character: String = ('\u{1}'..='\u{2100}').collect();
        let words: [&[u8]; 9] = [
            b"",
            b"~root {a,b} * ? [x] !! # ;&|<>()",
            b"$(id) `id` ${HOME} $HOME \\ \\\\ \"",
            b"'; id; '",
            b"\xff'\\\n$(id)",
            "x Ünï 漢字 '".as_bytes(),
            b"a\n",
            &every_byte,
            every_character.as_bytes(),
        ];
        for word in words {
            let script = format!(
                "printf %s {}; x={}; printf %s \"$x\"",
                quote(OsStr::from_bytes(word)),
                quote(OsStr::from_bytes(word))
            );
            let output = Command::new("bash").args(["-c", &script]).output().unwrap();
            assert_eq!(output.stdout, [word, word].concat(), "{script}");
        }
    }

    #[test]
    fn lines_in_a_function_are_indented() {
        let mut text = Text::default();
        text.line("f() (");
        text.indent(true);
        text.command(&["one", "two"]);
        text.block("END");
        text.indent(false);
        text.line(")");
        assert_eq!(text.into_string(), "f() (\n  one \\\n    two\nEND\n)\n");
    }
}
