//! Payloads and manifests.

use openshift_image_trust::{Manifest, digest_like};
use openshift_image_trust::{Payload, PayloadProblem, Reason};
use serde_json::{Value, json};

use crate::certificate_builder::{DIGEST, Owner, day};
use crate::{fixture, fixture_key, verify, verify_at};

/// What becomes of a payload that somebody whom we know has signed.
fn signed(payload: &[u8]) -> Result<Payload, PayloadProblem> {
    let mut owner = Owner::ordinary();
    let blob = owner.sign(payload, 50);
    match verify_at(&blob, &owner.text(), day(100)) {
        Ok(verified) => Ok(verified.payload().clone()),
        Err(rejection) => match rejection.reason {
            Reason::Payload(problem) => Err(problem),
            other => panic!("{other:?}"),
        },
    }
}

fn valid() -> Value {
    json!({
        "critical": {
            "type": "atomic container signature",
            "image": {"docker-manifest-digest": DIGEST},
            "identity": {"docker-reference": "registry.test/ns/app:v1"},
        },
        "optional": {"creator": "somebody", "timestamp": 1_458_239_713},
    })
}

/// The value at the end of the pointer is replaced, or taken away.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut payload = valid();
    let (parent, member) = pointer.rsplit_once('/').expect("a pointer");
    let parent = payload.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
    match value {
        Some(value) => parent.insert(member.to_owned(), value),
        None => parent.remove(member),
    };
    payload
}

pub(crate) fn what_breaks_a_payload() {
    let absent = None;
    let rows: [(&str, Option<Value>); 23] = [
        ("/unexpected", Some(json!(1))),
        ("/critical", absent.clone()),
        ("/critical", Some(json!(1))),
        ("/optional", absent.clone()),
        ("/optional", Some(json!(1))),
        ("/critical/unexpected", Some(json!(1))),
        ("/critical/type", absent.clone()),
        ("/critical/type", Some(json!(1))),
        ("/critical/type", Some(json!("this is not the type"))),
        ("/critical/image", absent.clone()),
        ("/critical/image", Some(json!(1))),
        ("/critical/image/unexpected", Some(json!(1))),
        ("/critical/image/docker-manifest-digest", absent.clone()),
        ("/critical/image/docker-manifest-digest", Some(json!(1))),
        ("/critical/identity", absent.clone()),
        ("/critical/identity", Some(json!(1))),
        ("/critical/identity/unexpected", Some(json!(1))),
        ("/critical/identity/docker-reference", absent),
        ("/critical/identity/docker-reference", Some(json!(1))),
        ("/optional/creator", Some(json!(1))),
        ("/optional/timestamp", Some(json!("unexpected"))),
        ("/optional/timestamp", Some(json!(0.5))),
        ("/optional/timestamp", Some(json!([]))),
    ];
    assert!(signed(valid().to_string().as_bytes()).is_ok());
    for (pointer, value) in rows {
        let payload = with(pointer, value).to_string();
        let problem = signed(payload.as_bytes()).expect_err(&payload);
        assert!(!matches!(problem, PayloadProblem::NotJson(_)), "{payload}: {problem:?}");
    }
}

pub(crate) fn what_is_optional_may_be_unknown_or_absent() {
    for (optional, creator, timestamp) in [
        (json!({}), None, None),
        (json!({"creator": "somebody"}), Some("somebody"), None),
        (json!({"timestamp": 1_458_239_713}), None, Some(1_458_239_713)),
        (json!({"unexpected": {"a": [1, null]}, "timestamp": 1.7e9}), None, Some(1_700_000_000)),
    ] {
        let payload = with("/optional", Some(optional)).to_string();
        let read = signed(payload.as_bytes()).expect(&payload);
        assert_eq!((read.creator.as_deref(), read.timestamp), (creator, timestamp), "{payload}");
    }
    let verified =
        verify(&fixture("no-optional-fields.signature"), &fixture_key("public-key.gpg")).expect("accepted");
    assert_eq!((&verified.payload().creator, verified.payload().timestamp), (&None, None));
}

