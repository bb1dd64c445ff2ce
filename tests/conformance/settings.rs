//! Settings, by the rules that hold for containers-policy.json(5).

use openshift_image_trust::Settings;
use openshift_image_trust::validate_settings;
use serde_json::{Value, json};

use crate::images::{self, Image};
use crate::{NOW, fixture_key};

/// What is wrong with settings; nothing where they can be used.
fn problems(settings: &str) -> String {
    let verdict = validate_settings(settings.as_bytes(), NOW);
    assert_eq!(verdict.valid, verdict.message.is_none(), "{settings}");
    verdict.message.unwrap_or_default()
}

#[track_caller]
fn assert_refused(settings: &str, told: &str) {
    assert!(Settings::parse(settings).is_err(), "{settings}");
    let problems = problems(settings);
    assert!(problems.contains(told), "{settings}: {problems}");
}

/// With a trust that names one good signer, by these members of its requirement.
fn signed_by(members: &str) -> String {
    format!(
        r#"{{"signers":[{}],"trust":{{"default":[{{"type":"signedBy"{members}}}]}}}}"#,
        json!({"name": "skopeo", "openpgp": fixture_key("public-key.gpg")})
    )
}

/// Settings hold keys themselves, not their paths. A text that cannot be read is told when the policy
/// is loaded, and the good signer beside it does not cover for it: upstream tells, and rejects, when an
/// image is judged. A request that comes with such settings all the same is judged by the others' keys.
pub(crate) fn one_unreadable_key_is_a_mistake() {
    let good = json!({"name": "good", "openpgp": fixture_key("public-key.gpg")});
    for bad in ["", "/no/such/file.gpg", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ"] {
        let bad = json!({"name": "bad", "openpgp": bad});
        for signers in [json!([good, bad]), json!([bad, good])] {
            let index = signers.as_array().expect("a list").iter().position(|it| *it == bad).expect("one");
            let trust = json!({"default": [images::signed_by(&["good", "bad"])]});
            let settings = json!({"signers": signers, "trust": trust}).to_string();
            let problems = problems(&settings);
            assert!(problems.starts_with(&format!("signers[{index}].openpgp: ")), "{problems}");
            let judged = |settings: &str| {
                let mut settings: Value = serde_json::from_str(settings).expect("JSON");
                settings["rules"] = json!({"pull-spec-mismatch": "off"});
                images::shown(&settings, &Image::signed(&["dir-img-valid/signature-1"])).accepted
            };
            assert!(judged(&settings));
            let trust = json!({"default": [images::signed_by(&["bad"])]});
            assert!(!judged(&json!({"signers": signers, "trust": trust}).to_string()));
            assert!(!judged(&json!({"signers": [bad], "trust": trust}).to_string()));
        }
    }
    assert_eq!(problems(&json!({"signers": [good]}).to_string()), "");
}

