//! A request, or settings, that cannot be read or contradict themselves.
//!
//! # Why
//!
//! A request that cannot be read cannot be checked, and a contradictory one may be read one way here and
//! another way by the server.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: ImageStream
//!   spec: {tags: [{name: 5}]}
//! ```
//!
//! ```text
//! spec.tags[0].name: expected a string, found the number 5 [request-unreadable]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! object:
//!   kind: ImageStream
//!   spec: {tags: [{name: "5"}]}
//! ```
//!
//! # Settings
//!
//! None: the rule can be neither changed nor exempted. The status code is 400; a denial has 403.
//!
//! # See
//!
//! - [AdmissionReview](https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request)

use crate::evaluation::Rule;

/// The rule.
pub const RULE: Rule = Rule::new(
    "request-unreadable",
    "a request, or settings, that cannot be read or contradict themselves",
    &[],
)
.fixed();

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{Short, assert_rule};

    #[test]
    fn what_contradicts_itself_is_refused() {
        assert_rule(
            RULE.code,
            &[
                (
                    "another kind in the object",
                    "old: {kind: ImageStream}\nobject: {kind: ImageStream, apiVersion: apps/v1}",
                    &["apiVersion: is `apps/v1`, but the request has `image.openshift.io/v1`"],
                ),
                (
                    "another name",
                    "name: other\nobject: {kind: ImageStream}",
                    &["metadata.name: is `web`, but the request has `other`"],
                ),
                (
                    "another namespace",
                    "namespace: other\nobject: {kind: ImageStream, metadata: {namespace: shop}}",
                    &["metadata.namespace: is `shop`, but the request has `other`"],
                ),
                (
                    "another name in the old object",
                    "old: {kind: ImageStream, metadata: {name: old}}\nobject: {kind: ImageStream}",
                    &["oldObject.metadata.name: is `old`, but the request has `web`"],
                ),
                (
                    "another kind of old object",
                    "old: {kind: ImageStreamTag}\nobject: {kind: ImageStream}",
                    &["oldObject.kind: is `ImageStreamTag`, but the request has `ImageStream`"],
                ),
                (
                    "no old object",
                    "operation: UPDATE\nobject: {kind: ImageStream}",
                    &["oldObject: is missing"],
                ),
                ("no object", "operation: UPDATE\nold: {kind: ImageStream}", &["object: is missing"]),
                (
                    "an unknown operation",
                    "operation: PATCH\nobject: {kind: ImageStream}",
                    &["request.operation: `PATCH` is not an operation"],
                ),
                (
                    "no operation",
                    "operation: ''\nobject: {kind: ImageStream}",
                    &["request.operation: is empty"],
                ),
                ("consistent", "old: {kind: ImageStream}\nobject: {kind: ImageStream}", &[]),
                (
                    "no name, as the server has yet to make one up",
                    "name: ''\nobject: {kind: ImageStream}",
                    &[],
                ),
                (
                    "no namespace in the object",
                    "object: {kind: ImageStream, metadata: {namespace: null}}",
                    &[],
                ),
                (
                    "deleted: the object is not read",
                    "operation: DELETE\nold: {kind: ImageStream, spec: 5}",
                    &[],
                ),
            ],
        );
    }

    #[test]
    fn the_answer_is_400_and_says_what_it_is_about() {
        let verdict = Short::parse("object: {kind: ImageStream, spec: {tags: {}}}").verdict();
        assert_eq!(verdict.code, Some(400));
        let message = verdict.message.unwrap_or_default();
        assert!(message.starts_with("1 violation in ImageStream shop/web:\nspec.tags: "), "{message}");
    }
}
