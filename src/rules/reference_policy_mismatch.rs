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
//!
//! What consumers really pull counts. It is pulled from outside if a tag says `reference: true`, if a
//! mapping or an event brings an image from outside to a tag that is not `Local`, and if a tag loses its
//! policy or leaves the spec while it shows such an image. An import into a tag that the stream has
//! already keeps that tag's policy, which is looked up; where it cannot be, the import's own policy counts.
//!
//! `spec.dockerImageRepository` cannot have a policy and is refused where `Local` is required.
//!
//! # See
//!
//! - [TagReferencePolicy](https://github.com/openshift/api/blob/master/image/v1/types.go)

use crate::changes::{EntryPoint, Part, Reference, Source};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::oci::reference::{self, PullSpec};
use crate::oci::scope::{Scope, ScopeMap};
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
    if policies.is_empty() || reference.is_shown() {
        return Ok(());
    }
    let outside = |text: &str, why: Outside| {
        let Some(scope) = asked_for_local(policies, text, context) else { return Ok(()) };
        let part = if why == Outside::Written { Part::Untracked } else { Part::ReferencePolicy };
        Err(Offence::at(part, why.message(text, &scope)))
    };
    match (&reference.entry, reference.bared, &reference.source) {
        (EntryPoint::Untagged { tag, .. }, Some(bared), _) => {
            let tag = format!("{}:{tag}", reference.stream.unwrap_or_default());
            return outside(bared, Outside::Left { tag });
        }
        (EntryPoint::Mapping(mapping), _, Source::Image { text, .. })
            if !mapping.managed && stored_policy(reference, context) != Some(ReferencePolicy::Local) =>
        {
            return outside(text, Outside::Mapped);
        }
        (EntryPoint::Event(event), _, Source::Image { text, .. })
            if !event.is_pulled_through || reference.is_untracked() =>
        {
            return outside(text, Outside::Mapped);
        }
        _ if !reference.is_import() => return Ok(()),
        (_, _, Source::Image { text, .. }) if reference.is_untracked() => {
            return outside(text, Outside::Written);
        }
        _ => {}
    }
    let wanted = reference.reference_policy().unwrap_or(ReferencePolicy::Source.as_str());
    let stored = stored_policy(reference, context);
    let found = stored.map_or(wanted, |policy| policy.as_str());
    let expected = match &reference.source {
        Source::Image { spec, .. } => {
            let asked = policies.get(spec).into_iter().chain(policies.within(spec));
            let mut others = asked.filter(|(_, policy)| policy.as_str() != found);
            others.next().map(|(scope, policy)| (place(scope), *policy))
        }
        Source::StreamTag { .. } | Source::StreamImage { .. } => {
            policies.everywhere().map(|policy| ("everywhere".to_owned(), *policy))
        }
        Source::None | Source::Unreadable(_) => None,
    };
    match expected {
        Some((scope, expected)) if found != expected.as_str() => {
            if wanted == expected.as_str() && expected == ReferencePolicy::Local {
                let message = Outside::Kept.message(reference.source.text(), &scope);
                return Err(Offence::at(Part::ReferencePolicy, message));
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
        _ => reference.bared.map_or(Ok(()), |bared| outside(bared, Outside::Bared)),
    }
}

/// Why something is pulled from outside, although `Local` is required.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Outside {
    /// A mapping or an event brings it, and the tag has no policy or another one.
    Mapped,
    /// An import into a tag that has another policy.
    Kept,
    /// `reference: true`.
    Written,
    /// A tag loses its policy.
    Bared,
    /// A tag leaves the spec.
    Left {
        /// `stream:tag`.
        tag: String,
    },
}

impl Outside {
    fn message(&self, pull_spec: &str, scope: &str) -> String {
        let pull_spec = quote(pull_spec);
        let found = match self {
            Self::Mapped => {
                format!("consumers would pull {pull_spec} from outside: the tag's policy is not `Local`")
            }
            Self::Kept => "the stream keeps the policy `Source` that the tag has already".to_owned(),
            Self::Written => {
                format!("consumers would pull {pull_spec} from outside: it is a `reference: true` tag")
            }
            Self::Bared => {
                format!("the tag shows {pull_spec}, which consumers would pull from outside from now on")
            }
            Self::Left { tag } => format!(
                "the tag shows {pull_spec}, which consumers would pull from outside once the tag has no policy; \
                 `oc tag -d {tag}` removes both"
            ),
        };
        format!("{found}; must be `Local` {scope} (`references.referencePolicy`)")
    }
}

