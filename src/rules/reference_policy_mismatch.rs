//! A tag whose reference policy is not the one that the settings ask for.
//!
//! # Why
//!
//! With `Local` consumers pull through the integrated registry, which keeps a copy, needs no pull
//! secrets in their namespaces and can be cut off; with `Source` they go where the image came from.
//! `Source` is what an unset policy means.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {referencePolicy: {registry.redhat.io: Local}}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - name: "9"
//!         from: {kind: DockerImage, name: "registry.redhat.io/ubi9/ubi:9.4"}
//!         referencePolicy: {type: Source}
//! ```
//!
//! ```text
//! spec.tags[0].referencePolicy.type: is `Source`, `references.referencePolicy` asks for `Local` in `registry.redhat.io` [reference-policy-mismatch]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {referencePolicy: {registry.redhat.io: Local}}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - name: "9"
//!         from: {kind: DockerImage, name: "registry.redhat.io/ubi9/ubi:9.4"}
//!         referencePolicy: {type: Local}
//! ```
//!
//! # Settings
//!
//! `references.referencePolicy`: `Local` or `Source` by scope of the source, the most specific
//! wins. Sources in streams are in no registry's scope: only `""` holds for them.
//! `spec.dockerImageRepository` cannot carry a policy, so where `Local` is asked for it is refused.
//!
//! # See
//!
//! - [TagReferencePolicy](https://github.com/openshift/api/blob/master/image/v1/types.go)

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Part, Reference, Source};
use crate::scope::Scope;
use crate::settings::ReferencePolicy;
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "reference-policy-mismatch",
    summary: "a tag whose reference policy is not the one that `references.referencePolicy` asks for",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let policies = &context.policy.references.reference_policy;
    if policies.is_empty() || !reference.is_import() {
        return Ok(());
    }
    let expected = match &reference.source {
        Source::Image { spec, .. } => policies.get(spec).map(|(scope, policy)| (scope.to_string(), *policy)),
        Source::StreamTag { .. } | Source::StreamImage { .. } => {
            policies.everywhere().map(|policy| (Scope::EVERYWHERE.to_owned(), *policy))
        }
        Source::None | Source::Unreadable(_) => None,
    };
    let Some((scope, expected)) = expected else { return Ok(()) };
    let found = match reference.reference_policy {
        "" => ReferencePolicy::Source.as_str(),
        policy => policy,
    };
    if found == expected.as_str() {
        return Ok(());
    }
    Denial::ReferencePolicyMismatch { found: found.to_owned(), expected: expected.as_str(), scope }
        .at(Part::ReferencePolicy)
}
