//! What holds whatever is asked: see each property.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;
#[path = "common/paths.rs"]
mod paths;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use openshift_image_trust::cluster::NoCluster;
use openshift_image_trust::verdict::Verdict;
use openshift_image_trust::{evaluate, validate_settings};
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Value, json};

use common::{NOW, code_and_path, lines};

/// The requests as an API server sends them.
static REQUESTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requests");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let read = |file| serde_json::from_slice::<Value>(&std::fs::read(file).unwrap()).unwrap();
    files.into_iter().map(|file| read(file)["request"].take()).collect()
});

/// Settings under which nearly every rule has something to say.
static STRICT: LazyLock<Value> = LazyLock::new(|| {
    json!({
        "references": {
            "kinds": ["DockerImage"], "allow": ["registry.redhat.io", "quay.io/shop"], "deny": ["docker.io"], "namespaces": [],
            "pinned": [""], "sourceTags": {"deny": ["latest"], "allow": "^v"}, "tagNames": "^v", "immutableTags": ".",
            "referencePolicy": {"": "Local"}, "importMode": ["PreserveOriginal"], "scheduled": [],
        },
        "images": {"mediaTypes": []},
        "rules": {"local-lookup": "deny", "repository-import": "deny", "untracked-reference": "deny"},
        "platformExemptions": false,
        "limits": {"violationsReported": 1_000_000},
    })
});

fn judge(request: &Value, settings: &Value) -> Verdict {
    evaluate(json!({"request": request, "settings": settings}).to_string().as_bytes(), NOW, &NoCluster)
}

fn settings() -> impl Strategy<Value = Value> {
    select(vec![json!({}), json!({"limits": {"violationsReported": 1_000_000}}), STRICT.clone()])
}

/// A change somewhere in a request.
#[derive(Clone, Debug)]
enum Mutation {
    Delete,
    Duplicate,
    Replace(Value),
    /// By what stands elsewhere in the same request.
    Exchange(Index),
}

fn mutation() -> impl Strategy<Value = (Index, Mutation)> {
    let replacement = prop_oneof![
        Just(json!(null)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<String>().prop_map(|text| json!(text)),
        "[a-zA-Z0-9:@/._ -]{0,40}".prop_map(|text| json!(text)),
        Just(json!("x".repeat(100_000))),
        Just(json!([])),
        Just(json!({})),
        Just(json!([null, 1, "x", {}, []])),
        Just(json!({"name": 5, "kind": null})),
    ];
    let mutation = prop_oneof![
        2 => Just(Mutation::Delete),
        1 => Just(Mutation::Duplicate),
        4 => replacement.prop_map(Mutation::Replace),
        2 => any::<Index>().prop_map(Mutation::Exchange),
    ];
    (any::<Index>(), mutation)
}

/// A real request, changed in some places.
fn request() -> impl Strategy<Value = Value> {
    let mutations = prop::collection::vec(mutation(), 0..5);
    (any::<Index>(), mutations).prop_map(|(file, mutations)| {
        let mut request = file.get(&REQUESTS).clone();
        for (at, mutation) in mutations {
            let pointers = paths::pointers(&request);
            if !pointers.is_empty() {
                mutate(&mut request, at.get::<String>(&pointers), &mutation, &pointers);
            }
        }
        request
    })
}

fn mutate(request: &mut Value, pointer: &str, mutation: &Mutation, pointers: &[String]) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    match mutation {
        Mutation::Replace(value) => *request.pointer_mut(pointer).unwrap() = value.clone(),
        Mutation::Exchange(other) => {
            let value = request.pointer(other.get::<String>(pointers)).unwrap().clone();
            *request.pointer_mut(pointer).unwrap() = value;
        }
        Mutation::Delete | Mutation::Duplicate => match request.pointer_mut(parent).unwrap() {
            Value::Object(members) if matches!(mutation, Mutation::Delete) => {
                members.remove(&key);
            }
            Value::Array(list) => {
                let index: usize = key.parse().unwrap();
                let element = list.remove(index);
                if matches!(mutation, Mutation::Duplicate) {
                    list.extend([element.clone(), element]);
                }
            }
            _ => {}
        },
    }
}

