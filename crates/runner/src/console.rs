//! Standard output and error: what is shown to a person is made safe to show.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use openshift_image_trust::escape;

/// A colour with a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Allowed, passed.
    Green,
    /// Denied, failed.
    Red,
    /// Worth a look.
    Yellow,
}

/// Where a command prints to.
pub struct Console {
    out: Box<dyn Write>,
    colourful: bool,
}

impl Console {
    /// The process's own standard output, colourful only for a person who has not said otherwise
    /// (<https://no-color.org>).
    pub fn standard() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colourful = io::stdout().is_terminal() && !unwanted;
        Console { out: Box::new(io::stdout().lock()), colourful }
    }

    /// Prints a line.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", escape(text))
    }

    /// Prints a line that starts with a coloured word.
    pub fn marked_line(&mut self, indent: &str, word: &str, colour: Colour, text: &str) -> io::Result<()> {
        let text = escape(text);
        if self.colourful {
            writeln!(self.out, "{indent}\u{1b}[{}m{word}\u{1b}[0m {text}", colour.code())
        } else {
            writeln!(self.out, "{indent}{word} {text}")
        }
    }

    /// Prints a text of this program's own as it is, line breaks and all.
    pub fn script(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.as_bytes())
    }

    /// Prints a document as JSON.
    pub fn json(&mut self, document: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.out, document)?;
        writeln!(self.out)
    }
}

impl Colour {
    fn code(self) -> &'static str {
        match self {
            Colour::Green => "32",
            Colour::Red => "1;31",
            Colour::Yellow => "33",
        }
    }
}

/// Prints a line on standard error. Where even that fails there is nobody left to tell.
pub fn complain(problem: impl Display) {
    _ = writeln!(io::stderr(), "image-trust: {}", escape(&problem.to_string()));
}

/// A file's name, for a person.
pub fn name(path: &Path) -> String {
    match path.to_str() {
        Some("-") => "standard input".to_owned(),
        _ => escape(&path.to_string_lossy()),
    }
}
