//! The pack `red-hat-signed` with post-quantum signatures that verify. None by Red Hat's release key 4
//! can be made, so a key made for the tests takes its place in the pack's own settings.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod common;

use std::path::Path;

use common::{Short, code_and_path, include, lines};
use openshift_image_trust::validate_settings;
use serde_json::{Value, json};
use time::UtcDateTime;
use time::macros::utc_datetime;

/// After the day on which Sequoia made the signatures.
const TODAY: &str = "2026-12-15T00:00:00Z";
const TODAY_AS_TIME: UtcDateTime = utc_datetime!(2026-12-15 00:00);
const REPOSITORY: &str = "registry.redhat.io/albo/aws-load-balancer-operator-bundle";
const BUNDLE: &str = "sha256:50b9402635dd4b312a86bed05dcdbda8c00120d3789ec2e9b527045100b3bdb4";
const IMPORTER: &str = "system:serviceaccount:openshift-infra:image-import-controller";

/// By release key 2, for this image under this name.
const RSA: &str = "real/oc-mirror/noo-bundle-image/signature-3";
/// By the key in the place of release key 4, of the same kind.
const POST_QUANTUM: &str = "openpgp-v6/mldsa87-v6.sig";
/// By a post-quantum key that is nobody's here.
const ANOTHER: &str = "openpgp-v6/mldsa65-v6.sig";

const UNTRUSTED: &str = "image-untrusted spec.tags[0].from.name";

fn pack() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/red-hat-signed/settings.yaml");
    serde_norway::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The pack's settings, with the made key for release key 4 and these requirements, if any.
fn settings(requirements: Option<Value>) -> Value {
    let mut settings = pack();
    let signer = settings["signers"].as_array_mut().unwrap().last_mut().unwrap();
    assert_eq!(signer["name"], "red-hat-release-4");
    signer["openpgp"] = json!("<openpgp-v6/mldsa87-v6.cert.asc>");
    if let Some(requirements) = requirements {
        settings["trust"]["scopes"]["registry.redhat.io"] = requirements;
    }
    include(&mut settings);
    settings
}

/// What the pack's page has for nodes of RHEL 9, RHEL 10 and both.
fn classical() -> Value {
    json!([{"type": "signedBy", "signers": ["red-hat-release-2"]}])
}

fn post_quantum() -> Value {
    json!([{"type": "signedBy", "signers": ["red-hat-release-4"], "postQuantum": true}])
}

fn both() -> Value {
    json!([classical()[0], post_quantum()[0]])
}

fn image(signatures: &[&str]) -> Value {
    let signature = |(at, path): (usize, &&str)| {
        json!({
            "metadata": {"name": format!("{BUNDLE}@{at}")}, "type": "atomic", "content": format!("<{path}>"),
        })
    };
    let signatures: Vec<Value> = signatures.iter().enumerate().map(signature).collect();
    let mut image = json!({
        "kind": "Image", "metadata": {"name": BUNDLE},
        "dockerImageReference": format!("{REPOSITORY}@{BUNDLE}"), "signatures": signatures,
    });
    include(&mut image);
    image
}

/// Whether it is accepted, and `<code> <path>` of all that is found.
fn judge(short: &Value) -> (bool, Vec<String>) {
    let verdict = Short::parse(&short.to_string()).verdict();
    let found = lines(&verdict).into_iter().map(|line| {
        let (code, path) = code_and_path(&line);
        format!("{code} {path}")
    });
    (verdict.accepted, found.collect())
}

/// A person's tag of the image, with these signatures in the cluster.
fn tag(settings: &Value, reference: &str, signatures: &[&str]) -> (bool, Vec<String>) {
    let tag = json!({"name": "0.0.1", "from": {"kind": "DockerImage", "name": reference}});
    judge(&json!({
        "now": TODAY, "settings": settings, "cluster": [image(signatures)],
        "object": {"kind": "ImageStream", "spec": {"tags": [tag]}},
    }))
}

/// Signatures that come onto the image.
fn attached(settings: &Value, user: &str, signatures: &[&str]) -> (bool, Vec<String>) {
    judge(&json!({
        "now": TODAY, "settings": settings, "user": user, "old": image(&[]), "object": image(signatures),
    }))
}

