//! A tag whose own name no client can use, or that the settings refuse.
//!
//! # Why
//!
//! The API server takes any text as the name of a tag, the empty one included. A name with `:` or
//! `@` can be written but not addressed, and one with control characters is made to be misread.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: "c:d@e", from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! ```text
//! spec.tags[0].name: tag name `c:d@e` is not of the form `[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}` [tag-name-invalid]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {tagNames: "^v\\d"}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! # Settings
//!
//! `references.tagNames`: a regular expression that names must match besides; it matches anywhere
//! unless anchored. Where it is set, a whole repository is refused, whose tags nobody knows.
//!
//! The name of an ImageStreamTag or ImageTag is in `metadata.name`; what the tag says of itself
//! may lie and is not read.
//!
//! # See
//!
//! - [tag.go](https://github.com/openshift/oc/blob/main/pkg/cli/tag/tag.go), what the client asks for

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Part, Reference};
use crate::reference;
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "tag-name-invalid",
    summary: "a tag name that no client can use, or that `references.tagNames` refuses",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let pattern = &context.policy.references.tag_names;
    let Some(name) = reference.tag else {
        return match pattern {
            Some(_) if reference.is_repository() => Denial::TagNamesUnknown.at(Part::Source),
            _ => Ok(()),
        };
    };
    if !reference::is_tag(name) {
        return Denial::TagNameInvalid { name: name.to_owned() }.at(Part::TagName);
    }
    let Some(pattern) = pattern else { return Ok(()) };
    match pattern.matches(name) {
        Ok(true) => Ok(()),
        Ok(false) => {
            Denial::TagNameNotAllowed { name: name.to_owned(), pattern: pattern.as_str().to_owned() }
                .at(Part::TagName)
        }
        Err(error) => Denial::PatternBroken { setting: "references.tagNames", error }.at(Part::TagName),
    }
}
