//! Lines of at most 80 columns: labels in one column, texts in the other.

use std::borrow::Cow;

use super::super::style;
use super::super::wrap::wrap;

/// How wide a page is.
pub(super) const WIDTH: usize = 80;

/// How far everything below a heading is indented.
const INDENT: usize = 2;

/// How wide the column of the labels is.
const LABELS: usize = 13;

/// The most characters of a text that are shown without details.
const MOST: usize = 4096;

/// A page while it is written.
pub(super) struct Page {
    out: String,
    colors: bool,
    is_detailed: bool,
}

impl Page {
    pub(super) fn new(colors: bool, is_detailed: bool) -> Self {
        Self { out: String::new(), colors, is_detailed }
    }

    pub(super) fn into_text(self) -> String {
        self.out
    }

    /// Writes a line between two things, and none before the first.
    pub(super) fn blank_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    pub(super) fn line(&mut self, text: &str) {
        for line in wrap(text, WIDTH) {
            self.write(0, &line);
        }
    }

    /// Writes a name that stands out, and what it is.
    pub(super) fn heading(&mut self, name: &str, rest: &str) {
        let mut lines = wrap(&format!("{name}{rest}"), WIDTH).into_iter();
        let first = lines.next().unwrap_or_default();
        let first = match first.strip_prefix(name) {
            Some(rest) => style(name, "1", self.colors) + rest,
            None => first,
        };
        self.write(0, &first);
        lines.for_each(|line| self.write(INDENT, &line));
    }

    fn write(&mut self, indent: usize, line: &str) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// Writes which one of several follows.
    pub(super) fn item(&mut self, text: &str) {
        self.write(INDENT, &style(text, "1", self.colors));
    }

    pub(super) fn field(&mut self, label: &str, text: &str) {
        self.field_of_width(label, text, WIDTH - INDENT - LABELS);
    }

    pub(super) fn field_of_width(&mut self, label: &str, text: &str, width: usize) {
        let shown = if self.is_detailed { text } else { &cut_with_word(text) };
        for (at, line) in wrap(shown, width).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            self.write(INDENT, &format!("{label:<LABELS$}{line}"));
        }
    }
}

/// Joins what there is with commas.
pub(super) fn listed(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().collect::<Vec<_>>().join(", ")
}

/// Cuts a text that is longer than anybody reads, and says so.
fn cut_with_word(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST) {
        None => text.into(),
        Some((at, _)) => {
            let (shown, rest) = text.split_at(at);
            format!("{shown} and {} more characters: -v shows them", rest.chars().count()).into()
        }
    }
}

/// Cuts a text to so many columns.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_where_they_can_and_never_grow_too_wide() {
        assert_eq!(wrap("a short one", 20), ["a short one"]);
        assert_eq!(wrap("one two three four", 9), ["one two", "three", "four"]);
        assert_eq!(wrap("CN=broker1,OU=Kafka,O=Acme", 20), ["CN=broker1,OU=Kafka,", "O=Acme"]);
        assert_eq!(wrap("AA:BB:CC:DD", 6), ["AA:BB:", "CC:DD"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("", 3), [""]);
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("äbcd", 4), "äbcd");
    }

    #[test]
    fn long_texts_are_cut_unless_details_are_asked_for_and_take_no_time() {
        let text = "x".repeat(2_000_000);
        let page = |is_detailed| {
            let mut page = Page::new(false, is_detailed);
            page.field("subject", &text);
            page.into_text()
        };
        let short: Vec<String> = page(false).lines().map(str::to_owned).collect();
        assert!(short.len() < 80 && short.concat().contains("1995904 more characters"), "{short:?}");
        // To copy the rest for each line would be 30 billion characters.
        assert_eq!(page(true).matches('x').count(), text.len());
    }

    #[test]
    fn labels_stand_in_one_column() {
        let mut page = Page::new(false, false);
        page.heading("name", ": what it is");
        page.field("label", &"word ".repeat(20));
        let text = page.into_text();
        assert_eq!(text.lines().next(), Some("name: what it is"));
        assert!(text.lines().skip(1).all(|line| line.find('w') == Some(15) && line.len() <= WIDTH), "{text}");
    }
}
