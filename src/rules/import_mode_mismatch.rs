//! An import whose mode the settings do not list.
//!
//! # Why
//!
//! `Legacy` keeps one platform of a manifest list and drops the list itself: the digest that was
//! signed is then not the digest that is stored. `Legacy` is what an unset mode means, unless the
//! cluster's image configuration says otherwise.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {importMode: [PreserveOriginal]}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - name: v1
//!         from: {kind: DockerImage, name: "quay.io/acme/web:v1"}
//!         importPolicy: {importMode: Legacy}
//! ```
//!
//! ```text
//! spec.tags[0].importPolicy.importMode: import mode `Legacy` is not in `references.importMode` (`PreserveOriginal`) [import-mode-mismatch]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {importMode: [PreserveOriginal]}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - name: v1
//!         from: {kind: DockerImage, name: "quay.io/acme/web:v1"}
//!         importPolicy: {importMode: PreserveOriginal}
//! ```
//!
//! # Settings
//!
//! `references.importMode`; without it every mode is allowed. Only what is imported from a registry
//! has one: sources in streams, tags that wait for a push and `reference: true` are not judged.
//!
//! # See
//!
//! - [ImportModeType](https://github.com/openshift/api/blob/master/image/v1/types.go)

use super::{Check, Context, Level, Offence, Rule};
use crate::introduced::{Part, Reference};
use crate::settings::ImportMode;
use crate::settings::reader::list;
use crate::violation::Denial;

/// The rule.
pub const RULE: Rule = Rule {
    code: "import-mode-mismatch",
    summary: "an import whose mode `references.importMode` does not list",
    level: Level::Deny,
    fixed: false,
    checks: &[Check::Reference(check)],
};

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let Some(modes) = &context.policy.references.import_mode else { return Ok(()) };
    if !reference.is_import() || reference.untracked || reference.spec().is_none() {
        return Ok(());
    }
    let found = match reference.import_mode {
        "" => ImportMode::Legacy.as_str(),
        mode => mode,
    };
    let modes: Vec<&str> = modes.iter().map(|mode| mode.as_str()).collect();
    if modes.contains(&found) {
        return Ok(());
    }
    Denial::ImportModeMismatch { found: found.to_owned(), expected: list(&modes) }.at(Part::ImportMode)
}
