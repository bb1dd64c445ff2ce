//! The requests of `tests/attack_variants`: each has the effect of one of `tests/attacks` by another kind,
//! operation, field, spelling or order, and gets the verdict that is right for that one.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{Short, code_and_path, include, lines};
use openshift_image_trust::validate_settings;
use serde::Deserialize;
use serde_json::{Value, json};

/// How many there are at least of each.
const LEAST: usize = 3;

/// Variants of some attacks, which are of one kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    /// The attacks.
    of: Vec<String>,
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
struct Variant {
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

/// What is wrong with the verdicts of a variant; `is_right` says of one what is.
fn judge(group: &Group, variant: &Variant, is_right: impl Fn(bool, bool, &[String]) -> bool) -> Vec<String> {
    let settings = variant.settings.as_ref().unwrap_or(&group.settings);
    let judged = |(what, mut request): (String, Value)| {
        let mut included = settings.clone();
        include(&mut included);
        let is_refused = !validate_settings(included.to_string().as_bytes(), common::NOW).valid;
        if request.is_null() {
            return (!is_right(true, is_refused, &[])).then(|| format!("{what}: {settings} is not refused"));
        }
        request["settings"] = settings.clone();
        if request["cluster"].is_null() && !variant.unasked {
            let was = variant.was.as_ref().map(named);
            let mut found = variant.cluster.clone().or_else(|| group.cluster.clone());
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
        let verdict = Short::parse(&request.to_string()).verdict();
        let told = lines(&verdict);
        let wrong = !is_right(verdict.accepted, is_refused, &told);
        wrong.then(|| format!("{what}: accepted: {}, {told:#?}\n{request}", verdict.accepted))
    };
    variant.requests().into_iter().filter_map(judged).collect()
}

fn groups() -> Vec<Group> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/attack_variants");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.retain(|path| path.file_stem().is_some_and(|name| name != "elsewhere"));
    files.sort();
    let read = |path: &std::path::PathBuf| -> Vec<Group> {
        let text = std::fs::read_to_string(path).unwrap();
        serde_norway::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    files.iter().flat_map(read).collect()
}

#[test]
fn every_variant_is_refused_as_its_attack_is() {
    let mut wrong = Vec::new();
    for group in groups() {
        for variant in &group.variants {
            let rule = variant.rule.as_ref().or(group.rule.as_ref());
            let of = group.of.join(", ");
            let found = judge(&group, variant, |accepted, refused, told| match rule {
                Some(rule) => !accepted && told.iter().any(|line| code_and_path(line).0 == *rule),
                None => !accepted || refused,
            });
            wrong.extend(found.into_iter().map(|found| format!("{of}: {found}")));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_honest_passes_beside_them() {
    let mut wrong = Vec::new();
    for group in groups() {
        for variant in &group.honest {
            let found = judge(&group, variant, |accepted, refused, _| accepted && !refused);
            wrong.extend(found.into_iter().map(|found| format!("{}: {found}", group.of.join(", "))));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

/// `elsewhere.yaml` names tests that try variants in another form.
#[test]
fn every_attack_has_variants() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let elsewhere = std::fs::read_to_string(tests.join("attack_variants/elsewhere.yaml")).unwrap();
    let elsewhere: BTreeMap<String, Vec<String>> = serde_norway::from_str(&elsewhere).unwrap();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for entry in std::fs::read_dir(tests.join("attacks")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            count.insert(path.file_stem().unwrap().to_str().unwrap().to_owned(), 0);
        }
    }
    let mut wrong = Vec::new();
    let mut add = |attack: &str, more: usize| match count.get_mut(attack) {
        Some(count) => *count += more,
        None => wrong.push(format!("there is no attack {attack}")),
    };
    for group in groups() {
        let more = group.variants.iter().map(|variant| variant.requests().len()).sum();
        group.of.iter().for_each(|attack| add(attack, more));
    }
    for (attack, named) in &elsewhere {
        for name in named {
            let (file, test) = name.split_once("::").unwrap();
            let text = std::fs::read_to_string(tests.join(format!("{file}.rs"))).unwrap();
            assert!(text.contains(&format!("#[test]\nfn {test}()")), "there is no test {name}");
        }
        add(attack, named.len());
    }
    wrong.extend(
        count
            .iter()
            .filter(|(_, count)| **count < LEAST)
            .map(|(attack, count)| format!("{attack} has {count}")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
