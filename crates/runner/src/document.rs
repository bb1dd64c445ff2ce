//! Files into JSON documents, from JSON or YAML, one or several to a file.
//!
//! JSON is kept to the byte, so that what the module reads is what stands in the file. Both formats
//! are read strictly: where two readers could see two things (a key given twice), nothing is read.

use std::collections::HashSet;
use std::fmt;
use std::io::Read;
use std::marker::PhantomData;
use std::path::Path;

use serde::de::{self, DeserializeSeed, EnumAccess, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;

use crate::place::{Position, Text};

/// How deeply documents may nest, in either format. YAML's reader has the same limit built in.
const MAX_DEPTH: usize = 128;

/// Why a file yields no documents.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// The file system or standard input refused.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// The bytes are not UTF-8.
    #[error("is not UTF-8 text")]
    NotText,
    /// The text is not the JSON that it starts as.
    #[error("is not valid JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The text is not YAML.
    #[error("is not valid YAML: {0}")]
    Yaml(String),
}

/// The format of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON value, or several in a row.
    Json,
    /// One YAML document, or several parted by `---`.
    Yaml,
}

impl Format {
    /// The format that the file name announces, else the one that the text starts like.
    pub fn of(path: &Path, text: &str) -> Self {
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("json") => Format::Json,
            Some("yaml" | "yml") => Format::Yaml,
            _ if text.trim_start().starts_with(['{', '[']) => Format::Json,
            _ => Format::Yaml,
        }
    }
}

/// Reads the documents of a file, or of standard input for `-`.
pub fn load(path: &Path) -> Result<Vec<Box<RawValue>>, DocumentError> {
    let text = text(path)?;
    parse(&text, Format::of(path, &text))
}

/// Reads a file, or standard input for `-`.
pub(crate) fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    if path.as_os_str() != "-" {
        return std::fs::read(path);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a file as text, or standard input for `-`.
pub(crate) fn text(path: &Path) -> Result<String, DocumentError> {
    let text = String::from_utf8(bytes(path)?).map_err(|_| DocumentError::NotText)?;
    match text.strip_prefix('\u{feff}') {
        Some(unmarked) => Ok(unmarked.to_owned()),
        None => Ok(text),
    }
}

/// Reads the documents of a text. Empty YAML documents are left out, as `kubectl` does.
pub fn parse(text: &str, format: Format) -> Result<Vec<Box<RawValue>>, DocumentError> {
    match format {
        Format::Json => parse_json(text),
        Format::Yaml => parse_yaml(text),
    }
}

fn parse_json(text: &str) -> Result<Vec<Box<RawValue>>, DocumentError> {
    let mut documents = Vec::new();
    for document in serde_json::Deserializer::from_str(text).into_iter::<Box<RawValue>>() {
        documents.push(document?);
    }
    // A second pass over the whole text, so that an error's line counts from the top of the file.
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.disable_recursion_limit();
    for _ in &documents {
        Transcode::new(&mut String::new(), Format::Json).deserialize(&mut reader)?;
    }
    Ok(documents)
}

fn parse_yaml(text: &str) -> Result<Vec<Box<RawValue>>, DocumentError> {
    let mut documents = Vec::new();
    for reader in serde_norway::Deserializer::from_str(text) {
        let mut json = String::new();
        Transcode::new(&mut json, Format::Yaml)
            .deserialize(reader)
            .map_err(|error| yaml_error(&error, text))?;
        if json != "null" {
            documents.push(RawValue::from_string(json)?);
        }
    }
    Ok(documents)
}

fn yaml_error(error: &serde_norway::Error, text: &str) -> DocumentError {
    let message = error.to_string();
    // The reader gives up one level before the visitor would, in fewer words.
    if let Some(place) = message.strip_prefix("recursion limit exceeded") {
        return DocumentError::Yaml(format!("{}{place}", too_deep()));
    }
    // The reader names the line of the object, not that of the key.
    if let Some((before, _)) = message.split_once(GIVEN_TWICE)
        && let Some((key, Position { line, column })) = Text::new(text, Format::Yaml).find_duplicate()
        && before.ends_with(&format!("`{key}`"))
    {
        return DocumentError::Yaml(format!("{before}{GIVEN_TWICE} at line {line} column {column}"));
    }
    DocumentError::Yaml(message)
}

fn too_deep() -> String {
    format!("nested deeper than {MAX_DEPTH} levels")
}

/// What is said of a key that an object has twice.
const GIVEN_TWICE: &str = " is given twice";
/// Stands for the members of other objects, in YAML.
const MERGE: &str = "<<";

/// Writes any value as JSON, and refuses what readers of JSON or YAML disagree about.
struct Transcode<'a> {
    json: &'a mut String,
    format: Format,
    depth: usize,
}

impl<'a> Transcode<'a> {
    fn new(json: &'a mut String, format: Format) -> Self {
        Transcode { json, format, depth: 0 }
    }

