//! A scheduled import from outside the listed scopes.
//!
//! # Why
//!
//! A scheduled tag follows its source by itself: whatever is pushed there next runs here, and
//! nobody asks again.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {scheduled: [registry.redhat.io]}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - name: v1
//!         from: {kind: DockerImage, name: "quay.io/acme/web:v1"}
//!         importPolicy: {scheduled: true}
//! ```
//!
//! ```text
//! spec.tags[0].importPolicy.scheduled: scheduled import from `quay.io/acme/web:v1`, which is not in `references.scheduled` [scheduled-import]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {scheduled: [registry.redhat.io]}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - name: "9"
//!         from: {kind: DockerImage, name: "registry.redhat.io/ubi9/ubi:9.4"}
//!         importPolicy: {scheduled: true}
//! ```
//!
//! # Settings
//!
//! `references.scheduled`: scopes from which images may be imported on schedule. Without it every
//! one may; an empty list refuses all.
//!
//! # See
//!
//! - [gatekeeper-library#240](https://github.com/open-policy-agent/gatekeeper-library/issues/240), where users asked for it

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Part, Reference, Source};
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "scheduled-import",
    summary: "a scheduled import from outside `references.scheduled`",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let Some(scheduled) = &context.policy.references.scheduled else { return Ok(()) };
    if !reference.scheduled {
        return Ok(());
    }
    let source = match &reference.source {
        Source::Image { spec, .. } if scheduled.get(spec).is_some() => return Ok(()),
        Source::Image { text, .. } | Source::StreamTag { text, .. } | Source::StreamImage { text, .. } => {
            *text
        }
        Source::None | Source::Unreadable(_) => "",
    };
    Denial::ScheduledImport { source: source.to_owned() }.at(Part::Scheduled)
}
