//! A reference to an image that `trust` does not trust.
//!
//! # Why
//!
//! This is the moment that counts: when something points at the image, not when a signature is
//! attached to it.
//!
//! # Denied
//!
//! ```yaml
//! settings:
//!   trust:
//!     default: [{type: insecureAcceptAnything}]
//!     scopes: {docker.io: [{type: reject}]}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: nginx}}
//! ```
//!
//! ```text
//! spec.tags[0].from.name: `nginx` is not trusted by `trust.scopes[docker.io]`: it asks to reject [image-untrusted]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings:
//!   trust:
//!     default: [{type: insecureAcceptAnything}]
//!     scopes: {docker.io: [{type: reject}]}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! # Settings
//!
//! `trust`: the most specific scope alone decides, and all its requirements must hold. Evidence is what
//! the cluster has of the image at this moment, verified here; conditions count for nothing.
//!
//! Judged is every pull spec that leads to the image: the one that is written, or that the newest event
//! of a source stream shows; and the integrated registry's, where `referencePolicy: Local` or the
//! server's own rewriting lets consumers pull through it. Each must be trusted by its own scope.
//!
//! A manifest list is trusted by signatures of its own, or where each of its children is signed by
//! itself. What a `reject` covers is refused without looking; beside a digest a tag counts too, and a
//! whole repository is refused with any image of it. An event that shows one image and pulls another is
//! refused, and so is the beginning of a digest that fits two.
//!
//! Other signatures beside those that a shown image needs only warn, as no reader of such a policy looks
//! at them. What is not there, or has no digest, is `image-unverified`; what could not be asked for is
//! `host-unavailable`.
//!
//! # See
//!
//! - [containers-policy.json(5)](https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md)

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Part, Reference};
use crate::judgement::{self, About, Judgement};
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "image-untrusted",
    summary: "a reference to an image that `trust` does not trust",
    level: Level::Deny,
    level_without_signers: None,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let Judgement::Untrusted(about) = judgement::judge(reference, context) else { return Ok(()) };
    let About { source, setting, reason } = about.clone();
    Denial::ImageUntrusted { source, setting, reason }.at(Part::Source)
}
