//! A source that cannot be read.
//!
//! # Why
//!
//! The API server accepts text that names no image, such as `my.app:1.0` (a registry without a
//! repository), and tools disagree on what it means. No other rule can check such a source.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "my.app:1.0"}}
//! ```
//!
//! ```text
//! spec.tags[0].from.name (tag `v1`): `my.app:1.0` is read as a registry without a repository; write `docker.io/library/my.app:1.0`, or put the registry in front [reference-unparsable]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "docker.io/acme/my.app:1.0"}}
//! ```
//!
//! # Settings
//!
//! None.
//!
//! # See
//!
//! - [reference.go](https://github.com/openshift/library-go/blob/master/pkg/image/reference/reference.go), the grammar

use crate::changes::{Part, Reference, Source, SourceError};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::oci::reference::ReferenceError;
use crate::quote::{excerpt, quote, quote_or};

/// The rule.
pub const RULE: Rule =
    Rule::new("reference-unparsable", "a source that cannot be read", &[Check::Reference(check)]);

fn check(reference: &Reference<'_>, _: &Context<'_>) -> Result<(), Offence<Part>> {
    let Source::Unreadable(error) = &reference.source else { return Ok(()) };
    Err(match *error {
        SourceError::Missing => Offence::at(Part::Source, "is missing; set `kind` and `name` of the source"),
        SourceError::Kind(kind) => {
            let known = "use `DockerImage`, `ImageStreamTag` or `ImageStreamImage`";
            match kind {
                "" => Offence::at(Part::Kind, format!("the kind is empty; {known}")),
                kind => Offence::at(Part::Kind, format!("kind {} is unknown; {known}", quote(kind))),
            }
        }
        SourceError::PullSpec(source, error) => Offence::at(Part::Source, unparsable(source, error)),
        SourceError::StreamTag(source) => Offence::at(
            Part::Source,
            format!("{} is not of the form `stream:tag`", quote_or(source, "an empty name")),
        ),
        SourceError::Triggers(reason) => {
            Offence::at(Part::Source, format!("is not a JSON list of triggers: {}", excerpt(reason)))
        }
        SourceError::StreamImage(source) => Offence::at(
            Part::Source,
            format!("{} is not of the form `stream@sha256:…`", quote_or(source, "an empty name")),
        ),
    })
}

