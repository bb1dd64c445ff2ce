//! What is generated from the metadata is fresh.
//!
//! `UPDATE_DOCS=1 cargo test --test docs` writes the generated files.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod common;

use std::fs;

use image_trust::kubewarden::artifacthub;
use image_trust::kubewarden::metadata::Metadata;

#[test]
fn the_package_for_artifact_hub_is_fresh() {
    let read = |name: &str| fs::read_to_string(common::root().join(name)).unwrap();
    let metadata = Metadata::open(&common::root().join("metadata.yml")).unwrap();
    let package = artifacthub::package(&metadata, &read("CHANGELOG.md"), &read("questions-ui.yml")).unwrap();
    let text = format!(
        "# Generated from metadata.yml, CHANGELOG.md and questions-ui.yml by `make docs`, in the form of\n\
         # `kwctl scaffold artifacthub`.\n{package}"
    );
    let path = common::root().join("artifacthub-pkg.yml");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, text).unwrap();
    } else {
        assert!(
            fs::read_to_string(path).unwrap_or_default() == text,
            "artifacthub-pkg.yml is stale: run `make docs`"
        );
    }
}
