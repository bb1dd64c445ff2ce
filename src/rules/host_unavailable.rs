//! A reference that could not be judged, because the cluster or a registry could not be asked.
//!
//! # Why
//!
//! What is not known is not trusted; but whoever reads the answer must not look for a signature where a
//! grant, a webhook or a registry is missing.
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
//! spec.tags[0].from.name: `app:v1` cannot be judged: there is no cluster to ask for ImageStream `base/app` [host-unavailable]
//! ```
//!
//! What a tag shows already, where consumers are to pull it through the cluster from now on:
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
//! spec.tags[0]: `shop/web:v1` cannot be judged: there is no cluster to ask for ImageStream `shop/web` [host-unavailable]
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
//! `trust`, which alone asks the cluster. The policy's `contextAwareResources` must grant Image and
//! ImageStream, and its service account must be able to read them.
//!
//! # See
//!
//! - [Kubewarden, context aware policies](https://docs.kubewarden.io/explanations/context-aware-policies)

use super::{Check, Rule};
use crate::quote::{excerpt, quote};
use crate::trust::assess::{Finding, Severity};

/// The rule.
pub const RULE: Rule = Rule::new(
    "host-unavailable",
    "a reference for whose judgement the cluster or a registry could not be asked",
    &[Check::Trust(Severity::Unavailable, message)],
);

fn message(finding: &Finding) -> String {
    format!("{} cannot be checked: {}", quote(&finding.source), excerpt(&finding.reason))
}
