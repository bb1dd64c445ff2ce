//! What holds where the command line says nothing: the environment, and `.image-trust.yaml`.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use crate::commands::outputs::FailOn;
use crate::console;
use crate::document::{self, DocumentError};

/// The file's name.
pub const FILE: &str = ".image-trust.yaml";
/// The variable that names a file of settings.
pub const SETTINGS: &str = "IMAGE_TRUST_SETTINGS";

/// Why the file cannot be used.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("{}: {}", console::name(.0), .1)]
    Document(PathBuf, DocumentError),
    /// It is a list, a text, or several documents.
    #[error("{}: must be one object with `settings`, `include`, `exclude` or `failOn`", console::name(.0))]
    NotAnObject(PathBuf),
    /// It has other members than it may.
    #[error("{}: {}", console::name(.0), .1)]
    Schema(PathBuf, serde_json::Error),
}

/// What the file may hold.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Config {
    /// The policy's settings: a path from the file's folder.
    pub settings: Option<PathBuf>,
    /// Which files of folders are read.
    pub include: Vec<String>,
    /// Which are not.
    pub exclude: Vec<String>,
    /// From which level on something counts as failed.
    pub fail_on: Option<FailOn>,
}

impl Config {
    /// The first file on the way up from a folder, with the settings that the environment names in place
    /// of its own.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn find(from: &Path) -> Result<Self, ConfigError> {
        let found = from.ancestors().map(|folder| folder.join(FILE)).find(|path| path.is_file());
        let config = found.map(|path| Self::load(&path)).transpose()?.unwrap_or_default();
        Ok(Config { settings: settings_of_environment().or(config.settings), ..config })
    }

    /// Only what the environment says.
    pub fn of_environment() -> Self {
        Config { settings: settings_of_environment(), ..Config::default() }
    }

    fn load(path: &Path) -> Result<Self, ConfigError> {
        let documents =
            document::load(path).map_err(|error| ConfigError::Document(path.to_owned(), error))?;
        let json = match documents.as_slice() {
            [] => "{}",
            [document] if document.get().starts_with('{') => document.get(),
            _ => return Err(ConfigError::NotAnObject(path.to_owned())),
        };
        let config: Config =
            serde_json::from_str(json).map_err(|error| ConfigError::Schema(path.to_owned(), error))?;
        let folder = path.parent().unwrap_or(path);
        Ok(Config { settings: config.settings.map(|settings| folder.join(settings)), ..config })
    }
}

fn settings_of_environment() -> Option<PathBuf> {
    std::env::var_os(SETTINGS).filter(|value| !value.is_empty()).map(PathBuf::from)
}
