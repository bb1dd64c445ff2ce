//! An import of a whole repository.
//!
//! # Why
//!
//! Every tag comes in, whatever it is called and whatever it holds, and with
//! `spec.dockerImageRepository` again whenever the controller looks. None of them is in the
//! request, so no rule can judge one.
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
//! spec.repository.from.name: imports every tag of `quay.io/acme/web`, now and later [repository-import]
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
//! `rules: {repository-import: deny}` refuses it. Where `references.sourceTags`, `tagNames`,
//! `immutableTags` or `pinned` ask for what a repository cannot promise, their rules refuse it
//! anyway.
//!
//! # See
//!
//! - [RepositoryImportSpec](https://github.com/openshift/api/blob/master/image/v1/types.go)

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Part, Reference, Source};
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "repository-import",
    summary: "an import of a whole repository",
    level: Level::Warn,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, _: &Context<'_>) -> Result<(), Offence<Part>> {
    match &reference.source {
        Source::Image { text, .. } if reference.is_repository() => {
            Denial::RepositoryImport { source: (*text).to_owned() }.at(Part::Source)
        }
        _ => Ok(()),
    }
}
