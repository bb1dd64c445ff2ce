//! What GitHub runs: pinned to the commit, and with no more rights than a job needs.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use std::path::Path;

use serde_json::{Value, json};

fn workflows() -> Vec<(String, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.github/workflows");
    let found: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap()))
        .collect();
    assert!(!found.is_empty(), "there are no workflows to test");
    found
}

fn parsed(text: &str) -> Value {
    serde_norway::from_str(text).unwrap()
}

/// A tag can be moved; a commit cannot. The comment tells people which tag it was.
#[test]
fn actions_are_pinned_to_commits() {
    for (path, text) in workflows() {
        for line in text.lines().filter(|line| line.contains("uses:")) {
            let (action, tag) = line.split_once(" # v").unwrap_or_else(|| panic!("{path}: {line}"));
            let (_, commit) = action.split_once('@').unwrap();
            assert!(commit.len() == 40 && commit.bytes().all(|it| it.is_ascii_hexdigit()), "{path}: {line}");
            assert!(tag.starts_with(|it: char| it.is_ascii_digit()), "{path}: {line}");
        }
    }
}

#[test]
fn only_publishing_may_write() {
    for (path, text) in workflows() {
        let workflow = parsed(&text);
        assert_eq!(workflow["permissions"], json!({"contents": "read"}), "{path}");
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            let publishes = ["publish", "pages", "runner", "scorecard"].contains(&name.as_str());
            assert_eq!(job.get("permissions").is_some(), publishes, "{path}: {name}");
            let writes_contents = job["permissions"]["contents"] == "write";
            assert_eq!(writes_contents, name == "publish", "{path}: {name}");
            assert!(job["timeout-minutes"].is_u64(), "{path}: {name}");
            for step in job["steps"].as_array().unwrap() {
                let checks_out =
                    step["uses"].as_str().is_some_and(|action| action.starts_with("actions/checkout@"));
                if checks_out {
                    assert_eq!(step["with"]["persist-credentials"], false, "{path}: {name}");
                }
            }
        }
    }
}

/// What a person types in a title or a tag is data: in a script it goes through the environment.
#[test]
fn scripts_hold_no_expressions() {
    for (path, text) in workflows() {
        for (name, job) in parsed(&text)["jobs"].as_object().unwrap() {
            for step in job["steps"].as_array().unwrap() {
                let script = step["run"].as_str().unwrap_or_default();
                assert!(!script.contains("${{"), "{path}: {name}: {script}");
            }
        }
    }
}

/// What is fetched is what this version is released as.
#[test]
fn the_action_and_the_hooks_name_this_version() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |name: &str| parsed(&std::fs::read_to_string(root.join(name)).unwrap());
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    let action = read("action.yml");
    assert_eq!(action["inputs"]["version"]["default"], version);
    for hook in read(".pre-commit-hooks.yaml").as_array().unwrap() {
        let entry = hook["entry"].as_str().unwrap();
        let image = format!("ghcr.io/openshift-image-trust/image-trust:{version} run");
        assert_eq!(entry, if hook["language"] == "system" { "image-trust run" } else { &image });
    }
    for step in action["runs"]["steps"].as_array().unwrap() {
        assert!(step.get("uses").is_none(), "what the action runs is its own");
        assert!(!step["run"].as_str().unwrap().contains("${{"), "an input is data");
    }
}
