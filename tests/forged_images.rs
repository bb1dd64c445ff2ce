//! Images that lie about what runs: of an image that is what it says, nothing can be changed, left out or
//! added without a denial, through any kind of request that brings it.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

mod common;
#[path = "common/paths.rs"]
mod paths;

use common::{Short, lines};
use openshift_image_trust::digest_like;
use serde_json::{Value, json};

use paths::pointers;

const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
const SCHEMA_2: &str = "application/vnd.docker.distribution.manifest.v2+json";
const SCHEMA_1: &str = "application/vnd.docker.distribution.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const REGISTRY: &str = "system:serviceaccount:openshift-image-registry:registry";
const ORDER: &str = "image.openshift.io/dockerLayersOrder";
const STORED: &str = "image.openshift.io/manifestBlobStored";

/// The members of metadata, with something that the image below does not say.
fn claims() -> Vec<(&'static str, Value)> {
    vec![
        ("/Architecture", json!("s390x")),
        ("/Author", json!("Red Hat")),
        ("/Comment", json!("signed off")),
        ("/Container", json!("abc")),
        ("/Created", json!("2020-01-01T00:00:00Z")),
        ("/DockerVersion", json!("1.0")),
        ("/Os", json!("windows")),
        ("/Parent", json!("sha256:00")),
        ("/Size", json!(1)),
        ("/Config/Cmd", json!(["--evil"])),
        ("/Config/Entrypoint", json!(["/evil"])),
        ("/Config/Env", json!(["LD_PRELOAD=/evil.so"])),
        ("/Config/ExposedPorts", json!({"22/tcp": {}})),
        ("/Config/Labels", json!({"vendor": "Red Hat"})),
        ("/Config/OnBuild", json!(["RUN evil"])),
        ("/Config/SecurityOpts", json!(["label:disable"])),
        ("/Config/User", json!("12345")),
        ("/Config/Volumes", json!({"/host": {}})),
        ("/Config/WorkingDir", json!("/evil")),
        ("/ContainerConfig/Cmd", json!(["evil"])),
    ]
}

/// An image as the server has it, complete.
fn whole(media_type: &str) -> Value {
    let run = json!({"User": "1001", "Env": ["A=1"], "Entrypoint": ["/app"], "Cmd": ["-x"], "WorkingDir": "/srv",
                     "ExposedPorts": {"8080/tcp": {}}, "Volumes": {"/data": {}}, "Labels": {"a": "b"}});
    let config =
        json!({"architecture": "amd64", "os": "linux", "created": "2026-01-02T03:04:05.6Z", "config": run})
            .to_string();
    let config_digest = digest_like("sha256:", config.as_bytes());
    let layers = [("aa", 10), ("bb", 20), ("aa", 10)];
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": {"digest": config_digest, "size": config.len(), "mediaType": "application/vnd.oci.image.config.v1+json"},
        "layers": layers.map(|(digest, size)| json!({"digest": format!("sha256:{digest}"), "size": size, "mediaType": "x/tar"})),
    })
    .to_string();
    let name = digest_like("sha256:", manifest.as_bytes());
    json!({
        "metadata": {"name": name, "annotations": {ORDER: "ascending"}},
        "dockerImageReference": format!("quay.io/acme/web@{name}"),
        "dockerImageMetadata": {
            "kind": "DockerImage",
            "apiVersion": "image.openshift.io/1.0",
            "Id": config_digest,
            "Created": "2026-01-02T03:04:05Z",
            "ContainerConfig": {},
            "Config": run,
            "Architecture": "amd64",
            "Size": config.len() + 30,
        },
        "dockerImageMetadataVersion": "1.0",
        "dockerImageManifest": manifest,
        "dockerImageManifestMediaType": media_type,
        "dockerImageConfig": config,
        "dockerImageLayers": layers.map(|(digest, size)| json!({"name": format!("sha256:{digest}"), "size": size, "mediaType": "x/tar"})),
    })
}

