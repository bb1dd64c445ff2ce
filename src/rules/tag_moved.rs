//! A tag that is moved although the settings make it immutable.
//!
//! # Why
//!
//! Replacing the image of a released version is a quiet way into a cluster: every workload that uses the
//! tag runs the new image after its next start.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {immutableTags: "^v\\d"}}
//! old:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:1.0"}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:1.1"}}
//! ```
//!
//! ```text
//! spec.tags[0].name: tag `v1` may not be moved (`references.immutableTags`): it points at `quay.io/acme/web:1.0`; publish a new tag [tag-moved]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {immutableTags: "^v\\d"}}
//! old:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:1.0"}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:1.0"}}
//!       - {name: v2, from: {kind: DockerImage, name: "quay.io/acme/web:2.0"}}
//! ```
//!
//! # Settings
//!
//! `references.immutableTags`: a regular expression for the names of tags that, once set, may not
//! be pointed elsewhere. `from`, `reference` and the import mode count, as does an event that
//! changes what the tag shows, and a source given to a tag that was set by a push. A namespace that is the
//! stream's own changes nothing, written or not.
//!
//! What makes the server import a tag again counts too: another `generation` on an equal tag, none or 0
//! through ImageStreamTag and ImageTag, and a stream that loses its `dockerRepositoryCheck` annotation. A
//! tag that follows another one of its own stream would move with it, and is refused. If an immutable tag
//! does so already, the tag that it follows, directly or through others, cannot be changed: the request of
//! an ImageStream shows it, for other kinds it is looked up; where it cannot be, they are refused.
//!
//! One import may not have two sources for an immutable tag: the server tries again what fails, and the tag
//! would move once that succeeds.
//!
//! An import, a mapping and the creation of an ImageStreamTag or ImageTag do not show whether the stream
//! has the tag already. It is looked up; where it cannot be, the request is refused. Pushes through the
//! integrated registry pass, and so does the image pruner's removal of history. Admission does not see
//! `oc tag -d`, so a deleted tag can be set again.
//!
//! An immutable tag that is imported on schedule would move with its source, and is refused unless that has
//! a digest. So is one with `reference: true` whose source is a tag of a stream in the integrated registry.
//!
//! # See
//!
//! - [strategy.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/registry/imagestream/strategy.go): what the server counts as a change

use crate::changes::{Before, EntryPoint, Follower, Part, Reference, Source};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::quote::quote;
use crate::rules::tag_name_invalid::check_length;

/// The rule.
pub const RULE: Rule = Rule::new(
    "tag-moved",
    "a tag that `references.immutableTags` makes immutable, pointed elsewhere",
    &[Check::Reference(check)],
);

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let Some(pattern) = &context.policy.references.immutable_tags else { return Ok(()) };
    let follows = match &reference.source {
        Source::StreamTag { namespace, stream, tag, .. }
            if *namespace == context.namespace && *stream == reference.stream.unwrap_or_default() =>
        {
            Some(*tag)
        }
        _ => None,
    };
    // A look stores nothing.
    let is_stored =
        matches!(reference.entry, EntryPoint::Tag(_)) || matches!(reference.before, Before::Unknown);
    let is_scheduled = is_stored && moves_by_itself(reference);
    let is_served = reference.is_untracked() && by_tag(reference) && reference.stream_behind().is_some();
    if follows.is_none()
        && !is_scheduled
        && !is_served
        && matches!(reference.before, Before::Set { moved: false, .. })
    {
        return Ok(());
    }
    let Some(tag) = reference.tag() else {
        return match reference.before {
            Before::New => Ok(()),
            Before::Set { .. } | Before::Unknown => {
                let message = "may move tags that `references.immutableTags` protects; import single tags";
                Err(Offence::at(Part::Source, message))
            }
        };
    };
    check_length(tag, "references.immutableTags").map_err(|message| Offence::at(Part::TagName, message))?;
    let is_held = match pattern.matches(tag) {
        Ok(is_held) => is_held,
        Err(error) => {
            let message = format!("`references.immutableTags` cannot be used: {error}");
            return Err(Offence::at(Part::TagName, message));
        }
    };
    if is_held {
        check_held(reference, tag, follows, context)?;
    }
    if is_held && is_scheduled {
        let message = format!(
            "tag {} may not be moved (`references.immutableTags`), but would move with its source, which is \
             imported again and again; use a digest, or leave out `importPolicy.scheduled`",
            quote(tag)
        );
        return Err(Offence::at(Part::Scheduled, message));
    }
    if is_held && is_served {
        let message = format!(
            "tag {} may not be moved (`references.immutableTags`), but consumers would pull {}, which shows whatever \
             that stream's tag shows by then; use a digest, or leave out `reference`",
            quote(tag),
            quote(reference.source.text())
        );
        return Err(Offence::at(Part::Untracked, message));
    }
    // Without a source it goes on showing what it shows.
    let is_kept = matches!((&reference.entry, &reference.source), (EntryPoint::Tag(_), Source::None));
    if !is_stored || is_kept {
        return Ok(());
    }
    let is_bad = |it: &Follower<'_>| it.shows && pattern.matches(it.name).unwrap_or(true);
    match context.follower(RULE.code, reference, is_bad) {
        Ok(Some(follower)) => {
            let message = format!(
                "would move tag {} too, which follows it and may not be moved (`references.immutableTags`); \
                 point {} at an image first",
                quote(&follower),
                quote(&follower)
            );
            Err(Offence::at(Part::TagName, message))
        }
        Ok(None) => Ok(()),
        Err(error) => {
            let message = format!(
                "tags may follow it that may not be moved (`references.immutableTags`), and this request does not \
                 show them: {error}; set the tag in the ImageStream's `spec.tags`"
            );
            Err(Offence::at(Part::TagName, message))
        }
    }
}

