//! What was found, in the formats that people, programs and code hosts read.

pub mod github;
pub mod json;
pub mod junit;
pub mod sarif;
pub mod text;

use std::fmt;
use std::path::Path;

use clap::ValueEnum;
use openshift_image_trust::Level;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::commands::Status;
use crate::console::{self, Console};
use crate::page;
use crate::place::Position;
use crate::request::{Oddity, Others};
use crate::response::Line;

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Report {
    /// Lines for a person.
    Text,
    /// One JSON document for a program.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// JUnit's XML, for CI servers.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
}

/// From which level on something counts as failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Violations alone.
    #[default]
    Deny,
    /// Warnings too.
    Warn,
}

/// Everything that was found.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Findings {
    /// What was judged, in order.
    pub results: Vec<Judged>,
    /// The objects that were not, by kind.
    pub not_judged: Others,
    /// What could not be read or decided.
    pub undecided: Vec<Undecided>,
}

/// An object, a request or a case, and what was found about it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    /// What to call it: `ImageStream shop/web`.
    pub object: String,
    /// Where it stands.
    pub place: Place,
    /// Whether it passes.
    pub accepted: bool,
    /// How many violations there are, which may be more than are listed.
    pub count: usize,
    /// Why it does not pass.
    pub violations: Vec<Remark>,
    /// What else there is to say.
    pub warnings: Vec<Remark>,
    /// The rules that would have denied it, had no exemption applied.
    pub exempted: Vec<String>,
    /// What an admission request says about itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<serde_json::Value>,
    /// The policy's answer as it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<Box<RawValue>>,
}

/// What is said of one field.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Remark {
    /// The field's path in the object; none where the line is not one of a rule.
    pub path: Option<String>,
    /// The entry of a list that the path leads into, such as "tag `v1`".
    pub entry: Option<String>,
    /// The rule's code.
    pub rule: Option<String>,
    /// Whether it denies.
    #[serde(serialize_with = "as_text")]
    pub level: Level,
    /// What is said.
    pub message: String,
    /// Where the field stands, or what should hold it.
    pub place: Place,
    /// Where the rule is explained.
    pub documentation: Option<String>,
}

/// Something that could not be read or decided.
#[derive(Debug, Serialize)]
pub struct Undecided {
    /// Where.
    pub place: Place,
    /// Why.
    pub message: String,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file as it was named; `-` for standard input.
    pub file: String,
    /// The line and column, where they are known.
    #[serde(flatten)]
    pub position: Option<Position>,
}

fn as_text<S: Serializer>(level: &Level, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(level.as_str())
}

impl Findings {
    /// How it all ends: undecided where anything is, or where nothing was judged.
    pub fn status(&self, fail_on: FailOn) -> Status {
        if self.results.is_empty() || !self.undecided.is_empty() {
            return Status::Undecided;
        }
        match self.results.iter().any(|judged| judged.fails(fail_on)) {
            true => Status::Failure,
            false => Status::Success,
        }
    }

    /// Prints it all, in any format but text, which is printed as it goes.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn print(&self, report: Report, fail_on: FailOn, console: &mut Console) -> anyhow::Result<()> {
        match report {
            Report::Text => {}
            Report::Json => json::print(self, console)?,
            Report::Sarif => console.json(&sarif::document(self))?,
            Report::Junit => console.script(&junit::document(self, fail_on)?)?,
            Report::Github => github::lines(self).iter().try_for_each(|line| console.line(line))?,
        }
        Ok(())
    }
}

impl Judged {
    /// Whether it counts as failed.
    pub fn fails(&self, fail_on: FailOn) -> bool {
        !self.accepted || (fail_on == FailOn::Warn && !self.warnings.is_empty())
    }

    /// Violations and warnings, in this order.
    pub fn remarks(&self) -> impl Iterator<Item = &Remark> {
        self.violations.iter().chain(&self.warnings)
    }
}

impl Remark {
    /// What a line of the policy's answer says.
    pub fn of_line(line: &str, level: Level, place: Place) -> Self {
        let Some(Line { path, entry, message, code }) = Line::parse(line) else {
            return Remark {
                path: None,
                entry: None,
                rule: None,
                level,
                message: line.to_owned(),
                place,
                documentation: None,
            };
        };
        Remark {
            path: Some(path.to_owned()),
            entry: entry.map(str::to_owned),
            rule: Some(code.to_owned()),
            level,
            message: message.to_owned(),
            place,
            documentation: page::address(code),
        }
    }
}

