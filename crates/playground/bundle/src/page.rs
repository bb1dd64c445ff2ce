//! The page with everything in it.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use openshift_image_trust::Settings;
use serde_json::json;
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::data::PackText;

/// The page's scripts, in the order in which they build on one another.
const SCRIPTS: [&str; 11] = [
    "module.js",
    "link.js",
    "markdown.js",
    "format.js",
    "complete.js",
    "editor.js",
    "files.js",
    "columns.js",
    "verdict.js",
    "packs.js",
    "main.js",
];

/// Writes the page.
pub(crate) fn write(module: Vec<u8>, libraries: String, packs: &[PackText]) -> anyhow::Result<String> {
    let mut bound = Bindgen::new()
        .input_bytes("playground", module)
        .no_modules(true)?
        .remove_name_section(true)
        .remove_producers_section(true)
        .typescript(false)
        .generate_output()?;
    // The editor writes its styles as it starts, for which it has to know a word.
    let nonce = hash(&libraries);
    let nonce = nonce.trim_start_matches("sha256-");
    let glue = bound.js().to_owned();
    let module = bound.wasm_mut().emit_wasm();
    let mut script = libraries;
    script.push_str(&glue);
    for name in SCRIPTS {
        script.push_str(&source(name)?);
    }
    let style = source("style.css")?;
    let data = json!({"packs": packs, "schema": Settings::json_schema(), "nonce": nonce}).to_string();
    let page = source("index.html")?;
    // Nothing but what is in this file runs, and nothing is asked of anybody.
    let policy = format!(
        "default-src 'none'; script-src '{}' 'wasm-unsafe-eval'; style-src '{}' 'nonce-{nonce}'; base-uri 'none'; form-action 'none'",
        hash(&script),
        hash(&style)
    );
    let parts = [
        ("policy", policy),
        ("style", style),
        // A `<` could end the element that it stands in.
        ("data", data.replace('<', "\\u003c")),
        ("module", STANDARD.encode(compressed(&module)?)),
        ("script", script),
    ];
    parts.into_iter().try_fold(page, |page, (name, part)| {
        let mark = format!("{{{{{name}}}}}");
        let (before, after) = page.split_once(&mark).with_context(|| format!("index.html has no {mark}"))?;
        Ok([before, part.as_str(), after].concat())
    })
}

fn source(name: &str) -> anyhow::Result<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../page").join(name);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

/// A hash by which a page's security policy knows an inline script or style.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

fn compressed(bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
