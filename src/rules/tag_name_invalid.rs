//! A tag name that no client can use, or that the settings do not allow.
//!
//! # Why
//!
//! The API server accepts any text as the name of a tag, even an empty one. A name with `:` or `@` can be
//! stored but not used, and one with control characters is easily misread.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: "c:d@e", from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! ```text
//! spec.tags[0].name: tag name `c:d@e` is invalid; allowed: up to 128 letters, digits, `_`, `.` and `-`, not `.` or `-` first [tag-name-invalid]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {tagNames: "^v\\d"}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! # Settings
//!
//! `references.tagNames`: a regular expression that names must match as well; it matches anywhere unless
//! anchored. Where it is set, the import of a whole repository is refused, since its tags are unknown.
//!
//! The name of an ImageStreamTag or ImageTag is taken from `metadata.name`; the `name` of the tag inside
//! may differ and is ignored.
//!
//! # See
//!
//! - [tag.go](https://github.com/openshift/oc/blob/main/pkg/cli/tag/tag.go), what the client asks for

use crate::changes::{Part, Reference};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::oci::reference;
use crate::quote::quote;

/// The rule.
pub const RULE: Rule = Rule::new(
    "tag-name-invalid",
    "a tag name that no client can use, or that `references.tagNames` does not allow",
    &[Check::Reference(check)],
);

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let pattern = &context.policy.references.tag_names;
    let Some(name) = reference.tag() else {
        return match pattern {
            Some(_) if reference.is_repository() => {
                let message = "imports every tag of the repository, whose names `references.tagNames` cannot check; \
                               import single tags";
                Err(Offence::at(Part::Source, message))
            }
            _ => Ok(()),
        };
    };
    if !reference::is_tag(name) {
        let message = match name {
            "" => "the tag name is empty".to_owned(),
            name => format!(
                "tag name {} is invalid; allowed: up to 128 letters, digits, `_`, `.` and `-`, not `.` or `-` first",
                quote(name)
            ),
        };
        return Err(Offence::at(Part::TagName, message));
    }
    let Some(pattern) = pattern else { return Ok(()) };
    let message = match pattern.matches(name) {
        Ok(true) => return Ok(()),
        Ok(false) => format!(
            "tag name {} is not allowed; it must match {} (`references.tagNames`)",
            quote(name),
            quote(pattern.as_str())
        ),
        Err(error) => format!("`references.tagNames` cannot be used: {error}"),
    };
    Err(Offence::at(Part::TagName, message))
}