impl fmt::Display for Remark {
    /// As the policy writes it: ``spec.tags[0].from.name (tag `v1`): … [source-not-allowed]``
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            formatter.write_str(path)?;
            if let Some(entry) = &self.entry {
                write!(formatter, " ({entry})")?;
            }
            formatter.write_str(": ")?;
        }
        formatter.write_str(&self.message)?;
        match &self.rule {
            Some(rule) => write!(formatter, " [{rule}]"),
            None => Ok(()),
        }
    }
}

impl Place {
    /// A file, without a line in it.
    pub fn of(file: &Path) -> Self {
        let file = file.strip_prefix(".").unwrap_or(file);
        Place { file: file.to_string_lossy().into_owned(), position: None }
    }
}

impl fmt::Display for Place {
    /// `stream.yaml:12`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&console::name(Path::new(&self.file)))?;
        match self.position {
            Some(Position { line, .. }) => write!(formatter, ":{line}"),
            None => Ok(()),
        }
    }
}

/// What only this command says, beside the policy's rules: code and summary.
pub fn own_rules() -> impl Iterator<Item = (&'static str, &'static str)> {
    Oddity::CODES.into_iter().chain([(CASE_FAILED, "a case of a suite did not get the expected answer")])
}

/// The code of a case that did not get the expected answer.
pub const CASE_FAILED: &str = "case-failed";

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn place(file: &str, line: usize, column: usize) -> Place {
        Place { file: file.to_owned(), position: Some(Position { line, column }) }
    }

    fn judged(object: &str, line: usize, lines: &[(&str, Level)]) -> Judged {
        let remarks = |wanted| {
            let lines = lines.iter().filter(move |(_, level)| *level == wanted);
            lines.map(move |(text, level)| Remark::of_line(text, *level, place("a b/s%.yaml", line + 4, 7)))
        };
        let violations: Vec<_> = remarks(Level::Deny).collect();
        Judged {
            object: object.to_owned(),
            place: place("a b/s%.yaml", line, 1),
            accepted: violations.is_empty(),
            count: violations.len(),
            violations,
            warnings: remarks(Level::Warn).collect(),
            exempted: Vec::new(),
            request: None,
            response: None,
        }
    }

    /// One of each sort, with what has to be escaped.
    pub(crate) fn findings() -> Findings {
        Findings {
            results: vec![
                judged("ImageStream shop/good", 1, &[]),
                judged("ImageStream shop/odd", 11, &[("spec: odd, [tag-moved]", Level::Warn)]),
                judged(
                    "ImageStream <&shop>/bad\u{1b}[31m",
                    21,
                    &[
                        (
                            "spec.tags[0].from.name (tag `v1`): 100% <bad>\n::error::x [source-not-allowed]",
                            Level::Deny,
                        ),
                        ("and 3 more", Level::Deny),
                        ("spec.x: odd [unknown-field]", Level::Warn),
                    ],
                ),
            ],
            not_judged: Others::default(),
            undecided: vec![Undecided {
                place: Place { file: "-".to_owned(), position: None },
                message: "is not YAML".to_owned(),
            }],
        }
    }

    #[test]
    fn what_ends_how() {
        let mut findings = findings();
        assert_eq!(findings.status(FailOn::Deny), Status::Undecided);
        findings.undecided.clear();
        assert_eq!(findings.status(FailOn::Deny), Status::Failure);
        findings.results.pop();
        assert_eq!(findings.status(FailOn::Deny), Status::Success);
        assert_eq!(findings.status(FailOn::Warn), Status::Failure);
        findings.results.pop();
        assert_eq!(findings.status(FailOn::Warn), Status::Success);
        findings.results.pop();
        assert_eq!(findings.status(FailOn::Deny), Status::Undecided);
    }

    #[test]
    fn a_remark_reads_as_its_line() {
        for line in [
            "spec.tags[0].from.name (tag `v1`): is odd [source-not-allowed]",
            "spec: is odd [x]",
            "and 3 more",
        ] {
            assert_eq!(Remark::of_line(line, Level::Deny, place("a", 1, 1)).to_string(), line);
        }
    }

    #[test]
    fn only_rules_of_the_policy_have_a_page() {
        let documentation = |code: &str| {
            Remark::of_line(&format!("spec: is odd [{code}]"), Level::Deny, place("a", 1, 1)).documentation
        };
        assert_eq!(documentation("tag-moved"), Some(format!("{}/rules/tag-moved.html", page::BOOK)));
        for (code, _) in own_rules() {
            assert_eq!(documentation(code), None, "{code}");
        }
    }

    #[test]
    fn a_place_is_named_with_its_line() {
        assert_eq!(place("./a/b.yaml", 12, 3).to_string(), "./a/b.yaml:12");
        assert_eq!(Place::of(Path::new("./a.yaml")).to_string(), "a.yaml");
        assert_eq!(place("-", 3, 1).to_string(), "standard input:3");
    }
}
