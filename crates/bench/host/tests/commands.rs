//! The commands, as they are called.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

fn policy() -> PathBuf {
    std::env::var_os("IMAGE_TRUST_POLICY")
        .map_or_else(|| root().join("policy.wasm"), |path| root().join(path))
}

fn bench(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_image-trust-bench"))
        .current_dir(root())
        .args(arguments)
        .output()
        .unwrap()
}

fn said(output: &Output) -> (String, String) {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8(bytes.clone()).unwrap()).into()
}

/// An empty folder of this test.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// A policy of somebody else, and what is asked of it: it denies what holds `!`, warns of `?`,
/// crashes at `%` and refuses settings with `!`.
fn stand_in(folder: &Path, rows: &str) -> PathBuf {
    let judge = fs::read_to_string(root().join("crates/runner/tests/guests/judge.wat")).unwrap();
    fs::write(folder.join("judge.wasm"), wat::parse_str(judge).unwrap()).unwrap();
    fs::write(folder.join("mute.wasm"), wat::parse_str("(module)").unwrap()).unwrap();
    fs::write(folder.join("pod.json"), r#"{"request": {"uid": "1", "kind": {"kind": "Pod"}, "object": {}}}"#)
        .unwrap();
    fs::write(folder.join("loud.json"), r#"{"uid": "1!", "operation": "CREATE", "object": {}}"#).unwrap();
    fs::write(folder.join("odd.json"), r#"{"uid": "1?", "operation": "CREATE", "object": {}}"#).unwrap();
    fs::write(folder.join("evil.json"), r#"{"uid": "1%", "operation": "CREATE", "object": {}}"#).unwrap();
    fs::write(folder.join("rows.yaml"), format!("rows:\n{rows}")).unwrap();
    let policies = folder.join("policies.yaml");
    fs::write(&policies, "- {name: judge, module: judge.wasm, rows: rows.yaml}\n").unwrap();
    policies
}

fn compare(folder: &Path, policies: &Path) -> Output {
    let (empty, report) = (folder.join("judge.wasm"), folder.join("compare.json"));
    bench(&[
        "compare",
        policies.to_str().unwrap(),
        "--empty",
        empty.to_str().unwrap(),
        "--json",
        report.to_str().unwrap(),
        "--iterations",
        "2",
    ])
}

#[test]
fn other_policies_are_measured_on_requests_of_their_own() {
    let folder = folder("compare");
    let policies = stand_in(
        &folder,
        "  - {name: pod, request: pod.json, settings: {}}
  - {name: loud, request: loud.json, settings: {a: 1}}
  - {name: odd, request: odd.json, settings: {}, answers: {net/v1/dns_lookup_host: {ips: []}}}
",
    );
    let output = compare(&folder, &policies);
    let (text, errors) = said(&output);
    assert!(output.status.success(), "{errors}");
    assert!(text.contains("the empty policy"), "{text}");
    let report = json(&folder.join("compare.json"));
    let rows = report["rows"].as_array().unwrap();
    let found: Vec<_> = rows
        .iter()
        .map(|row| {
            (row["name"].as_str().unwrap(), row["accepted"].as_bool().unwrap(), row["memory_bytes"].as_u64())
        })
        .collect();
    let memory = Some(64 * 65536);
    assert_eq!(found, [("pod", true, memory), ("loud", false, memory), ("odd", true, memory)]);
    assert!(rows.iter().all(|row| row["ratio"].as_f64().unwrap() > 0.0 && row["module"] == "judge"));
    let names: Vec<_> = report["modules"].as_array().unwrap().iter().map(|module| &module["name"]).collect();
    assert_eq!(names, ["judge", "the empty policy"]);
}

#[test]
fn what_cannot_be_measured_is_told_and_hides_nothing_else() {
    let folder = folder("compare-failures");
    let policies = stand_in(
        &folder,
        "  - {name: evil, request: evil.json, settings: {}}
  - {name: unset, request: pod.json, settings: {a: \"!\"}}
  - {name: pod, request: pod.json, settings: {}}
",
    );
    let mute = "- {name: mute, module: mute.wasm, rows: rows.yaml}\n";
    fs::write(&policies, fs::read_to_string(&policies).unwrap() + mute).unwrap();
    let output = compare(&folder, &policies);
    let (_, errors) = said(&output);
    assert!(!output.status.success());
    for line in [
        "judge: evil: the policy crashed: wasm trap: ",
        "judge: unset: the settings are refused: a: wrong\n",
        "/mute.wasm: the policy did not start: ",
        "3 could not be measured",
    ] {
        assert!(errors.contains(line), "{line}: {errors}");
    }
    let report = json(&folder.join("compare.json"));
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.iter().map(|row| &row["name"]).collect::<Vec<_>>(), ["pod"]);
}

fn load(folder: &Path, policy: &Path, packs: &Path, requests: &str) -> Output {
    bench(&[
        "load",
        "--policy",
        policy.to_str().unwrap(),
        "--packs",
        packs.to_str().unwrap(),
        "--out",
        folder.to_str().unwrap(),
        "--requests",
        requests,
        "--seed",
        "7",
    ])
}

#[test]
fn every_answer_under_load_is_the_expected_one() {
    let folder = folder("load");
    let output = load(&folder, &policy(), &root().join("policies"), "1000");
    let (text, errors) = said(&output);
    assert!(output.status.success(), "{errors}");
    assert!(text.starts_with("seed 7, "), "{text}");
    let report = json(&folder.join("load.json"));
    assert_eq!(report["requests"], 1000);
    let buckets = report["histogram"].as_array().unwrap();
    assert_eq!(buckets.iter().map(|bucket| bucket["count"].as_u64().unwrap()).sum::<u64>(), 1000);
    for plot in ["latency.svg", "resident.svg"] {
        assert!(fs::read_to_string(folder.join(plot)).unwrap().starts_with("<svg "), "{plot}");
    }
}

#[test]
fn an_answer_that_is_not_expected_ends_a_load() {
    let folder = folder("load-failure");
    stand_in(&folder, "  []\n");
    let pack = folder.join("pack");
    fs::create_dir_all(pack.join("requests")).unwrap();
    fs::copy(folder.join("pod.json"), pack.join("requests/pod.json")).unwrap();
    fs::write(pack.join("settings.yaml"), "{}\n").unwrap();
    let suite = "cases: [{name: denied, request: requests/pod.json, verdict: denied, violations: [{code: c, path: p}]}]";
    fs::write(pack.join("suite.yaml"), suite).unwrap();
    let output = load(&folder, &folder.join("judge.wasm"), &pack, "10");
    let (_, errors) = said(&output);
    assert!(!output.status.success());
    assert!(
        errors.contains("pack: denied") && errors.contains("expected Outcome { verdict: Denied"),
        "{errors}"
    );
}

#[test]
fn every_row_of_the_benchmark_is_accepted() {
    let folder = folder("rows");
    let (policy, empty) = (policy(), folder.join("empty.wasm"));
    // A Deployment has shares with `%`, at which the stand-in crashes.
    let judge = fs::read_to_string(root().join("crates/runner/tests/guests/judge.wat")).unwrap();
    fs::write(&empty, wat::parse_str(judge.replace("(then unreachable)", "(then)")).unwrap()).unwrap();
    let output = bench(&[
        "rows",
        "--policy",
        policy.to_str().unwrap(),
        "--empty",
        empty.to_str().unwrap(),
        "--out",
        folder.to_str().unwrap(),
        "--iterations",
        "1",
    ]);
    let (text, errors) = said(&output);
    // How time grows can be told from more than one call only.
    assert!(output.status.success() || errors.contains("grows by the power"), "{errors}");
    assert!(text.contains("10,000 tags") && text.contains("32 signatures"), "{text}");
}
