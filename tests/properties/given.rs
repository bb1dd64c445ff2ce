//! What is asked, and under which settings: what is shipped and was captured, changed at random.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use openshift_image_trust::RULES;
use openshift_image_trust::Settings;
use openshift_image_trust::Verdict;
use openshift_image_trust::evaluate;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Value, json};

use crate::common::NOW;
use crate::common::fixture::Fixture;
use crate::paths;

/// So many that an answer spells out all.
const ALL: usize = 1_000_000;

/// Settings, and what the cluster has; nothing where there is none to ask.
#[derive(Clone, Debug)]
pub struct Given {
    pub settings: Value,
    pub cluster: Option<Value>,
}

impl Given {
    pub fn judge(&self, request: &Value) -> Verdict {
        let payload = json!({"request": request, "settings": self.settings}).to_string();
        self.evaluate(payload.as_bytes())
    }

    pub fn evaluate(&self, payload: &[u8]) -> Verdict {
        evaluate(payload, NOW, &Fixture::new(self.cluster.clone()))
    }

    /// The same with these exemptions.
    pub fn exempting(&self, exemptions: &Value) -> Self {
        let mut given = self.clone();
        given.settings["exemptions"] = exemptions.clone();
        given
    }
}

/// Settings under which nearly every rule has something to say.
static STRICT: LazyLock<Given> = LazyLock::new(|| {
    let settings = json!({
        "references": {
            "kinds": ["DockerImage"], "allow": ["registry.redhat.io", "quay.io/shop"], "deny": ["docker.io"], "namespaces": [],
            "pinned": [""], "sourceTags": {"deny": ["latest"], "allow": "^v"}, "tagNames": "^v", "immutableTags": ".",
            "referencePolicy": {"": "Local"}, "importMode": ["PreserveOriginal"], "scheduled": [],
        },
        "images": {"mediaTypes": []},
        "rules": {"local-lookup": "deny", "repository-import": "deny", "untracked-reference": "deny"},
        "platformExemptions": false,
        "limits": {"violationsReported": ALL},
    });
    Given { settings, cluster: None }
});

pub fn strict() -> Given {
    STRICT.clone()
}

fn plain() -> Given {
    Given { settings: json!({"limits": {"violationsReported": ALL}}), cluster: None }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn json_file(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// The folders of the shipped packs.
fn packs() -> Vec<PathBuf> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("policies"))
}

/// The settings of the packs, each with the clusters that its cases have.
static PACKS: LazyLock<Vec<Given>> = LazyLock::new(|| {
    let of = |pack: PathBuf| {
        let settings = std::fs::read_to_string(pack.join("settings.yaml")).unwrap();
        let mut settings: Value = serde_norway::from_str(&settings).unwrap_or(Value::Null);
        if settings.is_null() {
            settings = json!({});
        }
        settings["limits"] = json!({"violationsReported": ALL});
        // Properties about exemptions bring their own.
        settings.as_object_mut().unwrap().remove("exemptions");
        let folders = files(&pack).into_iter().filter(|file| file.is_dir());
        let clusters =
            folders.filter(|folder| folder.file_name().unwrap().to_string_lossy().starts_with("cluster"));
        let objects = clusters.map(|folder| {
            let lists = files(&folder).into_iter().map(|file| json_file(&file)["items"].take());
            Some(
                lists
                    .flat_map(|items| items.as_array().cloned().unwrap_or_default())
                    .collect::<Vec<_>>()
                    .into(),
            )
        });
        let of = move |cluster| Given { settings: settings.clone(), cluster };
        [None, Some(json!(["forbidden"]))].into_iter().chain(objects).map(of).collect::<Vec<_>>()
    };
    packs().into_iter().flat_map(of).collect()
});

/// Parts of several packs, and any levels.
fn combination() -> impl Strategy<Value = Given> {
    let codes: Vec<&str> = RULES.iter().filter(|rule| !rule.fixed).map(|rule| rule.code).collect();
    let levels = prop::collection::vec((select(codes), select(vec!["deny", "warn", "off"])), 0..8);
    (any::<Index>(), any::<Index>(), any::<Index>(), levels, any::<bool>())
        .prop_map(|(trust, references, images, levels, platform)| {
            let of = |index: Index| match index.index(PACKS.len() + 2) {
                0 => strict(),
                1 => plain(),
                index => PACKS[index - 2].clone(),
            };
            let Given { mut settings, cluster } = of(trust);
            for (key, from) in [("references", of(references)), ("images", of(images))] {
                settings[key] = from.settings.get(key).cloned().unwrap_or(json!({}));
            }
            settings["rules"] =
                levels.into_iter().map(|(code, level)| (code.to_owned(), json!(level))).collect();
            settings["platformExemptions"] = json!(platform);
            Given { settings, cluster }
        })
        .prop_filter("settings that contradict themselves", |given| {
            Settings::parse(&given.settings.to_string()).is_ok()
        })
}

