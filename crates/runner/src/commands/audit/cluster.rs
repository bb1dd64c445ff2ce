//! The objects of a cluster, from files, and where each stands.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use openshift_image_trust::{GROUP, resource_of};
use regex::Regex;
use serde_json::Value;

use crate::answers::{Folder, Origin};
use crate::commands::inputs::{self, Filter};
use crate::commands::outputs::{Findings, Place};
use crate::document;
use crate::request::Others;

/// Kinds of the image API that are judged. A tag or an image of a stream is part of that stream.
const KINDS: [&str; 2] = ["ImageStream", "Image"];

/// What was read.
pub struct Cluster {
    /// All objects.
    pub folder: Arc<Folder>,
    /// How many files were read.
    pub files: usize,
    /// How many objects were read.
    pub objects: usize,
    /// Of pods that have ended, which run nothing any more.
    pub ended: usize,
}

/// The sorts of objects that are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Stream,
    Image,
    Pod,
    /// What makes pods, or images.
    Workload,
}

/// An object that is judged.
#[derive(Clone)]
pub struct Object<'c> {
    pub value: &'c Value,
    pub sort: Sort,
    pub origin: &'c Origin,
    pub place: Place,
}

/// Objects to judge, and what else there is.
pub struct Selection<'c> {
    pub objects: Vec<Object<'c>>,
    /// The kinds that are not judged.
    pub others: Others,
    /// How many pods, and objects that make some, are in namespaces of which no policy for them is asked.
    pub left_out: usize,
}

impl Cluster {
    /// Reads one file, or those of a folder at any depth. What cannot be read is noted and passed over.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn read(path: &Path, findings: &mut Findings) -> anyhow::Result<Self> {
        let mut folder = Folder::default();
        let mut files = 0;
        for input in inputs::expand(path, &Filter::new(&[], &[])?)? {
            let read = document::load(&input.path)
                .map_err(|error| error.to_string())
                .and_then(|documents| Folder::of(&input.path, &documents).map_err(|error| error.to_string()));
            match read {
                Ok(part) => {
                    files += 1;
                    folder.extend(part);
                }
                Err(error) => {
                    let name = format!("{}: ", crate::console::name(&input.path));
                    let message = error.strip_prefix(&name).unwrap_or(&error).to_owned();
                    findings.give_up(Place::of(&input.path), message);
                }
            }
        }
        let objects = folder.objects().count();
        let ended =
            folder.objects().filter(|object| sort(object) == Some(Sort::Pod) && has_ended(object)).count();
        Ok(Cluster { folder: Arc::new(folder), files, objects, ended })
    }

    /// What is judged, in the namespaces that the pattern matches. Without one, what runs in the platform's is
    /// left out.
    pub fn judged(&self, namespace: Option<&Regex>) -> Selection<'_> {
        let mut others = Others::default();
        let mut judged = Vec::new();
        let mut left_out = 0;
        for (value, origin) in self.folder.found() {
            match sort(value) {
                None => others.add(text(value, "/kind")),
                Some(Sort::Pod) if has_ended(value) => {}
                Some(Sort::Pod | Sort::Workload)
                    if namespace.is_none() && is_platform_namespace(text(value, "/metadata/namespace")) =>
                {
                    left_out += 1;
                }
                Some(sort) => {
                    if namespace.is_none_or(|pattern| pattern.is_match(text(value, "/metadata/namespace"))) {
                        judged.push(Object { value, sort, origin, place: Place::of(&origin.file) });
                    }
                }
            }
        }
        Selection { objects: judged, others, left_out }
    }

    /// How many Images there are of each registry, and how many of them have signatures.
    pub fn signed(&self) -> HashMap<String, (usize, usize)> {
        let mut registries: HashMap<String, (usize, usize)> = HashMap::new();
        for image in self.folder.objects().filter(|object| sort(object) == Some(Sort::Image)) {
            let reference = text(image, "/dockerImageReference");
            let registry = openshift_image_trust::PullSpec::parse(reference)
                .map_or_else(|_| "(unknown)".to_owned(), |spec| spec.registry().to_owned());
            let (signed, all) = registries.entry(registry).or_default();
            *all += 1;
            let signatures = image.get("signatures").and_then(Value::as_array);
            *signed += usize::from(signatures.is_some_and(|signatures| !signatures.is_empty()));
        }
        registries
    }
}

impl Object<'_> {
    pub fn kind(&self) -> &str {
        text(self.value, "/kind")
    }

    pub fn namespace(&self) -> &str {
        text(self.value, "/metadata/namespace")
    }

    pub fn name(&self) -> &str {
        text(self.value, "/metadata/name")
    }

    /// `ImageStream shop/web`
    pub fn title(&self) -> String {
        match (self.kind(), self.namespace(), self.name()) {
            (kind, "", name) => format!("{kind} {name}"),
            (kind, namespace, name) => format!("{kind} {namespace}/{name}"),
        }
    }
}

/// A string in an object; empty where there is none.
pub fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Whether the pack `running-images` is not asked about a namespace.
fn is_platform_namespace(namespace: &str) -> bool {
    ["default", "kubewarden", "openshift"].contains(&namespace)
        || ["kube-", "openshift-"].iter().any(|prefix| namespace.starts_with(prefix))
}

fn has_ended(pod: &Value) -> bool {
    matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
}

fn sort(object: &Value) -> Option<Sort> {
    let (api_version, kind) = (text(object, "/apiVersion"), text(object, "/kind"));
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    if group == GROUP || (api_version == "v1" && KINDS.contains(&kind)) {
        return match kind {
            "ImageStream" => Some(Sort::Stream),
            "Image" => Some(Sort::Image),
            _ => None,
        };
    }
    resource_of(group, kind).map(|_| if kind == "Pod" { Sort::Pod } else { Sort::Workload })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_pack_is_not_asked_about_is_platform_namespace() {
        let pack = include_str!("../../../../../policies/running-images/policy.yaml");
        let pack: Value = serde_norway::from_str(pack).unwrap();
        let names = pack.pointer("/spec/namespaceSelector/matchExpressions/0/values").unwrap();
        let prefixed = ["openshift-monitoring".into(), "kube-x".into()];
        for name in names.as_array().unwrap().iter().chain(&prefixed) {
            assert!(is_platform_namespace(name.as_str().unwrap()), "{name}");
        }
        for name in ["", "shop", "openshifts", "kube", "kubewarden-x", "my-openshift-x"] {
            assert!(!is_platform_namespace(name), "{name}");
        }
        let condition = pack.pointer("/spec/matchConditions/0/expression").and_then(Value::as_str).unwrap();
        assert!(condition.contains("startsWith('openshift-')") && condition.contains("startsWith('kube-')"));
    }

    #[test]
    fn what_is_judged_is_told_by_group_and_kind() {
        for (api_version, kind, expected) in [
            ("image.openshift.io/v1", "ImageStream", Some(Sort::Stream)),
            ("v1", "Image", Some(Sort::Image)),
            ("config.openshift.io/v1", "Image", None),
            ("image.openshift.io/v1", "ImageStreamTag", None),
            ("v1", "Pod", Some(Sort::Pod)),
            ("metrics.k8s.io/v1", "Pod", None),
            ("apps/v1", "Deployment", Some(Sort::Workload)),
            ("v1", "Service", None),
            ("", "", None),
        ] {
            assert_eq!(
                sort(&json!({"apiVersion": api_version, "kind": kind})),
                expected,
                "{api_version} {kind}"
            );
        }
    }
}
