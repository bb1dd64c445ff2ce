//! The files that paths on a command line stand for: themselves, or what is in a folder.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use walkdir::{DirEntry, WalkDir};

/// Which files of a folder count.
#[derive(Debug)]
pub struct Filter {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

/// A file, and whether it was named or found in a folder.
#[derive(Debug, PartialEq, Eq)]
pub struct Input {
    /// The file; `-` for standard input.
    pub path: PathBuf,
    /// Whether it was found in a folder.
    pub found: bool,
}

impl Filter {
    /// Takes globs. One without `/` is compared with names at any depth, one with `/` with the path in
    /// the folder.
    ///
    /// # Errors
    /// One is no glob.
    pub fn new(include: &[String], exclude: &[String]) -> anyhow::Result<Self> {
        let include = if include.is_empty() { None } else { Some(set(include)?) };
        Ok(Filter { include, exclude: set(exclude)? })
    }

    fn enters(&self, folder: &Path, entry: &DirEntry) -> bool {
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        entry.depth() == 0 || !(hidden || self.exclude.is_match(below))
    }

    fn takes(&self, folder: &Path, path: &Path) -> bool {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let below = path.strip_prefix(folder).unwrap_or(path);
        extension.is_some_and(|extension| ["json", "yaml", "yml"].contains(&extension))
            && self.include.as_ref().is_none_or(|include| include.is_match(below))
    }
}

fn set(globs: &[String]) -> anyhow::Result<GlobSet> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let anywhere = match glob.trim_end_matches('/') {
            name if name.contains('/') => name.trim_start_matches("./").to_owned(),
            name => format!("**/{name}"),
        };
        set.add(GlobBuilder::new(&anywhere).literal_separator(true).build()?);
    }
    Ok(set.build()?)
}

/// The files, in the order of the paths; those of a folder by name, at any depth. Hidden ones are passed
/// over, and links to folders not followed.
///
/// # Errors
/// A folder cannot be listed.
pub fn expand(path: &Path, filter: &Filter) -> anyhow::Result<Vec<Input>> {
    if !path.is_dir() {
        return Ok(vec![Input { path: path.to_owned(), found: false }]);
    }
    let mut inputs = Vec::new();
    let entries = WalkDir::new(path).sort_by_file_name().into_iter();
    for entry in entries.filter_entry(|entry| filter.enters(path, entry)) {
        let entry = entry.context("cannot be listed")?;
        if !entry.path().is_dir() && filter.takes(path, entry.path()) {
            inputs.push(Input { path: entry.into_path(), found: true });
        }
    }
    Ok(inputs)
}
