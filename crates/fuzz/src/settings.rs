//! `Settings::parse`, `validate_settings`, and `evaluate` with what they let pass.

use openshift_image_trust::NoCluster;
use openshift_image_trust::Segment;
use openshift_image_trust::Settings;
use openshift_image_trust::{evaluate, validate_settings};
use serde_json::Value;

use crate::common::NOW;
use crate::seeds;

/// Whether the steps lead somewhere, or all but the last do.
fn leads_somewhere(root: &Value, steps: &[Segment]) -> bool {
    let Some((_, before)) = steps.split_last() else { return true };
    let parent = before.iter().try_fold(root, |here, step| match step {
        Segment::Key(key) => here.get(key.as_ref()),
        Segment::Index(index) => here.get(index),
    });
    parent.is_some_and(|parent| parent.is_object() || parent.is_array())
}

/// Settings are good, or there is a reason with a place in them; and both readers say the same.
pub fn check(input: &[u8]) {
    let verdict = validate_settings(input, NOW);
    assert_eq!(verdict, validate_settings(input, NOW));
    assert_eq!(verdict.valid, verdict.message.is_none());
    let said = verdict.message.iter().flat_map(|message| message.split('\n'));
    said.for_each(crate::assert_harmless);
    let Ok(text) = str::from_utf8(input) else {
        assert!(!verdict.valid);
        return;
    };
    let value: Option<Value> = serde_json::from_str(text).ok();
    let problems = match Settings::parse(text) {
        Ok(_) => Vec::new(),
        Err(problems) => {
            assert!(!problems.is_empty() && !verdict.valid);
            problems
        }
    };
    for problem in &problems {
        assert!(!problem.message.is_empty());
        crate::assert_harmless(&problem.to_string());
        if let Some(value) = &value {
            assert!(leads_somewhere(value, problem.path.segments()), "{problem}");
        }
    }
    if let (Some(value), true) = (&value, problems.is_empty()) {
        assert!(Settings::parse(&value.to_string()).is_ok());
        let verdict = validate_settings(value.to_string().as_bytes(), NOW);
        assert_eq!(verdict, validate_settings(input, NOW));
    }
    // What does not even look like one value would break the payload around it.
    if value.is_some() {
        for request in seeds::few_requests() {
            let payload = format!(r#"{{"request":{request},"settings":{text}}}"#);
            let verdict = evaluate(payload.as_bytes(), NOW, &NoCluster);
            assert_eq!(verdict.code == Some(400), !problems.is_empty(), "{verdict:?}");
        }
    }
}
