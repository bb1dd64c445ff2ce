//! Requests that nobody sends by accident: every answer is a normal one.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;
#[path = "common/pages.rs"]
mod pages;
#[path = "common/paths.rs"]
mod paths;

use std::path::Path;
use std::time::{Duration, Instant};

use openshift_image_trust::NoCluster;
use openshift_image_trust::Verdict;
use openshift_image_trust::evaluate;
use serde_json::{Value, json};

use common::{NOW, Short, code_and_path, lines};
use pages::{blocks, pages, section};

/// What hangs is told from what is slow, and no more than that.
const HUNG: Duration = Duration::from_secs(120);

/// The longest text of a requester's that an answer repeats, in characters.
const SHOWN: usize = 160;
/// The longest reason of an unreadable request, in characters.
const REASON_SHOWN: usize = 320;
/// The longest key of a requester's that a path repeats, in characters.
const KEY_SHOWN: usize = 320;

/// A stream that is allowed.
const STREAM: &str = "object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: quay.io/a}, importPolicy: {insecure: false}}]}}";

fn judge(payload: &[u8]) -> Verdict {
    let verdict = evaluate(payload, NOW, &NoCluster);
    assert_normal(&verdict);
    verdict
}

/// Complete, bounded, and harmless on a terminal.
fn assert_normal(verdict: &Verdict) {
    let Verdict { accepted, message, code, audit_annotations, warnings } = verdict;
    assert_eq!(*accepted, message.is_none(), "{verdict:?}");
    assert_eq!(*accepted, code.is_none(), "{verdict:?}");
    assert!(matches!(code, None | Some(400 | 403)), "{verdict:?}");
    let shown = message.iter().flat_map(|message| message.lines()).chain(warnings.iter().map(String::as_str));
    for text in shown.chain(audit_annotations.values().map(String::as_str)) {
        assert!(!text.is_empty(), "{verdict:?}");
        assert!(!text.contains(|c: char| c.is_control() || hides(c)), "{text:?}");
    }
    for warning in warnings {
        assert!(warning.chars().count() <= 256, "{warning}");
    }
    let message = message.as_deref().unwrap_or_default();
    let beginning: String = message.chars().take(400).collect();
    assert!(message.len() <= 1 << 16, "{} bytes: {beginning}", message.len());
    for line in message.lines().skip(1).chain(warnings.iter().map(String::as_str)) {
        assert!(line.ends_with(']') && line.contains(": ") || line.starts_with("and "), "{line}");
    }
    let json: Value = serde_json::from_slice(&verdict.to_json()).expect("an answer is JSON");
    assert_eq!(json["accepted"], json!(accepted));
}

/// Characters that a terminal does not show, or that turn text round.
fn hides(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A creation of the object; what it says of itself is filled in.
fn payload(object: &Value) -> Value {
    let mut payload =
        Short::parse(&format!("object: {{kind: {}}}", object["kind"].as_str().unwrap())).payload;
    let whole = payload["request"]["object"].as_object_mut().unwrap();
    for (key, value) in object.as_object().unwrap() {
        match (key.as_str(), value) {
            ("metadata", Value::Object(members)) => {
                whole["metadata"].as_object_mut().unwrap().extend(members.clone())
            }
            _ => _ = whole.insert(key.clone(), value.clone()),
        }
    }
    payload
}

/// The request of each rule's page that the rule denies.
fn denied_examples() -> Vec<Value> {
    let pages = pages().into_values();
    pages.map(|page| Short::parse(&blocks(section(&page, "Denied").unwrap(), "yaml")[0]).payload).collect()
}

/// The requests as an API server sends them, as payloads.
fn real_requests() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requests");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(files.len() > 30, "{files:?}");
    let read = |file| serde_json::from_slice::<Value>(&std::fs::read(file).unwrap()).unwrap();
    files.into_iter().map(|file| json!({"request": read(file)["request"], "settings": {}})).collect()
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or_default() / of.len_utf8()
}

#[test]
fn names_are_compared_with_a_pattern_for_as_long_as_a_request_has_time() {
    let long = |index: usize| format!("{index:0>128}");
    let tags = |count: usize| -> Vec<Value> {
        (0..count)
            .map(|index| json!({"name": long(index), "from": {"kind": "ImageStreamTag", "name": "base:1"}}))
            .collect()
    };
    let settings = json!({"references": {"tagNames": "[0-9]{1,40}$"}});
    for (count, is_accepted) in [(1024, true), (1025, false)] {
        let object = json!({"kind": "ImageStream", "spec": {"tags": tags(count)}});
        let mut payload = payload(&object);
        payload["settings"] = settings.clone();
        let verdict = judge(payload.to_string().as_bytes());
        assert_eq!(verdict.accepted, is_accepted, "{count}");
        let told = lines(&verdict);
        let spent = "bytes of names to compare; split it [tag-name-invalid]";
        assert!(is_accepted || told.len() == 1 && told[0].ends_with(spent), "{told:#?}");
    }
}

