//! The packs that the repository ships.

use std::path::{Path, PathBuf};

use image_trust::pack::{self, Pack};

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
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
