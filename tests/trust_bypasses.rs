//! Ways around `trust` that a second reading found, each a request that must not pass.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may fail")]

mod common;
#[path = "common/pointing.rs"]
mod pointing;

use common::{Short, lines};
use pointing::*;
use serde_json::{Value, json};

const KEY: &str = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n";

/// What cannot be judged is denied too.
fn strict() -> Value {
    let mut settings = settings();
    settings["rules"] = json!({"image-unverified": "deny"});
    settings
}

/// The same, where nothing may be pulled from this project's part of the cluster's own registry.
fn without_own() -> Value {
    let mut settings = strict();
    settings["trust"]["scopes"][format!("{INTEGRATED}/shop")] = json!([{"type": "reject"}]);
    settings
}

/// The same as `strict`, where `quay.io/acme` needs a sigstore signature.
fn sigstore() -> Value {
    let mut settings = strict();
    settings["trust"]["scopes"]["quay.io/acme"] = json!([{"type": "sigstoreSigned", "publicKeys": [KEY]}]);
    settings
}

fn signed() -> Value {
    image(D, &["json-ok"])
}

fn unsigned() -> Value {
    image(E, &[])
}

fn local() -> Value {
    json!({"referencePolicy": {"type": "Local"}})
}

/// The stream `shop/web`, as `stream` makes it.
fn own(mut stream: Value) -> Value {
    stream["metadata"] = json!({"name": "web", "namespace": "shop"});
    stream
}

/// The codes that are told of a request that is denied.
#[track_caller]
fn denied(short: &Short) -> Vec<String> {
    let verdict = short.verdict();
    assert!(!verdict.accepted, "accepted: {:#?}", lines(&verdict));
    lines(&verdict).iter().map(|line| common::code_and_path(line).0).collect()
}

#[track_caller]
fn assert_denied(code: &str, settings: &Value, object: &Value, cluster: &Value) {
    let codes = denied(&judged(settings, object, cluster));
    assert!(codes.iter().any(|it| it == code), "{codes:?}: {object}");
}

#[track_caller]
fn assert_short_denied(code: &str, short: &Value) {
    let codes = denied(&Short::parse(&short.to_string()));
    assert!(codes.iter().any(|it| it == code), "{codes:?}: {short}");
}

#[test]
fn an_image_becomes_no_list_by_what_a_mapping_says_of_it() {
    let listed = json!([{"digest": D, "mediaType": "application/vnd.oci.image.manifest.v1+json", "manifestSize": 1, "architecture": "amd64", "os": "linux"}]);
    for pull_spec in [format!("{INTEGRATED}/shop/web@{E}"), format!("quay.io/me/x@{E}"), String::new()] {
        for annotations in [json!({}), json!({"image.openshift.io/manifestBlobStored": "true"})] {
            let image = json!({"metadata": {"name": E, "annotations": annotations}, "dockerImageReference": pull_spec, "dockerImageManifests": listed});
            let mapping = json!({"kind": "ImageStreamMapping", "metadata": {"name": "web"}, "tag": "tmp", "image": image});
            assert_denied("manifest-list-mismatch", &settings(), &mapping, &json!([signed()]));
        }
    }
    // Nor by what somebody wrote before.
    let mut forged = unsigned();
    forged["dockerImageManifests"] = listed;
    for object in tags(&json!({"kind": "DockerImage", "name": at(E)}), &json!({})) {
        assert_denied(UNTRUSTED, &settings(), &object, &json!([forged, signed()]));
    }
}

/// The server takes any of them, mostly the oldest.
#[test]
fn every_pull_spec_under_which_a_stream_has_an_image_must_be_trusted() {
    let mut settings = settings();
    settings["trust"]["scopes"]["evil.test"] = json!([{"type": "reject"}]);
    let (good, evil) = (at(D), format!("evil.test/x@{D}"));
    let from = json!({"kind": "ImageStreamImage", "namespace": "base", "name": format!("app@{D}")});
    for events in
        [vec![(D, &good), (D, &evil)], vec![(D, &evil), (D, &good)], vec![(D, &good), (E, &good), (D, &evil)]]
    {
        let events: Vec<(&str, &str)> = events.iter().map(|(image, spec)| (*image, spec.as_str())).collect();
        for object in tags(&from, &json!({})) {
            assert_denied(UNTRUSTED, &settings, &object, &json!([stream(&events), signed(), unsigned()]));
        }
    }
    for object in tags(&from, &json!({})) {
        let cluster = json!([stream(&[(D, &good), (D, &good)]), signed()]);
        assert_told("the same twice", &judged(&settings, &object, &cluster), &[]);
    }
}