#[test]
fn what_is_no_payload_is_unreadable() {
    for garbage in [
        &b""[..],
        b" ",
        b"\0",
        b"null",
        b"true",
        b"5",
        b"\"\"",
        b"[]",
        b"{",
        b"}",
        b"[[[[",
        b"{}",
        b"{}{}",
        b"{\"request\"}",
        b"{\"request\":null}",
        b"{\"request\":[]}",
        b"{\"request\":\"x\"}",
        b"{\"request\":5}",
        b"{\"request\":{}} x",
        b"{\"settings\":{}}",
        b"{\"request\":{\"object\":}}",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{\"request\":{}}",
        b"{\"request\":{\"name\":\"\xc3\x28\"}}",
        b"{\"request\":{\"name\":\"\\ud800\"}}",
        b"{\"request\":{\"name\":\"\x01\"}}",
        b"{\"request\":{\"object\":{\"a\":1e999}}}",
        b"{'request':{}}",
        b"{\"request\":{},}",
        b"NaN",
    ] {
        let verdict = judge(garbage);
        assert_eq!(
            (verdict.accepted, verdict.code),
            (false, Some(400)),
            "{}",
            String::from_utf8_lossy(garbage)
        );
    }
}

#[test]
fn a_request_cut_anywhere_is_unreadable() {
    let whole = denied_examples()[0].to_string();
    for end in 0..whole.len() {
        let verdict = judge(&whole.as_bytes()[..end]);
        assert_eq!(verdict.code, Some(400), "{end}");
    }
}

#[test]
fn invalid_utf_8_anywhere_is_unreadable() {
    let whole = denied_examples()[0].to_string().into_bytes();
    for at in 0..whole.len() {
        let mut broken = whole.clone();
        broken[at] = 0xff;
        assert_eq!(judge(&broken).code, Some(400), "{at}");
    }
}

#[test]
fn a_text_where_none_belongs_is_not_told_in_full() {
    for text in ["x".repeat(100_000), "\u{1b}[2J\u{7}\r\n\u{202e}`".repeat(60)] {
        for object in [
            json!({"kind": "ImageStream", "spec": text}),
            json!({"kind": "ImageStream", "metadata": {"annotations": text}}),
            json!({"kind": "ImageStream", "spec": {"tags": text}}),
            json!({"kind": "ImageStream", "spec": {"lookupPolicy": {"local": text}}}),
            json!({"kind": "Image", "dockerImageLayers": [{"size": text}]}),
        ] {
            let verdict = judge(payload(&object).to_string().as_bytes());
            assert_eq!(verdict.code, Some(400));
            assert!(longest_run(&verdict.message.unwrap(), 'x') <= REASON_SHOWN);
        }
        let mut whole = payload(&json!({"kind": "ImageStream"}));
        whole["request"]["userInfo"] = json!(text);
        assert_eq!(judge(whole.to_string().as_bytes()).code, Some(400));
    }
}

#[test]
fn depth_is_refused_or_ignored_and_never_a_trap() {
    let nest =
        |open: &str, close: &str, depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));
    for depth in [100, 127, 128, 129, 200, 100_000] {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}"), (r#"{"spec":"#, "}"), (r#"{"tags":["#, "]}")] {
            let deep = nest(open, close, depth);
            for object in [
                format!(
                    r#"{{"kind":"ImageStream","apiVersion":"image.openshift.io/v1","metadata":{{"name":"web"}},"x":{deep}}}"#
                ),
                format!(
                    r#"{{"kind":"ImageStream","apiVersion":"image.openshift.io/v1","metadata":{{"name":"web","x":{deep}}}}}"#
                ),
                format!(
                    r#"{{"kind":"ImageStream","apiVersion":"image.openshift.io/v1","metadata":{{"name":"web"}},"spec":{deep}}}"#
                ),
                format!(
                    r#"{{"kind":"ImageStream","apiVersion":"image.openshift.io/v1","metadata":{{"name":"web"}},"spec":{{"tags":[{{"from":{deep}}}]}}}}"#
                ),
                deep.clone(),
            ] {
                let whole = payload(&json!({"kind": "ImageStream"}));
                let mut text = whole.to_string();
                let before = whole["request"]["object"].to_string();
                text = text.replace(&format!(r#""object":{before}"#), &format!(r#""object":{object}"#));
                let known = object.contains(r#""spec":[["#) || object.contains(r#""from":[["#);
                let verdict = judge(text.as_bytes());
                assert!(!known || !verdict.accepted, "{depth} {open}");
            }
            judge(format!(r#"{{"request":{deep},"settings":{{}}}}"#).as_bytes());
            judge(format!(r#"{{"request":{{}},"settings":{deep}}}"#).as_bytes());
            judge(format!(r#"{{"request":{{"x":{deep}}},"x":{deep}}}"#).as_bytes());
            judge(deep.as_bytes());
            let manifest = json!({"kind": "Image", "dockerImageManifest": deep, "dockerImageConfig": deep});
            assert!(!judge(payload(&manifest).to_string().as_bytes()).accepted);
        }
    }
}

#[test]
fn what_stands_twice_is_unreadable() {
    let whole = Short::parse(STREAM).payload.to_string();
    assert!(judge(whole.as_bytes()).accepted, "{whole}");
    for (once, twice, path) in [
        (r#""spec":"#, r#""spec":{},"spec":"#, "spec"),
        (r#""tags":"#, r#""tags":null,"tags":"#, "spec.tags"),
        (r#""from":"#, r#""from":{},"from":"#, "spec.tags[0].from"),
        (r#""name":"quay.io/a""#, r#""name":"evil.example/a","name":"quay.io/a""#, "spec.tags[0].from.name"),
        (r#""insecure":"#, r#""insecure":true,"insecure":"#, "spec.tags[0].importPolicy.insecure"),
        (r#""metadata":"#, r#""metadata":{},"metadata":"#, "metadata"),
        (r#""object":"#, r#""object":{},"object":"#, "request.object"),
        (r#""operation":"#, r#""operation":"DELETE","operation":"#, "request.operation"),
        (r#""userInfo":"#, r#""userInfo":{},"userInfo":"#, "request.userInfo"),
        (r#""username":"#, r#""username":"system:admin","username":"#, "request.userInfo.username"),
        (r#""resource":{"#, r#""resource":{},"resource":{"#, "request.resource"),
        (r#""settings":"#, r#""settings":{},"settings":"#, "settings"),
        (r#"{"request":"#, r#"{"request":{},"request":"#, "request"),
    ] {
        let doubled = whole.replacen(once, twice, 1);
        assert_ne!(doubled, whole, "{once}");
        let verdict = judge(doubled.as_bytes());
        assert_eq!(verdict.code, Some(400), "{path}: {verdict:?}");
        let line = lines(&verdict).remove(0);
        assert!(line.contains("duplicate key"), "{line}");
        assert!(path.starts_with(code_and_path(&line).1.trim_start_matches("object")), "{path}: {line}");
    }
}

#[test]
fn a_list_of_its_values_is_no_object() {
    let whole = Short::parse(STREAM).payload;
    assert!(judge(whole.to_string().as_bytes()).accepted, "{whole}");
    for (pointer, path) in [
        ("/request", "request"),
        ("/request/kind", "request.kind"),
        ("/request/resource", "request.resource"),
        ("/request/userInfo", "request.userInfo"),
        ("/request/object", "object"),
        ("/request/object/metadata", "metadata"),
        ("/request/object/spec", "spec"),
        ("/request/object/spec/tags/0", "spec.tags[0]"),
        ("/request/object/spec/tags/0/from", "spec.tags[0].from"),
        ("/request/object/spec/tags/0/importPolicy", "spec.tags[0].importPolicy"),
    ] {
        let members = whole.pointer(pointer).unwrap().as_object().unwrap();
        // In any order: that of the fields is one of them.
        for rotated in 0..members.len() {
            let mut values: Vec<Value> = members.values().cloned().collect();
            values.rotate_left(rotated);
            for list in [json!([]), json!([values[0]]), json!(values)] {
                let mut mutated = whole.clone();
                *mutated.pointer_mut(pointer).unwrap() = list;
                let verdict = judge(mutated.to_string().as_bytes());
                assert_eq!(verdict.code, Some(400), "{mutated}: {verdict:?}");
                assert_eq!(code_and_path(&lines(&verdict)[0]).1, path, "{verdict:?}");
            }
        }
    }
}

#[test]
fn a_value_of_another_type_is_refused_with_its_place_or_not_read() {
    for whole in denied_examples().into_iter().chain(real_requests()) {
        for pointer in paths::pointers(&whole) {
            for other in [
                json!(5),
                json!(-1.5),
                json!(true),
                json!(null),
                json!("x"),
                json!([]),
                json!({}),
                json!([[]]),
                json!({"a": {}}),
            ] {
                let mut mutated = whole.clone();
                *mutated.pointer_mut(&pointer).unwrap() = other.clone();
                let verdict = judge(mutated.to_string().as_bytes());
                for line in lines(&verdict).iter().filter(|line| !line.starts_with("and ")) {
                    let (_, path) = code_and_path(line);
                    assert!(paths::resolves(&mutated, &path), "{pointer} = {other}: {line}");
                }
            }
        }
    }
}

#[test]
fn no_text_of_the_requester_s_makes_an_answer_long_or_dangerous() {
    let long = "x".repeat(100_000);
    let harmful = "\u{1b}]0;owned\u{7}\u{1b}[2J\r\n\u{9b}31m\u{202e}\u{200b}`'\"\u{0}\u{7f}".repeat(50);
    let wide = "ß\u{301}\u{1f468}\u{200d}\u{1f469}".repeat(2_000);
    for whole in denied_examples().into_iter().chain(real_requests()) {
        for pointer in paths::pointers(&whole).into_iter().filter(|pointer| pointer.starts_with("/request")) {
            if !whole.pointer(&pointer).unwrap().is_string() {
                continue;
            }
            for text in [&long, &harmful, &wide] {
                let mut mutated = whole.clone();
                *mutated.pointer_mut(&pointer).unwrap() = json!(text);
                let verdict = judge(mutated.to_string().as_bytes());
                let told = verdict.message.iter().chain(&verdict.warnings);
                assert!(
                    told.map(|told| longest_run(told, 'x')).max().unwrap_or_default() <= SHOWN,
                    "{pointer}"
                );
            }
        }
    }
}

#[test]
fn no_key_of_the_requester_s_makes_an_answer_long_or_dangerous() {
    let long = "x".repeat(100_000);
    let harmful = "\u{1b}]0;owned\u{7}\r\n\u{202e}`.[a]".repeat(50);
    for key in [&long, &harmful] {
        for object in [
            json!({"kind": "ImageStream", "metadata": {"annotations": {key: 5}}}),
            json!({"kind": "ImageStream", "metadata": {"annotations": {key: "5"}}}),
            json!({"kind": "ImageStream", "spec": {"tags": [{"name": "a b", "annotations": {key: []}}]}}),
            json!({"kind": "Image", "dockerImageMetadata": {"Config": {"Labels": {key: 1}}}}),
            json!({"kind": "Image", "signatures": [{"signedClaims": {key: 1}}]}),
            json!({"kind": "Image", "dockerImageManifest": json!({key: 1}).to_string()}),
            json!({"kind": "Image", "dockerImageConfig": json!({"config": {"Labels": {key: 1}}}).to_string()}),
            json!({
                "kind": "Image",
                "dockerImageManifest": r#"{"schemaVersion":2,"config":{"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}}"#,
                "dockerImageConfig": "{}",
                "dockerImageMetadata": {"Config": {"Labels": {key: "a"}}},
            }),
            json!({key: 1, "kind": "ImageStream"}),
        ] {
            let verdict = judge(payload(&object).to_string().as_bytes());
            let told = verdict.message.iter().chain(&verdict.warnings);
            assert!(told.map(|told| longest_run(told, 'x')).max().unwrap_or_default() <= KEY_SHOWN);
        }
    }
}

#[test]
fn configurations_and_manifests_are_texts_of_the_requester_s_too() {
    let (long, harmful) = ("x".repeat(100_000), "\u{1b}[2J\u{7}\r\n\u{202e}`".repeat(60));
    for text in [&long, &harmful] {
        let config = json!({"config": {"User": text, "Labels": {"a": text}}}).to_string();
        let digest = openshift_image_trust::digest_like("", config.as_bytes());
        let manifest = json!({
            "schemaVersion": 2, "mediaType": text, "config": {"digest": digest}, "layers": [{"digest": text, "mediaType": text}],
        });
        let list = json!({"manifests": [{"digest": text, "mediaType": text, "platform": {"architecture": text, "os": text}}]});
        for (manifest, config) in [
            (manifest.to_string(), config.clone()),
            (manifest.to_string(), json!({"config": text}).to_string()),
            (list.to_string(), String::new()),
            (json!({"config": text}).to_string(), String::new()),
            (json!({"schemaVersion": text}).to_string(), String::new()),
            (text.clone(), text.clone()),
        ] {
            let name = openshift_image_trust::digest_like("", manifest.as_bytes());
            for name in [&name, text] {
                let object = json!({
                    "kind": "Image",
                    "metadata": {"name": name},
                    "dockerImageReference": text,
                    "dockerImageManifest": manifest,
                    "dockerImageConfig": config,
                    "dockerImageManifestMediaType": "a/b",
                    "dockerImageMetadata": {"Id": digest, "Config": {"User": "0"}},
                    "dockerImageLayers": [{"name": "a"}],
                    "dockerImageManifests": [{"digest": "a"}],
                });
                let verdict = judge(payload(&object).to_string().as_bytes());
                let told = verdict.message.iter().chain(&verdict.warnings);
                assert!(told.map(|told| longest_run(told, 'x')).max().unwrap_or_default() <= SHOWN);
            }
        }
    }
}

#[test]
fn ten_thousand_tags_are_judged_in_no_time_and_told_in_short() {
    let tags = |from: &str| -> Vec<Value> {
        let tag = |index| json!({"name": format!("v{index}"), "from": {"kind": "DockerImage", "name": format!("{from}/web:v{index}")}});
        (0..10_000).map(tag).collect()
    };
    let stream = |from: &str| json!({"kind": "ImageStream", "spec": {"tags": tags(from)}});
    let settings = json!({"references": {"allow": ["quay.io/acme"], "immutableTags": "^v", "tagNames": "^v", "pinned": [""]}});
    let started = Instant::now();
    let created = Short::parse(&format!("settings: {settings}\nobject: {}", stream("evil.example"))).payload;
    let verdict = judge(created.to_string().as_bytes());
    let message = verdict.message.unwrap();
    assert!(message.starts_with("20000 violations in ImageStream shop/web:\n"), "{message}");
    assert_eq!(message.lines().count(), 22);
    let moved = Short::parse(&format!(
        "settings: {settings}\nold: {}\nobject: {}",
        stream("quay.io/a"),
        stream("quay.io/acme")
    ))
    .payload;
    assert!(judge(moved.to_string().as_bytes()).message.unwrap().starts_with("20000 violations"));
    let untouched =
        Short::parse(&format!("settings: {settings}\nold: {0}\nobject: {0}", stream("evil.example"))).payload;
    assert!(judge(untouched.to_string().as_bytes()).accepted);
    // Generous: this is neither optimised nor alone on the machine. Quadratic work takes minutes.
    assert!(started.elapsed() < HUNG, "{:?}", started.elapsed());
}

#[test]
fn ten_thousand_warnings_are_told_in_short() {
    let tag = |index| json!({"name": format!("v{index}"), "reference": true, "from": {"kind": "DockerImage", "name": "quay.io/a"}});
    let tags: Vec<Value> = (0..10_000).map(tag).collect();
    let verdict =
        judge(payload(&json!({"kind": "ImageStream", "spec": {"tags": tags}})).to_string().as_bytes());
    assert!(verdict.accepted);
    assert_eq!(verdict.warnings.len(), 21);
    assert_eq!(verdict.warnings.last().map(String::as_str), Some("and 9980 more"));
}

#[test]
fn an_exemption_that_ended_costs_no_more_than_its_warning() {
    let tag = |index| json!({"name": format!("v{index}"), "reference": true, "from": {"kind": "DockerImage", "name": "quay.io/a"}});
    let tags: Vec<Value> = (0..10_000).map(tag).collect();
    let mut whole = payload(&json!({"kind": "ImageStream", "spec": {"tags": tags}}));
    whole["settings"] = json!({
        "references": {"allow": [], "pinned": [""], "kinds": [], "sourceTags": {"deny": ["*"]}},
        "rules": {"source-not-allowed": "warn", "digest-missing": "warn", "source-kind-not-allowed": "warn", "source-tag-not-allowed": "warn"},
        "exemptions": [{"reason": "old", "users": ["dana"], "until": "2020-01-01"}],
    });
    let started = Instant::now();
    let verdict = judge(whole.to_string().as_bytes());
    assert!(verdict.accepted);
    assert_eq!(verdict.warnings.last().map(String::as_str), Some("and 49985 more"));
    assert!(started.elapsed() < HUNG, "{:?}", started.elapsed());
}

#[test]
fn a_long_history_is_compared_in_no_time() {
    let event = |index: usize| json!({"created": "2026-01-01T00:00:00Z", "dockerImageReference": format!("quay.io/a:{index}"), "image": "", "generation": index});
    let stream = |count: usize| {
        let items: Vec<Value> = (0..count).rev().map(event).collect();
        json!({"kind": "ImageStream", "status": {"tags": [{"tag": "v1", "items": items}]}})
    };
    let started = Instant::now();
    let short =
        Short::parse(&format!("subresource: status\nold: {}\nobject: {}", stream(10_000), stream(10_001)));
    judge(short.payload.to_string().as_bytes());
    assert!(started.elapsed() < HUNG, "{:?}", started.elapsed());
}

/// Each tag follows the one before it, and each is changed.
#[test]
fn a_chain_of_ten_thousand_tags_is_followed_in_no_time() {
    let tags = |policy: &str, source: &str| -> Vec<Value> {
        let from = |index: usize| match index {
            0 => json!({"kind": "DockerImage", "name": source}),
            _ => json!({"kind": "ImageStreamTag", "name": format!("v{}", index - 1)}),
        };
        let tag = |index| json!({"name": format!("v{index}"), "from": from(index), "referencePolicy": {"type": policy}});
        (0..10_000).map(tag).collect()
    };
    let stream =
        |policy: &str, source: &str| json!({"kind": "ImageStream", "spec": {"tags": tags(policy, source)}});
    let settings =
        json!({"references": {"immutableTags": "^never$", "referencePolicy": {"quay.io": "Local"}}});
    let started = Instant::now();
    for old in [stream("Source", "quay.io/a:1"), stream("Local", "quay.io/a:2")] {
        let new = stream("Local", "quay.io/a:1");
        let short = Short::parse(&format!("settings: {settings}\nold: {old}\nobject: {new}"));
        assert!(judge(short.payload.to_string().as_bytes()).accepted);
    }
    assert!(started.elapsed() < HUNG / 8, "{:?}", started.elapsed());
}

#[test]
fn an_import_into_a_long_stored_chain_is_judged_in_no_time() {
    let stored = |last: &str| {
        let from = |index: usize| match index {
            0 => Value::Null,
            _ => json!({"kind": "ImageStreamTag", "name": format!("v{}", index - 1)}),
        };
        let policy = |index| if index == 9_999 { last } else { "Local" };
        let tag = |index| json!({"name": format!("v{index}"), "from": from(index), "referencePolicy": {"type": policy(index)}});
        let tags: Vec<Value> = (0..10_000).map(tag).collect();
        json!({"kind": "ImageStream", "metadata": {"name": "web", "namespace": "shop"}, "spec": {"tags": tags}})
    };
    let entry = |index| {
        json!({"from": {"kind": "DockerImage", "name": format!("quay.io/a:{index}")}, "to": {"name": format!("v{index}")},
               "referencePolicy": {"type": "Local"}})
    };
    let images: Vec<Value> = (0..10_000).map(entry).collect();
    let import = json!({"kind": "ImageStreamImport", "spec": {"import": true, "images": images}});
    let settings =
        json!({"references": {"immutableTags": "^never$", "referencePolicy": {"quay.io": "Local"}}});
    let [local, source] = ["Local", "Source"].map(|last| {
        let short = json!({"settings": settings, "object": import, "cluster": [stored(last)]});
        Short::parse(&short.to_string())
    });
    let started = Instant::now();
    assert!(local.verdict().accepted);
    // The last one follows all others.
    assert!(source.verdict().message.unwrap().starts_with("10000 violations"));
    assert!(started.elapsed() < HUNG / 8, "{:?}", started.elapsed());
}

#[test]
fn a_long_stored_history_is_searched_in_no_time() {
    let id = |index: usize| format!("sha256:{index:064x}");
    let item =
        |index| json!({"image": id(index), "dockerImageReference": format!("quay.io/a@{}", id(index))});
    let items: Vec<Value> = (0..10_000).map(item).collect();
    let base = json!({"kind": "ImageStream", "metadata": {"name": "base", "namespace": "shop"}, "status": {"tags": [{"tag": "v1", "items": items}]}});
    let tag = |index| json!({"name": format!("v{index}"), "from": {"kind": "ImageStreamImage", "name": format!("base@{}", id(index))}});
    let tags: Vec<Value> = (0..10_000).map(tag).collect();
    let stream = json!({"kind": "ImageStream", "spec": {"tags": tags}});
    let settings = json!({"trust": {"default": [{"type": "reject"}]}, "references": {"referencePolicy": {"quay.io": "Local"}}});
    let short = Short::parse(&json!({"settings": settings, "object": stream, "cluster": [base]}).to_string());
    let started = Instant::now();
    let message = short.verdict().message.unwrap_or_default();
    assert!(message.starts_with("20000 violations"), "{}", message.lines().next().unwrap_or_default());
    assert!(started.elapsed() < HUNG / 8, "{:?}", started.elapsed());
}

#[test]
fn an_object_as_large_as_the_server_takes_is_judged() {
    const SIZE: usize = 3 << 20;
    let big = "x".repeat(SIZE);
    for object in [
        json!({"kind": "ImageStream", "metadata": {"annotations": {"a": big}}, "spec": {"tags": [{"name": "a b"}]}}),
        json!({"kind": "ImageStream", "spec": {"tags": [{"name": big}]}}),
        json!({"kind": "ImageStream", "spec": {"tags": [{"name": "v1", "from": {"kind": "DockerImage", "name": big}}]}}),
        json!({"kind": "ImageStream", "spec": {"tags": [{"name": "v1", "from": {"kind": "DockerImage", "name": "a/".repeat(SIZE / 2)}}]}}),
        json!({"kind": "ImageStream", "spec": {"tags": [{"name": "v1", "from": {"kind": big, "name": "x"}}]}}),
        json!({"kind": "Image", "dockerImageManifest": big}),
        json!({"kind": "Image", "dockerImageManifest": "[".repeat(SIZE)}),
        json!({"kind": "Image", "dockerImageManifest": format!(r#"{{"schemaVersion":1,"fsLayers":[],"signatures":[{}{{}}]}}"#, "{},".repeat(SIZE / 3))}),
        json!({"kind": "ImageSignature", "content": big}),
    ] {
        let started = Instant::now();
        judge(payload(&object).to_string().as_bytes());
        assert!(started.elapsed() < HUNG, "{:?}", started.elapsed());
    }
}

#[test]
fn many_signatures_on_a_schema_1_manifest_cost_no_more_than_their_size() {
    use base64::Engine;
    let tail = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode("}");
    let body = format!(r#"{{"schemaVersion":1,"fsLayers":[],"x":"{}""#, "y".repeat(1 << 20));
    let header = json!({"formatLength": body.len(), "formatTail": tail}).to_string();
    let protected = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header);
    let signature = format!(r#"{{"protected":"{protected}"}}"#);
    let manifest = format!(r#"{body},"signatures":[{}]}}"#, vec![signature; 15_000].join(","));
    let started = Instant::now();
    judge(payload(&json!({"kind": "Image", "dockerImageManifest": manifest})).to_string().as_bytes());
    assert!(started.elapsed() < HUNG, "{:?} for {} bytes", started.elapsed(), manifest.len());
}

#[test]
fn signatures_of_one_name_are_compared_in_no_time() {
    const D: &str = "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";
    let image = |contents: &str, says: &str| {
        let signature = |index: usize| {
            let of =
                |prefix: &str| if prefix.is_empty() { String::new() } else { format!("{prefix}{index}") };
            json!({"metadata": {"name": format!("{D}@one")}, "type": "atomic", "content": of(contents), "issuedBy": {"commonName": of(says)}})
        };
        let signatures: Vec<Value> = (0..15_000).map(signature).collect();
        json!({"kind": "Image", "metadata": {"name": D}, "signatures": signatures})
    };
    let started = Instant::now();
    for (old, new) in [
        (image("a", ""), image("b", "")),
        (image("", "a"), image("", "b")),
        (image("", "a"), image("", "a")),
        (image("a", ""), image("", "a")),
    ] {
        let update = Short::parse(&format!("old: {old}\nobject: {new}")).payload;
        let verdict = judge(update.to_string().as_bytes());
        assert!(verdict.accepted || old != new, "{verdict:?}");
    }
    assert!(started.elapsed() < HUNG, "{:?}", started.elapsed());
}

/// Each may unpack to a thousand times its size, be a valid signature, or nearly one.
#[test]
fn what_is_attached_costs_no_more_than_the_number_and_size_allowed() {
    const D: &str = "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";
    const SIGNERS: &str = "signers: [{name: ed, openpgp: <generated/keys/ed.asc>}, {name: rsa, openpgp: <generated/keys/rsa.asc>}]";
    for (blob, count, first) in [
        (
            "json-big-spaces-64m",
            32,
            "signatures[0].content (signature `sha256:0205374946b5…@0`): the signature has 65675 bytes",
        ),
        ("json-big-optional-1m", 32, "signatures[0].content (signature `sha256:0205374946b5…@0`): "),
        ("raw-40x-compressed", 32, "signatures[0].content (signature `sha256:0205374946b5…@0`): "),
        ("json-deep-optional-9000", 32, "signatures[0].content (signature `sha256:0205374946b5…@0`): "),
        (
            "raw-tamper-mpi",
            32,
            "signatures[0].content (signature `sha256:0205374946b5…@0`): signer `rsa`: the signature does not match",
        ),
        (
            "pgp-rsa-sha256",
            1000,
            "signatures: 1000 signatures, but at most 32 per image (`limits.signaturesPerImage`)",
        ),
        ("json-big-spaces-64m", 30, "signatures[0].content (signature `sha256:0205374946b5…@0`): "),
    ] {
        let signature = |index: usize| {
            format!(
                "{{metadata: {{name: '{D}@{index}'}}, type: atomic, content: <generated/sigs/{blob}.sig>}}"
            )
        };
        let signatures: Vec<String> = (0..count).map(signature).collect();
        let short = Short::parse(&format!(
            "settings: {{{SIGNERS}}}\nobject: {{kind: Image, metadata: {{name: '{D}'}}, \
             dockerImageReference: 'registry.test/ns/app@{D}', signatures: [{}]}}",
            signatures.join(", ")
        ));
        let started = Instant::now();
        let verdict = judge(short.payload.to_string().as_bytes());
        assert!(started.elapsed() < HUNG, "{blob}: {:?}", started.elapsed());
        let message = verdict.message.unwrap_or_default();
        assert!(message.lines().any(|line| line.starts_with(first)), "{blob}: {message}");
    }
}

/// Nothing is compared with a pattern before its length is: `to.name` of 2.9 MB would take seconds.
#[test]
fn a_name_as_long_as_a_request_meets_no_pattern() {
    let settings = json!({
        "references": {
            "tagNames": "^(a|aa)*b$",
            "immutableTags": "(a|aa)*b",
            "sourceTags": {"allow": "(a|aa)*b", "deny": ["*a*a*a*b"]},
            "namespaces": ["*a*a*a*b"],
        },
        "rules": {"tag-name-invalid": "warn", "source-not-allowed": "off"},
    });
    let long = "a".repeat(2_900_000);
    let from = |kind: &str, name: &str| json!({"kind": kind, "name": name});
    let image = from("DockerImage", "quay.io/acme/app:v1");
    let of_a_stream = json!({"kind": "ImageStreamTag", "namespace": "other", "name": format!("web:{long}")});
    for (object, code) in [
        (
            json!({"kind": "ImageStreamImport", "spec": {"import": true, "images": [{"from": image, "to": {"name": long}}]}}),
            "tag-moved",
        ),
        (json!({"kind": "ImageStreamMapping", "tag": long, "image": {}}), "tag-moved"),
        (
            json!({"kind": "ImageStreamTag", "metadata": {"name": format!("web:{long}")}, "tag": {"name": long, "from": image}}),
            "tag-moved",
        ),
        (
            json!({"kind": "ImageStream", "spec": {"tags": [{"name": "v1", "from": of_a_stream}]}}),
            "source-tag-not-allowed",
        ),
        (json!({"kind": "ImageTag", "spec": {"name": "v1", "from": of_a_stream}}), "source-tag-not-allowed"),
        (
            json!({"kind": "ImageStream", "spec": {"tags": [{"name": "v1", "from": {"kind": "ImageStreamTag", "namespace": long, "name": "web:b"}}]}}),
            "source-namespace-not-allowed",
        ),
    ] {
        let mut payload = payload(&object);
        payload["settings"] = settings.clone();
        if let Some(name) = object["metadata"].get("name") {
            payload["request"]["name"] = name.clone();
        }
        let started = Instant::now();
        let verdict = judge(payload.to_string().as_bytes());
        assert!(started.elapsed() < HUNG, "{code}");
        let told = lines(&verdict);
        let line = told.iter().find(|line| line.ends_with(&format!("[{code}]")));
        assert!(!verdict.accepted && line.is_some_and(|line| line.contains(" bytes")), "{code}: {told:#?}");
    }
}
