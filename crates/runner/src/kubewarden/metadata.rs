//! `metadata.yml`: what Kubewarden registers, grants and shows of a policy.
//!
//! The schema is that of kubewarden-controller `crates/policy-evaluator/src/policy_metadata.rs`. It travels inside
//! the module: `host/section.rs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The annotation that holds the text for users, in Markdown.
pub const USAGE: &str = "io.kubewarden.policy.usage";

/// Every capability of Kubewarden's host, as it is called: namespace and operation.
pub const CAPABILITIES: [(&str, &str); 12] = [
    ("crypto", "v1/is_certificate_trusted"),
    ("kubernetes", "can_i"),
    ("kubernetes", "get_resource"),
    ("kubernetes", "list_resources_all"),
    ("kubernetes", "list_resources_by_namespace"),
    ("net", "v1/dns_lookup_host"),
    ("oci", "v1/manifest_digest"),
    ("oci", "v1/oci_manifest"),
    ("oci", "v1/oci_manifest_config"),
    ("oci", "v1/verify"),
    ("oci", "v2/verify"),
    ("tracing", "log"),
];

/// Why metadata cannot be used.
#[derive(Debug, Error)]
pub enum MetadataError {
    /// The file system refused.
    #[error("{}: {}", crate::console::name(.0), .1)]
    File(PathBuf, std::io::Error),
    /// It does not follow the schema.
    #[error("{}: {}", crate::console::name(.0), .1)]
    Format(PathBuf, serde_norway::Error),
    /// It contradicts Kubernetes or Kubewarden.
    #[error("{}: {}", crate::console::name(.0), .1)]
    Wrong(PathBuf, String),
}

/// What a policy says about itself.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    /// The protocol that the module speaks: what it answers when it is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol_version: Option<String>,
    /// What it is asked about.
    pub rules: Vec<Rule>,
    /// What is shown of it.
    pub annotations: BTreeMap<String, String>,
    /// Whether it changes what it is asked about.
    pub mutating: bool,
    /// Whether it may judge what is there already.
    #[serde(default = "yes")]
    pub background_audit: bool,
    /// The kinds that it reads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context_aware_resources: Vec<Resource>,
    /// What it asks its host for, as patterns of namespace and operation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub host_capabilities: Vec<String>,
    /// How it is run: `kubewarden-wapc`.
    pub execution_mode: String,
    /// What it judges: `kubernetes`.
    pub policy_type: String,
    /// The oldest Kubewarden that can run it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_kubewarden_version: Option<String>,
}

/// A rule with which a webhook is registered.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names of Kubernetes")]
pub struct Rule {
    pub api_groups: Vec<String>,
    pub api_versions: Vec<String>,
    pub resources: Vec<String>,
    pub operations: Vec<String>,
}

/// A kind that is read.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the names of Kubernetes")]
pub struct Resource {
    pub api_version: String,
    pub kind: String,
}

fn yes() -> bool {
    true
}

impl Metadata {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or Kubewarden would refuse it.
    pub fn open(path: &Path) -> Result<Self, MetadataError> {
        let file =
            std::fs::read_to_string(path).map_err(|error| MetadataError::File(path.to_owned(), error))?;
        let metadata: Self =
            serde_norway::from_str(&file).map_err(|error| MetadataError::Format(path.to_owned(), error))?;
        metadata.check().map_err(|problem| MetadataError::Wrong(path.to_owned(), problem))?;
        Ok(metadata)
    }

    /// That of the policy of this version, as the repository has it.
    ///
    /// # Errors
    /// It cannot be read, which a test rules out.
    pub fn shipped() -> Result<Self, MetadataError> {
        let path = Path::new("metadata.yml");
        serde_norway::from_str(include_str!("../../../../metadata.yml"))
            .map_err(|error| MetadataError::Format(path.to_owned(), error))
    }

