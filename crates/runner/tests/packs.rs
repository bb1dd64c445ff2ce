//! Every pack, judged by the policy's own library.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail by panicking")]

mod common;

use image_trust::answers::Natively;
use image_trust::request;
use image_trust::response::Response;
use image_trust::settings::Settings;
use image_trust::suite::Outcome;
use serde_json::Value;
use time::UtcDateTime;

#[test]
fn every_case_has_the_answer_it_expects() {
    let mut failures = Vec::new();
    for (directory, pack) in common::packs() {
        for (case, request) in &pack.cases {
            let payload = request::payload(request.json(), &pack.settings);
            let now = case.now.unwrap_or_else(UtcDateTime::now);
            let capabilities = case.capabilities(&directory).unwrap();
            let cluster = Natively(capabilities.as_ref());
            let answer = openshift_image_trust::evaluate(payload.as_bytes(), now, &cluster).to_json();
            let found = Outcome::of(&Response::parse(&answer).unwrap());
            if found.as_ref() != Ok(&case.expected()) {
                failures.push(format!("{}: {}: {found:#?}", pack.name, case.name));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_pack_has_valid_settings() {
    for (_, pack) in common::packs() {
        let answer =
            openshift_image_trust::validate_settings(pack.settings.json().as_bytes(), UtcDateTime::now())
                .to_json();
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer.get("valid"), Some(&Value::Bool(true)), "{}: {answer}", pack.name);
    }
}

#[test]
fn what_is_deployed_is_what_is_tested() {
    for (directory, pack) in common::packs() {
        let manifest = Settings::load(&directory.join("policy.yaml"))
            .unwrap_or_else(|error| panic!("{}/policy.yaml: {error}", pack.name));
        let value = |settings: &Settings| serde_json::from_str::<Value>(settings.json()).unwrap();
        assert_eq!(value(&manifest), value(&pack.settings), "{}", pack.name);
    }
}
