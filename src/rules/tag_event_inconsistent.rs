//! A tag event whose pull spec does not carry the digest of the image that it names.
//!
//! # Why
//!
//! An event has two halves: the Image by whose name it is checked, shown and pruned, and the pull
//! spec that consumers pull. The server does not compare them, so whoever may write a stream's
//! status can show a trusted digest and serve another image.
//!
//! # Denied
//!
//! ```yaml
//! subresource: status
//! old: {kind: ImageStream}
//! object:
//!   kind: ImageStream
//!   status:
//!     tags:
//!       - tag: latest
//!         items:
//!           - created: 2026-03-03T01:00:00Z
//!             generation: 2
//!             dockerImageReference: docker.io/evil/web:latest
//!             image: sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//! ```
//!
//! ```text
//! status.tags[0].items[0].dockerImageReference (tag `latest`): `docker.io/evil/web:latest` does not carry the digest of the event's image, `sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25` [tag-event-inconsistent]
//! ```
//!
//! # Allowed
//!
//! ```yaml
//! subresource: status
//! old: {kind: ImageStream}
//! object:
//!   kind: ImageStream
//!   status:
//!     tags:
//!       - tag: latest
//!         items:
//!           - created: 2026-03-03T01:00:00Z
//!             generation: 2
//!             dockerImageReference: quay.io/acme/web@sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//!             image: sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25
//! ```
//!
//! # Settings
//!
//! None. An event without an image, as tags with `reference: true` have, passes. What a tag follows in
//! another stream is in the request of an ImageStream; for other kinds it is looked up, and is not compared
//! where it cannot be.
//!
//! # See
//!
//! - [TagEvent](https://github.com/openshift/api/blob/master/image/v1/types.go)

use crate::changes::{EntryPoint, Part, Reference};
use crate::cluster::cache::StoredEvent;
use crate::evaluation::{Check, Context, Offence, Rule};
use crate::oci::reference::{self, PullSpec};
use crate::quote::quote;

/// The rule.
pub const RULE: Rule = Rule::new(
    "tag-event-inconsistent",
    "a tag event whose pull spec does not carry the digest of its image",
    &[Check::Reference(check)],
);

fn check(reference: &Reference<'_>, context: &Context<'_>) -> Result<(), Offence<Part>> {
    if let Some(event) = reference.new_event().filter(|event| !is_consistent(event.image, event.pull_spec)) {
        let message = format!(
            "{} does not carry the digest of the event's image, {}",
            quote(event.pull_spec),
            quote(event.image)
        );
        return Err(Offence::at(Part::Source, message));
    }
    let EntryPoint::Tag(tag) = &reference.entry else { return Ok(()) };
    if !reference.source.is_stream() {
        return Ok(());
    }
    // A stream's own request has what the server made of its tags.
    if reference.shows().is_some() || tag.followers.is_some() && !context.is_known(reference) {
        return Ok(());
    }
    let is_bad = |event: &StoredEvent| {
        !is_consistent(&event.image, &event.pull_spec)
            && (reference.is_untracked() || !is_integrated(&event.pull_spec, context))
    };
    match context.shown(reference).into_iter().find(is_bad) {
        None => Ok(()),
        Some(event) => {
            let message = format!(
                "{} shows {}, which does not carry the digest of the event's image, {}",
                quote(reference.source.text()),
                quote(&event.pull_spec),
                quote(&event.image)
            );
            Err(Offence::at(Part::Source, message))
        }
    }
}

/// Whether consumers of an event get its image, as far as it has one.
fn is_consistent(image: &str, pull_spec: &str) -> bool {
    let has_digest = |spec: PullSpec| spec.digest().is_some_and(|digest| *digest == *image);
    image.is_empty() || PullSpec::parse(pull_spec).is_ok_and(has_digest)
}

