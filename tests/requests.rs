//! The requests of `tests/requests`, under the settings of each pack: `verdicts.yaml` says what
//! each is answered, and why.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

#[path = "requests/answer.rs"]
mod answer;
mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use openshift_image_trust::NoCluster;
use openshift_image_trust::evaluate;
use serde::Deserialize;
use serde_json::{Value, json};

use answer::{Answer, reviews};
use common::NOW;

const PACKS: [&str; 3] = ["baseline", "local-references", "trusted-sources"];

/// The deliberately risky requests.
const RISKY: [&str; 7] = ["02", "05", "09", "16", "21", "25", "28"];
/// The platform's own.
const PLATFORM: [&str; 9] = ["04", "17", "20", "22", "23", "24", "26", "30", "35"];

/// The answer that some packs give to a request.
#[derive(Deserialize)]
struct Row {
    packs: BTreeSet<String>,
    why: String,
    #[serde(flatten)]
    answer: Answer,
}

#[test]
fn every_request_has_a_row_for_every_pack() {
    let table = table();
    let expected: BTreeSet<String> = reviews(&folder()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(table.keys().cloned().collect::<BTreeSet<_>>(), expected);
    for (request, rows) in &table {
        let packs: Vec<&String> = rows.iter().flat_map(|row| &row.packs).collect();
        let distinct: BTreeSet<&str> = packs.iter().map(|pack| pack.as_str()).collect();
        assert_eq!((packs.len(), distinct), (PACKS.len(), BTreeSet::from(PACKS)), "{request}");
        for row in rows {
            assert!(row.why.split_whitespace().count() > 3, "{request}: {}", row.why);
        }
    }
}

#[test]
fn every_request_is_answered_as_its_row_says() {
    let settings = BTreeMap::from(PACKS.map(|pack| (pack, settings(pack))));
    let table = table();
    let mut wrong = Vec::new();
    for (name, request) in reviews(&folder()) {
        for row in table.get(&name).expect("a row") {
            for pack in &row.packs {
                let payload = json!({"request": request, "settings": settings.get(pack.as_str())});
                let verdict = evaluate(&serde_json::to_vec(&payload).unwrap(), NOW, &NoCluster);
                let found = Answer::of(&verdict);
                if found != row.answer {
                    wrong.push(format!("{name} under {pack}: {found:#?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_risky_is_denied_or_pointed_out_and_what_the_platform_sends_passes() {
    for (request, rows) in table() {
        let number = request.split('-').next().unwrap_or_default();
        if RISKY.contains(&number) {
            assert!(rows.iter().any(|row| row.answer.is_denied()), "{request}");
            assert!(rows.iter().all(|row| !row.answer.is_silent()), "{request}");
        }
        if PLATFORM.contains(&number) {
            assert!(rows.iter().all(|row| !row.answer.is_denied()), "{request}");
        }
    }
}

#[test]
fn what_a_pack_deploys_is_registered_as_the_module_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let metadata = yaml(&root.join("metadata.yml"));
    for pack in PACKS {
        let policy = yaml(&root.join("policies").join(pack).join("policy.yaml"));
        for key in ["rules", "mutating", "backgroundAudit"] {
            assert_eq!(policy["spec"][key], metadata[key], "{pack}: {key}");
        }
        assert_eq!(policy["spec"]["settings"], settings(pack), "{pack}");
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requests")
}

fn table() -> BTreeMap<String, Vec<Row>> {
    let yaml = std::fs::read_to_string(folder().join("verdicts.yaml")).unwrap();
    serde_norway::from_str(&yaml).unwrap_or_else(|error| panic!("verdicts.yaml: {error}"))
}

fn settings(pack: &str) -> Value {
    yaml(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(pack).join("settings.yaml"))
}

fn yaml(file: &Path) -> Value {
    serde_norway::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}