#[test]
fn each_pull_spec_that_is_not_trusted_is_told_once() {
    let mut settings = settings();
    settings["trust"]["scopes"]["evil.test"] = json!([{"type": "reject"}]);
    let (good, evil, other) = (at(D), format!("evil.test/x@{D}"), format!("evil.test/y@{D}"));
    let events = stream(&[(D, &good), (D, &evil), (D, &other), (D, &evil)]);
    let from = json!({"kind": "ImageStreamImage", "namespace": "base", "name": format!("app@{D}")});
    for object in tags(&from, &json!({})) {
        let verdict = judged(&settings, &object, &json!([events, signed()])).verdict();
        for untrusted in [&evil, &other] {
            let told = lines(&verdict).iter().filter(|line| line.contains(untrusted)).count();
            assert_eq!(told, 1, "{untrusted}: {verdict:#?}");
        }
    }
}

#[test]
fn what_is_pulled_through_the_cluster_is_judged_without_a_digest_too() {
    for source in [format!("quay.io/x/y@{E}"), "quay.io/x/y:v1".to_owned(), "quay.io/x/y".to_owned()] {
        for object in tags(&json!({"kind": "DockerImage", "name": source}), &local()) {
            assert_denied(UNTRUSTED, &without_own(), &object, &json!([]));
        }
    }
    let mut repository = json!({"from": {"kind": "DockerImage", "name": "quay.io/x/y"}});
    repository["referencePolicy"] = local()["referencePolicy"].clone();
    let import = json!({"kind": "ImageStreamImport", "metadata": {"name": "web"}, "spec": {"import": true, "repository": repository}});
    assert_denied(UNTRUSTED, &without_own(), &import, &json!([]));
}

#[test]
fn a_tag_that_is_pulled_through_the_cluster_from_now_on_is_judged_by_what_it_shows() {
    let stored = own(stream(&[(E, &format!("quay.io/x/y@{E}"))]));
    let mut tag = local();
    tag["name"] = json!("v1");
    let old = json!({"kind": "ImageStream", "metadata": {"name": "web"}, "status": stored["status"]});
    let object = json!({"kind": "ImageStream", "metadata": {"name": "web"}, "spec": {"tags": [tag]}, "status": stored["status"]});
    assert_short_denied(
        UNTRUSTED,
        &json!({"settings": without_own(), "old": old, "object": object, "cluster": [stored]}),
    );
    for object in [
        json!({"kind": "ImageStreamTag", "metadata": {"name": "web:v1"}, "tag": tag}),
        json!({"kind": "ImageTag", "metadata": {"name": "web:v1"}, "spec": tag}),
    ] {
        assert_denied(UNTRUSTED, &without_own(), &object, &json!([stored]));
        assert_denied(UNAVAILABLE, &without_own(), &object, &json!(["forbidden"]));
        // It waits for a push.
        assert_told("nothing there", &judged(&without_own(), &object, &json!([])), &[]);
        assert_told("nothing asked", &judged(&strict(), &object, &json!(["never asked"])), &[]);
    }
}

/// The server keeps the stored tag's policy, and a tag may follow another one.
#[test]
fn a_stream_with_one_tag_that_is_pulled_through_the_cluster_is_so_for_all_of_them() {
    let mut stored = own(stream(&[]));
    stored["spec"] = json!({"tags": [{"name": "prod", "referencePolicy": {"type": "Local"}}]});
    let from = json!({"kind": "DockerImage", "name": format!("quay.io/x/y@{E}")});
    let mapping = json!({"kind": "ImageStreamMapping", "metadata": {"name": "web"}, "tag": "v1",
        "image": {"metadata": {"name": E}, "dockerImageReference": format!("quay.io/x/y@{E}")}});
    // An ImageStream shows all its tags, so the stored one is not asked for.
    for object in tags(&from, &json!({})).into_iter().skip(1).chain([mapping]) {
        assert_denied(UNTRUSTED, &without_own(), &object, &json!([stored]));
        assert_denied(UNAVAILABLE, &without_own(), &object, &json!(["forbidden"]));
        assert_told("no such stream", &judged(&without_own(), &object, &json!([])), &[]);
    }
    let two = json!({"kind": "ImageStream", "metadata": {"name": "web"}, "spec": {"tags": [
        {"name": "v1", "from": from},
        {"name": "prod", "from": {"kind": "ImageStreamTag", "name": "v1"}, "referencePolicy": {"type": "Local"}}]}});
    assert_denied(UNTRUSTED, &without_own(), &two, &json!([]));
}

