//! What holds whatever is asked: see each property.

#![expect(unreachable_pub, reason = "a test binary")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;
#[path = "properties/given.rs"]
mod given;
#[path = "common/one_more.rs"]
mod one_more;
#[path = "common/paths.rs"]
mod paths;
#[path = "properties/pull_specs.rs"]
mod pull_specs;

use std::collections::BTreeSet;

use openshift_image_trust::NoCluster;
use openshift_image_trust::RULES;
use openshift_image_trust::Verdict;
use openshift_image_trust::{evaluate, validate_settings};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use common::{NOW, code_and_path, lines};
use given::{
    codes, foreign_exemption, given, holding_exemption, request, request_about, strict, tag,
    worthless_signature,
};

/// As many cases as `PROPTEST_CASES` says, or else so many.
fn config(cases: u32) -> ProptestConfig {
    let config = ProptestConfig {
        failure_persistence: None,
        max_global_rejects: 1_000_000,
        ..ProptestConfig::default()
    };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => ProptestConfig { cases, ..config },
    }
}

/// Tags of a stream, no name twice.
fn tags(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(tag(), count).prop_map(|mut tags| {
        let mut seen = BTreeSet::new();
        tags.retain(|tag| seen.insert(tag["name"].to_string()));
        tags
    })
}

fn stream_request(tags: &[Value]) -> Value {
    json!({
        "uid": "1", "operation": "CREATE", "name": "web", "namespace": "shop",
        "kind": {"group": "image.openshift.io", "version": "v1", "kind": "ImageStream"},
        "resource": {"group": "image.openshift.io", "version": "v1", "resource": "imagestreams"},
        "userInfo": {"username": "dana"},
        "object": {
            "apiVersion": "image.openshift.io/v1", "kind": "ImageStream", "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"tags": tags},
        },
    })
}

/// The same as JSON text, the members of each object turned about.
fn render(value: &Value, turn: usize) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{}: {}", json!(key), render(value, turn / 3 + 1)))
                .collect();
            if !members.is_empty() {
                let middle = turn % members.len();
                members.rotate_left(middle);
            }
            if turn.is_multiple_of(2) {
                members.reverse();
            }
            format!("{{{}}}", members.join(" , "))
        }
        Value::Array(list) => {
            format!("[{}]", list.iter().map(|value| render(value, turn)).collect::<Vec<_>>().join(",\n"))
        }
        other => other.to_string(),
    }
}

/// Rule and place of everything that is found; tags go by their names in the request.
fn found_by_name(verdict: &Verdict, request: &Value) -> BTreeSet<(String, String)> {
    let found = lines(verdict).into_iter().map(|line| {
        let (code, path) = code_and_path(&line);
        for (list, name) in TAG_LISTS {
            let at =
                format!("{}[", list.trim_start_matches("/object").trim_start_matches('/').replace('/', "."));
            if let Some((index, rest)) = path.strip_prefix(&at).and_then(|rest| rest.split_once(']')) {
                let tag = &request.pointer(list).unwrap()[index.parse::<usize>().unwrap()];
                return (code, format!("{at}{}]{rest}", tag[name]));
            }
        }
        (code, path)
    });
    found.collect()
}

/// Where a stream's tags are, and what each is named by.
const TAG_LISTS: [(&str, &str); 4] = [
    ("/object/spec/tags", "name"),
    ("/object/status/tags", "tag"),
    ("/oldObject/spec/tags", "name"),
    ("/oldObject/status/tags", "tag"),
];

/// Whether no tag stands twice in a list, as in all that a server stored.
fn names_each_tag_once(request: &Value) -> bool {
    TAG_LISTS.iter().all(|(list, name)| {
        let tags = request.pointer(list).and_then(Value::as_array);
        // A name that is missing reads as an empty one.
        let names: Vec<&str> =
            tags.into_iter().flatten().map(|tag| tag[name].as_str().unwrap_or_default()).collect();
        names.iter().collect::<BTreeSet<_>>().len() == names.len()
    })
}

