//! What is measured: one request under one set of settings.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use image_trust::request;
use serde::{Deserialize, Serialize};
use serde_norway::Value;

/// One row of the table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    /// What the table calls it.
    pub(crate) name: String,
    /// The file of the request, seen from the file of the rows.
    request: PathBuf,
    settings: Value,
    /// Lengthens an ImageStream's `spec.tags`, by its own tags in turn, to so many.
    tags: Option<usize>,
}

#[derive(Serialize)]
struct Payload {
    request: Value,
    settings: Value,
}

/// Reads the rows.
pub(crate) fn load(path: &Path) -> Result<Vec<Row>> {
    let context = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(context)?;
    let mut rows: Vec<Row> = serde_norway::from_str(&text).with_context(context)?;
    for row in &mut rows {
        row.request = path.with_file_name(&row.request);
    }
    Ok(rows)
}

impl Row {
    /// What the host hands to the policy: compact, as the policy server writes it.
    pub(crate) fn payload(&self) -> Result<Vec<u8>> {
        let context = || self.request.display().to_string();
        let requests = request::load(&self.request).with_context(context)?;
        let [request] = requests.as_slice() else {
            anyhow::bail!("{} holds {} requests, not one", self.request.display(), requests.len());
        };
        // This kind of tree keeps the order of the members.
        let mut request: Value = serde_json::from_str(request.json().get()).with_context(context)?;
        if let Some(count) = self.tags {
            lengthen(&mut request, count).with_context(context)?;
        }
        Ok(serde_json::to_vec(&Payload { request, settings: self.settings.clone() })?)
    }
}

fn lengthen(request: &mut Value, count: usize) -> Result<()> {
    let tags = ["object", "spec", "tags"]
        .into_iter()
        .try_fold(request, |value, member| value.get_mut(member))
        .and_then(Value::as_sequence_mut)
        .context("has no `object.spec.tags`")?;
    ensure!(!tags.is_empty(), "has no tag to repeat");
    let originals = tags.clone();
    for (number, tag) in originals.iter().cycle().enumerate().take(count).skip(originals.len()) {
        let mut tag = tag.clone();
        *tag.get_mut("name").context("has a tag without a name")? = Value::String(format!("v1.0.{number}"));
        tags.push(tag);
    }
    Ok(())
}