#[test]
fn an_event_of_a_tag_that_is_pulled_through_the_cluster_is_judged_there() {
    let spec = json!({"tags": [{"name": "v1", "referencePolicy": {"type": "Local"}}]});
    let event = json!({"image": E, "dockerImageReference": format!("quay.io/x/y@{E}")});
    let old = json!({"kind": "ImageStream", "metadata": {"name": "web"}, "spec": spec});
    let mut object = old.clone();
    object["status"] = json!({"tags": [{"tag": "v1", "items": [event]}]});
    let short = json!({"settings": without_own(), "subresource": "status", "old": old, "object": object, "cluster": []});
    assert_short_denied(UNTRUSTED, &short);
}

#[test]
fn a_tag_that_follows_one_of_the_same_request_is_judged_by_what_that_one_becomes() {
    let mut settings = strict();
    settings["trust"]["scopes"][format!("{INTEGRATED}/shop")] = json!([{"type": "signedBy", "signers": ["acme"],
        "signedIdentity": {"type": "exactRepository", "dockerRepository": "registry.test/ns/app"}}]);
    let mut other = stream(&[(E, &format!("quay.io/x/y@{E}"))]);
    other["metadata"]["name"] = json!("other");
    let object = json!({"kind": "ImageStream", "metadata": {"name": "web"}, "spec": {"tags": [
        {"name": "v1", "from": {"kind": "ImageStreamTag", "namespace": "base", "name": "other:v1"}},
        {"name": "prod", "from": {"kind": "ImageStreamTag", "name": "v1"}, "referencePolicy": {"type": "Local"}}]}});
    let cluster = json!([own(stream(&[(D, &at(D))])), other, signed(), unsigned()]);
    assert_denied(UNTRUSTED, &settings, &object, &cluster);
}

#[test]
fn what_shows_one_image_and_pulls_another_is_refused_wherever_anything_is_asked() {
    let pulled = format!("quay.io/acme/app@{D}");
    let from = json!({"kind": "ImageStreamTag", "namespace": "base", "name": "app:v1"});
    let host = json!({"signed": pulled, "digest": D, "trusted": true});
    for more in [json!({}), local()] {
        for object in tags(&from, &more) {
            let cluster = json!([host, stream(&[(E, &pulled)]), unsigned()]);
            assert_denied(UNTRUSTED, &sigstore(), &object, &cluster);
        }
    }
    for object in tags(&from, &local()) {
        let cluster = json!([stream(&[(E, &format!("quay.io/x/y@{D}"))]), unsigned()]);
        assert_denied(UNTRUSTED, &without_own(), &object, &cluster);
    }
}

/// Also where the rule about pull specs only warns.
#[test]
fn a_mapping_is_judged_by_the_digest_that_consumers_pull() {
    let mapping = |image: &str, pull_spec: &str| {
        json!({"kind": "ImageStreamMapping", "metadata": {"name": "web"}, "tag": "v1",
               "image": {"metadata": {"name": image}, "dockerImageReference": pull_spec}})
    };
    let mut settings = strict();
    settings["rules"]["pull-spec-mismatch"] = json!("warn");
    settings["trust"]["scopes"]["registry.test"] =
        json!([{"type": "signedBy", "signers": ["acme"], "signedIdentity": {"type": "matchRepository"}}]);
    assert_denied(UNTRUSTED, &settings, &mapping(D, "registry.test/ns/app:anything"), &json!([signed()]));
    let pulled = format!("quay.io/acme/app@{D}");
    let mut settings = sigstore();
    settings["rules"]["pull-spec-mismatch"] = json!("warn");
    let host = json!([{"signed": pulled, "digest": D, "trusted": true}]);
    assert_denied(UNTRUSTED, &settings, &mapping(E, &pulled), &host);
}

#[test]
fn an_older_event_that_is_shown_again_is_judged() {
    let event = |digest: &str| json!({"image": digest, "dockerImageReference": at(digest), "generation": 1});
    let shown = |items: Value| json!({"kind": "ImageStream", "metadata": {"name": "web"}, "status": {"tags": [{"tag": "v1", "items": items}]}});
    let short = |old: Value, new: Value| json!({"settings": strict(), "subresource": "status", "old": shown(old), "object": shown(new), "cluster": [signed(), unsigned()]});
    assert_short_denied(UNTRUSTED, &short(json!([event(D), event(E)]), json!([event(E)])));
    // What the pruner does.
    let pruned = short(json!([event(D), event(E)]), json!([event(D)]));
    assert_told("the oldest goes", &Short::parse(&pruned.to_string()), &[]);
    let back = short(json!([event(E), event(D)]), json!([event(D)]));
    assert_told("a signed one comes back", &Short::parse(&back.to_string()), &[]);
}