/// The scope that asks for `Local` of what is pulled as this text from outside.
fn asked_for_local(
    policies: &ScopeMap<ReferencePolicy>,
    text: &str,
    context: &Context<'_>,
) -> Option<String> {
    // What cannot be read is in no registry's scope, and not in the cluster's own.
    let Ok(spec) = PullSpec::parse(text) else {
        let asked = policies.everywhere().filter(|policy| **policy == ReferencePolicy::Local);
        return asked.map(|_| Scope::EVERYWHERE.to_owned());
    };
    let spec = context.policy.aliases.rename(spec);
    let (scope, policy) = policies.get(&spec)?;
    let is_asked = *policy == ReferencePolicy::Local && !reference::is_integrated(spec.registry());
    is_asked.then(|| place(scope))
}

/// The policy that the stream keeps for the tag, as far as that can be looked up.
fn stored_policy(reference: &Reference<'_>, context: &Context<'_>) -> Option<ReferencePolicy> {
    let tag = match &reference.entry {
        EntryPoint::Mapping(_) | EntryPoint::ImageImport { .. } => Some(reference.tag()?),
        // Any of its tags.
        EntryPoint::RepositoryImport(_) => None,
        _ => return None,
    };
    let found = context.lookups.stream(context.namespace, reference.stream?);
    let through = &found.as_ref().as_ref().ok()?.as_ref()?.pulled_through;
    let is_local = match tag {
        Some(tag) => *through.get(tag)?,
        None if through.values().any(|through| !through) => false,
        None => return None,
    };
    Some(if is_local { ReferencePolicy::Local } else { ReferencePolicy::Source })
}