    /// An annotation.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.get(name).map(String::as_str)
    }

    /// The first thing that Kubewarden would refuse.
    fn check(&self) -> Result<(), String> {
        const OPERATIONS: [&str; 5] = ["CREATE", "UPDATE", "DELETE", "CONNECT", "*"];
        for (index, rule) in self.rules.iter().enumerate() {
            let lists = [
                ("apiGroups", &rule.api_groups),
                ("apiVersions", &rule.api_versions),
                ("resources", &rule.resources),
                ("operations", &rule.operations),
            ];
            for (name, list) in lists {
                if list.is_empty() {
                    return Err(format!("rules[{index}].{name}: is empty"));
                }
                if list.len() > 1 && list.iter().any(|it| it == "*") {
                    return Err(format!("rules[{index}].{name}: `*` stands alone"));
                }
            }
            if let Some(unknown) = rule.operations.iter().find(|it| !OPERATIONS.contains(&it.as_str())) {
                return Err(format!("rules[{index}].operations: `{unknown}` is no operation"));
            }
        }
        if self.execution_mode != "kubewarden-wapc" {
            return Err(format!("executionMode: `{}` is not `kubewarden-wapc`", self.execution_mode));
        }
        if self.policy_type != "kubernetes" {
            return Err(format!("policyType: `{}` is not `kubernetes`", self.policy_type));
        }
        Ok(())
    }

    /// Whether the host would grant an operation.
    #[must_use]
    pub fn grants(&self, namespace: &str, operation: &str) -> bool {
        self.host_capabilities.iter().any(|pattern| {
            pattern == "*"
                || pattern.strip_suffix("/*").is_some_and(|granted| {
                    let asked = format!("{namespace}/{operation}");
                    asked.strip_prefix(granted).is_some_and(|rest| rest.starts_with('/'))
                })
                || *pattern == format!("{namespace}/{operation}")
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may fail by panicking")]
mod tests {
    use super::*;

    const MINIMAL: &str = "
rules: [{apiGroups: [''], apiVersions: [v1], resources: [pods], operations: [CREATE]}]
annotations: {io.kubewarden.policy.title: x}
mutating: false
executionMode: kubewarden-wapc
policyType: kubernetes
";

    fn read(text: &str) -> Result<Metadata, String> {
        let metadata: Metadata = serde_norway::from_str(text).map_err(|error| error.to_string())?;
        metadata.check().map(|()| metadata)
    }

    #[test]
    fn what_kubewarden_would_refuse_is_refused() {
        assert!(read(MINIMAL).is_ok());
        for (from, to, told) in [
            ("[CREATE]", "[]", "rules[0].operations: is empty"),
            ("[CREATE]", "[CREATE, '*']", "rules[0].operations: `*` stands alone"),
            ("[CREATE]", "[create]", "rules[0].operations: `create` is no operation"),
            ("[v1]", "[v1, '*']", "rules[0].apiVersions: `*` stands alone"),
            ("kubewarden-wapc", "opa", "executionMode: `opa` is not `kubewarden-wapc`"),
            ("policyType: kubernetes", "policyType: raw", "policyType: `raw` is not `kubernetes`"),
            ("mutating", "mutatingg", "unknown field `mutatingg`"),
            ("mutating: false", "", "missing field `mutating`"),
        ] {
            let error = read(&MINIMAL.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn patterns_grant_what_is_below_them() {
        let granting = |pattern: &str| {
            read(&format!("{MINIMAL}hostCapabilities: ['{pattern}']\n")).unwrap().grants("oci", "v2/verify")
        };
        for pattern in ["*", "oci/*", "oci/v2/*", "oci/v2/verify"] {
            assert!(granting(pattern), "{pattern}");
        }
        for pattern in ["oci", "oci/v1/*", "oci/v2", "oci/v2/verif", "oc/*", "kubernetes/*", ""] {
            assert!(!granting(pattern), "{pattern}");
        }
    }
}
