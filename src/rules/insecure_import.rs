//! An import over plain HTTP or unverified TLS from outside the listed scopes.
//!
//! # Why
//!
//! Whoever sits on the network between the cluster and the registry chooses the image. The
//! annotation `openshift.io/image.insecureRepository` does the same for every tag of a stream, the
//! ones that will be added later through other kinds included.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: ImageStreamImport
//!   spec:
//!     import: true
//!     images:
//!       - from: {kind: DockerImage, name: "registry.lab.example:5000/web:v1"}
//!         to: {name: v1}
//!         importPolicy: {insecure: true}
//! ```
//!
//! ```text
//! spec.images[0].importPolicy.insecure: insecure import from `registry.lab.example:5000/web:v1`, which is not in `references.insecure` [insecure-import]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {insecure: ["registry.lab.example:5000"]}}
//! object:
//!   kind: ImageStreamImport
//!   spec:
//!     import: true
//!     images:
//!       - from: {kind: DockerImage, name: "registry.lab.example:5000/web:v1"}
//!         to: {name: v1}
//!         importPolicy: {insecure: true}
//! ```
//!
//! # Settings
//!
//! `references.insecure`: scopes from which images may be imported insecurely; none unless
//! written. The annotation passes only where `""` is among them, since it cannot be limited to
//! one registry; tags added to such a stream are judged by
//! their source, where the request tells that it is one: through ImageStream and ImageTag.
//!
//! # See
//!
//! - [consts.go](https://github.com/openshift/api/blob/master/image/v1/consts.go), the annotation

use super::{Check, Context, Level, Offence, Rule};
use crate::changes::{Insecure, Part, Reference, Source, StreamChange, StreamTrait};
use crate::evaluation::denial::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "insecure-import",
    summary: "an insecure import from outside `references.insecure`",
    level: Level::Deny,
    level_without_signers: None,
    fixed: false,
    checks: &[Check::Reference(check), Check::Stream(check_stream)],
};

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let insecure = &context.policy.references.insecure;
    if reference.insecure() == Insecure::No || insecure.everywhere().is_some() {
        return Ok(());
    }
    let source = match &reference.source {
        Source::Image { spec, .. } if insecure.get(spec).is_some() => return Ok(()),
        Source::Image { text, .. } | Source::StreamTag { text, .. } | Source::StreamImage { text, .. } => {
            *text
        }
        // Nothing is imported yet; what will be is judged when it is named.
        Source::None if reference.insecure() == Insecure::Annotation => return Ok(()),
        Source::None | Source::Unreadable(_) => "",
    };
    let source = source.to_owned();
    match reference.insecure() {
        Insecure::Annotation => Denial::InsecureStream { source }.at(Part::Insecure),
        Insecure::No | Insecure::Policy => Denial::InsecureImport { source }.at(Part::Insecure),
    }
}

