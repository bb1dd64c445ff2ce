//! Globs, regular expressions and moments in settings.

use std::cell::{Cell, OnceCell};
use std::fmt;

use regex_lite::{Regex, RegexBuilder};
use time::format_description::well_known::Rfc3339;
use time::{Time, UtcDateTime};
use wildmatch::WildMatch;

use crate::json::path::FieldPath;
use crate::quote::{quote, quote_or};
use crate::settings::node::Node;
#[cfg(not(target_family = "wasm"))]
use crate::settings::problem::KnownRules;
use crate::settings::problem::Problems;
use crate::settings::reader::{Setting, expected, unread};

/// Most memory that a compiled regular expression may take, in bytes: a pattern that needs more
/// is a mistake, and would be paid for in each request that reaches it.
const PATTERN_BYTES: usize = 256 * 1024;

/// Most bytes that one request may have compared with a pattern: those of some seven thousand names, about as many
/// as a stream has that the cluster can store. Most patterns take milliseconds for them, and some a second.
const COMPARED_BYTES: usize = 128 * 1024;

/// A text in which `*` stands for any characters, and `?` for one.
#[derive(Clone, Debug)]
pub struct Glob(WildMatch);

impl Glob {
    /// Whether it matches the whole text.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0.matches(text)
    }

    /// Whether it has no letters but these, beside those that stand for any: with others it matches nothing
    /// that is made of these.
    #[must_use]
    pub fn is_made_of(&self, may_have: impl Fn(char) -> bool) -> bool {
        self.0.pattern_chars().iter().all(|c| ['*', '?'].contains(c) || may_have(*c))
    }

    /// Whether all that it matches begins with one of these.
    #[must_use]
    pub fn begins_with(&self, chars: &[char]) -> bool {
        self.0.pattern_chars().first().is_some_and(|first| chars.contains(first))
    }

    /// How many characters the shortest text has that it matches.
    #[must_use]
    pub fn shortest(&self) -> usize {
        self.0.pattern_chars().iter().filter(|c| **c != '*').count()
    }

    /// The same as `matches`, whatever the case of either.
    #[must_use]
    pub fn matches_in_any_case(&self, text: &str) -> bool {
        WildMatch::new(&self.0.pattern().to_lowercase()).matches(&text.to_lowercase())
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Setting for Glob {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        let Node::Text(text) = node else { return expected("a string", node, at, problems) };
        if text.is_empty() {
            return unread(problems, at, "is empty");
        }
        if text.contains(['^', '$']) {
            let message = format!("{} is a glob, in which `^` and `$` stand for themselves", quote(text));
            return unread(problems, at, message);
        }
        Self(WildMatch::new(text))
    }

    fn stand_in() -> Self {
        Self(WildMatch::new(""))
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(_: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "string", "minLength": 1})
    }
}

/// A regular expression in the syntax of the crate `regex-lite`, in which classes such as `\d` are of
/// ASCII: it is compiled when a request first needs it.
///
/// It finds what `regex` finds, without half a megabyte of tables and engines that the module, which every
/// policy server keeps, would have for texts of forty letters.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    compiled: OnceCell<Result<Regex, PatternError>>,
    /// Bytes that were compared with it.
    compared: Cell<usize>,
}

/// Why a regular expression cannot tell whether it matches.
#[derive(Clone, Debug)]
pub enum PatternError {
    /// It does not compile, or takes too much memory.
    Unusable {
        /// The expression.
        text: String,
        /// What the compiler says.
        error: regex_lite::Error,
    },
    /// One request has it compared with more than [`COMPARED_BYTES`].
    Spent,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable { text, error } => {
                write!(f, "{} is not a usable regular expression: {error}", quote(text))
            }
            Self::Spent => {
                write!(f, "the request has more than {COMPARED_BYTES} bytes of names to compare; split it")
            }
        }
    }
}

impl std::error::Error for PatternError {}

impl Pattern {
    /// The expression.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches somewhere in the text.
    ///
    /// # Errors
    /// It cannot be used.
    pub fn matches(&self, text: &str) -> Result<bool, &PatternError> {
        let regex = self.compile()?;
        self.compared.set(self.compared.get().saturating_add(text.len()));
        if self.compared.get() > COMPARED_BYTES {
            return Err(&PatternError::Spent);
        }
        Ok(regex.is_match(text))
    }

    /// Compiles it.
    ///
    /// # Errors
    /// It cannot be used.
    pub fn compile(&self) -> Result<&Regex, &PatternError> {
        let compile = || {
            let regex = RegexBuilder::new(&self.text).size_limit(PATTERN_BYTES).build();
            regex.map_err(|error| PatternError::Unusable { text: self.text.clone(), error })
        };
        self.compiled.get_or_init(compile).as_ref()
    }
}