/// Rejects a name that is too long to be matched against the pattern of `setting`, however cheap it is.
pub(super) fn check_length(name: &str, setting: &str) -> Result<(), String> {
    if name.len() <= reference::TAG_MAX {
        return Ok(());
    }
    let (length, most) = (name.len(), reference::TAG_MAX);
    Err(format!("tag name {} has {length} bytes; `{setting}` is compared with at most {most}", quote(name)))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const FORM: &str =
        "is invalid; allowed: up to 128 letters, digits, `_`, `.` and `-`, not `.` or `-` first";

    #[test]
    fn a_name_that_no_client_can_use_is_refused_through_every_door() {
        let invalid = |path: &str, name: &str| match name {
            "" => format!("{path}: the tag name is empty"),
            name => format!("{path}: tag name `{name}` {FORM}"),
        };
        let long = "a".repeat(129);
        assert_rule(
            RULE.code,
            &[
                (
                    "tags of a stream",
                    "object: {kind: ImageStream, spec: {tags: [{name: ''}, {name: a b}, {name: a/b}, {name: ä}, {name: .a}, {name: -a}, {name: 'a:b'}, {}]}}",
                    &[
                        &invalid("spec.tags[0].name", ""),
                        &invalid("spec.tags[1].name", "a b"),
                        &invalid("spec.tags[2].name", "a/b"),
                        &invalid("spec.tags[3].name", "ä"),
                        &invalid("spec.tags[4].name", ".a"),
                        &invalid("spec.tags[5].name", "-a"),
                        &invalid("spec.tags[6].name", "a:b"),
                        &invalid("spec.tags[7].name", ""),
                    ],
                ),
                (
                    "control characters",
                    "object: {kind: ImageStream, spec: {tags: [{name: \"v1\\n\\e[2Kv2\"}]}}",
                    &[&invalid("spec.tags[0].name", "v1\\n\\u{1b}[2Kv2")],
                ),
                (
                    "one character too long",
                    &format!("object: {{kind: ImageStream, spec: {{tags: [{{name: {long}}}]}}}}"),
                    &[&invalid("spec.tags[0].name", &long)],
                ),
                (
                    "ImageStreamTag: cut at the first colon",
                    "object: {kind: ImageStreamTag, metadata: {name: 'a:b:c'}, tag: {name: fine}}",
                    &[&invalid("metadata.name", "b:c")],
                ),
                (
                    "ImageTag without a tag in its name",
                    "object: {kind: ImageTag, metadata: {name: web}, spec: {name: fine}}",
                    &[&invalid("metadata.name", "")],
                ),
                (
                    "image import",
                    "object: {kind: ImageStreamImport, spec: {images: [{from: {kind: DockerImage, name: nginx}, to: {name: a@b}}]}}",
                    &[&invalid("spec.images[0].to.name", "a@b")],
                ),
                (
                    "image import, empty",
                    "object: {kind: ImageStreamImport, spec: {images: [{from: {kind: DockerImage, name: nginx}, to: {}}]}}",
                    &[&invalid("spec.images[0].to.name", "")],
                ),
                (
                    "mapping",
                    "object: {kind: ImageStreamMapping, tag: a b, image: {}}",
                    &[&invalid("tag", "a b")],
                ),
                (
                    "mapping without a tag",
                    "object: {kind: ImageStreamMapping, image: {}}",
                    &[&invalid("tag", "")],
                ),
                (
                    "event",
                    "subresource: status\nold: {kind: ImageStream}\n\
                     object: {kind: ImageStream, status: {tags: [{tag: a b, items: [{dockerImageReference: nginx}]}]}}",
                    &[&invalid("status.tags[0].tag", "a b")],
                ),
            ],
        );
    }

    #[test]
    fn names_that_clients_use_or_that_were_there_pass() {
        let longest = "a".repeat(128);
        assert_rule(
            RULE.code,
            &[
                (
                    "tags of a stream",
                    &format!(
                        "object: {{kind: ImageStream, spec: {{tags: [{{name: latest}}, {{name: '8'}}, {{name: _a}}, {{name: V1.0-rc_2}}, {{name: {longest}}}]}}}}"
                    ),
                    &[],
                ),
                (
                    "an empty tag is latest",
                    "object: {kind: ImageStreamTag, metadata: {name: 'web:'}, tag: {}}",
                    &[],
                ),
                (
                    "what the tag says of itself is not read",
                    "object: {kind: ImageTag, spec: {name: 'a:b'}}",
                    &[],
                ),
                (
                    "no tag to write",
                    "object: {kind: ImageStreamImport, spec: {images: [{from: {kind: DockerImage, name: nginx}}]}}",
                    &[],
                ),
                (
                    "untouched",
                    "old: {kind: ImageStream, spec: {tags: [{name: a b}]}}\nobject: {kind: ImageStream, spec: {tags: [{name: a b}, {name: c}]}}",
                    &[],
                ),
                (
                    "removed",
                    "old: {kind: ImageStream, spec: {tags: [{name: a b}]}}\nobject: {kind: ImageStream}",
                    &[],
                ),
                ("no tag", "object: {kind: ImageStreamTag, metadata: {name: web}, tag: null}", &[]),
                (
                    "an event that the server computes",
                    "object: {kind: ImageStream, status: {tags: [{tag: a b, items: [{dockerImageReference: nginx}]}]}}",
                    &[],
                ),
                (
                    "an older event that is shown again",
                    "subresource: status\n\
                     old: {kind: ImageStream, status: {tags: [{tag: a b, items: [{dockerImageReference: 'a:1'}, {dockerImageReference: 'a:2'}]}]}}\n\
                     object: {kind: ImageStream, status: {tags: [{tag: a b, items: [{dockerImageReference: 'a:2'}]}]}}",
                    &[],
                ),
            ],
        );
    }

    #[test]
    fn names_must_match_the_setting_besides() {
        let setting = "settings: {references: {tagNames: '^v\\d'}}";
        assert_rule(
            RULE.code,
            &[
                ("matches", &format!("{setting}\nobject: {{kind: ImageStreamTag, tag: {{}}}}"), &[]),
                (
                    "does not",
                    &format!("{setting}\nobject: {{kind: ImageStream, spec: {{tags: [{{name: latest}}]}}}}"),
                    &[
                        "spec.tags[0].name: tag name `latest` is not allowed; it must match `^v\\d` (`references.tagNames`)",
                    ],
                ),
                (
                    "digits are ASCII",
                    &format!("{setting}\nobject: {{kind: ImageStreamMapping, tag: va, image: {{}}}}"),
                    &["tag: tag name `va` is not allowed; it must match `^v\\d` (`references.tagNames`)"],
                ),
                (
                    "repository import",
                    &format!(
                        "{setting}\nobject: {{kind: ImageStreamImport, spec: {{repository: {{from: {{kind: DockerImage, name: nginx}}}}}}}}"
                    ),
                    &[
                        "spec.repository.from.name: imports every tag of the repository, whose names `references.tagNames` cannot check; import single tags",
                    ],
                ),
                (
                    "repository of a stream",
                    &format!(
                        "{setting}\nobject: {{kind: ImageStream, spec: {{dockerImageRepository: nginx}}}}"
                    ),
                    &[
                        "spec.dockerImageRepository: imports every tag of the repository, whose names `references.tagNames` cannot check; import single tags",
                    ],
                ),
                (
                    "a pattern that does not compile refuses",
                    "settings: {references: {tagNames: '*'}}\nobject: {kind: ImageStreamTag, tag: {}}",
                    &[
                        "metadata.name: `references.tagNames` cannot be used: `*` is not a usable regular expression: uncounted repetition operator must be applied to a sub-expression",
                    ],
                ),
            ],
        );
    }
}
