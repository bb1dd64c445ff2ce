//! Reads settings strictly, and to the end: every problem is found, each with its path.
//!
//! A struct declared with [`settings!`] is its own reader and its own JSON Schema, so that the
//! two cannot disagree.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::json::path::FieldPath;
use crate::quote::{nearest, quote};

/// JSON as it was written: duplicate members are still there.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that is not negative.
    Natural(u64),
    /// Any other number.
    Number(f64),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// An object.
    Map(Vec<(String, Node)>),
}

impl Node {
    fn describe(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => format!("`{value}`"),
            Self::Natural(value) => format!("the number {value}"),
            Self::Number(value) => format!("the number {value}"),
            Self::Text(text) => format!("the string {}", quote(text)),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "an object".to_owned(),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Node;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Bool(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Natural(value))
            }

            #[expect(clippy::cast_precision_loss, reason = "only shown, in a complaint")]
            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Number(value as f64))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Number(value))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Node, E> {
                Ok(Node::Text(text.to_owned()))
            }

            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Null)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Node, A::Error> {
                let mut list = Vec::new();
                while let Some(element) = elements.next_element()? {
                    list.push(element);
                }
                Ok(Node::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
                let mut map = Vec::new();
                while let Some(member) = members.next_entry()? {
                    map.push(member);
                }
                Ok(Node::Map(map))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

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
}

impl Problems {
    /// Nothing is wrong yet.
    #[must_use]
    pub fn new(rules: KnownRules) -> Self {
        Self { rules, found: Vec::new() }
    }

    /// Returns how many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// Returns them all.
    #[must_use]
    pub fn into_vec(self) -> Vec<Problem> {
        self.found
    }
}

/// A value that can be read from settings.
pub trait Setting: Sized {
    /// Reads it, or tells why it cannot be read.
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self>;

    /// Its JSON Schema.
    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value;
}

/// Notes a problem.
pub fn complain(problems: &mut Problems, at: &FieldPath, message: String) {
    problems.found.push(Problem { path: at.clone(), message });
}

/// Notes that another type was expected.
pub fn expected<T>(what: &str, node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<T> {
    complain(problems, at, format!("expected {what}, found {}", node.describe()));
    None
}

/// The members of an object: every key known, none twice.
pub fn members<'n>(
    node: &'n Node,
    known: &[&str],
    at: &FieldPath,
    problems: &mut Problems,
) -> Option<BTreeMap<&'n str, &'n Node>> {
    let Node::Map(map) = node else { return expected("an object", node, at, problems) };
    let mut members = BTreeMap::new();
    for (key, value) in map {
        if !known.contains(&key.as_str()) {
            complain(problems, at, format!("unknown key {}: {}", quote(key), help(key, known)));
        } else if members.insert(key.as_str(), value).is_some() {
            complain(problems, &at.clone().member(key), "duplicate key".to_owned());
        }
    }
    Some(members)
}

/// Names in a sentence.
#[must_use]
pub fn list<S: AsRef<str>>(names: &[S]) -> String {
    names.iter().map(|name| quote(name.as_ref()).to_string()).collect::<Vec<_>>().join(", ")
}

/// What may have been meant instead of a name that is not known.
pub fn help(name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean {}?", quote(near)),
        None => format!("known: {}", list(known)),
    }
}

impl Setting for bool {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        match node {
            Node::Bool(value) => Some(*value),
            _ => expected("`true` or `false`", node, at, problems),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(_: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "boolean"})
    }
}

impl Setting for usize {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        match node {
            Node::Natural(value @ 1..) => {
                usize::try_from(*value).ok().or_else(|| expected("a smaller number", node, at, problems))
            }
            _ => expected("a whole number from 1", node, at, problems),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(_: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "integer", "minimum": 1})
    }
}

impl Setting for String {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        match node {
            Node::Text(text) => Some(text.clone()),
            _ => expected("a string", node, at, problems),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(_: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "string"})
    }
}

impl<T: Setting> Setting for Vec<T> {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        let Node::List(list) = node else { return expected("a list", node, at, problems) };
        let read: Vec<Option<T>> = list
            .iter()
            .enumerate()
            .map(|(index, node)| T::read(node, &at.clone().index(index), problems))
            .collect();
        read.into_iter().collect()
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value {
        serde_json::json!({"type": "array", "items": T::schema(rules)})
    }
}

