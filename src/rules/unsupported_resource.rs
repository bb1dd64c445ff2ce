//! A resource that this policy does not know.
//!
//! # Why
//!
//! A policy that is registered for more than it understands should say so, not wave it through.
//!
//! # Denied
//!
//! ```yaml
//! object: {apiVersion: v1, kind: Pod}
//! ```
//!
//! ```text
//! request.resource: `pods` is not a resource that this policy can judge [unsupported-resource]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! object: {kind: ImageStreamLayers}
//! ```
//!
//! # Settings
//!
//! `rules: {unsupported-resource: off}` lets such requests pass. ImageStreamLayers and SecretList
//! are read-only: there is nothing in them to decide. Within the group, a deletion of anything
//! introduces nothing and passes.
//!
//! # See
//!
//! - [apiserver.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/apiserver.go), what the group serves

use super::{Level, Rule};

/// The rule.
pub const RULE: Rule = Rule {
    code: "unsupported-resource",
    summary: "a resource that this policy does not know",
    level: Level::Deny,
    fixed: false,
    checks: &[],
};
