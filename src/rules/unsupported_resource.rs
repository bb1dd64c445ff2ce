//! A resource that this policy does not know.
//!
//! # Why
//!
//! A policy that is registered for resources it does not understand should say so and not let them pass.
//!
//! # Denied
//!
//! ```yaml
//! object: {apiVersion: v1, kind: Pod}
//! ```
//!
//! ```text
//! request.resource: resource `pods` is not supported; register the policy for `image.openshift.io` only [unsupported-resource]
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
//! `rules: {unsupported-resource: off}` lets such requests pass. ImageStreamLayers and SecretList are
//! read-only and pass. So do deletions within the API group.
//!
//! # See
//!
//! - [apiserver.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/apiserver.go), what the group serves

use crate::evaluation::Rule;
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
                    &[
                        "request.resource: resource `pods` is not supported; register the policy for `image.openshift.io` only",
                    ],
                ),
                (
                    "deletion of what belongs to others",
                    "operation: DELETE\nobject: {apiVersion: v1, kind: Pod}",
                    &[
                        "request.resource: resource `pods` is not supported; register the policy for `image.openshift.io` only",
                    ],
                ),
                (
                    "unknown sub-resource",
                    "subresource: scale\nobject: {kind: ImageStream}",
                    &[
                        "request.resource: resource `imagestreams/scale` is not supported; register the policy for `image.openshift.io` only",
                    ],
                ),
                (
                    "a kind that others call alike",
                    "object: {apiVersion: config.example/v1, kind: Images}",
                    &[
                        "request.resource: resource `imagess` is not supported; register the policy for `image.openshift.io` only",
                    ],
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