#[test]
fn a_tag_needs_a_signature_by_one_of_the_keys_or_by_those_that_the_cluster_asks_for() {
    let digest = format!("{REPOSITORY}@{BUNDLE}");
    let renovate = format!("{REPOSITORY}:0.0.1@{BUNDLE}");
    let sets: [&[&str]; 7] = [
        &[RSA],
        &[RSA, POST_QUANTUM],
        &[POST_QUANTUM],
        &[RSA, ANOTHER],
        &[ANOTHER],
        &[ANOTHER, POST_QUANTUM],
        &[],
    ];
    for (name, requirements, accepted) in [
        ("the pack", None, [true, true, true, true, false, true, false]),
        ("RHEL 9", Some(classical()), [true, true, false, true, false, false, false]),
        ("RHEL 10", Some(post_quantum()), [false, true, true, false, false, true, false]),
        ("both", Some(both()), [false, true, false, false, false, false, false]),
    ] {
        let settings = settings(requirements);
        let checked = validate_settings(settings.to_string().as_bytes(), TODAY_AS_TIME).to_json();
        let checked: Value = serde_json::from_slice(&checked).unwrap();
        assert_eq!(checked["valid"], true, "{name}: {checked}");
        for (signatures, accepted) in sets.iter().zip(accepted) {
            for reference in [&digest, &renovate] {
                let found = tag(&settings, reference, signatures);
                let expected = if accepted { vec![] } else { vec![UNTRUSTED.to_owned()] };
                assert_eq!(found, (accepted, expected), "{name}: {reference} by {signatures:?}");
            }
        }
    }
}

/// It was made for `registry.redhat.io`, and no other name or image.
#[test]
fn a_post_quantum_signature_counts_for_its_own_name_alone() {
    let settings = settings(None);
    for reference in [
        format!("registry.access.redhat.com/albo/aws-load-balancer-operator-bundle@{BUNDLE}"),
        format!("registry.redhat.io/albo/another@{BUNDLE}"),
        format!("registry.redhat.io/albo/aws-load-balancer-operator-bundle/more@{BUNDLE}"),
    ] {
        let found = tag(&settings, &reference, &[POST_QUANTUM]);
        assert_eq!(found, (false, vec![UNTRUSTED.to_owned()]), "{reference}");
    }
}

#[test]
fn what_comes_onto_an_image_is_by_one_of_the_keys() {
    let settings = settings(None);
    for signatures in [&[RSA][..], &[RSA, POST_QUANTUM], &[POST_QUANTUM]] {
        for user in ["dana", IMPORTER] {
            assert_eq!(attached(&settings, user, signatures), (true, vec![]), "{user}: {signatures:?}");
        }
    }
    for (signatures, path) in [
        (&[ANOTHER][..], "signatures[0].content"),
        (&[RSA, ANOTHER], "signatures[1].content"),
        (&[ANOTHER, POST_QUANTUM], "signatures[0].content"),
    ] {
        let told = vec![format!("signature-untrusted {path}")];
        assert_eq!(attached(&settings, "dana", signatures), (false, told.clone()), "{signatures:?}");
        assert_eq!(attached(&settings, IMPORTER, signatures), (true, told), "{signatures:?}");
    }
}

/// The pack itself has Red Hat's key, under which what the made key signed counts for nothing.
#[test]
fn the_made_key_is_not_in_the_pack() {
    let pack = pack();
    let digest = format!("{REPOSITORY}@{BUNDLE}");
    assert_eq!(tag(&pack, &digest, &[POST_QUANTUM]), (false, vec![UNTRUSTED.to_owned()]));
    assert_eq!(tag(&pack, &digest, &[RSA, POST_QUANTUM]), (true, vec![]));
    let told = vec!["signature-untrusted signatures[1].content".to_owned()];
    assert_eq!(attached(&pack, "dana", &[RSA, POST_QUANTUM]), (false, told.clone()));
    assert_eq!(attached(&pack, IMPORTER, &[RSA, POST_QUANTUM]), (true, told));
}
