//! Trust at the moment when something points at an image: what the cluster has decides.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;
#[path = "common/pointing.rs"]
mod pointing;

use common::{Short, code_and_path, lines};
use openshift_image_trust::digest_like;
use pointing::*;
use serde_json::{Value, json};

const INCONSISTENT: &str = "tag-event-inconsistent";

#[track_caller]
fn assert_tags(what: &str, from: &Value, more: &Value, cluster: &Value, expected: &[&str]) {
    for object in tags(from, more) {
        assert_told(&format!("{what}: {object}"), &judged(&settings(), &object, cluster), expected);
    }
}

#[test]
fn the_audit_log_says_who_signed_what_is_pointed_at() {
    let from = json!({"kind": "DockerImage", "name": at(D)});
    for (what, cluster, signer) in [
        ("signed", json!([image(D, &["json-ok"])]), Some("acme")),
        ("by another signer", json!([image(D, &["pgp-rsa-sha256"])]), Some("build")),
        ("for another image", json!([image(D, &["json-bad-digest-other"])]), None),
        ("unsigned", json!([image(D, &[])]), None),
        ("not there", json!([]), None),
    ] {
        for object in tags(&from, &json!({})) {
            let verdict = judged(&settings(), &object, &cluster).verdict();
            let noted = verdict.audit_annotations.get("signers").map(|it| it.split(' ').next().unwrap());
            assert_eq!(noted, signer, "{what}: {object}");
        }
    }
}

#[test]
fn an_image_by_digest_is_judged_by_what_the_cluster_has_of_it() {
    let from = json!({"kind": "DockerImage", "name": at(D)});
    let trusted = json!({"type": "Trusted", "status": "True"});
    let mut claimed = image(D, &["pgp-rsa-sha256"]);
    claimed["signatures"][0]["conditions"] = json!([trusted]);
    for (what, cluster, expected) in [
        ("signed", json!([image(D, &["json-ok"])]), &[][..]),
        ("signed, beside others", json!([image(D, &["raw-random", "pgp-rsa-sha256", "json-ok"])]), &[]),
        ("unsigned", json!([image(D, &[])]), &[UNTRUSTED]),
        ("by another", json!([image(D, &["pgp-rsa-sha256"])]), &[UNTRUSTED]),
        ("called trusted", json!([claimed]), &[UNTRUSTED]),
        ("for another image", json!([image(D, &["json-bad-digest-other"])]), &[UNTRUSTED]),
        ("for another name", json!([image(D, &["json-ok-hub-legacy"])]), &[UNTRUSTED]),
        ("not there", json!([]), &[UNVERIFIED]),
        ("no answer", json!(["connection refused"]), &[UNAVAILABLE]),
        ("another image there", json!([image(E, &["json-ok"])]), &[UNVERIFIED]),
    ] {
        assert_tags(what, &from, &json!({}), &cluster, expected);
    }
    let elsewhere = json!({"kind": "DockerImage", "name": format!("quay.io/x/y@{D}")});
    assert_tags("nothing asked", &elsewhere, &json!({}), &json!(["never asked"]), &[]);
    let tag = json!({"kind": "DockerImage", "name": "registry.test/ns/app:v1"});
    assert_tags("by tag", &tag, &json!({}), &json!([image(D, &["json-ok"])]), &[UNVERIFIED]);
    let written = ["untracked-reference", UNVERIFIED];
    let reference = json!({"reference": true});
    for object in tags(&tag, &reference) {
        let short = judged(&settings(), &object, &json!([image(D, &["json-ok"])]));
        let verdict = short.verdict();
        let told = lines(&verdict);
        assert!(verdict.accepted, "{told:?}");
        for code in written {
            assert!(told.iter().any(|line| line.ends_with(&format!("[{code}]"))), "{code}: {told:?}");
        }
        assert!(
            told.iter().any(|line| line
                .contains("a `reference: true` tag is never imported; use `registry.test/ns/app@sha256:…`")),
            "{told:?}"
        );
    }
}

