//! A reference to an image that `trust` does not trust.
//!
//! # Why
//!
//! Signature requirements are checked when a tag, mapping or status event points at an image, not when
//! a signature is attached to it.
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
//! spec.tags[0].from.name (tag `v1`): `nginx` is rejected by `trust.scopes[docker.io]` [image-untrusted]
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
//! `trust`: only the most specific scope applies, and all its requirements must hold. The policy verifies
//! the signatures that the cluster has for the image now, and ignores their conditions.
//!
//! Every pull spec that leads to the image is checked by its own scope:
//!
//! - the one in the request, or in the newest event of a source stream;
//! - the one that the server has resolved already, if the request has it;
//! - for an image that is named by its digest, every one that the stream has for it;
//! - the one in the integrated registry, if consumers pull through it. They do if `referencePolicy` is
//!   `Local` for any tag of the stream, since tags may follow one another, and if the server itself
//!   writes such a pull spec. Without a digest, the whole repository there is checked.
//!
//! A manifest list is trusted if it is signed itself, or if each of its children is. The children are
//! those in the manifest whose digest is the list's name, if the cluster has it. An image that a `reject`
//! covers is refused without a look-up: a tag beside a digest counts too, and a whole repository is
//! refused together with any image of it. Wherever `trust` requires anything, an event that shows one
//! image but pulls another is refused, and so is a shortened digest that matches several images.
//!
//! If a tag becomes `Local`, or a `Local` tag gets another source, what it shows at the time is checked too:
//! it goes on showing that until an import succeeds. A mapping that brings a new image makes it without
//! signatures, so nothing but a push by the integrated registry gets past a requirement that way. A
//! reference that cannot be parsed is not trusted, whatever the level of `reference-unparsable`.
//!
//! Hosts in signed names are compared as scopes compare them: in lower case, without `:443`, and under the
//! same alias. A tag beside a digest is ignored, as the API server ignores it.
//!
//! Once an image has the signatures that it needs, problems with its other signatures only warn. An image
//! that is missing or has no digest is reported as `image-unverified`, a failed look-up as
//! `host-unavailable`.
//!
//! # See
//!
//! - [containers-policy.json(5)](https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md)

use crate::evaluation::{Check, Rule};
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
