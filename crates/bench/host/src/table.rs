//! Tables, for terminals and for documents.

use std::fmt::Write as _;

/// A table: a heading a column, and lines of as many cells. All but the first column are figures.
pub(crate) struct Table {
    heads: Vec<String>,
    lines: Vec<Vec<String>>,
}

impl Table {
    /// A table without lines.
    pub(crate) fn new<'h>(heads: impl IntoIterator<Item = &'h str>) -> Self {
        Self { heads: heads.into_iter().map(str::to_owned).collect(), lines: Vec::new() }
    }

    /// Adds a line.
    pub(crate) fn line(&mut self, cells: impl IntoIterator<Item = String>) {
        self.lines.push(cells.into_iter().collect());
    }

    /// In columns.
    pub(crate) fn to_text(&self) -> String {
        let lines: Vec<&Vec<String>> = std::iter::once(&self.heads).chain(&self.lines).collect();
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let mut text = String::new();
        for line in &lines {
            let cells = line.iter().enumerate().map(|(column, cell)| match column {
                0 => format!("{cell:<width$}", width = width(column)),
                _ => format!("{cell:>width$}", width = width(column)),
            });
            let cells: Vec<String> = cells.collect();
            text.push_str(cells.join("  ").trim_end());
            text.push('\n');
        }
        text
    }

    /// In Markdown.
    pub(crate) fn to_markdown(&self) -> String {
        let rules = self.heads.iter().enumerate().map(|(column, _)| match column {
            0 => "---".to_owned(),
            _ => "---:".to_owned(),
        });
        let mut text = String::new();
        for line in [&self.heads, &rules.collect()].into_iter().chain(&self.lines) {
            // Writing to a string does not fail.
            _ = writeln!(text, "| {} |", line.join(" | "));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_the_same_for_terminals_and_documents() {
        let mut table = Table::new(["row", "ms"]);
        table.line(["a × b".to_owned(), "1.5".to_owned()]);
        table.line(["c".to_owned(), "100".to_owned()]);
        assert_eq!(table.to_text(), "row     ms\na × b  1.5\nc      100\n");
        assert_eq!(table.to_markdown(), "| row | ms |\n| --- | ---: |\n| a × b | 1.5 |\n| c | 100 |\n");
    }
}