/// There is no `keyType`: a signer's keys are OpenPGP's. What other types would mean has no words.
pub(crate) fn there_is_one_kind_of_key() {
    assert_eq!(problems(&signed_by(r#","signers":["skopeo"]"#)), "");
    for kind in ["GPGKeys", "signedByGPGKeys", "X509Certificates", "signedByX509CAs", ""] {
        let settings = signed_by(&format!(r#","signers":["skopeo"],"keyType":"{kind}""#));
        assert_refused(&settings, "trust.default[0]: unknown key `keyType`");
        let signer = json!({"name": "a", "openpgp": fixture_key("public-key.gpg"), "keyType": kind});
        assert_refused(&json!({"signers": [signer]}).to_string(), "signers[0]: unknown key `keyType`");
    }
    for kind in ["signedBaseLayer", "SignedBy", ""] {
        let settings = json!({"trust": {"default": [{"type": kind}]}}).to_string();
        assert_refused(&settings, "trust.default[0].type: unknown type");
    }
}

pub(crate) fn a_policy_with_a_mistake_means_nothing() {
    const REJECT: &str = r#"[{"type":"reject"}]"#;
    for (trust, told) in [
        ("{}".to_owned(), "trust: `default` is missing"),
        (format!(r#"{{"scopes":{{"quay.io":{REJECT}}}}}"#), "trust: `default` is missing"),
        (format!(r#"{{"default":{REJECT},"unexpected":1}}"#), "trust: unknown key `unexpected`"),
        (format!(r#"{{"default":{REJECT},"Default":{REJECT}}}"#), "trust: unknown key `Default`"),
        (format!(r#"{{"default":{REJECT},"default":{REJECT}}}"#), "trust.default: duplicate key"),
        (format!(r#"{{"default":{REJECT},"scopes":{{}},"scopes":{{}}}}"#), "trust.scopes: duplicate key"),
        (
            format!(r#"{{"default":{REJECT},"scopes":{{"quay.io":{REJECT},"quay.io":{REJECT}}}}}"#),
            "trust.scopes[quay.io]: duplicate key",
        ),
        (r#"{"default":[]}"#.to_owned(), "trust.default: expected at least one requirement"),
        (
            format!(r#"{{"default":{REJECT},"scopes":{{"quay.io":[]}}}}"#),
            "trust.scopes[quay.io]: expected at least one requirement",
        ),
        (r#"{"default":null}"#.to_owned(), "trust.default: expected"),
        (r#"{"default":1}"#.to_owned(), "trust.default: expected"),
        (r#"{"default":[1]}"#.to_owned(), "trust.default[0]: expected"),
        (r#"{"default":[{}]}"#.to_owned(), "trust.default[0]: `type` is missing"),
        (r#"{"default":[{"type":"reject","x":1}]}"#.to_owned(), "trust.default[0]: unknown key `x`"),
        (
            r#"{"default":[{"type":"reject","type":"reject"}]}"#.to_owned(),
            "trust.default[0].type: duplicate key",
        ),
        (format!(r#"{{"default":{REJECT},"scopes":1}}"#), "trust.scopes: expected"),
    ] {
        assert_refused(&format!(r#"{{"trust":{trust}}}"#), told);
    }
    let good = format!(r#"{{"default":{REJECT},"scopes":{{"quay.io":{REJECT}}}}}"#);
    assert_eq!(problems(&format!(r#"{{"trust":{good}}}"#)), "");
    assert_refused(&format!(r#"{{"trust":{good},"trust":{good}}}"#), "trust: duplicate key");
    // And no request is judged by such settings.
    let verdict = images::shown(&json!({"trust": {}}), &Image::signed(&[]));
    assert_eq!((verdict.accepted, verdict.code), (false, Some(400)));
}

/// Keys are a signer's, in `openpgp` and nowhere else; a requirement names signers.
pub(crate) fn a_signer_has_one_source_of_keys() {
    assert_refused(r#"{"signers":[{"name":"a"}]}"#, "signers[0]: `openpgp` is missing");
    let openpgp = json!(fixture_key("public-key.gpg"));
    for (source, value) in
        [("keyPath", r#""a.gpg""#), ("keyPaths", r#"["a.gpg"]"#), ("keyData", "\"\""), ("keyDatas", "[]")]
    {
        let unknown = format!("signers[0]: unknown key `{source}`");
        assert_refused(&format!(r#"{{"signers":[{{"name":"a","{source}":{value}}}]}}"#), &unknown);
        assert_refused(
            &format!(r#"{{"signers":[{{"name":"a","openpgp":{openpgp},"{source}":{value}}}]}}"#),
            &unknown,
        );
        let settings = signed_by(&format!(r#","signers":["skopeo"],"{source}":{value}"#));
        assert_refused(&settings, &format!("trust.default[0]: unknown key `{source}`"));
    }
    assert_refused(
        &format!(r#"{{"signers":[{{"name":"a","openpgp":{openpgp},"openpgp":{openpgp}}}]}}"#),
        "signers[0].openpgp: duplicate key",
    );
    assert_refused(&signed_by(""), "trust.default[0]: `signers` is missing");
    assert_refused(&signed_by(r#","signers":[]"#), "trust.default[0].signers: is empty");
    assert_refused(&signed_by(r#","signers":["nobody"]"#), "`nobody` is not a signer");
}

pub(crate) fn an_exact_reference_names_one_image() {
    let with = |identity: &str| signed_by(&format!(r#","signers":["skopeo"],"signedIdentity":{identity}"#));
    for good in [
        r#"{"type":"exactReference","dockerReference":"quay.io/acme/app:v1"}"#,
        r#"{"type":"exactReference","dockerReference":"busybox@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1"}"#,
        r#"{"type":"exactRepository","dockerRepository":"quay.io/acme/app"}"#,
    ] {
        assert_eq!(problems(&with(good)), "", "{good}");
    }
    for (bad, told) in [
        (r#"{"type":"exactReference","dockerReference":"quay.io/acme/app"}"#, "has neither tag nor digest"),
        (r#"{"type":"exactReference","dockerReference":"busybox"}"#, "has neither tag nor digest"),
        (r#"{"type":"exactReference","dockerReference":"UPPER:v1"}"#, "dockerReference: "),
        (r#"{"type":"exactReference","dockerReference":""}"#, "dockerReference: "),
        (r#"{"type":"exactReference","dockerReference":1}"#, "dockerReference: expected"),
        (r#"{"type":"exactReference"}"#, "`dockerReference` is missing"),
        (r#"{"type":"exactReference","dockerReference":"a.test/b:1","x":1}"#, "unknown key `x`"),
        (r#"{"type":"exactReference","dockerRepository":"a.test/b:1"}"#, "unknown key `dockerRepository`"),
    ] {
        assert_refused(&with(bad), told);
    }
}
