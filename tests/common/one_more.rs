//! The same request with one more image that may be nowhere, in each list of its object that takes one.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "shared by several test crates")]

use openshift_image_trust::SERVED;
use serde_json::{Value, json};

/// The image that is added.
pub const IMAGE: &str = "one.more.example/x:v1";

/// Requests that differ by one entry of a list; none where the request writes no such object.
pub fn requests(request: &Value) -> Vec<Value> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let [resource, kind] = [&request["resource"], &request["kind"]];
    let sub_resource = text(&request["subResource"]);
    let Some(served) = SERVED.iter().find(|served| {
        [resource, kind].iter().all(|it| it["group"] == served.group && it["version"] == served.version)
            && resource["resource"] == served.resource
            && kind["kind"] == served.name
            && sub_resource == served.sub_resource
    }) else {
        return Vec::new();
    };
    if !["CREATE", "UPDATE"].contains(&text(&request["operation"]).as_str())
        || !["", "ephemeralcontainers", "resize"].contains(&served.sub_resource)
        || !request["object"].is_object()
    {
        return Vec::new();
    }
    let from = json!({"kind": "DockerImage", "name": IMAGE});
    let at = match served.resource {
        "imagestreams" => {
            return more(request, "/object/spec/tags", &json!({"name": "one-more", "from": from}));
        }
        "builds" | "buildconfigs" => {
            return more(request, "/object/spec/source/images", &json!({"from": from}));
        }
        "pods" => "/object/spec",
        "podtemplates" => "/object/template/spec",
        "cronjobs" => "/object/spec/jobTemplate/spec/template/spec",
        "deployments"
        | "replicasets"
        | "statefulsets"
        | "daemonsets"
        | "jobs"
        | "replicationcontrollers"
        | "deploymentconfigs" => "/object/spec/template/spec",
        _ => return Vec::new(),
    };
    let container = json!({"name": "one-more", "image": IMAGE});
    let volume = json!({"name": "one-more", "image": {"reference": IMAGE}});
    ["containers", "initContainers", "ephemeralContainers", "volumes"]
        .iter()
        .flat_map(|list| {
            more(request, &format!("{at}/{list}"), if *list == "volumes" { &volume } else { &container })
        })
        .collect()
}

/// The request with an entry at the end of a list, which is made where it is missing.
fn more(request: &Value, list: &str, one: &Value) -> Vec<Value> {
    fn insert(here: &mut Value, steps: &[&str], one: &Value) -> Option<()> {
        match steps {
            [] => {
                if here.is_null() {
                    *here = json!([]);
                }
                here.as_array_mut()?.push(one.clone());
                Some(())
            }
            [step, rest @ ..] => {
                if here.is_null() {
                    *here = json!({});
                }
                insert(here.as_object_mut()?.entry(*step).or_insert(Value::Null), rest, one)
            }
        }
    }
    let mut request = request.clone();
    let steps: Vec<&str> = list.split('/').skip(1).collect();
    insert(&mut request, &steps, one).map(|()| request).into_iter().collect()
}
