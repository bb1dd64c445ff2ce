//! A reference that could not be checked because the cluster or a registry could not be queried.
//!
//! # Why
//!
//! An image that cannot be checked is not trusted. The separate code tells operators that a permission, a
//! webhook or a registry is the problem, and not a missing signature.
//!
//! # Denied
//!
//! ```yaml
//! settings:
//!   signers: [{name: acme, openpgp: <generated/keys/ed.asc>}]
//!   trust:
//!     default: [{type: insecureAcceptAnything}]
//!     scopes:
//!       registry.test: [{type: signedBy, signers: [acme]}]
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: ImageStreamTag, namespace: base, name: "app:v1"}}
//! ```
//!
//! ```text
//! spec.tags[0].from.name (tag `v1`): `app:v1` cannot be checked: ImageStream `base/app` cannot be looked up: there is no cluster [host-unavailable]
//! ```
//!
//! An image that a tag shows already, when consumers start to pull it through the cluster's registry:
//!
//! ```yaml
//! settings:
//!   signers: [{name: acme, openpgp: <generated/keys/ed.asc>}]
//!   trust:
//!     default: [{type: signedBy, signers: [acme]}]
//! old: {kind: ImageStream, spec: {tags: [{name: v1, referencePolicy: {type: Source}}]}}
//! object: {kind: ImageStream, spec: {tags: [{name: v1, referencePolicy: {type: Local}}]}}
//! ```
//!
//! ```text
//! spec.tags[0] (tag `v1`): `shop/web:v1` cannot be checked: ImageStream `shop/web` cannot be looked up: there is no cluster [host-unavailable]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings:
//!   signers: [{name: acme, openpgp: <generated/keys/ed.asc>}]
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: ImageStreamTag, namespace: base, name: "app:v1"}}
//! ```
//!
//! # Settings
//!
//! `trust`, the only setting that queries the cluster. Add Image and ImageStream to the policy's
//! `contextAwareResources`, or look-ups fail, and let its service account read them.
//!
//! # See
//!
//! - [Kubewarden, context aware policies](https://docs.kubewarden.io/explanations/context-aware-policies)

use crate::evaluation::{Check, Rule};
use crate::quote::{excerpt, quote};
use crate::trust::assess::{Finding, Severity};

/// The rule.
pub const RULE: Rule = Rule::new(
    "host-unavailable",
    "a reference that cannot be checked because the cluster or a registry does not answer",
    &[Check::Trust(Severity::Unavailable, message)],
);

fn message(finding: &Finding) -> String {
    format!("{} cannot be checked: {}", quote(&finding.source), excerpt(&finding.reason))
}
