//! A cluster as a folder of its objects, as `oc get images,is -A -o yaml` prints them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openshift_image_trust::{FieldPath, absent};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::answers::{Capabilities, HostCall};
use crate::document::{self, DocumentError};

/// Why a folder is no cluster.
#[derive(Debug, Error)]
pub enum FolderError {
    /// The folder, or a file in it, cannot be read.
    #[error("{}: {}", crate::console::name(.0), .1)]
    Unreadable(PathBuf, std::io::Error),
    /// A file is neither JSON nor YAML.
    #[error("{}: {}", crate::console::name(.0), .1)]
    Document(PathBuf, DocumentError),
    /// Something in a file is no object.
    #[error("{}: holds something that is no object with kind and name", crate::console::name(.0))]
    NoObject(PathBuf),
}

/// API version, kind, namespace and name.
type Key = (String, String, Option<String>, String);

/// The objects of a cluster.
#[derive(Debug, Default)]
pub struct Folder {
    objects: BTreeMap<Key, (Value, Origin)>,
}

/// Where an object stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file.
    pub file: Arc<Path>,
    /// The number of the document, from 0; empty ones do not count.
    pub document: usize,
    /// The object in the document.
    pub path: FieldPath,
}

/// A question as the host receives it.
#[derive(Deserialize)]
struct Question {
    api_version: String,
    kind: String,
    name: String,
    namespace: Option<String>,
    field_masks: Option<Vec<String>>,
}

impl Folder {
    /// Reads every JSON and YAML file of a folder at any depth, or one file. Hidden ones are passed over, and
    /// links to folders not followed.
    ///
    /// # Errors
    /// The first that cannot be read.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let mut files = Vec::new();
        if path.is_dir() {
            list(path, &mut files)?;
            files.sort();
        } else {
            files.push(path.to_owned());
        }
        let mut folder = Self::default();
        for file in files {
            let documents =
                document::load(&file).map_err(|error| FolderError::Document(file.clone(), error))?;
            folder.take(&file, &documents)?;
        }
        Ok(folder)
    }

    /// Takes what the file of this name holds for all there is.
    ///
    /// # Errors
    /// Something in it is no object.
    pub fn of(name: &Path, documents: &[Box<RawValue>]) -> Result<Self, FolderError> {
        let mut folder = Self::default();
        folder.take(name, documents)?;
        Ok(folder)
    }

    /// The objects, in the order of their kinds and names.
    pub fn objects(&self) -> impl Iterator<Item = &Value> {
        self.objects.values().map(|(object, _)| object)
    }

    /// The same, with the place of each.
    pub fn found(&self) -> impl Iterator<Item = (&Value, &Origin)> {
        self.objects.values().map(|(object, origin)| (object, origin))
    }

    /// Takes the objects of another folder too; of two that are the same, the other's count.
    pub fn extend(&mut self, other: Folder) {
        self.objects.extend(other.objects);
    }

    fn take(&mut self, name: &Path, documents: &[Box<RawValue>]) -> Result<(), FolderError> {
        let file: Arc<Path> = Arc::from(name);
        for (document, text) in documents.iter().enumerate() {
            let origin = Origin { file: Arc::clone(&file), document, path: FieldPath::root() };
            serde_json::from_str(text.get())
                .ok()
                .and_then(|value| self.insert(value, origin))
                .ok_or_else(|| FolderError::NoObject(name.to_owned()))?;
        }
        Ok(())
    }

    fn insert(&mut self, mut value: Value, origin: Origin) -> Option<()> {
        let kind = value.get("kind")?.as_str()?.to_owned();
        let api_version = value.get("apiVersion").cloned();
        if let (true, Some(Value::Array(items))) = (kind.ends_with("List"), value.get_mut("items")) {
            return std::mem::take(items).into_iter().enumerate().try_for_each(|(index, mut item)| {
                let members = item.as_object_mut()?;
                // The items of a list of one kind may go without.
                let of_kind = kind.strip_suffix("List").filter(|kind| !kind.is_empty());
                if let Some(of_kind) = of_kind {
                    members.entry("kind").or_insert_with(|| Value::from(of_kind));
                    if let Some(api_version) = &api_version {
                        members.entry("apiVersion").or_insert_with(|| api_version.clone());
                    }
                }
                let path = origin.path.clone().key("items").index(index);
                self.insert(item, Origin { path, ..origin.clone() })
            });
        }
        let metadata = value.get("metadata")?;
        let name = metadata.get("name")?.as_str()?.to_owned();
        let namespace = metadata.get("namespace").and_then(Value::as_str).map(str::to_owned);
        let api_version = api_version.and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_default();
        self.objects.insert((api_version, kind, namespace, name), (value, origin));
        Some(())
    }
}

impl Capabilities for Folder {
    fn answer(&self, call: HostCall<'_>) -> Result<Vec<u8>, String> {
        let HostCall { namespace, operation, payload } = call;
        if (namespace, operation) != ("kubernetes", "get_resource") {
            return Err(format!("a folder of objects has no answer for {namespace}/{operation}"));
        }
        let asked: Question = serde_json::from_slice(payload).map_err(|error| error.to_string())?;
        let Question { api_version, kind, name, namespace, field_masks } = asked;
        // One without a version may be of any.
        let mut key = (api_version.clone(), kind, namespace, name);
        let of_version = self.objects.get(&key);
        key.0.clear();
        let Some((object, _)) = of_version.or_else(|| self.objects.get(&key)) else {
            let (_, kind, namespace, name) = key;
            let absent = absent(&api_version, &kind, &name);
            return Err(format!("{absent} inside of namespace '{namespace:?}'"));
        };
        let pruned = field_masks.map(|masks| {
            let masks: Vec<Vec<&str>> = masks.iter().map(|mask| mask.split('.').collect()).collect();
            prune(object, &masks.iter().map(Vec::as_slice).collect::<Vec<_>>())
        });
        serde_json::to_vec(pruned.as_ref().unwrap_or(object)).map_err(|error| error.to_string())
    }
}

