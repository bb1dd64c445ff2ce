//! Nothing that the pack `running-images` is asked about runs an image of a denied registry.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

mod common;

use std::path::Path;

use common::fixture::Fixture;
use common::{NOW, code_and_path, lines};
use openshift_image_trust::{Verdict, evaluate};
use serde_json::{Value, json};

const D: &str = "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";
const INTEGRATED: &str = "image-registry.openshift-image-registry.svc:5000";

fn pack(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/running-images").join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn request(file: &str) -> Value {
    serde_json::from_str::<Value>(&pack(&format!("requests/{file}.json"))).unwrap()["request"].take()
}

/// The answer under the pack's settings, in the cluster of its suite.
fn judge(request: &Value) -> Verdict {
    judge_text(&request.to_string())
}

fn judge_text(request: &str) -> Verdict {
    let settings: Value = serde_norway::from_str(&pack("settings.yaml")).unwrap();
    let objects: Vec<Value> = ["cluster/images.json", "cluster/streams.json"]
        .iter()
        .flat_map(|file| {
            let mut list: Value = serde_json::from_str(&pack(file)).unwrap();
            list["items"].as_array_mut().map(std::mem::take).unwrap()
        })
        .collect();
    let payload = format!("{{\"request\": {request}, \"settings\": {settings}}}");
    evaluate(payload.as_bytes(), NOW, &Fixture::new(Some(objects.into())))
}

#[track_caller]
fn assert_denied(what: &str, request: &Value) {
    let verdict = judge(request);
    assert!(!verdict.accepted, "{what}: {request}");
}

fn codes(verdict: &Verdict) -> Vec<String> {
    lines(verdict).iter().map(|line| code_and_path(line).0).collect()
}

/// A request that is allowed, and where in it an image is named as a text.
const PLACES: [(&str, &str); 7] = [
    ("pod", "/object/spec/containers/0/image"),
    ("pod-with-an-allowed-image-volume", "/object/spec/volumes/0/image/reference"),
    ("pod-debugged-with-support-tools", "/object/spec/ephemeralContainers/0/image"),
    ("deployment", "/object/spec/template/spec/containers/0/image"),
    ("cron-job", "/object/spec/jobTemplate/spec/template/spec/containers/0/image"),
    ("build-of-signed", "/object/spec/strategy/sourceStrategy/from/name"),
    ("build-config", "/object/spec/strategy/sourceStrategy/from/name"),
];

#[test]
fn no_way_of_writing_it_gets_an_image_of_a_denied_registry_to_run() {
    let ways = [
        "app",
        "evil/app",
        "docker.io/evil/app",
        "DOCKER.IO/evil/app",
        "Docker.io:443/evil/app",
        "docker.io:0443/evil/app",
        "docker.io./evil/app",
        "index.docker.io/evil/app",
        "registry-1.docker.io/evil/app",
        "registry.hub.docker.com/evil/app",
        "docker.io//evil/app",
        "//docker.io/evil/app",
        "docker://docker.io/evil/app",
        "https://docker.io/evil/app",
        "containers-storage:docker.io/evil/app",
        "oci:docker.io/evil/app",
        "user:password@docker.io/evil/app",
        "quay.example@docker.io/evil/app",
        "quay.example/acme/../../docker.io/evil/app",
        "quay.example/acme%2f..%2f..%2fevil/app",
        "quay.example/acme/web#docker.io/evil/app",
        "docker.io/evil/app#quay.example/acme/web",
        "docker.io\u{200b}/evil/app",
        "docker\u{3002}io/evil/app",
        "docker.io/evil/app\u{0}",
        "\tdocker.io/evil/app",
        "docker.io/evil/app\n",
        "docker.io.quay.example/evil/app",
        "[::ffff:1.2.3.4]:443/evil/app",
        "QUAY.example:443/acme/sandbox/app",
        "quay.example:8443/acme/web",
        "quay.example/acme-evil/web",
        "localhost/evil/app",
        "0205374946b5",
        "SHA256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1",
        "image-registry.openshift-image-registry.svc/shop/web",
        "image-registry.openshift-image-registry.svc.cluster.local.:5000/shop/web",
    ];
    let digest = format!("@{D}");
    for (file, at) in PLACES {
        let allowed = request(file);
        assert!(judge(&allowed).accepted, "{file}");
        for way in ways {
            // With a tag that may be taken, and with the digest of an image that is signed as another.
            for more in ["", ":v1", &digest, &format!(":v1{digest}")] {
                let text = format!("{way}{more}");
                let mut request = allowed.clone();
                *request.pointer_mut(at).unwrap_or_else(|| panic!("{file}: {at}")) = json!(text);
                if let Some(from) = request.pointer_mut(at.trim_end_matches("/name"))
                    && from.is_object()
                {
                    *from = json!({"kind": "DockerImage", "name": text});
                }
                assert_denied(&format!("{file}: {text:?}"), &request);
            }
        }
    }
}

