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
//! Judged is every pull spec that leads to the image, each by its own scope: the one that is written, or
//! that the newest event of a source stream shows; what the server has resolved already, where the
//! request holds it; every one under which a stream has an image that is named by its digest; and the
//! integrated registry's, where consumers pull through it. They do so where `referencePolicy` is `Local`
//! for any tag of the stream, since tags may follow one another, and where the server itself writes it.
//! Without a digest the whole repository there is judged.
//!
//! A manifest list is trusted by signatures of its own, or where each of its children is signed by
//! itself: those that its own manifest names, if the cluster has it and it is the one that the list's
//! name is the digest of. What a `reject` covers is refused without looking; beside a digest a tag
//! counts too, and a whole repository is refused with any image of it. An event that shows one image
//! and pulls another is refused wherever anything is asked, and so is the beginning of a digest that
//! fits two.
//!
//! Other signatures beside those that a shown image needs only warn, as no reader of such a policy looks
//! at them. What is not there, or has no digest, is `image-unverified`; what could not be asked for is
//! `host-unavailable`.
//!
//! # See
//!
//! - [containers-policy.json(5)](https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md)

use super::{Check, Rule};
use crate::quote::quote;
use crate::trust::assess::{Finding, Severity};

/// The rule.
pub const RULE: Rule = Rule::new(
    "image-untrusted",
    "a reference to an image that `trust` does not trust",
    &[Check::Trust(Severity::Rejected, rejected), Check::Trust(Severity::Untrusted, untrusted)],
);

fn rejected(Finding { source, setting, .. }: &Finding) -> String {
    match setting.as_str() {
        "trust.default" => {
            format!("rejected: no scope of `trust` covers {}, and `trust.default` is `reject`", quote(source))
        }
        setting => format!("{} is rejected by {}", quote(source), quote(setting)),
    }
}

fn untrusted(Finding { source, setting, reason, .. }: &Finding) -> String {
    format!("{} is not trusted by {}: {reason}", quote(source), quote(setting))
}
