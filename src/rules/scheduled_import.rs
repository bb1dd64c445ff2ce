//! A scheduled import from outside the listed scopes.
//!
//! # Why
//!
//! A scheduled tag follows its source by itself: whatever is pushed there next runs here, without another
//! admission check.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {scheduled: [registry.redhat.io]}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - name: v1
//!         from: {kind: DockerImage, name: "quay.io/acme/web:v1"}
//!         importPolicy: {scheduled: true}
//! ```
//!
//! ```text
//! spec.tags[0].importPolicy.scheduled (tag `v1`): scheduled import from `quay.io/acme/web:v1` is not allowed; allowed: `registry.redhat.io` (`references.scheduled`) [scheduled-import]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {scheduled: [registry.redhat.io]}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - name: "9"
//!         from: {kind: DockerImage, name: "registry.redhat.io/ubi9/ubi:9.4"}
//!         importPolicy: {scheduled: true}
//! ```
//!
//! # Settings
//!
//! `references.scheduled`: scopes from which images may be imported on schedule. Without it all may be; an
//! empty list allows none.
//!
//! # See
//!
//! - [gatekeeper-library#240](https://github.com/open-policy-agent/gatekeeper-library/issues/240), where users asked for it

use crate::changes::{Part, Reference, Source};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::quote::{allowed, quote};

/// The rule.
pub const RULE: Rule = Rule::new(
    "scheduled-import",
    "a scheduled import from outside `references.scheduled`",
    &[Check::Reference(check)],
);

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let Some(scheduled) = &context.policy.references.scheduled else { return Ok(()) };
    if !reference.is_scheduled() {
        return Ok(());
    }
    let source = match &reference.source {
        Source::Image { spec, .. } if scheduled.get(spec).is_some() => return Ok(()),
        Source::Image { text, .. } | Source::StreamTag { text, .. } | Source::StreamImage { text, .. } => {
            *text
        }
        Source::None | Source::Unreadable(_) => {
            let message = "scheduled import is not allowed: add `\"\"` to `references.scheduled` to allow it everywhere";
            return Err(Offence::at(Part::Scheduled, message));
        }
    };
    let allowed = allowed(scheduled.scopes(), "references.scheduled");
    let message = format!("scheduled import from {} is not allowed; {allowed}", quote(source));
    Err(Offence::at(Part::Scheduled, message))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const SETTINGS: &str = "{references: {scheduled: [registry.redhat.io]}}";
    const TABLE: &[(&str, &str, &[&str])] = &[
        (
            "ImageStreamTag",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {scheduled: true}}}",
            &[
                "tag.importPolicy.scheduled: scheduled import from `nginx` is not allowed; allowed: `registry.redhat.io` (`references.scheduled`)",
            ],
        ),
        (
            "ImageTag",
            "object: {kind: ImageTag, spec: {from: {kind: DockerImage, name: nginx}, importPolicy: {scheduled: true}}}",
            &[
                "spec.importPolicy.scheduled: scheduled import from `nginx` is not allowed; allowed: `registry.redhat.io` (`references.scheduled`)",
            ],
        ),
        (
            "image import",
            "object: {kind: ImageStreamImport, spec: {images: [{from: {kind: DockerImage, name: nginx}, to: {name: a}, importPolicy: {scheduled: true}}]}}",
            &[
                "spec.images[0].importPolicy.scheduled (tag `a`): scheduled import from `nginx` is not allowed; allowed: `registry.redhat.io` (`references.scheduled`)",
            ],
        ),
        (
            "repository import",
            "object: {kind: ImageStreamImport, spec: {repository: {from: {kind: DockerImage, name: nginx}, importPolicy: {scheduled: true}}}}",
            &[
                "spec.repository.importPolicy.scheduled: scheduled import from `nginx` is not allowed; allowed: `registry.redhat.io` (`references.scheduled`)",
            ],
        ),
        (
            "a stream's tag: the server refuses it too",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'base:1'}, importPolicy: {scheduled: true}}}",
            &[
                "tag.importPolicy.scheduled: scheduled import from `base:1` is not allowed; allowed: `registry.redhat.io` (`references.scheduled`)",
            ],
        ),
        (
            "a tag that waits for a source",
            "object: {kind: ImageStreamTag, tag: {importPolicy: {scheduled: true}}}",
            &[
                "tag.importPolicy.scheduled: scheduled import is not allowed: add `\"\"` to `references.scheduled` to allow it everywhere",
            ],
        ),
        (
            "only this is switched on",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: nginx}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: nginx}, importPolicy: {scheduled: true}}]}}",
            &[
                "spec.tags[0].importPolicy.scheduled (tag `v1`): scheduled import from `nginx` is not allowed; allowed: `registry.redhat.io` (`references.scheduled`)",
            ],
        ),
        (
            "switched on before, now from elsewhere",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: registry.redhat.io/x}, importPolicy: {scheduled: true}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: nginx}, importPolicy: {scheduled: true}}]}}",
            &[
                "spec.tags[0].importPolicy.scheduled (tag `v1`): scheduled import from `nginx` is not allowed; allowed: `registry.redhat.io` (`references.scheduled`)",
            ],
        ),
        (
            "in scope",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: registry.redhat.io/ubi9}, importPolicy: {scheduled: true}}}",
            &[],
        ),
        (
            "false, null, absent, no policy",
            "object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: nginx}, importPolicy: {scheduled: false}}, \
             {name: b, from: {kind: DockerImage, name: nginx}, importPolicy: {scheduled: null}}, \
             {name: c, from: {kind: DockerImage, name: nginx}, importPolicy: null}, {name: d, from: {kind: DockerImage, name: nginx}}]}}",
            &[],
        ),
        (
            "untouched",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: nginx}, importPolicy: {scheduled: true}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: nginx}, importPolicy: {scheduled: true}}]}}",
            &[],
        ),
        (
            "switched off",
            "old: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: nginx}, importPolicy: {scheduled: true}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: nginx}}]}}",
            &[],
        ),
    ];

    #[test]
    fn a_scheduled_import_from_outside_the_scopes_is_refused_through_every_door() {
        for (name, short, expected) in TABLE {
            assert_rule(RULE.code, &[(name, &format!("settings: {SETTINGS}\n{short}"), expected)]);
        }
    }

    #[test]
    fn without_the_setting_every_schedule_will_do_and_an_empty_list_refuses_all() {
        let object = "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, importPolicy: {scheduled: true}}}";
        assert_rule(
            RULE.code,
            &[
                ("absent", object, &[]),
                ("everywhere", &format!("settings: {{references: {{scheduled: ['']}}}}\n{object}"), &[]),
                (
                    "empty",
                    &format!("settings: {{references: {{scheduled: []}}}}\n{object}"),
                    &[
                        "tag.importPolicy.scheduled: scheduled import from `nginx` is not allowed; nothing is allowed, as `references.scheduled` is empty",
                    ],
                ),
            ],
        );
    }
}
