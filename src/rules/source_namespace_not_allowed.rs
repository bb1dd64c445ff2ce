//! A source in a stream of a foreign namespace that the settings do not list.
//!
//! # Why
//!
//! A tag that is taken from another project is as trustworthy as everybody who may write there. A
//! pull spec in the integrated registry names a project too, and counts as such.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {namespaces: [openshift, "shared-*"]}}
//! object:
//!   kind: ImageStreamTag
//!   metadata: {name: "web:v1", namespace: shop}
//!   tag: {name: v1, from: {kind: ImageStreamTag, namespace: sandbox, name: "web:v1"}}
//! ```
//!
//! ```text
//! tag.from.namespace: namespace `sandbox` is not in `references.namespaces` [source-namespace-not-allowed]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {namespaces: [openshift, "shared-*"]}}
//! object:
//!   kind: ImageStreamTag
//!   metadata: {name: "web:v1", namespace: shop}
//!   tag: {name: v1, from: {kind: ImageStreamTag, namespace: shared-base, name: "web:v1"}}
//! ```
//!
//! # Settings
//!
//! `references.namespaces`: globs; without it every namespace is allowed. The stream's own always
//! is. `trust.registryAliases` can name the integrated registry's route.
//!
//! # See
//!
//! - [strategy.go](https://github.com/openshift/openshift-apiserver/blob/main/pkg/image/apiserver/registry/imagestream/strategy.go): the server asks only whether the writer may pull from there

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Part, Reference};
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "source-namespace-not-allowed",
    summary: "a source in a foreign namespace that `references.namespaces` does not list",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let (Some(namespaces), Some(namespace)) =
        (&context.policy.references.namespaces, reference.source.stream_namespace())
    else {
        return Ok(());
    };
    if namespace == context.namespace || namespaces.iter().any(|glob| glob.matches(namespace)) {
        return Ok(());
    }
    Denial::NamespaceNotAllowed { namespace: namespace.to_owned() }.at(Part::Namespace)
}
