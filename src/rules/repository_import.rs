//! An import of a whole repository.
//!
//! # Why
//!
//! Every tag is imported, whatever its name and content, and with `spec.dockerImageRepository` again and
//! again. The tags are not in the request, so no rule can check them.
//!
//! # Denied
//!
//! By default this warns.
//!
//! ```yaml
//! object:
//!   kind: ImageStreamImport
//!   spec:
//!     import: true
//!     repository: {from: {kind: DockerImage, name: quay.io/acme/web}}
//! ```
//!
//! ```text
//! spec.repository.from.name: imports every tag of `quay.io/acme/web`, now and later; import single tags [repository-import]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! object:
//!   kind: ImageStreamImport
//!   spec:
//!     import: true
//!     images:
//!       - {from: {kind: DockerImage, name: "quay.io/acme/web:v1"}, to: {name: v1}}
//! ```
//!
//! # Settings
//!
//! `rules: {repository-import: deny}` refuses it. If `references.sourceTags`, `tagNames`, `immutableTags`
//! or `pinned` applies, their rules refuse it in any case.
//!
//! # See
//!
//! - [RepositoryImportSpec](https://github.com/openshift/api/blob/master/image/v1/types.go)

use crate::changes::{Part, Reference, Source};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::quote::quote;
use crate::settings::Level;

/// The rule.
pub const RULE: Rule =
    Rule::new("repository-import", "an import of a whole repository", &[Check::Reference(check)])
        .level(Level::Warn);

fn check(reference: &Reference<'_>, _: &Context<'_>) -> Result<(), Offence<Part>> {
    match &reference.source {
        Source::Image { text, .. } if reference.is_repository() => {
            let message = format!("imports every tag of {}, now and later; import single tags", quote(text));
            Err(Offence::at(Part::Source, message))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    #[test]
    fn a_whole_repository_is_told_through_both_doors() {
        assert_rule(
            RULE.code,
            &[
                (
                    "repository import",
                    "object: {kind: ImageStreamImport, spec: {import: true, repository: {from: {kind: DockerImage, name: nginx}}}}",
                    &[
                        "spec.repository.from.name: imports every tag of `nginx`, now and later; import single tags",
                    ],
                ),
                (
                    "beside images",
                    "object: {kind: ImageStreamImport, spec: {images: [{from: {kind: DockerImage, name: x}}], repository: {from: {kind: DockerImage, name: nginx}}}}",
                    &[
                        "spec.repository.from.name: imports every tag of `nginx`, now and later; import single tags",
                    ],
                ),
                (
                    "repository of a new stream",
                    "object: {kind: ImageStream, spec: {dockerImageRepository: quay.io/acme/web}}",
                    &[
                        "spec.dockerImageRepository: imports every tag of `quay.io/acme/web`, now and later; import single tags",
                    ],
                ),
                (
                    "repository given to a stream",
                    "old: {kind: ImageStream, spec: null}\nobject: {kind: ImageStream, spec: {dockerImageRepository: quay.io/acme/web}}",
                    &[
                        "spec.dockerImageRepository: imports every tag of `quay.io/acme/web`, now and later; import single tags",
                    ],
                ),
                (
                    "repository changed",
                    "old: {kind: ImageStream, spec: {dockerImageRepository: quay.io/acme/old}}\n\
                     object: {kind: ImageStream, spec: {dockerImageRepository: quay.io/acme/web}}",
                    &[
                        "spec.dockerImageRepository: imports every tag of `quay.io/acme/web`, now and later; import single tags",
                    ],
                ),
            ],
        );
    }

    #[test]
    fn what_brings_single_images_or_nothing_new_passes() {
        assert_rule(
            RULE.code,
            &[
                (
                    "image import",
                    "object: {kind: ImageStreamImport, spec: {images: [{from: {kind: DockerImage, name: nginx}}]}}",
                    &[],
                ),
                ("no repository", "object: {kind: ImageStreamImport, spec: {repository: null}}", &[]),
                ("tag", "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}}}", &[]),
                (
                    "reported by the server, in the status",
                    "object: {kind: ImageStream, status: {dockerImageRepository: quay.io/x}}",
                    &[],
                ),
                (
                    "unreadable: another rule's",
                    "object: {kind: ImageStream, spec: {dockerImageRepository: quay.io}}",
                    &[],
                ),
                (
                    "untouched",
                    "old: {kind: ImageStream, spec: {dockerImageRepository: nginx}}\n\
                     object: {kind: ImageStream, spec: {dockerImageRepository: nginx, tags: [{name: a}]}}",
                    &[],
                ),
                (
                    "removed",
                    "old: {kind: ImageStream, spec: {dockerImageRepository: nginx}}\nobject: {kind: ImageStream, spec: {dockerImageRepository: null}}",
                    &[],
                ),
            ],
        );
    }
}