#[test]
fn a_stream_tag_is_judged_by_its_newest_event() {
    let from = json!({"kind": "ImageStreamTag", "namespace": "base", "name": "app:v1"});
    let (signed, unsigned) = (image(D, &["json-ok"]), image(E, &[]));
    for (what, events, expected) in [
        ("signed", &[(D, at(D))][..], &[][..]),
        ("signed before", &[(E, at(E)), (D, at(D))], &[UNTRUSTED]),
        ("signed since", &[(D, at(D)), (E, at(E))], &[]),
        ("nothing in the tag", &[], &[UNVERIFIED]),
        // What is shown and what is pulled are two things.
        ("pulls another digest", &[(D, at(E))], &[UNTRUSTED, INCONSISTENT]),
        ("pulls by tag", &[(D, "registry.test/ns/app:v1".to_owned())], &[UNTRUSTED, INCONSISTENT]),
        ("pulls what is no pull spec", &[(D, "quay.io".to_owned())], &[UNTRUSTED, INCONSISTENT]),
        ("only written down", &[("", "registry.test/ns/app:v1".to_owned())], &[UNVERIFIED]),
        ("only written down, by digest", &[("", at(D))], &[]),
        ("only written down, by digest, unsigned", &[("", at(E))], &[UNTRUSTED]),
        ("from where nothing is asked", &[(E, format!("quay.io/x/y@{E}"))], &[]),
    ] {
        let events: Vec<(&str, &str)> = events.iter().map(|(image, spec)| (*image, spec.as_str())).collect();
        let cluster = json!([stream(&events), signed, unsigned]);
        assert_tags(what, &from, &json!({}), &cluster, expected);
    }
    assert_tags("no such stream", &from, &json!({}), &json!([signed]), &[UNVERIFIED]);
    assert_tags("no answer", &from, &json!({}), &json!(["forbidden"]), &[UNAVAILABLE]);
}

#[test]
fn a_tag_of_the_same_stream_is_found_in_what_is_stored() {
    let own = |digest: &str| {
        let mut own = stream(&[(digest, &at(digest))]);
        own["metadata"] = json!({"name": "web", "namespace": "shop"});
        own
    };
    let from = json!({"kind": "ImageStreamTag", "name": "v1"});
    for (digest, expected) in [(D, &[][..]), (E, &[UNTRUSTED])] {
        let cluster = json!([own(digest), image(D, &["json-ok"]), image(E, &[])]);
        for object in tags(&from, &json!({})) {
            assert_told(&object.to_string(), &judged(&settings(), &object, &cluster), expected);
        }
    }
}

#[test]
fn an_image_of_a_stream_is_found_by_its_digest_or_the_beginning_of_one() {
    let history = stream(&[(E, &at(E)), (D, &at(D)), (L, &at(L)), (D, &at(D))]);
    let cluster = json!([history, image(D, &["json-ok"]), image(E, &[]), image(L, &[])]);
    let hex = D.trim_start_matches("sha256:");
    for (id, expected) in [
        (D, &[][..]),
        (hex, &[]),
        (hex.split_at(20).0, &[]),
        (E, &[UNTRUSTED]),
        // The beginning of two.
        (hex.split_at(12).0, &[UNTRUSTED]),
        ("ffff", &[UNVERIFIED]),
    ] {
        let from = json!({"kind": "ImageStreamImage", "namespace": "base", "name": format!("app@{id}")});
        assert_tags(id, &from, &json!({}), &cluster, expected);
    }
    // The beginning of two is refused where each of them would do.
    let both = json!([stream(&[(D, &format!("quay.io/x/y@{D}")), (L, &format!("quay.io/x/y@{L}"))])]);
    for (id, expected) in [(D, &[][..]), (hex.split_at(12).0, &[UNTRUSTED])] {
        let from = json!({"kind": "ImageStreamImage", "namespace": "base", "name": format!("app@{id}")});
        assert_tags(id, &from, &json!({}), &both, expected);
    }
}