fn check_stream(change: &StreamChange, context: &Context<'_>) -> Result<(), Denial> {
    match change.trait_ {
        StreamTrait::Insecure if context.policy.references.insecure.everywhere().is_none() => {
            Err(Denial::InsecureAnnotation)
        }
        StreamTrait::Insecure | StreamTrait::LocalLookup => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const ANNOTATION: &str = "metadata.annotations[openshift.io/image.insecureRepository]: makes every import into the stream insecure, \
                              `references.insecure` does not hold everywhere: set `importPolicy.insecure` on the tags that need it";
    const SETTINGS: &str = "{references: {insecure: ['lab.example:5000']}}";
    const TABLE: &[(&str, &str, &[&str])] = &[
        (
            "tag of a stream",
            "object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: 'lab.example:5000/x'}, importPolicy: {insecure: true}}, \
             {name: b, from: {kind: DockerImage, name: 'lab.example:5001/x'}, importPolicy: {insecure: true}}]}}",
            &[
                "spec.tags[1].importPolicy.insecure: insecure import from `lab.example:5001/x`, which is not in `references.insecure`",
            ],
        ),
        (
            "ImageStreamTag",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}}",
            &[
                "tag.importPolicy.insecure: insecure import from `nginx`, which is not in `references.insecure`",
            ],
        ),
        (
            "ImageTag",
            "object: {kind: ImageTag, spec: {from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}}",
            &[
                "spec.importPolicy.insecure: insecure import from `nginx`, which is not in `references.insecure`",
            ],
        ),
        (
            "an import that stores nothing still contacts the registry",
            "object: {kind: ImageStreamImport, spec: {import: false, images: [{from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}]}}",
            &[
                "spec.images[0].importPolicy.insecure: insecure import from `nginx`, which is not in `references.insecure`",
            ],
        ),
        (
            "repository import",
            "object: {kind: ImageStreamImport, spec: {repository: {from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}}}",
            &[
                "spec.repository.importPolicy.insecure: insecure import from `nginx`, which is not in `references.insecure`",
            ],
        ),
        (
            "only this is switched on",
            "old: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}]}}",
            &[
                "spec.tags[0].importPolicy.insecure: insecure import from `nginx`, which is not in `references.insecure`",
            ],
        ),
        (
            "through the status of the stream",
            "subresource: status\nold: {kind: ImageStream}\n\
             object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}}",
            &[ANNOTATION],
        ),
        (
            "a stream's tag by policy: the pull-through honours it",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'base:1'}, importPolicy: {insecure: true}}}",
            &[
                "tag.importPolicy.insecure: insecure import from `base:1`, which is not in `references.insecure`",
            ],
        ),
        (
            "a tag that waits for a source",
            "object: {kind: ImageStreamTag, tag: {importPolicy: {insecure: true}}}",
            &[
                "tag.importPolicy.insecure: insecure import, which `references.insecure` does not hold everywhere",
            ],
        ),
        (
            "the annotation on a new stream",
            "object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}}",
            &[ANNOTATION],
        ),
        (
            "what looks like it",
            "object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'True'}}}",
            &[ANNOTATION],
        ),
        (
            "the annotation on a stream that has tags: it is the annotation that is new",
            "old: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}]}}\n\
             object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, \
             spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}]}}",
            &[ANNOTATION],
        ),
        (
            "a tag added to a stream that has the annotation",
            "old: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}}\n\
             object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, \
             spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}, {name: b, from: {kind: DockerImage, name: 'lab.example:5000/x'}}]}}",
            &[
                "spec.tags[0].from.name: insecure import from `nginx` by the stream's annotation, which is not in `references.insecure`",
            ],
        ),
        (
            "a repository given to a stream that has the annotation",
            "old: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}}\n\
             object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, spec: {dockerImageRepository: nginx}}",
            &[
                "spec.dockerImageRepository: insecure import from `nginx` by the stream's annotation, which is not in `references.insecure`",
            ],
        ),
        (
            "an ImageTag has its stream's annotations",
            "old: {kind: ImageTag, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}}\n\
             object: {kind: ImageTag, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, spec: {from: {kind: DockerImage, name: nginx}}}",
            &[
                "spec.from.name: insecure import from `nginx` by the stream's annotation, which is not in `references.insecure`",
            ],
        ),
        (
            "a tag that waits for a source in a stream that has the annotation",
            "old: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}}\n\
             object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, spec: {tags: [{name: a}]}}",
            &[],
        ),
        (
            "an ImageStreamTag's annotations are the tag's alone",
            "object: {kind: ImageStreamTag, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, \
             tag: {from: {kind: DockerImage, name: nginx}}}",
            &[],
        ),
        (
            "the annotation, kept",
            "old: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}]}}\n\
             object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}]}}",
            &[],
        ),
        (
            "the annotation, removed",
            "old: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}}\n\
             object: {kind: ImageStream, metadata: {annotations: null}}",
            &[],
        ),
        (
            "the annotation, saying no",
            "object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'false', other: 'true'}}, \
             spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}]}}",
            &[],
        ),
        (
            "false, null and absent",
            "object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: false}}, \
             {name: b, from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: null}}, {name: c, from: {kind: DockerImage, name: nginx}}]}}",
            &[],
        ),
        (
            "untouched",
            "old: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}}\n\
             object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}}",
            &[],
        ),
        (
            "switched off",
            "old: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}}\n\
             object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: false}}}",
            &[],
        ),
    ];

    #[test]
    fn an_insecure_import_is_refused_through_every_door() {
        for (name, short, expected) in TABLE {
            assert_rule(RULE.code, &[(name, &format!("settings: {SETTINGS}\n{short}"), expected)]);
        }
    }

    #[test]
    fn only_everything_admits_the_annotation() {
        let annotated = "object: {kind: ImageStream, metadata: {annotations: {openshift.io/image.insecureRepository: 'true'}}, \
                         spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}, importPolicy: {insecure: true}}]}}";
        assert_rule(
            RULE.code,
            &[
                ("everywhere", &format!("settings: {{references: {{insecure: ['']}}}}\n{annotated}"), &[]),
                (
                    "the tag's registry alone",
                    &format!("settings: {{references: {{insecure: [docker.io]}}}}\n{annotated}"),
                    &[ANNOTATION],
                ),
                (
                    "by default",
                    annotated,
                    &[
                        ANNOTATION,
                        "spec.tags[0].importPolicy.insecure: insecure import from `nginx`, which is not in `references.insecure`",
                    ],
                ),
            ],
        );
    }
}
