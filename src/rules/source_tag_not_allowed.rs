//! A source whose tag the settings do not allow.
//!
//! # Why
//!
//! `latest` and release candidates move and do not show what runs. A source by digest has no tag; a source
//! with neither tag nor digest counts as `latest`.
//!
//! # Denied
//!
//! ```yaml
//! settings: {references: {sourceTags: {deny: [latest, "*-rc*"]}}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: quay.io/acme/web}}
//! ```
//!
//! ```text
//! spec.tags[0].from.name (tag `v1`): source tag `latest` (also when unset) is denied: `references.sourceTags.deny` lists `latest` [source-tag-not-allowed]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! settings: {references: {sourceTags: {deny: [latest, "*-rc*"]}}}
//! object:
//!   kind: ImageStream
//!   spec:
//!     tags:
//!       - {name: v1, from: {kind: DockerImage, name: "quay.io/acme/web:v1"}}
//! ```
//!
//! # Settings
//!
//! `references.sourceTags.deny`: globs, in any case. `references.sourceTags.allow`: a regular expression that
//! other tags must match; it matches anywhere unless anchored. Tags of streams in other projects
//! count as well as tags in registries; an alias of a tag in the stream's own project passes. A whole repository, which brings every tag, is refused where either is set.
//!
//! # See
//!
//! - [syntax](https://docs.rs/regex-lite/latest/regex_lite/#syntax)

use crate::changes::{Part, Reference, Source};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::quote::quote;
use crate::rules::tag_name_invalid::check_length;

