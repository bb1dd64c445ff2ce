//! A source without a digest where the settings ask for one.
//!
//! # Why
//!
//! A tag is fetched after the decision, again and again, and may be another image each time: only
//! a digest ties what was allowed to what will run.
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
//! spec.tags[0].from.name: `quay.io/acme/web:v1` has no digest, `references.pinned` asks for one in `quay.io` [digest-missing]
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
//! has one.
//!
//! # See
//!
//! - [ImageStreamImport](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/registry/imagestreamimport/rest.go): fetched after admission

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Door, Part, Reference, Source};
use crate::reference;
use crate::scope::Scope;
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "digest-missing",
    summary: "a source without a digest where `references.pinned` asks for one",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let pinned = &context.policy.references.pinned;
    // A mapping brings its image with it, and `pull-spec-mismatch` asks for the digest.
    if pinned.is_empty() || reference.door == Door::Mapping {
        return Ok(());
    }
    let (source, scope) = match &reference.source {
        Source::Image { spec, .. } if spec.digest().is_some() => return Ok(()),
        Source::Image { text, spec } => match pinned.get(spec) {
            Some((scope, ())) => (*text, scope.to_string()),
            None => return Ok(()),
        },
        Source::StreamImage { id, .. } if reference::is_digest(id) => return Ok(()),
        Source::StreamTag { text, .. } | Source::StreamImage { text, .. }
            if pinned.everywhere().is_some() =>
        {
            (*text, Scope::EVERYWHERE.to_owned())
        }
        _ => return Ok(()),
    };
    Denial::DigestMissing { source: source.to_owned(), scope }.at(Part::Source)
}