    /// The same for what lies inside this list or map.
    fn inside<E: de::Error>(&mut self) -> Result<Transcode<'_>, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(too_deep()));
        }
        Ok(Transcode { json: self.json, format: self.format, depth: self.depth + 1 })
    }

    fn write<E: de::Error>(self, value: impl Serialize) -> Result<(), E> {
        self.json.push_str(&serde_json::to_string(&value).map_err(E::custom)?);
        Ok(())
    }

    fn close(&mut self, bracket: char) {
        if self.json.ends_with(',') {
            self.json.pop();
        }
        self.json.push(bracket);
    }
}

impl<'de> DeserializeSeed<'de> for Transcode<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Transcode<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value that JSON can hold")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.write(value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.write(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.write(value)
    }

    fn visit_i128<E: de::Error>(self, value: i128) -> Result<(), E> {
        self.write(value)
    }

    fn visit_u128<E: de::Error>(self, value: u128) -> Result<(), E> {
        self.write(value)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        if !value.is_finite() {
            return Err(E::custom("JSON has neither infinity nor NaN"));
        }
        self.write(value)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<(), E> {
        self.write(value)
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.write(())
    }

    /// A YAML text without a document.
    fn visit_none<E: de::Error>(self) -> Result<(), E> {
        self.write(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        self.json.push('[');
        while items.next_element_seed(self.inside()?)?.is_some() {
            self.json.push(',');
        }
        self.close(']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        let mut merged = None;
        self.json.push('{');
        while let Some(key) = members.next_key::<String>()? {
            if seen.contains(&key) || (key == MERGE && merged.is_some()) {
                return Err(de::Error::custom(format_args!("the key `{key}`{GIVEN_TWICE}")));
            }
            if self.format == Format::Yaml && key == MERGE {
                let more = merge(&mut members, self.depth)?;
                // YAML lets the object's own member win; older readers let the later one win.
                if let Some((key, _)) = more.iter().find(|(key, _)| seen.contains(key)) {
                    return Err(de::Error::custom(format_args!(
                        "the key `{key}` stands before a `<<` that sets it too, which readers take differently: write `<<` first"
                    )));
                }
                merged = Some(more);
                continue;
            }
            self.inside()?.write(&key)?;
            self.json.push(':');
            members.next_value_seed(self.inside()?)?;
            self.json.push(',');
            seen.insert(key);
        }
        for (key, value) in merged.into_iter().flatten().filter(|(key, _)| !seen.contains(key)) {
            self.inside()?.write(&key)?;
            self.json.push(':');
            self.json.push_str(value.get());
            self.json.push(',');
        }
        self.close('}');
        Ok(())
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(de::Error::custom("a YAML tag has no place in JSON"))
    }
}

/// The members that a merge key brings: those of the object behind it, or of a list of objects, of
/// which an earlier one wins.
fn merge<'de, A: MapAccess<'de>>(
    members: &mut A,
    depth: usize,
) -> Result<Vec<(String, Box<RawValue>)>, A::Error> {
    let mut json = String::new();
    members.next_value_seed(Transcode { json: &mut json, format: Format::Yaml, depth })?;
    let not_objects = |_| de::Error::custom("the merge key `<<` needs an object, or a list of objects");
    let objects: Vec<Members> = match json.starts_with('[') {
        true => serde_json::from_str(&json).map_err(not_objects)?,
        false => vec![serde_json::from_str(&json).map_err(not_objects)?],
    };
    let mut seen = HashSet::new();
    let merged = objects.into_iter().flat_map(|Members(members)| members);
    Ok(merged.filter(|(key, _)| seen.insert(key.clone())).collect())
}

/// The members of an object as they are, in their order.
pub(crate) struct Members<V = Box<RawValue>>(pub(crate) Vec<(String, V)>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Members<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Object<V> {
            type Value = Members<V>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<V>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object(PhantomData))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    fn read(text: &str, format: Format) -> Result<Vec<String>, String> {
        let documents = parse(text, format).map_err(|error| error.to_string())?;
        Ok(documents.iter().map(|document| document.get().to_owned()).collect())
    }

    #[test]
    fn what_is_read() {
        let cases = [
            (
                "JSON to the byte",
                Format::Json,
                r#"{"b": 1.10, "a": 12345678901234567890123}"#,
                vec![r#"{"b": 1.10, "a": 12345678901234567890123}"#],
            ),
            ("JSON values in a row", Format::Json, "{} \n[]", vec!["{}", "[]"]),
            (
                "key order of YAML",
                Format::Yaml,
                "b: 1\na: [x, null, 1.5]",
                vec![r#"{"b":1,"a":["x",null,1.5]}"#],
            ),
            (
                "YAML documents, empty ones left out",
                Format::Yaml,
                "---\n---\na: 1\n---\n# none\n---\nb: 2\n",
                vec![r#"{"a":1}"#, r#"{"b":2}"#],
            ),
            (
                "timestamps stay strings",
                Format::Yaml,
                "at: 2026-03-01T00:00:00Z\non: 2026-03-01",
                vec![r#"{"at":"2026-03-01T00:00:00Z","on":"2026-03-01"}"#],
            ),
            (
                "empty lists and maps",
                Format::Yaml,
                "a: []\nb: {}\nc: ','",
                vec![r#"{"a":[],"b":{},"c":","}"#],
            ),
            ("anchors", Format::Yaml, "a: &x [1]\nb: *x", vec![r#"{"a":[1],"b":[1]}"#]),
            (
                "keys that look like numbers",
                Format::Yaml,
                "1: one\ntrue: yes",
                vec![r#"{"1":"one","true":"yes"}"#],
            ),
            ("big integers of YAML", Format::Yaml, "18446744073709551616", vec!["18446744073709551616"]),
            (
                "a merge key",
                Format::Yaml,
                "base: &b {x: 1, y: 2}\na:\n  <<: *b\n  y: 3",
                vec![r#"{"base":{"x":1,"y":2},"a":{"y":3,"x":1}}"#],
            ),
            (
                "a merge key with a list, of which the earlier wins",
                Format::Yaml,
                "- &b {x: 1, y: 2}\n- &c {y: 3, z: [4]}\n- <<: [*b, *c]",
                vec![r#"[{"x":1,"y":2},{"y":3,"z":[4]},{"x":1,"y":2,"z":[4]}]"#],
            ),
            (
                "a merge of a merge, behind other keys",
                Format::Yaml,
                "- &b {x: 1}\n- &c {<<: *b, y: 2}\n- {z: 3, <<: *c}",
                vec![r#"[{"x":1},{"y":2,"x":1},{"z":3,"y":2,"x":1}]"#],
            ),
            ("`<<` in JSON", Format::Json, r#"{"<<": 1}"#, vec![r#"{"<<": 1}"#]),
        ];
        for (name, format, text, expected) in cases {
            assert_eq!(read(text, format).unwrap(), expected, "{name}");
        }
    }

    #[test]
    fn what_is_refused() {
        let cases = [
            (Format::Json, "{\n\"a\": 1,\n\"a\": 2}", "the key `a` is given twice at line 3"),
            (Format::Json, r#"{} {"a": {"b": 1, "b": 1}}"#, "the key `b` is given twice"),
            (Format::Json, r#"{"a": 1"#, "is not valid JSON: EOF while parsing an object"),
            (Format::Json, "{} x", "is not valid JSON: expected value"),
            (
                Format::Yaml,
                "spec:\n  a: 1\n  b: 2\n  a: 2",
                "spec: the key `a` is given twice at line 4 column 3",
            ),
            (
                Format::Yaml,
                "a: {b: 1}\n---\n# two\na: {b: 1, \"b\": 1}",
                "a: the key `b` is given twice at line 4 column 11",
            ),
            (Format::Yaml, "a: [", "is not valid YAML: "),
            (Format::Yaml, "a: {x: 1, <<: {x: 2}}", "a: the key `x` stands before a `<<` that sets it too"),
            (Format::Yaml, "a: {<<: {x: 2}, <<: {y: 2}}", "a: the key `<<` is given twice"),
            (Format::Yaml, "a: {<<: 3}", "a: the merge key `<<` needs an object, or a list of objects"),
            (Format::Yaml, "a: {<<: [{}, 3]}", "a: the merge key `<<` needs an object"),
            (Format::Yaml, "a: {<<: }", "a: the merge key `<<` needs an object"),
            (Format::Yaml, "a: .nan", "JSON has neither infinity nor NaN"),
            (Format::Yaml, "a: !secret x", "a YAML tag has no place in JSON"),
        ];
        for (format, text, expected) in cases {
            let refusal = read(text, format).unwrap_err();
            assert!(refusal.contains(expected), "{text:?}: {refusal}");
        }
    }

    #[test]
    fn nesting_is_limited_alike() {
        for format in [Format::Json, Format::Yaml] {
            let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
            assert_eq!(read(&nested(128), format).unwrap(), [nested(128)], "{format:?}");
            for depth in [129, 5_000] {
                let refusal = read(&nested(depth), format).unwrap_err();
                assert!(refusal.contains("nested deeper than 128 levels"), "{format:?}: {refusal}");
            }
        }
    }

    #[test]
    fn the_name_tells_the_format_then_the_text() {
        let cases = [
            ("a.json", "a: 1", Format::Json),
            ("a.yaml", "{}", Format::Yaml),
            ("a.yml", "{}", Format::Yaml),
            ("-", " {}", Format::Json),
            ("-", "[]", Format::Json),
            ("-", "--- {}", Format::Yaml),
        ];
        for (path, text, expected) in cases {
            assert_eq!(Format::of(Path::new(path), text), expected, "{path}: {text}");
        }
    }
}
