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
//! applies. Sources in streams are in no registry, so only `""` applies to them, and that of what they show:
//! it is in the request of an ImageStream, and looked up for other kinds; where it cannot be, only `Local`
//! passes.
//!
//! What consumers really pull counts. It is pulled from outside if a tag says `reference: true`, if a
//! mapping or an event brings an image from outside to a tag that is not `Local`, if a tag follows a stream
//! that shows such an image, or is followed by one that is not `Local`, and if a tag loses its policy or
//! leaves the spec while it shows such an image. An import into a tag that the stream has already keeps
//! that tag's policy. That policy, and those of the tags that follow, are looked up where the request does
//! not show them, as that of an ImageStream does; where they cannot be, what has to be `Local` is refused.
//!
//! `spec.dockerImageRepository` cannot have a policy and is refused where `Local` is required.
//!
//! # See
//!
//! - [TagReferencePolicy](https://github.com/openshift/api/blob/master/image/v1/types.go)

use crate::changes::{Bared, EntryPoint, Part, Reference, Source};
use crate::cluster::cache::{LookupError, StoredTag};
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::oci::reference::{self, PullSpec};
use crate::oci::scope::Scope;
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
    match (&reference.entry, &reference.source) {
        (EntryPoint::Untagged { tag, .. }, _) => {
            let tag = format!("{}:{tag}", reference.stream.unwrap_or_default());
            return bared(reference, context, &Outside::Left { tag });
        }
        (EntryPoint::Mapping(mapping), Source::Image { text, .. }) => {
            if mapping.managed && is_stored_image(mapping.image, context) {
                return Ok(());
            }
            return match stored_policy(reference, context) {
                Stored::Policy(ReferencePolicy::Local) => Ok(()),
                Stored::Policy(ReferencePolicy::Source) | Stored::OfTags(_) | Stored::New => {
                    outside(text, &Outside::Mapped, context)
                }
                Stored::Unknown(error) => outside(text, &Outside::Unknown { error }, context),
            }
            .and_then(|()| followed(text, reference, context));
        }
        (EntryPoint::Event(event), Source::Image { text, .. })
            if !event.is_pulled_through || reference.is_untracked() =>
        {
            return outside(text, &Outside::Mapped, context);
        }
        _ if !reference.is_import() => return Ok(()),
        (_, Source::Image { text, .. }) if reference.is_untracked() => {
            // A mapping or an import may still bring an image, which goes by the policy.
            return outside(text, &Outside::Written, context).and_then(|()| check_policy(reference, context));
        }
        _ => {}
    }
    check_policy(reference, context)?;
    let shown = if reference.source.is_stream() { context.shown(reference) } else { Vec::new() };
    for event in shown {
        let is_local = wanted(reference) == ReferencePolicy::Local.as_str() && !event.image.is_empty();
        if !is_local {
            outside(&event.pull_spec, &Outside::Shown { by: reference.source.text().to_owned() }, context)?;
        }
        followed(&event.pull_spec, reference, context)?;
    }
    if let Some(error) = context.unseen_source(reference) {
        unseen(reference, &error, context)?;
    }
    if let Some(text) = context.follows_at_last(reference) {
        if wanted(reference) != ReferencePolicy::Local.as_str() {
            outside(&text, &Outside::Follows { by: reference.source.text().to_owned() }, context)?;
        }
        followed(&text, reference, context)?;
    }
    if let Source::Image { text, .. } = &reference.source {
        followed(text, reference, context)?;
    }
    bared(reference, context, &Outside::Bared)
}

/// The policy that the request asks for.
fn wanted<'r>(reference: &Reference<'r>) -> &'r str {
    reference.reference_policy().unwrap_or(ReferencePolicy::Source.as_str())
}