/// A tag that may not be moved; `follows` is the tag of its own stream that it points at.
fn check_held(
    reference: &Reference<'_>,
    tag: &str,
    follows: Option<&str>,
    context: &Context<'_>,
) -> Result<(), Offence<Part>> {
    let held = format!("tag {} may not be moved (`references.immutableTags`)", quote(tag));
    let moved = |shown: &str| {
        Err(Offence::at(Part::TagName, format!("{held}: it points at {shown}; publish a new tag")))
    };
    if let Some(other) = reference.source_beside().filter(|_| matches!(reference.before, Before::Unknown)) {
        let message = format!(
            "{held}, but the request imports {} into it too, and the server tries again what fails; import one",
            quote(other)
        );
        return Err(Offence::at(Part::TagName, message));
    }
    match (&reference.before, follows) {
        (Before::Set { moved: true, by }, _) => {
            moved(&by.as_deref().map_or("a pushed image".to_owned(), |by| quote(by).to_string()))
        }
        (_, Some(followed)) => {
            let message = format!(
                "{held}, but would move with tag {} of its own stream; point it at an image",
                quote(followed)
            );
            Err(Offence::at(Part::Source, message))
        }
        (Before::Unknown, None) => match &*context.stored(reference) {
            Ok(None) => Ok(()),
            Ok(Some(stored)) if stored.shows(tag) => moved("an image already"),
            // Nothing is imported yet, and nothing else may be.
            Ok(Some(stored)) => match stored.spec.get(tag).and_then(|it| it.source.as_ref()) {
                Some([kind, _, name]) if !is_of(reference, kind, name) => moved(&quote(name).to_string()),
                _ => Ok(()),
            },
            Err(error) => {
                let message = format!(
                    "tag {} is immutable (`references.immutableTags`), and this request does not show whether it \
                     exists: {error}; set it in the ImageStream's `spec.tags`",
                    quote(tag)
                );
                Err(Offence::at(Part::TagName, message))
            }
        },
        _ => Ok(()),
    }
}

/// Whether a tag is imported again and again, and may be another image each time.
fn moves_by_itself(reference: &Reference<'_>) -> bool {
    reference.is_scheduled() && !reference.is_untracked() && by_tag(reference)
}

/// Whether it has a pull spec without a digest.
fn by_tag(reference: &Reference<'_>) -> bool {
    reference.spec().is_some_and(|spec| spec.digest().is_none())
}

