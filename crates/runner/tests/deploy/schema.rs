//! What Kubewarden's resource definitions take, as strictly as `oc apply --validate=strict` is.

use std::collections::BTreeMap;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

use crate::manifests;

/// The definitions, by the kind and API version that they define.
pub(crate) struct Definitions {
    schemas: Schemas,
    index: BTreeMap<(String, String), SchemaIndex>,
}

impl Definitions {
    /// Those in `tests/kubewarden-crds`.
    pub(crate) fn load() -> Self {
        let mut found = Definitions { schemas: Schemas::new(), index: BTreeMap::new() };
        for path in manifests::files(&crate::common::root().join("tests/kubewarden-crds")) {
            for definition in manifests::load(&path) {
                found.define(&definition);
            }
        }
        found
    }

    fn define(&mut self, definition: &Value) {
        let [group, kind] = ["/spec/group", "/spec/names/kind"].map(|at| text(definition, at));
        for version in definition["spec"]["versions"].as_array().unwrap() {
            let api_version = format!("{group}/{}", text(version, "/name"));
            let mut schema = version["schema"]["openAPIV3Schema"].clone();
            // Object metadata is the API server's own business, and has no schema here.
            schema["properties"].as_object_mut().unwrap().remove("metadata");
            close(&mut schema);
            schema["properties"]["metadata"] = json!({"type": "object"});
            let url = format!("mem:///{api_version}/{kind}.json");
            let mut compiler = Compiler::new();
            compiler.add_resource(&url, schema).unwrap();
            let index = compiler.compile(&url, &mut self.schemas).unwrap();
            self.index.insert((api_version, kind.to_owned()), index);
        }
    }

    /// Why a manifest is not taken; `None` for a kind that is not Kubewarden's.
    pub(crate) fn check(&self, manifest: &Value) -> Option<Result<(), String>> {
        let [api_version, kind] = ["/apiVersion", "/kind"].map(|at| text(manifest, at).to_owned());
        let index = self.index.get(&(api_version, kind))?;
        Some(self.schemas.validate(manifest, *index).map_err(|error| error.to_string()))
    }
}

/// Refuses what the API server would silently drop: fields that no one defined.
fn close(schema: &mut Value) {
    let keeps = schema.get("x-kubernetes-preserve-unknown-fields") == Some(&json!(true));
    let Some(object) = schema.as_object_mut() else { return };
    if object.get("type") == Some(&json!("object")) && !keeps {
        object.entry("additionalProperties").or_insert(json!(false));
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = object.get_mut(key) {
            close(inner);
        }
    }
    if let Some(properties) = object.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(close);
    }
}

fn text<'v>(value: &'v Value, at: &str) -> &'v str {
    value.pointer(at).and_then(Value::as_str).unwrap_or_else(|| panic!("no {at} in {value}"))
}
