//! A report made into the answer that the host passes on.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use serde::Serialize;

use crate::json::path::FieldPath;
use crate::quote::shorten_digests;

/// Longest warning, in characters: Kubernetes cuts what is longer
/// (apiserver `pkg/endpoints/filters/warning.go`).
const WARNING_MAX: usize = 256;

/// Quoted texts up to this many characters are not cut in a warning.
const QUOTED_MIN: usize = 28;

/// An offence with its place and its rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Violation {
    /// The field, as it stands in the request.
    pub path: FieldPath,
    /// The list entry that the field belongs to, by name: the server sorts lists, so that an index
    /// alone leads nowhere.
    pub entry: Option<String>,
    /// Code of the rule.
    pub code: &'static str,
    /// What was found, what is allowed and what to do.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if let Some(entry) = &self.entry {
            write!(f, " ({entry})")?;
        }
        write!(f, ": {} [{}]", self.message, self.code)
    }
}

/// The answer to an admission request, as Kubewarden's hosts expect it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Verdict {
    /// Whether the request may pass.
    pub accepted: bool,
    /// What is wrong, a line each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// HTTP status: 403 for a denial, 400 for a request that cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// For the audit log.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub audit_annotations: BTreeMap<&'static str, String>,
    /// For the person who sent the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// The answer to `validate_settings`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SettingsVerdict {
    /// Whether the settings can be used.
    pub valid: bool,
    /// Everything that is wrong with them, a line each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Verdict {
    /// The answer as the host reads it.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        to_json(self)
    }
}

impl SettingsVerdict {
    /// Lists the problems of settings, none if they can be used.
    pub(crate) fn new(problems: &[impl ToString]) -> Self {
        let message = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        Self { valid: problems.is_empty(), message: (!problems.is_empty()).then_some(message) }
    }

    /// The answer as the host reads it.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        to_json(self)
    }
}

fn to_json(answer: &impl Serialize) -> Vec<u8> {
    // Strings, numbers and lists of them always serialise; an empty answer is a rejection.
    serde_json::to_vec(answer).unwrap_or_default()
}

/// The lines of a denial: how many, what, how many more, and the help that the settings give.
#[must_use]
pub(crate) fn message(about: &str, denied: &[Violation], reported: usize, help: Option<&str>) -> String {
    let count = denied.len();
    let mut message = format!("{count} {} in {about}:", if count == 1 { "violation" } else { "violations" });
    for violation in denied.iter().take(reported) {
        // Writing to a `String` cannot fail.
        let _ = write!(message, "\n{violation}");
    }
    if count > reported {
        let _ = write!(message, "\nand {} more", count - reported);
    }
    if let Some(help) = help {
        let _ = write!(message, "\n{help}");
    }
    message
}

/// A violation as a warning: digests are shortened, and where it is still too long, what it quotes
/// is cut, the longest first. The reason and the code stay.
#[must_use]
pub(crate) fn warning(violation: &Violation) -> String {
    let mut line = shorten_digests(&violation.to_string());
    while let Some(excess) = line.chars().count().checked_sub(WARNING_MAX).filter(|excess| *excess > 0) {
        match cut_longest_quote(&line, excess) {
            Some(shorter) => line = shorter,
            None => return cut_end(&line, violation.code),
        }
    }
    line
}

/// The line without `excess` characters of its longest text in backticks, or as many as can go;
/// `None` where every such text is short already.
fn cut_longest_quote(line: &str, excess: usize) -> Option<String> {
    // Backticks never occur within a quoted text: `quote` escapes them.
    let parts: Vec<&str> = line.split('`').collect();
    let lengths = parts.iter().map(|part| part.chars().count()).enumerate();
    let (longest, length) = lengths
        .filter(|(index, length)| index % 2 == 1 && *length > QUOTED_MIN)
        .max_by_key(|(index, length)| (*length, usize::MAX - index))?;
    // The ellipsis takes a place of its own.
    let kept = length.saturating_sub(excess + 1).max(QUOTED_MIN - 1);
    let mut cut = String::with_capacity(line.len());
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            cut.push('`');
        }
        if index == longest {
            cut.extend(part.chars().take(kept).chain(['…']));
        } else {
            cut.push_str(part);
        }
    }
    Some(cut)
}

/// The line cut before its code: nothing in it is quoted that could be cut instead.
fn cut_end(line: &str, code: &str) -> String {
    let code = format!("… [{code}]");
    let kept = WARNING_MAX.saturating_sub(code.chars().count());
    line.chars().take(kept).chain(code.chars()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violation(message: &str) -> Violation {
        Violation {
            path: FieldPath::root().key("spec.tags").index(2).key("from.name"),
            entry: None,
            code: "source-not-allowed",
            message: message.to_owned(),
        }
    }

    #[test]
    fn the_first_line_counts_and_the_last_tells_how_many_more() {
        let one = [violation("a")];
        let three = [violation("a"), violation("b"), violation("c")];
        for (violations, reported, expected) in [
            (
                &one[..],
                20,
                "1 violation in ImageStream shop/web:\nspec.tags[2].from.name: a [source-not-allowed]",
            ),
            (
                &three,
                3,
                "3 violations in ImageStream shop/web:\nspec.tags[2].from.name: a [source-not-allowed]\n\
                 spec.tags[2].from.name: b [source-not-allowed]\nspec.tags[2].from.name: c [source-not-allowed]",
            ),
            (
                &three,
                1,
                "3 violations in ImageStream shop/web:\nspec.tags[2].from.name: a [source-not-allowed]\nand 2 more",
            ),
        ] {
            assert_eq!(message("ImageStream shop/web", violations, reported, None), expected);
        }
    }

    #[test]
    fn a_warning_is_cut_to_what_kubernetes_shows_and_keeps_its_code() {
        let whole = violation(&"ä".repeat(256 - "spec.tags[2].from.name:  [source-not-allowed]".len()));
        assert_eq!(warning(&whole).chars().count(), 256);
        assert!(!warning(&whole).contains('…'));
        let named = Violation { entry: Some("tag `hub`".to_owned()), ..violation("a") };
        assert_eq!(warning(&named), "spec.tags[2].from.name (tag `hub`): a [source-not-allowed]");
        let digest = format!("`quay.io/a@sha256:{}` is denied", "0123456789abcdef".repeat(4));
        assert_eq!(
            warning(&violation(&digest)),
            "spec.tags[2].from.name: `quay.io/a@sha256:0123456789ab…` is denied [source-not-allowed]"
        );
        let long = "x".repeat(160);
        let reason = "needs a signature from `acme`, but has none";
        let quoted = warning(&violation(&format!("`{long}` is not `{}`: {reason}", "y".repeat(150))));
        assert_eq!(quoted.chars().count(), 256);
        assert!(quoted.contains("x…`") && quoted.contains("y…`"), "{quoted}");
        assert!(quoted.ends_with(&format!(": {reason} [source-not-allowed]")), "{quoted}");
        let long = warning(&violation(&"ä".repeat(300)));
        assert_eq!(long.chars().count(), 256);
        assert!(
            long.starts_with("spec.tags[2].from.name: ä") && long.ends_with("ä… [source-not-allowed]"),
            "{long}"
        );
    }

    #[test]
    fn what_is_not_there_is_not_written() {
        let accepted = Verdict {
            accepted: true,
            message: None,
            code: None,
            audit_annotations: BTreeMap::new(),
            warnings: Vec::new(),
        };
        assert_eq!(accepted.to_json(), br#"{"accepted":true}"#);
        assert_eq!(SettingsVerdict::new(&[""; 0]).to_json(), br#"{"valid":true}"#);
    }
}
