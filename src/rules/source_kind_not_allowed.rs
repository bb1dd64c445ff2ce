//! A tag whose source is of a kind that the settings do not allow.
//!
//! # Why
//!
//! A pull spec, a tag of another stream and an image in a stream's history are trusted for different
//! reasons. This rule restricts a cluster to some of them.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {kinds: [DockerImage]}}
//! object:
//!   kind: ImageStreamTag
//!   metadata: {name: "web:v1"}
//!   tag: {name: v1, from: {kind: ImageStreamTag, name: "base:latest"}}
//! ```
//!
//! ```text
//! tag.from.kind: kind `ImageStreamTag` is not allowed; allowed: `DockerImage` (`references.kinds`) [source-kind-not-allowed]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {kinds: [DockerImage]}}
//! object:
//!   kind: ImageStreamTag
//!   metadata: {name: "web:v1"}
//!   tag: {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! # Settings
//!
//! `references.kinds`; without it every kind is allowed. A tag without a source, which waits for
//! a push, has no kind.
//!
//! A mapping or an event of the stream's own repository is a push, unless the cluster has the image from
//! elsewhere. That is looked up; where it cannot be, it is refused, unless a mapping has the image's manifest.
//!
//! # See
//!
//! - [TagReference](https://github.com/openshift/api/blob/master/image/v1/types.go)

use crate::changes::{Part, Reference, Source};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::oci::reference::{self, PullSpec};
use crate::quote::{allowed, quote};
use crate::rules::source_not_allowed::origin_unknown;
use crate::settings::SourceKind;

/// The rule.
pub const RULE: Rule = Rule::new(
    "source-kind-not-allowed",
    "a tag whose source is of a kind that `references.kinds` does not list",
    &[Check::Reference(check)],
);

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let Some(kinds) = &context.policy.references.kinds else { return Ok(()) };
    if !reference.is_shown_by_a_tag() {
        return Ok(());
    }
    if !kinds.contains(&SourceKind::DockerImage) {
        check_kept(reference, kinds, context)?;
    }
    if reference.is_push(context.namespace) {
        return Ok(());
    }
    let kind = match &reference.source {
        Source::Image { .. } => SourceKind::DockerImage,
        Source::StreamTag { .. } => SourceKind::ImageStreamTag,
        Source::StreamImage { .. } => SourceKind::ImageStreamImage,
        Source::None | Source::Unreadable(_) => return Ok(()),
    };
    // What the cluster's own registry serves is a stream's, however it is written.
    let as_a_stream = match reference.served_by().and(reference.spec()).map(PullSpec::digest) {
        Some(None) => Some(SourceKind::ImageStreamTag),
        Some(Some(_)) => Some(SourceKind::ImageStreamImage),
        None => None,
    };
    if kinds.contains(&kind) || as_a_stream.is_some_and(|kind| kinds.contains(&kind)) {
        return Ok(());
    }
    Err(Offence::at(Part::Kind, not_allowed(kind, kinds)))
}

/// An image that the cluster has from elsewhere is no push, although it is pulled like one.
fn check_kept(
    reference: &Reference<'_>,
    kinds: &[SourceKind],
    context: &Context<'_>,
) -> Result<(), Offence<Part>> {
    let message = match context.kept_from(reference) {
        Ok(kept) => {
            let own = Some((context.namespace, reference.stream.unwrap_or_default()));
            let is_elsewhere = |spec: &PullSpec| {
                !reference::is_integrated(spec.registry()) || spec.repository().split_once('/') != own
            };
            let Some(spec) = kept.filter(is_elsewhere) else { return Ok(()) };
            let found = not_allowed(SourceKind::DockerImage, kinds);
            format!("the cluster has this image already, from {}: {found}", quote(&spec.to_string()))
        }
        Err(error) => origin_unknown(reference, &error),
    };
    Err(Offence::at(Part::Kind, message).beside_source())
}

