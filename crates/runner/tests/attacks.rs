//! The requests of the policy's tests `attacks`, tried on the module as Kubewarden calls it.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

#[path = "../../../tests/common/attacks.rs"]
mod attacks;
#[path = "../../../tests/common/mod.rs"]
mod common;
#[path = "common/mod.rs"]
mod packs;

use std::path::Path;
use std::sync::Arc;

use attacks::attempts;
use common::Short;
use image_trust::answers::{Capabilities, Folder, Natively, Nobody};
use openshift_image_trust::{evaluate, validate_settings};
use packs::MODULE;
use serde_json::value::{RawValue, to_raw_value};

#[test]
fn the_module_gives_the_verdict_that_is_right() {
    let attempts = attempts();
    for attempt in &attempts {
        let settings = attempt.settings.to_string();
        let guest = MODULE.link(Some(attempt.now)).unwrap();
        assert_eq!(
            text(guest.call("validate_settings", settings.as_bytes()).unwrap()),
            text(validate_settings(settings.as_bytes(), attempt.now).to_json()),
            "{}",
            attempt.name
        );
        let verdict = attempt.request.as_ref().map(|request| {
            let payload = request.payload.to_string();
            let cluster = cluster(request);
            let verdict = evaluate(payload.as_bytes(), request.now, &Natively(cluster.as_ref()));
            let guest = MODULE.link(Some(request.now)).unwrap();
            let found = guest.call_with("validate", payload.as_bytes(), &cluster).unwrap();
            assert_eq!(text(found), text(verdict.to_json()), "{}", attempt.name);
            verdict
        });
        assert_eq!(attempt.fault(verdict.as_ref()), None);
    }
    assert!(attempts.len() > 200, "{}", attempts.len());
}

/// What answers in the place of the test's cluster.
fn cluster(request: &Short) -> Arc<dyn Capabilities> {
    let Some(objects) = request.cluster.objects() else { return Arc::new(Nobody) };
    let objects: Vec<Box<RawValue>> = objects.iter().map(|object| to_raw_value(object).unwrap()).collect();
    Arc::new(Folder::of(Path::new("cluster"), &objects).unwrap())
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}