/// Whether a reference has this very source.
fn is_of(reference: &Reference<'_>, kind: &str, name: &str) -> bool {
    matches!(&reference.source, Source::Image { text, .. } if kind == "DockerImage" && *text == name)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const SETTINGS: &str = "{references: {immutableTags: '^v\\d'}}";
    const TABLE: &[(&str, &str, &[&str])] = &[
        (
            "another source",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'quay.io/a:1'}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'quay.io/a:2'}}]}}",
            &[
                "spec.tags[0].name: tag `v1` may not be moved (`references.immutableTags`): it points at `quay.io/a:1`; publish a new tag",
            ],
        ),
        (
            "another kind alone",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: ImageStreamTag, name: 'a:1'}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'a:1'}}]}}",
            &[
                "spec.tags[0].name: tag `v1` may not be moved (`references.immutableTags`): it points at `a:1`; publish a new tag",
            ],
        ),
        (
            "another namespace alone",
            "old: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, namespace: a, name: 'a:1'}}}\n\
             object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, namespace: b, name: 'a:1'}}}",
            &[
                "metadata.name: tag `v1` may not be moved (`references.immutableTags`): it points at `a:1`; publish a new tag",
            ],
        ),
        (
            "reference and import mode count",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'quay.io/a:1'}}, {name: v2, from: {kind: DockerImage, name: 'quay.io/a:1'}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, reference: true, from: {kind: DockerImage, name: 'quay.io/a:1'}}, \
             {name: v2, importPolicy: {importMode: PreserveOriginal}, from: {kind: DockerImage, name: 'quay.io/a:1'}}]}}",
            &[
                "spec.tags[0].name: tag `v1` may not be moved (`references.immutableTags`): it points at `quay.io/a:1`; publish a new tag",
                "spec.tags[1].name: tag `v2` may not be moved (`references.immutableTags`): it points at `quay.io/a:1`; publish a new tag",
            ],
        ),
        (
            "the source taken away",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'quay.io/a:1'}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1}]}}",
            &[
                "spec.tags[0].name: tag `v1` may not be moved (`references.immutableTags`): it points at `quay.io/a:1`; publish a new tag",
            ],
        ),
        (
            "a source for a tag that was pushed",
            "old: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/a, generation: 1}]}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, generation: 2, from: {kind: DockerImage, name: 'quay.io/a:2'}}]}}",
            &[
                "spec.tags[0].name: tag `v1` may not be moved (`references.immutableTags`): it points at a pushed image; publish a new tag",
            ],
        ),
        (
            "the same, where the old status shows the new event already",
            "old: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/b, generation: 2}, \
             {dockerImageReference: quay.io/a, generation: 1}]}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, generation: 2, reference: true, from: {kind: DockerImage, name: quay.io/b}}]}}",
            &[
                "spec.tags[0].name: tag `v1` may not be moved (`references.immutableTags`): it points at a pushed image; publish a new tag",
            ],
        ),
        (
            "ImageStreamTag for a tag that was pushed",
            "old: {kind: ImageStreamTag, tag: null, image: {metadata: {name: 'sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}}\n\
             object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'quay.io/a:2'}}}",
            &[
                "metadata.name: tag `v1` may not be moved (`references.immutableTags`): it points at a pushed image; publish a new tag",
            ],
        ),
        (
            "ImageTag for a tag that was pushed",
            "old: {kind: ImageTag, spec: null, status: {tag: v1, items: [{dockerImageReference: quay.io/a}]}}\n\
             object: {kind: ImageTag, spec: {from: {kind: DockerImage, name: 'quay.io/a:2'}}}",
            &[
                "metadata.name: tag `v1` may not be moved (`references.immutableTags`): it points at a pushed image; publish a new tag",
            ],
        ),
        (
            "whatever the tag says it is called",
            "old: {kind: ImageStreamTag, tag: {name: v1, from: {kind: DockerImage, name: 'quay.io/a:1'}}}\n\
             object: {kind: ImageStreamTag, tag: {name: dev, from: {kind: DockerImage, name: 'quay.io/a:2'}}}",
            &[
                "metadata.name: tag `v1` may not be moved (`references.immutableTags`): it points at `quay.io/a:1`; publish a new tag",
            ],
        ),
        (
            "an import does not tell",
            "object: {kind: ImageStreamImport, spec: {import: true, images: [{from: {kind: DockerImage, name: quay.io/a}, to: {name: v1}}]}}",
            &[
                "spec.images[0].to.name: tag `v1` is immutable (`references.immutableTags`), and this request does not show whether it exists: ImageStream `shop/web` cannot be looked up: there is no cluster; set it in the ImageStream's `spec.tags`",
            ],
        ),
        (
            "only written down, by a tag of its own stream",
            "object: {kind: ImageStreamTag, tag: {reference: true, from: {kind: DockerImage, name: 'image-registry.openshift-image-registry.svc:5000/shop/web:latest'}}}\ncluster: []",
            &[
                "tag.reference: tag `v1` may not be moved (`references.immutableTags`), but consumers would pull `image-registry.openshift-image-registry.svc:5000/shop/web:latest`, which shows whatever that stream's tag shows by then; use a digest, or leave out `reference`",
            ],
        ),
        (
            "two sources for one tag, of which one may fail for now",
            "object: {kind: ImageStreamImport, spec: {import: true, images: [{from: {kind: DockerImage, name: 'quay.io/a:1'}, to: {name: v1}}, \
             {from: {kind: DockerImage, name: 'quay.io/a:2'}, to: {name: v1}}]}}\ncluster: []",
            &[
                "spec.images[0].to.name: tag `v1` may not be moved (`references.immutableTags`), but the request imports `quay.io/a:2` into it too, and the server tries again what fails; import one",
                "spec.images[1].to.name: tag `v1` may not be moved (`references.immutableTags`), but the request imports `quay.io/a:1` into it too, and the server tries again what fails; import one",
            ],
        ),
        (
            "nor does an import of a repository",
            "object: {kind: ImageStreamImport, spec: {import: true, repository: {from: {kind: DockerImage, name: quay.io/a}}}}",
            &[
                "spec.repository.from.name: may move tags that `references.immutableTags` protects; import single tags",
            ],
        ),
        (
            "nor does a repository",
            "object: {kind: ImageStream, spec: {dockerImageRepository: quay.io/a/b}}",
            &[
                "spec.dockerImageRepository: may move tags that `references.immutableTags` protects; import single tags",
            ],
        ),
        (
            "nor does a mapping",
            "object: {kind: ImageStreamMapping, tag: v1, image: {}}",
            &[
                "tag: tag `v1` is immutable (`references.immutableTags`), and this request does not show whether it exists: ImageStream `shop/web` cannot be looked up: there is no cluster; set it in the ImageStream's `spec.tags`",
            ],
        ),
        (
            "a new event in front",
            "subresource: status\n\
             old: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/a}]}]}}\n\
             object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/b}, {dockerImageReference: quay.io/a}]}]}}",
            &[
                "status.tags[0].tag: tag `v1` may not be moved (`references.immutableTags`): it points at `quay.io/a`; publish a new tag",
            ],
        ),
        (
            "an older event shown again",
            "subresource: status\n\
             old: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/a}, {dockerImageReference: quay.io/b}]}]}}\n\
             object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/b}]}]}}",
            &[
                "status.tags[0].tag: tag `v1` may not be moved (`references.immutableTags`): it points at `quay.io/a`; publish a new tag",
            ],
        ),
        (
            "new",
            "object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'quay.io/a:1'}}]}}",
            &[],
        ),
        (
            "added",
            "old: {kind: ImageStream}\nobject: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'quay.io/a:1'}}]}}",
            &[],
        ),
        (
            "added, and the old status shows its first event already",
            "old: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/b, generation: 2}]}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, generation: 2, reference: true, from: {kind: DockerImage, name: quay.io/b}}]}}",
            &[
                "spec.tags[0].name: tag `v1` is immutable (`references.immutableTags`), and this request does not show whether it exists: ImageStream `shop/web` cannot be looked up: there is no cluster; set it in the ImageStream's `spec.tags`",
            ],
        ),
        (
            "added, and the old status shows its first event already, which has an image",
            "old: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/b, image: x, generation: 2}]}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, generation: 2, from: {kind: ImageStreamTag, name: 'b:1'}}]}}",
            &[],
        ),
        (
            "imported again",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, generation: 2, from: {kind: DockerImage, name: quay.io/a}}, {name: v2, generation: 2, from: {kind: DockerImage, name: quay.io/a}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, generation: 3, from: {kind: DockerImage, name: quay.io/a}}, {name: v2, generation: 0, from: {kind: DockerImage, name: quay.io/a}}]}}",
            &[
                "spec.tags[0].name: tag `v1` may not be moved (`references.immutableTags`): it points at `quay.io/a`; publish a new tag",
                "spec.tags[1].name: tag `v2` may not be moved (`references.immutableTags`): it points at `quay.io/a`; publish a new tag",
            ],
        ),
        (
            "imported again, since the controller never looked",
            "old: {kind: ImageStream, metadata: {annotations: {openshift.io/image.dockerRepositoryCheck: '2026-01-01T00:00:00Z'}}, \
             spec: {tags: [{name: v1, generation: 2, from: {kind: DockerImage, name: quay.io/a}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, generation: 2, from: {kind: DockerImage, name: quay.io/a}}]}}",
            &[
                "spec.tags[0].name: tag `v1` may not be moved (`references.immutableTags`): it points at `quay.io/a`; publish a new tag",
            ],
        ),
        (
            "imported again, by ImageStreamTag without a generation",
            "old: {kind: ImageStreamTag, tag: {generation: 2, from: {kind: DockerImage, name: quay.io/a}}}\n\
             object: {kind: ImageStreamTag, tag: {generation: null, from: {kind: DockerImage, name: quay.io/a}}}",
            &[
                "metadata.name: tag `v1` may not be moved (`references.immutableTags`): it points at `quay.io/a`; publish a new tag",
            ],
        ),
        (
            "imported again, by ImageTag",
            "old: {kind: ImageTag, spec: {generation: 2, from: {kind: DockerImage, name: quay.io/a}}}\n\
             object: {kind: ImageTag, spec: {generation: 0, from: {kind: DockerImage, name: quay.io/a}}}",
            &[
                "metadata.name: tag `v1` may not be moved (`references.immutableTags`): it points at `quay.io/a`; publish a new tag",
            ],
        ),
        (
            "written again as it is, and what is not imported",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, generation: 2, from: {kind: DockerImage, name: quay.io/a}}, {name: v2, generation: 2, from: {kind: ImageStreamTag, name: 'b:1'}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: quay.io/a}}, {name: v2, generation: 3, from: {kind: ImageStreamTag, name: 'b:1'}}]}}",
            &[],
        ),
        (
            "a tag of its own stream",
            "object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: ImageStreamTag, name: latest}}, \
             {name: v2, from: {kind: ImageStreamTag, namespace: shop, name: 'web:latest'}}, {name: v3, from: {kind: ImageStreamTag, name: 'base:latest'}}]}}",
            &[
                "spec.tags[0].from.name (tag `v1`): tag `v1` may not be moved (`references.immutableTags`), but would move with tag `latest` of its own stream; point it at an image",
                "spec.tags[1].from.name (tag `v2`): tag `v2` may not be moved (`references.immutableTags`), but would move with tag `latest` of its own stream; point it at an image",
            ],
        ),
        (
            "new, by ImageStreamTag",
            "old: {kind: ImageStreamTag, tag: null, image: {metadata: {}}}\nobject: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: quay.io/a}}}\ncluster: []",
            &[],
        ),
        (
            "new, by ImageStreamTag, and what follows it cannot be looked up",
            "old: {kind: ImageStreamTag, tag: null, image: {metadata: {}}}\nobject: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: quay.io/a}}}",
            &[
                "metadata.name: tags may follow it that may not be moved (`references.immutableTags`), and this request does not show them: ImageStream `shop/web` cannot be looked up: there is no cluster; set the tag in the ImageStream's `spec.tags`",
            ],
        ),
        (
            "without a source, which moves nothing that follows it",
            "old: {kind: ImageStreamTag, metadata: {name: 'web:dev'}, tag: {from: {kind: DockerImage, name: quay.io/a}}}\nobject: {kind: ImageStreamTag, metadata: {name: 'web:dev'}, tag: {}}",
            &[],
        ),
        (
            "what does not move it",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, generation: 1, from: {kind: DockerImage, name: 'quay.io/a:1'}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, generation: 1, annotations: {a: b}, referencePolicy: {type: Local}, \
             importPolicy: {insecure: true, importMode: Legacy}, from: {kind: DockerImage, name: 'quay.io/a:1'}}]}}",
            &[],
        ),
        (
            "imported again and again",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, generation: 1, from: {kind: DockerImage, name: 'quay.io/a:1'}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, generation: 1, importPolicy: {scheduled: true}, from: {kind: DockerImage, name: 'quay.io/a:1'}}, \
             {name: v2, importPolicy: {scheduled: true}, from: {kind: DockerImage, name: 'quay.io/a@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}, \
             {name: v3, reference: true, importPolicy: {scheduled: true}, from: {kind: DockerImage, name: 'quay.io/a:1'}}]}}",
            &[
                "spec.tags[0].importPolicy.scheduled (tag `v1`): tag `v1` may not be moved (`references.immutableTags`), but would move with its source, which is imported again and again; use a digest, or leave out `importPolicy.scheduled`",
            ],
        ),
        (
            "removed",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'quay.io/a:1'}}]}}\nobject: {kind: ImageStream, spec: {}}",
            &[],
        ),
        (
            "another tag",
            "old: {kind: ImageStream, spec: {tags: [{name: dev, from: {kind: DockerImage, name: 'quay.io/a:1'}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: dev, from: {kind: DockerImage, name: 'quay.io/a:2'}}]}}",
            &[],
        ),
        (
            "an import that stores nothing",
            "object: {kind: ImageStreamImport, spec: {import: false, repository: {from: {kind: DockerImage, name: quay.io/a}}, \
             images: [{from: {kind: DockerImage, name: quay.io/a}, to: {name: v1}}]}}",
            &[],
        ),
        (
            "history pruned",
            "subresource: status\n\
             old: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/a}, {dockerImageReference: quay.io/b}]}]}}\n\
             object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/a}]}]}}",
            &[],
        ),
        (
            "its first event",
            "subresource: status\nold: {kind: ImageStream, status: {tags: [{tag: v1, items: []}]}}\n\
             object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/a}]}]}}",
            &[],
        ),
    ];

    #[test]
    fn a_tag_that_is_held_stays_through_every_door() {
        for (name, short, expected) in TABLE {
            assert_rule(RULE.code, &[(name, &format!("settings: {SETTINGS}\n{short}"), expected)]);
        }
    }

    #[test]
    fn without_the_setting_tags_move() {
        for (name, short, _) in TABLE {
            assert_rule(RULE.code, &[(name, short, &[])]);
        }
    }

    /// The server refuses to create a tag that the stream's spec has, not one that was pushed or
    /// whose spec was removed: creation can move it as an import can.
    #[test]
    fn a_creation_does_not_tell_whether_the_tag_was_pushed_before() {
        let line = "metadata.name: tag `v1` is immutable (`references.immutableTags`), and this request does not show whether it exists: ImageStream `shop/web` cannot be looked up: there is no cluster; set it in the ImageStream's `spec.tags`";
        for object in [
            "{kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: quay.io/a}}}",
            "{kind: ImageTag, spec: {from: {kind: DockerImage, name: quay.io/a}}}",
        ] {
            assert_rule(RULE.code, &[(object, &format!("settings: {SETTINGS}\nobject: {object}"), &[line])]);
        }
    }

    /// A tag of `reference: true` whose spec was removed shows a pull spec and no image.
    #[test]
    fn an_event_without_an_image_is_history_too() {
        let short = format!(
            "settings: {SETTINGS}\n\
             old: {{kind: ImageStreamTag, tag: null, image: {{metadata: {{}}, dockerImageReference: 'quay.io/a:1'}}}}\n\
             object: {{kind: ImageStreamTag, tag: {{from: {{kind: DockerImage, name: 'quay.io/a:2'}}}}}}"
        );
        let line = "metadata.name: tag `v1` may not be moved (`references.immutableTags`): it points at a pushed image; publish a new tag";
        assert_rule(RULE.code, &[("reference", &short, &[line])]);
    }

    #[test]
    fn a_pattern_that_does_not_compile_refuses() {
        assert_rule(
            RULE.code,
            &[(
                "broken",
                "settings: {references: {immutableTags: '['}}\n\
                 old: {kind: ImageTag, spec: {from: {kind: DockerImage, name: 'quay.io/a:1'}}}\n\
                 object: {kind: ImageTag, spec: {from: {kind: DockerImage, name: 'quay.io/a:2'}}}",
                &[
                    "metadata.name: `references.immutableTags` cannot be used: `[` is not a usable regular expression: found unclosed character class",
                ],
            )],
        );
    }
}
