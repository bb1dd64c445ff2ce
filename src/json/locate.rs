//! Where in JSON something stands that could not be read.

use std::fmt;
use std::ops::Range;

use serde::Deserializer as _;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::json::path::{FieldPath, Segment};
use crate::json::text::Text;

/// The path of the innermost value in `json` around the place that an error of its reader names.
///
/// Each step reads one value's children without their contents. Where the text is no JSON, the path
/// ends above the first value that is none.
#[must_use]
pub fn of(error: &serde_json::Error, json: &str) -> FieldPath {
    let Some(offset) = offset(error, json) else { return FieldPath::root() };
    let (mut path, mut value, mut start) = (Vec::new(), json, 0);
    while let Some((step, child)) = child_at(value, offset.saturating_sub(start)) {
        let Some(inside) = value.get(child.clone()) else { break };
        path.push(step);
        (value, start) = (inside, start + child.start);
    }
    path.into_iter().collect()
}

/// The bytes that had been read: lines count from 1, columns are the bytes read of one.
fn offset(error: &serde_json::Error, json: &str) -> Option<usize> {
    let lines_before = error.line().checked_sub(1)?;
    let before: usize = json.split_inclusive('\n').take(lines_before).map(str::len).sum();
    Some(before + error.column())
}

/// The child of a value around a place in the value's text.
fn child_at(json: &str, offset: usize) -> Option<(Segment, Range<usize>)> {
    let mut children = Children { json, offset, found: None };
    // What is no JSON ends the search, with what was found before.
    _ = serde_json::Deserializer::from_str(json).deserialize_any(&mut children);
    children.found
}

struct Children<'j> {
    json: &'j str,
    offset: usize,
    found: Option<(Segment, Range<usize>)>,
}

impl Children<'_> {
    fn meet(&mut self, step: impl FnOnce() -> Segment, value: &RawValue) {
        // A raw value is a part of the text that it was read from.
        let start = value.get().as_ptr().addr().saturating_sub(self.json.as_ptr().addr());
        let end = start + value.get().len();
        if (start..=end).contains(&self.offset) {
            self.found = Some((step(), start..end));
        }
    }
}

impl<'de> Visitor<'de> for &mut Children<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
            self.meet(|| Segment::Key(key.as_str().to_owned().into()), value);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some(value) = list.next_element::<&'de RawValue>()? {
            self.meet(|| Segment::Index(index), value);
            index += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::panic, reason = "a test may fail")]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only reading it is tried")]
    struct Model {
        #[serde(default)]
        number: u8,
        #[serde(default)]
        list: Vec<Inner>,
        #[serde(default)]
        named: BTreeMap<String, Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only reading it is tried")]
    struct Inner {
        text: String,
        #[serde(default)]
        inner: Option<Box<Self>>,
    }

    #[test]
    fn an_error_stands_where_a_person_would_look_for_it() {
        for (json, expected) in [
            (r#"{"number": 256}"#, "number"),
            (r#"{"number": "1"}"#, "number"),
            (r#"{"number": {}, "list": []}"#, "number"),
            (r#"{"number": 1, "list": {"text": ""}}"#, "list"),
            (r#"{"list": [{"text": "a"}, {"text": 1}]}"#, "list[1].text"),
            (r#"{"list": [{"text": "a"}, {"text": null}]}"#, "list[1].text"),
            (r#"{"list": [{"text": "a"}, 1, {"text": "b"}]}"#, "list[1]"),
            (r#"{"list": [{"text": "a"}, true]}"#, "list[1]"),
            (
                r#"{"list":[{"text":"a","inner":{"text":"b","inner":{"text":["c"]}}}]}"#,
                "list[0].inner.inner.text",
            ),
            // What is missing is missing in the object around it.
            (r#"{"list": [{"text": "a"}, {}]}"#, "list[1]"),
            (r#"{"named": {"a.b/c": {"other": "text"}}}"#, "named[a.b/c]"),
            // What stands twice, in the object that has it.
            (r#"{"list": [{"text": "a", "text": "b"}]}"#, "list[0]"),
            (r#"{"number": 1, "number": 2}"#, "object"),
            // Lines, and letters of several bytes.
            ("{\n  \"named\": {\n    \"ä€😀\": {\n      \"text\": 1\n    }\n  }\n}", "named[ä€😀].text"),
            ("{\r\n\"list\":\r\n[\r\n{\"text\"\r\n:\r\n1}]}", "list[0].text"),
            // Escapes that no text has.
            (r#"{"list": [{"text": "\ud800"}]}"#, "list[0].text"),
            (r#"{"n\u0075mber": -1}"#, "number"),
            ("7", "object"),
        ] {
            let Err(error) = serde_json::from_str::<Model>(json) else { panic!("{json} is read") };
            assert_eq!(of(&error, json).to_string(), expected, "{json}: {error}");
        }
    }

    #[test]
    fn what_is_no_json_has_a_place_too() {
        for json in [
            "",
            "{",
            "{\"list\":",
            "{\"list\":[",
            "{\"list\":[{\"text\":\"a",
            "{]",
            "\u{0}",
            "{\"number\":1}}",
        ] {
            let Err(error) = serde_json::from_str::<Model>(json) else { panic!("{json} is read") };
            assert_eq!(of(&error, json).to_string(), "object", "{json}: {error}");
        }
    }
}
