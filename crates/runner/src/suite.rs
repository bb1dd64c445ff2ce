//! `suite.yaml`: requests and the answers expected of a policy under a pack's settings.
//!
//! ```yaml
//! cases:
//!   - name: a tag at Docker Hub is denied       # unique in the suite
//!     request: requests/stream-from-hub.json    # in the pack: a review, a request or an object
//!     cluster: cluster                          # in the pack: a folder of objects that answers
//!     replay: recordings/hub.yaml               # or a recording that does
//!     now: 2026-03-01T00:00:00Z                 # the clock's idea of now, if not given
//!     verdict: denied                           # or allowed
//!     violations:                               # exactly these, in this order
//!       - {code: source-not-allowed, path: "spec.tags[0].from.name"}
//!     warnings:                                 # exactly these, in this order
//!       - {code: repository-import, path: spec.repository}
//!     exempted: [digest-missing]                # the codes of what an exemption let pass
//! ```

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::path::{Component, Path, PathBuf};

use anyhow::ensure;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use time::UtcDateTime;

use crate::answers::{self, Capabilities};
use crate::now;
use crate::response::{Finding, Response};

/// Why a suite cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SuiteError {
    /// It does not follow the schema.
    #[error("{0}")]
    Schema(String),
    /// It has no cases.
    #[error("has no cases")]
    Empty,
    /// Two cases cannot be told apart.
    #[error("two cases are named `{0}`")]
    NamedTwice(String),
    /// A case expects a denial and does not say why.
    #[error("case `{0}`: a denial has at least one violation")]
    DeniedForNothing(String),
    /// A case expects a violation to pass.
    #[error("case `{0}`: a request with violations is not allowed")]
    AllowedInSpite(String),
    /// A request that no case sends.
    #[error("no case uses {}", crate::console::name(.0))]
    Unused(PathBuf),
}

/// The cases of a pack.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// In the order of the file.
    pub cases: Vec<Case>,
}

/// A request and what is expected of the policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the case shows.
    pub name: String,
    /// The request's file, relative to the pack.
    pub request: PathBuf,
    /// The instant at which the request is judged.
    #[serde(default, deserialize_with = "now::deserialize")]
    pub now: Option<UtcDateTime>,
    /// The folder that answers for the cluster, relative to the pack.
    pub cluster: Option<PathBuf>,
    /// The recording that answers for the cluster and registries, relative to the pack.
    pub replay: Option<PathBuf>,
    verdict: Verdict,
    #[serde(default)]
    violations: Vec<Finding>,
    #[serde(default)]
    warnings: Vec<Finding>,
    #[serde(default)]
    exempted: Vec<String>,
}

/// Whether a request passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It does.
    Allowed,
    /// It does not.
    Denied,
}

impl Case {
    /// Who answers the policy, in a pack's directory.
    ///
    /// # Errors
    /// The folder or the recording cannot be read, or both are named.
    pub fn capabilities(&self, directory: &Path) -> anyhow::Result<Box<dyn Capabilities>> {
        ensure!(
            self.cluster.is_none() || self.replay.is_none(),
            "names `cluster` and `replay`: only one can answer"
        );
        let beside = |path: &PathBuf| directory.join(path);
        let (cluster, replay) = (self.cluster.as_ref().map(beside), self.replay.as_ref().map(beside));
        answers::open(cluster.as_deref(), replay.as_deref())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Verdict::Allowed => "allowed",
            Verdict::Denied => "denied",
        })
    }
}

/// What a suite pins of an answer.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Whether the request passes.
    pub verdict: Verdict,
    /// Why it does not, in order.
    pub violations: Vec<Finding>,
    /// What else was said about it, in order.
    pub warnings: Vec<Finding>,
    /// The rules that would have denied it, had no exemption applied.
    pub exempted: Vec<String>,
}

impl Outcome {
    /// What an answer says. The error is a line that names no rule and field, such as `and 3 more`.
    pub fn of(response: &Response) -> Result<Self, String> {
        let finding = |line: &str| Finding::parse(line).ok_or_else(|| line.to_owned());
        let verdict = if response.accepted() { Verdict::Allowed } else { Verdict::Denied };
        Ok(Outcome {
            verdict,
            violations: response.lines().into_iter().map(finding).collect::<Result<_, _>>()?,
            warnings: response.warnings().iter().map(|line| finding(line)).collect::<Result<_, _>>()?,
            exempted: response.exempted(),
        })
    }
}

impl Case {
    /// What the case expects.
    pub fn expected(&self) -> Outcome {
        Outcome {
            verdict: self.verdict,
            violations: self.violations.clone(),
            warnings: self.warnings.clone(),
            exempted: self.exempted.clone(),
        }
    }