fn schema_1() -> Value {
    let history = json!({"id": "abc", "created": "2015-01-02T03:04:05.6Z", "architecture": "amd64", "config": {"User": "1001"}});
    let manifest = json!({
        "schemaVersion": 1,
        "fsLayers": [{"blobSum": "sha256:bb"}, {"blobSum": "sha256:aa"}],
        "history": [{"v1Compatibility": history.to_string()}, {"v1Compatibility": "{}"}],
    })
    .to_string();
    let name = digest_like("sha256:", manifest.as_bytes());
    json!({
        "metadata": {"name": name, "annotations": {ORDER: "ascending"}},
        "dockerImageReference": format!("quay.io/acme/web@{name}"),
        "dockerImageMetadata": {
            "Id": "abc", "Created": "2015-01-02T03:04:05Z", "ContainerConfig": {}, "Config": {"User": "1001"},
            "Architecture": "amd64", "Size": 30,
        },
        "dockerImageManifest": manifest,
        "dockerImageManifestMediaType": SCHEMA_1,
        "dockerImageLayers": [{"name": "sha256:aa", "size": 10, "mediaType": "x"}, {"name": "sha256:bb", "size": 20, "mediaType": "x"}],
    })
}

fn index() -> Value {
    let platform = |architecture: &str| json!({"architecture": architecture, "os": "linux"});
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": INDEX,
        "manifests": [
            {"digest": "sha256:aa", "size": 1, "mediaType": OCI, "platform": platform("amd64")},
            {"digest": "sha256:bb", "size": 2, "mediaType": OCI, "platform": platform("arm64")},
        ],
    })
    .to_string();
    let name = digest_like("sha256:", manifest.as_bytes());
    let entry = |digest: &str, size: u8, architecture: &str| json!({"digest": digest, "manifestSize": size, "mediaType": OCI, "architecture": architecture, "os": "linux"});
    json!({
        "metadata": {"name": name},
        "dockerImageReference": format!("quay.io/acme/web@{name}"),
        "dockerImageMetadata": {"Id": name, "Created": "2026-03-05T08:10:00Z", "ContainerConfig": {}},
        "dockerImageManifest": manifest,
        "dockerImageManifestMediaType": INDEX,
        "dockerImageManifests": [entry("sha256:aa", 1, "amd64"), entry("sha256:bb", 2, "arm64")],
    })
}

/// The kinds of request that bring an image, by a person and by the integrated registry.
fn doors(image: &Value) -> Vec<(&'static str, Value)> {
    let mut alone = image.clone();
    alone["kind"] = json!("Image");
    let mapping = json!({"kind": "ImageStreamMapping", "tag": "v1", "image": image});
    let settings = json!({"platformExemptions": false});
    vec![
        ("Image", json!({"object": alone})),
        ("ImageStreamMapping", json!({"object": mapping})),
        ("ImageStreamImage", json!({"object": {"kind": "ImageStreamImage", "image": image}})),
        ("Image by the registry", json!({"object": alone, "user": REGISTRY})),
        ("ImageStreamMapping by the registry", json!({"object": mapping, "user": REGISTRY})),
        ("without exemptions", json!({"object": alone, "user": REGISTRY, "settings": settings})),
        ("Image in the place of nothing", json!({"object": alone, "old": bare(image)})),
    ]
}

/// The stored image of that name of which nothing is known yet.
fn bare(image: &Value) -> Value {
    json!({"kind": "Image", "metadata": {"name": image["metadata"]["name"]}})
}

fn is_accepted(short: &Value) -> Result<(), String> {
    let verdict = Short::parse(&short.to_string()).verdict();
    if verdict.accepted { Ok(()) } else { Err(lines(&verdict).join("\n")) }
}

#[track_caller]
fn assert_denied(what: &str, image: &Value) {
    for (door, short) in doors(image) {
        assert!(is_accepted(&short).is_err(), "{door}, {what}: {image}");
    }
}

/// What the server fills in itself where it is left out, or takes for nothing.
fn may_be_left_out(pointer: &str) -> bool {
    [
        "/dockerImageMetadata",
        "/dockerImageMetadata/Id",
        // Without a size the server derives all metadata anew.
        "/dockerImageMetadata/Size",
        "/dockerImageMetadata/kind",
        "/dockerImageMetadata/apiVersion",
        "/dockerImageMetadata/ContainerConfig",
        "/dockerImageMetadataVersion",
        "/dockerImageLayers",
        "/dockerImageManifests",
        "/dockerImageManifestMediaType",
        "/metadata/annotations",
    ]
    .contains(&pointer)
        || pointer.starts_with("/metadata/annotations/")
        || pointer.starts_with("/dockerImageLayers/") && pointer.ends_with("/mediaType")
}

