//! Pull specs, read by us and by a second reading of the grammar: the regular expression of the
//! distribution project, and what OpenShift's `reference.Parse` makes of its groups.

use std::sync::LazyLock;

use openshift_image_trust::{Digest, ImageReference, PullSpec, ReferenceError};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use regex::Regex;
use serde_json::Value;

use super::config;

/// `reference`, with the groups name, host, tag, digest. Written as the distribution project writes it.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    let component = "[a-z0-9]+(?:(?:[._]|__|[-]*)[a-z0-9]+)*";
    let label = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
    let domain = format!(r"{label}(?:\.{label})*(?::[0-9]+)?");
    let name = format!("(?:{domain}/)?{component}(?:/{component})*");
    let tag = "[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}";
    let digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
    Regex::new(&format!("^({name})(?::({tag}))?(?:@({digest}))?$")).unwrap()
});

/// The algorithms that the server knows, and how many digits each has.
static DIGEST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^(?:sha256:[0-9a-fA-F]{64}|sha384:[0-9a-fA-F]{96}|sha512:[0-9a-fA-F]{128})$").unwrap()
});

/// Registry, namespace, name, tag and digest, as the server splits them; nothing where it refuses.
fn split(text: &str) -> Option<[String; 5]> {
    let groups = REFERENCE.captures(text)?;
    let group = |index: usize| groups.get(index).map_or("", |group| group.as_str());
    let [whole, tag, digest] = [1, 2, 3].map(group);
    if whole.len() > 255 || !(digest.is_empty() || DIGEST.is_match(digest)) {
        return None;
    }
    let parts = |registry: &str, path: &[&str], tag: &str| {
        let (namespace, name) = match path {
            [namespace, name @ ..] if !name.is_empty() => (*namespace, name.join("/")),
            name => ("", name.join("/")),
        };
        Some([registry, namespace, &name, tag, digest].map(str::to_owned))
    };
    let path: Vec<&str> = whole.split('/').collect();
    match path.as_slice() {
        [only] if only.contains('.') || only.starts_with("localhost") => parts(text, &[], ""),
        [host, path @ ..]
            if !path.is_empty() && (*host == "localhost" || host.contains('.') || host.contains(':')) =>
        {
            parts(host, path, tag)
        }
        path => parts("", path, tag),
    }
}