/// A tag of a stream, good or bad.
fn tag() -> impl Strategy<Value = Value> {
    let from = prop_oneof![
        Just(Value::Null),
        Just(json!({})),
        select(vec![
            "quay.io/shop/web:v1",
            "nginx",
            "docker.io/library/nginx@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25",
            "my.app:1",
            "",
            "*"
        ])
        .prop_map(|name| json!({"kind": "DockerImage", "name": name})),
        select(vec!["base:1", "latest", "a:b:c"])
            .prop_map(|name| json!({"kind": "ImageStreamTag", "name": name, "namespace": "other"})),
        select(vec!["base@3c87", "x"]).prop_map(|name| json!({"kind": "ImageStreamImage", "name": name})),
        Just(json!({"kind": "Image", "name": "x"})),
    ];
    let import = prop_oneof![
        Just(Value::Null),
        (any::<bool>(), any::<bool>(), select(vec!["", "Legacy", "PreserveOriginal", "x"]))
            .prop_map(|(insecure, scheduled, mode)| json!({"insecure": insecure, "scheduled": scheduled, "importMode": mode})),
    ];
    let name = prop_oneof!["v[0-9]{1,4}", "[ -~]{0,6}"];
    (name, from, import, any::<bool>(), select(vec!["", "Local", "Source"])).prop_map(|(name, from, import, reference, policy)| {
        json!({"name": name, "from": from, "importPolicy": import, "reference": reference, "referencePolicy": {"type": policy}})
    })
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

/// Rule and tag of everything that is found.
fn found_by_tag(verdict: &Verdict, tags: &[Value]) -> BTreeSet<(String, String)> {
    let found = lines(verdict).into_iter().map(|line| {
        let (code, path) = code_and_path(&line);
        let tag =
            path.strip_prefix("spec.tags[").and_then(|rest| rest.split_once(']')).map(|(index, _)| index);
        let name = tag.map(|index| tags[index.parse::<usize>().unwrap()]["name"].to_string());
        (code, name.unwrap_or(path))
    });
    found.collect()
}

fn denied(verdict: &Verdict) -> BTreeSet<String> {
    verdict.message.iter().flat_map(|message| message.lines().skip(1)).map(str::to_owned).collect()
}

fn exemptions() -> impl Strategy<Value = Value> {
    let exemption = (
        subsequence(vec!["users", "groups", "namespaces", "scopes"], 1..=4),
        select(vec![json!([]), json!(["source-not-allowed", "digest-missing"]), json!(["tag-name-invalid"])]),
        select(vec![Value::Null, json!("2020-01-01"), json!("2099-01-01")]),
    )
        .prop_map(|(matchers, rules, until)| {
            let mut exemption = json!({"reason": "a test", "rules": rules});
            for matcher in matchers {
                exemption[matcher] = match matcher {
                    "users" => json!(["*", "dana"]),
                    "groups" => json!(["system:authenticated"]),
                    "namespaces" => json!(["sh*"]),
                    _ => json!(["docker.io"]),
                };
            }
            if !until.is_null() {
                exemption["until"] = until;
            }
            exemption
        });
    prop::collection::vec(exemption, 1..4).prop_map(Value::from)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, max_global_rejects: 1_000_000, ..ProptestConfig::default() })]

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
    fn a_request_changed_anywhere_has_an_answer_whose_paths_are_there(request in request(), settings in settings()) {
        let verdict = judge(&request, &settings);
        prop_assert_eq!(verdict.accepted, verdict.message.is_none());
        let payload = json!({"request": request, "settings": settings});
        for line in lines(&verdict).iter().filter(|line| !line.starts_with("and ")) {
            let (_, path) = code_and_path(line);
            prop_assert!(paths::resolves(&payload, &path), "{}", line);
        }
        for warning in &verdict.warnings {
            prop_assert!(warning.chars().count() <= 256);
        }
    }

    #[test]
    fn the_same_bytes_have_the_same_answer(request in request(), settings in settings()) {
        let bytes = json!({"request": request, "settings": settings}).to_string();
        prop_assert_eq!(evaluate(bytes.as_bytes(), NOW, &NoCluster).to_json(), evaluate(bytes.as_bytes(), NOW, &NoCluster).to_json());
    }

    #[test]
    fn the_order_of_members_does_not_matter(request in request(), settings in settings(), turn in 0..1000usize) {
        let payload = json!({"request": request, "settings": settings});
        let (one, other) = (evaluate(payload.to_string().as_bytes(), NOW, &NoCluster), evaluate(render(&payload, turn).as_bytes(), NOW, &NoCluster));
        // Of a request that cannot be read, the first thing is told that is wrong.
        prop_assert_eq!(one.code, other.code);
        if one.code != Some(400) {
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn the_order_of_tags_does_not_matter(
        (tags, shuffled) in tags(0..12).prop_flat_map(|tags| (Just(tags.clone()), Just(tags).prop_shuffle())),
    ) {
        let one = found_by_tag(&judge(&stream_request(&tags), &STRICT), &tags);
        let other = found_by_tag(&judge(&stream_request(&shuffled), &STRICT), &shuffled);
        prop_assert_eq!(one, other);
    }

    #[test]
    fn equal_objects_introduce_nothing(request in request()) {
        let mut request = request;
        if request["oldObject"].is_object() && !request["object"].is_object() {
            request["object"] = request["oldObject"].clone();
        }
        let kind = request["kind"]["kind"].as_str().unwrap_or_default();
        prop_assume!(["Image", "ImageStream", "ImageStreamTag", "ImageTag"].contains(&kind));
        // The server keeps tags by name: in a stored object none stands twice.
        for (part, name) in [("spec", "name"), ("status", "tag")] {
            let names: Vec<String> = request["object"][part]["tags"].as_array().into_iter().flatten().map(|tag| tag[name].to_string()).collect();
            prop_assume!(names.iter().collect::<BTreeSet<_>>().len() == names.len());
        }
        request["operation"] = json!("UPDATE");
        request["oldObject"] = request["object"].clone();
        let verdict = judge(&request, &STRICT);
        prop_assume!(verdict.code != Some(400));
        let codes: Vec<String> = lines(&verdict).iter().map(|line| code_and_path(line).0).collect();
        prop_assume!(codes != ["unsupported-resource"]);
        prop_assert!(codes.is_empty(), "{:?}", verdict);
    }

    #[test]
    fn an_exemption_never_adds_a_denial(request in request(), settings in settings(), exemptions in exemptions()) {
        let without = judge(&request, &settings);
        let mut settings = settings;
        settings["exemptions"] = exemptions;
        let with = judge(&request, &settings);
        prop_assert!(denied(&with).is_subset(&denied(&without)), "{:?}\n{:?}", with, without);
        prop_assert!(with.accepted || !without.accepted);
    }

    #[test]
    fn one_more_violation_never_turns_a_denial_into_an_accept(tags in tags(0..6), more in tags(1..6), strict in any::<bool>()) {
        let settings = if strict { STRICT.clone() } else { json!({"limits": {"violationsReported": 1_000_000}}) };
        let mut all = tags.clone();
        all.extend(more.into_iter().filter(|one| !tags.iter().any(|tag| tag["name"] == one["name"])));
        let (few, many) = (judge(&stream_request(&tags), &settings), judge(&stream_request(&all), &settings));
        prop_assert!(few.accepted || !many.accepted);
        prop_assert!(denied(&few).is_subset(&denied(&many)), "{:?}\n{:?}", few, many);
    }

    #[test]
    fn a_tag_of_a_stream_and_an_image_stream_tag_meet_the_same_rules(tag in tag()) {
        let mut tag = tag;
        tag["name"] = json!("v1");
        // Whether a tag is new is told by an ImageStream alone.
        let codes = |verdict: &Verdict| -> BTreeSet<String> {
            lines(verdict).iter().map(|line| code_and_path(line).0).filter(|code| code != "tag-moved").collect()
        };
        let in_stream = codes(&judge(&stream_request(std::slice::from_ref(&tag)), &STRICT));
        for (kind, resource, member) in [("ImageStreamTag", "imagestreamtags", "tag"), ("ImageTag", "imagetags", "spec")] {
            let mut request = stream_request(&[]);
            request["kind"]["kind"] = json!(kind);
            request["resource"]["resource"] = json!(resource);
            request["name"] = json!("web:v1");
            request["object"] = json!({
                "apiVersion": "image.openshift.io/v1", "kind": kind, "metadata": {"name": "web:v1", "namespace": "shop"},
                member: tag,
            });
            prop_assert_eq!(&codes(&judge(&request, &STRICT)), &in_stream, "{}", kind);
        }
    }
}