/// Where a scope applies, in words.
fn place(scope: &Scope) -> String {
    match scope.as_str() {
        Scope::EVERYWHERE => "everywhere".to_owned(),
        _ => format!("for {}", scope.quoted()),
    }
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
            &[
                "image.dockerImageReference: consumers would pull `registry.redhat.io/x` from outside: the tag's policy is not `Local`; must be `Local` for `registry.redhat.io` (`references.referencePolicy`)",
            ],
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

    /// What consumers really pull, through each door and in each order.
    #[test]
    fn what_is_pulled_from_outside_is_no_local() {
        const ASKED: &str = "; must be `Local` everywhere (`references.referencePolicy`)";
        const STATUS: &str = "status: {tags: [{tag: v1, items: [{image: x, generation: 1, dockerImageReference: 'quay.io/a:x'}, \
                              {image: y, generation: 1, dockerImageReference: 'quay.io/a:y'}]}]}";
        let pushed =
            STATUS.replace("quay.io/a:", "image-registry.openshift-image-registry.svc:5000/shop/web:");
        let tag = "{name: v1, generation: 1, from: {kind: DockerImage, name: quay.io/a}, referencePolicy: {type: Local}}";
        let bare = "{name: v1, generation: 1, referencePolicy: {type: Source}}";
        let image = "image: {metadata: {name: x}, dockerImageReference: 'quay.io/a:x'}";
        let left = "the tag shows `quay.io/a:x`, which consumers would pull from outside once the tag has no policy; `oc tag -d web:v1` removes both";
        let bared = "the tag shows `quay.io/a:x`, which consumers would pull from outside from now on";
        let written = "consumers would pull `quay.io/a` from outside: it is a `reference: true` tag";
        let stream =
            |tags: &str, status: &str| format!("{{kind: ImageStream, spec: {{tags: [{tags}]}}, {status}}}");
        let raw = tag.replace("generation", "reference: true, generation");
        for (short, path, why) in [
            (format!("old: {}\nobject: {}", stream(tag, STATUS), stream("", STATUS)), "spec.tags", left),
            (format!("old: {}\nobject: {{kind: ImageStream, {STATUS}}}", stream(tag, STATUS)), "spec", left),
            (
                format!(
                    "old: {{kind: ImageTag, spec: {tag}, {}}}\nobject: {{kind: ImageTag, spec: null}}",
                    STATUS.replace("tags: [{tag: v1, items", "tag: v1, items").replace("]}]}", "]}")
                ),
                "spec",
                left,
            ),
            (
                format!("old: {}\nobject: {}", stream(tag, STATUS), stream(bare, STATUS)),
                "spec.tags[0].referencePolicy.type",
                bared,
            ),
            (
                format!(
                    "old: {{kind: ImageStreamTag, tag: {tag}, {image}}}\nobject: {{kind: ImageStreamTag, tag: {bare}}}"
                ),
                "tag.referencePolicy.type",
                "the tag shows `quay.io/a`, which consumers would pull from outside from now on",
            ),
            (format!("object: {{kind: ImageStreamTag, tag: {raw}}}"), "tag.reference", written),
            (format!("object: {{kind: ImageTag, spec: {raw}}}"), "spec.reference", written),
            (
                format!("old: {}\nobject: {}", stream(tag, STATUS), stream(&raw, STATUS)),
                "spec.tags[0].reference",
                written,
            ),
            (
                format!("subresource: status\nold: {}\nobject: {}", stream(bare, ""), stream(bare, STATUS)),
                "status.tags[0].items[0].dockerImageReference",
                "consumers would pull `quay.io/a:x` from outside: the tag's policy is not `Local`",
            ),
        ] {
            let lines = crate::testing::lines(
                &crate::testing::Short::parse(&format!(
                    "settings: {{references: {{referencePolicy: {{'': Local}}}}}}\n{short}"
                ))
                .verdict(),
            );
            let entry = if path.contains('[') { " (tag `v1`)" } else { "" };
            let expected = format!("{path}{entry}: {why}{ASKED} [{}]", RULE.code);
            assert!(lines.contains(&expected), "{expected}: {lines:#?}");
        }
        let kept = |policy: &str| {
            format!(
                "object: {{kind: ImageStreamImport, spec: {{import: true, images: [{{from: {{kind: DockerImage, name: quay.io/a}}, \
                 to: {{name: v1}}, referencePolicy: {{type: Local}}}}]}}}}\n\
                 cluster: [{{kind: ImageStream, metadata: {{name: web, namespace: shop}}, spec: {{tags: [{{name: v1, {policy}}}]}}}}]"
            )
        };
        let mapped = |short: &str| {
            short.replace("object: {kind: ImageStreamImport, spec: {import: true, images: [{from: {kind: DockerImage, name: quay.io/a}, to: {name: v1}, referencePolicy: {type: Local}}]}}", &format!("object: {{kind: ImageStreamMapping, tag: v1, {image}}}"))
        };
        let local = kept("referencePolicy: {type: Local}");
        let source = kept("referencePolicy: {type: Source}");
        let written = kept("reference: true, referencePolicy: {type: Local}");
        let asked = format!(
            "spec.images[0].referencePolicy.type (tag `v1`): the stream keeps the policy `Source` that the tag has already{ASKED}"
        );
        let outside = format!(
            "image.dockerImageReference: consumers would pull `quay.io/a:x` from outside: the tag's policy is not `Local`{ASKED}"
        );
        for (short, expected) in [
            (source.clone(), Some(&asked)),
            (written, Some(&asked)),
            (local.clone(), None),
            (mapped(&source), Some(&outside)),
            (mapped(&local), None),
            // Nothing outside is left to pull.
            (format!("old: {}\nobject: {}", stream(tag, &pushed), stream("", &pushed)), None),
            (format!("old: {}\nobject: {}", stream(tag, ""), stream(bare, "")), None),
            (format!("old: {}\nobject: {}", stream(tag, STATUS), stream(tag, STATUS)), None),
            (format!("subresource: status\nold: {}\nobject: {}", stream(tag, ""), stream(tag, STATUS)), None),
        ] {
            let short = format!("settings: {{references: {{referencePolicy: {{'': Local}}}}}}\n{short}");
            let expected: Vec<&str> = expected.map(String::as_str).into_iter().collect();
            assert_rule(RULE.code, &[(&short, &short, &expected)]);
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
