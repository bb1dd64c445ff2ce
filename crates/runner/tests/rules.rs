//! `rules` and `completions` through the binary; examples of rules judged by the module itself.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod common;

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use image_trust::answers::{Natively, Nobody};
use image_trust::document::{self, Format};
use image_trust::request;
use openshift_image_trust::{Level, RULES};
use serde_json::Value;

fn image_trust(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_image-trust"))
        .args(arguments)
        .env("IMAGE_TRUST_POLICY", common::module_path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The command may end without having read.
    _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_list_in_json_has_every_rule() {
    let output = image_trust(&["rules", "-o", "json"], b"");
    let list = json(&output);
    let codes: Vec<&str> =
        list.as_array().unwrap().iter().map(|rule| rule["code"].as_str().unwrap()).collect();
    let known: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes, known);
    for (rule, entry) in RULES.iter().zip(list.as_array().unwrap()) {
        assert_eq!(entry["level"], rule.level.to_string());
        assert_eq!(entry["summary"], rule.summary);
        assert_eq!(entry["fixed"], rule.fixed);
        assert_eq!(entry["page"], Value::Null);
    }
    let one = json(&image_trust(&["rules", "tag-moved", "-o", "json"], b""));
    assert_eq!(one["code"], "tag-moved");
    assert!(one["page"].as_str().unwrap().starts_with("# tag-moved\n"));
}

/// Natively, since compiling the module for each takes a second; `parity` shows that both agree.
#[test]
fn each_example_is_judged_as_its_page_says() {
    let now = image_trust::now::parse("2026-06-01T12:00:00Z").unwrap();
    for rule in RULES {
        for name in ["denied", "allowed"] {
            let example = image_trust(&["rules", rule.code, "--example", name], b"");
            assert_eq!(example.status.code(), Some(0), "{} {name}", rule.code);
            let text = String::from_utf8(example.stdout).unwrap();
            let requests = request::from_documents(document::parse(&text, Format::Yaml).unwrap()).unwrap();
            let [request] = requests.as_slice() else { panic!("{} requests", requests.len()) };
            let payload = request::payload(request.json(), &request.settings().unwrap());
            let verdict = openshift_image_trust::evaluate(payload.as_bytes(), now, &Natively(&Nobody));
            let answer = String::from_utf8(verdict.to_json()).unwrap();
            let is_told = answer.contains(&format!("[{}]", rule.code));
            assert_eq!(is_told, name == "denied", "{} {name}: {answer}", rule.code);
            let denied = name == "denied" && rule.level != Level::Warn;
            assert_eq!(verdict.accepted, !denied, "{} {name}: {answer}", rule.code);
        }
    }
}

#[test]
fn an_example_is_fed_to_run_with_its_own_settings() {
    let example = image_trust(&["rules", "source-not-allowed", "--example", "denied"], b"");
    let run = image_trust(&["run", "-", "-o", "json"], &example.stdout);
    assert_eq!(run.status.code(), Some(1), "{}", String::from_utf8_lossy(&run.stderr));
    let response = &json(&run)["results"][0]["response"];
    assert!(response["message"].as_str().unwrap().contains("[source-not-allowed]"), "{response}");
    // Settings that are given count alone.
    let run = image_trust(&["run", "-", "--settings-json", "{}"], &example.stdout);
    assert_eq!(run.status.code(), Some(0), "{}", String::from_utf8_lossy(&run.stdout));
}

#[test]
fn an_example_belongs_to_a_rule() {
    for arguments in [&["rules", "--example", "denied"][..], &["rules", "tag-moved", "--example", "warned"]] {
        assert_eq!(image_trust(arguments, b"").status.code(), Some(2), "{arguments:?}");
    }
    let unknown = image_trust(&["rules", "tag-move", "--example", "denied"], b"");
    assert_eq!(unknown.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(unknown.stderr).unwrap(),
        "image-trust: no rule `tag-move`; did you mean `tag-moved`?\n"
    );
    assert!(unknown.stdout.is_empty());
}

#[test]
fn each_shell_gets_a_script_that_knows_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = image_trust(&["completions", shell], b"");
        let script = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert!(script.lines().count() > 50, "{shell}");
        for word in ["inspect", "convert", "settings-json"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn help_tells_exit_codes() {
    for command in
        ["run", "test", "rules", "settings", "audit", "inspect", "convert", "annotate", "push", "completions"]
    {
        let output = image_trust(&[command, "--help"], b"");
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(help.contains("\nExit codes: 0 "), "{command}: {help}");
    }
}
