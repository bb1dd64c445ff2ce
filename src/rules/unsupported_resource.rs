//! A resource that this policy does not know.
//!
//! # Why
//!
//! A policy that is registered for resources it does not understand should say so and not let them pass.
//!
//! # Denied
//!
//! ```yaml
//! object: {apiVersion: networking.k8s.io/v1, kind: Ingress}
//! ```
//!
//! ```text
//! request.resource: resource `ingresss` is not supported; remove it from the policy's `spec.rules` [unsupported-resource]
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
//! read-only and pass. So do deletions within the API group, and of workloads. Which workloads are judged
//! is said in [running images](../running-images.md).
//!
//! # See
//!
//! - [apiserver.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/apiserver.go), what the group serves

use crate::evaluation::Rule;
use crate::quote::quote_or;

/// The rule.
pub const RULE: Rule = Rule::new("unsupported-resource", "a resource that this policy does not know", &[]);

/// What is said of a resource.
#[must_use]
pub fn message(resource: &str) -> String {
    let resource = quote_or(resource, "(empty)");
    format!("resource {resource} is not supported; remove it from the policy's `spec.rules`")
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
                    "object: {apiVersion: networking.k8s.io/v1, kind: Ingress}",
                    &[
                        "request.resource: resource `ingresss` is not supported; remove it from the policy's `spec.rules`",
                    ],
                ),
                (
                    "deletion of what belongs to others",
                    "operation: DELETE\nobject: {apiVersion: networking.k8s.io/v1, kind: Ingress}",
                    &[
                        "request.resource: resource `ingresss` is not supported; remove it from the policy's `spec.rules`",
                    ],
                ),
                (
                    "unknown sub-resource",
                    "subresource: scale\nobject: {kind: ImageStream}",
                    &[
                        "request.resource: resource `imagestreams/scale` is not supported; remove it from the policy's `spec.rules`",
                    ],
                ),
                (
                    "a kind that others call alike",
                    "object: {apiVersion: config.example/v1, kind: Images}",
                    &[
                        "request.resource: resource `imagess` is not supported; remove it from the policy's `spec.rules`",
                    ],
                ),
                (
                    "switched off",
                    "settings: {rules: {unsupported-resource: off}}\nobject: {apiVersion: networking.k8s.io/v1, kind: Ingress}",
                    &[],
                ),
                (
                    "deletion of what is not judged in a group that has workloads",
                    "operation: DELETE\nobject: {apiVersion: v1, kind: ConfigMap}",
                    &[
                        "request.resource: resource `configmaps` is not supported; remove it from the policy's `spec.rules`",
                    ],
                ),
                (
                    "a part of a pod that is no pod",
                    "subresource: exec\nobject: {apiVersion: v1, kind: Pod}",
                    &[
                        "request.resource: resource `pods/exec` is not supported; remove it from the policy's `spec.rules`",
                    ],
                ),
                (
                    "another version",
                    "object: {apiVersion: apps/v1beta1, kind: Deployment}",
                    &[
                        "request.resource: resource `deployments` is not supported; remove it from the policy's `spec.rules`",
                    ],
                ),
                ("deletion of a pod", "operation: DELETE\nold: {apiVersion: v1, kind: Pod}", &[]),
                ("Pod", "object: {kind: Pod}", &[]),
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