/// The lists of tags, each in another order.
fn shuffled(request: &Value, turns: &[usize]) -> Value {
    let mut request = request.clone();
    for ((list, _), turn) in TAG_LISTS.iter().zip(turns) {
        let Some(tags) = request.pointer_mut(list).and_then(Value::as_array_mut) else { continue };
        if !tags.is_empty() {
            let middle = turn % tags.len();
            tags.rotate_left(middle);
        }
        if turn.is_multiple_of(2) {
            tags.reverse();
        }
    }
    request
}

fn denied(verdict: &Verdict) -> BTreeSet<String> {
    verdict.message.iter().flat_map(|message| message.lines().skip(1)).map(str::to_owned).collect()
}

/// Rule and place of what is denied, without what is said about it.
fn denied_places(verdict: &Verdict) -> BTreeSet<(String, String)> {
    denied(verdict).iter().map(|line| code_and_path(line)).collect()
}

/// The request with one more at the end of a list, which is made where it is missing.
fn with_one_more(request: &Value, list: &str, one: Value) -> Option<Value> {
    let mut request = request.clone();
    let (parent, key) = list.rsplit_once('/').unwrap();
    let members = request.pointer_mut(parent)?.as_object_mut()?;
    let list = members.entry(key).or_insert(json!([]));
    if list.is_null() {
        *list = json!([]);
    }
    list.as_array_mut()?.push(one);
    Some(request)
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn no_bytes_are_a_trap(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let verdict = evaluate(&bytes, NOW, &NoCluster);
        prop_assert!(!verdict.accepted);
        let _ = validate_settings(&bytes, NOW);
    }

    #[test]
    fn no_text_around_a_request_is_a_trap(text in "[\\[\\]{}\":,a-z0-9\\\\ \\n\u{0}-\u{20}]{0,200}") {
        for payload in [
            text.clone(),
            format!(r#"{{"request":{text},"settings":{{}}}}"#),
            format!(r#"{{"request":{{"object":{text}}}}}"#),
            format!(r#"{{"request":{{}},"settings":{text}}}"#),
        ] {
            prop_assert!(!evaluate(payload.as_bytes(), NOW, &NoCluster).accepted);
        }
        let _ = validate_settings(text.as_bytes(), NOW);
    }

    #[test]
    fn a_request_changed_anywhere_has_an_answer_whose_paths_are_there(request in request(), given in given()) {
        let verdict = given.judge(&request);
        prop_assert_eq!(verdict.accepted, verdict.message.is_none());
        let payload = json!({"request": request, "settings": given.settings});
        for line in lines(&verdict).iter().filter(|line| !line.starts_with("and ")) {
            let (_, path) = code_and_path(line);
            prop_assert!(paths::resolves(&payload, &path), "{}", line);
            // A text that is quoted has no backtick: these two are around nothing.
            prop_assert!(!line.contains("``"), "{}", line);
        }
        for warning in &verdict.warnings {
            prop_assert!(warning.chars().count() <= 256);
        }
    }

    #[test]
    fn the_same_bytes_have_the_same_answer(request in request(), given in given()) {
        let bytes = json!({"request": request, "settings": given.settings}).to_string();
        prop_assert_eq!(given.evaluate(bytes.as_bytes()).to_json(), given.evaluate(bytes.as_bytes()).to_json());
    }

    #[test]
    fn the_order_of_members_does_not_matter(request in request(), given in given(), turn in 0..1000usize) {
        let payload = json!({"request": request, "settings": given.settings});
        let (one, other) = (given.evaluate(payload.to_string().as_bytes()), given.evaluate(render(&payload, turn).as_bytes()));
        // Of a request that cannot be read, the first thing is told that is wrong.
        prop_assert_eq!(one.code, other.code);
        if one.code != Some(400) {
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn the_order_of_tags_does_not_matter(tags in tags(0..12), given in given(), turn in any::<usize>()) {
        let request = stream_request(&tags);
        let turned = shuffled(&request, &[turn]);
        prop_assert_eq!(
            found_by_name(&given.judge(&request), &request),
            found_by_name(&given.judge(&turned), &turned)
        );
    }

    #[test]
    fn the_order_of_a_streams_tags_does_not_matter(
        request in request_about(&["ImageStream"]), given in given(), turns in prop::array::uniform4(any::<usize>()),
    ) {
        prop_assume!(names_each_tag_once(&request));
        let turned = shuffled(&request, &turns);
        let (one, other) = (given.judge(&request), given.judge(&turned));
        prop_assert_eq!(one.code, other.code);
        if one.code != Some(400) {
            prop_assert_eq!(found_by_name(&one, &request), found_by_name(&other, &turned));
        }
    }

    #[test]
    fn equal_objects_introduce_nothing(
        request in request_about(&[
            "Image", "ImageStream", "ImageStreamTag", "ImageTag", "Pod", "Deployment", "CronJob", "DeploymentConfig",
            "BuildConfig",
        ]),
        given in given(),
    ) {
        let mut request = request;
        if request["oldObject"].is_object() && !request["object"].is_object() {
            request["object"] = request["oldObject"].clone();
        }
        request["operation"] = json!("UPDATE");
        request["oldObject"] = request["object"].clone();
        prop_assume!(names_each_tag_once(&request));
        let verdict = given.judge(&request);
        prop_assume!(verdict.code != Some(400));
        let codes: Vec<String> = lines(&verdict).iter().map(|line| code_and_path(line).0).collect();
        prop_assume!(codes != ["unsupported-resource"]);
        prop_assert!(codes.is_empty(), "{:?}", verdict);
    }

    #[test]
    fn an_exemption_never_adds_a_denial(
        request in request(), given in given(), exemptions in prop::collection::vec(holding_exemption(), 1..4),
    ) {
        let without = given.judge(&request);
        let with = given.exempting(&json!(exemptions)).judge(&request);
        prop_assert!(denied(&with).is_subset(&denied(&without)), "{:?}\n{:?}", with, without);
        prop_assert!(with.accepted || !without.accepted);
    }

    #[test]
    fn an_exemption_for_somebody_else_changes_nothing(
        request in request(), given in given(), exemptions in prop::collection::vec(foreign_exemption(), 1..4),
    ) {
        prop_assert_eq!(given.exempting(&json!(exemptions)).judge(&request), given.judge(&request));
    }

    #[test]
    fn an_exemption_lifts_the_rules_that_it_names_and_no_others(request in request(), given in given(), codes in codes()) {
        let without = given.judge(&request);
        prop_assume!(without.code != Some(400));
        let mut exemption = json!({"reason": "a test", "users": ["*"]});
        // Which names none, names all.
        if !codes.is_empty() {
            exemption["rules"] = json!(codes);
        }
        let with = given.exempting(&json!([exemption])).judge(&request);
        let mut left = denied(&without);
        left.retain(|line| {
            let (code, _) = code_and_path(line);
            let rule = RULES.iter().find(|rule| rule.code == code).unwrap();
            // Naming no rules lifts none about images; where a request has no namespace, all are.
            let is_about_images = rule.is_about_images()
                && (!rule.is_about_references() || request["namespace"].as_str().unwrap_or_default().is_empty());
            let lifted = if codes.is_empty() { !is_about_images } else { codes.contains(&code.as_str()) };
            rule.fixed || !lifted
        });
        prop_assert_eq!(with.accepted, left.is_empty());
        prop_assert_eq!(denied(&with), left);
    }

    #[test]
    fn a_wider_exemption_denies_no_more(
        request in request(), given in given(), exemption in holding_exemption(), more in holding_exemption(),
        key in select(vec!["users", "groups", "namespaces", "scopes", "until"]),
    ) {
        let narrow = given.exempting(&json!([exemption])).judge(&request);
        let mut wider = exemption.clone();
        wider.as_object_mut().unwrap().remove(key);
        let matches = ["users", "groups", "namespaces", "scopes"].iter().any(|matcher| wider.get(matcher).is_some());
        for wider in [json!([more, exemption])].into_iter().chain(matches.then(|| json!([wider]))) {
            let wide = given.exempting(&wider).judge(&request);
            prop_assert!(denied(&wide).is_subset(&denied(&narrow)), "{}: {:?}\n{:?}", wider, wide, narrow);
            prop_assert!(wide.accepted || !narrow.accepted);
        }
    }

    #[test]
    fn one_more_violation_never_turns_a_denial_into_an_accept(tags in tags(0..6), more in tags(1..6), given in given()) {
        let mut all = tags.clone();
        all.extend(more.into_iter().filter(|one| !tags.iter().any(|tag| tag["name"] == one["name"])));
        let (few, many) = (given.judge(&stream_request(&tags)), given.judge(&stream_request(&all)));
        prop_assert!(few.accepted || !many.accepted);
        prop_assert!(denied(&few).is_subset(&denied(&many)), "{:?}\n{:?}", few, many);
    }

    #[test]
    fn one_more_reference_hides_nothing_that_was_denied(
        request in request_about(&["ImageStream", "ImageStreamImport"]), given in given(), tag in tag(),
    ) {
        let (mut tag, about) = (tag, request["kind"]["kind"].as_str().unwrap_or_default());
        tag["name"] = json!("one-more");
        let image = json!({"from": tag["from"], "importPolicy": tag["importPolicy"], "to": {"name": "one-more"}});
        let more = match about {
            "ImageStream" => with_one_more(&request, "/object/spec/tags", tag),
            _ => with_one_more(&request, "/object/spec/images", image),
        };
        if let Some(more) = more {
            let (few, many) = (given.judge(&request), given.judge(&more));
            prop_assert!(few.accepted || !many.accepted);
            prop_assume!(few.code == many.code);
            // Which reason is told may change: of a repository, that the one more is imported otherwise.
            prop_assert!(denied_places(&few).is_subset(&denied_places(&many)), "{:?}\n{:?}", few, many);
        }
    }

    #[test]
    fn one_more_image_hides_nothing_that_was_denied_in_what_runs(
        request in request_about(&[
            "Pod", "PodTemplate", "ReplicationController", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job",
            "CronJob", "DeploymentConfig", "Build", "BuildConfig",
        ]),
        given in given(),
    ) {
        let few = given.judge(&request);
        for more in one_more::requests(&request) {
            let many = given.judge(&more);
            prop_assert!(few.accepted || !many.accepted);
            prop_assume!(few.code == many.code || few.accepted);
            prop_assert!(denied(&few).is_subset(&denied(&many)), "{:?}\n{:?}", few, many);
            let strict = strict().judge(&more);
            prop_assert!(strict.code == Some(400) || denied(&strict).iter().any(|line| line.contains(one_more::IMAGE)), "{:?}", strict);
        }
    }

    /// What is said of an image may change with its signatures; that it is denied does not.
    #[test]
    fn one_more_worthless_signature_hides_nothing_that_was_denied(
        request in request_about(&["Image", "ImageStreamImage", "ImageStreamMapping"]), given in given(),
        signature in worthless_signature(),
    ) {
        let list = if request["kind"]["kind"] == "Image" { "/object/signatures" } else { "/object/image/signatures" };
        if let Some(more) = with_one_more(&request, list, signature) {
            let (few, many) = (given.judge(&request), given.judge(&more));
            prop_assert!(few.accepted || !many.accepted);
            prop_assume!(few.code == many.code);
            prop_assert!(denied_places(&few).is_subset(&denied_places(&many)), "{:?}\n{:?}", few, many);
        }
    }

    #[test]
    fn a_tag_of_a_stream_and_an_image_stream_tag_meet_the_same_rules(tag in tag()) {
        let mut tag = tag;
        tag["name"] = json!("v1");
        // Whether a tag is new, and which tags follow it, is told by an ImageStream alone.
        let codes = |verdict: &Verdict| -> BTreeSet<String> {
            let told = lines(verdict);
            let told = told.iter().filter(|line| !line.contains("this request does not show"));
            told.map(|line| code_and_path(line).0).filter(|code| code != "tag-moved").collect()
        };
        let in_stream = codes(&strict().judge(&stream_request(std::slice::from_ref(&tag))));
        for (kind, resource, member) in [("ImageStreamTag", "imagestreamtags", "tag"), ("ImageTag", "imagetags", "spec")] {
            let mut request = stream_request(&[]);
            request["kind"]["kind"] = json!(kind);
            request["resource"]["resource"] = json!(resource);
            request["name"] = json!("web:v1");
            request["object"] = json!({
                "apiVersion": "image.openshift.io/v1", "kind": kind, "metadata": {"name": "web:v1", "namespace": "shop"},
                member: tag,
            });
            prop_assert_eq!(&codes(&strict().judge(&request)), &in_stream, "{}", kind);
        }
    }
}
