//! The requests of `tests/attacks`, and those of `tests/attack_variants` that have the same effects by another
//! way, each with the verdict that is right. They are tried on the library and on the module.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    missing_docs,
    reason = "shared by tests of two crates"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use openshift_image_trust::{Verdict, validate_settings};
use serde::Deserialize;
use serde_json::{Value, json};
use time::UtcDateTime;
use time::macros::utc_datetime;

use crate::common::fixture::Fixture;
use crate::common::{NOW, Short, code_and_path, include, lines, tests};

/// After the last of the attacks was made, keys included.
const LATEST: UtcDateTime = utc_datetime!(2026-12-01 00:00);

/// Settings, and a request under them.
pub struct Attempt {
    /// What it is called.
    pub name: String,
    pub settings: Value,
    /// When the settings are read.
    pub now: UtcDateTime,
    /// `None` where settings alone are to be refused.
    pub request: Option<Short>,
    pub right: Right,
}

/// What is right.
#[derive(Clone, Debug)]
pub enum Right {
    Allowed,
    /// By this rule; without one by any, or the settings are refused.
    Denied(Option<String>),
}

impl Attempt {
    /// What is wrong with a verdict, if anything is.
    pub fn fault(&self, verdict: Option<&Verdict>) -> Option<String> {
        let is_refused = !validate_settings(self.settings.to_string().as_bytes(), self.now).valid;
        let is_accepted = verdict.is_none_or(|verdict| verdict.accepted);
        let told = verdict.map(lines).unwrap_or_default();
        let is_right = match &self.right {
            Right::Allowed => is_accepted && !is_refused,
            Right::Denied(None) => !is_accepted || is_refused,
            Right::Denied(Some(rule)) => {
                !is_accepted && told.iter().any(|line| code_and_path(line).0 == *rule)
            }
        };
        let right = &self.right;
        (!is_right).then(|| {
            let payload = self.request.as_ref().map_or(&self.settings, |request| &request.payload);
            format!(
                "{}: not {right:?}; accepted: {is_accepted}, settings refused: {is_refused}, {told:#?}\n{payload}",
                self.name
            )
        })
    }
}

/// All of them, the attacks first.
pub fn attempts() -> Vec<Attempt> {
    attacks().into_iter().chain(groups().into_iter().flat_map(Group::attempts)).collect()
}

/// The attacks themselves.
pub fn attacks() -> Vec<Attempt> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(tests().join("attacks")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    assert!(files.len() >= 38, "{}", files.len());
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let attack: Value = serde_json::from_slice(&std::fs::read(&path).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let settings = attack["settings"].clone();
        let not_granted = json!(["not granted"]);
        let cluster = attack.get("cluster").unwrap_or(&not_granted).clone();
        let request = Short {
            payload: json!({"request": attack["request"], "settings": settings}),
            now: LATEST,
            cluster: Fixture::new(Some(cluster)),
        };
        let right = match (attack["expected"].as_str().unwrap(), attack["rule"].as_str()) {
            ("allow", None) => Right::Allowed,
            ("deny", rule) => Right::Denied(rule.map(str::to_owned)),
            (expected, rule) => panic!("{name}: {expected} by {rule:?} is not an expectation"),
        };
        Attempt { name, settings, now: LATEST, request: Some(request), right }
    };
    files.into_iter().map(read).collect()
}

/// Variants of some attacks, which are of one kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The attacks.
    pub of: Vec<String>,
    #[serde(default)]
    settings: Value,
    /// The rule that has to refuse; without it any may, or the settings are refused.
    rule: Option<String>,
    /// What look-ups find, beside the stream that is written.
    cluster: Option<Vec<Value>>,
    variants: Vec<Variant>,
    /// What must go on passing under the same settings.
    #[serde(default)]
    honest: Vec<Variant>,
}

/// A request, or the writes of one tag through several kinds.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    what: String,
    settings: Option<Value>,
    rule: Option<String>,
    cluster: Option<Vec<Value>>,
    /// A short request, as `common::Short` reads it.
    request: Option<Value>,
    /// The tag `v1` of the stream `web` before, if it was there, and after, if it stays.
    was: Option<Value>,
    tag: Option<Value>,
    /// Through which kinds it is written.
    #[serde(default = "every_door")]
    doors: Vec<String>,
    /// The other tags of its stream.
    #[serde(default)]
    beside: Vec<Value>,
    /// What tags of the stream show, the newest first.
    #[serde(default)]
    events: BTreeMap<String, Vec<String>>,
    /// Whether look-ups are not granted.
    #[serde(default)]
    unasked: bool,
}

impl Group {
    /// How many requests there are that have the effect of the attacks.
    pub fn count(&self) -> usize {
        self.variants.iter().map(|variant| variant.requests().len()).sum()
    }