/// As payloads, and as what stands in `critical`.
pub(crate) fn json_that_is_read_in_one_way_only() {
    let twice = r#"{"type":"atomic container signature","type":"atomic container signature"}"#;
    for text in [
        "",
        "&",
        "1",
        "{&}",
        "{1:1}",
        twice,
        r#"{"unexpected":{}}"#,
        r#"{"critical":&,"optional":{},"type":&}"#,
        r#"{"critical":1,"optional":{},"type":1}"#,
        "{}{}",
    ] {
        assert!(signed(text.as_bytes()).is_err(), "{text}");
        let critical = valid()["critical"].to_string();
        let within = valid().to_string().replace(&critical, text);
        assert!(signed(within.as_bytes()).is_err(), "{within}");
    }
    let whole = valid().to_string();
    let critical = valid()["critical"].to_string();
    for again in [
        whole.replacen('{', &format!(r#"{{"critical":{critical},"#), 1),
        whole.replacen('{', r#"{"optional":{},"#, 1),
        whole.replacen('{', r#"{"\u006fptional":{},"#, 1),
        whole.replace(r#""creator":"#, r#""creator":"","creator":"#),
        format!("{whole}{whole}"),
        format!("{whole}x"),
    ] {
        assert!(signed(again.as_bytes()).is_err(), "{again}");
    }
}

fn digest(text: &str) -> Result<String, String> {
    let (_, bytes) = Manifest::parse(text).map_err(|error| error.to_string())?;
    Ok(digest_like("sha256:", &bytes))
}

fn manifest(name: &str) -> String {
    String::from_utf8(fixture(&format!("{name}.manifest.json"))).expect("text")
}

pub(crate) fn the_digest_of_each_kind_of_manifest() {
    for (name, expected) in [
        ("image", crate::SKOPEO_DIGEST),
        ("manifest-v2s1", "sha256:7364fea9d84ee548ab67d4c46c6006289800c98de3fbf8c0a97138dfcc23f000"),
        ("manifest-v2s1-unsigned", "sha256:7364fea9d84ee548ab67d4c46c6006289800c98de3fbf8c0a97138dfcc23f000"),
        ("manifest-v2s2", "sha256:20bf21ed457b390829cdbeec8795a7bea1626991fda603e0d01b4e7f60427e55"),
        ("manifest-v2list", "sha256:ae55d2bdfcc9f24b2ac571f0081a64d6e6089b2c5e503ff3b718a646c26cbd3d"),
        ("manifest-ociv1", "sha256:bb76e395cb9021fd062b352172ac87ca159b3e84f5a5758a69db824da876cd4f"),
    ] {
        assert_eq!(digest(&manifest(name)).as_deref(), Ok(expected), "{name}");
    }
}

/// The published fixture is not at hand: the good one, with a header that cannot be read.
pub(crate) fn broken_schema_1() -> String {
    let text = manifest("manifest-v2s1");
    let mut parsed: Value = serde_json::from_str(&text).expect("JSON");
    let header = parsed["signatures"][0]["protected"].take();
    let broken = text.replace(header.as_str().expect("a header"), "eyJ9");
    assert_ne!(broken, text);
    broken
}

pub(crate) fn a_schema_1_manifest_with_a_broken_block_has_no_digest() {
    for text in [broken_schema_1(), r#"{"schemaVersion":1,"fsLayers":[],"signatures":[]}"#.to_owned()] {
        assert_eq!(digest(&text), Err("its JWS block is malformed".to_owned()), "{text}");
    }
    let null = r#"{"schemaVersion":1,"fsLayers":[],"signatures":null}"#;
    assert_eq!(digest(null), Ok(digest_like("", null.as_bytes())));
}
