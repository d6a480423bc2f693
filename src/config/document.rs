//! A text in the language of a program, in which any value stands as itself.

use std::fmt::Write;

use zeroize::Zeroizing;

use crate::kafka::properties;

/// The language of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// C#.
    CSharp,
    /// Go.
    Go,
    /// JavaScript, as Node.js reads it.
    JavaScript,
    /// JSON, which has no comments.
    Json,
    /// Lines of `key=value` as librdkafka's programs read them: nothing is escaped.
    Plain,
    /// `java.util.Properties`.
    Properties,
    /// Python.
    Python,
    /// Rust.
    Rust,
    /// YAML 1.2.
    Yaml,
}

/// The most of a document, so that its buffer does not move and leave a copy of a password behind.
const CAPACITY: usize = 64 * 1024;

/// A document that grows line by line.
pub struct Document {
    syntax: Syntax,
    text: Zeroizing<String>,
}

impl Document {
    pub(super) fn new(syntax: Syntax) -> Self {
        Self { syntax, text: Zeroizing::new(String::with_capacity(CAPACITY)) }
    }

    /// Puts what it is and what it needs before it.
    pub(super) fn finish(self, heading: &[String]) -> Zeroizing<String> {
        if self.syntax == Syntax::Json {
            return self.text;
        }
        let mut whole = Self::new(self.syntax);
        for line in heading {
            whole.comment(line);
        }
        whole.blank();
        whole.text.push_str(&self.text);
        whole.text
    }

    /// Writes a line as it is: no value of anybody is in it.
    pub fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Writes lines as they are.
    pub fn lines(&mut self, lines: &[&str]) {
        for line in lines {
            self.line(line);
        }
    }

    /// Writes an empty line.
    pub fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Writes a comment of one line. JSON has none.
    pub fn comment(&mut self, text: &str) {
        self.comment_at(0, text);
    }

    /// Writes a comment of one line with so many blanks before it.
    pub fn comment_at(&mut self, indent: usize, text: &str) {
        let mark = match self.syntax {
            Syntax::Json => return,
            Syntax::CSharp | Syntax::Go | Syntax::JavaScript | Syntax::Rust => "// ",
            Syntax::Plain | Syntax::Properties | Syntax::Python | Syntax::Yaml => "# ",
        };
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.text.push_str(mark);
        // A line break of any language would end the comment.
        self.text.extend(text.chars().map(|c| if is_unseen(c) { ' ' } else { c }));
        self.text.push('\n');
    }

    /// Writes a line with a value in it, between two pieces of the language: `  password: "…",`.
    pub fn entry(&mut self, before: &str, value: &str, after: &str) {
        self.text.push_str(before);
        push_literal(&mut self.text, self.syntax, value);
        self.text.push_str(after);
        self.text.push('\n');
    }

    /// Writes a line with values in it, with commas between them.
    pub fn list(&mut self, before: &str, values: &[String], after: &str) {
        self.text.push_str(before);
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                self.text.push_str(", ");
            }
            push_literal(&mut self.text, self.syntax, value);
        }
        self.text.push_str(after);
        self.text.push('\n');
    }

    /// Writes `KEY=VALUE`, where that is the language's form. The key is ours.
    pub fn property(&mut self, key: &str, value: &str) {
        self.text.push_str(key);
        self.text.push('=');
        push_literal(&mut self.text, self.syntax, value);
        self.text.push('\n');
    }
}

/// Writes a value as a string of the language, with the quotes that it needs.
fn push_literal(out: &mut String, syntax: Syntax, value: &str) {
    match syntax {
        Syntax::Properties => out.push_str(&Zeroizing::new(properties::escaped(value))),
        Syntax::Plain => out.push_str(value),
        // Escapes of JSON are escapes of all of them; what is beyond ASCII stands as it is, in UTF-8.
        Syntax::CSharp | Syntax::Go | Syntax::JavaScript | Syntax::Json | Syntax::Python | Syntax::Yaml => {
            push_quoted(out, value, |out, c| write!(out, "\\u{:04x}", u32::from(c)));
        }
        Syntax::Rust => push_quoted(out, value, |out, c| write!(out, "\\u{{{:x}}}", u32::from(c))),
    }
}

/// Writes a value in double quotes. `escape` writes a character that would not be seen, or would end the string: all of them are in
/// the first 65,536.
fn push_quoted(out: &mut String, value: &str, escape: fn(&mut String, char) -> std::fmt::Result) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if is_unseen(c) => drop(escape(out, c)),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Says whether a character would not be seen, or would end a line: beside control characters the line ends of JavaScript, C# and YAML 1.1,
/// the marks that turn a line around, which Rust refuses in comments too, and those that Go and YAML refuse anywhere.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(syntax: Syntax, value: &str) -> String {
        let mut out = String::new();
        push_literal(&mut out, syntax, value);
        out
    }

    #[test]
    fn a_value_ends_where_it_ends() {
        let value = "a\"b\\c\u{1}ü\u{2028}";
        assert_eq!(literal(Syntax::Python, value), r#""a\"b\\c\u0001ü\u2028""#);
        assert_eq!(literal(Syntax::Rust, value), r#""a\"b\\c\u{1}ü\u{2028}""#);
        assert_eq!(literal(Syntax::Properties, value), "a\"b\\\\c\\u0001\\u00FC\\u2028");
        assert_eq!(serde_json::from_str::<String>(&literal(Syntax::Json, value)).unwrap(), value);
    }

    #[test]
    fn a_comment_has_one_line() {
        for end in ['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{202e}', '\u{feff}'] {
            let mut document = Document::new(Syntax::JavaScript);
            document.comment(&format!("a{end}exit(1)"));
            assert_eq!(*document.finish(&[]), "\n// a exit(1)\n", "{end:?}");
        }
    }
}
