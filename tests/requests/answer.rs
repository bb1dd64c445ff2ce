//! What a table of verdicts expects of an answer.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "shared by several test crates"
)]

use std::path::Path;

use openshift_image_trust::Verdict;
use serde::Deserialize;
use serde_json::Value;

use crate::common::code_and_path;

/// An answer, as far as a table pins it: lines are `<code> <path>`, in the answer's order.
#[derive(Debug, Deserialize, PartialEq)]
pub struct Answer {
    verdict: Decision,
    #[serde(default)]
    violations: Vec<String>,
    #[serde(default)]
    warnings: Vec<String>,
    /// Codes of the rules that were lifted.
    #[serde(default)]
    exempted: Vec<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Decision {
    Allowed,
    Denied,
}

impl Answer {
    /// What the policy answered.
    pub fn of(verdict: &Verdict) -> Self {
        let line = |line: &str| {
            let (code, path) = code_and_path(line);
            format!("{code} {path}")
        };
        let violations = verdict.message.iter().flat_map(|message| message.lines().skip(1));
        let exempted =
            verdict.audit_annotations.get("exempted").into_iter().flat_map(|lifted| lifted.split("; "));
        let mut exempted: Vec<String> =
            exempted.map(|lifted| lifted.split(':').next().unwrap_or_default().to_owned()).collect();
        exempted.dedup();
        Self {
            verdict: if verdict.accepted { Decision::Allowed } else { Decision::Denied },
            violations: violations.map(line).collect(),
            warnings: verdict.warnings.iter().map(|warning| line(warning)).collect(),
            exempted,
        }
    }

    /// Whether the request does not pass.
    pub fn is_denied(&self) -> bool {
        self.verdict == Decision::Denied
    }

    /// Whether nothing at all is said about the request.
    pub fn is_silent(&self) -> bool {
        self.violations.is_empty() && self.warnings.is_empty()
    }
}

/// The AdmissionReviews of a folder, in order: file name and request.
pub fn reviews(folder: &Path) -> Vec<(String, Value)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|it| it == "json")).collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let mut review: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, review.get_mut("request").expect("a review").take())
        })
        .collect()
}
