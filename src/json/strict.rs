//! JSON, read as every other reader of it does.
//!
//! Serde also accepts an array for a struct and fills the fields in order; no other reader does, so
//! this wrapper rejects it.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::quote;

/// Reads a text.
///
/// # Errors
/// What is no JSON, and what is not of the type, which a list is not where an object belongs.
pub(crate) fn from_str<'de, T: Deserialize<'de>>(text: &'de str) -> serde_json::Result<T> {
    read(text, PhantomData)
}

/// Reads a text as a seed asks for it.
///
/// # Errors
/// As of [`from_str`].
pub(crate) fn read<'de, S: DeserializeSeed<'de>>(text: &'de str, seed: S) -> serde_json::Result<S::Value> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Objects(seed).deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// An error in words, safe to show: without the line and column of a text that the reader of the
/// message does not see, and in JSON's terms instead of the implementation's.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    let reason = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(reason, _)| reason);
    quote::excerpt(&in_json_terms(reason).unwrap_or_else(|| reason.to_owned()))
}

/// Serde's words for a value of the wrong type, a missing or a repeated member.
fn in_json_terms(reason: &str) -> Option<String> {
    if let Some(key) = reason.strip_prefix("missing field ") {
        return Some(format!("{key} is missing"));
    }
    if let Some(key) = reason.strip_prefix("duplicate field ") {
        return Some(format!("duplicate key {key}"));
    }
    let mismatch =
        reason.strip_prefix("invalid type: ").or_else(|| reason.strip_prefix("invalid value: "))?;
    // The value may hold any text, the type does not.
    let (found, expected) = mismatch.rsplit_once(", expected ")?;
    let expected = match expected {
        "a map" => "an object",
        "a sequence" => "a list",
        "a boolean" => "`true` or `false`",
        "i8" | "i16" | "i32" | "i64" | "isize" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "f32" | "f64" => "a number",
        other if other.starts_with("struct ") => "an object",
        other => other,
    };
    let found = match found.split_once(' ').unwrap_or((found, "")) {
        ("map", "") => "an object".to_owned(),
        ("sequence", "") => "a list".to_owned(),
        ("unit", "value") | ("null", "") => "null".to_owned(),
        ("boolean", value) => value.to_owned(),
        ("integer", value) => format!("the number {}", value.trim_matches('`')),
        ("floating", value) => {
            format!("the number {}", value.strip_prefix("point ").unwrap_or(value).trim_matches('`'))
        }
        ("string", value) => {
            let text = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
            format!("the string {}", quote(text))
        }
        _ => found.to_owned(),
    };
    Some(format!("expected {expected}, found {found}"))
}

/// A reader, a seed, a visitor, or what gives a visitor its parts: all below asks for an object where it
/// wants a structure.
struct Objects<T>(T);

macro_rules! as_it_is {
    ($($method:ident($($name:ident: $type:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($name,)* visitor)
        })*
    };
}

