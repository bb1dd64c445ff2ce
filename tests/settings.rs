//! What `validate_settings` answers, and what a request meets where settings are wrong.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use openshift_image_trust::NoCluster;
use openshift_image_trust::{RULES, evaluate, validate_settings};
use serde_json::{Value, json};

use common::{NOW, Short};

#[test]
fn good_settings_are_valid_without_a_word() {
    for settings in [
        "{}",
        "null",
        r#"{"references":{"allow":["quay.io"],"tagNames":"^v\\d"},"rules":{"tag-moved":"off"}}"#,
    ] {
        let verdict = validate_settings(settings.as_bytes(), NOW);
        assert!(verdict.valid && verdict.message.is_none(), "{settings}: {verdict:?}");
        assert_eq!(verdict.to_json(), br#"{"valid":true}"#);
    }
}

#[test]
fn every_problem_is_told_a_line_each() {
    let verdict = validate_settings(
        br#"{"refrences":{},"rules":{"tag-moved":"no"},"limits":{"violationsReported":0}}"#,
        NOW,
    );
    assert!(!verdict.valid);
    assert_eq!(
        verdict.message.unwrap().lines().collect::<Vec<_>>(),
        [
            "settings: unknown key `refrences`: did you mean `references`?",
            "rules.tag-moved: expected one of `deny`, `warn`, `off`, found the string `no`",
            "limits.violationsReported: expected a whole number from 1, found the number 0",
        ]
    );
}

#[test]
fn what_is_not_json_or_not_text_is_refused() {
    for settings in [
        &b""[..],
        b" ",
        b"{",
        b"{}{}",
        b"{\"a\":}",
        b"references: {}",
        b"\xff",
        b"{\"references\":{\"tagNames\":\"\xff\"}}",
    ] {
        let verdict = validate_settings(settings, NOW);
        assert!(!verdict.valid, "{settings:?}");
        let message = verdict.message.unwrap();
        assert!(message.starts_with("settings: are not "), "{message}");
    }
}

#[test]
fn depth_and_size_do_no_harm() {
    let deep = format!("{}{}", r#"{"references":"#.repeat(500), "}".repeat(500));
    let wide = json!({"references": {"allow": vec!["busybox"; 50_000]}}).to_string();
    let long = json!({"references": {"tagNames": "a".repeat(1 << 20)}}).to_string();
    let strange = json!({"x".repeat(1 << 20): 1}).to_string();
    for settings in [deep, wide, long, strange] {
        assert!(!validate_settings(settings.as_bytes(), NOW).valid);
    }
}

#[test]
fn a_pattern_that_costs_too_much_is_refused_at_once() {
    for pattern in ["(", "a{1000}{1000}{1000}", "((((a*)*)*)*){500}{500}", "(?P<x", "\\p{Greek}"] {
        let settings = json!({"references": {"tagNames": pattern}}).to_string();
        let verdict = validate_settings(settings.as_bytes(), NOW);
        assert!(!verdict.valid, "{pattern}");
        assert!(verdict.message.unwrap().starts_with("references.tagNames: "), "{pattern}");
    }
}

#[test]
fn a_request_under_wrong_settings_is_refused_with_the_same_problems() {
    let object = "object: {kind: ImageStream}";
    for settings in [
        r#"{"refrences": {}}"#,
        r#"{"rules": {"tag-moved": "no"}, "exemptions": [{"reason": "x"}]}"#,
        r#"{"rules": {"tag-moved": "off", "tag-moved": "off"}}"#,
        "[]",
        "5",
    ] {
        let told = validate_settings(settings.as_bytes(), NOW).message.unwrap();
        // Spliced in as text: a value would lose what is written twice.
        let payload = Short::parse(object)
            .payload
            .to_string()
            .replace(r#""settings":{}"#, &format!(r#""settings":{settings}"#));
        let verdict = evaluate(payload.as_bytes(), NOW, &NoCluster);
        assert_eq!((verdict.accepted, verdict.code), (false, Some(400)), "{settings}");
        let found = verdict.message.unwrap();
        assert_eq!(found.lines().count(), told.lines().count() + 1, "{found}");
        for (found, told) in found.lines().skip(1).zip(told.lines()) {
            let told = told
                .strip_prefix("settings: ")
                .map_or(format!("settings.{told}"), |rest| format!("settings: {rest}"));
            assert_eq!(found, format!("{told} [request-unreadable]"));
        }
    }
}

#[test]
fn no_settings_are_the_default_ones() {
    let mut payload = Short::parse("object: {kind: ImageStream, spec: {tags: [{name: 'a b'}]}}").payload;
    let with = evaluate(payload.to_string().as_bytes(), NOW, &NoCluster);
    for absent in [None, Some(Value::Null)] {
        let members = payload.as_object_mut().unwrap();
        members.remove("settings");
        members.extend(absent.map(|value| ("settings".to_owned(), value)));
        assert_eq!(evaluate(payload.to_string().as_bytes(), NOW, &NoCluster), with);
    }
    assert!(!with.accepted);
}

#[test]
fn a_pattern_that_no_request_reaches_is_not_looked_at() {
    let short = |object: &str| {
        Short::parse(&format!("settings: {{references: {{tagNames: '('}}}}\nobject: {object}")).verdict()
    };
    assert!(short("{kind: ImageStream}").accepted);
    assert!(!short("{kind: ImageStream, spec: {tags: [{name: v1}]}}").accepted);
}

#[test]
fn the_number_of_violations_that_are_spelled_out_is_a_setting() {
    let tags: Vec<Value> = (0..30).map(|index| json!({"name": format!("a b{index}")})).collect();
    for (limits, shown) in
        [(json!({}), 20), (json!({"violationsReported": 3}), 3), (json!({"violationsReported": 100}), 30)]
    {
        let object = json!({"kind": "ImageStream", "spec": {"tags": tags}});
        let short = Short::parse(&format!("settings: {}\nobject: {object}", json!({"limits": limits})));
        let message = short.verdict().message.unwrap();
        let lines: Vec<&str> = message.lines().collect();
        assert_eq!(lines[0], "30 violations in ImageStream shop/web:");
        if shown < 30 {
            assert_eq!(lines.last().copied(), Some(format!("and {} more", 30 - shown).as_str()));
            assert_eq!(lines.len(), shown + 2);
        } else {
            assert_eq!(lines.len(), 31);
        }
    }
}

#[test]
fn the_number_of_warnings_that_are_spelled_out_is_the_same() {
    let tags: Vec<Value> = (0..5).map(|index| json!({"name": format!("a b{index}")})).collect();
    for (shown, more) in [(4, Some("and 1 more")), (5, None), (6, None)] {
        let settings =
            json!({"limits": {"violationsReported": shown}, "rules": {"tag-name-invalid": "warn"}});
        let object = json!({"kind": "ImageStream", "spec": {"tags": tags}});
        let verdict = Short::parse(&format!("settings: {settings}\nobject: {object}")).verdict();
        assert!(verdict.accepted);
        let told = verdict.warnings.iter().filter(|line| line.ends_with(" [tag-name-invalid]")).count();
        assert_eq!(told, shown.min(5), "{:?}", verdict.warnings);
        assert_eq!(verdict.warnings.get(told).map(String::as_str), more);
    }
}

#[test]
fn certificates_are_checked_when_the_policy_is_loaded() {
    const ED: &str = "{name: ed, openpgp: <generated/keys/ed.asc>}";
    let told = |signers: &str, trust: &str| {
        let short = format!("settings: {{signers: [{signers}]{trust}}}\nobject: {{kind: ImageStream}}");
        let verdict = validate_settings(Short::parse(&short).payload["settings"].to_string().as_bytes(), NOW);
        verdict.message.unwrap_or_default()
    };
    let threshold = |signers: &str, threshold: usize| {
        format!(", trust: {{default: [{{type: signedBy, signers: [{signers}], threshold: {threshold}}}]}}")
    };
    let again = format!("{ED}, {{name: again, openpgp: <generated/keys/ed.asc>}}");
    let two = format!("{ED}, {{name: rsa, openpgp: <generated/keys/rsa.asc>}}");
    let few = |threshold: usize, keys: usize| {
        format!(
            "trust.default[0].threshold: {threshold} cannot be reached: `signers` have {keys} different keys"
        )
    };
    for (signers, trust, expected) in [
        (ED, "", ""),
        (ED, &threshold("ed", 1), ""),
        (&two, &threshold("ed, rsa", 2), ""),
        (ED, &threshold("ed", 2), &few(2, 1)),
        (&two, &threshold("ed", 2), &few(2, 1)),
        (&two, &threshold("ed, rsa", 3), &few(3, 2)),
        (&again, &threshold("ed, again", 2), &few(2, 1)),
        (
            "{name: rsa1024, openpgp: <generated/keys/rsa1024.asc>}",
            "",
            "signers[0].openpgp: certificate 25C67AE3C1F8E4B61EFE267C9C207DA3D26A7152 has a primary key of RSA with 1024 bits, which is too weak or not supported",
        ),
        (
            "{name: nobody, openpgp: nothing of the kind}",
            "",
            "signers[0].openpgp: is not a sequence of OpenPGP packets: it is cut short",
        ),
    ] {
        assert_eq!(told(signers, trust), expected, "{signers}{trust}");
    }
}

#[test]
fn help_is_the_last_line_of_every_denial_and_of_nothing_else() {
    const HELP: &str = "Questions? https://wiki.example/images";
    let with_help = |settings: Value, object: &str| {
        let mut settings = settings;
        settings["answers"] = json!({"help": HELP});
        Short::parse(&format!("settings: {settings}\nobject: {object}"))
    };
    let spelled = json!({"limits": {"violationsReported": 1}});
    for (settings, object) in [
        (json!({}), "{kind: ImageStream, spec: {tags: [{name: 'a b'}]}}"),
        (spelled, "{kind: ImageStream, spec: {tags: [{name: 'a b'}, {name: 'c d'}]}}"),
        (json!({}), "{kind: ImageStream, spec: []}"),
        (
            json!({"references": {"allow": ["quay.io"]}}),
            "{kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}}}",
        ),
    ] {
        let message = with_help(settings, object).verdict().message.unwrap();
        assert_eq!(message.lines().last(), Some(HELP), "{message}");
        assert_eq!(message.matches(HELP).count(), 1, "{message}");
        assert!(message.lines().count() > 2, "{message}");
    }
    // A request that is no JSON of a request, and a resource that is not known.
    let mut payload = with_help(json!({}), "{kind: ImageStream}").payload;
    payload["request"]["resource"]["resource"] = json!("imagebananas");
    let unknown = evaluate(payload.to_string().as_bytes(), NOW, &NoCluster);
    payload["request"] = json!("nothing");
    let unreadable = evaluate(payload.to_string().as_bytes(), NOW, &NoCluster);
    assert_eq!(unreadable.code, Some(400));
    for verdict in [unknown, unreadable] {
        assert_eq!(verdict.message.unwrap().lines().last(), Some(HELP));
    }
    for settings in [json!({}), json!({"rules": {"tag-name-invalid": "warn"}})] {
        let name = if settings == json!({}) { "v1" } else { "a b" };
        let verdict =
            with_help(settings, &format!("{{kind: ImageStream, spec: {{tags: [{{name: '{name}'}}]}}}}"))
                .verdict();
        assert!(verdict.accepted && verdict.message.is_none());
        assert!(!verdict.warnings.iter().any(|warning| warning.contains(HELP)));
    }
    // Nobody is told to ask about settings that cannot be read.
    let verdict = with_help(json!({"x": 1}), "{kind: ImageStream}").verdict();
    assert!(!verdict.accepted && !verdict.message.unwrap().contains(HELP));
}

/// The effect of an Image, or of a signature on one, leaves the namespace for which somebody is exempt.
#[test]
fn an_exemption_without_rules_lifts_nothing_about_images() {
    const IMAGE: &str = "{kind: Image, metadata: {name: not-a-digest}}";
    const SIGNATURE: &str = "{kind: ImageSignature, type: atomic, content: bm90IG9uZQ==}";
    const TAG: &str = "{kind: ImageStreamTag, tag: {name: v1, from: {kind: DockerImage, name: nginx}}}";
    let judged = |rules: &str, object: &str| {
        Short::parse(&format!(
            "settings: {{references: {{allow: [quay.io]}}, exemptions: [{{reason: r, users: [dana]{rules}}}]}}\nobject: {object}"
        ))
        .verdict()
    };
    assert!(judged("", TAG).accepted);
    for object in [IMAGE, SIGNATURE] {
        assert!(!judged("", object).accepted, "{object}");
    }
    // No rules are not all of them.
    assert!(!judged(", rules: []", TAG).accepted);
    assert!(judged(", rules: [image-name-not-digest, pull-spec-mismatch]", IMAGE).accepted);
    assert!(judged(", rules: [signature-malformed]", SIGNATURE).accepted);
    assert!(!judged(", rules: [image-name-not-digest]", TAG).accepted);
    assert!(!judged(", rules: [image-name-not-digest]", SIGNATURE).accepted);
}

#[test]
fn a_rule_that_would_judge_nothing_cannot_be_told_to_deny() {
    let needy = [
        ("digest-missing", json!({"references": {"pinned": [""]}})),
        ("host-unavailable", json!({"trust": {"default": [{"type": "reject"}]}})),
        ("image-untrusted", json!({"trust": {"default": [{"type": "reject"}]}})),
        ("image-unverified", json!({"trust": {"default": [{"type": "reject"}]}})),
        ("import-mode-mismatch", json!({"references": {"importMode": ["Legacy"]}})),
        ("media-type-not-allowed", json!({"images": {"mediaTypes": ["a/b"]}})),
        ("reference-policy-mismatch", json!({"references": {"referencePolicy": {"": "Local"}}})),
        ("scheduled-import", json!({"references": {"scheduled": []}})),
        ("signature-identity-mismatch", json!({"trust": {"default": [{"type": "reject"}]}})),
        ("source-kind-not-allowed", json!({"references": {"kinds": []}})),
        ("source-namespace-not-allowed", json!({"references": {"namespaces": []}})),
        ("source-not-allowed", json!({"references": {"deny": ["docker.io"]}})),
        ("source-tag-not-allowed", json!({"references": {"sourceTags": {"deny": ["latest"]}}})),
        ("tag-moved", json!({"references": {"immutableTags": "^v"}})),
    ];
    let is_valid = |settings: &Value| validate_settings(settings.to_string().as_bytes(), NOW).valid;
    for rule in RULES.iter().filter(|rule| !rule.fixed) {
        let setting = needy.iter().find(|(code, _)| *code == rule.code);
        for level in ["deny", "warn", "off"] {
            let alone = json!({"rules": {rule.code: level}});
            let is_refused = !is_valid(&alone);
            assert_eq!(is_refused, setting.is_some() && level == "deny", "{alone}");
            if let Some((_, setting)) = setting {
                let mut both = setting.clone();
                both["rules"] = alone["rules"].clone();
                assert!(is_valid(&both), "{both}");
            }
        }
    }
}