impl Setting for Pattern {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        match node {
            Node::Text(text) => {
                Self { text: text.clone(), compiled: OnceCell::new(), compared: Cell::new(0) }
            }
            _ => expected("a string", node, at, problems),
        }
    }

    fn stand_in() -> Self {
        Self { text: String::new(), compiled: OnceCell::new(), compared: Cell::new(0) }
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(_: KnownRules) -> serde_json::Value {
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
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        let Node::Text(text) = node else {
            return expected("a date such as `2027-03-31`", node, at, problems);
        };
        let read = |text: &str| UtcDateTime::parse(text, &Rfc3339).ok();
        // A description of days alone would bring a second reader of dates into the module.
        let moment = match read(&format!("{text}T00:00:00Z")) {
            Some(midnight) => Some(midnight.replace_time(Time::MAX)),
            None => read(text),
        };
        moment.map(Self).unwrap_or_else(|| {
            let message = format!(
                "{} is neither a date (`2027-03-31`) nor a time (`2027-03-31T12:00:00Z`)",
                quote_or(text, "an empty text")
            );
            unread(problems, at, message)
        })
    }

    fn stand_in() -> Self {
        Self(UtcDateTime::UNIX_EPOCH)
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(_: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "string"})
    }
}

impl Setting for UtcDateTime {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        let Node::Text(text) = node else { return expected("a string", node, at, problems) };
        Self::parse(text, &Rfc3339).unwrap_or_else(|_| {
            unread(problems, at, format!("{} is not a time such as `2027-01-01T00:00:00Z`", quote(text)))
        })
    }

    fn stand_in() -> Self {
        Self::UNIX_EPOCH
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(_: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "string", "format": "date-time"})
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use std::cell::{Cell, OnceCell};

    use proptest::prelude::{Just, Strategy, prop, prop_assert_eq, prop_oneof, proptest};

    use super::Pattern;

    fn pattern(text: &str) -> Pattern {
        Pattern { text: text.to_owned(), compiled: OnceCell::new(), compared: Cell::new(0) }
    }

    #[test]
    fn a_pattern_matches_anywhere_unless_anchored() {
        for (text, matched, other) in [
            ("^v\\d+$", "v12", "v12a"),
            ("\\d", "rc1", "rc"),
            ("(?i)^stable$", "STABLE", "unstable"),
            ("^(?:v\\d+|latest)$", "latest", "latest-1"),
            ("^[a-z0-9.-]{1,5}$", "a.b-1", "a.b-12"),
            ("^[^-]+$", "v1", "v1-rc"),
            ("\\bfix\\b", "hot-fix", "hotfix"),
        ] {
            assert!(pattern(text).matches(matched).unwrap(), "{text}");
            assert!(!pattern(text).matches(other).unwrap(), "{text}");
        }
    }

    #[test]
    fn what_would_be_slow_or_means_something_else_elsewhere_is_refused_with_its_reason() {
        for (text, reason) in [
            ("(", "found open group without closing ')'"),
            ("a{1000}{1000}", "compiled regex exceeded size limit"),
            ("(?=a)", "look-around is not supported"),
            ("(a)\\1", "backreferences are not supported"),
            ("\\pL", "Unicode character classes are not supported"),
            ("[a-z&&[^b]]", "character class intersection is not supported"),
        ] {
            let message = format!("`{text}` is not a usable regular expression: {reason}");
            assert_eq!(pattern(text).matches("a").unwrap_err().to_string(), message);
        }
    }

    /// Expressions made of the parts that people use.
    fn expressions() -> impl Strategy<Value = String> {
        let atom = prop::sample::select(vec![
            "a",
            "b",
            "v",
            "1",
            "\\.",
            "-",
            "_",
            ".",
            "\\d",
            "\\w",
            "\\s",
            "\\D",
            "\\W",
            "[a-c]",
            "[^a-c]",
            "[.\\-_]",
            "[[:alpha:]]",
            "\\b",
            "\\B",
            "^",
            "$",
            "(?i:AB)",
            "\\x61",
            "",
        ]);
        let leaf = atom.prop_map(str::to_owned);
        let operator = prop::sample::select(vec!["", "*", "+", "?", "*?", "+?", "{2}", "{1,2}", "{2,}"]);
        let expression = leaf.prop_recursive(4, 24, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
                prop::collection::vec(inner.clone(), 1..4)
                    .prop_map(|parts| format!("(?:{})", parts.join("|"))),
                (inner, operator.clone()).prop_map(|(part, operator)| format!("({part}){operator}")),
            ]
        });
        (prop_oneof![Just(""), Just("^"), Just("(?i)")], expression)
            .prop_map(|(start, rest)| format!("{start}{rest}"))
    }

    proptest! {
        /// The engine that nearly every Rust program has is the yardstick.
        #[test]
        fn a_pattern_finds_what_the_crate_regex_finds(
            text in expressions(),
            names in prop::collection::vec("[abcv12._ -]{0,12}|[A-Z]{0,4}", 8),
        ) {
            let Ok(regex) = regex::bytes::RegexBuilder::new(&text).unicode(false).build() else { return Ok(()) };
            let pattern = pattern(&text);
            for name in names {
                prop_assert_eq!(pattern.matches(&name).unwrap(), regex.is_match(name.as_bytes()), "{:?} in {:?}", text, name);
            }
        }
    }
}