/// Whether the policy that will be in force is the one that the source's scope requires.
fn check_policy(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let policies = &context.policy.references.reference_policy;
    let wanted = wanted(reference);
    let stored = stored_policy(reference, context);
    let found = match &stored {
        Stored::Policy(policy) => vec![policy.as_str()],
        // Beside the tags that are there it makes new ones.
        Stored::OfTags(policies) => {
            let stored = policies.iter().map(|policy| policy.as_str());
            stored.chain([wanted]).chain(reference.policy_beside()).collect()
        }
        Stored::New | Stored::Unknown(_) => {
            vec![wanted].into_iter().chain(reference.policy_beside()).collect()
        }
    };
    let is_met = |policy: &ReferencePolicy| found.iter().all(|found| *found == policy.as_str());
    // What is pushed is in the cluster's own registry: only `Local` says anything of what else a tag shows.
    let is_source = |policy: &&ReferencePolicy| {
        **policy == ReferencePolicy::Source && wanted == ReferencePolicy::Local.as_str()
    };
    let (spec, everywhere) = match &reference.source {
        Source::Image { spec, .. } => (Some(spec), None),
        Source::StreamTag { .. } | Source::StreamImage { .. } => (None, policies.everywhere()),
        Source::None => (None, policies.everywhere().filter(is_source)),
        Source::Unreadable(_) => (None, None),
    };
    let asked = || {
        let of_image =
            spec.into_iter().flat_map(|spec| policies.get(spec).into_iter().chain(policies.within(spec)));
        let of_image = of_image.map(|(scope, policy)| (Some(scope), policy));
        of_image.chain(everywhere.map(|policy| (None, policy)))
    };
    if let Some((scope, expected)) = asked().find(|(_, policy)| !is_met(policy)) {
        let scope = place(scope);
        let other = found.iter().copied().find(|found| *found != expected.as_str()).unwrap_or(wanted);
        let message = match (&stored, wanted == expected.as_str()) {
            (Stored::Policy(_) | Stored::OfTags(_), true) => format!(
                "the stream keeps the policy {} that the tag has already; must be `{expected}` {scope} \
                 (`references.referencePolicy`)",
                quote(other)
            ),
            (_, true) => format!(
                "the request has the policy {} for the same tag too, and the server keeps the first; must be \
                 `{expected}` {scope} (`references.referencePolicy`)",
                quote(other)
            ),
            _ => {
                let unset = if other == ReferencePolicy::Source.as_str() { " (also when unset)" } else { "" };
                format!(
                    "is {}{unset}, but must be `{expected}` {scope} (`references.referencePolicy`): \
                     `oc tag --reference-policy={}`",
                    quote(other),
                    expected.as_str().to_lowercase()
                )
            }
        };
        return Err(Offence::at(Part::ReferencePolicy, message));
    }
    let Stored::Unknown(error) = stored else { return Ok(()) };
    match asked().find(|(_, policy)| **policy == ReferencePolicy::Local) {
        Some((scope, _)) => {
            let scope = place(scope);
            let message = format!(
                "must be `Local` {scope} (`references.referencePolicy`), but the stream keeps the policy of a tag \
                 that it has already, and this request does not show that: {error}; set the tag in the \
                 ImageStream's `spec.tags`"
            );
            Err(Offence::at(Part::ReferencePolicy, message))
        }
        None => Ok(()),
    }
}

/// Why something is pulled from outside, although `Local` is required.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Outside {
    /// A mapping or an event brings it, and the tag has no policy or another one.
    Mapped,
    /// A mapping brings it, and the tag's policy cannot be looked up.
    Unknown {
        /// Why not.
        error: String,
    },
    /// `reference: true`.
    Written,
    /// A stream shows it.
    Shown {
        /// The source, as written.
        by: String,
    },
    /// What a stream shows cannot be looked up.
    Unseen {
        /// The source, as written.
        by: String,
        /// Why not.
        error: String,
    },
    /// A tag of the stream that it follows shows it once it is imported.
    Follows {
        /// That tag, as written.
        by: String,
    },
    /// A tag that follows has no policy or another one.
    Followed {
        /// That tag.
        by: String,
    },
    /// Tags may follow it that have no policy or another one, which cannot be looked up.
    FollowedUnseen {
        /// Why not.
        error: String,
    },
    /// A tag loses its policy.
    Bared,
    /// A tag loses its policy, and what it shows cannot be looked up.
    Hidden {
        /// Why not.
        error: String,
    },
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
            Self::Unknown { error } => format!(
                "consumers would pull {pull_spec} from outside unless the tag's policy is `Local`, which this \
                 request does not show: {error}"
            ),
            Self::Written => {
                format!("consumers would pull {pull_spec} from outside: it is a `reference: true` tag")
            }
            Self::Shown { by } => {
                format!("{} shows {pull_spec}, which consumers would pull from outside", quote(by))
            }
            Self::Unseen { by, error } => format!(
                "what {} shows would not be pulled as `Local`, and this request does not show where that comes \
                 from: {error}",
                quote(by)
            ),
            Self::Follows { by } => format!(
                "{} comes to show {pull_spec} with its next import, and consumers would pull that from outside",
                quote(by)
            ),
            Self::Followed { by } => format!(
                "consumers of tag {}, which follows it, would pull {pull_spec} from outside: its policy is not `Local`",
                quote(by)
            ),
            Self::FollowedUnseen { error } => format!(
                "consumers of tags that follow it would pull {pull_spec} from outside unless their policy is \
                 `Local`, which this request does not show: {error}; set the tag in the ImageStream's `spec.tags`"
            ),
            Self::Bared => {
                format!("the tag shows {pull_spec}, which consumers would pull from outside from now on")
            }
            Self::Hidden { error } => format!(
                "what the tag shows would no longer be pulled as `Local`, and this request does not show where \
                 it comes from: {error}"
            ),
            Self::Left { tag } => format!(
                "the tag shows {pull_spec}, which consumers would pull from outside once the tag has no policy; \
                 `oc tag -d {tag}` removes both"
            ),
        };
        format!("{found}; must be `Local` {scope} (`references.referencePolicy`)")
    }
}