/// The server does not resolve again when only the kind changes; we do.
#[test]
fn a_tag_that_changes_its_kind_alone_is_judged() {
    let tag = |kind: &str| json!({"kind": "ImageStream", "metadata": {"name": "web"}, "spec": {"tags": [{"name": "v1", "from": {"kind": kind, "name": "app:v1", "namespace": "base"}}]}});
    let cluster = json!([stream(&[(E, &at(E))]), image(E, &[])]);
    let short = json!({"settings": settings(), "old": tag("DockerImage"), "object": tag("ImageStreamTag"), "cluster": cluster});
    assert_told("kind", &Short::parse(&short.to_string()), &[UNTRUSTED]);
}

#[test]
fn what_consumers_pull_through_the_cluster_must_be_trusted_too() {
    let mut settings = settings();
    settings["trust"]["scopes"][format!("{INTEGRATED}/shop")] = json!([{"type": "reject"}]);
    let cluster = json!([stream(&[(D, &format!("{INTEGRATED}/base/app@{D}"))]), image(D, &["json-ok"]),]);
    let docker = json!({"kind": "DockerImage", "name": at(D)});
    let integrated = json!({"kind": "DockerImage", "name": format!("{INTEGRATED}/base/app@{D}")});
    let copied = json!({"kind": "ImageStreamTag", "namespace": "base", "name": "app:v1"});
    let local = json!({"referencePolicy": {"type": "Local"}});
    let source = json!({"referencePolicy": {"type": "Source"}});
    for (from, more, expected) in [
        (&docker, json!({}), &[][..]),
        (&docker, source, &[]),
        (&docker, local.clone(), &[UNTRUSTED]),
        // What is named by its pull spec is pulled by it.
        (&integrated, json!({}), &[]),
        // The server writes this stream's own repository.
        (&copied, json!({}), &[UNTRUSTED]),
        (&copied, local, &[UNTRUSTED]),
    ] {
        for object in tags(from, &more) {
            let what = format!("{object}");
            assert_told(&what, &judged(&settings, &object, &cluster), expected);
        }
    }
    // Whatever a whole repository brings is pulled through the cluster if one tag of the stream is.
    for (policy, refused) in [("Local", true), ("Source", false)] {
        let stream = json!({"kind": "ImageStream", "spec": {
            "dockerImageRepository": "registry.test/base/app",
            "tags": [{"name": "v1", "referencePolicy": {"type": policy}}],
        }});
        let lines = lines(&judged(&settings, &stream, &json!([])).verdict());
        let is_refused = lines.iter().any(|line| {
            code_and_path(line) == (UNTRUSTED.to_owned(), "spec.dockerImageRepository".to_owned())
        });
        assert_eq!(is_refused, refused, "{lines:?}");
    }
}

