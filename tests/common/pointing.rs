//! Requests that point at images, and clusters that have them, for tests of `trust`.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    unreachable_pub,
    missing_docs,
    reason = "shared by several test crates"
)]

use serde_json::{Value, json};

use crate::common::{self, Short, code_and_path, lines};

/// The image that the generated signatures are for.
pub const D: &str = "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";
/// Others.
pub const E: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";
pub const L: &str = "sha256:0205374946b5e089000000000000000000000000000000000000000000000000";
pub const INTEGRATED: &str = "image-registry.openshift-image-registry.svc:5000";

pub const UNTRUSTED: &str = "image-untrusted";
pub const UNVERIFIED: &str = "image-unverified";
pub const UNAVAILABLE: &str = "host-unavailable";

/// `acme` must have signed what is in `registry.test`.
pub fn settings() -> Value {
    json!({
        "signers": [
            {"name": "acme", "openpgp": "<generated/keys/ed.asc>"},
            {"name": "build", "openpgp": "<generated/keys/rsa.asc>"},
        ],
        "trust": {
            "default": [{"type": "insecureAcceptAnything"}],
            "scopes": {"registry.test": [{"type": "signedBy", "signers": ["acme"]}]},
        },
    })
}

pub fn included(mut value: Value) -> Value {
    common::include(&mut value);
    value
}

/// An Image as the cluster has it, with signatures of `tests/signatures/generated`.
pub fn image(name: &str, signatures: &[&str]) -> Value {
    let signature =
        |content: &&str| json!({"type": "atomic", "content": format!("<generated/sigs/{content}.sig>")});
    let signatures: Vec<Value> = signatures.iter().map(signature).collect();
    included(json!({
        "kind": "Image",
        "metadata": {"name": name},
        "dockerImageReference": format!("registry.test/ns/app@{name}"),
        "signatures": signatures,
    }))
}

/// A stream `base/app` whose tag `v1` has these events, the newest first.
pub fn stream(events: &[(&str, &str)]) -> Value {
    let items: Vec<Value> = events
        .iter()
        .map(|(image, pull_spec)| json!({"image": image, "dockerImageReference": pull_spec}))
        .collect();
    json!({
        "kind": "ImageStream",
        "metadata": {"name": "app", "namespace": "base"},
        "status": {"tags": [{"tag": "v1", "items": items}]},
    })
}

pub fn at(digest: &str) -> String {
    format!("registry.test/ns/app@{digest}")
}

pub fn judged(settings: &Value, object: &Value, cluster: &Value) -> Short {
    Short::parse(&json!({"settings": settings, "object": object, "cluster": cluster}).to_string())
}

/// The codes that are told, and whether the request passes where only warnings are.
#[track_caller]
pub fn assert_told(what: &str, short: &Short, expected: &[&str]) {
    let verdict = short.verdict();
    let lines = lines(&verdict);
    let codes: Vec<String> = lines.iter().map(|line| code_and_path(line).0).collect();
    assert_eq!(codes, expected, "{what}: {lines:#?}");
    let passes =
        expected.iter().all(|code| [UNVERIFIED, "untracked-reference", "repository-import"].contains(code));
    assert_eq!(verdict.accepted, passes, "{what}: {lines:#?}");
}

/// A tag through each of the doors that write one.
pub fn tags(from: &Value, more: &Value) -> Vec<Value> {
    let mut tag = json!({"name": "v1", "from": from});
    tag.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut doors = vec![
        json!({"kind": "ImageStream", "metadata": {"name": "web"}, "spec": {"tags": [tag]}}),
        json!({"kind": "ImageStreamTag", "metadata": {"name": "web:v1"}, "tag": tag}),
        json!({"kind": "ImageTag", "metadata": {"name": "web:v1"}, "spec": tag}),
    ];
    if from["kind"] == "DockerImage" && more["reference"].is_null() {
        let mut entry = json!({"from": from, "to": {"name": "v1"}});
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        doors.push(json!({"kind": "ImageStreamImport", "metadata": {"name": "web"}, "spec": {"import": true, "images": [entry]}}));
    }
    doors
}