pub fn given() -> impl Strategy<Value = Given> {
    let pack = any::<Index>().prop_map(|pack| pack.get(&PACKS).clone());
    prop_oneof![1 => Just(plain()), 2 => Just(strict()), 4 => pack, 4 => combination()]
}

/// The requests as an API server sends them: written down, captured, and of the packs.
static REQUESTS: LazyLock<[Vec<Value>; 3]> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |folder: &Path| {
        let json = files(folder).into_iter().filter(|file| file.extension().is_some_and(|it| it == "json"));
        json.map(|file| json_file(&file)["request"].take()).collect::<Vec<_>>()
    };
    [
        read(&root.join("tests/requests")),
        read(&root.join("tests/captured")),
        packs().iter().flat_map(|pack| read(&pack.join("requests"))).collect(),
    ]
});

/// A change somewhere in a request.
#[derive(Clone, Debug)]
enum Mutation {
    Delete,
    Duplicate,
    Replace(Value),
    /// By what stands elsewhere in the same request.
    Exchange(Index),
}

fn mutation() -> impl Strategy<Value = (Index, Mutation)> {
    let replacement = prop_oneof![
        Just(json!(null)),
        any::<i64>().prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<String>().prop_map(|text| json!(text)),
        "[a-zA-Z0-9:@/._ -]{0,40}".prop_map(|text| json!(text)),
        Just(json!("x".repeat(100_000))),
        Just(json!([])),
        Just(json!({})),
        Just(json!([null, 1, "x", {}, []])),
        Just(json!({"name": 5, "kind": null})),
    ];
    let mutation = prop_oneof![
        2 => Just(Mutation::Delete),
        1 => Just(Mutation::Duplicate),
        4 => replacement.prop_map(Mutation::Replace),
        2 => any::<Index>().prop_map(Mutation::Exchange),
    ];
    (any::<Index>(), mutation)
}

/// A real request, changed in some places.
pub fn request() -> impl Strategy<Value = Value> {
    let mutations = prop::collection::vec(mutation(), 0..5);
    (0..3usize, any::<Index>(), mutations).prop_map(|(folder, file, mutations)| {
        let mut request = file.get(&REQUESTS[folder]).clone();
        for (at, mutation) in mutations {
            let pointers = paths::pointers(&request);
            if !pointers.is_empty() {
                mutate(&mut request, at.get::<String>(&pointers), &mutation, &pointers);
            }
        }
        request
    })
}

/// A real request about one of these kinds, changed less.
pub fn request_about(kinds: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let of_kind = |request: &&Value| kinds.iter().any(|kind| request["kind"]["kind"] == *kind);
    let requests: Vec<Value> = REQUESTS.iter().flatten().filter(of_kind).cloned().collect();
    (select(requests), prop::option::weighted(0.3, mutation())).prop_map(|(mut request, mutation)| {
        if let Some((at, mutation)) = mutation {
            let pointers = paths::pointers(&request);
            mutate(&mut request, at.get::<String>(&pointers), &mutation, &pointers);
        }
        request
    })
}

fn mutate(request: &mut Value, pointer: &str, mutation: &Mutation, pointers: &[String]) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    match mutation {
        Mutation::Replace(value) => *request.pointer_mut(pointer).unwrap() = value.clone(),
        Mutation::Exchange(other) => {
            let value = request.pointer(other.get::<String>(pointers)).unwrap().clone();
            *request.pointer_mut(pointer).unwrap() = value;
        }
        Mutation::Delete | Mutation::Duplicate => match request.pointer_mut(parent).unwrap() {
            Value::Object(members) if matches!(mutation, Mutation::Delete) => {
                members.remove(&key);
            }
            Value::Array(list) => {
                let index: usize = key.parse().unwrap();
                let element = list.remove(index);
                if matches!(mutation, Mutation::Duplicate) {
                    list.extend([element.clone(), element]);
                }
            }
            _ => {}
        },
    }
}