#[test]
fn a_mapping_is_judged_by_the_stored_image() {
    let mapping = |pull_spec: &str| {
        json!({"kind": "ImageStreamMapping", "metadata": {"name": "web"}, "tag": "v1",
               "image": {"metadata": {"name": D}, "dockerImageReference": pull_spec}})
    };
    for (what, cluster, expected) in [
        ("signed", json!([image(D, &["json-ok"])]), &[][..]),
        ("unsigned", json!([image(D, &[])]), &[UNTRUSTED]),
        // The server stores what a mapping brings without signatures.
        ("new", json!([]), &[UNTRUSTED]),
        ("another is there", json!([image(E, &["json-ok"])]), &[UNTRUSTED]),
        ("no answer", json!(["timeout"]), &[UNTRUSTED]),
    ] {
        assert_told(what, &judged(&settings(), &mapping(&at(D)), &cluster), expected);
    }
    // The integrated registry's pushes are signed later.
    let registry = "system:serviceaccount:openshift-image-registry:registry";
    for (what, cluster, more, expected) in [
        ("signed", json!([image(D, &["json-ok"])]), json!({}), &[][..]),
        ("unsigned", json!([image(D, &[])]), json!({}), &[UNTRUSTED]),
        ("new", json!([]), json!({}), &[UNVERIFIED]),
        ("no answer", json!(["timeout"]), json!({}), &[UNAVAILABLE]),
        ("new, and no writer is spared", json!([]), json!({"platformExemptions": false}), &[UNTRUSTED]),
    ] {
        let mut settings = settings();
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let short =
            json!({"settings": settings, "user": registry, "object": mapping(&at(D)), "cluster": cluster});
        assert_told(&format!("a push, {what}"), &Short::parse(&short.to_string()), expected);
    }
    let mut nameless = mapping(&at(D));
    nameless["image"]["metadata"]["name"] = json!("");
    let told = lines(&judged(&settings(), &nameless, &json!([image(D, &["json-ok"])])).verdict());
    assert!(told.iter().any(|line| line.contains("the image has no name")), "{told:?}");
    // Nothing is asked of the integrated registry, but the cluster keeps what it has from elsewhere.
    let own = format!("{INTEGRATED}/shop/web@{D}");
    let mut pushed = image(D, &[]);
    pushed["dockerImageReference"] = json!(own);
    for pull_spec in [own.as_str(), ""] {
        for (what, cluster, expected) in [
            ("pushed", json!([pushed]), &[][..]),
            ("new", json!([]), &[]),
            ("signed", json!([image(D, &["json-ok"])]), &[]),
            ("unsigned", json!([image(D, &[])]), &[UNTRUSTED]),
            ("no answer", json!(["timeout"]), &[UNAVAILABLE]),
        ] {
            assert_told(what, &judged(&settings(), &mapping(pull_spec), &cluster), expected);
        }
    }
    let mut rejecting = settings();
    rejecting["trust"]["scopes"][format!("{INTEGRATED}/shop")] = json!([{"type": "reject"}]);
    for pull_spec in [own.as_str(), ""] {
        assert_told("a push", &judged(&rejecting, &mapping(pull_spec), &json!([])), &[UNTRUSTED]);
    }
    // The server records the stream's own repository for what is called a push and is there already.
    let elsewhere = mapping(&format!("quay.io/x/y@{D}"));
    assert_told("a mapping", &judged(&rejecting, &elsewhere, &json!([])), &[]);
    let mut managed = elsewhere;
    managed["image"]["metadata"]["annotations"] = json!({"openshift.io/image.managed": "true"});
    assert_told("a managed mapping", &judged(&rejecting, &managed, &json!([])), &[UNTRUSTED]);
    // The tag is named where there is no image to name.
    rejecting["trust"]["scopes"][format!("{INTEGRATED}/shop")] =
        json!([{"type": "signedBy", "signers": ["acme"]}]);
    for (tag, image, path, named) in [
        ("v1", Value::Null, "image", "shop/web:v1"),
        ("v1", json!({}), "image.dockerImageReference", "shop/web:v1"),
        ("", Value::Null, "image", "\"\""),
    ] {
        let nameless =
            json!({"kind": "ImageStreamMapping", "metadata": {"name": "web"}, "tag": tag, "image": image});
        let line = format!(
            "{path}: `{named}` must be signed (`trust`), which cannot be checked because the image has no name [{UNVERIFIED}]"
        );
        assert!(lines(&judged(&rejecting, &nameless, &json!([])).verdict()).contains(&line), "{line}");
    }
}