/// Between the server's look at a stream and ours somebody may have changed it.
#[test]
fn what_the_server_has_resolved_already_is_judged_beside_what_is_there_now() {
    let tag = json!({"name": "v1", "from": {"kind": "ImageStreamTag", "namespace": "base", "name": "app:v1"}, "generation": 2});
    let object = |generation: i64| {
        json!({"kind": "ImageStream", "metadata": {"name": "web"}, "spec": {"tags": [tag]},
               "status": {"tags": [{"tag": "v1", "items": [{"image": E, "dockerImageReference": at(E), "generation": generation}]}]}})
    };
    let cluster = json!([stream(&[(D, &at(D)), (E, &at(E))]), signed(), unsigned()]);
    assert_denied(UNTRUSTED, &strict(), &object(2), &cluster);
    let update = |generation: i64| json!({"settings": strict(), "old": {"kind": "ImageStream", "metadata": {"name": "web"}}, "object": object(generation), "cluster": cluster});
    assert_short_denied(UNTRUSTED, &update(2));
    // What was there before this change says nothing about it.
    assert_told("an older event", &Short::parse(&update(1).to_string()), &[]);
}

#[test]
fn an_exemption_for_a_scope_lifts_nothing_about_another_pull_spec() {
    let mut settings = without_own();
    settings["exemptions"] = json!([{"reason": "x", "scopes": ["quay.io/acme"], "rules": [UNTRUSTED]}]);
    let from = json!({"kind": "DockerImage", "name": format!("quay.io/acme/y@{E}")});
    for object in tags(&from, &local()) {
        assert_denied(UNTRUSTED, &settings, &object, &json!([]));
    }
    let managed = json!({"name": E, "annotations": {"openshift.io/image.managed": "true"}});
    let mapping = json!({"kind": "ImageStreamMapping", "metadata": {"name": "web"}, "tag": "v1",
        "image": {"metadata": managed, "dockerImageReference": format!("quay.io/acme/y@{E}")}});
    assert_denied(UNTRUSTED, &settings, &mapping, &json!([]));
}

#[test]
fn a_finding_that_only_warns_hides_none_that_denies() {
    let mut settings = strict();
    settings["rules"][UNTRUSTED] = json!("warn");
    settings["trust"]["scopes"]["quay.io"] = json!([{"type": "reject"}]);
    settings["trust"]["scopes"][format!("{INTEGRATED}/shop")] =
        json!([{"type": "signedBy", "signers": ["acme"]}]);
    let from = json!({"kind": "DockerImage", "name": format!("quay.io/acme/y@{E}")});
    for object in tags(&from, &local()) {
        assert_denied(UNAVAILABLE, &settings, &object, &json!(["connection refused"]));
    }
}

#[test]
fn a_whole_repository_is_never_signed_whatever_digest_it_is_written_with() {
    let pulled = format!("quay.io/acme/app@{D}");
    let import = json!({"kind": "ImageStreamImport", "metadata": {"name": "web"}, "spec": {"import": true,
        "repository": {"from": {"kind": "DockerImage", "name": pulled}}}});
    let host = json!([{"signed": pulled, "digest": D, "trusted": true}]);
    assert_denied(UNVERIFIED, &sigstore(), &import, &host);
    let from = json!({"from": {"kind": "DockerImage", "name": at(D)}});
    for spec in [json!({"import": true, "repository": from}), json!({"dockerImageRepository": at(D)})] {
        let kind = if spec["import"].is_null() { "ImageStream" } else { "ImageStreamImport" };
        let object = json!({"kind": kind, "metadata": {"name": "web"}, "spec": spec});
        assert_denied(UNVERIFIED, &strict(), &object, &json!([signed()]));
        let told = lines(&judged(&strict(), &object, &json!([signed()])).verdict());
        assert!(
            told.iter().any(|line| line.contains("cannot be checked for a whole repository")),
            "{told:?}"
        );
    }
}

