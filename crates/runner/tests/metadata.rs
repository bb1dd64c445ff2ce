//! `metadata.yml` declares what the policy asks its host for: no more, and no less.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

mod common;

use std::collections::BTreeSet;

use image_trust::kubewarden::metadata::CAPABILITIES;
use serde_json::Value;

fn metadata() -> Value {
    serde_norway::from_str(&std::fs::read_to_string(common::root().join("metadata.yml")).unwrap()).unwrap()
}

fn source(path: &str) -> String {
    std::fs::read_to_string(common::root().join("src").join(path)).unwrap()
}

fn texts(value: &Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_capabilities_are_those_that_the_guest_calls() {
    let guest = source("guest.rs");
    let called: BTreeSet<String> = CAPABILITIES
        .iter()
        .filter(|(namespace, operation)| guest.contains(&format!("ask(\"{namespace}\", \"{operation}\"")))
        .map(|(namespace, operation)| format!("{namespace}/{operation}"))
        .collect();
    assert_eq!(guest.matches("ask(\"").count(), called.len());
    assert_eq!(guest.matches("host_call(").count(), 1);
    assert_eq!(called, texts(&metadata()["hostCapabilities"]));
}

/// As `kwctl annotate` looks for them.
#[test]
fn the_module_names_no_other_operation() {
    let module = std::fs::read(common::module_path()).unwrap();
    let names = |text: &str| module.windows(text.len()).any(|window| window == text.as_bytes());
    let declared = texts(&metadata()["hostCapabilities"]);
    for (namespace, operation) in CAPABILITIES.iter().filter(|(_, operation)| operation.len() > 5) {
        let is_declared = declared.contains(&format!("{namespace}/{operation}"));
        assert_eq!(names(operation), is_declared, "{namespace}/{operation}");
    }
}

/// The policies that are deployed are compared in `deploy/`.
#[test]
fn one_version_and_the_same_rules_everywhere() {
    let metadata = metadata();
    assert_eq!(metadata["annotations"]["io.kubewarden.policy.version"], env!("CARGO_PKG_VERSION"));
    let read = |name: &str| std::fs::read_to_string(common::root().join(name)).unwrap();
    let package: Value = serde_norway::from_str(&read("artifacthub-pkg.yml")).unwrap();
    assert_eq!(package["version"], env!("CARGO_PKG_VERSION"));
    let rules: Value =
        serde_norway::from_str(package["annotations"]["kubewarden/rules"].as_str().unwrap()).unwrap();
    assert_eq!(rules, metadata["rules"]);
    let manifest = read("Cargo.toml");
    let license = manifest.lines().find_map(|line| line.strip_prefix("license = ")).unwrap();
    let declared = metadata["annotations"]["io.kubewarden.policy.license"].as_str().unwrap();
    assert!(declared.starts_with(license.trim_matches('"')), "{declared}");
}

#[test]
fn the_kinds_are_those_that_are_looked_up() {
    let lookups = source("cluster/cache.rs");
    let resources = metadata()["contextAwareResources"].clone();
    let declared: BTreeSet<&str> =
        resources.as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap()).collect();
    let asked: BTreeSet<&str> = lookups
        .match_indices("kind: \"")
        .map(|(at, found)| lookups.split_at(at + found.len()).1.split('"').next().unwrap())
        .collect();
    assert_eq!(asked, declared);
    for (directory, _) in common::packs() {
        let text = std::fs::read_to_string(directory.join("policy.yaml")).unwrap();
        let policy: Value = serde_norway::from_str(&text).unwrap();
        let settings = &policy["spec"]["settings"];
        let references = ["allow", "deny", "immutableTags", "namespaces", "referencePolicy"];
        let asks = settings["trust"].is_object()
            || references.iter().any(|key| !settings["references"][*key].is_null());
        let granted = &policy["spec"]["contextAwareResources"];
        let expected = if asks { &resources } else { &Value::Null };
        assert_eq!(granted, expected, "{}", directory.display());
    }
}
