//! What holds for every rule and every answer.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail"
)]

mod certificate_builder;
mod common;
#[path = "common/pages.rs"]
mod pages;
#[path = "common/paths.rs"]
mod paths;

use openshift_image_trust::NoCluster;
use openshift_image_trust::Verdict;
use openshift_image_trust::evaluate;
use openshift_image_trust::{Level, RULES, Rule};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use certificate_builder::Owner;
use common::{NOW, Short, code_and_path, lines};
use pages::{blocks, pages, section};

/// Each rule with the request of its page that it denies.
fn denied_examples() -> impl Iterator<Item = (&'static Rule, Short)> {
    pages().into_iter().map(|(file, page)| {
        let rule = RULES.iter().find(|rule| rule.code.replace('-', "_") == file).expect("registered");
        let example = blocks(section(&page, "Denied").expect("a section"), "yaml").remove(0);
        (rule, Short::parse(&example))
    })
}

fn with_level(short: &Short, rule: &Rule, level: &str) -> Verdict {
    let mut payload = short.payload.clone();
    payload["settings"]["rules"][rule.code] = json!(level);
    evaluate(payload.to_string().as_bytes(), NOW, &NoCluster)
}

fn codes(verdict: &Verdict) -> Vec<String> {
    lines(verdict).iter().map(|line| code_and_path(line).0).collect()
}

#[test]
fn the_level_of_a_rule_decides_whether_it_denies_warns_or_is_silent() {
    for (rule, short) in denied_examples().filter(|(rule, _)| !rule.fixed) {
        let off = with_level(&short, rule, "off");
        assert!(off.accepted && off.warnings.is_empty() && off.code.is_none(), "{}: {off:?}", rule.code);
        let warn = with_level(&short, rule, "warn");
        assert!(warn.accepted && warn.message.is_none() && warn.code.is_none(), "{}: {warn:?}", rule.code);
        assert_eq!(codes(&warn), [rule.code]);
        assert_eq!(warn.audit_annotations.get("warned").map(String::as_str), Some(rule.code));
        let deny = with_level(&short, rule, "deny");
        assert_eq!((deny.accepted, deny.code), (false, Some(403)), "{}", rule.code);
        let notes: Vec<&&str> = deny.audit_annotations.keys().filter(|note| **note != "signers").collect();
        assert!(deny.warnings.is_empty() && notes.is_empty(), "{}: {deny:?}", rule.code);
        assert_eq!(codes(&deny), [rule.code]);
    }
}

#[test]
fn the_default_level_is_the_one_that_the_rule_states() {
    for (rule, mut short) in denied_examples().filter(|(rule, _)| !rule.fixed) {
        if let Some(rules) = short.payload["settings"].get_mut("rules") {
            rules.as_object_mut().unwrap().remove(rule.code);
        }
        let verdict = short.verdict();
        match rule.level {
            Level::Deny => assert!(!verdict.accepted, "{}", rule.code),
            Level::Warn => assert!(verdict.accepted && codes(&verdict) == [rule.code], "{}", rule.code),
            Level::Off => assert!(verdict.accepted && codes(&verdict).is_empty(), "{}", rule.code),
        }
    }
}

#[test]
fn every_path_that_is_told_is_there() {
    for (rule, short) in denied_examples() {
        for line in lines(&short.verdict()) {
            let (_, path) = code_and_path(&line);
            assert!(paths::resolves(&short.payload, &path), "{}: {line}", rule.code);
        }
    }
}

