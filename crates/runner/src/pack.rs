//! Packs: a directory each, with settings, a suite and the requests that the suite sends.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::console;
use crate::document::{self, DocumentError};
use crate::request::{self, Request, RequestError};
use crate::settings::{Settings, SettingsError};
use crate::suite::{Case, Suite, SuiteError};

/// The file of a pack that holds its settings.
pub const SETTINGS: &str = "settings.yaml";
/// The file of a pack that holds its suite.
pub const SUITE: &str = "suite.yaml";
const REQUESTS: &str = "requests";

/// Why a pack cannot be tested.
#[derive(Debug, Error)]
pub enum PackError {
    /// A directory cannot be listed.
    #[error("{}: cannot be read: {}", console::name(.0), .1)]
    Unreadable(PathBuf, io::Error),
    /// There is nothing to test, so nothing passed.
    #[error("{}: neither a pack nor a directory of packs", console::name(.0))]
    NoPacks(PathBuf),
    /// The settings cannot be read.
    #[error("{}: {}", console::name(.0), .1)]
    Settings(PathBuf, SettingsError),
    /// The suite cannot be read.
    #[error("{}: {}", console::name(.0), .1)]
    Document(PathBuf, DocumentError),
    /// The suite cannot be used.
    #[error("{}: {}", console::name(.0), .1)]
    Suite(PathBuf, SuiteError),
    /// A request cannot be read.
    #[error("{}: {}", console::name(.0), .1)]
    Request(PathBuf, RequestError),
    /// Which of them does the case mean?
    #[error("{}: holds {} requests; a case sends one", console::name(.0), .1)]
    SeveralRequests(PathBuf, usize),
}

/// A pack, read completely.
#[derive(Debug)]
pub struct Pack {
    /// The directory's name.
    pub name: String,
    /// What the cases are judged by.
    pub settings: Settings,
    /// The cases, each with the request that it sends.
    pub cases: Vec<(Case, Request)>,
}

/// The packs of a directory, in order: itself, or the directories in it.
pub fn discover(directory: &Path) -> Result<Vec<PathBuf>, PackError> {
    if directory.join(SUITE).exists() || directory.join(SETTINGS).exists() {
        return Ok(vec![directory.to_owned()]);
    }
    let unreadable = |error| PackError::Unreadable(directory.to_owned(), error);
    let mut packs = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if entry.path().is_dir() && !hidden {
            packs.push(entry.path());
        }
    }
    if packs.is_empty() {
        return Err(PackError::NoPacks(directory.to_owned()));
    }
    packs.sort();
    Ok(packs)
}

impl Pack {
    /// Reads a pack.
    pub fn open(directory: &Path) -> Result<Self, PackError> {
        let path = directory.join(SETTINGS);
        let settings = Settings::load(&path).map_err(|error| PackError::Settings(path, error))?;
        let path = directory.join(SUITE);
        let suite = match document::text(&path) {
            Ok(text) => Suite::parse(&text, &fixtures(directory)?),
            Err(error) => return Err(PackError::Document(path, error)),
        };
        let suite = suite.map_err(|error| PackError::Suite(path, error))?;
        let cases = suite.cases.into_iter().map(|case| {
            let request = only_request(&directory.join(&case.request))?;
            Ok((case, request))
        });
        Ok(Pack {
            name: directory.file_name().unwrap_or(directory.as_os_str()).to_string_lossy().into_owned(),
            settings,
            cases: cases.collect::<Result<_, _>>()?,
        })
    }
}

fn only_request(path: &Path) -> Result<Request, PackError> {
    let mut requests = request::load(path).map_err(|error| PackError::Request(path.to_owned(), error))?;
    let count = requests.len();
    match (requests.pop(), count) {
        (Some(request), 1) => Ok(request),
        _ => Err(PackError::SeveralRequests(path.to_owned(), count)),
    }
}

/// The files under `requests/`, relative to the pack.
fn fixtures(directory: &Path) -> Result<BTreeSet<PathBuf>, PackError> {
    let mut found = BTreeSet::new();
    let mut pending = vec![PathBuf::from(REQUESTS)];
    while let Some(relative) = pending.pop() {
        let absolute = directory.join(&relative);
        let unreadable = |error| PackError::Unreadable(absolute.clone(), error);
        let entries = match fs::read_dir(&absolute) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(unreadable)?,
        };
        for entry in entries {
            let entry = entry.map_err(unreadable)?;
            let path = relative.join(entry.file_name());
            if entry.path().is_dir() {
                pending.push(path);
            } else {
                found.insert(path);
            }
        }
    }
    Ok(found)
}