/// Refuses what is pulled as this text from outside, where `Local` is required of it.
fn outside(text: &str, why: &Outside, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let Some(scope) = asked_for_local(text, context) else { return Ok(()) };
    let part = if *why == Outside::Written { Part::Untracked } else { Part::ReferencePolicy };
    Err(Offence::at(part, why.message(text, &scope)))
}

/// Refuses what tags show that follow this one, where they are not pulled through the cluster.
fn followed(text: &str, reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    if reference.has_no_followers() || asked_for_local(text, context).is_none() {
        return Ok(());
    }
    match context.follower(RULE.code, reference, |it| !it.is_pulled_through) {
        Ok(Some(by)) => outside(text, &Outside::Followed { by }, context),
        Ok(None) => Ok(()),
        Err(error) => outside(text, &Outside::FollowedUnseen { error: error.to_string() }, context),
    }
}

/// Refuses what a tag shows that was pulled through the cluster and no longer is.
fn bared(reference: &Reference<'_>, context: &Context<'_>, why: &Outside) -> Result<(), Offence<Part>> {
    let written = match reference.bared {
        None => return Ok(()),
        Some(Bared::PullSpec(text)) => return outside(text, why, context),
        Some(Bared::Stored(written)) => written,
    };
    let stored = context.stored(reference);
    match (&*stored, reference.tag(), written) {
        (Ok(Some(stored)), Some(tag), _) => {
            stored.newest(tag).map_or(Ok(()), |event| outside(&event.pull_spec, why, context))
        }
        (Ok(_), ..) => Ok(()),
        (Err(error), _, written) => {
            written.map_or(Ok(()), |text| outside(text, why, context))?;
            hidden(&Outside::Hidden { error: error.to_string() }, context)
        }
    }
}

/// Refuses to follow a stream that cannot be looked up, unless consumers pull through the cluster.
fn unseen(
    reference: &Reference<'_>,
    error: &LookupError,
    context: &Context<'_>,
) -> Result<(), Offence<Part>> {
    if wanted(reference) == ReferencePolicy::Local.as_str() {
        return Ok(());
    }
    let by = reference.source.text().to_owned();
    hidden(&Outside::Unseen { by, error: error.to_string() }, context)
}

/// Refuses what may be pulled from outside, where `Local` is required of anything.
fn hidden(why: &Outside, context: &Context<'_>) -> Result<(), Offence<Part>> {
    let policies = &context.policy.references.reference_policy;
    if !policies.values().any(|policy| *policy == ReferencePolicy::Local) {
        return Ok(());
    }
    Err(Offence::at(Part::ReferencePolicy, why.message("", "where its source requires it")))
}

/// The scope that asks for `Local` of what is pulled as this text from outside.
fn asked_for_local(text: &str, context: &Context<'_>) -> Option<String> {
    let policies = &context.policy.references.reference_policy;
    // What cannot be read is in no registry's scope, and not in the cluster's own.
    let Ok(spec) = PullSpec::parse(text) else {
        let asked = policies.everywhere().filter(|policy| **policy == ReferencePolicy::Local);
        return asked.map(|_| Scope::EVERYWHERE.to_owned());
    };
    let spec = context.policy.aliases.rename(spec);
    let (scope, policy) = policies.get(&spec)?;
    let is_asked = *policy == ReferencePolicy::Local && !reference::is_integrated(spec.registry());
    is_asked.then(|| place(Some(scope)))
}

/// The policy that the stream keeps for a tag.
enum Stored {
    Policy(ReferencePolicy),
    /// Those of all its tags, for a whole repository.
    OfTags(Vec<ReferencePolicy>),
    /// It has no such tag.
    New,
    /// It cannot be looked up: why.
    Unknown(String),
}

