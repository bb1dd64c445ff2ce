//! A source that cannot be read.
//!
//! # Why
//!
//! The API server accepts text that names no image, such as `my.app:1.0` (a registry without a
//! repository), and tools disagree on what it means. What cannot be read cannot be judged by any
//! other rule.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "my.app:1.0"}}
//! ```
//!
//! ```text
//! spec.tags[0].from.name: pull spec `my.app:1.0` reads as a registry without a repository [reference-unparsable]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "docker.io/acme/my.app:1.0"}}
//! ```
//!
//! # Settings
//!
//! None.
//!
//! # See
//!
//! - [reference.go](https://github.com/openshift/library-go/blob/master/pkg/image/reference/reference.go), the grammar

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Part, Reference, Source, SourceError};
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "reference-unparsable",
    summary: "a source that cannot be read",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, _: &Context<'_>) -> Result<(), Offence<Part>> {
    let Source::Unreadable(error) = &reference.source else { return Ok(()) };
    match *error {
        SourceError::Missing => Denial::SourceMissing.at(Part::Source),
        SourceError::Kind(kind) => Denial::SourceKindUnknown { kind: kind.to_owned() }.at(Part::Kind),
        SourceError::PullSpec(source, error) => {
            Denial::PullSpecUnparsable { source: source.to_owned(), error }.at(Part::Source)
        }
        SourceError::StreamTag(source) => {
            Denial::StreamTagUnparsable { source: source.to_owned() }.at(Part::Source)
        }
        SourceError::StreamImage(source) => {
            Denial::StreamImageUnparsable { source: source.to_owned() }.at(Part::Source)
        }
    }
}
