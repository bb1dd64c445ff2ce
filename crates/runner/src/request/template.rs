//! Templates (`template.openshift.io`): their objects, with the defaults of their parameters filled in
//! as `oc process` does (library-go `pkg/template`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::document::Members;

/// The parameters that have a value.
#[derive(Debug, Default)]
pub(super) struct Parameters(BTreeMap<String, String>);

#[derive(Deserialize)]
struct Parameter {
    name: String,
    value: Option<String>,
    generate: Option<String>,
    required: Option<bool>,
}

impl Parameters {
    /// Reads the parameters of a template. What is generated, or must be given, has no value; what is
    /// merely not given is empty. A parameter that cannot be read is left out.
    pub(super) fn of(parameters: Option<&RawValue>) -> Self {
        let list: Vec<&RawValue> =
            parameters.and_then(|list| serde_json::from_str(list.get()).ok()).unwrap_or_default();
        let known = list.into_iter().filter_map(|one| serde_json::from_str::<Parameter>(one.get()).ok());
        Parameters(known.filter_map(|known| Some((known.name.clone(), known.value()?))).collect())
    }

    /// The value with every known parameter in it replaced.
    ///
    /// # Errors
    /// It is not JSON.
    pub(super) fn fill(&self, value: &RawValue) -> serde_json::Result<Box<RawValue>> {
        let mut json = String::new();
        self.write(value, &mut json)?;
        RawValue::from_string(json)
    }

    fn write(&self, value: &RawValue, json: &mut String) -> serde_json::Result<()> {
        match value.get().as_bytes().first() {
            Some(b'"') => {
                let text: String = serde_json::from_str(value.get())?;
                match self.as_json(&text) {
                    Some(filled) => json.push_str(filled),
                    None => json.push_str(&serde_json::to_string(&self.in_text(&text))?),
                }
            }
            Some(b'[') => {
                json.push('[');
                for (number, element) in
                    serde_json::from_str::<Vec<&RawValue>>(value.get())?.iter().enumerate()
                {
                    json.push_str(if number == 0 { "" } else { "," });
                    self.write(element, json)?;
                }
                json.push(']');
            }
            Some(b'{') => {
                json.push('{');
                let Members::<Box<RawValue>>(members) = serde_json::from_str(value.get())?;
                for (number, (key, value)) in members.iter().enumerate() {
                    json.push_str(if number == 0 { "" } else { "," });
                    json.push_str(&serde_json::to_string(&self.in_text(key))?);
                    json.push(':');
                    self.write(value, json)?;
                }
                json.push('}');
            }
            _ => json.push_str(value.get()),
        }
        Ok(())
    }

    /// What `${{NAME}}`, which must be all of the text, stands for: a value that need not be a string.
    fn as_json(&self, text: &str) -> Option<&str> {
        let name = text.strip_prefix("${{")?.strip_suffix("}}")?;
        let value = self.0.get(name)?;
        // What is no JSON becomes a string.
        serde_json::from_str::<&RawValue>(value).ok().map(RawValue::get)
    }

    fn in_text(&self, text: &str) -> String {
        if let Some(value) = text
            .strip_prefix("${{")
            .and_then(|rest| rest.strip_suffix("}}"))
            .and_then(|name| self.0.get(name))
        {
            return value.clone();
        }
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, name, after)) = next(rest) {
            filled.push_str(before);
            match self.0.get(name) {
                Some(value) => filled.push_str(value),
                None => filled.push_str(&format!("${{{name}}}")),
            }
            rest = after;
        }
        filled + rest
    }
}

impl Parameter {
    fn value(self) -> Option<String> {
        let is_set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        match is_set(&self.value) {
            true => self.value,
            false if is_set(&self.generate) || self.required == Some(true) => None,
            false => Some(String::new()),
        }
    }
}

/// The name in the first `${NAME}` or `${{NAME}}` of a text.
pub(super) fn parameter(text: &str) -> Option<&str> {
    let whole = text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
    whole.filter(|name| is_name(name)).or_else(|| next(text).map(|(_, name, _)| name))
}

/// The first `${NAME}`: what stands before, the name, and what stands behind.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices("${").find_map(|(at, _)| {
        let (name, after) = text.get(at + 2..)?.split_once('}')?;
        is_name(name).then_some((text.get(..at)?, name, after))
    })
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use serde_json::value::to_raw_value;

    use super::*;

    fn parameters() -> Parameters {
        let parameters = serde_json::json!([
            {"name": "HOST", "value": "quay.io"},
            {"name": "PORT", "value": "8443"},
            {"name": "LIST", "value": "[1, {\"a\": 2}]"},
            {"name": "NOTHING"},
            {"name": "EMPTY", "value": ""},
            {"name": "NEEDED", "required": true},
            {"name": "SECRET", "generate": "expression", "from": "[a-z]{8}"},
            {"name": "GIVEN", "generate": "expression", "value": "x"},
            {"name": 5},
            "no parameter",
        ]);
        Parameters::of(Some(&to_raw_value(&parameters).unwrap()))
    }

    #[test]
    fn defaults_are_filled_in() {
        for (text, expected) in [
            (r#""${HOST}/acme/web:${PORT}""#, r#""quay.io/acme/web:8443""#),
            (r#"["${NOTHING}", "a${EMPTY}b", "${GIVEN}"]"#, r#"["","ab","x"]"#),
            (r#"{"${HOST}": 1.10, "a": "${{PORT}}"}"#, r#"{"quay.io":1.10,"a":8443}"#),
            (r#""${{LIST}}""#, r#"[1, {"a": 2}]"#),
            (r#""${{HOST}}""#, r#""quay.io""#),
            // A value is not looked through again, and a brace alone is none.
            (r#""${ HOST} $HOST {HOST} ${HOST""#, r#""${ HOST} $HOST {HOST} ${HOST""#),
            (r#""a${{PORT}}""#, r#""a${{PORT}}""#),
            (
                r#""${SECRET} ${NEEDED} ${OTHER} ${{SECRET}}""#,
                r#""${SECRET} ${NEEDED} ${OTHER} ${{SECRET}}""#,
            ),
            (
                r#"["${{SECRET}}", true, null, 12345678901234567890123]"#,
                r#"["${{SECRET}}",true,null,12345678901234567890123]"#,
            ),
        ] {
            let value: Box<RawValue> = serde_json::from_str(text).unwrap();
            assert_eq!(parameters().fill(&value).unwrap().get(), expected, "{text}");
        }
    }

    #[test]
    fn parameters_that_cannot_be_read_are_none() {
        for text in ["3", "{}", "\"x\"", "null", "[[]]"] {
            let value: Box<RawValue> = serde_json::from_str(text).unwrap();
            assert!(Parameters::of(Some(&value)).0.is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_left_is_named() {
        for (text, expected) in [
            ("quay.io/a:${VERSION}", Some("VERSION")),
            ("${{VERSION}}", Some("VERSION")),
            ("${ } ${} ${A-B} ${B}", Some("B")),
            ("$VERSION", None),
            ("${{A}}b", None),
            ("${", None),
            ("", None),
        ] {
            assert_eq!(parameter(text), expected, "{text}");
        }
    }
}
