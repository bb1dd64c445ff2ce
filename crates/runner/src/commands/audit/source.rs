//! What a field of an object points at: the repository, without tag and digest, so that everything
//! from there counts as one source.

use openshift_image_trust::PullSpec;
use serde_json::Value;

/// The source that a finding at this path is about: the nearest one around the field, else the image's.
pub fn of(object: &Value, path: &str) -> Option<String> {
    let namespace = object.pointer("/metadata/namespace").and_then(Value::as_str).unwrap_or_default();
    let mut around = vec![object];
    for step in steps(path) {
        let inner = around.last().and_then(|value| match value {
            Value::Array(items) => step.parse().ok().and_then(|index: usize| items.get(index)),
            value => value.get(step),
        });
        match inner {
            Some(inner) => around.push(inner),
            None => break,
        }
    }
    let written = around.last().and_then(|value| value.as_str());
    if let (Some(written), Some("image" | "reference" | "dockerImageReference")) =
        (written, steps(path).last())
    {
        return Some(repository(written));
    }
    around.iter().rev().find_map(|value| {
        let member = |name: &str| value.get(name).and_then(Value::as_str);
        let from = value.get("from").and_then(|from| reference(from, namespace));
        from.or_else(|| {
            member("dockerImageReference").or(member("image")).filter(|it| !it.is_empty()).map(repository)
        })
    })
}

/// The source that `from` names.
fn reference(from: &Value, own: &str) -> Option<String> {
    let member = |name: &str| from.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let name = member("name")?;
    match member("kind").unwrap_or("DockerImage") {
        "DockerImage" => Some(repository(name)),
        kind => {
            let stream = name.split(['@', ':']).next().unwrap_or(name);
            let namespace = member("namespace").unwrap_or(own);
            // A tag of the same stream.
            let is_own_tag = kind == "ImageStreamTag" && !name.contains(':');
            Some(if is_own_tag {
                "another tag of the stream".to_owned()
            } else {
                format!("ImageStream {namespace}/{stream}")
            })
        }
    }
}

/// A pull spec's registry and repository, in full; what is none, as it is written.
pub fn repository(text: &str) -> String {
    match PullSpec::parse(text) {
        Ok(spec) => spec.name().to_owned(),
        Err(_) => text.to_owned(),
    }
}

/// The steps of a path as an answer prints it.
fn steps(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (step, after) = match rest.strip_prefix('[') {
            Some(inside) => inside.split_once(']').unwrap_or((inside, "")),
            None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
        };
        steps.push(step);
        rest = after.strip_prefix('.').unwrap_or(after);
    }
    steps.into_iter()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_source_is_found_around_the_field() {
        let stream = json!({
            "metadata": {"namespace": "shop"},
            "spec": {"tags": [
                {"from": {"kind": "DockerImage", "name": "nginx:1"}, "importPolicy": {"insecure": true}},
                {"from": {"kind": "ImageStreamTag", "name": "web:v1", "namespace": "lib"}},
                {"from": {"kind": "ImageStreamTag", "name": "v1"}},
                {"name": "none"},
            ]},
            "status": {"tags": [{"items": [{"dockerImageReference": "Quay.io/acme/web@sha256:1", "image": "sha256:1"}]}]},
        });
        let template = json!({"spec": {"template": {"spec": {
            "containers": [{"image": "quay.io:443/acme/app:v2"}, {"image": "A B"}],
            "volumes": [{"image": {"reference": "docker.io/nginx"}}],
        }}}});
        let image = json!({"dockerImageReference": "quay.io/acme/web@sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1", "signatures": [{"content": "x"}]});
        for (object, path, expected) in [
            (&stream, "spec.tags[0].from.name", Some("docker.io/library/nginx")),
            (&stream, "spec.tags[0].importPolicy.insecure", Some("docker.io/library/nginx")),
            (&stream, "spec.tags[0].importPolicy.missing", Some("docker.io/library/nginx")),
            (&stream, "spec.tags[1].from.namespace", Some("ImageStream lib/web")),
            (&stream, "spec.tags[2].from.name", Some("another tag of the stream")),
            (&stream, "spec.tags[3].name", None),
            (&stream, "spec.tags[9].from.name", None),
            (&stream, "spec.lookupPolicy.local", None),
            (&stream, "status.tags[0].items[0].dockerImageReference", Some("Quay.io/acme/web@sha256:1")),
            (&template, "spec.template.spec.containers[0].image", Some("quay.io/acme/app")),
            (&template, "spec.template.spec.containers[1].image", Some("A B")),
            (&template, "spec.template.spec.volumes[0].image.reference", Some("docker.io/library/nginx")),
            (&image, "signatures[0].content", Some("quay.io/acme/web")),
            (&image, "", Some("quay.io/acme/web")),
        ] {
            assert_eq!(of(object, path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn a_path_is_taken_apart() {
        for (path, expected) in [
            ("a.b[2].c", vec!["a", "b", "2", "c"]),
            (
                "metadata.annotations[image.openshift.io/triggers]",
                vec!["metadata", "annotations", "image.openshift.io/triggers"],
            ),
            ("[0][1]", vec!["0", "1"]),
            ("[", vec![""]),
            ("", vec![]),
        ] {
            assert_eq!(steps(path).collect::<Vec<_>>(), expected, "{path}");
        }
    }
}
