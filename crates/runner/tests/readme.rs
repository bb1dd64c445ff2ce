//! What the README and the documentation show is what happens, and their links lead somewhere.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use openshift_image_trust::Settings;

/// How a command begins that can be run anywhere, and what is left of it then.
const PROGRAMS: [(&str, &str); 2] = [("cargo run -p image-trust -- ", ""), ("image-trust run ", "run ")];
/// Documents that show commands with their output.
const WITH_COMMANDS: [&str; 2] = ["README.md", "docs/debugging-signatures.md"];
/// Documents whose YAML blocks are settings.
const WITH_SETTINGS: [&str; 2] = ["README.md", "docs/settings.md"];

/// The blocks of a language in a document, in order.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(common::root().join(document)).unwrap();
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// Commands and what they print.
fn commands(document: &str) -> Vec<(String, String)> {
    let blocks = blocks(document, "console").concat();
    let shown = blocks.split("$ ").skip(1).map(|shown| shown.split_once('\n').unwrap());
    shown.map(|(command, printed)| (command.trim_end().to_owned(), printed.to_owned())).collect()
}

/// The Markdown files of a folder and of the folders in it.
fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(documents(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found
}

#[test]
fn commands_print_what_is_shown() {
    let desk = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("readme");
    fs::create_dir_all(&desk).unwrap();
    for folder in ["policies", "tests"] {
        let link = desk.join(folder);
        if !link.exists() {
            std::os::unix::fs::symlink(common::root().join(folder).canonicalize().unwrap(), link).unwrap();
        }
    }
    let mut ran = 0;
    for (command, printed) in WITH_COMMANDS.into_iter().flat_map(commands) {
        if let Some(file) = command.strip_prefix("cat ") {
            fs::write(desk.join(file), &printed).unwrap();
        }
        let arguments = PROGRAMS.iter().find_map(|(program, command_name)| {
            command.strip_prefix(program).map(|arguments| format!("{command_name}{arguments}"))
        });
        let Some(arguments) = arguments else { continue };
        let mut program = Command::new(env!("CARGO_BIN_EXE_image-trust"));
        program
            .current_dir(&desk)
            .env("IMAGE_TRUST_POLICY", common::module_path())
            .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
            .args(arguments.split(' '));
        let output = program.output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), printed, "{command}");
        ran += 1;
    }
    assert_eq!(ran, 2);
}

#[test]
fn settings_that_are_shown_are_read() {
    let mut signers = None;
    let mut read = 0;
    for block in WITH_SETTINGS.into_iter().flat_map(|document| blocks(document, "yaml")) {
        let mut settings: serde_json::Map<_, _> = serde_norway::from_str(&block).unwrap();
        // Blocks are complete, except that they may use the signers of an earlier block.
        match settings.get("signers") {
            Some(those) => signers = Some(those.clone()),
            None => settings.extend(signers.clone().map(|those| ("signers".to_owned(), those))),
        }
        let json = serde_json::to_string(&settings).unwrap();
        assert_eq!(Settings::parse(&json).map(|_| ()), Ok(()), "{block}");
        read += 1;
    }
    assert!(read > 8, "{read}");
}

#[test]
fn links_lead_to_files() {
    let root = common::root();
    let mut found = documents(&root.join("docs"));
    found.extend(documents(&root.join("policies")));
    let top = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "CHANGELOG.md",
        "deploy/README.md",
        "tests/README.md",
    ];
    found.extend(top.map(|name| root.join(name)));
    let mut followed = 0;
    let mut dead = Vec::new();
    for document in found {
        let text = fs::read_to_string(&document).unwrap();
        // What stands in a block of code is no link.
        let prose: String = text.split("```").step_by(2).collect();
        for target in prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            followed += 1;
            if !document.parent().unwrap().join(target).exists() {
                dead.push(format!("{}: {target}", document.display()));
            }
        }
    }
    assert_eq!(dead, Vec::<String>::new());
    assert!(followed > 100, "{followed}");
}

/// A page that is missing there would be missing in the book.
#[test]
fn the_book_holds_every_document() {
    let docs = common::root().join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    for document in documents(&docs) {
        let name = document.strip_prefix(&docs).unwrap().to_str().unwrap();
        assert!(name == "SUMMARY.md" || summary.contains(&format!("]({name})")), "{name}");
    }
}

#[test]
fn every_test_binary_is_described() {
    let root = common::root();
    let text = fs::read_to_string(root.join("tests/README.md")).unwrap();
    let mut names = Vec::new();
    for folder in ["tests", "crates/runner/tests"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") || path.join("main.rs").exists() {
                names.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    assert!(names.len() > 20, "{names:?}");
    names.retain(|name| !text.contains(&format!("`{name}`")));
    assert_eq!(names, Vec::<String>::new());
}
