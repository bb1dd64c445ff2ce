//! The policy's answer, and what it names: rules and the fields they blame.

use std::collections::BTreeMap;
use std::fmt;

use openshift_image_trust::RULES;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// An answer to `validate`.
#[derive(Debug)]
pub struct Response {
    json: Box<RawValue>,
    answer: Answer,
}

#[derive(Debug, Deserialize)]
struct Answer {
    accepted: bool,
    message: Option<String>,
    audit_annotations: Option<BTreeMap<String, String>>,
    warnings: Option<Vec<String>>,
}

impl Response {
    /// Reads an answer.
    pub fn parse(json: &[u8]) -> Result<Self, serde_json::Error> {
        let json: Box<RawValue> = serde_json::from_slice(json)?;
        let answer = serde_json::from_str(json.get())?;
        Ok(Response { json, answer })
    }

    /// The answer as it was given.
    pub fn json(&self) -> &RawValue {
        &self.json
    }

    /// Whether the request may pass.
    pub fn accepted(&self) -> bool {
        self.answer.accepted
    }

    /// The lines that say why not, without the heading that counts them.
    pub fn lines(&self) -> Vec<&str> {
        let mut lines: Vec<&str> = self.answer.message.as_deref().unwrap_or_default().lines().collect();
        if lines.len() > 1 && lines.first().is_some_and(|heading| heading.ends_with(':')) {
            lines.remove(0);
        }
        lines
    }

    /// The warnings.
    pub fn warnings(&self) -> &[String] {
        self.answer.warnings.as_deref().unwrap_or_default()
    }

    /// The codes of the rules whose violations an exemption let pass.
    ///
    /// The annotation reads `<code>: <reason>; <code>: <reason>`, and a reason is free text.
    pub fn exempted(&self) -> Vec<String> {
        let annotations = self.answer.audit_annotations.as_ref();
        let exempted = annotations.and_then(|annotations| annotations.get("exempted"));
        let entries = exempted.map(String::as_str).unwrap_or_default().split("; ");
        entries
            .filter_map(|entry| entry.split_once(": "))
            .filter(|(code, _)| RULES.iter().any(|rule| rule.code == *code))
            .map(|(code, _)| code.to_owned())
            .collect()
    }
}

/// A rule and the field that it blames.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The rule's code.
    pub code: String,
    /// The field's path in the object.
    pub path: String,
}

impl Finding {
    /// Reads a line `<path>: <message> [<code>]`, or `<path> (<entry>): <message> [<code>]`.
    ///
    /// A path has no blanks.
    pub fn parse(line: &str) -> Option<Self> {
        let (path, rest) = line.split_once(' ')?;
        let path = path.strip_suffix(':').or_else(|| rest.starts_with('(').then_some(path))?;
        let (_, code) = rest.strip_suffix(']')?.rsplit_once(" [")?;
        Some(Finding { code: code.to_owned(), path: path.to_owned() })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}  {}", self.code, self.path)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_read_from_both_ends_of_its_line() {
        let found = |code: &str, path: &str| Some(Finding { code: code.to_owned(), path: path.to_owned() });
        let cases = [
            (
                "spec.tags[0].from.name: registry `docker.io` is not allowed [source-not-allowed]",
                found("source-not-allowed", "spec.tags[0].from.name"),
            ),
            ("a: `b: c [d]` is odd [e]", found("e", "a")),
            ("spec.tags[0] (tag `b: c`): is odd [e]", found("e", "spec.tags[0]")),
            ("a[b:c]: (odd) [e]", found("e", "a[b:c]")),
            ("a b: c [d]", None),
            (
                "spec.tags[1]: cut in its mess… [source-not-allowed]",
                found("source-not-allowed", "spec.tags[1]"),
            ),
            ("and 3 more", None),
            ("a: no code", None),
            ("", None),
        ];
        for (line, expected) in cases {
            assert_eq!(Finding::parse(line), expected, "{line}");
        }
    }

    #[test]
    fn the_heading_is_no_violation() {
        let lines = |message: &str| {
            let answer = serde_json::json!({ "accepted": false, "message": message });
            let response = Response::parse(answer.to_string().as_bytes()).unwrap();
            response.lines().into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(lines("1 violation in ImageStream a/b:\na: b [c]"), ["a: b [c]"]);
        assert_eq!(lines("another policy's words"), ["another policy's words"]);
        assert_eq!(lines("what went wrong:"), ["what went wrong:"]);
    }

    #[test]
    fn a_reason_is_not_taken_for_a_code() {
        let answer = r#"{"accepted": true, "audit_annotations":
            {"exempted": "local-lookup: agreed; see: the wiki; source-not-allowed: for now"}}"#;
        let response = Response::parse(answer.as_bytes()).unwrap();
        assert_eq!(response.exempted(), ["local-lookup", "source-not-allowed"]);
    }

    #[test]
    fn an_answer_without_a_verdict_is_none() {
        for answer in ["", "{}", r#"{"accepted": "yes"}"#, "[]", "null"] {
            assert!(Response::parse(answer.as_bytes()).is_err(), "{answer}");
        }
    }
}