/// A tag of a stream, good or bad.
pub fn tag() -> impl Strategy<Value = Value> {
    let from = prop_oneof![
        Just(Value::Null),
        Just(json!({})),
        select(vec![
            "quay.io/shop/web:v1",
            "nginx",
            "docker.io/library/nginx@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25",
            "registry.test/ns/app:v1",
            "my.app:1",
            "",
            "*"
        ])
        .prop_map(|name| json!({"kind": "DockerImage", "name": name})),
        select(vec!["base:1", "latest", "a:b:c"])
            .prop_map(|name| json!({"kind": "ImageStreamTag", "name": name, "namespace": "other"})),
        select(vec!["base@3c87", "x"]).prop_map(|name| json!({"kind": "ImageStreamImage", "name": name})),
        Just(json!({"kind": "Image", "name": "x"})),
    ];
    let import = prop_oneof![
        Just(Value::Null),
        (any::<bool>(), any::<bool>(), select(vec!["", "Legacy", "PreserveOriginal", "x"]))
            .prop_map(|(insecure, scheduled, mode)| json!({"insecure": insecure, "scheduled": scheduled, "importMode": mode})),
    ];
    let name = prop_oneof!["v[0-9]{1,4}", "[ -~]{0,6}"];
    (name, from, import, any::<bool>(), select(vec!["", "Local", "Source"])).prop_map(|(name, from, import, reference, policy)| {
        json!({"name": name, "from": from, "importPolicy": import, "reference": reference, "referencePolicy": {"type": policy}})
    })
}

/// A signature that counts for nothing, whoever is asked for.
pub fn worthless_signature() -> impl Strategy<Value = Value> {
    let signatures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/signatures/generated/sigs");
    let named =
        ["json-bad-digest-other", "json-bad-type-cosign", "pgp-two-signers", "raw-random", "raw-tamper-mpi"];
    let contents = named.map(|name| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD
            .encode(std::fs::read(signatures.join(format!("{name}.sig"))).unwrap())
    });
    let content = select(contents.into_iter().chain([String::new(), "*".to_owned()]).collect::<Vec<_>>());
    let kind = select(vec!["atomic", "AtomicImageV1", "another"]);
    (content, kind, "[a-z]{4}").prop_map(|(content, kind, name)| {
        json!({"metadata": {"name": format!("sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1@{name}")},
               "type": kind, "content": content})
    })
}

/// An exemption with some of the matchers, each of which matches by `users`, `groups`, `namespaces`
/// and `scopes`.
fn exemption(matching: Value) -> impl Strategy<Value = Value> {
    (
        subsequence(vec!["users", "groups", "namespaces", "scopes"], 1..=4),
        codes(),
        select(vec![Value::Null, json!("2020-01-01"), json!("2099-01-01")]),
    )
        .prop_map(move |(matchers, rules, until)| {
            let mut exemption = json!({"reason": "a test"});
            if !rules.is_empty() {
                exemption["rules"] = json!(rules);
            }
            for matcher in matchers {
                exemption[matcher] = matching[matcher].clone();
            }
            if !until.is_null() {
                exemption["until"] = until;
            }
            liftable(exemption)
        })
}

/// The same without the rules that its scopes never lift.
fn liftable(mut exemption: Value) -> Value {
    if let (true, Some(rules)) = (exemption["scopes"].is_array(), exemption["rules"].as_array()) {
        let is_about_sources = |code: &Value| {
            *code != "reference-unparsable"
                && RULES.iter().any(|rule| *code == rule.code && rule.is_about_references())
        };
        let mut left: Vec<Value> = rules.iter().filter(|code| is_about_sources(code)).cloned().collect();
        if left.is_empty() {
            left.push(json!("digest-missing"));
        }
        exemption["rules"] = json!(left);
    }
    exemption
}

/// Rules that may be lifted: some, or all by naming none.
pub fn codes() -> impl Strategy<Value = Vec<&'static str>> {
    let codes: Vec<&str> = RULES.iter().filter(|rule| !rule.fixed).map(|rule| rule.code).collect();
    prop_oneof![1 => Just(Vec::new()), 2 => subsequence(codes.clone(), 1..4), 2 => subsequence(codes, 10..30)]
}

/// One that may well hold.
pub fn holding_exemption() -> impl Strategy<Value = Value> {
    exemption(json!({
        "users": ["*", "dana"], "groups": ["system:authenticated"], "namespaces": ["sh*"],
        "scopes": ["docker.io", "quay.io", "registry.test"],
    }))
}

/// One with a matcher that never matches.
pub fn foreign_exemption() -> impl Strategy<Value = Value> {
    let foreign = select(vec![
        ("users", "nobody-of-*"),
        ("groups", "nobody-of-*"),
        ("namespaces", "nowhere-at-*"),
        ("scopes", "nowhere.example"),
    ]);
    (holding_exemption(), foreign).prop_map(|(mut exemption, (matcher, never))| {
        exemption[matcher] = json!([never]);
        liftable(exemption)
    })
}
