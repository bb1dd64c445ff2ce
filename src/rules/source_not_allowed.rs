//! A source, or the pull spec of an image that a mapping or an event brings, outside the allowed
//! scopes or inside a denied one.
//!
//! # Why
//!
//! Whoever may write a tag decides what everybody runs who uses the tag. The scopes are compared
//! part by part, after normalisation: `registry.io` does not hold `registry.io.evil.example`, and
//! `nginx` is `docker.io/library/nginx`.
//!
//! A mapping pairs a digest with any pull spec, and an event written into a stream's status points
//! consumers at one: both are judged like a source, unless they lie in the integrated registry.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {allow: [registry.redhat.io, quay.io/acme]}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: nginx}}
//! ```
//!
//! ```text
//! spec.tags[0].from.name: registry `docker.io` is not in `references.allow` [source-not-allowed]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {allow: [registry.redhat.io, quay.io/acme]}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! # Settings
//!
//! `references.allow`: scopes that sources may come from; without it every one is.
//! `references.deny`: scopes that they may not; it wins. A tag beside a digest widens no
//! permission, but meets a refusal.
//!
//! # See
//!
//! - [containers-policy.json(5)](https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md), scopes

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Part, Reference};
use crate::reference;
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "source-not-allowed",
    summary: "a source outside `references.allow`, or inside `references.deny`",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let Some(spec) = reference.spec() else { return Ok(()) };
    let scopes = &context.policy.references;
    if !reference.is_import() && reference::is_integrated(spec.registry()) {
        return Ok(());
    }
    if let Some(scope) = scopes.deny.containing(spec) {
        return Denial::SourceDenied { source: spec.to_string(), scope: scope.to_string() }.at(Part::Source);
    }
    match &scopes.allow {
        Some(allow) if allow.get(spec).is_none() => {
            let registry = spec.registry().to_owned();
            // Where some of the registry is allowed, naming it alone would mislead.
            if allow.mentions(&registry) {
                Denial::SourceRepositoryNotAllowed { name: spec.name().to_owned() }.at(Part::Source)
            } else {
                Denial::SourceRegistryNotAllowed { registry }.at(Part::Source)
            }
        }
        _ => Ok(()),
    }
}