fn not_allowed(kind: SourceKind, kinds: &[SourceKind]) -> String {
    let allowed = allowed(kinds.iter().map(|kind| kind.as_str()), "references.kinds");
    format!("kind `{kind}` is not allowed; {allowed}")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const SETTINGS: &str = "{references: {kinds: [DockerImage]}}";
    const TABLE: &[(&str, &str, &[&str])] = &[
        (
            "tag of a stream",
            "object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: x}}, \
             {name: b, from: {kind: ImageStreamTag, name: 'base:1'}}]}}",
            &[
                "spec.tags[1].from.kind (tag `b`): kind `ImageStreamTag` is not allowed; allowed: `DockerImage` (`references.kinds`)",
            ],
        ),
        (
            "ImageStreamTag",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamImage, name: base@3c87c5}}}",
            &[
                "tag.from.kind: kind `ImageStreamImage` is not allowed; allowed: `DockerImage` (`references.kinds`)",
            ],
        ),
        (
            "ImageTag",
            "object: {kind: ImageTag, spec: {name: v1, from: {kind: ImageStreamTag, name: 'base:1'}}}",
            &[
                "spec.from.kind: kind `ImageStreamTag` is not allowed; allowed: `DockerImage` (`references.kinds`)",
            ],
        ),
        (
            "image import",
            "object: {kind: ImageStreamImport, spec: {images: [{from: {kind: ImageStreamTag, name: 'base:1'}, to: {name: v1}}]}}",
            &[
                "spec.images[0].from.kind (tag `v1`): kind `ImageStreamTag` is not allowed; allowed: `DockerImage` (`references.kinds`)",
            ],
        ),
        (
            "repository import",
            "object: {kind: ImageStreamImport, spec: {repository: {from: {kind: ImageStreamTag, name: 'base:1'}}}}",
            &[
                "spec.repository.from.kind: kind `ImageStreamTag` is not allowed; allowed: `DockerImage` (`references.kinds`)",
            ],
        ),
        (
            "only the kind of a stored tag is flipped",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'base:1'}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: ImageStreamTag, name: 'base:1'}}]}}",
            &[
                "spec.tags[0].from.kind (tag `v1`): kind `ImageStreamTag` is not allowed; allowed: `DockerImage` (`references.kinds`)",
            ],
        ),
        (
            "the same tag twice, of which the server takes the last",
            "object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: x}}, \
             {name: v1, from: {kind: ImageStreamTag, name: 'base:1'}}]}}",
            &[
                "spec.tags[1].from.kind (tag `v1`): kind `ImageStreamTag` is not allowed; allowed: `DockerImage` (`references.kinds`)",
            ],
        ),
        (
            "untouched beside a tag that is added",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: ImageStreamTag, name: 'base:1'}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v2, from: {kind: DockerImage, name: x}}, \
             {name: v1, from: {kind: ImageStreamTag, name: 'base:1'}}]}}",
            &[],
        ),
        (
            "touched by the server alone: generation and what it fills in",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, annotations: null, generation: 1, from: {kind: ImageStreamTag, \
             name: 'base:1'}, importPolicy: {importMode: Legacy}, referencePolicy: {type: Source}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, generation: null, annotations: {}, from: {kind: ImageStreamTag, \
             name: 'base:1'}, importPolicy: {}}]}}",
            &[],
        ),
        (
            "removed",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: ImageStreamTag, name: 'base:1'}}]}}\n\
             object: {kind: ImageStream, spec: {tags: null}}",
            &[],
        ),
        ("no source", "object: {kind: ImageStream, spec: {tags: [{name: v1, from: null}, {name: v2}]}}", &[]),
        ("no tag", "object: {kind: ImageStreamTag, tag: null}", &[]),
        (
            "an unknown kind is another rule's",
            "object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: dockerimage, name: x}}]}}",
            &[],
        ),
        (
            "a repository is of the allowed kind",
            "object: {kind: ImageStream, spec: {dockerImageRepository: quay.io/acme/web}}",
            &[],
        ),
        (
            "an event is what a tag shows",
            "subresource: status\nold: {kind: ImageStream}\n\
             object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/x}]}]}}",
            &[],
        ),
    ];

    #[test]
    fn a_mapping_of_what_the_cluster_has_from_elsewhere_is_no_push() {
        const D: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";
        const SHOP: &str = "image-registry.openshift-image-registry.svc:5000/shop";
        for (from, is_refused) in [
            ("quay.io/acme/web".to_owned(), true),
            (format!("{SHOP}/other"), true),
            (format!("{SHOP}/web"), false),
        ] {
            let line = format!(
                "image.dockerImageReference: the cluster has this image already, from `{from}@{D}`: kind `DockerImage` is not allowed; \
                 allowed: `ImageStreamTag` (`references.kinds`)"
            );
            let expected = if is_refused { vec![line.as_str()] } else { Vec::new() };
            for kind in ["ImageStreamTag", "DockerImage"] {
                let short = format!(
                    "settings: {{references: {{kinds: [{kind}]}}}}\n\
                     object: {{kind: ImageStreamMapping, tag: v1, image: {{metadata: {{name: '{D}'}}}}}}\n\
                     cluster: [{{kind: Image, metadata: {{name: '{D}'}}, dockerImageReference: '{from}@{D}'}}]"
                );
                let expected = if kind == "DockerImage" { Vec::new() } else { expected.clone() };
                assert_rule(RULE.code, &[(&from, &short, &expected)]);
            }
        }
    }

    #[test]
    fn a_kind_that_is_not_listed_is_refused_through_every_door() {
        for (name, short, expected) in TABLE {
            assert_rule(RULE.code, &[(name, &format!("settings: {SETTINGS}\n{short}"), expected)]);
        }
    }

    #[test]
    fn where_streams_are_the_only_kind_registries_are_refused() {
        let setting = "settings: {references: {kinds: [ImageStreamTag, ImageStreamImage]}}";
        let repository =
            format!("{setting}\nobject: {{kind: ImageStream, spec: {{dockerImageRepository: quay.io/a/b}}}}");
        let import = format!(
            "{setting}\nobject: {{kind: ImageStreamImport, spec: {{repository: {{from: {{kind: DockerImage, name: quay.io/a/b}}}}}}}}"
        );
        let mapping = format!(
            "{setting}\nobject: {{kind: ImageStreamMapping, tag: v1, image: {{dockerImageReference: quay.io/a/b}}}}"
        );
        let pushed = mapping.replace("quay.io/a/b", "'image-registry.openshift-image-registry.svc:5000/OWN'");
        assert_rule(
            RULE.code,
            &[
                (
                    "repository",
                    &repository,
                    &[
                        "spec.dockerImageRepository: kind `DockerImage` is not allowed; allowed: `ImageStreamTag`, `ImageStreamImage` (`references.kinds`)",
                    ],
                ),
                (
                    "repository import",
                    &import,
                    &[
                        "spec.repository.from.kind: kind `DockerImage` is not allowed; allowed: `ImageStreamTag`, `ImageStreamImage` (`references.kinds`)",
                    ],
                ),
                (
                    "a mapping that points outside",
                    &mapping,
                    &[
                        "image.dockerImageReference: kind `DockerImage` is not allowed; allowed: `ImageStreamTag`, `ImageStreamImage` (`references.kinds`)",
                    ],
                ),
                (
                    "a mapping from another project",
                    &pushed.replace("OWN", "sandbox/web"),
                    &[
                        "image.dockerImageReference: kind `DockerImage` is not allowed; allowed: `ImageStreamTag`, `ImageStreamImage` (`references.kinds`)",
                    ],
                ),
                ("a push", &pushed.replace("OWN", "shop/web"), &[]),
            ],
        );
    }

    #[test]
    fn without_the_setting_every_kind_will_do_and_with_an_empty_list_none() {
        let object = "object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: ImageStreamTag, name: 'base:1'}}]}}";
        assert_rule(
            RULE.code,
            &[
                ("absent", object, &[]),
                (
                    "empty",
                    &format!("settings: {{references: {{kinds: []}}}}\n{object}"),
                    &[
                        "spec.tags[0].from.kind (tag `v1`): kind `ImageStreamTag` is not allowed; nothing is allowed, as `references.kinds` is empty",
                    ],
                ),
            ],
        );
    }
}
