//! A folder answers for the cluster, and a recording for both: with the module itself.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

const SETTINGS: &str = "policies/team-signed/settings.yaml";
const REQUEST: &str = "policies/team-signed/requests/tag-of-a-stream.json";
const BOTH: &str = "policies/team-signed/cluster";
const ONE: &str = "policies/team-signed/cluster-with-one-signature";

fn image_trust(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_image-trust"));
    command.args(arguments).current_dir(common::root()).env("IMAGE_TRUST_POLICY", common::module_path());
    command.env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command.output().unwrap()
}

fn run(more: &[&str]) -> Output {
    image_trust(&[&["run", "--settings", SETTINGS, REQUEST], more].concat())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_folder_and_its_recording_give_the_same_answer() {
    let recording = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cluster-recording.yaml");
    let recording = recording.to_str().unwrap();
    for (folder, code) in [(BOTH, 0), (ONE, 1)] {
        let first = run(&["--cluster", folder, "--record", recording]);
        assert_eq!(first.status.code(), Some(code), "{}", text(&first.stdout));
        let recorded = fs::read_to_string(recording).unwrap();
        assert_eq!(recorded.matches("!KubernetesGetResource").count(), 2, "{recorded}");
        let again = run(&["--replay", recording]);
        assert_eq!(text(&again.stdout), text(&first.stdout));
        assert_eq!(again.status.code(), Some(code));
    }
}

#[test]
fn what_nobody_answers_is_denied_and_said_so() {
    let nobody = run(&[]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(
        text(&nobody.stdout).contains("give --cluster or --replay [host-unavailable]"),
        "{}",
        text(&nobody.stdout)
    );
    let empty = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("cluster-empty");
    fs::create_dir_all(&empty).unwrap();
    let empty = run(&["--cluster", empty.to_str().unwrap()]);
    assert_eq!(empty.status.code(), Some(0));
    assert!(text(&empty.stdout).contains("[image-unverified]"), "{}", text(&empty.stdout));
    for unreadable in
        [["--cluster", "no-such-folder"], ["--replay", "no-such-file"], ["--cluster", "Makefile"]]
    {
        assert_eq!(run(&unreadable).status.code(), Some(2), "{unreadable:?}");
    }
}