/// The policy that the stream keeps for the tag of an import or a mapping, which cannot change it.
fn stored_policy(reference: &Reference<'_>, context: &Context<'_>) -> Stored {
    let tag = match &reference.entry {
        EntryPoint::Mapping(_) | EntryPoint::ImageImport { tag: Some(_), .. } => reference.tag(),
        // Any of its tags.
        EntryPoint::RepositoryImport(_) => None,
        _ => return Stored::New,
    };
    let found = context.stored(reference);
    let spec = match &*found {
        Ok(Some(stored)) => &stored.spec,
        Ok(None) => return Stored::New,
        Err(error) => return Stored::Unknown(error.to_string()),
    };
    let policy = |tag: &StoredTag| match tag.is_pulled_through {
        true => ReferencePolicy::Local,
        false => ReferencePolicy::Source,
    };
    match tag {
        Some(tag) => spec.get(tag).map_or(Stored::New, |tag| Stored::Policy(policy(tag))),
        None => {
            let is_there = |wanted: &ReferencePolicy| spec.values().any(|tag| policy(tag) == *wanted);
            let both = [ReferencePolicy::Local, ReferencePolicy::Source].into_iter().filter(is_there);
            Stored::OfTags(both.collect())
        }
    }
}

/// Whether the cluster has the image: a mapping of one that calls itself the integrated registry's is then
/// pulled from the stream's own repository.
fn is_stored_image(name: Option<&str>, context: &Context<'_>) -> bool {
    name.is_some_and(|name| matches!(&*context.lookups.pull_spec(name), Ok(Some(_))))
}

/// Where a scope applies, in words; `None` is the scope of everything.
fn place(scope: Option<&Scope>) -> String {
    match scope.filter(|scope| scope.as_str() != Scope::EVERYWHERE) {
        None => "everywhere".to_owned(),
        Some(scope) => format!("for {}", scope.quoted()),
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
            "object: {kind: ImageStreamTag, tag: {from: {kind: DockerImage, name: 'Registry.Redhat.io:443/ubi9/ubi'}, referencePolicy: {type: Local}}}\ncluster: []",
            &[],
        ),
        (
            "as asked, and what follows it cannot be looked up",
            "object: {kind: ImageTag, spec: {from: {kind: DockerImage, name: registry.redhat.io/ubi9/ubi}, referencePolicy: {type: Local}}}",
            &[
                "spec.referencePolicy.type: consumers of tags that follow it would pull `registry.redhat.io/ubi9/ubi` from outside unless their policy is `Local`, which this request does not show: ImageStream `shop/web` cannot be looked up: there is no cluster; set the tag in the ImageStream's `spec.tags`; must be `Local` for `registry.redhat.io` (`references.referencePolicy`)",
            ],
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
            "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'base:1'}}}\ncluster: []",
            &[],
        ),
        ("a push", "object: {kind: ImageStreamTag, tag: {}}", &[]),
        (
            "a mapping",
            "object: {kind: ImageStreamMapping, tag: v1, image: {dockerImageReference: registry.redhat.io/x}}",
            &[
                "image.dockerImageReference: consumers would pull `registry.redhat.io/x` from outside unless the tag's policy is `Local`, which this request does not show: ImageStream `shop/web` cannot be looked up: there is no cluster; must be `Local` for `registry.redhat.io` (`references.referencePolicy`)",
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
    fn a_stream_that_cannot_be_looked_up_is_only_followed_through_the_cluster() {
        let refused = "tag.referencePolicy: what `base:1` shows would not be pulled as `Local`, and this request does not \
                       show where that comes from: ImageStream `shop/base` cannot be looked up: there is no cluster; must be \
                       `Local` where its source requires it (`references.referencePolicy`)";
        let tag = |policy: &str, more: &str| {
            format!(
                "settings: {{references: {{referencePolicy: {{quay.io: {policy}}}}}}}\n\
                 object: {{kind: ImageStreamTag, tag: {{from: {{kind: ImageStreamTag, name: 'base:1'}}{more}}}}}"
            )
        };
        let own = "settings: {references: {referencePolicy: {quay.io: Local}}}\n\
                   object: {kind: ImageStream, spec: {tags: [{name: v1, from: {kind: ImageStreamTag, name: 'base:1'}}]}}";
        assert_rule(
            RULE.code,
            &[
                ("left where it is", &tag("Local", ""), &[refused]),
                ("through the cluster", &tag("Local", ", referencePolicy: {type: Local}"), &[]),
                ("nothing has to be Local", &tag("Source", ""), &[]),
                ("looked up", &format!("{}\ncluster: []", tag("Local", "")), &[]),
                ("the stream's own request has what it shows", own, &[]),
            ],
        );
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
