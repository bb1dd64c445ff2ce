//! Codes of rules in settings, and levels by rule.

use std::collections::BTreeMap;
use std::fmt;

use crate::json::path::FieldPath;
use crate::quote::{nearest, quote};
use crate::settings::declare::words;
use crate::settings::node::Node;
use crate::settings::problem::{KnownRules, Problems};
use crate::settings::reader::{KeyedValues, Setting, expected, read_map, unread};

words! {
    /// What an offence leads to.
    pub enum Level {
        /// The request is denied.
        "deny" => Deny,
        /// The request passes with a warning.
        "warn" => Warn,
        /// Nothing.
        "off" => Off,
    }
}

/// The code of a rule.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct RuleCode(pub &'static str);

/// Why a name is no rule that settings can change.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RuleCodeError {
    /// It is one that is always enforced.
    Fixed,
    /// There is no such rule; the nearest name, if one is near.
    Unknown(Option<&'static str>),
}

impl fmt::Display for RuleCodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed => f.write_str("cannot be changed"),
            Self::Unknown(None) => f.write_str("is not a rule"),
            Self::Unknown(Some(near)) => write!(f, "is not a rule: did you mean `{near}`?"),
        }
    }
}

impl RuleCode {
    /// Returns the rule of this name, if it is one whose level may be chosen.
    ///
    /// # Errors
    /// There is no such rule, or settings cannot change it.
    pub fn parse(name: &str, rules: KnownRules) -> Result<Self, RuleCodeError> {
        match rules.iter().find(|rule| rule.code == name) {
            Some(rule) if rule.fixed => Err(RuleCodeError::Fixed),
            Some(rule) => Ok(Self(rule.code)),
            None => Err(RuleCodeError::Unknown(nearest(name, rules.iter().map(|rule| rule.code)))),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn words(rules: KnownRules) -> Vec<&'static str> {
        rules.iter().filter(|rule| !rule.fixed).map(|rule| rule.code).collect()
    }
}

impl Setting for RuleCode {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        let Node::Text(name) = node else { return expected("a string", node, at, problems) };
        Self::parse(name, problems.rules)
            .unwrap_or_else(|error| unread(problems, at, format!("{} {error}", quote(name))))
    }

    fn stand_in() -> Self {
        Self("")
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value {
        serde_json::json!({"enum": Self::words(rules)})
    }
}

/// Levels by rule.
#[derive(Clone, Debug, Default)]
pub struct RuleLevels(pub BTreeMap<RuleCode, Level>);

impl Setting for RuleLevels {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        let rules = problems.rules;
        match read_map(node, at, problems, |name| RuleCode::parse(name, rules)) {
            Some(KeyedValues { by_key, .. }) => Self(by_key),
            None => expected("an object", node, at, problems),
        }
    }

    fn stand_in() -> Self {
        Self::default()
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value {
        serde_json::json!({
            "type": "object",
            "propertyNames": {"enum": RuleCode::words(rules)},
            "additionalProperties": Level::schema(rules),
        })
    }
}
