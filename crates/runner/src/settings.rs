//! The policy's settings: a file of their own, or the manifest of a policy or group that deploys them.

use std::collections::BTreeMap;
use std::path::Path;

use openshift_image_trust::quote;
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
    /// A group has several policies, and none was chosen.
    #[error("holds a group of policies: {0}; choose one with --member")]
    Member(String),
    /// The group has no policy of the name that was chosen.
    #[error("has no policy {0} in a group; it has {1}")]
    NoMember(String, String),
    /// The manifest is not one that Kubewarden would take.
    #[error("holds a manifest that cannot be read: {0}")]
    Manifest(#[from] serde_json::Error),
}

/// Settings, as the policy gets them.
#[derive(Debug, Default)]
pub struct Settings(Option<Box<RawValue>>);

impl Settings {
    /// Reads a file of settings, or the manifest of a policy or of a group that holds them.
    ///
    /// # Errors
    /// The file holds no settings, or several.
    pub fn load(path: &Path) -> Result<Self, SettingsError> {
        Self::load_member(path, None)
    }

    /// The same, of the named policy of a group, if one is named.
    ///
    /// # Errors
    /// The file holds no settings, or no policy of this name.
    pub fn load_member(path: &Path, member: Option<&str>) -> Result<Self, SettingsError> {
        Self::choose(document::load(path)?, member)
    }

    /// Reads settings in JSON.
    pub fn parse(json: &str) -> Result<Self, SettingsError> {
        Self::from_documents(document::parse(json, Format::Json)?)
    }

    /// Takes JSON that is settings and nothing else.
    pub(crate) fn of_value(json: &RawValue) -> Self {
        Settings(Some(json.to_owned()))
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
        Self::choose(documents, None)
    }

    fn choose(documents: Vec<Box<RawValue>>, member: Option<&str>) -> Result<Self, SettingsError> {
        let count = documents.len();
        let mut documents = documents.into_iter();
        let document = documents.next().ok_or(SettingsError::Empty)?;
        if count > 1 {
            return Err(SettingsError::Several(count));
        }
        let kind = manifest_kind(&document);
        let policy = match kind.as_deref() {
            Some("ClusterAdmissionPolicy" | "AdmissionPolicy") if member.is_none() => {
                serde_json::from_str::<Manifest<Policy>>(document.get())?.spec
            }
            Some("ClusterAdmissionPolicyGroup" | "AdmissionPolicyGroup") => {
                serde_json::from_str::<Manifest<Group>>(document.get())?.spec.take(member)?
            }
            _ if member.is_some() => {
                return Err(SettingsError::NoMember(quoted(member), "no group".to_owned()));
            }
            _ => return Ok(Settings(Some(document))),
        };
        Ok(Settings(policy.settings))
    }
}

/// The kind of a manifest of Kubewarden's. Settings have neither member, so they cannot be taken for one.
fn manifest_kind(document: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Type {
        api_version: String,
        kind: String,
    }
    let found: Type = serde_json::from_str(document.get()).ok()?;
    found.api_version.starts_with("policies.kubewarden.io/").then_some(found.kind)
}

#[derive(Deserialize)]
struct Manifest<S> {
    spec: S,
}

/// A policy, alone or in a group.
#[derive(Deserialize)]
struct Policy {
    settings: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Group {
    policies: BTreeMap<String, Policy>,
}

impl Group {
    /// The policy of this name, or the only one.
    fn take(mut self, member: Option<&str>) -> Result<Policy, SettingsError> {
        let names = self.policies.keys().map(|name| quote(name).to_string()).collect::<Vec<_>>().join(", ");
        match (member, self.policies.len()) {
            (Some(name), _) => {
                self.policies.remove(name).ok_or_else(|| SettingsError::NoMember(quoted(member), names))
            }
            (None, 1) => self.policies.pop_first().map(|(_, policy)| policy).ok_or(SettingsError::Empty),
            (None, 0) => Err(SettingsError::Empty),
            (None, _) => Err(SettingsError::Member(names)),
        }
    }
}

fn quoted(member: Option<&str>) -> String {
    quote(member.unwrap_or_default()).to_string()
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
            (
                manifest("ClusterAdmissionPolicyGroup", "{policies: {trust: {module: x, settings: {a: 1}}}}"),
                r#"{"a":1}"#,
            ),
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
                "{apiVersion: policies.kubewarden.io/v1, kind: AdmissionPolicyGroup, spec: {policies: {b: {}, a: {}}}}",
                "holds a group of policies: `a`, `b`; choose one with --member",
            ),
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
