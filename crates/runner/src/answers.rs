//! Who answers the policy's questions about the cluster and registries: a folder of objects, a
//! recording, or nobody.

pub mod capabilities;
pub mod folder;
pub mod recording;

use std::path::Path;

use crate::document::{self, Format};

pub use capabilities::{Capabilities, HostCall, Natively, Nobody};
pub use folder::{Folder, Origin};
pub use recording::{Recorder, Replay};

/// Who answers: a folder, a recording, or nobody.
///
/// # Errors
/// The folder or the recording cannot be read.
pub fn open(cluster: Option<&Path>, replay: Option<&Path>) -> anyhow::Result<Box<dyn Capabilities>> {
    Ok(match (cluster, replay) {
        (Some(path), _) => Box::new(Folder::open(path)?),
        (None, Some(path)) => Box::new(Replay::open(path)?),
        (None, None) => Box::new(Nobody),
    })
}

/// Who answers, by what the file of this name holds: a recording is a list, an object is none, and
/// nothing at all is nobody.
///
/// # Errors
/// It is neither.
pub fn read(name: &Path, text: &str) -> anyhow::Result<Box<dyn Capabilities>> {
    let documents = document::parse(text, Format::of(name, text))
        .map_err(|error| anyhow::anyhow!("{}: {error}", crate::console::name(name)))?;
    Ok(match documents.first() {
        None => Box::new(Nobody),
        Some(first) if first.get().starts_with('[') => Box::new(Replay::parse(name, text)?),
        Some(_) => Box::new(Folder::of(name, &documents)?),
    })
}
