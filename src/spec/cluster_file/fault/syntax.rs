//! Why a file is not YAML, in plain words.

use std::fmt;

/// Why the file is not YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Syntax {
    /// Something behind a text in quotes.
    AfterQuote,
    /// A bracket that closes nothing.
    Bracket,
    /// `key: value: more`, or a line that is indented too far.
    Colon,
    /// Neither a comma nor the end of a list or mapping in brackets.
    Comma,
    /// A comment in the middle of a text of several lines.
    Comment,
    /// A backslash before something that needs none, in double quotes.
    Escape,
    /// `@`, `` ` `` or `%` at the beginning of a value.
    FirstCharacter,
    /// Lines that stand together and are not indented alike.
    Indentation,
    /// A key without a colon.
    Key,
    /// Anything else.
    Other,
    /// Quotes that are not closed.
    Quote,
    /// Brackets or braces of a range where YAML sees a list or a mapping.
    Range,
    /// A `*` at the beginning of a value.
    Star,
    /// A tab in the indentation.
    Tab,
    /// A tag.
    Tag,
    /// A character that is no text.
    Unprintable,
}

impl fmt::Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AfterQuote => "something follows a text in quotes on its line",
            Self::Bracket => "this bracket closes nothing",
            Self::Colon => "a colon with a blank behind it begins a value, and none can stand here",
            Self::Comma => "a comma or the closing bracket is expected here",
            Self::Comment => "a comment stands in the middle of a text of several lines",
            Self::Escape => "in double quotes a backslash stands before something that needs none",
            Self::FirstCharacter => "a value without quotes cannot begin with this character",
            Self::Indentation => "this line is not indented like those that it stands with",
            Self::Key => "a key with a colon behind it is expected here",
            Self::Other => "this is not YAML",
            Self::Quote => "the quotes that begin here are not closed",
            Self::Range => "YAML takes these brackets for a list or a mapping of its own",
            Self::Star => "a value without quotes cannot begin with `*` or `&`",
            Self::Tab => "a tab cannot be used for indentation",
            Self::Tag => "a value without quotes cannot begin with `!`",
            Self::Unprintable => "this character cannot stand in a text",
        })
    }
}

impl Syntax {
    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::AfterQuote => "put all of the value into the quotes",
            Self::Bracket | Self::Comma => {
                "see whether each bracket that is opened is closed, and a comma stands between the values"
            }
            Self::Colon => "indent the line like its neighbours, or put a value that has a colon into quotes",
            Self::Comment => "put the text on one line",
            Self::Escape => "use single quotes",
            Self::FirstCharacter | Self::Tag => "put the value into quotes",
            Self::Indentation => "indent with blanks, as far as the lines beside it",
            Self::Key => {
                "write `key: value` with a blank behind the colon, or indent the line like those that it belongs to"
            }
            Self::Other => "the lines before this one may say why",
            Self::Quote => "close them, and write a quote within them twice",
            Self::Range => "put a name with a range into quotes: ['broker[1-3]']",
            Self::Star => "put the name into quotes: '*.example.com'",
            Self::Tab => "indent with blanks",
            Self::Unprintable => "save the file as UTF-8 text",
        }
    }
}
