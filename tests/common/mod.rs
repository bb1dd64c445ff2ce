//! Requests written short, for tests: what every AdmissionReview repeats is filled in.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    missing_docs,
    reason = "shared by several test crates"
)]

pub mod fixture;
pub mod signed;

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fixture::Fixture;
use openshift_image_trust::{GROUP, SERVED, Verdict, evaluate};
use serde_json::{Map, Value, json};
use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::utc_datetime;

/// When tests take place, unless they say otherwise.
pub const NOW: UtcDateTime = utc_datetime!(2026-06-01 12:00);

/// Kind and resource with sub-resource.
const RESOURCES: [(&str, &str, &str); 10] = [
    ("Image", "images", ""),
    ("ImageSignature", "imagesignatures", ""),
    ("ImageStream", "imagestreams", ""),
    ("ImageStreamImage", "imagestreamimages", ""),
    ("ImageStreamImport", "imagestreamimports", ""),
    ("ImageStreamLayers", "imagestreams", "layers"),
    ("ImageStreamMapping", "imagestreammappings", ""),
    ("ImageStreamTag", "imagestreamtags", ""),
    ("ImageTag", "imagetags", ""),
    ("SecretList", "imagestreams", "secrets"),
];

/// A short request: `object` and, where they matter, `old`, `operation`, `subresource`, `user`,
/// `groups` (those of the user), `namespace`, `now`, `settings`.
/// `cluster` holds the objects that the cluster has; without it there is none to ask.
pub struct Short {
    pub payload: Value,
    pub now: UtcDateTime,
    pub cluster: Fixture,
}

impl Short {
    /// Reads one, in YAML.
    pub fn parse(yaml: &str) -> Self {
        let mut short: Map<String, Value> =
            serde_norway::from_str(yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
        short.values_mut().for_each(include);
        let mut take = |key: &str| short.remove(key);
        let now = take("now").map_or(NOW, |now| UtcDateTime::parse(now.as_str().unwrap(), &Rfc3339).unwrap());
        let cluster = Fixture::new(take("cluster"));
        let settings = take("settings").unwrap_or(json!({}));
        let mut object = take("object").unwrap_or(Value::Null);
        let mut old = take("old").unwrap_or(Value::Null);
        let kind = [&object, &old]
            .into_iter()
            .find_map(|object| object["kind"].as_str())
            .expect("a kind")
            .to_owned();
        let known = RESOURCES.iter().find(|(known, ..)| *known == kind);
        let says = [&object, &old].into_iter().find_map(|object| object["apiVersion"].as_str());
        let (said, version) = match says.map(|says| says.split_once('/').unwrap_or(("", says))) {
            Some((group, version)) => (Some(group.to_owned()), version.to_owned()),
            None => (None, "v1".to_owned()),
        };
        let workload = SERVED.iter().find(|served| {
            served.group != GROUP
                && served.name == kind
                && said.as_ref().is_none_or(|said| said == served.group)
        });
        let (group, resource, sub_resource) = match (known, workload) {
            (Some((_, resource, sub_resource)), _) => (GROUP, (*resource).to_owned(), *sub_resource),
            (None, Some(served)) => (served.group, served.resource.to_owned(), ""),
            (None, None) => (said.as_deref().unwrap_or_default(), format!("{}s", kind.to_lowercase()), ""),
        };
        let sub_resource =
            take("subresource").map_or(sub_resource.to_owned(), |it| it.as_str().unwrap().to_owned());
        let cluster_wide = ["Image", "ImageSignature"].contains(&kind.as_str());
        let namespace = take("namespace").map_or("shop".to_owned(), |it| it.as_str().unwrap().to_owned());
        for object in [&mut object, &mut old] {
            complete(object, group, &version, if cluster_wide { None } else { Some(&namespace) });
        }
        let operation = take("operation")
            .unwrap_or_else(|| if old.is_null() { json!("CREATE") } else { json!("UPDATE") });
        let name =
            [&object, &old].into_iter().find_map(|it| it["metadata"]["name"].as_str()).map(str::to_owned);
        let user = take("user").unwrap_or(json!("dana"));
        let groups = take("groups").unwrap_or_else(|| groups_of(&user));
        let mut request = json!({
            "uid": "00000000-0000-4000-8000-000000000000",
            "kind": {"group": group, "version": version, "kind": kind},
            "resource": {"group": group, "version": version, "resource": resource},
            "operation": operation,
            "userInfo": {
                "username": user,
                "groups": groups,
            },
            "object": object,
            "oldObject": old,
            "dryRun": take("dryRun").unwrap_or(json!(false)),
        });
        if !sub_resource.is_empty() {
            request["subResource"] = json!(sub_resource);
        }
        if !cluster_wide {
            request["namespace"] = json!(namespace);
        }
        if let Some(name) = take("name").or(name.map(Value::from)) {
            request["name"] = name;
        }
        assert!(short.is_empty(), "unknown keys {:?} in\n{yaml}", short.keys());
        Self { payload: json!({"request": request, "settings": settings}), now, cluster }
    }

    /// The policy's answer.
    pub fn verdict(&self) -> Verdict {
        evaluate(&serde_json::to_vec(&self.payload).unwrap(), self.now, &self.cluster)
    }
}

/// The groups that the API server puts a user into.
fn groups_of(user: &Value) -> Value {
    let account = user.as_str().and_then(|user| user.strip_prefix("system:serviceaccount:"));
    match account.and_then(|account| account.split(':').next()) {
        Some(namespace) => {
            json!([
                "system:serviceaccounts",
                format!("system:serviceaccounts:{namespace}"),
                "system:authenticated"
            ])
        }
        None => json!(["system:authenticated"]),
    }
}

/// The folder of the policy's tests, whichever crate's tests ask.
pub fn tests() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    crates.map(|it| it.join("tests")).find(|it| it.join("attack_variants").is_dir()).unwrap()
}

