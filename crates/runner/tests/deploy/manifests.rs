//! Reads manifests, and puts kustomizations together as `oc apply -k` does.
//!
//! Only what `deploy/` uses of kustomize is understood; anything else fails the test, so nothing is
//! left out unseen.

use std::path::{Path, PathBuf};

use image_trust::document;
use serde::Deserialize;
use serde_json::Value;

/// A `kustomization.yaml`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Kustomization {
    api_version: String,
    kind: String,
    #[serde(default)]
    resources: Vec<PathBuf>,
    #[serde(default)]
    components: Vec<PathBuf>,
    #[serde(default)]
    patches: Vec<Patch>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    target: Target,
    patch: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    op: String,
    path: String,
    value: Value,
}

/// The manifests of a file, in order.
pub(crate) fn load(path: &Path) -> Vec<Value> {
    let documents = document::load(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    documents.iter().map(|document| serde_json::from_str(document.get()).unwrap()).collect()
}

/// The YAML files below a directory, in order.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|it| it == "yaml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What a directory's kustomization yields.
pub(crate) fn build(directory: &Path) -> Vec<Value> {
    let kustomization = read(directory);
    assert_eq!(kustomization.kind, "Kustomization", "{}", directory.display());
    assert_eq!(kustomization.api_version, "kustomize.config.k8s.io/v1beta1", "{}", directory.display());
    let mut manifests = Vec::new();
    for resource in &kustomization.resources {
        let path = directory.join(resource);
        if path.is_dir() {
            manifests.extend(build(&path));
        } else {
            // kustomize reads no file outside the directory, unless it is told to.
            assert_eq!(resource.components().count(), 1, "{}", path.display());
            manifests.extend(load(&path));
        }
    }
    for component in &kustomization.components {
        let path = directory.join(component);
        let component = read(&path);
        assert_eq!(component.kind, "Component", "{}", path.display());
        assert_eq!(component.api_version, "kustomize.config.k8s.io/v1alpha1", "{}", path.display());
        assert!(component.resources.is_empty() && component.components.is_empty(), "{}", path.display());
        apply(&component.patches, &mut manifests);
    }
    apply(&kustomization.patches, &mut manifests);
    manifests
}

fn read(directory: &Path) -> Kustomization {
    let path = directory.join("kustomization.yaml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_norway::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn apply(patches: &[Patch], manifests: &mut [Value]) {
    for Patch { target, patch } in patches {
        let operations: Vec<Operation> = serde_norway::from_str(patch).unwrap();
        let mut patched = 0;
        for manifest in manifests.iter_mut().filter(|it| it["kind"] == *target.kind) {
            for Operation { op, path, value } in &operations {
                assert_eq!(op, "replace");
                let place = manifest.pointer_mut(path).unwrap_or_else(|| panic!("nothing at {path}"));
                *place = value.clone();
            }
            patched += 1;
        }
        assert_ne!(patched, 0, "a patch has nothing to change");
    }
}