#[test]
fn an_image_that_is_what_it_says_passes() {
    for image in [whole(SCHEMA_2), whole(OCI), schema_1(), index()] {
        for (door, short) in doors(&image) {
            assert_eq!(is_accepted(&short), Ok(()), "{door}");
        }
        let mut stored = image.clone();
        stored["kind"] = json!("Image");
        for part in ["dockerImageManifest", "dockerImageConfig"] {
            stored.as_object_mut().unwrap().remove(part);
        }
        stored["metadata"]["annotations"][STORED] = json!("true");
        assert_eq!(is_accepted(&json!({"object": stored, "user": REGISTRY})), Ok(()), "pushed by digest");
        assert!(is_accepted(&json!({"object": stored})).is_err(), "the same by a person");
        let mut labelled = stored.clone();
        labelled["metadata"]["labels"] = json!({"a": "b"});
        assert_eq!(is_accepted(&json!({"object": labelled, "old": stored})), Ok(()), "labelled");
    }
}

#[test]
fn nothing_can_be_changed() {
    for image in [whole(SCHEMA_2), whole(OCI), schema_1(), index()] {
        let mut changed = 0;
        for pointer in pointers(&image) {
            let value = image.pointer(&pointer).unwrap();
            let other = match value {
                Value::String(text) if pointer.ends_with("/Created") => json!(text.replace(":05", ":06")),
                Value::String(text) if text.starts_with('{') => json!(text.replacen('a', "b", 1)),
                Value::String(text) => json!(format!("{text}0")),
                Value::Number(number) => json!(number.as_i64().unwrap() + 1),
                Value::Object(_) | Value::Array(_) | Value::Bool(_) | Value::Null => continue,
            };
            // Which reader the metadata are for says nothing about the image, nor when a list was made, nor is a
            // size in a schema 1 manifest, and an order that is no order is ascending.
            let is_free =
                ["kind", "apiVersion"].iter().any(|key| pointer == format!("/dockerImageMetadata/{key}"))
                    || pointer == "/metadata/annotations/image.openshift.io~1dockerLayersOrder"
                    || image["dockerImageManifestMediaType"] == INDEX && pointer.ends_with("/Created")
                    || image["dockerImageManifestMediaType"] == SCHEMA_1
                        && ["/size", "/Size", "/mediaType"].iter().any(|end| pointer.ends_with(end));
            if is_free {
                continue;
            }
            let mut forged = image.clone();
            *forged.pointer_mut(&pointer).unwrap() = other;
            assert_denied(&pointer, &forged);
            changed += 1;
        }
        assert!(changed >= 10, "{changed}");
    }
}

#[test]
fn nothing_can_be_left_out_or_emptied() {
    for image in [whole(SCHEMA_2), whole(OCI), schema_1(), index()] {
        for pointer in pointers(&image) {
            if pointer.is_empty() || may_be_left_out(&pointer) {
                continue;
            }
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            let is_index = image["dockerImageManifestMediaType"] == INDEX;
            let unproven = image["dockerImageManifestMediaType"] == SCHEMA_1
                && (key == "size" || pointer.ends_with("/mediaType"));
            // When a list was made is not in it. What containers are started with may be left out as a whole only
            // where there is no size, and a mapping may leave the pull spec to the server.
            if is_index && key == "Created" || unproven || pointer == "/dockerImageReference" {
                continue;
            }
            let mut forged = image.clone();
            match forged.pointer_mut(parent).unwrap() {
                Value::Object(members) => {
                    let key = key.replace("~1", "/").replace("~0", "~");
                    members.remove(&key).unwrap();
                }
                Value::Array(entries) => _ = entries.remove(key.parse().unwrap()),
                _ => continue,
            }
            assert_denied(&format!("without {pointer}"), &forged);
        }
    }
}