impl<T: Setting> Setting for Option<T> {
    fn read(node: &Node, at: &FieldPath, problems: &mut Problems) -> Option<Self> {
        T::read(node, at, problems).map(Some)
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(rules: KnownRules) -> serde_json::Value {
        T::schema(rules)
    }
}

/// An object whose keys are values themselves, such as scopes.
pub fn read_map<K: Ord, V: Setting>(
    node: &Node,
    at: &FieldPath,
    problems: &mut Problems,
    read_key: impl Fn(&str) -> Result<K, String>,
) -> Option<BTreeMap<K, V>> {
    let Node::Map(map) = node else { return expected("an object", node, at, problems) };
    let found = problems.count();
    let mut read = BTreeMap::new();
    for (key, node) in map {
        let at = at.clone().member(key);
        let value = V::read(node, &at, problems);
        match read_key(key) {
            Err(error) => complain(problems, &at, format!("{} {error}", quote(key))),
            Ok(key) => {
                if let Some(value) = value
                    && read.insert(key, value).is_some()
                {
                    complain(problems, &at, "duplicate key".to_owned());
                }
            }
        }
    }
    (problems.count() == found).then_some(read)
}

/// The schema of an object, of its fields: key, documentation, schema, whether it must be there,
/// and its default as the declaration writes it.
#[cfg(not(target_family = "wasm"))]
pub fn object_schema(fields: Vec<(&str, &str, serde_json::Value, bool, &str)>) -> serde_json::Value {
    let mut properties = serde_json::Map::new();
    let mut required = Vec::new();
    for (key, documentation, mut schema, is_required, default) in fields {
        describe(&mut schema, documentation);
        if let (Some(default), Some(schema)) = (plain(default, &schema), schema.as_object_mut()) {
            schema.insert("default".to_owned(), default);
        }
        properties.insert(key.to_owned(), schema);
        if is_required {
            required.push(key);
        }
    }
    serde_json::json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The schema of one shape of an object that is told apart by its `type`.
#[cfg(not(target_family = "wasm"))]
pub fn tagged_schema(word: &str, documentation: &str, mut shape: serde_json::Value) -> serde_json::Value {
    describe(&mut shape, documentation);
    if let Some(properties) = shape.pointer_mut("/properties").and_then(serde_json::Value::as_object_mut) {
        properties.insert("type".to_owned(), serde_json::json!({"const": word}));
    }
    if let Some(required) = shape.pointer_mut("/required").and_then(serde_json::Value::as_array_mut) {
        required.insert(0, "type".into());
    }
    shape
}

/// A default that settings could write: a number, a truth value, an empty list, or one of the words of
/// its schema. An absent setting and an object of defaults have no value of their own.
#[cfg(not(target_family = "wasm"))]
fn plain(default: &str, schema: &serde_json::Value) -> Option<serde_json::Value> {
    if default == "Vec::new()" {
        return Some(serde_json::json!([]));
    }
    let variant = default.split_once("::").map(|(_, variant)| variant.split('(').next().unwrap_or_default());
    let Some(variant) = variant else { return serde_json::from_str(&default.replace('_', "")).ok() };
    let is_meant =
        |word: &&serde_json::Value| word.as_str().is_some_and(|word| word.eq_ignore_ascii_case(variant));
    let word = || schema.get("enum")?.as_array()?.iter().find(is_meant).cloned();
    let shapes = || schema.get("oneOf")?.as_array().map(Vec::as_slice);
    let consts = shapes().unwrap_or_default().iter();
    let mut tags = consts.filter_map(|shape| shape.pointer("/properties/type/const"));
    word().or_else(|| tags.find(is_meant).map(|tag| serde_json::json!({"type": tag})))
}

#[cfg(not(target_family = "wasm"))]
fn describe(schema: &mut serde_json::Value, documentation: &str) {
    let lines: Vec<&str> = documentation.lines().map(str::trim).collect();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), lines.join(" ").into());
    }
}