/// What a policy compares: name, registry's length, tag, digest.
fn normal(text: &str) -> Result<[String; 4], Option<ReferenceError>> {
    let [registry, namespace, name, tag, digest] = split(text).ok_or(None)?;
    if name.is_empty() {
        return Err(Some(ReferenceError::NoRepository));
    }
    let https = Regex::new(r"^(localhost|[^:]*\.[^:]*):0*443$").unwrap();
    let padded = Regex::new(r":0+([0-9])").unwrap();
    let host = registry.to_lowercase();
    let host = padded.replace(https.replace(&host, "$1").as_ref(), ":$1").into_owned();
    let hub = ["", "docker.io", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"];
    let (host, namespace) = match (hub.contains(&host.as_str()), namespace.as_str()) {
        (true, "") => ("docker.io".to_owned(), "library/".to_owned()),
        (true, namespace) => ("docker.io".to_owned(), format!("{namespace}/")),
        (false, "") => (host, String::new()),
        (false, namespace) => (host, format!("{namespace}/")),
    };
    if namespace.chars().any(char::is_uppercase) {
        return Err(Some(ReferenceError::UpperCase));
    }
    Ok([format!("{host}/{namespace}{name}"), host, tag, digest.to_lowercase()])
}

/// Characters that mean something in a reference, and some that never do.
fn character() -> impl Strategy<Value = char> {
    let meant = || select("abz09AZ._-:/@".chars().collect::<Vec<_>>());
    prop_oneof![20 => meant(), 1 => select(" +[]*é\n".chars().collect::<Vec<_>>())]
}

/// A reference made of parts that are good or nearly so.
fn composed() -> impl Strategy<Value = String> {
    let host = select(vec![
        "",
        "",
        "quay.io/",
        "QUAY.io:443/",
        "docker.io/",
        "index.docker.io/",
        "registry-1.docker.io/",
        "registry.hub.docker.com/",
        "localhost/",
        "localhost:0443/",
        "bar:443/",
        "bar:5000/",
        "a.b:0/",
        "a.b:00080/",
        "A-b/",
        "-a.b/",
        "a..b/",
        "a.b:/",
    ]);
    let component =
        prop_oneof![6 => "[a-z0-9]{1,3}", 4 => "[a-z0-9]([._]|__|-{1,3})[a-z0-9]", 1 => "[a-zA-Z._-]{0,3}"];
    let path = prop::collection::vec(component, 1..4).prop_map(|components| components.join("/"));
    let tag = prop_oneof![
        4 => Just(String::new()),
        4 => ":[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,3}",
        1 => (126..131usize).prop_map(|length| format!(":{}", "t".repeat(length))),
        1 => ":[.:-]?",
    ];
    let digest = prop_oneof![
        6 => Just(String::new()),
        2 => "@sha256:[0-9a-f]{64}",
        1 => "@sha384:[0-9a-fA-F]{96}",
        1 => "@sha512:[0-9a-f]{128}",
        1 => "@(sha256|sha384|sha512|SHA256|md5|a\\+b):[0-9a-fA-F]{32}([0-9a-f]{32}){0,3}",
        1 => "@sha256:[0-9a-g]{63,65}",
    ];
    (host, path, tag, digest).prop_map(|(host, path, tag, digest)| format!("{host}{path}{tag}{digest}"))
}

/// A name about as long as one may be.
fn long() -> impl Strategy<Value = String> {
    let host = select(vec!["", "quay.io/", "docker.io/"]);
    (host, 245..260usize, select(vec!["", ":t"])).prop_map(|(host, length, tag)| {
        format!("{host}a/{}{tag}", "b".repeat(length.saturating_sub(host.len() + 2)))
    })
}

/// The cases that the API server's own parser was tried with, and more.
fn known() -> impl Strategy<Value = String> {
    let cases: Value = serde_json::from_str(include_str!("../reference-cases.json")).unwrap();
    let inputs = cases.as_array().unwrap().iter().map(|case| case["input"].as_str().unwrap().to_owned());
    select(inputs.collect::<Vec<_>>())
}

#[derive(Clone, Debug)]
enum Edit {
    Insert(char),
    Replace(char),
    Remove,
    Double,
    SwitchCase,
}

fn edited(text: &str, edits: &[(Index, Edit)]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for (at, edit) in edits {
        if text.is_empty() {
            text.push('a');
        }
        let at = at.index(text.len());
        match edit {
            Edit::Insert(new) => text.insert(at, *new),
            Edit::Replace(new) => text[at] = *new,
            Edit::Remove => drop(text.remove(at)),
            Edit::Double => text.insert(at, text[at]),
            Edit::SwitchCase if text[at].is_ascii_lowercase() => text[at] = text[at].to_ascii_uppercase(),
            Edit::SwitchCase => text[at] = text[at].to_ascii_lowercase(),
        }
    }
    text.into_iter().collect()
}

fn text() -> impl Strategy<Value = String> {
    let edit = prop_oneof![
        3 => character().prop_map(Edit::Insert),
        2 => character().prop_map(Edit::Replace),
        3 => Just(Edit::Remove),
        1 => Just(Edit::Double),
        1 => Just(Edit::SwitchCase),
    ];
    let edits = prop::collection::vec((any::<Index>(), edit), 0..3);
    let any = prop::collection::vec(character(), 0..9).prop_map(String::from_iter);
    let base = prop_oneof![6 => composed(), 3 => known(), 1 => long()];
    prop_oneof![3 => any, 9 => (base, edits).prop_map(|(base, edits)| edited(&base, &edits))]
}

proptest! {
    #![proptest_config(config(4_000))]

    #[test]
    fn a_reference_is_split_as_the_regular_expression_splits_it(text in text()) {
        let ours = ImageReference::parse(&text).ok();
        let ours = ours.map(|it| [it.registry, it.namespace, it.name, it.tag, it.id].map(str::to_owned));
        prop_assert_eq!(ours, split(&text));
    }

    #[test]
    fn a_pull_spec_is_what_the_rules_for_hosts_make_of_it(text in text()) {
        let ours = PullSpec::parse(&text);
        match normal(&text) {
            Ok([name, registry, tag, digest]) => {
                let ours = ours.unwrap();
                let (_, repository) = name.split_at(registry.len() + 1);
                prop_assert_eq!(ours.name(), &name);
                prop_assert_eq!(ours.registry(), &registry);
                prop_assert_eq!(ours.repository(), repository);
                prop_assert_eq!(ours.namespace(), repository.split_once('/').map(|(namespace, _)| namespace));
                prop_assert_eq!(ours.tag().unwrap_or_default(), &tag);
                prop_assert_eq!(ours.digest().map_or("", Digest::as_str), &digest);
                let pulled = if tag.is_empty() && digest.is_empty() { "latest" } else { &tag };
                prop_assert_eq!(ours.effective_tag().unwrap_or_default(), pulled);
            }
            Err(Some(error)) => prop_assert_eq!(ours, Err(error)),
            Err(None) => prop_assert!(
                ours.is_err_and(|error| ![ReferenceError::NoRepository, ReferenceError::UpperCase].contains(&error))
            ),
        }
    }

    /// Where the normal form is written down, it is read as the same image.
    #[test]
    fn a_normal_form_is_its_own_normal_form(text in text()) {
        if let Ok(spec) = PullSpec::parse(&text) && spec.name().len() <= 255 {
            prop_assert_eq!(PullSpec::parse(&spec.to_string()), Ok(spec));
        }
    }
}

#[test]
fn of_the_pull_specs_that_are_tried_many_are_good_and_many_are_not() {
    let (mut runner, strategy) = (TestRunner::deterministic(), text());
    let tried = (0..1_000).map(|_| strategy.new_tree(&mut runner).unwrap().current());
    let good = tried.filter(|text| PullSpec::parse(text).is_ok()).count();
    assert!((200..800).contains(&good), "{good}");
}
