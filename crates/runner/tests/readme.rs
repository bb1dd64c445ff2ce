//! What the README shows is what happens.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod common;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use openshift_image_trust::Settings;

const PROGRAM: &str = "cargo run -p image-trust -- ";

/// The blocks of a language, in order.
fn blocks(language: &str) -> Vec<String> {
    let readme = fs::read_to_string(common::root().join("README.md")).unwrap();
    let fence = format!("```{language}\n");
    readme.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// Commands and what they print.
fn commands() -> Vec<(String, String)> {
    let blocks = blocks("console").concat();
    let shown = blocks.split("$ ").skip(1).map(|shown| shown.split_once('\n').unwrap());
    shown.map(|(command, printed)| (command.trim_end().to_owned(), printed.to_owned())).collect()
}

#[test]
fn commands_print_what_the_readme_shows() {
    let desk = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("readme");
    fs::create_dir_all(&desk).unwrap();
    for folder in ["policies", "tests"] {
        let link = desk.join(folder);
        if !link.exists() {
            std::os::unix::fs::symlink(common::root().join(folder).canonicalize().unwrap(), link).unwrap();
        }
    }
    let mut ran = 0;
    for (command, printed) in commands() {
        if let Some(file) = command.strip_prefix("cat ") {
            fs::write(desk.join(file), &printed).unwrap();
        }
        let Some(arguments) = command.strip_prefix(PROGRAM) else { continue };
        let mut program = Command::new(env!("CARGO_BIN_EXE_image-trust"));
        program
            .current_dir(&desk)
            .env("IMAGE_TRUST_POLICY", common::module_path())
            .args(arguments.split(' '));
        let output = program.output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), printed, "{command}");
        ran += 1;
    }
    assert_eq!(ran, 2);
}

#[test]
fn settings_of_the_readme_are_read() {
    let mut signers = None;
    let mut read = 0;
    for block in blocks("yaml") {
        let mut settings: serde_json::Map<_, _> = serde_norway::from_str(&block).unwrap();
        // Blocks stand for themselves, but for the signers, who are named once.
        match settings.get("signers") {
            Some(those) => signers = signers.or(Some(those.clone())),
            None => settings.extend(signers.clone().map(|those| ("signers".to_owned(), those))),
        }
        let json = serde_json::to_string(&settings).unwrap();
        assert_eq!(Settings::parse(&json).map(|_| ()), Ok(()), "{block}");
        read += 1;
    }
    assert!(read > 8, "{read}");
}
