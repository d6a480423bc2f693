//! Tables whose cells wrap.

use super::style;
use super::wrap::wrap;

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

#[cfg(test)]
mod tests {
    use super::*;

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
