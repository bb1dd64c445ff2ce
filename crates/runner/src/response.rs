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

    /// How many violations there are, of which a denial may list fewer.
    pub fn violations(&self) -> usize {
        let heading = self.answer.message.as_deref().unwrap_or_default().lines().next();
        let (count, rest) = heading.and_then(|heading| heading.split_once(' ')).unwrap_or_default();
        let counted = count.parse().ok().filter(|_| rest.starts_with("violation"));
        counted.unwrap_or_else(|| self.lines().len())
    }

    /// How many warnings there are, of which the answer may list fewer.
    pub fn warned(&self) -> usize {
        let unlisted = self.warnings().last().and_then(|last| more(last));
        self.warnings().len() + unlisted.map_or(0, |more| more.saturating_sub(1))
    }

    /// The line for people that the settings add to every denial.
    pub fn help(&self) -> Option<&str> {
        let lines = self.lines();
        let last = lines.last().copied().filter(|last| more(last).is_none() && Line::parse(last).is_none());
        last.filter(|_| lines.len() > 1)
    }

    /// Who signed the images and signatures of the request, as far as it was verified.
    ///
    /// The annotation reads `<name> <fingerprint>, <name> <fingerprint>`, and a name is free text.
    pub fn signers(&self) -> Vec<SignedBy> {
        let signers = self.annotation("signers").unwrap_or_default();
        let mut found: Vec<SignedBy> = Vec::new();
        let mut name = String::new();
        for part in signers.split(", ") {
            name.push_str(part);
            let key = name.rsplit_once(' ').filter(|(_, key)| is_fingerprint(key));
            match key.map(|(name, key)| SignedBy { name: name.to_owned(), fingerprint: key.to_owned() }) {
                Some(signer) => {
                    found.push(signer);
                    name.clear();
                }
                None => name.push_str(", "),
            }
        }
        found
    }

    /// The rules and reasons of exemptions that let violations pass, as the audit log has them.
    pub fn exemptions(&self) -> Option<&str> {
        self.annotation("exempted")
    }

    fn annotation(&self, name: &str) -> Option<&str> {
        self.answer.audit_annotations.as_ref()?.get(name).map(String::as_str)
    }

    /// The warnings.
    pub fn warnings(&self) -> &[String] {
        self.answer.warnings.as_deref().unwrap_or_default()
    }

    /// The codes of the rules whose violations an exemption let pass.
    ///
    /// The annotation reads `<code>: <reason>; <code>: <reason>`, and a reason is free text.
    pub fn exempted(&self) -> Vec<String> {
        let entries = self.exemptions().unwrap_or_default().split("; ");
        entries
            .filter_map(|entry| entry.split_once(": "))
            .filter(|(code, _)| RULES.iter().any(|rule| rule.code == *code))
            .map(|(code, _)| code.to_owned())
            .collect()
    }
}

/// How many more there are, by the line that says so.
fn more(line: &str) -> Option<usize> {
    line.strip_prefix("and ")?.strip_suffix(" more")?.parse().ok()
}

/// Whether it is the fingerprint of an OpenPGP key, of version 4 or 6.
fn is_fingerprint(text: &str) -> bool {
    [40, 64].contains(&text.len()) && text.bytes().all(|it| it.is_ascii_hexdigit())
}

/// A signer whose signature was verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignedBy {
    /// The name that the settings give it.
    pub name: String,
    /// The fingerprint of the certificate.
    pub fingerprint: String,
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
    /// Reads the rule and the path from a line.
    pub fn parse(line: &str) -> Option<Self> {
        let Line { path, code, .. } = Line::parse(line)?;
        Some(Finding { code: code.to_owned(), path: path.to_owned() })
    }
}

/// A line of an answer, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The field's path in the object.
    pub path: &'a str,
    /// The entry of a list that the path leads into, such as "tag `v1`".
    pub entry: Option<&'a str>,
    /// What is said of it.
    pub message: &'a str,
    /// The rule's code.
    pub code: &'a str,
}