#[test]
fn the_limits_hide_no_offence_behind_them() {
    let mut settings = strict();
    settings["limits"] = json!({"signaturesPerImage": 100});
    let many = ["json-ok"; 60];
    let tag =
        |digest: &str, name: &str| json!({"name": name, "from": {"kind": "DockerImage", "name": at(digest)}});
    let object = json!({"kind": "ImageStream", "metadata": {"name": "web"}, "spec": {"tags": [tag(D, "a"), tag(L, "b"), tag(E, "c")]}});
    assert_denied(UNTRUSTED, &settings, &object, &json!([image(D, &many), image(L, &many), unsigned()]));
    // What takes longer than one request may counts for nothing.
    settings["limits"] = json!({"signaturesPerImage": 500});
    let key = json!({"name": "p256", "openpgp": "<generated/keys/p256.asc>"});
    settings["signers"].as_array_mut().unwrap().push(key);
    let object = json!({"kind": "ImageStream", "metadata": {"name": "web"}, "spec": {"tags": [tag(E, "a"), tag(D, "b"), tag(L, "c")]}});
    for (before, is_signed) in [(399, true), (400, false)] {
        let others = vec!["pgp-p256"; before];
        let cluster = json!([image(E, &others), image(D, &["json-ok"]), image(L, &["pgp-p256"])]);
        let told = lines(&judged(&settings, &object, &cluster).verdict());
        let spent = "not checked: the signatures before it take the time of one request";
        assert!(told.iter().any(|line| line.contains(L) && line.contains(spent)), "{told:#?}");
        assert_eq!(!told.iter().any(|line| line.contains(D)), is_signed, "{before}: {told:#?}");
    }
    let mut tags: Vec<Value> = (0..1000)
        .map(|n| json!({"name": format!("v{n}"), "from": {"kind": "ImageStreamTag", "namespace": "base", "name": format!("s{n}:v1")}}))
        .collect();
    tags.push(json!({"name": "zz", "from": {"kind": "DockerImage", "name": at(E)}}));
    let object = json!({"kind": "ImageStream", "metadata": {"name": "web"}, "spec": {"tags": tags}});
    assert!(!judged(&self::settings(), &object, &json!([unsigned()])).verdict().accepted);
    // Nor is it for the host to blame that one request asks for too much.
    let mut settings = self::settings();
    settings["rules"] = json!({"host-unavailable": "off", "image-unverified": "off"});
    assert_denied(UNTRUSTED, &settings, &object, &json!([unsigned()]));
}

#[test]
fn other_spellings_of_the_same_image_are_no_other_image() {
    let hex = E.trim_start_matches("sha256:");
    for name in [
        format!("registry.test/ns/app@sha256:{}", hex.to_uppercase()),
        format!("registry.test/ns/app@SHA256:{hex}"),
        format!("REGISTRY.test/ns/app@{E}"),
        format!("registry.test:443/ns/app@{E}"),
        format!("registry.test:0443/ns/app:v1@{E}"),
        format!("registry.test./ns/app@{E}"),
    ] {
        for object in tags(&json!({"kind": "DockerImage", "name": name}), &json!({})) {
            denied(&judged(&settings(), &object, &json!([signed(), unsigned()])));
        }
    }
    for (kind, name) in [
        ("dockerimage", at(E)),
        ("imagestreamtag", "app:v1".to_owned()),
        ("ImageStreamTag", "app:".to_owned()),
        ("ImageStreamTag", ":v1".to_owned()),
        ("ImageStreamImage", "app@".to_owned()),
        ("ImageStreamImage", "app@sha256".to_owned()),
        ("ImageStreamImage", "app@sha256:".to_owned()),
    ] {
        for object in tags(&json!({"kind": kind, "name": name, "namespace": "base"}), &json!({})) {
            let cluster = json!([stream(&[(E, &at(E))]), signed(), unsigned()]);
            denied(&judged(&settings(), &object, &cluster));
        }
    }
}

#[test]
fn the_platform_is_not_spared() {
    let from = json!({"kind": "DockerImage", "name": at(E)});
    for (user, object) in [
        (
            "system:serviceaccount:openshift-infra:image-import-controller",
            json!({"kind": "ImageStreamImport", "metadata": {"name": "web"}, "spec": {"import": true, "images": [{"from": from, "to": {"name": "v1"}}]}}),
        ),
        (
            "system:serviceaccount:openshift-image-registry:registry",
            json!({"kind": "ImageStreamMapping", "metadata": {"name": "web"}, "tag": "v1", "image": {"metadata": {"name": E}, "dockerImageReference": at(E)}}),
        ),
    ] {
        let short = json!({"settings": settings(), "user": user, "object": object, "cluster": [unsigned()]});
        assert_short_denied(UNTRUSTED, &short);
    }
}

/// `acme` must have signed what is pulled from this project's part of the cluster's own registry.
fn own_signed() -> Value {
    let mut settings = strict();
    settings["trust"]["scopes"] = json!({format!("{INTEGRATED}/shop"): [{"type": "signedBy", "signers": ["acme"],
        "signedIdentity": {"type": "exactRepository", "dockerRepository": "registry.test/ns/app"}}]});
    settings
}

/// `shop/web`, whose tag `v1` shows an image, with what the spec says of the tag.
fn showing(digest: &str, tag: Option<Value>) -> Value {
    let mut stored = own(stream(&[(digest, &format!("free.test/x@{digest}"))]));
    stored["spec"] = json!({"tags": tag.into_iter().collect::<Vec<_>>()});
    stored
}

fn spec_tag(from: &Value, policy: &str) -> Value {
    let mut tag = json!({"name": "v1", "generation": 1, "importPolicy": {"importMode": "Legacy"}, "referencePolicy": {"type": policy}});
    if !from.is_null() {
        tag["from"] = from.clone();
    }
    tag
}

