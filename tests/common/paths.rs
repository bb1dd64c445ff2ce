//! Follows the path of an answer's line in the request that it answers.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "shared by several test crates")]

use serde_json::Value;

/// Whether a path, or what would hold the field that it names, is there in the payload
/// `{"request": …, "settings": …}`.
///
/// A path begins in the object that is judged, unless its first step is `request`, `oldObject`
/// or `settings`.
pub fn resolves(payload: &Value, path: &str) -> bool {
    let request = &payload["request"];
    let roots =
        [("request", request), ("oldObject", &request["oldObject"]), ("settings", &payload["settings"])];
    for (name, root) in roots {
        match path.strip_prefix(name) {
            Some("") => return true,
            Some(rest) if rest.starts_with(['.', '[']) => return follows(root, rest),
            _ => {}
        }
    }
    let object = &request["object"];
    path == "object" || follows(object, path) || follows(object, &format!(".{path}"))
}

/// Whether the steps lead somewhere from here, or all but the last do.
fn follows(here: &Value, steps: &str) -> bool {
    if steps.is_empty() || is_one_step(steps) {
        return true;
    }
    match here {
        Value::Array(list) => {
            let Some((index, rest)) = steps.strip_prefix('[').and_then(|steps| steps.split_once(']')) else {
                return false;
            };
            index
                .parse::<usize>()
                .ok()
                .and_then(|index| list.get(index))
                .is_some_and(|next| follows(next, rest))
        }
        Value::Object(members) => members.iter().any(|(key, next)| {
            [format!(".{key}"), format!("[{key}]")]
                .iter()
                .any(|step| steps.strip_prefix(step.as_str()).is_some_and(|rest| follows(next, rest)))
        }),
        _ => false,
    }
}

/// Whether there is only one step: what it names may be missing, its parent is here.
fn is_one_step(steps: &str) -> bool {
    match (steps.strip_prefix('.'), steps.strip_prefix('[')) {
        (Some(key), _) => !key.contains(['.', '[']),
        (_, Some(key)) => key.strip_suffix(']').is_some_and(|key| !key.contains(']')),
        _ => false,
    }
}

/// JSON pointers to everything below a value.
pub fn pointers(value: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, found: &mut Vec<String>) {
        let mut below = |key: String, value: &Value| {
            let at = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
            found.push(at.clone());
            walk(value, &at, found);
        };
        match value {
            Value::Object(members) => members.iter().for_each(|(key, value)| below(key.clone(), value)),
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(index, value)| below(index.to_string(), value))
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::resolves;

    #[test]
    fn a_path_is_followed_and_only_its_last_step_may_be_missing() {
        let payload = json!({
            "request": {
                "name": "web",
                "object": {
                    "metadata": {"annotations": {"openshift.io/image.x": "true", "plain": "1"}},
                    "spec": {"tags": [{"name": "v1", "from": {}}]},
                },
                "oldObject": {"spec": null},
            },
            "settings": {"exemptions": [{"until": "2026-01-01"}]},
        });
        for (path, expected) in [
            ("object", true),
            ("spec.tags[0].name", true),
            ("spec.tags[0].from.name", true),
            ("spec.tags[0].importPolicy", true),
            ("spec.tags[0].importPolicy.insecure", false),
            ("spec.tags[1]", true),
            ("spec.tags[1].name", false),
            ("spec.tag[0].name", false),
            ("metadata.annotations[openshift.io/image.x]", true),
            ("metadata.annotations.plain", true),
            ("metadata.labels.plain", false),
            ("request.name", true),
            ("request.resource.group", false),
            ("oldObject.spec", true),
            ("oldObject.spec.tags", true),
            ("oldObject.spec.tags[0].name", false),
            ("settings.exemptions[0].until", true),
            ("settings.exemptions[1].until", false),
            ("tag", true),
        ] {
            assert_eq!(resolves(&payload, path), expected, "{path}");
        }
    }
}
