//! A source without a digest where the settings require one.
//!
//! # Why
//!
//! The image behind a tag is fetched after this decision, and may be a different one each time. Only a
//! digest ties what was allowed to what will run.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {pinned: [quay.io]}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! ```text
//! spec.tags[0].from.name (tag `v1`): `quay.io/acme/web:v1` has no digest, but `references.pinned` requires one for `quay.io`; use `quay.io/acme/web@sha256:…` [digest-missing]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {pinned: [quay.io]}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - name: v1
//!         from:
//!           kind: DockerImage
//!           name: quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//! ```
//!
//! # Settings
//!
//! `references.pinned`: scopes whose sources must carry a digest. `""` is everywhere, streams
//! included: there a source is an ImageStreamImage with its full digest. A whole repository never
//! has one. `docker.io/nginx` holds both the official image and what is of the user of that name.
//!
//! # See
//!
//! - [ImageStreamImport](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/registry/imagestreamimport/rest.go): fetched after admission

use crate::changes::{EntryPoint, Part, Reference, Source};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::oci::digest::Digest;
use crate::quote::quote;

/// The rule.
pub const RULE: Rule = Rule::new(
    "digest-missing",
    "a source without a digest where `references.pinned` requires one",
    &[Check::Reference(check)],
);

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let pinned = &context.policy.references.pinned;
    // A mapping brings its image with it, and `pull-spec-mismatch` asks for the digest.
    if matches!(reference.entry, EntryPoint::Mapping(_)) {
        return Ok(());
    }
    let (source, scope) = match &reference.source {
        Source::Image { spec, .. } if spec.digest().is_some() => return Ok(()),
        Source::Image { text, spec } => {
            let at_any_port = || pinned.at_any_port(spec, &context.policy.aliases).map(|(scope, ())| scope);
            match pinned.containing(spec).or_else(at_any_port) {
                Some(scope) => (*text, format!("for {}", scope.quoted())),
                None => return Ok(()),
            }
        }
        Source::StreamImage { id, .. } if Digest::is_canonical(id) => return Ok(()),
        Source::StreamTag { text, .. } | Source::StreamImage { text, .. }
            if pinned.everywhere().is_some() =>
        {
            (*text, "everywhere".to_owned())
        }
        _ => match reference.stored_unread().filter(|_| pinned.everywhere().is_some()) {
            Some(text) => (text, "everywhere".to_owned()),
            None => return Ok(()),
        },
    };
    let fix = match &reference.source {
        _ if reference.is_repository() => "import single images by digest".to_owned(),
        Source::Image { spec, .. } => format!("use {}", quote(&format!("{}@sha256:…", spec.name()))),
        Source::Unreadable(_) => "use `registry/repository@sha256:…`".to_owned(),
        _ => "use an ImageStreamImage, `stream@sha256:…`".to_owned(),
    };
    let message =
        format!("{} has no digest, but `references.pinned` requires one {scope}; {fix}", quote(source));
    Err(Offence::at(Part::Source, message))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const QUAY: &[(&str, &str, &[&str])] = &[
        (
            "ImageStreamTag",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: quay.io/acme/web}}}",
            &[
                "tag.from.name: `quay.io/acme/web` has no digest, but `references.pinned` requires one for `quay.io`; use `quay.io/acme/web@sha256:…`",
            ],
        ),
        (
            "ImageTag, spelled differently",
            "object: {kind: ImageTag, spec: {from: {kind: DockerImage, name: 'QUAY.IO:443/acme/web:v1'}}}",
            &[
                "spec.from.name: `QUAY.IO:443/acme/web:v1` has no digest, but `references.pinned` requires one for `quay.io`; use `quay.io/acme/web@sha256:…`",
            ],
        ),
        (
            "image import",
            "object: {kind: ImageStreamImport, spec: {images: [{from: {kind: DockerImage, name: 'quay.io/acme/web:v1'}, to: {name: v1}}]}}",
            &[
                "spec.images[0].from.name (tag `v1`): `quay.io/acme/web:v1` has no digest, but `references.pinned` requires one for `quay.io`; use `quay.io/acme/web@sha256:…`",
            ],
        ),
        (
            "repository import",
            "object: {kind: ImageStreamImport, spec: {repository: {from: {kind: DockerImage, name: quay.io/acme/web}}}}",
            &[
                "spec.repository.from.name: `quay.io/acme/web` has no digest, but `references.pinned` requires one for `quay.io`; import single images by digest",
            ],
        ),
        (
            "repository of a stream",
            "object: {kind: ImageStream, spec: {dockerImageRepository: quay.io/acme/web}}",
            &[
                "spec.dockerImageRepository: `quay.io/acme/web` has no digest, but `references.pinned` requires one for `quay.io`; import single images by digest",
            ],
        ),
        (
            "event without an image, as reference: true leaves it",
            "subresource: status\nold: {kind: ImageStream}\n\
             object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: 'quay.io/acme/web:v1', image: ''}]}]}}",
            &[
                "status.tags[0].items[0].dockerImageReference (tag `v1`): `quay.io/acme/web:v1` has no digest, but `references.pinned` requires one for `quay.io`; use `quay.io/acme/web@sha256:…`",
            ],
        ),
        (
            "the digest is taken away",
            "old: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}}\n\
             object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: quay.io/acme/web}}}",
            &[
                "tag.from.name: `quay.io/acme/web` has no digest, but `references.pinned` requires one for `quay.io`; use `quay.io/acme/web@sha256:…`",
            ],
        ),
        (
            "hex in the place of a tag is no digest",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'quay.io/acme/web:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}}",
            &[
                "tag.from.name: `quay.io/acme/web:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` has no digest, but `references.pinned` requires one for `quay.io`; use `quay.io/acme/web@sha256:…`",
            ],
        ),
        (
            "digest",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}}",
            &[],
        ),
        (
            "tag and digest",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'quay.io/acme/web:v1@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}}",
            &[],
        ),
        (
            "another registry",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}}}",
            &[],
        ),
        (
            "a registry whose name begins alike",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: quay.io.corp.example/acme/web}}}",
            &[],
        ),
        (
            "streams are in no registry",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'base:1'}}}",
            &[],
        ),
        (
            "a mapping: pull-spec-mismatch asks",
            "object: {kind: ImageStreamMapping, tag: v1, image: {dockerImageReference: quay.io/acme/web}}",
            &[],
        ),
        (
            "untouched",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: quay.io/acme/web}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: quay.io/acme/web}}]}}",
            &[],
        ),
        ("a push", "object: {kind: ImageStreamTag, tag: {}}", &[]),
    ];

    const EVERYWHERE: &[(&str, &str, &[&str])] = &[
        (
            "Docker Hub",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}}}",
            &[
                "tag.from.name: `nginx` has no digest, but `references.pinned` requires one for `\"\"`; use `docker.io/library/nginx@sha256:…`",
            ],
        ),
        (
            "tag of a stream",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'base:1'}}}",
            &[
                "tag.from.name: `base:1` has no digest, but `references.pinned` requires one everywhere; use an ImageStreamImage, `stream@sha256:…`",
            ],
        ),
        (
            "a tag that is called like a digest",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}}",
            &[
                "tag.from.name: `sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` has no digest, but `references.pinned` requires one everywhere; use an ImageStreamImage, `stream@sha256:…`",
            ],
        ),
        (
            "the beginning of a digest may come to mean another image",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamImage, name: 'base@sha256:3c87c57'}}}",
            &[
                "tag.from.name: `base@sha256:3c87c57` has no digest, but `references.pinned` requires one everywhere; use an ImageStreamImage, `stream@sha256:…`",
            ],
        ),
        (
            "bare hex",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamImage, name: base@3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25}}}",
            &[
                "tag.from.name: `base@3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` has no digest, but `references.pinned` requires one everywhere; use an ImageStreamImage, `stream@sha256:…`",
            ],
        ),
        (
            "image of a stream",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamImage, name: 'base@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}}",
            &[],
        ),
        ("a push", "object: {kind: ImageStreamTag, tag: {}}", &[]),
        ("a mapping without a pull spec", "object: {kind: ImageStreamMapping, tag: v1, image: {}}", &[]),
    ];

    #[test]
    fn a_source_in_a_pinned_scope_needs_a_digest() {
        for (name, short, expected) in QUAY {
            assert_rule(
                RULE.code,
                &[(name, &format!("settings: {{references: {{pinned: [quay.io]}}}}\n{short}"), expected)],
            );
        }
    }

    #[test]
    fn everywhere_includes_streams() {
        for (name, short, expected) in EVERYWHERE {
            assert_rule(
                RULE.code,
                &[(name, &format!("settings: {{references: {{pinned: ['']}}}}\n{short}"), expected)],
            );
        }
    }

    #[test]
    fn without_the_setting_no_digest_is_asked_for() {
        for (name, short, _) in QUAY.iter().chain(EVERYWHERE) {
            assert_rule(RULE.code, &[(name, short, &[])]);
        }
    }
}
