//! A tag whose source is of a kind that the settings do not list.
//!
//! # Why
//!
//! A pull spec, a tag of another stream and an image in a stream's history are trusted for
//! different reasons. A cluster that takes images through one of them only can say so.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {kinds: [DockerImage]}}
//! object:
//!   kind: ImageStreamTag
//!   metadata: {name: "web:v1"}
//!   tag: {name: v1, from: {kind: ImageStreamTag, name: "base:latest"}}
//! ```
//!
//! ```text
//! tag.from.kind: kind `ImageStreamTag` is not in `references.kinds` [source-kind-not-allowed]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {kinds: [DockerImage]}}
//! object:
//!   kind: ImageStreamTag
//!   metadata: {name: "web:v1"}
//!   tag: {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! # Settings
//!
//! `references.kinds`; without it every kind is allowed. A tag without a source, which waits for
//! a push, has no kind.
//!
//! # See
//!
//! - [TagReference](https://github.com/openshift/api/blob/master/image/v1/types.go)

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Door, Part, Reference, Source};
use crate::settings::SourceKind;
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "source-kind-not-allowed",
    summary: "a tag whose source is of a kind that `references.kinds` does not list",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let Some(kinds) = &context.policy.references.kinds else { return Ok(()) };
    if !reference.is_import() {
        return Ok(());
    }
    let kind = match &reference.source {
        Source::Image { .. } => SourceKind::DockerImage,
        Source::StreamTag { .. } => SourceKind::ImageStreamTag,
        Source::StreamImage { .. } => SourceKind::ImageStreamImage,
        Source::None | Source::Unreadable(_) => return Ok(()),
    };
    if kinds.contains(&kind) {
        return Ok(());
    }
    let part = if reference.door == Door::Repository { Part::Source } else { Part::Kind };
    Denial::SourceKindNotAllowed { kind: kind.to_string() }.at(part)
}