/// Puts files in where they are meant: `<path>` below tests/signatures stands for its content,
/// a key's as it is and a signature's in base64.
pub fn include(value: &mut Value) {
    match value {
        Value::String(text) => {
            let Some(path) = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')) else { return };
            let path = tests().join("signatures").join(path);
            let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            *text = match path.extension().and_then(|extension| extension.to_str()) {
                Some("asc") => String::from_utf8(bytes).unwrap(),
                _ => STANDARD.encode(bytes),
            };
        }
        Value::Array(list) => list.iter_mut().for_each(include),
        Value::Object(map) => map.values_mut().for_each(include),
        _ => {}
    }
}

fn complete(object: &mut Value, group: &str, version: &str, namespace: Option<&str>) {
    let Some(object) = object.as_object_mut() else { return };
    let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    object.entry("apiVersion").or_insert(json!(api_version));
    let default_name = match object["kind"].as_str() {
        Some("Image") => "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25",
        Some("ImageStreamTag" | "ImageTag") => "web:v1",
        Some("ImageSignature") => {
            "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25@one"
        }
        _ => "web",
    };
    let metadata = object.entry("metadata").or_insert(json!({}));
    let Some(metadata) = metadata.as_object_mut() else { return };
    metadata.entry("name").or_insert(json!(default_name));
    if let Some(namespace) = namespace {
        metadata.entry("namespace").or_insert(json!(namespace));
    }
}

/// Denials and warnings of an answer, a line each, in order.
pub fn lines(verdict: &Verdict) -> Vec<String> {
    let denied = verdict.message.iter().flat_map(|message| message.lines().skip(1));
    denied.map(str::to_owned).chain(verdict.warnings.iter().cloned()).collect()
}

/// `<code> <path>` of a line.
pub fn code_and_path(line: &str) -> (String, String) {
    // A path has no blanks; the name of an entry may follow it in brackets.
    let (path, rest) = line.split_once(' ').unwrap_or_else(|| panic!("no path: {line}"));
    let named = || rest.starts_with('(').then_some(path);
    let path = path.strip_suffix(':').or_else(named).unwrap_or_else(|| panic!("no path: {line}"));
    let code = rest
        .rsplit_once(" [")
        .and_then(|(_, code)| code.strip_suffix(']'))
        .unwrap_or_else(|| panic!("no code: {line}"));
    (code.to_owned(), path.to_owned())
}

/// A table of short requests: the lines that a rule gives for each, other rules' left out.
#[track_caller]
pub fn assert_rule(code: &str, table: &[(&str, &str, &[&str])]) {
    for (name, short, expected) in table {
        let short = Short::parse(short);
        let verdict = short.verdict();
        let all = lines(&verdict);
        let suffix = format!(" [{code}]");
        let found: Vec<&str> = all.iter().filter_map(|line| line.strip_suffix(&suffix)).collect();
        assert_eq!(found, *expected, "{name}; all: {all:#?}");
    }
}
