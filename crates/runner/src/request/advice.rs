//! What is odd about an object as a person wrote it, whatever a policy makes of it.

use openshift_image_trust::{FieldPath, GROUP, VERSION, nearest, quote};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::request::{fields, meant, template};

/// Members whose texts may hold anything.
const FREE: [&str; 5] =
    ["annotations", "labels", "dockerImageConfig", "dockerImageManifest", "dockerImageMetadata"];

/// Something that a person should look at, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The field in the object.
    pub path: FieldPath,
    /// What is odd about it.
    pub oddity: Oddity,
}

/// What is odd.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Oddity {
    /// The version that old documents have.
    #[error("`v1` no longer has this kind: write `{GROUP}/{VERSION}`")]
    LegacyVersion,
    /// A field that the API does not have: its name, and the nearest one.
    #[error("the API has no field {} here and drops it{}", quote(.0), meant(*.1))]
    UnknownField(String, Option<&'static str>),
    /// A parameter of a template that has no value: its name.
    #[error("still holds the template parameter `${{{0}}}`: fill it in first, with `oc process -p {0}=…`")]
    Parameter(String),
}

impl Oddity {
    /// The code by which outputs name it, as they name rules.
    pub fn code(&self) -> &'static str {
        match self {
            Oddity::LegacyVersion => "legacy-version",
            Oddity::UnknownField(..) => "unknown-field",
            Oddity::Parameter(_) => "template-parameter",
        }
    }

    /// Every code, with what it is about.
    pub const CODES: [(&'static str, &'static str); 3] = [
        ("legacy-version", "an object of the image API has the `apiVersion` that old documents have"),
        ("unknown-field", "an object has a field that the API does not know and drops"),
        ("template-parameter", "a template parameter has no value"),
    ];
}

/// What is odd about an object of a kind.
pub(super) fn on(object: &Value, kind: &str) -> Vec<Advice> {
    let mut advice = Vec::new();
    if let Value::Object(members) = object {
        unknown_fields(members, kind, &FieldPath::root(), &mut advice);
    }
    parameters(object, &FieldPath::root(), &mut advice);
    advice
}

fn unknown_fields(members: &Map<String, Value>, type_: &str, at: &FieldPath, advice: &mut Vec<Advice>) {
    for (name, value) in members {
        let Some(mut known) = fields::of(type_) else { return };
        let path = at.clone().member(name);
        match known.find(|(field, _)| field == name) {
            Some((_, None)) => {}
            Some((_, Some(leads_to))) => match value {
                Value::Object(members) => unknown_fields(members, leads_to, &path, advice),
                Value::Array(elements) => {
                    for (index, element) in elements.iter().enumerate() {
                        if let Value::Object(members) = element {
                            unknown_fields(members, leads_to, &path.clone().index(index), advice);
                        }
                    }
                }
                _ => {}
            },
            None => {
                let names = fields::of(type_).into_iter().flatten().map(|(field, _)| field);
                let oddity = Oddity::UnknownField(name.clone(), nearest(name, names));
                advice.push(Advice { path, oddity });
            }
        }
    }
}

fn parameters(value: &Value, at: &FieldPath, advice: &mut Vec<Advice>) {
    match value {
        Value::String(text) => {
            if let Some(name) = template::parameter(text) {
                advice.push(Advice { path: at.clone(), oddity: Oddity::Parameter(name.to_owned()) });
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                parameters(element, &at.clone().index(index), advice);
            }
        }
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, _)| !FREE.contains(&name.as_str())) {
                parameters(value, &at.clone().member(name), advice);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(kind: &str, object: Value) -> Vec<String> {
        on(&object, kind).iter().map(|Advice { path, oddity }| format!("{path}: {oddity}")).collect()
    }

    #[test]
    fn a_misspelt_field_is_noticed_with_the_nearest() {
        let stream = json!({
            "apiVersion": "image.openshift.io/v1", "kind": "ImageStream", "metdata": {"x": 1},
            "metadata": {"name": "a", "anotations": {}, "annotations": {"anything": "${HERE}"}},
            "spec": {"tags": [
                {"name": "v1", "from": {"kind": "DockerImage", "Name": "x"}},
                {"name": "v2", "importPolcy": {"insecure": true}, "importPolicy": {"zzz": 1}},
            ]},
        });
        assert_eq!(
            told("ImageStream", stream),
            [
                "metadata.anotations: the API has no field `anotations` here and drops it; did you mean `annotations`?",
                "metdata: the API has no field `metdata` here and drops it; did you mean `metadata`?",
                "spec.tags[0].from.Name: the API has no field `Name` here and drops it; did you mean `name`?",
                "spec.tags[1].importPolcy: the API has no field `importPolcy` here and drops it; did you mean `importPolicy`?",
                "spec.tags[1].importPolicy.zzz: the API has no field `zzz` here and drops it",
            ]
        );
    }

    #[test]
    fn what_is_in_order_gets_no_advice() {
        for (kind, object) in [
            ("ImageStream", json!({"spec": {"tags": null}, "status": {"dockerImageRepository": ""}})),
            (
                "ImageStreamMapping",
                json!({"image": {"metadata": {"name": "a"}, "signatures": [{"type": "atomic"}]}}),
            ),
            ("Image", json!({"dockerImageMetadata": {"Whatever": "${X}"}, "dockerImageManifest": "${X}"})),
            ("ImageStream", json!(["a list"])),
            ("ImageStream", json!({"spec": "a text"})),
        ] {
            assert_eq!(told(kind, object), Vec::<String>::new(), "{kind}");
        }
    }

    #[test]
    fn a_parameter_that_is_left_is_named() {
        let stream = json!({
            "metadata": {"name": "${NAME}", "labels": {"a": "${X}"}},
            "spec": {"tags": [{"name": "v1", "from": {"kind": "DockerImage", "name": "quay.io/a:${VERSION}"}}]},
        });
        assert_eq!(
            told("ImageStream", stream),
            [
                "metadata.name: still holds the template parameter `${NAME}`: fill it in first, with `oc process -p NAME=…`",
                "spec.tags[0].from.name: still holds the template parameter `${VERSION}`: fill it in first, with `oc process -p VERSION=…`",
            ]
        );
    }
}