#[test]
fn nothing_is_said_of_a_deletion() {
    for (rule, mut short) in denied_examples().filter(|(rule, _)| rule.code != "unsupported-resource") {
        let request = &mut short.payload["request"];
        request["oldObject"] = request["object"].take();
        request["operation"] = json!("DELETE");
        let verdict = short.verdict();
        assert_eq!(verdict.to_json(), br#"{"accepted":true}"#, "{}", rule.code);
    }
}

#[test]
fn a_dry_run_changes_nothing() {
    for (rule, mut short) in denied_examples() {
        let real = short.verdict();
        short.payload["request"]["dryRun"] = json!(true);
        short.payload["request"]["options"] = json!({"kind": "CreateOptions", "dryRun": ["All"]});
        assert_eq!(short.verdict(), real, "{}", rule.code);
    }
}

#[test]
fn an_object_that_is_being_deleted_gets_no_shortcut() {
    for (rule, mut short) in
        denied_examples().filter(|(rule, _)| !rule.fixed && rule.code != "unsupported-resource")
    {
        let real = short.verdict();
        let metadata = &mut short.payload["request"]["object"]["metadata"];
        metadata["deletionTimestamp"] = json!("2026-05-01T00:00:00Z");
        metadata["finalizers"] = json!(["example.com/hide"]);
        metadata["ownerReferences"] = json!([{"kind": "ClusterVersion", "name": "version"}]);
        assert_eq!(short.verdict(), real, "{}", rule.code);
    }
}

#[test]
fn an_update_that_changes_nothing_meets_no_rule() {
    for (rule, mut short) in
        denied_examples().filter(|(rule, _)| !rule.fixed && rule.code != "unsupported-resource")
    {
        let request = &mut short.payload["request"];
        // A mapping and an import are made, never changed.
        if ["ImageStreamMapping", "ImageStreamImport"].contains(&request["kind"]["kind"].as_str().unwrap()) {
            continue;
        }
        request["operation"] = json!("UPDATE");
        request["oldObject"] = request["object"].clone();
        let verdict = short.verdict();
        assert_eq!(verdict.to_json(), br#"{"accepted":true}"#, "{}", rule.code);
    }
}

#[test]
fn every_rule_that_is_not_fixed_can_be_exempted_and_no_other() {
    for (rule, mut short) in denied_examples() {
        let mut exemption = json!({"reason": "a test", "users": ["dana"]});
        // One that names no rules lifts none about images.
        if rule.is_about_images() {
            exemption["rules"] = json!([rule.code]);
        }
        short.payload["settings"]["exemptions"] = json!([exemption]);
        let verdict = short.verdict();
        assert_eq!(verdict.accepted, !rule.fixed, "{}", rule.code);
        if !rule.fixed {
            let exempted = format!("{}: a test", rule.code);
            assert_eq!(verdict.audit_annotations.get("exempted"), Some(&exempted));
            assert!(verdict.warnings.is_empty() && !verdict.audit_annotations.contains_key("warned"));
        }
    }
}

#[test]
fn answers_are_sorted_by_place_then_code() {
    let short = Short::parse(
        "settings: {references: {allow: [quay.io], pinned: [''], sourceTags: {deny: [latest]}}}\n\
         object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, spec: {tags: [\
         {name: a, from: {kind: DockerImage, name: nginx}}, {name: 'b c', from: {kind: DockerImage, name: quay.io}}]}}",
    );
    let found: Vec<(String, String)> =
        lines(&short.verdict()).iter().map(|line| code_and_path(line)).collect();
    let expected = [
        ("insecure-import", "metadata.annotations[openshift.io/image.insecureRepository]"),
        ("digest-missing", "spec.tags[0].from.name"),
        ("source-not-allowed", "spec.tags[0].from.name"),
        ("source-tag-not-allowed", "spec.tags[0].from.name"),
        ("digest-missing", "spec.tags[1].from.name"),
        ("reference-unparsable", "spec.tags[1].from.name"),
        ("source-not-allowed", "spec.tags[1].from.name"),
        ("source-tag-not-allowed", "spec.tags[1].from.name"),
        ("tag-name-invalid", "spec.tags[1].name"),
    ];
    assert_eq!(found, expected.map(|(code, path)| (code.to_owned(), path.to_owned())));
}

#[test]
fn the_tenth_tag_comes_after_the_second() {
    let tags: Vec<Value> = (0..12).map(|_| json!({"name": "a b"})).collect();
    let short = Short::parse(&format!("object: {}", json!({"kind": "ImageStream", "spec": {"tags": tags}})));
    let found: Vec<String> = lines(&short.verdict()).iter().map(|line| code_and_path(line).1).collect();
    let expected: Vec<String> = (0..12).map(|index| format!("spec.tags[{index}].name")).collect();
    assert_eq!(found, expected);
}

#[test]
fn warnings_do_not_hide_a_denial_nor_a_denial_warnings() {
    let verdict = Short::parse(
        "object: {kind: ImageStream, spec: {dockerImageRepository: quay.io/a/b, tags: [{name: 'a b'}]}}",
    )
    .verdict();
    assert!(!verdict.accepted);
    assert_eq!(codes(&verdict), ["tag-name-invalid", "repository-import"]);
    assert_eq!(verdict.warnings.len(), 1);
    assert_eq!(verdict.audit_annotations.get("warned").map(String::as_str), Some("repository-import"));
}

#[test]
fn the_loopback_update_that_adds_a_signature_is_about_the_signature_alone() {
    let mut old = json!({
        "kind": "Image",
        "metadata": {"name": "just-a-name"},
        "dockerImageReference": "docker.io/evil/web:latest",
        "dockerImageManifest": "{}",
        "dockerImageManifestMediaType": "x/y",
    });
    let mut object = old.clone();
    object["signatures"] = json!([{"metadata": {"name": "just-a-name@a"}, "type": "atomic", "content": "<generated/sigs/json-ok.sig>"}]);
    for (old, object) in [(&old.clone(), &object.clone()), (&object.clone(), &old.clone())] {
        let verdict =
            Short::parse(&format!("user: 'system:apiserver'\nold: {old}\nobject: {object}")).verdict();
        assert_eq!(codes(&verdict), Vec::<String>::new());
        assert!(verdict.accepted);
    }
    old["metadata"]["labels"] = json!({});
    assert!(Short::parse(&format!("old: {old}\nobject: {object}")).verdict().accepted);
}

#[test]
fn no_scope_lifts_a_rule_about_an_image_whose_pull_spec_the_requester_chose() {
    let verdict = Short::parse(
        "settings: {exemptions: [{reason: x, scopes: [quay.io]}]}\n\
         object: {kind: Image, metadata: {name: evil}, dockerImageReference: quay.io/acme/web:v1}",
    )
    .verdict();
    assert_eq!(codes(&verdict), ["pull-spec-mismatch", "image-name-not-digest"]);
}

#[test]
fn an_annotation_that_becomes_effective_is_new() {
    let stream = |value: &str| {
        format!(
            "{{kind: ImageStream, metadata: {{annotations: {{openshift.io/image.insecureRepository: '{value}'}}}}}}"
        )
    };
    let judge = |old: &str, new: &str| {
        codes(&Short::parse(&format!("old: {}\nobject: {}", stream(old), stream(new))).verdict())
    };
    assert_eq!(judge("yes", "true"), ["insecure-import"]);
    assert_eq!(judge("true", "true"), Vec::<String>::new());
    assert_eq!(judge("true", "false"), Vec::<String>::new());
}

/// The key ends on day 60; its signature of day 10 counts for longer.
#[test]
fn who_vouched_is_told_and_in_the_last_month_when_their_key_ends() {
    let mut owner = Owner::new(0)
        .user_id("a@b.test", 0, |builder| certificate_builder::days(certificate_builder::signs(builder), 60));
    let content = certificate_builder::base64(&owner.sign(&certificate_builder::payload(), 10));
    let signature = json!({"metadata": {"name": format!("{}@one", certificate_builder::DIGEST)}, "type": "atomic", "content": content});
    for (day, expires) in [(29, false), (30, true), (59, true), (60, false), (61, false), (120, false)] {
        let signer = json!({"name": "acme", "openpgp": owner.text(), "expiredKey": "allowSignedBefore"});
        let short = json!({
            "now": certificate_builder::day(day).format(&Rfc3339).unwrap(),
            "settings": {"signers": [signer]},
            "object": {
                "kind": "Image", "metadata": {"name": certificate_builder::DIGEST}, "signatures": [signature],
                "dockerImageReference": format!("registry.test/ns/app@{}", certificate_builder::DIGEST),
            },
        });
        let verdict = Short::parse(&short.to_string()).verdict();
        assert!(verdict.accepted, "{day}: {verdict:?}");
        let key = owner.fingerprint();
        assert_eq!(verdict.audit_annotations.get("signers"), Some(&format!("acme {key}")), "{day}");
        let date = certificate_builder::day(60).date();
        let warning = format!(
            "signatures[0].content (signature `sha256:0205374946b5…@one`): key {key} of `acme` expires on {date} [signature-untrusted]"
        );
        assert_eq!(verdict.warnings, if expires { vec![warning] } else { Vec::new() }, "{day}");
    }
}
