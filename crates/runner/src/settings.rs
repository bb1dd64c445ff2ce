//! The policy's settings: a file of their own, or the manifest that deploys them.

use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::document::{self, DocumentError, Format};

/// Why there are no settings to go by.
#[derive(Debug, Error)]
pub enum SettingsError {
    /// The file or text yields no documents to begin with.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Nothing is written there. Taking that for `{}` could hide a truncated file.
    #[error("holds no settings; write `{{}}` for none")]
    Empty,
    /// Which of them counts?
    #[error("holds {0} documents; settings are one")]
    Several(usize),
    /// The manifest is not one that Kubewarden would take.
    #[error("holds a manifest that cannot be read: {0}")]
    Manifest(#[from] serde_json::Error),
}

/// Settings, as the policy gets them.
#[derive(Debug, Default)]
pub struct Settings(Option<Box<RawValue>>);

impl Settings {
    /// Reads a file of settings, or a ClusterAdmissionPolicy or AdmissionPolicy that holds them.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        Self::from_documents(document::load(path)?)
    }

    /// Reads settings in JSON.
    pub fn parse(json: &str) -> Result<Self, SettingsError> {
        Self::from_documents(document::parse(json, Format::Json)?)
    }

    /// The settings in JSON. Where none are given, the rules that need none hold.
    pub fn json(&self) -> &str {
        self.0.as_ref().map_or("{}", |settings| settings.get())
    }

    /// Takes the one document that there is for settings, or for a manifest that holds them.
    ///
    /// # Errors
    /// There is none, or there are several.
    pub fn from_documents(documents: Vec<Box<RawValue>>) -> Result<Self, SettingsError> {
        let count = documents.len();
        let mut documents = documents.into_iter();
        let document = documents.next().ok_or(SettingsError::Empty)?;
        if count > 1 {
            return Err(SettingsError::Several(count));
        }
        if !is_manifest(&document) {
            return Ok(Settings(Some(document)));
        }
        let manifest: Manifest = serde_json::from_str(document.get())?;
        Ok(Settings(manifest.spec.settings))
    }
}

/// Settings have neither member, so nothing else can be taken for a manifest.
fn is_manifest(document: &RawValue) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Type {
        api_version: String,
        kind: String,
    }
    serde_json::from_str(document.get()).is_ok_and(|found: Type| {
        found.api_version.starts_with("policies.kubewarden.io/")
            && ["ClusterAdmissionPolicy", "AdmissionPolicy"].contains(&found.kind.as_str())
    })
}

#[derive(Deserialize)]
struct Manifest {
    spec: Spec,
}

#[derive(Deserialize)]
struct Spec {
    settings: Option<Box<RawValue>>,
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        document::parse(text, Format::Yaml)
            .map_err(SettingsError::from)
            .and_then(Settings::from_documents)
            .map(|settings| settings.json().to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn settings_stand_alone_or_in_a_manifest() {
        let manifest = |kind: &str, spec: &str| {
            format!("apiVersion: policies.kubewarden.io/v1\nkind: {kind}\nspec: {spec}")
        };
        let cases = [
            ("{}".to_owned(), "{}"),
            ("rules: {local-lookup: deny}".to_owned(), r#"{"rules":{"local-lookup":"deny"}}"#),
            (manifest("ClusterAdmissionPolicy", "{module: x, settings: {a: 1}}"), r#"{"a":1}"#),
            (manifest("AdmissionPolicy", "{module: x, settings: {a: 1}}"), r#"{"a":1}"#),
            (manifest("AdmissionPolicy", "{module: x}"), "{}"),
            (manifest("AdmissionPolicy", "{module: x, settings: null}"), "{}"),
        ];
        for (text, expected) in cases {
            assert_eq!(read(&text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn no_settings_are_written_as_such() {
        let cases = [
            ("", "holds no settings; write `{}` for none"),
            ("# later", "holds no settings; write `{}` for none"),
            ("a: 1\n---\nb: 2", "holds 2 documents; settings are one"),
            (
                "{apiVersion: policies.kubewarden.io/v1, kind: AdmissionPolicy}",
                "holds a manifest that cannot be read: missing field `spec`",
            ),
        ];
        for (text, expected) in cases {
            let refusal = read(text).unwrap_err();
            assert!(refusal.starts_with(expected), "{text:?}: {refusal}");
        }
        assert_eq!(Settings::default().json(), "{}");
    }
}
