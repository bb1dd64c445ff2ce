//! A request, or settings, that cannot be read or contradict themselves.
//!
//! # Why
//!
//! What cannot be read cannot be judged, and what says two things can be made to be read one way
//! here and another way there.
//!
//! # Denied
//!
//! ```yaml
//! object:
//!   kind: ImageStream
//!   spec: {tags: [{name: 5}]}
//! ```
//!
//! ```text
//! spec.tags[0].name: `invalid type: integer \u{60}5\u{60}, expected a string` [request-unreadable]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! object:
//!   kind: ImageStream
//!   spec: {tags: [{name: "5"}]}
//! ```
//!
//! # Settings
//!
//! None: it cannot be changed or lifted. The answer's code is 400, where that of a denial is 403.
//!
//! # See
//!
//! - [AdmissionReview](https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request)

use super::{Level, Rule};

/// The rule.
pub const RULE: Rule = Rule {
    code: "request-unreadable",
    summary: "a request, or settings, that cannot be read or contradict themselves",
    level: Level::Deny,
    fixed: true,
    checks: &[],
};