/// Updates that turn the tag `v1` of a stored stream into another, through each kind.
fn updates(stored: &Value, old: &Value, new: &Value) -> Vec<Value> {
    let items = stored["status"]["tags"][0]["items"].clone();
    let shown = json!({"metadata": {"name": items[0]["image"]}, "dockerImageReference": items[0]["dockerImageReference"]});
    let status = json!({"tag": "v1", "items": items});
    let istag = |tag: &Value| json!({"kind": "ImageStreamTag", "metadata": {"name": "web:v1"}, "tag": tag, "image": shown});
    let itag = |tag: &Value| json!({"kind": "ImageTag", "metadata": {"name": "web:v1"}, "spec": tag, "status": status});
    let stream = |tag: &Value| {
        let tags = if tag.is_null() { json!([]) } else { json!([tag]) };
        json!({"kind": "ImageStream", "metadata": {"name": "web"}, "spec": {"tags": tags}, "status": {"tags": [status]}})
    };
    vec![
        json!({"old": stream(old), "object": stream(new)}),
        json!({"old": istag(old), "object": istag(new)}),
        json!({"old": itag(old), "object": itag(new)}),
    ]
}

#[track_caller]
fn assert_updates(settings: &Value, updates: Vec<Value>, cluster: &Value, code: Option<&str>) {
    for mut short in updates {
        short["settings"] = settings.clone();
        short["cluster"] = cluster.clone();
        match code {
            Some(code) => assert_short_denied(code, &short),
            None => assert_told(&short.to_string(), &Short::parse(&short.to_string()), &[]),
        }
    }
}

/// Until an import succeeds, which may be never, the tag shows what it showed.
#[test]
fn what_a_tag_shows_already_is_judged_when_it_comes_to_be_pulled_through_the_cluster() {
    let pinned = |registry: &str| json!({"kind": "DockerImage", "name": format!("{registry}/x@{D}")});
    let of_stream = json!({"kind": "ImageStreamTag", "name": "app:v1"});
    let of_image = json!({"kind": "ImageStreamImage", "name": format!("app@{D}")});
    let app = |digest: &str| {
        let mut app = stream(&[(digest, &format!("free.test/x@{digest}"))]);
        app["metadata"] = json!({"name": "app", "namespace": "shop"});
        app
    };
    for (from, is_looked_up_again) in [
        (pinned("nowhere.invalid"), false),
        (pinned("free.test"), false),
        (of_stream, true),
        (of_image, true),
    ] {
        let old = spec_tag(&from, "Source");
        let new = spec_tag(&from, "Local");
        // The policy alone changes: nothing is looked up again.
        for (digest, code) in [(E, Some(UNTRUSTED)), (D, None)] {
            let stored = showing(digest, Some(old.clone()));
            let cluster = json!([stored, app(D), signed(), unsigned()]);
            assert_updates(&own_signed(), updates(&stored, &old, &new), &cluster, code);
        }
        // The tag is new, and its history is not.
        let stored = showing(E, None);
        let cluster = json!([stored, app(D), signed(), unsigned()]);
        let by_stream = updates(&stored, &Value::Null, &new).into_iter().take(1).collect();
        assert_updates(&own_signed(), by_stream, &cluster, Some(UNTRUSTED));
        for object in tags(&from, &local()).into_iter().skip(1) {
            let code = if is_looked_up_again { None } else { Some(UNTRUSTED) };
            assert_updates(&own_signed(), vec![json!({"object": object})], &cluster, code);
        }
        // It was `Local` before, and gets another source.
        let moved = spec_tag(&pinned("other.test"), "Local");
        let stored = showing(E, Some(new.clone()));
        let cluster = json!([stored, app(D), signed(), unsigned()]);
        assert_updates(&own_signed(), updates(&stored, &new, &moved), &cluster, Some(UNTRUSTED));
        // What is no change of source or policy is none of what is shown.
        let mut annotated = new.clone();
        annotated["annotations"] = json!({"a": "b"});
        assert_updates(&own_signed(), updates(&stored, &new, &annotated), &cluster, None);
        // Nothing is required of what is pulled from its source.
        let stored = showing(E, Some(new.clone()));
        assert_updates(
            &own_signed(),
            updates(&stored, &new, &old),
            &json!([app(D), signed(), unsigned()]),
            None,
        );
    }
}

