//! A reference to an image whose signatures cannot be checked.
//!
//! # Why
//!
//! `trust` requires signatures, but there is no image to check yet. The warning says that nothing has been
//! verified.
//!
//! # Denied
//!
//! By default this warns.
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
//!       - {name: v1, from: {kind: DockerImage, name: "registry.test/ns/app:v1"}}
//! ```
//!
//! ```text
//! spec.tags[0].from.name (tag `v1`): `registry.test/ns/app:v1` must be signed (`trust.scopes[registry.test]`), which cannot be checked without a digest; use `registry.test/ns/app@sha256:…` [image-unverified]
//! ```
//!
//! # Allowed
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
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! # Settings
//!
//! `rules: {image-unverified: deny}` refuses what cannot be checked: a pull spec without a digest, an image
//! that the cluster does not have yet, a tag without an image, a whole repository. Signatures reach the
//! cluster some time after the image does, so images have to come in somewhere before they can be checked:
//! exempt a staging project from this rule, import there, and tag from there. [Releases through a staging
//! project](../trust-model.md#releases-through-a-staging-project) has the settings and the commands.
//!
//! For a container or a build by tag, the digest is offered that the project's stream with the repository's
//! name has imported for that tag, if there is one: [which image is
//! meant](../running-images.md#which-image-is-meant).
//!
//! # See
//!
//! - [containers-policy.json(5)](https://github.com/containers/image/blob/main/docs/containers-policy.json.5.md)

use crate::evaluation::{Check, Rule};
use crate::quote::quote;
use crate::settings::Level;
use crate::trust::assess::{Finding, Severity};

/// The rule.
pub const RULE: Rule = Rule::new(
    "image-unverified",
    "a reference to an image that `trust` requires signatures for, but that cannot be checked",
    &[Check::Trust(Severity::Unverified, message)],
)
.level(Level::Warn);

fn message(Finding { source, spec, setting, reason, is_import, by_digest, .. }: &Finding) -> String {
    let fix = match spec.as_ref().filter(|spec| spec.digest().is_none() && !spec.is_whole()) {
        Some(spec) => {
            let pinned = format!("{}@sha256:…", spec.name());
            match (by_digest, is_import) {
                (Some(by_digest), _) => format!("; use {by_digest}"),
                (None, true) => {
                    format!("; import {} into a staging project, then tag it from there", quote(&pinned))
                }
                (None, false) => format!("; use {}", quote(&pinned)),
            }
        }
        None => String::new(),
    };
    format!("{} must be signed ({}), which cannot be checked {reason}{fix}", quote(source), quote(setting))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{Short, assert_rule};

    fn settings(requirement: &str) -> String {
        format!(
            "settings: {{signers: [{{name: acme, openpgp: <generated/keys/ed.asc>}}], trust: {{default: [{{type: insecureAcceptAnything}}], scopes: {{registry.test: [{requirement}]}}}}}}"
        )
    }

    fn doors(source: &str) -> [(String, &'static str); 4] {
        let from = format!("from: {{kind: DockerImage, name: '{source}'}}");
        [
            (
                format!("object: {{kind: ImageStream, spec: {{tags: [{{name: v1, {from}}}]}}}}"),
                "spec.tags[0].from.name (tag `v1`)",
            ),
            (format!("object: {{kind: ImageStreamTag, tag: {{name: v1, {from}}}}}"), "tag.from.name"),
            (format!("object: {{kind: ImageTag, spec: {{name: v1, {from}}}}}"), "spec.from.name"),
            (
                format!("object: {{kind: ImageStreamImport, spec: {{import: true, images: [{{{from}}}]}}}}"),
                "spec.images[0].from.name",
            ),
        ]
    }

    #[test]
    fn what_cannot_be_judged_is_told_through_every_door() {
        let signed = settings("{type: signedBy, signers: [acme]}");
        for source in ["registry.test/ns/app:v1", "registry.test/ns/app"] {
            for (object, at) in doors(source) {
                let fix = match at.starts_with("spec.images") {
                    true => {
                        "import `registry.test/ns/app@sha256:…` into a staging project, then tag it from there"
                    }
                    false => "use `registry.test/ns/app@sha256:…`",
                };
                let line = format!(
                    "{at}: `{source}` must be signed (`trust.scopes[registry.test]`), which cannot be checked without a digest; {fix}"
                );
                let short = format!("{signed}\n{object}");
                assert_rule(RULE.code, &[(&object, &short, &[&line])]);
                assert!(Short::parse(&short).verdict().accepted, "{object}");
            }
        }
    }

    #[test]
    fn where_no_signature_is_asked_for_nothing_is_missing() {
        for requirement in ["{type: insecureAcceptAnything}", "{type: reject}"] {
            for (object, _) in doors("registry.test/ns/app:v1") {
                assert_rule(
                    RULE.code,
                    &[(requirement, &format!("{}\n{object}", settings(requirement)), &[])],
                );
            }
        }
        let signed = settings("{type: signedBy, signers: [acme]}");
        for (object, _) in doors("quay.io/acme/web:v1") {
            assert_rule(RULE.code, &[("another scope", &format!("{signed}\n{object}"), &[])]);
        }
        assert_rule(
            RULE.code,
            &[(
                "from a stream",
                &format!(
                    "{signed}\nobject: {{kind: ImageStreamTag, tag: {{name: v1, from: {{kind: ImageStreamTag, name: 'base:1'}}}}}}"
                ),
                &[],
            )],
        );
    }
}