macro_rules! with_parts {
    ($($method:ident($($name:ident: $type:ty),*))*) => {
        $(fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($name,)* Objects(visitor))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Objects<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_map(visitor)
    }

    with_parts! {
        deserialize_any()
        deserialize_option()
        deserialize_seq()
        deserialize_map()
        deserialize_newtype_struct(name: &'static str)
        deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize)
    }

    as_it_is! {
        deserialize_bool()
        deserialize_i8()
        deserialize_i16()
        deserialize_i32()
        deserialize_i64()
        deserialize_u8()
        deserialize_u16()
        deserialize_u32()
        deserialize_u64()
        deserialize_f32()
        deserialize_f64()
        deserialize_char()
        deserialize_str()
        deserialize_string()
        deserialize_bytes()
        deserialize_byte_buf()
        deserialize_unit()
        deserialize_unit_struct(name: &'static str)
        deserialize_identifier()
        deserialize_ignored_any()
        // No model has an enumeration with a structure inside.
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }
}

macro_rules! value {
    ($($method:ident($type:ty))*) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Objects<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    // All that JSON has.
    value! {
        visit_bool(bool)
        visit_i64(i64)
        visit_u64(u64)
        visit_f64(f64)
        visit_str(&str)
        visit_borrowed_str(&'de str)
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Objects(inner))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Objects(inner))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Objects(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Objects(object))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Objects(seed))
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Objects<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Objects(seed))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Objects<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Objects(reader))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Debug;

    use serde_json::value::RawValue;

    use super::*;
    use crate::json::text::Text;

    #[derive(Debug, Default, PartialEq, serde::Deserialize)]
    #[serde(bound(deserialize = "'de: 'a"), default)]
    struct Model<'a> {
        text: Text<'a>,
        inner: Option<Box<Self>>,
        list: Vec<Self>,
        named: BTreeMap<Text<'a>, Self>,
        pair: Option<(i64, f64)>,
        number: Option<u8>,
        flag: bool,
    }

    /// A thin wrapper, and a part that is left as it is.
    #[derive(Debug, serde::Deserialize)]
    struct Thin<'a>(#[serde(borrow)] Option<&'a RawValue>);

    fn refused<'de, T: Debug + Deserialize<'de>>(json: &'de str) -> String {
        match from_str::<T>(json) {
            Ok(read) => panic!("{json} is read as {read:?}"),
            Err(error) => reason(&error),
        }
    }

    #[test]
    fn an_error_is_told_in_terms_of_json() {
        for (json, expected) in [
            ("[]", "expected an object, found a list"),
            (r#"{"list":{}}"#, "expected a list, found an object"),
            (r#"{"text":5}"#, "expected a string, found the number 5"),
            (r#"{"text":1.5}"#, "expected a string, found the number 1.5"),
            (r#"{"flag":"a, expected b"}"#, "expected `true` or `false`, found the string `a, expected b`"),
            (r#"{"number":-1}"#, "expected a whole number, found the number -1"),
            (r#"{"number":null,"flag":null}"#, "expected `true` or `false`, found null"),
            (r#"{"list":[true]}"#, "expected an object, found `true`"),
            (r#"{"flag":true,"flag":true}"#, "duplicate key `flag`"),
        ] {
            let error = from_str::<Model<'_>>(json).unwrap_err();
            assert_eq!(reason(&error), expected, "{json}");
        }
    }

    #[test]
    fn what_is_written_as_others_read_it_is_read_the_same() {
        for json in [
            "{}",
            r#"{"text":"a\u0041","inner":null,"list":[],"named":{},"pair":null,"number":null,"flag":false}"#,
            r#"{"text":"a","inner":{"inner":{"text":null}},"list":[{},{"list":[{"flag":true}]}]}"#,
            r#"{"named":{"a\n":{},"b":{"pair":[-1,1.5],"number":255}},"other":[[],{"text":[]}]}"#,
            r#" { "inner" : { } } "#,
        ] {
            let plain: Model<'_> = serde_json::from_str(json).unwrap();
            assert_eq!(from_str::<Model<'_>>(json).unwrap(), plain, "{json}");
        }
        let raw: Thin<'_> = from_str(" [1, {}]").unwrap();
        assert_eq!(raw.0.unwrap().get(), "[1, {}]");
        assert!(from_str::<Thin<'_>>("null").unwrap().0.is_none());
    }

    #[test]
    fn a_list_is_no_object_wherever_one_belongs() {
        for json in [
            "[]",
            r#"["a"]"#,
            r#"["a",null,[],{},null,null,true]"#,
            r#"{"inner":["a"]}"#,
            r#"{"inner":{"inner":[]}}"#,
            r#"{"list":[[]]}"#,
            r#"{"list":[{},["a"]]}"#,
            r#"{"named":{"a":["a"]}}"#,
            r#"{"named":{"a":{"list":[{"inner":["a"]}]}}}"#,
        ] {
            let error = reason(&from_str::<Model<'_>>(json).unwrap_err());
            assert_eq!(error, "expected an object, found a list", "{json}");
        }
    }

    #[test]
    fn what_is_no_model_is_refused_as_ever() {
        for json in [
            "",
            "{",
            "{}{}",
            "null",
            r#"{"flag":1}"#,
            r#"{"flag":true,"flag":true}"#,
            r#"{"number":256}"#,
            r#"{"pair":[1]}"#,
            r#"{"text":{}}"#,
            r#"{"list":{}}"#,
        ] {
            let plain = reason(&serde_json::from_str::<Model<'_>>(json).unwrap_err());
            assert_eq!(refused::<Model<'_>>(json), plain, "{json}");
        }
        let deep = r#"{"inner":"#.repeat(200);
        assert!(refused::<Model<'_>>(&deep).starts_with("recursion limit"));
    }
}
