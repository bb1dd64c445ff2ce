//! Globs, regular expressions and moments in settings.

use std::cell::OnceCell;

use regex::bytes::{Regex, RegexBuilder};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Time, UtcDateTime};
use wildmatch::WildMatch;

use super::reader::{Node, Problems, Setting, complain, expected};
use crate::field::FieldPath;
use crate::text::quote;

/// Most memory that a compiled regular expression may take, in bytes: a pattern that needs more
/// is a mistake, and would be paid for in each request that reaches it.
const PATTERN_BYTES: usize = 256 * 1024;

/// A text in which `*` stands for any characters, and `?` for one.
#[derive(Clone, Debug)]
pub struct Glob(WildMatch);

impl Glob {
    /// Whether it matches the whole text.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0.matches(text)
    }
}

impl Setting for Glob {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        let text = String::read(node, at, problems)?;
        if text.is_empty() {
            complain(problems, at, "is empty".to_owned());
            return None;
        }
        Some(Self(WildMatch::new(&text)))
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema() -> serde_json::Value {
        serde_json::json!({"type": "string", "minLength": 1})
    }
}

/// A regular expression in the syntax of the `regex` crate, over ASCII: it is compiled when a
/// request first needs it.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    compiled: OnceCell<Result<Regex, String>>,
}

impl Pattern {
    /// The expression.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches somewhere in the text.
    ///
    /// # Errors
    /// Why it does not compile.
    pub fn matches(&self, text: &str) -> Result<bool, String> {
        self.compile().map(|regex| regex.is_match(text.as_bytes()))
    }

    /// Compiles it.
    ///
    /// # Errors
    /// Why it does not compile, as the end of a sentence.
    pub fn compile(&self) -> Result<&Regex, String> {
        let compile = || {
            RegexBuilder::new(&self.text).unicode(false).size_limit(PATTERN_BYTES).build().map_err(|error| {
                match error {
                    regex::Error::CompiledTooBig(_) => {
                        format!("{} is too large a pattern", quote(&self.text))
                    }
                    _ => format!("{} is not a regular expression", quote(&self.text)),
                }
            })
        };
        self.compiled.get_or_init(compile).as_ref().map_err(Clone::clone)
    }
}

impl Setting for Pattern {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        let text = String::read(node, at, problems)?;
        Some(Self { text, compiled: OnceCell::new() })
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema() -> serde_json::Value {
        serde_json::json!({"type": "string"})
    }
}

/// The end of a day, or an instant.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Moment(UtcDateTime);

impl Moment {
    /// The last instant that belongs to it.
    #[must_use]
    pub fn last(self) -> UtcDateTime {
        self.0
    }
}

impl Setting for Moment {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        let Node::Text(text) = node else {
            return expected("a date such as `2027-03-31`", node, at, problems);
        };
        let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
        let moment = match day {
            Ok(day) => Some(UtcDateTime::new(day, Time::MAX)),
            Err(_) => UtcDateTime::parse(text, &Rfc3339).ok(),
        };
        if moment.is_none() {
            let message = format!(
                "{} is neither a date (`2027-03-31`) nor a time (`2027-03-31T12:00:00Z`)",
                quote(text)
            );
            complain(problems, at, message);
        }
        moment.map(Self)
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema() -> serde_json::Value {
        serde_json::json!({"type": "string"})
    }
}

impl Setting for UtcDateTime {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        let text = String::read(node, at, problems)?;
        let read = Self::parse(&text, &Rfc3339).ok();
        if read.is_none() {
            complain(problems, at, format!("{} is not a time such as `2027-01-01T00:00:00Z`", quote(&text)));
        }
        read
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema() -> serde_json::Value {
        serde_json::json!({"type": "string", "format": "date-time"})
    }
}
