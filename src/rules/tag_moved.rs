//! A tag that is pointed elsewhere though the settings hold it.
//!
//! # Why
//!
//! A released version that becomes another image is the quietest way into a cluster: every
//! workload that names the tag takes it at its next start.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {immutableTags: "^v\\d"}}
//! old:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:1.0"}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:1.1"}}
//! ```
//!
//! ```text
//! spec.tags[0].name: `v1` is immutable by `references.immutableTags`, and was set by `quay.io/acme/web:1.0` [tag-moved]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {immutableTags: "^v\\d"}}
//! old:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:1.0"}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:1.0"}}
//!       - {name: v2, from: {kind: DockerImage, name: "quay.io/acme/web:2.0"}}
//! ```
//!
//! # Settings
//!
//! `references.immutableTags`: a regular expression for the names of tags that, once set, may not
//! be pointed elsewhere. `from`, `reference` and the import mode count, as does an event that
//! changes what the tag shows, and a source given to a tag that was set by a push.
//!
//! An import or a mapping does not tell whether the stream has the tag already, so one that names
//! such a tag is refused; pushes through the integrated registry pass. Nothing at admission sees a
//! tag deleted with `oc tag -d`: what is deleted can be set again.
//!
//! # See
//!
//! - [strategy.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/registry/imagestream/strategy.go): what the server counts as a change

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Before, Part, Reference};
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "tag-moved",
    summary: "a tag that `references.immutableTags` holds, pointed elsewhere",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let Some(pattern) = &context.policy.references.immutable_tags else { return Ok(()) };
    let by = match &reference.before {
        Before::New | Before::Set { moved: false, .. } => return Ok(()),
        Before::Set { moved: true, by } => Some(by),
        Before::Unknown => None,
    };
    let Some(tag) = reference.tag else { return Denial::TagsMayMove.at(Part::Source) };
    match pattern.matches(tag) {
        Ok(false) => return Ok(()),
        Ok(true) => {}
        Err(error) => {
            return Denial::PatternBroken { setting: "references.immutableTags", error }.at(Part::TagName);
        }
    }
    let tag = tag.to_owned();
    match by {
        Some(by) => Denial::TagMoved { tag, by: by.clone() }.at(Part::TagName),
        None => Denial::TagMayMove { tag }.at(Part::TagName),
    }
}
