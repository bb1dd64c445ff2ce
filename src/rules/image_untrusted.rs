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
//! `trust`: the most specific scope of the image alone decides, and all its requirements must hold.
//! What a `reject` covers is refused wherever a pull spec is pointed at; beside a digest a tag counts
//! too, and a whole repository is refused with any image of it. Signatures can be counted only where the
//! request has them: for an ImageStreamImage, which a scanner hands over, and for a mapping that brings
//! some. Otherwise `image-unverified` says that nothing could be judged. Other signatures beside those
//! that a shown image needs only warn, as no reader of such a policy looks at them.
//!
//! # See
//!
//! - [containers-policy.json(5)](https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md)

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Door, Part, Reference, Source};
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
    let (Some(trust), Source::Image { text, spec }) = (&context.policy.trust, &reference.source) else {
        return Ok(());
    };
    let asked = trust.ask(spec);
    let reason = if asked.rejects() {
        Some("it asks to reject".to_owned())
    } else if has_evidence(reference, context) {
        asked.judge(text, context.signatures, &context.policy.aliases).err()
    } else {
        None
    };
    match reason {
        None => Ok(()),
        Some(reason) => Denial::ImageUntrusted { source: (*text).to_owned(), setting: asked.setting, reason }
            .at(Part::Source),
    }
}

/// Whether the request holds the signatures of the image that is pointed at: all of them, or, in a
/// mapping, those that it brings. A push brings none, and the stored image may have some.
pub(super) fn has_evidence(reference: &Reference<'_>, context: &Context<'_>) -> bool {
    match reference.door {
        Door::Shown => true,
        Door::Mapping => !context.signatures.is_empty(),
        _ => false,
    }
}
