//! `image-trust-playground-bundle MODULE.wasm LIBRARIES.js DIRECTORY`: writes the playground as one file.
//!
//! A page that is opened from a file may fetch nothing and import nothing, so everything is in
//! it: the module, the libraries, the packs' cases, the schema of the settings. What it says about each case must be
//! what the policy's library says here; that is written beside it, for the tests.

mod data;
mod page;

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [module, libraries, directory] = arguments.as_slice() else {
        bail!("usage: image-trust-playground-bundle MODULE.wasm LIBRARIES.js DIRECTORY");
    };
    let [module, libraries, directory] = [module, libraries, directory].map(Path::new);
    let module = fs::read(module).with_context(|| module.display().to_string())?;
    let libraries = fs::read_to_string(libraries).with_context(|| libraries.display().to_string())?;
    let packs = data::packs()?;
    let html = page::write(module, libraries, &packs)?;
    fs::create_dir_all(directory)?;
    let (index, expected) = (directory.join("index.html"), directory.join("expected.json"));
    fs::write(&index, &html)?;
    fs::write(&expected, serde_json::to_vec_pretty(&data::expected(&packs)?)?)?;
    println!("{}: {} bytes ({:.2} MB)", index.display(), html.len(), megabytes(html.len()));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