#[test]
fn nothing_can_be_claimed_beside_what_is_proven() {
    for image in [whole(SCHEMA_2), whole(OCI), schema_1(), index()] {
        let is_index = image["dockerImageManifestMediaType"] == INDEX;
        let is_schema_1 = image["dockerImageManifestMediaType"] == SCHEMA_1;
        for (pointer, claim) in claims() {
            if is_index && pointer == "/Created" || is_schema_1 && pointer == "/Size" {
                continue;
            }
            for proof in ["all", "manifest alone", "nothing"] {
                let mut forged = image.clone();
                if proof == "nothing" {
                    forged["dockerImageManifest"] = Value::Null;
                }
                if proof != "all" {
                    forged["dockerImageConfig"] = json!("");
                }
                let (parent, key) = pointer.rsplit_once('/').unwrap();
                let metadata = forged.pointer_mut("/dockerImageMetadata").unwrap();
                if !parent.is_empty() && metadata.pointer(parent).is_none() {
                    metadata[parent.trim_start_matches('/')] = json!({});
                }
                metadata.pointer_mut(parent).unwrap()[key] = claim.clone();
                assert_denied(&format!("{pointer}, proven by {proof}"), &forged);
                // The claim by itself.
                let mut alone = forged.clone();
                let mut only = json!({});
                match parent.trim_start_matches('/') {
                    "" => only[key] = claim.clone(),
                    parent => only[parent] = json!({key: claim.clone()}),
                }
                alone["dockerImageMetadata"] = only;
                for part in ["dockerImageLayers", "dockerImageManifests"] {
                    alone.as_object_mut().unwrap().remove(part);
                }
                assert_denied(&format!("{pointer} alone, proven by {proof}"), &alone);
            }
        }
    }
}

/// Another image's parts under a trusted digest.
#[test]
fn no_part_of_another_image_fits() {
    let images = [whole(SCHEMA_2), whole(OCI), schema_1(), index()];
    for (one, image) in images.iter().enumerate() {
        for (other, donor) in images.iter().enumerate() {
            for part in [
                "dockerImageManifest",
                "dockerImageConfig",
                "dockerImageLayers",
                "dockerImageManifests",
                "dockerImageMetadata",
                "dockerImageManifestMediaType",
            ] {
                if one == other || donor.get(part).is_none() || image.get(part) == donor.get(part) {
                    continue;
                }
                let mut forged = image.clone();
                forged[part] = donor[part].clone();
                assert_denied(&format!("{part} of {}", donor["dockerImageManifestMediaType"]), &forged);
            }
        }
    }
}

/// In two steps: what is stored stays as it was proven.
#[test]
fn a_stored_image_cannot_be_changed_into_another() {
    for image in [whole(SCHEMA_2), schema_1(), index()] {
        let mut stored = image.clone();
        stored["kind"] = json!("Image");
        for part in ["dockerImageManifest", "dockerImageConfig"] {
            stored.as_object_mut().unwrap().remove(part);
        }
        let forgeries = [
            ("/dockerImageMetadata/Config", json!({"User": "0"})),
            ("/dockerImageMetadata/Architecture", json!("s390x")),
            ("/dockerImageLayers", json!([{"name": "sha256:ee", "size": 1, "mediaType": "x"}])),
            (
                "/dockerImageManifests",
                json!([{"digest": "sha256:ee", "manifestSize": 1, "mediaType": OCI, "architecture": "amd64", "os": "linux"}]),
            ),
            ("/dockerImageConfig", json!("{}")),
            ("/dockerImageManifest", json!(r#"{"schemaVersion":2,"config":{},"layers":[]}"#)),
            ("/dockerImageManifestMediaType", json!("x/y")),
            ("/dockerImageReference", json!("quay.io/acme/web:v1")),
        ];
        for (pointer, value) in forgeries {
            for old in [&stored, &{
                let mut whole = image.clone();
                whole["kind"] = json!("Image");
                whole
            }] {
                for user in ["dana", REGISTRY, "system:apiserver"] {
                    let mut forged = stored.clone();
                    let (parent, key) = pointer.rsplit_once('/').unwrap();
                    forged.pointer_mut(parent).unwrap()[key] = value.clone();
                    forged["metadata"]["annotations"][STORED] = json!("true");
                    let short = json!({"object": forged, "old": old, "user": user});
                    assert!(is_accepted(&short).is_err(), "{pointer} by {user}: {short}");
                }
            }
        }
    }
}