/// Declares a struct of settings: for each field its key and, unless it must be written, what
/// it is when it is not.
macro_rules! settings {
    ($(
        $(#[doc = $doc:literal])*
        pub struct $name:ident {
            $(
                $(#[doc = $field_doc:literal])*
                $key:literal => $field:ident: $type:ty $(= $default:expr)?,
            )*
        }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $( $(#[doc = $field_doc])* pub $field: $type, )*
        }

        impl $crate::settings::reader::Setting for $name {
            fn read(
                node: &$crate::settings::reader::Node,
                at: &$crate::json::path::FieldPath,
                problems: &mut $crate::settings::reader::Problems,
            ) -> Option<Self> {
                let _members = $crate::settings::reader::members(node, &[$($key),*], at, problems)?;
                $( let $field = match _members.get($key) {
                    Some(node) => $crate::settings::reader::Setting::read(node, &at.clone().key($key), problems),
                    None => settings!(@absent problems, at, $key $(, $default)?),
                }; )*
                Some(Self { $( $field: $field?, )* })
            }

            #[cfg(not(target_family = "wasm"))]
            fn schema(_rules: $crate::settings::reader::KnownRules) -> serde_json::Value {
                $crate::settings::reader::object_schema(vec![$((
                    $key,
                    concat!($($field_doc, "\n"),*),
                    <$type as $crate::settings::reader::Setting>::schema(_rules),
                    settings!(@required $($default)?),
                    settings!(@written $($default)?),
                )),*])
            }
        }
    )*};
    (@absent $problems:ident, $at:ident, $key:literal, $default:expr) => { Some($default) };
    (@absent $problems:ident, $at:ident, $key:literal) => {{
        $crate::settings::reader::complain($problems, $at, format!("`{}` is missing", $key));
        None
    }};
    (@written $default:expr) => { stringify!($default) };
    (@written) => { "" };
    (@required $default:expr) => { false };
    (@required) => { true };
}

/// Declares a setting that is one of some words.
macro_rules! words {
    ($(
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $( $(#[doc = $variant_doc:literal])* $word:literal => $variant:ident, )*
        }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub enum $name {
            $( $(#[doc = $variant_doc])* $variant, )*
        }

        impl $name {
            /// Every word.
            pub const WORDS: &[&str] = &[$($word),*];

            /// The word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::settings::reader::Setting for $name {
            fn read(
                node: &$crate::settings::reader::Node,
                at: &$crate::json::path::FieldPath,
                problems: &mut $crate::settings::reader::Problems,
            ) -> Option<Self> {
                match node {
                    $( $crate::settings::reader::Node::Text(text) if text == $word => Some(Self::$variant), )*
                    _ => {
                        let words = $crate::settings::reader::list(Self::WORDS);
                        $crate::settings::reader::expected(&format!("one of {words}"), node, at, problems)
                    }
                }
            }

            #[cfg(not(target_family = "wasm"))]
            fn schema(_: $crate::settings::reader::KnownRules) -> serde_json::Value {
                serde_json::json!({"enum": Self::WORDS})
            }
        }
    )*};
}

/// Declares a setting that is an object of one of some shapes, told apart by its `type`.
macro_rules! tagged {
    ($(
        $(#[doc = $doc:literal])*
        pub enum $name:ident {
            $( $(#[doc = $variant_doc:literal])* $word:literal => $variant:ident($type:ty), )*
        }
    )*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        pub enum $name {
            $( $(#[doc = $variant_doc])* $variant($type), )*
        }

        impl $crate::settings::reader::Setting for $name {
            fn read(
                node: &$crate::settings::reader::Node,
                at: &$crate::json::path::FieldPath,
                problems: &mut $crate::settings::reader::Problems,
            ) -> Option<Self> {
                let (tag, rest) = $crate::settings::reader::tag(node, &[$($word),*], at, problems)?;
                match tag {
                    $( $word => <$type as $crate::settings::reader::Setting>::read(&rest, at, problems).map(Self::$variant), )*
                    _ => None,
                }
            }

            #[cfg(not(target_family = "wasm"))]
            fn schema(rules: $crate::settings::reader::KnownRules) -> serde_json::Value {
                let shapes = vec![$( $crate::settings::reader::tagged_schema(
                    $word,
                    concat!($($variant_doc, "\n"),*),
                    <$type as $crate::settings::reader::Setting>::schema(rules),
                ) ),*];
                serde_json::json!({"oneOf": shapes})
            }
        }
    )*};
}

/// The `type` of an object, which must be one of `words`, and the object without it.
pub fn tag<'n>(
    node: &'n Node,
    words: &[&str],
    at: &FieldPath,
    problems: &mut Problems,
) -> Option<(&'n str, Node)> {
    let Node::Map(map) = node else { return expected("an object", node, at, problems) };
    let at_type = at.clone().key("type");
    let (tags, rest): (Vec<_>, Vec<_>) = map.iter().partition(|(key, _)| key == "type");
    match tags.as_slice() {
        [(_, Node::Text(tag))] if words.contains(&tag.as_str()) => {
            Some((tag, Node::Map(rest.into_iter().cloned().collect())))
        }
        [(_, Node::Text(tag))] => {
            complain(problems, &at_type, format!("unknown type {}: {}", quote(tag), help(tag, words)));
            None
        }
        [(_, other)] => expected(&format!("one of {}", list(words)), other, &at_type, problems),
        [] => {
            complain(problems, at, format!("`type` is missing: one of {}", list(words)));
            None
        }
        _ => {
            complain(problems, &at_type, "duplicate key".to_owned());
            None
        }
    }
}

pub(crate) use {settings, tagged, words};
