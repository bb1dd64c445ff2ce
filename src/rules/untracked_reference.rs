//! A tag that is never imported.
//!
//! # Why
//!
//! With `reference: true` the server imports nothing: the tag passes its pull spec on as it is, without a
//! recorded digest and without an Image whose signatures could be verified.
//!
//! # Denied
//!
//! By default this warns.
//!
//! ```yaml
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - name: v1
//!         from: {kind: DockerImage, name: "quay.io/acme/web:v1"}
//!         reference: true
//! ```
//!
//! ```text
//! spec.tags[0].reference (tag `v1`): `quay.io/acme/web:v1` is a `reference: true` tag, which is never imported, so nothing can be verified [untracked-reference]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! # Settings
//!
//! `rules: {untracked-reference: deny}` refuses it. An import into such a tag, which the server leaves as it
//! is, counts too where the stream can be looked up.
//!
//! # See
//!
//! - [TagReference](https://github.com/openshift/api/blob/master/image/v1/types.go), `reference`

use crate::changes::{EntryPoint, Part, Reference, Source};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::quote::quote;
use crate::settings::Level;

/// The rule.
pub const RULE: Rule = Rule::new(
    "untracked-reference",
    "a tag that is never imported (`reference: true`)",
    &[Check::Reference(check)],
)
.level(Level::Warn);

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    if !reference.is_untracked() {
        return if stays_untracked(reference, context) {
            let message = format!(
                "the stream keeps the tag {} as a `reference: true` tag, whatever is imported; remove it first: `oc tag -d`",
                quote(reference.tag().unwrap_or_default())
            );
            Err(Offence::at(Part::TagName, message))
        } else {
            Ok(())
        };
    }
    let source = match &reference.source {
        Source::Image { text, .. } | Source::StreamTag { text, .. } | Source::StreamImage { text, .. } => {
            *text
        }
        Source::None => return Ok(()),
        // `reference-unparsable` says what is wrong with it.
        Source::Unreadable(_) => return Ok(()),
    };
    let message = format!(
        "{} is a `reference: true` tag, which is never imported, so nothing can be verified",
        quote(source)
    );
    Err(Offence::at(Part::Untracked, message))
}

/// Whether an import is into a tag that stays only written down, as far as that can be looked up.
fn stays_untracked(reference: &Reference<'_>, context: &Context<'_>) -> bool {
    let (EntryPoint::ImageImport { .. }, Some(tag)) = (&reference.entry, reference.tag()) else {
        return false;
    };
    let stored = context.stored(reference);
    let Ok(Some(stored)) = &*stored else { return false };
    stored.spec.get(tag).is_some_and(|tag| tag.is_reference)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    #[test]
    fn a_tag_that_is_only_written_down_is_told_through_every_door() {
        assert_rule(
            RULE.code,
            &[
                (
                    "tag of a stream",
                    "object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}, \
                     {name: b, reference: true, from: {kind: DockerImage, name: nginx}}]}}",
                    &[
                        "spec.tags[1].reference (tag `b`): `nginx` is a `reference: true` tag, which is never imported, so nothing can be verified",
                    ],
                ),
                (
                    "ImageStreamTag",
                    "object: {kind: ImageStreamTag, tag: {reference: true, from: {kind: ImageStreamTag, name: 'base:1'}}}",
                    &[
                        "tag.reference: `base:1` is a `reference: true` tag, which is never imported, so nothing can be verified",
                    ],
                ),
                (
                    "ImageTag",
                    "object: {kind: ImageTag, spec: {reference: true, from: {kind: ImageStreamImage, name: base@3c87}}}",
                    &[
                        "spec.reference: `base@3c87` is a `reference: true` tag, which is never imported, so nothing can be verified",
                    ],
                ),
                (
                    "a digest does not make it verified",
                    "object: {kind: ImageStreamTag, tag: {reference: true, from: {kind: DockerImage, name: \
                     'quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}}",
                    &[
                        "tag.reference: `quay.io/acme/web@sha256:3c87c5728229…` is a `reference: true` tag, which is never imported, so nothing can be verified",
                    ],
                ),
                (
                    "only this is switched on",
                    "old: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}}]}}\n\
                     object: {kind: ImageStream, spec: {tags: [{name: a, reference: true, from: {kind: DockerImage, name: nginx}}]}}",
                    &[
                        "spec.tags[0].reference (tag `a`): `nginx` is a `reference: true` tag, which is never imported, so nothing can be verified",
                    ],
                ),
                (
                    "an event without an image",
                    "subresource: status\nold: {kind: ImageStream}\n\
                     object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: 'quay.io/a:1', image: ''}]}]}}",
                    &[
                        "status.tags[0].items[0].dockerImageReference (tag `v1`): `quay.io/a:1` is a `reference: true` tag, which is never imported, so nothing can be verified",
                    ],
                ),
            ],
        );
    }

    #[test]
    fn what_is_tracked_or_was_there_passes() {
        assert_rule(
            RULE.code,
            &[
                (
                    "false, null, absent",
                    "object: {kind: ImageStream, spec: {tags: [{name: a, reference: false, from: {kind: DockerImage, name: x}}, \
                     {name: b, reference: null, from: {kind: DockerImage, name: x}}, {name: c, from: {kind: DockerImage, name: x}}]}}",
                    &[],
                ),
                (
                    "unreadable: another rule's",
                    "object: {kind: ImageStreamTag, tag: {reference: true, from: {kind: DockerImage, name: quay.io}}}",
                    &[],
                ),
                (
                    "an event with its image",
                    "subresource: status\nold: {kind: ImageStream}\n\
                     object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: 'quay.io/a:1', image: x}]}]}}",
                    &[],
                ),
                ("nothing to write down", "object: {kind: ImageStreamTag, tag: {reference: true}}", &[]),
                (
                    "import",
                    "object: {kind: ImageStreamImport, spec: {images: [{from: {kind: DockerImage, name: x}, reference: true}]}}",
                    &[],
                ),
                (
                    "untouched",
                    "old: {kind: ImageStreamTag, tag: {reference: true, from: {kind: DockerImage, name: x}}}\n\
                     object: {kind: ImageStreamTag, tag: {reference: true, from: {kind: DockerImage, name: x}}}",
                    &[],
                ),
                (
                    "switched off",
                    "old: {kind: ImageStreamTag, tag: {reference: true, from: {kind: DockerImage, name: x}}}\n\
                     object: {kind: ImageStreamTag, tag: {reference: false, from: {kind: DockerImage, name: x}}}",
                    &[],
                ),
            ],
        );
    }
}
