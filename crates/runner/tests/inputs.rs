//! Files of the shapes that people have, judged by the module itself, in every output.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use boon::{Compiler, Schemas};
use image_trust::document;
use image_trust::request::{self, Strays};
use serde_json::Value;

fn inputs() -> PathBuf {
    common::root().join("crates/runner/tests/inputs")
}

/// Every file by name.
fn files() -> Vec<String> {
    let entries = fs::read_dir(inputs().join("shapes")).unwrap();
    let mut files: Vec<_> =
        entries.map(|entry| format!("shapes/{}", entry.unwrap().file_name().to_str().unwrap())).collect();
    files.sort();
    files
}

fn run(output: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_image-trust"))
        .args(["run", "--no-config", "--now", "2026-06-01T00:00:00Z", "-o", output, "--settings"])
        .arg(common::root().join("policies/trusted-sources/settings.yaml"))
        .args(files())
        .current_dir(inputs())
        .env("IMAGE_TRUST_POLICY", fs::canonicalize(common::module_path()).unwrap())
        .env_remove("IMAGE_TRUST_SETTINGS")
        .output()
        .unwrap()
}

fn expected(name: &str) -> String {
    fs::read_to_string(inputs().join("expected").join(name)).unwrap()
}

#[test]
fn each_shape_gets_its_lines() {
    assert!(files().len() >= 20);
    let output = run("text");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected("text.txt"));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected("errors.txt"));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn each_shape_gets_its_annotations() {
    assert_eq!(String::from_utf8(run("github").stdout).unwrap(), expected("github.txt"));
}

#[test]
fn each_shape_is_a_case_of_junit() {
    let xml = String::from_utf8(run("junit").stdout).unwrap();
    assert_eq!(xml, expected("junit.xml"));
    roxmltree::Document::parse(&xml).unwrap();
}

#[test]
fn sarif_validates_and_points_into_the_files() {
    let log: Value = serde_json::from_slice(&run("sarif").stdout).unwrap();
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(inputs().join("sarif-2.1.0.json")).unwrap()).unwrap();
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    compiler.add_resource("sarif.json", schema).unwrap();
    let schema = compiler.compile("sarif.json", &mut schemas).unwrap();
    if let Err(error) = schemas.validate(&log, schema) {
        panic!("{error}");
    }
    // The schema does refuse what is none.
    let mut broken = log.clone();
    broken["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(schemas.validate(&broken, schema).is_err());

    let results = log["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() > 20, "{}", results.len());
    for result in results {
        let physical = &result["locations"][0]["physicalLocation"];
        let file = physical["artifactLocation"]["uri"].as_str().unwrap();
        let text = fs::read_to_string(inputs().join(file)).unwrap();
        let line = usize::try_from(physical["region"]["startLine"].as_u64().unwrap()).unwrap();
        let column = usize::try_from(physical["region"]["startColumn"].as_u64().unwrap()).unwrap();
        let line = text.lines().nth(line - 1).unwrap();
        assert!(line.chars().nth(column - 1).is_some_and(|c| !c.is_whitespace()), "{result}");
    }
}

#[test]
fn what_is_no_object_is_named_on_its_own() {
    for (file, expected) in [
        ("shapes/cip.yaml", "holds nothing to judge, only 1 object of another kind (1 ClusterImagePolicy)"),
        ("shapes/empty.yaml", "holds no object"),
        (
            "shapes/policy.json",
            "is a containers-policy.json, which `image-trust convert` turns into settings",
        ),
    ] {
        assert_eq!(request::load(&inputs().join(file)).unwrap_err().to_string(), expected, "{file}");
    }
}

#[test]
fn objects_as_the_server_stores_them_have_no_unknown_fields() {
    let folder = common::root().join("tests/captured");
    let mut objects = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let review: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for object in [&review["request"]["object"], &review["request"]["oldObject"]] {
            if object["apiVersion"] != "image.openshift.io/v1" {
                continue;
            }
            let documents = document::parse(&object.to_string(), document::Format::Json).unwrap();
            let contents = request::read(&documents, Strays::Refused).unwrap();
            for request in contents.requests {
                objects += 1;
                let advice: Vec<_> =
                    request.advice().iter().map(|it| format!("{}: {}", it.path, it.oddity)).collect();
                assert_eq!(advice, Vec::<String>::new(), "{}", path.display());
            }
        }
    }
    assert!(objects > 50, "{objects}");
}
