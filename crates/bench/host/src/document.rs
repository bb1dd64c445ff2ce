//! `image-trust-bench document`: puts the figures of one run into a document.
//!
//! A table stands between `<!-- NAME: written by … -->` and `<!-- /NAME -->`; plots go into a folder
//! beside the document that is named like it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::report::{self, Report};
use crate::{load, plot, rows, series};

/// Writes the tables and plots of a document anew, from what `rows` and `load` have found.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The document.
    #[arg(default_value = "docs/performance.md")]
    document: PathBuf,
    /// The folder of the figures.
    #[arg(long, default_value = "target/bench")]
    from: PathBuf,
}

impl Arguments {
    /// Runs the command.
    pub(crate) fn execute(&self) -> Result<()> {
        let bench: Report = report::read(&self.from.join(rows::REPORT))?;
        let load: load::Report = report::read(&self.from.join(load::REPORT))?;
        ensure!(
            bench.modules.first().is_some_and(|policy| policy.sha256 == load.sha256),
            "the figures are of different modules: measure again"
        );
        let context = || self.document.display().to_string();
        let mut text = fs::read_to_string(&self.document).with_context(context)?;
        let plots = self.document.with_extension("");
        fs::create_dir_all(&plots)?;

        let machine = &bench.machine;
        let mut sections = vec![
            (
                "machine".to_owned(),
                format!("Measured on {} threads of {}.\n", machine.threads, machine.processor),
            ),
            ("targets".to_owned(), bench.aims().to_markdown()),
            ("modules".to_owned(), bench.modules().to_markdown()),
            ("rows".to_owned(), bench.rows().to_markdown()),
            ("load".to_owned(), load.table().to_markdown()),
        ];
        for series in series::of(&bench.rows) {
            sections.push((series.name.to_owned(), series.table().to_markdown()));
            plot::series(&series, &plots)?;
        }
        plot::load(&load, &plots)?;
        for (name, content) in sections {
            text = replaced(&text, &name, &content).with_context(context)?;
        }
        write(&self.document, &text)
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| path.display().to_string())
}

/// A text with something else between the marks of this name.
fn replaced(text: &str, name: &str, content: &str) -> Result<String> {
    let (before, rest) =
        text.split_once(&format!("<!-- {name}: ")).with_context(|| format!("no mark `{name}` begins"))?;
    let (words, rest) = rest.split_once(" -->\n").with_context(|| format!("the mark `{name}` has no end"))?;
    let end = format!("<!-- /{name} -->");
    let (_, after) = rest.split_once(&end).with_context(|| format!("no mark `/{name}` ends it"))?;
    Ok(format!("{before}<!-- {name}: {words} -->\n\n{content}\n{end}{after}"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn what_is_between_marks_is_replaced_and_nothing_else() {
        let text = "a\n<!-- rows: by hand -->\nold\n<!-- /rows -->\nb\n<!-- load: x -->\n<!-- /load -->\n";
        let once = replaced(text, "rows", "| new |\n").unwrap();
        let expected =
            "a\n<!-- rows: by hand -->\n\n| new |\n\n<!-- /rows -->\nb\n<!-- load: x -->\n<!-- /load -->\n";
        assert_eq!(once, expected);
        assert_eq!(replaced(&once, "rows", "| new |\n").unwrap(), expected);
        for name in ["row", "modules"] {
            assert!(replaced(text, name, "").is_err(), "{name}");
        }
        assert!(replaced("<!-- rows: x -->\n", "rows", "").is_err());
    }
}
