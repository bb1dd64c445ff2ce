//! The requests of `tests/captured`, which a running server sent, without any settings:
//! `verdicts.yaml` says what each scenario is answered, and why.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail")]

#[path = "requests/answer.rs"]
mod answer;
mod common;
#[path = "common/paths.rs"]
mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use openshift_image_trust::NoCluster;
use openshift_image_trust::Verdict;
use openshift_image_trust::evaluate;
use serde::Deserialize;
use serde_json::{Value, json};

use answer::{Answer, reviews};
use common::{NOW, code_and_path, lines};
use paths::resolves;

/// The answer that some scenarios get.
#[derive(Deserialize)]
struct Row {
    scenarios: Vec<String>,
    /// The stage that it is about; none is both.
    stage: Option<String>,
    why: String,
    #[serde(flatten)]
    answer: Answer,
}

#[test]
fn every_request_has_exactly_one_row() {
    let rows = rows();
    let names: BTreeSet<&str> = rows.iter().flat_map(|row| &row.scenarios).map(String::as_str).collect();
    let mut found = BTreeSet::new();
    for (file, _) in reviews(&folder()) {
        let about = rows.iter().filter(|row| row.is_about(&file)).count();
        assert_eq!(about, 1, "{file}");
        let (scenario, _) = scenario_and_stage(&file);
        let number = file.split('-').next().unwrap_or_default();
        found.extend([scenario.to_owned(), format!("{number}-{scenario}")]);
    }
    let unknown: Vec<&&str> = names.iter().filter(|name| !found.contains(**name)).collect();
    assert_eq!(unknown, Vec::<&&str>::new(), "a row is about scenarios that there are");
    for row in &rows {
        assert!(row.why.split_whitespace().count() > 3, "{}", row.why);
    }
}

#[test]
fn every_request_is_answered_as_its_row_says() {
    let rows = rows();
    let mut wrong = Vec::new();
    for (file, request) in reviews(&folder()) {
        let row = rows.iter().find(|row| row.is_about(&file)).expect("a row");
        let found = Answer::of(&verdict(&payload(&request)));
        if found != row.answer {
            wrong.push(format!("{file}: {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_request_is_unreadable() {
    for (file, request) in reviews(&folder()) {
        let verdict = verdict(&payload(&request));
        assert_ne!(verdict.code, Some(400), "{file}: {verdict:?}");
        for line in lines(&verdict) {
            assert_ne!(code_and_path(&line).0, "request-unreadable", "{file}: {line}");
        }
    }
}

#[test]
fn every_path_that_is_reported_can_be_followed_in_the_request() {
    let mut followed = BTreeMap::<String, usize>::new();
    for (file, request) in reviews(&folder()) {
        let payload = payload(&request);
        for line in lines(&verdict(&payload)) {
            let (code, path) = code_and_path(&line);
            assert!(resolves(&payload, &path), "{file}: {line}");
            *followed.entry(code).or_default() += 1;
        }
    }
    assert!(followed.len() > 7, "{followed:?}");
}

impl Row {
    fn is_about(&self, file: &str) -> bool {
        let (scenario, stage) = scenario_and_stage(file);
        let names = |of: &String| of == scenario || file.starts_with(&format!("{of}-{stage}-"));
        self.stage.as_deref().is_none_or(|of| of == stage) && self.scenarios.iter().any(names)
    }
}

/// `is-put-noop` and `mutate` of `0029-is-put-noop-mutate-update-imagestreams-dana.json`.
fn scenario_and_stage(file: &str) -> (&str, &str) {
    let (_, rest) = file.split_once('-').expect("a number");
    ["mutate", "validate"]
        .into_iter()
        .find_map(|stage| rest.split_once(&format!("-{stage}-")).map(|(scenario, _)| (scenario, stage)))
        .unwrap_or_else(|| panic!("{file} has no stage"))
}

fn payload(request: &Value) -> Value {
    json!({"request": request, "settings": {}})
}

fn verdict(payload: &Value) -> Verdict {
    evaluate(&serde_json::to_vec(payload).unwrap(), NOW, &NoCluster)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captured")
}

fn rows() -> Vec<Row> {
    let yaml = std::fs::read_to_string(folder().join("verdicts.yaml")).unwrap();
    serde_norway::from_str(&yaml).unwrap_or_else(|error| panic!("verdicts.yaml: {error}"))
}
