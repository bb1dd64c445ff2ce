//! `settings` as a person and a script meet it, on the certificates that the policy's own tests use.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail by panicking")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const NOW: &str = "2026-11-22T00:00:00Z";

fn key(name: &str) -> String {
    let generated = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/signatures/generated/keys");
    fs::read_to_string(generated.join(name)).unwrap()
}

/// Exit code, standard output and standard error.
fn settings(input: &str, options: &[&str]) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_image-trust"))
        .args(["settings", "-", "--now", NOW])
        .args(options)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn report(input: &Value, options: &[&str]) -> (i32, Value) {
    let (code, out, err) = settings(&input.to_string(), &[options, &["-o", "json"]].concat());
    assert_eq!(err, "");
    (code, serde_json::from_str(&out).unwrap())
}

#[test]
fn each_key_is_told_with_whether_it_counts() {
    for (file, past, counts) in [
        ("ed.asc", "deny", true),
        ("exp.asc", "deny", false),
        ("exp.asc", "allowSignedBefore", true),
        ("revsup.asc", "deny", false),
        ("revsup.asc", "allowSignedBefore", true),
        ("revok.asc", "allowSignedBefore", false),
        ("future.asc", "deny", false),
    ] {
        let signer = json!({"name": "a", "openpgp": key(file), "expiredKey": past, "revokedKey": past});
        let (code, report) = report(&json!({"signers": [signer]}), &[]);
        assert_eq!((code, &report["valid"]), (0, &json!(true)), "{file}");
        let certificate = &report["signers"][0]["certificates"][0];
        assert_eq!(certificate["counts"], counts, "{file} {past}: {certificate}");
        assert_eq!(certificate["keys"][0]["counts"], counts, "{file} {past}");
        assert_eq!(certificate["notes"] == json!([]), file == "ed.asc", "{file}");
        assert_eq!(certificate["fingerprint"].as_str().unwrap().len(), 40);
        assert_eq!(certificate["expires"].is_string(), file == "exp.asc", "{file}: {certificate}");
    }
}

#[test]
fn all_problems_are_told_and_hide_no_signer() {
    let settings = json!({
        "signers": [
            {"name": "weak", "openpgp": key("rsa1024.asc")},
            {"name": "good", "openpgp": key("ed.asc")},
            {"name": "NOT PLAIN", "openpgp": "x"},
        ],
        "unknown": 1,
        "references": {"allow": "quay.io"},
    });
    let (code, report) = report(&settings, &[]);
    assert_eq!((code, &report["valid"]), (2, &json!(false)));
    let problems = report["problems"].as_array().unwrap();
    let paths: Vec<&str> = problems.iter().map(|problem| problem["path"].as_str().unwrap()).collect();
    for path in ["", "references.allow", "signers[0].openpgp"] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
    let names: Vec<_> = report["signers"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names[..2], ["weak", "good"]);
    let certificates = |signer: usize| &report["signers"][signer]["certificates"][0];
    assert_eq!(certificates(0)["counts"], false);
    assert!(certificates(0)["problem"].is_string());
    assert_eq!(certificates(1)["counts"], true);
}

#[test]
fn text_names_file_problem_and_key() {
    let good = json!({"signers": [
        {"name": "release", "openpgp": key("ed.asc"), "signedUntil": "2027-01-01T00:00:00Z"},
    ]});
    let (code, out, err) = settings(&good.to_string(), &[]);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(
        lines[..2],
        ["VALID standard input", "signer `release`, signatures made until 2027-01-01T00:00:00Z"]
    );
    assert!(lines[2].starts_with("  counts "), "{out}");
    assert!(lines.iter().any(|line| line.starts_with("    signs with key ")), "{out}");

    let (code, out, _) = settings("rules: {tag-moved: no-such-level}", &[]);
    assert_eq!(code, 2);
    assert!(out.starts_with("INVALID standard input: 1 problem\n  rules.tag-moved: "), "{out}");
}

#[test]
fn settings_stand_in_manifests_and_groups() {
    let manifest =
        |kind: &str, spec: &str| format!("apiVersion: policies.kubewarden.io/v1\nkind: {kind}\nspec: {spec}");
    let group = manifest(
        "AdmissionPolicyGroup",
        "{policies: {a: {module: x, settings: {}}, b: {module: x, settings: {wrong: 1}}}}",
    );
    let cases: [(&str, &[&str], i32, &str); 7] = [
        (&manifest("ClusterAdmissionPolicy", "{settings: {}}"), &[], 0, ""),
        (&manifest("AdmissionPolicy", "{settings: {wrong: 1}}"), &[], 2, ""),
        (&group, &["--member", "a"], 0, ""),
        (&group, &["--member", "b"], 2, ""),
        (
            &group,
            &[],
            2,
            "image-trust: standard input: holds a group of policies: `a`, `b`; choose one with --member\n",
        ),
        (
            &group,
            &["--member", "c"],
            2,
            "image-trust: standard input: has no policy `c` in a group; it has `a`, `b`\n",
        ),
        ("", &[], 2, "image-trust: standard input: holds no settings; write `{}` for none\n"),
    ];
    for (text, options, code, expected) in cases {
        let (found, out, err) = settings(text, options);
        assert_eq!((found, err.as_str()), (code, expected), "{text} {options:?}");
        assert_eq!(out.is_empty(), !expected.is_empty(), "{text} {options:?}: {out}");
    }
}

#[test]
fn every_pack_has_usable_settings() {
    let packs: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    let mut seen = 0;
    for pack in fs::read_dir(packs).unwrap() {
        let Ok(text) = fs::read_to_string(pack.unwrap().path().join("settings.yaml")) else { continue };
        let (code, out, _) = settings(&text, &[]);
        assert_eq!(code, 0, "{out}");
        seen += 1;
    }
    assert!(seen > 1);
}