#[test]
fn an_event_is_judged_by_its_image() {
    let status = |image: &str, pull_spec: &str| {
        json!({"kind": "ImageStream", "metadata": {"name": "web"}, "status": {"tags": [{"tag": "v1", "items": [
            {"image": image, "dockerImageReference": pull_spec}]}]}})
    };
    let cluster = json!([image(D, &["json-ok"]), image(E, &[])]);
    let written = "untracked-reference";
    for (image, pull_spec, expected) in [
        (D, at(D), &[][..]),
        (E, at(E), &[UNTRUSTED]),
        ("", at(D), &[written]),
        ("", at(E), &[UNTRUSTED, written]),
        ("", "registry.test/ns/app:v1".to_owned(), &[UNVERIFIED, written]),
        // What is shown and what is pulled are two things.
        (E, at(D), &[UNTRUSTED, "tag-event-inconsistent"]),
        (D, at(E), &[UNTRUSTED, "tag-event-inconsistent"]),
    ] {
        let short = json!({
            "settings": settings(), "subresource": "status", "operation": "UPDATE",
            "old": {"kind": "ImageStream", "metadata": {"name": "web"}},
            "object": status(image, &pull_spec), "cluster": cluster,
        });
        assert_told(&format!("{image} {pull_spec}"), &Short::parse(&short.to_string()), expected);
    }
}

/// A list is trusted by signatures of its own, or because each of its children is: those that its own
/// manifest names, whatever stands beside it.
#[test]
fn a_manifest_list_is_trusted_whole_or_child_by_child() {
    let listed = |children: Vec<Value>, signatures: &[&str]| {
        let manifest = json!({"schemaVersion": 2, "manifests": children}).to_string();
        let mut list = image(&digest_like(D, manifest.as_bytes()), signatures);
        list["dockerImageManifests"] = json!(children);
        list["dockerImageManifest"] = json!(manifest);
        list
    };
    let list = |children: &[&str], signatures: &[&str]| {
        listed(children.iter().map(|digest| json!({"digest": digest})).collect(), signatures)
    };
    let changed = |mut list: Value, member: &str, value: Value| {
        list[member] = value;
        list
    };
    let signed = image(D, &["json-ok"]);
    let manifest = |children: &[&str]| list(children, &[])["dockerImageManifest"].clone();
    for (what, list, others, expected) in [
        ("each child is signed", list(&[D], &[]), json!([signed]), &[][..]),
        ("one is not", list(&[D, E], &[]), json!([signed, image(E, &[])]), &[UNTRUSTED]),
        ("one is not there", list(&[D, E], &[]), json!([signed]), &[UNTRUSTED]),
        ("no children", list(&[], &[]), json!([signed]), &[UNTRUSTED]),
        ("as many as are looked at", list(&[D; 32], &[]), json!([signed]), &[]),
        ("more than are looked at", list(&[D; 33], &[]), json!([signed]), &[UNTRUSTED]),
        ("a child in capitals", list(&[&D.to_uppercase()], &[]), json!([signed]), &[UNTRUSTED]),
        // A runtime in Go takes the last for the digest.
        (
            "another child for other readers",
            listed(vec![json!({"digest": D, "digeſt": E})], &[]),
            json!([signed]),
            &[UNTRUSTED],
        ),
        // What is written beside the manifest proves nothing.
        (
            "no manifest",
            changed(list(&[D], &[]), "dockerImageManifest", json!("")),
            json!([signed]),
            &[UNTRUSTED],
        ),
        (
            "another manifest",
            changed(list(&[E], &[]), "dockerImageManifest", manifest(&[D])),
            json!([signed]),
            &[UNTRUSTED],
        ),
        (
            "other children beside it",
            changed(list(&[E], &[]), "dockerImageManifests", json!([{"digest": D}])),
            json!([signed]),
            &[UNTRUSTED],
        ),
        (
            "an image that claims children",
            changed(image(E, &[]), "dockerImageManifests", json!([{"digest": D}])),
            json!([signed]),
            &[UNTRUSTED],
        ),
    ] {
        let from = json!({"kind": "DockerImage", "name": at(list["metadata"]["name"].as_str().unwrap())});
        let mut cluster = others;
        cluster.as_array_mut().unwrap().push(list);
        assert_tags(what, &from, &json!({}), &cluster, expected);
    }
}

