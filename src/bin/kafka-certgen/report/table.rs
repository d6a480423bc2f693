//! Tables whose cells wrap, and text that does.

use super::style;

/// What lies between two columns.
const GAP: &str = "  ";

/// What the lines of a paragraph but its first begin with.
const INDENT: &str = "  ";

/// A cell: its paragraphs, and the SGR code that they are shown in.
pub(super) struct Cell {
    paragraphs: Vec<String>,
    code: Option<&'static str>,
}

impl Cell {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { paragraphs: vec![text.into()], code: None }
    }

    /// A cell of several paragraphs, whose further lines are indented so that one sees where the next begins.
    pub(super) fn of_paragraphs(paragraphs: Vec<String>) -> Self {
        Self { paragraphs, code: None }
    }

    fn lines(&self, width: usize) -> Vec<String> {
        let indent = if self.paragraphs.len() > 1 { INDENT } else { "" };
        let paragraphs = self.paragraphs.iter().flat_map(|paragraph| {
            let lines = wrap(paragraph, width.saturating_sub(indent.len()).max(1));
            lines.into_iter().enumerate().map(move |(at, line)| if at == 0 { line } else { format!("{indent}{line}") })
        });
        paragraphs.collect()
    }

    pub(super) fn styled(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }
}

/// A table in text.
pub(super) struct Table {
    widths: Vec<usize>,
    colors: bool,
    out: String,
}

impl Table {
    pub(super) fn new(widths: &[usize], colors: bool) -> Self {
        Self { widths: widths.to_vec(), colors, out: String::new() }
    }

    /// Adds a row, as high as its highest cell.
    pub(super) fn row(&mut self, cells: &[Cell]) {
        let columns: Vec<(Vec<String>, usize, Option<&str>)> =
            cells.iter().zip(&self.widths).map(|(cell, width)| (cell.lines(*width), *width, cell.code)).collect();
        let height = columns.iter().map(|(lines, ..)| lines.len()).max().unwrap_or(0);
        for at in 0..height {
            let mut line = String::new();
            for (column, (lines, width, code)) in columns.iter().enumerate() {
                if column > 0 {
                    line.push_str(GAP);
                }
                let text = lines.get(at).map_or("", String::as_str);
                let padding = " ".repeat(width.saturating_sub(text.chars().count()));
                match code {
                    Some(code) if !text.is_empty() => line.push_str(&style(text, code, self.colors)),
                    _ => line.push_str(text),
                }
                line.push_str(&padding);
            }
            self.out.push_str(line.trim_end());
            self.out.push('\n');
        }
    }

    /// Adds a line across the table.
    pub(super) fn rule(&mut self) {
        let lines: Vec<String> = self.widths.iter().map(|width| "─".repeat(*width)).collect();
        self.out.push_str(&lines.join(GAP));
        self.out.push('\n');
    }

    pub(super) fn finish(self) -> String {
        self.out
    }
}

/// Breaks text into lines of so many characters: between words, and within a word that is too long where it has a joint.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let mut word = word;
        loop {
            let used = line.chars().count();
            let room = if used == 0 { width } else { width.saturating_sub(used + 1) };
            if word.chars().count() <= room {
                break;
            }
            if used > 0 {
                lines.push(std::mem::take(&mut line));
                continue;
            }
            let (head, rest) = word.split_at(joint(word, width));
            lines.push(head.to_owned());
            word = rest;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// Returns where a word that is too long is broken.
fn joint(word: &str, width: usize) -> usize {
    let end = word.char_indices().nth(width.max(1)).map_or(word.len(), |(at, _)| at);
    let joint = word[..end].rfind([',', '_', '.', '-', '/', ':', '=']).map_or(0, |at| at + 1);
    if joint > end / 3 { joint } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words_and_long_words_at_a_joint() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("TLS_AES_256_GCM_SHA384", 16), ["TLS_AES_256_GCM_", "SHA384"]);
        assert_eq!(wrap("a TLS_AES_256_GCM_SHA384 b", 16), ["a", "TLS_AES_256_GCM_", "SHA384 b"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("ünïcödé ö", 4), ["ünïc", "ödé", "ö"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn no_line_is_longer_than_the_table_and_no_character_is_lost() {
        let text = "CN=broker1,OU=Kafka,O=Acme\\, Inc.,L=SF,ST=CA,C=US signed by aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        for width in 1..60 {
            let lines = wrap(text, width);
            assert!(lines.iter().all(|line| line.chars().count() <= width), "{width}: {lines:?}");
            assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        }
    }

    #[test]
    fn columns_stand_below_each_other() {
        let mut table = Table::new(&[4, 6], false);
        table.row(&[Cell::new("a"), Cell::new("one two")]);
        table.rule();
        table.row(&[Cell::new("b c d"), Cell::new("x").styled("1")]);
        table.row(&[Cell::new(""), Cell::of_paragraphs(vec!["a b c".to_owned(), "d".to_owned()])]);
        assert_eq!(table.finish(), "a     one\n      two\n────  ──────\nb c   x\nd\n      a b\n        c\n      d\n");
    }
}
