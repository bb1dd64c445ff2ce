//! What is wrong with settings, gathered to the end.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Bound;

use crate::json::path::FieldPath;

/// Something that is wrong with the settings.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Problem {
    /// Where.
    pub path: FieldPath,
    /// What: the end of a sentence that begins with the path.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.segments() {
            [] => write!(f, "settings: {}", self.message),
            _ => write!(f, "{}: {}", self.path, self.message),
        }
    }
}

/// A rule, as far as settings name it.
#[derive(Clone, Copy, Debug)]
pub struct KnownRule {
    /// Its code.
    pub code: &'static str,
    /// Whether settings can neither change its level nor lift it.
    pub fixed: bool,
    /// Whether it judges references, whose source a scope may hold.
    pub of_references: bool,
}

/// All rules that there are. They are handed to the settings, which stand below them.
pub type KnownRules = &'static [KnownRule];

/// All that is wrong, in the order in which it is found; and what names of rules are judged by.
#[derive(Debug)]
pub struct Problems {
    /// The rules that settings may name.
    pub rules: KnownRules,
    found: Vec<Problem>,
    /// Where a value could not be read, so that another stands in for it.
    unread: BTreeSet<FieldPath>,
}

impl Problems {
    /// Nothing is wrong yet.
    #[must_use]
    pub fn new(rules: KnownRules) -> Self {
        Self { rules, found: Vec::new(), unread: BTreeSet::new() }
    }

    /// Notes a problem, unless it follows from a value that could not be read.
    pub fn complain(&mut self, at: &FieldPath, message: impl Into<String>) {
        if !self.is_in_unread(at) {
            self.found.push(Problem { path: at.clone(), message: message.into() });
        }
    }

    /// Notes that a value could not be read, which a problem tells: what is found of its stand-in is not
    /// told.
    pub fn mark_unread(&mut self, at: FieldPath) {
        self.unread.insert(at);
    }

    /// Whether all of a value could be read.
    #[must_use]
    pub fn is_read(&self, at: &FieldPath) -> bool {
        let mut after = self.unread.range((Bound::Included(at), Bound::Unbounded));
        let holds_unread = after.next().is_some_and(|path| path.segments().starts_with(at.segments()));
        !holds_unread && !self.is_in_unread(at)
    }

    fn is_in_unread(&self, at: &FieldPath) -> bool {
        let steps = at.segments();
        let is_unread = |depth: usize| {
            let path: FieldPath = steps.iter().take(depth).cloned().collect();
            self.unread.contains(&path)
        };
        !self.unread.is_empty() && (0..=steps.len()).any(is_unread)
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns them all.
    #[must_use]
    pub fn into_vec(self) -> Vec<Problem> {
        self.found
    }
}