/// Whether it is in the cluster's own registry, for which the server writes the stream's own repository and
/// the event's image.
fn is_integrated(pull_spec: &str, context: &Context<'_>) -> bool {
    let renamed = PullSpec::parse(pull_spec).map(|spec| context.policy.aliases.rename(spec));
    renamed.is_ok_and(|spec| reference::is_integrated(spec.registry()))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::assert_rule;

    const D: &str = "sha256:3c87c572822935df60f0f5d3665bd376841a7fcfeb806b5f212de6a00e9a7b25";
    const OTHER: &str = "sha256:75099c721a1beaaeea785e5f6fd5a9e331df7489caffabf80948c56ef3057b81";

    fn event(source: &str, image: &str) -> String {
        format!(
            "{{created: 2026-03-03T01:00:00Z, generation: 2, dockerImageReference: '{source}', image: '{image}'}}"
        )
    }

    fn status(old: &[&str], new: &[&str]) -> String {
        let stream = |events: &[&str]| {
            format!("{{kind: ImageStream, status: {{tags: [{{tag: v1, items: [{}]}}]}}}}", events.join(", "))
        };
        format!("subresource: status\nold: {}\nobject: {}", stream(old), stream(new))
    }

    #[test]
    fn a_new_event_whose_halves_disagree_is_refused() {
        let good = event(&format!("quay.io/acme/web@{D}"), D);
        let by_tag = event("quay.io/acme/web:v1", D);
        let by_other = event(&format!("quay.io/acme/web@{OTHER}"), D);
        let named = event(&format!("quay.io/acme/web@{D}"), "just-a-name");
        let expected = |index: usize, source: &str, image: &str| {
            format!(
                "status.tags[0].items[{index}].dockerImageReference (tag `v1`): `{source}` does not carry the digest of the event's image, `{image}`"
            )
        };
        let unreadable = event("quay.io", D);
        let created =
            format!("object: {{kind: ImageStream, status: {{tags: [{{tag: v1, items: [{by_tag}]}}]}}}}");
        assert_rule(
            RULE.code,
            &[
                ("by tag", &status(&[], &[&by_tag]), &[&expected(0, "quay.io/acme/web:v1", D)]),
                (
                    "another digest",
                    &status(&[], &[&by_other]),
                    &[&expected(0, &format!("quay.io/acme/web@{OTHER}"), D)],
                ),
                (
                    "no digest",
                    &status(&[], &[&named]),
                    &[&expected(0, &format!("quay.io/acme/web@{D}"), "just-a-name")],
                ),
                ("unreadable", &status(&[], &[&unreadable]), &[&expected(0, "quay.io", D)]),
                (
                    "slipped in behind",
                    &status(&[&good], &[&good, &by_tag]),
                    &[&expected(1, "quay.io/acme/web:v1", D)],
                ),
                (
                    "put in front",
                    &status(&[&good], &[&by_tag, &good]),
                    &[&expected(0, "quay.io/acme/web:v1", D)],
                ),
                ("with a new stream", &created, &[&expected(0, "quay.io/acme/web:v1", D)]),
            ],
        );
    }

    #[test]
    fn an_event_that_an_update_computes_is_judged_as_on_creation() {
        let by_tag = event("quay.io/acme/web:v1", D);
        let line = format!(
            "spec.tags[0].from.name (tag `v1`): `quay.io/acme/web:v1` does not carry the digest of the event's image, `{D}`"
        );
        let status = format!("status: {{tags: [{{tag: v1, items: [{by_tag}]}}]}}");
        let tag = |generation: u8, name: &str| {
            format!(
                "spec: {{tags: [{{name: v1, generation: {generation}, from: {{kind: ImageStreamTag, name: 'old:{name}'}}}}]}}"
            )
        };
        for (old, new, expected) in [
            (String::new(), tag(2, "1"), true),
            (tag(1, "2"), tag(2, "1"), true),
            (format!("{}, {status}", tag(1, "2")), tag(2, "1"), true),
            (tag(2, "1"), tag(2, "1"), false),
            (tag(1, "2"), tag(3, "1"), false),
        ] {
            let old = if old.is_empty() { status.clone() } else { old };
            let short =
                format!("old: {{kind: ImageStream, {old}}}\nobject: {{kind: ImageStream, {new}, {status}}}");
            let expected = if expected { vec![line.as_str()] } else { Vec::new() };
            assert_rule(RULE.code, &[(&short, &short, &expected)]);
        }
    }

    #[test]
    fn an_older_event_whose_halves_disagree_is_not_brought_back() {
        let (good, by_tag) = (event(&format!("quay.io/acme/web@{D}"), D), event("quay.io/acme/web:v1", D));
        let line = format!(
            "status.tags[0].items[0].dockerImageReference (tag `v1`): `quay.io/acme/web:v1` does not carry the digest of the event's image, `{D}`"
        );
        for after in [&[by_tag.as_str()][..], &[&by_tag, &good]] {
            assert_rule(RULE.code, &[("older", &status(&[&good, &by_tag], after), &[&line])]);
        }
    }

    #[test]
    fn what_a_followed_stream_shows_is_compared_where_it_can_be_looked_up() {
        let followed = |source: &str| {
            format!(
                "object: {{kind: ImageStreamTag, tag: {{from: {{kind: ImageStreamTag, name: 'base:1'}}}}}}\n\
                 cluster: [{{kind: ImageStream, metadata: {{name: base, namespace: shop}}, status: {{tags: [{{tag: '1', items: [{}]}}]}}}}]",
                event(source, D)
            )
        };
        let allowed =
            |source: &str| format!("settings: {{references: {{allow: [quay.io]}}}}\n{}", followed(source));
        let integrated = "image-registry.openshift-image-registry.svc:5000/shop/base:1";
        let line = format!(
            "tag.from.name: `base:1` shows `quay.io/acme/web:v1`, which does not carry the digest of the event's image, `{D}`"
        );
        assert_rule(
            RULE.code,
            &[
                ("another", &allowed("quay.io/acme/web:v1"), &[&line]),
                ("the same", &allowed(&format!("quay.io/acme/web@{D}")), &[]),
                ("written anew by the server", &allowed(integrated), &[]),
                ("without settings", &followed("quay.io/acme/web:v1"), &[&line]),
                (
                    "nothing to look up",
                    "object: {kind: ImageStreamTag, tag: {from: {kind: ImageStreamTag, name: 'base:1'}}}",
                    &[],
                ),
            ],
        );
    }

    #[test]
    fn what_agrees_says_nothing_or_was_there_passes() {
        let good = event(&format!("quay.io/acme/web@{D}"), D);
        let upper = event(&format!("quay.io/acme/web@sha256:{}", D.replace("sha256:", "").to_uppercase()), D);
        let both = event(&format!("quay.io/acme/web:v1@{D}"), D);
        let no_image = event("quay.io/acme/web:v1", "");
        let by_tag = event("quay.io/acme/web:v1", D);
        let update = format!(
            "old: {{kind: ImageStream}}\nobject: {{kind: ImageStream, status: {{tags: [{{tag: v1, items: [{by_tag}]}}]}}}}"
        );
        assert_rule(
            RULE.code,
            &[
                ("the same digest", &status(&[], &[&good]), &[]),
                ("in upper case", &status(&[], &[&upper]), &[]),
                ("with a tag", &status(&[], &[&both]), &[]),
                ("no image", &status(&[], &[&no_image]), &[]),
                ("was there", &status(&[&by_tag], &[&by_tag]), &[]),
                ("was there, behind another one", &status(&[&good, &by_tag], &[&no_image, &by_tag]), &[]),
                ("removed", &status(&[&by_tag, &good], &[&good]), &[]),
                (
                    "no items",
                    "subresource: status\nold: {kind: ImageStream}\nobject: {kind: ImageStream, status: {tags: [{tag: v1, items: null}]}}",
                    &[],
                ),
                ("carried along by an ordinary update", &update, &[]),
            ],
        );
    }
}
