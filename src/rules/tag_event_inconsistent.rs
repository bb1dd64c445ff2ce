//! A tag event whose pull spec does not carry the digest of the image that it names.
//!
//! # Why
//!
//! An event has two halves: the Image by whose name it is checked, shown and pruned, and the pull
//! spec that consumers pull. The server does not compare them, so whoever may write a stream's
//! status can show a trusted digest and serve another image.
//!
//! # Denied
//!
//! ```yaml
//! subresource: status
//! old: {kind: ImageStream}
//! object:
//!   kind: ImageStream
//!   status:
//!     tags:
//!       - tag: latest
//!         items:
//!           - created: 2026-03-03T01:00:00Z
//!             generation: 2
//!             dockerImageReference: docker.io/evil/web:latest
//!             image: sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//! ```
//!
//! ```text
//! status.tags[0].items[0].dockerImageReference: `docker.io/evil/web:latest` does not carry the digest of the event's image `sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` [tag-event-inconsistent]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! subresource: status
//! old: {kind: ImageStream}
//! object:
//!   kind: ImageStream
//!   status:
//!     tags:
//!       - tag: latest
//!         items:
//!           - created: 2026-03-03T01:00:00Z
//!             generation: 2
//!             dockerImageReference: quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//!             image: sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//! ```
//!
//! # Settings
//!
//! None. An event without an image, as a tag with `reference: true` has it, is consistent.
//!
//! # See
//!
//! - [TagEvent](https://github.com/openshift/api/blob/master/image/v1/types.go)

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Part, Reference, Source};
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "tag-event-inconsistent",
    summary: "a tag event whose pull spec does not carry the digest of its image",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, _: &Context<'_>) -> Result<(), Offence<Part>> {
    match (reference.event_image, &reference.source) {
        (None | Some(""), _) => Ok(()),
        (Some(image), Source::Image { spec, .. }) if spec.digest() == Some(image) => Ok(()),
        (Some(image), Source::Image { text, .. }) => {
            Denial::EventInconsistent { source: (*text).to_owned(), image: image.to_owned() }.at(Part::Source)
        }
        // `reference-unparsable` says what is wrong with it.
        (Some(_), _) => Ok(()),
    }
}