#[test]
fn a_threshold_is_counted_over_the_stored_signatures() {
    let mut two = settings();
    two["trust"]["scopes"]["registry.test"] =
        json!([{"type": "signedBy", "signers": ["acme", "build"], "threshold": 2}]);
    let object = json!({"kind": "ImageStreamTag", "metadata": {"name": "web:v1"}, "tag": {"name": "v1", "from": {"kind": "DockerImage", "name": at(D)}}});
    for (signatures, expected) in [
        (&["json-ok", "pgp-rsa-sha256"][..], &[][..]),
        (&["json-ok"], &[UNTRUSTED]),
        (&["json-ok", "json-ok-pretty"], &[UNTRUSTED]),
    ] {
        assert_told("2 of 2", &judged(&two, &object, &json!([image(D, signatures)])), expected);
    }
}

#[test]
fn each_object_is_asked_for_once() {
    let tags: Vec<Value> = (0..500)
        .map(|number| json!({"name": format!("v{number}"), "from": {"kind": "ImageStreamTag", "namespace": "base", "name": "app:v1"}}))
        .collect();
    let object = json!({"kind": "ImageStream", "metadata": {"name": "web"}, "spec": {"tags": tags}});
    let short = judged(&settings(), &object, &json!([stream(&[(D, &at(D))]), image(D, &["json-ok"])]));
    assert!(short.verdict().accepted);
    assert_eq!(*short.cluster.asked.borrow(), ["ImageStream `base/app`", &format!("Image `{D}`")]);
}

/// More than one request may cost is an answer, and never an accept.
#[test]
fn too_many_images_are_refused() {
    let tags: Vec<Value> = (0..1500)
        .map(|number| json!({"name": format!("v{number}"), "from": {"kind": "DockerImage", "name": format!("registry.test/ns/app@sha256:{number:064x}")}}))
        .collect();
    let object = json!({"kind": "ImageStream", "metadata": {"name": "web"}, "spec": {"tags": tags}});
    let verdict = judged(&settings(), &object, &json!([])).verdict();
    assert!(
        verdict
            .message
            .unwrap()
            .contains("more than 1000 objects are needed for one request [image-untrusted]")
    );
}

#[test]
fn without_trust_nobody_is_asked() {
    const FOLLOWED: &str = "tag-event-inconsistent";
    let object = json!({"kind": "ImageStreamTag", "metadata": {"name": "web:v1"}, "tag": {"name": "v1", "from": {"kind": "ImageStreamTag", "name": "app:v1"}}});
    for mut settings in [json!({}), json!({"trust": {"default": [{"type": "insecureAcceptAnything"}]}})] {
        settings["rules"] = json!({FOLLOWED: "off"});
        let short = judged(&settings, &object, &json!(["never asked"]));
        assert!(short.verdict().accepted);
        assert!(short.cluster.asked.borrow().is_empty());
    }
    // Nor where nobody wants to hear of it.
    let mut off = settings();
    off["rules"] = json!({UNTRUSTED: "off", UNVERIFIED: "off", UNAVAILABLE: "off", FOLLOWED: "off"});
    let short = judged(&off, &object, &json!(["never asked"]));
    assert!(short.verdict().accepted);
    assert!(short.cluster.asked.borrow().is_empty());
}

#[test]
fn an_answer_that_is_another_object_is_no_answer() {
    let object = json!({"kind": "ImageStreamTag", "metadata": {"name": "web:v1"}, "tag": {"name": "v1", "from": {"kind": "DockerImage", "name": at(D)}}});
    for answer in ["{}", "null", "[]", "", r#"{"metadata":{"name":"sha256:1"}}"#] {
        let mut short = judged(&settings(), &object, &json!([]));
        short.cluster.always = Some(answer.to_owned());
        assert_told(answer, &short, &[UNAVAILABLE]);
    }
    let object = json!({"kind": "ImageStreamTag", "metadata": {"name": "web:v1"}, "tag": {"name": "v1", "from": {"kind": "ImageStreamTag", "namespace": "base", "name": "app:v1"}}});
    for (namespace, name, expected) in
        [("base", "app", &[][..]), ("base", "other", &[UNAVAILABLE]), ("other", "app", &[UNAVAILABLE])]
    {
        let mut answer = stream(&[(D, &format!("quay.io/x/y@{D}"))]);
        answer["metadata"] = json!({"name": name, "namespace": namespace});
        let mut short = judged(&settings(), &object, &json!([]));
        short.cluster.always = Some(answer.to_string());
        assert_told(&answer.to_string(), &short, expected);
    }
}