#[test]
fn what_a_tag_shows_already_cannot_stay_unseen() {
    let from = json!({"kind": "DockerImage", "name": format!("nowhere.invalid/x@{D}")});
    let (old, new) = (spec_tag(&from, "Source"), spec_tag(&from, "Local"));
    let stored = showing(E, Some(old.clone()));
    // A stream shows its status itself, the others are looked up.
    let others = updates(&stored, &old, &new).split_off(1);
    assert_updates(&own_signed(), others, &json!(["forbidden"]), Some(UNAVAILABLE));
    // An unsigned image that the cluster lost is none that is signed.
    let cluster = json!([stored, signed()]);
    assert_updates(&own_signed(), updates(&stored, &old, &new), &cluster, Some(UNVERIFIED));
    // A kind is no name: the server looks up nothing anew where only it differs.
    let tag = |kind: &str, policy: &str| spec_tag(&json!({"kind": kind, "name": "app:v1"}), policy);
    let mut app = stream(&[(D, &format!("free.test/x@{D}"))]);
    app["metadata"] = json!({"name": "app", "namespace": "shop"});
    for was in ["Source", "Local"] {
        let (old, new) = (tag("DockerImage", was), tag("ImageStreamTag", "Local"));
        let stored = showing(E, Some(old.clone()));
        let cluster = json!([stored, app, signed(), unsigned()]);
        assert_updates(&own_signed(), updates(&stored, &old, &new), &cluster, Some(UNTRUSTED));
    }
    // Another tag's policy is not this one's: it is pulled from its source as before.
    let mut other = new.clone();
    other["name"] = json!("v2");
    let mut both = updates(&stored, &old, &old).swap_remove(0);
    both["object"]["spec"]["tags"] = json!([old, other]);
    assert_updates(&own_signed(), vec![both], &json!([stored, signed(), unsigned()]), None);
}

#[test]
fn an_import_gives_no_policy_to_a_tag_that_shows_what_is_unsigned() {
    let from = json!({"kind": "DockerImage", "name": format!("nowhere.invalid/x@{D}")});
    let import = |policy: &str, does_import: bool| {
        json!({"object": {"kind": "ImageStreamImport", "metadata": {"name": "web"}, "spec": {"import": does_import, "images": [
            {"from": from, "to": {"name": "v1"}, "referencePolicy": {"type": policy}}]}}})
    };
    let whole = |policy: &str| {
        json!({"object": {"kind": "ImageStreamImport", "metadata": {"name": "web"}, "spec": {"import": true,
            "repository": {"from": {"kind": "DockerImage", "name": "nowhere.invalid/x"}, "referencePolicy": {"type": policy}}}}})
    };
    let mut lenient = own_signed();
    lenient["rules"] = json!({});
    for (what, digest, tag, short, settings, code) in [
        ("no tag in the spec", E, None, import("Local", true), own_signed(), Some(UNTRUSTED)),
        ("a signed image", D, None, import("Local", true), own_signed(), None),
        ("only a look", E, None, import("Local", false), own_signed(), None),
        ("from its source", E, None, import("Source", true), own_signed(), None),
        // The server keeps the policy of a tag that there is.
        ("a tag in the spec", E, Some("Source"), import("Local", true), own_signed(), None),
        ("of a whole repository", E, None, whole("Local"), lenient.clone(), Some(UNTRUSTED)),
    ] {
        let stored = showing(digest, tag.map(|policy| spec_tag(&from, policy)));
        let cluster = json!([stored, signed(), unsigned()]);
        eprintln!("{what}");
        assert_updates(&settings, vec![short], &cluster, code);
    }
    assert_updates(&own_signed(), vec![import("Local", true)], &json!(["forbidden"]), Some(UNAVAILABLE));
}

/// The server stores no signature that a mapping brings, and nobody imports the image later.
#[test]
fn an_image_that_a_mapping_brings_has_no_signatures() {
    let mut own_repository = settings();
    own_repository["trust"]["scopes"][format!("{INTEGRATED}/shop")] =
        json!([{"type": "signedBy", "signers": ["acme"]}]);
    let mapping = |image: Value| json!({"kind": "ImageStreamMapping", "metadata": {"name": "web"}, "tag": "v1", "image": image});
    let brought = image(D, &["json-ok"]);
    let bare = json!({"metadata": {"name": D}, "dockerImageReference": at(D)});
    let mut pushed = bare.clone();
    pushed["dockerImageReference"] = json!(format!("{INTEGRATED}/shop/web@{D}"));
    let mut managed = pushed.clone();
    managed["metadata"]["annotations"] = json!({"openshift.io/image.managed": "true"});
    let mut unnamed = bare.clone();
    unnamed["dockerImageReference"] = json!("");
    for image in [brought, bare, pushed, managed, unnamed] {
        for cluster in [json!([]), json!([unsigned()]), json!(["not granted"])] {
            assert_denied(UNTRUSTED, &own_repository, &mapping(image.clone()), &cluster);
        }
    }
    // Whoever calls themselves the registry elsewhere is not.
    for user in [
        "registry",
        "system:serviceaccount:shop:registry",
        "system:serviceaccount:openshift-image-registry:pruner",
    ] {
        let object = mapping(json!({"metadata": {"name": D}, "dockerImageReference": at(D)}));
        let short = json!({"settings": settings(), "user": user, "object": object, "cluster": []});
        assert_short_denied(UNTRUSTED, &short);
    }
}

