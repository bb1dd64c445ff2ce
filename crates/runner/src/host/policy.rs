//! The policy module, asked in Kubewarden's words.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;
use time::UtcDateTime;

use crate::answers::Capabilities;
use crate::console;
use crate::host::cache::Cache;
use crate::host::module::{CallError, Guest, Host, HostError};
use crate::request::payload;
use crate::response::Response;
use crate::settings::Settings;

/// The module that is used where none is named, and this program contains none.
pub const DEFAULT: &str = "policy.wasm";

/// The module in this program. Unless another is named it counts, whatever the working directory holds: that may
/// be the very change which is judged.
#[cfg(feature = "embedded")]
const EMBEDDED: Option<&[u8]> =
    Some(include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../policy.wasm")));
#[cfg(not(feature = "embedded"))]
const EMBEDDED: Option<&[u8]> = None;

/// Why there is no policy to ask.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// The file is not there.
    #[error("{}: no such file; build it with `make policy.wasm`, or name another with --policy", console::name(.0))]
    Missing(PathBuf),
    /// The file system refused.
    #[error("{}: cannot be read: {}", console::name(.0), .1)]
    Unreadable(PathBuf, std::io::Error),
    /// The file is no policy.
    #[error("{}: {}", console::name(.0), .1)]
    Host(PathBuf, HostError),
}

/// Why a question has no answer.
#[derive(Debug, Error)]
pub enum AskError {
    /// The module could not be linked for this question.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The call failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The module answered in other words.
    #[error("the policy's answer cannot be read: {0}")]
    Answer(#[from] serde_json::Error),
}

/// A policy, ready to be asked.
pub struct Policy {
    host: Host,
    guest: Guest,
}

/// The policy's opinion of settings.
#[derive(Debug, Deserialize)]
pub struct SettingsAnswer {
    /// Whether the policy would run with them.
    pub valid: bool,
    message: Option<String>,
}

impl SettingsAnswer {
    /// What is wrong with them, a problem a line.
    pub fn problems(&self) -> Vec<&str> {
        match self.message.as_deref() {
            Some(message) => message.lines().collect(),
            None => vec!["refused without a reason"],
        }
    }
}

impl Policy {
    /// Reads a module, and compiles it unless the cache has it: the one in a file, or else this program's, or else
    /// [`DEFAULT`].
    pub fn open(file: Option<&Path>, cache: Option<&Cache>) -> Result<Self, PolicyError> {
        let path = file.unwrap_or(Path::new(DEFAULT));
        let wasm: Cow<'_, [u8]> = match (file, EMBEDDED) {
            (None, Some(embedded)) => embedded.into(),
            _ => std::fs::read(path)
                .map_err(|error| match error.kind() {
                    ErrorKind::NotFound => PolicyError::Missing(path.to_owned()),
                    _ => PolicyError::Unreadable(path.to_owned(), error),
                })?
                .into(),
        };
        Host::open(&wasm, cache)
            .and_then(|host| host.link(None).map(|guest| Policy { host, guest }))
            .map_err(|error| PolicyError::Host(path.to_owned(), error))
    }

    /// Has settings checked.
    pub fn validate_settings(&self, settings: &Settings) -> Result<SettingsAnswer, AskError> {
        let answer = self.guest.call("validate_settings", settings.json().as_bytes())?;
        Ok(serde_json::from_slice(&answer)?)
    }

    /// Whether the policy would run with settings; what is wrong with them is told, with where they
    /// come from.
    pub fn accepts(&self, settings: &Settings, origin: &str) -> Result<bool, AskError> {
        let answer = self.validate_settings(settings)?;
        if !answer.valid {
            answer
                .problems()
                .iter()
                .for_each(|problem| console::complain(format_args!("{origin}: {problem}")));
        }
        Ok(answer.valid)
    }

    /// The policy for many requests, now or at a given instant: linked once, for one thread.
    pub fn linked(&self, now: Option<UtcDateTime>) -> Result<Linked, HostError> {
        self.host.link(now).map(Linked)
    }

    /// Has a request judged, now or at a given instant.
    pub fn validate(
        &self,
        request: &RawValue,
        settings: &Settings,
        now: Option<UtcDateTime>,
        capabilities: &Arc<dyn Capabilities>,
    ) -> Result<Response, AskError> {
        let payload = payload(request, settings);
        let answer = match now {
            Some(_) => self.host.link(now)?.call_with("validate", payload.as_bytes(), capabilities)?,
            None => self.guest.call_with("validate", payload.as_bytes(), capabilities)?,
        };
        Ok(Response::parse(&answer)?)
    }
}

/// A policy that was linked for one thread.
pub struct Linked(Guest);

impl Linked {
    /// Has a request judged.
    pub fn validate(
        &self,
        request: &RawValue,
        settings: &Settings,
        capabilities: &Arc<dyn Capabilities>,
    ) -> Result<Response, AskError> {
        let payload = payload(request, settings);
        Ok(Response::parse(&self.0.call_with("validate", payload.as_bytes(), capabilities)?)?)
    }
}
