//! A stream whose tags pods may use by short name.
//!
//! # Why
//!
//! With `lookupPolicy.local` a pod that asks for `mysql:8` gets the tag `8` of a stream called
//! `mysql` in its namespace, instead of the image it names: whoever may create streams chooses what
//! such pods run. Many projects want just that, so the rule is off unless it is asked for.
//!
//! # Denied
//!
//! By default this is off.
//!
//! ```yaml
//! settings: {rules: {local-lookup: deny}}
//! object:
//!   kind: ImageStream
//!   spec: {lookupPolicy: {local: true}}
//! ```
//!
//! ```text
//! spec.lookupPolicy.local: lets pods use the stream's tags by short name [local-lookup]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {rules: {local-lookup: deny}}
//! object:
//!   kind: ImageStream
//!   spec: {lookupPolicy: {local: false}}
//! ```
//!
//! # Settings
//!
//! `rules: {local-lookup: deny}` or `warn`.
//!
//! # See
//!
//! - [ImageLookupPolicy](https://github.com/openshift/api/blob/master/image/v1/types.go)

use super::{Check, Context, Level, Rule};
use crate::introduced::{StreamChange, StreamTrait};
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "local-lookup",
    summary: "a stream whose tags pods may use by short name",
    level: Level::Off,
    fixed: false,
    checks: &[Check::Stream(check)],
};

fn check(change: &StreamChange, _: &Context<'_>) -> Result<(), Denial> {
    match change.trait_ {
        StreamTrait::LocalLookup => Err(Denial::LocalLookup),
        StreamTrait::Insecure => Ok(()),
    }
}