    fn attempts(self) -> Vec<Attempt> {
        let of = |variant: &Variant, right: &Right| -> Vec<Attempt> {
            let requests = variant.requests().into_iter();
            requests.map(|(what, request)| self.attempt(variant, what, request, right.clone())).collect()
        };
        let denied = |variant: &Variant| {
            of(variant, &Right::Denied(variant.rule.as_ref().or(self.rule.as_ref()).cloned()))
        };
        let allowed = |variant: &Variant| of(variant, &Right::Allowed);
        self.variants.iter().flat_map(denied).chain(self.honest.iter().flat_map(allowed)).collect()
    }

    fn attempt(&self, variant: &Variant, what: String, mut request: Value, right: Right) -> Attempt {
        let written = variant.settings.as_ref().unwrap_or(&self.settings);
        let mut settings = written.clone();
        include(&mut settings);
        let name = format!("{}: {what}", self.of.join(", "));
        if request.is_null() {
            return Attempt { name, settings, now: NOW, request: None, right };
        }
        request["settings"] = written.clone();
        if request["cluster"].is_null() && !variant.unasked {
            let was = variant.was.as_ref().map(named);
            let mut found = variant.cluster.clone().or_else(|| self.cluster.clone());
            if variant.request.is_none()
                && (was.is_some() || !variant.beside.is_empty() || !variant.events.is_empty())
            {
                found.get_or_insert_default().push(variant.stream(was.as_ref()));
            }
            if let Some(found) = found {
                request["cluster"] = json!(found);
            }
        }
        if request["cluster"].is_null() {
            request.as_object_mut().unwrap().remove("cluster");
        }
        let request = Some(Short::parse(&request.to_string()));
        Attempt { name, settings, now: NOW, request, right }
    }
}

fn every_door() -> Vec<String> {
    ["ImageStream", "ImageStreamTag", "ImageTag"].map(str::to_owned).to_vec()
}

impl Variant {
    /// The requests that it stands for, each with what it is called.
    fn requests(&self) -> Vec<(String, Value)> {
        if let Some(request) = &self.request {
            return vec![(self.what.clone(), request.clone())];
        }
        let through = |door: &String| (format!("{}, {door}", self.what), self.through(door));
        if self.was.is_none() && self.tag.is_none() {
            return vec![(self.what.clone(), Value::Null)];
        }
        self.doors.iter().map(through).collect()
    }

    fn stream(&self, tag: Option<&Value>) -> Value {
        let tags: Vec<&Value> = self.beside.iter().chain(tag).collect();
        let lists: Vec<Value> = self.events.keys().map(|tag| self.history(tag)).collect();
        json!({"kind": "ImageStream", "apiVersion": "image.openshift.io/v1",
               "metadata": {"name": "web", "namespace": "shop"}, "spec": {"tags": tags}, "status": {"tags": lists}})
    }

    fn history(&self, tag: &str) -> Value {
        let event = |pull_spec: &String| {
            let image = pull_spec.split_once('@').map_or("", |(_, digest)| digest);
            json!({"created": "2026-01-01T00:00:00Z", "generation": 1, "image": image, "dockerImageReference": pull_spec})
        };
        let items: Vec<Value> = self.events.get(tag).into_iter().flatten().map(event).collect();
        json!({"tag": tag, "items": items})
    }

    fn through(&self, door: &str) -> Value {
        let (was, tag) = (self.was.as_ref().map(named), self.tag.as_ref().map(named));
        let is_new = was.is_none() && self.beside.is_empty() && self.events.is_empty();
        let history = self.history("v1");
        let newest = &history["items"][0];
        let shown = match newest {
            Value::Null => json!({"metadata": {}}),
            newest => {
                json!({"metadata": {"name": newest["image"]}, "dockerImageReference": newest["dockerImageReference"]})
            }
        };
        let of = |tag: Option<&Value>| match door {
            "ImageStream" => self.stream(tag),
            "ImageStreamTag" => {
                json!({"kind": door, "metadata": {"name": "web:v1"}, "tag": tag, "image": shown})
            }
            "ImageTag" => {
                json!({"kind": door, "metadata": {"name": "web:v1"}, "spec": tag, "status": history})
            }
            "ImageStreamImport" => {
                let mut entry = tag.cloned().unwrap_or_default();
                entry["to"] = json!({"name": "v1"});
                json!({"kind": door, "spec": {"import": true, "images": [entry]}})
            }
            door => panic!("{door} is no way to a tag"),
        };
        let mut request = json!({"object": of(tag.as_ref())});
        if door != "ImageStreamImport" && !is_new {
            request["old"] = of(was.as_ref());
        }
        request
    }
}

/// A tag with its name.
fn named(tag: &Value) -> Value {
    let mut tag = tag.clone();
    if tag["name"].is_null() {
        tag["name"] = json!("v1");
    }
    tag
}

/// The variants, by file.
pub fn groups() -> Vec<Group> {
    let folder = std::fs::read_dir(tests().join("attack_variants")).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.retain(|path| path.file_stem().is_some_and(|name| name != "elsewhere"));
    files.sort();
    let read = |path: &PathBuf| -> Vec<Group> {
        let text = std::fs::read_to_string(path).unwrap();
        serde_norway::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    files.iter().flat_map(read).collect()
}