/// A list in one object is none that the API server takes; a kind of another group makes pods that are
/// judged, but a policy that is bound to it by mistake does not let it pass unread.
#[test]
fn what_the_pack_does_not_read_is_refused() {
    let pod = request("pod");
    for (group, version, kind, resource, sub_resource) in [
        ("", "v1", "List", "pods", ""),
        ("", "v1", "PodList", "pods", ""),
        ("", "v1", "Pod", "pods", "binding"),
        ("", "v1", "Pod", "pods", "exec"),
        ("", "v1", "Eviction", "pods", "eviction"),
        ("", "v1", "Binding", "bindings", ""),
        ("apps", "v1", "ControllerRevision", "controllerrevisions", ""),
        ("apps", "v1beta1", "Deployment", "deployments", ""),
        ("apps", "v1", "Pod", "pods", ""),
        ("batch", "v1beta1", "CronJob", "cronjobs", ""),
        ("serving.knative.dev", "v1", "Service", "services", ""),
        ("tekton.dev", "v1", "TaskRun", "taskruns", ""),
        ("template.openshift.io", "v1", "Template", "templates", ""),
        ("apps.openshift.io", "v1", "DeploymentRequest", "deploymentconfigs", "instantiate"),
        ("build.openshift.io", "v1", "BuildRequest", "buildconfigs", "instantiate"),
        ("build.openshift.io", "v1", "BuildRequest", "builds", "clone"),
    ] {
        let mut request = pod.clone();
        for (named, name) in [
            ("kind", "kind"),
            ("requestKind", "kind"),
            ("resource", "resource"),
            ("requestResource", "resource"),
        ] {
            request[named] = json!({"group": group, "version": version});
            request[named][name] = json!(if name == "kind" { kind } else { resource });
        }
        request["subResource"] = json!(sub_resource);
        request["requestSubResource"] = json!(sub_resource);
        let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
        request["object"]["apiVersion"] = json!(api_version);
        request["object"]["kind"] = json!(kind);
        assert_denied(kind, &request);
    }
}

#[test]
fn a_second_list_of_containers_does_not_hide_the_first() {
    let text = request("pod").to_string();
    let list = "\"containers\":[";
    let hidden = r#""containers":[{"name":"evil","image":"docker.io/evil/app"}],"#;
    assert_eq!(text.matches(list).count(), 1);
    let twice = text.replacen(list, &format!("{hidden}{list}"), 1);
    assert_eq!(codes(&judge_text(&twice)), ["request-unreadable"]);
}

/// What is new is told by the stored object; a request that does not show it has nothing old.
#[test]
fn an_update_without_the_stored_object_is_judged_as_a_whole() {
    for file in ["pod-labelled", "deployment-labelled"] {
        let mut request = request(file);
        assert!(judge(&request).accepted, "{file}");
        request["oldObject"] = Value::Null;
        assert_denied(file, &request);
    }
}

/// A pod whose stored twin is of another name, namespace or kind has no stored twin.
#[test]
fn the_stored_object_is_of_the_same_name_and_kind() {
    for (at, value) in [
        ("/oldObject/metadata/name", json!("another")),
        ("/oldObject/metadata/namespace", json!("another")),
        ("/oldObject/kind", json!("PodTemplate")),
    ] {
        let mut request = request("pod-labelled");
        *request.pointer_mut(at).unwrap() = value;
        assert_denied(at, &request);
    }
}

/// Resizing changes no image; whoever sends one through that part is judged as ever.
#[test]
fn a_part_of_a_pod_that_can_bring_an_image_is_judged_like_the_pod() {
    let mut request = request("pod-debugged");
    for part in ["ephemeralcontainers", "resize", ""] {
        request["subResource"] = json!(part);
        request["requestSubResource"] = json!(part);
        assert_denied(part, &request);
    }
}

/// The registry serves what streams have, by tag and by digest; another project's stream is not ours.
#[test]
fn the_integrated_registry_hides_nothing() {
    let streams: Value = serde_json::from_str(&pack("cluster/streams.json")).unwrap();
    let mut checked = 0;
    for stream in streams["items"].as_array().unwrap() {
        let [namespace, name] = ["namespace", "name"].map(|it| stream["metadata"][it].as_str().unwrap());
        for tag in stream["status"]["tags"].as_array().unwrap() {
            for event in tag["items"].as_array().unwrap() {
                let from = event["dockerImageReference"].as_str().unwrap();
                if !from.starts_with("docker.io/") {
                    continue;
                }
                let image = event["image"].as_str().unwrap();
                for (file, at) in &PLACES[..5] {
                    let mut request = request(file);
                    *request.pointer_mut(at).unwrap() =
                        json!(format!("{INTEGRATED}/{namespace}/{name}@{image}"));
                    assert_denied(from, &request);
                    checked += 1;
                }
            }
        }
    }
    assert!(checked >= PLACES[..5].len(), "{checked}");
}
