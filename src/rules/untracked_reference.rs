//! A tag that is only written down.
//!
//! # Why
//!
//! With `reference: true` the server imports nothing: the tag hands its pull spec on as it is,
//! with no digest recorded and no Image whose signatures could be looked at.
//!
//! # Denied
//!
//! By default this warns.
//!
//! ```yaml
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - name: v1
//!         from: {kind: DockerImage, name: "quay.io/acme/web:v1"}
//!         reference: true
//! ```
//!
//! ```text
//! spec.tags[0].reference: `quay.io/acme/web:v1` is only written down: never imported, so never verified [untracked-reference]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! # Settings
//!
//! `rules: {untracked-reference: deny}` refuses it.
//!
//! # See
//!
//! - [TagReference](https://github.com/openshift/api/blob/master/image/v1/types.go), `reference`

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Part, Reference, Source};
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "untracked-reference",
    summary: "a tag that is only written down (`reference: true`), never imported",
    level: Level::Warn,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, _: &Context<'_>) -> Result<(), Offence<Part>> {
    if !reference.untracked {
        return Ok(());
    }
    let source = match &reference.source {
        Source::Image { text, .. } | Source::StreamTag { text, .. } | Source::StreamImage { text, .. } => {
            *text
        }
        Source::None => return Ok(()),
        Source::Unreadable(_) => "",
    };
    Denial::UntrackedReference { source: source.to_owned() }.at(Part::Untracked)
}
