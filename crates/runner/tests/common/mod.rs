//! The packs that the repository ships, and the module.

#![allow(dead_code, clippy::panic, reason = "shared by several test crates, which may fail by panicking")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use image_trust::host::module::Host;
use image_trust::pack::{self, Pack};

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every pack, with its directory. A new one needs no entry anywhere.
pub(crate) fn packs() -> Vec<(PathBuf, Pack)> {
    let open = |directory: PathBuf| match Pack::open(&directory) {
        Ok(pack) => (directory, pack),
        Err(error) => panic!("{error}"),
    };
    let directories = pack::discover(&root().join("policies")).unwrap_or_else(|error| panic!("{error}"));
    let packs: Vec<_> = directories.into_iter().map(open).collect();
    assert!(!packs.is_empty(), "there are no packs to test");
    packs
}

/// Where the module under test is.
pub(crate) fn module_path() -> PathBuf {
    std::env::var_os("IMAGE_TRUST_POLICY")
        .map_or_else(|| root().join("policy.wasm"), |policy| root().join(policy))
}

/// The module under test, compiled once. Without one there is nothing to say, so the tests fail.
pub(crate) static MODULE: LazyLock<Host> = LazyLock::new(|| {
    let path = module_path();
    let wasm = std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; build it with `make policy.wasm`", path.display()));
    Host::compile(&wasm).unwrap_or_else(|error| panic!("{error}"))
});