    fn check(&self) -> Result<(), SuiteError> {
        match (self.verdict, self.violations.is_empty()) {
            (Verdict::Denied, true) => Err(SuiteError::DeniedForNothing(self.name.clone())),
            (Verdict::Allowed, false) => Err(SuiteError::AllowedInSpite(self.name.clone())),
            _ => Ok(()),
        }
    }
}

impl Suite {
    /// Reads a suite that uses each of the given requests, which are paths in the pack.
    pub fn parse(yaml: &str, requests: &BTreeSet<PathBuf>) -> Result<Self, SuiteError> {
        let suite: Suite =
            serde_norway::from_str(yaml).map_err(|error| SuiteError::Schema(error.to_string()))?;
        if suite.cases.is_empty() {
            return Err(SuiteError::Empty);
        }
        let mut names = HashSet::new();
        let mut used = HashSet::new();
        for case in &suite.cases {
            case.check()?;
            if !names.insert(&case.name) {
                return Err(SuiteError::NamedTwice(case.name.clone()));
            }
            used.insert(without_dots(&case.request));
        }
        match requests.iter().find(|request| !used.contains(*request)) {
            Some(unused) => Err(SuiteError::Unused(unused.clone())),
            None => Ok(suite),
        }
    }
}

fn without_dots(path: &Path) -> PathBuf {
    path.components().filter(|component| *component != Component::CurDir).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    const DENIED: &str =
        "{name: d, request: requests/d.json, verdict: denied, violations: [{code: c, path: p}]}";
    const ALLOWED: &str = "{name: a, request: ./requests/a.json, verdict: allowed}";

    fn read(cases: &[&str], requests: &[&str]) -> Result<Suite, String> {
        let yaml = format!("cases: [{}]", cases.join(", "));
        let requests = requests.iter().map(PathBuf::from).collect();
        Suite::parse(&yaml, &requests).map_err(|error| error.to_string())
    }

    #[test]
    fn a_suite_names_cases_and_uses_every_request() {
        let suite = read(&[DENIED, ALLOWED], &["requests/a.json", "requests/d.json"]).unwrap();
        let names: Vec<_> = suite.cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names, ["d", "a"]);
    }

    #[test]
    fn a_case_is_answered_by_a_folder_or_a_recording_not_by_both() {
        let both = "{name: a, request: a.json, verdict: allowed, cluster: c, replay: r.yaml}";
        let suite = read(&[both], &["a.json"]).unwrap();
        let refused = suite.cases.first().unwrap().capabilities(Path::new("")).err().unwrap();
        assert_eq!(refused.to_string(), "names `cluster` and `replay`: only one can answer");
    }

    #[test]
    fn what_a_case_leaves_out_is_expected_to_be_empty() {
        let suite = read(&[ALLOWED], &[]).unwrap();
        let expected = Outcome {
            verdict: Verdict::Allowed,
            violations: Vec::new(),
            warnings: Vec::new(),
            exempted: Vec::new(),
        };
        assert_eq!(suite.cases.first().unwrap().expected(), expected);
        assert_eq!(suite.cases.first().unwrap().now, None);
    }

    #[test]
    fn what_makes_no_suite() {
        let cases: [(&[&str], &str); 10] = [
            (&[], "has no cases"),
            (&[ALLOWED, ALLOWED], "two cases are named `a`"),
            (&["{name: a, request: r, verdict: denied}"], "case `a`: a denial has at least one violation"),
            (
                &["{name: a, request: r, verdict: allowed, violations: [{code: c, path: p}]}"],
                "case `a`: a request with violations is not allowed",
            ),
            (&["{name: a, request: r, verdict: maybe}"], "cases[0].verdict: unknown variant `maybe`"),
            (&["{name: a, request: r, verdict: allowed, warning: []}"], "cases[0]: unknown field `warning`"),
            (
                &["{name: a, request: r, verdict: allowed, warnings: [{code: c, path: p, text: t}]}"],
                "cases[0].warnings[0]: unknown field `text`",
            ),
            (&["{name: a, request: r, verdict: allowed, now: today}"], "cases[0]: `today` is no RFC 3339"),
            (&["{name: a, name: b, request: r, verdict: allowed}"], "cases[0]: duplicate field `name`"),
            (&["{name: a, verdict: allowed}"], "cases[0]: missing field `request`"),
        ];
        for (cases, expected) in cases {
            let refusal = read(cases, &[]).unwrap_err();
            assert!(refusal.starts_with(expected), "{cases:?}: {refusal}");
        }
        assert_eq!(
            read(&[ALLOWED], &["requests/a.json", "requests/b.json"]).unwrap_err(),
            "no case uses requests/b.json"
        );
    }

    #[test]
    fn an_instant_is_read_as_written() {
        let suite =
            read(&["{name: a, request: r, verdict: allowed, now: 2026-03-01T00:00:00Z}"], &[]).unwrap();
        assert_eq!(suite.cases.first().unwrap().now, Some(now::parse("2026-03-01T00:00:00Z").unwrap()));
    }
}
