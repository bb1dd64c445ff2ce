//! Reads settings strictly, and to the end: every problem is found, each with its path.

use std::collections::BTreeMap;
use std::fmt;

use crate::json::path::FieldPath;
use crate::quote::{nearest, quote};
use crate::settings::node::Node;
#[cfg(not(target_family = "wasm"))]
use crate::settings::problem::KnownRules;
use crate::settings::problem::Problems;

/// A value that can be read from settings.
pub trait Setting: Sized {
    /// Reads it. Where it cannot be read, the problem is noted, and a stand-in returned.
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self;

    /// What stands in for a value that cannot be read, so that all others are still checked. Settings with
    /// a problem are never used.
    fn stand_in() -> Self;

    /// Its JSON Schema.
    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value;
}

/// Notes why a value cannot be read, and returns its stand-in.
pub fn unread<T: Setting>(problems: &mut Problems, at: &FieldPath, message: impl Into<String>) -> T {
    problems.complain(at, message);
    problems.mark_unread(at.clone());
    T::stand_in()
}

/// Notes that another type was expected, and returns the stand-in.
pub fn expected<T: Setting>(what: &str, node: &Node, at: &FieldPath, problems: &mut Problems) -> T {
    unread(problems, at, format!("expected {what}, found {}", node.describe()))
}

/// Notes that a key which must be there is missing, and returns the stand-in.
pub fn missing<T: Setting>(key: &'static str, at: &FieldPath, problems: &mut Problems) -> T {
    problems.complain(at, format!("`{key}` is missing"));
    problems.mark_unread(at.clone().key(key));
    T::stand_in()
}

/// The members of an object: every key known, none twice. `None` for what is no object.
pub fn members<'n>(
    node: &'n Node,
    known: &[&str],
    at: &FieldPath,
    problems: &mut Problems,
) -> Option<BTreeMap<&'n str, &'n Node>> {
    let Node::Map(map) = node else { return None };
    let mut members = BTreeMap::new();
    for (key, value) in map {
        if !known.contains(&key.as_str()) {
            problems.complain(at, format!("unknown key {}: {}", quote(key), help(key, known)));
        } else if members.insert(key.as_str(), value).is_some() {
            problems.complain(&at.clone().member(key), "duplicate key");
        }
    }
    Some(members)
}

/// The `type` of an object, which must be one of `words`, and the object without it. `None` where the
/// problem is noted.
pub fn tag<'n>(
    node: &'n Node,
    words: &[&str],
    at: &FieldPath,
    problems: &mut Problems,
) -> Option<(&'n str, Node)> {
    let Node::Map(map) = node else {
        problems.complain(at, format!("expected an object, found {}", node.describe()));
        return None;
    };
    let at_type = at.clone().key("type");
    let (tags, rest): (Vec<_>, Vec<_>) = map.iter().partition(|(key, _)| key == "type");
    match tags.as_slice() {
        [(_, Node::Text(tag))] if words.contains(&tag.as_str()) => {
            return Some((tag, Node::Map(rest.into_iter().cloned().collect())));
        }
        [(_, Node::Text(tag))] => {
            problems.complain(&at_type, format!("unknown type {}: {}", quote(tag), help(tag, words)));
        }
        [(_, other)] => {
            let found = other.describe();
            problems.complain(&at_type, format!("expected one of {}, found {found}", list(words)));
        }
        [] => problems.complain(at, format!("`type` is missing: one of {}", list(words))),
        _ => problems.complain(&at_type, "duplicate key"),
    }
    None
}

/// Names in a sentence.
#[must_use]
pub fn list<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|name| quote(name.as_ref()).to_string()).collect::<Vec<_>>().join(", ")
}

/// What may have been meant instead of a name that is not known.
#[must_use]
pub fn help(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean {}?", quote(near)),
        None if known.is_empty() => "it has no key but `type`".to_owned(),
        None => format!("known: {}", list(known)),
    }
}

impl Setting for bool {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        match node {
            Node::Bool(value) => *value,
            _ => expected("`true` or `false`", node, at, problems),
        }
    }

    fn stand_in() -> Self {
        false
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(_: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "boolean"})
    }
}

impl Setting for usize {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        match node {
            Node::Natural(value @ 1..) => {
                Self::try_from(*value).unwrap_or_else(|_| expected("a smaller number", node, at, problems))
            }
            _ => expected("a whole number from 1", node, at, problems),
        }
    }

    fn stand_in() -> Self {
        1
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(_: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "integer", "minimum": 1})
    }
}

impl Setting for String {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        match node {
            Node::Text(text) => text.clone(),
            _ => expected("a string", node, at, problems),
        }
    }

    fn stand_in() -> Self {
        Self::new()
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(_: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "string"})
    }
}

impl<T: Setting> Setting for Vec<T> {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        let Node::List(list) = node else { return expected("a list", node, at, problems) };
        let items = list.iter().enumerate();
        items.map(|(index, node)| T::read(node, &at.clone().index(index), problems)).collect()
    }

    fn stand_in() -> Self {
        Self::new()
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "array", "items": T::schema(rules)})
    }
}

impl<T: Setting> Setting for Option<T> {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Self {
        Some(T::read(node, at, problems))
    }

    fn stand_in() -> Self {
        None
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value {
        T::schema(rules)
    }
}

/// Values of an object whose keys are values themselves, such as scopes.
#[derive(Debug)]
pub struct KeyedValues<K, V> {
    /// Those whose key could be read.
    pub by_key: BTreeMap<K, V>,
    /// The others, by what is written: the problem is noted.
    pub stray: Vec<(String, V)>,
}

/// Reads an object whose keys are values themselves. `None` for what is no object.
pub fn read_map<K: Ord, V: Setting, E: fmt::Display>(
    node: &Node,
    at: &FieldPath,
    problems: &mut Problems,
    read_key: impl Fn(&str) -> Result<K, E>,
) -> Option<KeyedValues<K, V>> {
    let Node::Map(map) = node else { return None };
    let mut read = KeyedValues { by_key: BTreeMap::new(), stray: Vec::new() };
    for (key, node) in map {
        let at = at.clone().member(key);
        let value = V::read(node, &at, problems);
        match read_key(key) {
            Err(error) => {
                problems.complain(&at, format!("{} {error}", quote(key)));
                read.stray.push((key.clone(), value));
            }
            Ok(key) => {
                if read.by_key.insert(key, value).is_some() {
                    problems.complain(&at, "duplicate key");
                }
            }
        }
    }
    Some(read)
}
