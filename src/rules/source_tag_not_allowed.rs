//! A source whose own tag the settings refuse.
//!
//! # Why
//!
//! `latest` and release candidates move, and tell nobody what runs. A source by digest has no tag
//! and is not judged as `latest`; one with neither is.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {sourceTags: {deny: [latest, "*-rc*"]}}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: quay.io/acme/web}}
//! ```
//!
//! ```text
//! spec.tags[0].from.name: source tag `latest` is in `references.sourceTags.deny` [source-tag-not-allowed]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {sourceTags: {deny: [latest, "*-rc*"]}}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! # Settings
//!
//! `references.sourceTags.deny`: globs. `references.sourceTags.allow`: a regular expression that
//! other tags must match; it matches anywhere unless anchored. Tags of streams count as well as
//! tags in registries. A whole repository, which brings every tag, is refused where either is set.
//!
//! # See
//!
//! - [regex syntax](https://docs.rs/regex/latest/regex/#syntax), over ASCII

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Part, Reference, Source};
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "source-tag-not-allowed",
    summary: "a source whose tag `references.sourceTags` refuses",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let tags = &context.policy.references.source_tags;
    if !reference.is_import() || tags.deny.is_empty() && tags.allow.is_none() {
        return Ok(());
    }
    if reference.is_repository() {
        return Denial::SourceTagsUnknown.at(Part::Source);
    }
    let tag = match &reference.source {
        Source::Image { spec, .. } => spec.effective_tag(),
        Source::StreamTag { tag, .. } => Some(*tag),
        Source::None | Source::StreamImage { .. } | Source::Unreadable(_) => None,
    };
    let Some(tag) = tag else { return Ok(()) };
    if tags.deny.iter().any(|glob| glob.matches(tag)) {
        return Denial::SourceTagDenied { tag: tag.to_owned() }.at(Part::Source);
    }
    let Some(pattern) = &tags.allow else { return Ok(()) };
    match pattern.matches(tag) {
        Ok(true) => Ok(()),
        Ok(false) => {
            Denial::SourceTagNotAllowed { tag: tag.to_owned(), pattern: pattern.as_str().to_owned() }
                .at(Part::Source)
        }
        Err(error) => {
            Denial::PatternBroken { setting: "references.sourceTags.allow", error }.at(Part::Source)
        }
    }
}
