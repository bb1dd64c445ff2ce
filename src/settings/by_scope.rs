//! Scopes in settings, and values by scope.

use std::collections::BTreeMap;

use crate::json::path::FieldPath;
use crate::oci::scope::Scope;
use crate::quote::quote;
use crate::settings::node::Node;
#[cfg(not(target_family = "wasm"))]
use crate::settings::problem::KnownRules;
use crate::settings::problem::Problems;
use crate::settings::reader::{KeyedValues, Setting, expected, read_map, unread};

/// Values by scope.
#[derive(Clone, Debug)]
pub struct ByScope<T> {
    /// The values.
    pub values: BTreeMap<Scope, T>,
    /// Values of what is no scope, kept for the checks: settings with them are never used.
    stray: Vec<(String, T)>,
}

impl<T> ByScope<T> {
    /// All values that were written, each with the text that names it in a path.
    pub fn written(&self) -> impl Iterator<Item = (&str, &T)> {
        let stray = self.stray.iter().map(|(text, value)| (text.as_str(), value));
        self.values.iter().map(|(scope, value)| (scope.as_str(), value)).chain(stray)
    }
}

impl<T> Default for ByScope<T> {
    fn default() -> Self {
        Self { values: BTreeMap::new(), stray: Vec::new() }
    }
}

impl<T: Setting> Setting for ByScope<T> {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        match read_map(node, at, problems, Scope::parse) {
            Some(KeyedValues { by_key, stray }) => Self { values: by_key, stray },
            None => expected("an object", node, at, problems),
        }
    }

    fn stand_in() -> Self {
        Self::default()
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "object", "additionalProperties": T::schema(rules)})
    }
}

impl Setting for Scope {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        let Node::Text(text) = node else { return expected("a string", node, at, problems) };
        Self::parse(text)
            .unwrap_or_else(|error| unread(problems, at, format!("scope {} {error}", quote(text))))
    }

    fn stand_in() -> Self {
        Self::everywhere()
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(_: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "string"})
    }
}