/// Why a text is not a pull spec, and what to do about it.
pub(super) fn unparsable(text: &str, error: ReferenceError) -> String {
    let shown = quote(text);
    let (repository, _) = text.split_once('@').unwrap_or((text, ""));
    match error {
        ReferenceError::Empty => "the pull spec is empty".to_owned(),
        ReferenceError::NoRepository => format!(
            "{shown} is read as a registry without a repository; write {}, or put the registry in front",
            quote(&format!("docker.io/library/{text}"))
        ),
        ReferenceError::Malformed if text.contains(char::is_whitespace) => {
            format!("pull spec {shown} has blanks; remove them")
        }
        ReferenceError::Malformed if text.contains("${") || text.contains("$(") || text.contains("{{") => {
            format!("pull spec {shown} has a parameter that was not replaced; process the template first")
        }
        ReferenceError::Malformed if text.contains("://") => {
            format!("pull spec {shown} has a URL scheme; leave it out")
        }
        ReferenceError::Malformed | ReferenceError::UpperCase if repository.contains(char::is_uppercase) => {
            format!("pull spec {shown} has upper-case letters; repositories are lower case")
        }
        _ => format!("pull spec {shown} {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    #[test]
    fn a_source_that_cannot_be_read_is_refused_through_every_door() {
        assert_rule(
            RULE.code,
            &[
                (
                    "a registry without a repository",
                    "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: quay.io}}}",
                    &[
                        "tag.from.name: `quay.io` is read as a registry without a repository; write `docker.io/library/quay.io`, or put the registry in front",
                    ],
                ),
                (
                    "a scheme",
                    "object: {kind: ImageTag, spec: {from: {kind: DockerImage, name: 'https://quay.io/x'}}}",
                    &["spec.from.name: pull spec `https://quay.io/x` has a URL scheme; leave it out"],
                ),
                (
                    "white space around it",
                    "object: {kind: ImageTag, spec: {from: {kind: DockerImage, name: ' quay.io/x'}}}",
                    &["spec.from.name: pull spec ` quay.io/x` has blanks; remove them"],
                ),
                (
                    "half a digest",
                    "object: {kind: ImageStreamImport, spec: {images: [{from: {kind: DockerImage, name: 'quay.io/x@sha256:3c87'}}]}}",
                    &[
                        "spec.images[0].from.name: pull spec `quay.io/x@sha256:3c87` has a digest that is not sha256, sha384 or sha512 in full length",
                    ],
                ),
                (
                    "everything",
                    "object: {kind: ImageStreamImport, spec: {repository: {from: {kind: DockerImage, name: '*'}}}}",
                    &[
                        "spec.repository.from.name: pull spec `*` is not of the form `registry/repository:tag` or `registry/repository@digest`",
                    ],
                ),
                (
                    "upper case that reads as a namespace",
                    "object: {kind: ImageStream, spec: {dockerImageRepository: FOO/bar}}",
                    &[
                        "spec.dockerImageRepository: pull spec `FOO/bar` has upper-case letters; repositories are lower case",
                    ],
                ),
                (
                    "mapping",
                    "object: {kind: ImageStreamMapping, tag: v1, image: {dockerImageReference: '@'}}",
                    &[
                        "image.dockerImageReference: pull spec `@` is not of the form `registry/repository:tag` or `registry/repository@digest`",
                    ],
                ),
                (
                    "event without a pull spec",
                    "subresource: status\nold: {kind: ImageStream}\n\
                     object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{image: x}]}]}}",
                    &["status.tags[0].items[0].dockerImageReference (tag `v1`): the pull spec is empty"],
                ),
                (
                    "an empty source",
                    "object: {kind: ImageStream, spec: {tags: [{name: a, from: {}}, {name: b, from: {kind: DockerImage}}]}}",
                    &[
                        "spec.tags[0].from (tag `a`): is missing; set `kind` and `name` of the source",
                        "spec.tags[1].from.name (tag `b`): the pull spec is empty",
                    ],
                ),
                (
                    "no source to import",
                    "object: {kind: ImageStreamImport, spec: {images: [{to: {name: v1}}], repository: {}}}",
                    &[
                        "spec.images[0].from (tag `v1`): is missing; set `kind` and `name` of the source",
                        "spec.repository.from: is missing; set `kind` and `name` of the source",
                    ],
                ),
                (
                    "kinds that the API has not",
                    "object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: dockerImage, name: x}}, \
                     {name: b, from: {kind: ImageStream, name: x}}, {name: c, from: {name: x}}]}}",
                    &[
                        "spec.tags[0].from.kind (tag `a`): kind `dockerImage` is unknown; use `DockerImage`, `ImageStreamTag` or `ImageStreamImage`",
                        "spec.tags[1].from.kind (tag `b`): kind `ImageStream` is unknown; use `DockerImage`, `ImageStreamTag` or `ImageStreamImage`",
                        "spec.tags[2].from.kind (tag `c`): the kind is empty; use `DockerImage`, `ImageStreamTag` or `ImageStreamImage`",
                    ],
                ),
                (
                    "tags of streams",
                    "object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: ImageStreamTag, name: 'a:b:c'}}, \
                     {name: b, from: {kind: ImageStreamTag, name: ':b'}}, {name: c, from: {kind: ImageStreamTag, name: 'a:'}}, \
                     {name: d, from: {kind: ImageStreamTag, name: a@b}}, {name: e, from: {kind: ImageStreamTag}}]}}",
                    &[
                        "spec.tags[0].from.name (tag `a`): `a:b:c` is not of the form `stream:tag`",
                        "spec.tags[1].from.name (tag `b`): `:b` is not of the form `stream:tag`",
                        "spec.tags[2].from.name (tag `c`): `a:` is not of the form `stream:tag`",
                        "spec.tags[3].from.name (tag `d`): `a@b` is not of the form `stream:tag`",
                        "spec.tags[4].from.name (tag `e`): an empty name is not of the form `stream:tag`",
                    ],
                ),
                (
                    "images of streams",
                    "object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: ImageStreamImage, name: a@b@c}}, \
                     {name: b, from: {kind: ImageStreamImage, name: '@3c87'}}, {name: c, from: {kind: ImageStreamImage, name: a@}}, \
                     {name: d, from: {kind: ImageStreamImage, name: 'a@sha256:'}}, {name: e, from: {kind: ImageStreamImage, name: a@latest}}]}}",
                    &[
                        "spec.tags[0].from.name (tag `a`): `a@b@c` is not of the form `stream@sha256:…`",
                        "spec.tags[1].from.name (tag `b`): `@3c87` is not of the form `stream@sha256:…`",
                        "spec.tags[2].from.name (tag `c`): `a@` is not of the form `stream@sha256:…`",
                        "spec.tags[3].from.name (tag `d`): `a@sha256:` is not of the form `stream@sha256:…`",
                        "spec.tags[4].from.name (tag `e`): `a@latest` is not of the form `stream@sha256:…`",
                    ],
                ),
                (
                    "reference: true makes it no better",
                    "object: {kind: ImageStreamTag, tag: {reference: true, from: {kind: DockerImage, name: 'my.app:1'}}}",
                    &[
                        "tag.from.name: `my.app:1` is read as a registry without a repository; write `docker.io/library/my.app:1`, or put the registry in front",
                    ],
                ),
            ],
        );
    }

    #[test]
    fn what_can_be_read_or_was_there_passes() {
        assert_rule(
            RULE.code,
            &[
                (
                    "a push",
                    "object: {kind: ImageStream, spec: {tags: [{name: a}, {name: b, from: null}]}}",
                    &[],
                ),
                (
                    "pull spec",
                    "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}}}",
                    &[],
                ),
                (
                    "tag alone",
                    "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: latest}}}",
                    &[],
                ),
                (
                    "beginning of a digest",
                    "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamImage, name: web@3c87}}}",
                    &[],
                ),
                (
                    "digest alone",
                    "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamImage, name: 'sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}}",
                    &[],
                ),
                ("no repository", "object: {kind: ImageStream, spec: {dockerImageRepository: ''}}", &[]),
                (
                    "a repository that was there before",
                    "old: {kind: ImageStream, spec: {dockerImageRepository: FOO/bar}}\n\
                     object: {kind: ImageStream, metadata: {labels: {a: b}}, spec: {dockerImageRepository: FOO/bar}}",
                    &[],
                ),
                (
                    "a mapping that leaves it out",
                    "object: {kind: ImageStreamMapping, tag: v1, image: null}",
                    &[],
                ),
                (
                    "untouched",
                    "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'my.app:1'}}]}}\n\
                     object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'my.app:1'}}]}}",
                    &[],
                ),
                (
                    "removed",
                    "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'my.app:1'}}]}}\n\
                     object: {kind: ImageStream, spec: {}}",
                    &[],
                ),
            ],
        );
    }
}
