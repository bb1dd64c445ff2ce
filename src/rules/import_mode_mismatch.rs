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
//! spec.tags[0].importPolicy.importMode (tag `v1`): import mode is `Legacy` (also when unset); allowed: `PreserveOriginal` (`references.importMode`); set it with `--import-mode=` [import-mode-mismatch]
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

use crate::changes::{Part, Reference};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::quote::{allowed, quote};
use crate::settings::ImportMode;

/// The rule.
pub const RULE: Rule = Rule::new(
    "import-mode-mismatch",
    "an import whose mode `references.importMode` does not list",
    &[Check::Reference(check)],
);

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let Some(modes) = &context.policy.references.import_mode else { return Ok(()) };
    if !reference.is_import() || reference.is_untracked() || reference.spec().is_none() {
        return Ok(());
    }
    let found = reference.import_mode().unwrap_or(ImportMode::Legacy.as_str());
    let modes: Vec<&str> = modes.iter().map(|mode| mode.as_str()).collect();
    if modes.contains(&found) {
        return Ok(());
    }
    let unset = if found == ImportMode::Legacy.as_str() { " (also when unset)" } else { "" };
    let allowed = allowed(&modes, "references.importMode");
    let message = format!("import mode is {}{unset}; {allowed}; set it with `--import-mode=`", quote(found));
    Err(Offence::at(Part::ImportMode, message))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const LEGACY: &str = "import mode is `Legacy` (also when unset); allowed: `PreserveOriginal` (`references.importMode`); set it with `--import-mode=`";

    #[test]
    fn an_import_mode_that_is_not_listed_is_refused_through_every_door() {
        let import_of_all = format!("spec.dockerImageRepository: {LEGACY}");
        let tag = format!("tag.importPolicy.importMode: {LEGACY}");
        let unset = format!("tag.importPolicy: {LEGACY}");
        let of_image_tag = format!("spec.importPolicy.importMode: {LEGACY}");
        let of_import = format!("spec.images[0].importPolicy (tag `v1`): {LEGACY}");
        let of_repository = format!("spec.repository.importPolicy.importMode: {LEGACY}");
        let of_stream = format!("spec.tags[0].importPolicy.importMode (tag `v1`): {LEGACY}");
        let table: &[(&str, &str, &[&str])] = &[
            (
                "ImageStreamTag",
                "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {importMode: Legacy}}}",
                &[&tag],
            ),
            (
                "unset is Legacy",
                "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}}}",
                &[&unset],
            ),
            (
                "null policy",
                "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: null}}",
                &[&unset],
            ),
            (
                "empty mode",
                "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {importMode: ''}}}",
                &[&tag],
            ),
            (
                "ImageTag",
                "object: {kind: ImageTag, spec: {from: {kind: DockerImage, name: nginx}, importPolicy: {scheduled: false}}}",
                &[&of_image_tag],
            ),
            (
                "image import",
                "object: {kind: ImageStreamImport, spec: {images: [{from: {kind: DockerImage, name: nginx}, to: {name: v1}}]}}",
                &[&of_import],
            ),
            (
                "repository import",
                "object: {kind: ImageStreamImport, spec: {repository: {from: {kind: DockerImage, name: nginx}, importPolicy: {importMode: Legacy}}}}",
                &[&of_repository],
            ),
            (
                "repository of a stream",
                "object: {kind: ImageStream, spec: {dockerImageRepository: quay.io/acme/web}}",
                &[&import_of_all],
            ),
            (
                "only the mode changes",
                "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: nginx}, importPolicy: {importMode: PreserveOriginal}}]}}\n\
                 object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: nginx}, importPolicy: {importMode: Legacy}}]}}",
                &[&of_stream],
            ),
            (
                "another case is another mode",
                "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {importMode: preserveoriginal}}}",
                &[
                    "tag.importPolicy.importMode: import mode is `preserveoriginal`; allowed: `PreserveOriginal` (`references.importMode`); set it with `--import-mode=`",
                ],
            ),
            (
                "listed",
                "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {importMode: PreserveOriginal}}}",
                &[],
            ),
            (
                "reference: true is never imported",
                "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, reference: true}}",
                &[],
            ),
            (
                "a stream's tag is not imported",
                "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'base:1'}}}",
                &[],
            ),
            ("a push", "object: {kind: ImageStreamTag, tag: {importPolicy: {importMode: Legacy}}}", &[]),
            (
                "a mapping",
                "object: {kind: ImageStreamMapping, tag: v1, image: {dockerImageReference: quay.io/x}}",
                &[],
            ),
            (
                "an event",
                "subresource: status\nold: {kind: ImageStream}\n\
                 object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/x}]}]}}",
                &[],
            ),
            (
                "untouched: what the server fills in is no change",
                "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: nginx}, importPolicy: {importMode: Legacy}}]}}\n\
                 object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: nginx}, importPolicy: {}}]}}",
                &[],
            ),
        ];
        for (name, short, expected) in table {
            let short = format!("settings: {{references: {{importMode: [PreserveOriginal]}}}}\n{short}");
            assert_rule(RULE.code, &[(name, &short, expected)]);
        }
    }

    #[test]
    fn every_mode_will_do_without_the_setting_and_those_listed_with_it() {
        let object = "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}}}";
        assert_rule(
            RULE.code,
            &[
                ("absent", object, &[]),
                ("Legacy", &format!("settings: {{references: {{importMode: [Legacy]}}}}\n{object}"), &[]),
                (
                    "both",
                    &format!(
                        "settings: {{references: {{importMode: [PreserveOriginal, Legacy]}}}}\n{object}"
                    ),
                    &[],
                ),
            ],
        );
    }
}