#[test]
fn sigstore_signatures_are_the_host_s_to_verify() {
    const KEY: &str = "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n";
    let mut settings = settings();
    let keys = |how: &str| json!([{"type": "sigstoreSigned", "publicKeys": [KEY, KEY], "keys": how}]);
    let pinned = json!({"kind": "DockerImage", "name": format!("quay.io/acme/app:v1@{D}")});
    let unpinned = json!({"kind": "DockerImage", "name": "quay.io/acme/app:v1"});
    let object = |from: &Value| json!({"kind": "ImageStreamTag", "metadata": {"name": "web:v1"}, "tag": {"name": "v1", "from": from}});
    let signed = |image: &str, digest: &str, trusted: bool| json!([{"signed": image, "digest": digest, "trusted": trusted}]);
    let by_digest = format!("quay.io/acme/app@{D}");
    for how in ["all", "any"] {
        settings["trust"]["scopes"]["quay.io/acme"] = keys(how);
        for (what, from, cluster, expected) in [
            ("signed", &pinned, signed(&by_digest, D, true), &[][..]),
            ("another digest was verified", &pinned, signed(&by_digest, E, true), &[UNTRUSTED]),
            ("not signed so", &pinned, signed(&by_digest, D, false), &[UNTRUSTED]),
            ("no answer", &pinned, json!([]), &[UNAVAILABLE]),
            ("signed now", &unpinned, signed("quay.io/acme/app:v1", D, true), &[UNVERIFIED]),
            ("not pinned, not signed", &unpinned, signed("quay.io/acme/app:v1", D, false), &[UNTRUSTED]),
        ] {
            assert_told(&format!("{how}: {what}"), &judged(&settings, &object(from), &cluster), expected);
        }
    }
    let verdict = judged(&settings, &object(&unpinned), &signed("quay.io/acme/app:v1", D, true)).verdict();
    assert!(verdict.warnings.first().unwrap().contains("signed as sha256:0205374946b5… now"), "{verdict:?}");
    // Of one image what is wrong is told, each once, and not what a rejection makes irrelevant.
    settings["trust"]["scopes"]["quay.io/acme"] =
        json!([keys("any")[0], {"type": "reject"}, keys("all")[0], {"type": "reject"}]);
    let cluster = signed("quay.io/acme/app:v1", D, true);
    assert_told("more than one", &judged(&settings, &object(&unpinned), &cluster), &[UNTRUSTED, UNVERIFIED]);
    // Both kinds must hold where both are asked for.
    settings["trust"]["scopes"]["quay.io/acme"] = json!([keys("any")[0], {"type": "signedBy", "signers": ["acme"], "signedIdentity": {"type": "exactRepository", "dockerRepository": "registry.test/ns/app"}}]);
    for (signatures, expected) in [(&["json-ok"][..], &[][..]), (&[], &[UNTRUSTED])] {
        let mut cluster = signed(&by_digest, D, true);
        cluster.as_array_mut().unwrap().push(image(D, signatures));
        assert_told("both", &judged(&settings, &object(&pinned), &cluster), expected);
    }
}

