//! A tag whose reference policy is not the one that the settings require.
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
//! spec.tags[0].referencePolicy.type (tag `9`): is `Source` (also when unset), but must be `Local` for `registry.redhat.io` (`references.referencePolicy`): `oc tag --reference-policy=local` [reference-policy-mismatch]
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
//! `references.referencePolicy`: `Local` or `Source` by scope of the source; the most specific scope
//! applies. Sources in streams are in no registry, so only `""` applies to them.
//! `spec.dockerImageRepository` cannot have a policy and is refused where `Local` is required.
//!
//! # See
//!
//! - [TagReferencePolicy](https://github.com/openshift/api/blob/master/image/v1/types.go)

use super::{Check, Context, Offence, Rule};
use crate::changes::{Part, Reference, Source};
use crate::quote::quote;
use crate::settings::ReferencePolicy;

/// The rule.
pub const RULE: Rule = Rule::new(
    "reference-policy-mismatch",
    "a tag whose reference policy is not what `references.referencePolicy` requires",
    &[Check::Reference(check)],
);

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let policies = &context.policy.references.reference_policy;
    if !reference.is_import() {
        return Ok(());
    }
    let found = reference.reference_policy().unwrap_or(ReferencePolicy::Source.as_str());
    let expected = match &reference.source {
        Source::Image { spec, .. } => {
            let asked = policies.get(spec).into_iter().chain(policies.within(spec));
            let mut others = asked.filter(|(_, policy)| policy.as_str() != found);
            others.next().map(|(scope, policy)| (format!("for {}", scope.quoted()), *policy))
        }
        Source::StreamTag { .. } | Source::StreamImage { .. } => {
            policies.everywhere().map(|policy| ("everywhere".to_owned(), *policy))
        }
        Source::None | Source::Unreadable(_) => None,
    };
    let Some((scope, expected)) = expected else { return Ok(()) };
    if found == expected.as_str() {
        return Ok(());
    }
    let unset = if found == ReferencePolicy::Source.as_str() { " (also when unset)" } else { "" };
    let message = format!(
        "is {}{unset}, but must be `{expected}` {scope} (`references.referencePolicy`): \
         `oc tag --reference-policy={}`",
        quote(found),
        expected.as_str().to_lowercase()
    );
    Err(Offence::at(Part::ReferencePolicy, message))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const SETTINGS: &str =
        "{references: {referencePolicy: {registry.redhat.io: Local, registry.redhat.io/free: Source}}}";
    const TABLE: &[(&str, &str, &[&str])] = &[
        (
            "ImageStreamTag",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: registry.redhat.io/ubi9/ubi}, referencePolicy: {type: Source}}}",
            &[
                "tag.referencePolicy.type: is `Source` (also when unset), but must be `Local` for `registry.redhat.io` (`references.referencePolicy`): `oc tag --reference-policy=local`",
            ],
        ),
        (
            "unset is Source",
            "object: {kind: ImageTag, spec: {from: {kind: DockerImage, name: registry.redhat.io/ubi9/ubi}}}",
            &[
                "spec.referencePolicy: is `Source` (also when unset), but must be `Local` for `registry.redhat.io` (`references.referencePolicy`): `oc tag --reference-policy=local`",
            ],
        ),
        (
            "so are null and empty",
            "object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: registry.redhat.io/ubi9/ubi}, referencePolicy: null}, \
             {name: b, from: {kind: DockerImage, name: registry.redhat.io/ubi9/ubi}, referencePolicy: {type: ''}}]}}",
            &[
                "spec.tags[0].referencePolicy (tag `a`): is `Source` (also when unset), but must be `Local` for `registry.redhat.io` (`references.referencePolicy`): `oc tag --reference-policy=local`",
                "spec.tags[1].referencePolicy.type (tag `b`): is `Source` (also when unset), but must be `Local` for `registry.redhat.io` (`references.referencePolicy`): `oc tag --reference-policy=local`",
            ],
        ),
        (
            "image import",
            "object: {kind: ImageStreamImport, spec: {images: [{from: {kind: DockerImage, name: registry.redhat.io/ubi9/ubi}, to: {name: a}}]}}",
            &[
                "spec.images[0].referencePolicy (tag `a`): is `Source` (also when unset), but must be `Local` for `registry.redhat.io` (`references.referencePolicy`): `oc tag --reference-policy=local`",
            ],
        ),
        (
            "repository import",
            "object: {kind: ImageStreamImport, spec: {repository: {from: {kind: DockerImage, name: registry.redhat.io/ubi9/ubi}}}}",
            &[
                "spec.repository.referencePolicy: is `Source` (also when unset), but must be `Local` for `registry.redhat.io` (`references.referencePolicy`): `oc tag --reference-policy=local`",
            ],
        ),
        (
            "repository of a stream, which cannot carry one",
            "object: {kind: ImageStream, spec: {dockerImageRepository: registry.redhat.io/ubi9/ubi}}",
            &[
                "spec.dockerImageRepository: is `Source` (also when unset), but must be `Local` for `registry.redhat.io` (`references.referencePolicy`): `oc tag --reference-policy=local`",
            ],
        ),
        (
            "only the policy changes",
            "old: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: registry.redhat.io/x}, referencePolicy: {type: Local}}]}}\n\
             object: {kind: ImageStream, spec: {tags: [{name: a, from: {kind: DockerImage, name: registry.redhat.io/x}, referencePolicy: {type: Source}}]}}",
            &[
                "spec.tags[0].referencePolicy.type (tag `a`): is `Source` (also when unset), but must be `Local` for `registry.redhat.io` (`references.referencePolicy`): `oc tag --reference-policy=local`",
            ],
        ),
        (
            "the most specific scope wins",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: registry.redhat.io/free/x}, referencePolicy: {type: Local}}}",
            &[
                "tag.referencePolicy.type: is `Local`, but must be `Source` for `registry.redhat.io/free` (`references.referencePolicy`): `oc tag --reference-policy=source`",
            ],
        ),
        (
            "as asked",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'Registry.Redhat.io:443/ubi9/ubi'}, referencePolicy: {type: Local}}}",
            &[],
        ),
        (
            "as asked, unset",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: registry.redhat.io/free/x}}}",
            &[],
        ),
        (
            "elsewhere",
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: nginx}, referencePolicy: {type: Source}}}",
            &[],
        ),
        (
            "streams are in no registry",
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'base:1'}}}",
            &[],
        ),
        ("a push", "object: {kind: ImageStreamTag, tag: {}}", &[]),
        (
            "a mapping",
            "object: {kind: ImageStreamMapping, tag: v1, image: {dockerImageReference: registry.redhat.io/x}}",
            &[],
        ),
        (
            "untouched: unset is the default",
            "old: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: registry.redhat.io/x}, referencePolicy: {type: Source}}}\n\
             object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: registry.redhat.io/x}, referencePolicy: {type: ''}}}",
            &[],
        ),
    ];

    #[test]
    fn another_policy_than_the_scope_s_is_refused_through_every_door() {
        for (name, short, expected) in TABLE {
            assert_rule(RULE.code, &[(name, &format!("settings: {SETTINGS}\n{short}"), expected)]);
        }
    }

    #[test]
    fn everywhere_includes_streams_and_nothing_written_asks_for_nothing() {
        let stream = "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'base:1'}}}";
        let everywhere = "settings: {references: {referencePolicy: {'': Local, quay.io: Source}}}";
        assert_rule(
            RULE.code,
            &[
                ("absent", stream, &[]),
                (
                    "everywhere",
                    &format!("{everywhere}\n{stream}"),
                    &[
                        "tag.referencePolicy: is `Source` (also when unset), but must be `Local` everywhere (`references.referencePolicy`): `oc tag --reference-policy=local`",
                    ],
                ),
                (
                    "but there",
                    &format!(
                        "{everywhere}\nobject: {{kind: ImageStreamTag, tag: {{from: {{kind: DockerImage, name: quay.io/x}}}}}}"
                    ),
                    &[],
                ),
            ],
        );
    }
}