/// The rule.
pub const RULE: Rule = Rule::new(
    "source-tag-not-allowed",
    "a source whose tag `references.sourceTags` does not allow",
    &[Check::Reference(check)],
);

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let tags = &context.policy.references.source_tags;
    if !reference.is_shown_by_a_tag() || tags.deny.is_empty() && tags.allow.is_none() {
        return Ok(());
    }
    if reference.is_repository() {
        let message = "imports every tag of the repository, which `references.sourceTags` cannot check; import single tags";
        return Err(Offence::at(Part::Source, message));
    }
    if let Some(text) = reference.stored_unread() {
        let message = format!(
            "{} cannot be read as a pull spec, so `references.sourceTags` cannot check its tag",
            quote(text)
        );
        return Err(Offence::at(Part::Source, message));
    }
    let tag = match &reference.source {
        Source::Image { spec, .. } => spec.effective_tag(),
        // An alias within the project: what may be tagged or pushed there was judged then.
        Source::StreamTag { namespace, .. } if *namespace == context.namespace => None,
        Source::StreamTag { tag, .. } => Some(*tag),
        Source::None | Source::StreamImage { .. } | Source::Unreadable(_) => None,
    };
    let Some(tag) = tag else { return Ok(()) };
    check_length(tag, "references.sourceTags").map_err(|message| Offence::at(Part::Source, message))?;
    let unset =
        if reference.spec().is_some_and(|spec| spec.tag().is_none()) { " (also when unset)" } else { "" };
    let found = format!("source tag {}{unset}", quote(tag));
    if let Some(glob) = tags.deny.iter().find(|glob| glob.matches_in_any_case(tag)) {
        let message =
            format!("{found} is denied: `references.sourceTags.deny` lists {}", quote(&glob.to_string()));
        return Err(Offence::at(Part::Source, message));
    }
    let Some(pattern) = &tags.allow else { return Ok(()) };
    let message = match pattern.matches(tag) {
        Ok(true) => return Ok(()),
        Ok(false) => {
            format!(
                "{found} is not allowed; it must match {} (`references.sourceTags.allow`)",
                quote(pattern.as_str())
            )
        }
        Err(error) => format!("`references.sourceTags.allow` cannot be used: {error}"),
    };
    Err(Offence::at(Part::Source, message))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const SETTINGS: &str = "{references: {sourceTags: {deny: [latest, '*-rc*'], allow: '^v\\d'}}}";
    const TABLE: &[(&str, &str, &[&str])] = &[
        (
            "unwritten is latest",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: quay.io/acme/web}}}",
            &[
                "tag.from.name: source tag `latest` (also when unset) is denied: `references.sourceTags.deny` lists `latest`",
            ],
        ),
        (
            "a glob, which wins over what is allowed",
            "object: {kind: ImageTag, spec: {from: {kind: DockerImage, name: 'quay.io/acme/web:v1-rc2'}}}",
            &["spec.from.name: source tag `v1-rc2` is denied: `references.sourceTags.deny` lists `*-rc*`"],
        ),
        (
            "not allowed",
            "object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: DockerImage, name: 'quay.io/acme/web:1'}}]}}",
            &[
                "spec.tags[0].from.name (tag `v1`): source tag `1` is not allowed; it must match `^v\\d` (`references.sourceTags.allow`)",
            ],
        ),
        (
            "tag of a stream of another project, and aliases in the own one",
            "object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: ImageStreamTag, name: 'base:latest'}}, \
             {name: b, from: {kind: ImageStreamTag, namespace: lab, name: 'base:latest'}}, \
             {name: c, from: {kind: ImageStreamTag, name: latest}}]}}",
            &[
                "spec.tags[1].from.name (tag `b`): source tag `latest` is denied: `references.sourceTags.deny` lists `latest`",
            ],
        ),
        (
            "image import",
            "object: {kind: ImageStreamImport, spec: {images: [{from: {kind: DockerImage, name: 'quay.io/acme/web:latest'}, to: {name: v1}}]}}",
            &[
                "spec.images[0].from.name (tag `v1`): source tag `latest` is denied: `references.sourceTags.deny` lists `latest`",
            ],
        ),
        (
            "repository import",
            "object: {kind: ImageStreamImport, spec: {repository: {from: {kind: DockerImage, name: quay.io/acme/web}}}}",
            &[
                "spec.repository.from.name: imports every tag of the repository, which `references.sourceTags` cannot check; import single tags",
            ],
        ),
        (
            "repository of a stream",
            "object: {kind: ImageStream, spec: {dockerImageRepository: quay.io/acme/web}}",
            &[
                "spec.dockerImageRepository: imports every tag of the repository, which `references.sourceTags` cannot check; import single tags",
            ],
        ),
        (
            "a tag beside a digest is what people read",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: \
             'quay.io/acme/web:latest@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}}",
            &["tag.from.name: source tag `latest` is denied: `references.sourceTags.deny` lists `latest`"],
        ),
        (
            "changed",
            "old: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'quay.io/acme/web:v1'}}}\n\
             object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'quay.io/acme/web:latest'}}}",
            &["tag.from.name: source tag `latest` is denied: `references.sourceTags.deny` lists `latest`"],
        ),
        (
            "allowed",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'quay.io/acme/web:v1'}}}",
            &[],
        ),
        (
            "in any case",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'quay.io/acme/web:v1-RC'}}}",
            &["tag.from.name: source tag `v1-RC` is denied: `references.sourceTags.deny` lists `*-rc*`"],
        ),
        (
            "digest alone",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: \
             'quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25'}}}",
            &[],
        ),
        (
            "image of a stream",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamImage, name: base@3c87c5}}}",
            &[],
        ),
        ("a push", "object: {kind: ImageStreamTag, tag: {}}", &[]),
        (
            "unreadable",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'my.app:latest'}}}",
            &[
                "tag.from.name: `my.app:latest` cannot be read as a pull spec, so `references.sourceTags` cannot check its tag",
            ],
        ),
        (
            "mapping",
            "object: {kind: ImageStreamMapping, tag: v1, image: {dockerImageReference: quay.io/acme/web}}",
            &[
                "image.dockerImageReference: source tag `latest` (also when unset) is denied: `references.sourceTags.deny` lists `latest`",
            ],
        ),
        (
            "event",
            "subresource: status\nold: {kind: ImageStream}\n\
             object: {kind: ImageStream, status: {tags: [{tag: v1, items: [{dockerImageReference: quay.io/acme/web}]}]}}",
            &[
                "status.tags[0].items[0].dockerImageReference (tag `v1`): source tag `latest` (also when unset) is denied: `references.sourceTags.deny` lists `latest`",
            ],
        ),
        (
            "untouched",
            "old: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: quay.io/acme/web}}}\n\
             object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: quay.io/acme/web}}}",
            &[],
        ),
    ];

    #[test]
    fn a_source_s_own_tag_is_judged_through_every_door() {
        for (name, short, expected) in TABLE {
            assert_rule(RULE.code, &[(name, &format!("settings: {SETTINGS}\n{short}"), expected)]);
        }
    }

    #[test]
    fn each_half_of_the_setting_holds_alone() {
        let object = "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'quay.io/acme/web:latest'}}}";
        assert_rule(
            RULE.code,
            &[
                ("neither", object, &[]),
                ("empty", &format!("settings: {{references: {{sourceTags: {{}}}}}}\n{object}"), &[]),
                ("deny", &format!("settings: {{references: {{sourceTags: {{deny: [v*]}}}}}}\n{object}"), &[]),
                (
                    "allow",
                    &format!("settings: {{references: {{sourceTags: {{allow: est}}}}}}\n{object}"),
                    &[],
                ),
                (
                    "allow, anchored",
                    &format!("settings: {{references: {{sourceTags: {{allow: '^est$'}}}}}}\n{object}"),
                    &[
                        "tag.from.name: source tag `latest` is not allowed; it must match `^est$` (`references.sourceTags.allow`)",
                    ],
                ),
                (
                    "a pattern that does not compile refuses",
                    &format!("settings: {{references: {{sourceTags: {{allow: '('}}}}}}\n{object}"),
                    &[
                        "tag.from.name: `references.sourceTags.allow` cannot be used: `(` is not a usable regular expression: found open group without closing ')'",
                    ],
                ),
            ],
        );
    }
}