/// A tag that points at one of its own stream follows it, without a request of its own: what it will
/// show is judged where the followed tag is written.
#[test]
fn what_a_tracking_tag_follows_is_judged_where_it_is_written() {
    let own = |digest: &str| {
        let mut own = stream(&[(digest, &at(digest))]);
        own["metadata"] = json!({"name": "web", "namespace": "shop"});
        own
    };
    let latest = json!({"kind": "ImageStreamTag", "metadata": {"name": "web:latest"}, "tag": {"name": "latest", "from": {"kind": "ImageStreamTag", "name": "web:v1"}}});
    let followed = |digest: &str| {
        let event = json!({"image": digest, "dockerImageReference": at(digest)});
        [
            json!({"object": {"kind": "ImageStreamMapping", "metadata": {"name": "web"}, "tag": "v1",
                   "image": {"metadata": {"name": digest}, "dockerImageReference": at(digest)}}}),
            json!({"object": {"kind": "ImageStreamImport", "metadata": {"name": "web"}, "spec": {"import": true, "images": [
                   {"from": {"kind": "DockerImage", "name": at(digest)}, "to": {"name": "v1"}}]}}}),
            json!({"subresource": "status", "old": {"kind": "ImageStream", "metadata": {"name": "web"}},
                   "object": {"kind": "ImageStream", "metadata": {"name": "web"}, "status": {"tags": [{"tag": "v1", "items": [event]}]}}}),
        ]
    };
    for (digest, expected) in [(D, &[][..]), (E, &[UNTRUSTED])] {
        let cluster = json!([own(digest), image(D, &["json-ok"]), image(E, &[])]);
        assert_told("made", &judged(&settings(), &latest, &cluster), expected);
        for mut short in followed(digest) {
            short["settings"] = settings();
            short["cluster"] = cluster.clone();
            assert_told(&short.to_string(), &Short::parse(&short.to_string()), expected);
        }
    }
}

/// An ImageSignature tells the digest alone: the name is the one under which the cluster has the image.
#[test]
fn a_signature_by_itself_is_compared_with_the_name_that_the_cluster_has() {
    let attach = |content: &str| {
        included(json!({
            "kind": "ImageSignature", "metadata": {"name": format!("{D}@one")},
            "type": "atomic", "content": format!("<generated/sigs/{content}.sig>"),
        }))
    };
    let elsewhere = {
        let mut image = image(D, &[]);
        image["dockerImageReference"] = json!(format!("quay.io/x/y@{D}"));
        image
    };
    let other_name = {
        let mut image = image(D, &[]);
        image["dockerImageReference"] = json!(format!("registry.test/ns/other@{D}"));
        image
    };
    const MISMATCH: &str = "signature-identity-mismatch";
    for (what, content, cluster, expected) in [
        ("its name", "json-ok", json!([image(D, &[])]), &[][..]),
        ("another name", "json-ok-hub-legacy", json!([image(D, &[])]), &[MISMATCH]),
        ("stored under another name", "json-ok", json!([other_name]), &[MISMATCH]),
        ("nothing is asked there", "json-ok-hub-legacy", json!([elsewhere]), &[]),
        // The update of the image that follows is judged then.
        ("not there", "json-ok-hub-legacy", json!([]), &[]),
        ("no answer", "json-ok-hub-legacy", json!(["timeout"]), &[]),
    ] {
        let short = judged(&settings(), &attach(content), &cluster);
        assert_told(what, &short, expected);
        assert_eq!(*short.cluster.asked.borrow(), [format!("Image `{D}`")], "{what}");
    }
    // What proves nothing is refused without asking, and so is nothing where nothing is asked for.
    let short = judged(&settings(), &attach("pgp-p256"), &json!(["never asked"]));
    assert_told("a stranger's", &short, &["signature-untrusted"]);
    assert!(short.cluster.asked.borrow().is_empty());
    let mut without = settings();
    without["trust"]["scopes"] = json!({});
    let short = judged(&without, &attach("json-ok-hub-legacy"), &json!(["never asked"]));
    assert_told("no scope", &short, &[]);
    assert!(short.cluster.asked.borrow().is_empty());
}
