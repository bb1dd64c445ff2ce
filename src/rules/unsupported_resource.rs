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

use super::Rule;
use crate::quote::quote;

/// The rule.
pub const RULE: Rule = Rule::new("unsupported-resource", "a resource that this policy does not know", &[]);

/// What is said of a resource.
#[must_use]
pub fn message(resource: &str) -> String {
    format!(
        "resource {} is not supported; register the policy for `image.openshift.io` only",
        quote(resource)
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    #[test]
    fn only_what_the_group_serves_can_be_judged() {
        assert_rule(
            RULE.code,
            &[
                (
                    "core",
                    "object: {apiVersion: v1, kind: Pod}",
                    &["request.resource: `pods` is not a resource that this policy can judge"],
                ),
                (
                    "deletion of what belongs to others",
                    "operation: DELETE\nobject: {apiVersion: v1, kind: Pod}",
                    &["request.resource: `pods` is not a resource that this policy can judge"],
                ),
                (
                    "unknown sub-resource",
                    "subresource: scale\nobject: {kind: ImageStream}",
                    &["request.resource: `imagestreams/scale` is not a resource that this policy can judge"],
                ),
                (
                    "a kind that others call alike",
                    "object: {apiVersion: config.example/v1, kind: Images}",
                    &["request.resource: `imagess` is not a resource that this policy can judge"],
                ),
                (
                    "switched off",
                    "settings: {rules: {unsupported-resource: off}}\nobject: {apiVersion: v1, kind: Pod}",
                    &[],
                ),
                ("ImageStreamLayers", "object: {kind: ImageStreamLayers}", &[]),
                ("SecretList", "object: {kind: SecretList}", &[]),
                ("ImageStreamImage", "object: {kind: ImageStreamImage}", &[]),
                ("ImageSignature", "object: {kind: ImageSignature}", &[]),
                (
                    "deletion within the group",
                    "operation: DELETE\nsubresource: scale\nold: {kind: ImageStream}",
                    &[],
                ),
            ],
        );
    }
}
