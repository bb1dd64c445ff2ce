//! The requests of `tests/attacks`: each gets the verdict that its file says is right.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;

use common::fixture::Fixture;
use common::{code_and_path, lines};
use openshift_image_trust::{evaluate, validate_settings};
use serde_json::{Value, json};
use time::UtcDateTime;
use time::macros::utc_datetime;

/// After the last of them was made, keys included.
const NOW: UtcDateTime = utc_datetime!(2026-12-01 00:00);

/// Those that do not get the right verdict yet.
const OPEN: &[&str] = &[];

#[test]
fn every_request_gets_the_verdict_that_is_right() {
    let mut wrong = Vec::new();
    let mut open: BTreeSet<&str> = OPEN.iter().copied().collect();
    for (name, attack) in attacks() {
        match (judge(&attack), open.remove(name.as_str())) {
            (Ok(()), false) | (Err(_), true) => {}
            (Ok(()), true) => wrong.push(format!("{name}: gets the right verdict, and is listed as open")),
            (Err(found), false) => wrong.push(format!("{name}: {found}")),
        }
    }
    wrong.extend(open.iter().map(|name| format!("{name}: is listed as open, and is not there")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether the verdict is the right one; otherwise what it is.
fn judge(attack: &Value) -> Result<(), String> {
    let settings = &attack["settings"];
    let refused = !validate_settings(settings.to_string().as_bytes(), NOW).valid;
    let payload = json!({"request": attack["request"], "settings": settings}).to_string();
    let not_granted = json!(["not granted"]);
    let cluster = Fixture::new(Some(attack.get("cluster").unwrap_or(&not_granted).clone()));
    let verdict = evaluate(payload.as_bytes(), NOW, &cluster);
    let told = lines(&verdict);
    let is_right = match (attack["expected"].as_str().unwrap(), attack["rule"].as_str()) {
        ("allow", None) => verdict.accepted && !refused,
        ("deny", None) => !verdict.accepted || refused,
        ("deny", Some(rule)) => !verdict.accepted && told.iter().any(|line| code_and_path(line).0 == rule),
        (expected, rule) => panic!("{expected} by {rule:?} is not an expectation"),
    };
    if is_right { Ok(()) } else { Err(format!("accepted: {}, {told:#?}", verdict.accepted)) }
}

fn attacks() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attacks");
    let mut attacks: Vec<(String, Value)> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let attack = serde_json::from_slice(&std::fs::read(&path).unwrap());
            (name, attack.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        })
        .collect();
    attacks.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert!(attacks.len() >= 38, "{}", attacks.len());
    attacks
}