/// Adds the JSON and YAML files below a folder.
fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), FolderError> {
    let unreadable = |error| FolderError::Unreadable(folder.to_owned(), error);
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().map_err(unreadable)?.is_dir() {
            list(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| ["json", "yaml", "yml"].iter().any(|known| extension == *known))
            && path.is_file()
        {
            files.push(path);
        }
    }
    Ok(())
}

/// What is left of a value: what a mask names, and all below it. Lists are passed through.
fn prune(value: &Value, masks: &[&[&str]]) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| prune(item, masks)).collect(),
        Value::Object(members) => {
            let kept = members.iter().filter_map(|(name, value)| {
                let below: Vec<&[&str]> = masks
                    .iter()
                    .filter_map(|mask| mask.split_first().filter(|(first, _)| *first == name))
                    .map(|(_, rest)| rest)
                    .collect();
                match below.as_slice() {
                    [] => None,
                    below if below.iter().any(|rest| rest.is_empty()) => Some((name.clone(), value.clone())),
                    below => Some((name.clone(), prune(value, below))),
                }
            });
            Value::Object(kept.collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mask_keeps_what_it_names_and_all_below() {
        let object = json!({"a": {"b": 1, "c": [{"d": 1, "e": 2}, {"e": 3}]}, "f": {"g": {"h": 1}}, "i": 2});
        for (masks, kept) in [
            (&["a.b"][..], json!({"a": {"b": 1}})),
            (&["a.c.d"], json!({"a": {"c": [{"d": 1}, {}]}})),
            (&["f"], json!({"f": {"g": {"h": 1}}})),
            (&["f.g", "i"], json!({"f": {"g": {"h": 1}}, "i": 2})),
            (&["x", "a.x.y"], json!({"a": {}})),
        ] {
            let masks: Vec<Vec<&str>> = masks.iter().map(|mask| mask.split('.').collect()).collect();
            let masks: Vec<&[&str]> = masks.iter().map(Vec::as_slice).collect();
            assert_eq!(prune(&object, &masks), kept, "{masks:?}");
        }
    }

    #[test]
    fn lists_are_taken_apart_and_what_is_missing_is_said_as_kubewarden_says_it() {
        let mut folder = Folder::default();
        let origin = || Origin { file: Arc::from(Path::new("a.yaml")), document: 1, path: FieldPath::root() };
        let list = json!({"kind": "List", "items": [
            {"kind": "Image", "metadata": {"name": "sha256:1"}},
            {"kind": "ImageStreamList", "items": [{"metadata": {"name": "web", "namespace": "shop"}}]},
        ]});
        folder.insert(list, origin()).unwrap();
        let places: Vec<String> = folder.found().map(|(_, origin)| origin.path.to_string()).collect();
        assert_eq!(places, ["items[0]", "items[1].items[0]"]);
        for version in ["v1", "apps/v1"] {
            let object = json!({"apiVersion": version, "kind": "Image", "metadata": {"name": version}});
            folder.insert(object, origin()).unwrap();
        }
        let ask = |kind: &str, name: &str, namespace: Option<&str>| {
            let question = json!({"api_version": "v1", "kind": kind, "name": name, "namespace": namespace, "disable_cache": true, "field_masks": ["metadata.name"]});
            let payload = serde_json::to_vec(&question).unwrap();
            folder
                .answer(HostCall { namespace: "kubernetes", operation: "get_resource", payload: &payload })
                .map(|answer| String::from_utf8(answer).unwrap())
        };
        assert_eq!(ask("Image", "sha256:1", None).unwrap(), r#"{"metadata":{"name":"sha256:1"}}"#);
        assert_eq!(ask("ImageStream", "web", Some("shop")).unwrap(), r#"{"metadata":{"name":"web"}}"#);
        // Of another group, it is another object.
        assert!(ask("Image", "v1", None).is_ok());
        assert!(ask("Image", "apps/v1", None).is_err());
        for (kind, name, namespace) in
            [("Image", "sha256:2", None), ("ImageStream", "web", Some("other")), ("ImageStream", "web", None)]
        {
            let error = ask(kind, name, namespace).unwrap_err();
            assert!(error.starts_with(&format!("Cannot find v1/{kind} named '{name}'")), "{error}");
        }
        assert!(folder.insert(json!({"kind": "Image"}), origin()).is_none());
    }
    #[test]
    fn a_folder_is_read_at_any_depth() {
        let root = std::env::temp_dir().join(format!("image-trust-folder-{}", std::process::id()));
        let written = [
            ("a.yaml", "a"),
            ("shop/b.json", "b"),
            ("shop/deep/er/c.yml", "c"),
            (".git/d.yaml", "d"),
            ("shop/.e.yaml", "e"),
            ("shop/f.txt", "f"),
        ];
        for (file, name) in written {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let object = json!({"kind": "Image", "metadata": {"name": name}});
            std::fs::write(path, object.to_string()).unwrap();
        }
        let folder = Folder::open(&root).unwrap();
        let names: Vec<_> = folder.objects().map(|object| object["metadata"]["name"].clone()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        std::fs::write(root.join("shop/deep/broken.yaml"), "a: [").unwrap();
        let error = Folder::open(&root).unwrap_err().to_string();
        assert!(error.contains("shop/deep/broken.yaml: is not valid YAML"), "{error}");
        std::fs::remove_dir_all(root).unwrap();
    }
}