impl<'a> Line<'a> {
    /// Reads a line `<path>: <message> [<code>]`, or `<path> (<entry>): <message> [<code>]`.
    ///
    /// A path has no blanks.
    pub fn parse(line: &'a str) -> Option<Self> {
        let (path, rest) = line.split_once(' ')?;
        let (rest, code) = rest.strip_suffix(']')?.rsplit_once(" [")?;
        if let Some(path) = path.strip_suffix(':') {
            return Some(Line { path, entry: None, message: rest, code });
        }
        // What is quoted in an entry has no backticks of its own.
        let inside = rest.strip_prefix('(')?;
        let quoted = inside.split_once("`): ").map(|(before, message)| (before.len() + 1, message));
        let plain = || inside.split_once("): ").map(|(before, message)| (before.len(), message));
        let (length, message) = quoted.or_else(plain).unwrap_or((0, rest));
        let entry = inside.get(..length).filter(|entry| !entry.is_empty());
        Some(Line { path, entry, message, code })
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
    fn a_line_is_taken_apart() {
        let line = |path, entry, message, code| Some(Line { path, entry, message, code });
        for (text, expected) in [
            ("a.b: is odd [e]", line("a.b", None, "is odd", "e")),
            ("a[2].b (tag `v1`): is odd [e]", line("a[2].b", Some("tag `v1`"), "is odd", "e")),
            ("a (tag `x): y`): is (odd): so [e]", line("a", Some("tag `x): y`"), "is (odd): so", "e")),
            ("a (the second): is odd [e]", line("a", Some("the second"), "is odd", "e")),
            ("a: `b` (tag `c`): d [e]", line("a", None, "`b` (tag `c`): d", "e")),
            ("a (cut… [e]", line("a", None, "(cut…", "e")),
            ("a b: c [d]", None),
            ("and 3 more", None),
        ] {
            assert_eq!(Line::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn violations_are_counted_by_the_heading() {
        for (message, expected) in [
            ("1 violation in it:\na: b [c]", 1),
            ("50 violations in it:\na: b [c]\nand 49 more", 50),
            ("another policy's words", 1),
            ("two\nlines", 2),
            ("", 0),
        ] {
            let answer = serde_json::json!({ "accepted": false, "message": message });
            assert_eq!(Response::parse(answer.to_string().as_bytes()).unwrap().violations(), expected);
        }
    }

    #[test]
    fn warnings_are_counted_with_those_that_are_not_listed() {
        for (warnings, expected) in
            [(vec![], 0), (vec!["a: b [c]"], 1), (vec!["a: b [c]", "and 30 more"], 31), (vec!["and more"], 1)]
        {
            let answer = serde_json::json!({ "accepted": true, "warnings": warnings });
            assert_eq!(Response::parse(answer.to_string().as_bytes()).unwrap().warned(), expected);
        }
    }

    #[test]
    fn the_settings_help_is_the_last_line() {
        for (message, expected) in [
            ("1 violation in it:\na: b [c]\nask the team", Some("ask the team")),
            ("50 violations in it:\na: b [c]\nand 49 more\nask the team", Some("ask the team")),
            ("50 violations in it:\na: b [c]\nand 49 more", None),
            ("1 violation in it:\na: b [c]", None),
            ("another policy's words", None),
            ("", None),
        ] {
            let answer = serde_json::json!({ "accepted": false, "message": message });
            assert_eq!(Response::parse(answer.to_string().as_bytes()).unwrap().help(), expected, "{message}");
        }
    }

    #[test]
    fn signers_are_read_with_their_keys() {
        let (old, new) = ("A1".repeat(20), "B2".repeat(32));
        for (annotation, expected) in [
            (format!("acme {old}"), vec![("acme", &old)]),
            (
                format!("acme {old}, quality, and more {new}"),
                vec![("acme", &old), ("quality, and more", &new)],
            ),
            (format!("{old} {new}"), vec![(old.as_str(), &new)]),
            ("acme".to_owned(), vec![]),
            (String::new(), vec![]),
        ] {
            let answer =
                serde_json::json!({ "accepted": true, "audit_annotations": {"signers": annotation} });
            let response = Response::parse(answer.to_string().as_bytes()).unwrap();
            let found = response.signers();
            let found: Vec<_> = found.iter().map(|it| (it.name.as_str(), &it.fingerprint)).collect();
            assert_eq!(found, expected, "{annotation}");
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