/// The server drops the tag of a source that has a digest.
#[test]
fn a_tag_beside_a_digest_takes_nothing_from_a_signature_and_gives_it_nothing() {
    for (name, identity, code) in [
        (format!("registry.test/ns/app:v1@{D}"), "matchRepoDigestOrExact", None),
        (format!("registry.test/ns/app:v9@{D}"), "matchRepoDigestOrExact", None),
        (format!("registry.test/ns/app:v9@{D}"), "matchRepository", None),
        (format!("REGISTRY.test:443/ns/app:v9@{D}"), "matchRepoDigestOrExact", None),
        // By digest alone, the signed tag is never exactly the image.
        (format!("registry.test/ns/app:v1@{D}"), "matchExact", Some(UNTRUSTED)),
        (format!("registry.test/ns/app:v1@{E}"), "matchRepoDigestOrExact", Some(UNTRUSTED)),
        (format!("registry.test/ns/other:v1@{D}"), "matchRepoDigestOrExact", Some(UNTRUSTED)),
        (format!("registry.test/ns/other:v1@{D}"), "matchRepository", Some(UNTRUSTED)),
    ] {
        let mut settings = strict();
        settings["trust"]["scopes"]["registry.test"] =
            json!([{"type": "signedBy", "signers": ["acme"], "signedIdentity": {"type": identity}}]);
        for object in tags(&json!({"kind": "DockerImage", "name": name}), &json!({})) {
            assert_updates(&settings, vec![json!({"object": object})], &json!([signed(), unsigned()]), code);
        }
    }
}

/// Whatever is made of `reference-unparsable`.
#[test]
fn what_cannot_be_parsed_is_never_trusted() {
    let mut rejecting = strict();
    rejecting["trust"] = json!({"default": [{"type": "reject"}]});
    for (settings, source, is_free) in [
        (settings(), format!("registry.test/NS/app@{E}"), false),
        (settings(), "registry.test/ns/App:v1".to_owned(), false),
        (settings(), "my.app:1.0".to_owned(), false),
        (settings(), format!("registry.test/ns/app@md5:{}", "0".repeat(32)), false),
        (settings(), format!("quay.io/NS/app@{E}"), true),
        (rejecting, format!("quay.io/NS/app@{E}"), false),
    ] {
        for level in ["deny", "warn", "off"] {
            let mut settings = settings.clone();
            settings["rules"] = json!({"reference-unparsable": level});
            let mut objects = tags(&json!({"kind": "DockerImage", "name": source}), &json!({}));
            objects.push(json!({"kind": "ImageStreamMapping", "metadata": {"name": "web"}, "tag": "v1",
                "image": {"metadata": {"name": E}, "dockerImageReference": source}}));
            for object in objects {
                let told = lines(&judged(&settings, &object, &json!([signed(), unsigned()])).verdict());
                let is_told = told.iter().any(|line| line.ends_with(&format!("[{UNTRUSTED}]")));
                assert_eq!(is_told, !is_free, "{level}: {object}: {told:#?}");
            }
        }
    }
    // Nor where it is pulled through the cluster, which asks for something.
    let mut settings = own_signed();
    settings["rules"] = json!({"reference-unparsable": "off"});
    for object in tags(&json!({"kind": "DockerImage", "name": format!("quay.io/NS/app@{E}")}), &local()) {
        assert_denied(UNTRUSTED, &settings, &object, &json!([signed(), unsigned()]));
    }
    // And neither by an exemption.
    let mut settings = strict();
    settings["exemptions"] = json!([{"reason": "x", "users": ["*"], "rules": ["reference-unparsable"]}]);
    for object in tags(&json!({"kind": "DockerImage", "name": "registry.test/NS/app:v1"}), &json!({})) {
        assert_denied(UNTRUSTED, &settings, &object, &json!([]));
    }
}

#[test]
fn what_is_rejected_is_told_once() {
    let mut settings = settings();
    settings["trust"]["scopes"]["registry.test"] =
        json!([{"type": "signedBy", "signers": ["acme"]}, {"type": "reject"}]);
    for object in tags(&json!({"kind": "DockerImage", "name": at(E)}), &json!({})) {
        let told = lines(&judged(&settings, &object, &json!([unsigned()])).verdict());
        assert_eq!(told.len(), 1, "{told:#?}");
        assert!(told.iter().all(|line| line.contains("is rejected by")), "{told:#?}");
    }
}
