//! What is generated from the metadata, the settings' declaration and the command's own definitions
//! is fresh.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` writes the generated files.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

#[path = "../common/mod.rs"]
mod common;

mod command_line;
mod settings;

use std::fs;

use clap::CommandFactory as _;
use image_trust::commands::Arguments;
use image_trust::kubewarden::artifacthub;
use image_trust::kubewarden::metadata::Metadata;
use openshift_image_trust::{Setting as _, Settings};

#[test]
fn the_package_for_artifact_hub_is_fresh() {
    let read = |name: &str| fs::read_to_string(common::root().join(name)).unwrap();
    let metadata = Metadata::open(&common::root().join("metadata.yml")).unwrap();
    let package = artifacthub::package(&metadata, &read("CHANGELOG.md"), &read("questions-ui.yml")).unwrap();
    let text = format!(
        "# Generated from metadata.yml, CHANGELOG.md and questions-ui.yml by `make docs`, in the form of\n\
         # `kwctl scaffold artifacthub`.\n{package}"
    );
    assert_fresh("artifacthub-pkg.yml", &text);
}

#[test]
fn the_reference_of_the_command_line_is_fresh() {
    assert_fresh("docs/reference/command-line.md", &command_line::page(Arguments::command()));
}

#[test]
fn the_reference_of_the_settings_is_fresh() {
    assert_fresh("docs/reference/settings.md", &settings::page(&Settings::json_schema()));
}

fn assert_fresh(path: &str, text: &str) {
    let file = common::root().join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    } else {
        assert!(fs::read_to_string(file).unwrap_or_default() == text, "{path} is stale: run `make docs`");
    }
}
