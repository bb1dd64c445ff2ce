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
//! one registry; tags added to a stream that already has it are judged by their source.
//!
//! # See
//!
//! - [consts.go](https://github.com/openshift/api/blob/master/image/v1/consts.go), the annotation

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Insecure, Part, Reference, Source, StreamChange, StreamTrait};
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "insecure-import",
    summary: "an insecure import from outside `references.insecure`",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Reference(check), Check::Stream(check_stream)],
};

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let insecure = &context.policy.references.insecure;
    if reference.insecure == Insecure::No || insecure.everywhere().is_some() {
        return Ok(());
    }
    let source = match &reference.source {
        Source::Image { spec, .. } if insecure.get(spec).is_some() => return Ok(()),
        Source::Image { text, .. } | Source::StreamTag { text, .. } | Source::StreamImage { text, .. } => {
            *text
        }
        // Nothing is imported yet; what will be is judged when it is named.
        Source::None if reference.insecure == Insecure::Annotation => return Ok(()),
        Source::None | Source::Unreadable(_) => "",
    };
    let source = source.to_owned();
    match reference.insecure {
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
